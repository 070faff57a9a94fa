/* test_http_stream.c - answers that are written piece by piece: they arrive whole or visibly not,
 * never faster than the client reads, and the producer is told when nobody reads any more.
 *
 * The producer of each test runs in the server's thread; byte i of its text is text_at(i).
 */
#include "http_fixture.h"
#include "memory_fixture.h"

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
    MIB = 1048576,
    SHORT_MS = 300,
    PIECE_BYTES = 50000,
    /* Both sockets' buffers, the library's and the producer's together, generously. */
    UNDER_WAY_MAX_BYTES = 4 * MIB
};
#define GET(path)      "GET " path " HTTP/1.1\r\nHost: a\r\n\r\n"
#define COUNTER(field) offsetof(struct qm_http_stats, field)

static char text_at(uint64_t i)
{
    return (char)('a' + (i + i / 977) % 26);
}

/* ---- the producer ---- */

enum answer_when { AT_ONCE, FROM_A_TIMER, NEVER };

static struct producer {
    struct qm_http_stream *stream;
    enum answer_when when;
    uint64_t total, written;
    size_t piece;
    uint64_t under_way_max;
    bool ended;
    uv_timer_t timer;
    atomic_int wanted, gone;
    qm_err opened;
} p;
static _Atomic uint64_t received;

static struct server server;

static void end(bool complete)
{
    p.ended = true;
    qm_http_stream_end(p.stream, complete);
}

static void write_piece(void)
{
    struct qm_buf b;
    size_t n = p.total - p.written < p.piece ? (size_t)(p.total - p.written) : p.piece;
    qm_buf_init(&b, p.piece);
    for (size_t i = 0; i < n; i++) {
        char c = text_at(p.written + i);
        qm_buf_add(&b, &c, 1);
    }
    p.written += n;
    uint64_t under_way = p.written - received;
    if (under_way > p.under_way_max)
        p.under_way_max = under_way;
    qm_http_stream_write(p.stream, &b);
    assert_int_equal(b.len, 0);
    if (p.written == p.total)
        end(true);
}

static void on_timer(uv_timer_t *timer)
{
    (void)timer;
    if (!p.ended && p.gone == 0)
        write_piece();
}

static void on_wanted(void *ctx)
{
    assert_ptr_equal(ctx, &p);
    assert_int_equal(p.gone, 0);
    p.wanted++;
    if (p.when == AT_ONCE)
        write_piece();
    else if (p.when == FROM_A_TIMER)
        uv_timer_start(&p.timer, on_timer, 0, 0);
}

static void on_gone(void *ctx)
{
    assert_ptr_equal(ctx, &p);
    p.gone++;
    end(false);
}

static void open_stream(struct server *s, struct qm_http_req *r)
{
    static const char *const headers[] = {"X-Test", "yes", NULL};
    (void)s;
    p.opened = qm_http_stream_open(r, 200, "text/csv", headers, on_wanted, on_gone, &p, &p.stream);
    assert_int_equal(p.opened, QM_OK);
}

static void make_timer(struct server *s)
{
    uv_timer_init(&s->loop, &p.timer);
}

static void close_timer(struct server *s)
{
    (void)s;
    uv_close((uv_handle_t *)&p.timer, NULL);
}

static int setup_with(const struct qm_http_config *cfg)
{
    memset(&p, 0, sizeof p);
    p.piece = PIECE_BYTES;
    received = 0;
    server_start(&server, cfg);
    server.own = open_stream;
    server_call(&server, make_timer);
    return 0;
}

static int setup(void **state)
{
    (void)state;
    return setup_with(&(struct qm_http_config){0});
}

static int setup_short(void **state)
{
    (void)state;
    return setup_with(&(struct qm_http_config){.request_timeout_ms = SHORT_MS});
}

static int setup_patient(void **state)
{
    (void)state;
    return setup_with(&(struct qm_http_config){.request_timeout_ms = 3000});
}

static int teardown(void **state)
{
    (void)state;
    server_call(&server, close_timer);
    server_stop(&server);
    assert_true(p.ended || p.stream == NULL);
    return 0;
}

static void nothing(struct server *s)
{
    (void)s;
}

