/* bulletin_json.h - floor 4: a bulletin as JSON: for the office's preview, and for everybody.
 * Failure: out->err.  Pure, any thread. */
#ifndef QM_EDGE_BULLETIN_JSON_H
#define QM_EDGE_BULLETIN_JSON_H

#include "edge/bulletin_load.h"

/* Everything; b was loaded with preview. */
qm_err qm_bulletin_json(const struct qm_bulletin *b, struct qm_buf *out);
/* Public metrics only, no accounts, no counters. */
qm_err qm_bulletin_public_json(const struct qm_bulletin *b, struct qm_buf *out);

#endif
