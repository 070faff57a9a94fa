/* changes.c - floor 3: collecting a device's difference; see changes.h.
 * Failure: the step that fails ends it with its code, and no line is given.
 */
#include "domain/changes.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "domain/answer.h"
#include "domain/changes_text.h"

enum { SETTINGS_MAX_BYTES = 4 * 1024 * 1024 };

struct get {
    struct qm_changes_deps d;
    char account[QM_ACCOUNT_MAX_BYTES + 1];
    bool has_cursor;
    struct qm_cursor cursor;
    struct qm_changes c;
    struct qm_buf settings, text;
    int64_t settings_rows;
    qm_err err;
    qm_changes_done done;
    void *ctx;
};

static void get_end(struct get *g, qm_err err)
{
    g->done(g->ctx, err, &g->text);
    qm_changes_free(&g->c);
    qm_buf_free(&g->settings);
    qm_buf_wipe(&g->text);
    free(g);
}

/* ---- the text ---- */

static void text_work(void *ctx)
{
    struct get *g = ctx;
    g->err = qm_changes_text(&g->c, g->d.seal, g->d.host, &g->settings, g->settings_rows, &g->text);
}

static void text_done(void *ctx)
{
    struct get *g = ctx;
    get_end(g, g->err);
}

/* ---- texts and targets ---- */

static void on_settings(void *ctx, const struct qm_pg_answer *a)
{
    struct get *g = ctx;
    qm_err e = qm_answer_err(a, "settings_since");
    for (int i = 0; e == QM_OK && i < qm_pg_rows(a->result); i++) {
        size_t len;
        const uint8_t *body = qm_pg_get_bytes(a->result, i, 1, &len);
        e = g->d.setting_lines(qm_pg_get_text(a->result, i, 0), (const char *)body, len,
                               &g->settings, &g->settings_rows);
    }
    if (e == QM_OK)
        e = qm_pool_run(g->d.pool, text_work, text_done, g);
    if (e != QM_OK)
        get_end(g, e);
}

static void settings_step(struct get *g)
{
    struct qm_pg_params *p = qm_pg_params_new();
    if (p) {
        qm_pg_int4(p, g->c.county);
        qm_pg_int8(p, g->c.full ? 0 : g->cursor.size);
    }
    qm_err e = p ? qm_pg_submit(g->d.pg, "settings_since", p, 0, on_settings, g) : QM_E_NOMEM;
    if (e != QM_OK)
        get_end(g, e);
}

/* ---- rows ---- */

enum {
    COL_T,
    COL_A,
    COL_B,
    COL_GRID,
    COL_PLACE,
    COL_STATUS,
    COL_FLAGS,
    COL_DOOR,
    COL_PLEDGE,
    COL_APP,
    COL_ALERTS,
    COL_BORN,
    COL_S1,
    COL_S2,
    COL_X1,
    COL_X2,
    COL_X3,
    COL_GROUPS,
    COL_N
};

struct rows {
    struct qm_changes *c;
    const struct qm_pg_result *r;
    int at;
};

static int number(const struct rows *q, int col)
{
    return qm_pg_is_null(q->r, q->at, col) ? 0 : (int)qm_pg_get_int(q->r, q->at, col);
}

static void id_take(const struct rows *q, int col, uint8_t out[QM_ID_BYTES])
{
    size_t len = 0;
    const uint8_t *v =
        qm_pg_is_null(q->r, q->at, col) ? NULL : qm_pg_get_bytes(q->r, q->at, col, &len);
    if (v && len == QM_ID_BYTES)
        memcpy(out, v, len);
}

static struct qm_piece piece_take(const struct rows *q, int col)
{
    struct qm_piece p = {.at = q->c->bytes.len};
    if (qm_pg_is_null(q->r, q->at, col))
        return p;
    const uint8_t *v = qm_pg_get_bytes(q->r, q->at, col, &p.len);
    qm_buf_add(&q->c->bytes, v, p.len);
    return p;
}

static struct qm_piece groups_take(const struct rows *q)
{
    struct qm_piece p = {.at = q->c->bytes.len};
    size_t at = 0, len;
    const uint8_t *v;
    while (!qm_pg_is_null(q->r, q->at, COL_GROUPS) &&
           qm_pg_get_next(q->r, q->at, COL_GROUPS, &at, &v, &len)) {
        if (!v || len == 0)
            continue;
        qm_buf_add(&q->c->bytes, v, len);
        qm_buf_add(&q->c->bytes, "", 1);
    }
    p.len = q->c->bytes.len - p.at;
    return p;
}

static bool type_read(const char *t, enum qm_change_type *type)
{
    static const char *const words[] = {"household", "resident", "gone",      "gone_resident",
                                        "want",      "verdict",  "directive", "evidence"};
    for (int i = 0; i < (int)(sizeof words / sizeof *words); i++)
        if (strcmp(t, words[i]) == 0) {
            *type = (enum qm_change_type)i;
            return true;
        }
    return false;
}

