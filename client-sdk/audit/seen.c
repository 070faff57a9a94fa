/* seen.c - floor 2, inside audit: what others kept, held against the log.
 *
 * Happy path: each text is a checkpoint of the log, a tlog-proof of one of its entries, or a
 * device's own proof of an event; the log must be a continuation of each of them.
 * Failure: findings.  After a restore, what an older tree had above the restored size is lost; it
 * is said entry by entry whether its batch came again.
 */
#include <stdlib.h>
#include <string.h>

#include "audit/ahead.h"

/* ---- reading ---- */

/* Batch and root that a batch entry speaks of. */
static void batch_of_entry(const struct qm_au *a, struct qm_au_kept *k, const struct qm_buf *extra)
{
    struct qm_entry e;
    struct qm_note note;
    struct qm_checkpoint c;
    uint8_t device[QM_ID_BYTES];
    if (qm_entry_read((const char *)extra->p, extra->len, &e) != QM_OK || e.type != QM_ENTRY_BATCH)
        return;
    k->has_batch =
        qm_note_read(e.payload.p, e.payload.len, &note) == QM_OK &&
        qm_checkpoint_read(note.text, note.text_len, &c) == QM_OK &&
        qm_batch_origin_read(c.origin, strlen(c.origin), a->host, device, k->batch) == QM_OK;
    if (k->has_batch)
        k->batch_root = c.root;
}

static qm_err proof_read(struct qm_au *a, struct qm_au_kept *k)
{
    struct qm_receipt r;
    struct qm_event ev;
    uint8_t device[QM_ID_BYTES];
    qm_err e = qm_receipt_read(k->file->text, k->file->len, &r);
    if (e != QM_OK)
        return e;
    k->checkpoint = r.checkpoint;
    k->index = r.index;
    qm_leaf_hash(r.extra.p, r.extra.len, &k->leaf);
    k->has_leaf = true;
    k->holds = qm_inclusion_verify(&k->leaf, r.index, r.checkpoint.size, r.proof, r.proof_len,
                                   &r.checkpoint.root) == QM_OK;
    k->of_event = qm_batch_origin_read(r.checkpoint.origin, strlen(r.checkpoint.origin), a->host,
                                       device, k->batch) == QM_OK;
    if (k->of_event) {
        k->has_batch = true;
        k->has_id = qm_event_read((const char *)r.extra.p, r.extra.len, &ev) == QM_OK;
        memcpy(k->id, ev.id, QM_ID_BYTES);
    } else {
        batch_of_entry(a, k, &r.extra);
        const char *lf = memchr(r.extra.p, '\n', r.extra.len);
        size_t len = lf == NULL ? 0 : (size_t)(lf - (const char *)r.extra.p);
        (void)snprintf(k->type, sizeof k->type, "%.*s", (int)(len < 31 ? len : 31), r.extra.p);
    }
    qm_receipt_free(&r);
    return QM_OK;
}

static qm_err note_read(struct qm_au_kept *k)
{
    struct qm_note note;
    k->holds = true;
    if (qm_note_read(k->file->text, k->file->len, &note) != QM_OK)
        return QM_E_MALFORMED;
    return qm_checkpoint_read(note.text, note.text_len, &k->checkpoint);
}

static int batch_order(const void *x, const void *y)
{
    const struct qm_au_kept *p = x, *q = y;
    if (p->has_batch != q->has_batch)
        return p->has_batch ? -1 : 1;
    return memcmp(p->batch, q->batch, QM_ID_BYTES);
}

qm_err qm_au_seen_read(struct qm_au *a)
{
    static const char header[] = "c2sp.org/tlog-proof@v1\n";
    qm_err e = QM_OK;
    for (size_t i = 0; i < a->o->seen_n; i++) {
        const struct qm_audit_seen *file = &a->o->seen[i];
        struct qm_au_kept *k = qm_au_push(&a->kept, &a->kept_n, sizeof *a->kept);
        if (k == NULL)
            return QM_E_NOMEM;
        k->file = file;
        bool proof =
            file->len >= sizeof header - 1 && memcmp(file->text, header, sizeof header - 1) == 0;
        e = proof ? proof_read(a, k) : note_read(k);
        if (e == QM_E_NOMEM)
            return e;
        if (e != QM_OK) {
            qm_au_say(a, "seen-form", -1, NULL, "%s", file->name);
            a->kept_n--;
        }
    }
    if (a->kept_n > 0)
        qsort(a->kept, a->kept_n, sizeof *a->kept, batch_order);
    a->report->seen = a->kept_n;
    return QM_OK;
}

