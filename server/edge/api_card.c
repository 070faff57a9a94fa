/* api_card.c - floor 4: see api_card.h.
 *
 * Happy path of a card: household -> residents -> events -> changes, each a statement, written part
 * by part; names and phone numbers masked.
 * Happy path of a name in full: the reason is noted first, and only what was noted is shown.
 * Failure: a household outside the caller's area is not found, as one that is not there.
 */
#include "edge/api_card.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "domain/answer.h"
#include "domain/roster.h"
#include "edge/ask.h"
#include "wire/event.h"
#include "wire/json.h"

enum {
    PEOPLE_OF_THE_AREA =
        QM_ROLE_LEADER | QM_ROLE_DEPUTY | QM_ROLE_SECRETARY | QM_ROLE_TOWNSHIP | QM_ROLE_POLICE,
    MAY_REVEAL = QM_ROLE_DEPUTY | QM_ROLE_SECRETARY | QM_ROLE_TOWNSHIP | QM_ROLE_POLICE,
    ANSWER_MAX_BYTES = 4 << 20,
    EVENTS_MAX = 300,
    REASON_MAX_BYTES = 200,
    BODY_MAX_BYTES = 2048
};

#define COUNT(list) ((int)(sizeof(list) / sizeof(list)[0]))

static void api_card(struct qm_call *c);
static void api_reveal(struct qm_call *c);

const struct qm_route qm_card_routes[] = {
    {"GET", "/v1/register/households/{id}", QM_WHO_TOKEN, PEOPLE_OF_THE_AREA, 0, NULL, 2, api_card},
    {"POST", "/v1/reveal", QM_WHO_TOKEN, MAY_REVEAL, BODY_MAX_BYTES, "application/json", 2,
     api_reveal},
};
const size_t qm_card_routes_n = sizeof qm_card_routes / sizeof qm_card_routes[0];

/* ---- columns ---- */

static const char *const household_status[] = {"counted", "away",  "vacant", "gone",
                                               "merged",  "other", NULL};
static const char *const resident_status[] = {"counted", "away",        "gone",
                                              "dead",    "unknown_age", NULL};
static const char *const hold_words[] = {"revoked", "scope", "moved", NULL};

