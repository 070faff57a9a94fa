/* office_register.c - floor 4: households and residents from CSV files.
 * Happy path and failure modes: as in office_sheet.h.  Names and phone numbers are sealed here; an
 * ID number gives the birthday and is dropped, in memory too.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "edge/care.h"
#include "edge/office_sheet.h"

enum { LABEL_MAX_BYTES = 200, NAME_MAX_BYTES = 200, REF_MAX_BYTES = 40 };

/* The server's connections keep their plans: statistics of a register that has just grown make them
 * plan anew, and they need not wait for the database's own housekeeping. */
static int renew_statistics(struct qm_office *a)
{
    return qm_office_query(a, "register_analyze", qm_office_params_new(), NULL);
}

/* Rows that got a pseudonym here are made again under another one if this file is imported again;
 * only the file with the pseudonyms may be repeated. */
static int say_unknown(struct qm_office *a, int64_t fresh)
{
    if (fresh == 0)
        return QM_OFFICE_AWAY; /* what was said holds: repeating it is harmless */
    if (a->put_out != NULL)
        return qm_office_fail(a, QM_OFFICE_AWAY,
                              "the database went away before it answered: the rows may be there, "
                              "or not. Import the file with pseudonyms (--out) now, as often as it "
                              "takes: it makes them once. This one would make them twice");
    return qm_office_fail(a, QM_OFFICE_AWAY,
                          "the database went away before it answered: look whether the %lld rows "
                          "without a pseudonym are there before this file is imported again, or "
                          "they are there twice. With --out FILE there is one that may be repeated",
                          (long long)fresh);
}

static int send_with_out(struct qm_sheet *s, size_t id_column, int (*send)(struct qm_sheet *s))
{
    struct qm_office *a = s->a;
    int64_t fresh = 0;
    for (size_t i = 0; i < s->n; i++)
        fresh += s->row[i].fresh;
    int code = a->put_out == NULL ? QM_OFFICE_OK : qm_sheet_put_out(s, id_column);
    if (code != QM_OFFICE_OK)
        return code;
    code = send(s);
    if (code != QM_OFFICE_OK && !a->unknown && a->drop_out != NULL)
        a->drop_out(a);
    if (code == QM_OFFICE_OK)
        code = renew_statistics(a);
    if (a->unknown)
        return say_unknown(a, fresh);
    if (code == QM_OFFICE_OK) {
        qm_office_int(a, "fresh", fresh);
        if (fresh > 0)
            qm_office_say(a,
                          "%lld of them got a new pseudonym: next time import the file with "
                          "pseudonyms (--out), not this one again, or they are there twice",
                          (long long)fresh);
    }
    return code;
}

/* ---- households ---- */

enum {
    H_HOUSEHOLD,
    H_GRID,
    H_PLACE,
    H_STATUS,
    H_GROUP,
    H_LANE,
    H_DOOR,
    H_HEAD,
    H_PHONE,
    H_WORKER,
    H_REF,
    H_COUNT
};
static const struct qm_csv_column household_columns[H_COUNT] = {
    {"household", true}, {"grid", true},    {"place", false}, {"status", false},
    {"group", false},    {"lane", false},   {"door", false},  {"head", false},
    {"phone", false},    {"worker", false}, {"ref", false}};
static const char *const place_words[] = {"home",   "shop",  "enterprise", "school",
                                          "office", "venue", NULL};
static const char *const household_status_words[] = {"counted", "away",  "vacant",
                                                     "gone",    "other", NULL};
static const int household_status[] = {1, 2, 3, 4, 6};

static void add_words(const struct qm_sheet *s, struct qm_pg_params *p, size_t column,
                      const char *const *words, const int *numbers)
{
    qm_pg_array_begin(p, QM_PG_INT2);
    for (size_t i = 0; i < s->n; i++)
        qm_pg_array_int(p, numbers[qm_sheet_word(s, i, column, words)]);
    qm_pg_array_end(p);
}

