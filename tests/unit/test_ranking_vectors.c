/* test_ranking_vectors.c - the server's rule, ranks, scores and result bytes against
 * tests/vectors/fold.json; its fold is held to the same cases in tests/sql/86_fold_vectors.sql.
 *
 * Of each case the figures of every division are put together (those that stand in the result; of
 * a division that is left out its denominators, by the roster, and its imports), turned round, and
 * must be ranked and written to the case's bytes.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "edge/rule.h"
#include "wire_fixture.h"

enum { ROWS_MAX = 64, RESULT_MAX_BYTES = 1 << 20, GRID_DIGITS = 15 };

static const char *text_at(json_t *o, const char *name)
{
    const char *t = json_string_value(json_object_get(o, name));
    return t != NULL ? t : "";
}

static const char *line_after(const char *line)
{
    const char *lf = strchr(line, '\n');
    assert_non_null(lf);
    return lf + 1;
}

/* Households or residents of a division that a metric of coverage is taken of. */
static int64_t denominator(const char *roster, enum qm_cover metric, const char *code)
{
    const char *kind = metric >= QM_COVER_APP ? "resident" : "household";
    int64_t n = 0;
    for (const char *line = roster; *line != '\0'; line = line_after(line)) {
        char of[16], name[32], grid[GRID_DIGITS + 1], word[64];
        assert_int_equal(sscanf(line, "%15s %31s %15s %63s", of, name, grid, word), 4);
        bool in = strcmp(word, "counted") == 0 ||
                  (metric == QM_COVER_REACHED && strcmp(word, "away") == 0);
        n += in && strcmp(of, kind) == 0 && strncmp(grid, code, strlen(code)) == 0;
    }
    return n;
}

static int64_t import_value(const char *imports, const char *metric, const char *code)
{
    for (const char *line = imports; *line != '\0'; line = line_after(line)) {
        char of[64];
        int n = snprintf(of, sizeof of, "%s %s ", metric, code);
        if (strncmp(line, of, (size_t)n) == 0)
            return strtoll(line + n, NULL, 10);
    }
    fail_msg("no figure %s of %s", metric, code);
    return 0;
}

static void take_row(json_t *row, const struct qm_rule *rule, struct qm_rank_row *out)
{
    json_t *cells = json_object_get(row, "m");
    assert_int_equal(json_array_size(cells), rule->metrics_n);
    for (size_t k = 0; k < rule->metrics_n; k++) {
        json_t *c = json_array_get(cells, k);
        out->m[k].num = json_integer_value(json_array_get(c, 0));
        out->m[k].den = json_integer_value(json_array_get(c, 1));
        out->m[k].fresh = json_integer_value(json_array_get(c, 2));
        out->m[k].refused = json_integer_value(json_array_get(c, 3));
    }
}

static void take_left_out(json_t *c, const struct qm_rule *rule, struct qm_rank_row *out)
{
    const char *roster = text_at(json_object_get(c, "expect"), "roster");
    for (size_t k = 0; k < rule->metrics_n; k++) {
        const struct qm_rule_metric *m = &rule->metrics[k];
        out->m[k].den = m->imported ? 1 : denominator(roster, m->cover, out->code);
        if (m->imported)
            out->m[k].num = import_value(text_at(c, "imports"), m->name, out->code);
    }
}

/* All divisions, the last of the result first; how many. */
static size_t rows_of(json_t *c, json_t *result, const struct qm_rule *rule,
                      struct qm_rank_row rows[ROWS_MAX])
{
    json_t *ranked = json_object_get(result, "rows"), *left_out = json_object_get(result, "out");
    size_t in = json_array_size(ranked), n = in + json_array_size(left_out);
    assert_true(n <= ROWS_MAX);
    memset(rows, 0, n * sizeof *rows);
    for (size_t i = 0; i < n; i++) {
        struct qm_rank_row *x = &rows[n - 1 - i];
        json_t *of = i < in ? json_array_get(ranked, i) : json_array_get(left_out, i - in);
        snprintf(x->code, sizeof x->code, "%s", text_at(of, "code"));
        x->before = (int)json_integer_value(json_object_get(json_object_get(c, "before"), x->code));
        if (i < in)
            take_row(of, rule, x);
        else
            take_left_out(c, rule, x);
    }
    return n;
}

static void run_case(json_t *c)
{
    static struct qm_rank_row rows[ROWS_MAX];
    json_t *expect = json_object_get(c, "expect");
    json_t *result = json_loads(text_at(expect, "result"), 0, NULL);
    struct qm_ranking_head head = {
        .scope = text_at(c, "scope"),
        .period = text_at(c, "period"),
        .from = json_integer_value(json_object_get(c, "from")),
        .to = json_integer_value(json_object_get(c, "to")),
    };
    struct qm_rule rule;
    struct qm_buf out;
    const char *bytes = text_at(c, "rule");
    assert_non_null(result);
    assert_int_equal(qm_rule_read(bytes, strlen(bytes), &rule, NULL), QM_OK);
    size_t n = rows_of(c, result, &rule, rows);
    assert_int_equal(qm_ranking_compute(&rule, rows, n), QM_OK);
    for (int open = 0; open < 2; open++) {
        qm_buf_init(&out, RESULT_MAX_BYTES);
        assert_int_equal(qm_ranking_result_write(&rule, &head, rows, n, open != 0, &out), QM_OK);
        assert_string_equal((const char *)out.p, text_at(expect, open != 0 ? "public" : "result"));
        qm_buf_free(&out);
    }
    json_decref(result);
}

static void ranks_and_bytes_hold(void **state)
{
    json_t *root = fx_load("fold.json"), *c;
    size_t i;
    (void)state;
    json_array_foreach(json_object_get(root, "cases"), i, c)
    {
        print_message("%s\n", text_at(c, "name"));
        run_case(c);
    }
    assert_true(i > 100);
    json_decref(root);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(ranks_and_bytes_hold)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
