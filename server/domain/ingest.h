/* ingest.h - floor 3: from a batch's bytes to its receipt.
 *
 * Happy path of a batch, whose note was read and whose device's key was found:
 *   1 a pool thread checks it (ingest_check.h); the loop then asks `admit` (the device's budget)
 *   2 it waits in its county's queue while the previous group commits
 *   3 a group is taken from the queue: one call of qm.sync, one commit
 *   4 the checkpoint is signed, proofs are built, each batch's `done` gets its tlog-proof text
 * While a group commits the next one gathers; a county has one group in flight.
 * Failure: too many batches wait: QM_E_OVERLOAD at once. A group that fails on data is sent again
 * batch by batch, so that a bad one hurts only itself. When the outcome is unknown the same group
 * is sent again, twice at most (the call is repeatable), then all get QM_E_OVERLOAD. When the
 * county's log may not be signed: QM_E_LOG_STOPPED and nothing is committed. Nothing is answered
 * before the commit is certain. The loop's thread only.
 */
#ifndef QM_DOMAIN_INGEST_H
#define QM_DOMAIN_INGEST_H

#include "domain/tlog.h"
#include "wire/batch.h"

struct qm_ingest;
struct qm_ingest_config {
    struct qm_pg *pg;
    struct qm_pool *pool;
    const struct qm_seal *seal;
    struct qm_tlog *tlog;
    size_t group_max_events; /* events of a group; a single batch may have more */
    size_t waiting_max;      /* batches from arrival to answer */
};
qm_err qm_ingest_new(const struct qm_ingest_config *cfg, struct qm_ingest **out);
/* When nothing waits any more. */
void qm_ingest_free(struct qm_ingest *in);
size_t qm_ingest_waiting(const struct qm_ingest *in); /* batches; any thread */

/* One batch, given by the caller; body, ctx and this struct's content are used until done ran. */
struct qm_ingest_batch {
    const char *body;
    size_t len;
    const struct qm_batch_head *head; /* copied */
    int county;
    const uint8_t *key; /* copied */
    /* The signature was found good: may this device sync now?  QM_OK or QM_E_QUOTA. */
    qm_err (*admit)(void *ctx);
    /* QM_OK: the tlog-proof, whose content may be taken.  Otherwise bad-signature, malformed,
     * root-mismatch, batch-conflict, unknown-key, revoked, what admit said, log-stopped,
     * overload, internal. */
    void (*done)(void *ctx, qm_err err, struct qm_buf *receipt);
    void *ctx;
};
/* Not QM_OK (overload, no memory): done is never called. */
qm_err qm_ingest_add(struct qm_ingest *in, const struct qm_ingest_batch *b);

#endif
