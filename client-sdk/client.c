/* client.c - floor 2: the handle: opening, who we are, what is where, receipts, lists.
 *
 * Happy path: keys first (they open the outbox), then the file.  Most functions hand through to the
 * outbox and turn its error into the public number, keeping its reason for qm_client_detail.
 */
#include "client_handle.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

_Static_assert((int)QM_C_MALFORMED == (int)QM_E_MALFORMED, "public number");
_Static_assert((int)QM_C_TOO_LARGE == (int)QM_E_TOO_LARGE, "public number");
_Static_assert((int)QM_C_UNKNOWN_KEY == (int)QM_E_UNKNOWN_KEY, "public number");
_Static_assert((int)QM_C_BAD_SIGNATURE == (int)QM_E_BAD_SIGNATURE, "public number");
_Static_assert((int)QM_C_STALE_SIGNATURE == (int)QM_E_STALE_SIGNATURE, "public number");
_Static_assert((int)QM_C_REVOKED == (int)QM_E_REVOKED, "public number");
_Static_assert((int)QM_C_FORBIDDEN == (int)QM_E_FORBIDDEN, "public number");
_Static_assert((int)QM_C_NOT_FOUND == (int)QM_E_NOT_FOUND, "public number");
_Static_assert((int)QM_C_KEY_TAKEN == (int)QM_E_KEY_TAKEN, "public number");
_Static_assert((int)QM_C_DIGEST_MISMATCH == (int)QM_E_DIGEST_MISMATCH, "public number");
_Static_assert((int)QM_C_QUOTA == (int)QM_E_QUOTA, "public number");
_Static_assert((int)QM_C_OVERLOAD == (int)QM_E_OVERLOAD, "public number");
_Static_assert((int)QM_C_INTERNAL == (int)QM_E_INTERNAL, "public number");
_Static_assert((int)QM_C_LOG_STOPPED == (int)QM_E_LOG_STOPPED, "public number");
_Static_assert((int)QM_C_NOMEM == (int)QM_E_NOMEM, "public number");
_Static_assert((int)QM_C_INVALID == (int)QM_E_INVALID, "public number");
_Static_assert((int)QM_C_IO == (int)QM_E_IO, "public number");
_Static_assert((int)QM_C_DISK_FULL == (int)QM_E_DISK_FULL, "public number");
_Static_assert((int)QM_C_BUSY == (int)QM_E_BUSY, "public number");
_Static_assert((int)QM_C_CORRUPT == (int)QM_E_CORRUPT, "public number");
_Static_assert((int)QM_C_OFFLINE == (int)QM_E_OFFLINE, "public number");
_Static_assert((int)QM_C_UNKNOWN_OUTCOME == (int)QM_E_UNKNOWN_OUTCOME, "public number");
_Static_assert((int)QM_C_PROOF == (int)QM_E_PROOF, "public number");
_Static_assert((int)QM_C_LOG_REGRESSED == (int)QM_E_LOG_REGRESSED, "public number");
_Static_assert((int)QM_C_NOT_ENROLLED == (int)QM_E_NOT_ENROLLED, "public number");
_Static_assert((int)QM_C_EXISTS == (int)QM_E_EXISTS, "public number");

enum { DEFAULT_BATCH_EVENTS = 64, DEFAULT_TIMEOUT_MS = 30000, RECEIPT_MAX = QM_RECEIPT_MAX_BYTES };

