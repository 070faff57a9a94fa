/* session.c - floor 3: see session.h.
 *
 * Signing in:  password_row -> how long to wait -> hash in the pool -> session_begin, or
 * login_fail. With a code: hash in the pool -> login_first -> session_begin. An account that is not
 * there is compared with a hash of nothing, so that it takes as long.
 */
#include "domain/session.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "domain/answer.h"
#include "domain/credential.h"
#include "domain/session_strangers.h"

enum {
    HASHES_MAX = 2, /* at a time: 32 MiB each */
    HASH_PASSES = 3,
    HASH_BYTES = 32 << 20,
    TRIES_FREE = 5,
    WAIT_MAX_S = 900,
    SECRET_BYTES = 32,
    MAC_BYTES = 32
};
#define MS_PER_HOUR INT64_C(3600000)

static size_t hashes_running;
static struct qm_strangers strangers; /* the loop's */

struct sign {
    struct qm_session_deps d;
    int county;
    char account[QM_ACCOUNT_MAX_BYTES + 1];
    char password[QM_PASSWORD_MAX_BYTES + 1];
    char fresh[QM_PASSWORD_MAX_BYTES + 1]; /* change of password */
    char code[QM_SESSION_COOKIE_CHARS + 1];
    char cookie[QM_SESSION_COOKIE_CHARS + 1];
    char hash[crypto_pwhash_STRBYTES]; /* to compare with; then the new one */
    bool known;                        /* hash is the account's own */
    bool good;                         /* the password fits, or its hash was made */
    bool nomem;                        /* it could not be told */
    uint32_t wait_s;
    qm_session_begun begun; /* one of the two */
    qm_session_done done;
    void *ctx;
};

static struct sign *sign_new(const struct qm_session_deps *deps, int county, const char *account)
{
    struct sign *s = calloc(1, sizeof *s);
    if (s) {
        s->d = *deps;
        s->county = county;
        snprintf(s->account, sizeof s->account, "%s", account);
    }
    return s;
}

static void sign_end(struct sign *s, qm_err err)
{
    if (s->begun)
        s->begun(s->ctx, err, s->wait_s, err == QM_OK ? s->cookie : "");
    else
        s->done(s->ctx, err, s->wait_s);
    sodium_memzero(s, sizeof *s);
    free(s);
}

static bool password_ok(const char *t)
{
    size_t len = strlen(t);
    return len >= QM_PASSWORD_MIN_BYTES && len <= QM_PASSWORD_MAX_BYTES;
}

static void mac_of(const struct sign *s, const char *secret, uint8_t mac[MAC_BYTES])
{
    qm_seal_token_mac(s->d.seal, secret, mac);
}

/* ---- statements ---- */

static struct qm_pg_params *params(const struct sign *s)
{
    struct qm_pg_params *p = qm_pg_params_new();
    qm_pg_int4(p, s->county);
    qm_pg_text(p, s->account, strlen(s->account));
    return p;
}

static void submit(struct sign *s, const char *statement, struct qm_pg_params *p, qm_pg_done done)
{
    qm_err e = qm_pg_submit(s->d.pg, statement, p, 0, done, s);
    if (e != QM_OK)
        sign_end(s, e);
}

/* The first column of the only row; -1 if there is none. */
static int64_t status_of(const struct qm_pg_answer *a)
{
    return qm_pg_rows(a->result) == 1 ? qm_pg_get_int(a->result, 0, 0) : -1;
}

/* ---- hashing ---- */

/* crypto_pwhash_str_verify says the same of another password and of no memory; made of its parts
 * the two are apart.  QM_E_INVALID: another password. */
static qm_err password_compare(const char *hash, const char *password)
{
    static const char ours[] = "$argon2id$v=19$m=32768,t=3,p=1$"; /* HASH_BYTES, HASH_PASSES */
    unsigned char salt[crypto_pwhash_SALTBYTES], kept[SECRET_BYTES], made[SECRET_BYTES];
    size_t salt_len = 0, kept_len = 0;
    const char *end = NULL;
    const int form = sodium_base64_VARIANT_ORIGINAL_NO_PADDING;
    if (strncmp(hash, ours, sizeof ours - 1) != 0) /* made with other costs */
        return crypto_pwhash_str_verify(hash, password, strlen(password)) == 0 ? QM_OK
                                                                               : QM_E_INVALID;
    const char *at = hash + sizeof ours - 1;
    if (sodium_base642bin(salt, sizeof salt, at, strcspn(at, "$"), NULL, &salt_len, &end, form) !=
            0 ||
        *end != '$' ||
        sodium_base642bin(kept, sizeof kept, end + 1, strlen(end + 1), NULL, &kept_len, NULL,
                          form) != 0 ||
        salt_len != sizeof salt || kept_len != sizeof kept)
        return QM_E_CORRUPT;
    if (crypto_pwhash(made, sizeof made, password, strlen(password), salt, HASH_PASSES, HASH_BYTES,
                      crypto_pwhash_ALG_ARGON2ID13) != 0)
        return QM_E_NOMEM;
    bool same = sodium_memcmp(made, kept, sizeof made) == 0;
    sodium_memzero(made, sizeof made);
    return same ? QM_OK : QM_E_INVALID;
}

