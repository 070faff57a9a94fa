/* outbox_view.c - floor 1: reading the mirror: households, residents, texts, targets, photos asked
 * for.
 *
 * Happy path: one statement, one callback a row, names opened into a buffer that is wiped at the
 * end. Failure mode: a field that does not open ends the walk with QM_E_CORRUPT.
 */
#include "outbox_db.h"

#include <string.h>

enum { NAMES_MAX_BYTES = 4096 };

/* Splits "a\0b\0" into n strings. */
static qm_err names_of(const struct qm_buf *b, size_t n, const char **out)
{
    const char *p = (const char *)b->p, *end = p + b->len;
    for (size_t i = 0; i < n; i++) {
        const char *nul = p && p < end ? memchr(p, 0, (size_t)(end - p)) : NULL;
        if (!nul)
            return QM_E_CORRUPT;
        out[i] = p;
        p = nul + 1;
    }
    return QM_OK;
}

static qm_err household_of(struct qm_outbox *o, sqlite3_stmt *s, struct qm_buf *names,
                           struct qm_household_view *v)
{
    uint8_t id[QM_ID_BYTES];
    const char *n[2] = {"", ""};
    memset(v, 0, sizeof *v);
    qm_buf_reset(names);
    qm_err e = ob_id(s, 0, id);
    if (e == QM_OK)
        e = ob_opened(o, s, 7, "household", id, sizeof id, names);
    if (e == QM_OK)
        e = names_of(names, 2, n);
    struct {
        char *out;
        size_t size;
        int col;
    } texts[] = {{v->grid, sizeof v->grid, 1},      {v->place, sizeof v->place, 2},
                 {v->status, sizeof v->status, 3},  {v->notice, sizeof v->notice, 10},
                 {v->pledge, sizeof v->pledge, 11}, {v->door_state, sizeof v->door_state, 12}};
    for (size_t i = 0; e == QM_OK && i < sizeof texts / sizeof texts[0]; i++)
        e = ob_text(s, texts[i].col, texts[i].out, texts[i].size);
    if (e != QM_OK)
        return e;
    qm_pseudonym_write(id, v->household);
    v->group = (const char *)sqlite3_column_text(s, 4);
    v->lane = (const char *)sqlite3_column_text(s, 5);
    v->door = (const char *)sqlite3_column_text(s, 6);
    v->head = n[0];
    v->phone = n[1];
    v->visited = sqlite3_column_int(s, 8) != 0;
    v->reached = sqlite3_column_int(s, 9) != 0;
    v->local = sqlite3_column_int(s, 13) != 0;
    v->waiting = (uint32_t)sqlite3_column_int(s, 14);
    v->residents = (uint32_t)sqlite3_column_int(s, 15);
    return QM_OK;
}

qm_err qm_outbox_households(struct qm_outbox *o, const char *grid, qm_household_fn fn, void *ctx)
{
    sqlite3_stmt *s = NULL;
    struct qm_buf names;
    qm_buf_init(&names, NAMES_MAX_BYTES);
    qm_err e = ob_prepare(
        o, &s,
        "SELECT id, grid, place, status, grp, lane, door, sealed, visited, reached, notice, pledge,"
        " door_state, local,"
        " (SELECT count(*) FROM event v WHERE v.household = h.id AND v.state = 1),"
        " (SELECT count(*) FROM resident r WHERE r.household = h.id)"
        " FROM household h WHERE ?1 IS NULL OR grid = ?1 ORDER BY grid, grp, lane, door, id",
        "t", grid);
    while (e == QM_OK && (e = ob_step(o, s)) == QM_OK) {
        struct qm_household_view v;
        e = household_of(o, s, &names, &v);
        if (e == QM_OK)
            e = (qm_err)fn(ctx, &v);
    }
    sqlite3_finalize(s);
    qm_buf_wipe(&names);
    return e == QM_E_NOT_FOUND ? QM_OK : e;
}

