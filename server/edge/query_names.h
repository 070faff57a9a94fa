/* query_names.h - floor 4: which names the query of a request may have, route by route.
 *
 * A misspelt name that is passed over answers another question than the one that was asked.
 * Pure, any thread.
 */
#ifndef QM_EDGE_QUERY_NAMES_H
#define QM_EDGE_QUERY_NAMES_H

#include <stdbool.h>
#include <stddef.h>

struct qm_route;

/* The route's names with one space between two; "" for one that takes none. */
const char *qm_query_names(const struct qm_route *route);

/* Is each name of a raw query (not percent-decoded) one of the route's?  If not, name gets the
 * first that is none, cut to its room and with '?' for whatever is no letter, digit, '_' or '-': it
 * may be shown.  Only routes below /v1/ are strict: links to pages are handed on by programs that
 * add names of their own. */
bool qm_query_known(const struct qm_route *route, const char *query, char *name, size_t name_max);

#endif
