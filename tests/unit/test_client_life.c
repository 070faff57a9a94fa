/* test_client_life.c - what happens to a phone in its life: photos, a wrong clock, new keys, a log
 * that was put back, time, and another phone in its place.
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
    world_changes(w, body, sizeof body, "false", rows, 1, "1");
    assert_int_equal(qm_client_sync(w->c, 0, NULL), 0);
    assert_int_equal(w->town.photos, 2);
    /* Refused as no picture: not sent again, and listed. */
    const uint8_t other[] = {0xff, 0xd8, 0xff, 9};
    assert_int_equal(qm_client_attach(w->c, other, sizeof other, sha), 0);
    world_refuse(w, 415, "media-type", 1);
    assert_int_equal(qm_client_sync(w->c, QM_SYNC_PHOTOS, NULL), 0);
    assert_int_equal(counts_of(w->c).photos_refused, 1);
}

/* Two photos and a visit; the town takes everything but photos. */
static void with_photos(struct world *w, char body[4096], char sha[2][65])
{
    for (uint8_t i = 0; i < 2; i++) {
        const uint8_t picture[] = {0xff, 0xd8, 0xff, i};
        w->town.now_ms++;
        assert_int_equal(qm_client_attach(w->c, picture, sizeof picture, sha[i]), 0);
    }
    visit(w->c, NULL, NULL);
    world_changes(w, body, 4096, "false", "", 0, "1");
    w->town.fault_path = "/v1/blobs/";
}

static void a_photo_that_the_server_defers_holds_up_nothing_else(void **state)
{
    struct world *w = *state;
    char body[4096], sha[2][65];
    struct qm_sync_report r;
    struct qm_client_info info;
    with_photos(w, body, sha);
    world_refuse(w, 429, "quota-exceeded", -1);
    w->town.retry_after_s = 3600;
    assert_int_equal(qm_client_sync(w->c, 0, &r), 0);
    assert_int_equal(r.confirmed, 1);
    assert_int_equal(r.exchanges, 3);
    assert_string_equal(w->town.last_path, "/v1/changes");
    int64_t next = w->town.now_ms + 3600000;
    assert_int_equal(r.photos_why, QM_C_QUOTA);
    assert_int_equal(r.photos_next_ms, next);
    /* All day long: records and changes go on, photos are not asked for. */
    world_reopen(w);
    w->town.now_ms = next - 1;
    visit(w->c, NULL, NULL);
    assert_int_equal(qm_client_sync(w->c, 0, &r), 0);
    assert_int_equal(r.confirmed, 1);
    assert_int_equal(r.exchanges, 2);
    assert_int_equal(r.photos_why, QM_C_QUOTA);
    assert_int_equal(qm_client_get_info(w->c, &info), 0);
    assert_int_equal(info.photos_why, QM_C_QUOTA);
    assert_int_equal(info.photos_next_ms, next);
    assert_int_equal(info.why, 0);
    w->town.now_ms = next;
    w->town.fault_times = 0;
    assert_int_equal(qm_client_sync(w->c, 0, &r), 0);
    assert_int_equal(r.photos, 2);
    assert_int_equal(r.photos_why, 0);
    assert_int_equal(qm_client_get_info(w->c, &info), 0);
    assert_int_equal(info.photos_why, 0);
}

static void a_deferred_photo_is_tried_by_hand_and_never_at_once(void **state)
{
    struct world *w = *state;
    char body[4096], sha[2][65];
    struct qm_sync_report r;
    with_photos(w, body, sha);
    world_refuse(w, 429, "quota-exceeded", -1);
    w->town.retry_after_s = 0;
    assert_int_equal(qm_client_sync(w->c, 0, &r), 0);
    assert_int_equal(r.exchanges, 3);
    assert_int_equal(qm_client_try_again(w->c), 0);
    w->town.fault_times = 0;
    assert_int_equal(qm_client_sync(w->c, 0, &r), 0);
    assert_int_equal(r.photos, 2);
}

/* The way to the server spoils one of them, whenever it is sent. */
static void a_photo_that_fails_each_time_goes_behind_the_others(void **state)
{
    struct world *w = *state;
    char body[4096], sha[2][65], path[80];
    struct qm_sync_report r;
    with_photos(w, body, sha);
    snprintf(path, sizeof path, "/v1/blobs/%s", sha[0]);
    w->town.fault_path = path;
    w->town.fault = PROXY_400;
    w->town.fault_times = -1;
    assert_int_equal(qm_client_sync(w->c, 0, &r), 0);
    assert_int_equal(r.photos, 0);
    assert_int_equal(r.photos_why, QM_C_OFFLINE);
    w->town.now_ms = r.photos_next_ms;
    assert_int_equal(qm_client_sync(w->c, 0, &r), 0);
    assert_int_equal(r.photos, 1);
    assert_int_equal(counts_of(w->c).photos_waiting, 1);
}

