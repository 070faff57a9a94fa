/* The table of errors: complete, unambiguous, and readable by people who do field work. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <string.h>

#include "wire/codec.h"
#include "wire/err.h"

static void each_code_has_a_name_of_its_own(void **state)
{
    (void)state;
    for (int e = 0; e < QM_E_COUNT_; e++) {
        const char *name = qm_err_name((qm_err)e);
        assert_true(qm_code_ok(name, strlen(name)));
        assert_int_equal(qm_err_of_name(name), e);
    }
    assert_int_equal(qm_err_of_name("no-such-name"), QM_E_INTERNAL);
    assert_int_equal(qm_err_of_name(NULL), QM_E_INTERNAL);
}

static void each_code_says_what_and_what_now(void **state)
{
    static const char *const forbidden[] = {"哈希",     "默克尔",   "检查点",   "签名校验", "根",
                                            "同步冲突", "拒不配合", "重点人员", "排名垫底"};
    (void)state;
    for (int e = 0; e < QM_E_COUNT_; e++) {
        const char *texts[4] = {qm_err_text((qm_err)e, "zh"), qm_err_todo((qm_err)e, "zh"),
                                qm_err_text((qm_err)e, "en"), qm_err_todo((qm_err)e, "en")};
        for (size_t i = 0; i < 4; i++) {
            assert_non_null(texts[i]);
            assert_true(strlen(texts[i]) > 5);
            assert_true(qm_utf8_ok(texts[i], strlen(texts[i])));
            for (size_t k = 0; k < sizeof forbidden / sizeof forbidden[0]; k++)
                assert_null(strstr(texts[i], forbidden[k]));
        }
        assert_string_not_equal(texts[0], texts[2]);
        assert_string_equal(qm_err_text((qm_err)e, "fr"), texts[2]);
        assert_string_equal(qm_err_todo((qm_err)e, NULL), texts[3]);
    }
}

/* The rows of section 3 of the contract. */
static void statuses_are_those_of_the_contract(void **state)
{
    static const struct {
        const char *name;
        int status;
        bool retry;
    } rows[] = {{"malformed", 400, false},       {"media-type", 415, false},
                {"too-large", 413, false},       {"length-required", 411, false},
                {"unknown-key", 401, false},     {"bad-signature", 401, false},
                {"stale-signature", 401, false}, {"revoked", 403, false},
                {"forbidden", 403, false},       {"batch-conflict", 409, false},
                {"key-taken", 409, false},       {"digest-mismatch", 422, false},
                {"not-found", 404, false},       {"method", 405, false},
                {"root-mismatch", 422, false},   {"quota-exceeded", 429, true},
                {"overload", 503, true},         {"conflict", 409, false}};
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        qm_err e = qm_err_of_name(rows[i].name);
        assert_string_equal(qm_err_name(e), rows[i].name);
        assert_int_equal(qm_err_http(e), rows[i].status);
        assert_int_equal(qm_err_retry(e), rows[i].retry);
    }
}

static void faults_of_an_answer_have_a_status(void **state)
{
    (void)state;
    for (int e = QM_E_MALFORMED; e < QM_E_NOMEM; e++) {
        int status = qm_err_http((qm_err)e);
        assert_true(status >= 400 && status < 600);
    }
}

static void faults_of_this_side_have_no_status(void **state)
{
    (void)state;
    for (int e = QM_E_NOMEM; e < QM_E_CONFLICT; e++)
        assert_int_equal(qm_err_http((qm_err)e), 0);
}

static void numbers_that_are_no_code_are_internal(void **state)
{
    (void)state;
    assert_string_equal(qm_err_name((qm_err)QM_E_COUNT_), "internal");
    assert_string_equal(qm_err_name((qm_err)-1), "internal");
    assert_int_equal(qm_err_http((qm_err)1000), 500);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_code_has_a_name_of_its_own),
        cmocka_unit_test(each_code_says_what_and_what_now),
        cmocka_unit_test(statuses_are_those_of_the_contract),
        cmocka_unit_test(faults_of_an_answer_have_a_status),
        cmocka_unit_test(faults_of_this_side_have_no_status),
        cmocka_unit_test(numbers_that_are_no_code_are_internal),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
