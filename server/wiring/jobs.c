/* jobs.c - floor 5: the clock's work; see jobs.h.
 *
 * A round goes through a list of counties, one after another: list statement -> for each county its
 * step, which calls round_next when it has ended, whatever came of it.
 * Failure: a step that fails ends for its county only; the next round does it again.
 */
#include "wiring/jobs.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/metrics.h"
#include "domain/answer.h"
#include "domain/tlog.h"

enum { BLOBS_S = 5, NIGHTLY_S = 60, SWEEP_S = 3600, LONG_TIMEOUT_MS = 3600000, SHOWN_MAX = 20 };
#define DAY_MS INT64_C(86400000)
/* No freeze runs for so long: its statements end after ten minutes each. */
#define PART_AGE_MS DAY_MS
#define ZONE_MS     INT64_C(28800000) /* UTC+8 */

enum job { JOB_BLOBS, JOB_SWEEP, JOB_NIGHTLY, JOBS };

struct county {
    int county;
    int64_t size;
    int32_t age_day;
    int64_t recounted_ms; /* 0: never */
    int64_t differences;  /* that the last recount found */
};
struct round {
    struct qm_jobs *jobs;
    enum job job;
    bool running;
    size_t n, at;
    struct county *list;
    int64_t due_ms; /* nightly: the instant that is made up for */
};
struct qm_jobs {
    struct qm_edge *edge;
    bool stopping;
    uint64_t seconds;
    uv_timer_t timer;
    struct round round[JOBS];
};

static void round_next(struct round *r);

static void round_end(struct round *r)
{
    free(r->list);
    r->list = NULL;
    r->n = r->at = 0;
    r->running = false;
}

/* One county's statement; takes params over.  A refusal ends this county's turn. */
static void submit(struct round *r, const char *statement, struct qm_pg_params *p,
                   uint32_t timeout_ms, qm_pg_done then)
{
    qm_err e = p ? qm_pg_submit(r->jobs->edge->pg, statement, p, timeout_ms, then, r) : QM_E_NOMEM;
    if (e != QM_OK) {
        qm_log(QM_LOG_WARN, "job-not-sent", "statement", QM_LS(statement), "why",
               QM_LS(qm_err_name(e)), NULL);
        round_next(r);
    }
}

static const struct county *here(const struct round *r)
{
    return &r->list[r->at];
}

/* ---- pictures ---- */

static void on_blobs_listed(void *ctx, const struct qm_pg_answer *a)
{
    struct round *r = ctx;
    if (qm_answer_err(a, "blob_note") == QM_OK && qm_pg_rows(a->result) == 1)
        qm_log(QM_LOG_INFO, "blobs-listed", "county", QM_LI(here(r)->county), "blobs",
               QM_LI(qm_pg_get_int(a->result, 0, 0)), NULL);
    round_next(r);
}

static void on_blobs_guarded(void *ctx, qm_err err)
{
    struct round *r = ctx;
    struct qm_pg_params *p = err == QM_OK ? qm_pg_params_new() : NULL;
    if (err != QM_OK) {
        round_next(r); /* nothing is added to a log that may not be signed */
        return;
    }
    if (p) {
        qm_pg_int4(p, here(r)->county);
        qm_pg_int8(p, qm_clock_ms());
    }
    qm_err e =
        p ? qm_tlog_submit(r->jobs->edge->tlog, here(r)->county, "blob_note", p, on_blobs_listed, r)
          : QM_E_NOMEM;
    if (e != QM_OK)
        round_next(r); /* the next round comes soon */
}

static void on_swept(void *ctx, const struct qm_pg_answer *a)
{
    struct round *r = ctx;
    if (qm_answer_err(a, "blob_sweep") == QM_OK && qm_pg_rows(a->result) == 1)
        qm_log(QM_LOG_INFO, "swept", "county", QM_LI(here(r)->county), "removed",
               QM_LI(qm_pg_get_int(a->result, 0, 0)), NULL);
    round_next(r);
}

static void sweep_step(struct round *r)
{
    struct qm_pg_params *p = qm_pg_params_new();
    if (p) {
        qm_pg_int4(p, here(r)->county);
        qm_pg_int8(p, qm_clock_ms());
    }
    submit(r, "blob_sweep", p, LONG_TIMEOUT_MS, on_swept);
}

/* ---- the night ---- */

static void on_noted(void *ctx, const struct qm_pg_answer *a)
{
    (void)qm_answer_err(a, "recount_note");
    round_next(ctx);
}

