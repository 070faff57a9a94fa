/* test_seal.c - the master file, its paper copy, seals and derived keys. */
#include <fcntl.h>
#include <setjmp.h>
#include <sodium.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "drivers/seal.h"

static char folder[64], master[96], other[96], scratch[96];
static char paper[QM_PAPER_MAX_BYTES];
static struct qm_seal *ring;
static const uint8_t ID[16] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16};
static const char CLEAR[] = "张三 13800001234";

static int start(void **state)
{
    char unused[QM_PAPER_MAX_BYTES];
    (void)state;
    (void)snprintf(folder, sizeof folder, "/tmp/qm-seal-XXXXXX");
    assert_non_null(mkdtemp(folder));
    (void)snprintf(master, sizeof master, "%s/master", folder);
    (void)snprintf(other, sizeof other, "%s/other", folder);
    (void)snprintf(scratch, sizeof scratch, "%s/scratch", folder);
    assert_int_equal(qm_master_create(master, paper), QM_OK);
    assert_int_equal(qm_master_create(other, unused), QM_OK);
    assert_int_equal(qm_seal_load(master, 7, &ring), QM_OK);
    return 0;
}

static int stop(void **state)
{
    (void)state;
    qm_seal_free(ring);
    (void)unlink(master);
    (void)unlink(other);
    return rmdir(folder);
}

/* What the console does with a paper copy: reads it, then makes the file. */
static qm_err from_paper(const char *path, const char *text, int *wrong_line)
{
    struct qm_seal *read = NULL;
    qm_err err = qm_seal_from_paper(text, 1, &read, wrong_line);
    if (err == QM_OK) {
        err = qm_master_write(path, read);
    }
    qm_seal_free(read);
    return err;
}

static void write_file(const char *path, const void *bytes, size_t len, mode_t mode)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, bytes, len), len);
    assert_int_equal(fchmod(fd, mode), 0);
    assert_int_equal(close(fd), 0);
}

static void read_file(const char *path, uint8_t bytes[QM_MASTER_BYTES])
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    assert_true(fd >= 0);
    assert_int_equal(read(fd, bytes, QM_MASTER_BYTES), QM_MASTER_BYTES);
    assert_int_equal(close(fd), 0);
}

static qm_err open_with(const struct qm_seal *s, const char *purpose, const void *id, size_t id_len,
                        const void *sealed, size_t len, struct qm_buf *clear)
{
    qm_buf_init(clear, 4096);
    qm_err err = qm_seal_open(s, purpose, id, id_len, sealed, len, clear);
    if (err != QM_OK) {
        assert_int_equal(clear->len, 0); /* nothing is given out */
    }
    return err;
}

/* Opening must fail with QM_E_CORRUPT. */
static void refuses(const struct qm_seal *s, const char *purpose, const void *id, size_t id_len,
                    const void *sealed, size_t len)
{
    struct qm_buf clear;
    assert_int_equal(open_with(s, purpose, id, id_len, sealed, len, &clear), QM_E_CORRUPT);
    qm_buf_free(&clear);
}

static void seals_open_again(void **state)
{
    struct qm_sealed a, b;
    struct qm_buf clear;
    (void)state;
    assert_int_equal(qm_seal_close(ring, QM_PURPOSE_NAME, ID, 16, CLEAR, sizeof CLEAR, &a), QM_OK);
    assert_int_equal(qm_seal_close(ring, QM_PURPOSE_NAME, ID, 16, CLEAR, sizeof CLEAR, &b), QM_OK);
    assert_int_equal(a.bytes.len, sizeof CLEAR + QM_SEAL_OVERHEAD_BYTES);
    assert_memory_equal(a.bytes.p, "\x01\x00\x00\x00\x07", 5);
    assert_memory_not_equal(a.bytes.p + 5, b.bytes.p + 5, 24); /* a nonce of its own */
    assert_int_equal(open_with(ring, QM_PURPOSE_NAME, ID, 16, a.bytes.p, a.bytes.len, &clear),
                     QM_OK);
    assert_int_equal(clear.len, sizeof CLEAR);
    assert_memory_equal(clear.p, CLEAR, sizeof CLEAR);
    qm_buf_wipe(&clear);
    qm_buf_free(&a.bytes);
    qm_buf_free(&b.bytes);
}

