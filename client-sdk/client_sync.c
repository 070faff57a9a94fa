/* client_sync.c - floor 2: joins outbox, sync and transport: what is asked next, what an answer
 * does.
 *
 * Happy path of qm_client_sync:
 *   rotation, if one was begun or the log's new key is needed -> records, batch by batch -> photos
 *   -> changes, once a round -> photos again, if the answer asked for some
 * Each step is one request (qm_client_request), moved by the transport, and one answer
 * (qm_client_answer) that ends in one commit.
 *
 * Failure modes.  A lost or doubtful answer settles nothing: the same bytes go again.  Faults that
 * the server names act on the outbox as the contract says; all others wait, in the pace of
 * client_pace.c.  A photo that must wait ends nothing: the round goes on without photos.
 */
#include "client_handle.h"

#include <stdlib.h>
#include <string.h>

#include "client_apply.h"

enum { EVERYTHING = QM_SYNC_RECORDS | QM_SYNC_PHOTOS | QM_SYNC_CHANGES };

void qmc_prepare(struct qm_client *c, const char *server)
{
    struct qm_flight *f = &c->flight;
    f->open = true;
    snprintf(f->url, sizeof f->url, "%s%s%s%s", server, f->ask.path, f->ask.query[0] ? "?" : "",
             f->ask.query);
    f->request = (struct qm_http_request){.method = f->ask.method,
                                          .url = f->url,
                                          .path = f->ask.path,
                                          .headers = f->ask.headers,
                                          .body = f->ask.body.p,
                                          .body_bytes = f->ask.body.len,
                                          .answer_max_bytes = f->ask.answer_max_bytes,
                                          .timeout_ms = c->options.timeout_ms};
    for (size_t i = 0; i < f->ask.headers; i++)
        f->request.header[i] = f->ask.header[i];
}

void qmc_land(struct qm_client *c)
{
    qm_ask_free(&c->flight.ask);
    qm_buf_free(&c->flight.note);
    memset(&c->flight, 0, sizeof c->flight);
}

qm_err qmc_exchange(struct qm_client *c, struct qm_http_answer *answer)
{
    memset(answer, 0, sizeof *answer);
    answer->retry_after_s = -1;
    struct qm_transport *t = &c->options.transport;
    return (qm_err)t->perform(t->ctx, &c->flight.request, answer);
}

qm_err qmc_no_answer(struct qm_client *c, qm_err e, const char *what,
                     const struct qm_http_answer *answer)
{
    /* The transport's words are about having no answer; with a status there was one. */
    if (answer->status == 0 && answer->detail[0])
        return qmc_fail(c, e, "%s", answer->detail);
    return qmc_fail(c, e, "%s: status %d, %s", what, answer->status, qm_err_name(e));
}

static qm_err read_seen(struct qm_client *c, struct qm_seen *seen)
{
    char root[QM_HEX_HASH_CHARS + 1];
    int64_t size = 0;
    memset(seen, 0, sizeof *seen);
    qm_err e = qm_outbox_get_text(c->outbox, "seen-log", seen->log, sizeof seen->log);
    if (e == QM_OK)
        e = qm_outbox_get_int(c->outbox, "seen-size", &size);
    if (e == QM_OK)
        e = qm_outbox_get_text(c->outbox, "seen-root", root, sizeof root);
    seen->size = (uint64_t)size;
    if (e == QM_OK && size > 0 &&
        qm_hex_read(root, strlen(root), seen->root.b, sizeof seen->root.b) != QM_OK)
        e = QM_E_CORRUPT;
    return qmc_outbox(c, e);
}

static qm_err ask_rotation(struct qm_client *c, const struct qm_identity *id, int64_t slot)
{
    struct qm_signer old_key = id->signer, new_key;
    qm_err e = qm_keys_make_device(&c->keys, slot, id->device, &new_key);
    if (e != QM_OK)
        return qmc_fail(c, e, "the new device key could not be made");
    struct qm_voice from = qmc_voice(id, &old_key), to = qmc_voice(id, &new_key);
    e = qm_ask_rotate(&c->flight.ask, &from, &to, qm_keys_hardware(&c->keys));
    c->flight.next_slot = slot;
    return e;
}

