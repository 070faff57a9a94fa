/* api_register.c - floor 4: what the office does, from the browser: the functions of office.h,
 * which the console has too, behind one handler.
 *
 * Happy path: the route says which function; options come from the JSON body and the path, imports
 * are the body; the log's guard lets the county pass; then in the pool, on a connection of its own
 * under the role `office_role`: BEGIN, the county's head lock, the function, COMMIT.  The answer is
 * the function's report.
 * With dry=1 everything is done and then rolled back: the report says what would have happened.
 * Failure: what the function refuses is 422 with its report (for files: each fault with its line),
 * and nothing is kept.  Two at a time, a third one is told to come back.
 */
#include "edge/api_register.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "domain/tlog.h"
#include "edge/area.h"
#include "edge/office.h"
#include "wire/json.h"

enum {
    CSV_MAX_BYTES = 32 << 20,
    FORM_MAX_BYTES = 16384,
    SETTING_MAX_BYTES = 1 << 20,
    REPORT_MAX_BYTES = 64 << 20,
    JOBS_MAX = 2,
    EVENTS_MAX = 200,
    RESIDENTS_MAX = 64,
    T = QM_ROLE_TOWNSHIP,
    TA = QM_ROLE_TOWNSHIP | QM_ROLE_ADMIN,
    TS = QM_ROLE_TOWNSHIP | QM_ROLE_SECRETARY,
    TSA = QM_ROLE_TOWNSHIP | QM_ROLE_SECRETARY | QM_ROLE_ADMIN,
    TSD = QM_ROLE_TOWNSHIP | QM_ROLE_SECRETARY | QM_ROLE_DEPUTY,
    TSDA = QM_ROLE_TOWNSHIP | QM_ROLE_SECRETARY | QM_ROLE_DEPUTY | QM_ROLE_ADMIN,
    UNDER_TOWNSHIP =
        QM_ROLE_WORKER | QM_ROLE_LEADER | QM_ROLE_DEPUTY | QM_ROLE_SECRETARY | QM_ROLE_POLICE
};
#define O(x) (UINT64_C(1) << QM_O_##x)

static void api_do(struct qm_call *c);

/* Which function a route runs, with what from its body; `path`: the option that the path's part is.
 */
struct doing {
    struct qm_office_command command;
    enum qm_office_option path;
    int events_max;    /* how many "events" the body may have, which are then required */
    int residents_max; /* and "residents": required if there are no events */
    bool whole_county; /* only for callers whose prefix is the county */
};

#define CSV  "text/csv"
#define JSON "application/json"

