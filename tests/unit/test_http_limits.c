/* test_http_limits.c - what the server does not wait for, not keep and not lose: caps, the budget
 * of all bodies, deadlines, clients that leave, and the end of serving. */
#include "http_fixture.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { MIB = 1048576, SHORT_MS = 300, SHARED_MS = 1200 };
#define GET(path)          "GET " path " HTTP/1.1\r\nHost: a\r\n\r\n"
#define POST(path, length) "POST " path " HTTP/1.1\r\nHost: a\r\nContent-Length: " length "\r\n\r\n"
#define CHUNKED(method, path)                                                                      \
    method " " path " HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
#define COUNTER(field) offsetof(struct qm_http_stats, field)

static struct server server;

static int setup(void **state)
{
    (void)state;
    server_start(&server, &(struct qm_http_config){0});
    return 0;
}

static int setup_short(void **state)
{
    (void)state;
    server_start(&server, &(struct qm_http_config){.request_timeout_ms = SHORT_MS});
    return 0;
}

static int setup_shared(void **state)
{
    (void)state;
    server_start(&server, &(struct qm_http_config){.request_timeout_ms = SHARED_MS});
    return 0;
}

/* Room for two bodies of 1000 bytes. */
static int setup_small_budget(void **state)
{
    (void)state;
    server_start(&server, &(struct qm_http_config){.bodies_max_bytes = 2000});
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    server_stop(&server);
    return 0;
}

static void expect_problem(const struct answer *a, const char *name)
{
    char wanted[64];
    (void)snprintf(wanted, sizeof wanted, "{\"type\":\"/problems/%s\"}", name);
    assert_string_equal(a->body, wanted);
    assert_memory_equal(answer_header(a, "Content-Type"), "application/problem+json\r", 25);
}

/* The body is never sent: the answer must not wait for it. */
static void a_body_above_its_cap_is_refused_before_it_is_read(void **state)
{
    static const char *const requests[] = {POST("/echo", "1048577"), POST("/sized", "17"),
                                           POST("/now", "1"), POST("/echo", "999999999999999999")};
    struct answer a;
    (void)state;
    for (size_t i = 0; i < sizeof requests / sizeof *requests; i++) {
        int fd = client_ask(&server, requests[i], 413, &a);
        expect_problem(&a, "too-large");
        answer_free(&a);
        client_expect_closed(fd);
    }
    close(client_ask(&server, POST("/sized", "16") "0123456789abcdef", 200, &a));
    assert_string_equal(a.body, "0123456789abcdef");
    answer_free(&a);
    assert_int_equal(server_stats(&server).bodies_bytes, 0);
}

/* To close with bytes unread would reset the connection: a client, or a proxy, that is still
 * sending would fail there and never look at its 413. */
static void a_refusal_reaches_a_client_that_goes_on_sending(void **state)
{
    enum { BODY = 8 * MIB };
    struct answer a;
    char *body = calloc(1, BODY);
    (void)state;
    assert_non_null(body);
    for (int i = 0; i < 5; i++) {
        int fd = client_open(&server);
        client_send(fd, POST("/echo", "8388608"));
        assert_true(client_send_bytes(fd, body, BODY));
        client_read(fd, &a);
        assert_int_equal(a.status, 413);
        answer_free(&a);
        client_expect_closed(fd);
    }
    free(body);
}

static void a_chunked_body_above_its_cap_is_refused_at_its_end(void **state)
{
    struct answer a;
    char chunk[4096 + 16];
    (void)state;
    (void)snprintf(chunk, sizeof chunk, "1000\r\n%04096d\r\n", 0);
    int fd = client_open(&server);
    client_send(fd, CHUNKED("POST", "/echo"));
    for (int i = 0; i < MIB / 4096; i++)
        client_send(fd, chunk);
    client_send(fd, "1\r\nx\r\n0\r\n\r\n" GET("/now"));
    client_read(fd, &a);
    assert_int_equal(a.status, 413);
    expect_problem(&a, "too-large");
    answer_free(&a);
    client_read(fd, &a);
    assert_int_equal(a.status, 200);
    answer_free(&a);
    close(fd);
    assert_int_equal(server_stats(&server).bodies_bytes, 0);
}

/* With these methods the library would take the body for the next request. */
static void a_refused_body_of_another_method_is_no_request(void **state)
{
    static const char smuggled[] = GET("/smuggled");
    char request[256];
    struct answer a;
    (void)state;
    (void)snprintf(request, sizeof request,
                   "DELETE /now HTTP/1.1\r\nHost: a\r\nContent-Length: %zu\r\n\r\n%s%s",
                   sizeof smuggled - 1, smuggled, GET("/now?next"));
    int fd = client_ask(&server, request, 413, &a);
    answer_free(&a);
    client_read(fd, &a);
    assert_string_equal(a.body, "GET /now next 127.0.0.1");
    answer_free(&a);
    close(fd);
    assert_int_equal(server_stats(&server).requests, 2);
}

