/* bulletin_wording.c - see bulletin_wording.h.
 * Happy path: copy the text up to a brace, look the name up in two tables, append its value.
 * Failure: a name that is in no table is a fault when checked and stays as it is when filled.
 */
#include "edge/bulletin_wording.h"

#include <string.h>

#include "edge/bulletin_view.h"

static const struct {
    const char *name;
    bool line;    /* one line */
    bool figures; /* may hold numbers of the ranking: never what the public sees */
    bool results; /* says how far things are: counts only as placeholders */
} sections[QM_WORDING_COUNT_] = {
    [QM_WORDING_HEAD] = {"head", true, false, false},
    [QM_WORDING_SERIES] = {"series", true, false, false},
    [QM_WORDING_TITLE] = {"title", true, false, false},
    [QM_WORDING_ADDRESSEE] = {"addressee", true, false, false},
    [QM_WORDING_OPENING] = {"opening", false, true, true},
    [QM_WORDING_OVERALL] = {"overall", false, true, true},
    [QM_WORDING_PROGRESS] = {"progress", false, true, true},
    [QM_WORDING_CASES] = {"cases", false, true, false},
    [QM_WORDING_PRAISE] = {"praise", false, true, false},
    [QM_WORDING_CHECKS] = {"checks", false, true, false},
    [QM_WORDING_NEXT] = {"next", false, true, false},
    [QM_WORDING_SIGN] = {"sign", true, false, false},
    [QM_WORDING_COPIES] = {"copies", true, false, false},
    [QM_WORDING_OFFICE] = {"office", true, false, false},
    [QM_WORDING_CONTACT] = {"contact", true, false, false},
};

const char *qm_wording_name(enum qm_wording w)
{
    return w >= 0 && w < QM_WORDING_COUNT_ ? sections[w].name : NULL;
}

qm_err qm_wording_read(const char *name, enum qm_wording *out)
{
    for (int w = 0; w < QM_WORDING_COUNT_; w++) {
        if (strcmp(name, sections[w].name) == 0) {
            *out = (enum qm_wording)w;
            return QM_OK;
        }
    }
    return QM_E_NOT_FOUND;
}

/* ---- values that may stand everywhere ---- */

typedef void (*value_fn)(const struct qm_bulletin_doc *d, struct qm_buf *out);

static void value_period(const struct qm_bulletin_doc *d, struct qm_buf *out)
{
    char word[QM_VIEW_WORD_MAX_BYTES];
    qm_view_period(d, word);
    qm_buf_puts(out, word);
}

static void value_this_period(const struct qm_bulletin_doc *d, struct qm_buf *out)
{
    qm_buf_printf(out, "本%s", qm_view_span_word(d));
}

static void value_scope(const struct qm_bulletin_doc *d, struct qm_buf *out)
{
    qm_buf_puts(out, qm_view_text(d->scope_name));
}

static void value_county(const struct qm_bulletin_doc *d, struct qm_buf *out)
{
    qm_buf_puts(out, qm_view_text(d->county_name));
}

static void value_closed(const struct qm_bulletin_doc *d, struct qm_buf *out)
{
    char word[QM_VIEW_WORD_MAX_BYTES];
    qm_view_hour(d->frozen_ms, word);
    qm_buf_puts(out, word[0] != '\0' ? word : "—");
}

static void value_basis(const struct qm_bulletin_doc *d, struct qm_buf *out)
{
    char word[QM_VIEW_WORD_MAX_BYTES];
    qm_view_basis(d, word);
    qm_buf_puts(out, word);
}

static void day_or_dash(int32_t day, struct qm_buf *out)
{
    char word[QM_VIEW_WORD_MAX_BYTES];
    qm_view_day(day, false, word);
    qm_buf_puts(out, word[0] != '\0' ? word : "—");
}

static void value_first_day(const struct qm_bulletin_doc *d, struct qm_buf *out)
{
    day_or_dash(d->span.first_day, out);
}

static void value_last_day(const struct qm_bulletin_doc *d, struct qm_buf *out)
{
    day_or_dash(d->span.last_day, out);
}

/* ---- values of the ranking ---- */

static void number(int64_t n, struct qm_buf *out)
{
    qm_buf_printf(out, "%lld", (long long)n);
}