static qm_err resident_of(struct qm_outbox *o, sqlite3_stmt *s, struct qm_buf *names,
                          struct qm_resident_view *v)
{
    uint8_t id[QM_ID_BYTES], household[QM_ID_BYTES];
    const char *n[3] = {"", "", ""};
    memset(v, 0, sizeof *v);
    qm_buf_reset(names);
    qm_err e = ob_id(s, 0, id);
    if (e == QM_OK)
        e = ob_id(s, 1, household);
    if (e == QM_OK)
        e = ob_opened(o, s, 2, "resident", id, sizeof id, names);
    if (e == QM_OK)
        e = names_of(names, 3, n);
    if (e == QM_OK)
        e = ob_text(s, 3, v->status, sizeof v->status);
    if (e == QM_OK)
        e = ob_text(s, 5, v->app, sizeof v->app);
    if (e != QM_OK)
        return e;
    qm_pseudonym_write(id, v->resident);
    qm_pseudonym_write(household, v->household);
    v->name = n[0];
    v->phone = n[1];
    snprintf(v->born, sizeof v->born, "%s", n[2]);
    v->groups = (const char *)sqlite3_column_text(s, 4);
    v->real_name = sqlite3_column_int(s, 6) != 0;
    v->call_alert = sqlite3_column_int(s, 7) != 0;
    v->sms_alert = sqlite3_column_int(s, 8) != 0;
    v->local = sqlite3_column_int(s, 9) != 0;
    v->waiting = (uint32_t)sqlite3_column_int(s, 10);
    return QM_OK;
}

qm_err qm_outbox_residents(struct qm_outbox *o, const char *household, qm_resident_fn fn, void *ctx)
{
    sqlite3_stmt *s = NULL;
    uint8_t id[QM_ID_BYTES];
    struct qm_buf names;
    if (household && qm_pseudonym_read(household, strlen(household), id) != QM_OK)
        return QM_E_INVALID;
    qm_buf_init(&names, NAMES_MAX_BYTES);
    qm_err e =
        ob_prepare(o, &s,
                   "SELECT id, household, sealed, status, groups, app, real_name, call_alert, "
                   "sms_alert, local,"
                   " (SELECT count(*) FROM event v WHERE v.resident = r.id AND v.state = 1)"
                   " FROM resident r WHERE ?1 IS NULL OR household = ?1 ORDER BY household, id",
                   "b", household ? id : NULL, sizeof id);
    while (e == QM_OK && (e = ob_step(o, s)) == QM_OK) {
        struct qm_resident_view v;
        e = resident_of(o, s, &names, &v);
        if (e == QM_OK)
            e = (qm_err)fn(ctx, &v);
    }
    sqlite3_finalize(s);
    qm_buf_wipe(&names);
    return e == QM_E_NOT_FOUND ? QM_OK : e;
}

qm_err qm_outbox_grid_of(struct qm_outbox *o, const char *household, char grid[16])
{
    sqlite3_stmt *s = NULL;
    uint8_t id[QM_ID_BYTES];
    grid[0] = 0;
    if (qm_pseudonym_read(household, strlen(household), id) != QM_OK)
        return QM_E_INVALID;
    qm_err e = ob_prepare(o, &s, "SELECT grid FROM household WHERE id = ?", "b", id, sizeof id);
    if (e == QM_OK)
        e = ob_step(o, s);
    if (e == QM_OK)
        e = ob_text(s, 0, grid, 16);
    sqlite3_finalize(s);
    return e == QM_E_NOT_FOUND ? QM_OK : e;
}

qm_err qm_outbox_grid_of_event(struct qm_outbox *o, const char *event, char grid[16])
{
    sqlite3_stmt *s = NULL;
    uint8_t id[QM_ID_BYTES];
    struct qm_event ev;
    grid[0] = 0;
    if (qm_uuid_read(event, strlen(event), 7, id) != QM_OK)
        return QM_E_INVALID;
    qm_err e = ob_prepare(o, &s, "SELECT e FROM event WHERE id = ?", "b", id, sizeof id);
    if (e == QM_OK)
        e = ob_step(o, s);
    if (e == QM_OK &&
        qm_event_read(sqlite3_column_blob(s, 0), (size_t)sqlite3_column_bytes(s, 0), &ev) != QM_OK)
        e = QM_E_CORRUPT;
    if (e == QM_OK)
        snprintf(grid, 16, "%015lld", (long long)ev.grid);
    sqlite3_finalize(s);
    return e == QM_E_NOT_FOUND ? QM_OK : e;
}