static void compare_work(void *ctx)
{
    struct sign *s = ctx;
    /* An account without a password costs a hash of the same passes and memory. */
    char none[crypto_pwhash_STRBYTES];
    qm_err e =
        s->known ? password_compare(s->hash, s->password)
        : crypto_pwhash_str(none, s->password, strlen(s->password), HASH_PASSES, HASH_BYTES) == 0
            ? QM_E_INVALID
            : QM_E_NOMEM;
    s->good = e == QM_OK;
    s->nomem = e == QM_E_NOMEM;
}

static void make_work(void *ctx)
{
    struct sign *s = ctx;
    const char *t = s->fresh[0] != '\0' ? s->fresh : s->password;
    s->good = crypto_pwhash_str(s->hash, t, strlen(t), HASH_PASSES, HASH_BYTES) == 0;
}

static void hash_run(struct sign *s, void (*work)(void *), void (*done)(void *))
{
    qm_err e = hashes_running < HASHES_MAX ? qm_pool_run(s->d.pool, work, done, s) : QM_E_OVERLOAD;
    if (e == QM_OK)
        hashes_running++;
    else
        sign_end(s, e);
}

/* ---- the session ---- */

static void on_session(void *ctx, const struct qm_pg_answer *a)
{
    struct sign *s = ctx;
    qm_err e = qm_answer_err(a, "session_begin");
    if (e == QM_OK && status_of(a) != 0)
        e = QM_E_FORBIDDEN;
    sign_end(s, e);
}

static void session_make(struct sign *s)
{
    uint8_t secret[SECRET_BYTES];
    uint8_t mac[MAC_BYTES];
    int64_t now_ms = qm_clock_ms();
    randombytes_buf(secret, sizeof secret);
    int at = snprintf(s->cookie, sizeof s->cookie, "%06d.", s->county);
    (void)qm_b64url_write(secret, sizeof secret, s->cookie + at);
    sodium_memzero(secret, sizeof secret);
    mac_of(s, s->cookie, mac);
    struct qm_pg_params *p = params(s);
    qm_pg_bytea(p, mac, sizeof mac);
    qm_pg_int8(p, now_ms);
    qm_pg_int8(p, now_ms + QM_SESSION_HOURS * MS_PER_HOUR);
    qm_pg_date(p, qm_day_of_ms(now_ms));
    submit(s, "session_begin", p, on_session);
}

/* ---- by password ---- */

static uint32_t wait_after(int64_t fails)
{
    if (fails < TRIES_FREE)
        return 0;
    int64_t doubled = fails - TRIES_FREE < 10 ? INT64_C(1) << (fails - TRIES_FREE + 1) : WAIT_MAX_S;
    return doubled < WAIT_MAX_S ? (uint32_t)doubled : WAIT_MAX_S;
}

static void on_failed(void *ctx, const struct qm_pg_answer *a)
{
    struct sign *s = ctx;
    qm_err e = qm_answer_err(a, "login_fail");
    if (e == QM_OK && qm_pg_rows(a->result) == 1)
        s->wait_s = wait_after(qm_pg_get_int(a->result, 0, 0));
    else if (e == QM_OK)
        s->wait_s = wait_after(qm_strangers_fail(&strangers, s->county, s->account, qm_clock_ms()));
    sign_end(s, e == QM_OK ? QM_E_UNKNOWN_KEY : e);
}

static void wrong_password(struct sign *s)
{
    qm_log(QM_LOG_WARN, "sign-in-refused", "county", QM_LI(s->county), "account",
           QM_LS(s->known ? s->account : "unknown"), NULL);
    struct qm_pg_params *p = params(s);
    qm_pg_int8(p, qm_clock_ms());
    submit(s, "login_fail", p, on_failed);
}

static void change_made(void *ctx);

/* fresh: it was the old password that was asked for. */
static void compared(void *ctx)
{
    struct sign *s = ctx;
    hashes_running--;
    if (s->nomem)
        sign_end(s, QM_E_OVERLOAD); /* nobody's try: it counts for no lock */
    else if (!s->good)
        wrong_password(s);
    else if (s->fresh[0] != '\0')
        hash_run(s, make_work, change_made);
    else
        session_make(s);
}

