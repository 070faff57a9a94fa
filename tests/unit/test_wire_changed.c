/* Every value of the vectors with one bit flipped, one byte dropped or doubled, one line dropped,
 * doubled or exchanged with the next: it must fail to verify, or hash to something else. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "wire/batch.h"
#include "wire/event.h"
#include "wire/receipt.h"
#include "wire/reqsig.h"
#include "wire_fixture.h"

static json_t *v;
static const char HOST[] = "qm.example.gov.cn";

static int load(void **state)
{
    (void)state;
    v = fx_load("protocol-vectors.json");
    return 0;
}

static int unload(void **state)
{
    (void)state;
    json_decref(v);
    return 0;
}

/* true: these bytes pass for the original. */
typedef bool (*holds_fn)(const char *t, size_t len, const void *ctx);

struct changes {
    holds_fn holds;
    const void *ctx;
    const char *what;
    const char *original;
    size_t len, tried, passed;
};

/* Takes a block of exactly len bytes, so that a sanitizer sees every read behind it. */
static void try_bytes(struct changes *c, const char *t, size_t len)
{
    char *exact = malloc(len > 0 ? len : 1);
    assert_non_null(exact);
    memcpy(exact, t, len);
    c->tried++;
    if (c->holds(exact, len, c->ctx)) {
        c->passed++;
        print_error("%s: a changed value passes: %.*s\n", c->what, (int)len, exact);
    }
    free(exact);
}

static void change_bytes(struct changes *c, char *work)
{
    for (size_t i = 0; i < c->len; i++) {
        for (int bit = 0; bit < 8; bit++) {
            memcpy(work, c->original, c->len);
            work[i] = (char)(work[i] ^ 1 << bit);
            try_bytes(c, work, c->len);
        }
        memcpy(work, c->original, i);
        memcpy(work + i, c->original + i + 1, c->len - i - 1);
        try_bytes(c, work, c->len - 1);
        memcpy(work, c->original, i + 1);
        memcpy(work + i + 1, c->original + i, c->len - i);
        try_bytes(c, work, c->len + 1);
    }
}

static size_t line_end(const struct changes *c, size_t from)
{
    const char *lf = memchr(c->original + from, '\n', c->len - from);
    return lf != NULL ? (size_t)(lf - c->original) + 1 : c->len;
}

/* Puts the original with the lines [from, to) replaced by `by`. */
static void replace(struct changes *c, char *work, size_t from, size_t to, const char *by,
                    size_t by_len)
{
    memcpy(work, c->original, from);
    memcpy(work + from, by, by_len);
    memcpy(work + from + by_len, c->original + to, c->len - to);
    size_t len = from + by_len + c->len - to;
    if (len != c->len || memcmp(work, c->original, len) != 0)
        try_bytes(c, work, len);
}

static void change_lines(struct changes *c, char *work, char *lines)
{
    for (size_t at = 0; at < c->len; at = line_end(c, at)) {
        size_t end = line_end(c, at), next = end < c->len ? line_end(c, end) : end;
        replace(c, work, at, end, "", 0);
        memcpy(lines, c->original + at, end - at);
        memcpy(lines + (end - at), c->original + at, end - at);
        replace(c, work, at, end, lines, 2 * (end - at));
        memcpy(lines, c->original + end, next - end);
        memcpy(lines + (next - end), c->original + at, end - at);
        replace(c, work, at, next, lines, next - at);
        replace(c, work, at, at, "\n", 1);
    }
}

static void nothing_changed_passes(const char *what, const char *text, size_t len, holds_fn holds,
                                   const void *ctx)
{
    struct changes c = {.holds = holds, .ctx = ctx, .what = what, .original = text, .len = len};
    char *work = malloc(2 * len + 2), *lines = malloc(2 * len + 2);
    assert_non_null(work);
    assert_non_null(lines);
    assert_true(holds(text, len, ctx));
    change_bytes(&c, work);
    change_lines(&c, work, lines);
    free(work);
    free(lines);
    assert_true(c.tried > 10 * len);
    assert_int_equal(c.passed, 0);
}