static void empty_and_large_fields_are_sealed_too(void **state)
{
    enum { BIG = 1 << 20 };
    struct qm_sealed s;
    struct qm_buf clear;
    uint8_t *photo = calloc(1, BIG);
    (void)state;
    assert_non_null(photo);
    assert_int_equal(qm_seal_close(ring, QM_PURPOSE_NOTE, NULL, 0, NULL, 0, &s), QM_OK);
    assert_int_equal(s.bytes.len, QM_SEAL_OVERHEAD_BYTES);
    assert_int_equal(open_with(ring, QM_PURPOSE_NOTE, NULL, 0, s.bytes.p, s.bytes.len, &clear),
                     QM_OK);
    assert_int_equal(clear.len, 0);
    qm_buf_free(&s.bytes);

    assert_int_equal(qm_seal_close(ring, QM_PURPOSE_BLOB, ID, 16, photo, BIG, &s), QM_OK);
    qm_buf_init(&clear, BIG);
    assert_int_equal(qm_seal_open(ring, QM_PURPOSE_BLOB, ID, 16, s.bytes.p, s.bytes.len, &clear),
                     QM_OK);
    assert_int_equal(clear.len, BIG);
    assert_memory_equal(clear.p, photo, BIG);
    qm_buf_wipe(&clear);
    qm_buf_init(&clear, BIG - 1); /* the caller's maximum holds */
    assert_int_equal(qm_seal_open(ring, QM_PURPOSE_BLOB, ID, 16, s.bytes.p, s.bytes.len, &clear),
                     QM_E_TOO_LARGE);
    qm_buf_free(&clear);
    qm_buf_free(&s.bytes);
    free(photo);
}

static void the_format_is_the_contracts(void **state)
{
    uint8_t key[32], raw[QM_MASTER_BYTES], opened[64];
    unsigned long long len;
    struct qm_sealed s;
    (void)state;
    read_file(master, raw);
    assert_int_equal(qm_seal_close(ring, "p", ID, 16, "abc", 3, &s), QM_OK);
    assert_int_equal(crypto_kdf_derive_from_key(key, 32, 7, "qm-seal_", raw), 0);
    uint8_t ad[17] = {'p'};
    memcpy(ad + 1, ID, 16);
    assert_int_equal(crypto_aead_xchacha20poly1305_ietf_decrypt(opened, &len, NULL, s.bytes.p + 29,
                                                                s.bytes.len - 29, ad, sizeof ad,
                                                                s.bytes.p + 5, key),
                     0);
    assert_int_equal(len, 3);
    assert_memory_equal(opened, "abc", 3);
    qm_buf_free(&s.bytes);
}

static void every_flipped_bit_is_noticed(void **state)
{
    struct qm_sealed s;
    (void)state;
    assert_int_equal(qm_seal_close(ring, QM_PURPOSE_P, ID, 16, CLEAR, sizeof CLEAR, &s), QM_OK);
    for (size_t bit = 0; bit < s.bytes.len * 8; bit++) {
        s.bytes.p[bit / 8] ^= (uint8_t)(1 << bit % 8);
        refuses(ring, QM_PURPOSE_P, ID, 16, s.bytes.p, s.bytes.len);
        s.bytes.p[bit / 8] ^= (uint8_t)(1 << bit % 8);
    }
    for (size_t len = 0; len < s.bytes.len; len++) {
        refuses(ring, QM_PURPOSE_P, ID, 16, s.bytes.p, len);
    }
    qm_buf_free(&s.bytes);
}

