/* ranking_store.c - floor 3: statements about bulletins; see ranking_store.h.
 *
 * Happy path: a table says which statement an act is, how its parameters are made and whether it
 * writes to the log; guard (if so) -> submit -> status -> callback.
 * Failure: as in the header.
 */
#include "domain/ranking_store.h"

#include <stdlib.h>
#include <string.h>

#include "domain/answer.h"
#include "domain/ranking_commit.h"
#include "domain/tlog.h"

enum { TRIES_MAX = 3 };

/* ---- parameters ---- */

static void text(struct qm_pg_params *p, const char *t)
{
    if (t == NULL)
        qm_pg_null(p, QM_PG_TEXT);
    else
        qm_pg_text(p, t, strlen(t));
}

static void int8_or_null(struct qm_pg_params *p, int64_t v)
{
    if (v < 0)
        qm_pg_null(p, QM_PG_INT8);
    else
        qm_pg_int8(p, v);
}

static void by(struct qm_pg_params *p, const struct qm_ranking_ask *a)
{
    qm_pg_int4(p, a->county);
    text(p, a->by);
    qm_pg_int8(p, a->now_ms);
}

static void publish_params(struct qm_pg_params *p, const struct qm_ranking_ask *a)
{
    by(p, a);
    qm_pg_uuid(p, a->draft);
}

static void drop_params(struct qm_pg_params *p, const struct qm_ranking_ask *a)
{
    qm_pg_int4(p, a->county);
    text(p, a->by);
    qm_pg_uuid(p, a->draft);
}

static void wording_params(struct qm_pg_params *p, const struct qm_ranking_ask *a)
{
    publish_params(p, a);
    qm_pg_array_begin(p, QM_PG_TEXT);
    for (size_t i = 0; i < a->words_n; i++)
        qm_pg_array_bytes(p, a->words[i].section, strlen(a->words[i].section));
    qm_pg_array_end(p);
    qm_pg_array_begin(p, QM_PG_TEXT);
    for (size_t i = 0; i < a->words_n; i++)
        qm_pg_array_bytes(p, a->words[i].body, strlen(a->words[i].body));
    qm_pg_array_end(p);
}

static void seal_params(struct qm_pg_params *p, const struct qm_ranking_ask *a)
{
    publish_params(p, a);
    qm_pg_bytea(p, a->sha256.b, QM_HASH_BYTES);
}

static void decide_params(struct qm_pg_params *p, const struct qm_ranking_ask *a)
{
    publish_params(p, a);
    qm_pg_int4(p, a->n);
    qm_pg_int2(p, a->state);
    text(p, a->remark);
}

static void prepare_params(struct qm_pg_params *p, const struct qm_ranking_ask *a)
{
    by(p, a);
    text(p, a->scope);
    text(p, a->period);
    qm_pg_date(p, a->span.last_day);
}

static void confirm_params(struct qm_pg_params *p, const struct qm_ranking_ask *a)
{
    by(p, a);
    text(p, a->scope);
    text(p, a->period);
    qm_pg_int8(p, a->to);
    qm_pg_bytea(p, a->sha256.b, QM_HASH_BYTES);
}

static void figures_params(struct qm_pg_params *p, const struct qm_ranking_ask *a)
{
    by(p, a);
    text(p, a->period);
    qm_pg_array_begin(p, QM_PG_TEXT);
    for (size_t i = 0; i < a->figures_n; i++)
        qm_pg_array_bytes(p, a->figures[i].metric, strlen(a->figures[i].metric));
    qm_pg_array_end(p);
    qm_pg_array_begin(p, QM_PG_TEXT);
    for (size_t i = 0; i < a->figures_n; i++)
        qm_pg_array_bytes(p, a->figures[i].code, strlen(a->figures[i].code));
    qm_pg_array_end(p);
    qm_pg_array_begin(p, QM_PG_INT8);
    for (size_t i = 0; i < a->figures_n; i++)
        qm_pg_array_int(p, a->figures[i].value);
    qm_pg_array_end(p);
    qm_pg_bytea(p, a->sha256.b, QM_HASH_BYTES);
}

