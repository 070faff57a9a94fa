/* The capped buffer: limits, sticky errors, failing allocation. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "wire/buf.h"

static void append_keeps_a_nul_behind(void **state)
{
    struct qm_buf b;
    (void)state;
    qm_buf_init(&b, 1000);
    assert_null(b.p);
    assert_int_equal(qm_buf_add(&b, "abc", 3), QM_OK);
    assert_int_equal(qm_buf_puts(&b, "de"), QM_OK);
    assert_int_equal(qm_buf_printf(&b, "-%d-%s", 42, "x"), QM_OK);
    assert_string_equal((char *)b.p, "abcde-42-x");
    assert_int_equal(b.len, 10);
    qm_buf_shift(&b, 3);
    assert_string_equal((char *)b.p, "de-42-x");
    qm_buf_shift(&b, b.len);
    assert_int_equal(b.len, 0);
    assert_string_equal((char *)b.p, "");
    qm_buf_free(&b);
    assert_null(b.p);
}

static void nothing_is_not_an_error(void **state)
{
    struct qm_buf b;
    (void)state;
    qm_buf_init(&b, 0);
    assert_int_equal(qm_buf_add(&b, NULL, 0), QM_OK);
    assert_int_equal(qm_buf_puts(&b, ""), QM_OK);
    assert_int_equal(qm_buf_printf(&b, "%s", ""), QM_OK);
    assert_int_equal(qm_buf_add(&b, "x", 1), QM_E_TOO_LARGE);
    qm_buf_free(&b);
}

static void the_maximum_is_exact(void **state)
{
    char block[300];
    (void)state;
    memset(block, 'x', sizeof block);
    for (size_t max = 1; max <= sizeof block; max++) {
        struct qm_buf b;
        qm_buf_init(&b, max);
        assert_int_equal(qm_buf_add(&b, block, max - 1), QM_OK);
        assert_int_equal(qm_buf_puts(&b, "y"), QM_OK);
        assert_int_equal(b.len, max);
        assert_true(b.cap <= max + 1);
        assert_int_equal(qm_buf_puts(&b, "z"), QM_E_TOO_LARGE);
        assert_int_equal(b.len, max);
        assert_int_equal(b.p[max - 1], 'y');
        qm_buf_free(&b);
    }
}

static void errors_stick_until_reset(void **state)
{
    struct qm_buf b;
    (void)state;
    qm_buf_init(&b, 4);
    assert_int_equal(qm_buf_puts(&b, "abc"), QM_OK);
    assert_int_equal(qm_buf_puts(&b, "de"), QM_E_TOO_LARGE);
    assert_int_equal(qm_buf_puts(&b, "f"), QM_E_TOO_LARGE);
    assert_int_equal(qm_buf_printf(&b, "%d", 1), QM_E_TOO_LARGE);
    assert_int_equal(qm_buf_add(&b, NULL, 0), QM_E_TOO_LARGE);
    assert_string_equal((char *)b.p, "abc");
    qm_buf_reset(&b);
    assert_int_equal(b.err, QM_OK);
    assert_string_equal((char *)b.p, "");
    assert_int_equal(qm_buf_puts(&b, "wxyz"), QM_OK);
    assert_string_equal((char *)b.p, "wxyz");
    qm_buf_free(&b);
}

static void sizes_near_the_largest_do_not_wrap(void **state)
{
    struct qm_buf b;
    (void)state;
    qm_buf_init(&b, SIZE_MAX);
    assert_int_equal(qm_buf_puts(&b, "abc"), QM_OK);
    assert_int_equal(qm_buf_add(&b, "x", SIZE_MAX - 2), QM_E_TOO_LARGE);
    assert_string_equal((char *)b.p, "abc");
    qm_buf_free(&b);
}

static void steal_hands_the_memory_over(void **state)
{
    struct qm_buf b;
    size_t len = 99;
    (void)state;
    qm_buf_init(&b, 100);
    assert_null(qm_buf_steal(&b, &len));
    assert_int_equal(len, 0);
    qm_buf_puts(&b, "abc");
    uint8_t *p = qm_buf_steal(&b, &len);
    assert_non_null(p);
    assert_int_equal(len, 3);
    assert_string_equal((char *)p, "abc");
    free(p);
    assert_null(b.p);
    qm_buf_puts(&b, "abc");
    qm_buf_add(&b, NULL, 0);
    b.err = QM_E_TOO_LARGE;
    assert_null(qm_buf_steal(&b, &len));
    assert_int_equal(qm_buf_puts(&b, "again"), QM_OK);
    qm_buf_wipe(&b);
    assert_null(b.p);
    assert_int_equal(b.len, 0);
}

/* Appends 100 times 50 bytes; the n-th allocation fails. */
static void fill_with_failure(long n, struct qm_buf *b)
{
    char block[50];
    memset(block, 'x', sizeof block);
    qm_buf_init(b, 100000);
    qm_buf_fail_after(n);
    for (int i = 0; i < 100; i++)
        (void)qm_buf_add(b, block, sizeof block);
    qm_buf_fail_after(0);
}

static void a_failed_allocation_leaves_the_content(void **state)
{
    long n = 1;
    (void)state;
    for (;; n++) {
        struct qm_buf b;
        fill_with_failure(n, &b);
        if (b.err == QM_OK) {
            assert_int_equal(b.len, 5000);
            qm_buf_free(&b);
            break;
        }
        assert_int_equal(b.err, QM_E_NOMEM);
        assert_int_equal(b.len % 50, 0);
        for (size_t i = 0; i < b.len; i++)
            assert_int_equal(b.p[i], 'x');
        if (b.p != NULL)
            assert_int_equal(b.p[b.len], 0);
        size_t before = b.len;
        assert_int_equal(qm_buf_printf(&b, "%s", "more"), QM_E_NOMEM);
        assert_int_equal(b.len, before);
        qm_buf_reset(&b);
        assert_int_equal(qm_buf_puts(&b, "works again"), QM_OK);
        qm_buf_free(&b);
    }
    assert_true(n > 4); /* several sizes of block were made to fail */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(append_keeps_a_nul_behind),
        cmocka_unit_test(nothing_is_not_an_error),
        cmocka_unit_test(the_maximum_is_exact),
        cmocka_unit_test(errors_stick_until_reset),
        cmocka_unit_test(sizes_near_the_largest_do_not_wrap),
        cmocka_unit_test(steal_hands_the_memory_over),
        cmocka_unit_test(a_failed_allocation_leaves_the_content),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
