/* api_card.h - floor 4: one household with all that is known of it, and names in full for a reason.
 */
#ifndef QM_EDGE_API_CARD_H
#define QM_EDGE_API_CARD_H

#include "edge/routes.h"

extern const struct qm_route qm_card_routes[];
extern const size_t qm_card_routes_n;

#endif
