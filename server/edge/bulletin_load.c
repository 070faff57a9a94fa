/* bulletin_load.c - see bulletin_load.h.
 *
 * Happy path: a list of steps, each a statement and what takes its rows; a step that this bulletin
 * does not need is passed over.
 * Failure: the first one ends the reading.
 */
#include "edge/bulletin_load.h"

#include <stdlib.h>
#include <string.h>

#include "domain/coverage_pace.h"
#include "edge/bulletin_extras.h"
#include "edge/bulletin_wording.h"
#include "edge/rule.h"
#include "edge/settings.h"

enum { PLACES = QM_C_COUNT_ - 1, CELL_NUMBERS = 8, EXTRAS_MAX_BYTES = 8 << 20 };
#define SILENT_MS INT64_C(259200000)

struct load {
    struct qm_edge *edge;
    struct qm_bulletin *b;
    struct qm_ranking_ask ask;
    bool preview, targets;
    size_t step;
    qm_bulletin_loaded done;
    void *ctx;
};

void qm_bulletin_free(struct qm_bulletin *b)
{
    if (b == NULL)
        return;
    qm_bulletin_doc_free(&b->doc);
    qm_buf_free(&b->signoffs);
    qm_buf_free(&b->proposals);
    qm_buf_free(&b->seals);
    qm_buf_free(&b->silent);
    free(b);
}

/* ---- the head ---- */

enum head_column {
    H_DRAFT,
    H_SCOPE,
    H_SCOPE_NAME,
    H_COUNTY_NAME,
    H_KIND,
    H_PERIOD,
    H_STATE,
    H_REPLACES,
    H_REPLACES_DRAFT,
    H_REPLACED_BY,
    H_BEFORE_DRAFT,
    H_BEFORE_PERIOD,
    H_FROM,
    H_TO,
    H_ROOT,
    H_TREE,
    H_DAY,
    H_ROSTER_IDX,
    H_ROSTER_SHA,
    H_BEFORE_ROSTER_SHA,
    H_RULE_SHA,
    H_RULE,
    H_IMPORTS_SHA,
    H_RESULT_SHA,
    H_PUBLIC_SHA,
    H_PREPARED_BY,
    H_PREPARED_MS,
    H_IDX,
    H_PUBLISHED_BY,
    H_PUBLISHED_MS,
    H_NUMBER,
    H_VKEY
};

static const char *kept(struct qm_bulletin_doc *d, const struct qm_pg_result *r, int row, int col)
{
    if (qm_pg_is_null(r, row, col))
        return "";
    const char *t = qm_pg_get_text(r, row, col);
    return qm_bulletin_doc_text(d, t, strlen(t));
}

static qm_err copy(const struct qm_pg_result *r, int col, void *out, size_t len)
{
    size_t n = 0;
    if (qm_pg_is_null(r, 0, col))
        return QM_OK;
    const uint8_t *v = qm_pg_get_bytes(r, 0, col, &n);
    if (n != len)
        return QM_E_CORRUPT;
    memcpy(out, v, len);
    return QM_OK;
}

static int64_t int_or(const struct qm_pg_result *r, int col, int64_t otherwise)
{
    return qm_pg_is_null(r, 0, col) ? otherwise : qm_pg_get_int(r, 0, col);
}

static void take_texts_of_head(struct qm_bulletin_doc *d, const struct qm_pg_result *r)
{
    d->scope_name = kept(d, r, 0, H_SCOPE_NAME);
    d->county_name = kept(d, r, 0, H_COUNTY_NAME);
    d->prepared_by = kept(d, r, 0, H_PREPARED_BY);
    d->published_by = kept(d, r, 0, H_PUBLISHED_BY);
    const char *vkey = qm_pg_is_null(r, 0, H_VKEY) ? "" : qm_pg_get_text(r, 0, H_VKEY);
    d->origin = qm_bulletin_doc_text(d, vkey, strcspn(vkey, "+"));
    d->totals.name = d->scope_name;
}

