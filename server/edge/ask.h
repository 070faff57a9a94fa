/* ask.h - floor 4: handlers that ask one statement within the caller's area and answer with its
 * rows.
 *
 * Happy path: qm_ask_params (county, role, prefix: the first three parameters of every such
 * statement), what else the statement takes, qm_ask_submit; in the callback qm_ask_rows.
 * Failure: the call is answered with the problem.  The loop's thread only.
 */
#ifndef QM_EDGE_ASK_H
#define QM_EDGE_ASK_H

#include "edge/call.h"
#include "edge/rows.h"

struct qm_pg_params *qm_ask_params(const struct qm_call *c);
void qm_ask_text(struct qm_pg_params *p, const char *text);
/* Takes p over. */
void qm_ask_submit(struct qm_call *c, const char *statement, struct qm_pg_params *p,
                   qm_pg_done done, void *ctx);
/* Notes in the access log that the caller looks at something; done looks at the answer with
 * qm_answer_err and only then shows it. */
void qm_ask_note(struct qm_call *c, const char *what, const char *subject, const char *reason,
                 qm_pg_done done, void *ctx);
/* {"rows":[...]}; personal: as in rows.h. */
void qm_ask_rows(struct qm_call *c, const struct qm_pg_answer *a,
                 const struct qm_rows_column *columns, int n, bool personal);

#endif
