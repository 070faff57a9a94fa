/* settings.c - see settings.h.
 * Happy path: parse, then walk the schema; each check adds its fault and goes on.
 * Failure: text that is no JSON ends with one fault and its line.
 */
#include "edge/settings.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "edge/care.h"
#include "edge/closed.h"
#include "edge/rule.h"
#include "wire/codec.h"

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
static void check_basis(struct qm_closed *c, const struct qm_target *x)
{
    if (x->metric == QM_COVER_VISITED && x->basis == QM_BASIS_REACH)
        qm_closed_fault(c, "basis",
                        "visited counts at the door; for reach write the metric reached");
    if (x->metric == QM_COVER_REACHED && x->basis == QM_BASIS_DOOR)
        qm_closed_fault(c, "basis", "reached counts telephone and video too: write reach");
}

/* Whom the target is about besides: what it names may be kept for people while it is in force.  The
 * figure stays that of everybody. */
static void check_groups(struct qm_closed *c, const json_t *o)
{
    const json_t *list = json_object_get(o, "groups");
    if (list == NULL)
        return;
    if (!json_is_array(list) || json_array_size(list) == 0 ||
        json_array_size(list) > QM_CARE_EACH_MAX) {
        qm_closed_fault(c, "groups", "must be an array of 1 to %d group codes", QM_CARE_EACH_MAX);
        return;
    }
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *v = json_array_get(list, i);
        const char *code = json_is_string(v) ? json_string_value(v) : "";
        if (!qm_code_ok(code, strlen(code)))
            qm_closed_fault(c, "groups", "\"%s\" is no code: lower-case letters, digits, - and _",
                            code);
        else if (qm_care_forbidden(code, strlen(code)))
            qm_closed_fault(c, "groups",
                            "\"%s\" is never kept as a group of a person: leave it out", code);
        for (size_t k = 0; k < i; k++) {
            if (json_equal(v, json_array_get(list, k)))
                qm_closed_fault(c, "groups", "\"%s\" is there twice", code);
        }
    }
}

static void read_target(struct qm_closed *c, json_t *o, struct qm_target *out)
{
    static const char *const names[] = {"metric", "prefix",    "basis", "threshold", "from",
                                        "due",    "assurance", "|",     "groups",    NULL};
    static const char *const bases[] = {"door", "reach", "register", NULL};
    static const char *const levels[] = {"reported", "evidenced", NULL};
    if (!qm_closed_object(c, o, names))
        return;
    const char *metric = qm_closed_text(c, o, "metric", 40);
    bool known = qm_cover_read(metric, &out->metric) == QM_OK;
    if (metric[0] != '\0' && !known)
        qm_closed_fault(c, "metric", "\"%s\" is no metric of coverage", metric);
    const char *prefix = qm_closed_text(c, o, "prefix", 15);
    if (prefix[0] != '\0' && !prefix_ok(prefix, c->county))
        qm_closed_fault(c, "prefix", "\"%s\" is no code of 6, 9, 12 or 15 digits in county %06d",
                        prefix, c->county);
    snprintf(out->prefix, sizeof out->prefix, "%s", prefix);
    int basis = qm_closed_word(c, o, "basis", bases);
    out->basis = basis < 0 ? QM_BASIS_REGISTER : (enum qm_basis)basis;
    out->evidenced = qm_closed_word(c, o, "assurance", levels) == 1;
    out->threshold = (int32_t)qm_closed_int(c, o, "threshold", 1, 10000);
    out->from_day = qm_closed_day(c, o, "from");
    out->due_day = qm_closed_day(c, o, "due");
    if (out->due_day < out->from_day)
        qm_closed_fault(c, "due", "lies before from");
    if (known && basis >= 0)
        check_basis(c, out);
    check_groups(c, o);
}

static void check_stages(struct qm_closed *c, const struct qm_targets *t)
{
    for (size_t i = 0; i < t->n; i++) {
        for (size_t k = 0; k < i; k++) {
            const struct qm_target *a = &t->list[k];
            const struct qm_target *b = &t->list[i];
            if (a->metric != b->metric || strcmp(a->prefix, b->prefix) != 0 ||
                a->due_day != b->due_day)
                continue;
            qm_closed_at(c, i);
            qm_closed_fault(c, "due", "row [%zu] has the same metric, prefix and due day", k);
        }
    }
}

