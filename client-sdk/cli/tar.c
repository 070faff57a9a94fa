/* tar.c - see tar.h. */
#include "cli/tar.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "qiaomen/client.h"

/* Offsets of a ustar header. */
enum {
    NAME = 0,
    NAME_BYTES = 100,
    SIZE = 124,
    SIZE_BYTES = 12,
    SUM = 148,
    SUM_BYTES = 8,
    TYPE = 156,
    MAGIC = 257,
    PREFIX = 345,
    PREFIX_BYTES = 155
};

void tar_begin(struct tar *t, int folder)
{
    memset(t, 0, sizeof *t);
    t->folder = folder;
    t->file = -1;
}

static int failed(void)
{
    return errno == ENOSPC || errno == EDQUOT || errno == EFBIG ? QM_C_DISK_FULL : QM_C_IO;
}

/* Octal digits, ended by a space or NUL or the field. */
static bool octal_read(const uint8_t *p, size_t len, uint64_t *out)
{
    size_t i = 0;
    *out = 0;
    for (; i < len && p[i] >= '0' && p[i] <= '7'; i++)
        *out = *out * 8 + (uint64_t)(p[i] - '0');
    return i > 0 && (i == len || p[i] == 0 || p[i] == ' ');
}

static bool sum_holds(const uint8_t block[TAR_BLOCK_BYTES])
{
    uint64_t said = 0, sum = 0;
    for (size_t i = 0; i < TAR_BLOCK_BYTES; i++)
        sum += i >= SUM && i < SUM + SUM_BYTES ? ' ' : block[i];
    return octal_read(block + SUM, SUM_BYTES, &said) && said == sum;
}

/* "v1/log/140522/tile/0/x001/234.p/7": parts of letters, digits, `.`, `_`, `-`, none of dots only.
 */
static bool name_ok(const char *name)
{
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-";
    int depth = 0;
    for (const char *p = name;; p++) {
        size_t part = strspn(p, plain);
        if (part == 0 || strspn(p, ".") >= part || ++depth > TAR_DEPTH_MAX)
            return false;
        p += part;
        if (*p == 0)
            return true;
        if (*p != '/')
            return false;
    }
}

static bool name_read(const uint8_t block[TAR_BLOCK_BYTES], char out[TAR_NAME_MAX_BYTES])
{
    size_t name = strnlen((const char *)block + NAME, NAME_BYTES);
    size_t prefix = strnlen((const char *)block + PREFIX, PREFIX_BYTES);
    if (name == 0 || prefix + 1 + name >= TAR_NAME_MAX_BYTES)
        return false;
    (void)snprintf(out, TAR_NAME_MAX_BYTES, "%.*s%s%.*s", (int)prefix, block + PREFIX,
                   prefix > 0 ? "/" : "", (int)name, block + NAME);
    size_t len = strlen(out);
    if (block[TYPE] == '5' && out[len - 1] == '/')
        out[len - 1] = 0;
    return name_ok(out);
}

/* Folders above a name; the whole name too if it is a folder's. */
static int folders_make(const struct tar *t, char *name, bool whole)
{
    for (char *p = strchr(name, '/'); p != NULL; p = strchr(p + 1, '/')) {
        *p = 0;
        int rc = mkdirat(t->folder, name, 0700);
        *p = '/';
        if (rc != 0 && errno != EEXIST)
            return failed();
    }
    if (whole && mkdirat(t->folder, name, 0700) != 0 && errno != EEXIST)
        return failed();
    return QM_C_OK;
}

/* The folder was made by us and links are refused, so no part of a name leads out of it. */
static int file_begin(struct tar *t, char *name)
{
    int flags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC;
    t->file = openat(t->folder, name, flags, 0600);
    if (t->file < 0 && errno == ENOENT) {
        int rc = folders_make(t, name, false);
        if (rc != QM_C_OK)
            return rc;
        t->file = openat(t->folder, name, flags, 0600);
    }
    if (t->file < 0)
        return errno == EEXIST || errno == ENOTDIR || errno == EISDIR ? QM_C_MALFORMED : failed();
    t->files++;
    return QM_C_OK;
}

static int file_end(struct tar *t)
{
    int rc = t->file >= 0 && close(t->file) != 0 ? failed() : QM_C_OK;
    t->file = -1;
    return rc;
}

static int header_take(struct tar *t)
{
    static const uint8_t zero[TAR_BLOCK_BYTES];
    char name[TAR_NAME_MAX_BYTES];
    uint64_t size = 0;
    if (memcmp(t->block, zero, sizeof zero) == 0) {
        t->zeros++;
        return QM_C_OK;
    }
    if (t->zeros > 0 || memcmp(t->block + MAGIC, "ustar", 5) != 0 || !sum_holds(t->block) ||
        !octal_read(t->block + SIZE, SIZE_BYTES, &size) || !name_read(t->block, name))
        return QM_C_MALFORMED;
    if (t->block[TYPE] == '5')
        return size == 0 ? folders_make(t, name, true) : QM_C_MALFORMED;
    if (t->block[TYPE] != '0' && t->block[TYPE] != 0)
        return QM_C_MALFORMED;
    int rc = file_begin(t, name);
    t->left = size;
    t->padding = (TAR_BLOCK_BYTES - size % TAR_BLOCK_BYTES) % TAR_BLOCK_BYTES;
    return rc == QM_C_OK && size == 0 ? file_end(t) : rc;
}

static int content_take(struct tar *t, const uint8_t *p, size_t len)
{
    while (len > 0) {
        ssize_t n = write(t->file, p, len);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return failed();
        p += n;
        len -= (size_t)n;
        t->left -= (uint64_t)n;
    }
    return t->left == 0 ? file_end(t) : QM_C_OK;
}

int tar_push(struct tar *t, const void *bytes, size_t len)
{
    const uint8_t *p = bytes;
    int rc = QM_C_OK;
    t->bytes += len;
    while (rc == QM_C_OK && len > 0) {
        size_t n = len;
        if (t->left > 0) {
            n = t->left < len ? (size_t)t->left : len;
            rc = content_take(t, p, n);
        } else if (t->padding > 0) {
            n = t->padding < len ? (size_t)t->padding : len;
            t->padding -= n;
        } else {
            n = TAR_BLOCK_BYTES - t->fill < len ? TAR_BLOCK_BYTES - t->fill : len;
            memcpy(t->block + t->fill, p, n);
            t->fill += n;
            if (t->fill == TAR_BLOCK_BYTES) {
                t->fill = 0;
                rc = header_take(t);
            }
        }
        p += n;
        len -= n;
    }
    return rc;
}

int tar_end(struct tar *t)
{
    int rc = file_end(t);
    bool whole = t->left == 0 && t->padding == 0 && t->fill == 0 && t->zeros >= 2;
    return rc == QM_C_OK && !whole ? QM_C_MALFORMED : rc;
}
