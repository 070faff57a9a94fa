/* api_session.h - floor 4: signing in and out at a browser; what the sign-in page must know. */
#ifndef QM_EDGE_API_SESSION_H
#define QM_EDGE_API_SESSION_H

#include "edge/routes.h"

extern const struct qm_route qm_session_routes[];
extern const size_t qm_session_routes_n;

#endif
