/* prng.h - tests: a small random generator (splitmix64), the same on every machine, so that made-up
 * data and simulated weeks are the same each time.  Not for secrets.
 */
#ifndef QM_LOAD_PRNG_H
#define QM_LOAD_PRNG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct qm_prng {
    uint64_t state;
};

static inline uint64_t qm_prng_next(struct qm_prng *r)
{
    uint64_t z = (r->state += UINT64_C(0x9E3779B97F4A7C15));
    z = (z ^ (z >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94D049BB133111EB);
    return z ^ (z >> 31);
}

/* 0..n-1; n > 0.  The bias at such small n is far below what anybody could see. */
static inline uint32_t qm_prng_below(struct qm_prng *r, uint32_t n)
{
    return (uint32_t)((qm_prng_next(r) >> 32) * n >> 32);
}

/* lo..hi, both included */
static inline int qm_prng_between(struct qm_prng *r, int lo, int hi)
{
    return lo + (int)qm_prng_below(r, (uint32_t)(hi - lo + 1));
}

/* True in `per_mille` of a thousand cases. */
static inline bool qm_prng_chance(struct qm_prng *r, uint32_t per_mille)
{
    return qm_prng_below(r, 1000) < per_mille;
}

/* Index drawn by weight; the weights' sum must be above 0. */
static inline size_t qm_prng_weighted(struct qm_prng *r, const uint16_t *weight, size_t n)
{
    uint32_t sum = 0;
    for (size_t i = 0; i < n; i++)
        sum += weight[i];
    uint32_t at = qm_prng_below(r, sum);
    for (size_t i = 0; i + 1 < n; i++) {
        if (at < weight[i])
            return i;
        at -= weight[i];
    }
    return n - 1;
}

#endif
