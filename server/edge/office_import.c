/* office_import.c - floor 4: divisions, grids and accounts from CSV files.
 * Happy path and failure modes: as in office_sheet.h; all or nothing, repeating is harmless.
 */
#include <stdlib.h>
#include <string.h>

#include "edge/auth.h"
#include "edge/office_sheet.h"

enum { NAME_MAX_BYTES = 200, ONLY_ADMIN = 9 };

/* ---- divisions ---- */

enum { D_CODE, D_NAME, D_PARENT, D_LEVEL, D_COUNT };
static const struct qm_csv_column division_columns[D_COUNT] = {
    {"code", true}, {"name", true}, {"parent_code", true}, {"level", true}};
static const char *const level_words[] = {"province", "prefecture", "county",
                                          "township", "village",    NULL};
static const size_t level_digits[] = {2, 4, 6, 9, 12};

static void check_division(struct qm_sheet *s, size_t i)
{
    const char *code = qm_sheet_cell(s, i, D_CODE);
    const char *parent = qm_sheet_cell(s, i, D_PARENT);
    int level = qm_sheet_word(s, i, D_LEVEL, level_words);
    size_t len = strlen(code);
    if (level < 0)
        return;
    if (strspn(code, "0123456789") != len || len != level_digits[level])
        qm_sheet_fault(s, i, D_CODE, "\"%s\": a %s has a code of %zu digits", code,
                       level_words[level], level_digits[level]);
    else if (strlen(s->a->prefix) >= len || strncmp(code, s->a->prefix, strlen(s->a->prefix)) != 0)
        qm_sheet_fault(s, i, D_CODE, "\"%s\" is no township or village of %s", code, s->a->prefix);
    if (level == 0 ? parent[0] != '\0' : parent[0] == '\0')
        qm_sheet_fault(s, i, D_PARENT, level == 0 ? "a province has no parent" : "is empty");
    else if (strlen(parent) >= len && level > 0)
        qm_sheet_fault(s, i, D_PARENT, "\"%s\" is not shorter than the code", parent);
    else if (strncmp(code, parent, strlen(parent)) != 0)
        qm_sheet_fault(s, i, D_PARENT, "the code %s does not begin with it", code);
}

static int by_code(const void *a, const void *b)
{
    const char *const *x = a;
    const char *const *y = b;
    return strcmp(*x, *y);
}

/* A code twice, or a parent that is neither in the file nor (as the query says) in the database. */
static int check_division_tree(struct qm_sheet *s)
{
    const char **codes = calloc(s->n + 1, sizeof *codes);
    if (codes == NULL)
        return qm_office_fail(s->a, QM_OFFICE_AWAY, "not enough memory");
    for (size_t i = 0; i < s->n; i++)
        codes[i] = qm_sheet_cell(s, i, D_CODE);
    qsort((void *)codes, s->n, sizeof *codes, by_code);
    for (size_t i = 1; i < s->n; i++) {
        if (strcmp(codes[i], codes[i - 1]) == 0)
            qm_fault_add(&s->faults, 0, "code", "\"%s\" is there twice", codes[i]);
    }
    struct qm_pg_params *p = qm_office_params(s->a);
    qm_sheet_add_text(s, p, D_PARENT, true);
    struct qm_pg_result *r = NULL;
    int code = qm_office_query(s->a, "rows_no_division", p, &r);
    for (int i = 0; code == QM_OFFICE_OK && i < qm_pg_rows(r); i++) {
        size_t row = (size_t)qm_pg_get_int(r, i, 0) - 1;
        const char *parent = qm_sheet_cell(s, row, D_PARENT);
        if (bsearch((const void *)&parent, (const void *)codes, s->n, sizeof *codes, by_code) ==
            NULL)
            qm_sheet_fault(s, row, D_PARENT, "\"%s\" is neither in the file nor known", parent);
    }
    qm_pgb_result_free(r);
    free((void *)codes);
    return code;
}

/* Boards keep copies of the names; each county is a transaction of its own.  Who imports for one
 * county has locked its head, and renames nothing elsewhere. */