static void wait_for(const atomic_int *counter, int n)
{
    for (int i = 0; i < WAIT_MS / 5 && *counter < n; i++)
        usleep(5000);
    assert_true(*counter >= n);
    server_call(&server, nothing); /* whatever was going on in the loop is over */
}

/* ---- the client ---- */

static int ask(const char *request, struct answer *a)
{
    int fd = client_open(&server);
    int small = 32768;
    setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &small, sizeof small);
    client_send(fd, request);
    client_read_head(fd, a);
    assert_int_equal(a->status, 200);
    return fd;
}

/* Begins a stream whose producer was asked once and gives nothing by itself. */
static int ask_for_held(uint64_t total)
{
    struct answer a;
    p.total = total;
    p.when = NEVER;
    int fd = ask(GET("/own"), &a);
    wait_for(&p.wanted, 1);
    return fd;
}

/* A chunk's length or -1 if the connection ends first. */
static long read_chunk_length(int fd)
{
    char line[32];
    size_t n = 0;
    while (n < 2 || memcmp(line + n - 2, "\r\n", 2) != 0) {
        assert_true(n < sizeof line);
        if (client_receive(fd, line + n, 1) <= 0)
            return -1;
        n++;
    }
    line[n - 2] = '\0';
    return strtol(line, NULL, 16);
}

/* Takes up to max bytes of the chunk that is `left` long and holds them against the text. */
static bool read_in_chunk(int fd, size_t max, long *left)
{
    static char part[65536];
    size_t want = (size_t)*left < sizeof part ? (size_t)*left : sizeof part;
    ssize_t n = client_receive(fd, part, want < max ? want : max);
    if (n <= 0)
        return false;
    for (ssize_t i = 0; i < n; i++)
        if (part[i] != text_at(received + (uint64_t)i))
            fail_msg("a byte is not the one that was written");
    received += (uint64_t)n;
    *left -= n;
    return true;
}

/* Reads a chunked body; true if it came to its end.  pause_us after each 64 KiB at most. */
static bool read_chunks(int fd, unsigned pause_us)
{
    long left;
    while ((left = read_chunk_length(fd)) > 0) {
        while (left > 0) {
            if (!read_in_chunk(fd, 65536, &left))
                return false;
            if (pause_us > 0)
                usleep(pause_us);
        }
        char crlf[2];
        if (client_receive(fd, crlf, 1) != 1 || client_receive(fd, crlf + 1, 1) != 1)
            return false;
        assert_memory_equal(crlf, "\r\n", 2);
    }
    return left == 0 && read_chunk_length(fd) == 0; /* the empty line after the last chunk */
}

/* ---- tests ---- */

static void a_stream_has_its_headers_and_the_connection_is_kept(void **state)
{
    struct answer a;
    (void)state;
    p.total = 10;
    int fd = ask(GET("/own"), &a);
    assert_memory_equal(answer_header(&a, "Content-Type"), "text/csv\r", 9);
    assert_memory_equal(answer_header(&a, "X-Test"), "yes\r", 4);
    assert_memory_equal(answer_header(&a, "Transfer-Encoding"), "chunked\r", 8);
    assert_non_null(answer_header(&a, "X-Request-Id"));
    assert_null(answer_header(&a, "Content-Length"));
    assert_true(read_chunks(fd, 0));
    assert_int_equal(received, 10);
    client_send(fd, GET("/now"));
    client_read(fd, &a);
    assert_string_equal(a.body, "GET /now  127.0.0.1");
    answer_free(&a);
    close(fd);
    assert_int_equal(p.gone, 0);
    assert_int_equal(server_stats(&server).waiting, 0);
}

static void an_empty_stream_is_complete(void **state)
{
    struct answer a;
    (void)state;
    int fd = ask(GET("/own"), &a);
    assert_true(read_chunks(fd, 0));
    assert_int_equal(received, 0);
    close(fd);
}

static void a_hundred_mebibytes_pass_through_little_memory(void **state)
{
    struct answer a;
    (void)state;
    p.total = 100 * (uint64_t)MIB;
    int fd = ask(GET("/own"), &a);
    assert_true(read_chunks(fd, 0));
    assert_int_equal(received, p.total);
    assert_in_range(p.under_way_max, 1, UNDER_WAY_MAX_BYTES);
    assert_int_equal(p.wanted, (p.total + PIECE_BYTES - 1) / PIECE_BYTES);
    close(fd);
}