const struct qm_route qm_register_routes[] = {
    {"POST", "/v1/register/grids", QM_WHO_TOKEN, TA, CSV_MAX_BYTES, CSV, 5, api_do},
    {"POST", "/v1/register/accounts", QM_WHO_TOKEN, TA, CSV_MAX_BYTES, CSV, 5, api_do},
    {"POST", "/v1/register/households", QM_WHO_TOKEN, T, CSV_MAX_BYTES, CSV, 5, api_do},
    {"POST", "/v1/register/residents", QM_WHO_TOKEN, T, CSV_MAX_BYTES, CSV, 5, api_do},
    {"POST", "/v1/register/claims", QM_WHO_TOKEN, TSD, CSV_MAX_BYTES, CSV, 5, api_do},
    {"PUT", "/v1/register/households/{id}/status", QM_WHO_TOKEN, TS, FORM_MAX_BYTES, JSON, 2,
     api_do},
    {"PUT", "/v1/register/households/{id}/worker", QM_WHO_TOKEN, TSD, FORM_MAX_BYTES, JSON, 2,
     api_do},
    {"PUT", "/v1/register/households/{id}/grid", QM_WHO_TOKEN, T, FORM_MAX_BYTES, JSON, 2, api_do},
    {"PUT", "/v1/register/households/{id}/merged", QM_WHO_TOKEN, T, FORM_MAX_BYTES, JSON, 2,
     api_do},
    {"PUT", "/v1/register/residents/{id}/status", QM_WHO_TOKEN, TS, FORM_MAX_BYTES, JSON, 2,
     api_do},
    {"PUT", "/v1/register/residents/{id}/household", QM_WHO_TOKEN, T, FORM_MAX_BYTES, JSON, 2,
     api_do},
    {"POST", "/v1/register/divisions", QM_WHO_TOKEN, QM_ROLE_ADMIN, CSV_MAX_BYTES, CSV, 5, api_do},
    {"PUT", "/v1/register/households/{id}/card", QM_WHO_TOKEN, TS, FORM_MAX_BYTES, JSON, 2, api_do},
    {"PUT", "/v1/register/residents/{id}/card", QM_WHO_TOKEN, TS, FORM_MAX_BYTES, JSON, 2, api_do},
    {"POST", "/v1/register/households/{id}/split", QM_WHO_TOKEN, T, FORM_MAX_BYTES, JSON, 2,
     api_do},
    {"POST", "/v1/register/undo", QM_WHO_TOKEN, TS, FORM_MAX_BYTES, JSON, 2, api_do},
    {"POST", "/v1/proposals/accept", QM_WHO_TOKEN, TS, FORM_MAX_BYTES, JSON, 5, api_do},
    {"POST", "/v1/proposals/decline", QM_WHO_TOKEN, TS, FORM_MAX_BYTES, JSON, 5, api_do},
    {"POST", "/v1/decisions/in", QM_WHO_TOKEN, T, FORM_MAX_BYTES, JSON, 5, api_do},
    {"POST", "/v1/decisions/out", QM_WHO_TOKEN, T, FORM_MAX_BYTES, JSON, 5, api_do},
    {"POST", "/v1/accounts/{account}/phone-code", QM_WHO_TOKEN, TSDA, FORM_MAX_BYTES, JSON, 5,
     api_do},
    {"POST", "/v1/accounts/{account}/sign-in-code", QM_WHO_TOKEN, TA, FORM_MAX_BYTES, JSON, 5,
     api_do},
    {"POST", "/v1/accounts/{account}/close", QM_WHO_TOKEN, TA, FORM_MAX_BYTES, JSON, 5, api_do},
    {"POST", "/v1/accounts/{account}/open", QM_WHO_TOKEN, TA, FORM_MAX_BYTES, JSON, 5, api_do},
    {"PUT", "/v1/accounts/{account}/role", QM_WHO_TOKEN, TA, FORM_MAX_BYTES, JSON, 2, api_do},
    {"POST", "/v1/phones/{device}/revoke", QM_WHO_TOKEN, TA, FORM_MAX_BYTES, JSON, 5, api_do},
    {"PUT", "/v1/settings/rule", QM_WHO_TOKEN, TA, SETTING_MAX_BYTES, JSON, 5, api_do},
    {"PUT", "/v1/settings/targets", QM_WHO_TOKEN, TA, SETTING_MAX_BYTES, JSON, 5, api_do},
    {"PUT", "/v1/settings/texts", QM_WHO_TOKEN, TA, SETTING_MAX_BYTES, JSON, 5, api_do},
    {"PUT", "/v1/settings/topics", QM_WHO_TOKEN, TA, SETTING_MAX_BYTES, JSON, 5, api_do},
    {"POST", "/v1/duties", QM_WHO_TOKEN, TSA, CSV_MAX_BYTES, CSV, 5, api_do},
    {"POST", "/v1/duties/import", QM_WHO_TOKEN, TSA, CSV_MAX_BYTES, CSV, 5, api_do},
    {"PUT", "/v1/duties/{person}/trained", QM_WHO_TOKEN, TSA, FORM_MAX_BYTES, JSON, 2, api_do},
    {"POST", "/v1/duties/{person}/removed", QM_WHO_TOKEN, TSA, FORM_MAX_BYTES, JSON, 2, api_do},
    {"PUT", "/v1/preferences/{name}", QM_WHO_TOKEN, TA, FORM_MAX_BYTES, JSON, 2, api_do},
};
const size_t qm_register_routes_n = sizeof qm_register_routes / sizeof qm_register_routes[0];

