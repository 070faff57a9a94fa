/* ranking_room.h - floor 3: what the files of freezing share; see ranking_freeze.h. Blocking, one
 * thread. */
#ifndef QM_DOMAIN_RANKING_ROOM_H
#define QM_DOMAIN_RANKING_ROOM_H

#include <stdio.h>

#include "domain/ranking_freeze.h"
#include "domain/ranking_pace.h"

struct qm_freeze_room {
    const struct qm_freeze_ask *ask;
    struct qm_pgb *snapshot; /* in one REPEATABLE READ, READ ONLY transaction */
    struct qm_pgb *parts;    /* writes parts of the roster, each by itself */
    FILE *spool;             /* the roster's bytes, while it is read */
    struct qm_freeze_pace pace;
    struct qm_freeze *f;
};

/* A named statement whose failure is said as qm_freeze_run says it; a rest behind it, if syncs
 * wait. */
qm_err qm_freeze_query(struct qm_freeze_room *room, struct qm_pgb *db, const char *statement,
                       struct qm_pg_params *params, struct qm_pg_result **out);
/* The same for what begins and ends a transaction or sets something. */
qm_err qm_freeze_do(struct qm_freeze_room *room, struct qm_pgb *db, const char *sql);
/* The same for the rows of a statement, a few at a time, out of the snapshot. */
qm_err qm_freeze_rows_begin(struct qm_freeze_room *room, const char *statement,
                            struct qm_pg_params *params);
qm_err qm_freeze_rows_fetch(struct qm_freeze_room *room, const char *statement, int rows,
                            struct qm_pg_result **out);
qm_err qm_freeze_rows_end(struct qm_freeze_room *room, const char *statement);
/* Parameters that begin with the county; NULL: no memory. */
struct qm_pg_params *qm_freeze_params(const struct qm_freeze_room *room);
void qm_freeze_text(struct qm_pg_params *p, const char *text);

/* Hash, length, divisions and comparison of the roster, and its parts. */
qm_err qm_freeze_roster(struct qm_freeze_room *room);
/* Keeps a line that changed, x, or what it says of its divisions; after the last one, _end. */
qm_err qm_freeze_changed(struct qm_freeze *f, const struct qm_changed_line *x);
void qm_freeze_changed_end(struct qm_freeze *f);
/* Counters and folds of the divisions that the roster has. */
qm_err qm_freeze_sums(struct qm_freeze_room *room);
/* Lecturers of the divisions that the roster has. */
qm_err qm_freeze_lecturers(struct qm_freeze_room *room);
/* Sums of the folds, figures from elsewhere and ranks before, as rows; needs the roster's
 * divisions. */
qm_err qm_freeze_rows(struct qm_freeze_room *room);

#endif
