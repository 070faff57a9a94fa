/* pool.h - floor 2: bounded work beside the loop.
 *
 * Happy path: work runs on another thread, then done on the loop's thread.
 * Failure: QM_E_OVERLOAD at once when max jobs wait or run, QM_E_NOMEM; neither calls work or done.
 * Work must not touch the loop.
 */
#ifndef QM_DRIVERS_POOL_H
#define QM_DRIVERS_POOL_H

#include <stddef.h>
#include <stdint.h>
#include <uv.h>

#include "wire/err.h"

struct qm_pool;
qm_err qm_pool_new(uv_loop_t *loop, size_t jobs_max, struct qm_pool **out);
qm_err qm_pool_run(struct qm_pool *p, void (*work)(void *ctx), void (*done)(void *ctx), void *ctx);
/* The same for work that takes seconds: on a thread of its own, so that the short jobs of the pool
 * need not wait, and at a low priority, so that they have the processors first. */
qm_err qm_pool_run_long(struct qm_pool *p, void (*work)(void *ctx), void (*done)(void *ctx),
                        void *ctx);
size_t qm_pool_busy(const struct qm_pool *p);
void qm_pool_free(struct qm_pool *p); /* when nothing is busy */

#endif
