/* admin_common.c - see admin_room.h: report, files, codes, statements.
 * Failure modes: each helper says its own fault once, with what to do, and returns the exit code.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "wire/json.h"
#include "wiring/admin_room.h"
#include "wiring/migrate_files.h"

/* ---- report ---- */

void qm_admin_say(struct qm_admin *a, const char *format, ...)
{
    char line[2048];
    va_list args;
    va_start(args, format);
    (void)vsnprintf(line, sizeof line, format, args);
    va_end(args);
    qm_buf_puts(&a->text, line);
    qm_buf_puts(&a->text, "\n");
}

void qm_admin_str(struct qm_admin *a, const char *name, const char *value)
{
    qm_buf_printf(&a->members, ",\"%s\":", name);
    qm_json_quote(&a->members, value, strlen(value));
}

void qm_admin_int(struct qm_admin *a, const char *name, int64_t value)
{
    qm_buf_printf(&a->members, ",\"%s\":%lld", name, (long long)value);
}

void qm_admin_raw(struct qm_admin *a, const char *name, const struct qm_buf *json)
{
    qm_buf_printf(&a->members, ",\"%s\":", name);
    qm_buf_add(&a->members, json->p, json->len);
    if (json->err != QM_OK)
        a->members.err = json->err;
}

int qm_admin_fail(struct qm_admin *a, int code, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    (void)vsnprintf(a->error, sizeof a->error, format, args);
    va_end(args);
    return code;
}

int qm_admin_faults(struct qm_admin *a, struct qm_faults *faults)
{
    qm_faults_sort(faults);
    struct qm_buf json;
    qm_buf_init(&json, a->members.max_bytes);
    qm_faults_json(faults, &json);
    qm_admin_int(a, "faults", (int64_t)faults->n);
    qm_admin_raw(a, "list", &json);
    qm_buf_free(&json);
    qm_faults_text(faults, &a->text);
    return qm_admin_fail(a, QM_ADMIN_REFUSED,
                         "%zu %s in %s; nothing was kept: correct the file and run this again",
                         faults->n, faults->n == 1 ? "fault" : "faults", a->value[0]);
}

/* ---- what was given ---- */

int qm_admin_file(struct qm_admin *a, const char *path, size_t max_bytes, char **text, size_t *len)
{
    char error[512];
    qm_err err = qm_file_read(path, max_bytes, text, len, error, sizeof error);
    return err == QM_OK ? QM_ADMIN_OK : qm_admin_fail(a, QM_ADMIN_AWAY, "%s", error);
}

int qm_admin_pseudonym(struct qm_admin *a, const char *what, const char *text,
                       uint8_t id[QM_ID_BYTES])
{
    if (qm_pseudonym_read(text, strlen(text), id) == QM_OK)
        return QM_ADMIN_OK;
    return qm_admin_fail(a, QM_ADMIN_USAGE,
                         "%s: \"%s\" is no pseudonym; it has 22 characters, as in the register",
                         what, text);
}

bool qm_admin_area_ok(const struct qm_admin *a, const char *code)
{
    size_t len = strlen(code);
    char own[16];
    snprintf(own, sizeof own, "%06d", a->county);
    return (len == 6 || len == 9 || len == 12 || len == 15) && strspn(code, "0123456789") == len &&
           strncmp(code, own, 6) == 0;
}

const char *qm_admin_prefix(struct qm_admin *a, char own[16])
{
    const char *given = a->option[QM_O_PREFIX];
    if (given == NULL) {
        snprintf(own, 16, "%06d", a->county);
        return own;
    }
    if (qm_admin_area_ok(a, given))
        return given;
    (void)qm_admin_fail(a, QM_ADMIN_USAGE,
                        "--prefix: \"%s\" is no code of 6, 9, 12 or 15 digits in county %06d",
                        given, a->county);
    return NULL;
}

/* ---- the database ---- */

static int explain(struct qm_admin *a)
{
    const char *state = qm_pgb_sqlstate(a->db);
    if (strcmp(state, "QM001") == 0)
        return qm_admin_fail(a, QM_ADMIN_REFUSED,
                             "county %06d is not set up: qiaomend admin county add %06d ...",
                             a->county, a->county);
    if (strcmp(state, "42883") == 0 || strcmp(state, "42P01") == 0 || strcmp(state, "3F000") == 0)
        return qm_admin_fail(a, QM_ADMIN_AWAY,
                             "the database is not up to date (%s): run qiaomend "
                             "migrate first",
                             qm_pgb_error(a->db));
    if (strcmp(state, "42501") == 0)
        return qm_admin_fail(a, QM_ADMIN_AWAY,
                             "%s: run admin as the database user that owns the tables (--database)",
                             qm_pgb_error(a->db));
    return qm_admin_fail(a, QM_ADMIN_AWAY, "the database refused: %s (%s)", qm_pgb_error(a->db),
                         state);
}

int qm_admin_query(struct qm_admin *a, const char *sql, struct qm_pg_params *params,
                   struct qm_pg_result **out)
{
    struct qm_pg_result *r = NULL;
    qm_err err = qm_pgb_query(a->db, sql, params, &r);
    if (err == QM_OK && out != NULL)
        *out = r;
    else
        qm_pgb_result_free(r);
    if (err == QM_E_UNKNOWN_OUTCOME)
        return qm_admin_fail(a, QM_ADMIN_AWAY,
                             "the database went away before it answered (%s): run this again, "
                             "repeating it is harmless",
                             qm_pgb_error(a->db));
    return err == QM_OK ? QM_ADMIN_OK : explain(a);
}

struct qm_pg_params *qm_admin_params_new(void)
{
    struct qm_pg_params *p = qm_pg_params_new();
    if (p == NULL) {
        fputs("qiaomend admin: not enough memory\n", stderr);
        exit(QM_ADMIN_AWAY);
    }
    return p;
}

struct qm_pg_params *qm_admin_params(const struct qm_admin *a)
{
    struct qm_pg_params *p = qm_admin_params_new();
    qm_pg_int4(p, a->county);
    return p;
}

struct qm_pg_params *qm_admin_params_by(const struct qm_admin *a)
{
    struct qm_pg_params *p = qm_admin_params(a);
    qm_admin_add_text(p, a->by);
    qm_pg_int8(p, a->now_ms);
    return p;
}

void qm_admin_add_text(struct qm_pg_params *p, const char *t)
{
    qm_pg_text(p, t, strlen(t));
}

int qm_admin_call(struct qm_admin *a, const char *sql, struct qm_pg_params *params, int64_t *status,
                  struct qm_pg_result **out)
{
    struct qm_pg_result *r = NULL;
    int code = qm_admin_query(a, sql, params, &r);
    if (code != QM_ADMIN_OK)
        return code;
    if (qm_pg_rows(r) != 1) {
        qm_pgb_result_free(r);
        return qm_admin_fail(a, QM_ADMIN_AWAY, "the database gave no answer to: %s", sql);
    }
    *status = qm_pg_get_int(r, 0, 0);
    if (out != NULL)
        *out = r;
    else
        qm_pgb_result_free(r);
    return QM_ADMIN_OK;
}

void qm_admin_logged(struct qm_admin *a, const struct qm_pg_result *r, int idx_col, int size_col)
{
    if (qm_pg_is_null(r, 0, idx_col))
        return;
    int64_t index = qm_pg_get_int(r, 0, idx_col);
    qm_admin_int(a, "index", index);
    qm_admin_int(a, "size", qm_pg_get_int(r, 0, size_col));
    qm_admin_say(a, "log entry %lld of county %06d", (long long)index, a->county);
}
