/* ranking.c - floor 3: the ranking of a bulletin; see ranking.h.
 *
 * Happy path: who is left out and why, the score of each, one order for all (ranked by value and
 * code, then those left out by code), ranks along that order.
 * Failure modes: as in ranking.h; rows are then as they came, but for score and out.
 */
#include "domain/ranking.h"

#include <stdlib.h>
#include <string.h>

#define POINTS INT64_C(1000000)
__extension__ typedef __int128 wide;

size_t qm_rule_level_digits(enum qm_rule_level level)
{
    static const size_t digits[] = {15, 12, 9};
    return digits[level];
}

const char *qm_rule_level_name(enum qm_rule_level level)
{
    static const char *const names[] = {"grid", "village", "township"};
    return names[level];
}

const char *qm_rule_subject_name(enum qm_rule_subject subject)
{
    static const char *const names[] = {"village", "unit", "police"};
    return names[subject];
}

const char *qm_rule_when_name(enum qm_rule_when when)
{
    static const char *const names[] = {"worst", "case", "low", "false"};
    return names[when];
}

const char *qm_rank_out_name(enum qm_rank_out out)
{
    static const char *const names[] = {"", "empty", "small"};
    return names[out];
}

/* ---- one row ---- */

static bool cell_possible(const struct qm_rule_metric *m, const struct qm_rank_cell *x)
{
    if (x->num < 0 || x->den < 0)
        return false;
    return m->imported ? x->den == 1 : x->num <= x->den;
}

static enum qm_rank_out row_out(const struct qm_rule *rule, const struct qm_rank_row *row)
{
    bool small = false;
    for (size_t i = 0; i < rule->metrics_n; i++) {
        const struct qm_rule_metric *m = &rule->metrics[i];
        if (!m->ranked || m->imported)
            continue;
        if (row->m[i].den == 0)
            return QM_RANK_EMPTY;
        small = small || row->m[i].den < rule->minimum;
    }
    return small ? QM_RANK_SMALL : QM_RANK_IN;
}

static int64_t row_score(const struct qm_rule *rule, const struct qm_rank_row *row)
{
    int64_t score = 0;
    for (size_t i = 0; i < rule->metrics_n; i++) {
        const struct qm_rank_cell *x = &row->m[i];
        if (rule->metrics[i].ranked)
            score += (int64_t)((wide)rule->metrics[i].weight * POINTS * x->num / x->den);
    }
    return score;
}

static qm_err row_judge(const struct qm_rule *rule, struct qm_rank_row *row)
{
    for (size_t i = 0; i < rule->metrics_n; i++) {
        if (!cell_possible(&rule->metrics[i], &row->m[i]))
            return QM_E_INVALID;
    }
    row->rank = 0;
    row->out = row_out(rule, row);
    row->score = rule->weights && row->out == QM_RANK_IN ? row_score(rule, row) : 0;
    return QM_OK;
}

/* ---- order ---- */

/* Negative: a stands before b. */
static int cell_order(const struct qm_rank_cell *a, const struct qm_rank_cell *b, bool lower)
{
    wide left = (wide)a->num * b->den;
    wide right = (wide)b->num * a->den;
    int higher_first = (left < right) - (left > right);
    return lower ? -higher_first : higher_first;
}

static int value_order(const struct qm_rule *rule, const struct qm_rank_row *a,
                       const struct qm_rank_row *b)
{
    if (rule->weights)
        return (a->score < b->score) - (a->score > b->score);
    int order = 0;
    for (size_t i = 0; order == 0 && i < rule->metrics_n; i++) {
        const struct qm_rule_metric *m = &rule->metrics[i];
        if (m->ranked)
            order = cell_order(&a->m[i], &b->m[i], m->lower);
    }
    return order;
}

struct order {
    const struct qm_rule *rule;
};

static int row_order(const void *x, const void *y, void *ctx)
{
    const struct qm_rank_row *a = *(const struct qm_rank_row *const *)x;
    const struct qm_rank_row *b = *(const struct qm_rank_row *const *)y;
    const struct order *by = ctx;
    bool a_in = a->out == QM_RANK_IN, b_in = b->out == QM_RANK_IN;
    int order = b_in - a_in;
    if (order == 0 && a_in)
        order = value_order(by->rule, a, b);
    return order != 0 ? order : strcmp(a->code, b->code);
}

