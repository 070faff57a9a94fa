/* office_phones.c - floor 4: codes for phones and for browsers, bearer tokens, lost phones.
 * Happy path: a secret is shown once and kept as a keyed hash.
 * Failure: an account or phone outside the prefix is one that is not there; each may be repeated.
 */
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>

#include "edge/auth.h"
#include "edge/link.h"
#include "edge/office.h"

enum {
    CODE_HOURS = 24,
    LOGIN_CODE_HOURS = 72,
    TOKEN_DAYS = 30,
    TOKEN_DAYS_MAX = 400,
    CODE_BYTES = 16,
    TOKEN_BYTES = 32,
    LINK_MAX_BYTES = 512,
    DEVICE_ACCOUNT = 1 /* column of device_row */
};
#define MS_PER_HOUR INT64_C(3600000)

/* ---- codes and tokens: shown once, kept as a keyed hash ---- */

/* "<county>.<base64url of n random bytes>" and its hash. */
static int fresh_secret(struct qm_office *a, size_t n, char out[64], uint8_t mac[32])
{
    uint8_t random[TOKEN_BYTES];
    if (getrandom(random, n, 0) != (ssize_t)n)
        return qm_office_fail(a, QM_OFFICE_AWAY, "no random bytes");
    int at = snprintf(out, 64, "%06d.", a->county);
    (void)qm_b64url_write(random, n, out + at);
    explicit_bzero(random, sizeof random);
    qm_seal_token_mac(a->seal, out, mac);
    return QM_OFFICE_OK;
}

int qm_office_account_given(struct qm_office *a)
{
    const char *t = a->option[QM_O_ACCOUNT];
    return qm_account_ok(t, strlen(t))
               ? qm_office_account_in(a, t)
               : qm_office_fail(a, QM_OFFICE_USAGE, "--account: \"%s\" is no account name", t);
}

/* Whoever gets such a code becomes that account.  A township could otherwise be both of the two
 * people who close a week, so its codes are only for accounts whose every role it could give. */
int qm_office_account_below(struct qm_office *a)
{
    struct qm_pg_params *p = qm_office_params(a);
    struct qm_pg_result *r = NULL;
    qm_office_add_text(p, a->option[QM_O_ACCOUNT]);
    qm_office_add_text(p, a->prefix);
    int code = qm_office_query(a, "account_roles", p, &r);
    for (int i = 0; code == QM_OFFICE_OK && i < qm_pg_rows(r); i++) {
        if (qm_pg_get_int(r, i, 1) == 0 ||
            (qm_role_read(qm_pg_get_text(r, i, 0)) & a->roles_given) == 0)
            code =
                qm_office_fail(a, QM_OFFICE_REFUSED,
                               "%s has a role that you cannot give: only the county's admin does "
                               "this",
                               a->option[QM_O_ACCOUNT]);
    }
    qm_pgb_result_free(r);
    return code;
}

/* What one-time codes differ in. */
struct code_kind {
    const char *statement;
    int64_t hours;
    const char *refused; /* of the account, behind its name */
    const char *page;    /* the code follows it in the link */
    bool named;          /* the account follows the code: whoever opens the link need not type it */
    const char *use;     /* what the account's holder does with it */
};

static int code_keep(struct qm_office *a, const struct code_kind *k, const uint8_t mac[32],
                     int64_t expires)
{
    int64_t status = 0;
    struct qm_pg_params *p = qm_office_params(a);
    qm_office_add_text(p, a->by);
    qm_office_add_text(p, a->option[QM_O_ACCOUNT]);
    qm_pg_bytea(p, mac, 32);
    qm_pg_int8(p, expires);
    int code = qm_office_call(a, k->statement, p, &status, NULL);
    if (code == QM_OFFICE_OK && status == 11)
        return qm_office_fail(a, QM_OFFICE_REFUSED,
                              "%s has more than 64 grids, and a device holds no more: share them "
                              "among several accounts first",
                              a->option[QM_O_ACCOUNT]);
    if (code == QM_OFFICE_OK && status != 0)
        code = qm_office_fail(a, QM_OFFICE_REFUSED, "%s %s", a->option[QM_O_ACCOUNT], k->refused);
    return code;
}

