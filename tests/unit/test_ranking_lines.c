/* The lines of a roster: their bytes, their order whatever the order of the rows, rows that are
 * none, and what happens without memory or room. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "domain/ranking_lines.h"
#include "memory_fixture.h"

enum { MANY = 20000, LINE_BYTES = 64 };

static void id_of(const char *name, uint8_t id[QM_ID_BYTES])
{
    assert_int_equal(qm_pseudonym_read(name, strlen(name), id), QM_OK);
}

static qm_err add(struct qm_ranking_lines *s, const char *name, int64_t grid, const char *status,
                  const char *merged)
{
    uint8_t id[QM_ID_BYTES], into[QM_ID_BYTES];
    struct qm_line_row row = {.id = id, .grid = grid, .status = status};
    id_of(name, id);
    if (merged != NULL) {
        id_of(merged, into);
        row.merged = into;
    }
    return qm_ranking_lines_add(s, &row);
}

/* All lines that are left, in one text of the caller's. */
static char *all(struct qm_ranking_lines *s, const char *kind)
{
    struct qm_buf b;
    const char *text = NULL;
    size_t len = 1;
    qm_buf_init(&b, 64U << 20);
    while (len > 0) {
        assert_int_equal(qm_ranking_lines_next(s, kind, &text, &len), QM_OK);
        assert_true(len == 0 || text[len - 1] == '\n');
        assert_int_equal(qm_buf_add(&b, text, len), QM_OK);
    }
    assert_int_equal(qm_buf_add(&b, "", 1), QM_OK);
    return (char *)b.p;
}

static void lines_are_those_of_the_contract(void **state)
{
    struct qm_ranking_lines s;
    (void)state;
    assert_int_equal(qm_ranking_lines_begin(&s), QM_OK);
    assert_int_equal(add(&s, "zwN5FqXIVXT7T-Os6zNFFw", 140522110204001, "counted", NULL), QM_OK);
    assert_int_equal(add(&s, "_wN5FqXIVXT7T-Os6zNFFw", 7, "unknown_age", NULL), QM_OK);
    assert_int_equal(add(&s, "-wN5FqXIVXT7T-Os6zNFFw", 0, NULL, "zwN5FqXIVXT7T-Os6zNFFw"), QM_OK);
    char *text = all(&s, "household");
    assert_string_equal(
        text, "household -wN5FqXIVXT7T-Os6zNFFw 000000000000000 merged:zwN5FqXIVXT7T-Os6zNFFw\n"
              "household _wN5FqXIVXT7T-Os6zNFFw 000000000000007 unknown_age\n"
              "household zwN5FqXIVXT7T-Os6zNFFw 140522110204001 counted\n");
    free(text);
    qm_ranking_lines_end(&s);
}

/* Pseudonyms that differ late, so that no integer of their first characters tells them apart. */
static void a_tie_is_broken_by_the_last_character(void **state)
{
    static const char *const names[] = {"aaaaaaaaaaaaaaaaaaaaaw", "aaaaaaaaaaaaaaaaaaaa-A",
                                        "aaaaaaaaaaaaaaaaaaaaaA", "aaaaaaaaaaaaaaaaaaaa_A",
                                        "aaaaaaaaaaaaaaaaaaaa9Q", "aaaaaaaaaaaaaaaaaaaaZg"};
    static const char *const sorted[] = {"aaaaaaaaaaaaaaaaaaaa-A", "aaaaaaaaaaaaaaaaaaaa9Q",
                                         "aaaaaaaaaaaaaaaaaaaaZg", "aaaaaaaaaaaaaaaaaaaa_A",
                                         "aaaaaaaaaaaaaaaaaaaaaA", "aaaaaaaaaaaaaaaaaaaaaw"};
    struct qm_ranking_lines s;
    (void)state;
    assert_int_equal(qm_ranking_lines_begin(&s), QM_OK);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        assert_int_equal(add(&s, names[i], 1, "gone", NULL), QM_OK);
    char *text = all(&s, "resident"), *at = text;
    for (size_t i = 0; i < sizeof sorted / sizeof *sorted; i++) {
        char line[LINE_BYTES];
        snprintf(line, sizeof line, "resident %s 000000000000001 gone\n", sorted[i]);
        assert_memory_equal(at, line, strlen(line));
        at += strlen(line);
    }
    assert_int_equal(*at, '\0');
    free(text);
    qm_ranking_lines_end(&s);
}

static int text_order(const void *a, const void *b)
{
    return strcmp(a, b);
}

/* Ids from a fixed sequence; statuses by turns. */
static void row_make(uint64_t *seed, size_t i, uint8_t id[QM_ID_BYTES], struct qm_line_row *row)
{
    static const char *const statuses[] = {"counted", "away", "vacant", "gone",
                                           "other",   "age",  "dead",   "unknown_age"};
    for (size_t k = 0; k < QM_ID_BYTES; k++) {
        *seed = *seed * UINT64_C(6364136223846793005) + 1442695040888963407U;
        id[k] = (uint8_t)(*seed >> 56);
    }
    *row = (struct qm_line_row){.id = id, .grid = 140522110204001, .status = statuses[i % 8]};
}

