/* api_week.c - floor 4: closing a week in the villages: sign-offs of rosters, and figures from
 * elsewhere; see api_bulletin.h.
 *
 * Happy path of a sign-off: the deputy prepares (size and hash of the village's roster as it is
 * now), the secretary sends both back and thereby confirms what was looked at.
 * Failure: a body that is not of its schema is 400 with the member at fault; another size or hash
 * than the prepared one is 409.
 */
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "edge/api_bulletin.h"
#include "edge/auth.h"
#include "edge/bulletin_extras.h"
#include "edge/bulletin_refuse.h"
#include "edge/bulletin_work.h"
#include "edge/closed.h"
#include "wire/json.h"

enum {
    SIGNERS = QM_ROLE_DEPUTY | QM_ROLE_SECRETARY,
    SIGNOFF_READERS = SIGNERS | QM_ROLE_TOWNSHIP | QM_ROLE_INSPECTOR | QM_ROLE_ADMIN,
    FIGURE_WRITERS = QM_ROLE_POLICE | QM_ROLE_TOWNSHIP,
    FIGURE_READERS = FIGURE_WRITERS | QM_ROLE_INSPECTOR | QM_ROLE_AUDITOR | QM_ROLE_ADMIN,
    BODY_MAX_BYTES = 4096,
    FIGURES_BODY_MAX_BYTES = 524288,
    ANSWER_MAX_BYTES = 8 << 20,
    VILLAGE_DIGITS = 12
};
#define JSON "application/json"

static void api_signoffs(struct qm_call *c);
static void api_signoff(struct qm_call *c);
static void api_figures(struct qm_call *c);
static void api_figures_set(struct qm_call *c);

const struct qm_route qm_week_routes[] = {
    {"GET", "/v1/signoffs", QM_WHO_TOKEN, SIGNOFF_READERS, 0, NULL, 2, api_signoffs},
    {"POST", "/v1/signoffs", QM_WHO_TOKEN, SIGNERS, BODY_MAX_BYTES, JSON, 2, api_signoff},
    {"GET", "/v1/figures", QM_WHO_TOKEN, FIGURE_READERS, 0, NULL, 2, api_figures},
    {"POST", "/v1/figures", QM_WHO_TOKEN, FIGURE_WRITERS, FIGURES_BODY_MAX_BYTES, JSON, 5,
     api_figures_set},
};
const size_t qm_week_routes_n = sizeof qm_week_routes / sizeof qm_week_routes[0];

static bool digits_ok(const char *t)
{
    size_t len = strlen(t);
    return (len == 6 || len == 9 || len == 12) && strspn(t, "0123456789") == len;
}

/* false: answered. */
static bool take_period(struct qm_bulletin_work *w, const char *t)
{
    if (qm_period_read(t, strlen(t), &w->ask.span) != QM_OK) {
        qm_bulletin_refuse_member(w->c, "period");
        return false;
    }
    memcpy(w->ask.period, t, strlen(t) + 1);
    return true;
}

static bool query_period(struct qm_bulletin_work *w)
{
    char t[QM_PERIOD_MAX_BYTES + 1] = "";
    if (qm_call_query(w->c, "period", t, sizeof t) != QM_OK) {
        qm_bulletin_refuse_member(w->c, "period");
        return false;
    }
    return take_period(w, t);
}

/* What was asked for of a period, as the member `name`. */
static void answer_listed(struct qm_bulletin_work *w, qm_err err, const char *name,
                          qm_err (*rows_json)(const struct qm_pg_result *, struct qm_buf *),
                          const struct qm_pg_result *r)
{
    if (err != QM_OK) {
        qm_call_problem(w->c, err);
        return;
    }
    struct qm_buf body;
    qm_buf_init(&body, ANSWER_MAX_BYTES);
    qm_buf_printf(&body, "{\"period\":\"%s\",\"%s\":", w->ask.period, name);
    rows_json(r, &body);
    qm_buf_puts(&body, "}\n");
    qm_call_json(w->c, &body);
    qm_buf_free(&body);
}

/* ---- sign-offs ---- */

static void on_signoffs(void *ctx, qm_err err, const struct qm_pg_result *r)
{
    answer_listed(ctx, err, "signoffs", qm_signoffs_json, r);
}

static void list_signoffs(struct qm_bulletin_work *w)
{
    qm_ranking_read(w->c->edge->ranking, QM_RANKING_SIGNOFFS, &w->ask, on_signoffs, w);
}

