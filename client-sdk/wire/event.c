/* event.c - floor 0: the closed schemas of E, one table a kind.
 *
 * Happy path: E is taken apart into members once, without copying or allocating; the kind names the
 * table; each member finds its row; what the rows cannot say stands in the rules below.
 * Failure mode: one, QM_E_MALFORMED, whatever the fault.
 * Where the contract leaves it to its words, this is how they are read: `na` may be empty (a subset
 * may be; `with` has 1..5 entries by the contract), and `done` may be any day of the years 0001 to
 * 9999.
 */
#include "wire/event.h"

#include <string.h>

#include "wire/event_form.h"

#define AT(member) offsetof(struct qm_event, member)

/* ---- when an optional member is written ---- */

static bool via_there(const struct qm_event *ev)
{
    return ev->via_written || ev->via > QM_DOOR;
}

static bool state_there(const struct qm_event *ev)
{
    return ev->state_written || ev->code > 1;
}

static bool with_there(const struct qm_event *ev)
{
    return ev->with != 0;
}

static bool done_there(const struct qm_event *ev)
{
    return ev->has_done;
}

static bool na_there(const struct qm_event *ev)
{
    return ev->na_written || ev->na != 0;
}

static bool from_there(const struct qm_event *ev)
{
    return ev->why == QM_HW_SPLIT;
}

static bool p_there(const struct qm_event *ev)
{
    return ev->has_p;
}

/* ---- the members ---- */

static const struct qm_field v_row = {.name = "v", .form = &qm_form_version};
static const struct qm_field id_row = {.name = "id", .form = &qm_form_uuid7, .offset = AT(id)};
static const struct qm_field kind_row = {
    .name = "kind", .form = &qm_form_kind, .words = qm_words_kind};
static const struct qm_field seq_row = {
    .name = "seq", .form = &qm_form_int64, .offset = AT(seq), .lo = 1, .hi = QM_INT_MAX};
static const struct qm_field at_row = {
    .name = "at", .form = &qm_form_int64, .offset = AT(at_ms), .lo = 1, .hi = QM_INT_MAX};
static const struct qm_field grid_row = {.name = "grid", .form = &qm_form_grid};
static const struct qm_field p_row = {.name = "p", .form = &qm_form_commitment, .there = p_there};

static const struct qm_field household_row = {
    .name = "household", .form = &qm_form_pseudonym, .offset = AT(household)};
static const struct qm_field resident_row = {
    .name = "resident", .form = &qm_form_pseudonym, .offset = AT(resident)};
static const struct qm_field text_row = {.name = "text", .form = &qm_form_code, .offset = AT(text)};
static const struct qm_field evidence_row = {
    .name = "evidence", .form = &qm_form_evidence, .hi = QM_EVIDENCE_MAX};
static const struct qm_field via_row = {.name = "via",
                                        .form = &qm_form_word,
                                        .offset = AT(via),
                                        .words = qm_words_via,
                                        .fallback = QM_DOOR,
                                        .there = via_there};
static const struct qm_field done_row = {
    .name = "done", .form = &qm_form_day8, .there = done_there};

static const struct qm_field outcome_row = {
    .name = "outcome", .form = &qm_form_word, .offset = AT(code), .words = qm_words_outcome};
static const struct qm_field topics_row = {
    .name = "topics", .form = &qm_form_topics, .hi = QM_TOPICS_MAX};
static const struct qm_field near_row = {
    .name = "near", .form = &qm_form_word, .offset = AT(near), .words = qm_words_near};
static const struct qm_field secs_row = {
    .name = "secs", .form = &qm_form_int32, .offset = AT(secs), .hi = 86400};
static const struct qm_field with_row = {.name = "with",
                                         .form = &qm_form_set,
                                         .offset = AT(with),
                                         .words = qm_words_with,
                                         .lo = 1,
                                         .hi = 5,
                                         .there = with_there};
static const struct qm_field notice_state_row = {.name = "state",
                                                 .form = &qm_form_word,
                                                 .offset = AT(code),
                                                 .words = qm_words_notice,
                                                 .fallback = QM_NOTICE_SIGNED,
                                                 .there = state_there};
static const struct qm_field pledge_state_row = {.name = "state",
                                                 .form = &qm_form_word,
                                                 .offset = AT(code),
                                                 .words = qm_words_pledge,
                                                 .fallback = QM_PLEDGE_SIGNED,
                                                 .there = state_there};
static const struct qm_field app_state_row = {
    .name = "state", .form = &qm_form_word, .offset = AT(code), .words = qm_words_app};
static const struct qm_field real_name_row = {
    .name = "real_name", .form = &qm_form_bool, .shift = 0};
static const struct qm_field call_alert_row = {
    .name = "call_alert", .form = &qm_form_bool, .shift = 1};
