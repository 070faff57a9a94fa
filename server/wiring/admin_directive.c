/* admin_directive.c - floor 5: directives at the console: published, listed, and who has read them.
 *
 * Happy path: the same statements as those behind /v1/directives; phones get a new one with their
 * next changes.
 * Failure: whoever may not publish for an area at the browser may not here; after a failure whose
 * outcome is not known the same id goes in again, and nothing is published twice.
 */
#include <stdio.h>
#include <string.h>

#include "edge/api_directive.h"
#include "wire/json.h"
#include "wiring/admin_console.h"

enum { PAGE_ROWS = 50, THERE = 1 /* status of directive_publish */ };

/* ---- publishing ---- */

static int text_ok(struct qm_office *a, const char *what, const char *t, size_t len, size_t max)
{
    size_t chars = qm_utf8_ok(t, len) ? qm_utf8_chars(t, len) : 0;
    if (chars > 0 && chars <= max)
        return QM_OFFICE_OK;
    return qm_office_fail(a, QM_OFFICE_USAGE, "%s: 1 to %zu characters of UTF-8, not %zu", what,
                          max, chars);
}

/* The role that may publish at the browser, over all of the area. */
static int publisher_ok(struct qm_office *a, const char *scope)
{
    struct qm_pg_params *p = qm_office_params(a);
    struct qm_pg_result *r = NULL;
    qm_office_add_text(p, a->by);
    qm_office_add_text(p, "township");
    qm_office_add_text(p, scope);
    qm_pg_date(p, qm_day_of_ms(a->now_ms));
    int code = qm_office_query(a, "account_over", p, &r);
    int rows = code == QM_OFFICE_OK ? qm_pg_rows(r) : 0;
    qm_pgb_result_free(r);
    if (code == QM_OFFICE_OK && rows == 0)
        return qm_office_fail(a, QM_OFFICE_REFUSED,
                              "--by: %s publishes nothing for %s: name a township account whose "
                              "area holds it",
                              a->by, scope);
    return code;
}

/* Takes nothing over but what was given; *id is a new one if none was. */
static int read_options(struct qm_office *a, uint8_t id[QM_ID_BYTES], int32_t *due)
{
    const char *given = a->option[QM_O_DIRECTIVE], *day = a->option[QM_O_DUE];
    if (!qm_office_area_ok(a, a->option[QM_O_PREFIX]))
        return qm_office_fail(a, QM_OFFICE_USAGE,
                              "--prefix: \"%s\" is no code of 6, 9, 12 or 15 digits in county %06d",
                              a->option[QM_O_PREFIX], a->county);
    if (day != NULL && qm_day_read(day, strlen(day), due) != QM_OK)
        return qm_office_fail(a, QM_OFFICE_USAGE, "--due: \"%s\" is no day; yyyy-mm-dd", day);
    if (given == NULL)
        qm_uuid7(id, a->now_ms);
    else if (qm_uuid_read(given, strlen(given), 7, id) != QM_OK)
        return qm_office_fail(a, QM_OFFICE_USAGE,
                              "--directive: \"%s\" is not the id that was reported", given);
    return QM_OFFICE_OK;
}

static int publish(struct qm_office *a, const uint8_t id[QM_ID_BYTES], const int32_t *due,
                   size_t len)
{
    char name[QM_UUID_CHARS + 1];
    int64_t status = 0;
    struct qm_pg_params *p = qm_office_params_by(a);
    qm_uuid_write(id, name);
    qm_pg_uuid(p, id);
    qm_office_add_text(p, a->option[QM_O_PREFIX]);
    qm_office_add_text(p, a->option[QM_O_TITLE]);
    qm_pg_text(p, a->input, len);
    if (a->option[QM_O_DUE] != NULL)
        qm_pg_date(p, *due);
    else
        qm_pg_null(p, QM_PG_DATE);
    int code = qm_office_call(a, "directive_publish", p, &status, NULL);
    if (a->unknown)
        return qm_office_fail(a, QM_OFFICE_AWAY,
                              "the database went away before it answered: run this again with "
                              "--directive %s, which publishes it once",
                              name);
    if (code != QM_OFFICE_OK)
        return code;
    qm_office_str(a, "directive", name);
    qm_buf_printf(&a->members, ",\"repeated\":%s", status == THERE ? "true" : "false");
    if (status == THERE)
        qm_office_say(a, "%s was published before; nothing was changed", name);
    else
        qm_office_say(a, "%s: published for %s", name, a->option[QM_O_PREFIX]);
    return QM_OFFICE_OK;
}

