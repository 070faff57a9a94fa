/* office_sheet.c - see office_sheet.h: reading and checking. */
#include "edge/office_sheet.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

enum { SHEET_MAX_BYTES = 512 << 20, PHONE_DIGITS_MIN = 5, PHONE_DIGITS_MAX = 15 };

/* ---- reading ---- */

static bool row_room(struct qm_sheet *s)
{
    if (s->n < s->cap)
        return true;
    size_t cap = s->cap == 0 ? 1024 : s->cap * 2;
    struct qm_sheet_row *row = realloc(s->row, cap * sizeof *row);
    if (row == NULL)
        return false;
    s->row = row;
    s->cap = cap;
    return true;
}

static qm_err keep_row(struct qm_sheet *s, const struct qm_csv_row *r)
{
    if (!row_room(s))
        return QM_E_NOMEM;
    struct qm_sheet_row *row = &s->row[s->n];
    memset(row, 0, sizeof *row);
    row->line = r->line;
    for (size_t i = 0; i < s->columns; i++) {
        row->at[i] = (uint32_t)s->bytes.len;
        qm_buf_add(&s->bytes, r->cell[i], strlen(r->cell[i]) + 1);
    }
    s->n++;
    return s->bytes.err;
}

static int read_rows(struct qm_sheet *s, const char *text, size_t len)
{
    struct qm_csv *csv = NULL;
    qm_err err = qm_csv_open(text, len, s->column, s->columns, &s->faults, &csv);
    struct qm_csv_row r;
    for (size_t i = 0; err == QM_OK && i < s->columns; i++)
        s->has[i] = qm_csv_has(csv, i);
    while (err == QM_OK && qm_csv_next(csv, &r))
        err = keep_row(s, &r);
    qm_csv_free(csv);
    if (err == QM_E_INVALID)
        return qm_sheet_verdict(s);
    if (err != QM_OK)
        return qm_office_fail(s->a, QM_OFFICE_AWAY, "%s does not fit into memory: split it",
                              s->a->input_name);
    if (s->n == 0 && s->faults.n == 0)
        qm_fault_add(&s->faults, 0, "", "there is no row behind the header");
    return QM_OFFICE_OK;
}

int qm_sheet_read(struct qm_office *a, const struct qm_csv_column *columns, size_t n,
                  struct qm_sheet *s)
{
    memset(s, 0, sizeof *s);
    s->a = a;
    s->column = columns;
    s->columns = n;
    qm_buf_init(&s->bytes, SHEET_MAX_BYTES);
    qm_faults_init(&s->faults);
    return read_rows(s, a->input, a->input_len);
}

void qm_sheet_free(struct qm_sheet *s)
{
    qm_buf_wipe(&s->bytes);
    qm_faults_free(&s->faults);
    free(s->row);
    s->row = NULL;
    s->n = 0;
}

const char *qm_sheet_cell(const struct qm_sheet *s, size_t row, size_t column)
{
    return (const char *)s->bytes.p + s->row[row].at[column];
}

void qm_sheet_put(struct qm_sheet *s, size_t row, size_t column, const char *text)
{
    s->row[row].at[column] = (uint32_t)s->bytes.len;
    qm_buf_add(&s->bytes, text, strlen(text) + 1);
}

void qm_sheet_fault(struct qm_sheet *s, size_t row, size_t column, const char *format, ...)
{
    char text[400];
    va_list args;
    va_start(args, format);
    (void)vsnprintf(text, sizeof text, format, args);
    va_end(args);
    qm_fault_add(&s->faults, s->row[row].line, s->column[column].name, "%s", text);
}

int qm_sheet_verdict(struct qm_sheet *s)
{
    return s->faults.n == 0 ? QM_OFFICE_OK : qm_office_faults(s->a, &s->faults);
}

/* ---- checks ---- */

void qm_sheet_required(struct qm_sheet *s, size_t column)
{
    for (size_t i = 0; i < s->n; i++) {
        if (qm_sheet_cell(s, i, column)[0] == '\0')
            qm_sheet_fault(s, i, column, "is empty");
    }
}

