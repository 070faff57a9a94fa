/* bulletin_words.c - the bulletin as a text for the chat group; see bulletin_out.h.
 * Happy path: title, figures of the whole scope, the list, where to check it.
 * Short enough for one message: of more than LIST_ALL divisions only the first LIST_FIRST.
 * Failure: that of the buffer.
 */
#include "edge/bulletin_out.h"

#include "edge/bulletin_view.h"
#include "edge/bulletin_wording.h"

enum { LIST_ALL = 30, LIST_FIRST = 10 };

static const struct qm_rule_metric *first_open(const struct qm_bulletin_doc *d, size_t *place)
{
    for (size_t i = 0; i < d->rule.metrics_n; i++) {
        if (d->rule.metrics[i].open) {
            *place = i;
            return &d->rule.metrics[i];
        }
    }
    return NULL;
}

static void write_figure(const struct qm_bulletin_doc *d, const struct qm_bulletin_row *r,
                         const struct qm_rule_metric *m, size_t place, struct qm_buf *out)
{
    struct qm_view_figure f;
    char percent[QM_VIEW_WORD_MAX_BYTES];
    if (m->imported) {
        qm_buf_printf(out, "%lld", (long long)r->rank.m[place].num);
        return;
    }
    qm_view_figure(d, r, m->cover, &f);
    if (f.state == QM_FIGURE_OK) {
        qm_view_hundredths(f.percent, percent);
        qm_buf_printf(out, "%s%%", percent);
    } else {
        qm_buf_puts(out, f.state == QM_FIGURE_FAILED ? "统计出错" : "—");
    }
}

static void write_totals(const struct qm_bulletin_doc *d, struct qm_buf *out)
{
    for (size_t i = 0; i < d->rule.metrics_n; i++) {
        const struct qm_rule_metric *m = &d->rule.metrics[i];
        if (!m->open)
            continue;
        const char *word =
            m->imported ? qm_bulletin_figure_word(m->name) : qm_view_metric_word(m->cover);
        qm_buf_printf(out, "%s%s：", word != NULL ? word : m->name, m->imported ? "" : "率");
        write_figure(d, &d->totals, m, i, out);
        if (!m->imported)
            qm_buf_printf(out, "（%lld/%lld%s）", (long long)d->totals.rank.m[i].num,
                          (long long)d->totals.rank.m[i].den,
                          m->cover < QM_COVER_APP ? "户" : "人");
        qm_buf_puts(out, "\n");
    }
}

/* What stands behind a name is one of the figures that the order is made of: without the rule 45.11
 * before 45.34 looks like a slip. */
static void write_order(const struct qm_bulletin_doc *d, const struct qm_rule_metric *m,
                        struct qm_buf *out)
{
    qm_view_rule(d, out);
    if (m != NULL) {
        const char *word =
            m->imported ? qm_bulletin_figure_word(m->name) : qm_view_metric_word(m->cover);
        qm_buf_printf(out, "名称后面是%s%s。", word != NULL ? word : m->name,
                      m->imported ? "" : "率");
    }
    qm_buf_puts(out, "\n");
}

static void write_list(const struct qm_bulletin_doc *d, struct qm_buf *out)
{
    size_t place = 0, shown = 0;
    const struct qm_rule_metric *m = first_open(d, &place);
    size_t max = d->rows_n > LIST_ALL ? LIST_FIRST : LIST_ALL;
    write_order(d, m, out);
    for (size_t i = 0; i < d->rows_n && shown < max; i++) {
        const struct qm_bulletin_row *r = &d->rows[i];
        if (r->rank.rank == 0)
            continue;
        qm_buf_printf(out, "%d. ", r->rank.rank);
        qm_view_plain(r->name, out);
        if (m != NULL) {
            qm_buf_puts(out, " ");
            write_figure(d, r, m, place, out);
        }
        qm_buf_puts(out, "\n");
        shown++;
    }
    if (d->rows_n > max)
        qm_buf_printf(out, "共%zu个%s，其余见公开页面。\n", d->rows_n, qm_view_division_word(d));
}

static void write_checks(const struct qm_bulletin_doc *d, struct qm_buf *out)
{
    char root[QM_B64_HASH_CHARS + 1], url[QM_VIEW_URL_MAX_BYTES];
    if (!d->published)
        return;
    qm_view_root(d, root);
    qm_view_url(d, url);
    qm_buf_printf(out, "验真：%s\n封条码：%.16s（与纸上一样就是真的）\n", url, root);
}

static qm_err write_wording(const struct qm_bulletin_doc *d, enum qm_wording w, struct qm_buf *out)
{
    struct qm_buf words;
    qm_buf_init(&words, QM_BULLETIN_OUT_MAX_BYTES);
    qm_err err = qm_bulletin_wording_fill(d, w, &words);
    if (err == QM_OK)
        err = qm_view_plain((const char *)words.p, out);
    qm_buf_free(&words);
    return err;
}

qm_err qm_bulletin_words(const struct qm_bulletin_doc *d, struct qm_buf *out)
{
    char number[QM_VIEW_WORD_MAX_BYTES];
    if (d->nomem)
        return QM_E_NOMEM;
    qm_view_number(d, number);
    if (!d->published)
        qm_buf_puts(out, "【拟稿，未签发，请勿转发】\n");
    qm_buf_puts(out, "【");
    qm_err err = write_wording(d, QM_WORDING_SERIES, out);
    if (err != QM_OK)
        return err;
    qm_buf_printf(out, "】%s\n", number);
    err = write_wording(d, QM_WORDING_TITLE, out);
    if (err != QM_OK)
        return err;
    qm_buf_puts(out, d->replaces != NULL ? "\n（更正通报，请以这一份为准）\n" : "\n");
    write_totals(d, out);
    qm_buf_puts(out, "\n");
    write_list(d, out);
    qm_buf_puts(out, "\n");
    write_checks(d, out);
    return out->err;
}
