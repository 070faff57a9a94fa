/* http_private.h - floor 2: the server, its connections and its requests; private to http_*.c.
 *
 * A request owns copies of all that the edge may read, because the client, and with it the
 * library's memory, may be gone while the edge still works on the request.
 */
#ifndef QM_DRIVERS_HTTP_PRIVATE_H
#define QM_DRIVERS_HTTP_PRIVATE_H

#include <sys/queue.h>

#include "drivers/http.h"
#include "drivers/http_framing.h"
#include "drivers/http_listen.h"

struct MHD_Connection;
struct MHD_Daemon;
struct MHD_Response;
struct qm_linger;

enum { QM_HTTP_RETRY_AFTER_S = 5 };

struct qm_http_conn;

struct qm_http_req {
    TAILQ_ENTRY(qm_http_req) owed_entry; /* while owed */
    struct qm_http *http;                /* NULL after qm_http_free */
    struct qm_http_conn *conn;           /* NULL once the request is over for the client */
    uint64_t id;
    char method[16];
    char *path;  /* cut before the '?' */
    char *query; /* in the same block as path */
    char peer[QM_PEER_MAX_BYTES];
    struct qm_buf headers; /* name NUL value NUL ... */
    struct qm_buf body;
    struct qm_framing framing;
    size_t body_max_bytes;
    size_t charged_bytes; /* of the budget for all bodies */
    qm_err refuse;        /* not QM_OK: the answer is this problem */
    uint32_t retry_after_s;
    char allow[QM_HTTP_ALLOW_BYTES];
    bool head;      /* HEAD, which `method` does not tell */
    bool begun;     /* its headers were seen */
    bool finished;  /* its body is complete and it was handed over or refused */
    bool owed;      /* the edge holds the handle */
    bool suspended; /* the library waits for us */
    bool abandoned; /* the client got 503 in the edge's place */
    int status;
    struct MHD_Response *response; /* until it is queued */
    struct qm_http_stream *stream; /* the answer is streamed; owed until the edge ends it */
};

struct qm_http_conn {
    TAILQ_ENTRY(qm_http_conn) entry;
    struct qm_http *http;
    struct qm_http_req *req; /* the one that is being read or answered */
    struct MHD_Connection *mhd;
    uint64_t deadline_ms;
    uint64_t rest_bytes; /* that the client had sent when the request before was over */
    int fd;
    bool reading; /* bytes of a request have come whose line is not whole yet */
    bool hung_up; /* by us */
    bool ended;   /* the client had sent its last byte before the request was whole */
    bool served;  /* had a request before */
    bool unread;  /* answered before the body was read */
};

struct qm_http {
    uv_loop_t *loop;
    uv_poll_t poll;
    uv_timer_t timer;
    int handles_open;
    struct MHD_Daemon *mhd;
    struct qm_linger *linger;
    struct qm_http_config cfg;
    struct qm_http_handlers handlers;
    char *listen;
    int listen_fd;
    int port;
    bool running; /* inside run */
    bool woken;   /* while running: run again at once */
    struct qm_http_stats stats;
    size_t requests_open;
    /* All deadlines are set to now + the same time-out, so that the order of setting is theirs. */
    TAILQ_HEAD(conn_list, qm_http_conn) conns;
    TAILQ_HEAD(, qm_http_req) owed;
    uint64_t look_at_ms; /* for clients that have ended */
    bool draining, cut;
    uint64_t drain_deadline_ms;
    void (*drained)(void *ctx);
    void *drained_ctx;
};

/* http_req.c: a request's own copies. */
/* NULL without memory.  target: as on the wire. */
struct qm_http_req *qm_http_req_new(const char *target);
qm_err qm_http_req_header(struct qm_http_req *r, const char *name, size_t name_len,
                          const char *value, size_t value_len);
/* Releases what belongs to this file's part; not the response. */
void qm_http_req_free(struct qm_http_req *r);

/* http_server.c: the loop, deadlines, drain. */
/* Has the library run soon, from the loop; safe in its callbacks, where it must not be run. */
void qm_http_wake(struct qm_http *h);
/* One time-out from now. */
void qm_http_set_deadline(struct qm_http_conn *c);
/* No request is begun; its deadline will be one time-out from its first byte. */
void qm_http_rest(struct qm_http_conn *c);
/* Shuts the socket down; the library, which must not wait for the edge then, notices and ends the
 * connection. */
void qm_http_hang_up(struct qm_http_conn *c);

/* http_mhd.c: the library. */
qm_err qm_mhd_start(struct qm_http *h);
int qm_mhd_epoll_fd(const struct qm_http *h);
void qm_mhd_run(struct qm_http *h);
/* When it wants to be run again, at most max_ms. */
uint64_t qm_mhd_timeout_ms(const struct qm_http *h, uint64_t max_ms);
void qm_mhd_quiesce(struct qm_http *h);
void qm_mhd_stop(struct qm_http *h);
/* Answers 503 in the edge's place to a suspended request; the edge's later reply goes to nobody. */
void qm_mhd_abandon(struct qm_http_req *r);
/* The library goes on with a request, now that it waits for us. */
void qm_mhd_resume(struct qm_http_req *r);
bool qm_mhd_add_headers(struct qm_http_req *r, struct MHD_Response *response,
                        const char *content_type, const char *const *headers);
/* Frees the request if neither the edge nor the library knows it any more. */
void qm_mhd_release(struct qm_http_req *r);
/* The edge's handle ends. */
void qm_mhd_settle(struct qm_http_req *r);

/* http_stream.c: streamed answers. */
/* The request is over for the client: tells the producer.  Last, because it may free the request.
 */
void qm_http_stream_lost(struct qm_http_stream *s);
void qm_http_stream_free(struct qm_http_stream *s);

#endif
