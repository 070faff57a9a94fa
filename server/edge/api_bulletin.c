/* api_bulletin.c - floor 4: freezing, preview, wording, publishing, proposals, scans; see
 * api_bulletin.h.
 *
 * Happy path of a freeze: body -> qm_ranking_freeze -> the draft as JSON.  One that outlasts the
 * request's deadline goes on; who asks again gets what it ended in.
 * Happy path of an act on a bulletin: id and body -> its head (may this caller see it?) -> the act
 * -> the bulletin as JSON, as it is now.
 * Failure: a body that is not of its schema is 400 with the member at fault; what does not fit what
 * is there is 409 with a sentence; a bulletin outside the caller's area is 404, as if it were not
 * there.
 */
#include "edge/api_bulletin.h"

#include <jansson.h>
#include <string.h>

#include "base/clock.h"
#include "edge/auth.h"
#include "edge/bulletin_extras.h"
#include "edge/bulletin_json.h"
#include "edge/bulletin_refuse.h"
#include "edge/bulletin_wording.h"
#include "edge/bulletin_work.h"
#include "edge/closed.h"
#include "edge/rule.h"
#include "wire/json.h"

enum {
    OFFICE = QM_ROLE_TOWNSHIP,
    BODY_MAX_BYTES = 4096,
    WORDING_BODY_MAX_BYTES = 131072,
    ANSWER_MAX_BYTES = 32 << 20,
    REMARK_MAX_BYTES = 1000,
    LIST_MAX = 100,
    SCOPE_COLUMN = 1,
    STATE_COLUMN = 6
};
#define JSON "application/json"

static void api_list(struct qm_call *c);
static void api_freeze(struct qm_call *c);
static void api_one(struct qm_call *c);
static void api_drop(struct qm_call *c);
static void api_wording(struct qm_call *c);
static void api_publish(struct qm_call *c);
static void api_seal(struct qm_call *c);
static void api_proposal(struct qm_call *c);
static void api_public(struct qm_call *c);

const struct qm_route qm_bulletin_routes[] = {
    {"GET", "/v1/bulletins", QM_WHO_TOKEN, QM_BULLETIN_FINDERS, 0, NULL, 2, api_list},
    {"POST", "/v1/bulletins", QM_WHO_TOKEN, OFFICE, BODY_MAX_BYTES, JSON, 10, api_freeze},
    {"GET", "/v1/bulletins/{id}", QM_WHO_TOKEN, QM_BULLETIN_READERS, 0, NULL, 2, api_one},
    {"DELETE", "/v1/bulletins/{id}", QM_WHO_TOKEN, OFFICE, 0, NULL, 2, api_drop},
    {"PUT", "/v1/bulletins/{id}/wording", QM_WHO_TOKEN, OFFICE, WORDING_BODY_MAX_BYTES, JSON, 2,
     api_wording},
    {"POST", "/v1/bulletins/{id}/publish", QM_WHO_TOKEN, OFFICE, 0, NULL, 5, api_publish},
    {"PUT", "/v1/bulletins/{id}/seal", QM_WHO_TOKEN, OFFICE, BODY_MAX_BYTES, JSON, 2, api_seal},
    {"POST", "/v1/bulletins/{id}/proposals/{n}", QM_WHO_TOKEN, OFFICE, BODY_MAX_BYTES, JSON, 2,
     api_proposal},
    {"GET", "/v1/public/bulletins/{county}/{index}", QM_WHO_ANYONE, 0, 0, NULL, 2, api_public},
};
const size_t qm_bulletin_routes_n = sizeof qm_bulletin_routes / sizeof qm_bulletin_routes[0];

bool qm_bulletin_may_see(const struct qm_caller *who, const char *scope, bool published)
{
    bool office = (who->role & (QM_ROLE_TOWNSHIP | QM_ROLE_ADMIN)) != 0;
    return qm_caller_covers(who, scope) && (published || office);
}

/* ---- a bulletin as the answer ---- */

static void on_loaded(void *ctx, qm_err err, struct qm_bulletin *b)
{
    struct qm_call *c = ctx;
    if (err == QM_OK && !qm_bulletin_may_see(&c->caller, b->doc.scope, b->doc.published))
        err = QM_E_NOT_FOUND;
    if (err != QM_OK) {
        qm_call_problem(c, err);
    } else {
        struct qm_buf body;
        qm_buf_init(&body, ANSWER_MAX_BYTES);
        (void)qm_bulletin_json(b, &body); /* a failure stays in the buffer */
        qm_call_json(c, &body);
        qm_buf_free(&body);
    }
    qm_bulletin_free(b);
}

