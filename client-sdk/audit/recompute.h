/* recompute.h - floor 2, inside audit: one bulletin's result, made again (recompute.c). */
#ifndef QM_AUDIT_RECOMPUTE_H
#define QM_AUDIT_RECOMPUTE_H

#include "audit/frozen.h"

enum { QM_AU_RESULT_MAX_BYTES = 64 << 20 };

/* Compares result and public result; fills what is said of the bulletin; keeps its ranks. */
qm_err qm_au_recompute(struct qm_au *a, struct qm_au_bulletin *b, struct qm_audit_bulletin *said);
/* Imported figures into the table.  *fault: what is wrong with the bytes, NULL if nothing. */
void qm_au_imports(struct qm_au_table *t, struct qm_text bytes, const char **fault);

#endif
