/* api_office.c - floor 4: what holders of a token read: coverage and the lists behind it.
 *
 * Happy path of coverage: query -> targets in force -> counter rows -> figures as JSON, with an
 * ETag over the bytes, so that a board that asks again every minute costs a 304.
 * Happy path of a list: query and cursor -> one page -> rows with masked names.
 * Failure: a query that cannot be understood is 400 with the reason, an area outside the caller's
 * prefix 403; targets that cannot be read are said in the answer and hide no figure.
 * Auditors and admins see figures and pseudonyms, never names, doors or phone numbers.
 */
#include "edge/api_office.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "domain/coverage.h"
#include "domain/roster.h"
#include "edge/area.h"
#include "edge/auth.h"
#include "edge/coverage_json.h"
#include "edge/settings.h"
#include "wire/json.h"
#include "wire/merkle.h"

enum {
    EVERYBODY = QM_ROLE_WORKER | QM_ROLE_LEADER | QM_ROLE_DEPUTY | QM_ROLE_SECRETARY |
                QM_ROLE_TOWNSHIP | QM_ROLE_POLICE | QM_ROLE_INSPECTOR | QM_ROLE_AUDITOR |
                QM_ROLE_ADMIN,
    PSEUDONYMS_ONLY = QM_ROLE_AUDITOR | QM_ROLE_ADMIN,
    COVERAGE_MAX_BYTES = 32 << 20,
    LIST_MAX_BYTES = 4 << 20,
    LIMIT_DEFAULT = 100
};

static void api_coverage(struct qm_call *c);
static void api_households(struct qm_call *c);
static void api_residents(struct qm_call *c);

const struct qm_route qm_office_routes[] = {
    {"GET", "/v1/coverage", QM_WHO_TOKEN, EVERYBODY, 0, NULL, 2, api_coverage},
    {"GET", "/v1/lists/households", QM_WHO_TOKEN, EVERYBODY, 0, NULL, 2, api_households},
    {"GET", "/v1/lists/residents", QM_WHO_TOKEN, EVERYBODY, 0, NULL, 2, api_residents},
};
const size_t qm_office_routes_n = sizeof qm_office_routes / sizeof qm_office_routes[0];

static void refuse(struct qm_call *c, const char *detail)
{
    qm_call_problem_with(c, QM_E_MALFORMED, 0, detail);
}

/* ---- coverage ---- */

struct coverage {
    struct qm_call *c;
    char within[16];
    char level[16];
    struct qm_targets targets;
    enum qm_targets_state state;
};

static void coverage_free(void *s)
{
    struct coverage *v = s;
    free(v->targets.list);
    free(v);
}

/* One of the listed tags, weak or not, or any. */
static bool none_match_holds(const char *header, const char *etag)
{
    return header != NULL && (strcmp(header, "*") == 0 || strstr(header, etag) != NULL);
}

static void answer_coverage(struct qm_call *c, struct qm_buf *body)
{
    struct qm_hash hash;
    char hex[QM_HEX_HASH_CHARS + 1];
    char etag[40];
    qm_sha256(body->p, body->len, &hash);
    qm_hex_write(hash.b, QM_HASH_BYTES, hex);
    snprintf(etag, sizeof etag, "\"%.32s\"", hex);
    const char *headers[] = {"Cache-Control", "private, no-cache", "ETag", etag, NULL};
    if (none_match_holds(qm_http_header(c->req, "If-None-Match"), etag)) {
        qm_buf_reset(body);
        qm_call_reply(c, 304, NULL, headers, body);
    } else {
        qm_call_reply(c, 200, "application/json", headers, body);
    }
}

static void on_counters(void *ctx, const struct qm_pg_answer *a)
{
    struct coverage *v = ctx;
    struct qm_call *c = v->c;
    if (a->err != QM_OK) {
        qm_call_problem_pg(c, a);
        return;
    }
    struct qm_buf body;
    qm_buf_init(&body, COVERAGE_MAX_BYTES);
    qm_err err = qm_coverage_json(a->result, v->level, v->within, &v->targets, v->state, &body);
    if (err == QM_OK)
        answer_coverage(c, &body);
    else
        qm_call_problem(c, QM_E_INTERNAL);
    qm_buf_free(&body);
}

static void on_targets(void *ctx, const struct qm_pg_answer *a)
{
    struct coverage *v = ctx;
    struct qm_call *c = v->c;
    if (a->err != QM_OK) {
        qm_call_problem_pg(c, a);
        return;
    }
    if (qm_pg_rows(a->result) == 1) {
        size_t len = 0;
        const uint8_t *body = qm_pg_get_bytes(a->result, 0, 0, &len);
        qm_err err = qm_targets_read((const char *)body, len, c->caller.county, &v->targets, NULL);
        v->state = err == QM_OK ? QM_TARGETS_OK : QM_TARGETS_FAILED;
    }
    struct qm_coverage_ask ask = {.county = c->caller.county,
                                  .role = c->caller.role_name,
                                  .prefix = c->caller.prefix,
                                  .level = v->level,
                                  .within = v->within};
    qm_err err = qm_coverage_read(c->edge->pg, &ask, on_counters, v);
    if (err != QM_OK)
        qm_call_problem(c, err);
}

static void api_coverage(struct qm_call *c)
{
    struct coverage *v = calloc(1, sizeof *v);
    if (v == NULL) {
        qm_call_problem(c, QM_E_NOMEM);
        return;
    }
    v->c = c;
    v->state = QM_TARGETS_NONE;
    c->state = v;
    c->state_free = coverage_free;
    if (!qm_area_within(c, v->within) || !qm_area_level(c, v->within, v->level, sizeof v->level))
        return;
    qm_err err = qm_setting_read(c->edge->pg, c->caller.county, "targets", on_targets, v);
    if (err != QM_OK)
        qm_call_problem(c, err);
}

