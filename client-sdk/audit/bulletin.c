/* bulletin.c - floor 2, inside audit: bulletins, their chain, and their results anew (section 8 of
 * the contract).
 *
 * Happy path: each bulletin begins where the one before it ended, names the log's own root at its
 * end, and its result is what roster, rule, imports and events give, to the byte.
 * Failure: findings.  A bulletin whose roster or rule is not in the folder cannot be recomputed;
 * that is a finding too.
 */
#include <stdlib.h>
#include <string.h>

#include "audit/frozen.h"
#include "audit/recompute.h"

/* ---- the entry ---- */

static bool number_line(struct qm_text *t, const char *word, int64_t *out)
{
    struct qm_text line;
    return qm_au_take(t, word) && qm_au_until(t, '\n', &line) &&
           qm_dec_read(line.p, line.len, INT64_MAX, out) == QM_OK;
}

static bool hash_line(struct qm_text *t, const char *word, struct qm_hash *out)
{
    struct qm_text line;
    return qm_au_take(t, word) && qm_au_take(t, " sha256:") && qm_au_until(t, '\n', &line) &&
           qm_au_hash_hex(line, out);
}

static bool root_line(struct qm_text *t, struct qm_hash *out)
{
    struct qm_text line;
    size_t n = 0;
    return qm_au_take(t, "root ") && qm_au_until(t, '\n', &line) &&
           qm_b64_read(line.p, line.len, out->b, QM_HASH_BYTES, &n) == QM_OK && n == QM_HASH_BYTES;
}

static bool payload_read(struct qm_text t, struct qm_au_bulletin *b)
{
    struct qm_text line;
    if (!qm_au_until(&t, '\n', &line) || line.len > QM_PERIOD_MAX_BYTES ||
        qm_period_read(line.p, line.len, &b->span) != QM_OK)
        return false;
    memcpy(b->period, line.p, line.len);
    if (!number_line(&t, "from ", &b->from) || !number_line(&t, "to ", &b->to) ||
        !root_line(&t, &b->root) || !hash_line(&t, "roster", &b->roster) ||
        !hash_line(&t, "rule", &b->rule))
        return false;
    b->has_imports = t.len > 0 && t.p[0] == 'i';
    return (!b->has_imports || hash_line(&t, "imports", &b->imports)) &&
           hash_line(&t, "result", &b->result) && hash_line(&t, "public", &b->open) && t.len == 0;
}

qm_err qm_au_bulletin_entry(struct qm_au *a, int64_t idx, const struct qm_entry *e)
{
    struct qm_au_bulletin *b = qm_au_push(&a->bulletin, &a->bulletins, sizeof *a->bulletin);
    if (b == NULL)
        return QM_E_NOMEM;
    b->idx = idx;
    b->replaces = b->replaced_by = -1;
    b->well = e->scope.len < sizeof b->scope && payload_read(e->payload, b);
    if (b->well && e->replaces.p != NULL)
        b->well = qm_dec_read(e->replaces.p, e->replaces.len, INT64_MAX, &b->replaces) == QM_OK;
    if (!b->well) {
        qm_au_say(a, "bulletin-form", idx, NULL, "bulletin/v1");
        return QM_OK;
    }
    memcpy(b->scope, e->scope.p, e->scope.len);
    if (e->by.len == e->prepared.len && memcmp(e->by.p, e->prepared.p, e->by.len) == 0)
        qm_au_say(a, "bulletin-account", idx, NULL, "%.*s", (int)e->by.len, e->by.p);
    return QM_OK;
}

void qm_au_bulletins_free(struct qm_au *a)
{
    for (size_t i = 0; i < a->bulletins; i++)
        free(a->bulletin[i].ranks);
    free(a->bulletin);
}

/* ---- the chain ---- */

static bool same_line(const struct qm_au_bulletin *x, const struct qm_au_bulletin *y)
{
    return x->well && y->well && strcmp(x->scope, y->scope) == 0 && x->span.kind == y->span.kind;
}

/* The newest one before b in the log that is not replaced and ends below `below`. */
static struct qm_au_bulletin *newest(struct qm_au *a, const struct qm_au_bulletin *b, int64_t below)
{
    struct qm_au_bulletin *found = NULL;
    for (struct qm_au_bulletin *x = a->bulletin; x < b; x++) {
        if (same_line(x, b) && x->replaced_by < 0 && x->to < below &&
            (found == NULL || x->to > found->to))
            found = x;
    }
    return found;
}

static void correction_judge(struct qm_au *a, struct qm_au_bulletin *b)
{
    struct qm_au_bulletin *old = NULL;
    for (struct qm_au_bulletin *x = a->bulletin; x < b; x++) {
        if (x->well && x->idx == b->replaces)
            old = x;
    }
    if (old == NULL || !same_line(old, b) || strcmp(old->period, b->period) != 0 ||
        old->replaced_by >= 0)
        qm_au_say(a, "bulletin-replaces", b->idx, NULL, "%lld", (long long)b->replaces);
    else if (old->from != b->from || old->to != b->to ||
             memcmp(old->root.b, b->root.b, QM_HASH_BYTES) != 0)
        qm_au_say(a, "bulletin-range", b->idx, NULL, "%lld: %lld-%lld", (long long)b->replaces,
                  (long long)old->from, (long long)old->to);
    if (old != NULL && old->replaced_by < 0)
        old->replaced_by = b->idx;
}