static int rename_villages(struct qm_office *a)
{
    struct qm_pg_result *r = NULL;
    int code = qm_office_query(a, "log_counties", qm_office_params(a), &r);
    for (int i = 0; code == QM_OFFICE_OK && i < qm_pg_rows(r); i++) {
        struct qm_pg_params *p = qm_office_params_new();
        if (p != NULL)
            qm_pg_int4(p, (int32_t)qm_pg_get_int(r, i, 0));
        code = qm_office_query(a, "name_villages", p, NULL);
    }
    qm_pgb_result_free(r);
    return code;
}

static int send_divisions(struct qm_sheet *s)
{
    struct qm_pg_params *p = qm_office_params_new();
    for (size_t c = 0; c < D_COUNT; c++)
        qm_sheet_add_text(s, p, c, c == D_PARENT);
    int code = qm_office_query(s->a, "divisions_put", p, NULL);
    if (code == QM_OFFICE_OK)
        code = rename_villages(s->a);
    if (code == QM_OFFICE_OK) {
        qm_office_int(s->a, "rows", (int64_t)s->n);
        qm_office_say(s->a, "%zu divisions taken over from %s", s->n, s->a->input_name);
    }
    return code;
}

int qm_office_divisions_import(struct qm_office *a)
{
    struct qm_sheet s;
    int code = qm_sheet_read(a, division_columns, D_COUNT, &s);
    if (code == QM_OFFICE_OK) {
        qm_sheet_required(&s, D_NAME);
        qm_sheet_max_bytes(&s, D_NAME, NAME_MAX_BYTES);
        qm_sheet_required(&s, D_LEVEL);
        qm_sheet_words(&s, D_LEVEL, level_words);
        for (size_t i = 0; i < s.n; i++)
            check_division(&s, i);
        code = check_division_tree(&s);
    }
    if (code == QM_OFFICE_OK)
        code = qm_sheet_verdict(&s);
    if (code == QM_OFFICE_OK)
        code = send_divisions(&s);
    qm_sheet_free(&s);
    return code;
}

/* ---- grids ---- */

enum { G_GRID, G_NAME, G_POPULATION, G_SOURCE, G_DATE, G_COUNT };
static const struct qm_csv_column grid_columns[G_COUNT] = {{"grid", true},
                                                           {"name", true},
                                                           {"population", false},
                                                           {"population_source", false},
                                                           {"population_date", false}};

static void check_population(struct qm_sheet *s, size_t i)
{
    const char *t = qm_sheet_cell(s, i, G_POPULATION);
    int64_t v = 0;
    if (t[0] == '\0')
        return;
    if (qm_dec_read(t, strlen(t), 10000000, &v) != QM_OK)
        qm_sheet_fault(s, i, G_POPULATION, "\"%s\" is no number of people", t);
    else if (qm_sheet_cell(s, i, G_SOURCE)[0] == '\0' || qm_sheet_cell(s, i, G_DATE)[0] == '\0')
        qm_sheet_fault(s, i, G_POPULATION,
                       "figures per 10,000 people name their source: fill population_source and "
                       "population_date");
}

static int send_grids(struct qm_sheet *s)
{
    struct qm_pg_params *p = qm_office_params_by(s->a);
    qm_sheet_add_bigint(s, p, G_GRID);
    qm_sheet_add_text(s, p, G_NAME, false);
    qm_pg_array_begin(p, QM_PG_INT4);
    for (size_t i = 0; i < s->n; i++) {
        const char *t = qm_sheet_cell(s, i, G_POPULATION);
        int64_t v = 0;
        if (qm_dec_read(t, strlen(t), 10000000, &v) == QM_OK)
            qm_pg_array_int(p, v);
        else
            qm_pg_array_null(p);
    }
    qm_pg_array_end(p);
    qm_sheet_add_text(s, p, G_SOURCE, true);
    qm_sheet_add_days(s, p, G_DATE);
    return qm_sheet_call(s, "import_grids", p);
}

static int check_grids(struct qm_sheet *s)
{
    qm_sheet_grids(s, G_GRID);
    qm_sheet_required(s, G_NAME);
    qm_sheet_max_bytes(s, G_NAME, NAME_MAX_BYTES);
    qm_sheet_max_bytes(s, G_SOURCE, NAME_MAX_BYTES);
    qm_sheet_days(s, G_DATE);
    for (size_t i = 0; i < s->n; i++)
        check_population(s, i);
    int code = qm_sheet_look_up(s, G_GRID, QM_SHEET_BIGINT, "rows_no_village",
                                "lies in no known village: import the divisions first");
    if (code == QM_OFFICE_OK)
        code = qm_sheet_look_up(s, G_GRID, QM_SHEET_BIGINT, "rows_twice", "is there twice");
    return code == QM_OFFICE_OK ? qm_sheet_verdict(s) : code;
}

