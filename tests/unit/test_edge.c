/* test_edge.c - the pure parts of the server's edge: budgets, names in URLs, problems, routes,
 * lines of settings. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <jansson.h>

#include "domain/blob.h"
#include "domain/credential.h"
#include "domain/mask.h"
#include "edge/auth.h"
#include "edge/limit.h"
#include "edge/link.h"
#include "edge/problem.h"
#include "edge/routes.h"
#include "edge/setting_lines.h"
#include "edge/tile_path.h"

#define SECOND_NS UINT64_C(1000000000)

/* ---- budgets ---- */

static qm_err take(struct qm_buckets *b, const char *key, double cost, uint64_t now_s,
                   uint32_t *wait_s)
{
    return qm_buckets_take(b, key, strlen(key), 60, 60, cost, now_s * SECOND_NS, wait_s);
}

static void test_bucket_empties_and_fills(void **state)
{
    (void)state;
    struct qm_buckets *b = qm_buckets_new(64);
    uint32_t wait_s = 0;
    for (int i = 0; i < 60; i++)
        assert_int_equal(take(b, "a", 1, 1, &wait_s), QM_OK);
    assert_int_equal(take(b, "a", 1, 1, &wait_s), QM_E_QUOTA);
    assert_in_range(wait_s, 1, 2);
    assert_int_equal(take(b, "b", 1, 1, &wait_s), QM_OK); /* a neighbour has its own */
    assert_int_equal(take(b, "a", 2, 2, &wait_s), QM_E_QUOTA);
    assert_int_equal(take(b, "a", 1, 2, &wait_s), QM_OK);
    assert_int_equal(take(b, "a", 1, 2, &wait_s), QM_E_QUOTA);
    /* After a long pause it holds one period's worth, not more. */
    for (int i = 0; i < 60; i++)
        assert_int_equal(take(b, "a", 1, 100000, &wait_s), QM_OK);
    assert_int_equal(take(b, "a", 1, 100000, &wait_s), QM_E_QUOTA);
    qm_buckets_free(b);
}

static void test_bucket_refusal_takes_nothing_and_time_may_stand_still(void **state)
{
    (void)state;
    struct qm_buckets *b = qm_buckets_new(8);
    uint32_t wait_s = 0;
    assert_int_equal(take(b, "a", 59, 10, &wait_s), QM_OK);
    assert_int_equal(take(b, "a", 60, 10, &wait_s), QM_E_QUOTA);
    assert_int_equal(wait_s, 60);
    assert_int_equal(take(b, "a", 1, 9, &wait_s), QM_OK); /* a clock that went back gives nothing */
    assert_int_equal(take(b, "a", 1, 9, &wait_s), QM_E_QUOTA);
    assert_int_equal(take(b, "a", 61, 1000, &wait_s), QM_E_QUOTA); /* more than it can ever hold */
    qm_buckets_free(b);
}

static void test_bucket_flood_does_not_free_the_guilty(void **state)
{
    (void)state;
    struct qm_buckets *b = qm_buckets_new(64);
    uint32_t wait_s = 0;
    assert_int_equal(take(b, "guilty", 60, 1, &wait_s), QM_OK);
    for (int i = 0; i < 10000; i++) {
        char key[24];
        snprintf(key, sizeof key, "10.%d", i);
        assert_int_equal(take(b, key, 1, 1, &wait_s), QM_OK);
    }
    assert_int_equal(take(b, "guilty", 1, 1, &wait_s), QM_E_QUOTA);
    qm_buckets_free(b);
}

static qm_err take_from(struct qm_buckets *b, const char *address)
{
    return qm_address_take(b, address, 60, 60, SECOND_NS, NULL);
}

