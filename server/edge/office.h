/* office.h - floor 4: what the office does to the register, to people, phones, settings and held
 * events: once, for the console (qiaomend admin) and for the browser (edge/api_office_do.c).
 *
 * Happy path: the caller fills a qm_office with options, values and input, with the open database
 * and key ring, and with what it may touch; runs one of the functions below; gives the report out.
 * A function returns its code; anything but 0 was said with qm_office_fail, and nothing was kept.
 * The functions block: the console's only thread, or a thread of the pool, never the loop.
 */
#ifndef QM_EDGE_OFFICE_H
#define QM_EDGE_OFFICE_H

#include <stdbool.h>

#include "base/config.h"
#include "drivers/pg.h"
#include "drivers/seal.h"
#include "edge/faults.h"
#include "wire/codec.h"

enum qm_office_exit { QM_OFFICE_OK, QM_OFFICE_REFUSED, QM_OFFICE_USAGE, QM_OFFICE_AWAY };

enum qm_office_option {
    QM_O_HOST,
    QM_O_COUNTY,
    QM_O_NAME,
    QM_O_BY,
    QM_O_ACCOUNT,
    QM_O_ROLE,
    QM_O_PREFIX,
    QM_O_DAYS,
    QM_O_HOUSEHOLD,
    QM_O_RESIDENT,
    QM_O_STATUS,
    QM_O_CODE,
    QM_O_DEVICE,
    QM_O_LOST,
    QM_O_LEVEL,
    QM_O_OUT,
    QM_O_INTO,
    QM_O_GRID,
    QM_O_LEAVE,
    QM_O_REV,
    QM_O_AS,
    QM_O_PLACE,
    QM_O_GROUP,
    QM_O_LANE,
    QM_O_DOOR,
    QM_O_HEAD,
    QM_O_PHONE,
    QM_O_REF,
    QM_O_BORN,
    QM_O_GROUPS,
    QM_O_PERSON,
    QM_O_DAY,
    QM_O_REASON,
    QM_O_FROM,
    QM_O_UNTIL,
    QM_O_TITLE,
    QM_O_DUE,
    QM_O_DIRECTIVE,
    QM_O_COUNT_
};
_Static_assert(QM_O_COUNT_ <= 64, "options are bits of a uint64_t");
/* "household" for QM_O_HOUSEHOLD: --household at the console, a member of the body in a request. */
const char *qm_office_option_name(int option);
enum { /* what a command needs, opened before it runs */
       QM_NEED_DB = 1,
       QM_NEED_COUNTY = 2, /* --county, set up */
       QM_NEED_BY = 4,     /* --by, or the county's only admin */
       QM_NEED_SEAL = 8,
       QM_NEED_HOST = 16,
       QM_NEED_INPUT = 32 /* the console reads the file named by the first value */
};

struct qm_office;
struct qm_office_command {
    const char *words; /* "households import" */
    const char *usage; /* what follows, for help */
    const char *about;
    uint64_t must, may; /* bits of options (UINT64_C(1) << QM_O_...) */
    int values_min, values_max;
    unsigned needs;
    int (*run)(struct qm_office *a);
};

struct qm_office {
    const struct qm_config *config;
    const struct qm_office_command *command;
    bool json;
    bool may_move; /* and merge and split, and not only set a status, a worker, a field */
    const char *option[QM_O_COUNT_]; /* NULL: not given */
    char **value;                    /* FILE, EVENT ... */
    int values;
    const char *input; /* QM_NEED_INPUT: bytes of the file; not owned */
    size_t input_len;
    const char *input_name; /* for messages */
    int county;
    char prefix[16]; /* nothing outside is touched; the county at the console, empty without one */
    unsigned roles_given; /* bits of enum qm_role that accounts import may give away */
    /* Takes an imported file with its new pseudonyms, before the database knows them: they would be
     * lost otherwise if that failed afterwards; and takes it back if the import is refused, but
     * not if its outcome is unknown.  NULL: nobody wants it. */
    int (*put_out)(struct qm_office *a, const struct qm_buf *csv);
    void (*drop_out)(struct qm_office *a);
    void *out_ctx;
    bool unknown; /* the database went away under a statement: it did it, or it did not */
    char by[QM_ACCOUNT_MAX_BYTES + 1];
    int64_t now_ms;
    char host[QM_HOST_MAX_BYTES + 1];
    struct qm_pgb *db;
    const struct qm_seal *seal;
    struct qm_buf text;    /* report for people */
    struct qm_buf members; /* report as JSON members, each with a comma before */
    char error[1024];      /* of qm_office_fail */
};

