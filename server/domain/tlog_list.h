/* tlog_list.h - floor 3: what there is in a log, a page at a time, for its export.
 *
 * Happy path: a page of at most QM_TLOG_PAGE rows behind the last one of the page before; a shorter
 * page is the last.
 * Failure: as qm_answer_err.  The loop's thread only; done may run before the function returns.
 */
#ifndef QM_DOMAIN_TLOG_LIST_H
#define QM_DOMAIN_TLOG_LIST_H

#include "domain/tlog.h"

enum { QM_TLOG_PAGE = 256 };

struct qm_tlog_listed {
    int64_t idx;           /* batches */
    struct qm_hash sha256; /* objects, with the rest */
    int parts;             /* 0: the bytes come as one */
    int64_t bytes;         /* as measured now, whatever was written down */
};
/* list is valid in the callback only. */
typedef void (*qm_tlog_listing)(void *ctx, qm_err err, const struct qm_tlog_listed *list, size_t n);

/* Entries that are batches, above idx after and below size. */
void qm_tlog_batches(struct qm_tlog *t, int county, int64_t after, int64_t size,
                     qm_tlog_listing done, void *ctx);
/* Objects that entries below size name, closed ones too, above the hash after (NULL: from the
 * first). */
void qm_tlog_objects(struct qm_tlog *t, int county, const struct qm_hash *after, int64_t size,
                     qm_tlog_listing done, void *ctx);

#endif
