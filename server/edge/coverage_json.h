/* coverage_json.h - floor 4: coverage figures as JSON, for the API and the admin command alike.
 *
 * {"level","within","asof":{"size","recv","day","tree"}|null,"targets":"ok"|"none"|"failed",
 *  "rows":[{"code","name","figures":{"visited":{"state","num","evidenced","den","percent",
 *  "percent_evidenced","refused","target":{...}|null,"next":{...}|null},...},
 *  "beside":{"away":3,...}}]}
 * percent is null unless state is "ok"; num and the others are null with "not_computed" and
 * "failed".  target and next hold basis, assurance, threshold, from, due, gap and (target) met.
 * Pure, any thread.
 */
#ifndef QM_EDGE_COVERAGE_JSON_H
#define QM_EDGE_COVERAGE_JSON_H

#include "domain/coverage.h"

enum qm_targets_state { QM_TARGETS_OK, QM_TARGETS_NONE, QM_TARGETS_FAILED };

qm_err qm_coverage_json(const struct qm_pg_result *r, const char *level, const char *within,
                        const struct qm_targets *targets, enum qm_targets_state state,
                        struct qm_buf *out);

#endif
