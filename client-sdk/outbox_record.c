/* outbox_record.c - floor 1: taking records in, counting and listing them.
 *
 * Happy path of append: one write transaction reads the last seq and `at` of this device, fills the
 * event, writes E and P, seals P and inserts the row; the commit is the moment of "durable".
 * Failure modes: an event that the schema does not know is QM_E_INVALID and takes no number; a full
 * disk takes none either, because number and row share the commit.
 */
#include "outbox_db.h"

#include <stdlib.h>
#include <string.h>

static qm_err next_numbers(struct qm_outbox *o, struct qm_event *ev, int64_t now_ms)
{
    int64_t seq = 0, at = 0;
    qm_err e = qm_outbox_get_int(o, "last-seq", &seq);
    if (e == QM_OK)
        e = qm_outbox_get_int(o, "last-at", &at);
    if (e != QM_OK)
        return e;
    if (seq >= QM_INT_MAX || at >= QM_INT_MAX)
        return QM_E_INVALID;
    ev->seq = seq + 1;
    ev->at_ms = now_ms > at ? now_ms : at + 1;
    qm_uuid7(ev->id, ev->at_ms);
    e = qm_outbox_set_int(o, "last-seq", ev->seq);
    return e == QM_OK ? qm_outbox_set_int(o, "last-at", ev->at_ms) : e;
}

static qm_err write_private(struct qm_event *ev, struct qm_private *pv, struct qm_buf *p)
{
    ev->has_p = pv != NULL;
    if (!pv)
        return QM_OK;
    qm_err e = qm_private_write(pv, p);
    if (e == QM_OK)
        qm_sha256(p->p, p->len, &ev->p);
    return e == QM_E_MALFORMED || e == QM_E_TOO_LARGE ? QM_E_INVALID : e;
}

static qm_err insert(struct qm_outbox *o, const struct qm_event *ev, const struct qm_buf *e_text,
                     const struct qm_buf *p_text)
{
    struct qm_buf sealed;
    qm_buf_init(&sealed, QM_P_MAX_BYTES + QM_SEAL_EXTRA_BYTES);
    qm_err e = QM_OK;
    if (ev->has_p)
        e = qm_keys_seal(o->keys, "p", ev->id, QM_ID_BYTES, p_text->p, p_text->len, &sealed);
    if (e == QM_OK)
        e = ob_run(o,
                   "INSERT INTO event(id, seq, at_ms, kind, household, resident, e, p, state)"
                   " VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?)",
                   "biiibbbbi", ev->id, (size_t)QM_ID_BYTES, ev->seq, ev->at_ms, (int64_t)ev->kind,
                   ev->has_household ? ev->household : NULL, (size_t)QM_ID_BYTES,
                   ev->has_resident ? ev->resident : NULL, (size_t)QM_ID_BYTES, e_text->p,
                   e_text->len, sealed.p, sealed.len, (int64_t)QM_WAITING);
    qm_buf_free(&sealed);
    return e;
}

qm_err qm_outbox_append(struct qm_outbox *o, struct qm_event *ev, struct qm_private *pv,
                        int64_t now_ms)
{
    struct qm_buf e_text, p_text;
    qm_buf_init(&e_text, QM_E_MAX_BYTES);
    qm_buf_init(&p_text, QM_P_MAX_BYTES);
    qm_err e = ob_tx_begin(o);
    if (e == QM_OK) {
        e = next_numbers(o, ev, now_ms);
        if (e == QM_OK)
            e = write_private(ev, pv, &p_text);
        if (e == QM_OK) {
            e = qm_event_write(ev, &e_text);
            if (e == QM_E_MALFORMED || e == QM_E_TOO_LARGE)
                e = QM_E_INVALID;
        }
        if (e == QM_OK)
            e = insert(o, ev, &e_text, &p_text);
        if (e == QM_OK)
            e = ob_mirror_local(o, ev, pv);
        e = ob_tx_end(o, e);
    }
    qm_buf_free(&e_text);
    qm_buf_wipe(&p_text);
    return e;
}

/* The state that is shown: what the office decided later goes before the verdict. */
#define SHOWN                                                                                      \
    "CASE WHEN decided = 1 AND state = 3 THEN 2 WHEN decided = 0 AND state > 1 THEN 4 "            \
    "ELSE state END"

static qm_err count_events(struct qm_outbox *o, struct qm_counts *out)
{
    sqlite3_stmt *s = NULL;
    qm_err e =
        ob_prepare(o, &s, "SELECT " SHOWN " AS s, count(*), min(at_ms) FROM event GROUP BY s", "");
    while (e == QM_OK && (e = ob_step(o, s)) == QM_OK) {
        uint64_t n = (uint64_t)sqlite3_column_int64(s, 1);
        switch (sqlite3_column_int(s, 0)) {
        case QM_WAITING:
            out->waiting = n;
            out->oldest_waiting_ms = sqlite3_column_int64(s, 2);
            break;
        case QM_CONFIRMED:
            out->confirmed = n;
            break;
        case QM_HELD:
            out->held = n;
            break;
        case QM_REJECTED:
            out->rejected = n;
            break;
        default:
            out->flagged = n;
        }
    }
    sqlite3_finalize(s);
    return e == QM_E_NOT_FOUND ? QM_OK : e;
}

