/* api_people.h - floor 4: what the office reads beside figures and lists: names of areas, accounts,
 * phones, held events, who looked at what, and the settings in force. */
#ifndef QM_EDGE_API_PEOPLE_H
#define QM_EDGE_API_PEOPLE_H

#include "edge/routes.h"

extern const struct qm_route qm_people_routes[];
extern const size_t qm_people_routes_n;

#endif