static int send_households(struct qm_sheet *s)
{
    static const int places[] = {1, 2, 3, 4, 5, 6};
    struct qm_pg_params *p = qm_office_params_by(s->a);
    qm_sheet_add_ids(s, p);
    qm_sheet_add_bigint(s, p, H_GRID);
    add_words(s, p, H_PLACE, place_words, places);
    add_words(s, p, H_STATUS, household_status_words, household_status);
    qm_sheet_add_text(s, p, H_GROUP, false);
    qm_sheet_add_text(s, p, H_LANE, false);
    qm_sheet_add_text(s, p, H_DOOR, false);
    int code = qm_sheet_add_sealed(s, p, H_HEAD, QM_PURPOSE_NAME);
    if (code == QM_OFFICE_OK)
        code = qm_sheet_add_sealed_phone(s, p, H_PHONE);
    if (code != QM_OFFICE_OK) {
        qm_pg_params_free(p);
        return code;
    }
    qm_sheet_add_phone_macs(s, p, H_PHONE);
    qm_sheet_add_text(s, p, H_WORKER, true);
    qm_pg_bool(p, s->has[H_REF]);
    qm_sheet_add_text(s, p, H_REF, false);
    return qm_sheet_call(s, "import_households", p);
}

static int check_households(struct qm_sheet *s)
{
    qm_sheet_ids(s, H_HOUSEHOLD, true);
    qm_sheet_grids(s, H_GRID);
    qm_sheet_words(s, H_PLACE, place_words);
    qm_sheet_words(s, H_STATUS, household_status_words);
    qm_sheet_max_bytes(s, H_GROUP, LABEL_MAX_BYTES);
    qm_sheet_max_bytes(s, H_LANE, LABEL_MAX_BYTES);
    qm_sheet_max_bytes(s, H_DOOR, LABEL_MAX_BYTES);
    qm_sheet_max_bytes(s, H_HEAD, NAME_MAX_BYTES);
    qm_sheet_phones(s, H_PHONE);
    qm_sheet_accounts(s, H_WORKER);
    qm_sheet_max_bytes(s, H_REF, REF_MAX_BYTES);
    int code = qm_sheet_look_up(s, H_GRID, QM_SHEET_BIGINT, "rows_no_grid",
                                "is not known: import the grids first");
    if (code == QM_OFFICE_OK)
        code = qm_sheet_look_up(s, H_WORKER, QM_SHEET_TEXT, "rows_no_account",
                                "has no account: import the accounts first");
    if (code == QM_OFFICE_OK)
        code = qm_sheet_look_up(s, H_HOUSEHOLD, QM_SHEET_UUID, "rows_household_outside",
                                "belongs to another area");
    if (code == QM_OFFICE_OK && s->has[H_REF])
        code = qm_sheet_refs_check(s, H_GRID, H_REF);
    return code == QM_OFFICE_OK ? qm_sheet_verdict(s) : code;
}

int qm_office_households_import(struct qm_office *a)
{
    struct qm_sheet s;
    int code = qm_sheet_read(a, household_columns, H_COUNT, &s);
    if (code == QM_OFFICE_OK)
        code = check_households(&s);
    if (code == QM_OFFICE_OK)
        code = send_with_out(&s, H_HOUSEHOLD, send_households);
    qm_sheet_free(&s);
    return code;
}

/* ---- residents ---- */

enum {
    R_RESIDENT,
    R_HOUSEHOLD,
    R_NAME,
    R_BORN,
    R_PHONE,
    R_STATUS,
    R_GROUPS,
    R_ID_NUMBER,
    R_REF,
    R_VILLAGE,
    R_GRID,
    R_COUNT
};
static const struct qm_csv_column resident_columns[R_COUNT] = {
    {"resident", true},       {"household", false}, {"name", false},   {"born", false},
    {"phone", false},         {"status", false},    {"groups", false}, {"id_number", false},
    {"household_ref", false}, {"village", false},   {"grid", false}};
static const char *const resident_status_words[] = {"counted", "away",        "gone",
                                                    "dead",    "unknown_age", NULL};
enum { COUNTED = 1, UNKNOWN_AGE = 5 };

