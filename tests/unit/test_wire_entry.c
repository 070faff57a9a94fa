/* Log entries and verdict lines: each type with its own headers, in their one order. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "wire/lines.h"
#include "wire/receipt.h"

static qm_err read_entry(const char *t)
{
    struct qm_entry e;
    return qm_entry_read(t, strlen(t), &e);
}

static void good_entries_are_read(void **state)
{
    static const char *const good[] = {
        "batch/v1\nrecv 1\n\nnote\n",
        "batch/v1\nrecv 1\n0 reject schema\n1 dup 7\n\nnote\n",
        "device/v1\nrecv 1\nby A0001\naccount W0123\nkey hard\n\nnote\n",
        "device/v1\nrecv 1\nby W0123\naccount W0123\nkey soft\n\nnote\n",
        "revoke/v1\nrecv 1\nby A0001\n\nqm/d/x\nlost 1\n",
        "blob/v1\nrecv 0\n\nhash\n",
        "decide/v1\nrecv 1\nby A0001\n\nin id code\n",
        "erase/v1\nrecv 1\nby A0001\n\nid\n",
        "config/v1\nrecv 1\nby A0001\n\nkey k\n",
        "signoff/v1\nrecv 1\nby A0001\nscope 140522110204\n\nperiod 2025-W36\n",
        "roster/v1\nrecv 1\nby A0001\nscope 140522110\n\nperiod 2025-W36\n",
        "bulletin/v1\nrecv 1\nby A0002\nprepared A0001\nscope 140522\n\n2025-W36\n",
        "bulletin/v1\nrecv 1\nby A0002\nprepared A0001\nscope 140522\nreplaces 6\n\n2025-W36\n"};
    (void)state;
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        if (read_entry(good[i]) != QM_OK)
            fail_msg("refused: %s", good[i]);
    }
}

static void other_entries_are_refused(void **state)
{
    static const char *const bad[] = {
        "",
        "\n",
        "batch/v1",
        "batch/v1\n",
        "batch/v1\nrecv 1\n",
        "batch/v1\nrecv 1\n\n",
        "batch/v1\nrecv 1\nnote\n",
        "batch/v1\nrecv 1\n\nnote",
        "batch/v2\nrecv 1\n\nnote\n",
        "Batch/v1\nrecv 1\n\nnote\n",
        "batch/v1 \nrecv 1\n\nnote\n",
        "batch/v1\r\nrecv 1\n\nnote\n",
        "batch/v1\nrecv 01\n\nnote\n",
        "batch/v1\nrecv +1\n\nnote\n",
        "batch/v1\nrecv \n\nnote\n",
        "batch/v1\nrecv 1 \n\nnote\n",
        "batch/v1\nRecv 1\n\nnote\n",
        "batch/v1\nrecv 9007199254740992\n\nnote\n",
        "batch/v1\nrecv 1\nby A0001\n\nnote\n",
        "batch/v1\nrecv 1\n\nno\tte\n",
        "batch/v1\nrecv 1\n\n\xFF\n",
        "blob/v1\nrecv 1\n0 reject schema\n\nhash\n",
        "device/v1\nrecv 1\nby A0001\naccount W0123\n\nnote\n",
        "device/v1\nrecv 1\naccount W0123\nby A0001\nkey hard\n\nnote\n",
        "device/v1\nrecv 1\nby A0001\naccount W0123\nkey firm\n\nnote\n",
        "device/v1\nrecv 1\nby A0001\nby A0001\naccount W0123\nkey hard\n\nnote\n",
        "device/v1\nrecv 1\nby a0001\naccount W0123\nkey hard\n\nnote\n",
        "device/v1\nrecv 1\nby A0001\naccount W0123\nkey hard\nscope 140522\n\nnote\n",
        "revoke/v1\nrecv 1\n\nqm/d/x\n",
        "roster/v1\nrecv 1\nby A0001\n\nperiod\n",
        "roster/v1\nrecv 1\nby A0001\nscope 1405221\n\nperiod\n",
        "roster/v1\nrecv 1\nby A0001\nscope 14052211a\n\nperiod\n",
        "roster/v1\nrecv 1\nby A0001\nscope 140522\nreplaces 1\n\nperiod\n",
        "bulletin/v1\nrecv 1\nby A0002\nscope 140522\n\n2025-W36\n",
        "bulletin/v1\nrecv 1\nby A0002\nprepared A0001\nscope 140522\nreplaces 06\n\n2025-W36\n",
        "bulletin/v1\nrecv 1\nby A0002\nprepared A0001\nreplaces 6\nscope 140522\n\n2025-W36\n",
        "bulletin/v1\nrecv 1\nby A0002\nprepared A0001\nscope 140522\nunknown 1\n\n2025-W36\n"};
    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        if (read_entry(bad[i]) != QM_E_MALFORMED)
            fail_msg("taken: %s", bad[i]);
    }
}

static void parts_point_into_the_text(void **state)
{
    static const char t[] = "bulletin/v1\nrecv 17\nby A0002\nprepared A0001\nscope 140522110\n"
                            "replaces 6\n\n2025-W36\nfrom 0\n";
    struct qm_entry e;
    (void)state;
    assert_int_equal(qm_entry_read(t, strlen(t), &e), QM_OK);
    assert_int_equal(e.type, QM_ENTRY_BULLETIN);
    assert_int_equal(e.recv_ms, 17);
    assert_memory_equal(e.by.p, "A0002", e.by.len);
    assert_memory_equal(e.prepared.p, "A0001", e.prepared.len);
    assert_memory_equal(e.scope.p, "140522110", e.scope.len);
    assert_memory_equal(e.replaces.p, "6", e.replaces.len);
    assert_null(e.account.p);
    assert_null(e.key.p);
    assert_int_equal(e.payload.len, strlen("2025-W36\nfrom 0\n"));
    assert_ptr_equal(e.payload.p + e.payload.len, t + strlen(t));
}

static void an_entry_has_at_most_65535_bytes(void **state)
{
    static const char head[] = "blob/v1\nrecv 1\n\n";
    struct qm_entry e;
    char *t = malloc(QM_ENTRY_MAX_BYTES + 1);
    (void)state;
    assert_non_null(t);
    memset(t, 'a', QM_ENTRY_MAX_BYTES + 1);
    memcpy(t, head, sizeof head - 1);
    t[QM_ENTRY_MAX_BYTES - 1] = t[QM_ENTRY_MAX_BYTES] = '\n';
    assert_int_equal(qm_entry_read(t, QM_ENTRY_MAX_BYTES, &e), QM_OK);
    assert_int_equal(qm_entry_read(t, QM_ENTRY_MAX_BYTES + 1, &e), QM_E_MALFORMED);
    free(t);
}

/* ---- verdicts ---- */