/* A rotation that was begun goes on with its key; the need of the log's new key begins one. */
static qm_err next_rotation(struct qm_client *c, const struct qm_identity *id)
{
    int64_t slot = 0, need_log = 0, last = 0;
    qm_err e = qm_outbox_begin(c->outbox);
    if (e != QM_OK)
        return qmc_outbox(c, e);
    e = qm_outbox_get_int(c->outbox, "rotating", &slot);
    if (e == QM_OK)
        e = qm_outbox_get_int(c->outbox, "need-log", &need_log);
    if (e == QM_OK && slot == 0 && need_log != 0) {
        e = qm_outbox_get_int(c->outbox, "last-slot", &last);
        slot = last + 1;
        if (e == QM_OK)
            e = qm_outbox_set_int(c->outbox, "last-slot", slot);
        if (e == QM_OK)
            e = qm_outbox_set_int(c->outbox, "rotating", slot);
    }
    e = qmc_outbox(c, qm_outbox_end(c->outbox, e));
    if (e != QM_OK)
        return e;
    return slot == 0 ? QM_E_NOT_FOUND : ask_rotation(c, id, slot);
}

static qm_err next_records(struct qm_client *c, struct qm_identity *id)
{
    struct qm_flight *f = &c->flight;
    struct qm_outbox_batch b;
    struct qm_outbox_device d = {.host = id->host, .signer = &id->signer};
    memcpy(d.id, id->id, sizeof d.id);
    qm_err e = qm_outbox_next_batch(c->outbox, &d, qmc_now(c), c->options.batch_events, &b);
    if (e != QM_OK)
        return qmc_outbox(c, e);
    f->batch = b.n;
    f->foreign = b.foreign;
    qm_buf_init(&f->note, QM_BATCH_NOTE_MAX_BYTES + 1024);
    e = qm_buf_add(&f->note, b.body.p, b.note_len);
    if (e == QM_OK)
        e = qm_ask_batch(&f->ask, b.body.p, b.body.len);
    qm_outbox_batch_free(&b);
    return e;
}

static qm_err signed_now_s(struct qm_client *c, int64_t *now_s)
{
    int64_t offset = 0;
    qm_err e = qmc_outbox(c, qm_outbox_get_int(c->outbox, "offset", &offset));
    *now_s = (qmc_now(c) + offset) / 1000;
    return e;
}

static qm_err next_photo(struct qm_client *c, struct qm_identity *id)
{
    struct qm_buf bytes;
    const char *type = NULL;
    int64_t now_s = 0;
    struct qm_pace pace = {0};
    qm_err e = qmc_outbox(c, qmc_pace_read(c, QM_PACED_PHOTOS, &pace));
    if (e != QM_OK)
        return e;
    if (qmc_pace_waits(c, &pace))
        return QM_E_NOT_FOUND;
    qm_buf_init(&bytes, 1048576);
    e = qm_outbox_next_photo(c->outbox, &c->flight.photo, &bytes);
    if (e == QM_OK)
        e = signed_now_s(c, &now_s);
    else
        qmc_outbox(c, e);
    if (e == QM_OK && !qm_photo_type(bytes.p, bytes.len, &type))
        e = qmc_fail(c, QM_E_CORRUPT, "a stored photo is no picture");
    if (e == QM_OK) {
        struct qm_voice voice = qmc_voice(id, &id->signer);
        e = qm_ask_photo(&c->flight.ask, &voice, &c->flight.photo, bytes.p, bytes.len, type, now_s);
    }
    qm_buf_wipe(&bytes);
    return e;
}

static qm_err next_changes(struct qm_client *c, struct qm_identity *id)
{
    int64_t now_s = 0;
    struct qm_voice voice = qmc_voice(id, &id->signer);
    qm_err e = qmc_outbox(
        c, qm_outbox_get_text(c->outbox, "cursor", c->flight.since, sizeof c->flight.since));
    if (e == QM_OK)
        e = signed_now_s(c, &now_s);
    return e == QM_OK ? qm_ask_changes(&c->flight.ask, &voice, c->flight.since, now_s) : e;
}

