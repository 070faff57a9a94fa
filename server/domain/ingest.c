/* ingest.c - floor 3: queues, groups and answers of syncs; see ingest.h.
 *
 * The state of a batch is the list it stands in: nobody's while the pool checks it, its county's
 * queue, or a group.  A group is made by group_take, sent by group_send (again and again if need
 * be, each time past the guard), and ends in exactly one of group_answer, group_split, group_fail.
 */
#include "domain/ingest.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/metrics.h"
#include "domain/answer.h"
#include "domain/ingest_group.h"

/* Proofs of a group of n batches cost n * n hashes on the loop: 128 keep that near 10 ms. */
enum { GROUP_BATCHES_MAX = 128, TRIES_MAX = 3, CHAINS = 64 };

struct batch {
    struct batch *next; /* in its county's queue */
    struct qm_ingest *in;
    struct county *county;
    struct qm_checked c;
    bool alone; /* its group failed: it goes by itself now */
    qm_err (*admit)(void *ctx);
    void (*done)(void *ctx, qm_err err, struct qm_buf *receipt);
    void *ctx;
    uint64_t began_ns;
    struct qm_group_row row; /* of the answer */
    struct qm_buf entry;     /* copy of row.entry */
};
struct county {
    struct county *next;
    int county;
    bool in_flight, kicking;
    struct batch *first, *last;
};
struct group {
    struct qm_ingest *in;
    struct county *county;
    int tries;
    uint64_t began_ns;
    struct qm_group_head head;
    size_t n;
    struct batch *b[GROUP_BATCHES_MAX];
};
struct qm_ingest {
    struct qm_ingest_config cfg;
    atomic_size_t waiting;
    struct county *chain[CHAINS];
};

static void county_kick(struct qm_ingest *in, struct county *c);

qm_err qm_ingest_new(const struct qm_ingest_config *cfg, struct qm_ingest **out)
{
    struct qm_ingest *in = calloc(1, sizeof *in);
    if (!in)
        return QM_E_NOMEM;
    in->cfg = *cfg;
    atomic_init(&in->waiting, 0);
    *out = in;
    return QM_OK;
}

void qm_ingest_free(struct qm_ingest *in)
{
    for (int i = 0; in && i < CHAINS; i++)
        while (in->chain[i]) {
            struct county *c = in->chain[i];
            in->chain[i] = c->next;
            free(c);
        }
    free(in);
}

size_t qm_ingest_waiting(const struct qm_ingest *in)
{
    return atomic_load(&in->waiting);
}

static struct county *county_get(struct qm_ingest *in, int county)
{
    struct county **at = &in->chain[county % CHAINS];
    while (*at && (*at)->county != county)
        at = &(*at)->next;
    if (!*at && (*at = calloc(1, sizeof **at)))
        (*at)->county = county;
    return *at;
}

/* ---- the end of a batch ---- */

static void batch_end(struct batch *b, qm_err err, struct qm_buf *receipt)
{
    struct qm_buf none;
    qm_buf_init(&none, 0);
    atomic_fetch_sub(&b->in->waiting, 1);
    if (err == QM_E_OVERLOAD)
        qm_metric_add(QM_M_SYNC_OVERLOAD, 1);
    qm_histogram_add(QM_H_SYNC_SECONDS, (double)(qm_clock_mono_ns() - b->began_ns) / 1e9);
    b->done(b->ctx, err, receipt ? receipt : &none);
    qm_checked_free(&b->c);
    qm_buf_free(&b->entry);
    free(b);
}

/* ---- 4: answers ---- */

