/* bulletin_html.c - see bulletin_html.h.
 * Happy path: text is first made plain, then escaped, then appended.
 * Failure: the buffer's error stays in it; callers look once at the end.
 */
#include "edge/bulletin_html.h"

#include <stdio.h>
#include <string.h>

#include "edge/bulletin_view.h"
#include "edge/bulletin_wording.h"
#include "edge/qr.h"
#include "wire/merkle.h"

enum { PLAIN_MAX_BYTES = 1 << 20 };

static const char *entity(char c)
{
    switch (c) {
    case '&':
        return "&amp;";
    case '<':
        return "&lt;";
    case '>':
        return "&gt;";
    case '"':
        return "&quot;";
    case '\'':
        return "&#39;";
    default:
        return NULL;
    }
}

qm_err qm_html_text(const char *t, struct qm_buf *out)
{
    struct qm_buf plain;
    qm_buf_init(&plain, PLAIN_MAX_BYTES);
    qm_err err = qm_view_plain(t, &plain);
    for (size_t i = 0; err == QM_OK && i < plain.len; i++) {
        const char *as = entity((char)plain.p[i]);
        err = as != NULL ? qm_buf_puts(out, as) : qm_buf_add(out, plain.p + i, 1);
    }
    qm_buf_free(&plain);
    if (err != QM_OK && out->err == QM_OK)
        out->err = err;
    return err;
}

qm_err qm_html_name(const char *t, struct qm_buf *out)
{
    qm_buf_puts(out, "<bdi>");
    qm_html_text(t, out);
    return qm_buf_puts(out, "</bdi>");
}

/* Cuts the words at line ends; empty lines make no paragraph. */
static void paragraphs(char *words, const char *class_name, struct qm_buf *out)
{
    char *save = NULL;
    for (char *p = strtok_r(words, "\n", &save); p != NULL; p = strtok_r(NULL, "\n", &save)) {
        qm_buf_printf(out, "<p class=\"%s\">", class_name);
        qm_html_text(p, out);
        qm_buf_puts(out, "</p>\n");
    }
}

qm_err qm_html_wording(const struct qm_bulletin_doc *d, enum qm_wording w, const char *class_name,
                       struct qm_buf *out)
{
    struct qm_buf words;
    qm_buf_init(&words, PLAIN_MAX_BYTES);
    qm_err err = qm_bulletin_wording_fill(d, w, &words);
    if (err == QM_OK && words.len > 0) {
        if (class_name != NULL)
            paragraphs((char *)words.p, class_name, out);
        else
            qm_html_text((const char *)words.p, out);
    }
    qm_buf_free(&words);
    if (err != QM_OK && out->err == QM_OK)
        out->err = err;
    return out->err;
}

/* ---- tables ---- */

/* Of no row yet (rows that have none of it do not count), or not for paper. */
static bool column_missing(const struct qm_table *t, size_t column)
{
    struct qm_cell cell;
    bool missing = t->columns[column].width_mm == 0;
    for (size_t row = 0; row < t->rows_n; row++) {
        qm_table_cell(t, row, column, &cell);
        if (cell.kind != QM_CELL_MISSING && cell.kind != QM_CELL_BLANK)
            return t->columns[column].width_mm == 0;
        missing = missing || cell.kind == QM_CELL_MISSING;
    }
    return missing;
}

static void write_cell(const struct qm_table *t, size_t row, size_t column, struct qm_buf *out)
{
    struct qm_cell cell;
    struct qm_buf words;
    qm_table_cell(t, row, column, &cell);
    if (cell.kind == QM_CELL_TEXT) {
        qm_buf_puts(out, t->columns[column].words ? "<td class=\"t\">" : "<td>");
        qm_html_name(cell.text, out);
    } else {
        qm_buf_puts(out, "<td>");
        qm_buf_init(&words, 256);
        qm_cell_words(&cell, &words);
        if (cell.changed)
            qm_buf_puts(out, "<b>");
        qm_html_text((const char *)words.p, out);
        if (cell.changed)
            qm_buf_puts(out, "*</b>");
        if (words.err != QM_OK && out->err == QM_OK)
            out->err = words.err;
        qm_buf_free(&words);
    }
    qm_buf_puts(out, "</td>");
}

