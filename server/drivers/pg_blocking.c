/* pg_blocking.c - floor 2: one blocking connection, for a thread without a loop.
 *
 * Happy path: open, run scripts, named statements and cursors, close. The caller writes BEGIN and
 * COMMIT. Failure modes: QM_E_OFFLINE if no server answers; QM_E_DB with SQLSTATE and message if a
 * statement fails; QM_E_UNKNOWN_OUTCOME if the connection broke meanwhile; QM_E_INVALID if there is
 * no statement of that name, or if a script starts a COPY.
 */
#include "drivers/pg_private.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"

struct qm_pgb {
    PGconn *c;
    struct qm_pg_statements *statements; /* held */
    char sqlstate[6];
    char message[QM_PG_MESSAGE_MAX_BYTES];
};

/* DECLARE, the name of a cursor, and a statement. */
enum { DECLARE_MAX_BYTES = 1 << 20 };

static void first_line(const char *text, char *out, size_t max)
{
    if (max > 0) {
        (void)snprintf(out, max, "%.*s", (int)strcspn(text, "\n"), text);
    }
}

qm_err qm_pgb_open(const char *conninfo, struct qm_pg_statements *statements, struct qm_pgb **out,
                   char *error, size_t error_max)
{
    const char *keys[QM_PG_KEYWORDS_MAX], *values[QM_PG_KEYWORDS_MAX];
    struct qm_pgb *c = calloc(1, sizeof *c);
    if (c == NULL) {
        first_line("no memory", error, error_max);
        return QM_E_NOMEM;
    }
    c->statements = qm_pg_statements_hold(statements);
    (void)qm_pg_keywords(conninfo, keys, values);
    c->c = PQconnectdbParams(keys, values, 1);
    if (PQstatus(c->c) != CONNECTION_OK) {
        first_line(PQerrorMessage(c->c), error, error_max);
        qm_pgb_close(c);
        return QM_E_OFFLINE;
    }
    (void)PQsetNoticeProcessor(c->c, qm_pg_ignore_notice, NULL);
    *out = c;
    return QM_OK;
}

void qm_pgb_close(struct qm_pgb *c)
{
    if (c != NULL) {
        PQfinish(c->c);
        qm_pg_statements_release(c->statements);
        free(c);
    }
}

const char *qm_pgb_error(const struct qm_pgb *c)
{
    return c->message;
}

const char *qm_pgb_sqlstate(const struct qm_pgb *c)
{
    return c->sqlstate;
}

static qm_err fail(struct qm_pgb *c, qm_err err, const char *message)
{
    c->sqlstate[0] = '\0';
    first_line(message, c->message, sizeof c->message);
    return err;
}

/* Keeps what the result says; res may be NULL (no memory, no connection). */
static qm_err judge(struct qm_pgb *c, const PGresult *res)
{
    ExecStatusType status = PQresultStatus(res);
    if (status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK || status == PGRES_EMPTY_QUERY) {
        c->sqlstate[0] = c->message[0] = '\0';
        return QM_OK;
    }
    qm_pg_error_text(res, c->sqlstate, c->message);
    if (c->message[0] == '\0') {
        first_line(PQerrorMessage(c->c), c->message, sizeof c->message);
    }
    return PQstatus(c->c) == CONNECTION_OK ? QM_E_DB : QM_E_UNKNOWN_OUTCOME;
}

/* Reads the results that are left, the last of which matters. */
static qm_err drain(struct qm_pgb *c, qm_err err)
{
    PGresult *res;
    while ((res = PQgetResult(c->c)) != NULL) {
        if (err == QM_OK) {
            err = judge(c, res);
        }
        PQclear(res);
    }
    return err;
}

/* A COPY that nobody feeds would wait for ever. */
static qm_err refuse_copy(struct qm_pgb *c, const PGresult *res)
{
    if (PQresultStatus(res) == PGRES_COPY_IN) {
        (void)PQputCopyEnd(c->c, "no COPY in a script");
    } else {
        char *row = NULL;
        while (PQgetCopyData(c->c, &row, 0) > 0) {
            PQfreemem(row);
        }
    }
    (void)drain(c, QM_E_INVALID);
    return fail(c, QM_E_INVALID, "no COPY in a script");
}

