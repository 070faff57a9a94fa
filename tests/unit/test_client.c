/* test_client.c - recording and syncing through the public header, against the town of the fixture:
 * a receipt that holds settles, every other answer settles nothing and loses nothing.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "client_fixture.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct world {
    char folder[64];
    struct secrets secrets;
    struct town town;
    qm_client *c;
};

static int setup(void **state)
{
    struct world *w = calloc(1, sizeof *w);
    folder_make(w->folder);
    town_open(&w->town);
    w->c = phone(w->folder, &w->secrets, &w->town);
    *state = w;
    return 0;
}

static int teardown(void **state)
{
    struct world *w = *state;
    qm_client_close(w->c);
    folder_remove(w->folder);
    free(w);
    return 0;
}

static void reopen(struct world *w)
{
    qm_client_close(w->c);
    w->c = phone_open(w->folder, &w->secrets, &w->town);
}

static int sync_records(struct world *w)
{
    struct qm_sync_report r;
    return qm_client_sync(w->c, QM_SYNC_RECORDS, &r);
}

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
    assert_int_equal(sync_records(w), 0);
    assert_int_equal(w->town.exchanges, before);
}

struct seen_states {
    int n[6];
    char code[6][40];
};

static int note_state(void *ctx, const struct qm_record_view *v)
{
    struct seen_states *s = ctx;
    s->n[v->state]++;
    snprintf(s->code[v->state], sizeof s->code[0], "%s", v->code);
    return 0;
}

static void each_line_gets_its_verdict(void **state)
{
    struct world *w = *state;
    struct seen_states s = {0};
    for (int i = 0; i < 6; i++)
        visit(w->c, NULL, NULL);
    w->town.verdicts = "1 reject county\n2 dup 0\n3 hold scope\n4 flag future,seq\n";
    assert_int_equal(sync_records(w), 0);
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
        assert_int_equal(sync_records(w), cases[i].code);
        assert_int_equal(w->town.exchanges, before);
        reopen(w);
        w->town.now_ms = r.next_ms;
        assert_int_equal(sync_records(w), 0);
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
    assert_int_equal(sync_records(w), 0);
    assert_int_equal(qm_client_event_receipt(w->c, event, &receipt, &len, NULL, NULL), 0);
    qm_client_free(receipt);
    visit(w->c, NULL, NULL);
    w->town.fault_times = -1;
    for (size_t at = 0; at + 60 < len; at += stride) {
        for (int i = 0; i < 2; i++) {
            w->town.fault = i == 0 ? CUT_AT : FLIP_AT;
            w->town.spoil_at = at;
            int code = sync_records(w);
            assert_true(code == QM_C_UNKNOWN_OUTCOME || code == QM_C_PROOF);
            assert_int_equal(counts_of(w->c).waiting, 1);
            assert_int_equal(qm_client_try_again(w->c), 0);
        }
    }
    w->town.fault_times = 0;
    assert_int_equal(sync_records(w), 0);
    assert_int_equal(counts_of(w->c).confirmed, 2);
    assert_int_equal(town_recorded(&w->town), 2);
}

static void a_log_that_shrank_is_reported(void **state)
{
    struct world *w = *state;
    struct qm_client_info info;
    for (int i = 0; i < 3; i++) {
        visit(w->c, NULL, NULL);
        assert_int_equal(sync_records(w), 0);
    }
    visit(w->c, NULL, NULL);
    w->town.fault = REGRESSED;
    w->town.fault_times = 1;
    assert_int_equal(sync_records(w), QM_C_LOG_REGRESSED);
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
    assert_int_equal(sync_records(w), QM_C_UNKNOWN_OUTCOME);
    assert_int_equal(qm_client_try_again(w->c), 0);
    assert_int_equal(sync_records(w), 0);
    /* The next batch is answered from a tree of the size that was seen, with another root. */
    visit(w->c, NULL, NULL);
    w->town.leaves--;
    w->town.entry[w->town.leaves][0] = 0;
    w->town.origin[w->town.leaves][0] = 0;
    w->town.fault = SAME_SIZE;
    w->town.fault_times = 1;
    assert_int_equal(sync_records(w), QM_C_PROOF);
    assert_int_equal(counts_of(w->c).waiting, 1);
}

