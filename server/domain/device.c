/* device.c - floor 3: devices, their counties and keys; see device.h.
 *
 * Happy path: cache, or device_home -> the county whose key has the asked id -> device_row -> the
 * key is still the one in force -> cache.
 * Failure: a name or key that nobody has is QM_E_UNKNOWN_KEY and is not cached, so that guesses
 * push nobody out.
 */
#include "domain/device.h"

#include <stdlib.h>
#include <string.h>

#include "domain/answer.h"

enum { CACHE_PLACES = 8192, NONE = -1 };

struct entry {
    struct qm_device d;
    uint32_t key_id;
    int chain;        /* next of the same hash */
    int newer, older; /* order of use */
};
struct qm_devices {
    struct qm_pg *pg;
    const char *host;
    int used, newest, oldest;
    int head[CACHE_PLACES];
    struct entry v[CACHE_PLACES];
};

qm_err qm_devices_new(struct qm_pg *pg, const char *host, struct qm_devices **out)
{
    struct qm_devices *ds = calloc(1, sizeof *ds);
    if (!ds)
        return QM_E_NOMEM;
    ds->pg = pg;
    ds->host = host;
    ds->newest = ds->oldest = NONE;
    for (int i = 0; i < CACHE_PLACES; i++)
        ds->head[i] = NONE;
    *out = ds;
    return QM_OK;
}

void qm_devices_free(struct qm_devices *ds)
{
    free(ds);
}

/* ---- the cache: a chained table over a fixed array, with a list in order of use ---- */

/* Device names are random UUIDs, and only enrolled ones get in: four bytes are hash enough. */
static int hash_of(const uint8_t device[QM_ID_BYTES])
{
    uint32_t h;
    memcpy(&h, device, sizeof h);
    return (int)(h % CACHE_PLACES);
}

static int cache_find(const struct qm_devices *ds, const uint8_t device[QM_ID_BYTES])
{
    int i = ds->head[hash_of(device)];
    while (i != NONE && memcmp(ds->v[i].d.device, device, QM_ID_BYTES) != 0)
        i = ds->v[i].chain;
    return i;
}

static void list_take(struct qm_devices *ds, int i)
{
    struct entry *e = &ds->v[i];
    if (e->newer != NONE)
        ds->v[e->newer].older = e->older;
    else
        ds->newest = e->older;
    if (e->older != NONE)
        ds->v[e->older].newer = e->newer;
    else
        ds->oldest = e->newer;
}

static void list_put(struct qm_devices *ds, int i)
{
    struct entry *e = &ds->v[i];
    e->newer = NONE;
    e->older = ds->newest;
    if (ds->newest != NONE)
        ds->v[ds->newest].newer = i;
    else
        ds->oldest = i;
    ds->newest = i;
}

static void chain_take(struct qm_devices *ds, int i)
{
    int *at = &ds->head[hash_of(ds->v[i].d.device)];
    while (*at != i)
        at = &ds->v[*at].chain;
    *at = ds->v[i].chain;
}

static void cache_put(struct qm_devices *ds, const struct qm_device *d, uint32_t key_id)
{
    int i = cache_find(ds, d->device);
    if (i == NONE && ds->used < CACHE_PLACES) {
        i = ds->used++;
    } else {
        i = i == NONE ? ds->oldest : i;
        list_take(ds, i);
        chain_take(ds, i);
    }
    int *head = &ds->head[hash_of(d->device)];
    ds->v[i] = (struct entry){.d = *d, .key_id = key_id, .chain = *head};
    *head = i;
    list_put(ds, i);
}

void qm_device_forget(struct qm_devices *ds, const uint8_t device[QM_ID_BYTES])
{
    int i = cache_find(ds, device);
    if (i != NONE)
        ds->v[i].d.county = 0; /* keeps its place, answers nobody */
}

/* ---- the database ---- */

