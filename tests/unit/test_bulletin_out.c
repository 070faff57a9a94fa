/* Outputs of a bulletin as bytes: the page, the public page, CSV, the picture, the chat text, QR.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bulletin_fixture.h"
#include "edge/bulletin_html.h"
#include "edge/bulletin_out.h"
#include "edge/bulletin_table.h"
#include "edge/qr.h"
#include "edge/xlsx.h"

typedef qm_err (*writer)(const struct qm_bulletin_doc *d, struct qm_buf *out);

static qm_err csv(const struct qm_bulletin_doc *d, struct qm_buf *out)
{
    return qm_bulletin_csv(d, QM_ANNEX_PROGRESS, false, out);
}

static qm_err sheet(const struct qm_bulletin_doc *d, struct qm_buf *out)
{
    return qm_bulletin_sheet(d, NULL, out);
}

/* free() it. */
static char *written(writer w, const struct qm_bulletin_doc *d)
{
    struct qm_buf b;
    size_t len;
    qm_buf_init(&b, QM_BULLETIN_OUT_MAX_BYTES);
    assert_int_equal(w(d, &b), QM_OK);
    assert_true(b.len > 0);
    assert_true(qm_utf8_ok((const char *)b.p, b.len));
    return (char *)qm_buf_steal(&b, &len);
}

static void has(const char *text, const char *part)
{
    if (text == NULL || strstr(text, part) == NULL)
        fail_msg("not there: %s", part);
}

static void lacks(const char *text, const char *part)
{
    if (text == NULL || strstr(text, part) != NULL)
        fail_msg("there: %s", part);
}

static size_t count(const char *text, const char *part)
{
    size_t n = 0;
    for (const char *t = text; (t = strstr(t, part)) != NULL; t += strlen(part))
        n++;
    return n;
}

static void words_of_the_field_only(const char *text)
{
    static const char *const never[] = {"哈希",     "默克尔",   "检查点",   "签名校验",
                                        "同步冲突", "拒不配合", "重点人员", "排名垫底"};
    for (size_t i = 0; i < sizeof never / sizeof never[0]; i++)
        lacks(text, never[i]);
}

/* ---- page ---- */

static void page_says_what_it_rests_on(void **state)
{
    struct qm_bulletin_doc d;
    (void)state;
    fixture_bulletin(&d, 24);
    char *page = written(qm_bulletin_page, &d);
    has(page, "〔2026〕第47期");
    has(page, "<h1>关于2026年第47周反诈宣传工作情况的通报</h1>");
    has(page, "各村（居）、各单位：");
    has(page, "总账第18234号至第21077号（不含）");
    has(page, "封条码<b class=\"code\">CzBVep/E6Q4zWH2i</b>");
    has(page, "CzBVep/E6Q4zWH2ix+wRNluApcrvFDleg6jN8hc8YYY=");
    has(page, "2026年11月23日印发");
    has(page, "class=\"qr\"");
    lacks(page, "拟稿（未签发）");
    lacks(page, "<script");
    lacks(page, " style=");
    lacks(page, "CHIEF01");
    lacks(page, "已用印");
    words_of_the_field_only(page);
    assert_int_equal(count(page, "<h1>"), 1);
    assert_int_equal(count(page, "class=\"sum\""), 2); /* annexes 1 and 2 */
    free(page);
    qm_bulletin_doc_free(&d);
}

static void draft_is_marked_and_has_no_code(void **state)
{
    struct qm_bulletin_doc d;
    (void)state;
    fixture_draft(&d, 8);
    char *page = written(qm_bulletin_page, &d);
    has(page, "<div class=\"mark\">拟稿（未签发）</div>");
    has(page, "不得张贴");
    lacks(page, "class=\"qr\"");
    lacks(page, "/b/140522/");
    free(page);
    char *picture = written(qm_bulletin_picture, &d);
    has(picture, "拟稿（未签发）");
    lacks(picture, "class=\"qr\"");
    free(picture);
    char *words = written(qm_bulletin_words, &d);
    has(words, "【拟稿，未签发，请勿转发】");
    has(words, "名次按加权得分排列：入户率占");
    has(words, "名称后面是入户率。");
    lacks(words, "https://");
    free(words);
    struct qm_buf b;
    qm_buf_init(&b, QM_BULLETIN_OUT_MAX_BYTES);
    assert_int_equal(qm_bulletin_public_page(&d, &b), QM_E_INVALID);
    assert_int_equal(b.len, 0);
    qm_buf_free(&b);
    qm_bulletin_doc_free(&d);
}

