/* bench_wire.c - floor 0 beside the bare library calls that it cannot do without.
 *
 * For the same bytes and in the same run, in turns: our call, then libsodium and Jansson alone
 * (parse E and P with Jansson, hash them; or decode a receipt's extra, hash leaf and path, verify
 * one signature).  Time is processor time of this thread, so that other load moves both alike.
 * Prints calls per second and core, and ours / bare: 1.0 is as fast as the libraries alone.
 * Failure mode: a call that does not succeed ends the run with status 1. */
#include <jansson.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "wire/batch.h"
#include "wire/event.h"
#include "wire/receipt.h"
#include "wire_fixture.h"

enum { ROUNDS = 40, EVENTS_A_TURN = 5000, LINES_A_TURN = 2500, RECEIPTS_A_TURN = 100 };
enum { LINES = 5, RECEIPTS = 3 };

struct line {
    const char *e, *p;
    size_t e_len, p_len;
    bool good;
};
struct receipt {
    const char *text;
    struct qm_vkey key;
    struct qm_receipt parts; /* read once, for the bare calls */
    char *extra_b64;
    size_t extra_b64_len;
};

static struct line lines[LINES];
static struct receipt receipts[RECEIPTS];

static _Noreturn void give_up(const char *what)
{
    fprintf(stderr, "bench_wire: %s failed\n", what);
    exit(1);
}

static double now_s(void)
{
    struct timespec t;
    (void)clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* ---- one call each ---- */

static void ours_event(size_t i)
{
    const struct line *l = &lines[i % LINES];
    struct qm_hash leaf;
    struct qm_event ev;
    qm_leaf_hash(l->e, l->e_len, &leaf);
    if ((qm_event_read(l->e, l->e_len, &ev) == QM_OK) != l->good)
        give_up("qm_event_read");
}

static void bare_parse(const char *t, size_t len)
{
    json_t *root = json_loadb(t, len, JSON_REJECT_DUPLICATES, NULL);
    if (root == NULL)
        give_up("json_loadb");
    json_decref(root);
}

static void bare_hash(const char *t, size_t len)
{
    uint8_t out[32];
    crypto_hash_sha256(out, (const uint8_t *)t, len);
}

static void bare_event(size_t i)
{
    const struct line *l = &lines[i % LINES];
    bare_hash(l->e, l->e_len);
    bare_parse(l->e, l->e_len);
}

static void ours_line(size_t i)
{
    const struct line *l = &lines[i % LINES];
    struct qm_hash leaf;
    struct qm_event ev;
    struct qm_private p;
    bool private_fault = false;
    qm_leaf_hash(l->e, l->e_len, &leaf);
    qm_err e = qm_event_check(l->e, l->e_len, l->p, l->p_len, &ev, &p, &private_fault);
    if ((e == QM_OK) != l->good)
        give_up("qm_event_check");
    qm_private_free(&p);
}

static void bare_line(size_t i)
{
    const struct line *l = &lines[i % LINES];
    bare_event(i);
    if (l->p == NULL)
        return;
    bare_hash(l->p, l->p_len);
    bare_parse(l->p, l->p_len);
}

static void ours_receipt(size_t i)
{
    const struct receipt *r = &receipts[i % RECEIPTS];
    if (qm_receipt_verify(r->text, strlen(r->text), &r->key) != QM_OK)
        give_up("qm_receipt_verify");
}

static void bare_receipt(size_t i)
{
    const struct receipt *r = &receipts[i % RECEIPTS];
    const struct qm_receipt *p = &r->parts;
    uint8_t extra[4096], node[65] = {1};
    size_t n = 0;
    if (sodium_base642bin(extra, sizeof extra, r->extra_b64, r->extra_b64_len, NULL, &n, NULL,
                          sodium_base64_VARIANT_ORIGINAL) != 0)
        give_up("sodium_base642bin");
    bare_hash((const char *)extra, n);
    for (size_t k = 0; k < p->proof_len; k++)
        bare_hash((const char *)node, sizeof node);
    if (crypto_sign_verify_detached(p->note.sig[0].sig, (const uint8_t *)p->note.text,
                                    p->note.text_len, r->key.key) != 0)
        give_up("crypto_sign_verify_detached");
}

/* ---- turns ---- */

static double turn(void (*call)(size_t), size_t n)
{
    double start = now_s();
    for (size_t i = 0; i < n; i++)
        call(i);
    return now_s() - start;
}

static void compare(const char *what, void (*ours)(size_t), void (*bare)(size_t), size_t n)
{
    double ours_s = 0, bare_s = 0;
    (void)turn(ours, n);
    (void)turn(bare, n);
    for (int round = 0; round < ROUNDS; round++) {
        ours_s += turn(ours, n);
        bare_s += turn(bare, n);
    }
    double calls = (double)n * ROUNDS;
    printf("%-28s %9.0f /s ours %9.0f /s bare   ratio %.2f\n", what, calls / ours_s, calls / bare_s,
           bare_s / ours_s);
}

/* ---- values ---- */

static void load_lines(json_t *v)
{
    for (size_t i = 0; i < LINES; i++) {
        char path[32];
        (void)snprintf(path, sizeof path, "events/%zu", i);
        json_t *event = fx_at(v, path);
        struct line *l = &lines[i];
        l->e = fx_text(event, "E");
        l->e_len = strlen(l->e);
        l->p = json_string_value(json_object_get(event, "P"));
        l->p_len = l->p != NULL ? strlen(l->p) : 0;
        l->good = i != 2; /* the vectors' example of a reject */
    }
}

static void load_receipt(json_t *v, const char *path, const char *key, struct receipt *r)
{
    r->text = fx_text(v, path);
    fx_vkey(v, key, &r->key);
    if (qm_receipt_read(r->text, strlen(r->text), &r->parts) != QM_OK)
        give_up("qm_receipt_read");
    r->extra_b64 = malloc(r->parts.extra.len / 3 * 4 + 5);
    if (r->extra_b64 == NULL)
        give_up("malloc");
    r->extra_b64_len = qm_b64_write(r->parts.extra.p, r->parts.extra.len, r->extra_b64);
}

int main(void)
{
    double load[1] = {0};
    if (sodium_init() < 0)
        return 1;
    json_t *v = fx_load("protocol-vectors.json");
    load_lines(v);
    load_receipt(v, "receipt", "log/vkey", &receipts[0]);
    load_receipt(v, "bulletin/receipt", "log/vkey", &receipts[1]);
    load_receipt(v, "event_receipts/0", "device/vkey", &receipts[2]);
    (void)getloadavg(load, 1);
    printf("load of the machine %.1f; per core, ratio 1.00 = the library calls alone\n", load[0]);
    compare("events parsed and hashed", ours_event, bare_event, EVENTS_A_TURN);
    compare("lines (E and P) judged", ours_line, bare_line, LINES_A_TURN);
    compare("receipts verified", ours_receipt, bare_receipt, RECEIPTS_A_TURN);
    for (size_t i = 0; i < RECEIPTS; i++) {
        qm_receipt_free(&receipts[i].parts);
        free(receipts[i].extra_b64);
    }
    json_decref(v);
    return 0;
}