/* Rows are large: their places are sorted, then each row moves once. */
static qm_err rows_sort(const struct qm_rule *rule, struct qm_rank_row *rows, size_t n)
{
    struct qm_rank_row **at = calloc(n, sizeof(struct qm_rank_row *));
    struct qm_rank_row *sorted = calloc(n, sizeof *sorted);
    struct order order = {rule};
    qm_err err = at != NULL && sorted != NULL ? QM_OK : QM_E_NOMEM;
    if (err == QM_OK) {
        for (size_t i = 0; i < n; i++)
            at[i] = &rows[i];
        qsort_r(at, n, sizeof(struct qm_rank_row *), row_order, &order);
        for (size_t i = 0; i < n; i++)
            sorted[i] = *at[i];
        memcpy(rows, sorted, n * sizeof *rows);
    }
    free(at);
    free(sorted);
    return err;
}

qm_err qm_ranking_compute(const struct qm_rule *rule, struct qm_rank_row *rows, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        qm_err err = row_judge(rule, &rows[i]);
        if (err != QM_OK)
            return err;
    }
    if (n == 0)
        return QM_OK;
    qm_err err = rows_sort(rule, rows, n);
    for (size_t i = 0; err == QM_OK && i < n && rows[i].out == QM_RANK_IN; i++) {
        bool tied = i > 0 && value_order(rule, &rows[i - 1], &rows[i]) == 0;
        rows[i].rank = tied ? rows[i - 1].rank : (int)i + 1;
    }
    return err;
}

/* ---- bytes ---- */

static bool shown(const struct qm_rule *rule, size_t metric, bool public_only)
{
    return !public_only || rule->metrics[metric].open;
}

static void write_metrics(const struct qm_rule *rule, bool public_only, struct qm_buf *out)
{
    const char *comma = "";
    for (size_t i = 0; i < rule->metrics_n; i++) {
        if (!shown(rule, i, public_only))
            continue;
        qm_buf_printf(out, "%s\"%s\"", comma, rule->metrics[i].name);
        comma = ",";
    }
}

static void write_row(const struct qm_rule *rule, const struct qm_rank_row *row, bool public_only,
                      struct qm_buf *out)
{
    const char *comma = "";
    qm_buf_printf(out, "{\"rank\":%d,\"code\":\"%s\",\"score\":%lld,\"m\":[", row->rank, row->code,
                  (long long)row->score);
    for (size_t i = 0; i < rule->metrics_n; i++) {
        const struct qm_rank_cell *x = &row->m[i];
        if (!shown(rule, i, public_only))
            continue;
        qm_buf_printf(out, "%s[%lld,%lld,%lld,%lld]", comma, (long long)x->num, (long long)x->den,
                      (long long)x->fresh, (long long)x->refused);
        comma = ",";
    }
    qm_buf_printf(out, "],\"before\":%d}", row->before);
}

qm_err qm_ranking_result_write(const struct qm_rule *rule, const struct qm_ranking_head *head,
                               const struct qm_rank_row *rows, size_t n, bool public_only,
                               struct qm_buf *out)
{
    size_t i = 0;
    qm_buf_printf(out,
                  "{\"scope\":\"%s\",\"level\":\"%s\",\"period\":\"%s\",\"from\":%lld,\"to\":%lld,"
                  "\"metrics\":[",
                  head->scope, qm_rule_level_name(rule->level), head->period, (long long)head->from,
                  (long long)head->to);
    write_metrics(rule, public_only, out);
    qm_buf_puts(out, "],\"rows\":[");
    for (; i < n && rows[i].out == QM_RANK_IN; i++) {
        qm_buf_puts(out, i > 0 ? "," : "");
        write_row(rule, &rows[i], public_only, out);
    }
    qm_buf_puts(out, "],\"out\":[");
    for (size_t first = i; i < n; i++)
        qm_buf_printf(out, "%s{\"code\":\"%s\",\"why\":\"%s\"}", i > first ? "," : "", rows[i].code,
                      qm_rank_out_name(rows[i].out));
    return qm_buf_puts(out, "]}\n");
}
