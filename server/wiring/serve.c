/* serve.c - floor 5: `qiaomend serve`; see app.h.
 *
 * Happy path: app_start opens everything in order, the loop runs, a signal starts app_stop.
 * Stop: HTTP drains -> nothing is open any more -> database closes -> checkpoints are written ->
 * handles close -> the loop ends -> memory is freed -> exit 0.  What is still open after the drain
 * and a grace time (a database that hangs) is cut: the checkpoints are written and the process ends
 * without waiting; syncs may be repeated.
 */
#include "wiring/app.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/metrics.h"
#include "domain/device.h"
#include "domain/ingest.h"
#include "domain/ranking_store.h"
#include "domain/receipts.h"
#include "domain/tlog.h"
#include "edge/limit.h"
#include "edge/routes.h"
#include "edge/static.h"
#include "wiring/jobs.h"

enum {
    EXIT_STARTUP = 3,
    HEADERS_MAX_BYTES = 16384,
    PIPELINE_DEPTH = 8,
    POOL_JOBS_MAX = 4096,
    HOST_RETRY_MS = 1000,
    IDLE_POLL_MS = 10,
    GRACE_MS = 5000
};

/* ---- the host ---- */

static void on_host(void *ctx, const struct qm_pg_answer *a)
{
    struct qm_app *app = ctx;
    if (app->stopping || app->edge.host[0] != 0)
        return;
    if (a->err != QM_OK || qm_pg_rows(a->result) != 1)
        return; /* the timer asks again */
    const char *host = qm_pg_get_text(a->result, 0, 0);
    if (!qm_host_ok(host, strlen(host))) {
        qm_log(QM_LOG_ERROR, "host-refused", "todo", QM_LS("look at the table qm.site"), NULL);
        return;
    }
    snprintf(app->edge.host, sizeof app->edge.host, "%s", host);
    qm_log(QM_LOG_INFO, "ready", "host", QM_LS(app->edge.host), NULL);
    uv_timer_stop(&app->host_timer);
}

static void host_ask(uv_timer_t *timer)
{
    struct qm_app *app = timer->data;
    (void)qm_pg_submit(app->pg, "site_host", NULL, 0, on_host, app); /* asked again if refused */
}

/* ---- metrics ---- */

static void metrics_refresh(void *ctx)
{
    const struct qm_app *app = ctx;
    struct qm_pg_stats s;
    qm_pg_stats_get(app->pg, &s);
    qm_metric_set(QM_M_PG_UNITS, (int64_t)s.units);
    qm_metric_set(QM_M_PG_ERRORS, (int64_t)s.errors);
    qm_metric_set(QM_M_PG_UNKNOWN, (int64_t)s.unknown);
    qm_metric_set(QM_M_PG_RECONNECTS, (int64_t)s.reconnects);
    qm_metric_set(QM_M_PG_WAITING, (int64_t)s.waiting);
    qm_metric_set(QM_M_POOL_BUSY, (int64_t)qm_pool_busy(app->pool));
    struct qm_http_stats h;
    qm_http_stats_get(app->http, &h); /* also brings its own gauges up to date */
}

/* ---- start ---- */

static qm_err startup_fail(const char *what, qm_err err)
{
    qm_log(QM_LOG_ERROR, "not-started", "what", QM_LS(what), "why", QM_LS(qm_err_text(err, "en")),
           "todo", QM_LS(qm_err_todo(err, "en")), NULL);
    return err;
}

/* A setting whose value this machine does not take: which one, why, what to do. */
static qm_err setting_fail(const char *setting, const char *value, const char *why,
                           const char *todo)
{
    qm_log(QM_LOG_ERROR, "not-started", "what", QM_LS(setting), "value", QM_LS(value), "why",
           QM_LS(why), "todo", QM_LS(todo), NULL);
    return QM_E_IO;
}

static qm_err state_dir_open(const struct qm_app *app)
{
    const char *dir = app->config.state_dir;
    if ((mkdir(dir, 0755) != 0 && errno != EEXIST) || access(dir, W_OK | X_OK) != 0)
        return setting_fail("state_dir", dir, strerror(errno),
                            "make this folder and let the server's user write in it, or set "
                            "state_dir");
    return QM_OK;
}

static qm_err drivers_start(struct qm_app *app)
{
    const struct qm_config *c = &app->config;
    char queries[sizeof c->sql_dir + 16];
    snprintf(queries, sizeof queries, "%s/queries", c->sql_dir);
    struct qm_pg_config pg = {.conninfo = c->database,
                              .role = c->database_role,
                              .queries_dir = queries,
                              .connections = (int)c->db_connections,
                              .queue_max = (size_t)c->db_queue_max,
                              .timeout_ms = (uint32_t)c->db_timeout_ms,
                              .pipeline_depth = PIPELINE_DEPTH};
    qm_err e = qm_seal_load(c->master, (uint32_t)c->seal_epoch, &app->seal);
    if (e != QM_OK)
        return startup_fail("master", e);
    e = qm_pool_new(&app->loop, POOL_JOBS_MAX, &app->pool);
    if (e != QM_OK)
        return startup_fail("pool", e);
    e = qm_pg_start(&app->loop, &pg, &app->pg);
    return e == QM_OK ? e : startup_fail("database", e);
}