static void sections_without_words_close_up(void **state)
{
    struct qm_bulletin_doc d;
    (void)state;
    fixture_bulletin(&d, 8);
    char *page = written(qm_bulletin_page, &d);
    has(page, "<h2>五、下步工作</h2>");
    lacks(page, "核查情况");
    free(page);
    d.wording[QM_WORDING_CHECKS] = "本周抽查。";
    d.wording[QM_WORDING_PRAISE] = "";
    page = written(qm_bulletin_page, &d);
    has(page, "<h2>四、核查情况</h2>");
    has(page, "<h2>五、下步工作</h2>");
    lacks(page, "表扬与提醒");
    free(page);
    d.wording[QM_WORDING_COPIES] = "";
    page = written(qm_bulletin_page, &d);
    lacks(page, "抄送");
    free(page);
    qm_bulletin_doc_free(&d);
}

static void correction_shows_both_tables(void **state)
{
    struct qm_bulletin_doc d;
    (void)state;
    fixture_correction(&d, 10);
    char *page = written(qm_bulletin_page, &d);
    has(page, "替换〔2026〕第47期（总账第21079号）");
    has(page, "更正前后对照");
    has(page, "<th scope=\"col\">原已入户</th>");
    has(page, "<th scope=\"col\">现已入户</th>");
    /* What is another number now has a sign, not a colour; files have a column for it. */
    has(page, "<td>157</td><td><b>136*</b></td><td><b>86.62*</b></td>");
    has(page, "带*的数字与原通报不同。");
    assert_null(strstr(page, "<b>157*</b>"));
    assert_null(strstr(page, ">改动<"));
    free(page);
    char *old = written(qm_bulletin_page, d.replaces);
    has(old, "本通报已被更正通报替换（总账第21340号）");
    free(old);
    char *public = written(qm_bulletin_public_page, d.replaces);
    has(public, "<a href=\"/b/140522/21340\">");
    free(public);
    qm_bulletin_doc_free(&d);
}

static void app_is_for_the_office_only(void **state)
{
    struct qm_bulletin_doc d;
    (void)state;
    fixture_bulletin(&d, 8);
    char *page = written(qm_bulletin_page, &d);
    has(page, "本表供工作掌握，不排名，不公开张贴。");
    free(page);
    static const writer open[] = {qm_bulletin_public_page, qm_bulletin_picture, qm_bulletin_words};
    for (size_t i = 0; i < sizeof open / sizeof open[0]; i++) {
        char *text = written(open[i], &d);
        lacks(text, "App");
        lacks(text, "DEPUTY01");
        lacks(text, "CHIEF01");
        words_of_the_field_only(text);
        free(text);
    }
    d.rule.metrics[3].office = false;
    page = written(qm_bulletin_page, &d);
    lacks(page, "App");
    free(page);
    qm_bulletin_doc_free(&d);
}

static void public_page_keeps_figures_of_those_left_out(void **state)
{
    struct qm_bulletin_doc d;
    (void)state;
    fixture_bulletin(&d, 8);
    struct qm_bulletin_row *last = &d.rows[6];
    assert_int_equal(last->rank.out, QM_RANK_SMALL);
    last->name = "小村";
    char *page = written(qm_bulletin_public_page, &d);
    has(page, "<td>—</td><td><bdi>小村</bdi></td><td>—</td><td>—</td><td>—</td></tr>");
    has(page, "https://qiaomen.example.cn/b/140522/21079");
    free(page);
    qm_bulletin_doc_free(&d);
}

static void policy_names_the_style_of_the_page(void **state)
{
    struct qm_bulletin_doc d;
    char policy[QM_BULLETIN_CSP_MAX_BYTES], again[QM_BULLETIN_CSP_MAX_BYTES];
    char b64[QM_B64_HASH_CHARS + 1];
    struct qm_hash hash;
    (void)state;
    fixture_bulletin(&d, 3);
    char *page = written(qm_bulletin_page, &d);
    char *from = strstr(page, "<style>") + strlen("<style>");
    qm_sha256(from, (size_t)(strstr(from, "</style>") - from), &hash);
    qm_b64_write(hash.b, sizeof hash.b, b64);
    qm_bulletin_page_csp(policy);
    qm_bulletin_page_csp(again);
    has(policy, b64);
    has(policy, "default-src 'none'");
    lacks(policy, "unsafe");
    assert_string_equal(policy, again);
    free(page);
    qm_bulletin_doc_free(&d);
}