/* ---- lists ---- */

struct list {
    struct qm_call *c;
    char within[16];
    char part[48];
    struct qm_list_ask ask;
};

enum { PLACE_BYTES = 8 + QM_ID_BYTES + QM_ID_BYTES, PLACE_CHARS = 54 };

/* Opaque to clients: base64url of grid, household and resident. */
static void cursor_write(const struct qm_list_place *p, char out[PLACE_CHARS + 1])
{
    uint8_t bytes[PLACE_BYTES];
    for (int i = 0; i < 8; i++)
        bytes[i] = (uint8_t)((uint64_t)p->grid >> (56 - 8 * i));
    memcpy(bytes + 8, p->household, QM_ID_BYTES);
    memcpy(bytes + 8 + QM_ID_BYTES, p->resident, QM_ID_BYTES);
    (void)qm_b64url_write(bytes, sizeof bytes, out);
}

static qm_err cursor_read(const char *t, struct qm_list_place *p)
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
static void write_person(struct qm_buf *out, const struct list *l, const struct qm_pg_result *r,
                         int row, const char *const labels[4])
{
    static const char *const names[4] = {"worker", "group", "lane", "door"};
    if ((l->c->caller.role & PSEUDONYMS_ONLY) != 0)
        return;
    for (int i = 0; i < 4; i++)
        member(out, names[i], labels[i], strlen(labels[i]));
    struct qm_list_person p;
    qm_list_person_open(r, row, l->c->edge->seal, &p);
    member(out, l->ask.residents ? "name" : "head", p.name.len > 0 ? (const char *)p.name.p : "",
           p.name.len);
    member(out, "phone", p.phone.len > 0 ? (const char *)p.phone.p : "", p.phone.len);
    qm_list_person_free(&p);
}

static struct qm_list_place write_household(struct qm_buf *out, const struct list *l,
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
    write_person(out, l, r, row, labels);
    qm_buf_puts(out, "}");
    return h.place;
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

static struct qm_list_place write_resident(struct qm_buf *out, const struct list *l,
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
    if ((l->c->caller.role & PSEUDONYMS_ONLY) == 0)
        write_year(out, &x);
    const char *const labels[4] = {x.worker, x.group, x.lane, x.door};
    write_person(out, l, r, row, labels);
    qm_buf_puts(out, "}");
    return x.place;
}

/* One row more than asked for was read: it says whether there is a next page. */
static void write_page(struct qm_buf *out, const struct list *l, const struct qm_pg_result *r)
{
    int rows = qm_pg_rows(r);
    int shown = rows < l->ask.limit ? rows : l->ask.limit - 1;
    struct qm_list_place last = {0};
    qm_buf_printf(out, "{\"within\":\"%s\",\"part\":\"%s\",\"rows\":[", l->within, l->part);
    for (int i = 0; i < shown; i++) {
        qm_buf_puts(out, i > 0 ? "," : "");
        last = l->ask.residents ? write_resident(out, l, r, i) : write_household(out, l, r, i);
    }
    if (shown == rows) {
        qm_buf_puts(out, "],\"next\":null}");
        return;
    }
    char cursor[PLACE_CHARS + 1];
    cursor_write(&last, cursor);
    qm_buf_printf(out, "],\"next\":\"%s\"}", cursor);
}

static void on_page(void *ctx, const struct qm_pg_answer *a)
{
    struct list *l = ctx;
    struct qm_call *c = l->c;
    if (a->err != QM_OK) {
        qm_call_problem_pg(c, a);
        return;
    }
    struct qm_buf body;
    qm_buf_init(&body, LIST_MAX_BYTES);
    write_page(&body, l, a->result);
    qm_call_json(c, &body);
    qm_buf_free(&body);
}

/* false: answered. */
static bool read_list_query(struct qm_call *c, struct list *l)
{
    char after[PLACE_CHARS + 2];
    char limit[8];
    int64_t n = LIMIT_DEFAULT;
    if (!qm_area_within(c, l->within))
        return false;
    if (qm_query_or(c, "part", "all", l->part, sizeof l->part) != QM_OK ||
        !qm_list_part_ok(l->ask.residents, l->part)) {
        refuse(c, "part: no such part of this list");
        return false;
    }
    if (qm_query_or(c, "after", "", after, sizeof after) != QM_OK ||
        cursor_read(after, &l->ask.after) != QM_OK) {
        refuse(c, "after: the cursor of the page before, unchanged");
        return false;
    }
    if (qm_query_or(c, "limit", "100", limit, sizeof limit) != QM_OK ||
        qm_dec_read(limit, strlen(limit), QM_LIST_ROWS_MAX, &n) != QM_OK || n < 1) {
        refuse(c, "limit: 1 to 500");
        return false;
    }
    l->ask.limit = (int)n + 1;
    return true;
}

static void answer_list(struct qm_call *c, bool residents)
{
    struct list *l = calloc(1, sizeof *l);
    if (l == NULL) {
        qm_call_problem(c, QM_E_NOMEM);
        return;
    }
    l->c = c;
    l->ask.residents = residents;
    c->state = l;
    c->state_free = free;
    if (!read_list_query(c, l))
        return;
    l->ask.county = c->caller.county;
    l->ask.role = c->caller.role_name;
    l->ask.prefix = c->caller.prefix;
    l->ask.within = l->within;
    l->ask.part = l->part;
    qm_err err = qm_list_read(c->edge->pg, &l->ask, on_page, l);
    if (err != QM_OK)
        qm_call_problem(c, err);
}

static void api_households(struct qm_call *c)
{
    answer_list(c, false);
}

static void api_residents(struct qm_call *c)
{
    answer_list(c, true);
}