static void order_judge(struct qm_au *a, const struct qm_au_bulletin *b)
{
    const struct qm_au_bulletin *last = newest(a, b, QM_AU_NEVER);
    int64_t from = last == NULL ? 0 : last->to;
    for (const struct qm_au_bulletin *x = a->bulletin; x < b; x++) {
        if (same_line(x, b) && strcmp(x->period, b->period) == 0)
            qm_au_say(a, "bulletin-twice", b->idx, NULL, "%s %s: %lld", b->scope, b->period,
                      (long long)x->idx);
    }
    if (b->from != from)
        qm_au_say(a, "bulletin-range", b->idx, NULL, "from %lld: %lld", (long long)b->from,
                  (long long)from);
    if (last != NULL && b->span.first_day <= last->span.first_day)
        qm_au_say(a, "bulletin-order", b->idx, NULL, "%s, %s", last->period, b->period);
}

static void roster_find(struct qm_au *a, struct qm_au_bulletin *b)
{
    for (size_t i = 0; i < a->rosters; i++) {
        const struct qm_au_roster *r = &a->roster[i];
        if (r->idx < b->idx && r->to == b->to && strcmp(r->scope, b->scope) == 0 &&
            strcmp(r->period, b->period) == 0 && memcmp(r->sha.b, b->roster.b, QM_HASH_BYTES) == 0)
            b->frozen = r;
    }
    if (b->frozen == NULL)
        qm_au_say(a, "bulletin-roster", b->idx, NULL, "%s %s", b->scope, b->period);
}

static qm_err root_judge(struct qm_au *a, const struct qm_au_bulletin *b)
{
    struct qm_hash root;
    if (b->from > b->to || b->to > b->idx) {
        qm_au_say(a, "bulletin-range", b->idx, NULL, "from %lld to %lld", (long long)b->from,
                  (long long)b->to);
        return QM_OK;
    }
    qm_err e = qm_au_root_at(a, (uint64_t)b->to, &root);
    if (e == QM_OK && memcmp(root.b, b->root.b, QM_HASH_BYTES) != 0)
        qm_au_say(a, "bulletin-root", b->idx, NULL, "to %lld", (long long)b->to);
    return e;
}

static void rule_judge(struct qm_au *a, const struct qm_au_bulletin *b)
{
    for (size_t i = 0; i < a->settings; i++) {
        const struct qm_au_setting *s = &a->setting[i];
        if (s->idx < b->idx && strcmp(s->kind, "rule") == 0 &&
            memcmp(s->sha.b, b->rule.b, QM_HASH_BYTES) == 0)
            return;
    }
    qm_au_say(a, "bulletin-rule", b->idx, NULL, "%s %s", b->scope, b->period);
}

static qm_err chain_judge(struct qm_au *a, struct qm_au_bulletin *b)
{
    if (b->replaces >= 0)
        correction_judge(a, b);
    else
        order_judge(a, b);
    b->earlier = newest(a, b, b->to);
    roster_find(a, b);
    rule_judge(a, b);
    return root_judge(a, b);
}

/* ---- settings that the log names ---- */

static qm_err settings_judge(struct qm_au *a)
{
    qm_err e = QM_OK;
    for (size_t i = 0; e == QM_OK && i < a->settings; i++) {
        struct qm_hash own;
        char name[80];
        qm_au_object_name(&a->setting[i].sha, name);
        e = qm_au_hash_file(a, name, &own);
        if (e == QM_E_NOT_FOUND) {
            qm_au_say(a, "object-missing", a->setting[i].idx, NULL, "%s %s", a->setting[i].kind,
                      name);
            e = QM_OK;
        } else if (e == QM_OK && memcmp(own.b, a->setting[i].sha.b, QM_HASH_BYTES) != 0) {
            qm_au_say(a, "object-changed", a->setting[i].idx, NULL, "%s %s", a->setting[i].kind,
                      name);
        }
    }
    return e;
}

/* ---- all of them, in order ---- */

static qm_err bulletin_look(struct qm_au *a, struct qm_au_bulletin *b)
{
    struct qm_audit_bulletin said = {
        .index = b->idx, .from = b->from, .to = b->to, .replaces = b->replaces};
    (void)snprintf(said.scope, sizeof said.scope, "%s", b->scope);
    (void)snprintf(said.period, sizeof said.period, "%s", b->period);
    qm_err e = chain_judge(a, b);
    if (e == QM_OK && b->from <= b->to && b->to <= b->idx)
        e = qm_au_recompute(a, b, &said);
    if (e == QM_OK && a->o->bulletin != NULL)
        a->o->bulletin(a->o->ctx, &said);
    return e;
}

qm_err qm_au_bulletins(struct qm_au *a)
{
    qm_err e = settings_judge(a);
    for (size_t i = 0; e == QM_OK && i < a->bulletins; i++) {
        if (a->bulletin[i].well)
            e = bulletin_look(a, &a->bulletin[i]);
        a->report->bulletins++;
        qm_au_progress(a, "bulletins", i + 1, a->bulletins);
    }
    return e;
}
