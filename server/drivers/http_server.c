/* http_server.c - floor 2: the HTTP server's loop: when the library runs, deadlines, drain, start
 * and stop; see http.h.
 *
 * Happy path: the library's epoll descriptor is readable, or the timer fires -> run: the library,
 * deadlines that have passed, the timer anew.
 * Failure modes: a client that ends without a whole request is let go soon; a connection gets
 * one time-out to begin a request, one from its first byte to its answer, one for the client to
 * take it (or each part of a stream); then the edge's open request is answered with 503 in its
 * place, anything else is cut.
 */
#include "drivers/http_private.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/log.h"
#include "base/metrics.h"
#include "drivers/http_linger.h"

enum {
    /* Clients that wait above the connection limit are accepted when the library next runs. */
    TICK_MAX_MS = 250,
    LAST_CHANCE_MS = 1000 /* for 503s at the end of a drain to get out */
};

static uint64_t now_ms(void)
{
    return uv_hrtime() / 1000000;
}

static void on_timer(uv_timer_t *timer);

void qm_http_wake(struct qm_http *h)
{
    h->woken = true;
    if (!h->running)
        (void)uv_timer_start(&h->timer, on_timer, 0, 0);
}

void qm_http_set_deadline(struct qm_http_conn *c)
{
    c->deadline_ms = now_ms() + c->http->cfg.request_timeout_ms;
    TAILQ_REMOVE(&c->http->conns, c, entry);
    TAILQ_INSERT_TAIL(&c->http->conns, c, entry);
}

void qm_http_rest(struct qm_http_conn *c)
{
    c->reading = false;
    c->rest_bytes = c->served ? qm_peer_bytes(c->fd) : 0;
    qm_http_set_deadline(c);
}

void qm_http_hang_up(struct qm_http_conn *c)
{
    c->hung_up = true;
    (void)shutdown(c->fd, SHUT_RDWR);
    if (c->req != NULL && c->req->suspended)
        qm_mhd_resume(c->req);
    qm_http_wake(c->http);
}

/* The edge has the request and nothing of the answer went out: a 503 may take its place. */
static bool awaits_reply(const struct qm_http_conn *c)
{
    return c->req != NULL && c->req->suspended && c->req->stream == NULL;
}

static void tick_deadlines(struct qm_http *h)
{
    uint64_t now = now_ms();
    struct qm_http_conn *c;
    while ((c = TAILQ_FIRST(&h->conns)) != NULL && c->deadline_ms <= now) {
        bool idle = c->req == NULL && c->served && !c->reading;
        if (!idle && !c->hung_up)
            h->stats.timeouts++;
        if (awaits_reply(c)) {
            qm_mhd_abandon(c->req);
        } else {
            qm_http_hang_up(c);
            qm_http_set_deadline(c);
        }
    }
}

/* Nothing is left to read and nothing will come. */
static bool has_ended(int fd)
{
    char byte;
    ssize_t n = recv(fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT);
    return n == 0 || (n < 0 && errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR);
}

/* The library says nothing of a request before its line is whole. */
static void tick_begun(struct qm_http *h)
{
    struct qm_http_conn *next;
    for (struct qm_http_conn *c = TAILQ_FIRST(&h->conns); c != NULL; c = next) {
        next = TAILQ_NEXT(c, entry);
        if (c->req != NULL || c->reading || c->hung_up || qm_peer_bytes(c->fd) == c->rest_bytes)
            continue;
        c->reading = true;
        qm_http_set_deadline(c);
    }
}

/* A client whose end came together with its last bytes (the library does not hear of it) and that
 * has no whole request here cannot get an answer any more.  One with a whole request gets it: it
 * may have closed one way only.  Whole requests that the library has read but not begun are begun
 * in its next run, so what is seen is believed only when it is seen a second time. */
static void tick_ended(struct qm_http *h)
{
    struct qm_http_conn *c;
    for (c = TAILQ_FIRST(&h->conns); c != NULL; c = TAILQ_NEXT(c, entry)) {
        bool whole = c->req != NULL && c->req->finished;
        if (c->hung_up || c->unread)
            continue;
        bool before = c->ended;
        c->ended = !whole && has_ended(c->fd);
        if (c->ended && before)
            qm_http_hang_up(c);
    }
}

static void tick_look(struct qm_http *h)
{
    uint64_t now = now_ms();
    if (now < h->look_at_ms)
        return;
    h->look_at_ms = now + TICK_MAX_MS;
    tick_begun(h);
    tick_ended(h);
}

/* At the deadline the edge's open requests get 503 and the others are cut; a second later all. */
static void tick_drain(struct qm_http *h)
{
    struct qm_http_conn *c;
    if (h->drained == NULL)
        return;
    if (h->requests_open > 0 && now_ms() >= h->drain_deadline_ms) {
        struct qm_http_conn *next;
        for (c = TAILQ_FIRST(&h->conns); c != NULL; c = next) {
            next = TAILQ_NEXT(c, entry);
            if (awaits_reply(c) && !h->cut)
                qm_mhd_abandon(c->req);
            else if (h->cut || c->req == NULL || !c->req->abandoned)
                qm_http_hang_up(c);
        }
        h->cut = true;
        h->drain_deadline_ms = now_ms() + LAST_CHANCE_MS;
    }
    if (h->requests_open == 0) {
        void (*drained)(void *ctx) = h->drained;
        h->drained = NULL;
        drained(h->drained_ctx);
    }
}

