/* client_record.c - floor 2: from the words of a host app to an event.
 *
 * Happy path: the members that the kind has are read, defaults come from the mirror, the outbox
 * numbers and stores it.
 * Failure mode: the first member at fault is named in qm_client_detail, and nothing is stored.
 */
#include "client_handle.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#define BIT(kind) (1U << (kind))
enum { /* which kinds have a member */
       K_VISIT = BIT(QM_VISIT),
       K_NOTICE = BIT(QM_NOTICE),
       K_PLEDGE = BIT(QM_PLEDGE),
       K_APP = BIT(QM_APP),
       K_HOUSEHOLD = BIT(QM_HOUSEHOLD),
       K_RESIDENT = BIT(QM_RESIDENT),
       K_VOID = BIT(QM_VOID),
       K_DOOR = K_VISIT | K_NOTICE | K_PLEDGE | K_APP,
       K_PRIVATE = K_DOOR | K_HOUSEHOLD | K_RESIDENT
};

static const struct {
    const char *name;
    size_t offset;
    unsigned kinds;
} strings[] = {{"household", offsetof(struct qm_record, household), K_PRIVATE},
               {"resident", offsetof(struct qm_record, resident), K_PLEDGE | K_APP | K_RESIDENT},
               {"target", offsetof(struct qm_record, target), K_VOID},
               {"from", offsetof(struct qm_record, from), K_HOUSEHOLD},
               {"outcome", offsetof(struct qm_record, outcome), K_VISIT},
               {"state", offsetof(struct qm_record, state), K_NOTICE | K_PLEDGE | K_APP},
               {"place", offsetof(struct qm_record, place), K_HOUSEHOLD},
               {"why", offsetof(struct qm_record, why), K_HOUSEHOLD | K_RESIDENT},
               {"text", offsetof(struct qm_record, text), K_NOTICE | K_PLEDGE},
               {"reason", offsetof(struct qm_record, reason), K_VOID},
               {"via", offsetof(struct qm_record, via), K_DOOR},
               {"near", offsetof(struct qm_record, near_), K_VISIT},
               {"done", offsetof(struct qm_record, done), K_DOOR},
               {"name", offsetof(struct qm_record, name), K_PRIVATE},
               {"phone", offsetof(struct qm_record, phone), K_PRIVATE},
               {"born", offsetof(struct qm_record, born), K_PRIVATE},
               {"door", offsetof(struct qm_record, door), K_PRIVATE},
               {"met", offsetof(struct qm_record, met), K_PRIVATE},
               {"signer", offsetof(struct qm_record, signer), K_PRIVATE},
               {"relation", offsetof(struct qm_record, relation), K_PRIVATE},
               {"note", offsetof(struct qm_record, note), K_PRIVATE}};

static qm_err at_fault(struct qm_client *c, const char *member)
{
    return qmc_fail(c, QM_E_INVALID, "%s", member);
}

static qm_err only_members_of_kind(struct qm_client *c, const struct qm_record *r, enum qm_kind k)
{
    for (size_t i = 0; i < sizeof strings / sizeof strings[0]; i++) {
        const char *const *value =
            (const char *const *)(const void *)((const char *)r + strings[i].offset);
        if (*value && !(strings[i].kinds & BIT(k)))
            return at_fault(c, strings[i].name);
    }
    if (r->secs != 0 && k != QM_VISIT)
        return at_fault(c, "secs");
    if (r->topics > 0 && k != QM_VISIT)
        return at_fault(c, "topics");
    if (r->withs > 0 && k != QM_VISIT)
        return at_fault(c, "with");
    if (r->evidences > 0 && !(BIT(k) & (K_NOTICE | K_PLEDGE | K_APP)))
        return at_fault(c, "evidence");
    if ((r->real_name || r->call_alert || r->sms_alert || r->na_call_alert || r->na_sms_alert) &&
        k != QM_APP)
        return at_fault(c, "alerts");
    return QM_OK;
}

static qm_err word(struct qm_client *c, const char *member, const char *field, const char *value,
                   int absent, int *out)
{
    *out = value ? qm_word_read(field, value) : absent;
    return *out != 0 ? QM_OK : at_fault(c, member);
}

static qm_err pseudonym(struct qm_client *c, const char *member, const char *value, bool fresh,
                        uint8_t out[QM_ID_BYTES])
{
    if (!value && fresh) {
        qm_uuid4(out);
        return QM_OK;
    }
    if (!value || qm_pseudonym_read(value, strlen(value), out) != QM_OK)
        return at_fault(c, member);
    return QM_OK;
}

