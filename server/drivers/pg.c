/* pg.c - floor 2: the pool of pipelined connections; see pg.h for what callers may rely on.
 *
 * Happy path: submit checks the unit and appends it to the waiting list; a 0 ms timer lets the loop
 * dispatch it, oldest first, to the connection with the fewest running units, at most
 * pipeline_depth on each and none behind one with more time than usual; pg_conn.c reports it
 * through qm_pg_finish. No callback ever runs inside submit. Failure modes: a full queue refuses at
 * once; a unit that waits too long is dropped unsent; one that runs too long costs its connection
 * (its neighbours there get an unknown outcome too); a stop fails what waits and gives what runs
 * its time. While no connection is up units wait for one until their deadlines.
 *
 * Deadlines are looked at every TICK_MS while there are units, not by a timer each.
 */
#include "drivers/pg_private.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"

enum { TICK_MS = 20 };

uint64_t qm_pg_now_ms(void)
{
    return uv_hrtime() / 1000000;
}

/* ---- lists and units ---- */

static void list_push(struct qm_pg_list *l, struct qm_pg_unit *u)
{
    u->next = NULL;
    if (l->last != NULL) {
        l->last->next = u;
    } else {
        l->first = u;
    }
    l->last = u;
    l->count++;
}

static struct qm_pg_unit *list_pop(struct qm_pg_list *l)
{
    struct qm_pg_unit *u = l->first;
    if (u != NULL) {
        l->first = u->next;
        l->last = l->first != NULL ? l->last : NULL;
        l->count--;
    }
    return u;
}

static void on_kick(uv_timer_t *t);

static void kick(struct qm_pg *pg)
{
    if (!pg->closing) {
        (void)uv_timer_start(&pg->kick, on_kick, 0, 0);
    }
}

void qm_pg_finish(struct qm_pg *pg, struct qm_pg_unit *u, const struct qm_pg_answer *a)
{
    qm_pg_done done = u->done;
    void *ctx = u->ctx;
    pg->units--;
    pg->stats.units++;
    pg->stats.errors += a->err == QM_E_DB ? 1 : 0;
    pg->stats.unknown += a->err == QM_E_UNKNOWN_OUTCOME ? 1 : 0;
    qm_pg_params_free(u->params);
    free(u);
    if (pg->draining) {
        kick(pg);
    }
    done(ctx, a);
}

void qm_pg_fail(struct qm_pg *pg, struct qm_pg_unit *u, qm_err err)
{
    struct qm_pg_answer a = {.err = err, .message = ""};
    qm_pg_finish(pg, u, &a);
}

/* ---- sending ---- */

static bool takes_units(const struct qm_pg_conn *k)
{
    return k->state == QM_PG_READY && !k->retire;
}

/* A unit behind one that may take an hour would reach its own deadline there, and that costs the
 * connection and both: while another connection is up, none is sent there. */
static struct qm_pg_conn *choose(struct qm_pg *pg)
{
    struct qm_pg_conn *best = NULL;
    bool quick = false; /* is there a connection without a slow unit? */
    for (int i = 0; i < pg->connections; i++) {
        quick = quick || (takes_units(&pg->conns[i]) && pg->conns[i].slow == 0);
    }
    for (int i = 0; i < pg->connections; i++) {
        struct qm_pg_conn *k = &pg->conns[i];
        bool usable = takes_units(k) && k->running < pg->pipeline_depth && (k->slow == 0 || !quick);
        if (usable && (best == NULL || k->running < best->running)) {
            best = k;
        }
    }
    return best;
}

void qm_pg_dispatch(struct qm_pg *pg)
{
    while (pg->waiting.first != NULL && !pg->draining) {
        struct qm_pg_conn *k = choose(pg);
        if (k == NULL) {
            return;
        }
        struct qm_pg_unit *u = list_pop(&pg->waiting);
        int statement = qm_pg_statements_find(pg->statements, u->statement);
        if (u->deadline_ms <= qm_pg_now_ms()) {
            qm_pg_fail(pg, u, QM_E_TIMEOUT);
        } else if (statement < 0) { /* a reload took it away */
            qm_pg_fail(pg, u, QM_E_INVALID);
        } else if (u->bound && u->reconnects != pg->stats.reconnects) {
            qm_pg_fail(pg, u, QM_E_OVERLOAD);
        } else {
            qm_pg_conn_send(k, statement, u);
        }
    }
}