static void answer_bulletin(struct qm_call *c, const uint8_t draft[QM_ID_BYTES])
{
    struct qm_bulletin_wanted wanted = {.county = c->caller.county,
                                        .draft = draft,
                                        .idx = -1,
                                        .preview = true,
                                        .now_ms = qm_clock_ms()};
    qm_bulletin_load(c->edge, &wanted, on_loaded, c);
}

/* The id in the path.  false: answered. */
static bool read_id(struct qm_call *c, uint8_t draft[QM_ID_BYTES])
{
    if (qm_uuid_read(c->arg[0], strlen(c->arg[0]), 0, draft) == QM_OK)
        return true;
    qm_call_problem(c, QM_E_NOT_FOUND);
    return false;
}

static void api_one(struct qm_call *c)
{
    uint8_t draft[QM_ID_BYTES];
    if (read_id(c, draft))
        answer_bulletin(c, draft);
}

/* ---- list ---- */

static void on_list(void *ctx, qm_err err, const struct qm_pg_result *r)
{
    struct qm_bulletin_work *w = ctx;
    if (err != QM_OK) {
        qm_call_problem(w->c, err);
        return;
    }
    int rows = qm_pg_rows(r), shown = rows < w->ask.limit ? rows : w->ask.limit - 1;
    struct qm_buf body;
    qm_buf_init(&body, ANSWER_MAX_BYTES);
    qm_buf_puts(&body, "{\"bulletins\":");
    qm_bulletins_json(r, shown, &body);
    if (shown == rows)
        qm_buf_puts(&body, ",\"next\":null}\n");
    else
        qm_buf_printf(&body, ",\"next\":%lld}\n", (long long)qm_pg_get_int(r, shown - 1, 0));
    qm_call_json(w->c, &body);
    qm_buf_free(&body);
}

/* QM_E_NOT_FOUND leaves the default. false: answered. */
static bool query_number(struct qm_call *c, const char *name, int64_t max, int64_t *out)
{
    char t[20];
    qm_err err = qm_call_query(c, name, t, sizeof t);
    if (err == QM_E_NOT_FOUND)
        return true;
    if (err == QM_OK && qm_dec_read(t, strlen(t), max, out) == QM_OK)
        return true;
    qm_bulletin_refuse_member(c, name);
    return false;
}

static void api_list(struct qm_call *c)
{
    struct qm_bulletin_work *w = qm_bulletin_work_new(c);
    int64_t limit = 20;
    if (w == NULL)
        return;
    qm_err err = qm_call_query(c, "scope", w->scope, sizeof w->scope);
    if (err != QM_OK && err != QM_E_NOT_FOUND) {
        qm_bulletin_refuse_member(c, "scope");
        return;
    }
    w->ask.scope = err == QM_OK ? w->scope : NULL;
    if (!query_number(c, "limit", LIST_MAX, &limit) ||
        !query_number(c, "before", QM_INT_MAX, &w->ask.idx))
        return;
    if (limit < 1) {
        qm_bulletin_refuse_member(c, "limit");
        return;
    }
    w->ask.limit = (int)limit + 1; /* one more says whether there is a next page */
    qm_ranking_read(c->edge->ranking, QM_RANKING_LIST, &w->ask, on_list, w);
}

/* ---- freezing ---- */

static qm_err rule_read(const char *t, size_t len, struct qm_rule *out)
{
    return qm_rule_read(t, len, out, NULL);
}

static bool on_frozen(void *ctx, qm_err err, const struct qm_freeze *f,
                      enum qm_ranking_status status, const uint8_t draft[QM_ID_BYTES])
{
    struct qm_bulletin_work *w = ctx;
    bool there = qm_http_waits(w->c->req);
    if (err == QM_OK)
        answer_bulletin(w->c, draft);
    else if (err == QM_E_CONFLICT && f->why != QM_FREEZE_OK)
        qm_bulletin_refuse_why(w->c, f->why, f->what);
    else if (err == QM_E_CONFLICT)
        qm_bulletin_refuse_status(w->c, status);
    else
        qm_call_problem(w->c, err);
    return there;
}

struct freeze_form {
    const char *scope, *period;
    int64_t replaces;
};

/* A division above a grid, in the caller's area. false: answered. */
static bool scope_ok(struct qm_call *c, const char *scope)
{
    size_t len = strlen(scope);
    if ((len != 6 && len != 9 && len != 12) || strspn(scope, "0123456789") != len) {
        qm_bulletin_refuse_member(c, "scope");
        return false;
    }
    if (qm_caller_covers(&c->caller, scope))
        return true;
    qm_call_problem(c, QM_E_FORBIDDEN);
    return false;
}

