/* bulletin_extras.h - floor 4: rows that stand around a bulletin, as JSON arrays. Pure, any thread.
 * r: the rows of the query of the same name; out->err says whether all went in. */
#ifndef QM_EDGE_BULLETIN_EXTRAS_H
#define QM_EDGE_BULLETIN_EXTRAS_H

#include "drivers/pg.h"
#include "wire/buf.h"

qm_err qm_signoffs_json(const struct qm_pg_result *r, struct qm_buf *out);  /* signoff_list */
qm_err qm_proposals_json(const struct qm_pg_result *r, struct qm_buf *out); /* bulletin_proposals */
qm_err qm_seals_json(const struct qm_pg_result *r, struct qm_buf *out);     /* bulletin_seals */
qm_err qm_silent_json(const struct qm_pg_result *r, struct qm_buf *out);    /* silent_phones */
qm_err qm_figures_json(const struct qm_pg_result *r, struct qm_buf *out);   /* figure_list */
qm_err qm_bulletins_json(const struct qm_pg_result *r, int rows,
                         struct qm_buf *out); /* bulletin_list */

#endif