static bool syncs_wait(void *ctx)
{
    return qm_ingest_waiting(ctx) > 0;
}

static qm_err domain_start(struct qm_app *app)
{
    struct qm_edge *edge = &app->edge;
    *edge = (struct qm_edge){.loop = &app->loop,
                             .config = &app->config,
                             .pg = app->pg,
                             .pool = app->pool,
                             .seal = app->seal,
                             .metrics_refresh = metrics_refresh,
                             .metrics_ctx = app};
    struct qm_tlog_config tlog = {.pg = app->pg,
                                  .pool = app->pool,
                                  .seal = app->seal,
                                  .host = edge->host,
                                  .state_dir = app->config.state_dir};
    qm_err e = qm_limit_new(&edge->limit);
    if (e == QM_OK)
        e = qm_devices_new(app->pg, edge->host, &edge->devices);
    if (e == QM_OK)
        e = qm_tlog_new(&tlog, &edge->tlog);
    if (e == QM_OK) {
        struct qm_ingest_config ingest = {.pg = app->pg,
                                          .pool = app->pool,
                                          .seal = app->seal,
                                          .tlog = edge->tlog,
                                          .group_max_events = (size_t)app->config.group_max_events,
                                          .waiting_max = (size_t)app->config.group_wait_max};
        e = qm_ingest_new(&ingest, &edge->ingest);
    }
    if (e == QM_OK) {
        struct qm_receipts_config receipts = {.loop = &app->loop,
                                              .pg = app->pg,
                                              .pool = app->pool,
                                              .seal = app->seal,
                                              .tlog = edge->tlog,
                                              .host = edge->host};
        e = qm_receipts_new(&receipts, &edge->receipts);
    }
    if (e == QM_OK) {
        struct qm_ranking_config ranking = {.pg = app->pg,
                                            .pool = app->pool,
                                            .tlog = edge->tlog,
                                            .conninfo = app->config.database,
                                            .role = app->config.database_role,
                                            .syncs_wait = syncs_wait,
                                            .syncs_ctx = edge->ingest};
        e = qm_ranking_new(&ranking, &edge->ranking);
    }
    return e == QM_OK ? e : startup_fail("memory", e);
}

static qm_err pages_load(struct qm_app *app)
{
    struct qm_buf why;
    qm_buf_init(&why, 4096);
    qm_err e = qm_static_load(app->config.web_dir, &app->edge.pages, &why);
    if (e != QM_OK)
        qm_log(QM_LOG_ERROR, "not-started", "what", QM_LS("web_dir"), "why",
               QM_LS(why.len ? (const char *)why.p : qm_err_text(e, "en")), "todo",
               QM_LS("build the pages, or leave web_dir empty"), NULL);
    qm_buf_free(&why);
    return e;
}

static qm_err http_start(struct qm_app *app)
{
    const struct qm_config *c = &app->config;
    struct qm_http_config http = {.listen = c->listen,
                                  .bodies_max_bytes = (size_t)c->bodies_max_bytes,
                                  .request_timeout_ms = (uint32_t)c->request_timeout_ms,
                                  .connections_max = (uint32_t)c->connections_max,
                                  .headers_max_bytes = HEADERS_MAX_BYTES,
                                  .trust_forwarded = c->trust_forwarded};
    struct qm_http_handlers handlers = qm_routes_handlers(&app->edge);
    qm_err e = qm_http_start(&app->loop, &http, &handlers, &app->http);
    if (e == QM_E_INVALID) {
        (void)setting_fail("listen", c->listen, "this is no address",
                           "write 127.0.0.1:8080, [::1]:8080 or unix:/path/of/socket");
        return e;
    }
    if (e != QM_OK) {
        (void)setting_fail("listen", c->listen, qm_err_text(e, "en"),
                           "end the program that has this address, or set listen to another one");
        return e;
    }
    const char *path = strncmp(c->listen, "unix:", 5) == 0 ? c->listen + 5 : "";
    qm_log(QM_LOG_INFO, "listening", "port", QM_LI(qm_http_port(app->http)), "path", QM_LS(path),
           NULL);
    return QM_OK;
}

/* ---- stop ---- */

static void close_handle(uv_handle_t *h)
{
    if (!uv_is_closing(h))
        uv_close(h, NULL);
}

static void handles_close(struct qm_app *app)
{
    close_handle((uv_handle_t *)&app->sigterm);
    close_handle((uv_handle_t *)&app->sigint);
    close_handle((uv_handle_t *)&app->sighup);
    close_handle((uv_handle_t *)&app->host_timer);
}

static void on_pg_stopped(void *ctx)
{
    struct qm_app *app = ctx;
    app->pg = NULL;
    qm_tlog_flush_now(app->edge.tlog);
    qm_http_free(app->http);
    app->http = NULL;
    handles_close(app);
}

