/* rank.c - floor 2, inside audit: divisions, their order, and the result's bytes; see rule.h.
 * Integers and exact fractions only: products are taken in 128 bits.
 * Failure: only that of the buffer which the result is written to.
 */
#include <stdlib.h>
#include <string.h>

#include "audit/rule.h"

enum { SCORE_UNIT = 1000000 };

/* ---- table ---- */

void qm_au_table_init(struct qm_au_table *t, const struct qm_au_rule *rule)
{
    *t = (struct qm_au_table){.rule = rule};
}

void qm_au_table_free(struct qm_au_table *t)
{
    for (size_t i = 0; i < t->n; i++)
        free(t->row[i]);
    free(t->row);
    free(t->slot);
    *t = (struct qm_au_table){.rule = NULL};
}

static size_t slot_of(const struct qm_au_table *t, int64_t code)
{
    size_t at = (size_t)((uint64_t)code * UINT64_C(0x9E3779B97F4A7C15) >> 24) & (t->slots - 1);
    while (t->slot[at] != 0 && t->row[t->slot[at] - 1]->code != code)
        at = (at + 1) & (t->slots - 1);
    return at;
}

/* Room for one more row, slots at most half full. */
static bool table_grow(struct qm_au_table *t)
{
    if ((t->n + 1) * 2 <= t->slots)
        return true;
    size_t n = t->slots == 0 ? 64 : t->slots * 2;
    struct qm_au_row **row = realloc(t->row, n / 2 * sizeof(struct qm_au_row *));
    if (row == NULL)
        return false;
    t->row = row;
    size_t *slot = calloc(n, sizeof *slot);
    if (slot == NULL)
        return false;
    free(t->slot);
    t->slot = slot;
    t->slots = n;
    for (size_t i = 0; i < t->n; i++)
        t->slot[slot_of(t, t->row[i]->code)] = i + 1;
    return true;
}

struct qm_au_row *qm_au_table_row(struct qm_au_table *t, int64_t code, bool make)
{
    size_t at = t->slots > 0 ? slot_of(t, code) : 0;
    if (t->slots > 0 && t->slot[at] != 0)
        return t->row[t->slot[at] - 1];
    if (!make || !table_grow(t))
        return NULL;
    struct qm_au_row *r = calloc(1, sizeof *r + t->rule->n * QM_AU_CELL * sizeof(int64_t));
    if (r == NULL)
        return NULL;
    r->code = code;
    t->row[t->n++] = r;
    t->slot[slot_of(t, code)] = t->n;
    return r;
}

/* ---- ranks ---- */

static const int64_t *cell_of(const struct qm_au_row *r, size_t metric)
{
    return &r->cell[metric * QM_AU_CELL];
}

static void judge_row(const struct qm_au_rule *rule, struct qm_au_row *r)
{
    r->empty = r->small = false;
    r->score = 0;
    for (size_t i = 0; i < rule->n; i++) {
        const struct qm_au_rule_metric *m = &rule->metric[i];
        const int64_t *c = cell_of(r, i);
        if (!m->ranked)
            continue;
        r->empty = r->empty || c[QM_AU_DEN] == 0;
        r->small = r->small || (m->cover >= 0 && c[QM_AU_DEN] < rule->minimum);
        if (rule->weights && c[QM_AU_DEN] > 0)
            r->score += (int64_t)((__int128)m->weight * SCORE_UNIT * c[QM_AU_NUM] / c[QM_AU_DEN]);
    }
}

static bool is_out(const struct qm_au_row *r)
{
    return r->empty || r->small;
}

/* Below 0: x stands before y; codes play no part. */
static int order_of(const struct qm_au_rule *rule, const struct qm_au_row *x,
                    const struct qm_au_row *y)
{
    if (rule->weights)
        return (x->score < y->score) - (x->score > y->score);
    for (size_t i = 0; i < rule->n; i++) {
        const struct qm_au_rule_metric *m = &rule->metric[i];
        if (!m->ranked)
            continue;
        const int64_t *p = cell_of(x, i), *q = cell_of(y, i);
        __int128 left = (__int128)p[QM_AU_NUM] * q[QM_AU_DEN];
        __int128 right = (__int128)q[QM_AU_NUM] * p[QM_AU_DEN];
        int higher = (left < right) - (left > right);
        if (higher != 0)
            return m->lower ? -higher : higher;
    }
    return 0;
}

