/* api_people.c - floor 4: see api_people.h.
 *
 * Happy path: the area and the place to go on are read from the query, one statement runs within
 * the caller's prefix, its rows are written by a table of columns. Failure: wrong parameters are
 * 400 with the reason, an area outside the caller's prefix is 403.
 */
#include "edge/api_people.h"

#include <stdio.h>
#include <string.h>

#include "edge/area.h"
#include "edge/ask.h"

enum {
    BY_NAME = QM_ROLE_WORKER | QM_ROLE_LEADER | QM_ROLE_DEPUTY | QM_ROLE_SECRETARY |
              QM_ROLE_TOWNSHIP | QM_ROLE_POLICE | QM_ROLE_INSPECTOR,
    EVERYBODY = BY_NAME | QM_ROLE_AUDITOR | QM_ROLE_ADMIN,
    OFFICE = QM_ROLE_DEPUTY | QM_ROLE_SECRETARY | QM_ROLE_TOWNSHIP | QM_ROLE_ADMIN,
    NO_NAMES = QM_ROLE_AUDITOR | QM_ROLE_ADMIN,
    LAST_DAY = 2932896, /* 9999-12-31, the last one that can be written */
    PAGE_MAX = 500
};

#define COUNT(list) ((int)(sizeof(list) / sizeof(list)[0]))

static void api_area_list(struct qm_call *c);
static void api_held(struct qm_call *c);
static void api_access(struct qm_call *c);

const struct qm_route qm_people_routes[] = {
    {"GET", "/v1/divisions", QM_WHO_TOKEN, EVERYBODY, 0, NULL, 1, api_area_list},
    {"GET", "/v1/accounts", QM_WHO_TOKEN, OFFICE, 0, NULL, 2, api_area_list},
    {"GET", "/v1/names", QM_WHO_TOKEN, BY_NAME, 0, NULL, 2, api_area_list},
    {"GET", "/v1/phones", QM_WHO_TOKEN, OFFICE, 0, NULL, 2, api_area_list},
    {"GET", "/v1/held", QM_WHO_TOKEN, OFFICE, 0, NULL, 2, api_held},
    {"GET", "/v1/access", QM_WHO_TOKEN, QM_ROLE_TOWNSHIP | NO_NAMES, 0, NULL, 2, api_access},
};
const size_t qm_people_routes_n = sizeof qm_people_routes / sizeof qm_people_routes[0];

/* ---- columns ---- */

