/* ranking_wait.h - floor 3: who waits for a freeze, and what one ended in that nobody heard of.
 *
 * Happy path: the first who asks starts it; who asks the same meanwhile waits for the same one.  If
 * at its end nobody is there any more (a request has a deadline, a freeze of a large county on a
 * busy machine may take longer), its draft is kept for who asks the same again: asking until there
 * is an answer always ends with one.
 * Failure: QM_E_NOMEM.  The loop's thread only.
 */
#ifndef QM_DOMAIN_RANKING_WAIT_H
#define QM_DOMAIN_RANKING_WAIT_H

#include "domain/ranking_store.h"

/* What was asked for, and by whom; "" as account: nothing. */
struct qm_frozen_ask {
    int county;
    int64_t replaces;
    char scope[16], period[QM_PERIOD_MAX_BYTES + 1], by[QM_ACCOUNT_MAX_BYTES + 1];
};
struct qm_frozen_ask qm_frozen_ask_of(const struct qm_ranking_ask *ask);
bool qm_frozen_ask_same(const struct qm_frozen_ask *a, const struct qm_frozen_ask *b);

struct qm_freeze_waiter;
qm_err qm_freeze_wait(struct qm_freeze_waiter **all, qm_ranking_frozen done, void *ctx);
/* Tells all and frees them; true: somebody was there to hear it. */
bool qm_freeze_tell(struct qm_freeze_waiter **all, qm_err err, const struct qm_freeze *f,
                    enum qm_ranking_status status, const uint8_t draft[QM_ID_BYTES]);

#endif
