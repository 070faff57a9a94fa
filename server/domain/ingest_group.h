/* ingest_group.h - floor 3: a group of checked batches as the arguments of qm.sync, and its answer.
 * Pure but for memory; sql/README.md names the columns.
 */
#ifndef QM_DOMAIN_INGEST_GROUP_H
#define QM_DOMAIN_INGEST_GROUP_H

#include "domain/ingest_check.h"
#include "drivers/pg.h"

enum qm_batch_status {
    QM_BATCH_NEW = 0,
    QM_BATCH_KNOWN = 1,
    QM_BATCH_CONFLICT = 2,
    QM_BATCH_UNKNOWN_KEY = 3,
    QM_BATCH_REVOKED = 4
};

/* NULL: no memory. */
struct qm_pg_params *qm_group_params(int county, struct qm_checked *const *batches, size_t n);

/* The log before and after the call. */
struct qm_group_head {
    int tree;
    int64_t size, old_size;
    struct qm_hash root;
    struct qm_frontier old;
};
struct qm_group_row {
    enum qm_batch_status status;
    int64_t idx;
    const uint8_t *entry; /* new ones only; into the result */
    size_t entry_len;
    int accepted, held, rejected, dup;
};
/* QM_E_INTERNAL if the answer has not the agreed shape. */
qm_err qm_group_head_read(const struct qm_pg_result *r, size_t batches, struct qm_group_head *out);
qm_err qm_group_row_read(const struct qm_pg_result *r, size_t i, struct qm_group_row *out);

#endif
