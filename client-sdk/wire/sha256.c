/* sha256.c - see sha256.h.  Happy path and failure modes: as there. */
#include "wire/sha256.h"

#include <sodium.h>

_Static_assert(sizeof(crypto_hash_sha256_state) <= sizeof(struct qm_sha256), "room for the state");

static crypto_hash_sha256_state *inner(struct qm_sha256 *s)
{
    return (crypto_hash_sha256_state *)(void *)s->state;
}

void qm_sha256_begin(struct qm_sha256 *s)
{
    crypto_hash_sha256_init(inner(s));
}

void qm_sha256_add(struct qm_sha256 *s, const void *bytes, size_t len)
{
    crypto_hash_sha256_update(inner(s), bytes, len);
}

void qm_sha256_end(struct qm_sha256 *s, struct qm_hash *out)
{
    crypto_hash_sha256_final(inner(s), out->b);
}