static void value_due(const struct qm_bulletin_doc *d, struct qm_buf *out)
{
    struct qm_view_figure f;
    qm_view_figure(d, &d->totals, QM_COVER_VISITED, &f);
    number(f.cell.den, out);
}

static void value_away_reached(const struct qm_bulletin_doc *d, struct qm_buf *out)
{
    number(d->totals.rank.v[QM_C_AWAY_REACHED], out);
}

static void value_population(const struct qm_bulletin_doc *d, struct qm_buf *out)
{
    number(d->totals.rank.v[QM_C_POPULATION], out);
}

static void value_visits(const struct qm_bulletin_doc *d, struct qm_buf *out)
{
    number(d->totals.rank.v[QM_C_VISITS], out);
}

static void value_gap(const struct qm_bulletin_doc *d, struct qm_buf *out)
{
    number(qm_view_gap(d, &d->totals), out);
}

static void value_target(const struct qm_bulletin_doc *d, struct qm_buf *out)
{
    char word[QM_VIEW_WORD_MAX_BYTES];
    qm_view_hundredths(d->totals.target, word);
    if (d->totals.target > 0)
        qm_buf_printf(out, "%s%%", word);
    else
        qm_buf_puts(out, "—");
}

static void value_target_day(const struct qm_bulletin_doc *d, struct qm_buf *out)
{
    day_or_dash(d->target_day, out);
}

/* A whole sentence, as it must be another one where there is nothing to forecast. */
static void value_forecast(const struct qm_bulletin_doc *d, struct qm_buf *out)
{
    if (d->totals.target <= 0)
        return;
    if (d->target_met) {
        qm_buf_puts(out, "已达到");
        value_target(d, out);
        qm_buf_puts(out, "的目标。");
        return;
    }
    if (!d->forecast_known) {
        qm_buf_puts(out, "数据太少，暂不预计目标完成日期。");
        return;
    }
    qm_buf_puts(out, "按目前进度，");
    if (d->forecast_day == 0) {
        qm_buf_puts(out, "预计达不到");
    } else {
        qm_buf_puts(out, "预计");
        day_or_dash(d->forecast_day, out);
        qm_buf_puts(out, "达到");
    }
    value_target(d, out);
    qm_buf_puts(out, "的目标。");
}

static void name_list(const struct qm_bulletin_doc *d, bool praised, struct qm_buf *out)
{
    bool any = false;
    for (size_t i = 0; i < d->rows_n; i++) {
        const struct qm_bulletin_row *r = &d->rows[i];
        if (praised ? !qm_view_commended(d, r) : !qm_view_criticised(d, r))
            continue;
        qm_buf_puts(out, any ? "、" : "");
        qm_view_plain(r->name, out);
        if (!praised)
            qm_buf_printf(out, "（还差%lld户）", (long long)qm_view_gap(d, r));
        any = true;
    }
    if (!any)
        qm_buf_puts(out, "—");
}

static void value_commended(const struct qm_bulletin_doc *d, struct qm_buf *out)
{
    name_list(d, true, out);
}

static void value_criticised(const struct qm_bulletin_doc *d, struct qm_buf *out)
{
    name_list(d, false, out);
}

static void value_decided(const struct qm_bulletin_doc *d, struct qm_buf *out)
{
    qm_view_decided(d, out);
}

static void value_left_out(const struct qm_bulletin_doc *d, struct qm_buf *out)
{
    int64_t n = 0;
    for (size_t i = 0; i < d->rows_n; i++)
        n += d->rows[i].rank.out != QM_RANK_IN;
    number(n, out);
}

static const struct {
    const char *name;
    bool figures;
    value_fn value;
} values[] = {
    {"period", false, value_period},
    {"this_period", false, value_this_period},
    {"scope", false, value_scope},
    {"county", false, value_county},
    {"closed", false, value_closed},
    {"basis", false, value_basis},
    {"first_day", false, value_first_day},
    {"last_day", false, value_last_day},
    {"due", true, value_due},
    {"away_reached", true, value_away_reached},
    {"population", true, value_population},
    {"visits", true, value_visits},
    {"gap", true, value_gap},
    {"target", true, value_target},
    {"target_day", true, value_target_day},
    {"forecast", true, value_forecast},
    {"commended", true, value_commended},
    {"criticised", true, value_criticised},
    {"decided", true, value_decided},
    {"left_out", true, value_left_out},
};

