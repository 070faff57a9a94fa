/* api_device.c - floor 4: enrolment, rotation, changes, blobs; see api_device.h.
 *
 * Happy path of each: read the form of the request, hand it to its domain file, write the answer.
 * Failure: the code of the domain file becomes the problem; a form that does not hold is 400
 * before anything is asked.
 */
#include "edge/api_device.h"

#include <string.h>

#include "domain/blob.h"
#include "domain/changes.h"
#include "domain/device.h"
#include "domain/enrol.h"
#include "domain/tlog.h"
#include "edge/setting_lines.h"
#include "wire/json.h"

enum { ENROL_ANSWER_MAX_BYTES = 256 * 1024, BLOB_ANSWER_MAX_BYTES = 256 };

/* ---- enrolment and rotation ---- */

struct enrol_form {
    const char *code, *note, *key;
};

static qm_err enrol_answer(const struct qm_call *c, const struct qm_enrol_answer *a,
                           struct qm_buf *out)
{
    qm_buf_printf(out, "{\"account\":\"%s\",\"grids\":[", a->account);
    for (size_t i = 0; i < a->grids; i++)
        qm_buf_printf(out, "%s\"%015lld\"", i ? "," : "", (long long)a->grid[i]);
    qm_buf_puts(out, "],\"log\":\"");
    qm_err e = qm_tlog_vkey(c->edge->tlog, a->county, a->tree, out);
    return e == QM_OK ? qm_buf_puts(out, "\"}\n") : e;
}

static void on_enrolled(void *ctx, qm_err err, const struct qm_enrol_answer *a)
{
    struct qm_call *c = ctx;
    if (err != QM_OK) {
        qm_call_problem(c, err);
        return;
    }
    struct qm_buf body;
    qm_buf_init(&body, ENROL_ANSWER_MAX_BYTES);
    qm_device_forget(c->edge->devices, a->device);
    c->caller.county = a->county;
    err = enrol_answer(c, a, &body);
    if (err == QM_OK)
        qm_call_json(c, &body);
    else
        qm_call_problem(c, err);
    qm_buf_free(&body);
}

static void enrol(struct qm_call *c, bool rotation)
{
    static const struct qm_json_field fields[] = {
        {"note", QM_J_STRING, true, offsetof(struct enrol_form, note), 1, QM_ENROL_NOTE_MAX_BYTES},
        {"key", QM_J_STRING, true, offsetof(struct enrol_form, key), 4, 4},
        {"code", QM_J_STRING, true, offsetof(struct enrol_form, code), 1, 100},
    };
    struct enrol_form form = {0};
    struct qm_json_doc *doc = NULL;
    size_t len, n = rotation ? 2 : 3;
    const char *body = (const char *)qm_http_body(c->req, &len);
    qm_err e = qm_json_object(body, len, fields, n, &form, &doc, NULL);
    bool hard = e == QM_OK && strcmp(form.key, "hard") == 0;
    if (e == QM_OK && !hard && strcmp(form.key, "soft") != 0)
        e = QM_E_MALFORMED;
    struct qm_enrol_deps deps = {.pg = c->edge->pg,
                                 .pool = c->edge->pool,
                                 .seal = c->edge->seal,
                                 .tlog = c->edge->tlog,
                                 .host = c->edge->host};
    if (e == QM_OK)
        qm_enrol_run(&deps, form.code, form.note, strlen(form.note), hard, on_enrolled, c);
    else
        qm_call_problem(c, e);
    qm_json_free(doc);
}

void qm_api_enrol(struct qm_call *c)
{
    enrol(c, false);
}

void qm_api_rotate(struct qm_call *c)
{
    enrol(c, true);
}

/* ---- changes ---- */

static void on_changes(void *ctx, qm_err err, struct qm_buf *text)
{
    static const char *const headers[] = {"Cache-Control", "no-store", NULL};
    struct qm_call *c = ctx;
    if (err == QM_OK)
        qm_call_reply(c, 200, "application/x-ndjson", headers, text);
    else
        qm_call_problem(c, err);
}

void qm_api_changes(struct qm_call *c)
{
    char since[512];
    qm_err e = qm_call_query(c, "since", since, sizeof since);
    if (c->caller.revoked) {
        qm_call_problem(c, QM_E_REVOKED);
        return;
    }
    struct qm_changes_deps deps = {.pg = c->edge->pg,
                                   .pool = c->edge->pool,
                                   .seal = c->edge->seal,
                                   .host = c->edge->host,
                                   .setting_lines = qm_setting_lines};
    qm_changes_get(&deps, c->caller.county, c->caller.account, e == QM_OK ? since : "", on_changes,
                   c);
}

/* ---- blobs ---- */

static void on_blob(void *ctx, qm_err err, bool created)
{
    static const char *const headers[] = {"Cache-Control", "no-store", NULL};
    struct qm_call *c = ctx;
    if (err == QM_E_QUOTA) {
        qm_call_problem_after(c, err, 3600); /* the budget is a day's */
        return;
    }
    if (err != QM_OK) {
        qm_call_problem(c, err);
        return;
    }
    struct qm_buf body;
    qm_buf_init(&body, BLOB_ANSWER_MAX_BYTES);
    qm_buf_printf(&body, "{\"sha256\":\"%s\"}\n", c->arg[0]);
    qm_call_reply(c, created ? 201 : 200, "application/json", headers, &body);
}

void qm_api_blob(struct qm_call *c)
{
    struct qm_blob blob = {.county = c->caller.county,
                           .sha256 = c->caller.body_sha256,
                           .budget_bytes = c->edge->config->device_blob_bytes_per_day};
    struct qm_blob_deps deps = {.pg = c->edge->pg, .pool = c->edge->pool, .seal = c->edge->seal};
    struct qm_hash named;
    memcpy(blob.device, c->caller.device, QM_ID_BYTES);
    blob.bytes = qm_http_body(c->req, &blob.len);
    blob.media = blob.bytes ? qm_blob_media(blob.bytes, blob.len) : 0;
    if (qm_hex_read(c->arg[0], strlen(c->arg[0]), named.b, QM_HASH_BYTES) != QM_OK)
        qm_call_problem(c, QM_E_NOT_FOUND);
    else if (memcmp(named.b, blob.sha256.b, QM_HASH_BYTES) != 0)
        qm_call_problem(c, QM_E_DIGEST_MISMATCH);
    else if (blob.media == 0)
        qm_call_problem(c, QM_E_MEDIA_TYPE);
    else
        qm_blob_put(&deps, &blob, on_blob, c);
}
