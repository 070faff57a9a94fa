/* bulletin_annex.c - see bulletin_annex.h: cases and dissuasion (3), units (4), what was not
 * counted, the correction.
 * Happy path: count what there is to list, keep one item a row, make cells from the items.
 * Failure: QM_E_NOMEM for the items.
 */
#include "edge/bulletin_annex.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "edge/bulletin_view.h"

#define COUNT_OF(list) (sizeof(list) / sizeof *(list))

/* ---- annex 3: figures from elsewhere, a row for each code ---- */

static const struct qm_bulletin_figure *figure_of(const struct qm_bulletin_doc *d, size_t first,
                                                  const char *metric)
{
    const char *code = d->figures[first].code;
    for (size_t i = first; i < d->figures_n && strcmp(d->figures[i].code, code) == 0; i++) {
        if (strcmp(d->figures[i].metric, metric) == 0)
            return &d->figures[i];
    }
    return NULL;
}

static void make_figure_name(const struct qm_cell_source *s, struct qm_cell *out)
{
    const struct qm_bulletin_figure *f = &s->d->figures[s->item];
    qm_annex_text(out, f->name != NULL && f->name[0] != '\0' ? f->name : f->code);
}

static void figure_cell(const struct qm_cell_source *s, const char *metric, struct qm_cell *out)
{
    const struct qm_bulletin_figure *f = figure_of(s->d, s->item, metric);
    if (f == NULL)
        out->kind = QM_CELL_MISSING;
    else
        qm_annex_number(out, f->value);
}

static void make_cases(const struct qm_cell_source *s, struct qm_cell *out)
{
    figure_cell(s, "cases", out);
}

static void make_cases_month(const struct qm_cell_source *s, struct qm_cell *out)
{
    figure_cell(s, "cases_month", out);
}

static void make_cases_year(const struct qm_cell_source *s, struct qm_cell *out)
{
    figure_cell(s, "cases_year", out);
}

/* Values go up to 2^53-1: products are taken in 128 bits. */
static bool ratio(int64_t value, int64_t times, int64_t by, int64_t *out)
{
    __int128 q = (__int128)value * times / by;
    *out = (int64_t)q;
    return q >= -QM_INT_MAX && q <= QM_INT_MAX;
}

static void two_figures(const struct qm_cell_source *s, const char *first, const char *second,
                        struct qm_cell *out)
{
    const struct qm_bulletin_figure *a = figure_of(s->d, s->item, first);
    const struct qm_bulletin_figure *b = figure_of(s->d, s->item, second);
    if (a == NULL || b == NULL) {
        out->kind = QM_CELL_MISSING;
        return;
    }
    out->kind = a->value < 0 || b->value < 0 ? QM_CELL_FAILED : QM_CELL_PAIR;
    out->a = a->value;
    out->b = b->value;
}

static void make_year_on_year(const struct qm_cell_source *s, struct qm_cell *out)
{
    two_figures(s, "cases_year", "cases_last_year", out);
    if (out->kind != QM_CELL_PAIR)
        return;
    if (out->b == 0)
        out->kind = QM_CELL_EMPTY;
    else
        out->kind =
            ratio(out->a - out->b, 10000, out->b, &out->a) ? QM_CELL_DECIMAL : QM_CELL_FAILED;
}

static void make_per_10000(const struct qm_cell_source *s, struct qm_cell *out)
{
    two_figures(s, "cases_year", "population", out);
    if (out->kind != QM_CELL_PAIR)
        return;
    if (out->b == 0)
        out->kind = QM_CELL_EMPTY;
    else
        out->kind =
            ratio(out->a, INT64_C(1000000), out->b, &out->a) ? QM_CELL_DECIMAL : QM_CELL_FAILED;
}

static void make_loss(const struct qm_cell_source *s, struct qm_cell *out)
{
    figure_cell(s, "loss_cents", out);
    if (out->kind == QM_CELL_INT) {
        out->kind = QM_CELL_DECIMAL;
        out->a /= 10000; /* hundredths of 10,000 yuan */
    }
}

