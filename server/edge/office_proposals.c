/* office_proposals.c - floor 4: what workers propose about the register, listed, accepted,
 * declined.
 *
 * Happy path: event ids (and, for a split, residents) are the values; one function settles all of
 * them or none.  Repeating it is harmless.
 * Failure: the first event that does not fit is named, and nothing was changed.
 */
#include <stdlib.h>
#include <string.h>

#include "edge/office.h"
#include "wire/event.h"
#include "wire/json.h"

enum { PAGE_ROWS = 500 };

/* ---- the list, for the console ---- */

enum {
    P_EVENT,
    P_KIND,
    P_CODE,
    P_HOUSEHOLD,
    P_RESIDENT,
    P_FROM,
    P_GRID,
    P_STATUS,
    P_PROPOSED,
    P_ACCOUNT
};

const char *qm_office_proposal_word(int kind, int code)
{
    return kind == QM_VISIT      ? qm_word("outcome", code)
           : kind == QM_RESIDENT ? qm_word("resident_why", code)
                                 : "split";
}

static void say_row(struct qm_office *a, const struct qm_pg_result *r, int i, struct qm_buf *json)
{
    char event[QM_UUID_CHARS + 1];
    char subject[QM_PSEUDONYM_CHARS + 1];
    size_t len = 0;
    int64_t kind = qm_pg_get_int(r, i, P_KIND);
    int column = kind == 6 ? P_RESIDENT : P_HOUSEHOLD;
    qm_uuid_write(qm_pg_get_bytes(r, i, P_EVENT, &len), event);
    qm_pseudonym_write(qm_pg_get_bytes(r, i, column, &len), subject);
    const char *word = qm_office_proposal_word((int)kind, (int)qm_pg_get_int(r, i, P_CODE));
    qm_buf_printf(json,
                  "%s{\"event\":\"%s\",\"code\":\"%s\",\"%s\":\"%s\",\"grid\":\"%015lld\","
                  "\"account\":\"%s\"}",
                  json->len > 1 ? "," : "", event, word, kind == 6 ? "resident" : "household",
                  subject, (long long)qm_pg_get_int(r, i, P_GRID), qm_pg_get_text(r, i, P_ACCOUNT));
    qm_office_say(a, "%s  %-9s %s  grid %015lld  %s", event, word, subject,
                  (long long)qm_pg_get_int(r, i, P_GRID), qm_pg_get_text(r, i, P_ACCOUNT));
}

struct place {
    int64_t grid;
    uint8_t event[QM_ID_BYTES];
};

/* One page behind *at; *rows: how many it had. */
static int list_page(struct qm_office *a, const char *prefix, struct place *at, struct qm_buf *json,
                     int *rows)
{
    struct qm_pg_params *p = qm_office_params(a);
    struct qm_pg_result *r = NULL;
    size_t len = 0;
    qm_office_add_text(p, "admin");
    qm_office_add_text(p, a->prefix);
    qm_office_add_text(p, prefix);
    qm_pg_int8(p, at->grid);
    qm_pg_uuid(p, at->event);
    qm_pg_int4(p, PAGE_ROWS);
    int code = qm_office_query(a, "proposals", p, &r);
    *rows = code == QM_OFFICE_OK ? qm_pg_rows(r) : 0;
    for (int i = 0; i < *rows; i++)
        say_row(a, r, i, json);
    if (*rows > 0) {
        at->grid = qm_pg_get_int(r, *rows - 1, P_GRID);
        memcpy(at->event, qm_pg_get_bytes(r, *rows - 1, P_EVENT, &len), QM_ID_BYTES);
    }
    qm_pgb_result_free(r);
    return code;
}

int qm_office_proposals_list(struct qm_office *a)
{
    char own[16];
    const char *prefix = qm_office_prefix(a, own);
    struct place at = {0};
    struct qm_buf json;
    int rows = PAGE_ROWS;
    int64_t all = 0;
    int code = prefix == NULL ? QM_OFFICE_USAGE : QM_OFFICE_OK;
    qm_buf_init(&json, a->members.max_bytes);
    qm_buf_puts(&json, "[");
    while (code == QM_OFFICE_OK && rows == PAGE_ROWS) {
        code = list_page(a, prefix, &at, &json, &rows);
        all += rows;
    }
    qm_buf_puts(&json, "]");
    if (code == QM_OFFICE_OK) {
        qm_office_int(a, "proposals", all);
        qm_office_raw(a, "list", &json);
        qm_office_say(a, "%lld proposals without a decision", (long long)all);
    }
    qm_buf_free(&json);
    return code;
}

/* ---- settling ---- */

/* Values are event ids, and residents of a split. */
static int add_ids(struct qm_office *a, struct qm_pg_params *p, bool events)
{
    uint8_t id[QM_ID_BYTES];
    qm_pg_array_begin(p, QM_PG_UUID);
    for (int i = 0; i < a->values; i++) {
        const char *t = a->value[i];
        bool event = qm_uuid_read(t, strlen(t), 7, id) == QM_OK;
        if (!event && qm_pseudonym_read(t, strlen(t), id) != QM_OK)
            return qm_office_fail(a, QM_OFFICE_USAGE,
                                  "\"%s\" is neither an event id nor a resident's pseudonym", t);
        if (event == events)
            qm_pg_array_bytes(p, id, QM_ID_BYTES);
    }
    qm_pg_array_end(p);
    return QM_OFFICE_OK;
}

