/* api_public.c - floor 4: see api_public.h.
 * Happy path: probes ask the database, the others read memory; the receipt comes from its domain
 * file. Failure: a probe that cannot say yes is answered with 503 and why; all others with the
 * problem of their code.
 */
#include "edge/api_public.h"

#include "base/metrics.h"
#include "domain/receipts.h"
#include "edge/openapi.h"
#include "wire/json.h"

enum { SMALL_MAX_BYTES = 4096, METRICS_MAX_BYTES = 1048576, OPENAPI_MAX_BYTES = 4 * 1048576 };
enum { READY_TIMEOUT_MS = 2000 };

static const char *const no_store[] = {"Cache-Control", "no-store", NULL};

void qm_api_healthz(struct qm_call *c)
{
    struct qm_buf body;
    qm_buf_init(&body, SMALL_MAX_BYTES);
    qm_buf_puts(&body, "{\"alive\":true}\n");
    qm_call_json(c, &body);
    qm_buf_free(&body);
}

static void on_ready(void *ctx, const struct qm_pg_answer *a)
{
    struct qm_call *c = ctx;
    if (a->err != QM_OK || qm_pg_rows(a->result) != 1) {
        qm_call_refuse(c, QM_E_OVERLOAD, "数据库没有应答。", "the database does not answer");
        return;
    }
    struct qm_buf body;
    qm_buf_init(&body, SMALL_MAX_BYTES);
    qm_buf_puts(&body, "{\"ready\":true}\n");
    qm_call_json(c, &body);
    qm_buf_free(&body);
}

void qm_api_readyz(struct qm_call *c)
{
    const struct qm_edge *edge = c->edge;
    if (edge->draining) {
        qm_call_refuse(c, QM_E_OVERLOAD, "服务器正在停机。", "the server is stopping");
        return;
    }
    if (edge->host[0] == 0) {
        qm_call_refuse(c, QM_E_OVERLOAD, "还没有定主机名:先运行 migrate 和 admin init。",
                       "the host is not known yet: migrate, and admin init");
        return;
    }
    struct qm_pg_params *p = qm_pg_params_new();
    qm_err e =
        p ? qm_pg_submit(edge->pg, "site_host", p, READY_TIMEOUT_MS, on_ready, c) : QM_E_NOMEM;
    if (e != QM_OK)
        qm_call_problem(c, e);
}

void qm_api_metrics(struct qm_call *c)
{
    struct qm_buf body;
    qm_buf_init(&body, METRICS_MAX_BYTES);
    if (c->edge->metrics_refresh)
        c->edge->metrics_refresh(c->edge->metrics_ctx);
    qm_metrics_write(&body);
    qm_call_reply(c, 200, "text/plain; version=0.0.4; charset=utf-8", no_store, &body);
    qm_buf_free(&body);
}

void qm_api_openapi(struct qm_call *c)
{
    static const char *const headers[] = {"Cache-Control", "public, max-age=3600", NULL};
    size_t len;
    const char *text = qm_openapi_json(&len);
    struct qm_buf body;
    qm_buf_init(&body, OPENAPI_MAX_BYTES);
    qm_buf_add(&body, text, len);
    qm_call_reply(c, 200, "application/json", headers, &body);
    qm_buf_free(&body);
}

/* ---- a resident's own receipt ---- */

struct receipt_form {
    const char *id, *s;
};

static void on_receipt(void *ctx, qm_err err, struct qm_buf *json)
{
    if (err == QM_OK)
        qm_call_json(ctx, json);
    else
        qm_call_problem(ctx, err);
}

void qm_api_receipt(struct qm_call *c)
{
    static const struct qm_json_field fields[] = {
        {"id", QM_J_STRING, true, offsetof(struct receipt_form, id), 0, 500},
        {"s", QM_J_STRING, true, offsetof(struct receipt_form, s), 0, 500},
    };
    struct receipt_form form = {0};
    struct qm_json_doc *doc = NULL;
    size_t len;
    const char *body = (const char *)qm_http_body(c->req, &len);
    qm_err e = qm_json_object(body, len, fields, 2, &form, &doc, NULL);
    if (e == QM_OK)
        qm_receipts_get(c->edge->receipts, form.id, form.s, on_receipt, c);
    else
        qm_call_problem(c, e);
    qm_json_free(doc);
}
