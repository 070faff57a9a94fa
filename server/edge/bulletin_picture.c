/* bulletin_picture.c - the bulletin as a long picture for the chat group (SVG); see bulletin_out.h.
 *
 * Happy path: red head with the title, a row for each division with its rank, name and bars of the
 * public metrics, at the end what it rests on and the QR code.  Nothing in it is fetched; fonts are
 * named, with a generic one behind.  Height follows from the number of rows.  A chat shows a
 * picture as wide as the phone and keeps it only so tall: many divisions have a line each without
 * bars, and of very many the first stand here, and how many more the public page has. Failure: that
 * of the buffer.  Names too long for their place end with an ellipsis.
 */
#include "edge/bulletin_out.h"

#include <string.h>

#include "edge/bulletin_html.h"
#include "edge/bulletin_view.h"

/* Pixels. */
enum {
    WIDTH = 750,
    EDGE = 40,
    TITLE_LINE = 50,
    TITLE_UNITS = 34, /* half characters in a line */
    TITLE_LINES = 3,
    NAME_X = 112,
    NAME_UNITS = 16,
    BAR_X = 340,
    BAR_WIDTH = 250,
    ROW_FIRST = 54, /* height of a row's first metric, and of each further one */
    ROW_NEXT = 34,
    LINE = 42,         /* a row of those that have one line each */
    LINE_COLUMN = 120, /* a figure in it */
    LINE_METRICS = 3,
    BARS_ROWS_MAX = 40,   /* more of them: lines */
    LINES_ROWS_MAX = 170, /* so that it stays below 8,192, which browsers draw at least */
    FOOT = 264,
    QR = 176
};

struct open_metrics {
    bool lines;
    size_t rows; /* that are drawn */
    size_t n;
    size_t place[QM_RULE_METRICS_MAX]; /* in the rule */
};

static void find_open(const struct qm_bulletin_doc *d, struct open_metrics *out)
{
    out->n = 0;
    for (size_t i = 0; i < d->rule.metrics_n; i++) {
        if (d->rule.metrics[i].open)
            out->place[out->n++] = i;
    }
    out->lines = d->rows_n > BARS_ROWS_MAX;
    out->rows = d->rows_n < LINES_ROWS_MAX ? d->rows_n : LINES_ROWS_MAX;
    if (out->lines && out->n > LINE_METRICS)
        out->n = LINE_METRICS;
}

/* ---- text that fits ---- */

static size_t bytes_of(unsigned char first)
{
    return first < 0x80 ? 1 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;
}

/* Bytes from the front that take at most so many half characters. */
static size_t fitting(const char *t, int units)
{
    size_t n = 0;
    while (t[n] != '\0') {
        size_t bytes = bytes_of((unsigned char)t[n]);
        int width = bytes < 3 ? 1 : 2;
        if (width > units || strnlen(t + n, bytes) < bytes)
            break;
        units -= width;
        n += bytes;
    }
    return n;
}

static void write_part(const char *t, size_t len, struct qm_buf *out)
{
    struct qm_buf part;
    qm_buf_init(&part, QM_BULLETIN_OUT_MAX_BYTES);
    qm_buf_add(&part, t, len);
    if (part.err != QM_OK && out->err == QM_OK)
        out->err = part.err;
    qm_html_text((const char *)part.p, out);
    qm_buf_free(&part);
}

static void write_fitting(const char *name, int units, struct qm_buf *out)
{
    struct qm_buf plain;
    qm_buf_init(&plain, QM_BULLETIN_OUT_MAX_BYTES);
    qm_err err = qm_view_plain(name, &plain);
    if (err == QM_OK && plain.len > 0) {
        const char *t = (const char *)plain.p;
        size_t n = fitting(t, units);
        bool all = t[n] == '\0';
        write_part(t, all ? n : fitting(t, units - 2), out);
        qm_buf_puts(out, all ? "" : "…");
    }
    qm_buf_free(&plain);
    if (err != QM_OK && out->err == QM_OK)
        out->err = err;
}

/* ---- parts ---- */

