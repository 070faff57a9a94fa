/* test_client_changes.c - what a phone is told: whole answers are mirrored, others thrown away. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "client_world.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define HOUSEHOLD_ROW                                                                                \
    "{\"t\":\"household\",\"household\":\"" HOUSE "\",\"grid\":\"" GRID "\",\"place\":\"home\","     \
    "\"status\":\"counted\",\"group\":\"三组\",\"lane\":\"\",\"door\":\"12\",\"head\":\"王五\"," \
    "\"phone\":\"190****0001\",\"state\":{\"visited\":true,\"reached\":true,\"notice\":\"left\","    \
    "\"pledge\":\"later\",\"door\":\"met\"}}\n"
#define RESIDENT_ROW                                                                               \
    "{\"t\":\"resident\",\"resident\":\"" PERSON "\",\"household\":\"" HOUSE "\","                 \
    "\"name\":\"王五\",\"born\":\"1970-02-03\",\"phone\":\"\",\"status\":\"counted\","           \
    "\"groups\":[\"parent\",\"trader\"],\"app\":{\"state\":\"installed\",\"real_name\":true,"      \
    "\"call_alert\":false,\"sms_alert\":true}}\n"

static int one_household(void *ctx, const struct qm_household_view *v)
{
    (*(int *)ctx)++;
    assert_string_equal(v->household, HOUSE);
    assert_string_equal(v->head, "王五");
    assert_string_equal(v->group, "三组");
    assert_string_equal(v->notice, "left");
    assert_true(v->visited);
    assert_int_equal(v->residents, 1);
    return 0;
}

static int one_resident(void *ctx, const struct qm_resident_view *v)
{
    (*(int *)ctx)++;
    assert_string_equal(v->name, "王五");
    assert_string_equal(v->born, "1970-02-03");
    assert_string_equal(v->groups, "parent,trader");
    assert_true(v->sms_alert && !v->call_alert);
    return 0;
}

static void changes_are_mirrored(void **state)
{
    struct world *w = *state;
    char body[4096];
    struct qm_sync_report r;
    int n = 0;
    world_changes(w, body, sizeof body, "true",
                  HOUSEHOLD_ROW RESIDENT_ROW "{\"t\":\"directive\",\"x\":{\"y\":[1,2]}}\n", 3,
                  "c/1 é");
    assert_int_equal(qm_client_sync(w->c, QM_SYNC_CHANGES, &r), 0);
    assert_int_equal(r.rows, 2);
    assert_int_equal(r.rows_unknown, 1);
    assert_true(r.full);
    assert_int_equal(qm_client_households(w->c, NULL, one_household, &n), 0);
    assert_int_equal(qm_client_residents(w->c, HOUSE, one_resident, &n), 0);
    assert_int_equal(n, 2);
    world_changes(w, body, sizeof body, "false", "{\"t\":\"gone\",\"household\":\"" HOUSE "\"}\n",
                  1, "2");
    assert_int_equal(qm_client_sync(w->c, QM_SYNC_CHANGES, &r), 0);
    n = 0;
    assert_int_equal(qm_client_households(w->c, NULL, count_household, &n), 0);
    assert_int_equal(n, 0);
}

static int count_resident(void *ctx, const struct qm_resident_view *v)
{
    (void)v;
    (*(int *)ctx)++;
    return 0;
}

static void a_resident_who_left_goes_alone(void **state)
{
    struct world *w = *state;
    char body[4096];
    int homes = 0, people = 0;
    world_changes(w, body, sizeof body, "true", HOUSEHOLD_ROW RESIDENT_ROW, 2, "1");
    assert_int_equal(qm_client_sync(w->c, QM_SYNC_CHANGES, NULL), 0);
    world_changes(w, body, sizeof body, "false", "{\"t\":\"gone\",\"resident\":\"" PERSON "\"}\n",
                  1, "2");
    assert_int_equal(qm_client_sync(w->c, QM_SYNC_CHANGES, NULL), 0);
    assert_int_equal(qm_client_households(w->c, NULL, count_household, &homes), 0);
    assert_int_equal(qm_client_residents(w->c, HOUSE, count_resident, &people), 0);
    assert_int_equal(homes, 1);
    assert_int_equal(people, 0);
    /* One who is not here: nothing to do. */
    world_changes(w, body, sizeof body, "false", "{\"t\":\"gone\",\"resident\":\"" PERSON "\"}\n",
                  1, "3");
    assert_int_equal(qm_client_sync(w->c, QM_SYNC_CHANGES, NULL), 0);
}

