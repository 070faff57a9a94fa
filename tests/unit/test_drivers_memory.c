/* test_drivers_memory.c - no memory, at every place in turn: the drivers say so, keep nothing half
 * made and leak nothing (the sanitizers' build looks for that).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <uv.h>

#include <cmocka.h>

#include "drivers/pg.h"
#include "drivers/seal.h"
#include "memory_fixture.h"

/* The whole work, or nothing for want of memory. */
static bool whole(qm_err err)
{
    assert_true(err == QM_OK || err == QM_E_NOMEM);
    return err == QM_OK;
}

static char folder[64], file[128], master[128];

static int start(void **state)
{
    char paper[QM_PAPER_MAX_BYTES];
    (void)state;
    (void)snprintf(folder, sizeof folder, "/tmp/qm-memory-XXXXXX");
    assert_non_null(mkdtemp(folder));
    (void)snprintf(file, sizeof file, "%s/one.sql", folder);
    (void)snprintf(master, sizeof master, "%s/master", folder);
    FILE *f = fopen(file, "we");
    assert_non_null(f);
    assert_true(fputs("SELECT $1::int8", f) >= 0);
    assert_int_equal(fclose(f), 0);
    assert_int_equal(qm_master_create(master, paper), QM_OK);
    return 0;
}

static int stop(void **state)
{
    (void)state;
    (void)unlink(file);
    (void)unlink(master);
    return rmdir(folder);
}

static uv_loop_t loop;
static struct qm_pg *pg;
static int reported;

static void on_done(void *ctx, const struct qm_pg_answer *a)
{
    (void)ctx;
    (void)a;
    reported++;
}

static void on_stopped(void *ctx)
{
    *(int *)ctx = 1;
}

static qm_err start_pool(void)
{
    struct qm_pg_config cfg = {.conninfo = "host=/nonexistent",
                               .queries_dir = folder,
                               .connections = 2,
                               .queue_max = 8,
                               .timeout_ms = 50000,
                               .pipeline_depth = 4};
    return qm_pg_start(&loop, &cfg, &pg);
}

static void stop_pool(void)
{
    int stopped = 0;
    qm_pg_stop(pg, 0, on_stopped, &stopped);
    (void)uv_run(&loop, UV_RUN_DEFAULT);
    assert_int_equal(stopped, 1);
}

static bool start_and_stop_pool(void)
{
    qm_err err = start_pool();
    if (err == QM_OK) {
        memory_pause();
        stop_pool();
        memory_resume();
    }
    return whole(err);
}

static void a_pool_starts_whole_or_not_at_all(void **state)
{
    (void)state;
    assert_int_equal(uv_loop_init(&loop), 0);
    memory_each_fails(start_and_stop_pool);
    assert_int_equal(uv_loop_close(&loop), 0);
}

static bool submit_unit(void)
{
    struct qm_pg_params *p = qm_pg_params_new();
    qm_pg_int8(p, 1);
    return whole(qm_pg_submit(pg, "one", p, 0, on_done, NULL));
}

static void a_refused_unit_is_never_reported(void **state)
{
    (void)state;
    assert_int_equal(uv_loop_init(&loop), 0);
    assert_int_equal(start_pool(), QM_OK);
    reported = 0;
    memory_each_fails(submit_unit);
    stop_pool();
    assert_int_equal(reported, 1); /* the one that was taken */
    assert_int_equal(uv_loop_close(&loop), 0);
}

static bool reload_pool(void)
{
    return whole(qm_pg_reload(pg));
}

static void a_failed_reload_keeps_the_statements(void **state)
{
    (void)state;
    assert_int_equal(uv_loop_init(&loop), 0);
    assert_int_equal(start_pool(), QM_OK);
    for (long at = 1; at < 3; at++) {
        memory_fail_at(at);
        assert_int_equal(qm_pg_reload(pg), QM_E_NOMEM);
        memory_fail_at(0);
        assert_true(submit_unit());
    }
    memory_each_fails(reload_pool);
    stop_pool();
    assert_int_equal(uv_loop_close(&loop), 0);
}

static bool build_parameters(void)
{
    static uint8_t block[5000];
    struct qm_pg_params *p = qm_pg_params_new();
    qm_pg_text(p, "abc", 3);
    qm_pg_array_begin(p, QM_PG_BYTEA);
    for (int i = 0; i < 40; i++) {
        qm_pg_array_bytes(p, block, sizeof block);
        qm_pg_array_null(p);
    }
    qm_pg_array_end(p);
    qm_pg_bytea(p, block, sizeof block);
    qm_pg_null(p, QM_PG_UUID);
    /* Two too many for the statement: with memory it is refused for that. */
    qm_err err = qm_pg_submit(pg, "one", p, 0, on_done, NULL);
    return whole(err == QM_E_INVALID ? QM_OK : err);
}

static void building_parameters_may_fail_anywhere(void **state)
{
    (void)state;
    assert_int_equal(uv_loop_init(&loop), 0);
    assert_int_equal(start_pool(), QM_OK);
    memory_each_fails(build_parameters);
    stop_pool();
    assert_int_equal(uv_loop_close(&loop), 0);
}

static bool seal_and_open(void)
{
    struct qm_seal *ring = NULL;
    struct qm_sealed sealed = {0};
    struct qm_buf clear;
    qm_err err = qm_seal_load(master, 1, &ring);
    if (err != QM_OK) {
        return whole(err);
    }
    qm_buf_init(&clear, 100);
    err = qm_seal_close(ring, QM_PURPOSE_NAME, "id", 2, "name", 4, &sealed);
    if (err == QM_OK) {
        err =
            qm_seal_open(ring, QM_PURPOSE_NAME, "id", 2, sealed.bytes.p, sealed.bytes.len, &clear);
    }
    if (err == QM_OK) {
        assert_memory_equal(clear.p, "name", 4);
    } else {
        assert_int_equal(clear.len, 0);
    }
    qm_buf_wipe(&clear);
    qm_buf_free(&sealed.bytes);
    qm_seal_free(ring);
    return whole(err);
}

static void sealing_may_fail_anywhere(void **state)
{
    (void)state;
    memory_each_fails(seal_and_open);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_pool_starts_whole_or_not_at_all),
        cmocka_unit_test(a_refused_unit_is_never_reported),
        cmocka_unit_test(a_failed_reload_keeps_the_statements),
        cmocka_unit_test(building_parameters_may_fail_anywhere),
        cmocka_unit_test(sealing_may_fail_anywhere),
    };
    return cmocka_run_group_tests(tests, start, stop);
}
