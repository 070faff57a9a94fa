/* Every value of tests/vectors/protocol-vectors.json: read, checked, and made again from its seeds
 * and parts to the same bytes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "wire/batch.h"
#include "wire/event.h"
#include "wire/receipt.h"
#include "wire/reqsig.h"
#include "wire_fixture.h"

static json_t *v;
static const char HOST[] = "qm.example.gov.cn";

static int load(void **state)
{
    (void)state;
    v = fx_load("protocol-vectors.json");
    return 0;
}

static int unload(void **state)
{
    (void)state;
    json_decref(v);
    return 0;
}

static void assert_text(const struct qm_buf *b, const char *want)
{
    assert_int_equal(b->err, QM_OK);
    assert_non_null(b->p);
    assert_string_equal((const char *)b->p, want);
    assert_int_equal(b->len, strlen(want));
}

static void assert_hash_at(const struct qm_hash *is, const char *path)
{
    struct qm_hash want;
    fx_hex(v, path, want.b, sizeof want.b);
    assert_memory_equal(is->b, want.b, sizeof want.b);
}

static void path_of(char out[64], const char *format, size_t i)
{
    (void)snprintf(out, 64, format, (unsigned)i);
}

/* ---- keys ---- */

static void key_case(const char *who, const char *name_path)
{
    char path[64];
    uint8_t seed[32], label_seed[32], key[32], secret[64], want[32];
    struct qm_vkey read, made;
    struct qm_buf out;
    (void)snprintf(path, sizeof path, "%s/seed_label", who);
    const char *label = fx_text(v, path);
    crypto_hash_sha256(label_seed, (const uint8_t *)label, strlen(label));
    (void)snprintf(path, sizeof path, "%s/seed_hex", who);
    fx_hex(v, path, seed, sizeof seed);
    assert_memory_equal(seed, label_seed, sizeof seed);
    crypto_sign_seed_keypair(key, secret, seed);
    (void)snprintf(path, sizeof path, "%s/public_key_hex", who);
    fx_hex(v, path, want, sizeof want);
    assert_memory_equal(key, want, sizeof key);
    (void)snprintf(path, sizeof path, "%s/vkey", who);
    fx_vkey(v, path, &read);
    assert_int_equal(qm_vkey_make(fx_text(v, name_path), key, &made), QM_OK);
    assert_memory_equal(&read, &made, sizeof read);
    qm_buf_init(&out, 500);
    assert_int_equal(qm_vkey_write(&made, &out), QM_OK);
    assert_text(&out, fx_text(v, path));
    qm_buf_free(&out);
}

static void verifier_keys(void **state)
{
    uint8_t device[QM_ID_BYTES];
    char name[QM_NAME_MAX_BYTES];
    const char *want = fx_text(v, "device/name");
    (void)state;
    key_case("device", "device/name");
    key_case("log", "log/origin");
    assert_int_equal(qm_device_name_read(want, strlen(want), HOST, device), QM_OK);
    assert_int_equal(qm_device_name(HOST, device, name), QM_OK);
    assert_string_equal(name, want);
    assert_int_equal(qm_log_origin(HOST, 140522, 1, name), QM_OK);
    assert_string_equal(name, fx_text(v, "log/origin"));
}

/* ---- events ---- */

static void event_hashes(void **state)
{
    size_t n = json_array_size(fx_at(v, "events"));
    (void)state;
    assert_int_equal(n, 5);
    for (size_t i = 0; i < n; i++) {
        char path[64];
        struct qm_hash h;
        path_of(path, "events/%u/E", i);
        const char *e = fx_text(v, path);
        qm_leaf_hash(e, strlen(e), &h);
        path_of(path, "events/%u/leaf_hash_hex", i);
        assert_hash_at(&h, path);
        path_of(path, "events/%u", i);
        if (json_object_get(fx_at(v, path), "P") == NULL)
            continue;
        path_of(path, "events/%u/P", i);
        const char *p = fx_text(v, path);
        qm_sha256(p, strlen(p), &h);
        path_of(path, "events/%u/P_sha256_hex", i);
        assert_hash_at(&h, path);
    }
}

