/* client_fixture.c - see client_fixture.h. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "client_fixture.h"

#include <dirent.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int load(void *ctx, const char *name, uint8_t secret[32])
{
    struct secrets *s = ctx;
    for (size_t i = 0; i < s->n; i++)
        if (strcmp(s->name[i], name) == 0) {
            memcpy(secret, s->secret[i], 32);
            return QM_C_OK;
        }
    return QM_C_NOT_FOUND;
}

static int store(void *ctx, const char *name, const uint8_t secret[32])
{
    struct secrets *s = ctx;
    uint8_t unused[32];
    if (load(ctx, name, unused) == QM_C_OK)
        return QM_C_EXISTS;
    assert_true(s->n < 16);
    snprintf(s->name[s->n], sizeof s->name[0], "%s", name);
    memcpy(s->secret[s->n++], secret, 32);
    return QM_C_OK;
}

static int drop(void *ctx, const char *name)
{
    struct secrets *s = ctx;
    for (size_t i = 0; i < s->n; i++)
        if (strcmp(s->name[i], name) == 0) {
            s->n--;
            memmove(s->name[i], s->name[s->n], sizeof s->name[0]);
            memmove(s->secret[i], s->secret[s->n], 32);
            return QM_C_OK;
        }
    return QM_C_NOT_FOUND;
}

struct qm_keystore secrets_store(struct secrets *s)
{
    return (struct qm_keystore){.ctx = s, .load = load, .store = store, .remove = drop};
}

static void log_key(struct town *t, const char *name, uint8_t fill)
{
    memset(t->seed, fill, sizeof t->seed);
    snprintf(t->log, sizeof t->log, "%s", name);
    uint8_t public_key[32], secret[64];
    assert_int_equal(crypto_sign_seed_keypair(public_key, secret, t->seed), 0);
    assert_int_equal(qm_vkey_make(t->log, public_key, &t->key), QM_OK);
}

void town_open(struct town *t)
{
    t->now_ms = INT64_C(1795240800000);
    log_key(t, HOST "/log/140522", 7);
    qm_leaf_hash("config", 6, &t->leaf[t->leaves++]);
}

size_t town_recorded(const struct town *t)
{
    size_t n = 0;
    for (size_t i = 1; i < t->leaves; i++)
        n += t->origin[i][0] ? t->events[i] : 0;
    return n;
}

void town_restore(struct town *t, size_t keep)
{
    for (size_t i = keep; i < t->leaves; i++) {
        t->entry[i][0] = 0;
        t->origin[i][0] = 0;
    }
    t->leaves = keep;
    log_key(t, HOST "/log/140522-2", 8);
    qm_leaf_hash("after", 5, &t->leaf[t->leaves++]);
}

static void sign_checkpoint(struct town *t, size_t size, uint8_t *seed, struct qm_buf *note)
{
    struct qm_checkpoint c = {.size = size};
    struct qm_buf text;
    snprintf(c.origin, sizeof c.origin, "%s", t->log);
    qm_merkle_root(t->leaf, size, &c.root);
    qm_buf_init(&text, 1024);
    assert_int_equal(qm_checkpoint_write(&c, &text), QM_OK);
    assert_int_equal(
        qm_note_sign((const char *)text.p, text.len, &t->key, qm_sign_with_seed, seed, note),
        QM_OK);
    qm_buf_free(&text);
}

static void receipt_of(struct town *t, size_t index, size_t size, uint8_t *seed, struct qm_buf *out)
{
    struct qm_hash proof[QM_PROOF_MAX];
    struct qm_buf note;
    qm_buf_init(&note, 2048);
    sign_checkpoint(t, size, seed, &note);
    size_t n = qm_merkle_path(t->leaf, size, index, proof);
    const char *entry = t->entry[index];
    assert_int_equal(qm_receipt_write(entry, strlen(entry), index, proof, n, (const char *)note.p,
                                      note.len, out),
                     QM_OK);
    qm_buf_free(&note);
}

static size_t append_entry(struct town *t, const char *origin, uint32_t events,
                           const char *verdicts, const char *note, size_t note_len)
{
    size_t at = t->leaves;
    assert_true(at < 4096);
    assert_true((size_t)snprintf(t->entry[at], sizeof t->entry[0], "batch/v1\nrecv %lld\n%s\n%.*s",
                                 (long long)t->now_ms, verdicts ? verdicts : "", (int)note_len,
                                 note) < sizeof t->entry[0]);
    snprintf(t->origin[at], sizeof t->origin[0], "%s", origin);
    qm_leaf_hash(t->entry[at], strlen(t->entry[at]), &t->leaf[at]);
    t->events[at] = events;
    t->leaves++;
    return at;
}

static void hand_over(struct qm_buf *b, struct qm_http_answer *a, int status, const char *type)
{
    a->status = status;
    snprintf(a->content_type, sizeof a->content_type, "%s", type);
    a->body = qm_buf_steal(b, &a->body_bytes);
}

static int problem(struct town *t, struct qm_http_answer *a)
{
    struct qm_buf b;
    qm_buf_init(&b, 1024);
    qm_buf_printf(&b, "{\"type\":\"/problems/%s\",\"title\":\"x\",\"status\":%d,\"now\":%lld}\n",
                  t->problem_type, t->problem_status, (long long)t->now_ms);
    hand_over(&b, a, t->problem_status, "application/problem+json");
    a->retry_after_s = t->retry_after_s;
    return QM_C_OK;
}

static void page(struct qm_http_answer *a, int status)
{
    struct qm_buf b;
    qm_buf_init(&b, 1024);
    qm_buf_puts(&b, "<html>please log in</html>");
    hand_over(&b, a, status, "text/html");
}

static void spoil(struct qm_buf *out, enum town_fault fault, size_t spoil_at)
{
    if (fault == CUT)
        out->len /= 2;
    if (fault == CUT_AT && spoil_at < out->len)
        out->len = spoil_at;
    if (fault == FLIP_AT && spoil_at < out->len)
        out->p[spoil_at] ^= 1;
    if (fault == ALTERED) {
        char *extra = strstr((char *)out->p, "\nextra ");
        assert_non_null(extra);
        extra[20] = extra[20] == 'A' ? 'B' : 'A';
    }
}

static void answer_batch(struct town *t, const struct qm_http_request *r, enum town_fault fault,
                         struct qm_buf *out)
{
    struct qm_batch_head head;
    static struct qm_batch_line lines[QM_BATCH_MAX_EVENTS];
    uint8_t seed[32];
    memcpy(seed, t->seed, sizeof seed);
    assert_int_equal(qm_batch_head_read((const char *)r->body, r->body_bytes, HOST, &head), QM_OK);
    assert_int_equal(qm_batch_lines_read((const char *)r->body, r->body_bytes, &head, lines),
                     QM_OK);
    size_t at = 0;
    for (size_t i = 1; i < t->leaves; i++)
        if (strcmp(t->origin[i], head.checkpoint.origin) == 0)
            at = i;
    if (fault == REGRESSED) {
        t->leaves = 1;
        at = 0;
    }
    const char *verdicts = fault == OTHER_COUNT ? "255 reject schema\n" : t->verdicts;
    if (at == 0) {
        at = append_entry(t, head.checkpoint.origin, (uint32_t)head.checkpoint.size, verdicts,
                          head.note_text, head.note_len);
        t->verdicts = NULL;
        t->batches++;
    }
    if (fault == OTHER_NOTE) {
        char *other = strstr(t->entry[at], "/b/");
        other[3] = other[3] == '0' ? '1' : '0';
        qm_leaf_hash(t->entry[at], strlen(t->entry[at]), &t->leaf[at]);
    }
    if (fault == SAME_SIZE)
        t->leaf[0].b[0] ^= 1;
    if (fault == WRONG_KEY)
        seed[0] ^= 1;
    receipt_of(t, at, t->leaves, seed, out);
    spoil(out, fault, t->spoil_at);
    if (fault == OTHER_NOTE || fault == OTHER_COUNT) {
        /* The log itself has no such entry. */
        t->leaves--;
        t->batches--;
        t->entry[at][0] = 0;
        t->origin[at][0] = 0;
    }
    if (fault == SAME_SIZE)
        t->leaf[0].b[0] ^= 1;
}

