/* client_apply.c - floor 2: what a good answer does to the outbox.  See client_apply.h. */
#include "client_apply.h"

#include <stdio.h>
#include <string.h>

static qm_err remember_seen(struct qm_client *c, const struct qm_checkpoint *cp)
{
    char root[QM_HEX_HASH_CHARS + 1], log[QM_NAME_MAX_BYTES];
    int64_t size = 0;
    qm_err e = qm_outbox_get_text(c->outbox, "seen-log", log, sizeof log);
    if (e == QM_OK)
        e = qm_outbox_get_int(c->outbox, "seen-size", &size);
    /* Another process may have seen a larger one in between. */
    if (e != QM_OK || (strcmp(log, cp->origin) == 0 && (uint64_t)size >= cp->size))
        return e;
    qm_hex_write(cp->root.b, sizeof cp->root.b, root);
    e = qm_outbox_set_text(c->outbox, "seen-log", cp->origin);
    if (e == QM_OK)
        e = qm_outbox_set_int(c->outbox, "seen-size", (int64_t)cp->size);
    return e == QM_OK ? qm_outbox_set_text(c->outbox, "seen-root", root) : e;
}

/* A proof that fails may be a passing fault; a log that shrank stays until a person looked. */
static qm_err calm_down(struct qm_client *c)
{
    int64_t alarm = 0;
    qm_err e = qm_outbox_get_int(c->outbox, "alarm", &alarm);
    if (e == QM_OK && alarm == QM_E_PROOF)
        e = qm_outbox_set_int(c->outbox, "alarm", 0);
    return e;
}

static qm_err ask_for_log(struct qm_client *c)
{
    qmc_fail(c, QM_OK, "the log goes on under another name; asking for its key");
    return qmc_outbox(c, qm_outbox_set_int(c->outbox, "need-log", 1));
}

static qm_err doubt(struct qm_client *c, qm_err e)
{
    if (e == QM_E_UNKNOWN_OUTCOME)
        return qmc_fail(c, e, "the answer is cut, or not from the server");
    if (e != QM_E_PROOF && e != QM_E_LOG_REGRESSED)
        return e;
    qmc_alarm(c, e, qmc_now(c));
    return qmc_fail(c, e, "%s",
                    e == QM_E_PROOF ? "the answer does not hold; nothing was settled"
                                    : "the log is smaller than a receipt that this device holds");
}

static void add_up(const struct qm_settled *s, struct qm_sync_report *r)
{
    r->confirmed += s->confirmed;
    r->held += s->held;
    r->rejected += s->rejected;
    r->flagged += s->flagged;
    r->sent += s->confirmed + s->held + s->rejected + s->flagged;
}

qm_err qmc_apply_receipt(struct qm_client *c, const void *text, size_t len,
                         struct qm_sync_report *report)
{
    const struct qm_flight *f = &c->flight;
    struct qm_settling s;
    struct qm_settled counts = {0};
    qm_err e = qm_sync_receipt(text, len, &f->log, &f->seen, f->note.p, f->note.len, &s);
    if (e == QM_E_PROOF && s.other_log)
        return ask_for_log(c);
    if (e != QM_OK)
        return doubt(c, e);
    struct qm_settlement settlement = {.log = s.checkpoint.origin,
                                       .index = s.index,
                                       .tree_size = s.checkpoint.size,
                                       .receipt = text,
                                       .receipt_len = len,
                                       .verdicts = s.verdict};
    e = qm_outbox_begin(c->outbox);
    if (e != QM_OK)
        return qmc_outbox(c, e);
    e = qm_outbox_settle(c->outbox, f->batch, &settlement, qmc_now(c), &counts);
    if (e == QM_OK)
        e = remember_seen(c, &s.checkpoint);
    if (e == QM_OK)
        e = calm_down(c);
    e = qmc_outbox(c, qm_outbox_end(c->outbox, e));
    if (e == QM_OK)
        add_up(&counts, report);
    return e;
}

struct changes {
    struct qm_client *c;
    struct qm_sync_report *report;
    bool other_log, texts, targets; /* rows that were seen */
    char evidence[QM_CODES_MAX_BYTES];
};

