/* http_linger.c - floor 2: closing a connection whose client is still sending; see http_linger.h.
 *
 * Happy path: duplicate, shut the sending side, read until the client closes, close.
 * Failure modes: a client that never closes is cut off by the timer; at COUNT_MAX none is added.
 */
#include "drivers/http_linger.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/queue.h>
#include <sys/socket.h>
#include <unistd.h>

enum { COUNT_MAX = 128, LINGER_MS = 2000, READ_BYTES = 16384, READS_A_TURN = 16 };

struct one {
    TAILQ_ENTRY(one) entry;
    struct qm_linger *owner;
    uv_poll_t poll;
    uv_timer_t timer;
    int fd;
    int open_handles;
};

struct qm_linger {
    uv_loop_t *loop;
    size_t count;
    TAILQ_HEAD(, one) all;
};

qm_err qm_linger_new(uv_loop_t *loop, struct qm_linger **out)
{
    struct qm_linger *l = calloc(1, sizeof *l);
    if (l == NULL)
        return QM_E_NOMEM;
    l->loop = loop;
    TAILQ_INIT(&l->all);
    *out = l;
    return QM_OK;
}

static void on_closed(uv_handle_t *handle)
{
    struct one *o = handle->data;
    if (--o->open_handles > 0)
        return;
    close(o->fd);
    free(o);
}

static void end(struct one *o)
{
    TAILQ_REMOVE(&o->owner->all, o, entry);
    o->owner->count--;
    uv_close((uv_handle_t *)&o->poll, on_closed);
    uv_close((uv_handle_t *)&o->timer, on_closed);
}

static void on_timer(uv_timer_t *timer)
{
    end(timer->data);
}

static void on_readable(uv_poll_t *poll, int status, int events)
{
    static char thrown_away[READ_BYTES];
    struct one *o = poll->data;
    ssize_t n = status < 0 ? 0 : 1;
    (void)events;
    for (int i = 0; n > 0 && i < READS_A_TURN; i++)
        n = recv(o->fd, thrown_away, sizeof thrown_away, MSG_DONTWAIT);
    if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR))
        end(o);
}

void qm_linger_add(struct qm_linger *l, int fd)
{
    struct one *o = l->count < COUNT_MAX ? calloc(1, sizeof *o) : NULL;
    if (o == NULL)
        return;
    o->fd = fcntl(fd, F_DUPFD_CLOEXEC, 0);
    if (o->fd < 0 || uv_poll_init(l->loop, &o->poll, o->fd) < 0) {
        if (o->fd >= 0)
            close(o->fd);
        free(o);
        return;
    }
    (void)uv_timer_init(l->loop, &o->timer);
    o->owner = l;
    o->poll.data = o;
    o->timer.data = o;
    o->open_handles = 2;
    TAILQ_INSERT_TAIL(&l->all, o, entry);
    l->count++;
    (void)shutdown(o->fd, SHUT_WR);
    (void)uv_poll_start(&o->poll, UV_READABLE, on_readable);
    (void)uv_timer_start(&o->timer, on_timer, LINGER_MS, 0);
}

void qm_linger_free(struct qm_linger *l)
{
    struct one *o;
    if (l == NULL)
        return;
    while ((o = TAILQ_FIRST(&l->all)) != NULL)
        end(o);
    free(l);
}
