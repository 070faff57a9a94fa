/* tlog_seen.c - floor 3: the file of the largest signed checkpoint; see tlog_seen.h.
 *
 * Failure: an unreadable file is an error and never "nothing was signed": whoever removes it says
 * so knowingly.
 */
#include "domain/tlog_seen.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <uv.h>

#include "base/folder.h"

enum { PATH_MAX_BYTES = 1200 };

static bool path_of(char *out, const char *dir, int county, const char *suffix)
{
    int n = snprintf(out, PATH_MAX_BYTES, "%s/%d.checkpoint%s", dir, county, suffix);
    return n > 0 && n < PATH_MAX_BYTES;
}

static qm_err read_whole(const char *path, char *out, size_t max, size_t *len)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return errno == ENOENT ? QM_E_NOT_FOUND : QM_E_IO;
    size_t n = 0;
    ssize_t got;
    while (n < max && (got = read(fd, out + n, max - n)) > 0)
        n += (size_t)got;
    close(fd);
    *len = n;
    return n < max ? QM_OK : QM_E_CORRUPT;
}

/* "<host>/log/<county>" is tree 1, with "-<n>" behind it tree n. */
static int tree_of(const char *origin, const char *host, int county)
{
    char base[QM_NAME_MAX_BYTES];
    if (qm_log_origin(host, county, 1, base) != QM_OK)
        return 0;
    size_t n = strlen(base);
    if (strncmp(origin, base, n) != 0)
        return 0;
    if (origin[n] == 0)
        return 1;
    int64_t tree = 0;
    if (origin[n] != '-' ||
        qm_dec_read(origin + n + 1, strlen(origin + n + 1), INT32_MAX, &tree) != QM_OK)
        return 0;
    return tree > 1 ? (int)tree : 0;
}

qm_err qm_seen_load(const char *dir, const char *host, int county, struct qm_seen *out)
{
    memset(out, 0, sizeof *out);
    char path[PATH_MAX_BYTES];
    if (!path_of(path, dir, county, ""))
        return QM_E_IO;
    qm_err e = read_whole(path, out->note, sizeof out->note, &out->note_len);
    if (e == QM_E_NOT_FOUND)
        return QM_OK;
    struct qm_note note;
    struct qm_checkpoint cp;
    if (e == QM_OK && (qm_note_read(out->note, out->note_len, &note) != QM_OK ||
                       qm_checkpoint_read(note.text, note.text_len, &cp) != QM_OK))
        e = QM_E_CORRUPT;
    int tree = e == QM_OK ? tree_of(cp.origin, host, county) : 0;
    if (e == QM_OK && tree == 0)
        e = QM_E_CORRUPT;
    if (e == QM_OK) {
        out->tree = tree;
        out->size = (int64_t)cp.size;
        out->root = cp.root;
    }
    return e;
}

/* Whether the file has a larger checkpoint of the same log: a writer that was slow must not put an
 * older one over a newer one.  A file that cannot be read as one is written over. */
static bool is_behind(const char *path, const char *text, size_t len)
{
    char old[QM_SEEN_NOTE_MAX_BYTES];
    size_t old_len = 0;
    struct qm_note a, b;
    struct qm_checkpoint had, now;
    return read_whole(path, old, sizeof old, &old_len) == QM_OK &&
           qm_note_read(old, old_len, &a) == QM_OK &&
           qm_checkpoint_read(a.text, a.text_len, &had) == QM_OK &&
           qm_note_read(text, len, &b) == QM_OK &&
           qm_checkpoint_read(b.text, b.text_len, &now) == QM_OK &&
           strcmp(had.origin, now.origin) == 0 && had.size > now.size;
}

static qm_err write_synced(const char *path, const char *bytes, size_t len)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    if (fd < 0)
        return QM_E_IO;
    bool good = write(fd, bytes, len) == (ssize_t)len && fsync(fd) == 0;
    good = close(fd) == 0 && good;
    return good ? QM_OK : QM_E_IO;
}

/* A stop that is cut writes on the loop while the pool may be writing: one after the other. */
static uv_once_t saving_once = UV_ONCE_INIT;
static uv_mutex_t saving;

static void saving_init(void)
{
    if (uv_mutex_init(&saving) != 0)
        abort();
}

qm_err qm_seen_save(const char *dir, int county, const char *note, size_t len)
{
    char path[PATH_MAX_BYTES], fresh[PATH_MAX_BYTES];
    if (!path_of(path, dir, county, "") || !path_of(fresh, dir, county, ".new"))
        return QM_E_IO;
    qm_err e = QM_OK;
    uv_once(&saving_once, saving_init);
    uv_mutex_lock(&saving);
    if (!is_behind(path, note, len)) {
        e = write_synced(fresh, note, len);
        if (e == QM_OK && rename(fresh, path) != 0)
            e = QM_E_IO;
        if (e == QM_OK) /* else a power cut may bring the older one back */
            e = qm_folder_sync(dir);
    }
    uv_mutex_unlock(&saving);
    return e;
}
