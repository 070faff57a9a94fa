/* changes_text.c - floor 3: what a phone is told, line by line; see changes_text.h.
 *
 * Failure: a field that does not open is left empty and logged, so that one damaged row does not
 * keep a worker from all others.
 */
#include "domain/changes_text.h"

#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "domain/mask.h"
#include "wire/event.h"
#include "wire/json.h"
#include "wire/note.h"

enum { CURSOR_VERSION = 1, CURSOR_HEAD_BYTES = 1 + 2 + 8 + 8, FIELD_MAX_BYTES = 4096 };

/* ---- the cursor ---- */

static void put_be(uint8_t *at, uint64_t v, int bytes)
{
    for (int i = 0; i < bytes; i++)
        at[i] = (uint8_t)(v >> (8 * (bytes - 1 - i)));
}

static uint64_t get_be(const uint8_t *at, int bytes)
{
    uint64_t v = 0;
    for (int i = 0; i < bytes; i++)
        v = v << 8 | at[i];
    return v;
}

static const int64_t per_county = 1000000000; /* grids are nine digits behind their county */

qm_err qm_cursor_read(const char *text, int county, struct qm_cursor *out)
{
    uint8_t b[CURSOR_HEAD_BYTES + 4 * QM_CURSOR_GRIDS_MAX];
    size_t len;
    if (qm_b64url_read(text, strlen(text), b, sizeof b, &len) != QM_OK || len < CURSOR_HEAD_BYTES ||
        (len - CURSOR_HEAD_BYTES) % 4 != 0 || b[0] != CURSOR_VERSION)
        return QM_E_MALFORMED;
    *out = (struct qm_cursor){.tree = (int)get_be(b + 1, 2),
                              .revision = (int64_t)(get_be(b + 3, 8) & INT64_MAX),
                              .size = (int64_t)(get_be(b + 11, 8) & INT64_MAX),
                              .grids = (len - CURSOR_HEAD_BYTES) / 4};
    for (size_t i = 0; i < out->grids; i++)
        out->grid[i] =
            county * per_county + (int64_t)(get_be(b + CURSOR_HEAD_BYTES + 4 * i, 4) % 1000000000);
    return QM_OK;
}

void qm_cursor_write(const struct qm_cursor *c, char out[QM_CURSOR_MAX_CHARS + 1])
{
    uint8_t b[CURSOR_HEAD_BYTES + 4 * QM_CURSOR_GRIDS_MAX];
    b[0] = CURSOR_VERSION;
    put_be(b + 1, (uint64_t)c->tree, 2);
    put_be(b + 3, (uint64_t)c->revision, 8);
    put_be(b + 11, (uint64_t)c->size, 8);
    for (size_t i = 0; i < c->grids; i++)
        put_be(b + CURSOR_HEAD_BYTES + 4 * i, (uint64_t)(c->grid[i] % per_county), 4);
    qm_b64url_write(b, CURSOR_HEAD_BYTES + 4 * c->grids, out);
}

/* ---- rows ---- */

struct writer {
    const struct qm_changes *c;
    const struct qm_seal *seal;
    struct qm_buf *out;
};

static const char *const household_status[] = {"",     "counted", "away", "vacant",
                                               "gone", "merged",  "other"};
static const char *const resident_status[] = {"", "counted", "away", "gone", "dead", "unknown_age"};

static const char *word_at(const char *const *words, int n, int i)
{
    return i > 0 && i < n ? words[i] : "other";
}

static const char *word_or(const char *field, int number, const char *none)
{
    const char *w = number > 0 ? qm_word(field, number) : NULL;
    return w ? w : none;
}

static const char *truth(bool b)
{
    return b ? "true" : "false";
}

static void text_member(const struct writer *w, const char *name, struct qm_piece p)
{
    qm_buf_printf(w->out, ",\"%s\":", name);
    qm_json_quote(w->out, p.len ? (const char *)w->c->bytes.p + p.at : "", p.len);
}

