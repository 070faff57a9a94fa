/* Notes, batches and receipts from the writing side: limits, a key that refuses, span, names. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "wire/batch.h"
#include "wire/event.h"
#include "wire/receipt.h"
#include "wire/reqsig.h"

static const char HOST[] = "qm.example.gov.cn";
static uint8_t seed[QM_SEED_BYTES] = {1, 2, 3};
static uint8_t device[QM_ID_BYTES], batch[QM_ID_BYTES];
static struct qm_vkey key;

static int make_key(void **state)
{
    char name[QM_NAME_MAX_BYTES];
    uint8_t public_key[32], secret[64];
    (void)state;
    crypto_sign_seed_keypair(public_key, secret, seed);
    qm_uuid4(device);
    qm_uuid7(batch, 1757203200000);
    if (qm_device_name(HOST, device, name) != QM_OK)
        return -1;
    return qm_vkey_make(name, public_key, &key) == QM_OK ? 0 : -1;
}

static qm_err refuse(void *ctx, const uint8_t *msg, size_t len, uint8_t sig[QM_SIG_BYTES])
{
    (void)ctx;
    (void)msg;
    (void)len;
    (void)sig;
    return QM_E_IO;
}

static void names_that_cannot_be_keys(void **state)
{
    char longest[QM_NAME_MAX_BYTES + 1];
    struct qm_vkey k;
    (void)state;
    memset(longest, 'a', sizeof longest);
    longest[QM_NAME_MAX_BYTES] = 0;
    assert_int_equal(qm_vkey_make(longest, key.key, &k), QM_E_TOO_LARGE);
    longest[QM_NAME_MAX_BYTES - 1] = 0;
    assert_int_equal(qm_vkey_make(longest, key.key, &k), QM_OK);
    assert_int_equal(qm_vkey_make("", key.key, &k), QM_E_MALFORMED);
    assert_int_equal(qm_vkey_make("a b", key.key, &k), QM_E_MALFORMED);
    assert_int_equal(qm_vkey_make("a+b", key.key, &k), QM_E_MALFORMED);
    assert_int_equal(qm_vkey_make("a\nb", key.key, &k), QM_E_MALFORMED);
    assert_int_equal(qm_vkey_make("a\xC2\xA0", key.key, &k), QM_E_MALFORMED);
    assert_int_equal(qm_vkey_make("\xE1\x9A\x80", key.key, &k), QM_E_MALFORMED);
    assert_int_equal(qm_vkey_make("\xE2\x80\x83", key.key, &k), QM_E_MALFORMED);
    assert_int_equal(qm_vkey_make("\xFF", key.key, &k), QM_E_MALFORMED);
    assert_int_equal(qm_vkey_make("县.example", key.key, &k), QM_OK);
}

static void names_of_the_contract(void **state)
{
    char name[QM_NAME_MAX_BYTES], longest[QM_HOST_MAX_BYTES + 2];
    uint8_t d[QM_ID_BYTES], b[QM_ID_BYTES];
    (void)state;
    memset(longest, 'a', sizeof longest);
    longest[QM_HOST_MAX_BYTES + 1] = 0;
    assert_int_equal(qm_device_name(longest, device, name), QM_E_MALFORMED);
    longest[QM_HOST_MAX_BYTES] = 0;
    assert_int_equal(qm_batch_origin(longest, device, batch, name), QM_OK);
    assert_int_equal(strlen(name), QM_HOST_MAX_BYTES + 2 * (3 + QM_UUID_CHARS));
    assert_int_equal(qm_batch_origin_read(name, strlen(name), longest, d, b), QM_OK);
    assert_memory_equal(d, device, sizeof d);
    assert_memory_equal(b, batch, sizeof b);
    assert_int_equal(qm_batch_origin_read(name, strlen(name), HOST, d, b), QM_E_MALFORMED);
    assert_int_equal(qm_batch_origin_read(name, strlen(name) - 1, longest, d, b), QM_E_MALFORMED);
    assert_int_equal(qm_batch_origin_read("", 0, longest, d, b), QM_E_MALFORMED);
    assert_int_equal(qm_log_origin(HOST, 140522, 3, name), QM_OK);
    assert_string_equal(name, "qm.example.gov.cn/log/140522-3");
    assert_int_equal(qm_log_origin(HOST, 0, 1, name), QM_E_MALFORMED);
    assert_int_equal(qm_log_origin(HOST, 1000000, 1, name), QM_E_MALFORMED);
    assert_int_equal(qm_log_origin(HOST, 140522, 0, name), QM_E_MALFORMED);
}

static void a_key_that_refuses_leaves_no_note(void **state)
{
    struct qm_buf out;
    (void)state;
    qm_buf_init(&out, 1000);
    qm_buf_puts(&out, "before");
    assert_int_equal(qm_note_sign("text\n", 5, &key, refuse, NULL, &out), QM_E_IO);
    assert_string_equal((char *)out.p, "before");
    assert_int_equal(qm_note_sign("text", 4, &key, qm_sign_with_seed, seed, &out), QM_E_INVALID);
    assert_int_equal(qm_note_sign("", 0, &key, qm_sign_with_seed, seed, &out), QM_E_INVALID);
    assert_int_equal(qm_note_sign("a\rb\n", 4, &key, qm_sign_with_seed, seed, &out), QM_E_INVALID);
    assert_string_equal((char *)out.p, "before");
    qm_buf_free(&out);
    qm_buf_init(&out, 50);
    assert_int_equal(qm_note_sign("text\n", 5, &key, qm_sign_with_seed, seed, &out),
                     QM_E_TOO_LARGE);
    qm_buf_free(&out);
}

/* The text of a note may itself hold empty lines and lines that look like signatures. */
static void the_last_empty_line_divides(void **state)
{
    static const char text[] = "first\n\n\xE2\x80\x94 not a signature\n\nlast\n";
    struct qm_buf out;
    struct qm_note n;
    (void)state;
    qm_buf_init(&out, 1000);
    assert_int_equal(qm_note_sign(text, strlen(text), &key, qm_sign_with_seed, seed, &out), QM_OK);
    assert_int_equal(qm_note_read((char *)out.p, out.len, &n), QM_OK);
    assert_int_equal(n.text_len, strlen(text));
    assert_int_equal(qm_note_verify(&n, &key), QM_OK);
    qm_buf_free(&out);
}

