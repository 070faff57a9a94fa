/* test_pg_pool.c - the pool on a healthy PostgreSQL: order, isolation of units, limits, deadlines,
 * statements, reload and stop.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "pg_units.h"

static struct pg_fixture server;

static int start(void **state)
{
    (void)state;
    pg_fixture_start(&server);
    pg_fixture_sql(&server,
                   "CREATE TABLE t (n bigserial, id int8 PRIMARY KEY, pid int);"
                   "CREATE TABLE late (id int8 REFERENCES t DEFERRABLE INITIALLY DEFERRED);");
    pg_fixture_query(&server, "echo", "-- what comes in, 'goes out' $9\nSELECT $1::int8;\n");
    pg_fixture_query(&server, "insert",
                     "INSERT INTO t (id, pid) VALUES ($1, pg_backend_pid()) RETURNING pid");
    pg_fixture_query(&server, "divide", "SELECT 100 / $1::int8");
    pg_fixture_query(&server, "late", "INSERT INTO late VALUES ($1)");
    pg_fixture_query(&server, "sleep", "SELECT 1 FROM pg_sleep($1::int8 / 1000.0)");
    pg_fixture_query(&server, "broken", "SELECT * FROM nowhere WHERE id = $1");
    pg_fixture_query(&server, "limit",
                     "SELECT setting::int8 + $1 FROM pg_settings "
                     "WHERE name = 'statement_timeout'");
    pg_fixture_query(&server, "look",
                     "SELECT setting::int8 + $1 FROM pg_settings "
                     "WHERE name = 'client_connection_check_interval'");
    pg_fixture_sql(&server, "CREATE ROLE reader");
    pg_fixture_sql(&server,
                   "CREATE FUNCTION await(wanted int8) RETURNS int8 LANGUAGE plpgsql AS $$ BEGIN "
                   "WHILE (SELECT count(*) FROM t) < wanted LOOP PERFORM pg_sleep(0.01); END LOOP; "
                   "RETURN wanted; END $$");
    pg_fixture_query(&server, "await", "SELECT await($1::int8)");
    pg_fixture_query(&server, "plain", "SELECT 7::int4");
    pg_fixture_query(&server, "two", "SELECT 1; SELECT $1::int8");
    pg_fixture_query(&server, "copy", "COPY t TO STDOUT");
    pg_fixture_query(&server, "comment", "-- nothing\n");
    pg_fixture_query(&server, "name",
                     "SELECT count(*) FROM pg_stat_activity "
                     "WHERE application_name = 'qiaomend' AND $1 = 0");
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
    pg_fixture_sql(&server, "TRUNCATE t, late RESTART IDENTITY");
    return 0;
}

static void a_thousand_units_run_in_order_on_each_connection(void **state)
{
    enum { N = 1000, CONNECTIONS = 4, PIDS = 8 };
    static struct unit units[N];
    struct bench b;
    (void)state;
    bench_start(&b, &server, CONNECTIONS, 16, N);
    bench_wait_ready(&b, CONNECTIONS);
    for (int i = 0; i < N; i++) {
        assert_int_equal(bench_submit(&b, "insert", i, 0, &units[i]), QM_OK);
    }
    bench_wait(&b, N);
    int64_t pids[PIDS] = {0};
    size_t last[PIDS] = {0}, used = 0;
    for (int i = 0; i < N; i++) {
        assert_int_equal(units[i].err, QM_OK);
        assert_int_equal(units[i].times, 1);
        size_t k = 0;
        while (k < used && pids[k] != units[i].value) {
            k++;
        }
        assert_true(k < CONNECTIONS);
        if (k == used) {
            pids[used++] = units[i].value;
        } else { /* reported after its elder on the same connection */
            assert_true(units[i].order > last[k]);
        }
        last[k] = units[i].order;
    }
    assert_int_equal(used, CONNECTIONS);
    assert_int_equal(pg_fixture_number(&server, "SELECT count(*) FROM t"), N);
    assert_int_equal(pg_fixture_number(&server,
                                       "SELECT count(*) FROM (SELECT id < lag(id) OVER (PARTITION "
                                       "BY pid ORDER BY n) AS wrong FROM t) x WHERE wrong"),
                     0);
    bench_stop(&b, 1000);
}

