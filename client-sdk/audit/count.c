/* count.c - floor 2, inside audit: the two folds on one roster.
 *
 * Happy path: partition by partition the roster's subjects meet the events that name them; a state
 * each for now and for the base of `new`; figures go to the cells of the subject's division.
 * Events of merged households are moved beforehand to the one that stands for them.
 * Failure: a household merged into one that is not there, or in a circle, is a finding.
 */
#include <stdlib.h>
#include <string.h>

#include "audit/frozen.h"

struct counting {
    struct qm_au *a;
    struct qm_au_frozen *f;
    int64_t from, to;
    qm_au_state_sink sink;
    void *ctx;
    struct qm_au_subject *subject; /* of one partition */
    struct qm_au_state *now, *base;
    size_t n;
    size_t *slot;
    size_t slots;
};

/* ---- merged households ---- */

static int merged_order(const void *x, const void *y)
{
    return memcmp(x, ((const struct qm_au_merged *)y)->from, QM_ID_BYTES);
}

/* Who stands for a household in the end; NULL: itself, or nobody. */
static const uint8_t *stands_for(const struct qm_au_frozen *f, const uint8_t id[QM_ID_BYTES])
{
    const uint8_t *stand = NULL;
    for (size_t steps = 0; steps <= f->merged_n; steps++) {
        const struct qm_au_merged *m = f->merged_n == 0
                                           ? NULL
                                           : bsearch(stand == NULL ? id : stand, f->merged,
                                                     f->merged_n, sizeof *f->merged, merged_order);
        if (m == NULL)
            return stand;
        stand = m->to;
    }
    return NULL;
}

static void circles_say(struct qm_au *a, const struct qm_au_frozen *f)
{
    for (size_t i = 0; i < f->merged_n; i++) {
        char name[QM_PSEUDONYM_CHARS + 1];
        if (stands_for(f, f->merged[i].from) != NULL)
            continue;
        qm_pseudonym_write(f->merged[i].from, name);
        qm_au_say(a, "roster-merged", f->idx, NULL, "%s", name);
    }
}

static qm_err merged_move(struct qm_au *a, struct qm_au_frozen *f)
{
    qm_err e = QM_OK;
    for (size_t part = 0; e == QM_OK && f->merged_n > 0 && part < a->facts.parts; part++) {
        void *records = NULL;
        size_t n = 0;
        e = qm_au_spool_load(&a->facts, part, &records, &n);
        struct qm_au_fact *fact = records;
        for (size_t i = 0; e == QM_OK && i < n; i++) {
            const uint8_t *stand = fact[i].kind == QM_APP ? NULL : stands_for(f, fact[i].subject);
            if (stand == NULL)
                continue;
            memcpy(fact[i].subject, stand, QM_ID_BYTES);
            e = qm_au_spool_put(&f->moved, fact[i].subject, &fact[i]);
        }
        free(records);
    }
    return e;
}

/* ---- one partition ---- */

static size_t slot_of(const struct counting *c, const uint8_t id[QM_ID_BYTES], bool resident)
{
    uint64_t h[2];
    memcpy(h, id, sizeof h);
    size_t at =
        (size_t)((h[0] ^ h[1] ^ resident) * UINT64_C(0x9E3779B97F4A7C15) >> 20) & (c->slots - 1);
    while (c->slot[at] != 0) {
        const struct qm_au_subject *s = &c->subject[c->slot[at] - 1];
        if (s->resident == resident && memcmp(s->id, id, QM_ID_BYTES) == 0)
            break;
        at = (at + 1) & (c->slots - 1);
    }
    return at;
}

static qm_err subjects_load(struct counting *c, size_t part)
{
    void *records = NULL;
    qm_err e = qm_au_spool_load(&c->f->subjects, part, &records, &c->n);
    c->subject = records;
    for (c->slots = 64; c->slots < c->n * 2;)
        c->slots *= 2;
    c->slot = calloc(c->slots, sizeof *c->slot);
    c->now = calloc(c->n + 1, sizeof *c->now);
    c->base = calloc(c->n + 1, sizeof *c->base);
    if (e == QM_OK && (c->slot == NULL || c->now == NULL || c->base == NULL))
        e = QM_E_NOMEM;
    for (size_t i = 0; e == QM_OK && i < c->n; i++) {
        const struct qm_au_subject *s = &c->subject[i];
        qm_au_state_clear(&c->now[i], s->resident);
        qm_au_state_clear(&c->base[i], s->resident);
        if (!s->target)
            c->slot[slot_of(c, s->id, s->resident)] = i + 1;
    }
    return e;
}

static void subjects_free(struct counting *c)
{
    free(c->subject);
    free(c->slot);
    free(c->now);
    free(c->base);
    c->subject = NULL;
    c->slot = NULL;
    c->now = c->base = NULL;
}