static const struct qm_rows_column division_columns[] = {
    {.name = "code", .type = QM_ROWS_TEXT},
    {.name = "name", .type = QM_ROWS_TEXT},
    {.name = "level", .type = QM_ROWS_TEXT},
};
static const struct qm_rows_column account_columns[] = {
    {.name = "account", .type = QM_ROWS_TEXT},    {.name = "closed", .type = QM_ROWS_BOOL},
    {.name = "role", .type = QM_ROWS_TEXT},       {.name = "prefix", .type = QM_ROWS_TEXT},
    {.name = "from", .type = QM_ROWS_DAY},        {.name = "until", .type = QM_ROWS_DAY},
    {.name = "signs_in", .type = QM_ROWS_BOOL},   {.name = "phones", .type = QM_ROWS_INT},
    {.name = "closed_at", .type = QM_ROWS_INT},   {.name = "closed_by", .type = QM_ROWS_TEXT},
    {.name = "closed_why", .type = QM_ROWS_TEXT}, {.name = "name", .type = QM_ROWS_NAME},
    {.name = "phone", .type = QM_ROWS_PHONE},
};
static const struct qm_rows_column name_columns[] = {
    {.name = "account", .type = QM_ROWS_TEXT},
    {.name = "name", .type = QM_ROWS_NAME},
};
static const struct qm_rows_column phone_columns[] = {
    {.name = "device", .type = QM_ROWS_UUID},    {.name = "account", .type = QM_ROWS_TEXT},
    {.name = "hard", .type = QM_ROWS_BOOL},      {.name = "enrolled", .type = QM_ROWS_INT},
    {.name = "heard", .type = QM_ROWS_INT},      {.name = "revoked", .type = QM_ROWS_BOOL},
    {.name = "revoked_at", .type = QM_ROWS_INT}, {.name = "seq", .type = QM_ROWS_INT},
    {.name = "missing", .type = QM_ROWS_INT},    {.name = "own", .type = QM_ROWS_BOOL},
};
static const char *const hold_words[] = {"revoked", "scope", "moved", NULL};
static const struct qm_rows_column held_columns[] = {
    {.name = "event", .type = QM_ROWS_UUID},
    {.name = "kind", .type = QM_ROWS_WORD, .of = "kind"},
    {.name = "hold", .type = QM_ROWS_WORD, .words = hold_words},
    {.name = "grid", .type = QM_ROWS_DIGITS},
    {.name = "account", .type = QM_ROWS_TEXT},
    {.name = "household", .type = QM_ROWS_PSEUDONYM},
    {.name = "resident", .type = QM_ROWS_PSEUDONYM},
    {.name = "at", .type = QM_ROWS_INT},
    {.name = "recv", .type = QM_ROWS_INT},
    {.name = "index", .type = QM_ROWS_INT},
    {.name = "line", .type = QM_ROWS_INT},
};
enum { ACCESS_ID = 11 }; /* household or resident that the name is sealed for */
static const struct qm_rows_column access_columns[] = {
    {.name = "at", .type = QM_ROWS_INT},
    {.name = "account", .type = QM_ROWS_TEXT},
    {.name = "role", .type = QM_ROWS_TEXT},
    {.name = "what", .type = QM_ROWS_TEXT},
    {.name = "subject", .type = QM_ROWS_TEXT},
    {.name = "reason", .type = QM_ROWS_TEXT},
    {.name = "household", .type = QM_ROWS_PSEUDONYM},
    {.name = "grid", .type = QM_ROWS_DIGITS},
    {.name = "group", .type = QM_ROWS_TEXT, .personal = true},
    {.name = "lane", .type = QM_ROWS_TEXT, .personal = true},
    {.name = "door", .type = QM_ROWS_TEXT, .personal = true},
    {.type = QM_ROWS_SKIP},
    {.name = "name", .type = QM_ROWS_NAME, .id = ACCESS_ID},
};

static const struct area_list {
    const char *path, *statement;
    const struct qm_rows_column *columns;
    int n;
} area_lists[] = {
    {"/v1/divisions", "divisions", division_columns, COUNT(division_columns)},
    {"/v1/accounts", "accounts", account_columns, COUNT(account_columns)},
    {"/v1/names", "account_names", name_columns, COUNT(name_columns)},
    {"/v1/phones", "phones", phone_columns, COUNT(phone_columns)},
};

/* ---- lists of an area ---- */

static bool names_for(const struct qm_call *c)
{
    return (c->caller.role & NO_NAMES) == 0;
}

static const struct area_list *list_of(const struct qm_call *c)
{
    size_t i = 0;
    while (strcmp(area_lists[i].path, c->route->path) != 0)
        i++;
    return &area_lists[i];
}

static void on_area_list(void *ctx, const struct qm_pg_answer *a)
{
    struct qm_call *c = ctx;
    const struct area_list *l = list_of(c);
    qm_ask_rows(c, a, l->columns, l->n, names_for(c));
}

static void api_area_list(struct qm_call *c)
{
    char within[16];
    if (!qm_area_within(c, within))
        return;
    struct qm_pg_params *p = qm_ask_params(c);
    qm_ask_text(p, within);
    qm_ask_submit(c, list_of(c)->statement, p, on_area_list, c);
}

/* ---- pages ---- */

static bool read_number(struct qm_call *c, const char *name, int64_t otherwise, int64_t max,
                        int64_t *out)
{
    char text[24];
    qm_err e = qm_call_query(c, name, text, sizeof text);
    *out = otherwise;
    if (e == QM_E_NOT_FOUND || (e == QM_OK && qm_dec_read(text, strlen(text), max, out) == QM_OK))
        return true;
    qm_call_refuse(c, QM_E_MALFORMED, "%s:应为不超过%lld的整数。", "%s: a whole number up to %lld",
                   name, (long long)max);
    return false;
}