/* Takes the row of password_row; false: the account must wait. */
static bool password_take(struct sign *s, const struct qm_pg_result *r)
{
    enum { HASH, FAILS, FAIL_MS };
    int64_t fails = 0, fail_ms = 0;
    if (qm_pg_rows(r) == 1) {
        const char *hash = qm_pg_get_text(r, 0, HASH);
        s->known = hash != NULL && strlen(hash) < sizeof s->hash;
        if (s->known)
            snprintf(s->hash, sizeof s->hash, "%s", hash);
        fails = qm_pg_get_int(r, 0, FAILS);
        fail_ms = qm_pg_get_int(r, 0, FAIL_MS);
    } else {
        qm_strangers_look(&strangers, s->county, s->account, &fails, &fail_ms);
    }
    int64_t ready_ms = fail_ms + INT64_C(1000) * wait_after(fails);
    int64_t left_ms = ready_ms - qm_clock_ms();
    if (left_ms <= 0)
        return true;
    /* A clock that was set back must not lock anybody out for longer than the longest wait. */
    s->wait_s = left_ms > WAIT_MAX_S * INT64_C(1000) ? WAIT_MAX_S : (uint32_t)(left_ms / 1000 + 1);
    return false;
}

static void on_password(void *ctx, const struct qm_pg_answer *a)
{
    struct sign *s = ctx;
    qm_err e = qm_answer_err(a, "password_row");
    if (e != QM_OK)
        sign_end(s, e);
    else if (!password_take(s, a->result))
        sign_end(s, QM_E_QUOTA);
    else
        hash_run(s, compare_work, compared);
}

/* ---- by code ---- */

static void on_first(void *ctx, const struct qm_pg_answer *a)
{
    struct sign *s = ctx;
    qm_err e = qm_answer_err(a, "login_first");
    if (e == QM_OK && status_of(a) == 0)
        session_make(s);
    else
        sign_end(s, e == QM_OK ? QM_E_UNKNOWN_KEY : e);
}

static void first_made(void *ctx)
{
    struct sign *s = ctx;
    uint8_t mac[MAC_BYTES];
    hashes_running--;
    if (!s->good) {
        sign_end(s, QM_E_NOMEM);
        return;
    }
    mac_of(s, s->code, mac);
    struct qm_pg_params *p = params(s);
    qm_pg_bytea(p, mac, sizeof mac);
    qm_pg_text(p, s->hash, strlen(s->hash));
    qm_pg_int8(p, qm_clock_ms());
    submit(s, "login_first", p, on_first);
}

void qm_session_begin(const struct qm_session_deps *deps, int county, const char *account,
                      const char *password, const char *code, qm_session_begun done, void *ctx)
{
    int code_county = 0;
    struct sign *s = sign_new(deps, county, account);
    if (!s) {
        done(ctx, QM_E_NOMEM, 0, "");
        return;
    }
    s->begun = done;
    s->ctx = ctx;
    if (!password_ok(password) || !qm_account_ok(account, strlen(account))) {
        sign_end(s, code ? QM_E_INVALID : QM_E_UNKNOWN_KEY);
        return;
    }
    snprintf(s->password, sizeof s->password, "%s", password);
    if (!code) {
        submit(s, "password_row", params(s), on_password);
        return;
    }
    if (qm_credential_county(code, QM_CODE_SECRET_CHARS, &code_county) != QM_OK ||
        code_county != county) {
        sign_end(s, QM_E_UNKNOWN_KEY);
        return;
    }
    snprintf(s->code, sizeof s->code, "%s", code);
    hash_run(s, make_work, first_made);
}

/* ---- another password ---- */

static void on_changed(void *ctx, const struct qm_pg_answer *a)
{
    sign_end(ctx, qm_answer_err(a, "password_change"));
}

static void change_made(void *ctx)
{
    struct sign *s = ctx;
    uint8_t mac[MAC_BYTES];
    hashes_running--;
    if (!s->good) {
        sign_end(s, QM_E_NOMEM);
        return;
    }
    mac_of(s, s->cookie, mac);
    struct qm_pg_params *p = params(s);
    qm_pg_text(p, s->hash, strlen(s->hash));
    qm_pg_bytea(p, mac, sizeof mac);
    qm_pg_int8(p, qm_clock_ms());
    submit(s, "password_change", p, on_changed);
}

