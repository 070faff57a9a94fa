/* crew.c - see crew.h; the only file of the audit that knows threads.
 *
 * Happy path: places are a ring; `given`, `begun` and `taken` count up for ever and `begun` is
 * where the next free hand starts.  Jobs run outside the lock. Failure: as in crew.h.
 */
#include "audit/crew.h"

#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>

struct qm_au_crew {
    qm_au_job job;
    void *ctx;
    size_t places;
    uint64_t taken; /* the owner's alone, as is writing `given` */
    pthread_mutex_t lock;
    pthread_cond_t work, finished;
    uint64_t given, begun;
    bool closing;
    bool *done; /* by place */
    unsigned threads;
    pthread_t thread[QM_AUDIT_THREADS_MAX];
};

unsigned qm_au_crew_size(unsigned asked)
{
    cpu_set_t set;
    unsigned n = asked;
    if (n == 0)
        n = sched_getaffinity(0, sizeof set, &set) == 0 ? (unsigned)CPU_COUNT(&set) : 1;
    return n < QM_AUDIT_THREADS_MAX ? n : QM_AUDIT_THREADS_MAX;
}

/* With the lock held, and something to begin. */
static void job_run(struct qm_au_crew *c)
{
    size_t place = (size_t)(c->begun++ % c->places);
    pthread_mutex_unlock(&c->lock);
    c->job(c->ctx, place);
    pthread_mutex_lock(&c->lock);
    c->done[place] = true;
    pthread_cond_signal(&c->finished);
}

static void *work(void *ctx)
{
    struct qm_au_crew *c = ctx;
    pthread_mutex_lock(&c->lock);
    while (!c->closing) {
        if (c->begun < c->given)
            job_run(c);
        else
            pthread_cond_wait(&c->work, &c->lock);
    }
    pthread_mutex_unlock(&c->lock);
    return NULL;
}

/* Signals are for the thread that was there before. */
static void threads_start(struct qm_au_crew *c, unsigned more)
{
    sigset_t all, before;
    sigfillset(&all);
    if (pthread_sigmask(SIG_SETMASK, &all, &before) != 0)
        return;
    while (c->threads < more && pthread_create(&c->thread[c->threads], NULL, work, c) == 0)
        c->threads++;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
}

qm_err qm_au_crew_open(struct qm_au_crew **out, unsigned threads, size_t places, qm_au_job job,
                       void *ctx)
{
    struct qm_au_crew *c = calloc(1, sizeof *c);
    bool *done = calloc(places, sizeof *done);
    *out = NULL;
    if (c == NULL || done == NULL) {
        free(c);
        free(done);
        return QM_E_NOMEM;
    }
    c->job = job;
    c->ctx = ctx;
    c->places = places;
    c->done = done;
    pthread_mutex_init(&c->lock, NULL);
    pthread_cond_init(&c->work, NULL);
    pthread_cond_init(&c->finished, NULL);
    threads_start(c, threads - 1);
    *out = c;
    return QM_OK;
}

void qm_au_crew_close(struct qm_au_crew *c)
{
    if (c == NULL)
        return;
    pthread_mutex_lock(&c->lock);
    c->closing = true;
    pthread_cond_broadcast(&c->work);
    pthread_mutex_unlock(&c->lock);
    for (unsigned i = 0; i < c->threads; i++)
        pthread_join(c->thread[i], NULL);
    pthread_cond_destroy(&c->finished);
    pthread_cond_destroy(&c->work);
    pthread_mutex_destroy(&c->lock);
    free(c->done);
    free(c);
}

bool qm_au_crew_room(const struct qm_au_crew *c)
{
    return c->given - c->taken < c->places;
}

size_t qm_au_crew_place(const struct qm_au_crew *c)
{
    return (size_t)(c->given % c->places);
}

void qm_au_crew_give(struct qm_au_crew *c)
{
    pthread_mutex_lock(&c->lock);
    c->done[qm_au_crew_place(c)] = false;
    c->given++;
    pthread_cond_signal(&c->work);
    pthread_mutex_unlock(&c->lock);
}

size_t qm_au_crew_take(struct qm_au_crew *c)
{
    size_t place = (size_t)(c->taken++ % c->places);
    pthread_mutex_lock(&c->lock);
    while (!c->done[place]) {
        if (c->begun < c->given)
            job_run(c);
        else
            pthread_cond_wait(&c->finished, &c->lock);
    }
    pthread_mutex_unlock(&c->lock);
    return place;
}
