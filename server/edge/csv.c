/* csv.c - see csv.h.
 * Happy path: check the encoding of the whole text, read the header, then row after row into one
 * reused buffer; the cells of a row are mapped to the wanted columns.
 * Failure modes: a faulty row is reported and the reader goes on at the next line; a quote that is
 * never closed ends the reading, because nothing behind it can be told apart.
 */
#include "edge/csv.h"

#include <stdlib.h>
#include <string.h>

#include "wire/codec.h"

enum { CELLS_MAX = 64, ROW_MAX_BYTES = 65536, NOT_THERE = -1 };

struct qm_csv {
    const char *at, *end;
    int64_t line;
    struct qm_faults *faults;
    const struct qm_csv_column *columns;
    size_t n;
    int place[QM_CSV_COLUMNS_MAX]; /* cell of the file for a wanted column, or NOT_THERE */
    size_t width;                  /* cells in the header */
    struct qm_buf bytes;           /* the cells of the row, each with a NUL behind */
    size_t offset[CELLS_MAX];
    size_t cells;
};

/* ---- encoding ---- */

/* GB18030: one byte below 0x80, two bytes, or four bytes with digits in the second and fourth. */
static bool looks_like_gb18030(const unsigned char *t, size_t len)
{
    size_t i = 0;
    while (i < len) {
        if (t[i] < 0x80) {
            i++;
            continue;
        }
        if (t[i] == 0x80 || t[i] == 0xFF || i + 1 >= len)
            return false;
        unsigned char second = t[i + 1];
        if ((second >= 0x40 && second <= 0x7E) || (second >= 0x80 && second <= 0xFE)) {
            i += 2;
            continue;
        }
        if (second < 0x30 || second > 0x39 || i + 3 >= len || t[i + 2] < 0x81 || t[i + 2] > 0xFE ||
            t[i + 3] < 0x30 || t[i + 3] > 0x39)
            return false;
        i += 4;
    }
    return true;
}

static int64_t line_of_bad_byte(const char *t, size_t len)
{
    int64_t line = 1;
    size_t start = 0;
    for (size_t i = 0; i <= len; i++) {
        if (i < len && t[i] != '\n')
            continue;
        if (!qm_utf8_ok(t + start, i - start))
            return line;
        line++;
        start = i + 1;
    }
    return 0;
}

static bool encoding_ok(const char *t, size_t len, struct qm_faults *faults)
{
    if (len >= 4 && memcmp(t, "PK\x03\x04", 4) == 0) {
        qm_fault_add(faults, 0, "", "this is a workbook (XLSX): save the sheet as CSV UTF-8");
        return false;
    }
    if (len >= 2 && (memcmp(t, "\xFF\xFE", 2) == 0 || memcmp(t, "\xFE\xFF", 2) == 0)) {
        qm_fault_add(faults, 0, "", "the file is UTF-16: save it as CSV UTF-8");
        return false;
    }
    if (qm_utf8_ok(t, len))
        return true;
    int64_t line = line_of_bad_byte(t, len);
    if (memchr(t, '\0', len) == NULL && looks_like_gb18030((const unsigned char *)t, len))
        qm_fault_add(faults, line, "",
                     "the file is not UTF-8 but GB18030 (GBK): save it as CSV UTF-8, or convert it "
                     "with: iconv -f GB18030 -t UTF-8");
    else
        qm_fault_add(faults, line, "",
                     "not UTF-8 text: save the file as CSV UTF-8; if it was, it is damaged here");
    return false;
}

/* ---- cells ---- */

enum cell_end { CELL_COMMA, CELL_LINE, CELL_FAULT, CELL_OPEN_QUOTE };

static void skip_line(struct qm_csv *c)
{
    const char *lf = memchr(c->at, '\n', (size_t)(c->end - c->at));
    c->at = lf == NULL ? c->end : lf + 1;
    c->line++;
}

