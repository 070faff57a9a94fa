/* api_device.h - floor 4: what devices ask besides sync (section 9 of the contract). */
#ifndef QM_EDGE_API_DEVICE_H
#define QM_EDGE_API_DEVICE_H

#include "edge/call.h"

void qm_api_enrol(struct qm_call *c);   /* POST /v1/devices {"code","note","key"} */
void qm_api_rotate(struct qm_call *c);  /* POST /v1/devices/rotate {"note","key"} */
void qm_api_changes(struct qm_call *c); /* GET /v1/changes[?since=] */
void qm_api_blob(struct qm_call *c);    /* PUT /v1/blobs/{sha256} */

#endif
