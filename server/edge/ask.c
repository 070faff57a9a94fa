/* ask.c - floor 4: see ask.h.
 * Happy path: parameters, one statement, its rows as JSON. Failure: the call is answered with the
 * problem of the statement or of the pool.
 */
#include "edge/ask.h"

#include <string.h>

#include "base/clock.h"

enum { ROWS_MAX_BYTES = 32 << 20 };

struct qm_pg_params *qm_ask_params(const struct qm_call *c)
{
    struct qm_pg_params *p = qm_pg_params_new();
    qm_pg_int4(p, c->caller.county);
    qm_ask_text(p, c->caller.role_name);
    qm_ask_text(p, c->caller.prefix);
    return p;
}

void qm_ask_text(struct qm_pg_params *p, const char *text)
{
    qm_pg_text(p, text, strlen(text));
}

void qm_ask_submit(struct qm_call *c, const char *statement, struct qm_pg_params *p,
                   qm_pg_done done, void *ctx)
{
    qm_err e = qm_pg_submit(c->edge->pg, statement, p, 0, done, ctx);
    if (e != QM_OK)
        qm_call_problem(c, e);
}

void qm_ask_note(struct qm_call *c, const char *what, const char *subject, const char *reason,
                 qm_pg_done done, void *ctx)
{
    uint8_t id[QM_ID_BYTES];
    int64_t now_ms = qm_clock_ms();
    struct qm_pg_params *p = qm_pg_params_new();
    qm_uuid7(id, now_ms);
    qm_pg_int4(p, c->caller.county);
    qm_pg_int8(p, now_ms);
    qm_pg_uuid(p, id);
    qm_ask_text(p, c->caller.account);
    qm_ask_text(p, c->caller.role_name);
    qm_ask_text(p, what);
    qm_ask_text(p, subject);
    qm_ask_text(p, reason);
    qm_ask_submit(c, "access_note", p, done, ctx);
}

void qm_ask_rows(struct qm_call *c, const struct qm_pg_answer *a,
                 const struct qm_rows_column *columns, int n, bool personal)
{
    struct qm_buf body;
    if (a->err != QM_OK) {
        qm_call_problem_pg(c, a);
        return;
    }
    qm_buf_init(&body, ROWS_MAX_BYTES);
    qm_buf_puts(&body, "{\"rows\":");
    qm_rows_json(a->result, columns, n, c->edge->seal, personal, &body);
    qm_buf_puts(&body, "}\n");
    qm_call_json(c, &body);
    qm_buf_free(&body);
}
