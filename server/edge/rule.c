/* rule.c - see rule.h.
 * Happy path: parse, then walk the schema and fill the value; each check adds its fault and goes
 * on.
 * Failure: text that is no JSON ends with one fault and its line.
 */
#include "edge/rule.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "edge/closed.h"
#include "wire/codec.h"

/* ---- metrics ---- */

static void read_name(struct qm_closed *c, const json_t *o, const struct qm_rule *rule,
                      struct qm_rule_metric *out)
{
    const char *name = qm_closed_code(c, o, "name");
    snprintf(out->name, sizeof out->name, "%s", name);
    out->imported = name[0] != '\0' && qm_cover_read(name, &out->cover) != QM_OK;
    if (out->imported && rule->weights)
        qm_closed_fault(c, "name",
                        "\"%s\" is no metric of coverage; imported figures need the order "
                        "lexicographic",
                        name);
}

static void read_weight(struct qm_closed *c, const json_t *o, const struct qm_rule *rule,
                        struct qm_rule_metric *out)
{
    bool there = json_object_get(o, "weight") != NULL;
    if (there != (rule->weights && out->ranked))
        qm_closed_fault(c, "weight",
                        there ? "only ranked metrics of the order weights have one"
                              : "is missing: each ranked metric needs one");
    else if (there)
        out->weight = (int)qm_closed_int(c, o, "weight", 1, 100);
}

static void read_metric(struct qm_closed *c, json_t *o, const struct qm_rule *rule,
                        struct qm_rule_metric *out)
{
    static const char *const names[] = {"name", "ranked", "office", "public",
                                        "|",    "weight", "lower",  NULL};
    if (!qm_closed_object(c, o, names))
        return;
    read_name(c, o, rule, out);
    out->ranked = qm_closed_bool(c, o, "ranked");
    out->office = qm_closed_bool(c, o, "office");
    out->open = qm_closed_bool(c, o, "public");
    out->lower = qm_closed_bool(c, o, "lower");
    read_weight(c, o, rule, out);
    if (json_object_get(o, "lower") != NULL && rule->weights)
        qm_closed_fault(c, "lower", "goes with the order lexicographic only");
}

static void check_sums(struct qm_closed *c, const struct qm_rule *rule)
{
    int sum = 0;
    bool ranked = false;
    for (size_t i = 0; i < rule->metrics_n; i++) {
        sum += rule->metrics[i].weight;
        ranked = ranked || rule->metrics[i].ranked;
    }
    if (!ranked)
        qm_closed_fault(c, "metrics", "none is ranked");
    if (rule->weights && sum != 100)
        qm_closed_fault(c, "metrics", "the weights add up to %d, must be 100", sum);
}

static void read_metrics(struct qm_closed *c, const json_t *all, struct qm_rule *rule)
{
    if (!json_is_array(all) || json_array_size(all) == 0 ||
        json_array_size(all) > QM_RULE_METRICS_MAX) {
        qm_closed_fault(c, "metrics", "must be an array of 1 to %d metrics", QM_RULE_METRICS_MAX);
        return;
    }
    rule->metrics_n = json_array_size(all);
    for (size_t i = 0; i < rule->metrics_n; i++) {
        snprintf(c->place, sizeof c->place, "metrics[%zu]", i);
        read_metric(c, json_array_get(all, i), rule, &rule->metrics[i]);
        for (size_t k = 0; k < i; k++) {
            const char *name = rule->metrics[i].name;
            if (name[0] != '\0' && strcmp(name, rule->metrics[k].name) == 0)
                qm_closed_fault(c, "name", "is there twice");
        }
    }
    c->place[0] = '\0';
    check_sums(c, rule);
}

/* ---- escalation ---- */

