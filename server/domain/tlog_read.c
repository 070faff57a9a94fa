/* tlog_read.c - floor 3: what auditors and everybody read of a log; see tlog.h.
 *
 * Happy path: one statement, its rows one after another as bytes.
 * Failure: fewer rows than asked for means that the log has not so much: QM_E_NOT_FOUND.  An export
 * asks for what the log does have: there a row that is missing was taken out, and leaves a hole in
 * its place.
 */
#include <stdlib.h>
#include <string.h>

#include "domain/answer.h"
#include "domain/tlog.h"

enum { TILE = 256, E_LINES_MAX_BYTES = 2 * 1048576 };

/* ---- heads ---- */

struct head_read {
    int county;
    const char *statement;
    qm_tlog_head_done done;
    void *ctx;
};

static void head_end(struct head_read *h, qm_err err, const struct qm_tlog_head *head)
{
    h->done(h->ctx, err, head);
    free(h);
}

static void on_head(void *ctx, const struct qm_pg_answer *a)
{
    struct head_read *h = ctx;
    if (a->err != QM_OK) {
        head_end(h, qm_answer_err(a, h->statement), NULL);
        return;
    }
    if (qm_pg_rows(a->result) == 0) {
        head_end(h, QM_E_NOT_FOUND, NULL);
        return;
    }
    struct qm_tlog_head head = {.county = h->county,
                                .tree = (int)qm_pg_get_int(a->result, 0, 0),
                                .size = qm_pg_get_int(a->result, 0, 1)};
    size_t len;
    const uint8_t *root = qm_pg_get_bytes(a->result, 0, 2, &len);
    if (len != QM_HASH_BYTES) {
        head_end(h, QM_E_INTERNAL, NULL);
        return;
    }
    memcpy(head.root.b, root, len);
    head_end(h, QM_OK, &head);
}

void qm_tlog_head(struct qm_tlog *t, int county, int tree, qm_tlog_head_done done, void *ctx)
{
    struct head_read *h = calloc(1, sizeof *h);
    struct qm_pg_params *p = qm_pg_params_new();
    qm_err e = QM_E_NOMEM;
    if (h && p) {
        *h = (struct head_read){.county = county,
                                .statement = tree == 0 ? "log_head" : "log_tree_head",
                                .done = done,
                                .ctx = ctx};
        qm_pg_int4(p, county);
        if (tree != 0)
            qm_pg_int4(p, tree);
        e = qm_pg_submit(qm_tlog_pg(t), h->statement, p, 0, on_head, h);
        p = NULL;
    }
    if (e != QM_OK) {
        qm_pg_params_free(p);
        free(h);
        done(ctx, e, NULL);
    }
}

/* ---- rows as bytes ---- */

struct rows_read {
    const char *statement;
    int rows_wanted; /* 0: any number above none */
    int64_t first;   /* place of the first row, where rows have one (column 1) */
    bool holes;      /* a row that is missing is no error */
    /* row -1: a hole */
    qm_err (*add)(const struct qm_pg_result *r, int row, struct qm_buf *out);
    struct qm_buf bytes;
    qm_tlog_bytes done;
    void *ctx;
};

enum { COL_VALUE, COL_PLACE };

/* Every row in its place. */
static qm_err add_with_holes(struct rows_read *q, const struct qm_pg_result *r)
{
    qm_err e = QM_OK;
    for (int place = 0, row = 0; e == QM_OK && place < q->rows_wanted; place++) {
        bool there = row < qm_pg_rows(r) && qm_pg_get_int(r, row, COL_PLACE) == q->first + place;
        e = q->add(r, there ? row++ : -1, &q->bytes);
    }
    return e;
}

static qm_err add_all(struct rows_read *q, const struct qm_pg_result *r)
{
    qm_err e = QM_OK;
    int n = qm_pg_rows(r);
    if (n == 0 || (q->rows_wanted > 0 && n != q->rows_wanted))
        return QM_E_NOT_FOUND;
    for (int i = 0; e == QM_OK && i < n; i++)
        e = q->add(r, i, &q->bytes);
    return e;
}