void qm_sheet_max_bytes(struct qm_sheet *s, size_t column, size_t max)
{
    for (size_t i = 0; i < s->n; i++) {
        if (strlen(qm_sheet_cell(s, i, column)) > max)
            qm_sheet_fault(s, i, column, "longer than %zu bytes (%zu Chinese characters)", max,
                           max / 3);
    }
}

void qm_sheet_accounts(struct qm_sheet *s, size_t column)
{
    for (size_t i = 0; i < s->n; i++) {
        const char *t = qm_sheet_cell(s, i, column);
        if (t[0] != '\0' && !qm_account_ok(t, strlen(t)))
            qm_sheet_fault(s, i, column,
                           "\"%s\" is no account: a capital letter, then 1 to 15 capital letters "
                           "or digits, like W0001",
                           t);
    }
}

void qm_sheet_grids(struct qm_sheet *s, size_t column)
{
    for (size_t i = 0; i < s->n; i++) {
        const char *t = qm_sheet_cell(s, i, column);
        if (strlen(t) != 15 || !qm_office_area_ok(s->a, t))
            qm_sheet_fault(s, i, column,
                           "\"%s\" is no grid of %s: 15 digits, the village's 12 and 3 more", t,
                           s->a->prefix);
    }
}

void qm_sheet_days(struct qm_sheet *s, size_t column)
{
    for (size_t i = 0; i < s->n; i++) {
        const char *t = qm_sheet_cell(s, i, column);
        int32_t day = 0;
        if (t[0] == '\0')
            continue;
        if (qm_day_read(t, strlen(t), &day) != QM_OK)
            qm_sheet_fault(s, i, column, "\"%s\" is no existing day; write yyyy-mm-dd", t);
        else if (day > qm_day_of_ms(s->a->now_ms))
            qm_sheet_fault(s, i, column, "\"%s\" lies in the future", t);
    }
}

void qm_sheet_phone_digits(const char *cell, char out[24])
{
    size_t n = 0;
    for (; *cell != '\0' && n + 1 < 24; cell++) {
        if (*cell >= '0' && *cell <= '9')
            out[n++] = *cell;
    }
    out[n] = '\0';
}

bool qm_sheet_phone_ok(const char *cell)
{
    char digits[24];
    qm_sheet_phone_digits(cell, digits);
    size_t n = strlen(digits);
    explicit_bzero(digits, sizeof digits);
    return strspn(cell, "0123456789+- ") == strlen(cell) && n >= PHONE_DIGITS_MIN &&
           n <= PHONE_DIGITS_MAX;
}

void qm_sheet_groups(const char *cell, char *list)
{
    size_t n = 0;
    for (cell += strspn(cell, " "); *cell != '\0'; cell += strspn(cell, " ")) {
        size_t len = strcspn(cell, " ");
        if (n > 0)
            list[n++] = ',';
        memcpy(list + n, cell, len);
        n += len;
        cell += len;
    }
    list[n] = '\0';
}

void qm_sheet_phones(struct qm_sheet *s, size_t column)
{
    for (size_t i = 0; i < s->n; i++) {
        const char *t = qm_sheet_cell(s, i, column);
        if (t[0] != '\0' && !qm_sheet_phone_ok(t))
            qm_sheet_fault(s, i, column,
                           "is no phone number: %d to %d digits, also with +, - and spaces",
                           PHONE_DIGITS_MIN, PHONE_DIGITS_MAX);
    }
}

int qm_sheet_word(const struct qm_sheet *s, size_t row, size_t column, const char *const *words)
{
    const char *t = qm_sheet_cell(s, row, column);
    if (t[0] == '\0')
        return 0;
    for (int i = 0; words[i] != NULL; i++) {
        if (strcmp(words[i], t) == 0)
            return i;
    }
    return -1;
}

