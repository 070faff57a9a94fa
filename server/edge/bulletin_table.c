/* bulletin_table.c - see bulletin_table.h.
 * Happy path: annexes 1 and 2 have a row for each division and the totals; annexes 3 and 4, the
 * sheet of what was not counted and the correction are in bulletin_annex.c.
 * Failure: a figure that cannot be right becomes QM_CELL_FAILED, in that cell only.
 */
#include "edge/bulletin_table.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "edge/bulletin_annex.h"
#include "edge/bulletin_view.h"

/* ---- makers that annexes share ---- */

void qm_annex_text(struct qm_cell *out, const char *text)
{
    out->kind = QM_CELL_TEXT;
    out->text = qm_view_text(text);
}

void qm_annex_number(struct qm_cell *out, int64_t n)
{
    out->kind = n < 0 ? QM_CELL_FAILED : QM_CELL_INT;
    out->a = n;
}

void qm_annex_name(const struct qm_cell_source *s, struct qm_cell *out)
{
    qm_annex_text(out, s->r == &s->d->totals ? "合计" : s->r->name);
}

static void make_code(const struct qm_cell_source *s, struct qm_cell *out)
{
    qm_annex_text(out, s->r->rank.code);
}

/* ---- annexes 1 and 2 ---- */

void qm_annex_rank(const struct qm_cell_source *s, struct qm_cell *out)
{
    if (s->r == &s->d->totals)
        return;
    out->kind = s->r->rank.rank > 0 ? QM_CELL_INT : QM_CELL_EMPTY;
    out->a = s->r->rank.rank;
}

static void make_move(const struct qm_cell_source *s, struct qm_cell *out)
{
    if (s->r == &s->d->totals)
        return;
    if (s->r->rank.rank == 0)
        out->kind = QM_CELL_EMPTY;
    else if (s->r->rank.before == 0)
        qm_annex_text(out, "新");
    else
        out->kind = QM_CELL_MOVE;
    out->a = s->r->rank.before - s->r->rank.rank;
}

static void figure_number(const struct qm_cell_source *s, struct qm_cell *out,
                          int64_t (*pick)(const struct qm_rank_cell *c))
{
    struct qm_view_figure f;
    qm_view_figure(s->d, s->r, (enum qm_cover)s->c->cover, &f);
    if (f.state == QM_FIGURE_FAILED)
        out->kind = QM_CELL_FAILED;
    else
        qm_annex_number(out, pick(&f.cell));
}

static int64_t pick_num(const struct qm_rank_cell *c)
{
    return c->num;
}

static int64_t pick_den(const struct qm_rank_cell *c)
{
    return c->den;
}

static int64_t pick_refused(const struct qm_rank_cell *c)
{
    return c->refused;
}

void qm_annex_num(const struct qm_cell_source *s, struct qm_cell *out)
{
    figure_number(s, out, pick_num);
}

void qm_annex_den(const struct qm_cell_source *s, struct qm_cell *out)
{
    figure_number(s, out, pick_den);
}

static void make_refused(const struct qm_cell_source *s, struct qm_cell *out)
{
    figure_number(s, out, pick_refused);
}

void qm_annex_percent(const struct qm_cell_source *s, struct qm_cell *out)
{
    struct qm_view_figure f;
    qm_view_figure(s->d, s->r, (enum qm_cover)s->c->cover, &f);
    out->kind = f.state == QM_FIGURE_FAILED  ? QM_CELL_FAILED
                : f.state == QM_FIGURE_EMPTY ? QM_CELL_EMPTY
                                             : QM_CELL_PERCENT;
    out->a = f.percent;
}

static void make_gap(const struct qm_cell_source *s, struct qm_cell *out)
{
    struct qm_view_figure f;
    qm_view_figure(s->d, s->r, (enum qm_cover)s->c->cover, &f);
    if (f.state == QM_FIGURE_OK)
        qm_annex_number(out, qm_view_gap(s->d, s->r));
    else
        out->kind = f.state == QM_FIGURE_FAILED ? QM_CELL_FAILED : QM_CELL_EMPTY;
}

/* Late ones are negative where records of an earlier period were taken out. */
static void make_late(const struct qm_cell_source *s, struct qm_cell *out)
{
    struct qm_view_figure f;
    qm_view_figure(s->d, s->r, (enum qm_cover)s->c->cover, &f);
    out->kind = f.of_rule ? QM_CELL_INT : QM_CELL_MISSING;
    out->a = f.cell.late;
}

static void make_away_reached(const struct qm_cell_source *s, struct qm_cell *out)
{
    qm_annex_number(out, s->r->rank.v[QM_C_AWAY_REACHED]);
}