static int code_make(struct qm_office *a, const struct code_kind *k)
{
    char secret[64];
    uint8_t mac[32];
    int64_t expires = a->now_ms + k->hours * MS_PER_HOUR;
    int code = fresh_secret(a, CODE_BYTES, secret, mac);
    if (code == QM_OFFICE_OK)
        code = code_keep(a, k, mac, expires);
    if (code == QM_OFFICE_OK) {
        qm_office_str(a, "code", secret);
        qm_office_int(a, "expires", expires);
        const char *account = a->option[QM_O_ACCOUNT];
        char link[LINK_MAX_BYTES];
        (void)snprintf(link, sizeof link, "%s%s%s%s%s%s", qm_link_scheme(a->host), a->host, k->page,
                       secret, k->named ? "&account=" : "", k->named ? account : "");
        qm_buf_printf(&a->members, ",\"link\":\"%s\"", link);
        qm_office_say(a, "%s\n%s\nfor %s %s, once, within %lld hours", secret, link, account,
                      k->use, (long long)k->hours);
        explicit_bzero(link, sizeof link);
    }
    explicit_bzero(secret, sizeof secret);
    return code;
}

int qm_office_code_new(struct qm_office *a)
{
    static const struct code_kind phone = {
        .statement = "code_new",
        .hours = CODE_HOURS,
        .refused = "is no worker or leader of this county: import the account first",
        .page = "/app/#enrol=",
        .use = "to enrol one phone with"};
    int code = qm_office_account_given(a);
    return code == QM_OFFICE_OK ? code_make(a, &phone) : code;
}

int qm_office_login_code(struct qm_office *a)
{
    static const struct code_kind browser = {
        .statement = "login_code_new",
        .hours = LOGIN_CODE_HOURS,
        .refused = "is no account with a role in this county: import it first",
        .page = "/office/#first=",
        .named = true,
        .use = "to set a password with"};
    int code = qm_office_account_given(a);
    if (code == QM_OFFICE_OK)
        code = qm_office_account_below(a);
    return code == QM_OFFICE_OK ? code_make(a, &browser) : code;
}

static int token_days(struct qm_office *a, int64_t *days)
{
    *days = TOKEN_DAYS;
    const char *t = a->option[QM_O_DAYS];
    if (t != NULL && (qm_dec_read(t, strlen(t), TOKEN_DAYS_MAX, days) != QM_OK || *days < 1))
        return qm_office_fail(a, QM_OFFICE_USAGE, "--days: 1 to %d", TOKEN_DAYS_MAX);
    if (qm_role_read(a->option[QM_O_ROLE]) == 0)
        return qm_office_fail(a, QM_OFFICE_USAGE,
                              "--role: worker, leader, deputy, secretary, township, police, "
                              "inspector, auditor or admin");
    char own[16];
    return qm_office_prefix(a, own) == NULL ? QM_OFFICE_USAGE : qm_office_account_given(a);
}

int qm_office_token_new(struct qm_office *a)
{
    char secret[64];
    uint8_t mac[32];
    int64_t days = 0;
    int code = token_days(a, &days);
    if (code == QM_OFFICE_OK)
        code = fresh_secret(a, TOKEN_BYTES, secret, mac);
    if (code != QM_OFFICE_OK)
        return code;
    int64_t expires = a->now_ms + days * 24 * MS_PER_HOUR;
    struct qm_pg_params *p = qm_office_params(a);
    qm_office_add_text(p, a->option[QM_O_ACCOUNT]);
    qm_office_add_text(p, a->option[QM_O_ROLE]);
    qm_office_add_text(p, a->option[QM_O_PREFIX]);
    qm_pg_bytea(p, mac, sizeof mac);
    qm_pg_int8(p, expires);
    int64_t status = 0;
    code = qm_office_call(a, "token_new", p, &status, NULL);
    if (code == QM_OFFICE_OK && status != 0)
        code =
            qm_office_fail(a, QM_OFFICE_REFUSED,
                           "account %s does not have the role %s for %s: import the account "
                           "with that role and area first",
                           a->option[QM_O_ACCOUNT], a->option[QM_O_ROLE], a->option[QM_O_PREFIX]);
    if (code == QM_OFFICE_OK) {
        qm_office_str(a, "token", secret);
        qm_office_int(a, "expires", expires);
        qm_office_say(a, "%s", secret);
    }
    explicit_bzero(secret, sizeof secret);
    return code;
}

