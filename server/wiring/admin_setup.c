/* admin_setup.c - floor 5: master key and host, counties, codes, tokens, lost phones. Happy path
 * and failure modes: a command either did all of its work or said why not; each may be repeated.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include "edge/auth.h"
#include "wiring/admin_room.h"

enum {
    CODE_HOURS = 24,
    LOGIN_CODE_DAYS = 3,
    TOKEN_DAYS = 30,
    TOKEN_DAYS_MAX = 400,
    CODE_BYTES = 16,
    TOKEN_BYTES = 32
};
#define MS_PER_HOUR INT64_C(3600000)

/* ---- init ---- */

static int site_host(struct qm_admin *a)
{
    struct qm_pg_result *r = NULL;
    int code = qm_admin_query(a, "SELECT host FROM qm.site", qm_admin_params_new(), &r);
    if (code == QM_ADMIN_OK && qm_pg_rows(r) == 1)
        snprintf(a->host, sizeof a->host, "%s", qm_pg_get_text(r, 0, 0));
    qm_pgb_result_free(r);
    return code;
}

static int make_master(struct qm_admin *a)
{
    char paper[160];
    qm_err err = qm_master_create(a->config->master, paper);
    if (err == QM_E_EXISTS) {
        qm_admin_say(a, "the master key %s is there already and stays as it is", a->config->master);
        return QM_ADMIN_OK;
    }
    if (err != QM_OK)
        return qm_admin_fail(a, QM_ADMIN_AWAY, "the master key %s cannot be written: %s",
                             a->config->master, qm_err_text(err, "en"));
    qm_admin_str(a, "paper", paper);
    qm_admin_say(a, "master key: %s\npaper copy for the safe:\n\n%s\n", a->config->master, paper);
    explicit_bzero(paper, sizeof paper);
    return QM_ADMIN_OK;
}

int qm_admin_init(struct qm_admin *a)
{
    const char *host = a->option[QM_O_HOST];
    if (!qm_host_ok(host, strlen(host)))
        return qm_admin_fail(a, QM_ADMIN_USAGE,
                             "--host: \"%s\" is no host; write a name with its port if that is "
                             "not 443, like qm.example.gov.cn or 127.0.0.1:8080",
                             host);
    int code = site_host(a);
    if (code != QM_ADMIN_OK)
        return code;
    bool fixed = a->host[0] != '\0';
    if (fixed && strcmp(a->host, host) != 0)
        return qm_admin_fail(a, QM_ADMIN_REFUSED,
                             "the host is %s for ever: every name and receipt is made of it",
                             a->host);
    /* A new key beside an old database would open nothing of what is sealed there. */
    if (fixed && access(a->config->master, F_OK) != 0)
        return qm_admin_fail(a, QM_ADMIN_REFUSED,
                             "the database is set up, but the master key %s is not here: put it "
                             "back from the paper copy",
                             a->config->master);
    code = make_master(a);
    if (code == QM_ADMIN_OK && !fixed) {
        struct qm_pg_params *p = qm_admin_params_new();
        qm_admin_add_text(p, host);
        code = qm_admin_query(
            a, "INSERT INTO qm.site (host) VALUES ($1) ON CONFLICT (one) DO NOTHING", p, NULL);
    }
    qm_admin_str(a, "host", host);
    qm_admin_say(a, "host: %s", host);
    return code;
}

/* ---- counties ---- */

int qm_admin_log_vkey(struct qm_admin *a, int tree, struct qm_buf *out)
{
    uint8_t seed[QM_SEED_BYTES];
    struct qm_vkey key;
    qm_buf_init(out, 1024);
    qm_err err = qm_seal_log_key(a->seal, a->host, a->county, tree, seed, &key);
    explicit_bzero(seed, sizeof seed);
    if (err == QM_OK)
        err = qm_vkey_write(&key, out);
    return err == QM_OK ? QM_ADMIN_OK
                        : qm_admin_fail(a, QM_ADMIN_AWAY, "the log key cannot be made: %s",
                                        qm_err_text(err, "en"));
}

