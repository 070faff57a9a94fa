/* test_settings.c - what may be set: targets, rule, topics, texts. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "edge/rule.h"
#include "edge/settings.h"
#include "wire/codec.h"

enum { COUNTY = 140522 };

static void good(const char *kind, const char *text)
{
    struct qm_faults f;
    struct qm_buf said;
    qm_faults_init(&f);
    qm_buf_init(&said, 100000);
    qm_err err = qm_setting_check(kind, COUNTY, text, strlen(text), &f);
    qm_faults_text(&f, &said);
    if (err != QM_OK)
        fail_msg("%s: %s", text, said.p != NULL ? (const char *)said.p : "");
    qm_buf_free(&said);
    qm_faults_free(&f);
}

static void bad(const char *kind, const char *text, const char *needle)
{
    struct qm_faults f;
    struct qm_buf said;
    qm_faults_init(&f);
    qm_buf_init(&said, 100000);
    assert_int_equal(qm_setting_check(kind, COUNTY, text, strlen(text), &f), QM_E_INVALID);
    qm_faults_text(&f, &said);
    if (said.p == NULL || strstr((const char *)said.p, needle) == NULL)
        fail_msg("%s: \"%s\" does not say \"%s\"", text, said.p ? (const char *)said.p : "",
                 needle);
    qm_buf_free(&said);
    qm_faults_free(&f);
}

#define TARGET(metric, prefix, basis, threshold, from, due, assurance)                             \
    "{\"metric\":\"" metric "\",\"prefix\":\"" prefix "\",\"basis\":\"" basis                      \
    "\",\"threshold\":" threshold ",\"from\":\"" from "\",\"due\":\"" due                          \
    "\",\"assurance\":\"" assurance "\"}"
#define VISITED                                                                                    \
    TARGET("visited", "140522110", "door", "5000", "2026-01-01", "2026-03-31", "reported")

static void targets_are_a_closed_schema(void **state)
{
    (void)state;
    good("targets", "[]");
    good("targets", "[" VISITED "]");
    good("targets", " [ " TARGET("app_all", "140522", "register", "1", "2026-01-01", "2026-01-01",
                                 "evidenced") " ] \n");
    bad("targets", "{}", "must be an array");
    bad("targets", "[", "line 1: no JSON text");
    bad("targets", "[\n\n}", "line 3: no JSON text");
    bad("targets", "[1]", "[0]: must be an object");
    bad("targets", "[{}]", "[0].metric: is missing");
    bad("targets", "[{\"metric\":\"visited\",\"metric\":\"app\"}]", "no JSON text");
    bad("targets", "[" VISITED ",{\"x\":1}]", "[1].x: is not a member here");
    bad("targets",
        "[" TARGET("hugs", "140522", "door", "1", "2026-01-01", "2026-01-01", "reported") "]",
        "\"hugs\" is no metric");
    bad("targets",
        "[" TARGET("visited", "140523", "door", "1", "2026-01-01", "2026-01-01", "reported") "]",
        "in county 140522");
    bad("targets",
        "[" TARGET("visited", "1405221", "door", "1", "2026-01-01", "2026-01-01", "reported") "]",
        "[0].prefix");
    bad("targets",
        "[" TARGET("visited", "140522", "door", "0", "2026-01-01", "2026-01-01", "reported") "]",
        "from 1 to 10000");
    bad("targets",
        "[" TARGET("visited", "140522", "door", "10001", "2026-01-01", "2026-01-01",
                   "reported") "]",
        "from 1 to 10000");
    bad("targets",
        "[" TARGET("visited", "140522", "door", "50.0", "2026-01-01", "2026-01-01", "reported") "]",
        "whole number");
    bad("targets",
        "[" TARGET("visited", "140522", "door", "50", "2026-02-29", "2026-03-01", "reported") "]",
        "is no existing day");
    bad("targets",
        "[" TARGET("visited", "140522", "door", "50", "2026-02-02", "2026-02-01", "reported") "]",
        "lies before from");
    bad("targets",
        "[" TARGET("visited", "140522", "door", "50", "2026-02-02", "2026-02-03", "sure") "]",
        "not one of reported, evidenced");
}

static void a_basis_must_be_what_the_metric_counts(void **state)
{
    (void)state;
    bad("targets",
        "[" TARGET("visited", "140522", "reach", "1", "2026-01-01", "2026-01-01", "reported") "]",
        "write the metric reached");
    bad("targets",
        "[" TARGET("reached", "140522", "door", "1", "2026-01-01", "2026-01-01", "reported") "]",
        "write reach");
    good("targets",
         "[" TARGET("reached", "140522", "reach", "1", "2026-01-01", "2026-01-01", "reported") "]");
}

static void two_stages_with_the_same_due_day_are_refused(void **state)
{
    (void)state;
    bad("targets", "[" VISITED "," VISITED "]", "[1].due: row [0] has the same");
    good("targets", "[" VISITED "," TARGET("visited", "140522110", "door", "9000", "2026-01-01",
                                           "2026-06-30", "reported") "]");
}

#define NAMING(groups)                                                                             \
    "[{\"metric\":\"visited\",\"prefix\":\"140522110\",\"basis\":\"door\",\"threshold\":5000,"     \
    "\"from\":\"2026-01-01\",\"due\":\"2026-03-31\",\"assurance\":\"reported\",\"groups\":" groups \
    "}]"

static void a_target_names_care_groups(void **state)
{
    (void)state;
    good("targets", NAMING("[\"student\",\"elder_alone\"]"));
    bad("targets", NAMING("[]"), "1 to 16 group codes");
    bad("targets", NAMING("\"student\""), "1 to 16 group codes");
    bad("targets", NAMING("[\"Student\"]"), "\"Student\" is no code");
    bad("targets", NAMING("[7]"), "is no code");
    bad("targets", NAMING("[\"student\",\"student\"]"), "is there twice");
    bad("targets", NAMING("[\"released_prisoner\"]"), "never kept as a group");
    bad("targets", NAMING("[\"community-correction\"]"), "never kept as a group");
}

static void targets_are_read_into_rows(void **state)
{
    struct qm_targets t = {0};
    int32_t due = 0;
    const char *text = "[" VISITED "]";
    (void)state;
    assert_int_equal(qm_targets_read(text, strlen(text), COUNTY, &t, NULL), QM_OK);
    assert_int_equal(t.n, 1);
    assert_int_equal(t.list[0].metric, QM_COVER_VISITED);
    assert_string_equal(t.list[0].prefix, "140522110");
    assert_int_equal(t.list[0].threshold, 5000);
    assert_false(t.list[0].evidenced);
    assert_int_equal(qm_day_read("2026-03-31", 10, &due), QM_OK);
    assert_int_equal(t.list[0].due_day, due);
    free(t.list);
    t = (struct qm_targets){0};
    assert_int_equal(qm_targets_read("[1]", 3, COUNTY, &t, NULL), QM_E_INVALID);
    assert_null(t.list);
}

#define RULE_HEAD "{\"level\":\"village\",\"assurance\":\"reported\",\"order\":"
#define RANKED(name, more)                                                                         \
    "{\"name\":\"" name "\",\"ranked\":true,\"office\":true,\"public\":true" more "}"
#define SHOWN(name) "{\"name\":\"" name "\",\"ranked\":false,\"office\":true,\"public\":false}"

static void rules_add_up(void **state)
{
    (void)state;
    good("rule",
         RULE_HEAD "\"weights\",\"metrics\":[" RANKED("visited", ",\"weight\":60") "," RANKED(
             "pledge", ",\"weight\":40") "," SHOWN("app") "],\"minimum\":30,\"commended\":3,"
                                                          "\"criticised\":0}");
    good("rule", RULE_HEAD "\"lexicographic\",\"metrics\":[" RANKED(
                     "cases", ",\"lower\":true") "," RANKED("visited", "") "]}");
    good("rule", RULE_HEAD "\"lexicographic\",\"metrics\":[" RANKED(
                     "visited", "") "],\"escalation\":[{\"subject\":\"police\",\"when\":\"worst\","
                                    "\"times\":2,\"step\":\"talk\"}]}");
    bad("rule", RULE_HEAD "\"weights\",\"metrics\":[" RANKED("visited", ",\"weight\":99") "]}",
        "add up to 99");
    bad("rule", RULE_HEAD "\"weights\",\"metrics\":[" RANKED("visited", "") "]}",
        "metrics[0].weight: is missing");
    bad("rule", RULE_HEAD "\"weights\",\"metrics\":[" RANKED("cases", ",\"weight\":100") "]}",
        "lexicographic");
    bad("rule",
        RULE_HEAD
        "\"weights\",\"metrics\":[" RANKED("visited", ",\"weight\":100,\"lower\":false") "]}",
        "lower: goes with");
    bad("rule",
        RULE_HEAD "\"lexicographic\",\"metrics\":[" RANKED("visited", ",\"weight\":100") "]}",
        "only ranked metrics of the order weights");
    bad("rule", RULE_HEAD "\"lexicographic\",\"metrics\":[" SHOWN("visited") "]}",
        "none is ranked");
    bad("rule",
        RULE_HEAD "\"lexicographic\",\"metrics\":[" RANKED("visited", "") "," SHOWN("visited") "]}",
        "metrics[1].name: is there twice");
    bad("rule", RULE_HEAD "\"lexicographic\",\"metrics\":[]}", "1 to 32 metrics");
    bad("rule", RULE_HEAD "\"points\",\"metrics\":[" RANKED("visited", "") "]}",
        "not one of weights, lexicographic");
}

#define STEP(subject, when, times)                                                                 \
    RULE_HEAD "\"lexicographic\",\"metrics\":[" RANKED(                                            \
        "visited", "") "],\"escalation\":[{\"subject\":\"" subject "\",\"when\":\"" when           \
                       "\",\"times\":" times ",\"step\":\"talk\"}]}"

static void steps_are_a_closed_list(void **state)
{
    static const char *const whens[] = {"worst", "case", "low", "false"};
    struct qm_rule r;
    (void)state;
    good("rule", STEP("village", "low", "1"));
    good("rule", STEP("unit", "case", "52"));
    good("rule", STEP("police", "false", "1"));
    bad("rule", STEP("village", "rainy", "1"),
        "escalation[0].when: \"rainy\" is not one of worst, case, low, false");
    bad("rule", STEP("person", "low", "1"), "escalation[0].subject");
    bad("rule", STEP("village", "low", "0"), "escalation[0].times: must be a whole number");
    bad("rule", STEP("village", "low", "53"), "escalation[0].times: must be a whole number");
    assert_int_equal(
        qm_rule_read(STEP("police", "false", "3"), strlen(STEP("police", "false", "3")), &r, NULL),
        QM_OK);
    assert_int_equal(r.steps_n, 1);
    assert_int_equal(r.steps[0].subject, QM_SUBJECT_POLICE);
    assert_int_equal(r.steps[0].times, 3);
    assert_string_equal(qm_rule_when_name(r.steps[0].when), whens[3]);
    assert_string_equal(r.steps[0].step, "talk");
}

static void rules_are_read_into_values(void **state)
{
    static const char text[] =
        "{\"level\":\"township\",\"assurance\":\"evidenced\",\"order\":\"lexicographic\","
        "\"metrics\":["
        "{\"name\":\"cases\",\"ranked\":true,\"office\":true,\"public\":false,\"lower\":true},"
        "{\"name\":\"app_all\",\"ranked\":false,\"office\":false,\"public\":true}],\"minimum\":30,"
        "\"commended\":3,\"criticised\":2}";
    struct qm_rule r;
    (void)state;
    assert_int_equal(qm_rule_read(text, strlen(text), &r, NULL), QM_OK);
    assert_int_equal(r.level, QM_LEVEL_TOWNSHIP);
    assert_true(r.evidenced && !r.weights);
    assert_int_equal(r.minimum, 30);
    assert_int_equal(r.commended, 3);
    assert_int_equal(r.criticised, 2);
    assert_int_equal(r.metrics_n, 2);
    assert_string_equal(r.metrics[0].name, "cases");
    assert_true(r.metrics[0].imported && r.metrics[0].ranked && r.metrics[0].lower);
    assert_false(r.metrics[0].open);
    assert_false(r.metrics[1].imported || r.metrics[1].ranked || r.metrics[1].office);
    assert_int_equal(r.metrics[1].cover, QM_COVER_APP_ALL);
    r.level = QM_LEVEL_GRID;
    assert_int_equal(qm_rule_read("{}", 2, &r, NULL), QM_E_INVALID);
    assert_int_equal(r.level, QM_LEVEL_GRID);
}

/* A file of deploy/sample, which must be a good rule. */
static struct qm_rule preset(const char *name)
{
    char path[1024];
    char text[4096];
    struct qm_rule r;
    snprintf(path, sizeof path, "%s/../deploy/sample/%s", getenv("QM_SQL"), name);
    FILE *f = fopen(path, "rb");
    assert_non_null(f);
    size_t n = fread(text, 1, sizeof text, f);
    fclose(f);
    assert_int_equal(qm_rule_read(text, n, &r, NULL), QM_OK);
    return r;
}

