/* receipts.h - floor 3: a resident's own receipt (section 7 of the contract).
 *
 * Who holds the salt of an event's P may see the event: the two tlog-proofs, the version of the
 * text, and P masked.  In every other case the answer is QM_E_NOT_FOUND after the same steps (when
 * there is no such event a decoy is opened and compared instead) and at a set time after the
 * question, so that time tells nothing: a long P takes longer to open than a short one.
 * Happy path: the event by id -> pool: open P, compare salts in constant time -> the batch's entry
 * and lines -> proof of the event (leaf of each line; rejected ones from the quarantine) -> receipt
 * of the batch.
 * The loop's thread only.
 */
#ifndef QM_DOMAIN_RECEIPTS_H
#define QM_DOMAIN_RECEIPTS_H

#include "domain/tlog.h"

struct qm_receipts;
struct qm_receipts_config {
    uv_loop_t *loop;
    struct qm_pg *pg;
    struct qm_pool *pool;
    const struct qm_seal *seal;
    struct qm_tlog *tlog;
    const char *host;
};
qm_err qm_receipts_new(const struct qm_receipts_config *cfg, struct qm_receipts **out);
void qm_receipts_free(struct qm_receipts *rs);

/* QM_OK: json is {"event","batch","text","private"}.  Otherwise not-found, overload, log-stopped,
 * internal. */
typedef void (*qm_receipts_done)(void *ctx, qm_err err, struct qm_buf *json);
/* id and salt as they were sent, of any length. */
void qm_receipts_get(struct qm_receipts *rs, const char *id, const char *salt,
                     qm_receipts_done done, void *ctx);

#endif