static void fail_waiting(struct qm_pg *pg)
{
    struct qm_pg_unit *u;
    while ((u = list_pop(&pg->waiting)) != NULL) {
        qm_pg_fail(pg, u, QM_E_OVERLOAD);
    }
}

static void close_all(struct qm_pg *pg);

static void on_kick(uv_timer_t *t)
{
    struct qm_pg *pg = t->data;
    qm_pg_dispatch(pg);
    if (pg->draining) {
        fail_waiting(pg);
        if (pg->units == 0) {
            close_all(pg);
        }
    }
}

/* ---- deadlines ---- */

static void expire_waiting(struct qm_pg *pg, uint64_t now_ms)
{
    struct qm_pg_list late = {0}, rest = {0};
    struct qm_pg_unit *u;
    while ((u = list_pop(&pg->waiting)) != NULL) {
        list_push(u->deadline_ms <= now_ms ? &late : &rest, u);
    }
    pg->waiting = rest;
    while ((u = list_pop(&late)) != NULL) { /* callbacks may submit */
        qm_pg_fail(pg, u, QM_E_TIMEOUT);
    }
}

static void on_tick(uv_timer_t *t)
{
    struct qm_pg *pg = t->data;
    uint64_t now_ms = qm_pg_now_ms();
    expire_waiting(pg, now_ms);
    for (int i = 0; i < pg->connections; i++) {
        struct qm_pg_conn *k = &pg->conns[i];
        if (qm_pg_conn_expired(k, now_ms)) {
            qm_pg_conn_catch_up(k); /* if the loop was late, the answer may be here */
            if (qm_pg_conn_expired(k, now_ms)) {
                qm_pg_conn_break(k, "deadline");
            }
        }
    }
    qm_pg_dispatch(pg);
    if (pg->units == 0) {
        (void)uv_timer_stop(&pg->tick);
    }
}

/* ---- start, submit, reload ---- */

/* Goes into a list of command-line options: nothing but the letters of plain role names. */
static bool role_ok(const char *role)
{
    size_t plain = strspn(role, "abcdefghijklmnopqrstuvwxyz0123456789_");
    return plain < 64 && role[plain] == '\0';
}

static bool config_ok(const struct qm_pg_config *cfg)
{
    char *why = NULL;
    PQconninfoOption *options = PQconninfoParse(cfg->conninfo, &why);
    bool parses = options != NULL;
    PQconninfoFree(options);
    PQfreemem(why);
    return parses && (cfg->role == NULL || role_ok(cfg->role)) && cfg->connections >= 1 &&
           cfg->connections <= QM_PG_CONNECTIONS_MAX && cfg->queue_max >= 1 &&
           cfg->timeout_ms >= 1 && cfg->pipeline_depth >= 1 && cfg->pipeline_depth <= 65536;
}

static void free_pool(struct qm_pg *pg)
{
    for (int i = 0; pg->conns != NULL && i < pg->connections; i++) {
        free(pg->conns[i].steps);
    }
    free(pg->conns);
    qm_pg_statements_release(pg->statements);
    if (pg->conninfo != NULL) {
        explicit_bzero(pg->conninfo, strlen(pg->conninfo)); /* may hold a password */
    }
    free(pg->conninfo);
    free(pg->queries_dir);
    free(pg);
}

