/* api_lists.c - floor 4: the lists behind the figures, a page at a time, and finding in them.
 *
 * Happy path of a page: query and cursor -> one statement -> rows with masked names.
 * Happy path of finding: the query of a page, and in the body what to look for -> it is noted that
 * the caller looked for somebody -> the list is read slice by slice, the names of a slice are
 * opened, compared and wiped, what fits is written masked -> a page, or the end.
 * Names lie sealed, and an index over them would tell them: so each search opens those of the area.
 * A slice holds fewer names than a page of a list, so that no one waits for a search; one request
 * looks at no more rows than a large township has and says where to go on.
 * Failure: a query that cannot be understood is 400 with the reason, an area outside the caller's
 * prefix 403; what cannot be noted is not looked for.
 * Auditors and admins see pseudonyms, never names, doors or phone numbers, and cannot search.
 */
#include "edge/api_lists.h"

#include <stdlib.h>
#include <string.h>

#include "domain/answer.h"
#include "domain/find.h"
#include "edge/area.h"
#include "edge/ask.h"
#include "edge/list_rows.h"
#include "wire/json.h"

enum {
    BY_NAME = QM_ROLE_WORKER | QM_ROLE_LEADER | QM_ROLE_DEPUTY | QM_ROLE_SECRETARY |
              QM_ROLE_TOWNSHIP | QM_ROLE_POLICE | QM_ROLE_INSPECTOR,
    EVERYBODY = BY_NAME | QM_ROLE_AUDITOR | QM_ROLE_ADMIN,
    LIST_MAX_BYTES = 4 << 20,
    FORM_MAX_BYTES = 1024,
    SLICE_ROWS = 250,
    LOOKED_MAX_ROWS = 60000
};

static void api_households(struct qm_call *c);
static void api_residents(struct qm_call *c);
static void api_find_households(struct qm_call *c);
static void api_find_residents(struct qm_call *c);

const struct qm_route qm_list_routes[] = {
    {"GET", "/v1/lists/households", QM_WHO_TOKEN, EVERYBODY, 0, NULL, 2, api_households},
    {"GET", "/v1/lists/residents", QM_WHO_TOKEN, EVERYBODY, 0, NULL, 2, api_residents},
    {"POST", "/v1/lists/households", QM_WHO_TOKEN, BY_NAME, FORM_MAX_BYTES, "application/json", 5,
     api_find_households},
    {"POST", "/v1/lists/residents", QM_WHO_TOKEN, BY_NAME, FORM_MAX_BYTES, "application/json", 5,
     api_find_residents},
};
const size_t qm_list_routes_n = sizeof qm_list_routes / sizeof qm_list_routes[0];

struct list {
    struct qm_call *c;
    char within[16];
    char part[48];
    int rows_max; /* of a page */
    struct qm_list_ask ask;
    struct qm_find find;
    struct qm_buf body; /* of a search: the page so far */
    int found, looked;
};

/* Of this server's PostgreSQL, asked for by the first search. */
static struct qm_letters letters;
static bool letters_known;

static void list_free(void *state)
{
    struct list *l = state;
    explicit_bzero(&l->find, sizeof l->find);
    qm_buf_free(&l->body);
    free(l);
}

/* ---- the query ---- */

/* false: answered. */
static bool read_list_query(struct qm_call *c, struct list *l)
{
    char after[QM_LIST_CURSOR_CHARS + 2];
    char limit[8];
    int64_t n = 0;
    if (!qm_area_within(c, l->within))
        return false;
    if (qm_query_or(c, "part", "all", l->part, sizeof l->part) != QM_OK ||
        !qm_list_part_ok(l->ask.residents, l->part)) {
        qm_call_refuse(c, QM_E_MALFORMED, "part:名单没有这一部分。",
                       "part: no such part of this list");
        return false;
    }
    if (qm_query_or(c, "after", "", after, sizeof after) != QM_OK ||
        qm_list_cursor_read(after, &l->ask.after) != QM_OK) {
        qm_call_refuse(c, QM_E_MALFORMED, "after:原样用上一页给的位置。",
                       "after: the cursor of the page before, unchanged");
        return false;
    }
    if (qm_query_or(c, "limit", "100", limit, sizeof limit) != QM_OK ||
        qm_dec_read(limit, strlen(limit), QM_LIST_ROWS_MAX, &n) != QM_OK || n < 1) {
        qm_call_refuse(c, QM_E_MALFORMED, "limit:1到500。", "limit: 1 to 500");
        return false;
    }
    l->rows_max = (int)n;
    return true;
}

/* NULL: answered. */
static struct list *list_new(struct qm_call *c, bool residents)
{
    struct list *l = calloc(1, sizeof *l);
    if (l == NULL) {
        qm_call_problem(c, QM_E_NOMEM);
        return NULL;
    }
    l->c = c;
    l->ask.residents = residents;
    qm_buf_init(&l->body, LIST_MAX_BYTES);
    c->state = l;
    c->state_free = list_free;
    if (!read_list_query(c, l))
        return NULL;
    l->ask.county = c->caller.county;
    l->ask.role = c->caller.role_name;
    l->ask.prefix = c->caller.prefix;
    l->ask.within = l->within;
    l->ask.part = l->part;
    return l;
}

/* ---- a page ---- */

static void write_begin(const struct list *l, struct qm_buf *out)
{
    qm_buf_printf(out, "{\"within\":\"%s\",\"part\":\"%s\",\"rows\":[", l->within, l->part);
}

/* next: NULL at the end of the list. */
static void write_end(const struct qm_list_place *next, struct qm_buf *out)
{
    char cursor[QM_LIST_CURSOR_CHARS + 1];
    if (next == NULL) {
        qm_buf_puts(out, "],\"next\":null}");
        return;
    }
    qm_list_cursor_write(next, cursor);
    qm_buf_printf(out, "],\"next\":\"%s\"}", cursor);
}

