/* test_pg_faults.c - the pool while PostgreSQL is killed, cut off, stopped or not there: every unit
 * is reported exactly once, what was reported as done is there, and later units work.
 */
#include <netinet/in.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "pg_units.h"

static struct pg_fixture server;

static int start(void **state)
{
    (void)state;
    pg_fixture_start(&server);
    pg_fixture_sql(&server, "CREATE TABLE t (id int8 PRIMARY KEY)");
    pg_fixture_query(&server, "echo", "SELECT $1::int8");
    pg_fixture_query(&server, "pid", "SELECT pg_backend_pid() + 0 * $1");
    pg_fixture_query(&server, "insert", "INSERT INTO t VALUES ($1)");
    pg_fixture_query(&server, "again", "INSERT INTO t VALUES ($1) ON CONFLICT DO NOTHING");
    pg_fixture_query(&server, "sleep", "SELECT 1 FROM pg_sleep($1::int8 / 1000.0)");
    pg_fixture_query(&server, "suicide", "SELECT pg_terminate_backend(pg_backend_pid()), $1::int8");
    return 0;
}

static int stop(void **state)
{
    (void)state;
    pg_fixture_stop(&server);
    return 0;
}

static int empty(void **state)
{
    (void)state;
    pg_fixture_sql(&server, "TRUNCATE t");
    return 0;
}

enum { LOAD = 3000, BEFORE_FAULT = 700 };

struct tally {
    int ok, unknown, other;
};

/* Keeps the queue filled with inserts 0..LOAD-1, does the fault in the middle of it, and waits for
 * all of them. */
static struct tally load_through(struct bench *b, struct unit *units, void (*fault)(void))
{
    size_t sent = 0;
    struct tally t = {0};
    while (b->done < LOAD) {
        while (sent < LOAD && bench_submit(b, "insert", (int64_t)sent, 0, &units[sent]) == QM_OK) {
            sent++;
        }
        (void)uv_run(&b->loop, UV_RUN_ONCE);
        if (fault != NULL && b->done >= BEFORE_FAULT) {
            fault();
            fault = NULL;
        }
    }
    for (size_t i = 0; i < LOAD; i++) {
        assert_int_equal(units[i].times, 1);
        t.ok += units[i].err == QM_OK;
        t.unknown += units[i].err == QM_E_UNKNOWN_OUTCOME;
        t.other += units[i].err != QM_OK && units[i].err != QM_E_UNKNOWN_OUTCOME;
    }
    return t;
}

/* What was reported as done is there; what was not sent is not; the rest may be sent again. */
static void check_after(struct bench *b, struct unit *units, struct tally t)
{
    long rows = pg_fixture_number(&server, "SELECT count(*) FROM t");
    assert_int_equal(t.other, 0);
    assert_true(t.unknown > 0);
    assert_true(rows >= t.ok && rows <= t.ok + t.unknown);
    for (size_t i = 0; i < LOAD; i++) {
        if (units[i].err == QM_OK) {
            continue;
        }
        bench_run(b, "again", (int64_t)i, &units[i]);
        assert_int_equal(units[i].err, QM_OK);
    }
    assert_int_equal(pg_fixture_number(&server, "SELECT count(*) FROM t"), LOAD);
}

static void kill_server_and_start_it_again(void)
{
    pg_fixture_kill(&server);
    pg_fixture_restart(&server);
}

static void a_killed_server_loses_nothing_that_was_reported(void **state)
{
    static struct unit units[LOAD];
    struct bench b;
    struct qm_pg_stats s;
    (void)state;
    bench_start(&b, &server, 4, 16, 128);
    struct tally t = load_through(&b, units, kill_server_and_start_it_again);
    check_after(&b, units, t);
    qm_pg_stats_get(b.pg, &s);
    assert_true(s.reconnects >= 1);
    assert_true(s.unknown == (uint64_t)t.unknown && s.unknown <= 64);
    bench_stop(&b, 1000);
}

static void kill_one_backend(void)
{
    long pid = pg_fixture_number(&server, "SELECT pid FROM pg_stat_activity WHERE application_name "
                                          "= 'qiaomend' ORDER BY pid LIMIT 1");
    assert_int_equal(kill((pid_t)pid, SIGKILL), 0); /* the server recovers and drops everybody */
}

static void a_killed_backend_loses_nothing_that_was_reported(void **state)
{
    static struct unit units[LOAD];
    struct bench b;
    (void)state;
    bench_start(&b, &server, 4, 16, 128);
    struct tally t = load_through(&b, units, kill_one_backend);
    bench_wait_ready(&b, 4);
    check_after(&b, units, t);
    bench_stop(&b, 1000);
}