static void on_idle_poll(uv_timer_t *timer)
{
    struct qm_app *app = timer->data;
    bool open = app->edge.open_calls > 0 || qm_pool_busy(app->pool) > 0 ||
                qm_ingest_waiting(app->edge.ingest) > 0;
    if (open && ++app->idle_polls * IDLE_POLL_MS < GRACE_MS)
        return;
    uv_timer_stop(timer);
    if (!open) {
        qm_pg_stop(app->pg, (uint32_t)app->config.drain_timeout_ms, on_pg_stopped, app);
        return;
    }
    qm_log(QM_LOG_WARN, "cut-at-stop", "open", QM_LI(app->edge.open_calls), NULL);
    qm_tlog_flush_now(app->edge.tlog);
    _exit(EXIT_SUCCESS);
}

static void on_drained(void *ctx)
{
    struct qm_app *app = ctx;
    qm_jobs_stop(app->jobs);
    app->idle_polls = 0;
    uv_timer_start(&app->host_timer, on_idle_poll, 0, IDLE_POLL_MS);
}

static void on_stop_signal(uv_signal_t *handle, int signum)
{
    struct qm_app *app = handle->data;
    if (app->stopping)
        return;
    app->stopping = true;
    app->edge.draining = true;
    uv_timer_stop(&app->host_timer);
    qm_ranking_stop(app->edge.ranking);
    qm_log(QM_LOG_INFO, "stopping", "signal", QM_LI(signum), "open", QM_LI(app->edge.open_calls),
           NULL);
    qm_http_drain(app->http, (uint32_t)app->config.drain_timeout_ms, on_drained, app);
}

static void on_reload_signal(uv_signal_t *handle, int signum)
{
    (void)signum;
    struct qm_app *app = handle->data;
    struct qm_config fresh;
    struct qm_buf why;
    qm_buf_init(&why, 4096);
    qm_config_defaults(&fresh);
    qm_err e = qm_config_load(&fresh, app->config_file, app->argc, app->argv, &why);
    /* All or nothing: behind the statements nothing can fail. */
    if (e == QM_OK)
        e = qm_pg_reload(app->pg);
    if (e == QM_OK) {
        qm_config_reload(&app->config, &fresh);
        qm_log_open(STDERR_FILENO, (enum qm_log_level)app->config.log_level);
        qm_log(QM_LOG_INFO, "reloaded", NULL);
    } else {
        qm_log(QM_LOG_ERROR, "not-reloaded", "why",
               QM_LS(why.len ? (const char *)why.p : qm_err_text(e, "en")), NULL);
    }
    qm_buf_free(&why);
}

/* ---- all of it ---- */

static void signals_start(struct qm_app *app)
{
    struct sigaction ignore = {.sa_handler = SIG_IGN};
    sigaction(SIGPIPE, &ignore, NULL);
    uv_signal_init(&app->loop, &app->sigterm);
    uv_signal_init(&app->loop, &app->sigint);
    uv_signal_init(&app->loop, &app->sighup);
    app->sigterm.data = app->sigint.data = app->sighup.data = app;
    uv_signal_start(&app->sigterm, on_stop_signal, SIGTERM);
    uv_signal_start(&app->sigint, on_stop_signal, SIGINT);
    uv_signal_start(&app->sighup, on_reload_signal, SIGHUP);
}

static qm_err app_start(struct qm_app *app)
{
    qm_err e = state_dir_open(app);
    if (e == QM_OK)
        e = drivers_start(app);
    if (e == QM_OK)
        e = domain_start(app);
    if (e == QM_OK)
        e = pages_load(app);
    if (e == QM_OK)
        e = http_start(app);
    if (e == QM_OK)
        e = qm_jobs_start(&app->edge, &app->jobs);
    if (e != QM_OK)
        return e;
    signals_start(app);
    uv_timer_init(&app->loop, &app->host_timer);
    app->host_timer.data = app;
    uv_timer_start(&app->host_timer, host_ask, 0, HOST_RETRY_MS);
    return QM_OK;
}

static void app_free(struct qm_app *app)
{
    qm_jobs_free(app->jobs);
    qm_receipts_free(app->edge.receipts);
    qm_ranking_free(app->edge.ranking);
    qm_ingest_free(app->edge.ingest);
    qm_tlog_free(app->edge.tlog);
    qm_devices_free(app->edge.devices);
    qm_limit_free(app->edge.limit);
    qm_static_free(app->edge.pages);
    qm_pool_free(app->pool);
    qm_seal_free(app->seal);
    if (uv_loop_close(&app->loop) != 0)
        QM_BUG("a handle of the loop was left open");
    free(app);
}

int qm_serve(const struct qm_config *config, const char *config_file, int argc, char **argv)
{
    struct qm_app *app = calloc(1, sizeof *app);
    if (!app || uv_loop_init(&app->loop) != 0) {
        free(app);
        return EXIT_STARTUP;
    }
    app->config = *config;
    app->config_file = config_file;
    app->argc = argc;
    app->argv = argv;
    if (app_start(app) != QM_OK)
        return EXIT_STARTUP; /* nothing was taken on yet: the process ends and with it all it has */
    uv_run(&app->loop, UV_RUN_DEFAULT);
    qm_log(QM_LOG_INFO, "stopped", NULL);
    app_free(app);
    return EXIT_SUCCESS;
}
