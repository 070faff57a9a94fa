/* answer.c - floor 3: from the driver's codes to the caller's; see answer.h. */
#include "domain/answer.h"

#include <string.h>

#include "base/log.h"

/* Connection, transaction state and rollback, resources, objects in use, operator, system. */
bool qm_sqlstate_passes(const char *sqlstate)
{
    static const char *const classes[] = {"08", "25", "40", "53", "55", "57", "58"};
    for (size_t i = 0; i < sizeof classes / sizeof *classes; i++)
        if (strncmp(sqlstate, classes[i], 2) == 0)
            return true;
    return false;
}

bool qm_answer_passes(const struct qm_pg_answer *a)
{
    return a->err == QM_E_DB && qm_sqlstate_passes(a->sqlstate);
}

qm_err qm_answer_err(const struct qm_pg_answer *a, const char *statement)
{
    if (a->err == QM_OK || a->err == QM_E_NOMEM)
        return a->err;
    if (a->err != QM_E_DB)
        return QM_E_OVERLOAD;
    if (strcmp(a->sqlstate, "QM001") == 0)
        return QM_E_NOT_FOUND;
    bool passing = qm_sqlstate_passes(a->sqlstate);
    qm_log(passing ? QM_LOG_WARN : QM_LOG_ERROR, "statement-failed", "statement", QM_LS(statement),
           "sqlstate", QM_LS(a->sqlstate), NULL);
    return passing ? QM_E_OVERLOAD : QM_E_INTERNAL;
}
