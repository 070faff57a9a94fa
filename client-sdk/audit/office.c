/* office.c - floor 2, inside audit: decide, erase, blob, signoff and roster entries.
 *
 * Happy path: sorted lines in the contract's form; each leaves a record for judge.c or bulletin.c.
 * Failure: findings for a form that is not the contract's; the rest of such an entry is not read.
 */
#include <stdlib.h>
#include <string.h>

#include "audit/inside.h"

/* ---- lists ---- */

qm_err qm_au_decide_line(struct qm_au *a, int64_t idx, struct qm_text line)
{
    struct qm_au_id r = {.tag = QM_AU_DECIDE, .idx = idx};
    struct qm_text id;
    bool in = qm_au_take(&line, "in ");
    if ((!in && !qm_au_take(&line, "out ")) || !qm_au_until(&line, ' ', &id) ||
        qm_uuid_read(id.p, id.len, 7, r.id) != QM_OK || !qm_code_ok(line.p, line.len))
        return QM_E_MALFORMED;
    r.code = in;
    return qm_au_spool_put(&a->ids, r.id, &r);
}

static qm_err erase_line(struct qm_au *a, int64_t idx, struct qm_text line)
{
    struct qm_au_id r = {.tag = QM_AU_ERASE, .idx = idx};
    uint8_t subject[QM_ID_BYTES];
    if (qm_pseudonym_read(line.p, line.len, subject) == QM_OK)
        return QM_OK;
    if (qm_uuid_read(line.p, line.len, 7, r.id) != QM_OK)
        return QM_E_MALFORMED;
    return qm_au_spool_put(&a->ids, r.id, &r);
}

qm_err qm_au_blob_line(struct qm_au *a, int64_t idx, struct qm_text line)
{
    struct qm_au_picture p = {.idx = idx, .listed = true};
    if (!qm_au_hash_hex(line, &p.sha))
        return QM_E_MALFORMED;
    return qm_au_spool_put(&a->pictures, p.sha.b, &p);
}

static int text_order(struct qm_text x, struct qm_text y)
{
    int c = memcmp(x.p, y.p, x.len < y.len ? x.len : y.len);
    return c != 0 ? c : (x.len > y.len) - (x.len < y.len);
}

static bool same_event(struct qm_text x, struct qm_text y)
{
    (void)(qm_au_take(&x, "in ") || qm_au_take(&x, "out "));
    (void)(qm_au_take(&y, "in ") || qm_au_take(&y, "out "));
    return x.len > QM_UUID_CHARS && y.len > QM_UUID_CHARS && memcmp(x.p, y.p, QM_UUID_CHARS) == 0;
}

/* `in` and `out` lines are sorted apart, so an event that has both stands in two places.  An entry
 * has at most some 1,500 lines. */
static bool decided_twice(const struct qm_text *whole)
{
    struct qm_text t = *whole, x, y;
    while (qm_au_until(&t, '\n', &x)) {
        struct qm_text rest = t;
        while (qm_au_until(&rest, '\n', &y)) {
            if (same_event(x, y))
                return true;
        }
    }
    return false;
}

static qm_err list_look(struct qm_au *a, int64_t idx, struct qm_text t, const char *fault,
                        qm_err (*take)(struct qm_au *, int64_t, struct qm_text))
{
    struct qm_text line, last = {NULL, 0};
    while (qm_au_until(&t, '\n', &line)) {
        bool rises = last.p == NULL || text_order(last, line) < 0;
        qm_err e = rises ? take(a, idx, line) : QM_E_MALFORMED;
        if (e == QM_E_MALFORMED)
            qm_au_say(a, fault, idx, NULL, "%.*s", line.len < 120 ? (int)line.len : 120, line.p);
        if (e != QM_OK)
            return e == QM_E_MALFORMED ? QM_OK : e;
        last = line;
    }
    return QM_OK;
}

/* ---- signoff/v1 and roster/v1 ---- */

