/* test_pool.c - bounded work: what runs where, and what is refused. */
#include <semaphore.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <pthread.h>

#include "drivers/pool.h"

struct job {
    struct qm_pool *pool;
    sem_t *gate; /* work waits for it, if any */
    pthread_t worker;
    bool done;
    struct job *next; /* queued by done */
};

static void work(void *ctx)
{
    struct job *j = ctx;
    if (j->gate != NULL)
        sem_wait(j->gate);
    j->worker = pthread_self();
}

static void done(void *ctx)
{
    struct job *j = ctx;
    j->done = true;
    if (j->next != NULL)
        assert_int_equal(qm_pool_run(j->pool, work, done, j->next), QM_OK);
}

static void work_runs_elsewhere_and_done_here(void **state)
{
    uv_loop_t loop;
    struct job j = {0};
    (void)state;
    uv_loop_init(&loop);
    assert_int_equal(qm_pool_new(&loop, 4, &j.pool), QM_OK);
    assert_int_equal(qm_pool_run(j.pool, work, done, &j), QM_OK);
    assert_int_equal(qm_pool_busy(j.pool), 1);
    assert_false(j.done);
    uv_run(&loop, UV_RUN_DEFAULT);
    assert_true(j.done);
    assert_false(pthread_equal(j.worker, pthread_self()));
    assert_int_equal(qm_pool_busy(j.pool), 0);
    qm_pool_free(j.pool);
    assert_int_equal(uv_loop_close(&loop), 0);
}

static void jobs_above_the_bound_are_refused_at_once(void **state)
{
    uv_loop_t loop;
    struct qm_pool *pool = NULL;
    struct job jobs[10] = {{0}};
    sem_t gate;
    (void)state;
    sem_init(&gate, 0, 0);
    uv_loop_init(&loop);
    assert_int_equal(qm_pool_new(&loop, 10, &pool), QM_OK);
    for (int i = 0; i < 10; i++) {
        jobs[i].gate = &gate;
        assert_int_equal(qm_pool_run(pool, work, done, &jobs[i]), QM_OK);
    }
    struct job more = {0};
    assert_int_equal(qm_pool_run(pool, work, done, &more), QM_E_OVERLOAD);
    for (int i = 0; i < 10; i++)
        sem_post(&gate);
    uv_run(&loop, UV_RUN_DEFAULT);
    for (int i = 0; i < 10; i++)
        assert_true(jobs[i].done);
    assert_false(more.done);
    assert_int_equal(qm_pool_run(pool, work, done, &more), QM_OK);
    uv_run(&loop, UV_RUN_DEFAULT);
    assert_true(more.done);
    qm_pool_free(pool);
    sem_destroy(&gate);
    assert_int_equal(uv_loop_close(&loop), 0);
}

static void done_may_take_the_place_that_it_frees(void **state)
{
    uv_loop_t loop;
    struct qm_pool *pool = NULL;
    (void)state;
    uv_loop_init(&loop);
    assert_int_equal(qm_pool_new(&loop, 1, &pool), QM_OK);
    struct job second = {.pool = pool};
    struct job first = {.pool = pool, .next = &second};
    assert_int_equal(qm_pool_run(pool, work, done, &first), QM_OK);
    uv_run(&loop, UV_RUN_DEFAULT);
    assert_true(second.done);
    qm_pool_free(pool);
    assert_int_equal(uv_loop_close(&loop), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(work_runs_elsewhere_and_done_here),
        cmocka_unit_test(jobs_above_the_bound_are_refused_at_once),
        cmocka_unit_test(done_may_take_the_place_that_it_frees),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
