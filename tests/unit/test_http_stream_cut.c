/* test_http_stream_cut.c - answers that are written piece by piece and do not come to their end, or
 * nearly not: a cut shows, the producer is told when nobody reads any more, a drain waits and then
 * cuts, and nothing is lost for want of memory.
 */
#include "memory_fixture.h"
#include "stream_fixture.h"

#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define COUNTER(field) offsetof(struct qm_http_stats, field)

static void do_cut(struct server *s)
{
    (void)s;
    stream_end(false);
}

static void a_cut_shows(void **state)
{
    (void)state;
    int fd = stream_ask_held(2 * (uint64_t)PIECE_BYTES);
    server_call(&server, stream_do_write_piece);
    stream_wait(&producer.wanted, 2);
    server_call(&server, do_cut);
    assert_false(stream_read(fd, 0));
    assert_true(stream_received <= PIECE_BYTES);
    close(fd);
    assert_int_equal(producer.gone, 0);
    server_wait(&server, COUNTER(requests), 1);
    assert_int_equal(server_stats(&server).waiting, 0);
}

static void cut_at_once(struct server *s, struct qm_http_req *r)
{
    stream_open(s, r);
    stream_end(false);
}

static void a_cut_may_come_at_once(void **state)
{
    (void)state;
    server.own = cut_at_once;
    int fd = client_open(&server);
    client_send(fd, GET("/own"));
    char all[4096];
    size_t n = client_read_to_end(fd, all, sizeof all - 1);
    all[n] = '\0';
    assert_null(strstr(all, "\r\n0\r\n"));
    assert_int_equal(producer.gone, 0);
}

static void a_reader_that_takes_nothing_is_cut(void **state)
{
    struct answer a;
    (void)state;
    producer.total = 100 * (uint64_t)MIB;
    int fd = stream_ask(GET("/own"), &a);
    stream_wait(&producer.gone, 1);
    assert_true(producer.written <= UNDER_WAY_MAX_BYTES);
    assert_int_equal(server_stats(&server).timeouts, 1);
    assert_int_equal(server_stats(&server).waiting, 0);
    assert_false(stream_read(fd, 0));
    close(fd);
    assert_int_equal(producer.gone, 1);
}

static void a_producer_that_gives_nothing_is_told(void **state)
{
    struct answer a;
    (void)state;
    producer.total = MIB;
    producer.when = NEVER;
    int fd = stream_ask(GET("/own"), &a);
    stream_wait(&producer.gone, 1);
    assert_false(stream_read(fd, 0));
    close(fd);
    assert_int_equal(server_stats(&server).timeouts, 1);
}