/* ---- values of a metric ---- */

enum part { PART_NUM, PART_DUE, PART_PERCENT, PART_CHANGE, PART_NEW, PART_LATE, PART_REFUSED };
static const char *const parts[] = {
    [PART_NUM] = "",
    [PART_DUE] = "_due",
    [PART_PERCENT] = "_percent",
    [PART_CHANGE] = "_change",
    [PART_NEW] = "_new",
    [PART_LATE] = "_late",
    [PART_REFUSED] = "_refused",
};

static bool same(const char *name, size_t len, const char *with)
{
    return strlen(with) == len && memcmp(name, with, len) == 0;
}

static bool metric_part(const char *name, size_t len, enum qm_cover *m, enum part *part)
{
    for (int i = 0; i < QM_COVER_COUNT_; i++) {
        const char *cover = qm_cover_name((enum qm_cover)i);
        size_t n = strlen(cover);
        if (len < n || memcmp(name, cover, n) != 0)
            continue;
        for (size_t k = 0; k < sizeof parts / sizeof parts[0]; k++) {
            if (same(name + n, len - n, parts[k])) {
                *m = (enum qm_cover)i;
                *part = (enum part)k;
                return true;
            }
        }
    }
    return false;
}

static void change_words(const struct qm_bulletin_doc *d, const struct qm_view_figure *f,
                         struct qm_buf *out)
{
    const char *span = qm_view_span_word(d);
    int32_t change = 0;
    char word[QM_VIEW_WORD_MAX_BYTES];
    if (!qm_view_change(f, &change)) {
        qm_buf_printf(out, "上%s没有可比数据", span);
    } else if (change == 0) {
        qm_buf_printf(out, "与上%s持平", span);
    } else {
        qm_view_hundredths(change < 0 ? -change : change, word);
        qm_buf_printf(out, "较上%s%s%s个百分点", span, change > 0 ? "提高" : "下降", word);
    }
}

static void value_metric(const struct qm_bulletin_doc *d, enum qm_cover m, enum part part,
                         struct qm_buf *out)
{
    struct qm_view_figure f;
    qm_view_figure(d, &d->totals, m, &f);
    bool of_rule_only = part == PART_NEW || part == PART_LATE;
    char word[QM_VIEW_WORD_MAX_BYTES];
    if (!qm_view_shown(d, m) || (of_rule_only && !f.of_rule)) {
        qm_buf_puts(out, "—");
    } else if (f.state == QM_FIGURE_FAILED) {
        qm_buf_puts(out, "统计出错");
    } else if (part == PART_CHANGE) {
        change_words(d, &f, out);
    } else if (part == PART_PERCENT && f.state != QM_FIGURE_OK) {
        qm_buf_puts(out, "—");
    } else if (part == PART_PERCENT) {
        qm_view_hundredths(f.percent, word);
        qm_buf_printf(out, "%s%%", word);
    } else {
        number(part == PART_NUM    ? f.cell.num
               : part == PART_DUE  ? f.cell.den
               : part == PART_NEW  ? f.cell.fresh
               : part == PART_LATE ? f.cell.late
                                   : f.cell.refused,
               out);
    }
}

/* ---- checking and filling ---- */

static size_t value_index(const char *name, size_t len)
{
    size_t i = 0;
    while (i < sizeof values / sizeof values[0] && !same(name, len, values[i].name))
        i++;
    return i;
}

static bool in_values(size_t i)
{
    return i < sizeof values / sizeof values[0];
}

static void check_name(enum qm_wording w, const char *name, size_t len, struct qm_faults *faults)
{
    enum qm_cover m;
    enum part part;
    size_t i = value_index(name, len);
    bool figures = in_values(i) ? values[i].figures : true;
    int shown = len > 40 ? 40 : (int)len;
    if (!in_values(i) && !metric_part(name, len, &m, &part))
        qm_fault_add(faults, 0, sections[w].name, "there is no placeholder {%.*s}", shown, name);
    else if (figures && !sections[w].figures)
        qm_fault_add(faults, 0, sections[w].name,
                     "{%.*s} may not stand here: the section is shown to the public", shown, name);
}

