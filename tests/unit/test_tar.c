/* Headers of a tar, field by field, and what has no room in one; names of tiles for writing. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "edge/tar.h"
#include "edge/tile_path.h"

static void a_header_is_ustar(void **state)
{
    struct qm_buf out;
    unsigned sum = 0;
    (void)state;
    qm_buf_init(&out, 4096);
    assert_int_equal(qm_tar_file(&out, "v1/log/140522/checkpoint", 1234567, 1764000000), QM_OK);
    assert_int_equal(out.len, QM_TAR_BLOCK);
    const char *h = (const char *)out.p;
    assert_string_equal(h, "v1/log/140522/checkpoint");
    assert_string_equal(h + 100, "0000644");
    assert_string_equal(h + 124, "00004553207");
    assert_string_equal(h + 136, "15111100400");
    assert_int_equal(h[156], '0');
    assert_memory_equal(h + 257, "ustar\00000", 8);
    for (int i = 0; i < QM_TAR_BLOCK; i++)
        sum += i >= 148 && i < 156 ? ' ' : (unsigned char)h[i];
    assert_int_equal(strtoul(h + 148, NULL, 8), sum);
    assert_int_equal(h[154], 0);
    assert_int_equal(h[155], ' ');
    qm_buf_free(&out);
}

static void what_has_no_room_is_refused(void **state)
{
    struct qm_buf out;
    char name[102];
    (void)state;
    memset(name, 'n', sizeof name);
    name[101] = '\0';
    qm_buf_init(&out, 4096);
    assert_int_equal(qm_tar_file(&out, name, 0, 0), QM_E_TOO_LARGE);
    assert_int_equal(out.len, 0);
    name[100] = '\0';
    assert_int_equal(qm_tar_file(&out, name, (INT64_C(1) << 33) - 1, 0), QM_OK);
    assert_memory_equal(out.p + 124, "77777777777", 12);
    assert_int_equal(qm_tar_file(&out, "x", INT64_C(1) << 33, 0), QM_E_TOO_LARGE);
    assert_int_equal(qm_tar_file(&out, "x", -1, 0), QM_E_TOO_LARGE);
    assert_int_equal(qm_tar_file(&out, "x", 0, -1), QM_E_TOO_LARGE);
    qm_buf_free(&out);
}

static void files_are_padded_to_blocks(void **state)
{
    static const size_t padded[][2] = {{0, 0}, {1, 511}, {511, 1}, {512, 0}, {513, 511}};
    struct qm_buf out;
    (void)state;
    for (size_t i = 0; i < sizeof padded / sizeof *padded; i++) {
        qm_buf_init(&out, 4096);
        assert_int_equal(qm_tar_pad(&out, (int64_t)padded[i][0]), QM_OK);
        assert_int_equal(out.len, padded[i][1]);
        qm_buf_free(&out);
    }
    qm_buf_init(&out, 4096);
    assert_int_equal(qm_tar_end(&out), QM_OK);
    assert_int_equal(out.len, 2 * QM_TAR_BLOCK);
    qm_buf_free(&out);
    qm_buf_init(&out, 100);
    assert_int_equal(qm_tar_end(&out), QM_E_TOO_LARGE);
    qm_buf_free(&out);
}

static void tile_names_are_read_as_they_were_written(void **state)
{
    static const int64_t numbers[] = {0,       1,         255,          999,
                                      1000,    1001,      999999,       1000000,
                                      1234067, 999999999, 999999999999, 1000000000000};
    static const int widths[] = {1, 9, 255, 256};
    char path[QM_TILE_PATH_BYTES];
    (void)state;
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        for (size_t k = 0; k < sizeof widths / sizeof *widths; k++) {
            int64_t n = -1;
            int width = -1;
            qm_tile_path_write(numbers[i], widths[k], path);
            assert_int_equal(qm_tile_path_read(path, &n, &width), QM_OK);
            assert_int_equal(n, numbers[i]);
            assert_int_equal(width, widths[k]);
        }
    }
    qm_tile_path_write(1234067, 256, path);
    assert_string_equal(path, "x001/x234/067");
    qm_tile_path_write(67, 5, path);
    assert_string_equal(path, "067.p/5");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_header_is_ustar),
        cmocka_unit_test(what_has_no_room_is_refused),
        cmocka_unit_test(files_are_padded_to_blocks),
        cmocka_unit_test(tile_names_are_read_as_they_were_written),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