static qm_err take_numbers(struct qm_bulletin_doc *d, const struct qm_pg_result *r)
{
    const char *scope = qm_pg_get_text(r, 0, H_SCOPE), *period = qm_pg_get_text(r, 0, H_PERIOD);
    if (strlen(scope) >= sizeof d->scope || strlen(period) >= sizeof d->period ||
        qm_period_read(period, strlen(period), &d->span) != QM_OK)
        return QM_E_CORRUPT;
    memcpy(d->scope, scope, strlen(scope) + 1);
    memcpy(d->period, period, strlen(period) + 1);
    d->published = qm_pg_get_int(r, 0, H_STATE) == 1;
    d->number = (int)int_or(r, H_NUMBER, 0);
    d->from = qm_pg_get_int(r, 0, H_FROM);
    d->to = qm_pg_get_int(r, 0, H_TO);
    d->index = int_or(r, H_IDX, 0);
    d->roster_index = qm_pg_get_int(r, 0, H_ROSTER_IDX);
    d->replaced_by = int_or(r, H_REPLACED_BY, 0);
    d->frozen_ms = qm_pg_get_int(r, 0, H_PREPARED_MS);
    d->published_ms = int_or(r, H_PUBLISHED_MS, 0);
    return copy(r, H_ROOT, d->root.b, QM_HASH_BYTES);
}

/* The number is of the calendar year in which it was published. */
static void take_year(struct qm_bulletin_doc *d)
{
    char day[11];
    int64_t year = 0;
    if (d->published_ms == 0)
        return;
    qm_day_write(qm_day_of_ms(d->published_ms), day);
    (void)qm_dec_read(day, 4, 9999, &year);
    d->year = (int)year;
}

static qm_err take_head(struct load *l, struct qm_bulletin_doc *d, const struct qm_pg_result *r)
{
    size_t len = 0;
    if (qm_pg_rows(r) != 1)
        return QM_E_NOT_FOUND;
    qm_err err = take_numbers(d, r);
    const char *rule = (const char *)qm_pg_get_bytes(r, 0, H_RULE, &len);
    if (err == QM_OK && qm_rule_read(rule, len, &d->rule, NULL) != QM_OK)
        err = QM_E_CORRUPT;
    d->county = l->ask.county;
    d->host = qm_bulletin_doc_text(d, l->edge->host, strlen(l->edge->host));
    take_year(d);
    take_texts_of_head(d, r);
    return err;
}

static qm_err take_facts(struct qm_bulletin_facts *f, const struct qm_pg_result *r)
{
    const struct {
        int column;
        struct qm_hash *to;
    } hashes[] = {{H_ROSTER_SHA, &f->roster},
                  {H_RULE_SHA, &f->rule},
                  {H_IMPORTS_SHA, &f->imports},
                  {H_RESULT_SHA, &f->result},
                  {H_PUBLIC_SHA, &f->open}};
    qm_err err = copy(r, H_DRAFT, f->draft, QM_ID_BYTES);
    if (err == QM_OK)
        err = copy(r, H_REPLACES_DRAFT, f->replaces_draft, QM_ID_BYTES);
    for (size_t i = 0; err == QM_OK && i < sizeof hashes / sizeof *hashes; i++)
        err = copy(r, hashes[i].column, hashes[i].to->b, QM_HASH_BYTES);
    f->has_imports = !qm_pg_is_null(r, 0, H_IMPORTS_SHA);
    f->replaces = int_or(r, H_REPLACES, -1);
    const char *before =
        qm_pg_is_null(r, 0, H_BEFORE_PERIOD) ? "" : qm_pg_get_text(r, 0, H_BEFORE_PERIOD);
    if (strlen(before) >= sizeof f->before_period)
        return QM_E_CORRUPT;
    memcpy(f->before_period, before, strlen(before) + 1);
    return err;
}

static qm_err take_one(struct load *l, const struct qm_pg_result *r)
{
    struct qm_bulletin *b = l->b;
    qm_err err = take_head(l, &b->doc, r);
    if (err == QM_OK)
        err = take_facts(&b->is, r);
    if (err != QM_OK)
        return err;
    memcpy(l->ask.draft, b->is.draft, QM_ID_BYTES);
    memcpy(l->ask.period, b->doc.period, sizeof l->ask.period);
    l->ask.scope = b->doc.scope;
    l->ask.span = b->doc.span;
    l->ask.to = b->doc.to;
    l->ask.sha256 = b->is.imports;
    return QM_OK;
}

/* ---- rows ---- */

enum row_column { R_CODE, R_NAME, R_RANK, R_BEFORE, R_SCORE, R_OUT, R_M, R_V, R_BESIDE };