/* Behind a cell: a comma, a line end or the end of the text; anything else is a fault. */
static enum cell_end cell_end(struct qm_csv *c, const char *unexpected)
{
    if (c->at == c->end)
        return CELL_LINE;
    if (*c->at == ',') {
        c->at++;
        return CELL_COMMA;
    }
    if (*c->at == '\r' && c->at + 1 < c->end && c->at[1] == '\n')
        c->at++;
    if (*c->at == '\n') {
        c->at++;
        c->line++;
        return CELL_LINE;
    }
    qm_fault_add(c->faults, c->line, "", "%s", unexpected);
    return CELL_FAULT;
}

static enum cell_end quoted_cell(struct qm_csv *c)
{
    int64_t opened = c->line;
    c->at++;
    while (c->at < c->end) {
        if (*c->at == '"') {
            if (c->at + 1 < c->end && c->at[1] == '"') {
                qm_buf_add(&c->bytes, "\"", 1);
                c->at += 2;
                continue;
            }
            c->at++;
            return cell_end(c, "something stands behind a closing quote: write a quote inside a "
                               "quoted cell twice");
        }
        if (*c->at == '\n')
            c->line++;
        qm_buf_add(&c->bytes, c->at, 1);
        c->at++;
    }
    qm_fault_add(c->faults, opened, "", "a quote is opened here and never closed");
    return CELL_OPEN_QUOTE;
}

static enum cell_end plain_cell(struct qm_csv *c)
{
    const char *start = c->at;
    while (c->at < c->end && *c->at != ',' && *c->at != '\n' && *c->at != '\r' && *c->at != '"')
        c->at++;
    qm_buf_add(&c->bytes, start, (size_t)(c->at - start));
    bool quote = c->at < c->end && *c->at == '"';
    return cell_end(c, quote ? "a quote inside a cell: put the whole cell in quotes and write the "
                               "quote twice"
                             : "a carriage return without a line feed: save the file with line "
                               "ends LF or CRLF");
}

/* Reads the cells of one row.  false: faulty, and already at the next line. */
static bool read_cells(struct qm_csv *c)
{
    int64_t line = c->line;
    qm_buf_reset(&c->bytes);
    c->cells = 0;
    for (;;) {
        if (c->cells == CELLS_MAX) {
            qm_fault_add(c->faults, line, "", "more than %d cells", CELLS_MAX);
            skip_line(c);
            return false;
        }
        c->offset[c->cells++] = c->bytes.len;
        enum cell_end end = c->at < c->end && *c->at == '"' ? quoted_cell(c) : plain_cell(c);
        qm_buf_add(&c->bytes, "", 1);
        if (c->bytes.err != QM_OK) {
            qm_fault_add(c->faults, line, "",
                         c->bytes.err == QM_E_NOMEM ? "not enough memory" : "the row is too long");
            c->at = c->end;
            return false;
        }
        if (end == CELL_OPEN_QUOTE)
            return false;
        if (end == CELL_FAULT) {
            skip_line(c);
            return false;
        }
        if (end == CELL_LINE)
            return true;
    }
}

static bool all_empty(const struct qm_csv *c)
{
    return c->bytes.len == c->cells; /* nothing but the NULs */
}

static const char *cell_text(const struct qm_csv *c, size_t i)
{
    return (const char *)c->bytes.p + c->offset[i];
}

/* ---- header ---- */

static void list_names(const struct qm_csv *c, char *out, size_t max)
{
    out[0] = '\0';
    for (size_t i = 0; i < c->n; i++) {
        if (i > 0)
            strncat(out, ",", max - strlen(out) - 1);
        strncat(out, c->columns[i].name, max - strlen(out) - 1);
    }
}

static void place_name(struct qm_csv *c, const char *name, size_t cell)
{
    for (size_t i = 0; i < c->n; i++) {
        if (strcmp(c->columns[i].name, name) != 0)
            continue;
        if (c->place[i] != NOT_THERE)
            qm_fault_add(c->faults, 1, name, "the column stands twice in the header");
        c->place[i] = (int)cell;
        return;
    }
    char names[400];
    list_names(c, names, sizeof names);
    if (strchr(name, ';') != NULL || strchr(name, '\t') != NULL)
        qm_fault_add(c->faults, 1, "", "cells must be separated by commas; save as CSV UTF-8");
    else
        qm_fault_add(c->faults, 1, name, "unknown column; known are %s", names);
}

