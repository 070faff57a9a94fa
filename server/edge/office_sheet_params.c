/* office_sheet_params.c - see office_sheet.h: checked columns as array parameters, calling,
 * writing. Cells were checked before; what cannot be read here becomes null.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "edge/office_sheet.h"

enum { WRITE_MAX_BYTES = 1 << 30 };

void qm_sheet_add_text(const struct qm_sheet *s, struct qm_pg_params *p, size_t column,
                       bool empty_is_null)
{
    qm_pg_array_begin(p, QM_PG_TEXT);
    for (size_t i = 0; i < s->n; i++) {
        const char *t = qm_sheet_cell(s, i, column);
        if (empty_is_null && t[0] == '\0')
            qm_pg_array_null(p);
        else
            qm_pg_array_bytes(p, t, strlen(t));
    }
    qm_pg_array_end(p);
}

void qm_sheet_add_ids(const struct qm_sheet *s, struct qm_pg_params *p)
{
    qm_pg_array_begin(p, QM_PG_UUID);
    for (size_t i = 0; i < s->n; i++)
        qm_pg_array_bytes(p, s->row[i].id, QM_ID_BYTES);
    qm_pg_array_end(p);
}

void qm_sheet_add_bigint(const struct qm_sheet *s, struct qm_pg_params *p, size_t column)
{
    qm_pg_array_begin(p, QM_PG_INT8);
    for (size_t i = 0; i < s->n; i++) {
        const char *t = qm_sheet_cell(s, i, column);
        int64_t v = 0;
        if (qm_dec_read(t, strlen(t), QM_INT_MAX, &v) == QM_OK)
            qm_pg_array_int(p, v);
        else
            qm_pg_array_null(p);
    }
    qm_pg_array_end(p);
}

void qm_sheet_add_uuid(const struct qm_sheet *s, struct qm_pg_params *p, size_t column)
{
    qm_pg_array_begin(p, QM_PG_UUID);
    for (size_t i = 0; i < s->n; i++) {
        const char *t = qm_sheet_cell(s, i, column);
        uint8_t id[QM_ID_BYTES];
        if (qm_pseudonym_read(t, strlen(t), id) == QM_OK)
            qm_pg_array_bytes(p, id, QM_ID_BYTES);
        else
            qm_pg_array_null(p);
    }
    qm_pg_array_end(p);
}

void qm_sheet_add_day(const struct qm_sheet *s, struct qm_pg_params *p, size_t row, size_t column)
{
    const char *t = qm_sheet_cell(s, row, column);
    int32_t day = 0;
    if (qm_day_read(t, strlen(t), &day) == QM_OK)
        qm_pg_array_int(p, day);
    else
        qm_pg_array_null(p);
}

void qm_sheet_add_days(const struct qm_sheet *s, struct qm_pg_params *p, size_t column)
{
    qm_pg_array_begin(p, QM_PG_DATE);
    for (size_t i = 0; i < s->n; i++)
        qm_sheet_add_day(s, p, i, column);
    qm_pg_array_end(p);
}

static int seal_cell(struct qm_sheet *s, struct qm_pg_params *p, const char *purpose,
                     const uint8_t id[QM_ID_BYTES], const char *clear)
{
    struct qm_sealed sealed;
    qm_buf_init(&sealed.bytes, strlen(clear) + QM_SEAL_OVERHEAD_BYTES);
    int code = qm_office_seal(s->a, purpose, id, clear, &sealed);
    if (code == QM_OFFICE_OK)
        qm_pg_array_bytes(p, sealed.bytes.p, sealed.bytes.len);
    qm_buf_free(&sealed.bytes);
    return code;
}

int qm_sheet_add_sealed(struct qm_sheet *s, struct qm_pg_params *p, size_t column,
                        const char *purpose)
{
    int code = QM_OFFICE_OK;
    qm_pg_array_begin(p, QM_PG_BYTEA);
    for (size_t i = 0; i < s->n && code == QM_OFFICE_OK; i++) {
        const char *t = qm_sheet_cell(s, i, column);
        if (t[0] == '\0')
            qm_pg_array_null(p);
        else
            code = seal_cell(s, p, purpose, s->row[i].id, t);
    }
    qm_pg_array_end(p);
    return code;
}

int qm_sheet_add_sealed_phone(struct qm_sheet *s, struct qm_pg_params *p, size_t column)
{
    int code = QM_OFFICE_OK;
    char digits[24];
    qm_pg_array_begin(p, QM_PG_BYTEA);
    for (size_t i = 0; i < s->n && code == QM_OFFICE_OK; i++) {
        qm_sheet_phone_digits(qm_sheet_cell(s, i, column), digits);
        if (digits[0] == '\0')
            qm_pg_array_null(p);
        else
            code = seal_cell(s, p, QM_PURPOSE_PHONE, s->row[i].id, digits);
    }
    qm_pg_array_end(p);
    explicit_bzero(digits, sizeof digits);
    return code;
}

void qm_sheet_add_phone_macs(const struct qm_sheet *s, struct qm_pg_params *p, size_t column)
{
    char digits[24];
    uint8_t mac[32];
    qm_pg_array_begin(p, QM_PG_BYTEA);
    for (size_t i = 0; i < s->n; i++) {
        qm_sheet_phone_digits(qm_sheet_cell(s, i, column), digits);
        if (digits[0] == '\0') {
            qm_pg_array_null(p);
            continue;
        }
        qm_seal_phone_mac(s->a->seal, digits, mac);
        qm_pg_array_bytes(p, mac, sizeof mac);
    }
    qm_pg_array_end(p);
    explicit_bzero(digits, sizeof digits);
}

/* ---- calling ---- */

