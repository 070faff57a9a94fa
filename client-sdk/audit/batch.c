/* batch.c - floor 2, inside audit: one batch entry and its lines.
 *
 * Happy path: the note has one signature of the device's key of that index; the lines of the batch
 * file give its root; each verdict that can be judged from this batch alone is the one there is;
 * each line leaves its records for judge.c.
 * Failure: findings.  Lines of a batch that does not hold are kept as they are shown, so that one
 * fault does not hide the others.
 */
#include "wire/batch.h"

#include <string.h>

#include "audit/inside.h"

enum {
    LINES_MAX_BYTES = QM_BATCH_MAX_EVENTS * (QM_E_MAX_BYTES + 1) + 65536,
    FUTURE_MS = 600000,
    GRIDS_OF_COUNTY = 1000000000
};
static const int64_t late_ms = INT64_C(2592000000);

/* ---- what a recorded line leaves ---- */

static qm_err pictures_keep(struct qm_au *a, const struct qm_au_line_of *w,
                            const struct qm_event *ev)
{
    qm_err e = QM_OK;
    struct qm_au_picture p = {.idx = w->idx, .listed = false};
    memcpy(p.id, ev->id, QM_ID_BYTES);
    for (size_t i = 0; e == QM_OK && i < ev->evidences; i++) {
        p.sha = ev->evidence[i];
        e = qm_au_spool_put(&a->pictures, p.sha.b, &p);
    }
    return e;
}

static qm_err seq_keep(struct qm_au *a, const struct qm_au_line_of *w, const struct qm_verdict *v,
                       const struct qm_event *ev)
{
    struct qm_au_seq s;
    uint64_t key[2] = {w->device, (uint64_t)ev->seq};
    memset(&s, 0, sizeof s);
    s.device = w->device;
    s.line = w->line;
    s.flagged = v->kind == QM_V_FLAG && (v->flags & QM_FLAG_SEQ) != 0;
    s.held = v->kind == QM_V_HOLD;
    s.seq = ev->seq;
    s.idx = w->idx;
    memcpy(s.id, ev->id, QM_ID_BYTES);
    return qm_au_spool_put(&a->seqs, key, &s);
}

static qm_err void_keep(struct qm_au *a, const struct qm_au_line_of *w, const struct qm_event *ev)
{
    struct qm_au_id r = {.tag = QM_AU_VOID, .account = w->account, .idx = w->idx};
    memcpy(r.id, ev->target, QM_ID_BYTES);
    return qm_au_spool_put(&a->ids, r.id, &r);
}

static qm_err recorded_keep(struct qm_au *a, const struct qm_au_line_of *w,
                            const struct qm_verdict *v, const struct qm_event *ev)
{
    struct qm_audit_report *r = a->report;
    r->recorded++;
    r->held += v->kind == QM_V_HOLD;
    r->trust_scope += v->kind == QM_V_HOLD && strcmp(v->code, "scope") == 0;
    r->trust_moved += v->kind == QM_V_HOLD && strcmp(v->code, "moved") == 0;
    r->trust_unknown += v->kind == QM_V_FLAG && (v->flags & QM_FLAG_UNKNOWN) != 0;
    r->trust_private += ev->has_p;
    qm_err e = pictures_keep(a, w, ev);
    if (e == QM_OK)
        e = seq_keep(a, w, v, ev);
    if (e == QM_OK && ev->kind == QM_VOID)
        e = void_keep(a, w, ev);
    return e;
}

qm_err qm_au_line_keep(struct qm_au *a, const struct qm_au_line_of *w, const struct qm_verdict *v,
                       const struct qm_event *ev, const struct qm_hash *leaf)
{
    struct qm_au_id r = {.tag = QM_AU_LINE,
                         .verdict = (uint8_t)v->kind,
                         .kind = (uint8_t)ev->kind,
                         .code = (uint8_t)ev->code,
                         .via = (uint8_t)ev->via,
                         .alerts = (uint8_t)ev->alerts,
                         .na = (uint8_t)ev->na,
                         .evidences = (uint8_t)ev->evidences,
                         .line = w->line,
                         .account = w->account,
                         .idx = w->idx,
                         .at = ev->at_ms,
                         .recv = w->recv,
                         .other = v->dup_index,
                         .leaf = *leaf};
    bool rejected = v->kind == QM_V_REJECT;
    r.bits = (uint16_t)((rejected && strcmp(v->code, "county") == 0 ? QM_AU_IS_COUNTY : 0) |
                        (rejected && strcmp(v->code, "conflict") == 0 ? QM_AU_IS_CONFLICT : 0));
    memcpy(r.id, ev->id, QM_ID_BYTES);
    memcpy(r.subject, ev->kind == QM_APP ? ev->resident : ev->household, QM_ID_BYTES);
    qm_err e = qm_au_spool_put(&a->ids, r.id, &r);
    if (e == QM_OK && !rejected && v->kind != QM_V_DUP)
        e = recorded_keep(a, w, v, ev);
    return e;
}

