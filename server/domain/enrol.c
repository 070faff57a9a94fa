/* enrol.c - floor 3: enrolment and rotation as one chain of steps; see enrol.h.
 *
 *   form_check -> [rotation: device_home] -> pool: signatures -> [enrolment: enrol_code_state]
 *              -> device_claim -> guard of the log -> enrol or rotate -> answer
 *
 * Failure: the step that does not hold ends the run with its code (enrol.h); a last step that was
 * not sent is tried again a few times.
 */
#include "domain/enrol.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "domain/answer.h"
#include "domain/credential.h"

enum { GRIDS_MAX = 4096, TRIES_MAX = 3 };

struct run {
    struct qm_enrol_deps d;
    bool rotation, hard;
    uint8_t code_mac[32];
    struct qm_buf text; /* the note */
    struct qm_note note;
    struct qm_vkey key, old_key;
    struct qm_enrol_answer a;
    int64_t now_ms;
    int tries; /* of the last step */
    qm_err verified;
    qm_enrol_done done;
    void *ctx;
};

static void run_end(struct run *r, qm_err err)
{
    r->done(r->ctx, err, err == QM_OK ? &r->a : NULL);
    qm_buf_free(&r->text);
    free(r);
}

/* Takes params over; ends the run if they cannot be sent. */
static void step(struct run *r, const char *statement, struct qm_pg_params *p, qm_pg_done then)
{
    qm_err e = p ? qm_pg_submit(r->d.pg, statement, p, 0, then, r) : QM_E_NOMEM;
    if (e != QM_OK)
        run_end(r, e);
}

/* ---- the last step ---- */

static qm_err refusal_of(int64_t status)
{
    switch (status) {
    case 1:
        return QM_E_FORBIDDEN;
    case 2:
        return QM_E_KEY_TAKEN;
    case 3:
        return QM_E_UNKNOWN_KEY;
    case 4:
        return QM_E_REVOKED;
    default:
        return QM_E_INTERNAL;
    }
}

static void take_step(struct run *r);

/* Nothing was sent, because a connection was made since the guard looked: it looks again. */
static void not_sent(struct run *r, qm_err err)
{
    if (err == QM_E_OVERLOAD && ++r->tries < TRIES_MAX)
        take_step(r);
    else
        run_end(r, err);
}

/* Columns of qm.enrol and qm.rotate: status, account, grids, idx, size, old_size, old_frontier,
 * root, tree. */
static void on_taken(void *ctx, const struct qm_pg_answer *a)
{
    enum { STATUS, ACCOUNT, GRIDS, TREE = 8 };
    struct run *r = ctx;
    if (a->err == QM_E_OVERLOAD) {
        not_sent(r, a->err);
        return;
    }
    if (a->err != QM_OK) {
        run_end(r, qm_answer_err(a, r->rotation ? "rotate" : "enrol"));
        return;
    }
    if (qm_pg_rows(a->result) != 1) {
        run_end(r, QM_E_INTERNAL);
        return;
    }
    int64_t status = qm_pg_get_int(a->result, 0, STATUS);
    if (status != 0) {
        run_end(r, refusal_of(status));
        return;
    }
    static int64_t grids[GRIDS_MAX]; /* the loop's thread only, read in the callback only */
    size_t n = qm_pg_get_ints(a->result, 0, GRIDS, grids, GRIDS_MAX);
    strncpy(r->a.account, qm_pg_get_text(a->result, 0, ACCOUNT), QM_ACCOUNT_MAX_BYTES);
    r->a.tree = (int)qm_pg_get_int(a->result, 0, TREE);
    r->a.grid = grids;
    r->a.grids = n < GRIDS_MAX ? n : GRIDS_MAX;
    run_end(r, QM_OK);
}

