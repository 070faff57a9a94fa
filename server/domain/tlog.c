/* tlog.c - floor 3: keys, signatures and the guard of the logs; see tlog.h.
 *
 * Happy path: guard passes, the row is signed, the note is kept until a newer one comes, and the
 * largest one is written to the state folder once a second.
 * Failure: a head behind what was signed, or a state file that cannot be read, stops the county:
 * counted in a metric, logged with what to do, looked at again with each request.
 */
#include "domain/tlog.h"

#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/metrics.h"
#include "domain/answer.h"
#include "domain/tlog_seen.h"

enum { CHAINS = 256 };

struct county {
    struct county *next;
    int county;
    bool loaded, stopped;
    bool checked;
    uint64_t checked_at; /* reconnects of the pool when it was checked */
    struct qm_seen seen;
    bool dirty, saving;
    int key_tree; /* 0: no key derived yet */
    uint8_t seed[QM_SEED_BYTES];
    struct qm_vkey vkey;
    struct qm_tlog_head last; /* what last_note is of */
    struct qm_buf last_note;
};
struct qm_tlog {
    struct qm_tlog_config cfg;
    struct county *chain[CHAINS];
};

qm_err qm_tlog_new(const struct qm_tlog_config *cfg, struct qm_tlog **out)
{
    struct qm_tlog *t = calloc(1, sizeof *t);
    if (!t)
        return QM_E_NOMEM;
    t->cfg = *cfg;
    *out = t;
    return QM_OK;
}

void qm_tlog_free(struct qm_tlog *t)
{
    for (int i = 0; t && i < CHAINS; i++)
        while (t->chain[i]) {
            struct county *c = t->chain[i];
            t->chain[i] = c->next;
            qm_buf_free(&c->last_note);
            explicit_bzero(c->seed, sizeof c->seed);
            free(c);
        }
    free(t);
}

struct qm_pg *qm_tlog_pg(const struct qm_tlog *t)
{
    return t->cfg.pg;
}

static void stop_county(struct county *c, int64_t head_size, const char *why)
{
    if (!c->stopped) {
        qm_metric_add(QM_M_LOG_STOPPED, 1);
        qm_log(QM_LOG_ERROR, "log-stopped", "county", QM_LI(c->county), "why", QM_LS(why),
               "signed_size", QM_LI(c->seen.size), "head_size", QM_LI(head_size), "todo",
               QM_LS("bring the newer database back, or run: qiaomend admin log continue"), NULL);
    }
    c->stopped = true;
    c->checked = false;
}

static void go_on(struct county *c)
{
    if (c->stopped) {
        qm_metric_add(QM_M_LOG_STOPPED, -1);
        qm_log(QM_LOG_INFO, "log-goes-on", "county", QM_LI(c->county), NULL);
    }
    c->stopped = false;
}

static struct county *county_get(struct qm_tlog *t, int county)
{
    struct county **at = &t->chain[county % CHAINS];
    while (*at && (*at)->county != county)
        at = &(*at)->next;
    if (*at)
        return *at;
    struct county *c = calloc(1, sizeof *c);
    if (!c)
        return NULL;
    c->county = county;
    qm_buf_init(&c->last_note, QM_SEEN_NOTE_MAX_BYTES - 1);
    return *at = c;
}

static uint64_t reconnects(const struct qm_tlog *t)
{
    struct qm_pg_stats s;
    qm_pg_stats_get(t->cfg.pg, &s);
    return s.reconnects;
}

/* ---- signing ---- */

static qm_err key_get(struct qm_tlog *t, struct county *c, int tree)
{
    if (c->key_tree == tree)
        return QM_OK;
    c->key_tree = 0;
    qm_err e = qm_seal_log_key(t->cfg.seal, t->cfg.host, c->county, tree, c->seed, &c->vkey);
    if (e == QM_OK)
        c->key_tree = tree;
    return e;
}

static void seen_raise(struct county *c)
{
    const struct qm_tlog_head *h = &c->last;
    if (h->tree < c->seen.tree || (h->tree == c->seen.tree && h->size <= c->seen.size))
        return;
    c->seen.tree = h->tree;
    c->seen.size = h->size;
    c->seen.root = h->root;
    c->seen.note_len = c->last_note.len;
    memcpy(c->seen.note, c->last_note.p, c->last_note.len);
    c->dirty = true;
}

static bool same_head(const struct qm_tlog_head *a, const struct qm_tlog_head *b)
{
    return a->tree == b->tree && a->size == b->size &&
           memcmp(a->root.b, b->root.b, QM_HASH_BYTES) == 0;
}