static qm_err read_verdicts(const char *t, size_t n, struct qm_verdict *out)
{
    return qm_verdicts_read((struct qm_text){t, strlen(t)}, n, out);
}

static void verdicts_are_spread_over_the_events(void **state)
{
    struct qm_verdict v[8];
    (void)state;
    assert_int_equal(read_verdicts("", 8, v), QM_OK);
    for (size_t i = 0; i < 8; i++)
        assert_int_equal(v[i].kind, QM_V_ACCEPT);
    assert_int_equal(read_verdicts("0 reject private\n2 dup 9223372036854775807\n3 hold moved\n"
                                   "5 flag future,late,unknown,seq\n7 flag seq\n",
                                   8, v),
                     QM_OK);
    assert_int_equal(v[0].kind, QM_V_REJECT);
    assert_string_equal(v[0].code, "private");
    assert_int_equal(v[1].kind, QM_V_ACCEPT);
    assert_int_equal(v[2].kind, QM_V_DUP);
    assert_true(v[2].dup_index == INT64_MAX);
    assert_int_equal(v[3].kind, QM_V_HOLD);
    assert_string_equal(v[3].code, "moved");
    assert_int_equal(v[5].kind, QM_V_FLAG);
    assert_int_equal(v[5].flags, QM_FLAG_FUTURE | QM_FLAG_LATE | QM_FLAG_UNKNOWN | QM_FLAG_SEQ);
    assert_int_equal(v[7].flags, QM_FLAG_SEQ);
}