/* ---- report ---- */
void qm_office_say(struct qm_office *a, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
void qm_office_str(struct qm_office *a, const char *name, const char *value);
void qm_office_int(struct qm_office *a, const char *name, int64_t value);
void qm_office_raw(struct qm_office *a, const char *name, const struct qm_buf *json);
/* Says what is wrong and what to do; returns the code. */
int qm_office_fail(struct qm_office *a, int code, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* All faults of a file, and that nothing was kept. */
int qm_office_faults(struct qm_office *a, struct qm_faults *faults);

/* ---- reading what was given ---- */
/* 22 characters of a pseudonym; what: "--household". */
int qm_office_pseudonym(struct qm_office *a, const char *what, const char *text,
                        uint8_t id[QM_ID_BYTES]);
/* A division or grid code inside the prefix: 6, 9, 12 or 15 digits. */
bool qm_office_area_ok(const struct qm_office *a, const char *code);
/* --prefix, or the whole county; NULL after a fault was said. */
const char *qm_office_prefix(struct qm_office *a, char own[16]);

/* ---- the database ---- */
/* Runs one statement of sql/queries; params are taken over.  Not 0: said. */
int qm_office_query(struct qm_office *a, const char *statement, struct qm_pg_params *params,
                    struct qm_pg_result **out);
/* Empty parameters; those that begin with the county; with county, by and now.  NULL without
 * memory, which the statement then says. */
struct qm_pg_params *qm_office_params_new(void);
struct qm_pg_params *qm_office_params(const struct qm_office *a);
struct qm_pg_params *qm_office_params_by(const struct qm_office *a);
void qm_office_add_text(struct qm_pg_params *p, const char *t);
/* Runs a function whose first column is `status`; the result stays open in *out (may be NULL). */
int qm_office_call(struct qm_office *a, const char *statement, struct qm_pg_params *params,
                   int64_t *status, struct qm_pg_result **out);
/* A personal field sealed for its subject; out->bytes was initialised.  Not 0: said. */
int qm_office_seal(struct qm_office *a, const char *purpose, const uint8_t id[QM_ID_BYTES],
                   const char *clear, struct qm_sealed *out);
/* "away" -> its number for a household or a resident; 0: not a status of these. */
int qm_office_status_number(bool household, const char *word);
const char *qm_office_status_word(bool household, int number); /* and back; NULL */
/* What a worker's event proposes: an outcome, the why of a resident's event, or "split". */
const char *qm_office_proposal_word(int kind, int code);
/* Reports where in the log a function wrote: columns named as in sql/README.md. */
void qm_office_logged(struct qm_office *a, const struct qm_pg_result *r, int idx_col, int size_col);

/* Is this household (or resident) inside the prefix?  Not 0: said, as for one that is not there. */
int qm_office_household_in(struct qm_office *a, const uint8_t id[QM_ID_BYTES]);
int qm_office_resident_in(struct qm_office *a, const uint8_t id[QM_ID_BYTES]);
int qm_office_account_in(struct qm_office *a, const char *account);
/* --account: a name, inside the prefix.  Not 0: said. */
int qm_office_account_given(struct qm_office *a);
/* Whether every role of --account is one that the caller could give, inside the prefix: whoever
 * opens or closes it, or makes its code, stands above it.  Not 0: said. */
int qm_office_account_below(struct qm_office *a);

/* ---- what is done, by room ---- */
int qm_office_code_new(struct qm_office *a);
int qm_office_login_code(struct qm_office *a);
int qm_office_account_close(struct qm_office *a);
int qm_office_account_open(struct qm_office *a);
int qm_office_account_role(struct qm_office *a);
int qm_office_token_new(struct qm_office *a);
int qm_office_revoke(struct qm_office *a);
int qm_office_divisions_import(struct qm_office *a);
int qm_office_grids_import(struct qm_office *a);
int qm_office_accounts_import(struct qm_office *a);
int qm_office_households_import(struct qm_office *a);
int qm_office_residents_import(struct qm_office *a);
int qm_office_claim_import(struct qm_office *a);
int qm_office_claim_set(struct qm_office *a);
int qm_office_status_set(struct qm_office *a);
int qm_office_household_move(struct qm_office *a);
int qm_office_household_merge(struct qm_office *a);
int qm_office_resident_move(struct qm_office *a);
int qm_office_household_edit(struct qm_office *a);
int qm_office_resident_edit(struct qm_office *a);
int qm_office_household_split(struct qm_office *a);
int qm_office_undo(struct qm_office *a);
int qm_office_proposals_list(struct qm_office *a);
int qm_office_proposals_accept(struct qm_office *a);
int qm_office_proposals_decline(struct qm_office *a);
int qm_office_held_list(struct qm_office *a);
int qm_office_decide_in(struct qm_office *a);
int qm_office_decide_out(struct qm_office *a);
int qm_office_erase(struct qm_office *a);
int qm_office_setting_set(struct qm_office *a);
int qm_office_preference_set(struct qm_office *a);
int qm_office_groups_set(struct qm_office *a); /* the preference `groups` */
int qm_office_duties_import(struct qm_office *a);
int qm_office_duties_add(struct qm_office *a);
int qm_office_duty_trained(struct qm_office *a);
int qm_office_duty_remove(struct qm_office *a);

#endif
