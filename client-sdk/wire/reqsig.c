/* reqsig.c - floor 0: signed requests, RFC 9421 with RFC 9530, one fixed profile.
 *
 * Happy path: the profile allows exactly one spelling of Signature-Input, so it is read by writing
 * what it should be and comparing; the signature base of RFC 9421 section 2.5 is built from the
 * request and verified.
 * Failure modes: another spelling (QM_E_MALFORMED), another key, a clock too far off, a signature
 * that does not hold, a body that is not the one of the digest.
 */
#include "wire/reqsig.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char COVERED[] = "(\"@method\" \"@authority\" \"@path\" \"@query\")";
static const char COVERED_BODY[] =
    "(\"@method\" \"@authority\" \"@path\" \"@query\" \"content-type\" \"content-digest\")";
enum {
    CREATED_DIGITS = 10,
    SKEW_MAX_S = 300,
    BASE_MAX_BYTES = 20480, /* a path and query of 16 KiB of headers fit */
    DIGEST_CHARS = 9 + QM_B64_HASH_CHARS + 1,
    SIG_CHARS = 5 + 88 + 1
};
#define CREATED_MIN INT64_C(1000000000)
#define CREATED_MAX INT64_C(9999999999)

/* What stands behind "sig=" in Signature-Input, and last in the base. */
static qm_err params_write(bool with_body, int64_t created_s, const char *device_name, uint32_t id,
                           char out[QM_REQSIG_HEADER_MAX])
{
    int n = snprintf(out, QM_REQSIG_HEADER_MAX, "%s;created=%lld;keyid=\"%s+%08x\";tag=\"qm1\"",
                     with_body ? COVERED_BODY : COVERED, (long long)created_s, device_name,
                     (unsigned)id);
    return n > 0 && n < QM_REQSIG_HEADER_MAX - 4 ? QM_OK : QM_E_TOO_LARGE;
}

/* A line break in a component would let one request pass for another. */
static bool visible(const char *text)
{
    for (; *text != 0; text++) {
        if ((uint8_t)*text < ' ' || *text == 0x7F)
            return false;
    }
    return true;
}

static qm_err base_write(const struct qm_reqsig *r, const char *digest, const char *params,
                         struct qm_buf *out)
{
    const char *query = r->query != NULL ? r->query : "";
    if (!visible(r->method) || !visible(r->authority) || !visible(r->path) || !visible(query) ||
        (r->content_type != NULL && !visible(r->content_type)))
        return QM_E_MALFORMED;
    qm_buf_printf(out, "\"@method\": %s\n\"@authority\": %s\n\"@path\": %s\n\"@query\": ?%s\n",
                  r->method, r->authority, r->path, query);
    if (r->content_type != NULL)
        qm_buf_printf(out, "\"content-type\": %s\n\"content-digest\": %s\n", r->content_type,
                      digest);
    return qm_buf_printf(out, "\"@signature-params\": %s", params);
}

static void digest_write(const struct qm_hash *h, char out[80])
{
    char b64[QM_B64_HASH_CHARS + 1];
    qm_b64_write(h->b, QM_HASH_BYTES, b64);
    (void)snprintf(out, 80, "sha-256=:%s:", b64);
}

qm_err qm_reqsig_sign(const struct qm_reqsig *r, const struct qm_vkey *key, qm_sign_fn sign,
                      void *ctx, char input[QM_REQSIG_HEADER_MAX], char signature[128],
                      char digest[80])
{
    char params[QM_REQSIG_HEADER_MAX], b64[100];
    uint8_t sig[QM_SIG_BYTES];
    struct qm_buf base;
    bool with_body = r->content_type != NULL;
    digest[0] = 0;
    if (with_body != (r->body_sha256 != NULL) || r->created_s < CREATED_MIN ||
        r->created_s > CREATED_MAX)
        return QM_E_INVALID;
    if (with_body)
        digest_write(r->body_sha256, digest);
    qm_err e = params_write(with_body, r->created_s, key->name, key->id, params);
    if (e != QM_OK)
        return e;
    qm_buf_init(&base, BASE_MAX_BYTES);
    e = base_write(r, digest, params, &base);
    if (e == QM_OK)
        e = sign(ctx, base.p, base.len, sig);
    qm_buf_free(&base);
    if (e != QM_OK)
        return e;
    qm_b64_write(sig, sizeof sig, b64);
    (void)snprintf(input, QM_REQSIG_HEADER_MAX, "sig=%.*s", QM_REQSIG_HEADER_MAX - 5, params);
    (void)snprintf(signature, 128, "sig=:%s:", b64);
    return QM_OK;
}

/* ---- reading ---- */

static bool take(const char **t, const char *text)
{
    size_t n = strlen(text);
    if (strncmp(*t, text, n) != 0)
        return false;
    *t += n;
    return true;
}