static void an_error_leaves_its_neighbours_whole(void **state)
{
    enum { N = 90 };
    static struct unit units[N];
    struct bench b;
    struct qm_pg_stats s;
    (void)state;
    bench_start(&b, &server, 1, 32, N);
    for (int i = 0; i < N; i++) {
        const char *statement = i % 3 == 1 ? "divide" : "insert";
        assert_int_equal(bench_submit(&b, statement, i % 3 == 1 ? 0 : i, 0, &units[i]), QM_OK);
    }
    bench_wait(&b, N);
    for (int i = 0; i < N; i++) {
        assert_int_equal(units[i].err, i % 3 == 1 ? QM_E_DB : QM_OK);
        assert_string_equal(units[i].sqlstate, i % 3 == 1 ? "22012" : "");
        assert_string_equal(units[i].message, i % 3 == 1 ? "division by zero" : "");
    }
    assert_int_equal(pg_fixture_number(&server, "SELECT count(*) FROM t"), N / 3 * 2);
    qm_pg_stats_get(b.pg, &s);
    assert_int_equal(s.units, N);
    assert_int_equal(s.errors, N / 3);
    assert_int_equal(s.reconnects + s.unknown + s.waiting + s.running, 0);
    bench_stop(&b, 1000);
}

static void a_failure_at_commit_is_no_success(void **state)
{
    struct bench b;
    struct unit before, late, after;
    (void)state;
    bench_start(&b, &server, 1, 8, 8);
    assert_int_equal(bench_submit(&b, "insert", 1, 0, &before), QM_OK);
    assert_int_equal(bench_submit(&b, "late", 99, 0, &late), QM_OK);
    assert_int_equal(bench_submit(&b, "late", 1, 0, &after), QM_OK);
    bench_wait(&b, 3);
    assert_int_equal(before.err, QM_OK);
    assert_int_equal(late.err, QM_E_DB);
    assert_string_equal(late.sqlstate, "23503");
    assert_int_equal(after.err, QM_OK);
    assert_int_equal(pg_fixture_number(&server, "SELECT sum(id) FROM late"), 1);
    bench_stop(&b, 1000);
}

static void a_full_queue_refuses_at_once(void **state)
{
    struct bench b;
    struct unit units[5];
    (void)state;
    bench_start(&b, &server, 1, 2, 4); /* running ones count */
    for (int i = 0; i < 4; i++) {
        assert_int_equal(bench_submit(&b, "echo", i, 0, &units[i]), QM_OK);
    }
    assert_int_equal(bench_submit(&b, "echo", 4, 0, &units[4]), QM_E_OVERLOAD);
    assert_int_equal(b.done, 0); /* nothing is reported from inside submit */
    bench_wait(&b, 4);
    assert_int_equal(units[3].value, 3);
    assert_int_equal(units[4].times, 0);
    bench_run(&b, "echo", 5, &units[4]); /* there is room again */
    assert_int_equal(units[4].value, 5);
    bench_stop(&b, 1000);
}

static void a_deadline_in_the_queue_means_not_sent(void **state)
{
    struct bench b;
    struct unit slow, late;
    (void)state;
    bench_start(&b, &server, 1, 1, 4);
    bench_run(&b, "echo", 1, &slow);
    assert_int_equal(bench_submit(&b, "sleep", 700, 0, &slow), QM_OK);
    assert_int_equal(bench_submit(&b, "insert", 1, 50, &late), QM_OK);
    bench_wait(&b, 3);
    assert_int_equal(late.err, QM_E_TIMEOUT);
    assert_int_equal(slow.err, QM_OK);
    bench_run(&b, "echo", 2, &late); /* the connection has nothing else to do first */
    assert_int_equal(pg_fixture_number(&server, "SELECT count(*) FROM t"), 0);
    bench_stop(&b, 1000);
}

