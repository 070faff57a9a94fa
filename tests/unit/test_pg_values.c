/* test_pg_values.c - values go to a real PostgreSQL and come back the same; misuse is an error. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "drivers/pg.h"
#include "pg_fixture.h"

static struct pg_fixture server;
static struct qm_pgb *db;

/* A connection of its own for what the folder of statements holds now. */
static struct qm_pgb *connect_now(void)
{
    struct qm_pg_statements *all = NULL;
    struct qm_pgb *c = NULL;
    char error[256] = "";
    assert_int_equal(qm_pg_statements_read(server.queries, &all), QM_OK);
    qm_err err = qm_pgb_open(server.conninfo, all, &c, error, sizeof error);
    qm_pg_statements_release(all); /* the connection holds them */
    if (err != QM_OK) {
        fail_msg("%s", error);
    }
    return c;
}

static int start(void **state)
{
    (void)state;
    pg_fixture_start(&server);
    pg_fixture_query(&server, "one", "SELECT 1");
    db = connect_now();
    return 0;
}

static int stop(void **state)
{
    (void)state;
    qm_pgb_close(db);
    pg_fixture_stop(&server);
    return 0;
}

/* Runs this text as a named statement. */
static qm_err attempt(const char *sql, struct qm_pg_params *p, struct qm_pg_result **r)
{
    pg_fixture_query(&server, "asked", sql);
    qm_pgb_close(db);
    db = connect_now();
    return qm_pgb_query(db, "asked", p, r);
}

static struct qm_pg_result *query(const char *sql, struct qm_pg_params *p)
{
    struct qm_pg_result *r = NULL;
    qm_err err = attempt(sql, p, &r);
    if (err != QM_OK) {
        fail_msg("%s: %s %s", sql, qm_err_name(err), qm_pgb_error(db));
    }
    return r;
}

static void scalars_come_back(void **state)
{
    static const uint8_t uuid[16] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 255};
    static const uint8_t bytes[] = {0, 255, 0, '\\', '\''};
    struct qm_pg_params *p = qm_pg_params_new();
    size_t len;
    (void)state;
    qm_pg_bool(p, true);
    qm_pg_int2(p, -32768);
    qm_pg_int4(p, INT32_MIN);
    qm_pg_int8(p, INT64_MIN);
    qm_pg_text(p, "敲门'\\", strlen("敲门'\\"));
    qm_pg_bytea(p, bytes, sizeof bytes);
    qm_pg_uuid(p, uuid);
    qm_pg_int8(p, INT64_MAX);
    struct qm_pg_result *r = query("SELECT $1, $2, $3, $4, $5, $6, $7, $8", p);
    assert_int_equal(qm_pg_rows(r), 1);
    assert_int_equal(qm_pg_get_int(r, 0, 0), 1);
    assert_int_equal(qm_pg_get_int(r, 0, 1), -32768);
    assert_true(qm_pg_get_int(r, 0, 2) == INT32_MIN);
    assert_true(qm_pg_get_int(r, 0, 3) == INT64_MIN);
    assert_string_equal(qm_pg_get_text(r, 0, 4), "敲门'\\");
    assert_memory_equal(qm_pg_get_bytes(r, 0, 5, &len), bytes, sizeof bytes);
    assert_int_equal(len, sizeof bytes);
    assert_memory_equal(qm_pg_get_bytes(r, 0, 6, &len), uuid, 16);
    assert_int_equal(len, 16);
    assert_true(qm_pg_get_int(r, 0, 7) == INT64_MAX);
    qm_pgb_result_free(r);
}

static void the_server_sees_the_same_values(void **state)
{
    static const uint8_t id[16] = {0x01, 0x8f, 0, 0, 0, 0, 0x70, 0, 0x80, 0, 0, 0, 0, 0, 0, 0x2a};
    struct qm_pg_params *p = qm_pg_params_new();
    (void)state;
    qm_pg_bool(p, false);
    qm_pg_int2(p, 258);
    qm_pg_int8(p, -2);
    qm_pg_bytea(p, "\x01\xff", 2);
    qm_pg_uuid(p, id);
    struct qm_pg_result *r =
        query("SELECT concat_ws(' ', $1::bool, $2::int2, $3::int8, $4::bytea, $5::uuid)", p);
    assert_string_equal(qm_pg_get_text(r, 0, 0),
                        "f 258 -2 \\x01ff 018f0000-0000-7000-8000-00000000002a");
    qm_pgb_result_free(r);
}

