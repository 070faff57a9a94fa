/* ranking_commit.c - floor 3: one freeze at a time, from the pool into one commit; see
 * ranking_store.h.
 *
 *   a thread of its own: qm_freeze_run -> guard of the log -> freeze_commit -> callback
 *
 * Failure: a commit that was not sent, or whose outcome nobody knows, is sent again under the same
 * draft id: the database then says that it is there.
 */
#include "domain/ranking_commit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "domain/answer.h"
#include "domain/tlog.h"

enum { TRIES_MAX = 3, PLACES = QM_C_COUNT_ - 1, UNHEARD_MS = 1800000 };

struct qm_ranking {
    struct qm_ranking_room room;
};

struct qm_ranking_room *qm_ranking_room(struct qm_ranking *k)
{
    return &k->room;
}

qm_err qm_ranking_new(const struct qm_ranking_config *cfg, struct qm_ranking **out)
{
    struct qm_ranking *k = calloc(1, sizeof *k);
    if (k == NULL)
        return QM_E_NOMEM;
    k->room.cfg = *cfg;
    atomic_init(&k->room.cancel, false);
    *out = k;
    return QM_OK;
}

void qm_ranking_stop(struct qm_ranking *k)
{
    atomic_store(&k->room.cancel, true);
}

void qm_ranking_free(struct qm_ranking *k)
{
    free(k);
}

/* ---- one freeze ---- */

struct job {
    struct qm_ranking_room *room;
    struct qm_freeze_ask ask;
    struct qm_freeze f;
    qm_err err;
    char by[QM_ACCOUNT_MAX_BYTES + 1];
    int64_t now_ms;
    uint8_t draft[QM_ID_BYTES];
    int tries;
};

static void job_free(struct job *j)
{
    if (j != NULL)
        qm_pg_statements_release(j->ask.statements);
    free(j);
}

static void job_end(struct job *j, qm_err err, enum qm_ranking_status status)
{
    struct qm_ranking_room *room = j->room;
    struct qm_frozen_ask asked = room->freezing;
    room->freezing = (struct qm_frozen_ask){0};
    bool heard = qm_freeze_tell(&room->waiters, err, &j->f, status, j->draft);
    if (err == QM_OK && !heard) {
        room->unheard = asked;
        room->unheard_ms = j->now_ms;
        memcpy(room->unheard_draft, j->draft, QM_ID_BYTES);
    }
    qm_freeze_free(&j->f);
    job_free(j);
}

/* ---- parameters of qm.freeze_commit ---- */

static void text(struct qm_pg_params *p, const char *t)
{
    qm_pg_text(p, t, strlen(t));
}

static void hash(struct qm_pg_params *p, const struct qm_hash *h)
{
    qm_pg_bytea(p, h->b, QM_HASH_BYTES);
}

static void head_params(struct qm_pg_params *p, const struct job *j)
{
    const struct qm_freeze *f = &j->f;
    qm_pg_int4(p, j->ask.county);
    text(p, j->by);
    qm_pg_int8(p, j->now_ms);
    qm_pg_uuid(p, j->draft);
    text(p, j->ask.scope);
    text(p, j->ask.period);
    qm_pg_int2(p, (int)j->ask.span.kind);
    if (j->ask.replaces < 0)
        qm_pg_null(p, QM_PG_INT8);
    else
        qm_pg_int8(p, j->ask.replaces);
    if (f->has_before)
        qm_pg_uuid(p, f->before);
    else
        qm_pg_null(p, QM_PG_UUID);
    qm_pg_int8(p, f->from);
    qm_pg_int8(p, f->to);
    hash(p, &f->root);
    qm_pg_int8(p, f->from_rev);
    qm_pg_int8(p, f->to_rev);
    qm_pg_int4(p, f->tree);
    qm_pg_date(p, j->ask.span.last_day);
}

static void object_params(struct qm_pg_params *p, const struct qm_freeze *f)
{
    hash(p, &f->roster_sha);
    qm_pg_int4(p, f->roster_parts);
    qm_pg_int8(p, f->roster_bytes);
    hash(p, &f->rule_sha);
    if (f->has_imports)
        hash(p, &f->imports_sha);
    else
        qm_pg_null(p, QM_PG_BYTEA);
    hash(p, &f->result_sha);
    hash(p, &f->public_sha);
    if (f->has_imports)
        qm_pg_bytea(p, f->imports.p, f->imports.len);
    else
        qm_pg_null(p, QM_PG_BYTEA);
    qm_pg_bytea(p, f->result.p, f->result.len);
    qm_pg_bytea(p, f->open.p, f->open.len);
}

static void add_code(struct qm_pg_params *p, const struct qm_freeze *f, size_t i)
{
    qm_pg_array_bytes(p, f->rows[i].code, strlen(f->rows[i].code));
}