/* Bulletins that were frozen before lecturers were kept end with the names of enum qm_beside. */
static bool take_beside(struct qm_bulletin_row *x, const struct qm_pg_result *r, int row)
{
    int64_t v[QM_BESIDE_COUNT_ + 2] = {0};
    size_t n = qm_pg_get_ints(r, row, R_BESIDE, v, sizeof v / sizeof *v);
    memcpy(x->beside, v, sizeof x->beside);
    x->lecturers_needed = v[QM_BESIDE_COUNT_];
    x->lecturers = v[QM_BESIDE_COUNT_ + 1];
    return n == QM_BESIDE_COUNT_ || n == sizeof v / sizeof *v;
}

static qm_err take_row(struct qm_bulletin_doc *d, const struct qm_pg_result *r, int row)
{
    int64_t m[(size_t)CELL_NUMBERS * QM_RULE_METRICS_MAX];
    size_t n = CELL_NUMBERS * d->rule.metrics_n;
    struct qm_bulletin_row *x = &d->rows[row];
    struct qm_rank_row *rank = &x->rank;
    const char *code = qm_pg_get_text(r, row, R_CODE);
    if (strlen(code) >= sizeof rank->code || qm_pg_get_ints(r, row, R_M, m, n) != n ||
        qm_pg_get_ints(r, row, R_V, rank->v + 1, PLACES) != PLACES || !take_beside(x, r, row))
        return QM_E_CORRUPT;
    memcpy(rank->code, code, strlen(code) + 1);
    x->name = kept(d, r, row, R_NAME);
    rank->rank = (int)qm_pg_get_int(r, row, R_RANK);
    rank->before = (int)qm_pg_get_int(r, row, R_BEFORE);
    rank->score = qm_pg_get_int(r, row, R_SCORE);
    rank->out = (enum qm_rank_out)qm_pg_get_int(r, row, R_OUT);
    for (size_t i = 0; i < d->rule.metrics_n; i++) {
        const int64_t *v = m + CELL_NUMBERS * i;
        rank->m[i] = (struct qm_rank_cell){.num = v[0],
                                           .den = v[1],
                                           .fresh = v[2],
                                           .refused = v[3],
                                           .late = v[4],
                                           .carried = v[5],
                                           .num_before = v[6],
                                           .den_before = v[7]};
    }
    return QM_OK;
}

static qm_err take_rows_into(struct qm_bulletin_doc *d, const struct qm_pg_result *r)
{
    qm_err err = qm_bulletin_doc_rows(d, (size_t)qm_pg_rows(r));
    for (size_t i = 0; err == QM_OK && i < d->rows_n; i++)
        err = take_row(d, r, (int)i);
    if (err == QM_OK)
        qm_bulletin_doc_sum(d);
    return err;
}

static qm_err take_rows(struct load *l, const struct qm_pg_result *r)
{
    return take_rows_into(&l->b->doc, r);
}

/* ---- words, figures, sign-offs ---- */

static qm_err take_texts(struct load *l, const struct qm_pg_result *r)
{
    struct qm_bulletin_doc *d = &l->b->doc;
    for (int i = 0; i < qm_pg_rows(r); i++) {
        enum qm_wording w;
        if (qm_wording_read(qm_pg_get_text(r, i, 0), &w) == QM_OK)
            d->wording[w] = kept(d, r, i, 1);
    }
    return QM_OK;
}

static struct qm_bulletin_row *row_of(struct qm_bulletin_doc *d, const char *code)
{
    for (size_t i = 0; i < d->rows_n; i++) {
        if (strcmp(d->rows[i].rank.code, code) == 0)
            return &d->rows[i];
    }
    return NULL;
}