static const struct qm_rows_column household_columns[] = {
    {.name = "household", .type = QM_ROWS_PSEUDONYM},
    {.name = "grid", .type = QM_ROWS_DIGITS},
    {.name = "place", .type = QM_ROWS_WORD, .of = "place"},
    {.name = "status", .type = QM_ROWS_WORD, .words = household_status},
    {.name = "merged_into", .type = QM_ROWS_PSEUDONYM},
    {.name = "worker", .type = QM_ROWS_TEXT},
    {.name = "visited", .type = QM_ROWS_BOOL},
    {.name = "reached", .type = QM_ROWS_BOOL},
    {.name = "notice_delivered", .type = QM_ROWS_BOOL},
    {.name = "notice_signed", .type = QM_ROWS_BOOL},
    {.name = "pledge", .type = QM_ROWS_BOOL},
    {.name = "visits", .type = QM_ROWS_INT},
    {.name = "group", .type = QM_ROWS_TEXT},
    {.name = "lane", .type = QM_ROWS_TEXT},
    {.name = "door", .type = QM_ROWS_TEXT},
    {.name = "ref", .type = QM_ROWS_TEXT},
    {.name = "head", .type = QM_ROWS_NAME},
    {.name = "phone", .type = QM_ROWS_PHONE},
};
static const struct qm_rows_column resident_columns[] = {
    {.name = "resident", .type = QM_ROWS_PSEUDONYM},
    {.name = "status", .type = QM_ROWS_WORD, .words = resident_status},
    {.name = "born", .type = QM_ROWS_DAY},
    {.name = "app", .type = QM_ROWS_WORD, .of = "app"},
    {.name = "real_name", .type = QM_ROWS_BOOL},
    {.name = "call_alert", .type = QM_ROWS_BOOL},
    {.name = "sms_alert", .type = QM_ROWS_BOOL},
    {.name = "groups", .type = QM_ROWS_TEXTS},
    {.name = "name", .type = QM_ROWS_NAME},
    {.name = "phone", .type = QM_ROWS_PHONE},
};
/* `code` is a word of the kind's own list, which the writer of an event knows. */
enum { E_KIND = 1, E_CODE = 2, E_WHY = 18 };
static const struct qm_rows_column event_columns[] = {
    {.name = "event", .type = QM_ROWS_UUID},
    {.name = "kind", .type = QM_ROWS_WORD, .of = "kind"},
    {.name = "code", .type = QM_ROWS_SKIP},
    {.name = "via", .type = QM_ROWS_WORD, .of = "via"},
    {.name = "account", .type = QM_ROWS_TEXT},
    {.name = "resident", .type = QM_ROWS_PSEUDONYM},
    {.name = "at", .type = QM_ROWS_INT},
    {.name = "recv", .type = QM_ROWS_INT},
    {.name = "index", .type = QM_ROWS_INT},
    {.name = "hold", .type = QM_ROWS_WORD, .words = hold_words},
    {.name = "pictures", .type = QM_ROWS_INT},
    {.name = "decided", .type = QM_ROWS_BOOL},
    {.name = "decided_by", .type = QM_ROWS_TEXT},
    {.name = "decided_at", .type = QM_ROWS_INT},
    {.name = "voided", .type = QM_ROWS_BOOL},
    {.name = "accepted", .type = QM_ROWS_BOOL},
    {.name = "settled_by", .type = QM_ROWS_TEXT},
    {.name = "settled_at", .type = QM_ROWS_INT},
};
static const char *const undo_words[] = {"can",   "elsewhere", "gone", "later",
                                         "never", "number",    NULL};
static const struct qm_rows_column change_columns[] = {
    {.name = "rev", .type = QM_ROWS_INT},
    {.name = "subject", .type = QM_ROWS_PSEUDONYM},
    {.name = "what", .type = QM_ROWS_TEXT},
    {.name = "old", .type = QM_ROWS_TEXT},
    {.name = "new", .type = QM_ROWS_TEXT},
    {.name = "at", .type = QM_ROWS_INT},
    {.name = "by", .type = QM_ROWS_TEXT},
    {.name = "undoes", .type = QM_ROWS_INT},
    {.name = "undone", .type = QM_ROWS_INT},
    {.name = "undo", .type = QM_ROWS_WORD, .words = undo_words},
};

/* ---- a card, part by part ---- */

struct card {
    struct qm_call *c;
    uint8_t id[QM_ID_BYTES];
    struct qm_buf body;
};

static void card_free(void *state)
{
    struct card *k = state;
    qm_buf_wipe(&k->body);
    free(k);
}

static struct qm_pg_params *household_params(const struct card *k)
{
    struct qm_pg_params *p = qm_pg_params_new();
    qm_pg_int4(p, k->c->caller.county);
    qm_pg_uuid(p, k->id);
    return p;
}

static void next_part(struct card *k, const char *statement, struct qm_pg_params *p,
                      qm_pg_done done)
{
    qm_err e = qm_pg_submit(k->c->edge->pg, statement, p, 0, done, k);
    if (e != QM_OK)
        qm_call_problem(k->c, e);
}

static bool part_failed(const struct card *k, const struct qm_pg_answer *a)
{
    if (a->err == QM_OK)
        return false;
    qm_call_problem_pg(k->c, a);
    return true;
}

static void on_changes(void *ctx, const struct qm_pg_answer *a)
{
    struct card *k = ctx;
    if (part_failed(k, a))
        return;
    qm_buf_puts(&k->body, ",\"changes\":");
    qm_rows_json(a->result, change_columns, COUNT(change_columns), k->c->edge->seal, true,
                 &k->body);
    qm_buf_puts(&k->body, "}\n");
    qm_call_json(k->c, &k->body);
}

