/* What the week brought, what is needed a day, and when a target will be met. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "domain/coverage_pace.h"
#include "wire/codec.h"

enum { TODAY = 20778 /* 2026-11-21, a Saturday */ };

static struct qm_target target = {
    .metric = QM_COVER_VISITED, .threshold = 10000, .from_day = TODAY - 40, .due_day = TODAY + 40};

/* 400 of 1,000 doors, all of them wanted in forty days. */
static struct qm_figure figure(int64_t num)
{
    struct qm_figure f = {.state = QM_FIGURE_OK, .num = num, .num_evidenced = num / 2, .den = 1000};
    f.now = &target;
    f.gap = qm_gap(target.evidenced ? f.num_evidenced : num, 1000, target.threshold);
    f.met = f.gap == 0;
    return f;
}

static struct qm_pace_past past(int32_t days_ago, int64_t num)
{
    return (struct qm_pace_past){
        .there = true, .day = TODAY - days_ago, .num = num, .num_evidenced = num / 2};
}

static struct qm_pace pace(int64_t num, int32_t days_ago, int64_t then)
{
    struct qm_figure f = figure(num);
    struct qm_pace_past week = past(6, then);
    struct qm_pace_past fortnight = past(days_ago, then);
    struct qm_pace p;
    qm_pace_compute(&f, TODAY, &week, &fortnight, &p);
    return p;
}

static void test_forecast(void **state)
{
    (void)state;
    struct qm_pace p = pace(400, 10, 300); /* ten a day */
    assert_int_equal(p.now.state, QM_PACE_OK);
    assert_int_equal(p.week, 100);
    assert_int_equal(p.needed, 15); /* 600 doors in 40 days */
    assert_int_equal(p.now.forecast_day, TODAY + 60);
    assert_false(p.now.in_time);
    assert_int_equal(p.now.at_due, 8000); /* 400 and 40 times ten */
    p = pace(400, 10, 250);
    assert_int_equal(p.now.forecast_day, TODAY + 40);
    assert_true(p.now.in_time);
    assert_int_equal(p.now.at_due, 10000);
}

static void test_days_are_cut_upwards(void **state)
{
    (void)state;
    struct qm_pace p = pace(999, 14, 985); /* one a day, one to go */
    assert_int_equal(p.now.forecast_day, TODAY + 1);
    assert_int_equal(p.needed, 1);
    p = pace(400, 7, 397); /* three in a week */
    assert_int_equal(p.now.forecast_day, TODAY + 1400);
}

static void test_no_forecast_from_too_little(void **state)
{
    (void)state;
    assert_int_equal(pace(400, 6, 300).now.state, QM_PACE_TOO_LITTLE);
    assert_int_equal(pace(400, 7, 300).now.state, QM_PACE_OK);
    struct qm_figure f = figure(400);
    struct qm_pace_past none = {0};
    struct qm_pace p;
    qm_pace_compute(&f, TODAY, &none, &none, &p);
    assert_int_equal(p.now.state, QM_PACE_TOO_LITTLE);
    assert_false(p.has_week);
    assert_int_equal(p.needed, 15);
}

static void test_what_stands_or_falls_is_not_forecast(void **state)
{
    (void)state;
    struct qm_pace p = pace(400, 10, 400);
    assert_int_equal(p.now.state, QM_PACE_STANDS);
    assert_int_equal(p.now.at_due, 4000);
    p = pace(400, 10, 450); /* moved away, or voided */
    assert_int_equal(p.now.state, QM_PACE_STANDS);
    assert_int_equal(p.week, -50);
    assert_int_equal(p.now.at_due, 4000);
}

static void test_done_and_no_target(void **state)
{
    (void)state;
    struct qm_pace p = pace(1000, 10, 900);
    assert_int_equal(p.now.state, QM_PACE_DONE);
    assert_int_equal(p.needed, 0);
    struct qm_figure f = figure(400);
    struct qm_pace_past then = past(10, 300);
    f.now = NULL;
    qm_pace_compute(&f, TODAY, &then, &then, &p);
    assert_int_equal(p.now.state, QM_PACE_NO_TARGET);
    assert_true(p.has_week);
    f.state = QM_FIGURE_EMPTY;
    qm_pace_compute(&f, TODAY, &then, &then, &p);
    assert_int_equal(p.now.state, QM_PACE_NO_TARGET);
    assert_false(p.has_week);
}