static void group_count(const struct group *g)
{
    int64_t events = 0;
    for (size_t i = 0; i < g->n; i++) {
        const struct qm_group_row *r = &g->b[i]->row;
        if (r->status != QM_BATCH_NEW)
            continue;
        qm_metric_add(QM_M_SYNC_BATCHES, 1);
        qm_metric_add(QM_M_SYNC_EVENTS_ACCEPTED, r->accepted);
        qm_metric_add(QM_M_SYNC_EVENTS_HELD, r->held);
        qm_metric_add(QM_M_SYNC_EVENTS_REJECTED, r->rejected);
        qm_metric_add(QM_M_SYNC_EVENTS_DUP, r->dup);
        events += (int64_t)g->b[i]->c.lines;
    }
    uint64_t took_ns = qm_clock_mono_ns() - g->began_ns;
    qm_metric_add(QM_M_SYNC_GROUPS, 1);
    qm_histogram_add(QM_H_SYNC_GROUP_SECONDS, (double)took_ns / 1e9);
    qm_histogram_add(QM_H_SYNC_GROUP_EVENTS, (double)events);
    qm_log(QM_LOG_DEBUG, "group", "county", QM_LI(g->county->county), "batches", QM_LI(g->n),
           "events", QM_LI(events), "size", QM_LI(g->head.size), "us", QM_LI(took_ns / 1000), NULL);
}

static void on_old_receipt(void *ctx, qm_err err, struct qm_buf *receipt)
{
    batch_end(ctx, err, receipt);
}

/* Leaves that this call appended, by place; false if they are not exactly our entries. */
static bool leaves_of(const struct group *g, struct qm_hash *leaves, size_t *n)
{
    int64_t appended = g->head.size - g->head.old_size;
    size_t found = 0;
    if (appended < 0 || appended > GROUP_BATCHES_MAX)
        return false;
    for (size_t i = 0; i < g->n; i++) {
        const struct batch *b = g->b[i];
        if (b->row.status != QM_BATCH_NEW)
            continue;
        int64_t place = b->row.idx - g->head.old_size;
        if (place < 0 || place >= appended)
            return false;
        qm_leaf_hash(b->entry.p, b->entry.len, &leaves[place]);
        found++;
    }
    *n = found;
    return found == (size_t)appended;
}

static void new_receipt(struct batch *b, const struct qm_group_head *head,
                        const struct qm_hash *leaves, size_t n, const char *note, size_t note_len)
{
    struct qm_hash proof[QM_PROOF_MAX];
    struct qm_buf text;
    qm_buf_init(&text, QM_RECEIPT_MAX_BYTES);
    size_t hashes =
        qm_frontier_path(&head->old, leaves, n, (size_t)(b->row.idx - head->old_size), proof);
    qm_err e = qm_receipt_write(b->entry.p, b->entry.len, (uint64_t)b->row.idx, proof, hashes, note,
                                note_len, &text);
    batch_end(b, e, &text);
    qm_buf_free(&text);
}

static qm_err refusal_of(enum qm_batch_status status)
{
    switch (status) {
    case QM_BATCH_CONFLICT:
        return QM_E_BATCH_CONFLICT;
    case QM_BATCH_UNKNOWN_KEY:
        return QM_E_UNKNOWN_KEY;
    case QM_BATCH_REVOKED:
        return QM_E_REVOKED;
    default:
        return QM_E_INTERNAL;
    }
}

static void on_signed(void *ctx, qm_err err, const char *note, size_t note_len)
{
    struct group *g = ctx;
    struct qm_hash leaves[GROUP_BATCHES_MAX];
    size_t n = 0;
    bool ours = err == QM_OK && leaves_of(g, leaves, &n);
    struct qm_tlog_head head = {.county = g->county->county,
                                .tree = g->head.tree,
                                .size = g->head.size,
                                .root = g->head.root};
    for (size_t i = 0; i < g->n; i++) {
        struct batch *b = g->b[i];
        enum qm_batch_status status = b->row.status;
        if (status != QM_BATCH_NEW && status != QM_BATCH_KNOWN)
            batch_end(b, refusal_of(status), NULL);
        else if (err != QM_OK)
            batch_end(b, err, NULL);
        else if (status == QM_BATCH_NEW && ours)
            new_receipt(b, &g->head, leaves, n, note, note_len);
        else
            qm_tlog_receipt(b->in->cfg.tlog, &head, b->row.idx, on_old_receipt, b);
    }
    free(g);
}