static qm_err sign_now(struct qm_tlog *t, struct county *c, const struct qm_tlog_head *head)
{
    if (c->last_note.len > 0 && same_head(&c->last, head))
        return QM_OK;
    qm_err e = key_get(t, c, head->tree);
    if (e != QM_OK)
        return e;
    struct qm_checkpoint cp = {.size = (uint64_t)head->size, .root = head->root};
    struct qm_buf text;
    qm_buf_init(&text, QM_SEEN_NOTE_MAX_BYTES);
    qm_buf_reset(&c->last_note);
    e = qm_log_origin(t->cfg.host, c->county, head->tree, cp.origin);
    if (e == QM_OK)
        e = qm_checkpoint_write(&cp, &text);
    if (e == QM_OK)
        e = qm_note_sign((const char *)text.p, text.len, &c->vkey, qm_sign_with_seed, c->seed,
                         &c->last_note);
    qm_buf_free(&text);
    if (e == QM_OK) {
        c->last = *head;
        seen_raise(c);
    } else {
        qm_buf_reset(&c->last_note);
    }
    return e;
}

/* ---- the guard ---- */

/* What was signed when the question was sent: until the answer another one may have let a newer
 * head be signed, and this answer says nothing about that. */
struct ask {
    struct qm_tlog *t;
    struct county *c;
    uint64_t reconnects;
    int tree;
    int64_t size;
    struct qm_hash root;
    qm_tlog_done done;
    void *ctx;
};

static void ask_end(struct ask *a, qm_err err)
{
    a->done(a->ctx, err);
    free(a);
}

/* Columns: tree, size, and tree and root of the checkpoint row at the size that was signed. */
static void on_guard(void *ctx, const struct qm_pg_answer *answer)
{
    struct ask *a = ctx;
    struct county *c = a->c;
    if (answer->err != QM_OK) {
        ask_end(a, qm_answer_err(answer, "log_guard"));
        return;
    }
    const struct qm_pg_result *r = answer->result;
    if (qm_pg_rows(r) != 1) {
        /* Only a county that was never signed for may be absent. */
        if (a->tree > 0)
            stop_county(c, 0, "the county is not in the database");
        ask_end(a, c->stopped ? QM_E_LOG_STOPPED : QM_E_NOT_FOUND);
        return;
    }
    int tree = (int)qm_pg_get_int(r, 0, 0);
    size_t len = 0;
    const uint8_t *root = qm_pg_is_null(r, 0, 2) ? NULL : qm_pg_get_bytes(r, 0, 2, &len);
    bool holds =
        a->tree == 0 || tree > a->tree ||
        (tree == a->tree && root && len == QM_HASH_BYTES && memcmp(root, a->root.b, len) == 0);
    if (!holds) {
        stop_county(c, qm_pg_get_int(r, 0, 1), "the database is behind what was signed");
        ask_end(a, QM_E_LOG_STOPPED);
        return;
    }
    go_on(c);
    c->checked = true;
    c->checked_at = a->reconnects;
    ask_end(a, QM_OK);
}

static qm_err seen_get(struct qm_tlog *t, struct county *c)
{
    if (c->loaded)
        return QM_OK;
    qm_err e = qm_seen_load(t->cfg.state_dir, t->cfg.host, c->county, &c->seen);
    if (e != QM_OK) {
        stop_county(c, -1, "the file of the signed checkpoint cannot be read");
        return QM_E_LOG_STOPPED;
    }
    c->loaded = true;
    return QM_OK;
}

static void guard_ask(struct qm_tlog *t, struct county *c, qm_tlog_done done, void *ctx)
{
    qm_err e = seen_get(t, c);
    struct ask *a = e == QM_OK ? calloc(1, sizeof *a) : NULL;
    struct qm_pg_params *p = a ? qm_pg_params_new() : NULL;
    if (e == QM_OK && !p)
        e = QM_E_NOMEM;
    if (e == QM_OK) {
        *a = (struct ask){.t = t,
                          .c = c,
                          .reconnects = reconnects(t),
                          .tree = c->seen.tree,
                          .size = c->seen.size,
                          .root = c->seen.root,
                          .done = done,
                          .ctx = ctx};
        qm_pg_int4(p, c->county);
        qm_pg_int8(p, a->size);
        e = qm_pg_submit(t->cfg.pg, "log_guard", p, 0, on_guard, a);
    }
    if (e != QM_OK) {
        free(a);
        done(ctx, e);
    }
}

static bool is_checked(const struct qm_tlog *t, const struct county *c)
{
    return c->checked && !c->stopped && c->checked_at == reconnects(t);
}

void qm_tlog_guard(struct qm_tlog *t, int county, qm_tlog_done done, void *ctx)
{
    struct county *c = county_get(t, county);
    if (!c)
        done(ctx, QM_E_NOMEM);
    else if (is_checked(t, c))
        done(ctx, QM_OK);
    else
        guard_ask(t, c, done, ctx);
}

