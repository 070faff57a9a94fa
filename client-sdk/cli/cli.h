/* cli.h - floor 3: what the files of the command `qiaomen` share.
 *
 * Happy path: main.c reads the arguments, opens the client of the data folder, runs one command,
 * prints its result and returns its exit code.
 * Output: results on stdout, everything else on stderr.  With --json stdout is exactly one object,
 * also for errors.
 */
#ifndef QM_CLI_H
#define QM_CLI_H

#include "qiaomen/client.h"
#include "wire/buf.h"

enum { /* exit codes; documented in --help */
       EXIT_OK = 0,
       EXIT_NO = 1,      /* does not hold, not found, refused */
       EXIT_USAGE = 2,   /* arguments */
       EXIT_ENROL = 3,   /* not enrolled */
       EXIT_LATER = 4,   /* nothing lost; try again later */
       EXIT_STOPPED = 5, /* this device was stopped; nothing lost */
       EXIT_ALARM = 6,   /* the server's answer does not hold: report it */
       EXIT_STORE =
           7 /* the data folder or a file: full, damaged, busy, not to be read or written */
};

enum { OPTIONS_MAX = 64, WORDS_MAX = 32 };
struct args {
    const char *command;
    size_t words; /* after the command */
    const char *word[WORDS_MAX];
    size_t options;
    struct {
        const char *name, *value; /* value "" for a flag */
    } option[OPTIONS_MAX];
    const char *lang; /* "zh" or "en" */
    bool json;
};
/* args.c.  0, or EXIT_USAGE after saying why. */
int args_read(int argc, char **argv, struct args *a);
/* The last value of an option; NULL if absent. */
const char *args_get(const struct args *a, const char *name);
bool args_has(const struct args *a, const char *name);
/* Whether a word stands in a list that spaces separate. */
bool args_listed(const char *list, const char *name);
/* All options must be in this list, separated by spaces; common ones always are. */
int args_only(const struct args *a, const char *allowed);
int args_words(const struct args *a, size_t least, size_t most);
/* The values of a repeated or comma-separated option; items point into *copy (free it). */
int args_list(const struct args *a, const char *name, const char **items, size_t max, size_t *n,
              char **copy);
int args_number(const struct args *a, const char *name, long lo, long hi, long absent, long *out);

/* words.c */
const char *tr(const struct args *a, const char *zh, const char *en);
const char *word_of(const struct args *a, const char *code); /* a code of the contract */
const char *locale_lang(void);
/* help.c: the lines of one command; NULL: all.  Exit code. */
int print_help(const struct args *a, const char *command);
int print_version(const struct args *a);
bool help_has(const char *command);
/* "2026-11-21 18:30" in UTC+8 */
void time_text(int64_t ms, char out[20]);

/* Why a sync, or photos alone, must wait (a code), and until when. */
enum { WAIT_MAX_BYTES = 320 };
void wait_text(const struct args *a, int why, int64_t next_ms, char out[WAIT_MAX_BYTES]);
void photos_wait_text(const struct args *a, int why, int64_t next_ms, char out[WAIT_MAX_BYTES]);

/* detail.c: a reason of the SDK in the reader's language; in `out`, or as it came. */
enum { DETAIL_MAX_BYTES = 320 };
const char *detail_of(const struct args *a, const char *detail, char out[DETAIL_MAX_BYTES]);
/* Prints an error (to stderr, or as the JSON object) and gives its exit code. */
int say_error(const struct args *a, int code, const char *detail);
int say_usage(const struct args *a, const char *zh, const char *en, const char *what);
/* The same with what to do now; say_usage names the help of the command. */
int say_usage_todo(const struct args *a, const char *text, const char *what, const char *todo);
/* Why a file could not be read, from a code of read_whole that was not 0, for people. */
int say_unread(const struct args *a, int code, const char *path);
/* Once, at the end: if stdout did not take everything, says so and turns EXIT_OK into EXIT_STORE.
 */
int output_ends(const struct args *a, int code);
/* JSON output: members are added to one object and printed at the end. */
void json_begin(struct qm_buf *b);
void json_text(struct qm_buf *b, const char *name, const char *value);
void json_int(struct qm_buf *b, const char *name, int64_t value);
void json_bool(struct qm_buf *b, const char *name, bool value);
void json_name(struct qm_buf *b, const char *name); /* then the caller adds a value */
int json_print(struct qm_buf *b);                   /* closes, prints, frees */

/* store.c: secrets as files with mode 0600 in a folder with mode 0700. */
int store_open(const char *home, struct qm_keystore *out);
void store_close(struct qm_keystore *s);
/* An existing or new folder; 0 or a qm_code. */
int make_folders(const char *path);

/* progress.c: a bar on stderr, if that is a terminal. */
void progress_show(void *args, const char *what, uint64_t done, uint64_t total);
void progress_end(void);

/* Commands; each returns an exit code. */
int cmd_record(qm_client *c, const struct args *a);  /* record.c */
int cmd_attach(qm_client *c, const struct args *a);  /* record.c */
int cmd_list(qm_client *c, const struct args *a);    /* list.c */
int cmd_status(qm_client *c, const struct args *a);  /* status.c */
int cmd_sync(qm_client *c, const struct args *a);    /* net.c */
int cmd_enrol(qm_client *c, const struct args *a);   /* net.c */
int cmd_rotate(qm_client *c, const struct args *a);  /* net.c */
int cmd_move(qm_client *c, const struct args *a);    /* net.c */
int cmd_outbox(qm_client *c, const struct args *a);  /* files.c */
int cmd_receipt(qm_client *c, const struct args *a); /* files.c */
int cmd_verify(const struct args *a);                /* files.c */
int cmd_audit(const struct args *a);                 /* audit.c */
/* A whole file, "-" for stdin; 0 or a qm_code; QM_C_NOT_FOUND: errno says why it does not open. */
int read_whole(const char *path, size_t max, struct qm_buf *out);

/* left.c: what is left to do at a door, as bits; 0 or a qm_code.  day: today, for ages. */
enum { LEFT_VISIT = 1, LEFT_NOTICE = 2, LEFT_PLEDGE = 4, LEFT_APP = 8 };
int32_t left_day(const struct qm_client_info *info);
int left_at(qm_client *c, const struct qm_household_view *v, int32_t day, unsigned *left);

/* find.c: a household by pseudonym, unique beginning of it, or a part of group, lane, door or
 * head; a resident of a household by pseudonym, beginning or name.  Exit code; says what fits. */
int find_household(qm_client *c, const struct args *a, const char *what, char out[23]);
int find_resident(qm_client *c, const struct args *a, const char *household, const char *what,
                  char out[23]);

#endif