static void every_code_of_the_grammar_is_known(void **state)
{
    static const char *const lines[] = {
        "0 reject schema\n",   "0 reject private\n",   "0 reject county\n", "0 reject conflict\n",
        "0 hold revoked\n",    "0 hold scope\n",       "0 hold moved\n",    "0 dup 0\n",
        "0 flag future\n",     "0 flag late\n",        "0 flag unknown\n",  "0 flag seq\n",
        "0 flag future,seq\n", "0 flag late,unknown\n"};
    struct qm_verdict v[1];
    (void)state;
    for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++)
        assert_int_equal(read_verdicts(lines[i], 1, v), QM_OK);
}

static void other_lines_are_refused(void **state)
{
    static const char *const bad[] = {"0",
                                      "0\n",
                                      "0 \n",
                                      "0 reject\n",
                                      "0 reject \n",
                                      "0 reject schema",
                                      "0 reject schema \n",
                                      "0  reject schema\n",
                                      " 0 reject schema\n",
                                      "00 reject schema\n",
                                      "+0 reject schema\n",
                                      "8 reject schema\n",
                                      "-1 reject schema\n",
                                      "18446744073709551616 reject schema\n",
                                      "x reject schema\n",
                                      "0 reject moved\n",
                                      "0 reject Schema\n",
                                      "0 hold schema\n",
                                      "0 hold\n",
                                      "0 dup\n",
                                      "0 dup 01\n",
                                      "0 dup -1\n",
                                      "0 dup 9223372036854775808\n",
                                      "0 flag\n",
                                      "0 flag \n",
                                      "0 flag seq,\n",
                                      "0 flag ,seq\n",
                                      "0 flag seq,future\n",
                                      "0 flag seq,seq\n",
                                      "0 flag late, seq\n",
                                      "0 flag new\n",
                                      "0 accept\n",
                                      "0 accept x\n",
                                      "1 reject schema\n0 reject schema\n",
                                      "1 reject schema\n1 reject schema\n",
                                      "0 reject schema\n\n",
                                      "\n0 reject schema\n",
                                      "0 reject schema\r\n"};
    struct qm_verdict v[8];
    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        if (read_verdicts(bad[i], 8, v) != QM_E_MALFORMED)
            fail_msg("taken: %s", bad[i]);
    }
}

static void lines_and_words_are_taken_in_place(void **state)
{
    static const char text[] = "one\n\ntwo words\nno end";
    struct qm_lines c = {text, text + sizeof text - 1};
    struct qm_text line, word;
    (void)state;
    assert_true(qm_line_next(&c, &line) && qm_text_is(line, "one"));
    assert_true(qm_line_next(&c, &line) && line.len == 0);
    assert_true(qm_line_next(&c, &line) && line.p == text + 5);
    assert_false(qm_text_skip(&line, "two words and more"));
    assert_true(qm_text_is(line, "two words"));
    struct qm_lines w = {line.p, line.p + line.len};
    assert_true(qm_word_next(&w, ' ', &word) && qm_text_is(word, "two"));
    assert_true(qm_word_next(&w, ' ', &word) && qm_text_is(word, "words"));
    assert_false(qm_word_next(&w, ' ', &word));
    assert_true(qm_text_skip(&line, "two ") && qm_text_is(line, "words"));
    assert_false(qm_line_next(&c, &line)); /* without its LF it is no line */
    assert_ptr_equal(c.at, text + 15);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines_and_words_are_taken_in_place),
        cmocka_unit_test(good_entries_are_read),
        cmocka_unit_test(other_entries_are_refused),
        cmocka_unit_test(parts_point_into_the_text),
        cmocka_unit_test(an_entry_has_at_most_65535_bytes),
        cmocka_unit_test(verdicts_are_spread_over_the_events),
        cmocka_unit_test(every_code_of_the_grammar_is_known),
        cmocka_unit_test(other_lines_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