static qm_err on_head(void *ctx, const struct qm_changes_head *h)
{
    struct changes *x = ctx;
    struct qm_client *c = x->c;
    const struct qm_flight *f = &c->flight;
    int county = 0, tree = 0, known_county = 0, known_tree = 0;
    char host[QM_HOST_MAX_BYTES + 1];
    qm_err e = qm_outbox_get_text(c->outbox, "host", host, sizeof host);
    if (e != QM_OK)
        return e;
    if (strcmp(h->log, f->log.name) != 0) {
        /* The head is not signed: it may only make us ask for the key, which the receipts prove. */
        if (qm_log_name_read(h->log, host, &county, &tree) != QM_OK ||
            qm_log_name_read(f->log.name, host, &known_county, &known_tree) != QM_OK ||
            county != known_county || tree <= known_tree)
            return QM_E_PROOF;
        x->other_log = true;
    } else if (strcmp(f->seen.log, h->log) == 0 && h->size < f->seen.size) {
        return QM_E_LOG_REGRESSED;
    }
    e = qm_outbox_set_int(c->outbox, "offset", h->now_ms - qmc_now(c));
    if (e == QM_OK)
        e = qm_outbox_mirror_start(c->outbox, f->since, h->full);
    x->report->full = x->report->full || h->full;
    return e;
}

static qm_err on_household(void *ctx, const struct qm_household_view *v)
{
    return qm_outbox_put_household(((struct changes *)ctx)->c->outbox, v);
}

static qm_err on_resident(void *ctx, const struct qm_resident_view *v)
{
    return qm_outbox_put_resident(((struct changes *)ctx)->c->outbox, v);
}

static qm_err on_gone(void *ctx, const char *household)
{
    return qm_outbox_gone(((struct changes *)ctx)->c->outbox, household);
}

static qm_err on_gone_resident(void *ctx, const char *resident)
{
    return qm_outbox_gone_resident(((struct changes *)ctx)->c->outbox, resident);
}

static qm_err on_text(void *ctx, const struct qm_text_view *v)
{
    struct changes *x = ctx;
    qm_err e = x->texts ? QM_OK : qm_outbox_clear_texts(x->c->outbox);
    x->texts = true;
    return e == QM_OK ? qm_outbox_put_text(x->c->outbox, v) : e;
}

static qm_err on_target(void *ctx, const struct qm_target_view *v)
{
    struct changes *x = ctx;
    qm_err e = x->targets ? QM_OK : qm_outbox_clear_targets(x->c->outbox);
    x->targets = true;
    return e == QM_OK ? qm_outbox_put_target(x->c->outbox, v) : e;
}

static qm_err on_want(void *ctx, const struct qm_want_view *v)
{
    return qm_outbox_put_want(((struct changes *)ctx)->c->outbox, v);
}

static qm_err on_none(void *ctx, const char *of)
{
    struct qm_outbox *o = ((struct changes *)ctx)->c->outbox;
    if (strcmp(of, "text") == 0)
        return qm_outbox_clear_texts(o);
    return strcmp(of, "target") == 0 ? qm_outbox_clear_targets(o) : QM_OK;
}

static qm_err on_evidence(void *ctx, const char *metrics)
{
    struct changes *x = ctx;
    snprintf(x->evidence, sizeof x->evidence, "%s", metrics);
    return QM_OK;
}

static qm_err on_verdict(void *ctx, const char *event, bool in, const char *code)
{
    return qm_outbox_put_verdict(((struct changes *)ctx)->c->outbox, event, in, code);
}

static qm_err on_end(void *ctx, const char *cursor)
{
    struct changes *x = ctx;
    /* Each answer says it anew. */
    qm_err e = qm_outbox_set_text(x->c->outbox, "evidence", x->evidence);
    return e == QM_OK ? qm_outbox_mirror_done(x->c->outbox, cursor) : e;
}

