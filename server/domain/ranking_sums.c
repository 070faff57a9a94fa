/* ranking_sums.c - floor 3: sums of the folds by division, when a ranking is frozen; see
 * ranking_freeze.h.
 *
 * Happy path: the database sums grid by grid, here they are added up by division.  What stood in a
 * division at `from` is what the bulletin before counted, on its roster: the database folds only
 * those whose line is another now or whose records came late or were carried over, as they count
 * now and as they counted then; the others count in `from` what is left of that bulletin's figures.
 * Failure: sums of a grid that has no line on the roster are QM_E_CORRUPT.
 */
#include <stdio.h>
#include <string.h>

#include "domain/ranking_room.h"

enum {
    PLACES = QM_C_COUNT_ - 1,
    FOLDS = 2 * QM_COVER_COUNT_,
    SUMS_AT_ONCE = 200,
    GRID_DIGITS = 15
};

/* ---- what stood at `from` ---- */

/* Columns: code, and the metrics of coverage as sums have them. */
static qm_err take_stood(struct qm_divisions *all, const struct qm_pg_result *r, int row)
{
    const char *code = qm_pg_get_text(r, row, 0);
    struct qm_division *x = strlen(code) == all->digits ? qm_division_of(all, code, false) : NULL;
    if (x == NULL || x->unknown)
        return QM_OK;
    x->stood_known = true;
    return qm_pg_get_ints(r, row, 1, x->stood, FOLDS) == FOLDS ? QM_OK : QM_E_CORRUPT;
}

/* A correction is left out: what now stands before it may end elsewhere than at its `from`. */
static qm_err stood(struct qm_freeze_room *room)
{
    struct qm_freeze *f = room->f;
    struct qm_pg_result *r = NULL;
    if (room->ask->replaces >= 0)
        return QM_OK;
    for (size_t i = 0; !f->has_before && i < f->divisions.n; i++)
        f->divisions.list[i].stood_known = true; /* nothing */
    if (!f->has_before)
        return QM_OK;
    struct qm_pg_params *p = qm_freeze_params(room);
    qm_pg_uuid(p, f->before);
    qm_err err = qm_freeze_query(room, room->snapshot, "freeze_stood", p, &r);
    int n = err == QM_OK ? qm_pg_rows(r) : 0;
    for (int i = 0; err == QM_OK && i < n; i++)
        err = take_stood(&f->divisions, r, i);
    qm_pgb_result_free(r);
    return err;
}

/* b, l and z of such a division are of those who are folded again. */
static void settle(struct qm_divisions *all)
{
    for (size_t i = 0; i < all->n; i++) {
        struct qm_division *x = &all->list[i];
        for (size_t k = 0; x->stood_known && k < FOLDS; k++) {
            int64_t rest = x->stood[k] - x->w[k];
            x->b[k] += rest;
            x->l[k] += rest;
            x->z[k] += rest;
        }
    }
}

/* ---- sums ---- */

static void known_params(struct qm_pg_params *p, const struct qm_divisions *all)
{
    int64_t step = 1, code = 0;
    for (size_t i = all->digits; i < GRID_DIGITS; i++)
        step *= 10;
    qm_pg_int8(p, step);
    qm_pg_array_begin(p, QM_PG_INT8);
    for (size_t i = 0; i < all->n; i++) {
        const struct qm_division *x = &all->list[i];
        code = 0;
        for (size_t k = 0; k < all->digits; k++)
            code = code * 10 + (x->code[k] - '0');
        if (x->stood_known)
            qm_pg_array_int(p, code);
    }
    qm_pg_array_end(p);
}

static void changed_params(struct qm_pg_params *p, const struct qm_changed *c)
{
    qm_pg_array_begin(p, QM_PG_INT2);
    for (size_t i = 0; i < c->n; i++)
        qm_pg_array_int(p, c->list[i].resident ? 2 : 1);
    qm_pg_array_end(p);
    qm_pg_array_begin(p, QM_PG_UUID);
    for (size_t i = 0; i < c->n; i++)
        qm_pg_array_bytes(p, c->list[i].id, QM_ID_BYTES);
    qm_pg_array_end(p);
    qm_pg_array_begin(p, QM_PG_INT8);
    for (size_t i = 0; i < c->n; i++) {
        if (c->list[i].grid_before < 0)
            qm_pg_array_null(p);
        else
            qm_pg_array_int(p, c->list[i].grid_before);
    }
    qm_pg_array_end(p);
    qm_pg_array_begin(p, QM_PG_INT2);
    for (size_t i = 0; i < c->n; i++)
        qm_pg_array_int(p, (int64_t)c->list[i].word_before);
    qm_pg_array_end(p);
}

static qm_err begin(struct qm_freeze_room *room)
{
    const struct qm_freeze *f = room->f;
    struct qm_pg_params *p = qm_freeze_params(room);
    qm_freeze_text(p, room->ask->scope);
    qm_pg_date(p, room->ask->span.last_day);
    qm_pg_int8(p, f->from);
    qm_pg_int8(p, f->from_rev);
    qm_pg_int8(p, f->to);
    qm_pg_int8(p, f->to_rev);
    qm_pg_int8(p, qm_day_begin_ms(room->ask->span.first_day));
    known_params(p, &f->divisions);
    changed_params(p, &f->changed);
    return qm_freeze_rows_begin(room, "freeze_sums", p);
}

static qm_err add_array(const struct qm_pg_result *r, int row, int col, int64_t *sum, size_t n)
{
    int64_t v[QM_C_COUNT_];
    if (qm_pg_get_ints(r, row, col, v, n) != n)
        return QM_E_CORRUPT;
    for (size_t i = 0; i < n; i++)
        sum[i] += v[i];
    return QM_OK;
}

/* Columns: grid, v, a, b, l, z, beside, w. */
static qm_err add_row(struct qm_freeze *f, const struct qm_pg_result *r, int row)
{
    char grid[24];
    snprintf(grid, sizeof grid, "%015lld", (long long)qm_pg_get_int(r, row, 0));
    struct qm_division *x = qm_division_of(&f->divisions, grid, false);
    if (x == NULL)
        return QM_E_CORRUPT;
    qm_err err = add_array(r, row, 1, x->v + 1, PLACES);
    if (err == QM_OK)
        err = add_array(r, row, 2, x->a, FOLDS);
    if (err == QM_OK)
        err = add_array(r, row, 3, x->b, FOLDS);
    if (err == QM_OK)
        err = add_array(r, row, 4, x->l, FOLDS);
    if (err == QM_OK)
        err = add_array(r, row, 5, x->z, FOLDS);
    if (err == QM_OK)
        err = add_array(r, row, 6, x->beside, QM_BESIDE_SUMS);
    return err == QM_OK ? add_array(r, row, 7, x->w, FOLDS) : err;
}

qm_err qm_freeze_sums(struct qm_freeze_room *room)
{
    qm_err err = stood(room);
    if (err == QM_OK)
        err = begin(room);
    for (int n = 1; err == QM_OK && n > 0;) {
        struct qm_pg_result *r = NULL;
        err = qm_freeze_rows_fetch(room, "freeze_sums", SUMS_AT_ONCE, &r);
        n = err == QM_OK ? qm_pg_rows(r) : 0;
        for (int i = 0; err == QM_OK && i < n; i++)
            err = add_row(room->f, r, i);
        qm_pgb_result_free(r);
    }
    if (err != QM_OK)
        return err;
    settle(&room->f->divisions);
    return qm_freeze_rows_end(room, "freeze_sums");
}