/* GB 11643: 17 digits and a check character over them, birthday at 7 to 14. */
static bool id_number_birthday(const char *t, char born[11])
{
    static const int weights[17] = {7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2};
    static const char checks[] = "10X98765432";
    if (strlen(t) != 18 || strspn(t, "0123456789") < 17)
        return false;
    int sum = 0;
    for (int i = 0; i < 17; i++)
        sum += (t[i] - '0') * weights[i];
    char check = t[17] == 'x' ? 'X' : t[17];
    if (check != checks[sum % 11])
        return false;
    int32_t day = 0;
    if (qm_day8_read(t + 6, 8, &day) != QM_OK)
        return false;
    qm_day_write(day, born);
    return true;
}

/* Takes the birthday out of the number and the number out of memory. */
static void use_id_number(struct qm_sheet *s, size_t i, int64_t *derived)
{
    char *number = (char *)s->bytes.p + s->row[i].at[R_ID_NUMBER];
    if (number[0] == '\0')
        return;
    char born[11] = "";
    bool good = id_number_birthday(number, born);
    explicit_bzero(number, strlen(number));
    const char *given = qm_sheet_cell(s, i, R_BORN);
    if (!good) {
        qm_sheet_fault(s, i, R_ID_NUMBER,
                       "is no valid ID number of 18 characters (the number or "
                       "its check character is wrong)");
    } else if (given[0] != '\0' && strcmp(given, born) != 0) {
        qm_sheet_fault(s, i, R_BORN, "\"%s\" is not the birthday in id_number", given);
    } else {
        s->row[i].at[R_BORN] = (uint32_t)s->bytes.len;
        if (qm_buf_add(&s->bytes, born, sizeof born) != QM_OK)
            qm_sheet_fault(s, i, R_BORN, "not enough memory");
        *derived += 1;
    }
}

static void use_id_numbers(struct qm_sheet *s)
{
    if (!s->has[R_ID_NUMBER])
        return;
    int64_t derived = 0;
    for (size_t i = 0; i < s->n; i++)
        use_id_number(s, i, &derived);
    qm_office_int(s->a, "id_numbers_dropped", derived);
    qm_office_say(
        s->a, "id_number: %lld birthdays were read from it; the numbers themselves are not kept",
        (long long)derived);
}

static int resident_status(const struct qm_sheet *s, size_t i)
{
    bool born = qm_sheet_cell(s, i, R_BORN)[0] != '\0';
    int word = qm_sheet_word(s, i, R_STATUS, resident_status_words) + 1;
    return word == COUNTED && !born ? UNKNOWN_AGE : word;
}

static void check_status(struct qm_sheet *s, size_t i)
{
    if (qm_sheet_word(s, i, R_STATUS, resident_status_words) + 1 == UNKNOWN_AGE &&
        qm_sheet_cell(s, i, R_BORN)[0] != '\0')
        qm_sheet_fault(s, i, R_STATUS, "unknown_age, but born is filled: write counted");
}

static void check_groups(struct qm_sheet *s, size_t i, const struct qm_care *care, int64_t grid)
{
    char why[700];
    const char *t = qm_sheet_cell(s, i, R_GROUPS);
    int n = 0;
    for (t += strspn(t, " "); *t != '\0'; t += strspn(t, " ")) {
        size_t len = strcspn(t, " ");
        if (!qm_code_ok(t, len))
            qm_sheet_fault(s, i, R_GROUPS,
                           "\"%.*s\" is no group code: lower-case letters, digits, - and _, with "
                           "spaces between codes",
                           (int)(len > 60 ? 60 : len), t);
        else if (qm_care_refused(care, grid, t, len, why, sizeof why))
            qm_sheet_fault(s, i, R_GROUPS, "%s", why);
        t += len;
        n++;
    }
    if (n > QM_CARE_EACH_MAX)
        qm_sheet_fault(s, i, R_GROUPS, "more than %d groups", QM_CARE_EACH_MAX);
}

/* Where the households of the rows lie; 0 of those that are not in the register. */
static int grids_of_rows(struct qm_sheet *s, int64_t *grids)
{
    struct qm_pg_params *p = qm_office_params(s->a);
    struct qm_pg_result *r = NULL;
    qm_sheet_add_uuid(s, p, R_HOUSEHOLD);
    int code = qm_office_query(s->a, "rows_grids", p, &r);
    for (int i = 0; code == QM_OFFICE_OK && i < qm_pg_rows(r); i++) {
        size_t row = (size_t)qm_pg_get_int(r, i, 0) - 1;
        if (row < s->n)
            grids[row] = qm_pg_get_int(r, i, 1);
    }
    qm_pgb_result_free(r);
    return code;
}