/* In the order of the routes. */
static const struct doing doings[] = {
    {.command = {.words = "grids import", .needs = QM_NEED_INPUT, .run = qm_office_grids_import}},
    {.command = {.words = "accounts import",
                 .needs = QM_NEED_INPUT,
                 .run = qm_office_accounts_import}},
    {.command = {.words = "households import",
                 .needs = QM_NEED_INPUT,
                 .run = qm_office_households_import}},
    {.command = {.words = "residents import",
                 .needs = QM_NEED_INPUT,
                 .run = qm_office_residents_import}},
    {.command = {.words = "claim import", .needs = QM_NEED_INPUT, .run = qm_office_claim_import}},
    {.command = {.must = O(STATUS), .run = qm_office_status_set}, .path = QM_O_HOUSEHOLD},
    {.command = {.must = O(ACCOUNT), .run = qm_office_claim_set}, .path = QM_O_HOUSEHOLD},
    {.command = {.must = O(GRID), .run = qm_office_household_move}, .path = QM_O_HOUSEHOLD},
    {.command = {.must = O(INTO), .run = qm_office_household_merge}, .path = QM_O_HOUSEHOLD},
    {.command = {.must = O(STATUS), .run = qm_office_status_set}, .path = QM_O_RESIDENT},
    {.command = {.must = O(HOUSEHOLD), .run = qm_office_resident_move}, .path = QM_O_RESIDENT},
    {.command = {.words = "divisions import",
                 .needs = QM_NEED_INPUT,
                 .run = qm_office_divisions_import},
     .whole_county = true},
    {.command = {.may = O(PLACE) | O(GROUP) | O(LANE) | O(DOOR) | O(REF) | O(HEAD) | O(PHONE),
                 .run = qm_office_household_edit},
     .path = QM_O_HOUSEHOLD},
    {.command = {.may = O(NAME) | O(PHONE) | O(BORN) | O(GROUPS), .run = qm_office_resident_edit},
     .path = QM_O_RESIDENT},
    {.command = {.may = O(GRID) | O(PLACE) | O(GROUP) | O(LANE) | O(DOOR) | O(HEAD) | O(PHONE) |
                        O(INTO),
                 .run = qm_office_household_split},
     .path = QM_O_HOUSEHOLD,
     .residents_max = RESIDENTS_MAX},
    {.command = {.must = O(REV), .may = O(HOUSEHOLD) | O(RESIDENT), .run = qm_office_undo},
     .path = QM_O_COUNT_},
    {.command = {.must = O(AS),
                 .may = O(GRID) | O(HOUSEHOLD) | O(INTO),
                 .run = qm_office_proposals_accept},
     .path = QM_O_COUNT_,
     .events_max = EVENTS_MAX,
     .residents_max = RESIDENTS_MAX},
    {.command = {.run = qm_office_proposals_decline},
     .path = QM_O_COUNT_,
     .events_max = EVENTS_MAX},
    {.command = {.must = O(CODE), .run = qm_office_decide_in},
     .path = QM_O_COUNT_,
     .events_max = 64},
    {.command = {.must = O(CODE), .run = qm_office_decide_out},
     .path = QM_O_COUNT_,
     .events_max = 64},
    {.command = {.run = qm_office_code_new}, .path = QM_O_ACCOUNT},
    {.command = {.run = qm_office_login_code}, .path = QM_O_ACCOUNT},
    {.command = {.must = O(REASON), .run = qm_office_account_close}, .path = QM_O_ACCOUNT},
    {.command = {.must = O(REASON), .run = qm_office_account_open}, .path = QM_O_ACCOUNT},
    {.command = {.must = O(ROLE) | O(PREFIX),
                 .may = O(FROM) | O(UNTIL),
                 .run = qm_office_account_role},
     .path = QM_O_ACCOUNT},
    {.command = {.must = O(LOST), .run = qm_office_revoke}, .path = QM_O_DEVICE},
    {.command = {.words = "rule set", .needs = QM_NEED_INPUT, .run = qm_office_setting_set},
     .whole_county = true},
    {.command = {.words = "targets set", .needs = QM_NEED_INPUT, .run = qm_office_setting_set}},
    {.command = {.words = "texts set", .needs = QM_NEED_INPUT, .run = qm_office_setting_set},
     .whole_county = true},
    {.command = {.words = "topics set", .needs = QM_NEED_INPUT, .run = qm_office_setting_set},
     .whole_county = true},
    {.command = {.words = "duties add", .needs = QM_NEED_INPUT, .run = qm_office_duties_add}},
    {.command = {.words = "duties import", .needs = QM_NEED_INPUT, .run = qm_office_duties_import}},
    {.command = {.must = O(DAY), .run = qm_office_duty_trained}, .path = QM_O_PERSON},
    {.command = {.run = qm_office_duty_remove}, .path = QM_O_PERSON},
    {.command = {.words = "preference set",
                 .needs = QM_NEED_INPUT,
                 .run = qm_office_preference_set},
     .path = QM_O_NAME},
};
_Static_assert(sizeof doings / sizeof doings[0] ==
                   sizeof qm_register_routes / sizeof qm_register_routes[0],
               "each route does one thing");

