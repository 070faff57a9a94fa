/* api_settings.c - floor 4: reading what is set for a county: settings in force and all that they
 * were, what pages remember, and the responsible persons of divisions.
 *
 * Happy path: one statement -> its row or rows by a table of columns; the persons of an area are
 * two statements, one answer.  A setting that was never set is 204.  Failure: a name that none has
 * is 404; an area outside the caller's is 403. Writing is edge/api_register.c.
 */
#include "edge/api_settings.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "edge/area.h"
#include "edge/ask.h"

enum {
    EVERYBODY = QM_ROLE_WORKER | QM_ROLE_LEADER | QM_ROLE_DEPUTY | QM_ROLE_SECRETARY |
                QM_ROLE_TOWNSHIP | QM_ROLE_POLICE | QM_ROLE_INSPECTOR | QM_ROLE_AUDITOR |
                QM_ROLE_ADMIN,
    OFFICE = QM_ROLE_DEPUTY | QM_ROLE_SECRETARY | QM_ROLE_TOWNSHIP | QM_ROLE_ADMIN,
    NO_NAMES = QM_ROLE_AUDITOR | QM_ROLE_ADMIN,
    ANSWER_MAX_BYTES = 32 << 20,
    VERSIONS = 10
};

#define COUNT(list) ((int)(sizeof(list) / sizeof(list)[0]))

static void api_setting(struct qm_call *c);
static void api_versions(struct qm_call *c);
static void api_preference(struct qm_call *c);
static void api_duties(struct qm_call *c);
static void api_groups(struct qm_call *c);

const struct qm_route qm_settings_routes[] = {
    {"GET", "/v1/settings/{kind}", QM_WHO_TOKEN, EVERYBODY, 0, NULL, 1, api_setting},
    {"GET", "/v1/settings/{kind}/versions", QM_WHO_TOKEN, EVERYBODY, 0, NULL, 2, api_versions},
    {"GET", "/v1/preferences/{name}", QM_WHO_TOKEN, EVERYBODY, 0, NULL, 1, api_preference},
    {"GET", "/v1/duties", QM_WHO_TOKEN, OFFICE, 0, NULL, 2, api_duties},
    {"GET", "/v1/groups", QM_WHO_TOKEN, OFFICE, 0, NULL, 1, api_groups},
};
const size_t qm_settings_routes_n = sizeof qm_settings_routes / sizeof qm_settings_routes[0];

static const struct qm_rows_column setting_columns[] = {
    {.name = "index", .type = QM_ROWS_INT},  {.name = "set", .type = QM_ROWS_INT},
    {.name = "by", .type = QM_ROWS_TEXT},    {.name = "sha256", .type = QM_ROWS_TEXT},
    {.name = "value", .type = QM_ROWS_JSON},
};
static const struct qm_rows_column preference_columns[] = {
    {.name = "value", .type = QM_ROWS_JSON},
    {.name = "by", .type = QM_ROWS_TEXT},
    {.name = "set", .type = QM_ROWS_INT},
};
static const struct qm_rows_column group_columns[] = {
    {.name = "code", .type = QM_ROWS_TEXT},   {.name = "zh", .type = QM_ROWS_TEXT},
    {.name = "en", .type = QM_ROWS_TEXT},     {.name = "used", .type = QM_ROWS_BOOL},
    {.name = "areas", .type = QM_ROWS_TEXTS},
};
static const struct qm_rows_column division_columns[] = {
    {.name = "code", .type = QM_ROWS_TEXT},   {.name = "name", .type = QM_ROWS_TEXT},
    {.name = "level", .type = QM_ROWS_TEXT},  {.name = "people", .type = QM_ROWS_INT},
    {.name = "needed", .type = QM_ROWS_INT},  {.name = "first", .type = QM_ROWS_INT},
    {.name = "deputy", .type = QM_ROWS_INT},  {.name = "handler", .type = QM_ROWS_INT},
    {.name = "liaison", .type = QM_ROWS_INT}, {.name = "lecturer", .type = QM_ROWS_INT},
    {.name = "trained", .type = QM_ROWS_INT},
};
static const char *const duty_words[] = {"first", "deputy", "handler", "liaison", "lecturer", NULL};
static const struct qm_rows_column person_columns[] = {
    {.name = "person", .type = QM_ROWS_UUID},
    {.name = "division", .type = QM_ROWS_TEXT},
    {.name = "duty", .type = QM_ROWS_WORD, .words = duty_words},
    {.name = "trained_on", .type = QM_ROWS_DAY},
    {.name = "by", .type = QM_ROWS_TEXT},
    {.name = "at", .type = QM_ROWS_INT},
    {.name = "name", .type = QM_ROWS_NAME},
    {.name = "phone", .type = QM_ROWS_PHONE},
};

/* ---- one row of the county ---- */

static void answer_row(struct qm_call *c, const struct qm_pg_answer *a,
                       const struct qm_rows_column *columns, int n)
{
    struct qm_buf body;
    if (a->err != QM_OK) {
        qm_call_problem_pg(c, a);
        return;
    }
    if (qm_pg_rows(a->result) != 1) {
        qm_call_problem(c, QM_E_NOT_FOUND);
        return;
    }
    qm_buf_init(&body, ANSWER_MAX_BYTES);
    qm_rows_object(a->result, 0, columns, n, c->edge->seal, true, &body);
    qm_buf_puts(&body, "\n");
    qm_call_json(c, &body);
    qm_buf_free(&body);
}

