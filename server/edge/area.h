/* area.h - floor 4: the query parameters by which people ask for a part of the county.
 * Each function answers the call with a problem and returns false when the parameter is wrong.
 */
#ifndef QM_EDGE_AREA_H
#define QM_EDGE_AREA_H

#include "edge/call.h"

enum { QM_PAGE_ROWS = 100 };

/* qm_call_query with a value for the parameter that is not there. */
qm_err qm_query_or(const struct qm_call *c, const char *name, const char *otherwise, char *out,
                   size_t out_max);
/* `within`: a division or grid code inside the caller's area, which is the default. */
bool qm_area_within(struct qm_call *c, char within[16]);
/* `level`: grid, village, township or county, not above the area: a row of a coarser level would be
 * a part of a village under the village's name. */
bool qm_area_level(struct qm_call *c, const char *within, char *level, size_t level_max);
/* `limit`: how many rows a page has, 1 to most; QM_PAGE_ROWS where nothing is said. */
bool qm_query_limit(struct qm_call *c, int32_t most, int32_t *out);
/* A day as yyyy-mm-dd. */
bool qm_query_day(struct qm_call *c, const char *name, int32_t otherwise, int32_t *out);

#endif
