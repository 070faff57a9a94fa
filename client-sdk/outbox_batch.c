/* outbox_batch.c - floor 1: from waiting events to the bytes that are sent.
 *
 * Happy path: the oldest waiting events, in the order of their seq, get a batch row with origin and
 * signed note, in one commit.  The body is never stored for own batches: it is the note, an empty
 * line, and the lines put together again from the rows, so that P is at rest only once.
 * Failure modes: a crash before the commit leaves the events waiting; after it the same bytes come
 * out again, because note, order, E and P are fixed.
 */
#include "outbox_db.h"

#include <stdlib.h>
#include <string.h>

enum { LINES_MAX_BYTES = QM_BATCH_MAX_BYTES - 1024 };

struct line {
    uint8_t id[QM_ID_BYTES];
    size_t at, e_len, p_len;
    bool has_p;
};
struct lines {
    struct qm_buf text; /* E [TAB P] LF for each */
    size_t n;
    struct line line[QM_BATCH_MAX_EVENTS];
};

static struct lines *lines_new(void)
{
    struct lines *l = calloc(1, sizeof *l);
    if (l)
        qm_buf_init(&l->text, LINES_MAX_BYTES);
    return l;
}

static void lines_free(struct lines *l)
{
    if (l)
        qm_buf_wipe(&l->text);
    free(l);
}

static qm_err add_line(struct qm_outbox *o, sqlite3_stmt *s, struct lines *l, struct qm_buf *p)
{
    struct line *at = &l->line[l->n];
    qm_buf_reset(p);
    qm_err e = ob_id(s, 0, at->id);
    at->has_p = sqlite3_column_type(s, 2) != SQLITE_NULL;
    if (e == QM_OK && at->has_p)
        e = ob_opened(o, s, 2, "p", at->id, QM_ID_BYTES, p);
    if (e != QM_OK)
        return e;
    at->at = l->text.len;
    at->e_len = (size_t)sqlite3_column_bytes(s, 1);
    at->p_len = p->len;
    if (at->at + at->e_len + at->p_len + 2 > LINES_MAX_BYTES)
        return QM_E_TOO_LARGE;
    qm_buf_add(&l->text, sqlite3_column_blob(s, 1), at->e_len);
    if (at->has_p) {
        qm_buf_add(&l->text, "\t", 1);
        qm_buf_add(&l->text, p->p, p->len);
    }
    e = qm_buf_add(&l->text, "\n", 1);
    if (e == QM_OK)
        l->n++;
    return e;
}

/* Rows are id, e, p, alone.  Stops at max, at the size of a body, and around an event that is to
 * travel alone. */
static qm_err collect(struct qm_outbox *o, sqlite3_stmt *s, size_t max, struct lines *l)
{
    struct qm_buf p;
    qm_buf_init(&p, QM_P_MAX_BYTES);
    qm_err e = QM_OK;
    while (l->n < max && (e = ob_step(o, s)) == QM_OK) {
        bool alone = sqlite3_column_int(s, 3) != 0;
        if (alone && l->n > 0)
            break;
        e = add_line(o, s, l, &p);
        if (e == QM_E_TOO_LARGE && l->n > 0) {
            e = QM_OK;
            break;
        }
        if (e != QM_OK || alone)
            break;
    }
    qm_buf_wipe(&p);
    return e == QM_E_NOT_FOUND ? QM_OK : e;
}

static qm_err write_body(const struct qm_outbox_device *d, const uint8_t batch[QM_ID_BYTES],
                         const struct lines *l, struct qm_outbox_batch *out)
{
    struct qm_batch_item *items = calloc(l->n, sizeof *items);
    if (!items)
        return QM_E_NOMEM;
    for (size_t i = 0; i < l->n; i++) {
        const struct line *at = &l->line[i];
        items[i].e = (const char *)l->text.p + at->at;
        items[i].e_len = at->e_len;
        items[i].p = at->has_p ? items[i].e + at->e_len + 1 : NULL;
        items[i].p_len = at->p_len;
    }
    struct qm_signer signer = *d->signer;
    qm_err e = qm_batch_write(d->host, d->id, batch, &d->signer->vkey, qm_keys_sign, &signer, items,
                              l->n, &out->body);
    free(items);
    if (e == QM_OK)
        e = qm_note_span((const char *)out->body.p, out->body.len, &out->note_len);
    return e;
}