static void a_length_may_be_required(void **state)
{
    struct answer a;
    (void)state;
    int fd = client_ask(&server, CHUNKED("POST", "/sized"), 411, &a);
    expect_problem(&a, "length-required");
    answer_free(&a);
    client_expect_closed(fd);
    close(client_ask(&server, "POST /sized HTTP/1.1\r\nHost: a\r\n\r\n", 411, &a));
    answer_free(&a);
    close(client_ask(&server, POST("/sized", "0"), 200, &a));
    answer_free(&a);
}

static void the_edge_may_refuse_at_the_headers(void **state)
{
    struct answer a;
    (void)state;
    int fd = client_ask(&server, POST("/refused", "1000000"), 429, &a);
    expect_problem(&a, "quota-exceeded");
    assert_int_equal(strtol(answer_header(&a, "Retry-After"), NULL, 10), 7);
    answer_free(&a);
    client_expect_closed(fd);
    /* Without a body there is no reason to close. */
    fd = client_ask(&server, GET("/refused"), 429, &a);
    answer_free(&a);
    client_send(fd, GET("/now"));
    client_read(fd, &a);
    assert_int_equal(a.status, 200);
    answer_free(&a);
    close(fd);
}

static void all_bodies_together_have_a_budget(void **state)
{
    struct answer a;
    int open[2];
    (void)state;
    for (int i = 0; i < 2; i++) {
        open[i] = client_open(&server);
        client_send(open[i], POST("/echo", "1000") "x");
    }
    server_wait(&server, COUNTER(bodies_bytes), 2000);
    int fd = client_ask(&server, POST("/echo", "1"), 503, &a);
    expect_problem(&a, "overload");
    assert_true(strtol(answer_header(&a, "Retry-After"), NULL, 10) > 0);
    answer_free(&a);
    client_expect_closed(fd);
    close(client_ask(&server, GET("/now"), 200, &a)); /* a request without a body costs nothing */
    answer_free(&a);
    for (int i = 0; i < 2; i++)
        close(open[i]);
    for (int i = 0; i < 2000 && server_stats(&server).bodies_bytes > 0; i++)
        usleep(5000);
    char request[2200];
    (void)snprintf(request, sizeof request, POST("/echo", "2000") "%02000d", 0);
    close(client_ask(&server, request, 200, &a));
    assert_int_equal(a.len, 2000);
    answer_free(&a);
    assert_int_equal(server_stats(&server).bodies_bytes, 0);
}

static void a_chunked_body_is_charged_as_it_comes(void **state)
{
    struct answer a;
    (void)state;
    int first = client_open(&server);
    client_send(first, CHUNKED("POST", "/echo"));
    client_send(first, "3e8\r\n");
    char bytes[1001];
    (void)snprintf(bytes, sizeof bytes, "%01000d", 0);
    client_send(first, bytes);
    server_wait(&server, COUNTER(bodies_bytes), 1000);
    int second = client_open(&server);
    client_send(second, CHUNKED("POST", "/echo") "3e8\r\n");
    client_send(second, bytes);
    server_wait(&server, COUNTER(bodies_bytes), 2000);
    client_send(second, "\r\n1\r\nx\r\n0\r\n\r\n");
    client_read(second, &a);
    assert_int_equal(a.status, 503);
    assert_non_null(answer_header(&a, "Retry-After"));
    answer_free(&a);
    close(second);
    assert_int_equal(server_stats(&server).bodies_bytes, 1000);
    client_send(first, "\r\n0\r\n\r\n");
    client_read(first, &a);
    assert_int_equal(a.status, 200);
    assert_int_equal(a.len, 1000);
    answer_free(&a);
    close(first);
}

/* Each byte would renew the library's own time-out. */
static void drip(const char *text, size_t repeat_last)
{
    int fd = client_open(&server);
    char c;
    size_t len = strlen(text);
    for (size_t i = 0; i < len + repeat_last; i++) {
        ssize_t n = send(fd, text + (i < len ? i : len - 1), 1, MSG_NOSIGNAL);
        if (n < 0 || recv(fd, &c, 1, MSG_DONTWAIT) == 0)
            break;
        usleep(5000);
        assert_true(i < len + repeat_last - 1);
    }
    client_expect_closed(fd);
}

