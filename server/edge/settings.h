/* settings.h - floor 4: the four settings that the log names by hash: targets, rule, topics, texts.
 *
 * The bytes are kept verbatim; here they are only judged, against closed schemas:
 *   targets  [{"metric","prefix","basis","threshold","from","due","assurance"
 *             |"groups"}, ...]; groups: see care.h
 *   rule     see rule.h
 *   topics   [{"code","zh"}, ...]
 *   texts    [{"text","kind","basis","title","body"}, ...]
 * All faults are reported, with the place ("[3].due").  Pure, any thread.
 */
#ifndef QM_EDGE_SETTINGS_H
#define QM_EDGE_SETTINGS_H

#include "domain/coverage.h"
#include "edge/faults.h"

enum { QM_SETTING_MAX_BYTES = 1048576 };

/* kind: "targets", "rule", "topics" or "texts".  QM_E_INVALID: see faults; QM_E_NOT_FOUND: no such
 * kind. */
qm_err qm_setting_check(const char *kind, int county, const char *t, size_t len,
                        struct qm_faults *faults);
/* out->list is owned by the caller on QM_OK.  faults may be NULL (reading what was checked before).
 */
qm_err qm_targets_read(const char *t, size_t len, int county, struct qm_targets *out,
                       struct qm_faults *faults);

#endif
