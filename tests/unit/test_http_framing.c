/* test_http_framing.c - requests whose end two readers may see in different places: all refused,
 * and the connection closed, so that what follows is never taken for a request. */
#include "http_fixture.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

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

struct fault {
    const char *what;
    const char *request;
    int status;
    bool own_page; /* refused by the library before we are asked */
    size_t len;    /* 0: strlen */
};

#define HOST "Host: a\r\n"
#define NEXT "GET /smuggled HTTP/1.1\r\n" HOST "\r\n"

static const struct fault faults[] = {
    {"length with coding",
     "POST /echo HTTP/1.1\r\n" HOST "Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n"
     "0\r\n\r\n" NEXT,
     400, false, 0},
    {"coding with length",
     "POST /echo HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n"
     "0\r\n\r\n" NEXT,
     400, false, 0},
    {"two lengths",
     "POST /echo HTTP/1.1\r\n" HOST "Content-Length: 3\r\nContent-Length: 4\r\n\r\nabcd" NEXT, 400,
     false, 0},
    {"two equal lengths",
     "POST /echo HTTP/1.1\r\n" HOST "Content-Length: 3\r\nContent-Length: 3\r\n\r\nabc" NEXT, 400,
     false, 0},
    {"two lengths of a GET",
     "GET /now HTTP/1.1\r\n" HOST "Content-Length: 0\r\nContent-Length: 40\r\n\r\n" NEXT, 400,
     false, 0},
    {"two lengths of a DELETE whose body never comes",
     "DELETE /now HTTP/1.1\r\n" HOST "Content-Length: 40\r\nContent-Length: 40\r\n\r\n", 400, false,
     0},
    {"a list of lengths", "POST /echo HTTP/1.1\r\n" HOST "Content-Length: 3, 3\r\n\r\nabc" NEXT,
     400, true, 0},
    {"a signed length", "POST /echo HTTP/1.1\r\n" HOST "Content-Length: +3\r\n\r\nabc" NEXT, 400,
     true, 0},
    {"two Hosts", "GET /now HTTP/1.1\r\n" HOST "Host: b\r\n\r\n" NEXT, 400, false, 0},
    {"no Host", "GET /now HTTP/1.1\r\n\r\n" NEXT, 400, false, 0},
    {"a space before the colon of the length",
     "POST /echo HTTP/1.1\r\n" HOST "Content-Length : 3\r\n\r\nabc" NEXT, 400, false, 0},
    {"a space before another colon", "GET /now HTTP/1.1\r\n" HOST "X : 3\r\n\r\n" NEXT, 400, false,
     0},
    {"a tab before the colon", "GET /now HTTP/1.1\r\n" HOST "X\t: 3\r\n\r\n" NEXT, 400, false, 0},
    {"no colon", "GET /now HTTP/1.1\r\n" HOST "X\r\n\r\n" NEXT, 400, true, 0},
    {"a bare CR in a value",
     "POST /echo HTTP/1.1\r\n" HOST "X: 1\rContent-Length: 3\r\n\r\nabc" NEXT, 400, false, 0},
    {"a bare CR in a name", "GET /now HTTP/1.1\r\n" HOST "X\rY: 1\r\n\r\n" NEXT, 400, false, 0},
    {"a bare CR in the target", "GET /now\rX HTTP/1.1\r\n" HOST "\r\n" NEXT, 400, false, 0},
    {"a bare CR after the version", "GET /now HTTP/1.1\rX: y\r\n" HOST "\r\n" NEXT, 400, true, 0},
    {"a bare LF", "GET /now HTTP/1.1\r\n" HOST "X: 1\nY: 2\r\n\r\n" NEXT, 400, false, 0},
    {"a folded line", "GET /now HTTP/1.1\r\n" HOST "X: 1\r\n  2\r\n\r\n" NEXT, 400, false, 0},
    {"a folded length", "POST /echo HTTP/1.1\r\n" HOST "Content-Length: 1\r\n 5\r\n\r\na" NEXT, 400,
     false, 0},
    {"a first line that is folded", "GET /now HTTP/1.1\r\n X: 1\r\n" HOST "\r\n" NEXT, 400, false,
     0},
    {"a NUL in a value", "GET /now HTTP/1.1\r\n" HOST "X: a\0b\r\n\r\n", 400, false, 38},
    {"a NUL in a name", "GET /now HTTP/1.1\r\n" HOST "X\0Y: b\r\n\r\n", 400, true, 38},
    {"a control character", "GET /now HTTP/1.1\r\n" HOST "X: a\x01\r\n\r\n" NEXT, 400, false, 0},
    {"another coding",
     "POST /echo HTTP/1.1\r\n" HOST "Transfer-Encoding: gzip\r\n\r\n0\r\n\r\n" NEXT, 400, false, 0},
    {"two codings",
     "POST /echo HTTP/1.1\r\n" HOST "Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n" NEXT, 400,
     false, 0},
    {"chunked twice",
     "POST /echo HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked\r\n"
     "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n" NEXT,
     400, false, 0},
    {"an old client with a coding",
     "POST /echo HTTP/1.0\r\n" HOST "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n" NEXT, 400, false,
     0},
    {"a chunk size that is none",
     "POST /echo HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked\r\n\r\nzz\r\nabc\r\n" NEXT, 400,
     true, 0},
    {"a minor version to come", "GET /now HTTP/1.9\r\n" HOST "\r\n" NEXT, 400, false, 0},
    {"a version of two digits", "GET /now HTTP/1.11\r\n" HOST "\r\n" NEXT, 400, true, 0},
    {"a version in lower case", "GET /now http/1.1\r\n" HOST "\r\n" NEXT, 400, true, 0},
    {"no version", "GET /now\r\n" HOST "\r\n" NEXT, 400, true, 0},
    {"another major version", "GET /now HTTP/2.0\r\n" HOST "\r\n" NEXT, 505, true, 0},
    {"too old a version", "GET /now HTTP/0.9\r\n" HOST "\r\n" NEXT, 505, true, 0},
    {"a space in the target", "GET /now now HTTP/1.1\r\n" HOST "\r\n" NEXT, 400, false, 0},
    {"a method that is no token", "G\x01T /now HTTP/1.1\r\n" HOST "\r\n" NEXT, 400, false, 0},
};

