/* sync_receipt.c - floor 1: does this receipt hold, and is it about what we sent?
 *
 * Happy path: signature and inclusion, name, entry, note, verdicts, size, in that order.
 * Failure modes: a text that is no receipt at all is a lost answer; every doubt
 * about one is QM_E_PROOF, and a log that shrank is QM_E_LOG_REGRESSED; the
 * caller settles nothing then.
 */
#include "sync.h"

#include <stdio.h>
#include <string.h>

/* A later tree of the same county's log, as after a restore. */
static bool claims_later_tree(const char *origin, const char *known)
{
    char host[QM_NAME_MAX_BYTES];
    const char *log = strstr(known, "/log/");
    int county = 0, tree = 0, known_county = 0, known_tree = 0;
    if (!log)
        return false;
    snprintf(host, sizeof host, "%.*s", (int)(log - known), known);
    return qm_log_name_read(known, host, &known_county, &known_tree) == QM_OK &&
           qm_log_name_read(origin, host, &county, &tree) == QM_OK && county == known_county &&
           tree > known_tree;
}

static bool same_note(struct qm_text payload, const void *note, size_t note_len)
{
    struct qm_note ours, theirs;
    return qm_note_read(note, note_len, &ours) == QM_OK &&
           qm_note_read(payload.p, payload.len, &theirs) == QM_OK && theirs.sigs == 1 &&
           ours.text_len == theirs.text_len && memcmp(ours.text, theirs.text, ours.text_len) == 0 &&
           ours.sig[0].name_len == theirs.sig[0].name_len &&
           memcmp(ours.sig[0].name, theirs.sig[0].name, ours.sig[0].name_len) == 0;
}

static qm_err size_check(const struct qm_checkpoint *c, const struct qm_seen *seen)
{
    if (strcmp(seen->log, c->origin) != 0)
        return QM_OK;
    if (c->size < seen->size)
        return QM_E_LOG_REGRESSED;
    if (c->size == seen->size && memcmp(&c->root, &seen->root, sizeof c->root) != 0)
        return QM_E_PROOF;
    return QM_OK;
}

static qm_err entry_check(const struct qm_receipt *r, const void *note, size_t note_len,
                          struct qm_settling *out)
{
    struct qm_entry entry;
    struct qm_note ours;
    struct qm_checkpoint batch;
    if (qm_entry_read((const char *)r->extra.p, r->extra.len, &entry) != QM_OK ||
        entry.type != QM_ENTRY_BATCH || !same_note(entry.payload, note, note_len) ||
        qm_note_read(note, note_len, &ours) != QM_OK ||
        qm_checkpoint_read(ours.text, ours.text_len, &batch) != QM_OK ||
        batch.size > QM_BATCH_MAX_EVENTS ||
        qm_verdicts_read(entry.verdicts, (size_t)batch.size, out->verdict) != QM_OK)
        return QM_E_PROOF;
    return QM_OK;
}

qm_err qm_sync_receipt(const void *text, size_t len, const struct qm_vkey *log,
                       const struct qm_seen *seen, const void *note, size_t note_len,
                       struct qm_settling *out)
{
    struct qm_receipt r;
    memset(out, 0, sizeof *out);
    qm_err e = qm_receipt_read(text, len, &r);
    if (e != QM_OK)
        return e == QM_E_NOMEM ? e : QM_E_UNKNOWN_OUTCOME;
    out->index = r.index;
    out->checkpoint = r.checkpoint;
    if (strcmp(r.checkpoint.origin, log->name) != 0) {
        out->other_log = claims_later_tree(r.checkpoint.origin, log->name);
        e = QM_E_PROOF;
    }
    if (e == QM_OK && qm_receipt_verify(text, len, log) != QM_OK)
        e = QM_E_PROOF;
    if (e == QM_OK)
        e = entry_check(&r, note, note_len, out);
    if (e == QM_OK)
        e = size_check(&r.checkpoint, seen);
    qm_receipt_free(&r);
    return e;
}
