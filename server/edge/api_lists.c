/* api_lists.c - floor 4: the lists behind the figures, a page at a time, and finding in them.
 *
 * Happy path of a page: query and cursor -> one statement -> rows with masked names.  Of a list
 * behind a bulletin, before it: may this caller see it?
 * Happy path of finding: the query of a page, and in the body what to look for -> it is noted that
 * the caller looked for somebody -> the list is read slice by slice, the names of a slice are
 * opened, compared and wiped, what fits is written masked -> a page, or the end.
 * Names lie sealed, and an index over them would tell them: so each search opens those of the area.
 * A slice holds fewer names than a page of a list, so that no one waits for a search; one request
 * looks at no more rows than a large township has and says where to go on.
 * Lists of another time than now may give a short page, too, and say where to go on.
 * Failure: a query that cannot be understood is 400 with the reason, an area outside the caller's
 * prefix 403; what cannot be noted is not looked for.
 * Auditors and admins see pseudonyms, never names, doors or phone numbers, and cannot search.
 */
#include "edge/api_lists.h"

#include <stdio.h>
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
    LOOKED_MAX_ROWS = 60000,
    STOPPED_ROWS = 4000 /* that a list of another time looked at where it stopped */
};
#define WEEK "week:"

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
    char now[48];               /* the part of now whose gain `part` is */
    int rows_max;               /* of a page */
    void (*go)(struct list *l); /* once it is known that the caller may */
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

/* "week:M" is what the week brought to "done:M". false: answered. */
static bool read_part(struct qm_call *c, struct list *l)
{
    bool there = qm_query_or(c, "part", "all", l->part, sizeof l->part) == QM_OK;
    bool week = there && strncmp(l->part, WEEK, strlen(WEEK)) == 0;
    if (week)
        snprintf(l->now, sizeof l->now, "done:%s", l->part + strlen(WEEK));
    l->ask.when = week ? QM_LIST_WEEK : QM_LIST_NOW;
    l->ask.part = week ? l->now : l->part;
    if (there && qm_list_part_ok(l->ask.residents, l->ask.part))
        return true;
    qm_call_refuse(c, QM_E_MALFORMED, "part:名单没有这一部分。", "part: no such part of this list");
    return false;
}

/* false: answered. */
static bool read_bulletin(struct qm_call *c, struct list *l)
{
    char id[QM_UUID_CHARS + 2];
    qm_err err = qm_call_query(c, "bulletin", id, sizeof id);
    if (err == QM_E_NOT_FOUND)
        return true;
    if (err != QM_OK || qm_uuid_read(id, strlen(id), 0, l->ask.draft) != QM_OK) {
        qm_call_refuse(c, QM_E_MALFORMED, "bulletin:通报的编号。", "bulletin: the id of one");
        return false;
    }
    if (l->ask.when == QM_LIST_WEEK || !qm_list_part_closed(l->ask.residents, l->ask.part)) {
        qm_call_refuse(c, QM_E_MALFORMED, "part:通报的名册里没有这一部分。",
                       "part: a bulletin's roster does not tell this part");
        return false;
    }
    l->ask.when = QM_LIST_CLOSED;
    return true;
}

/* false: answered. */
static bool read_list_query(struct qm_call *c, struct list *l)
{
    return qm_area_within(c, l->within) && read_part(c, l) && read_bulletin(c, l) &&
           qm_list_page_query(c, &l->ask.after, &l->rows_max);
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
    return l;
}

static void on_may(void *ctx, const struct qm_pg_answer *a)
{
    struct list *l = ctx;
    if (a->err != QM_OK)
        qm_call_problem_pg(l->c, a);
    else if (qm_pg_rows(a->result) != 1)
        qm_call_problem(l->c, QM_E_NOT_FOUND);
    else
        l->go(l);
}

/* go(l), at once or after a look at the bulletin. */
static void list_begin(struct list *l, void (*go)(struct list *l))
{
    l->go = go;
    if (l->ask.when != QM_LIST_CLOSED) {
        go(l);
        return;
    }
    qm_err err = qm_list_closed_read(l->c->edge->pg, &l->ask, on_may, l);
    if (err != QM_OK)
        qm_call_problem(l->c, err);
}

/* Rows of a page; *stopped: behind them is the place where it stopped. */
static int rows_of(const struct qm_pg_result *r, bool *stopped)
{
    int rows = qm_pg_rows(r);
    *stopped = rows > 0 && qm_list_is_place(r, rows - 1);
    return *stopped ? rows - 1 : rows;
}

/* ---- a page ---- */

/* One row more than a page was read: it says whether there is a next page. */
static void on_page(void *ctx, const struct qm_pg_answer *a)
{
    struct list *l = ctx;
    struct qm_list_place last = {0};
    if (a->err != QM_OK) {
        qm_call_problem_pg(l->c, a);
        return;
    }
    bool stopped;
    int rows = rows_of(a->result, &stopped);
    int shown = rows < l->rows_max ? rows : l->rows_max;
    bool more = shown < rows || stopped;
    qm_list_page_begin(l->within, l->part, &l->body);
    for (int i = 0; i < shown; i++) {
        qm_buf_puts(&l->body, i > 0 ? "," : "");
        qm_list_row_write(l->c, l->ask.residents, a->result, i, &l->body);
    }
    if (more)
        qm_list_after_row(&l->ask, a->result, shown < rows ? shown - 1 : rows, &last);
    qm_list_page_end(more ? &last : NULL, &l->body);
    qm_call_json(l->c, &l->body);
}

static void read_page(struct list *l)
{
    l->ask.limit = l->rows_max + 1;
    qm_err err = qm_list_read(l->c->edge->pg, &l->ask, on_page, l);
    if (err != QM_OK)
        qm_call_problem(l->c, err);
}

static void answer_list(struct qm_call *c, bool residents)
{
    struct list *l = list_new(c, residents);
    if (l != NULL)
        list_begin(l, read_page);
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
static int take_slice(struct list *l, const struct qm_pg_result *r, int rows)
{
    for (int i = 0; i < rows; i++) {
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
    bool stopped;
    int rows = rows_of(a->result, &stopped);
    int last = take_slice(l, a->result, rows);
    bool more = last >= 0 || rows == SLICE_ROWS || stopped;
    l->looked += stopped ? STOPPED_ROWS : rows;
    if (more)
        qm_list_after_row(&l->ask, a->result,
                          last >= 0 ? last
                          : stopped ? rows
                                    : rows - 1,
                          &l->ask.after);
    if (last < 0 && more && l->looked < LOOKED_MAX_ROWS) {
        next_slice(l);
        return;
    }
    qm_list_page_end(more ? &l->ask.after : NULL, &l->body);
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

static void note_find(struct list *l)
{
    qm_ask_note(l->c, l->ask.residents ? "find_residents" : "find_households", l->within, "",
                on_noted, l);
}

/* What was typed is not kept: it may be somebody's name. */
static void answer_find(struct qm_call *c, bool residents)
{
    struct list *l = list_new(c, residents);
    if (l == NULL || !read_words(l))
        return;
    qm_list_page_begin(l->within, l->part, &l->body);
    list_begin(l, note_find);
}

static void api_find_households(struct qm_call *c)
{
    answer_find(c, false);
}

static void api_find_residents(struct qm_call *c)
{
    answer_find(c, true);
}
