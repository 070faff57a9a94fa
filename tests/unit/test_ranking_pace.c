/* How a freeze makes room for syncs: whom it rests for, how long, and that it comes to an end.  The
 * clock is a number.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "domain/ranking_pace.h"

/* Stretches of this length with someone waiting or not; the rests, which the clock sees too. */
static int64_t rests(struct qm_freeze_pace *p, int64_t *clock_ms, int stretches, int64_t each_ms,
                     bool syncs_wait)
{
    int64_t sum = 0;
    for (int i = 0; i < stretches; i++) {
        *clock_ms += each_ms;
        int64_t rest = qm_freeze_pace_rest_ms(p, *clock_ms, syncs_wait);
        *clock_ms += rest;
        sum += rest;
        if (rest > 0)
            qm_freeze_pace_begin(p, *clock_ms);
    }
    return sum;
}

static void test_free_while_nobody_waits(void **state)
{
    struct qm_freeze_pace p = {0};
    int64_t clock_ms = 1000;
    (void)state;
    qm_freeze_pace_begin(&p, clock_ms);
    assert_int_equal(rests(&p, &clock_ms, 10000, 3, false), 0);
    assert_int_equal(p.worked_ms, 30000);
}

static void test_rests_as_long_as_it_worked(void **state)
{
    struct qm_freeze_pace p = {0};
    int64_t clock_ms = 1000;
    (void)state;
    qm_freeze_pace_begin(&p, clock_ms);
    assert_int_equal(rests(&p, &clock_ms, QM_PACE_FREE_MS / 5, 5, true), 0);
    assert_int_equal(rests(&p, &clock_ms, 200, 5, true), 1000);
    assert_int_equal(rests(&p, &clock_ms, 1, 700, true), 700); /* one long statement */
    assert_int_equal(rests(&p, &clock_ms, 100, 5, false), 0);  /* they are answered */
    assert_int_equal(rests(&p, &clock_ms, 100, 5, true), 500); /* and others come */
    assert_int_equal(p.rested_ms, 2200);
}

static void test_short_rests_are_put_together(void **state)
{
    struct qm_freeze_pace p = {.worked_ms = QM_PACE_FREE_MS};
    int64_t clock_ms = 1000;
    (void)state;
    qm_freeze_pace_begin(&p, clock_ms);
    assert_int_equal(rests(&p, &clock_ms, QM_PACE_REST_MIN_MS - 1, 1, true), 0);
    assert_int_equal(rests(&p, &clock_ms, 1, 1, true), QM_PACE_REST_MIN_MS);
    /* What is owed when nobody waits any more is paid when somebody does. */
    assert_int_equal(rests(&p, &clock_ms, QM_PACE_REST_MIN_MS - 1, 1, true), 0);
    assert_int_equal(rests(&p, &clock_ms, 1000, 1, false), 0);
    assert_int_equal(rests(&p, &clock_ms, 1, 1, true), QM_PACE_REST_MIN_MS);
}

static void test_ends_however_many_wait(void **state)
{
    struct qm_freeze_pace p = {0};
    int64_t clock_ms = 0;
    (void)state;
    qm_freeze_pace_begin(&p, clock_ms);
    assert_int_equal(rests(&p, &clock_ms, 20000, 3, true), QM_PACE_RESTS_MAX_MS);
    assert_int_equal(clock_ms, 20000 * 3 + QM_PACE_RESTS_MAX_MS);
    assert_int_equal(rests(&p, &clock_ms, 1, INT64_C(1) << 40, true), 0);
}

static void test_a_clock_that_goes_back(void **state)
{
    struct qm_freeze_pace p = {.worked_ms = QM_PACE_FREE_MS};
    (void)state;
    qm_freeze_pace_begin(&p, 5000);
    assert_int_equal(qm_freeze_pace_rest_ms(&p, 4000, true), 0);
    assert_int_equal(qm_freeze_pace_rest_ms(&p, 4100, true), 100);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_free_while_nobody_waits),
        cmocka_unit_test(test_rests_as_long_as_it_worked),
        cmocka_unit_test(test_short_rests_are_put_together),
        cmocka_unit_test(test_ends_however_many_wait),
        cmocka_unit_test(test_a_clock_that_goes_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