/* "<metric> <code> <value> <sha256>" LF */
static qm_err take_figure(struct qm_bulletin_doc *d, const char *line, size_t len,
                          struct qm_bulletin_figure *out)
{
    const char *end = line + len;
    const char *code = memchr(line, ' ', len);
    const char *value = code == NULL ? NULL : memchr(code + 1, ' ', (size_t)(end - code - 1));
    const char *sha = value == NULL ? NULL : memchr(value + 1, ' ', (size_t)(end - value - 1));
    if (sha == NULL || (size_t)(code - line) >= sizeof out->metric ||
        (size_t)(value - code - 1) >= sizeof out->code ||
        qm_dec_read(value + 1, (size_t)(sha - value - 1), QM_INT_MAX, &out->value) != QM_OK ||
        qm_hex_read(sha + 1, (size_t)(end - sha - 1), out->source.b, QM_HASH_BYTES) != QM_OK)
        return QM_E_CORRUPT;
    memcpy(out->metric, line, (size_t)(code - line));
    memcpy(out->code, code + 1, (size_t)(value - code - 1));
    const struct qm_bulletin_row *row = row_of(d, out->code);
    out->name = row == NULL ? "" : row->name;
    return QM_OK;
}

static int figure_order(const void *x, const void *y)
{
    const struct qm_bulletin_figure *a = x, *b = y;
    int order = strcmp(a->code, b->code);
    return order != 0 ? order : strcmp(a->metric, b->metric);
}

static qm_err take_imports(struct load *l, const struct qm_pg_result *r)
{
    struct qm_bulletin_doc *d = &l->b->doc;
    size_t len = 0, n = 0;
    if (qm_pg_rows(r) != 1)
        return QM_E_CORRUPT;
    const char *t = (const char *)qm_pg_get_bytes(r, 0, 0, &len);
    for (size_t i = 0; i < len; i++)
        n += t[i] == '\n';
    qm_err err = qm_bulletin_doc_figures(d, n);
    for (size_t i = 0; err == QM_OK && i < n; i++) {
        const char *lf = memchr(t, '\n', len);
        err = take_figure(d, t, (size_t)(lf - t), &d->figures[i]);
        len -= (size_t)(lf + 1 - t);
        t = lf + 1;
    }
    if (err == QM_OK)
        qsort(d->figures, n, sizeof *d->figures, figure_order);
    return err;
}

/* Columns: village, name, state (0 missing, 1 prepared, 2 confirmed, 3 late), ... */
static qm_err take_signoffs(struct load *l, const struct qm_pg_result *r)
{
    static const enum qm_doc_signoff states[] = {QM_SIGNOFF_MISSING, QM_SIGNOFF_MISSING,
                                                 QM_SIGNOFF_CONFIRMED, QM_SIGNOFF_LATE};
    for (int i = 0; i < qm_pg_rows(r); i++) {
        struct qm_bulletin_row *row = row_of(&l->b->doc, qm_pg_get_text(r, i, 0));
        int64_t state = qm_pg_get_int(r, i, 2);
        if (row != NULL && state >= 0 && state < 4)
            row->signoff = states[state];
    }
    return l->preview ? qm_signoffs_json(r, &l->b->signoffs) : QM_OK;
}

/* Of the metric `visited`, on the last day of the period. */
static void set_targets(struct qm_bulletin_doc *d, const struct qm_targets *all)
{
    int32_t day = d->span.last_day;
    const struct qm_target *t = qm_target_now(all, QM_COVER_VISITED, d->scope, day);
    d->totals.target = t == NULL ? 0 : t->threshold;
    d->target_day = t == NULL ? 0 : t->due_day;
    for (size_t i = 0; i < d->rows_n; i++) {
        t = qm_target_now(all, QM_COVER_VISITED, d->rows[i].rank.code, day);
        d->rows[i].target = t == NULL ? 0 : t->threshold;
    }
}

/* Along the line through the bulletin before and this one, as the boards do it. */
static void set_forecast(struct qm_bulletin *b, const struct qm_target *t)
{
    struct qm_bulletin_doc *d = &b->doc;
    struct qm_period before;
    struct qm_pace pace;
    size_t m = 0;
    while (m < d->rule.metrics_n &&
           (d->rule.metrics[m].imported || d->rule.metrics[m].cover != QM_COVER_VISITED))
        m++;
    if (t == NULL || m == d->rule.metrics_n)
        return;
    const struct qm_rank_cell *c = &d->totals.rank.m[m];
    d->target_met = c->den > 0 && qm_gap(c->num, c->den, t->threshold) == 0;
    if (qm_period_read(b->is.before_period, strlen(b->is.before_period), &before) != QM_OK)
        return;
    struct qm_figure f = {.state = c->den > 0 ? QM_FIGURE_OK : QM_FIGURE_EMPTY,
                          .num = c->num,
                          .num_evidenced = c->num,
                          .den = c->den,
                          .now = t,
                          .gap = qm_gap(c->num, c->den, t->threshold),
                          .met = d->target_met};
    struct qm_pace_past none = {0};
    struct qm_pace_past past = {.there = true,
                                .day = before.last_day,
                                .num = c->num_before,
                                .num_evidenced = c->num_before};
    qm_pace_compute(&f, d->span.last_day, &none, &past, &pace);
    d->forecast_known = pace.now.state == QM_PACE_OK || pace.now.state == QM_PACE_STANDS;
    d->forecast_day = pace.now.state == QM_PACE_OK ? pace.now.forecast_day : 0;
}