static void span_ends_behind_the_signature_lines(void **state)
{
    static const char t[] = "a\n\n\xE2\x80\x94 x y\n\xE2\x80\x94 z w\nrest\n";
    size_t n = 0;
    (void)state;
    assert_int_equal(qm_note_span(t, strlen(t), &n), QM_OK);
    assert_int_equal(n, strlen(t) - strlen("rest\n"));
    size_t first = n - strlen("\xE2\x80\x94 z w\n");
    for (size_t len = 0; len < n; len++) {
        /* Cut before the second mark is complete, it is the span of a shorter note. */
        bool shorter = len >= first && len < first + 4;
        assert_int_equal(qm_note_span(t, len, &n), shorter ? QM_OK : QM_E_MALFORMED);
        if (shorter)
            assert_int_equal(n, first);
        n = first + strlen("\xE2\x80\x94 z w\n");
    }
}

/* ---- batches ---- */

static qm_err write_batch(const struct qm_batch_item *items, size_t n, struct qm_buf *out)
{
    return qm_batch_write(HOST, device, batch, &key, qm_sign_with_seed, seed, items, n, out);
}

static void batches_of_every_size_give_receipts_for_all_lines(void **state)
{
    static const size_t sizes[] = {1, 2, 3, 7, 64, 255, 256};
    struct qm_batch_item items[QM_BATCH_MAX_EVENTS];
    struct qm_batch_line lines[QM_BATCH_MAX_EVENTS];
    char texts[QM_BATCH_MAX_EVENTS][16];
    (void)state;
    for (size_t i = 0; i < QM_BATCH_MAX_EVENTS; i++) {
        (void)snprintf(texts[i], sizeof texts[i], "{\"n\":%zu}", i);
        items[i] = (struct qm_batch_item){texts[i], strlen(texts[i]), i % 2 ? "{}" : NULL, 2};
    }
    for (size_t s = 0; s < sizeof sizes / sizeof sizes[0]; s++) {
        struct qm_batch_head head;
        struct qm_buf out, receipt;
        qm_buf_init(&out, QM_BATCH_MAX_BYTES);
        qm_buf_init(&receipt, QM_RECEIPT_MAX_BYTES);
        assert_int_equal(write_batch(items, sizes[s], &out), QM_OK);
        assert_int_equal(qm_batch_head_read((char *)out.p, out.len, HOST, &head), QM_OK);
        assert_int_equal(qm_note_verify(&head.note, &key), QM_OK);
        assert_int_equal(qm_batch_lines_read((char *)out.p, out.len, &head, lines), QM_OK);
        for (size_t i = 0; i < sizes[s]; i++) {
            assert_int_equal(lines[i].p != NULL, i % 2);
            assert_int_equal(lines[i].p_len, i % 2 ? 2 : 0);
            qm_buf_reset(&receipt);
            assert_int_equal(qm_batch_event_receipt(&head, lines, i, &receipt), QM_OK);
            if (i % 32 == 0)
                assert_int_equal(qm_receipt_verify((char *)receipt.p, receipt.len, &key), QM_OK);
        }
        assert_int_equal(qm_batch_event_receipt(&head, lines, sizes[s], &receipt), QM_E_INVALID);
        qm_buf_free(&out);
        qm_buf_free(&receipt);
    }
}