static void days_are_unix_days(void **state)
{
    static const struct {
        int32_t day;
        const char *text;
    } cases[] = {{0, "1970-01-01"},     {10957, "2000-01-01"}, {-62091, "1800-01-01"},
                 {20778, "2026-11-21"}, {11016, "2000-02-29"}, {84006, "2200-01-01"}};
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct qm_pg_params *p = qm_pg_params_new();
        qm_pg_date(p, cases[i].day);
        struct qm_pg_result *r = query("SELECT $1::date, $1::date::text", p);
        assert_int_equal(qm_pg_get_int(r, 0, 0), cases[i].day);
        assert_string_equal(qm_pg_get_text(r, 0, 1), cases[i].text);
        qm_pgb_result_free(r);
    }
}

static void nulls_and_empties_differ(void **state)
{
    static const enum qm_pg_type types[] = {QM_PG_BOOL, QM_PG_BYTEA, QM_PG_INT8, QM_PG_INT2,
                                            QM_PG_INT4, QM_PG_TEXT,  QM_PG_DATE, QM_PG_UUID};
    struct qm_pg_params *p = qm_pg_params_new();
    size_t len = 9;
    (void)state;
    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++) {
        qm_pg_null(p, types[i]);
    }
    struct qm_pg_result *r = query("SELECT $1, $2, $3, $4, $5, $6, $7, $8", p);
    for (int i = 0; i < 8; i++) {
        assert_true(qm_pg_is_null(r, 0, i));
        assert_int_equal(qm_pg_get_int(r, 0, i), 0);
        assert_null(qm_pg_get_bytes(r, 0, i, &len));
        assert_null(qm_pg_get_text(r, 0, i));
        assert_int_equal(len, 0);
    }
    qm_pgb_result_free(r);

    p = qm_pg_params_new(); /* the buffer of the parameters stays without memory */
    qm_pg_bytea(p, NULL, 0);
    qm_pg_text(p, "", 0);
    r = query("SELECT $1, $2", p);
    assert_false(qm_pg_is_null(r, 0, 0));
    assert_non_null(qm_pg_get_bytes(r, 0, 0, &len));
    assert_int_equal(len, 0);
    assert_string_equal(qm_pg_get_text(r, 0, 1), "");
    qm_pgb_result_free(r);
}