static void make_dissuade(const struct qm_cell_source *s, struct qm_cell *out)
{
    two_figures(s, "dissuade_done", "dissuade_due", out);
}

static void make_return(const struct qm_cell_source *s, struct qm_cell *out)
{
    two_figures(s, "return_done", "return_due", out);
}

static void make_source(const struct qm_cell_source *s, struct qm_cell *out)
{
    const struct qm_bulletin_figure *first = &s->d->figures[s->item];
    bool more = false;
    char hex[QM_HEX_HASH_CHARS + 1];
    for (size_t i = s->item; i < s->d->figures_n; i++) {
        const struct qm_bulletin_figure *f = &s->d->figures[i];
        if (strcmp(f->code, first->code) != 0)
            break;
        more = more || memcmp(&f->source, &first->source, sizeof f->source) != 0;
    }
    qm_hex_write(first->source.b, sizeof first->source.b, hex);
    snprintf(out->own, sizeof out->own, "文件%.8s%s", hex, more ? "等" : "");
    qm_annex_text(out, out->own);
}

/* A figure that has no column of its own; its name is the title. */
static void make_other(const struct qm_cell_source *s, struct qm_cell *out)
{
    figure_cell(s, s->c->title, out);
}

static const struct qm_table_column case_columns[] = {
    {"村(居)或单位", make_figure_name, 27, -1, true, false},
    {"本期发案", make_cases, 11, -1, false, false},
    {"本月", make_cases_month, 11, -1, false, false},
    {"今年", make_cases_year, 11, -1, false, false},
    {"同比(±%)", make_year_on_year, 14, -1, false, false},
    {"损失(万元)", make_loss, 15, -1, false, false},
    {"万人发案数", make_per_10000, 13, -1, false, false},
    {"预警上门劝阻(应/已)", make_dissuade, 16, -1, false, false},
    {"劝返(应/已)", make_return, 14, -1, false, false},
    {"来源", make_source, 22, -1, true, false},
};

static void other_columns(struct qm_table *t)
{
    for (size_t i = 0; i < t->d->figures_n && t->columns_n < QM_TABLE_COLUMNS_MAX; i++) {
        const char *metric = t->d->figures[i].metric;
        bool there = qm_bulletin_figure_word(metric) != NULL;
        for (size_t k = 0; k < t->columns_n && !there; k++)
            there = strcmp(t->columns[k].title, metric) == 0;
        if (!there)
            t->columns[t->columns_n++] =
                (struct qm_table_column){metric, make_other, 14, -1, false, false};
    }
}

static qm_err open_cases(struct qm_table *t)
{
    const struct qm_bulletin_doc *d = t->d;
    t->sheet = "附表3";
    t->title = "发案与劝阻劝返";
    qm_annex_columns(t, case_columns, COUNT_OF(case_columns), false);
    other_columns(t);
    t->items = calloc(d->figures_n + 1, sizeof *t->items);
    if (t->items == NULL)
        return QM_E_NOMEM;
    for (size_t i = 0; i < d->figures_n; i++) {
        if (i == 0 || strcmp(d->figures[i].code, d->figures[i - 1].code) != 0)
            t->items[t->rows_n++] = (struct qm_table_item){d->rows_n, i};
    }
    return QM_OK;
}

/* ---- annex 4: units, a row for each kind of place, then one for each division with lecturers ----
 */

static const struct {
    const char *word;
    enum qm_counter due, done;
} unit_kinds[] = {
    {"门店", QM_C_SHOPS, QM_C_SHOPS_VISITED},
    {"企业", QM_C_ENTERPRISES, QM_C_ENTERPRISES_VISITED},
    {"学校", QM_C_SCHOOLS, QM_C_SCHOOLS_VISITED},
    {"机关单位", QM_C_OFFICES, QM_C_OFFICES_VISITED},
    {"公共场所", QM_C_VENUES, QM_C_VENUES_VISITED},
};

enum { DIVISION = COUNT_OF(unit_kinds) }; /* the item of a division's own row */

