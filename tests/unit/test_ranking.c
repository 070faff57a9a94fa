/* The ranking of a bulletin: the contract's example to the byte, and thousands of random tables
 * against a model that is written in another way: shares as reduced fractions, ranks by counting
 * who is better, no sorting. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "domain/ranking.h"
#include "memory_fixture.h"
#include "wire_fixture.h"

static struct qm_rule rule_of(bool weights, size_t n)
{
    struct qm_rule r = {.level = QM_LEVEL_VILLAGE, .weights = weights, .metrics_n = n};
    for (size_t i = 0; i < n; i++) {
        struct qm_rule_metric *m = &r.metrics[i];
        snprintf(m->name, sizeof m->name, "m%zu", i);
        m->ranked = m->office = m->open = true;
        m->cover = (enum qm_cover)i;
    }
    return r;
}

static struct qm_rank_row row_of(const char *code, int64_t num, int64_t den)
{
    struct qm_rank_row r = {.m[0] = {.num = num, .den = den}};
    snprintf(r.code, sizeof r.code, "%s", code);
    return r;
}

/* ---- the example ---- */

static void the_contracts_example_to_the_byte(void **state)
{
    json_t *vectors = fx_load("protocol-vectors.json");
    struct qm_rule rule = rule_of(false, 2);
    struct qm_rank_row row = row_of("140522110204", 1, 1);
    struct qm_ranking_head head = {.scope = "140522110", .period = "2025-W36", .from = 0, .to = 4};
    struct qm_buf out;
    (void)state;
    snprintf(rule.metrics[0].name, sizeof rule.metrics[0].name, "visited");
    snprintf(rule.metrics[1].name, sizeof rule.metrics[1].name, "app");
    rule.metrics[1].ranked = rule.metrics[1].open = false;
    row.m[0].fresh = 1;
    row.m[1] = row.m[0];
    qm_buf_init(&out, 4096);
    assert_int_equal(qm_ranking_compute(&rule, &row, 1), QM_OK);
    assert_int_equal(qm_ranking_result_write(&rule, &head, &row, 1, false, &out), QM_OK);
    assert_string_equal((char *)out.p, fx_text(vectors, "bulletin/result"));
    qm_buf_reset(&out);
    assert_int_equal(qm_ranking_result_write(&rule, &head, &row, 1, true, &out), QM_OK);
    assert_string_equal((char *)out.p, fx_text(vectors, "bulletin/public"));
    qm_buf_free(&out);
    json_decref(vectors);
}

/* ---- chosen tables ---- */

static void equal_values_share_a_rank(void **state)
{
    struct qm_rule rule = rule_of(false, 1);
    struct qm_rank_row rows[] = {row_of("D", 1, 4), row_of("C", 2, 4), row_of("A", 3, 4),
                                 row_of("B", 50, 100)};
    static const char *const codes = "ABCD";
    static const int ranks[] = {1, 2, 2, 4};
    (void)state;
    assert_int_equal(qm_ranking_compute(&rule, rows, 4), QM_OK);
    for (int i = 0; i < 4; i++) {
        assert_int_equal(rows[i].code[0], codes[i]);
        assert_int_equal(rows[i].rank, ranks[i]);
        assert_int_equal(rows[i].score, 0);
    }
}

static void lower_turns_one_metric_round(void **state)
{
    struct qm_rule rule = rule_of(false, 2);
    struct qm_rank_row rows[] = {row_of("A", 5, 1), row_of("B", 0, 1), row_of("C", 5, 1)};
    (void)state;
    rule.metrics[0].imported = rule.metrics[0].lower = true;
    rows[0].m[1] = (struct qm_rank_cell){.num = 1, .den = 3};
    rows[1].m[1] = (struct qm_rank_cell){.num = 0, .den = 3};
    rows[2].m[1] = (struct qm_rank_cell){.num = 2, .den = 3};
    assert_int_equal(qm_ranking_compute(&rule, rows, 3), QM_OK);
    assert_string_equal(rows[0].code, "B");
    assert_string_equal(rows[1].code, "C");
    assert_string_equal(rows[2].code, "A");
    assert_int_equal(rows[2].rank, 3);
}

static void who_is_left_out_and_why(void **state)
{
    struct qm_rule rule = rule_of(true, 2);
    struct qm_rank_row rows[] = {row_of("D", 0, 0), row_of("C", 29, 29), row_of("B", 0, 0),
                                 row_of("A", 1, 30)};
    struct qm_ranking_head head = {.scope = "140522", .period = "2026", .from = 7, .to = 9};
    struct qm_buf out;
    (void)state;
    rule.minimum = 30;
    rule.metrics[0].weight = 100;
    rule.metrics[1].ranked = false; /* its denominator of 0 leaves nobody out */
    assert_int_equal(qm_ranking_compute(&rule, rows, 4), QM_OK);
    assert_int_equal(rows[0].score, 100 * 1000000 / 30);
    qm_buf_init(&out, 4096);
    assert_int_equal(qm_ranking_result_write(&rule, &head, rows, 4, false, &out), QM_OK);
    assert_string_equal((char *)out.p,
                        "{\"scope\":\"140522\",\"level\":\"village\",\"period\":\"2026\",\"from\":"
                        "7,\"to\":9,\"metrics\":[\"m0\",\"m1\"],\"rows\":[{\"rank\":1,\"code\":"
                        "\"A\",\"score\":3333333,\"m\":[[1,30,0,0],[0,0,0,0]],\"before\":0}],"
                        "\"out\":[{\"code\":\"B\",\"why\":\"empty\"},{\"code\":\"C\",\"why\":"
                        "\"small\"},{\"code\":\"D\",\"why\":\"empty\"}]}\n");
    qm_buf_free(&out);
}

