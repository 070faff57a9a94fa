/* test_http.c - answering: what a sound request gets, on one connection and on many. */
#include "http_fixture.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

enum { MIB = 1048576 };
#define GET(path) "GET " path " HTTP/1.1\r\nHost: a\r\n\r\n"

static struct server server;

static int setup(void **state)
{
    (void)state;
    server_start(&server, &(struct qm_http_config){0});
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    server_stop(&server);
    return 0;
}

static void an_answer_has_its_headers(void **state)
{
    (void)state;
    struct answer a;
    int fd = client_ask(&server, GET("/now?a=%41&b"), 200, &a);
    assert_string_equal(a.body, "GET /now a=%41&b 127.0.0.1");
    assert_non_null(answer_header(&a, "Date"));
    assert_non_null(answer_header(&a, "X-Request-Id"));
    assert_memory_equal(answer_header(&a, "X-Test"), "yes\r", 4);
    assert_memory_equal(answer_header(&a, "Content-Type"), "text/plain\r", 11);
    answer_free(&a);
    close(fd);
}

static void a_path_stays_as_it_was_sent(void **state)
{
    (void)state;
    struct answer a;
    int fd = client_ask(&server, GET("/a%2Fb%00%zz?"), 200, &a);
    assert_string_equal(a.body, "GET /a%2Fb%00%zz  127.0.0.1");
    answer_free(&a);
    close(fd);
}

static void request_ids_differ(void **state)
{
    (void)state;
    struct answer a, b;
    int fd = client_ask(&server, GET("/now"), 200, &a);
    client_send(fd, GET("/now"));
    client_read(fd, &b);
    unsigned long first = strtoul(answer_header(&a, "X-Request-Id"), NULL, 10);
    assert_true(strtoul(answer_header(&b, "X-Request-Id"), NULL, 10) > first);
    answer_free(&a);
    answer_free(&b);
    close(fd);
}

static void a_reply_may_come_later(void **state)
{
    (void)state;
    struct answer a;
    int fd = client_ask(&server, GET("/later"), 200, &a);
    assert_string_equal(a.body, "GET /later  127.0.0.1");
    answer_free(&a);
    close(fd);
}

static void a_connection_is_kept(void **state)
{
    (void)state;
    struct answer a;
    int fd = client_open(&server);
    for (int i = 0; i < 50; i++) {
        client_send(fd, i % 2 == 0 ? GET("/later") : GET("/now"));
        client_read(fd, &a);
        assert_int_equal(a.status, 200);
        answer_free(&a);
    }
    close(fd);
    assert_int_equal(server_stats(&server).requests, 50);
}

/* The library holds the second request in its buffer: no descriptor will become readable. */
static void pipelined_requests_are_answered_in_order(void **state)
{
    (void)state;
    struct answer a;
    int fd = client_open(&server);
    client_send(fd, GET("/later?1") GET("/now?2") GET("/later?3") GET("/later?4") GET("/now?5"));
    for (int i = 1; i <= 5; i++) {
        char wanted[64];
        client_read(fd, &a);
        (void)snprintf(wanted, sizeof wanted, "GET /%s %d 127.0.0.1",
                       i == 2 || i == 5 ? "now" : "later", i);
        assert_string_equal(a.body, wanted);
        answer_free(&a);
    }
    close(fd);
}

static void a_pipelined_body_ends_where_its_length_says(void **state)
{
    (void)state;
    struct answer a;
    int fd = client_open(&server);
    client_send(fd, "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc" GET("/now?x"));
    client_read(fd, &a);
    assert_string_equal(a.body, "abc");
    answer_free(&a);
    client_read(fd, &a);
    assert_string_equal(a.body, "GET /now x 127.0.0.1");
    answer_free(&a);
    close(fd);
}

static void body_is(const char *request, const char *wanted)
{
    struct answer a;
    close(client_ask(&server, request, 200, &a));
    assert_string_equal(a.body, wanted);
    answer_free(&a);
}

static void the_absolute_form_asks_for_the_same(void **state)
{
    (void)state;
    body_is("GET http://a/now?x=1 HTTP/1.1\r\nHost: a\r\n\r\n", "GET /now x=1 127.0.0.1");
    body_is("GET HTTPS://a:8443/now HTTP/1.1\r\nHost: b\r\n\r\n", "GET /now  127.0.0.1");
    /* No path is the root; without a host, or with another scheme, it is no such form. */
    body_is("GET http://a?x HTTP/1.1\r\nHost: a\r\n\r\n", "GET / x 127.0.0.1");
    body_is("GET http:///now HTTP/1.1\r\nHost: a\r\n\r\n", "GET http:///now  127.0.0.1");
    body_is("GET ftp://a/now HTTP/1.1\r\nHost: a\r\n\r\n", "GET ftp://a/now  127.0.0.1");
    body_is("GET /http://a/now HTTP/1.1\r\nHost: a\r\n\r\n", "GET /http://a/now  127.0.0.1");
}

