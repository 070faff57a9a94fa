/* jobs.h - floor 5: what the server does by the clock.
 *
 *   every second      write the signed checkpoints to the state folder
 *   every 5 seconds   log pictures that arrived and are named (blob/v1)
 *   every hour        remove what nobody names, and old quarantined bytes
 *   once a day        at the minute nightly_minute (UTC+8): birthdays, parts of rosters that no
 *                     commit came to, then the recount; made up for after a stop
 * Every job is repeatable, so that several instances may run them. A difference of the recount is
 * logged and raises a metric; it stops no sync.
 * The loop's thread only.
 */
#ifndef QM_WIRING_JOBS_H
#define QM_WIRING_JOBS_H

#include "edge/call.h"

struct qm_jobs;
qm_err qm_jobs_start(struct qm_edge *edge, struct qm_jobs **out);
/* No job begins any more; units under way still end. */
void qm_jobs_stop(struct qm_jobs *j);
void qm_jobs_free(struct qm_jobs *j); /* after the loop has ended */

#endif