static void make_remark(const struct qm_cell_source *s, struct qm_cell *out)
{
    struct qm_view_figure f;
    qm_view_figure(s->d, s->r, QM_COVER_VISITED, &f);
    char carried[QM_VIEW_WORD_MAX_BYTES] = "";
    if (f.cell.carried != 0)
        snprintf(carried, sizeof carried, "结转%lld户", (long long)f.cell.carried);
    const char *why = s->r->rank.out == QM_RANK_EMPTY   ? "没有应访对象，不排名"
                      : s->r->rank.out == QM_RANK_SMALL ? "基数小，不排名"
                                                        : "";
    const char *sign = s->r->signoff == QM_SIGNOFF_MISSING ? "村里未确认"
                       : s->r->signoff == QM_SIGNOFF_LATE  ? "村里确认逾期"
                                                           : "";
    snprintf(out->own, sizeof out->own, "%s%s%s%s%s", why, why[0] && carried[0] ? "；" : "",
             carried, (why[0] || carried[0]) && sign[0] ? "；" : "", sign);
    out->kind = out->own[0] != '\0' ? QM_CELL_TEXT : QM_CELL_BLANK;
    out->text = out->own;
}

static void make_cannot(const struct qm_cell_source *s, struct qm_cell *out)
{
    const int64_t *v = s->r->rank.v;
    qm_annex_number(out, v[QM_C_APP_NO_PHONE] + v[QM_C_APP_FEATURE_PHONE] + v[QM_C_APP_UNFIT]);
}

static void make_later(const struct qm_cell_source *s, struct qm_cell *out)
{
    qm_annex_number(out, s->r->rank.v[QM_C_APP_LATER]);
}

static void make_residents_away(const struct qm_cell_source *s, struct qm_cell *out)
{
    qm_annex_number(out, s->r->rank.v[QM_C_RESIDENTS_AWAY]);
}

static const struct qm_table_column progress_columns[] = {
    {"名次", qm_annex_rank, 8, -1, false, false},
    {"较上期", make_move, 12, -1, false, false},
    {NULL, qm_annex_name, 22, -1, true, false},
    {"应访户", qm_annex_den, 11, QM_COVER_VISITED, false, false},
    {"已入户", qm_annex_num, 11, QM_COVER_VISITED, false, false},
    {"入户率(%)", qm_annex_percent, 13, QM_COVER_VISITED, false, false},
    {"外出户已远程宣传", make_away_reached, 13, -1, false, false},
    {"告知书签收", qm_annex_num, 11, QM_COVER_NOTICE_SIGNED, false, false},
    {"承诺书签订", qm_annex_num, 11, QM_COVER_PLEDGE, false, false},
    {"不愿办理", make_refused, 9, QM_COVER_VISITED, false, false},
    {"还差户数", make_gap, 9, QM_COVER_VISITED, false, false},
    {"补报", make_late, 8, QM_COVER_VISITED, false, false},
    {"备注", make_remark, 18, -1, true, false},
};

static const struct qm_table_column app_columns[] = {
    {NULL, qm_annex_name, 30, -1, true, false},
    {"16—60周岁常住", qm_annex_den, 16, QM_COVER_APP, false, false},
    {"已安装", qm_annex_num, 14, QM_COVER_APP, false, false},
    {"已实名", qm_annex_num, 14, QM_COVER_APP_REAL_NAME, false, false},
    {"预警全开", qm_annex_num, 14, QM_COVER_APP_ALL, false, false},
    {"占比(%)", qm_annex_percent, 15, QM_COVER_APP, false, false},
    {"不愿装", make_refused, 13, QM_COVER_APP, false, false},
    {"装不了", make_cannot, 13, -1, false, false},
    {"下次再装", make_later, 13, -1, false, false},
    {"在外", make_residents_away, 14, -1, false, false},
};

/* ---- public ---- */

static bool app_shown(const struct qm_bulletin_doc *d)
{
    for (int m = QM_COVER_APP; m < QM_COVER_COUNT_; m++) {
        if (qm_view_shown(d, (enum qm_cover)m))
            return true;
    }
    return false;
}

bool qm_table_wanted(const struct qm_bulletin_doc *d, enum qm_bulletin_annex annex)
{
    if (annex == QM_ANNEX_APP)
        return app_shown(d);
    if (annex == QM_ANNEX_CORRECTION)
        return d->replaces != NULL;
    return annex >= QM_ANNEX_PROGRESS && annex < QM_ANNEX_COUNT_;
}

static const char *move_title(const struct qm_bulletin_doc *d)
{
    switch (d->span.kind) {
    case QM_PERIOD_WEEK:
        return "较上周";
    case QM_PERIOD_MONTH:
        return "较上月";
    default:
        return "较上期";
    }
}

