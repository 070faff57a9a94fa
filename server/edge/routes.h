/* routes.h - floor 4: THE table of what can be asked over HTTP, and the way from a request to the
 * handler of its row.
 *
 * A path pattern is made of literal parts and {names}; a name matches one part of 1..80 bytes, a
 * last name with dots, {rest...}, matches everything behind it.  The first row that fits wins.
 * The OpenAPI description is held against this table by a test.
 */
#ifndef QM_EDGE_ROUTES_H
#define QM_EDGE_ROUTES_H

#include "edge/call.h"

enum qm_who {
    QM_WHO_ANYONE,
    QM_WHO_LOCAL,  /* peers on loopback, or anyone with the setting metrics_public */
    QM_WHO_BODY,   /* the body authenticates itself: sync, enrolment, receipt links */
    QM_WHO_DEVICE, /* a request signed by a device (RFC 9421) */
    QM_WHO_PAGE,   /* anyone; files of the pages: no part of the API, a tenth of a token each */
    QM_WHO_TOKEN   /* a bearer token with one of the row's roles */
};

struct qm_route {
    const char *method;
    const char *path;
    enum qm_who who;
    unsigned roles;        /* QM_WHO_TOKEN: bits of enum qm_role that may */
    size_t body_max_bytes; /* 0: no body */
    const char *media;     /* Content-Type that the body must have; NULL: none, or checked within */
    unsigned cost;         /* tokens of the address budget */
    void (*handle)(struct qm_call *c);
};

/* All rows: those of this floor's files one after another. NULL behind the last. */
const struct qm_route *qm_route_at(size_t i);

/* The row for a method and path, with the {parts} (may be NULL). QM_E_NOT_FOUND or QM_E_METHOD. */
qm_err qm_route_find(const char *method, const char *path, const struct qm_route **out,
                     char arg[QM_CALL_ARGS_MAX][QM_CALL_ARG_MAX_BYTES + 1], size_t *args);

/* What drivers/http.h calls; ctx is the struct qm_edge. */
struct qm_http_handlers qm_routes_handlers(struct qm_edge *edge);

#endif