static void integer_arrays_come_back(void **state)
{
    static const struct {
        enum qm_pg_type type;
        int64_t low, high;
        const char *sql;
    } cases[] = {
        {QM_PG_INT2, INT16_MIN, INT16_MAX, "SELECT $1::int2[], array_ndims($1::int2[])"},
        {QM_PG_INT4, INT32_MIN, INT32_MAX, "SELECT $1::int4[], array_ndims($1::int4[])"},
        {QM_PG_INT8, INT64_MIN, INT64_MAX, "SELECT $1::int8[], array_ndims($1::int8[])"},
        {QM_PG_DATE, -62091, 84006, "SELECT $1::date[], array_ndims($1::date[])"},
        {QM_PG_BOOL, 0, 1, "SELECT $1::bool[], array_ndims($1::bool[])"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        int64_t out[4] = {7, 7, 7, 7};
        struct qm_pg_params *p = qm_pg_params_new();
        qm_pg_array_begin(p, cases[i].type);
        qm_pg_array_int(p, cases[i].low);
        qm_pg_array_null(p);
        qm_pg_array_int(p, cases[i].high);
        qm_pg_array_end(p);
        struct qm_pg_result *r = query(cases[i].sql, p);
        assert_int_equal(qm_pg_get_ints(r, 0, 0, out, 4), 3);
        assert_true(out[0] == cases[i].low && out[1] == 0 && out[2] == cases[i].high);
        assert_int_equal(out[3], 7);
        out[1] = 7;
        assert_int_equal(qm_pg_get_ints(r, 0, 0, out, 1), 3); /* says how many there are */
        assert_int_equal(out[1], 7);
        assert_int_equal(qm_pg_get_int(r, 0, 1), 1);
        qm_pgb_result_free(r);
    }
}

static void byte_arrays_come_back(void **state)
{
    static const enum qm_pg_type types[] = {QM_PG_TEXT, QM_PG_BYTEA};
    static const char *const sqls[] = {"SELECT $1::text[], $2::int8", "SELECT $1::bytea[], $2"};
    (void)state;
    for (int i = 0; i < 2; i++) {
        const uint8_t *v;
        size_t at = 0, len;
        struct qm_pg_params *p = qm_pg_params_new();
        qm_pg_array_begin(p, types[i]);
        qm_pg_array_bytes(p, "{a,\"b\"}", 7);
        qm_pg_array_bytes(p, "", 0);
        qm_pg_array_null(p);
        qm_pg_array_bytes(p, "z", 1);
        qm_pg_array_end(p);
        qm_pg_int8(p, 77); /* a parameter behind an array is where it should be */
        struct qm_pg_result *r = query(sqls[i], p);
        assert_true(qm_pg_get_next(r, 0, 0, &at, &v, &len));
        assert_int_equal(len, 7);
        assert_memory_equal(v, "{a,\"b\"}", 7);
        assert_true(qm_pg_get_next(r, 0, 0, &at, &v, &len));
        assert_true(v != NULL && len == 0);
        assert_true(qm_pg_get_next(r, 0, 0, &at, &v, &len));
        assert_null(v);
        assert_true(qm_pg_get_next(r, 0, 0, &at, &v, &len));
        assert_true(len == 1 && *v == 'z');
        assert_false(qm_pg_get_next(r, 0, 0, &at, &v, &len));
        assert_false(qm_pg_get_next(r, 0, 0, &at, &v, &len));
        assert_int_equal(qm_pg_get_int(r, 0, 1), 77);
        qm_pgb_result_free(r);
    }
}

static void uuid_arrays_come_back(void **state)
{
    static const uint8_t id[16] = {9, 8, 7, 6, 5, 4, 3, 2, 1, 0, 1, 2, 3, 4, 5, 6};
    const uint8_t *v;
    size_t at = 0, len;
    struct qm_pg_params *p = qm_pg_params_new();
    (void)state;
    qm_pg_array_begin(p, QM_PG_UUID);
    qm_pg_array_bytes(p, id, 16);
    qm_pg_array_end(p);
    struct qm_pg_result *r = query("SELECT $1", p);
    assert_true(qm_pg_get_next(r, 0, 0, &at, &v, &len));
    assert_memory_equal(v, id, 16);
    assert_false(qm_pg_get_next(r, 0, 0, &at, &v, &len));
    qm_pgb_result_free(r);
}

static void empty_arrays_are_not_null(void **state)
{
    int64_t out[1];
    const uint8_t *v;
    size_t at = 0, len;
    struct qm_pg_params *p = qm_pg_params_new();
    (void)state;
    qm_pg_array_begin(p, QM_PG_INT8);
    qm_pg_array_end(p);
    qm_pg_array_begin(p, QM_PG_BYTEA);
    qm_pg_array_end(p);
    struct qm_pg_result *r = query("SELECT $1, $2, cardinality($1) + cardinality($2)", p);
    assert_false(qm_pg_is_null(r, 0, 0));
    assert_int_equal(qm_pg_get_ints(r, 0, 0, out, 1), 0);
    assert_false(qm_pg_get_next(r, 0, 1, &at, &v, &len));
    assert_int_equal(qm_pg_get_int(r, 0, 2), 0);
    qm_pgb_result_free(r);
}

static void long_arrays_are_whole(void **state)
{
    enum { N = 10000 };
    static int64_t out[N];
    struct qm_pg_params *p = qm_pg_params_new();
    (void)state;
    qm_pg_array_begin(p, QM_PG_INT8);
    for (int64_t i = 0; i < N; i++) {
        qm_pg_array_int(p, i * i);
    }
    qm_pg_array_end(p);
    struct qm_pg_result *r = query("SELECT $1, (SELECT sum(x) FROM unnest($1) x)::int8", p);
    assert_int_equal(qm_pg_get_ints(r, 0, 0, out, N), N);
    assert_true(out[N - 1] == (int64_t)(N - 1) * (N - 1));
    assert_true(qm_pg_get_int(r, 0, 1) == INT64_C(333283335000));
    qm_pgb_result_free(r);
}

static void reads_outside_give_nothing(void **state)
{
    int64_t out[1] = {5};
    const uint8_t *v;
    size_t at = 0, len;
    (void)state;
    struct qm_pg_result *r = query("SELECT 'abc'::text, ARRAY[ARRAY[1,2],ARRAY[3,4]]", NULL);
    assert_true(qm_pg_is_null(r, 1, 0));
    assert_true(qm_pg_is_null(r, 0, 2));
    assert_null(qm_pg_get_text(r, -1, 0));
    assert_int_equal(qm_pg_get_int(r, 0, 0), 0);          /* text is no integer */
    assert_int_equal(qm_pg_get_ints(r, 0, 0, out, 1), 0); /* nor an array */
    assert_false(qm_pg_get_next(r, 0, 0, &at, &v, &len));
    assert_int_equal(out[0], 5);
    assert_int_equal(qm_pg_get_ints(r, 0, 1, out, 1), 4); /* two dimensions, row by row */
    qm_pgb_result_free(r);
}

typedef void (*misuse)(struct qm_pg_params *p);

static void element_without_array(struct qm_pg_params *p)
{
    qm_pg_array_int(p, 1);
}
static void end_without_begin(struct qm_pg_params *p)
{
    qm_pg_array_end(p);
}
static void array_left_open(struct qm_pg_params *p)
{
    qm_pg_array_begin(p, QM_PG_INT4);
}
static void scalar_inside_array(struct qm_pg_params *p)
{
    qm_pg_array_begin(p, QM_PG_INT4);
    qm_pg_int4(p, 1);
    qm_pg_array_end(p);
}
static void bytes_among_integers(struct qm_pg_params *p)
{
    qm_pg_array_begin(p, QM_PG_INT4);
    qm_pg_array_bytes(p, "1234", 4);
    qm_pg_array_end(p);
}
static void integer_among_texts(struct qm_pg_params *p)
{
    qm_pg_array_begin(p, QM_PG_TEXT);
    qm_pg_array_int(p, 1);
    qm_pg_array_end(p);
}
static void short_uuid(struct qm_pg_params *p)
{
    qm_pg_array_begin(p, QM_PG_UUID);
    qm_pg_array_bytes(p, "123456789012345", 15);
    qm_pg_array_end(p);
}
static void int2_too_large(struct qm_pg_params *p)
{
    qm_pg_int2(p, 32768);
}
static void element_too_large(struct qm_pg_params *p)
{
    qm_pg_array_begin(p, QM_PG_INT4);
    qm_pg_array_int(p, INT64_C(1) << 31);
    qm_pg_array_end(p);
}
static void bool_of_two(struct qm_pg_params *p)
{
    qm_pg_array_begin(p, QM_PG_BOOL);
    qm_pg_array_int(p, 2);
    qm_pg_array_end(p);
}
static void day_before_time(struct qm_pg_params *p)
{
    qm_pg_date(p, INT32_MIN);
}
static void too_many(struct qm_pg_params *p)
{
    for (int i = 0; i < 65; i++) {
        qm_pg_int4(p, i);
    }
}

static void misuse_is_refused(void **state)
{
    static const misuse cases[] = {
        element_without_array, end_without_begin,   array_left_open, scalar_inside_array,
        bytes_among_integers,  integer_among_texts, short_uuid,      int2_too_large,
        element_too_large,     bool_of_two,         day_before_time, too_many};
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct qm_pg_result *r = NULL;
        struct qm_pg_params *p = qm_pg_params_new();
        cases[i](p);
        assert_int_equal(attempt("SELECT $1", p, &r), QM_E_INVALID);
        assert_null(r);
    }
}

