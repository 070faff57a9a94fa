/* madelog.c - see madelog.h. */
#include "madelog.h"

#include <errno.h>
#include <sodium.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "audit/recompute.h"

static _Noreturn void give_up(const char *what)
{
    fprintf(stderr, "madelog: %s: %s\n", what, strerror(errno));
    exit(2);
}

static void must(qm_err e, const char *what)
{
    if (e != QM_OK) {
        fprintf(stderr, "madelog: %s: %s\n", what, qm_err_name(e));
        exit(2);
    }
}

static void seed_of(const char *label, uint8_t seed[QM_SEED_BYTES])
{
    struct qm_hash h;
    qm_sha256(label, strlen(label), &h);
    memcpy(seed, h.b, QM_SEED_BYTES);
}

static void public_key_of(const uint8_t seed[QM_SEED_BYTES], uint8_t out[QM_KEY_BYTES])
{
    uint8_t secret[crypto_sign_SECRETKEYBYTES];
    crypto_sign_seed_keypair(out, secret, seed);
}

/* ---- files ---- */

static void make_folders(char *path)
{
    for (char *p = path + 1; (p = strchr(p, '/')) != NULL; p++) {
        *p = 0;
        if (mkdir(path, 0700) != 0 && errno != EEXIST)
            give_up(path);
        *p = '/';
    }
}

void ml_file(const struct madelog *m, const char *name, const void *bytes, size_t len)
{
    char path[512];
    (void)snprintf(path, sizeof path, "%s/%s", m->log, name);
    FILE *f = fopen(path, "wbe");
    if (f == NULL) {
        make_folders(path);
        f = fopen(path, "wbe");
    }
    if (f == NULL || (len > 0 && fwrite(bytes, 1, len, f) != len) || fclose(f) != 0)
        give_up(path);
}

void ml_object(struct madelog *m, const void *bytes, size_t len, char hex[QM_HEX_HASH_CHARS + 1])
{
    struct qm_hash h;
    char name[80];
    qm_sha256(bytes, len, &h);
    qm_hex_write(h.b, QM_HASH_BYTES, hex);
    qm_au_object_name(&h, name);
    ml_file(m, name, bytes, len);
}

/* ---- the log ---- */

void ml_open(struct madelog *m, const char *folder)
{
    struct qm_buf text;
    char name[QM_NAME_MAX_BYTES];
    memset(m, 0, sizeof *m);
    (void)snprintf(m->folder, sizeof m->folder, "%s", folder);
    (void)snprintf(m->log, sizeof m->log, "%s/v1/log/%06d", folder, ML_COUNTY);
    qm_buf_init(&m->bundle, (size_t)256 * (QM_ENTRY_MAX_BYTES + 2));
    qm_buf_init(&m->last, QM_ENTRY_MAX_BYTES);
    seed_of("made log", m->seed);
    must(qm_log_origin(ML_HOST, ML_COUNTY, 1, name), "name");
    uint8_t pk[QM_KEY_BYTES];
    public_key_of(m->seed, pk);
    must(qm_vkey_make(name, pk, &m->key), "key");
    qm_buf_init(&text, 400);
    must(qm_vkey_write(&m->key, &text), "key");
    ml_entryf(m, "config/v1\nrecv 1\nby A0001\n\nkey %s\n", text.p);
    qm_buf_free(&text);
}

int64_t ml_continue(struct madelog *m)
{
    char name[QM_NAME_MAX_BYTES], old[QM_NAME_MAX_BYTES], root[QM_B64_HASH_CHARS + 1];
    uint8_t pk[QM_KEY_BYTES];
    struct qm_hash h;
    memcpy(old, m->key.name, sizeof old);
    ml_root(m, &h);
    qm_b64_write(h.b, QM_HASH_BYTES, root);
    seed_of("made log, second tree", m->seed);
    must(qm_log_origin(ML_HOST, ML_COUNTY, 2, name), "name");
    public_key_of(m->seed, pk);
    must(qm_vkey_make(name, pk, &m->key), "key");
    return ml_entryf(m, "config/v1\nrecv 9\nby A0001\n\nafter %s %llu %s\n", old,
                     (unsigned long long)m->frontier.size, root);
}

