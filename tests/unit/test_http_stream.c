/* test_http_stream.c - answers that are written piece by piece and come to their end: whole, with
 * little memory, and never faster than the client reads.  Those that do not:
 * test_http_stream_cut.c.
 */
#include "stream_fixture.h"

#include <string.h>
#include <unistd.h>

static void a_stream_has_its_headers_and_the_connection_is_kept(void **state)
{
    struct answer a;
    (void)state;
    producer.total = 10;
    int fd = stream_ask(GET("/own"), &a);
    assert_memory_equal(answer_header(&a, "Content-Type"), "text/csv\r", 9);
    assert_memory_equal(answer_header(&a, "X-Test"), "yes\r", 4);
    assert_memory_equal(answer_header(&a, "Transfer-Encoding"), "chunked\r", 8);
    assert_non_null(answer_header(&a, "X-Request-Id"));
    assert_null(answer_header(&a, "Content-Length"));
    assert_true(stream_read(fd, 0));
    assert_int_equal(stream_received, 10);
    client_send(fd, GET("/now"));
    client_read(fd, &a);
    assert_string_equal(a.body, "GET /now  127.0.0.1");
    answer_free(&a);
    close(fd);
    assert_int_equal(producer.gone, 0);
    assert_int_equal(server_stats(&server).waiting, 0);
}

static void an_empty_stream_is_complete(void **state)
{
    struct answer a;
    (void)state;
    int fd = stream_ask(GET("/own"), &a);
    assert_true(stream_read(fd, 0));
    assert_int_equal(stream_received, 0);
    close(fd);
}

static void a_hundred_mebibytes_pass_through_little_memory(void **state)
{
    struct answer a;
    (void)state;
    producer.total = 100 * (uint64_t)MIB;
    int fd = stream_ask(GET("/own"), &a);
    assert_true(stream_read(fd, 0));
    assert_int_equal(stream_received, producer.total);
    assert_in_range(producer.under_way_max, 1, UNDER_WAY_MAX_BYTES);
    assert_int_equal(producer.wanted, (producer.total + PIECE_BYTES - 1) / PIECE_BYTES);
    close(fd);
}

static void a_producer_may_take_its_time(void **state)
{
    struct answer a;
    (void)state;
    producer.total = 5 * (uint64_t)MIB;
    producer.when = FROM_A_TIMER;
    int fd = stream_ask(GET("/own"), &a);
    assert_true(stream_read(fd, 0));
    assert_int_equal(stream_received, producer.total);
    close(fd);
    assert_int_equal(producer.gone, 0);
}

static void small_pieces_are_asked_for_one_by_one(void **state)
{
    struct answer a;
    (void)state;
    producer.total = 700;
    producer.piece = 7;
    producer.when = FROM_A_TIMER;
    int fd = stream_ask(GET("/own"), &a);
    assert_true(stream_read(fd, 0));
    assert_int_equal(stream_received, 700);
    assert_int_equal(producer.wanted, 100);
    close(fd);
}

static void write_unasked(struct server *s, struct qm_http_req *r)
{
    stream_open(s, r);
    for (int i = 0; i < 20; i++)
        stream_write_piece();
}

static void pieces_may_be_written_unasked(void **state)
{
    struct answer a;
    (void)state;
    producer.total = 20 * (uint64_t)PIECE_BYTES;
    server.own = write_unasked;
    int fd = stream_ask(GET("/own"), &a);
    assert_true(stream_read(fd, 0));
    assert_int_equal(stream_received, producer.total);
    assert_int_equal(producer.wanted, 0);
    close(fd);
}

static void do_write_nothing(struct server *s)
{
    (void)s;
    struct qm_buf none;
    qm_buf_init(&none, 10);
    qm_http_stream_write(producer.stream, &none);
}

static void nothing_written_is_no_piece(void **state)
{
    (void)state;
    int fd = stream_ask_held(5);
    server_call(&server, do_write_nothing);
    server_call(&server, stream_do_nothing);
    assert_int_equal(producer.wanted, 1);
    server_call(&server, stream_do_write_piece);
    assert_true(stream_read(fd, 0));
    assert_int_equal(stream_received, 5);
    close(fd);
}

/* Nothing is ever produced for it. */
static void head_gets_the_headers_only(void **state)
{
    struct answer a;
    (void)state;
    producer.total = MIB;
    int fd = stream_ask("HEAD /own HTTP/1.1\r\nHost: a\r\n\r\n", &a);
    assert_memory_equal(answer_header(&a, "Content-Type"), "text/csv\r", 9);
    stream_wait(&producer.gone, 1);
    assert_int_equal(producer.wanted, 0);
    assert_int_equal(server_stats(&server).left_early, 0);
    client_expect_closed(fd); /* and not a byte before */
}

static void an_old_client_reads_to_the_end_of_the_connection(void **state)
{
    struct answer a;
    (void)state;
    producer.total = 200000;
    int fd = stream_ask("GET /own HTTP/1.0\r\n\r\n", &a);
    assert_null(answer_header(&a, "Transfer-Encoding"));
    long left = 1 << 20;
    while (stream_read_in_chunk(fd, 65536, &left))
        ;
    assert_int_equal(stream_received, 200000);
    close(fd);
}

/* Takes 64 KiB at most between two pauses, and far longer than the time-out for all of it. */
static void a_slow_reader_is_served(void **state)
{
    struct answer a;
    (void)state;
    producer.total = 3 * (uint64_t)MIB;
    int fd = stream_ask(GET("/own"), &a);
    assert_true(stream_read(fd, 30000));
    assert_int_equal(stream_received, producer.total);
    close(fd);
    assert_int_equal(server_stats(&server).timeouts, 0);
}

static void a_stream_may_begin_later(void **state)
{
    struct answer a;
    (void)state;
    producer.total = MIB;
    int fd = client_open(&server);
    client_send(fd, GET("/held"));
    server_wait_held(&server, 1);
    server_call(&server, stream_do_open_held);
    server.held_count = 0;
    client_read_head(fd, &a);
    assert_true(stream_read(fd, 0));
    assert_int_equal(stream_received, MIB);
    close(fd);
}

int main(void)
{
#define T(f, setup) cmocka_unit_test_setup_teardown(f, setup, stream_teardown)
    const struct CMUnitTest tests[] = {
        T(a_stream_has_its_headers_and_the_connection_is_kept, stream_setup),
        T(an_empty_stream_is_complete, stream_setup),
        T(a_hundred_mebibytes_pass_through_little_memory, stream_setup),
        T(a_producer_may_take_its_time, stream_setup),
        T(small_pieces_are_asked_for_one_by_one, stream_setup),
        T(pieces_may_be_written_unasked, stream_setup),
        T(nothing_written_is_no_piece, stream_setup),
        T(head_gets_the_headers_only, stream_setup),
        T(an_old_client_reads_to_the_end_of_the_connection, stream_setup),
        T(a_slow_reader_is_served, stream_setup_patient),
        T(a_stream_may_begin_later, stream_setup),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
