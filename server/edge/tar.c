/* tar.c - see tar.h.  Happy path and failure modes: as there. */
#include "edge/tar.h"

#include <stdio.h>
#include <string.h>

/* Fields of a header by their place. */
enum {
    NAME_BYTES = 100,
    MODE = 100,
    UID = 108,
    GID = 116,
    SIZE = 124,
    MTIME = 136,
    CHECKSUM = 148,
    TYPE = 156,
    MAGIC = 257
};
#define SIZE_MAX_BYTES ((INT64_C(1) << 33) - 1) /* 11 octal digits */

static void octal(char *field, int digits, int64_t value)
{
    char text[24];
    snprintf(text, sizeof text, "%0*llo", digits, (unsigned long long)value);
    memcpy(field, text, (size_t)digits);
}

qm_err qm_tar_file(struct qm_buf *out, const char *name, int64_t bytes, int64_t unix_s)
{
    char h[QM_TAR_BLOCK] = {0};
    unsigned sum = 0;
    if (strlen(name) > NAME_BYTES || bytes < 0 || bytes > SIZE_MAX_BYTES || unix_s < 0 ||
        unix_s > SIZE_MAX_BYTES)
        return QM_E_TOO_LARGE;
    memcpy(h, name, strlen(name));
    octal(h + MODE, 7, 0644);
    octal(h + UID, 7, 0);
    octal(h + GID, 7, 0);
    octal(h + SIZE, 11, bytes);
    octal(h + MTIME, 11, unix_s);
    memset(h + CHECKSUM, ' ', 8);
    h[TYPE] = '0';
    memcpy(h + MAGIC, "ustar\00000", 8);
    for (size_t i = 0; i < sizeof h; i++)
        sum += (unsigned char)h[i];
    octal(h + CHECKSUM, 6, sum);
    h[CHECKSUM + 6] = '\0';
    return qm_buf_add(out, h, sizeof h);
}

qm_err qm_tar_pad(struct qm_buf *out, int64_t bytes)
{
    static const char zeros[QM_TAR_BLOCK];
    size_t over = (size_t)(bytes % QM_TAR_BLOCK);
    return over == 0 ? out->err : qm_buf_add(out, zeros, QM_TAR_BLOCK - over);
}

qm_err qm_tar_end(struct qm_buf *out)
{
    static const char zeros[2 * QM_TAR_BLOCK];
    return qm_buf_add(out, zeros, sizeof zeros);
}
