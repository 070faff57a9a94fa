/* tlog_list.c - see tlog_list.h.  Happy path and failure modes: as there. */
#include "domain/tlog_list.h"

#include <stdlib.h>
#include <string.h>

#include "domain/answer.h"

struct listing {
    const char *statement;
    bool objects;
    qm_tlog_listing done;
    void *ctx;
};

static qm_err take(const struct listing *l, const struct qm_pg_result *r,
                   struct qm_tlog_listed list[QM_TLOG_PAGE], size_t n)
{
    for (size_t i = 0; i < n; i++) {
        size_t len = 0;
        list[i] = (struct qm_tlog_listed){0};
        if (!l->objects) {
            list[i].idx = qm_pg_get_int(r, (int)i, 0);
            continue;
        }
        const uint8_t *sha = qm_pg_get_bytes(r, (int)i, 0, &len);
        if (len != QM_HASH_BYTES)
            return QM_E_INTERNAL;
        memcpy(list[i].sha256.b, sha, len);
        list[i].parts = (int)qm_pg_get_int(r, (int)i, 1);
        list[i].bytes = qm_pg_get_int(r, (int)i, 2);
    }
    return QM_OK;
}

static void on_rows(void *ctx, const struct qm_pg_answer *a)
{
    struct listing l = *(struct listing *)ctx;
    struct qm_tlog_listed list[QM_TLOG_PAGE];
    free(ctx);
    qm_err err = qm_answer_err(a, l.statement);
    size_t n = err == QM_OK ? (size_t)qm_pg_rows(a->result) : 0;
    if (n > QM_TLOG_PAGE)
        n = QM_TLOG_PAGE;
    if (err == QM_OK)
        err = take(&l, a->result, list, n);
    l.done(l.ctx, err, list, err == QM_OK ? n : 0);
}

/* Takes p over. */
static void start(struct qm_tlog *t, struct qm_pg_params *p, const struct listing *shape)
{
    struct listing *l = p != NULL ? malloc(sizeof *l) : NULL;
    qm_err err = QM_E_NOMEM;
    if (l != NULL) {
        *l = *shape;
        err = qm_pg_submit(qm_tlog_pg(t), l->statement, p, 0, on_rows, l);
        p = NULL;
    }
    if (err != QM_OK) {
        qm_pg_params_free(p);
        free(l);
        shape->done(shape->ctx, err, NULL, 0);
    }
}

void qm_tlog_batches(struct qm_tlog *t, int county, int64_t after, int64_t size,
                     qm_tlog_listing done, void *ctx)
{
    struct qm_pg_params *p = qm_pg_params_new();
    qm_pg_int4(p, county);
    qm_pg_int8(p, after);
    qm_pg_int8(p, size);
    qm_pg_int8(p, QM_TLOG_PAGE);
    start(t, p, &(struct listing){.statement = "export_batches", .done = done, .ctx = ctx});
}

void qm_tlog_objects(struct qm_tlog *t, int county, const struct qm_hash *after, int64_t size,
                     qm_tlog_listing done, void *ctx)
{
    struct qm_pg_params *p = qm_pg_params_new();
    qm_pg_int4(p, county);
    qm_pg_bytea(p, after == NULL ? NULL : after->b, after == NULL ? 0 : QM_HASH_BYTES);
    qm_pg_int8(p, size);
    qm_pg_int8(p, QM_TLOG_PAGE);
    start(t, p,
          &(struct listing){
              .statement = "export_objects", .objects = true, .done = done, .ctx = ctx});
}
