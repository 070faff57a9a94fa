/* test_ingest.c - what the server's domain does without a database: checking a batch and sealing
 * what is private, the cursor and lines for phones, the file of the signed checkpoint, enrolment
 * notes. */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/config.h"
#include "domain/changes_text.h"
#include "domain/enrol.h"
#include "domain/ingest_check.h"
#include "domain/ingest_group.h"
#include "domain/tlog_seen.h"
#include "drivers/pg_private.h"

static const char HOST[] = "qm.test.example";
static char folder[64], master[96];
static struct qm_seal *ring;
static uint8_t device[QM_ID_BYTES], batch[QM_ID_BYTES], seed[QM_SEED_BYTES];
static struct qm_vkey key;

/* The public half of a seed, by way of the log key that the ring derives. */
static int start(void **state)
{
    (void)state;
    char paper[QM_PAPER_MAX_BYTES], name[QM_NAME_MAX_BYTES];
    struct qm_vkey log;
    (void)snprintf(folder, sizeof folder, "/tmp/qm-ingest-XXXXXX");
    assert_non_null(mkdtemp(folder));
    (void)snprintf(master, sizeof master, "%s/master", folder);
    assert_int_equal(qm_master_create(master, paper), QM_OK);
    assert_int_equal(qm_seal_load(master, 1, &ring), QM_OK);
    assert_int_equal(qm_seal_log_key(ring, HOST, 140522, 1, seed, &log), QM_OK);
    qm_uuid4(device);
    qm_uuid7(batch, 1795289693767);
    assert_int_equal(qm_device_name(HOST, device, name), QM_OK);
    assert_int_equal(qm_vkey_make(name, log.key, &key), QM_OK);
    return 0;
}

static int stop(void **state)
{
    (void)state;
    qm_seal_free(ring);
    (void)unlink(master);
    return rmdir(folder);
}

/* ---- a batch ---- */

static void write_event(struct qm_event *ev, struct qm_private *pv, struct qm_buf *e,
                        struct qm_buf *p)
{
    qm_buf_init(e, QM_E_MAX_BYTES);
    qm_buf_init(p, QM_P_MAX_BYTES);
    if (pv) {
        assert_int_equal(qm_private_write(pv, p), QM_OK);
        qm_sha256(p->p, p->len, &ev->p);
        ev->has_p = true;
    }
    qm_uuid7(ev->id, 1795289693767 + ev->seq);
    ev->at_ms = 1795289693767;
    ev->grid = 140522110204001;
    ev->has_household = true;
    memset(ev->household, 7, QM_ID_BYTES);
    assert_int_equal(qm_event_write(ev, e), QM_OK);
}

static void check_items(const struct qm_batch_item *items, size_t n, struct qm_buf *body,
                        struct qm_checked *c)
{
    qm_buf_init(body, QM_BATCH_MAX_BYTES);
    assert_int_equal(
        qm_batch_write(HOST, device, batch, &key, qm_sign_with_seed, seed, items, n, body), QM_OK);
    memset(c, 0, sizeof *c);
    c->body = (const char *)body->p;
    c->len = body->len;
    c->seal = ring;
    memcpy(c->key, key.key, QM_KEY_BYTES);
    assert_int_equal(qm_batch_head_read(c->body, c->len, HOST, &c->head), QM_OK);
    qm_checked_run(c);
}

static void assert_opens(const struct qm_checked *c, struct qm_part part, const char *purpose,
                         const void *id, size_t id_len, const char *wanted)
{
    struct qm_buf clear;
    qm_buf_init(&clear, QM_BATCH_MAX_BYTES);
    assert_true(part.len > 0);
    assert_int_equal(
        qm_seal_open(ring, purpose, id, id_len, c->bytes.p + part.at, part.len, &clear), QM_OK);
    assert_int_equal(clear.len, strlen(wanted));
    assert_memory_equal(clear.p, wanted, clear.len);
    qm_buf_free(&clear);
}