int qm_admin_directive_publish(struct qm_office *a)
{
    uint8_t id[QM_ID_BYTES];
    int32_t due = 0;
    size_t len = a->input_len;
    const char *title = a->option[QM_O_TITLE];
    while (len > 0 && (a->input[len - 1] == '\n' || a->input[len - 1] == '\r'))
        len--; /* the end of the file is none of the text */
    int code = read_options(a, id, &due);
    if (code == QM_OFFICE_OK)
        code = text_ok(a, "--title", title, strlen(title), QM_DIRECTIVE_TITLE_MAX_CHARS);
    if (code == QM_OFFICE_OK)
        code = text_ok(a, a->input_name, a->input, len, QM_DIRECTIVE_BODY_MAX_CHARS);
    if (code == QM_OFFICE_OK)
        code = publisher_ok(a, a->option[QM_O_PREFIX]);
    return code == QM_OFFICE_OK ? publish(a, id, &due, len) : code;
}

/* ---- reading ---- */

static void add_text(struct qm_buf *json, const char *name, const char *value)
{
    qm_buf_printf(json, ",\"%s\":", name);
    if (value == NULL)
        qm_buf_puts(json, "null");
    else
        qm_json_quote(json, value, strlen(value));
}

static const char *day_text(const struct qm_pg_result *r, int row, int col, char out[11])
{
    if (qm_pg_is_null(r, row, col))
        return NULL;
    qm_day_write((int32_t)qm_pg_get_int(r, row, col), out);
    return out;
}

/* Columns of queries/directives.sql. */
enum list_column { L_ID, L_SCOPE, L_TITLE, L_BODY, L_DUE, L_BY, L_AT, L_CONCERNED, L_ACKNOWLEDGED };

static void say_row(struct qm_office *a, const struct qm_pg_result *r, int i, struct qm_buf *json)
{
    char id[QM_UUID_CHARS + 1], day[11];
    size_t len = 0;
    long long read = qm_pg_get_int(r, i, L_ACKNOWLEDGED), of = qm_pg_get_int(r, i, L_CONCERNED);
    const char *due = day_text(r, i, L_DUE, day);
    qm_uuid_write(qm_pg_get_bytes(r, i, L_ID, &len), id);
    qm_buf_printf(json, "%s{\"directive\":\"%s\"", json->len > 1 ? "," : "", id);
    add_text(json, "scope", qm_pg_get_text(r, i, L_SCOPE));
    add_text(json, "title", qm_pg_get_text(r, i, L_TITLE));
    add_text(json, "due", due);
    add_text(json, "by", qm_pg_get_text(r, i, L_BY));
    qm_buf_printf(json, ",\"at\":%lld,\"concerned\":%lld,\"acknowledged\":%lld}",
                  (long long)qm_pg_get_int(r, i, L_AT), of, read);
    qm_office_say(a, "%s  %s  due %s  by %s  read by %lld of %lld  %s", id,
                  qm_pg_get_text(r, i, L_SCOPE), due == NULL ? "-" : due,
                  qm_pg_get_text(r, i, L_BY), read, of, qm_pg_get_text(r, i, L_TITLE));
}

/* One page of what was published before *before, which moves on; *rows: how many it had. */
static int list_page(struct qm_office *a, const char *prefix, int64_t *before, struct qm_buf *json,
                     int *rows)
{
    struct qm_pg_params *p = qm_office_params(a);
    struct qm_pg_result *r = NULL;
    qm_office_add_text(p, "admin");
    qm_office_add_text(p, prefix);
    qm_office_add_text(p, "");
    qm_pg_int8(p, *before);
    qm_pg_int4(p, PAGE_ROWS);
    int code = qm_office_query(a, "directives", p, &r);
    *rows = code == QM_OFFICE_OK ? qm_pg_rows(r) : 0;
    for (int i = 0; i < *rows; i++)
        say_row(a, r, i, json);
    if (*rows > 0)
        *before = qm_pg_get_int(r, *rows - 1, L_AT);
    qm_pgb_result_free(r);
    return code;
}