/* Returns where the next part begins. */
static int write_title(const struct qm_bulletin_doc *d, int y, struct qm_buf *out)
{
    struct qm_buf words;
    qm_buf_init(&words, QM_BULLETIN_OUT_MAX_BYTES);
    qm_err err = qm_bulletin_wording_fill(d, QM_WORDING_TITLE, &words);
    const char *t = err == QM_OK && words.len > 0 ? (const char *)words.p : "";
    for (int line = 0; line < TITLE_LINES && *t != '\0'; line++) {
        size_t n = fitting(t, TITLE_UNITS);
        if (n == 0)
            break;
        qm_buf_printf(out, "<text x=\"%d\" y=\"%d\" font-size=\"38\" font-weight=\"bold\">", EDGE,
                      y);
        write_part(t, n, out);
        qm_buf_puts(out, "</text>\n");
        t += n;
        y += TITLE_LINE;
    }
    qm_buf_free(&words);
    if (err != QM_OK && out->err == QM_OK)
        out->err = err;
    return y;
}

static int write_head(const struct qm_bulletin_doc *d, struct qm_buf *out)
{
    char number[QM_VIEW_WORD_MAX_BYTES], first[QM_VIEW_WORD_MAX_BYTES],
        last[QM_VIEW_WORD_MAX_BYTES];
    qm_view_number(d, number);
    qm_view_day(d->span.first_day, true, first);
    qm_view_day(d->span.last_day, false, last);
    qm_buf_printf(out,
                  "<rect width=\"%d\" height=\"96\" fill=\"#b00000\"/>\n"
                  "<text x=\"%d\" y=\"62\" font-size=\"36\" font-weight=\"bold\" fill=\"#fff\">",
                  WIDTH, EDGE);
    qm_html_wording(d, QM_WORDING_SERIES, NULL, out);
    qm_buf_printf(out,
                  "</text>\n<text x=\"%d\" y=\"60\" font-size=\"26\" fill=\"#fff\" "
                  "text-anchor=\"end\">%s</text>\n",
                  WIDTH - EDGE, number);
    int y = write_title(d, 160, out);
    qm_buf_printf(out, "<text x=\"%d\" y=\"%d\" font-size=\"24\" fill=\"#444\">", EDGE, y);
    write_fitting(d->scope_name, 20, out);
    qm_buf_printf(out, "　%s至%s</text>\n", first, last);
    if (d->replaces != NULL) {
        y += 36;
        qm_buf_printf(out,
                      "<text x=\"%d\" y=\"%d\" font-size=\"24\" fill=\"#b00000\">"
                      "更正通报，请以这一份为准</text>\n",
                      EDGE, y);
    }
    return y + 40;
}

static const char *word_of(const struct qm_rule_metric *m)
{
    const char *word =
        m->imported ? qm_bulletin_figure_word(m->name) : qm_view_metric_word(m->cover);
    return word != NULL ? word : m->name;
}

/* One figure, its right end at x.  Returns the hundredths that a bar shows; -1: no bar. */
static int write_figure(const struct qm_bulletin_doc *d, const struct qm_bulletin_row *r,
                        size_t place, int x, int y, int size, struct qm_buf *out)
{
    const struct qm_rule_metric *m = &d->rule.metrics[place];
    char figure[QM_VIEW_WORD_MAX_BYTES] = "—";
    struct qm_view_figure f = {.state = QM_FIGURE_EMPTY};
    qm_buf_printf(out, "<text x=\"%d\" y=\"%d\" font-size=\"%d\" text-anchor=\"end\">", x, y, size);
    if (m->imported) {
        qm_buf_printf(out, "%lld</text>\n", (long long)r->rank.m[place].num);
        return -1;
    }
    qm_view_figure(d, r, m->cover, &f);
    if (f.state == QM_FIGURE_OK)
        qm_view_hundredths(f.percent, figure);
    qm_buf_printf(out, "%s%s</text>\n", f.state == QM_FIGURE_FAILED ? "统计出错" : figure,
                  f.state == QM_FIGURE_OK ? "%" : "");
    return f.state == QM_FIGURE_OK ? f.percent : -1;
}

