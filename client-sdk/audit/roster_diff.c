/* roster_diff.c - floor 2, inside audit: which lines are new, gone, changed since the last
 * bulletin. Register facts are on trust: this list is what a person looks through.  Both files are
 * sorted, so they are read side by side.  Failure: a file that is not there gives no list.
 */
#include <stdlib.h>
#include <string.h>

#include "audit/frozen.h"

enum { KEY_BYTES = 32, GRID_BYTES = 15, FRESH = 0, GONE = 1, CHANGED = 2 };

struct side {
    struct qm_au_lines in;
    struct qm_text line;
    bool there;
};

static void side_next(struct side *s)
{
    s->there = qm_au_lines_next(&s->in, &s->line.p, &s->line.len) > 0 && s->line.len > KEY_BYTES;
}

/* Lines of both kinds have their key in the first 32 bytes: "household " and 22, "resident ",
 * 22 and a space. */
static int key_order(const struct side *x, const struct side *y)
{
    if (!x->there || !y->there)
        return x->there ? -1 : 1;
    return memcmp(x->line.p, y->line.p, KEY_BYTES);
}

struct diff {
    struct qm_au *a;
    struct qm_au_table villages;
    struct qm_audit_bulletin *out;
};

static int64_t village_of(struct qm_text line)
{
    struct qm_text word;
    int64_t grid = 0;
    if (!qm_au_until(&line, ' ', &word) || !qm_au_until(&line, ' ', &word) ||
        line.len < GRID_BYTES || qm_grid_read(line.p, GRID_BYTES, &grid) != QM_OK)
        return 0;
    return grid / 1000;
}

static qm_err mark(struct diff *d, int what, struct qm_text line)
{
    static const char signs[] = {'+', '-', '~'};
    struct qm_au_row *r = qm_au_table_row(&d->villages, village_of(line), true);
    if (r == NULL)
        return QM_E_NOMEM;
    r->cell[what]++;
    d->out->fresh += what == FRESH;
    d->out->gone += what == GONE;
    d->out->changed += what == CHANGED;
    if (d->a->o->line != NULL)
        d->a->o->line(d->a->o->ctx, signs[what], line.p, line.len);
    return QM_OK;
}

static qm_err compare(struct diff *d, struct side *old, struct side *new)
{
    qm_err e = QM_OK;
    side_next(old);
    side_next(new);
    while (e == QM_OK && (old->there || new->there)) {
        int c = key_order(old, new);
        if (c < 0)
            e = mark(d, GONE, old->line);
        else if (c > 0)
            e = mark(d, FRESH, new->line);
        else if (old->line.len != new->line.len ||
                 memcmp(old->line.p, new->line.p, new->line.len) != 0)
            e = mark(d, CHANGED, new->line);
        if (c <= 0)
            side_next(old);
        if (c >= 0)
            side_next(new);
    }
    return e;
}

static int code_order(const void *x, const void *y)
{
    int64_t p = (*(struct qm_au_row *const *)x)->code, q = (*(struct qm_au_row *const *)y)->code;
    return (p > q) - (p < q);
}

static void villages_say(const struct diff *d)
{
    if (d->villages.n > 0)
        qsort(d->villages.row, d->villages.n, sizeof(struct qm_au_row *), code_order);
    for (size_t i = 0; d->a->o->village != NULL && i < d->villages.n; i++) {
        const struct qm_au_row *r = d->villages.row[i];
        char code[24];
        (void)snprintf(code, sizeof code, "%012lld", (long long)r->code);
        d->a->o->village(d->a->o->ctx, code, r->cell[FRESH], r->cell[GONE], r->cell[CHANGED]);
    }
}

qm_err qm_au_roster_diff(struct qm_au *a, const struct qm_hash *old, const struct qm_hash *new,
                         struct qm_audit_bulletin *out)
{
    static const struct qm_au_rule one_cell = {.n = 1, .digits = 12};
    struct side *s = calloc(2, sizeof *s);
    struct diff d = {.a = a, .out = out};
    char name[80];
    if (s == NULL)
        return QM_E_NOMEM;
    s[0].in.fd = s[1].in.fd = -1;
    qm_au_table_init(&d.villages, &one_cell);
    qm_au_object_name(old, name);
    qm_err e = qm_au_lines_open(a, name, &s[0].in);
    qm_au_object_name(new, name);
    if (e == QM_OK)
        e = qm_au_lines_open(a, name, &s[1].in);
    s[0].in.hashing = s[1].in.hashing = false; /* roster.c has done it for each */
    if (e == QM_OK)
        e = compare(&d, &s[0], &s[1]);
    if (e == QM_OK)
        villages_say(&d);
    qm_au_lines_close(&s[0].in);
    qm_au_lines_close(&s[1].in);
    qm_au_table_free(&d.villages);
    free(s);
    return e == QM_E_NOT_FOUND ? QM_OK : e;
}
