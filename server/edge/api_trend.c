/* api_trend.c - floor 4: figures day by day, and how fast they grow; see api_trend.h.
 *
 * Happy path of the trend: days that were closed, of one area, as figures.
 * Happy path of the pace: targets -> counters of now -> days to compare with -> for each metric
 * what the week brought, what is needed a day, and the forecast. Failure: wrong parameters are 400
 * with the reason; days that were not closed are not there.
 */
#include "edge/api_trend.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "domain/coverage.h"
#include "domain/coverage_pace.h"
#include "edge/area.h"
#include "edge/ask.h"
#include "edge/auth.h"
#include "edge/settings.h"

enum {
    EVERYBODY = QM_ROLE_LEADER | QM_ROLE_DEPUTY | QM_ROLE_SECRETARY | QM_ROLE_TOWNSHIP |
                QM_ROLE_POLICE | QM_ROLE_INSPECTOR | QM_ROLE_AUDITOR | QM_ROLE_ADMIN,
    TREND_DAYS = 90,
    TREND_DAYS_MAX = 400,
    ANSWER_MAX_BYTES = 32 << 20
};

static void api_trend(struct qm_call *c);
static void api_pace(struct qm_call *c);

const struct qm_route qm_trend_routes[] = {
    {"GET", "/v1/trend", QM_WHO_TOKEN, EVERYBODY, 0, NULL, 2, api_trend},
    {"GET", "/v1/pace", QM_WHO_TOKEN, EVERYBODY, 0, NULL, 2, api_pace},
};
const size_t qm_trend_routes_n = sizeof qm_trend_routes / sizeof qm_trend_routes[0];

static void row_of_packed(const struct qm_pg_result *r, int row, int col,
                          struct qm_coverage_row *out)
{
    size_t len = 0;
    const uint8_t *packed = qm_pg_get_bytes(r, row, col, &len);
    memset(out, 0, sizeof *out);
    qm_coverage_unpack(packed, len, out);
}

/* ---- day by day ---- */

static void write_day(struct qm_buf *out, const struct qm_pg_result *r, int i)
{
    enum { DAY, SIZE, PACKED };
    struct qm_coverage_row row;
    char day[11];
    row_of_packed(r, i, PACKED, &row);
    qm_day_write((int32_t)qm_pg_get_int(r, i, DAY), day);
    qm_buf_printf(out, "%s{\"day\":\"%s\",\"size\":%lld,\"figures\":{", i > 0 ? "," : "", day,
                  (long long)qm_pg_get_int(r, i, SIZE));
    for (int m = 0; m < QM_COVER_COUNT_; m++) {
        struct qm_figure f;
        qm_figure_compute(&row, (enum qm_cover)m, NULL, &f);
        qm_buf_printf(out, "%s\"%s\":{\"state\":\"%s\"", m > 0 ? "," : "",
                      qm_cover_name((enum qm_cover)m), qm_figure_state_name(f.state));
        if (f.state == QM_FIGURE_OK || f.state == QM_FIGURE_EMPTY)
            qm_buf_printf(out, ",\"num\":%lld,\"evidenced\":%lld,\"den\":%lld", (long long)f.num,
                          (long long)f.num_evidenced, (long long)f.den);
        else
            qm_buf_puts(out, ",\"num\":null,\"evidenced\":null,\"den\":null");
        qm_buf_puts(out, "}");
    }
    qm_buf_puts(out, "}}");
}

struct trend {
    struct qm_call *c;
    char within[16];
};

static void on_trend(void *ctx, const struct qm_pg_answer *a)
{
    struct trend *t = ctx;
    struct qm_call *c = t->c;
    if (a->err != QM_OK) {
        qm_call_problem_pg(c, a);
        return;
    }
    struct qm_buf body;
    qm_buf_init(&body, ANSWER_MAX_BYTES);
    qm_buf_printf(&body, "{\"within\":\"%s\",\"days\":[", t->within);
    for (int i = 0; i < qm_pg_rows(a->result); i++)
        write_day(&body, a->result, i);
    qm_buf_puts(&body, "]}\n");
    qm_call_json(c, &body);
    qm_buf_free(&body);
}

