/* judge.c - floor 2, inside audit: what needs the whole log to be judged.
 *
 * Happy path: pictures join the events that name them; all that speaks of one event id comes
 * together, is judged, and leaves the stretches of log sizes at which the event is effective;
 * sequence numbers of a device come together.  One partition in memory at a time.
 * Failure: findings; memory and disk faults end it.
 */
#include <stdlib.h>
#include <string.h>

#include "audit/inside.h"

static int order_of(int64_t x, int64_t y)
{
    return (x > y) - (x < y);
}

/* ---- pictures ---- */

static int picture_order(const void *x, const void *y)
{
    const struct qm_au_picture *p = x, *q = y;
    int c = memcmp(p->sha.b, q->sha.b, QM_HASH_BYTES);
    if (c == 0)
        c = order_of(q->listed, p->listed);
    return c != 0 ? c : order_of(p->idx, q->idx);
}

/* One picture: listings first, then the events that name it, each in log order. */
static qm_err picture_judge(struct qm_au *a, const struct qm_au_picture *p, size_t n)
{
    char hex[QM_HEX_HASH_CHARS + 1];
    size_t listed = 0;
    qm_err e = QM_OK;
    while (listed < n && p[listed].listed)
        listed++;
    int64_t named = listed < n ? p[listed].idx : QM_AU_NEVER;
    qm_hex_write(p->sha.b, QM_HASH_BYTES, hex);
    for (size_t i = 0; i < listed; i++) {
        if (named >= p[i].idx)
            qm_au_say(a, "blob-unnamed", p[i].idx, NULL, "%s", hex);
    }
    for (size_t i = listed; e == QM_OK && i < n; i++) {
        struct qm_au_id r = {.tag = QM_AU_LISTED, .idx = p[i].idx};
        r.other = listed > 0 ? p[0].idx : QM_AU_NEVER;
        memcpy(r.id, p[i].id, QM_ID_BYTES);
        e = qm_au_spool_put(&a->ids, r.id, &r);
    }
    return e;
}

static qm_err pictures_judge(struct qm_au *a, size_t part)
{
    struct qm_au_picture *p = NULL;
    void *records = NULL;
    size_t n = 0;
    qm_err e = qm_au_spool_load(&a->pictures, part, &records, &n);
    p = records;
    if (e == QM_OK && n > 0)
        qsort(p, n, sizeof *p, picture_order);
    for (size_t i = 0, to = 0; e == QM_OK && i < n; i = to) {
        for (to = i + 1; to < n && memcmp(p[to].sha.b, p[i].sha.b, QM_HASH_BYTES) == 0;)
            to++;
        e = picture_judge(a, &p[i], to - i);
    }
    free(records);
    return e;
}

/* ---- events ---- */

static int id_order(const void *x, const void *y)
{
    const struct qm_au_id *p = x, *q = y;
    int c = memcmp(p->id, q->id, QM_ID_BYTES);
    if (c == 0)
        c = order_of(p->tag, q->tag);
    if (c == 0)
        c = order_of(p->idx, q->idx);
    return c != 0 ? c : order_of(p->line, q->line);
}

/* All records of one id, by tag. */
struct group {
    const struct qm_au_id *of[QM_AU_SEEN + 1];
    size_t n[QM_AU_SEEN + 1];
    const struct qm_au_id *owner; /* the line that first recorded it; NULL: none */
};

static void group_split(const struct qm_au_id *r, size_t n, struct group *g)
{
    memset(g, 0, sizeof *g);
    for (size_t t = 0; t <= QM_AU_SEEN; t++)
        g->of[t] = r;
    for (size_t i = 0; i < n; i++) {
        if (g->n[r[i].tag]++ == 0)
            g->of[r[i].tag] = &r[i];
    }
}

static bool is_recorded(const struct qm_au_id *l)
{
    return l->verdict != QM_V_REJECT && l->verdict != QM_V_DUP;
}

static void say_line(struct qm_au *a, const char *code, const struct qm_au_id *l)
{
    qm_au_say(a, code, l->idx, l->id, "line %u", l->line);
}