static void refuse(struct world *w, int status, const char *type, int times)
{
    w->town.fault = PROBLEM;
    w->town.fault_times = times;
    w->town.problem_status = status;
    w->town.problem_type = type;
    w->town.retry_after_s = -1;
}

static void overload_waits_as_long_as_it_says(void **state)
{
    struct world *w = *state;
    struct qm_sync_report r;
    visit(w->c, NULL, NULL);
    refuse(w, 503, "overload", 1);
    w->town.retry_after_s = 77;
    assert_int_equal(qm_client_sync(w->c, 0, &r), QM_C_OVERLOAD);
    assert_int_equal(r.next_ms, w->town.now_ms + 77000);
    w->town.now_ms += 76999;
    assert_int_equal(sync_records(w), QM_C_OVERLOAD);
    w->town.now_ms += 1;
    assert_int_equal(sync_records(w), 0);
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
        refuse(w, cases[i].status, cases[i].type, 1);
        assert_int_equal(sync_records(w), 0);
        assert_int_equal(counts_of(w->c).confirmed, i + 1);
    }
    /* For ever refused: it does not spin. */
    visit(w->c, NULL, NULL);
    refuse(w, 409, "batch-conflict", -1);
    size_t before = w->town.exchanges;
    assert_int_not_equal(sync_records(w), 0);
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
    refuse(w, 400, "malformed", 2);
    assert_int_equal(sync_records(w), 0);
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
    refuse(w, 403, "revoked", -1);
    assert_int_equal(sync_records(w), QM_C_REVOKED);
    size_t before = w->town.exchanges;
    w->town.now_ms += INT64_C(86400000) * 30;
    assert_int_equal(sync_records(w), QM_C_REVOKED);
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
    refuse(w, 401, "unknown-key", 1);
    assert_int_equal(sync_records(w), QM_C_UNKNOWN_KEY);
    assert_int_equal(qm_client_enrol(w->c, SERVER, NULL, CODE), 0);
    assert_int_equal(qm_client_get_info(w->c, &after), 0);
    assert_string_not_equal(before.device, after.device);
    assert_int_equal(sync_records(w), 0);
    assert_int_equal(counts_of(w->c).confirmed, 1);
}

static const char head[] =
    "{\"t\":\"head\",\"log\":\"" HOST "/log/140522\",\"size\":9,\"now\":1795240800000,\"full\":";
#define HOUSEHOLD_ROW                                                                                \
    "{\"t\":\"household\",\"household\":\"" HOUSE "\",\"grid\":\"" GRID "\",\"place\":\"home\","     \
    "\"status\":\"counted\",\"group\":\"三组\",\"lane\":\"\",\"door\":\"12\",\"head\":\"王五\"," \
    "\"phone\":\"190****0001\",\"state\":{\"visited\":true,\"reached\":true,\"notice\":\"left\","    \
    "\"pledge\":\"later\",\"door\":\"met\"}}\n"
#define RESIDENT_ROW                                                                               \
    "{\"t\":\"resident\",\"resident\":\"" PERSON "\",\"household\":\"" HOUSE "\","                 \
    "\"name\":\"王五\",\"born\":\"1970-02-03\",\"phone\":\"\",\"status\":\"counted\","           \
    "\"groups\":[\"parent\",\"trader\"],\"app\":{\"state\":\"installed\",\"real_name\":true,"      \
    "\"call_alert\":false,\"sms_alert\":true}}\n"

static void set_changes(struct world *w, char *to, size_t size, const char *full, const char *rows,
                        int n, const char *cursor)
{
    snprintf(to, size, "%s%s}\n%s{\"t\":\"end\",\"cursor\":\"%s\",\"rows\":%d}\n", head, full, rows,
             cursor, n);
    w->town.changes = to;
}

static int one_household(void *ctx, const struct qm_household_view *v)
{
    (*(int *)ctx)++;
    assert_string_equal(v->household, HOUSE);
    assert_string_equal(v->head, "王五");
    assert_string_equal(v->group, "三组");
    assert_string_equal(v->notice, "left");
    assert_true(v->visited);
    assert_int_equal(v->residents, 1);
    return 0;
}