static int check_all_groups(struct qm_sheet *s)
{
    struct qm_care care = {0};
    if (!s->has[R_GROUPS])
        return QM_OFFICE_OK;
    int64_t *grids = calloc(s->n + 1, sizeof *grids);
    if (grids == NULL)
        return qm_office_fail(s->a, QM_OFFICE_AWAY, "not enough memory; nothing was kept");
    int code = qm_care_load(s->a, &care);
    if (code == QM_OFFICE_OK)
        code = grids_of_rows(s, grids);
    for (size_t i = 0; code == QM_OFFICE_OK && i < s->n; i++)
        check_groups(s, i, &care, grids[i]);
    qm_care_free(&care);
    free(grids);
    return code;
}

static void add_groups(const struct qm_sheet *s, struct qm_pg_params *p)
{
    qm_pg_array_begin(p, QM_PG_TEXT);
    for (size_t i = 0; i < s->n; i++) {
        char list[QM_CSV_CELL_MAX_BYTES + 1];
        qm_sheet_groups(qm_sheet_cell(s, i, R_GROUPS), list);
        qm_pg_array_bytes(p, list, strlen(list));
    }
    qm_pg_array_end(p);
}

static int send_residents(struct qm_sheet *s)
{
    struct qm_pg_params *p = qm_office_params_by(s->a);
    qm_sheet_add_ids(s, p);
    qm_sheet_add_uuid(s, p, R_HOUSEHOLD);
    int code = qm_sheet_add_sealed(s, p, R_NAME, QM_PURPOSE_NAME);
    qm_sheet_add_days(s, p, R_BORN);
    if (code == QM_OFFICE_OK)
        code = qm_sheet_add_sealed_phone(s, p, R_PHONE);
    if (code != QM_OFFICE_OK) {
        qm_pg_params_free(p);
        return code;
    }
    qm_sheet_add_phone_macs(s, p, R_PHONE);
    qm_pg_array_begin(p, QM_PG_INT2);
    for (size_t i = 0; i < s->n; i++)
        qm_pg_array_int(p, resident_status(s, i));
    qm_pg_array_end(p);
    add_groups(s, p);
    return qm_sheet_call(s, "import_residents", p);
}

static int check_residents(struct qm_sheet *s)
{
    use_id_numbers(s);
    qm_sheet_ids(s, R_RESIDENT, true);
    int code = qm_sheet_refs_find(s, R_HOUSEHOLD, R_REF, R_VILLAGE, R_GRID);
    if (code != QM_OFFICE_OK)
        return code;
    qm_sheet_max_bytes(s, R_NAME, NAME_MAX_BYTES);
    qm_sheet_days(s, R_BORN);
    qm_sheet_phones(s, R_PHONE);
    qm_sheet_words(s, R_STATUS, resident_status_words);
    for (size_t i = 0; i < s->n; i++)
        check_status(s, i);
    code = check_all_groups(s);
    if (code == QM_OFFICE_OK)
        code = qm_sheet_look_up(s, R_HOUSEHOLD, QM_SHEET_UUID, "rows_no_household",
                                "is not in the register: import the households first");
    if (code == QM_OFFICE_OK)
        code = qm_sheet_look_up(s, R_RESIDENT, QM_SHEET_UUID, "rows_resident_outside",
                                "belongs to another area");
    return code == QM_OFFICE_OK ? qm_sheet_verdict(s) : code;
}

int qm_office_residents_import(struct qm_office *a)
{
    struct qm_sheet s;
    int code = qm_sheet_read(a, resident_columns, R_COUNT, &s);
    if (code == QM_OFFICE_OK)
        code = check_residents(&s);
    if (code == QM_OFFICE_OK)
        code = send_with_out(&s, R_RESIDENT, send_residents);
    qm_sheet_free(&s);
    return code;
}