static const struct qm_field sms_alert_row = {
    .name = "sms_alert", .form = &qm_form_bool, .shift = 2};
static const struct qm_field na_row = {.name = "na",
                                       .form = &qm_form_set,
                                       .offset = AT(na),
                                       .words = qm_words_alerts,
                                       .hi = 2,
                                       .shift = 1,
                                       .there = na_there};
static const struct qm_field place_row = {
    .name = "place", .form = &qm_form_word, .offset = AT(code), .words = qm_words_place};
static const struct qm_field household_why_row = {
    .name = "why", .form = &qm_form_word, .offset = AT(why), .words = qm_words_household_why};
static const struct qm_field from_row = {
    .name = "from", .form = &qm_form_pseudonym, .offset = AT(from), .there = from_there};
static const struct qm_field resident_why_row = {
    .name = "why", .form = &qm_form_word, .offset = AT(code), .words = qm_words_resident_why};
static const struct qm_field target_row = {
    .name = "target", .form = &qm_form_uuid7, .offset = AT(target)};
static const struct qm_field reason_row = {
    .name = "reason", .form = &qm_form_code, .offset = AT(reason)};

/* ---- the closed schemas, in the order in which members are written ---- */

enum { ROWS_MAX = 18 };

struct schema {
    bool has_household, has_resident;
    const struct qm_field *row[ROWS_MAX]; /* ended by NULL */
};

static const struct schema schemas[QM_KIND_COUNT_] = {
    [QM_VISIT] = {true,
                  false,
                  {&v_row, &id_row, &kind_row, &seq_row, &at_row, &grid_row, &household_row,
                   &outcome_row, &topics_row, &near_row, &secs_row, &via_row, &with_row, &done_row,
                   &p_row}},
    [QM_NOTICE] = {true,
                   false,
                   {&v_row, &id_row, &kind_row, &seq_row, &at_row, &grid_row, &household_row,
                    &text_row, &evidence_row, &notice_state_row, &via_row, &done_row, &p_row}},
    [QM_PLEDGE] = {true,
                   true,
                   {&v_row, &id_row, &kind_row, &seq_row, &at_row, &grid_row, &household_row,
                    &resident_row, &text_row, &evidence_row, &pledge_state_row, &via_row, &done_row,
                    &p_row}},
    [QM_APP] = {true,
                true,
                {&v_row, &id_row, &kind_row, &seq_row, &at_row, &grid_row, &household_row,
                 &resident_row, &app_state_row, &real_name_row, &call_alert_row, &sms_alert_row,
                 &evidence_row, &na_row, &via_row, &done_row, &p_row}},
    [QM_HOUSEHOLD] = {true,
                      false,
                      {&v_row, &id_row, &kind_row, &seq_row, &at_row, &grid_row, &household_row,
                       &place_row, &household_why_row, &from_row, &p_row}},
    [QM_RESIDENT] = {true,
                     true,
                     {&v_row, &id_row, &kind_row, &seq_row, &at_row, &grid_row, &household_row,
                      &resident_row, &resident_why_row, &p_row}},
    [QM_VOID] = {false,
                 false,
                 {&v_row, &id_row, &kind_row, &seq_row, &at_row, &grid_row, &target_row,
                  &reason_row, &p_row}},
};

/* ---- rules that bind several members ---- */

bool qm_event_p_required(const struct qm_event *ev)
{
    if (ev->kind == QM_RESIDENT)
        return ev->code == QM_RW_FOUND || ev->code == QM_RW_MOVED_IN;
    return ev->kind == QM_PLEDGE || ev->kind == QM_HOUSEHOLD;
}

static bool app_rules_hold(const struct qm_event *ev)
{
    if (ev->code != QM_APP_INSTALLED)
        return ev->alerts == 0 && !ev->na_written;
    return (ev->alerts & ev->na) == 0;
}

static bool rules_hold(const struct qm_event *ev, bool has_from)
{
    if (ev->has_p ? ev->kind == QM_VOID : qm_event_p_required(ev))
        return false;
    switch (ev->kind) {
    case QM_PLEDGE:
        return ev->code != QM_PLEDGE_SIGNED || ev->evidences > 0;
    case QM_APP:
        return app_rules_hold(ev);
    case QM_HOUSEHOLD:
        return has_from == (ev->why == QM_HW_SPLIT) &&
               (!has_from || memcmp(ev->from, ev->household, QM_ID_BYTES) != 0);
    default:
        return true;
    }
}

/* ---- taking E apart ---- */

enum { MEMBERS_MAX = ROWS_MAX - 1 };

struct member {
    const char *name;
    size_t name_len;
    struct qm_value value;
};

struct scan {
    const char *at, *end;
};