static void api_trend(struct qm_call *c)
{
    struct trend *t = calloc(1, sizeof *t);
    int32_t today = qm_day_of_ms(qm_clock_ms());
    int32_t from = 0;
    int32_t until = 0;
    if (t == NULL) {
        qm_call_problem(c, QM_E_NOMEM);
        return;
    }
    t->c = c;
    c->state = t;
    c->state_free = free;
    if (!qm_area_within(c, t->within) || !qm_query_day(c, "until", today, &until) ||
        !qm_query_day(c, "from", until - TREND_DAYS, &from))
        return;
    if (strlen(t->within) > 12) {
        qm_call_refuse(c, QM_E_MALFORMED, "within:选村或村以上;网格没有每天的数。",
                       "within: a village or more; grids have no days");
        return;
    }
    if (from > until || until - from > TREND_DAYS_MAX) {
        qm_call_refuse(c, QM_E_MALFORMED, "from:最多比until早400天。",
                       "from: at most 400 days before until");
        return;
    }
    struct qm_pg_params *p = qm_ask_params(c);
    qm_ask_text(p, t->within);
    qm_pg_date(p, from);
    qm_pg_date(p, until);
    qm_ask_submit(c, "trend", p, on_trend, t);
}

/* ---- pace ---- */

struct pace {
    struct qm_call *c;
    char within[16], level[16];
    struct qm_targets targets;
    size_t n;
    struct qm_coverage_row *rows; /* of now; their names are not kept */
};

static void pace_free(void *state)
{
    struct pace *v = state;
    free(v->targets.list);
    free(v->rows);
    free(v);
}

static void write_ahead(struct qm_buf *out, const struct qm_pace_ahead *a)
{
    char day[11];
    qm_buf_printf(out, "\"state\":\"%s\"", qm_pace_state_name(a->state));
    if (a->state == QM_PACE_OK) {
        qm_day_write(a->forecast_day, day);
        qm_buf_printf(out, ",\"forecast\":\"%s\",\"in_time\":%s", day,
                      a->in_time ? "true" : "false");
    } else {
        qm_buf_puts(out, ",\"forecast\":null,\"in_time\":null");
    }
    if (a->state == QM_PACE_OK || a->state == QM_PACE_STANDS)
        qm_buf_printf(out, ",\"at_due\":%d", a->at_due);
    else
        qm_buf_puts(out, ",\"at_due\":null");
}

static void write_number(struct qm_buf *out, const char *name, bool there, int64_t n)
{
    if (there)
        qm_buf_printf(out, ",\"%s\":%lld", name, (long long)n);
    else
        qm_buf_printf(out, ",\"%s\":null", name);
}

static void write_metric(struct qm_buf *out, enum qm_cover m, const struct qm_pace *p)
{
    char day[11];
    qm_buf_printf(out, "%s\"%s\":{", m > 0 ? "," : "", qm_cover_name(m));
    write_ahead(out, &p->now);
    write_number(out, "week", p->has_week, p->week);
    write_number(out, "needed", p->now.state != QM_PACE_NO_TARGET, p->needed);
    if (p->has_since) {
        qm_day_write(p->since_day, day);
        qm_buf_printf(out, ",\"since\":\"%s\"", day);
    } else {
        qm_buf_puts(out, ",\"since\":null");
    }
    if (p->stage.state == QM_PACE_NO_TARGET) {
        qm_buf_puts(out, ",\"next\":null}");
    } else {
        qm_buf_puts(out, ",\"next\":{");
        write_ahead(out, &p->stage);
        qm_buf_puts(out, "}}");
    }
}

static struct qm_pace_past past_of(const struct qm_coverage_row *past, enum qm_cover m)
{
    struct qm_figure f;
    qm_figure_compute(past, m, NULL, &f);
    bool there = past->counted && (f.state == QM_FIGURE_OK || f.state == QM_FIGURE_EMPTY);
    return (struct qm_pace_past){
        .there = there, .day = past->age_day, .num = f.num, .num_evidenced = f.num_evidenced};
}

static void write_area(struct qm_buf *out, const struct pace *v, const struct qm_coverage_row *row,
                       const struct qm_coverage_row past[2])
{
    qm_buf_printf(out, "{\"code\":\"%s\",\"figures\":{", row->code);
    for (int i = 0; i < QM_COVER_COUNT_; i++) {
        enum qm_cover m = (enum qm_cover)i;
        struct qm_pace_past week = past_of(&past[0], m);
        struct qm_pace_past fortnight = past_of(&past[1], m);
        struct qm_figure f;
        struct qm_pace p;
        qm_figure_compute(row, m, &v->targets, &f);
        qm_pace_compute(&f, row->age_day, &week, &fortnight, &p);
        write_metric(out, m, &p);
    }
    qm_buf_puts(out, "}}");
}