static void batches_that_would_be_refused_are_not_written(void **state)
{
    struct qm_batch_item items[QM_BATCH_MAX_EVENTS + 1];
    struct qm_buf out;
    (void)state;
    for (size_t i = 0; i <= QM_BATCH_MAX_EVENTS; i++)
        items[i] = (struct qm_batch_item){"{}", 2, NULL, 0};
    qm_buf_init(&out, QM_BATCH_MAX_BYTES);
    assert_int_equal(write_batch(items, 0, &out), QM_E_INVALID);
    assert_int_equal(write_batch(items, QM_BATCH_MAX_EVENTS + 1, &out), QM_E_INVALID);
    items[0] = (struct qm_batch_item){"{\t}", 3, NULL, 0};
    assert_int_equal(write_batch(items, 1, &out), QM_E_INVALID);
    items[0] = (struct qm_batch_item){"{\n}", 3, NULL, 0};
    assert_int_equal(write_batch(items, 1, &out), QM_E_INVALID);
    items[0] = (struct qm_batch_item){"{}", 2, "{\n}", 3};
    assert_int_equal(write_batch(items, 1, &out), QM_E_INVALID);
    items[0] = (struct qm_batch_item){"{", 1, NULL, 0};
    assert_int_equal(write_batch(items, 1, &out), QM_E_INVALID);
    assert_int_equal(out.len, 0);
    assert_int_equal(qm_batch_write(HOST, device, batch, &key, refuse, NULL, items + 1, 1, &out),
                     QM_E_IO);
    assert_int_equal(out.len, 0);
    qm_buf_free(&out);
}

static void a_batch_has_at_most_one_mebibyte(void **state)
{
    struct qm_batch_item items[QM_BATCH_MAX_EVENTS];
    struct qm_buf out;
    char *p = malloc(QM_P_MAX_BYTES);
    (void)state;
    assert_non_null(p);
    memset(p, ' ', QM_P_MAX_BYTES);
    for (size_t i = 0; i < QM_BATCH_MAX_EVENTS; i++)
        items[i] = (struct qm_batch_item){"{}", 2, p, QM_P_MAX_BYTES};
    qm_buf_init(&out, SIZE_MAX);
    assert_int_equal(write_batch(items, 63, &out), QM_OK);
    qm_buf_reset(&out);
    assert_int_equal(write_batch(items, 65, &out), QM_E_TOO_LARGE);
    qm_buf_free(&out);
    free(p);
}

/* ---- receipts ---- */

static void receipts_that_would_be_refused_are_not_written(void **state)
{
    struct qm_hash proof[QM_PROOF_MAX + 1] = {0};
    struct qm_buf out;
    char *entry = calloc(1, QM_ENTRY_MAX_BYTES + 1);
    (void)state;
    assert_non_null(entry);
    qm_buf_init(&out, QM_RECEIPT_MAX_BYTES);
    assert_int_equal(qm_receipt_write("", 0, 0, proof, 0, "n", 1, &out), QM_E_INVALID);
    assert_int_equal(qm_receipt_write("x", 1, 0, proof, QM_PROOF_MAX + 1, "n", 1, &out),
                     QM_E_INVALID);
    assert_int_equal(qm_receipt_write("x", 1, UINT64_C(1) << 63, proof, 0, "n", 1, &out),
                     QM_E_INVALID);
    assert_int_equal(qm_receipt_write(entry, QM_ENTRY_MAX_BYTES + 1, 0, proof, 0, "n", 1, &out),
                     QM_E_INVALID);
    assert_int_equal(out.len, 0);
    assert_int_equal(
        qm_receipt_write(entry, QM_ENTRY_MAX_BYTES, 0, proof, QM_PROOF_MAX, "n", 1, &out), QM_OK);
    free(entry);
    qm_buf_free(&out);
}