static void a_stale_clock_is_adjusted_once(void **state)
{
    struct world *w = *state;
    char body[4096];
    struct qm_client_info info;
    world_changes(w, body, sizeof body, "false", "", 0, "1");
    world_refuse(w, 401, "stale-signature", 1);
    assert_int_equal(qm_client_sync(w->c, QM_SYNC_CHANGES, NULL), 0);
    world_refuse(w, 401, "stale-signature", -1);
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
    assert_int_equal(world_sync_records(w), QM_C_UNKNOWN_OUTCOME);
    assert_int_equal(qm_client_try_again(w->c), 0);
    assert_int_equal(qm_client_device_key(w->c, &key), 0);
    assert_int_equal(qm_client_rotate(w->c), 0);
    assert_int_equal(qm_client_device_key(w->c, &other), 0);
    assert_string_not_equal(key, other);
    /* The old entry, found by content, holds the old signature: it is ours all the same. */
    assert_int_equal(world_sync_records(w), 0);
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
    world_refuse(w, 401, "unknown-key", 1);
    assert_int_equal(qm_client_rotate(w->c), 0);
    assert_int_equal(qm_client_device_key(w->c, &other), 0);
    assert_string_not_equal(key, other);
    visit(w->c, NULL, NULL);
    char changes[512];
    world_changes(w, changes, sizeof changes, "true", "", 0, "c1");
    assert_int_equal(world_sync_records(w), 0);
    assert_int_equal(counts_of(w->c).confirmed, 1);
    qm_client_free(key);
    qm_client_free(other);
}

/* A key that was taken up proves good before another one is made: or two lost answers in a row
 * would leave the phone with two keys of which it cannot tell which one the town knows. */
static void two_lost_rotations_in_a_row_stop_nothing(void **state)
{
    struct world *w = *state;
    struct qm_client_info info;
    char changes[512];
    visit(w->c, NULL, NULL);
    w->town.fault = LOST;
    w->town.fault_times = 1;
    assert_int_equal(qm_client_rotate(w->c), QM_C_UNKNOWN_OUTCOME);
    assert_int_equal(qm_client_try_again(w->c), 0);
    world_refuse(w, 401, "unknown-key", 1);
    assert_int_equal(qm_client_rotate(w->c), 0);
    size_t rotations = w->town.rotations;
    world_changes(w, changes, sizeof changes, "true", "", 0, "c1");
    w->town.fault = LOST;
    w->town.fault_times = 1;
    assert_int_equal(qm_client_rotate(w->c), QM_C_UNKNOWN_OUTCOME);
    assert_int_equal(w->town.rotations,
                     rotations); /* what was lost is the question after the key */
    assert_int_equal(qm_client_try_again(w->c), 0);
    assert_int_equal(qm_client_rotate(w->c), 0);
    assert_int_equal(w->town.rotations, rotations + 1);
    assert_int_equal(world_sync_records(w), 0);
    assert_int_equal(counts_of(w->c).confirmed, 1);
    assert_int_equal(qm_client_get_info(w->c, &info), 0);
    assert_int_equal(info.stopped, 0);
}

/* Neither key is known: another phone took the device over, or the database is another one. */
static void a_taken_up_key_that_is_unknown_too_stops(void **state)
{
    struct world *w = *state;
    struct qm_client_info info;
    visit(w->c, NULL, NULL);
    world_refuse(w, 401, "unknown-key", -1);
    assert_int_equal(qm_client_rotate(w->c), 0);
    assert_int_equal(world_sync_records(w), QM_C_UNKNOWN_KEY);
    assert_int_equal(counts_of(w->c).waiting, 1);
    assert_int_equal(qm_client_get_info(w->c, &info), 0);
    assert_int_equal(info.stopped, QM_C_UNKNOWN_KEY);
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
        assert_int_equal(world_sync_records(w), 0);
    }
    visit(w->c, NULL, NULL);
    town_restore(&w->town, 2); /* keeps the first batch */
    assert_int_equal(world_sync_records(w), 0);
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
    assert_int_equal(world_sync_records(w), 0);
    w->town.now_ms += INT64_C(14) * 86400000 - 1;
    assert_int_equal(world_sync_records(w), 0);
    assert_int_equal(qm_client_records(w->c, 0, p_of, &bytes), 0);
    assert_true(bytes > 0);
    w->town.now_ms += 2;
    assert_int_equal(world_sync_records(w), 0);
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
    assert_int_equal(world_sync_records(w), 0);
    assert_int_equal(counts_of(w->c).confirmed, 3);
    assert_int_equal(town_recorded(&w->town), 4);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, world_setup, world_teardown)
    const struct CMUnitTest tests[] = {
        T(photos_are_sent_and_asked_for_again),
        T(a_photo_that_the_server_defers_holds_up_nothing_else),
        T(a_deferred_photo_is_tried_by_hand_and_never_at_once),
        T(a_photo_that_fails_each_time_goes_behind_the_others),
        T(a_stale_clock_is_adjusted_once),
        T(a_rotation_signs_anew),
        T(a_lost_rotation_is_found_again),
        T(two_lost_rotations_in_a_row_stop_nothing),
        T(a_taken_up_key_that_is_unknown_too_stops),
        T(a_restored_log_gets_everything_again),
        T(private_bytes_go_after_fourteen_days),
        T(the_queue_moves_to_another_phone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