static qm_err take_targets(struct load *l, const struct qm_pg_result *r)
{
    struct qm_targets all = {0};
    size_t len = 0;
    if (qm_pg_rows(r) == 0)
        return QM_OK;
    const char *body = (const char *)qm_pg_get_bytes(r, 0, 0, &len);
    qm_err err = qm_targets_read(body, len, l->ask.county, &all, NULL);
    if (err == QM_OK) {
        struct qm_bulletin_doc *d = &l->b->doc;
        set_targets(d, &all);
        set_forecast(l->b, qm_target_now(&all, QM_COVER_VISITED, d->scope, d->span.last_day));
    }
    free(all.list);
    return err == QM_E_NOMEM ? err : QM_OK; /* targets of another schema hide no figure */
}

/* ---- what the preview has more ---- */

enum proposal_column { P_N, P_CODE, P_SUBJECT, P_WHEN, P_STEP, P_STATE, P_BY, P_AT };

/* What was accepted later belongs to no page that is published already. */
static bool is_decided(const struct qm_bulletin_doc *d, const struct qm_pg_result *r, int i)
{
    return qm_pg_get_int(r, i, P_STATE) == 1 &&
           (!d->published || qm_pg_get_int(r, i, P_AT) <= d->published_ms);
}

static qm_err take_decision(struct qm_bulletin_doc *d, const struct qm_pg_result *r, int i,
                            struct qm_bulletin_decision *out)
{
    const char *code = qm_pg_get_text(r, i, P_CODE), *step = qm_pg_get_text(r, i, P_STEP);
    const struct qm_bulletin_row *row = row_of(d, code);
    if (strlen(step) >= sizeof out->step)
        return QM_E_CORRUPT;
    memcpy(out->step, step, strlen(step) + 1);
    out->name = row == NULL ? kept(d, r, i, P_CODE) : row->name;
    out->police = strcmp(qm_pg_get_text(r, i, P_SUBJECT), "police") == 0;
    return QM_OK;
}

static qm_err take_proposals(struct load *l, const struct qm_pg_result *r)
{
    struct qm_bulletin_doc *d = &l->b->doc;
    int n = 0;
    for (int i = 0; i < qm_pg_rows(r); i++)
        n += is_decided(d, r, i);
    qm_err err = qm_bulletin_doc_decisions(d, (size_t)n);
    n = 0;
    for (int i = 0; err == QM_OK && i < qm_pg_rows(r); i++) {
        if (is_decided(d, r, i))
            err = take_decision(d, r, i, &d->decisions[n++]);
    }
    return err == QM_OK && l->preview ? qm_proposals_json(r, &l->b->proposals) : err;
}

static qm_err take_seals(struct load *l, const struct qm_pg_result *r)
{
    size_t len = 0;
    struct qm_bulletin_doc *d = &l->b->doc;
    const uint8_t *scan = qm_pg_rows(r) > 0 ? qm_pg_get_bytes(r, 0, 0, &len) : NULL;
    if (scan != NULL && len == QM_HASH_BYTES) { /* the newest comes first */
        memcpy(d->sealed_scan.b, scan, len);
        d->sealed_ms = qm_pg_get_int(r, 0, 2);
    }
    return qm_seals_json(r, &l->b->seals);
}

static qm_err take_silent(struct load *l, const struct qm_pg_result *r)
{
    return qm_silent_json(r, &l->b->silent);
}

/* ---- what a correction replaces ---- */

static qm_err take_replaced(struct load *l, const struct qm_pg_result *r)
{
    struct qm_bulletin_doc *d = calloc(1, sizeof *d);
    if (d == NULL)
        return QM_E_NOMEM;
    qm_bulletin_doc_init(d);
    l->b->doc.replaces = d;
    return take_head(l, d, r);
}