static qm_err store_batch(struct qm_outbox *o, const struct qm_outbox_device *d,
                          const uint8_t batch[QM_ID_BYTES], const struct lines *l,
                          struct qm_outbox_batch *out)
{
    char origin[QM_NAME_MAX_BYTES];
    qm_err e = qm_batch_origin(d->host, d->id, batch, origin);
    if (e == QM_OK)
        e = ob_run(o,
                   "INSERT INTO batch(origin, note, key_id, events, foreign_, state)"
                   " VALUES(?, ?, ?, ?, 0, 0)",
                   "tbii", origin, out->body.p, out->note_len, (int64_t)d->signer->vkey.id,
                   (int64_t)l->n);
    out->n = sqlite3_last_insert_rowid(o->db);
    for (size_t i = 0; e == QM_OK && i < l->n; i++)
        e = ob_run(o, "UPDATE event SET batch = ?, line = ? WHERE id = ?", "iib", out->n,
                   (int64_t)i, l->line[i].id, (size_t)QM_ID_BYTES);
    return e;
}

static qm_err form(struct qm_outbox *o, const struct qm_outbox_device *d, int64_t now_ms,
                   uint32_t max_events, struct qm_outbox_batch *out)
{
    sqlite3_stmt *s = NULL;
    struct lines *l = lines_new();
    qm_err e = l ? ob_prepare(o, &s,
                              "SELECT id, e, p, alone FROM event WHERE state = 1 AND batch IS NULL"
                              " ORDER BY seq",
                              "")
                 : QM_E_NOMEM;
    if (e == QM_OK)
        e = collect(o, s, max_events, l);
    sqlite3_finalize(s);
    if (e == QM_OK && l->n == 0)
        e = QM_E_NOT_FOUND;
    uint8_t batch[QM_ID_BYTES];
    if (e == QM_OK) {
        qm_uuid7(batch, now_ms);
        out->events = (uint32_t)l->n;
        e = write_body(d, batch, l, out);
    }
    if (e == QM_OK)
        e = store_batch(o, d, batch, l, out);
    lines_free(l);
    return e;
}

/* The row has n, note, key_id, events, origin. */
static qm_err again(struct qm_outbox *o, const struct qm_outbox_device *d, sqlite3_stmt *row,
                    struct qm_outbox_batch *out)
{
    sqlite3_stmt *s = NULL;
    struct lines *l = lines_new();
    char origin[QM_NAME_MAX_BYTES];
    uint8_t device[QM_ID_BYTES], batch[QM_ID_BYTES];
    out->n = sqlite3_column_int64(row, 0);
    out->events = (uint32_t)sqlite3_column_int(row, 3);
    qm_err e = l ? ob_text(row, 4, origin, sizeof origin) : QM_E_NOMEM;
    if (e == QM_OK)
        e = ob_prepare(o, &s, "SELECT id, e, p, 0 FROM event WHERE batch = ? ORDER BY line", "i",
                       out->n);
    if (e == QM_OK)
        e = collect(o, s, QM_BATCH_MAX_EVENTS, l);
    sqlite3_finalize(s);
    if (e == QM_OK && (l->n != out->events ||
                       qm_batch_origin_read(origin, strlen(origin), d->host, device, batch) != 0))
        e = QM_E_CORRUPT;
    if (e == QM_OK && sqlite3_column_int64(row, 2) == (int64_t)d->signer->vkey.id) {
        out->note_len = (size_t)sqlite3_column_bytes(row, 1);
        qm_buf_add(&out->body, sqlite3_column_blob(row, 1), out->note_len);
        qm_buf_puts(&out->body, "\n");
        e = qm_buf_add(&out->body, l->text.p, l->text.len);
    } else if (e == QM_OK) {
        e = write_body(d, batch, l, out);
        if (e == QM_OK)
            e = ob_run(o, "UPDATE batch SET note = ?, key_id = ? WHERE n = ?", "bii", out->body.p,
                       out->note_len, (int64_t)d->signer->vkey.id, out->n);
    }
    lines_free(l);
    return e;
}