void ml_close(struct madelog *m)
{
    qm_buf_free(&m->bundle);
    qm_buf_free(&m->last);
}

static void bundle_write(const struct madelog *m, uint64_t number, unsigned width)
{
    char name[96];
    qm_au_tile_name("entries", number, width, name);
    ml_file(m, name, m->bundle.p, m->bundle.len);
    qm_au_tile_name("0", number, width, name);
    ml_file(m, name, m->tile, (width == 0 ? 256 : width) * sizeof m->tile[0]);
}

int64_t ml_entry(struct madelog *m, const void *bytes, size_t len)
{
    uint64_t index = m->frontier.size;
    uint8_t length[2] = {(uint8_t)(len >> 8), (uint8_t)len};
    struct qm_hash leaf;
    qm_leaf_hash(bytes, len, &leaf);
    m->tile[index % 256] = leaf;
    must(qm_frontier_append(&m->frontier, &leaf), "tree");
    qm_buf_add(&m->bundle, length, 2);
    must(qm_buf_add(&m->bundle, bytes, len), "bundle");
    if ((const void *)m->last.p != bytes) {
        qm_buf_reset(&m->last);
        must(qm_buf_add(&m->last, bytes, len), "entry");
    }
    if (index % 256 == 255) {
        bundle_write(m, index / 256, 0);
        qm_buf_reset(&m->bundle);
    }
    return (int64_t)index;
}

int64_t ml_entryf(struct madelog *m, const char *format, ...)
{
    char *text = NULL;
    va_list args;
    va_start(args, format);
    int n = vasprintf(&text, format, args);
    va_end(args);
    if (n < 0)
        give_up("memory");
    int64_t index = ml_entry(m, text, (size_t)n);
    free(text);
    return index;
}

void ml_root(const struct madelog *m, struct qm_hash *out)
{
    qm_frontier_root(&m->frontier, out);
}

void ml_note(struct madelog *m, struct qm_buf *out)
{
    struct qm_checkpoint c = {.size = m->frontier.size};
    struct qm_buf text;
    memcpy(c.origin, m->key.name, sizeof c.origin);
    ml_root(m, &c.root);
    qm_buf_init(&text, 1000);
    must(qm_checkpoint_write(&c, &text), "checkpoint");
    must(qm_note_sign((const char *)text.p, text.len, &m->key, qm_sign_with_seed, m->seed, out),
         "sign");
    qm_buf_free(&text);
}

void ml_seal(struct madelog *m)
{
    struct qm_buf note;
    unsigned width = (unsigned)(m->frontier.size % 256);
    if (width > 0)
        bundle_write(m, m->frontier.size / 256, width);
    qm_buf_init(&note, 2000);
    ml_note(m, &note);
    ml_file(m, "checkpoint", note.p, note.len);
    qm_buf_free(&note);
}

void ml_receipt(struct madelog *m, struct qm_buf *out)
{
    struct qm_frontier before = {0};
    struct qm_hash leaf, proof[QM_PROOF_MAX];
    struct qm_buf note;
    uint64_t index = m->frontier.size - 1;
    /* The frontier before the last bundle is not kept: rebuild it from what is in memory. */
    if (m->frontier.size > 256)
        give_up("receipts are for small logs");
    for (uint64_t i = 0; i < index; i++)
        must(qm_frontier_append(&before, &m->tile[i]), "tree");
    qm_leaf_hash(m->last.p, m->last.len, &leaf);
    size_t n = qm_frontier_path(&before, &leaf, 1, 0, proof);
    qm_buf_init(&note, 2000);
    ml_note(m, &note);
    must(qm_receipt_write(m->last.p, m->last.len, index, proof, n, (const char *)note.p, note.len,
                          out),
         "receipt");
    qm_buf_free(&note);
}

