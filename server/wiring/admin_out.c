/* admin_out.c - floor 5: files that the console reads and writes for the office's functions.
 * Failure: an old file is not overwritten; one that could not be written whole, or whose import was
 * refused, is removed.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "wiring/admin_console.h"
#include "wiring/migrate_files.h"

enum { INPUT_MAX_BYTES = 512 << 20 };

int qm_admin_input_read(struct qm_office *a, char **text)
{
    char error[512];
    size_t len = 0;
    bool typed = strcmp(a->value[0], "-") == 0;
    qm_err err = qm_file_read(typed ? "/dev/stdin" : a->value[0], INPUT_MAX_BYTES, text, &len,
                              error, sizeof error);
    if (err != QM_OK)
        return qm_office_fail(a, QM_OFFICE_AWAY, "%s", error);
    a->input = *text;
    a->input_len = len;
    a->input_name = typed ? "standard input" : a->value[0];
    return QM_OFFICE_OK;
}

static bool write_all(int fd, const struct qm_buf *b)
{
    size_t at = 0;
    while (at < b->len) {
        ssize_t n = write(fd, b->p + at, b->len - at);
        if (n < 0 && errno != EINTR)
            return false;
        at += n > 0 ? (size_t)n : 0;
    }
    return true;
}

int qm_admin_out_write(struct qm_office *a, const struct qm_buf *csv)
{
    const char *path = a->out_ctx;
    /* Names stand in it: nobody else may read it; an old file is not overwritten. */
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    bool good = fd >= 0 && write_all(fd, csv) && fsync(fd) == 0;
    int why = errno;
    if (fd >= 0 && close(fd) != 0)
        good = false;
    if (fd >= 0 && !good)
        (void)unlink(path);
    if (!good)
        return qm_office_fail(a, QM_OFFICE_AWAY, "%s cannot be written: %s", path, strerror(why));
    qm_office_str(a, "out", path);
    qm_office_say(a, "the rows with their pseudonyms are in %s", path);
    return QM_OFFICE_OK;
}

void qm_admin_out_drop(struct qm_office *a)
{
    (void)unlink(a->out_ctx);
}
