/* test_client_record.c - recording through the public header: every kind, and what is refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "client_world.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void bad_members_are_named(void **state)
{
    struct world *w = *state;
    struct qm_record r = QM_RECORD("visit");
    r.household = HOUSE;
    assert_int_equal(qm_client_record(w->c, &r, NULL), QM_C_INVALID);
    assert_string_equal(qm_client_detail(w->c), "outcome");
    r.outcome = "met";
    r.text = "notice-2026-1";
    assert_int_equal(qm_client_record(w->c, &r, NULL), QM_C_INVALID);
    assert_string_equal(qm_client_detail(w->c), "text");
    r.text = NULL;
    r.topics = 2;
    r.topic[0] = r.topic[1] = "fake-loan";
    assert_int_equal(qm_client_record(w->c, &r, NULL), QM_C_INVALID);
    struct qm_record p = QM_RECORD("pledge");
    p.household = HOUSE;
    p.resident = PERSON;
    p.text = "pledge-2026-1";
    assert_int_equal(qm_client_record(w->c, &p, NULL), QM_C_INVALID);
    assert_string_equal(qm_client_detail(w->c), "evidence");
    p.state = "later";
    p.done = "20260230";
    assert_int_equal(qm_client_record(w->c, &p, NULL), QM_C_INVALID);
    assert_string_equal(qm_client_detail(w->c), "done");
    assert_int_equal(counts_of(w->c).waiting, 0);
}

static void every_kind_can_be_recorded(void **state)
{
    struct world *w = *state;
    char sha[65], event[37];
    struct qm_recorded house, person;
    const uint8_t picture[] = {0xff, 0xd8, 0xff, 1};
    assert_int_equal(qm_client_attach(w->c, picture, sizeof picture, sha), 0);
    visit(w->c, NULL, event);
    struct qm_record h = QM_RECORD("household");
    h.door = "12-3";
    h.name = "王五";
    assert_int_equal(qm_client_record(w->c, &h, &house), 0);
    struct qm_record s = QM_RECORD("household");
    s.why = "split";
    s.from = house.household;
    assert_int_equal(qm_client_record(w->c, &s, NULL), 0);
    struct qm_record p = QM_RECORD("resident");
    p.household = house.household;
    p.why = "found";
    p.name = "王小五";
    p.born = "1990-12-31";
    assert_int_equal(qm_client_record(w->c, &p, &person), 0);
    struct qm_record n = QM_RECORD("notice");
    n.household = house.household;
    n.text = "notice-2026-1";
    n.state = "left";
    assert_int_equal(qm_client_record(w->c, &n, NULL), 0);
    struct qm_record g = QM_RECORD("pledge");
    g.household = house.household;
    g.resident = person.resident;
    g.text = "pledge-2026-1";
    g.evidences = 1;
    g.evidence[0] = sha;
    g.signer = "王五";
    g.relation = "self";
    assert_int_equal(qm_client_record(w->c, &g, NULL), 0);
    struct qm_record a = QM_RECORD("app");
    a.household = house.household;
    a.resident = person.resident;
    a.state = "installed";
    a.real_name = a.call_alert = a.na_sms_alert = true;
    assert_int_equal(qm_client_record(w->c, &a, NULL), 0);
    struct qm_record v = QM_RECORD("void");
    v.target = event;
    v.reason = "wrong_door";
    assert_int_equal(qm_client_record(w->c, &v, NULL), 0);
    assert_int_equal(counts_of(w->c).waiting, 8);
    int n_local = 0;
    assert_int_equal(qm_client_households(w->c, GRID, count_household, &n_local), 0);
    assert_int_equal(n_local, 2);
    assert_int_equal(world_sync_records(w), 0);
    assert_int_equal(counts_of(w->c).confirmed, 8);
}

static void many_records_go_in_several_batches(void **state)
{
    struct world *w = *state;
    char note[2001];
    memset(note, 'n', 2000);
    note[2000] = 0;
    for (int i = 0; i < 130; i++) {
        struct qm_record r = QM_RECORD("visit");
        r.household = HOUSE;
        r.outcome = "met";
        r.note = note;
        assert_int_equal(qm_client_record(w->c, &r, NULL), 0);
    }
    assert_int_equal(world_sync_records(w), 0);
    assert_int_equal(counts_of(w->c).confirmed, 130);
    assert_int_equal(w->town.batches, 3);
    assert_int_equal(town_recorded(&w->town), 130);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, world_setup, world_teardown)
    const struct CMUnitTest tests[] = {
        T(bad_members_are_named),
        T(every_kind_can_be_recorded),
        T(many_records_go_in_several_batches),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