static size_t jobs_running;

struct job {
    struct qm_call *c;
    const struct doing *doing;
    struct qm_office a;
    struct qm_json_doc *doc;             /* options point into it */
    struct qm_pg_statements *statements; /* held: the pool's thread asks for them by name */
    char *values[EVENTS_MAX + RESIDENTS_MAX];
    bool dry, wants_out;
    struct qm_buf out; /* the file with new pseudonyms */
    int code;
    bool away; /* the database was not reached, or went away */
};

static void job_free(void *state)
{
    struct job *j = state;
    qm_json_free(j->doc);
    qm_pg_statements_release(j->statements);
    qm_buf_wipe(&j->a.text);
    qm_buf_wipe(&j->a.members);
    qm_buf_wipe(&j->out);
    free(j);
}

/* ---- reading the request ---- */

struct form {
    const char *option[QM_O_COUNT_];
    struct qm_json_strings events, residents;
};

static void add_list(struct job *j, const struct qm_json_strings *list)
{
    for (size_t i = 0; i < list->n; i++)
        j->values[j->a.values++] = (char *)list->v[i]; /* only read */
}

/* The body's members are the options that the function takes, and its lists of ids. */
static qm_err read_form(struct job *j)
{
    struct qm_json_field fields[QM_O_COUNT_ + 2];
    const struct qm_office_command *command = &j->doing->command;
    struct form form = {0};
    size_t n = 0;
    size_t len = 0;
    const char *body = (const char *)qm_http_body(j->c->req, &len);
    for (int o = 0; o < QM_O_COUNT_; o++) {
        if (((command->must | command->may) & (UINT64_C(1) << o)) != 0)
            fields[n++] = (struct qm_json_field){qm_office_option_name(o),
                                                 QM_J_STRING,
                                                 (command->must & (UINT64_C(1) << o)) != 0,
                                                 offsetof(struct form, option) +
                                                     (size_t)o * sizeof form.option[0],
                                                 0,
                                                 500};
    }
    if (j->doing->events_max > 0)
        fields[n++] = (struct qm_json_field){
            "events", QM_J_STRINGS, true, offsetof(struct form, events), 1, j->doing->events_max};
    if (j->doing->residents_max > 0)
        fields[n++] = (struct qm_json_field){"residents",
                                             QM_J_STRINGS,
                                             j->doing->events_max == 0,
                                             offsetof(struct form, residents),
                                             1,
                                             j->doing->residents_max};
    qm_err e = qm_json_object(body, len, fields, n, &form, &j->doc, NULL);
    if (e != QM_OK)
        return e;
    memcpy(j->a.option, form.option, sizeof j->a.option);
    j->a.value = j->values;
    add_list(j, &form.events);
    add_list(j, &form.residents);
    return QM_OK;
}