/* It ends when all the others have run: one behind it on its connection would wait for itself. */
static void what_has_long_time_keeps_a_connection_for_itself(void **state)
{
    enum { N = 20, LONG_MS = 60000 };
    static struct unit quick[N];
    struct unit slow;
    struct bench b;
    struct qm_pg_config cfg = {.conninfo = server.conninfo,
                               .queries_dir = server.queries,
                               .connections = 2,
                               .queue_max = N + 1,
                               .timeout_ms = LONG_MS / 4,
                               .pipeline_depth = 4};
    (void)state;
    bench_config(&b, &server, &cfg);
    bench_wait_ready(&b, 2);
    assert_int_equal(bench_submit(&b, "await", N, LONG_MS, &slow), QM_OK);
    for (int i = 0; i < N; i++) {
        assert_int_equal(bench_submit(&b, "insert", i, 0, &quick[i]), QM_OK);
    }
    bench_wait(&b, N + 1);
    assert_int_equal(slow.err, QM_OK);
    assert_int_equal(slow.order, N); /* the last one */
    for (int i = 0; i < N; i++) {
        assert_int_equal(quick[i].err, QM_OK);
    }
    bench_stop(&b, 1000);
}

/* With one connection there is no other to wait for. */
static void what_has_long_time_shares_the_only_connection(void **state)
{
    struct unit slow, next;
    struct bench b;
    (void)state;
    bench_start(&b, &server, 1, 4, 4);
    assert_int_equal(bench_submit(&b, "sleep", 50, 200000, &slow), QM_OK);
    assert_int_equal(bench_submit(&b, "echo", 1, 0, &next), QM_OK);
    bench_wait(&b, 2);
    assert_int_equal(slow.err, QM_OK);
    assert_int_equal(next.err, QM_OK);
    bench_stop(&b, 1000);
}

static void a_slow_statement_is_cut_by_the_server_first(void **state)
{
    struct bench b;
    struct unit slow, next;
    struct qm_pg_stats s;
    (void)state;
    bench_start(&b, &server, 1, 4, 4);
    assert_int_equal(bench_submit(&b, "sleep", 30000, 3000, &slow), QM_OK);
    bench_wait(&b, 1);
    assert_int_equal(slow.err, QM_E_DB);
    assert_string_equal(slow.sqlstate, "57014");
    bench_run(&b, "limit", 0, &next); /* its own limit, from its own deadline */
    assert_int_equal(next.value, 90000);
    qm_pg_stats_get(b.pg, &s);
    assert_int_equal(s.reconnects, 0);
    bench_stop(&b, 1000);
}

/* A statement that runs when its server is killed asks after it, and ends when nobody is there. */
static void the_database_looks_whether_the_server_is_there(void **state)
{
    struct bench b;
    struct unit own, as_role;
    struct qm_pg_config cfg = {.conninfo = server.conninfo,
                               .queries_dir = server.queries,
                               .role = "reader",
                               .connections = 1,
                               .queue_max = 4,
                               .timeout_ms = 60000,
                               .pipeline_depth = 4};
    (void)state;
    bench_start(&b, &server, 1, 4, 4);
    bench_run(&b, "look", 0, &own);
    assert_int_equal(own.value, 10000);
    bench_stop(&b, 1000);
    bench_config(&b, &server, &cfg); /* which sends its options in another place */
    bench_run(&b, "look", 0, &as_role);
    assert_int_equal(as_role.value, 10000);
    bench_stop(&b, 1000);
}

static void a_failing_prepare_fails_its_units_only(void **state)
{
    enum { N = 9 };
    struct bench b;
    struct unit units[N];
    (void)state;
    bench_start(&b, &server, 1, 16, N);
    for (int i = 0; i < N; i++) {
        assert_int_equal(bench_submit(&b, i % 3 == 1 ? "broken" : "echo", i, 0, &units[i]), QM_OK);
    }
    bench_wait(&b, N);
    for (int i = 0; i < N; i++) {
        assert_int_equal(units[i].err, i % 3 == 1 ? QM_E_DB : QM_OK);
        if (i % 3 == 1) { /* all say why, not only that it is not prepared */
            assert_string_equal(units[i].sqlstate, "42P01");
            assert_non_null(strstr(units[i].message, "nowhere"));
        }
    }
    pg_fixture_sql(&server, "CREATE TABLE nowhere (id int8)");
    bench_run(&b, "broken", 1, &units[0]); /* tried again */
    assert_int_equal(units[0].err, QM_OK);
    pg_fixture_sql(&server, "DROP TABLE nowhere");
    bench_stop(&b, 1000);
}

