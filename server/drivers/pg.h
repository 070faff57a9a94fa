/* pg.h - floor 2: PostgreSQL through libpq in pipeline mode; only pg*.c include libpq-fe.h.
 *
 * Happy path: a unit of work (one prepared statement, its own transaction) is queued, sent on a
 * connection of the pool followed by a pipeline sync, and its callback runs on the loop's thread
 * when that sync has arrived: only then is it committed (a failure at commit comes as an extra
 * error after COMMAND_OK).
 *
 * Failure modes, each reported once by the callback's `err`:
 * - QM_E_OVERLOAD: the queue is full (at once, from qm_pg_submit itself), or the pool is stopping.
 * - QM_E_DB: the statement failed, sqlstate and message say how; nothing is kept. 57014 means that
 *   the server's statement_timeout, nine tenths of the unit's own, has cut it.
 * - QM_E_TIMEOUT: its deadline passed while it was still waiting in the queue; not sent.
 * - QM_E_UNKNOWN_OUTCOME: the connection broke, or a deadline on it passed, after it was sent: the
 *   caller may send the same unit again, because everything is repeatable.
 * - QM_E_INVALID: a reload took its statement away while it waited.
 * A broken connection is opened again after a pause that doubles; statements are prepared anew.
 */
#ifndef QM_DRIVERS_PG_H
#define QM_DRIVERS_PG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <uv.h>

#include "wire/buf.h"
#include "wire/err.h"

/* ---- parameters: binary format, built once per unit ---- */
enum qm_pg_type {
    QM_PG_BOOL = 16,
    QM_PG_BYTEA = 17,
    QM_PG_INT8 = 20,
    QM_PG_INT2 = 21,
    QM_PG_INT4 = 23,
    QM_PG_TEXT = 25,
    QM_PG_DATE = 1082,
    QM_PG_UUID = 2950
};

struct qm_pg_params; /* owned by the caller until submit, which takes it over */
/* NULL: no memory; the calls below then do nothing, and submit says QM_E_NOMEM. */
struct qm_pg_params *qm_pg_params_new(void);
void qm_pg_params_free(struct qm_pg_params *p);
/* Each call adds the next parameter ($1, $2, ...).  Failures are sticky and come out at submit. */
void qm_pg_null(struct qm_pg_params *p, enum qm_pg_type type);
void qm_pg_bool(struct qm_pg_params *p, bool v);
void qm_pg_int2(struct qm_pg_params *p, int v);
void qm_pg_int4(struct qm_pg_params *p, int32_t v);
void qm_pg_int8(struct qm_pg_params *p, int64_t v);
void qm_pg_date(struct qm_pg_params *p, int32_t unix_day);
void qm_pg_text(struct qm_pg_params *p, const char *s, size_t len);
void qm_pg_bytea(struct qm_pg_params *p, const void *v, size_t len);
void qm_pg_uuid(struct qm_pg_params *p, const uint8_t v[16]);
/* A one-dimensional array parameter: begin, add elements of that type (or null), end. */
void qm_pg_array_begin(struct qm_pg_params *p, enum qm_pg_type element);
void qm_pg_array_null(struct qm_pg_params *p);
void qm_pg_array_int(struct qm_pg_params *p,
                     int64_t v); /* bool, int2, int4, int8, date (unix day) by the array's type */
void qm_pg_array_bytes(struct qm_pg_params *p, const void *v, size_t len); /* text, bytea, uuid */
void qm_pg_array_end(struct qm_pg_params *p);

/* ---- results: binary format; valid inside the callback only ---- */
struct qm_pg_result;
int qm_pg_rows(const struct qm_pg_result *r);
bool qm_pg_is_null(const struct qm_pg_result *r, int row, int col);
int64_t qm_pg_get_int(const struct qm_pg_result *r, int row,
                      int col); /* int2, int4, int8, bool, date (unix day) */
const uint8_t *qm_pg_get_bytes(const struct qm_pg_result *r, int row, int col, size_t *len);
/* NUL-terminated; NULL for null */
const char *qm_pg_get_text(const struct qm_pg_result *r, int row, int col);
/* An array of int8/int4/int2/bool/date: writes at most max (0 for null), returns how many there
 * are. */
size_t qm_pg_get_ints(const struct qm_pg_result *r, int row, int col, int64_t *out, size_t max);
/* Walks an array of text, bytea or uuid: begin with *at = 0; false at the end; *v NULL for null. */
bool qm_pg_get_next(const struct qm_pg_result *r, int row, int col, size_t *at, const uint8_t **v,
                    size_t *len);

/* ---- named statements ---- */
/* Every NAME.sql of a folder, as it was when it was read.  Counted, so that the threads that run
 * statements of it need not ask whether it was read anew meanwhile. */
struct qm_pg_statements;
/* Held once, for the caller.  QM_E_IO: the folder or a file cannot be read; QM_E_INVALID: a name or
 * a text is not usable (logged); QM_E_NOMEM. */
