/* http_fixture.c - a real HTTP server in a thread, and a raw client; see http_fixture.h. */
#include "http_fixture.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

enum { MIB = 1048576 };

static void reply_text(struct qm_http_req *r, int status, const char *text, size_t len)
{
    static const char *const headers[] = {"X-Test", "yes", NULL};
    struct qm_buf body;
    qm_buf_init(&body, (size_t)4 * MIB);
    qm_buf_add(&body, text, len);
    qm_http_reply(r, status, "text/plain", headers, &body);
    qm_buf_free(&body);
}

static void reply_about(struct qm_http_req *r)
{
    char text[512];
    int n = snprintf(text, sizeof text, "%s %s %s %s", qm_http_method(r), qm_http_path(r),
                     qm_http_query(r), qm_http_peer(r));
    reply_text(r, 200, text, (size_t)n);
}

static void timer_closed(uv_handle_t *handle)
{
    free(handle);
}

static void on_later(uv_timer_t *timer)
{
    reply_about(timer->data);
    uv_close((uv_handle_t *)timer, timer_closed);
}

static struct qm_http_limits on_headers(void *ctx, struct qm_http_req *r)
{
    (void)ctx;
    if (strcmp(qm_http_path(r), "/echo") == 0)
        return (struct qm_http_limits){.body_max_bytes = MIB};
    if (strcmp(qm_http_path(r), "/sized") == 0)
        return (struct qm_http_limits){.body_max_bytes = 16, .needs_length = true};
    if (strcmp(qm_http_path(r), "/refused") == 0)
        return (struct qm_http_limits){.refuse = QM_E_QUOTA, .retry_after_s = 7};
    return (struct qm_http_limits){0};
}

static void on_request(void *ctx, struct qm_http_req *r)
{
    struct server *s = ctx;
    const char *path = qm_http_path(r);
    size_t len = 0;
    const uint8_t *body = qm_http_body(r, &len);
    if (strcmp(path, "/held") == 0) {
        assert_true(s->held_count < HELD_MAX);
        s->held[s->held_count++] = r;
    } else if (strcmp(path, "/later") == 0) {
        uv_timer_t *timer = calloc(1, sizeof *timer);
        assert_non_null(timer);
        timer->data = r;
        uv_timer_init(&s->loop, timer);
        uv_timer_start(timer, on_later, 5, 0);
    } else if (strcmp(path, "/echo") == 0 || strcmp(path, "/sized") == 0) {
        reply_text(r, 200, (const char *)body, len);
    } else if (strcmp(path, "/own") == 0) {
        s->own(s, r);
    } else if (strcmp(path, "/large") == 0) {
        char *text = malloc(MIB);
        assert_non_null(text);
        memset(text, 'x', MIB);
        reply_text(r, 200, text, MIB);
        free(text);
    } else {
        reply_about(r);
    }
}

static void problem(void *ctx, struct qm_http_req *r, qm_err err, struct qm_buf *body)
{
    (void)ctx;
    (void)r;
    qm_buf_printf(body, "{\"type\":\"/problems/%s\"}", qm_err_name(err));
}

static void on_call(uv_async_t *call)
{
    struct server *s = call->data;
    if (s->fn == NULL)
        return;
    void (*fn)(struct server *) = s->fn;
    s->fn = NULL;
    fn(s);
    sem_post(&s->called);
}

static void serve(void *arg)
{
    struct server *s = arg;
    const struct qm_http_handlers handlers = {s, on_headers, on_request, problem};
    s->started = qm_http_start(&s->loop, &s->cfg, &handlers, &s->http);
    s->port = s->started == QM_OK ? qm_http_port(s->http) : 0;
    sem_post(&s->called);
    uv_run(&s->loop, UV_RUN_DEFAULT);
}

void server_start(struct server *s, const struct qm_http_config *cfg)
{
    memset(s, 0, sizeof *s);
    s->cfg = *cfg;
    if (s->cfg.listen == NULL)
        s->cfg.listen = "127.0.0.1:0";
    if (s->cfg.bodies_max_bytes == 0)
        s->cfg.bodies_max_bytes = (size_t)64 * MIB;
    if (s->cfg.request_timeout_ms == 0)
        s->cfg.request_timeout_ms = 60000;
    if (s->cfg.connections_max == 0)
        s->cfg.connections_max = 100;
    if (s->cfg.headers_max_bytes == 0)
        s->cfg.headers_max_bytes = 16384;
    assert_int_equal(uv_loop_init(&s->loop), 0);
    assert_int_equal(uv_async_init(&s->loop, &s->call, on_call), 0);
    s->call.data = s;
    sem_init(&s->called, 0, 0);
    sem_init(&s->drained, 0, 0);
    assert_int_equal(uv_thread_create(&s->thread, serve, s), 0);
    sem_wait(&s->called);
    assert_int_equal(s->started, QM_OK);
}

void server_call(struct server *s, void (*fn)(struct server *s))
{
    s->fn = fn;
    uv_async_send(&s->call);
    sem_wait(&s->called);
}

static void on_drained(void *ctx)
{
    sem_post(&((struct server *)ctx)->drained);
}

static void do_drain(struct server *s)
{
    qm_http_drain(s->http, s->drain_ms, on_drained, s);
}

void server_drain(struct server *s, uint32_t timeout_ms)
{
    s->drain_ms = timeout_ms;
    server_call(s, do_drain);
}

