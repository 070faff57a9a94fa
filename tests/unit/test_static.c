/* test_static.c - the built pages: what the list may say, which file answers, and how. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "edge/static.h"
#include "memory_fixture.h"

static char dir[] = "/tmp/qm-static-XXXXXX";

static void put(const char *name, const char *text)
{
    char path[200];
    snprintf(path, sizeof path, "%s/%s", dir, name);
    FILE *f = fopen(path, "w");
    assert_non_null(f);
    fputs(text, f);
    fclose(f);
}

#define HEAD "qiaomen-pages 1\n"
#define PAGE "file fresh br,gz /office/index.html page.html text/html; charset=utf-8\n"
#define GOOD                                                                                       \
    HEAD "app /office/ /office/index.html\n"                                                       \
         "file kept gz /office/assets/a-1.js a.js text/javascript\n"                               \
         "file kept - /office/assets/b.bin empty.bin application/octet-stream\n" PAGE

static int make(void **state)
{
    (void)state;
    if (!mkdtemp(dir))
        return -1;
    put("page.html", "plain page");
    put("page.html.br", "page as br");
    put("page.html.gz", "page as gz");
    put("a.js", "plain script");
    put("a.js.gz", "script as gz");
    put("empty.bin", "");
    return 0;
}

static int drop(void **state)
{
    (void)state;
    static const char *const made[] = {"page.html", "page.html.br", "page.html.gz", "a.js",
                                       "a.js.gz",   "empty.bin",    "pages.list"};
    for (size_t i = 0; i < sizeof made / sizeof *made; i++) {
        char path[200];
        snprintf(path, sizeof path, "%s/%s", dir, made[i]);
        unlink(path);
    }
    return rmdir(dir);
}

static struct qm_static *load(const char *list, qm_err want)
{
    struct qm_static *s;
    struct qm_buf why;
    qm_buf_init(&why, 4096);
    put("pages.list", list);
    assert_int_equal(qm_static_load(dir, &s, &why), want);
    assert_int_equal(why.len > 0, want != QM_OK);
    assert_int_equal(s != NULL, want == QM_OK);
    qm_buf_free(&why);
    return s;
}

static struct qm_static_answer ask(const struct qm_static *s, const char *path,
                                   const char *accepted, const char *tag)
{
    struct qm_static_answer a;
    qm_static_find(s, &(struct qm_static_ask){path, accepted, tag}, &a);
    return a;
}

static const char *header(const struct qm_static_answer *a, const char *name)
{
    for (size_t i = 0; a->headers[i]; i += 2)
        if (strcmp(a->headers[i], name) == 0)
            return a->headers[i + 1];
    return NULL;
}

static void body_is(const struct qm_static_answer *a, const char *text)
{
    assert_int_equal(a->status, 200);
    assert_int_equal(a->len, strlen(text));
    assert_memory_equal(a->bytes, text, a->len);
}

static void without_pages_nothing_is_found(void **state)
{
    (void)state;
    struct qm_static *s;
    struct qm_buf why;
    qm_buf_init(&why, 100);
    assert_int_equal(qm_static_load("", &s, &why), QM_OK);
    assert_null(s);
    assert_int_equal(ask(NULL, "/", NULL, NULL).status, 404);
    assert_int_equal(ask(NULL, "/office/", NULL, NULL).status, 404);
    assert_int_equal(qm_static_load("/nowhere/at/all", &s, &why), QM_E_IO);
    qm_buf_free(&why);
}

static void the_best_coding_that_is_taken_goes_out(void **state)
{
    (void)state;
    static const struct {
        const char *accepted, *coding, *text;
    } rows[] = {
        {NULL, NULL, "plain page"},
        {"", NULL, "plain page"},
        {"identity", NULL, "plain page"},
        {"gzip, deflate, br, zstd", "br", "page as br"},
        {"gzip, deflate", "gzip", "page as gz"},
        {"GZIP;q=0.5", "gzip", "page as gz"},
        {"br;q=0, gzip;q=1.0", "gzip", "page as gz"},
        {"br; q=0.000,gzip ;q=0", NULL, "plain page"},
        {"brotli, xgzip", NULL, "plain page"},
        {",,, br", "br", "page as br"},
    };
    struct qm_static *s = load(GOOD, QM_OK);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct qm_static_answer a = ask(s, "/office/index.html", rows[i].accepted, NULL);
        body_is(&a, rows[i].text);
        const char *coding = header(&a, "Content-Encoding");
        assert_int_equal(coding != NULL, rows[i].coding != NULL);
        if (coding)
            assert_string_equal(coding, rows[i].coding);
        assert_string_equal(header(&a, "Vary"), "Accept-Encoding");
    }
    struct qm_static_answer a = ask(s, "/office/assets/a-1.js", "br", NULL);
    body_is(&a, "plain script"); /* there is no br of it */
    a = ask(s, "/office/assets/b.bin", "br", NULL);
    body_is(&a, "");
    qm_static_free(s);
}

