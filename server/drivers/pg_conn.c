/* pg_conn.c - floor 2: one connection of the pool.
 *
 *   AWAY -> CONNECTING -> READY -> AWAY (broken) ... -> CLOSED
 *
 * Happy path: PQconnectPoll moves the connection on whenever its socket is ready; a unit is sent as
 * up to four steps, each with a sync of its own: SET statement_timeout when the unit's differs,
 * DEALLOCATE after a reload, PREPARE at the statement's first use here, EXECUTE. Results come back
 * in the same order; a step is over when its PGRES_PIPELINE_SYNC arrives, and only then, without an
 * error since the previous one, is its unit reported as done. Failure modes: a step that fails
 * leaves its neighbours whole, because each sync ends a transaction; a socket that fails, a host
 * that does not answer in time, a unit whose deadline passes: the connection is closed, its units
 * are reported with an unknown outcome, and it connects again after a pause that doubles.
 *
 * A poll handle must let go of its descriptor before libpq may close it, because the next socket
 * often gets the same number: while connecting the handle is made anew for every step.
 */
#include "drivers/pg_private.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"

enum { BACKOFF_MAX_MS = 2000, BACKOFF_SPREAD_MS = 7, ENDS_MAX = 3 };

static void on_poll(uv_poll_t *h, int status, int events);
static void on_timer(uv_timer_t *t);
static bool read_results(struct qm_pg_conn *k);

/* ---- socket and timer ---- */

static void on_poll_closed(uv_handle_t *h)
{
    struct qm_pg_conn *k = h->data;
    free(h);
    qm_pg_handle_closed(k->pg);
}

static void poll_close(struct qm_pg_conn *k)
{
    if (k->poll != NULL) {
        uv_close((uv_handle_t *)k->poll, on_poll_closed);
        k->poll = NULL;
    }
}

static bool poll_open(struct qm_pg_conn *k, int events)
{
    uv_poll_t *h = malloc(sizeof *h);
    if (h == NULL) {
        return false;
    }
    if (uv_poll_init(k->pg->loop, h, PQsocket(k->c)) != 0) {
        free(h);
        return false;
    }
    h->data = k;
    k->poll = h;
    k->pg->handles++;
    return uv_poll_start(h, events, on_poll) == 0;
}

/* Sends what libpq holds; asks for writability only while something is left. */
static bool flush(struct qm_pg_conn *k)
{
    int left = PQflush(k->c);
    return left >= 0 &&
           uv_poll_start(k->poll, left > 0 ? UV_READABLE | UV_WRITABLE : UV_READABLE, on_poll) == 0;
}

static void start_timer(struct qm_pg_conn *k, uint64_t after_ms)
{
    (void)uv_timer_start(&k->timer, on_timer, after_ms, 0);
}

/* ---- connecting ---- */

void qm_pg_ignore_notice(void *ctx, const char *message)
{
    (void)ctx; /* a notice may quote data, and nobody waits for it */
    (void)message;
}

static void connected(struct qm_pg_conn *k)
{
    if (PQsetnonblocking(k->c, 1) != 0 || PQenterPipelineMode(k->c) != 1 ||
        !poll_open(k, UV_READABLE)) {
        qm_pg_conn_break(k, "setup");
        return;
    }
    (void)uv_timer_stop(&k->timer);
    k->state = QM_PG_READY;
    k->pg->stats.connections++;
    k->pg->stats.reconnects += k->was_ready ? 1 : 0;
    k->was_ready = true;
    qm_log(QM_LOG_INFO, "pg_connected", "connection", QM_LI(k->number), NULL);
    qm_pg_dispatch(k->pg);
}

static void connect_step(struct qm_pg_conn *k)
{
    poll_close(k);
    PostgresPollingStatusType next = PQconnectPoll(k->c);
    if (next == PGRES_POLLING_OK) {
        connected(k);
    } else if (next == PGRES_POLLING_FAILED ||
               !poll_open(k, next == PGRES_POLLING_READING ? UV_READABLE : UV_WRITABLE)) {
        qm_pg_conn_break(k, "connect");
    }
}

