/* blob.c - floor 3: storing a picture; see blob.h.
 *
 * Happy path: sealed in the pool, then stored by one statement.
 * Failure: the step that fails ends it with its code; nothing is half stored.
 */
#include "domain/blob.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/metrics.h"
#include "domain/answer.h"

int qm_blob_media(const uint8_t *b, size_t len)
{
    static const uint8_t jpeg[] = {0xff, 0xd8, 0xff};
    static const uint8_t png[] = {0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n'};
    if (len >= sizeof jpeg && memcmp(b, jpeg, sizeof jpeg) == 0)
        return QM_BLOB_JPEG;
    if (len >= sizeof png && memcmp(b, png, sizeof png) == 0)
        return QM_BLOB_PNG;
    if (len >= 12 && memcmp(b, "RIFF", 4) == 0 && memcmp(b + 8, "WEBP", 4) == 0)
        return QM_BLOB_WEBP;
    return 0;
}

struct put {
    struct qm_blob_deps d;
    struct qm_blob blob;
    struct qm_sealed sealed;
    qm_err err;
    qm_blob_done done;
    void *ctx;
};

static void put_end(struct put *p, qm_err err, bool created)
{
    p->done(p->ctx, err, created);
    qm_buf_free(&p->sealed.bytes);
    free(p);
}

static void on_put(void *ctx, const struct qm_pg_answer *a)
{
    struct put *p = ctx;
    if (a->err != QM_OK) {
        put_end(p, qm_answer_err(a, "blob_put"), false);
        return;
    }
    switch (qm_pg_rows(a->result) == 1 ? qm_pg_get_int(a->result, 0, 0) : -1) {
    case 0:
        qm_metric_add(QM_M_BLOBS_STORED, 1);
        put_end(p, QM_OK, true);
        return;
    case 1:
        put_end(p, QM_OK, false);
        return;
    case 2:
        put_end(p, QM_E_QUOTA, false);
        return;
    case 4:
        put_end(p, QM_E_REVOKED, false);
        return;
    default:
        put_end(p, QM_E_INTERNAL, false);
    }
}

static void seal_work(void *ctx)
{
    struct put *p = ctx;
    p->err = qm_seal_close(p->d.seal, QM_PURPOSE_BLOB, p->blob.sha256.b, QM_HASH_BYTES,
                           p->blob.bytes, p->blob.len, &p->sealed);
}

static void seal_done(void *ctx)
{
    struct put *p = ctx;
    struct qm_pg_params *q = p->err == QM_OK ? qm_pg_params_new() : NULL;
    qm_err e = p->err;
    if (e == QM_OK && !q)
        e = QM_E_NOMEM;
    if (e == QM_OK) {
        int64_t now_ms = qm_clock_ms();
        qm_pg_int4(q, p->blob.county);
        qm_pg_uuid(q, p->blob.device);
        qm_pg_bytea(q, p->blob.sha256.b, QM_HASH_BYTES);
        qm_pg_int4(q, (int32_t)p->blob.len);
        qm_pg_int2(q, p->blob.media);
        qm_pg_bytea(q, p->sealed.bytes.p, p->sealed.bytes.len);
        qm_pg_int8(q, now_ms);
        qm_pg_date(q, qm_day_of_ms(now_ms));
        qm_pg_int8(q, p->blob.budget_bytes);
        e = qm_pg_submit(p->d.pg, "blob_put", q, 0, on_put, p);
    }
    if (e != QM_OK)
        put_end(p, e, false);
}

void qm_blob_put(const struct qm_blob_deps *deps, const struct qm_blob *blob, qm_blob_done done,
                 void *ctx)
{
    struct put *p = calloc(1, sizeof *p);
    if (!p) {
        done(ctx, QM_E_NOMEM, false);
        return;
    }
    *p = (struct put){.d = *deps, .blob = *blob, .done = done, .ctx = ctx};
    qm_buf_init(&p->sealed.bytes, QM_BLOB_MAX_BYTES + QM_SEAL_OVERHEAD_BYTES);
    qm_err e = qm_pool_run(deps->pool, seal_work, seal_done, p);
    if (e != QM_OK)
        put_end(p, e, false);
}
