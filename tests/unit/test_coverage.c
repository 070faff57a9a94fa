/* test_coverage.c - figures out of counters, targets and stages. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "domain/coverage.h"
#include "wire/codec.h"

static struct qm_coverage_row row_of(int64_t num, int64_t evidenced, int64_t den)
{
    struct qm_coverage_row r = {.code = "140522110204", .name = "village", .counted = true};
    r.places = QM_C_COUNT_ - 1;
    r.v[QM_C_VISITED] = num;
    r.v[QM_C_VISITED_EVIDENCED] = evidenced;
    r.v[QM_C_HOMES] = den;
    assert_int_equal(qm_day_read("2026-03-15", 10, &r.age_day), QM_OK);
    return r;
}

static int32_t day(const char *t)
{
    int32_t d = 0;
    assert_int_equal(qm_day_read(t, 10, &d), QM_OK);
    return d;
}

static struct qm_target target(const char *prefix, int threshold, const char *from, const char *due)
{
    struct qm_target t = {.metric = QM_COVER_VISITED, .threshold = threshold};
    snprintf(t.prefix, sizeof t.prefix, "%s", prefix);
    t.from_day = day(from);
    t.due_day = day(due);
    return t;
}

/* ---- places ---- */

/* The file that fills qm.counter_place is the other list of places: they must agree. */
static void places_are_those_of_the_database(void **state)
{
    const char *folder = getenv("QM_SQL");
    char path[1024], line[512], start[80];
    int seen = 0;
    (void)state;
    assert_non_null(folder);
    snprintf(path, sizeof path, "%s/migrations/0001_main.data.sql", folder);
    FILE *f = fopen(path, "r");
    assert_non_null(f);
    while (fgets(line, sizeof line, f) != NULL) {
        if (strncmp(line, "    (", 5) != 0)
            continue;
        seen++;
        assert_non_null(qm_counter_name(seen));
        snprintf(start, sizeof start, "    (%d, '%s', ", seen, qm_counter_name(seen));
        line[strlen(start)] = '\0';
        assert_string_equal(line, start);
    }
    fclose(f);
    assert_int_equal(seen, QM_C_COUNT_ - 1);
    assert_null(qm_counter_name(0));
    assert_null(qm_counter_name(QM_C_COUNT_));
}

static void every_place_is_in_a_metric_or_beside_it(void **state)
{
    int of_metric = 0;
    (void)state;
    for (int p = 1; p < QM_C_COUNT_; p++)
        of_metric += qm_counter_of_metric(p);
    /* 10 numerators, 10 evidenced, 3 denominators, 5 refusals */
    assert_int_equal(of_metric, 28);
    assert_true(qm_counter_of_metric(QM_C_VISITED_REFUSED));
    assert_false(qm_counter_of_metric(QM_C_AWAY));
    assert_false(qm_counter_of_metric(QM_C_APP_LATER));
}

static void metrics_have_the_names_of_the_contract(void **state)
{
    enum qm_cover m;
    (void)state;
    for (int i = 0; i < QM_COVER_COUNT_; i++) {
        assert_int_equal(qm_cover_read(qm_cover_name((enum qm_cover)i), &m), QM_OK);
        assert_int_equal(m, i);
    }
    assert_int_equal(qm_cover_read("refused", &m), QM_E_NOT_FOUND);
    assert_int_equal(qm_cover_read("", &m), QM_E_NOT_FOUND);
}

/* ---- figures ---- */

static void percentages_are_cut_and_never_rounded_up(void **state)
{
    (void)state;
    assert_int_equal(qm_percent(2, 3), 6666);
    assert_int_equal(qm_percent(9999, 10000), 9999);
    assert_int_equal(qm_percent(99999, 100000), 9999);
    assert_int_equal(qm_percent(1, 30000), 0);
    assert_int_equal(qm_percent(7, 7), 10000);
    assert_int_equal(qm_percent(1400000000, 1400000001), 9999);
}

static void the_gap_is_the_smallest_number_that_meets_the_target(void **state)
{
    (void)state;
    for (int64_t den = 1; den <= 60; den++) {
        for (int64_t num = 0; num <= den; num++) {
            for (int32_t t = 1; t <= 10000; t += 333) {
                int64_t k = qm_gap(num, den, t);
                assert_true((num + k) * 10000 >= den * t);
                assert_true(k == 0 || (num + k - 1) * 10000 < den * t);
            }
        }
    }
    assert_int_equal(qm_gap(0, 1400000000, 10000), 1400000000);
}

static void zero_nobody_not_computed_and_failed_are_told_apart(void **state)
{
    struct qm_figure f;
    struct qm_coverage_row r = row_of(0, 0, 10);
    (void)state;
    qm_figure_compute(&r, QM_COVER_VISITED, NULL, &f);
    assert_int_equal(f.state, QM_FIGURE_OK);
    assert_int_equal(f.percent, 0);
    r = row_of(0, 0, 0);
    qm_figure_compute(&r, QM_COVER_VISITED, NULL, &f);
    assert_int_equal(f.state, QM_FIGURE_EMPTY);
    r = row_of(5, 2, 10);
    r.counted = false;
    qm_figure_compute(&r, QM_COVER_VISITED, NULL, &f);
    assert_int_equal(f.state, QM_FIGURE_NOT_COMPUTED);
    r = row_of(11, 2, 10);
    qm_figure_compute(&r, QM_COVER_VISITED, NULL, &f);
    assert_int_equal(f.state, QM_FIGURE_FAILED);
    r = row_of(-1, 0, 10);
    qm_figure_compute(&r, QM_COVER_VISITED, NULL, &f);
    assert_int_equal(f.state, QM_FIGURE_FAILED);
    r = row_of(3, 4, 10);
    qm_figure_compute(&r, QM_COVER_VISITED, NULL, &f);
    assert_int_equal(f.state, QM_FIGURE_FAILED);
    r = row_of(3, 1, 10);
    r.places = 10;
    qm_figure_compute(&r, QM_COVER_VISITED, NULL, &f);
    assert_int_equal(f.state, QM_FIGURE_FAILED);
}