struct seen {
    struct bench *b;
    qm_err err;
    int64_t value;
};

static void on_seen(void *ctx, const struct qm_pg_answer *a)
{
    struct seen *s = ctx;
    s->err = a->err;
    s->value = a->err == QM_OK && qm_pg_rows(a->result) > 0 ? qm_pg_get_int(a->result, 0, 0) : 0;
    s->b->done++;
}

static void submit_checks_name_and_parameters(void **state)
{
    struct bench b;
    struct unit u;
    struct seen s = {.b = &b, .err = QM_E_INTERNAL};
    (void)state;
    bench_start(&b, &server, 1, 4, 8);
    assert_int_equal(bench_submit(&b, "unheard_of", 1, 0, &u), QM_E_INVALID);
    assert_int_equal(qm_pg_submit(b.pg, "echo", NULL, 0, on_seen, &s), QM_E_NOMEM);
    assert_int_equal(qm_pg_submit(b.pg, "echo", qm_pg_params_new(), 0, on_seen, &s), QM_E_INVALID);
    bench_run(&b, "echo", INT64_C(1) << 40, &u);
    struct qm_pg_params *p = qm_pg_params_new(); /* prepared for int8 */
    qm_pg_int4(p, 1);
    assert_int_equal(qm_pg_submit(b.pg, "echo", p, 0, on_seen, &s), QM_E_INVALID);
    p = qm_pg_params_new();
    qm_pg_array_begin(p, QM_PG_INT8);
    assert_int_equal(qm_pg_submit(b.pg, "echo", p, 0, on_seen, &s), QM_E_INVALID);
    p = qm_pg_params_new();
    qm_pg_int2(p, 1 << 20);
    assert_int_equal(qm_pg_submit(b.pg, "echo", p, 0, on_seen, &s), QM_E_INVALID);
    size_t before = b.done;
    assert_int_equal(qm_pg_submit(b.pg, "plain", NULL, 0, on_seen, &s), QM_OK);
    assert_int_equal(qm_pg_submit(b.pg, "plain", qm_pg_params_new(), 0, on_seen, &s), QM_OK);
    bench_wait(&b, before + 2);
    assert_int_equal(s.err, QM_OK);
    assert_int_equal(s.value, 7);
    bench_stop(&b, 1000);
}

static void what_is_no_single_statement_is_an_error(void **state)
{
    struct bench b;
    struct unit u;
    struct seen s = {.b = &b};
    (void)state;
    bench_start(&b, &server, 1, 4, 8);
    bench_run(&b, "two", 1, &u);
    assert_string_equal(u.sqlstate, "42601");
    assert_int_equal(qm_pg_submit(b.pg, "comment", NULL, 0, on_seen, &s), QM_OK);
    bench_wait(&b, 2);
    assert_int_equal(s.err, QM_E_DB);
    assert_int_equal(qm_pg_submit(b.pg, "copy", NULL, 1000, on_seen, &s), QM_OK);
    bench_wait(&b, 3);
    assert_int_equal(s.err, QM_E_UNKNOWN_OUTCOME); /* it costs its connection */
    bench_run(&b, "echo", 11, &u);
    assert_int_equal(u.value, 11);
    bench_stop(&b, 1000);
}

