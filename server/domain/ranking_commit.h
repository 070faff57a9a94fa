/* ranking_commit.h - floor 3: what ranking_store.c and ranking_commit.c share. */
#ifndef QM_DOMAIN_RANKING_COMMIT_H
#define QM_DOMAIN_RANKING_COMMIT_H

#include "domain/ranking_store.h"

struct qm_ranking_room {
    struct qm_ranking_config cfg;
    bool freezing;
    atomic_bool cancel;
};
struct qm_ranking_room *qm_ranking_room(struct qm_ranking *k);

#endif
