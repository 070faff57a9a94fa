/* api_sync.h - floor 4: POST /v1/sync (section 3 of the contract). */
#ifndef QM_EDGE_API_SYNC_H
#define QM_EDGE_API_SYNC_H

#include "edge/call.h"

void qm_api_sync(struct qm_call *c);

#endif