static void write_bar(const struct qm_bulletin_doc *d, const struct qm_bulletin_row *r,
                      size_t place, bool first, int y, struct qm_buf *out)
{
    if (!first) {
        qm_buf_printf(out, "<text x=\"%d\" y=\"%d\" font-size=\"20\" fill=\"#444\">", NAME_X, y);
        write_fitting(word_of(&d->rule.metrics[place]), 20, out);
        qm_buf_puts(out, "</text>\n");
    }
    int percent = write_figure(d, r, place, WIDTH - EDGE, y, first ? 26 : 22, out);
    if (percent < 0)
        return;
    qm_buf_printf(out,
                  "<rect x=\"%d\" y=\"%d\" width=\"%d\" height=\"16\" rx=\"3\" "
                  "fill=\"#eee\"/><rect x=\"%d\" y=\"%d\" width=\"%d\" height=\"16\" "
                  "rx=\"3\" fill=\"%s\"/>\n",
                  BAR_X, y - 17, BAR_WIDTH, BAR_X, y - 17,
                  (int)((int64_t)BAR_WIDTH * percent / 10000), first ? "#b00000" : "#c98a8a");
}

/* Right end of a figure of a row that is one line. */
static int column_x(const struct open_metrics *open, size_t k)
{
    return WIDTH - EDGE - (int)(open->n - 1 - k) * LINE_COLUMN;
}

static int height_of_row(const struct open_metrics *open, const struct qm_bulletin_row *r)
{
    if (open->lines)
        return LINE;
    bool more = open->n > 1 && r->rank.out == QM_RANK_IN;
    return ROW_FIRST + (more ? (int)(open->n - 1) * ROW_NEXT + 6 : 0);
}

static int write_row(const struct qm_bulletin_doc *d, const struct open_metrics *open,
                     const struct qm_bulletin_row *r, int y, struct qm_buf *out)
{
    int base = y + (open->lines ? 30 : 37); /* the line that the letters stand on */
    qm_buf_printf(out,
                  "<path d=\"M%d %dh%d\" stroke=\"#ddd\"/>\n"
                  "<text x=\"%d\" y=\"%d\" font-size=\"%d\" font-weight=\"bold\" "
                  "text-anchor=\"middle\">",
                  EDGE, y, WIDTH - 2 * EDGE, EDGE + 26, base, open->lines ? 26 : 30);
    if (r->rank.rank > 0)
        qm_buf_printf(out, "%d", r->rank.rank);
    else
        qm_buf_puts(out, "—");
    qm_buf_printf(out, "</text>\n<text x=\"%d\" y=\"%d\" font-size=\"26\">", NAME_X, base);
    write_fitting(r->name, NAME_UNITS, out);
    qm_buf_puts(out, "</text>\n");
    if (r->rank.out != QM_RANK_IN) /* the public result has no figures of these */
        qm_buf_printf(out,
                      "<text x=\"%d\" y=\"%d\" font-size=\"22\" fill=\"#444\" "
                      "text-anchor=\"end\">不排名</text>\n",
                      WIDTH - EDGE, base);
    for (size_t k = 0; k < open->n && r->rank.out == QM_RANK_IN; k++) {
        if (open->lines)
            (void)write_figure(d, r, open->place[k], column_x(open, k), base, 24, out);
        else
            write_bar(d, r, open->place[k], k == 0, base + (int)k * ROW_NEXT, out);
    }
    return y + height_of_row(open, r);
}

static int write_columns(const struct qm_bulletin_doc *d, const struct open_metrics *open, int y,
                         struct qm_buf *out)
{
    qm_buf_printf(out,
                  "<g font-size=\"22\" fill=\"#444\"><text x=\"%d\" y=\"%d\">名次</text>"
                  "<text x=\"%d\" y=\"%d\">%s</text>",
                  EDGE, y + 26, NAME_X, y + 26, qm_view_division_word(d));
    size_t titles = open->lines || open->n == 0 ? open->n : 1;
    for (size_t k = 0; k < titles; k++) {
        const struct qm_rule_metric *m = &d->rule.metrics[open->place[k]];
        qm_buf_printf(out, "<text x=\"%d\" y=\"%d\" text-anchor=\"end\">",
                      open->lines ? column_x(open, k) : WIDTH - EDGE, y + 26);
        write_fitting(word_of(m), open->lines ? 10 : 20, out);
        qm_buf_puts(out, m->imported || k > 0 ? "</text>" : "率</text>");
    }
    qm_buf_puts(out, "</g>\n");
    return y + 44;
}

