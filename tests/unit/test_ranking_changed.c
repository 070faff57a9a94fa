/* Lines that changed since the bulletin before: which are kept, and of which divisions they say too
 * little; and who waits for a freeze. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "domain/ranking_room.h"
#include "domain/ranking_wait.h"

enum { LINES_MAX = 20000 };
static const int64_t grids[] = {140522110204001, 140522110205001, 140522110206001};
enum { GRIDS = sizeof grids / sizeof *grids, VILLAGE_DIGITS = 12 };

/* Three villages. */
static struct qm_freeze *freeze_of(struct qm_division list[GRIDS])
{
    struct qm_freeze *f = calloc(1, sizeof *f);
    assert_non_null(f);
    memset(list, 0, GRIDS * sizeof *list);
    f->divisions =
        (struct qm_divisions){.digits = VILLAGE_DIGITS, .n = GRIDS, .cap = GRIDS, .list = list};
    memcpy(list[0].code, "140522110204", VILLAGE_DIGITS);
    memcpy(list[1].code, "140522110205", VILLAGE_DIGITS);
    memcpy(list[2].code, "140522110206", VILLAGE_DIGITS);
    return f;
}

static void freeze_end(struct qm_freeze *f)
{
    free(f->changed.list);
    free(f);
}

static void line(struct qm_freeze *f, int64_t before, enum qm_line_word was, int64_t now,
                 enum qm_line_word is)
{
    struct qm_changed_line x = {.grid_before = before, .word_before = was, .grid = now, .word = is};
    assert_int_equal(qm_freeze_changed(f, &x), QM_OK);
}

static void unknown_are(const struct qm_division list[GRIDS], bool a, bool b, bool c)
{
    const bool want[] = {a, b, c};
    for (size_t i = 0; i < GRIDS; i++)
        assert_int_equal(list[i].unknown, want[i]);
}

static void lines_are_kept(void **state)
{
    struct qm_division list[GRIDS];
    struct qm_freeze *f = freeze_of(list);
    (void)state;
    line(f, grids[0], QM_WORD_COUNTED, grids[0], QM_WORD_AWAY);
    line(f, grids[0], QM_WORD_COUNTED, grids[1], QM_WORD_COUNTED);
    line(f, -1, QM_WORD_OTHER, grids[2], QM_WORD_COUNTED);
    qm_freeze_changed_end(f);
    assert_int_equal(f->changed.n, 3);
    unknown_are(list, false, false, false);
    freeze_end(f);
}

static void a_line_that_is_gone_makes_its_division_unknown(void **state)
{
    struct qm_division list[GRIDS];
    struct qm_freeze *f = freeze_of(list);
    (void)state;
    line(f, grids[1], QM_WORD_COUNTED, -1, QM_WORD_OTHER);
    qm_freeze_changed_end(f);
    assert_int_equal(f->changed.n, 0);
    unknown_are(list, false, true, false);
    freeze_end(f);
}

/* Whoever moved meanwhile may be whom the others were merged into. */
static void a_merge_makes_moves_unknown_too(void **state)
{
    struct qm_division list[GRIDS];
    struct qm_freeze *f = freeze_of(list);
    (void)state;
    line(f, grids[1], QM_WORD_COUNTED, grids[2], QM_WORD_COUNTED);
    line(f, grids[2], QM_WORD_AWAY, grids[2], QM_WORD_COUNTED);
    line(f, grids[0], QM_WORD_COUNTED, grids[0], QM_WORD_MERGED);
    unknown_are(list, true, false, false);
    qm_freeze_changed_end(f);
    unknown_are(list, true, true, true);
    freeze_end(f);
}

static void more_than_are_kept_leave_nothing_known(void **state)
{
    struct qm_division list[GRIDS];
    struct qm_freeze *f = freeze_of(list);
    (void)state;
    for (int i = 0; i < LINES_MAX; i++)
        line(f, grids[0], QM_WORD_COUNTED, grids[0], QM_WORD_AWAY);
    assert_int_equal(f->changed.n, LINES_MAX);
    line(f, -1, QM_WORD_OTHER, grids[1], QM_WORD_COUNTED);
    qm_freeze_changed_end(f);
    assert_int_equal(f->changed.n, 0);
    unknown_are(list, true, true, false);
    freeze_end(f);
}

static int told;

static bool hear(void *ctx, qm_err err, const struct qm_freeze *f, enum qm_ranking_status status,
                 const uint8_t draft[QM_ID_BYTES])
{
    (void)f;
    (void)status;
    assert_int_equal(err, QM_OK);
    assert_int_equal(draft[0], 7);
    told++;
    return *(bool *)ctx;
}

static void all_who_wait_are_told_once(void **state)
{
    static const struct qm_freeze none;
    const uint8_t draft[QM_ID_BYTES] = {7};
    struct qm_freeze_waiter *all = NULL;
    bool there = true, gone = false;
    (void)state;
    assert_int_equal(qm_freeze_wait(&all, hear, &gone), QM_OK);
    assert_int_equal(qm_freeze_wait(&all, hear, &there), QM_OK);
    assert_true(qm_freeze_tell(&all, QM_OK, &none, QM_RANKING_DONE, draft));
    assert_int_equal(told, 2);
    assert_int_equal(qm_freeze_wait(&all, hear, &gone), QM_OK);
    assert_false(qm_freeze_tell(&all, QM_OK, &none, QM_RANKING_DONE, draft));
    assert_false(qm_freeze_tell(&all, QM_OK, &none, QM_RANKING_DONE, draft));
    assert_int_equal(told, 3);
}

static void the_same_is_asked_by_the_same_account(void **state)
{
    struct qm_ranking_ask ask = {
        .county = 140522, .by = "A0001", .scope = "140522110", .period = "2026-W46", .idx = -1};
    struct qm_frozen_ask a = qm_frozen_ask_of(&ask), b = a;
    const struct qm_frozen_ask nothing = {0};
    (void)state;
    assert_true(qm_frozen_ask_same(&a, &b));
    assert_false(qm_frozen_ask_same(&a, &nothing));
    ask.by = "A0002";
    b = qm_frozen_ask_of(&ask);
    assert_false(qm_frozen_ask_same(&a, &b));
    ask.by = "A0001";
    ask.idx = 5;
    b = qm_frozen_ask_of(&ask);
    assert_false(qm_frozen_ask_same(&a, &b));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines_are_kept),
        cmocka_unit_test(a_line_that_is_gone_makes_its_division_unknown),
        cmocka_unit_test(a_merge_makes_moves_unknown_too),
        cmocka_unit_test(more_than_are_kept_leave_nothing_known),
        cmocka_unit_test(all_who_wait_are_told_once),
        cmocka_unit_test(the_same_is_asked_by_the_same_account),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