static const char *status_text(int64_t status)
{
    switch (status) {
    case 5:
        return "is not in the register";
    case 6:
        return "the division or grid is not in the register of this county: import it first";
    case 7:
        return "the worker has no account in this county: import it first";
    case 8:
        return "the household is not in the register, or was merged: import it first";
    case 12:
        return "another household of the village has this number (ref)";
    default:
        return "a code or value is wrong, or the household was merged into another";
    }
}

int qm_sheet_call(struct qm_sheet *s, const char *statement, struct qm_pg_params *params)
{
    int64_t status = 0;
    struct qm_pg_result *r = NULL;
    int code = qm_office_call(s->a, statement, params, &status, &r);
    if (code == QM_OFFICE_OK && status != 0) {
        size_t bad = qm_pg_is_null(r, 0, 1) ? 0 : (size_t)qm_pg_get_int(r, 0, 1);
        qm_fault_add(&s->faults, bad > 0 && bad <= s->n ? s->row[bad - 1].line : 0, "", "%s",
                     status_text(status));
        code = qm_sheet_verdict(s);
    }
    if (code == QM_OFFICE_OK) {
        qm_office_int(s->a, "rows", (int64_t)s->n);
        qm_office_say(s->a, "%zu rows taken over from %s", s->n, s->a->input_name);
    }
    qm_pgb_result_free(r);
    return code;
}

/* ---- writing ---- */

/* A column that the file does not have, and that nothing was put into, stays away: importing what
 * was given back must not empty what the register has.  An ID number is dropped for good. */
static bool is_shown(const struct qm_sheet *s, size_t c, size_t id_column)
{
    if (strcmp(s->column[c].name, "id_number") == 0)
        return false;
    bool shown = s->has[c] || c == id_column;
    for (size_t i = 0; !shown && i < s->n; i++)
        shown = qm_sheet_cell(s, i, c)[0] != '\0';
    return shown;
}

static void write_row(const struct qm_sheet *s, size_t i, size_t id_column, const bool *shown,
                      struct qm_buf *out)
{
    char id[QM_PSEUDONYM_CHARS + 1];
    bool first = true;
    qm_pseudonym_write(s->row[i].id, id);
    for (size_t c = 0; c < s->columns; c++) {
        if (!shown[c])
            continue;
        if (!first)
            qm_buf_puts(out, ",");
        qm_csv_cell(out, c == id_column ? id : qm_sheet_cell(s, i, c));
        first = false;
    }
    qm_buf_puts(out, "\n");
}

int qm_sheet_put_out(struct qm_sheet *s, size_t column)
{
    struct qm_buf out;
    bool shown[QM_CSV_COLUMNS_MAX] = {false};
    qm_buf_init(&out, WRITE_MAX_BYTES);
    bool first = true;
    for (size_t c = 0; c < s->columns; c++) {
        shown[c] = is_shown(s, c, column);
        if (!shown[c])
            continue;
        qm_buf_printf(&out, "%s%s", first ? "" : ",", s->column[c].name);
        first = false;
    }
    qm_buf_puts(&out, "\n");
    for (size_t i = 0; i < s->n; i++)
        write_row(s, i, column, shown, &out);
    int code = out.err == QM_OK
                   ? s->a->put_out(s->a, &out)
                   : qm_office_fail(s->a, QM_OFFICE_AWAY, "not enough memory; nothing was kept");
    qm_buf_wipe(&out);
    return code;
}