qm_err qm_pg_statements_read(const char *dir, struct qm_pg_statements **out);
struct qm_pg_statements *qm_pg_statements_hold(struct qm_pg_statements *s);
void qm_pg_statements_release(struct qm_pg_statements *s); /* NULL: nothing */

/* ---- the pool ---- */
struct qm_pg;
struct qm_pg_config {
    const char *conninfo;    /* multi-host strings welcome; host names are resolved on the loop */
    const char *queries_dir; /* folder of NAME.sql: one statement a file, prepared as NAME */
    /* The role that every connection takes on (the login must be a member), "" or NULL: none.  It
     * takes the place of `options` in conninfo. */
    const char *role;
    int connections;         /* 1..16 */
    size_t queue_max;        /* units that wait or run */
    uint32_t timeout_ms;     /* default deadline of a unit */
    uint32_t pipeline_depth; /* units sent ahead on one connection */
};
struct qm_pg_answer {
    qm_err err;
    const struct qm_pg_result *result; /* of the last statement; NULL on error */
    char sqlstate[6];
    const char *message; /* server's text without personal data, "" if none */
};
typedef void (*qm_pg_done)(void *ctx, const struct qm_pg_answer *a);

qm_err qm_pg_start(uv_loop_t *loop, const struct qm_pg_config *cfg, struct qm_pg **out);
/* One named statement, alone in its own transaction.  Takes params over in every case; NULL if the
 * statement has none.  QM_OK: done is called once, later.  Not QM_OK: done is never called.
 * QM_E_OVERLOAD; QM_E_NOMEM; QM_E_INVALID: no such statement, or parameters of another number or
 * other types than at its first use; or the failure that params hold. */
qm_err qm_pg_submit(struct qm_pg *pg, const char *statement, struct qm_pg_params *params,
                    uint32_t timeout_ms /* 0: default */, qm_pg_done done, void *ctx);
/* The same for what may only go to a database that was looked at before: stats.reconnects was
 * `reconnects` then.  If a connection was made since, the unit is not sent: QM_E_OVERLOAD, at once
 * or in the answer. */
qm_err qm_pg_submit_to(struct qm_pg *pg, uint64_t reconnects, const char *statement,
                       struct qm_pg_params *params, uint32_t timeout_ms, qm_pg_done done,
                       void *ctx);
/* Re-reads queries_dir; every connection prepares anew, also while it is busy (SIGHUP).  Not QM_OK:
 * the old statements stay. */
qm_err qm_pg_reload(struct qm_pg *pg);
/* The statements of the pool as they are now, held for the caller; the loop's thread. */
struct qm_pg_statements *qm_pg_statements_of(const struct qm_pg *pg);
struct qm_pg_stats {
    uint64_t units, errors, unknown, reconnects, waiting, running, connections;
};
void qm_pg_stats_get(const struct qm_pg *pg, struct qm_pg_stats *out);
/* Lets what runs finish (at most timeout_ms), fails what waits with QM_E_OVERLOAD, closes and frees
 * pg; then done, on the loop.  Units still running after timeout_ms: QM_E_UNKNOWN_OUTCOME. */
void qm_pg_stop(struct qm_pg *pg, uint32_t timeout_ms, void (*done)(void *), void *ctx);

/* ---- one blocking connection, for a thread without a loop; used by one thread at a time ---- */
struct qm_pgb;
/* The connection holds the statements until it is closed. */
qm_err qm_pgb_open(const char *conninfo, struct qm_pg_statements *statements, struct qm_pgb **out,
                   char *error, size_t error_max);
void qm_pgb_close(struct qm_pgb *c);
/* Plain SQL text, any number of statements: files of a migration, BEGIN, SET. */
qm_err qm_pgb_script(struct qm_pgb *c, const char *sql);
/* One named statement with parameters (taken over); *out must be freed.  QM_E_INVALID: there is no
 * statement of that name. */
qm_err qm_pgb_query(struct qm_pgb *c, const char *statement, struct qm_pg_params *params,
                    struct qm_pg_result **out);
/* The rows of a named statement a few at a time, inside a transaction: begin, fetch until a fetch
 * has no rows, end.  The cursor has the statement's name. */
qm_err qm_pgb_cursor_begin(struct qm_pgb *c, const char *statement, struct qm_pg_params *params);
qm_err qm_pgb_cursor_fetch(struct qm_pgb *c, const char *statement, int rows,
                           struct qm_pg_result **out);
qm_err qm_pgb_cursor_end(struct qm_pgb *c, const char *statement);
void qm_pgb_result_free(struct qm_pg_result *r);
const char *qm_pgb_error(const struct qm_pgb *c);    /* last message */
const char *qm_pgb_sqlstate(const struct qm_pgb *c); /* of the last error */

#endif