static int county_name(struct qm_admin *a, char *name, size_t max)
{
    const char *given = a->option[QM_O_NAME];
    if (given != NULL &&
        (given[0] == '\0' || strlen(given) >= max || !qm_utf8_ok(given, strlen(given))))
        return qm_admin_fail(a, QM_ADMIN_USAGE, "--name: 1 to %zu bytes of UTF-8", max - 1);
    if (given != NULL) {
        snprintf(name, max, "%s", given);
        return QM_ADMIN_OK;
    }
    struct qm_pg_result *r = NULL;
    int code = qm_admin_query(a, "SELECT name FROM qm.division WHERE code = $1::int::text",
                              qm_admin_params(a), &r);
    if (code == QM_ADMIN_OK && qm_pg_rows(r) == 1)
        snprintf(name, max, "%s", qm_pg_get_text(r, 0, 0));
    qm_pgb_result_free(r);
    return code;
}

static int county_call(struct qm_admin *a, const char *name, const struct qm_buf *vkey)
{
    struct qm_pg_params *p = qm_admin_params(a);
    qm_admin_add_text(p, name);
    qm_admin_add_text(p, a->by);
    qm_pg_int8(p, a->now_ms);
    qm_pg_text(p, (const char *)vkey->p, vkey->len);
    qm_pg_date(p, qm_day_of_ms(a->now_ms));
    int64_t status = 0;
    struct qm_pg_result *r = NULL;
    int code = qm_admin_call(a, "SELECT * FROM qm.county_add($1,$2,$3,$4,$5,$6)", p, &status, &r);
    if (code != QM_ADMIN_OK)
        return code;
    if (status == 6) {
        code = qm_admin_fail(a, QM_ADMIN_REFUSED,
                             "no county %06d among the divisions: run qiaomend admin divisions "
                             "import FILE first",
                             a->county);
    } else if (status == 1) {
        code = qm_admin_fail(a, QM_ADMIN_REFUSED, "county %06d is set up already; nothing was done",
                             a->county);
    } else {
        qm_admin_str(a, "log", (const char *)vkey->p);
        qm_admin_str(a, "admin", a->by);
        qm_admin_say(a, "county %06d %s, account %s is its admin\nlog key for auditors: %s",
                     a->county, name, a->by, (const char *)vkey->p);
        qm_admin_logged(a, r, 1, 2);
    }
    qm_pgb_result_free(r);
    return code;
}

int qm_admin_county_add(struct qm_admin *a)
{
    char name[201] = "";
    struct qm_buf vkey;
    int code = county_name(a, name, sizeof name);
    if (code != QM_ADMIN_OK)
        return code;
    code = qm_admin_log_vkey(a, 1, &vkey);
    if (code == QM_ADMIN_OK)
        code = county_call(a, name, &vkey);
    qm_buf_free(&vkey);
    return code;
}

/* ---- codes and tokens: shown once, kept as a keyed hash ---- */

/* "<county>.<base64url of n random bytes>" and its hash. */
static int fresh_secret(struct qm_admin *a, size_t n, char out[64], uint8_t mac[32])
{
    uint8_t random[TOKEN_BYTES];
    if (getrandom(random, n, 0) != (ssize_t)n)
        return qm_admin_fail(a, QM_ADMIN_AWAY, "no random bytes");
    int at = snprintf(out, 64, "%06d.", a->county);
    (void)qm_b64url_write(random, n, out + at);
    explicit_bzero(random, sizeof random);
    qm_seal_token_mac(a->seal, out, mac);
    return QM_ADMIN_OK;
}

static int account_given(struct qm_admin *a)
{
    const char *t = a->option[QM_O_ACCOUNT];
    return qm_account_ok(t, strlen(t))
               ? QM_ADMIN_OK
               : qm_admin_fail(a, QM_ADMIN_USAGE, "--account: \"%s\" is no account name", t);
}

