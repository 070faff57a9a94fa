/* bulletin_correction.c - the annex of a correction: what stood there and what stands there now,
 * side by side; see bulletin_table.h.
 *
 * Happy path: a row for each division of either bulletin, and the totals.  What is another number
 * now is marked in its cell, and files have a column that names it: a colour alone says nothing to
 * a printer or a screen reader.
 * Failure: QM_E_NOMEM when opening.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "edge/bulletin_annex.h"
#include "edge/bulletin_view.h"

#define COUNT_OF(list) (sizeof(list) / sizeof *(list))

const struct qm_bulletin_row *qm_annex_row_before(const struct qm_bulletin_doc *d, const char *code)
{
    for (size_t i = 0; d->replaces != NULL && i < d->replaces->rows_n; i++) {
        if (strcmp(d->replaces->rows[i].rank.code, code) == 0)
            return &d->replaces->rows[i];
    }
    return NULL;
}

static void make_changes(const struct qm_cell_source *s, struct qm_cell *out);

static const struct qm_table_column columns[] = {
    {NULL, qm_annex_name, 26, -1, true, false},
    {"原名次", qm_annex_rank, 10, -1, false, true},
    {"原应访户", qm_annex_den, 13, QM_COVER_VISITED, false, true},
    {"原已入户", qm_annex_num, 13, QM_COVER_VISITED, false, true},
    {"原入户率(%)", qm_annex_percent, 15, QM_COVER_VISITED, false, true},
    {"原告知书签收", qm_annex_num, 13, QM_COVER_NOTICE_SIGNED, false, true},
    {"原承诺书签订", qm_annex_num, 13, QM_COVER_PLEDGE, false, true},
    {"现名次", qm_annex_rank, 10, -1, false, false},
    {"现应访户", qm_annex_den, 13, QM_COVER_VISITED, false, false},
    {"现已入户", qm_annex_num, 13, QM_COVER_VISITED, false, false},
    {"现入户率(%)", qm_annex_percent, 15, QM_COVER_VISITED, false, false},
    {"现告知书签收", qm_annex_num, 13, QM_COVER_NOTICE_SIGNED, false, false},
    {"现承诺书签订", qm_annex_num, 13, QM_COVER_PLEDGE, false, false},
    {"改动", make_changes, 0, -1, true, false},
};

/* The same division in the corrected bulletin; NULL if it was not in it. */
static const struct qm_bulletin_row *twin(const struct qm_bulletin_doc *d,
                                          const struct qm_bulletin_row *r)
{
    return r == &d->totals ? &d->replaces->totals : qm_annex_row_before(d, r->rank.code);
}

/* s: of the bulletin as it is now. */
static bool differs(const struct qm_cell_source *s)
{
    struct qm_cell is = {.kind = QM_CELL_BLANK, .text = ""}, was = is;
    struct qm_cell_source old = *s;
    old.d = s->d->replaces;
    old.r = twin(s->d, s->r);
    if (old.r == NULL)
        return true;
    s->c->make(s, &is);
    s->c->make(&old, &was);
    return is.kind != was.kind || is.a != was.a;
}

bool qm_annex_correction_changed(const struct qm_cell_source *s)
{
    return !s->c->words && !s->c->old && s->r != NULL && s->d->replaces != NULL && differs(s);
}

static void make_changes(const struct qm_cell_source *s, struct qm_cell *out)
{
    if (s->d->replaces == NULL) { /* the row is of the corrected bulletin only */
        qm_annex_text(out, "现在没有这一行");
        return;
    }
    if (twin(s->d, s->r) == NULL) {
        qm_annex_text(out, "原来没有这一行");
        return;
    }
    size_t len = 0;
    out->own[0] = '\0';
    for (size_t i = 0; i < COUNT_OF(columns) && len < sizeof out->own; i++) {
        struct qm_cell_source of = *s;
        of.c = &columns[i];
        if (qm_annex_column_shown(s->d, of.c) && qm_annex_correction_changed(&of))
            len += (size_t)snprintf(out->own + len, sizeof out->own - len, "%s%s",
                                    len > 0 ? "、" : "", of.c->title + strlen("现"));
    }
    if (len > 0)
        qm_annex_text(out, out->own);
}

static bool has_code(const struct qm_bulletin_doc *d, const char *code)
{
    for (size_t i = 0; i < d->rows_n; i++) {
        if (strcmp(d->rows[i].rank.code, code) == 0)
            return true;
    }
    return false;
}

qm_err qm_annex_correction_open(struct qm_table *t, bool codes)
{
    const struct qm_bulletin_doc *d = t->d, *old = d->replaces;
    t->sheet = "更正对照";
    t->title = "更正前后对照";
    qm_annex_columns(t, columns, COUNT_OF(columns), codes);
    if (old == NULL)
        return QM_OK;
    t->items = calloc(d->rows_n + old->rows_n + 1, sizeof *t->items);
    if (t->items == NULL)
        return QM_E_NOMEM;
    for (size_t i = 0; i < d->rows_n; i++) {
        const struct qm_bulletin_row *before = qm_annex_row_before(d, d->rows[i].rank.code);
        size_t at = before == NULL ? SIZE_MAX : (size_t)(before - old->rows);
        t->items[t->rows_n++] = (struct qm_table_item){i, at};
    }
    for (size_t i = 0; i < old->rows_n; i++) {
        if (!has_code(d, old->rows[i].rank.code))
            t->items[t->rows_n++] = (struct qm_table_item){SIZE_MAX, i};
    }
    t->items[t->rows_n++] = (struct qm_table_item){d->rows_n, old->rows_n};
    t->totals = true;
    return QM_OK;
}