void qm_pg_conn_open(struct qm_pg_conn *k)
{
    struct qm_pg_target target;
    k->state = QM_PG_CONNECTING;
    if (qm_pg_target_read(k->pg->conninfo, k->turn, &target) == QM_OK) {
        k->c = qm_pg_target_connect(k->pg->conninfo, k->pg->options, &target);
        start_timer(k, target.timeout_ms);
        qm_pg_target_free(&target);
    }
    if (k->c == NULL || PQstatus(k->c) == CONNECTION_BAD) {
        qm_pg_conn_break(k, "connect");
        return;
    }
    (void)PQsetNoticeProcessor(k->c, qm_pg_ignore_notice, NULL);
    if (!poll_open(k, UV_WRITABLE)) { /* as if PQconnectPoll had last asked to write */
        qm_pg_conn_break(k, "connect");
    }
}

static void on_timer(uv_timer_t *t)
{
    struct qm_pg_conn *k = t->data;
    if (k->state == QM_PG_AWAY) {
        qm_pg_conn_open(k);
    } else if (k->state == QM_PG_CONNECTING) {
        k->turn++; /* libpq was left waiting for one host: begin with the next */
        qm_pg_conn_break(k, "connect timeout");
    }
}

/* ---- breaking and closing ---- */

static bool is_slow(const struct qm_pg_conn *k, const struct qm_pg_unit *u)
{
    return u != NULL && u->timeout_ms > k->pg->timeout_ms;
}

static struct qm_pg_step pop_step(struct qm_pg_conn *k)
{
    struct qm_pg_step s = k->steps[k->first];
    k->first = (k->first + 1) % k->steps_max;
    k->count--;
    k->running -= s.unit != NULL ? 1 : 0;
    k->slow -= is_slow(k, s.unit) ? 1 : 0;
    return s;
}

static void clear_front(struct qm_pg_conn *k)
{
    PQclear(k->last);
    k->last = NULL;
    k->failed = false;
    k->sqlstate[0] = k->message[0] = '\0';
}

static void forget_prepared(struct qm_pg_conn *k)
{
    for (int i = 0; i < QM_PG_STATEMENTS_MAX; i++) {
        free(k->prepared[i].message);
    }
    memset(k->prepared, 0, sizeof k->prepared);
}

void qm_pg_conn_forget_statements(struct qm_pg_conn *k)
{
    forget_prepared(k);
    k->deallocate = k->state == QM_PG_READY;
}

static void disconnect(struct qm_pg_conn *k, enum qm_pg_conn_state state)
{
    poll_close(k);
    PQfinish(k->c);
    k->c = NULL;
    k->pg->stats.connections -= k->state == QM_PG_READY ? 1 : 0;
    k->state = state;
    k->retire = k->deallocate = false;
    k->statement_timeout_ms = 0;
    clear_front(k);
    forget_prepared(k);
}

void qm_pg_conn_catch_up(struct qm_pg_conn *k)
{
    if (k->state == QM_PG_READY) {
        (void)PQconsumeInput(k->c);
        (void)read_results(k);
    }
}

void qm_pg_conn_break(struct qm_pg_conn *k, const char *why)
{
    if (k->state == QM_PG_AWAY || k->state == QM_PG_CLOSED) {
        return;
    }
    qm_pg_conn_catch_up(k); /* of what is committed, as much as possible is known */
    qm_log(QM_LOG_WARN, "pg_connection_lost", "connection", QM_LI(k->number), "at", QM_LS(why),
           "units", QM_LI(k->running), NULL);
    disconnect(k, QM_PG_AWAY);
    start_timer(k, k->backoff_ms + (uint32_t)k->number * BACKOFF_SPREAD_MS);
    k->backoff_ms = k->backoff_ms >= BACKOFF_MAX_MS / 2 ? BACKOFF_MAX_MS : k->backoff_ms * 2;
    while (k->count > 0) { /* nobody adds: it is not ready */
        struct qm_pg_step s = pop_step(k);
        if (s.unit != NULL) {
            qm_pg_fail(k->pg, s.unit, QM_E_UNKNOWN_OUTCOME);
        }
    }
}

static void on_timer_closed(uv_handle_t *h)
{
    struct qm_pg_conn *k = h->data;
    qm_pg_handle_closed(k->pg);
}

void qm_pg_conn_close(struct qm_pg_conn *k)
{
    disconnect(k, QM_PG_CLOSED);
    uv_close((uv_handle_t *)&k->timer, on_timer_closed);
}

/* ---- sending ---- */

static void push_step(struct qm_pg_conn *k, enum qm_pg_step_kind kind, int statement,
                      struct qm_pg_unit *u)
{
    /* There is room: the pool sends at most pipeline_depth units. */
    k->steps[(k->first + k->count) % k->steps_max] = (struct qm_pg_step){
        .kind = kind, .statement = statement, .generation = k->pg->generation, .unit = u};
    k->count++;
    k->running += u != NULL ? 1 : 0;
    k->slow += is_slow(k, u) ? 1 : 0;
}