static void a_producer_may_take_its_time(void **state)
{
    struct answer a;
    (void)state;
    p.total = 5 * (uint64_t)MIB;
    p.when = FROM_A_TIMER;
    int fd = ask(GET("/own"), &a);
    assert_true(read_chunks(fd, 0));
    assert_int_equal(received, p.total);
    close(fd);
    assert_int_equal(p.gone, 0);
}

static void small_pieces_are_asked_for_one_by_one(void **state)
{
    struct answer a;
    (void)state;
    p.total = 700;
    p.piece = 7;
    p.when = FROM_A_TIMER;
    int fd = ask(GET("/own"), &a);
    assert_true(read_chunks(fd, 0));
    assert_int_equal(received, 700);
    assert_int_equal(p.wanted, 100);
    close(fd);
}

static void write_unasked(struct server *s, struct qm_http_req *r)
{
    open_stream(s, r);
    for (int i = 0; i < 20; i++)
        write_piece();
}

static void pieces_may_be_written_unasked(void **state)
{
    struct answer a;
    (void)state;
    p.total = 20 * (uint64_t)PIECE_BYTES;
    server.own = write_unasked;
    int fd = ask(GET("/own"), &a);
    assert_true(read_chunks(fd, 0));
    assert_int_equal(received, p.total);
    assert_int_equal(p.wanted, 0);
    close(fd);
}

static void do_write_nothing(struct server *s)
{
    (void)s;
    struct qm_buf none;
    qm_buf_init(&none, 10);
    qm_http_stream_write(p.stream, &none);
}

static void do_write_piece(struct server *s)
{
    (void)s;
    write_piece();
}

static void nothing_written_is_no_piece(void **state)
{
    (void)state;
    int fd = ask_for_held(5);
    server_call(&server, do_write_nothing);
    server_call(&server, nothing);
    assert_int_equal(p.wanted, 1);
    server_call(&server, do_write_piece);
    assert_true(read_chunks(fd, 0));
    assert_int_equal(received, 5);
    close(fd);
}

/* Nothing is ever produced for it. */
static void head_gets_the_headers_only(void **state)
{
    struct answer a;
    (void)state;
    p.total = MIB;
    int fd = ask("HEAD /own HTTP/1.1\r\nHost: a\r\n\r\n", &a);
    assert_memory_equal(answer_header(&a, "Content-Type"), "text/csv\r", 9);
    wait_for(&p.gone, 1);
    assert_int_equal(p.wanted, 0);
    assert_int_equal(server_stats(&server).left_early, 0);
    client_expect_closed(fd); /* and not a byte before */
}

static void an_old_client_reads_to_the_end_of_the_connection(void **state)
{
    struct answer a;
    (void)state;
    p.total = 200000;
    int fd = ask("GET /own HTTP/1.0\r\n\r\n", &a);
    assert_null(answer_header(&a, "Transfer-Encoding"));
    long left = 1 << 20;
    while (read_in_chunk(fd, 65536, &left))
        ;
    assert_int_equal(received, 200000);
    close(fd);
}

static void do_cut(struct server *s)
{
    (void)s;
    end(false);
}

static void a_cut_shows(void **state)
{
    (void)state;
    int fd = ask_for_held(2 * (uint64_t)PIECE_BYTES);
    server_call(&server, do_write_piece);
    wait_for(&p.wanted, 2);
    server_call(&server, do_cut);
    assert_false(read_chunks(fd, 0));
    assert_true(received <= PIECE_BYTES);
    close(fd);
    assert_int_equal(p.gone, 0);
    server_wait(&server, COUNTER(requests), 1);
    assert_int_equal(server_stats(&server).waiting, 0);
}

static void cut_at_once(struct server *s, struct qm_http_req *r)
{
    open_stream(s, r);
    end(false);
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
    assert_int_equal(p.gone, 0);
}