int qm_admin_code_new(struct qm_admin *a)
{
    char secret[64];
    uint8_t mac[32];
    int code = account_given(a);
    if (code == QM_ADMIN_OK)
        code = fresh_secret(a, CODE_BYTES, secret, mac);
    if (code != QM_ADMIN_OK)
        return code;
    int64_t expires = a->now_ms + CODE_HOURS * MS_PER_HOUR;
    struct qm_pg_params *p = qm_admin_params(a);
    qm_admin_add_text(p, a->by);
    qm_admin_add_text(p, a->option[QM_O_ACCOUNT]);
    qm_pg_bytea(p, mac, sizeof mac);
    qm_pg_int8(p, expires);
    int64_t status = 0;
    code = qm_admin_call(a, "SELECT * FROM qm.code_new($1,$2,$3,$4,$5)", p, &status, NULL);
    if (code == QM_ADMIN_OK && status != 0)
        code = qm_admin_fail(a, QM_ADMIN_REFUSED,
                             "%s is no worker or leader of county %06d: import the account first",
                             a->option[QM_O_ACCOUNT], a->county);
    if (code == QM_ADMIN_OK) {
        qm_admin_str(a, "code", secret);
        qm_admin_int(a, "expires", expires);
        qm_buf_printf(&a->members, ",\"link\":\"https://%s/app/#enrol=%s\"", a->host, secret);
        qm_admin_say(a, "%s\nhttps://%s/app/#enrol=%s\nfor one phone of %s, within %d hours",
                     secret, a->host, secret, a->option[QM_O_ACCOUNT], CODE_HOURS);
    }
    explicit_bzero(secret, sizeof secret);
    return code;
}

int qm_admin_login_code(struct qm_admin *a)
{
    char secret[64];
    uint8_t mac[32];
    int code = account_given(a);
    if (code == QM_ADMIN_OK)
        code = fresh_secret(a, CODE_BYTES, secret, mac);
    if (code != QM_ADMIN_OK)
        return code;
    int64_t expires = a->now_ms + LOGIN_CODE_DAYS * 24 * MS_PER_HOUR;
    struct qm_pg_params *p = qm_admin_params(a);
    qm_admin_add_text(p, a->by);
    qm_admin_add_text(p, a->option[QM_O_ACCOUNT]);
    qm_pg_bytea(p, mac, sizeof mac);
    qm_pg_int8(p, expires);
    int64_t status = 0;
    code = qm_admin_call(a, "SELECT * FROM qm.login_code_new($1,$2,$3,$4,$5)", p, &status, NULL);
    if (code == QM_ADMIN_OK && status != 0)
        code = qm_admin_fail(a, QM_ADMIN_REFUSED,
                             "county %06d has no account %s with a role: import it first",
                             a->county, a->option[QM_O_ACCOUNT]);
    if (code == QM_ADMIN_OK) {
        qm_admin_str(a, "code", secret);
        qm_admin_int(a, "expires", expires);
        qm_buf_printf(&a->members, ",\"link\":\"https://%s/office/#first=%s\"", a->host, secret);
        qm_admin_say(a,
                     "%s\nhttps://%s/office/#first=%s\nfor %s to set a password with, once, within "
                     "%d days",
                     secret, a->host, secret, a->option[QM_O_ACCOUNT], LOGIN_CODE_DAYS);
    }
    explicit_bzero(secret, sizeof secret);
    return code;
}

static int token_days(struct qm_admin *a, int64_t *days)
{
    *days = TOKEN_DAYS;
    const char *t = a->option[QM_O_DAYS];
    if (t != NULL && (qm_dec_read(t, strlen(t), TOKEN_DAYS_MAX, days) != QM_OK || *days < 1))
        return qm_admin_fail(a, QM_ADMIN_USAGE, "--days: 1 to %d", TOKEN_DAYS_MAX);
    if (qm_role_read(a->option[QM_O_ROLE]) == 0)
        return qm_admin_fail(a, QM_ADMIN_USAGE,
                             "--role: worker, leader, deputy, secretary, township, police, "
                             "inspector, auditor or admin");
    char own[16];
    return qm_admin_prefix(a, own) == NULL ? QM_ADMIN_USAGE : account_given(a);
}

