/* sync_changes.c - floor 1: the answer of GET /v1/changes, newline-delimited JSON.
 *
 * Happy path: first the frame (head, end, number of rows), then row by row into the caller's sink.
 * Failure modes: an answer whose end is missing or whose count differs is cut and delivers nothing;
 * a row of a known type with an unknown, missing or misshaped member is QM_E_MALFORMED, and the
 * caller rolls back what was delivered before it.
 */
#include "sync.h"

#include <stdio.h>
#include <string.h>

#include "wire/json.h"

struct row {
    const char *t, *log, *household, *resident, *grid, *place, *status, *group, *lane, *door;
    const char *head, *phone, *notice, *pledge, *door_state, *name, *born, *app;
    const char *text, *kind, *basis, *title, *body, *metric, *due, *from, *prefix;
    const char *sha256, *event, *code, *cursor, *of;
    struct qm_json_strings codes;
    int64_t size, now_ms, threshold, rows;
    bool full, visited, reached, real_name, call_alert, sms_alert, in;
};
#define STRING(name, member, lo, hi)                                                               \
    {                                                                                              \
        name, QM_J_STRING, true, offsetof(struct row, member), lo, hi                              \
    }
#define INTEGER(name, member, hi)                                                                  \
    {                                                                                              \
        name, QM_J_INT, true, offsetof(struct row, member), 0, hi                                  \
    }
#define BOOLEAN(name, member)                                                                      \
    {                                                                                              \
        name, QM_J_BOOL, true, offsetof(struct row, member), 0, 0                                  \
    }
#define TYPE STRING("t", t, 1, 20)
enum { LABEL = 1500, CODE = QM_CODE_MAX_BYTES - 1, BODY = 65536, ID = QM_PSEUDONYM_CHARS };

static const struct qm_json_field head_fields[] = {
    TYPE, STRING("log", log, 1, QM_NAME_MAX_BYTES - 1), INTEGER("size", size, QM_INT_MAX),
    INTEGER("now", now_ms, QM_INT_MAX), BOOLEAN("full", full)};
static const struct qm_json_field household_fields[] = {TYPE,
                                                        STRING("household", household, ID, ID),
                                                        STRING("grid", grid, 15, 15),
                                                        STRING("place", place, 1, 15),
                                                        STRING("status", status, 1, CODE),
                                                        STRING("group", group, 0, LABEL),
                                                        STRING("lane", lane, 0, LABEL),
                                                        STRING("door", door, 0, LABEL),
                                                        STRING("head", head, 0, LABEL),
                                                        STRING("phone", phone, 0, LABEL),
                                                        BOOLEAN("state.visited", visited),
                                                        BOOLEAN("state.reached", reached),
                                                        STRING("state.notice", notice, 1, 15),
                                                        STRING("state.pledge", pledge, 1, 15),
                                                        STRING("state.door", door_state, 1, 15)};
static const struct qm_json_field resident_fields[] = {
    TYPE,
    STRING("resident", resident, ID, ID),
    STRING("household", household, ID, ID),
    STRING("name", name, 0, LABEL),
    STRING("born", born, 0, 10),
    STRING("phone", phone, 0, LABEL),
    STRING("status", status, 1, CODE),
    {"groups", QM_J_STRINGS, true, offsetof(struct row, codes), 0, QM_CODES_MAX},
    STRING("app.state", app, 1, 15),
    BOOLEAN("app.real_name", real_name),
    BOOLEAN("app.call_alert", call_alert),
    BOOLEAN("app.sms_alert", sms_alert)};
/* One of the two. */
static const struct qm_json_field gone_fields[] = {
    TYPE,
    {"household", QM_J_STRING, false, offsetof(struct row, household), ID, ID},
    {"resident", QM_J_STRING, false, offsetof(struct row, resident), ID, ID}};
static const struct qm_json_field text_fields[] = {TYPE,
                                                   STRING("text", text, 1, CODE + 1),
                                                   STRING("kind", kind, 1, 7),
                                                   STRING("basis", basis, 1, 11),
                                                   STRING("title", title, 0, BODY),
                                                   STRING("body", body, 0, BODY)};
static const struct qm_json_field target_fields[] = {TYPE,
                                                     STRING("metric", metric, 1, CODE),
                                                     INTEGER("threshold", threshold, 1000000),
                                                     STRING("due", due, 10, 10),
                                                     STRING("from", from, 10, 10),
                                                     STRING("prefix", prefix, 0, 15)};
static const struct qm_json_field want_fields[] = {TYPE, STRING("sha256", sha256, 64, 64),
                                                   STRING("event", event, 36, 36)};
static const struct qm_json_field evidence_fields[] = {
    TYPE, {"metrics", QM_J_STRINGS, true, offsetof(struct row, codes), 1, QM_CODES_MAX}};
