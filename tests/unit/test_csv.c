/* test_csv.c - the strict CSV reader and the list of faults. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "edge/csv.h"

static const struct qm_csv_column columns[] = {{"a", true}, {"b", true}, {"c", false}};

/* All rows as "a|b|c@line;", then what the faults say. */
static void read_text(const char *text, size_t len, char *rows, char *faults, size_t max)
{
    struct qm_faults f;
    struct qm_csv *csv = NULL;
    struct qm_csv_row row;
    char *copy = malloc(len + 1); /* exactly as long, so that reading behind it shows */
    struct qm_buf said;
    rows[0] = faults[0] = '\0';
    memcpy(copy, text, len);
    copy = realloc(copy, len > 0 ? len : 1);
    assert_non_null(copy);
    qm_faults_init(&f);
    qm_buf_init(&said, 1 << 20);
    if (qm_csv_open(copy, len, columns, 3, &f, &csv) == QM_OK) {
        while (qm_csv_next(csv, &row)) {
            size_t at = strlen(rows);
            snprintf(rows + at, max - at, "%s|%s|%s@%lld;", row.cell[0], row.cell[1], row.cell[2],
                     (long long)row.line);
        }
        qm_csv_free(csv);
    } else {
        assert_int_not_equal(f.n, 0);
    }
    qm_faults_sort(&f);
    assert_int_equal(qm_faults_text(&f, &said), QM_OK);
    snprintf(faults, max, "%s", said.p != NULL ? (const char *)said.p : "");
    qm_buf_free(&said);
    qm_faults_free(&f);
    free(copy);
}

static void gives(const char *text, const char *rows)
{
    char got[4096], faults[4096];
    read_text(text, strlen(text), got, faults, sizeof got);
    assert_string_equal(faults, "");
    assert_string_equal(got, rows);
}

/* needle: what one of the faults says, with its line. */
static void faulty(const char *text, size_t len, const char *rows, const char *needle)
{
    char got[4096], faults[4096];
    read_text(text, len, got, faults, sizeof got);
    if (strstr(faults, needle) == NULL)
        fail_msg("\"%s\" does not say \"%s\"", faults, needle);
    assert_string_equal(got, rows);
}
#define FAULTY(text, rows, needle) faulty(text, sizeof(text) - 1, rows, needle)

static void rows_come_in_the_order_of_the_wanted_columns(void **state)
{
    (void)state;
    gives("a,b,c\n1,2,3\n", "1|2|3@2;");
    gives("c,b,a\n3,2,1\n", "1|2|3@2;");
    gives("b,a\n2,1\n", "1|2|@2;");
    gives("\"a\",\"b\"\n1,2", "1|2|@2;");
    gives("\xEF\xBB\xBF"
          "a,b\r\n1,2\r\n3,4\r\n",
          "1|2|@2;3|4|@3;");
    gives("a,b\n", "");
    gives("a,b", "");
}

static void quotes_hold_commas_quotes_and_spaces(void **state)
{
    (void)state;
    gives("a,b\n\"x, \"\"y\"\"\", z \n", "x, \"y\"| z |@2;");
    gives("a,b\n\"\",\"1\"\n", "|1|@2;");
    gives("a,b\n王,\"李\"\n", "王|李|@2;");
}

static void empty_rows_are_passed_over_and_lines_counted(void **state)
{
    (void)state;
    gives("a,b\n\n1,2\n,\n\r\n3,4\n", "1|2|@3;3|4|@6;");
}

static void each_faulty_row_is_named_and_the_others_are_read(void **state)
{
    (void)state;
    FAULTY("a,b\n1,2,3\n4,5\n6\n", "4|5|@3;", "line 2: 3 cells, but the header has 2");
    FAULTY("a,b\n1,2,3\n4,5\n6\n", "4|5|@3;", "line 4: 1 cells");
    FAULTY("a,b\n1\"2,3\n4,5\n", "4|5|@3;", "line 2: a quote inside a cell");
    FAULTY("a,b\n\"1\"2,3\n4,5\n", "4|5|@3;", "line 2: something stands behind a closing quote");
    FAULTY("a,b\n1\r,2\n4,5\n", "4|5|@3;", "line 2: a carriage return without a line feed");
    FAULTY("a,b\n\"x\ny\",2\n4,5\n", "4|5|@4;", "line 2: a: a line break or control character");
    FAULTY("a,b\n1\x01,2\n4,5\n", "4|5|@3;", "line 2: a: a line break or control character");
}