static void test_good_faulty_and_creating_lines(void **state)
{
    (void)state;
    struct qm_event visit = {.kind = QM_VISIT,
                             .seq = 1,
                             .code = QM_MET,
                             .via = QM_DOOR,
                             .near = QM_NEAR_YES,
                             .with = QM_WITH_POLICE};
    struct qm_event found = {
        .kind = QM_HOUSEHOLD, .seq = 2, .code = QM_PLACE_HOME, .why = QM_HW_FOUND};
    char name[] = "张三", phone[] = "138-0013 8000", door[] = "东街3号";
    struct qm_private pv = {.name = name, .phone = phone, .door = door};
    struct qm_buf e[2], p[2], body;
    struct qm_checked c;
    write_event(&visit, NULL, &e[0], &p[0]);
    write_event(&found, &pv, &e[1], &p[1]);
    char found_p[256];
    (void)snprintf(found_p, sizeof found_p, "%s", (const char *)p[1].p);
    static const char junk[] = "{\"note\":\"free\"}",
                      other_p[] = "{\"s\":\"AAAAAAAAAAAAAAAAAAAAAA\"}";
    const struct qm_batch_item items[] = {
        {(const char *)e[0].p, e[0].len, NULL, 0},
        {(const char *)e[1].p, e[1].len, (const char *)p[1].p, p[1].len},
        {junk, strlen(junk), other_p, strlen(other_p)},
        {(const char *)e[1].p, e[1].len, other_p,
         strlen(other_p)}, /* not the P that was promised */
    };
    check_items(items, 4, &body, &c);
    assert_int_equal(c.err, QM_OK);
    assert_true(c.signature_good);
    assert_true(c.recv_ms > 0);
    assert_int_equal(c.lines, 4);

    assert_int_equal(c.line[0].fault, QM_LINE_GOOD);
    assert_int_equal(c.line[0].kind, QM_VISIT);
    assert_int_equal(c.line[0].party, QM_WITH_POLICE);
    assert_int_equal(c.line[0].p_sealed.len, 0);
    assert_memory_equal(c.line[0].household, visit.household, QM_ID_BYTES);

    assert_int_equal(c.line[1].fault, QM_LINE_GOOD);
    assert_opens(&c, c.line[1].p_sealed, QM_PURPOSE_P, found.id, QM_ID_BYTES, found_p);
    assert_int_equal(c.cards, 1);
    assert_int_equal(c.card[0].line, 1);
    assert_opens(&c, c.card[0].name, QM_PURPOSE_NAME, found.household, QM_ID_BYTES, name);
    assert_opens(&c, c.card[0].phone, QM_PURPOSE_PHONE, found.household, QM_ID_BYTES, phone);
    uint8_t mac[32];
    qm_seal_phone_mac(ring, "13800138000", mac);
    assert_true(c.card[0].has_phone_mac);
    assert_memory_equal(c.card[0].phone_mac, mac, sizeof mac);
    assert_memory_equal(c.bytes.p + c.card[0].door.at, door, strlen(door));

    /* Bytes that are no event are kept, but not in clear. */
    assert_int_equal(c.line[2].fault, QM_LINE_SCHEMA);
    assert_null(c.line[2].e);
    assert_opens(&c, c.line[2].e_sealed, QM_PURPOSE_NOTE, c.line[2].leaf.b, QM_HASH_BYTES, junk);
    assert_opens(&c, c.line[2].p_sealed, QM_PURPOSE_P, c.line[2].leaf.b, QM_HASH_BYTES, other_p);

    assert_int_equal(c.line[3].fault, QM_LINE_PRIVATE);
    assert_int_equal(c.line[3].seq, 2); /* fills its gap */
    assert_non_null(c.line[3].e);
    assert_opens(&c, c.line[3].p_sealed, QM_PURPOSE_P, c.line[3].leaf.b, QM_HASH_BYTES, other_p);

    qm_checked_free(&c);
    qm_buf_free(&body);
    for (int i = 0; i < 2; i++) {
        qm_buf_free(&e[i]);
        qm_buf_free(&p[i]);
    }
}

