/* list_rows.h - floor 4: the rows of the lists as JSON, and the cursors between pages.
 *
 * Happy path: a row of domain/roster becomes a closed object; who may see no personal data gets
 * none of it, everybody else masked names and phone numbers.
 * Failure: a cursor that was not written here is QM_E_MALFORMED.
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
/* Roles that see pseudonyms only. */
bool qm_list_nameless(const struct qm_caller *who);
/* Adds {...}. */
void qm_list_row_write(const struct qm_call *c, bool residents, const struct qm_pg_result *r,
                       int row, struct qm_buf *out);

#endif