/* ---- phones ---- */

void ml_id(const char *kind, uint64_t n, uint8_t out[QM_ID_BYTES])
{
    struct qm_hash h;
    char label[64];
    (void)snprintf(label, sizeof label, "%s %llu", kind, (unsigned long long)n);
    qm_sha256(label, strlen(label), &h);
    memcpy(out, h.b, QM_ID_BYTES);
}

void ml_event_id(uint64_t n, int64_t at, uint8_t out[QM_ID_BYTES])
{
    ml_id("event", n, out);
    for (int i = 0; i < 6; i++)
        out[i] = (uint8_t)(at >> (40 - 8 * i));
    out[6] = (uint8_t)(0x70 | (out[6] & 0x0F));
    out[8] = (uint8_t)(0x80 | (out[8] & 0x3F));
}

void ml_phone_make(struct ml_phone *p, const char *label, const char *account)
{
    char name[QM_NAME_MAX_BYTES];
    uint8_t pk[QM_KEY_BYTES];
    memset(p, 0, sizeof *p);
    seed_of(label, p->seed);
    memcpy(p->id, p->seed, QM_ID_BYTES);
    p->id[6] = (uint8_t)(0x40 | (p->id[6] & 0x0F));
    p->id[8] = (uint8_t)(0x80 | (p->id[8] & 0x3F));
    (void)snprintf(p->account, sizeof p->account, "%s", account);
    must(qm_device_name(ML_HOST, p->id, name), "device");
    public_key_of(p->seed, pk);
    must(qm_vkey_make(name, pk, &p->key), "device key");
}

int64_t ml_enrol(struct madelog *m, const struct ml_phone *p, int64_t recv)
{
    struct qm_buf text, note, vkey;
    qm_buf_init(&text, 2000);
    qm_buf_init(&note, 4000);
    qm_buf_init(&vkey, 400);
    must(qm_vkey_write(&p->key, &vkey), "device key");
    qm_buf_printf(&text, "%s/device/v1\n%s\n%s\n", ML_HOST, p->key.name, vkey.p);
    must(qm_note_sign((const char *)text.p, text.len, &p->key, qm_sign_with_seed, (void *)p->seed,
                      &note),
         "enrol");
    int64_t index = ml_entryf(m, "device/v1\nrecv %lld\nby A0001\naccount %s\nkey soft\n\n%s",
                              (long long)recv, p->account, note.p);
    qm_buf_free(&text);
    qm_buf_free(&note);
    qm_buf_free(&vkey);
    return index;
}

struct qm_event ml_event(struct ml_phone *p, enum qm_kind kind, uint64_t n, int64_t at,
                         uint64_t household)
{
    struct qm_event ev = {.kind = kind, .seq = ++p->seq, .at_ms = at, .via = QM_DOOR};
    ml_event_id(n, at, ev.id);
    ev.grid = INT64_C(140522110200001) + (int64_t)(household % 20) * 1000;
    ml_id("household", household, ev.household);
    ml_id("resident", household, ev.resident);
    ev.code = 1; /* met, signed, signed, installed */
    if (kind == QM_VISIT) {
        ev.topics = 2;
        (void)snprintf(ev.topic[0], sizeof ev.topic[0], "%s", "order-brushing");
        (void)snprintf(ev.topic[1], sizeof ev.topic[1], "%s", "fake-loan");
        ev.near = QM_NEAR_YES;
        ev.secs = 420;
    }
    (void)snprintf(ev.text, sizeof ev.text, "%s",
                   kind == QM_PLEDGE ? "pledge-2026-1" : "notice-2026-1");
    ev.alerts = kind == QM_APP ? QM_ALERT_REAL_NAME | QM_ALERT_CALL : 0;
    (void)snprintf(ev.reason, sizeof ev.reason, "%s", "mistake");
    if (kind == QM_PLEDGE) {
        ev.evidences = 1;
        qm_sha256(&n, sizeof n, &ev.evidence[0]);
        ev.has_p = true;
        qm_sha256(&n, sizeof n, &ev.p);
    }
    return ev;
}

