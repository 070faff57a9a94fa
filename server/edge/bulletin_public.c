/* bulletin_public.c - the page that the QR code of a bulletin leads to; see bulletin_out.h.
 *
 * Happy path: what it is, the table of the public metrics, how to check it in plain words.
 * Works without scripts, on a phone 390 px wide and on paper.  It holds no names of persons, no
 * accounts, no figures that are not public, and of the office's words title and contact only.
 * Failure: QM_E_INVALID for a draft, which nobody outside may see.
 */
#include "edge/bulletin_out.h"

#include <stdio.h>

#include "edge/bulletin_html.h"
#include "edge/bulletin_view.h"

static void write_top(const struct qm_bulletin_doc *d, struct qm_buf *out)
{
    char number[QM_VIEW_WORD_MAX_BYTES], first[QM_VIEW_WORD_MAX_BYTES],
        last[QM_VIEW_WORD_MAX_BYTES];
    char day[QM_VIEW_WORD_MAX_BYTES], basis[QM_VIEW_WORD_MAX_BYTES];
    qm_view_number(d, number);
    qm_view_day(d->span.first_day, true, first);
    qm_view_day(d->span.last_day, false, last);
    qm_view_issue_day(d, day);
    qm_view_basis(d, basis);
    qm_buf_puts(out, "<p class=\"office\">");
    qm_html_wording(d, QM_WORDING_SERIES, NULL, out);
    qm_buf_printf(out, "　%s</p>\n<h1>", number);
    qm_html_wording(d, QM_WORDING_TITLE, NULL, out);
    qm_buf_puts(out, "</h1>\n<p class=\"dim\">");
    qm_html_name(d->scope_name, out);
    qm_buf_printf(out, "　%s至%s（统计口径：%s）<br>%s签发</p>\n", first, last, basis, day);
}

static void write_links(const struct qm_bulletin_doc *d, struct qm_buf *out)
{
    if (d->replaced_by > 0)
        qm_buf_printf(out,
                      "<p class=\"banner\">这一期有差错，已另发更正通报："
                      "<a href=\"/b/%06d/%lld\">看更正通报</a>。这里的内容照旧保留。</p>\n",
                      d->county, (long long)d->replaced_by);
    if (d->replaces != NULL)
        qm_buf_printf(out,
                      "<p class=\"banner\">这是更正通报，替换"
                      "<a href=\"/b/%06d/%lld\">原来的一期</a>。</p>\n",
                      d->county, (long long)d->replaces->index);
}

static void write_figure(const struct qm_bulletin_doc *d, const struct qm_bulletin_row *r,
                         const struct qm_rule_metric *m, size_t place, struct qm_buf *out)
{
    struct qm_view_figure f;
    char percent[QM_VIEW_WORD_MAX_BYTES];
    if (r->rank.out != QM_RANK_IN) {
        qm_buf_puts(out, "<td>—</td>"); /* the public result has no figures of those left out */
        return;
    }
    if (m->imported) {
        qm_buf_printf(out, "<td>%lld</td>", (long long)r->rank.m[place].num);
        return;
    }
    qm_view_figure(d, r, m->cover, &f);
    if (f.state == QM_FIGURE_FAILED) {
        qm_buf_puts(out, "<td>统计出错</td>");
    } else if (f.state != QM_FIGURE_OK) {
        qm_buf_puts(out, "<td>—</td>");
    } else {
        qm_view_hundredths(f.percent, percent);
        qm_buf_printf(out, "<td>%s%%<small>%lld/%lld</small></td>", percent, (long long)f.cell.num,
                      (long long)f.cell.den);
    }
}

static void write_row(const struct qm_bulletin_doc *d, const struct qm_bulletin_row *r,
                      const char *place, struct qm_buf *out)
{
    qm_buf_printf(out, "<tr><td>%s</td><td>", place);
    qm_html_name(r->name, out);
    qm_buf_puts(out, "</td>");
    for (size_t i = 0; i < d->rule.metrics_n; i++) {
        if (d->rule.metrics[i].open)
            write_figure(d, r, &d->rule.metrics[i], i, out);
    }
    qm_buf_puts(out, "</tr>\n");
}

