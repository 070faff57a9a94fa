/* rule.h - floor 4: the rule of the ranking, from its JSON bytes (contract, section 8; the schema
 * is described in client-sdk/README.md).
 *
 *   {"level","assurance","order","metrics":[{"name","ranked","office","public",["weight"],
 *   ["lower"]}],["minimum"],["commended"],["criticised"],["escalation":[{"subject","when","times",
 *   "step"}]]}
 * compact, integers only, with or without one LF behind it.
 * Failure: every fault with its place ("metrics[0].weight").  Pure, any thread.
 */
#ifndef QM_EDGE_RULE_H
#define QM_EDGE_RULE_H

#include "domain/ranking.h"
#include "edge/faults.h"

/* QM_E_INVALID: see faults, which may be NULL (bytes that were judged before). */
qm_err qm_rule_read(const char *t, size_t len, struct qm_rule *out, struct qm_faults *faults);

#endif
