/* http_stream.c - floor 2: answers that are written piece by piece; see http.h.
 *
 * Happy path: qm_http_stream_open makes a response that asks for its bytes -> the library calls
 * on_room when all that it had is sent -> on_room asks the producer for the next piece and hands
 * over what is buffered; with nothing buffered it suspends the connection -> qm_http_stream_write
 * resumes it -> on_room -> qm_http_stream_end -> on_room says that this was all.
 *
 * Failure modes: a connection that is cut (deadline, drain, lack of memory, the producer's wish) is
 * shut down and resumed: on_room gives the library an error, no last chunk is sent, and the request
 * is over like that of a client that left: qm_http_stream_lost.
 *
 * Who frees: the request holds the stream; it goes when the producer has ended its handle and the
 * library has ended the request.
 */
#include <microhttpd.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "base/log.h"
#include "drivers/http_private.h"

enum {
    /* Only for clients without chunks; the others' pieces go through the connection's own memory.
     */
    BLOCK_BYTES = 16384,
    /* The kernel would otherwise take megabytes for each client, and say that there is room again
     * only after a third of them was taken: a slow client would look like one that takes nothing.
     */
    SOCKET_BYTES = 65536
};

struct qm_http_stream {
    struct qm_http_req *req;
    struct qm_buf bytes; /* given by the producer */
    size_t taken;        /* of them by the library */
    bool asked;          /* wanted was called and nothing was written since */
    bool ended;          /* by the producer */
    void (*wanted)(void *ctx);
    void (*gone)(void *ctx);
    void *ctx;
};

static bool is_cut(const struct qm_http_stream *s)
{
    const struct qm_http_conn *c = s->req->conn;
    return c == NULL || c->hung_up;
}

static size_t hand_over(struct qm_http_stream *s, char *to, size_t room)
{
    size_t left = s->bytes.len - s->taken;
    size_t n = left < room ? left : room;
    if (n > 0)
        memcpy(to, s->bytes.p + s->taken, n);
    s->taken += n;
    if (n == left)
        qm_buf_free(&s->bytes);
    if (n == left)
        s->taken = 0;
    return n;
}

static ssize_t on_room(void *cls, uint64_t at, char *to, size_t room)
{
    struct qm_http_stream *s = cls;
    (void)at;
    if (is_cut(s))
        return MHD_CONTENT_READER_END_WITH_ERROR;
    qm_http_set_deadline(s->req->conn);
    if (!s->ended && !s->asked && s->bytes.len - s->taken < QM_HTTP_STREAM_LOW_BYTES) {
        s->asked = true;
        s->wanted(s->ctx);
        if (is_cut(s))
            return MHD_CONTENT_READER_END_WITH_ERROR;
    }
    size_t n = hand_over(s, to, room);
    if (n > 0)
        return (ssize_t)n;
    if (s->ended)
        return MHD_CONTENT_READER_END_OF_STREAM;
    s->req->suspended = true;
    MHD_suspend_connection(s->req->conn->mhd);
    return 0;
}

static struct MHD_Response *response_new(struct qm_http_stream *s, const char *content_type,
                                         const char *const *headers)
{
    struct MHD_Response *response =
        MHD_create_response_from_callback(MHD_SIZE_UNKNOWN, BLOCK_BYTES, on_room, s, NULL);
    if (response == NULL)
        return NULL;
    /* The library ends the chunks also of an answer to HEAD, which has none: without chunks, and
     * the connection closed, the client cannot take them for its next answer. */
    if (s->req->head)
        (void)MHD_set_response_options(response, MHD_RF_HTTP_1_0_COMPATIBLE_STRICT, MHD_RO_END);
    if (!qm_mhd_add_headers(s->req, response, content_type, headers)) {
        MHD_destroy_response(response);
        return NULL;
    }
    return response;
}

qm_err qm_http_stream_open(struct qm_http_req *r, int status, const char *content_type,
                           const char *const *headers, void (*wanted)(void *ctx),
                           void (*gone)(void *ctx), void *ctx, struct qm_http_stream **out)
{
    if (!r->owed || r->stream != NULL) {
        QM_BUG("a stream for a request that is answered");
        return QM_E_INVALID;
    }
    if (r->http == NULL || r->conn == NULL || r->conn->hung_up || r->abandoned)
        return QM_E_IO;
    struct qm_http_stream *s = calloc(1, sizeof *s);
    if (s == NULL)
        return QM_E_NOMEM;
    *s = (struct qm_http_stream){.req = r, .wanted = wanted, .gone = gone, .ctx = ctx};
    qm_buf_init(&s->bytes, SIZE_MAX);
    r->response = response_new(s, content_type, headers);
    if (r->response == NULL) {
        free(s);
        return QM_E_NOMEM;
    }
    int room = SOCKET_BYTES;
    (void)setsockopt(r->conn->fd, SOL_SOCKET, SO_SNDBUF, &room, sizeof room);
    r->status = status;
    r->stream = s;
    *out = s;
    if (r->suspended)
        qm_mhd_resume(r);
    return QM_OK;
}

/* A piece that finds nothing before it is taken over as it is; otherwise it is appended. */
static qm_err keep(struct qm_http_stream *s, struct qm_buf *piece)
{
    if (piece->err != QM_OK)
        return piece->err;
    if (s->bytes.len == 0) {
        qm_buf_free(&s->bytes);
        s->bytes.cap = piece->cap;
        s->bytes.p = qm_buf_steal(piece, &s->bytes.len);
        return QM_OK;
    }
    qm_buf_shift(&s->bytes, s->taken);
    s->taken = 0;
    return qm_buf_add(&s->bytes, piece->p, piece->len);
}

void qm_http_stream_write(struct qm_http_stream *s, struct qm_buf *bytes)
{
    struct qm_http_req *r = s->req;
    bool nothing = bytes->err == QM_OK && bytes->len == 0;
    if (!nothing && !is_cut(s)) {
        s->asked = false;
        if (keep(s, bytes) != QM_OK)
            qm_http_hang_up(r->conn);
        else if (r->suspended)
            qm_mhd_resume(r);
    }
    qm_buf_free(bytes);
}

void qm_http_stream_end(struct qm_http_stream *s, bool complete)
{
    struct qm_http_req *r = s->req;
    if (s->ended) {
        QM_BUG("a second end of a stream");
        return;
    }
    s->ended = true;
    qm_mhd_settle(r);
    if (r->conn == NULL)
        qm_mhd_release(r);
    else if (!complete && !r->conn->hung_up)
        qm_http_hang_up(r->conn);
    else if (r->suspended)
        qm_mhd_resume(r);
}

void qm_http_stream_lost(struct qm_http_stream *s)
{
    s->gone(s->ctx);
}

void qm_http_stream_free(struct qm_http_stream *s)
{
    if (s == NULL)
        return;
    qm_buf_free(&s->bytes);
    free(s);
}
