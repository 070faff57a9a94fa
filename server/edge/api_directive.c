/* api_directive.c - floor 4: see api_directive.h.
 *
 * Happy path: the office publishes a text for an area; phones get it as a row of their changes, the
 * others read the list; each acknowledges it once; the office sees who has not.
 * Failure: a directive for another area is not there; acknowledging twice is harmless.
 */
#include "edge/api_directive.h"

#include <string.h>

#include "base/clock.h"
#include "domain/answer.h"
#include "edge/area.h"
#include "edge/ask.h"
#include "edge/auth.h"
#include "wire/json.h"

enum {
    READERS = QM_ROLE_LEADER | QM_ROLE_DEPUTY | QM_ROLE_SECRETARY | QM_ROLE_TOWNSHIP |
              QM_ROLE_POLICE | QM_ROLE_INSPECTOR,
    ACKNOWLEDGERS = QM_ROLE_LEADER | QM_ROLE_DEPUTY | QM_ROLE_SECRETARY,
    BODY_MAX_BYTES = 32768,
    CHAR_MAX_BYTES = 4,
    TITLE_MAX_BYTES = CHAR_MAX_BYTES * QM_DIRECTIVE_TITLE_MAX_CHARS,
    TEXT_MAX_BYTES = CHAR_MAX_BYTES * QM_DIRECTIVE_BODY_MAX_CHARS,
    PAGE = 50
};

#define COUNT(list) ((int)(sizeof(list) / sizeof(list)[0]))

static void api_publish(struct qm_call *c);
static void api_list(struct qm_call *c);
static void api_late(struct qm_call *c);
static void api_acknowledge(struct qm_call *c);

const struct qm_route qm_directive_routes[] = {
    {"POST", "/v1/directives", QM_WHO_TOKEN, QM_ROLE_TOWNSHIP, BODY_MAX_BYTES, "application/json",
     5, api_publish},
    {"GET", "/v1/directives", QM_WHO_TOKEN, READERS, 0, NULL, 2, api_list},
    {"GET", "/v1/directives/{directive}/late", QM_WHO_TOKEN, READERS, 0, NULL, 2, api_late},
    {"PUT", "/v1/directives/{directive}/acknowledged", QM_WHO_TOKEN, ACKNOWLEDGERS, 64,
     "application/json", 2, api_acknowledge},
    {"PUT", "/v1/phone/directives/{directive}/acknowledged", QM_WHO_DEVICE, 0, 64,
     "application/json", 2, api_acknowledge},
};
const size_t qm_directive_routes_n = sizeof qm_directive_routes / sizeof qm_directive_routes[0];

static const struct qm_rows_column list_columns[] = {
    {.name = "directive", .type = QM_ROWS_UUID},   {.name = "scope", .type = QM_ROWS_TEXT},
    {.name = "title", .type = QM_ROWS_TEXT},       {.name = "body", .type = QM_ROWS_TEXT},
    {.name = "due", .type = QM_ROWS_DAY},          {.name = "by", .type = QM_ROWS_TEXT},
    {.name = "at", .type = QM_ROWS_INT},           {.name = "concerned", .type = QM_ROWS_INT},
    {.name = "acknowledged", .type = QM_ROWS_INT}, {.name = "own", .type = QM_ROWS_INT},
};
static const struct qm_rows_column late_columns[] = {
    {.name = "account", .type = QM_ROWS_TEXT},
    {.name = "role", .type = QM_ROWS_TEXT},
    {.name = "prefix", .type = QM_ROWS_TEXT},
};

/* ---- publishing ---- */

struct form {
    const char *directive, *scope, *title, *body, *due;
};

static void on_published(void *ctx, const struct qm_pg_answer *a)
{
    struct qm_call *c = ctx;
    qm_err e = qm_answer_err(a, "directive_publish");
    struct qm_buf body;
    if (e != QM_OK) {
        qm_call_problem(c, e);
        return;
    }
    qm_buf_init(&body, 64);
    qm_buf_printf(&body, "{\"repeated\":%s}\n",
                  qm_pg_get_int(a->result, 0, 0) == 1 ? "true" : "false");
    qm_call_json(c, &body);
    qm_buf_free(&body);
}

static bool scope_ok(const struct qm_call *c, const char *scope)
{
    size_t len = strlen(scope);
    return (len == 6 || len == 9 || len == 12 || len == 15) && strspn(scope, "0123456789") == len &&
           qm_caller_covers(&c->caller, scope);
}