/* keyid: "<device>+<8 hex>", up to the closing quote. */
static qm_err keyid_read(const char *t, size_t len, const char *host, struct qm_reqsig_input *out)
{
    uint8_t id[4];
    if (len < 10 || t[len - 9] != '+' || qm_hex_read(t + len - 8, 8, id, sizeof id) != QM_OK)
        return QM_E_MALFORMED;
    size_t name_len = len - 9;
    if (name_len >= QM_NAME_MAX_BYTES ||
        qm_device_name_read(t, name_len, host, out->device) != QM_OK)
        return QM_E_MALFORMED;
    memset(out->device_name, 0, sizeof out->device_name);
    memcpy(out->device_name, t, name_len);
    out->key_id =
        (uint32_t)id[0] << 24 | (uint32_t)id[1] << 16 | (uint32_t)id[2] << 8 | (uint32_t)id[3];
    return QM_OK;
}

qm_err qm_reqsig_input_read(const char *input, const char *host, struct qm_reqsig_input *out)
{
    const char *t = input;
    if (strnlen(input, QM_REQSIG_HEADER_MAX) == QM_REQSIG_HEADER_MAX || !take(&t, "sig="))
        return QM_E_MALFORMED;
    out->with_body = take(&t, COVERED_BODY);
    if (!out->with_body && !take(&t, COVERED))
        return QM_E_MALFORMED;
    if (!take(&t, ";created=") || strlen(t) < CREATED_DIGITS ||
        qm_dec_read(t, CREATED_DIGITS, CREATED_MAX, &out->created_s) != QM_OK)
        return QM_E_MALFORMED;
    t += CREATED_DIGITS;
    if (!take(&t, ";keyid=\""))
        return QM_E_MALFORMED;
    const char *quote = strchr(t, '"');
    if (quote == NULL || strcmp(quote, "\";tag=\"qm1\"") != 0)
        return QM_E_MALFORMED;
    return keyid_read(t, (size_t)(quote - t), host, out);
}

static qm_err signature_read(const char *t, uint8_t sig[QM_SIG_BYTES])
{
    size_t n = 0;
    if (strlen(t) != 5 + 88 + 1 || strncmp(t, "sig=:", 5) != 0 || t[SIG_CHARS - 1] != ':')
        return QM_E_MALFORMED;
    if (qm_b64_read(t + 5, 88, sig, QM_SIG_BYTES, &n) != QM_OK || n != QM_SIG_BYTES)
        return QM_E_MALFORMED;
    return QM_OK;
}

static qm_err digest_read(const char *t, struct qm_hash *out)
{
    size_t n = 0;
    if (t == NULL || strlen(t) != DIGEST_CHARS || strncmp(t, "sha-256=:", 9) != 0 ||
        t[DIGEST_CHARS - 1] != ':')
        return QM_E_MALFORMED;
    if (qm_b64_read(t + 9, QM_B64_HASH_CHARS, out->b, QM_HASH_BYTES, &n) != QM_OK ||
        n != QM_HASH_BYTES)
        return QM_E_MALFORMED;
    return QM_OK;
}

static qm_err base_verify(const struct qm_reqsig *r, const char *digest, const char *params,
                          const uint8_t sig[QM_SIG_BYTES], const struct qm_vkey *key)
{
    struct qm_buf base;
    qm_buf_init(&base, BASE_MAX_BYTES);
    qm_err e = base_write(r, digest, params, &base);
    if (e == QM_OK && crypto_sign_verify_detached(sig, base.p, base.len, key->key) != 0)
        e = QM_E_BAD_SIGNATURE;
    qm_buf_free(&base);
    return e;
}

/* The host was checked when the input was read for the first time; here the key says who signed. */
static qm_err input_of_key(const char *input, const char *authority, const struct qm_vkey *key,
                           struct qm_reqsig_input *in)
{
    qm_err e = qm_reqsig_input_read(input, authority, in);
    if (e != QM_OK)
        return e;
    if (in->key_id != key->id || strcmp(in->device_name, key->name) != 0)
        return QM_E_UNKNOWN_KEY;
    return QM_OK;
}

qm_err qm_reqsig_verify(const struct qm_reqsig *r, const char *input, const char *signature,
                        const char *digest, const struct qm_vkey *key, int64_t now_s)
{
    struct qm_reqsig_input in;
    struct qm_hash sent;
    uint8_t sig[QM_SIG_BYTES];
    bool with_body = r->content_type != NULL;
    qm_err e = input_of_key(input, r->authority, key, &in);
    if (e != QM_OK)
        return e;
    if (in.with_body != with_body || with_body != (r->body_sha256 != NULL) ||
        signature_read(signature, sig) != QM_OK ||
        (with_body && digest_read(digest, &sent) != QM_OK))
        return QM_E_MALFORMED;
    if (llabs(now_s - in.created_s) > SKEW_MAX_S)
        return QM_E_STALE_SIGNATURE;
    e = base_verify(r, digest, input + strlen("sig="), sig, key);
    if (e == QM_OK && with_body && memcmp(sent.b, r->body_sha256->b, QM_HASH_BYTES) != 0)
        e = QM_E_DIGEST_MISMATCH;
    return e;
}