void qm_sheet_words(struct qm_sheet *s, size_t column, const char *const *words)
{
    char all[200] = "";
    for (int i = 0; words[i] != NULL; i++) {
        strncat(all, i > 0 ? ", " : "", sizeof all - strlen(all) - 1);
        strncat(all, words[i], sizeof all - strlen(all) - 1);
    }
    for (size_t i = 0; i < s->n; i++) {
        if (qm_sheet_word(s, i, column, words) < 0)
            qm_sheet_fault(s, i, column, "\"%s\" is not one of %s", qm_sheet_cell(s, i, column),
                           all);
    }
}

static int by_id(const void *a, const void *b)
{
    const struct qm_sheet_row *x = *(const struct qm_sheet_row *const *)a;
    const struct qm_sheet_row *y = *(const struct qm_sheet_row *const *)b;
    int order = memcmp(x->id, y->id, QM_ID_BYTES);
    return order != 0 ? order : x->line < y->line ? -1 : x->line > y->line;
}

static void find_twice(struct qm_sheet *s, size_t column)
{
    struct qm_sheet_row **sorted = calloc(s->n + 1, sizeof(struct qm_sheet_row *));
    if (sorted == NULL) {
        qm_fault_add(&s->faults, 0, "", "not enough memory");
        return;
    }
    for (size_t i = 0; i < s->n; i++)
        sorted[i] = &s->row[i];
    qsort(sorted, s->n, sizeof(struct qm_sheet_row *), by_id);
    for (size_t i = 1; i < s->n; i++) {
        if (memcmp(sorted[i]->id, sorted[i - 1]->id, QM_ID_BYTES) == 0)
            qm_fault_add(&s->faults, sorted[i]->line, s->column[column].name,
                         "is the one of line %lld too", (long long)sorted[i - 1]->line);
    }
    free((void *)sorted);
}

void qm_sheet_ids(struct qm_sheet *s, size_t column, bool fresh_ok)
{
    size_t before = s->faults.n;
    for (size_t i = 0; i < s->n; i++) {
        const char *t = qm_sheet_cell(s, i, column);
        struct qm_sheet_row *row = &s->row[i];
        row->fresh = fresh_ok && t[0] == '\0';
        if (row->fresh && getrandom(row->id, QM_ID_BYTES, 0) != QM_ID_BYTES)
            qm_fault_add(&s->faults, row->line, s->column[column].name, "no random bytes");
        if (!row->fresh && qm_pseudonym_read(t, strlen(t), row->id) != QM_OK)
            qm_sheet_fault(s, i, column, "\"%s\" is no pseudonym of 22 characters%s", t,
                           fresh_ok ? "; leave it empty for a new one" : "");
    }
    if (s->faults.n == before)
        find_twice(s, column);
}

/* ---- looking up ---- */

static void add_form(const struct qm_sheet *s, struct qm_pg_params *p, size_t column,
                     enum qm_sheet_form form)
{
    switch (form) {
    case QM_SHEET_TEXT:
        qm_sheet_add_text(s, p, column, true);
        break;
    case QM_SHEET_BIGINT:
        qm_sheet_add_bigint(s, p, column);
        break;
    case QM_SHEET_UUID:
        qm_sheet_add_uuid(s, p, column);
        break;
    }
}

int qm_sheet_look_up(struct qm_sheet *s, size_t column, enum qm_sheet_form form,
                     const char *statement, const char *fault)
{
    struct qm_pg_params *p = qm_office_params(s->a);
    add_form(s, p, column, form);
    qm_office_add_text(p, s->a->prefix);
    struct qm_pg_result *r = NULL;
    int code = qm_office_query(s->a, statement, p, &r);
    if (code != QM_OFFICE_OK)
        return code;
    for (int i = 0; i < qm_pg_rows(r); i++) {
        size_t row = (size_t)qm_pg_get_int(r, i, 0) - 1;
        if (row < s->n)
            qm_sheet_fault(s, row, column, "\"%s\" %s", qm_sheet_cell(s, row, column), fault);
    }
    qm_pgb_result_free(r);
    return QM_OFFICE_OK;
}
