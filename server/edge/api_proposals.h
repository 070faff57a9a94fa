/* api_proposals.h - floor 4: what workers propose about the register, page by page, for those who
 * settle it (edge/api_register.h does the settling). */
#ifndef QM_EDGE_API_PROPOSALS_H
#define QM_EDGE_API_PROPOSALS_H

#include "edge/routes.h"

extern const struct qm_route qm_proposal_routes[];
extern const size_t qm_proposal_routes_n;

#endif