static void line_judge(struct qm_au *a, const struct qm_au_id *l, const struct qm_au_id *owner,
                       bool again_in_batch)
{
    bool conflict = (l->bits & QM_AU_IS_CONFLICT) != 0;
    if ((l->bits & QM_AU_IS_COUNTY) != 0)
        return;
    bool other = owner != NULL && memcmp(owner->leaf.b, l->leaf.b, QM_HASH_BYTES) != 0;
    if (again_in_batch || other) {
        if (!conflict)
            say_line(a, is_recorded(l) ? "event-twice" : "verdict-conflict", l);
    } else if (owner != NULL) {
        if (is_recorded(l))
            say_line(a, "event-twice", l);
        else if (l->verdict != QM_V_DUP || l->other != owner->idx)
            say_line(a, "verdict-dup", l);
    } else if (!is_recorded(l)) {
        say_line(a, conflict ? "verdict-conflict" : "verdict-dup", l);
    }
}

static void lines_judge(struct qm_au *a, struct group *g)
{
    const struct qm_au_id *l = g->of[QM_AU_LINE];
    for (size_t i = 0; i < g->n[QM_AU_LINE]; i++) {
        line_judge(a, &l[i], g->owner, i > 0 && l[i - 1].idx == l[i].idx);
        if (g->owner == NULL && is_recorded(&l[i]))
            g->owner = &l[i];
    }
}

static void mentions_judge(struct qm_au *a, const struct group *g, enum qm_au_tag tag,
                           const char *code)
{
    const struct qm_au_id *r = g->of[tag];
    for (size_t i = 0; i < g->n[tag]; i++) {
        if (g->owner == NULL || g->owner->idx >= r[i].idx)
            qm_au_say(a, code, r[i].idx, r[i].id, "recorded: %lld",
                      (long long)(g->owner == NULL ? -1 : g->owner->idx));
    }
}

static void batches_judge(struct qm_au *a, const struct group *g)
{
    const struct qm_au_id *r = g->of[QM_AU_BATCH];
    for (size_t i = 1; i < g->n[QM_AU_BATCH]; i++) {
        if (r[i].account == r[i - 1].account)
            qm_au_say(a, "batch-twice", r[i].idx, NULL, "%s, %lld",
                      a->device[r[i].account].vkey.name, (long long)r[i - 1].idx);
    }
}

static void seen_find(struct qm_au *a, const struct group *g)
{
    const struct qm_au_id *l = g->of[QM_AU_LINE], *s = g->of[QM_AU_SEEN];
    for (size_t i = 0; i < g->n[QM_AU_SEEN]; i++) {
        for (size_t k = 0; k < g->n[QM_AU_LINE]; k++) {
            if (memcmp(l[k].leaf.b, s[i].leaf.b, QM_HASH_BYTES) == 0)
                a->kept[s[i].other].found = true;
        }
    }
}

/* First size at which the event is voided. */
static int64_t voided_from(const struct group *g)
{
    const struct qm_au_id *r = g->of[QM_AU_VOID];
    for (size_t i = 0; i < g->n[QM_AU_VOID]; i++) {
        if (r[i].account == g->owner->account)
            return r[i].idx + 1;
    }
    return QM_AU_NEVER;
}

/* First size at which all pictures of the event are listed. */
static int64_t proved_from(const struct group *g)
{
    const struct qm_au_id *r = g->of[QM_AU_LISTED];
    int64_t last = -1;
    size_t found = 0;
    for (size_t i = 0; i < g->n[QM_AU_LISTED]; i++) {
        if (r[i].idx != g->owner->idx)
            continue;
        last = r[i].other > last ? r[i].other : last;
        found++;
    }
    if (found == 0 || found != g->owner->evidences || last == QM_AU_NEVER)
        return QM_AU_NEVER;
    return last + 1;
}

static qm_err fact_put(struct qm_au *a, struct qm_au_fact *f, int64_t from, int64_t to)
{
    f->from = from;
    f->to = to;
    return from < to ? qm_au_spool_put(&a->facts, f->subject, f) : QM_OK;
}

/* Stretches of sizes at which it is effective: from its entry on if it was accepted, switched by
 * decisions, ended for good by a void. */