static void write_head(const struct qm_table *t, const bool missing[], struct qm_buf *out)
{
    qm_buf_puts(out, "<colgroup>");
    for (size_t c = 0; c < t->columns_n; c++) {
        if (!missing[c])
            qm_buf_printf(out, "<col class=\"w%d\">", t->columns[c].width_mm);
    }
    qm_buf_puts(out, "</colgroup>\n<thead><tr>");
    for (size_t c = 0; c < t->columns_n; c++) {
        if (missing[c])
            continue;
        qm_buf_puts(out, "<th scope=\"col\">");
        qm_html_text(t->columns[c].title, out);
        qm_buf_puts(out, "</th>");
    }
    qm_buf_puts(out, "</tr></thead>\n<tbody>\n");
}

static void name_missing(const struct qm_table *t, const bool missing[], struct qm_buf *out)
{
    const char *between = "<p class=\"note\">还没统计：";
    bool any = false;
    for (size_t c = 0; c < t->columns_n; c++) {
        if (!missing[c] || t->columns[c].width_mm == 0)
            continue;
        qm_buf_puts(out, between);
        qm_html_text(t->columns[c].title, out);
        between = "、";
        any = true;
    }
    if (any)
        qm_buf_puts(out, "。</p>\n");
}

qm_err qm_html_table(const struct qm_table *t, struct qm_buf *out)
{
    bool missing[QM_TABLE_COLUMNS_MAX];
    if (t->rows_n == 0)
        return qm_buf_puts(out, "<p class=\"none\">没有需要列出的内容。</p>\n");
    for (size_t c = 0; c < t->columns_n; c++)
        missing[c] = column_missing(t, c);
    qm_buf_puts(out, "<div class=\"wide\"><table>\n");
    write_head(t, missing, out);
    for (size_t row = 0; row < t->rows_n && out->err == QM_OK; row++) {
        bool total = t->totals && row + 1 == t->rows_n;
        qm_buf_puts(out, total ? "<tr class=\"sum\">" : "<tr>");
        for (size_t c = 0; c < t->columns_n; c++) {
            if (!missing[c])
                write_cell(t, row, c, out);
        }
        qm_buf_puts(out, "</tr>\n");
    }
    qm_buf_puts(out, "</tbody></table></div>\n");
    name_missing(t, missing, out);
    if (t->annex == QM_ANNEX_CORRECTION)
        qm_buf_puts(out, "<p class=\"note\">带*的数字与原通报不同。</p>\n");
    return out->err;
}

/* ---- QR code and frame ---- */

qm_err qm_html_qr(const char *text, const char *label, struct qm_buf *out)
{
    struct qm_buf path;
    int side = 0;
    qm_buf_init(&path, 1 << 18);
    qm_err err = qm_qr_path(text, &path, &side);
    if (err == QM_OK) {
        qm_buf_printf(out,
                      "<svg class=\"qr\" role=\"img\" viewBox=\"0 0 %d %d\" "
                      "shape-rendering=\"crispEdges\"><title>",
                      side, side);
        qm_html_text(label, out);
        qm_buf_printf(out,
                      "</title><path fill=\"#fff\" d=\"M0 0h%dv%dh-%dz\"/>"
                      "<path fill=\"#000\" d=\"",
                      side, side, side);
        qm_buf_add(out, path.p, path.len);
        qm_buf_puts(out, "\"/></svg>\n");
    }
    qm_buf_free(&path);
    if (err != QM_OK && out->err == QM_OK)
        out->err = err;
    return out->err;
}

qm_err qm_html_begin(const struct qm_bulletin_doc *d, const char *body_class, struct qm_buf *out)
{
    qm_buf_puts(out, "<!doctype html>\n<html lang=\"zh-CN\">\n<head>\n<meta charset=\"utf-8\">\n"
                     "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
                     "<title>");
    qm_html_wording(d, QM_WORDING_TITLE, NULL, out);
    qm_buf_puts(out, "</title>\n<style>");
    qm_buf_puts(out, qm_bulletin_style);
    return qm_buf_printf(out, "</style>\n</head>\n<body class=\"%s\">\n", body_class);
}

void qm_bulletin_page_csp(char out[QM_BULLETIN_CSP_MAX_BYTES])
{
    struct qm_hash hash;
    char b64[QM_B64_HASH_CHARS + 1];
    qm_sha256(qm_bulletin_style, strlen(qm_bulletin_style), &hash);
    qm_b64_write(hash.b, sizeof hash.b, b64);
    snprintf(out, QM_BULLETIN_CSP_MAX_BYTES,
             "default-src 'none'; style-src 'sha256-%s'; base-uri 'none'; form-action 'none'; "
             "frame-ancestors 'self'",
             b64);
}
