/* http_fixture.h - a real HTTP server in a thread of its own, and a client that writes raw bytes.
 *
 * Paths of the server's edge:
 *   /now    answers inside on_request: "<method> <path> <query> <peer>"
 *   /later  the same from a timer
 *   /held   keeps the handle until server_release
 *   /echo   the body; at most 1 MiB
 *   /sized  the body; needs a length, at most 16 bytes
 *   /refused  429 from on_headers
 *   /large  1 MiB of 'x'
 *   /own    goes to server.own, which the test sets after server_start
 * Calls of the client assert; every wait ends after WAIT_MS.
 */
#ifndef QM_TESTS_HTTP_FIXTURE_H
#define QM_TESTS_HTTP_FIXTURE_H

#include <semaphore.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "drivers/http.h"

enum { WAIT_MS = 20000, HELD_MAX = 16 };

struct server {
    uv_thread_t thread;
    uv_loop_t loop;
    uv_async_t call;
    sem_t called;
    void (*fn)(struct server *s);
    struct qm_http_config cfg;
    struct qm_http *http;
    qm_err started;
    void (*own)(struct server *s, struct qm_http_req *r);
    struct qm_http_req *held[HELD_MAX];
    size_t held_count;
    struct qm_http_stats stats;
    uint32_t drain_ms;
    sem_t drained;
    int port;
};

/* Starts on a free port of 127.0.0.1 unless cfg.listen says otherwise; zero fields of cfg are given
 * generous values. */
void server_start(struct server *s, const struct qm_http_config *cfg);
/* Drains, frees, and checks that the loop has nothing left. */
void server_stop(struct server *s);
void server_call(struct server *s, void (*fn)(struct server *s));
struct qm_http_stats server_stats(struct server *s);
/* Answers all held requests with 200 "released". */
void server_release(struct server *s);
size_t server_held(struct server *s);
/* Begins to drain; s->drained is posted when done. */
void server_drain(struct server *s, uint32_t timeout_ms);
/* Until *counter of the statistics is at least n. */
void server_wait(struct server *s, size_t offset_of_counter, uint64_t n);
void server_wait_held(struct server *s, size_t n);

int client_open(const struct server *s);
void client_send(int fd, const char *text);
/* false if the server closed meanwhile: that may be as it should, and is for the caller to say. */
bool client_send_bytes(int fd, const void *bytes, size_t len);

struct answer {
    int status;
    char head[8192];
    char *body;
    size_t len;
};
/* One answer; interim 100s are skipped unless want_interim; head_only: no body follows. */
void client_read(int fd, struct answer *a);
void client_read_head(int fd, struct answer *a);
/* The value's first byte, or NULL. */
const char *answer_header(const struct answer *a, const char *name);
void answer_free(struct answer *a);
/* 0 at the end, -1 after a reset; fails the test after WAIT_MS. */
ssize_t client_receive(int fd, void *to, size_t len);
/* What comes until the other side closes; closes too. */
size_t client_read_to_end(int fd, char *to, size_t room);
/* The other side has closed (or reset). */
void client_expect_closed(int fd);
/* Opens, sends, expects one answer of that status; returns the connection. */
int client_ask(const struct server *s, const char *request, int status, struct answer *a);

#endif
