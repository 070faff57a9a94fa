/* sync.c - floor 1: requests, the worth of a status, pace.  See sync.h. */
#include "sync.h"

#include <stdio.h>
#include <string.h>

#include "wire/json.h"

enum {
    ANSWER_MAX_BYTES = 262144,
    CHANGES_MAX_BYTES = 32 * 1048576,
    BODY_MAX_BYTES = 1048576 + 4096,
    RETRY_AFTER_MAX_S = 86400
};

static void ask_init(struct qm_ask *ask, enum qm_ask_kind kind, const char *method,
                     const char *path)
{
    memset(ask, 0, sizeof *ask);
    ask->kind = kind;
    ask->method = method;
    snprintf(ask->path, sizeof ask->path, "%s", path);
    qm_buf_init(&ask->body, BODY_MAX_BYTES);
    ask->answer_max_bytes = ANSWER_MAX_BYTES;
}

void qm_ask_free(struct qm_ask *ask)
{
    qm_buf_wipe(&ask->body);
}

static void add_header(struct qm_ask *ask, const char *name, const char *value)
{
    snprintf(ask->header[ask->headers++], QM_ASK_HEADER_MAX, "%s: %s", name, value);
}

/* "<host>/device/v1\n<device>\n<vkey>\n" */
static qm_err device_text(const struct qm_voice *device, struct qm_buf *text)
{
    qm_buf_printf(text, "%s/device/v1\n%s\n", device->host, device->vkey->name);
    qm_vkey_write(device->vkey, text);
    return qm_buf_puts(text, "\n");
}

static qm_err add_member(struct qm_buf *out, const char *name, const void *value, size_t len)
{
    qm_buf_printf(out, "%s\"%s\":", out->len > 0 ? "," : "{", name);
    return qm_json_quote(out, value, len);
}

static qm_err finish(struct qm_ask *ask, qm_err e)
{
    if (e != QM_OK)
        qm_ask_free(ask);
    return e;
}

static qm_err post_note(struct qm_ask *ask, const char *code, const struct qm_buf *note,
                        bool hardware)
{
    if (code)
        add_member(&ask->body, "code", code, strlen(code));
    add_member(&ask->body, "note", note->p, note->len);
    add_member(&ask->body, "key", hardware ? "hard" : "soft", 4);
    add_header(ask, "Content-Type", "application/json");
    return qm_buf_puts(&ask->body, "}");
}

qm_err qm_ask_enrol(struct qm_ask *ask, const struct qm_voice *device, const char *code,
                    bool hardware)
{
    struct qm_buf text, note;
    ask_init(ask, QM_ASK_ENROL, "POST", "/v1/devices");
    qm_buf_init(&text, 2048);
    qm_buf_init(&note, 4096);
    qm_err e = device_text(device, &text);
    if (e == QM_OK)
        e = qm_note_sign((const char *)text.p, text.len, device->vkey, device->sign,
                         device->sign_ctx, &note);
    if (e == QM_OK)
        e = post_note(ask, code, &note, hardware);
    qm_buf_free(&text);
    qm_buf_free(&note);
    return finish(ask, e);
}

qm_err qm_ask_rotate(struct qm_ask *ask, const struct qm_voice *old_key,
                     const struct qm_voice *new_key, bool hardware)
{
    struct qm_buf text, note;
    ask_init(ask, QM_ASK_ROTATE, "POST", "/v1/devices/rotate");
    qm_buf_init(&text, 2048);
    qm_buf_init(&note, 4096);
    qm_err e = device_text(new_key, &text);
    if (e == QM_OK)
        e = qm_note_sign((const char *)text.p, text.len, old_key->vkey, old_key->sign,
                         old_key->sign_ctx, &note);
    if (e == QM_OK)
        e = qm_note_cosign((const char *)text.p, text.len, new_key->vkey, new_key->sign,
                           new_key->sign_ctx, &note);
    if (e == QM_OK)
        e = post_note(ask, NULL, &note, hardware);
    qm_buf_free(&text);
    qm_buf_free(&note);
    return finish(ask, e);
}

qm_err qm_ask_batch(struct qm_ask *ask, const void *body, size_t len)
{
    ask_init(ask, QM_ASK_BATCH, "POST", "/v1/sync");
    add_header(ask, "Content-Type", "application/vnd.qiaomen.batch.v1");
    return finish(ask, qm_buf_add(&ask->body, body, len));
}

