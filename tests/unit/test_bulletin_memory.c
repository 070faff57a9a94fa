/* test_bulletin_memory.c - no memory, at every place in turn: each output of a bulletin is whole or
 * says so, and leaks nothing (the sanitizers' build looks for that). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "bulletin_fixture.h"
#include "edge/bulletin_out.h"
#include "memory_fixture.h"

static struct qm_bulletin_doc doc; /* made before memory begins to fail */

static bool whole(qm_err (*write)(const struct qm_bulletin_doc *d, struct qm_buf *out))
{
    struct qm_buf b;
    qm_buf_init(&b, QM_BULLETIN_OUT_MAX_BYTES);
    qm_err err = write(&doc, &b);
    assert_true(err == QM_OK || err == QM_E_NOMEM);
    bool complete = err == QM_OK && b.len > 0;
    qm_buf_free(&b);
    return complete;
}

static bool page(void)
{
    return whole(qm_bulletin_page);
}

static bool public_page(void)
{
    return whole(qm_bulletin_public_page);
}

static bool picture(void)
{
    return whole(qm_bulletin_picture);
}

static bool words(void)
{
    return whole(qm_bulletin_words);
}

static qm_err all_tables(const struct qm_bulletin_doc *d, struct qm_buf *out)
{
    qm_err err = QM_OK;
    for (int a = QM_ANNEX_PROGRESS; a < QM_ANNEX_COUNT_ && err == QM_OK; a++)
        err = qm_bulletin_csv(d, (enum qm_bulletin_annex)a, true, out);
    return err;
}

static bool tables(void)
{
    return whole(all_tables);
}

static qm_err to_sheet(const struct qm_bulletin_doc *d, struct qm_buf *out)
{
    return qm_bulletin_sheet(d, NULL, out);
}

static bool sheet(void)
{
    return whole(to_sheet);
}

/* Texts without memory make the whole value unfit for writing. */
static bool value(void)
{
    struct qm_bulletin_doc d;
    struct qm_buf b;
    qm_bulletin_doc_init(&d);
    qm_buf_init(&b, QM_BULLETIN_OUT_MAX_BYTES);
    d.scope_name = qm_bulletin_doc_text(&d, "镇", strlen("镇"));
    qm_err rows = qm_bulletin_doc_rows(&d, 3);
    qm_err figures = qm_bulletin_doc_figures(&d, 3);
    assert_true(d.nomem == (d.scope_name == NULL || rows != QM_OK || figures != QM_OK));
    bool made = !d.nomem;
    if (d.nomem) {
        assert_int_equal(qm_bulletin_page(&d, &b), QM_E_NOMEM);
        assert_int_equal(qm_bulletin_words(&d, &b), QM_E_NOMEM);
        assert_int_equal(qm_bulletin_csv(&d, QM_ANNEX_PROGRESS, false, &b), QM_E_NOMEM);
        assert_int_equal(qm_bulletin_sheet(&d, NULL, &b), QM_E_NOMEM);
        assert_int_equal(qm_bulletin_picture(&d, &b), QM_E_NOMEM);
    }
    qm_buf_free(&b);
    qm_bulletin_doc_free(&d);
    return made;
}

static void each_output_is_whole_or_says_so(void **state)
{
    (void)state;
    memory_each_fails(page);
    memory_each_fails(public_page);
    memory_each_fails(picture);
    memory_each_fails(words);
    memory_each_fails(tables);
    memory_each_fails(sheet);
}

static void a_value_without_memory_is_not_written(void **state)
{
    (void)state;
    memory_each_fails(value);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_output_is_whole_or_says_so),
        cmocka_unit_test(a_value_without_memory_is_not_written),
    };
    fixture_correction(&doc, 3);
    fixture_figures(&doc, 1);
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    qm_bulletin_doc_free(&doc);
    return failed;
}
