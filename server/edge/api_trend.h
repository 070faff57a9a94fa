/* api_trend.h - floor 4: figures day by day, and how fast they grow. */
#ifndef QM_EDGE_API_TREND_H
#define QM_EDGE_API_TREND_H

#include "edge/routes.h"

extern const struct qm_route qm_trend_routes[];
extern const size_t qm_trend_routes_n;

#endif
