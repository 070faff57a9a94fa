/* office_accounts.c - floor 4: accounts of people who leave, come back, or have a role for some
 * days. Happy path: whoever may give every role of the account closes it, with a reason; its
 * sessions, tokens and codes end, and the report names the phones that are still on, to be revoked
 * one by one. Failure: the own account, the county's only admin and accounts above the caller stay
 * as they are.
 */
#include <string.h>

#include "edge/auth.h"
#include "edge/office.h"

enum { REASON_MAX_CHARS = 200 };
enum { DONE, DONE_BEFORE, ONESELF, UNKNOWN = 5, LAST_ADMIN = 9 }; /* status of the functions */

static int explain(struct qm_office *a, int64_t status)
{
    const char *account = a->option[QM_O_ACCOUNT];
    if (status == ONESELF)
        return qm_office_fail(a, QM_OFFICE_REFUSED,
                              "%s is your own account: somebody else has to do this", account);
    if (status == LAST_ADMIN)
        return qm_office_fail(a, QM_OFFICE_REFUSED,
                              "%s is the county's only admin: give the role to somebody else first",
                              account);
    return status == UNKNOWN
               ? qm_office_fail(a, QM_OFFICE_REFUSED, "%s has no such role in this county", account)
               : QM_OFFICE_OK;
}

/* Phones of the account that were not revoked: closing leaves them on, because what they recorded
 * before may still have to come. */
static int report_phones(struct qm_office *a)
{
    struct qm_pg_params *p = qm_office_params(a);
    struct qm_pg_result *r = NULL;
    struct qm_buf list;
    qm_office_add_text(p, a->option[QM_O_ACCOUNT]);
    int code = qm_office_query(a, "phones_in_use", p, &r);
    if (code != QM_OFFICE_OK)
        return code;
    qm_buf_init(&list, a->members.max_bytes);
    qm_buf_puts(&list, "[");
    for (int i = 0; i < qm_pg_rows(r); i++) {
        qm_buf_printf(&list, "%s\"%s\"", i > 0 ? "," : "", qm_pg_get_text(r, i, 0));
        qm_office_say(a, "phone %s is still on: qiaomend admin revoke --device %s ...",
                      qm_pg_get_text(r, i, 0), qm_pg_get_text(r, i, 0));
    }
    qm_buf_puts(&list, "]");
    qm_office_raw(a, "devices", &list);
    qm_buf_free(&list);
    qm_pgb_result_free(r);
    return QM_OFFICE_OK;
}

static int check_reason(struct qm_office *a)
{
    const char *t = a->option[QM_O_REASON];
    size_t len = strlen(t);
    return len > 0 && qm_utf8_ok(t, len) && qm_utf8_chars(t, len) <= REASON_MAX_CHARS
               ? QM_OFFICE_OK
               : qm_office_fail(a, QM_OFFICE_USAGE, "reason: say why, in at most %d characters",
                                REASON_MAX_CHARS);
}

static int switch_account(struct qm_office *a, const char *statement, const char *done)
{
    int64_t status = 0;
    int code = qm_office_account_given(a);
    if (code == QM_OFFICE_OK)
        code = qm_office_account_below(a);
    if (code == QM_OFFICE_OK)
        code = check_reason(a);
    if (code != QM_OFFICE_OK)
        return code;
    struct qm_pg_params *p = qm_office_params_by(a);
    qm_office_add_text(p, a->option[QM_O_ACCOUNT]);
    qm_office_add_text(p, a->option[QM_O_REASON]);
    code = qm_office_call(a, statement, p, &status, NULL);
    if (code == QM_OFFICE_OK)
        code = explain(a, status);
    if (code == QM_OFFICE_OK) {
        qm_buf_printf(&a->members, ",\"changed\":%s", status == DONE ? "true" : "false");
        qm_office_say(a, "%s is %s%s", a->option[QM_O_ACCOUNT], done,
                      status == DONE_BEFORE ? " already" : "");
    }
    return code;
}

int qm_office_account_close(struct qm_office *a)
{
    int code = switch_account(a, "account_close", "closed");
    return code == QM_OFFICE_OK ? report_phones(a) : code;
}

int qm_office_account_open(struct qm_office *a)
{
    return switch_account(a, "account_open", "open");
}

/* An option that is a day, or none: "" takes the limit away. */
static int read_day(struct qm_office *a, enum qm_office_option o, bool *is, int32_t *day)
{
    const char *t = a->option[o];
    *is = t != NULL && t[0] != '\0';
    if (!*is || qm_day_read(t, strlen(t), day) == QM_OK)
        return QM_OFFICE_OK;
    return qm_office_fail(a, QM_OFFICE_USAGE, "%s: \"%s\" is no day: write 2026-03-05",
                          qm_office_option_name((int)o), t);
}

static void add_day(struct qm_pg_params *p, bool is, int32_t day)
{
    if (is)
        qm_pg_date(p, day);
    else
        qm_pg_null(p, QM_PG_DATE);
}

int qm_office_account_role(struct qm_office *a)
{
    bool has_from = false, has_until = false;
    int32_t from = 0, until = 0;
    int64_t status = 0;
    int code = qm_office_account_given(a);
    if (code == QM_OFFICE_OK)
        code = qm_office_account_below(a);
    if (code == QM_OFFICE_OK)
        code = read_day(a, QM_O_FROM, &has_from, &from);
    if (code == QM_OFFICE_OK)
        code = read_day(a, QM_O_UNTIL, &has_until, &until);
    if (code == QM_OFFICE_OK && has_from && has_until && until < from)
        code = qm_office_fail(a, QM_OFFICE_USAGE, "until: lies before from");
    if (code != QM_OFFICE_OK)
        return code;
    struct qm_pg_params *p = qm_office_params_by(a);
    qm_office_add_text(p, a->option[QM_O_ACCOUNT]);
    qm_office_add_text(p, a->option[QM_O_ROLE]);
    qm_office_add_text(p, a->option[QM_O_PREFIX]);
    add_day(p, has_from, from);
    add_day(p, has_until, until);
    code = qm_office_call(a, "account_days", p, &status, NULL);
    if (code == QM_OFFICE_OK)
        code = explain(a, status);
    if (code == QM_OFFICE_OK)
        qm_office_say(a, "%s is %s of %s%s%s%s%s", a->option[QM_O_ACCOUNT], a->option[QM_O_ROLE],
                      a->option[QM_O_PREFIX], has_from ? " from " : "",
                      has_from ? a->option[QM_O_FROM] : "", has_until ? " until " : "",
                      has_until ? a->option[QM_O_UNTIL] : "");
    return code;
}
