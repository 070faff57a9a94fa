/* buf.c - floor 0: a growing byte buffer with a maximum given at init.
 *
 * Happy path: room doubles until it suffices, never beyond the maximum and the NUL.
 * Failure modes: no memory or past the maximum; both stick until qm_buf_reset and leave the content
 * as it was.  Growing wipes the block that is left behind, so that qm_buf_wipe can promise that no
 * copy of a secret stays on the heap.
 */
#include "wire/buf.h"

#include <sodium.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FIRST_CAP = 128 };

#ifdef QM_TEST_HOOKS
static long fail_countdown;

void qm_buf_fail_after(long n)
{
    fail_countdown = n;
}

static void *block_new(size_t size)
{
    if (fail_countdown > 0 && --fail_countdown == 0)
        return NULL;
    return malloc(size);
}
#else
static void *block_new(size_t size)
{
    return malloc(size);
}
#endif

void qm_buf_init(struct qm_buf *b, size_t max_bytes)
{
    /* One place less than SIZE_MAX keeps the NUL's arithmetic from wrapping. */
    *b = (struct qm_buf){.max_bytes = max_bytes < SIZE_MAX ? max_bytes : SIZE_MAX - 1};
}

static void release(struct qm_buf *b)
{
    free(b->p);
    b->p = NULL;
    b->len = 0;
    b->cap = 0;
    b->err = QM_OK;
}

void qm_buf_free(struct qm_buf *b)
{
    release(b);
}

void qm_buf_wipe(struct qm_buf *b)
{
    if (b->p != NULL)
        sodium_memzero(b->p, b->cap);
    release(b);
}

void qm_buf_reset(struct qm_buf *b)
{
    b->len = 0;
    b->err = QM_OK;
    if (b->p != NULL)
        b->p[0] = 0;
}

/* Makes room for more bytes and a NUL. */
static qm_err reserve(struct qm_buf *b, size_t more)
{
    if (b->err != QM_OK)
        return b->err;
    if (more > b->max_bytes - b->len)
        return b->err = QM_E_TOO_LARGE;
    size_t need = b->len + more + 1;
    if (need <= b->cap)
        return QM_OK;
    size_t cap = b->cap > 0 ? b->cap : FIRST_CAP;
    while (cap < need && cap <= SIZE_MAX / 2)
        cap *= 2;
    if (cap < need || cap > b->max_bytes + 1)
        cap = b->max_bytes + 1;
    uint8_t *p = block_new(cap);
    if (p == NULL)
        return b->err = QM_E_NOMEM;
    if (b->p != NULL) {
        memcpy(p, b->p, b->len);
        sodium_memzero(b->p, b->len);
        free(b->p);
    }
    b->p = p;
    b->cap = cap;
    b->p[b->len] = 0;
    return QM_OK;
}

qm_err qm_buf_add(struct qm_buf *b, const void *bytes, size_t len)
{
    if (len == 0)
        return b->err;
    qm_err e = reserve(b, len);
    if (e != QM_OK)
        return e;
    memcpy(b->p + b->len, bytes, len);
    b->len += len;
    b->p[b->len] = 0;
    return QM_OK;
}

qm_err qm_buf_puts(struct qm_buf *b, const char *text)
{
    return qm_buf_add(b, text, strlen(text));
}

qm_err qm_buf_printf(struct qm_buf *b, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    /* NOLINTNEXTLINE(clang-analyzer-valist.Uninitialized): va_start is one line above */
    int n = vsnprintf(NULL, 0, format, args);
    va_end(args);
    if (n < 0)
        return b->err != QM_OK ? b->err : (b->err = QM_E_TOO_LARGE);
    if (n == 0)
        return b->err;
    qm_err e = reserve(b, (size_t)n);
    if (e != QM_OK)
        return e;
    va_start(args, format);
    (void)vsnprintf((char *)b->p + b->len, (size_t)n + 1, format, args);
    va_end(args);
    b->len += (size_t)n;
    return QM_OK;
}

void qm_buf_shift(struct qm_buf *b, size_t n)
{
    if (n == 0 || n > b->len)
        return;
    memmove(b->p, b->p + n, b->len - n);
    b->len -= n;
    b->p[b->len] = 0;
}

uint8_t *qm_buf_steal(struct qm_buf *b, size_t *len)
{
    uint8_t *p = NULL;
    *len = 0;
    if (b->err == QM_OK && b->len > 0) {
        p = b->p;
        *len = b->len;
        b->p = NULL;
    }
    release(b);
    return p;
}
