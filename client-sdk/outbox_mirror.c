/* outbox_mirror.c - floor 1: taking in what the office knows, and what this device just made.
 *
 * Happy path: the caller opens a transaction, starts an answer, puts its rows, ends it with the new
 * cursor, commits: a mirror is always one whole answer further or not at all.
 * Failure mode: two processes fetch at once; the second finds another cursor than the one it asked
 * with and throws its answer away.
 * Names, phone numbers and days of birth are sealed in one field: strings with their NUL.
 */
#include "outbox_db.h"

#include <string.h>

enum { NAMES_MAX_BYTES = 4096 };

static qm_err seal_names(struct qm_outbox *o, const char *purpose, const uint8_t id[QM_ID_BYTES],
                         const char *const *names, size_t n, struct qm_buf *sealed)
{
    struct qm_buf plain;
    qm_buf_init(&plain, NAMES_MAX_BYTES);
    qm_buf_init(sealed, NAMES_MAX_BYTES + QM_SEAL_EXTRA_BYTES);
    for (size_t i = 0; i < n; i++) {
        const char *name = names[i] ? names[i] : "";
        qm_buf_add(&plain, name, strlen(name) + 1);
    }
    qm_err e = plain.err;
    if (e == QM_OK)
        e = qm_keys_seal(o->keys, purpose, id, QM_ID_BYTES, plain.p, plain.len, sealed);
    qm_buf_wipe(&plain);
    return e;
}

static const char *or_empty(const char *text)
{
    return text ? text : "";
}

qm_err qm_outbox_mirror_start(struct qm_outbox *o, const char *since, bool full)
{
    sqlite3_stmt *s = NULL;
    bool same = since[0] == 0;
    qm_err e = ob_prepare(o, &s, "SELECT value = ? FROM value WHERE name = 'cursor'", "t", since);
    if (e == QM_OK && (e = ob_step(o, s)) == QM_OK)
        same = sqlite3_column_int(s, 0) != 0;
    sqlite3_finalize(s);
    if (e != QM_OK && e != QM_E_NOT_FOUND)
        return e;
    if (!same)
        return QM_E_BUSY;
    e = QM_OK;
    /* Missing photos are listed anew in each answer. */
    if (e == QM_OK)
        e = ob_run(o, "DELETE FROM want", "");
    if (e != QM_OK || !full)
        return e;
    static const char *const clear[] = {
        "DELETE FROM household WHERE local = 0 OR id NOT IN"
        " (SELECT household FROM event WHERE state = 1 AND household IS NOT NULL)",
        "DELETE FROM resident WHERE local = 0 OR id NOT IN"
        " (SELECT resident FROM event WHERE state = 1 AND resident IS NOT NULL)",
        "DELETE FROM text", "DELETE FROM target"};
    for (size_t i = 0; e == QM_OK && i < sizeof clear / sizeof clear[0]; i++)
        e = ob_run(o, clear[i], "");
    return e;
}

