/* note.c - floor 0: verifier keys, signed notes and checkpoints.
 *
 * Happy path: a note's bytes are checked as a whole, split at its last empty line, and the
 * signature lines behind it are taken apart; verifying looks for the line of one key.
 * Failure modes: any byte outside the form (QM_E_MALFORMED), no line of the key
 * (QM_E_UNKNOWN_KEY), a failing one (QM_E_BAD_SIGNATURE).
 */
#include "wire/note.h"

#include <sodium.h>
#include <stdio.h>
#include <string.h>

static const char SIG_MARK[] = "\xE2\x80\x94 "; /* U+2014 SP */
enum {
    SIG_MARK_BYTES = 4,
    KEY_ID_BYTES = 4,
    SIG_B64_MAX = 176, /* base64 of key id and 128 bytes */
    ED25519 = 1,
    TYPED_KEY_BYTES = 1 + QM_KEY_BYTES
};

static uint32_t u32_be(const uint8_t b[4])
{
    return (uint32_t)b[0] << 24 | (uint32_t)b[1] << 16 | (uint32_t)b[2] << 8 | b[3];
}

/* ---- key names ---- */

/* White space of Unicode beyond ASCII: U+0085, U+00A0, U+1680, U+2000-200A, U+2028, U+2029,
 * U+202F, U+205F, U+3000. */
static bool is_wide_space(const uint8_t *s, size_t len)
{
    if (len >= 2 && s[0] == 0xC2)
        return s[1] == 0x85 || s[1] == 0xA0;
    if (len < 3)
        return false;
    if (s[0] == 0xE2 && s[1] == 0x80)
        return s[2] <= 0x8A || s[2] == 0xA8 || s[2] == 0xA9 || s[2] == 0xAF;
    return memcmp(s, "\xE1\x9A\x80", 3) == 0 || memcmp(s, "\xE2\x81\x9F", 3) == 0 ||
           memcmp(s, "\xE3\x80\x80", 3) == 0;
}

static bool name_ok(const char *t, size_t len)
{
    const uint8_t *s = (const uint8_t *)t;
    if (len == 0 || !qm_utf8_ok(t, len))
        return false;
    for (size_t i = 0; i < len; i++) {
        if (s[i] <= ' ' || s[i] == '+' || is_wide_space(s + i, len - i))
            return false;
    }
    return true;
}

/* ---- verifier keys ---- */

static uint32_t key_id(const char *name, const uint8_t key[QM_KEY_BYTES])
{
    static const uint8_t between[2] = {0x0A, ED25519};
    struct qm_hash h;
    crypto_hash_sha256_state s;
    crypto_hash_sha256_init(&s);
    crypto_hash_sha256_update(&s, (const uint8_t *)name, strlen(name));
    crypto_hash_sha256_update(&s, between, sizeof between);
    crypto_hash_sha256_update(&s, key, QM_KEY_BYTES);
    crypto_hash_sha256_final(&s, h.b);
    return u32_be(h.b);
}

qm_err qm_vkey_make(const char *name, const uint8_t key[QM_KEY_BYTES], struct qm_vkey *out)
{
    size_t len = strlen(name);
    if (len >= QM_NAME_MAX_BYTES)
        return QM_E_TOO_LARGE;
    if (!name_ok(name, len))
        return QM_E_MALFORMED;
    memset(out, 0, sizeof *out);
    memcpy(out->name, name, len);
    memcpy(out->key, key, QM_KEY_BYTES);
    out->id = key_id(out->name, key);
    return QM_OK;
}