static void make_unit_scope(const struct qm_cell_source *s, struct qm_cell *out)
{
    qm_annex_text(out, s->item == DIVISION ? s->r->name : s->d->scope_name);
}

static void make_unit_kind(const struct qm_cell_source *s, struct qm_cell *out)
{
    qm_annex_text(out, s->item == DIVISION ? "村(居)" : unit_kinds[s->item].word);
}

static void make_unit_due(const struct qm_cell_source *s, struct qm_cell *out)
{
    if (s->item != DIVISION)
        qm_annex_number(out, s->r->rank.v[unit_kinds[s->item].due]);
}

static void make_unit_done(const struct qm_cell_source *s, struct qm_cell *out)
{
    if (s->item != DIVISION)
        qm_annex_number(out, s->r->rank.v[unit_kinds[s->item].done]);
}

static void make_unit_percent(const struct qm_cell_source *s, struct qm_cell *out)
{
    if (s->item == DIVISION)
        return;
    int64_t due = s->r->rank.v[unit_kinds[s->item].due];
    int64_t done = s->r->rank.v[unit_kinds[s->item].done];
    if (due < 0 || done < 0 || done > due || due > QM_INT_MAX / 10000)
        out->kind = QM_CELL_FAILED;
    else if (due == 0)
        out->kind = QM_CELL_EMPTY;
    else
        out->kind = QM_CELL_PERCENT;
    if (out->kind == QM_CELL_PERCENT)
        out->a = qm_percent(done, due);
}

/* Needed and there; who a unit's own are is not kept. */
static void make_lecturers(const struct qm_cell_source *s, struct qm_cell *out)
{
    out->kind = s->item == DIVISION ? QM_CELL_PAIR : QM_CELL_MISSING;
    out->a = s->r->lecturers;
    out->b = s->r->lecturers_needed;
}

/* Readers' slips, parents' slips and talks have no records to be counted; a division's own row has
 * none of them. */
static void make_missing(const struct qm_cell_source *s, struct qm_cell *out)
{
    out->kind = s->item == DIVISION ? QM_CELL_BLANK : QM_CELL_MISSING;
}

static const struct qm_table_column unit_columns[] = {
    {"单位", make_unit_scope, 24, -1, true, false},
    {"类别", make_unit_kind, 18, -1, true, false},
    {"应上门(家)", make_unit_due, 12, -1, false, false},
    {"已上门(家)", make_unit_done, 12, -1, false, false},
    {"上门率(%)", make_unit_percent, 13, -1, false, false},
    {"应覆盖人数", make_missing, 11, -1, false, false},
    {"阅知签名", make_missing, 9, -1, false, false},
    {"占比(%)", make_missing, 11, -1, false, false},
    {"家长回执(应/已)", make_missing, 14, -1, false, false},
    {"宣讲场次", make_missing, 9, -1, false, false},
    {"宣讲员(应/实)", make_lecturers, 14, -1, false, false},
    {"发案", make_missing, 8, -1, false, false},
};

static qm_err open_units(struct qm_table *t)
{
    t->sheet = "附表4";
    t->title = "单位";
    qm_annex_columns(t, unit_columns, COUNT_OF(unit_columns), false);
    t->items = calloc(COUNT_OF(unit_kinds) + t->d->rows_n, sizeof *t->items);
    if (t->items == NULL)
        return QM_E_NOMEM;
    for (size_t i = 0; i < COUNT_OF(unit_kinds); i++)
        t->items[t->rows_n++] = (struct qm_table_item){t->d->rows_n, i};
    for (size_t i = 0; i < t->d->rows_n; i++) {
        if (t->d->rows[i].lecturers_needed > 0)
            t->items[t->rows_n++] = (struct qm_table_item){i, DIVISION};
    }
    return QM_OK;
}

/* ---- what was not counted, and corrected figures ---- */

