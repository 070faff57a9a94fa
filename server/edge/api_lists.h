/* api_lists.h - floor 4: the rows of the route table for the lists behind the figures. */
#ifndef QM_EDGE_API_LISTS_H
#define QM_EDGE_API_LISTS_H

#include "edge/routes.h"

extern const struct qm_route qm_list_routes[];
extern const size_t qm_list_routes_n;

#endif