/* ---- batches ---- */

void ml_batch_make(struct ml_phone *p, const struct qm_event *ev, size_t n, struct qm_buf *body)
{
    struct qm_batch_item items[QM_BATCH_MAX_EVENTS];
    size_t end[QM_BATCH_MAX_EVENTS];
    struct qm_buf lines;
    uint8_t batch[QM_ID_BYTES], label[QM_ID_BYTES + 8];
    struct qm_hash h;
    qm_buf_init(&lines, QM_BATCH_MAX_BYTES);
    memcpy(label, p->id, QM_ID_BYTES);
    memcpy(label + QM_ID_BYTES, &p->batches, sizeof p->batches);
    p->batches++;
    qm_sha256(label, sizeof label, &h);
    memcpy(batch, h.b, QM_ID_BYTES);
    batch[6] = (uint8_t)(0x70 | (batch[6] & 0x0F));
    batch[8] = (uint8_t)(0x80 | (batch[8] & 0x3F));
    for (size_t i = 0; i < n; i++) {
        must(qm_event_write(&ev[i], &lines), "event");
        end[i] = lines.len;
    }
    for (size_t i = 0, from = 0; i < n; from = end[i++])
        items[i] =
            (struct qm_batch_item){.e = (const char *)lines.p + from, .e_len = end[i] - from};
    must(qm_batch_write(ML_HOST, p->id, batch, &p->key, qm_sign_with_seed, p->seed, items, n, body),
         "batch");
    qm_buf_free(&lines);
}

int64_t ml_batch_put(struct madelog *m, const struct qm_buf *body, int64_t recv,
                     const char *verdicts)
{
    char name[64];
    size_t note = 0;
    must(qm_note_span((const char *)body->p, body->len, &note), "note");
    int64_t index = ml_entryf(m, "batch/v1\nrecv %lld\n%s\n%.*s", (long long)recv, verdicts,
                              (int)note, (const char *)body->p);
    (void)snprintf(name, sizeof name, "batch/%lld", (long long)index);
    ml_file(m, name, body->p + note + 1, body->len - note - 1);
    return index;
}

int64_t ml_batch(struct madelog *m, struct ml_phone *p, const struct qm_event *ev, size_t n,
                 int64_t recv, const char *verdicts)
{
    struct qm_buf body;
    qm_buf_init(&body, QM_BATCH_MAX_BYTES);
    ml_batch_make(p, ev, n, &body);
    int64_t index = ml_batch_put(m, &body, recv, verdicts);
    qm_buf_free(&body);
    return index;
}

/* ---- bulletins ---- */

static void no_finding(void *ctx, const struct qm_audit_finding *f)
{
    (void)ctx;
    (void)f;
}

static void before_set(struct madelog *m, struct qm_au_table *t)
{
    for (size_t i = 0; i < t->n; i++) {
        for (size_t k = 0; k < m->ranks; k++) {
            if (m->rank[k].code == t->row[i]->code)
                t->row[i]->before = m->rank[k].rank;
        }
    }
}

static void ranks_keep(struct madelog *m, const struct qm_au_table *t)
{
    m->ranks = 0;
    for (size_t i = 0; i < t->n && m->ranks < ML_RANKS_MAX; i++) {
        if (t->row[i]->rank == 0)
            continue;
        m->rank[m->ranks].code = t->row[i]->code;
        m->rank[m->ranks++].rank = t->row[i]->rank;
    }
}