static void write_code(const struct qm_pg_result *r, int row, struct qm_buf *out)
{
    static const char *const fields[] = {NULL, "outcome", "notice", "pledge", "app"};
    int64_t kind = qm_pg_get_int(r, row, E_KIND);
    const char *word = NULL;
    if (kind >= 1 && kind <= 4 && !qm_pg_is_null(r, row, E_CODE))
        word = qm_word(fields[kind], (int)qm_pg_get_int(r, row, E_CODE));
    if (!qm_pg_is_null(r, row, E_WHY))
        word = qm_pg_get_text(r, row, E_WHY);
    if (word != NULL)
        qm_buf_printf(out, ",\"code\":\"%s\"}", word);
    else
        qm_buf_puts(out, ",\"code\":null}");
}

static void on_events(void *ctx, const struct qm_pg_answer *a)
{
    struct card *k = ctx;
    if (part_failed(k, a))
        return;
    qm_buf_puts(&k->body, ",\"events\":[");
    for (int i = 0; i < qm_pg_rows(a->result); i++) {
        qm_buf_puts(&k->body, i > 0 ? "," : "");
        qm_rows_object(a->result, i, event_columns, COUNT(event_columns), k->c->edge->seal, true,
                       &k->body);
        k->body.len--; /* the closing brace: one more member follows */
        write_code(a->result, i, &k->body);
    }
    qm_buf_puts(&k->body, "]");
    struct qm_pg_params *p = household_params(k);
    qm_ask_text(p, k->c->caller.prefix);
    next_part(k, "card_changes", p, on_changes);
}

static void on_residents(void *ctx, const struct qm_pg_answer *a)
{
    struct card *k = ctx;
    if (part_failed(k, a))
        return;
    qm_buf_puts(&k->body, ",\"residents\":");
    qm_rows_json(a->result, resident_columns, COUNT(resident_columns), k->c->edge->seal, true,
                 &k->body);
    struct qm_pg_params *p = household_params(k);
    qm_pg_int4(p, EVENTS_MAX);
    next_part(k, "card_events", p, on_events);
}

static void on_household(void *ctx, const struct qm_pg_answer *a)
{
    struct card *k = ctx;
    if (part_failed(k, a))
        return;
    if (qm_pg_rows(a->result) != 1) {
        qm_call_problem(k->c, QM_E_NOT_FOUND);
        return;
    }
    qm_buf_puts(&k->body, "{\"household\":");
    qm_rows_object(a->result, 0, household_columns, COUNT(household_columns), k->c->edge->seal,
                   true, &k->body);
    next_part(k, "card_residents", household_params(k), on_residents);
}

/* Statements that look for one subject, only inside the caller's area. */
static struct qm_pg_params *scoped(const struct qm_call *c, const uint8_t id[QM_ID_BYTES])
{
    struct qm_pg_params *p = qm_ask_params(c);
    qm_pg_uuid(p, id);
    return p;
}

static void api_card(struct qm_call *c)
{
    struct card *k = calloc(1, sizeof *k);
    if (k == NULL) {
        qm_call_problem(c, QM_E_NOMEM);
        return;
    }
    k->c = c;
    qm_buf_init(&k->body, ANSWER_MAX_BYTES);
    c->state = k;
    c->state_free = card_free;
    if (qm_pseudonym_read(c->arg[0], strlen(c->arg[0]), k->id) != QM_OK)
        qm_call_problem(c, QM_E_NOT_FOUND);
    else
        next_part(k, "card_household", scoped(c, k->id), on_household);
}

/* ---- in full, for a reason ---- */

struct reveal {
    struct qm_call *c;
    uint8_t id[QM_ID_BYTES];
    char subject[QM_PSEUDONYM_CHARS + 1];
    char reason[REASON_MAX_BYTES + 1];
};

