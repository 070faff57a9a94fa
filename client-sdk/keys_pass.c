/* keys_pass.c - floor 1: a file that only a passphrase opens.  Format in keys.h.
 *
 * Argon2id with 128 MiB and four passes: such a file travels through chats, so that guessing must
 * be dear; a phone with 2 GB does it in about a second.  The reader takes the cost from the file,
 * within limits, so that it can be raised later.
 * Failure: a wrong passphrase, a changed byte and a cut file are one and the same QM_E_CORRUPT;
 * QM_E_IO and QM_E_NOMEM while writing.
 */
#include "keys.h"

#include <sodium.h>
#include <string.h>

#define MAGIC "qiaomen-outbox-v1\n"
enum {
    MAGIC_BYTES = sizeof MAGIC - 1,
    OPS = 4,
    MEMORY_KIB = 131072,
    OPS_MAX = 16,
    MEMORY_KIB_MAX = 1048576,
    HEAD_BYTES = MAGIC_BYTES + 8 + crypto_pwhash_SALTBYTES
};

struct qm_pass_file {
    FILE *f;
    crypto_secretstream_xchacha20poly1305_state state;
    bool over;
};

static void put_u32(uint8_t *to, uint32_t v)
{
    for (int i = 0; i < 4; i++)
        to[i] = (uint8_t)(v >> (24 - 8 * i));
}

static uint32_t get_u32(const uint8_t *from)
{
    return (uint32_t)from[0] << 24 | (uint32_t)from[1] << 16 | (uint32_t)from[2] << 8 | from[3];
}

static qm_err derive(const char *passphrase, const uint8_t *salt, uint32_t ops, uint32_t kib,
                     uint8_t key[crypto_secretstream_xchacha20poly1305_KEYBYTES])
{
    if (sodium_init() < 0)
        return QM_E_INTERNAL;
    if (crypto_pwhash(key, crypto_secretstream_xchacha20poly1305_KEYBYTES, passphrase,
                      strlen(passphrase), salt, ops, (size_t)kib * 1024,
                      crypto_pwhash_ALG_ARGON2ID13) != 0)
        return QM_E_NOMEM;
    return QM_OK;
}

static qm_err put(FILE *f, const void *p, size_t len)
{
    return fwrite(p, 1, len, f) == len ? QM_OK : QM_E_IO;
}

qm_err qm_pass_write_open(FILE *f, const char *passphrase, struct qm_pass_file **out)
{
    *out = NULL;
    if (strlen(passphrase) < QM_PASS_MIN_BYTES)
        return QM_E_INVALID;
    uint8_t head[HEAD_BYTES], key[crypto_secretstream_xchacha20poly1305_KEYBYTES];
    uint8_t stream[crypto_secretstream_xchacha20poly1305_HEADERBYTES];
    memcpy(head, MAGIC, MAGIC_BYTES);
    put_u32(head + MAGIC_BYTES, OPS);
    put_u32(head + MAGIC_BYTES + 4, MEMORY_KIB);
    randombytes_buf(head + MAGIC_BYTES + 8, crypto_pwhash_SALTBYTES);
    qm_err e = derive(passphrase, head + MAGIC_BYTES + 8, OPS, MEMORY_KIB, key);
    struct qm_pass_file *p = e == QM_OK ? calloc(1, sizeof *p) : NULL;
    if (e == QM_OK && !p)
        e = QM_E_NOMEM;
    if (e == QM_OK) {
        p->f = f;
        crypto_secretstream_xchacha20poly1305_init_push(&p->state, stream, key);
        e = put(f, head, sizeof head);
    }
    if (e == QM_OK)
        e = put(f, stream, sizeof stream);
    sodium_memzero(key, sizeof key);
    if (e != QM_OK)
        qm_pass_close(p);
    else
        *out = p;
    return e;
}