qm_err qm_outbox_newest_text(struct qm_outbox *o, const char *kind, char text[48])
{
    sqlite3_stmt *s = NULL;
    text[0] = 0;
    qm_err e = ob_prepare(o, &s, "SELECT text FROM text WHERE kind = ? ORDER BY text DESC LIMIT 1",
                          "t", kind);
    if (e == QM_OK)
        e = ob_step(o, s);
    if (e == QM_OK)
        e = ob_text(s, 0, text, 48);
    sqlite3_finalize(s);
    return e == QM_E_NOT_FOUND ? QM_OK : e;
}

qm_err qm_outbox_texts(struct qm_outbox *o, int (*fn)(void *, const struct qm_text_view *),
                       void *ctx)
{
    sqlite3_stmt *s = NULL;
    qm_err e =
        ob_prepare(o, &s, "SELECT text, kind, basis, title, body FROM text ORDER BY text", "");
    while (e == QM_OK && (e = ob_step(o, s)) == QM_OK) {
        struct qm_text_view v;
        e = ob_text(s, 0, v.text, sizeof v.text);
        if (e == QM_OK)
            e = ob_text(s, 1, v.kind, sizeof v.kind);
        if (e == QM_OK)
            e = ob_text(s, 2, v.basis, sizeof v.basis);
        v.title = (const char *)sqlite3_column_text(s, 3);
        v.body = (const char *)sqlite3_column_text(s, 4);
        if (e == QM_OK)
            e = (qm_err)fn(ctx, &v);
    }
    sqlite3_finalize(s);
    return e == QM_E_NOT_FOUND ? QM_OK : e;
}

qm_err qm_outbox_targets(struct qm_outbox *o, int (*fn)(void *, const struct qm_target_view *),
                         void *ctx)
{
    sqlite3_stmt *s = NULL;
    qm_err e = ob_prepare(
        o, &s, "SELECT metric, prefix, due, since, threshold FROM target ORDER BY due, metric", "");
    while (e == QM_OK && (e = ob_step(o, s)) == QM_OK) {
        struct qm_target_view v = {.threshold_bp = (uint32_t)sqlite3_column_int(s, 4)};
        e = ob_text(s, 0, v.metric, sizeof v.metric);
        if (e == QM_OK)
            e = ob_text(s, 1, v.prefix, sizeof v.prefix);
        if (e == QM_OK)
            e = ob_text(s, 2, v.due, sizeof v.due);
        if (e == QM_OK)
            e = ob_text(s, 3, v.from, sizeof v.from);
        if (e == QM_OK)
            e = (qm_err)fn(ctx, &v);
    }
    sqlite3_finalize(s);
    return e == QM_E_NOT_FOUND ? QM_OK : e;
}

qm_err qm_outbox_wants(struct qm_outbox *o, int (*fn)(void *, const struct qm_want_view *),
                       void *ctx)
{
    sqlite3_stmt *s = NULL;
    qm_err e = ob_prepare(o, &s,
                          "SELECT sha, event, EXISTS(SELECT 1 FROM photo p WHERE p.sha = w.sha)"
                          " FROM want w ORDER BY event, sha",
                          "");
    while (e == QM_OK && (e = ob_step(o, s)) == QM_OK) {
        struct qm_want_view v = {.here = sqlite3_column_int(s, 2) != 0};
        if (sqlite3_column_bytes(s, 0) != QM_HASH_BYTES) {
            e = QM_E_CORRUPT;
            break;
        }
        qm_hex_write(sqlite3_column_blob(s, 0), QM_HASH_BYTES, v.sha256);
        e = ob_text(s, 1, v.event, sizeof v.event);
        if (e == QM_OK)
            e = (qm_err)fn(ctx, &v);
    }
    sqlite3_finalize(s);
    return e == QM_E_NOT_FOUND ? QM_OK : e;
}