/* ---- verdicts that one line decides ---- */

static bool is_reject(const struct qm_verdict *v, const char *code)
{
    return v->kind == QM_V_REJECT && strcmp(v->code, code) == 0;
}

static void flags_judge(struct qm_au *a, const struct qm_au_line_of *w, const struct qm_verdict *v,
                        const struct qm_event *ev)
{
    if (v->kind != QM_V_ACCEPT && v->kind != QM_V_FLAG)
        return;
    bool future = ev->at_ms > w->recv + FUTURE_MS;
    bool late = ev->at_ms < w->recv - late_ms;
    if (future != ((v->flags & QM_FLAG_FUTURE) != 0))
        qm_au_say(a, "verdict-future", w->idx, ev->id, "line %u", w->line);
    if (late != ((v->flags & QM_FLAG_LATE) != 0))
        qm_au_say(a, "verdict-late", w->idx, ev->id, "line %u", w->line);
}

static void revoked_judge(struct qm_au *a, const struct qm_au_line_of *w,
                          const struct qm_verdict *v, const struct qm_event *ev, bool revoked)
{
    bool says = v->kind == QM_V_HOLD && strcmp(v->code, "revoked") == 0;
    bool counts = v->kind != QM_V_REJECT && v->kind != QM_V_DUP;
    if (counts && says != revoked)
        qm_au_say(a, "verdict-revoked", w->idx, ev->id, "line %u", w->line);
}

static qm_err line_judge(struct qm_au *a, const struct qm_au_line_of *w, struct qm_text e,
                         const struct qm_verdict *v, const struct qm_hash *leaf, bool revoked)
{
    struct qm_event ev;
    bool form = qm_event_read(e.p, e.len, &ev) == QM_OK;
    if (form == is_reject(v, "schema")) {
        qm_au_say(a, "verdict-schema", w->idx, form ? ev.id : NULL, "line %u", w->line);
        return QM_OK;
    }
    if (!form || is_reject(v, "private")) {
        a->report->trust_rejects += form;
        return QM_OK;
    }
    if ((ev.grid / GRIDS_OF_COUNTY != a->county) != is_reject(v, "county"))
        qm_au_say(a, "verdict-county", w->idx, ev.id, "line %u", w->line);
    revoked_judge(a, w, v, &ev, revoked);
    flags_judge(a, w, v, &ev);
    return qm_au_line_keep(a, w, v, &ev, leaf);
}

/* ---- lines ---- */

struct batch {
    struct qm_note note;
    struct qm_checkpoint checkpoint;
    uint8_t device[QM_ID_BYTES], id[QM_ID_BYTES];
    struct qm_verdict verdict[QM_BATCH_MAX_EVENTS];
    struct qm_text line[QM_BATCH_MAX_EVENTS];
    struct qm_hash leaf[QM_BATCH_MAX_EVENTS];
};

static bool hidden_leaf(struct qm_text line, struct qm_hash *leaf)
{
    size_t n = 0;
    return line.len == 1 + QM_B64_HASH_CHARS &&
           qm_b64_read(line.p + 1, line.len - 1, leaf->b, QM_HASH_BYTES, &n) == QM_OK &&
           n == QM_HASH_BYTES;
}

/* Exactly as many lines as the note says. */
static bool lines_split(struct batch *b, struct qm_text bytes)
{
    size_t n = (size_t)b->checkpoint.size;
    for (size_t i = 0; i < n; i++) {
        if (!qm_au_until(&bytes, '\n', &b->line[i]))
            return false;
        if (b->line[i].len > 0 && b->line[i].p[0] == '~') {
            if (!hidden_leaf(b->line[i], &b->leaf[i]))
                return false;
        } else {
            qm_leaf_hash(b->line[i].p, b->line[i].len, &b->leaf[i]);
        }
    }
    return bytes.len == 0;
}

/* Which events it may be about: all that are shown. */
static void suspects_say(struct qm_au *a, int64_t idx, const struct batch *b)
{
    for (size_t i = 0; i < b->checkpoint.size; i++) {
        struct qm_event ev;
        if (qm_event_read(b->line[i].p, b->line[i].len, &ev) == QM_OK)
            qm_au_say(a, "batch-suspect", idx, ev.id, "line %zu", i);
    }
}

static qm_err lines_judge(struct qm_au *a, const struct qm_au_line_of *where, const struct batch *b,
                          bool revoked)
{
    struct qm_au_line_of w = *where;
    qm_err e = QM_OK;
    for (size_t i = 0; e == QM_OK && i < b->checkpoint.size; i++) {
        const struct qm_verdict *v = &b->verdict[i];
        w.line = (uint16_t)i;
        if (b->line[i].len == 0 || b->line[i].p[0] != '~') {
            e = line_judge(a, &w, b->line[i], v, &b->leaf[i], revoked);
            continue;
        }
        a->report->trust_rejects++;
        /* The bytes of other rejected lines are kept for 30 days only. */
        if (v->kind != QM_V_REJECT)
            qm_au_say(a, "verdict-hidden", w.idx, NULL, "line %zu", i);
    }
    return e;
}

