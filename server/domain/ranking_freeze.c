/* ranking_freeze.c - floor 3: one snapshot from its begin to the result's bytes; see
 * ranking_freeze.h.
 *
 *   open two connections -> BEGIN -> head and rule -> roster -> rows -> result -> close
 */
#include "domain/ranking_freeze.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "base/log.h"
#include "domain/answer.h"
#include "domain/ranking_room.h"

enum { RESULT_MAX_BYTES = 32 << 20, STATUS_REPLACES = 4, STATUS_NO_RULE = 8, NAP_MS = 50 };

/* ---- room for syncs ---- */

static int64_t now_ms(void)
{
    return (int64_t)(qm_clock_mono_ns() / 1000000);
}

/* In naps: a server that stops does not wait for a long rest. */
static void make_room(struct qm_freeze_room *room)
{
    const struct qm_freeze_ask *ask = room->ask;
    int64_t left = qm_freeze_pace_rest_ms(&room->pace, now_ms(), ask->syncs_wait(ask->syncs_ctx));
    if (left == 0)
        return;
    while (left > 0 && !atomic_load(ask->cancel)) {
        int64_t nap = left < NAP_MS ? left : NAP_MS;
        const struct timespec t = {.tv_nsec = (long)nap * 1000000};
        (void)nanosleep(&t, NULL);
        left -= nap;
    }
    qm_freeze_pace_begin(&room->pace, now_ms());
}

/* ---- the database ---- */

static qm_err judged(const struct qm_pgb *db, qm_err err)
{
    if (err == QM_OK || err == QM_E_NOMEM)
        return err;
    if (err != QM_E_DB || qm_sqlstate_passes(qm_pgb_sqlstate(db)))
        return QM_E_OVERLOAD;
    qm_log(QM_LOG_ERROR, "freeze-failed", "sqlstate", QM_LS(qm_pgb_sqlstate(db)), "message",
           QM_LS(qm_pgb_error(db)), NULL);
    return QM_E_INTERNAL;
}

qm_err qm_freeze_query(struct qm_freeze_room *room, struct qm_pgb *db, const char *statement,
                       struct qm_pg_params *params, struct qm_pg_result **out)
{
    if (atomic_load(room->ask->cancel)) {
        qm_pg_params_free(params);
        return QM_E_OVERLOAD;
    }
    qm_err err = judged(db, qm_pgb_query(db, statement, params, out));
    make_room(room);
    return err;
}

qm_err qm_freeze_do(struct qm_freeze_room *room, struct qm_pgb *db, const char *sql)
{
    return atomic_load(room->ask->cancel) ? QM_E_OVERLOAD : judged(db, qm_pgb_script(db, sql));
}

qm_err qm_freeze_rows_begin(struct qm_freeze_room *room, const char *statement,
                            struct qm_pg_params *params)
{
    if (atomic_load(room->ask->cancel)) {
        qm_pg_params_free(params);
        return QM_E_OVERLOAD;
    }
    return judged(room->snapshot, qm_pgb_cursor_begin(room->snapshot, statement, params));
}

qm_err qm_freeze_rows_fetch(struct qm_freeze_room *room, const char *statement, int rows,
                            struct qm_pg_result **out)
{
    if (atomic_load(room->ask->cancel))
        return QM_E_OVERLOAD;
    qm_err err = judged(room->snapshot, qm_pgb_cursor_fetch(room->snapshot, statement, rows, out));
    make_room(room);
    return err;
}

qm_err qm_freeze_rows_end(struct qm_freeze_room *room, const char *statement)
{
    return judged(room->snapshot, qm_pgb_cursor_end(room->snapshot, statement));
}

struct qm_pg_params *qm_freeze_params(const struct qm_freeze_room *room)
{
    struct qm_pg_params *p = qm_pg_params_new();
    qm_pg_int4(p, room->ask->county);
    return p;
}

void qm_freeze_text(struct qm_pg_params *p, const char *text)
{
    qm_pg_text(p, text, strlen(text));
}

