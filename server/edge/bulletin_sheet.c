/* bulletin_sheet.c - the bulletin as a workbook; see bulletin_out.h.
 *
 * Happy path: a sheet for each annex with typed cells, and a last one that says what it all rests
 * on.  Numbers and percentages are numbers; what is not a figure is a word.
 * Failure: that of the workbook; an annex that cannot be opened ends it.
 */
#include "edge/bulletin_out.h"

#include <stdio.h>

#include "edge/bulletin_table.h"
#include "edge/bulletin_view.h"
#include "edge/bulletin_wording.h"
#include "edge/xlsx.h"

enum { WORDS_MAX_BYTES = 30000, FILE_ONLY_MM = 60 }; /* a cell holds 32,767 characters */

static qm_err write_words(struct qm_xlsx *x, uint32_t row, uint16_t column, const char *text,
                          enum qm_xlsx_style style, bool strong)
{
    struct qm_buf plain;
    qm_buf_init(&plain, WORDS_MAX_BYTES);
    qm_err err = qm_view_plain(text, &plain);
    if (err == QM_OK)
        qm_xlsx_text(x, row, column, plain.len > 0 ? (const char *)plain.p : "", style, strong);
    qm_buf_free(&plain);
    return err;
}

static qm_err write_cell(struct qm_xlsx *x, uint32_t row, uint16_t column, const struct qm_cell *c,
                         bool strong)
{
    struct qm_buf words;
    switch (c->kind) {
    case QM_CELL_TEXT:
        return write_words(x, row, column, c->text, QM_XLSX_TEXT, strong);
    case QM_CELL_INT:
        qm_xlsx_number(x, row, column, (double)c->a, QM_XLSX_NUMBER, strong);
        return QM_OK;
    case QM_CELL_MOVE:
        qm_xlsx_number(x, row, column, (double)c->a, QM_XLSX_MOVE, strong);
        return QM_OK;
    case QM_CELL_PERCENT:
        qm_xlsx_number(x, row, column, (double)c->a / 10000, QM_XLSX_PERCENT, strong);
        return QM_OK;
    case QM_CELL_DECIMAL:
        qm_xlsx_number(x, row, column, (double)c->a / 100, QM_XLSX_DECIMAL, strong);
        return QM_OK;
    default:
        qm_buf_init(&words, WORDS_MAX_BYTES);
        qm_err err = qm_cell_words(c, &words);
        if (err == QM_OK)
            qm_xlsx_text(x, row, column, words.len > 0 ? (const char *)words.p : "", QM_XLSX_WORD,
                         strong);
        qm_buf_free(&words);
        return err;
    }
}

static qm_err write_rows(struct qm_xlsx *x, const struct qm_table *t)
{
    struct qm_cell cell;
    for (size_t row = 0; row < t->rows_n; row++) {
        bool total = t->totals && row + 1 == t->rows_n;
        for (size_t c = 0; c < t->columns_n; c++) {
            qm_table_cell(t, row, c, &cell);
            qm_err err =
                write_cell(x, (uint32_t)row + 1, (uint16_t)c, &cell, total || cell.changed);
            if (err != QM_OK)
                return err;
        }
    }
    return QM_OK;
}

static qm_err write_annex(struct qm_xlsx *x, const struct qm_bulletin_doc *d,
                          enum qm_bulletin_annex annex)
{
    struct qm_table t;
    char period[QM_VIEW_WORD_MAX_BYTES], header[QM_VIEW_WORD_MAX_BYTES * 4];
    if (!qm_table_wanted(d, annex))
        return QM_OK;
    qm_err err = qm_table_open(d, annex, false, &t);
    if (err != QM_OK)
        return err;
    qm_view_period(d, period);
    snprintf(header, sizeof header, "%s　%s%s", t.title, period,
             d->published ? "" : "（拟稿，未签发）");
    qm_xlsx_sheet(x, t.sheet, header, annex == QM_ANNEX_PROGRESS ? 3 : 1, t.columns_n > 8);
    for (size_t c = 0; c < t.columns_n; c++) {
        int mm = t.columns[c].width_mm > 0 ? t.columns[c].width_mm : FILE_ONLY_MM;
        qm_xlsx_width(x, (uint16_t)c, mm * 0.7 + 2);
        qm_xlsx_text(x, 0, (uint16_t)c, t.columns[c].title, QM_XLSX_HEAD, false);
    }
    err = write_rows(x, &t);
    qm_table_free(&t);
    return err;
}

/* ---- what it rests on ---- */

struct lines {
    struct qm_xlsx *x;
    uint32_t row;
    qm_err err;
};

