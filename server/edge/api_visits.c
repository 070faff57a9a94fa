/* api_visits.c - floor 4: see api_visits.h.
 * Happy path: area, part and cursor -> one statement -> who went where and when, by household, with
 * masked names.  How a visit went is not told: a refusal opens into no list.
 * Failure: a query that cannot be understood is 400 with the reason, an area outside the caller's
 * prefix 403.  Auditors and admins see pseudonyms, never names, doors or accounts.
 */
#include "edge/api_visits.h"

#include <stdlib.h>
#include <string.h>

#include "edge/area.h"
#include "edge/ask.h"
#include "edge/list_rows.h"

enum {
    EVERYBODY = QM_ROLE_WORKER | QM_ROLE_LEADER | QM_ROLE_DEPUTY | QM_ROLE_SECRETARY |
                QM_ROLE_TOWNSHIP | QM_ROLE_POLICE | QM_ROLE_INSPECTOR | QM_ROLE_AUDITOR |
                QM_ROLE_ADMIN,
    PAGE_MAX_BYTES = 1 << 20
};
enum { HOUSEHOLD_COLUMN, GRID_COLUMN, EVENT_COLUMN };

static void api_visits(struct qm_call *c);

const struct qm_route qm_visit_routes[] = {
    {"GET", "/v1/lists/visits", QM_WHO_TOKEN, EVERYBODY, 0, NULL, 2, api_visits},
};
const size_t qm_visit_routes_n = sizeof qm_visit_routes / sizeof qm_visit_routes[0];

static const struct qm_rows_column columns[] = {
    {.name = "household", .type = QM_ROWS_PSEUDONYM},
    {.name = "grid", .type = QM_ROWS_DIGITS},
    {.name = "event", .type = QM_ROWS_UUID},
    {.name = "group", .personal = true, .type = QM_ROWS_TEXT},
    {.name = "lane", .personal = true, .type = QM_ROWS_TEXT},
    {.name = "door", .personal = true, .type = QM_ROWS_TEXT},
    {.name = "head", .type = QM_ROWS_NAME, .id = HOUSEHOLD_COLUMN},
    {.name = "worker", .personal = true, .type = QM_ROWS_TEXT},
    {.name = "via", .type = QM_ROWS_WORD, .of = "via"},
    {.name = "police", .type = QM_ROWS_BOOL},
    {.name = "at", .type = QM_ROWS_INT},
    {.name = "done", .type = QM_ROWS_DAY}};
enum { COLUMNS = sizeof columns / sizeof columns[0] };

struct visits {
    struct qm_call *c;
    char within[16];
    bool police;
    int rows_max;               /* of a page */
    struct qm_list_place after; /* resident: the visit */
};

/* false: answered. */
static bool read_part(struct visits *v)
{
    char part[8];
    qm_err err = qm_query_or(v->c, "part", "all", part, sizeof part);
    v->police = err == QM_OK && strcmp(part, "police") == 0;
    if (err == QM_OK && (v->police || strcmp(part, "all") == 0))
        return true;
    qm_call_refuse(v->c, QM_E_MALFORMED, "part:all或police。", "part: all or police");
    return false;
}

static void read_id(const struct qm_pg_result *r, int row, int col, uint8_t id[QM_ID_BYTES])
{
    size_t len = 0;
    const uint8_t *bytes = qm_pg_get_bytes(r, row, col, &len);
    if (bytes != NULL && len == QM_ID_BYTES)
        memcpy(id, bytes, QM_ID_BYTES);
}

static void read_place(const struct qm_pg_result *r, int row, struct qm_list_place *out)
{
    memset(out, 0, sizeof *out);
    out->grid = qm_pg_get_int(r, row, GRID_COLUMN);
    read_id(r, row, HOUSEHOLD_COLUMN, out->household);
    read_id(r, row, EVENT_COLUMN, out->resident);
}

/* One row more than a page was read: it says whether there is a next page. */
static void on_page(void *ctx, const struct qm_pg_answer *a)
{
    struct visits *v = ctx;
    struct qm_list_place last;
    struct qm_buf body;
    if (a->err != QM_OK) {
        qm_call_problem_pg(v->c, a);
        return;
    }
    int rows = qm_pg_rows(a->result);
    int shown = rows < v->rows_max ? rows : v->rows_max;
    qm_buf_init(&body, PAGE_MAX_BYTES);
    qm_list_page_begin(v->within, v->police ? "police" : "all", &body);
    for (int i = 0; i < shown; i++) {
        qm_buf_puts(&body, i > 0 ? "," : "");
        qm_rows_object(a->result, i, columns, COLUMNS, v->c->edge->seal,
                       !qm_list_nameless(&v->c->caller), &body);
    }
    if (shown < rows)
        read_place(a->result, shown - 1, &last);
    qm_list_page_end(shown < rows ? &last : NULL, &body);
    qm_call_json(v->c, &body);
    qm_buf_free(&body);
}

static void api_visits(struct qm_call *c)
{
    struct visits *v = calloc(1, sizeof *v);
    if (v == NULL) {
        qm_call_problem(c, QM_E_NOMEM);
        return;
    }
    v->c = c;
    c->state = v;
    c->state_free = free;
    if (!qm_area_within(c, v->within) || !read_part(v) ||
        !qm_list_page_query(c, &v->after, &v->rows_max))
        return;
    struct qm_pg_params *p = qm_ask_params(c);
    qm_ask_text(p, v->within);
    qm_pg_int8(p, v->after.grid);
    qm_pg_uuid(p, v->after.household);
    qm_pg_uuid(p, v->after.resident);
    qm_pg_int4(p, v->rows_max + 1);
    qm_pg_bool(p, v->police);
    qm_ask_submit(c, "list_visits", p, on_page, v);
}
