/* api_log.h - floor 4: reading a county's log (section 4 of the contract; C2SP tlog-tiles). */
#ifndef QM_EDGE_API_LOG_H
#define QM_EDGE_API_LOG_H

#include "edge/routes.h"

void qm_api_checkpoint(struct qm_call *c);
void qm_api_tile(struct qm_call *c);
void qm_api_object(struct qm_call *c);  /* closed ones with an auditor's token */
void qm_api_entries(struct qm_call *c); /* auditors */
void qm_api_batch(struct qm_call *c);   /* auditors */

/* The whole log as a folder in a tar (api_export.c). */
extern const struct qm_route qm_export_routes[];
extern const size_t qm_export_routes_n;

/* A log is a whole county's: its readers are those whose token is for the whole county. */
bool qm_log_may_audit(const struct qm_call *c);

#endif