/* More rows than the blocks in memory take, against a plain sort of the finished lines; twice, so
 * that what the first kind left behind would show. */
static void many_rows_come_out_sorted(void **state)
{
    char(*model)[LINE_BYTES] = calloc(MANY, sizeof *model);
    struct qm_ranking_lines s;
    uint64_t seed = 20261122;
    (void)state;
    assert_non_null(model);
    assert_int_equal(qm_ranking_lines_begin(&s), QM_OK);
    for (int round = 0; round < 2; round++) {
        size_t rows = round == 0 ? MANY : 100;
        for (size_t i = 0; i < rows; i++) {
            uint8_t id[QM_ID_BYTES];
            char name[QM_PSEUDONYM_CHARS + 1];
            struct qm_line_row row;
            row_make(&seed, i, id, &row);
            qm_pseudonym_write(id, name);
            snprintf(model[i], LINE_BYTES, "resident %s %015lld %s\n", name, (long long)row.grid,
                     row.status);
            assert_int_equal(qm_ranking_lines_add(&s, &row), QM_OK);
        }
        qsort(model, rows, sizeof *model, text_order);
        char *text = all(&s, "resident"), *at = text;
        for (size_t i = 0; i < rows; i++) {
            assert_memory_equal(at, model[i], strlen(model[i]));
            at += strlen(model[i]);
        }
        assert_int_equal(*at, '\0');
        free(text);
        qm_ranking_lines_again(&s);
    }
    qm_ranking_lines_end(&s);
    free(model);
}

static void nothing_has_no_lines(void **state)
{
    struct qm_ranking_lines s;
    (void)state;
    assert_int_equal(qm_ranking_lines_begin(&s), QM_OK);
    char *text = all(&s, "household");
    assert_string_equal(text, "");
    free(text);
    qm_ranking_lines_end(&s);
}

static void rows_that_are_none_are_refused(void **state)
{
    static const char name[] = "zwN5FqXIVXT7T-Os6zNFFw";
    struct qm_ranking_lines s;
    (void)state;
    assert_int_equal(qm_ranking_lines_begin(&s), QM_OK);
    assert_int_equal(add(&s, name, -1, "counted", NULL), QM_E_CORRUPT);
    assert_int_equal(add(&s, name, 1000000000000000, "counted", NULL), QM_E_CORRUPT);
    assert_int_equal(add(&s, name, 999999999999999, "counted", NULL), QM_OK);
    assert_int_equal(add(&s, name, 1, "merged", NULL), QM_E_CORRUPT);
    assert_int_equal(add(&s, name, 1, "", NULL), QM_E_CORRUPT);
    assert_int_equal(add(&s, name, 1, "counted\n", NULL), QM_E_CORRUPT);
    assert_int_equal(add(&s, name, 1, NULL, NULL), QM_E_CORRUPT);
    assert_int_equal(add(&s, name, 1, "counted", name), QM_E_CORRUPT);
    qm_ranking_lines_end(&s);
}

/* Enough rows for the file and its list of blocks. */
static bool work(void)
{
    struct qm_ranking_lines s;
    uint64_t seed = 7;
    const char *text = NULL;
    size_t len = 1;
    qm_err err = qm_ranking_lines_begin(&s);
    for (size_t i = 0; err == QM_OK && i < MANY / 2; i++) {
        uint8_t id[QM_ID_BYTES];
        struct qm_line_row row;
        row_make(&seed, i, id, &row);
        err = qm_ranking_lines_add(&s, &row);
    }
    while (err == QM_OK && len > 0)
        err = qm_ranking_lines_next(&s, "resident", &text, &len);
    qm_ranking_lines_end(&s);
    assert_true(err == QM_OK || err == QM_E_NOMEM);
    return err == QM_OK;
}

static void no_memory_is_said(void **state)
{
    (void)state;
    memory_each_fails(work);
}

/* A file that may not grow, as on a disk that is full. */
static void no_room_is_said(void **state)
{
    struct qm_ranking_lines s;
    struct rlimit before, none = {0};
    uint64_t seed = 7;
    qm_err err = QM_OK;
    (void)state;
    assert_int_equal(qm_ranking_lines_begin(&s), QM_OK);
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
    none.rlim_max = before.rlim_max;
    void (*old)(int) = signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &none), 0);
    for (size_t i = 0; err == QM_OK && i < MANY; i++) {
        uint8_t id[QM_ID_BYTES];
        struct qm_line_row row;
        row_make(&seed, i, id, &row);
        err = qm_ranking_lines_add(&s, &row);
    }
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
    signal(SIGXFSZ, old);
    assert_int_equal(err, QM_E_IO);
    qm_ranking_lines_end(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines_are_those_of_the_contract),
        cmocka_unit_test(a_tie_is_broken_by_the_last_character),
        cmocka_unit_test(many_rows_come_out_sorted),
        cmocka_unit_test(nothing_has_no_lines),
        cmocka_unit_test(rows_that_are_none_are_refused),
        cmocka_unit_test(no_memory_is_said),
        cmocka_unit_test(no_room_is_said),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
