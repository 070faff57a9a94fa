/* list_rows.h - floor 4: the pages of the lists: what asks for one, its rows as JSON, and the
 * cursors between them.
 *
 * Happy path: a row of domain/roster becomes a closed object; who may see no personal data gets
 * none of it, everybody else masked names and phone numbers.
 * Failure: a cursor that was not written here is QM_E_MALFORMED, and 400 for who asks with it.
 */
#ifndef QM_EDGE_LIST_ROWS_H
#define QM_EDGE_LIST_ROWS_H

#include "domain/roster.h"
#include "edge/call.h"

enum { QM_LIST_CURSOR_CHARS = 54 };

/* Opaque to clients: base64url of grid, household and resident. */
void qm_list_cursor_write(const struct qm_list_place *p, char out[QM_LIST_CURSOR_CHARS + 1]);
/* "" is the beginning. */
qm_err qm_list_cursor_read(const char *t, struct qm_list_place *p);
/* The query's `after` and `limit`; *after is zero before.  false: answered. */
bool qm_list_page_query(struct qm_call *c, struct qm_list_place *after, int *rows_max);
/* {..."rows":[ before a page's rows, and what closes it; next: NULL at the end of the list. */
void qm_list_page_begin(const char *within, const char *part, struct qm_buf *out);
void qm_list_page_end(const struct qm_list_place *next, struct qm_buf *out);
/* Roles that see pseudonyms only. */
bool qm_list_nameless(const struct qm_caller *who);
/* Adds {...}. */
void qm_list_row_write(const struct qm_call *c, bool residents, const struct qm_pg_result *r,
                       int row, struct qm_buf *out);

#endif