qm_err qm_outbox_count(struct qm_outbox *o, struct qm_counts *out)
{
    memset(out, 0, sizeof *out);
    qm_err e = count_events(o, out);
    sqlite3_stmt *s = NULL;
    if (e == QM_OK)
        e = ob_prepare(o, &s,
                       "SELECT (SELECT count(*) FROM photo WHERE state = 0),"
                       " (SELECT count(*) FROM photo WHERE state = 2),"
                       " (SELECT count(*) FROM batch WHERE state = 0),"
                       " (SELECT total(events) FROM batch WHERE state = 0 AND foreign_ = 1),"
                       " (SELECT total(events) FROM batch WHERE state = 1 AND foreign_ = 1)",
                       "");
    if (e == QM_OK)
        e = ob_step(o, s);
    if (e == QM_OK) {
        out->photos_waiting = (uint64_t)sqlite3_column_int64(s, 0);
        out->photos_refused = (uint64_t)sqlite3_column_int64(s, 1);
        out->batches_waiting = (uint64_t)sqlite3_column_int64(s, 2);
        out->others_waiting = (uint64_t)sqlite3_column_int64(s, 3);
        out->others_done = (uint64_t)sqlite3_column_int64(s, 4);
    }
    sqlite3_finalize(s);
    return e;
}

static void pseudonym_of(const uint8_t id[QM_ID_BYTES], bool there, char out[23])
{
    out[0] = 0;
    if (there)
        qm_pseudonym_write(id, out);
}

static qm_err view_of(struct qm_outbox *o, sqlite3_stmt *s, struct qm_record_view *v,
                      struct qm_buf *p)
{
    struct qm_event ev;
    uint8_t id[QM_ID_BYTES];
    memset(v, 0, sizeof *v);
    qm_buf_reset(p);
    qm_err e = ob_id(s, 0, id);
    v->e = sqlite3_column_blob(s, 1);
    v->e_bytes = (size_t)sqlite3_column_bytes(s, 1);
    if (e == QM_OK)
        e = qm_event_read(v->e, v->e_bytes, &ev) == QM_OK ? QM_OK : QM_E_CORRUPT;
    if (e == QM_OK && sqlite3_column_type(s, 2) != SQLITE_NULL)
        e = ob_opened(o, s, 2, "p", id, sizeof id, p);
    if (e != QM_OK)
        return e;
    v->p = (const char *)p->p;
    v->p_bytes = p->len;
    if (p->len == 0)
        v->p = NULL;
    qm_uuid_write(id, v->event);
    snprintf(v->kind, sizeof v->kind, "%s", qm_word("kind", (int)ev.kind));
    pseudonym_of(ev.household, ev.has_household, v->household);
    pseudonym_of(ev.resident, ev.has_resident, v->resident);
    if (ev.kind == QM_VOID)
        qm_uuid_write(ev.target, v->target);
    snprintf(v->grid, sizeof v->grid, "%015lld", (long long)ev.grid);
    v->seq = ev.seq;
    v->at_ms = ev.at_ms;
    v->state = (enum qm_state)sqlite3_column_int(s, 3);
    v->decided = sqlite3_column_type(s, 6) != SQLITE_NULL;
    v->in_log = sqlite3_column_type(s, 5) != SQLITE_NULL;
    v->log_index = (uint64_t)sqlite3_column_int64(s, 5);
    return ob_text(s, v->decided ? 7 : 4, v->code, sizeof v->code);
}

qm_err qm_outbox_records(struct qm_outbox *o, int state, qm_record_fn fn, void *ctx)
{
    sqlite3_stmt *s = NULL;
    struct qm_buf p;
    qm_buf_init(&p, QM_P_MAX_BYTES);
    qm_err e = ob_prepare(o, &s,
                          "SELECT id, e, p, " SHOWN " AS s, code, idx, decided, decided_code"
                          " FROM event WHERE ?1 = 0 OR s = ?1 ORDER BY seq",
                          "i", (int64_t)state);
    while (e == QM_OK && (e = ob_step(o, s)) == QM_OK) {
        struct qm_record_view v;
        e = view_of(o, s, &v, &p);
        if (e == QM_OK)
            e = (qm_err)fn(ctx, &v);
    }
    sqlite3_finalize(s);
    qm_buf_wipe(&p);
    return e == QM_E_NOT_FOUND ? QM_OK : e;
}