enum left_out_from { FROM_BESIDE, FROM_COUNTER, FROM_RANK, FROM_CORRECTION };
static const struct {
    enum left_out_from from;
    int place;
    const char *item, *why;
} left_out[] = {
    {FROM_RANK, QM_RANK_EMPTY, "不排名", "没有应访对象"},
    {FROM_RANK, QM_RANK_SMALL, "不排名", "基数小"},
    {FROM_BESIDE, QM_BESIDE_HELD_REVOKED, "待核实", "手机停用之后才上传"},
    {FROM_BESIDE, QM_BESIDE_HELD_SCOPE, "待核实", "不在本人的网格"},
    {FROM_BESIDE, QM_BESIDE_HELD_MOVED, "待核实", "住户已转到别的网格"},
    {FROM_BESIDE, QM_BESIDE_DECIDED_OUT, "不计入", "办公室核实后不计入"},
    {FROM_BESIDE, QM_BESIDE_VOIDED, "作废", "本人作废，留痕"},
    {FROM_BESIDE, QM_BESIDE_MERGED, "并户", "重复的户已合并"},
    {FROM_COUNTER, QM_C_AWAY, "在外户", "平时不住家里，另列"},
    {FROM_COUNTER, QM_C_VACANT, "空房", "没有人住"},
    {FROM_COUNTER, QM_C_GONE, "已搬走、查无此户", "核对名册后不再应访"},
    {FROM_COUNTER, QM_C_RESIDENTS_UNKNOWN_AGE, "年龄不明", "没有出生日期，不计入16—60周岁"},
    {FROM_BESIDE, QM_BESIDE_ROSTER_NEW, "名册新增", "上期以来新列入名册"},
    {FROM_BESIDE, QM_BESIDE_ROSTER_GONE, "名册减少", "上期以来从名册移出"},
    {FROM_BESIDE, QM_BESIDE_ROSTER_CHANGED, "名册变更", "状态或所在网格有变"},
    {FROM_CORRECTION, 0, "更正", NULL},
};

struct corrected {
    struct qm_view_figure was, is;
    int rank_was, rank_is;
};
/* false: the division stands as it stood, or was not in the corrected bulletin. */
static bool corrected(const struct qm_bulletin_doc *d, const struct qm_bulletin_row *r,
                      struct corrected *out)
{
    const struct qm_bulletin_row *before = qm_annex_row_before(d, r->rank.code);
    if (before == NULL)
        return false;
    qm_view_figure(d->replaces, before, QM_COVER_VISITED, &out->was);
    qm_view_figure(d, r, QM_COVER_VISITED, &out->is);
    out->rank_was = before->rank.rank;
    out->rank_is = r->rank.rank;
    return out->was.cell.num != out->is.cell.num || out->was.cell.den != out->is.cell.den ||
           out->rank_was != out->rank_is;
}

static bool left_out_count(const struct qm_bulletin_doc *d, const struct qm_bulletin_row *r,
                           size_t item, int64_t *n);

/* Of the whole scope: how many divisions it is about, where it is not a sum of theirs. */
static bool left_out_divisions(const struct qm_bulletin_doc *d, size_t item, int64_t *n)
{
    int64_t one;
    *n = 0;
    for (size_t i = 0; i < d->rows_n; i++)
        *n += left_out_count(d, &d->rows[i], item, &one);
    return *n > 0;
}

static bool left_out_count(const struct qm_bulletin_doc *d, const struct qm_bulletin_row *r,
                           size_t item, int64_t *n)
{
    bool by_division = left_out[item].from == FROM_RANK || left_out[item].from == FROM_CORRECTION;
    if (by_division && r == &d->totals)
        return left_out_divisions(d, item, n);
    struct corrected c;
    int place = left_out[item].place;
    *n = 0;
    switch (left_out[item].from) {
    case FROM_BESIDE:
        *n = r->beside[place];
        return *n != 0;
    case FROM_COUNTER:
        *n = r->rank.v[place];
        return *n != 0;
    case FROM_RANK:
        *n = 1;
        return (int)r->rank.out == place;
    case FROM_CORRECTION:
        if (!corrected(d, r, &c))
            return false;
        *n = c.is.cell.num - c.was.cell.num;
        return true;
    }
    return false;
}

