/* test_audit_kept.c - a log that its own operator altered and signed anew: found where it
 * contradicts the contract, or by what others kept.  Restores, texts that prove nothing, and this
 * side's faults.
 */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "audit_world.h"

/* ---- done by who holds the log's key ---- */

static void altered(const struct plan *p, const struct qm_audit_seen *seen, size_t n,
                    const char *code)
{
    struct world w;
    world_make(&w, p);
    assert_int_equal(audit(&w, seen, n), QM_OK);
    expect(&w, code, -1);
    world_free(&w);
}

/* The altered log agrees with itself, and what was kept tells it. */
static void only_seen(const struct plan *p, const struct qm_audit_seen *seen, const char *code,
                      int64_t index)
{
    struct world w;
    world_make(&w, p);
    assert_int_equal(audit(&w, NULL, 0), QM_OK);
    assert_int_equal(w.bad, 0);
    assert_int_equal(audit(&w, seen, 1), QM_OK);
    expect(&w, code, index);
    world_free(&w);
}

static void rewritten_logs_are_told_by_what_was_kept(void **state)
{
    struct world w;
    struct plan good = {0}, p = {0};
    (void)state;
    world_make(&w, &good);
    const struct qm_audit_seen note = {"last week", (const char *)w.note.p, w.note.len};
    const struct qm_audit_seen erase = {"erase", (const char *)w.receipt_erase.p,
                                        w.receipt_erase.len};
    const struct qm_audit_seen decide = {"decide", (const char *)w.receipt_decide.p,
                                         w.receipt_decide.len};
    p.no_erasure = true;
    only_seen(&p, &note, "seen-ahead", -1);
    only_seen(&p, &erase, "seen-entry", w.erase);
    p = good;
    p.no_decision = true;
    only_seen(&p, &note, "seen-ahead", -1);
    only_seen(&p, &decide, "seen-entry", w.decide);
    p = good;
    p.no_second_batch = true;
    only_seen(&p, &erase, "seen-entry", w.erase);
    /* A seal over another root at the same size. */
    ml_entryf(&w.m, "config/v1\nrecv 9\nby A0001\n\nrule sha256:%064d\n", 0);
    struct qm_buf fork;
    qm_buf_init(&fork, 4000);
    ml_note(&w.m, &fork);
    ml_seal(&w.m);
    const struct qm_audit_seen forked = {"fork", (const char *)fork.p, fork.len};
    assert_int_equal(audit(&w, &forked, 1), QM_OK);
    assert_false(has(&w, "seen-fork", -1));
    p = good;
    struct world v;
    world_make(&v, &p);
    ml_entryf(&v.m, "config/v1\nrecv 9\nby A0001\n\nrule sha256:%064d\n", 1);
    ml_seal(&v.m);
    assert_int_equal(audit(&v, &forked, 1), QM_OK);
    expect(&v, "seen-fork", -1);
    world_free(&v);
    qm_buf_free(&fork);
    world_free(&w);
}

/* ---- a restored log ---- */

struct restored {
    struct qm_buf note, again, lost;
    struct qm_vkey keys[2];
};

/* Two batches and an erasure lie above the backup; the first batch comes again afterwards. */
static void restored_make(struct world *w, struct restored *r, bool wrong_size)
{
    struct madelog before;
    struct qm_buf body;
    struct qm_event ev;
    memset(w, 0, sizeof *w);
    tempdir_make("/tmp", w->folder);
    ml_open(&w->m, w->folder);
    ml_phone_make(&w->phone, "phone", "W0001");
    ml_enrol(&w->m, &w->phone, 3);
    before = w->m;
    qm_buf_init(&w->m.bundle, (size_t)256 * (QM_ENTRY_MAX_BYTES + 2));
    qm_buf_init(&w->m.last, QM_ENTRY_MAX_BYTES);
    qm_buf_add(&w->m.bundle, before.bundle.p, before.bundle.len);
    ev = ml_event(&w->phone, QM_VISIT, 1, monday_ms, 1);
    qm_buf_init(&body, QM_BATCH_MAX_BYTES);
    ml_batch_make(&w->phone, &ev, 1, &body);
    ml_batch_put(&w->m, &body, monday_ms + 1000, "");
    receipt_keep(w, &r->again);
    ml_entryf(&w->m, "erase/v1\nrecv 7\nby A0001\n\n%s\n", "AAAAAAAAAAAAAAAAAAAAAA");
    receipt_keep(w, &r->lost);
    qm_buf_init(&r->note, 4000);
    ml_note(&w->m, &r->note);
    r->keys[1] = w->m.key;
    ml_close(&w->m);
    w->m = before;
    if (wrong_size) { /* what follows a restore must begin where the old tree ended */
        char root[QM_B64_HASH_CHARS + 1];
        struct qm_hash h;
        ml_root(&w->m, &h);
        qm_b64_write(h.b, QM_HASH_BYTES, root);
        ml_entryf(&w->m, "config/v1\nrecv 9\nby A0001\n\nafter %s 1 %s\n", w->m.key.name, root);
    } else {
        ml_continue(&w->m);
    }
    ml_batch_put(&w->m, &body, monday_ms + 9000, "");
    r->keys[0] = w->m.key;
    ml_seal(&w->m);
    qm_buf_free(&body);
}

