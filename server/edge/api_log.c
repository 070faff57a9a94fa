/* api_log.c - floor 4: checkpoints, tiles, entries, batches, objects; see api_log.h.
 *
 * Happy path: parse the path, read, answer bytes that caches may keep for ever (tiles, entries and
 * objects never change; a checkpoint does).
 * A log is named by its county (the newest name) or by one of its names, county-n.  All names share
 * one tree; under an older name it ends where the next one began.
 * Failure: a path, a log or a tile that is none is 404.
 */
#include "edge/api_log.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "domain/tlog.h"
#include "edge/auth.h"
#include "edge/pump.h"
#include "edge/tile_path.h"

static const char *const for_ever[] = {"Cache-Control", "public, max-age=31536000, immutable",
                                       NULL};
static const char *const fresh[] = {"Cache-Control", "no-cache", NULL};
static const char *const private_for_ever[] = {"Cache-Control", "private, max-age=31536000", NULL};

static void answer(struct qm_call *c, qm_err err, struct qm_buf *bytes, const char *type,
                   const char *const *headers)
{
    if (err == QM_OK)
        qm_call_reply(c, 200, type, headers, bytes);
    else
        qm_call_problem(c, err);
}

/* ---- checkpoint ---- */

static void on_signed(void *ctx, qm_err err, const char *note, size_t len)
{
    struct qm_buf body;
    qm_buf_init(&body, 4096);
    if (err == QM_OK)
        err = qm_buf_add(&body, note, len);
    answer(ctx, err, &body, "text/plain; charset=utf-8", fresh);
    qm_buf_free(&body);
}

static void on_head(void *ctx, qm_err err, const struct qm_tlog_head *head)
{
    struct qm_call *c = ctx;
    if (err == QM_OK)
        qm_tlog_sign(c->edge->tlog, head, on_signed, c);
    else
        qm_call_problem(c, err);
}

void qm_api_checkpoint(struct qm_call *c)
{
    int county, tree;
    if (qm_log_path_read(c->arg[0], &county, &tree) != QM_OK) {
        qm_call_problem(c, QM_E_NOT_FOUND);
        return;
    }
    c->caller.county = county;
    qm_tlog_head(c->edge->tlog, county, tree, on_head, c);
}

/* ---- tiles and entries ---- */

struct tile {
    struct qm_call *c;
    bool entries;
    int county, level, width;
    int64_t n;
};

static void on_hashes(void *ctx, qm_err err, struct qm_buf *bytes)
{
    answer(ctx, err, bytes, "application/octet-stream", for_ever);
}

static void on_entries(void *ctx, qm_err err, struct qm_buf *bytes)
{
    answer(ctx, err, bytes, "application/octet-stream", private_for_ever);
}

static void tile_read(const struct tile *t)
{
    struct qm_tlog *log = t->c->edge->tlog;
    if (t->entries)
        qm_tlog_entries(log, t->county, t->n, t->width, false, on_entries, t->c);
    else
        qm_tlog_tile(log, t->county, t->level, t->n, t->width, false, on_hashes, t->c);
}

/* Under an older name the tree has only so many leaves. */
static void on_named_head(void *ctx, qm_err err, const struct qm_tlog_head *head)
{
    struct qm_call *c = ctx;
    const struct tile *t = c->state;
    int64_t nodes = err == QM_OK ? head->size >> (8 * t->level) : 0;
    if (err == QM_OK && t->n * QM_TILE_WIDTH + t->width > nodes)
        err = QM_E_NOT_FOUND;
    if (err == QM_OK)
        tile_read(t);
    else
        qm_call_problem(c, err);
}

/* level NULL: entries. */
static void tile_answer(struct qm_call *c, const char *level, const char *path)
{
    int tree;
    struct tile *t = calloc(1, sizeof *t);
    if (!t) {
        qm_call_problem(c, QM_E_NOMEM);
        return;
    }
    c->state = t;
    c->state_free = free;
    t->c = c;
    t->entries = level == NULL;
    if (qm_log_path_read(c->arg[0], &t->county, &tree) != QM_OK ||
        (level && qm_tile_level_read(level, &t->level) != QM_OK) ||
        qm_tile_path_read(path, &t->n, &t->width) != QM_OK)
        qm_call_problem(c, QM_E_NOT_FOUND);
    else if (tree == 0)
        tile_read(t);
    else
        qm_tlog_head(c->edge->tlog, t->county, tree, on_named_head, c);
}

