/* api_export.c - floor 4: a log as a folder, in one tar, for auditors; see api_log.h.
 *
 *   checkpoint -> tiles, level by level -> entries -> batches -> objects, part by part -> end
 *
 * Happy path: the head at the beginning says how much there is; each file has the path and the
 * bytes of the URL of its own.  One piece at a time is in memory: a tile, a batch, a part of an
 * object. Failure: before the first byte a problem as anywhere; afterwards the answer is cut, and a
 * tar without its end blocks is no tar.  What somebody changed in the tables is no failure: it is
 * given as it is, under the length that it has, or left out where it has no form at all, so that
 * the audit can name it.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "domain/tlog_list.h"
#include "edge/api_log.h"
#include "edge/pump.h"
#include "edge/tar.h"
#include "edge/tile_path.h"

enum { NAME_BYTES = 240, PIECE_MAX_BYTES = 80 << 20, COST = 50 };

static void api_export(struct qm_call *c);

const struct qm_route qm_export_routes[] = {
    {"GET", "/v1/log/{log}/export", QM_WHO_TOKEN, QM_ROLE_AUDITOR | QM_ROLE_ADMIN, 0, NULL, COST,
     api_export},
};
const size_t qm_export_routes_n = sizeof qm_export_routes / sizeof qm_export_routes[0];

enum phase { TILES, ENTRIES, BATCHES, OBJECTS, END };

struct export
{
    struct qm_pump pump; /* first: see pump.h */
    struct qm_call *c;
    struct qm_tlog_head head;
    int64_t now_s;
    struct qm_buf note;
    enum phase phase;
    int level;             /* of tiles */
    int64_t tile;          /* next tile or tile of entries */
    char name[NAME_BYTES]; /* of the file under way */
    struct qm_tlog_listed page[QM_TLOG_PAGE];
    size_t page_n, page_at;
    bool page_last;
    int part;     /* of the object under way */
    int64_t sent; /* bytes of it */
};

static void export_free(void *s)
{
    struct export *x = s;
    qm_buf_free(&x->note);
    free(x);
}

static void give(struct export *x, qm_err err, struct qm_buf *piece)
{
    if (err == QM_OK)
        err = piece->err;
    qm_pump_give(&x->pump, err, piece, x->phase == END);
    qm_buf_free(piece);
}

static void name(struct export *x, const char *rest)
{
    snprintf(x->name, sizeof x->name, "v1/log/%s/%s", x->c->arg[0], rest);
}

/* A whole file out of its bytes. */
static void give_file(struct export *x, qm_err err, const struct qm_buf *bytes)
{
    struct qm_buf piece;
    qm_buf_init(&piece, PIECE_MAX_BYTES);
    if (err == QM_OK)
        err = qm_tar_file(&piece, x->name, (int64_t)bytes->len, x->now_s);
    qm_buf_add(&piece, bytes->p, bytes->len);
    qm_tar_pad(&piece, (int64_t)bytes->len);
    give(x, err, &piece);
}

/* The piece that was asked for is still to be made. */
static void go_on(struct export *x)
{
    x->pump.next(&x->pump);
}

static void on_file(void *ctx, qm_err err, struct qm_buf *bytes)
{
    struct export *x = ctx;
    if (err == QM_E_NOT_FOUND || err == QM_E_TOO_LARGE)
        go_on(x);
    else
        give_file(x, err, bytes);
}

/* ---- tiles and entries ---- */

/* The next tile's width, 0 if this level has no more; its name is set. */
static int next_tile(struct export *x, const char *folder, int64_t nodes)
{
    char path[QM_TILE_PATH_BYTES], rest[NAME_BYTES / 2];
    int64_t left = nodes - x->tile * QM_TILE_WIDTH;
    int width = left > QM_TILE_WIDTH ? QM_TILE_WIDTH : (int)left;
    if (left <= 0)
        return 0;
    qm_tile_path_write(x->tile, width, path);
    snprintf(rest, sizeof rest, "tile/%s/%s", folder, path);
    name(x, rest);
    return width;
}

