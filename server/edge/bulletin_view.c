/* bulletin_view.c - see bulletin_view.h.
 * Happy path: find the rule's cell of a metric, else let coverage.h read the counters.
 * Failure: numbers that cannot be right give QM_FIGURE_FAILED, never a percentage.
 */
#include "edge/bulletin_view.h"

#include <stdio.h>
#include <string.h>

#include "edge/link.h"

/* No county has so many people; the same bound as that of the counters. */
#define COUNT_MAX INT64_C(100000000000000)

const char *qm_view_text(const char *t)
{
    return t == NULL ? "" : t;
}

/* ---- figures ---- */

static int place_in_rule(const struct qm_rule *rule, enum qm_cover m)
{
    for (size_t i = 0; i < rule->metrics_n; i++) {
        if (!rule->metrics[i].imported && rule->metrics[i].cover == m)
            return (int)i;
    }
    return -1;
}

static enum qm_figure_state state_of(const struct qm_rank_cell *c)
{
    if (c->num < 0 || c->den < 0 || c->num > c->den || c->den > COUNT_MAX || c->refused < 0)
        return QM_FIGURE_FAILED;
    return c->den == 0 ? QM_FIGURE_EMPTY : QM_FIGURE_OK;
}

static void figure_of_counters(const struct qm_bulletin_doc *d, const struct qm_bulletin_row *row,
                               enum qm_cover m, struct qm_view_figure *out)
{
    struct qm_coverage_row counters = {.counted = true, .places = QM_C_COUNT_ - 1};
    memcpy(counters.v, row->rank.v, sizeof counters.v);
    struct qm_figure f;
    qm_figure_compute(&counters, m, NULL, &f);
    out->state = f.state;
    out->cell.num = d->rule.evidenced ? f.num_evidenced : f.num;
    out->cell.den = f.den;
    out->cell.refused = f.refused;
}

void qm_view_figure(const struct qm_bulletin_doc *d, const struct qm_bulletin_row *row,
                    enum qm_cover m, struct qm_view_figure *out)
{
    memset(out, 0, sizeof *out);
    int place = place_in_rule(&d->rule, m);
    if (place >= 0) {
        out->of_rule = true;
        out->cell = row->rank.m[place];
        out->state = state_of(&out->cell);
    } else {
        figure_of_counters(d, row, m, out);
    }
    if (out->state == QM_FIGURE_OK)
        out->percent = qm_percent(out->cell.num, out->cell.den);
}

bool qm_view_change(const struct qm_view_figure *f, int32_t *out)
{
    const struct qm_rank_cell *c = &f->cell;
    if (!f->of_rule || f->state != QM_FIGURE_OK || c->den_before <= 0 || c->num_before < 0 ||
        c->num_before > c->den_before || c->den_before > COUNT_MAX)
        return false;
    *out = f->percent - qm_percent(c->num_before, c->den_before);
    return true;
}

bool qm_view_shown(const struct qm_bulletin_doc *d, enum qm_cover m)
{
    int place = place_in_rule(&d->rule, m);
    return place >= 0 ? d->rule.metrics[place].office : m < QM_COVER_APP;
}

int64_t qm_view_gap(const struct qm_bulletin_doc *d, const struct qm_bulletin_row *row)
{
    struct qm_view_figure f;
    qm_view_figure(d, row, QM_COVER_VISITED, &f);
    if (f.state != QM_FIGURE_OK)
        return 0;
    return qm_gap(f.cell.num, f.cell.den, row->target > 0 ? row->target : 10000);
}

/* ---- proposals ---- */

static bool did_something(const struct qm_bulletin_doc *d, const struct qm_bulletin_row *row)
{
    if (d->rule.weights)
        return row->rank.score > 0;
    for (size_t i = 0; i < d->rule.metrics_n; i++) {
        if (d->rule.metrics[i].ranked && (d->rule.metrics[i].lower || row->rank.m[i].num > 0))
            return true;
    }
    return false;
}

