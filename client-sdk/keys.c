/* keys.c - floor 1: device keys and the seal of the outbox.  See keys.h.
 *
 * Happy path: a secret is loaded from the key store, or made once and stored; keys derive from it.
 * Failure: what the key store returns; sealed bytes that do not open are QM_E_CORRUPT.
 */
#include "keys.h"

#include <inttypes.h>
#include <sodium.h>
#include <string.h>

static qm_err load_or_make_outbox(const struct qm_keystore *s, bool may_make, uint8_t secret[32])
{
    qm_err e = (qm_err)s->load(s->ctx, "outbox", secret);
    if (e != QM_E_NOT_FOUND || !may_make)
        return e;
    randombytes_buf(secret, 32);
    e = (qm_err)s->store(s->ctx, "outbox", secret);
    /* Another process was first, or storing changed something: what counts is what is stored. */
    if (e != QM_OK && e != QM_E_EXISTS)
        return e;
    return (qm_err)s->load(s->ctx, "outbox", secret);
}

qm_err qm_keys_open(struct qm_keys *k, const struct qm_keystore *store, bool may_make)
{
    memset(k, 0, sizeof *k);
    if (!store->load || !store->store || !store->remove || !store->make != !store->sign)
        return QM_E_INVALID;
    if (sodium_init() < 0)
        return QM_E_INTERNAL;
    k->store = *store;
    uint8_t secret[32];
    qm_err e = load_or_make_outbox(store, may_make, secret);
    if (e == QM_OK)
        crypto_kdf_derive_from_key(k->seal, sizeof k->seal, 1, "qm-outbx", secret);
    sodium_memzero(secret, sizeof secret);
    return e;
}

void qm_keys_close(struct qm_keys *k)
{
    sodium_memzero(k, sizeof *k);
}

bool qm_keys_hardware(const struct qm_keys *k)
{
    return k->store.sign != NULL;
}

static void slot_name(int64_t n, char out[24])
{
    snprintf(out, 24, "device-%" PRId64, n);
}

static qm_err public_half(const struct qm_keys *k, const char *slot, uint8_t key[QM_KEY_BYTES])
{
    if (qm_keys_hardware(k))
        return (qm_err)k->store.make(k->store.ctx, slot, key);
    uint8_t seed[QM_SEED_BYTES], secret[crypto_sign_SECRETKEYBYTES];
    qm_err e = (qm_err)k->store.load(k->store.ctx, slot, seed);
    if (e == QM_OK)
        crypto_sign_seed_keypair(key, secret, seed);
    sodium_memzero(seed, sizeof seed);
    sodium_memzero(secret, sizeof secret);
    return e;
}

qm_err qm_keys_device(const struct qm_keys *k, int64_t n, const char *device_name,
                      struct qm_signer *out)
{
    memset(out, 0, sizeof *out);
    out->keys = k;
    slot_name(n, out->slot);
    uint8_t key[QM_KEY_BYTES];
    qm_err e = public_half(k, out->slot, key);
    return e != QM_OK ? e : qm_vkey_make(device_name, key, &out->vkey);
}

qm_err qm_keys_make_device(const struct qm_keys *k, int64_t n, const char *device_name,
                           struct qm_signer *out)
{
    static const uint8_t test[] = "qiaomen key test";
    qm_err e = QM_OK;
    if (!qm_keys_hardware(k)) {
        char slot[24];
        uint8_t seed[QM_SEED_BYTES];
        slot_name(n, slot);
        e = (qm_err)k->store.load(k->store.ctx, slot, seed);
        if (e == QM_E_NOT_FOUND) {
            randombytes_buf(seed, sizeof seed);
            e = (qm_err)k->store.store(k->store.ctx, slot, seed);
            if (e == QM_E_EXISTS)
                e = QM_OK;
        }
        sodium_memzero(seed, sizeof seed);
    }
    if (e == QM_OK)
        e = qm_keys_device(k, n, device_name, out);
    uint8_t sig[QM_SIG_BYTES];
    if (e == QM_OK)
        e = qm_keys_sign(out, test, sizeof test, sig);
    if (e == QM_OK && crypto_sign_verify_detached(sig, test, sizeof test, out->vkey.key) != 0)
        e = QM_E_CORRUPT;
    return e;
}

