/* bulletin_page.c - the bulletin as an official document (GB/T 9704-2012); see bulletin_out.h.
 *
 * Happy path: red head and number, title, addressee, sections with their headings, list of the
 * annexes, signature and date with room for the seal, the annexes, copies and printing office, and
 * last the line that says what it rests on, with the QR code of the public page.
 * A draft has words across each page, no QR code, and room where number and date will stand.
 * Failure: that of the buffer; nothing is left out to make it fit.
 */
#include "edge/bulletin_out.h"

#include <string.h>

#include "edge/bulletin_html.h"
#include "edge/bulletin_view.h"

static bool wording_is_empty(const struct qm_bulletin_doc *d, enum qm_wording w, qm_err *err)
{
    struct qm_buf words;
    qm_buf_init(&words, QM_BULLETIN_OUT_MAX_BYTES);
    qm_err got = qm_bulletin_wording_fill(d, w, &words);
    if (got != QM_OK)
        *err = got;
    bool empty = words.len == 0;
    qm_buf_free(&words);
    return empty;
}

static void write_banners(const struct qm_bulletin_doc *d, struct qm_buf *out)
{
    if (!d->published)
        qm_buf_puts(out, "<div class=\"mark\">拟稿（未签发）</div>\n");
    if (d->replaced_by > 0)
        qm_buf_printf(out,
                      "<p class=\"banner\">本通报已被更正通报替换（总账第%lld号），"
                      "原文照旧保留。</p>\n",
                      (long long)d->replaced_by);
    if (d->replaces != NULL) {
        char number[QM_VIEW_WORD_MAX_BYTES];
        qm_view_number(d->replaces, number);
        qm_buf_printf(out,
                      "<p class=\"banner\">更正通报：替换%s（总账第%lld号），"
                      "更正前后对照附后。</p>\n",
                      number, (long long)d->replaces->index);
    }
}

static void write_head(const struct qm_bulletin_doc *d, struct qm_buf *out)
{
    char number[QM_VIEW_WORD_MAX_BYTES];
    qm_view_number(d, number);
    qm_buf_puts(out, "<header class=\"red\">\n");
    qm_html_wording(d, QM_WORDING_HEAD, "head", out);
    qm_html_wording(d, QM_WORDING_SERIES, "series", out);
    qm_buf_printf(out, "<p class=\"no\">%s</p>\n</header>\n<h1>", number);
    qm_html_wording(d, QM_WORDING_TITLE, NULL, out);
    qm_buf_puts(out, "</h1>\n<p>");
    qm_html_wording(d, QM_WORDING_ADDRESSEE, NULL, out);
    qm_buf_puts(out, "：</p>\n");
}

/* Numbered as they come: a section without words is left out and the others close up. */
static void write_sections(const struct qm_bulletin_doc *d, struct qm_buf *out)
{
    static const struct {
        enum qm_wording w;
        const char *heading;
    } list[] = {
        {QM_WORDING_OVERALL, "总体情况"},
        {QM_WORDING_PROGRESS, "工作进度"},
        {QM_WORDING_CASES, "发案、劝阻和劝返情况"},
        {QM_WORDING_PRAISE, "表扬与提醒"},
        {QM_WORDING_CHECKS, "核查情况"},
        {QM_WORDING_NEXT, "下步工作"},
    };
    static const char *const ordinals[] = {"一", "二", "三", "四", "五", "六"};
    size_t n = 0;
    qm_err err = QM_OK;
    qm_html_wording(d, QM_WORDING_OPENING, "b", out);
    for (size_t i = 0; i < sizeof list / sizeof list[0]; i++) {
        if (wording_is_empty(d, list[i].w, &err))
            continue;
        qm_buf_printf(out, "<h2>%s、%s</h2>\n", ordinals[n++], list[i].heading);
        qm_html_wording(d, list[i].w, "b", out);
    }
    if (err != QM_OK && out->err == QM_OK)
        out->err = err;
}

/* ---- annexes ---- */

/* Where the office's eyes only are meant, the paper itself must say so. */
static void app_note(const struct qm_bulletin_doc *d, struct qm_buf *out)
{
    bool ranked = false, open = false;
    for (size_t i = 0; i < d->rule.metrics_n; i++) {
        const struct qm_rule_metric *m = &d->rule.metrics[i];
        if (m->imported || m->cover < QM_COVER_APP)
            continue;
        ranked = ranked || m->ranked;
        open = open || m->open;
    }
    if (!ranked || !open)
        qm_buf_printf(out, "<p class=\"note\">本表供工作掌握，%s%s%s。</p>\n",
                      ranked ? "" : "不排名", ranked || open ? "" : "，", open ? "" : "不公开张贴");
}

static void write_annex(const struct qm_bulletin_doc *d, enum qm_bulletin_annex annex,
                        const char *class_name, struct qm_buf *out)
{
    struct qm_table t;
    qm_err err = qm_table_open(d, annex, false, &t);
    if (err != QM_OK) {
        if (out->err == QM_OK)
            out->err = err;
        return;
    }
    qm_buf_printf(out, "<section class=\"%s\">\n<h2>%s", class_name,
                  strcmp(t.sheet, t.title) == 0 ? "" : t.sheet);
    qm_buf_printf(out, "<span>%s</span></h2>\n", t.title);
    qm_html_table(&t, out);
    qm_table_free(&t);
    if (annex == QM_ANNEX_PROGRESS) {
        qm_buf_puts(out, "<p class=\"note\">");
        struct qm_buf rule;
        qm_buf_init(&rule, QM_BULLETIN_OUT_MAX_BYTES);
        qm_view_rule(d, &rule);
        qm_html_text((const char *)rule.p, out);
        if (rule.err != QM_OK && out->err == QM_OK)
            out->err = rule.err;
        qm_buf_free(&rule);
        qm_buf_puts(out, "百分比只舍不入。</p>\n");
    } else if (annex == QM_ANNEX_APP) {
        app_note(d, out);
    } else if (annex == QM_ANNEX_LEFT_OUT_SUM) {
        qm_buf_printf(out, "<p class=\"note\">各%s明细见电子表格。</p>\n",
                      qm_view_division_word(d));
    }
    qm_buf_puts(out, "</section>\n");
}

