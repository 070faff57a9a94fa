/* Every case of tests/vectors/negative.json, which a second implementation must judge alike. */
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

struct item {
    json_t *json;
    const char *bytes; /* of a block as long as they are, so that reading beyond is noticed */
    size_t len;
    struct qm_vkey key;
};

static const char *judge_event(const struct item *it)
{
    struct qm_event ev;
    return qm_err_name(qm_event_read(it->bytes, it->len, &ev));
}

static const char *judge_private(const struct item *it)
{
    struct qm_private p;
    qm_err e = qm_private_read(it->bytes, it->len, &p);
    if (e == QM_OK)
        qm_private_free(&p);
    return qm_err_name(e);
}

static const char *judge_line(const struct item *it)
{
    struct qm_event ev;
    struct qm_private p;
    bool private_fault = false;
    const char *tab = it->len > 0 ? memchr(it->bytes, '\t', it->len) : NULL;
    size_t e_len = tab != NULL ? (size_t)(tab - it->bytes) : it->len;
    qm_err e = qm_event_check(it->bytes, e_len, tab != NULL ? tab + 1 : NULL,
                              tab != NULL ? it->len - e_len - 1 : 0, &ev, &p, &private_fault);
    if (e == QM_OK) {
        qm_private_free(&p);
        return "ok";
    }
    return private_fault ? "private" : "schema";
}

static const char *judge_note(const struct item *it)
{
    struct qm_note n;
    struct qm_checkpoint c;
    qm_err e = qm_note_read(it->bytes, it->len, &n);
    if (e == QM_OK)
        e = qm_checkpoint_read(n.text, n.text_len, &c);
    if (e == QM_OK)
        e = qm_note_verify(&n, &it->key);
    return qm_err_name(e);
}

static const char *judge_vkey(const struct item *it)
{
    struct qm_vkey k;
    return qm_err_name(qm_vkey_read(it->bytes, it->len, &k));
}

static const char *judge_receipt(const struct item *it)
{
    return qm_err_name(qm_receipt_verify(it->bytes, it->len, &it->key));
}

static const char *judge_batch(const struct item *it)
{
    struct qm_batch_head head;
    struct qm_batch_line lines[QM_BATCH_MAX_EVENTS];
    qm_err e = qm_batch_head_read(it->bytes, it->len, fx_text(it->json, "host"), &head);
    if (e == QM_OK)
        e = qm_note_verify(&head.note, &it->key);
    if (e == QM_OK)
        e = qm_batch_lines_read(it->bytes, it->len, &head, lines);
    return qm_err_name(e);
}

static const char *optional(const struct item *it, const char *name)
{
    return json_string_value(json_object_get(it->json, name));
}

static const char *judge_reqsig(const struct item *it)
{
    struct qm_hash h;
    const char *body = optional(it, "body");
    struct qm_reqsig r = {.method = fx_text(it->json, "method"),
                          .authority = fx_text(it->json, "authority"),
                          .path = fx_text(it->json, "path"),
                          .query = optional(it, "query"),
                          .content_type = optional(it, "content_type")};
    if (body != NULL) {
        qm_sha256(body, strlen(body), &h);
        r.body_sha256 = &h;
    }
    return qm_err_name(qm_reqsig_verify(&r, fx_text(it->json, "input"),
                                        fx_text(it->json, "signature"), optional(it, "digest"),
                                        &it->key, json_integer_value(fx_at(it->json, "now"))));
}

static const struct {
    const char *what;
    const char *(*judge)(const struct item *it);
} judges[] = {{"E", judge_event},     {"P", judge_private},    {"line", judge_line},
              {"note", judge_note},   {"vkey", judge_vkey},    {"receipt", judge_receipt},
              {"batch", judge_batch}, {"reqsig", judge_reqsig}};
enum { JUDGES = sizeof judges / sizeof judges[0] };

/* The bytes of the item on the heap, no longer than they are. */
static char *bytes_of(json_t *json, size_t *len)
{
    const char *hex = json_string_value(json_object_get(json, "hex"));
    json_t *text = json_object_get(json, "text");
    char *bytes = NULL;
    *len = hex != NULL ? strlen(hex) / 2 : json_string_length(text);
    if (*len == 0)
        return malloc(1);
    bytes = malloc(*len);
    if (bytes == NULL)
        return NULL;
    if (hex != NULL)
        assert_int_equal(qm_hex_read(hex, strlen(hex), bytes, *len), QM_OK);
    else
        memcpy(bytes, json_string_value(text), *len);
    return bytes;
}

static const char *judge(struct item *it)
{
    const char *what = fx_text(it->json, "what");
    if (json_object_get(it->json, "key") != NULL)
        fx_vkey(it->json, "key", &it->key);
    for (size_t i = 0; i < JUDGES; i++) {
        if (strcmp(judges[i].what, what) == 0)
            return judges[i].judge(it);
    }
    return "unknown kind of case";
}

static void every_case_is_judged_as_written(void **state)
{
    json_t *list = fx_load("negative.json"), *json = NULL;
    size_t i = 0, wrong = 0, refused = 0;
    (void)state;
    json_array_foreach(list, i, json)
    {
        struct item it = {.json = json};
        char *bytes = bytes_of(json, &it.len);
        assert_non_null(bytes);
        it.bytes = bytes;
        const char *is = judge(&it), *want = fx_text(json, "expect");
        refused += strcmp(want, "ok") != 0;
        if (strcmp(is, want) != 0) {
            print_error("%s: %s instead of %s\n", fx_text(json, "name"), is, want);
            wrong++;
        }
        free(bytes);
    }
    assert_int_equal(wrong, 0);
    assert_true(refused > 800);
    json_decref(list);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(every_case_is_judged_as_written)};
    if (sodium_init() < 0)
        return 1;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
