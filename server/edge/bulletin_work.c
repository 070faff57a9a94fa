/* bulletin_work.c - see bulletin_work.h.  Happy path: made, handed to the call, freed with it.
 * Failure: no memory answers the call. */
#include "edge/bulletin_work.h"

#include <stdlib.h>

#include "base/clock.h"

static void work_free(void *s)
{
    struct qm_bulletin_work *w = s;
    json_decref(w->body);
    qm_json_free(w->fields);
    free(w->figures);
    free(w);
}

struct qm_bulletin_work *qm_bulletin_work_new(struct qm_call *c)
{
    struct qm_bulletin_work *w = calloc(1, sizeof *w);
    if (w == NULL) {
        qm_call_problem(c, QM_E_NOMEM);
        return NULL;
    }
    w->c = c;
    w->ask = (struct qm_ranking_ask){.county = c->caller.county,
                                     .by = c->caller.account,
                                     .role = c->caller.role_name,
                                     .prefix = c->caller.prefix,
                                     .now_ms = qm_clock_ms(),
                                     .idx = -1,
                                     .to = -1};
    c->state = w;
    c->state_free = work_free;
    return w;
}