/* ---- lost phones ---- */

static int device_given(struct qm_office *a, uint8_t device[QM_ID_BYTES],
                        char name[QM_NAME_MAX_BYTES])
{
    const char *t = a->option[QM_O_DEVICE];
    if (qm_uuid_read(t, strlen(t), 4, device) != QM_OK &&
        qm_device_name_read(t, strlen(t), a->host, device) != QM_OK)
        return qm_office_fail(a, QM_OFFICE_USAGE,
                              "--device: \"%s\" is neither a UUID nor a name like %s/d/<UUID>", t,
                              a->host);
    return qm_device_name(a->host, device, name) == QM_OK
               ? QM_OFFICE_OK
               : qm_office_fail(a, QM_OFFICE_REFUSED, "the device has no valid name");
}

static int device_in(struct qm_office *a, const uint8_t device[QM_ID_BYTES], const char *name)
{
    struct qm_pg_params *p = qm_office_params(a);
    struct qm_pg_result *r = NULL;
    qm_pg_uuid(p, device);
    int code = qm_office_query(a, "device_row", p, &r);
    if (code == QM_OFFICE_OK && qm_pg_rows(r) == 0)
        code =
            qm_office_fail(a, QM_OFFICE_REFUSED, "county %06d has no device %s", a->county, name);
    else if (code == QM_OFFICE_OK)
        code = qm_office_account_in(a, qm_pg_get_text(r, 0, DEVICE_ACCOUNT));
    qm_pgb_result_free(r);
    return code;
}

/* "2026-11-21 18:30" in UTC+8, or Unix ms; not in the future. */
static bool lost_read(const char *text, int64_t now_ms, int64_t *ms)
{
    struct tm tm = {0};
    char again[20] = "";
    if (qm_dec_read(text, strlen(text), now_ms, ms) == QM_OK)
        return true;
    const char *end = strptime(text, "%Y-%m-%d %H:%M", &tm);
    if (!end || *end)
        return false;
    time_t local = timegm(&tm);
    /* Written back it is the same only if there is such a day, in this form. */
    gmtime_r(&local, &tm);
    strftime(again, sizeof again, "%Y-%m-%d %H:%M", &tm);
    *ms = (int64_t)local * 1000 - 8 * MS_PER_HOUR;
    return strcmp(again, text) == 0 && *ms >= 0 && *ms <= now_ms;
}

int qm_office_revoke(struct qm_office *a)
{
    uint8_t device[QM_ID_BYTES];
    char name[QM_NAME_MAX_BYTES];
    int64_t lost = 0;
    const char *t = a->option[QM_O_LOST];
    int code = device_given(a, device, name);
    if (code == QM_OFFICE_OK && !lost_read(t, a->now_ms, &lost))
        code = qm_office_fail(a, QM_OFFICE_USAGE,
                              "--lost: when it was lost, as \"2026-11-21 18:30\" (UTC+8) or in "
                              "Unix ms, not in the future");
    if (code == QM_OFFICE_OK)
        code = device_in(a, device, name);
    if (code != QM_OFFICE_OK)
        return code;
    struct qm_pg_params *p = qm_office_params(a);
    qm_office_add_text(p, a->by);
    qm_pg_uuid(p, device);
    qm_office_add_text(p, name);
    qm_pg_int8(p, lost);
    qm_pg_int8(p, a->now_ms);
    int64_t status = 0;
    struct qm_pg_result *r = NULL;
    code = qm_office_call(a, "revoke", p, &status, &r);
    if (code == QM_OFFICE_OK && status != 0)
        code =
            qm_office_fail(a, QM_OFFICE_REFUSED, "county %06d has no device %s", a->county, name);
    if (code == QM_OFFICE_OK) {
        qm_office_str(a, "device", name);
        qm_office_say(a, "%s is revoked", name);
        qm_office_logged(a, r, 1, 2);
    }
    qm_pgb_result_free(r);
    return code;
}