static void gone_names_one_of_two(void **state)
{
    static const char *const wrong[] = {
        "{\"t\":\"gone\"}\n",
        "{\"t\":\"gone\",\"household\":\"" HOUSE "\",\"resident\":\"" PERSON "\"}\n",
        "{\"t\":\"gone\",\"resident\":\"short\"}\n",
        "{\"t\":\"gone\",\"resident\":\"" PERSON "\",\"more\":1}\n"};
    struct world *w = *state;
    char body[4096];
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        world_changes(w, body, sizeof body, "false", wrong[i], 1, "1");
        assert_int_equal(qm_client_sync(w->c, QM_SYNC_CHANGES, NULL), QM_C_MALFORMED);
        assert_int_equal(qm_client_try_again(w->c), 0);
    }
}

#define TARGET_ROW                                                                                 \
    "{\"t\":\"target\",\"metric\":\"visited\",\"threshold\":5000,\"due\":\"2026-11-30\","          \
    "\"from\":\"2026-10-08\",\"prefix\":\"140522\"}\n"

static int count_target(void *ctx, const struct qm_target_view *v)
{
    (void)v;
    (*(int *)ctx)++;
    return 0;
}

static int targets_of(struct world *w)
{
    int n = 0;
    assert_int_equal(qm_client_targets(w->c, count_target, &n), 0);
    return n;
}

static void a_list_that_the_office_emptied_is_empty_here(void **state)
{
    struct world *w = *state;
    char body[4096];
    world_changes(w, body, sizeof body, "true", TARGET_ROW, 1, "1");
    assert_int_equal(qm_client_sync(w->c, QM_SYNC_CHANGES, NULL), 0);
    /* Another list, and one that this version does not know: nothing happens to this one. */
    world_changes(w, body, sizeof body, "false",
                  "{\"t\":\"none\",\"of\":\"text\"}\n{\"t\":\"none\",\"of\":\"later\"}\n", 2, "2");
    assert_int_equal(qm_client_sync(w->c, QM_SYNC_CHANGES, NULL), 0);
    assert_int_equal(targets_of(w), 1);
    world_changes(w, body, sizeof body, "false", "{\"t\":\"none\"}\n", 1, "3");
    assert_int_equal(qm_client_sync(w->c, QM_SYNC_CHANGES, NULL), QM_C_MALFORMED);
    assert_int_equal(qm_client_try_again(w->c), 0);
    assert_int_equal(targets_of(w), 1);
    world_changes(w, body, sizeof body, "false", "{\"t\":\"none\",\"of\":\"target\"}\n", 1, "3");
    assert_int_equal(qm_client_sync(w->c, QM_SYNC_CHANGES, NULL), 0);
    assert_int_equal(targets_of(w), 0);
}

static const char *evidence_asked(struct world *w, struct qm_client_info *info)
{
    assert_int_equal(qm_client_get_info(w->c, info), 0);
    return info->evidence;
}

static void what_asks_for_photos_is_said_anew_in_each_answer(void **state)
{
    struct world *w = *state;
    char body[4096];
    struct qm_client_info info;
    assert_string_equal(evidence_asked(w, &info), "");
    world_changes(w, body, sizeof body, "true",
                  "{\"t\":\"evidence\",\"metrics\":[\"app\",\"pledge\"]}\n", 1, "1");
    assert_int_equal(qm_client_sync(w->c, QM_SYNC_CHANGES, NULL), 0);
    assert_string_equal(evidence_asked(w, &info), "app,pledge");
    world_reopen(w);
    assert_string_equal(evidence_asked(w, &info), "app,pledge");
    /* Neither an answer that is thrown away nor one of another shape changes it. */
    world_changes(w, body, sizeof body, "false", "", 1, "2");
    assert_int_equal(qm_client_sync(w->c, QM_SYNC_CHANGES, NULL), QM_C_PROOF);
    assert_int_equal(qm_client_try_again(w->c), 0);
    static const char *const wrong[] = {"{\"t\":\"evidence\",\"metrics\":[]}\n",
                                        "{\"t\":\"evidence\",\"metrics\":[\"A b\"]}\n",
                                        "{\"t\":\"evidence\"}\n"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        world_changes(w, body, sizeof body, "false", wrong[i], 1, "2");
        assert_int_equal(qm_client_sync(w->c, QM_SYNC_CHANGES, NULL), QM_C_MALFORMED);
        assert_int_equal(qm_client_try_again(w->c), 0);
    }
    assert_string_equal(evidence_asked(w, &info), "app,pledge");
    world_changes(w, body, sizeof body, "false", "", 0, "2");
    assert_int_equal(qm_client_sync(w->c, QM_SYNC_CHANGES, NULL), 0);
    assert_string_equal(evidence_asked(w, &info), "");
}

