/* Closed JSON objects by table, and quoting. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <string.h>

#include "wire/json.h"

struct into {
    int64_t number;
    bool flag;
    const char *text;
    struct qm_json_strings list;
};

static const struct qm_json_field fields[] = {
    {"number", QM_J_INT, true, offsetof(struct into, number), -5, 10},
    {"flag", QM_J_BOOL, false, offsetof(struct into, flag), 0, 0},
    {"text", QM_J_STRING, false, offsetof(struct into, text), 1, 4},
    {"list", QM_J_STRINGS, false, offsetof(struct into, list), 1, 2},
};

static qm_err parse(const char *t, struct into *into, const char **bad)
{
    struct qm_json_doc *doc = NULL;
    qm_err e = qm_json_object(t, strlen(t), fields, 4, into, &doc, bad);
    if (e == QM_OK)
        qm_json_free(doc);
    else
        assert_null(doc);
    return e;
}

static void a_good_object_fills_the_struct(void **state)
{
    static const char t[] =
        " {\"text\":\"\\u5f20\",\"number\":-5,\"list\":[\"a\",\"b\"],\"flag\":true} ";
    struct into into = {0};
    struct qm_json_doc *doc = NULL;
    (void)state;
    assert_int_equal(qm_json_object(t, strlen(t), fields, 4, &into, &doc, NULL), QM_OK);
    assert_int_equal(into.number, -5);
    assert_true(into.flag);
    assert_string_equal(into.text, "张");
    assert_int_equal(into.list.n, 2);
    assert_string_equal(into.list.v[1], "b");
    qm_json_free(doc);
    qm_json_free(NULL);
}

static void absent_members_leave_the_struct(void **state)
{
    struct into into = {.flag = true, .text = "was", .list = {.n = 9}};
    (void)state;
    assert_int_equal(parse("{\"number\":1}", &into, NULL), QM_OK);
    assert_true(into.flag);
    assert_string_equal(into.text, "was");
    assert_int_equal(into.list.n, 9);
}

static void the_member_at_fault_is_named(void **state)
{
    static const struct {
        const char *text, *bad;
    } cases[] = {
        {"", ""},
        {"[]", ""},
        {"1", ""},
        {"{", ""},
        {"{\"number\":1}x", ""},
        {"{\"number\":1,\"number\":1}", ""},
        {"{\"number\":1,\"other\":1}", ""},
        {"{}", "number"},
        {"{\"number\":11}", "number"},
        {"{\"number\":-6}", "number"},
        {"{\"number\":1.0}", "number"},
        {"{\"number\":1e0}", "number"},
        {"{\"number\":\"1\"}", "number"},
        {"{\"number\":null}", "number"},
        {"{\"number\":99999999999999999999}", ""},
        {"{\"number\":1,\"flag\":1}", "flag"},
        {"{\"number\":1,\"flag\":\"true\"}", "flag"},
        {"{\"number\":1,\"text\":\"\"}", "text"},
        {"{\"number\":1,\"text\":\"abcde\"}", "text"},
        {"{\"number\":1,\"text\":\"\\u5f20\\u5f20\"}", "text"},
        {"{\"number\":1,\"text\":\"a\\u0000\"}", ""},
        {"{\"number\":1,\"text\":\"\\ud800\"}", ""},
        {"{\"number\":1,\"text\":\"\xFF\"}", ""},
        {"{\"number\":1,\"text\":[\"a\"]}", "text"},
        {"{\"number\":1,\"list\":[]}", "list"},
        {"{\"number\":1,\"list\":[\"a\",\"b\",\"c\"]}", "list"},
        {"{\"number\":1,\"list\":[1]}", "list"},
        {"{\"number\":1,\"list\":\"a\"}", "list"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct into into = {0};
        const char *bad = "unset";
        assert_int_equal(parse(cases[i].text, &into, &bad), QM_E_MALFORMED);
        assert_string_equal(bad, cases[i].bad);
    }
}

static void quoting_reads_back(void **state)
{
    char all[128];
    struct qm_buf out;
    struct qm_json_doc *doc = NULL;
    const char *back = NULL;
    const struct qm_json_field field = {"t", QM_J_STRING, true, 0, 0, 1000};
    (void)state;
    for (int i = 1; i < 128; i++)
        all[i - 1] = (char)i;
    all[127] = 0;
    qm_buf_init(&out, 1000);
    qm_buf_puts(&out, "{\"t\":");
    assert_int_equal(qm_json_quote(&out, all, 127), QM_OK);
    qm_buf_puts(&out, "}");
    for (size_t i = 0; i < out.len; i++)
        assert_true(out.p[i] >= ' ');
    assert_int_equal(qm_json_object((char *)out.p, out.len, &field, 1, &back, &doc, NULL), QM_OK);
    assert_string_equal(back, all);
    qm_json_free(doc);
    qm_buf_reset(&out);
    assert_int_equal(qm_json_quote(&out, "张\"\\/\n", strlen("张\"\\/\n")), QM_OK);
    assert_string_equal((char *)out.p, "\"张\\\"\\\\/\\n\"");
    assert_int_equal(qm_json_quote(&out, "\xFF", 1), QM_E_INVALID);
    assert_int_equal(qm_json_quote(&out, "a\0b", 3), QM_E_INVALID);
    qm_buf_free(&out);
    qm_buf_init(&out, 3);
    assert_int_equal(qm_json_quote(&out, "abc", 3), QM_E_TOO_LARGE);
    qm_buf_free(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_good_object_fills_the_struct),
        cmocka_unit_test(absent_members_leave_the_struct),
        cmocka_unit_test(the_member_at_fault_is_named),
        cmocka_unit_test(quoting_reads_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