static void figures_are_held_against_their_stage(void **state)
{
    struct qm_target list[] = {target("140522", 5000, "2026-01-01", "2026-03-31"),
                               target("140522", 10000, "2026-01-01", "2026-06-30")};
    struct qm_targets t = {2, list};
    struct qm_coverage_row r = row_of(50, 10, 100);
    struct qm_figure f;
    (void)state;
    qm_figure_compute(&r, QM_COVER_VISITED, &t, &f);
    assert_ptr_equal(f.now, &list[0]);
    assert_ptr_equal(f.next, &list[1]);
    assert_true(f.met);
    assert_int_equal(f.gap, 0);
    assert_int_equal(f.gap_next, 50);
    list[0].evidenced = true;
    qm_figure_compute(&r, QM_COVER_VISITED, &t, &f);
    assert_false(f.met);
    assert_int_equal(f.gap, 40);
    qm_figure_compute(&r, QM_COVER_REACHED, &t, &f);
    assert_null(f.now);
    assert_null(f.next);
}

/* ---- stages ---- */

static void stages_follow_one_another_and_the_last_one_stays(void **state)
{
    struct qm_target list[] = {target("140522", 8000, "2026-04-01", "2026-06-30"),
                               target("140522", 4000, "2026-01-01", "2026-03-31")};
    struct qm_targets t = {2, list};
    const char *code = "140522110204001";
    (void)state;
    assert_null(qm_target_now(&t, QM_COVER_VISITED, code, day("2025-12-31")));
    assert_ptr_equal(qm_target_next(&t, QM_COVER_VISITED, code, day("2025-12-31")), &list[1]);
    assert_ptr_equal(qm_target_now(&t, QM_COVER_VISITED, code, day("2026-01-01")), &list[1]);
    assert_ptr_equal(qm_target_now(&t, QM_COVER_VISITED, code, day("2026-03-31")), &list[1]);
    assert_ptr_equal(qm_target_next(&t, QM_COVER_VISITED, code, day("2026-03-31")), &list[0]);
    assert_ptr_equal(qm_target_now(&t, QM_COVER_VISITED, code, day("2026-04-01")), &list[0]);
    assert_null(qm_target_next(&t, QM_COVER_VISITED, code, day("2026-04-01")));
    assert_ptr_equal(qm_target_now(&t, QM_COVER_VISITED, code, day("2027-01-01")), &list[0]);
}

static void the_nearest_division_sets_the_target(void **state)
{
    struct qm_target list[] = {target("140522", 5000, "2026-01-01", "2026-12-31"),
                               target("140522110", 7000, "2026-01-01", "2026-12-31"),
                               target("140522110204", 9000, "2026-01-01", "2026-12-31")};
    struct qm_targets t = {3, list};
    int32_t on = day("2026-02-01");
    (void)state;
    assert_ptr_equal(qm_target_now(&t, QM_COVER_VISITED, "140522110204001", on), &list[2]);
    assert_ptr_equal(qm_target_now(&t, QM_COVER_VISITED, "140522110205", on), &list[1]);
    assert_ptr_equal(qm_target_now(&t, QM_COVER_VISITED, "140522111", on), &list[0]);
    assert_ptr_equal(qm_target_now(&t, QM_COVER_VISITED, "140522", on), &list[0]);
    assert_null(qm_target_now(&t, QM_COVER_VISITED, "140521", on));
    assert_null(qm_target_now(&t, QM_COVER_APP, "140522", on));
}

static void levels_have_their_digits(void **state)
{
    (void)state;
    assert_int_equal(qm_level_digits("grid"), 15);
    assert_int_equal(qm_level_digits("village"), 12);
    assert_int_equal(qm_level_digits("township"), 9);
    assert_int_equal(qm_level_digits("county"), 6);
    assert_int_equal(qm_level_digits("province"), 0);
    assert_int_equal(qm_level_digits(""), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(places_are_those_of_the_database),
        cmocka_unit_test(every_place_is_in_a_metric_or_beside_it),
        cmocka_unit_test(metrics_have_the_names_of_the_contract),
        cmocka_unit_test(percentages_are_cut_and_never_rounded_up),
        cmocka_unit_test(the_gap_is_the_smallest_number_that_meets_the_target),
        cmocka_unit_test(zero_nobody_not_computed_and_failed_are_told_apart),
        cmocka_unit_test(figures_are_held_against_their_stage),
        cmocka_unit_test(stages_follow_one_another_and_the_last_one_stays),
        cmocka_unit_test(the_nearest_division_sets_the_target),
        cmocka_unit_test(levels_have_their_digits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