static void list_params(struct qm_pg_params *p, const struct qm_ranking_ask *a)
{
    qm_pg_int4(p, a->county);
    text(p, a->role);
    text(p, a->prefix);
    text(p, a->scope);
    int8_or_null(p, a->idx);
    qm_pg_int4(p, a->limit);
}

static void one_params(struct qm_pg_params *p, const struct qm_ranking_ask *a)
{
    qm_pg_int4(p, a->county);
    if (a->idx >= 0)
        qm_pg_null(p, QM_PG_UUID);
    else
        qm_pg_uuid(p, a->draft);
    int8_or_null(p, a->idx);
}

static void draft_params(struct qm_pg_params *p, const struct qm_ranking_ask *a)
{
    qm_pg_int4(p, a->county);
    qm_pg_uuid(p, a->draft);
}

static void signoffs_params(struct qm_pg_params *p, const struct qm_ranking_ask *a)
{
    qm_pg_int4(p, a->county);
    text(p, a->scope);
    text(p, a->period);
    qm_pg_date(p, a->span.last_day);
    int8_or_null(p, a->to);
}

static void figure_list_params(struct qm_pg_params *p, const struct qm_ranking_ask *a)
{
    qm_pg_int4(p, a->county);
    text(p, a->prefix);
    text(p, a->period);
}

static void silent_params(struct qm_pg_params *p, const struct qm_ranking_ask *a)
{
    qm_pg_int4(p, a->county);
    text(p, a->scope);
    qm_pg_int8(p, a->since);
}

static void object_params(struct qm_pg_params *p, const struct qm_ranking_ask *a)
{
    qm_pg_int4(p, a->county);
    qm_pg_bytea(p, a->sha256.b, QM_HASH_BYTES);
    qm_pg_bool(p, true);
}

static void targets_params(struct qm_pg_params *p, const struct qm_ranking_ask *a)
{
    qm_pg_int4(p, a->county);
    qm_pg_int8(p, a->to);
}

/* ---- writing ---- */

static const struct act {
    const char *statement;
    bool logs;
    void (*params)(struct qm_pg_params *p, const struct qm_ranking_ask *a);
} acts[] = {
    [QM_RANKING_PUBLISH] = {"bulletin_publish", true, publish_params},
    [QM_RANKING_DROP] = {"bulletin_drop", false, drop_params},
    [QM_RANKING_WORDING] = {"wording_set", false, wording_params},
    [QM_RANKING_SEAL] = {"bulletin_seal_set", false, seal_params},
    [QM_RANKING_DECIDE] = {"proposal_decide", false, decide_params},
    [QM_RANKING_PREPARE] = {"signoff_prepare", false, prepare_params},
    [QM_RANKING_CONFIRM] = {"signoff_confirm", true, confirm_params},
    [QM_RANKING_FIGURES] = {"figures_set", false, figures_params},
};

struct run {
    struct qm_ranking_room *room;
    const struct act *act;
    const struct qm_ranking_ask *ask;
    int tries;
    qm_ranking_done done;
    void *ctx;
};

static void run_step(struct run *r);

static void run_end(struct run *r, qm_err err, enum qm_ranking_status status,
                    const struct qm_pg_result *result)
{
    r->done(r->ctx, err, status, result);
    free(r);
}

/* Not sent, or nobody knows whether it was done: the same once more. */
static void run_again(struct run *r, qm_err err)
{
    if (++r->tries < TRIES_MAX)
        run_step(r);
    else
        run_end(r, err, QM_RANKING_DONE, NULL);
}

static void on_written(void *ctx, const struct qm_pg_answer *a)
{
    struct run *r = ctx;
    if (a->err == QM_E_OVERLOAD || a->err == QM_E_UNKNOWN_OUTCOME)
        run_again(r, QM_E_OVERLOAD);
    else if (a->err != QM_OK)
        run_end(r, qm_answer_err(a, r->act->statement), QM_RANKING_DONE, NULL);
    else if (qm_pg_rows(a->result) != 1)
        run_end(r, QM_E_INTERNAL, QM_RANKING_DONE, NULL);
    else
        run_end(r, QM_OK, (enum qm_ranking_status)qm_pg_get_int(a->result, 0, 0), a->result);
}