/* ---- 3: a group ---- */

static void group_fail(struct group *g, qm_err err)
{
    struct county *c = g->county;
    struct qm_ingest *in = g->in;
    for (size_t i = 0; i < g->n; i++)
        batch_end(g->b[i], err, NULL);
    free(g);
    c->in_flight = false;
    county_kick(in, c);
}

/* Back to the front of the queue, in order, each to be sent alone. */
static void group_split(struct group *g)
{
    struct county *c = g->county;
    struct qm_ingest *in = g->in;
    qm_log(QM_LOG_WARN, "group-split", "county", QM_LI(c->county), "batches", QM_LI(g->n), NULL);
    for (size_t i = g->n; i-- > 0;) {
        struct batch *b = g->b[i];
        b->alone = true;
        b->next = c->first;
        c->first = b;
        if (!c->last)
            c->last = b;
    }
    free(g);
    c->in_flight = false;
    county_kick(in, c);
}

static qm_err rows_take(struct group *g, const struct qm_pg_result *r)
{
    qm_err e = qm_group_head_read(r, g->n, &g->head);
    for (size_t i = 0; e == QM_OK && i < g->n; i++) {
        struct batch *b = g->b[i];
        e = qm_group_row_read(r, i, &b->row);
        if (e == QM_OK && b->row.entry)
            e = qm_buf_add(&b->entry, b->row.entry, b->row.entry_len);
        b->row.entry = NULL;
    }
    if (e == QM_E_INTERNAL)
        QM_BUG("qm.sync answered in another shape");
    return e;
}

static void group_answer(struct group *g, const struct qm_pg_result *r)
{
    qm_err e = rows_take(g, r);
    if (e != QM_OK) {
        group_fail(g, e);
        return;
    }
    group_count(g);
    g->county->in_flight = false;
    county_kick(g->in, g->county); /* the next group is sent before this one is answered */
    struct qm_tlog_head head = {.county = g->county->county,
                                .tree = g->head.tree,
                                .size = g->head.size,
                                .root = g->head.root};
    qm_tlog_sign(g->in->cfg.tlog, &head, on_signed, g);
}

static void on_guarded(void *ctx, qm_err err);

static void group_begin(struct group *g)
{
    qm_tlog_guard(g->in->cfg.tlog, g->county->county, on_guarded, g);
}

static void on_sync(void *ctx, const struct qm_pg_answer *a)
{
    struct group *g = ctx;
    bool passing = a->err == QM_E_UNKNOWN_OUTCOME || a->err == QM_E_OVERLOAD || qm_answer_passes(a);
    if (a->err == QM_OK)
        group_answer(g, a->result);
    else if (passing && ++g->tries < TRIES_MAX)
        group_begin(g); /* the database may be another one by now */
    else if (a->err == QM_E_DB && !passing && g->n > 1)
        group_split(g);
    else
        group_fail(g, qm_answer_err(a, "sync"));
}

static void group_send(struct group *g)
{
    struct qm_checked *checked[GROUP_BATCHES_MAX];
    for (size_t i = 0; i < g->n; i++)
        checked[i] = &g->b[i]->c;
    struct qm_pg_params *p = qm_group_params(g->county->county, checked, g->n);
    qm_err e =
        p ? qm_tlog_submit(g->in->cfg.tlog, g->county->county, "sync", p, on_sync, g) : QM_E_NOMEM;
    if (e != QM_OK)
        group_fail(g, e);
}

static void on_guarded(void *ctx, qm_err err)
{
    struct group *g = ctx;
    if (err == QM_OK)
        group_send(g);
    else
        group_fail(g, err);
}

