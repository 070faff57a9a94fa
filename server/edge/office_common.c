/* office_common.c - see office.h: report, files, codes, statements.
 * Failure modes: each helper says its own fault once, with what to do, and returns the exit code.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "edge/office.h"
#include "wire/json.h"

/* ---- options ---- */

static const char *const option_names[QM_O_COUNT_] = {
    [QM_O_HOST] = "host",
    [QM_O_COUNTY] = "county",
    [QM_O_NAME] = "name",
    [QM_O_BY] = "by",
    [QM_O_ACCOUNT] = "account",
    [QM_O_ROLE] = "role",
    [QM_O_PREFIX] = "prefix",
    [QM_O_DAYS] = "days",
    [QM_O_HOUSEHOLD] = "household",
    [QM_O_RESIDENT] = "resident",
    [QM_O_STATUS] = "status",
    [QM_O_CODE] = "code",
    [QM_O_DEVICE] = "device",
    [QM_O_LOST] = "lost",
    [QM_O_LEVEL] = "level",
    [QM_O_OUT] = "out",
    [QM_O_INTO] = "into",
    [QM_O_GRID] = "grid",
    [QM_O_LEAVE] = "leave",
    [QM_O_REV] = "rev",
    [QM_O_AS] = "as",
    [QM_O_PLACE] = "place",
    [QM_O_GROUP] = "group",
    [QM_O_LANE] = "lane",
    [QM_O_DOOR] = "door",
    [QM_O_HEAD] = "head",
    [QM_O_PHONE] = "phone",
    [QM_O_REF] = "ref",
    [QM_O_BORN] = "born",
    [QM_O_GROUPS] = "groups",
    [QM_O_PERSON] = "person",
    [QM_O_DAY] = "day",
    [QM_O_REASON] = "reason",
    [QM_O_FROM] = "from",
    [QM_O_UNTIL] = "until",
    [QM_O_TITLE] = "title",
    [QM_O_DUE] = "due",
    [QM_O_DIRECTIVE] = "directive",
};

const char *qm_office_option_name(int option)
{
    return option_names[option];
}

/* ---- report ---- */

void qm_office_say(struct qm_office *a, const char *format, ...)
{
    char line[2048];
    va_list args;
    va_start(args, format);
    (void)vsnprintf(line, sizeof line, format, args);
    va_end(args);
    qm_buf_puts(&a->text, line);
    qm_buf_puts(&a->text, "\n");
}

void qm_office_str(struct qm_office *a, const char *name, const char *value)
{
    qm_buf_printf(&a->members, ",\"%s\":", name);
    qm_json_quote(&a->members, value, strlen(value));
}

void qm_office_int(struct qm_office *a, const char *name, int64_t value)
{
    qm_buf_printf(&a->members, ",\"%s\":%lld", name, (long long)value);
}

void qm_office_raw(struct qm_office *a, const char *name, const struct qm_buf *json)
{
    qm_buf_printf(&a->members, ",\"%s\":", name);
    qm_buf_add(&a->members, json->p, json->len);
    if (json->err != QM_OK)
        a->members.err = json->err;
}

int qm_office_fail(struct qm_office *a, int code, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    (void)vsnprintf(a->error, sizeof a->error, format, args);
    va_end(args);
    return code;
}

int qm_office_faults(struct qm_office *a, struct qm_faults *faults)
{
    qm_faults_sort(faults);
    struct qm_buf json;
    qm_buf_init(&json, a->members.max_bytes);
    qm_faults_json(faults, &json);
    qm_office_int(a, "faults", (int64_t)faults->n);
    qm_office_raw(a, "list", &json);
    qm_buf_free(&json);
    qm_faults_text(faults, &a->text);
    return qm_office_fail(a, QM_OFFICE_REFUSED,
                          "%zu %s in %s; nothing was kept: correct the file and run this again",
                          faults->n, faults->n == 1 ? "fault" : "faults", a->input_name);
}

/* ---- what was given ---- */

int qm_office_pseudonym(struct qm_office *a, const char *what, const char *text,
                        uint8_t id[QM_ID_BYTES])
{
    if (qm_pseudonym_read(text, strlen(text), id) == QM_OK)
        return QM_OFFICE_OK;
    return qm_office_fail(a, QM_OFFICE_USAGE,
                          "%s: \"%s\" is no pseudonym; it has 22 characters, as in the register",
                          what, text);
}

bool qm_office_area_ok(const struct qm_office *a, const char *code)
{
    size_t len = strlen(code);
    return (len == 6 || len == 9 || len == 12 || len == 15) && strspn(code, "0123456789") == len &&
           strncmp(code, a->prefix, strlen(a->prefix)) == 0;
}

const char *qm_office_prefix(struct qm_office *a, char own[16])
{
    const char *given = a->option[QM_O_PREFIX];
    if (given == NULL) {
        snprintf(own, 16, "%s", a->prefix);
        return own;
    }
    if (qm_office_area_ok(a, given))
        return given;
    (void)qm_office_fail(a, QM_OFFICE_USAGE,
                         "--prefix: \"%s\" is no code of 6, 9, 12 or 15 digits in county %06d",
                         given, a->county);
    return NULL;
}

/* ---- what lies inside the prefix ---- */

static int found_in(struct qm_office *a, const char *statement, struct qm_pg_params *p,
                    const char *what, const char *name)
{
    struct qm_pg_result *r = NULL;
    qm_office_add_text(p, a->prefix);
    int code = qm_office_query(a, statement, p, &r);
    int rows = code == QM_OFFICE_OK ? qm_pg_rows(r) : 0;
    qm_pgb_result_free(r);
    if (code == QM_OFFICE_OK && rows == 0)
        return qm_office_fail(a, QM_OFFICE_REFUSED, "%s %s is not in the register of %s", what,
                              name, a->prefix);
    return code;
}

