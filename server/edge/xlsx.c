/* xlsx.c - see xlsx.h.
 * Happy path: the library writes to a file of ours without a name of its own in tmpdir, which is
 * read back and removed.
 * Failure: every call after the first failure does nothing.
 */
#include "edge/xlsx.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <xlsxwriter.h>

enum { PATH_MAX_BYTES = 4096, HEADER_MAX_BYTES = 200, PAPER_A4 = 9, TWO_STYLES = 2 };

struct qm_xlsx {
    lxw_workbook *book;
    lxw_worksheet *sheet;
    lxw_format *format[QM_XLSX_STYLES_][TWO_STYLES]; /* plain, strong */
    char tmpdir[PATH_MAX_BYTES];
    char path[PATH_MAX_BYTES + 32];
    qm_err err;
};

static void note(struct qm_xlsx *x, lxw_error e)
{
    if (e == LXW_NO_ERROR || x->err != QM_OK)
        return;
    switch (e) {
    case LXW_ERROR_MEMORY_MALLOC_FAILED:
        x->err = QM_E_NOMEM;
        break;
    case LXW_ERROR_CREATING_XLSX_FILE:
    case LXW_ERROR_CREATING_TMPFILE:
    case LXW_ERROR_READING_TMPFILE:
    case LXW_ERROR_ZIP_FILE_OPERATION:
    case LXW_ERROR_ZIP_FILE_ADD:
    case LXW_ERROR_ZIP_CLOSE:
        x->err = QM_E_IO;
        break;
    default:
        x->err = QM_E_INVALID;
    }
}

/* ---- formats ---- */

static bool add_format(struct qm_xlsx *x, enum qm_xlsx_style style, bool strong)
{
    static const char *const numbers[QM_XLSX_STYLES_] = {
        [QM_XLSX_NUMBER] = "0",
        [QM_XLSX_DECIMAL] = "0.00",
        [QM_XLSX_PERCENT] = "0.00%",
        [QM_XLSX_MOVE] = "\"升\"0;\"降\"0;\"平\"",
    };
    lxw_format *f = workbook_add_format(x->book);
    if (f == NULL)
        return false;
    if (numbers[style] != NULL)
        format_set_num_format(f, numbers[style]);
    if (style == QM_XLSX_HEAD || strong)
        format_set_bold(f);
    format_set_border(f, LXW_BORDER_THIN);
    format_set_text_wrap(f);
    format_set_align(f, LXW_ALIGN_VERTICAL_CENTER);
    if (style == QM_XLSX_HEAD)
        format_set_align(f, LXW_ALIGN_CENTER);
    if (style == QM_XLSX_WORD)
        format_set_align(f, LXW_ALIGN_RIGHT);
    x->format[style][strong] = f;
    return true;
}

static bool add_formats(struct qm_xlsx *x)
{
    for (int style = 0; style < QM_XLSX_STYLES_; style++) {
        if (!add_format(x, (enum qm_xlsx_style)style, false) ||
            !add_format(x, (enum qm_xlsx_style)style, true))
            return false;
    }
    return true;
}

/* ---- the file ---- */

static qm_err make_file(struct qm_xlsx *x, const char *tmpdir)
{
    size_t len = strlen(tmpdir);
    if (len >= sizeof x->tmpdir)
        return QM_E_INVALID;
    memcpy(x->tmpdir, tmpdir, len + 1);
    snprintf(x->path, sizeof x->path, "%s/qiaomen-XXXXXX", tmpdir);
    int fd = mkstemp(x->path);
    if (fd < 0) {
        x->path[0] = '\0';
        return errno == ENOSPC ? QM_E_DISK_FULL : QM_E_IO;
    }
    close(fd);
    return QM_OK;
}

static void set_created(struct qm_xlsx *x, int64_t created_s)
{
    lxw_doc_properties p = {.created = (time_t)created_s};
    if (created_s > 0)
        note(x, workbook_set_properties(x->book, &p));
}

static void free_all(struct qm_xlsx *x)
{
    if (x->path[0] != '\0')
        unlink(x->path);
    free(x);
}

