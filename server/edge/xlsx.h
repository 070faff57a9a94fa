/* xlsx.h - floor 4: workbooks (Office Open XML); the only user of libxlsxwriter.
 *
 * Happy path: new, for each sheet begin it and write cells row by row from the top, finish.
 * Cells are typed: a text never becomes a formula, whatever it begins with.
 * Rows go to temporary files at once (one a sheet, removed at the end): memory does not grow with
 * the number of rows.  No state outside the value: each thread may have its own.
 * Failure: the first one is kept and told by finish: QM_E_NOMEM, QM_E_IO, QM_E_INVALID (a sheet's
 * name), QM_E_TOO_LARGE (the buffer).
 */
#ifndef QM_EDGE_XLSX_H
#define QM_EDGE_XLSX_H

#include <stdbool.h>
#include <stdint.h>

#include "wire/buf.h"

enum qm_xlsx_style {
    QM_XLSX_HEAD,
    QM_XLSX_TEXT,
    QM_XLSX_WORD,    /* text in the place of a number, at the side of numbers */
    QM_XLSX_NUMBER,  /* 0 */
    QM_XLSX_DECIMAL, /* 0.00 */
    QM_XLSX_PERCENT, /* 0.00% of a fraction */
    QM_XLSX_MOVE,    /* 升2, 降1, 平 */
    QM_XLSX_STYLES_
};
struct qm_xlsx;
/* tmpdir NULL: /tmp.  created_s: Unix time for the properties, 0: now. */
qm_err qm_xlsx_new(const char *tmpdir, int64_t created_s, struct qm_xlsx **out);
/* The following cells are of this sheet: A4, one page wide, the first row and first `columns`
 * columns stay in sight, the first row is repeated on each page. */
void qm_xlsx_sheet(struct qm_xlsx *x, const char *name, const char *header, uint16_t columns,
                   bool landscape);
void qm_xlsx_width(struct qm_xlsx *x, uint16_t column, double characters);
/* strong: bold, as for totals. */
void qm_xlsx_text(struct qm_xlsx *x, uint32_t row, uint16_t column, const char *text,
                  enum qm_xlsx_style style, bool strong);
void qm_xlsx_number(struct qm_xlsx *x, uint32_t row, uint16_t column, double number,
                    enum qm_xlsx_style style, bool strong);
/* Appends the file and frees x, also on failure. */
qm_err qm_xlsx_finish(struct qm_xlsx *x, struct qm_buf *out);

#endif