int qm_admin_token_new(struct qm_admin *a)
{
    char secret[64];
    uint8_t mac[32];
    int64_t days = 0;
    int code = token_days(a, &days);
    if (code == QM_ADMIN_OK)
        code = fresh_secret(a, TOKEN_BYTES, secret, mac);
    if (code != QM_ADMIN_OK)
        return code;
    int64_t expires = a->now_ms + days * 24 * MS_PER_HOUR;
    struct qm_pg_params *p = qm_admin_params(a);
    qm_admin_add_text(p, a->option[QM_O_ACCOUNT]);
    qm_admin_add_text(p, a->option[QM_O_ROLE]);
    qm_admin_add_text(p, a->option[QM_O_PREFIX]);
    qm_pg_bytea(p, mac, sizeof mac);
    qm_pg_int8(p, expires);
    int64_t status = 0;
    code = qm_admin_call(a, "SELECT * FROM qm.token_new($1,$2,$3,$4,$5,$6)", p, &status, NULL);
    if (code == QM_ADMIN_OK && status != 0)
        code = qm_admin_fail(a, QM_ADMIN_REFUSED,
                             "account %s does not have the role %s for %s: import the account "
                             "with that role and area first",
                             a->option[QM_O_ACCOUNT], a->option[QM_O_ROLE], a->option[QM_O_PREFIX]);
    if (code == QM_ADMIN_OK) {
        qm_admin_str(a, "token", secret);
        qm_admin_int(a, "expires", expires);
        qm_admin_say(a, "%s", secret);
    }
    explicit_bzero(secret, sizeof secret);
    return code;
}

/* ---- lost phones ---- */

static int device_given(struct qm_admin *a, uint8_t device[QM_ID_BYTES],
                        char name[QM_NAME_MAX_BYTES])
{
    const char *t = a->option[QM_O_DEVICE];
    if (qm_uuid_read(t, strlen(t), 4, device) != QM_OK &&
        qm_device_name_read(t, strlen(t), a->host, device) != QM_OK)
        return qm_admin_fail(a, QM_ADMIN_USAGE,
                             "--device: \"%s\" is neither a UUID nor a name like %s/d/<UUID>", t,
                             a->host);
    return qm_device_name(a->host, device, name) == QM_OK
               ? QM_ADMIN_OK
               : qm_admin_fail(a, QM_ADMIN_REFUSED, "the device has no valid name");
}

int qm_admin_revoke(struct qm_admin *a)
{
    uint8_t device[QM_ID_BYTES];
    char name[QM_NAME_MAX_BYTES];
    int64_t lost = 0;
    const char *t = a->option[QM_O_LOST];
    int code = device_given(a, device, name);
    if (code == QM_ADMIN_OK && qm_dec_read(t, strlen(t), a->now_ms, &lost) != QM_OK)
        code = qm_admin_fail(a, QM_ADMIN_USAGE,
                             "--lost: when it was lost, in Unix ms, not in the future");
    if (code != QM_ADMIN_OK)
        return code;
    struct qm_pg_params *p = qm_admin_params(a);
    qm_admin_add_text(p, a->by);
    qm_pg_uuid(p, device);
    qm_admin_add_text(p, name);
    qm_pg_int8(p, lost);
    qm_pg_int8(p, a->now_ms);
    int64_t status = 0;
    struct qm_pg_result *r = NULL;
    code = qm_admin_call(a, "SELECT * FROM qm.revoke($1,$2,$3,$4,$5,$6)", p, &status, &r);
    if (code == QM_ADMIN_OK && status != 0)
        code = qm_admin_fail(a, QM_ADMIN_REFUSED, "county %06d has no device %s", a->county, name);
    if (code == QM_ADMIN_OK) {
        qm_admin_str(a, "device", name);
        qm_admin_say(a, "%s is revoked", name);
        qm_admin_logged(a, r, 1, 2);
    }
    qm_pgb_result_free(r);
    return code;
}
