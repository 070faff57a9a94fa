/* ranking_commit.h - floor 3: what ranking_store.c and ranking_commit.c share. */
#ifndef QM_DOMAIN_RANKING_COMMIT_H
#define QM_DOMAIN_RANKING_COMMIT_H

#include "domain/ranking_wait.h"

struct qm_ranking_room {
    struct qm_ranking_config cfg;
    struct qm_frozen_ask freezing; /* "": none */
    struct qm_freeze_waiter *waiters;
    struct qm_frozen_ask unheard; /* of a draft that nobody was told of; "": none */
    uint8_t unheard_draft[QM_ID_BYTES];
    int64_t unheard_ms; /* when it was asked for */
    atomic_bool cancel;
};
struct qm_ranking_room *qm_ranking_room(struct qm_ranking *k);

#endif