static bool send_plain(struct qm_pg_conn *k, const char *sql)
{
    push_step(k, QM_PG_STEP_PLAIN, 0, NULL);
    return PQsendQueryParams(k->c, sql, 0, NULL, NULL, NULL, NULL, 1) == 1 &&
           PQpipelineSync(k->c) == 1;
}

/* The server gives up a little earlier than we do, which keeps the connection.  PostgreSQL knows no
 * such limit per statement, so it is set when it changes. */
static bool send_timeout(struct qm_pg_conn *k, uint32_t timeout_ms)
{
    char sql[64];
    uint32_t ms = timeout_ms - timeout_ms / 10;
    (void)snprintf(sql, sizeof sql, "SET statement_timeout = %u", ms > INT32_MAX ? INT32_MAX : ms);
    k->statement_timeout_ms = timeout_ms;
    return send_plain(k, sql);
}

static bool send_prepare(struct qm_pg_conn *k, int statement, const struct qm_pg_params *p)
{
    const struct qm_pg_statement *s = &k->pg->statements->list[statement];
    k->prepared[statement].sent = true;
    push_step(k, QM_PG_STEP_PREPARE, statement, NULL);
    return PQsendPrepare(k->c, s->name, s->sql, p == NULL ? 0 : p->count,
                         p == NULL ? NULL : p->types) == 1 &&
           PQpipelineSync(k->c) == 1;
}

static bool send_execute(struct qm_pg_conn *k, int statement, struct qm_pg_unit *u)
{
    struct qm_pg_bound b;
    qm_pg_bind(u->params, &b);
    push_step(k, QM_PG_STEP_EXECUTE, statement, u);
    return PQsendQueryPrepared(k->c, u->statement, b.count, b.values,
                               u->params == NULL ? NULL : u->params->lengths, b.formats, 1) == 1 &&
           PQpipelineSync(k->c) == 1;
}

void qm_pg_conn_send(struct qm_pg_conn *k, int statement, struct qm_pg_unit *u)
{
    bool ok = true;
    if (k->statement_timeout_ms != u->timeout_ms) {
        ok = send_timeout(k, u->timeout_ms);
    }
    if (ok && k->deallocate) {
        k->deallocate = false;
        ok = send_plain(k, "DEALLOCATE ALL");
    }
    if (ok && !k->prepared[statement].sent) {
        ok = send_prepare(k, statement, u->params);
    }
    if (!ok) { /* the unit joins the others of this connection */
        push_step(k, QM_PG_STEP_EXECUTE, statement, u);
    } else {
        ok = send_execute(k, statement, u);
    }
    if (!ok || !flush(k)) {
        qm_pg_conn_break(k, "send");
    }
}

bool qm_pg_conn_expired(const struct qm_pg_conn *k, uint64_t now_ms)
{
    for (size_t i = 0; i < k->count; i++) {
        const struct qm_pg_unit *u = k->steps[(k->first + i) % k->steps_max].unit;
        if (u != NULL && u->deadline_ms <= now_ms) {
            return true;
        }
    }
    return false;
}

/* ---- receiving ---- */

static void note_failure(struct qm_pg_conn *k, const PGresult *res, const char *otherwise)
{
    if (k->failed) {
        return; /* the first error says why */
    }
    k->failed = true;
    if (PQresultStatus(res) == PGRES_FATAL_ERROR) {
        qm_pg_error_text(res, k->sqlstate, k->message);
    } else {
        (void)snprintf(k->message, sizeof k->message, "%s", otherwise);
    }
}

static void prepared(struct qm_pg_conn *k, const struct qm_pg_step *s, bool ok)
{
    if (s->generation != k->pg->generation) {
        return; /* the statements were read again meanwhile */
    }
    struct qm_pg_prepared *p = &k->prepared[s->statement];
    free(p->message);
    p->message = NULL;
    p->sqlstate[0] = '\0';
    bool there = strcmp(k->sqlstate, "42P05") == 0; /* prepared twice after a failure: no harm */
    if (!ok && !there) {
        p->sent = false; /* the next unit tries again */
        memcpy(p->sqlstate, k->sqlstate, sizeof p->sqlstate);
        p->message = strdup(k->message);
    }
}

