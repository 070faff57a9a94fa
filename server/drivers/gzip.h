/* gzip.h - floor 2: the only user of zlib: a buffer as one gzip member (RFC 1952).
 *
 * Happy path: out holds the member, smaller than the input.
 * Failure: QM_E_TOO_LARGE if it would not be smaller, QM_E_NOMEM; out is empty then.
 * Any thread; work for the pool, because it grows with the input.
 */
#ifndef QM_DRIVERS_GZIP_H
#define QM_DRIVERS_GZIP_H

#include <stddef.h>
#include <stdint.h>

#include "wire/buf.h"

/* out is initialised here; the caller frees it. len at least 1. */
qm_err qm_gzip(const uint8_t *in, size_t len, struct qm_buf *out);

#endif
