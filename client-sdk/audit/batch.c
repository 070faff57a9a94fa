/* batch.c - floor 2, inside audit: one batch entry and its lines, in the order of the log.
 *
 * Happy path: what ahead.c found holds; each verdict that can be judged from this batch alone is
 * the one there is; each line leaves its records for judge.c.
 * Failure: findings.  Lines of a batch that does not hold are kept as they are shown, so that one
 * fault does not hide the others.
 */
#include <string.h>

#include "audit/ahead.h"

enum { FUTURE_MS = 600000, GRIDS_OF_COUNTY = 1000000000 };
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
    a->lines++;
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

static qm_err line_judge(struct qm_au *a, const struct qm_au_line_of *w,
                         const struct qm_au_batch_line *l, bool revoked)
{
    const struct qm_verdict *v = &l->verdict;
    const struct qm_event *ev = &l->event;
    if (l->well == is_reject(v, "schema")) {
        qm_au_say(a, "verdict-schema", w->idx, l->well ? ev->id : NULL, "line %u", w->line);
        return QM_OK;
    }
    if (!l->well || is_reject(v, "private")) {
        a->report->trust_rejects += l->well;
        return QM_OK;
    }
    if ((ev->grid / GRIDS_OF_COUNTY != a->county) != is_reject(v, "county"))
        qm_au_say(a, "verdict-county", w->idx, ev->id, "line %u", w->line);
    revoked_judge(a, w, v, ev, revoked);
    flags_judge(a, w, v, ev);
    return qm_au_line_keep(a, w, v, ev, &l->leaf);
}

/* ---- lines ---- */

/* Which events it may be about: all that are shown. */
static void suspects_say(struct qm_au *a, const struct qm_au_checked *b)
{
    for (size_t i = 0; i < b->checkpoint.size; i++) {
        if (b->line[i].well)
            qm_au_say(a, "batch-suspect", b->idx, b->line[i].event.id, "line %zu", i);
    }
}

static qm_err lines_judge(struct qm_au *a, const struct qm_au_line_of *where,
                          const struct qm_au_checked *b, bool revoked)
{
    struct qm_au_line_of w = *where;
    qm_err e = QM_OK;
    for (size_t i = 0; e == QM_OK && i < b->checkpoint.size; i++) {
        const struct qm_au_batch_line *l = &b->line[i];
        w.line = (uint16_t)i;
        if (!l->hidden) {
            e = line_judge(a, &w, l, revoked);
            continue;
        }
        a->report->trust_rejects++;
        /* The bytes of other rejected lines are kept for 30 days only. */
        if (l->verdict.kind != QM_V_REJECT)
            qm_au_say(a, "verdict-hidden", w.idx, NULL, "line %zu", i);
    }
    return e;
}

static qm_err lines_look(struct qm_au *a, const struct qm_au_line_of *w,
                         const struct qm_au_checked *b, bool revoked)
{
    size_t n = (size_t)b->checkpoint.size;
    if (b->read == QM_E_NOT_FOUND || b->read == QM_E_TOO_LARGE) {
        qm_au_say(a, "batch-missing", w->idx, NULL, "batch/%lld: %s", (long long)w->idx,
                  qm_err_name(b->read));
        return QM_OK;
    }
    if (b->read != QM_OK)
        return b->read;
    if (!b->whole) {
        qm_au_say(a, "batch-lines", w->idx, NULL, "%zu", n);
        return QM_OK;
    }
    a->report->events += n;
    if (memcmp(b->root.b, b->checkpoint.root.b, QM_HASH_BYTES) != 0) {
        qm_au_say(a, "batch-root", w->idx, NULL, "%s", b->checkpoint.origin);
        suspects_say(a, b);
    }
    if (a->kept_n > 0)
        qm_au_seen_batch(a, b);
    return lines_judge(a, w, b, revoked);
}

/* ---- the entry ---- */

static void fault_say(struct qm_au *a, const struct qm_au_checked *b)
{
    if (strcmp(b->fault, "entry-form") == 0)
        qm_au_say(a, b->fault, b->idx, NULL, "%zu bytes", b->entry.len);
    else if (strcmp(b->fault, "batch-note") == 0)
        qm_au_say(a, b->fault, b->idx, NULL, "batch/v1");
    else
        qm_au_say(a, b->fault, b->idx, NULL, "%s", b->checkpoint.origin);
}

static void signature_judge(struct qm_au *a, const struct qm_au_checked *b,
                            const struct qm_au_device *d)
{
    if (b->signature != QM_OK)
        qm_au_say(a, "batch-signature", b->idx, NULL, "%s: %s", d->vkey.name,
                  qm_err_name(b->signature));
    if (d->revoked_recv != QM_AU_NEVER && b->recv > d->revoked_recv + QM_AU_REVOKE_GRACE_MS)
        qm_au_say(a, "batch-revoked", b->idx, NULL, "%s", d->vkey.name);
}

qm_err qm_au_batch(struct qm_au *a, const struct qm_au_checked *b)
{
    if (b->fault != NULL)
        fault_say(a, b);
    a->report->batches += b->fault == NULL || strcmp(b->fault, "batch-device") == 0;
    if (b->fault != NULL)
        return QM_OK;
    const struct qm_au_device *d = &a->device[b->device];
    struct qm_au_line_of w = {
        .idx = b->idx, .recv = b->recv, .device = (uint32_t)b->device, .account = d->account};
    signature_judge(a, b, d);
    struct qm_au_id r = {
        .tag = QM_AU_BATCH, .account = w.device, .idx = b->idx, .leaf = b->checkpoint.root};
    memcpy(r.id, b->id, QM_ID_BYTES);
    qm_err e = qm_au_spool_put(&a->ids, r.id, &r);
    return e == QM_OK ? lines_look(a, &w, b, d->revoked_recv != QM_AU_NEVER) : e;
}