qm_err qm_vkey_read(const char *t, size_t len, struct qm_vkey *out)
{
    const char *plus = len > 0 ? memchr(t, '+', len) : NULL;
    uint8_t id[KEY_ID_BYTES], key[TYPED_KEY_BYTES];
    char name[QM_NAME_MAX_BYTES] = "";
    size_t n = 0;
    if (plus == NULL || plus - t >= QM_NAME_MAX_BYTES)
        return QM_E_MALFORMED;
    size_t name_len = (size_t)(plus - t);
    const char *hex = plus + 1;
    const char *end = t + len;
    if (end - hex < 10 || hex[8] != '+' || qm_hex_read(hex, 8, id, sizeof id) != QM_OK)
        return QM_E_MALFORMED;
    if (qm_b64_read(hex + 9, (size_t)(end - hex) - 9, key, sizeof key, &n) != QM_OK ||
        n != sizeof key || key[0] != ED25519)
        return QM_E_MALFORMED;
    if (!name_ok(t, name_len) || crypto_core_ed25519_is_valid_point(key + 1) != 1)
        return QM_E_MALFORMED;
    memcpy(name, t, name_len);
    qm_err e = qm_vkey_make(name, key + 1, out);
    if (e == QM_OK && out->id != u32_be(id))
        e = QM_E_MALFORMED;
    return e;
}

qm_err qm_vkey_write(const struct qm_vkey *k, struct qm_buf *out)
{
    uint8_t typed[TYPED_KEY_BYTES];
    char b64[64];
    typed[0] = ED25519;
    memcpy(typed + 1, k->key, QM_KEY_BYTES);
    qm_b64_write(typed, sizeof typed, b64);
    return qm_buf_printf(out, "%s+%08x+%s", k->name, (unsigned)k->id, b64);
}

/* ---- reading notes ---- */

static bool note_bytes_ok(const char *t, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        if ((uint8_t)t[i] < ' ' && t[i] != '\n')
            return false;
    }
    return qm_utf8_ok(t, len);
}

static bool is_sig_line(const char *t, size_t len)
{
    return len >= SIG_MARK_BYTES && memcmp(t, SIG_MARK, SIG_MARK_BYTES) == 0;
}

/* line: between the mark and the LF. */
static qm_err sig_line_read(const char *line, size_t len, struct qm_note_sig *out)
{
    uint8_t bytes[KEY_ID_BYTES + sizeof out->sig];
    size_t n = 0;
    const char *space = len > 0 ? memchr(line, ' ', len) : NULL;
    if (space == NULL)
        return QM_E_MALFORMED;
    out->name = line;
    out->name_len = (size_t)(space - line);
    size_t b64_len = len - out->name_len - 1;
    if (!name_ok(out->name, out->name_len) || b64_len > SIG_B64_MAX)
        return QM_E_MALFORMED;
    if (qm_b64_read(space + 1, b64_len, bytes, sizeof bytes, &n) != QM_OK || n <= KEY_ID_BYTES)
        return QM_E_MALFORMED;
    out->id = u32_be(bytes);
    out->sig_len = n - KEY_ID_BYTES;
    memcpy(out->sig, bytes + KEY_ID_BYTES, out->sig_len);
    return QM_OK;
}

qm_err qm_note_read(const char *t, size_t len, struct qm_note *out)
{
    if (len < 2 || t[len - 1] != '\n' || !note_bytes_ok(t, len))
        return QM_E_MALFORMED;
    size_t split = len - 1; /* the LF of the last empty line */
    while (split > 0 && !(t[split] == '\n' && t[split - 1] == '\n'))
        split--;
    if (split == 0 || split == len - 1)
        return QM_E_MALFORMED;
    out->text = t;
    out->text_len = split;
    out->sigs = 0;
    for (const char *line = t + split + 1; line < t + len;) {
        size_t left = (size_t)(t + len - line);
        const char *lf = memchr(line, '\n', left);
        if (lf == NULL || out->sigs == QM_NOTE_SIGS_MAX || !is_sig_line(line, left))
            return QM_E_MALFORMED;
        const char *body = line + SIG_MARK_BYTES;
        if (body > lf || sig_line_read(body, (size_t)(lf - body), &out->sig[out->sigs]) != QM_OK)
            return QM_E_MALFORMED;
        out->sigs++;
        line = lf + 1;
    }
    return QM_OK;
}