static int one_resident(void *ctx, const struct qm_resident_view *v)
{
    (*(int *)ctx)++;
    assert_string_equal(v->name, "王五");
    assert_string_equal(v->born, "1970-02-03");
    assert_string_equal(v->groups, "parent,trader");
    assert_true(v->sms_alert && !v->call_alert);
    return 0;
}

static int count_household(void *ctx, const struct qm_household_view *v)
{
    (void)v;
    (*(int *)ctx)++;
    return 0;
}

static void changes_are_mirrored(void **state)
{
    struct world *w = *state;
    char body[4096];
    struct qm_sync_report r;
    int n = 0;
    set_changes(w, body, sizeof body, "true",
                HOUSEHOLD_ROW RESIDENT_ROW "{\"t\":\"directive\",\"x\":{\"y\":[1,2]}}\n", 3,
                "c/1 é");
    assert_int_equal(qm_client_sync(w->c, QM_SYNC_CHANGES, &r), 0);
    assert_int_equal(r.rows, 2);
    assert_int_equal(r.rows_unknown, 1);
    assert_true(r.full);
    assert_int_equal(qm_client_households(w->c, NULL, one_household, &n), 0);
    assert_int_equal(qm_client_residents(w->c, HOUSE, one_resident, &n), 0);
    assert_int_equal(n, 2);
    set_changes(w, body, sizeof body, "false", "{\"t\":\"gone\",\"household\":\"" HOUSE "\"}\n", 1,
                "2");
    assert_int_equal(qm_client_sync(w->c, QM_SYNC_CHANGES, &r), 0);
    n = 0;
    assert_int_equal(qm_client_households(w->c, NULL, count_household, &n), 0);
    assert_int_equal(n, 0);
}

static int count_resident(void *ctx, const struct qm_resident_view *v)
{
    (void)v;
    (*(int *)ctx)++;
    return 0;
}

static void a_resident_who_left_goes_alone(void **state)
{
    struct world *w = *state;
    char body[4096];
    int homes = 0, people = 0;
    set_changes(w, body, sizeof body, "true", HOUSEHOLD_ROW RESIDENT_ROW, 2, "1");
    assert_int_equal(qm_client_sync(w->c, QM_SYNC_CHANGES, NULL), 0);
    set_changes(w, body, sizeof body, "false", "{\"t\":\"gone\",\"resident\":\"" PERSON "\"}\n", 1,
                "2");
    assert_int_equal(qm_client_sync(w->c, QM_SYNC_CHANGES, NULL), 0);
    assert_int_equal(qm_client_households(w->c, NULL, count_household, &homes), 0);
    assert_int_equal(qm_client_residents(w->c, HOUSE, count_resident, &people), 0);
    assert_int_equal(homes, 1);
    assert_int_equal(people, 0);
    /* One who is not here: nothing to do. */
    set_changes(w, body, sizeof body, "false", "{\"t\":\"gone\",\"resident\":\"" PERSON "\"}\n", 1,
                "3");
    assert_int_equal(qm_client_sync(w->c, QM_SYNC_CHANGES, NULL), 0);
}

static void gone_names_one_of_two(void **state)
{
    static const char *const wrong[] = {
        "{\"t\":\"gone\"}\n",
        "{\"t\":\"gone\",\"household\":\"" HOUSE "\",\"resident\":\"" PERSON "\"}\n",
        "{\"t\":\"gone\",\"resident\":\"short\"}\n",
        "{\"t\":\"gone\",\"resident\":\"" PERSON "\",\"more\":1}\n"};
    struct world *w = *state;
    char body[4096];
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        set_changes(w, body, sizeof body, "false", wrong[i], 1, "1");
        assert_int_equal(qm_client_sync(w->c, QM_SYNC_CHANGES, NULL), QM_C_MALFORMED);
        assert_int_equal(qm_client_try_again(w->c), 0);
    }
}

