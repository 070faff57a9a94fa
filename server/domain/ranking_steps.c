/* ranking_steps.c - see ranking_steps.h.  Happy path and failure modes: as there. */
#include "domain/ranking_steps.h"

#include <stdlib.h>
#include <string.h>

enum { LOW_SCORE = 60000000, LAST_PLACES = 3 };

/* ---- conditions ---- */

static bool figure_above_0(const struct qm_rule *rule, const struct qm_rank_row *row,
                           const char *name)
{
    for (size_t i = 0; i < rule->metrics_n; i++) {
        if (rule->metrics[i].imported && strcmp(rule->metrics[i].name, name) == 0)
            return row->m[i].num > 0;
    }
    return false;
}

static bool last_in(const struct qm_rule *rule, size_t metric, const struct qm_rank_row *rows,
                    size_t n, const struct qm_rank_row *row)
{
    bool somebody_better = false;
    int64_t own = row->m[metric].num;
    for (size_t i = 0; i < n; i++) {
        int64_t other = rows[i].m[metric].num;
        if (other == own || rows[i].out != QM_RANK_IN)
            continue;
        bool better = rule->metrics[metric].lower ? other < own : other > own;
        if (!better)
            return false;
        somebody_better = true;
    }
    return somebody_better;
}

static bool worst(const struct qm_rule *rule, const struct qm_rank_row *rows, size_t n,
                  const struct qm_rank_row *row)
{
    bool any = false;
    if (row->out != QM_RANK_IN)
        return false;
    for (size_t i = 0; i < rule->metrics_n; i++) {
        if (!rule->metrics[i].ranked || !rule->metrics[i].imported)
            continue;
        if (!last_in(rule, i, rows, n, row))
            return false;
        any = true;
    }
    return any;
}

static bool low(const struct qm_rule *rule, const struct qm_rank_row *rows, size_t n,
                const struct qm_rank_row *row)
{
    int behind = 0;
    if (!rule->weights || row->out != QM_RANK_IN || row->score >= LOW_SCORE)
        return false;
    for (size_t i = 0; i < n; i++)
        behind += rows[i].rank > row->rank;
    return behind < LAST_PLACES;
}

static bool holds(const struct qm_rule *rule, enum qm_rule_when when,
                  const struct qm_rank_row *rows, size_t n, const struct qm_rank_row *row)
{
    switch (when) {
    case QM_WHEN_WORST:
        return worst(rule, rows, n, row);
    case QM_WHEN_CASE:
        return figure_above_0(rule, row, "cases");
    case QM_WHEN_LOW:
        return low(rule, rows, n, row);
    case QM_WHEN_FALSE:
        return figure_above_0(rule, row, "false_records");
    }
    return false;
}

/* ---- one ranking after another ---- */

int qm_steps_history(const struct qm_rule *rule)
{
    int most = 1;
    for (size_t i = 0; i < rule->steps_n; i++)
        most = rule->steps[i].times > most ? rule->steps[i].times : most;
    return most - 1;
}

qm_err qm_steps_begin(struct qm_steps *s, const struct qm_rule *rule,
                      const struct qm_rank_row *rows, size_t n)
{
    *s = (struct qm_steps){.rule = rule, .rows = rows, .n = n, .bulletins = 1};
    s->holds = calloc(rule->steps_n * n + 1, sizeof *s->holds);
    if (s->holds == NULL)
        return QM_E_NOMEM;
    for (size_t k = 0; k < rule->steps_n; k++) {
        for (size_t i = 0; i < n; i++)
            s->holds[k * n + i] = holds(rule, rule->steps[k].when, rows, n, &rows[i]);
    }
    return QM_OK;
}

static const struct qm_rank_row *row_of(const struct qm_rank_row *rows, size_t n, const char *code)
{
    for (size_t i = 0; i < n; i++) {
        if (strcmp(rows[i].code, code) == 0)
            return &rows[i];
    }
    return NULL;
}

void qm_steps_earlier(struct qm_steps *s, const struct qm_rule *rule,
                      const struct qm_rank_row *rows, size_t n)
{
    for (size_t k = 0; k < s->rule->steps_n; k++) {
        const struct qm_rule_step *step = &s->rule->steps[k];
        for (size_t i = 0; step->times > s->bulletins && i < s->n; i++) {
            bool *x = &s->holds[k * s->n + i];
            if (!*x)
                continue;
            const struct qm_rank_row *then = row_of(rows, n, s->rows[i].code);
            *x = then != NULL && holds(rule, step->when, rows, n, then);
        }
    }
    s->bulletins++;
}

void qm_steps_end(struct qm_steps *s)
{
    for (size_t k = 0; k < s->rule->steps_n; k++) {
        if (s->rule->steps[k].times > s->bulletins)
            memset(&s->holds[k * s->n], 0, s->n * sizeof *s->holds);
    }
}

bool qm_steps_proposed(const struct qm_steps *s, size_t step, size_t row)
{
    return s->holds[step * s->n + row];
}

void qm_steps_free(struct qm_steps *s)
{
    free(s->holds);
    s->holds = NULL;
}
