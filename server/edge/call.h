/* call.h - floor 4: one request under way, and what every handler may use.
 *
 * Happy path: routes.c finds the row of the table, checks what the row asks for (media type,
 * budget, who may), fills a qm_call and runs the row's handler; the handler answers exactly once,
 * now or from a later callback on the loop, with qm_call_reply, qm_call_json or qm_call_problem.
 * That ends the call: it is freed and must not be touched again.  An answer that is too large to be
 * held in memory begins with qm_call_stream and ends the call with qm_call_stream_end.
 * Failure: a client that leaves changes nothing for the handler; its answer is then a no-op.
 * The loop's thread only.
 */
#ifndef QM_EDGE_CALL_H
#define QM_EDGE_CALL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/config.h"
#include "drivers/http.h"
#include "drivers/pg.h"
#include "drivers/pool.h"
#include "drivers/seal.h"
#include "wire/codec.h"

/* Roles as bits; the words of qm.account_role. */
enum qm_role {
    QM_ROLE_WORKER = 1,
    QM_ROLE_LEADER = 2,
    QM_ROLE_DEPUTY = 4,
    QM_ROLE_SECRETARY = 8,
    QM_ROLE_TOWNSHIP = 16,
    QM_ROLE_POLICE = 32,
    QM_ROLE_INSPECTOR = 64,
    QM_ROLE_AUDITOR = 128,
    QM_ROLE_ADMIN = 256
};

/* Who makes the call: filled before the handler runs, by what its route asks for. */
struct qm_caller {
    int county; /* 0: nobody was asked */
    char account[QM_ACCOUNT_MAX_BYTES + 1];
    enum qm_role role;           /* bearer token only */
    char role_name[16];          /* its word, for the SQL functions */
    char prefix[16];             /* bearer token only: the division or grid it may see */
    uint8_t device[QM_ID_BYTES]; /* signed request only */
    uint8_t key[QM_KEY_BYTES];   /* signed request only: the device's key now */
    struct qm_hash body_sha256;  /* signed request with a body */
    bool revoked;                /* signed request only */
};

/* What handlers may use; owned by wiring, outlives every call. */
struct qm_edge {
    uv_loop_t *loop;
    const struct qm_config *config;
    struct qm_pg *pg;
    struct qm_pool *pool;
    const struct qm_seal *seal;
    char host[QM_HOST_MAX_BYTES + 1]; /* "" until the site row was read: not ready */
    bool draining;
    size_t open_calls; /* made and not yet answered */
    struct qm_limit *limit;
    struct qm_devices *devices;
    struct qm_ingest *ingest;
    struct qm_tlog *tlog;
    struct qm_receipts *receipts;
    struct qm_ranking *ranking;
    struct qm_static *pages;            /* NULL: none are served */
    void (*metrics_refresh)(void *ctx); /* brings gauges up to date before /metrics */
    void *metrics_ctx;
};

enum { QM_CALL_ARGS_MAX = 4, QM_CALL_ARG_MAX_BYTES = 80 };

struct qm_route;
struct qm_call {
    struct qm_edge *edge;
    struct qm_http_req *req;
    const struct qm_route *route;
    size_t args;
    char arg[QM_CALL_ARGS_MAX][QM_CALL_ARG_MAX_BYTES + 1]; /* the {parts} of the path, in order */
    struct qm_caller caller;
    uint64_t began_ns;
    struct qm_http_stream *stream; /* after qm_call_stream */
    int stream_status;
    bool stream_left; /* the client left before the stream's end */
    void (*stream_wanted)(struct qm_call *c);
    void (*stream_gone)(struct qm_call *c);
    void *state;                 /* the handler's own, NULL at first */
    void (*state_free)(void *s); /* called with it when the call ends, if set */
};

/* Answers and frees the call.  body's content is taken over; headers: NULL-terminated name, value
 * pairs or NULL.  A body whose err is set turns into a 500. */
void qm_call_reply(struct qm_call *c, int status, const char *content_type,
                   const char *const *headers, struct qm_buf *body);
/* 200 application/json, not to be stored by caches. */
void qm_call_json(struct qm_call *c, struct qm_buf *body);
/* Problem details in the caller's language; Retry-After where the contract wants one. Codes that
 * have no HTTP status (a database that is away, no memory) become overload or internal. */
void qm_call_problem(struct qm_call *c, qm_err err);
/* The same with a waiting time of one's own. */
void qm_call_problem_after(struct qm_call *c, qm_err err, uint32_t retry_after_s);
/* The same with a sentence of one's own that says what to do.  Both formats take the same
 * arguments: nothing can be said in one language only. */
void qm_call_refuse(struct qm_call *c, qm_err err, const char *zh, const char *en, ...)
    __attribute__((format(printf, 3, 5), format(printf, 4, 5)));
/* For a failed unit of work: overload if it may be repeated, otherwise internal (and logged). */
void qm_call_problem_pg(struct qm_call *c, const struct qm_pg_answer *a);

/* Begins a streamed answer (drivers/http.h says when wanted and gone are called).  Not QM_OK:
 * nothing was begun and the call is still to be answered, by qm_call_problem for example. */
qm_err qm_call_stream(struct qm_call *c, int status, const char *content_type,
                      const char *const *headers, void (*wanted)(struct qm_call *c),
                      void (*gone)(struct qm_call *c));
/* The next piece; its content is taken over. */
void qm_call_stream_write(struct qm_call *c, struct qm_buf *bytes);
/* Ends and frees the call, once, also after gone; only now it is counted and logged, with the
 * status it began with and how it went out: complete, cut by us, or left by the client. */
void qm_call_stream_end(struct qm_call *c, bool complete);

/* The value of a query parameter, percent-decoded, with a NUL.  QM_E_NOT_FOUND if it is absent,
 * QM_E_MALFORMED if it is there twice, wrongly encoded, holds a NUL or is longer than out_max - 1.
 */
qm_err qm_call_query(const struct qm_call *c, const char *name, char *out, size_t out_max);

#endif
