/* test_office_memory.c - no memory, at every place in turn: readers of files and settings say so
 * and leak nothing (the sanitizers' build looks for that).
 * Jansson is told to use the malloc of this program, which the fixture wraps.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "edge/csv.h"
#include "edge/settings.h"
#include "memory_fixture.h"

static bool read_rows(void)
{
    static const struct qm_csv_column columns[] = {{"a", true}, {"b", true}};
    static const char text[] = "a,b\n1,2\n\"3\",4\n";
    struct qm_faults f;
    struct qm_csv *csv = NULL;
    struct qm_csv_row row;
    int rows = 0;
    qm_faults_init(&f);
    qm_err err = qm_csv_open(text, sizeof text - 1, columns, 2, &f, &csv);
    while (err == QM_OK && qm_csv_next(csv, &row))
        rows++;
    qm_csv_free(csv);
    bool said = err != QM_OK || f.n > 0;
    qm_faults_free(&f);
    assert_true(said != (rows == 2));
    return !said;
}

static void a_csv_file_is_read_whole_or_not(void **state)
{
    (void)state;
    memory_each_fails(read_rows);
}

/* A fault without memory for its text is still counted. */
static bool list_faults(void)
{
    struct qm_faults f;
    struct qm_buf text;
    qm_faults_init(&f);
    qm_buf_init(&text, 1000);
    qm_fault_add(&f, 2, "a", "one");
    qm_fault_add(&f, 1, "b", "two");
    assert_int_equal(f.n, 2);
    qm_faults_sort(&f);
    bool whole = f.kept == 2 && qm_faults_text(&f, &text) == QM_OK;
    qm_buf_free(&text);
    qm_faults_free(&f);
    return whole;
}

static void faults_are_counted_in_any_case(void **state)
{
    (void)state;
    memory_each_fails(list_faults);
}

static bool read_targets(void)
{
    static const char text[] = "[{\"metric\":\"visited\",\"prefix\":\"140522\",\"basis\":\"door\","
                               "\"threshold\":5000,\"from\":\"2026-01-01\",\"due\":\"2026-03-31\","
                               "\"assurance\":\"reported\"}]";
    struct qm_targets t = {0};
    qm_err err = qm_targets_read(text, sizeof text - 1, 140522, &t, NULL);
    assert_true((err == QM_OK) == (t.n == 1));
    free(t.list);
    return err == QM_OK;
}

static void targets_are_read_whole_or_not(void **state)
{
    (void)state;
    json_set_alloc_funcs(malloc, free);
    memory_each_fails(read_targets);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_csv_file_is_read_whole_or_not),
        cmocka_unit_test(faults_are_counted_in_any_case),
        cmocka_unit_test(targets_are_read_whole_or_not),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
