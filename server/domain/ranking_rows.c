/* ranking_rows.c - floor 3: the rows of a ranking out of the snapshot; see ranking_freeze.h.
 *
 * Happy path: sums of the folds become cells, figures from elsewhere cells and the bytes of the
 * imports, ranks and figures of the bulletin before stand beside; then the ranking is computed and
 * the rule's steps look at it and at the rankings before it.
 * Failure: a figure that is missing: QM_E_CONFLICT, naming the first ones.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "domain/ranking_room.h"

enum { PLACES = QM_C_COUNT_ - 1, CELL_NUMBERS = 8 };
#define IMPORTS_MAX_BYTES (64U << 20)

/* ---- rows ---- */

static void fill_cell(const struct qm_rule *rule, const struct qm_rule_metric *m,
                      const struct qm_division *x, struct qm_rank_cell *out)
{
    size_t fold = 2 * (size_t)m->cover + rule->evidenced;
    struct qm_cover_places places = qm_cover_places(m->cover);
    *out = (struct qm_rank_cell){.num = x->a[fold],
                                 .den = x->v[places.den],
                                 .fresh = x->a[fold] - x->b[fold],
                                 .refused = x->v[places.refused],
                                 .late = x->l[fold] - x->b[fold],
                                 .carried = x->b[fold] - x->z[fold]};
}

/* The divisions with a line on the roster, by code. */
static qm_err rows_make(struct qm_freeze *f)
{
    f->rows = calloc(f->divisions.n + 1, sizeof *f->rows);
    if (f->rows == NULL)
        return QM_E_NOMEM;
    for (size_t i = 0; i < f->divisions.n; i++) {
        const struct qm_division *x = &f->divisions.list[i];
        if (x->lines == 0)
            continue;
        struct qm_rank_row *row = &f->rows[f->n++];
        memcpy(row->code, x->code, sizeof row->code);
        memcpy(row->v, x->v, sizeof row->v);
        for (size_t k = 0; k < f->rule.metrics_n; k++) {
            if (!f->rule.metrics[k].imported)
                fill_cell(&f->rule, &f->rule.metrics[k], x, &row->m[k]);
        }
    }
    return QM_OK;
}

static struct qm_rank_row *row_of(const struct qm_freeze *f, const char *code)
{
    size_t lo = 0, hi = f->n;
    while (lo < hi) {
        size_t mid = lo + (hi - lo) / 2;
        int order = strcmp(f->rows[mid].code, code);
        if (order == 0)
            return &f->rows[mid];
        if (order < 0)
            lo = mid + 1;
        else
            hi = mid;
    }
    return NULL;
}

static int metric_of(const struct qm_rule *rule, const char *name)
{
    for (size_t i = 0; i < rule->metrics_n; i++) {
        if (strcmp(rule->metrics[i].name, name) == 0)
            return (int)i;
    }
    return -1;
}

/* ---- figures from elsewhere ---- */

static qm_err ask_figures(struct qm_freeze_room *room, struct qm_pg_result **r)
{
    const struct qm_rule *rule = &room->f->rule;
    struct qm_pg_params *p = qm_freeze_params(room);
    qm_freeze_text(p, room->ask->scope);
    qm_freeze_text(p, room->ask->period);
    qm_pg_array_begin(p, QM_PG_TEXT);
    for (size_t i = 0; i < rule->metrics_n; i++) {
        if (rule->metrics[i].imported)
            qm_pg_array_bytes(p, rule->metrics[i].name, strlen(rule->metrics[i].name));
    }
    qm_pg_array_end(p);
    return qm_freeze_query(room, room->snapshot, "freeze_figures", p, r);
}

/* Columns: metric, code, value, source; sorted as the lines are. */
static qm_err take_figure(struct qm_freeze *f, const struct qm_pg_result *r, int row)
{
    const char *metric = qm_pg_get_text(r, row, 0);
    const char *code = qm_pg_get_text(r, row, 1);
    int64_t value = qm_pg_get_int(r, row, 2);
    size_t len = 0;
    const uint8_t *source = qm_pg_get_bytes(r, row, 3, &len);
    struct qm_rank_row *x = row_of(f, code);
    int at = metric_of(&f->rule, metric);
    char hex[QM_HEX_HASH_CHARS + 1];
    if (x == NULL)
        return QM_OK; /* of a division that is not on the roster */
    if (at < 0 || len != QM_HASH_BYTES)
        return QM_E_CORRUPT;
    x->m[at] = (struct qm_rank_cell){.num = value, .den = 1};
    qm_hex_write(source, len, hex);
    return qm_buf_printf(&f->imports, "%s %s %lld %.64s\n", metric, code, (long long)value, hex);
}