/* What an SQLSTATE says about the connection rather than the unit. */
static void learn(struct qm_pg_conn *k, const struct qm_pg_step *s)
{
    bool unknown_statement = strcmp(k->sqlstate, "26000") == 0;
    if (unknown_statement && s->generation == k->pg->generation) {
        struct qm_pg_prepared *p = &k->prepared[s->statement];
        if (p->sqlstate[0] != '\0') { /* it could not be prepared: say why */
            memcpy(k->sqlstate, p->sqlstate, sizeof k->sqlstate);
            (void)snprintf(k->message, sizeof k->message, "%s", p->message ? p->message : "");
        } else {
            p->sent = false;
        }
    } else if (strcmp(k->sqlstate, "0A000") == 0) { /* "cached plan must not change result type" */
        qm_pg_conn_forget_statements(k);
    } else if (strcmp(k->sqlstate, "25006") == 0) { /* read only: no longer the primary */
        k->retire = true;
    }
}

static void executed(struct qm_pg_conn *k, const struct qm_pg_step *s, bool ok)
{
    struct qm_pg_result result = {k->last};
    struct qm_pg_answer a = {.err = QM_OK, .result = &result, .message = ""};
    char message[QM_PG_MESSAGE_MAX_BYTES];
    if (!ok) {
        learn(k, s);
        memcpy(message, k->message, sizeof message);
        memcpy(a.sqlstate, k->sqlstate, sizeof a.sqlstate);
        a.err = QM_E_DB;
        a.result = NULL;
        a.message = message;
    }
    k->last = NULL; /* the callback may do what it likes with the pool */
    clear_front(k);
    qm_pg_finish(k->pg, s->unit, &a);
    PQclear(result.res);
}

/* The sync of the step in front has come: what it did is committed, unless an error came first. */
static void end_step(struct qm_pg_conn *k)
{
    struct qm_pg_step s = pop_step(k);
    bool ok = !k->failed && k->last != NULL;
    k->backoff_ms = QM_PG_BACKOFF_FIRST_MS;
    if (s.kind == QM_PG_STEP_EXECUTE) {
        executed(k, &s, ok);
        return;
    }
    if (s.kind == QM_PG_STEP_PREPARE) {
        prepared(k, &s, ok);
    }
    clear_front(k);
}

/* False if the connection cannot go on. */
static bool take_result(struct qm_pg_conn *k, PGresult *res)
{
    bool goes_on = true;
    switch (PQresultStatus(res)) {
    case PGRES_PIPELINE_SYNC:
        PQclear(res);
        end_step(k);
        return true;
    case PGRES_TUPLES_OK:
    case PGRES_COMMAND_OK:
        PQclear(k->last);
        k->last = res;
        return true;
    case PGRES_COPY_IN:
    case PGRES_COPY_OUT:
    case PGRES_COPY_BOTH:
        goes_on = false; /* libpq would give this result for ever: a pipeline knows no COPY */
        break;
    case PGRES_PIPELINE_ABORTED:
        note_failure(k, res, "not run");
        break;
    default:
        note_failure(k, res, "not a statement that can run here");
        break;
    }
    PQclear(res);
    return goes_on;
}

static bool read_results(struct qm_pg_conn *k)
{
    int ends = 0; /* NULL ends one statement; several in a row: nothing is there */
    bool goes_on = true;
    while (goes_on && k->count > 0 && ends < ENDS_MAX && !PQisBusy(k->c)) {
        PGresult *res = PQgetResult(k->c);
        ends = res == NULL ? ends + 1 : 0;
        goes_on = res == NULL || take_result(k, res);
    }
    if (goes_on && k->count == 0) {
        (void)PQisBusy(k->c); /* parses notices and parameter changes */
    }
    return goes_on;
}

static void on_poll(uv_poll_t *h, int status, int events)
{
    struct qm_pg_conn *k = h->data;
    if (k->state == QM_PG_CONNECTING) {
        connect_step(k);
        return;
    }
    bool alive = status == 0;
    if (alive && (events & UV_READABLE) != 0) {
        bool reads = PQconsumeInput(k->c) == 1;
        alive = read_results(k) && reads && PQstatus(k->c) == CONNECTION_OK;
    }
    if (!alive || !flush(k)) {
        qm_pg_conn_break(k, "socket");
    } else if (k->retire && k->running == 0) {
        qm_pg_conn_break(k, "read only");
    }
    qm_pg_dispatch(k->pg);
}
