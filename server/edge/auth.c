/* auth.c - floor 4: bearer tokens, sessions and signed requests; see auth.h.
 *
 * Token: form -> token_row by county and MAC -> not expired -> role -> go on.
 * Session: cookie -> session_row by county and MAC -> CSRF header -> one of its roles -> go on.
 * Signature: form -> the device's key as it is now -> pool: hash of the body, signature -> go on.
 * Failure: the first step that does not hold answers the call; which code means what: auth.h.
 */
#include "edge/auth.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/clock.h"
#include "domain/answer.h"
#include "domain/credential.h"
#include "domain/device.h"
#include "domain/session.h"
#include "edge/routes.h"
#include "wire/reqsig.h"

/* ---- roles and scope ---- */

static const char *const role_words[] = {"worker", "leader",    "deputy",  "secretary", "township",
                                         "police", "inspector", "auditor", "admin"};

unsigned qm_role_read(const char *word)
{
    for (unsigned i = 0; i < sizeof role_words / sizeof *role_words; i++)
        if (strcmp(word, role_words[i]) == 0)
            return 1U << i;
    return 0;
}

bool qm_caller_covers(const struct qm_caller *who, const char *code)
{
    return who->prefix[0] != 0 && strncmp(code, who->prefix, strlen(who->prefix)) == 0;
}

static void copy_word(char *out, size_t max, const char *word)
{
    size_t n = strnlen(word, max - 1);
    memcpy(out, word, n);
    out[n] = 0;
}

/* ---- sessions ---- */

struct session_look {
    struct qm_call *c;
    unsigned roles;
    char cookie[QM_SESSION_COOKIE_CHARS + 1];
    void (*then)(struct qm_call *c);
};

bool qm_auth_cookie(const struct qm_call *c, char out[QM_SESSION_COOKIE_CHARS + 1])
{
    static const char name[] = QM_COOKIE_NAME "=";
    const char *p = qm_http_header(c->req, "Cookie");
    while (p && *p) {
        p += strspn(p, "; ");
        size_t len = strcspn(p, ";");
        if (len == sizeof name - 1 + QM_SESSION_COOKIE_CHARS &&
            strncmp(p, name, sizeof name - 1) == 0) {
            copy_word(out, QM_SESSION_COOKIE_CHARS + 1, p + sizeof name - 1);
            return true;
        }
        p += len;
    }
    return false;
}

/* Reading needs no proof that the request comes from our own page: its answer goes to nobody else.
 */
static bool csrf_holds(const struct session_look *l)
{
    char wanted[QM_SESSION_CSRF_CHARS + 1];
    const char *given = qm_http_header(l->c->req, "X-QM-CSRF");
    if (strcmp(qm_http_method(l->c->req), "GET") == 0)
        return true;
    qm_session_csrf(l->c->edge->seal, l->cookie, wanted);
    return given && strlen(given) == QM_SESSION_CSRF_CHARS &&
           sodium_memcmp(given, wanted, QM_SESSION_CSRF_CHARS) == 0;
}

/* The role that the page asks for with X-QM-Area: ROLE/PREFIX, or else the widest that may. */
static qm_err role_take(const struct session_look *l, const struct qm_session *s)
{
    const char *area = qm_http_header(l->c->req, "X-QM-Area");
    struct qm_caller *who = &l->c->caller;
    for (size_t i = 0; i < s->roles_n; i++) {
        char own[40];
        unsigned role = qm_role_read(s->roles[i].role);
        snprintf(own, sizeof own, "%s/%s", s->roles[i].role, s->roles[i].prefix);
        if ((role & l->roles) == 0 || (area && strcmp(area, own) != 0))
            continue;
        copy_word(who->role_name, sizeof who->role_name, s->roles[i].role);
        copy_word(who->prefix, sizeof who->prefix, s->roles[i].prefix);
        who->role = (enum qm_role)role;
        return QM_OK;
    }
    return QM_E_FORBIDDEN;
}

