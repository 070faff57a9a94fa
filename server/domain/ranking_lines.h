/* ranking_lines.h - floor 3: the roster's lines, made of the register's rows in one snapshot.
 *
 * Happy path: open, next until there is nothing more, close.  A stretch is all lines of a kind
 * whose pseudonyms begin with the same character, sorted; stretches come in the order of their
 * bytes. Memory: a 64th of the households or residents. Failure: QM_E_NOMEM, QM_E_CORRUPT (rows
 * that do not add up), else as qm_freeze_query.  Blocking, one thread.  Source: section 8 of the
 * contract, "Roster bytes".
 */
#ifndef QM_DOMAIN_RANKING_LINES_H
#define QM_DOMAIN_RANKING_LINES_H

#include "domain/ranking_room.h"

enum { QM_REGISTER_KINDS = 2 };

struct qm_register_entry;
struct qm_register {
    struct qm_freeze_room *room;
    int kind;   /* households, residents, the end */
    char first; /* of the pseudonyms of the run before */
    bool declared;
    struct qm_pg_result *r;
    int row;
    struct qm_register_entry *list;
    size_t n, cap;
    struct qm_buf text;
};

void qm_register_open(struct qm_register *s, struct qm_freeze_room *room);
/* *lines is valid until the next call; *len 0: the end. */
qm_err qm_register_next(struct qm_register *s, const char **lines, size_t *len);
void qm_register_close(struct qm_register *s);

#endif