/* Takes 64 KiB at most between two pauses, and far longer than the time-out for all of it. */
static void a_slow_reader_is_served(void **state)
{
    struct answer a;
    (void)state;
    p.total = 3 * (uint64_t)MIB;
    int fd = ask(GET("/own"), &a);
    assert_true(read_chunks(fd, 30000));
    assert_int_equal(received, p.total);
    close(fd);
    assert_int_equal(server_stats(&server).timeouts, 0);
}

static void a_reader_that_takes_nothing_is_cut(void **state)
{
    struct answer a;
    (void)state;
    p.total = 100 * (uint64_t)MIB;
    int fd = ask(GET("/own"), &a);
    wait_for(&p.gone, 1);
    assert_true(p.written <= UNDER_WAY_MAX_BYTES);
    assert_int_equal(server_stats(&server).timeouts, 1);
    assert_int_equal(server_stats(&server).waiting, 0);
    assert_false(read_chunks(fd, 0));
    close(fd);
    assert_int_equal(p.gone, 1);
}

static void a_producer_that_gives_nothing_is_told(void **state)
{
    struct answer a;
    (void)state;
    p.total = MIB;
    p.when = NEVER;
    int fd = ask(GET("/own"), &a);
    wait_for(&p.gone, 1);
    assert_false(read_chunks(fd, 0));
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
    p.total = 100 * (uint64_t)MIB;
    int fd = ask(GET("/own"), &a);
    long left = read_chunk_length(fd);
    assert_true(read_in_chunk(fd, 1000, &left));
    close(fd);
    wait_for(&p.gone, 1);
    assert_true(p.written < p.total);
    assert_int_equal(server_stats(&server).left_early, 1);
    /* While the connection is suspended: seen at the next piece. */
    memset(&p, 0, offsetof(struct producer, timer));
    p.gone = p.wanted = 0;
    p.piece = PIECE_BYTES;
    p.total = MIB;
    p.when = NEVER;
    reset(ask(GET("/own"), &a));
    wait_for(&p.wanted, 1);
    server_call(&server, do_write_piece);
    wait_for(&p.gone, 1);
    for (int i = 0; i < 2000 && server_stats(&server).connections > 0; i++)
        usleep(5000);
    assert_int_equal(server_stats(&server).connections, 0);
}

static void a_drain_waits_for_a_stream(void **state)
{
    struct answer a;
    (void)state;
    p.total = 20 * (uint64_t)MIB;
    int fd = ask(GET("/own"), &a);
    wait_for(&p.wanted, 1);
    server_drain(&server, 60000);
    assert_int_equal(sem_trywait(&server.drained), -1);
    assert_true(read_chunks(fd, 0));
    assert_int_equal(received, p.total);
    client_expect_closed(fd);
    sem_wait(&server.drained);
    assert_int_equal(p.gone, 0);
}

static void a_drain_cuts_streams_at_its_end(void **state)
{
    (void)state;
    int fd = ask_for_held(100 * (uint64_t)MIB);
    server_drain(&server, 50);
    sem_wait(&server.drained);
    assert_int_equal(p.gone, 1);
    assert_false(read_chunks(fd, 0));
    close(fd);
    assert_int_equal(server_stats(&server).waiting, 0);
}

static void note_gone(void *ctx)
{
    (void)ctx;
    p.gone++;
}

static void open_and_keep(struct server *s, struct qm_http_req *r)
{
    (void)s;
    assert_int_equal(
        qm_http_stream_open(r, 200, "text/csv", NULL, on_wanted, note_gone, &p, &p.stream), QM_OK);
}

static void a_handle_may_outlive_the_server(void **state)
{
    struct answer a;
    (void)state;
    p.when = NEVER;
    server.own = open_and_keep;
    int fd = ask(GET("/own"), &a);
    wait_for(&p.wanted, 1);
    server_call(&server, close_timer);
    server_stop(&server);
    assert_int_equal(p.gone, 1);
    close(fd);
    struct qm_buf b;
    qm_buf_init(&b, 10);
    qm_buf_puts(&b, "late");
    qm_http_stream_write(p.stream, &b);
    assert_int_equal(b.len, 0);
    end(false);
}

/* A piece that could not be built. */
static void do_write_broken(struct server *s)
{
    (void)s;
    struct qm_buf b;
    qm_buf_init(&b, 3);
    qm_buf_puts(&b, "four");
    assert_int_equal(b.err, QM_E_TOO_LARGE);
    qm_http_stream_write(p.stream, &b);
}

