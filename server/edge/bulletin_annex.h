/* bulletin_annex.h - floor 4, between bulletin_table.c, bulletin_annex.c and bulletin_correction.c
 * only: how annexes make their cells.  Pure, any thread. */
#ifndef QM_EDGE_BULLETIN_ANNEX_H
#define QM_EDGE_BULLETIN_ANNEX_H

#include "edge/bulletin_table.h"

/* What a cell is made of. */
struct qm_cell_source {
    const struct qm_bulletin_doc *d; /* the bulletin, or the one that it corrects */
    const struct qm_bulletin_row *r; /* of d: a division or the totals */
    const struct qm_table_column *c;
    size_t item; /* of the row's qm_table_item */
};

/* The division in the bulletin that d corrects, or NULL. */
const struct qm_bulletin_row *qm_annex_row_before(const struct qm_bulletin_doc *d,
                                                  const char *code);
/* bulletin_correction.c: opens the correction; is this cell another one than it was? */
qm_err qm_annex_correction_open(struct qm_table *t, bool codes);
bool qm_annex_correction_changed(const struct qm_cell_source *s);
/* Opens annexes 3, 4, what was not counted, and the correction: d and annex are set. */
qm_err qm_annex_open(struct qm_table *t, bool codes);
bool qm_annex_column_shown(const struct qm_bulletin_doc *d, const struct qm_table_column *c);
/* Takes over the columns that may be shown; a title that is NULL is the divisions' word. */
void qm_annex_columns(struct qm_table *t, const struct qm_table_column *list, size_t n, bool codes);
void qm_annex_text(struct qm_cell *out, const char *text);
void qm_annex_number(struct qm_cell *out, int64_t n); /* below 0: failed */
/* Makers of columns; the last three are about the column's metric. */
void qm_annex_name(const struct qm_cell_source *s, struct qm_cell *out);
void qm_annex_rank(const struct qm_cell_source *s, struct qm_cell *out);
void qm_annex_num(const struct qm_cell_source *s, struct qm_cell *out);
void qm_annex_den(const struct qm_cell_source *s, struct qm_cell *out);
void qm_annex_percent(const struct qm_cell_source *s, struct qm_cell *out);

#endif