static void a_quote_that_is_never_closed_ends_the_reading(void **state)
{
    (void)state;
    FAULTY("a,b\n1,2\n\"3,4\n5,6\n", "1|2|@2;", "line 3: a quote is opened here and never closed");
    FAULTY("a,b\n1,2\n3,\"", "1|2|@2;", "line 3: a quote is opened here");
}

static void headers_name_known_columns_once_and_all_that_are_needed(void **state)
{
    (void)state;
    FAULTY("", "", "line 1: the file is empty");
    FAULTY("\xEF\xBB\xBF", "", "line 1: the file is empty");
    FAULTY("a\n1\n", "", "line 1: b: the column is missing");
    FAULTY("a,b,a\n1,2,3\n", "", "line 1: a: the column stands twice");
    FAULTY("a,b,d\n1,2,3\n", "", "line 1: d: unknown column; known are a,b,c");
    FAULTY("A,b\n1,2\n", "", "line 1: A: unknown column");
    FAULTY("a;b\n1;2\n", "", "separated by commas");
    FAULTY("a\tb\n1\t2\n", "", "separated by commas");
}

static void other_encodings_are_refused_with_advice(void **state)
{
    (void)state;
    FAULTY("a,b\n\xd5\xc5\xc8\xfd,\xc0\xee\n", "", "line 2: the file is not UTF-8 but GB18030");
    FAULTY("a,b\n\x81\x30\x81\x30,x\n", "", "GB18030");
    FAULTY("a,b\n1,2\n\xc3\x28,x\n", "", "line 3: ");
    FAULTY("a,b\n\xff\x01,x\n", "", "line 2: not UTF-8 text");
    FAULTY("\xff\xfe"
           "a\0,\0b\0",
           "", "UTF-16");
    FAULTY("PK\x03\x04zip", "", "workbook");
    FAULTY("a,b\n1\0,2\n", "", "line 2: not UTF-8 text");
    /* A surrogate and an overlong form are no UTF-8 either. */
    FAULTY("a,b\n\xed\xa0\x80,x\n", "", "line 2: ");
    FAULTY("a,b\n\xc0\xaf,x\n", "", "line 2: ");
}

/* "a,b" LF, then n times c, then rest. */
static void long_text(struct qm_buf *out, char c, size_t n, const char *rest)
{
    qm_buf_init(out, 1 << 20);
    qm_buf_puts(out, "a,b\n");
    for (size_t i = 0; i < n; i++)
        qm_buf_add(out, &c, 1);
    assert_int_equal(qm_buf_puts(out, rest), QM_OK);
}

static void the_longest_cell_is_read_whole(void **state)
{
    struct qm_buf text;
    struct qm_csv *csv = NULL;
    struct qm_csv_row row;
    struct qm_faults f;
    (void)state;
    qm_faults_init(&f);
    long_text(&text, 'x', QM_CSV_CELL_MAX_BYTES, ",y\n");
    assert_int_equal(qm_csv_open((const char *)text.p, text.len, columns, 3, &f, &csv), QM_OK);
    assert_true(qm_csv_next(csv, &row));
    assert_int_equal(strlen(row.cell[0]), QM_CSV_CELL_MAX_BYTES);
    assert_false(qm_csv_next(csv, &row));
    assert_int_equal(f.n, 0);
    qm_csv_free(csv);
    qm_faults_free(&f);
    qm_buf_free(&text);
}

static void long_cells_and_rows_are_faults_and_not_cut(void **state)
{
    struct qm_buf text;
    (void)state;
    long_text(&text, 'x', QM_CSV_CELL_MAX_BYTES + 1, ",y\n1,2\n");
    faulty((const char *)text.p, text.len, "1|2|@3;", "line 2: a: longer than");
    qm_buf_free(&text);
    long_text(&text, 'x', 100000, "");
    faulty((const char *)text.p, text.len, "", "line 2: the row is too long");
    qm_buf_free(&text);
    long_text(&text, ',', 300, "\n1,2\n");
    faulty((const char *)text.p, text.len, "1|2|@3;", "line 2: more than 64 cells");
    qm_buf_free(&text);
}

