/* Text forms: one spelling of each value is read, every other refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "wire/codec.h"
#include "wire_fixture.h"

static void base64_round_trips_at_every_length(void **state)
{
    uint8_t bytes[70], back[70];
    char text[100];
    uint64_t random = 1;
    (void)state;
    for (size_t n = 0; n <= sizeof bytes; n++) {
        size_t len = 0;
        for (size_t i = 0; i < n; i++)
            bytes[i] = (uint8_t)fx_random(&random);
        size_t chars = qm_b64_write(bytes, n, text);
        assert_int_equal(chars, strlen(text));
        assert_int_equal(chars, (n + 2) / 3 * 4);
        assert_int_equal(qm_b64_read(text, chars, back, sizeof back, &len), QM_OK);
        assert_int_equal(len, n);
        assert_memory_equal(back, bytes, n);
        chars = qm_b64url_write(bytes, n, text);
        assert_int_equal(chars, (n * 4 + 2) / 3);
        assert_int_equal(qm_b64url_read(text, chars, back, sizeof back, &len), QM_OK);
        assert_int_equal(len, n);
        assert_memory_equal(back, bytes, n);
        if (n > 0)
            assert_int_equal(qm_b64url_read(text, chars, back, n - 1, &len), QM_E_MALFORMED);
    }
}

/* Of the 256 bytes at one place exactly the 64 of the alphabet are read. */
static void base64_takes_its_alphabet_only(void **state)
{
    (void)state;
    for (int url = 0; url < 2; url++) {
        size_t good = 0;
        for (int c = 0; c < 256; c++) {
            char text[4] = {'A', (char)c, 'A', 'A'};
            uint8_t out[3];
            size_t n = 0;
            qm_err e = url ? qm_b64url_read(text, 4, out, 3, &n) : qm_b64_read(text, 4, out, 3, &n);
            good += e == QM_OK;
        }
        assert_int_equal(good, 64);
    }
}

static void base64_refuses_other_spellings(void **state)
{
    static const char *const bad[] = {
        "A",    "AA",       "AAA",  "AA=",   "AB==",  "AAB=",   "AA==A", "AA===",    "=",
        "====", "AA==AA==", "A===", " AAAA", "AAAA ", "AA\n==", "AAAA=", "AAAA====", "AA-_"};
    static const char *const bad_url[] = {"A",   "AA==", "AAA=",  "AB",
                                          "AAB", "AA+/", "AAAAA", "AA A"};
    uint8_t out[16];
    size_t n = 0;
    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_int_equal(qm_b64_read(bad[i], strlen(bad[i]), out, 16, &n), QM_E_MALFORMED);
    for (size_t i = 0; i < sizeof bad_url / sizeof bad_url[0]; i++)
        assert_int_equal(qm_b64url_read(bad_url[i], strlen(bad_url[i]), out, 16, &n),
                         QM_E_MALFORMED);
}

static void hex_is_lower_case(void **state)
{
    uint8_t out[2];
    char text[5];
    (void)state;
    assert_int_equal(qm_hex_read("0fa9", 4, out, 2), QM_OK);
    qm_hex_write(out, 2, text);
    assert_string_equal(text, "0fa9");
    assert_int_equal(qm_hex_read("0FA9", 4, out, 2), QM_E_MALFORMED);
    assert_int_equal(qm_hex_read("0fa", 3, out, 2), QM_E_MALFORMED);
    assert_int_equal(qm_hex_read("0fa99", 5, out, 2), QM_E_MALFORMED);
    assert_int_equal(qm_hex_read("0g00", 4, out, 2), QM_E_MALFORMED);
    assert_int_equal(qm_hex_read("", 0, out, 0), QM_OK);
}

static void uuids(void **state)
{
    uint8_t id[QM_ID_BYTES], back[QM_ID_BYTES], other[QM_ID_BYTES];
    char text[QM_UUID_CHARS + 1];
    (void)state;
    for (int i = 0; i < 100; i++) {
        qm_uuid4(id);
        qm_uuid_write(id, text);
        assert_int_equal(qm_uuid_read(text, QM_UUID_CHARS, 4, back), QM_OK);
        assert_memory_equal(id, back, sizeof id);
        assert_int_equal(qm_uuid_read(text, QM_UUID_CHARS, 7, back), QM_E_MALFORMED);
        assert_int_equal(qm_uuid_read(text, QM_UUID_CHARS, 0, back), QM_OK);
    }
    qm_uuid7(id, 0x01992178f800);
    qm_uuid_write(id, text);
    assert_memory_equal(text, "01992178-f800-7", 15);
    assert_int_equal(qm_uuid_read(text, QM_UUID_CHARS, 7, back), QM_OK);
    qm_uuid7(other, 0x01992178f800);
    assert_int_not_equal(memcmp(id, other, sizeof id), 0);
    qm_uuid7(other, 0x01992178f801);
    assert_true(memcmp(id, other, sizeof id) < 0); /* later ids sort behind */
    text[14] = '6';
    assert_int_equal(qm_uuid_read(text, QM_UUID_CHARS, 7, back), QM_E_MALFORMED);
    assert_int_equal(qm_uuid_read(text, QM_UUID_CHARS - 1, 0, back), QM_E_MALFORMED);
}