static const struct qm_json_field none_fields[] = {TYPE, STRING("of", of, 1, 15)};
static const struct qm_json_field verdict_fields[] = {
    TYPE, STRING("event", event, 36, 36), BOOLEAN("in", in), STRING("code", code, 0, CODE)};
static const struct qm_json_field end_fields[] = {
    TYPE, STRING("cursor", cursor, 1, QM_CURSOR_MAX_BYTES), INTEGER("rows", rows, QM_INT_MAX)};

static qm_err put_head(const struct qm_changes_sink *s, const struct row *r)
{
    struct qm_changes_head h = {.size = (uint64_t)r->size, .now_ms = r->now_ms, .full = r->full};
    snprintf(h.log, sizeof h.log, "%s", r->log);
    return s->head(s->ctx, &h);
}

static qm_err put_household(const struct qm_changes_sink *s, const struct row *r)
{
    struct qm_household_view v = {.group = r->group,
                                  .lane = r->lane,
                                  .door = r->door,
                                  .head = r->head,
                                  .phone = r->phone,
                                  .visited = r->visited,
                                  .reached = r->reached};
    snprintf(v.household, sizeof v.household, "%s", r->household);
    snprintf(v.grid, sizeof v.grid, "%s", r->grid);
    snprintf(v.place, sizeof v.place, "%s", r->place);
    snprintf(v.status, sizeof v.status, "%s", r->status);
    snprintf(v.notice, sizeof v.notice, "%s", r->notice);
    snprintf(v.pledge, sizeof v.pledge, "%s", r->pledge);
    snprintf(v.door_state, sizeof v.door_state, "%s", r->door_state);
    return s->household(s->ctx, &v);
}

/* With commas between them. */
static qm_err join_codes(const struct qm_json_strings *codes, char out[QM_CODES_MAX_BYTES])
{
    size_t at = 0;
    out[0] = 0;
    for (size_t i = 0; i < codes->n; i++) {
        if (!qm_code_ok(codes->v[i], strlen(codes->v[i])))
            return QM_E_MALFORMED;
        at +=
            (size_t)snprintf(out + at, QM_CODES_MAX_BYTES - at, "%s%s", i ? "," : "", codes->v[i]);
    }
    return QM_OK;
}

static qm_err put_resident(const struct qm_changes_sink *s, const struct row *r)
{
    char groups[QM_CODES_MAX_BYTES];
    struct qm_resident_view v = {.name = r->name,
                                 .phone = r->phone,
                                 .groups = groups,
                                 .real_name = r->real_name,
                                 .call_alert = r->call_alert,
                                 .sms_alert = r->sms_alert};
    if (join_codes(&r->codes, groups) != QM_OK)
        return QM_E_MALFORMED;
    snprintf(v.resident, sizeof v.resident, "%s", r->resident);
    snprintf(v.household, sizeof v.household, "%s", r->household);
    snprintf(v.born, sizeof v.born, "%s", r->born);
    snprintf(v.status, sizeof v.status, "%s", r->status);
    snprintf(v.app, sizeof v.app, "%s", strcmp(r->app, "none_yet") == 0 ? "none" : r->app);
    return s->resident(s->ctx, &v);
}

static qm_err put_gone(const struct qm_changes_sink *s, const struct row *r)
{
    if ((r->household != NULL) == (r->resident != NULL))
        return QM_E_MALFORMED;
    return r->household != NULL ? s->gone(s->ctx, r->household)
                                : s->gone_resident(s->ctx, r->resident);
}

static qm_err put_text(const struct qm_changes_sink *s, const struct row *r)
{
    struct qm_text_view v = {.title = r->title, .body = r->body};
    snprintf(v.text, sizeof v.text, "%s", r->text);
    snprintf(v.kind, sizeof v.kind, "%s", r->kind);
    snprintf(v.basis, sizeof v.basis, "%s", r->basis);
    return s->text(s->ctx, &v);
}

static qm_err put_target(const struct qm_changes_sink *s, const struct row *r)
{
    struct qm_target_view v = {.threshold_bp = (uint32_t)r->threshold};
    snprintf(v.metric, sizeof v.metric, "%s", r->metric);
    snprintf(v.due, sizeof v.due, "%s", r->due);
    snprintf(v.from, sizeof v.from, "%s", r->from);
    snprintf(v.prefix, sizeof v.prefix, "%s", r->prefix);
    return s->target(s->ctx, &v);
}

static qm_err put_want(const struct qm_changes_sink *s, const struct row *r)
{
    struct qm_want_view v = {.here = false};
    snprintf(v.sha256, sizeof v.sha256, "%s", r->sha256);
    snprintf(v.event, sizeof v.event, "%s", r->event);
    return s->want(s->ctx, &v);
}

static qm_err put_evidence(const struct qm_changes_sink *s, const struct row *r)
{
    char metrics[QM_CODES_MAX_BYTES];
    qm_err e = join_codes(&r->codes, metrics);
    return e == QM_OK ? s->evidence(s->ctx, metrics) : e;
}