static void head_is_get_without_the_body(void **state)
{
    (void)state;
    struct answer a;
    int fd = client_open(&server);
    client_send(fd, "HEAD /now?q HTTP/1.1\r\nHost: a\r\n\r\n");
    client_read_head(fd, &a);
    assert_int_equal(a.status, 200);
    assert_int_equal(strtoul(answer_header(&a, "Content-Length"), NULL, 10),
                     strlen("GET /now q 127.0.0.1"));
    client_send(fd, GET("/now?after"));
    client_read(fd, &a);
    assert_string_equal(a.body, "GET /now after 127.0.0.1");
    answer_free(&a);
    close(fd);
}

static void post_mebibyte(int fd, char *body)
{
    char head[128];
    for (size_t i = 0; i < MIB; i++)
        body[i] = (char)('a' + i % 23);
    (void)snprintf(head, sizeof head,
                   "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: %d\r\n\r\n", MIB);
    client_send(fd, head);
    client_send_bytes(fd, body, MIB);
}

static void a_mebibyte_goes_in_and_out(void **state)
{
    (void)state;
    struct answer a;
    char *body = malloc(MIB);
    int fd = client_open(&server);
    assert_non_null(body);
    post_mebibyte(fd, body);
    client_read(fd, &a);
    assert_int_equal(a.status, 200);
    assert_int_equal(a.len, MIB);
    assert_memory_equal(a.body, body, MIB);
    answer_free(&a);
    free(body);
    close(fd);
    assert_int_equal(server_stats(&server).bodies_bytes, 0);
}

static void a_chunked_body_is_joined(void **state)
{
    (void)state;
    struct answer a;
    int fd = client_ask(&server,
                        "POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: Chunked\r\n\r\n"
                        "3\r\nabc\r\nA;ext=1\r\n0123456789\r\n0\r\nTrailer: x\r\n\r\n" GET("/now"),
                        200, &a);
    assert_string_equal(a.body, "abc0123456789");
    answer_free(&a);
    client_read(fd, &a);
    assert_string_equal(a.body, "GET /now  127.0.0.1");
    answer_free(&a);
    close(fd);
}

static void a_client_may_ask_before_it_sends(void **state)
{
    (void)state;
    struct answer a;
    char interim[26];
    int fd = client_open(&server);
    client_send(fd, "POST /echo HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\n"
                    "Content-Length: 2\r\n\r\n");
    assert_int_equal(recv(fd, interim, 25, MSG_WAITALL), 25);
    assert_memory_equal(interim, "HTTP/1.1 100 Continue\r\n\r\n", 25);
    client_send(fd, "ab");
    client_read(fd, &a);
    assert_string_equal(a.body, "ab");
    answer_free(&a);
    close(fd);
}

static void an_old_client_is_answered_and_closed(void **state)
{
    (void)state;
    struct answer a;
    int fd = client_ask(&server, "GET /now HTTP/1.0\r\n\r\n", 200, &a);
    answer_free(&a);
    client_expect_closed(fd);
}

static void a_half_closed_client_is_answered(void **state)
{
    (void)state;
    struct answer a;
    int fd = client_open(&server);
    client_send(fd, GET("/later"));
    shutdown(fd, SHUT_WR);
    client_read(fd, &a);
    assert_int_equal(a.status, 200);
    answer_free(&a);
    client_expect_closed(fd);
}

static void forwarded_address_is_taken_only_on_demand(void **state)
{
    struct answer a;
    const char *request = "GET /now HTTP/1.1\r\nHost: a\r\nX-Forwarded-For: 1.2.3.4 ,  2001:db8::7 "
                          "\r\n\r\n";
    (void)state;
    close(client_ask(&server, request, 200, &a));
    assert_string_equal(a.body, "GET /now  127.0.0.1");
    answer_free(&a);
    server_stop(&server);
    server_start(&server, &(struct qm_http_config){.trust_forwarded = true});
    close(client_ask(&server, request, 200, &a));
    assert_string_equal(a.body, "GET /now  2001:db8::7");
    answer_free(&a);
    close(client_ask(&server,
                     "GET /now HTTP/1.1\r\nHost: a\r\nX-Forwarded-For: 1.2.3.4, nobody\r\n\r\n",
                     200, &a));
    assert_string_equal(a.body, "GET /now  127.0.0.1");
    answer_free(&a);
}

/* A socket file as a killed server leaves it behind. */
static void leave_stale(const char *path)
{
    struct sockaddr_un un = {.sun_family = AF_UNIX};
    (void)snprintf(un.sun_path, sizeof un.sun_path, "%s", path);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(bind(fd, (struct sockaddr *)&un, sizeof un), 0);
    close(fd);
    assert_int_equal(access(path, F_OK), 0);
}