static qm_err put_household(struct qm_outbox *o, const struct qm_household_view *h,
                            const char *conflict)
{
    char sql[400];
    uint8_t id[QM_ID_BYTES];
    if (qm_pseudonym_read(h->household, strlen(h->household), id) != QM_OK)
        return QM_E_MALFORMED;
    struct qm_buf sealed;
    const char *names[] = {h->head, h->phone};
    qm_err e = seal_names(o, "household", id, names, 2, &sealed);
    snprintf(
        sql, sizeof sql,
        "INSERT OR %s INTO household(id, grid, place, status, grp, lane, door, sealed, visited,"
        " reached, notice, pledge, door_state, local)"
        " VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        conflict);
    if (e == QM_OK)
        e = ob_run(o, sql, "bttttttbiittti", id, sizeof id, h->grid, h->place, h->status,
                   or_empty(h->group), or_empty(h->lane), or_empty(h->door), sealed.p, sealed.len,
                   (int64_t)h->visited, (int64_t)h->reached, h->notice, h->pledge, h->door_state,
                   (int64_t)h->local);
    qm_buf_free(&sealed);
    return e;
}

static qm_err put_resident(struct qm_outbox *o, const struct qm_resident_view *r,
                           const char *conflict)
{
    char sql[400];
    uint8_t id[QM_ID_BYTES], household[QM_ID_BYTES];
    if (qm_pseudonym_read(r->resident, strlen(r->resident), id) != QM_OK ||
        qm_pseudonym_read(r->household, strlen(r->household), household) != QM_OK)
        return QM_E_MALFORMED;
    struct qm_buf sealed;
    const char *names[] = {r->name, r->phone, r->born};
    qm_err e = seal_names(o, "resident", id, names, 3, &sealed);
    snprintf(sql, sizeof sql,
             "INSERT OR %s INTO resident(id, household, sealed, status, groups, app, real_name,"
             " call_alert, sms_alert, local) VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
             conflict);
    if (e == QM_OK)
        e = ob_run(o, sql, "bbbtttiiii", id, sizeof id, household, sizeof household, sealed.p,
                   sealed.len, r->status, or_empty(r->groups), r->app, (int64_t)r->real_name,
                   (int64_t)r->call_alert, (int64_t)r->sms_alert, (int64_t)r->local);
    qm_buf_free(&sealed);
    return e;
}

qm_err qm_outbox_put_household(struct qm_outbox *o, const struct qm_household_view *h)
{
    return put_household(o, h, "REPLACE");
}

qm_err qm_outbox_put_resident(struct qm_outbox *o, const struct qm_resident_view *r)
{
    return put_resident(o, r, "REPLACE");
}

qm_err qm_outbox_gone(struct qm_outbox *o, const char *household)
{
    uint8_t id[QM_ID_BYTES];
    if (qm_pseudonym_read(household, strlen(household), id) != QM_OK)
        return QM_E_MALFORMED;
    qm_err e = ob_run(o, "DELETE FROM resident WHERE household = ?", "b", id, sizeof id);
    return e == QM_OK ? ob_run(o, "DELETE FROM household WHERE id = ?", "b", id, sizeof id) : e;
}

qm_err qm_outbox_gone_resident(struct qm_outbox *o, const char *resident)
{
    uint8_t id[QM_ID_BYTES];
    if (qm_pseudonym_read(resident, strlen(resident), id) != QM_OK)
        return QM_E_MALFORMED;
    return ob_run(o, "DELETE FROM resident WHERE id = ?", "b", id, sizeof id);
}

qm_err qm_outbox_clear_texts(struct qm_outbox *o)
{
    return ob_run(o, "DELETE FROM text", "");
}

qm_err qm_outbox_clear_targets(struct qm_outbox *o)
{
    return ob_run(o, "DELETE FROM target", "");
}

qm_err qm_outbox_put_text(struct qm_outbox *o, const struct qm_text_view *t)
{
    return ob_run(o, "INSERT OR REPLACE INTO text VALUES(?, ?, ?, ?, ?)", "ttttt", t->text, t->kind,
                  t->basis, t->title, t->body);
}

qm_err qm_outbox_put_target(struct qm_outbox *o, const struct qm_target_view *t)
{
    return ob_run(o, "INSERT OR REPLACE INTO target VALUES(?, ?, ?, ?, ?)", "tttti", t->metric,
                  t->prefix, t->due, t->from, (int64_t)t->threshold_bp);
}

qm_err qm_outbox_put_want(struct qm_outbox *o, const struct qm_want_view *w)
{
    struct qm_hash sha;
    if (qm_hex_read(w->sha256, strlen(w->sha256), sha.b, sizeof sha.b) != QM_OK)
        return QM_E_MALFORMED;
    qm_err e =
        ob_run(o, "INSERT OR REPLACE INTO want VALUES(?, ?)", "bt", sha.b, sizeof sha.b, w->event);
    if (e == QM_OK)
        e = ob_run(o, "UPDATE photo SET state = 0 WHERE sha = ? AND state = 1", "b", sha.b,
                   sizeof sha.b);
    return e;
}

qm_err qm_outbox_put_verdict(struct qm_outbox *o, const char *event, bool in, const char *code)
{
    uint8_t id[QM_ID_BYTES];
    if (qm_uuid_read(event, strlen(event), 7, id) != QM_OK)
        return QM_E_MALFORMED;
    return ob_run(o, "UPDATE event SET decided = ?, decided_code = ? WHERE id = ? AND state > 1",
                  "itb", (int64_t)in, code, id, sizeof id);
}

qm_err qm_outbox_mirror_done(struct qm_outbox *o, const char *cursor)
{
    return qm_outbox_set_text(o, "cursor", cursor);
}

static qm_err local_household(struct qm_outbox *o, const struct qm_event *ev,
                              const struct qm_private *pv)
{
    struct qm_household_view h = {.status = "counted",
                                  .group = "",
                                  .lane = "",
                                  .door = pv ? pv->door : NULL,
                                  .head = pv ? pv->name : NULL,
                                  .phone = pv ? pv->phone : NULL,
                                  .notice = "none",
                                  .pledge = "none",
                                  .door_state = "none_yet",
                                  .local = true};
    qm_pseudonym_write(ev->household, h.household);
    snprintf(h.grid, sizeof h.grid, "%015lld", (long long)ev->grid);
    snprintf(h.place, sizeof h.place, "%s", or_empty(qm_word("place", ev->code)));
    return put_household(o, &h, "IGNORE");
}

static qm_err local_resident(struct qm_outbox *o, const struct qm_event *ev,
                             const struct qm_private *pv)
{
    struct qm_resident_view r = {.name = pv ? pv->name : NULL,
                                 .phone = pv ? pv->phone : NULL,
                                 .status = "counted",
                                 .groups = "",
                                 .app = "none",
                                 .local = true};
    qm_pseudonym_write(ev->resident, r.resident);
    qm_pseudonym_write(ev->household, r.household);
    if (pv && pv->has_born)
        qm_day_write(pv->born_day, r.born);
    return put_resident(o, &r, "IGNORE");
}

qm_err ob_mirror_local(struct qm_outbox *o, const struct qm_event *ev, const struct qm_private *pv)
{
    if (ev->kind == QM_HOUSEHOLD)
        return local_household(o, ev, pv);
    if (ev->kind == QM_RESIDENT && (ev->code == QM_RW_FOUND || ev->code == QM_RW_MOVED_IN))
        return local_resident(o, ev, pv);
    return QM_OK;
}
