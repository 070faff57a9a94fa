/* test_coding.c - answers that go out compressed: what zlib makes, who takes it, what stays as it
 * is. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "drivers/gzip.h"
#include "edge/coding.h"
#include "memory_fixture.h"

enum { TEXT_BYTES = 200000 };

static void text_make(struct qm_buf *b, size_t len)
{
    qm_buf_init(b, len + 64);
    while (b->len < len)
        assert_int_equal(qm_buf_printf(b, "{\"household\":%zu,\"state\":\"open\"},", b->len),
                         QM_OK);
}

/* What a client makes of it: one whole member, nothing behind it. */
static void assert_unpacks(const struct qm_buf *gz, const struct qm_buf *plain)
{
    uint8_t *out = malloc(plain->len + 1);
    z_stream z = {.next_in = gz->p,
                  .avail_in = (uInt)gz->len,
                  .next_out = out,
                  .avail_out = (uInt)plain->len + 1};
    assert_int_equal(inflateInit2(&z, 15 + 16), Z_OK);
    assert_int_equal(inflate(&z, Z_FINISH), Z_STREAM_END);
    assert_int_equal(z.avail_in, 0);
    assert_int_equal(z.total_out, plain->len);
    assert_memory_equal(out, plain->p, plain->len);
    inflateEnd(&z);
    free(out);
}

static void text_becomes_smaller_and_comes_back(void **state)
{
    (void)state;
    for (size_t len = 400; len <= TEXT_BYTES; len *= 5) {
        struct qm_buf plain, gz;
        text_make(&plain, len);
        assert_int_equal(qm_gzip(plain.p, plain.len, &gz), QM_OK);
        assert_true(gz.len < plain.len / 2);
        assert_unpacks(&gz, &plain);
        qm_buf_free(&gz);
        qm_buf_free(&plain);
    }
}

static void what_does_not_shrink_is_said(void **state)
{
    (void)state;
    uint8_t noise[5000];
    uint32_t x = 1;
    for (size_t i = 0; i < sizeof noise; i++)
        noise[i] = (uint8_t)((x = x * 1664525u + 1013904223u) >> 24);
    struct qm_buf gz;
    assert_int_equal(qm_gzip(noise, sizeof noise, &gz), QM_E_TOO_LARGE);
    assert_int_equal(gz.len, 0);
    assert_int_equal(qm_gzip(noise, 1, &gz), QM_E_TOO_LARGE);
    qm_buf_free(&gz);
}

static void weights_and_names_of_codings_are_read(void **state)
{
    (void)state;
    assert_true(qm_coding_takes("gzip", "gzip"));
    assert_true(qm_coding_takes("br, GZIP;q=0.5", "gzip"));
    assert_true(qm_coding_takes("gzip ; q=0.001", "gzip"));
    assert_false(qm_coding_takes(NULL, "gzip"));
    assert_false(qm_coding_takes("", "gzip"));
    assert_false(qm_coding_takes("identity, br", "gzip"));
    assert_false(qm_coding_takes("gzip;q=0", "gzip"));
    assert_false(qm_coding_takes("gzipped", "gzip"));
    assert_false(qm_coding_takes("x-gzip", "gzip"));
}

static void only_texts_are_tried(void **state)
{
    (void)state;
    assert_true(qm_coding_fits("application/json"));
    assert_true(qm_coding_fits("text/csv; charset=utf-8"));
    assert_true(qm_coding_fits("application/x-ndjson"));
    assert_false(qm_coding_fits("application/octet-stream"));
    assert_false(
        qm_coding_fits("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"));
    assert_false(qm_coding_fits(NULL));
}

/* ---- one answer through the pool ---- */

static struct qm_coding *coded;

static void on_done(struct qm_coding *a)
{
    coded = a;
}

static qm_err answer_run(uv_loop_t *loop, size_t jobs_max, struct qm_buf *body)
{
    char tag[] = "W/\"one\"";
    const char *headers[] = {"ETag", tag, "Cache-Control", "no-store", NULL};
    struct qm_pool *pool = NULL;
    coded = NULL;
    qm_err err = qm_pool_new(loop, jobs_max, &pool);
    if (err == QM_OK)
        err = qm_coding_run(pool, "application/json", headers, body, on_done, NULL);
    memset(tag, 'x', sizeof tag - 1); /* the caller's value is gone by then */
    uv_run(loop, UV_RUN_DEFAULT);
    if (pool)
        qm_pool_free(pool);
    return err;
}

static void an_answer_keeps_its_headers_and_says_its_coding(void **state)
{
    (void)state;
    uv_loop_t loop;
    uv_loop_init(&loop);
    struct qm_buf body, same;
    text_make(&body, TEXT_BYTES);
    text_make(&same, TEXT_BYTES);
    assert_int_equal(answer_run(&loop, 1, &body), QM_OK);
    assert_null(body.p);
    assert_string_equal(coded->content_type, "application/json");
    static const char *const want[] = {"ETag",     "W/\"one\"",        "Cache-Control",
                                       "no-store", "Content-Encoding", "gzip"};
    for (size_t i = 0; i < 6; i++)
        assert_string_equal(coded->headers[i], want[i]);
    assert_null(coded->headers[6]);
    assert_unpacks(&coded->body, &same);
    qm_coding_free(coded);
    qm_buf_free(&same);
    assert_int_equal(uv_loop_close(&loop), 0);
}

static void bytes_that_do_not_shrink_go_out_as_they_are(void **state)
{
    (void)state;
    uv_loop_t loop;
    uv_loop_init(&loop);
    struct qm_buf body;
    qm_buf_init(&body, 10);
    qm_buf_puts(&body, "{\"a\":\"%\"}");
    assert_int_equal(answer_run(&loop, 1, &body), QM_OK);
    assert_string_equal((char *)coded->body.p, "{\"a\":\"%\"}");
    assert_null(coded->headers[4]);
    qm_coding_free(coded);
    assert_int_equal(uv_loop_close(&loop), 0);
}

static bool answer_without_memory(void)
{
    uv_loop_t loop;
    struct qm_buf body;
    memory_pause();
    uv_loop_init(&loop);
    text_make(&body, 4000);
    size_t len = body.len;
    memory_resume();
    qm_err err = answer_run(&loop, 1, &body);
    memory_pause();
    if (err == QM_OK)
        qm_coding_free(coded);
    else
        assert_int_equal(body.len, len); /* still the caller's, whole */
    qm_buf_free(&body);
    assert_int_equal(uv_loop_close(&loop), 0);
    memory_resume();
    return err == QM_OK;
}

static void without_memory_the_body_stays_the_callers(void **state)
{
    (void)state;
    memory_each_fails(answer_without_memory);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(text_becomes_smaller_and_comes_back),
        cmocka_unit_test(what_does_not_shrink_is_said),
        cmocka_unit_test(weights_and_names_of_codings_are_read),
        cmocka_unit_test(only_texts_are_tried),
        cmocka_unit_test(an_answer_keeps_its_headers_and_says_its_coding),
        cmocka_unit_test(bytes_that_do_not_shrink_go_out_as_they_are),
        cmocka_unit_test(without_memory_the_body_stays_the_callers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