/* A client with IPv6 has 2^64 addresses to ask from. */
static void test_network_of_ipv6_has_one_budget(void **state)
{
    (void)state;
    struct qm_buckets *b = qm_buckets_new(64);
    assert_non_null(b);
    assert_int_equal(take_from(b, "2001:db8:1:2::1"), QM_OK);
    assert_int_equal(take_from(b, "2001:db8:1:2::1"), QM_E_QUOTA);
    assert_int_equal(take_from(b, "2001:db8:1:2:ffff:ffff:ffff:ffff"), QM_E_QUOTA);
    assert_int_equal(take_from(b, "2001:db8:1:3::1"), QM_OK);
    assert_int_equal(take_from(b, "::ffff:192.0.2.1"), QM_OK);
    assert_int_equal(take_from(b, "::ffff:192.0.2.2"), QM_OK);
    assert_int_equal(take_from(b, "192.0.2.1"), QM_OK);
    assert_int_equal(take_from(b, "192.0.2.2"), QM_OK);
    assert_int_equal(take_from(b, "192.0.2.2"), QM_E_QUOTA);
    assert_int_equal(take_from(b, "unix"), QM_OK);
    qm_buckets_free(b);
}

static void test_dear_request_is_possible_with_a_small_budget(void **state)
{
    (void)state;
    struct qm_buckets *b = qm_buckets_new(64);
    uint32_t wait_s = 0;
    assert_int_equal(qm_address_take(b, "192.0.2.1", 5, 20, SECOND_NS, &wait_s), QM_OK);
    assert_int_equal(qm_address_take(b, "192.0.2.1", 5, 20, SECOND_NS, &wait_s), QM_E_QUOTA);
    assert_in_range(wait_s, 60, 61);
    assert_int_equal(qm_address_take(b, "192.0.2.1", 5, 20, 62 * SECOND_NS, &wait_s), QM_OK);
    qm_buckets_free(b);
}

/* ---- names in URLs ---- */

static void test_log_names(void **state)
{
    (void)state;
    int county, tree;
    assert_int_equal(qm_log_path_read("140522", &county, &tree), QM_OK);
    assert_int_equal(county, 140522);
    assert_int_equal(tree, 0);
    assert_int_equal(qm_log_path_read("140522-12", &county, &tree), QM_OK);
    assert_int_equal(tree, 12);
    static const char *const bad[] = {"",          "14052",    "1405222",
                                      "140522-",   "140522-0", "140522-01",
                                      "140522-+1", "040522",   "140522-99999999999999999999",
                                      "14052a",    "140522/1"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_int_equal(qm_log_path_read(bad[i], &county, &tree), QM_E_NOT_FOUND);
}

static void test_tile_names(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int64_t n;
        int width;
    } good[] = {{"000", 0, 256},
                {"999", 999, 256},
                {"x001/000", 1000, 256},
                {"x001/x234/067", 1234067, 256},
                {"x001/x234/067.p/255", 1234067, 255},
                {"000.p/1", 0, 1}};
    int64_t n;
    int width;
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        assert_int_equal(qm_tile_path_read(good[i].text, &n, &width), QM_OK);
        assert_int_equal(n, good[i].n);
        assert_int_equal(width, good[i].width);
    }
    static const char *const bad[] = {"",
                                      "0",
                                      "00",
                                      "0000",
                                      "x000/001",
                                      "x001",
                                      "x001/",
                                      "001/002",
                                      "000.p",
                                      "000.p/",
                                      "000.p/0",
                                      "000.p/256",
                                      "000.p/01",
                                      "000.p/-1",
                                      "000/p/1",
                                      "000.p/1x",
                                      "x001/x002",
                                      "00a",
                                      "x001//002",
                                      "x00/001",
                                      " 000",
                                      "000 ",
                                      "x001/000/.p/1",
                                      "x001/x001/x001/x001/x001/001"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_int_equal(qm_tile_path_read(bad[i], &n, &width), QM_E_NOT_FOUND);
    int level;
    assert_int_equal(qm_tile_level_read("5", &level), QM_OK);
    assert_int_equal(level, 5);
    assert_int_equal(qm_tile_level_read("6", &level), QM_E_NOT_FOUND);
    assert_int_equal(qm_tile_level_read("00", &level), QM_E_NOT_FOUND);
    assert_int_equal(qm_tile_level_read("", &level), QM_E_NOT_FOUND);
}

/* ---- problems ---- */

