/* ranking_register.h - floor 3: the roster's lines, made of the register's rows in one snapshot.
 *
 * Happy path: open, next until there is nothing more, close.  A stretch is whole lines; stretches
 * come in the order of their bytes.  Failure: as qm_freeze_query and ranking_lines.h.  Blocking,
 * one thread.
 */
#ifndef QM_DOMAIN_RANKING_REGISTER_H
#define QM_DOMAIN_RANKING_REGISTER_H

#include "domain/ranking_lines.h"
#include "domain/ranking_room.h"

struct qm_register {
    struct qm_freeze_room *room;
    int kind;  /* households, residents, the end */
    bool read; /* its rows are in `lines` */
    struct qm_ranking_lines lines;
};

qm_err qm_register_open(struct qm_register *s, struct qm_freeze_room *room);
/* *text is valid until the next call; *len 0: the end. */
qm_err qm_register_next(struct qm_register *s, const char **text, size_t *len);
void qm_register_close(struct qm_register *s); /* also after an open that failed */

#endif