/* "<grid>-<index>-<line>" of the last row seen. */
static bool read_held_place(struct qm_call *c, int64_t place[3])
{
    static const int64_t max[3] = {QM_INT_MAX, QM_INT_MAX, INT32_MAX};
    char text[64];
    qm_err e = qm_query_or(c, "after", "", text, sizeof text);
    const char *t = text;
    for (int i = 0; e == QM_OK && text[0] != '\0' && i < 3; i++) {
        size_t len = strcspn(t, "-");
        e = qm_dec_read(t, len, max[i], &place[i]);
        t += len;
        if (e == QM_OK && *t != (i < 2 ? '-' : '\0'))
            e = QM_E_MALFORMED;
        t += *t == '-';
    }
    if (e != QM_OK)
        qm_call_refuse(c, QM_E_MALFORMED, "after:上一页最后一行的“网格-序号-行”。",
                       "after: grid-index-line of the last row");
    return e == QM_OK;
}

static void on_held(void *ctx, const struct qm_pg_answer *a)
{
    qm_ask_rows(ctx, a, held_columns, COUNT(held_columns), true);
}

static void api_held(struct qm_call *c)
{
    char within[16];
    int64_t place[3] = {0, -1, -1};
    int32_t limit = 0;
    if (!qm_area_within(c, within) || !read_held_place(c, place) ||
        !qm_query_limit(c, PAGE_MAX, &limit))
        return;
    struct qm_pg_params *p = qm_ask_params(c);
    qm_ask_text(p, within);
    qm_pg_int8(p, place[0]);
    qm_pg_int8(p, place[1]);
    qm_pg_int4(p, (int32_t)place[2]);
    qm_pg_int4(p, limit);
    qm_ask_submit(c, "held", p, on_held, c);
}

/* ---- who looked at what ---- */

struct access_ask {
    char account[QM_ACCOUNT_MAX_BYTES + 1]; /* "": of everybody */
    char what[20];                          /* "": all that is noted */
    int64_t from, before;                   /* Unix ms */
    int32_t limit;
};

static void on_access(void *ctx, const struct qm_pg_answer *a)
{
    struct qm_call *c = ctx;
    qm_ask_rows(c, a, access_columns, COUNT(access_columns), names_for(c));
}

/* Whole days of Asia/Shanghai, both included; pages go on below `before`. */
static bool read_span(struct qm_call *c, struct access_ask *k)
{
    int32_t from = 0;
    int32_t until = 0;
    if (!qm_query_day(c, "from", 0, &from) || !qm_query_day(c, "until", LAST_DAY, &until) ||
        !read_number(c, "before", QM_INT_MAX, QM_INT_MAX, &k->before))
        return false;
    if (from > until) {
        qm_call_refuse(c, QM_E_MALFORMED, "from、until:开始的日期不能晚于结束的日期。",
                       "from, until: the first day may not be after the last one");
        return false;
    }
    k->from = qm_day_begin_ms(from);
    const int64_t end = qm_day_begin_ms(until + 1);
    if (k->before > end)
        k->before = end;
    return true;
}

static bool read_account(struct qm_call *c, struct access_ask *k)
{
    qm_err e = qm_query_or(c, "account", "", k->account, sizeof k->account);
    if (e == QM_OK && (k->account[0] == '\0' || qm_account_ok(k->account, strlen(k->account))))
        return true;
    qm_call_refuse(c, QM_E_MALFORMED, "account:账号由字母、数字组成,如S0001。",
                   "account: letters and digits as in S0001");
    return false;
}

static bool read_what(struct qm_call *c, struct access_ask *k)
{
    static const char *const noted[] = {"", "reveal", "find_households", "find_residents"};
    qm_err e = qm_query_or(c, "what", "", k->what, sizeof k->what);
    for (size_t i = 0; e == QM_OK && i < sizeof noted / sizeof noted[0]; i++)
        if (strcmp(k->what, noted[i]) == 0)
            return true;
    qm_call_refuse(c, QM_E_MALFORMED, "what:reveal、find_households或find_residents。",
                   "what: reveal, find_households or find_residents");
    return false;
}

static void api_access(struct qm_call *c)
{
    struct access_ask k = {0};
    if (!read_span(c, &k) || !read_account(c, &k) || !read_what(c, &k) ||
        !qm_query_limit(c, PAGE_MAX, &k.limit))
        return;
    struct qm_pg_params *p = qm_ask_params(c);
    qm_pg_int8(p, k.from);
    qm_pg_int8(p, k.before);
    qm_ask_text(p, k.account);
    qm_ask_text(p, k.what);
    qm_pg_int4(p, k.limit);
    qm_ask_submit(c, "access_list", p, on_access, c);
}
