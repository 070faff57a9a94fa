/* inside.h - floor 2, inside audit: what the files of this room share.
 *
 * Life of an audit: seen.c reads what others kept; log.c goes through the entries once, in order,
 * and gives each to batch.c, device.c or office.c, which leave records in the spools (ahead.c
 * checks batches beforehand, in all threads of crew.c; all else is done by one thread); judge.c
 * goes through the spools (pictures, then events by id, then sequence numbers) and leaves what
 * counts, by subject; bulletin.c then recomputes each bulletin from that, its roster and its rule.
 * A qm_err that is not QM_OK stops the audit; faults of the log are findings.
 */
#ifndef QM_AUDIT_INSIDE_H
#define QM_AUDIT_INSIDE_H

#include <stdio.h>

#include "audit/audit.h"
#include "audit/spool.h"
#include "wire/event.h"
#include "wire/merkle.h"
#include "wire/period.h"
#include "wire/sha256.h"

enum {
    QM_AU_PARTS = 256,
    QM_AU_PARTS_LARGE = 2048,
    QM_AU_LARGE_ENTRIES = 1 << 20,
    QM_AU_FRONTIER_EVERY = 1024, /* entries between two kept frontiers */
    QM_AU_PATH_MAX = 4096,
    QM_AU_REVOKE_GRACE_MS = 1209600000
};
#define QM_AU_NEVER INT64_MAX

/* What waits in the spool of ids; `id` is that of an event, or of a batch. */
enum qm_au_tag {
    QM_AU_LINE = 1,
    QM_AU_DECIDE,
    QM_AU_VOID,
    QM_AU_LISTED,
    QM_AU_ERASE,
    QM_AU_BATCH,
    QM_AU_SEEN
};
struct qm_au_id {
    uint8_t id[QM_ID_BYTES];
    uint8_t tag, verdict, kind, code, via, alerts, na, evidences;
    uint16_t line;
    uint16_t bits;    /* QM_AU_IS_... */
    uint32_t account; /* number; of LINE and VOID. BATCH: number of the device */
    int64_t idx;
    int64_t at, recv;
    int64_t other; /* dup: the index it names; LISTED: where, or QM_AU_NEVER; SEEN: number */
    struct qm_hash leaf;
    uint8_t subject[QM_ID_BYTES];
};
enum { QM_AU_IS_COUNTY = 1, QM_AU_IS_CONFLICT = 2 }; /* what a reject says */

/* Pictures: named by a recorded event, or listed by a blob/v1 entry. */
struct qm_au_picture {
    struct qm_hash sha;
    uint8_t id[QM_ID_BYTES];
    int64_t idx;
    bool listed;
};
struct qm_au_seq {
    uint32_t device;
    uint16_t line;
    bool flagged, held;
    int64_t seq, idx;
    uint8_t id[QM_ID_BYTES];
};
/* An event that is effective at the sizes from <= S < to, and evidenced from `proved` on. */
struct qm_au_fact {
    uint8_t subject[QM_ID_BYTES];
    uint8_t id[QM_ID_BYTES];
    int64_t at, recv;
    int64_t from, to, proved;
    uint8_t kind, code, via, alerts, na;
};

struct qm_au_device; /* device.c */
struct qm_au_kept {  /* seen.c: one text that somebody kept */
    const struct qm_audit_seen *file;
    struct qm_checkpoint checkpoint;
    bool of_event; /* a device's own proof of an event; else of the log */
    bool holds;    /* the inclusion proof, if it is one, holds */
    bool found;    /* the event is in the log */
    bool has_leaf; /* it proves an entry or an event */
    bool has_id, has_batch, again;
    char type[32];  /* of the entry */
    uint64_t index; /* of the entry, or of the line */
    struct qm_hash leaf, batch_root;
    uint8_t id[QM_ID_BYTES], batch[QM_ID_BYTES];
    int64_t again_idx; /* where the batch of a lost entry came again */
};
struct qm_au_bulletin;
struct qm_au_ahead; /* ahead.c */

