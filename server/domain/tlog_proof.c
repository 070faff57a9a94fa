/* tlog_proof.c - floor 3: the receipt of an entry that is already in the log; see tlog.h.
 *
 * Happy path: plan which stored nodes make the proof, read them and the entry in one statement,
 * sign the head, write the tlog-proof.
 * Failure: an index at or above the head is QM_E_NOT_FOUND; a missing node is QM_E_INTERNAL: nodes
 * are written in the commit of their entry.
 */
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "domain/answer.h"
#include "domain/tlog.h"

struct receipt {
    struct qm_tlog *t;
    struct qm_tlog_head head;
    int64_t idx;
    struct qm_proof_plan plan;
    struct qm_hash node[2 * QM_PROOF_MAX + 2];
    struct qm_buf entry;
    qm_tlog_bytes done;
    void *ctx;
};

static void receipt_end(struct receipt *r, qm_err err, struct qm_buf *text)
{
    struct qm_buf none;
    qm_buf_init(&none, 0);
    r->done(r->ctx, err, text ? text : &none);
    qm_buf_free(&r->entry);
    free(r);
}

static void on_signed(void *ctx, qm_err err, const char *note, size_t len)
{
    struct receipt *r = ctx;
    if (err != QM_OK) {
        receipt_end(r, err, NULL);
        return;
    }
    struct qm_hash proof[QM_PROOF_MAX];
    qm_proof_from_nodes(&r->plan, r->node, proof);
    struct qm_buf text;
    qm_buf_init(&text, QM_RECEIPT_MAX_BYTES);
    err = qm_receipt_write(r->entry.p, r->entry.len, (uint64_t)r->idx, proof, r->plan.hashes, note,
                           len, &text);
    receipt_end(r, err, &text);
    qm_buf_free(&text);
}

static qm_err rows_take(struct receipt *r, const struct qm_pg_result *rows)
{
    if (qm_pg_rows(rows) == 0 || qm_pg_get_int(rows, 0, 0) != 0)
        return QM_E_NOT_FOUND;
    if ((size_t)qm_pg_rows(rows) != r->plan.nodes + 1) {
        QM_BUG("a node of the log is missing");
        return QM_E_INTERNAL;
    }
    size_t len;
    const uint8_t *bytes = qm_pg_get_bytes(rows, 0, 1, &len);
    qm_err e = qm_buf_add(&r->entry, bytes, len);
    for (size_t i = 0; e == QM_OK && i < r->plan.nodes; i++) {
        bytes = qm_pg_get_bytes(rows, (int)i + 1, 1, &len);
        if (!bytes || len != QM_HASH_BYTES)
            return QM_E_INTERNAL;
        memcpy(r->node[i].b, bytes, len);
    }
    return e;
}

static void on_proof(void *ctx, const struct qm_pg_answer *a)
{
    struct receipt *r = ctx;
    qm_err e = a->err == QM_OK ? rows_take(r, a->result) : qm_answer_err(a, "log_proof");
    if (e == QM_OK)
        qm_tlog_sign(r->t, &r->head, on_signed, r);
    else
        receipt_end(r, e, NULL);
}

static struct qm_pg_params *proof_params(const struct receipt *r)
{
    struct qm_pg_params *p = qm_pg_params_new();
    if (!p)
        return NULL;
    qm_pg_int4(p, r->head.county);
    qm_pg_int8(p, r->idx);
    qm_pg_array_begin(p, QM_PG_INT2);
    for (size_t i = 0; i < r->plan.nodes; i++)
        qm_pg_array_int(p, r->plan.node[i].level);
    qm_pg_array_end(p);
    qm_pg_array_begin(p, QM_PG_INT8);
    for (size_t i = 0; i < r->plan.nodes; i++)
        qm_pg_array_int(p, (int64_t)r->plan.node[i].index);
    qm_pg_array_end(p);
    return p;
}

void qm_tlog_receipt(struct qm_tlog *t, const struct qm_tlog_head *head, int64_t idx,
                     qm_tlog_bytes done, void *ctx)
{
    struct receipt *r = calloc(1, sizeof *r);
    if (!r) {
        struct qm_buf none;
        qm_buf_init(&none, 0);
        done(ctx, QM_E_NOMEM, &none);
        return;
    }
    *r = (struct receipt){.t = t, .head = *head, .idx = idx, .done = done, .ctx = ctx};
    qm_buf_init(&r->entry, QM_ENTRY_MAX_BYTES);
    qm_err e = idx >= 0 && idx < head->size
                   ? qm_inclusion_plan((uint64_t)idx, (uint64_t)head->size, &r->plan)
                   : QM_E_NOT_FOUND;
    struct qm_pg_params *p = e == QM_OK ? proof_params(r) : NULL;
    if (e == QM_OK)
        e = p ? qm_pg_submit(qm_tlog_pg(t), "log_proof", p, 0, on_proof, r) : QM_E_NOMEM;
    if (e != QM_OK)
        receipt_end(r, e, NULL);
}
