/* settings.c - see settings.h.
 * Happy path: parse, then walk the schema; each check adds its fault and goes on.
 * Failure: text that is no JSON ends with one fault and its line.
 */
#include "edge/settings.h"

#include <jansson.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "wire/codec.h"

enum { ROWS_MAX = 2000, RULE_METRICS_MAX = 32, ESCALATIONS_MAX = 32 };

/* Where we are, and where faults go. */
struct check {
    struct qm_faults *faults;
    char place[80]; /* "[3]" */
    int county;
};

static void fault(struct check *c, const char *member, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
static void fault(struct check *c, const char *member, const char *format, ...)
{
    char text[400];
    char where[160];
    va_list args;
    va_start(args, format);
    (void)vsnprintf(text, sizeof text, format, args);
    va_end(args);
    snprintf(where, sizeof where, "%s%s%s", c->place,
             c->place[0] != '\0' && member[0] != '\0' ? "." : "", member);
    qm_fault_add(c->faults, 0, where, "%s", text);
}

/* ---- typed members of closed objects ---- */

/* names: required ones first, then "|", then optional ones; NULL-terminated. */
static bool object_closed(struct check *c, json_t *o, const char *const *names)
{
    if (!json_is_object(o)) {
        fault(c, "", "must be an object { ... }");
        return false;
    }
    bool optional = false;
    for (size_t i = 0; names[i] != NULL; i++) {
        if (strcmp(names[i], "|") == 0)
            optional = true;
        else if (!optional && json_object_get(o, names[i]) == NULL)
            fault(c, names[i], "is missing");
    }
    const char *key;
    json_t *value;
    json_object_foreach(o, key, value)
    {
        bool known = false;
        for (size_t i = 0; names[i] != NULL; i++)
            known = known || strcmp(names[i], key) == 0;
        if (!known)
            fault(c, key, "is not a member here");
    }
    return true;
}

/* "" if absent or faulty. */
static const char *text_of(struct check *c, const json_t *o, const char *name, size_t max)
{
    const json_t *v = json_object_get(o, name);
    if (v == NULL)
        return "";
    if (!json_is_string(v) || json_string_length(v) == 0 || json_string_length(v) > max) {
        fault(c, name, "must be a text of 1 to %zu bytes", max);
        return "";
    }
    return json_string_value(v);
}

/* Index in words (NULL-terminated), or -1. */
static int word_of(struct check *c, const json_t *o, const char *name, const char *const *words)
{
    const char *t = text_of(c, o, name, 40);
    if (t[0] == '\0')
        return -1;
    char all[200] = "";
    for (int i = 0; words[i] != NULL; i++) {
        if (strcmp(words[i], t) == 0)
            return i;
        strncat(all, i > 0 ? ", " : "", sizeof all - strlen(all) - 1);
        strncat(all, words[i], sizeof all - strlen(all) - 1);
    }
    fault(c, name, "\"%s\" is not one of %s", t, all);
    return -1;
}

static int64_t int_of(struct check *c, const json_t *o, const char *name, int64_t lo, int64_t hi)
{
    const json_t *v = json_object_get(o, name);
    if (v == NULL)
        return lo;
    if (!json_is_integer(v) || json_integer_value(v) < lo || json_integer_value(v) > hi) {
        fault(c, name, "must be a whole number from %lld to %lld", (long long)lo, (long long)hi);
        return lo;
    }
    return json_integer_value(v);
}

static bool bool_of(struct check *c, const json_t *o, const char *name)
{
    const json_t *v = json_object_get(o, name);
    if (v != NULL && !json_is_boolean(v))
        fault(c, name, "must be true or false");
    return json_is_true(v);
}

static int32_t day_of(struct check *c, const json_t *o, const char *name)
{
    const char *t = text_of(c, o, name, 40);
    int32_t day = 0;
    if (t[0] != '\0' && qm_day_read(t, strlen(t), &day) != QM_OK)
        fault(c, name, "\"%s\" is no existing day; write yyyy-mm-dd", t);
    return day;
}

static const char *code_of(struct check *c, const json_t *o, const char *name)
{
    const char *t = text_of(c, o, name, QM_CODE_MAX_BYTES);
    if (t[0] != '\0' && !qm_code_ok(t, strlen(t)))
        fault(c, name, "\"%s\" is no code: lower-case letters, digits, - and _", t);
    return t;
}

static json_t *parse(struct check *c, const char *t, size_t len)
{
    json_error_t e;
    json_t *j = json_loadb(t, len, JSON_REJECT_DUPLICATES, &e);
    if (j == NULL)
        qm_fault_add(c->faults, e.line, "", "no JSON text: %s", e.text);
    return j;
}

static bool array_of(struct check *c, const json_t *j, const char *what)
{
    if (json_is_array(j) && json_array_size(j) <= ROWS_MAX)
        return true;
    fault(c, "", "must be an array of at most %d %s", ROWS_MAX, what);
    return false;
}

static void at_row(struct check *c, size_t i)
{
    snprintf(c->place, sizeof c->place, "[%zu]", i);
}

/* ---- targets ---- */

static bool prefix_ok(const char *t, int county)
{
    size_t len = strlen(t);
    char own[16];
    snprintf(own, sizeof own, "%06d", county);
    return (len == 6 || len == 9 || len == 12 || len == 15) && strspn(t, "0123456789") == len &&
           strncmp(t, own, 6) == 0;
}

/* A target that names the wrong basis would be published under a wrong name. */
static void check_basis(struct check *c, const struct qm_target *x)
{
    if (x->metric == QM_COVER_VISITED && x->basis == QM_BASIS_REACH)
        fault(c, "basis", "visited counts at the door; for reach write the metric reached");
    if (x->metric == QM_COVER_REACHED && x->basis == QM_BASIS_DOOR)
        fault(c, "basis", "reached counts telephone and video too: write reach");
}

static void read_target(struct check *c, json_t *o, struct qm_target *out)
{
    static const char *const names[] = {"metric", "prefix", "basis",     "threshold",
                                        "from",   "due",    "assurance", NULL};
    static const char *const bases[] = {"door", "reach", "register", NULL};
    static const char *const levels[] = {"reported", "evidenced", NULL};
    if (!object_closed(c, o, names))
        return;
    const char *metric = text_of(c, o, "metric", 40);
    bool known = qm_cover_read(metric, &out->metric) == QM_OK;
    if (metric[0] != '\0' && !known)
        fault(c, "metric", "\"%s\" is no metric of coverage", metric);
    const char *prefix = text_of(c, o, "prefix", 15);
    if (prefix[0] != '\0' && !prefix_ok(prefix, c->county))
        fault(c, "prefix", "\"%s\" is no code of 6, 9, 12 or 15 digits in county %06d", prefix,
              c->county);
    snprintf(out->prefix, sizeof out->prefix, "%s", prefix);
    int basis = word_of(c, o, "basis", bases);
    out->basis = basis < 0 ? QM_BASIS_REGISTER : (enum qm_basis)basis;
    out->evidenced = word_of(c, o, "assurance", levels) == 1;
    out->threshold = (int32_t)int_of(c, o, "threshold", 1, 10000);
    out->from_day = day_of(c, o, "from");
    out->due_day = day_of(c, o, "due");
    if (out->due_day < out->from_day)
        fault(c, "due", "lies before from");
    if (known && basis >= 0)
        check_basis(c, out);
}

static void check_stages(struct check *c, const struct qm_targets *t)
{
    for (size_t i = 0; i < t->n; i++) {
        for (size_t k = 0; k < i; k++) {
            const struct qm_target *a = &t->list[k];
            const struct qm_target *b = &t->list[i];
            if (a->metric != b->metric || strcmp(a->prefix, b->prefix) != 0 ||
                a->due_day != b->due_day)
                continue;
            at_row(c, i);
            fault(c, "due", "row [%zu] has the same metric, prefix and due day", k);
        }
    }
}

qm_err qm_targets_read(const char *t, size_t len, int county, struct qm_targets *out,
                       struct qm_faults *faults)
{
    struct qm_faults own;
    qm_faults_init(&own);
    struct check c = {.faults = faults == NULL ? &own : faults, .county = county};
    size_t before = c.faults->n;
    struct qm_targets found = {0};
    json_t *j = parse(&c, t, len);
    if (j != NULL && array_of(&c, j, "targets")) {
        found.n = json_array_size(j);
        found.list = calloc(found.n + 1, sizeof *found.list);
    }
    for (size_t i = 0; found.list != NULL && i < found.n; i++) {
        at_row(&c, i);
        read_target(&c, json_array_get(j, i), &found.list[i]);
    }
    if (found.list != NULL && c.faults->n == before)
        check_stages(&c, &found);
    qm_err err = c.faults->n > before ? QM_E_INVALID : found.list == NULL ? QM_E_NOMEM : QM_OK;
    json_decref(j);
    qm_faults_free(&own);
    if (err != QM_OK)
        free(found.list);
    else
        *out = found;
    return err;
}

static void check_targets(struct check *c, const char *t, size_t len)
{
    struct qm_targets found = {0};
    if (qm_targets_read(t, len, c->county, &found, c->faults) == QM_E_NOMEM)
        fault(c, "", "not enough memory");
    free(found.list);
}

/* ---- rule ---- */

static void check_rule_metric(struct check *c, json_t *o, bool by_weights, int64_t *sum)
{
    static const char *const names[] = {"name", "ranked", "office", "public",
                                        "|",    "weight", "lower",  NULL};
    if (!object_closed(c, o, names))
        return;
    const char *name = code_of(c, o, "name");
    enum qm_cover known;
    if (name[0] != '\0' && qm_cover_read(name, &known) != QM_OK && by_weights)
        fault(c, "name",
              "\"%s\" is no metric of coverage; imported figures need the order "
              "lexicographic",
              name);
    bool ranked = bool_of(c, o, "ranked");
    (void)bool_of(c, o, "office");
    (void)bool_of(c, o, "public");
    (void)bool_of(c, o, "lower");
    bool weight = json_object_get(o, "weight") != NULL;
    if (weight != (by_weights && ranked))
        fault(c, "weight",
              weight ? "only ranked metrics of the order weights have one"
                     : "is missing: each ranked metric needs one");
    else if (weight)
        *sum += int_of(c, o, "weight", 1, 100);
    if (json_object_get(o, "lower") != NULL && by_weights)
        fault(c, "lower", "goes with the order lexicographic only");
}

static void check_rule_metrics(struct check *c, const json_t *all, bool by_weights)
{
    if (!json_is_array(all) || json_array_size(all) == 0 ||
        json_array_size(all) > RULE_METRICS_MAX) {
        fault(c, "metrics", "must be an array of 1 to %d metrics", RULE_METRICS_MAX);
        return;
    }
    int64_t sum = 0;
    size_t ranked = 0;
    for (size_t i = 0; i < json_array_size(all); i++) {
        json_t *o = json_array_get(all, i);
        snprintf(c->place, sizeof c->place, "metrics[%zu]", i);
        check_rule_metric(c, o, by_weights, &sum);
        ranked += json_is_true(json_object_get(o, "ranked"));
        for (size_t k = 0; k < i; k++) {
            if (json_equal(json_object_get(o, "name"),
                           json_object_get(json_array_get(all, k), "name")))
                fault(c, "name", "is there twice");
        }
    }
    c->place[0] = '\0';
    if (ranked == 0)
        fault(c, "metrics", "none is ranked");
    if (by_weights && sum != 100)
        fault(c, "metrics", "the weights add up to %lld, must be 100", (long long)sum);
}

static void check_escalation(struct check *c, const json_t *all)
{
    static const char *const names[] = {"subject", "when", "times", "step", NULL};
    static const char *const subjects[] = {"village", "unit", "police", NULL};
    if (all == NULL)
        return;
    if (!json_is_array(all) || json_array_size(all) > ESCALATIONS_MAX) {
        fault(c, "escalation", "must be an array of at most %d steps", ESCALATIONS_MAX);
        return;
    }
    for (size_t i = 0; i < json_array_size(all); i++) {
        json_t *o = json_array_get(all, i);
        snprintf(c->place, sizeof c->place, "escalation[%zu]", i);
        if (!object_closed(c, o, names))
            continue;
        (void)word_of(c, o, "subject", subjects);
        (void)code_of(c, o, "when");
        (void)int_of(c, o, "times", 1, 52);
        (void)code_of(c, o, "step");
    }
    c->place[0] = '\0';
}

static void check_compact(struct check *c, const json_t *j, const char *t, size_t len)
{
    char *compact = json_dumps(j, JSON_COMPACT);
    if (compact == NULL || strlen(compact) != len || memcmp(compact, t, len) != 0)
        fault(c, "", "must be compact JSON without spaces and line ends: jq -cj . FILE");
    free(compact);
}

static void check_rule(struct check *c, const char *t, size_t len)
{
    static const char *const names[] = {"level",   "assurance", "order",      "metrics",    "|",
                                        "minimum", "commended", "criticised", "escalation", NULL};
    static const char *const levels[] = {"grid", "village", "township", NULL};
    static const char *const assurances[] = {"reported", "evidenced", NULL};
    static const char *const orders[] = {"weights", "lexicographic", NULL};
    json_t *j = parse(c, t, len);
    if (j != NULL && object_closed(c, j, names)) {
        (void)word_of(c, j, "level", levels);
        (void)word_of(c, j, "assurance", assurances);
        int order = word_of(c, j, "order", orders);
        check_rule_metrics(c, json_object_get(j, "metrics"), order == 0);
        (void)int_of(c, j, "minimum", 0, 1000000);
        (void)int_of(c, j, "commended", 0, 100);
        (void)int_of(c, j, "criticised", 0, 100);
        check_escalation(c, json_object_get(j, "escalation"));
        check_compact(c, j, t, len);
    }
    json_decref(j);
}

/* ---- topics and texts: rows with a code of their own ---- */

static void check_row_unique(struct check *c, const json_t *all, size_t i, const char *name)
{
    const json_t *own = json_object_get(json_array_get(all, i), name);
    for (size_t k = 0; own != NULL && k < i; k++) {
        if (json_equal(own, json_object_get(json_array_get(all, k), name)))
            fault(c, name, "is the one of row [%zu] too", k);
    }
}

static void check_topics(struct check *c, const char *t, size_t len)
{
    static const char *const names[] = {"code", "zh", NULL};
    json_t *j = parse(c, t, len);
    bool rows = j != NULL && array_of(c, j, "topics");
    for (size_t i = 0; rows && i < json_array_size(j); i++) {
        json_t *o = json_array_get(j, i);
        at_row(c, i);
        if (!object_closed(c, o, names))
            continue;
        (void)code_of(c, o, "code");
        (void)text_of(c, o, "zh", 200);
        check_row_unique(c, j, i, "code");
    }
    json_decref(j);
}

static void check_texts(struct check *c, const char *t, size_t len)
{
    static const char *const names[] = {"text", "kind", "basis", "title", "body", NULL};
    static const char *const kinds[] = {"notice", "pledge", "letter", "slogan", "material", NULL};
    static const char *const bases[] = {"household", "adult", NULL};
    json_t *j = parse(c, t, len);
    bool rows = j != NULL && array_of(c, j, "texts");
    for (size_t i = 0; rows && i < json_array_size(j); i++) {
        json_t *o = json_array_get(j, i);
        at_row(c, i);
        if (!object_closed(c, o, names))
            continue;
        (void)code_of(c, o, "text");
        (void)word_of(c, o, "kind", kinds);
        (void)word_of(c, o, "basis", bases);
        (void)text_of(c, o, "title", 200);
        (void)text_of(c, o, "body", 20000);
        check_row_unique(c, j, i, "text");
    }
    json_decref(j);
}

/* ---- public ---- */

qm_err qm_setting_check(const char *kind, int county, const char *t, size_t len,
                        struct qm_faults *faults)
{
    static const struct {
        const char *kind;
        void (*check)(struct check *c, const char *t, size_t len);
    } kinds[] = {{"targets", check_targets},
                 {"rule", check_rule},
                 {"topics", check_topics},
                 {"texts", check_texts}};
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        if (strcmp(kind, kinds[i].kind) != 0)
            continue;
        struct check c = {.faults = faults, .county = county};
        size_t before = faults->n;
        kinds[i].check(&c, t, len);
        return faults->n > before ? QM_E_INVALID : QM_OK;
    }
    return QM_E_NOT_FOUND;
}
