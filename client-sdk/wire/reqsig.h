/* reqsig.h - floor 0: signed requests, RFC 9421 with RFC 9530, one fixed profile (section 9).
 *
 *     Signature-Input: sig=("@method" "@authority" "@path" "@query");created=<10 digits>;
 *                      keyid="<device>+<8 hex>";tag="qm1"
 *     with a body also "content-type" "content-digest", in that order, and
 *     Content-Digest: sha-256=:<base64>:
 * @query is "?" when there is none.  The authority is the configured host, never the Host header.
 * Pure, any thread.
 */
#ifndef QM_WIRE_REQSIG_H
#define QM_WIRE_REQSIG_H

#include <stdbool.h>

#include "wire/note.h"

struct qm_reqsig {
    const char *method;                /* "GET" */
    const char *authority;             /* the configured host */
    const char *path;                  /* as on the wire */
    const char *query;                 /* without '?'; NULL or "" for none */
    const char *content_type;          /* NULL: no body */
    const struct qm_hash *body_sha256; /* with content_type */
    int64_t created_s;
};
enum { QM_REQSIG_HEADER_MAX = 640 };

/* Writes the three header values; digest is "" without a body. */
qm_err qm_reqsig_sign(const struct qm_reqsig *r, const struct qm_vkey *key, qm_sign_fn sign,
                      void *ctx, char input[QM_REQSIG_HEADER_MAX], char signature[128],
                      char digest[80]);

struct qm_reqsig_input {
    char device_name[QM_NAME_MAX_BYTES];
    uint8_t device[QM_ID_BYTES];
    uint32_t key_id;
    int64_t created_s;
    bool with_body;
};
/* Reads Signature-Input (exactly the profile); the caller then looks the device's key up. */
qm_err qm_reqsig_input_read(const char *input, const char *host, struct qm_reqsig_input *out);
/* signature: the Signature header.  Checks the time (300 s: QM_E_STALE_SIGNATURE) and the
 * signature. r->created_s is ignored; the digest header must equal r->body_sha256
 * (QM_E_DIGEST_MISMATCH). */
qm_err qm_reqsig_verify(const struct qm_reqsig *r, const char *input, const char *signature,
                        const char *digest, const struct qm_vkey *key, int64_t now_s);

#endif
