/* rows.c - floor 4: see rows.h.
 * Failure: a field that does not open is logged and comes out empty; a full buffer is sticky.
 */
#include "edge/rows.h"

#include <string.h>

#include "domain/roster.h"
#include "wire/codec.h"
#include "wire/event.h"
#include "wire/json.h"

static void write_text(const struct qm_pg_result *r, int row, int col, struct qm_buf *out)
{
    const char *t = qm_pg_get_text(r, row, col);
    qm_json_quote(out, t, strlen(t));
}

static void write_texts(const struct qm_pg_result *r, int row, int col, struct qm_buf *out)
{
    size_t at = 0;
    size_t len = 0;
    const uint8_t *v = NULL;
    bool first = true;
    qm_buf_puts(out, "[");
    while (qm_pg_get_next(r, row, col, &at, &v, &len)) {
        qm_buf_puts(out, first ? "" : ",");
        qm_json_quote(out, v ? (const char *)v : "", v ? len : 0);
        first = false;
    }
    qm_buf_puts(out, "]");
}

static void write_id(const struct qm_pg_result *r, int row, int col, bool uuid, struct qm_buf *out)
{
    char text[QM_UUID_CHARS + 1] = "";
    size_t len = 0;
    const uint8_t *id = qm_pg_get_bytes(r, row, col, &len);
    if (len == QM_ID_BYTES && uuid)
        qm_uuid_write(id, text);
    else if (len == QM_ID_BYTES)
        qm_pseudonym_write(id, text);
    qm_buf_printf(out, "\"%s\"", text);
}

static void write_word(const struct qm_rows_column *c, int64_t number, struct qm_buf *out)
{
    const char *word = NULL;
    if (c->of != NULL) {
        word = qm_word(c->of, (int)number);
    } else {
        int64_t i = 1;
        while (c->words[i - 1] != NULL && i < number)
            i++;
        word = number >= 1 ? c->words[i - 1] : NULL;
    }
    if (word != NULL)
        qm_json_quote(out, word, strlen(word));
    else
        qm_buf_puts(out, "null");
}

static void write_sealed(const struct qm_pg_result *r, int row, int col,
                         const struct qm_rows_column *c, const struct qm_seal *seal,
                         struct qm_buf *out)
{
    struct qm_sealed_field f = {.purpose =
                                    c->type == QM_ROWS_NAME ? QM_PURPOSE_NAME : QM_PURPOSE_PHONE};
    struct qm_buf masked;
    f.id = qm_pg_get_bytes(r, row, c->id, &f.id_len);
    f.bytes = qm_pg_get_bytes(r, row, col, &f.len);
    qm_field_open_masked(seal, &f, &masked);
    qm_json_quote(out, masked.len > 0 ? (const char *)masked.p : "", masked.len);
    qm_buf_wipe(&masked);
}

static void write_value(const struct qm_pg_result *r, int row, int col,
                        const struct qm_rows_column *c, const struct qm_seal *seal,
                        struct qm_buf *out)
{
    char day[11];
    size_t len = 0;
    const uint8_t *bytes = NULL;
    switch (c->type) {
    case QM_ROWS_TEXT:
        write_text(r, row, col, out);
        return;
    case QM_ROWS_TEXTS:
        write_texts(r, row, col, out);
        return;
    case QM_ROWS_INT:
        qm_buf_printf(out, "%lld", (long long)qm_pg_get_int(r, row, col));
        return;
    case QM_ROWS_DIGITS:
        qm_buf_printf(out, "\"%015lld\"", (long long)qm_pg_get_int(r, row, col));
        return;
    case QM_ROWS_BOOL:
        qm_buf_puts(out, qm_pg_get_int(r, row, col) != 0 ? "true" : "false");
        return;
    case QM_ROWS_DAY:
        qm_day_write((int32_t)qm_pg_get_int(r, row, col), day);
        qm_buf_printf(out, "\"%s\"", day);
        return;
    case QM_ROWS_UUID:
    case QM_ROWS_PSEUDONYM:
        write_id(r, row, col, c->type == QM_ROWS_UUID, out);
        return;
    case QM_ROWS_WORD:
        write_word(c, qm_pg_get_int(r, row, col), out);
        return;
    case QM_ROWS_JSON:
        bytes = qm_pg_get_bytes(r, row, col, &len);
        qm_buf_add(out, bytes, len);
        return;
    case QM_ROWS_NAME:
    case QM_ROWS_PHONE:
        write_sealed(r, row, col, c, seal, out);
        return;
    case QM_ROWS_SKIP:
        return;
    }
}

static bool hidden(const struct qm_rows_column *c, bool personal)
{
    bool sealed = c->type == QM_ROWS_NAME || c->type == QM_ROWS_PHONE;
    return c->type == QM_ROWS_SKIP || (!personal && (sealed || c->personal));
}

qm_err qm_rows_object(const struct qm_pg_result *r, int row, const struct qm_rows_column *columns,
                      int n, const struct qm_seal *seal, bool personal, struct qm_buf *out)
{
    bool first = true;
    qm_buf_puts(out, "{");
    for (int col = 0; col < n; col++) {
        const struct qm_rows_column *c = &columns[col];
        if (hidden(c, personal))
            continue;
        qm_buf_printf(out, "%s\"%s\":", first ? "" : ",", c->name);
        first = false;
        if (qm_pg_is_null(r, row, col))
            qm_buf_puts(out, "null");
        else
            write_value(r, row, col, c, seal, out);
    }
    return qm_buf_puts(out, "}");
}

qm_err qm_rows_json(const struct qm_pg_result *r, const struct qm_rows_column *columns, int n,
                    const struct qm_seal *seal, bool personal, struct qm_buf *out)
{
    qm_buf_puts(out, "[");
    for (int i = 0; i < qm_pg_rows(r); i++) {
        qm_buf_puts(out, i > 0 ? "," : "");
        qm_rows_object(r, i, columns, n, seal, personal, out);
    }
    return qm_buf_puts(out, "]");
}