static void reset(int fd)
{
    struct linger at_once = {.l_onoff = 1, .l_linger = 0};
    setsockopt(fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    close(fd);
}

static void a_reader_that_leaves_ends_the_stream(void **state)
{
    struct answer a;
    (void)state;
    producer.total = 100 * (uint64_t)MIB;
    int fd = stream_ask(GET("/own"), &a);
    long left = stream_chunk_length(fd);
    assert_true(stream_read_in_chunk(fd, 1000, &left));
    close(fd);
    stream_wait(&producer.gone, 1);
    assert_true(producer.written < producer.total);
    assert_int_equal(server_stats(&server).left_early, 1);
    /* While the connection is suspended: seen at the next piece. */
    memset(&producer, 0, offsetof(struct producer, timer));
    producer.gone = producer.wanted = 0;
    producer.piece = PIECE_BYTES;
    producer.total = MIB;
    producer.when = NEVER;
    reset(stream_ask(GET("/own"), &a));
    stream_wait(&producer.wanted, 1);
    server_call(&server, stream_do_write_piece);
    stream_wait(&producer.gone, 1);
    for (int i = 0; i < 2000 && server_stats(&server).connections > 0; i++)
        usleep(5000);
    assert_int_equal(server_stats(&server).connections, 0);
}

static void a_drain_waits_for_a_stream(void **state)
{
    struct answer a;
    (void)state;
    producer.total = 20 * (uint64_t)MIB;
    int fd = stream_ask(GET("/own"), &a);
    stream_wait(&producer.wanted, 1);
    server_drain(&server, 60000);
    assert_int_equal(sem_trywait(&server.drained), -1);
    assert_true(stream_read(fd, 0));
    assert_int_equal(stream_received, producer.total);
    client_expect_closed(fd);
    sem_wait(&server.drained);
    assert_int_equal(producer.gone, 0);
}

static void a_drain_cuts_streams_at_its_end(void **state)
{
    (void)state;
    int fd = stream_ask_held(100 * (uint64_t)MIB);
    server_drain(&server, 50);
    sem_wait(&server.drained);
    assert_int_equal(producer.gone, 1);
    assert_false(stream_read(fd, 0));
    close(fd);
    assert_int_equal(server_stats(&server).waiting, 0);
}

static void note_gone(void *ctx)
{
    (void)ctx;
    producer.gone++;
}

static void open_and_keep(struct server *s, struct qm_http_req *r)
{
    (void)s;
    assert_int_equal(qm_http_stream_open(r, 200, "text/csv", NULL, stream_wanted, note_gone,
                                         &producer, &producer.stream),
                     QM_OK);
}

static void a_handle_may_outlive_the_server(void **state)
{
    struct answer a;
    (void)state;
    producer.when = NEVER;
    server.own = open_and_keep;
    int fd = stream_ask(GET("/own"), &a);
    stream_wait(&producer.wanted, 1);
    server_call(&server, stream_do_close_timer);
    server_stop(&server);
    assert_int_equal(producer.gone, 1);
    close(fd);
    struct qm_buf b;
    qm_buf_init(&b, 10);
    qm_buf_puts(&b, "late");
    qm_http_stream_write(producer.stream, &b);
    assert_int_equal(b.len, 0);
    stream_end(false);
}

/* A piece that could not be built. */
static void do_write_broken(struct server *s)
{
    (void)s;
    struct qm_buf b;
    qm_buf_init(&b, 3);
    qm_buf_puts(&b, "four");
    assert_int_equal(b.err, QM_E_TOO_LARGE);
    qm_http_stream_write(producer.stream, &b);
}

static void a_broken_piece_cuts(void **state)
{
    (void)state;
    int fd = stream_ask_held(MIB);
    server_call(&server, do_write_broken);
    stream_wait(&producer.gone, 1);
    assert_false(stream_read(fd, 0));
    close(fd);
}

static struct qm_http_req *refused;

static void open_without_memory(struct server *s, struct qm_http_req *r)
{
    (void)s;
    refused = r;
    memory_fail_at(1);
    producer.opened = qm_http_stream_open(r, 200, "text/csv", NULL, stream_wanted, stream_gone,
                                          &producer, &producer.stream);
    memory_fail_at(0);
    struct qm_buf b;
    qm_buf_init(&b, 10);
    qm_buf_puts(&b, "sorry");
    qm_http_reply(r, 503, "text/plain", NULL, &b);
}

static void a_stream_that_cannot_begin_leaves_the_request(void **state)
{
    struct answer a;
    (void)state;
    server.own = open_without_memory;
    close(client_ask(&server, GET("/own"), 503, &a));
    assert_string_equal(a.body, "sorry");
    answer_free(&a);
    assert_int_equal(producer.opened, QM_E_NOMEM);
    assert_null(producer.stream);
}

/* The second piece finds the first and is appended, for which there is no memory. */
static void do_write_two(struct server *s)
{
    stream_write_piece();
    memory_pause();
    struct qm_buf b;
    qm_buf_init(&b, PIECE_BYTES);
    for (int i = 0; i < PIECE_BYTES; i++)
        qm_buf_add(&b, "x", 1);
    memory_resume();
    memory_fail_at(1);
    qm_http_stream_write(producer.stream, &b);
    assert_int_equal(memory_count(), 1);
    memory_fail_at(0);
    (void)s;
}

static void a_piece_that_cannot_be_kept_cuts(void **state)
{
    (void)state;
    int fd = stream_ask_held(MIB);
    server_call(&server, do_write_two);
    stream_wait(&producer.gone, 1);
    assert_false(stream_read(fd, 0));
    close(fd);
}

static void a_stream_for_nobody_does_not_begin(void **state)
{
    struct answer a;
    (void)state;
    int fd = client_ask(&server, GET("/held"), 503, &a); /* the deadline has answered it */
    answer_free(&a);
    close(fd);
    server_call(&server, stream_do_open_held);
    assert_int_equal(producer.opened, QM_E_IO);
    server_release(&server);
    assert_int_equal(server_stats(&server).replies_to_nobody, 1);
}

int main(void)
{
#define T(f, setup) cmocka_unit_test_setup_teardown(f, setup, stream_teardown)
    const struct CMUnitTest tests[] = {
        T(a_cut_shows, stream_setup),
        T(a_cut_may_come_at_once, stream_setup),
        T(a_reader_that_takes_nothing_is_cut, stream_setup_short),
        T(a_producer_that_gives_nothing_is_told, stream_setup_short),
        T(a_reader_that_leaves_ends_the_stream, stream_setup),
        T(a_drain_waits_for_a_stream, stream_setup),
        T(a_drain_cuts_streams_at_its_end, stream_setup),
        cmocka_unit_test_setup(a_handle_may_outlive_the_server, stream_setup),
        T(a_broken_piece_cuts, stream_setup),
        T(a_stream_that_cannot_begin_leaves_the_request, stream_setup),
        T(a_piece_that_cannot_be_kept_cuts, stream_setup),
        T(a_stream_for_nobody_does_not_begin, stream_setup_short),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