static qm_err next(struct qm_client *c, struct qm_identity *id, unsigned what)
{
    int64_t adopted = 0;
    qm_err e = qmc_outbox(c, qm_outbox_get_int(c->outbox, "adopted", &adopted));
    if (e != QM_OK)
        return e;
    /* A key that was taken up without an answer proves good before anything depends on it. */
    if (adopted != 0)
        return next_changes(c, id);
    e = next_rotation(c, id);
    if (e == QM_E_NOT_FOUND && (what & QM_SYNC_RECORDS))
        e = next_records(c, id);
    if (e == QM_E_NOT_FOUND && (what & QM_SYNC_PHOTOS))
        e = next_photo(c, id);
    if (e == QM_E_NOT_FOUND && (what & QM_SYNC_CHANGES) && !c->changes_done)
        e = next_changes(c, id);
    return e;
}

/* Stopped for good, or not yet time. */
static qm_err may_ask(struct qm_client *c)
{
    int64_t stopped = 0;
    struct qm_pace p = {0};
    qm_err e = qm_outbox_get_int(c->outbox, "stopped", &stopped);
    if (e == QM_OK)
        e = qmc_pace_read(c, QM_PACED_ALL, &p);
    if (e != QM_OK)
        return qmc_outbox(c, e);
    if (stopped != 0)
        return qmc_fail(c, (qm_err)stopped, "sync is stopped: %s", qm_err_name((qm_err)stopped));
    if (!qmc_pace_waits(c, &p))
        return QM_OK;
    return qmc_fail(c, (qm_err)p.why, "waiting %lld s after: %s",
                    (long long)((p.next_ms - qmc_now(c) + 999) / 1000), qm_err_name((qm_err)p.why));
}

int qm_client_request(qm_client *c, unsigned what, const struct qm_http_request **request)
{
    struct qm_identity id;
    *request = NULL;
    if (c->flight.open)
        return (int)qmc_fail(c, QM_E_INVALID, "the last request has no answer yet");
    qm_err e = qmc_identity(c, &id);
    if (e == QM_OK)
        e = may_ask(c);
    if (e == QM_OK)
        e = read_seen(c, &c->flight.seen);
    if (e == QM_OK) {
        c->flight.log = id.log;
        e = next(c, &id, what != 0 ? what : EVERYTHING);
    }
    if (e == QM_OK) {
        qmc_prepare(c, id.server);
        *request = &c->flight.request;
        return QM_OK;
    }
    qmc_land(c);
    if (e != QM_E_NOT_FOUND)
        return (int)e;
    c->changes_done = false;
    c->detail[0] = 0;
    return (int)qmc_outbox(c, qm_outbox_sweep(c->outbox, qmc_now(c)));
}

/* A photo waits in a pace of its own, behind the others: the round goes on without photos. */
static qm_err photo_waits(struct qm_client *c, qm_err why, int64_t retry_after_s, bool gentle,
                          struct qm_sync_report *report)
{
    struct qm_pace p = {0};
    qm_err e = qm_outbox_begin(c->outbox);
    if (e != QM_OK)
        return qmc_outbox(c, e);
    e = qmc_pace_failed(c, QM_PACED_PHOTOS, why, retry_after_s, gentle, &p);
    if (e == QM_OK && p.why != 0)
        e = qm_outbox_photo_later(c->outbox, &c->flight.photo);
    e = qmc_outbox(c, qm_outbox_end(c->outbox, e));
    if (e == QM_OK) {
        report->photos_why = (int)p.why;
        report->photos_next_ms = p.next_ms;
    }
    return e;
}

/* Remembers the failure and when to ask again; returns it.  gentle: the first of its kind is
 * answered at once, because something was repaired. */
static qm_err pause_after(struct qm_client *c, qm_err why, int64_t retry_after_s, bool gentle,
                          struct qm_sync_report *report)
{
    struct qm_pace p = {0};
    if (c->flight.ask.kind == QM_ASK_PHOTO)
        return photo_waits(c, why, retry_after_s, gentle, report);
    qm_err e = qmc_pace_failed(c, QM_PACED_ALL, why, retry_after_s, gentle, &p);
    if (e != QM_OK)
        return qmc_outbox(c, e);
    report->next_ms = p.next_ms;
    return (qm_err)p.why;
}

static qm_err adjust_clock(struct qm_client *c, int64_t server_ms)
{
    if (server_ms == 0)
        return QM_OK;
    return qmc_outbox(c, qm_outbox_set_int(c->outbox, "offset", server_ms - qmc_now(c)));
}

