/* api_session.c - floor 4: signing in and out at a browser; see api_session.h and domain/session.h.
 *
 * Happy path: POST /v1/session answers with the cookie and who has signed in; every later request
 * brings the cookie, and X-QM-CSRF when it changes something.
 * Failure: a password that is too short says so; everything else that is wrong with an account, a
 * password or a code is one and the same 401.
 */
#include "edge/api_session.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "domain/answer.h"
#include "domain/session.h"
#include "domain/tlog.h"
#include "edge/auth.h"
#include "wire/json.h"

enum {
    EVERYBODY = QM_ROLE_WORKER | QM_ROLE_LEADER | QM_ROLE_DEPUTY | QM_ROLE_SECRETARY |
                QM_ROLE_TOWNSHIP | QM_ROLE_POLICE | QM_ROLE_INSPECTOR | QM_ROLE_AUDITOR |
                QM_ROLE_ADMIN,
    BODY_MAX_BYTES = 2048,
    ANSWER_MAX_BYTES = 16384,
    SIGN_IN_COST = 20, /* of the address budget: hashing is what an attacker would use up */
    COUNTY_DIGITS = 6
};

static void api_begin(struct qm_call *c);
static void api_read(struct qm_call *c);
static void api_end(struct qm_call *c);
static void api_password(struct qm_call *c);
static void api_site(struct qm_call *c);

const struct qm_route qm_session_routes[] = {
    {"GET", "/v1/site", QM_WHO_ANYONE, 0, 0, NULL, 1, api_site},
    {"POST", "/v1/session", QM_WHO_BODY, 0, BODY_MAX_BYTES, "application/json", SIGN_IN_COST,
     api_begin},
    {"GET", "/v1/session", QM_WHO_TOKEN, EVERYBODY, 0, NULL, 1, api_read},
    {"DELETE", "/v1/session", QM_WHO_TOKEN, EVERYBODY, 0, NULL, 1, api_end},
    {"PUT", "/v1/session/password", QM_WHO_TOKEN, EVERYBODY, BODY_MAX_BYTES, "application/json",
     SIGN_IN_COST, api_password},
};
const size_t qm_session_routes_n = sizeof qm_session_routes / sizeof qm_session_routes[0];

/* ---- what the sign-in page, and who checks a receipt, must know ---- */

enum { COUNTY, NAME, TREE, TEXTS };

/* {"code","name","log","texts"} of one county; neither a verifier key nor a hash has a character
 * that JSON escapes. */
static qm_err site_county(const struct qm_tlog *tlog, const struct qm_pg_result *r, int row,
                          struct qm_buf *out)
{
    int county = (int)qm_pg_get_int(r, row, COUNTY);
    const char *name = qm_pg_get_text(r, row, NAME);
    qm_buf_printf(out, "%s{\"code\":\"%06d\",\"name\":", row > 0 ? "," : "", county);
    qm_json_quote(out, name, strlen(name));
    qm_buf_puts(out, ",\"log\":\"");
    qm_err e = qm_tlog_vkey(tlog, county, (int)qm_pg_get_int(r, row, TREE), out);
    if (qm_pg_is_null(r, row, TEXTS))
        qm_buf_puts(out, "\",\"texts\":null}");
    else
        qm_buf_printf(out, "\",\"texts\":\"%s\"}", qm_pg_get_text(r, row, TEXTS));
    return e;
}

static void on_site(void *ctx, const struct qm_pg_answer *a)
{
    struct qm_call *c = ctx;
    if (a->err != QM_OK) {
        qm_call_problem_pg(c, a);
        return;
    }
    struct qm_buf body;
    qm_buf_init(&body, 1 << 20);
    qm_buf_puts(&body, "{\"host\":");
    qm_json_quote(&body, c->edge->host, strlen(c->edge->host));
    qm_buf_puts(&body, ",\"counties\":[");
    qm_err e = QM_OK;
    for (int i = 0; i < qm_pg_rows(a->result) && e == QM_OK; i++)
        e = site_county(c->edge->tlog, a->result, i, &body);
    qm_buf_puts(&body, "]}\n");
    if (e == QM_OK)
        qm_call_json(c, &body);
    else
        qm_call_problem(c, e);
    qm_buf_free(&body);
}

static void api_site(struct qm_call *c)
{
    qm_err e = qm_pg_submit(c->edge->pg, "counties", NULL, 0, on_site, c);
    if (e != QM_OK)
        qm_call_problem(c, e);
}