/* How many of those who are ranked stand behind this one. */
static size_t behind(const struct qm_bulletin_doc *d, const struct qm_bulletin_row *row)
{
    size_t n = 0;
    for (size_t i = 0; i < d->rows_n; i++)
        n += d->rows[i].rank.rank > row->rank.rank;
    return n;
}

bool qm_view_commended(const struct qm_bulletin_doc *d, const struct qm_bulletin_row *row)
{
    return row->rank.rank > 0 && row->rank.rank <= d->rule.commended && did_something(d, row) &&
           behind(d, row) > 0;
}

bool qm_view_criticised(const struct qm_bulletin_doc *d, const struct qm_bulletin_row *row)
{
    if (row->rank.rank <= 0 || qm_view_commended(d, row))
        return false;
    /* The first of all is behind nobody, also where all are equal. */
    return behind(d, row) < (size_t)d->rule.criticised && row->rank.rank > 1;
}

/* ---- words ---- */

static int number_at(const char *t, size_t digits)
{
    int n = 0;
    for (size_t i = 0; i < digits; i++)
        n = n * 10 + (t[i] - '0');
    return n;
}

static void parts_of_day(int32_t day, int *y, int *m, int *dom)
{
    char t[11]; /* "yyyy-mm-dd" */
    qm_day_write(day, t);
    *y = number_at(t, 4);
    *m = number_at(t + 5, 2);
    *dom = number_at(t + 8, 2);
}

void qm_view_day(int32_t day, bool year, char out[QM_VIEW_WORD_MAX_BYTES])
{
    out[0] = '\0';
    if (day == 0)
        return;
    int y, m, dom;
    parts_of_day(day, &y, &m, &dom);
    if (year)
        snprintf(out, QM_VIEW_WORD_MAX_BYTES, "%d年%d月%d日", y, m, dom);
    else
        snprintf(out, QM_VIEW_WORD_MAX_BYTES, "%d月%d日", m, dom);
}

void qm_view_hour(int64_t unix_ms, char out[QM_VIEW_WORD_MAX_BYTES])
{
    out[0] = '\0';
    if (unix_ms <= 0)
        return;
    int y, m, dom;
    parts_of_day(qm_day_of_ms(unix_ms), &y, &m, &dom);
    int minutes = (int)((unix_ms / 60000 + 480) % 1440);
    if (minutes % 60 == 0)
        snprintf(out, QM_VIEW_WORD_MAX_BYTES, "%d月%d日%d时", m, dom, minutes / 60);
    else
        snprintf(out, QM_VIEW_WORD_MAX_BYTES, "%d月%d日%d时%d分", m, dom, minutes / 60,
                 minutes % 60);
}

void qm_view_issue_day(const struct qm_bulletin_doc *d, char out[QM_VIEW_WORD_MAX_BYTES])
{
    if (d->published && d->published_ms > 0)
        qm_view_day(qm_day_of_ms(d->published_ms), true, out);
    else
        snprintf(out, QM_VIEW_WORD_MAX_BYTES, "　　年　月　日");
}

void qm_view_number(const struct qm_bulletin_doc *d, char out[QM_VIEW_WORD_MAX_BYTES])
{
    int year = d->year, month, dom;
    if (year == 0)
        parts_of_day(d->span.last_day, &year, &month, &dom);
    if (d->number > 0)
        snprintf(out, QM_VIEW_WORD_MAX_BYTES, "〔%d〕第%d期", year, d->number);
    else
        snprintf(out, QM_VIEW_WORD_MAX_BYTES, "〔%d〕第　期", year);
}