static qm_err code(struct qm_client *c, const char *member, const char *value,
                   char out[QM_CODE_MAX_BYTES + 1])
{
    if (!value || !qm_code_ok(value, strlen(value)))
        return at_fault(c, member);
    snprintf(out, QM_CODE_MAX_BYTES + 1, "%s", value);
    return QM_OK;
}

/* Several households could be meant by a device with several grids: then it must be said. */
static qm_err find_grid(struct qm_client *c, const struct qm_record *r, struct qm_event *ev)
{
    char grid[16] = "", grids[64 * 16 + 1];
    qm_err e = QM_OK;
    if (r->grid) {
        if (strlen(r->grid) != 15)
            return at_fault(c, "grid");
        memcpy(grid, r->grid, sizeof grid);
    }
    if (!grid[0] && r->household)
        e = qm_outbox_grid_of(c->outbox, r->household, grid);
    if (e == QM_OK && !grid[0] && r->from)
        e = qm_outbox_grid_of(c->outbox, r->from, grid);
    if (e == QM_OK && !grid[0] && r->target)
        e = qm_outbox_grid_of_event(c->outbox, r->target, grid);
    if (e == QM_OK && !grid[0]) {
        e = qm_outbox_get_text(c->outbox, "grids", grids, sizeof grids);
        if (e == QM_OK && strlen(grids) == 15)
            memcpy(grid, grids, sizeof grid);
    }
    if (e == QM_E_INVALID)
        return at_fault(c, r->household ? "household" : "target");
    if (e != QM_OK)
        return qmc_outbox(c, e);
    return qm_grid_read(grid, strlen(grid), &ev->grid) == QM_OK ? QM_OK : at_fault(c, "grid");
}

static qm_err fill_visit(struct qm_client *c, const struct qm_record *r, struct qm_event *ev)
{
    static const struct {
        const char *name;
        unsigned bit;
    } people[] = {{"police", QM_WITH_POLICE},
                  {"village", QM_WITH_VILLAGE},
                  {"township", QM_WITH_TOWNSHIP},
                  {"helper", QM_WITH_HELPER},
                  {"volunteer", QM_WITH_VOLUNTEER}};
    qm_err e = word(c, "outcome", "outcome", r->outcome, 0, &ev->code);
    if (e == QM_OK)
        e = word(c, "near", "near", r->near_, QM_NEAR_UNKNOWN, &ev->near);
    if (e == QM_OK && (r->secs < 0 || r->secs > 86400))
        e = at_fault(c, "secs");
    if (e == QM_OK && (r->topics > QM_TOPICS_MAX || r->withs > 5))
        e = at_fault(c, r->withs > 5 ? "with" : "topics");
    if (e != QM_OK)
        return e;
    ev->secs = r->secs;
    for (; e == QM_OK && ev->topics < r->topics; ev->topics++)
        e = code(c, "topics", r->topic[ev->topics], ev->topic[ev->topics]);
    for (size_t i = 0; e == QM_OK && i < r->withs; i++) {
        unsigned bit = 0;
        for (size_t p = 0; p < sizeof people / sizeof people[0]; p++)
            if (r->with[i] && strcmp(people[p].name, r->with[i]) == 0)
                bit = people[p].bit;
        if (bit == 0 || (ev->with & bit))
            e = at_fault(c, "with");
        ev->with |= bit;
    }
    return e;
}

static qm_err fill_text(struct qm_client *c, const struct qm_record *r, const char *kind,
                        struct qm_event *ev)
{
    char newest[48];
    if (r->text)
        return code(c, "text", r->text, ev->text);
    qm_err e = qm_outbox_newest_text(c->outbox, kind, newest);
    return e == QM_OK ? code(c, "text", newest, ev->text) : qmc_outbox(c, e);
}

static qm_err fill_evidence(struct qm_client *c, const struct qm_record *r, struct qm_event *ev)
{
    if (r->evidences > QM_EVIDENCE_MAX)
        return at_fault(c, "evidence");
    for (; ev->evidences < r->evidences; ev->evidences++) {
        const char *hex = r->evidence[ev->evidences];
        if (!hex ||
            qm_hex_read(hex, strlen(hex), ev->evidence[ev->evidences].b, QM_HASH_BYTES) != QM_OK)
            return at_fault(c, "evidence");
    }
    return QM_OK;
}