static void on_session(void *ctx, qm_err e, const struct qm_session *s)
{
    struct session_look *l = ctx;
    struct qm_call *c = l->c;
    void (*then)(struct qm_call *) = l->then;
    if (e == QM_OK) {
        c->caller.county = s->county;
        copy_word(c->caller.account, sizeof c->caller.account, s->account);
        e = csrf_holds(l) ? role_take(l, s) : QM_E_FORBIDDEN;
    }
    sodium_memzero(l, sizeof *l);
    free(l);
    if (e == QM_OK)
        then(c);
    else
        qm_call_problem(c, e);
}

struct qm_session_deps qm_auth_sessions(const struct qm_call *c)
{
    return (struct qm_session_deps){
        .pg = c->edge->pg, .pool = c->edge->pool, .seal = c->edge->seal};
}

static void auth_session(struct qm_call *c, unsigned roles, void (*then)(struct qm_call *c))
{
    struct qm_session_deps deps = qm_auth_sessions(c);
    struct session_look *l = calloc(1, sizeof *l);
    if (!l) {
        qm_call_problem(c, QM_E_NOMEM);
        return;
    }
    *l = (struct session_look){.c = c, .roles = roles, .then = then};
    (void)qm_auth_cookie(c, l->cookie);
    qm_session_find(&deps, l->cookie, on_session, l);
}

/* ---- bearer tokens ---- */

struct token_look {
    struct qm_call *c;
    unsigned roles;
    int64_t now_ms;
    void (*then)(struct qm_call *c);
};

static qm_err token_take(const struct token_look *l, const struct qm_pg_result *r)
{
    enum { ACCOUNT, ROLE, PREFIX, EXPIRES };
    struct qm_caller *who = &l->c->caller;
    if (qm_pg_rows(r) != 1 || qm_pg_get_int(r, 0, EXPIRES) <= l->now_ms)
        return QM_E_UNKNOWN_KEY;
    copy_word(who->account, sizeof who->account, qm_pg_get_text(r, 0, ACCOUNT));
    copy_word(who->role_name, sizeof who->role_name, qm_pg_get_text(r, 0, ROLE));
    copy_word(who->prefix, sizeof who->prefix, qm_pg_get_text(r, 0, PREFIX));
    unsigned role = qm_role_read(who->role_name);
    who->role = (enum qm_role)role;
    return role & l->roles ? QM_OK : QM_E_FORBIDDEN;
}

static void on_token(void *ctx, const struct qm_pg_answer *a)
{
    struct token_look *l = ctx;
    qm_err e = a->err == QM_OK ? token_take(l, a->result) : qm_answer_err(a, "token_row");
    struct qm_call *c = l->c;
    void (*then)(struct qm_call *) = l->then;
    free(l);
    if (e == QM_OK)
        then(c);
    else
        qm_call_problem(c, e);
}

void qm_auth_token(struct qm_call *c, unsigned roles, void (*then)(struct qm_call *c))
{
    static const char scheme[] = "Bearer ";
    const char *header = qm_http_header(c->req, "Authorization");
    const char *token = header ? header + sizeof scheme - 1 : NULL;
    char cookie[QM_SESSION_COOKIE_CHARS + 1];
    if (!header && qm_auth_cookie(c, cookie)) {
        auth_session(c, roles, then);
        return;
    }
    if (!header || strncasecmp(header, scheme, sizeof scheme - 1) != 0 ||
        qm_credential_county(token, QM_TOKEN_SECRET_CHARS, &c->caller.county) != QM_OK) {
        qm_call_problem(c, QM_E_UNKNOWN_KEY);
        return;
    }
    struct token_look *l = malloc(sizeof *l);
    struct qm_pg_params *p = l ? qm_pg_params_new() : NULL;
    qm_err e = QM_E_NOMEM;
    if (p) {
        uint8_t mac[32];
        *l = (struct token_look){.c = c, .roles = roles, .now_ms = qm_clock_ms(), .then = then};
        qm_seal_token_mac(c->edge->seal, token, mac);
        qm_pg_int4(p, c->caller.county);
        qm_pg_bytea(p, mac, sizeof mac);
        qm_pg_date(p, qm_day_of_ms(l->now_ms));
        e = qm_pg_submit(c->edge->pg, "token_row", p, 0, on_token, l);
    }
    if (e != QM_OK) {
        free(l);
        qm_call_problem(c, e);
    }
}

