/* limit.c - floor 4: token buckets; see limit.h.
 *
 * Happy path: hash the key with a secret of this process (so that nobody can aim at a neighbour's
 * places), find its bucket among the eight places of its row, fill it up for the time that went
 * by, take the tokens.
 * Failure: no tokens left is QM_E_QUOTA; no memory, only when the table is made.
 */
#include "edge/limit.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "wire/merkle.h"

enum {
    SECRET_BYTES = 16,
    KEY_MAX_BYTES = 128,
    ROW = 8,
    ADDRESS_PLACES = 16384,
    DEVICE_PLACES = 16384,
    NETWORK_BYTES = 8,
    MINUTE_S = 60
};

struct bucket {
    uint64_t key; /* keyed hash; 0: free */
    uint64_t at_ns;
    double tokens;
};
struct qm_buckets {
    size_t rows; /* a power of two */
    uint8_t secret[SECRET_BYTES];
    struct bucket *v;
};

struct qm_buckets *qm_buckets_new(size_t places)
{
    struct qm_buckets *b = calloc(1, sizeof *b);
    if (!b)
        return NULL;
    b->rows = 1;
    while (b->rows * ROW < places)
        b->rows *= 2;
    b->v = calloc(b->rows * ROW, sizeof *b->v);
    if (!b->v) {
        free(b);
        return NULL;
    }
    if (getentropy(b->secret, sizeof b->secret) != 0) {
        qm_buckets_free(b);
        return NULL;
    }
    return b;
}

void qm_buckets_free(struct qm_buckets *b)
{
    if (!b)
        return;
    free(b->v);
    free(b);
}

static uint64_t key_of(const struct qm_buckets *b, const void *key, size_t len)
{
    uint8_t text[SECRET_BYTES + KEY_MAX_BYTES];
    if (len > KEY_MAX_BYTES)
        len = KEY_MAX_BYTES;
    memcpy(text, b->secret, SECRET_BYTES);
    memcpy(text + SECRET_BYTES, key, len);
    struct qm_hash h;
    qm_sha256(text, SECRET_BYTES + len, &h);
    uint64_t n;
    memcpy(&n, h.b, sizeof n);
    return n ? n : 1;
}

static double filled(const struct bucket *k, double per_period, double period_s, uint64_t now_ns)
{
    double passed_s = now_ns > k->at_ns ? (double)(now_ns - k->at_ns) / 1e9 : 0;
    double t = k->tokens + passed_s * per_period / period_s;
    return t < per_period ? t : per_period;
}

/* The key's bucket, or the place it gets: a free one, or the one that comes nearest to full. */
static struct bucket *place_of(struct qm_buckets *b, uint64_t key, double per_period,
                               double period_s, uint64_t now_ns)
{
    struct bucket *row = &b->v[(size_t)(key >> 8) % b->rows * ROW];
    struct bucket *best = &row[0];
    for (size_t i = 0; i < ROW; i++) {
        if (row[i].key == key)
            return &row[i];
        if (best->key != 0 && (row[i].key == 0 || filled(&row[i], per_period, period_s, now_ns) >
                                                      filled(best, per_period, period_s, now_ns)))
            best = &row[i];
    }
    *best = (struct bucket){.key = key, .at_ns = now_ns, .tokens = per_period};
    return best;
}

qm_err qm_buckets_take(struct qm_buckets *b, const void *key, size_t key_len, double per_period,
                       double period_s, double cost, uint64_t now_ns, uint32_t *retry_after_s)
{
    struct bucket *k = place_of(b, key_of(b, key, key_len), per_period, period_s, now_ns);
    k->tokens = filled(k, per_period, period_s, now_ns);
    k->at_ns = now_ns;
    if (k->tokens >= cost) {
        k->tokens -= cost;
        return QM_OK;
    }
    double wait_s = (cost - k->tokens) * period_s / per_period;
    if (retry_after_s)
        *retry_after_s = wait_s < 86400 ? (uint32_t)wait_s + 1 : 86400;
    return QM_E_QUOTA;
}

qm_err qm_address_take(struct qm_buckets *b, const char *address, double per_minute, double cost,
                       uint64_t now_ns, uint32_t *retry_after_s)
{
    struct in6_addr v6;
    bool network = inet_pton(AF_INET6, address, &v6) == 1 && !IN6_IS_ADDR_V4MAPPED(&v6);
    const void *key = network ? (const void *)&v6 : address;
    cost = cost < per_minute ? cost : per_minute; /* the whole budget, rather than never */
    return qm_buckets_take(b, key, network ? NETWORK_BYTES : strlen(address), per_minute, MINUTE_S,
                           cost, now_ns, retry_after_s);
}

qm_err qm_limit_new(struct qm_limit **out)
{
    struct qm_limit *l = calloc(1, sizeof *l);
    if (!l)
        return QM_E_NOMEM;
    l->addresses = qm_buckets_new(ADDRESS_PLACES);
    l->devices = qm_buckets_new(DEVICE_PLACES);
    if (!l->addresses || !l->devices) {
        qm_limit_free(l);
        return QM_E_NOMEM;
    }
    *out = l;
    return QM_OK;
}

void qm_limit_free(struct qm_limit *l)
{
    if (!l)
        return;
    qm_buckets_free(l->addresses);
    qm_buckets_free(l->devices);
    free(l);
}