static void cut_all(void)
{
    pg_fixture_sql(&server, "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                            "WHERE application_name = 'qiaomend'");
}

static void cut_connections_lose_nothing_that_was_reported(void **state)
{
    static struct unit units[LOAD];
    struct bench b;
    (void)state;
    bench_start(&b, &server, 4, 16, 128);
    struct tally t = load_through(&b, units, cut_all);
    check_after(&b, units, t);
    bench_stop(&b, 1000);
}

static void idle_connections_are_replaced(void **state)
{
    struct bench b;
    struct unit u;
    struct qm_pg_stats s = {0};
    (void)state;
    bench_start(&b, &server, 3, 4, 16);
    bench_wait_ready(&b, 3);
    cut_all();
    while (s.reconnects < 3) {
        (void)uv_run(&b.loop, UV_RUN_ONCE);
        qm_pg_stats_get(b.pg, &s);
    }
    bench_run(&b, "echo", 1, &u);
    assert_int_equal(u.err, QM_OK);
    assert_int_equal(s.unknown, 0);
    bench_stop(&b, 1000);
}

static void a_unit_that_ends_its_own_connection_is_unknown(void **state)
{
    enum { N = 4 };
    struct bench b;
    struct unit first, units[N];
    (void)state;
    bench_start(&b, &server, 1, 8, 16);
    bench_run(&b, "echo", 1, &first);
    for (int i = 0; i < N; i++) {
        assert_int_equal(bench_submit(&b, i == 1 ? "suicide" : "echo", i, 0, &units[i]), QM_OK);
    }
    bench_wait(&b, 1 + N);
    /* Its sync came before.  Where the backend left something unread, the kernel may drop an answer
     * that nobody has fetched yet. */
    assert_true(units[0].err == QM_OK || units[0].err == QM_E_UNKNOWN_OUTCOME);
    for (int i = 1; i < N; i++) {
        assert_int_equal(units[i].err, QM_E_UNKNOWN_OUTCOME);
        assert_string_equal(units[i].sqlstate, "");
    }
    bench_run(&b, "echo", 7, &first);
    assert_int_equal(first.value, 7);
    bench_stop(&b, 1000);
}

static void a_deadline_after_sending_closes_the_connection(void **state)
{
    struct bench b;
    struct unit pid, stuck, behind, next;
    struct qm_pg_stats s;
    (void)state;
    bench_start(&b, &server, 1, 8, 8);
    bench_run(&b, "pid", 0, &pid);
    assert_int_equal(kill((pid_t)pid.value, SIGSTOP), 0); /* no statement_timeout helps now */
    assert_int_equal(bench_submit(&b, "insert", 1, 300, &stuck), QM_OK);
    assert_int_equal(bench_submit(&b, "echo", 1, 20000, &behind), QM_OK);
    bench_wait(&b, 3);
    assert_int_equal(stuck.err, QM_E_UNKNOWN_OUTCOME);
    assert_int_equal(behind.err, QM_E_UNKNOWN_OUTCOME);
    bench_run(&b, "pid", 0, &next); /* a new connection, while the old backend still hangs */
    assert_int_equal(next.err, QM_OK);
    assert_true(next.value != pid.value);
    assert_int_equal(kill((pid_t)pid.value, SIGCONT), 0);
    qm_pg_stats_get(b.pg, &s);
    assert_int_equal(s.unknown, 2);
    assert_int_equal(s.reconnects, 1);
    bench_stop(&b, 1000);
}

static void units_wait_for_a_server_that_is_away(void **state)
{
    struct bench b;
    struct unit patient, hasty;
    (void)state;
    pg_fixture_kill(&server);
    bench_start(&b, &server, 2, 4, 8);
    assert_int_equal(bench_submit(&b, "echo", 1, 0, &patient), QM_OK);
    assert_int_equal(bench_submit(&b, "echo", 2, 30, &hasty), QM_OK);
    bench_wait(&b, 1);
    assert_int_equal(hasty.err, QM_E_TIMEOUT);
    assert_int_equal(bench_connections(&b), 0);
    pg_fixture_restart(&server);
    bench_wait(&b, 2);
    assert_int_equal(patient.err, QM_OK);
    assert_int_not_equal(bench_connections(&b), 0);
    bench_stop(&b, 1000);
}

static void note_end(void *ctx, const struct qm_pg_answer *a)
{
    struct unit *u = ctx;
    u->times++;
    u->err = a->err;
    u->b->done++;
}

static qm_err submit_to(struct bench *b, uint64_t reconnects, int64_t v, struct unit *u)
{
    struct qm_pg_params *p = qm_pg_params_new();
    assert_non_null(p);
    qm_pg_int8(p, v);
    *u = (struct unit){.b = b};
    return qm_pg_submit_to(b->pg, reconnects, "insert", p, 0, note_end, u);
}

static void a_bound_unit_goes_to_the_database_that_was_looked_at(void **state)
{
    struct bench b;
    struct unit before, waiting, late;
    struct qm_pg_stats s;
    (void)state;
    bench_start(&b, &server, 1, 4, 8);
    bench_wait_ready(&b, 1);
    assert_int_equal(submit_to(&b, 0, 1, &before), QM_OK);
    bench_wait(&b, 1);
    assert_int_equal(before.err, QM_OK);
    pg_fixture_kill(&server);
    while (bench_connections(&b) > 0)
        uv_run(&b.loop, UV_RUN_ONCE);
    assert_int_equal(submit_to(&b, 0, 2, &waiting), QM_OK);
    pg_fixture_restart(&server);
    bench_wait(&b, 2);
    assert_int_equal(waiting.err, QM_E_OVERLOAD);
    assert_int_equal(waiting.times, 1);
    qm_pg_stats_get(b.pg, &s);
    assert_int_equal(s.reconnects, 1);
    assert_int_equal(submit_to(&b, 0, 3, &late), QM_E_OVERLOAD);
    assert_int_equal(submit_to(&b, 1, 4, &late), QM_OK);
    bench_wait(&b, 3);
    assert_int_equal(late.err, QM_OK);
    assert_int_equal(pg_fixture_number(&server, "SELECT sum(id) FROM t"), 1 + 4);
    bench_stop(&b, 1000);
}

static void hosts_are_tried_one_by_one(void **state)
{
    char conninfo[512];
    struct bench b;
    struct unit u;
    (void)state;
    (void)snprintf(conninfo, sizeof conninfo,
                   "host=/nonexistent,127.0.0.1,%s port=5432,1,5432 user=qiaomen dbname=postgres "
                   "target_session_attrs=read-write",
                   server.dir);
    struct qm_pg_config cfg = {.conninfo = conninfo,
                               .queries_dir = server.queries,
                               .connections = 2,
                               .queue_max = 8,
                               .timeout_ms = 20000,
                               .pipeline_depth = 4};
    bench_config(&b, &server, &cfg);
    bench_run(&b, "echo", 6, &u);
    assert_int_equal(u.err, QM_OK);
    assert_int_equal(u.value, 6);
    bench_stop(&b, 1000);
}

/* A listener that takes connections and never says a word; its port. */
static int silent_listener(int *fd)
{
    struct sockaddr_in a = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof a;
    *fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_true(*fd >= 0);
    assert_int_equal(bind(*fd, (struct sockaddr *)&a, sizeof a), 0);
    assert_int_equal(listen(*fd, 16), 0);
    assert_int_equal(getsockname(*fd, (struct sockaddr *)&a, &len), 0);
    return ntohs(a.sin_port);
}

static void a_host_that_hangs_does_not_hide_the_others(void **state)
{
    char conninfo[512];
    struct bench b;
    struct unit u;
    int fd, port = silent_listener(&fd);
    (void)state;
    (void)snprintf(conninfo, sizeof conninfo,
                   "host=127.0.0.1,127.0.0.1,%s port=%d,%d,5432 user=qiaomen dbname=postgres "
                   "connect_timeout=1",
                   server.dir, port, port);
    struct qm_pg_config cfg = {.conninfo = conninfo,
                               .queries_dir = server.queries,
                               .connections = 2,
                               .queue_max = 8,
                               .timeout_ms = 60000,
                               .pipeline_depth = 4};
    bench_config(&b, &server, &cfg);
    bench_run(&b, "echo", 8, &u);
    assert_int_equal(u.err, QM_OK);
    assert_int_equal(u.value, 8);
    bench_stop(&b, 1000);
    assert_int_equal(close(fd), 0);
}

static void a_primary_that_turns_read_only_is_left(void **state)
{
    struct bench b;
    struct unit u, before;
    struct qm_pg_stats s;
    (void)state;
    bench_start(&b, &server, 1, 4, 8);
    bench_run(&b, "pid", 0, &before);
    pg_fixture_sql(&server, "ALTER SYSTEM SET default_transaction_read_only = on");
    pg_fixture_sql(&server, "SELECT pg_reload_conf()");
    do { /* the backend takes the new setting when it is next idle */
        bench_run(&b, "again", 1, &u);
    } while (u.err == QM_OK);
    assert_string_equal(u.sqlstate, "25006");
    pg_fixture_sql(&server, "SET default_transaction_read_only = off;");
    pg_fixture_sql(&server, "ALTER SYSTEM RESET default_transaction_read_only");
    pg_fixture_sql(&server, "SELECT pg_reload_conf()");
    do { /* never more than one failure a connection */
        bench_run(&b, "again", 2, &u);
    } while (u.err != QM_OK);
    bench_run(&b, "pid", 0, &u);
    assert_true(u.value != before.value);
    qm_pg_stats_get(b.pg, &s);
    assert_true(s.reconnects >= 1);
    bench_stop(&b, 1000);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(a_killed_server_loses_nothing_that_was_reported, empty),
        cmocka_unit_test_setup(a_killed_backend_loses_nothing_that_was_reported, empty),
        cmocka_unit_test_setup(cut_connections_lose_nothing_that_was_reported, empty),
        cmocka_unit_test(idle_connections_are_replaced),
        cmocka_unit_test(a_unit_that_ends_its_own_connection_is_unknown),
        cmocka_unit_test_setup(a_deadline_after_sending_closes_the_connection, empty),
        cmocka_unit_test(units_wait_for_a_server_that_is_away),
        cmocka_unit_test_setup(a_bound_unit_goes_to_the_database_that_was_looked_at, empty),
        cmocka_unit_test(hosts_are_tried_one_by_one),
        cmocka_unit_test(a_host_that_hangs_does_not_hide_the_others),
        cmocka_unit_test_setup(a_primary_that_turns_read_only_is_left, empty),
    };
    return cmocka_run_group_tests(tests, start, stop);
}
