/* What the office's preview says of each number: its reasons add up to the difference from the
 * bulletin before, always, and a denominator is marked from the first one above five percent.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <jansson.h>
#include <string.h>

#include "bulletin_fixture.h"
#include "edge/bulletin_json.h"

enum { VILLAGES = 6, ROUNDS = 200, COUNT_MAX = 4000, ANSWER_MAX_BYTES = 1 << 20 };

static json_t *preview_of(const struct qm_bulletin *b)
{
    struct qm_buf out;
    json_error_t why;
    qm_buf_init(&out, ANSWER_MAX_BYTES);
    assert_int_equal(qm_bulletin_json(b, &out), QM_OK);
    json_t *j = json_loadb((const char *)out.p, out.len, JSON_REJECT_DUPLICATES, &why);
    assert_non_null(j);
    qm_buf_free(&out);
    return j;
}

static void bulletin_open(struct qm_bulletin *b)
{
    enum { LISTS = 4 };
    struct qm_buf *const lists[LISTS] = {&b->signoffs, &b->proposals, &b->seals, &b->silent};
    memset(b, 0, sizeof *b);
    fixture_draft(&b->doc, VILLAGES);
    b->is.replaces = -1;
    for (size_t i = 0; i < LISTS; i++) {
        qm_buf_init(lists[i], ANSWER_MAX_BYTES);
        qm_buf_puts(lists[i], "[]");
    }
}

static void bulletin_close(struct qm_bulletin *b)
{
    qm_buf_free(&b->signoffs);
    qm_buf_free(&b->proposals);
    qm_buf_free(&b->seals);
    qm_buf_free(&b->silent);
    qm_bulletin_doc_free(&b->doc);
}

static int64_t number(const json_t *cell, const char *name)
{
    const json_t *n = json_object_get(cell, name);
    assert_true(json_is_integer(n));
    return json_integer_value(n);
}

static int64_t some(uint64_t *random, int64_t max)
{
    *random = *random * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (int64_t)((*random >> 33) % (uint64_t)(max + 1));
}

/* Figures of a week, as a freeze finds them: what is new may be negative, by a decision. */
static void fill(struct qm_bulletin *b, uint64_t *random)
{
    for (size_t i = 0; i < b->doc.rows_n; i++) {
        for (size_t k = 0; k < b->doc.rule.metrics_n; k++) {
            struct qm_rank_cell *x = &b->doc.rows[i].rank.m[k];
            x->num_before = some(random, COUNT_MAX);
            x->fresh = some(random, 200) - 50;
            x->late = some(random, 20);
            x->carried = some(random, 30);
            x->num = some(random, COUNT_MAX);
            x->den = some(random, COUNT_MAX);
            x->den_before = some(random, 3) > 0 ? some(random, COUNT_MAX) : x->den;
        }
    }
    qm_bulletin_doc_sum(&b->doc);
}

static void expect_adds_up(const json_t *cells)
{
    size_t i = 0;
    const json_t *cell = NULL;
    assert_true(json_array_size(cells) > 0);
    json_array_foreach(cells, i, cell)
    {
        int64_t den = number(cell, "den"), before = number(cell, "den_before");
        int64_t moved = den > before ? den - before : before - den;
        assert_int_equal(number(cell, "new") + number(cell, "carried") + number(cell, "register"),
                         number(cell, "num") - number(cell, "num_before"));
        assert_int_equal(json_is_true(json_object_get(cell, "marked")),
                         before > 0 && 100 * moved > 5 * before);
    }
}

static void test_reasons_add_up(void **state)
{
    struct qm_bulletin b;
    uint64_t random = 20261122;
    (void)state;
    bulletin_open(&b);
    for (int round = 0; round < ROUNDS; round++) {
        size_t i = 0;
        const json_t *row = NULL;
        fill(&b, &random);
        json_t *j = preview_of(&b);
        assert_int_equal(json_array_size(json_object_get(j, "rows")), VILLAGES);
        json_array_foreach(json_object_get(j, "rows"), i, row)
        {
            expect_adds_up(json_object_get(row, "cells"));
        }
        expect_adds_up(json_object_get(json_object_get(j, "totals"), "cells"));
        json_decref(j);
    }
    bulletin_close(&b);
}

static bool marked(struct qm_bulletin *b, int64_t den_before, int64_t den)
{
    struct qm_rank_cell *x = &b->doc.rows[0].rank.m[0];
    x->den_before = den_before;
    x->den = den;
    json_t *j = preview_of(b);
    const json_t *row = json_array_get(json_object_get(j, "rows"), 0);
    const json_t *cell = json_array_get(json_object_get(row, "cells"), 0);
    assert_int_equal(number(cell, "den"), den);
    bool is = json_is_true(json_object_get(cell, "marked"));
    json_decref(j);
    return is;
}

static void test_mark(void **state)
{
    struct qm_bulletin b;
    (void)state;
    bulletin_open(&b);
    assert_false(marked(&b, 1000, 1000));
    assert_false(marked(&b, 1000, 1050)); /* five percent is not more than five */
    assert_true(marked(&b, 1000, 1051));
    assert_false(marked(&b, 1000, 950));
    assert_true(marked(&b, 1000, 949));
    assert_true(marked(&b, 19, 20));
    assert_false(marked(&b, 20, 21));
    assert_true(marked(&b, 5, 0));
    assert_false(marked(&b, 0, 500)); /* nothing to compare with */
    bulletin_close(&b);
}

/* A figure from elsewhere has no reasons in the register, and no denominator. */
static void test_imported(void **state)
{
    struct qm_bulletin b;
    (void)state;
    bulletin_open(&b);
    struct qm_rule_metric *m = &b.doc.rule.metrics[0];
    struct qm_rank_cell *x = &b.doc.rows[0].rank.m[0];
    m->imported = true;
    memcpy(m->name, "cases", sizeof "cases");
    *x = (struct qm_rank_cell){.num = 7, .den = 1, .num_before = 2, .den_before = 40};
    json_t *j = preview_of(&b);
    const json_t *row = json_array_get(json_object_get(j, "rows"), 0);
    const json_t *cell = json_array_get(json_object_get(row, "cells"), 0);
    assert_int_equal(number(cell, "num") - number(cell, "num_before"), 5);
    assert_int_equal(number(cell, "register"), 0);
    assert_true(json_is_false(json_object_get(cell, "marked")));
    json_decref(j);
    bulletin_close(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_reasons_add_up),
        cmocka_unit_test(test_mark),
        cmocka_unit_test(test_imported),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