static void api_signoffs(struct qm_call *c)
{
    struct qm_bulletin_work *w = qm_bulletin_work_new(c);
    if (w == NULL || !query_period(w))
        return;
    qm_err err = qm_call_query(c, "scope", w->scope, sizeof w->scope);
    if (err == QM_E_NOT_FOUND)
        snprintf(w->scope, sizeof w->scope, "%s", c->caller.prefix);
    else if (err != QM_OK)
        w->scope[0] = '\0';
    w->ask.scope = w->scope;
    if (!digits_ok(w->scope))
        qm_bulletin_refuse_member(c, "scope");
    else if (!qm_caller_covers(&c->caller, w->scope))
        qm_call_problem(c, QM_E_FORBIDDEN);
    else
        list_signoffs(w);
}

static void on_signed(void *ctx, qm_err err, enum qm_ranking_status status,
                      const struct qm_pg_result *r)
{
    struct qm_bulletin_work *w = ctx;
    (void)r;
    w->ask.to = -1; /* the list's: when the range was frozen */
    if (err != QM_OK)
        qm_call_problem(w->c, err);
    else if (status != QM_RANKING_DONE)
        qm_bulletin_refuse_status(w->c, status);
    else
        list_signoffs(w);
}

struct signoff_form {
    const char *village, *period, *step, *roster;
    int64_t to;
};

/* What was prepared and looked at comes back with the confirmation. */
static bool take_confirmation(struct qm_bulletin_work *w, const struct signoff_form *form)
{
    if (form->to < 0 || form->roster == NULL ||
        qm_hex_read(form->roster, strlen(form->roster), w->ask.sha256.b, QM_HASH_BYTES) != QM_OK) {
        qm_bulletin_refuse_member(w->c, form->to < 0 ? "to" : "roster");
        return false;
    }
    w->ask.to = form->to;
    return true;
}

static void sign(struct qm_bulletin_work *w, const struct signoff_form *form)
{
    struct qm_call *c = w->c;
    bool prepare = strcmp(form->step, "prepare") == 0;
    bool whole = strlen(form->village) == VILLAGE_DIGITS && digits_ok(form->village);
    if (!take_period(w, form->period))
        return;
    w->ask.scope = form->village;
    w->act = prepare ? QM_RANKING_PREPARE : QM_RANKING_CONFIRM;
    if (!prepare && strcmp(form->step, "confirm") != 0)
        qm_bulletin_refuse_member(c, "step");
    else if (!whole)
        qm_bulletin_refuse_member(c, "village");
    else if (!qm_caller_covers(&c->caller, form->village))
        qm_call_problem(c, QM_E_FORBIDDEN);
    else if (c->caller.role != (prepare ? QM_ROLE_DEPUTY : QM_ROLE_SECRETARY))
        qm_call_refuse(c, QM_E_FORBIDDEN, "花名册由副手准备,由书记确认。",
                       "The deputy prepares the roster and the secretary confirms it.");
    else if (prepare || take_confirmation(w, form))
        qm_ranking_do(c->edge->ranking, w->act, &w->ask, on_signed, w);
}

static void api_signoff(struct qm_call *c)
{
    static const struct qm_json_field fields[] = {
        {"village", QM_J_STRING, true, offsetof(struct signoff_form, village), 12, 12},
        {"period", QM_J_STRING, true, offsetof(struct signoff_form, period), 4,
         QM_PERIOD_MAX_BYTES},
        {"step", QM_J_STRING, true, offsetof(struct signoff_form, step), 7, 7},
        {"to", QM_J_INT, false, offsetof(struct signoff_form, to), 0, QM_INT_MAX},
        {"roster", QM_J_STRING, false, offsetof(struct signoff_form, roster), QM_HEX_HASH_CHARS,
         QM_HEX_HASH_CHARS},
    };
    struct signoff_form form = {.to = -1};
    const char *bad = "";
    size_t len = 0;
    struct qm_bulletin_work *w = qm_bulletin_work_new(c);
    if (w == NULL)
        return;
    const char *body = (const char *)qm_http_body(c->req, &len);
    if (qm_json_object(body, len, fields, 5, &form, &w->fields, &bad) == QM_OK)
        sign(w, &form);
    else
        qm_bulletin_refuse_member(c, bad);
}

/* ---- figures from elsewhere ---- */

