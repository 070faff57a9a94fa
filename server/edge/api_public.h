/* api_public.h - floor 4: what anybody may ask: probes, metrics, description, one's own receipt. */
#ifndef QM_EDGE_API_PUBLIC_H
#define QM_EDGE_API_PUBLIC_H

#include "edge/call.h"

void qm_api_healthz(struct qm_call *c); /* 200 while the process answers */
void qm_api_readyz(struct qm_call *c);  /* 200 while the database answers and the host is known */
void qm_api_metrics(struct qm_call *c);
void qm_api_openapi(struct qm_call *c);
void qm_api_receipt(struct qm_call *c); /* POST /v1/receipt {"id","s"} (section 7) */

#endif
