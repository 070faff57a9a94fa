/* test_outbox.c - the file: what goes in comes out the same, sealed; batches keep their bytes;
 * numbers ascend; two handles; damage is noticed.  Faults of the machine are in
 * test_outbox_faults.c.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "client_fixture.h"
#include "outbox.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

struct world {
    char folder[64], path[128];
    struct secrets secrets;
    struct qm_keys keys;
    struct qm_outbox *o;
    struct qm_signer signer;
    struct qm_outbox_device device;
};
static const int64_t now = INT64_C(1795240800000);

static int setup(void **state)
{
    struct world *w = calloc(1, sizeof *w);
    char name[QM_NAME_MAX_BYTES];
    folder_make(w->folder);
    snprintf(w->path, sizeof w->path, "%s/outbox", w->folder);
    struct qm_keystore store = secrets_store(&w->secrets);
    assert_int_equal(qm_keys_open(&w->keys, &store, true), QM_OK);
    assert_int_equal(qm_outbox_open(w->path, &w->keys, &w->o), QM_OK);
    w->device.host = HOST;
    qm_uuid4(w->device.id);
    assert_int_equal(qm_device_name(HOST, w->device.id, name), QM_OK);
    assert_int_equal(qm_keys_make_device(&w->keys, 1, name, &w->signer), QM_OK);
    w->device.signer = &w->signer;
    assert_int_equal(qm_outbox_set_text(w->o, "host", HOST), QM_OK);
    *state = w;
    return 0;
}

static int teardown(void **state)
{
    struct world *w = *state;
    qm_outbox_close(w->o);
    qm_keys_close(&w->keys);
    folder_remove(w->folder);
    free(w);
    return 0;
}

static void append(struct qm_outbox *o, char *met, int64_t at, struct qm_event *ev)
{
    struct qm_private pv = {.met = met};
    memset(ev, 0, sizeof *ev);
    ev->kind = QM_VISIT;
    ev->grid = INT64_C(140522110204001);
    ev->has_household = true;
    memset(ev->household, 3, sizeof ev->household);
    ev->code = QM_MET;
    ev->via = QM_DOOR;
    ev->near = QM_NEAR_YES;
    assert_int_equal(qm_outbox_append(o, ev, met ? &pv : NULL, at), QM_OK);
}

static void numbers_ascend_also_when_the_clock_goes_back(void **state)
{
    struct world *w = *state;
    struct qm_event a, b, c;
    append(w->o, NULL, now, &a);
    append(w->o, NULL, now - 5000, &b);
    append(w->o, NULL, now + 7, &c);
    assert_int_equal(a.seq, 1);
    assert_int_equal(b.seq, 2);
    assert_int_equal(c.seq, 3);
    assert_int_equal(a.at_ms, now);
    assert_int_equal(b.at_ms, now + 1);
    assert_int_equal(c.at_ms, now + 7);
}

static void a_bad_event_takes_no_number(void **state)
{
    struct world *w = *state;
    struct qm_event ev, good;
    memset(&ev, 0, sizeof ev);
    ev.kind = QM_PLEDGE; /* without anything that it needs */
    assert_int_equal(qm_outbox_append(w->o, &ev, NULL, now), QM_E_INVALID);
    append(w->o, NULL, now, &good);
    assert_int_equal(good.seq, 1);
}

static size_t file_bytes(const char *path, char *into, size_t max)
{
    FILE *f = fopen(path, "rb");
    size_t n = f ? fread(into, 1, max, f) : 0;
    if (f)
        fclose(f);
    return n;
}

static void names_are_not_readable_in_the_files(void **state)
{
    struct world *w = *state;
    struct qm_event ev;
    static char bytes[1 << 20];
    char wal[160];
    struct stat st;
    append(w->o, "UNMISTAKABLE-NAME", now, &ev);
    struct qm_household_view h = {.household = HOUSE,
                                  .grid = GRID,
                                  .place = "home",
                                  .status = "counted",
                                  .group = "",
                                  .lane = "",
                                  .door = "",
                                  .head = "UNMISTAKABLE-NAME",
                                  .phone = "UNMISTAKABLE-NAME",
                                  .notice = "none",
                                  .pledge = "none",
                                  .door_state = "met"};
    assert_int_equal(qm_outbox_put_household(w->o, &h), QM_OK);
    snprintf(wal, sizeof wal, "%s-wal", w->path);
    for (int i = 0; i < 2; i++) {
        const char *path = i == 0 ? w->path : wal;
        size_t n = file_bytes(path, bytes, sizeof bytes);
        assert_true(n > 0);
        assert_null(memmem(bytes, n, "UNMISTAKABLE", 12));
        assert_int_equal(stat(path, &st), 0);
        assert_int_equal(st.st_mode & 0777, 0600);
    }
}