static void a_seal_belongs_to_its_place(void **state)
{
    static const uint8_t wrong_id[16] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 17};
    struct qm_seal *stranger = NULL;
    struct qm_sealed s;
    (void)state;
    assert_int_equal(qm_seal_load(other, 7, &stranger), QM_OK);
    assert_int_equal(qm_seal_close(ring, QM_PURPOSE_NAME, ID, 16, CLEAR, sizeof CLEAR, &s), QM_OK);
    refuses(ring, QM_PURPOSE_NAME, wrong_id, 16, s.bytes.p, s.bytes.len);
    refuses(ring, QM_PURPOSE_NAME, ID, 15, s.bytes.p, s.bytes.len);
    refuses(ring, QM_PURPOSE_PHONE, ID, 16, s.bytes.p, s.bytes.len);
    refuses(stranger, QM_PURPOSE_NAME, ID, 16, s.bytes.p, s.bytes.len);
    s.bytes.p[4] = 8; /* claims another epoch */
    refuses(ring, QM_PURPOSE_NAME, ID, 16, s.bytes.p, s.bytes.len);
    qm_buf_free(&s.bytes);
    qm_seal_free(stranger);
}

static void seals_of_older_epochs_open(void **state)
{
    static const uint32_t epochs[] = {0, 1, 6, UINT32_MAX};
    (void)state;
    for (size_t i = 0; i < sizeof epochs / sizeof epochs[0]; i++) {
        struct qm_seal *old = NULL;
        struct qm_sealed s;
        struct qm_buf clear;
        assert_int_equal(qm_seal_load(master, epochs[i], &old), QM_OK);
        assert_int_equal(qm_seal_close(old, QM_PURPOSE_P, ID, 16, "x", 1, &s), QM_OK);
        qm_seal_free(old);
        assert_int_equal(open_with(ring, QM_PURPOSE_P, ID, 16, s.bytes.p, s.bytes.len, &clear),
                         QM_OK);
        assert_true(clear.len == 1 && clear.p[0] == 'x');
        qm_buf_free(&clear);
        qm_buf_free(&s.bytes);
    }
}

static void names_of_any_length_do_not_overflow(void **state)
{
    uint8_t id[300] = {0};
    struct qm_sealed s;
    struct qm_buf clear;
    (void)state;
    assert_int_equal(qm_seal_close(ring, "p", id, 255, "x", 1, &s), QM_OK);
    assert_int_equal(open_with(ring, "p", id, 256, s.bytes.p, s.bytes.len, &clear), QM_E_INVALID);
    qm_buf_free(&s.bytes);
    assert_int_equal(qm_seal_close(ring, "p", id, 256, "x", 1, &s), QM_E_INVALID);
    qm_buf_free(&s.bytes);
    assert_int_equal(qm_seal_close(ring, "p", id, 1, "x", SIZE_MAX, &s), QM_E_TOO_LARGE);
}

static void the_master_is_never_overwritten(void **state)
{
    struct stat st;
    uint8_t before[QM_MASTER_BYTES], after[QM_MASTER_BYTES];
    char text[QM_PAPER_MAX_BYTES] = "x";
    int line;
    (void)state;
    assert_int_equal(stat(master, &st), 0);
    assert_int_equal(st.st_size, QM_MASTER_BYTES);
    assert_int_equal(st.st_mode & 07777, 0600);
    read_file(master, before);
    assert_int_equal(qm_master_create(master, text), QM_E_EXISTS);
    assert_string_equal(text, ""); /* no paper for a key that was not stored */
    assert_int_equal(from_paper(master, paper, &line), QM_E_EXISTS);
    read_file(master, after);
    assert_memory_equal(before, after, sizeof before);
    assert_int_equal(symlink("elsewhere", scratch), 0);
    assert_int_equal(qm_master_create(scratch, text), QM_E_EXISTS);
    assert_int_equal(unlink(scratch), 0);
    assert_int_equal(qm_master_create("/nonexistent/master", text), QM_E_IO);
}

static void masters_differ(void **state)
{
    uint8_t a[QM_MASTER_BYTES], b[QM_MASTER_BYTES];
    (void)state;
    read_file(master, a);
    read_file(other, b);
    assert_memory_not_equal(a, b, sizeof a);
}

