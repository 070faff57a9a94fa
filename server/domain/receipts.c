/* receipts.c - floor 3: a resident's own receipt; see receipts.h.
 *
 *   receipt_event -> pool: open P, compare -> batch_lines -> head -> receipt of the batch -> answer
 *
 * Failure: what does not fit is QM_E_NOT_FOUND, after the same steps and at a set time.
 */
#include "domain/receipts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "domain/answer.h"
#include "domain/mask.h"
#include "wire/batch.h"
#include "wire/event.h"
#include "wire/json.h"

enum {
    ANSWER_MAX_BYTES = 512 * 1024,
    DECOY_MAX_BYTES = 200,
    MASKED_MAX_BYTES = 16384,
    /* Many times what the steps take, however long P is. */
    NOT_FOUND_MS = 25
};

struct qm_receipts {
    struct qm_receipts_config cfg;
    struct qm_sealed decoy;
    uint8_t decoy_id[QM_ID_BYTES];
};

struct get {
    struct qm_receipts *rs;
    uint8_t id[QM_ID_BYTES], salt[QM_ID_BYTES];
    bool asked_well; /* id and salt had the form of ids and salts */
    bool found;      /* there is such an event with a P */
    bool matched;    /* and the salt is right */
    int county, line;
    int64_t idx;
    struct qm_buf e, p;   /* E; sealed P */
    struct qm_buf masked; /* JSON */
    size_t lines;
    struct qm_batch_line *leaf;
    struct qm_tlog_head head;
    uint64_t begun_ms; /* on the loop's clock */
    uv_timer_t due;
    qm_err err;
    qm_receipts_done done;
    void *ctx;
};

qm_err qm_receipts_new(const struct qm_receipts_config *cfg, struct qm_receipts **out)
{
    struct qm_receipts *rs = calloc(1, sizeof *rs);
    if (!rs)
        return QM_E_NOMEM;
    rs->cfg = *cfg;
    char text[DECOY_MAX_BYTES];
    int len =
        snprintf(text, sizeof text, "{\"s\":\"AAAAAAAAAAAAAAAAAAAAAA\",\"note\":\"%0100d\"}", 0);
    qm_err e = qm_seal_close(cfg->seal, QM_PURPOSE_P, rs->decoy_id, QM_ID_BYTES, text, (size_t)len,
                             &rs->decoy);
    if (e != QM_OK) {
        qm_receipts_free(rs);
        return e;
    }
    *out = rs;
    return QM_OK;
}

void qm_receipts_free(struct qm_receipts *rs)
{
    if (!rs)
        return;
    qm_buf_free(&rs->decoy.bytes);
    free(rs);
}

static void get_end(struct get *g, qm_err err, struct qm_buf *json)
{
    struct qm_buf none;
    qm_buf_init(&none, 0);
    g->done(g->ctx, err, json ? json : &none);
    qm_buf_free(&g->e);
    qm_buf_free(&g->p);
    qm_buf_wipe(&g->masked);
    free(g->leaf);
    free(g);
}

static void on_due_closed(uv_handle_t *due)
{
    get_end(due->data, QM_E_NOT_FOUND, NULL);
}

static void on_due(uv_timer_t *due)
{
    uv_close((uv_handle_t *)due, on_due_closed);
}

/* After a time that is a multiple of NOT_FOUND_MS. */
static void get_end_not_found(struct get *g)
{
    uint64_t took_ms = uv_now(g->rs->cfg.loop) - g->begun_ms;
    uv_timer_init(g->rs->cfg.loop, &g->due);
    g->due.data = g;
    uv_timer_start(&g->due, on_due, NOT_FOUND_MS - took_ms % NOT_FOUND_MS, 0);
}

/* ---- the answer ---- */

/* The note of a batch, as the first bytes of a body: what batch.h reads. */
static qm_err event_proof(const struct get *g, const struct qm_receipt *batch, struct qm_buf *out)
{
    struct qm_entry entry;
    struct qm_batch_head head;
    struct qm_buf body;
    qm_buf_init(&body, QM_BATCH_NOTE_MAX_BYTES + 1);
    qm_err e = qm_entry_read((const char *)batch->extra.p, batch->extra.len, &entry);
    if (e == QM_OK && entry.type != QM_ENTRY_BATCH)
        e = QM_E_CORRUPT;
    if (e == QM_OK)
        e = qm_buf_add(&body, entry.payload.p, entry.payload.len);
    if (e == QM_OK)
        e = qm_buf_puts(&body, "\n");
    if (e == QM_OK)
        e = qm_batch_head_read((const char *)body.p, body.len, g->rs->cfg.host, &head);
    if (e == QM_OK && head.checkpoint.size != g->lines)
        e = QM_E_CORRUPT;
    if (e == QM_OK)
        e = qm_batch_event_receipt(&head, g->leaf, (size_t)g->line, out);
    qm_buf_free(&body);
    return e;
}