static void on_figures(void *ctx, qm_err err, const struct qm_pg_result *r)
{
    answer_listed(ctx, err, "figures", qm_figures_json, r);
}

static void api_figures(struct qm_call *c)
{
    struct qm_bulletin_work *w = qm_bulletin_work_new(c);
    if (w != NULL && query_period(w))
        qm_ranking_read(c->edge->ranking, QM_RANKING_FIGURE_LIST, &w->ask, on_figures, w);
}

static void on_figures_set(void *ctx, qm_err err, enum qm_ranking_status status,
                           const struct qm_pg_result *r)
{
    struct qm_bulletin_work *w = ctx;
    char row[40];
    if (err != QM_OK) {
        qm_call_problem(w->c, err);
    } else if (status != QM_RANKING_DONE) {
        snprintf(row, sizeof row, "rows[%lld]", (long long)qm_pg_get_int(r, 0, 1) - 1);
        qm_bulletin_refuse_member(w->c, row);
    } else {
        qm_ranking_read(w->c->edge->ranking, QM_RANKING_FIGURE_LIST, &w->ask, on_figures, w);
    }
}

static void take_figure(struct qm_bulletin_work *w, struct qm_closed *c, json_t *o,
                        struct qm_ranking_figure *out)
{
    static const char *const names[] = {"metric", "code", "value", NULL};
    enum qm_cover cover;
    if (!qm_closed_object(c, o, names))
        return;
    out->metric = qm_closed_code(c, o, "metric");
    out->code = qm_closed_text(c, o, "code", 15);
    out->value = qm_closed_int(c, o, "value", 0, QM_INT_MAX);
    if (qm_cover_read(out->metric, &cover) == QM_OK)
        qm_closed_fault(c, "metric", "\"%s\" is counted here and is not brought in", out->metric);
    if (!qm_caller_covers(&w->c->caller, out->code))
        qm_closed_fault(c, "code", "\"%s\" is not in your area", out->code);
}

static void take_rows(struct qm_bulletin_work *w, struct qm_closed *c, const json_t *rows)
{
    if (!qm_closed_array(c, rows, "rows"))
        return;
    w->ask.figures_n = json_array_size(rows);
    w->figures = calloc(w->ask.figures_n + 1, sizeof *w->figures);
    w->ask.figures = w->figures;
    if (w->figures == NULL)
        qm_closed_fault(c, "rows", "not enough memory");
    for (size_t i = 0; w->figures != NULL && i < w->ask.figures_n; i++) {
        snprintf(c->place, sizeof c->place, "rows[%zu]", i);
        take_figure(w, c, json_array_get(rows, i), &w->figures[i]);
    }
    c->place[0] = '\0';
}

static void read_figures(struct qm_bulletin_work *w, struct qm_faults *faults)
{
    static const char *const names[] = {"period", "source", "rows", NULL};
    struct qm_closed c = {.faults = faults};
    size_t len = 0;
    const char *body = (const char *)qm_http_body(w->c->req, &len);
    w->body = qm_closed_parse(&c, body, len);
    if (w->body == NULL || !qm_closed_object(&c, w->body, names))
        return;
    const char *period = qm_closed_text(&c, w->body, "period", QM_PERIOD_MAX_BYTES);
    const char *source = qm_closed_text(&c, w->body, "source", QM_HEX_HASH_CHARS);
    if (qm_period_read(period, strlen(period), &w->ask.span) != QM_OK)
        qm_closed_fault(&c, "period", "is no period");
    else
        memcpy(w->ask.period, period, strlen(period) + 1);
    if (qm_hex_read(source, strlen(source), w->ask.sha256.b, QM_HASH_BYTES) != QM_OK)
        qm_closed_fault(&c, "source", "must be the SHA-256 of the file, 64 characters");
    take_rows(w, &c, json_object_get(w->body, "rows"));
}

static void api_figures_set(struct qm_call *c)
{
    struct qm_bulletin_work *w = qm_bulletin_work_new(c);
    struct qm_faults faults;
    if (w == NULL)
        return;
    qm_faults_init(&faults);
    read_figures(w, &faults);
    if (faults.n == 0)
        qm_ranking_do(c->edge->ranking, QM_RANKING_FIGURES, &w->ask, on_figures_set, w);
    else
        qm_bulletin_refuse_faults(c, &faults, "rows");
    qm_faults_free(&faults);
}
