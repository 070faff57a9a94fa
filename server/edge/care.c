/* care.c - floor 4: see care.h.
 * Happy path: the list is read once for a file or an edit; each code is looked up in it.
 * Failure: a refusal names the code, and what may be kept today.
 */
#include "edge/care.h"

#include <stdio.h>
#include <string.h>

#include "edge/office.h"

enum { CODE, ZH, EN, USED, AREAS };

int qm_care_load(struct qm_office *a, struct qm_care *out)
{
    struct qm_pg_params *p = qm_office_params(a);
    *out = (struct qm_care){0};
    qm_pg_date(p, qm_day_of_ms(a->now_ms));
    qm_office_add_text(p, a->prefix);
    int code = qm_office_query(a, "care_groups", p, &out->rows);
    out->n = code == QM_OFFICE_OK ? qm_pg_rows(out->rows) : 0;
    return code;
}

void qm_care_free(struct qm_care *care)
{
    qm_pgb_result_free(care->rows);
    *care = (struct qm_care){0};
}

bool qm_care_forbidden(const char *text, size_t len)
{
    /* past_victim is the police's alone and would have to be sealed; groups are not. */
    static const char *const parts[] = {"prison", "convict",     "correct", "parole",  "probation",
                                        "inmate", "past_victim", "xingshi", "jiejiao", "jiaozheng",
                                        "刑释",   "刑满",        "服刑",    "解教",    "劳教",
                                        "矫正",   "矫治",        "假释",    "缓刑",    "曾被骗"};
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
        if (memmem(text, len, parts[i], strlen(parts[i])) != NULL)
            return true;
    }
    return false;
}

/* Whether a target names the group of this row where the grid lies. */
static bool used_in(const struct qm_care *care, int row, int64_t grid)
{
    char place[24];
    size_t at = 0;
    size_t len = 0;
    const uint8_t *area = NULL;
    if (grid == 0)
        return qm_pg_get_int(care->rows, row, USED) != 0;
    snprintf(place, sizeof place, "%015lld", (long long)grid);
    while (qm_pg_get_next(care->rows, row, AREAS, &at, &area, &len)) {
        if (area != NULL && len <= strlen(place) && memcmp(place, area, len) == 0)
            return true;
    }
    return false;
}

/* Codes that may be kept there today, with spaces between. */
static void usable(const struct qm_care *care, int64_t grid, char *out, size_t size)
{
    size_t at = 0;
    out[0] = '\0';
    for (int i = 0; i < care->n; i++) {
        const char *code = qm_pg_get_text(care->rows, i, CODE);
        if (used_in(care, i, grid) && at + strlen(code) + 2 < size)
            at += (size_t)snprintf(out + at, size - at, "%s%s", at > 0 ? " " : "", code);
    }
}

bool qm_care_refused(const struct qm_care *care, int64_t grid, const char *code, size_t len,
                     char *why, size_t size)
{
    char may[400];
    int shown = (int)(len > 60 ? 60 : len);
    if (qm_care_forbidden(code, len)) {
        snprintf(why, size, "\"%.*s\" is never kept as a group of a person: leave it out", shown,
                 code);
        return true;
    }
    bool listed = false;
    for (int i = 0; i < care->n; i++) {
        const char *known = qm_pg_get_text(care->rows, i, CODE);
        if (strlen(known) != len || memcmp(known, code, len) != 0)
            continue;
        if (used_in(care, i, grid))
            return false;
        listed = true;
    }
    usable(care, grid, may, sizeof may);
    snprintf(why, size, "\"%.*s\" %s; now may be kept: %s", shown, code,
             listed ? "is kept only while a target names it, and none in force there does"
                    : "is not on the county's list of care groups",
             may[0] == '\0' ? "none" : may);
    return true;
}