static void numbers(void **state)
{
    static const char *const bad[] = {"",
                                      "00",
                                      "01",
                                      "+1",
                                      "-1",
                                      "-0",
                                      " 1",
                                      "1 ",
                                      "1.0",
                                      "1e3",
                                      "0x1",
                                      "9007199254740992",
                                      "18446744073709551616",
                                      "99999999999999999999"};
    int64_t n = -1;
    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_int_equal(qm_dec_read(bad[i], strlen(bad[i]), QM_INT_MAX, &n), QM_E_MALFORMED);
    assert_int_equal(qm_dec_read("0", 1, QM_INT_MAX, &n), QM_OK);
    assert_int_equal(n, 0);
    assert_int_equal(qm_dec_read("9007199254740991", 16, QM_INT_MAX, &n), QM_OK);
    assert_true(n == QM_INT_MAX);
    assert_int_equal(qm_dec_read("9223372036854775807", 19, INT64_MAX, &n), QM_OK);
    assert_true(n == INT64_MAX);
    assert_int_equal(qm_dec_read("9223372036854775808", 19, INT64_MAX, &n), QM_E_MALFORMED);
    assert_int_equal(qm_dec_read("9", 1, 8, &n), QM_E_MALFORMED);
    assert_int_equal(qm_dec_read("10", 2, 9, &n), QM_E_MALFORMED);
    assert_int_equal(qm_dec_read("0", 1, 0, &n), QM_OK);
}

static bool code(const char *t)
{
    return qm_code_ok(t, strlen(t));
}

static bool account(const char *t)
{
    return qm_account_ok(t, strlen(t));
}

static bool host(const char *t)
{
    return qm_host_ok(t, strlen(t));
}

static void codes_accounts_and_hosts(void **state)
{
    char longest[200];
    (void)state;
    memset(longest, 'a', sizeof longest);
    assert_true(code("a") && code("0") && code("order-brushing") && code("a_-9"));
    assert_true(qm_code_ok(longest, 40));
    assert_false(qm_code_ok(longest, 41));
    assert_false(code("") || code("-a") || code("_a") || code("A") || code("a b") || code("a.b"));
    assert_true(account("A0001") && account("WZ") && account("A123456789012345"));
    assert_false(account("") || account("A") || account("a1") || account("0A") || account("A-1"));
    assert_false(account("A1234567890123456"));
    assert_true(host("qm.example.gov.cn") && host("127.0.0.1:8080") && host("[::1]:80"));
    assert_true(qm_host_ok(longest, 120));
    assert_false(qm_host_ok(longest, 121));
    assert_false(host("") || host(".a") || host("a.") || host("A") || host("a/b") || host("a b"));
    assert_false(qm_host_ok("a\0b", 3));
}

static void grids_have_fifteen_digits(void **state)
{
    int64_t grid = 0;
    (void)state;
    assert_int_equal(qm_grid_read("140522110204001", 15, &grid), QM_OK);
    assert_true(grid == 140522110204001);
    assert_int_equal(qm_grid_read("14052211020400", 14, &grid), QM_E_MALFORMED);
    assert_int_equal(qm_grid_read("1405221102040011", 16, &grid), QM_E_MALFORMED);
    assert_int_equal(qm_grid_read("14052211020400a", 15, &grid), QM_E_MALFORMED);
}

static bool utf8(const char *t)
{
    return qm_utf8_ok(t, strlen(t));
}

