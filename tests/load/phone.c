/* phone.c - tests: a phone around the public client: keys, clock, network, patience.
 *
 * Clock: at the door it shows the simulated time, during a sync the true one, as on a phone that
 * was off line for days.  A phone with a wrong clock shows both wrongly.
 */
#include "phone.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "photo.h"

enum { TRIES_MAX = 400, PATIENCE_MS = 1000 };

static int64_t true_now_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_REALTIME, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static int64_t phone_now_ms(void *ctx)
{
    const struct qm_phone *p = ctx;
    return (p->in_field ? p->clock_ms : true_now_ms()) + p->skew_ms;
}

static struct qm_secret *secret_find(struct qm_phone *p, const char *name)
{
    for (size_t i = 0; i < QM_PHONE_SECRETS; i++)
        if (p->secret[i].there && strcmp(p->secret[i].name, name) == 0)
            return &p->secret[i];
    return NULL;
}

static int secret_load(void *ctx, const char *name, uint8_t secret[32])
{
    const struct qm_secret *s = secret_find(ctx, name);
    if (!s)
        return QM_C_NOT_FOUND;
    memcpy(secret, s->bytes, 32);
    return 0;
}

static int secret_store(void *ctx, const char *name, const uint8_t secret[32])
{
    struct qm_phone *p = ctx;
    if (secret_find(p, name))
        return QM_C_EXISTS;
    for (size_t i = 0; i < QM_PHONE_SECRETS; i++) {
        struct qm_secret *s = &p->secret[i];
        if (s->there)
            continue;
        snprintf(s->name, sizeof s->name, "%s", name);
        memcpy(s->bytes, secret, 32);
        s->there = true;
        return 0;
    }
    return QM_C_DISK_FULL;
}

static int secret_remove(void *ctx, const char *name)
{
    struct qm_secret *s = secret_find(ctx, name);
    if (!s)
        return QM_C_NOT_FOUND;
    s->there = false;
    return 0;
}

int qm_phone_open(struct qm_phone *p, const char *folder)
{
    char path[4096];
    snprintf(path, sizeof path, "%s/%s.db", folder, p->account);
    int code = qm_transport_curl_open(NULL, &p->flaky.inner);
    if (code != 0)
        return code;
    struct qm_client_options o = {
        .outbox_path = path,
        .keys = {.ctx = p, .load = secret_load, .store = secret_store, .remove = secret_remove},
        .now_ms = phone_now_ms,
        .now_ctx = p,
        .transport = qm_flaky_transport(&p->flaky),
    };
    return qm_client_open(&o, &p->client);
}

void qm_phone_close(struct qm_phone *p)
{
    qm_client_close(p->client);
    p->client = NULL;
}

void qm_phone_trouble(struct qm_phone *p, int code, const char *doing)
{
    if (p->error != 0)
        return;
    p->error = code;
    snprintf(p->trouble, sizeof p->trouble, "%s: %s: %s (%s)", p->account, doing,
             qm_client_code_name(code), p->client ? qm_client_detail(p->client) : "");
}

bool qm_phone_record(struct qm_phone *p, const struct qm_record *record, struct qm_recorded *out)
{
    if (p->error != 0)
        return false;
    int code = qm_client_record(p->client, record, out);
    if (code != 0) {
        qm_phone_trouble(p, code, record->kind);
        return false;
    }
    p->tally.recorded++;
    return true;
}

bool qm_phone_photo(struct qm_phone *p, char sha256[65])
{
    uint8_t png[QM_PHOTO_BYTES];
    size_t bytes = qm_photo_make((uint64_t)p->number << 32 | ++p->photo, png);
    int code = qm_client_attach(p->client, png, bytes, sha256);
    if (code != 0) {
        qm_phone_trouble(p, code, "photo");
        return false;
    }
    p->tally.photos++;
    return true;
}

/* Codes after which the SDK says: call again.  A worker with a bad network taps the button. */
static bool again(int code)
{
    return code == QM_C_OFFLINE || code == QM_C_UNKNOWN_OUTCOME || code == QM_C_OVERLOAD ||
           code == QM_C_QUOTA || code == QM_C_STALE_SIGNATURE || code == QM_C_PROOF;
}

/* A busy server is given the time that it asks for, up to a second; a lost packet needs none. */
static void wait_a_little(int code, int64_t next_ms)
{
    if (code != QM_C_OVERLOAD && code != QM_C_QUOTA)
        return;
    int64_t ms = next_ms - true_now_ms();
    ms = ms < 50 ? 50 : ms > PATIENCE_MS ? PATIENCE_MS : ms;
    struct timespec t = {ms / 1000, ms % 1000 * 1000000};
    nanosleep(&t, NULL);
}

bool qm_phone_sync(struct qm_phone *p, unsigned what)
{
    int left = 0;
    if (p->error != 0)
        return false;
    p->in_field = false;
    p->tally.syncs++;
    for (int i = 0; i < TRIES_MAX; i++) {
        struct qm_sync_report report = {0};
        int code = qm_client_sync(p->client, what, &report);
        /* A photo that waits ends no round; here they are all to arrive. */
        left = code != 0 ? code : report.photos_why;
        if (left == 0)
            return true;
        if (!again(left))
            break;
        p->tally.retries++;
        p->tally.refused_proofs += code == QM_C_PROOF;
        wait_a_little(left, (code != 0 ? report.next_ms : report.photos_next_ms) - p->skew_ms);
        qm_client_try_again(p->client);
    }
    qm_phone_trouble(p, left, "sync");
    return false;
}