struct qm_au {
    const struct qm_audit_options *o;
    struct qm_audit_report *report;
    const char *spool_folder;
    char log_folder[QM_AU_PATH_MAX];
    char host[QM_NAME_MAX_BYTES];
    int county;

    uint64_t size; /* of the checkpoint */
    struct qm_frontier frontier;
    struct qm_au_file leaves, frontiers;
    struct qm_au_ahead *ahead;
    struct qm_au_spool ids, pictures, seqs, facts;
    uint64_t lines, judged; /* events in ids; of them those that were looked at: for the progress */

    struct qm_au_device *device;
    size_t devices;
    size_t *device_slot; /* hash table of numbers + 1 */
    size_t device_slots;
    struct qm_au_account {
        char name[QM_ACCOUNT_MAX_BYTES + 1];
    } * account;
    size_t accounts;

    struct qm_vkey *past_key; /* of devices, before rotations */
    size_t past_keys;

    struct qm_au_kept *kept;
    size_t kept_n;

    struct qm_au_restart { /* config/v1 after: entries from `size` on lie in the new tree */
        char origin[QM_NAME_MAX_BYTES];
        uint64_t size;
        int64_t idx;
    } * restart;
    size_t restarts;
    struct qm_vkey *log_key; /* of config/v1 key */
    size_t log_keys;
    struct qm_au_setting {
        int64_t idx;
        char kind[8];
        struct qm_hash sha;
    } * setting;
    size_t settings;
    struct qm_au_roster {
        int64_t idx, to;
        char scope[16], period[QM_PERIOD_MAX_BYTES + 1];
        int32_t day;
        struct qm_hash sha;
    } * roster;
    size_t rosters;
    struct qm_au_bulletin *bulletin;
    size_t bulletins;
    struct qm_au_file signoffs; /* struct qm_au_signoff */
};
struct qm_au_signoff {
    int64_t idx, village;
    char period[QM_PERIOD_MAX_BYTES + 1];
    struct qm_hash sha;
};

struct qm_au_bulletin {
    int64_t idx, from, to, replaces, replaced_by; /* -1 */
    char scope[16], period[QM_PERIOD_MAX_BYTES + 1];
    struct qm_period span;
    struct qm_hash root, roster, rule, imports, result, open;
    bool has_imports, well; /* well: its form could be read */
    const struct qm_au_roster *frozen;
    struct qm_au_bulletin *earlier;
    struct qm_au_rank {
        int64_t code;
        int rank;
    } * ranks; /* sorted by code, what was recomputed */
    size_t ranks_n;
};

/* ---- say.c: findings ---- */
/* index -1: none; id NULL: none; format for the detail. */
void qm_au_say(struct qm_au *a, const char *code, int64_t index, const uint8_t *id,
               const char *format, ...) __attribute__((format(printf, 5, 6)));
void qm_au_say_division(struct qm_au *a, const char *code, int64_t index, const char *division,
                        const char *format, ...) __attribute__((format(printf, 5, 6)));
void qm_au_progress(const struct qm_au *a, const char *what, uint64_t done, uint64_t total);

/* ---- read.c: files of the folder ---- */
/* A whole file below the log's folder. QM_E_NOT_FOUND; QM_E_TOO_LARGE above out's maximum. */
qm_err qm_au_read(const struct qm_au *a, const char *name, struct qm_buf *out);
/* SHA-256 of a file of any size. */
qm_err qm_au_hash_file(const struct qm_au *a, const char *name, struct qm_hash *out);
/* "tile/entries/x001/x234/067" */
void qm_au_tile_name(const char *level, uint64_t n, unsigned width, char out[96]);