static void read_input(struct job *j)
{
    size_t len = 0;
    j->a.input = (const char *)qm_http_body(j->c->req, &len);
    j->a.input_len = len;
    if (j->a.input == NULL)
        j->a.input = "";
}

static bool flag_of(struct qm_call *c, const char *name, bool *out)
{
    char text[8] = "";
    qm_err e = qm_query_or(c, name, "", text, sizeof text);
    *out = strcmp(text, "1") == 0;
    if (e == QM_OK && (*out || text[0] == '\0'))
        return true;
    qm_call_refuse(c, QM_E_MALFORMED, "%s:写1,或者不写。", "%s: 1, or not there", name);
    return false;
}

static int keep_out(struct qm_office *a, const struct qm_buf *csv)
{
    struct job *j = a->out_ctx;
    return qm_buf_add(&j->out, csv->p, csv->len) == QM_OK
               ? QM_OFFICE_OK
               : qm_office_fail(a, QM_OFFICE_AWAY, "not enough memory; nothing was kept");
}

static void office_fill(struct job *j)
{
    const struct qm_caller *who = &j->c->caller;
    struct qm_office *a = &j->a;
    j->statements = qm_pg_statements_of(j->c->edge->pg);
    a->config = j->c->edge->config;
    a->command = &j->doing->command;
    a->county = who->county;
    a->seal = j->c->edge->seal;
    a->input_name = "the file";
    a->roles_given = who->role == QM_ROLE_ADMIN ? ~0u : (unsigned)UNDER_TOWNSHIP;
    a->may_move = (who->role & (QM_ROLE_TOWNSHIP | QM_ROLE_ADMIN)) != 0;
    a->now_ms = qm_clock_ms();
    snprintf(a->prefix, sizeof a->prefix, "%s", who->prefix);
    snprintf(a->by, sizeof a->by, "%s", who->account);
    snprintf(a->host, sizeof a->host, "%s", j->c->edge->host);
    qm_buf_init(&a->text, REPORT_MAX_BYTES);
    qm_buf_init(&a->members, REPORT_MAX_BYTES);
    qm_buf_init(&j->out, REPORT_MAX_BYTES);
    if (j->wants_out) {
        a->put_out = keep_out;
        a->out_ctx = j;
    }
    if (j->doing->path != QM_O_COUNT_ && j->c->args > 0)
        a->option[j->doing->path] = j->c->arg[0];
}

/* ---- in the pool ---- */

static int script(struct qm_office *a, const char *sql)
{
    return qm_pgb_script(a->db, sql) == QM_OK
               ? QM_OFFICE_OK
               : qm_office_fail(a, QM_OFFICE_AWAY, "%s: %s", sql, qm_pgb_error(a->db));
}

/* For the head lock nobody waits longer than for a unit of work: a change that its caller was told
 * to make again must not be made later, and a thread of the pool must not wait for ever.  Whoever
 * has the lock waits for nobody, and a large file takes its time. */
static int lock(struct qm_office *a)
{
    char limit[64];
    snprintf(limit, sizeof limit, "SET LOCAL statement_timeout = %lld",
             (long long)a->config->db_timeout_ms);
    int code = script(a, limit);
    if (code == QM_OFFICE_OK)
        code = qm_office_query(a, "lock_head", qm_office_params(a), NULL);
    return code == QM_OFFICE_OK ? script(a, "SET LOCAL statement_timeout = '10min'") : code;
}

static int begin(struct qm_office *a)
{
    struct qm_pg_params *role = qm_office_params_new();
    qm_office_add_text(role, a->config->office_role);
    int code = a->config->office_role[0] != '\0' ? qm_office_query(a, "role_set", role, NULL)
                                                 : QM_OFFICE_OK;
    if (a->config->office_role[0] == '\0')
        qm_pg_params_free(role);
    if (code == QM_OFFICE_OK)
        code = script(a, "BEGIN");
    /* From here on nobody moves what lies inside the caller's area out of it, or into it. */
    return code == QM_OFFICE_OK ? lock(a) : code;
}