static void test_problem_language(void **state)
{
    (void)state;
    assert_string_equal(qm_problem_lang(NULL), "zh");
    assert_string_equal(qm_problem_lang("en"), "en");
    assert_string_equal(qm_problem_lang("en-GB,en;q=0.9"), "en");
    assert_string_equal(qm_problem_lang("zh-CN,zh;q=0.9,en;q=0.8"), "zh");
    assert_string_equal(qm_problem_lang("en;q=0.8, zh;q=0.2"), "en");
    assert_string_equal(qm_problem_lang("fr"), "zh");
    assert_string_equal(qm_problem_lang("en;q=0"), "zh");
    assert_string_equal(qm_problem_lang("english"), "zh");
    assert_string_equal(qm_problem_lang(";;,,q=;"), "zh");
}

static void test_problem_text(void **state)
{
    (void)state;
    for (int e = 1; e < QM_E_COUNT_; e++) {
        struct qm_buf out;
        qm_buf_init(&out, 4096);
        qm_problem_write((qm_err)e, "zh", NULL, 1795289693767, &out);
        json_t *j = json_loadb((const char *)out.p, out.len, JSON_REJECT_DUPLICATES, NULL);
        assert_non_null(j);
        json_int_t status = json_integer_value(json_object_get(j, "status"));
        assert_in_range(status, 400, 599);
        assert_int_equal(json_integer_value(json_object_get(j, "now")), 1795289693767);
        assert_int_equal(strncmp(json_string_value(json_object_get(j, "type")), "/problems/", 10),
                         0);
        assert_true(json_string_length(json_object_get(j, "title")) > 0);
        assert_true(json_string_length(json_object_get(j, "detail")) > 0);
        /* What asks a client to wait says how long. */
        assert_int_equal(qm_problem_retry_after_s((qm_err)e) > 0, status == 429 || status == 503);
        json_decref(j);
        qm_buf_free(&out);
    }
}

/* ---- routes ---- */

static void test_route_table(void **state)
{
    (void)state;
    const struct qm_route *r, *found;
    for (size_t i = 0; (r = qm_route_at(i)) != NULL; i++) {
        assert_non_null(r->handle);
        assert_int_equal(r->path[0], '/');
        assert_int_equal(r->who == QM_WHO_TOKEN, r->roles != 0);
        assert_true(r->body_max_bytes == 0 || strcmp(r->method, "GET") != 0);
        /* The pattern itself is a path that its own row takes: no row is hidden by an earlier one.
         */
        assert_int_equal(qm_route_find(r->method, r->path, &found, NULL, NULL), QM_OK);
        assert_ptr_equal(found, r);
    }
}

static void test_route_find(void **state)
{
    (void)state;
    const struct qm_route *r;
    char arg[QM_CALL_ARGS_MAX][QM_CALL_ARG_MAX_BYTES + 1];
    size_t n;
    assert_int_equal(qm_route_find("GET", "/v1/log/140522-2/tile/0/x001/067.p/5", &r, arg, &n),
                     QM_OK);
    assert_int_equal(n, 3);
    assert_string_equal(arg[0], "140522-2");
    assert_string_equal(arg[1], "0");
    assert_string_equal(arg[2], "x001/067.p/5");
    assert_int_equal(qm_route_find("GET", "/v1/log/140522/tile/entries/000", &r, arg, &n), QM_OK);
    assert_string_equal(r->path, "/v1/log/{log}/tile/entries/{tile...}");
    assert_int_equal(qm_route_find("GET", "/v1/sync", &r, arg, &n), QM_E_METHOD);
    static const char *const absent[] = {"",
                                         "/v1",
                                         "/v1/sync/",
                                         "/v1/syn",
                                         "v1/sync",
                                         "//v1/sync",
                                         "/v1/blobs/",
                                         "/v1/log//checkpoint",
                                         "/v1/log/140522/tile/0/"};
    assert_int_equal(qm_route_find("GET", "/office/lists/x", &r, arg, &n), QM_OK);
    assert_int_equal(r->who, QM_WHO_PAGE);
    assert_int_equal(qm_route_find("POST", "/office/", &r, arg, &n), QM_E_METHOD);
    for (size_t i = 0; i < sizeof absent / sizeof *absent; i++)
        assert_int_equal(qm_route_find("GET", absent[i], &r, arg, &n), QM_E_NOT_FOUND);
    char path[200] = "/v1/blobs/";
    memset(path + 10, 'a', QM_CALL_ARG_MAX_BYTES + 1);
    assert_int_equal(qm_route_find("PUT", path, &r, arg, &n), QM_E_NOT_FOUND);
}