/* ---- signed requests ---- */

struct signature {
    struct qm_call *c;
    const char *input, *value, *digest, *content_type;
    char name[QM_NAME_MAX_BYTES];
    struct qm_vkey key;
    int64_t now_s;
    qm_err err;
    void (*then)(struct qm_call *c);
};

static void signature_work(void *ctx)
{
    struct signature *s = ctx;
    const struct qm_http_req *req = s->c->req;
    struct qm_reqsig r = {.method = qm_http_method(req),
                          .authority = s->c->edge->host,
                          .path = qm_http_path(req),
                          .query = qm_http_query(req)};
    if (s->c->route->body_max_bytes > 0) {
        size_t len;
        const uint8_t *body = qm_http_body(req, &len);
        qm_sha256(body, len, &s->c->caller.body_sha256);
        r.content_type = s->content_type ? s->content_type : "";
        r.body_sha256 = &s->c->caller.body_sha256;
    }
    s->err = qm_reqsig_verify(&r, s->input, s->value, s->digest, &s->key, s->now_s);
}

static void signature_end(struct signature *s, qm_err err)
{
    struct qm_call *c = s->c;
    void (*then)(struct qm_call *) = s->then;
    free(s);
    if (err == QM_OK)
        then(c);
    else
        qm_call_problem(c, err);
}

static void signature_done(void *ctx)
{
    struct signature *s = ctx;
    signature_end(s, s->err);
}

static void on_device(void *ctx, qm_err err, const struct qm_device *d)
{
    struct signature *s = ctx;
    if (err == QM_OK) {
        struct qm_caller *who = &s->c->caller;
        who->county = d->county;
        who->revoked = d->revoked;
        copy_word(who->account, sizeof who->account, d->account);
        memcpy(who->device, d->device, QM_ID_BYTES);
        memcpy(who->key, d->key, QM_KEY_BYTES);
        err = qm_vkey_make(s->name, d->key, &s->key);
    }
    if (err == QM_OK)
        err = qm_pool_run(s->c->edge->pool, signature_work, signature_done, s);
    if (err != QM_OK)
        signature_end(s, err);
}

static void auth_device(struct qm_call *c, void (*then)(struct qm_call *c))
{
    const struct qm_http_req *req = c->req;
    struct qm_reqsig_input input;
    struct signature *s = calloc(1, sizeof *s);
    if (!s) {
        qm_call_problem(c, QM_E_NOMEM);
        return;
    }
    *s = (struct signature){.c = c,
                            .input = qm_http_header(req, "Signature-Input"),
                            .value = qm_http_header(req, "Signature"),
                            .digest = qm_http_header(req, "Content-Digest"),
                            .content_type = qm_http_header(req, "Content-Type"),
                            .now_s = qm_clock_ms() / 1000,
                            .then = then};
    if (!s->input || !s->value || qm_reqsig_input_read(s->input, c->edge->host, &input) != QM_OK) {
        signature_end(s, QM_E_BAD_SIGNATURE);
        return;
    }
    copy_word(s->name, sizeof s->name, input.device_name);
    qm_device_find(c->edge->devices, input.device, input.key_id, true, on_device, s);
}

void qm_auth_run(struct qm_call *c, void (*then)(struct qm_call *c))
{
    switch (c->route->who) {
    case QM_WHO_TOKEN:
        qm_auth_token(c, c->route->roles, then);
        return;
    case QM_WHO_DEVICE:
        auth_device(c, then);
        return;
    case QM_WHO_LOCAL:
    case QM_WHO_PAGE:
    case QM_WHO_ANYONE:
    case QM_WHO_BODY:
        break;
    }
    then(c);
}
