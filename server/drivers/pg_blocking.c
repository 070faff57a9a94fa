/* pg_blocking.c - floor 2: one blocking connection, for migrate and admin.
 *
 * Happy path: open, run scripts, queries and copies, close. The caller writes BEGIN and COMMIT.
 * Failure modes: QM_E_OFFLINE if no server answers; QM_E_DB with SQLSTATE and message if a
 * statement fails; QM_E_UNKNOWN_OUTCOME if the connection broke meanwhile; QM_E_INVALID if a script
 * starts a COPY.
 */
#include "drivers/pg_private.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct qm_pgb {
    PGconn *c;
    char sqlstate[6];
    char message[QM_PG_MESSAGE_MAX_BYTES];
};

enum { COPY_PART_BYTES = 1 << 20 };

static void first_line(const char *text, char *out, size_t max)
{
    if (max > 0) {
        (void)snprintf(out, max, "%.*s", (int)strcspn(text, "\n"), text);
    }
}

qm_err qm_pgb_open(const char *conninfo, struct qm_pgb **out, char *error, size_t error_max)
{
    const char *keys[QM_PG_KEYWORDS_MAX], *values[QM_PG_KEYWORDS_MAX];
    struct qm_pgb *c = calloc(1, sizeof *c);
    if (c == NULL) {
        first_line("no memory", error, error_max);
        return QM_E_NOMEM;
    }
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

static qm_err run_query(struct qm_pgb *c, const char *sql, const struct qm_pg_params *p,
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

qm_err qm_pgb_query(struct qm_pgb *c, const char *sql, struct qm_pg_params *params,
                    struct qm_pg_result **out)
{
    *out = NULL;
    struct qm_pg_result *r = calloc(1, sizeof *r);
    qm_err err = r == NULL ? fail(c, QM_E_NOMEM, "no memory") : run_query(c, sql, params, r);
    qm_pg_params_free(params);
    if (err != QM_OK) {
        qm_pgb_result_free(r);
        return err;
    }
    *out = r;
    return QM_OK;
}

void qm_pgb_result_free(struct qm_pg_result *r)
{
    if (r != NULL) {
        PQclear(r->res);
        free(r);
    }
}

qm_err qm_pgb_copy(struct qm_pgb *c, const char *copy_sql, const void *lines, size_t len)
{
    PGresult *res = PQexec(c->c, copy_sql);
    ExecStatusType status = PQresultStatus(res);
    qm_err err = status == PGRES_COPY_IN ? QM_OK : judge(c, res);
    PQclear(res);
    if (status != PGRES_COPY_IN) {
        return err != QM_OK ? err : fail(c, QM_E_INVALID, "not a COPY ... FROM STDIN");
    }
    const char *at = lines;
    while (len > 0 && err == QM_OK) {
        size_t part = len < COPY_PART_BYTES ? len : COPY_PART_BYTES;
        err = PQputCopyData(c->c, at, (int)part) == 1 ? QM_OK : QM_E_UNKNOWN_OUTCOME;
        at += part;
        len -= part;
    }
    if (err == QM_OK && PQputCopyEnd(c->c, NULL) != 1) {
        err = QM_E_UNKNOWN_OUTCOME;
    }
    if (err != QM_OK) {
        (void)drain(c, err);
        return fail(c, err, PQerrorMessage(c->c));
    }
    return drain(c, QM_OK);
}