/* Acts on a fault that the server named. */
static qm_err act(struct qm_client *c, const struct qm_judged *j,
                  const struct qm_http_answer *answer, struct qm_sync_report *report)
{
    struct qm_flight *f = &c->flight;
    const char *name = qm_err_name(j->err);
    qm_err e = QM_OK;
    qmc_no_answer(c, j->err, f->ask.path, answer);
    switch (j->then) {
    case QM_THEN_STOP:
        if (f->ask.kind == QM_ASK_ROTATE &&
            (j->err == QM_E_UNKNOWN_KEY || j->err == QM_E_KEY_TAKEN))
            return qmc_rotation_refused(c);
        e = qmc_outbox(c, qm_outbox_set_int(c->outbox, "stopped", (int64_t)j->err));
        return e == QM_OK ? j->err : e;
    case QM_THEN_CLOCK:
        e = adjust_clock(c, j->now_ms);
        return e == QM_OK ? pause_after(c, j->err, answer->retry_after_s, true, report) : e;
    case QM_THEN_REBUILD:
        e = qmc_outbox(c, qm_outbox_refuse(c->outbox, f->batch, QM_REFUSED_REBUILD, name));
        return e == QM_OK ? pause_after(c, j->err, answer->retry_after_s, true, report) : e;
    case QM_THEN_BYTES:
        if (f->ask.kind == QM_ASK_PHOTO)
            return qmc_outbox(c, qm_outbox_photo_done(c->outbox, &f->photo, name, qmc_now(c)));
        return qmc_outbox(c, qm_outbox_refuse(c->outbox, f->batch, QM_REFUSED_BYTES, name));
    default:
        return pause_after(c, j->err, answer->retry_after_s, false, report);
    }
}

static qm_err read_body(struct qm_client *c, const struct qm_said *said,
                        struct qm_sync_report *report)
{
    switch (c->flight.ask.kind) {
    case QM_ASK_BATCH:
        return qmc_apply_receipt(c, said->body, said->len, report);
    case QM_ASK_PHOTO:
        report->photos++;
        return qmc_outbox(c, qm_outbox_photo_done(c->outbox, &c->flight.photo, NULL, qmc_now(c)));
    case QM_ASK_CHANGES:
        return qmc_apply_changes(c, said->body, said->len, report);
    case QM_ASK_ROTATE:
        return qmc_apply_rotation(c, said->body, said->len);
    default:
        return QM_E_INTERNAL;
    }
}

/* Answers that were read and do not hold: wait; errors of the outbox: nothing to wait for. */
static bool is_servers_fault(qm_err e)
{
    return e == QM_E_PROOF || e == QM_E_LOG_REGRESSED || e == QM_E_UNKNOWN_OUTCOME ||
           e == QM_E_MALFORMED;
}

int qm_client_answer(qm_client *c, int outcome, const struct qm_http_answer *answer,
                     struct qm_sync_report *report)
{
    struct qm_sync_report unused = {0};
    struct qm_judged judged;
    if (!c->flight.open)
        return (int)qmc_fail(c, QM_E_INVALID, "there was no request");
    if (!report)
        report = &unused;
    report->exchanges++;
    struct qm_said said = {.outcome = outcome,
                           .status = answer->status,
                           .content_type = answer->content_type,
                           .body = answer->body,
                           .len = answer->body_bytes,
                           .retry_after_s = answer->retry_after_s};
    qm_sync_judge(c->flight.ask.kind, &said, &judged);
    qm_err e;
    if (judged.then != QM_THEN_READ) {
        e = act(c, &judged, answer, report);
    } else {
        e = read_body(c, &said, report);
        if (e == QM_OK)
            e = qmc_outbox(c, qmc_pace_calm(c, c->flight.ask.kind == QM_ASK_PHOTO ? QM_PACED_PHOTOS
                                                                                  : QM_PACED_ALL));
        else if (is_servers_fault(e))
            e = pause_after(c, e, -1, false, report);
    }
    qmc_land(c);
    return (int)e;
}