/* ---- hostile names ---- */

static void markup_in_names_is_text(void **state)
{
    struct qm_bulletin_doc d;
    (void)state;
    fixture_hostile(&d);
    static const writer markup[] = {qm_bulletin_page, qm_bulletin_public_page, qm_bulletin_picture};
    for (size_t i = 0; i < sizeof markup / sizeof markup[0]; i++) {
        char *text = written(markup[i], &d);
        lacks(text, "<script");
        lacks(text, "<img");
        lacks(text, "<b>凤城");
        lacks(text, "\xE2\x80\xAE");
        lacks(text, "\xEF\xBF\xBF");
        has(text, "&lt;script&gt;");
        has(text, "&amp;lt;b&amp;gt;");
        has(text, "\xF0\xA0\xAE\xB7");
        free(text);
    }
    char *page = written(qm_bulletin_page, &d);
    has(page, "<p class=\"b\">一行&lt;i&gt;</p>\n<p class=\"b\">二行 &lt;script&gt;");
    has(page, "{x} {nothing}");
    has(page, "<bdi>{visited}{unknown}</bdi>");
    free(page);
    qm_bulletin_doc_free(&d);
}

static void csv_cells_are_never_formulas(void **state)
{
    struct qm_bulletin_doc d;
    (void)state;
    fixture_hostile(&d);
    char *text = written(csv, &d);
    has(text, ",\"'=HYPERLINK(\"\"http://evil.example\"\",\"\"x\"\")\",");
    has(text, ",'+1+1,");
    has(text, ",'-2+3,");
    has(text, ",'@SUM(A1),");
    has(text, ",'＝1+1,");
    has(text, ",'\t=1,");
    has(text, ",\"'\r=1\",");
    has(text, "\"a,b\"\"c\"\"\nd\"");
    lacks(text, ",=");
    free(text);
    qm_bulletin_doc_free(&d);
}

/* ---- tables ---- */

static void csv_is_the_annex_to_the_byte(void **state)
{
    struct qm_bulletin_doc d;
    (void)state;
    fixture_bulletin(&d, 2);
    d.rows[0].rank.before = 3;
    d.rows[1].rank.before = 0;
    d.rows[1].signoff = QM_SIGNOFF_LATE;
    char *text = written(csv, &d);
    assert_string_equal(
        text, "名次,较上周,村(居),代码,应访户,已入户,入户率(%),外出户已远程宣传,告知书签收,"
              "承诺书签订,不愿办理,还差户数,补报,备注\r\n"
              "1,升2,水村,140522100201,120,116,96.66,6,104,92,3,0,0,\r\n"
              "2,新,八甲口村,140522100202,157,141,89.80,7,126,112,3,1,1,村里确认逾期\r\n"
              ",,合计,,277,257,92.77,13,230,204,6,0,1,\r\n");
    free(text);
    struct qm_buf b;
    qm_buf_init(&b, 1 << 16);
    assert_int_equal(qm_bulletin_csv(&d, QM_ANNEX_PROGRESS, true, &b), QM_OK);
    assert_memory_equal(b.p, "\xEF\xBB\xBF名次", 9);
    qm_buf_free(&b);
    qm_bulletin_doc_free(&d);
}

static qm_err annex(const struct qm_bulletin_doc *d, enum qm_bulletin_annex which, char **text)
{
    struct qm_buf b;
    size_t len;
    qm_buf_init(&b, QM_BULLETIN_OUT_MAX_BYTES);
    qm_err err = qm_bulletin_csv(d, which, false, &b);
    *text = err == QM_OK ? (char *)qm_buf_steal(&b, &len) : NULL;
    qm_buf_free(&b);
    return err;
}

static void figures_from_elsewhere_are_exact(void **state)
{
    struct qm_bulletin_doc d;
    char *text;
    (void)state;
    fixture_bulletin(&d, 4);
    fixture_figures(&d, 1);
    assert_int_equal(annex(&d, QM_ANNEX_CASES, &text), QM_OK);
    has(text, "\r\n水村,1,3,9,-25.00,12.34,11.07,5/4,还没统计,文件a5a5a5a5\r\n");
    free(text);
    for (size_t i = 0; i < d.figures_n; i++) {
        struct qm_bulletin_figure *f = &d.figures[i];
        if (strcmp(f->metric, "population") == 0 || strcmp(f->metric, "cases_last_year") == 0)
            f->value = 0;
        if (strcmp(f->metric, "cases") == 0)
            f->value = -1;
        if (strcmp(f->metric, "loss_cents") == 0)
            snprintf(f->metric, sizeof f->metric, "false_records");
    }
    assert_int_equal(annex(&d, QM_ANNEX_CASES, &text), QM_OK);
    has(text, ",来源,false_records\r\n");
    has(text, "水村,统计出错,3,9,—,还没统计,—,5/4,还没统计,文件a5a5a5a5,123456");
    free(text);
    qm_bulletin_doc_free(&d);
}

