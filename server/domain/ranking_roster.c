/* ranking_roster.c - floor 3: the roster as a stream; see ranking_freeze.h.
 *
 * Happy path: once through the roster and, beside it, the roster of the bulletin before (both are
 * sorted): hash, divisions, lines new, gone and changed.  The lines go to a file without a name
 * too; if these bytes are not kept yet, they are put from there into parts that end with a line.
 * Failure: a stored roster whose lines are none is QM_E_CORRUPT; no room for the file is QM_E_IO.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "domain/ranking_register.h"
#include "wire/sha256.h"

enum { GRID_DIGITS = 15, DIVISIONS_FIRST = 64, OBJECT_PARTS = 1 /* column of object_row */ };

/* ---- divisions ---- */

/* Where a code is, or would be. */
static size_t place_of(const struct qm_divisions *d, const char *code)
{
    size_t lo = 0, hi = d->n;
    while (lo < hi) {
        size_t mid = lo + (hi - lo) / 2;
        if (memcmp(d->list[mid].code, code, d->digits) < 0)
            lo = mid + 1;
        else
            hi = mid;
    }
    return lo;
}

static bool room_for_one(struct qm_divisions *d)
{
    if (d->n < d->cap)
        return true;
    size_t cap = d->cap == 0 ? DIVISIONS_FIRST : 2 * d->cap;
    struct qm_division *list = realloc(d->list, cap * sizeof *list);
    if (list == NULL)
        return false;
    d->list = list;
    d->cap = cap;
    return true;
}

struct qm_division *qm_division_of(struct qm_divisions *d, const char *grid, bool make)
{
    size_t at = place_of(d, grid);
    if (at < d->n && memcmp(d->list[at].code, grid, d->digits) == 0)
        return &d->list[at];
    if (!make || !room_for_one(d))
        return NULL;
    memmove(&d->list[at + 1], &d->list[at], (d->n - at) * sizeof *d->list);
    memset(&d->list[at], 0, sizeof *d->list);
    memcpy(d->list[at].code, grid, d->digits);
    d->n++;
    return &d->list[at];
}

/* ---- lines, stretch by stretch ---- */

struct lines {
    /* Gives the next stretch of whole lines; *len 0 at the end.  NULL: there are no lines. */
    qm_err (*more)(struct lines *s, const char **at, size_t *len);
    struct qm_freeze_room *room;
    struct qm_register *register_; /* of the roster now */
    struct qm_sha256 *hash;        /* of its bytes */
    struct qm_pg_result *r;        /* of the roster before: a part of it */
    const char *at;                /* what is left of the stretch */
    size_t left;
    /* the line in hand, LF included; len 0: there is none any more */
    const char *line;
    size_t len, key; /* key: bytes of kind and pseudonym */
    const char *grid;
};

static qm_err more_now(struct lines *s, const char **at, size_t *len)
{
    qm_err err = qm_register_next(s->register_, at, len);
    if (err != QM_OK || *len == 0)
        return err;
    qm_sha256_add(s->hash, *at, *len);
    s->room->f->roster_bytes += (int64_t)*len;
    return fwrite(*at, 1, *len, s->room->spool) == *len ? QM_OK : QM_E_IO;
}

static qm_err more_before(struct lines *s, const char **at, size_t *len)
{
    qm_pgb_result_free(s->r);
    s->r = NULL;
    *len = 0;
    qm_err err = qm_freeze_rows_fetch(s->room, "freeze_before", 1, &s->r);
    if (err == QM_OK && qm_pg_rows(s->r) > 0)
        *at = (const char *)qm_pg_get_bytes(s->r, 0, 0, len);
    return err;
}

/* "<kind> <pseudonym> <grid> <status>" LF */
static qm_err line_split(struct lines *s)
{
    const char *end = s->line + s->len - 1;
    const char *kind = memchr(s->line, ' ', s->len);
    const char *name = kind == NULL ? NULL : memchr(kind + 1, ' ', (size_t)(end - kind - 1));
    if (name == NULL || end - name < GRID_DIGITS + 2 || name[1 + GRID_DIGITS] != ' ')
        return QM_E_CORRUPT;
    s->key = (size_t)(name - s->line);
    s->grid = name + 1;
    return QM_OK;
}

