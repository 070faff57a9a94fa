/* spool.c - see spool.h.
 * Happy path: a full block is written behind the last one and remembers the block before it of its
 * own partition.  Failure: a write or read that comes short.
 */
#include "audit/spool.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { BLOCK_BYTES = 8192, FILE_TAIL_BYTES = 65536 };

struct qm_au_part {
    uint8_t *block; /* offset of the block before it, then records; NULL until the first record */
    size_t fill;    /* records in block */
    int64_t before; /* offset of the last block written; -1: none */
    uint64_t written;
};

static qm_err failed(int error)
{
    if (error == ENOSPC || error == EDQUOT || error == EFBIG)
        return QM_E_DISK_FULL;
    return error == ENOMEM ? QM_E_NOMEM : QM_E_IO;
}

/* A file without a name: nothing stays behind, however the command ends. */
static qm_err nameless(const char *folder, int *fd)
{
    char path[4096];
    *fd = open(folder, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
    if (*fd >= 0)
        return QM_OK;
    if (errno != EOPNOTSUPP && errno != EISDIR && errno != EINVAL)
        return failed(errno);
    if (snprintf(path, sizeof path, "%s/qiaomen-XXXXXX", folder) >= (int)sizeof path)
        return QM_E_INVALID;
    *fd = mkostemp(path, O_CLOEXEC);
    if (*fd < 0)
        return failed(errno);
    return unlink(path) == 0 ? QM_OK : QM_E_IO;
}

static qm_err write_at(int fd, const void *bytes, size_t len, int64_t at)
{
    const uint8_t *p = bytes;
    while (len > 0) {
        ssize_t n = pwrite(fd, p, len, (off_t)at);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return n == 0 ? QM_E_DISK_FULL : failed(errno);
        p += n;
        len -= (size_t)n;
        at += n;
    }
    return QM_OK;
}

static qm_err read_at(int fd, void *bytes, size_t len, int64_t at)
{
    uint8_t *p = bytes;
    while (len > 0) {
        ssize_t n = pread(fd, p, len, (off_t)at);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return QM_E_IO;
        p += n;
        len -= (size_t)n;
        at += n;
    }
    return QM_OK;
}

/* ---- partitions ---- */

qm_err qm_au_spool_open(struct qm_au_spool *s, const char *folder, size_t record, size_t parts)
{
    *s = (struct qm_au_spool){.fd = -1, .record = record, .parts = parts};
    s->block_records = (BLOCK_BYTES - sizeof(int64_t)) / record;
    s->part = calloc(parts, sizeof *s->part);
    s->err = s->part == NULL ? QM_E_NOMEM : nameless(folder, &s->fd);
    for (size_t i = 0; s->part != NULL && i < parts; i++)
        s->part[i].before = -1;
    return s->err;
}

void qm_au_spool_close(struct qm_au_spool *s)
{
    for (size_t i = 0; s->part != NULL && i < s->parts; i++)
        free(s->part[i].block);
    free(s->part);
    s->part = NULL;
    if (s->fd >= 0)
        close(s->fd);
    s->fd = -1;
}

size_t qm_au_spool_part(const struct qm_au_spool *s, const void *key)
{
    uint64_t h[2];
    memcpy(h, key, sizeof h);
    /* Ids begin with their time: mix, so that a busy hour is spread over all partitions. */
    uint64_t m = (h[0] * UINT64_C(0x9E3779B97F4A7C15)) ^ (h[1] * UINT64_C(0xC2B2AE3D27D4EB4F));
    m ^= m >> 31;
    return (size_t)(m >> 7) & (s->parts - 1);
}

static qm_err block_write(struct qm_au_spool *s, struct qm_au_part *p)
{
    memcpy(p->block, &p->before, sizeof p->before);
    qm_err e = write_at(s->fd, p->block, BLOCK_BYTES, s->end);
    if (e != QM_OK)
        return e;
    p->before = s->end;
    p->written += p->fill;
    p->fill = 0;
    s->end += BLOCK_BYTES;
    return QM_OK;
}

qm_err qm_au_spool_put(struct qm_au_spool *s, const void *key, const void *record)
{
    if (s->err != QM_OK)
        return s->err;
    struct qm_au_part *p = &s->part[qm_au_spool_part(s, key)];
    if (p->block == NULL && (p->block = malloc(BLOCK_BYTES)) == NULL)
        return s->err = QM_E_NOMEM;
    if (p->fill == s->block_records && (s->err = block_write(s, p)) != QM_OK)
        return s->err;
    memcpy(p->block + sizeof p->before + p->fill * s->record, record, s->record);
    p->fill++;
    return QM_OK;
}

qm_err qm_au_spool_load(struct qm_au_spool *s, size_t part, void **records, size_t *n)
{
    uint8_t block[BLOCK_BYTES];
    struct qm_au_part *p = &s->part[part];
    size_t at = p->fill * s->record;
    *records = NULL;
    *n = (size_t)(p->written + p->fill);
    if (s->err != QM_OK || *n == 0)
        return s->err;
    uint8_t *all = malloc(*n * s->record);
    if (all == NULL)
        return QM_E_NOMEM;
    if (p->fill > 0)
        memcpy(all, p->block + sizeof p->before, at);
    for (int64_t from = p->before; from >= 0 && s->err == QM_OK;) {
        s->err = read_at(s->fd, block, sizeof block, from);
        memcpy(all + at, block + sizeof from, s->block_records * s->record);
        at += s->block_records * s->record;
        memcpy(&from, block, sizeof from);
    }
    if (s->err != QM_OK) {
        free(all);
        return s->err;
    }
    *records = all;
    return QM_OK;
}

/* ---- files of equal records ---- */

qm_err qm_au_file_open(struct qm_au_file *f, const char *folder, size_t record)
{
    *f = (struct qm_au_file){.fd = -1, .record = record};
    f->room = record < FILE_TAIL_BYTES ? FILE_TAIL_BYTES / record : 1;
    f->tail = malloc(f->room * record);
    f->err = f->tail == NULL ? QM_E_NOMEM : nameless(folder, &f->fd);
    return f->err;
}

void qm_au_file_close(struct qm_au_file *f)
{
    free(f->tail);
    f->tail = NULL;
    if (f->fd >= 0)
        close(f->fd);
    f->fd = -1;
}

qm_err qm_au_file_add(struct qm_au_file *f, const void *record)
{
    if (f->err != QM_OK)
        return f->err;
    memcpy(f->tail + f->fill * f->record, record, f->record);
    f->fill++;
    f->n++;
    if (f->fill == f->room) {
        f->err =
            write_at(f->fd, f->tail, f->fill * f->record, (int64_t)((f->n - f->fill) * f->record));
        f->fill = 0;
    }
    return f->err;
}

qm_err qm_au_file_read(struct qm_au_file *f, uint64_t at, size_t n, void *out)
{
    uint64_t stored = f->n - f->fill;
    uint8_t *to = out;
    if (f->err != QM_OK)
        return f->err;
    if (at > f->n || n > f->n - at)
        return QM_E_INVALID;
    if (at < stored) {
        size_t here = stored - at < n ? (size_t)(stored - at) : n;
        f->err = read_at(f->fd, to, here * f->record, (int64_t)(at * f->record));
        to += here * f->record;
        at += here;
        n -= here;
    }
    if (n > 0)
        memcpy(to, f->tail + (at - stored) * f->record, n * f->record);
    return f->err;
}