static void take(struct run *r)
{
    struct qm_pg_params *p = qm_pg_params_new();
    if (p) {
        qm_pg_int4(p, r->a.county);
        if (!r->rotation)
            qm_pg_bytea(p, r->code_mac, sizeof r->code_mac);
        qm_pg_uuid(p, r->a.device);
        if (r->rotation)
            qm_pg_bytea(p, r->old_key.key, QM_KEY_BYTES);
        qm_pg_bytea(p, r->key.key, QM_KEY_BYTES);
        qm_pg_bool(p, r->hard);
        qm_pg_bytea(p, r->text.p, r->text.len);
        qm_pg_int8(p, r->now_ms);
    }
    const char *statement = r->rotation ? "rotate" : "enrol";
    qm_err e = p ? qm_tlog_submit(r->d.tlog, r->a.county, statement, p, on_taken, r) : QM_E_NOMEM;
    if (e != QM_OK)
        not_sent(r, e);
}

static void on_guarded(void *ctx, qm_err err)
{
    struct run *r = ctx;
    if (err == QM_OK)
        take(r);
    else
        run_end(r, err);
}

/* The county is known to be one of ours: its code or its device was found. */
static void take_step(struct run *r)
{
    qm_tlog_guard(r->d.tlog, r->a.county, on_guarded, r);
}

/* ---- the claim ---- */

static void on_claimed(void *ctx, const struct qm_pg_answer *a)
{
    struct run *r = ctx;
    if (a->err != QM_OK)
        run_end(r, qm_answer_err(a, "device_claim"));
    else if (qm_pg_rows(a->result) != 1 || qm_pg_get_int(a->result, 0, 0) == 0)
        run_end(r, QM_E_KEY_TAKEN);
    else
        take_step(r);
}

static void claim_step(struct run *r)
{
    struct qm_pg_params *p = qm_pg_params_new();
    if (p) {
        qm_pg_bytea(p, r->key.key, QM_KEY_BYTES);
        qm_pg_uuid(p, r->a.device);
        qm_pg_int4(p, r->a.county);
        qm_pg_bool(p, r->rotation);
    }
    step(r, "device_claim", p, on_claimed);
}

/* A code that is not there, expired, or was used with another key. */
static void on_code(void *ctx, const struct qm_pg_answer *a)
{
    struct run *r = ctx;
    if (a->err != QM_OK) {
        run_end(r, qm_answer_err(a, "enrol_code_state"));
        return;
    }
    bool there = qm_pg_rows(a->result) == 1;
    bool used = there && !qm_pg_is_null(a->result, 0, 1);
    bool good = there && !used && qm_pg_get_int(a->result, 0, 0) > r->now_ms;
    if (used) {
        size_t len;
        const uint8_t *key = qm_pg_get_bytes(a->result, 0, 1, &len);
        good = len == QM_KEY_BYTES && memcmp(key, r->key.key, len) == 0;
    }
    if (good)
        claim_step(r);
    else
        run_end(r, QM_E_FORBIDDEN);
}

static void code_step(struct run *r)
{
    struct qm_pg_params *p = qm_pg_params_new();
    if (p) {
        qm_pg_int4(p, r->a.county);
        qm_pg_bytea(p, r->code_mac, sizeof r->code_mac);
    }
    step(r, "enrol_code_state", p, on_code);
}

/* ---- signatures ---- */

static void verify_work(void *ctx)
{
    struct run *r = ctx;
    r->verified = r->rotation ? qm_note_verify(&r->note, &r->old_key) : QM_OK;
    if (r->verified == QM_OK)
        r->verified = qm_note_verify(&r->note, &r->key);
}

static void verify_done(void *ctx)
{
    struct run *r = ctx;
    if (r->verified != QM_OK)
        run_end(r, r->verified);
    else if (r->rotation)
        claim_step(r);
    else
        code_step(r);
}

static void verify_step(struct run *r)
{
    qm_err e = qm_pool_run(r->d.pool, verify_work, verify_done, r);
    if (e != QM_OK)
        run_end(r, e);
}

/* Rotation: the key that signed first, and with it the county. */
static void on_home(void *ctx, const struct qm_pg_answer *a)
{
    struct run *r = ctx;
    if (a->err != QM_OK) {
        run_end(r, qm_answer_err(a, "device_home"));
        return;
    }
    for (int i = 0; i < qm_pg_rows(a->result); i++) {
        size_t len;
        const uint8_t *key = qm_pg_get_bytes(a->result, i, 1, &len);
        if (len != QM_KEY_BYTES || qm_vkey_make(r->key.name, key, &r->old_key) != QM_OK ||
            r->old_key.id != r->note.sig[0].id)
            continue;
        r->a.county = (int)qm_pg_get_int(a->result, i, 0);
        verify_step(r);
        return;
    }
    run_end(r, QM_E_UNKNOWN_KEY);
}