static qm_err check_figures(struct qm_freeze *f)
{
    size_t used = 0;
    for (size_t k = 0; k < f->rule.metrics_n; k++) {
        for (size_t i = 0; f->rule.metrics[k].imported && i < f->n; i++) {
            if (f->rows[i].m[k].den != 0)
                continue;
            int n = snprintf(f->what + used, sizeof f->what - used, "%s%s %s", used > 0 ? ", " : "",
                             f->rule.metrics[k].name, f->rows[i].code);
            f->why = QM_FREEZE_NO_FIGURES;
            used += n > 0 ? (size_t)n : 0;
            if (used > sizeof f->what - (size_t)2 * QM_CODE_MAX_BYTES)
                return QM_E_CONFLICT;
        }
    }
    return f->why == QM_FREEZE_OK ? QM_OK : QM_E_CONFLICT;
}

static qm_err figures(struct qm_freeze_room *room)
{
    struct qm_freeze *f = room->f;
    struct qm_pg_result *r = NULL;
    for (size_t i = 0; i < f->rule.metrics_n; i++)
        f->has_imports = f->has_imports || f->rule.metrics[i].imported;
    if (!f->has_imports)
        return QM_OK;
    qm_buf_init(&f->imports, IMPORTS_MAX_BYTES);
    qm_err err = ask_figures(room, &r);
    int n = err == QM_OK ? qm_pg_rows(r) : 0;
    for (int i = 0; err == QM_OK && i < n; i++)
        err = take_figure(f, r, i);
    qm_pgb_result_free(r);
    if (err == QM_OK)
        err = check_figures(f);
    qm_sha256(f->imports.p, f->imports.len, &f->imports_sha);
    return err;
}

/* ---- bulletins before ---- */

struct earlier {
    struct qm_rule rule;
    struct qm_rank_row *rows; /* by code */
    size_t n;
};

/* Columns: code, rank, score, out, m, v. */
static qm_err take_earlier(struct earlier *e, const struct qm_pg_result *r, int row)
{
    int64_t m[(size_t)CELL_NUMBERS * QM_RULE_METRICS_MAX];
    struct qm_rank_row *x = &e->rows[row];
    size_t n = (size_t)CELL_NUMBERS * e->rule.metrics_n;
    snprintf(x->code, sizeof x->code, "%s", qm_pg_get_text(r, row, 0));
    x->rank = (int)qm_pg_get_int(r, row, 1);
    x->score = qm_pg_get_int(r, row, 2);
    x->out = (enum qm_rank_out)qm_pg_get_int(r, row, 3);
    if (qm_pg_get_ints(r, row, 4, m, n) != n ||
        qm_pg_get_ints(r, row, 5, x->v + 1, PLACES) != PLACES)
        return QM_E_CORRUPT;
    for (size_t i = 0; i < e->rule.metrics_n; i++) {
        x->m[i].num = m[CELL_NUMBERS * i];
        x->m[i].den = m[CELL_NUMBERS * i + 1];
    }
    return QM_OK;
}

static qm_err read_earlier(struct qm_freeze_room *room, const uint8_t draft[QM_ID_BYTES],
                           struct earlier *e)
{
    struct qm_pg_params *p = qm_freeze_params(room);
    struct qm_pg_result *r = NULL;
    qm_pg_uuid(p, draft);
    qm_err err = qm_freeze_query(room, room->snapshot, "freeze_earlier", p, &r);
    e->n = err == QM_OK ? (size_t)qm_pg_rows(r) : 0;
    e->rows = calloc(e->n + 1, sizeof *e->rows);
    if (err == QM_OK && e->rows == NULL)
        err = QM_E_NOMEM;
    for (size_t i = 0; err == QM_OK && i < e->n; i++)
        err = take_earlier(e, r, (int)i);
    qm_pgb_result_free(r);
    return err;
}