/* The third one has a member that no visit has; the others write back to the same bytes. */
static void events_are_judged_and_written_again(void **state)
{
    (void)state;
    for (size_t i = 0; i < 5; i++) {
        char path[64];
        struct qm_event ev;
        struct qm_private p;
        struct qm_buf out;
        bool private_fault = true;
        path_of(path, "events/%u/E", i);
        const char *e = fx_text(v, path);
        path_of(path, "events/%u", i);
        const char *pt = json_string_value(json_object_get(fx_at(v, path), "P"));
        qm_err err =
            qm_event_check(e, strlen(e), pt, pt != NULL ? strlen(pt) : 0, &ev, &p, &private_fault);
        assert_int_equal(err, i == 2 ? QM_E_MALFORMED : QM_OK);
        assert_false(private_fault);
        if (err != QM_OK)
            continue;
        qm_buf_init(&out, QM_E_MAX_BYTES);
        assert_int_equal(qm_event_write(&ev, &out), QM_OK);
        assert_text(&out, e);
        qm_buf_free(&out);
        if (pt != NULL) {
            qm_buf_init(&out, QM_P_MAX_BYTES);
            assert_int_equal(qm_private_write(&p, &out), QM_OK);
            if (i != 0) /* the first has `phone` behind `met` */
                assert_text(&out, pt);
            qm_buf_free(&out);
        }
        qm_private_free(&p);
    }
}

static void the_first_event_says_what_it_says(void **state)
{
    struct qm_event ev;
    const char *e = fx_text(v, "events/0/E");
    char id[QM_UUID_CHARS + 1], household[QM_PSEUDONYM_CHARS + 1];
    (void)state;
    assert_int_equal(qm_event_read(e, strlen(e), &ev), QM_OK);
    qm_uuid_write(ev.id, id);
    qm_pseudonym_write(ev.household, household);
    assert_string_equal(id, "01992178-f800-7a3c-8b1d-2f6e5a4c3b2a");
    assert_string_equal(household, "ewN5FqXIVXT7T-Os6zNFFw");
    assert_int_equal(ev.kind, QM_VISIT);
    assert_int_equal(ev.seq, 41);
    assert_int_equal(ev.at_ms, 1757203200000);
    assert_int_equal(ev.grid, 140522110204001);
    assert_int_equal(ev.code, QM_MET);
    assert_int_equal(ev.near, QM_NEAR_YES);
    assert_int_equal(ev.secs, 420);
    assert_int_equal(ev.via, QM_DOOR);
    assert_false(ev.via_written);
    assert_int_equal(ev.topics, 2);
    assert_string_equal(ev.topic[0], "order-brushing");
    assert_string_equal(ev.topic[1], "fake-service");
    assert_true(ev.has_household && !ev.has_resident && ev.has_p && !ev.has_done);
    assert_hash_at(&ev.p, "events/0/P_sha256_hex");
}

/* ---- batch ---- */

static void read_batch(struct qm_batch_head *head, struct qm_batch_line *lines)
{
    const char *body = fx_text(v, "batch/body");
    assert_int_equal(qm_batch_head_read(body, strlen(body), HOST, head), QM_OK);
    assert_int_equal(qm_batch_lines_read(body, strlen(body), head, lines), QM_OK);
}