static void run_send(struct run *r)
{
    struct qm_pg_params *p = qm_pg_params_new();
    qm_err err = QM_E_NOMEM;
    if (p != NULL) {
        r->act->params(p, r->ask);
        err = r->act->logs ? qm_tlog_submit(r->room->cfg.tlog, r->ask->county, r->act->statement, p,
                                            on_written, r)
                           : qm_pg_submit(r->room->cfg.pg, r->act->statement, p, 0, on_written, r);
    }
    if (err == QM_E_OVERLOAD && r->act->logs)
        run_again(r, err);
    else if (err != QM_OK)
        run_end(r, err, QM_RANKING_DONE, NULL);
}

static void on_guarded(void *ctx, qm_err err)
{
    struct run *r = ctx;
    if (err == QM_OK)
        run_send(r);
    else
        run_end(r, err, QM_RANKING_DONE, NULL);
}

static void run_step(struct run *r)
{
    if (r->act->logs)
        qm_tlog_guard(r->room->cfg.tlog, r->ask->county, on_guarded, r);
    else
        run_send(r);
}

void qm_ranking_do(struct qm_ranking *k, enum qm_ranking_act act, const struct qm_ranking_ask *ask,
                   qm_ranking_done done, void *ctx)
{
    struct run *r = calloc(1, sizeof *r);
    if (r == NULL) {
        done(ctx, QM_E_NOMEM, QM_RANKING_DONE, NULL);
        return;
    }
    if (act == QM_RANKING_DROP || act == QM_RANKING_PUBLISH) /* somebody has seen it */
        qm_ranking_room(k)->unheard = (struct qm_frozen_ask){0};
    *r = (struct run){
        .room = qm_ranking_room(k), .act = &acts[act], .ask = ask, .done = done, .ctx = ctx};
    run_step(r);
}

/* ---- reading ---- */

static const struct {
    const char *statement;
    void (*params)(struct qm_pg_params *p, const struct qm_ranking_ask *a);
} lists[] = {
    [QM_RANKING_LIST] = {"bulletin_list", list_params},
    [QM_RANKING_ONE] = {"bulletin_read", one_params},
    [QM_RANKING_ROWS] = {"bulletin_rows", draft_params},
    [QM_RANKING_TEXTS] = {"bulletin_texts", draft_params},
    [QM_RANKING_SEALS] = {"bulletin_seals", draft_params},
    [QM_RANKING_PROPOSALS] = {"bulletin_proposals", draft_params},
    [QM_RANKING_SIGNOFFS] = {"signoff_list", signoffs_params},
    [QM_RANKING_FIGURE_LIST] = {"figure_list", figure_list_params},
    [QM_RANKING_SILENT] = {"silent_phones", silent_params},
    [QM_RANKING_IMPORTS] = {"object_row", object_params},
    [QM_RANKING_TARGETS] = {"targets_at", targets_params},
};

struct reading {
    const char *statement;
    qm_ranking_rows done;
    void *ctx;
};

static void on_read(void *ctx, const struct qm_pg_answer *a)
{
    struct reading r = *(struct reading *)ctx;
    free(ctx);
    qm_err err = a->err == QM_OK ? QM_OK : qm_answer_err(a, r.statement);
    r.done(r.ctx, err, err == QM_OK ? a->result : NULL);
}

void qm_ranking_read(struct qm_ranking *k, enum qm_ranking_list list,
                     const struct qm_ranking_ask *ask, qm_ranking_rows done, void *ctx)
{
    struct reading *r = malloc(sizeof *r);
    struct qm_pg_params *p = qm_pg_params_new();
    qm_err err = QM_E_NOMEM;
    if (r != NULL && p != NULL) {
        *r = (struct reading){.statement = lists[list].statement, .done = done, .ctx = ctx};
        lists[list].params(p, ask);
        err = qm_pg_submit(qm_ranking_room(k)->cfg.pg, r->statement, p, 0, on_read, r);
        p = NULL;
    }
    if (err != QM_OK) {
        qm_pg_params_free(p);
        free(r);
        done(ctx, err, NULL);
    }
}
