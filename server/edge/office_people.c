/* office_people.c - floor 4: who has which household, and what the register says of people: claims,
 * status, moves, merges.
 * Failure: an unknown subject, worker or grid is named and nothing is changed.
 */
#include <string.h>

#include "edge/office_sheet.h"

/* ---- claims ---- */

enum { C_HOUSEHOLD, C_ACCOUNT, C_COUNT };
static const struct qm_csv_column claim_columns[C_COUNT] = {{"household", true}, {"account", true}};

static int check_claims(struct qm_sheet *s)
{
    qm_sheet_ids(s, C_HOUSEHOLD, false);
    qm_sheet_accounts(s, C_ACCOUNT);
    int code = qm_sheet_look_up(s, C_HOUSEHOLD, QM_SHEET_UUID, "rows_no_household",
                                "is not in the register, or was merged");
    if (code == QM_OFFICE_OK)
        code = qm_sheet_look_up(s, C_ACCOUNT, QM_SHEET_TEXT, "rows_no_account",
                                "has no account: import the accounts first");
    return code == QM_OFFICE_OK ? qm_sheet_verdict(s) : code;
}

int qm_office_claim_import(struct qm_office *a)
{
    struct qm_sheet s;
    int code = qm_sheet_read(a, claim_columns, C_COUNT, &s);
    if (code == QM_OFFICE_OK)
        code = check_claims(&s);
    if (code == QM_OFFICE_OK) {
        struct qm_pg_params *p = qm_office_params_by(a);
        qm_sheet_add_ids(&s, p);
        qm_sheet_add_text(&s, p, C_ACCOUNT, false);
        code = qm_sheet_call(&s, "claim", p);
    }
    qm_sheet_free(&s);
    return code;
}

int qm_office_claim_set(struct qm_office *a)
{
    uint8_t household[QM_ID_BYTES];
    const char *worker = a->option[QM_O_ACCOUNT];
    int code = qm_office_pseudonym(a, "--household", a->option[QM_O_HOUSEHOLD], household);
    if (code == QM_OFFICE_OK && worker[0] != '\0' && !qm_account_ok(worker, strlen(worker)))
        code = qm_office_fail(a, QM_OFFICE_USAGE, "--account: \"%s\" is no account name", worker);
    if (code == QM_OFFICE_OK)
        code = qm_office_household_in(a, household);
    if (code != QM_OFFICE_OK)
        return code;
    struct qm_pg_params *p = qm_office_params_by(a);
    qm_pg_array_begin(p, QM_PG_UUID);
    qm_pg_array_bytes(p, household, QM_ID_BYTES);
    qm_pg_array_end(p);
    qm_pg_array_begin(p, QM_PG_TEXT);
    qm_pg_array_bytes(p, worker, strlen(worker));
    qm_pg_array_end(p);
    int64_t status = 0;
    code = qm_office_call(a, "claim", p, &status, NULL);
    if (code == QM_OFFICE_OK && status == 7)
        return qm_office_fail(a, QM_OFFICE_REFUSED, "county %06d has no account %s", a->county,
                              worker);
    if (code == QM_OFFICE_OK && status != 0)
        return qm_office_fail(a, QM_OFFICE_REFUSED,
                              "household %s is not in the register, or was "
                              "merged",
                              a->option[QM_O_HOUSEHOLD]);
    if (code == QM_OFFICE_OK)
        qm_office_say(a, "household %s: %s", a->option[QM_O_HOUSEHOLD],
                      worker[0] != '\0' ? worker : "nobody");
    return code;
}

/* ---- status, moves, merges ---- */

static int done_or_unknown(struct qm_office *a, int code, int64_t status)
{
    if (code != QM_OFFICE_OK || status == 0)
        return code;
    const char *why = status == 6   ? "the grid is not known in this county"
                      : status == 8 ? "the household is not in the register, or was merged"
                                    : "the subject is not in the register, was merged already, or "
                                      "the two are the same";
    return qm_office_fail(a, QM_OFFICE_REFUSED, "%s; nothing was changed", why);
}

static const struct {
    const char *word;
    int household, resident; /* 0: not a status of these */
} statuses[] = {{"counted", 1, 1}, {"away", 2, 2}, {"vacant", 3, 0},     {"gone", 4, 3},
                {"other", 6, 0},   {"dead", 0, 4}, {"unknown_age", 0, 5}};
enum { STATUSES = sizeof statuses / sizeof statuses[0] };

int qm_office_status_number(bool household, const char *word)
{
    for (size_t i = 0; i < STATUSES; i++) {
        if (strcmp(statuses[i].word, word) == 0)
            return household ? statuses[i].household : statuses[i].resident;
    }
    return 0;
}