static void line(struct lines *l, const char *what, const char *text)
{
    if (l->err != QM_OK)
        return;
    qm_xlsx_text(l->x, l->row, 0, what, QM_XLSX_TEXT, false);
    l->err = write_words(l->x, l->row, 1, qm_view_text(text), QM_XLSX_TEXT, false);
    l->row++;
}

static void line_number(struct lines *l, const char *what, int64_t n)
{
    if (l->err != QM_OK)
        return;
    qm_xlsx_text(l->x, l->row, 0, what, QM_XLSX_TEXT, false);
    qm_xlsx_number(l->x, l->row, 1, (double)n, QM_XLSX_NUMBER, false);
    l->row++;
}

static void line_words(struct lines *l, const char *what, const struct qm_bulletin_doc *d,
                       qm_err (*words)(const struct qm_bulletin_doc *d, struct qm_buf *out))
{
    struct qm_buf b;
    qm_buf_init(&b, WORDS_MAX_BYTES);
    qm_err err = words(d, &b);
    if (err != QM_OK && l->err == QM_OK)
        l->err = err;
    line(l, what, (const char *)b.p);
    qm_buf_free(&b);
}

static qm_err title(const struct qm_bulletin_doc *d, struct qm_buf *out)
{
    return qm_bulletin_wording_fill(d, QM_WORDING_TITLE, out);
}

static void write_log_lines(struct lines *l, const struct qm_bulletin_doc *d)
{
    char root[QM_B64_HASH_CHARS + 1], short_root[QM_B64_HASH_CHARS + 1];
    char url[QM_VIEW_URL_MAX_BYTES];
    qm_view_root(d, root);
    qm_view_url(d, url);
    snprintf(short_root, sizeof short_root, "%.16s", root);
    line(l, "总账", d->origin);
    line_number(l, "记录自第几号", d->from);
    line_number(l, "记录到第几号（不含）", d->to);
    line_number(l, "名册在第几号", d->roster_index);
    if (d->published)
        line_number(l, "本通报在第几号", d->index);
    if (d->replaces != NULL)
        line_number(l, "更正第几号通报", d->replaces->index);
    if (d->replaced_by > 0)
        line_number(l, "已被第几号通报更正", d->replaced_by);
    line(l, "封条码前16位", short_root);
    line(l, "封条码", root);
    if (d->published)
        line(l, "公开页面", url);
}

static qm_err write_source(struct qm_xlsx *x, const struct qm_bulletin_doc *d)
{
    struct lines l = {.x = x, .row = 1};
    char number[QM_VIEW_WORD_MAX_BYTES], period[QM_VIEW_WORD_MAX_BYTES];
    char first[QM_VIEW_WORD_MAX_BYTES], last[QM_VIEW_WORD_MAX_BYTES];
    qm_view_number(d, number);
    qm_view_period(d, period);
    qm_view_day(d->span.first_day, true, first);
    qm_view_day(d->span.last_day, true, last);
    qm_xlsx_sheet(x, "来源", "来源", 1, false);
    qm_xlsx_width(x, 0, 22);
    qm_xlsx_width(x, 1, 70);
    qm_xlsx_text(x, 0, 0, "项目", QM_XLSX_HEAD, false);
    qm_xlsx_text(x, 0, 1, "内容", QM_XLSX_HEAD, false);
    line_words(&l, "标题", d, title);
    line(&l, "期号", number);
    line(&l, "状态", d->published ? "已签发" : "拟稿，未签发");
    line(&l, "区划", d->scope_name);
    line(&l, "期间", period);
    line(&l, "第一天", first);
    line(&l, "最后一天", last);
    line_words(&l, "名次规则", d, qm_view_rule);
    line(&l, "拟稿", d->prepared_by);
    line(&l, "签发", d->published_by);
    write_log_lines(&l, d);
    return l.err;
}

qm_err qm_bulletin_sheet(const struct qm_bulletin_doc *d, const char *tmpdir, struct qm_buf *out)
{
    struct qm_xlsx *x;
    if (d->nomem)
        return QM_E_NOMEM;
    int64_t ms = d->published_ms > 0 ? d->published_ms : d->frozen_ms;
    qm_err err = qm_xlsx_new(tmpdir, ms / 1000, &x);
    if (err != QM_OK)
        return err;
    for (int annex = QM_ANNEX_PROGRESS; annex < QM_ANNEX_COUNT_ && err == QM_OK; annex++)
        err = write_annex(x, d, (enum qm_bulletin_annex)annex);
    if (err == QM_OK)
        err = write_source(x, d);
    qm_err finished = qm_xlsx_finish(x, out);
    return err != QM_OK ? err : finished;
}