static qm_err lines_next(struct lines *s)
{
    s->len = 0;
    qm_err err = s->left > 0 || s->more == NULL ? QM_OK : s->more(s, &s->at, &s->left);
    if (err != QM_OK || s->left == 0)
        return err;
    const char *lf = memchr(s->at, '\n', s->left);
    if (lf == NULL)
        return QM_E_CORRUPT;
    s->line = s->at;
    s->len = (size_t)(lf - s->at) + 1;
    s->left -= s->len;
    s->at = lf + 1;
    return line_split(s);
}

/* ---- once through both ---- */

static int key_order(const struct lines *a, const struct lines *b)
{
    size_t n = a->key < b->key ? a->key : b->key;
    int order = memcmp(a->line, b->line, n);
    return order != 0 ? order : (a->key > b->key) - (a->key < b->key);
}

static enum qm_line_word word_of(const struct lines *s)
{
    static const struct {
        const char *text;
        enum qm_line_word word;
    } words[] = {
        {"counted\n", QM_WORD_COUNTED}, {"away\n", QM_WORD_AWAY}, {"merged:", QM_WORD_MERGED}};
    const char *at = s->grid + GRID_DIGITS + 1;
    size_t left = s->len - (size_t)(at - s->line);
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        size_t n = strlen(words[i].text);
        if (left >= n && memcmp(at, words[i].text, n) == 0)
            return words[i].word;
    }
    return QM_WORD_OTHER;
}

static int64_t grid_of(const struct lines *s)
{
    int64_t grid = 0;
    for (int i = 0; i < GRID_DIGITS; i++)
        grid = grid * 10 + (s->grid[i] - '0');
    return grid;
}

/* One of the lines may be NULL: there is none. */
static qm_err note(struct qm_freeze *f, const struct lines *now, const struct lines *before)
{
    const struct lines *any = now == NULL ? before : now;
    struct qm_changed_line x = {.grid_before = -1, .grid = -1};
    if (any->key < QM_PSEUDONYM_CHARS)
        return QM_E_CORRUPT;
    const char *name = any->line + any->key - QM_PSEUDONYM_CHARS;
    x.resident = any->line[0] == 'r';
    if (now != NULL) {
        x.grid = grid_of(now);
        x.word = word_of(now);
    }
    if (before != NULL) {
        x.grid_before = grid_of(before);
        x.word_before = word_of(before);
    }
    qm_err err = qm_pseudonym_read(name, QM_PSEUDONYM_CHARS, x.id);
    return err == QM_OK ? qm_freeze_changed(f, &x) : QM_E_CORRUPT;
}

static qm_err count_gone(struct qm_divisions *d, const struct lines *before)
{
    struct qm_division *x = qm_division_of(d, before->grid, true);
    if (x == NULL)
        return QM_E_NOMEM;
    x->gone++;
    return QM_OK;
}

static qm_err gone(struct qm_freeze *f, const struct lines *before)
{
    qm_err err = count_gone(&f->divisions, before);
    return err == QM_OK ? note(f, NULL, before) : err;
}

static qm_err count_same(struct qm_freeze *f, struct qm_division *x, const struct lines *now,
                         const struct lines *before)
{
    qm_err err = QM_OK;
    if (now->len == before->len && memcmp(now->line, before->line, now->len) == 0)
        return QM_OK;
    if (memcmp(now->grid, before->grid, f->divisions.digits) == 0) {
        x->changed++;
    } else {
        x->line_new++;
        err = count_gone(&f->divisions, before); /* may move the list: x is not used any more */
    }
    return err == QM_OK ? note(f, now, before) : err;
}

/* before stands at the first line whose key is not below that of now. */
static qm_err compare(struct qm_freeze *f, const struct lines *now, struct lines *before)
{
    qm_err err = QM_OK;
    while (err == QM_OK && before->len > 0 && key_order(before, now) < 0) {
        err = gone(f, before);
        if (err == QM_OK)
            err = lines_next(before);
    }
    if (err != QM_OK)
        return err;
    struct qm_division *x = qm_division_of(&f->divisions, now->grid, true);
    if (x == NULL)
        return QM_E_NOMEM;
    x->lines++;
    bool same = before->len > 0 && key_order(before, now) == 0;
    if (!same && before->more == NULL)
        return QM_OK;
    if (!same) {
        x->line_new++;
        return note(f, now, NULL);
    }
    err = count_same(f, x, now, before);
    return err == QM_OK ? lines_next(before) : err;
}

