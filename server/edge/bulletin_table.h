/* bulletin_table.h - floor 4: the annexes of a bulletin as tables of cells, for every writer.
 *
 * Happy path: open an annex, ask for cell after cell, free.  The columns are those of the sample
 * bulletin; what the rule does not show to offices is left out.  A table may have no rows.
 * Failure: QM_E_NOMEM when opening.  Borrows the bulletin; reading is pure, any thread.
 */
#ifndef QM_EDGE_BULLETIN_TABLE_H
#define QM_EDGE_BULLETIN_TABLE_H

#include "edge/bulletin_doc.h"
#include "edge/bulletin_out.h"
#include "wire/buf.h"

enum qm_cell_kind {
    QM_CELL_BLANK,
    QM_CELL_TEXT,    /* text: borrowed of the bulletin or of this cell */
    QM_CELL_INT,     /* a */
    QM_CELL_MOVE,    /* a: ranks gained, negative lost */
    QM_CELL_PERCENT, /* a: hundredths of a percent, cut */
    QM_CELL_DECIMAL, /* a: hundredths */
    QM_CELL_PAIR,    /* a of b, as b/a: due/done */
    QM_CELL_EMPTY,   /* no figure: nobody to cover */
    QM_CELL_MISSING, /* not computed yet */
    QM_CELL_FAILED   /* counted, but cannot be right */
};
struct qm_cell {
    enum qm_cell_kind kind;
    int64_t a, b;
    bool changed; /* of a correction: another one than it was */
    const char *text;
    char own[192];
};

struct qm_cell_source;
struct qm_table_column {
    const char *title;
    void (*make)(const struct qm_cell_source *s, struct qm_cell *out);
    int width_mm; /* on paper, of 156; 0: in files only */
    int cover;    /* metric that it is about, or -1 */
    bool words;   /* set to the left, may break */
    bool old;     /* of the bulletin that is corrected */
};
enum { QM_TABLE_COLUMNS_MAX = 24 };
/* What a row stands for, where it is not simply the division in the same place. */
struct qm_table_item {
    size_t row;  /* of the bulletin; rows_n: the totals; SIZE_MAX: not in it */
    size_t item; /* a figure, a kind, a row of the corrected bulletin: as the annex has it */
};
struct qm_table {
    const struct qm_bulletin_doc *d;
    enum qm_bulletin_annex annex;
    const char *title; /* "附表1　各村(居)进度" */
    const char *sheet; /* "附表1" */
    struct qm_table_column columns[QM_TABLE_COLUMNS_MAX];
    size_t columns_n, rows_n;
    bool totals; /* the last row is one */
    struct qm_table_item *items;
};

/* For CSV: the division's code in a column of its own. */
qm_err qm_table_open(const struct qm_bulletin_doc *d, enum qm_bulletin_annex annex, bool codes,
                     struct qm_table *out);
void qm_table_free(struct qm_table *t);
/* Does this bulletin have the annex?  Annex 2 needs a metric of the app that offices may see, the
 * correction a predecessor; the others are always there. */
bool qm_table_wanted(const struct qm_bulletin_doc *d, enum qm_bulletin_annex annex);
void qm_table_cell(const struct qm_table *t, size_t row, size_t column, struct qm_cell *out);
/* Appends the cell as it is read; not escaped. */
qm_err qm_cell_words(const struct qm_cell *c, struct qm_buf *out);

#endif
