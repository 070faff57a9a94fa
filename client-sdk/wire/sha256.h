/* sha256.h - floor 0: SHA-256 (FIPS 180-4) of bytes that come in pieces.
 *
 * Happy path: begin, add as often as needed, end; then begin anew.  Cannot fail.
 * Not for two threads at once; pure otherwise.
 */
#ifndef QM_WIRE_SHA256_H
#define QM_WIRE_SHA256_H

#include "wire/merkle.h"

struct qm_sha256 {
    _Alignas(16) uint8_t state[128]; /* the library's own */
};

void qm_sha256_begin(struct qm_sha256 *s);
void qm_sha256_add(struct qm_sha256 *s, const void *bytes, size_t len);
void qm_sha256_end(struct qm_sha256 *s, struct qm_hash *out);

#endif