/* ---- while the log is read ---- */

/* The first kept text that speaks of a batch. */
static size_t batch_first(const struct qm_au *a, const uint8_t batch[QM_ID_BYTES])
{
    size_t lo = 0, hi = a->kept_n;
    while (lo < hi) {
        size_t mid = lo + (hi - lo) / 2;
        const struct qm_au_kept *k = &a->kept[mid];
        if (k->has_batch && memcmp(k->batch, batch, QM_ID_BYTES) < 0)
            lo = mid + 1;
        else
            hi = mid;
    }
    return lo;
}

void qm_au_seen_batch(struct qm_au *a, const struct qm_au_checked *b)
{
    for (size_t i = batch_first(a, b->id); i < a->kept_n; i++) {
        struct qm_au_kept *k = &a->kept[i];
        if (!k->has_batch || memcmp(k->batch, b->id, QM_ID_BYTES) != 0)
            return;
        if (k->of_event) {
            k->found =
                k->found || (k->index < b->checkpoint.size &&
                             memcmp(b->line[k->index].leaf.b, k->leaf.b, QM_HASH_BYTES) == 0);
        } else if (memcmp(k->batch_root.b, b->checkpoint.root.b, QM_HASH_BYTES) == 0) {
            k->again = true;
            k->again_idx = b->idx;
        }
    }
}

/* Events may have come in another batch than the one that the phone's proof is of. */
qm_err qm_au_seen_events(struct qm_au *a)
{
    qm_err e = QM_OK;
    for (size_t i = 0; e == QM_OK && i < a->kept_n; i++) {
        const struct qm_au_kept *k = &a->kept[i];
        struct qm_au_id r = {.tag = QM_AU_SEEN, .other = (int64_t)i, .leaf = k->leaf};
        memcpy(r.id, k->id, QM_ID_BYTES);
        if (k->of_event && k->has_id)
            e = qm_au_spool_put(&a->ids, r.id, &r);
    }
    return e;
}

/* ---- judging ---- */

static const struct qm_vkey *find_key(const struct qm_vkey *keys, size_t n, const char *name)
{
    for (size_t i = 0; i < n; i++) {
        if (strcmp(keys[i].name, name) == 0)
            return &keys[i];
    }
    return NULL;
}

static qm_err note_of(const struct qm_au_kept *k, struct qm_note *out)
{
    size_t at = 0;
    const char *text = k->file->text;
    if (k->has_leaf) { /* the note stands behind the first empty line */
        const char *empty = memmem(text, k->file->len, "\n\n", 2);
        at = empty == NULL ? k->file->len : (size_t)(empty - text) + 2;
    }
    return qm_note_read(text + at, k->file->len - at, out);
}

static bool device_signed(const struct qm_au *a, const struct qm_au_kept *k,
                          const struct qm_note *note)
{
    uint8_t device[QM_ID_BYTES], batch[QM_ID_BYTES];
    const char *origin = k->checkpoint.origin;
    if (qm_batch_origin_read(origin, strlen(origin), a->host, device, batch) != QM_OK)
        return false;
    int64_t known = qm_au_device_find(a, device);
    if (known >= 0 && qm_note_verify(note, &a->device[known].vkey) == QM_OK)
        return true;
    for (size_t i = 0; i < a->past_keys; i++) {
        if (qm_note_verify(note, &a->past_key[i]) == QM_OK)
            return true;
    }
    return false;
}

static void event_judge(struct qm_au *a, const struct qm_au_kept *k)
{
    struct qm_note note;
    if (k->found)
        return;
    if (!k->holds || note_of(k, &note) != QM_OK || !device_signed(a, k, &note))
        qm_au_say(a, "seen-signature", -1, NULL, "%s", k->file->name);
    else
        qm_au_say(a, "seen-event", -1, k->has_id ? k->id : NULL, "%s", k->file->name);
}

