/* answer.h - floor 3: what a failed unit of work means to whoever asked. */
#ifndef QM_DOMAIN_ANSWER_H
#define QM_DOMAIN_ANSWER_H

#include "drivers/pg.h"

/* A failure with this SQLSTATE passes by itself: the same may be tried again later. */
bool qm_sqlstate_passes(const char *sqlstate);
/* The statement failed (QM_E_DB) on something that passes by itself: it may be sent again. */
bool qm_answer_passes(const struct qm_pg_answer *a);
/* QM_OK; QM_E_OVERLOAD for whatever may pass (database away, queue full, deadline, serialisation);
 * QM_E_NOT_FOUND for a county that is not set up; QM_E_INTERNAL for every other failed statement,
 * which is logged with its name and SQLSTATE. */
qm_err qm_answer_err(const struct qm_pg_answer *a, const char *statement);

#endif
