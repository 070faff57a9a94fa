/* coding.h - floor 4: content codings of answers (RFC 9110 sections 8.4 and 12.5.3).
 *
 * Happy path: the caller takes gzip and the answer is text that shrinks; it is coded in the pool,
 * so that a phone's first list of half a megabyte does not hold up the loop, and done gets it.
 * Failure: with a full pool, no memory, or bytes that do not shrink the answer goes out as it is.
 * The loop's thread, but for qm_coding_takes, which is pure.
 */
#ifndef QM_EDGE_CODING_H
#define QM_EDGE_CODING_H

#include <stdbool.h>

#include "drivers/pool.h"
#include "wire/buf.h"

enum { QM_CODING_HEADERS_MAX = 16 };

/* Does an Accept-Encoding (NULL: not sent) name the coding with a weight above 0? */
bool qm_coding_takes(const char *accepted, const char *coding);

/* Is an answer of this type one that gzip may be tried on, whatever its length? */
bool qm_coding_fits(const char *content_type);

/* An answer on its way; headers are copies, NULL-terminated name, value pairs. */
struct qm_coding {
    void (*done)(struct qm_coding *a); /* answers with what is here, then calls qm_coding_free */
    void *ctx;                         /* the caller's */
    const char *content_type;          /* outlives the answer */
    const char *headers[2 * QM_CODING_HEADERS_MAX + 1];
    struct qm_buf body; /* coded, or as it was */
};

/* Takes body's content over when QM_OK, and calls done later.  QM_E_OVERLOAD, QM_E_NOMEM: nothing
 * was begun, body is untouched. */
qm_err qm_coding_run(struct qm_pool *pool, const char *content_type, const char *const *headers,
                     struct qm_buf *body, void (*done)(struct qm_coding *a), void *ctx);
void qm_coding_free(struct qm_coding *a);

#endif