static void api_freeze(struct qm_call *c)
{
    static const struct qm_json_field fields[] = {
        {"scope", QM_J_STRING, true, offsetof(struct freeze_form, scope), 6, 12},
        {"period", QM_J_STRING, true, offsetof(struct freeze_form, period), 4, QM_PERIOD_MAX_BYTES},
        {"replaces", QM_J_INT, false, offsetof(struct freeze_form, replaces), 0, QM_INT_MAX},
    };
    struct freeze_form form = {.replaces = -1};
    const char *bad = "";
    size_t len = 0;
    struct qm_bulletin_work *w = qm_bulletin_work_new(c);
    if (w == NULL)
        return;
    const char *body = (const char *)qm_http_body(c->req, &len);
    qm_err err = qm_json_object(body, len, fields, 3, &form, &w->fields, &bad);
    if (err == QM_OK && qm_period_read(form.period, strlen(form.period), &w->ask.span) != QM_OK) {
        err = QM_E_MALFORMED;
        bad = "period";
    }
    if (err != QM_OK) {
        qm_bulletin_refuse_member(c, bad);
        return;
    }
    if (!scope_ok(c, form.scope))
        return;
    if (w->ask.span.first_day > qm_day_of_ms(w->ask.now_ms)) {
        qm_call_refuse(c, QM_E_CONFLICT, "这个周期还没有开始。", "This period has not begun.");
        return;
    }
    w->ask.scope = form.scope;
    w->ask.idx = form.replaces;
    memcpy(w->ask.period, form.period, strlen(form.period));
    qm_ranking_freeze(c->edge->ranking, &w->ask, rule_read, on_frozen, w);
}

/* ---- acts on a bulletin ---- */

static void on_acted(void *ctx, qm_err err, enum qm_ranking_status status,
                     const struct qm_pg_result *r)
{
    struct qm_bulletin_work *w = ctx;
    (void)r;
    if (err != QM_OK) {
        qm_call_problem(w->c, err);
    } else if (status != QM_RANKING_DONE) {
        qm_bulletin_refuse_status(w->c, status);
    } else if (w->act == QM_RANKING_DROP) {
        struct qm_buf body;
        qm_buf_init(&body, BODY_MAX_BYTES);
        qm_buf_puts(&body, "{}\n");
        qm_call_json(w->c, &body);
        qm_buf_free(&body);
    } else {
        answer_bulletin(w->c, w->ask.draft);
    }
}

static void on_head(void *ctx, qm_err err, const struct qm_pg_result *r)
{
    struct qm_bulletin_work *w = ctx;
    if (err == QM_OK && qm_pg_rows(r) != 1)
        err = QM_E_NOT_FOUND;
    if (err == QM_OK && !qm_bulletin_may_see(&w->c->caller, qm_pg_get_text(r, 0, SCOPE_COLUMN),
                                             qm_pg_get_int(r, 0, STATE_COLUMN) == 1))
        err = QM_E_NOT_FOUND;
    if (err != QM_OK)
        qm_call_problem(w->c, err);
    else
        qm_ranking_do(w->c->edge->ranking, w->act, &w->ask, on_acted, w);
}

static void act(struct qm_bulletin_work *w, enum qm_ranking_act what)
{
    w->act = what;
    if (read_id(w->c, w->ask.draft))
        qm_ranking_read(w->c->edge->ranking, QM_RANKING_ONE, &w->ask, on_head, w);
}

static void api_drop(struct qm_call *c)
{
    struct qm_bulletin_work *w = qm_bulletin_work_new(c);
    if (w != NULL)
        act(w, QM_RANKING_DROP);
}

static void api_publish(struct qm_call *c)
{
    struct qm_bulletin_work *w = qm_bulletin_work_new(c);
    if (w != NULL)
        act(w, QM_RANKING_PUBLISH);
}

/* ---- wording ---- */

static void take_section(struct qm_bulletin_work *w, struct qm_faults *faults, const char *name,
                         const json_t *value)
{
    enum qm_wording which;
    if (qm_wording_read(name, &which) != QM_OK) {
        qm_fault_add(faults, 0, name, "is no section");
        return;
    }
    if (!json_is_string(value)) {
        qm_fault_add(faults, 0, name, "must be a text");
        return;
    }
    qm_bulletin_wording_check(which, json_string_value(value), json_string_length(value), faults);
    w->words[w->ask.words_n++] =
        (struct qm_ranking_words){.section = name, .body = json_string_value(value)};
}

