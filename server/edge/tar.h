/* tar.h - floor 4: headers of a tar in the format ustar (POSIX.1-1988, IEEE 1003.1). Pure. */
#ifndef QM_EDGE_TAR_H
#define QM_EDGE_TAR_H

#include <stdint.h>

#include "wire/buf.h"

enum { QM_TAR_BLOCK = 512 };

/* The header of a plain file, mode 0644. QM_E_TOO_LARGE: a name above 100 bytes, or a size that has
 * no room (8 GiB). */
qm_err qm_tar_file(struct qm_buf *out, const char *name, int64_t bytes, int64_t unix_s);
/* Zeros up to the next block, behind a file of that size. */
qm_err qm_tar_pad(struct qm_buf *out, int64_t bytes);
/* The two empty blocks at the end. */
qm_err qm_tar_end(struct qm_buf *out);

#endif