static void publish(const struct qm_http *h)
{
    const struct qm_http_stats *s = &h->stats;
    qm_metric_set(QM_M_HTTP_CONNECTIONS, (int64_t)s->connections);
    qm_metric_set(QM_M_HTTP_BODIES_BYTES, (int64_t)s->bodies_bytes);
    qm_metric_set(QM_M_HTTP_TIMEOUTS, (int64_t)s->timeouts);
    qm_metric_set(QM_M_HTTP_LEFT_EARLY, (int64_t)s->left_early);
    qm_metric_set(QM_M_HTTP_REFUSED_FRAMING, (int64_t)s->refused_framing);
    qm_metric_set(QM_M_HTTP_REPLIES_TO_NOBODY, (int64_t)s->replies_to_nobody);
    qm_metric_set(QM_M_HTTP_WAITING, (int64_t)s->waiting);
}

static void arm(struct qm_http *h)
{
    uint64_t ms = qm_mhd_timeout_ms(h, TICK_MAX_MS);
    uint64_t now = now_ms();
    const struct qm_http_conn *first = TAILQ_FIRST(&h->conns);
    if (first != NULL && first->deadline_ms < now + ms)
        ms = first->deadline_ms > now ? first->deadline_ms - now : 0;
    if (h->drained != NULL && h->drain_deadline_ms < now + ms)
        ms = h->drain_deadline_ms > now ? h->drain_deadline_ms - now : 0;
    (void)uv_timer_start(&h->timer, on_timer, h->woken ? 0 : ms, 0);
}

static void run(struct qm_http *h)
{
    h->running = true;
    h->woken = false;
    qm_mhd_run(h);
    h->running = false;
    tick_deadlines(h);
    tick_look(h);
    publish(h);
    arm(h);
    tick_drain(h); /* last, because done may free the server */
}

static void on_timer(uv_timer_t *timer)
{
    run(timer->data);
}

static void on_readable(uv_poll_t *poll, int status, int events)
{
    (void)status;
    (void)events;
    run(poll->data);
}

static void on_handle_closed(uv_handle_t *handle)
{
    struct qm_http *h = handle->data;
    if (--h->handles_open > 0)
        return;
    free(h->listen);
    free(h);
}

static qm_err start_loop(struct qm_http *h)
{
    if (uv_poll_init(h->loop, &h->poll, qm_mhd_epoll_fd(h)) != 0)
        return QM_E_IO;
    (void)uv_timer_init(h->loop, &h->timer);
    h->handles_open = 2;
    h->poll.data = h;
    h->timer.data = h;
    if (uv_poll_start(&h->poll, UV_READABLE, on_readable) != 0)
        return QM_E_IO;
    arm(h);
    return QM_OK;
}

static qm_err start(struct qm_http *h)
{
    qm_err e = qm_linger_new(h->loop, &h->linger);
    if (e == QM_OK)
        e = qm_listen_open(h->cfg.listen, &h->listen_fd, &h->port);
    if (e == QM_OK)
        e = qm_mhd_start(h);
    return e == QM_OK ? start_loop(h) : e;
}

qm_err qm_http_start(uv_loop_t *loop, const struct qm_http_config *cfg,
                     const struct qm_http_handlers *handlers, struct qm_http **out)
{
    struct qm_http *h = calloc(1, sizeof *h);
    char *listen = strdup(cfg->listen);
    if (h == NULL || listen == NULL) {
        free(listen);
        free(h);
        return QM_E_NOMEM;
    }
    h->loop = loop;
    h->cfg = *cfg;
    h->cfg.listen = h->listen = listen;
    h->handlers = *handlers;
    h->listen_fd = -1;
    TAILQ_INIT(&h->conns);
    TAILQ_INIT(&h->owed);
    qm_err e = start(h);
    if (e != QM_OK) {
        qm_http_free(h);
        return e;
    }
    *out = h;
    return QM_OK;
}

static void stop_listening(struct qm_http *h)
{
    if (h->listen_fd < 0)
        return;
    if (h->mhd != NULL)
        qm_mhd_quiesce(h);
    close(h->listen_fd);
    h->listen_fd = -1;
    qm_listen_unlink(h->listen);
}

void qm_http_drain(struct qm_http *h, uint32_t timeout_ms, void (*done)(void *ctx), void *ctx)
{
    struct qm_http_conn *c;
    stop_listening(h);
    h->draining = true;
    h->drained = done;
    h->drained_ctx = ctx;
    h->drain_deadline_ms = now_ms() + timeout_ms;
    for (c = TAILQ_FIRST(&h->conns); c != NULL; c = TAILQ_NEXT(c, entry))
        if (c->req == NULL && !c->unread)
            qm_http_hang_up(c);
    qm_http_wake(h);
}

void qm_http_free(struct qm_http *h)
{
    struct qm_http_req *r;
    if (h == NULL)
        return;
    stop_listening(h);
    if (h->handles_open > 0)
        (void)uv_poll_stop(&h->poll);
    if (h->mhd != NULL)
        qm_mhd_stop(h);
    qm_linger_free(h->linger);
    for (r = TAILQ_FIRST(&h->owed); r != NULL; r = TAILQ_NEXT(r, owed_entry))
        r->http = NULL;
    if (h->handles_open == 0) {
        free(h->listen);
        free(h);
        return;
    }
    uv_close((uv_handle_t *)&h->poll, on_handle_closed);
    uv_close((uv_handle_t *)&h->timer, on_handle_closed);
}

void qm_http_stats_get(const struct qm_http *h, struct qm_http_stats *out)
{
    *out = h->stats;
}

int qm_http_port(const struct qm_http *h)
{
    return h->port;
}
