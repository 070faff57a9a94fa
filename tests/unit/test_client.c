/* test_client.c - syncing records through the public header, against the town of the fixture: a
 * receipt that holds settles, every other answer settles nothing and loses nothing.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "client_world.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void a_receipt_settles(void **state)
{
    struct world *w = *state;
    char event[37];
    struct qm_sync_report r;
    struct qm_client_info info;
    visit(w->c, "张三", event);
    visit(w->c, NULL, NULL);
    assert_int_equal(counts_of(w->c).waiting, 2);
    assert_int_equal(qm_client_event_receipt(w->c, event, NULL, NULL, NULL, NULL), QM_C_NOT_FOUND);
    assert_int_equal(qm_client_sync(w->c, QM_SYNC_RECORDS, &r), 0);
    assert_int_equal(r.confirmed, 2);
    assert_int_equal(counts_of(w->c).confirmed, 2);
    assert_int_equal(counts_of(w->c).waiting, 0);
    assert_int_equal(qm_client_get_info(w->c, &info), 0);
    assert_int_equal(info.log_size, 2);
    assert_string_equal(info.account, "W1");
    assert_string_equal(info.host, HOST);

    char *batch = NULL, *single = NULL, *key = NULL;
    size_t batch_len = 0, single_len = 0;
    assert_int_equal(qm_client_event_receipt(w->c, event, &batch, &batch_len, &single, &single_len),
                     0);
    assert_int_equal(qm_client_device_key(w->c, &key), 0);
    assert_int_equal(qm_verify(info.log_key, batch, batch_len), 0);
    assert_int_equal(qm_verify(key, single, single_len), 0);
    assert_int_not_equal(qm_verify(key, batch, batch_len), 0);
    single[40] ^= 1;
    assert_int_not_equal(qm_verify(key, single, single_len), 0);
    qm_client_free(batch);
    qm_client_free(single);
    qm_client_free(key);
}

static void nothing_to_send_asks_nothing(void **state)
{
    struct world *w = *state;
    size_t before = w->town.exchanges;
    assert_int_equal(world_sync_records(w), 0);
    assert_int_equal(w->town.exchanges, before);
}

static void each_line_gets_its_verdict(void **state)
{
    struct world *w = *state;
    struct seen_states s = {0};
    for (int i = 0; i < 6; i++)
        visit(w->c, NULL, NULL);
    w->town.verdicts = "1 reject county\n2 dup 0\n3 hold scope\n4 flag future,seq\n";
    assert_int_equal(world_sync_records(w), 0);
    assert_int_equal(qm_client_records(w->c, 0, note_state, &s), 0);
    assert_int_equal(s.n[QM_CONFIRMED], 3);
    assert_int_equal(s.n[QM_REJECTED], 1);
    assert_int_equal(s.n[QM_HELD], 1);
    assert_int_equal(s.n[QM_FLAGGED], 1);
    assert_string_equal(s.code[QM_REJECTED], "county");
    assert_string_equal(s.code[QM_HELD], "scope");
    assert_string_equal(s.code[QM_FLAGGED], "future,seq");
    for (int i = QM_WAITING; i <= QM_FLAGGED; i++)
        assert_true(strlen(qm_state_todo((enum qm_state)i, s.code[i], "zh")) > 0);
}

/* The same bytes go again after each, and the record is there once. */
static void doubtful_answers_settle_nothing(void **state)
{
    struct world *w = *state;
    static const struct {
        enum town_fault fault;
        int code;
    } cases[] = {
        {CUT, QM_C_UNKNOWN_OUTCOME}, {ALTERED, QM_C_PROOF},          {OTHER_NOTE, QM_C_PROOF},
        {OTHER_COUNT, QM_C_PROOF},   {WRONG_KEY, QM_C_PROOF},        {LOST, QM_C_UNKNOWN_OUTCOME},
        {OFFLINE, QM_C_OFFLINE},     {PORTAL, QM_C_UNKNOWN_OUTCOME}, {PROXY_400, QM_C_OFFLINE}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct qm_sync_report r;
        visit(w->c, NULL, NULL);
        w->town.fault = cases[i].fault;
        w->town.fault_times = 1;
        assert_int_equal(qm_client_sync(w->c, QM_SYNC_RECORDS, &r), cases[i].code);
        assert_int_equal(counts_of(w->c).waiting, 1);
        assert_int_equal(counts_of(w->c).confirmed, i);
        assert_true(r.next_ms >= w->town.now_ms + 2000);
        /* Not before its time, and without a request. */
        size_t before = w->town.exchanges;
        assert_int_equal(world_sync_records(w), cases[i].code);
        assert_int_equal(w->town.exchanges, before);
        world_reopen(w);
        w->town.now_ms = r.next_ms;
        assert_int_equal(world_sync_records(w), 0);
        assert_int_equal(counts_of(w->c).confirmed, i + 1);
    }
    assert_int_equal(town_recorded(&w->town), sizeof cases / sizeof cases[0]);
    assert_int_equal(w->town.batches, sizeof cases / sizeof cases[0]);
}