/* ---- who has signed in ---- */

static void write_session(const struct qm_session *s, const char *csrf, struct qm_buf *out)
{
    qm_buf_printf(out, "{\"county\":\"%06d\",\"account\":\"%s\",\"ends\":%lld,\"csrf\":\"%s\"",
                  s->county, s->account, (long long)s->ends_ms, csrf);
    qm_buf_puts(out, ",\"roles\":[");
    for (size_t i = 0; i < s->roles_n; i++)
        qm_buf_printf(out, "%s{\"role\":\"%s\",\"prefix\":\"%s\"}", i > 0 ? "," : "",
                      s->roles[i].role, s->roles[i].prefix);
    qm_buf_puts(out, "]}\n");
}

static void on_read(void *ctx, qm_err e, const struct qm_session *s)
{
    struct qm_call *c = ctx;
    char cookie[QM_SESSION_COOKIE_CHARS + 1];
    char csrf[QM_SESSION_CSRF_CHARS + 1];
    if (e != QM_OK || !qm_auth_cookie(c, cookie)) {
        qm_call_problem(c, e == QM_OK ? QM_E_UNKNOWN_KEY : e);
        return;
    }
    struct qm_buf body;
    qm_buf_init(&body, ANSWER_MAX_BYTES);
    qm_session_csrf(c->edge->seal, cookie, csrf);
    write_session(s, csrf, &body);
    qm_call_json(c, &body);
    qm_buf_free(&body);
}

/* The cookie of a session route; false: answered, for bearers of tokens have no session. */
static bool cookie_of(struct qm_call *c, char cookie[QM_SESSION_COOKIE_CHARS + 1])
{
    if (qm_auth_cookie(c, cookie) && qm_http_header(c->req, "Authorization") == NULL)
        return true;
    qm_call_refuse(c, QM_E_FORBIDDEN, "令牌不是登录:请在网页上登录。",
                   "a token is no session: sign in at the page");
    return false;
}

static void api_read(struct qm_call *c)
{
    char cookie[QM_SESSION_COOKIE_CHARS + 1];
    struct qm_session_deps deps = qm_auth_sessions(c);
    if (cookie_of(c, cookie))
        qm_session_find(&deps, cookie, on_read, c);
}

/* ---- signing in ---- */

/* The cookie that was just made, kept with the call until the answer is written. */
struct begun {
    struct qm_call *c;
    char cookie[QM_SESSION_COOKIE_CHARS + 1];
};

static void begun_free(void *state)
{
    explicit_bzero(state, sizeof(struct begun));
    free(state);
}

static void on_begun_read(void *ctx, qm_err e, const struct qm_session *s)
{
    struct begun *b = ctx;
    char csrf[QM_SESSION_CSRF_CHARS + 1];
    char cookie[160];
    if (e != QM_OK) {
        qm_call_problem(b->c, e);
        return;
    }
    struct qm_buf body;
    qm_buf_init(&body, ANSWER_MAX_BYTES);
    qm_session_csrf(b->c->edge->seal, b->cookie, csrf);
    write_session(s, csrf, &body);
    /* No Max-Age: it goes with the browser, and at the latest when the session ends. */
    snprintf(cookie, sizeof cookie, QM_COOKIE_NAME "=%s; Path=/; Secure; HttpOnly; SameSite=Strict",
             b->cookie);
    const char *headers[] = {"Cache-Control", "no-store", "Set-Cookie", cookie, NULL};
    qm_call_reply(b->c, 200, "application/json", headers, &body);
    qm_buf_free(&body);
    explicit_bzero(cookie, sizeof cookie);
}

static void on_begun(void *ctx, qm_err e, uint32_t retry_after_s, const char *cookie)
{
    struct begun *b = ctx;
    struct qm_session_deps deps = qm_auth_sessions(b->c);
    snprintf(b->cookie, sizeof b->cookie, "%s", cookie);
    if (e == QM_OK)
        qm_session_find(&deps, b->cookie, on_begun_read, b);
    else if (e == QM_E_INVALID)
        qm_call_refuse(b->c, QM_E_MALFORMED, "密码要10到128个字节(一个汉字3字节)。",
                       "password: 10 to 128 bytes");
    else
        qm_call_problem_after(b->c, e, retry_after_s);
}