static void utf8_is_that_of_rfc_3629(void **state)
{
    (void)state;
    assert_true(utf8("") && utf8("abc") && utf8("\xC2\x80") && utf8("\xDF\xBF"));
    assert_true(utf8("\xE0\xA0\x80") && utf8("\xED\x9F\xBF") && utf8("\xEE\x80\x80"));
    assert_true(utf8("\xF0\x90\x80\x80") && utf8("\xF4\x8F\xBF\xBF") && utf8("张三"));
    assert_false(utf8("\x80") || utf8("\xBF") || utf8("\xC0\x80") || utf8("\xC1\xBF"));
    assert_false(utf8("\xC2") || utf8("\xC2\x41") || utf8("\xE0\x9F\xBF") || utf8("\xE1\x80"));
    assert_false(utf8("\xED\xA0\x80") || utf8("\xED\xBF\xBF"));
    assert_false(utf8("\xF0\x8F\xBF\xBF") || utf8("\xF4\x90\x80\x80") || utf8("\xF5\x80\x80\x80"));
    assert_false(utf8("\xFF") || utf8("\xFE") || utf8("\xE1\x80\xC0") || utf8("\xF1\x80\x80\x41"));
    assert_false(qm_utf8_ok("a\0b", 3));
}

static void characters_are_counted(void **state)
{
    (void)state;
    assert_int_equal(qm_utf8_chars("", 0), 0);
    assert_int_equal(qm_utf8_chars("abc", 3), 3);
    assert_int_equal(qm_utf8_chars("敲门", strlen("敲门")), 2);
    assert_int_equal(qm_utf8_chars("a\u00e9\U0001F600", 7), 3);
}

static int32_t day(const char *t)
{
    int32_t d = INT32_MIN;
    assert_int_equal(qm_day_read(t, strlen(t), &d), QM_OK);
    return d;
}

static void days(void **state)
{
    static const char *const bad[] = {"2025-02-29",
                                      "1900-02-29",
                                      "2025-04-31",
                                      "2025-00-01",
                                      "2025-13-01",
                                      "2025-01-00",
                                      "2025-01-32",
                                      "0000-01-01",
                                      "2025-1-01",
                                      "2025/01/01",
                                      "20250101",
                                      "2025-01-01 ",
                                      ""};
    int32_t d = 0;
    char text[11];
    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_int_equal(qm_day_read(bad[i], strlen(bad[i]), &d), QM_E_MALFORMED);
    assert_int_equal(day("1970-01-01"), 0);
    assert_int_equal(day("1969-12-31"), -1);
    assert_int_equal(day("2000-02-29"), 11016);
    assert_int_equal(day("2025-09-07"), 20338);
    assert_int_equal(qm_day8_read("20250907", 8, &d), QM_OK);
    assert_int_equal(d, 20338);
    assert_int_equal(qm_day8_read("20250931", 8, &d), QM_E_MALFORMED);
    for (int32_t n = day("1799-12-31"); n <= day("2201-01-01"); n++) {
        qm_day_write(n, text);
        assert_int_equal(day(text), n);
    }
}

static void days_are_those_of_shanghai(void **state)
{
    (void)state;
    assert_int_equal(qm_day_of_ms(0), 0);
    assert_int_equal(qm_day_of_ms(57599999), 0);  /* 23:59:59.999 there */
    assert_int_equal(qm_day_of_ms(57600000), 1);  /* midnight there */
    assert_int_equal(qm_day_of_ms(-28800000), 0); /* midnight there */
    assert_int_equal(qm_day_of_ms(-28800001), -1);
    assert_int_equal(qm_day_of_ms(1757203200000), day("2025-09-07"));
    assert_int_equal(qm_day_begin_ms(0), -28800000);
    assert_int_equal(qm_day_begin_ms(day("9999-12-31")), INT64_C(253402185600000));
    assert_int_equal(qm_day_of_ms(qm_day_begin_ms(day("2025-09-07"))), day("2025-09-07"));
    assert_int_equal(qm_day_of_ms(qm_day_begin_ms(day("2025-09-07")) - 1), day("2025-09-06"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(base64_round_trips_at_every_length),
        cmocka_unit_test(base64_takes_its_alphabet_only),
        cmocka_unit_test(base64_refuses_other_spellings),
        cmocka_unit_test(hex_is_lower_case),
        cmocka_unit_test(uuids),
        cmocka_unit_test(numbers),
        cmocka_unit_test(codes_accounts_and_hosts),
        cmocka_unit_test(grids_have_fifteen_digits),
        cmocka_unit_test(utf8_is_that_of_rfc_3629),
        cmocka_unit_test(characters_are_counted),
        cmocka_unit_test(days),
        cmocka_unit_test(days_are_those_of_shanghai),
    };
    if (sodium_init() < 0)
        return 1;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
