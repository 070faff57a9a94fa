/* test_find.c - finding rows by address, name and initials. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "domain/find.h"

static struct qm_letters letters;

/* A table that knows the characters of the tests, as PostgreSQL's collation has them. */
static int prepare(void **state)
{
    static const struct {
        unsigned c;
        char letter;
    } known[] = {{0x738B, 'w'}, {0x5EFA, 'j'}, {0x56FD, 'g'}, {0x66FE, 'c'}, {0x5218, 'l'}};
    char text[QM_LETTERS];
    (void)state;
    memset(text, ' ', sizeof text);
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        text[known[i].c - QM_LETTERS_FIRST] = known[i].letter;
    assert_int_equal(qm_letters_take(text, sizeof text, &letters), QM_OK);
    assert_int_equal(qm_letters_take(text, sizeof text - 1, &letters), QM_E_MALFORMED);
    assert_int_equal(qm_letters_take(text, 0, &letters), QM_E_MALFORMED);
    return 0;
}

static bool finds(const char *typed, const char *name)
{
    struct qm_find f;
    struct qm_found row = {
        .group = "三组", .lane = "东 巷", .door = "A12号", .name = name, .name_len = strlen(name)};
    assert_int_equal(qm_find_read(typed, &f), QM_OK);
    return qm_find_holds(&f, &letters, &row);
}

static void test_address(void **state)
{
    (void)state;
    assert_true(finds("三组", "王建国"));
    assert_true(finds("东巷a12", "王建国"));
    assert_true(finds("  三组\t东巷 12号 ", ""));
    assert_true(finds("三组\xE3\x80\x80"
                      "12",
                      ""));
    assert_false(finds("四组", "王建国"));
    assert_false(finds("三组 13", "王建国"));
}

static void test_name(void **state)
{
    (void)state;
    assert_true(finds("建国", "王建国"));
    assert_true(finds("王 建国", "王 建国"));
    assert_true(finds("三组 王", "王建国"));
    assert_true(finds("LI", "li Wei"));
    assert_false(finds("李", "王建国"));
    assert_false(finds("王建国", ""));
}

static void test_initials(void **state)
{
    (void)state;
    assert_true(finds("wjg", "王建国"));
    assert_true(finds("WJ", "王建国"));
    assert_true(finds("lj", "刘建"));
    assert_false(finds("jg", "王建国")); /* from the beginning only */
    assert_false(finds("wjgx", "王建国"));
    assert_true(finds("zg", "曾国")); /* as a surname */
    assert_true(finds("gc", "国曾"));
    assert_true(
        finds("wl3", "王\xF0\xA0\x80\x80L3")); /* a character outside the table is left out */
}

static void test_hostile(void **state)
{
    struct qm_find f;
    char longest[QM_FIND_MAX_BYTES + 2];
    struct qm_found row = {.group = "", .lane = "", .door = "", .name = "\xE7\x8E", .name_len = 2};
    (void)state;
    memset(longest, 'x', sizeof longest - 1);
    longest[sizeof longest - 1] = '\0';
    assert_int_equal(qm_find_read(longest, &f), QM_E_MALFORMED);
    longest[QM_FIND_MAX_BYTES] = '\0';
    assert_int_equal(qm_find_read(longest, &f), QM_OK);
    for (const char *const *bad =
             (const char *const[]){"", "  ", "\xE7\x8E", "1 2 3 4 5 6 7 8 9", NULL};
         *bad != NULL; bad++)
        assert_int_equal(qm_find_read(*bad, &f), QM_E_MALFORMED);
    assert_int_equal(qm_find_read("1 2 3 4 5 6 7 8", &f), QM_OK);
    assert_int_equal(f.n, 8);
    assert_string_equal(f.word[7], "8");
    assert_false(qm_find_holds(&f, &letters, &row));
    /* Longer than what is compared: cut, not written past the end. */
    char lane[3000];
    memset(lane, '7', sizeof lane - 1);
    lane[sizeof lane - 1] = '\0';
    row = (struct qm_found){
        .group = lane, .lane = lane, .door = "8", .name = lane, .name_len = sizeof lane - 1};
    assert_int_equal(qm_find_read("777", &f), QM_OK);
    assert_true(qm_find_holds(&f, &letters, &row));
    assert_int_equal(qm_find_read("8", &f), QM_OK);
    assert_false(qm_find_holds(&f, &letters, &row));
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_address), cmocka_unit_test(test_name),
                                       cmocka_unit_test(test_initials),
                                       cmocka_unit_test(test_hostile)};
    return cmocka_run_group_tests(tests, prepare, NULL);
}