static qm_err sign_request(struct qm_ask *ask, const struct qm_voice *device,
                           const char *content_type, const struct qm_hash *sha, int64_t now_s)
{
    struct qm_reqsig r = {.method = ask->method,
                          .authority = device->host,
                          .path = ask->path,
                          .query = ask->query,
                          .content_type = content_type,
                          .body_sha256 = sha,
                          .created_s = now_s};
    char input[QM_REQSIG_HEADER_MAX], signature[128], digest[80];
    qm_err e =
        qm_reqsig_sign(&r, device->vkey, device->sign, device->sign_ctx, input, signature, digest);
    if (e != QM_OK)
        return e;
    if (content_type) {
        add_header(ask, "Content-Type", content_type);
        add_header(ask, "Content-Digest", digest);
    }
    add_header(ask, "Signature-Input", input);
    add_header(ask, "Signature", signature);
    return QM_OK;
}

qm_err qm_ask_photo(struct qm_ask *ask, const struct qm_voice *device, const struct qm_hash *sha,
                    const void *bytes, size_t len, const char *content_type, int64_t now_s)
{
    char hex[QM_HEX_HASH_CHARS + 1], path[96];
    qm_hex_write(sha->b, sizeof sha->b, hex);
    snprintf(path, sizeof path, "/v1/blobs/%s", hex);
    ask_init(ask, QM_ASK_PHOTO, "PUT", path);
    qm_err e = qm_buf_add(&ask->body, bytes, len);
    if (e == QM_OK)
        e = sign_request(ask, device, content_type, sha, now_s);
    return finish(ask, e);
}

/* RFC 3986: everything but unreserved characters. */
static bool add_encoded(char *out, size_t size, const char *text)
{
    size_t at = strlen(out);
    for (const char *p = text; *p; p++) {
        unsigned char c = (unsigned char)*p;
        bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                     strchr("-._~", c) != NULL;
        if (at + 4 > size)
            return false;
        at += (size_t)snprintf(out + at, size - at, plain ? "%c" : "%%%02X", c);
    }
    return true;
}

qm_err qm_ask_changes(struct qm_ask *ask, const struct qm_voice *device, const char *since,
                      int64_t now_s)
{
    ask_init(ask, QM_ASK_CHANGES, "GET", "/v1/changes");
    ask->answer_max_bytes = CHANGES_MAX_BYTES;
    if (since[0]) {
        snprintf(ask->query, sizeof ask->query, "since=");
        if (!add_encoded(ask->query, sizeof ask->query, since))
            return finish(ask, QM_E_INVALID);
    }
    return finish(ask, sign_request(ask, device, NULL, NULL, now_s));
}

struct problem {
    const char *type, *title, *detail, *instance;
    int64_t status, now_ms;
};

/* QM_OK if the body is no problem document of the contract. */
static qm_err problem_read(const struct qm_said *said, int64_t *now_ms)
{
    static const char prefix[] = "/problems/";
    static const struct qm_json_field fields[] = {
        {"type", QM_J_STRING, true, offsetof(struct problem, type), 1, 100},
        {"title", QM_J_STRING, false, offsetof(struct problem, title), 0, 2000},
        {"detail", QM_J_STRING, false, offsetof(struct problem, detail), 0, 4000},
        {"instance", QM_J_STRING, false, offsetof(struct problem, instance), 0, 2000},
        {"status", QM_J_INT, false, offsetof(struct problem, status), 100, 599},
        {"now", QM_J_INT, false, offsetof(struct problem, now_ms), 0, QM_INT_MAX}};
    struct problem p = {0};
    struct qm_json_doc *doc = NULL;
    if (strncmp(said->content_type, "application/problem+json", 24) != 0 ||
        qm_json_object(said->body, said->len, fields, sizeof fields / sizeof fields[0], &p, &doc,
                       NULL) != QM_OK)
        return QM_OK;
    qm_err e = QM_OK;
    if (strncmp(p.type, prefix, sizeof prefix - 1) == 0) {
        e = qm_err_of_name(p.type + sizeof prefix - 1);
        /* A name taken for another status is no answer of the contract. */
        if (qm_err_http(e) != said->status)
            e = QM_OK;
        else
            *now_ms = p.now_ms;
    }
    qm_json_free(doc);
    return e;
}

static enum qm_then then_of(enum qm_ask_kind kind, qm_err e)
{
    switch (e) {
    case QM_E_UNKNOWN_KEY:
    case QM_E_REVOKED:
        return QM_THEN_STOP;
    case QM_E_FORBIDDEN:
        return QM_THEN_STOP;
    case QM_E_STALE_SIGNATURE:
        return QM_THEN_CLOCK;
    case QM_E_BATCH_CONFLICT:
    case QM_E_ROOT_MISMATCH:
        return kind == QM_ASK_BATCH ? QM_THEN_REBUILD : QM_THEN_WAIT;
    case QM_E_MALFORMED:
    case QM_E_MEDIA_TYPE:
    case QM_E_TOO_LARGE:
        return kind == QM_ASK_BATCH || kind == QM_ASK_PHOTO ? QM_THEN_BYTES : QM_THEN_WAIT;
    case QM_E_KEY_TAKEN:
        return QM_THEN_STOP;
    default:
        /* A bad signature of a good key, a digest that the way spoilt, and all that is not ours to
         * repair: the same again, later. */
        return QM_THEN_WAIT;
    }
}