static void test_bad_signature_reads_no_line(void **state)
{
    (void)state;
    struct qm_event visit = {
        .kind = QM_VISIT, .seq = 1, .code = QM_MET, .via = QM_DOOR, .near = QM_NEAR_NO};
    struct qm_buf e, p, body;
    struct qm_checked c;
    write_event(&visit, NULL, &e, &p);
    const struct qm_batch_item item = {(const char *)e.p, e.len, NULL, 0};
    check_items(&item, 1, &body, &c);
    assert_int_equal(c.err, QM_OK);
    qm_checked_free(&c);

    /* Another key of the same name and id bytes: the signature is looked at and fails. */
    uint8_t other_seed[QM_SEED_BYTES];
    struct qm_vkey log;
    assert_int_equal(qm_seal_log_key(ring, HOST, 140523, 1, other_seed, &log), QM_OK);
    memcpy(c.key, log.key, QM_KEY_BYTES);
    c.signature_good = false;
    qm_checked_run(&c);
    assert_true(c.err == QM_E_UNKNOWN_KEY || c.err == QM_E_BAD_SIGNATURE);
    assert_false(c.signature_good);
    assert_int_equal(c.line == NULL, true);
    qm_checked_free(&c);

    /* A good signature over another root. */
    struct qm_buf cut;
    qm_buf_init(&cut, QM_BATCH_MAX_BYTES);
    qm_buf_add(&cut, body.p, body.len);
    cut.p[cut.len - 3] ^= 1;
    memset(&c, 0, sizeof c);
    c.body = (const char *)cut.p;
    c.len = cut.len;
    c.seal = ring;
    memcpy(c.key, key.key, QM_KEY_BYTES);
    assert_int_equal(qm_batch_head_read(c.body, c.len, HOST, &c.head), QM_OK);
    qm_checked_run(&c);
    assert_true(c.signature_good);
    assert_int_equal(c.err, QM_E_ROOT_MISMATCH);
    qm_checked_free(&c);
    qm_buf_free(&cut);
    qm_buf_free(&body);
    qm_buf_free(&e);
    qm_buf_free(&p);
}

/* ---- a group ---- */

/* The most that the setting group_max_events takes. */
static size_t events_of_a_group(void)
{
    struct qm_config c;
    struct qm_buf why;
    char option[48];
    size_t most = 1;
    for (size_t step = 1 << 20; step > 0; step /= 2) {
        char *args[] = {option};
        (void)snprintf(option, sizeof option, "--group_max_events=%zu", most + step);
        qm_buf_init(&why, 4096);
        qm_config_defaults(&c);
        most += qm_config_load(&c, NULL, 1, args, &why) == QM_OK ? step : 0;
        qm_buf_free(&why);
    }
    return most;
}

/* A batch of lines as long as lines can be, each of which makes a household. */
static void fill_longest(struct qm_checked *c)
{
    static const char e[QM_E_MAX_BYTES];
    static const struct qm_part p = {.len = QM_P_MAX_BYTES + QM_SEAL_OVERHEAD_BYTES};
    static const struct qm_part name = {.len = QM_P_STRING_MAX_BYTES + QM_SEAL_OVERHEAD_BYTES};
    for (size_t i = 0; i < c->lines; i++) {
        c->line[i] = (struct qm_checked_line){.has_household = true,
                                              .has_resident = true,
                                              .kind = QM_VOID,
                                              .e = e,
                                              .e_len = sizeof e,
                                              .p_sealed = p};
        c->card[i] = (struct qm_checked_card){.line = (int)i,
                                              .has_born = true,
                                              .has_phone_mac = true,
                                              .name = name,
                                              .phone = name,
                                              .door = {.len = QM_P_STRING_MAX_BYTES}};
    }
    qm_buf_init(&c->bytes, p.len);
    for (size_t i = 0; i < p.len; i++)
        assert_int_equal(qm_buf_add(&c->bytes, "x", 1), QM_OK);
}

/* Its batches would be told that they are too large, though each of them is not. */
static void test_largest_group_fits_into_a_statement(void **state)
{
    (void)state;
    static struct qm_checked_line line[QM_BATCH_MAX_EVENTS];
    static struct qm_checked_card card[QM_BATCH_MAX_EVENTS];
    static struct qm_checked_evidence evidence[QM_BATCH_MAX_EVENTS * QM_EVIDENCE_MAX];
    struct qm_checked *group[64];
    struct qm_checked c = {.lines = QM_BATCH_MAX_EVENTS,
                           .evidences = sizeof evidence / sizeof *evidence,
                           .cards = QM_BATCH_MAX_EVENTS,
                           .line = line,
                           .card = card,
                           .evidence = evidence};
    size_t n = (events_of_a_group() + QM_BATCH_MAX_EVENTS - 1) / QM_BATCH_MAX_EVENTS;
    assert_in_range(n, 1, 64);
    c.head.note_text = "x";
    c.head.note_len = 1;
    fill_longest(&c);
    for (size_t i = 0; i < n; i++)
        group[i] = &c;
    struct qm_pg_params *p = qm_group_params(140522, group, n);
    assert_non_null(p);
    assert_int_equal(p->err, QM_OK);
    qm_pg_params_free(p);
    qm_buf_free(&c.bytes);
}

/* ---- the cursor ---- */

