/* http_mhd.c - floor 2: the HTTP server on libmicrohttpd (0.9.75), in the libuv loop; see http.h.
 *
 * Happy path: the library's epoll descriptor is readable -> run -> on_target makes the request ->
 * on_access, first call: guard and limits -> on_access with the parts of the body -> on_access at
 * its end: the edge works, the connection is suspended -> qm_http_reply resumes it -> run ->
 * on_access queues the response -> on_completed.
 *
 * What the library leaves to its user, and where it is done here:
 * - A resume alone does nothing, and pipelined requests wait: run arms the timer after each
 *   MHD_run, wake arms it with 0; MHD_run is never called inside one of its callbacks.
 * - Clients above the connection limit are accepted in a later MHD_run only: TICK_MAX_MS.
 * - Its time-out is renewed by every byte and rests while suspended: own deadlines, tick.
 * - A part of a body that is not taken makes it spin: take_body takes or discards.
 * - Stopping with a suspended request aborts: qm_http_drain answers all of them first.
 * - A client's end that arrives together with its last bytes is not reported again: tick_ended.
 * - Framing that two readers may read differently passes: guard_header and http_framing.c.
 *
 * Failure modes: a deadline or a lack of memory closes the socket.  What the library refuses by
 * itself (a line without a colon, another major version, a length that is no number, headers
 * beyond its memory) gets the library's own page; on_library_log counts it.
 */
#include <microhttpd.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "base/metrics.h"
#include "drivers/http_linger.h"
#include "drivers/http_private.h"

enum {
    PROBLEM_MAX_BYTES = 4096,
    /* Beside twice the headers: what was parsed of them, the answer's own.  The library touches all
     * of a connection's memory and keeps it until the client leaves: it is most of what a phone
     * that waits costs. */
    CONNECTION_EXTRA_BYTES = 8192,
};

/* ---- a request and its answer ---- */

void qm_mhd_release(struct qm_http_req *r)
{
    if (r->owed || r->conn != NULL)
        return;
    if (r->http != NULL)
        r->http->stats.bodies_bytes -= r->charged_bytes;
    if (r->response != NULL)
        MHD_destroy_response(r->response);
    qm_http_stream_free(r->stream);
    qm_http_req_free(r);
}

static bool charge(struct qm_http_req *r, uint64_t bytes)
{
    struct qm_http *h = r->http;
    if (bytes > h->cfg.bodies_max_bytes || h->stats.bodies_bytes > h->cfg.bodies_max_bytes - bytes)
        return false;
    h->stats.bodies_bytes += bytes;
    r->charged_bytes += (size_t)bytes;
    return true;
}

bool qm_mhd_add_headers(struct qm_http_req *r, struct MHD_Response *response,
                        const char *content_type, const char *const *headers)
{
    char id[24];
    (void)snprintf(id, sizeof id, "%llu", (unsigned long long)r->id);
    bool ok = MHD_add_response_header(response, "X-Request-Id", id) == MHD_YES;
    if (content_type != NULL)
        ok = ok && MHD_add_response_header(response, "Content-Type", content_type) == MHD_YES;
    for (size_t i = 0; headers != NULL && headers[i] != NULL; i += 2)
        ok = ok && MHD_add_response_header(response, headers[i], headers[i + 1]) == MHD_YES;
    if (r->http->draining || r->conn->unread)
        ok = ok && MHD_add_response_header(response, "Connection", "close") == MHD_YES;
    return ok;
}

/* On failure r->response stays NULL and the connection is closed when the library asks for it. */
static void respond(struct qm_http_req *r, int status, const char *content_type,
                    const char *const *headers, struct qm_buf *body)
{
    size_t len = 0;
    uint8_t *bytes = qm_buf_steal(body, &len);
    struct MHD_Response *response = MHD_create_response_from_buffer(
        len, bytes != NULL ? bytes : (uint8_t *)"",
        bytes != NULL ? MHD_RESPMEM_MUST_FREE : MHD_RESPMEM_PERSISTENT);
    if (response == NULL) {
        free(bytes);
        return;
    }
    if (!qm_mhd_add_headers(r, response, content_type, headers)) {
        QM_BUG("a response header that cannot be sent");
        MHD_destroy_response(response);
        return;
    }
    r->status = status;
    r->response = response;
}

static void respond_problem(struct qm_http_req *r, qm_err err, uint32_t retry_after_s)
{
    struct qm_buf body;
    char seconds[16];
    const char *headers[] = {"Cache-Control", "no-store", NULL, NULL, NULL};
    if (retry_after_s > 0) {
        (void)snprintf(seconds, sizeof seconds, "%u", retry_after_s);
        headers[2] = "Retry-After";
        headers[3] = seconds;
    } else if (err == QM_E_METHOD) {
        headers[2] = "Allow";
        headers[3] = r->allow;
    }
    qm_buf_init(&body, PROBLEM_MAX_BYTES);
    r->http->handlers.problem(r->http->handlers.ctx, r, err, &body);
    int status = qm_err_http(err);
    respond(r, status != 0 ? status : 500, "application/problem+json", headers, &body);
    qm_buf_free(&body);
}

