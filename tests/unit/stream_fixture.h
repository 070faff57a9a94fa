/* stream_fixture.h - a producer in the server of http_fixture.h that answers /own piece by piece,
 * and a client that reads what comes and holds it against what was written.
 *
 * The producer runs in the server's thread; byte i of its text depends on i alone.  Each test sets
 * total, piece and when before it asks.  Functions with _do_ are for server_call.
 */
#ifndef QM_TESTS_STREAM_FIXTURE_H
#define QM_TESTS_STREAM_FIXTURE_H

#include <stdatomic.h>

#include "http_fixture.h"

enum {
    MIB = 1048576,
    PIECE_BYTES = 50000,
    /* Both sockets' buffers, the library's and the producer's together, generously. */
    UNDER_WAY_MAX_BYTES = 4 * MIB
};
#define GET(path) "GET " path " HTTP/1.1\r\nHost: a\r\n\r\n"

enum answer_when { AT_ONCE, FROM_A_TIMER, NEVER };

struct producer {
    struct qm_http_stream *stream;
    enum answer_when when;
    uint64_t total, written;
    size_t piece;
    uint64_t under_way_max;
    bool ended;
    uv_timer_t timer;
    atomic_int wanted, gone;
    qm_err opened;
};
extern struct producer producer;
extern struct server server;
extern _Atomic uint64_t stream_received; /* bytes of the text that the client has read */

int stream_setup(void **state);
int stream_setup_short(void **state);   /* requests time out soon */
int stream_setup_patient(void **state); /* and not so soon */
int stream_teardown(void **state);

/* server.own after a setup: begins the stream. */
void stream_open(struct server *s, struct qm_http_req *r);
void stream_end(bool complete);
void stream_write_piece(void);
void stream_wanted(void *ctx);
void stream_gone(void *ctx);
void stream_do_write_piece(struct server *s);
void stream_do_open_held(struct server *s);
void stream_do_close_timer(struct server *s);
void stream_do_nothing(struct server *s);
/* Until a counter of the producer is at least n, and the loop has done what it was at. */
void stream_wait(const atomic_int *counter, int n);

/* Sends the request and reads the head of its answer; the connection. */
int stream_ask(const char *request, struct answer *a);
/* Begins a stream whose producer was asked once and gives nothing by itself. */
int stream_ask_held(uint64_t total);
/* A chunk's length or -1 if the connection ends first. */
long stream_chunk_length(int fd);
/* Takes up to max bytes of the chunk that is `left` long and holds them against the text. */
bool stream_read_in_chunk(int fd, size_t max, long *left);
/* Reads a chunked body; true if it came to its end.  pause_us after each 64 KiB at most. */
bool stream_read(int fd, unsigned pause_us);

#endif