void qm_view_period(const struct qm_bulletin_doc *d, char out[QM_VIEW_WORD_MAX_BYTES])
{
    int y, m, dom;
    parts_of_day(d->span.last_day, &y, &m, &dom);
    const size_t max = QM_VIEW_WORD_MAX_BYTES;
    switch (d->span.kind) {
    case QM_PERIOD_WEEK:
        /* The ISO year of a week is not always that of its last day. */
        snprintf(out, max, "%d年第%d周", number_at(d->period, 4), number_at(d->period + 6, 2));
        break;
    case QM_PERIOD_MONTH:
        snprintf(out, max, "%d年%d月", y, m);
        break;
    case QM_PERIOD_QUARTER:
        snprintf(out, max, "%d年第%d季度", y, (m + 2) / 3);
        break;
    case QM_PERIOD_HALF:
        snprintf(out, max, "%d年%s半年", y, m > 6 ? "下" : "上");
        break;
    case QM_PERIOD_YEAR:
        snprintf(out, max, "%d年", y);
        break;
    default:
        snprintf(out, max, "%s", d->period);
    }
}

const char *qm_view_span_word(const struct qm_bulletin_doc *d)
{
    switch (d->span.kind) {
    case QM_PERIOD_MONTH:
        return "月";
    case QM_PERIOD_QUARTER:
        return "季度";
    case QM_PERIOD_HALF:
        return "半年";
    case QM_PERIOD_YEAR:
        return "年";
    default:
        return "周";
    }
}

void qm_view_basis(const struct qm_bulletin_doc *d, char out[QM_VIEW_WORD_MAX_BYTES])
{
    bool door = place_in_rule(&d->rule, QM_COVER_VISITED) >= 0;
    bool reach = place_in_rule(&d->rule, QM_COVER_REACHED) >= 0;
    snprintf(out, QM_VIEW_WORD_MAX_BYTES, "%s%s", reach && !door ? "到户口径" : "入户口径",
             d->rule.evidenced ? "，有佐证" : "");
}

const char *qm_view_division_word(const struct qm_bulletin_doc *d)
{
    switch (d->rule.level) {
    case QM_LEVEL_GRID:
        return "网格";
    case QM_LEVEL_TOWNSHIP:
        return "乡镇(街道)";
    default:
        return "村(居)";
    }
}

const char *qm_view_metric_word(enum qm_cover m)
{
    static const char *const words[QM_COVER_COUNT_] = {
        [QM_COVER_VISITED] = "入户",
        [QM_COVER_REACHED] = "到户",
        [QM_COVER_NOTICE_DELIVERED] = "告知书送达",
        [QM_COVER_NOTICE_SIGNED] = "告知书签收",
        [QM_COVER_PLEDGE] = "承诺书签订",
        [QM_COVER_APP] = "反诈App安装",
        [QM_COVER_APP_REAL_NAME] = "App实名",
        [QM_COVER_APP_CALL_ALERT] = "来电预警",
        [QM_COVER_APP_SMS_ALERT] = "短信预警",
        [QM_COVER_APP_ALL] = "预警全开",
    };
    return words[m];
}

const char *qm_bulletin_figure_word(const char *metric)
{
    static const struct {
        const char *name, *word;
    } known[] = {
        {"cases", "本期发案"},          {"cases_month", "本月发案"},
        {"cases_year", "今年发案"},     {"cases_last_year", "去年同期发案"},
        {"loss_cents", "损失"},         {"population", "人口"},
        {"dissuade_due", "应上门劝阻"}, {"dissuade_done", "已上门劝阻"},
        {"return_due", "应劝返"},       {"return_done", "已劝返"},
    };
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        if (strcmp(metric, known[i].name) == 0)
            return known[i].word;
    }
    return NULL;
}

static const char *rule_metric_word(const struct qm_rule_metric *m)
{
    if (!m->imported)
        return qm_view_metric_word(m->cover);
    const char *word = qm_bulletin_figure_word(m->name);
    return word != NULL ? word : m->name;
}