qm_err qm_xlsx_new(const char *tmpdir, int64_t created_s, struct qm_xlsx **out)
{
    struct qm_xlsx *x = calloc(1, sizeof *x);
    if (x == NULL)
        return QM_E_NOMEM;
    qm_err err = make_file(x, tmpdir != NULL ? tmpdir : "/tmp");
    if (err != QM_OK) {
        free_all(x);
        return err;
    }
    lxw_workbook_options options = {.constant_memory = LXW_TRUE, .tmpdir = x->tmpdir};
    x->book = workbook_new_opt(x->path, &options);
    if (x->book == NULL) {
        free_all(x);
        return QM_E_NOMEM;
    }
    if (!add_formats(x))
        x->err = QM_E_NOMEM;
    set_created(x, created_s);
    *out = x;
    return QM_OK;
}

/* ---- sheets and cells ---- */

/* "&" begins a code in a page's header; characters are never cut. */
static void header_text(const char *t, char out[HEADER_MAX_BYTES + 1])
{
    size_t n = (size_t)snprintf(out, HEADER_MAX_BYTES, "&C");
    for (; *t != '\0' && n + 8 < HEADER_MAX_BYTES; t++) {
        if (*t == '&')
            out[n++] = '&';
        out[n++] = *t;
    }
    while (*t != '\0' && n > 0 && ((unsigned char)out[n - 1] & 0xC0) == 0x80)
        n--;
    if (*t != '\0' && n > 0 && ((unsigned char)out[n - 1] & 0xC0) == 0xC0)
        n--;
    out[n] = '\0';
}

void qm_xlsx_sheet(struct qm_xlsx *x, const char *name, const char *header, uint16_t columns,
                   bool landscape)
{
    char line[HEADER_MAX_BYTES + 1];
    if (x->err != QM_OK)
        return;
    note(x, workbook_validate_sheet_name(x->book, name));
    x->sheet = x->err == QM_OK ? workbook_add_worksheet(x->book, name) : NULL;
    if (x->sheet == NULL) {
        x->err = x->err == QM_OK ? QM_E_NOMEM : x->err;
        return;
    }
    header_text(header, line);
    worksheet_set_paper(x->sheet, PAPER_A4);
    if (landscape)
        worksheet_set_landscape(x->sheet);
    worksheet_fit_to_pages(x->sheet, 1, 0);
    note(x, worksheet_repeat_rows(x->sheet, 0, 0));
    note(x, worksheet_set_header(x->sheet, line));
    note(x, worksheet_set_footer(x->sheet, "&C&P / &N"));
    worksheet_freeze_panes(x->sheet, 1, columns);
}

void qm_xlsx_width(struct qm_xlsx *x, uint16_t column, double characters)
{
    if (x->err == QM_OK)
        note(x, worksheet_set_column(x->sheet, column, column, characters, NULL));
}

void qm_xlsx_text(struct qm_xlsx *x, uint32_t row, uint16_t column, const char *text,
                  enum qm_xlsx_style style, bool strong)
{
    lxw_format *f = x->format[style][strong];
    if (x->err != QM_OK)
        return;
    note(x, text[0] != '\0' ? worksheet_write_string(x->sheet, row, column, text, f)
                            : worksheet_write_blank(x->sheet, row, column, f));
}

void qm_xlsx_number(struct qm_xlsx *x, uint32_t row, uint16_t column, double number,
                    enum qm_xlsx_style style, bool strong)
{
    if (x->err == QM_OK)
        note(x, worksheet_write_number(x->sheet, row, column, number, x->format[style][strong]));
}

static qm_err read_back(const char *path, struct qm_buf *out)
{
    char piece[65536];
    FILE *f = fopen(path, "rb");
    if (f == NULL)
        return QM_E_IO;
    size_t n;
    while ((n = fread(piece, 1, sizeof piece, f)) > 0 && out->err == QM_OK)
        qm_buf_add(out, piece, n);
    qm_err err = ferror(f) != 0 ? QM_E_IO : out->err;
    fclose(f);
    return err;
}

qm_err qm_xlsx_finish(struct qm_xlsx *x, struct qm_buf *out)
{
    qm_err before = x->err;
    note(x, workbook_close(x->book)); /* frees the book, also on failure */
    qm_err err = before != QM_OK ? before : x->err;
    if (err == QM_OK)
        err = read_back(x->path, out);
    free_all(x);
    return err;
}
