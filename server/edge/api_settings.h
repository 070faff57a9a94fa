/* api_settings.h - floor 4: the rows of the route table for what is set for a county, and for who
 * answers for it. */
#ifndef QM_EDGE_API_SETTINGS_H
#define QM_EDGE_API_SETTINGS_H

#include "edge/routes.h"

extern const struct qm_route qm_settings_routes[];
extern const size_t qm_settings_routes_n;

#endif