static qm_err fill_app(struct qm_client *c, const struct qm_record *r, struct qm_event *ev)
{
    qm_err e = word(c, "state", "app", r->state, 0, &ev->code);
    if (r->real_name)
        ev->alerts |= QM_ALERT_REAL_NAME;
    if (r->call_alert)
        ev->alerts |= QM_ALERT_CALL;
    if (r->sms_alert)
        ev->alerts |= QM_ALERT_SMS;
    if (r->na_call_alert)
        ev->na |= QM_ALERT_CALL;
    if (r->na_sms_alert)
        ev->na |= QM_ALERT_SMS;
    if (e == QM_OK && ev->code != QM_APP_INSTALLED && (ev->alerts || ev->na))
        e = at_fault(c, "alerts");
    if (e == QM_OK && (ev->alerts & ev->na))
        e = at_fault(c, "na");
    return e;
}

static qm_err fill_household(struct qm_client *c, const struct qm_record *r, struct qm_event *ev)
{
    qm_err e = word(c, "place", "place", r->place, QM_PLACE_HOME, &ev->code);
    if (e == QM_OK)
        e = word(c, "why", "household_why", r->why, QM_HW_FOUND, &ev->why);
    if (e == QM_OK && (ev->why == QM_HW_SPLIT) != (r->from != NULL))
        e = at_fault(c, "from");
    if (e == QM_OK && r->from)
        e = pseudonym(c, "from", r->from, false, ev->from);
    if (e == QM_OK && r->from && memcmp(ev->from, ev->household, QM_ID_BYTES) == 0)
        e = at_fault(c, "from");
    return e;
}

static qm_err fill_kind(struct qm_client *c, const struct qm_record *r, struct qm_event *ev)
{
    qm_err e = QM_OK;
    switch (ev->kind) {
    case QM_VISIT:
        return fill_visit(c, r, ev);
    case QM_NOTICE:
        e = word(c, "state", "notice", r->state, QM_NOTICE_SIGNED, &ev->code);
        ev->state_written = r->state != NULL;
        return e == QM_OK ? fill_text(c, r, "notice", ev) : e;
    case QM_PLEDGE:
        e = word(c, "state", "pledge", r->state, QM_PLEDGE_SIGNED, &ev->code);
        ev->state_written = r->state != NULL;
        if (e == QM_OK && ev->code == QM_PLEDGE_SIGNED && r->evidences == 0)
            e = at_fault(c, "evidence");
        return e == QM_OK ? fill_text(c, r, "pledge", ev) : e;
    case QM_APP:
        return fill_app(c, r, ev);
    case QM_HOUSEHOLD:
        return fill_household(c, r, ev);
    case QM_RESIDENT:
        return word(c, "why", "resident_why", r->why, 0, &ev->code);
    case QM_VOID:
        if (!r->target || qm_uuid_read(r->target, strlen(r->target), 7, ev->target) != QM_OK)
            return at_fault(c, "target");
        return code(c, "reason", r->reason, ev->reason);
    default:
        return at_fault(c, "kind");
    }
}

static qm_err fill_subjects(struct qm_client *c, const struct qm_record *r, struct qm_event *ev)
{
    qm_err e = QM_OK;
    ev->has_household = (BIT(ev->kind) & K_PRIVATE) != 0;
    ev->has_resident = (BIT(ev->kind) & (K_PLEDGE | K_APP | K_RESIDENT)) != 0;
    if (ev->has_household)
        e = pseudonym(c, "household", r->household, ev->kind == QM_HOUSEHOLD, ev->household);
    bool fresh = ev->kind == QM_RESIDENT && r->why &&
                 (strcmp(r->why, "found") == 0 || strcmp(r->why, "moved_in") == 0);
    if (e == QM_OK && ev->has_resident)
        e = pseudonym(c, "resident", r->resident, fresh, ev->resident);
    return e;
}

static qm_err fill_common(struct qm_client *c, const struct qm_record *r, struct qm_event *ev)
{
    qm_err e = fill_evidence(c, r, ev);
    if (e == QM_OK)
        e = word(c, "via", "via", r->via, QM_DOOR, &ev->via);
    ev->via_written = r->via != NULL;
    if (e == QM_OK && r->done) {
        ev->has_done = true;
        if (qm_day8_read(r->done, strlen(r->done), &ev->done_day) != QM_OK)
            e = at_fault(c, "done");
    }
    return e;
}