int qm_office_grids_import(struct qm_office *a)
{
    struct qm_sheet s;
    int code = qm_sheet_read(a, grid_columns, G_COUNT, &s);
    if (code == QM_OFFICE_OK)
        code = check_grids(&s);
    if (code == QM_OFFICE_OK)
        code = send_grids(&s);
    qm_sheet_free(&s);
    return code;
}

/* ---- accounts: a row an account and role; the database takes a row an area ---- */

enum { A_ACCOUNT, A_ROLE, A_NAME, A_PHONE, A_AREAS, A_FROM, A_UNTIL, A_COUNT };
static const struct qm_csv_column account_columns[A_COUNT] = {
    {"account", true}, {"role", true},  {"name", false}, {"phone", false},
    {"areas", true},   {"from", false}, {"until", false}};

struct area {
    size_t row;
    char code[16];
};
struct areas {
    size_t n;
    struct area *list; /* room for as many as the cells can hold */
};

static bool areas_room(const struct qm_sheet *s, struct areas *all)
{
    size_t most = s->n + 1;
    for (size_t i = 0; i < s->n; i++) {
        for (const char *t = qm_sheet_cell(s, i, A_AREAS); *t != '\0'; t++)
            most += *t == ' ';
    }
    all->list = calloc(most, sizeof *all->list);
    return all->list != NULL;
}

static bool works_in_grids(const struct qm_sheet *s, size_t i)
{
    const char *role = qm_sheet_cell(s, i, A_ROLE);
    return strcmp(role, "worker") == 0 || strcmp(role, "leader") == 0;
}

static void check_area(struct qm_sheet *s, size_t i, const char *t, size_t len, struct areas *all)
{
    char code[16] = "";
    if (len < sizeof code)
        memcpy(code, t, len);
    if (!qm_office_area_ok(s->a, code) || (works_in_grids(s, i) && len != 15)) {
        qm_sheet_fault(
            s, i, A_AREAS, "\"%.*s\" is no %s of county %06d", (int)(len > 40 ? 40 : len), t,
            works_in_grids(s, i) ? "grid (15 digits)" : "division or grid code", s->a->county);
        return;
    }
    struct area *x = &all->list[all->n++];
    x->row = i;
    memcpy(x->code, code, sizeof x->code);
}

static void check_areas(struct qm_sheet *s, struct areas *all)
{
    for (size_t i = 0; i < s->n; i++) {
        const char *t = qm_sheet_cell(s, i, A_AREAS);
        size_t found = 0;
        for (t += strspn(t, " "); *t != '\0'; t += strspn(t, " ")) {
            size_t len = strcspn(t, " ");
            check_area(s, i, t, len, all);
            t += len;
            found++;
        }
        if (found == 0)
            qm_sheet_fault(s, i, A_AREAS,
                           "is empty: write the codes of the areas, with spaces "
                           "between");
    }
}

static void check_roles(struct qm_sheet *s)
{
    for (size_t i = 0; i < s->n; i++) {
        const char *t = qm_sheet_cell(s, i, A_ROLE);
        unsigned role = qm_role_read(t);
        if (role == 0)
            qm_sheet_fault(s, i, A_ROLE,
                           "\"%s\" is not one of worker, leader, deputy, secretary, township, "
                           "police, inspector, auditor, admin",
                           t);
        else if ((role & s->a->roles_given) == 0)
            qm_sheet_fault(s, i, A_ROLE, "\"%s\" can only be given by the county's admin", t);
    }
}

/* The file replaces an account's roles: one with roles elsewhere is not this caller's to change. */
static int check_owned(struct qm_sheet *s)
{
    int code = qm_sheet_look_up(s, A_ACCOUNT, QM_SHEET_TEXT, "rows_account_outside",
                                "has roles in another area: only the county's admin can change it");
    if (code != QM_OFFICE_OK || (s->a->roles_given & QM_ROLE_TOWNSHIP) != 0)
        return code;
    return qm_sheet_look_up(
        s, A_ACCOUNT, QM_SHEET_TEXT, "rows_account_above",
        "has a role that you cannot give: only the county's admin can change it");
}