/* A row for each division whose lecturers were kept when it was frozen; hostile names as text. */
static void lecturers_stand_in_annex_4(void **state)
{
    struct qm_bulletin_doc d;
    char *text;
    (void)state;
    fixture_bulletin(&d, 4);
    assert_int_equal(annex(&d, QM_ANNEX_UNITS, &text), QM_OK);
    has(text, "单位,类别,");
    lacks(text, "村(居)"); /* an older bulletin */
    free(text);
    d.rows[0].lecturers_needed = 2;
    d.rows[1].lecturers_needed = 1;
    d.rows[1].lecturers = 3;
    d.rows[2].name = "=1+1";
    d.rows[2].lecturers_needed = 1;
    assert_int_equal(annex(&d, QM_ANNEX_UNITS, &text), QM_OK);
    char line[200];
    snprintf(line, sizeof line, "\r\n%s,村(居),,,,,,,,,2/0,\r\n%s,村(居),,,,,,,,,1/3,\r\n",
             d.rows[0].name, d.rows[1].name);
    has(text, line);
    has(text, "\r\n'=1+1,村(居),,,,,,,,,1/0,\r\n");
    lacks(text, d.rows[3].name);
    free(text);
    text = written(qm_bulletin_page, &d);
    has(text, "2/0");
    has(text, "1/3");
    has(text,
        "还没统计：应覆盖人数、阅知签名、"); /* columns that no row has are left out on paper */
    lacks(text, "<th scope=\"col\">应覆盖人数</th>");
    has(text, "<th scope=\"col\">宣讲员(应/实)</th>");
    free(text);
    qm_bulletin_doc_free(&d);
}

static void what_was_not_counted_is_listed_with_its_reason(void **state)
{
    struct qm_bulletin_doc d;
    char *text;
    (void)state;
    fixture_correction(&d, 5);
    assert_int_equal(annex(&d, QM_ANNEX_LEFT_OUT, &text), QM_OK);
    has(text, ",不排名,1,没有应访对象\r\n");
    has(text, ",不排名,1,基数小\r\n");
    has(text, ",在外户,10,平时不住家里，另列\r\n");
    has(text, ",更正,-5,原应访157户、入户141户、名次2，现应访157户、入户136户、名次2\r\n");
    free(text);
    assert_int_equal(annex(&d, QM_ANNEX_CORRECTION, &text), QM_OK);
    has(text, "八甲口村,140522100202,2,157,141,89.80,126,112,2,157,136,86.62,122,108,"
              "已入户、入户率(%)、告知书签收、承诺书签订\r\n");
    free(text);
    /* A division that only one of the two has. */
    snprintf(d.rows[0].rank.code, sizeof d.rows[0].rank.code, "140522100999");
    assert_int_equal(annex(&d, QM_ANNEX_CORRECTION, &text), QM_OK);
    has(text, "水村,140522100999,—,—,—,—,—,—,1,120,");
    has(text, ",原来没有这一行\r\n");
    has(text, "水村,140522100201,1,120,116,96.66,104,92,—,—,");
    has(text, ",现在没有这一行\r\n");
    free(text);
    assert_int_equal(annex(&d, QM_ANNEX_COUNT_, &text), QM_E_INVALID);
    qm_bulletin_doc_free(&d);
}

static void impossible_figures_fail_in_their_cell(void **state)
{
    struct qm_bulletin_doc d;
    char *text;
    (void)state;
    fixture_bulletin(&d, 4);
    d.rows[0].rank.m[0].num = d.rows[0].rank.m[0].den + 1;
    d.rows[0].rank.v[QM_C_AWAY_REACHED] = -1;
    assert_int_equal(annex(&d, QM_ANNEX_PROGRESS, &text), QM_OK);
    has(text, ",统计出错,统计出错,统计出错,统计出错,104,92,统计出错,统计出错,0,");
    assert_int_equal(count(text, "统计出错"), 6);
    free(text);
    qm_bulletin_doc_free(&d);
}