/* Whatever comes in, nothing is read behind the end and every byte is looked at once. */
static void hostile_bytes_do_no_harm(void **state)
{
    static const char alphabet[] = "ab,,\"\"\n\r\n\x80\xe7\x8e\x8b;\t";
    char text[64] = "a,b\n";
    char rows[4096], faults[65536];
    unsigned seed = 7;
    (void)state;
    for (int round = 0; round < 20000; round++) {
        size_t len = 4 + (size_t)(round % 40);
        for (size_t i = 4; i < len; i++) {
            seed = seed * 1103515245u + 12345u;
            text[i] = alphabet[(seed >> 16) % (sizeof alphabet - 1)];
        }
        read_text(text, len, rows, faults, sizeof rows);
    }
}

static void cells_are_written_so_that_they_are_read_back(void **state)
{
    static const char *const cells[] = {"", "x", "a,b", "say \"hi\"", "王, \"李\"", " "};
    (void)state;
    for (size_t i = 0; i < sizeof cells / sizeof cells[0]; i++) {
        struct qm_buf out;
        char want[200], rows[400], faults[400];
        qm_buf_init(&out, 1000);
        qm_buf_puts(&out, "a,b\n1,");
        qm_csv_cell(&out, cells[i]);
        snprintf(want, sizeof want, "1|%s|@2;", cells[i]);
        read_text((const char *)out.p, out.len, rows, faults, sizeof rows);
        assert_string_equal(faults, "");
        assert_string_equal(rows, want);
        qm_buf_free(&out);
    }
}

static void faults_are_sorted_by_line_and_printable(void **state)
{
    struct qm_faults f;
    struct qm_buf text, json;
    (void)state;
    qm_faults_init(&f);
    qm_buf_init(&text, 10000);
    qm_buf_init(&json, 10000);
    qm_fault_add(&f, 9, "b", "nine %d", 1);
    qm_fault_add(&f, 2, "a", "x\x1b[31m\ny \"q\"");
    qm_fault_add(&f, 9, "a", "nine 2");
    qm_fault_add(&f, 0, "", "all");
    qm_faults_sort(&f);
    assert_int_equal(qm_faults_text(&f, &text), QM_OK);
    assert_string_equal((const char *)text.p,
                        "all\nline 2: a: x?[31m?y \"q\"\nline 9: b: nine 1\nline 9: a: nine 2\n");
    assert_int_equal(qm_faults_json(&f, &json), QM_OK);
    assert_non_null(
        strstr((const char *)json.p, "{\"line\":9,\"where\":\"b\",\"fault\":\"nine 1\"}"));
    qm_buf_free(&text);
    qm_buf_free(&json);
    qm_faults_free(&f);
}

static void faults_above_the_cap_are_counted(void **state)
{
    struct qm_faults f;
    struct qm_buf text;
    (void)state;
    qm_faults_init(&f);
    qm_buf_init(&text, 16 << 20);
    for (int i = 0; i < QM_FAULTS_KEPT_MAX + 5; i++)
        qm_fault_add(&f, i, "", "x");
    assert_int_equal(f.n, QM_FAULTS_KEPT_MAX + 5);
    assert_int_equal(f.kept, QM_FAULTS_KEPT_MAX);
    assert_int_equal(qm_faults_text(&f, &text), QM_OK);
    assert_non_null(strstr((const char *)text.p + text.len - 20, "and 5 more\n"));
    qm_buf_free(&text);
    qm_faults_free(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_come_in_the_order_of_the_wanted_columns),
        cmocka_unit_test(quotes_hold_commas_quotes_and_spaces),
        cmocka_unit_test(empty_rows_are_passed_over_and_lines_counted),
        cmocka_unit_test(each_faulty_row_is_named_and_the_others_are_read),
        cmocka_unit_test(a_quote_that_is_never_closed_ends_the_reading),
        cmocka_unit_test(headers_name_known_columns_once_and_all_that_are_needed),
        cmocka_unit_test(other_encodings_are_refused_with_advice),
        cmocka_unit_test(the_longest_cell_is_read_whole),
        cmocka_unit_test(long_cells_and_rows_are_faults_and_not_cut),
        cmocka_unit_test(hostile_bytes_do_no_harm),
        cmocka_unit_test(cells_are_written_so_that_they_are_read_back),
        cmocka_unit_test(faults_are_sorted_by_line_and_printable),
        cmocka_unit_test(faults_above_the_cap_are_counted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