static void both_presets_are_rules_and_differ_in_what_they_rank(void **state)
{
    (void)state;
    struct qm_rule visits = preset("rule.json");
    struct qm_rule plan = preset("rule-plan.json");
    for (size_t i = 0; i < visits.metrics_n; i++) {
        const struct qm_rule_metric *m = &visits.metrics[i];
        assert_true(m->imported || m->cover < QM_COVER_APP || (!m->ranked && !m->open));
    }
    bool app = false;
    for (size_t i = 0; i < plan.metrics_n; i++)
        app = app || (plan.metrics[i].cover == QM_COVER_APP && plan.metrics[i].ranked);
    assert_true(app);
}

static void rules_are_compact(void **state)
{
    (void)state;
    bad("rule", RULE_HEAD " \"lexicographic\",\"metrics\":[" RANKED("visited", "") "]}",
        "must be compact JSON");
    good("rule", RULE_HEAD "\"lexicographic\",\"metrics\":[" RANKED("visited", "") "]}\n");
    bad("rule", RULE_HEAD "\"lexicographic\",\"metrics\":[" RANKED("visited", "") "]}\n\n",
        "must be compact JSON");
    bad("rule", "\n", "no JSON text");
    bad("rule", RULE_HEAD "\"lexicographic\",\"metrics\":[" RANKED("visited", "") "],\"more\":1}",
        "more: is not a member here");
}