static void each_coding_has_its_tag_and_a_known_tag_saves_the_body(void **state)
{
    (void)state;
    struct qm_static *s = load(GOOD, QM_OK);
    const char *path = "/office/index.html";
    struct qm_static_answer plain = ask(s, path, NULL, NULL), br = ask(s, path, "br", NULL);
    const char *tag = header(&plain, "ETag"), *br_tag = header(&br, "ETag");
    assert_string_not_equal(tag, br_tag);
    char list[200];
    snprintf(list, sizeof list, "\"other\", W/%s", tag);
    assert_int_equal(ask(s, path, NULL, tag).status, 304);
    assert_int_equal(ask(s, path, NULL, list).status, 304);
    assert_int_equal(ask(s, path, NULL, "*").status, 304);
    assert_int_equal(ask(s, path, "br", tag).status, 200);
    assert_int_equal(ask(s, path, "br", br_tag).status, 304);
    static const char *const wrong[] = {"", "\"", "\"\"", "abc", "W/", "\"other\" \"", ","};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        assert_int_equal(ask(s, path, NULL, wrong[i]).status, 200);
    struct qm_static_answer again = ask(s, path, NULL, tag);
    assert_int_equal(again.len, 0);
    assert_null(again.type);
    assert_string_equal(header(&again, "ETag"), tag);
    qm_static_free(s);
}

static void names_with_a_hash_are_kept_and_pages_asked_again(void **state)
{
    (void)state;
    struct qm_static *s = load(GOOD, QM_OK);
    struct qm_static_answer a = ask(s, "/office/assets/a-1.js", NULL, NULL);
    assert_non_null(strstr(header(&a, "Cache-Control"), "immutable"));
    assert_string_equal(a.type, "text/javascript");
    a = ask(s, "/office/", NULL, NULL);
    assert_string_equal(header(&a, "Cache-Control"), "no-cache");
    assert_string_equal(a.type, "text/html; charset=utf-8");
    qm_static_free(s);
}

static void no_answer_lets_a_script_stand_in_a_page(void **state)
{
    (void)state;
    struct qm_static *s = load(GOOD, QM_OK);
    struct qm_static_answer a = ask(s, "/office/", NULL, NULL);
    const char *policy = header(&a, "Content-Security-Policy");
    assert_non_null(strstr(policy, "script-src 'self';"));
    assert_non_null(strstr(policy, "object-src 'none'"));
    assert_non_null(strstr(policy, "frame-ancestors 'none'"));
    assert_null(strstr(policy, "unsafe-eval"));
    const char *unsafe = strstr(policy, "'unsafe-inline'");
    assert_non_null(unsafe); /* once, and for style attributes only */
    assert_null(strstr(unsafe + 2, "unsafe-inline"));
    assert_memory_equal(unsafe - strlen("style-src-attr "), "style-src-attr ", 15);
    assert_string_equal(header(&a, "X-Content-Type-Options"), "nosniff");
    assert_string_equal(header(&a, "Referrer-Policy"), "no-referrer");
    assert_non_null(header(&a, "Permissions-Policy"));
    qm_static_free(s);
}

