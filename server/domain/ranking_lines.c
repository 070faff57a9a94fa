/* ranking_lines.c - floor 3: the roster's lines out of the register; see ranking_lines.h.
 *
 * Happy path: the database gives the rows of a kind in 64 runs, by the first character of their
 * pseudonyms; a run is kept, sorted by its pseudonyms and written.  The database would need far
 * longer to make and sort the text.
 * Failure: a row that is none, or out of its run, is QM_E_CORRUPT.
 */
#include "domain/ranking_lines.h"

#include <stdlib.h>
#include <string.h>

enum {
    GRID_DIGITS = 15,
    STATUS_MAX_BYTES = 31, /* "merged:" and a pseudonym */
    LINE_MAX_BYTES = 96,
    ENTRIES_FIRST = 1024
};
#define TEXT_MAX_BYTES (1U << 30)

static const char *const kinds[QM_REGISTER_KINDS] = {"household ", "resident "};

struct qm_register_entry {
    char name[QM_PSEUDONYM_CHARS + 1];
    char status[STATUS_MAX_BYTES + 1];
    int64_t grid;
};

enum column { C_ID, C_GRID, C_STATUS, C_MERGED };

void qm_register_open(struct qm_register *s, struct qm_freeze_room *room)
{
    *s = (struct qm_register){.room = room};
    qm_buf_init(&s->text, TEXT_MAX_BYTES);
}

void qm_register_close(struct qm_register *s)
{
    qm_pgb_result_free(s->r);
    qm_buf_free(&s->text);
    free(s->list);
    *s = (struct qm_register){0};
}

/* ---- rows ---- */

static qm_err declare(struct qm_register *s)
{
    struct qm_pg_params *p = qm_freeze_params(s->room);
    struct qm_pg_result *r = NULL;
    qm_freeze_text(p, s->room->ask->scope);
    qm_pg_date(p, s->room->ask->span.last_day);
    qm_pg_int4(p, s->kind + 1);
    qm_err err = qm_freeze_query(s->room, s->room->snapshot,
                                 "DECLARE register NO SCROLL CURSOR FOR"
                                 " SELECT id, grid, status, merged FROM qm.freeze_lines($1, $2, $3)"
                                 " WHERE kind = $4 ORDER BY qm.pseudonym_run(id)",
                                 p, &r);
    qm_pgb_result_free(r);
    s->declared = err == QM_OK;
    return err;
}

/* *there false: the rows of this kind are through. */
static qm_err row_at_hand(struct qm_register *s, bool *there)
{
    qm_err err = s->declared ? QM_OK : declare(s);
    *there = true;
    if (err != QM_OK || (s->r != NULL && s->row < qm_pg_rows(s->r)))
        return err;
    qm_pgb_result_free(s->r);
    s->r = NULL;
    s->row = 0;
    err = qm_freeze_query(s->room, s->room->snapshot, "FETCH 4000 FROM register", NULL, &s->r);
    *there = err == QM_OK && qm_pg_rows(s->r) > 0;
    return err;
}

static qm_err entry_read(const struct qm_pg_result *r, int row, struct qm_register_entry *out)
{
    size_t len = 0;
    const uint8_t *id = qm_pg_get_bytes(r, row, C_ID, &len);
    if (len != QM_ID_BYTES)
        return QM_E_CORRUPT;
    qm_pseudonym_write(id, out->name);
    out->grid = qm_pg_get_int(r, row, C_GRID);
    if (out->grid < 0)
        return QM_E_CORRUPT;
    if (!qm_pg_is_null(r, row, C_STATUS)) {
        const char *word = qm_pg_get_text(r, row, C_STATUS);
        if (strlen(word) > STATUS_MAX_BYTES)
            return QM_E_CORRUPT;
        memcpy(out->status, word, strlen(word) + 1);
        return QM_OK;
    }
    static const char merged[] = "merged:";
    const uint8_t *into = qm_pg_get_bytes(r, row, C_MERGED, &len);
    if (qm_pg_is_null(r, row, C_MERGED) || len != QM_ID_BYTES)
        return QM_E_CORRUPT;
    memcpy(out->status, merged, sizeof merged);
    qm_pseudonym_write(into, out->status + sizeof merged - 1);
    return QM_OK;
}

/* ---- a run ---- */

static bool room_for_one(struct qm_register *s)
{
    if (s->n < s->cap)
        return true;
    size_t cap = s->cap == 0 ? ENTRIES_FIRST : 2 * s->cap;
    struct qm_register_entry *list = realloc(s->list, cap * sizeof *list);
    if (list == NULL)
        return false;
    s->list = list;
    s->cap = cap;
    return true;
}

/* Reads the rows of the next run; n 0: there is none of this kind any more. */
static qm_err run_read(struct qm_register *s)
{
    bool there = true;
    char before = s->first;
    qm_err err = QM_OK;
    for (s->n = 0; err == QM_OK;) {
        err = row_at_hand(s, &there);
        if (err != QM_OK || !there)
            return err;
        if (!room_for_one(s))
            return QM_E_NOMEM;
        struct qm_register_entry *e = &s->list[s->n];
        err = entry_read(s->r, s->row, e);
        if (err == QM_OK && s->n > 0 && e->name[0] != s->first)
            return QM_OK;
        if (err == QM_OK && s->n == 0 && e->name[0] <= before)
            return QM_E_CORRUPT;
        s->first = e->name[0];
        s->n++;
        s->row++;
    }
    return err;
}

static int name_order(const void *x, const void *y)
{
    const struct qm_register_entry *a = x, *b = y;
    return memcmp(a->name, b->name, QM_PSEUDONYM_CHARS);
}

static char *put(char *at, const char *text, size_t len)
{
    memcpy(at, text, len);
    return at + len;
}

/* By hand: there are millions of them. */
static qm_err line_write(struct qm_register *s, const struct qm_register_entry *e)
{
    char line[LINE_MAX_BYTES];
    char *at = put(line, kinds[s->kind], strlen(kinds[s->kind]));
    at = put(at, e->name, QM_PSEUDONYM_CHARS);
    *at++ = ' ';
    int64_t left = e->grid;
    for (int i = GRID_DIGITS - 1; i >= 0; i--) {
        at[i] = (char)('0' + left % 10);
        left /= 10;
    }
    at += GRID_DIGITS;
    *at++ = ' ';
    at = put(at, e->status, strlen(e->status));
    *at++ = '\n';
    return left == 0 ? qm_buf_add(&s->text, line, (size_t)(at - line)) : QM_E_CORRUPT;
}

static qm_err kind_end(struct qm_register *s)
{
    s->kind++;
    s->first = '\0';
    s->declared = false;
    return qm_freeze_do(s->room, s->room->snapshot, "CLOSE register");
}

qm_err qm_register_next(struct qm_register *s, const char **lines, size_t *len)
{
    qm_err err = QM_OK;
    qm_buf_reset(&s->text);
    while (err == QM_OK && s->text.len == 0 && s->kind < QM_REGISTER_KINDS) {
        err = run_read(s);
        if (err == QM_OK && s->n == 0)
            err = kind_end(s);
        if (err == QM_OK && s->n > 0)
            qsort(s->list, s->n, sizeof *s->list, name_order);
        for (size_t i = 0; err == QM_OK && i < s->n; i++)
            err = line_write(s, &s->list[i]);
    }
    *lines = (const char *)s->text.p;
    *len = err == QM_OK ? s->text.len : 0;
    return err;
}