static qm_err lines_look(struct qm_au *a, const struct qm_au_line_of *w, struct batch *b,
                         bool revoked)
{
    struct qm_buf bytes;
    struct qm_hash root;
    char name[64];
    size_t n = (size_t)b->checkpoint.size;
    (void)snprintf(name, sizeof name, "batch/%lld", (long long)w->idx);
    qm_buf_init(&bytes, LINES_MAX_BYTES);
    qm_err e = qm_au_read(a, name, &bytes);
    bool there = e == QM_OK;
    if (e == QM_E_NOT_FOUND || e == QM_E_TOO_LARGE) {
        qm_au_say(a, "batch-missing", w->idx, NULL, "%s: %s", name, qm_err_name(e));
        e = QM_OK;
    }
    if (there && !lines_split(b, (struct qm_text){(const char *)bytes.p, bytes.len})) {
        qm_au_say(a, "batch-lines", w->idx, NULL, "%zu", n);
        there = false;
    }
    if (there) {
        a->report->events += n;
        qm_merkle_root(b->leaf, n, &root);
        if (memcmp(root.b, b->checkpoint.root.b, QM_HASH_BYTES) != 0) {
            qm_au_say(a, "batch-root", w->idx, NULL, "%s", b->checkpoint.origin);
            suspects_say(a, w->idx, b);
        }
        if (a->kept_n > 0)
            qm_au_seen_batch(a, w->idx, &b->checkpoint, b->id, b->leaf, n);
        e = lines_judge(a, w, b, revoked);
    }
    qm_buf_free(&bytes);
    return e;
}

/* ---- the entry ---- */

static bool head_read(const struct qm_au *a, const struct qm_entry *e, struct batch *b)
{
    struct qm_checkpoint *c = &b->checkpoint;
    uint8_t signer[QM_ID_BYTES];
    if (qm_note_read(e->payload.p, e->payload.len, &b->note) != QM_OK ||
        qm_checkpoint_read(b->note.text, b->note.text_len, c) != QM_OK)
        return false;
    const struct qm_note_sig *s = &b->note.sig[0];
    return c->size >= 1 && c->size <= QM_BATCH_MAX_EVENTS && b->note.sigs == 1 &&
           qm_batch_origin_read(c->origin, strlen(c->origin), a->host, b->device, b->id) == QM_OK &&
           qm_device_name_read(s->name, s->name_len, a->host, signer) == QM_OK &&
           memcmp(signer, b->device, QM_ID_BYTES) == 0;
}

static void signature_judge(struct qm_au *a, int64_t idx, const struct batch *b,
                            const struct qm_au_device *d, int64_t recv)
{
    qm_err e = qm_note_verify(&b->note, &d->vkey);
    if (e != QM_OK)
        qm_au_say(a, "batch-signature", idx, NULL, "%s: %s", d->vkey.name, qm_err_name(e));
    if (d->revoked_recv != QM_AU_NEVER && recv > d->revoked_recv + QM_AU_REVOKE_GRACE_MS)
        qm_au_say(a, "batch-revoked", idx, NULL, "%s", d->vkey.name);
}

qm_err qm_au_batch(struct qm_au *a, int64_t idx, const struct qm_entry *e)
{
    struct batch b;
    if (!head_read(a, e, &b)) {
        qm_au_say(a, "batch-note", idx, NULL, "batch/v1");
        return QM_OK;
    }
    if (qm_verdicts_read(e->verdicts, (size_t)b.checkpoint.size, b.verdict) != QM_OK) {
        qm_au_say(a, "verdict-form", idx, NULL, "%s", b.checkpoint.origin);
        return QM_OK;
    }
    a->report->batches++;
    int64_t device = qm_au_device_find(a, b.device);
    if (device < 0) {
        qm_au_say(a, "batch-device", idx, NULL, "%s", b.checkpoint.origin);
        return QM_OK;
    }
    const struct qm_au_device *d = &a->device[device];
    struct qm_au_line_of w = {.idx = idx, .recv = e->recv_ms, .device = (uint32_t)device};
    w.account = d->account;
    signature_judge(a, idx, &b, d, e->recv_ms);
    struct qm_au_id r = {
        .tag = QM_AU_BATCH, .account = w.device, .idx = idx, .leaf = b.checkpoint.root};
    memcpy(r.id, b.id, QM_ID_BYTES);
    qm_err err = qm_au_spool_put(&a->ids, r.id, &r);
    return err == QM_OK ? lines_look(a, &w, &b, d->revoked_recv != QM_AU_NEVER) : err;
}