static void too_much_is_refused(void **state)
{
    static uint8_t block[1 << 20];
    struct qm_pg_result *r;
    struct qm_pg_params *p = qm_pg_params_new();
    (void)state;
    qm_pg_array_begin(p, QM_PG_BYTEA);
    for (int i = 0; i < 64; i++) {
        qm_pg_array_bytes(p, block, sizeof block);
    }
    qm_pg_array_end(p);
    assert_int_equal(attempt("SELECT $1", p, &r), QM_E_TOO_LARGE);
}

static void no_parameters_object_is_harmless(void **state)
{
    (void)state;
    qm_pg_int4(NULL, 1);
    qm_pg_array_begin(NULL, QM_PG_INT4);
    qm_pg_array_int(NULL, 1);
    qm_pg_array_end(NULL);
    qm_pg_params_free(NULL);
    struct qm_pg_result *r = query("SELECT 1", NULL);
    assert_int_equal(qm_pg_get_int(r, 0, 0), 1);
    qm_pgb_result_free(r);
}

static void errors_have_state_but_no_values(void **state)
{
    struct qm_pg_result *r;
    struct qm_pg_params *p = qm_pg_params_new();
    (void)state;
    qm_pg_text(p, "13800001234", 11);
    assert_int_equal(attempt("SELECT ('x' || $1)::int", p, &r), QM_E_DB);
    assert_string_equal(qm_pgb_sqlstate(db), "22P02");
    assert_string_equal(qm_pgb_error(db), "invalid input syntax for type integer");
    assert_int_equal(attempt("SELECT * FROM nowhere", NULL, &r), QM_E_DB);
    assert_string_equal(qm_pgb_sqlstate(db), "42P01");
    assert_string_equal(qm_pgb_error(db), "relation \"nowhere\" does not exist");
    assert_int_equal(qm_pgb_query(db, "one", NULL, &r), QM_OK);
    qm_pgb_result_free(r);
    assert_string_equal(qm_pgb_error(db), ""); /* of the last call only */
}