qm_err qm_targets_read(const char *t, size_t len, int county, struct qm_targets *out,
                       struct qm_faults *faults)
{
    struct qm_faults own;
    qm_faults_init(&own);
    struct qm_closed c = {.faults = faults == NULL ? &own : faults, .county = county};
    size_t before = c.faults->n;
    struct qm_targets found = {0};
    json_t *j = qm_closed_parse(&c, t, len);
    if (j != NULL && qm_closed_array(&c, j, "targets")) {
        found.n = json_array_size(j);
        found.list = calloc(found.n + 1, sizeof *found.list);
    }
    for (size_t i = 0; found.list != NULL && i < found.n; i++) {
        qm_closed_at(&c, i);
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

static void check_targets(struct qm_closed *c, const char *t, size_t len)
{
    struct qm_targets found = {0};
    if (qm_targets_read(t, len, c->county, &found, c->faults) == QM_E_NOMEM)
        qm_closed_fault(c, "", "not enough memory");
    free(found.list);
}

static void check_rule(struct qm_closed *c, const char *t, size_t len)
{
    struct qm_rule found;
    (void)qm_rule_read(t, len, &found, c->faults);
}

/* ---- topics and texts: rows with a code of their own ---- */

static void check_row_unique(struct qm_closed *c, const json_t *all, size_t i, const char *name)
{
    const json_t *own = json_object_get(json_array_get(all, i), name);
    for (size_t k = 0; own != NULL && k < i; k++) {
        if (json_equal(own, json_object_get(json_array_get(all, k), name)))
            qm_closed_fault(c, name, "is the one of row [%zu] too", k);
    }
}

static void check_topics(struct qm_closed *c, const char *t, size_t len)
{
    static const char *const names[] = {"code", "zh", NULL};
    json_t *j = qm_closed_parse(c, t, len);
    bool rows = j != NULL && qm_closed_array(c, j, "topics");
    for (size_t i = 0; rows && i < json_array_size(j); i++) {
        json_t *o = json_array_get(j, i);
        qm_closed_at(c, i);
        if (!qm_closed_object(c, o, names))
            continue;
        (void)qm_closed_code(c, o, "code");
        (void)qm_closed_text(c, o, "zh", 200);
        check_row_unique(c, j, i, "code");
    }
    json_decref(j);
}

static void check_texts(struct qm_closed *c, const char *t, size_t len)
{
    static const char *const names[] = {"text", "kind", "basis", "title", "body", NULL};
    static const char *const kinds[] = {"notice", "pledge", "letter", "slogan", "material", NULL};
    static const char *const bases[] = {"household", "adult", NULL};
    json_t *j = qm_closed_parse(c, t, len);
    bool rows = j != NULL && qm_closed_array(c, j, "texts");
    for (size_t i = 0; rows && i < json_array_size(j); i++) {
        json_t *o = json_array_get(j, i);
        qm_closed_at(c, i);
        if (!qm_closed_object(c, o, names))
            continue;
        (void)qm_closed_code(c, o, "text");
        (void)qm_closed_word(c, o, "kind", kinds);
        (void)qm_closed_word(c, o, "basis", bases);
        (void)qm_closed_text(c, o, "title", 200);
        (void)qm_closed_text(c, o, "body", 20000);
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
        void (*check)(struct qm_closed *c, const char *t, size_t len);
    } kinds[] = {{"targets", check_targets},
                 {"rule", check_rule},
                 {"topics", check_topics},
                 {"texts", check_texts}};
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        if (strcmp(kind, kinds[i].kind) != 0)
            continue;
        struct qm_closed c = {.faults = faults, .county = county};
        size_t before = faults->n;
        kinds[i].check(&c, t, len);
        return faults->n > before ? QM_E_INVALID : QM_OK;
    }
    return QM_E_NOT_FOUND;
}
