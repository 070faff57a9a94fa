/* test_audit_memory.c - the audit without memory: each allocation fails in turn, and the audit says
 * so, frees everything and calls nothing a fault of the log.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "audit/audit.h"
#include "madelog.h"
#include "memory_fixture.h"
#include "tempdir.h"

static struct madelog log_;
static struct qm_buf note;

static void on_finding(void *ctx, const struct qm_audit_finding *f)
{
    print_error("%s %s\n", f->code, f->detail);
    ++*(int *)ctx;
}

static bool audit_once(void)
{
    int bad = 0;
    struct qm_audit_report r;
    const struct qm_audit_seen seen = {"note", (const char *)note.p, note.len};
    struct qm_audit_options o = {.folder = log_.folder,
                                 .spool_folder = "/tmp",
                                 .threads = 1, /* the fixture counts for this thread */
                                 .keys = &log_.key,
                                 .keys_n = 1,
                                 .seen = &seen,
                                 .seen_n = 1,
                                 .ctx = &bad,
                                 .finding = on_finding};
    qm_err e = qm_audit_run(&o, &r);
    bool whole = e == QM_OK && r.bulletins == 1;
    qm_audit_report_free(&r);
    assert_true(e == QM_OK || e == QM_E_NOMEM);
    assert_int_equal(bad, 0);
    return whole;
}

static void log_make(char folder[TEMPDIR_MAX_BYTES])
{
    static const char rule[] =
        "{\"level\":\"village\",\"assurance\":\"reported\",\"order\":\"lexicographic\",\"metrics\":"
        "[{"
        "\"name\":\"visited\",\"ranked\":true,\"office\":true,\"public\":true}]}";
    char hex[QM_HEX_HASH_CHARS + 1], name[QM_PSEUDONYM_CHARS + 1], roster[128];
    uint8_t id[QM_ID_BYTES];
    struct ml_phone p;
    const int64_t at = INT64_C(1794758400000);
    tempdir_make("/tmp", folder);
    ml_open(&log_, folder);
    ml_object(&log_, rule, sizeof rule - 1, hex);
    ml_entryf(&log_, "config/v1\nrecv 2\nby A0001\n\nrule sha256:%s\n", hex);
    ml_phone_make(&p, "phone", "W0001");
    ml_enrol(&log_, &p, 3);
    struct qm_event *ev = calloc(2, sizeof *ev);
    ev[0] = ml_event(&p, QM_VISIT, 1, at, 0);
    ev[1] = ml_event(&p, QM_PLEDGE, 2, at + 1, 0);
    ml_batch(&log_, &p, ev, 2, at + 60000, "");
    qm_hex_write(ev[1].evidence[0].b, QM_HASH_BYTES, hex);
    free(ev);
    ml_entryf(&log_, "blob/v1\nrecv %lld\n\n%s\n", (long long)at + 61000, hex);
    ml_id("household", 0, id);
    qm_pseudonym_write(id, name);
    snprintf(roster, sizeof roster, "household %s 140522110200001 counted\n", name);
    struct ml_bulletin b = {.scope = "140522110",
                            .period = "2026-W47",
                            .day = "2026-11-22",
                            .roster = roster,
                            .rule = rule,
                            .to = -1,
                            .recv = at + 600000000,
                            .replaces = -1};
    ml_publish(&log_, &b);
    ml_seal(&log_);
    qm_buf_init(&note, 4000);
    ml_note(&log_, &note);
}

static void each_allocation_may_fail(void **state)
{
    char folder[TEMPDIR_MAX_BYTES];
    (void)state;
    memory_pause();
    log_make(folder);
    memory_resume();
    memory_each_fails(audit_once);
    memory_pause();
    tempdir_remove(folder);
    ml_close(&log_);
    qm_buf_free(&note);
    memory_resume();
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(each_allocation_may_fail)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