static void add_area_codes(const struct areas *all, struct qm_pg_params *p)
{
    qm_pg_array_begin(p, QM_PG_TEXT);
    for (size_t k = 0; k < all->n; k++)
        qm_pg_array_bytes(p, all->list[k].code, strlen(all->list[k].code));
    qm_pg_array_end(p);
}

static int look_up_areas(struct qm_sheet *s, const struct areas *all)
{
    struct qm_pg_params *p = qm_office_params(s->a);
    add_area_codes(all, p);
    struct qm_pg_result *r = NULL;
    int code = qm_office_query(s->a, "rows_no_place", p, &r);
    for (int i = 0; code == QM_OFFICE_OK && i < qm_pg_rows(r); i++) {
        size_t at = (size_t)qm_pg_get_int(r, i, 0) - 1;
        if (at >= all->n)
            continue;
        const struct area *x = &all->list[at];
        qm_sheet_fault(s, x->row, A_AREAS, "\"%s\" is not known: import %s first", x->code,
                       strlen(x->code) == 15 ? "the grids" : "the divisions");
    }
    qm_pgb_result_free(r);
    return code;
}

static void add_cells(const struct qm_sheet *s, const struct areas *all, struct qm_pg_params *p,
                      size_t column)
{
    qm_pg_array_begin(p, QM_PG_TEXT);
    for (size_t k = 0; k < all->n; k++) {
        const char *t = qm_sheet_cell(s, all->list[k].row, column);
        qm_pg_array_bytes(p, t, strlen(t));
    }
    qm_pg_array_end(p);
}

/* A device holds the lists of so many grids (client.h): with more it could not be enrolled. */
static int check_grids_each(struct qm_sheet *s, const struct areas *all)
{
    struct qm_pg_params *p = qm_office_params(s->a);
    add_area_codes(all, p);
    add_cells(s, all, p, A_ACCOUNT);
    add_cells(s, all, p, A_ROLE);
    struct qm_pg_result *r = NULL;
    int code = qm_office_query(s->a, "rows_grids_many", p, &r);
    for (int i = 0; code == QM_OFFICE_OK && i < qm_pg_rows(r); i++) {
        size_t at = (size_t)qm_pg_get_int(r, i, 0) - 1;
        if (at < all->n)
            qm_sheet_fault(s, all->list[at].row, A_AREAS,
                           "%lld grids for one account, at most 64: a device holds no more; share "
                           "them among several accounts",
                           (long long)qm_pg_get_int(r, i, 1));
    }
    qm_pgb_result_free(r);
    return code;
}

/* Sealed for the account's name as id. */
static int add_sealed(struct qm_sheet *s, const struct areas *all, struct qm_pg_params *p,
                      size_t column, const char *purpose)
{
    qm_err err = QM_OK;
    qm_pg_array_begin(p, QM_PG_BYTEA);
    for (size_t k = 0; k < all->n && err == QM_OK; k++) {
        const char *account = qm_sheet_cell(s, all->list[k].row, A_ACCOUNT);
        const char *clear = qm_sheet_cell(s, all->list[k].row, column);
        if (clear[0] == '\0') {
            qm_pg_array_null(p);
            continue;
        }
        struct qm_sealed sealed;
        qm_buf_init(&sealed.bytes, strlen(clear) + QM_SEAL_OVERHEAD_BYTES);
        err = qm_seal_close(s->a->seal, purpose, account, strlen(account), clear, strlen(clear),
                            &sealed);
        qm_pg_array_bytes(p, sealed.bytes.p, sealed.bytes.len);
        qm_buf_free(&sealed.bytes);
    }
    qm_pg_array_end(p);
    return err == QM_OK
               ? QM_OFFICE_OK
               : qm_office_fail(s->a, QM_OFFICE_AWAY, "sealing failed: %s", qm_err_text(err, "en"));
}