/* ---- sizes ---- */

static void nothing_and_very_much(void **state)
{
    static const size_t sizes[] = {0, 1, 1500};
    static const writer all[] = {qm_bulletin_page, qm_bulletin_public_page, csv,
                                 qm_bulletin_picture, qm_bulletin_words};
    (void)state;
    for (size_t k = 0; k < sizeof sizes / sizeof sizes[0]; k++) {
        struct qm_bulletin_doc d;
        fixture_bulletin(&d, sizes[k]);
        for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
            free(written(all[i], &d));
        struct qm_buf b;
        qm_buf_init(&b, QM_BULLETIN_OUT_MAX_BYTES);
        assert_int_equal(sheet(&d, &b), QM_OK);
        assert_memory_equal(b.p, "PK\x03\x04", 4);
        qm_buf_free(&b);
        qm_bulletin_doc_free(&d);
    }
}

static void a_buffer_too_small_is_told(void **state)
{
    struct qm_bulletin_doc d;
    static const writer all[] = {qm_bulletin_page,    qm_bulletin_public_page, csv, sheet,
                                 qm_bulletin_picture, qm_bulletin_words};
    (void)state;
    fixture_bulletin(&d, 30);
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
        struct qm_buf b;
        qm_buf_init(&b, 300);
        assert_int_equal(all[i](&d, &b), QM_E_TOO_LARGE);
        assert_true(b.len <= 300);
        qm_buf_free(&b);
    }
    qm_bulletin_doc_free(&d);
}

static void chat_text_stays_short(void **state)
{
    struct qm_bulletin_doc d;
    (void)state;
    fixture_bulletin(&d, 170);
    char *words = written(qm_bulletin_words, &d);
    assert_true(count(words, "\n") < 25);
    has(words, "共170个村(居)，其余见公开页面。");
    has(words, "验真：https://qiaomen.example.cn/b/140522/21079");
    free(words);
    qm_bulletin_doc_free(&d);
}

/* Browsers draw 8,192 pixels at least; a taller picture would be made smaller until nobody reads
 * it. */
static void picture_stays_as_tall_as_browsers_draw(void **state)
{
    static const struct {
        size_t rows, drawn;
        bool bars, rest;
    } cases[] = {{40, 40, true, false},
                 {41, 41, false, false},
                 {170, 170, false, false},
                 {1500, 170, false, true}};
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct qm_bulletin_doc d;
        fixture_bulletin(&d, cases[i].rows);
        char *svg = written(qm_bulletin_picture, &d);
        const char *height = strstr(svg, "height=\"");
        assert_non_null(height);
        assert_in_range(strtol(height + strlen("height=\""), NULL, 10), 1, 8192);
        assert_int_equal(count(svg, "stroke=\"#ddd\""), cases[i].drawn);
        assert_int_equal(count(svg, "rx=\"3\"") > 0, cases[i].bars);
        (cases[i].rest ? has : lacks)(svg, "还有1330个，扫码看全部");
        free(svg);
        d.published = false;
        svg = written(qm_bulletin_picture, &d);
        (cases[i].rest ? has : lacks)(svg, "还有1330个，见附表1");
        free(svg);
        qm_bulletin_doc_free(&d);
    }
}

static void same_value_same_bytes(void **state)
{
    struct qm_bulletin_doc d;
    struct qm_buf a, b;
    (void)state;
    fixture_bulletin(&d, 12);
    qm_buf_init(&a, QM_BULLETIN_OUT_MAX_BYTES);
    qm_buf_init(&b, QM_BULLETIN_OUT_MAX_BYTES);
    assert_int_equal(sheet(&d, &a), QM_OK);
    assert_int_equal(sheet(&d, &b), QM_OK);
    assert_int_equal(a.len, b.len);
    assert_memory_equal(a.p, b.p, a.len);
    qm_buf_free(&a);
    qm_buf_free(&b);
    qm_bulletin_doc_free(&d);
}

enum { THREADS = 4, TIMES = 5 };

static void *write_sheets(void *ctx)
{
    struct qm_buf *b = ctx;
    qm_err err = QM_OK;
    struct qm_bulletin_doc d;
    fixture_bulletin(&d, 40);
    for (int i = 0; i < TIMES && err == QM_OK; i++) {
        qm_buf_reset(b);
        err = sheet(&d, b);
    }
    qm_bulletin_doc_free(&d);
    return err == QM_OK ? b : NULL;
}

