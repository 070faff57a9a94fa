/* api_proposals.c - floor 4: see api_proposals.h.
 *
 * Happy path: area and place of the last row seen -> one statement -> rows with masked names, each
 * with what it proposes and what the register would become.
 * Failure: a place that cannot be read is 400, an area outside the caller's 403.
 */
#include "edge/api_proposals.h"

#include <string.h>

#include "edge/area.h"
#include "edge/ask.h"
#include "edge/office.h"
#include "wire/event.h"

enum { PAGE_MAX = 200, ANSWER_MAX_BYTES = 4 << 20 };
#define COUNT(list) ((int)(sizeof(list) / sizeof(list)[0]))

static void api_proposals(struct qm_call *c);

const struct qm_route qm_proposal_routes[] = {
    {"GET", "/v1/proposals", QM_WHO_TOKEN, QM_ROLE_TOWNSHIP | QM_ROLE_SECRETARY, 0, NULL, 2,
     api_proposals},
};
const size_t qm_proposal_routes_n = sizeof qm_proposal_routes / sizeof qm_proposal_routes[0];

enum { P_KIND = 1, P_CODE = 2, P_HOUSEHOLD = 3, P_RESIDENT = 4, P_STATUS = 7, P_PROPOSED = 8 };
/* `code`, `status` and `proposed` depend on what the row is about. */
static const struct qm_rows_column columns[] = {
    {.name = "event", .type = QM_ROWS_UUID},
    {.name = "kind", .type = QM_ROWS_WORD, .of = "kind"},
    {.name = "code", .type = QM_ROWS_SKIP},
    {.name = "household", .type = QM_ROWS_PSEUDONYM},
    {.name = "resident", .type = QM_ROWS_PSEUDONYM},
    {.name = "from", .type = QM_ROWS_PSEUDONYM},
    {.name = "grid", .type = QM_ROWS_DIGITS},
    {.name = "status", .type = QM_ROWS_SKIP},
    {.name = "proposed", .type = QM_ROWS_SKIP},
    {.name = "account", .type = QM_ROWS_TEXT},
    {.name = "at", .type = QM_ROWS_INT},
    {.name = "recv", .type = QM_ROWS_INT},
    {.name = "index", .type = QM_ROWS_INT},
    {.name = "group", .type = QM_ROWS_TEXT},
    {.name = "lane", .type = QM_ROWS_TEXT},
    {.name = "door", .type = QM_ROWS_TEXT},
    {.name = "head", .type = QM_ROWS_NAME, .id = P_HOUSEHOLD},
    {.name = "name", .type = QM_ROWS_NAME, .id = P_RESIDENT},
};

static void add_word(struct qm_buf *out, const char *name, const char *word)
{
    if (word != NULL)
        qm_buf_printf(out, ",\"%s\":\"%s\"", name, word);
    else
        qm_buf_printf(out, ",\"%s\":null", name);
}

static void write_row(const struct qm_call *c, const struct qm_pg_result *r, int i,
                      struct qm_buf *out)
{
    int kind = (int)qm_pg_get_int(r, i, P_KIND);
    bool household = kind != QM_RESIDENT;
    int proposed = qm_pg_is_null(r, i, P_PROPOSED) ? 0 : (int)qm_pg_get_int(r, i, P_PROPOSED);
    qm_rows_object(r, i, columns, COUNT(columns), c->edge->seal, true, out);
    if (out->err != QM_OK)
        return;
    out->len--; /* the closing brace: more members follow */
    add_word(out, "code", qm_office_proposal_word(kind, (int)qm_pg_get_int(r, i, P_CODE)));
    add_word(out, "status", qm_office_status_word(household, (int)qm_pg_get_int(r, i, P_STATUS)));
    add_word(out, "proposed", qm_office_status_word(household, proposed));
    qm_buf_puts(out, "}");
}

static void on_proposals(void *ctx, const struct qm_pg_answer *a)
{
    struct qm_call *c = ctx;
    struct qm_buf body;
    if (a->err != QM_OK) {
        qm_call_problem_pg(c, a);
        return;
    }
    qm_buf_init(&body, ANSWER_MAX_BYTES);
    qm_buf_puts(&body, "{\"rows\":[");
    for (int i = 0; i < qm_pg_rows(a->result); i++) {
        qm_buf_puts(&body, i > 0 ? "," : "");
        write_row(c, a->result, i, &body);
    }
    qm_buf_puts(&body, "]}\n");
    qm_call_json(c, &body);
    qm_buf_wipe(&body);
}

/* "<grid>.<event>" of the last row seen. */
static bool read_place(struct qm_call *c, int64_t *grid, uint8_t event[QM_ID_BYTES])
{
    enum { GRID_DIGITS = 15 };
    char text[GRID_DIGITS + 1 + QM_UUID_CHARS + 2];
    qm_err e = qm_query_or(c, "after", "", text, sizeof text);
    memset(event, 0, QM_ID_BYTES);
    *grid = 0;
    if (e == QM_OK && text[0] == '\0')
        return true;
    if (e == QM_OK && (strcspn(text, ".") != GRID_DIGITS || text[GRID_DIGITS] != '.'))
        e = QM_E_MALFORMED;
    if (e == QM_OK)
        e = qm_grid_read(text, GRID_DIGITS, grid);
    if (e == QM_OK)
        e = qm_uuid_read(text + GRID_DIGITS + 1, strlen(text + GRID_DIGITS + 1), 7, event);
    if (e != QM_OK)
        qm_call_refuse(c, QM_E_MALFORMED, "after:上一页最后一行的“网格.记录”。",
                       "after: grid.event of the last row");
    return e == QM_OK;
}

static void api_proposals(struct qm_call *c)
{
    char within[16];
    int64_t grid = 0;
    int32_t limit = 0;
    uint8_t event[QM_ID_BYTES];
    if (!qm_area_within(c, within) || !read_place(c, &grid, event) ||
        !qm_query_limit(c, PAGE_MAX, &limit))
        return;
    struct qm_pg_params *p = qm_ask_params(c);
    qm_ask_text(p, within);
    qm_pg_int8(p, grid);
    qm_pg_uuid(p, event);
    qm_pg_int4(p, limit);
    qm_ask_submit(c, "proposals", p, on_proposals, c);
}