qm_err qm_note_span(const char *t, size_t len, size_t *note_len)
{
    static const char start[] = "\n\n\xE2\x80\x94 ";
    const char *at = len > 0 ? memmem(t, len, start, sizeof start - 1) : NULL;
    size_t end = 0;
    if (at == NULL)
        return QM_E_MALFORMED;
    for (const char *line = at + 2; is_sig_line(line, (size_t)(t + len - line));) {
        const char *lf = memchr(line, '\n', (size_t)(t + len - line));
        if (lf == NULL)
            return QM_E_MALFORMED;
        line = lf + 1;
        end = (size_t)(line - t);
    }
    *note_len = end;
    return QM_OK;
}

qm_err qm_note_verify(const struct qm_note *n, const struct qm_vkey *key)
{
    size_t name_len = strlen(key->name);
    qm_err result = QM_E_UNKNOWN_KEY;
    for (size_t i = 0; i < n->sigs; i++) {
        const struct qm_note_sig *s = &n->sig[i];
        if (s->id != key->id || s->name_len != name_len ||
            memcmp(s->name, key->name, name_len) != 0)
            continue;
        /* libsodium takes no signature length: look at it first. */
        if (result == QM_OK || s->sig_len != QM_SIG_BYTES ||
            crypto_sign_verify_detached(s->sig, (const uint8_t *)n->text, n->text_len, key->key) !=
                0)
            return QM_E_BAD_SIGNATURE;
        result = QM_OK;
    }
    return result;
}

/* ---- writing notes ---- */

qm_err qm_sign_with_seed(void *seed, const uint8_t *msg, size_t len, uint8_t sig[QM_SIG_BYTES])
{
    uint8_t pk[crypto_sign_PUBLICKEYBYTES], sk[crypto_sign_SECRETKEYBYTES];
    crypto_sign_seed_keypair(pk, sk, seed);
    crypto_sign_detached(sig, NULL, msg, len, sk);
    sodium_memzero(sk, sizeof sk);
    return QM_OK;
}

qm_err qm_note_cosign(const char *text, size_t len, const struct qm_vkey *key, qm_sign_fn sign,
                      void *ctx, struct qm_buf *out)
{
    uint8_t bytes[KEY_ID_BYTES + QM_SIG_BYTES];
    char b64[100];
    qm_err e = sign(ctx, (const uint8_t *)text, len, bytes + KEY_ID_BYTES);
    if (e != QM_OK)
        return e;
    for (int i = 0; i < KEY_ID_BYTES; i++)
        bytes[i] = (uint8_t)(key->id >> (24 - 8 * i));
    qm_b64_write(bytes, sizeof bytes, b64);
    return qm_buf_printf(out, "%s%s %s\n", SIG_MARK, key->name, b64);
}

qm_err qm_note_sign(const char *text, size_t len, const struct qm_vkey *key, qm_sign_fn sign,
                    void *ctx, struct qm_buf *out)
{
    size_t start = out->len;
    if (len == 0 || text[len - 1] != '\n' || !note_bytes_ok(text, len))
        return QM_E_INVALID;
    if (qm_buf_add(out, text, len) != QM_OK || qm_buf_puts(out, "\n") != QM_OK)
        return out->err;
    qm_err e = qm_note_cosign(text, len, key, sign, ctx, out);
    if (e != QM_OK && out->err == QM_OK) { /* the key refused: leave no unsigned note behind */
        out->len = start;
        out->p[start] = 0;
    }
    return e;
}

/* ---- checkpoints ---- */

/* Takes one line off the front of *t; NULL if no LF is left. */
static const char *line_take(const char **t, const char *end, size_t *len)
{
    const char *line = *t;
    const char *lf = line < end ? memchr(line, '\n', (size_t)(end - line)) : NULL;
    if (lf == NULL)
        return NULL;
    *len = (size_t)(lf - line);
    *t = lf + 1;
    return line;
}