static void an_imported_figure_is_never_small_and_never_missing(void **state)
{
    struct qm_rule rule = rule_of(false, 1);
    struct qm_rank_row rows[] = {row_of("A", 5, 1), row_of("B", 7, 1)};
    (void)state;
    rule.metrics[0].imported = true;
    rule.minimum = 1000;
    assert_int_equal(qm_ranking_compute(&rule, rows, 2), QM_OK);
    assert_string_equal(rows[0].code, "B");
    assert_int_equal(rows[1].rank, 2);
    rows[1].m[0].den = 0;
    assert_int_equal(qm_ranking_compute(&rule, rows, 2), QM_E_INVALID);
}

static void cells_that_cannot_be_are_refused(void **state)
{
    struct qm_rule rule = rule_of(false, 1);
    static const int64_t bad[][2] = {{-1, 5}, {0, -1}, {6, 5}, {1, 0}};
    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct qm_rank_row row = row_of("A", bad[i][0], bad[i][1]);
        assert_int_equal(qm_ranking_compute(&rule, &row, 1), QM_E_INVALID);
    }
    assert_int_equal(qm_ranking_compute(&rule, NULL, 0), QM_OK);
}

static void the_biggest_values_are_told_apart(void **state)
{
    struct qm_rule rule = rule_of(false, 1);
    struct qm_rank_row rows[] = {row_of("A", INT64_MAX - 2, INT64_MAX - 1),
                                 row_of("B", INT64_MAX - 1, INT64_MAX)};
    (void)state;
    assert_int_equal(qm_ranking_compute(&rule, rows, 2), QM_OK);
    assert_string_equal(rows[0].code, "B");
    assert_int_equal(rows[1].rank, 2);
    rule.weights = true;
    rule.metrics[0].weight = 100;
    rows[0].m[0].num = rows[0].m[0].den = INT64_MAX;
    assert_int_equal(qm_ranking_compute(&rule, rows, 2), QM_OK);
    assert_int_equal(rows[0].score, 100000000);
    assert_int_equal(rows[1].score, 99999999);
}

/* ---- random tables ---- */

enum { ROWS = 12, METRICS = 4 };

static int64_t gcd(int64_t a, int64_t b)
{
    return b == 0 ? a : gcd(b, a % b);
}

/* Whole parts first, then the fractions turned over: no product is formed. */
static int share_order(int64_t a, int64_t b, int64_t c, int64_t d)
{
    if (a / b != c / d)
        return a / b < c / d ? -1 : 1;
    int64_t x = a % b, y = c % d;
    if (x == 0 || y == 0)
        return (x > 0) - (y > 0);
    return share_order(d, y, b, x);
}

static int64_t naive_score(const struct qm_rule *rule, const struct qm_rank_row *r)
{
    int64_t sum = 0;
    for (size_t i = 0; i < rule->metrics_n; i++) {
        if (!rule->metrics[i].ranked)
            continue;
        int64_t g = gcd(r->m[i].num, r->m[i].den);
        int64_t num = r->m[i].num / g, den = r->m[i].den / g;
        int64_t points = rule->metrics[i].weight * INT64_C(1000000);
        /* floor(points * num / den) digit by digit of num in base 2 */
        int64_t whole = 0, rest = 0;
        for (int bit = 62; bit >= 0; bit--) {
            whole *= 2;
            rest *= 2;
            if ((num >> bit) & 1)
                rest += points;
            whole += rest / den;
            rest %= den;
        }
        sum += whole;
    }
    return sum;
}

static bool naive_better(const struct qm_rule *rule, const struct qm_rank_row *a,
                         const struct qm_rank_row *b)
{
    if (rule->weights)
        return naive_score(rule, a) > naive_score(rule, b);
    for (size_t i = 0; i < rule->metrics_n; i++) {
        if (!rule->metrics[i].ranked)
            continue;
        int order = share_order(a->m[i].num, a->m[i].den, b->m[i].num, b->m[i].den);
        if (order != 0)
            return rule->metrics[i].lower ? order < 0 : order > 0;
    }
    return false;
}

static const char *naive_out(const struct qm_rule *rule, const struct qm_rank_row *r)
{
    const char *why = "";
    for (size_t i = rule->metrics_n; i-- > 0;) {
        if (rule->metrics[i].ranked && !rule->metrics[i].imported && r->m[i].den == 0)
            return "empty";
        if (rule->metrics[i].ranked && !rule->metrics[i].imported && r->m[i].den < rule->minimum)
            why = "small";
    }
    return why;
}