static void the_batch_is_read(void **state)
{
    const char *body = fx_text(v, "batch/body"), *note = fx_text(v, "batch/note");
    struct qm_batch_head head;
    struct qm_batch_line lines[QM_BATCH_MAX_EVENTS];
    struct qm_vkey key;
    struct qm_hash h;
    (void)state;
    assert_int_equal(strlen(body), json_integer_value(fx_at(v, "batch/body_bytes")));
    qm_sha256(body, strlen(body), &h);
    assert_hash_at(&h, "batch/body_sha256_hex");
    read_batch(&head, lines);
    assert_int_equal(head.note_len, strlen(note));
    assert_memory_equal(head.note_text, note, head.note_len);
    const char *text = fx_text(v, "batch/signed_text");
    assert_int_equal(head.note.text_len, strlen(text));
    assert_memory_equal(head.note.text, text, head.note.text_len);
    assert_hash_at(&head.checkpoint.root, "batch/root_hex");
    assert_string_equal(head.device_name, fx_text(v, "device/name"));
    fx_vkey(v, "device/vkey", &key);
    assert_int_equal(head.key_id, key.id);
    assert_int_equal(qm_note_verify(&head.note, &key), QM_OK);
    assert_int_equal(head.checkpoint.size, 5);
    for (size_t i = 0; i < 5; i++) {
        char path[64];
        path_of(path, "events/%u/leaf_hash_hex", i);
        assert_hash_at(&lines[i].leaf, path);
    }
}

static void the_batch_is_made_again(void **state)
{
    struct qm_batch_head head;
    struct qm_batch_line lines[QM_BATCH_MAX_EVENTS];
    struct qm_batch_item items[5];
    struct qm_vkey key;
    struct qm_buf out;
    uint8_t seed[32];
    (void)state;
    read_batch(&head, lines);
    for (size_t i = 0; i < 5; i++)
        items[i] = (struct qm_batch_item){lines[i].e, lines[i].e_len, lines[i].p, lines[i].p_len};
    fx_hex(v, "device/seed_hex", seed, sizeof seed);
    fx_vkey(v, "device/vkey", &key);
    qm_buf_init(&out, QM_BATCH_MAX_BYTES);
    assert_int_equal(qm_batch_write(HOST, head.device, head.batch, &key, qm_sign_with_seed, seed,
                                    items, 5, &out),
                     QM_OK);
    assert_text(&out, fx_text(v, "batch/body"));
    qm_buf_free(&out);
}

static void receipts_of_events_are_derived(void **state)
{
    static const size_t which[2] = {0, 3};
    struct qm_batch_head head;
    struct qm_batch_line lines[QM_BATCH_MAX_EVENTS];
    struct qm_vkey key;
    (void)state;
    read_batch(&head, lines);
    fx_vkey(v, "device/vkey", &key);
    assert_int_equal(json_array_size(fx_at(v, "event_receipts")), 2);
    for (size_t i = 0; i < 2; i++) {
        char path[64];
        struct qm_buf out;
        path_of(path, "event_receipts/%u", i);
        qm_buf_init(&out, QM_RECEIPT_MAX_BYTES);
        assert_int_equal(qm_batch_event_receipt(&head, lines, which[i], &out), QM_OK);
        assert_text(&out, fx_text(v, path));
        assert_int_equal(qm_receipt_verify((const char *)out.p, out.len, &key), QM_OK);
        qm_buf_free(&out);
    }
}

/* ---- notes of devices ---- */

/* Signs the text of a note again with the seeds given and compares the whole. */
static void note_case(const char *path, const char *const *vkeys, uint8_t (*seeds)[32], size_t n)
{
    const char *want = fx_text(v, path);
    struct qm_note note;
    struct qm_buf out;
    struct qm_vkey key;
    assert_int_equal(qm_note_read(want, strlen(want), &note), QM_OK);
    assert_int_equal(note.sigs, n);
    qm_buf_init(&out, 4096);
    for (size_t i = 0; i < n; i++) {
        fx_vkey(v, vkeys[i], &key);
        assert_int_equal(qm_note_verify(&note, &key), QM_OK);
        qm_err e =
            i == 0
                ? qm_note_sign(note.text, note.text_len, &key, qm_sign_with_seed, seeds[i], &out)
                : qm_note_cosign(note.text, note.text_len, &key, qm_sign_with_seed, seeds[i], &out);
        assert_int_equal(e, QM_OK);
    }
    assert_text(&out, want);
    qm_buf_free(&out);
}