static void write_full(const struct qm_pg_result *r, int col, const char *purpose,
                       const struct reveal *v, struct qm_buf *out)
{
    struct qm_sealed_field f = {.purpose = purpose, .id = v->id, .id_len = QM_ID_BYTES};
    struct qm_buf clear;
    f.bytes = qm_pg_is_null(r, 0, col) ? NULL : qm_pg_get_bytes(r, 0, col, &f.len);
    qm_field_open_full(v->c->edge->seal, &f, &clear);
    qm_json_quote(out, clear.len > 0 ? (const char *)clear.p : "", clear.len);
    qm_buf_wipe(&clear);
}

static void on_noted_read(void *ctx, const struct qm_pg_answer *a)
{
    enum { NAME = 1, PHONE };
    struct reveal *v = ctx;
    struct qm_buf body;
    if (a->err != QM_OK) {
        qm_call_problem_pg(v->c, a);
        return;
    }
    if (qm_pg_rows(a->result) != 1) {
        qm_call_problem(v->c, QM_E_NOT_FOUND);
        return;
    }
    qm_buf_init(&body, ANSWER_MAX_BYTES);
    qm_buf_printf(&body, "{\"subject\":\"%s\",\"name\":", v->subject);
    write_full(a->result, NAME, QM_PURPOSE_NAME, v, &body);
    qm_buf_puts(&body, ",\"phone\":");
    write_full(a->result, PHONE, QM_PURPOSE_PHONE, v, &body);
    qm_buf_puts(&body, "}\n");
    qm_call_json(v->c, &body);
    qm_buf_wipe(&body);
}

static void on_noted(void *ctx, const struct qm_pg_answer *a)
{
    struct reveal *v = ctx;
    qm_err e = qm_answer_err(a, "access_note");
    if (e == QM_OK)
        e = qm_pg_submit(v->c->edge->pg, "reveal", scoped(v->c, v->id), 0, on_noted_read, v);
    if (e != QM_OK)
        qm_call_problem(v->c, e);
}

/* A subject outside the caller's area is refused before anything is noted. */
static void on_seen(void *ctx, const struct qm_pg_answer *a)
{
    struct reveal *v = ctx;
    if (a->err != QM_OK)
        qm_call_problem_pg(v->c, a);
    else if (qm_pg_rows(a->result) != 1)
        qm_call_problem(v->c, QM_E_NOT_FOUND);
    else
        qm_ask_note(v->c, "reveal", v->subject, v->reason, on_noted, v);
}

struct reveal_form {
    const char *subject, *reason;
};

static void api_reveal(struct qm_call *c)
{
    static const struct qm_json_field fields[] = {
        {"subject", QM_J_STRING, true, offsetof(struct reveal_form, subject), QM_PSEUDONYM_CHARS,
         QM_PSEUDONYM_CHARS},
        {"reason", QM_J_STRING, true, offsetof(struct reveal_form, reason), 2, REASON_MAX_BYTES},
    };
    struct reveal_form form = {0};
    struct qm_json_doc *doc = NULL;
    size_t len;
    const char *body = (const char *)qm_http_body(c->req, &len);
    qm_err e = qm_json_object(body, len, fields, 2, &form, &doc, NULL);
    struct reveal *v = e == QM_OK ? calloc(1, sizeof *v) : NULL;
    if (e == QM_OK && v == NULL)
        e = QM_E_NOMEM;
    if (v != NULL) {
        v->c = c;
        c->state = v;
        c->state_free = free;
        snprintf(v->subject, sizeof v->subject, "%s", form.subject);
        snprintf(v->reason, sizeof v->reason, "%s", form.reason);
        e = qm_pseudonym_read(v->subject, strlen(v->subject), v->id);
    }
    qm_json_free(doc);
    if (e == QM_OK)
        e = qm_pg_submit(c->edge->pg, "reveal", scoped(c, v->id), 0, on_seen, v);
    if (e == QM_E_MALFORMED)
        qm_call_refuse(c, e, "请写清对象和理由(2到200字节,一个汉字3字节)。",
                       "subject, and a reason of 2 to 200 bytes");
    else if (e != QM_OK)
        qm_call_problem(c, e);
}