/* The app's annex stands or falls as a whole; a metric of annex 1 can be hidden. */
bool qm_annex_column_shown(const struct qm_bulletin_doc *d, const struct qm_table_column *c)
{
    return c->cover < 0 || c->cover >= QM_COVER_APP || qm_view_shown(d, (enum qm_cover)c->cover);
}

void qm_annex_columns(struct qm_table *t, const struct qm_table_column *list, size_t n, bool codes)
{
    for (size_t i = 0; i < n; i++) {
        if (!qm_annex_column_shown(t->d, &list[i]))
            continue;
        struct qm_table_column *c = &t->columns[t->columns_n++];
        *c = list[i];
        if (c->title == NULL)
            c->title = qm_view_division_word(t->d);
        if (c->make == make_move)
            c->title = move_title(t->d);
        if (codes && c->make == qm_annex_name)
            t->columns[t->columns_n++] =
                (struct qm_table_column){"代码", make_code, 0, -1, true, false};
    }
}

qm_err qm_table_open(const struct qm_bulletin_doc *d, enum qm_bulletin_annex annex, bool codes,
                     struct qm_table *out)
{
    memset(out, 0, sizeof *out);
    out->d = d;
    out->annex = annex;
    if (d->nomem)
        return QM_E_NOMEM;
    if (annex != QM_ANNEX_PROGRESS && annex != QM_ANNEX_APP)
        return qm_annex_open(out, codes);
    bool progress = annex == QM_ANNEX_PROGRESS;
    out->sheet = progress ? "附表1" : "附表2";
    out->title = progress ? "各村(居)进度" : "反诈App情况";
    if (progress && d->rule.level != QM_LEVEL_VILLAGE)
        out->title = d->rule.level == QM_LEVEL_GRID ? "各网格进度" : "各乡镇(街道)进度";
    if (progress)
        qm_annex_columns(out, progress_columns, sizeof progress_columns / sizeof *progress_columns,
                         codes);
    else
        qm_annex_columns(out, app_columns, sizeof app_columns / sizeof *app_columns, codes);
    out->rows_n = d->rows_n > 0 ? d->rows_n + 1 : 0;
    out->totals = out->rows_n > 0;
    return QM_OK;
}

void qm_table_free(struct qm_table *t)
{
    free(t->items);
    memset(t, 0, sizeof *t);
}

static void find_source(const struct qm_table *t, size_t row, const struct qm_table_column *c,
                        struct qm_cell_source *s)
{
    bool old = t->annex == QM_ANNEX_CORRECTION && c->old;
    size_t at = row;
    if (t->items != NULL)
        at = old ? t->items[row].item : t->items[row].row;
    s->d = old ? t->d->replaces : t->d;
    s->r = at == SIZE_MAX ? NULL : at < s->d->rows_n ? &s->d->rows[at] : &s->d->totals;
    s->c = c;
    s->item = t->items != NULL ? t->items[row].item : row;
}

void qm_table_cell(const struct qm_table *t, size_t row, size_t column, struct qm_cell *out)
{
    struct qm_table_column c = t->columns[column];
    struct qm_cell_source s;
    out->kind = QM_CELL_BLANK;
    out->a = out->b = 0;
    out->text = "";
    out->changed = false;
    find_source(t, row, &c, &s);
    if (s.r == NULL && c.words) { /* a division that only the corrected one had */
        c.old = !c.old;
        find_source(t, row, &c, &s);
    }
    if (s.r == NULL)
        out->kind = QM_CELL_EMPTY;
    else
        c.make(&s, out);
    if (t->annex == QM_ANNEX_CORRECTION)
        out->changed = qm_annex_correction_changed(&s);
}

qm_err qm_cell_words(const struct qm_cell *c, struct qm_buf *out)
{
    char word[QM_VIEW_WORD_MAX_BYTES];
    switch (c->kind) {
    case QM_CELL_TEXT:
        return qm_buf_puts(out, c->text);
    case QM_CELL_INT:
        return qm_buf_printf(out, "%lld", (long long)c->a);
    case QM_CELL_MOVE:
        if (c->a == 0)
            return qm_buf_puts(out, "平");
        return qm_buf_printf(out, "%s%lld", c->a > 0 ? "升" : "降",
                             (long long)(c->a > 0 ? c->a : -c->a));
    case QM_CELL_PERCENT:
    case QM_CELL_DECIMAL:
        qm_view_hundredths(c->a, word);
        return qm_buf_puts(out, word);
    case QM_CELL_PAIR:
        return qm_buf_printf(out, "%lld/%lld", (long long)c->b, (long long)c->a);
    case QM_CELL_EMPTY:
        return qm_buf_puts(out, "—");
    case QM_CELL_MISSING:
        return qm_buf_puts(out, "还没统计");
    case QM_CELL_FAILED:
        return qm_buf_puts(out, "统计出错");
    default:
        return out->err;
    }
}
