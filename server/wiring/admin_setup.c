/* admin_setup.c - floor 5: master key and host, counties. Happy path and failure modes: a
 * command either did all of its work or said why not; each may be repeated.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "wiring/admin_console.h"

/* ---- init ---- */

static int site_host(struct qm_office *a)
{
    struct qm_pg_result *r = NULL;
    int code = qm_office_query(a, "site_host", qm_office_params_new(), &r);
    if (code == QM_OFFICE_OK && qm_pg_rows(r) == 1)
        snprintf(a->host, sizeof a->host, "%s", qm_pg_get_text(r, 0, 0));
    qm_pgb_result_free(r);
    return code;
}

static int make_master(struct qm_office *a)
{
    char paper[160];
    qm_err err = qm_master_create(a->config->master, paper);
    if (err == QM_E_EXISTS) {
        qm_office_say(a, "the master key %s is there already and stays as it is",
                      a->config->master);
        return QM_OFFICE_OK;
    }
    if (err != QM_OK)
        return qm_office_fail(a, QM_OFFICE_AWAY, "the master key %s cannot be written: %s",
                              a->config->master, qm_err_text(err, "en"));
    qm_office_str(a, "paper", paper);
    qm_office_say(a, "master key: %s\npaper copy for the safe:\n\n%s\n", a->config->master, paper);
    explicit_bzero(paper, sizeof paper);
    return QM_OFFICE_OK;
}

int qm_admin_init(struct qm_office *a)
{
    const char *host = a->option[QM_O_HOST];
    if (!qm_host_ok(host, strlen(host)))
        return qm_office_fail(a, QM_OFFICE_USAGE,
                              "--host: \"%s\" is no host; write a name with its port if that is "
                              "not 443, like qm.example.gov.cn or 127.0.0.1:8080",
                              host);
    int code = site_host(a);
    if (code != QM_OFFICE_OK)
        return code;
    bool fixed = a->host[0] != '\0';
    if (fixed && strcmp(a->host, host) != 0)
        return qm_office_fail(a, QM_OFFICE_REFUSED,
                              "the host is %s for ever: every name and receipt is made of it",
                              a->host);
    /* A new key beside an old database would open nothing of what is sealed there. */
    if (fixed && access(a->config->master, F_OK) != 0)
        return qm_office_fail(a, QM_OFFICE_REFUSED,
                              "the database is set up, but the master key %s is not here: put it "
                              "back with qiaomend admin master restore",
                              a->config->master);
    code = make_master(a);
    if (code == QM_OFFICE_OK && !fixed) {
        struct qm_pg_params *p = qm_office_params_new();
        qm_office_add_text(p, host);
        code = qm_office_query(a, "site_host_set", p, NULL);
    }
    qm_office_str(a, "host", host);
    qm_office_say(a, "host: %s", host);
    return code;
}

/* ---- the paper copy ---- */

static int read_paper(struct qm_office *a)
{
    struct qm_seal *ring = NULL;
    int line = 0;
    qm_err err = qm_seal_from_paper(a->input, (uint32_t)a->config->seal_epoch, &ring, &line);
    a->seal = ring; /* the caller's, as every key ring of a command */
    if (line > 4)
        return qm_office_fail(a, QM_OFFICE_REFUSED,
                              "%s: there is something behind line 4: the paper copy has four "
                              "lines, nothing was written",
                              a->input_name);
    if (line > 0)
        return qm_office_fail(a, QM_OFFICE_REFUSED,
                              "%s: line %d of the paper copy has a slip in it: compare it with "
                              "the paper character by character; nothing was written",
                              a->input_name, line);
    return err == QM_OK ? QM_OFFICE_OK
                        : qm_office_fail(a, QM_OFFICE_AWAY, "the paper copy cannot be read: %s",
                                         qm_err_text(err, "en"));
}

/* Another site's paper is as well formed as this one's: each log key of the database must come out
 * of it. */
static int check_log_keys(struct qm_office *a)
{
    struct qm_pg_result *r = NULL;
    int code = qm_office_query(a, "log_trees", qm_office_params_new(), &r);
    for (int i = 0; code == QM_OFFICE_OK && i < qm_pg_rows(r); i++) {
        struct qm_buf vkey;
        a->county = (int)qm_pg_get_int(r, i, 0);
        code = qm_admin_log_vkey(a, (int)qm_pg_get_int(r, i, 1), &vkey);
        if (code == QM_OFFICE_OK && strcmp((const char *)vkey.p, qm_pg_get_text(r, i, 2)) != 0)
            code = qm_office_fail(a, QM_OFFICE_REFUSED,
                                  "this is the paper copy of another master key: the log of "
                                  "county %06d was signed with another one; nothing was written",
                                  a->county);
        qm_buf_free(&vkey);
    }
    qm_pgb_result_free(r);
    return code;
}