static void publish(struct qm_call *c, const struct form *f)
{
    uint8_t id[QM_ID_BYTES];
    int32_t due = 0;
    bool has_due = f->due != NULL && f->due[0] != '\0';
    if (qm_uuid_read(f->directive, strlen(f->directive), 7, id) != QM_OK ||
        (has_due && qm_day_read(f->due, strlen(f->due), &due) != QM_OK)) {
        qm_call_refuse(c, QM_E_MALFORMED,
                       "directive是自己生成的UUIDv7;due写成2026-03-05,没有就不写。",
                       "directive: a UUIDv7 of your own; due: yyyy-mm-dd, or not there");
        return;
    }
    if (qm_utf8_chars(f->title, strlen(f->title)) > QM_DIRECTIVE_TITLE_MAX_CHARS ||
        qm_utf8_chars(f->body, strlen(f->body)) > QM_DIRECTIVE_BODY_MAX_CHARS) {
        qm_call_refuse(c, QM_E_MALFORMED, "标题最多100字,正文最多4000字,请缩短后再发布。",
                       "title: at most 100 characters, body: at most 4000; shorten it");
        return;
    }
    if (!scope_ok(c, f->scope)) {
        qm_call_problem(c, QM_E_FORBIDDEN);
        return;
    }
    struct qm_pg_params *p = qm_pg_params_new();
    qm_pg_int4(p, c->caller.county);
    qm_ask_text(p, c->caller.account);
    qm_pg_int8(p, qm_clock_ms());
    qm_pg_uuid(p, id);
    qm_ask_text(p, f->scope);
    qm_ask_text(p, f->title);
    qm_ask_text(p, f->body);
    if (has_due)
        qm_pg_date(p, due);
    else
        qm_pg_null(p, QM_PG_DATE);
    qm_ask_submit(c, "directive_publish", p, on_published, c);
}

static void api_publish(struct qm_call *c)
{
    static const struct qm_json_field fields[] = {
        {"directive", QM_J_STRING, true, offsetof(struct form, directive), QM_UUID_CHARS,
         QM_UUID_CHARS},
        {"scope", QM_J_STRING, true, offsetof(struct form, scope), 6, 15},
        {"title", QM_J_STRING, true, offsetof(struct form, title), 1, TITLE_MAX_BYTES},
        {"body", QM_J_STRING, true, offsetof(struct form, body), 1, TEXT_MAX_BYTES},
        {"due", QM_J_STRING, false, offsetof(struct form, due), 0, 10},
    };
    struct form form = {0};
    struct qm_json_doc *doc = NULL;
    size_t len;
    const char *body = (const char *)qm_http_body(c->req, &len);
    qm_err e = qm_json_object(body, len, fields, sizeof fields / sizeof *fields, &form, &doc, NULL);
    if (e == QM_OK)
        publish(c, &form);
    else
        qm_call_problem(c, e);
    qm_json_free(doc);
}

/* ---- reading ---- */

static void on_list(void *ctx, const struct qm_pg_answer *a)
{
    qm_ask_rows(ctx, a, list_columns, COUNT(list_columns), true);
}

static void api_list(struct qm_call *c)
{
    char text[24];
    int64_t before = QM_INT_MAX;
    if (qm_query_or(c, "before", "9007199254740991", text, sizeof text) != QM_OK ||
        qm_dec_read(text, strlen(text), QM_INT_MAX, &before) != QM_OK) {
        qm_call_refuse(c, QM_E_MALFORMED, "before:Unix毫秒。", "before: Unix ms");
        return;
    }
    struct qm_pg_params *p = qm_ask_params(c);
    qm_ask_text(p, c->caller.account);
    qm_pg_int8(p, before);
    qm_pg_int4(p, PAGE);
    qm_ask_submit(c, "directives", p, on_list, c);
}

static void on_late(void *ctx, const struct qm_pg_answer *a)
{
    qm_ask_rows(ctx, a, late_columns, COUNT(late_columns), true);
}

static void api_late(struct qm_call *c)
{
    uint8_t id[QM_ID_BYTES];
    if (qm_uuid_read(c->arg[0], strlen(c->arg[0]), 0, id) != QM_OK) {
        qm_call_problem(c, QM_E_NOT_FOUND);
        return;
    }
    struct qm_pg_params *p = qm_ask_params(c);
    qm_pg_uuid(p, id);
    qm_ask_submit(c, "directive_late", p, on_late, c);
}

/* ---- acknowledging ---- */

static void on_acknowledged(void *ctx, const struct qm_pg_answer *a)
{
    struct qm_call *c = ctx;
    qm_err e = qm_answer_err(a, "directive_acknowledge");
    if (e == QM_OK && qm_pg_get_int(a->result, 0, 0) != 0)
        e = QM_E_NOT_FOUND;
    struct qm_buf body;
    if (e != QM_OK) {
        qm_call_problem(c, e);
        return;
    }
    qm_buf_init(&body, 16);
    qm_buf_puts(&body, "{}\n");
    qm_call_json(c, &body);
    qm_buf_free(&body);
}

static void api_acknowledge(struct qm_call *c)
{
    uint8_t id[QM_ID_BYTES];
    if (qm_uuid_read(c->arg[0], strlen(c->arg[0]), 0, id) != QM_OK) {
        qm_call_problem(c, QM_E_NOT_FOUND);
        return;
    }
    if (c->caller.revoked) {
        qm_call_problem(c, QM_E_REVOKED);
        return;
    }
    struct qm_pg_params *p = qm_pg_params_new();
    qm_pg_int4(p, c->caller.county);
    qm_ask_text(p, c->caller.account);
    qm_pg_uuid(p, id);
    qm_pg_int8(p, qm_clock_ms());
    qm_ask_submit(c, "directive_acknowledge", p, on_acknowledged, c);
}
