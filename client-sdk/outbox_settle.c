/* outbox_settle.c - floor 1: what a verified receipt does, what is kept, what goes when.
 *
 * Happy path: one commit stores the receipt, marks the batch and gives each event its verdict.
 * Failure modes: a batch that is settled already (the other process, an answer that came twice) is
 * left as it is, so that a repeat changes nothing.
 */
#include "outbox_db.h"

#include <stdlib.h>
#include <string.h>

static enum qm_state state_of(const struct qm_verdict *v, struct qm_settled *count)
{
    switch (v->kind) {
    case QM_V_REJECT:
        count->rejected++;
        return QM_REJECTED;
    case QM_V_HOLD:
        count->held++;
        return QM_HELD;
    case QM_V_FLAG:
        count->flagged++;
        return QM_FLAGGED;
    default:
        count->confirmed++;
        return QM_CONFIRMED;
    }
}

static void code_of(const struct qm_verdict *v, char out[40])
{
    static const struct {
        unsigned bit;
        const char *name;
    } flags[] = {{QM_FLAG_FUTURE, "future"},
                 {QM_FLAG_LATE, "late"},
                 {QM_FLAG_UNKNOWN, "unknown"},
                 {QM_FLAG_SEQ, "seq"}};
    out[0] = 0;
    if (v->kind == QM_V_REJECT || v->kind == QM_V_HOLD)
        snprintf(out, 40, "%s", v->code);
    for (size_t i = 0; v->kind == QM_V_FLAG && i < sizeof flags / sizeof flags[0]; i++) {
        size_t at = strlen(out);
        if (v->flags & flags[i].bit)
            snprintf(out + at, 40 - at, "%s%s", at ? "," : "", flags[i].name);
    }
}

static qm_err settle_event(struct qm_outbox *o, int64_t n, uint32_t line,
                           const struct qm_settlement *s, struct qm_settled *count)
{
    const struct qm_verdict *v = &s->verdicts[line];
    char code[40];
    code_of(v, code);
    enum qm_state state = state_of(v, count);
    int64_t index = v->kind == QM_V_DUP ? v->dup_index : (int64_t)s->index;
    if (state == QM_REJECTED)
        return ob_run(
            o, "UPDATE event SET state = ?, code = ?, idx = NULL WHERE batch = ? AND line = ?",
            "itii", (int64_t)state, code, n, (int64_t)line);
    return ob_run(o, "UPDATE event SET state = ?, code = ?, idx = ? WHERE batch = ? AND line = ?",
                  "itiii", (int64_t)state, code, index, n, (int64_t)line);
}

static qm_err settle(struct qm_outbox *o, int64_t n, const struct qm_settlement *s, int64_t now_ms,
                     struct qm_settled *out)
{
    sqlite3_stmt *q = NULL;
    qm_err e =
        ob_prepare(o, &q, "SELECT events, foreign_ FROM batch WHERE n = ? AND state = 0", "i", n);
    if (e == QM_OK)
        e = ob_step(o, q);
    uint32_t events = e == QM_OK ? (uint32_t)sqlite3_column_int(q, 0) : 0;
    bool of_other = e == QM_OK && sqlite3_column_int(q, 1) != 0;
    sqlite3_finalize(q);
    if (e != QM_OK)
        return e == QM_E_NOT_FOUND ? QM_OK : e;
    e = ob_run(o,
               "INSERT OR REPLACE INTO receipt(batch, log, idx, tree_size, text)"
               " VALUES(?, ?, ?, ?, ?)",
               "itiib", n, s->log, (int64_t)s->index, (int64_t)s->tree_size, s->receipt,
               s->receipt_len);
    if (e == QM_OK)
        e = ob_run(o, "UPDATE batch SET state = 1, settled_ms = ?, log = ? WHERE n = ?", "iti",
                   now_ms, s->log, n);
    for (uint32_t i = 0; e == QM_OK && !of_other && i < events; i++)
        e = settle_event(o, n, i, s, out);
    return e;
}

qm_err qm_outbox_settle(struct qm_outbox *o, int64_t n, const struct qm_settlement *s,
                        int64_t now_ms, struct qm_settled *out)
{
    memset(out, 0, sizeof *out);
    qm_err e = ob_tx_begin(o);
    return e == QM_OK ? ob_tx_end(o, settle(o, n, s, now_ms, out)) : e;
}

