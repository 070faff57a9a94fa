/* problem_page.h - floor 4: a problem as a plain page, for whoever opened an address in a browser:
 * what is wrong, and what to do.  Programs get problem details (problem.h) at the same address.
 * Pure, any thread.
 */
#ifndef QM_EDGE_PROBLEM_PAGE_H
#define QM_EDGE_PROBLEM_PAGE_H

#include <stdbool.h>

#include "wire/buf.h"

enum { QM_PROBLEM_PAGE_MAX_BYTES = 65536 };

/* Is this a page's address (none of the API) that a browser asks for?  accept may be NULL. */
bool qm_problem_page_wanted(const char *path, const char *accept);
/* An HTML page; it goes with the policy of qm_bulletin_page_csp.  detail NULL: what to do now, from
 * the error table, and where nothing was found the doors that there are.  Failure is that of the
 * buffer. */
qm_err qm_problem_page_write(qm_err err, const char *lang, const char *detail, struct qm_buf *out);

#endif