static qm_err walk(struct qm_freeze *f, struct lines *now, struct lines *before)
{
    qm_err err = lines_next(before);
    if (err == QM_OK)
        err = lines_next(now);
    while (err == QM_OK && now->len > 0) {
        err = compare(f, now, before);
        if (err == QM_OK)
            err = lines_next(now);
    }
    while (err == QM_OK && before->len > 0) {
        err = gone(f, before);
        if (err == QM_OK)
            err = lines_next(before);
    }
    qm_freeze_changed_end(f);
    qm_sha256_end(now->hash, &f->roster_sha);
    return err;
}

/* ---- parts ---- */

/* true: these bytes are kept by a commit before. */
static qm_err is_kept(struct qm_freeze_room *room, bool *kept)
{
    struct qm_pg_params *p = qm_freeze_params(room);
    struct qm_pg_result *r = NULL;
    qm_pg_bytea(p, room->f->roster_sha.b, QM_HASH_BYTES);
    qm_pg_bool(p, false);
    qm_err err = qm_freeze_query(room, room->parts, "object_row", p, &r);
    *kept = err == QM_OK && qm_pg_rows(r) == 1;
    if (*kept)
        room->f->roster_parts = (int)qm_pg_get_int(r, 0, OBJECT_PARTS);
    qm_pgb_result_free(r);
    return err;
}

static qm_err part_put(struct qm_freeze_room *room, const char *part, size_t len)
{
    struct qm_pg_params *p = qm_freeze_params(room);
    struct qm_pg_result *r = NULL;
    qm_pg_bytea(p, room->f->roster_sha.b, QM_HASH_BYTES);
    qm_pg_int4(p, room->f->roster_parts);
    qm_pg_bytea(p, part, len);
    qm_pg_int8(p, qm_clock_ms());
    qm_err err = qm_freeze_query(room, room->parts, "object_part_put", p, &r);
    qm_pgb_result_free(r);
    room->f->roster_parts++;
    return err;
}

/* Each part is as many whole lines as it may hold. */
static qm_err parts_put(struct qm_freeze_room *room)
{
    char *part = malloc(QM_FREEZE_PART_BYTES);
    qm_err err = part == NULL ? QM_E_NOMEM : QM_OK;
    size_t n = 0;
    /* rewind would not tell that the last lines found no room. */
    if (err == QM_OK && fseek(room->spool, 0, SEEK_SET) != 0)
        err = QM_E_IO;
    while (err == QM_OK) {
        n += fread(part + n, 1, QM_FREEZE_PART_BYTES - n, room->spool);
        if (ferror(room->spool))
            err = QM_E_IO;
        const char *lf = n > 0 ? memrchr(part, '\n', n) : NULL;
        if (err != QM_OK || lf == NULL)
            break;
        size_t len = (size_t)(lf - part) + 1;
        err = part_put(room, part, len);
        memmove(part, part + len, n - len);
        n -= len;
    }
    free(part);
    return err;
}

/* ---- all of it ---- */

/* Bodies and parts alike, in order. */
static qm_err declare_before(struct qm_freeze_room *room)
{
    struct qm_pg_params *p = qm_freeze_params(room);
    qm_pg_uuid(p, room->f->before);
    return qm_freeze_rows_begin(room, "freeze_before", p);
}

qm_err qm_freeze_roster(struct qm_freeze_room *room)
{
    struct qm_register rows;
    struct qm_sha256 hash;
    struct lines now = {.more = more_now, .room = room, .register_ = &rows, .hash = &hash};
    struct lines before = {.more = room->f->has_before ? more_before : NULL, .room = room};
    bool kept = false;
    qm_err err = qm_register_open(&rows, room);
    qm_sha256_begin(&hash);
    room->spool = tmpfile();
    if (err == QM_OK && room->spool == NULL)
        err = QM_E_IO;
    if (err == QM_OK && before.more != NULL)
        err = declare_before(room);
    if (err == QM_OK)
        err = walk(room->f, &now, &before);
    if (err == QM_OK)
        err = is_kept(room, &kept);
    if (err == QM_OK && !kept)
        err = parts_put(room);
    if (err == QM_OK && before.more != NULL)
        err = qm_freeze_rows_end(room, "freeze_before");
    qm_pgb_result_free(before.r);
    qm_register_close(&rows);
    if (room->spool != NULL)
        fclose(room->spool);
    room->spool = NULL;
    return err;
}