static void changes_that_are_not_whole_are_thrown_away(void **state)
{
    struct world *w = *state;
    char body[4096];
    int n = 0;
    set_changes(w, body, sizeof body, "true", HOUSEHOLD_ROW, 2, "1"); /* says two, has one */
    assert_int_equal(qm_client_sync(w->c, QM_SYNC_CHANGES, NULL), QM_C_PROOF);
    set_changes(w, body, sizeof body, "true", HOUSEHOLD_ROW, 1, "1");
    size_t whole = strlen(body);
    for (size_t cut = 0; cut < whole; cut += 7) {
        set_changes(w, body, sizeof body, "true", HOUSEHOLD_ROW, 1, "1");
        body[cut] = 0;
        assert_int_equal(qm_client_try_again(w->c), 0);
        assert_int_equal(qm_client_sync(w->c, QM_SYNC_CHANGES, NULL), QM_C_PROOF);
    }
    /* A known row of another shape rolls back the rows before it. */
    set_changes(w, body, sizeof body, "true",
                HOUSEHOLD_ROW "{\"t\":\"gone\",\"household\":\"" HOUSE "\",\"more\":1}\n", 2, "1");
    assert_int_equal(qm_client_try_again(w->c), 0);
    assert_int_equal(qm_client_sync(w->c, QM_SYNC_CHANGES, NULL), QM_C_MALFORMED);
    assert_int_equal(qm_client_households(w->c, NULL, count_household, &n), 0);
    assert_int_equal(n, 0);
}

static void decisions_change_what_is_shown(void **state)
{
    struct world *w = *state;
    char body[4096], rows[1024], in[37], out[37];
    struct seen_states s = {0};
    visit(w->c, NULL, in);
    visit(w->c, NULL, out);
    w->town.verdicts = "0 hold scope\n1 hold moved\n";
    assert_int_equal(sync_records(w), 0);
    assert_int_equal(counts_of(w->c).held, 2);
    snprintf(rows, sizeof rows,
             "{\"t\":\"verdict\",\"event\":\"%s\",\"in\":true,\"code\":\"ok\"}\n"
             "{\"t\":\"verdict\",\"event\":\"%s\",\"in\":false,\"code\":\"twice\"}\n",
             in, out);
    set_changes(w, body, sizeof body, "false", rows, 2, "1");
    assert_int_equal(qm_client_sync(w->c, QM_SYNC_CHANGES, NULL), 0);
    assert_int_equal(qm_client_records(w->c, 0, note_state, &s), 0);
    assert_int_equal(s.n[QM_CONFIRMED], 1);
    assert_int_equal(s.n[QM_REJECTED], 1);
    assert_string_equal(s.code[QM_REJECTED], "twice");
}

static void photos_are_sent_and_asked_for_again(void **state)
{
    struct world *w = *state;
    char sha[65], body[4096], rows[512], event[37];
    const uint8_t picture[] = {0xff, 0xd8, 0xff, 1, 2, 3};
    assert_int_equal(qm_client_attach(w->c, "text", 4, sha), QM_C_INVALID);
    assert_int_equal(qm_client_attach(w->c, picture, sizeof picture, sha), 0);
    assert_int_equal(qm_client_attach(w->c, picture, sizeof picture, sha), 0);
    assert_int_equal(counts_of(w->c).photos_waiting, 1);
    visit(w->c, NULL, event);
    assert_int_equal(qm_client_sync(w->c, QM_SYNC_RECORDS | QM_SYNC_PHOTOS, NULL), 0);
    assert_int_equal(w->town.photos, 1);
    assert_int_equal(counts_of(w->c).photos_waiting, 0);
    snprintf(rows, sizeof rows, "{\"t\":\"want\",\"sha256\":\"%s\",\"event\":\"%s\"}\n", sha,
             event);
    set_changes(w, body, sizeof body, "false", rows, 1, "1");
    assert_int_equal(qm_client_sync(w->c, 0, NULL), 0);
    assert_int_equal(w->town.photos, 2);
    /* Refused as no picture: not sent again, and listed. */
    const uint8_t other[] = {0xff, 0xd8, 0xff, 9};
    assert_int_equal(qm_client_attach(w->c, other, sizeof other, sha), 0);
    refuse(w, 415, "media-type", 1);
    assert_int_equal(qm_client_sync(w->c, QM_SYNC_PHOTOS, NULL), 0);
    assert_int_equal(counts_of(w->c).photos_refused, 1);
}

