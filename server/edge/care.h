/* care.h - floor 4: care groups of residents: which may be kept, and which never.
 *
 * A group is kept for a person only if it stands on the county's list (the preference `groups`, or
 * the list that comes with the software) and while a target in force names it where the person
 * lives: a township's target is no reason to keep anything in the next one.  The night takes away
 * what no target names any more (qm.groups_sweep).  Released prisoners and people under community
 * correction are never a group, whatever a list says.  Groups come from the office alone: no event
 * and no proposal of a worker carries one.
 * Pure but for qm_care_load; any thread.
 */
#ifndef QM_EDGE_CARE_H
#define QM_EDGE_CARE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct qm_office;

enum { QM_CARE_LISTED_MAX = 100, QM_CARE_EACH_MAX = 16 }; /* on a list; for one person, or target */

struct qm_care {
    struct qm_pg_result *rows; /* as qm.care_groups gives them; NULL: not loaded */
    int n;
};
/* The county's list as it is today in the office's area; an office exit code, not 0: said.
 * qm_care_free in any case. */
int qm_care_load(struct qm_office *a, struct qm_care *out);
void qm_care_free(struct qm_care *care);

/* Whether the code or its Chinese word names people who are never kept as a group. */
bool qm_care_forbidden(const char *text, size_t len);
/* Why a group may not be kept in a grid, with what to do; false: it may.  grid 0: the place is not
 * known, and a target anywhere in the office's area is enough. */
bool qm_care_refused(const struct qm_care *care, int64_t grid, const char *code, size_t len,
                     char *why, size_t size);

#endif
