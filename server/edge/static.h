/* static.h - floor 4: the built pages: files of `web_dir`, read into memory once at start.
 *
 * The build writes a list, `pages.list`, last of all; what is not on it does not exist here, so
 * that no name of a request ever reaches the file system, and half a build is never served:
 *     qiaomen-pages 1
 *     app <base> <path>                                path answers for every route below base
 *     file <cache> <encodings> <path> <name> <type>    cache: kept (hashed name) or fresh
 * encodings: "-" or any of br and gz with a comma between; the file <name>.br or .gz beside it.
 * Happy path: path -> file, or its app's page; the best encoding the client takes; 304 if it has
 * it. Failure: a list or file that cannot be read, or breaks a limit, keeps the server from
 * starting; an unknown path is 404.
 */
#ifndef QM_EDGE_STATIC_H
#define QM_EDGE_STATIC_H

#include "edge/routes.h"

struct qm_static;
/* dir "": no pages, *out becomes NULL. why gets one plain sentence. QM_E_IO, QM_E_INVALID,
 * QM_E_TOO_LARGE or QM_E_NOMEM. */
qm_err qm_static_load(const char *dir, struct qm_static **out, struct qm_buf *why);
void qm_static_free(struct qm_static *s);

struct qm_static_ask {
    const char *path;
    const char *accept_encoding; /* NULL: not sent */
    const char *if_none_match;   /* NULL: not sent */
};
enum { QM_STATIC_HEADERS_MAX = 24 };
struct qm_static_answer {
    int status;           /* 200, 302, 304, or 404 and nothing else is set */
    const char *type;     /* NULL: none */
    const uint8_t *bytes; /* of s */
    size_t len;
    const char *headers[QM_STATIC_HEADERS_MAX]; /* name, value pairs, NULL behind the last */
};
/* Pure; s may be NULL. */
void qm_static_find(const struct qm_static *s, const struct qm_static_ask *ask,
                    struct qm_static_answer *out);

/* The rows of the route table. */
extern const struct qm_route qm_static_routes[];
extern const size_t qm_static_routes_n;

#endif
