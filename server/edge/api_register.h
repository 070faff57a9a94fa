/* api_register.h - floor 4: what the office does, from the browser. */
#ifndef QM_EDGE_API_REGISTER_H
#define QM_EDGE_API_REGISTER_H

#include "edge/routes.h"

extern const struct qm_route qm_register_routes[];
extern const size_t qm_register_routes_n;

#endif