/* For a bad length the library writes the head of its page twice, so only its end is looked at. */
static void expect_page_and_end(int fd)
{
    static const char end[] = "</html>";
    char page[4096];
    size_t len = client_read_to_end(fd, page, sizeof page);
    assert_true(len >= sizeof end - 1);
    assert_memory_equal(page + len - (sizeof end - 1), end, sizeof end - 1);
}

static void every_fault_is_refused_and_closed(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof faults / sizeof *faults; i++) {
        const struct fault *f = &faults[i];
        struct answer a;
        int fd = client_open(&server);
        print_message("%s\n", f->what);
        client_send_bytes(fd, f->request, f->len > 0 ? f->len : strlen(f->request));
        if (f->own_page) {
            client_read_head(fd, &a);
            expect_page_and_end(fd);
        } else {
            client_read(fd, &a);
            assert_string_equal(a.body, "{\"type\":\"/problems/malformed\"}");
            answer_free(&a);
            client_expect_closed(fd);
        }
        assert_int_equal(a.status, f->status);
        assert_true(server_stats(&server).refused_framing >= i + 1);
    }
    assert_int_equal(server_stats(&server).refused_framing, sizeof faults / sizeof *faults);
}

/* Nothing of the guard may depend on how the bytes are cut into packets. */
static void sound_headers_pass_in_any_form(void **state)
{
    static const char request[] = "POST /echo HTTP/1.1\r\nhOST:a\r\nEmpty:\r\nBlank:  \t \r\n"
                                  "Tab:\tx\ty\t\r\nHigh: \xe4\xbd\xa0\r\nContent-Length:\t4\r\n"
                                  "X!#$%&'*+-.^_`|~09: ok:yes\r\n\r\nbody";
    struct answer a;
    (void)state;
    close(client_ask(&server, request, 200, &a));
    assert_string_equal(a.body, "body");
    answer_free(&a);
    int fd = client_open(&server);
    for (size_t i = 0; i < sizeof request - 1; i++) {
        client_send_bytes(fd, request + i, 1);
        usleep(200);
    }
    client_read(fd, &a);
    assert_int_equal(a.status, 200);
    answer_free(&a);
    close(fd);
}

static char *request_with_headers(size_t total)
{
    static const char start[] = "GET /now HTTP/1.1\r\n" HOST "X: ";
    char *request = calloc(1, total + 1);
    assert_non_null(request);
    memset(request, 'x', total);
    memcpy(request, start, sizeof start - 1);
    (void)snprintf(request + total - 4, 5, "\r\n\r\n");
    return request;
}

static void headers_up_to_the_limit_pass_and_above_get_431(void **state)
{
    static const size_t above[] = {16385, 20000, 50000, 65536, 200000};
    struct answer a;
    (void)state;
    char *request = request_with_headers(16384);
    close(client_ask(&server, request, 200, &a));
    answer_free(&a);
    free(request);
    for (size_t i = 0; i < sizeof above / sizeof *above; i++) {
        request = request_with_headers(above[i]);
        int fd = client_ask(&server, request, 431, &a);
        answer_free(&a);
        client_expect_closed(fd);
        free(request);
    }
}

static void many_small_headers_end_in_431(void **state)
{
    struct answer a;
    struct qm_buf request;
    (void)state;
    qm_buf_init(&request, 100000);
    qm_buf_puts(&request, "GET /now HTTP/1.1\r\n" HOST);
    for (int i = 0; i < 5000; i++)
        qm_buf_puts(&request, "a:b\r\n");
    qm_buf_puts(&request, "\r\n");
    int fd = client_ask(&server, (const char *)request.p, 431, &a);
    answer_free(&a);
    client_expect_closed(fd);
    qm_buf_free(&request);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
    const struct CMUnitTest tests[] = {
        T(every_fault_is_refused_and_closed),
        T(sound_headers_pass_in_any_form),
        T(headers_up_to_the_limit_pass_and_above_get_431),
        T(many_small_headers_end_in_431),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
