/* ranking_pace.h - floor 3: how long a freeze rests, so that syncs go on meanwhile.
 *
 * Happy path: after each stretch of work the freeze asks.  While syncs wait it rests as long as it
 * worked, so that it takes half of what it would take of the processors and of the disk; while
 * nobody waits it goes on.  The first half second is free: a township's freeze is nearly over by
 * then.  All rests together are limited: a freeze ends in time however many syncs come.
 * Failure: none; a clock that stands or goes back means no rest.
 * One thread; reads no clock.
 */
#ifndef QM_DOMAIN_RANKING_PACE_H
#define QM_DOMAIN_RANKING_PACE_H

#include <stdbool.h>
#include <stdint.h>

enum {
    QM_PACE_FREE_MS = 500,    /* work before the first rest */
    QM_PACE_REST_MIN_MS = 10, /* shorter ones are put together */
    QM_PACE_RESTS_MAX_MS = 4000
};

struct qm_freeze_pace {
    int64_t began_ms; /* the stretch that runs */
    int64_t worked_ms, owed_ms, rested_ms;
};

/* A stretch of work begins: at first, and after each rest.  now_ms: of a clock for durations. */
void qm_freeze_pace_begin(struct qm_freeze_pace *p, int64_t now_ms);
/* The stretch ends here: how long to rest before the next one; 0: it has begun already. */
int64_t qm_freeze_pace_rest_ms(struct qm_freeze_pace *p, int64_t now_ms, bool syncs_wait);

#endif
