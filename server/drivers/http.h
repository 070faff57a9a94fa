/* http.h - floor 2: the HTTP server as the rest of qiaomend sees it; names no library.
 *
 * Happy path: headers arrive, `on_headers` picks a route's limits or answers at once; the body is
 * collected under the cap; `on_request` gets one complete request and answers it, now or later,
 * with qm_http_reply.  All calls happen on the loop's thread. Failure modes: malformed framing, a
 * body above its cap, a total deadline, a client that leaves, the budget for all bodies together
 * being used up: the adapter answers (problem+json) or closes by itself and `on_request` is never
 * called, or the later reply is a counted no-op. A handle stays valid until qm_http_reply was
 * called for it, however the client behaves.  An answer that is too large to be held in memory is a
 * stream: qm_http_stream_open in the place of qm_http_reply.
 */
#ifndef QM_DRIVERS_HTTP_H
#define QM_DRIVERS_HTTP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <uv.h>

#include "wire/buf.h"
#include "wire/err.h"

struct qm_http;     /* a listening server */
struct qm_http_req; /* a request; the handle of the edge */

enum { QM_HTTP_ALLOW_BYTES = 48 };

struct qm_http_limits {
    size_t body_max_bytes;  /* 0: no body is taken */
    bool needs_length;      /* 411 without Content-Length */
    qm_err refuse;          /* not QM_OK: answer with this problem at once, the body is not read */
    uint32_t retry_after_s; /* with refuse */
    /* With QM_E_METHOD: the methods that there are (RFC 9110 section 15.5.6). */
    char allow[QM_HTTP_ALLOW_BYTES];
};

struct qm_http_handlers {
    void *ctx;
    /* Called when the headers are complete and framing is sound; once per request, before
     * on_request; must not reply. */
    struct qm_http_limits (*on_headers)(void *ctx, struct qm_http_req *req);
    void (*on_request)(void *ctx, struct qm_http_req *req);
    /* Writes the body of an error answer (problem+json) for the adapter's own refusals. */
    void (*problem)(void *ctx, struct qm_http_req *req /* NULL possible */, qm_err err,
                    struct qm_buf *body);
};

struct qm_http_config {
    const char *listen;          /* "127.0.0.1:8080", "[::1]:8080" or "unix:/path" */
    size_t bodies_max_bytes;     /* all request bodies together, 64 MiB */
    uint32_t request_timeout_ms; /* total deadline of one request, 30000 */
    uint32_t connections_max;    /* waiting clients above it are accepted later */
    uint32_t headers_max_bytes;  /* 16384: 431 above */
    bool trust_forwarded;        /* take the client's address from the last X-Forwarded-For */
};

struct qm_http_stats {
    uint64_t requests, refused_framing, timeouts, left_early, replies_to_nobody;
    uint64_t connections, bodies_bytes, waiting; /* now */
};

qm_err qm_http_start(uv_loop_t *loop, const struct qm_http_config *cfg,
                     const struct qm_http_handlers *handlers, struct qm_http **out);
/* Stops accepting; open requests go on.  done is called on the loop when the last one is answered,
 * or after timeout_ms, when the rest gets 503. */
void qm_http_drain(struct qm_http *h, uint32_t timeout_ms, void (*done)(void *ctx), void *ctx);
/* After drain's done only, or in it; the loop must turn once more for the handles to close. A reply
 * to a request that is still open goes to nobody. */
void qm_http_free(struct qm_http *h);
void qm_http_stats_get(const struct qm_http *h, struct qm_http_stats *out);
/* The port that was bound (for listen "127.0.0.1:0"); 0 for a unix socket. */
int qm_http_port(const struct qm_http *h);

/* Reading a request; pointers are valid until the reply. */
const char *qm_http_method(const struct qm_http_req *r); /* GET also for HEAD */
const char *qm_http_path(const struct qm_http_req *r);   /* as on the wire, without the query */
const char *qm_http_query(const struct qm_http_req *r);  /* "" if none */
const char *qm_http_header(const struct qm_http_req *r, const char *name); /* NULL if absent */
const char *qm_http_peer(const struct qm_http_req *r);                     /* address text */
uint64_t qm_http_id(const struct qm_http_req *r); /* request id, unique in this process */
const uint8_t *qm_http_body(const struct qm_http_req *r, size_t *len);

/* false: the client has gone or got an answer in the edge's place, at the deadline.  A client that
 * goes without a word may still seem to wait. */
bool qm_http_waits(const struct qm_http_req *r);

/* Answers; body's content is taken over (the caller's buffer is empty afterwards).  Headers are
 * NULL-terminated name, value pairs; Content-Length, Date and X-Request-Id are added.  Once per
 * request; ends the handle. */
void qm_http_reply(struct qm_http_req *r, int status, const char *content_type,
                   const char *const *headers, struct qm_buf *body);

/* Streamed answers, in chunks (RFC 9112 section 7.1), in place of qm_http_reply.
 *
 * Happy path: open; wanted -> write the next piece, in the callback or later; wanted -> ...; end.
 * Fewer than QM_HTTP_STREAM_LOW_BYTES are buffered when wanted is called, and it is called once for
 * each piece that was written, so that a producer that writes one piece each time it is asked keeps
 * memory flat, however slowly the client reads.  A piece may also be written unasked.
 * Failure modes: the client leaves, takes nothing or is given nothing for the request's time-out
 * (it counts anew each time the client has taken what was sent), a drain's time-out passes, or a
 * piece cannot be kept for want of memory: the connection is cut and gone is called, once; after it
 * only qm_http_stream_end may be called.  For HEAD gone is called when the headers are out, wanted
 * never, and the connection is closed.
 * wanted and gone are called on the loop, from within the server: they may call anything of this
 * header but qm_http_drain and qm_http_free. */
struct qm_http_stream;
enum { QM_HTTP_STREAM_LOW_BYTES = 65536 };

/* content_type and headers as for qm_http_reply; no Content-Length is added.  On QM_OK r may be
 * read until qm_http_stream_end, and must not be given to qm_http_reply.  QM_E_NOMEM, or QM_E_IO if
 * the client is gone: nothing was begun and r is still to be answered by qm_http_reply. */
qm_err qm_http_stream_open(struct qm_http_req *r, int status, const char *content_type,
                           const char *const *headers, void (*wanted)(void *ctx),
                           void (*gone)(void *ctx), void *ctx, struct qm_http_stream **out);
/* The content is taken over (the caller's buffer is empty afterwards); bytes whose err is set cut
 * the stream.  No bytes: nothing happens, wanted is not called again. */
void qm_http_stream_write(struct qm_http_stream *s, struct qm_buf *bytes);
/* Ends the handle and the request's; neither callback comes afterwards.  complete: what is buffered
 * still goes out, and then the last chunk.  Otherwise the connection is cut, and the client sees a
 * chunked body without its end; a client of HTTP/1.0, which gets no chunks, cannot tell. */
void qm_http_stream_end(struct qm_http_stream *s, bool complete);

#endif