/* A file that is read line by line, and with `hashing` (true from opening on) hashed on the way. */
struct qm_au_lines {
    int fd;
    size_t at, len;
    bool hashing, ended;
    struct qm_sha256 sha;
    char buf[65536];
};
qm_err qm_au_lines_open(const struct qm_au *a, const char *name, struct qm_au_lines *l);
/* 1: a line without its LF; 0: the end; -1: a line too long, without LF, or not readable. */
int qm_au_lines_next(struct qm_au_lines *l, const char **line, size_t *len);
void qm_au_lines_close(struct qm_au_lines *l);
void qm_au_object_name(const struct qm_hash *sha, char out[80]);

/* Takes `text` off the front; takes up to a byte (which is taken too). */
bool qm_au_take(struct qm_text *t, const char *text);
bool qm_au_until(struct qm_text *t, char stop, struct qm_text *out);
bool qm_au_hash_hex(struct qm_text t, struct qm_hash *out);
/* One more, all zero, behind the *n of *list, which moves; NULL: no memory. */
void *qm_au_push(void *list, size_t *n, size_t size);

/* ---- log.c ---- */
qm_err qm_au_log(struct qm_au *a);
/* Root of the first `size` entries; size up to what was read. */
qm_err qm_au_root_at(struct qm_au *a, uint64_t size, struct qm_hash *out);

/* ---- batch.c ---- */
struct qm_au_checked; /* ahead.h */
qm_err qm_au_batch(struct qm_au *a, const struct qm_au_checked *b);
/* One line as its verdict says, into the spools; ev NULL when it has no bytes. */
struct qm_au_line_of {
    int64_t idx, recv;
    uint32_t device, account;
    uint16_t line;
};
qm_err qm_au_line_keep(struct qm_au *a, const struct qm_au_line_of *where,
                       const struct qm_verdict *v, const struct qm_event *ev,
                       const struct qm_hash *leaf);

/* ---- device.c ---- */
struct qm_au_device {
    uint8_t id[QM_ID_BYTES];
    struct qm_vkey vkey;
    uint32_t account;
    int64_t revoked_recv; /* QM_AU_NEVER: not revoked */
};
qm_err qm_au_device_entry(struct qm_au *a, int64_t idx, const struct qm_entry *e);
qm_err qm_au_revoke_entry(struct qm_au *a, int64_t idx, const struct qm_entry *e);
/* Number of a device; -1: never enrolled below the entry that is read now. */
int64_t qm_au_device_find(const struct qm_au *a, const uint8_t id[QM_ID_BYTES]);
qm_err qm_au_account_number(struct qm_au *a, struct qm_text name, uint32_t *out);
void qm_au_devices_free(struct qm_au *a);

/* ---- office.c ---- */
qm_err qm_au_office_entry(struct qm_au *a, int64_t idx, const struct qm_entry *e);
qm_err qm_au_decide_line(struct qm_au *a, int64_t idx, struct qm_text line);
qm_err qm_au_blob_line(struct qm_au *a, int64_t idx, struct qm_text line);
void qm_au_office_free(struct qm_au *a);

/* ---- seen.c ---- */
qm_err qm_au_seen_read(struct qm_au *a);
/* A batch of the log, before its lines: does a kept text speak of it? */
void qm_au_seen_batch(struct qm_au *a, const struct qm_au_checked *b);
qm_err qm_au_seen_events(struct qm_au *a);
qm_err qm_au_seen_judge(struct qm_au *a);

/* ---- judge.c ---- */
qm_err qm_au_judge(struct qm_au *a);

/* ---- bulletin.c ---- */
qm_err qm_au_bulletin_entry(struct qm_au *a, int64_t idx, const struct qm_entry *e);
qm_err qm_au_bulletins(struct qm_au *a);
void qm_au_bulletins_free(struct qm_au *a);

/* ---- audit.c ---- */
qm_err qm_au_open(struct qm_au *a, const struct qm_audit_options *o, struct qm_audit_report *r);
qm_err qm_au_spools_open(struct qm_au *a, uint64_t entries);
void qm_au_close(struct qm_au *a);

#endif