static enum MHD_Result queue(struct qm_http_req *r, struct MHD_Connection *mhd)
{
    if (r->response == NULL)
        return MHD_NO;
    enum MHD_Result result = MHD_queue_response(mhd, (unsigned)r->status, r->response);
    MHD_destroy_response(r->response);
    r->response = NULL;
    qm_metric_answer(r->status);
    qm_http_set_deadline(r->conn); /* for the client to take the answer */
    return result;
}

void qm_mhd_resume(struct qm_http_req *r)
{
    r->suspended = false;
    MHD_resume_connection(r->conn->mhd);
    qm_http_wake(r->http);
}

void qm_mhd_settle(struct qm_http_req *r)
{
    r->owed = false;
    if (r->http == NULL)
        return;
    TAILQ_REMOVE(&r->http->owed, r, owed_entry);
    r->http->stats.waiting--;
}

bool qm_http_waits(const struct qm_http_req *r)
{
    return r->http != NULL && r->conn != NULL && !r->abandoned;
}

void qm_http_reply(struct qm_http_req *r, int status, const char *content_type,
                   const char *const *headers, struct qm_buf *body)
{
    struct qm_http *h = r->http;
    if (!r->owed || r->stream != NULL) {
        QM_BUG("a second reply to a request");
        qm_buf_free(body);
        return;
    }
    qm_mhd_settle(r);
    if (!qm_http_waits(r)) {
        if (h != NULL)
            h->stats.replies_to_nobody++;
        qm_buf_free(body);
        qm_mhd_release(r);
        return;
    }
    if (body->err != QM_OK)
        respond_problem(r, QM_E_INTERNAL, 0);
    else
        respond(r, status, content_type, headers, body);
    qm_buf_free(body);
    if (r->suspended)
        qm_mhd_resume(r);
}

/* Answers 503 in the edge's place; the edge's later reply goes to nobody. */
void qm_mhd_abandon(struct qm_http_req *r)
{
    r->abandoned = true;
    respond_problem(r, QM_E_OVERLOAD, QM_HTTP_RETRY_AFTER_S);
    qm_http_set_deadline(r->conn);
    qm_mhd_resume(r);
}

/* ---- reading a request ---- */

/* In the library's buffer a header stands as it came, with NULs for the colon and the line's CR
 * and LF.  A folded line moves the name away from its value, a NUL inside hides bytes from both, a
 * lone LF leaves one NUL: all show in the gaps, and all are refused. */
static bool stands_as_sent(const char *name, size_t name_len, const char *value, size_t value_len)
{
    const char *gap = name + name_len;
    if ((uintptr_t)value <= (uintptr_t)gap || *gap != '\0')
        return false;
    for (gap++; gap < value; gap++)
        if (*gap != ' ' && *gap != '\t')
            return false;
    return value[value_len] == '\0' && value[value_len + 1] == '\0';
}

static enum MHD_Result guard_header(void *ctx, enum MHD_ValueKind kind, const char *name,
                                    size_t name_len, const char *value, size_t value_len)
{
    struct qm_http_req *r = ctx;
    (void)kind;
    if (value == NULL || !stands_as_sent(name, name_len, value, value_len)) {
        r->framing.bad = true;
        return MHD_NO;
    }
    qm_framing_header(&r->framing, name, name_len, value, value_len);
    if (r->http->cfg.trust_forwarded && strcasecmp(name, "X-Forwarded-For") == 0)
        qm_peer_forwarded(value, r->peer);
    qm_http_req_header(r, name, name_len, value, value_len);
    return MHD_YES;
}

static void *on_target(void *cls, const char *target, struct MHD_Connection *mhd)
{
    struct qm_http *h = cls;
    struct qm_http_conn *c =
        MHD_get_connection_info(mhd, MHD_CONNECTION_INFO_SOCKET_CONTEXT)->socket_context;
    struct qm_http_req *r = c != NULL ? qm_http_req_new(target) : NULL;
    if (r == NULL)
        return NULL;
    qm_framing_target(&r->framing, target);
    r->http = h;
    r->conn = c;
    c->req = r;
    c->mhd = mhd;
    c->served = true;
    h->requests_open++;
    if (!c->reading) /* the line came at once */
        qm_http_set_deadline(c);
    c->reading = false;
    return r;
}