static qm_err make_pool(struct qm_pg *pg, const struct qm_pg_config *cfg)
{
    pg->queue_max = cfg->queue_max;
    pg->timeout_ms = cfg->timeout_ms;
    pg->pipeline_depth = cfg->pipeline_depth;
    pg->connections = cfg->connections;
    if (cfg->role != NULL && cfg->role[0] != '\0') {
        (void)snprintf(pg->options, sizeof pg->options, QM_PG_OPTIONS " -c role=%s", cfg->role);
    }
    pg->conninfo = strdup(cfg->conninfo);
    pg->queries_dir = strdup(cfg->queries_dir);
    pg->conns = calloc((size_t)cfg->connections, sizeof *pg->conns);
    if (pg->conninfo == NULL || pg->queries_dir == NULL || pg->conns == NULL) {
        return QM_E_NOMEM;
    }
    for (int i = 0; i < pg->connections; i++) {
        struct qm_pg_conn *k = &pg->conns[i];
        k->pg = pg;
        k->number = i;
        k->backoff_ms = QM_PG_BACKOFF_FIRST_MS;
        k->steps_max = (size_t)cfg->pipeline_depth * QM_PG_STEPS_PER_UNIT;
        k->steps = calloc(k->steps_max, sizeof *k->steps);
        if (k->steps == NULL) {
            return QM_E_NOMEM;
        }
    }
    return qm_pg_statements_read(pg->queries_dir, &pg->statements);
}

static void start_handles(struct qm_pg *pg)
{
    uv_timer_t *timers[] = {&pg->kick, &pg->tick, &pg->stop_timer};
    for (int i = 0; i < 3; i++) {
        (void)uv_timer_init(pg->loop, timers[i]);
        timers[i]->data = pg;
    }
    pg->handles = 3 + pg->connections;
    for (int i = 0; i < pg->connections; i++) {
        struct qm_pg_conn *k = &pg->conns[i];
        (void)uv_timer_init(pg->loop, &k->timer);
        k->timer.data = k;
        qm_pg_conn_open(k);
    }
}

qm_err qm_pg_start(uv_loop_t *loop, const struct qm_pg_config *cfg, struct qm_pg **out)
{
    if (!config_ok(cfg)) {
        return QM_E_INVALID;
    }
    struct qm_pg *pg = calloc(1, sizeof *pg);
    if (pg == NULL) {
        return QM_E_NOMEM;
    }
    pg->loop = loop;
    qm_err err = make_pool(pg, cfg);
    if (err != QM_OK) {
        free_pool(pg);
        return err;
    }
    start_handles(pg);
    *out = pg;
    return QM_OK;
}

/* Why the unit cannot be taken; QM_OK if it can. */
static qm_err check_unit(struct qm_pg *pg, const char *statement, const struct qm_pg_params *params)
{
    int i = qm_pg_statements_find(pg->statements, statement);
    if (params != NULL && params->err != QM_OK) {
        return params->err;
    }
    if (i < 0 || (params != NULL && params->in_array)) {
        QM_BUG("no such statement, or an array left open");
        return QM_E_INVALID;
    }
    struct qm_pg_statement *s = &pg->statements->list[i];
    if (params == NULL && s->params > 0) {
        return QM_E_NOMEM; /* what qm_pg_params_new returned was not looked at */
    }
    qm_err err = qm_pg_statement_accepts(s, params);
    if (err != QM_OK) {
        QM_BUG("parameters do not belong to the statement");
    }
    return err;
}

/* Takes params over; the unit waits for its place in the list. */
static qm_err make_unit(struct qm_pg *pg, const char *statement, struct qm_pg_params *params,
                        struct qm_pg_unit **out)
{
    qm_err err = QM_E_OVERLOAD;
    if (!pg->draining && pg->units < pg->queue_max) {
        err = check_unit(pg, statement, params);
    }
    if (err == QM_OK) {
        *out = calloc(1, sizeof **out);
        err = *out == NULL ? QM_E_NOMEM : QM_OK;
    }
    if (err != QM_OK) {
        qm_pg_params_free(params);
        return err;
    }
    (*out)->params = params;
    /* A known name: it fits. */
    (void)snprintf((*out)->statement, sizeof(*out)->statement, "%s", statement);
    return QM_OK;
}