/* ---- what holds ---- */

static bool note_holds(const char *t, size_t len, const void *ctx)
{
    struct qm_note n;
    struct qm_checkpoint c;
    return qm_note_read(t, len, &n) == QM_OK && qm_note_verify(&n, ctx) == QM_OK &&
           qm_checkpoint_read(n.text, n.text_len, &c) == QM_OK;
}

/* Enrolment and rotation: as many signature lines as keys, all of them good. */
struct keys {
    struct qm_vkey key[2];
    size_t n;
};

static bool device_note_holds(const char *t, size_t len, const void *ctx)
{
    const struct keys *k = ctx;
    struct qm_note n;
    if (qm_note_read(t, len, &n) != QM_OK || n.sigs != k->n)
        return false;
    for (size_t i = 0; i < k->n; i++) {
        if (n.sig[i].id != k->key[i].id || qm_note_verify(&n, &k->key[i]) != QM_OK)
            return false;
    }
    return true;
}

static bool receipt_holds(const char *t, size_t len, const void *ctx)
{
    return qm_receipt_verify(t, len, ctx) == QM_OK;
}

static bool vkey_holds(const char *t, size_t len, const void *ctx)
{
    struct qm_vkey k;
    (void)ctx;
    return qm_vkey_read(t, len, &k) == QM_OK;
}

/* All of the batch as the server checks it; line 2 is the one that has no schema. */
static bool batch_holds(const char *t, size_t len, const void *ctx)
{
    struct qm_batch_head head;
    struct qm_batch_line lines[QM_BATCH_MAX_EVENTS];
    if (qm_batch_head_read(t, len, HOST, &head) != QM_OK ||
        qm_note_verify(&head.note, ctx) != QM_OK ||
        qm_batch_lines_read(t, len, &head, lines) != QM_OK)
        return false;
    bool good = true;
    for (size_t i = 0; i < head.checkpoint.size; i++) {
        struct qm_event ev;
        struct qm_private p;
        bool private_fault = false;
        qm_err e = qm_event_check(lines[i].e, lines[i].e_len, lines[i].p, lines[i].p_len, &ev, &p,
                                  &private_fault);
        if (e == QM_OK)
            qm_private_free(&p);
        good = good && (i == 2 ? !private_fault : e == QM_OK);
    }
    return good;
}

/* A log entry counts only with the leaf hash that the tree has. */
static bool entry_holds(const char *t, size_t len, const void *ctx)
{
    struct qm_entry e;
    struct qm_hash h;
    qm_leaf_hash(t, len, &h);
    return qm_entry_read(t, len, &e) == QM_OK && memcmp(h.b, ctx, sizeof h.b) == 0;
}

static bool private_holds(const char *t, size_t len, const void *ctx)
{
    struct qm_event ev;
    struct qm_private p;
    bool private_fault = false;
    const char *e = ctx;
    if (qm_event_check(e, strlen(e), t, len, &ev, &p, &private_fault) != QM_OK)
        return false;
    qm_private_free(&p);
    return true;
}

static bool digest_holds(const char *t, size_t len, const void *ctx)
{
    struct qm_hash h;
    qm_sha256(t, len, &h);
    return memcmp(h.b, ctx, sizeof h.b) == 0;
}

/* ---- the values ---- */

static void text_case(const char *path, holds_fn holds, const void *ctx)
{
    const char *t = fx_text(v, path);
    nothing_changed_passes(path, t, strlen(t), holds, ctx);
}