/* Ranks are those of the bulletin before; figures of coverage come from its counters, so that a
 * rule with other metrics changes no comparison. */
static void stand_beside(struct qm_freeze *f, const struct earlier *e)
{
    for (size_t i = 0; i < e->n; i++) {
        const struct qm_rank_row *then = &e->rows[i];
        struct qm_rank_row *row = row_of(f, then->code);
        for (size_t k = 0; row != NULL && k < f->rule.metrics_n; k++) {
            const struct qm_rule_metric *m = &f->rule.metrics[k];
            struct qm_cover_places places = qm_cover_places(m->cover);
            int at = m->imported ? metric_of(&e->rule, m->name) : -1;
            row->m[k].num_before = m->imported         ? (at < 0 ? 0 : then->m[at].num)
                                   : f->rule.evidenced ? then->v[places.evidenced]
                                                       : then->v[places.num];
            row->m[k].den_before =
                m->imported ? (at < 0 ? 0 : then->m[at].den) : then->v[places.den];
        }
        if (row != NULL)
            row->before = then->rank;
    }
}

static qm_err ask_chain(struct qm_freeze_room *room, int limit, struct qm_pg_result **r)
{
    struct qm_pg_params *p = qm_freeze_params(room);
    qm_freeze_text(p, room->ask->scope);
    qm_pg_int2(p, (int)room->ask->span.kind);
    qm_pg_int8(p, room->f->to);
    qm_pg_int4(p, limit);
    return qm_freeze_query(room, room->snapshot, "freeze_chain", p, r);
}

/* Does this period end on the day before the other one begins? */
static bool follows(struct qm_period *later, const char *period)
{
    struct qm_period p;
    if (qm_period_read(period, strlen(period), &p) != QM_OK || p.last_day + 1 != later->first_day)
        return false;
    *later = p;
    return true;
}

static qm_err one_earlier(struct qm_freeze_room *room, const struct qm_pg_result *chain, int row,
                          struct earlier *e)
{
    size_t len = 0, rule_len = 0;
    const uint8_t *draft = qm_pg_get_bytes(chain, row, 0, &len);
    const uint8_t *rule = qm_pg_get_bytes(chain, row, 2, &rule_len);
    if (len != QM_ID_BYTES || room->ask->rule_read((const char *)rule, rule_len, &e->rule) != QM_OK)
        return QM_E_CORRUPT;
    return read_earlier(room, draft, e);
}

/* ---- the whole ---- */

/* Looks at the chain once: the newest stands beside, as many as the steps need are held against
 * them. The ranking is computed in between, because a step looks at ranks. */
static qm_err judge(struct qm_freeze_room *room, struct qm_pg_result *chain)
{
    struct qm_freeze *f = room->f;
    struct qm_period later = room->ask->span;
    bool running = true;
    int n = qm_pg_rows(chain);
    qm_err err = QM_OK;
    for (int i = 0; err == QM_OK && i < (n > 0 ? n : 1); i++) {
        struct earlier e = {0};
        if (i < n)
            err = one_earlier(room, chain, i, &e);
        if (err == QM_OK && i == 0) {
            stand_beside(f, &e);
            err = qm_ranking_compute(&f->rule, f->rows, f->n);
            if (err == QM_OK)
                err = qm_steps_begin(&f->steps, &f->rule, f->rows, f->n);
        }
        running = running && i < n && follows(&later, qm_pg_get_text(chain, i, 1));
        if (err == QM_OK && running)
            qm_steps_earlier(&f->steps, &e.rule, e.rows, e.n);
        free(e.rows);
    }
    if (err == QM_OK)
        qm_steps_end(&f->steps);
    return err;
}

qm_err qm_freeze_rows(struct qm_freeze_room *room)
{
    struct qm_freeze *f = room->f;
    struct qm_pg_result *chain = NULL;
    int history = qm_steps_history(&f->rule);
    qm_err err = qm_freeze_sums(room);
    if (err == QM_OK)
        err = rows_make(f);
    if (err == QM_OK)
        err = figures(room);
    if (err == QM_OK)
        err = ask_chain(room, history > 0 ? history : 1, &chain);
    if (err == QM_OK)
        err = judge(room, chain);
    qm_pgb_result_free(chain);
    return err == QM_E_INVALID ? QM_E_CORRUPT : err;
}
