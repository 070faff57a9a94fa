/* What a rule's steps propose: each condition, its edges, and how long it must hold. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "domain/ranking_steps.h"
#include "memory_fixture.h"

enum { ROWS = 5 };

static struct qm_rule rule_of(bool weights, enum qm_rule_when when, int times)
{
    struct qm_rule r = {
        .level = QM_LEVEL_VILLAGE, .weights = weights, .metrics_n = 2, .steps_n = 1};
    static const char *const names[] = {"cases", "loss_cents"};
    for (size_t i = 0; i < 2; i++) {
        struct qm_rule_metric *m = &r.metrics[i];
        snprintf(m->name, sizeof m->name, "%s", weights ? (i ? "pledge" : "visited") : names[i]);
        m->ranked = true;
        m->imported = m->lower = !weights;
        m->weight = weights ? 50 : 0;
    }
    r.steps[0] = (struct qm_rule_step){.when = when, .times = times, .step = "talk"};
    return r;
}

/* cases and loss of each; codes A, B, C, ... */
static size_t table(struct qm_rank_row rows[ROWS], size_t n, const int64_t values[][2])
{
    for (size_t i = 0; i < n; i++) {
        rows[i] = (struct qm_rank_row){.rank = (int)i + 1};
        rows[i].code[0] = (char)('A' + (int)i);
        rows[i].m[0] = (struct qm_rank_cell){.num = values[i][0], .den = 1};
        rows[i].m[1] = (struct qm_rank_cell){.num = values[i][1], .den = 1};
    }
    return n;
}

/* Codes that are proposed after `earlier` tables of the same rule. */
static void proposes(const struct qm_rule *rule, const struct qm_rank_row *rows, size_t n,
                     const struct qm_rank_row *earlier, int times, const char *codes)
{
    struct qm_steps s;
    char got[ROWS + 1] = "";
    size_t found = 0;
    assert_int_equal(qm_steps_begin(&s, rule, rows, n), QM_OK);
    for (int i = 0; i < times; i++)
        qm_steps_earlier(&s, rule, earlier, n);
    qm_steps_end(&s);
    for (size_t i = 0; i < n; i++) {
        if (qm_steps_proposed(&s, 0, i))
            got[found++] = rows[i].code[0];
    }
    assert_string_equal(got, codes);
    qm_steps_free(&s);
}

static void worst_is_last_in_every_figure(void **state)
{
    struct qm_rank_row rows[ROWS];
    struct qm_rule rule = rule_of(false, QM_WHEN_WORST, 1);
    (void)state;
    proposes(&rule, rows, table(rows, 3, (const int64_t[][2]){{0, 0}, {1, 5}, {3, 9}}), NULL, 0,
             "C");
    proposes(&rule, rows, table(rows, 3, (const int64_t[][2]){{0, 9}, {1, 5}, {3, 0}}), NULL, 0,
             "");
    proposes(&rule, rows, table(rows, 3, (const int64_t[][2]){{3, 9}, {1, 5}, {3, 9}}), NULL, 0,
             "AC");
    proposes(&rule, rows, table(rows, 2, (const int64_t[][2]){{0, 0}, {0, 0}}), NULL, 0, "");
    proposes(&rule, rows, table(rows, 1, (const int64_t[][2]){{7, 7}}), NULL, 0, "");
    rule.metrics[0].lower = rule.metrics[1].lower = false;
    proposes(&rule, rows, table(rows, 3, (const int64_t[][2]){{0, 0}, {1, 5}, {3, 9}}), NULL, 0,
             "A");
    rule.metrics[0].ranked = rule.metrics[1].ranked = false;
    proposes(&rule, rows, table(rows, 3, (const int64_t[][2]){{0, 0}, {1, 5}, {3, 9}}), NULL, 0,
             "");
}

static void those_left_out_are_held_against_nobody(void **state)
{
    struct qm_rank_row rows[ROWS];
    struct qm_rule rule = rule_of(false, QM_WHEN_WORST, 1);
    (void)state;
    size_t n = table(rows, 3, (const int64_t[][2]){{0, 0}, {1, 5}, {3, 9}});
    rows[2].out = QM_RANK_SMALL;
    proposes(&rule, rows, n, NULL, 0, "B");
}