static void a_stale_clock_is_adjusted_once(void **state)
{
    struct world *w = *state;
    char body[4096];
    struct qm_client_info info;
    set_changes(w, body, sizeof body, "false", "", 0, "1");
    refuse(w, 401, "stale-signature", 1);
    assert_int_equal(qm_client_sync(w->c, QM_SYNC_CHANGES, NULL), 0);
    refuse(w, 401, "stale-signature", -1);
    size_t before = w->town.exchanges;
    assert_int_equal(qm_client_sync(w->c, QM_SYNC_CHANGES, NULL), QM_C_STALE_SIGNATURE);
    assert_int_equal(w->town.exchanges - before, 2);
    assert_int_equal(qm_client_get_info(w->c, &info), 0);
    assert_int_equal(info.stopped, 0);
}

static void a_rotation_signs_anew(void **state)
{
    struct world *w = *state;
    char *key = NULL, *other = NULL;
    visit(w->c, NULL, NULL);
    /* A batch is formed under the old key and its answer is lost. */
    w->town.fault = LOST;
    w->town.fault_times = 1;
    assert_int_equal(sync_records(w), QM_C_UNKNOWN_OUTCOME);
    assert_int_equal(qm_client_try_again(w->c), 0);
    assert_int_equal(qm_client_device_key(w->c, &key), 0);
    assert_int_equal(qm_client_rotate(w->c), 0);
    assert_int_equal(qm_client_device_key(w->c, &other), 0);
    assert_string_not_equal(key, other);
    /* The old entry, found by content, holds the old signature: it is ours all the same. */
    assert_int_equal(sync_records(w), 0);
    assert_int_equal(counts_of(w->c).confirmed, 1);
    assert_int_equal(town_recorded(&w->town), 1);
    qm_client_free(key);
    qm_client_free(other);
}

static void a_lost_rotation_is_found_again(void **state)
{
    struct world *w = *state;
    char *key = NULL, *other = NULL;
    assert_int_equal(qm_client_device_key(w->c, &key), 0);
    w->town.fault = LOST;
    w->town.fault_times = 1;
    assert_int_equal(qm_client_rotate(w->c), QM_C_UNKNOWN_OUTCOME);
    assert_int_equal(qm_client_try_again(w->c), 0);
    refuse(w, 401, "unknown-key", 1);
    assert_int_equal(qm_client_rotate(w->c), 0);
    assert_int_equal(qm_client_device_key(w->c, &other), 0);
    assert_string_not_equal(key, other);
    visit(w->c, NULL, NULL);
    assert_int_equal(sync_records(w), 0);
    assert_int_equal(counts_of(w->c).confirmed, 1);
    qm_client_free(key);
    qm_client_free(other);
}

static int count_receipt(void *ctx, const struct qm_receipt_view *v)
{
    (void)v;
    (*(int *)ctx)++;
    return 0;
}

static void a_restored_log_gets_everything_again(void **state)
{
    struct world *w = *state;
    struct qm_client_info info;
    int receipts = 0;
    for (int i = 0; i < 3; i++) {
        visit(w->c, "李四", NULL);
        assert_int_equal(sync_records(w), 0);
    }
    visit(w->c, NULL, NULL);
    town_restore(&w->town, 2); /* keeps the first batch */
    assert_int_equal(sync_records(w), 0);
    assert_int_equal(w->town.rotations, 1);
    assert_int_equal(counts_of(w->c).confirmed, 4);
    assert_int_equal(counts_of(w->c).waiting, 0);
    assert_int_equal(w->town.batches, 6); /* three, then the fourth and the two that were lost */
    assert_int_equal(qm_client_get_info(w->c, &info), 0);
    assert_string_equal(info.log, HOST "/log/140522-2");
    assert_int_equal(info.alarm, 0);
    assert_int_equal(qm_client_receipts(w->c, count_receipt, &receipts), 0);
    assert_int_equal(receipts, 7); /* the old ones stay */
}

