/* api_visits.h - floor 4: the visits behind the board's number of them. */
#ifndef QM_EDGE_API_VISITS_H
#define QM_EDGE_API_VISITS_H

#include "edge/routes.h"

extern const struct qm_route qm_visit_routes[];
extern const size_t qm_visit_routes_n;

#endif