static void recount_note(struct round *r, int64_t differences)
{
    struct qm_pg_params *p = qm_pg_params_new();
    if (p) {
        qm_pg_int4(p, here(r)->county);
        qm_pg_int8(p, qm_clock_ms());
        qm_pg_int8(p, here(r)->size);
        qm_pg_int8(p, differences);
    }
    submit(r, "recount_note", p, 0, on_noted);
}

/* Those of every county's last recount, whichever instance made it and however long ago: nothing
 * but a recount that finds none takes one away. */
static void differences_show(const struct round *r)
{
    int64_t sum = 0;
    for (size_t i = 0; i < r->n; i++)
        sum += r->list[i].differences;
    qm_metric_set(QM_M_RECOUNT_DIFFERENCES, sum);
}

static void on_recount(void *ctx, const struct qm_pg_answer *a)
{
    struct round *r = ctx;
    if (qm_answer_err(a, "recount") != QM_OK) {
        round_next(r);
        return;
    }
    int n = qm_pg_rows(a->result);
    for (int i = 0; i < n && i < SHOWN_MAX; i++)
        qm_log(QM_LOG_ERROR, "recount-difference", "county", QM_LI(here(r)->county), "subject",
               QM_LS(qm_pg_get_text(a->result, i, 0)), "place",
               QM_LI(qm_pg_get_int(a->result, i, 1)), "kept", QM_LI(qm_pg_get_int(a->result, i, 2)),
               "counted", QM_LI(qm_pg_get_int(a->result, i, 3)), NULL);
    r->list[r->at].differences = n;
    differences_show(r);
    if (n == 0)
        qm_metric_set(QM_M_RECOUNT_LAST_OK_MS, qm_clock_ms());
    qm_log(QM_LOG_INFO, "recount", "county", QM_LI(here(r)->county), "differences", QM_LI(n), NULL);
    recount_note(r, n);
}

static void recount(struct round *r)
{
    char within[16];
    int len = snprintf(within, sizeof within, "%06d", here(r)->county);
    struct qm_pg_params *p = qm_pg_params_new();
    if (p) {
        qm_pg_int4(p, here(r)->county);
        qm_pg_text(p, within, (size_t)len);
    }
    submit(r, "recount", p, LONG_TIMEOUT_MS, on_recount);
}

static void on_groups_swept(void *ctx, const struct qm_pg_answer *a)
{
    struct round *r = ctx;
    if (qm_answer_err(a, "groups_sweep") == QM_OK && qm_pg_rows(a->result) == 1)
        qm_log(QM_LOG_INFO, "groups-removed", "county", QM_LI(here(r)->county), "people",
               QM_LI(qm_pg_get_int(a->result, 0, 0)), NULL);
    recount(r);
}

/* Care groups stay with people only while a target in force names them. */
static void groups_sweep(struct round *r)
{
    struct qm_pg_params *p = qm_pg_params_new();
    if (p) {
        qm_pg_int4(p, here(r)->county);
        qm_pg_date(p, qm_day_of_ms(qm_clock_ms()));
    }
    submit(r, "groups_sweep", p, LONG_TIMEOUT_MS, on_groups_swept);
}

static void on_parts_swept(void *ctx, const struct qm_pg_answer *a)
{
    struct round *r = ctx;
    if (qm_answer_err(a, "parts_sweep") == QM_OK && qm_pg_rows(a->result) == 1)
        qm_log(QM_LOG_INFO, "parts-swept", "county", QM_LI(here(r)->county), "removed",
               QM_LI(qm_pg_get_int(a->result, 0, 0)), NULL);
    groups_sweep(r);
}

/* Once a night: what a freeze left that was cut, groups that nobody needs, then the recount. */
static void recount_step(struct round *r)
{
    if (here(r)->recounted_ms >= r->due_ms) {
        round_next(r);
        return;
    }
    struct qm_pg_params *p = qm_pg_params_new();
    if (p) {
        qm_pg_int4(p, here(r)->county);
        qm_pg_int8(p, qm_clock_ms() - PART_AGE_MS);
    }
    submit(r, "parts_sweep", p, LONG_TIMEOUT_MS, on_parts_swept);
}

static void on_birthdays(void *ctx, const struct qm_pg_answer *a)
{
    struct round *r = ctx;
    if (qm_answer_err(a, "birthdays") == QM_OK && qm_pg_rows(a->result) == 1)
        qm_log(QM_LOG_INFO, "birthdays", "county", QM_LI(here(r)->county), "moved",
               QM_LI(qm_pg_get_int(a->result, 0, 0)), NULL);
    recount_step(r);
}