static void the_longest_entry_has_a_receipt(void **state)
{
    struct qm_checkpoint c = {.size = 1};
    struct qm_buf text, note, out;
    char *entry = calloc(1, QM_ENTRY_MAX_BYTES);
    (void)state;
    assert_non_null(entry);
    qm_leaf_hash(entry, QM_ENTRY_MAX_BYTES, &c.root);
    (void)snprintf(c.origin, sizeof c.origin, "%s", key.name);
    qm_buf_init(&text, 1000);
    qm_buf_init(&note, 1000);
    qm_buf_init(&out, QM_RECEIPT_MAX_BYTES);
    assert_int_equal(qm_checkpoint_write(&c, &text), QM_OK);
    assert_int_equal(qm_note_sign((char *)text.p, text.len, &key, qm_sign_with_seed, seed, &note),
                     QM_OK);
    assert_int_equal(
        qm_receipt_write(entry, QM_ENTRY_MAX_BYTES, 0, NULL, 0, (char *)note.p, note.len, &out),
        QM_OK);
    assert_int_equal(qm_receipt_verify((char *)out.p, out.len, &key), QM_OK);
    free(entry);
    qm_buf_free(&text);
    qm_buf_free(&note);
    qm_buf_free(&out);
}

static void a_receipt_above_its_cap_is_not_looked_at(void **state)
{
    struct qm_receipt r;
    char *t = calloc(1, QM_RECEIPT_MAX_BYTES + 1);
    (void)state;
    assert_non_null(t);
    assert_int_equal(qm_receipt_read(t, QM_RECEIPT_MAX_BYTES + 1, &r), QM_E_TOO_LARGE);
    assert_int_equal(qm_receipt_read(t, QM_RECEIPT_MAX_BYTES, &r), QM_E_MALFORMED);
    free(t);
}

/* ---- signed requests ---- */

static void requests_that_cannot_be_signed(void **state)
{
    struct qm_hash h = {0};
    struct qm_reqsig r = {
        .method = "GET", .authority = HOST, .path = "/x", .created_s = 1757203300};
    char input[QM_REQSIG_HEADER_MAX], signature[128], digest[80];
    (void)state;
    assert_int_equal(qm_reqsig_sign(&r, &key, qm_sign_with_seed, seed, input, signature, digest),
                     QM_OK);
    assert_string_equal(digest, "");
    assert_int_equal(qm_reqsig_sign(&r, &key, refuse, NULL, input, signature, digest), QM_E_IO);
    r.body_sha256 = &h; /* without a type */
    assert_int_equal(qm_reqsig_sign(&r, &key, qm_sign_with_seed, seed, input, signature, digest),
                     QM_E_INVALID);
    r.body_sha256 = NULL;
    r.path = "/x\ny";
    assert_int_equal(qm_reqsig_sign(&r, &key, qm_sign_with_seed, seed, input, signature, digest),
                     QM_E_MALFORMED);
    r.path = "/x";
    r.created_s = 999999999; /* nine digits */
    assert_int_equal(qm_reqsig_sign(&r, &key, qm_sign_with_seed, seed, input, signature, digest),
                     QM_E_INVALID);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_that_cannot_be_keys),
        cmocka_unit_test(names_of_the_contract),
        cmocka_unit_test(a_key_that_refuses_leaves_no_note),
        cmocka_unit_test(the_last_empty_line_divides),
        cmocka_unit_test(span_ends_behind_the_signature_lines),
        cmocka_unit_test(batches_of_every_size_give_receipts_for_all_lines),
        cmocka_unit_test(batches_that_would_be_refused_are_not_written),
        cmocka_unit_test(a_batch_has_at_most_one_mebibyte),
        cmocka_unit_test(receipts_that_would_be_refused_are_not_written),
        cmocka_unit_test(the_longest_entry_has_a_receipt),
        cmocka_unit_test(a_receipt_above_its_cap_is_not_looked_at),
        cmocka_unit_test(requests_that_cannot_be_signed),
    };
    if (sodium_init() < 0)
        return 1;
    return cmocka_run_group_tests(tests, make_key, NULL);
}