static qm_err open_one(struct qm_freeze_room *room, struct qm_pgb **db)
{
    char why[200] = "";
    struct qm_pg_result *r = NULL;
    qm_err err = qm_pgb_open(room->ask->conninfo, room->ask->statements, db, why, sizeof why);
    if (err != QM_OK) {
        qm_log(QM_LOG_WARN, "freeze-not-connected", "why", QM_LS(why), NULL);
        return err == QM_E_NOMEM ? err : QM_E_OVERLOAD;
    }
    /* A statement that hangs would keep a thread of the pool for ever; what is joined stays in
     * memory rather than on the disk that the syncs write to; compiling a query that runs once
     * takes longer than it saves; and the cores that workers would take are those of the syncs.
     * The look-ups of the other connections are held to indexes by key: these are sums over a
     * scope, planned for the values at hand, that read a table through or a range of it by its
     * blocks. */
    err = qm_freeze_do(room, *db,
                       "SET statement_timeout = '10min'; SET work_mem = '64MB'; SET jit = off;"
                       " SET max_parallel_workers_per_gather = 0; SET enable_seqscan = on;"
                       " SET enable_bitmapscan = on; SET plan_cache_mode = force_custom_plan");
    if (err != QM_OK || room->ask->role[0] == '\0')
        return err;
    struct qm_pg_params *p = qm_pg_params_new();
    qm_freeze_text(p, room->ask->role);
    err = qm_freeze_query(room, *db, "role_set", p, &r);
    qm_pgb_result_free(r);
    return err;
}

/* ---- what there is to freeze ---- */

enum head_column {
    H_STATUS,
    H_SIZE,
    H_RECV,
    H_REVISION,
    H_TREE,
    H_AGE_DAY,
    H_PERIOD,
    H_FROM,
    H_FROM_REV,
    H_TO,
    H_TO_REV,
    H_ROOT,
    H_BEFORE,
    H_BEFORE_PERIOD,
    H_RULE_SHA,
    H_RULE
};

static qm_err refuse(struct qm_freeze *f, enum qm_freeze_why why, const char *what)
{
    f->why = why;
    snprintf(f->what, sizeof f->what, "%s", what == NULL ? "" : what);
    return QM_E_CONFLICT;
}

static qm_err copy(const struct qm_pg_result *r, int col, void *out, size_t len)
{
    size_t n = 0;
    const uint8_t *v = qm_pg_get_bytes(r, 0, col, &n);
    if (n != len)
        return QM_E_CORRUPT;
    memcpy(out, v, len);
    return QM_OK;
}

static qm_err take_rule(struct qm_freeze_room *room, const struct qm_pg_result *r)
{
    struct qm_freeze *f = room->f;
    size_t len = 0;
    const char *body = (const char *)qm_pg_get_bytes(r, 0, H_RULE, &len);
    if (room->ask->rule_read(body, len, &f->rule) != QM_OK)
        return refuse(f, QM_FREEZE_BAD_RULE, NULL);
    f->divisions.digits = qm_rule_level_digits(f->rule.level);
    if (strlen(room->ask->scope) >= f->divisions.digits)
        return refuse(f, QM_FREEZE_LEVEL, qm_rule_level_name(f->rule.level));
    return copy(r, H_RULE_SHA, f->rule_sha.b, QM_HASH_BYTES);
}

static qm_err take_head(struct qm_freeze_room *room, const struct qm_pg_result *r)
{
    struct qm_freeze *f = room->f;
    int64_t status = qm_pg_get_int(r, 0, H_STATUS);
    if (status == STATUS_NO_RULE)
        return refuse(f, QM_FREEZE_NO_RULE, NULL);
    if (status == STATUS_REPLACES)
        return refuse(f, QM_FREEZE_REPLACES, NULL);
    if (!qm_pg_is_null(r, 0, H_PERIOD) &&
        strcmp(qm_pg_get_text(r, 0, H_PERIOD), room->ask->period) != 0)
        return refuse(f, QM_FREEZE_PERIOD, qm_pg_get_text(r, 0, H_PERIOD));
    f->tree = (int)qm_pg_get_int(r, 0, H_TREE);
    f->from = qm_pg_get_int(r, 0, H_FROM);
    f->from_rev = qm_pg_get_int(r, 0, H_FROM_REV);
    f->to = qm_pg_get_int(r, 0, H_TO);
    f->to_rev = qm_pg_get_int(r, 0, H_TO_REV);
    f->has_before = !qm_pg_is_null(r, 0, H_BEFORE);
    qm_err err = copy(r, H_ROOT, f->root.b, QM_HASH_BYTES);
    if (err == QM_OK && f->has_before)
        err = copy(r, H_BEFORE, f->before, QM_ID_BYTES);
    return err == QM_OK ? take_rule(room, r) : err;
}