static void test_overdue_wants_the_whole_gap(void **state)
{
    (void)state;
    target.due_day = TODAY - 1;
    struct qm_pace p = pace(400, 10, 300);
    assert_int_equal(p.needed, 600);
    assert_int_equal(p.now.at_due, 4000);
    assert_false(p.now.in_time);
    target.due_day = TODAY;
    assert_int_equal(pace(400, 10, 300).needed, 600);
    target.due_day = TODAY + 40;
}

static void test_an_evidenced_target_goes_by_evidence(void **state)
{
    (void)state;
    target.evidenced = true;
    struct qm_pace p = pace(400, 10, 300); /* 200 evidenced of 1,000, five more a day */
    assert_int_equal(p.needed, 20);
    assert_int_equal(p.now.forecast_day, TODAY + 160);
    assert_int_equal(p.week, 100);
    target.evidenced = false;
}

static void test_a_stage_that_is_met_looks_to_the_next(void **state)
{
    (void)state;
    struct qm_target next = target;
    struct qm_figure f = figure(400);
    struct qm_pace_past then = past(10, 300);
    struct qm_pace p;
    next.due_day = TODAY + 60;
    f.next = &next;
    qm_pace_compute(&f, TODAY, &then, &then, &p);
    assert_int_equal(p.stage.state, QM_PACE_NO_TARGET); /* the one that holds comes first */
    assert_true(p.has_since);
    assert_int_equal(p.since_day, TODAY - 10);
    target.threshold = 4000;
    f = figure(400);
    f.next = &next;
    qm_pace_compute(&f, TODAY, &then, &then, &p);
    assert_int_equal(p.now.state, QM_PACE_DONE);
    assert_int_equal(p.stage.state, QM_PACE_OK);
    assert_int_equal(p.stage.forecast_day, TODAY + 60); /* ten a day */
    assert_true(p.stage.in_time);
    next.due_day = TODAY + 59;
    qm_pace_compute(&f, TODAY, &then, &then, &p);
    assert_false(p.stage.in_time);
    assert_int_equal(p.stage.at_due, 9900);
    next.evidenced = true;
    qm_pace_compute(&f, TODAY, &then, &then, &p);
    assert_int_equal(p.stage.forecast_day, TODAY + 160);
    struct qm_pace_past young = past(6, 300); /* a Monday has a fortnight behind it, not a day */
    qm_pace_compute(&f, TODAY, &then, &young, &p);
    assert_int_equal(p.stage.state, QM_PACE_TOO_LITTLE);
    assert_false(p.has_since);
    next.evidenced = false;
    next.threshold = 4000;
    qm_pace_compute(&f, TODAY, &then, &then, &p);
    assert_int_equal(p.stage.state, QM_PACE_DONE);
    target.threshold = 10000;
}

static void test_last_sunday(void **state)
{
    (void)state;
    int32_t day;
    assert_int_equal(qm_day_read("2026-11-15", 10, &day), QM_OK);
    assert_int_equal(qm_pace_last_sunday(TODAY), day);
    assert_int_equal(qm_pace_last_sunday(day), day - 7);
    for (int32_t d = day + 1; d <= day + 7; d++)
        assert_int_equal(qm_pace_last_sunday(d), day);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_forecast),
        cmocka_unit_test(test_days_are_cut_upwards),
        cmocka_unit_test(test_no_forecast_from_too_little),
        cmocka_unit_test(test_what_stands_or_falls_is_not_forecast),
        cmocka_unit_test(test_done_and_no_target),
        cmocka_unit_test(test_overdue_wants_the_whole_gap),
        cmocka_unit_test(test_an_evidenced_target_goes_by_evidence),
        cmocka_unit_test(test_a_stage_that_is_met_looks_to_the_next),
        cmocka_unit_test(test_last_sunday),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