static void a_reload_takes_the_new_text(void **state)
{
    struct bench b;
    struct unit old[6], now, gone;
    (void)state;
    pg_fixture_query(&server, "changing", "SELECT $1::int8 + 1");
    pg_fixture_query(&server, "vanishing", "SELECT $1::int8");
    bench_start(&b, &server, 2, 2, 16);
    bench_run(&b, "changing", 1, &now);
    assert_int_equal(now.value, 2);
    for (int i = 0; i < 6; i++) { /* some run, some wait while it happens */
        assert_int_equal(bench_submit(&b, i < 2 ? "sleep" : "changing", 10, 0, &old[i]), QM_OK);
    }
    assert_int_equal(bench_submit(&b, "vanishing", 1, 0, &gone), QM_OK);
    pg_fixture_query(&server, "changing", "SELECT $1::int8 + 1000");
    char path[200];
    (void)snprintf(path, sizeof path, "%s/vanishing.sql", server.queries);
    assert_int_equal(unlink(path), 0);
    pg_fixture_query(&server, "aaa", "SELECT $1::int8 - 1"); /* shifts the others */
    assert_int_equal(qm_pg_reload(b.pg), QM_OK);
    bench_wait(&b, 8);
    for (int i = 0; i < 6; i++) {
        assert_int_equal(old[i].err, QM_OK);
        assert_int_equal(old[i].value, i < 2 ? 1 : 1010);
    }
    assert_int_equal(gone.err, QM_E_INVALID);
    for (int i = 0; i < 4; i++) { /* on both connections */
        assert_int_equal(bench_submit(&b, i % 2 ? "changing" : "aaa", 5, 0, &old[i]), QM_OK);
    }
    bench_wait(&b, 12);
    for (int i = 0; i < 4; i++) {
        assert_int_equal(old[i].value, i % 2 ? 1005 : 4);
    }
    bench_stop(&b, 1000);
}

/* Whoever works on a thread of its own keeps the statements that it began with. */
static void held_statements_outlive_reload_and_pool(void **state)
{
    struct bench b;
    struct qm_pgb *own = NULL;
    struct qm_pg_result *r = NULL;
    char error[200] = "";
    (void)state;
    pg_fixture_query(&server, "kept", "SELECT 1::int8");
    bench_start(&b, &server, 1, 2, 16);
    struct qm_pg_statements *held = qm_pg_statements_of(b.pg);
    pg_fixture_query(&server, "kept", "SELECT 2::int8");
    assert_int_equal(qm_pg_reload(b.pg), QM_OK);
    bench_stop(&b, 1000);
    assert_int_equal(qm_pgb_open(server.conninfo, held, &own, error, sizeof error), QM_OK);
    qm_pg_statements_release(held);
    assert_int_equal(qm_pgb_query(own, "kept", NULL, &r), QM_OK);
    assert_int_equal(qm_pg_get_int(r, 0, 0), 1);
    qm_pgb_result_free(r);
    qm_pgb_close(own);
}

static void a_failed_reload_keeps_what_works(void **state)
{
    struct bench b;
    struct unit u;
    char path[200];
    (void)state;
    bench_start(&b, &server, 1, 2, 16);
    pg_fixture_query(&server, "Bad-Name", "SELECT 1");
    assert_int_equal(qm_pg_reload(b.pg), QM_E_INVALID);
    (void)snprintf(path, sizeof path, "%s/Bad-Name.sql", server.queries);
    assert_int_equal(unlink(path), 0);
    pg_fixture_query(&server, "hollow", "");
    assert_int_equal(qm_pg_reload(b.pg), QM_E_INVALID);
    (void)snprintf(path, sizeof path, "%s/hollow.sql", server.queries);
    assert_int_equal(unlink(path), 0);
    bench_run(&b, "echo", 4, &u);
    assert_int_equal(u.value, 4);
    assert_int_equal(qm_pg_reload(b.pg), QM_OK);
    bench_run(&b, "echo", 5, &u);
    assert_int_equal(u.value, 5);
    bench_stop(&b, 1000);
}

static void a_changed_table_costs_one_failure(void **state)
{
    struct bench b;
    struct unit u;
    (void)state;
    pg_fixture_sql(&server, "CREATE TABLE w (a int8); INSERT INTO w VALUES (1)");
    pg_fixture_query(&server, "wide", "SELECT * FROM w WHERE a = $1");
    bench_start(&b, &server, 1, 2, 16);
    bench_run(&b, "wide", 1, &u);
    assert_int_equal(u.rows, 1);
    pg_fixture_sql(&server, "ALTER TABLE w ADD b int8");
    bench_run(&b, "wide", 1, &u);
    assert_string_equal(u.sqlstate, "0A000");
    bench_run(&b, "wide", 1, &u);
    assert_int_equal(u.err, QM_OK);
    bench_stop(&b, 1000);
}