static void keys_and_notes(void **state)
{
    struct keys k = {.n = 1};
    struct qm_vkey log;
    (void)state;
    text_case("device/vkey", vkey_holds, NULL);
    text_case("log/vkey", vkey_holds, NULL);
    text_case("rotate/new_vkey", vkey_holds, NULL);
    fx_vkey(v, "device/vkey", &k.key[0]);
    fx_vkey(v, "rotate/new_vkey", &k.key[1]);
    fx_vkey(v, "log/vkey", &log);
    text_case("batch/note", note_holds, &k.key[0]);
    text_case("enrol_note", device_note_holds, &k);
    k.n = 2;
    text_case("rotate/note", device_note_holds, &k);
    for (unsigned i = 1; i <= 7; i++) {
        char path[32];
        (void)snprintf(path, sizeof path, "checkpoints/%u", i);
        text_case(path, note_holds, &log);
    }
}

static void receipts(void **state)
{
    struct qm_vkey device, log;
    (void)state;
    fx_vkey(v, "device/vkey", &device);
    fx_vkey(v, "log/vkey", &log);
    text_case("event_receipts/0", receipt_holds, &device);
    text_case("event_receipts/1", receipt_holds, &device);
    text_case("receipt", receipt_holds, &log);
    text_case("bulletin/receipt", receipt_holds, &log);
}

static void the_batch(void **state)
{
    struct qm_vkey device;
    (void)state;
    fx_vkey(v, "device/vkey", &device);
    text_case("batch/body", batch_holds, &device);
}

static void hashed_values(void **state)
{
    static const char *const objects[4] = {"roster", "rule", "result", "public"};
    struct qm_hash h;
    char path[64];
    (void)state;
    for (unsigned i = 0; i < 7; i++) {
        (void)snprintf(path, sizeof path, "log_leaf_hashes_hex/%u", i);
        fx_hex(v, path, h.b, sizeof h.b);
        (void)snprintf(path, sizeof path, "log_entries/%u", i);
        text_case(path, entry_holds, h.b);
    }
    for (size_t i = 0; i < 4; i++) {
        (void)snprintf(path, sizeof path, "bulletin/%s", objects[i]);
        const char *t = fx_text(v, path);
        qm_sha256(t, strlen(t), &h);
        text_case(path, digest_holds, h.b);
    }
}

static void private_parts(void **state)
{
    static const unsigned with_p[3] = {0, 3, 4};
    (void)state;
    for (size_t i = 0; i < 3; i++) {
        char e[32], p[32];
        (void)snprintf(e, sizeof e, "events/%u/E", with_p[i]);
        (void)snprintf(p, sizeof p, "events/%u/P", with_p[i]);
        text_case(p, private_holds, fx_text(v, e));
    }
}

/* ---- proofs and tiles, as bytes ---- */

struct consistency {
    uint64_t old_size;
    struct qm_hash old_root, new_root;
};

static bool consistency_holds(const char *t, size_t len, const void *ctx)
{
    const struct consistency *c = ctx;
    struct qm_hash proof[QM_PROOF_MAX];
    if (len % QM_HASH_BYTES != 0 || len > sizeof proof)
        return false;
    memcpy(proof, t, len);
    return qm_consistency_verify(c->old_size, &c->old_root, 7, &c->new_root, proof,
                                 len / QM_HASH_BYTES) == QM_OK;
}

static bool tile_holds(const char *t, size_t len, const void *ctx)
{
    struct qm_hash leaves[8], root;
    if (len % QM_HASH_BYTES != 0 || len > sizeof leaves)
        return false;
    memcpy(leaves, t, len);
    qm_merkle_root(leaves, len / QM_HASH_BYTES, &root);
    return memcmp(root.b, ctx, sizeof root.b) == 0;
}