static bool has_origin(const struct group *g, const struct batch *b)
{
    for (size_t i = 0; i < g->n; i++)
        if (memcmp(g->b[i]->c.head.device, b->c.head.device, QM_ID_BYTES) == 0 &&
            memcmp(g->b[i]->c.head.batch, b->c.head.batch, QM_ID_BYTES) == 0)
            return true;
    return false;
}

/* Takes batches from the front of the queue as long as they fit; one whose origin is in the group
 * already stays for the next group. */
static void group_take(struct group *g, struct county *c)
{
    size_t events = 0;
    struct batch *before = NULL;
    for (struct batch *b = c->first; b && g->n < GROUP_BATCHES_MAX;) {
        struct batch *next = b->next;
        if (g->n > 0 && (b->alone || events + b->c.lines > g->in->cfg.group_max_events))
            break;
        if (has_origin(g, b)) {
            before = b;
        } else {
            *(before ? &before->next : &c->first) = next;
            if (c->last == b)
                c->last = before;
            b->next = NULL;
            g->b[g->n++] = b;
            events += b->c.lines;
            if (b->alone)
                break;
        }
        b = next;
    }
}

static void group_start(struct qm_ingest *in, struct county *c)
{
    struct group *g = calloc(1, sizeof *g);
    if (!g) {
        struct batch *b = c->first;
        c->first = b->next;
        if (!c->first)
            c->last = NULL;
        batch_end(b, QM_E_OVERLOAD, NULL);
        return;
    }
    g->in = in;
    g->county = c;
    g->began_ns = qm_clock_mono_ns();
    c->in_flight = true;
    group_take(g, c);
    group_begin(g);
}

/* A group may fail before group_start returns (the database's queue is full): then the next one is
 * tried by this loop and not deeper on the stack. */
static void county_kick(struct qm_ingest *in, struct county *c)
{
    if (c->kicking)
        return;
    c->kicking = true;
    while (!c->in_flight && c->first)
        group_start(in, c);
    c->kicking = false;
}

/* ---- 1 and 2: a batch ---- */

static void check_work(void *ctx)
{
    struct batch *b = ctx;
    qm_checked_run(&b->c);
}

static void check_done(void *ctx)
{
    struct batch *b = ctx;
    qm_err e = b->c.signature_good ? b->admit(b->ctx) : b->c.err;
    if (e == QM_OK)
        e = b->c.err;
    if (e != QM_OK) {
        batch_end(b, e, NULL);
        return;
    }
    struct county *c = b->county;
    if (c->last)
        c->last->next = b;
    else
        c->first = b;
    c->last = b;
    county_kick(b->in, c);
}

qm_err qm_ingest_add(struct qm_ingest *in, const struct qm_ingest_batch *given)
{
    struct county *c = county_get(in, given->county);
    if (atomic_load(&in->waiting) >= in->cfg.waiting_max) {
        qm_metric_add(QM_M_SYNC_OVERLOAD, 1);
        return QM_E_OVERLOAD;
    }
    struct batch *b = c ? calloc(1, sizeof *b) : NULL;
    if (!b)
        return QM_E_NOMEM;
    *b = (struct batch){.in = in,
                        .county = c,
                        .admit = given->admit,
                        .done = given->done,
                        .ctx = given->ctx,
                        .began_ns = qm_clock_mono_ns()};
    b->c.body = given->body;
    b->c.len = given->len;
    b->c.head = *given->head;
    b->c.seal = in->cfg.seal;
    memcpy(b->c.key, given->key, QM_KEY_BYTES);
    qm_buf_init(&b->entry, QM_ENTRY_MAX_BYTES);
    qm_err e = qm_pool_run(in->cfg.pool, check_work, check_done, b);
    if (e != QM_OK) {
        free(b);
        return e;
    }
    atomic_fetch_add(&in->waiting, 1);
    return QM_OK;
}