struct settling {
    const char *as; /* of qm.proposals_settle */
    int home, person;
    int64_t grid;
    bool has_grid, has_target;
    uint8_t target[QM_ID_BYTES];
};

static int read_target(struct qm_office *a, enum qm_office_option option, struct settling *s)
{
    const char *t = a->option[option];
    if (t == NULL)
        return QM_OFFICE_OK;
    s->has_target = true;
    return qm_office_pseudonym(a, qm_office_option_name((int)option), t, s->target);
}

static int read_as(struct qm_office *a, struct settling *s)
{
    const char *as = a->option[QM_O_AS];
    const char *grid = a->option[QM_O_GRID];
    bool moves = strcmp(as, "move") == 0 || strcmp(as, "merge") == 0 || strcmp(as, "split") == 0;
    s->home = qm_office_status_number(true, as);
    s->person = qm_office_status_number(false, as);
    s->as = moves || strcmp(as, "proposed") == 0 ? as : "status";
    if (strcmp(s->as, "status") == 0 && s->home == 0 && s->person == 0)
        return qm_office_fail(a, QM_OFFICE_USAGE,
                              "as: proposed; counted, away, vacant, gone, other, dead or "
                              "unknown_age; or move, merge or split");
    if (moves && !a->may_move)
        return qm_office_fail(a, QM_OFFICE_REFUSED,
                              "moves, merges and splits are done by the township");
    s->has_grid = grid != NULL;
    if (s->has_grid &&
        (!qm_office_area_ok(a, grid) || qm_grid_read(grid, strlen(grid), &s->grid) != QM_OK))
        return qm_office_fail(a, QM_OFFICE_USAGE, "grid: \"%s\" is no grid of %s", grid, a->prefix);
    int code = read_target(a, QM_O_HOUSEHOLD, s);
    return code == QM_OFFICE_OK ? read_target(a, QM_O_INTO, s) : code;
}

static void add_status(struct qm_pg_params *p, int number)
{
    if (number != 0)
        qm_pg_int2(p, number);
    else
        qm_pg_null(p, QM_PG_INT2);
}

static int refuse(struct qm_office *a, const struct qm_pg_result *r, int64_t status)
{
    static const char unclear[] =
        "what it proposes is about something else, or does not say who goes or where to: "
        "choose another decision, or fewer at once";
    static const char *const why[] = {
        [1] = unclear,
        [4] = "somebody has decided otherwise before",
        [5] = "this is no open proposal of this area",
        [6] = "the grid is not known in this area",
        [8] = "the household or a resident is not as said: look at the card first"};
    char event[QM_UUID_CHARS + 1] = "";
    size_t len = 0;
    if (!qm_pg_is_null(r, 0, 1))
        qm_uuid_write(qm_pg_get_bytes(r, 0, 1, &len), event);
    qm_office_str(a, "event", event);
    return qm_office_fail(a, QM_OFFICE_REFUSED, "%s: %s; nothing was changed", event,
                          status < 9 && why[status] != NULL ? why[status] : "refused");
}

static int settle(struct qm_office *a, const struct settling *s)
{
    struct qm_pg_params *p = qm_office_params_by(a);
    struct qm_pg_result *r = NULL;
    int64_t status = 0;
    qm_office_add_text(p, a->prefix);
    int code = add_ids(a, p, true);
    qm_office_add_text(p, s->as);
    add_status(p, s->home);
    add_status(p, s->person);
    if (s->has_target)
        qm_pg_uuid(p, s->target);
    else
        qm_pg_null(p, QM_PG_UUID);
    if (s->has_grid)
        qm_pg_int8(p, s->grid);
    else
        qm_pg_null(p, QM_PG_INT8);
    if (code == QM_OFFICE_OK)
        code = add_ids(a, p, false);
    if (code != QM_OFFICE_OK) {
        qm_pg_params_free(p);
        return code;
    }
    code = qm_office_call(a, "proposals_settle", p, &status, &r);
    if (code == QM_OFFICE_OK && status != 0) {
        code = refuse(a, r, status);
    } else if (code == QM_OFFICE_OK) {
        qm_office_int(a, "settled", qm_pg_get_int(r, 0, 2));
        qm_office_say(a, "%lld proposals settled", (long long)qm_pg_get_int(r, 0, 2));
    }
    qm_pgb_result_free(r);
    return code;
}

int qm_office_proposals_accept(struct qm_office *a)
{
    struct settling s = {0};
    int code = read_as(a, &s);
    return code == QM_OFFICE_OK ? settle(a, &s) : code;
}

int qm_office_proposals_decline(struct qm_office *a)
{
    const struct settling s = {.as = "decline"};
    return settle(a, &s);
}
