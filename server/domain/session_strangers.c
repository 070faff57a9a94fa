/* session_strangers.c - see session_strangers.h.  Happy path: hash, look along one bucket.
 * Failure: none.
 */
#include "domain/session_strangers.h"

#include <sodium.h>
#include <stdio.h>
#include <string.h>

_Static_assert((int)QM_STRANGER_KEY_BYTES == (int)crypto_shorthash_KEYBYTES, "key of the hash");

static uint64_t hash_of(struct qm_strangers *all, int county, const char *name)
{
    char text[80];
    uint64_t hash = 0;
    if (!all->keyed)
        crypto_shorthash_keygen(all->key);
    all->keyed = true;
    int len = snprintf(text, sizeof text, "%06d %.60s", county, name);
    (void)crypto_shorthash((unsigned char *)&hash, (const unsigned char *)text,
                           (unsigned long long)len, all->key);
    return hash;
}

static struct qm_stranger *find(struct qm_strangers *all, uint64_t hash)
{
    struct qm_stranger *bucket = all->at[hash % QM_STRANGER_BUCKETS];
    for (int i = 0; i < QM_STRANGER_WAYS; i++) {
        if (bucket[i].fails > 0 && bucket[i].name == hash)
            return &bucket[i];
    }
    return NULL;
}

void qm_strangers_look(struct qm_strangers *all, int county, const char *name, int64_t *fails,
                       int64_t *fail_ms)
{
    const struct qm_stranger *s = find(all, hash_of(all, county, name));
    *fails = s != NULL ? s->fails : 0;
    *fail_ms = s != NULL ? s->fail_ms : 0;
}

int64_t qm_strangers_fail(struct qm_strangers *all, int county, const char *name, int64_t now_ms)
{
    uint64_t hash = hash_of(all, county, name);
    struct qm_stranger *s = find(all, hash);
    if (s == NULL) {
        struct qm_stranger *bucket = all->at[hash % QM_STRANGER_BUCKETS];
        s = &bucket[0];
        for (int i = 1; i < QM_STRANGER_WAYS; i++) {
            if (bucket[i].fail_ms < s->fail_ms)
                s = &bucket[i];
        }
        *s = (struct qm_stranger){.name = hash};
    }
    s->fails++;
    s->fail_ms = now_ms;
    return s->fails;
}