static void check_role_day(struct qm_sheet *s, size_t i, size_t column, const char *t)
{
    int32_t day = 0;
    if (t[0] != '\0' && qm_day_read(t, strlen(t), &day) != QM_OK)
        qm_sheet_fault(s, i, column, "\"%s\" is no existing day; write yyyy-mm-dd", t);
}

/* A role holds on both days, which may lie in the future; without them it has no end. */
static void check_days(struct qm_sheet *s)
{
    for (size_t i = 0; i < s->n; i++) {
        const char *from = qm_sheet_cell(s, i, A_FROM);
        const char *until = qm_sheet_cell(s, i, A_UNTIL);
        check_role_day(s, i, A_FROM, from);
        check_role_day(s, i, A_UNTIL, until);
        if (from[0] != '\0' && until[0] != '\0' && strcmp(until, from) < 0)
            qm_sheet_fault(s, i, A_UNTIL, "lies before from");
    }
}

/* Whether the file has the column, and its days. */
static void add_role_days(const struct qm_sheet *s, const struct areas *all, struct qm_pg_params *p,
                          size_t column)
{
    qm_pg_bool(p, s->has[column]);
    qm_pg_array_begin(p, QM_PG_DATE);
    for (size_t k = 0; k < all->n; k++)
        qm_sheet_add_day(s, p, all->list[k].row, column);
    qm_pg_array_end(p);
}

static int send_accounts(struct qm_sheet *s, const struct areas *all)
{
    struct qm_pg_params *p = qm_office_params_by(s->a);
    add_cells(s, all, p, A_ACCOUNT);
    add_cells(s, all, p, A_ROLE);
    int code = add_sealed(s, all, p, A_NAME, QM_PURPOSE_NAME);
    if (code == QM_OFFICE_OK)
        code = add_sealed(s, all, p, A_PHONE, QM_PURPOSE_PHONE);
    if (code != QM_OFFICE_OK) {
        qm_pg_params_free(p);
        return code;
    }
    add_area_codes(all, p);
    add_role_days(s, all, p, A_FROM);
    add_role_days(s, all, p, A_UNTIL);
    qm_pg_bool(p, s->has[A_NAME]);
    qm_pg_bool(p, s->has[A_PHONE]);
    int64_t status = 0;
    code = qm_office_call(s->a, "import_accounts", p, &status, NULL);
    if (code == QM_OFFICE_OK && status == ONLY_ADMIN)
        return qm_office_fail(s->a, QM_OFFICE_REFUSED,
                              "after this file the county would have no admin; nothing was kept");
    if (code == QM_OFFICE_OK && status != 0)
        code = qm_office_fail(s->a, QM_OFFICE_REFUSED,
                              "an area was taken out of the register meanwhile; nothing was kept");
    if (code == QM_OFFICE_OK) {
        qm_office_int(s->a, "rows", (int64_t)s->n);
        qm_office_int(s->a, "areas", (int64_t)all->n);
        qm_office_say(s->a, "%zu rows with %zu areas taken over from %s", s->n, all->n,
                      s->a->input_name);
    }
    return code;
}

int qm_office_accounts_import(struct qm_office *a)
{
    struct qm_sheet s;
    struct areas all = {0};
    int code = qm_sheet_read(a, account_columns, A_COUNT, &s);
    if (code == QM_OFFICE_OK && !areas_room(&s, &all))
        code = qm_office_fail(a, QM_OFFICE_AWAY, "not enough memory");
    if (code == QM_OFFICE_OK) {
        qm_sheet_required(&s, A_ACCOUNT);
        qm_sheet_accounts(&s, A_ACCOUNT);
        check_roles(&s);
        qm_sheet_max_bytes(&s, A_NAME, NAME_MAX_BYTES);
        qm_sheet_phones(&s, A_PHONE);
        check_areas(&s, &all);
        check_days(&s);
        code = look_up_areas(&s, &all);
    }
    if (code == QM_OFFICE_OK)
        code = check_grids_each(&s, &all);
    if (code == QM_OFFICE_OK)
        code = check_owned(&s);
    if (code == QM_OFFICE_OK)
        code = qm_sheet_verdict(&s);
    if (code == QM_OFFICE_OK)
        code = send_accounts(&s, &all);
    free(all.list);
    qm_sheet_free(&s);
    return code;
}