static bool bytes_ok(const char *e, size_t len)
{
    bool ok = true;
    for (size_t i = 0; i < len; i++)
        ok &= e[i] >= '!' && e[i] <= '~' && e[i] != '\\';
    return ok;
}

static bool skip(struct scan *s, char c)
{
    if (s->at == s->end || *s->at != c)
        return false;
    s->at++;
    return true;
}

static bool string_scan(struct scan *s, const char **p, size_t *len)
{
    if (!skip(s, '"'))
        return false;
    const char *quote = memchr(s->at, '"', (size_t)(s->end - s->at));
    if (quote == NULL)
        return false;
    *p = s->at;
    *len = (size_t)(quote - s->at);
    s->at = quote + 1;
    return true;
}

static bool array_scan(struct scan *s, struct qm_value *v)
{
    const char *item = NULL;
    size_t item_len = 0;
    s->at++;
    v->type = QM_VALUE_ARRAY;
    v->p = s->at;
    if (!skip(s, ']')) {
        do {
            if (!string_scan(s, &item, &item_len))
                return false;
        } while (skip(s, ','));
        if (!skip(s, ']'))
            return false;
    }
    v->len = (size_t)(s->at - 1 - v->p);
    return true;
}

static bool literal_scan(struct scan *s, const char *word, size_t len, struct qm_value *v)
{
    if ((size_t)(s->end - s->at) < len || memcmp(s->at, word, len) != 0)
        return false;
    *v = (struct qm_value){QM_VALUE_BOOL, s->at, len};
    s->at += len;
    return true;
}

static bool int_scan(struct scan *s, struct qm_value *v)
{
    *v = (struct qm_value){QM_VALUE_INT, s->at, 0};
    while (s->at < s->end && *s->at >= '0' && *s->at <= '9')
        s->at++;
    v->len = (size_t)(s->at - v->p);
    return v->len > 0;
}

static bool value_scan(struct scan *s, struct qm_value *v)
{
    if (s->at == s->end)
        return false;
    switch (*s->at) {
    case '"':
        v->type = QM_VALUE_STRING;
        return string_scan(s, &v->p, &v->len);
    case '[':
        return array_scan(s, v);
    case 't':
        return literal_scan(s, "true", 4, v);
    case 'f':
        return literal_scan(s, "false", 5, v);
    default:
        return int_scan(s, v);
    }
}

/* Number of members, 0 if E is not one object of them. */
static size_t members_scan(const char *e, size_t len, struct member *m)
{
    struct scan s = {e, e + len};
    size_t n = 0;
    if (!skip(&s, '{'))
        return 0;
    do {
        if (n == MEMBERS_MAX || !string_scan(&s, &m[n].name, &m[n].name_len) || !skip(&s, ':') ||
            !value_scan(&s, &m[n].value))
            return 0;
        n++;
    } while (skip(&s, ','));
    return skip(&s, '}') && s.at == s.end ? n : 0;
}

static bool name_is(const struct member *m, const char *name)
{
    return strncmp(m->name, name, m->name_len) == 0 && name[m->name_len] == 0;
}

static const struct schema *schema_of(const struct member *m, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (!name_is(&m[i], "kind"))
            continue;
        if (m[i].value.type != QM_VALUE_STRING || m[i].value.len == 0)
            return NULL;
        int kind = qm_words_find(qm_words_kind, m[i].value.p, m[i].value.len);
        return kind != 0 ? &schemas[kind] : NULL;
    }
    return NULL;
}

/* ---- reading ---- */

/* Number of a member's row, ROWS_MAX if the kind has none.  Writers keep the table's order, so the
 * row at `hint` is looked at first. */
static size_t row_find(const struct schema *s, const struct member *m, size_t hint)
{
    if (s->row[hint] != NULL && name_is(m, s->row[hint]->name))
        return hint;
    for (size_t i = 0; s->row[i] != NULL; i++) {
        if (name_is(m, s->row[i]->name))
            return i;
    }
    return ROWS_MAX;
}

/* Bits of the rows that were there; 0 on any fault. */
static uint32_t members_read(const struct schema *s, const struct member *m, size_t n,
                             struct qm_event *out)
{
    uint32_t seen = 0;
    size_t hint = 0;
    for (size_t k = 0; k < n; k++) {
        size_t i = row_find(s, &m[k], hint);
        if (i == ROWS_MAX || (seen & UINT32_C(1) << i) != 0)
            return 0;
        const struct qm_field *f = s->row[i];
        if (f->form->type != m[k].value.type || !f->form->read(f, m[k].value, out))
            return 0;
        seen |= UINT32_C(1) << i;
        hint = i + 1;
    }
    return seen;
}