static void state_add(struct qm_au_state *s, const struct qm_au_fact *f, int64_t size)
{
    struct qm_au_event e = {.at = f->at,
                            .recv = f->recv,
                            .kind = f->kind,
                            .code = f->code,
                            .via = f->via,
                            .alerts = f->alerts,
                            .na = f->na};
    if (f->from > size || size >= f->to)
        return;
    memcpy(e.id, f->id, QM_ID_BYTES);
    e.proved = f->proved <= size;
    qm_au_state_add(s, &e);
}

static qm_err facts_add(struct counting *c, struct qm_au_spool *from, size_t part)
{
    void *records = NULL;
    size_t n = 0;
    qm_err e = qm_au_spool_load(from, part, &records, &n);
    const struct qm_au_fact *fact = records;
    for (size_t i = 0; e == QM_OK && i < n; i++) {
        size_t at = c->slot[slot_of(c, fact[i].subject, fact[i].kind == QM_APP)];
        if (at == 0 || c->subject[at - 1].status == QM_AU_MERGED)
            continue;
        state_add(&c->now[at - 1], &fact[i], c->to);
        state_add(&c->base[at - 1], &fact[i], fact[i].via == QM_CARRIED ? c->to : c->from);
    }
    free(records);
    return e;
}

/* ---- cells ---- */

static bool in_denominator(const struct qm_au_subject *s, int metric)
{
    if (s->resident != (metric >= QM_AU_APP))
        return false;
    return s->status == QM_AU_COUNTED || (metric == QM_AU_REACHED && s->status == QM_AU_AWAY);
}

static void cells_add(struct qm_au_table *t, const struct qm_au_subject *s,
                      const struct qm_au_figures *now, const struct qm_au_figures *base)
{
    int64_t code = s->grid;
    for (int i = 15; i > t->rule->digits; i--)
        code /= 10;
    struct qm_au_row *r = qm_au_table_row(t, code, false);
    unsigned has = t->rule->evidenced ? now->evidenced : now->reported;
    unsigned had = t->rule->evidenced ? base->evidenced : base->reported;
    for (size_t i = 0; r != NULL && i < t->rule->n; i++) {
        int m = t->rule->metric[i].cover;
        int64_t *cell = &r->cell[i * QM_AU_CELL];
        if (m < 0 || !in_denominator(s, m))
            continue;
        cell[QM_AU_DEN]++;
        cell[QM_AU_NUM] += has >> m & 1;
        cell[QM_AU_NEW] += (int64_t)(has >> m & 1) - (int64_t)(had >> m & 1);
        cell[QM_AU_REFUSED] += now->refused >> m & 1;
    }
}

static void target_look(const struct counting *c, const struct qm_au_subject *wish)
{
    size_t at = c->slot[slot_of(c, wish->id, false)];
    char name[QM_PSEUDONYM_CHARS + 1];
    if (at != 0 && c->subject[at - 1].grid == wish->grid)
        return;
    qm_pseudonym_write(wish->id, name);
    qm_au_say(c->a, "roster-merged", c->f->idx, NULL, "%s", name);
}

static void partition_count(const struct counting *c)
{
    for (size_t i = 0; i < c->n; i++) {
        const struct qm_au_subject *s = &c->subject[i];
        struct qm_au_figures now, base;
        if (s->target) {
            target_look(c, s);
            continue;
        }
        qm_au_state_figures(&c->now[i], &now);
        qm_au_state_figures(&c->base[i], &base);
        cells_add(c->f->table, s, &now, &base);
        if (c->sink != NULL)
            c->sink(c->ctx, s, &now);
    }
}

qm_err qm_au_frozen_each(struct qm_au *a, struct qm_au_frozen *f, int64_t from, int64_t to,
                         qm_au_state_sink sink, void *ctx)
{
    struct counting c = {.a = a, .f = f, .from = from, .to = to, .sink = sink, .ctx = ctx};
    circles_say(a, f);
    qm_err e = merged_move(a, f);
    for (size_t part = 0; e == QM_OK && part < a->facts.parts; part++) {
        e = subjects_load(&c, part);
        if (e == QM_OK && c.n > 0)
            e = facts_add(&c, &a->facts, part);
        if (e == QM_OK && c.n > 0)
            e = facts_add(&c, &f->moved, part);
        if (e == QM_OK)
            partition_count(&c);
        subjects_free(&c);
    }
    return e;
}

qm_err qm_au_frozen_count(struct qm_au *a, struct qm_au_frozen *f, int64_t from, int64_t to)
{
    return qm_au_frozen_each(a, f, from, to, NULL, NULL);
}