static qm_err head(struct qm_freeze_room *room)
{
    struct qm_pg_params *p = qm_freeze_params(room);
    struct qm_pg_result *r = NULL;
    qm_freeze_text(p, room->ask->scope);
    qm_pg_int2(p, (int)room->ask->span.kind);
    if (room->ask->replaces < 0)
        qm_pg_null(p, QM_PG_INT8);
    else
        qm_pg_int8(p, room->ask->replaces);
    qm_err err = qm_freeze_query(room, room->snapshot, "freeze_head", p, &r);
    if (err == QM_OK)
        err = qm_pg_rows(r) == 1 ? take_head(room, r) : QM_E_NOT_FOUND;
    qm_pgb_result_free(r);
    return err;
}

/* ---- the result ---- */

static qm_err write_result(const struct qm_freeze_room *room)
{
    struct qm_freeze *f = room->f;
    struct qm_ranking_head top = {
        .scope = room->ask->scope, .period = room->ask->period, .from = f->from, .to = f->to};
    qm_err err = qm_ranking_result_write(&f->rule, &top, f->rows, f->n, false, &f->result);
    if (err == QM_OK)
        err = qm_ranking_result_write(&f->rule, &top, f->rows, f->n, true, &f->open);
    if (err == QM_OK) {
        qm_sha256(f->result.p, f->result.len, &f->result_sha);
        qm_sha256(f->open.p, f->open.len, &f->public_sha);
    }
    return err;
}

static qm_err freeze(struct qm_freeze_room *room)
{
    qm_err err =
        qm_freeze_do(room, room->snapshot, "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY");
    if (err == QM_OK)
        err = head(room);
    if (err == QM_OK)
        err = qm_freeze_roster(room);
    if (err == QM_OK && room->f->roster_bytes == 0)
        err = refuse(room->f, QM_FREEZE_NO_ROSTER, NULL);
    if (err == QM_OK)
        err = qm_freeze_lecturers(room);
    if (err == QM_OK)
        err = qm_freeze_rows(room);
    return err == QM_OK ? write_result(room) : err;
}

qm_err qm_freeze_run(const struct qm_freeze_ask *ask, struct qm_freeze *out)
{
    struct qm_freeze_room room = {.ask = ask, .f = out};
    memset(out, 0, sizeof *out);
    qm_buf_init(&out->result, RESULT_MAX_BYTES);
    qm_buf_init(&out->open, RESULT_MAX_BYTES);
    qm_freeze_pace_begin(&room.pace, now_ms());
    qm_err err = open_one(&room, &room.snapshot);
    if (err == QM_OK)
        err = open_one(&room, &room.parts);
    if (err == QM_OK)
        err = freeze(&room);
    if (room.snapshot != NULL)
        qm_pgb_close(room.snapshot);
    if (room.parts != NULL)
        qm_pgb_close(room.parts);
    if (err == QM_OK)
        qm_log(QM_LOG_INFO, "frozen", "county", QM_LI(ask->county), "scope", QM_LS(ask->scope),
               "worked_ms", QM_LI(room.pace.worked_ms), "rested_ms", QM_LI(room.pace.rested_ms),
               NULL);
    return err;
}

void qm_freeze_free(struct qm_freeze *f)
{
    qm_steps_free(&f->steps);
    free(f->rows);
    free(f->divisions.list);
    free(f->changed.list);
    qm_buf_free(&f->imports);
    qm_buf_free(&f->result);
    qm_buf_free(&f->open);
}