/* Required members must have been there; optional ones leave their mark or their default. */
static bool absent_settle(const struct schema *s, uint32_t seen, struct qm_event *out,
                          bool *has_from)
{
    for (size_t i = 0; s->row[i] != NULL; i++) {
        const struct qm_field *f = s->row[i];
        bool there = (seen & UINT32_C(1) << i) != 0;
        if (f->there == NULL && !there)
            return false;
        if (!there && f->fallback != 0)
            memcpy((char *)out + f->offset, &f->fallback, sizeof f->fallback);
        if (f == &via_row)
            out->via_written = there;
        else if (f == &notice_state_row || f == &pledge_state_row)
            out->state_written = there;
        else if (f == &na_row)
            out->na_written = there;
        else if (f == &from_row)
            *has_from = there;
    }
    return true;
}

qm_err qm_event_read(const char *e, size_t len, struct qm_event *out)
{
    struct member m[MEMBERS_MAX];
    bool has_from = false;
    memset(out, 0, sizeof *out);
    if (len < QM_E_MIN_BYTES || len > QM_E_MAX_BYTES || !bytes_ok(e, len))
        return QM_E_MALFORMED;
    size_t n = members_scan(e, len, m);
    const struct schema *s = schema_of(m, n);
    if (s == NULL)
        return QM_E_MALFORMED;
    uint32_t seen = members_read(s, m, n, out);
    if (seen == 0 || !absent_settle(s, seen, out, &has_from))
        return QM_E_MALFORMED;
    out->has_household = s->has_household;
    out->has_resident = s->has_resident;
    return rules_hold(out, has_from) ? QM_OK : QM_E_MALFORMED;
}

/* ---- writing ---- */

qm_err qm_event_write(const struct qm_event *ev, struct qm_buf *out)
{
    struct qm_event back;
    size_t start = out->len;
    const char *before = "{";
    if (ev->kind < QM_VISIT || ev->kind >= QM_KIND_COUNT_)
        return QM_E_INVALID;
    const struct schema *s = &schemas[ev->kind];
    for (size_t i = 0; s->row[i] != NULL; i++) {
        const struct qm_field *f = s->row[i];
        if (f->there != NULL && !f->there(ev))
            continue;
        qm_buf_printf(out, "%s\"%s\":", before, f->name);
        f->form->write(f, ev, out);
        before = ",";
    }
    if (qm_buf_puts(out, "}") != QM_OK)
        return out->err;
    /* The day is compared too: a year beyond four digits would be cut to another day. */
    if (qm_event_read((const char *)out->p + start, out->len - start, &back) == QM_OK &&
        (!back.has_done || back.done_day == ev->done_day))
        return QM_OK;
    out->len = start;
    out->p[start] = 0;
    return QM_E_INVALID;
}

/* ---- both strings ---- */

qm_err qm_event_check(const char *e, size_t e_len, const char *p, size_t p_len, struct qm_event *ev,
                      struct qm_private *pv, bool *private_fault)
{
    struct qm_hash h;
    *private_fault = false;
    memset(pv, 0, sizeof *pv);
    qm_err err = qm_event_read(e, e_len, ev);
    if (err != QM_OK)
        return err;
    if (!ev->has_p && p == NULL)
        return QM_OK;
    *private_fault = true;
    if (!ev->has_p || p == NULL)
        return QM_E_MALFORMED;
    qm_sha256(p, p_len, &h);
    if (memcmp(h.b, ev->p.b, QM_HASH_BYTES) != 0)
        return QM_E_MALFORMED;
    err = qm_private_read(p, p_len, pv);
    *private_fault = err == QM_E_MALFORMED;
    return err;
}

/* ---- words ---- */

static const struct {
    const char *field;
    const char *const *words;
} word_lists[] = {
    {"kind", qm_words_kind},
    {"outcome", qm_words_outcome},
    {"notice", qm_words_notice},
    {"pledge", qm_words_pledge},
    {"app", qm_words_app},
    {"place", qm_words_place},
    {"household_why", qm_words_household_why},
    {"resident_why", qm_words_resident_why},
    {"via", qm_words_via},
    {"near", qm_words_near},
};

static const char *const *words_of(const char *field)
{
    for (size_t i = 0; i < sizeof word_lists / sizeof word_lists[0]; i++) {
        if (strcmp(word_lists[i].field, field) == 0)
            return word_lists[i].words;
    }
    return NULL;
}

const char *qm_word(const char *field, int number)
{
    const char *const *words = words_of(field);
    return words != NULL ? qm_words_at(words, number) : NULL;
}

int qm_word_read(const char *field, const char *word)
{
    const char *const *words = words_of(field);
    size_t len = strlen(word);
    return words != NULL && len > 0 ? qm_words_find(words, word, len) : 0;
}