/* false: no tile is left. */
static bool tiles_next(struct export *x)
{
    for (; x->level <= QM_TILE_LEVEL_MAX; x->level++, x->tile = 0) {
        char folder[2] = {(char)('0' + x->level), '\0'};
        int width = next_tile(x, folder, x->head.size >> (8 * x->level));
        if (width == 0)
            continue;
        qm_tlog_tile(x->c->edge->tlog, x->head.county, x->level, x->tile++, width, true, on_file,
                     x);
        return true;
    }
    x->tile = 0;
    return false;
}

static bool entries_next(struct export *x)
{
    int width = next_tile(x, "entries", x->head.size);
    if (width > 0)
        qm_tlog_entries(x->c->edge->tlog, x->head.county, x->tile++, width, true, on_file, x);
    return width > 0;
}

/* ---- batches and objects, listed page by page ---- */

static void on_page(void *ctx, qm_err err, const struct qm_tlog_listed *list, size_t n)
{
    struct export *x = ctx;
    struct qm_buf nothing;
    if (err == QM_OK && n > 0)
        memcpy(x->page, list, n * sizeof *list);
    x->page_n = n;
    x->page_at = 0;
    x->page_last = n < QM_TLOG_PAGE;
    if (err == QM_OK) {
        go_on(x);
        return;
    }
    qm_buf_init(&nothing, 0);
    give(x, err, &nothing);
}

static const struct qm_tlog_listed *here(const struct export *x)
{
    return &x->page[x->page_at];
}

/* true: a page is being read, or there is a row at hand; false: all pages are through. */
static bool page_ready(struct export *x, bool *reading)
{
    *reading = false;
    if (x->page_at < x->page_n)
        return true;
    if (x->page_last)
        return false;
    *reading = true;
    struct qm_tlog *log = x->c->edge->tlog;
    bool first = x->page_n == 0;
    struct qm_tlog_listed last = {.idx = -1};
    if (!first)
        last = x->page[x->page_n - 1];
    if (x->phase == BATCHES)
        qm_tlog_batches(log, x->head.county, last.idx, x->head.size, on_page, x);
    else
        qm_tlog_objects(log, x->head.county, first ? NULL : &last.sha256, x->head.size, on_page, x);
    return true;
}

static void pages_begin(struct export *x)
{
    x->page_n = x->page_at = 0;
    x->page_last = false;
    x->part = 0;
}

static bool batches_next(struct export *x)
{
    bool reading;
    char rest[40];
    if (!page_ready(x, &reading) || reading)
        return reading;
    int64_t idx = here(x)->idx;
    x->page_at++;
    snprintf(rest, sizeof rest, "batch/%lld", (long long)idx);
    name(x, rest);
    qm_tlog_batch(x->c->edge->tlog, x->head.county, idx, on_file, x);
    return true;
}

static void on_whole(void *ctx, qm_err err, struct qm_buf *bytes, int parts)
{
    struct export *x = ctx;
    (void)parts;
    x->page_at++;
    on_file(x, err, bytes);
}

/* Header before the first part, zeros behind the last; a part that is gone has no bytes.  Parts
 * that change between measuring and sending cut the answer. */
static void on_part(void *ctx, qm_err err, struct qm_buf *bytes)
{
    struct export *x = ctx;
    const struct qm_tlog_listed *o = here(x);
    struct qm_buf piece;
    qm_buf_init(&piece, PIECE_MAX_BYTES);
    if (err == QM_E_NOT_FOUND)
        err = QM_OK;
    if (err == QM_OK && x->part == 0)
        err = qm_tar_file(&piece, x->name, o->bytes, x->now_s);
    qm_buf_add(&piece, bytes->p, bytes->len);
    x->sent += (int64_t)bytes->len;
    if (++x->part == o->parts) {
        if (x->sent != o->bytes)
            err = QM_E_INTERNAL;
        qm_tar_pad(&piece, o->bytes);
        x->part = 0;
        x->sent = 0;
        x->page_at++;
    }
    if (err == QM_OK && piece.err == QM_OK && piece.len == 0) {
        qm_buf_free(&piece);
        go_on(x);
    } else {
        give(x, err, &piece);
    }
}

