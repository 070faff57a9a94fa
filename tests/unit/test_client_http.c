/* test_client_http.c - the libcurl transport against a socket that says exactly what the case
 * needs: outcomes, caps, no redirects.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "qiaomen/client.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

struct peer {
    int listener;
    uint16_t port;
    const char *says;
    size_t answers;   /* connections to serve */
    char heard[4096]; /* of the last request */
    size_t served;
    pthread_t thread;
};

static void *serve(void *ctx)
{
    struct peer *p = ctx;
    for (p->served = 0; p->served < p->answers; p->served++) {
        int fd = accept(p->listener, NULL, NULL);
        if (fd < 0)
            break;
        size_t n = 0;
        while (n < sizeof p->heard - 1) {
            ssize_t got = read(fd, p->heard + n, sizeof p->heard - 1 - n);
            if (got <= 0)
                break;
            n += (size_t)got;
            p->heard[n] = 0;
            char *end = strstr(p->heard, "\r\n\r\n");
            if (end && (!strstr(p->heard, "Content-Length: 4") || strlen(end + 4) >= 4))
                break;
        }
        if (write(fd, p->says, strlen(p->says)) < 0)
            perror("write");
        close(fd);
    }
    return NULL;
}

static void start(struct peer *p, const char *says)
{
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof at;
    memset(p, 0, sizeof *p);
    p->says = says;
    p->answers = 1;
    p->listener = socket(AF_INET, SOCK_STREAM, 0);
    assert_int_equal(bind(p->listener, (struct sockaddr *)&at, sizeof at), 0);
    assert_int_equal(listen(p->listener, 4), 0);
    assert_int_equal(getsockname(p->listener, (struct sockaddr *)&at, &len), 0);
    p->port = ntohs(at.sin_port);
    assert_int_equal(pthread_create(&p->thread, NULL, serve, p), 0);
}

static void stop(struct peer *p)
{
    pthread_join(p->thread, NULL);
    close(p->listener);
}

static int ask(uint16_t port, const char *method, const char *body, struct qm_http_answer *a)
{
    struct qm_transport t;
    char url[64];
    snprintf(url, sizeof url, "http://127.0.0.1:%u/v1/x?q=1", port);
    struct qm_http_request r = {.method = method,
                                .url = url,
                                .path = "/v1/x",
                                .headers = 1,
                                .header = {"X-Test: yes"},
                                .body = (const uint8_t *)body,
                                .body_bytes = body ? strlen(body) : 0,
                                .answer_max_bytes = 10,
                                .timeout_ms = 5000};
    assert_int_equal(qm_transport_curl_open(NULL, &t), 0);
    *a = (struct qm_http_answer){.retry_after_s = -1};
    int rc = t.perform(t.ctx, &r, a);
    t.close(t.ctx);
    return rc;
}

static void a_whole_answer(void **state)
{
    (void)state;
    struct peer p;
    struct qm_http_answer a;
    start(&p, "HTTP/1.1 503 Busy\r\nContent-Type: text/plain\r\nRetry-After: 41\r\n"
              "Content-Length: 2\r\n\r\nno");
    assert_int_equal(ask(p.port, "POST", "body", &a), 0);
    stop(&p);
    assert_int_equal(a.status, 503);
    assert_int_equal(a.retry_after_s, 41);
    assert_string_equal(a.content_type, "text/plain");
    assert_int_equal(a.body_bytes, 2);
    assert_memory_equal(a.body, "no", 2);
    assert_string_equal(a.detail, "");
    assert_non_null(strstr(p.heard, "POST /v1/x?q=1 HTTP/1.1\r\n"));
    assert_non_null(strstr(p.heard, "\r\nX-Test: yes\r\n"));
    assert_non_null(strstr(p.heard, "\r\n\r\nbody"));
    assert_null(strstr(p.heard, "Expect"));
    free(a.body);
}

static void methods_are_sent_as_said(void **state)
{
    (void)state;
    struct peer p;
    struct qm_http_answer a;
    const char *none = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";
    start(&p, none);
    assert_int_equal(ask(p.port, "PUT", "body", &a), 0);
    stop(&p);
    assert_memory_equal(p.heard, "PUT ", 4);
    assert_int_equal(a.retry_after_s, -1);
    free(a.body);
    start(&p, none);
    assert_int_equal(ask(p.port, "GET", NULL, &a), 0);
    stop(&p);
    assert_memory_equal(p.heard, "GET ", 4);
    free(a.body);
}

static void redirects_are_answers(void **state)
{
    (void)state;
    struct peer p;
    struct qm_http_answer a;
    start(&p, "HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n");
    assert_int_equal(ask(p.port, "GET", NULL, &a), 0);
    stop(&p);
    assert_int_equal(a.status, 302);
    free(a.body);
}

static void broken_answers_have_an_unknown_outcome(void **state)
{
    (void)state;
    const char *cuts[] = {"", "HTTP/1.1 200 OK\r\nContent-Le",
                          "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc"};
    for (size_t i = 0; i < sizeof cuts / sizeof cuts[0]; i++) {
        struct peer p;
        struct qm_http_answer a;
        start(&p, cuts[i]);
        assert_int_equal(ask(p.port, "GET", NULL, &a), QM_C_UNKNOWN_OUTCOME);
        stop(&p);
        assert_null(a.body);
        assert_int_equal(a.status, 0);
    }
}

static void too_much_is_cut_off(void **state)
{
    (void)state;
    struct peer p;
    struct qm_http_answer a;
    start(&p, "HTTP/1.1 200 OK\r\nContent-Length: 11\r\n\r\n12345678901");
    assert_int_equal(ask(p.port, "GET", NULL, &a), QM_C_TOO_LARGE);
    stop(&p);
    assert_null(a.body);
}

static void nobody_there_is_offline(void **state)
{
    (void)state;
    struct peer p;
    struct qm_http_answer a;
    start(&p, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
    assert_int_equal(ask(p.port, "GET", NULL, &a), 0);
    stop(&p);
    free(a.body);
    assert_int_equal(ask(p.port, "GET", NULL, &a), QM_C_OFFLINE);
    assert_non_null(strstr(a.detail, "127.0.0.1"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(a_whole_answer),
                                       cmocka_unit_test(methods_are_sent_as_said),
                                       cmocka_unit_test(redirects_are_answers),
                                       cmocka_unit_test(broken_answers_have_an_unknown_outcome),
                                       cmocka_unit_test(too_much_is_cut_off),
                                       cmocka_unit_test(nobody_there_is_offline)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