void qm_sync_judge(enum qm_ask_kind kind, const struct qm_said *said, struct qm_judged *out)
{
    memset(out, 0, sizeof *out);
    out->then = QM_THEN_WAIT;
    if (said->outcome != QM_OK) {
        out->err = (qm_err)said->outcome;
        return;
    }
    if (said->status == 200 || (said->status == 201 && kind == QM_ASK_PHOTO)) {
        out->then = QM_THEN_READ;
        return;
    }
    out->err = problem_read(said, &out->now_ms);
    if (out->err != QM_OK) {
        out->then = then_of(kind, out->err);
        return;
    }
    /* Not the server's own words: something in between.  Never act on it. */
    out->err = said->status == 429   ? QM_E_QUOTA
               : said->status == 503 ? QM_E_OVERLOAD
                                     : QM_E_OFFLINE;
}

uint32_t qm_pace_window(const struct qm_pace *p)
{
    uint32_t window = 2 * QM_PACE_MIN_MS;
    for (int64_t i = 0; i < p->failures && window < QM_PACE_MAX_MS; i++)
        window *= 2;
    return (window < QM_PACE_MAX_MS ? window : QM_PACE_MAX_MS) - QM_PACE_MIN_MS;
}

void qm_pace_failed(struct qm_pace *p, qm_err why, int64_t now_ms, int64_t retry_after_s,
                    uint32_t draw)
{
    if (retry_after_s > RETRY_AFTER_MAX_S)
        retry_after_s = RETRY_AFTER_MAX_S;
    if (retry_after_s >= 0)
        p->next_ms = now_ms + retry_after_s * 1000;
    else
        p->next_ms = now_ms + QM_PACE_MIN_MS + draw;
    p->failures++;
    p->why = why;
}

void qm_pace_ok(struct qm_pace *p)
{
    memset(p, 0, sizeof *p);
}

qm_err qm_log_name_read(const char *name, const char *host, int *county, int *tree)
{
    size_t h = strlen(host);
    int64_t c = 0, n = 1;
    if (strncmp(name, host, h) != 0 || strncmp(name + h, "/log/", 5) != 0)
        return QM_E_MALFORMED;
    const char *p = name + h + 5;
    size_t len = strlen(p);
    if (len < 6 || qm_dec_read(p, 6, 999999, &c) != QM_OK)
        return QM_E_MALFORMED;
    if (len > 6 && (p[6] != '-' || qm_dec_read(p + 7, len - 7, 1000000, &n) != QM_OK || n < 2))
        return QM_E_MALFORMED;
    *county = (int)c;
    *tree = (int)n;
    return QM_OK;
}

struct enrol_answer {
    const char *account, *log;
    struct qm_json_strings grids;
};

qm_err qm_enrolled_read(const void *body, size_t len, const char *host, int county,
                        struct qm_enrolled *out)
{
    static const struct qm_json_field fields[] = {
        {"account", QM_J_STRING, true, offsetof(struct enrol_answer, account), 2,
         QM_ACCOUNT_MAX_BYTES},
        {"grids", QM_J_STRINGS, true, offsetof(struct enrol_answer, grids), 0, 64},
        {"log", QM_J_STRING, true, offsetof(struct enrol_answer, log), 1, 380}};
    struct enrol_answer a = {0};
    struct qm_json_doc *doc = NULL;
    int log_county = 0, tree = 0;
    memset(out, 0, sizeof *out);
    qm_err e = qm_json_object(body, len, fields, sizeof fields / sizeof fields[0], &a, &doc, NULL);
    if (e != QM_OK)
        return e == QM_E_NOMEM ? e : QM_E_UNKNOWN_OUTCOME;
    bool good = qm_account_ok(a.account, strlen(a.account)) &&
                qm_vkey_read(a.log, strlen(a.log), &out->log) == QM_OK &&
                qm_log_name_read(out->log.name, host, &log_county, &tree) == QM_OK &&
                log_county == county;
    snprintf(out->account, sizeof out->account, "%s", a.account);
    snprintf(out->log_text, sizeof out->log_text, "%s", a.log);
    for (size_t i = 0; good && i < a.grids.n; i++) {
        int64_t grid;
        good = qm_grid_read(a.grids.v[i], strlen(a.grids.v[i]), &grid) == QM_OK;
        if (good)
            snprintf(out->grid[out->grids++], sizeof out->grid[0], "%s", a.grids.v[i]);
    }
    qm_json_free(doc);
    return good ? QM_OK : QM_E_PROOF;
}