static qm_err next(struct world *w, struct qm_outbox_batch *b)
{
    return qm_outbox_next_batch(w->o, &w->device, now, 64, b);
}

static void a_batch_keeps_its_bytes(void **state)
{
    struct world *w = *state;
    struct qm_outbox_batch first, again;
    struct qm_event ev;
    assert_int_equal(next(w, &first), QM_E_NOT_FOUND);
    append(w->o, "a", now, &ev);
    append(w->o, NULL, now, &ev);
    assert_int_equal(next(w, &first), QM_OK);
    /* What comes later joins another batch. */
    append(w->o, "c", now, &ev);
    qm_outbox_close(w->o);
    assert_int_equal(qm_outbox_open(w->path, &w->keys, &w->o), QM_OK);
    assert_int_equal(next(w, &again), QM_OK);
    assert_int_equal(first.events, 2);
    assert_int_equal(first.body.len, again.body.len);
    assert_memory_equal(first.body.p, again.body.p, first.body.len);
    qm_outbox_batch_free(&first);
    qm_outbox_batch_free(&again);
}

static void a_rebuilt_batch_has_a_new_name_and_the_same_events(void **state)
{
    struct world *w = *state;
    struct qm_outbox_batch first, again;
    struct qm_batch_head one, two;
    struct qm_event ev;
    append(w->o, "a", now, &ev);
    assert_int_equal(next(w, &first), QM_OK);
    assert_int_equal(qm_outbox_refuse(w->o, first.n, QM_REFUSED_REBUILD, "batch-conflict"), QM_OK);
    assert_int_equal(next(w, &again), QM_OK);
    assert_int_equal(qm_batch_head_read((char *)first.body.p, first.body.len, HOST, &one), QM_OK);
    assert_int_equal(qm_batch_head_read((char *)again.body.p, again.body.len, HOST, &two), QM_OK);
    assert_string_not_equal(one.checkpoint.origin, two.checkpoint.origin);
    assert_memory_equal(&one.checkpoint.root, &two.checkpoint.root, sizeof one.checkpoint.root);
    qm_outbox_batch_free(&first);
    qm_outbox_batch_free(&again);
}

static void batches_fit_a_body(void **state)
{
    struct world *w = *state;
    struct qm_outbox_batch b;
    char note[2001];
    memset(note, 'n', 2000);
    note[2000] = 0;
    for (int i = 0; i < 600; i++) {
        struct qm_event ev = {.kind = QM_VISIT,
                              .grid = INT64_C(140522110204001),
                              .has_household = true,
                              .code = QM_MET,
                              .via = QM_DOOR,
                              .near = QM_NEAR_YES};
        struct qm_private pv = {.note = note,
                                .met = "x",
                                .name = note + 1500,
                                .door = note + 1500,
                                .signer = note + 1500,
                                .relation = note + 1500};
        assert_int_equal(qm_outbox_append(w->o, &ev, &pv, now), QM_OK);
    }
    assert_int_equal(qm_outbox_next_batch(w->o, &w->device, now, QM_BATCH_MAX_EVENTS, &b), QM_OK);
    assert_true(b.body.len <= QM_BATCH_MAX_BYTES);
    assert_true(b.events > 200 && b.events <= QM_BATCH_MAX_EVENTS);
    qm_outbox_batch_free(&b);
}

static void settling_twice_counts_once(void **state)
{
    struct world *w = *state;
    struct qm_outbox_batch b;
    struct qm_event ev;
    struct qm_settled n;
    struct qm_counts counts;
    struct qm_verdict accept = {.kind = QM_V_ACCEPT}, reject = {.kind = QM_V_REJECT};
    strcpy(reject.code, "county");
    append(w->o, "a", now, &ev);
    assert_int_equal(next(w, &b), QM_OK);
    struct qm_settlement s = {.log = HOST "/log/140522",
                              .index = 5,
                              .tree_size = 6,
                              .receipt = "receipt",
                              .receipt_len = 7,
                              .verdicts = &accept};
    assert_int_equal(qm_outbox_settle(w->o, b.n, &s, now, &n), QM_OK);
    assert_int_equal(n.confirmed, 1);
    s.verdicts = &reject;
    assert_int_equal(qm_outbox_settle(w->o, b.n, &s, now, &n), QM_OK);
    assert_int_equal(n.rejected, 0);
    assert_int_equal(qm_outbox_count(w->o, &counts), QM_OK);
    assert_int_equal(counts.confirmed, 1);
    assert_int_equal(counts.rejected, 0);
    qm_outbox_batch_free(&b);
}