/* One row more than a page was read: it says whether there is a next page. */
static void on_page(void *ctx, const struct qm_pg_answer *a)
{
    struct list *l = ctx;
    struct qm_list_place last = {0};
    if (a->err != QM_OK) {
        qm_call_problem_pg(l->c, a);
        return;
    }
    int rows = qm_pg_rows(a->result);
    int shown = rows < l->rows_max ? rows : l->rows_max;
    write_begin(l, &l->body);
    for (int i = 0; i < shown; i++) {
        qm_buf_puts(&l->body, i > 0 ? "," : "");
        qm_list_row_write(l->c, l->ask.residents, a->result, i, &l->body);
    }
    if (shown < rows)
        qm_list_place_row(a->result, shown - 1, l->ask.residents, &last);
    write_end(shown < rows ? &last : NULL, &l->body);
    qm_call_json(l->c, &l->body);
}

static void answer_list(struct qm_call *c, bool residents)
{
    struct list *l = list_new(c, residents);
    if (l == NULL)
        return;
    l->ask.limit = l->rows_max + 1;
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

/* ---- finding ---- */

static bool row_fits(const struct list *l, const struct qm_pg_result *r, int row)
{
    struct qm_found x;
    struct qm_buf name;
    qm_list_name_open(r, row, l->c->edge->seal, &name);
    qm_list_labels_row(r, row, &x.group, &x.lane, &x.door);
    x.name = (const char *)name.p;
    x.name_len = name.len;
    bool fits = qm_find_holds(&l->find, &letters, &x);
    qm_buf_wipe(&name);
    return fits;
}

/* The row behind which the next page begins; -1: the page is not full yet. */
static int take_slice(struct list *l, const struct qm_pg_result *r)
{
    for (int i = 0; i < qm_pg_rows(r); i++) {
        if (!row_fits(l, r, i))
            continue;
        qm_buf_puts(&l->body, l->found > 0 ? "," : "");
        qm_list_row_write(l->c, l->ask.residents, r, i, &l->body);
        if (++l->found == l->rows_max)
            return i;
    }
    return -1;
}

static void next_slice(struct list *l);

static void on_slice(void *ctx, const struct qm_pg_answer *a)
{
    struct list *l = ctx;
    if (a->err != QM_OK) {
        qm_call_problem_pg(l->c, a);
        return;
    }
    int rows = qm_pg_rows(a->result);
    int last = take_slice(l, a->result);
    l->looked += rows;
    if (last >= 0 || rows == SLICE_ROWS)
        qm_list_place_row(a->result, last >= 0 ? last : rows - 1, l->ask.residents, &l->ask.after);
    if (last < 0 && rows == SLICE_ROWS && l->looked < LOOKED_MAX_ROWS) {
        next_slice(l);
        return;
    }
    write_end(last >= 0 || rows == SLICE_ROWS ? &l->ask.after : NULL, &l->body);
    qm_call_json(l->c, &l->body);
}

static void next_slice(struct list *l)
{
    l->ask.limit = SLICE_ROWS;
    qm_err err = qm_list_read(l->c->edge->pg, &l->ask, on_slice, l);
    if (err != QM_OK)
        qm_call_problem(l->c, err);
}

static void on_letters(void *ctx, const struct qm_pg_answer *a)
{
    struct list *l = ctx;
    size_t len = 0;
    if (a->err != QM_OK) {
        qm_call_problem_pg(l->c, a);
        return;
    }
    const uint8_t *text =
        qm_pg_rows(a->result) == 1 ? qm_pg_get_bytes(a->result, 0, 0, &len) : NULL;
    if (text == NULL || qm_letters_take((const char *)text, len, &letters) != QM_OK) {
        qm_call_problem(l->c, QM_E_INTERNAL);
        return;
    }
    letters_known = true;
    next_slice(l);
}

static void on_noted(void *ctx, const struct qm_pg_answer *a)
{
    struct list *l = ctx;
    qm_err err = qm_answer_err(a, "access_note");
    if (err != QM_OK)
        qm_call_problem(l->c, err);
    else if (letters_known)
        next_slice(l);
    else
        qm_ask_submit(l->c, "initials", NULL, on_letters, l);
}

/* false: answered. */
static bool read_words(struct list *l)
{
    static const struct qm_json_field field = {"text", QM_J_STRING, true, 0, 1, QM_FIND_MAX_BYTES};
    const char *text = NULL;
    struct qm_json_doc *doc = NULL;
    size_t len = 0;
    const char *body = (const char *)qm_http_body(l->c->req, &len);
    qm_err err = qm_json_object(body, len, &field, 1, &text, &doc, NULL);
    if (err == QM_OK)
        err = qm_find_read(text, &l->find);
    qm_json_free(doc);
    if (err == QM_E_MALFORMED)
        qm_call_refuse(l->c, QM_E_MALFORMED, "查找内容:1到60字节(约20个汉字),最多8个词。",
                       "text: 1 to 60 bytes, at most 8 words");
    else if (err != QM_OK)
        qm_call_problem(l->c, err);
    return err == QM_OK;
}

/* What was typed is not kept: it may be somebody's name. */
static void answer_find(struct qm_call *c, bool residents)
{
    struct list *l = list_new(c, residents);
    if (l == NULL || !read_words(l))
        return;
    write_begin(l, &l->body);
    qm_ask_note(c, residents ? "find_residents" : "find_households", l->within, "", on_noted, l);
}

static void api_find_households(struct qm_call *c)
{
    answer_find(c, false);
}

static void api_find_residents(struct qm_call *c)
{
    answer_find(c, true);
}