static void add_rank(struct qm_pg_params *p, const struct qm_freeze *f, size_t i)
{
    qm_pg_array_int(p, f->rows[i].rank);
}

static void add_before(struct qm_pg_params *p, const struct qm_freeze *f, size_t i)
{
    qm_pg_array_int(p, f->rows[i].before);
}

static void add_score(struct qm_pg_params *p, const struct qm_freeze *f, size_t i)
{
    qm_pg_array_int(p, f->rows[i].score);
}

static void add_out(struct qm_pg_params *p, const struct qm_freeze *f, size_t i)
{
    qm_pg_array_int(p, (int64_t)f->rows[i].out);
}

/* Eight numbers a metric, in the order of struct qm_rank_cell. */
static void add_cells(struct qm_pg_params *p, const struct qm_freeze *f, size_t i)
{
    for (size_t k = 0; k < f->rule.metrics_n; k++) {
        const struct qm_rank_cell *x = &f->rows[i].m[k];
        const int64_t v[] = {x->num,  x->den,     x->fresh,      x->refused,
                             x->late, x->carried, x->num_before, x->den_before};
        for (size_t n = 0; n < sizeof v / sizeof *v; n++)
            qm_pg_array_int(p, v[n]);
    }
}

static void add_counters(struct qm_pg_params *p, const struct qm_freeze *f, size_t i)
{
    for (int place = 1; place <= PLACES; place++)
        qm_pg_array_int(p, f->rows[i].v[place]);
}

static void add_beside(struct qm_pg_params *p, const struct qm_freeze *f, size_t i)
{
    struct qm_divisions all = f->divisions;
    const struct qm_division *x = qm_division_of(&all, f->rows[i].code, false);
    for (int n = 0; n < QM_BESIDE_SUMS; n++)
        qm_pg_array_int(p, x == NULL ? 0 : x->beside[n]);
    qm_pg_array_int(p, x == NULL ? 0 : x->line_new);
    qm_pg_array_int(p, x == NULL ? 0 : x->gone);
    qm_pg_array_int(p, x == NULL ? 0 : x->changed);
    qm_pg_array_int(p, x == NULL ? 0 : x->lecturers_needed);
    qm_pg_array_int(p, x == NULL ? 0 : x->lecturers);
}

static void array(struct qm_pg_params *p, enum qm_pg_type type, const struct qm_freeze *f,
                  void (*add)(struct qm_pg_params *p, const struct qm_freeze *f, size_t i))
{
    qm_pg_array_begin(p, type);
    for (size_t i = 0; i < f->n; i++)
        add(p, f, i);
    qm_pg_array_end(p);
}

static void row_params(struct qm_pg_params *p, const struct qm_freeze *f)
{
    array(p, QM_PG_TEXT, f, add_code);
    array(p, QM_PG_INT4, f, add_rank);
    array(p, QM_PG_INT4, f, add_before);
    array(p, QM_PG_INT8, f, add_score);
    array(p, QM_PG_INT2, f, add_out);
    array(p, QM_PG_INT8, f, add_cells);
    qm_pg_int4(p, (int32_t)f->rule.metrics_n);
    array(p, QM_PG_INT8, f, add_counters);
    array(p, QM_PG_INT8, f, add_beside);
}

static const char *step_word(const struct qm_freeze *f, int column, size_t step, size_t row)
{
    const struct qm_rule_step *s = &f->rule.steps[step];
    const char *const words[] = {f->rows[row].code, qm_rule_subject_name(s->subject),
                                 qm_rule_when_name(s->when), s->step};
    return words[column];
}

static void step_params(struct qm_pg_params *p, const struct qm_freeze *f)
{
    for (int column = 0; column < 4; column++) {
        qm_pg_array_begin(p, QM_PG_TEXT);
        for (size_t k = 0; k < f->rule.steps_n; k++) {
            for (size_t i = 0; i < f->n; i++) {
                const char *word = step_word(f, column, k, i);
                if (qm_steps_proposed(&f->steps, k, i))
                    qm_pg_array_bytes(p, word, strlen(word));
            }
        }
        qm_pg_array_end(p);
    }
}

/* ---- the commit ---- */

static void commit_step(struct job *j);

static void commit_again(struct job *j)
{
    if (++j->tries < TRIES_MAX)
        commit_step(j);
    else
        job_end(j, QM_E_OVERLOAD, QM_RANKING_DONE);
}