static void row_take(const struct rows *q, enum qm_change_type type)
{
    struct qm_change *r = &q->c->row[q->c->n++];
    *r = (struct qm_change){.type = type,
                            .place = number(q, COL_PLACE),
                            .status = number(q, COL_STATUS),
                            .flags = number(q, COL_FLAGS),
                            .door = number(q, COL_DOOR),
                            .pledge = number(q, COL_PLEDGE),
                            .app = number(q, COL_APP),
                            .alerts = number(q, COL_ALERTS),
                            .has_born = !qm_pg_is_null(q->r, q->at, COL_BORN)};
    if (!qm_pg_is_null(q->r, q->at, COL_GRID))
        r->grid = qm_pg_get_int(q->r, q->at, COL_GRID);
    if (!qm_pg_is_null(q->r, q->at, COL_N))
        r->at_ms = qm_pg_get_int(q->r, q->at, COL_N);
    r->born_day = number(q, COL_BORN);
    id_take(q, COL_A, r->a);
    id_take(q, COL_B, r->b);
    r->s1 = piece_take(q, COL_S1);
    r->s2 = piece_take(q, COL_S2);
    r->x1 = piece_take(q, COL_X1);
    r->x2 = piece_take(q, COL_X2);
    r->x3 = piece_take(q, COL_X3);
    r->groups = groups_take(q);
}

static qm_err rows_take(struct get *g, const struct qm_pg_result *r)
{
    struct rows q = {.c = &g->c, .r = r};
    int n = qm_pg_rows(r);
    if (n == 0 || strcmp(qm_pg_get_text(r, 0, COL_T), "head") != 0)
        return QM_E_INTERNAL;
    g->c.size = qm_pg_get_int(r, 0, COL_GRID);
    g->c.tree = number(&q, COL_PLACE);
    g->c.full = !g->has_cursor || number(&q, COL_FLAGS) == 1;
    g->c.revision = qm_pg_get_int(r, 0, COL_N);
    g->c.row = calloc((size_t)n, sizeof *g->c.row);
    if (!g->c.row)
        return QM_E_NOMEM;
    for (q.at = 1; q.at < n; q.at++) {
        const char *t = qm_pg_get_text(r, q.at, COL_T);
        enum qm_change_type type;
        if (strcmp(t, "grid") == 0 && g->c.grids < QM_CURSOR_GRIDS_MAX)
            g->c.grid[g->c.grids++] = qm_pg_get_int(r, q.at, COL_GRID);
        else if (type_read(t, &type))
            row_take(&q, type);
    }
    return g->c.bytes.err;
}

static void changes_step(struct get *g);

static void on_changes(void *ctx, const struct qm_pg_answer *a)
{
    struct get *g = ctx;
    qm_err e = a->err == QM_OK ? rows_take(g, a->result) : qm_answer_err(a, "changes");
    if (e != QM_OK) {
        get_end(g, e);
        return;
    }
    if (g->has_cursor && g->cursor.tree != g->c.tree) {
        /* The log goes on under another name: revisions of the old one mean nothing here. */
        g->has_cursor = false;
        qm_changes_free(&g->c);
        g->c.n = g->c.grids = 0;
        qm_buf_init(&g->c.bytes, QM_CHANGES_MAX_BYTES);
        changes_step(g);
        return;
    }
    settings_step(g);
}

static void changes_step(struct get *g)
{
    struct qm_pg_params *p = qm_pg_params_new();
    if (p) {
        qm_pg_int4(p, g->c.county);
        qm_pg_text(p, g->account, strlen(g->account));
        qm_pg_int8(p, g->has_cursor ? g->cursor.revision : -1);
        qm_pg_array_begin(p, QM_PG_INT8);
        for (size_t i = 0; g->has_cursor && i < g->cursor.grids; i++)
            qm_pg_array_int(p, g->cursor.grid[i]);
        qm_pg_array_end(p);
    }
    qm_err e = p ? qm_pg_submit(g->d.pg, "changes", p, 0, on_changes, g) : QM_E_NOMEM;
    if (e != QM_OK)
        get_end(g, e);
}

void qm_changes_get(const struct qm_changes_deps *deps, int county, const char *account,
                    const char *since, qm_changes_done done, void *ctx)
{
    struct get *g = calloc(1, sizeof *g);
    if (!g) {
        struct qm_buf none;
        qm_buf_init(&none, 0);
        done(ctx, QM_E_NOMEM, &none);
        return;
    }
    *g = (struct get){.d = *deps, .done = done, .ctx = ctx};
    strncpy(g->account, account, QM_ACCOUNT_MAX_BYTES);
    g->c.county = county;
    g->c.now_ms = qm_clock_ms();
    g->has_cursor = *since && qm_cursor_read(since, county, &g->cursor) == QM_OK;
    qm_buf_init(&g->c.bytes, QM_CHANGES_MAX_BYTES);
    qm_buf_init(&g->settings, SETTINGS_MAX_BYTES);
    qm_buf_init(&g->text, QM_CHANGES_MAX_BYTES);
    changes_step(g);
}