static void topics_and_texts_have_codes_of_their_own(void **state)
{
    (void)state;
    good("topics", "[{\"code\":\"fake-police\",\"zh\":\"冒充公检法\"}]");
    bad("topics", "[{\"code\":\"Fake\",\"zh\":\"x\"}]", "is no code");
    bad("topics", "[{\"code\":\"a\",\"zh\":\"x\"},{\"code\":\"a\",\"zh\":\"y\"}]",
        "[1].code: is the one of row [0] too");
    bad("topics", "[{\"code\":\"a\",\"zh\":\"\"}]", "text of 1 to 200 bytes");
    good("texts",
         "[{\"text\":\"notice-1\",\"kind\":\"notice\",\"basis\":\"household\",\"title\":\"t\","
         "\"body\":\"b\\nc\"}]");
    bad("texts",
        "[{\"text\":\"notice-1\",\"kind\":\"poem\",\"basis\":\"household\",\"title\":\"t\","
        "\"body\":\"b\"}]",
        "not one of notice, pledge");
    bad("texts", "[{\"text\":\"n\",\"kind\":\"notice\",\"basis\":\"household\",\"title\":\"t\"}]",
        "[0].body: is missing");
}

static void there_is_no_other_kind(void **state)
{
    struct qm_faults f;
    (void)state;
    qm_faults_init(&f);
    assert_int_equal(qm_setting_check("key", COUNTY, "[]", 2, &f), QM_E_NOT_FOUND);
    assert_int_equal(f.n, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(targets_are_a_closed_schema),
        cmocka_unit_test(a_basis_must_be_what_the_metric_counts),
        cmocka_unit_test(two_stages_with_the_same_due_day_are_refused),
        cmocka_unit_test(a_target_names_care_groups),
        cmocka_unit_test(targets_are_read_into_rows),
        cmocka_unit_test(rules_add_up),
        cmocka_unit_test(steps_are_a_closed_list),
        cmocka_unit_test(rules_are_read_into_values),
        cmocka_unit_test(both_presets_are_rules_and_differ_in_what_they_rank),
        cmocka_unit_test(rules_are_compact),
        cmocka_unit_test(topics_and_texts_have_codes_of_their_own),
        cmocka_unit_test(there_is_no_other_kind),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