int qm_admin_master_restore(struct qm_office *a)
{
    const char *path = a->config->master;
    if (access(path, F_OK) == 0)
        return qm_office_fail(a, QM_OFFICE_REFUSED,
                              "the master key %s is there: it stays as it is. If it is the wrong "
                              "one, move it away first",
                              path);
    int code = read_paper(a);
    if (code == QM_OFFICE_OK)
        code = check_log_keys(a);
    if (code != QM_OFFICE_OK)
        return code;
    qm_err err = qm_master_write(path, a->seal);
    if (err != QM_OK)
        return qm_office_fail(a, QM_OFFICE_AWAY, "the master key %s cannot be written: %s", path,
                              qm_err_text(err, "en"));
    qm_office_str(a, "master", path);
    qm_office_say(a, "the master key %s is back; it fits the database", path);
    return QM_OFFICE_OK;
}

/* ---- counties ---- */

int qm_admin_log_vkey(struct qm_office *a, int tree, struct qm_buf *out)
{
    uint8_t seed[QM_SEED_BYTES];
    struct qm_vkey key;
    qm_buf_init(out, 1024);
    qm_err err = qm_seal_log_key(a->seal, a->host, a->county, tree, seed, &key);
    explicit_bzero(seed, sizeof seed);
    if (err == QM_OK)
        err = qm_vkey_write(&key, out);
    return err == QM_OK ? QM_OFFICE_OK
                        : qm_office_fail(a, QM_OFFICE_AWAY, "the log key cannot be made: %s",
                                         qm_err_text(err, "en"));
}

static int county_name(struct qm_office *a, char *name, size_t max)
{
    const char *given = a->option[QM_O_NAME];
    if (given != NULL &&
        (given[0] == '\0' || strlen(given) >= max || !qm_utf8_ok(given, strlen(given))))
        return qm_office_fail(a, QM_OFFICE_USAGE, "--name: 1 to %zu bytes of UTF-8", max - 1);
    if (given != NULL) {
        snprintf(name, max, "%s", given);
        return QM_OFFICE_OK;
    }
    struct qm_pg_result *r = NULL;
    int code = qm_office_query(a, "division_name", qm_office_params(a), &r);
    if (code == QM_OFFICE_OK && qm_pg_rows(r) == 1)
        snprintf(name, max, "%s", qm_pg_get_text(r, 0, 0));
    qm_pgb_result_free(r);
    return code;
}

static int county_call(struct qm_office *a, const char *name, const struct qm_buf *vkey)
{
    struct qm_pg_params *p = qm_office_params(a);
    qm_office_add_text(p, name);
    qm_office_add_text(p, a->by);
    qm_pg_int8(p, a->now_ms);
    qm_pg_text(p, (const char *)vkey->p, vkey->len);
    qm_pg_date(p, qm_day_of_ms(a->now_ms));
    int64_t status = 0;
    struct qm_pg_result *r = NULL;
    int code = qm_office_call(a, "county_add", p, &status, &r);
    if (code != QM_OFFICE_OK)
        return code;
    if (status == 6) {
        code = qm_office_fail(a, QM_OFFICE_REFUSED,
                              "no county %06d among the divisions: run qiaomend admin divisions "
                              "import FILE first",
                              a->county);
    } else if (status == 1) {
        code = qm_office_fail(a, QM_OFFICE_REFUSED,
                              "county %06d is set up already; nothing was done", a->county);
    } else {
        qm_office_str(a, "log", (const char *)vkey->p);
        qm_office_str(a, "admin", a->by);
        qm_office_say(a, "county %06d %s, account %s is its admin\nlog key for auditors: %s",
                      a->county, name, a->by, (const char *)vkey->p);
        qm_office_logged(a, r, 1, 2);
    }
    qm_pgb_result_free(r);
    return code;
}

int qm_admin_county_add(struct qm_office *a)
{
    char name[201] = "";
    struct qm_buf vkey;
    int code = county_name(a, name, sizeof name);
    if (code != QM_OFFICE_OK)
        return code;
    code = qm_admin_log_vkey(a, 1, &vkey);
    if (code == QM_OFFICE_OK)
        code = county_call(a, name, &vkey);
    qm_buf_free(&vkey);
    return code;
}
