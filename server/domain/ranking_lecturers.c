/* ranking_lecturers.c - floor 3: how many lecturers (宣讲员) villages need and have, when a ranking
 * is frozen; see ranking_freeze.h.
 *
 * Happy path: the villages of the scope, one statement; each adds to the division that it is or
 * lies in.  They are kept with the ranking because a published bulletin says later what it said
 * then. Failure: that of the statement.
 */
#include <string.h>

#include "domain/ranking_room.h"

enum { VILLAGE_DIGITS = 12 };
/* Of queries/duty_table.sql, with the lecturers behind four other duties. */
enum column { C_CODE, C_NEEDED = 4, C_THERE = 9 };

static void take_village(struct qm_divisions *all, const struct qm_pg_result *r, int row)
{
    const char *code = qm_pg_get_text(r, row, C_CODE);
    struct qm_division *x =
        strlen(code) == VILLAGE_DIGITS ? qm_division_of(all, code, false) : NULL;
    if (x == NULL)
        return; /* nobody of it is on the roster */
    x->lecturers_needed += qm_pg_get_int(r, row, C_NEEDED);
    x->lecturers += qm_pg_get_int(r, row, C_THERE);
}

qm_err qm_freeze_lecturers(struct qm_freeze_room *room)
{
    if (room->f->divisions.digits > VILLAGE_DIGITS) /* grids have none */
        return QM_OK;
    struct qm_pg_params *p = qm_freeze_params(room);
    struct qm_pg_result *r = NULL;
    qm_freeze_text(p, "township");
    qm_freeze_text(p, room->ask->scope);
    qm_freeze_text(p, room->ask->scope);
    qm_err err = qm_freeze_query(room, room->snapshot, "duty_table", p, &r);
    int n = err == QM_OK ? qm_pg_rows(r) : 0;
    for (int i = 0; i < n; i++)
        take_village(&room->f->divisions, r, i);
    qm_pgb_result_free(r);
    return err;
}