static qm_err facts_put(struct qm_au *a, const struct group *g)
{
    const struct qm_au_id *o = g->owner;
    struct qm_au_fact f = {.at = o->at,
                           .recv = o->recv,
                           .kind = o->kind,
                           .code = o->code,
                           .via = o->via,
                           .alerts = o->alerts,
                           .na = o->na};
    const struct qm_au_id *d = g->of[QM_AU_DECIDE];
    memcpy(f.subject, o->subject, QM_ID_BYTES);
    memcpy(f.id, o->id, QM_ID_BYTES);
    f.proved = proved_from(g);
    int64_t end = voided_from(g), from = o->idx + 1;
    bool counts = o->verdict != QM_V_HOLD;
    qm_err e = QM_OK;
    for (size_t i = 0; e == QM_OK && i < g->n[QM_AU_DECIDE]; i++) {
        bool in = d[i].code != 0;
        int64_t at = d[i].idx + 1;
        if (in == counts || at <= o->idx + 1)
            continue;
        if (counts)
            e = fact_put(a, &f, from, at < end ? at : end);
        counts = in;
        from = at;
    }
    return e == QM_OK && counts ? fact_put(a, &f, from, end) : e;
}

static qm_err group_judge(struct qm_au *a, const struct qm_au_id *r, size_t n)
{
    struct group g;
    group_split(r, n, &g);
    batches_judge(a, &g);
    lines_judge(a, &g);
    seen_find(a, &g);
    mentions_judge(a, &g, QM_AU_DECIDE, "decide-unknown");
    mentions_judge(a, &g, QM_AU_ERASE, "erase-unknown");
    if (g.owner == NULL || g.owner->kind > QM_APP)
        return QM_OK;
    return facts_put(a, &g);
}

static qm_err ids_judge(struct qm_au *a, size_t part)
{
    struct qm_au_id *r = NULL;
    void *records = NULL;
    size_t n = 0;
    qm_err e = qm_au_spool_load(&a->ids, part, &records, &n);
    r = records;
    if (e == QM_OK && n > 0)
        qsort(r, n, sizeof *r, id_order);
    for (size_t i = 0; e == QM_OK && i < n; i++)
        a->judged += r[i].tag == QM_AU_LINE;
    for (size_t i = 0, to = 0; e == QM_OK && i < n; i = to) {
        for (to = i + 1; to < n && memcmp(r[to].id, r[i].id, QM_ID_BYTES) == 0;)
            to++;
        e = group_judge(a, &r[i], to - i);
    }
    free(records);
    return e;
}

/* ---- sequence numbers ---- */

static int seq_order(const void *x, const void *y)
{
    const struct qm_au_seq *p = x, *q = y;
    int c = order_of(p->device, q->device);
    if (c == 0)
        c = order_of(p->seq, q->seq);
    if (c == 0)
        c = order_of(p->idx, q->idx);
    return c != 0 ? c : order_of(p->line, q->line);
}

static qm_err seqs_judge(struct qm_au *a, size_t part)
{
    void *records = NULL;
    size_t n = 0;
    qm_err e = qm_au_spool_load(&a->seqs, part, &records, &n);
    struct qm_au_seq *s = records;
    if (e == QM_OK && n > 0)
        qsort(s, n, sizeof *s, seq_order);
    for (size_t i = 0; e == QM_OK && i < n; i++) {
        bool taken = i > 0 && s[i - 1].device == s[i].device && s[i - 1].seq == s[i].seq;
        if (!s[i].held && s[i].flagged != taken)
            qm_au_say(a, "verdict-seq", s[i].idx, s[i].id, "line %u, seq %lld", s[i].line,
                      (long long)s[i].seq);
    }
    free(records);
    return e;
}

qm_err qm_au_judge(struct qm_au *a)
{
    qm_err e = QM_OK;
    size_t parts = a->ids.parts;
    for (size_t i = 0; e == QM_OK && i < parts; i++)
        e = pictures_judge(a, i);
    for (size_t i = 0; e == QM_OK && i < parts; i++) {
        e = ids_judge(a, i);
        if (e == QM_OK)
            e = seqs_judge(a, i);
        qm_au_progress(a, "records", a->judged, a->lines);
    }
    return e;
}
