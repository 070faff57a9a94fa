/* bulletin_annex.h - floor 4, between bulletin_table.c and bulletin_annex.c only: how annexes make
 * their cells.  Pure, any thread. */
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

/* Opens annexes 3, 4, what was not counted, and the correction: d and annex are set. */
qm_err qm_annex_open(struct qm_table *t, bool codes);
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