static void a_case_is_any_above_0(void **state)
{
    struct qm_rank_row rows[ROWS];
    struct qm_rule rule = rule_of(false, QM_WHEN_CASE, 1);
    (void)state;
    size_t n = table(rows, 3, (const int64_t[][2]){{0, 9}, {1, 0}, {3, 0}});
    proposes(&rule, rows, n, NULL, 0, "BC");
    rule.steps[0].when = QM_WHEN_FALSE;
    proposes(&rule, rows, n, NULL, 0, "");
    snprintf(rule.metrics[1].name, sizeof rule.metrics[1].name, "false_records");
    proposes(&rule, rows, n, NULL, 0, "A");
    rule.metrics[1].imported = false;
    proposes(&rule, rows, n, NULL, 0, "");
}

static void low_is_under_60_points_and_among_the_last_three(void **state)
{
    struct qm_rank_row rows[ROWS];
    struct qm_rule rule = rule_of(true, QM_WHEN_LOW, 1);
    static const int64_t none[ROWS][2] = {{0, 0}};
    static const int64_t scores[ROWS] = {59999999, 59999998, 59999997, 59999996, 59999995};
    (void)state;
    size_t n = table(rows, ROWS, none);
    for (size_t i = 0; i < n; i++)
        rows[i].score = scores[i];
    proposes(&rule, rows, n, NULL, 0, "CDE");
    rows[2].rank = rows[1].rank = 2; /* a tie at the edge: two are behind both */
    proposes(&rule, rows, n, NULL, 0, "BCDE");
    rows[3].score = 60000000;
    rows[4].out = QM_RANK_SMALL;
    rows[4].rank = 0;
    proposes(&rule, rows, n, NULL, 0, "BC");
    rule.weights = false;
    proposes(&rule, rows, n, NULL, 0, "");
}

static void it_must_hold_as_often_as_the_step_says(void **state)
{
    struct qm_rank_row rows[ROWS], before[ROWS];
    struct qm_rule rule = rule_of(false, QM_WHEN_CASE, 3);
    (void)state;
    size_t n = table(rows, 3, (const int64_t[][2]){{1, 0}, {1, 0}, {0, 0}});
    table(before, 3, (const int64_t[][2]){{1, 0}, {0, 0}, {1, 0}});
    assert_int_equal(qm_steps_history(&rule), 2);
    proposes(&rule, rows, n, before, 0, "");
    proposes(&rule, rows, n, before, 1, "");
    proposes(&rule, rows, n, before, 2, "A");
    proposes(&rule, rows, n, before, 5, "A");
    snprintf(before[0].code, sizeof before[0].code, "Z"); /* a division that was not there */
    proposes(&rule, rows, n, before, 2, "");
    rule.steps_n = 0;
    assert_int_equal(qm_steps_history(&rule), 0);
}

static bool begin(void)
{
    struct qm_rank_row rows[ROWS];
    struct qm_rule rule = rule_of(false, QM_WHEN_CASE, 1);
    struct qm_steps s;
    size_t n = table(rows, 2, (const int64_t[][2]){{1, 0}, {1, 0}});
    qm_err err = qm_steps_begin(&s, &rule, rows, n);
    assert_true(err == QM_OK || err == QM_E_NOMEM);
    qm_steps_free(&s);
    return err == QM_OK;
}

static void without_memory_nothing_is_proposed(void **state)
{
    (void)state;
    memory_each_fails(begin);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(worst_is_last_in_every_figure),
        cmocka_unit_test(those_left_out_are_held_against_nobody),
        cmocka_unit_test(a_case_is_any_above_0),
        cmocka_unit_test(low_is_under_60_points_and_among_the_last_three),
        cmocka_unit_test(it_must_hold_as_often_as_the_step_says),
        cmocka_unit_test(without_memory_nothing_is_proposed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
