/* ranking_pace.c - see ranking_pace.h.  Happy path and failure modes: as there. */
#include "domain/ranking_pace.h"

void qm_freeze_pace_begin(struct qm_freeze_pace *p, int64_t now_ms)
{
    p->began_ms = now_ms;
}

int64_t qm_freeze_pace_rest_ms(struct qm_freeze_pace *p, int64_t now_ms, bool syncs_wait)
{
    int64_t worked = now_ms > p->began_ms ? now_ms - p->began_ms : 0;
    int64_t left = QM_PACE_RESTS_MAX_MS - p->rested_ms;
    p->began_ms = now_ms;
    p->worked_ms += worked;
    if (syncs_wait && p->worked_ms > QM_PACE_FREE_MS)
        p->owed_ms += worked;
    if (!syncs_wait || p->owed_ms < QM_PACE_REST_MIN_MS)
        return 0;
    int64_t rest = p->owed_ms < left ? p->owed_ms : left;
    p->owed_ms = 0;
    p->rested_ms += rest;
    return rest;
}