static void tiles_and_consistency_proofs(void **state)
{
    struct qm_hash tile[7], proof[QM_PROOF_MAX];
    struct consistency c;
    const char *name = NULL;
    json_t *list = NULL;
    (void)state;
    fx_hex(v, "tile_level0_partial7_hex", tile, sizeof tile);
    qm_merkle_root(tile, 7, &c.new_root);
    nothing_changed_passes("tile", (const char *)tile, sizeof tile, tile_holds, c.new_root.b);
    json_object_foreach(fx_at(v, "consistency"), name, list)
    {
        size_t n = json_array_size(list), bytes = 0;
        for (size_t k = 0; k < n; k++) {
            const char *line = json_string_value(json_array_get(list, k));
            assert_int_equal(qm_b64_read(line, strlen(line), proof[k].b, 32, &bytes), QM_OK);
        }
        c.old_size = (uint64_t)(name[0] - '0');
        qm_merkle_root(tile, (size_t)c.old_size, &c.old_root);
        nothing_changed_passes(name, (const char *)proof, n * sizeof proof[0], consistency_holds,
                               &c);
    }
}

/* ---- signed requests: each part in its turn ---- */

enum part { INPUT, SIGNATURE, DIGEST, METHOD, AUTHORITY, PATH, QUERY, CONTENT_TYPE, BODY, PARTS };

struct request {
    const char *part[PARTS];
    enum part changed;
    struct qm_vkey key;
};

static bool request_holds(const char *t, size_t len, const void *ctx)
{
    const struct request *q = ctx;
    const char *part[PARTS];
    char text[2048];
    struct qm_hash h;
    if (len >= sizeof text || memchr(t, 0, len) != NULL)
        return false; /* no header value holds a NUL */
    memcpy(text, t, len);
    text[len] = 0;
    memcpy(part, q->part, sizeof part);
    part[q->changed] = text;
    struct qm_reqsig r = {.method = part[METHOD],
                          .authority = part[AUTHORITY],
                          .path = part[PATH],
                          .query = part[QUERY],
                          .content_type = part[CONTENT_TYPE]};
    if (part[BODY] != NULL) {
        qm_sha256(part[BODY], strlen(part[BODY]), &h);
        r.body_sha256 = &h;
    }
    return qm_reqsig_verify(&r, part[INPUT], part[SIGNATURE], part[DIGEST], &q->key, 1757203300) ==
           QM_OK;
}

static void signed_requests(void **state)
{
    struct request get = {.part = {[INPUT] = fx_text(v, "http_get/Signature-Input"),
                                   [SIGNATURE] = fx_text(v, "http_get/Signature"),
                                   [METHOD] = "GET",
                                   [AUTHORITY] = HOST,
                                   [PATH] = "/v1/changes",
                                   [QUERY] = "since=73894"}};
    struct request post = {.part = {[INPUT] = fx_text(v, "http_post/Signature-Input"),
                                    [SIGNATURE] = fx_text(v, "http_post/Signature"),
                                    [DIGEST] = fx_text(v, "http_post/Content-Digest"),
                                    [METHOD] = "POST",
                                    [AUTHORITY] = HOST,
                                    [PATH] = "/v1/example",
                                    [CONTENT_TYPE] = "application/json",
                                    [BODY] = fx_text(v, "http_post/body")}};
    struct request *both[2] = {&get, &post};
    (void)state;
    for (size_t i = 0; i < 2; i++) {
        fx_vkey(v, "device/vkey", &both[i]->key);
        for (enum part p = INPUT; p < PARTS; p++) {
            if (both[i]->part[p] == NULL)
                continue;
            both[i]->changed = p;
            nothing_changed_passes("signed request", both[i]->part[p], strlen(both[i]->part[p]),
                                   request_holds, both[i]);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keys_and_notes),  cmocka_unit_test(receipts),
        cmocka_unit_test(the_batch),       cmocka_unit_test(hashed_values),
        cmocka_unit_test(private_parts),   cmocka_unit_test(tiles_and_consistency_proofs),
        cmocka_unit_test(signed_requests),
    };
    if (sodium_init() < 0)
        return 1;
    return cmocka_run_group_tests(tests, load, unload);
}