static void test_roles_and_scope(void **state)
{
    (void)state;
    assert_int_equal(qm_role_read("worker"), QM_ROLE_WORKER);
    assert_int_equal(qm_role_read("admin"), QM_ROLE_ADMIN);
    assert_int_equal(qm_role_read("Admin"), 0);
    struct qm_caller who = {.prefix = "140522110"};
    assert_true(qm_caller_covers(&who, "140522110204"));
    assert_true(qm_caller_covers(&who, "140522110"));
    assert_false(qm_caller_covers(&who, "140522"));
    assert_false(qm_caller_covers(&who, "140522111"));
    who.prefix[0] = 0;
    assert_false(qm_caller_covers(&who, "140522"));
}

/* ---- small forms ---- */

static void test_credentials(void **state)
{
    (void)state;
    int county = 0;
    assert_int_equal(qm_credential_county("140522.AAAAAAAAAAAAAAAAAAAAAA", 22, &county), QM_OK);
    assert_int_equal(county, 140522);
    static const char *const bad[] = {
        "140522.AAAAAAAAAAAAAAAAAAAAA",  "140522.AAAAAAAAAAAAAAAAAAAAAAA",
        "140522-AAAAAAAAAAAAAAAAAAAAAA", "040522.AAAAAAAAAAAAAAAAAAAAAA",
        "14052a.AAAAAAAAAAAAAAAAAAAAAA", "140522.AAAAAAAAAAAAAAAAAAAA+A",
        "140522.AAAAAAAAAAAAAAAAAAAAAB", ""};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_int_equal(qm_credential_county(bad[i], 22, &county), QM_E_MALFORMED);
}

static void assert_masked(qm_err (*mask)(const char *, size_t, struct qm_buf *), const char *in,
                          const char *wanted)
{
    struct qm_buf out;
    qm_buf_init(&out, 200);
    assert_int_equal(mask(in, strlen(in), &out), QM_OK);
    assert_string_equal(out.p ? (const char *)out.p : "", wanted);
    qm_buf_free(&out);
}

static void test_link_schemes(void **state)
{
    (void)state;
    static const char *const own[] = {"127.0.0.1",    "127.0.0.1:8080", "127.1.2.3:1", "localhost",
                                      "localhost:80", "[::1]",          "[::1]:8080"};
    static const char *const other[] = {
        "qm.example.gov.cn", "127.0.0.1.evil.cn", "127.0.0:80", "localhost.cn",
        "localhos",          "128.0.0.1",         "[::1]x",     ""};
    for (size_t i = 0; i < sizeof own / sizeof own[0]; i++)
        assert_string_equal(qm_link_scheme(own[i]), "http://");
    for (size_t i = 0; i < sizeof other / sizeof other[0]; i++)
        assert_string_equal(qm_link_scheme(other[i]), "https://");
}

static void test_masks(void **state)
{
    (void)state;
    assert_masked(qm_mask_phone, "13800138000", "138****8000");
    assert_masked(qm_mask_phone, "138-0013 8000", "138-**** 8000");
    assert_masked(qm_mask_phone, "+8613800138000", "+86138****8000");
    assert_masked(qm_mask_phone, "03561234567", "035****4567");
    assert_masked(qm_mask_phone, "1234567", "*****67");
    assert_masked(qm_mask_phone, "12", "12");
    assert_masked(qm_mask_phone, "", "");
    assert_masked(qm_mask_name, "张三", "张*");
    assert_masked(qm_mask_name, "王", "王");
    assert_masked(qm_mask_name, "阿卜杜拉·热合曼", "阿**");
    assert_masked(qm_mask_name, "", "");
}