void qm_api_tile(struct qm_call *c)
{
    tile_answer(c, c->arg[1], c->arg[2]);
}

/* ---- auditors ---- */

bool qm_log_may_audit(const struct qm_call *c)
{
    int county, tree;
    char code[16];
    if (qm_log_path_read(c->arg[0], &county, &tree) != QM_OK || county != c->caller.county)
        return false;
    snprintf(code, sizeof code, "%06d", county);
    return strcmp(c->caller.prefix, code) == 0;
}

void qm_api_entries(struct qm_call *c)
{
    if (qm_log_may_audit(c))
        tile_answer(c, NULL, c->arg[1]);
    else
        qm_call_problem(c, QM_E_FORBIDDEN);
}

static void on_lines(void *ctx, qm_err err, struct qm_buf *bytes)
{
    /* A rejected line's E goes after 30 days, so this is not for ever. */
    answer(ctx, err, bytes, "text/plain; charset=utf-8", fresh);
}

void qm_api_batch(struct qm_call *c)
{
    int64_t idx;
    if (!qm_log_may_audit(c))
        qm_call_problem(c, QM_E_FORBIDDEN);
    else if (qm_dec_read(c->arg[1], strlen(c->arg[1]), QM_INT_MAX, &idx) != QM_OK)
        qm_call_problem(c, QM_E_NOT_FOUND);
    else
        qm_tlog_batch(c->edge->tlog, c->caller.county, idx, on_lines, c);
}

/* ---- objects: open ones for everybody, closed ones for auditors ---- */

enum { ANY_ROLE = 0x1ff };

/* An object in parts, as a stream. */
struct object {
    struct qm_pump pump; /* first: see pump.h */
    struct qm_hash sha256;
    int county, parts, next;
};

static void on_part(void *ctx, qm_err err, struct qm_buf *bytes)
{
    struct object *o = ctx;
    o->next++;
    qm_pump_give(&o->pump, err, bytes, o->next == o->parts);
}

static void next_part(struct qm_pump *p)
{
    struct object *o = (struct object *)p;
    qm_tlog_object_part(p->c->edge->tlog, o->county, &o->sha256, o->next, on_part, o);
}

static void on_object(void *ctx, qm_err err, struct qm_buf *bytes, int parts)
{
    struct qm_call *c = ctx;
    bool json = bytes->len > 0 && (bytes->p[0] == '{' || bytes->p[0] == '[');
    bool with_token = c->caller.role != 0;
    if (err == QM_E_FORBIDDEN && !with_token)
        err = QM_E_UNKNOWN_KEY;
    if (err == QM_OK && parts > 0) {
        struct object *o = c->state;
        o->parts = parts;
        qm_pump_start(&o->pump, c, "text/plain; charset=utf-8", private_for_ever, next_part);
        return;
    }
    answer(c, err, bytes, json ? "application/json" : "text/plain; charset=utf-8",
           with_token ? private_for_ever : for_ever);
}

static void object_read(struct qm_call *c)
{
    int tree;
    struct object *o = calloc(1, sizeof *o);
    if (!o) {
        qm_call_problem(c, QM_E_NOMEM);
        return;
    }
    c->state = o;
    c->state_free = free;
    bool closed = (c->caller.role == QM_ROLE_AUDITOR || c->caller.role == QM_ROLE_ADMIN) &&
                  qm_log_may_audit(c);
    if (qm_log_path_read(c->arg[0], &o->county, &tree) != QM_OK ||
        qm_hex_read(c->arg[1], strlen(c->arg[1]), o->sha256.b, QM_HASH_BYTES) != QM_OK)
        qm_call_problem(c, QM_E_NOT_FOUND);
    else
        qm_tlog_object(c->edge->tlog, o->county, &o->sha256, closed, on_object, c);
}

void qm_api_object(struct qm_call *c)
{
    if (qm_http_header(c->req, "Authorization"))
        qm_auth_token(c, ANY_ROLE, object_read);
    else
        object_read(c);
}