static qm_err json_write(const struct get *g, const struct qm_buf *batch, struct qm_buf *json)
{
    struct qm_receipt parsed = {0};
    struct qm_event ev;
    struct qm_buf proof;
    qm_buf_init(&proof, QM_RECEIPT_MAX_BYTES);
    qm_err e = qm_receipt_read((const char *)batch->p, batch->len, &parsed);
    if (e == QM_OK)
        e = event_proof(g, &parsed, &proof);
    if (e == QM_OK)
        e = qm_event_read((const char *)g->e.p, g->e.len, &ev);
    if (e == QM_OK) {
        qm_buf_puts(json, "{\"event\":");
        qm_json_quote(json, (const char *)proof.p, proof.len);
        qm_buf_puts(json, ",\"batch\":");
        qm_json_quote(json, (const char *)batch->p, batch->len);
        qm_buf_puts(json, ",\"text\":");
        if (ev.text[0])
            qm_json_quote(json, ev.text, strlen(ev.text));
        else
            qm_buf_puts(json, "null");
        qm_buf_puts(json, ",\"private\":");
        qm_buf_add(json, g->masked.p, g->masked.len);
        e = qm_buf_puts(json, "}\n");
    }
    qm_receipt_free(&parsed);
    qm_buf_free(&proof);
    return e;
}

static void on_batch(void *ctx, qm_err err, struct qm_buf *receipt)
{
    struct get *g = ctx;
    struct qm_buf json;
    qm_buf_init(&json, ANSWER_MAX_BYTES);
    if (err == QM_OK)
        err = json_write(g, receipt, &json);
    get_end(g, err, &json);
    qm_buf_wipe(&json);
}

static void on_head(void *ctx, qm_err err, const struct qm_tlog_head *head)
{
    struct get *g = ctx;
    if (err == QM_OK)
        qm_tlog_receipt(g->rs->cfg.tlog, head, g->idx, on_batch, g);
    else
        get_end(g, err, NULL);
}

/* ---- the lines of the batch ---- */

static qm_err lines_take(struct get *g, const struct qm_pg_result *r)
{
    enum { ID = 1, E, LEAF };
    int n = qm_pg_rows(r);
    if (n <= g->line || n > QM_BATCH_MAX_EVENTS)
        return QM_E_CORRUPT;
    g->leaf = calloc((size_t)n, sizeof *g->leaf);
    if (!g->leaf)
        return QM_E_NOMEM;
    g->lines = (size_t)n;
    for (int i = 0; i < n; i++) {
        size_t len;
        bool rejected = qm_pg_is_null(r, i, ID);
        const uint8_t *v = qm_pg_get_bytes(r, i, rejected ? LEAF : E, &len);
        if (!v || (rejected && len != QM_HASH_BYTES))
            return QM_E_CORRUPT;
        if (rejected)
            memcpy(g->leaf[i].leaf.b, v, len);
        else
            qm_leaf_hash(v, len, &g->leaf[i].leaf);
    }
    g->leaf[g->line].e = (const char *)g->e.p;
    g->leaf[g->line].e_len = g->e.len;
    return QM_OK;
}

static void on_lines(void *ctx, const struct qm_pg_answer *a)
{
    struct get *g = ctx;
    qm_err e = a->err == QM_OK ? lines_take(g, a->result) : qm_answer_err(a, "batch_lines");
    if (e == QM_OK)
        qm_tlog_head(g->rs->cfg.tlog, g->county, 0, on_head, g);
    else
        get_end(g, e, NULL);
}

static void lines_step(struct get *g)
{
    struct qm_pg_params *p = qm_pg_params_new();
    if (p) {
        qm_pg_int4(p, g->county);
        qm_pg_int8(p, g->idx);
    }
    qm_err e = p ? qm_pg_submit(g->rs->cfg.pg, "batch_lines", p, 0, on_lines, g) : QM_E_NOMEM;
    if (e != QM_OK)
        get_end(g, e, NULL);
}

/* ---- P ---- */

static bool same_salt(const uint8_t a[QM_ID_BYTES], const uint8_t b[QM_ID_BYTES])
{
    volatile uint8_t differs = 0;
    for (size_t i = 0; i < QM_ID_BYTES; i++)
        differs = (uint8_t)(differs | (a[i] ^ b[i]));
    return differs == 0;
}