static void unsafe_or_damaged_masters_are_refused(void **state)
{
    static const mode_t open_modes[] = {0640, 0604, 0610, 0660, 0602};
    uint8_t bytes[QM_MASTER_BYTES + 1] = {0};
    struct qm_seal *s = NULL;
    (void)state;
    for (size_t i = 0; i < sizeof open_modes / sizeof open_modes[0]; i++) {
        write_file(scratch, bytes, QM_MASTER_BYTES, open_modes[i]);
        assert_int_equal(qm_seal_load(scratch, 1, &s), QM_E_FORBIDDEN);
    }
    for (size_t len = 0; len <= sizeof bytes; len++) {
        write_file(scratch, bytes, len, 0600);
        assert_int_equal(qm_seal_load(scratch, 1, &s),
                         len == QM_MASTER_BYTES ? QM_OK : QM_E_CORRUPT);
        qm_seal_free(s);
        s = NULL;
    }
    assert_int_equal(unlink(scratch), 0);
    assert_int_equal(qm_seal_load(scratch, 1, &s), QM_E_NOT_FOUND);
    assert_int_equal(qm_seal_load(folder, 1, &s), QM_E_CORRUPT);
    assert_int_equal(mkfifo(scratch, 0600), 0); /* must not wait for a writer */
    assert_int_equal(qm_seal_load(scratch, 1, &s), QM_E_CORRUPT);
    assert_int_equal(unlink(scratch), 0);
    assert_null(s);
}

static void paper_brings_the_master_back(void **state)
{
    uint8_t before[QM_MASTER_BYTES], after[QM_MASTER_BYTES];
    char text[2 * QM_PAPER_MAX_BYTES];
    int line = 9;
    (void)state;
    read_file(master, before);
    assert_true(strlen(paper) < QM_PAPER_MAX_BYTES - 1);
    assert_int_equal(from_paper(scratch, paper, &line), QM_OK);
    assert_int_equal(line, 0);
    read_file(scratch, after);
    assert_memory_equal(before, after, sizeof before);
    assert_int_equal(unlink(scratch), 0);
    size_t n = 0; /* typed with capitals, more blanks, no last line end */
    for (const char *c = paper; *c != '\0'; c++) {
        text[n++] = (char)(*c >= 'a' && *c <= 'f' ? *c - 'a' + 'A' : *c);
        if (*c == ' ') {
            text[n++] = ' ';
        }
    }
    text[n - 1] = '\0';
    assert_int_equal(from_paper(scratch, text, &line), QM_OK);
    read_file(scratch, after);
    assert_memory_equal(before, after, sizeof before);
    assert_int_equal(unlink(scratch), 0);
}

static void slips_on_paper_are_found_in_their_line(void **state)
{
    char text[2 * QM_PAPER_MAX_BYTES];
    int line, current = 1;
    (void)state;
    for (size_t i = 0; paper[i] != '\0'; i++) {
        if (paper[i] == '\n') {
            current++;
            continue;
        }
        if (paper[i] == ' ' || paper[i] == '-') {
            continue;
        }
        (void)snprintf(text, sizeof text, "%s", paper);
        text[i] = text[i] == '7' ? '3' : '7';
        qm_err err = from_paper(scratch, text, &line);
        assert_true(err == QM_E_CORRUPT || err == QM_E_MALFORMED);
        assert_int_equal(line, current);
    }
    (void)snprintf(text, sizeof text, "%s", paper);
    text[strlen(text) / 2] = '\0';
    assert_int_equal(from_paper(scratch, text, &line), QM_E_MALFORMED);
    assert_int_equal(from_paper(scratch, "", &line), QM_E_MALFORMED);
    assert_int_equal(line, 1);
    (void)snprintf(text, sizeof text, "%s5 00", paper);
    assert_int_equal(from_paper(scratch, text, &line), QM_E_MALFORMED);
    assert_int_equal(line, 5);
    assert_int_equal(access(scratch, F_OK), -1); /* none of them made a file */
}