static void job_work(void *ctx)
{
    struct job *j = ctx;
    struct qm_office *a = &j->a;
    char why[200] = "";
    if (qm_pgb_open(a->config->database, j->statements, &a->db, why, sizeof why) != QM_OK) {
        j->code = qm_office_fail(a, QM_OFFICE_AWAY, "the database cannot be reached: %s", why);
        return;
    }
    j->code = begin(a);
    if (j->code == QM_OFFICE_OK)
        j->code = j->doing->command.run(a);
    if (j->code == QM_OFFICE_OK)
        j->code = script(a, j->dry ? "ROLLBACK" : "COMMIT");
    qm_pgb_close(a->db); /* which rolls back what was not committed */
    a->db = NULL;
}

/* ---- the answer ---- */

static void write_report(struct job *j, struct qm_buf *out)
{
    const struct qm_office *a = &j->a;
    qm_buf_printf(out, "{\"ok\":%s", j->code == QM_OFFICE_OK ? "true" : "false");
    if (j->dry)
        qm_buf_puts(out, ",\"dry\":true");
    qm_buf_add(out, a->members.p, a->members.len);
    if (j->code != QM_OFFICE_OK) {
        qm_buf_puts(out, ",\"error\":");
        qm_json_quote(out, a->error, strlen(a->error));
    } else if (j->wants_out) {
        qm_buf_puts(out, ",\"csv\":");
        qm_json_quote(out, j->out.len > 0 ? (const char *)j->out.p : "", j->out.len);
    }
    qm_buf_puts(out, "}\n");
}

static void job_done(void *ctx)
{
    static const char *const headers[] = {"Cache-Control", "no-store", NULL};
    struct job *j = ctx;
    struct qm_call *c = j->c;
    jobs_running--;
    if (j->code == QM_OFFICE_AWAY) {
        qm_log(QM_LOG_WARN, "office-not-done", "route", QM_LS(c->route->path), "why",
               QM_LS(j->a.error), NULL);
        qm_call_problem(c, QM_E_OVERLOAD);
        return;
    }
    struct qm_buf body;
    qm_buf_init(&body, REPORT_MAX_BYTES);
    write_report(j, &body);
    qm_call_reply(c, j->code == QM_OFFICE_OK ? 200 : 422, "application/json", headers, &body);
    qm_buf_wipe(&body);
}

static void on_guarded(void *ctx, qm_err e)
{
    struct job *j = ctx;
    if (e == QM_OK && jobs_running >= JOBS_MAX)
        e = QM_E_OVERLOAD;
    if (e == QM_OK)
        e = qm_pool_run(j->c->edge->pool, job_work, job_done, j);
    if (e == QM_OK)
        jobs_running++;
    else
        qm_call_problem(j->c, e);
}

static void api_do(struct qm_call *c)
{
    struct job *j = calloc(1, sizeof *j);
    if (j == NULL) {
        qm_call_problem(c, QM_E_NOMEM);
        return;
    }
    j->c = c;
    j->doing = &doings[c->route - qm_register_routes];
    c->state = j;
    c->state_free = job_free;
    bool file = strcmp(c->route->media, CSV) == 0;
    if (!flag_of(c, "dry", &j->dry) || (file && !flag_of(c, "out", &j->wants_out)))
        return;
    bool input = (j->doing->command.needs & QM_NEED_INPUT) != 0;
    qm_err e = input ? QM_OK : read_form(j);
    if (e != QM_OK) {
        qm_call_problem(c, e);
        return;
    }
    if (input)
        read_input(j);
    office_fill(j);
    if (j->doing->whole_county && strlen(c->caller.prefix) > 6)
        qm_call_refuse(c, QM_E_FORBIDDEN, "这一项对全县生效,请由县级账号操作。",
                       "this holds for the whole county: only a county account does it");
    else
        qm_tlog_guard(c->edge->tlog, c->caller.county, on_guarded, j);
}