/* Result and public result of the sealed log. */
static void results_make(struct madelog *m, const struct ml_bulletin *b, int64_t to,
                         const struct qm_hash *roster, struct qm_buf *result, struct qm_buf *open)
{
    struct qm_audit_options o = {
        .folder = m->folder, .keys = &m->key, .keys_n = 1, .finding = no_finding};
    struct qm_audit_report report = {0};
    struct qm_au *a = calloc(1, sizeof *a);
    struct qm_au_rule rule;
    struct qm_au_table t;
    bool there = false;
    if (a == NULL)
        give_up("memory");
    qm_buf_init(&report.note, 16384);
    must(qm_au_open(a, &o, &report), "open");
    memcpy(a->log_folder, m->log, sizeof m->log);
    (void)snprintf(a->host, sizeof a->host, "%s", ML_HOST);
    a->county = ML_COUNTY;
    must(qm_au_log(a), "log");
    must(qm_au_judge(a), "judge");
    must(qm_au_rule_read(b->rule, strlen(b->rule), &rule), "rule");
    qm_au_table_init(&t, &rule);
    struct qm_au_frozen f = {.idx = INT64_MAX, .scope = b->scope, .period = b->period, .table = &t};
    must(qm_au_frozen_open(a, &f), "frozen");
    must(qm_au_frozen_load(a, &f, roster, &there), "roster");
    must(qm_au_frozen_count(a, &f, b->from, to), "count");
    qm_au_table_rank(&t);
    before_set(m, &t);
    const struct qm_au_head h = {b->scope, b->period, b->from, to};
    must(qm_au_result(&t, &h, false, result), "result");
    must(qm_au_result(&t, &h, true, open), "public");
    if (b->replaces < 0)
        ranks_keep(m, &t);
    qm_au_frozen_close(&f);
    qm_au_table_free(&t);
    qm_au_close(a);
    qm_audit_report_free(&report);
    free(a);
}

int64_t ml_publish(struct madelog *m, const struct ml_bulletin *b)
{
    char roster[QM_HEX_HASH_CHARS + 1], rule[QM_HEX_HASH_CHARS + 1], result[QM_HEX_HASH_CHARS + 1];
    char open[QM_HEX_HASH_CHARS + 1], root[QM_B64_HASH_CHARS + 1], replaces[40] = "";
    struct qm_buf bytes, public_bytes;
    struct qm_hash h;
    int64_t to = b->to >= 0 ? b->to : (int64_t)m->frontier.size;
    ml_seal(m);
    ml_root(m, &h);
    if (b->to >= 0) { /* of a correction: the root at an older size */
        struct qm_frontier f = {0};
        for (int64_t i = 0; i < to; i++)
            must(qm_frontier_append(&f, &m->tile[i]), "tree");
        qm_frontier_root(&f, &h);
    }
    qm_b64_write(h.b, QM_HASH_BYTES, root);
    ml_object(m, b->roster, strlen(b->roster), roster);
    ml_object(m, b->rule, strlen(b->rule), rule);
    qm_sha256(b->roster, strlen(b->roster), &h);
    qm_buf_init(&bytes, 1 << 24);
    qm_buf_init(&public_bytes, 1 << 24);
    results_make(m, b, to, &h, &bytes, &public_bytes);
    ml_object(m, bytes.p, bytes.len, result);
    ml_object(m, public_bytes.p, public_bytes.len, open);
    if (b->replaces >= 0)
        (void)snprintf(replaces, sizeof replaces, "replaces %lld\n", (long long)b->replaces);
    ml_entryf(m,
              "roster/v1\nrecv %lld\nby A0002\nscope %s\n\nperiod %s\nto %lld\nday %s\nsha256:%s\n",
              (long long)b->recv, b->scope, b->period, (long long)to, b->day, roster);
    int64_t index = ml_entryf(
        m,
        "bulletin/v1\nrecv %lld\nby A0003\nprepared A0002\nscope %s\n%s\n%s\nfrom %lld\nto %lld\n"
        "root %s\nroster sha256:%s\nrule sha256:%s\nresult sha256:%s\npublic sha256:%s\n",
        (long long)b->recv, b->scope, replaces, b->period, (long long)b->from, (long long)to, root,
        roster, rule, result, open);
    qm_buf_free(&bytes);
    qm_buf_free(&public_bytes);
    return index;
}
