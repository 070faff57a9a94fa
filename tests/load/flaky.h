/* flaky.h - tests: a bad mobile network around any transport.
 *
 * Of a thousand exchanges some are lost before anything was sent, some after the server has
 * answered, some answers are cut in the middle, and some requests arrive twice.  A cut answer to
 * `changes` is handed on as it is, because its last line is what tells; others end as a real
 * transport ends them, with an unknown outcome.  One owner, one thread.
 */
#ifndef QM_LOAD_FLAKY_H
#define QM_LOAD_FLAKY_H

#include "prng.h"
#include "qiaomen/client.h"

struct qm_flaky {
    struct qm_transport inner; /* owned: closed by qm_flaky_close */
    struct qm_prng random;
    uint32_t per_mille; /* of each of the four faults; 0: a good network */
    uint64_t exchanges, lost_before, lost_after, cut, repeated;
};

/* The transport to hand to the client; f must outlive it. */
struct qm_transport qm_flaky_transport(struct qm_flaky *f);

#endif