/* false: the text proves nothing. */
static bool signature_judge(struct qm_au *a, const struct qm_au_kept *k)
{
    struct qm_note note;
    const char *origin = k->checkpoint.origin;
    const struct qm_vkey *key = find_key(a->o->keys, a->o->keys_n, origin);
    if (key == NULL)
        key = find_key(a->log_key, a->log_keys, origin);
    if (key == NULL) {
        qm_au_say(a, "seen-key", -1, NULL, "%s: %s", k->file->name, origin);
        return false;
    }
    if (k->holds && note_of(k, &note) == QM_OK && qm_note_verify(&note, key) == QM_OK)
        return true;
    qm_au_say(a, "seen-signature", -1, NULL, "%s", k->file->name);
    return false;
}

/* Sizes up to which a tree of that name is part of this log; -1: this log knows no such name. */
static int64_t tree_end(const struct qm_au *a, const char *origin)
{
    if (strcmp(origin, a->report->checkpoint.origin) == 0)
        return (int64_t)a->size;
    for (size_t i = 0; i < a->restarts; i++) {
        if (strcmp(a->restart[i].origin, origin) == 0)
            return (int64_t)a->restart[i].size;
    }
    return -1;
}

static void lost_say(struct qm_au *a, const struct qm_au_kept *k, int64_t end)
{
    if (!k->has_leaf)
        qm_au_say(a, "seen-lost-range", end, NULL, "%s: %lld-%llu", k->checkpoint.origin,
                  (long long)end, (unsigned long long)k->checkpoint.size - 1);
    else if (k->again)
        qm_au_say(a, "seen-again", (int64_t)k->index, NULL, "%s: %lld", k->file->name,
                  (long long)k->again_idx);
    else
        qm_au_say(a, "seen-lost", (int64_t)k->index, NULL, "%s: %s", k->file->name, k->type);
}

/* end: up to which size the tree of that name is part of this log; a seal above it is of entries
 * that a restore took away, and says nothing about what follows. */
static qm_err prefix_judge(struct qm_au *a, const struct qm_au_kept *k, uint64_t end)
{
    const struct qm_checkpoint *c = &k->checkpoint;
    struct qm_hash ours;
    qm_err e = QM_OK;
    if (k->has_leaf && k->index < a->frontier.size) {
        e = qm_au_file_read(&a->leaves, k->index, 1, &ours);
        if (e == QM_OK && memcmp(ours.b, k->leaf.b, QM_HASH_BYTES) != 0)
            qm_au_say(a, "seen-entry", (int64_t)k->index, NULL, "%s: %s", k->file->name, k->type);
    }
    if (e == QM_OK && c->size <= end && c->size <= a->frontier.size) {
        e = qm_au_root_at(a, c->size, &ours);
        if (e == QM_OK && memcmp(ours.b, c->root.b, QM_HASH_BYTES) != 0)
            qm_au_say(a, "seen-fork", -1, NULL, "%s: %llu", k->file->name,
                      (unsigned long long)c->size);
    }
    return e;
}

static qm_err log_judge(struct qm_au *a, const struct qm_au_kept *k)
{
    const struct qm_checkpoint *c = &k->checkpoint;
    bool current = strcmp(c->origin, a->report->checkpoint.origin) == 0;
    int64_t end = tree_end(a, c->origin);
    if (!signature_judge(a, k))
        return QM_OK;
    if (end < 0) {
        qm_au_say(a, "seen-origin", -1, NULL, "%s: %s", k->file->name, c->origin);
        return QM_OK;
    }
    if (current && c->size > (uint64_t)end)
        qm_au_say(a, "seen-ahead", -1, NULL, "%s: %llu > %lld", k->file->name,
                  (unsigned long long)c->size, (long long)end);
    bool lost = !current && (k->has_leaf ? k->index : c->size - 1) >= (uint64_t)end && c->size > 0;
    if (lost) {
        lost_say(a, k, end);
        return QM_OK;
    }
    return prefix_judge(a, k, (uint64_t)end);
}

qm_err qm_au_seen_judge(struct qm_au *a)
{
    qm_err e = QM_OK;
    for (size_t i = 0; e == QM_OK && i < a->kept_n; i++) {
        if (a->kept[i].of_event)
            event_judge(a, &a->kept[i]);
        else
            e = log_judge(a, &a->kept[i]);
    }
    return e;
}