static int p_of(void *ctx, const struct qm_record_view *v)
{
    *(size_t *)ctx += v->p_bytes;
    return 0;
}

static void private_bytes_go_after_fourteen_days(void **state)
{
    struct world *w = *state;
    size_t bytes = 0;
    char event[37], *single = NULL;
    size_t len = 0;
    visit(w->c, "张三", event);
    assert_int_equal(sync_records(w), 0);
    w->town.now_ms += INT64_C(14) * 86400000 - 1;
    assert_int_equal(sync_records(w), 0);
    assert_int_equal(qm_client_records(w->c, 0, p_of, &bytes), 0);
    assert_true(bytes > 0);
    w->town.now_ms += 2;
    assert_int_equal(sync_records(w), 0);
    bytes = 0;
    assert_int_equal(qm_client_records(w->c, 0, p_of, &bytes), 0);
    assert_int_equal(bytes, 0);
    assert_int_equal(qm_client_event_receipt(w->c, event, NULL, NULL, &single, &len), 0);
    qm_client_free(single);
}

static void the_queue_moves_to_another_phone(void **state)
{
    struct world *w = *state;
    char path[128], folder[64];
    const uint8_t picture[] = {0xff, 0xd8, 0xff, 1};
    char sha[65];
    uint64_t n = 0;
    static struct secrets secrets;
    memset(&secrets, 0, sizeof secrets);
    snprintf(path, sizeof path, "%s/file", w->folder);
    for (int i = 0; i < 3; i++)
        visit(w->c, "张三", NULL);
    assert_int_equal(qm_client_attach(w->c, picture, sizeof picture, sha), 0);
    assert_int_equal(qm_client_export(w->c, path, "short", &n), QM_C_INVALID);
    assert_int_equal(qm_client_export(w->c, path, "correct horse", &n), 0);
    assert_int_equal(n, 3);
    assert_int_equal(qm_client_export(w->c, path, "correct horse", &n), QM_C_EXISTS);

    folder_make(folder);
    qm_client *other = phone(folder, &secrets, &w->town);
    assert_int_equal(qm_client_import(other, path, "wrong horse", &n), QM_C_CORRUPT);
    assert_int_equal(counts_of(other).others_waiting, 0);
    assert_int_equal(qm_client_import(other, path, "correct horse", &n), 0);
    assert_int_equal(n, 3);
    assert_int_equal(qm_client_import(other, path, "correct horse", &n), 0);
    assert_int_equal(n, 0);
    visit(other, NULL, NULL);
    assert_int_equal(qm_client_sync(other, QM_SYNC_RECORDS | QM_SYNC_PHOTOS, NULL), 0);
    assert_int_equal(counts_of(other).others_done, 3);
    assert_int_equal(counts_of(other).confirmed, 1);
    assert_int_equal(w->town.photos, 1);
    qm_client_close(other);
    folder_remove(folder);
    /* The old phone finds its batch done, under the same index. */
    assert_int_equal(sync_records(w), 0);
    assert_int_equal(counts_of(w->c).confirmed, 3);
    assert_int_equal(town_recorded(&w->town), 4);
}

static void bad_members_are_named(void **state)
{
    struct world *w = *state;
    struct qm_record r = QM_RECORD("visit");
    r.household = HOUSE;
    assert_int_equal(qm_client_record(w->c, &r, NULL), QM_C_INVALID);
    assert_string_equal(qm_client_detail(w->c), "outcome");
    r.outcome = "met";
    r.text = "notice-2026-1";
    assert_int_equal(qm_client_record(w->c, &r, NULL), QM_C_INVALID);
    assert_string_equal(qm_client_detail(w->c), "text");
    r.text = NULL;
    r.topics = 2;
    r.topic[0] = r.topic[1] = "fake-loan";
    assert_int_equal(qm_client_record(w->c, &r, NULL), QM_C_INVALID);
    struct qm_record p = QM_RECORD("pledge");
    p.household = HOUSE;
    p.resident = PERSON;
    p.text = "pledge-2026-1";
    assert_int_equal(qm_client_record(w->c, &p, NULL), QM_C_INVALID);
    assert_string_equal(qm_client_detail(w->c), "evidence");
    p.state = "later";
    p.done = "20260230";
    assert_int_equal(qm_client_record(w->c, &p, NULL), QM_C_INVALID);
    assert_string_equal(qm_client_detail(w->c), "done");
    assert_int_equal(counts_of(w->c).waiting, 0);
}