static void changes_that_are_not_whole_are_thrown_away(void **state)
{
    struct world *w = *state;
    char body[4096];
    int n = 0;
    world_changes(w, body, sizeof body, "true", HOUSEHOLD_ROW, 2, "1"); /* says two, has one */
    assert_int_equal(qm_client_sync(w->c, QM_SYNC_CHANGES, NULL), QM_C_PROOF);
    world_changes(w, body, sizeof body, "true", HOUSEHOLD_ROW, 1, "1");
    size_t whole = strlen(body);
    for (size_t cut = 0; cut < whole; cut += 7) {
        world_changes(w, body, sizeof body, "true", HOUSEHOLD_ROW, 1, "1");
        body[cut] = 0;
        assert_int_equal(qm_client_try_again(w->c), 0);
        assert_int_equal(qm_client_sync(w->c, QM_SYNC_CHANGES, NULL), QM_C_PROOF);
    }
    /* A known row of another shape rolls back the rows before it. */
    world_changes(w, body, sizeof body, "true",
                  HOUSEHOLD_ROW "{\"t\":\"gone\",\"household\":\"" HOUSE "\",\"more\":1}\n", 2,
                  "1");
    assert_int_equal(qm_client_try_again(w->c), 0);
    assert_int_equal(qm_client_sync(w->c, QM_SYNC_CHANGES, NULL), QM_C_MALFORMED);
    assert_int_equal(qm_client_households(w->c, NULL, count_household, &n), 0);
    assert_int_equal(n, 0);
}

static void decisions_change_what_is_shown(void **state)
{
    struct world *w = *state;
    char body[4096], rows[1024], in[37], out[37];
    struct seen_states s = {0};
    visit(w->c, NULL, in);
    visit(w->c, NULL, out);
    w->town.verdicts = "0 hold scope\n1 hold moved\n";
    assert_int_equal(world_sync_records(w), 0);
    assert_int_equal(counts_of(w->c).held, 2);
    snprintf(rows, sizeof rows,
             "{\"t\":\"verdict\",\"event\":\"%s\",\"in\":true,\"code\":\"ok\"}\n"
             "{\"t\":\"verdict\",\"event\":\"%s\",\"in\":false,\"code\":\"twice\"}\n",
             in, out);
    world_changes(w, body, sizeof body, "false", rows, 2, "1");
    assert_int_equal(qm_client_sync(w->c, QM_SYNC_CHANGES, NULL), 0);
    assert_int_equal(qm_client_records(w->c, 0, note_state, &s), 0);
    assert_int_equal(s.n[QM_CONFIRMED], 1);
    assert_int_equal(s.n[QM_REJECTED], 1);
    assert_string_equal(s.code[QM_REJECTED], "twice");
}

struct seen_progress {
    uint64_t done, total;
    int calls;
};

static void on_progress(void *ctx, const char *what, uint64_t done, uint64_t total)
{
    struct seen_progress *p = ctx;
    if (strcmp(what, "changes") != 0)
        return;
    p->done = done;
    p->total = total;
    p->calls++;
}

/* The answer does not say how many rows there are, so a bar would always be full. */
static void their_progress_has_no_total(void **state)
{
    struct world *w = *state;
    char path[128], body[4096];
    struct seen_progress p = {.total = 1};
    snprintf(path, sizeof path, "%s/outbox", w->folder);
    struct qm_client_options o = {.outbox_path = path,
                                  .keys = secrets_store(&w->secrets),
                                  .transport = town_transport(&w->town),
                                  .progress = on_progress,
                                  .progress_ctx = &p};
    qm_client_close(w->c);
    assert_int_equal(qm_client_open(&o, &w->c), 0);
    world_changes(w, body, sizeof body, "true", HOUSEHOLD_ROW RESIDENT_ROW, 2, "1");
    assert_int_equal(qm_client_sync(w->c, QM_SYNC_CHANGES, NULL), 0);
    assert_true(p.calls > 0);
    assert_int_equal(p.done, 2);
    assert_int_equal(p.total, 0);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, world_setup, world_teardown)
    const struct CMUnitTest tests[] = {
        T(changes_are_mirrored),
        T(a_resident_who_left_goes_alone),
        T(gone_names_one_of_two),
        T(changes_that_are_not_whole_are_thrown_away),
        T(decisions_change_what_is_shown),
        T(their_progress_has_no_total),
        T(a_list_that_the_office_emptied_is_empty_here),
        T(what_asks_for_photos_is_said_anew_in_each_answer),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