static void sealed_member(const struct writer *w, const char *name, const char *purpose,
                          const uint8_t id[QM_ID_BYTES], struct qm_piece sealed)
{
    struct qm_buf clear, shown;
    qm_buf_init(&clear, FIELD_MAX_BYTES);
    qm_buf_init(&shown, FIELD_MAX_BYTES);
    qm_err e = QM_OK;
    if (sealed.len)
        e = qm_seal_open(w->seal, purpose, id, QM_ID_BYTES, w->c->bytes.p + sealed.at, sealed.len,
                         &clear);
    if (e == QM_OK && strcmp(purpose, QM_PURPOSE_PHONE) == 0)
        e = qm_mask_phone((const char *)clear.p, clear.len, &shown);
    else if (e == QM_OK)
        e = qm_buf_add(&shown, clear.p, clear.len);
    if (e != QM_OK) {
        qm_log(QM_LOG_ERROR, "field-not-opened", "county", QM_LI(w->c->county), "purpose",
               QM_LS(purpose), "why", QM_LS(qm_err_name(e)), NULL);
        qm_buf_reset(&shown);
    }
    qm_buf_printf(w->out, ",\"%s\":", name);
    qm_json_quote(w->out, shown.len ? (const char *)shown.p : "", shown.len);
    qm_buf_wipe(&clear);
    qm_buf_wipe(&shown);
}

static void household_row(const struct writer *w, const struct qm_change *r)
{
    enum { VISITED = 1, REACHED = 2, DELIVERED = 4, SIGNED = 8, REFUSED = 16 };
    char id[QM_PSEUDONYM_CHARS + 1];
    qm_pseudonym_write(r->a, id);
    const char *notice = r->flags & SIGNED      ? "signed"
                         : r->flags & DELIVERED ? "left"
                         : r->flags & REFUSED   ? "refused"
                                                : "none";
    qm_buf_printf(w->out,
                  "{\"t\":\"household\",\"household\":\"%s\",\"grid\":\"%015lld\","
                  "\"place\":\"%s\",\"status\":\"%s\"",
                  id, (long long)r->grid, word_or("place", r->place, "home"),
                  word_at(household_status, 7, r->status));
    text_member(w, "group", r->x1);
    text_member(w, "lane", r->x2);
    text_member(w, "door", r->x3);
    sealed_member(w, "head", QM_PURPOSE_NAME, r->a, r->s1);
    sealed_member(w, "phone", QM_PURPOSE_PHONE, r->a, r->s2);
    qm_buf_printf(w->out,
                  ",\"state\":{\"visited\":%s,\"reached\":%s,\"notice\":\"%s\",\"pledge\":\"%s\","
                  "\"door\":\"%s\"}}\n",
                  truth(r->flags & VISITED), truth(r->flags & REACHED), notice,
                  word_or("pledge", r->pledge, "none"), word_or("outcome", r->door, "none_yet"));
}

static void list_member(const struct writer *w, const char *name, struct qm_piece groups)
{
    qm_buf_printf(w->out, ",\"%s\":[", name);
    const char *p = (const char *)w->c->bytes.p + groups.at;
    for (size_t at = 0; at < groups.len; at += strlen(p + at) + 1) {
        qm_buf_puts(w->out, at > 0 ? "," : "");
        qm_json_quote(w->out, p + at, strlen(p + at));
    }
    qm_buf_puts(w->out, "]");
}

static void resident_row(const struct writer *w, const struct qm_change *r)
{
    char id[QM_PSEUDONYM_CHARS + 1], home[QM_PSEUDONYM_CHARS + 1], born[11] = "";
    qm_pseudonym_write(r->a, id);
    qm_pseudonym_write(r->b, home);
    if (r->has_born)
        qm_day_write(r->born_day, born);
    qm_buf_printf(w->out, "{\"t\":\"resident\",\"resident\":\"%s\",\"household\":\"%s\"", id, home);
    sealed_member(w, "name", QM_PURPOSE_NAME, r->a, r->s1);
    qm_buf_printf(w->out, ",\"born\":\"%s\"", born);
    sealed_member(w, "phone", QM_PURPOSE_PHONE, r->a, r->s2);
    qm_buf_printf(w->out, ",\"status\":\"%s\"", word_at(resident_status, 6, r->status));
    list_member(w, "groups", r->groups);
    qm_buf_printf(w->out,
                  ",\"app\":{\"state\":\"%s\",\"real_name\":%s,\"call_alert\":%s,"
                  "\"sms_alert\":%s}}\n",
                  word_or("app", r->app, "none_yet"), truth(r->alerts & QM_ALERT_REAL_NAME),
                  truth(r->alerts & QM_ALERT_CALL), truth(r->alerts & QM_ALERT_SMS));
}

