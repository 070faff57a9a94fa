/* pg_units.h - what tests of the pool share: a pool on a loop, and units that remember how they
 * ended and how often that was said.
 */
#ifndef QM_TESTS_PG_UNITS_H
#define QM_TESTS_PG_UNITS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <uv.h>

#include "drivers/pg.h"
#include "pg_fixture.h"

struct bench {
    struct pg_fixture *server;
    uv_loop_t loop;
    struct qm_pg *pg;
    bool stopped;
    size_t done; /* callbacks so far */
};

struct unit {
    struct bench *b;
    int times; /* that its end was reported */
    size_t order;
    qm_err err;
    char sqlstate[6];
    char message[256];
    int rows;
    int64_t value; /* first column of the first row, if it is an integer */
};

/* timeout_ms 100000 unless given: far above what anything takes. */
void bench_start(struct bench *b, struct pg_fixture *server, int connections, uint32_t depth,
                 size_t queue_max);
void bench_config(struct bench *b, struct pg_fixture *server, const struct qm_pg_config *cfg);
/* Stops the pool with this much patience and runs the loop until nothing is left on it. */
void bench_stop(struct bench *b, uint32_t timeout_ms);
/* Runs the loop until so many callbacks came. */
void bench_wait(struct bench *b, size_t done);
uint64_t bench_connections(const struct bench *b); /* that answer now */
void bench_wait_ready(struct bench *b, uint64_t connections);
/* Submits with one int8 parameter; the result of qm_pg_submit. */
qm_err bench_submit(struct bench *b, const char *statement, int64_t v, uint32_t timeout_ms,
                    struct unit *u);
/* Submits, waits, fails the test if it was not taken. */
void bench_run(struct bench *b, const char *statement, int64_t v, struct unit *u);

#endif