static void test_cursor(void **state)
{
    (void)state;
    struct qm_cursor c = {.tree = 3,
                          .revision = 1234567890123,
                          .size = 42,
                          .grids = QM_CURSOR_GRIDS_MAX},
                     back;
    for (size_t i = 0; i < c.grids; i++)
        c.grid[i] = 140522110204001 + (int64_t)i * 7;
    char text[QM_CURSOR_MAX_CHARS + 1];
    qm_cursor_write(&c, text);
    assert_true(strlen(text) <= QM_CURSOR_MAX_CHARS);
    assert_int_equal(qm_cursor_read(text, 140522, &back), QM_OK);
    assert_int_equal(back.tree, 3);
    assert_int_equal(back.revision, c.revision);
    assert_int_equal(back.size, 42);
    assert_int_equal(back.grids, c.grids);
    assert_memory_equal(back.grid, c.grid, sizeof c.grid);
    static const char *const bad[] = {"", "AAAA", "!", "0", "AQ", "////"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_int_equal(qm_cursor_read(bad[i], 140522, &back), QM_E_MALFORMED);
    text[strlen(text) - 1] = 0;
    assert_int_equal(qm_cursor_read(text, 140522, &back), QM_E_MALFORMED);
}

static struct qm_piece put(struct qm_changes *c, const void *bytes, size_t len)
{
    struct qm_piece p = {.at = c->bytes.len, .len = len};
    assert_int_equal(qm_buf_add(&c->bytes, bytes, len), QM_OK);
    return p;
}

static struct qm_piece put_sealed(struct qm_changes *c, const char *purpose, const uint8_t *id,
                                  const char *clear)
{
    struct qm_sealed s;
    assert_int_equal(qm_seal_close(ring, purpose, id, QM_ID_BYTES, clear, strlen(clear), &s),
                     QM_OK);
    struct qm_piece p = put(c, s.bytes.p, s.bytes.len);
    qm_buf_free(&s.bytes);
    return p;
}

static void test_lines_for_phones(void **state)
{
    (void)state;
    struct qm_change rows[2] = {{.type = QM_CHANGE_HOUSEHOLD,
                                 .grid = 140522110204001,
                                 .place = 1,
                                 .status = 1,
                                 .flags = 1 | 2 | 4,
                                 .pledge = 4},
                                {.type = QM_CHANGE_RESIDENT,
                                 .status = 5,
                                 .app = 1,
                                 .alerts = QM_ALERT_REAL_NAME | QM_ALERT_SMS}};
    struct qm_changes c = {.county = 140522,
                           .tree = 1,
                           .size = 9,
                           .revision = 3,
                           .now_ms = 5,
                           .full = true,
                           .n = 2,
                           .row = rows};
    qm_buf_init(&c.bytes, 4096);
    rows[0].x3 = put(&c, "3\"号", strlen("3\"号"));
    rows[0].s1 = put_sealed(&c, QM_PURPOSE_NAME, rows[0].a, "张三");
    rows[0].s2 = put_sealed(&c, QM_PURPOSE_PHONE, rows[0].a, "13800138000");
    rows[1].s1 = put(&c, "damaged", 7);
    rows[1].groups = put(&c, "elder\0alone\0", 12);
    struct qm_buf out, none;
    qm_buf_init(&out, QM_CHANGES_MAX_BYTES);
    qm_buf_init(&none, 0);
    assert_int_equal(qm_changes_text(&c, ring, HOST, &none, 0, &out), QM_OK);
    const char *text = (const char *)out.p;
    assert_non_null(strstr(text,
                           "{\"t\":\"head\",\"log\":\"qm.test.example/log/140522\",\"size\":9,"
                           "\"now\":5,\"full\":true}\n"));
    assert_non_null(strstr(text, "\"door\":\"3\\\"号\",\"head\":\"张三\",\"phone\":\"138****8000\","
                                 "\"state\":{\"visited\":true,\"reached\":true,\"notice\":\"left\","
                                 "\"pledge\":\"withdrawn\",\"door\":\"none_yet\"}}\n"));
    assert_non_null(strstr(text,
                           "\"name\":\"\",\"born\":\"\",\"phone\":\"\",\"status\":"
                           "\"unknown_age\",\"groups\":[\"elder\",\"alone\"],\"app\":{\"state\":"
                           "\"installed\",\"real_name\":true,\"call_alert\":false,"
                           "\"sms_alert\":true}}\n"));
    assert_non_null(strstr(text, "\"rows\":2}\n"));
    qm_buf_free(&out);
    qm_buf_free(&c.bytes);
}

/* ---- the signed checkpoint's file ---- */

static void seen_write(const char *text)
{
    char path[128];
    (void)snprintf(path, sizeof path, "%s/140522.checkpoint", folder);
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, text, strlen(text)), strlen(text));
    assert_int_equal(close(fd), 0);
}