static void want_row(const struct writer *w, const struct qm_change *r)
{
    char event[QM_UUID_CHARS + 1], sha[QM_HEX_HASH_CHARS + 1] = "";
    qm_uuid_write(r->b, event);
    if (r->s1.len == QM_HASH_BYTES)
        qm_hex_write(w->c->bytes.p + r->s1.at, QM_HASH_BYTES, sha);
    qm_buf_printf(w->out, "{\"t\":\"want\",\"sha256\":\"%s\",\"event\":\"%s\"}\n", sha, event);
}

static void verdict_row(const struct writer *w, const struct qm_change *r)
{
    char event[QM_UUID_CHARS + 1];
    qm_uuid_write(r->b, event);
    qm_buf_printf(w->out, "{\"t\":\"verdict\",\"event\":\"%s\",\"in\":%s", event,
                  truth(r->flags & 1));
    text_member(w, "code", r->x1);
    qm_buf_puts(w->out, "}\n");
}

static void directive_row(const struct writer *w, const struct qm_change *r)
{
    char id[QM_UUID_CHARS + 1];
    char due[11] = "";
    qm_uuid_write(r->a, id);
    if (r->has_born)
        qm_day_write(r->born_day, due);
    qm_buf_printf(w->out, "{\"t\":\"directive\",\"directive\":\"%s\",\"at\":%lld,\"due\":\"%s\"",
                  id, (long long)r->at_ms, due);
    text_member(w, "title", r->x1);
    text_member(w, "body", r->x2);
    qm_buf_printf(w->out, ",\"acknowledged\":%s}\n", truth(r->flags & 1));
}

static void evidence_row(const struct writer *w, const struct qm_change *r)
{
    qm_buf_puts(w->out, "{\"t\":\"evidence\"");
    list_member(w, "metrics", r->groups);
    qm_buf_puts(w->out, "}\n");
}

static void row_write(const struct writer *w, const struct qm_change *r)
{
    char id[QM_PSEUDONYM_CHARS + 1];
    switch (r->type) {
    case QM_CHANGE_HOUSEHOLD:
        household_row(w, r);
        return;
    case QM_CHANGE_RESIDENT:
        resident_row(w, r);
        return;
    case QM_CHANGE_GONE:
        qm_pseudonym_write(r->a, id);
        qm_buf_printf(w->out, "{\"t\":\"gone\",\"household\":\"%s\"}\n", id);
        return;
    case QM_CHANGE_GONE_RESIDENT:
        qm_pseudonym_write(r->a, id);
        qm_buf_printf(w->out, "{\"t\":\"gone\",\"resident\":\"%s\"}\n", id);
        return;
    case QM_CHANGE_WANT:
        want_row(w, r);
        return;
    case QM_CHANGE_VERDICT:
        verdict_row(w, r);
        return;
    case QM_CHANGE_DIRECTIVE:
        directive_row(w, r);
        return;
    case QM_CHANGE_EVIDENCE:
        evidence_row(w, r);
        return;
    }
}

qm_err qm_changes_text(const struct qm_changes *c, const struct qm_seal *seal, const char *host,
                       const struct qm_buf *settings, int64_t settings_rows, struct qm_buf *out)
{
    struct writer w = {.c = c, .seal = seal, .out = out};
    char origin[QM_NAME_MAX_BYTES], cursor[QM_CURSOR_MAX_CHARS + 1];
    qm_err e = qm_log_origin(host, c->county, c->tree, origin);
    if (e != QM_OK)
        return e;
    qm_buf_printf(out, "{\"t\":\"head\",\"log\":\"%s\",\"size\":%lld,\"now\":%lld,\"full\":%s}\n",
                  origin, (long long)c->size, (long long)c->now_ms, truth(c->full));
    for (size_t i = 0; i < c->n && out->err == QM_OK; i++)
        row_write(&w, &c->row[i]);
    if (settings->len > 0)
        qm_buf_add(out, settings->p, settings->len);
    struct qm_cursor next = {
        .tree = c->tree, .revision = c->revision, .size = c->size, .grids = c->grids};
    memcpy(next.grid, c->grid, sizeof next.grid);
    qm_cursor_write(&next, cursor);
    long long rows = (long long)c->n + settings_rows;
    return qm_buf_printf(out, "{\"t\":\"end\",\"cursor\":\"%s\",\"rows\":%lld}\n", cursor, rows);
}

void qm_changes_free(struct qm_changes *c)
{
    free(c->row);
    c->row = NULL;
    qm_buf_free(&c->bytes);
}
