/* ranking_changed.c - floor 3: lines of a roster that are not those of the bulletin before; see
 * ranking_room.h.
 *
 * Happy path: each is kept with the line that it was; once all are known, the divisions of which
 * this says enough stay as they are, and the sums ask about them by it.
 * A division is told too little about where a line left the scope, or where a merge is new or
 * undone (records then count for somebody else); and with such merges, where a line moved.
 * Failure: more lines than are kept: then nothing is known of any division with one of them.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "domain/ranking_room.h"

enum { LINES_FIRST = 64, LINES_MAX = 20000 };

static struct qm_division *division_of(struct qm_divisions *all, int64_t grid)
{
    char code[24];
    snprintf(code, sizeof code, "%015lld", (long long)grid);
    return qm_division_of(all, code, false);
}

/* The divisions of both lines are folded as if there were no bulletin before. */
static void forget(struct qm_freeze *f, int64_t before, int64_t now)
{
    const int64_t grids[] = {before, now};
    for (size_t i = 0; i < sizeof grids / sizeof *grids; i++) {
        struct qm_division *x = grids[i] < 0 ? NULL : division_of(&f->divisions, grids[i]);
        if (x != NULL)
            x->unknown = true;
    }
}

static bool room_for_one(struct qm_changed *c)
{
    if (c->n < c->cap)
        return true;
    size_t cap = c->cap == 0 ? LINES_FIRST : 2 * c->cap;
    struct qm_changed_line *list = realloc(c->list, cap * sizeof *list);
    if (list == NULL)
        return false;
    c->list = list;
    c->cap = cap;
    return true;
}

qm_err qm_freeze_changed(struct qm_freeze *f, const struct qm_changed_line *x)
{
    struct qm_changed *c = &f->changed;
    if (x->word == QM_WORD_MERGED || x->word_before == QM_WORD_MERGED) {
        c->merges = true;
        forget(f, x->grid_before, x->grid);
        return QM_OK;
    }
    if (x->grid < 0 || c->n == LINES_MAX) {
        c->full = c->full || x->grid >= 0;
        forget(f, x->grid_before, x->grid);
        return QM_OK;
    }
    if (!room_for_one(c))
        return QM_E_NOMEM;
    c->list[c->n++] = *x;
    return QM_OK;
}

void qm_freeze_changed_end(struct qm_freeze *f)
{
    struct qm_changed *c = &f->changed;
    for (size_t i = 0; i < c->n; i++) {
        const struct qm_changed_line *x = &c->list[i];
        bool moved = x->grid_before >= 0 && x->grid_before != x->grid;
        if (c->full || (c->merges && moved))
            forget(f, x->grid_before, x->grid);
    }
    if (c->full)
        c->n = 0;
}