void qm_session_password(const struct qm_session_deps *deps, int county, const char *account,
                         const char *cookie, const char *old, const char *fresh,
                         qm_session_done done, void *ctx)
{
    struct sign *s = sign_new(deps, county, account);
    if (!s) {
        done(ctx, QM_E_NOMEM, 0);
        return;
    }
    s->done = done;
    s->ctx = ctx;
    if (!password_ok(fresh)) {
        sign_end(s, QM_E_INVALID);
        return;
    }
    if (!password_ok(old)) {
        sign_end(s, QM_E_UNKNOWN_KEY);
        return;
    }
    snprintf(s->cookie, sizeof s->cookie, "%s", cookie);
    snprintf(s->password, sizeof s->password, "%s", old);
    snprintf(s->fresh, sizeof s->fresh, "%s", fresh);
    submit(s, "password_row", params(s), on_password);
}

/* ---- signing out ---- */

static void on_ended(void *ctx, const struct qm_pg_answer *a)
{
    sign_end(ctx, qm_answer_err(a, "session_end"));
}

void qm_session_end(const struct qm_session_deps *deps, int county, const char *account,
                    const char *cookie, bool all, qm_session_done done, void *ctx)
{
    uint8_t mac[MAC_BYTES];
    struct sign *s = sign_new(deps, county, account);
    if (!s) {
        done(ctx, QM_E_NOMEM, 0);
        return;
    }
    s->done = done;
    s->ctx = ctx;
    mac_of(s, cookie, mac);
    struct qm_pg_params *p = params(s);
    qm_pg_bytea(p, mac, sizeof mac);
    qm_pg_bool(p, all);
    submit(s, "session_end", p, on_ended);
}

/* ---- who is it ---- */

struct find {
    int county;
    qm_session_found done;
    void *ctx;
};

static void copy_word(char *out, size_t max, const char *word)
{
    snprintf(out, max, "%s", word ? word : "");
}

static void on_row(void *ctx, const struct qm_pg_answer *a)
{
    enum { ACCOUNT, ENDS, ROLE, PREFIX };
    struct find *f = ctx;
    struct qm_session s = {.county = f->county};
    qm_err e = qm_answer_err(a, "session_row");
    int rows = e == QM_OK ? qm_pg_rows(a->result) : 0;
    if (e == QM_OK && rows == 0)
        e = QM_E_UNKNOWN_KEY;
    for (int i = 0; i < rows && s.roles_n < QM_SESSION_ROLES_MAX; i++) {
        struct qm_session_role *r = &s.roles[s.roles_n++];
        copy_word(r->role, sizeof r->role, qm_pg_get_text(a->result, i, ROLE));
        copy_word(r->prefix, sizeof r->prefix, qm_pg_get_text(a->result, i, PREFIX));
    }
    if (rows > 0) {
        copy_word(s.account, sizeof s.account, qm_pg_get_text(a->result, 0, ACCOUNT));
        s.ends_ms = qm_pg_get_int(a->result, 0, ENDS);
    }
    f->done(f->ctx, e, &s);
    free(f);
}

void qm_session_find(const struct qm_session_deps *deps, const char *cookie, qm_session_found done,
                     void *ctx)
{
    uint8_t mac[MAC_BYTES];
    struct find *f = calloc(1, sizeof *f);
    qm_err e = f ? QM_OK : QM_E_NOMEM;
    if (f) {
        *f = (struct find){.done = done, .ctx = ctx};
        if (qm_credential_county(cookie, QM_TOKEN_SECRET_CHARS, &f->county) != QM_OK)
            e = QM_E_UNKNOWN_KEY;
    }
    if (e == QM_OK) {
        struct qm_pg_params *p = qm_pg_params_new();
        int64_t now_ms = qm_clock_ms();
        qm_seal_token_mac(deps->seal, cookie, mac);
        qm_pg_int4(p, f->county);
        qm_pg_bytea(p, mac, sizeof mac);
        qm_pg_int8(p, now_ms);
        qm_pg_date(p, qm_day_of_ms(now_ms));
        e = qm_pg_submit(deps->pg, "session_row", p, 0, on_row, f);
    }
    if (e != QM_OK) {
        free(f);
        done(ctx, e, NULL);
    }
}

void qm_session_csrf(const struct qm_seal *seal, const char *cookie,
                     char out[QM_SESSION_CSRF_CHARS + 1])
{
    enum { CSRF_BYTES = 16 };
    char text[8 + QM_SESSION_COOKIE_CHARS + 1];
    uint8_t mac[MAC_BYTES];
    snprintf(text, sizeof text, "csrf %s", cookie);
    qm_seal_token_mac(seal, text, mac);
    (void)qm_b64url_write(mac, CSRF_BYTES, out);
    sodium_memzero(text, sizeof text);
}