static void member(struct qm_buf *out, const char *name, const char *text,
                   qm_err (*mask)(const char *, size_t, struct qm_buf *))
{
    if (!text)
        return;
    struct qm_buf masked;
    qm_buf_init(&masked, QM_P_NOTE_MAX_BYTES + 1);
    if (mask)
        mask(text, strlen(text), &masked);
    else
        qm_buf_puts(&masked, text);
    qm_buf_printf(out, "%s\"%s\":", out->len > 1 ? "," : "", name);
    qm_json_quote(out, masked.p ? (const char *)masked.p : "", masked.len);
    qm_buf_wipe(&masked);
}

/* What the household itself wrote down, masked; free text is left out, the day of birth is a year.
 */
static void masked_write(const struct qm_private *pv, struct qm_buf *out)
{
    qm_buf_puts(out, "{");
    member(out, "name", pv->name, qm_mask_name);
    member(out, "phone", pv->phone, qm_mask_phone);
    if (pv->has_born) {
        char day[11];
        qm_day_write(pv->born_day, day);
        day[4] = 0;
        member(out, "born", day, NULL);
    }
    member(out, "door", pv->door, NULL);
    member(out, "met", pv->met, qm_mask_name);
    member(out, "signer", pv->signer, qm_mask_name);
    member(out, "relation", pv->relation, NULL);
    qm_buf_puts(out, "}");
}

static void open_work(void *ctx)
{
    struct get *g = ctx;
    const struct qm_receipts *rs = g->rs;
    const struct qm_buf *sealed = g->found ? &g->p : &rs->decoy.bytes;
    const uint8_t *id = g->found ? g->id : rs->decoy_id;
    struct qm_buf clear;
    struct qm_private pv = {0};
    qm_buf_init(&clear, QM_P_MAX_BYTES);
    g->err =
        qm_seal_open(rs->cfg.seal, QM_PURPOSE_P, id, QM_ID_BYTES, sealed->p, sealed->len, &clear);
    if (g->err == QM_OK)
        g->err = qm_private_read((const char *)clear.p, clear.len, &pv);
    if (g->err == QM_OK) {
        bool same = same_salt(pv.salt, g->salt);
        g->matched = same && g->found && g->asked_well;
        masked_write(&pv, &g->masked);
    }
    qm_private_free(&pv);
    qm_buf_wipe(&clear);
}

static void open_done(void *ctx)
{
    struct get *g = ctx;
    if (g->err != QM_OK)
        get_end(g, g->err, NULL);
    else if (!g->matched)
        get_end_not_found(g);
    else
        lines_step(g);
}

/* ---- the event ---- */

static qm_err event_take(struct get *g, const struct qm_pg_result *r)
{
    if (qm_pg_rows(r) == 0)
        return QM_OK;
    g->found = true;
    g->county = (int)qm_pg_get_int(r, 0, 0);
    g->idx = qm_pg_get_int(r, 0, 1);
    g->line = (int)qm_pg_get_int(r, 0, 2);
    size_t len;
    const uint8_t *v = qm_pg_get_bytes(r, 0, 3, &len);
    qm_err e = qm_buf_add(&g->e, v, len);
    v = qm_pg_get_bytes(r, 0, 4, &len);
    return e == QM_OK ? qm_buf_add(&g->p, v, len) : e;
}

static void on_event(void *ctx, const struct qm_pg_answer *a)
{
    struct get *g = ctx;
    qm_err e = a->err == QM_OK ? event_take(g, a->result) : qm_answer_err(a, "receipt_event");
    if (e == QM_OK)
        e = qm_pool_run(g->rs->cfg.pool, open_work, open_done, g);
    if (e != QM_OK)
        get_end(g, e, NULL);
}

void qm_receipts_get(struct qm_receipts *rs, const char *id, const char *salt,
                     qm_receipts_done done, void *ctx)
{
    struct get *g = calloc(1, sizeof *g);
    struct qm_pg_params *p = g ? qm_pg_params_new() : NULL;
    if (!p) {
        free(g);
        struct qm_buf none;
        qm_buf_init(&none, 0);
        done(ctx, QM_E_NOMEM, &none);
        return;
    }
    *g = (struct get){.rs = rs, .begun_ms = uv_now(rs->cfg.loop), .done = done, .ctx = ctx};
    qm_buf_init(&g->e, QM_E_MAX_BYTES);
    qm_buf_init(&g->p, QM_P_MAX_BYTES + QM_SEAL_OVERHEAD_BYTES);
    qm_buf_init(&g->masked, MASKED_MAX_BYTES);
    qm_err id_err = qm_uuid_read(id, strlen(id), 7, g->id);
    qm_err salt_err = qm_pseudonym_read(salt, strlen(salt), g->salt);
    g->asked_well = id_err == QM_OK && salt_err == QM_OK;
    qm_pg_uuid(p, g->id);
    qm_err e = qm_pg_submit(rs->cfg.pg, "receipt_event", p, 0, on_event, g);
    if (e != QM_OK)
        get_end(g, e, NULL);
}