static void test_seen_file(void **state)
{
    (void)state;
    struct qm_seen seen;
    assert_int_equal(qm_seen_load(folder, HOST, 140522, &seen), QM_OK);
    assert_int_equal(seen.tree, 0);
    struct qm_checkpoint cp = {.size = 7};
    struct qm_vkey log;
    uint8_t log_seed[QM_SEED_BYTES];
    struct qm_buf text, note;
    qm_buf_init(&text, 1024);
    qm_buf_init(&note, 1024);
    assert_int_equal(qm_log_origin(HOST, 140522, 2, cp.origin), QM_OK);
    memset(cp.root.b, 9, QM_HASH_BYTES);
    assert_int_equal(qm_seal_log_key(ring, HOST, 140522, 2, log_seed, &log), QM_OK);
    assert_int_equal(qm_checkpoint_write(&cp, &text), QM_OK);
    assert_int_equal(
        qm_note_sign((const char *)text.p, text.len, &log, qm_sign_with_seed, log_seed, &note),
        QM_OK);
    assert_int_equal(qm_seen_save(folder, 140522, (const char *)note.p, note.len), QM_OK);
    assert_int_equal(qm_seen_load(folder, HOST, 140522, &seen), QM_OK);
    assert_int_equal(seen.tree, 2);
    assert_int_equal(seen.size, 7);
    assert_memory_equal(seen.root.b, cp.root.b, QM_HASH_BYTES);
    assert_int_equal(qm_seen_load(folder, "qm.other.example", 140522, &seen), QM_E_CORRUPT);
    /* Damaged, empty or another county's: never "nothing was signed". */
    static const char *const bad[] = {"", "x\n", "qm.test.example/log/140522\n7\n"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        seen_write(bad[i]);
        assert_int_equal(qm_seen_load(folder, HOST, 140522, &seen), QM_E_CORRUPT);
    }
    char path[128];
    (void)snprintf(path, sizeof path, "%s/140522.checkpoint", folder);
    assert_int_equal(unlink(path), 0);
    assert_int_equal(qm_seen_save("/no/such/folder", 140522, "x", 1), QM_E_IO);
    qm_buf_free(&text);
    qm_buf_free(&note);
}

/* ---- enrolment ---- */

static void test_enrolment_text(void **state)
{
    (void)state;
    struct qm_buf vkey;
    char text[1024];
    uint8_t id[QM_ID_BYTES];
    struct qm_vkey got;
    qm_buf_init(&vkey, 512);
    assert_int_equal(qm_vkey_write(&key, &vkey), QM_OK);
    int n =
        snprintf(text, sizeof text, "%s/device/v1\n%s\n%s\n", HOST, key.name, (const char *)vkey.p);
    assert_int_equal(qm_enrol_text_read(text, (size_t)n, HOST, id, &got), QM_OK);
    assert_memory_equal(id, device, QM_ID_BYTES);
    assert_memory_equal(got.key, key.key, QM_KEY_BYTES);
    /* Each shorter text, a longer one, another host or name. */
    for (int len = 0; len < n; len++)
        assert_int_equal(qm_enrol_text_read(text, (size_t)len, HOST, id, &got), QM_E_MALFORMED);
    assert_int_equal(qm_enrol_text_read(text, (size_t)n, "qm.other.example", id, &got),
                     QM_E_MALFORMED);
    text[n] = '\n';
    assert_int_equal(qm_enrol_text_read(text, (size_t)n + 1, HOST, id, &got), QM_E_MALFORMED);
    char *version = strstr(text, "v1");
    version[1] = '2';
    assert_int_equal(qm_enrol_text_read(text, (size_t)n, HOST, id, &got), QM_E_MALFORMED);
    qm_buf_free(&vkey);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_good_faulty_and_creating_lines),
        cmocka_unit_test(test_bad_signature_reads_no_line),
        cmocka_unit_test(test_largest_group_fits_into_a_statement),
        cmocka_unit_test(test_cursor),
        cmocka_unit_test(test_lines_for_phones),
        cmocka_unit_test(test_seen_file),
        cmocka_unit_test(test_enrolment_text),
    };
    return cmocka_run_group_tests(tests, start, stop);
}