static void enrolment_and_rotation_notes(void **state)
{
    static const char *const vkeys[2] = {"device/vkey", "rotate/new_vkey"};
    uint8_t seeds[2][32];
    (void)state;
    fx_hex(v, "device/seed_hex", seeds[0], 32);
    fx_hex(v, "rotate/new_seed_hex", seeds[1], 32);
    note_case("enrol_note", vkeys, seeds, 1);
    note_case("rotate/note", vkeys, seeds, 2);
}

/* ---- the log ---- */

static void log_leaves(struct qm_hash leaves[7])
{
    assert_int_equal(json_array_size(fx_at(v, "log_entries")), 7);
    for (size_t i = 0; i < 7; i++) {
        char path[64];
        path_of(path, "log_entries/%u", i);
        const char *entry = fx_text(v, path);
        qm_leaf_hash(entry, strlen(entry), &leaves[i]);
        path_of(path, "log_leaf_hashes_hex/%u", i);
        assert_hash_at(&leaves[i], path);
    }
}

static void entries_are_read(void **state)
{
    static const enum qm_entry_type types[7] = {QM_ENTRY_CONFIG,  QM_ENTRY_DEVICE, QM_ENTRY_BATCH,
                                                QM_ENTRY_BLOB,    QM_ENTRY_CONFIG, QM_ENTRY_ROSTER,
                                                QM_ENTRY_BULLETIN};
    struct qm_verdict verdicts[5];
    struct qm_entry entry;
    (void)state;
    for (size_t i = 0; i < 7; i++) {
        char path[64];
        path_of(path, "log_entries/%u", i);
        const char *t = fx_text(v, path);
        assert_int_equal(qm_entry_read(t, strlen(t), &entry), QM_OK);
        assert_int_equal(entry.type, types[i]);
        if (types[i] != QM_ENTRY_BATCH) {
            assert_int_equal(entry.verdicts.len, 0);
            continue;
        }
        const char *note = fx_text(v, "batch/note");
        assert_int_equal(entry.recv_ms, 1757203210777);
        assert_int_equal(entry.payload.len, strlen(note));
        assert_memory_equal(entry.payload.p, note, entry.payload.len);
        assert_int_equal(qm_verdicts_read(entry.verdicts, 5, verdicts), QM_OK);
        for (size_t k = 0; k < 5; k++)
            assert_int_equal(verdicts[k].kind, k == 2 ? QM_V_REJECT : QM_V_ACCEPT);
        assert_string_equal(verdicts[2].code, "schema");
    }
}

static void checkpoints_are_signed_again(void **state)
{
    static const char *const vkeys[1] = {"log/vkey"};
    uint8_t seeds[1][32];
    struct qm_hash leaves[7];
    struct qm_frontier f = {0};
    (void)state;
    fx_hex(v, "log/seed_hex", seeds[0], 32);
    log_leaves(leaves);
    assert_int_equal(json_object_size(fx_at(v, "checkpoints")), 7);
    for (size_t size = 1; size <= 7; size++) {
        char path[64];
        struct qm_checkpoint c = {.size = size}, read;
        struct qm_buf out;
        path_of(path, "checkpoints/%u", size);
        note_case(path, vkeys, seeds, 1);
        assert_int_equal(qm_frontier_append(&f, &leaves[size - 1]), QM_OK);
        qm_frontier_root(&f, &c.root);
        assert_int_equal(qm_log_origin(HOST, 140522, 1, c.origin), QM_OK);
        qm_buf_init(&out, 500);
        assert_int_equal(qm_checkpoint_write(&c, &out), QM_OK);
        assert_int_equal(strncmp(fx_text(v, path), (const char *)out.p, out.len), 0);
        assert_int_equal(qm_checkpoint_read((const char *)out.p, out.len, &read), QM_OK);
        assert_memory_equal(&read, &c, sizeof c);
        qm_buf_free(&out);
    }
}