static void answer_device(struct town *t, struct qm_buf *out)
{
    qm_buf_printf(out, "{\"account\":\"W1\",\"grids\":[\"" GRID "\"],\"log\":\"");
    assert_int_equal(qm_vkey_write(&t->key, out), QM_OK);
    qm_buf_puts(out, "\"}");
}

static int perform(void *ctx, const struct qm_http_request *r, struct qm_http_answer *a)
{
    struct town *t = ctx;
    bool meant = !t->fault_path || strncmp(r->path, t->fault_path, strlen(t->fault_path)) == 0;
    enum town_fault fault = meant && t->fault_times != 0 ? t->fault : FINE;
    struct qm_buf out;
    qm_buf_init(&out, QM_RECEIPT_MAX_BYTES);
    t->exchanges++;
    snprintf(t->last_path, sizeof t->last_path, "%s", r->path);
    if (meant && t->fault_times > 0)
        t->fault_times--;
    if (fault == OFFLINE)
        return QM_C_OFFLINE;
    if (fault == PROBLEM)
        return problem(t, a);
    if (fault == PORTAL || fault == PROXY_400) {
        page(a, fault == PORTAL ? 200 : 400);
        return QM_C_OK;
    }
    int status = 200;
    const char *type = "text/plain; charset=utf-8";
    if (strcmp(r->path, "/v1/sync") == 0) {
        answer_batch(t, r, fault, &out);
    } else if (strcmp(r->path, "/v1/changes") == 0) {
        qm_buf_puts(&out, t->changes ? t->changes : "");
        spoil(&out, fault, t->spoil_at);
        type = "application/x-ndjson";
    } else if (strncmp(r->path, "/v1/blobs/", 10) == 0) {
        t->photos++;
        status = 201;
    } else {
        t->rotations += strcmp(r->path, "/v1/devices/rotate") == 0;
        answer_device(t, &out);
        type = "application/json";
    }
    if (fault == LOST) {
        qm_buf_free(&out);
        return QM_C_UNKNOWN_OUTCOME;
    }
    hand_over(&out, a, status, type);
    return QM_C_OK;
}

