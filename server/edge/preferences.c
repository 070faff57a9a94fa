/* preferences.c - floor 4: see preferences.h.
 * Happy path: parse, then walk the schema; each check adds its fault and goes on.
 * Failure: QM_E_INVALID with all faults, QM_E_NOT_FOUND for a name that is none.
 */
#include "edge/preferences.h"

#include <string.h>

#include "edge/care.h"
#include "edge/closed.h"

enum { COLUMNS_MAX = 60, HEADING_MAX_BYTES = 120, PEOPLE_MAX = 100000 };

static void check_columns(struct qm_closed *c, json_t *j)
{
    static const char *const names[] = {"key", "on", "|", "heading", NULL};
    if (!json_is_array(j) || json_array_size(j) == 0 || json_array_size(j) > COLUMNS_MAX) {
        qm_closed_fault(c, "", "must be an array of 1 to %d columns", COLUMNS_MAX);
        return;
    }
    for (size_t i = 0; i < json_array_size(j); i++) {
        json_t *o = json_array_get(j, i);
        qm_closed_at(c, i);
        if (!qm_closed_object(c, o, names))
            continue;
        (void)qm_closed_code(c, o, "key");
        (void)qm_closed_bool(c, o, "on");
        (void)qm_closed_text(c, o, "heading", HEADING_MAX_BYTES);
        for (size_t k = 0; k < i; k++) {
            if (json_equal(json_object_get(o, "key"), json_object_get(json_array_get(j, k), "key")))
                qm_closed_fault(c, "key", "is the one of row [%zu] too", k);
        }
    }
}

static void check_duties(struct qm_closed *c, json_t *j)
{
    static const char *const names[] = {"people", "round", "|", "due", NULL};
    static const char *const rounds[] = {"down", "nearest", "up", NULL};
    if (!qm_closed_object(c, j, names))
        return;
    (void)qm_closed_int(c, j, "people", 1, PEOPLE_MAX);
    (void)qm_closed_word(c, j, "round", rounds);
    (void)qm_closed_day(c, j, "due");
}

static void check_groups(struct qm_closed *c, json_t *j)
{
    static const char *const names[] = {"version", "groups", NULL};
    static const char *const members[] = {"code", "zh", "en", NULL};
    if (!qm_closed_object(c, j, names))
        return;
    (void)qm_closed_int(c, j, "version", 1, INT32_MAX);
    const json_t *list = json_object_get(j, "groups");
    if (!json_is_array(list) || json_array_size(list) > QM_CARE_LISTED_MAX) {
        qm_closed_fault(c, "groups", "must be an array of at most %d groups", QM_CARE_LISTED_MAX);
        return;
    }
    for (size_t i = 0; i < json_array_size(list); i++) {
        json_t *o = json_array_get(list, i);
        qm_closed_at(c, i);
        if (!qm_closed_object(c, o, members))
            continue;
        const char *code = qm_closed_code(c, o, "code");
        const char *zh = qm_closed_text(c, o, "zh", HEADING_MAX_BYTES);
        (void)qm_closed_text(c, o, "en", HEADING_MAX_BYTES);
        if (qm_care_forbidden(code, strlen(code)) || qm_care_forbidden(zh, strlen(zh)))
            qm_closed_fault(c, "code", "\"%s\" is never kept as a group of a person: leave it out",
                            code);
        for (size_t k = 0; k < i; k++) {
            if (json_equal(json_object_get(o, "code"),
                           json_object_get(json_array_get(list, k), "code")))
                qm_closed_fault(c, "code", "is the one of row [%zu] too", k);
        }
    }
}

qm_err qm_preference_check(const char *name, const char *t, size_t len, struct qm_faults *faults)
{
    static const struct {
        const char *name;
        void (*check)(struct qm_closed *c, json_t *j);
    } known[] = {{"columns_households", check_columns},
                 {"columns_residents", check_columns},
                 {"duties", check_duties},
                 {"groups", check_groups}};
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        if (strcmp(name, known[i].name) != 0)
            continue;
        struct qm_closed c = {.faults = faults};
        size_t before = faults->n;
        json_t *j = qm_closed_parse(&c, t, len);
        if (j != NULL)
            known[i].check(&c, j);
        json_decref(j);
        return faults->n > before ? QM_E_INVALID : QM_OK;
    }
    return QM_E_NOT_FOUND;
}