static bool objects_next(struct export *x)
{
    bool reading;
    char hex[QM_HEX_HASH_CHARS + 1], rest[QM_HEX_HASH_CHARS + 16];
    if (!page_ready(x, &reading) || reading)
        return reading;
    const struct qm_tlog_listed *o = here(x);
    qm_hex_write(o->sha256.b, QM_HASH_BYTES, hex);
    snprintf(rest, sizeof rest, "object/%.64s", hex);
    name(x, rest);
    struct qm_tlog *log = x->c->edge->tlog;
    if (o->parts == 0)
        qm_tlog_object(log, x->head.county, &o->sha256, true, on_whole, x);
    else
        qm_tlog_object_part(log, x->head.county, &o->sha256, x->part, on_part, x);
    return true;
}

/* ---- all of it ---- */

static void next_piece(struct qm_pump *p)
{
    struct export *x = (struct export *)p;
    struct qm_buf piece;
    if (x->note.len > 0) {
        struct qm_buf note = x->note;
        qm_buf_init(&x->note, 0);
        name(x, "checkpoint");
        give_file(x, QM_OK, &note);
        qm_buf_free(&note);
        return;
    }
    if (x->phase == TILES && tiles_next(x))
        return;
    if (x->phase == TILES)
        x->phase = ENTRIES;
    if (x->phase == ENTRIES && entries_next(x))
        return;
    if (x->phase == ENTRIES) {
        x->phase = BATCHES;
        pages_begin(x);
    }
    if (x->phase == BATCHES && batches_next(x))
        return;
    if (x->phase == BATCHES) {
        x->phase = OBJECTS;
        pages_begin(x);
    }
    if (x->phase == OBJECTS && objects_next(x))
        return;
    x->phase = END;
    qm_buf_init(&piece, PIECE_MAX_BYTES);
    qm_tar_end(&piece);
    give(x, QM_OK, &piece);
}

static void on_signed(void *ctx, qm_err err, const char *note, size_t len)
{
    static const char *const headers[] = {"Cache-Control", "private, no-store", NULL};
    struct export *x = ctx;
    if (err == QM_OK)
        err = qm_buf_add(&x->note, note, len);
    if (err == QM_OK)
        qm_pump_start(&x->pump, x->c, "application/x-tar", headers, next_piece);
    else
        qm_call_problem(x->c, err);
}

static void on_head(void *ctx, qm_err err, const struct qm_tlog_head *head)
{
    struct export *x = ctx;
    if (err != QM_OK) {
        qm_call_problem(x->c, err);
        return;
    }
    x->head = *head;
    qm_tlog_sign(x->c->edge->tlog, head, on_signed, x);
}

static void api_export(struct qm_call *c)
{
    int county, tree;
    if (!qm_log_may_audit(c)) {
        qm_call_problem(c, QM_E_FORBIDDEN);
        return;
    }
    struct export *x = calloc(1, sizeof *x);
    if (!x) {
        qm_call_problem(c, QM_E_NOMEM);
        return;
    }
    c->state = x;
    c->state_free = export_free;
    x->c = c;
    x->now_s = qm_clock_ms() / 1000;
    qm_buf_init(&x->note, 4096);
    if (qm_log_path_read(c->arg[0], &county, &tree) == QM_OK)
        qm_tlog_head(c->edge->tlog, county, tree, on_head, x);
    else
        qm_call_problem(c, QM_E_NOT_FOUND);
}