static void log_keys_are_the_countys_own(void **state)
{
    uint8_t a[QM_SEED_BYTES], b[QM_SEED_BYTES], raw[QM_MASTER_BYTES], expected[QM_SEED_BYTES];
    struct qm_vkey ka, kb;
    struct qm_seal *again = NULL;
    uint8_t sig[QM_SIG_BYTES];
    (void)state;
    read_file(master, raw);
    assert_int_equal(qm_seal_load(master, 8, &again), QM_OK); /* the epoch plays no part */
    assert_int_equal(qm_seal_log_key(ring, "h.example", 330482, 1, a, &ka), QM_OK);
    assert_int_equal(qm_seal_log_key(again, "h.example", 330482, 1, b, &kb), QM_OK);
    qm_seal_free(again);
    assert_memory_equal(a, b, sizeof a);
    assert_memory_equal(ka.key, kb.key, sizeof ka.key);
    assert_string_equal(ka.name, "h.example/log/330482");
    assert_int_equal(crypto_kdf_derive_from_key(expected, 32, 330482, "qm-log__", raw), 0);
    assert_memory_equal(a, expected, sizeof a);
    assert_int_equal(qm_sign_with_seed(a, (const uint8_t *)"m", 1, sig), QM_OK);
    assert_int_equal(crypto_sign_verify_detached(sig, (const uint8_t *)"m", 1, ka.key), 0);

    assert_int_equal(qm_seal_log_key(ring, "h.example", 330483, 1, b, &kb), QM_OK);
    assert_memory_not_equal(a, b, sizeof a);
    assert_int_equal(qm_seal_log_key(ring, "h.example", 330482, 2, b, &kb), QM_OK);
    assert_memory_not_equal(a, b, sizeof a);
    assert_string_equal(kb.name, "h.example/log/330482-2");
    assert_int_equal(crypto_kdf_derive_from_key(expected, 32, 2330482, "qm-log__", raw), 0);
    assert_memory_equal(b, expected, sizeof b);
    assert_int_equal(qm_seal_log_key(ring, "h.example", 1000000, 1, b, &kb), QM_E_INVALID);
    assert_int_equal(qm_seal_log_key(ring, "h.example", 330482, 0, b, &kb), QM_E_INVALID);
}

static void look_up_keys_are_keyed_and_apart(void **state)
{
    uint8_t a[32], b[32], raw[QM_MASTER_BYTES], key[32];
    struct qm_seal *stranger = NULL;
    (void)state;
    read_file(master, raw);
    qm_seal_phone_mac(ring, "13800001234", a);
    assert_int_equal(crypto_kdf_derive_from_key(key, 32, 1, "qm-phone", raw), 0);
    assert_int_equal(crypto_generichash(b, 32, (const uint8_t *)"13800001234", 11, key, sizeof key),
                     0);
    assert_memory_equal(a, b, 32);
    qm_seal_phone_mac(ring, "13800001235", b);
    assert_memory_not_equal(a, b, 32);
    qm_seal_token_mac(ring, "13800001234", b);
    assert_memory_not_equal(a, b, 32);
    assert_int_equal(qm_seal_load(other, 7, &stranger), QM_OK);
    qm_seal_phone_mac(stranger, "13800001234", b);
    assert_memory_not_equal(a, b, 32);
    qm_seal_free(stranger);
    qm_seal_free(NULL);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(seals_open_again),
        cmocka_unit_test(empty_and_large_fields_are_sealed_too),
        cmocka_unit_test(the_format_is_the_contracts),
        cmocka_unit_test(every_flipped_bit_is_noticed),
        cmocka_unit_test(a_seal_belongs_to_its_place),
        cmocka_unit_test(seals_of_older_epochs_open),
        cmocka_unit_test(names_of_any_length_do_not_overflow),
        cmocka_unit_test(the_master_is_never_overwritten),
        cmocka_unit_test(masters_differ),
        cmocka_unit_test(unsafe_or_damaged_masters_are_refused),
        cmocka_unit_test(paper_brings_the_master_back),
        cmocka_unit_test(slips_on_paper_are_found_in_their_line),
        cmocka_unit_test(log_keys_are_the_countys_own),
        cmocka_unit_test(look_up_keys_are_keyed_and_apart),
    };
    return cmocka_run_group_tests(tests, start, stop);
}