static void consistency_proofs(void **state)
{
    struct qm_hash leaves[7], new_root, proof[QM_PROOF_MAX];
    const char *name = NULL;
    json_t *list = NULL;
    (void)state;
    log_leaves(leaves);
    qm_merkle_root(leaves, 7, &new_root);
    assert_int_equal(json_object_size(fx_at(v, "consistency")), 3);
    json_object_foreach(fx_at(v, "consistency"), name, list)
    {
        struct qm_hash old_root;
        unsigned old_size = (unsigned)(name[0] - '0');
        size_t n = json_array_size(list), k = 0;
        for (; k < n; k++) {
            size_t bytes = 0;
            const char *line = json_string_value(json_array_get(list, k));
            assert_int_equal(qm_b64_read(line, strlen(line), proof[k].b, 32, &bytes), QM_OK);
            assert_int_equal(bytes, 32);
        }
        qm_merkle_root(leaves, old_size, &old_root);
        assert_int_equal(qm_consistency_verify(old_size, &old_root, 7, &new_root, proof, n), QM_OK);
    }
}

static void receipts_of_the_log_are_made_again(void **state)
{
    static const struct {
        const char *path, *note;
        size_t index, size;
    } cases[2] = {{"receipt", "checkpoints/3", 2, 3}, {"bulletin/receipt", "checkpoints/7", 6, 7}};
    struct qm_hash leaves[7], proof[QM_PROOF_MAX];
    struct qm_vkey key;
    (void)state;
    log_leaves(leaves);
    fx_vkey(v, "log/vkey", &key);
    for (size_t i = 0; i < 2; i++) {
        char path[64];
        struct qm_buf out;
        path_of(path, "log_entries/%u", cases[i].index);
        const char *entry = fx_text(v, path), *note = fx_text(v, cases[i].note);
        size_t n = qm_merkle_path(leaves, cases[i].size, cases[i].index, proof);
        qm_buf_init(&out, QM_RECEIPT_MAX_BYTES);
        assert_int_equal(qm_receipt_write(entry, strlen(entry), cases[i].index, proof, n, note,
                                          strlen(note), &out),
                         QM_OK);
        assert_text(&out, fx_text(v, cases[i].path));
        assert_int_equal(qm_receipt_verify((const char *)out.p, out.len, &key), QM_OK);
        qm_buf_free(&out);
    }
}

/* tlog-tiles: an entry bundle is each entry behind its length in two bytes, big endian. */
static void tiles(void **state)
{
    struct qm_hash leaves[7], tile[7], h;
    struct qm_buf bundle;
    (void)state;
    log_leaves(leaves);
    fx_hex(v, "tile_level0_partial7_hex", tile, sizeof tile);
    assert_memory_equal(tile, leaves, sizeof tile);
    qm_buf_init(&bundle, 100000);
    for (size_t i = 0; i < 7; i++) {
        char path[64];
        path_of(path, "log_entries/%u", i);
        const char *entry = fx_text(v, path);
        uint8_t len[2] = {(uint8_t)(strlen(entry) >> 8), (uint8_t)strlen(entry)};
        qm_buf_add(&bundle, len, sizeof len);
        qm_buf_puts(&bundle, entry);
    }
    qm_sha256(bundle.p, bundle.len, &h);
    assert_hash_at(&h, "entries_partial7_sha256_hex");
    qm_buf_free(&bundle);
}