static void on_committed(void *ctx, const struct qm_pg_answer *a)
{
    struct job *j = ctx;
    if (a->err == QM_E_OVERLOAD || a->err == QM_E_UNKNOWN_OUTCOME) {
        commit_again(j);
        return;
    }
    qm_err err = qm_answer_err(a, "freeze_commit");
    if (err == QM_OK && qm_pg_rows(a->result) != 1)
        err = QM_E_INTERNAL;
    if (err != QM_OK) {
        job_end(j, err, QM_RANKING_DONE);
        return;
    }
    enum qm_ranking_status status = (enum qm_ranking_status)qm_pg_get_int(a->result, 0, 0);
    if (status == QM_RANKING_THERE) /* this draft: the answer before was lost */
        status = QM_RANKING_DONE;
    job_end(j, status == QM_RANKING_DONE ? QM_OK : QM_E_CONFLICT, status);
}

static void on_guarded(void *ctx, qm_err err)
{
    struct job *j = ctx;
    struct qm_pg_params *p = err == QM_OK ? qm_pg_params_new() : NULL;
    if (err == QM_OK && p == NULL)
        err = QM_E_NOMEM;
    if (err == QM_OK) {
        head_params(p, j);
        object_params(p, &j->f);
        row_params(p, &j->f);
        step_params(p, &j->f);
        err = qm_tlog_submit(j->room->cfg.tlog, j->ask.county, "freeze_commit", p, on_committed, j);
        if (err == QM_E_OVERLOAD) {
            commit_again(j);
            return;
        }
    }
    if (err != QM_OK)
        job_end(j, err, QM_RANKING_DONE);
}

static void commit_step(struct job *j)
{
    qm_tlog_guard(j->room->cfg.tlog, j->ask.county, on_guarded, j);
}

static void freeze_work(void *ctx)
{
    struct job *j = ctx;
    j->err = qm_freeze_run(&j->ask, &j->f);
}

static void freeze_done(void *ctx)
{
    struct job *j = ctx;
    if (j->err == QM_OK)
        commit_step(j);
    else
        job_end(j, j->err, QM_RANKING_DONE);
}

static struct job *job_new(struct qm_ranking_room *room, const struct qm_ranking_ask *ask)
{
    struct job *j = calloc(1, sizeof *j);
    if (j == NULL)
        return NULL;
    j->room = room;
    j->now_ms = ask->now_ms;
    j->ask = (struct qm_freeze_ask){.conninfo = room->cfg.conninfo,
                                    .role = room->cfg.role,
                                    .statements = qm_pg_statements_of(room->cfg.pg),
                                    .county = ask->county,
                                    .span = ask->span,
                                    .replaces = ask->idx,
                                    .cancel = &room->cancel,
                                    .syncs_wait = room->cfg.syncs_wait,
                                    .syncs_ctx = room->cfg.syncs_ctx};
    snprintf(j->ask.scope, sizeof j->ask.scope, "%s", ask->scope);
    memcpy(j->ask.period, ask->period, sizeof j->ask.period);
    snprintf(j->by, sizeof j->by, "%s", ask->by);
    qm_uuid4(j->draft);
    return j;
}

static qm_err job_start(struct qm_ranking_room *room, const struct qm_ranking_ask *ask,
                        qm_err (*rule_read)(const char *t, size_t len, struct qm_rule *out))
{
    struct job *j = job_new(room, ask);
    if (j == NULL)
        return QM_E_NOMEM;
    j->ask.rule_read = rule_read;
    qm_err err = qm_pool_run_long(room->cfg.pool, freeze_work, freeze_done, j);
    if (err != QM_OK)
        job_free(j);
    return err;
}

void qm_ranking_freeze(struct qm_ranking *k, const struct qm_ranking_ask *ask,
                       qm_err (*rule_read)(const char *t, size_t len, struct qm_rule *out),
                       qm_ranking_frozen done, void *ctx)
{
    static const struct qm_freeze none = {.why = QM_FREEZE_OK};
    struct qm_ranking_room *room = &k->room;
    struct qm_frozen_ask asked = qm_frozen_ask_of(ask);
    bool lately = ask->now_ms - room->unheard_ms < UNHEARD_MS;
    if (lately && qm_frozen_ask_same(&room->unheard, &asked)) {
        if (done(ctx, QM_OK, &none, QM_RANKING_DONE, room->unheard_draft))
            room->unheard = (struct qm_frozen_ask){0};
        return;
    }
    bool running = room->freezing.by[0] != '\0';
    qm_err err = running && !qm_frozen_ask_same(&room->freezing, &asked) ? QM_E_OVERLOAD : QM_OK;
    if (err == QM_OK)
        err = qm_freeze_wait(&room->waiters, done, ctx);
    if (err != QM_OK) {
        done(ctx, err, &none, QM_RANKING_DONE, none.before);
        return;
    }
    if (running)
        return;
    room->freezing = asked;
    room->unheard = (struct qm_frozen_ask){0};
    err = job_start(room, ask, rule_read);
    if (err == QM_OK)
        return;
    room->freezing = (struct qm_frozen_ask){0};
    qm_freeze_tell(&room->waiters, err, &none, QM_RANKING_DONE, none.before);
}