static bool number_line(struct qm_text *t, const char *word, int64_t *out)
{
    struct qm_text line;
    return qm_au_take(t, word) && qm_au_until(t, '\n', &line) &&
           qm_dec_read(line.p, line.len, INT64_MAX, out) == QM_OK;
}

static bool period_line(struct qm_text *t, char out[QM_PERIOD_MAX_BYTES + 1],
                        struct qm_period *span)
{
    struct qm_text line;
    if (!qm_au_take(t, "period ") || !qm_au_until(t, '\n', &line) ||
        line.len > QM_PERIOD_MAX_BYTES || qm_period_read(line.p, line.len, span) != QM_OK)
        return false;
    memcpy(out, line.p, line.len);
    return true;
}

static bool hash_line(struct qm_text *t, struct qm_hash *out)
{
    struct qm_text line;
    return qm_au_take(t, "sha256:") && qm_au_until(t, '\n', &line) && t->len == 0 &&
           qm_au_hash_hex(line, out);
}

static qm_err signoff_look(struct qm_au *a, int64_t idx, const struct qm_entry *e)
{
    struct qm_au_signoff s;
    struct qm_text t = e->payload;
    struct qm_period span;
    int64_t to = 0;
    memset(&s, 0, sizeof s);
    s.idx = idx;
    if (e->scope.len != 12 || qm_dec_read(e->scope.p, 12, QM_INT_MAX, &s.village) != QM_OK ||
        !period_line(&t, s.period, &span) || !number_line(&t, "to ", &to) || to > idx ||
        !hash_line(&t, &s.sha)) {
        qm_au_say(a, "signoff-form", idx, NULL, "signoff/v1");
        return QM_OK;
    }
    return qm_au_file_add(&a->signoffs, &s);
}

static qm_err roster_look(struct qm_au *a, int64_t idx, const struct qm_entry *e)
{
    struct qm_text t = e->payload, line;
    struct qm_period span;
    struct qm_au_roster *r = qm_au_push(&a->roster, &a->rosters, sizeof *a->roster);
    if (r == NULL)
        return QM_E_NOMEM;
    r->idx = idx;
    if (e->scope.len >= sizeof r->scope || !period_line(&t, r->period, &span) ||
        !number_line(&t, "to ", &r->to) || !qm_au_take(&t, "day ") ||
        !qm_au_until(&t, '\n', &line) || qm_day_read(line.p, line.len, &r->day) != QM_OK ||
        !hash_line(&t, &r->sha) || r->to > idx) {
        qm_au_say(a, "roster-form", idx, NULL, "roster/v1");
        a->rosters--;
        return QM_OK;
    }
    memcpy(r->scope, e->scope.p, e->scope.len);
    if (r->day != span.last_day)
        qm_au_say(a, "roster-day", idx, NULL, "%s", r->period);
    return QM_OK;
}

/* ---- all of them ---- */

qm_err qm_au_office_entry(struct qm_au *a, int64_t idx, const struct qm_entry *e)
{
    switch (e->type) {
    case QM_ENTRY_DECIDE:
        if (decided_twice(&e->payload))
            qm_au_say(a, "decide-form", idx, NULL, "twice");
        return list_look(a, idx, e->payload, "decide-form", qm_au_decide_line);
    case QM_ENTRY_ERASE:
        return list_look(a, idx, e->payload, "erase-form", erase_line);
    case QM_ENTRY_BLOB:
        return list_look(a, idx, e->payload, "blob-form", qm_au_blob_line);
    case QM_ENTRY_SIGNOFF:
        return signoff_look(a, idx, e);
    case QM_ENTRY_ROSTER:
        return roster_look(a, idx, e);
    default:
        return QM_E_INVALID;
    }
}

void qm_au_office_free(struct qm_au *a)
{
    free(a->restart);
    free(a->log_key);
    free(a->setting);
    free(a->roster);
}