static void a_name_that_is_none_is_refused(void **state)
{
    struct qm_pg_result *r = (struct qm_pg_result *)1;
    struct qm_pg_params *p = qm_pg_params_new();
    (void)state;
    qm_pg_int4(p, 1);
    assert_int_equal(qm_pgb_query(db, "nowhere", p, &r), QM_E_INVALID);
    assert_null(r);
    assert_string_equal(qm_pgb_error(db), "no such statement in the folder of queries");
    assert_string_equal(qm_pgb_sqlstate(db), "");
    p = qm_pg_params_new();
    assert_int_equal(qm_pgb_cursor_begin(db, "nowhere", p), QM_E_INVALID);
    assert_int_equal(qm_pgb_query(db, "one", NULL, &r), QM_OK); /* it still answers */
    qm_pgb_result_free(r);
}

static void a_cursor_gives_rows_a_few_at_a_time(void **state)
{
    struct qm_pg_result *r = NULL;
    (void)state;
    pg_fixture_query(&server, "steps",
                     "-- Numbers from $1 on.\nSELECT generate_series($1::int8, $2)\n");
    struct qm_pgb *own = connect_now();
    struct qm_pg_params *p = qm_pg_params_new();
    qm_pg_int8(p, 1);
    qm_pg_int8(p, 1);
    assert_int_equal(qm_pgb_cursor_begin(own, "steps", p), QM_E_DB);
    assert_string_equal(qm_pgb_sqlstate(own), "25P01"); /* only inside a transaction */
    for (int round = 0; round < 2; round++) {           /* its end frees the name */
        assert_int_equal(round > 0 ? QM_OK : qm_pgb_script(own, "BEGIN"), QM_OK);
        p = qm_pg_params_new();
        qm_pg_int8(p, 11);
        qm_pg_int8(p, 13);
        assert_int_equal(qm_pgb_cursor_begin(own, "steps", p), QM_OK);
        static const int rows[] = {2, 1, 0};
        for (int i = 0; i < 3; i++) {
            assert_int_equal(qm_pgb_cursor_fetch(own, "steps", 2, &r), QM_OK);
            assert_int_equal(qm_pg_rows(r), rows[i]);
            if (rows[i] > 0) {
                assert_int_equal(qm_pg_get_int(r, 0, 0), 11 + 2 * i);
            }
            qm_pgb_result_free(r);
        }
        assert_int_equal(qm_pgb_cursor_end(own, "steps"), QM_OK);
    }
    assert_int_equal(qm_pgb_cursor_fetch(own, "steps", 2, &r), QM_E_DB);
    assert_null(r);
    qm_pgb_close(own);
}