static void on_rows(void *ctx, const struct qm_pg_answer *a)
{
    struct rows_read *q = ctx;
    qm_err e = qm_answer_err(a, q->statement);
    if (e == QM_OK)
        e = q->holes ? add_with_holes(q, a->result) : add_all(q, a->result);
    if (e != QM_OK)
        qm_buf_reset(&q->bytes);
    q->done(q->ctx, e, &q->bytes);
    qm_buf_free(&q->bytes);
    free(q);
}

/* Takes p over; shape is copied. */
static void rows_start(struct qm_tlog *t, struct qm_pg_params *p, const struct rows_read *shape)
{
    struct rows_read *q = p ? malloc(sizeof *q) : NULL;
    qm_err e = QM_E_NOMEM;
    if (q) {
        *q = *shape;
        e = qm_pg_submit(qm_tlog_pg(t), q->statement, p, 0, on_rows, q);
        p = NULL;
    }
    if (e != QM_OK) {
        qm_pg_params_free(p);
        free(q);
        struct qm_buf none;
        qm_buf_init(&none, 0);
        shape->done(shape->ctx, e, &none);
    }
}

static qm_err add_plain(const struct qm_pg_result *r, int row, struct qm_buf *out)
{
    size_t len;
    const uint8_t *v = qm_pg_get_bytes(r, row, COL_VALUE, &len);
    return qm_buf_add(out, v, len);
}

/* A hole, and what is no hash, is zeros. */
static qm_err add_hash(const struct qm_pg_result *r, int row, struct qm_buf *out)
{
    static const struct qm_hash none;
    size_t len = 0;
    const uint8_t *v = row < 0 ? NULL : qm_pg_get_bytes(r, row, COL_VALUE, &len);
    return qm_buf_add(out, len == QM_HASH_BYTES ? v : none.b, QM_HASH_BYTES);
}

void qm_tlog_tile(struct qm_tlog *t, int county, int level, int64_t n, int width, bool holes,
                  qm_tlog_bytes done, void *ctx)
{
    struct rows_read q = {.statement = "log_tile",
                          .rows_wanted = width,
                          .first = n * TILE,
                          .holes = holes,
                          .add = add_hash,
                          .done = done,
                          .ctx = ctx};
    qm_buf_init(&q.bytes, (size_t)TILE * QM_HASH_BYTES);
    struct qm_pg_params *p = qm_pg_params_new();
    if (p) {
        qm_pg_int4(p, county);
        qm_pg_int2(p, 8 * level);
        qm_pg_int8(p, n * TILE);
        qm_pg_int8(p, n * TILE + width);
    }
    rows_start(t, p, &q);
}

/* A hole is an entry without bytes; what is longer than an entry can be is cut there. */
static qm_err add_sized(const struct qm_pg_result *r, int row, struct qm_buf *out)
{
    size_t len = 0;
    const uint8_t *v = row < 0 ? NULL : qm_pg_get_bytes(r, row, COL_VALUE, &len);
    if (len > QM_ENTRY_MAX_BYTES)
        len = QM_ENTRY_MAX_BYTES;
    uint8_t size[2] = {(uint8_t)(len >> 8), (uint8_t)len};
    qm_err e = qm_buf_add(out, size, sizeof size);
    return e == QM_OK ? qm_buf_add(out, v, len) : e;
}

void qm_tlog_entries(struct qm_tlog *t, int county, int64_t n, int width, bool holes,
                     qm_tlog_bytes done, void *ctx)
{
    struct rows_read q = {.statement = "log_entries",
                          .rows_wanted = width,
                          .first = n * TILE,
                          .holes = holes,
                          .add = add_sized,
                          .done = done,
                          .ctx = ctx};
    qm_buf_init(&q.bytes, (size_t)TILE * (QM_ENTRY_MAX_BYTES + 2));
    struct qm_pg_params *p = qm_pg_params_new();
    if (p) {
        qm_pg_int4(p, county);
        qm_pg_int8(p, n * TILE);
        qm_pg_int8(p, n * TILE + width);
    }
    rows_start(t, p, &q);
}