static void write_table(const struct qm_bulletin_doc *d, struct qm_buf *out)
{
    qm_buf_printf(out,
                  "<h2>各%s进度</h2>\n<div class=\"wide\"><table>\n<thead><tr><th>名次</th>"
                  "<th>%s</th>",
                  qm_view_division_word(d), qm_view_division_word(d));
    for (size_t i = 0; i < d->rule.metrics_n; i++) {
        const struct qm_rule_metric *m = &d->rule.metrics[i];
        if (!m->open)
            continue;
        const char *word =
            m->imported ? qm_bulletin_figure_word(m->name) : qm_view_metric_word(m->cover);
        qm_buf_puts(out, "<th>");
        qm_html_text(word != NULL ? word : m->name, out);
        qm_buf_puts(out, m->imported ? "</th>" : "率</th>");
    }
    qm_buf_puts(out, "</tr></thead>\n<tbody>\n");
    for (size_t i = 0; i < d->rows_n && out->err == QM_OK; i++) {
        char place[24] = "—";
        if (d->rows[i].rank.rank > 0)
            snprintf(place, sizeof place, "%d", d->rows[i].rank.rank);
        write_row(d, &d->rows[i], place, out);
    }
    qm_buf_puts(out, "</tbody></table></div>\n<p class=\"dim\">");
    struct qm_buf rule;
    qm_buf_init(&rule, QM_BULLETIN_OUT_MAX_BYTES);
    qm_view_rule(d, &rule);
    qm_html_text((const char *)rule.p, out);
    if (rule.err != QM_OK && out->err == QM_OK)
        out->err = rule.err;
    qm_buf_free(&rule);
    qm_buf_puts(out, "百分比只舍不入；“—”表示没有应访对象或基数太小，不排名。"
                     "居民自愿参加，不愿办理的不影响办事。</p>\n");
}

static void write_checks(const struct qm_bulletin_doc *d, struct qm_buf *out)
{
    char sealed[QM_VIEW_SEALED_MAX_BYTES];
    char root[QM_B64_HASH_CHARS + 1], url[QM_VIEW_URL_MAX_BYTES];
    qm_view_root(d, root);
    qm_view_url(d, url);
    qm_buf_printf(
        out, "<h2>验真</h2>\n<ol>\n<li>看网址：应当是<span class=\"code\">%s</span>。</li>\n", url);
    qm_buf_printf(out,
                  "<li>对封条码：纸上印的前16位应当是<b class=\"code\">%.16s</b>。"
                  "两份一样，就说明账一样。</li>\n",
                  root);
    qm_buf_puts(out, "<li>对数字：纸上和这里的名次、户数应当一样。</li>\n</ol>\n"
                     "<p>都对得上：一致。有一处对不上：不一致，请联系");
    qm_html_wording(d, QM_WORDING_CONTACT, NULL, out);
    qm_buf_puts(out,
                "。</p>\n<dl>\n<dt>总账（只能往后记，不能改、不能撕页）</dt><dd class=\"code\">");
    qm_html_text(d->origin, out);
    qm_buf_printf(out,
                  "</dd>\n<dt>依据的记录</dt><dd>第%lld号至第%lld号（不含）</dd>\n"
                  "<dt>本通报</dt><dd>第%lld号</dd>\n"
                  "<dt>封条码全文</dt><dd class=\"code\">%s</dd>\n",
                  (long long)d->from, (long long)d->to, (long long)d->index, root);
    if (qm_view_sealed(d, sealed))
        qm_buf_printf(out, "<dt>已用印</dt><dd class=\"code\">%s</dd>\n", sealed);
    qm_buf_puts(out, "</dl>\n");
    qm_html_qr(url, "本页的二维码", out);
}

qm_err qm_bulletin_public_page(const struct qm_bulletin_doc *d, struct qm_buf *out)
{
    if (d->nomem)
        return QM_E_NOMEM;
    if (!d->published)
        return QM_E_INVALID;
    qm_html_begin(d, "public", out);
    qm_buf_puts(out, "<main class=\"sheet\">\n");
    write_top(d, out);
    write_links(d, out);
    write_table(d, out);
    write_checks(d, out);
    qm_buf_puts(out, "</main>\n</body>\n</html>\n");
    return out->err;
}