qm_err qm_pgb_script(struct qm_pgb *c, const char *sql)
{
    PGresult *res = PQexec(c->c, sql);
    ExecStatusType status = PQresultStatus(res);
    bool copies = status == PGRES_COPY_IN || status == PGRES_COPY_OUT || status == PGRES_COPY_BOTH;
    qm_err err = copies ? refuse_copy(c, res) : judge(c, res);
    PQclear(res);
    return err;
}

static qm_err run_text(struct qm_pgb *c, const char *sql, const struct qm_pg_params *p,
                       struct qm_pg_result *r)
{
    struct qm_pg_bound b;
    if (p != NULL && (p->err != QM_OK || p->in_array)) {
        qm_err err = p->err != QM_OK ? p->err : QM_E_INVALID;
        return fail(c, err, qm_err_name(err));
    }
    qm_pg_bind(p, &b);
    r->res = PQexecParams(c->c, sql, b.count, p == NULL ? NULL : p->types, b.values,
                          p == NULL ? NULL : p->lengths, b.formats, 1);
    return judge(c, r->res);
}

/* Takes params over. */
static qm_err query_text(struct qm_pgb *c, const char *sql, struct qm_pg_params *params,
                         struct qm_pg_result **out)
{
    struct qm_pg_result *r = calloc(1, sizeof *r);
    qm_err err = r == NULL ? fail(c, QM_E_NOMEM, "no memory") : run_text(c, sql, params, r);
    qm_pg_params_free(params);
    if (err != QM_OK) {
        qm_pgb_result_free(r);
        return err;
    }
    *out = r;
    return QM_OK;
}

/* The text of a named statement; NULL after the fault was noted. */
static const char *text_of(struct qm_pgb *c, const char *statement)
{
    int i = qm_pg_statements_find(c->statements, statement);
    if (i >= 0) {
        return c->statements->list[i].sql;
    }
    QM_BUG("no such statement");
    (void)fail(c, QM_E_INVALID, "no such statement in the folder of queries");
    return NULL;
}

qm_err qm_pgb_query(struct qm_pgb *c, const char *statement, struct qm_pg_params *params,
                    struct qm_pg_result **out)
{
    const char *sql = text_of(c, statement);
    *out = NULL;
    if (sql == NULL) {
        qm_pg_params_free(params);
        return QM_E_INVALID;
    }
    return query_text(c, sql, params, out);
}

void qm_pgb_result_free(struct qm_pg_result *r)
{
    if (r != NULL) {
        PQclear(r->res);
        free(r);
    }
}

qm_err qm_pgb_cursor_begin(struct qm_pgb *c, const char *statement, struct qm_pg_params *params)
{
    const char *sql = text_of(c, statement);
    struct qm_pg_result *r = NULL;
    struct qm_buf text;
    if (sql == NULL) {
        qm_pg_params_free(params);
        return QM_E_INVALID;
    }
    qm_buf_init(&text, DECLARE_MAX_BYTES);
    /* A statement begins with its comment: it stands on lines of its own. */
    qm_err err = qm_buf_printf(&text, "DECLARE %s NO SCROLL CURSOR FOR\n", statement);
    if (err == QM_OK) {
        err = qm_buf_puts(&text, sql);
    }
    if (err == QM_OK) {
        err = query_text(c, (const char *)text.p, params, &r);
    } else {
        qm_pg_params_free(params);
        (void)fail(c, err, "no memory");
    }
    qm_pgb_result_free(r);
    qm_buf_free(&text);
    return err;
}

qm_err qm_pgb_cursor_fetch(struct qm_pgb *c, const char *statement, int rows,
                           struct qm_pg_result **out)
{
    char sql[QM_PG_NAME_MAX_BYTES + 32];
    *out = NULL;
    (void)snprintf(sql, sizeof sql, "FETCH %d FROM %s", rows, statement);
    return query_text(c, sql, NULL, out);
}

qm_err qm_pgb_cursor_end(struct qm_pgb *c, const char *statement)
{
    char sql[QM_PG_NAME_MAX_BYTES + 32];
    (void)snprintf(sql, sizeof sql, "CLOSE %s", statement);
    return qm_pgb_script(c, sql);
}