struct qm_transport town_transport(struct town *t)
{
    return (struct qm_transport){.ctx = t, .perform = perform};
}

void folder_make(char path[64])
{
    snprintf(path, 64, "/tmp/qm-test-XXXXXX");
    assert_non_null(mkdtemp(path));
}

void folder_remove(const char *path)
{
    DIR *d = opendir(path);
    char name[512];
    for (struct dirent *e = d ? readdir(d) : NULL; e; e = readdir(d)) {
        snprintf(name, sizeof name, "%s/%s", path, e->d_name);
        if (e->d_name[0] != '.')
            unlink(name);
    }
    if (d)
        closedir(d);
    rmdir(path);
}

static int64_t town_now(void *ctx)
{
    return ((struct town *)ctx)->now_ms;
}

qm_client *phone_open(const char *folder, struct secrets *s, struct town *t)
{
    char path[128];
    qm_client *c = NULL;
    snprintf(path, sizeof path, "%s/outbox", folder);
    struct qm_client_options o = {.outbox_path = path,
                                  .keys = secrets_store(s),
                                  .now_ms = town_now,
                                  .now_ctx = t,
                                  .transport = town_transport(t)};
    assert_int_equal(qm_client_open(&o, &c), 0);
    return c;
}

qm_client *phone(const char *folder, struct secrets *s, struct town *t)
{
    qm_client *c = phone_open(folder, s, t);
    assert_int_equal(qm_client_enrol(c, SERVER, NULL, CODE), 0);
    return c;
}

void visit(qm_client *c, const char *met, char event[37])
{
    struct qm_record r = QM_RECORD("visit");
    struct qm_recorded done;
    r.household = HOUSE;
    r.outcome = "met";
    r.met = met;
    assert_int_equal(qm_client_record(c, &r, &done), 0);
    if (event)
        memcpy(event, done.event, 37);
}

struct qm_counts counts_of(qm_client *c)
{
    struct qm_counts n;
    assert_int_equal(qm_client_count(c, &n), 0);
    return n;
}
