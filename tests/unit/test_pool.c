/* test_pool.c - bounded work: what runs where, and what is refused. */
#include <semaphore.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <pthread.h>
#include <sys/resource.h>
#include <unistd.h>

#include "drivers/pool.h"

struct job {
    struct qm_pool *pool;
    sem_t *gate; /* work waits for it, if any */
    pthread_t worker;
    int nice;
    bool done;
    struct job *next; /* queued by done */
};

static void work(void *ctx)
{
    struct job *j = ctx;
    if (j->gate != NULL)
        sem_wait(j->gate);
    j->worker = pthread_self();
    j->nice = getpriority(PRIO_PROCESS, (id_t)gettid());
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

static void long_work_runs_behind_and_not_in_the_pool(void **state)
{
    enum { MORE_THAN_THE_POOL_HAS = 200, LOWEST = 19 };
    int own = getpriority(PRIO_PROCESS, 0);
    uv_loop_t loop;
    struct qm_pool *pool = NULL;
    struct job slow = {0}, quick[MORE_THAN_THE_POOL_HAS] = {{0}};
    sem_t gate;
    (void)state;
    sem_init(&gate, 0, 0);
    uv_loop_init(&loop);
    assert_int_equal(qm_pool_new(&loop, MORE_THAN_THE_POOL_HAS, &pool), QM_OK);
    for (int i = 1; i < MORE_THAN_THE_POOL_HAS; i++) {
        quick[i].gate = &gate;
        assert_int_equal(qm_pool_run(pool, work, done, &quick[i]), QM_OK);
    }
    assert_int_equal(qm_pool_run_long(pool, work, done, &slow), QM_OK);
    assert_int_equal(qm_pool_busy(pool), MORE_THAN_THE_POOL_HAS);
    assert_int_equal(qm_pool_run_long(pool, work, done, &quick[0]), QM_E_OVERLOAD);
    while (!slow.done) /* though each thread of the pool waits */
        uv_run(&loop, UV_RUN_ONCE);
    assert_false(quick[1].done);
    assert_true(slow.nice > own || own == LOWEST);
    assert_false(pthread_equal(slow.worker, pthread_self()));
    for (int i = 1; i < MORE_THAN_THE_POOL_HAS; i++)
        sem_post(&gate);
    uv_run(&loop, UV_RUN_DEFAULT);
    for (int i = 1; i < MORE_THAN_THE_POOL_HAS; i++)
        assert_true(quick[i].done && quick[i].nice == own);
    assert_false(quick[0].done);
    assert_int_equal(qm_pool_busy(pool), 0);
    qm_pool_free(pool);
    sem_destroy(&gate);
    assert_int_equal(uv_loop_close(&loop), 0);
}

/* What done of long work begins takes the place that is free then. */
static void long_work_may_lead_to_more(void **state)
{
    uv_loop_t loop;
    struct qm_pool *pool = NULL;
    (void)state;
    uv_loop_init(&loop);
    assert_int_equal(qm_pool_new(&loop, 1, &pool), QM_OK);
    struct job second = {.pool = pool};
    struct job first = {.pool = pool, .next = &second};
    assert_int_equal(qm_pool_run_long(pool, work, done, &first), QM_OK);
    uv_run(&loop, UV_RUN_DEFAULT);
    assert_true(first.done && second.done);
    qm_pool_free(pool);
    assert_int_equal(uv_loop_close(&loop), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(work_runs_elsewhere_and_done_here),
        cmocka_unit_test(jobs_above_the_bound_are_refused_at_once),
        cmocka_unit_test(done_may_take_the_place_that_it_frees),
        cmocka_unit_test(long_work_runs_behind_and_not_in_the_pool),
        cmocka_unit_test(long_work_may_lead_to_more),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
