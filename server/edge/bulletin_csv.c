/* bulletin_csv.c - annexes as comma-separated values; see bulletin_out.h.
 * Happy path: header row, rows, each cell quoted where RFC 4180 asks for it.
 * Text that a spreadsheet would take for a formula gets an apostrophe in front; numbers never.
 * Failure: that of the buffer.
 */
#include "edge/bulletin_out.h"

#include <string.h>

#include "edge/bulletin_table.h"
#include "edge/csv.h"

static bool looks_like_formula(const char *t)
{
    static const char *const begins[] = {"=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠"};
    for (size_t i = 0; i < sizeof begins / sizeof begins[0]; i++) {
        if (strncmp(t, begins[i], strlen(begins[i])) == 0)
            return true;
    }
    return false;
}

static qm_err write_text(const char *t, struct qm_buf *out)
{
    if (!looks_like_formula(t))
        return qm_csv_cell(out, t);
    struct qm_buf safe;
    qm_buf_init(&safe, QM_BULLETIN_OUT_MAX_BYTES);
    qm_buf_puts(&safe, "'");
    qm_err err = qm_buf_puts(&safe, t);
    if (err == QM_OK)
        err = qm_csv_cell(out, (const char *)safe.p);
    qm_buf_free(&safe);
    return err;
}

static qm_err write_cell(const struct qm_table *t, size_t row, size_t column, struct qm_buf *out)
{
    struct qm_cell cell;
    qm_table_cell(t, row, column, &cell);
    return cell.kind == QM_CELL_TEXT ? write_text(cell.text, out) : qm_cell_words(&cell, out);
}

static qm_err write_table(const struct qm_table *t, struct qm_buf *out)
{
    qm_err err = QM_OK;
    for (size_t c = 0; c < t->columns_n && err == QM_OK; c++) {
        qm_buf_puts(out, c > 0 ? "," : "");
        err = write_text(t->columns[c].title, out);
    }
    for (size_t row = 0; row < t->rows_n; row++) {
        qm_buf_puts(out, "\r\n");
        for (size_t c = 0; c < t->columns_n && err == QM_OK; c++) {
            qm_buf_puts(out, c > 0 ? "," : "");
            err = write_cell(t, row, c, out);
        }
    }
    qm_buf_puts(out, "\r\n");
    return err != QM_OK ? err : out->err;
}

qm_err qm_bulletin_csv(const struct qm_bulletin_doc *d, enum qm_bulletin_annex annex, bool bom,
                       struct qm_buf *out)
{
    struct qm_table t;
    qm_err err = qm_table_open(d, annex, true, &t);
    if (err != QM_OK)
        return err;
    if (bom)
        qm_buf_puts(out, "\xEF\xBB\xBF");
    err = write_table(&t, out);
    qm_table_free(&t);
    return err;
}