static struct qm_pg_params *named(struct qm_call *c)
{
    struct qm_pg_params *p = qm_pg_params_new();
    qm_pg_int4(p, c->caller.county);
    qm_ask_text(p, c->arg[0]);
    return p;
}

/* A new county has none of them yet, and its pages ask all the same. */
static void answer_unset(struct qm_call *c)
{
    static const char *const headers[] = {"Cache-Control", "no-store", NULL};
    struct qm_buf none;
    qm_buf_init(&none, 0);
    qm_call_reply(c, 204, NULL, headers, &none);
}

static void on_setting(void *ctx, const struct qm_pg_answer *a)
{
    if (a->err == QM_OK && qm_pg_rows(a->result) == 0)
        answer_unset(ctx);
    else
        answer_row(ctx, a, setting_columns, COUNT(setting_columns));
}

static void api_setting(struct qm_call *c)
{
    static const char *const kinds[] = {"rule", "targets", "texts", "topics"};
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        if (strcmp(c->arg[0], kinds[i]) == 0) {
            qm_ask_submit(c, "setting_entry", named(c), on_setting, c);
            return;
        }
    }
    qm_call_problem(c, QM_E_NOT_FOUND);
}

static void on_preference(void *ctx, const struct qm_pg_answer *a)
{
    answer_row(ctx, a, preference_columns, COUNT(preference_columns));
}

static void api_preference(struct qm_call *c)
{
    qm_ask_submit(c, "preference", named(c), on_preference, c);
}

/* ---- care groups, and which may be kept today ---- */

static void on_groups(void *ctx, const struct qm_pg_answer *a)
{
    qm_ask_rows(ctx, a, group_columns, COUNT(group_columns), true);
}

static void api_groups(struct qm_call *c)
{
    struct qm_pg_params *p = qm_pg_params_new();
    qm_pg_int4(p, c->caller.county);
    qm_pg_date(p, qm_day_of_ms(qm_clock_ms()));
    qm_ask_text(p, c->caller.prefix);
    qm_ask_submit(c, "care_groups", p, on_groups, c);
}

/* ---- all that a setting was ---- */

static void on_versions(void *ctx, const struct qm_pg_answer *a)
{
    qm_ask_rows(ctx, a, setting_columns, COUNT(setting_columns), true);
}

static void api_versions(struct qm_call *c)
{
    char text[24];
    int64_t before = 0;
    if (qm_query_or(c, "before", "9007199254740991", text, sizeof text) != QM_OK ||
        qm_dec_read(text, strlen(text), QM_INT_MAX, &before) != QM_OK) {
        qm_call_refuse(c, QM_E_MALFORMED, "before:上一页最后一行的序号。",
                       "before: index of the last row");
        return;
    }
    struct qm_pg_params *p = named(c);
    qm_pg_int8(p, before);
    qm_pg_int4(p, VERSIONS);
    qm_ask_submit(c, "setting_versions", p, on_versions, c);
}

/* ---- responsible persons ---- */

struct duties {
    struct qm_call *c;
    char within[16];
    struct qm_buf body;
};

static void duties_free(void *state)
{
    struct duties *d = state;
    qm_buf_wipe(&d->body);
    free(d);
}

static void ask_within(struct duties *d, const char *statement, qm_pg_done done)
{
    struct qm_pg_params *p = qm_ask_params(d->c);
    qm_ask_text(p, d->within);
    qm_ask_submit(d->c, statement, p, done, d);
}

static void on_people(void *ctx, const struct qm_pg_answer *a)
{
    struct duties *d = ctx;
    struct qm_call *c = d->c;
    if (a->err != QM_OK) {
        qm_call_problem_pg(c, a);
        return;
    }
    qm_buf_puts(&d->body, ",\"people\":");
    qm_rows_json(a->result, person_columns, COUNT(person_columns), c->edge->seal,
                 (c->caller.role & NO_NAMES) == 0, &d->body);
    qm_buf_puts(&d->body, "}\n");
    qm_call_json(c, &d->body);
}

static void on_divisions(void *ctx, const struct qm_pg_answer *a)
{
    struct duties *d = ctx;
    if (a->err != QM_OK) {
        qm_call_problem_pg(d->c, a);
        return;
    }
    qm_buf_puts(&d->body, "{\"divisions\":");
    qm_rows_json(a->result, division_columns, COUNT(division_columns), d->c->edge->seal, true,
                 &d->body);
    ask_within(d, "duty_people", on_people);
}

static void api_duties(struct qm_call *c)
{
    struct duties *d = calloc(1, sizeof *d);
    if (d == NULL) {
        qm_call_problem(c, QM_E_NOMEM);
        return;
    }
    d->c = c;
    qm_buf_init(&d->body, ANSWER_MAX_BYTES);
    c->state = d;
    c->state_free = duties_free;
    if (qm_area_within(c, d->within))
        ask_within(d, "duty_table", on_divisions);
}