/* Both lists are in the order of codes: past rows of a code follow each other. */
static void on_past(void *ctx, const struct qm_pg_answer *a)
{
    enum { CODE, WHICH, DAY, PACKED };
    struct pace *v = ctx;
    struct qm_call *c = v->c;
    if (a->err != QM_OK) {
        qm_call_problem_pg(c, a);
        return;
    }
    struct qm_buf body;
    int at = 0;
    int n = qm_pg_rows(a->result);
    qm_buf_init(&body, ANSWER_MAX_BYTES);
    qm_buf_printf(&body, "{\"level\":\"%s\",\"within\":\"%s\",\"rows\":[", v->level, v->within);
    for (size_t i = 0; i < v->n; i++) {
        struct qm_coverage_row past[2];
        memset(past, 0, sizeof past);
        while (at < n && strcmp(qm_pg_get_text(a->result, at, CODE), v->rows[i].code) < 0)
            at++;
        for (; at < n && strcmp(qm_pg_get_text(a->result, at, CODE), v->rows[i].code) == 0; at++) {
            struct qm_coverage_row *p = &past[qm_pg_get_int(a->result, at, WHICH) & 1];
            row_of_packed(a->result, at, PACKED, p);
            p->age_day = (int32_t)qm_pg_get_int(a->result, at, DAY);
        }
        qm_buf_puts(&body, i > 0 ? "," : "");
        write_area(&body, v, &v->rows[i], past);
    }
    qm_buf_puts(&body, "]}\n");
    qm_call_json(c, &body);
    qm_buf_free(&body);
}

static void ask_past(struct pace *v)
{
    struct qm_call *c = v->c;
    int32_t day = v->n > 0 ? v->rows[0].age_day : qm_day_of_ms(qm_clock_ms());
    struct qm_pg_params *p = qm_ask_params(c);
    qm_pg_int4(p, (int32_t)qm_level_digits(v->level));
    qm_ask_text(p, v->within);
    qm_pg_date(p, qm_pace_last_sunday(day));
    qm_pg_date(p, day - QM_PACE_DAYS);
    qm_ask_submit(c, "pace", p, on_past, v);
}

static void on_now(void *ctx, const struct qm_pg_answer *a)
{
    struct pace *v = ctx;
    if (a->err != QM_OK) {
        qm_call_problem_pg(v->c, a);
        return;
    }
    int n = qm_pg_rows(a->result);
    v->rows = calloc((size_t)n + 1, sizeof *v->rows);
    qm_err e = v->rows != NULL ? QM_OK : QM_E_NOMEM;
    for (int i = 0; e == QM_OK && i < n; i++) {
        e = qm_coverage_row(a->result, i, &v->rows[i]);
        v->rows[i].name = NULL; /* goes with the result */
        v->n++;
    }
    if (e == QM_OK)
        ask_past(v);
    else
        qm_call_problem(v->c, e);
}

static void on_targets(void *ctx, const struct qm_pg_answer *a)
{
    struct pace *v = ctx;
    struct qm_call *c = v->c;
    if (a->err != QM_OK) {
        qm_call_problem_pg(c, a);
        return;
    }
    size_t len = 0;
    qm_err e = QM_OK;
    if (qm_pg_rows(a->result) == 1) {
        const uint8_t *body = qm_pg_get_bytes(a->result, 0, 0, &len);
        e = qm_targets_read((const char *)body, len, c->caller.county, &v->targets, NULL);
    }
    struct qm_coverage_ask ask = {.county = c->caller.county,
                                  .role = c->caller.role_name,
                                  .prefix = c->caller.prefix,
                                  .level = v->level,
                                  .within = v->within};
    if (e == QM_OK)
        e = qm_coverage_read(c->edge->pg, &ask, on_now, v);
    if (e != QM_OK)
        qm_call_problem(c, e);
}

static void api_pace(struct qm_call *c)
{
    struct pace *v = calloc(1, sizeof *v);
    if (v == NULL) {
        qm_call_problem(c, QM_E_NOMEM);
        return;
    }
    v->c = c;
    c->state = v;
    c->state_free = pace_free;
    if (!qm_area_within(c, v->within) || !qm_area_level(c, v->within, v->level, sizeof v->level))
        return;
    if (qm_level_digits(v->level) > 12) {
        qm_call_refuse(c, QM_E_MALFORMED, "level:village、township或county;网格没有每天的数。",
                       "level: village, township or county; grids have no days");
        return;
    }
    qm_err e = qm_setting_read(c->edge->pg, c->caller.county, "targets", on_targets, v);
    if (e != QM_OK)
        qm_call_problem(c, e);
}