/* Cut after each byte, or with one bit of it changed: no answer settles, the last one does. */
static void no_spoilt_answer_settles(void **state)
{
    struct world *w = *state;
    const char *want = getenv("QM_LONG");
    size_t stride = want && strcmp(want, "1") == 0 ? 1 : 13;
    char event[37], *receipt = NULL;
    size_t len = 0;
    visit(w->c, NULL, event);
    assert_int_equal(world_sync_records(w), 0);
    assert_int_equal(qm_client_event_receipt(w->c, event, &receipt, &len, NULL, NULL), 0);
    qm_client_free(receipt);
    visit(w->c, NULL, NULL);
    w->town.fault_times = -1;
    for (size_t at = 0; at + 60 < len; at += stride) {
        for (int i = 0; i < 2; i++) {
            w->town.fault = i == 0 ? CUT_AT : FLIP_AT;
            w->town.spoil_at = at;
            int code = world_sync_records(w);
            assert_true(code == QM_C_UNKNOWN_OUTCOME || code == QM_C_PROOF);
            assert_int_equal(counts_of(w->c).waiting, 1);
            assert_int_equal(qm_client_try_again(w->c), 0);
        }
    }
    w->town.fault_times = 0;
    assert_int_equal(world_sync_records(w), 0);
    assert_int_equal(counts_of(w->c).confirmed, 2);
    assert_int_equal(town_recorded(&w->town), 2);
}

static void a_log_that_shrank_is_reported(void **state)
{
    struct world *w = *state;
    struct qm_client_info info;
    for (int i = 0; i < 3; i++) {
        visit(w->c, NULL, NULL);
        assert_int_equal(world_sync_records(w), 0);
    }
    visit(w->c, NULL, NULL);
    w->town.fault = REGRESSED;
    w->town.fault_times = 1;
    assert_int_equal(world_sync_records(w), QM_C_LOG_REGRESSED);
    assert_int_equal(counts_of(w->c).waiting, 1);
    assert_int_equal(qm_client_get_info(w->c, &info), 0);
    assert_int_equal(info.alarm, QM_C_LOG_REGRESSED);
    assert_int_equal(info.log_size, 4);
}

static void another_root_at_the_same_size_is_refused(void **state)
{
    struct world *w = *state;
    visit(w->c, NULL, NULL);
    w->town.fault = LOST;
    w->town.fault_times = 1;
    assert_int_equal(world_sync_records(w), QM_C_UNKNOWN_OUTCOME);
    assert_int_equal(qm_client_try_again(w->c), 0);
    assert_int_equal(world_sync_records(w), 0);
    /* The next batch is answered from a tree of the size that was seen, with another root. */
    visit(w->c, NULL, NULL);
    w->town.leaves--;
    w->town.entry[w->town.leaves][0] = 0;
    w->town.origin[w->town.leaves][0] = 0;
    w->town.fault = SAME_SIZE;
    w->town.fault_times = 1;
    assert_int_equal(world_sync_records(w), QM_C_PROOF);
    assert_int_equal(counts_of(w->c).waiting, 1);
}

static void overload_waits_as_long_as_it_says(void **state)
{
    struct world *w = *state;
    struct qm_sync_report r;
    visit(w->c, NULL, NULL);
    world_refuse(w, 503, "overload", 1);
    w->town.retry_after_s = 77;
    assert_int_equal(qm_client_sync(w->c, 0, &r), QM_C_OVERLOAD);
    assert_int_equal(r.next_ms, w->town.now_ms + 77000);
    w->town.now_ms += 76999;
    assert_int_equal(world_sync_records(w), QM_C_OVERLOAD);
    w->town.now_ms += 1;
    assert_int_equal(world_sync_records(w), 0);
    assert_int_equal(counts_of(w->c).confirmed, 1);
}

