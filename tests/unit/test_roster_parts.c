/* test_roster_parts.c - the parts of the lists are those that the tests of SQL open
 * (tests/vectors/household_parts.csv, resident_parts.csv): the same names, in order, with the same
 * numbers, and none beside them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "domain/roster.h"
#include "domain/roster_parts.h"

enum { LINE_MAX_BYTES = 200 };

/* Opens a file of vectors behind its line of column names. */
static FILE *vectors(const char *name, const char *columns)
{
    char path[1024], line[LINE_MAX_BYTES];
    const char *folder = getenv("QM_VECTORS");
    assert_non_null(folder);
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *f = fopen(path, "r");
    assert_non_null(f);
    assert_non_null(fgets(line, sizeof line, f));
    assert_string_equal(line, columns);
    return f;
}

static void household_parts_are_the_vectors(void **state)
{
    (void)state;
    FILE *f = vectors("household_parts.csv", "part,kinds,set,clear,doors,more\n");
    char want[LINE_MAX_BYTES], line[LINE_MAX_BYTES];
    int n = 0;
    const struct qm_household_part *p;
    for (; (p = qm_household_part_at(n)) != NULL; n++) {
        assert_non_null(fgets(want, sizeof want, f));
        snprintf(line, sizeof line, "%s,%lld,%d,%d,%d,%d\n", p->name, (long long)p->kinds, p->set,
                 p->clear, p->doors, (int)p->more);
        assert_string_equal(line, want);
        assert_ptr_equal(qm_household_part(p->name), p);
        assert_true(qm_list_part_ok(false, p->name));
    }
    assert_null(fgets(want, sizeof want, f));
    assert_true(n > 30);
    fclose(f);
}

static void resident_parts_are_the_vectors(void **state)
{
    (void)state;
    FILE *f = vectors("resident_parts.csv", "part,homes,kinds,apps,set,alerts,evidenced\n");
    char want[LINE_MAX_BYTES], line[LINE_MAX_BYTES];
    int n = 0;
    const struct qm_resident_part *p;
    for (; (p = qm_resident_part_at(n)) != NULL; n++) {
        assert_non_null(fgets(want, sizeof want, f));
        snprintf(line, sizeof line, "%s,%d,%d,%d,%d,%d,%d\n", p->name, p->homes, p->kinds, p->apps,
                 p->set, p->alerts, p->evidenced);
        assert_string_equal(line, want);
        assert_ptr_equal(qm_resident_part(p->name), p);
        assert_true(qm_list_part_ok(true, p->name));
    }
    assert_null(fgets(want, sizeof want, f));
    assert_true(n > 20);
    fclose(f);
}

static void a_refusal_is_no_part(void **state)
{
    static const char *const none[] = {"",        "refused",      "refused:visited",
                                       "All",     "door:refused", "door:met",
                                       "left:no", "refused:app",  "left:visited "};
    (void)state;
    for (size_t i = 0; i < sizeof none / sizeof none[0]; i++) {
        assert_false(qm_list_part_ok(false, none[i]));
        assert_false(qm_list_part_ok(true, none[i]));
    }
    assert_false(qm_list_part_ok(true, "left:visited"));
    assert_false(qm_list_part_ok(false, "left:app"));
}

static void a_roster_tells_homes_and_whom_metrics_count(void **state)
{
    static const char *const homes[] = {
        "homes", "homes_near",   "left:pledge", "done:reached", "door:gone",   "evidenced:visited",
        "away",  "away_reached", "vacant",      "gone",         "later:pledge"};
    static const char *const no_homes[] = {"all",           "other", "unclaimed", "shops",
                                           "shops_visited", "none",  "residents"};
    static const char *const people[] = {"population", "left:app", "done:app_all", "cannot:app"};
    static const char *const no_people[] = {"all",         "residents", "away",
                                            "unknown_age", "elders",    "homes"};
    (void)state;
    for (size_t i = 0; i < sizeof homes / sizeof homes[0]; i++)
        assert_true(qm_list_part_closed(false, homes[i]));
    for (size_t i = 0; i < sizeof no_homes / sizeof no_homes[0]; i++)
        assert_false(qm_list_part_closed(false, no_homes[i]));
    for (size_t i = 0; i < sizeof people / sizeof people[0]; i++)
        assert_true(qm_list_part_closed(true, people[i]));
    for (size_t i = 0; i < sizeof no_people / sizeof no_people[0]; i++)
        assert_false(qm_list_part_closed(true, no_people[i]));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(household_parts_are_the_vectors),
        cmocka_unit_test(resident_parts_are_the_vectors), cmocka_unit_test(a_refusal_is_no_part),
        cmocka_unit_test(a_roster_tells_homes_and_whom_metrics_count)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