qm_err qm_pass_write(struct qm_pass_file *p, const void *frame, size_t len, bool last)
{
    if (p->over || len > QM_PASS_FRAME_MAX_BYTES)
        return QM_E_INVALID;
    size_t n = len + crypto_secretstream_xchacha20poly1305_ABYTES;
    uint8_t size[4], *sealed = malloc(n);
    if (!sealed)
        return QM_E_NOMEM;
    put_u32(size, (uint32_t)n);
    crypto_secretstream_xchacha20poly1305_push(
        &p->state, sealed, NULL, frame, len, size, sizeof size,
        last ? crypto_secretstream_xchacha20poly1305_TAG_FINAL : 0);
    p->over = last;
    qm_err e = put(p->f, size, sizeof size);
    if (e == QM_OK)
        e = put(p->f, sealed, n);
    free(sealed);
    return e;
}

qm_err qm_pass_read_open(FILE *f, const char *passphrase, struct qm_pass_file **out)
{
    *out = NULL;
    uint8_t head[HEAD_BYTES], key[crypto_secretstream_xchacha20poly1305_KEYBYTES];
    uint8_t stream[crypto_secretstream_xchacha20poly1305_HEADERBYTES];
    if (fread(head, 1, sizeof head, f) != sizeof head || memcmp(head, MAGIC, MAGIC_BYTES) != 0 ||
        fread(stream, 1, sizeof stream, f) != sizeof stream)
        return QM_E_CORRUPT;
    uint32_t ops = get_u32(head + MAGIC_BYTES), kib = get_u32(head + MAGIC_BYTES + 4);
    if (ops < 1 || ops > OPS_MAX || kib < 8 || kib > MEMORY_KIB_MAX)
        return QM_E_CORRUPT;
    struct qm_pass_file *p = calloc(1, sizeof *p);
    qm_err e = p ? derive(passphrase, head + MAGIC_BYTES + 8, ops, kib, key) : QM_E_NOMEM;
    if (e == QM_OK) {
        p->f = f;
        if (crypto_secretstream_xchacha20poly1305_init_pull(&p->state, stream, key) != 0)
            e = QM_E_CORRUPT;
    }
    sodium_memzero(key, sizeof key);
    if (e != QM_OK)
        qm_pass_close(p);
    else
        *out = p;
    return e;
}

qm_err qm_pass_read(struct qm_pass_file *p, struct qm_buf *frame, bool *last)
{
    uint8_t size[4], tag = 0;
    qm_buf_reset(frame);
    if (p->over || fread(size, 1, sizeof size, p->f) != sizeof size)
        return QM_E_CORRUPT;
    size_t n = get_u32(size);
    if (n < crypto_secretstream_xchacha20poly1305_ABYTES ||
        n > QM_PASS_FRAME_MAX_BYTES + crypto_secretstream_xchacha20poly1305_ABYTES)
        return QM_E_CORRUPT;
    size_t plain_len = n - crypto_secretstream_xchacha20poly1305_ABYTES;
    uint8_t *sealed = malloc(n), *plain = malloc(plain_len + 1);
    qm_err e = sealed && plain ? QM_OK : QM_E_NOMEM;
    if (e == QM_OK && (fread(sealed, 1, n, p->f) != n ||
                       crypto_secretstream_xchacha20poly1305_pull(
                           &p->state, plain, NULL, &tag, sealed, n, size, sizeof size) != 0))
        e = QM_E_CORRUPT;
    if (e == QM_OK)
        e = qm_buf_add(frame, plain, plain_len);
    *last = p->over = tag == crypto_secretstream_xchacha20poly1305_TAG_FINAL;
    if (e == QM_OK && p->over && fgetc(p->f) != EOF)
        e = QM_E_CORRUPT;
    if (plain)
        sodium_memzero(plain, plain_len);
    free(sealed);
    free(plain);
    return e;
}

void qm_pass_close(struct qm_pass_file *p)
{
    if (p)
        sodium_memzero(p, sizeof *p);
    free(p);
}
