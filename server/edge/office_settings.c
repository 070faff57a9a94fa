/* office_settings.c - floor 4: targets, rule, topics and texts: judged, kept verbatim, logged by
 * hash; and what pages remember for a county, which the log does not name.
 * Who may set what is decided in one place, sql/functions/98_setting.sql.
 * Failure: every fault with its place; nothing is kept.  The same bytes again write nothing.
 */
#include <string.h>

#include "edge/closed.h"
#include "edge/office.h"
#include "edge/preferences.h"
#include "edge/settings.h"
#include "wire/merkle.h"

/* As qm.setting_put says it. */
enum put_status { PUT_DONE, PUT_SAME, PUT_NOT_YOURS, PUT_OUTSIDE, PUT_TOO_MUCH };

static int put_refused(struct qm_office *a, const char *kind, int64_t status,
                       const struct qm_pg_result *r)
{
    if (status == PUT_OUTSIDE)
        return qm_office_fail(a, QM_OFFICE_REFUSED,
                              "target %lld lies outside the area of %s: nothing was kept; leave it "
                              "out, those of other areas stay as they are",
                              (long long)qm_pg_get_int(r, 0, 4) + 1, a->by);
    if (status == PUT_TOO_MUCH)
        return qm_office_fail(a, QM_OFFICE_REFUSED,
                              "with those of other areas there would be more than %d targets, or "
                              "more than %d bytes: nothing was kept; set fewer",
                              QM_CLOSED_ROWS_MAX, QM_SETTING_MAX_BYTES);
    if (strcmp(kind, "targets") == 0)
        return qm_office_fail(a, QM_OFFICE_REFUSED,
                              "%s is neither township's office nor admin here: it sets no targets",
                              a->by);
    return qm_office_fail(a, QM_OFFICE_REFUSED,
                          "this holds for the whole county: only a county account sets it");
}

static void put_told(struct qm_office *a, const char *kind, bool changed,
                     const struct qm_pg_result *r)
{
    char hex[QM_HEX_HASH_CHARS + 1];
    size_t len = 0;
    const uint8_t *sha256 = qm_pg_get_bytes(r, 0, 3, &len);
    qm_hex_write(sha256, QM_HASH_BYTES, hex);
    hex[QM_HEX_HASH_CHARS] = '\0';
    qm_office_str(a, "sha256", hex);
    qm_buf_printf(&a->members, ",\"changed\":%s", changed ? "true" : "false");
    qm_office_say(a, "%s sha256:%s%s", kind, hex,
                  changed ? "" : " is in force already; nothing was written");
    qm_office_logged(a, r, 1, 2);
}

static int keep(struct qm_office *a, const char *kind, const char *text, size_t len)
{
    struct qm_pg_params *p = qm_office_params_by(a);
    qm_office_add_text(p, a->prefix);
    qm_office_add_text(p, kind);
    qm_pg_bytea(p, text, len);
    qm_pg_int4(p, QM_CLOSED_ROWS_MAX);
    qm_pg_int4(p, QM_SETTING_MAX_BYTES);
    int64_t status = 0;
    struct qm_pg_result *r = NULL;
    int code = qm_office_call(a, "setting_put", p, &status, &r);
    if (code == QM_OFFICE_OK && status > PUT_SAME)
        code = put_refused(a, kind, status, r);
    else if (code == QM_OFFICE_OK)
        put_told(a, kind, status == PUT_DONE, r);
    qm_pgb_result_free(r);
    return code;
}

int qm_office_setting_set(struct qm_office *a)
{
    char kind[16];
    size_t n = strcspn(a->command->words, " ");
    memcpy(kind, a->command->words, n);
    kind[n] = '\0';
    int code = QM_OFFICE_OK;
    struct qm_faults faults;
    qm_faults_init(&faults);
    if (qm_setting_check(kind, a->county, a->input, a->input_len, &faults) == QM_OK)
        code = keep(a, kind, a->input, a->input_len);
    else
        code = qm_office_faults(a, &faults);
    qm_faults_free(&faults);
    return code;
}

static int preference_keep(struct qm_office *a, const char *name)
{
    int64_t status = 0;
    struct qm_pg_params *p = qm_office_params_by(a);
    qm_office_add_text(p, a->prefix);
    qm_office_add_text(p, name);
    qm_pg_text(p, a->input, a->input_len);
    int code = qm_office_call(a, "preference_put", p, &status, NULL);
    if (code == QM_OFFICE_OK && status != 0)
        return qm_office_fail(a, QM_OFFICE_REFUSED,
                              "this holds for the whole county: only a county account sets it");
    if (code == QM_OFFICE_OK)
        qm_office_say(a, "%s is remembered for county %06d", name, a->county);
    return code;
}

int qm_office_preference_set(struct qm_office *a)
{
    const char *name = a->option[QM_O_NAME];
    struct qm_faults faults;
    qm_faults_init(&faults);
    qm_err err = a->input_len > QM_PREFERENCE_MAX_BYTES
                     ? QM_E_TOO_LARGE
                     : qm_preference_check(name, a->input, a->input_len, &faults);
    int code = QM_OFFICE_OK;
    if (err == QM_OK)
        code = preference_keep(a, name);
    else if (err == QM_E_INVALID)
        code = qm_office_faults(a, &faults);
    else
        code = qm_office_fail(a, QM_OFFICE_REFUSED, "nothing of this name and size is remembered");
    qm_faults_free(&faults);
    return code;
}

int qm_office_groups_set(struct qm_office *a)
{
    a->option[QM_O_NAME] = "groups";
    return qm_office_preference_set(a);
}