qm_err qm_tlog_submit(struct qm_tlog *t, int county, const char *statement,
                      struct qm_pg_params *params, qm_pg_done done, void *ctx)
{
    const struct county *c = county_get(t, county);
    if (c && is_checked(t, c))
        return qm_pg_submit_to(t->cfg.pg, c->checked_at, statement, params, 0, done, ctx);
    qm_pg_params_free(params);
    return c ? QM_E_OVERLOAD : QM_E_NOMEM;
}

/* A head that is not above what was signed, and not the same: either it was read before the other
 * one was committed, or the database went back. */
static bool is_behind(const struct county *c, const struct qm_tlog_head *h)
{
    if (h->tree != c->seen.tree || h->size > c->seen.size)
        return false;
    return h->size < c->seen.size || memcmp(h->root.b, c->seen.root.b, QM_HASH_BYTES) != 0;
}

struct sign {
    struct qm_tlog *t;
    struct county *c;
    struct qm_tlog_head head;
    qm_tlog_signed done;
    void *ctx;
};

static void sign_answer(struct qm_tlog *t, struct county *c, const struct qm_tlog_head *head,
                        qm_tlog_signed done, void *ctx)
{
    qm_err e = sign_now(t, c, head);
    done(ctx, e, e == QM_OK ? (const char *)c->last_note.p : NULL, c->last_note.len);
}

static void on_guarded(void *ctx, qm_err err)
{
    struct sign *s = ctx;
    if (err == QM_OK)
        sign_answer(s->t, s->c, &s->head, s->done, s->ctx);
    else
        s->done(s->ctx, err, NULL, 0);
    free(s);
}

void qm_tlog_sign(struct qm_tlog *t, const struct qm_tlog_head *head, qm_tlog_signed done,
                  void *ctx)
{
    struct county *c = county_get(t, head->county);
    if (c && is_checked(t, c) && !is_behind(c, head)) {
        sign_answer(t, c, head, done, ctx);
        return;
    }
    struct sign *s = c ? calloc(1, sizeof *s) : NULL;
    if (!s) {
        done(ctx, QM_E_NOMEM, NULL, 0);
        return;
    }
    *s = (struct sign){.t = t, .c = c, .head = *head, .done = done, .ctx = ctx};
    guard_ask(t, c, on_guarded, s);
}

qm_err qm_tlog_vkey(const struct qm_tlog *t, int county, int tree, struct qm_buf *out)
{
    uint8_t seed[QM_SEED_BYTES];
    struct qm_vkey vkey;
    qm_err e = qm_seal_log_key(t->cfg.seal, t->cfg.host, county, tree, seed, &vkey);
    explicit_bzero(seed, sizeof seed);
    return e == QM_OK ? qm_vkey_write(&vkey, out) : e;
}

/* ---- the state folder ---- */

struct save {
    struct qm_tlog *t;
    struct county *c;
    int county;
    char note[QM_SEEN_NOTE_MAX_BYTES];
    size_t len;
    qm_err err;
};

static void save_work(void *ctx)
{
    struct save *s = ctx;
    s->err = qm_seen_save(s->t->cfg.state_dir, s->county, s->note, s->len);
}

static void save_note(struct county *c, qm_err err)
{
    if (err == QM_OK)
        return;
    c->dirty = true;
    qm_log(QM_LOG_ERROR, "checkpoint-not-saved", "county", QM_LI(c->county), "todo",
           QM_LS("look at the state folder: full, or not writable"), NULL);
}

static void save_done(void *ctx)
{
    struct save *s = ctx;
    s->c->saving = false;
    save_note(s->c, s->err);
    free(s);
}

static void save_start(struct qm_tlog *t, struct county *c)
{
    struct save *s = calloc(1, sizeof *s);
    if (!s)
        return;
    s->t = t;
    s->c = c;
    s->county = c->county;
    s->len = c->seen.note_len;
    memcpy(s->note, c->seen.note, s->len);
    if (qm_pool_run(t->cfg.pool, save_work, save_done, s) != QM_OK) {
        free(s); /* stays dirty: the next second tries again */
        return;
    }
    c->saving = true;
    c->dirty = false;
}

void qm_tlog_flush(struct qm_tlog *t)
{
    for (int i = 0; i < CHAINS; i++)
        for (struct county *c = t->chain[i]; c; c = c->next)
            if (c->dirty && !c->saving)
                save_start(t, c);
}

void qm_tlog_flush_now(struct qm_tlog *t)
{
    for (int i = 0; i < CHAINS; i++)
        for (struct county *c = t->chain[i]; c; c = c->next)
            if (c->dirty) {
                c->dirty = false;
                save_note(
                    c, qm_seen_save(t->cfg.state_dir, c->county, c->seen.note, c->seen.note_len));
            }
}