/* A line that is no event of this contract is only its leaf; so is one of which E has gone. */
static qm_err add_e_line(const struct qm_pg_result *r, int row, struct qm_buf *out)
{
    enum { LINE, ID, E, LEAF, REASON, REASON_COUNTY = 3 };
    size_t len = 0;
    const uint8_t *e = NULL;
    bool shown = !qm_pg_is_null(r, row, ID) || qm_pg_get_int(r, row, REASON) >= REASON_COUNTY;
    if (shown && !qm_pg_is_null(r, row, E))
        e = qm_pg_get_bytes(r, row, E, &len);
    if (e) {
        qm_buf_add(out, e, len);
        return qm_buf_puts(out, "\n");
    }
    /* Nothing is left of it, so somebody took it out of the database: an auditor is to see that. */
    if (qm_pg_is_null(r, row, LEAF))
        return qm_buf_puts(out, "\n");
    const uint8_t *leaf = qm_pg_get_bytes(r, row, LEAF, &len);
    char text[QM_B64_HASH_CHARS + 1];
    if (len != QM_HASH_BYTES)
        return qm_buf_puts(out, "\n");
    qm_b64_write(leaf, len, text);
    return qm_buf_printf(out, "~%s\n", text);
}

void qm_tlog_batch(struct qm_tlog *t, int county, int64_t idx, qm_tlog_bytes done, void *ctx)
{
    struct rows_read q = {.statement = "batch_lines", .add = add_e_line, .done = done, .ctx = ctx};
    qm_buf_init(&q.bytes, E_LINES_MAX_BYTES);
    struct qm_pg_params *p = qm_pg_params_new();
    if (p) {
        qm_pg_int4(p, county);
        qm_pg_int8(p, idx);
    }
    rows_start(t, p, &q);
}

/* ---- objects ---- */

/* A part that somebody made longer is read one byte above what it may have, so that it is seen. */
enum { OBJECT_MAX_BYTES = 64 << 20, PART_MAX_BYTES = (1 << 20) + 1 };

struct object_read {
    qm_tlog_object_done done;
    void *ctx;
};

/* Columns: body (null: not for this caller), parts, bytes. */
static void on_object(void *ctx, const struct qm_pg_answer *a)
{
    struct object_read o = *(struct object_read *)ctx;
    struct qm_buf bytes;
    int parts = 0;
    free(ctx);
    qm_buf_init(&bytes, OBJECT_MAX_BYTES);
    qm_err e = qm_answer_err(a, "object_row");
    if (e == QM_OK && qm_pg_rows(a->result) != 1)
        e = QM_E_NOT_FOUND;
    if (e == QM_OK && qm_pg_is_null(a->result, 0, 0))
        e = QM_E_FORBIDDEN;
    if (e == QM_OK) {
        parts = (int)qm_pg_get_int(a->result, 0, 1);
        e = add_plain(a->result, 0, &bytes);
    }
    o.done(o.ctx, e, &bytes, parts);
    qm_buf_free(&bytes);
}

void qm_tlog_object(struct qm_tlog *t, int county, const struct qm_hash *sha256, bool closed,
                    qm_tlog_object_done done, void *ctx)
{
    struct object_read *o = malloc(sizeof *o);
    struct qm_pg_params *p = qm_pg_params_new();
    qm_err e = QM_E_NOMEM;
    if (o && p) {
        *o = (struct object_read){.done = done, .ctx = ctx};
        qm_pg_int4(p, county);
        qm_pg_bytea(p, sha256->b, QM_HASH_BYTES);
        qm_pg_bool(p, closed);
        e = qm_pg_submit(qm_tlog_pg(t), "object_row", p, 0, on_object, o);
        p = NULL;
    }
    if (e != QM_OK) {
        struct qm_buf none;
        qm_pg_params_free(p);
        free(o);
        qm_buf_init(&none, 0);
        done(ctx, e, &none, 0);
    }
}

void qm_tlog_object_part(struct qm_tlog *t, int county, const struct qm_hash *sha256, int n,
                         qm_tlog_bytes done, void *ctx)
{
    struct rows_read q = {
        .statement = "object_part", .rows_wanted = 1, .add = add_plain, .done = done, .ctx = ctx};
    qm_buf_init(&q.bytes, PART_MAX_BYTES);
    struct qm_pg_params *p = qm_pg_params_new();
    if (p) {
        qm_pg_int4(p, county);
        qm_pg_bytea(p, sha256->b, QM_HASH_BYTES);
        qm_pg_int4(p, n);
    }
    rows_start(t, p, &q);
}
