/* api_sync.c - floor 4: a batch comes in, its receipt goes out.
 *
 * Happy path: note from the first bytes -> the device's key -> ingest -> 200 with the tlog-proof.
 * Failure: each becomes the problem of the contract's table; a key that the sync function did not
 * know any more is forgotten here, so that the next request asks the database.
 */
#include "edge/api_sync.h"

#include <stdlib.h>

#include "base/clock.h"
#include "domain/device.h"
#include "domain/ingest.h"
#include "edge/limit.h"

struct sync {
    struct qm_call *c;
    struct qm_batch_head head;
    uint32_t retry_after_s;
};

static qm_err on_admit(void *ctx)
{
    struct sync *s = ctx;
    const struct qm_edge *edge = s->c->edge;
    return qm_buckets_take(edge->limit->devices, s->head.device, QM_ID_BYTES,
                           (double)edge->config->device_syncs_per_minute, 60, 1, qm_clock_mono_ns(),
                           &s->retry_after_s);
}

static void on_receipt(void *ctx, qm_err err, struct qm_buf *receipt)
{
    struct sync *s = ctx;
    struct qm_call *c = s->c;
    if (err == QM_E_UNKNOWN_KEY)
        qm_device_forget(c->edge->devices, s->head.device);
    if (err == QM_OK) {
        static const char *const headers[] = {"Cache-Control", "no-store", NULL};
        qm_call_reply(c, 200, "text/plain; charset=utf-8", headers, receipt);
    } else if (err == QM_E_QUOTA) {
        qm_call_problem_after(c, err, s->retry_after_s);
    } else {
        qm_call_problem(c, err);
    }
}

static void on_device(void *ctx, qm_err err, const struct qm_device *d)
{
    struct sync *s = ctx;
    if (err == QM_OK) {
        struct qm_ingest_batch b = {.head = &s->head,
                                    .county = d->county,
                                    .key = d->key,
                                    .admit = on_admit,
                                    .done = on_receipt,
                                    .ctx = s};
        s->c->caller.county = d->county;
        b.body = (const char *)qm_http_body(s->c->req, &b.len);
        err = qm_ingest_add(s->c->edge->ingest, &b);
    }
    if (err != QM_OK)
        qm_call_problem(s->c, err);
}

void qm_api_sync(struct qm_call *c)
{
    struct sync *s = calloc(1, sizeof *s);
    if (!s) {
        qm_call_problem(c, QM_E_NOMEM);
        return;
    }
    s->c = c;
    c->state = s;
    c->state_free = free;
    size_t len;
    const char *body = (const char *)qm_http_body(c->req, &len);
    qm_err e =
        body && len > 0 ? qm_batch_head_read(body, len, c->edge->host, &s->head) : QM_E_MALFORMED;
    if (e == QM_OK)
        qm_device_find(c->edge->devices, s->head.device, s->head.key_id, false, on_device, s);
    else
        qm_call_problem(c, e);
}