static void lost_statements_are_prepared_again(void **state)
{
    struct bench b;
    struct unit u;
    struct seen s = {.b = &b};
    (void)state;
    pg_fixture_query(&server, "discard", "DEALLOCATE ALL");
    bench_start(&b, &server, 1, 2, 16);
    bench_run(&b, "echo", 1, &u);
    assert_int_equal(qm_pg_submit(b.pg, "discard", NULL, 0, on_seen, &s), QM_OK);
    bench_wait(&b, 2);
    bench_run(&b, "echo", 1, &u);
    assert_string_equal(u.sqlstate, "26000");
    bench_run(&b, "echo", 2, &u);
    assert_int_equal(u.value, 2);
    bench_stop(&b, 1000);
}

static void large_values_pass_both_ways(void **state)
{
    enum { BIG = 8 << 20 };
    struct bench b;
    struct seen s[6];
    (void)state;
    pg_fixture_query(&server, "mirror", "SELECT length($1::bytea)::int8, $1");
    uint8_t *block = calloc(1, BIG);
    assert_non_null(block);
    bench_start(&b, &server, 2, 8, 16); /* more than the sockets hold, both ways at once */
    for (int i = 0; i < 6; i++) {
        struct qm_pg_params *p = qm_pg_params_new();
        s[i] = (struct seen){.b = &b, .err = QM_E_INTERNAL};
        qm_pg_bytea(p, block, (size_t)BIG - (size_t)i);
        assert_int_equal(qm_pg_submit(b.pg, "mirror", p, 0, on_seen, &s[i]), QM_OK);
    }
    bench_wait(&b, 6);
    for (int i = 0; i < 6; i++) {
        assert_int_equal(s[i].err, QM_OK);
        assert_int_equal(s[i].value, BIG - i);
    }
    free(block);
    bench_stop(&b, 1000);
}

struct chain {
    struct bench *b;
    int left;
    bool whole;
};

static void on_link(void *ctx, const struct qm_pg_answer *a)
{
    struct chain *c = ctx;
    c->b->done++;
    c->whole = c->whole && a->err == QM_OK;
    if (--c->left > 0) {
        struct qm_pg_params *p = qm_pg_params_new();
        qm_pg_int8(p, c->left);
        c->whole = c->whole && qm_pg_submit(c->b->pg, "echo", p, 0, on_link, c) == QM_OK;
        c->whole = c->whole && qm_pg_reload(c->b->pg) == QM_OK;
    }
}

static void callbacks_may_use_the_pool(void **state)
{
    struct bench b;
    struct chain c = {.b = &b, .left = 20, .whole = true};
    struct qm_pg_params *p = qm_pg_params_new();
    (void)state;
    bench_start(&b, &server, 2, 2, 4);
    qm_pg_int8(p, 1);
    assert_int_equal(qm_pg_submit(b.pg, "echo", p, 0, on_link, &c), QM_OK);
    bench_wait(&b, 20);
    assert_true(c.whole);
    assert_int_equal(c.left, 0);
    bench_stop(&b, 1000);
}

static void stop_lets_running_units_finish_and_fails_the_rest(void **state)
{
    struct bench b;
    struct unit running, waiting, first;
    (void)state;
    bench_start(&b, &server, 1, 1, 4);
    bench_run(&b, "echo", 1, &first);
    assert_int_equal(bench_submit(&b, "sleep", 300, 0, &running), QM_OK);
    struct qm_pg_stats s = {0};
    while (s.running == 0) {
        (void)uv_run(&b.loop, UV_RUN_ONCE);
        qm_pg_stats_get(b.pg, &s);
    }
    assert_int_equal(bench_submit(&b, "echo", 2, 0, &waiting), QM_OK);
    bench_stop(&b, 20000);
    assert_int_equal(running.err, QM_OK);
    assert_int_equal(waiting.err, QM_E_OVERLOAD);
    assert_int_equal(running.times + waiting.times, 2);
}