static void scripts_run(void **state)
{
    (void)state;
    assert_int_equal(qm_pgb_script(db, "CREATE TABLE c (a int PRIMARY KEY, b text);"
                                       "INSERT INTO c VALUES (9, 'x');"),
                     QM_OK);
    assert_int_equal(pg_fixture_number(&server, "SELECT count(*) FROM c"), 1);
    assert_int_equal(
        qm_pgb_script(db, "INSERT INTO c VALUES (8, 'y'); INSERT INTO c VALUES (9, 'z')"), QM_E_DB);
    assert_string_equal(qm_pgb_sqlstate(db), "23505");
    assert_int_equal(pg_fixture_number(&server, "SELECT count(*) FROM c"), 1);
}

static void scripts_with_copy_do_not_hang(void **state)
{
    (void)state;
    assert_int_equal(qm_pgb_script(db, "COPY pg_class TO STDOUT"), QM_E_INVALID);
    assert_int_equal(qm_pgb_script(db, "CREATE TABLE d (a int); COPY d FROM STDIN"), QM_E_INVALID);
    assert_int_equal(qm_pgb_script(db, "SELECT 1; SELECT 1/0"), QM_E_DB);
    assert_string_equal(qm_pgb_sqlstate(db), "22012");
    assert_int_equal(qm_pgb_script(db, ""), QM_OK);
}

static void a_cut_connection_is_an_unknown_outcome(void **state)
{
    struct qm_pg_statements *all = NULL;
    struct qm_pg_result *r = NULL;
    char error[128] = "";
    (void)state;
    struct qm_pgb *own = connect_now();
    assert_int_equal(qm_pgb_script(own, "SELECT pg_terminate_backend(pg_backend_pid())"),
                     QM_E_UNKNOWN_OUTCOME);
    assert_int_equal(qm_pgb_script(own, "SELECT 1"), QM_E_UNKNOWN_OUTCOME);
    assert_int_equal(qm_pgb_query(own, "one", NULL, &r), QM_E_UNKNOWN_OUTCOME);
    qm_pgb_close(own);
    own = NULL;
    assert_int_equal(qm_pg_statements_read(server.queries, &all), QM_OK);
    assert_int_equal(qm_pgb_open("host=/nowhere", all, &own, error, sizeof error), QM_E_OFFLINE);
    assert_null(own);
    assert_non_null(strstr(error, "/nowhere"));
    qm_pg_statements_release(all);
    qm_pgb_close(NULL);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(scalars_come_back),
        cmocka_unit_test(the_server_sees_the_same_values),
        cmocka_unit_test(days_are_unix_days),
        cmocka_unit_test(nulls_and_empties_differ),
        cmocka_unit_test(integer_arrays_come_back),
        cmocka_unit_test(byte_arrays_come_back),
        cmocka_unit_test(uuid_arrays_come_back),
        cmocka_unit_test(empty_arrays_are_not_null),
        cmocka_unit_test(long_arrays_are_whole),
        cmocka_unit_test(reads_outside_give_nothing),
        cmocka_unit_test(misuse_is_refused),
        cmocka_unit_test(too_much_is_refused),
        cmocka_unit_test(no_parameters_object_is_harmless),
        cmocka_unit_test(errors_have_state_but_no_values),
        cmocka_unit_test(a_name_that_is_none_is_refused),
        cmocka_unit_test(a_cursor_gives_rows_a_few_at_a_time),
        cmocka_unit_test(scripts_run),
        cmocka_unit_test(scripts_with_copy_do_not_hang),
        cmocka_unit_test(a_cut_connection_is_an_unknown_outcome),
    };
    return cmocka_run_group_tests(tests, start, stop);
}