qm_err qm_outbox_resend(struct qm_outbox *o, const char *log)
{
    qm_err e = ob_tx_begin(o);
    if (e != QM_OK)
        return e;
    e = ob_run(o,
               "UPDATE event SET state = 1, code = '', idx = NULL, decided = NULL,"
               " decided_code = NULL WHERE batch IN"
               " (SELECT n FROM batch WHERE state = 1 AND swept = 0 AND log <> ?)",
               "t", log);
    if (e == QM_OK)
        e = ob_run(o, "UPDATE batch SET state = 0 WHERE state = 1 AND swept = 0 AND log <> ?", "t",
                   log);
    /* The server may have lost photos too; it takes those that it has without harm. */
    if (e == QM_OK)
        e = ob_run(o, "UPDATE photo SET state = 0 WHERE state = 1", "");
    return ob_tx_end(o, e);
}

/* The body of a batch of another device without its P. */
static qm_err without_private(const struct qm_buf *body, size_t note_len, struct qm_buf *out)
{
    const char *p = (const char *)body->p + note_len + 1;
    const char *end = (const char *)body->p + body->len;
    qm_buf_add(out, body->p, note_len + 1);
    while (p < end) {
        const char *lf = memchr(p, '\n', (size_t)(end - p));
        const char *stop = lf ? lf : end;
        const char *tab = memchr(p, '\t', (size_t)(stop - p));
        qm_buf_add(out, p, (size_t)((tab ? tab : stop) - p));
        qm_buf_puts(out, "\n");
        p = stop + 1;
    }
    return out->err;
}

static qm_err sweep_body(struct qm_outbox *o, sqlite3_stmt *s)
{
    char origin[QM_NAME_MAX_BYTES];
    struct qm_buf body, less, sealed;
    qm_buf_init(&body, QM_BATCH_MAX_BYTES);
    qm_buf_init(&less, QM_BATCH_MAX_BYTES);
    qm_buf_init(&sealed, QM_BATCH_MAX_BYTES + QM_SEAL_EXTRA_BYTES);
    qm_err e = ob_text(s, 3, origin, sizeof origin);
    if (e == QM_OK)
        e = ob_opened(o, s, 1, "batch", origin, strlen(origin), &body);
    if (e == QM_OK)
        e = without_private(&body, (size_t)sqlite3_column_int64(s, 2), &less);
    if (e == QM_OK)
        e = qm_keys_seal(o->keys, "batch", origin, strlen(origin), less.p, less.len, &sealed);
    if (e == QM_OK)
        e = ob_run(o, "UPDATE batch SET body = ?, swept = 1 WHERE n = ?", "bi", sealed.p,
                   sealed.len, (int64_t)sqlite3_column_int64(s, 0));
    qm_buf_wipe(&body);
    qm_buf_free(&less);
    qm_buf_free(&sealed);
    return e;
}

static qm_err sweep_foreign(struct qm_outbox *o, int64_t before_ms)
{
    qm_err e = QM_OK;
    while (e == QM_OK) {
        sqlite3_stmt *s = NULL;
        e = ob_prepare(o, &s,
                       "SELECT n, body, length(note), origin FROM batch WHERE state = 1"
                       " AND foreign_ = 1 AND swept = 0 AND settled_ms < ? LIMIT 1",
                       "i", before_ms);
        if (e == QM_OK)
            e = ob_step(o, s);
        if (e == QM_OK)
            e = sweep_body(o, s);
        sqlite3_finalize(s);
    }
    return e == QM_E_NOT_FOUND ? QM_OK : e;
}

qm_err qm_outbox_sweep(struct qm_outbox *o, int64_t now_ms)
{
    int64_t before = now_ms - QM_KEEP_MS;
    qm_err e = ob_tx_begin(o);
    if (e != QM_OK)
        return e;
    e = ob_run(o,
               "UPDATE event SET p = NULL WHERE batch IN (SELECT n FROM batch WHERE state = 1"
               " AND foreign_ = 0 AND swept = 0 AND settled_ms < ?)",
               "i", before);
    if (e == QM_OK)
        e = ob_run(o,
                   "UPDATE batch SET swept = 1 WHERE state = 1 AND foreign_ = 0 AND swept = 0"
                   " AND settled_ms < ?",
                   "i", before);
    if (e == QM_OK)
        e = sweep_foreign(o, before);
    if (e == QM_OK)
        e = ob_run(o, "DELETE FROM photo WHERE state = 1 AND done_ms < ?", "i", before);
    return ob_tx_end(o, e);
}