static void write_foot(const struct qm_bulletin_doc *d, int y, struct qm_buf *out)
{
    char root[QM_B64_HASH_CHARS + 1], url[QM_VIEW_URL_MAX_BYTES], closed[QM_VIEW_WORD_MAX_BYTES];
    int x = d->published ? EDGE + QR + 24 : EDGE;
    qm_view_root(d, root);
    qm_view_url(d, url);
    qm_view_hour(d->frozen_ms, closed);
    qm_buf_printf(out, "<path d=\"M%d %dh%d\" stroke=\"#b00000\" stroke-width=\"2\"/>\n", EDGE, y,
                  WIDTH - 2 * EDGE);
    if (d->published) {
        qm_buf_printf(out, "<svg x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\">", EDGE, y + 28, QR,
                      QR);
        qm_html_qr(url, "公开页面的二维码", out);
        qm_buf_puts(out, "</svg>\n");
    }
    qm_buf_printf(out, "<g font-size=\"22\" fill=\"#444\"><text x=\"%d\" y=\"%d\">", x, y + 60);
    qm_buf_printf(out, "数据截至%s，百分比只舍不入</text>\n<text x=\"%d\" y=\"%d\">",
                  closed[0] != '\0' ? closed : "—", x, y + 100);
    write_fitting(d->county_name, 12, out);
    qm_buf_printf(out,
                  "总账第%lld号至第%lld号（不含）</text>\n"
                  "<text x=\"%d\" y=\"%d\">封条码 %.16s</text>\n<text x=\"%d\" y=\"%d\">%s</text>",
                  (long long)d->from, (long long)d->to, x, y + 140, root, x, y + 180,
                  d->published ? "扫码可验真：两份封条码一样，账就一样" : "拟稿，未签发，请勿转发");
    qm_buf_puts(out, "</g>\n");
}

static int height_of_rows(const struct qm_bulletin_doc *d, const struct open_metrics *open)
{
    int height = open->rows < d->rows_n ? LINE : 0;
    for (size_t i = 0; i < open->rows; i++)
        height += height_of_row(open, &d->rows[i]);
    return height;
}

static int write_rest(const struct qm_bulletin_doc *d, const struct open_metrics *open, int y,
                      struct qm_buf *out)
{
    if (open->rows == d->rows_n)
        return y;
    qm_buf_printf(out, "<text x=\"%d\" y=\"%d\" font-size=\"24\">还有%zu个，%s</text>\n", NAME_X,
                  y + 30, d->rows_n - open->rows, d->published ? "扫码看全部" : "见附表1");
    return y + LINE;
}

static void write_draft_mark(int height, struct qm_buf *out)
{
    for (int y = 420; y < height; y += 700)
        qm_buf_printf(out,
                      "<text x=\"375\" y=\"%d\" font-size=\"84\" font-weight=\"bold\" "
                      "fill=\"#b00000\" opacity=\"0.16\" text-anchor=\"middle\" "
                      "transform=\"rotate(-24 375 %d)\">拟稿（未签发）</text>\n",
                      y, y);
}

qm_err qm_bulletin_picture(const struct qm_bulletin_doc *d, struct qm_buf *out)
{
    struct open_metrics open;
    struct qm_buf body;
    if (d->nomem)
        return QM_E_NOMEM;
    find_open(d, &open);
    qm_buf_init(&body, QM_BULLETIN_OUT_MAX_BYTES);
    int y = write_columns(d, &open, write_head(d, &body), &body);
    int height = y + height_of_rows(d, &open) + FOOT;
    for (size_t i = 0; i < open.rows && body.err == QM_OK; i++)
        y = write_row(d, &open, &d->rows[i], y, &body);
    y = write_rest(d, &open, y, &body);
    write_foot(d, y + 24, &body);
    if (!d->published)
        write_draft_mark(height, &body);
    qm_buf_printf(out,
                  "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%d\" "
                  "viewBox=\"0 0 %d %d\" xml:lang=\"zh-CN\" font-family=\"'Noto Sans CJK SC',"
                  "'Source Han Sans SC','PingFang SC','Microsoft YaHei','SimHei',sans-serif\">\n"
                  "<rect width=\"%d\" height=\"%d\" fill=\"#fff\"/>\n",
                  WIDTH, height, WIDTH, height, WIDTH, height);
    qm_buf_add(out, body.p, body.len);
    qm_buf_puts(out, "</svg>\n");
    qm_err err = body.err != QM_OK ? body.err : out->err;
    qm_buf_free(&body);
    return err;
}
