/* entry.c - floor 0: log entries and verdict lines (section 4 and 3 of the contract); the
 * declarations are in receipt.h.
 *
 * Happy path: type line, `recv`, the headers of that type in their one order, verdict lines, an
 * empty line, the payload.  Failure mode: QM_E_MALFORMED for everything else.  The payload is not
 * looked into.
 */
#include <string.h>

#include "wire/receipt.h"

enum header { H_BY, H_PREPARED, H_ACCOUNT, H_KEY, H_SCOPE, H_REPLACES, H_COUNT };

static const char *const header_words[H_COUNT] = {
    [H_BY] = "by ",   [H_PREPARED] = "prepared ", [H_ACCOUNT] = "account ",
    [H_KEY] = "key ", [H_SCOPE] = "scope ",       [H_REPLACES] = "replaces "};

struct entry_rule {
    const char *type;
    unsigned must, may; /* bits 1 << header */
};

static const struct entry_rule rules[] = {
    [QM_ENTRY_BATCH] = {"batch/v1", 0, 0},
    [QM_ENTRY_DEVICE] = {"device/v1", 1U << H_BY | 1U << H_ACCOUNT | 1U << H_KEY, 0},
    [QM_ENTRY_REVOKE] = {"revoke/v1", 1U << H_BY, 0},
    [QM_ENTRY_BLOB] = {"blob/v1", 0, 0},
    [QM_ENTRY_DECIDE] = {"decide/v1", 1U << H_BY, 0},
    [QM_ENTRY_ERASE] = {"erase/v1", 1U << H_BY, 0},
    [QM_ENTRY_CONFIG] = {"config/v1", 1U << H_BY, 0},
    [QM_ENTRY_SIGNOFF] = {"signoff/v1", 1U << H_BY | 1U << H_SCOPE, 0},
    [QM_ENTRY_ROSTER] = {"roster/v1", 1U << H_BY | 1U << H_SCOPE, 0},
    [QM_ENTRY_BULLETIN] = {"bulletin/v1", 1U << H_BY | 1U << H_PREPARED | 1U << H_SCOPE,
                           1U << H_REPLACES},
};

static bool scope_ok(struct qm_text v)
{
    if (v.len != 6 && v.len != 9 && v.len != 12)
        return false;
    for (size_t i = 0; i < v.len; i++) {
        if (v.p[i] < '0' || v.p[i] > '9')
            return false;
    }
    return true;
}

static bool header_value_ok(enum header h, struct qm_text v)
{
    int64_t index = 0;
    switch (h) {
    case H_KEY:
        return qm_text_is(v, "hard") || qm_text_is(v, "soft");
    case H_SCOPE:
        return scope_ok(v);
    case H_REPLACES:
        return qm_dec_read(v.p, v.len, INT64_MAX, &index) == QM_OK;
    default:
        return qm_account_ok(v.p, v.len);
    }
}

static struct qm_text *header_place(struct qm_entry *e, enum header h)
{
    struct qm_text *const places[H_COUNT] = {
        [H_BY] = &e->by,   [H_PREPARED] = &e->prepared, [H_ACCOUNT] = &e->account,
        [H_KEY] = &e->key, [H_SCOPE] = &e->scope,       [H_REPLACES] = &e->replaces};
    return places[h];
}

static qm_err headers_read(struct qm_lines *c, const struct entry_rule *rule, struct qm_entry *out)
{
    for (enum header h = 0; h < H_COUNT; h++) {
        struct qm_text rest = {c->at, (size_t)(c->end - c->at)};
        bool there = qm_text_skip(&rest, header_words[h]);
        if (!there && (rule->must & 1U << h) != 0)
            return QM_E_MALFORMED;
        if (!there)
            continue;
        struct qm_text line;
        if (((rule->must | rule->may) & 1U << h) == 0 || !qm_line_next(c, &line))
            return QM_E_MALFORMED;
        (void)qm_text_skip(&line, header_words[h]);
        if (!header_value_ok(h, line))
            return QM_E_MALFORMED;
        *header_place(out, h) = line;
    }
    return QM_OK;
}

/* Verdict lines begin with a digit; their grammar is qm_verdicts_read's. */
static qm_err verdicts_span(struct qm_lines *c, struct qm_entry *out)
{
    struct qm_text line;
    out->verdicts.p = c->at;
    while (c->at < c->end && *c->at >= '0' && *c->at <= '9') {
        if (out->type != QM_ENTRY_BATCH || !qm_line_next(c, &line))
            return QM_E_MALFORMED;
    }
    out->verdicts.len = (size_t)(c->at - out->verdicts.p);
    return QM_OK;
}