static void stop_without_patience_leaves_unknown_outcomes(void **state)
{
    struct bench b;
    struct unit running, waiting, first;
    (void)state;
    bench_start(&b, &server, 1, 1, 4);
    bench_run(&b, "echo", 1, &first);
    assert_int_equal(bench_submit(&b, "sleep", 5000, 0, &running), QM_OK);
    struct qm_pg_stats s = {0};
    while (s.running == 0) {
        (void)uv_run(&b.loop, UV_RUN_ONCE);
        qm_pg_stats_get(b.pg, &s);
    }
    assert_int_equal(bench_submit(&b, "echo", 2, 0, &waiting), QM_OK);
    bench_stop(&b, 0);
    assert_int_equal(running.err, QM_E_UNKNOWN_OUTCOME);
    assert_int_equal(waiting.err, QM_E_OVERLOAD);
    assert_int_equal(running.times + waiting.times, 2);
}

static void stop_while_connecting_is_clean(void **state)
{
    struct bench b;
    struct unit u;
    (void)state;
    bench_start(&b, &server, 8, 4, 4);
    assert_int_equal(bench_connections(&b), 0);
    assert_int_equal(bench_submit(&b, "echo", 1, 0, &u), QM_OK);
    bench_stop(&b, 0);
    assert_int_equal(u.err, QM_E_OVERLOAD);
}

static void bad_configuration_is_refused(void **state)
{
    uv_loop_t loop;
    struct qm_pg *pg = NULL;
    struct qm_pg_config good = {.conninfo = server.conninfo,
                                .queries_dir = server.queries,
                                .connections = 1,
                                .queue_max = 1,
                                .timeout_ms = 1,
                                .pipeline_depth = 1};
    struct qm_pg_config c = good;
    (void)state;
    assert_int_equal(uv_loop_init(&loop), 0);
    c.conninfo = "host=x nonsense=1";
    assert_int_equal(qm_pg_start(&loop, &c, &pg), QM_E_INVALID);
    c = good;
    c.queries_dir = "/nonexistent";
    assert_int_equal(qm_pg_start(&loop, &c, &pg), QM_E_IO);
    c = good;
    c.connections = 17;
    assert_int_equal(qm_pg_start(&loop, &c, &pg), QM_E_INVALID);
    c = good;
    c.pipeline_depth = 0;
    assert_int_equal(qm_pg_start(&loop, &c, &pg), QM_E_INVALID);
    assert_null(pg);
    assert_int_equal(uv_loop_close(&loop), 0);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(a_thousand_units_run_in_order_on_each_connection, empty),
        cmocka_unit_test_setup(an_error_leaves_its_neighbours_whole, empty),
        cmocka_unit_test_setup(a_failure_at_commit_is_no_success, empty),
        cmocka_unit_test(a_full_queue_refuses_at_once),
        cmocka_unit_test_setup(a_deadline_in_the_queue_means_not_sent, empty),
        cmocka_unit_test_setup(what_has_long_time_keeps_a_connection_for_itself, empty),
        cmocka_unit_test(what_has_long_time_shares_the_only_connection),
        cmocka_unit_test(a_slow_statement_is_cut_by_the_server_first),
        cmocka_unit_test(the_database_looks_whether_the_server_is_there),
        cmocka_unit_test(a_failing_prepare_fails_its_units_only),
        cmocka_unit_test(what_is_no_single_statement_is_an_error),
        cmocka_unit_test(submit_checks_name_and_parameters),
        cmocka_unit_test(a_reload_takes_the_new_text),
        cmocka_unit_test(held_statements_outlive_reload_and_pool),
        cmocka_unit_test(a_failed_reload_keeps_what_works),
        cmocka_unit_test(a_changed_table_costs_one_failure),
        cmocka_unit_test(lost_statements_are_prepared_again),
        cmocka_unit_test(large_values_pass_both_ways),
        cmocka_unit_test(callbacks_may_use_the_pool),
        cmocka_unit_test(stop_lets_running_units_finish_and_fails_the_rest),
        cmocka_unit_test(stop_without_patience_leaves_unknown_outcomes),
        cmocka_unit_test(stop_while_connecting_is_clean),
        cmocka_unit_test(bad_configuration_is_refused),
    };
    return cmocka_run_group_tests(tests, start, stop);
}