qm_err qm_checkpoint_read(const char *text, size_t len, struct qm_checkpoint *out)
{
    const char *end = text + len;
    size_t origin_len = 0, size_len = 0, root_len = 0, n = 0;
    int64_t size = 0;
    const char *origin = line_take(&text, end, &origin_len);
    const char *digits = line_take(&text, end, &size_len);
    const char *root = line_take(&text, end, &root_len);
    if (origin == NULL || digits == NULL || root == NULL || text != end)
        return QM_E_MALFORMED;
    if (origin_len >= QM_NAME_MAX_BYTES || !name_ok(origin, origin_len))
        return QM_E_MALFORMED;
    if (qm_dec_read(digits, size_len, INT64_MAX, &size) != QM_OK)
        return QM_E_MALFORMED;
    if (root_len != QM_B64_HASH_CHARS ||
        qm_b64_read(root, root_len, out->root.b, QM_HASH_BYTES, &n) != QM_OK || n != QM_HASH_BYTES)
        return QM_E_MALFORMED;
    memset(out->origin, 0, sizeof out->origin);
    memcpy(out->origin, origin, origin_len);
    out->size = (uint64_t)size;
    return QM_OK;
}

qm_err qm_checkpoint_write(const struct qm_checkpoint *c, struct qm_buf *out)
{
    char root[QM_B64_HASH_CHARS + 1];
    qm_b64_write(c->root.b, QM_HASH_BYTES, root);
    return qm_buf_printf(out, "%s\n%llu\n%s\n", c->origin, (unsigned long long)c->size, root);
}

/* ---- names of section 1 of the contract ---- */

qm_err qm_device_name(const char *host, const uint8_t device[QM_ID_BYTES],
                      char out[QM_NAME_MAX_BYTES])
{
    char uuid[QM_UUID_CHARS + 1];
    if (!qm_host_ok(host, strlen(host)))
        return QM_E_MALFORMED;
    qm_uuid_write(device, uuid);
    (void)snprintf(out, QM_NAME_MAX_BYTES, "%s/d/%s", host, uuid);
    return QM_OK;
}

/* Takes `text` off the front of [*t, *t + *len). */
static bool take(const char **t, size_t *len, const char *text, size_t text_len)
{
    if (*len < text_len || memcmp(*t, text, text_len) != 0)
        return false;
    *t += text_len;
    *len -= text_len;
    return true;
}

qm_err qm_device_name_read(const char *t, size_t len, const char *host, uint8_t device[QM_ID_BYTES])
{
    if (!take(&t, &len, host, strlen(host)) || !take(&t, &len, "/d/", 3))
        return QM_E_MALFORMED;
    return qm_uuid_read(t, len, 4, device);
}

qm_err qm_batch_origin(const char *host, const uint8_t device[QM_ID_BYTES],
                       const uint8_t batch[QM_ID_BYTES], char out[QM_NAME_MAX_BYTES])
{
    char d[QM_UUID_CHARS + 1], b[QM_UUID_CHARS + 1];
    if (!qm_host_ok(host, strlen(host)))
        return QM_E_MALFORMED;
    qm_uuid_write(device, d);
    qm_uuid_write(batch, b);
    (void)snprintf(out, QM_NAME_MAX_BYTES, "%s/d/%s/b/%s", host, d, b);
    return QM_OK;
}

qm_err qm_batch_origin_read(const char *t, size_t len, const char *host,
                            uint8_t device[QM_ID_BYTES], uint8_t batch[QM_ID_BYTES])
{
    enum { TAIL = 3 + QM_UUID_CHARS };
    if (len < TAIL)
        return QM_E_MALFORMED;
    const char *tail = t + len - TAIL;
    if (memcmp(tail, "/b/", 3) != 0 || qm_uuid_read(tail + 3, QM_UUID_CHARS, 7, batch) != QM_OK)
        return QM_E_MALFORMED;
    return qm_device_name_read(t, len - TAIL, host, device);
}

qm_err qm_log_origin(const char *host, int county, int tree, char out[QM_NAME_MAX_BYTES])
{
    if (!qm_host_ok(host, strlen(host)) || county < 1 || county > 999999 || tree < 1)
        return QM_E_MALFORMED;
    if (tree == 1)
        (void)snprintf(out, QM_NAME_MAX_BYTES, "%s/log/%06d", host, county);
    else
        (void)snprintf(out, QM_NAME_MAX_BYTES, "%s/log/%06d-%d", host, county, tree);
    return QM_OK;
}