static int subject_in(struct qm_office *a, const uint8_t id[QM_ID_BYTES], const char *statement,
                      const char *what)
{
    char name[QM_PSEUDONYM_CHARS + 1];
    struct qm_pg_params *p = qm_office_params(a);
    qm_pseudonym_write(id, name);
    qm_pg_uuid(p, id);
    return found_in(a, statement, p, what, name);
}

int qm_office_household_in(struct qm_office *a, const uint8_t id[QM_ID_BYTES])
{
    return subject_in(a, id, "household_in", "household");
}

int qm_office_resident_in(struct qm_office *a, const uint8_t id[QM_ID_BYTES])
{
    return subject_in(a, id, "resident_in", "resident");
}

int qm_office_account_in(struct qm_office *a, const char *account)
{
    struct qm_pg_params *p = qm_office_params(a);
    qm_office_add_text(p, account);
    return found_in(a, "account_in", p, "account", account);
}

/* ---- personal fields ---- */

int qm_office_seal(struct qm_office *a, const char *purpose, const uint8_t id[QM_ID_BYTES],
                   const char *clear, struct qm_sealed *out)
{
    qm_err err = qm_seal_close(a->seal, purpose, id, QM_ID_BYTES, clear, strlen(clear), out);
    return err == QM_OK
               ? QM_OFFICE_OK
               : qm_office_fail(a, QM_OFFICE_AWAY, "sealing failed: %s", qm_err_text(err, "en"));
}

/* ---- the database ---- */

static int explain(struct qm_office *a, qm_err err, const char *statement)
{
    const char *state = qm_pgb_sqlstate(a->db);
    if (err == QM_E_INVALID)
        return qm_office_fail(a, QM_OFFICE_AWAY,
                              "the statement %s cannot run (%s): set sql_dir to the folder that "
                              "came with this program",
                              statement, qm_pgb_error(a->db));
    if (strcmp(state, "QM001") == 0)
        return qm_office_fail(a, QM_OFFICE_REFUSED,
                              "county %06d is not set up: qiaomend admin county add %06d ...",
                              a->county, a->county);
    if (strcmp(state, "42883") == 0 || strcmp(state, "42P01") == 0 || strcmp(state, "3F000") == 0)
        return qm_office_fail(a, QM_OFFICE_AWAY,
                              "the database is not up to date (%s): run qiaomend "
                              "migrate first",
                              qm_pgb_error(a->db));
    if (strcmp(state, "42501") == 0)
        return qm_office_fail(
            a, QM_OFFICE_AWAY,
            "%s: run admin as the database user that owns the tables (--database)",
            qm_pgb_error(a->db));
    return qm_office_fail(a, QM_OFFICE_AWAY, "the database refused: %s (%s)", qm_pgb_error(a->db),
                          state);
}

int qm_office_query(struct qm_office *a, const char *statement, struct qm_pg_params *params,
                    struct qm_pg_result **out)
{
    struct qm_pg_result *r = NULL;
    if (params == NULL)
        return qm_office_fail(a, QM_OFFICE_AWAY, "not enough memory; nothing was kept");
    qm_err err = qm_pgb_query(a->db, statement, params, &r);
    if (err == QM_OK && out != NULL)
        *out = r;
    else
        qm_pgb_result_free(r);
    a->unknown = a->unknown || err == QM_E_UNKNOWN_OUTCOME;
    if (err == QM_E_UNKNOWN_OUTCOME)
        return qm_office_fail(a, QM_OFFICE_AWAY,
                              "the database went away before it answered (%s): run this again, "
                              "repeating it is harmless",
                              qm_pgb_error(a->db));
    return err == QM_OK ? QM_OFFICE_OK : explain(a, err, statement);
}

struct qm_pg_params *qm_office_params_new(void)
{
    return qm_pg_params_new();
}

struct qm_pg_params *qm_office_params(const struct qm_office *a)
{
    struct qm_pg_params *p = qm_office_params_new();
    qm_pg_int4(p, a->county);
    return p;
}

struct qm_pg_params *qm_office_params_by(const struct qm_office *a)
{
    struct qm_pg_params *p = qm_office_params(a);
    qm_office_add_text(p, a->by);
    qm_pg_int8(p, a->now_ms);
    return p;
}

void qm_office_add_text(struct qm_pg_params *p, const char *t)
{
    qm_pg_text(p, t, strlen(t));
}

int qm_office_call(struct qm_office *a, const char *statement, struct qm_pg_params *params,
                   int64_t *status, struct qm_pg_result **out)
{
    struct qm_pg_result *r = NULL;
    int code = qm_office_query(a, statement, params, &r);
    if (code != QM_OFFICE_OK)
        return code;
    if (qm_pg_rows(r) != 1) {
        qm_pgb_result_free(r);
        return qm_office_fail(a, QM_OFFICE_AWAY, "the database gave no answer to: %s", statement);
    }
    *status = qm_pg_get_int(r, 0, 0);
    if (out != NULL)
        *out = r;
    else
        qm_pgb_result_free(r);
    return QM_OFFICE_OK;
}

void qm_office_logged(struct qm_office *a, const struct qm_pg_result *r, int idx_col, int size_col)
{
    if (qm_pg_is_null(r, 0, idx_col))
        return;
    int64_t index = qm_pg_get_int(r, 0, idx_col);
    qm_office_int(a, "index", index);
    qm_office_int(a, "size", qm_pg_get_int(r, 0, size_col));
    qm_office_say(a, "log entry %lld of county %06d", (long long)index, a->county);
}
