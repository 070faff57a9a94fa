/* ranking_register.c - floor 3: rows of the register through a cursor; see ranking_register.h.
 *
 *   households: rows in any order -> sorted lines; then residents the same way
 *
 * Failure: a row whose pseudonym is none is QM_E_CORRUPT.
 */
#include "domain/ranking_register.h"

static const char *const kinds[] = {"household", "resident"};
enum { KINDS = sizeof kinds / sizeof *kinds, ROWS_AT_ONCE = 2000 };

enum column { C_ID, C_GRID, C_STATUS, C_MERGED };

qm_err qm_register_open(struct qm_register *s, struct qm_freeze_room *room)
{
    *s = (struct qm_register){.room = room};
    return qm_ranking_lines_begin(&s->lines);
}

void qm_register_close(struct qm_register *s)
{
    qm_ranking_lines_end(&s->lines);
}

static qm_err declare(struct qm_register *s)
{
    struct qm_pg_params *p = qm_freeze_params(s->room);
    qm_freeze_text(p, s->room->ask->scope);
    qm_pg_date(p, s->room->ask->span.last_day);
    qm_pg_int4(p, s->kind + 1);
    return qm_freeze_rows_begin(s->room, "freeze_lines", p);
}

static qm_err take_row(struct qm_register *s, const struct qm_pg_result *r, int row)
{
    size_t len = 0, merged_len = QM_ID_BYTES;
    struct qm_line_row x = {.id = qm_pg_get_bytes(r, row, C_ID, &len),
                            .grid = qm_pg_get_int(r, row, C_GRID)};
    if (!qm_pg_is_null(r, row, C_STATUS))
        x.status = qm_pg_get_text(r, row, C_STATUS);
    else if (!qm_pg_is_null(r, row, C_MERGED))
        x.merged = qm_pg_get_bytes(r, row, C_MERGED, &merged_len);
    if (len != QM_ID_BYTES || merged_len != QM_ID_BYTES)
        return QM_E_CORRUPT;
    return qm_ranking_lines_add(&s->lines, &x);
}

static qm_err kind_read(struct qm_register *s)
{
    qm_err err = declare(s);
    for (int n = 1; err == QM_OK && n > 0;) {
        struct qm_pg_result *r = NULL;
        err = qm_freeze_rows_fetch(s->room, "freeze_lines", ROWS_AT_ONCE, &r);
        n = err == QM_OK ? qm_pg_rows(r) : 0;
        for (int i = 0; err == QM_OK && i < n; i++)
            err = take_row(s, r, i);
        qm_pgb_result_free(r);
    }
    s->read = true;
    return err == QM_OK ? qm_freeze_rows_end(s->room, "freeze_lines") : err;
}

qm_err qm_register_next(struct qm_register *s, const char **text, size_t *len)
{
    qm_err err = QM_OK;
    *len = 0;
    while (err == QM_OK && *len == 0 && s->kind < KINDS) {
        if (!s->read)
            err = kind_read(s);
        if (err == QM_OK)
            err = qm_ranking_lines_next(&s->lines, kinds[s->kind], text, len);
        if (err == QM_OK && *len == 0) {
            s->kind++;
            s->read = false;
            qm_ranking_lines_again(&s->lines);
        }
    }
    return err;
}