static void enqueue(struct qm_pg *pg, struct qm_pg_unit *u, uint32_t timeout_ms, qm_pg_done done,
                    void *ctx)
{
    u->timeout_ms = timeout_ms != 0 ? timeout_ms : pg->timeout_ms;
    u->deadline_ms = qm_pg_now_ms() + u->timeout_ms;
    u->done = done;
    u->ctx = ctx;
    list_push(&pg->waiting, u);
    pg->units++;
    kick(pg);
    if (!uv_is_active((uv_handle_t *)&pg->tick)) {
        (void)uv_timer_start(&pg->tick, on_tick, TICK_MS, TICK_MS);
    }
}

qm_err qm_pg_submit(struct qm_pg *pg, const char *statement, struct qm_pg_params *params,
                    uint32_t timeout_ms, qm_pg_done done, void *ctx)
{
    struct qm_pg_unit *u = NULL;
    qm_err err = make_unit(pg, statement, params, &u);
    if (err == QM_OK) {
        enqueue(pg, u, timeout_ms, done, ctx);
    }
    return err;
}

qm_err qm_pg_submit_to(struct qm_pg *pg, uint64_t reconnects, const char *statement,
                       struct qm_pg_params *params, uint32_t timeout_ms, qm_pg_done done, void *ctx)
{
    struct qm_pg_unit *u = NULL;
    if (reconnects != pg->stats.reconnects) {
        qm_pg_params_free(params);
        return QM_E_OVERLOAD;
    }
    qm_err err = make_unit(pg, statement, params, &u);
    if (err == QM_OK) {
        u->bound = true;
        u->reconnects = reconnects;
        enqueue(pg, u, timeout_ms, done, ctx);
    }
    return err;
}

qm_err qm_pg_reload(struct qm_pg *pg)
{
    struct qm_pg_statements *fresh = NULL;
    qm_err err = qm_pg_statements_read(pg->queries_dir, &fresh);
    if (err != QM_OK) {
        return err;
    }
    qm_pg_statements_release(pg->statements);
    pg->statements = fresh;
    pg->generation++;
    for (int i = 0; i < pg->connections; i++) {
        qm_pg_conn_forget_statements(&pg->conns[i]);
    }
    return QM_OK;
}

struct qm_pg_statements *qm_pg_statements_of(const struct qm_pg *pg)
{
    return qm_pg_statements_hold(pg->statements);
}

void qm_pg_stats_get(const struct qm_pg *pg, struct qm_pg_stats *out)
{
    *out = pg->stats;
    out->waiting = pg->waiting.count;
    out->running = pg->units - pg->waiting.count;
}

/* ---- stop ---- */

void qm_pg_handle_closed(struct qm_pg *pg)
{
    pg->handles--;
    if (pg->closing && pg->handles == 0) {
        void (*stopped)(void *) = pg->stopped;
        void *ctx = pg->stopped_ctx;
        free_pool(pg);
        stopped(ctx);
    }
}

static void on_own_timer_closed(uv_handle_t *h)
{
    qm_pg_handle_closed(h->data);
}

static void close_all(struct qm_pg *pg)
{
    if (pg->closing) {
        return;
    }
    pg->closing = true;
    for (int i = 0; i < pg->connections; i++) {
        qm_pg_conn_close(&pg->conns[i]);
    }
    uv_close((uv_handle_t *)&pg->kick, on_own_timer_closed);
    uv_close((uv_handle_t *)&pg->tick, on_own_timer_closed);
    uv_close((uv_handle_t *)&pg->stop_timer, on_own_timer_closed);
}

static void on_stop_timeout(uv_timer_t *t)
{
    struct qm_pg *pg = t->data;
    fail_waiting(pg);
    for (int i = 0; i < pg->connections; i++) {
        qm_pg_conn_break(&pg->conns[i], "stop");
    }
    close_all(pg);
}

void qm_pg_stop(struct qm_pg *pg, uint32_t timeout_ms, void (*done)(void *), void *ctx)
{
    if (pg->draining) {
        QM_BUG("stopped twice");
        return;
    }
    pg->draining = true;
    pg->stopped = done;
    pg->stopped_ctx = ctx;
    (void)uv_timer_start(&pg->stop_timer, on_stop_timeout, timeout_ms, 0);
    kick(pg);
}