static void nightly_step(struct round *r)
{
    int32_t day = qm_day_of_ms(r->due_ms);
    if (here(r)->age_day >= day) {
        recount_step(r);
        return;
    }
    struct qm_pg_params *p = qm_pg_params_new();
    if (p) {
        qm_pg_int4(p, here(r)->county);
        qm_pg_date(p, day);
    }
    submit(r, "birthdays", p, LONG_TIMEOUT_MS, on_birthdays);
}

/* The newest instant of the nightly minute that is not in the future. */
static int64_t nightly_due(int64_t now_ms, int64_t minute)
{
    int64_t local = now_ms + ZONE_MS;
    int64_t due = local - local % DAY_MS + minute * 60000;
    if (due > local)
        due -= DAY_MS;
    return due - ZONE_MS;
}

/* ---- rounds ---- */

static void county_step(struct round *r)
{
    if (r->job == JOB_BLOBS)
        qm_tlog_guard(r->jobs->edge->tlog, here(r)->county, on_blobs_guarded, r);
    else if (r->job == JOB_SWEEP)
        sweep_step(r);
    else
        nightly_step(r);
}

/* The lists are short (a site has few counties), so that steps which end at once may nest. */
static void round_next(struct round *r)
{
    r->at++;
    if (r->at >= r->n || r->jobs->stopping)
        round_end(r);
    else
        county_step(r);
}

/* Columns of every list: county, size, age_day, last recount, its differences. */
static void on_list(void *ctx, const struct qm_pg_answer *a)
{
    struct round *r = ctx;
    int n = qm_answer_err(a, "jobs_counties") == QM_OK ? qm_pg_rows(a->result) : 0;
    r->list = n > 0 && !r->jobs->stopping ? calloc((size_t)n, sizeof *r->list) : NULL;
    if (!r->list) {
        round_end(r);
        return;
    }
    r->n = (size_t)n;
    for (int i = 0; i < n; i++)
        r->list[i] = (struct county){
            .county = (int)qm_pg_get_int(a->result, i, 0),
            .size = qm_pg_get_int(a->result, i, 1),
            .age_day = (int32_t)qm_pg_get_int(a->result, i, 2),
            .recounted_ms = qm_pg_is_null(a->result, i, 3) ? 0 : qm_pg_get_int(a->result, i, 3),
            .differences = qm_pg_is_null(a->result, i, 4) ? 0 : qm_pg_get_int(a->result, i, 4)};
    if (r->job == JOB_NIGHTLY)
        differences_show(r);
    county_step(r);
}

static void round_start(struct qm_jobs *j, enum job job)
{
    struct round *r = &j->round[job];
    if (r->running)
        return;
    r->due_ms = nightly_due(qm_clock_ms(), j->edge->config->nightly_minute);
    const char *list = job == JOB_BLOBS ? "jobs_blobs" : "jobs_counties";
    r->running = qm_pg_submit(j->edge->pg, list, NULL, 0, on_list, r) == QM_OK;
}

static void on_tick(uv_timer_t *timer)
{
    struct qm_jobs *j = timer->data;
    uint64_t s = j->seconds++;
    if (j->edge->host[0] == 0)
        return;
    qm_tlog_flush(j->edge->tlog);
    if (s % BLOBS_S == 0)
        round_start(j, JOB_BLOBS);
    if (s % SWEEP_S == SWEEP_S - 1)
        round_start(j, JOB_SWEEP);
    if (s % NIGHTLY_S == NIGHTLY_S - 1)
        round_start(j, JOB_NIGHTLY);
}

qm_err qm_jobs_start(struct qm_edge *edge, struct qm_jobs **out)
{
    struct qm_jobs *j = calloc(1, sizeof *j);
    if (!j)
        return QM_E_NOMEM;
    j->edge = edge;
    for (int i = 0; i < JOBS; i++)
        j->round[i] = (struct round){.jobs = j, .job = (enum job)i};
    uv_timer_init(edge->loop, &j->timer);
    j->timer.data = j;
    uv_timer_start(&j->timer, on_tick, qm_clock_second_ms(), qm_clock_second_ms());
    *out = j;
    return QM_OK;
}

void qm_jobs_stop(struct qm_jobs *j)
{
    j->stopping = true;
    if (!uv_is_closing((uv_handle_t *)&j->timer))
        uv_close((uv_handle_t *)&j->timer, NULL);
}

void qm_jobs_free(struct qm_jobs *j)
{
    for (int i = 0; j && i < JOBS; i++)
        free(j->round[i].list);
    free(j);
}
