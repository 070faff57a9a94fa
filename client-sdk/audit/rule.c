/* rule.c - floor 2, inside audit: the bytes of a rule.
 *
 * Happy path: compact JSON of a closed schema, members in any order, at most one LF behind it.
 * Failure: QM_E_MALFORMED for everything else, without saying where: the rule stands in the log,
 * and who set it was told.
 */
#include "audit/rule.h"

#include <string.h>

#include "wire/receipt.h"

/* ---- compact JSON without escapes ---- */

struct scan {
    const char *at, *end;
};

static bool skip(struct scan *s, char c)
{
    if (s->at >= s->end || *s->at != c)
        return false;
    s->at++;
    return true;
}

static bool string_take(struct scan *s, struct qm_text *out)
{
    if (!skip(s, '"'))
        return false;
    out->p = s->at;
    while (s->at < s->end && *s->at != '"' && *s->at >= ' ' && *s->at <= '~' && *s->at != '\\')
        s->at++;
    out->len = (size_t)(s->at - out->p);
    return skip(s, '"');
}

static bool int_take(struct scan *s, int64_t lo, int64_t hi, int64_t *out)
{
    const char *from = s->at;
    while (s->at < s->end && *s->at >= '0' && *s->at <= '9')
        s->at++;
    return qm_dec_read(from, (size_t)(s->at - from), hi, out) == QM_OK && *out >= lo;
}

static bool bool_take(struct scan *s, bool *out)
{
    size_t left = (size_t)(s->end - s->at);
    *out = left >= 4 && memcmp(s->at, "true", 4) == 0;
    if (!*out && (left < 5 || memcmp(s->at, "false", 5) != 0))
        return false;
    s->at += *out ? 4 : 5;
    return true;
}

/* Index of a text in words, -1 if it is none of them. */
static int word_of(struct qm_text t, const char *const *words, int n)
{
    for (int i = 0; i < n; i++) {
        if (strlen(words[i]) == t.len && memcmp(words[i], t.p, t.len) == 0)
            return i;
    }
    return -1;
}

static bool word_take(struct scan *s, const char *const *words, int n, int *out)
{
    struct qm_text t;
    if (!string_take(s, &t))
        return false;
    *out = word_of(t, words, n);
    return *out >= 0;
}

/* {"name":value,...}: each name is one of words, at most once; *seen gets their bits. */
static bool object_take(struct scan *s, const char *const *words, int n, unsigned *seen, void *into,
                        bool (*value)(struct scan *s, int which, void *into))
{
    *seen = 0;
    if (!skip(s, '{'))
        return false;
    do {
        int which = 0;
        if (!word_take(s, words, n, &which) || (*seen & 1U << which) != 0 || !skip(s, ':') ||
            !value(s, which, into))
            return false;
        *seen |= 1U << which;
    } while (skip(s, ','));
    return skip(s, '}');
}

/* ---- metrics ---- */

enum { M_NAME, M_RANKED, M_OFFICE, M_PUBLIC, M_WEIGHT, M_LOWER, M_COUNT };
static const char *const metric_words[M_COUNT] = {"name",   "ranked", "office",
                                                  "public", "weight", "lower"};
enum { M_REQUIRED = 1U << M_NAME | 1U << M_RANKED | 1U << M_OFFICE | 1U << M_PUBLIC };

static bool code_take(struct scan *s, char out[QM_CODE_MAX_BYTES + 1])
{
    struct qm_text t;
    if (!string_take(s, &t) || !qm_code_ok(t.p, t.len))
        return false;
    memcpy(out, t.p, t.len);
    out[t.len] = 0;
    return true;
}

static bool metric_value(struct scan *s, int which, void *into)
{
    struct qm_au_rule_metric *m = into;
    int64_t weight = 0;
    bool office = false;
    switch (which) {
    case M_NAME:
        return code_take(s, m->name);
    case M_RANKED:
        return bool_take(s, &m->ranked);
    case M_OFFICE:
        return bool_take(s, &office);
    case M_PUBLIC:
        return bool_take(s, &m->open);
    case M_LOWER:
        return bool_take(s, &m->lower);
    default:
        if (!int_take(s, 1, 100, &weight))
            return false;
        m->weight = (int)weight;
        return true;
    }
}

struct rule_reader {
    struct qm_au_rule *rule;
    unsigned seen[QM_AU_RULE_METRICS_MAX];
};