static qm_err foreign(struct qm_outbox *o, struct qm_outbox_batch *out)
{
    sqlite3_stmt *s = NULL;
    char origin[QM_NAME_MAX_BYTES];
    qm_err e = ob_prepare(o, &s,
                          "SELECT n, body, length(note), events, origin FROM batch"
                          " WHERE state = 0 AND foreign_ = 1 ORDER BY n LIMIT 1",
                          "");
    if (e == QM_OK)
        e = ob_step(o, s);
    if (e == QM_OK) {
        out->foreign = true;
        out->n = sqlite3_column_int64(s, 0);
        out->note_len = (size_t)sqlite3_column_int64(s, 2);
        out->events = (uint32_t)sqlite3_column_int(s, 3);
        e = ob_text(s, 4, origin, sizeof origin);
    }
    if (e == QM_OK)
        e = ob_opened(o, s, 1, "batch", origin, strlen(origin), &out->body);
    sqlite3_finalize(s);
    return e;
}

static void batch_init(struct qm_outbox_batch *b)
{
    memset(b, 0, sizeof *b);
    qm_buf_init(&b->body, QM_BATCH_MAX_BYTES);
}

void qm_outbox_batch_free(struct qm_outbox_batch *b)
{
    qm_buf_wipe(&b->body);
}

/* The first own batch with a number above `after`, forming one if there is none. */
static qm_err own_after(struct qm_outbox *o, const struct qm_outbox_device *d, int64_t now_ms,
                        uint32_t max_events, int64_t after, struct qm_outbox_batch *out)
{
    sqlite3_stmt *s = NULL;
    qm_err e = ob_prepare(o, &s,
                          "SELECT n, note, key_id, events, origin FROM batch"
                          " WHERE state = 0 AND foreign_ = 0 AND n > ? ORDER BY n LIMIT 1",
                          "i", after);
    if (e == QM_OK)
        e = ob_step(o, s);
    if (e == QM_OK)
        e = again(o, d, s, out);
    else if (e == QM_E_NOT_FOUND)
        e = form(o, d, now_ms, max_events, out);
    sqlite3_finalize(s);
    return e;
}

qm_err qm_outbox_next_batch(struct qm_outbox *o, const struct qm_outbox_device *d, int64_t now_ms,
                            uint32_t max_events, struct qm_outbox_batch *out)
{
    batch_init(out);
    qm_err e = ob_tx_begin(o);
    if (e != QM_OK)
        return e;
    e = own_after(o, d, now_ms, max_events, 0, out);
    if (e == QM_E_NOT_FOUND)
        e = foreign(o, out);
    e = ob_tx_end(o, e);
    if (e != QM_OK)
        qm_outbox_batch_free(out);
    return e;
}

qm_err qm_outbox_each_ready(struct qm_outbox *o, const struct qm_outbox_device *d, int64_t now_ms,
                            uint32_t max_events,
                            qm_err (*fn)(void *ctx, const struct qm_outbox_batch *b), void *ctx)
{
    struct qm_outbox_batch b;
    int64_t after = 0;
    qm_err e = ob_tx_begin(o);
    if (e != QM_OK)
        return e;
    while (e == QM_OK) {
        batch_init(&b);
        e = own_after(o, d, now_ms, max_events, after, &b);
        if (e == QM_OK)
            e = fn(ctx, &b);
        after = b.n;
        qm_outbox_batch_free(&b);
    }
    return ob_tx_end(o, e == QM_E_NOT_FOUND ? QM_OK : e);
}

static qm_err insert_foreign(struct qm_outbox *o, const struct qm_batch_head *head,
                             const void *body, size_t len, bool *added)
{
    const char *origin = head->checkpoint.origin;
    struct qm_buf sealed;
    qm_buf_init(&sealed, QM_BATCH_MAX_BYTES + QM_SEAL_EXTRA_BYTES);
    qm_err e = qm_keys_seal(o->keys, "batch", origin, strlen(origin), body, len, &sealed);
    if (e == QM_OK)
        e = ob_tx_begin(o);
    if (e == QM_OK) {
        e = ob_run(o,
                   "INSERT INTO batch(origin, note, key_id, events, foreign_, body, state)"
                   " VALUES(?, ?, ?, ?, 1, ?, 0) ON CONFLICT(origin) DO NOTHING",
                   "tbiib", origin, head->note_text, head->note_len, (int64_t)head->key_id,
                   (int64_t)head->checkpoint.size, sealed.p, sealed.len);
        *added = e == QM_OK && sqlite3_changes(o->db) > 0;
        e = ob_tx_end(o, e);
    }
    qm_buf_free(&sealed);
    return e;
}