static qm_err put_none(const struct qm_changes_sink *s, const struct row *r)
{
    return s->none(s->ctx, r->of);
}

static qm_err put_verdict(const struct qm_changes_sink *s, const struct row *r)
{
    return s->verdict(s->ctx, r->event, r->in, r->code);
}

static qm_err put_end(const struct qm_changes_sink *s, const struct row *r)
{
    return s->end(s->ctx, r->cursor);
}

struct row_type {
    const char *t;
    const struct qm_json_field *fields;
    size_t n;
    qm_err (*put)(const struct qm_changes_sink *s, const struct row *r);
};
#define ROW(t, f, put)                                                                             \
    {                                                                                              \
        t, f, sizeof(f) / sizeof((f)[0]), put                                                      \
    }
static const struct row_type types[] = {ROW("head", head_fields, put_head),
                                        ROW("household", household_fields, put_household),
                                        ROW("resident", resident_fields, put_resident),
                                        ROW("gone", gone_fields, put_gone),
                                        ROW("text", text_fields, put_text),
                                        ROW("target", target_fields, put_target),
                                        ROW("want", want_fields, put_want),
                                        ROW("evidence", evidence_fields, put_evidence),
                                        ROW("none", none_fields, put_none),
                                        ROW("verdict", verdict_fields, put_verdict),
                                        ROW("end", end_fields, put_end)};
enum { TYPES = sizeof types / sizeof types[0] };
#define HEAD (&types[0])
#define END  (&types[TYPES - 1])

static const char *skip(const char *p, const char *end, const char *token)
{
    while (p && p < end && (*p == ' ' || *p == '\t'))
        p++;
    size_t n = strlen(token);
    return p && (size_t)(end - p) >= n && memcmp(p, token, n) == 0 ? p + n : NULL;
}

/* The type of a row without reading the rest, which for an unknown type has an unknown shape: `t`
 * is the first member. */
static const struct row_type *type_of(const char *line, size_t len)
{
    const char *end = line + len;
    const char *p = skip(line, end, "{");
    p = skip(p, end, "\"t\"");
    p = skip(p, end, ":");
    p = skip(p, end, "\"");
    const char *quote = p ? memchr(p, '"', (size_t)(end - p)) : NULL;
    if (!quote)
        return NULL;
    size_t n = (size_t)(quote - p);
    for (size_t i = 0; i < TYPES; i++)
        if (strlen(types[i].t) == n && memcmp(types[i].t, p, n) == 0)
            return &types[i];
    return NULL;
}

static qm_err read_row(const char *line, size_t len, const struct row_type *type, struct row *r,
                       struct qm_json_doc **doc)
{
    memset(r, 0, sizeof *r);
    return qm_json_object(line, len, type->fields, type->n, r, doc, NULL);
}

static qm_err check_frame(const char *body, size_t len, uint64_t lines)
{
    struct row r;
    struct qm_json_doc *doc = NULL;
    const char *first_end = memchr(body, '\n', len);
    const char *last = memrchr(body, '\n', len - 1);
    if (lines < 2 || !first_end || !last)
        return QM_E_PROOF;
    last++;
    size_t last_len = (size_t)(body + len - 1 - last);
    if (type_of(body, (size_t)(first_end - body)) != HEAD || type_of(last, last_len) != END ||
        read_row(last, last_len, END, &r, &doc) != QM_OK)
        return QM_E_PROOF;
    bool good = (uint64_t)r.rows == lines - 2;
    qm_json_free(doc);
    return good ? QM_OK : QM_E_PROOF;
}

static uint64_t count_lines(const char *body, size_t len)
{
    uint64_t n = 0;
    for (size_t i = 0; i < len; i++)
        n += body[i] == '\n';
    return n;
}

qm_err qm_changes_read(const void *bytes, size_t len, const struct qm_changes_sink *sink,
                       struct qm_changes_sum *sum)
{
    const char *body = bytes;
    memset(sum, 0, sizeof *sum);
    if (len < 2 || body[len - 1] != '\n')
        return QM_E_PROOF;
    uint64_t lines = count_lines(body, len), i = 0;
    qm_err e = check_frame(body, len, lines);
    for (const char *p = body; e == QM_OK && p < body + len; i++) {
        const char *lf = memchr(p, '\n', (size_t)(body + len - p));
        const struct row_type *type = type_of(p, (size_t)(lf - p));
        bool edge = type == HEAD || type == END;
        struct row r;
        struct qm_json_doc *doc = NULL;
        if (edge && i != 0 && i != lines - 1)
            e = QM_E_MALFORMED;
        else if (!type)
            sum->unknown++;
        else if ((e = read_row(p, (size_t)(lf - p), type, &r, &doc)) == QM_OK)
            e = type->put(sink, &r);
        sum->rows += type && !edge;
        qm_json_free(doc);
        p = lf + 1;
    }
    return e;
}
