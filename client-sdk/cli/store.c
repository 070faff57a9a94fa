/* store.c - floor 3: secrets as files: <home>/keys/<name>, 32 bytes, mode 0600.
 *
 * Happy path of store: write a temporary file, sync it, link it to its name, sync the folder.
 * Failure modes: link refuses a name that is taken, so that no secret is ever overwritten, also
 * when two processes make one at once; a crash leaves a temporary file and no secret.
 */
#include "cli/cli.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PATH_BYTES = 4096 };

static int path_of(const char *folder, const char *name, char out[PATH_BYTES])
{
    return snprintf(out, PATH_BYTES, "%s/%s", folder, name) < PATH_BYTES ? 0 : QM_C_INVALID;
}

static int code_of_errno(void)
{
    return errno == ENOSPC || errno == EDQUOT || errno == EFBIG ? QM_C_DISK_FULL : QM_C_IO;
}

static int load(void *ctx, const char *name, uint8_t secret[32])
{
    char path[PATH_BYTES];
    uint8_t more;
    if (path_of(ctx, name, path) != 0)
        return QM_C_INVALID;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (fd < 0)
        return errno == ENOENT ? QM_C_NOT_FOUND : QM_C_IO;
    ssize_t n = read(fd, secret, 32);
    ssize_t rest = n == 32 ? read(fd, &more, 1) : -1;
    close(fd);
    return n == 32 && rest == 0 ? QM_C_OK : QM_C_CORRUPT;
}

static int sync_folder(const char *folder)
{
    int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return QM_C_IO;
    int rc = fsync(fd) == 0 ? QM_C_OK : QM_C_IO;
    close(fd);
    return rc;
}

static int store(void *ctx, const char *name, const uint8_t secret[32])
{
    char path[PATH_BYTES], fresh[PATH_BYTES];
    if (path_of(ctx, name, path) != 0 || path_of(ctx, ".new-XXXXXX", fresh) != 0)
        return QM_C_INVALID;
    int fd = mkostemp(fresh, O_CLOEXEC); /* mode 0600 */
    if (fd < 0)
        return code_of_errno();
    int rc = write(fd, secret, 32) == 32 && fsync(fd) == 0 ? QM_C_OK : code_of_errno();
    close(fd);
    if (rc == QM_C_OK && link(fresh, path) != 0)
        rc = errno == EEXIST ? QM_C_EXISTS : code_of_errno();
    unlink(fresh);
    return rc == QM_C_OK ? sync_folder(ctx) : rc;
}

static int drop(void *ctx, const char *name)
{
    char path[PATH_BYTES];
    if (path_of(ctx, name, path) != 0)
        return QM_C_INVALID;
    if (unlink(path) != 0)
        return errno == ENOENT ? QM_C_NOT_FOUND : QM_C_IO;
    return sync_folder(ctx);
}

int make_folders(const char *path)
{
    char part[PATH_BYTES];
    struct stat st;
    if (path_of(path, "", part) != 0)
        return QM_C_INVALID;
    for (char *p = part + 1; *p; p++) {
        if (*p != '/')
            continue;
        *p = 0;
        if (mkdir(part, 0700) != 0 && errno != EEXIST)
            return code_of_errno();
        *p = '/';
    }
    return stat(path, &st) == 0 && S_ISDIR(st.st_mode) ? QM_C_OK : QM_C_IO;
}

int store_open(const char *home, struct qm_keystore *out)
{
    char *folder = NULL;
    if (asprintf(&folder, "%s/keys", home) < 0)
        return QM_C_NOMEM;
    int rc = make_folders(folder);
    if (rc != QM_C_OK) {
        free(folder);
        return rc;
    }
    *out = (struct qm_keystore){.ctx = folder, .load = load, .store = store, .remove = drop};
    return QM_C_OK;
}

void store_close(struct qm_keystore *s)
{
    free(s->ctx);
    s->ctx = NULL;
}