static void a_second_handle_sees_and_waits(void **state)
{
    struct world *w = *state;
    struct qm_outbox *other = NULL;
    struct qm_event a, b;
    struct qm_counts n;
    assert_int_equal(qm_outbox_open(w->path, &w->keys, &other), QM_OK);
    append(w->o, NULL, now, &a);
    append(other, NULL, now, &b);
    assert_int_equal(b.seq, 2);
    assert_int_equal(qm_outbox_count(w->o, &n), QM_OK);
    assert_int_equal(n.waiting, 2);
    qm_outbox_close(other);
}

static void other_keys_do_not_open_it(void **state)
{
    struct world *w = *state;
    static struct secrets fresh;
    struct qm_keystore store = secrets_store(&fresh);
    struct qm_keys keys;
    struct qm_outbox *other = NULL;
    memset(&fresh, 0, sizeof fresh);
    assert_int_equal(qm_keys_open(&keys, &store, true), QM_OK);
    assert_int_equal(qm_outbox_open(w->path, &keys, &other), QM_E_CORRUPT);
    qm_outbox_close(other);
    qm_keys_close(&keys);
}

static void other_files_are_refused(void **state)
{
    struct world *w = *state;
    struct qm_outbox *other = NULL;
    char path[160];
    snprintf(path, sizeof path, "%s/text", w->folder);
    FILE *f = fopen(path, "wb");
    assert_non_null(f);
    for (int i = 0; i < 5000; i++)
        fputs("this is no outbox\n", f);
    fclose(f);
    assert_int_equal(qm_outbox_open(path, &w->keys, &other), QM_E_CORRUPT);
    qm_outbox_close(other);
}

static int nothing(void *ctx, const struct qm_record_view *v)
{
    (void)ctx;
    (void)v;
    return 0;
}

/* A damaged page is an error when it is opened or when it is read, and never a wrong record. */
static void damage_is_noticed(void **state)
{
    struct world *w = *state;
    struct qm_event ev;
    int noticed = 0;
    for (int i = 0; i < 200; i++)
        append(w->o, "a name", now, &ev);
    qm_outbox_close(w->o);
    w->o = NULL;
    struct stat st;
    assert_int_equal(stat(w->path, &st), 0);
    for (long at = 4096; at + 4096 <= st.st_size; at += 8192) {
        char page[4096], spoilt[4096];
        FILE *f = fopen(w->path, "r+b");
        assert_non_null(f);
        assert_int_equal(fseek(f, at, SEEK_SET), 0);
        assert_int_equal(fread(page, 1, sizeof page, f), sizeof page);
        for (size_t i = 0; i < sizeof page; i++)
            spoilt[i] = (char)(page[i] ^ 0x5a);
        fseek(f, at, SEEK_SET);
        fwrite(spoilt, 1, sizeof spoilt, f);
        fclose(f);
        struct qm_outbox *o = NULL;
        qm_err e = qm_outbox_open(w->path, &w->keys, &o);
        if (e == QM_OK)
            e = qm_outbox_records(o, 0, nothing, NULL);
        noticed += e == QM_E_CORRUPT;
        assert_true(e == QM_OK || e == QM_E_CORRUPT);
        qm_outbox_close(o);
        f = fopen(w->path, "r+b");
        fseek(f, at, SEEK_SET);
        fwrite(page, 1, sizeof page, f);
        fclose(f);
    }
    assert_true(noticed > 5);
    assert_int_equal(qm_outbox_open(w->path, &w->keys, &w->o), QM_OK);
}

static void a_change_that_is_not_ended_is_no_change(void **state)
{
    struct world *w = *state;
    char text[32];
    assert_int_equal(qm_outbox_begin(w->o), QM_OK);
    assert_int_equal(qm_outbox_set_text(w->o, "cursor", "7"), QM_OK);
    assert_int_equal(qm_outbox_end(w->o, QM_E_PROOF), QM_E_PROOF);
    assert_int_equal(qm_outbox_get_text(w->o, "cursor", text, sizeof text), QM_OK);
    assert_string_equal(text, "");
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
    const struct CMUnitTest tests[] = {T(numbers_ascend_also_when_the_clock_goes_back),
                                       T(a_bad_event_takes_no_number),
                                       T(names_are_not_readable_in_the_files),
                                       T(a_batch_keeps_its_bytes),
                                       T(a_rebuilt_batch_has_a_new_name_and_the_same_events),
                                       T(batches_fit_a_body),
                                       T(settling_twice_counts_once),
                                       T(a_second_handle_sees_and_waits),
                                       T(other_keys_do_not_open_it),
                                       T(other_files_are_refused),
                                       T(damage_is_noticed),
                                       T(a_change_that_is_not_ended_is_no_change)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
