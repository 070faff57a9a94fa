/* office_duty.c - floor 4: who answers for the campaign in each division, and its lecturers.
 *
 * Happy path: a file names persons by division and duty; those who had one of these duties there
 * before are replaced (import), or stay (add).  Lecturers are noted as trained; who no longer has a
 * duty is removed, because no more is kept of people than is needed.
 * Failure: as in office_sheet.h; a person outside the prefix is one that is not there.
 */
#include <string.h>
#include <sys/random.h>

#include "edge/office_sheet.h"

enum { DIVISION, DUTY, NAME, PHONE, TRAINED, COLUMNS, NAME_MAX_BYTES = 200 };
static const struct qm_csv_column columns[COLUMNS] = {
    {"division", true}, {"duty", true}, {"name", true}, {"phone", false}, {"trained_on", false}};
/* By number, from 1; the first is what an empty cell would be, and none may be. */
static const char *const duties[] = {"", "first", "deputy", "handler", "liaison", "lecturer", NULL};

static void check_divisions(struct qm_sheet *s)
{
    for (size_t i = 0; i < s->n; i++) {
        const char *t = qm_sheet_cell(s, i, DIVISION);
        if (strlen(t) == 15 || !qm_office_area_ok(s->a, t))
            qm_sheet_fault(s, i, DIVISION,
                           "\"%s\" is no division of %s: the code of a county, township or village",
                           t, s->a->prefix);
    }
}

static void check_duties(struct qm_sheet *s)
{
    for (size_t i = 0; i < s->n; i++) {
        const char *t = qm_sheet_cell(s, i, DUTY);
        if (qm_sheet_word(s, i, DUTY, duties) < 1)
            qm_sheet_fault(s, i, DUTY,
                           "\"%s\" is not one of first, deputy, handler, liaison, lecturer", t);
        else if (strcmp(t, "lecturer") != 0 && qm_sheet_cell(s, i, TRAINED)[0] != '\0')
            qm_sheet_fault(s, i, TRAINED, "is for lecturers only");
    }
}

static int check(struct qm_sheet *s)
{
    check_divisions(s);
    check_duties(s);
    qm_sheet_required(s, NAME);
    qm_sheet_max_bytes(s, NAME, NAME_MAX_BYTES);
    qm_sheet_phones(s, PHONE);
    qm_sheet_days(s, TRAINED);
    int code = qm_sheet_look_up(s, DIVISION, QM_SHEET_TEXT, "rows_no_area",
                                "is not known: import the divisions first");
    return code == QM_OFFICE_OK ? qm_sheet_verdict(s) : code;
}

static int make_ids(struct qm_sheet *s)
{
    for (size_t i = 0; i < s->n; i++) {
        if (getrandom(s->row[i].id, QM_ID_BYTES, 0) != QM_ID_BYTES)
            return qm_office_fail(s->a, QM_OFFICE_AWAY, "no random bytes");
    }
    return QM_OFFICE_OK;
}

static int send_duties(struct qm_sheet *s, bool replace)
{
    struct qm_pg_params *p = qm_office_params_by(s->a);
    qm_pg_bool(p, replace);
    qm_sheet_add_ids(s, p);
    qm_sheet_add_text(s, p, DIVISION, false);
    qm_pg_array_begin(p, QM_PG_INT2);
    for (size_t i = 0; i < s->n; i++)
        qm_pg_array_int(p, qm_sheet_word(s, i, DUTY, duties));
    qm_pg_array_end(p);
    int code = qm_sheet_add_sealed(s, p, NAME, QM_PURPOSE_NAME);
    if (code == QM_OFFICE_OK)
        code = qm_sheet_add_sealed_phone(s, p, PHONE);
    if (code != QM_OFFICE_OK) {
        qm_pg_params_free(p);
        return code;
    }
    qm_sheet_add_days(s, p, TRAINED);
    return qm_sheet_call(s, "duties_put", p);
}

static int put(struct qm_office *a, bool replace)
{
    struct qm_sheet s;
    int code = qm_sheet_read(a, columns, COLUMNS, &s);
    if (code == QM_OFFICE_OK)
        code = check(&s);
    if (code == QM_OFFICE_OK)
        code = make_ids(&s);
    if (code == QM_OFFICE_OK)
        code = send_duties(&s, replace);
    qm_sheet_free(&s);
    return code;
}

int qm_office_duties_import(struct qm_office *a)
{
    return put(a, true);
}

int qm_office_duties_add(struct qm_office *a)
{
    return put(a, false);
}

/* ---- one person ---- */

static int person_call(struct qm_office *a, const char *statement, bool with_day, int32_t day)
{
    uint8_t id[QM_ID_BYTES];
    int64_t status = 0;
    const char *person = a->option[QM_O_PERSON];
    if (qm_uuid_read(person, strlen(person), 0, id) != QM_OK)
        return qm_office_fail(a, QM_OFFICE_USAGE, "--person: \"%s\" is no id of a person", person);
    struct qm_pg_params *p = qm_office_params_by(a);
    qm_office_add_text(p, a->prefix);
    qm_pg_uuid(p, id);
    if (with_day)
        qm_pg_date(p, day);
    int code = qm_office_call(a, statement, p, &status, NULL);
    if (code == QM_OFFICE_OK && status != 0)
        code = qm_office_fail(a, QM_OFFICE_REFUSED,
                              "there is no such person any more; read the list again");
    if (code == QM_OFFICE_OK)
        qm_office_say(a, "person %s", person);
    return code;
}

int qm_office_duty_trained(struct qm_office *a)
{
    const char *t = a->option[QM_O_DAY];
    int32_t day = 0;
    if (qm_day_read(t, strlen(t), &day) != QM_OK)
        return qm_office_fail(a, QM_OFFICE_USAGE, "\"%s\" is no existing day; write yyyy-mm-dd", t);
    if (day > qm_day_of_ms(a->now_ms))
        return qm_office_fail(a, QM_OFFICE_REFUSED, "\"%s\" lies in the future", t);
    return person_call(a, "duty_trained", true, day);
}

int qm_office_duty_remove(struct qm_office *a)
{
    return person_call(a, "duty_remove", false, 0);
}