static bool read_header(struct qm_csv *c)
{
    size_t before = c->faults->n;
    if (c->at == c->end) {
        qm_fault_add(c->faults, 1, "", "the file is empty: the first line must name the columns");
        return false;
    }
    if (!read_cells(c))
        return false;
    c->width = c->cells;
    for (size_t i = 0; i < c->cells; i++)
        place_name(c, cell_text(c, i), i);
    for (size_t i = 0; i < c->n; i++) {
        if (c->columns[i].required && c->place[i] == NOT_THERE)
            qm_fault_add(c->faults, 1, c->columns[i].name, "the column is missing in the header");
    }
    return c->faults->n == before;
}

/* ---- public ---- */

qm_err qm_csv_open(const char *text, size_t len, const struct qm_csv_column *columns, size_t n,
                   struct qm_faults *faults, struct qm_csv **out)
{
    if (n > QM_CSV_COLUMNS_MAX)
        return QM_E_INVALID;
    if (!encoding_ok(text, len, faults))
        return QM_E_INVALID;
    struct qm_csv *c = calloc(1, sizeof *c);
    if (c == NULL)
        return QM_E_NOMEM;
    c->at = text;
    c->end = text + len;
    if (len >= 3 && memcmp(text, "\xEF\xBB\xBF", 3) == 0)
        c->at += 3;
    c->line = 1;
    c->faults = faults;
    c->columns = columns;
    c->n = n;
    for (size_t i = 0; i < n; i++)
        c->place[i] = NOT_THERE;
    qm_buf_init(&c->bytes, ROW_MAX_BYTES);
    if (!read_header(c)) {
        qm_csv_free(c);
        return QM_E_INVALID;
    }
    *out = c;
    return QM_OK;
}

bool qm_csv_has(const struct qm_csv *c, size_t column)
{
    return column < c->n && c->place[column] != NOT_THERE;
}

static bool control_free(const char *t)
{
    for (; *t != '\0'; t++) {
        if ((unsigned char)*t < 0x20 || *t == 0x7F)
            return false;
    }
    return true;
}

static bool map_row(struct qm_csv *c, struct qm_csv_row *row)
{
    bool good = true;
    for (size_t i = 0; i < c->n; i++) {
        row->cell[i] = c->place[i] == NOT_THERE ? "" : cell_text(c, (size_t)c->place[i]);
        if (strlen(row->cell[i]) > QM_CSV_CELL_MAX_BYTES) {
            qm_fault_add(c->faults, row->line, c->columns[i].name, "longer than %d bytes",
                         QM_CSV_CELL_MAX_BYTES);
            good = false;
        } else if (!control_free(row->cell[i])) {
            qm_fault_add(c->faults, row->line, c->columns[i].name,
                         "a line break or control character: take it out");
            good = false;
        }
    }
    return good;
}

bool qm_csv_next(struct qm_csv *c, struct qm_csv_row *row)
{
    while (c->at < c->end) {
        row->line = c->line;
        if (!read_cells(c) || all_empty(c))
            continue;
        if (c->cells != c->width) {
            qm_fault_add(c->faults, row->line, "", "%zu cells, but the header has %zu", c->cells,
                         c->width);
            continue;
        }
        if (map_row(c, row))
            return true;
    }
    return false;
}

void qm_csv_free(struct qm_csv *c)
{
    if (c == NULL)
        return;
    qm_buf_wipe(&c->bytes);
    free(c);
}

qm_err qm_csv_cell(struct qm_buf *out, const char *text)
{
    if (strpbrk(text, ",\"\r\n") == NULL)
        return qm_buf_puts(out, text);
    qm_buf_puts(out, "\"");
    for (const char *t = text; *t != '\0'; t++) {
        if (*t == '"')
            qm_buf_puts(out, "\"");
        qm_buf_add(out, t, 1);
    }
    return qm_buf_puts(out, "\"");
}