static void test_pictures(void **state)
{
    (void)state;
    static const uint8_t jpeg[] = {0xff, 0xd8, 0xff, 0xe0};
    static const uint8_t png[] = {0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n'};
    static const uint8_t webp[] = "RIFF\x10\0\0\0WEBP";
    assert_int_equal(qm_blob_media(jpeg, sizeof jpeg), QM_BLOB_JPEG);
    assert_int_equal(qm_blob_media(png, sizeof png), QM_BLOB_PNG);
    assert_int_equal(qm_blob_media(webp, 12), QM_BLOB_WEBP);
    assert_int_equal(qm_blob_media(webp, 11), 0);
    assert_int_equal(qm_blob_media(png, 7), 0);
    assert_int_equal(qm_blob_media(jpeg, 2), 0);
    assert_int_equal(qm_blob_media((const uint8_t *)"GIF89a", 6), 0);
}

static void test_setting_lines(void **state)
{
    (void)state;
    static const char texts[] =
        "[{\"text\":\"notice-1\",\"kind\":\"notice\",\"basis\":\"household\","
        "\"title\":\"a \\\"b\\\"\",\"body\":\"one\\ntwo\"}]";
    static const char targets[] =
        "[{\"metric\":\"visited\",\"prefix\":\"140522110\",\"basis\":\"door\",\"threshold\":5000,"
        "\"from\":\"2026-10-08\",\"due\":\"2026-11-30\",\"assurance\":\"reported\"}]";
    struct qm_buf out;
    int64_t rows = 0;
    qm_buf_init(&out, 4096);
    assert_int_equal(qm_setting_lines("texts", texts, strlen(texts), &out, &rows), QM_OK);
    assert_int_equal(qm_setting_lines("targets", targets, strlen(targets), &out, &rows), QM_OK);
    assert_int_equal(qm_setting_lines("rule", "{}", 2, &out, &rows), QM_OK);
    assert_int_equal(rows, 2);
    assert_string_equal(
        (const char *)out.p,
        "{\"t\":\"text\",\"text\":\"notice-1\",\"kind\":\"notice\",\"basis\":\"household\","
        "\"title\":\"a \\\"b\\\"\",\"body\":\"one\\ntwo\"}\n"
        "{\"t\":\"target\",\"metric\":\"visited\",\"threshold\":5000,\"due\":\"2026-11-30\","
        "\"from\":\"2026-10-08\",\"prefix\":\"140522110\"}\n");
    /* A list that was emptied is a line, too: a phone would keep the old one. */
    qm_buf_reset(&out);
    assert_int_equal(qm_setting_lines("targets", "[]", 2, &out, &rows), QM_OK);
    assert_int_equal(qm_setting_lines("topics", " [ ]\n", 5, &out, &rows), QM_OK);
    assert_int_equal(rows, 4);
    assert_string_equal((const char *)out.p, "{\"t\":\"none\",\"of\":\"target\"}\n"
                                             "{\"t\":\"none\",\"of\":\"topic\"}\n");
    assert_int_equal(qm_setting_lines("texts", "{}", 2, &out, &rows), QM_E_CORRUPT);
    assert_int_equal(qm_setting_lines("targets", "[{}]", 4, &out, &rows), QM_E_CORRUPT);
    qm_buf_free(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_bucket_empties_and_fills),
        cmocka_unit_test(test_bucket_refusal_takes_nothing_and_time_may_stand_still),
        cmocka_unit_test(test_bucket_flood_does_not_free_the_guilty),
        cmocka_unit_test(test_network_of_ipv6_has_one_budget),
        cmocka_unit_test(test_dear_request_is_possible_with_a_small_budget),
        cmocka_unit_test(test_log_names),
        cmocka_unit_test(test_tile_names),
        cmocka_unit_test(test_problem_language),
        cmocka_unit_test(test_problem_text),
        cmocka_unit_test(test_route_table),
        cmocka_unit_test(test_route_find),
        cmocka_unit_test(test_roles_and_scope),
        cmocka_unit_test(test_credentials),
        cmocka_unit_test(test_masks),
        cmocka_unit_test(test_link_schemes),
        cmocka_unit_test(test_pictures),
        cmocka_unit_test(test_setting_lines),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
