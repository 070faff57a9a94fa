/* stream_fixture.c - see stream_fixture.h. */
#include "stream_fixture.h"

#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { SHORT_MS = 300, PATIENT_MS = 3000 };

static char text_at(uint64_t i)
{
    return (char)('a' + (i + i / 977) % 26);
}

/* ---- the producer ---- */

struct producer producer;
_Atomic uint64_t stream_received;
struct server server;

void stream_end(bool complete)
{
    producer.ended = true;
    qm_http_stream_end(producer.stream, complete);
}

void stream_write_piece(void)
{
    struct qm_buf b;
    size_t n = producer.total - producer.written < producer.piece
                   ? (size_t)(producer.total - producer.written)
                   : producer.piece;
    qm_buf_init(&b, producer.piece);
    for (size_t i = 0; i < n; i++) {
        char c = text_at(producer.written + i);
        qm_buf_add(&b, &c, 1);
    }
    producer.written += n;
    uint64_t under_way = producer.written - stream_received;
    if (under_way > producer.under_way_max)
        producer.under_way_max = under_way;
    qm_http_stream_write(producer.stream, &b);
    assert_int_equal(b.len, 0);
    if (producer.written == producer.total)
        stream_end(true);
}

static void on_timer(uv_timer_t *timer)
{
    (void)timer;
    if (!producer.ended && producer.gone == 0)
        stream_write_piece();
}

void stream_wanted(void *ctx)
{
    assert_ptr_equal(ctx, &producer);
    assert_int_equal(producer.gone, 0);
    producer.wanted++;
    if (producer.when == AT_ONCE)
        stream_write_piece();
    else if (producer.when == FROM_A_TIMER)
        uv_timer_start(&producer.timer, on_timer, 0, 0);
}

void stream_gone(void *ctx)
{
    assert_ptr_equal(ctx, &producer);
    producer.gone++;
    stream_end(false);
}

void stream_open(struct server *s, struct qm_http_req *r)
{
    static const char *const headers[] = {"X-Test", "yes", NULL};
    (void)s;
    producer.opened = qm_http_stream_open(r, 200, "text/csv", headers, stream_wanted, stream_gone,
                                          &producer, &producer.stream);
    assert_int_equal(producer.opened, QM_OK);
}

static void make_timer(struct server *s)
{
    uv_timer_init(&s->loop, &producer.timer);
}

void stream_do_close_timer(struct server *s)
{
    (void)s;
    uv_close((uv_handle_t *)&producer.timer, NULL);
}

static int setup_with(const struct qm_http_config *cfg)
{
    memset(&producer, 0, sizeof producer);
    producer.piece = PIECE_BYTES;
    stream_received = 0;
    server_start(&server, cfg);
    server.own = stream_open;
    server_call(&server, make_timer);
    return 0;
}

int stream_setup(void **state)
{
    (void)state;
    return setup_with(&(struct qm_http_config){0});
}

int stream_setup_short(void **state)
{
    (void)state;
    return setup_with(&(struct qm_http_config){.request_timeout_ms = SHORT_MS});
}

int stream_setup_patient(void **state)
{
    (void)state;
    return setup_with(&(struct qm_http_config){.request_timeout_ms = PATIENT_MS});
}

int stream_teardown(void **state)
{
    (void)state;
    server_call(&server, stream_do_close_timer);
    server_stop(&server);
    assert_true(producer.ended || producer.stream == NULL);
    return 0;
}

void stream_do_nothing(struct server *s)
{
    (void)s;
}

void stream_wait(const atomic_int *counter, int n)
{
    for (int i = 0; i < WAIT_MS / 5 && *counter < n; i++)
        usleep(5000);
    assert_true(*counter >= n);
    server_call(&server, stream_do_nothing); /* whatever was going on in the loop is over */
}

/* ---- the client ---- */

int stream_ask(const char *request, struct answer *a)
{
    int fd = client_open(&server);
    int small = 32768;
    setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &small, sizeof small);
    client_send(fd, request);
    client_read_head(fd, a);
    assert_int_equal(a->status, 200);
    return fd;
}

int stream_ask_held(uint64_t total)
{
    struct answer a;
    producer.total = total;
    producer.when = NEVER;
    int fd = stream_ask(GET("/own"), &a);
    stream_wait(&producer.wanted, 1);
    return fd;
}

long stream_chunk_length(int fd)
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

bool stream_read_in_chunk(int fd, size_t max, long *left)
{
    static char part[65536];
    size_t want = (size_t)*left < sizeof part ? (size_t)*left : sizeof part;
    ssize_t n = client_receive(fd, part, want < max ? want : max);
    if (n <= 0)
        return false;
    for (ssize_t i = 0; i < n; i++)
        if (part[i] != text_at(stream_received + (uint64_t)i))
            fail_msg("a byte is not the one that was written");
    stream_received += (uint64_t)n;
    *left -= n;
    return true;
}

bool stream_read(int fd, unsigned pause_us)
{
    long left;
    while ((left = stream_chunk_length(fd)) > 0) {
        while (left > 0) {
            if (!stream_read_in_chunk(fd, 65536, &left))
                return false;
            if (pause_us > 0)
                usleep(pause_us);
        }
        char crlf[2];
        if (client_receive(fd, crlf, 1) != 1 || client_receive(fd, crlf + 1, 1) != 1)
            return false;
        assert_memory_equal(crlf, "\r\n", 2);
    }
    return left == 0 && stream_chunk_length(fd) == 0; /* the empty line after the last chunk */
}

void stream_do_write_piece(struct server *s)
{
    (void)s;
    stream_write_piece();
}

void stream_do_open_held(struct server *s)
{
    producer.opened = qm_http_stream_open(s->held[0], 200, "text/csv", NULL, stream_wanted,
                                          stream_gone, &producer, &producer.stream);
}