qm_err qm_keys_remove_device(const struct qm_keys *k, int64_t n)
{
    char slot[24];
    slot_name(n, slot);
    qm_err e = (qm_err)k->store.remove(k->store.ctx, slot);
    return e == QM_E_NOT_FOUND ? QM_OK : e;
}

qm_err qm_keys_sign(void *signer, const uint8_t *msg, size_t len, uint8_t sig[QM_SIG_BYTES])
{
    const struct qm_signer *s = signer;
    const struct qm_keystore *store = &s->keys->store;
    if (qm_keys_hardware(s->keys))
        return (qm_err)store->sign(store->ctx, s->slot, msg, len, sig);
    uint8_t seed[QM_SEED_BYTES];
    qm_err e = (qm_err)store->load(store->ctx, s->slot, seed);
    if (e == QM_OK)
        e = qm_sign_with_seed(seed, msg, len, sig);
    sodium_memzero(seed, sizeof seed);
    return e;
}

static qm_err associated(const char *purpose, const void *id, size_t id_len, struct qm_buf *ad)
{
    qm_buf_init(ad, 256);
    qm_buf_puts(ad, purpose);
    qm_buf_add(ad, "\0", 1);
    return qm_buf_add(ad, id, id_len);
}

qm_err qm_keys_seal(const struct qm_keys *k, const char *purpose, const void *id, size_t id_len,
                    const void *plain, size_t len, struct qm_buf *out)
{
    uint8_t nonce[crypto_aead_xchacha20poly1305_ietf_NPUBBYTES];
    randombytes_buf(nonce, sizeof nonce);
    struct qm_buf ad;
    qm_err e = associated(purpose, id, id_len, &ad);
    uint8_t *sealed = e == QM_OK ? malloc(len + 16) : NULL;
    if (e == QM_OK && !sealed)
        e = QM_E_NOMEM;
    if (e == QM_OK) {
        unsigned long long n = 0;
        crypto_aead_xchacha20poly1305_ietf_encrypt(sealed, &n, plain, len, ad.p, ad.len, NULL,
                                                   nonce, k->seal);
        qm_buf_add(out, nonce, sizeof nonce);
        e = qm_buf_add(out, sealed, (size_t)n);
    }
    free(sealed);
    qm_buf_free(&ad);
    return e;
}

qm_err qm_keys_open_sealed(const struct qm_keys *k, const char *purpose, const void *id,
                           size_t id_len, const void *sealed, size_t len, struct qm_buf *out)
{
    if (len < QM_SEAL_EXTRA_BYTES)
        return QM_E_CORRUPT;
    const uint8_t *nonce = sealed, *text = nonce + 24;
    size_t plain_len = len - QM_SEAL_EXTRA_BYTES;
    struct qm_buf ad;
    qm_err e = associated(purpose, id, id_len, &ad);
    uint8_t *plain = e == QM_OK ? malloc(plain_len + 1) : NULL;
    if (e == QM_OK && !plain)
        e = QM_E_NOMEM;
    if (e == QM_OK && crypto_aead_xchacha20poly1305_ietf_decrypt(plain, NULL, NULL, text, len - 24,
                                                                 ad.p, ad.len, nonce, k->seal) != 0)
        e = QM_E_CORRUPT;
    if (e == QM_OK)
        e = qm_buf_add(out, plain, plain_len);
    if (plain)
        sodium_memzero(plain, plain_len);
    free(plain);
    qm_buf_free(&ad);
    return e;
}

uint32_t qm_keys_random_below(uint32_t limit)
{
    return randombytes_uniform(limit);
}