static void refused_batches_are_built_anew(void **state)
{
    struct world *w = *state;
    static const struct {
        int status;
        const char *type;
    } cases[] = {{409, "batch-conflict"}, {422, "root-mismatch"}};
    for (size_t i = 0; i < 2; i++) {
        visit(w->c, NULL, NULL);
        world_refuse(w, cases[i].status, cases[i].type, 1);
        assert_int_equal(world_sync_records(w), 0);
        assert_int_equal(counts_of(w->c).confirmed, i + 1);
    }
    /* For ever refused: it does not spin. */
    visit(w->c, NULL, NULL);
    world_refuse(w, 409, "batch-conflict", -1);
    size_t before = w->town.exchanges;
    assert_int_not_equal(world_sync_records(w), 0);
    assert_true(w->town.exchanges - before <= 2);
    assert_int_equal(counts_of(w->c).waiting, 1);
}

static void bytes_that_are_not_taken_block_nothing_else(void **state)
{
    struct world *w = *state;
    struct seen_states s = {0};
    for (int i = 0; i < 3; i++)
        visit(w->c, NULL, NULL);
    /* The batch of three, then the first of them alone. */
    world_refuse(w, 400, "malformed", 2);
    assert_int_equal(world_sync_records(w), 0);
    assert_int_equal(qm_client_records(w->c, 0, note_state, &s), 0);
    assert_int_equal(s.n[QM_REJECTED], 1);
    assert_int_equal(s.n[QM_CONFIRMED], 2);
    assert_string_equal(s.code[QM_REJECTED], "malformed");
}

static void a_revoked_device_stops_and_keeps(void **state)
{
    struct world *w = *state;
    struct qm_client_info info;
    visit(w->c, NULL, NULL);
    world_refuse(w, 403, "revoked", -1);
    assert_int_equal(world_sync_records(w), QM_C_REVOKED);
    size_t before = w->town.exchanges;
    w->town.now_ms += INT64_C(86400000) * 30;
    assert_int_equal(world_sync_records(w), QM_C_REVOKED);
    assert_int_equal(w->town.exchanges, before);
    assert_int_equal(counts_of(w->c).waiting, 1);
    assert_int_equal(qm_client_get_info(w->c, &info), 0);
    assert_int_equal(info.stopped, QM_C_REVOKED);
    visit(w->c, NULL, NULL);
    assert_int_equal(counts_of(w->c).waiting, 2);
}

static void an_unknown_device_may_enrol_again(void **state)
{
    struct world *w = *state;
    struct qm_client_info before, after;
    visit(w->c, NULL, NULL);
    assert_int_equal(qm_client_get_info(w->c, &before), 0);
    assert_int_equal(qm_client_enrol(w->c, SERVER, NULL, CODE), QM_C_EXISTS);
    world_refuse(w, 401, "unknown-key", 1);
    assert_int_equal(world_sync_records(w), QM_C_UNKNOWN_KEY);
    assert_int_equal(qm_client_enrol(w->c, SERVER, NULL, CODE), 0);
    assert_int_equal(qm_client_get_info(w->c, &after), 0);
    assert_string_not_equal(before.device, after.device);
    assert_int_equal(world_sync_records(w), 0);
    assert_int_equal(counts_of(w->c).confirmed, 1);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, world_setup, world_teardown)
    const struct CMUnitTest tests[] = {
        T(a_receipt_settles),
        T(nothing_to_send_asks_nothing),
        T(each_line_gets_its_verdict),
        T(doubtful_answers_settle_nothing),
        T(no_spoilt_answer_settles),
        T(a_log_that_shrank_is_reported),
        T(another_root_at_the_same_size_is_refused),
        T(overload_waits_as_long_as_it_says),
        T(refused_batches_are_built_anew),
        T(bytes_that_are_not_taken_block_nothing_else),
        T(a_revoked_device_stops_and_keeps),
        T(an_unknown_device_may_enrol_again),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