static bool payload_ok(struct qm_text p)
{
    if (p.len == 0 || p.p[p.len - 1] != '\n' || !qm_utf8_ok(p.p, p.len))
        return false;
    for (size_t i = 0; i < p.len; i++) {
        if ((uint8_t)p.p[i] < ' ' && p.p[i] != '\n')
            return false;
    }
    return true;
}

static const struct entry_rule *type_read(struct qm_text line, struct qm_entry *out)
{
    for (int t = QM_ENTRY_BATCH; t <= QM_ENTRY_BULLETIN; t++) {
        if (qm_text_is(line, rules[t].type)) {
            out->type = (enum qm_entry_type)t;
            return &rules[t];
        }
    }
    return NULL;
}

qm_err qm_entry_read(const char *t, size_t len, struct qm_entry *out)
{
    struct qm_lines c = {t, t + len};
    struct qm_text line;
    memset(out, 0, sizeof *out);
    if (len > QM_ENTRY_MAX_BYTES || !qm_line_next(&c, &line))
        return QM_E_MALFORMED;
    const struct entry_rule *rule = type_read(line, out);
    if (rule == NULL || !qm_line_next(&c, &line) || !qm_text_skip(&line, "recv "))
        return QM_E_MALFORMED;
    if (qm_dec_read(line.p, line.len, QM_INT_MAX, &out->recv_ms) != QM_OK)
        return QM_E_MALFORMED;
    if (headers_read(&c, rule, out) != QM_OK || verdicts_span(&c, out) != QM_OK)
        return QM_E_MALFORMED;
    if (!qm_line_next(&c, &line) || line.len != 0)
        return QM_E_MALFORMED;
    out->payload = (struct qm_text){c.at, (size_t)(c.end - c.at)};
    return payload_ok(out->payload) ? QM_OK : QM_E_MALFORMED;
}

/* ---- verdicts ---- */

static qm_err code_read(struct qm_text word, const char *const *codes, struct qm_verdict *v)
{
    for (; *codes != NULL; codes++) {
        if (qm_text_is(word, *codes)) {
            memcpy(v->code, word.p, word.len);
            v->code[word.len] = 0;
            return QM_OK;
        }
    }
    return QM_E_MALFORMED;
}

/* Each flag at most once, in the order of the contract. */
static qm_err flags_read(struct qm_text list, struct qm_verdict *v)
{
    static const char *const words[] = {"future", "late", "unknown", "seq"};
    struct qm_lines c = {list.p, list.p + list.len};
    struct qm_text word;
    size_t next = 0;
    while (qm_word_next(&c, ',', &word)) {
        while (next < 4 && !qm_text_is(word, words[next]))
            next++;
        if (next == 4)
            return QM_E_MALFORMED;
        v->flags |= 1U << next++;
    }
    return QM_OK;
}

/* line: "<word> <argument>" */
static qm_err verdict_read(struct qm_text word, struct qm_text argument, struct qm_verdict *v)
{
    static const char *const rejects[] = {"schema", "private", "county", "conflict", NULL};
    static const char *const holds[] = {"revoked", "scope", "moved", NULL};
    if (qm_text_is(word, "reject")) {
        v->kind = QM_V_REJECT;
        return code_read(argument, rejects, v);
    }
    if (qm_text_is(word, "dup")) {
        v->kind = QM_V_DUP;
        return qm_dec_read(argument.p, argument.len, INT64_MAX, &v->dup_index);
    }
    if (qm_text_is(word, "hold")) {
        v->kind = QM_V_HOLD;
        return code_read(argument, holds, v);
    }
    if (qm_text_is(word, "flag")) {
        v->kind = QM_V_FLAG;
        return flags_read(argument, v);
    }
    return QM_E_MALFORMED;
}

qm_err qm_verdicts_read(struct qm_text lines, size_t n, struct qm_verdict *out)
{
    struct qm_lines c = {lines.p, lines.p + lines.len};
    int64_t last = -1;
    for (size_t i = 0; i < n; i++)
        out[i] = (struct qm_verdict){.kind = QM_V_ACCEPT};
    while (c.at < c.end) {
        struct qm_text line, number, word;
        int64_t i = 0;
        if (!qm_line_next(&c, &line))
            return QM_E_MALFORMED;
        struct qm_lines w = {line.p, line.p + line.len};
        if (!qm_word_next(&w, ' ', &number) || !qm_word_next(&w, ' ', &word) || w.at > w.end)
            return QM_E_MALFORMED;
        struct qm_text argument = {w.at, (size_t)(w.end - w.at)};
        if (qm_dec_read(number.p, number.len, INT64_MAX, &i) != QM_OK || i <= last ||
            (uint64_t)i >= n)
            return QM_E_MALFORMED;
        if (verdict_read(word, argument, &out[i]) != QM_OK)
            return QM_E_MALFORMED;
        last = i;
    }
    return QM_OK;
}
