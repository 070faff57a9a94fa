/* madelog.h - a made-up log as a folder with real signatures, for the tests and the benchmark of
 * the audit.  Everything is deterministic: keys are hashes of labels.  A failing write ends the
 * program.
 */
#ifndef QM_LOAD_MADELOG_H
#define QM_LOAD_MADELOG_H

#include "wire/batch.h"
#include "wire/event.h"
#include "wire/receipt.h"

#define ML_HOST "qm.example.gov.cn"
enum { ML_COUNTY = 140522, ML_RANKS_MAX = 4096 };

struct madelog {
    char folder[256], log[300];
    uint8_t seed[QM_SEED_BYTES];
    struct qm_vkey key;
    struct qm_frontier frontier;
    struct qm_hash tile[256];
    struct qm_buf bundle; /* of the bundle that is not full */
    struct qm_buf last;   /* the last entry */
    size_t ranks;         /* of the last bulletin */
    struct {
        int64_t code;
        int rank;
    } rank[ML_RANKS_MAX];
};
struct ml_phone {
    uint8_t id[QM_ID_BYTES], seed[QM_SEED_BYTES];
    struct qm_vkey key;
    char account[QM_ACCOUNT_MAX_BYTES + 1];
    int64_t seq;
    uint64_t batches;
};

void ml_open(struct madelog *m, const char *folder);
void ml_close(struct madelog *m);
/* Each entry's index. */
int64_t ml_entry(struct madelog *m, const void *bytes, size_t len);
int64_t ml_entryf(struct madelog *m, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* After a restore: goes on as tree 2 under a new key, behind what is there now.  Returns the
 * index of the entry that says so. */
int64_t ml_continue(struct madelog *m);
/* Writes what is not full yet and the checkpoint. */
void ml_seal(struct madelog *m);
void ml_root(const struct madelog *m, struct qm_hash *out);
/* The note of the checkpoint as it is now. */
void ml_note(struct madelog *m, struct qm_buf *out);
/* A tlog-proof of the entry that was written last. */
void ml_receipt(struct madelog *m, struct qm_buf *out);

void ml_phone_make(struct ml_phone *p, const char *label, const char *account);
int64_t ml_enrol(struct madelog *m, const struct ml_phone *p, int64_t recv);
/* Pseudonyms and event ids of labels. */
void ml_id(const char *kind, uint64_t n, uint8_t out[QM_ID_BYTES]);
void ml_event_id(uint64_t n, int64_t at, uint8_t out[QM_ID_BYTES]);
/* A met visit, a signed notice (no picture), a signed pledge, an installed app, a void. */
struct qm_event ml_event(struct ml_phone *p, enum qm_kind kind, uint64_t n, int64_t at,
                         uint64_t household);
/* Body as the phone would send it; *entry gets the log entry with these verdict lines. */
void ml_batch_make(struct ml_phone *p, const struct qm_event *ev, size_t n, struct qm_buf *body);
int64_t ml_batch_put(struct madelog *m, const struct qm_buf *body, int64_t recv,
                     const char *verdicts);
int64_t ml_batch(struct madelog *m, struct ml_phone *p, const struct qm_event *ev, size_t n,
                 int64_t recv, const char *verdicts);

void ml_object(struct madelog *m, const void *bytes, size_t len, char hex[QM_HEX_HASH_CHARS + 1]);
/* Freezes and publishes: roster/v1 and bulletin/v1 with a result computed by the audit's own fold,
 * which the vectors hold to the contract.  replaces -1: none.  Returns the bulletin's index. */
struct ml_bulletin {
    const char *scope, *period, *day, *roster, *rule;
    int64_t from, to /* -1: now */, recv, replaces;
};
int64_t ml_publish(struct madelog *m, const struct ml_bulletin *b);
/* Writes a file below the log's folder, or replaces it. */
void ml_file(const struct madelog *m, const char *name, const void *bytes, size_t len);

#endif