static void refuse(struct qm_http_req *r, qm_err err, uint32_t retry_after_s)
{
    r->refuse = err;
    r->retry_after_s = retry_after_s;
    r->http->stats.bodies_bytes -= r->charged_bytes;
    r->charged_bytes = 0;
    qm_buf_free(&r->body);
}

static void read_headers(struct qm_http_req *r, struct MHD_Connection *mhd, const char *method,
                         const char *version)
{
    const struct qm_framing *f = &r->framing;
    r->head = strcmp(method, "HEAD") == 0;
    /* The body of the answer is left out by the library. */
    (void)snprintf(r->method, sizeof r->method, "%s", r->head ? "GET" : method);
    qm_peer_text(MHD_get_connection_info(mhd, MHD_CONNECTION_INFO_CLIENT_ADDRESS)->client_addr,
                 r->peer);
    qm_framing_line(&r->framing, method, version);
    MHD_get_connection_values_n(mhd, MHD_HEADER_KIND, guard_header, r);
    if (!qm_framing_sound(f)) {
        r->http->stats.refused_framing++;
        refuse(r, QM_E_MALFORMED, 0);
        r->conn->unread = true;
        return;
    }
    if (r->headers.err != QM_OK) {
        refuse(r, QM_E_OVERLOAD, QM_HTTP_RETRY_AFTER_S);
        return;
    }
    if (MHD_get_connection_info(mhd, MHD_CONNECTION_INFO_REQUEST_HEADER_SIZE)->header_size >
        r->http->cfg.headers_max_bytes) {
        refuse(r, QM_E_HEADERS_LARGE, 0);
        r->conn->unread = true;
        return;
    }
    struct qm_http_limits l = r->http->handlers.on_headers(r->http->handlers.ctx, r);
    r->body_max_bytes = l.body_max_bytes;
    memcpy(r->allow, l.allow, sizeof r->allow);
    if (l.refuse != QM_OK)
        refuse(r, l.refuse, l.retry_after_s);
    else if (l.needs_length && f->lengths == 0)
        refuse(r, QM_E_LENGTH_REQUIRED, 0);
    else if (f->length_bytes > l.body_max_bytes)
        refuse(r, QM_E_TOO_LARGE, 0);
    else if (!charge(r, f->length_bytes))
        refuse(r, QM_E_OVERLOAD, QM_HTTP_RETRY_AFTER_S);
    else
        qm_buf_init(&r->body, f->chunked ? l.body_max_bytes : (size_t)f->length_bytes);
}

static enum MHD_Result begin(struct qm_http_req *r, struct MHD_Connection *mhd, const char *method,
                             const char *version)
{
    r->begun = true;
    r->http->stats.requests++;
    read_headers(r, mhd, method, version);
    bool body = r->framing.chunked || r->framing.length_bytes > 0;
    if (r->refuse == QM_OK || !(body || r->conn->unread))
        return MHD_YES;
    /* With other methods the library would read the body as the next request. */
    if (!r->conn->unread && strcmp(method, "POST") != 0 && strcmp(method, "PUT") != 0)
        return MHD_YES;
    r->conn->unread = true;
    respond_problem(r, r->refuse, r->retry_after_s);
    return queue(r, mhd);
}

static void take_body(struct qm_http_req *r, const char *bytes, size_t len)
{
    if (r->refuse != QM_OK)
        return; /* read and thrown away up to the end, where the answer goes out */
    if (len > r->body_max_bytes - r->body.len)
        refuse(r, QM_E_TOO_LARGE, 0);
    else if ((r->framing.chunked && !charge(r, len)) || qm_buf_add(&r->body, bytes, len) != QM_OK)
        refuse(r, QM_E_OVERLOAD, QM_HTTP_RETRY_AFTER_S);
}

static enum MHD_Result finish(struct qm_http_req *r, struct MHD_Connection *mhd)
{
    struct qm_http *h = r->http;
    r->finished = true;
    if (r->refuse != QM_OK) {
        respond_problem(r, r->refuse, r->retry_after_s);
        return queue(r, mhd);
    }
    r->owed = true;
    TAILQ_INSERT_TAIL(&h->owed, r, owed_entry);
    h->stats.waiting++;
    h->handlers.on_request(h->handlers.ctx, r);
    if (!r->owed || r->stream != NULL)
        return queue(r, mhd);
    r->suspended = true;
    MHD_suspend_connection(mhd);
    return MHD_YES;
}

static enum MHD_Result on_access(void *cls, struct MHD_Connection *mhd, const char *url,
                                 const char *method, const char *version, const char *upload,
                                 size_t *upload_len, void **state)
{
    struct qm_http_req *r = *state;
    (void)cls;
    (void)url;
    if (r == NULL || r->conn->hung_up)
        return MHD_NO;
    if (!r->begun)
        return begin(r, mhd, method, version);
    if (r->response != NULL)
        return queue(r, mhd);
    if (*upload_len > 0) {
        take_body(r, upload, *upload_len);
        *upload_len = 0;
        return MHD_YES;
    }
    /* Resumed without a response: there was no memory for one. */
    return r->finished ? MHD_NO : finish(r, mhd);
}

