/* bulletin_refuse.h - floor 4: why something about a bulletin cannot be done, as a sentence in the
 * caller's language, and the answer with it. */
#ifndef QM_EDGE_BULLETIN_REFUSE_H
#define QM_EDGE_BULLETIN_REFUSE_H

#include "domain/ranking_store.h"
#include "edge/call.h"
#include "edge/faults.h"

/* Each answers the call. */
void qm_bulletin_refuse_why(struct qm_call *c, enum qm_freeze_why why, const char *what); /* 409 */
/* 409; 403 for the same account; 404 for what is unknown. */
void qm_bulletin_refuse_status(struct qm_call *c, enum qm_ranking_status status);
/* A member of the body that is missing or wrong; "" is the body itself. */
void qm_bulletin_refuse_member(struct qm_call *c, const char *member);
/* All faults of a body, a line each; member, if there is no memory for them. */
void qm_bulletin_refuse_faults(struct qm_call *c, const struct qm_faults *faults,
                               const char *member);

#endif