/* Each line "<name> sha256:<hex>" of the bulletin's payload names the bytes of that name. */
static void the_bulletin_names_its_objects(void **state)
{
    static const char *const names[4] = {"roster", "rule", "result", "public"};
    const char *entry = fx_text(v, "log_entries/6");
    (void)state;
    for (size_t i = 0; i < 4; i++) {
        char path[64], line[128], hex[65];
        struct qm_hash h;
        (void)snprintf(path, sizeof path, "bulletin/%s", names[i]);
        const char *object = fx_text(v, path);
        qm_sha256(object, strlen(object), &h);
        qm_hex_write(h.b, sizeof h.b, hex);
        (void)snprintf(line, sizeof line, "\n%s sha256:%s\n", names[i], hex);
        assert_non_null(strstr(entry, line));
    }
}

/* ---- signed requests ---- */

static void reqsig_case(const char *which, struct qm_reqsig *r)
{
    char path[64], input[QM_REQSIG_HEADER_MAX], signature[128], digest[80];
    uint8_t seed[32];
    struct qm_vkey key;
    struct qm_reqsig_input in;
    fx_hex(v, "device/seed_hex", seed, sizeof seed);
    fx_vkey(v, "device/vkey", &key);
    r->authority = HOST;
    r->created_s = 1757203300;
    assert_int_equal(qm_reqsig_sign(r, &key, qm_sign_with_seed, seed, input, signature, digest),
                     QM_OK);
    (void)snprintf(path, sizeof path, "%s/Signature-Input", which);
    assert_string_equal(input, fx_text(v, path));
    (void)snprintf(path, sizeof path, "%s/Signature", which);
    assert_string_equal(signature, fx_text(v, path));
    assert_int_equal(qm_reqsig_input_read(input, HOST, &in), QM_OK);
    assert_string_equal(in.device_name, key.name);
    assert_int_equal(in.key_id, key.id);
    assert_int_equal(in.created_s, r->created_s);
    assert_int_equal(in.with_body, r->content_type != NULL);
    assert_int_equal(qm_reqsig_verify(r, input, signature, digest, &key, r->created_s), QM_OK);
    /* The signature is over the base that is written there. */
    (void)snprintf(path, sizeof path, "%s/base", which);
    const char *base = fx_text(v, path);
    uint8_t sig[64];
    char b64[100];
    assert_int_equal(qm_sign_with_seed(seed, (const uint8_t *)base, strlen(base), sig), QM_OK);
    qm_b64_write(sig, sizeof sig, b64);
    assert_memory_equal(signature + 5, b64, strlen(b64));
    if (r->content_type == NULL)
        return;
    (void)snprintf(path, sizeof path, "%s/Content-Digest", which);
    assert_string_equal(digest, fx_text(v, path));
}

static void signed_requests(void **state)
{
    struct qm_reqsig get = {.method = "GET", .path = "/v1/changes", .query = "since=73894"};
    struct qm_reqsig post = {
        .method = "POST", .path = "/v1/example", .content_type = "application/json"};
    struct qm_hash h;
    const char *body = fx_text(v, "http_post/body");
    (void)state;
    reqsig_case("http_get", &get);
    qm_sha256(body, strlen(body), &h);
    post.body_sha256 = &h;
    reqsig_case("http_post", &post);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(verifier_keys),
        cmocka_unit_test(event_hashes),
        cmocka_unit_test(events_are_judged_and_written_again),
        cmocka_unit_test(the_first_event_says_what_it_says),
        cmocka_unit_test(the_batch_is_read),
        cmocka_unit_test(the_batch_is_made_again),
        cmocka_unit_test(receipts_of_events_are_derived),
        cmocka_unit_test(enrolment_and_rotation_notes),
        cmocka_unit_test(entries_are_read),
        cmocka_unit_test(checkpoints_are_signed_again),
        cmocka_unit_test(consistency_proofs),
        cmocka_unit_test(receipts_of_the_log_are_made_again),
        cmocka_unit_test(tiles),
        cmocka_unit_test(the_bulletin_names_its_objects),
        cmocka_unit_test(signed_requests),
    };
    if (sodium_init() < 0)
        return 1;
    return cmocka_run_group_tests(tests, load, unload);
}
