/* test_cli_tar.c - archives of a server that may be anybody: taken apart in any pieces, never out
 * of the folder, never over a file, never half.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "cli/tar.h"
#include "qiaomen/client.h"
#include "tempdir.h"

struct made {
    uint8_t bytes[16384];
    size_t len;
};

/* A field of a header: no NUL behind a text that fills it. */
static void put_text(uint8_t *field, const char *text, size_t max)
{
    for (size_t i = 0; i < max && text[i] != 0; i++)
        field[i] = (uint8_t)text[i];
}

static void put_header(struct made *m, const char *prefix, const char *name, char type,
                       const char *size)
{
    uint8_t *h = m->bytes + m->len;
    unsigned sum = 0;
    memset(h, 0, TAR_BLOCK_BYTES);
    put_text(h, name, 100);
    put_text(h + 100, "0000600", 8);
    put_text(h + 124, size, 12);
    memset(h + 148, ' ', 8);
    h[156] = (uint8_t)type;
    put_text(h + 257, "ustar", 6);
    put_text(h + 263, "00", 2);
    put_text(h + 345, prefix, 155);
    for (size_t i = 0; i < TAR_BLOCK_BYTES; i++)
        sum += h[i];
    char text[8];
    snprintf(text, sizeof text, "%06o", sum);
    put_text(h + 148, text, 6);
    h[154] = 0;
    m->len += TAR_BLOCK_BYTES;
}

static void put_file(struct made *m, const char *prefix, const char *name, const char *content)
{
    char size[32];
    size_t len = strlen(content);
    snprintf(size, sizeof size, "%011zo", len);
    put_header(m, prefix, name, '0', size);
    memset(m->bytes + m->len, 0, (len + 511) / 512 * 512);
    memcpy(m->bytes + m->len, content, len);
    m->len += (len + 511) / 512 * 512;
}

static void put_end(struct made *m)
{
    memset(m->bytes + m->len, 0, 1024);
    m->len += 1024;
}

/* Takes it apart in pieces of `step` into a new folder. */
static int take(const struct made *m, size_t step, char folder[TEMPDIR_MAX_BYTES], uint64_t *files)
{
    struct tar t;
    tempdir_make("/tmp", folder);
    int fd = open(folder, O_RDONLY | O_DIRECTORY), rc = QM_C_OK;
    tar_begin(&t, fd);
    for (size_t at = 0; rc == QM_C_OK && at < m->len; at += step)
        rc = tar_push(&t, m->bytes + at, m->len - at < step ? m->len - at : step);
    int end = tar_end(&t);
    *files = t.files;
    close(fd);
    return rc != QM_C_OK ? rc : end;
}

static int take_once(const struct made *m)
{
    char folder[TEMPDIR_MAX_BYTES];
    uint64_t files;
    int rc = take(m, 4096, folder, &files);
    tempdir_remove(folder);
    return rc;
}

static void whole_archives_are_taken_in_any_pieces(void **state)
{
    struct made m = {.len = 0};
    char long_text[1400];
    (void)state;
    memset(long_text, 'x', sizeof long_text - 1);
    long_text[sizeof long_text - 1] = 0;
    put_header(&m, "", "v1/", '5', "00000000000");
    put_file(&m, "", "v1/log/140522/checkpoint", "note\n");
    put_file(&m, "v1/log/140522/tile/entries", "x001/234.p/7", long_text);
    put_file(&m, "", "v1/log/140522/batch/5", "");
    put_end(&m);
    for (size_t step = 1; step < 1500; step += step < 4 ? 1 : 333) {
        char folder[TEMPDIR_MAX_BYTES], path[TEMPDIR_MAX_BYTES + 80], text[1500] = "";
        uint64_t files = 0;
        assert_int_equal(take(&m, step, folder, &files), QM_C_OK);
        assert_int_equal(files, 3);
        snprintf(path, sizeof path, "%s/v1/log/140522/tile/entries/x001/234.p/7", folder);
        FILE *f = fopen(path, "rb");
        assert_non_null(f);
        assert_int_equal(fread(text, 1, sizeof text, f), 1399);
        assert_string_equal(text, long_text);
        fclose(f);
        tempdir_remove(folder);
    }
}

