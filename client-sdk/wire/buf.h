/* buf.h - floor 0: a growing byte buffer with a maximum given at init.
 *
 * Happy path: init, append as often as needed, read p and len, free.
 * Failure: an append that would pass the maximum, or for which there is no
 * memory, leaves the content untouched, returns the error and makes every later
 * append return it too ("sticky"), so that a writer may check once at the end.
 * Content is always followed by a NUL that is not counted in len.
 * Not thread-safe; pure otherwise.
 */
#ifndef QM_WIRE_BUF_H
#define QM_WIRE_BUF_H

#include <stddef.h>
#include <stdint.h>

#include "wire/err.h"

struct qm_buf {
    uint8_t *p; /* owned; NULL while empty */
    size_t len;
    size_t cap;
    size_t max_bytes;
    qm_err err; /* QM_OK, QM_E_TOO_LARGE or QM_E_NOMEM */
};

void qm_buf_init(struct qm_buf *b, size_t max_bytes);
void qm_buf_free(struct qm_buf *b);  /* also wipes nothing: use qm_buf_wipe for secrets */
void qm_buf_wipe(struct qm_buf *b);  /* overwrites, then frees */
void qm_buf_reset(struct qm_buf *b); /* len 0, err QM_OK, memory kept */
qm_err qm_buf_add(struct qm_buf *b, const void *bytes, size_t len);
qm_err qm_buf_puts(struct qm_buf *b, const char *text);
qm_err qm_buf_printf(struct qm_buf *b, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* Takes n bytes from the front (n <= len). */
void qm_buf_shift(struct qm_buf *b, size_t n);
/* Hands the memory to the caller (free()); the buffer is empty afterwards. NULL if err or empty. */
uint8_t *qm_buf_steal(struct qm_buf *b, size_t *len);

/* For tests of allocation failure: the n-th next allocation of any buffer fails (0 = off).
 * Only in builds with QM_TEST_HOOKS. */
#ifdef QM_TEST_HOOKS
void qm_buf_fail_after(long n);
#endif

#endif