int qm_client_sync_step(qm_client *c, unsigned what, struct qm_sync_report *report, bool *more)
{
    const struct qm_http_request *request = NULL;
    struct qm_http_answer answer;
    *more = false;
    if (!c->options.transport.perform)
        return (int)qmc_fail(c, QM_E_INVALID, "no transport");
    int e = qm_client_request(c, what, &request);
    if (e != 0 || !request)
        return e;
    qm_err outcome = qmc_exchange(c, &answer);
    e = qm_client_answer(c, (int)outcome, &answer, report);
    free(answer.body);
    *more = e == 0;
    return e;
}

/* Of the part that the last step was about. */
static void show_progress(struct qm_client *c, const struct qm_sync_report *r,
                          const struct qm_sync_report *last, const struct qm_counts *before)
{
    if (r->sent > last->sent)
        qmc_progress(c, "records", r->sent, before->waiting);
    if (r->photos > last->photos)
        qmc_progress(c, "photos", r->photos, before->photos_waiting);
    /* The server does not say beforehand how many rows it has. */
    if (r->rows > last->rows)
        qmc_progress(c, "changes", r->rows, 0);
}

/* Photos may also have been left out of the round, because their time had not come. */
static qm_err report_photos(struct qm_client *c, struct qm_sync_report *report)
{
    struct qm_counts n;
    struct qm_pace p = {0};
    qm_err e = (qm_err)qm_client_count(c, &n);
    if (e == QM_OK)
        e = qmc_outbox(c, qmc_pace_read(c, QM_PACED_PHOTOS, &p));
    bool wait = e == QM_OK && n.photos_waiting > 0 && qmc_pace_waits(c, &p);
    report->photos_why = wait ? (int)p.why : 0;
    report->photos_next_ms = wait ? p.next_ms : 0;
    return e;
}

int qm_client_sync(qm_client *c, unsigned what, struct qm_sync_report *report)
{
    struct qm_sync_report unused;
    struct qm_counts before;
    bool more = true;
    if (!report)
        report = &unused;
    memset(report, 0, sizeof *report);
    if (what == 0)
        what = EVERYTHING;
    c->changes_done = false;
    int e = qm_client_count(c, &before);
    while (e == 0 && more) {
        const struct qm_sync_report last = *report;
        e = qm_client_sync_step(c, what, report, &more);
        show_progress(c, report, &last, &before);
    }
    struct qm_pace p = {0};
    if (e != 0 && report->next_ms == 0 && qmc_pace_read(c, QM_PACED_ALL, &p) == QM_OK)
        report->next_ms = p.next_ms;
    if (e == 0 && (what & QM_SYNC_PHOTOS))
        e = (int)report_photos(c, report);
    if (e == 0 && (what & QM_SYNC_RECORDS))
        e = (int)qmc_outbox(c, qm_outbox_set_int(c->outbox, "last-sync", qmc_now(c)));
    return e;
}

/* A step with the new key; if a key had to prove good first, the step behind it. */
static qm_err rotation_steps(struct qm_client *c)
{
    struct qm_sync_report report = {0};
    int64_t rotating = 1;
    bool more = false;
    qm_err e = QM_OK;
    for (int i = 0; i < 2 && e == QM_OK && rotating != 0; i++) {
        e = (qm_err)qm_client_sync_step(c, QM_SYNC_RECORDS, &report, &more);
        if (e == QM_OK)
            e = qmc_outbox(c, qm_outbox_get_int(c->outbox, "rotating", &rotating));
    }
    return e;
}

int qm_client_rotate(qm_client *c)
{
    struct qm_identity id;
    int64_t slot = 0, last = 0;
    qm_err e = qmc_identity(c, &id);
    if (e == QM_OK)
        e = qmc_outbox(c, qm_outbox_begin(c->outbox));
    if (e != QM_OK)
        return (int)e;
    e = qm_outbox_get_int(c->outbox, "rotating", &slot);
    if (e == QM_OK && slot == 0)
        e = qm_outbox_get_int(c->outbox, "last-slot", &last);
    if (e == QM_OK && slot == 0) {
        e = qm_outbox_set_int(c->outbox, "last-slot", last + 1);
        if (e == QM_OK)
            e = qm_outbox_set_int(c->outbox, "rotating", last + 1);
    }
    e = qmc_outbox(c, qm_outbox_end(c->outbox, e));
    return (int)(e == QM_OK ? rotation_steps(c) : e);
}