/* ---- ends of requests and connections ---- */

static void req_over(struct qm_http_conn *c)
{
    struct qm_http_req *r = c->req;
    c->req = NULL;
    c->http->requests_open--;
    r->conn = NULL;
    if (r->owed && r->stream != NULL)
        qm_http_stream_lost(r->stream);
    else
        qm_mhd_release(r);
}

static void on_completed(void *cls, struct MHD_Connection *mhd, void **state,
                         enum MHD_RequestTerminationCode code)
{
    struct qm_http_req *r = *state;
    struct qm_http *h = cls;
    (void)mhd;
    *state = NULL;
    if (r == NULL)
        return;
    struct qm_http_conn *c = r->conn;
    if (code != MHD_REQUEST_TERMINATED_COMPLETED_OK && !c->hung_up)
        h->stats.left_early++;
    req_over(c);
    qm_http_rest(c);
    if (h->draining && !c->unread)
        qm_http_hang_up(c);
}

static void on_connection(void *cls, struct MHD_Connection *mhd, void **context,
                          enum MHD_ConnectionNotificationCode code)
{
    struct qm_http *h = cls;
    struct qm_http_conn *c = *context;
    if (code == MHD_CONNECTION_NOTIFY_STARTED) {
        c = *context = calloc(1, sizeof *c);
        if (c == NULL)
            return; /* its requests are turned away in on_target */
        c->http = h;
        c->mhd = mhd;
        c->fd = MHD_get_connection_info(mhd, MHD_CONNECTION_INFO_CONNECTION_FD)->connect_fd;
        TAILQ_INSERT_TAIL(&h->conns, c, entry);
        qm_http_rest(c);
        h->stats.connections++;
        return;
    }
    if (c == NULL)
        return;
    if (c->req != NULL)
        req_over(c);
    if (c->unread && !c->hung_up)
        qm_linger_add(h->linger, c->fd);
    TAILQ_REMOVE(&h->conns, c, entry);
    h->stats.connections--;
    free(c);
    *context = NULL;
}

/* The library's only word about requests that it refuses before it calls anybody. */
__attribute__((format(printf, 2, 0))) static void on_library_log(void *cls, const char *format,
                                                                 va_list args)
{
    static const char refused[] = "Error processing request";
    struct qm_http *h = cls;
    (void)args;
    if (strncmp(format, refused, sizeof refused - 1) == 0)
        h->stats.refused_framing++;
}

/* ---- the daemon ---- */

qm_err qm_mhd_start(struct qm_http *h)
{
    const struct qm_http_config *cfg = &h->cfg;
    /* The logger comes first, so that it hears what the others say. */
    h->mhd = MHD_start_daemon(MHD_USE_EPOLL | MHD_ALLOW_SUSPEND_RESUME | MHD_USE_ERROR_LOG, 0, NULL,
                              NULL, on_access, h, MHD_OPTION_EXTERNAL_LOGGER, on_library_log, h,
                              MHD_OPTION_LISTEN_SOCKET, h->listen_fd, MHD_OPTION_CONNECTION_LIMIT,
                              (unsigned)cfg->connections_max, MHD_OPTION_CONNECTION_MEMORY_LIMIT,
                              (size_t)cfg->headers_max_bytes * 2 + CONNECTION_EXTRA_BYTES,
                              MHD_OPTION_URI_LOG_CALLBACK, on_target, h,
                              MHD_OPTION_NOTIFY_COMPLETED, on_completed, h,
                              MHD_OPTION_NOTIFY_CONNECTION, on_connection, h, MHD_OPTION_END);
    return h->mhd != NULL ? QM_OK : QM_E_IO;
}

int qm_mhd_epoll_fd(const struct qm_http *h)
{
    return MHD_get_daemon_info(h->mhd, MHD_DAEMON_INFO_EPOLL_FD)->epoll_fd;
}

void qm_mhd_run(struct qm_http *h)
{
    if (MHD_run(h->mhd) != MHD_YES)
        QM_BUG("MHD_run");
}

uint64_t qm_mhd_timeout_ms(const struct qm_http *h, uint64_t max_ms)
{
    MHD_UNSIGNED_LONG_LONG ms = 0;
    return MHD_get_timeout(h->mhd, &ms) == MHD_YES && ms < max_ms ? ms : max_ms;
}

void qm_mhd_quiesce(struct qm_http *h)
{
    (void)MHD_quiesce_daemon(h->mhd);
}

void qm_mhd_stop(struct qm_http *h)
{
    MHD_stop_daemon(h->mhd);
    h->mhd = NULL;
}
