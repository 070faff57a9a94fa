/* office_refs.c - see office_sheet.h: households by the village's own number, as its sheets name
 * them.
 *
 * Happy path: the households' file brings the numbers, the residents' file names households by
 * them; the pseudonyms are looked up with one statement and put into the sheet. Failure: a number
 * that nobody has, or that several villages have, is a fault of its line.
 */
#include <stdlib.h>
#include <string.h>

#include "edge/office_sheet.h"

int qm_sheet_refs_check(struct qm_sheet *s, size_t grid_column, size_t ref_column)
{
    struct qm_pg_params *p = qm_office_params(s->a);
    struct qm_pg_result *r = NULL;
    qm_sheet_add_ids(s, p);
    qm_sheet_add_bigint(s, p, grid_column);
    qm_sheet_add_text(s, p, ref_column, true);
    int code = qm_office_query(s->a, "refs_taken", p, &r);
    for (int i = 0; code == QM_OFFICE_OK && i < qm_pg_rows(r); i++) {
        size_t row = (size_t)qm_pg_get_int(r, i, 0) - 1;
        qm_sheet_fault(s, row, ref_column,
                       "\"%s\" is another household's number in this village too",
                       qm_sheet_cell(s, row, ref_column));
    }
    qm_pgb_result_free(r);
    return code;
}

/* Where a row's number is looked for: its village, its grid's village, or all of the caller's area.
 */
static void where_of(const struct qm_sheet *s, size_t i, size_t village, size_t grid, char out[16])
{
    enum { VILLAGE_DIGITS = 12 };
    const char *t = qm_sheet_cell(s, i, village);
    if (t[0] == '\0')
        t = qm_sheet_cell(s, i, grid);
    if (t[0] == '\0')
        t = s->a->prefix;
    size_t len = strnlen(t, VILLAGE_DIGITS);
    memcpy(out, t, len);
    out[len] = '\0';
}

static bool place_ok(struct qm_sheet *s, size_t i, size_t column, size_t digits)
{
    const char *t = qm_sheet_cell(s, i, column);
    if (t[0] == '\0' || (strlen(t) == digits && qm_office_area_ok(s->a, t)))
        return true;
    qm_sheet_fault(s, i, column, "\"%s\" is no code of %zu digits in %s", t, digits, s->a->prefix);
    return false;
}

/* Which rows name their household by number; the others must have a pseudonym. */
static size_t rows_by_ref(struct qm_sheet *s, size_t household, size_t ref, size_t village,
                          size_t grid, bool *by_ref)
{
    uint8_t id[QM_ID_BYTES];
    size_t n = 0;
    for (size_t i = 0; i < s->n; i++) {
        const char *t = qm_sheet_cell(s, i, household);
        if (t[0] != '\0') {
            if (qm_pseudonym_read(t, strlen(t), id) != QM_OK)
                qm_sheet_fault(s, i, household, "\"%s\" is no pseudonym of 22 characters", t);
        } else if (qm_sheet_cell(s, i, ref)[0] == '\0') {
            qm_sheet_fault(s, i, household,
                           "is empty: write the household's pseudonym, or its number in the "
                           "village into household_ref");
        } else {
            by_ref[i] = place_ok(s, i, village, 12) && place_ok(s, i, grid, 15);
            n += by_ref[i];
        }
    }
    return n;
}

static struct qm_pg_params *ref_params(const struct qm_sheet *s, size_t ref, size_t village,
                                       size_t grid, const bool *by_ref)
{
    struct qm_pg_params *p = qm_office_params(s->a);
    char where[16];
    qm_pg_array_begin(p, QM_PG_INT4);
    for (size_t i = 0; i < s->n; i++) {
        if (by_ref[i])
            qm_pg_array_int(p, (int64_t)i);
    }
    qm_pg_array_end(p);
    qm_pg_array_begin(p, QM_PG_TEXT);
    for (size_t i = 0; i < s->n; i++) {
        if (by_ref[i])
            qm_pg_array_bytes(p, qm_sheet_cell(s, i, ref), strlen(qm_sheet_cell(s, i, ref)));
    }
    qm_pg_array_end(p);
    qm_pg_array_begin(p, QM_PG_TEXT);
    for (size_t i = 0; i < s->n; i++) {
        if (by_ref[i]) {
            where_of(s, i, village, grid, where);
            qm_pg_array_bytes(p, where, strlen(where));
        }
    }
    qm_pg_array_end(p);
    return p;
}

/* Columns: row, how many households have the number, one of them. */
static void take_found(struct qm_sheet *s, size_t household, size_t ref,
                       const struct qm_pg_result *r)
{
    for (int i = 0; i < qm_pg_rows(r); i++) {
        size_t row = (size_t)qm_pg_get_int(r, i, 0);
        int64_t found = qm_pg_get_int(r, i, 1);
        const char *t = qm_sheet_cell(s, row, ref);
        if (found == 1) {
            char name[QM_PSEUDONYM_CHARS + 1];
            size_t len = 0;
            qm_pseudonym_write(qm_pg_get_bytes(r, i, 2, &len), name);
            qm_sheet_put(s, row, household, name);
        } else if (found == 0) {
            qm_sheet_fault(s, row, ref,
                           "\"%s\" is no household's number here: import the households with "
                           "their numbers (column ref) first",
                           t);
        } else {
            qm_sheet_fault(s, row, ref,
                           "\"%s\" is the number of %lld households: fill village or grid, or "
                           "correct the numbers in their cards",
                           t, (long long)found);
        }
    }
}

int qm_sheet_refs_find(struct qm_sheet *s, size_t household, size_t ref, size_t village,
                       size_t grid)
{
    if (!s->has[household] && !s->has[ref]) {
        qm_fault_add(&s->faults, 1, "household",
                     "the column is missing; or name households by their number in the village, "
                     "in household_ref");
        return QM_OFFICE_OK;
    }
    struct qm_pg_result *r = NULL;
    int code = QM_OFFICE_OK;
    bool *by_ref = calloc(s->n + 1, sizeof *by_ref);
    if (by_ref == NULL)
        return qm_office_fail(s->a, QM_OFFICE_AWAY, "not enough memory; nothing was kept");
    if (rows_by_ref(s, household, ref, village, grid, by_ref) > 0)
        code = qm_office_query(s->a, "refs_found", ref_params(s, ref, village, grid, by_ref), &r);
    if (code == QM_OFFICE_OK && r != NULL)
        take_found(s, household, ref, r);
    if (code == QM_OFFICE_OK && s->bytes.err != QM_OK)
        code = qm_office_fail(s->a, QM_OFFICE_AWAY, "not enough memory");
    qm_pgb_result_free(r);
    free(by_ref);
    return code;
}