static void home_step(struct run *r)
{
    struct qm_pg_params *p = qm_pg_params_new();
    if (p)
        qm_pg_uuid(p, r->a.device);
    step(r, "device_home", p, on_home);
}

/* ---- form ---- */

static const char *line_next(const char **at, const char *end, size_t *len)
{
    const char *line = *at;
    const char *lf = memchr(line, '\n', (size_t)(end - line));
    if (!lf)
        return NULL;
    *len = (size_t)(lf - line);
    *at = lf + 1;
    return line;
}

qm_err qm_enrol_text_read(const char *text, size_t len, const char *host,
                          uint8_t device[QM_ID_BYTES], struct qm_vkey *key)
{
    static const char kind[] = "/device/v1";
    const char *at = text, *end = text + len;
    size_t n, host_len = strlen(host);
    const char *line = line_next(&at, end, &n);
    if (!line || n != host_len + sizeof kind - 1 || memcmp(line, host, host_len) != 0 ||
        memcmp(line + host_len, kind, sizeof kind - 1) != 0)
        return QM_E_MALFORMED;
    line = line_next(&at, end, &n);
    const char *name = line;
    size_t name_len = n;
    if (!line || qm_device_name_read(line, n, host, device) != QM_OK)
        return QM_E_MALFORMED;
    line = line_next(&at, end, &n);
    if (!line || at != end || qm_vkey_read(line, n, key) != QM_OK)
        return QM_E_MALFORMED;
    if (strlen(key->name) != name_len || memcmp(key->name, name, name_len) != 0)
        return QM_E_MALFORMED;
    return QM_OK;
}

/* One signature line by the new key; rotation: one by another key before it. */
static bool signatures_ok(const struct run *r)
{
    const struct qm_note *n = &r->note;
    size_t wanted = r->rotation ? 2 : 1;
    if (n->sigs != wanted || n->sig[wanted - 1].id != r->key.id)
        return false;
    for (size_t i = 0; i < wanted; i++)
        if (n->sig[i].sig_len != QM_SIG_BYTES || n->sig[i].name_len != strlen(r->key.name) ||
            memcmp(n->sig[i].name, r->key.name, n->sig[i].name_len) != 0)
            return false;
    return !r->rotation || n->sig[0].id != r->key.id;
}

static qm_err form_check(struct run *r, const char *code)
{
    qm_err e = qm_note_read((const char *)r->text.p, r->text.len, &r->note);
    if (e == QM_OK)
        e = qm_enrol_text_read(r->note.text, r->note.text_len, r->d.host, r->a.device, &r->key);
    if (e == QM_OK && !signatures_ok(r))
        e = QM_E_MALFORMED;
    if (e != QM_OK || !code)
        return e;
    /* A code of another form is one that nobody has. */
    if (qm_credential_county(code, QM_CODE_SECRET_CHARS, &r->a.county) != QM_OK)
        return QM_E_FORBIDDEN;
    qm_seal_token_mac(r->d.seal, code, r->code_mac);
    return QM_OK;
}

void qm_enrol_run(const struct qm_enrol_deps *deps, const char *code, const char *note,
                  size_t note_len, bool hard, qm_enrol_done done, void *ctx)
{
    struct run *r = calloc(1, sizeof *r);
    if (!r) {
        done(ctx, QM_E_NOMEM, NULL);
        return;
    }
    *r = (struct run){.d = *deps,
                      .rotation = code == NULL,
                      .hard = hard,
                      .now_ms = qm_clock_ms(),
                      .done = done,
                      .ctx = ctx};
    qm_buf_init(&r->text, QM_ENROL_NOTE_MAX_BYTES);
    qm_err e = qm_buf_add(&r->text, note, note_len);
    if (e == QM_E_TOO_LARGE)
        e = QM_E_MALFORMED;
    if (e == QM_OK)
        e = form_check(r, code);
    if (e != QM_OK)
        run_end(r, e);
    else if (r->rotation)
        home_step(r);
    else
        verify_step(r);
}