/* {"sections":{...}}; faults say what is wrong, section by section. */
static void read_wording(struct qm_bulletin_work *w, struct qm_faults *faults)
{
    static const char *const names[] = {"sections", NULL};
    struct qm_closed c = {.faults = faults};
    size_t len = 0;
    const char *body = (const char *)qm_http_body(w->c->req, &len);
    w->body = qm_closed_parse(&c, body, len);
    if (w->body == NULL || !qm_closed_object(&c, w->body, names))
        return;
    json_t *sections = json_object_get(w->body, "sections");
    if (!json_is_object(sections) || json_object_size(sections) == 0) {
        qm_closed_fault(&c, "sections", "must be an object of sections");
        return;
    }
    const char *name;
    json_t *value;
    json_object_foreach(sections, name, value)
    {
        take_section(w, faults, name, value); /* names are all different */
    }
}

static void api_wording(struct qm_call *c)
{
    struct qm_bulletin_work *w = qm_bulletin_work_new(c);
    struct qm_faults faults;
    if (w == NULL)
        return;
    qm_faults_init(&faults);
    read_wording(w, &faults);
    w->ask.words = w->words;
    if (faults.n == 0)
        act(w, QM_RANKING_WORDING);
    else
        qm_bulletin_refuse_faults(c, &faults, "sections");
    qm_faults_free(&faults);
}

/* ---- scans and proposals ---- */

struct act_form {
    const char *sha256, *decision, *remark;
};

/* Reads the body's members; false: answered. */
static bool read_form(struct qm_bulletin_work *w, const struct qm_json_field *fields, size_t n,
                      struct act_form *form)
{
    size_t len = 0;
    const char *bad = "";
    const char *body = (const char *)qm_http_body(w->c->req, &len);
    if (qm_json_object(body, len, fields, n, form, &w->fields, &bad) == QM_OK)
        return true;
    qm_bulletin_refuse_member(w->c, bad);
    return false;
}

static void api_seal(struct qm_call *c)
{
    static const struct qm_json_field fields[] = {{"sha256", QM_J_STRING, true,
                                                   offsetof(struct act_form, sha256),
                                                   QM_HEX_HASH_CHARS, QM_HEX_HASH_CHARS}};
    struct act_form form = {0};
    struct qm_bulletin_work *w = qm_bulletin_work_new(c);
    if (w == NULL || !read_form(w, fields, 1, &form))
        return;
    if (qm_hex_read(form.sha256, strlen(form.sha256), w->ask.sha256.b, QM_HASH_BYTES) != QM_OK)
        qm_bulletin_refuse_member(c, "sha256");
    else
        act(w, QM_RANKING_SEAL);
}

static void api_proposal(struct qm_call *c)
{
    static const struct qm_json_field fields[] = {
        {"decision", QM_J_STRING, true, offsetof(struct act_form, decision), 1, 20},
        {"remark", QM_J_STRING, true, offsetof(struct act_form, remark), 1, REMARK_MAX_BYTES}};
    struct act_form form = {0};
    int64_t n = 0;
    struct qm_bulletin_work *w = qm_bulletin_work_new(c);
    if (w == NULL || !read_form(w, fields, 2, &form))
        return;
    bool accept = strcmp(form.decision, "accept") == 0;
    if (!accept && strcmp(form.decision, "dismiss") != 0) {
        qm_bulletin_refuse_member(c, "decision");
        return;
    }
    if (qm_dec_read(c->arg[1], strlen(c->arg[1]), INT32_MAX, &n) != QM_OK) {
        qm_call_problem(c, QM_E_NOT_FOUND);
        return;
    }
    w->ask.n = (int)n;
    w->ask.state = accept ? 1 : 2;
    w->ask.remark = form.remark;
    act(w, QM_RANKING_DECIDE);
}

/* ---- for everybody ---- */

static void on_public(void *ctx, qm_err err, struct qm_bulletin *b)
{
    static const char *const headers[] = {"Cache-Control", "public, max-age=60", NULL};
    struct qm_call *c = ctx;
    if (err == QM_OK && !b->doc.published)
        err = QM_E_NOT_FOUND;
    if (err != QM_OK) {
        qm_call_problem(c, err);
    } else {
        struct qm_buf body;
        qm_buf_init(&body, ANSWER_MAX_BYTES);
        (void)qm_bulletin_public_json(b, &body); /* a failure stays in the buffer */
        qm_call_reply(c, 200, JSON, headers, &body);
        qm_buf_free(&body);
    }
    qm_bulletin_free(b);
}

static void api_public(struct qm_call *c)
{
    int64_t county = 0, idx = 0;
    if (strlen(c->arg[0]) != 6 || qm_dec_read(c->arg[0], 6, 999999, &county) != QM_OK ||
        qm_dec_read(c->arg[1], strlen(c->arg[1]), QM_INT_MAX, &idx) != QM_OK) {
        qm_call_problem(c, QM_E_NOT_FOUND);
        return;
    }
    struct qm_bulletin_wanted wanted = {.county = (int)county, .idx = idx};
    qm_bulletin_load(c->edge, &wanted, on_public, c);
}