static void a_slow_request_line_is_cut_off(void **state)
{
    (void)state;
    drip("GET /a", 4000);
    assert_int_equal(server_stats(&server).timeouts, 1);
}

static void slow_headers_are_cut_off(void **state)
{
    (void)state;
    drip("GET /now HTTP/1.1\r\nX: y", 4000);
    assert_int_equal(server_stats(&server).timeouts, 1);
}

static void a_slow_body_is_cut_off(void **state)
{
    (void)state;
    drip(POST("/echo", "100000") "x", 4000);
    server_wait(&server, COUNTER(timeouts), 1);
    assert_int_equal(server_stats(&server).left_early, 0);
    assert_int_equal(server_stats(&server).bodies_bytes, 0);
}

static int64_t clock_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* Almost the whole time for the line, and from then on headers. */
static void drip_line_and_headers(int fd)
{
    static const char text[] = "GET /now HTTP/1.1\r\nX: y";
    int64_t begun = clock_ms();
    char c;
    for (size_t i = 0; clock_ms() - begun < INT64_C(5) * SHARED_MS; i++) {
        ssize_t n = send(fd, text + (i < sizeof text - 2 ? i : sizeof text - 2), 1, MSG_NOSIGNAL);
        if (n < 0 || recv(fd, &c, 1, MSG_DONTWAIT) == 0)
            break;
        usleep(50000);
    }
    assert_in_range(clock_ms() - begun, SHARED_MS, SHARED_MS * 3 / 2);
    client_expect_closed(fd);
}

static void a_slow_line_and_slow_headers_share_one_deadline(void **state)
{
    struct answer a;
    (void)state;
    drip_line_and_headers(client_open(&server));
    int fd = client_ask(&server, GET("/now"), 200, &a);
    answer_free(&a);
    drip_line_and_headers(fd);
    assert_int_equal(server_stats(&server).timeouts, 2);
}

/* A browser opens connections in advance. */
static void waiting_to_ask_takes_nothing_from_the_request(void **state)
{
    struct answer a;
    (void)state;
    int fd = client_open(&server);
    for (int i = 0; i < 2; i++) {
        usleep(SHARED_MS * 600);
        client_send(fd, "GET /no");
        usleep(SHARED_MS * 600);
        client_send(fd, "w HTTP/1.1\r\nHost: a\r\n\r\n");
        client_read(fd, &a);
        assert_int_equal(a.status, 200);
        answer_free(&a);
    }
    close(fd);
}

static void a_silent_connection_is_closed(void **state)
{
    struct answer a;
    (void)state;
    client_expect_closed(client_open(&server));
    int fd = client_ask(&server, GET("/now"), 200, &a);
    answer_free(&a);
    client_expect_closed(fd);
    assert_int_equal(server_stats(&server).timeouts, 1); /* the one that never asked */
}

static void an_answer_that_is_not_taken_is_cut_off(void **state)
{
    (void)state;
    int fd = client_open(&server);
    int small = 4096;
    setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &small, sizeof small);
    for (int i = 0; i < 8; i++)
        client_send(fd, GET("/large"));
    server_wait(&server, COUNTER(timeouts), 1);
    close(fd);
}

static void a_reply_that_takes_too_long_is_503_and_goes_to_nobody(void **state)
{
    struct answer a;
    (void)state;
    int fd = client_ask(&server, GET("/held"), 503, &a);
    expect_problem(&a, "overload");
    assert_non_null(answer_header(&a, "Retry-After"));
    answer_free(&a);
    client_send(fd, GET("/now"));
    client_read(fd, &a);
    assert_int_equal(a.status, 200);
    answer_free(&a);
    close(fd);
    assert_int_equal(server_stats(&server).timeouts, 1);
    assert_int_equal(server_stats(&server).waiting, 1);
    assert_string_equal(qm_http_path(server.held[0]), "/held");
    assert_string_equal(qm_http_header(server.held[0], "host"), "a");
    server_release(&server);
    assert_int_equal(server_stats(&server).replies_to_nobody, 1);
    assert_int_equal(server_stats(&server).waiting, 0);
}

/* The library sees nothing of a suspended connection. */
static void a_client_that_leaves_meanwhile_is_noticed_at_the_deadline(void **state)
{
    (void)state;
    int fd = client_open(&server);
    client_send(fd, POST("/held", "0"));
    server_wait_held(&server, 1);
    close(fd);
    server_wait(&server, COUNTER(timeouts), 1);
    for (int i = 0; i < 2000 && server_stats(&server).connections > 0; i++)
        usleep(5000);
    assert_int_equal(server_stats(&server).connections, 0);
    server_release(&server);
    assert_int_equal(server_stats(&server).replies_to_nobody, 1);
}