qm_err qm_outbox_add_foreign(struct qm_outbox *o, const char *host, const void *body, size_t len,
                             bool *added, uint32_t *events)
{
    struct qm_batch_head head;
    *added = false;
    qm_err e = qm_batch_head_read(body, len, host, &head);
    if (e != QM_OK)
        return e;
    size_t n = (size_t)head.checkpoint.size;
    struct qm_batch_line *lines = calloc(n, sizeof *lines);
    e = lines ? qm_batch_lines_read(body, len, &head, lines) : QM_E_NOMEM;
    free(lines);
    *events = (uint32_t)n;
    return e == QM_OK ? insert_foreign(o, &head, body, len, added) : e;
}

/* Events wait again, without their batch; the row goes, unless an older log gave it a receipt. */
static qm_err release(struct qm_outbox *o, int64_t n, bool alone)
{
    qm_err e = ob_run(o,
                      "UPDATE event SET batch = NULL, line = NULL, state = 1, code = '',"
                      " alone = max(alone, ?) WHERE batch = ?",
                      "ii", (int64_t)alone, n);
    if (e == QM_OK)
        e = ob_run(o, "UPDATE batch SET state = 2, fault = 'rebuilt' WHERE n = ?", "i", n);
    if (e == QM_OK)
        e = ob_run(
            o,
            "DELETE FROM batch WHERE n = ?1 AND NOT EXISTS(SELECT 1 FROM receipt WHERE batch = ?1)",
            "i", n);
    return e;
}

static qm_err refuse(struct qm_outbox *o, int64_t n, enum qm_refusal how, const char *code)
{
    sqlite3_stmt *s = NULL;
    qm_err e =
        ob_prepare(o, &s, "SELECT events, foreign_ FROM batch WHERE n = ? AND state = 0", "i", n);
    if (e == QM_OK)
        e = ob_step(o, s);
    int events = e == QM_OK ? sqlite3_column_int(s, 0) : 0;
    bool of_other = e == QM_OK && sqlite3_column_int(s, 1) != 0;
    sqlite3_finalize(s);
    if (e != QM_OK)
        return e == QM_E_NOT_FOUND ? QM_OK : e;
    if (!of_other && (how == QM_REFUSED_REBUILD || events > 1))
        return release(o, n, how == QM_REFUSED_BYTES);
    e = ob_run(o, "UPDATE batch SET state = 2, fault = ? WHERE n = ?", "ti", code, n);
    if (e == QM_OK)
        e = ob_run(o, "UPDATE event SET state = 4, code = ? WHERE batch = ?", "ti", code, n);
    return e;
}

qm_err qm_outbox_refuse(struct qm_outbox *o, int64_t n, enum qm_refusal how, const char *code)
{
    qm_err e = ob_tx_begin(o);
    return e == QM_OK ? ob_tx_end(o, refuse(o, n, how, code)) : e;
}

qm_err qm_outbox_release_all(struct qm_outbox *o)
{
    int64_t n = 0;
    qm_err e = ob_tx_begin(o);
    if (e != QM_OK)
        return e;
    while (e == QM_OK) {
        sqlite3_stmt *s = NULL;
        e = ob_prepare(o, &s, "SELECT n FROM batch WHERE state = 0 AND foreign_ = 0 LIMIT 1", "");
        if (e == QM_OK)
            e = ob_step(o, s);
        if (e == QM_OK)
            n = sqlite3_column_int64(s, 0);
        sqlite3_finalize(s);
        if (e == QM_OK)
            e = release(o, n, false);
    }
    return ob_tx_end(o, e == QM_E_NOT_FOUND ? QM_OK : e);
}