static void make_left_out_item(const struct qm_cell_source *s, struct qm_cell *out)
{
    qm_annex_text(out, left_out[s->item].item);
}

static void make_left_out_count(const struct qm_cell_source *s, struct qm_cell *out)
{
    out->kind = QM_CELL_INT;
    left_out_count(s->d, s->r, s->item, &out->a);
}

static void make_left_out_why(const struct qm_cell_source *s, struct qm_cell *out)
{
    struct corrected c;
    if (left_out[s->item].from != FROM_CORRECTION) {
        qm_annex_text(out, left_out[s->item].why);
    } else if (s->r == &s->d->totals) {
        qm_annex_text(out, "与原通报不同，见更正前后对照");
    } else if (corrected(s->d, s->r, &c)) {
        snprintf(out->own, sizeof out->own,
                 "原应访%lld户、入户%lld户、名次%d，现应访%lld户、入户%lld户、名次%d",
                 (long long)c.was.cell.den, (long long)c.was.cell.num, c.rank_was,
                 (long long)c.is.cell.den, (long long)c.is.cell.num, c.rank_is);
        qm_annex_text(out, out->own);
    }
}

static const struct qm_table_column left_out_columns[] = {
    {NULL, qm_annex_name, 40, -1, true, false},
    {"项目", make_left_out_item, 32, -1, true, false},
    {"数量", make_left_out_count, 16, -1, false, false},
    {"原因", make_left_out_why, 68, -1, true, false},
};

/* For paper: one row for each reason; the divisions' own numbers are in the workbook. */
static const struct qm_table_column left_out_sum_columns[] = {
    {"项目", make_left_out_item, 40, -1, true, false},
    {"数量", make_left_out_count, 16, -1, false, false},
    {"原因", make_left_out_why, 84, -1, true, false},
};

static qm_err open_left_out_sum(struct qm_table *t)
{
    const struct qm_bulletin_doc *d = t->d;
    t->sheet = "未计入与更正";
    t->title = "未计入与更正";
    qm_annex_columns(t, left_out_sum_columns, COUNT_OF(left_out_sum_columns), false);
    t->items = calloc(COUNT_OF(left_out), sizeof *t->items);
    if (t->items == NULL)
        return QM_E_NOMEM;
    int64_t n;
    for (size_t k = 0; k < COUNT_OF(left_out); k++) {
        if (left_out_count(d, &d->totals, k, &n))
            t->items[t->rows_n++] = (struct qm_table_item){d->rows_n, k};
    }
    return QM_OK;
}

static qm_err open_left_out(struct qm_table *t, bool codes)
{
    const struct qm_bulletin_doc *d = t->d;
    t->sheet = "未计入与更正";
    t->title = "未计入与更正";
    qm_annex_columns(t, left_out_columns, COUNT_OF(left_out_columns), codes);
    t->items = calloc(d->rows_n * COUNT_OF(left_out) + 1, sizeof *t->items);
    if (t->items == NULL)
        return QM_E_NOMEM;
    int64_t n;
    for (size_t i = 0; i < d->rows_n; i++) {
        for (size_t k = 0; k < COUNT_OF(left_out); k++) {
            if (left_out_count(d, &d->rows[i], k, &n))
                t->items[t->rows_n++] = (struct qm_table_item){i, k};
        }
    }
    return QM_OK;
}

qm_err qm_annex_open(struct qm_table *t, bool codes)
{
    qm_err err;
    switch (t->annex) {
    case QM_ANNEX_CASES:
        err = open_cases(t);
        break;
    case QM_ANNEX_UNITS:
        err = open_units(t);
        break;
    case QM_ANNEX_LEFT_OUT:
        err = open_left_out(t, codes);
        break;
    case QM_ANNEX_LEFT_OUT_SUM:
        err = open_left_out_sum(t);
        break;
    case QM_ANNEX_CORRECTION:
        err = qm_annex_correction_open(t, codes);
        break;
    default:
        err = QM_E_INVALID;
    }
    if (err != QM_OK)
        qm_table_free(t);
    return err;
}