static void routes_of_an_app_get_its_page(void **state)
{
    (void)state;
    struct qm_static *s = load(GOOD, QM_OK);
    static const char *const routes[] = {"/office/", "/office/lists/140522110204", "/office/a.b",
                                         "/office/%E6%9D%91", "/office/../../../etc/passwd"};
    for (size_t i = 0; i < sizeof routes / sizeof *routes; i++) {
        struct qm_static_answer a = ask(s, routes[i], NULL, NULL);
        body_is(&a, "plain page");
    }
    static const char *const nothing[] = {
        "/office/assets/gone-2.js", "/officer", "/page.html", "", "/app/", "/../pages.list"};
    for (size_t i = 0; i < sizeof nothing / sizeof *nothing; i++)
        assert_int_equal(ask(s, nothing[i], NULL, NULL).status, 404);
    struct qm_static_answer home = ask(s, "/", NULL, NULL), bare = ask(s, "/office", NULL, NULL);
    assert_int_equal(home.status, 302);
    assert_string_equal(header(&home, "Location"), "/office/");
    assert_int_equal(bare.status, 302);
    assert_string_equal(header(&bare, "Location"), "/office/");
    qm_static_free(s);
}

static void a_wrong_list_is_refused(void **state)
{
    (void)state;
    static const struct {
        const char *list;
        qm_err err;
    } rows[] = {
        {"", QM_E_INVALID},
        {"qiaomen-pages 2\n", QM_E_INVALID},
        {HEAD, QM_E_INVALID},
        {HEAD "app /office/ /office/index.html\n", QM_E_INVALID},
        {HEAD PAGE, QM_E_INVALID},
        {GOOD PAGE, QM_E_INVALID},
        {GOOD "file kept - /x gone.js text/javascript\n", QM_E_IO},
        {GOOD "file kept br /x a.js text/javascript\n", QM_E_IO},
        {GOOD "file kept - /x /etc/hostname text/plain\n", QM_E_INVALID},
        {GOOD "file kept - /x ../a.js text/plain\n", QM_E_INVALID},
        {GOOD "file kept - x a.js text/plain\n", QM_E_INVALID},
        {GOOD "file often - /x a.js text/plain\n", QM_E_INVALID},
        {GOOD "file kept - /x a.js\n", QM_E_INVALID},
        {GOOD "folder\n", QM_E_INVALID},
        {GOOD "\n", QM_E_INVALID},
        {GOOD "file kept - /x a.js text/plain", QM_E_INVALID},
        {HEAD "app office/ /office/index.html\n" PAGE, QM_E_INVALID},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        load(rows[i].list, rows[i].err);
    char line[2000] = GOOD "file kept - /";
    size_t len = strlen(line);
    memset(line + len, 'x', sizeof line - len - 1);
    load(line, QM_E_INVALID);
}

static bool load_all(void)
{
    struct qm_static *s;
    struct qm_buf why;
    qm_buf_init(&why, 4096);
    qm_err e = qm_static_load(dir, &s, &why);
    assert_true(e == QM_OK || e == QM_E_NOMEM);
    assert_int_equal(e == QM_OK, s != NULL);
    qm_static_free(s);
    qm_buf_free(&why);
    return e == QM_OK;
}

static void without_memory_all_or_nothing_is_read(void **state)
{
    (void)state;
    put("pages.list", GOOD);
    memory_each_fails(load_all);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(without_pages_nothing_is_found),
        cmocka_unit_test(the_best_coding_that_is_taken_goes_out),
        cmocka_unit_test(each_coding_has_its_tag_and_a_known_tag_saves_the_body),
        cmocka_unit_test(names_with_a_hash_are_kept_and_pages_asked_again),
        cmocka_unit_test(no_answer_lets_a_script_stand_in_a_page),
        cmocka_unit_test(routes_of_an_app_get_its_page),
        cmocka_unit_test(a_wrong_list_is_refused),
        cmocka_unit_test(without_memory_all_or_nothing_is_read),
    };
    return cmocka_run_group_tests(tests, make, drop);
}