static void do_free(struct server *s)
{
    qm_http_free(s->http);
    s->http = NULL;
    uv_close((uv_handle_t *)&s->call, NULL);
}

static void do_release(struct server *s)
{
    for (size_t i = 0; i < s->held_count; i++)
        reply_text(s->held[i], 200, "released", 8);
    s->held_count = 0;
}

void server_release(struct server *s)
{
    server_call(s, do_release);
}

void server_stop(struct server *s)
{
    server_drain(s, 0);
    sem_wait(&s->drained);
    server_call(s, do_free);
    uv_thread_join(&s->thread);
    do_release(s); /* whatever is still held must be harmless */
    assert_int_equal(uv_loop_close(&s->loop), 0);
    sem_destroy(&s->called);
    sem_destroy(&s->drained);
}

static void do_stats(struct server *s)
{
    qm_http_stats_get(s->http, &s->stats);
}

struct qm_http_stats server_stats(struct server *s)
{
    server_call(s, do_stats);
    return s->stats;
}

static void do_nothing(struct server *s)
{
    (void)s;
}

size_t server_held(struct server *s)
{
    server_call(s, do_nothing);
    return s->held_count;
}

void server_wait(struct server *s, size_t offset_of_counter, uint64_t n)
{
    for (int i = 0; i < WAIT_MS / 5; i++) {
        struct qm_http_stats stats = server_stats(s);
        if (*(uint64_t *)(void *)((char *)&stats + offset_of_counter) >= n)
            return;
        usleep(5000);
    }
    fail_msg("a counter did not rise");
}

void server_wait_held(struct server *s, size_t n)
{
    for (int i = 0; i < WAIT_MS / 5 && server_held(s) < n; i++)
        usleep(5000);
    assert_int_equal(server_held(s), n);
}

int client_open(const struct server *s)
{
    struct sockaddr_in in = {.sin_family = AF_INET, .sin_port = htons((uint16_t)s->port)};
    struct sockaddr_un un = {.sun_family = AF_UNIX};
    in.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    bool local = strncmp(s->cfg.listen, "unix:", 5) == 0;
    if (local)
        (void)snprintf(un.sun_path, sizeof un.sun_path, "%s", s->cfg.listen + 5);
    int fd = socket(local ? AF_UNIX : AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_true(fd >= 0);
    assert_int_equal(local ? connect(fd, (struct sockaddr *)&un, sizeof un)
                           : connect(fd, (struct sockaddr *)&in, sizeof in),
                     0);
    return fd;
}

bool client_send_bytes(int fd, const void *bytes, size_t len)
{
    const char *p = bytes;
    while (len > 0) {
        ssize_t n = send(fd, p, len, MSG_NOSIGNAL);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return false;
        p += n;
        len -= (size_t)n;
    }
    return true;
}

void client_send(int fd, const char *text)
{
    client_send_bytes(fd, text, strlen(text));
}

ssize_t client_receive(int fd, void *to, size_t len)
{
    struct pollfd p = {.fd = fd, .events = POLLIN};
    assert_int_equal(poll(&p, 1, WAIT_MS), 1);
    return recv(fd, to, len, 0);
}

static void read_status(int fd, struct answer *a)
{
    size_t n = 0;
    memset(a, 0, sizeof *a);
    while (n < 4 || memcmp(a->head + n - 4, "\r\n\r\n", 4) != 0) {
        assert_true(n < sizeof a->head - 1);
        assert_int_equal(client_receive(fd, a->head + n, 1), 1);
        n++;
    }
    assert_memory_equal(a->head, "HTTP/1.", 7);
    a->status = (int)strtol(a->head + 8, NULL, 10);
}

void client_read_head(int fd, struct answer *a)
{
    do
        read_status(fd, a);
    while (a->status == 100);
}

void client_read(int fd, struct answer *a)
{
    client_read_head(fd, a);
    const char *length = answer_header(a, "Content-Length");
    assert_non_null(length);
    a->len = strtoul(length, NULL, 10);
    a->body = calloc(1, a->len + 1);
    assert_non_null(a->body);
    for (size_t got = 0; got < a->len;) {
        ssize_t n = client_receive(fd, a->body + got, a->len - got);
        assert_true(n > 0);
        got += (size_t)n;
    }
}

const char *answer_header(const struct answer *a, const char *name)
{
    size_t len = strlen(name);
    for (const char *line = strchr(a->head, '\n'); line != NULL; line = strchr(line, '\n')) {
        line++;
        if (strncasecmp(line, name, len) == 0 && line[len] == ':')
            return line + len + 1 + strspn(line + len + 1, " ");
    }
    return NULL;
}

void answer_free(struct answer *a)
{
    free(a->body);
    a->body = NULL;
}

size_t client_read_to_end(int fd, char *to, size_t room)
{
    size_t len = 0;
    for (ssize_t n = 1; n > 0 && len<room; len += n> 0 ? (size_t)n : 0)
        n = client_receive(fd, to + len, room - len);
    close(fd);
    return len;
}

void client_expect_closed(int fd)
{
    char c;
    assert_true(client_receive(fd, &c, 1) <= 0);
    close(fd);
}

int client_ask(const struct server *s, const char *request, int status, struct answer *a)
{
    int fd = client_open(s);
    client_send(fd, request);
    client_read(fd, a);
    assert_int_equal(a->status, status);
    return fd;
}
