/* client_move.c - floor 2: the unsent queue as a file that only a passphrase opens.
 *
 * Frames: 'B' and a ready signed batch; 'P' and a photo; last 'E'.
 * Happy path of export: batches are formed of all that waits, written, synced to the disk.  Of
 * import: everything is read and checked inside one transaction, then committed.
 * Failure modes: a file that was not finished, was cut, or has another passphrase is QM_E_CORRUPT
 * and changes nothing; export removes the file that it could not finish.
 */
#include "client_handle.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct export
{
    struct qm_client *c;
    struct qm_pass_file *file;
    uint64_t records, total;
    int file_errno; /* of the file, 0 while it takes everything */
};

static qm_err write_frame(struct export *x, char type, const void *bytes, size_t len)
{
    struct qm_buf frame;
    qm_buf_init(&frame, QM_PASS_FRAME_MAX_BYTES);
    qm_buf_add(&frame, &type, 1);
    qm_err e = len > 0 ? qm_buf_add(&frame, bytes, len) : frame.err;
    if (e == QM_OK)
        e = qm_pass_write(x->file, frame.p, frame.len, type == 'E');
    if (e == QM_E_IO)
        x->file_errno = errno;
    qm_buf_wipe(&frame);
    return e;
}

static qm_err export_batch(void *ctx, const struct qm_outbox_batch *b)
{
    struct export *x = ctx;
    x->records += b->events;
    qmc_progress(x->c, "export", x->records, x->total);
    return write_frame(x, 'B', b->body.p, b->body.len);
}

static int export_photo(void *ctx, const struct qm_photo_view *v)
{
    struct export *x = ctx;
    struct qm_hash sha;
    struct qm_buf bytes;
    if (v->state != QM_WAITING)
        return 0;
    qm_buf_init(&bytes, QM_PASS_FRAME_MAX_BYTES);
    qm_err e = qm_hex_read(v->sha256, strlen(v->sha256), sha.b, sizeof sha.b);
    if (e == QM_OK)
        e = qm_outbox_photo(x->c->outbox, &sha, &bytes);
    if (e == QM_OK)
        e = write_frame(x, 'P', bytes.p, bytes.len);
    qm_buf_wipe(&bytes);
    return (int)e;
}

static qm_err export_all(struct export *x, FILE *f, const char *passphrase)
{
    struct qm_client *c = x->c;
    struct qm_identity id;
    struct qm_counts counts;
    qm_err e = qmc_identity(c, &id);
    if (e == QM_OK)
        e = qmc_outbox(c, qm_outbox_count(c->outbox, &counts));
    if (e == QM_OK)
        e = qm_pass_write_open(f, passphrase, &x->file);
    if (e != QM_OK)
        return e;
    struct qm_outbox_device d = {.host = id.host, .signer = &id.signer};
    memcpy(d.id, id.id, sizeof d.id);
    x->total = counts.waiting;
    e = qm_outbox_each_ready(c->outbox, &d, qmc_now(c), qmc_batch_events(c), export_batch, x);
    if (e == QM_OK)
        e = (qm_err)qm_outbox_photos(c->outbox, export_photo, x);
    if (e != QM_OK && x->file_errno == 0)
        e = qmc_outbox(c, e);
    if (e == QM_OK)
        e = write_frame(x, 'E', NULL, 0);
    qm_pass_close(x->file);
    return e;
}

int qm_client_export(qm_client *c, const char *path, const char *passphrase, uint64_t *records)
{
    if (strlen(passphrase) < QM_PASS_MIN_BYTES)
        return (int)qmc_fail(c, QM_E_INVALID, "passphrase: at least %d bytes", QM_PASS_MIN_BYTES);
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0)
        return (int)qmc_fail(c, errno == EEXIST ? QM_E_EXISTS : QM_E_IO, "%s: %s", path,
                             strerror(errno));
    FILE *f = fdopen(fd, "wb");
    if (!f) {
        close(fd);
        unlink(path);
        return QM_E_NOMEM;
    }
    struct export x = {.c = c};
    qm_err e = export_all(&x, f, passphrase);
    if (e == QM_OK && (fflush(f) != 0 || fsync(fd) != 0))
        x.file_errno = errno;
    if (fclose(f) != 0 && e == QM_OK && x.file_errno == 0)
        x.file_errno = errno;
    if (x.file_errno != 0)
        e = qmc_fail(c, x.file_errno == ENOSPC || x.file_errno == EFBIG ? QM_E_DISK_FULL : QM_E_IO,
                     "%s: %s", path, strerror(x.file_errno));
    if (records)
        *records = e == QM_OK ? x.records : 0;
    if (e != QM_OK)
        unlink(path);
    return (int)e;
}

static qm_err import_frame(struct qm_client *c, const char *host, const struct qm_buf *frame,
                           bool last, uint64_t *records)
{
    const uint8_t *bytes = frame->p + 1;
    size_t len = frame->len - 1;
    bool added = false;
    uint32_t events = 0;
    struct qm_hash sha;
    qm_err e = QM_E_CORRUPT;
    if (frame->p[0] == 'E' && last && len == 0)
        return QM_OK;
    if (last)
        return e;
    if (frame->p[0] == 'B') {
        e = qm_outbox_add_foreign(c->outbox, host, bytes, len, &added, &events);
        *records += added ? events : 0;
    } else if (frame->p[0] == 'P') {
        e = qm_outbox_attach(c->outbox, bytes, len, qmc_now(c), &sha);
    }
    /* What opens with the passphrase and is still wrong was made for another host or version. */
    return e == QM_E_MALFORMED || e == QM_E_ROOT_MISMATCH || e == QM_E_INVALID ? QM_E_CORRUPT : e;
}

static qm_err import_all(struct qm_client *c, FILE *f, const char *passphrase, const char *host,
                         uint64_t *records)
{
    struct qm_pass_file *file = NULL;
    struct qm_buf frame;
    bool last = false;
    qm_buf_init(&frame, QM_PASS_FRAME_MAX_BYTES);
    qm_err e = qm_pass_read_open(f, passphrase, &file);
    if (e == QM_OK)
        e = qm_outbox_begin(c->outbox);
    if (e == QM_OK) {
        while (e == QM_OK && !last) {
            e = qm_pass_read(file, &frame, &last);
            if (e == QM_OK && frame.len == 0)
                e = QM_E_CORRUPT;
            if (e == QM_OK)
                e = import_frame(c, host, &frame, last, records);
            qmc_progress(c, "import", *records, 0);
        }
        e = qm_outbox_end(c->outbox, e);
    }
    qm_pass_close(file);
    qm_buf_wipe(&frame);
    return e;
}

int qm_client_import(qm_client *c, const char *path, const char *passphrase, uint64_t *records)
{
    uint64_t added = 0;
    struct qm_identity id;
    qm_err e = qmc_identity(c, &id);
    if (e != QM_OK)
        return (int)e;
    FILE *f = fopen(path, "rbe");
    if (!f)
        return (int)qmc_fail(c, errno == ENOENT ? QM_E_NOT_FOUND : QM_E_IO, "%s: %s", path,
                             strerror(errno));
    e = import_all(c, f, passphrase, id.host, &added);
    fclose(f);
    if (e == QM_E_CORRUPT)
        qmc_fail(c, e, "%s: wrong passphrase, cut, damaged, or of another host", path);
    if (records)
        *records = e == QM_OK ? added : 0;
    return (int)e;
}