static void several_threads_write_workbooks(void **state)
{
    pthread_t threads[THREADS];
    struct qm_buf b[THREADS];
    void *done;
    (void)state;
    for (int i = 0; i < THREADS; i++) {
        qm_buf_init(&b[i], QM_BULLETIN_OUT_MAX_BYTES);
        assert_int_equal(pthread_create(&threads[i], NULL, write_sheets, &b[i]), 0);
    }
    for (int i = 0; i < THREADS; i++) {
        assert_int_equal(pthread_join(threads[i], &done), 0);
        assert_ptr_equal(done, &b[i]);
        assert_int_equal(b[i].len, b[0].len);
        assert_memory_equal(b[i].p, b[0].p, b[0].len);
    }
    for (int i = 0; i < THREADS; i++)
        qm_buf_free(&b[i]);
}

/* ---- QR codes and workbooks themselves ---- */

static void qr_codes_have_their_limits(void **state)
{
    static char text[QM_QR_MAX_BYTES + 2];
    struct qm_buf b;
    int side = 0;
    (void)state;
    qm_buf_init(&b, 1 << 20);
    assert_int_equal(qm_qr_path("", &b, &side), QM_E_INVALID);
    memset(text, 'x', QM_QR_MAX_BYTES + 1);
    assert_int_equal(qm_qr_path(text, &b, &side), QM_E_INVALID);
    assert_int_equal(b.len, 0);
    text[QM_QR_MAX_BYTES] = '\0';
    assert_int_equal(qm_qr_path(text, &b, &side), QM_OK);
    qm_buf_reset(&b);
    /* Version 1: 21 modules; the finder's upper edge is seven dark ones behind the quiet zone. */
    assert_int_equal(qm_qr_path("Q", &b, &side), QM_OK);
    assert_int_equal(side, 29);
    assert_memory_equal(b.p, "M4 4h7v1h-7z", 12);
    qm_buf_free(&b);
}

static void workbook_needs_a_place_to_write(void **state)
{
    struct qm_bulletin_doc d;
    struct qm_buf b;
    struct qm_xlsx *x;
    (void)state;
    fixture_bulletin(&d, 3);
    qm_buf_init(&b, QM_BULLETIN_OUT_MAX_BYTES);
    assert_int_equal(qm_bulletin_sheet(&d, "/nowhere/at/all", &b), QM_E_IO);
    assert_int_equal(qm_xlsx_new(NULL, 0, &x), QM_OK);
    qm_xlsx_sheet(x, "one", "a & b", 1, false);
    qm_xlsx_sheet(x, "one", "", 1, false);
    qm_xlsx_text(x, 0, 0, "after the failure", QM_XLSX_TEXT, false);
    assert_int_equal(qm_xlsx_finish(x, &b), QM_E_INVALID);
    assert_int_equal(b.len, 0);
    qm_buf_free(&b);
    qm_bulletin_doc_free(&d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(page_says_what_it_rests_on),
        cmocka_unit_test(draft_is_marked_and_has_no_code),
        cmocka_unit_test(sections_without_words_close_up),
        cmocka_unit_test(correction_shows_both_tables),
        cmocka_unit_test(app_is_for_the_office_only),
        cmocka_unit_test(public_page_keeps_figures_of_those_left_out),
        cmocka_unit_test(policy_names_the_style_of_the_page),
        cmocka_unit_test(markup_in_names_is_text),
        cmocka_unit_test(csv_cells_are_never_formulas),
        cmocka_unit_test(csv_is_the_annex_to_the_byte),
        cmocka_unit_test(figures_from_elsewhere_are_exact),
        cmocka_unit_test(lecturers_stand_in_annex_4),
        cmocka_unit_test(what_was_not_counted_is_listed_with_its_reason),
        cmocka_unit_test(impossible_figures_fail_in_their_cell),
        cmocka_unit_test(nothing_and_very_much),
        cmocka_unit_test(a_buffer_too_small_is_told),
        cmocka_unit_test(chat_text_stays_short),
        cmocka_unit_test(picture_stays_as_tall_as_browsers_draw),
        cmocka_unit_test(same_value_same_bytes),
        cmocka_unit_test(several_threads_write_workbooks),
        cmocka_unit_test(qr_codes_have_their_limits),
        cmocka_unit_test(workbook_needs_a_place_to_write),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
