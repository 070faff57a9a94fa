/* read.c - floor 2, inside audit: files of the folder, and small pieces of text.
 * Happy path: a name below the log's folder is opened and read whole or line by line.
 * Failure: no such file, too large, not readable.  A name never comes from what is read.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "audit/inside.h"

static qm_err open_below(const struct qm_au *a, const char *name, int *fd)
{
    char path[QM_AU_PATH_MAX + 128];
    (void)snprintf(path, sizeof path, "%s/%s", a->log_folder, name);
    *fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (*fd < 0)
        return errno == ENOENT || errno == ENOTDIR || errno == ELOOP ? QM_E_NOT_FOUND : QM_E_IO;
    return QM_OK;
}

qm_err qm_au_read(const struct qm_au *a, const char *name, struct qm_buf *out)
{
    uint8_t part[65536];
    int fd = -1;
    qm_err e = open_below(a, name, &fd);
    while (e == QM_OK) {
        ssize_t n = read(fd, part, sizeof part);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            e = errno == EISDIR ? QM_E_NOT_FOUND : QM_E_IO;
        if (n <= 0)
            break;
        e = qm_buf_add(out, part, (size_t)n);
    }
    if (fd >= 0)
        close(fd);
    return e;
}

qm_err qm_au_hash_file(const struct qm_au *a, const char *name, struct qm_hash *out)
{
    uint8_t part[65536];
    struct qm_sha256 sha;
    int fd = -1;
    qm_err e = open_below(a, name, &fd);
    qm_sha256_begin(&sha);
    while (e == QM_OK) {
        ssize_t n = read(fd, part, sizeof part);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            e = errno == EISDIR ? QM_E_NOT_FOUND : QM_E_IO;
        if (n <= 0)
            break;
        qm_sha256_add(&sha, part, (size_t)n);
    }
    if (fd >= 0)
        close(fd);
    qm_sha256_end(&sha, out);
    return e;
}

void qm_au_tile_name(const char *level, uint64_t n, unsigned width, char out[96])
{
    char number[48] = "";
    char step[8];
    /* Groups of three digits from the right; all but the last one begin with x. */
    for (uint64_t rest = n, first = 1; first || rest > 0; rest /= 1000, first = 0) {
        char whole[sizeof number];
        (void)snprintf(step, sizeof step, first ? "%03u" : "x%03u", (unsigned)(rest % 1000));
        (void)snprintf(whole, sizeof whole, "%s%s%.38s", step, first ? "" : "/", number);
        memcpy(number, whole, sizeof number);
    }
    if (width > 0)
        (void)snprintf(out, 96, "tile/%.12s/%.47s.p/%u", level, number, width);
    else
        (void)snprintf(out, 96, "tile/%.12s/%.47s", level, number);
}

void qm_au_object_name(const struct qm_hash *sha, char out[80])
{
    static const char folder[] = "object/";
    (void)snprintf(out, 80, "%s", folder);
    qm_hex_write(sha->b, QM_HASH_BYTES, out + sizeof folder - 1);
}

/* ---- lines ---- */

qm_err qm_au_lines_open(const struct qm_au *a, const char *name, struct qm_au_lines *l)
{
    l->at = l->len = 0;
    l->ended = false;
    l->hashing = true;
    qm_sha256_begin(&l->sha);
    return open_below(a, name, &l->fd);
}

void qm_au_lines_close(struct qm_au_lines *l)
{
    if (l->fd >= 0)
        close(l->fd);
    l->fd = -1;
}

static bool lines_fill(struct qm_au_lines *l)
{
    memmove(l->buf, l->buf + l->at, l->len - l->at);
    l->len -= l->at;
    l->at = 0;
    if (l->len == sizeof l->buf)
        return false;
    ssize_t n = read(l->fd, l->buf + l->len, sizeof l->buf - l->len);
    if (n < 0)
        return errno == EINTR;
    if (n == 0)
        l->ended = true;
    if (l->hashing)
        qm_sha256_add(&l->sha, l->buf + l->len, (size_t)n);
    l->len += (size_t)n;
    return true;
}

int qm_au_lines_next(struct qm_au_lines *l, const char **line, size_t *len)
{
    for (;;) {
        const char *from = l->buf + l->at;
        const char *lf = l->at < l->len ? memchr(from, '\n', l->len - l->at) : NULL;
        if (lf != NULL) {
            *line = from;
            *len = (size_t)(lf - from);
            l->at += *len + 1;
            return 1;
        }
        if (l->ended)
            return l->at == l->len ? 0 : -1;
        if (!lines_fill(l))
            return -1;
    }
}

/* ---- text ---- */

bool qm_au_take(struct qm_text *t, const char *text)
{
    size_t n = strlen(text);
    if (t->len < n || memcmp(t->p, text, n) != 0)
        return false;
    t->p += n;
    t->len -= n;
    return true;
}

bool qm_au_until(struct qm_text *t, char stop, struct qm_text *out)
{
    const char *at = t->len > 0 ? memchr(t->p, stop, t->len) : NULL;
    if (at == NULL)
        return false;
    *out = (struct qm_text){t->p, (size_t)(at - t->p)};
    t->len -= out->len + 1;
    t->p = at + 1;
    return true;
}

bool qm_au_hash_hex(struct qm_text t, struct qm_hash *out)
{
    return t.len == QM_HEX_HASH_CHARS && qm_hex_read(t.p, t.len, out->b, QM_HASH_BYTES) == QM_OK;
}

void *qm_au_push(void *list, size_t *n, size_t size)
{
    uint8_t *items = NULL;
    memcpy(&items, list, sizeof items);
    if ((*n & (*n - 1)) == 0) { /* none, or a power of two: full */
        items = realloc(items, (*n == 0 ? 1 : *n * 2) * size);
        if (items == NULL)
            return NULL;
        memcpy(list, &items, sizeof items);
    }
    uint8_t *item = items + *n * size;
    memset(item, 0, size);
    (*n)++;
    return item;
}
