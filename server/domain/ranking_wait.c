/* ranking_wait.c - see ranking_wait.h.  Happy path and failure modes: as there. */
#include "domain/ranking_wait.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct qm_freeze_waiter {
    struct qm_freeze_waiter *next;
    qm_ranking_frozen done;
    void *ctx;
};

struct qm_frozen_ask qm_frozen_ask_of(const struct qm_ranking_ask *ask)
{
    struct qm_frozen_ask a = {.county = ask->county, .replaces = ask->idx};
    snprintf(a.scope, sizeof a.scope, "%s", ask->scope);
    snprintf(a.period, sizeof a.period, "%s", ask->period);
    snprintf(a.by, sizeof a.by, "%s", ask->by);
    return a;
}

bool qm_frozen_ask_same(const struct qm_frozen_ask *a, const struct qm_frozen_ask *b)
{
    return a->county == b->county && a->replaces == b->replaces &&
           strcmp(a->scope, b->scope) == 0 && strcmp(a->period, b->period) == 0 &&
           strcmp(a->by, b->by) == 0;
}

qm_err qm_freeze_wait(struct qm_freeze_waiter **all, qm_ranking_frozen done, void *ctx)
{
    struct qm_freeze_waiter *w = malloc(sizeof *w);
    if (w == NULL)
        return QM_E_NOMEM;
    *w = (struct qm_freeze_waiter){.next = *all, .done = done, .ctx = ctx};
    *all = w;
    return QM_OK;
}

bool qm_freeze_tell(struct qm_freeze_waiter **all, qm_err err, const struct qm_freeze *f,
                    enum qm_ranking_status status, const uint8_t draft[QM_ID_BYTES])
{
    bool heard = false;
    struct qm_freeze_waiter *w = *all;
    *all = NULL; /* who is told may ask anew */
    while (w != NULL) {
        struct qm_freeze_waiter *next = w->next;
        heard = w->done(w->ctx, err, f, status, draft) || heard;
        free(w);
        w = next;
    }
    return heard;
}