struct sign_in {
    const char *county, *account, *password, *code;
};

static void api_begin(struct qm_call *c)
{
    static const struct qm_json_field fields[] = {
        {"county", QM_J_STRING, true, offsetof(struct sign_in, county), COUNTY_DIGITS,
         COUNTY_DIGITS},
        {"account", QM_J_STRING, true, offsetof(struct sign_in, account), 1, QM_ACCOUNT_MAX_BYTES},
        {"password", QM_J_STRING, true, offsetof(struct sign_in, password), 1, 500},
        {"code", QM_J_STRING, false, offsetof(struct sign_in, code), 1, 100},
    };
    struct sign_in form = {0};
    struct qm_json_doc *doc = NULL;
    size_t len;
    int64_t county = 0;
    const char *body = (const char *)qm_http_body(c->req, &len);
    qm_err e = qm_json_object(body, len, fields, 4, &form, &doc, NULL);
    struct begun *b = e == QM_OK ? calloc(1, sizeof *b) : NULL;
    if (e == QM_OK && !b)
        e = QM_E_NOMEM;
    if (e == QM_OK)
        e = qm_dec_read(form.county, COUNTY_DIGITS, 999999, &county);
    if (b) {
        b->c = c;
        c->state = b;
        c->state_free = begun_free;
    }
    struct qm_session_deps deps = qm_auth_sessions(c);
    if (e == QM_OK)
        qm_session_begin(&deps, (int)county, form.account, form.password, form.code, on_begun, b);
    else
        qm_call_problem(c, e);
    qm_json_free(doc);
}

/* ---- signing out, another password ---- */

static void on_done(void *ctx, qm_err e, uint32_t retry_after_s)
{
    static const char gone[] =
        QM_COOKIE_NAME "=; Path=/; Secure; HttpOnly; SameSite=Strict; Max-Age=0";
    const char *const headers[] = {"Cache-Control", "no-store", "Set-Cookie", gone, NULL};
    struct qm_call *c = ctx;
    bool out = strcmp(c->route->method, "DELETE") == 0;
    if (e == QM_E_INVALID)
        qm_call_refuse(c, QM_E_MALFORMED, "密码要10到128个字节(一个汉字3字节)。",
                       "password: 10 to 128 bytes");
    else if (e != QM_OK)
        qm_call_problem_after(c, e, retry_after_s);
    if (e != QM_OK)
        return;
    struct qm_buf body;
    qm_buf_init(&body, ANSWER_MAX_BYTES);
    qm_buf_puts(&body, "{}\n");
    if (out)
        qm_call_reply(c, 200, "application/json", headers, &body);
    else
        qm_call_json(c, &body);
    qm_buf_free(&body);
}

static void api_end(struct qm_call *c)
{
    char cookie[QM_SESSION_COOKIE_CHARS + 1];
    char all[8] = "";
    struct qm_session_deps deps = qm_auth_sessions(c);
    qm_err e = qm_call_query(c, "all", all, sizeof all);
    if (!cookie_of(c, cookie))
        return;
    if (e == QM_E_MALFORMED || (e == QM_OK && strcmp(all, "1") != 0)) {
        qm_call_refuse(c, QM_E_MALFORMED, "all:写1,或者不写。", "all: 1, or not there");
        return;
    }
    qm_session_end(&deps, c->caller.county, c->caller.account, cookie, e == QM_OK, on_done, c);
}

struct change {
    const char *old, *fresh;
};

static void api_password(struct qm_call *c)
{
    static const struct qm_json_field fields[] = {
        {"old", QM_J_STRING, true, offsetof(struct change, old), 1, 500},
        {"new", QM_J_STRING, true, offsetof(struct change, fresh), 1, 500},
    };
    struct change form = {0};
    struct qm_json_doc *doc = NULL;
    char cookie[QM_SESSION_COOKIE_CHARS + 1];
    size_t len;
    const char *body = (const char *)qm_http_body(c->req, &len);
    if (!cookie_of(c, cookie))
        return;
    qm_err e = qm_json_object(body, len, fields, 2, &form, &doc, NULL);
    struct qm_session_deps deps = qm_auth_sessions(c);
    if (e == QM_OK)
        qm_session_password(&deps, c->caller.county, c->caller.account, cookie, form.old,
                            form.fresh, on_done, c);
    else
        qm_call_problem(c, e);
    qm_json_free(doc);
}