static void a_reply_to_a_client_that_has_left_does_no_harm(void **state)
{
    struct answer a;
    struct linger reset = {.l_onoff = 1, .l_linger = 0};
    (void)state;
    int fd = client_open(&server);
    client_send(fd, GET("/held"));
    server_wait_held(&server, 1);
    setsockopt(fd, SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
    close(fd);
    server_release(&server);
    server_wait(&server, COUNTER(left_early), 1);
    close(client_ask(&server, GET("/now"), 200, &a));
    answer_free(&a);
    assert_int_equal(server_stats(&server).waiting, 0);
}

/* Bytes and the end that arrive together: the library takes the bytes and is not told of the end
 * again.  The deadline is far away. */
static void a_cut_after_any_byte_leaves_nothing(void **state)
{
    static const char *const requests[] = {POST("/echo", "5") "abcde",
                                           CHUNKED("POST", "/echo") "5\r\nabcde\r\n0\r\n\r\n"};
    struct answer a;
    (void)state;
    for (size_t k = 0; k < sizeof requests / sizeof *requests; k++)
        for (size_t cut = 0; cut <= strlen(requests[k]); cut++) {
            int fd = client_open(&server);
            client_send_bytes(fd, requests[k], cut);
            close(fd);
        }
    /* Accepted after all of them. */
    close(client_ask(&server, requests[0], 200, &a));
    answer_free(&a);
    for (int i = 0; i < 2000 && server_stats(&server).connections > 0; i++)
        usleep(5000);
    struct qm_http_stats stats = server_stats(&server);
    assert_int_equal(stats.connections, 0);
    assert_int_equal(stats.bodies_bytes, 0);
    assert_int_equal(stats.waiting, 0);
}

static void a_client_that_ends_behind_its_answer_is_let_go(void **state)
{
    struct answer a;
    (void)state;
    for (int i = 0; i < 20; i++) {
        int fd = client_open(&server);
        client_send(fd, i % 2 == 0 ? GET("/now") : POST("/echo", "2") "ab");
        shutdown(fd, SHUT_WR);
        client_read(fd, &a);
        assert_int_equal(a.status, 200);
        answer_free(&a);
        client_expect_closed(fd);
    }
}

static void a_client_that_ends_gets_its_answers_first(void **state)
{
    struct answer a;
    (void)state;
    int fd = client_open(&server);
    client_send(fd, GET("/held") GET("/later") GET("/now"));
    shutdown(fd, SHUT_WR);
    server_wait_held(&server, 1);
    usleep(600000); /* longer than it takes to be taken for one that has left */
    server_release(&server);
    for (int i = 0; i < 3; i++) {
        client_read(fd, &a);
        assert_int_equal(a.status, 200);
        answer_free(&a);
    }
    client_expect_closed(fd);
}

static size_t resident_bytes(void)
{
    char line[256];
    FILE *f = fopen("/proc/self/statm", "re"); /* pages: all, resident, ... */
    assert_non_null(f);
    assert_non_null(fgets(line, sizeof line, f));
    assert_int_equal(fclose(f), 0);
    const char *second = strchr(line, ' ');
    assert_non_null(second);
    return strtoul(second, NULL, 10) * (size_t)sysconf(_SC_PAGESIZE);
}

static void a_kept_connection_costs_little_memory(void **state)
{
    enum { CLIENTS = 300, EACH_BYTES = 58 * 1024 };
    struct server many;
    struct answer a;
    int fds[CLIENTS];
    (void)state;
    server_start(&many, &(struct qm_http_config){.connections_max = CLIENTS});
    size_t before = resident_bytes();
    for (int i = 0; i < CLIENTS; i++) {
        fds[i] = client_ask(&many, GET("/now"), 200, &a);
        answer_free(&a);
        client_send(fds[i], GET("/now"));
        client_read(fds[i], &a);
        answer_free(&a);
    }
    size_t after = resident_bytes();
    assert_in_range(after > before ? after - before : 0, 0, (size_t)CLIENTS * EACH_BYTES);
    for (int i = 0; i < CLIENTS; i++)
        close(fds[i]);
    server_stop(&many);
}

static void a_drain_waits_for_open_requests(void **state)
{
    struct answer a;
    (void)state;
    int idle = client_ask(&server, GET("/now"), 200, &a);
    answer_free(&a);
    int held = client_open(&server);
    client_send(held, GET("/held"));
    server_wait_held(&server, 1);
    server_drain(&server, 60000);
    client_expect_closed(idle);
    assert_int_equal(sem_trywait(&server.drained), -1);
    server_release(&server);
    client_read(held, &a);
    assert_string_equal(a.body, "released");
    assert_memory_equal(answer_header(&a, "Connection"), "close\r", 6);
    answer_free(&a);
    client_expect_closed(held);
    sem_wait(&server.drained);
}

static void a_drain_ends_with_503_for_what_is_left(void **state)
{
    struct answer a;
    int fds[3];
    (void)state;
    for (int i = 0; i < 3; i++) {
        fds[i] = client_open(&server);
        client_send(fds[i], GET("/held"));
    }
    server_wait_held(&server, 3);
    int sending = client_open(&server);
    client_send(sending, POST("/echo", "5") "abc");
    server_wait(&server, COUNTER(bodies_bytes), 5);
    server_drain(&server, 50);
    for (int i = 0; i < 3; i++) {
        client_read(fds[i], &a);
        assert_int_equal(a.status, 503);
        expect_problem(&a, "overload");
        answer_free(&a);
        client_expect_closed(fds[i]);
    }
    client_expect_closed(sending);
    sem_wait(&server.drained);
    assert_int_equal(server_stats(&server).bodies_bytes, 0);
    assert_int_equal(server_stats(&server).waiting, 3);
    /* teardown frees the server and replies to the three afterwards */
}

/* A client that takes nothing must not hold the stop for ever. */
static void a_drain_cuts_a_client_that_takes_nothing(void **state)
{
    (void)state;
    int fd = client_open(&server);
    int small = 4096;
    setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &small, sizeof small);
    for (int i = 0; i < 16; i++)
        client_send(fd, GET("/large"));
    server_wait(&server, COUNTER(requests), 1);
    server_drain(&server, 50);
    sem_wait(&server.drained);
    assert_int_equal(server_stats(&server).waiting, 0);
    close(fd);
}

