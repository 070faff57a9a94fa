/* test_strangers.c - names without a password are counted like others, in bounded room. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "domain/session_strangers.h"

static struct qm_strangers all;

static void each_name_of_each_county_is_counted_for_itself(void **state)
{
    int64_t fails, fail_ms;
    (void)state;
    qm_strangers_look(&all, 140522, "Z9999", &fails, &fail_ms);
    assert_int_equal(fails, 0);
    for (int i = 1; i <= 7; i++)
        assert_int_equal(qm_strangers_fail(&all, 140522, "Z9999", 1000 + i), i);
    assert_int_equal(qm_strangers_fail(&all, 140523, "Z9999", 2000), 1);
    qm_strangers_look(&all, 140522, "Z9999", &fails, &fail_ms);
    assert_int_equal(fails, 7);
    assert_int_equal(fail_ms, 1007);
}

static void many_names_push_out_the_oldest_and_nothing_grows(void **state)
{
    char name[16];
    int64_t fails, fail_ms;
    (void)state;
    (void)qm_strangers_fail(&all, 140522, "first", 1);
    for (int i = 0; i < 50 * QM_STRANGER_BUCKETS * QM_STRANGER_WAYS; i++) {
        snprintf(name, sizeof name, "n%d", i);
        assert_int_equal(qm_strangers_fail(&all, 140522, name, 10000 + i), 1);
        qm_strangers_look(&all, 140522, name, &fails, &fail_ms);
        assert_int_equal(fails, 1);
    }
    qm_strangers_look(&all, 140522, "first", &fails, &fail_ms);
    assert_int_equal(fails, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_name_of_each_county_is_counted_for_itself),
        cmocka_unit_test(many_names_push_out_the_oldest_and_nothing_grows),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