static int row_order(const void *x, const void *y, void *rule)
{
    const struct qm_au_row *p = *(struct qm_au_row *const *)x;
    const struct qm_au_row *q = *(struct qm_au_row *const *)y;
    int c = is_out(p) - is_out(q);
    if (c == 0 && !is_out(p))
        c = order_of(rule, p, q);
    return c != 0 ? c : (p->code > q->code) - (p->code < q->code);
}

void qm_au_table_rank(struct qm_au_table *t)
{
    for (size_t i = 0; i < t->n; i++)
        judge_row(t->rule, t->row[i]);
    if (t->n > 0)
        qsort_r(t->row, t->n, sizeof(struct qm_au_row *), row_order, (void *)t->rule);
    for (size_t i = 0; i < t->n; i++) {
        struct qm_au_row *r = t->row[i];
        bool same = i > 0 && !is_out(r) && order_of(t->rule, t->row[i - 1], r) == 0;
        r->rank = is_out(r) ? 0 : same ? t->row[i - 1]->rank : (int)i + 1;
    }
    free(t->slot);
    t->slot = NULL;
    t->slots = 0;
}

/* ---- the result ---- */

static void write_metrics(const struct qm_au_rule *rule, bool open_only, struct qm_buf *out)
{
    const char *comma = "";
    qm_buf_puts(out, "\"metrics\":[");
    for (size_t i = 0; i < rule->n; i++) {
        if (open_only && !rule->metric[i].open)
            continue;
        qm_buf_printf(out, "%s\"%s\"", comma, rule->metric[i].name);
        comma = ",";
    }
    qm_buf_puts(out, "]");
}

static void write_row(const struct qm_au_rule *rule, const struct qm_au_row *r, bool open_only,
                      struct qm_buf *out)
{
    const char *comma = "";
    qm_buf_printf(out, "{\"rank\":%d,\"code\":\"%0*lld\",\"score\":%lld,\"m\":[", r->rank,
                  rule->digits, (long long)r->code, (long long)r->score);
    for (size_t i = 0; i < rule->n; i++) {
        const int64_t *c = cell_of(r, i);
        if (open_only && !rule->metric[i].open)
            continue;
        qm_buf_printf(out, "%s[%lld,%lld,%lld,%lld]", comma, (long long)c[QM_AU_NUM],
                      (long long)c[QM_AU_DEN], (long long)c[QM_AU_NEW],
                      (long long)c[QM_AU_REFUSED]);
        comma = ",";
    }
    qm_buf_printf(out, "],\"before\":%d}", r->before);
}

qm_err qm_au_result(const struct qm_au_table *t, const struct qm_au_head *h, bool open_only,
                    struct qm_buf *out)
{
    size_t i = 0;
    qm_buf_printf(out,
                  "{\"scope\":\"%s\",\"level\":\"%s\",\"period\":\"%s\",\"from\":%lld,"
                  "\"to\":%lld,",
                  h->scope, t->rule->level, h->period, (long long)h->from, (long long)h->to);
    write_metrics(t->rule, open_only, out);
    qm_buf_puts(out, ",\"rows\":[");
    for (; i < t->n && !is_out(t->row[i]); i++) {
        qm_buf_puts(out, i > 0 ? "," : "");
        write_row(t->rule, t->row[i], open_only, out);
    }
    qm_buf_puts(out, "],\"out\":[");
    for (size_t first = i; i < t->n; i++)
        qm_buf_printf(out, "%s{\"code\":\"%0*lld\",\"why\":\"%s\"}", i > first ? "," : "",
                      t->rule->digits, (long long)t->row[i]->code,
                      t->row[i]->empty ? "empty" : "small");
    return qm_buf_puts(out, "]}\n");
}