int qm_admin_directive_list(struct qm_office *a)
{
    char own[16];
    const char *prefix = qm_office_prefix(a, own);
    int64_t before = QM_INT_MAX;
    int rows = PAGE_ROWS, all = 0;
    struct qm_buf json;
    int code = prefix == NULL ? QM_OFFICE_USAGE : QM_OFFICE_OK;
    qm_buf_init(&json, a->members.max_bytes);
    qm_buf_puts(&json, "[");
    while (code == QM_OFFICE_OK && rows == PAGE_ROWS) {
        code = list_page(a, prefix, &before, &json, &rows);
        all += rows;
    }
    qm_buf_puts(&json, "]");
    if (code == QM_OFFICE_OK) {
        qm_office_int(a, "rows", all);
        qm_office_raw(a, "list", &json);
        if (all == 0)
            qm_office_say(a, "no directive for %s", prefix);
    }
    qm_buf_free(&json);
    return code;
}

/* Columns of queries/directive_readers.sql. */
enum reader_column { R_SCOPE, R_TITLE, R_BODY, R_DUE, R_BY, R_AT, R_ACCOUNT, R_READ };

static void show_head(struct qm_office *a, const struct qm_pg_result *r)
{
    char day[11];
    const char *due = day_text(r, 0, R_DUE, day);
    add_text(&a->members, "directive", a->value[0]);
    add_text(&a->members, "scope", qm_pg_get_text(r, 0, R_SCOPE));
    add_text(&a->members, "title", qm_pg_get_text(r, 0, R_TITLE));
    add_text(&a->members, "body", qm_pg_get_text(r, 0, R_BODY));
    add_text(&a->members, "due", due);
    add_text(&a->members, "by", qm_pg_get_text(r, 0, R_BY));
    qm_office_int(a, "at", qm_pg_get_int(r, 0, R_AT));
    qm_office_say(a, "%s  due %s  by %s  %s", qm_pg_get_text(r, 0, R_SCOPE),
                  due == NULL ? "-" : due, qm_pg_get_text(r, 0, R_BY),
                  qm_pg_get_text(r, 0, R_TITLE));
}

static void show_reader(struct qm_office *a, const struct qm_pg_result *r, int i,
                        struct qm_buf *json)
{
    bool read = !qm_pg_is_null(r, i, R_READ);
    bool late = !read && !qm_pg_is_null(r, i, R_DUE) &&
                qm_pg_get_int(r, i, R_DUE) < qm_day_of_ms(a->now_ms);
    const char *account = qm_pg_get_text(r, i, R_ACCOUNT);
    char day[11];
    qm_buf_printf(json, "%s{\"account\":", json->len > 1 ? "," : "");
    qm_json_quote(json, account, strlen(account));
    if (read)
        qm_buf_printf(json, ",\"acknowledged\":%lld", (long long)qm_pg_get_int(r, i, R_READ));
    else
        qm_buf_puts(json, ",\"acknowledged\":null");
    qm_buf_printf(json, ",\"late\":%s}", late ? "true" : "false");
    if (read)
        qm_day_write(qm_day_of_ms(qm_pg_get_int(r, i, R_READ)), day);
    qm_office_say(a, "  %s  %s%s", account,
                  read   ? "read on "
                  : late ? "late"
                         : "not yet",
                  read ? day : "");
}

int qm_admin_directive_show(struct qm_office *a)
{
    uint8_t id[QM_ID_BYTES];
    char own[16];
    struct qm_pg_result *r = NULL;
    const char *prefix = qm_office_prefix(a, own);
    if (prefix == NULL)
        return QM_OFFICE_USAGE;
    if (qm_uuid_read(a->value[0], strlen(a->value[0]), 0, id) != QM_OK)
        return qm_office_fail(a, QM_OFFICE_USAGE,
                              "\"%s\" is no id of a directive; directive list has them",
                              a->value[0]);
    struct qm_pg_params *p = qm_office_params(a);
    qm_pg_uuid(p, id);
    qm_office_add_text(p, prefix);
    int code = qm_office_query(a, "directive_readers", p, &r);
    int n = code == QM_OFFICE_OK ? qm_pg_rows(r) : 0;
    if (code == QM_OFFICE_OK && n == 0)
        code = qm_office_fail(a, QM_OFFICE_REFUSED, "there is no directive %s for %s", a->value[0],
                              prefix);
    if (code == QM_OFFICE_OK) {
        struct qm_buf json;
        qm_buf_init(&json, a->members.max_bytes);
        qm_buf_puts(&json, "[");
        show_head(a, r);
        for (int i = 0; i < n && !qm_pg_is_null(r, i, R_ACCOUNT); i++)
            show_reader(a, r, i, &json);
        qm_buf_puts(&json, "]");
        qm_office_raw(a, "readers", &json);
        qm_buf_free(&json);
    }
    qm_pgb_result_free(r);
    return code;
}
