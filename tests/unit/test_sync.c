/* test_sync.c - the sans-I/O core: what a status is worth, pace, answers of enrolment, the shape of
 * requests and of `changes`.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "client_fixture.h"
#include "keys.h"
#include "sync.h"

#include <stdlib.h>
#include <string.h>

#define PROBLEM_TYPE "application/problem+json"

static struct qm_judged judge(enum qm_ask_kind kind, int status, const char *type, const char *body)
{
    struct qm_judged j;
    struct qm_said said = {
        .status = status, .content_type = type, .body = body, .len = strlen(body)};
    qm_sync_judge(kind, &said, &j);
    return j;
}

static struct qm_judged fault(enum qm_ask_kind kind, int status, const char *name)
{
    char body[200];
    snprintf(body, sizeof body,
             "{\"type\":\"/problems/%s\",\"title\":\"t\",\"status\":%d,\"detail\":\"\",\"now\":9}",
             name, status);
    return judge(kind, status, PROBLEM_TYPE, body);
}

static void faults_lead_to_what_the_contract_says(void **state)
{
    (void)state;
    static const struct {
        enum qm_ask_kind kind;
        int status;
        const char *name;
        enum qm_then then;
    } cases[] = {{QM_ASK_BATCH, 400, "malformed", QM_THEN_BYTES},
                 {QM_ASK_BATCH, 413, "too-large", QM_THEN_BYTES},
                 {QM_ASK_BATCH, 415, "media-type", QM_THEN_BYTES},
                 {QM_ASK_BATCH, 401, "unknown-key", QM_THEN_STOP},
                 {QM_ASK_BATCH, 401, "bad-signature", QM_THEN_WAIT},
                 {QM_ASK_CHANGES, 401, "stale-signature", QM_THEN_CLOCK},
                 {QM_ASK_BATCH, 403, "revoked", QM_THEN_STOP},
                 {QM_ASK_CHANGES, 403, "forbidden", QM_THEN_STOP},
                 {QM_ASK_BATCH, 409, "batch-conflict", QM_THEN_REBUILD},
                 {QM_ASK_BATCH, 422, "root-mismatch", QM_THEN_REBUILD},
                 {QM_ASK_PHOTO, 422, "digest-mismatch", QM_THEN_WAIT},
                 {QM_ASK_PHOTO, 415, "media-type", QM_THEN_BYTES},
                 {QM_ASK_BATCH, 429, "quota-exceeded", QM_THEN_WAIT},
                 {QM_ASK_BATCH, 503, "overload", QM_THEN_WAIT},
                 {QM_ASK_BATCH, 503, "log-stopped", QM_THEN_WAIT},
                 {QM_ASK_BATCH, 500, "internal", QM_THEN_WAIT},
                 {QM_ASK_ENROL, 409, "key-taken", QM_THEN_STOP},
                 {QM_ASK_CHANGES, 400, "malformed", QM_THEN_WAIT}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct qm_judged j = fault(cases[i].kind, cases[i].status, cases[i].name);
        assert_int_equal(j.then, cases[i].then);
        assert_int_equal(j.err, qm_err_of_name(cases[i].name));
        assert_int_equal(j.now_ms, 9);
    }
}

/* Something between us and the server: wait, whatever the status. */
static void only_the_servers_own_words_act(void **state)
{
    (void)state;
    const char *page = "<html>";
    for (int status = 201; status < 600; status++) {
        assert_int_equal(judge(QM_ASK_BATCH, status, "text/html", page).then, QM_THEN_WAIT);
        assert_int_not_equal(judge(QM_ASK_BATCH, status, "text/html", page).err, QM_OK);
    }
    const char *bad[] = {"",
                         "{}",
                         "{\"type\":\"/problems/revoked\"",
                         "{\"type\":\"about:blank\"}",
                         "{\"type\":\"/problems/nonsense\",\"status\":403}",
                         "{\"type\":\"/problems/malformed\",\"status\":400}"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_int_equal(judge(QM_ASK_BATCH, 403, PROBLEM_TYPE, bad[i]).then, QM_THEN_WAIT);
    assert_int_equal(fault(QM_ASK_BATCH, 403, "revoked").then, QM_THEN_STOP);
    assert_int_equal(judge(QM_ASK_BATCH, 200, "text/plain", "x").then, QM_THEN_READ);
    assert_int_equal(judge(QM_ASK_BATCH, 302, "text/html", page).then, QM_THEN_WAIT);
}

static void pace_doubles_up_to_a_quarter_of_an_hour(void **state)
{
    (void)state;
    struct qm_pace p = {0};
    uint32_t last = 0;
    for (int i = 0; i < 40; i++) {
        uint32_t window = qm_pace_window(&p);
        assert_true(window >= last && window > 0);
        assert_true(window + QM_PACE_MIN_MS <= QM_PACE_MAX_MS);
        qm_pace_failed(&p, QM_E_OFFLINE, 1000, -1, window - 1);
        assert_int_equal(p.next_ms, 1000 + QM_PACE_MIN_MS + (int64_t)window - 1);
        last = window;
    }
    assert_int_equal(last + QM_PACE_MIN_MS, QM_PACE_MAX_MS);
    qm_pace_failed(&p, QM_E_OVERLOAD, 1000, 3, 77);
    assert_int_equal(p.next_ms, 4000);
    qm_pace_failed(&p, QM_E_OVERLOAD, 0, INT64_MAX / 2, 77);
    assert_int_equal(p.next_ms, INT64_C(86400000));
    qm_pace_ok(&p);
    assert_int_equal(p.failures, 0);
}

static void names_of_logs(void **state)
{
    (void)state;
    int county = 0, tree = 0;
    assert_int_equal(qm_log_name_read(HOST "/log/140522", HOST, &county, &tree), QM_OK);
    assert_int_equal(county, 140522);
    assert_int_equal(tree, 1);
    assert_int_equal(qm_log_name_read(HOST "/log/140522-12", HOST, &county, &tree), QM_OK);
    assert_int_equal(tree, 12);
    const char *bad[] = {HOST "/log/14052",     HOST "/log/140522-1", HOST "/log/140522-",
                         HOST "/log/140522-02", HOST "/log/140522/2", "x" HOST "/log/140522",
                         HOST "1/log/140522",   HOST "/log/1405222",  HOST "/log/140522-2 "};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_int_not_equal(qm_log_name_read(bad[i], HOST, &county, &tree), QM_OK);
}

static void an_enrolment_must_fit_host_and_county(void **state)
{
    (void)state;
    static struct town t;
    struct qm_enrolled en;
    struct qm_buf b;
    town_open(&t);
    qm_buf_init(&b, 1024);
    qm_buf_puts(&b, "{\"account\":\"W17\",\"grids\":[\"" GRID "\"],\"log\":\"");
    qm_vkey_write(&t.key, &b);
    qm_buf_puts(&b, "\"}");
    assert_int_equal(qm_enrolled_read(b.p, b.len, HOST, 140522, &en), QM_OK);
    assert_string_equal(en.account, "W17");
    assert_string_equal(en.grid[0], GRID);
    assert_int_equal(qm_enrolled_read(b.p, b.len, HOST, 140523, &en), QM_E_PROOF);
    assert_int_equal(qm_enrolled_read(b.p, b.len, "other.test", 140522, &en), QM_E_PROOF);
    for (size_t i = 0; i < b.len; i++)
        assert_int_equal(qm_enrolled_read(b.p, i, HOST, 140522, &en), QM_E_UNKNOWN_OUTCOME);
    qm_buf_free(&b);
}

static void requests_are_signed_over_what_is_sent(void **state)
{
    (void)state;
    struct secrets secrets = {0};
    struct qm_keystore store = secrets_store(&secrets);
    struct qm_keys keys;
    struct qm_signer signer;
    struct qm_ask ask;
    const int64_t now_s = 1795240800;
    assert_int_equal(qm_keys_open(&keys, &store, true), QM_OK);
    assert_int_equal(
        qm_keys_make_device(&keys, 1, HOST "/d/3f1c8a52-6a0e-4b8e-9d57-0c2f6d1e7a41", &signer),
        QM_OK);
    struct qm_voice voice = {
        .host = HOST, .vkey = &signer.vkey, .sign = qm_keys_sign, .sign_ctx = &signer};
    assert_int_equal(qm_ask_changes(&ask, &voice, "a b/+&=é", now_s), QM_OK);
    assert_string_equal(ask.query, "since=a%20b%2F%2B%26%3D%C3%A9");
    assert_int_equal(ask.headers, 2);
    struct qm_reqsig r = {
        .method = "GET", .authority = HOST, .path = "/v1/changes", .query = ask.query};
    const char *input = ask.header[0] + strlen("Signature-Input: ");
    const char *signature = ask.header[1] + strlen("Signature: ");
    assert_int_equal(qm_reqsig_verify(&r, input, signature, NULL, &signer.vkey, now_s + 299),
                     QM_OK);
    assert_int_equal(qm_reqsig_verify(&r, input, signature, NULL, &signer.vkey, now_s + 301),
                     QM_E_STALE_SIGNATURE);
    r.query = "since=b";
    assert_int_not_equal(qm_reqsig_verify(&r, input, signature, NULL, &signer.vkey, now_s), QM_OK);
    qm_ask_free(&ask);

    struct qm_hash sha;
    qm_sha256("\xff\xd8\xff", 3, &sha);
    assert_int_equal(qm_ask_photo(&ask, &voice, &sha, "\xff\xd8\xff", 3, "image/jpeg", now_s),
                     QM_OK);
    assert_int_equal(ask.headers, 4);
    struct qm_reqsig put = {.method = "PUT",
                            .authority = HOST,
                            .path = ask.path,
                            .query = "",
                            .content_type = "image/jpeg",
                            .body_sha256 = &sha};
    assert_int_equal(qm_reqsig_verify(&put, ask.header[2] + strlen("Signature-Input: "),
                                      ask.header[3] + strlen("Signature: "),
                                      ask.header[1] + strlen("Content-Digest: "), &signer.vkey,
                                      now_s),
                     QM_OK);
    qm_ask_free(&ask);
    qm_keys_close(&keys);
}

static qm_err no_head(void *ctx, const struct qm_changes_head *h)
{
    (void)h;
    (*(int *)ctx)++;
    return QM_OK;
}

static qm_err no_gone(void *ctx, const char *household)
{
    assert_int_equal(strlen(household), 22);
    (*(int *)ctx)++;
    return QM_OK;
}

static qm_err no_end(void *ctx, const char *cursor)
{
    assert_string_equal(cursor, "7");
    (*(int *)ctx)++;
    return QM_OK;
}

static void changes_are_whole_or_nothing(void **state)
{
    (void)state;
    static const char whole[] =
        "{\"t\" : \"head\", \"log\" : \"x\", \"size\" : 1, \"now\" : 2, \"full\" : false}\n"
        "{\"t\":\"gone\",\"household\":\"" HOUSE "\"}\n"
        "{\"t\":\"later\",\"any\":{\"thing\":[{}]}}\n"
        "{\"t\":\"end\",\"cursor\":\"7\",\"rows\":2}\n";
    int calls = 0;
    struct qm_changes_sum sum;
    struct qm_changes_sink sink = {.ctx = &calls, .head = no_head, .gone = no_gone, .end = no_end};
    assert_int_equal(qm_changes_read(whole, strlen(whole), &sink, &sum), QM_OK);
    assert_int_equal(calls, 3);
    assert_int_equal(sum.rows, 1);
    assert_int_equal(sum.unknown, 1);
    calls = 0;
    for (size_t i = 0; i < strlen(whole); i++)
        assert_int_equal(qm_changes_read(whole, i, &sink, &sum), QM_E_PROOF);
    assert_int_equal(calls, 0);
    /* Two heads, an end in the middle. */
    static const char twice[] =
        "{\"t\":\"head\",\"log\":\"x\",\"size\":1,\"now\":2,\"full\":false}\n"
        "{\"t\":\"head\",\"log\":\"x\",\"size\":1,\"now\":2,\"full\":false}\n"
        "{\"t\":\"end\",\"cursor\":\"7\",\"rows\":1}\n";
    assert_int_equal(qm_changes_read(twice, strlen(twice), &sink, &sum), QM_E_MALFORMED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(faults_lead_to_what_the_contract_says),
                                       cmocka_unit_test(only_the_servers_own_words_act),
                                       cmocka_unit_test(pace_doubles_up_to_a_quarter_of_an_hour),
                                       cmocka_unit_test(names_of_logs),
                                       cmocka_unit_test(an_enrolment_must_fit_host_and_county),
                                       cmocka_unit_test(requests_are_signed_over_what_is_sent),
                                       cmocka_unit_test(changes_are_whole_or_nothing)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
