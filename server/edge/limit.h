/* limit.h - floor 4: budgets as token buckets in bounded tables.
 *
 * A bucket holds `per_period` tokens and fills evenly over its period. A table has a fixed number
 * of places, each key has a few of them: when they are all taken by others, the one nearest to full
 * makes room, which forgets least. So memory is bounded and a flood of new addresses costs
 * nobody else more than a fresh bucket.
 * Pure but for its table; time comes as a parameter; one thread.
 */
#ifndef QM_EDGE_LIMIT_H
#define QM_EDGE_LIMIT_H

#include <stddef.h>
#include <stdint.h>

#include "wire/err.h"

struct qm_buckets;
/* places is rounded up to a power of two, at least 8. NULL: no memory. */
struct qm_buckets *qm_buckets_new(size_t places);
void qm_buckets_free(struct qm_buckets *b);
/* Takes `cost` tokens from the bucket of this key.  QM_E_QUOTA and the seconds after which it may
 * work (at least 1) if there are not so many; nothing is taken then. */
qm_err qm_buckets_take(struct qm_buckets *b, const void *key, size_t key_len, double per_period,
                       double period_s, double cost, uint64_t now_ns, uint32_t *retry_after_s);

/* The same for a client's address as text, over a minute.  Of IPv6 the first 64 bits count: whoever
 * has one such address has them all.  What costs more than a minute's budget costs all of it. */
qm_err qm_address_take(struct qm_buckets *b, const char *address, double per_minute, double cost,
                       uint64_t now_ns, uint32_t *retry_after_s);

/* The two tables of the server. */
struct qm_limit {
    struct qm_buckets *addresses, *devices;
};
qm_err qm_limit_new(struct qm_limit **out);
void qm_limit_free(struct qm_limit *l);

#endif