qm_err qm_view_rule(const struct qm_bulletin_doc *d, struct qm_buf *out)
{
    const struct qm_rule *rule = &d->rule;
    qm_buf_puts(out, rule->weights ? "名次按加权得分排列：" : "名次依次比较：");
    const char *between = "";
    for (size_t i = 0; i < rule->metrics_n; i++) {
        const struct qm_rule_metric *m = &rule->metrics[i];
        if (!m->ranked)
            continue;
        qm_buf_printf(out, "%s%s%s", between, rule_metric_word(m), m->imported ? "" : "率");
        if (rule->weights)
            qm_buf_printf(out, "占%d%%", m->weight);
        else if (m->lower)
            qm_buf_puts(out, "（少者在前）");
        between = "、";
    }
    if (rule->minimum > 0)
        qm_buf_printf(out, "；基数不足%lld的不排名", (long long)rule->minimum);
    return qm_buf_puts(out, "；相同者名次并列。");
}

/* ---- numbers ---- */

void qm_view_hundredths(int64_t hundredths, char out[QM_VIEW_WORD_MAX_BYTES])
{
    uint64_t size = hundredths < 0 ? 0 - (uint64_t)hundredths : (uint64_t)hundredths;
    snprintf(out, QM_VIEW_WORD_MAX_BYTES, "%s%llu.%02llu", hundredths < 0 ? "-" : "",
             (unsigned long long)(size / 100), (unsigned long long)(size % 100));
}

void qm_view_root(const struct qm_bulletin_doc *d, char out[QM_B64_HASH_CHARS + 1])
{
    qm_b64_write(d->root.b, sizeof d->root.b, out);
}

void qm_view_url(const struct qm_bulletin_doc *d, char out[QM_VIEW_URL_MAX_BYTES])
{
    out[0] = '\0';
    if (d->published)
        snprintf(out, QM_VIEW_URL_MAX_BYTES, "%s%s/b/%06d/%lld",
                 qm_link_scheme(qm_view_text(d->host)), qm_view_text(d->host), d->county,
                 (long long)d->index);
}

/* ---- plain text ---- */

/* Bytes of a mark at t that turns the direction of writing: U+061C, U+200E, U+200F, U+202A to
 * U+202E, U+2066 to U+2069; 0 if there is none. */
static size_t direction_mark(const unsigned char *t)
{
    if (t[0] == 0xD8 && t[1] == 0x9C)
        return 2;
    if (t[0] != 0xE2)
        return 0;
    if (t[1] == 0x80 && (t[2] == 0x8E || t[2] == 0x8F || (t[2] >= 0xAA && t[2] <= 0xAE)))
        return 3;
    return t[1] == 0x81 && t[2] >= 0xA6 && t[2] <= 0xA9 ? 3 : 0;
}

/* U+FFFE and U+FFFF may not stand in XML, which would make a whole picture unreadable. */
static size_t no_character(const unsigned char *t)
{
    return t[0] == 0xEF && t[1] == 0xBF && t[2] >= 0xBE ? 3 : 0;
}

qm_err qm_view_plain(const char *t, struct qm_buf *out)
{
    const unsigned char *p = (const unsigned char *)qm_view_text(t);
    while (*p != '\0') {
        size_t left_out = direction_mark(p) + no_character(p);
        if (left_out > 0) {
            p += left_out;
            continue;
        }
        qm_buf_add(out, *p < 0x20 || *p == 0x7F ? (const unsigned char *)" " : p, 1);
        p++;
    }
    return out->err;
}

bool qm_view_sealed(const struct qm_bulletin_doc *d, char out[QM_VIEW_SEALED_MAX_BYTES])
{
    char day[QM_VIEW_WORD_MAX_BYTES];
    char hex[QM_HEX_HASH_CHARS + 1];
    if (!d->published || d->sealed_ms == 0)
        return false;
    qm_view_day(qm_day_of_ms(d->sealed_ms), true, day);
    qm_hex_write(d->sealed_scan.b, QM_HASH_BYTES, hex);
    hex[QM_HEX_HASH_CHARS] = '\0';
    snprintf(out, QM_VIEW_SEALED_MAX_BYTES, "%s，扫描件校验码 %s", day, hex);
    return true;
}