static void hostile_names_and_types_are_refused(void **state)
{
    static const char *const names[] = {"/etc/passwd", "../up",  "v1/../../up", "v1/./x",
                                        "v1//x",       "",       "v1/x/",       "v1/\xE7\xBD\x91",
                                        "v1/a b",      "v1/...", "v1\\x"};
    static const char types[] = {'1', '2', '3', '4', '6', '7', 'g', 'x', 'L', 'K', 'S', 'Z'};
    (void)state;
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        struct made m = {.len = 0};
        put_file(&m, "", names[i], "x");
        put_end(&m);
        if (take_once(&m) != QM_C_MALFORMED)
            fail_msg("taken: %s", names[i]);
    }
    for (size_t i = 0; i < sizeof types; i++) {
        struct made m = {.len = 0};
        put_header(&m, "", "v1/x", types[i], "00000000000");
        put_end(&m);
        if (take_once(&m) != QM_C_MALFORMED)
            fail_msg("taken: type %c", types[i]);
    }
    struct made deep = {.len = 0};
    put_file(&deep, "a/b/c/d/e/f/g/h/i/j/k/l", "m", "x");
    put_end(&deep);
    assert_int_equal(take_once(&deep), QM_C_MALFORMED);
    struct made large = {.len = 0};
    char prefix[155], name[101];
    memset(prefix, 'p', sizeof prefix);
    memset(name, 'n', sizeof name);
    prefix[154] = name[100] = 0;
    put_file(&large, prefix, name, "x");
    put_end(&large);
    assert_int_equal(take_once(&large), QM_C_MALFORMED);
}

static void no_file_is_written_twice(void **state)
{
    struct made m = {.len = 0}, inside = {.len = 0};
    (void)state;
    put_file(&m, "", "v1/x", "one");
    put_file(&m, "", "v1/x", "two");
    put_end(&m);
    assert_int_equal(take_once(&m), QM_C_MALFORMED);
    put_file(&inside, "", "v1/x", "one");
    put_file(&inside, "", "v1/x/y", "two");
    put_end(&inside);
    assert_int_not_equal(take_once(&inside), QM_C_OK);
}

static void broken_archives_are_refused(void **state)
{
    struct made good = {.len = 0};
    (void)state;
    put_file(&good, "", "v1/x", "hello");
    put_end(&good);
    assert_int_equal(take_once(&good), QM_C_OK);
    for (size_t cut = 0; cut < good.len; cut += 37) {
        struct made m = good;
        m.len = cut;
        assert_int_equal(take_once(&m), QM_C_MALFORMED);
    }
    for (size_t i = 0; i < TAR_BLOCK_BYTES; i += 5) { /* the sum sees every byte of a header */
        struct made m = good;
        m.bytes[i] ^= 0x40;
        if (i < 148 || i >= 156)
            assert_int_equal(take_once(&m), QM_C_MALFORMED);
    }
    struct made after = good;
    put_file(&after, "", "v1/y", "behind the end");
    put_end(&after);
    assert_int_equal(take_once(&after), QM_C_MALFORMED);
    static const char *const sizes[] = {"", "-0000000001", "0000000000x", "\200\377\377\377", "8"};
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        struct made m = {.len = 0};
        put_header(&m, "", "v1/x", '0', sizes[i]);
        put_end(&m);
        assert_int_equal(take_once(&m), QM_C_MALFORMED);
    }
    struct made endless = {.len = 0}; /* says more than it brings */
    put_header(&endless, "", "v1/x", '0', "77777777777");
    put_end(&endless);
    assert_int_equal(take_once(&endless), QM_C_MALFORMED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(whole_archives_are_taken_in_any_pieces),
                                       cmocka_unit_test(hostile_names_and_types_are_refused),
                                       cmocka_unit_test(no_file_is_written_twice),
                                       cmocka_unit_test(broken_archives_are_refused)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
