/* test_keys.c - seals are bound to their place, keys are made once, passphrase files notice every
 * change.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "client_fixture.h"
#include "keys.h"

#include <stdlib.h>
#include <string.h>

static void a_seal_opens_only_in_its_place(void **state)
{
    (void)state;
    struct secrets secrets = {0};
    struct qm_keystore store = secrets_store(&secrets);
    struct qm_keys keys;
    struct qm_buf sealed, again, plain;
    assert_int_equal(qm_keys_open(&keys, &store, true), QM_OK);
    qm_buf_init(&sealed, 1024);
    qm_buf_init(&again, 1024);
    qm_buf_init(&plain, 1024);
    assert_int_equal(qm_keys_seal(&keys, "p", "id-1", 4, "secret", 6, &sealed), QM_OK);
    assert_int_equal(qm_keys_seal(&keys, "p", "id-1", 4, "secret", 6, &again), QM_OK);
    assert_int_equal(sealed.len, 6 + QM_SEAL_EXTRA_BYTES);
    assert_memory_not_equal(sealed.p, again.p, sealed.len);
    assert_int_equal(qm_keys_open_sealed(&keys, "p", "id-1", 4, sealed.p, sealed.len, &plain),
                     QM_OK);
    assert_memory_equal(plain.p, "secret", 6);
    assert_int_equal(qm_keys_open_sealed(&keys, "q", "id-1", 4, sealed.p, sealed.len, &plain),
                     QM_E_CORRUPT);
    assert_int_equal(qm_keys_open_sealed(&keys, "p", "id-2", 4, sealed.p, sealed.len, &plain),
                     QM_E_CORRUPT);
    for (size_t i = 0; i <= sealed.len; i++) {
        assert_int_equal(qm_keys_open_sealed(&keys, "p", "id-1", 4, sealed.p, i, &plain),
                         i == sealed.len ? QM_OK : QM_E_CORRUPT);
        if (i == sealed.len)
            break;
        sealed.p[i] ^= 1;
        assert_int_equal(qm_keys_open_sealed(&keys, "p", "id-1", 4, sealed.p, sealed.len, &plain),
                         QM_E_CORRUPT);
        sealed.p[i] ^= 1;
    }
    qm_buf_free(&sealed);
    qm_buf_free(&again);
    qm_buf_wipe(&plain);
    qm_keys_close(&keys);
}

static void a_key_is_made_once(void **state)
{
    (void)state;
    struct secrets secrets = {0};
    struct qm_keystore store = secrets_store(&secrets);
    struct qm_keys keys;
    struct qm_signer first, second, third;
    const char *name = HOST "/d/3f1c8a52-6a0e-4b8e-9d57-0c2f6d1e7a41";
    assert_int_equal(qm_keys_open(&keys, &store, false), QM_E_NOT_FOUND);
    assert_int_equal(qm_keys_open(&keys, &store, true), QM_OK);
    assert_int_equal(qm_keys_device(&keys, 1, name, &first), QM_E_NOT_FOUND);
    assert_int_equal(qm_keys_make_device(&keys, 1, name, &first), QM_OK);
    assert_int_equal(qm_keys_make_device(&keys, 1, name, &second), QM_OK);
    assert_int_equal(qm_keys_make_device(&keys, 2, name, &third), QM_OK);
    assert_memory_equal(first.vkey.key, second.vkey.key, 32);
    assert_memory_not_equal(first.vkey.key, third.vkey.key, 32);
    assert_int_equal(qm_keys_remove_device(&keys, 1), QM_OK);
    assert_int_equal(qm_keys_remove_device(&keys, 1), QM_OK);
    assert_int_equal(qm_keys_device(&keys, 1, name, &first), QM_E_NOT_FOUND);
    qm_keys_close(&keys);
}

static FILE *written(const char *passphrase)
{
    struct qm_pass_file *p = NULL;
    FILE *f = tmpfile();
    assert_non_null(f);
    assert_int_equal(qm_pass_write_open(f, passphrase, &p), QM_OK);
    assert_int_equal(qm_pass_write(p, "one", 3, false), QM_OK);
    assert_int_equal(qm_pass_write(p, "", 0, true), QM_OK);
    assert_int_equal(qm_pass_write(p, "late", 4, true), QM_E_INVALID);
    qm_pass_close(p);
    return f;
}

/* The whole file: QM_OK and the first frame is "one". */
static qm_err read_all(FILE *f, const char *passphrase)
{
    struct qm_pass_file *p = NULL;
    struct qm_buf frame;
    bool last = false;
    rewind(f);
    qm_err e = qm_pass_read_open(f, passphrase, &p);
    if (e != QM_OK)
        return e;
    qm_buf_init(&frame, 1024);
    e = qm_pass_read(p, &frame, &last);
    if (e == QM_OK && (frame.len != 3 || memcmp(frame.p, "one", 3) != 0))
        e = QM_E_CORRUPT;
    while (e == QM_OK && !last)
        e = qm_pass_read(p, &frame, &last);
    qm_buf_free(&frame);
    qm_pass_close(p);
    return e;
}

static FILE *copy(FILE *f, long len, long flip)
{
    FILE *to = tmpfile();
    assert_non_null(to);
    rewind(f);
    for (long i = 0; i < len; i++) {
        int c = fgetc(f);
        fputc(c == EOF ? 0 : i == flip ? c ^ 1 : c, to);
    }
    return to;
}

static void a_passphrase_file_is_whole_or_refused(void **state)
{
    (void)state;
    struct qm_pass_file *p = NULL;
    FILE *f = written("correct horse");
    fseek(f, 0, SEEK_END);
    long len = ftell(f);
    assert_int_equal(read_all(f, "correct horse"), QM_OK);
    assert_int_equal(read_all(f, "correct horsf"), QM_E_CORRUPT);
    assert_int_equal(qm_pass_write_open(f, "short", &p), QM_E_INVALID);
    /* Guessing is dear, so not each byte: the head, the frames, the end. */
    const long cuts[] = {0, 10, 30, 60, len - 18, len - 1, len + 1};
    for (size_t i = 0; i < sizeof cuts / sizeof cuts[0]; i++) {
        FILE *t = copy(f, cuts[i], -1);
        assert_int_equal(read_all(t, "correct horse"), QM_E_CORRUPT);
        fclose(t);
    }
    const long flips[] = {2, 28, 50, 72, len - 20, len - 1};
    for (size_t i = 0; i < sizeof flips / sizeof flips[0]; i++) {
        FILE *t = copy(f, len, flips[i]);
        assert_int_equal(read_all(t, "correct horse"), QM_E_CORRUPT);
        fclose(t);
    }
    fclose(f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(a_seal_opens_only_in_its_place),
                                       cmocka_unit_test(a_key_is_made_once),
                                       cmocka_unit_test(a_passphrase_file_is_whole_or_refused)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
