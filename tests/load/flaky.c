/* flaky.c - tests: see flaky.h.  Faults are drawn from the phone's own generator, so that each run
 * has the same network.
 */
#include "flaky.h"

#include <stdlib.h>
#include <string.h>

static void answer_forget(struct qm_http_answer *a)
{
    free(a->body);
    memset(a, 0, sizeof *a);
    a->retry_after_s = -1;
}

static int cut(struct qm_flaky *f, const struct qm_http_request *request, struct qm_http_answer *a)
{
    f->cut++;
    if (strcmp(request->path, "/v1/changes") == 0 && a->body_bytes > 1) {
        a->body_bytes = 1 + qm_prng_below(&f->random, (uint32_t)(a->body_bytes - 1));
        return 0;
    }
    answer_forget(a);
    return QM_C_UNKNOWN_OUTCOME;
}

static int perform(void *ctx, const struct qm_http_request *request, struct qm_http_answer *answer)
{
    struct qm_flaky *f = ctx;
    f->exchanges++;
    if (qm_prng_chance(&f->random, f->per_mille)) {
        f->lost_before++;
        return QM_C_OFFLINE;
    }
    int code = f->inner.perform(f->inner.ctx, request, answer);
    if (code == 0 && qm_prng_chance(&f->random, f->per_mille)) {
        f->repeated++;
        answer_forget(answer);
        code = f->inner.perform(f->inner.ctx, request, answer);
    }
    if (code == 0 && qm_prng_chance(&f->random, f->per_mille)) {
        f->lost_after++;
        answer_forget(answer);
        return QM_C_UNKNOWN_OUTCOME;
    }
    if (code == 0 && qm_prng_chance(&f->random, f->per_mille))
        return cut(f, request, answer);
    return code;
}

static void close_inner(void *ctx)
{
    struct qm_flaky *f = ctx;
    if (f->inner.close)
        f->inner.close(f->inner.ctx);
}

struct qm_transport qm_flaky_transport(struct qm_flaky *f)
{
    return (struct qm_transport){.ctx = f, .perform = perform, .close = close_inner};
}