struct look {
    struct qm_devices *ds;
    struct qm_device d;
    uint32_t key_id;
    qm_device_done done;
    void *ctx;
};

static void look_end(struct look *l, qm_err err)
{
    l->done(l->ctx, err, err == QM_OK ? &l->d : NULL);
    free(l);
}

static void on_row(void *ctx, const struct qm_pg_answer *a)
{
    struct look *l = ctx;
    if (a->err != QM_OK) {
        look_end(l, qm_answer_err(a, "device_row"));
        return;
    }
    size_t len = 0;
    const uint8_t *key = qm_pg_rows(a->result) == 1 ? qm_pg_get_bytes(a->result, 0, 0, &len) : NULL;
    if (!key || len != QM_KEY_BYTES || memcmp(key, l->d.key, len) != 0) {
        look_end(l, QM_E_UNKNOWN_KEY);
        return;
    }
    const char *account = qm_pg_get_text(a->result, 0, 1);
    strncpy(l->d.account, account, QM_ACCOUNT_MAX_BYTES);
    l->d.revoked = !qm_pg_is_null(a->result, 0, 2);
    cache_put(l->ds, &l->d, l->key_id);
    look_end(l, QM_OK);
}

/* Every key ever seen of that device name: the one with the asked id says which county to ask. */
static bool home_choose(struct look *l, const struct qm_pg_result *r)
{
    char name[QM_NAME_MAX_BYTES];
    if (qm_device_name(l->ds->host, l->d.device, name) != QM_OK)
        return false;
    for (int i = 0; i < qm_pg_rows(r); i++) {
        size_t len;
        const uint8_t *key = qm_pg_get_bytes(r, i, 1, &len);
        struct qm_vkey vkey;
        if (len != QM_KEY_BYTES || qm_vkey_make(name, key, &vkey) != QM_OK || vkey.id != l->key_id)
            continue;
        l->d.county = (int)qm_pg_get_int(r, i, 0);
        memcpy(l->d.key, key, QM_KEY_BYTES);
        return true;
    }
    return false;
}

static void on_home(void *ctx, const struct qm_pg_answer *a)
{
    struct look *l = ctx;
    if (a->err != QM_OK) {
        look_end(l, qm_answer_err(a, "device_home"));
        return;
    }
    if (!home_choose(l, a->result)) {
        look_end(l, QM_E_UNKNOWN_KEY);
        return;
    }
    struct qm_pg_params *p = qm_pg_params_new();
    qm_err e = QM_E_NOMEM;
    if (p) {
        qm_pg_int4(p, l->d.county);
        qm_pg_uuid(p, l->d.device);
        e = qm_pg_submit(l->ds->pg, "device_row", p, 0, on_row, l);
    }
    if (e != QM_OK)
        look_end(l, e);
}

void qm_device_find(struct qm_devices *ds, const uint8_t device[QM_ID_BYTES], uint32_t key_id,
                    bool fresh, qm_device_done done, void *ctx)
{
    int i = fresh ? NONE : cache_find(ds, device);
    if (i != NONE && ds->v[i].d.county != 0 && ds->v[i].key_id == key_id) {
        list_take(ds, i);
        list_put(ds, i);
        struct qm_device d = ds->v[i].d;
        done(ctx, QM_OK, &d);
        return;
    }
    struct look *l = calloc(1, sizeof *l);
    struct qm_pg_params *p = qm_pg_params_new();
    qm_err e = QM_E_NOMEM;
    if (l && p) {
        *l = (struct look){.ds = ds, .key_id = key_id, .done = done, .ctx = ctx};
        memcpy(l->d.device, device, QM_ID_BYTES);
        qm_pg_uuid(p, device);
        e = qm_pg_submit(ds->pg, "device_home", p, 0, on_home, l);
        p = NULL;
    }
    if (e != QM_OK) {
        qm_pg_params_free(p);
        free(l);
        done(ctx, e, NULL);
    }
}
