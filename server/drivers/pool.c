/* pool.c - floor 2: bounded work in libuv's thread pool, and long work on threads of its own; see
 * pool.h.
 *
 * Happy path: count, queue, run, done on the loop's thread, uncount.
 * Failure modes: full: QM_E_OVERLOAD; no memory, no thread: QM_E_NOMEM; neither calls work or done.
 * Work is never cancelled: its context belongs to it until done.
 */
#include "drivers/pool.h"

#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/log.h"

enum { MORE_NICE = 10 }; /* a tenth of a processor that others want too */

struct qm_pool {
    uv_loop_t *loop;
    size_t busy;
    size_t jobs_max;
};

struct job {
    uv_work_t work;
    struct qm_pool *pool;
    void (*run)(void *ctx);
    void (*done)(void *ctx);
    void *ctx;
};

qm_err qm_pool_new(uv_loop_t *loop, size_t jobs_max, struct qm_pool **out)
{
    struct qm_pool *p = calloc(1, sizeof *p);
    if (p == NULL)
        return QM_E_NOMEM;
    p->loop = loop;
    p->jobs_max = jobs_max;
    *out = p;
    return QM_OK;
}

static void on_work(uv_work_t *work)
{
    struct job *j = work->data;
    j->run(j->ctx);
}

static void on_done(uv_work_t *work, int status)
{
    struct job j = *(struct job *)work->data;
    if (status != 0)
        QM_BUG("pool work was cancelled");
    free(work->data);
    /* Before done, which may queue the next job into the place that is free now. */
    j.pool->busy--;
    j.done(j.ctx);
}

qm_err qm_pool_run(struct qm_pool *p, void (*work)(void *ctx), void (*done)(void *ctx), void *ctx)
{
    if (p->busy >= p->jobs_max)
        return QM_E_OVERLOAD;
    struct job *j = calloc(1, sizeof *j);
    if (j == NULL)
        return QM_E_NOMEM;
    *j = (struct job){.pool = p, .run = work, .done = done, .ctx = ctx};
    j->work.data = j;
    if (uv_queue_work(p->loop, &j->work, on_work, on_done) != 0) {
        free(j);
        return QM_E_INVALID;
    }
    p->busy++;
    return QM_OK;
}

/* ---- long work ---- */

struct long_job {
    struct job job;
    uv_thread_t thread;
    uv_async_t ended;
};

static void on_long_thread(void *arg)
{
    struct long_job *j = arg;
    /* A thread cannot take its priority back, so it is one for this job alone.  Refused: it runs at
     * the priority that it has. */
    id_t self = (id_t)gettid();
    (void)setpriority(PRIO_PROCESS, self, getpriority(PRIO_PROCESS, self) + MORE_NICE);
    j->job.run(j->job.ctx);
    uv_async_send(&j->ended);
}

static void on_long_closed(uv_handle_t *handle)
{
    struct long_job *l = handle->data;
    struct job j = l->job;
    free(l);
    j.pool->busy--;
    j.done(j.ctx);
}

static void on_long_ended(uv_async_t *ended)
{
    struct long_job *l = ended->data;
    uv_thread_join(&l->thread);
    uv_close((uv_handle_t *)ended, on_long_closed);
}

static void on_never_begun(uv_handle_t *handle)
{
    struct long_job *l = handle->data;
    l->job.pool->busy--;
    free(l);
}

qm_err qm_pool_run_long(struct qm_pool *p, void (*work)(void *ctx), void (*done)(void *ctx),
                        void *ctx)
{
    if (p->busy >= p->jobs_max)
        return QM_E_OVERLOAD;
    struct long_job *l = calloc(1, sizeof *l);
    if (l == NULL || uv_async_init(p->loop, &l->ended, on_long_ended) != 0) {
        free(l);
        return QM_E_NOMEM;
    }
    l->job = (struct job){.pool = p, .run = work, .done = done, .ctx = ctx};
    l->ended.data = l;
    p->busy++;
    if (uv_thread_create(&l->thread, on_long_thread, l) == 0)
        return QM_OK;
    uv_close((uv_handle_t *)&l->ended, on_never_begun);
    return QM_E_NOMEM;
}

size_t qm_pool_busy(const struct qm_pool *p)
{
    return p->busy;
}

void qm_pool_free(struct qm_pool *p)
{
    if (p != NULL && p->busy > 0) {
        QM_BUG("pool freed while busy");
        return; /* leaked on purpose: jobs still point here */
    }
    free(p);
}