static void write_annexes(const struct qm_bulletin_doc *d, struct qm_buf *out)
{
    if (qm_table_wanted(d, QM_ANNEX_CORRECTION))
        write_annex(d, QM_ANNEX_CORRECTION, "annex", out);
    write_annex(d, QM_ANNEX_PROGRESS, "annex", out);
    if (qm_table_wanted(d, QM_ANNEX_APP))
        write_annex(d, QM_ANNEX_APP, "annex", out);
    if (d->figures_n > 0)
        write_annex(d, QM_ANNEX_CASES, "annex", out);
    write_annex(d, QM_ANNEX_UNITS, d->figures_n > 0 ? "annex on" : "annex", out);
    write_annex(d, QM_ANNEX_LEFT_OUT_SUM, "annex on", out);
}

static void list_annexes(const struct qm_bulletin_doc *d, struct qm_buf *out)
{
    const char *before = "附件：";
    for (int annex = QM_ANNEX_PROGRESS; annex <= QM_ANNEX_UNITS; annex++) {
        struct qm_table t;
        if (!qm_table_wanted(d, (enum qm_bulletin_annex)annex) ||
            (annex == QM_ANNEX_CASES && d->figures_n == 0))
            continue;
        qm_err err = qm_table_open(d, (enum qm_bulletin_annex)annex, false, &t);
        if (err != QM_OK) {
            if (out->err == QM_OK)
                out->err = err;
            return;
        }
        qm_buf_printf(out, "<p class=\"list\">%s%s　%s</p>\n", before, t.sheet, t.title);
        before = "";
        qm_table_free(&t);
    }
}

/* ---- the end ---- */

static void write_signature(const struct qm_bulletin_doc *d, struct qm_buf *out)
{
    char day[QM_VIEW_WORD_MAX_BYTES];
    qm_view_issue_day(d, day);
    qm_buf_puts(out, "<div class=\"sign\"><p>");
    qm_html_wording(d, QM_WORDING_SIGN, NULL, out);
    qm_buf_printf(out, "</p><p>%s</p></div>\n", day);
}

static void write_proof(const struct qm_bulletin_doc *d, struct qm_buf *out)
{
    char sealed[QM_VIEW_SEALED_MAX_BYTES];
    char root[QM_B64_HASH_CHARS + 1], url[QM_VIEW_URL_MAX_BYTES];
    qm_view_root(d, root);
    qm_view_url(d, url);
    qm_buf_puts(out, "<div class=\"proof\">\n");
    if (d->published)
        qm_html_qr(url, "公开页面的二维码", out);
    qm_buf_puts(out, "<p>本通报依据");
    qm_html_name(d->county_name, out);
    qm_buf_printf(out, "总账第%lld号至第%lld号（不含）记录生成，封条码<b class=\"code\">%.16s</b>",
                  (long long)d->from, (long long)d->to, root);
    qm_buf_puts(out, d->published ? "；扫码可验真。发布后不作改动，如有差错另发更正通报。"
                                  : "。拟稿未签发，不得张贴、转发。");
    qm_buf_puts(out, "<br>总账：<span class=\"code\">");
    qm_html_text(d->origin, out);
    if (d->published)
        qm_buf_printf(out, "</span>，本通报为第%lld号", (long long)d->index);
    else
        qm_buf_puts(out, "</span>");
    qm_buf_printf(out, "<br>封条码全文：<span class=\"code\">%s</span>", root);
    if (qm_view_sealed(d, sealed))
        qm_buf_printf(out, "<br>已用印：<span class=\"code\">%s</span>", sealed);
    qm_buf_puts(out, "</p>\n</div>\n");
}

static void write_end(const struct qm_bulletin_doc *d, struct qm_buf *out)
{
    char day[QM_VIEW_WORD_MAX_BYTES];
    qm_err err = QM_OK;
    qm_view_issue_day(d, day);
    qm_buf_puts(out, "<footer class=\"end\">\n<div class=\"rule\">");
    if (!wording_is_empty(d, QM_WORDING_COPIES, &err)) {
        qm_buf_puts(out, "<p class=\"copies\">抄送：");
        qm_html_wording(d, QM_WORDING_COPIES, NULL, out);
        qm_buf_puts(out, "。</p>");
    }
    if (err != QM_OK && out->err == QM_OK)
        out->err = err;
    qm_buf_puts(out, "<p class=\"issue\"><span>");
    qm_html_wording(d, QM_WORDING_OFFICE, NULL, out);
    qm_buf_printf(out, "</span><span>%s印发</span></p></div>\n", day);
    write_proof(d, out);
    qm_buf_puts(out, "</footer>\n");
}

qm_err qm_bulletin_page(const struct qm_bulletin_doc *d, struct qm_buf *out)
{
    if (d->nomem)
        return QM_E_NOMEM;
    qm_html_begin(d, "document", out);
    qm_buf_puts(out, "<main class=\"sheet\">\n");
    write_banners(d, out);
    write_head(d, out);
    write_sections(d, out);
    list_annexes(d, out);
    write_signature(d, out);
    write_annexes(d, out);
    write_end(d, out);
    qm_buf_puts(out, "</main>\n</body>\n</html>\n");
    return out->err;
}