const char *qm_office_status_word(bool household, int number)
{
    for (size_t i = 0; i < STATUSES; i++) {
        if (number != 0 && (household ? statuses[i].household : statuses[i].resident) == number)
            return statuses[i].word;
    }
    return NULL;
}

int qm_office_status_set(struct qm_office *a)
{
    const char *household = a->option[QM_O_HOUSEHOLD];
    const char *resident = a->option[QM_O_RESIDENT];
    if ((household == NULL) == (resident == NULL))
        return qm_office_fail(a, QM_OFFICE_USAGE, "give either --household or --resident");
    int number = qm_office_status_number(household != NULL, a->option[QM_O_STATUS]);
    if (number == 0)
        return qm_office_fail(a, QM_OFFICE_USAGE, "--status: %s",
                              household != NULL ? "counted, away, vacant, gone or other"
                                                : "counted, away, gone, dead or unknown_age");
    uint8_t id[QM_ID_BYTES];
    int code = qm_office_pseudonym(a, household != NULL ? "--household" : "--resident",
                                   household != NULL ? household : resident, id);
    if (code == QM_OFFICE_OK)
        code = household != NULL ? qm_office_household_in(a, id) : qm_office_resident_in(a, id);
    if (code != QM_OFFICE_OK)
        return code;
    struct qm_pg_params *p = qm_office_params_by(a);
    qm_office_add_text(p, household != NULL ? "household" : "resident");
    qm_pg_uuid(p, id);
    qm_pg_int2(p, number);
    int64_t status = 0;
    code = qm_office_call(a, "set_status", p, &status, NULL);
    code = done_or_unknown(a, code, status);
    if (code == QM_OFFICE_OK)
        qm_office_say(a, "%s: %s", household != NULL ? household : resident,
                      a->option[QM_O_STATUS]);
    return code;
}

/* One subject, and another one that it goes to. */
static int two_subjects(struct qm_office *a, enum qm_office_option one, enum qm_office_option two,
                        const char *statement)
{
    static const char *const names[QM_O_COUNT_] = {
        [QM_O_HOUSEHOLD] = "--household", [QM_O_RESIDENT] = "--resident", [QM_O_INTO] = "--into"};
    uint8_t x[QM_ID_BYTES];
    uint8_t y[QM_ID_BYTES];
    int code = qm_office_pseudonym(a, names[one], a->option[one], x);
    if (code == QM_OFFICE_OK)
        code = qm_office_pseudonym(a, names[two], a->option[two], y);
    if (code == QM_OFFICE_OK)
        code = one == QM_O_RESIDENT ? qm_office_resident_in(a, x) : qm_office_household_in(a, x);
    if (code == QM_OFFICE_OK)
        code = qm_office_household_in(a, y);
    if (code != QM_OFFICE_OK)
        return code;
    struct qm_pg_params *p = qm_office_params_by(a);
    qm_pg_uuid(p, x);
    qm_pg_uuid(p, y);
    int64_t status = 0;
    code = qm_office_call(a, statement, p, &status, NULL);
    code = done_or_unknown(a, code, status);
    if (code == QM_OFFICE_OK)
        qm_office_say(a, "%s: into %s", a->option[one], a->option[two]);
    return code;
}

int qm_office_household_merge(struct qm_office *a)
{
    return two_subjects(a, QM_O_HOUSEHOLD, QM_O_INTO, "merge_household");
}

int qm_office_resident_move(struct qm_office *a)
{
    return two_subjects(a, QM_O_RESIDENT, QM_O_HOUSEHOLD, "move_resident");
}

int qm_office_household_move(struct qm_office *a)
{
    uint8_t id[QM_ID_BYTES];
    int64_t grid = 0;
    const char *t = a->option[QM_O_GRID];
    int code = qm_office_pseudonym(a, "--household", a->option[QM_O_HOUSEHOLD], id);
    if (code == QM_OFFICE_OK &&
        (!qm_office_area_ok(a, t) || qm_grid_read(t, strlen(t), &grid) != QM_OK))
        code = qm_office_fail(a, QM_OFFICE_USAGE, "--grid: \"%s\" is no grid of %s", t, a->prefix);
    if (code == QM_OFFICE_OK)
        code = qm_office_household_in(a, id);
    if (code != QM_OFFICE_OK)
        return code;
    struct qm_pg_params *p = qm_office_params_by(a);
    qm_pg_uuid(p, id);
    qm_pg_int8(p, grid);
    int64_t status = 0;
    code = qm_office_call(a, "move_household", p, &status, NULL);
    code = done_or_unknown(a, code, status);
    if (code == QM_OFFICE_OK)
        qm_office_say(a, "%s: into grid %s", a->option[QM_O_HOUSEHOLD], t);
    return code;
}