qm_err qm_outbox_receipts(struct qm_outbox *o, int (*fn)(void *, const struct qm_receipt_view *),
                          void *ctx)
{
    sqlite3_stmt *s = NULL;
    qm_err e = ob_prepare(o, &s,
                          "SELECT b.origin, r.log, r.idx, r.tree_size, b.events, b.foreign_, r.text"
                          " FROM receipt r JOIN batch b ON b.n = r.batch ORDER BY r.batch, r.log",
                          "");
    while (e == QM_OK && (e = ob_step(o, s)) == QM_OK) {
        struct qm_receipt_view v;
        e = ob_text(s, 0, v.origin, sizeof v.origin);
        if (e == QM_OK)
            e = ob_text(s, 1, v.log, sizeof v.log);
        if (e != QM_OK)
            break;
        v.index = (uint64_t)sqlite3_column_int64(s, 2);
        v.tree_size = (uint64_t)sqlite3_column_int64(s, 3);
        v.events = (uint32_t)sqlite3_column_int(s, 4);
        v.foreign = sqlite3_column_int(s, 5) != 0;
        v.text = sqlite3_column_blob(s, 6);
        v.bytes = (size_t)sqlite3_column_bytes(s, 6);
        e = (qm_err)fn(ctx, &v);
    }
    sqlite3_finalize(s);
    return e == QM_E_NOT_FOUND ? QM_OK : e;
}

/* Note and E lines of a batch: enough for the proof of each event, also when P is gone. */
static qm_err loggable_body(struct qm_outbox *o, int64_t batch, struct qm_buf *body)
{
    sqlite3_stmt *s = NULL;
    qm_err e = ob_prepare(o, &s,
                          "SELECT e.e, b.note FROM event e JOIN batch b ON b.n = e.batch"
                          " WHERE e.batch = ? ORDER BY e.line",
                          "i", batch);
    while (e == QM_OK && (e = ob_step(o, s)) == QM_OK) {
        if (body->len == 0) {
            qm_buf_add(body, sqlite3_column_blob(s, 1), (size_t)sqlite3_column_bytes(s, 1));
            qm_buf_puts(body, "\n");
        }
        qm_buf_add(body, sqlite3_column_blob(s, 0), (size_t)sqlite3_column_bytes(s, 0));
        e = qm_buf_puts(body, "\n");
    }
    sqlite3_finalize(s);
    return e == QM_E_NOT_FOUND ? QM_OK : e;
}

static qm_err single_receipt(struct qm_outbox *o, int64_t batch, size_t line, struct qm_buf *out)
{
    char host[QM_HOST_MAX_BYTES + 1];
    struct qm_batch_head head;
    struct qm_batch_line *lines = NULL;
    struct qm_buf body;
    qm_buf_init(&body, QM_BATCH_MAX_BYTES);
    qm_err e = qm_outbox_get_text(o, "host", host, sizeof host);
    if (e == QM_OK)
        e = loggable_body(o, batch, &body);
    if (e == QM_OK)
        e = qm_batch_head_read((const char *)body.p, body.len, host, &head);
    if (e == QM_OK && !(lines = calloc((size_t)head.checkpoint.size, sizeof *lines)))
        e = QM_E_NOMEM;
    if (e == QM_OK)
        e = qm_batch_lines_read((const char *)body.p, body.len, &head, lines);
    if (e == QM_OK && line >= head.checkpoint.size)
        e = QM_E_CORRUPT;
    if (e == QM_OK)
        e = qm_batch_event_receipt(&head, lines, line, out);
    free(lines);
    qm_buf_free(&body);
    return e;
}

qm_err qm_outbox_event_receipt(struct qm_outbox *o, const uint8_t event[QM_ID_BYTES],
                               struct qm_buf *batch, struct qm_buf *single)
{
    sqlite3_stmt *s = NULL;
    qm_err e =
        ob_prepare(o, &s,
                   "SELECT e.batch, e.line, r.text FROM event e JOIN batch b ON b.n = e.batch"
                   " JOIN receipt r ON r.batch = b.n AND r.log = b.log"
                   " WHERE e.id = ? AND b.state = 1 AND e.state <> 4",
                   "b", event, (size_t)QM_ID_BYTES);
    if (e == QM_OK)
        e = ob_step(o, s);
    if (e == QM_OK)
        e = qm_buf_add(batch, sqlite3_column_blob(s, 2), (size_t)sqlite3_column_bytes(s, 2));
    if (e == QM_OK)
        e = single_receipt(o, sqlite3_column_int64(s, 0), (size_t)sqlite3_column_int64(s, 1),
                           single);
    sqlite3_finalize(s);
    return e;
}