static void a_unix_socket_replaces_a_stale_one_and_goes_away(void **state)
{
    (void)state;
    struct answer a;
    char folder[] = "/tmp/qm-http-XXXXXX";
    char listen[64];
    assert_non_null(mkdtemp(folder));
    (void)snprintf(listen, sizeof listen, "unix:%s/s", folder);
    leave_stale(listen + 5);
    struct server local;
    server_start(&local, &(struct qm_http_config){.listen = listen});
    assert_int_equal(local.port, 0);
    close(client_ask(&local, GET("/later"), 200, &a));
    assert_string_equal(a.body, "GET /later  unix");
    answer_free(&a);
    /* Somebody listens there: a second server must not take the place. */
    struct qm_http_handlers none = {0};
    struct qm_http *second = NULL;
    assert_int_equal(qm_http_start(&local.loop, &local.cfg, &none, &second), QM_E_BUSY);
    server_stop(&local);
    assert_int_equal(access(listen + 5, F_OK), -1);
    assert_int_equal(rmdir(folder), 0);
}

static void a_file_that_is_no_socket_is_not_removed(void **state)
{
    (void)state;
    char file[] = "/tmp/qm-http-XXXXXX";
    char listen[64];
    struct qm_http_handlers none = {0};
    struct qm_http *http = NULL;
    int fd = mkstemp(file);
    assert_true(fd >= 0);
    close(fd);
    (void)snprintf(listen, sizeof listen, "unix:%s", file);
    struct qm_http_config cfg = {.listen = listen};
    assert_int_equal(qm_http_start(&server.loop, &cfg, &none, &http), QM_E_BUSY);
    assert_int_equal(unlink(file), 0);
}

static void an_address_that_is_none_is_refused(void **state)
{
    static const char *const wrong[] = {
        "",       "8080",           "127.0.0.1",    "127.0.0.1:", "127.0.0.1:x", "127.0.0.1:65536",
        "::1:80", "[127.0.0.1]:80", "localhost:80", "[::1:80",    "unix:",       "127.0.0.1:-1"};
    struct qm_http_handlers none = {0};
    struct qm_http *http = NULL;
    (void)state;
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        struct qm_http_config cfg = {.listen = wrong[i]};
        assert_int_equal(qm_http_start(&server.loop, &cfg, &none, &http), QM_E_INVALID);
    }
    char taken[32];
    (void)snprintf(taken, sizeof taken, "127.0.0.1:%d", server.port);
    struct qm_http_config cfg = {.listen = taken};
    assert_int_equal(qm_http_start(&server.loop, &cfg, &none, &http), QM_E_BUSY);
}

/* Five clients, two places: the library stops accepting and is not woken for those that wait. */
static void clients_above_the_limit_are_served_later(void **state)
{
    (void)state;
    struct server small;
    struct answer a;
    int fds[5];
    server_start(&small, &(struct qm_http_config){.connections_max = 2});
    for (int i = 0; i < 5; i++) {
        fds[i] = client_open(&small);
        client_send(fds[i], "GET /now HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
    }
    for (int i = 0; i < 5; i++) {
        client_read(fds[i], &a);
        assert_int_equal(a.status, 200);
        answer_free(&a);
        close(fds[i]);
    }
    server_stop(&small);
}

static void a_waiting_client_is_served_when_a_held_one_leaves(void **state)
{
    (void)state;
    struct server small;
    struct answer a;
    server_start(&small, &(struct qm_http_config){.connections_max = 1});
    int first = client_open(&small);
    client_send(first, GET("/held"));
    server_wait_held(&small, 1);
    int second = client_open(&small);
    client_send(second, GET("/now"));
    server_release(&small);
    client_read(first, &a);
    assert_string_equal(a.body, "released");
    answer_free(&a);
    close(first);
    client_read(second, &a);
    assert_int_equal(a.status, 200);
    answer_free(&a);
    close(second);
    server_stop(&small);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
    const struct CMUnitTest tests[] = {
        T(an_answer_has_its_headers),
        T(a_path_stays_as_it_was_sent),
        T(request_ids_differ),
        T(a_reply_may_come_later),
        T(a_connection_is_kept),
        T(pipelined_requests_are_answered_in_order),
        T(a_pipelined_body_ends_where_its_length_says),
        T(the_absolute_form_asks_for_the_same),
        T(head_is_get_without_the_body),
        T(a_mebibyte_goes_in_and_out),
        T(a_chunked_body_is_joined),
        T(a_client_may_ask_before_it_sends),
        T(an_old_client_is_answered_and_closed),
        T(a_half_closed_client_is_answered),
        T(forwarded_address_is_taken_only_on_demand),
        cmocka_unit_test(a_unix_socket_replaces_a_stale_one_and_goes_away),
        T(a_file_that_is_no_socket_is_not_removed),
        T(an_address_that_is_none_is_refused),
        cmocka_unit_test(clients_above_the_limit_are_served_later),
        cmocka_unit_test(a_waiting_client_is_served_when_a_held_one_leaves),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