static void a_broken_piece_cuts(void **state)
{
    (void)state;
    int fd = ask_for_held(MIB);
    server_call(&server, do_write_broken);
    wait_for(&p.gone, 1);
    assert_false(read_chunks(fd, 0));
    close(fd);
}

static struct qm_http_req *refused;

static void open_without_memory(struct server *s, struct qm_http_req *r)
{
    (void)s;
    refused = r;
    memory_fail_at(1);
    p.opened = qm_http_stream_open(r, 200, "text/csv", NULL, on_wanted, on_gone, &p, &p.stream);
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
    assert_int_equal(p.opened, QM_E_NOMEM);
    assert_null(p.stream);
}

/* The second piece finds the first and is appended, for which there is no memory. */
static void do_write_two(struct server *s)
{
    write_piece();
    memory_pause();
    struct qm_buf b;
    qm_buf_init(&b, PIECE_BYTES);
    for (int i = 0; i < PIECE_BYTES; i++)
        qm_buf_add(&b, "x", 1);
    memory_resume();
    memory_fail_at(1);
    qm_http_stream_write(p.stream, &b);
    assert_int_equal(memory_count(), 1);
    memory_fail_at(0);
    (void)s;
}

static void a_piece_that_cannot_be_kept_cuts(void **state)
{
    (void)state;
    int fd = ask_for_held(MIB);
    server_call(&server, do_write_two);
    wait_for(&p.gone, 1);
    assert_false(read_chunks(fd, 0));
    close(fd);
}

static void open_for_held(struct server *s)
{
    p.opened =
        qm_http_stream_open(s->held[0], 200, "text/csv", NULL, on_wanted, on_gone, &p, &p.stream);
}

static void a_stream_for_nobody_does_not_begin(void **state)
{
    struct answer a;
    (void)state;
    int fd = client_ask(&server, GET("/held"), 503, &a); /* the deadline has answered it */
    answer_free(&a);
    close(fd);
    server_call(&server, open_for_held);
    assert_int_equal(p.opened, QM_E_IO);
    server_release(&server);
    assert_int_equal(server_stats(&server).replies_to_nobody, 1);
}

static void a_stream_may_begin_later(void **state)
{
    struct answer a;
    (void)state;
    p.total = MIB;
    int fd = client_open(&server);
    client_send(fd, GET("/held"));
    server_wait_held(&server, 1);
    server_call(&server, open_for_held);
    server.held_count = 0;
    client_read_head(fd, &a);
    assert_true(read_chunks(fd, 0));
    assert_int_equal(received, MIB);
    close(fd);
}

int main(void)
{
#define T(f, setup) cmocka_unit_test_setup_teardown(f, setup, teardown)
    const struct CMUnitTest tests[] = {
        T(a_stream_has_its_headers_and_the_connection_is_kept, setup),
        T(an_empty_stream_is_complete, setup),
        T(a_hundred_mebibytes_pass_through_little_memory, setup),
        T(a_producer_may_take_its_time, setup),
        T(small_pieces_are_asked_for_one_by_one, setup),
        T(pieces_may_be_written_unasked, setup),
        T(nothing_written_is_no_piece, setup),
        T(head_gets_the_headers_only, setup),
        T(an_old_client_reads_to_the_end_of_the_connection, setup),
        T(a_cut_shows, setup),
        T(a_cut_may_come_at_once, setup),
        T(a_slow_reader_is_served, setup_patient),
        T(a_reader_that_takes_nothing_is_cut, setup_short),
        T(a_producer_that_gives_nothing_is_told, setup_short),
        T(a_reader_that_leaves_ends_the_stream, setup),
        T(a_drain_waits_for_a_stream, setup),
        T(a_drain_cuts_streams_at_its_end, setup),
        cmocka_unit_test_setup(a_handle_may_outlive_the_server, setup),
        T(a_broken_piece_cuts, setup),
        T(a_stream_that_cannot_begin_leaves_the_request, setup),
        T(a_piece_that_cannot_be_kept_cuts, setup),
        T(a_stream_for_nobody_does_not_begin, setup_short),
        T(a_stream_may_begin_later, setup),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
