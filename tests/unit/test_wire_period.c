/* Periods: every form, every edge of the ISO week, every day of two centuries. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "wire/codec.h"
#include "wire/period.h"

static int32_t day(const char *t)
{
    int32_t d = 0;
    assert_int_equal(qm_day_read(t, strlen(t), &d), QM_OK);
    return d;
}

static void is(const char *t, enum qm_period_kind kind, const char *first, const char *last)
{
    struct qm_period p;
    assert_int_equal(qm_period_read(t, strlen(t), &p), QM_OK);
    assert_int_equal(p.kind, kind);
    assert_int_equal(p.first_day, day(first));
    assert_int_equal(p.last_day, day(last));
}

static void each_form_has_its_days(void **state)
{
    (void)state;
    is("2026-W47", QM_PERIOD_WEEK, "2026-11-16", "2026-11-22");
    is("2026-11", QM_PERIOD_MONTH, "2026-11-01", "2026-11-30");
    is("2024-02", QM_PERIOD_MONTH, "2024-02-01", "2024-02-29");
    is("2100-02", QM_PERIOD_MONTH, "2100-02-01", "2100-02-28");
    is("2000-02", QM_PERIOD_MONTH, "2000-02-01", "2000-02-29");
    is("2026-Q1", QM_PERIOD_QUARTER, "2026-01-01", "2026-03-31");
    is("2026-Q4", QM_PERIOD_QUARTER, "2026-10-01", "2026-12-31");
    is("2026-H1", QM_PERIOD_HALF, "2026-01-01", "2026-06-30");
    is("2026-H2", QM_PERIOD_HALF, "2026-07-01", "2026-12-31");
    is("2026", QM_PERIOD_YEAR, "2026-01-01", "2026-12-31");
    is("9999", QM_PERIOD_YEAR, "9999-01-01", "9999-12-31");
    is("9999-12", QM_PERIOD_MONTH, "9999-12-01", "9999-12-31");
}

static void weeks_cross_years(void **state)
{
    (void)state;
    is("2020-W53", QM_PERIOD_WEEK, "2020-12-28", "2021-01-03");
    is("2021-W01", QM_PERIOD_WEEK, "2021-01-04", "2021-01-10");
    is("2024-W52", QM_PERIOD_WEEK, "2024-12-23", "2024-12-29");
    is("2025-W01", QM_PERIOD_WEEK, "2024-12-30", "2025-01-05");
    is("2026-W01", QM_PERIOD_WEEK, "2025-12-29", "2026-01-04");
    is("2026-W53", QM_PERIOD_WEEK, "2026-12-28", "2027-01-03");
    is("2027-W01", QM_PERIOD_WEEK, "2027-01-04", "2027-01-10");
    is("2032-W53", QM_PERIOD_WEEK, "2032-12-27", "2033-01-02");
    is("1970-W01", QM_PERIOD_WEEK, "1969-12-29", "1970-01-04");
    is("9999-W51", QM_PERIOD_WEEK, "9999-12-20", "9999-12-26");
}

static void other_forms_are_refused(void **state)
{
    static const char *const bad[] = {
        "",          "2",        "202",       "2026-",     "2026-W",   "2026-W4",   "2026-W00",
        "2026-W54",  "2025-W53", "2021-W53",  "2026-w47",  "2026W47",  "2026-W470", "2026-W47 ",
        " 2026-W47", "2026-W4x", "2026-00",   "2026-13",   "2026-1",   "2026-011",  "2026-Q0",
        "2026-Q5",   "2026-H0",  "2026-H3",   "2026-q1",   "2026-h1",  "2026-Q11",  "2026-X1",
        "2026-11-1", "1969",     "1969-W52",  "1969-12",   "0000",     "+202",      "-026",
        "2026/11",   "20261",    "2026-1x",   "2026-Q",    "2026-W-1", "9999-W52",  "99999",
        "10000-W01", "２026",    "2026-11\n", "2026-W47\n"};
    struct qm_period p = {.first_day = 7};
    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        if (qm_period_read(bad[i], strlen(bad[i]), &p) != QM_E_MALFORMED)
            fail_msg("\"%s\" was read", bad[i]);
    }
    assert_int_equal(qm_period_read("2026\0-11", 8, &p), QM_E_MALFORMED);
    assert_int_equal(p.first_day, 7);
}

/* The text of the period that a day lies in; weeks are the C library's own. */
static void text_of(enum qm_period_kind kind, const struct tm *tm, char out[64])
{
    int year = tm->tm_year + 1900, month = tm->tm_mon + 1;
    if (kind == QM_PERIOD_WEEK)
        assert_true(strftime(out, 64, "%G-W%V", tm) > 0);
    else if (kind == QM_PERIOD_MONTH)
        snprintf(out, 64, "%04d-%02d", year, month);
    else if (kind == QM_PERIOD_QUARTER)
        snprintf(out, 64, "%04d-Q%d", year, (month + 2) / 3);
    else if (kind == QM_PERIOD_HALF)
        snprintf(out, 64, "%04d-H%d", year, month <= 6 ? 1 : 2);
    else
        snprintf(out, 64, "%04d", year);
}

/* Every day of 200 years lies in its periods, which follow one another without gap or overlap. */
static void two_centuries_without_gap(void **state)
{
    int32_t from = day("1970-01-05"), to = day("2170-12-30");
    int32_t next_first[6];
    char text[64];
    (void)state;
    for (int k = 0; k < 6; k++)
        next_first[k] = INT32_MIN;
    for (int32_t d = from; d <= to; d++) {
        time_t seconds = (time_t)d * 86400;
        struct tm tm;
        assert_non_null(gmtime_r(&seconds, &tm));
        for (int k = QM_PERIOD_WEEK; k <= QM_PERIOD_YEAR; k++) {
            struct qm_period p;
            text_of((enum qm_period_kind)k, &tm, text);
            assert_int_equal(qm_period_read(text, strlen(text), &p), QM_OK);
            assert_int_equal(p.kind, k);
            assert_true(p.first_day <= d && d <= p.last_day);
            if (next_first[k] != INT32_MIN && d >= next_first[k])
                assert_int_equal(p.first_day, next_first[k]);
            next_first[k] = p.last_day + 1;
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_form_has_its_days),
        cmocka_unit_test(weeks_cross_years),
        cmocka_unit_test(other_forms_are_refused),
        cmocka_unit_test(two_centuries_without_gap),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
