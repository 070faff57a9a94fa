/* preferences.h - floor 4: what the office's pages remember for a county: small JSON texts on which
 * no figure hangs, judged against closed schemas and kept verbatim.
 *   columns_households, columns_residents   the county's columns of an export, in their order:
 *                                           [{"key","on"|"heading"}, ...]
 *   duties   how many lecturers a village needs, and until when people are named:
 *            {"people","round"|"due"}
 *   groups   the county's list of care groups, with a number of its own choice by which people tell
 *            one list from the next: {"version","groups":[{"code","zh","en"}, ...]}; see care.h
 * Pure, any thread.
 */
#ifndef QM_EDGE_PREFERENCES_H
#define QM_EDGE_PREFERENCES_H

#include "edge/faults.h"

enum { QM_PREFERENCE_MAX_BYTES = 16384 };

/* QM_E_INVALID: see faults; QM_E_NOT_FOUND: no such name. */
qm_err qm_preference_check(const char *name, const char *t, size_t len, struct qm_faults *faults);

#endif