static bool metrics_take(struct scan *s, struct rule_reader *r)
{
    struct qm_au_rule *rule = r->rule;
    if (!skip(s, '['))
        return false;
    do {
        if (rule->n == QM_AU_RULE_METRICS_MAX)
            return false;
        struct qm_au_rule_metric *m = &rule->metric[rule->n];
        unsigned *seen = &r->seen[rule->n];
        memset(m, 0, sizeof *m);
        if (!object_take(s, metric_words, M_COUNT, seen, m, metric_value) ||
            (*seen & M_REQUIRED) != M_REQUIRED)
            return false;
        m->cover = qm_au_metric_of(m->name, strlen(m->name));
        rule->n++;
    } while (skip(s, ','));
    return skip(s, ']');
}

/* ---- escalation: only its form is looked at; it proposes and changes no number ---- */

static bool step_value(struct scan *s, int which, void *into)
{
    static const char *const subjects[] = {"village", "unit", "police"};
    static const char *const whens[] = {"worst", "case", "low", "false"};
    char step[QM_CODE_MAX_BYTES + 1];
    int64_t times = 0;
    int word = 0;
    (void)into;
    switch (which) {
    case 0:
        return word_take(s, subjects, 3, &word);
    case 1:
        return word_take(s, whens, 4, &word);
    case 2:
        return int_take(s, 1, 52, &times);
    default:
        return code_take(s, step);
    }
}

static bool steps_take(struct scan *s)
{
    static const char *const words[] = {"subject", "when", "times", "step"};
    unsigned seen = 0;
    if (!skip(s, '['))
        return false;
    if (skip(s, ']'))
        return true;
    do {
        if (!object_take(s, words, 4, &seen, NULL, step_value) || seen != 15)
            return false;
    } while (skip(s, ','));
    return skip(s, ']');
}

/* ---- the whole ---- */

enum {
    R_LEVEL,
    R_ASSURANCE,
    R_ORDER,
    R_METRICS,
    R_MINIMUM,
    R_COMMENDED,
    R_CRITICISED,
    R_STEPS,
    R_COUNT
};
static const char *const rule_words[R_COUNT] = {"level",   "assurance", "order",      "metrics",
                                                "minimum", "commended", "criticised", "escalation"};

static bool rule_value(struct scan *s, int which, void *into)
{
    static const char *const levels[] = {"grid", "village", "township"};
    static const int digits[] = {15, 12, 9};
    static const char *const assurances[] = {"reported", "evidenced"};
    static const char *const orders[] = {"weights", "lexicographic"};
    struct rule_reader *r = into;
    int word = 0;
    int64_t count = 0;
    bool ok = false;
    switch (which) {
    case R_LEVEL:
        ok = word_take(s, levels, 3, &word);
        if (ok) {
            r->rule->digits = digits[word];
            r->rule->level = levels[word];
        }
        return ok;
    case R_ASSURANCE:
        ok = word_take(s, assurances, 2, &word);
        r->rule->evidenced = word == 1;
        return ok;
    case R_ORDER:
        ok = word_take(s, orders, 2, &word);
        r->rule->weights = word == 0;
        return ok;
    case R_METRICS:
        return metrics_take(s, r);
    case R_MINIMUM:
        return int_take(s, 0, 1000000, &r->rule->minimum);
    case R_STEPS:
        return steps_take(s);
    default:
        return int_take(s, 0, 100, &count);
    }
}

/* What holds between members. */
static bool metrics_fit(struct rule_reader *r)
{
    struct qm_au_rule *rule = r->rule;
    int sum = 0;
    for (size_t i = 0; i < rule->n; i++) {
        const struct qm_au_rule_metric *m = &rule->metric[i];
        bool has_weight = (r->seen[i] & 1U << M_WEIGHT) != 0;
        bool has_lower = (r->seen[i] & 1U << M_LOWER) != 0;
        if (has_weight != (rule->weights && m->ranked) ||
            (rule->weights && (has_lower || m->cover < 0)))
            return false;
        for (size_t k = 0; k < i; k++) {
            if (strcmp(m->name, rule->metric[k].name) == 0)
                return false;
        }
        sum += m->weight;
        rule->ranked += m->ranked;
    }
    return rule->ranked > 0 && (!rule->weights || sum == 100);
}

qm_err qm_au_rule_read(const char *t, size_t len, struct qm_au_rule *out)
{
    enum { REQUIRED = 1U << R_LEVEL | 1U << R_ASSURANCE | 1U << R_ORDER | 1U << R_METRICS };
    struct rule_reader r = {.rule = out};
    unsigned seen = 0;
    memset(out, 0, sizeof *out);
    if (len > 0 && t[len - 1] == '\n')
        len--;
    struct scan s = {t, t + len};
    if (len == 0 || !object_take(&s, rule_words, R_COUNT, &seen, &r, rule_value) || s.at != s.end ||
        (seen & REQUIRED) != REQUIRED || !metrics_fit(&r))
        return QM_E_MALFORMED;
    return QM_OK;
}