int64_t qmc_now(const struct qm_client *c)
{
    if (c->options.now_ms)
        return c->options.now_ms(c->options.now_ctx);
    struct timespec t;
    clock_gettime(CLOCK_REALTIME, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

qm_err qmc_fail(struct qm_client *c, qm_err e, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    vsnprintf(c->detail, sizeof c->detail, format, args);
    va_end(args);
    return e;
}

qm_err qmc_outbox(struct qm_client *c, qm_err e)
{
    if (e != QM_OK)
        snprintf(c->detail, sizeof c->detail, "%s", qm_outbox_detail(c->outbox));
    return e;
}

void qmc_progress(const struct qm_client *c, const char *what, uint64_t done, uint64_t total)
{
    if (c->options.progress)
        c->options.progress(c->options.progress_ctx, what, done, total);
}

uint32_t qmc_batch_events(const struct qm_client *c)
{
    return c->options.batch_events;
}

int qm_client_open(const struct qm_client_options *options, qm_client **out)
{
    *out = NULL;
    if (!options->outbox_path || options->batch_events > QM_BATCH_MAX_EVENTS)
        return QM_E_INVALID;
    struct qm_client *c = calloc(1, sizeof *c);
    if (!c)
        return QM_E_NOMEM;
    c->options = *options;
    if (c->options.batch_events == 0)
        c->options.batch_events = DEFAULT_BATCH_EVENTS;
    if (c->options.timeout_ms == 0)
        c->options.timeout_ms = DEFAULT_TIMEOUT_MS;
    qm_err e = qm_keys_open(&c->keys, &options->keys, !qm_outbox_exists(options->outbox_path));
    /* Records without the key that opens them: as good as damaged, and the keys are the cause. */
    if (e == QM_E_NOT_FOUND)
        e = QM_E_CORRUPT;
    if (e == QM_OK)
        e = qm_outbox_open(options->outbox_path, &c->keys, &c->outbox);
    c->options.outbox_path = NULL; /* the caller's */
    if (e == QM_OK) {
        *out = c;
        return QM_OK;
    }
    /* The caller keeps its transport when there is no handle. */
    c->options.transport.close = NULL;
    qm_client_close(c);
    return (int)e;
}

void qm_client_close(qm_client *c)
{
    if (!c)
        return;
    qmc_land(c);
    qm_outbox_close(c->outbox);
    qm_keys_close(&c->keys);
    if (c->options.transport.close)
        c->options.transport.close(c->options.transport.ctx);
    free(c);
}

void qm_client_free(void *memory)
{
    free(memory);
}

const char *qm_client_detail(const qm_client *c)
{
    return c->detail;
}

qm_err qmc_identity(struct qm_client *c, struct qm_identity *id)
{
    memset(id, 0, sizeof *id);
    char log[384];
    qm_err e = qm_outbox_get_text(c->outbox, "device", id->device, sizeof id->device);
    if (e == QM_OK && !id->device[0])
        return qmc_fail(c, QM_E_NOT_ENROLLED, "this device is not enrolled");
    if (e == QM_OK)
        e = qm_outbox_get_text(c->outbox, "server", id->server, sizeof id->server);
    if (e == QM_OK)
        e = qm_outbox_get_text(c->outbox, "host", id->host, sizeof id->host);
    if (e == QM_OK)
        e = qm_outbox_get_int(c->outbox, "slot", &id->slot);
    if (e == QM_OK)
        e = qm_outbox_get_int(c->outbox, "county", &id->county);
    if (e == QM_OK)
        e = qm_outbox_get_text(c->outbox, "log-key", log, sizeof log);
    if (e != QM_OK)
        return qmc_outbox(c, e);
    if (qm_device_name_read(id->device, strlen(id->device), id->host, id->id) != QM_OK ||
        qm_vkey_read(log, strlen(log), &id->log) != QM_OK)
        return qmc_fail(c, QM_E_CORRUPT, "outbox: device or log key does not parse");
    e = qm_keys_device(&c->keys, id->slot, id->device, &id->signer);
    if (e != QM_OK)
        return qmc_fail(c, e == QM_E_NOT_FOUND ? QM_E_CORRUPT : e, "device key %d is not there",
                        (int)id->slot);
    return QM_OK;
}

struct qm_voice qmc_voice(const struct qm_identity *id, struct qm_signer *signer)
{
    return (struct qm_voice){
        .host = id->host, .vkey = &signer->vkey, .sign = qm_keys_sign, .sign_ctx = signer};
}

qm_err qmc_alarm(struct qm_client *c, qm_err why, int64_t now_ms)
{
    qm_err e = qm_outbox_set_int(c->outbox, "alarm", (int64_t)why);
    return e == QM_OK ? qm_outbox_set_int(c->outbox, "alarm-at", now_ms) : e;
}

static void split_grids(const char *joined, struct qm_client_info *out)
{
    for (const char *p = joined; strlen(p) >= 15 && out->grids < 64; p += p[15] == ',' ? 16 : 15)
        snprintf(out->grid[out->grids++], sizeof out->grid[0], "%.15s", p);
}

int qm_client_get_info(qm_client *c, struct qm_client_info *out)
{
    memset(out, 0, sizeof *out);
    char grids[64 * 16 + 1], seen[QM_NAME_MAX_BYTES];
    int64_t size = 0, stopped = 0, alarm = 0;
    struct qm_pace all = {0}, photos = {0};
    struct {
        const char *name;
        char *to;
        size_t size;
    } texts[] = {{"device", out->device, sizeof out->device},
                 {"server", out->server, sizeof out->server},
                 {"host", out->host, sizeof out->host},
                 {"account", out->account, sizeof out->account},
                 {"log-key", out->log_key, sizeof out->log_key},
                 {"grids", grids, sizeof grids},
                 {"seen-log", seen, sizeof seen},
                 {"evidence", out->evidence, sizeof out->evidence}};
    struct {
        const char *name;
        int64_t *to;
    } ints[] = {{"seen-size", &size},  {"last-sync", &out->last_sync_ms},
                {"stopped", &stopped}, {"offset", &out->clock_offset_ms},
                {"alarm", &alarm},     {"alarm-at", &out->alarm_ms}};
    qm_err e = QM_OK;
    for (size_t i = 0; e == QM_OK && i < sizeof texts / sizeof texts[0]; i++)
        e = qm_outbox_get_text(c->outbox, texts[i].name, texts[i].to, texts[i].size);
    for (size_t i = 0; e == QM_OK && i < sizeof ints / sizeof ints[0]; i++)
        e = qm_outbox_get_int(c->outbox, ints[i].name, ints[i].to);
    if (e == QM_OK)
        e = qmc_pace_read(c, QM_PACED_ALL, &all);
    if (e == QM_OK)
        e = qmc_pace_read(c, QM_PACED_PHOTOS, &photos);
    if (e != QM_OK)
        return (int)qmc_outbox(c, e);
    struct qm_vkey log;
    if (out->log_key[0] && qm_vkey_read(out->log_key, strlen(out->log_key), &log) == QM_OK)
        snprintf(out->log, sizeof out->log, "%s", log.name);
    out->enrolled = out->device[0] != 0;
    out->log_size = (uint64_t)size;
    out->stopped = (int)stopped;
    out->alarm = (int)alarm;
    out->next_ms = all.next_ms;
    out->why = (int)all.why;
    out->photos_next_ms = photos.next_ms;
    out->photos_why = (int)photos.why;
    split_grids(grids, out);
    return QM_OK;
}

int qm_client_try_again(qm_client *c)
{
    static const char *const zero[] = {"stopped", "alarm", "alarm-at"};
    qm_err e = qm_outbox_begin(c->outbox);
    if (e != QM_OK)
        return (int)qmc_outbox(c, e);
    for (size_t i = 0; e == QM_OK && i < sizeof zero / sizeof zero[0]; i++)
        e = qm_outbox_set_int(c->outbox, zero[i], 0);
    if (e == QM_OK)
        e = qmc_pace_forget(c);
    return (int)qmc_outbox(c, qm_outbox_end(c->outbox, e));
}

int qm_client_count(qm_client *c, struct qm_counts *out)
{
    return (int)qmc_outbox(c, qm_outbox_count(c->outbox, out));
}

int qm_client_records(qm_client *c, enum qm_state state, qm_record_fn fn, void *ctx)
{
    return (int)qmc_outbox(c, qm_outbox_records(c->outbox, (int)state, fn, ctx));
}

int qm_client_photos(qm_client *c, int (*fn)(void *, const struct qm_photo_view *), void *ctx)
{
    return (int)qmc_outbox(c, qm_outbox_photos(c->outbox, fn, ctx));
}

int qm_client_receipts(qm_client *c, int (*fn)(void *, const struct qm_receipt_view *), void *ctx)
{
    return (int)qmc_outbox(c, qm_outbox_receipts(c->outbox, fn, ctx));
}

static void hand_out(struct qm_buf *b, char **text, size_t *bytes)
{
    if (text)
        *text = (char *)qm_buf_steal(b, bytes);
    qm_buf_free(b);
}

int qm_client_event_receipt(qm_client *c, const char *event, char **batch, size_t *batch_bytes,
                            char **single, size_t *single_bytes)
{
    uint8_t id[QM_ID_BYTES];
    size_t unused = 0;
    if (qm_uuid_read(event, strlen(event), 7, id) != QM_OK)
        return (int)qmc_fail(c, QM_E_INVALID, "event: not a UUID of version 7");
    struct qm_buf b, s;
    qm_buf_init(&b, RECEIPT_MAX);
    qm_buf_init(&s, RECEIPT_MAX);
    qm_err e = qm_outbox_event_receipt(c->outbox, id, &b, &s);
    if (e != QM_OK) {
        qm_buf_free(&b);
        qm_buf_free(&s);
        return (int)qmc_outbox(c, e);
    }
    hand_out(&b, batch, batch_bytes ? batch_bytes : &unused);
    hand_out(&s, single, single_bytes ? single_bytes : &unused);
    return QM_OK;
}

int qm_client_device_key(qm_client *c, char **vkey)
{
    struct qm_identity id;
    struct qm_buf b;
    size_t len = 0;
    qm_err e = qmc_identity(c, &id);
    if (e != QM_OK)
        return (int)e;
    qm_buf_init(&b, 1024);
    e = qm_vkey_write(&id.signer.vkey, &b);
    if (e == QM_OK)
        *vkey = (char *)qm_buf_steal(&b, &len);
    qm_buf_free(&b);
    return (int)e;
}

int qm_verify(const char *vkey, const char *text, size_t bytes)
{
    struct qm_vkey key;
    qm_err e = qm_vkey_read(vkey, strlen(vkey), &key);
    return (int)(e == QM_OK ? qm_receipt_verify(text, bytes, &key) : QM_E_INVALID);
}

int qm_client_households(qm_client *c, const char *grid, qm_household_fn fn, void *ctx)
{
    return (int)qmc_outbox(c, qm_outbox_households(c->outbox, grid, fn, ctx));
}

int qm_client_residents(qm_client *c, const char *household, qm_resident_fn fn, void *ctx)
{
    return (int)qmc_outbox(c, qm_outbox_residents(c->outbox, household, fn, ctx));
}

int qm_client_texts(qm_client *c, int (*fn)(void *, const struct qm_text_view *), void *ctx)
{
    return (int)qmc_outbox(c, qm_outbox_texts(c->outbox, fn, ctx));
}

int qm_client_targets(qm_client *c, int (*fn)(void *, const struct qm_target_view *), void *ctx)
{
    return (int)qmc_outbox(c, qm_outbox_targets(c->outbox, fn, ctx));
}

int qm_client_wants(qm_client *c, int (*fn)(void *, const struct qm_want_view *), void *ctx)
{
    return (int)qmc_outbox(c, qm_outbox_wants(c->outbox, fn, ctx));
}