static void what_a_restore_lost_is_listed(void **state)
{
    struct world w;
    struct restored r;
    (void)state;
    for (int wrong = 0; wrong < 2; wrong++) {
        restored_make(&w, &r, wrong != 0);
        const struct qm_audit_seen seen[] = {{"note", (const char *)r.note.p, r.note.len},
                                             {"again", (const char *)r.again.p, r.again.len},
                                             {"lost", (const char *)r.lost.p, r.lost.len}};
        struct qm_audit_options o = {.folder = w.folder,
                                     .spool_folder = "/tmp",
                                     .keys = r.keys,
                                     .keys_n = 2,
                                     .seen = seen,
                                     .seen_n = 3,
                                     .ctx = &w,
                                     .finding = on_finding};
        assert_int_equal(qm_audit_run(&o, &w.report), QM_OK);
        qm_audit_report_free(&w.report);
        if (wrong) {
            expect(&w, "restart", 2);
        } else {
            expect(&w, "seen-lost-range", 2);
            expect(&w, "seen-again", 2);
            expect(&w, "seen-lost", 3);
            assert_int_equal(w.bad, 1);
        }
        qm_buf_free(&r.note);
        qm_buf_free(&r.again);
        qm_buf_free(&r.lost);
        world_free(&w);
    }
}

static void logs_that_contradict_the_contract(void **state)
{
    static const struct {
        size_t at;
        const char *code;
    } cases[] = {{offsetof(struct plan, batch_again), "event-twice"},
                 {offsetof(struct plan, batch_again), "batch-twice"},
                 {offsetof(struct plan, verdict_free), "verdict-revoked"},
                 {offsetof(struct plan, flag_off), "verdict-late"},
                 {offsetof(struct plan, county_wrong), "verdict-county"},
                 {offsetof(struct plan, bad_seq), "verdict-seq"},
                 {offsetof(struct plan, blob_unnamed), "blob-unnamed"},
                 {offsetof(struct plan, rule_unset), "bulletin-rule"},
                 {offsetof(struct plan, same_account_range), "bulletin-range"}};
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct plan p = {0};
        *((bool *)&p + cases[i].at) = true;
        altered(&p, NULL, 0, cases[i].code);
    }
}

static void texts_that_prove_nothing(void **state)
{
    struct world w;
    struct plan p = {0};
    (void)state;
    world_make(&w, &p);
    char *bent = strndup((const char *)w.note.p, w.note.len);
    bent[w.note.len - 4] = bent[w.note.len - 4] == 'A' ? 'B' : 'A';
    const struct qm_audit_seen seen[] = {
        {"empty", "", 0}, {"words", "hello\n", 6}, {"bent", bent, w.note.len}};
    assert_int_equal(audit(&w, seen, 3), QM_OK);
    expect(&w, "seen-form", -1);
    free(bent);
    world_free(&w);
}

/* ---- this side's faults ---- */

/* In a process of its own: a limit on file sizes cannot be taken back. */
static void a_full_disk_is_an_error_not_a_finding(void **state)
{
    struct world w;
    struct plan p = {0};
    (void)state;
    world_make(&w, &p);
    struct ml_phone many;
    ml_phone_make(&many, "many", "W0003");
    ml_enrol(&w.m, &many, 5);
    for (uint64_t n = 0; n < 300; n++) {
        struct qm_event *ev = calloc(100, sizeof *ev);
        for (uint64_t i = 0; i < 100; i++)
            ev[i] =
                ml_event(&many, QM_VISIT, 10000 + n * 100 + i, monday_ms + 800000000, i % HOMES);
        ml_batch(&w.m, &many, ev, 100, monday_ms + 800000000, "");
        free(ev);
    }
    ml_seal(&w.m);
    audit_alone(&w);
    assert_int_equal(w.bad, 0);
    pid_t child = fork();
    if (child == 0) {
        struct rlimit none = {0, 0};
        signal(SIGXFSZ, SIG_IGN);
        setrlimit(RLIMIT_FSIZE, &none);
        _exit(audit(&w, NULL, 0) == QM_E_DISK_FULL ? 0 : 1);
    }
    int status = 1;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    struct qm_audit_report r;
    struct qm_audit_options o = {.folder = w.folder,
                                 .spool_folder = "/nonexistent",
                                 .keys = &w.m.key,
                                 .keys_n = 1,
                                 .ctx = &w,
                                 .finding = on_finding};
    assert_int_equal(qm_audit_run(&o, &r), QM_E_IO);
    qm_audit_report_free(&r);
    o.keys_n = 0;
    assert_int_equal(qm_audit_run(&o, &r), QM_E_INVALID);
    qm_audit_report_free(&r);
    world_free(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(rewritten_logs_are_told_by_what_was_kept),
                                       cmocka_unit_test(what_a_restore_lost_is_listed),
                                       cmocka_unit_test(logs_that_contradict_the_contract),
                                       cmocka_unit_test(texts_that_prove_nothing),
                                       cmocka_unit_test(a_full_disk_is_an_error_not_a_finding)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