static void every_kind_can_be_recorded(void **state)
{
    struct world *w = *state;
    char sha[65], event[37];
    struct qm_recorded house, person;
    const uint8_t picture[] = {0xff, 0xd8, 0xff, 1};
    assert_int_equal(qm_client_attach(w->c, picture, sizeof picture, sha), 0);
    visit(w->c, NULL, event);
    struct qm_record h = QM_RECORD("household");
    h.door = "12-3";
    h.name = "王五";
    assert_int_equal(qm_client_record(w->c, &h, &house), 0);
    struct qm_record s = QM_RECORD("household");
    s.why = "split";
    s.from = house.household;
    assert_int_equal(qm_client_record(w->c, &s, NULL), 0);
    struct qm_record p = QM_RECORD("resident");
    p.household = house.household;
    p.why = "found";
    p.name = "王小五";
    p.born = "1990-12-31";
    assert_int_equal(qm_client_record(w->c, &p, &person), 0);
    struct qm_record n = QM_RECORD("notice");
    n.household = house.household;
    n.text = "notice-2026-1";
    n.state = "left";
    assert_int_equal(qm_client_record(w->c, &n, NULL), 0);
    struct qm_record g = QM_RECORD("pledge");
    g.household = house.household;
    g.resident = person.resident;
    g.text = "pledge-2026-1";
    g.evidences = 1;
    g.evidence[0] = sha;
    g.signer = "王五";
    g.relation = "self";
    assert_int_equal(qm_client_record(w->c, &g, NULL), 0);
    struct qm_record a = QM_RECORD("app");
    a.household = house.household;
    a.resident = person.resident;
    a.state = "installed";
    a.real_name = a.call_alert = a.na_sms_alert = true;
    assert_int_equal(qm_client_record(w->c, &a, NULL), 0);
    struct qm_record v = QM_RECORD("void");
    v.target = event;
    v.reason = "wrong_door";
    assert_int_equal(qm_client_record(w->c, &v, NULL), 0);
    assert_int_equal(counts_of(w->c).waiting, 8);
    int n_local = 0;
    assert_int_equal(qm_client_households(w->c, GRID, count_household, &n_local), 0);
    assert_int_equal(n_local, 2);
    assert_int_equal(sync_records(w), 0);
    assert_int_equal(counts_of(w->c).confirmed, 8);
}

static void many_records_go_in_several_batches(void **state)
{
    struct world *w = *state;
    char note[2001];
    memset(note, 'n', 2000);
    note[2000] = 0;
    for (int i = 0; i < 130; i++) {
        struct qm_record r = QM_RECORD("visit");
        r.household = HOUSE;
        r.outcome = "met";
        r.note = note;
        assert_int_equal(qm_client_record(w->c, &r, NULL), 0);
    }
    assert_int_equal(sync_records(w), 0);
    assert_int_equal(counts_of(w->c).confirmed, 130);
    assert_int_equal(w->town.batches, 3);
    assert_int_equal(town_recorded(&w->town), 130);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
    const struct CMUnitTest tests[] = {T(a_receipt_settles),
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
                                       T(changes_are_mirrored),
                                       T(changes_that_are_not_whole_are_thrown_away),
                                       T(a_resident_who_left_goes_alone),
                                       T(gone_names_one_of_two),
                                       T(decisions_change_what_is_shown),
                                       T(photos_are_sent_and_asked_for_again),
                                       T(a_stale_clock_is_adjusted_once),
                                       T(a_rotation_signs_anew),
                                       T(a_lost_rotation_is_found_again),
                                       T(a_restored_log_gets_everything_again),
                                       T(private_bytes_go_after_fourteen_days),
                                       T(the_queue_moves_to_another_phone),
                                       T(bad_members_are_named),
                                       T(every_kind_can_be_recorded),
                                       T(many_records_go_in_several_batches)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
