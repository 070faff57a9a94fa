/* list_rows.c - floor 4: see list_rows.h.
 * Failure: a cursor of another form is QM_E_MALFORMED.
 */
#include "edge/list_rows.h"

#include <string.h>

#include "edge/area.h"
#include "wire/event.h"
#include "wire/json.h"

enum { PLACE_BYTES = 8 + QM_ID_BYTES + QM_ID_BYTES };

bool qm_list_nameless(const struct qm_caller *who)
{
    return (who->role & (QM_ROLE_AUDITOR | QM_ROLE_ADMIN)) != 0;
}

void qm_list_cursor_write(const struct qm_list_place *p, char out[QM_LIST_CURSOR_CHARS + 1])
{
    uint8_t bytes[PLACE_BYTES];
    for (int i = 0; i < 8; i++)
        bytes[i] = (uint8_t)((uint64_t)p->grid >> (56 - 8 * i));
    memcpy(bytes + 8, p->household, QM_ID_BYTES);
    memcpy(bytes + 8 + QM_ID_BYTES, p->resident, QM_ID_BYTES);
    (void)qm_b64url_write(bytes, sizeof bytes, out);
}

qm_err qm_list_cursor_read(const char *t, struct qm_list_place *p)
{
    uint8_t bytes[PLACE_BYTES];
    size_t len = 0;
    if (t[0] == '\0')
        return QM_OK;
    if (qm_b64url_read(t, strlen(t), bytes, sizeof bytes, &len) != QM_OK || len != PLACE_BYTES ||
        (bytes[0] & 0x80) != 0)
        return QM_E_MALFORMED;
    uint64_t grid = 0;
    for (int i = 0; i < 8; i++)
        grid = grid << 8 | bytes[i];
    p->grid = (int64_t)grid;
    memcpy(p->household, bytes + 8, QM_ID_BYTES);
    memcpy(p->resident, bytes + 8 + QM_ID_BYTES, QM_ID_BYTES);
    return QM_OK;
}

bool qm_list_page_query(struct qm_call *c, struct qm_list_place *after, int *rows_max)
{
    char cursor[QM_LIST_CURSOR_CHARS + 2];
    if (qm_query_or(c, "after", "", cursor, sizeof cursor) != QM_OK ||
        qm_list_cursor_read(cursor, after) != QM_OK) {
        qm_call_refuse(c, QM_E_MALFORMED, "after:原样用上一页给的位置。",
                       "after: the cursor of the page before, unchanged");
        return false;
    }
    return qm_query_limit(c, QM_LIST_ROWS_MAX, rows_max);
}

void qm_list_page_begin(const char *within, const char *part, struct qm_buf *out)
{
    qm_buf_printf(out, "{\"within\":\"%s\",\"part\":\"%s\",\"rows\":[", within, part);
}

void qm_list_page_end(const struct qm_list_place *next, struct qm_buf *out)
{
    char cursor[QM_LIST_CURSOR_CHARS + 1];
    if (next == NULL) {
        qm_buf_puts(out, "],\"next\":null}");
        return;
    }
    qm_list_cursor_write(next, cursor);
    qm_buf_printf(out, "],\"next\":\"%s\"}", cursor);
}

static void member(struct qm_buf *out, const char *name, const char *text, size_t len)
{
    qm_buf_printf(out, ",\"%s\":", name);
    qm_json_quote(out, text, len);
}

static const char *truth(bool b)
{
    return b ? "true" : "false";
}

/* What only people of the area see, masked. */
static void write_person(struct qm_buf *out, const struct qm_call *c, bool residents,
                         const struct qm_pg_result *r, int row, const char *const labels[4])
{
    static const char *const names[4] = {"worker", "group", "lane", "door"};
    if (qm_list_nameless(&c->caller))
        return;
    for (int i = 0; i < 4; i++)
        member(out, names[i], labels[i], strlen(labels[i]));
    struct qm_list_person p;
    qm_list_person_open(r, row, c->edge->seal, &p);
    member(out, residents ? "name" : "head", p.name.len > 0 ? (const char *)p.name.p : "",
           p.name.len);
    member(out, "phone", p.phone.len > 0 ? (const char *)p.phone.p : "", p.phone.len);
    qm_list_person_free(&p);
}

static void write_household(struct qm_buf *out, const struct qm_call *c,
                            const struct qm_pg_result *r, int row)
{
    struct qm_list_household h;
    char id[QM_PSEUDONYM_CHARS + 1];
    qm_list_household_row(r, row, &h);
    qm_pseudonym_write(h.place.household, id);
    qm_buf_printf(out,
                  "{\"household\":\"%s\",\"grid\":\"%015lld\",\"place\":\"%s\",\"status\":\"%s\","
                  "\"visits\":%d,\"visited\":%s,\"reached\":%s,\"notice\":\"%s\",\"pledge\":%s",
                  id, (long long)h.place.grid, h.kind, h.status, h.visits, truth(h.visited),
                  truth(h.reached),
                  h.notice_signed ? "signed"
                  : h.notice_left ? "left"
                                  : "none",
                  truth(h.pledge));
    const char *const labels[4] = {h.worker, h.group, h.lane, h.door};
    write_person(out, c, false, r, row, labels);
    qm_buf_puts(out, "}");
}

static void write_year(struct qm_buf *out, const struct qm_list_resident *x)
{
    char day[11];
    if (!x->has_born) {
        qm_buf_puts(out, ",\"year\":null");
        return;
    }
    qm_day_write(x->born_day, day);
    qm_buf_printf(out, ",\"year\":%.4s", day);
}

static void write_resident(struct qm_buf *out, const struct qm_call *c,
                           const struct qm_pg_result *r, int row)
{
    enum { REAL_NAME = 1, CALL = 2, SMS = 4 };
    struct qm_list_resident x;
    char id[QM_PSEUDONYM_CHARS + 1];
    char home[QM_PSEUDONYM_CHARS + 1];
    qm_list_resident_row(r, row, &x);
    qm_pseudonym_write(x.place.resident, id);
    qm_pseudonym_write(x.place.household, home);
    qm_buf_printf(out,
                  "{\"resident\":\"%s\",\"household\":\"%s\",\"grid\":\"%015lld\",\"status\":"
                  "\"%s\"",
                  id, home, (long long)x.place.grid, x.status);
    if (x.app == NULL)
        qm_buf_puts(out, ",\"app\":null");
    else
        qm_buf_printf(out, ",\"app\":\"%s\"", x.app);
    qm_buf_printf(out,
                  ",\"real_name\":%s,\"call_alert\":%s,\"sms_alert\":%s,\"call_alert_na\":%s,"
                  "\"sms_alert_na\":%s",
                  truth((x.alerts & REAL_NAME) != 0), truth((x.alerts & CALL) != 0),
                  truth((x.alerts & SMS) != 0), truth((x.na & CALL) != 0),
                  truth((x.na & SMS) != 0));
    if (!qm_list_nameless(&c->caller))
        write_year(out, &x);
    const char *const labels[4] = {x.worker, x.group, x.lane, x.door};
    write_person(out, c, true, r, row, labels);
    qm_buf_puts(out, "}");
}

void qm_list_row_write(const struct qm_call *c, bool residents, const struct qm_pg_result *r,
                       int row, struct qm_buf *out)
{
    if (residents)
        write_resident(out, c, r, row);
    else
        write_household(out, c, r, row);
}
