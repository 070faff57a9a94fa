/* bulletin_extras.c - see bulletin_extras.h.  Happy path and failure modes: as there. */
#include "edge/bulletin_extras.h"

#include <string.h>

#include "wire/json.h"
#include "wire/merkle.h"

/* ---- members of a row ---- */

static void text(struct qm_buf *out, const char *before, const struct qm_pg_result *r, int row,
                 int col)
{
    qm_buf_puts(out, before);
    if (qm_pg_is_null(r, row, col)) {
        qm_buf_puts(out, "null");
        return;
    }
    const char *t = qm_pg_get_text(r, row, col);
    qm_json_quote(out, t, strlen(t));
}

static void number(struct qm_buf *out, const char *before, const struct qm_pg_result *r, int row,
                   int col)
{
    qm_buf_puts(out, before);
    if (qm_pg_is_null(r, row, col))
        qm_buf_puts(out, "null");
    else
        qm_buf_printf(out, "%lld", (long long)qm_pg_get_int(r, row, col));
}

static void hash(struct qm_buf *out, const char *before, const struct qm_pg_result *r, int row,
                 int col)
{
    char hex[QM_HEX_HASH_CHARS + 1];
    size_t len = 0;
    const uint8_t *v = qm_pg_is_null(r, row, col) ? NULL : qm_pg_get_bytes(r, row, col, &len);
    qm_buf_puts(out, before);
    if (len != QM_HASH_BYTES) {
        qm_buf_puts(out, "null");
        return;
    }
    qm_hex_write(v, len, hex);
    qm_buf_printf(out, "\"%.64s\"", hex);
}

static void uuid(struct qm_buf *out, const char *before, const struct qm_pg_result *r, int row,
                 int col)
{
    char id[QM_UUID_CHARS + 1] = "";
    size_t len = 0;
    const uint8_t *v = qm_pg_get_bytes(r, row, col, &len);
    if (len == QM_ID_BYTES)
        qm_uuid_write(v, id);
    qm_buf_printf(out, "%s\"%s\"", before, id);
}

static void word(struct qm_buf *out, const char *before, int64_t n, const char *const *words,
                 int64_t words_n)
{
    qm_buf_printf(out, "%s\"%s\"", before, n >= 0 && n < words_n ? words[n] : "");
}

static qm_err array(const struct qm_pg_result *r, int rows, struct qm_buf *out,
                    void (*write)(const struct qm_pg_result *r, int row, struct qm_buf *out))
{
    qm_buf_puts(out, "[");
    for (int i = 0; i < rows; i++) {
        qm_buf_puts(out, i > 0 ? "," : "");
        write(r, i, out);
        qm_buf_puts(out, "}");
    }
    return qm_buf_puts(out, "]");
}

/* ---- rows ---- */

static void signoff(const struct qm_pg_result *r, int i, struct qm_buf *out)
{
    static const char *const states[] = {"missing", "prepared", "confirmed", "late"};
    text(out, "{\"village\":", r, i, 0);
    text(out, ",\"name\":", r, i, 1);
    word(out, ",\"state\":", qm_pg_get_int(r, i, 2), states, 4);
    text(out, ",\"prepared_by\":", r, i, 3);
    number(out, ",\"prepared_at\":", r, i, 4);
    number(out, ",\"to\":", r, i, 5);
    hash(out, ",\"roster\":", r, i, 6);
    text(out, ",\"confirmed_by\":", r, i, 7);
    number(out, ",\"confirmed_at\":", r, i, 8);
    number(out, ",\"index\":", r, i, 9);
}

qm_err qm_signoffs_json(const struct qm_pg_result *r, struct qm_buf *out)
{
    return array(r, qm_pg_rows(r), out, signoff);
}

static void proposal(const struct qm_pg_result *r, int i, struct qm_buf *out)
{
    static const char *const states[] = {"proposed", "accepted", "dismissed"};
    number(out, "{\"n\":", r, i, 0);
    text(out, ",\"code\":", r, i, 1);
    text(out, ",\"subject\":", r, i, 2);
    text(out, ",\"when\":", r, i, 3);
    text(out, ",\"step\":", r, i, 4);
    word(out, ",\"state\":", qm_pg_get_int(r, i, 5), states, 3);
    text(out, ",\"by\":", r, i, 6);
    number(out, ",\"at\":", r, i, 7);
    text(out, ",\"remark\":", r, i, 8);
}

qm_err qm_proposals_json(const struct qm_pg_result *r, struct qm_buf *out)
{
    return array(r, qm_pg_rows(r), out, proposal);
}

static void seal(const struct qm_pg_result *r, int i, struct qm_buf *out)
{
    hash(out, "{\"sha256\":", r, i, 0);
    text(out, ",\"by\":", r, i, 1);
    number(out, ",\"at\":", r, i, 2);
}

qm_err qm_seals_json(const struct qm_pg_result *r, struct qm_buf *out)
{
    return array(r, qm_pg_rows(r), out, seal);
}

static void silent(const struct qm_pg_result *r, int i, struct qm_buf *out)
{
    text(out, "{\"account\":", r, i, 0);
    uuid(out, ",\"device\":", r, i, 1);
    number(out, ",\"last\":", r, i, 2);
    number(out, ",\"missing\":", r, i, 3);
    number(out, ",\"pictures\":", r, i, 4);
}

qm_err qm_silent_json(const struct qm_pg_result *r, struct qm_buf *out)
{
    return array(r, qm_pg_rows(r), out, silent);
}

static void figure(const struct qm_pg_result *r, int i, struct qm_buf *out)
{
    text(out, "{\"metric\":", r, i, 0);
    text(out, ",\"code\":", r, i, 1);
    number(out, ",\"value\":", r, i, 2);
    hash(out, ",\"source\":", r, i, 3);
    text(out, ",\"by\":", r, i, 4);
    number(out, ",\"at\":", r, i, 5);
}

qm_err qm_figures_json(const struct qm_pg_result *r, struct qm_buf *out)
{
    return array(r, qm_pg_rows(r), out, figure);
}

/* Columns of qm.bulletin_list: key, draft, scope, kind, period, state, replaces, replaced_by, from,
 * to, prepared_by, prepared_ms, idx, published_by, published_ms, number. */
static void bulletin(const struct qm_pg_result *r, int i, struct qm_buf *out)
{
    static const char *const states[] = {"frozen", "published"};
    uuid(out, "{\"id\":", r, i, 1);
    text(out, ",\"scope\":", r, i, 2);
    text(out, ",\"period\":", r, i, 4);
    word(out, ",\"state\":", qm_pg_get_int(r, i, 5), states, 2);
    number(out, ",\"replaces\":", r, i, 6);
    number(out, ",\"replaced_by\":", r, i, 7);
    number(out, ",\"from\":", r, i, 8);
    number(out, ",\"to\":", r, i, 9);
    text(out, ",\"prepared_by\":", r, i, 10);
    number(out, ",\"prepared_at\":", r, i, 11);
    number(out, ",\"index\":", r, i, 12);
    text(out, ",\"published_by\":", r, i, 13);
    number(out, ",\"published_at\":", r, i, 14);
    number(out, ",\"number\":", r, i, 15);
}

qm_err qm_bulletins_json(const struct qm_pg_result *r, int rows, struct qm_buf *out)
{
    return array(r, rows, out, bulletin);
}