static qm_err fill_private(struct qm_client *c, const struct qm_record *r, struct qm_private *pv,
                           bool *any)
{
    struct {
        const char *name, *value;
        char **to;
        size_t max;
    } members[] = {{"name", r->name, &pv->name, QM_P_STRING_MAX_BYTES},
                   {"phone", r->phone, &pv->phone, QM_P_STRING_MAX_BYTES},
                   {"door", r->door, &pv->door, QM_P_STRING_MAX_BYTES},
                   {"met", r->met, &pv->met, QM_P_STRING_MAX_BYTES},
                   {"signer", r->signer, &pv->signer, QM_P_STRING_MAX_BYTES},
                   {"relation", r->relation, &pv->relation, QM_P_STRING_MAX_BYTES},
                   {"note", r->note, &pv->note, QM_P_NOTE_MAX_BYTES}};
    for (size_t i = 0; i < sizeof members / sizeof members[0]; i++) {
        if (!members[i].value)
            continue;
        size_t len = strlen(members[i].value);
        if (len > members[i].max || !qm_utf8_ok(members[i].value, len))
            return at_fault(c, members[i].name);
        /* The writer only reads them. */
        *members[i].to = (char *)members[i].value;
        *any = true;
    }
    if (r->born) {
        pv->has_born = *any = true;
        if (qm_day_read(r->born, strlen(r->born), &pv->born_day) != QM_OK)
            return at_fault(c, "born");
    }
    return QM_OK;
}

static void fill_recorded(const struct qm_event *ev, const struct qm_private *pv,
                          struct qm_recorded *out)
{
    memset(out, 0, sizeof *out);
    qm_uuid_write(ev->id, out->event);
    if (ev->has_household)
        qm_pseudonym_write(ev->household, out->household);
    if (ev->has_resident)
        qm_pseudonym_write(ev->resident, out->resident);
    if (pv)
        snprintf(out->salt, sizeof out->salt, "%s", pv->salt_text);
    out->seq = ev->seq;
    out->at_ms = ev->at_ms;
}

int qm_client_record(qm_client *c, const struct qm_record *r, struct qm_recorded *out)
{
    char device[QM_NAME_MAX_BYTES];
    struct qm_event ev = {0};
    struct qm_private pv = {0};
    bool any = false;
    qm_err e = qmc_outbox(c, qm_outbox_get_text(c->outbox, "device", device, sizeof device));
    if (e == QM_OK && !device[0])
        e = qmc_fail(c, QM_E_NOT_ENROLLED, "this device is not enrolled");
    int kind = r->kind ? qm_word_read("kind", r->kind) : 0;
    if (e == QM_OK && kind == 0)
        e = at_fault(c, "kind");
    ev.kind = (enum qm_kind)kind;
    if (e == QM_OK)
        e = only_members_of_kind(c, r, ev.kind);
    if (e == QM_OK)
        e = fill_subjects(c, r, &ev);
    if (e == QM_OK)
        e = find_grid(c, r, &ev);
    if (e == QM_OK)
        e = fill_kind(c, r, &ev);
    if (e == QM_OK)
        e = fill_common(c, r, &ev);
    if (e == QM_OK)
        e = fill_private(c, r, &pv, &any);
    struct qm_private *private_part = any || qm_event_p_required(&ev) ? &pv : NULL;
    if (e == QM_OK) {
        e = qm_outbox_append(c->outbox, &ev, private_part, qmc_now(c));
        if (e == QM_E_INVALID)
            qmc_fail(c, e, "the members together make no valid %s", r->kind);
        else
            qmc_outbox(c, e);
    }
    if (e == QM_OK && out)
        fill_recorded(&ev, private_part, out);
    return (int)e;
}

int qm_client_attach(qm_client *c, const void *bytes, size_t len, char sha256[65])
{
    struct qm_hash sha;
    qm_err e = qm_outbox_attach(c->outbox, bytes, len, qmc_now(c), &sha);
    if (e == QM_E_INVALID)
        return (int)qmc_fail(c, e, "not a JPEG, PNG or WebP picture");
    if (e == QM_E_TOO_LARGE)
        return (int)qmc_fail(c, e, "the picture is larger than 1 MiB");
    if (e == QM_OK)
        qm_hex_write(sha.b, sizeof sha.b, sha256);
    return (int)qmc_outbox(c, e);
}
