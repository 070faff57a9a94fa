/* test_call_stream.c - a streamed call is counted and logged once, when it ends, with how. */
#include "http_fixture.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/metrics.h"
#include "edge/call.h"
#include "edge/routes.h"

#define REQUEST "GET /own HTTP/1.1\r\nHost: a\r\n\r\n"

static struct server server;
static struct qm_edge edge;
static struct qm_call *call;
static int pieces, states_freed, log_pipe[2];
static bool leave_open;

static void wanted(struct qm_call *c)
{
    struct qm_buf b;
    if (leave_open)
        return;
    if (pieces++ == 3) {
        qm_call_stream_end(c, true);
        return;
    }
    qm_buf_init(&b, 100);
    qm_buf_puts(&b, "a,b\n");
    qm_call_stream_write(c, &b);
}

static void gone(struct qm_call *c)
{
    qm_call_stream_end(c, false);
}

static void state_free(void *s)
{
    states_freed++;
    free(s);
}

static void handle(struct server *s, struct qm_http_req *r)
{
    (void)s;
    const struct qm_route *route = NULL;
    for (size_t i = 0; (route = qm_route_at(i)) != NULL && route->cost == 0; i++)
        ;
    assert_non_null(route);
    call = calloc(1, sizeof *call);
    assert_non_null(call);
    call->edge = &edge;
    call->req = r;
    call->route = route;
    call->began_ns = qm_clock_mono_ns();
    call->state = malloc(1);
    call->state_free = state_free;
    edge.open_calls++;
    assert_int_equal(qm_call_stream(call, 200, "text/csv", NULL, wanted, gone), QM_OK);
}

static int setup(void **state)
{
    (void)state;
    pieces = states_freed = 0;
    leave_open = false;
    assert_int_equal(pipe(log_pipe), 0);
    qm_log_open(log_pipe[1], QM_LOG_INFO);
    server_start(&server, &(struct qm_http_config){0});
    server.own = handle;
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    server_stop(&server);
    qm_log_open(STDERR_FILENO, QM_LOG_ERROR);
    close(log_pipe[0]);
    close(log_pipe[1]);
    return 0;
}

/* The only line so far ends so; the call is over. */
static void expect_logged(const char *how)
{
    char line[1000], wanted_end[64];
    ssize_t n = read(log_pipe[0], line, sizeof line - 1);
    assert_true(n > 0);
    line[n] = '\0';
    (void)snprintf(wanted_end, sizeof wanted_end, ",\"stream\":\"%s\"}\n", how);
    assert_non_null(strstr(line, "\"event\":\"request\""));
    assert_non_null(strstr(line, "\"status\":200"));
    assert_non_null(strstr(line, wanted_end));
    assert_ptr_equal(strchr(line, '\n'), line + n - 1);
    assert_int_equal(edge.open_calls, 0);
    assert_int_equal(states_freed, 1);
}

static void a_whole_stream_is_logged_as_complete(void **state)
{
    char all[4096];
    int64_t before = qm_metric_get(QM_M_HTTP_REQUESTS);
    (void)state;
    int fd = client_open(&server);
    client_send(fd, "GET /own HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
    size_t n = client_read_to_end(fd, all, sizeof all - 1);
    all[n] = '\0';
    assert_non_null(strstr(all, "a,b\n"));
    assert_non_null(strstr(all, "\r\n0\r\n\r\n"));
    (void)server_stats(&server); /* the loop has gone on */
    expect_logged("complete");
    assert_int_equal(qm_metric_get(QM_M_HTTP_REQUESTS), before + 1);
}

static void do_cut(struct server *s)
{
    (void)s;
    assert_int_equal(edge.open_calls, 1); /* not counted before its end */
    qm_call_stream_end(call, false);
}

static void a_cut_stream_is_logged_as_cut(void **state)
{
    struct answer a;
    (void)state;
    leave_open = true;
    int fd = client_open(&server);
    client_send(fd, REQUEST);
    client_read_head(fd, &a);
    server_call(&server, do_cut);
    expect_logged("cut");
    client_expect_closed(fd);
}

static void a_stream_whose_client_leaves_is_logged_as_left(void **state)
{
    struct answer a;
    (void)state;
    leave_open = true;
    int fd = client_open(&server);
    client_send(fd, REQUEST);
    client_read_head(fd, &a);
    server_drain(&server, 0);
    sem_wait(&server.drained);
    expect_logged("left");
    close(fd);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
    const struct CMUnitTest tests[] = {
        T(a_whole_stream_is_logged_as_complete),
        T(a_cut_stream_is_logged_as_cut),
        T(a_stream_whose_client_leaves_is_logged_as_left),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