static void nobody_is_accepted_while_draining(void **state)
{
    struct answer a;
    (void)state;
    int held = client_open(&server);
    client_send(held, GET("/held"));
    server_wait_held(&server, 1);
    server_drain(&server, 60000);
    struct qm_http_config cfg = server.cfg;
    char listen[32];
    (void)snprintf(listen, sizeof listen, "127.0.0.1:%d", server.port);
    cfg.listen = listen;
    struct server next; /* the port is free for the next instance at once */
    server_start(&next, &cfg);
    assert_int_equal(next.port, server.port);
    close(client_ask(&next, GET("/now"), 200, &a));
    answer_free(&a);
    server_stop(&next);
    server_release(&server);
    client_read(held, &a);
    answer_free(&a);
    close(held);
    sem_wait(&server.drained);
}

int main(void)
{
#define T(f, setup) cmocka_unit_test_setup_teardown(f, setup, teardown)
    const struct CMUnitTest tests[] = {
        T(a_body_above_its_cap_is_refused_before_it_is_read, setup),
        T(a_refusal_reaches_a_client_that_goes_on_sending, setup),
        T(a_chunked_body_above_its_cap_is_refused_at_its_end, setup),
        T(a_refused_body_of_another_method_is_no_request, setup),
        T(a_length_may_be_required, setup),
        T(the_edge_may_refuse_at_the_headers, setup),
        T(all_bodies_together_have_a_budget, setup_small_budget),
        T(a_chunked_body_is_charged_as_it_comes, setup_small_budget),
        T(a_slow_request_line_is_cut_off, setup_short),
        T(slow_headers_are_cut_off, setup_short),
        T(a_slow_body_is_cut_off, setup_short),
        T(a_slow_line_and_slow_headers_share_one_deadline, setup_shared),
        T(waiting_to_ask_takes_nothing_from_the_request, setup_shared),
        T(a_silent_connection_is_closed, setup_short),
        T(an_answer_that_is_not_taken_is_cut_off, setup_short),
        T(a_reply_that_takes_too_long_is_503_and_goes_to_nobody, setup_short),
        T(a_client_that_leaves_meanwhile_is_noticed_at_the_deadline, setup_short),
        T(a_reply_to_a_client_that_has_left_does_no_harm, setup),
        T(a_cut_after_any_byte_leaves_nothing, setup),
        T(a_client_that_ends_behind_its_answer_is_let_go, setup),
        T(a_client_that_ends_gets_its_answers_first, setup),
        cmocka_unit_test(a_kept_connection_costs_little_memory),
        T(a_drain_waits_for_open_requests, setup),
        T(a_drain_ends_with_503_for_what_is_left, setup),
        T(a_drain_cuts_a_client_that_takes_nothing, setup),
        T(nobody_is_accepted_while_draining, setup),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