static void random_table(uint64_t *random, struct qm_rule *rule, struct qm_rank_row *rows,
                         size_t *n)
{
    int left = 100;
    int64_t widest = fx_random(random) % 3 == 0 ? 1000000 : 6;
    *rule = rule_of(fx_random(random) % 2, 1 + fx_random(random) % METRICS);
    rule->minimum = (int64_t)(fx_random(random) % 4);
    for (size_t i = 0; i < rule->metrics_n; i++) {
        struct qm_rule_metric *m = &rule->metrics[i];
        m->ranked = i == 0 || fx_random(random) % 3 > 0;
        m->imported = !rule->weights && fx_random(random) % 3 == 0;
        m->lower = !rule->weights && fx_random(random) % 2;
        m->weight = rule->weights && m->ranked ? 1 + (int)(fx_random(random) % 20) : 0;
        left -= m->weight;
    }
    rule->metrics[0].weight += rule->weights ? left : 0;
    *n = fx_random(random) % (ROWS + 1);
    for (size_t i = 0; i < *n; i++) {
        rows[i] = (struct qm_rank_row){.rank = 77, .score = 77};
        snprintf(rows[i].code, sizeof rows[i].code, "%012d",
                 (int)(fx_random(random) % 1000) * 100 + (int)i);
        for (size_t k = 0; k < rule->metrics_n; k++) {
            bool imported = rule->metrics[k].imported;
            int64_t den = imported ? 1 : (int64_t)(fx_random(random) % (uint64_t)(widest + 1));
            int64_t most = imported ? widest : den;
            rows[i].m[k].den = den;
            rows[i].m[k].num = (int64_t)(fx_random(random) % (uint64_t)(most + 1));
        }
    }
}

static void check_row(const struct qm_rule *rule, const struct qm_rank_row *rows, size_t n,
                      size_t i)
{
    const struct qm_rank_row *r = &rows[i];
    const char *why = naive_out(rule, r);
    assert_string_equal(qm_rank_out_name(r->out), why);
    int better = 0;
    size_t place = 0; /* how many stand before it */
    for (size_t k = 0; k < n; k++) {
        bool other_in = naive_out(rule, &rows[k])[0] == '\0';
        if (why[0] != '\0') {
            place += other_in || strcmp(rows[k].code, r->code) < 0;
            continue;
        }
        bool ahead = other_in && naive_better(rule, &rows[k], r);
        bool behind = !other_in || naive_better(rule, r, &rows[k]);
        better += ahead;
        place += ahead || (!behind && strcmp(rows[k].code, r->code) < 0);
    }
    assert_int_equal(place, i);
    assert_int_equal(r->rank, why[0] == '\0' ? better + 1 : 0);
    assert_int_equal(r->score, rule->weights && why[0] == '\0' ? naive_score(rule, r) : 0);
}

static void random_tables_agree_with_the_model(void **state)
{
    uint64_t random = 20261122;
    struct qm_rule rule;
    static struct qm_rank_row rows[ROWS];
    (void)state;
    for (int round = 0; round < 20000; round++) {
        size_t n;
        random_table(&random, &rule, rows, &n);
        assert_int_equal(qm_ranking_compute(&rule, rows, n), QM_OK);
        for (size_t i = 0; i < n; i++)
            check_row(&rule, rows, n, i);
    }
}

/* ---- no memory ---- */

static bool rank_and_write(void)
{
    struct qm_rule rule = rule_of(false, 2);
    struct qm_rank_row rows[] = {row_of("A", 1, 2), row_of("B", 1, 3)};
    struct qm_ranking_head head = {.scope = "140522110", .period = "2026-W47", .from = 0, .to = 4};
    struct qm_buf out;
    rows[0].m[1].den = rows[1].m[1].den = 1;
    qm_buf_init(&out, 4096);
    qm_err err = qm_ranking_compute(&rule, rows, 2);
    if (err == QM_OK)
        err = qm_ranking_result_write(&rule, &head, rows, 2, false, &out);
    assert_true(err == QM_OK || err == QM_E_NOMEM);
    qm_buf_free(&out);
    return err == QM_OK;
}

static void without_memory_there_is_no_half_result(void **state)
{
    (void)state;
    memory_each_fails(rank_and_write);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_contracts_example_to_the_byte),
        cmocka_unit_test(equal_values_share_a_rank),
        cmocka_unit_test(lower_turns_one_metric_round),
        cmocka_unit_test(who_is_left_out_and_why),
        cmocka_unit_test(an_imported_figure_is_never_small_and_never_missing),
        cmocka_unit_test(cells_that_cannot_be_are_refused),
        cmocka_unit_test(the_biggest_values_are_told_apart),
        cmocka_unit_test(random_tables_agree_with_the_model),
        cmocka_unit_test(without_memory_there_is_no_half_result),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
