/* crew.h - floor 2, inside audit: several threads do jobs ahead of the one that needs them done.
 *
 * Happy path: the owner fills the place that qm_au_crew_place names and gives it, as long as there
 * is room; it takes places back in the order in which it gave them, each one done.  While the
 * oldest is not done, the owner does jobs itself, so a crew of one has no thread of its own.
 * Failure: threads that cannot be started are done without; QM_E_NOMEM at opening only.
 * One thread owns a crew and calls all of this; jobs run in any thread, a place in one at a time.
 */
#ifndef QM_AUDIT_CREW_H
#define QM_AUDIT_CREW_H

#include <stdbool.h>
#include <stddef.h>

#include "audit/audit.h"

struct qm_au_crew;
typedef void (*qm_au_job)(void *ctx, size_t place);

/* How many threads are worth having: `asked`, or if that is 0 one a processor that this process may
 * use; 1..QM_AUDIT_THREADS_MAX. */
unsigned qm_au_crew_size(unsigned asked);
/* threads: with the owner's. Places are 0..places-1. */
qm_err qm_au_crew_open(struct qm_au_crew **out, unsigned threads, size_t places, qm_au_job job,
                       void *ctx);
/* Waits for jobs that were begun; others are dropped.  NULL: nothing. */
void qm_au_crew_close(struct qm_au_crew *c);
/* Is a place free? */
bool qm_au_crew_room(const struct qm_au_crew *c);
/* The place to fill next; only with room. */
size_t qm_au_crew_place(const struct qm_au_crew *c);
void qm_au_crew_give(struct qm_au_crew *c);
/* The oldest place that was given, done; only if one was given.  It is the owner's until the next
 * qm_au_crew_give. */
size_t qm_au_crew_take(struct qm_au_crew *c);

#endif
