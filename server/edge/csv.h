/* csv.h - floor 4: a strict reader of comma-separated files (RFC 4180), UTF-8.
 *
 * Happy path: open with the columns that are wanted, take row after row, free.  Column order is
 * free, a byte order mark is accepted, lines end in LF or CRLF, rows whose cells are all empty are
 * passed over.  Failure modes, all reported as faults with their line: not UTF-8 (with advice for
 * GB18030, UTF-16 and workbooks), header names unknown, missing or twice, a wrong number of cells,
 * quotes in the wrong place or never closed, control characters, a cell that is too long.  A row
 * with a fault is not given out.  The text must stay alive; one thread.
 */
#ifndef QM_EDGE_CSV_H
#define QM_EDGE_CSV_H

#include <stdbool.h>

#include "edge/faults.h"

enum { QM_CSV_COLUMNS_MAX = 24, QM_CSV_CELL_MAX_BYTES = 2000 };

struct qm_csv_column {
    const char *name;
    bool required; /* must stand in the header */
};
struct qm_csv_row {
    int64_t line;                         /* where the row begins, from 1 */
    const char *cell[QM_CSV_COLUMNS_MAX]; /* in the order of the wanted columns; NUL-terminated,
                                             "" where empty or not in the file; valid until the
                                             next row */
};
struct qm_csv;

/* *out is set on QM_OK only.  QM_E_INVALID: the file as a whole is at fault, see faults. */
qm_err qm_csv_open(const char *text, size_t len, const struct qm_csv_column *columns, size_t n,
                   struct qm_faults *faults, struct qm_csv **out);
/* Does the file have this column (index of the wanted ones)? */
bool qm_csv_has(const struct qm_csv *c, size_t column);
/* false at the end of the file, or without memory (then a fault says so). */
bool qm_csv_next(struct qm_csv *c, struct qm_csv_row *row);
void qm_csv_free(struct qm_csv *c);

/* Appends one cell, quoted where RFC 4180 asks for it. */
qm_err qm_csv_cell(struct qm_buf *out, const char *text);

#endif