static void read_step(struct qm_closed *c, json_t *o, struct qm_rule_step *out)
{
    static const char *const names[] = {"subject", "when", "times", "step", NULL};
    static const char *const subjects[] = {"village", "unit", "police", NULL};
    static const char *const whens[] = {"worst", "case", "low", "false", NULL};
    if (!qm_closed_object(c, o, names))
        return;
    int subject = qm_closed_word(c, o, "subject", subjects);
    int when = qm_closed_word(c, o, "when", whens);
    out->subject = subject < 0 ? QM_SUBJECT_VILLAGE : (enum qm_rule_subject)subject;
    out->when = when < 0 ? QM_WHEN_WORST : (enum qm_rule_when)when;
    out->times = (int)qm_closed_int(c, o, "times", 1, 52);
    snprintf(out->step, sizeof out->step, "%s", qm_closed_code(c, o, "step"));
}

static void read_escalation(struct qm_closed *c, const json_t *all, struct qm_rule *rule)
{
    if (all == NULL)
        return;
    if (!json_is_array(all) || json_array_size(all) > QM_RULE_STEPS_MAX) {
        qm_closed_fault(c, "escalation", "must be an array of at most %d steps", QM_RULE_STEPS_MAX);
        return;
    }
    rule->steps_n = json_array_size(all);
    for (size_t i = 0; i < rule->steps_n; i++) {
        snprintf(c->place, sizeof c->place, "escalation[%zu]", i);
        read_step(c, json_array_get(all, i), &rule->steps[i]);
    }
    c->place[0] = '\0';
}

/* ---- the whole ---- */

/* Bytes are kept as they came, so there is one spelling only, but for one LF at the end. */
static void check_compact(struct qm_closed *c, const json_t *j, const char *t, size_t len)
{
    if (len > 0 && t[len - 1] == '\n')
        len--;
    char *compact = json_dumps(j, JSON_COMPACT);
    if (compact == NULL || strlen(compact) != len || memcmp(compact, t, len) != 0)
        qm_closed_fault(c, "", "must be compact JSON without spaces and line ends: jq -cj . FILE");
    free(compact);
}

static void read_rule(struct qm_closed *c, json_t *j, struct qm_rule *rule)
{
    static const char *const names[] = {"level",   "assurance", "order",      "metrics",    "|",
                                        "minimum", "commended", "criticised", "escalation", NULL};
    static const char *const levels[] = {"grid", "village", "township", NULL};
    static const char *const assurances[] = {"reported", "evidenced", NULL};
    static const char *const orders[] = {"weights", "lexicographic", NULL};
    if (!qm_closed_object(c, j, names))
        return;
    int level = qm_closed_word(c, j, "level", levels);
    rule->level = level < 0 ? QM_LEVEL_VILLAGE : (enum qm_rule_level)level;
    rule->evidenced = qm_closed_word(c, j, "assurance", assurances) == 1;
    rule->weights = qm_closed_word(c, j, "order", orders) == 0;
    read_metrics(c, json_object_get(j, "metrics"), rule);
    rule->minimum = qm_closed_int(c, j, "minimum", 0, 1000000);
    rule->commended = (int)qm_closed_int(c, j, "commended", 0, 100);
    rule->criticised = (int)qm_closed_int(c, j, "criticised", 0, 100);
    read_escalation(c, json_object_get(j, "escalation"), rule);
}

qm_err qm_rule_read(const char *t, size_t len, struct qm_rule *out, struct qm_faults *faults)
{
    struct qm_faults own;
    qm_faults_init(&own);
    struct qm_closed c = {.faults = faults == NULL ? &own : faults};
    size_t before = c.faults->n;
    struct qm_rule found = {0};
    json_t *j = qm_closed_parse(&c, t, len);
    if (j != NULL) {
        read_rule(&c, j, &found);
        check_compact(&c, j, t, len);
    }
    qm_err err = c.faults->n > before ? QM_E_INVALID : QM_OK;
    if (err == QM_OK)
        *out = found;
    json_decref(j);
    qm_faults_free(&own);
    return err;
}