qm_err qmc_apply_changes(struct qm_client *c, const void *body, size_t len,
                         struct qm_sync_report *report)
{
    struct changes x = {.c = c, .report = report};
    struct qm_changes_sum sum;
    struct qm_changes_sink sink = {.ctx = &x,
                                   .head = on_head,
                                   .household = on_household,
                                   .resident = on_resident,
                                   .gone = on_gone,
                                   .gone_resident = on_gone_resident,
                                   .text = on_text,
                                   .target = on_target,
                                   .want = on_want,
                                   .evidence = on_evidence,
                                   .none = on_none,
                                   .verdict = on_verdict,
                                   .end = on_end};
    qm_err e = qm_outbox_begin(c->outbox);
    if (e != QM_OK)
        return qmc_outbox(c, e);
    e = qm_changes_read(body, len, &sink, &sum);
    if (e == QM_OK) /* a key that was taken up without an answer has proved good */
        e = qm_outbox_set_int(c->outbox, "adopted", 0);
    if (e == QM_OK && x.other_log)
        e = qm_outbox_set_int(c->outbox, "need-log", 1);
    e = qm_outbox_end(c->outbox, e);
    if (e == QM_E_BUSY) {
        /* Another process took in a newer answer: this one is not needed. */
        c->changes_done = true;
        return QM_OK;
    }
    if (e == QM_E_PROOF || e == QM_E_MALFORMED)
        return qmc_fail(c, e, "changes: the answer is cut or has another shape; thrown away");
    if (e != QM_OK)
        return e == QM_E_LOG_REGRESSED ? doubt(c, e) : qmc_outbox(c, e);
    report->rows += sum.rows;
    report->rows_unknown += sum.unknown;
    c->changes_done = true;
    return QM_OK;
}

/* The new key is ours; unsent batches are signed anew when they are next sent. */
static qm_err adopt_key(struct qm_client *c)
{
    qm_err e = qm_outbox_set_int(c->outbox, "slot", c->flight.next_slot);
    return e == QM_OK ? qm_outbox_set_int(c->outbox, "rotating", 0) : e;
}

static qm_err rotated_in(struct qm_client *c, const struct qm_enrolled *en)
{
    qm_err e = qm_outbox_begin(c->outbox);
    if (e != QM_OK)
        return e;
    e = adopt_key(c);
    if (e == QM_OK)
        e = qmc_store_enrolled(c, en);
    if (e == QM_OK)
        e = qm_outbox_set_int(c->outbox, "need-log", 0);
    if (e == QM_OK)
        e = calm_down(c);
    return qm_outbox_end(c->outbox, e);
}

qm_err qmc_apply_rotation(struct qm_client *c, const void *body, size_t len)
{
    struct qm_identity id;
    struct qm_enrolled en;
    int county = 0, tree = 0, known_tree = 0;
    qm_err e = qmc_identity(c, &id);
    if (e != QM_OK)
        return e;
    e = qm_enrolled_read(body, len, id.host, (int)id.county, &en);
    if (e == QM_OK)
        e = qm_log_name_read(en.log.name, id.host, &county, &tree);
    if (e == QM_OK)
        e = qm_log_name_read(id.log.name, id.host, &county, &known_tree);
    /* The same log has the same key for ever, and a tree that was left is not gone back to. */
    if (e == QM_OK && (tree < known_tree ||
                       (tree == known_tree && memcmp(en.log.key, id.log.key, QM_KEY_BYTES) != 0)))
        e = QM_E_PROOF;
    if (e == QM_E_PROOF || e == QM_E_UNKNOWN_OUTCOME)
        return doubt(c, e);
    if (e == QM_OK)
        e = qmc_outbox(c, rotated_in(c, &en));
    if (e == QM_OK)
        e = qm_keys_remove_device(&c->keys, id.slot);
    return e;
}

qm_err qmc_rotation_refused(struct qm_client *c)
{
    qm_err e = qmc_outbox(c, qm_outbox_begin(c->outbox));
    if (e != QM_OK)
        return e;
    e = adopt_key(c);
    if (e == QM_OK)
        e = qm_outbox_set_int(c->outbox, "adopted", c->flight.next_slot);
    return qmc_outbox(c, qm_outbox_end(c->outbox, e));
}
