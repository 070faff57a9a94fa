/* api_office.h - floor 4: the office's rows of the route table. */
#ifndef QM_EDGE_API_OFFICE_H
#define QM_EDGE_API_OFFICE_H

#include "edge/routes.h"

extern const struct qm_route qm_office_routes[];
extern const size_t qm_office_routes_n;

#endif