static bool check_characters(enum qm_wording w, const char *text, size_t len,
                             struct qm_faults *faults)
{
    size_t max = sections[w].line ? QM_WORDING_LINE_MAX_BYTES : QM_WORDING_MAX_BYTES;
    if (len > max) {
        qm_fault_add(faults, 0, sections[w].name, "longer than %zu bytes", max);
        return false;
    }
    if (!qm_utf8_ok(text, len)) {
        qm_fault_add(faults, 0, sections[w].name, "not UTF-8 text");
        return false;
    }
    for (size_t i = 0; i < len; i++) {
        unsigned char c = (unsigned char)text[i];
        if (c == '\n' && !sections[w].line)
            continue;
        if (c < 0x20 || c == 0x7F) {
            qm_fault_add(faults, 0, sections[w].name,
                         sections[w].line ? "a line break or control character"
                                          : "a control character");
            return false;
        }
    }
    return true;
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* A count or percentage that somebody typed, in a section that states results. */
static void check_numbers(enum qm_wording w, const char *text, size_t len, struct qm_faults *faults)
{
    static const char *const units[] = {"户", "%", "％", "个百分点"};
    for (size_t at = 0; at < len; at++) {
        size_t from = at;
        while (at < len && (is_digit(text[at]) || (at > from && text[at] == '.')))
            at++;
        while (at > from && at < len && text[at] == ' ')
            at++;
        for (size_t i = 0; at > from && i < sizeof units / sizeof units[0]; i++) {
            size_t n = strlen(units[i]);
            if (len - at >= n && memcmp(text + at, units[i], n) == 0)
                qm_fault_add(faults, 0, sections[w].name,
                             "a number was typed: write {visited}, {visited_percent} and so on, "
                             "which the frozen numbers replace");
        }
    }
}

void qm_bulletin_wording_check(enum qm_wording w, const char *text, size_t len,
                               struct qm_faults *faults)
{
    if (!check_characters(w, text, len, faults))
        return;
    if (sections[w].results)
        check_numbers(w, text, len, faults);
    const char *end = text + len;
    const char *at = text;
    while (at < end && (at = memchr(at, '{', (size_t)(end - at))) != NULL) {
        if (at + 1 < end && at[1] == '{') {
            at += 2;
            continue;
        }
        const char *close = memchr(at, '}', (size_t)(end - at));
        if (close == NULL) {
            qm_fault_add(faults, 0, sections[w].name,
                         "a brace is opened and not closed: write {{ for a brace");
            return;
        }
        check_name(w, at + 1, (size_t)(close - at - 1), faults);
        at = close + 1;
    }
}

static bool fill_name(const struct qm_bulletin_doc *d, enum qm_wording w, const char *name,
                      size_t len, struct qm_buf *out)
{
    enum qm_cover m;
    enum part part;
    size_t i = value_index(name, len);
    if (in_values(i) && (sections[w].figures || !values[i].figures))
        values[i].value(d, out);
    else if (sections[w].figures && metric_part(name, len, &m, &part))
        value_metric(d, m, part, out);
    else
        return false;
    return true;
}

static qm_err fill(const struct qm_bulletin_doc *d, enum qm_wording w, const char *text,
                   struct qm_buf *out)
{
    const char *at = text;
    for (;;) {
        const char *open = strchr(at, '{');
        if (open == NULL)
            return qm_buf_puts(out, at);
        qm_buf_add(out, at, (size_t)(open - at));
        const char *close = strchr(open, '}');
        if (open[1] == '{') {
            qm_buf_puts(out, "{");
            at = open + 2;
        } else if (close != NULL && fill_name(d, w, open + 1, (size_t)(close - open - 1), out)) {
            at = close + 1;
        } else {
            qm_buf_puts(out, "{");
            at = open + 1;
        }
    }
}

qm_err qm_bulletin_wording_fill(const struct qm_bulletin_doc *d, enum qm_wording w,
                                struct qm_buf *out)
{
    if (d->nomem)
        return QM_E_NOMEM;
    if (d->wording[w] != NULL)
        return fill(d, w, d->wording[w], out);
    struct qm_buf sample;
    qm_buf_init(&sample, QM_WORDING_MAX_BYTES);
    qm_err err = qm_bulletin_wording_default(d, w, &sample);
    if (err == QM_OK && sample.len > 0)
        err = fill(d, w, (const char *)sample.p, out);
    qm_buf_free(&sample);
    return err;
}
