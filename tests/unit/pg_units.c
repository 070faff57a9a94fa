/* pg_units.c - a pool on a loop for tests; see pg_units.h. */
#include "pg_units.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

enum { HANG_S = 220 }; /* a test that waits for ever is killed, which is a failure */

void bench_config(struct bench *b, struct pg_fixture *server, const struct qm_pg_config *cfg)
{
    memset(b, 0, sizeof *b);
    b->server = server;
    (void)alarm(HANG_S);
    assert_int_equal(uv_loop_init(&b->loop), 0);
    assert_int_equal(qm_pg_start(&b->loop, cfg, &b->pg), QM_OK);
}

void bench_start(struct bench *b, struct pg_fixture *server, int connections, uint32_t depth,
                 size_t queue_max)
{
    struct qm_pg_config cfg = {.conninfo = server->conninfo,
                               .queries_dir = server->queries,
                               .connections = connections,
                               .queue_max = queue_max,
                               .timeout_ms = 100000,
                               .pipeline_depth = depth};
    bench_config(b, server, &cfg);
}

static void on_stopped(void *ctx)
{
    struct bench *b = ctx;
    assert_false(b->stopped);
    b->stopped = true;
}

void bench_stop(struct bench *b, uint32_t timeout_ms)
{
    qm_pg_stop(b->pg, timeout_ms, on_stopped, b);
    (void)uv_run(&b->loop, UV_RUN_DEFAULT);
    assert_true(b->stopped);
    assert_int_equal(uv_loop_close(&b->loop), 0); /* no handle was forgotten */
    (void)alarm(0);
}

void bench_wait(struct bench *b, size_t done)
{
    while (b->done < done) {
        (void)uv_run(&b->loop, UV_RUN_ONCE);
    }
}

uint64_t bench_connections(const struct bench *b)
{
    struct qm_pg_stats s;
    qm_pg_stats_get(b->pg, &s);
    return s.connections;
}

void bench_wait_ready(struct bench *b, uint64_t connections)
{
    while (bench_connections(b) != connections) {
        (void)uv_run(&b->loop, UV_RUN_ONCE);
    }
}

static void on_done(void *ctx, const struct qm_pg_answer *a)
{
    struct unit *u = ctx;
    u->times++;
    u->order = u->b->done++;
    u->err = a->err;
    (void)snprintf(u->sqlstate, sizeof u->sqlstate, "%s", a->sqlstate);
    (void)snprintf(u->message, sizeof u->message, "%s", a->message);
    assert_true((a->err == QM_OK) == (a->result != NULL));
    if (a->result != NULL) {
        u->rows = qm_pg_rows(a->result);
        u->value = u->rows > 0 ? qm_pg_get_int(a->result, 0, 0) : 0;
    }
}

qm_err bench_submit(struct bench *b, const char *statement, int64_t v, uint32_t timeout_ms,
                    struct unit *u)
{
    struct qm_pg_params *p = qm_pg_params_new();
    memset(u, 0, sizeof *u);
    u->b = b;
    qm_pg_int8(p, v);
    return qm_pg_submit(b->pg, statement, p, timeout_ms, on_done, u);
}

void bench_run(struct bench *b, const char *statement, int64_t v, struct unit *u)
{
    assert_int_equal(bench_submit(b, statement, v, 0, u), QM_OK);
    bench_wait(b, b->done + 1);
    assert_int_equal(u->times, 1);
}