static qm_err take_replaced_rows(struct load *l, const struct qm_pg_result *r)
{
    return take_rows_into(l->b->doc.replaces, r);
}

/* ---- one after another ---- */

static bool always(const struct load *l)
{
    (void)l;
    return true;
}

static bool has_imports(const struct load *l)
{
    return l->b->is.has_imports;
}

static bool for_preview(const struct load *l)
{
    return l->preview;
}

static bool for_outputs(const struct load *l)
{
    return l->targets;
}

static bool is_correction(const struct load *l)
{
    return l->b->is.replaces >= 0;
}

static const struct step {
    enum qm_ranking_list list;
    bool of_replaced;
    bool (*wanted)(const struct load *l);
    qm_err (*take)(struct load *l, const struct qm_pg_result *r);
} steps[] = {
    {QM_RANKING_ONE, false, always, take_one},
    {QM_RANKING_ROWS, false, always, take_rows},
    {QM_RANKING_TEXTS, false, always, take_texts},
    {QM_RANKING_IMPORTS, false, has_imports, take_imports},
    {QM_RANKING_SIGNOFFS, false, always, take_signoffs},
    {QM_RANKING_TARGETS, false, for_outputs, take_targets},
    {QM_RANKING_PROPOSALS, false, always, take_proposals},
    {QM_RANKING_SEALS, false, always, take_seals},
    {QM_RANKING_SILENT, false, for_preview, take_silent},
    {QM_RANKING_ONE, true, is_correction, take_replaced},
    {QM_RANKING_ROWS, true, is_correction, take_replaced_rows},
};
enum { STEPS = sizeof steps / sizeof *steps };

static void load_end(struct load *l, qm_err err)
{
    if (err == QM_OK && l->b->doc.nomem)
        err = QM_E_NOMEM;
    if (err != QM_OK) {
        qm_bulletin_free(l->b);
        l->b = NULL;
    }
    l->done(l->ctx, err, l->b);
    free(l);
}

static void load_step(struct load *l);

static void on_rows(void *ctx, qm_err err, const struct qm_pg_result *r)
{
    struct load *l = ctx;
    if (err == QM_OK)
        err = steps[l->step].take(l, r);
    l->step++;
    if (err != QM_OK)
        load_end(l, err);
    else
        load_step(l);
}

static void load_step(struct load *l)
{
    while (l->step < STEPS && !steps[l->step].wanted(l))
        l->step++;
    if (l->step == STEPS) {
        load_end(l, QM_OK);
        return;
    }
    if (l->step > 0)
        l->ask.idx = -1; /* from now on by its draft id */
    if (steps[l->step].of_replaced)
        memcpy(l->ask.draft, l->b->is.replaces_draft, QM_ID_BYTES);
    qm_ranking_read(l->edge->ranking, steps[l->step].list, &l->ask, on_rows, l);
}

void qm_bulletin_load(struct qm_edge *edge, const struct qm_bulletin_wanted *wanted,
                      qm_bulletin_loaded done, void *ctx)
{
    struct load *l = calloc(1, sizeof *l);
    struct qm_bulletin *b = calloc(1, sizeof *b);
    if (l == NULL || b == NULL) {
        free(l);
        free(b);
        done(ctx, QM_E_NOMEM, NULL);
        return;
    }
    qm_bulletin_doc_init(&b->doc);
    qm_buf_init(&b->signoffs, EXTRAS_MAX_BYTES);
    qm_buf_init(&b->proposals, EXTRAS_MAX_BYTES);
    qm_buf_init(&b->seals, EXTRAS_MAX_BYTES);
    qm_buf_init(&b->silent, EXTRAS_MAX_BYTES);
    *l = (struct load){.edge = edge,
                       .b = b,
                       .preview = wanted->preview,
                       .targets = wanted->targets,
                       .done = done,
                       .ctx = ctx};
    l->ask.county = wanted->county;
    l->ask.idx = wanted->draft == NULL ? wanted->idx : -1;
    l->ask.since = wanted->now_ms - SILENT_MS;
    if (wanted->draft != NULL)
        memcpy(l->ask.draft, wanted->draft, QM_ID_BYTES);
    load_step(l);
}
