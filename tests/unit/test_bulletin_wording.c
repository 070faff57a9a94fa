/* Words of a bulletin: defaults, placeholders, checks, proposals. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "bulletin_fixture.h"
#include "edge/bulletin_view.h"
#include "edge/bulletin_wording.h"

/* The filled text; static, until the next call. */
static const char *filled(const struct qm_bulletin_doc *d, enum qm_wording w)
{
    static char text[20000];
    struct qm_buf b;
    qm_buf_init(&b, sizeof text - 1);
    assert_int_equal(qm_bulletin_wording_fill(d, w, &b), QM_OK);
    memcpy(text, b.len > 0 ? (const char *)b.p : "", b.len + 1);
    qm_buf_free(&b);
    return text;
}

static const char *with(struct qm_bulletin_doc *d, const char *text)
{
    d->wording[QM_WORDING_OVERALL] = text;
    return filled(d, QM_WORDING_OVERALL);
}

static void names_go_both_ways(void **state)
{
    (void)state;
    for (int w = 0; w < QM_WORDING_COUNT_; w++) {
        enum qm_wording back;
        assert_int_equal(qm_wording_read(qm_wording_name((enum qm_wording)w), &back), QM_OK);
        assert_int_equal(back, w);
    }
    enum qm_wording none;
    assert_int_equal(qm_wording_read("numbers", &none), QM_E_NOT_FOUND);
    assert_null(qm_wording_name(QM_WORDING_COUNT_));
}

static void sample_wording_has_the_frozen_numbers(void **state)
{
    struct qm_bulletin_doc d;
    (void)state;
    fixture_bulletin(&d, 6);
    d.totals.rank.m[0] = (struct qm_rank_cell){
        .num = 2, .den = 3, .refused = 1, .fresh = 1, .late = 1, .num_before = 1, .den_before = 3};
    d.totals.rank.m[1].num = 7;
    d.totals.rank.m[2].num = 5;
    d.totals.rank.v[QM_C_AWAY_REACHED] = 9;
    assert_string_equal(filled(&d, QM_WORDING_OVERALL),
                        "凤城镇应访3户，累计入户2户，入户率66.66%，较上周提高33.33个百分点；"
                        "外出户远程宣传9户；签收告知书7户，签订承诺书5户。"
                        "按目前进度，预计12月8日达到90.00%的目标。");
    assert_string_equal(
        filled(&d, QM_WORDING_OPENING),
        "现将本周反诈宣传工作情况通报如下（数据截至11月23日12时，统计口径：入户口径）。");
    assert_string_equal(filled(&d, QM_WORDING_TITLE), "关于2026年第47周反诈宣传工作情况的通报");
    assert_string_equal(filled(&d, QM_WORDING_CHECKS), "");
    qm_bulletin_doc_free(&d);
}

static void figures_that_are_none_are_told_apart(void **state)
{
    struct qm_bulletin_doc d;
    (void)state;
    fixture_bulletin(&d, 4);
    struct qm_rank_cell *c = &d.totals.rank.m[0];
    *c = (struct qm_rank_cell){0};
    assert_string_equal(with(&d, "{visited}|{visited_percent}|{visited_change}"),
                        "0|—|上周没有可比数据");
    *c = (struct qm_rank_cell){.num = 4, .den = 3};
    assert_string_equal(with(&d, "{visited_percent}{visited_change}"), "统计出错统计出错");
    *c = (struct qm_rank_cell){.num = 0, .den = 3, .num_before = 1, .den_before = 3};
    assert_string_equal(with(&d, "{visited_percent} {visited_change}"),
                        "0.00% 较上周下降33.33个百分点");
    *c = (struct qm_rank_cell){.num = 1, .den = 3, .num_before = 1, .den_before = 3};
    assert_string_equal(with(&d, "{visited_change}"), "与上周持平");
    /* 99.999 % is not 100 %. */
    *c = (struct qm_rank_cell){.num = 99999, .den = 100000};
    assert_string_equal(with(&d, "{visited_percent}"), "99.99%");
    /* Of a metric that the rule does not have nothing but the counters is known. */
    d.totals.rank.v[QM_C_REACHED] = 1;
    d.totals.rank.v[QM_C_HOMES_NEAR] = 2;
    assert_string_equal(with(&d, "{reached_percent} {reached_new} {reached_change}"),
                        "50.00% — 上周没有可比数据");
    qm_bulletin_doc_free(&d);
}

static void what_offices_may_not_see_is_a_dash(void **state)
{
    struct qm_bulletin_doc d;
    (void)state;
    fixture_bulletin(&d, 4);
    assert_string_not_equal(with(&d, "{app}"), "—");
    d.rule.metrics[3].office = false;
    assert_string_equal(with(&d, "{app} {app_percent} {app_all}"), "— — —");
    d.wording[QM_WORDING_PROGRESS] = NULL;
    assert_string_equal(filled(&d, QM_WORDING_PROGRESS), "详见附表1。");
    qm_bulletin_doc_free(&d);
}

static void forecast_says_what_is_known(void **state)
{
    struct qm_bulletin_doc d;
    (void)state;
    fixture_bulletin(&d, 4);
    d.forecast_day = 0;
    assert_string_equal(with(&d, "{forecast}"), "按目前进度，预计达不到90.00%的目标。");
    d.forecast_known = false;
    assert_string_equal(with(&d, "{forecast}"), "数据太少，暂不预计目标完成日期。");
    d.target_met = true;
    assert_string_equal(with(&d, "{forecast}"), "已达到90.00%的目标。");
    d.target_met = false;
    d.totals.target = 0;
    assert_string_equal(with(&d, "{forecast}[{target}]"), "[—]");
    qm_bulletin_doc_free(&d);
}

static void unknown_names_and_braces_stay(void **state)
{
    struct qm_bulletin_doc d;
    (void)state;
    fixture_bulletin(&d, 4);
    assert_string_equal(with(&d, "{{due} {nobody} {due"), "{due} {nobody} {due");
    d.wording[QM_WORDING_TITLE] = "{scope}{visited}";
    assert_string_equal(filled(&d, QM_WORDING_TITLE), "凤城镇{visited}");
    qm_bulletin_doc_free(&d);
}

/* ---- proposals ---- */

static void set_ranks(struct qm_bulletin_doc *d, size_t n, const int *ranks)
{
    assert_int_equal(n, d->rows_n);
    for (size_t i = 0; i < n; i++) {
        d->rows[i].rank.rank = ranks[i];
        d->rows[i].rank.out = ranks[i] == 0 ? QM_RANK_SMALL : QM_RANK_IN;
        d->rows[i].rank.score = 1000 - ranks[i];
    }
}

static int proposed(const struct qm_bulletin_doc *d, bool praised)
{
    int n = 0;
    for (size_t i = 0; i < d->rows_n; i++)
        n += praised ? qm_view_commended(d, &d->rows[i]) : qm_view_criticised(d, &d->rows[i]);
    return n;
}

static void equal_ranks_are_proposed_together(void **state)
{
    struct qm_bulletin_doc d;
    (void)state;
    fixture_bulletin(&d, 6);
    d.rule.commended = 2;
    d.rule.criticised = 1;
    set_ranks(&d, 6, (const int[]){1, 2, 2, 4, 4, 0});
    assert_int_equal(proposed(&d, true), 3);
    assert_int_equal(proposed(&d, false), 2);
    set_ranks(&d, 6, (const int[]){1, 1, 1, 1, 1, 1});
    assert_int_equal(proposed(&d, true), 0);
    assert_int_equal(proposed(&d, false), 0);
    set_ranks(&d, 6, (const int[]){1, 0, 0, 0, 0, 0});
    assert_int_equal(proposed(&d, true), 0);
    d.rule.commended = 0;
    assert_int_equal(proposed(&d, true), 0);
    assert_int_equal(proposed(&d, false), 0);
    assert_string_equal(filled(&d, QM_WORDING_PRAISE), "");
    set_ranks(&d, 6, (const int[]){0, 0, 0, 0, 0, 0});
    d.rule.commended = 6;
    assert_int_equal(proposed(&d, true) + proposed(&d, false), 0);
    qm_bulletin_doc_free(&d);
}

static void nobody_is_praised_for_nothing(void **state)
{
    struct qm_bulletin_doc d;
    (void)state;
    fixture_bulletin(&d, 4);
    set_ranks(&d, 4, (const int[]){1, 1, 1, 4});
    for (size_t i = 0; i < d.rows_n; i++)
        d.rows[i].rank.score = 0;
    assert_int_equal(proposed(&d, true), 0);
    qm_bulletin_doc_free(&d);
}

static void names_are_listed_with_what_is_missing(void **state)
{
    struct qm_bulletin_doc d;
    (void)state;
    fixture_bulletin(&d, 3);
    d.rule.commended = d.rule.criticised = 1;
    set_ranks(&d, 3, (const int[]){1, 2, 3});
    d.rows[0].name = "甲";
    d.rows[2].name = "丙\xE2\x80\xAE";
    d.rows[2].target = 5000;
    d.rows[2].rank.m[0] = (struct qm_rank_cell){.num = 10, .den = 101};
    assert_string_equal(filled(&d, QM_WORDING_PRAISE),
                        "对甲予以通报表扬。丙（还差41户）进度较慢，请于11月30日前补齐。");
    d.target_day = 0;
    assert_string_equal(filled(&d, QM_WORDING_PRAISE),
                        "对甲予以通报表扬。丙（还差41户）进度较慢，请尽快补齐。");
    qm_bulletin_doc_free(&d);
}

static void decisions_are_said_step_by_step(void **state)
{
    struct qm_bulletin_doc d;
    (void)state;
    fixture_bulletin(&d, 3);
    d.rule.commended = d.rule.criticised = 0;
    assert_string_equal(with(&d, "{decided}"), "—");
    static const struct qm_bulletin_decision list[] = {
        {.name = "甲\xE2\x80\xAE", .step = "talk_head"},
        {.name = "乙", .step = "criticise"},
        {.name = "丙", .step = "talk_head"},
        {.name = "丁", .step = "notice", .police = true},
        {.name = "丁", .step = "circulate"},
    };
    enum { N = sizeof list / sizeof list[0] };
    assert_int_equal(qm_bulletin_doc_decisions(&d, N), QM_OK);
    memcpy(d.decisions, list, sizeof list);
    assert_string_equal(filled(&d, QM_WORDING_PRAISE),
                        "约谈甲、丙主要负责人；对乙予以通报批评；对丁派出所按规则办理（notice）；"
                        "对丁予以通报。");
    assert_string_equal(with(&d, "会议决定：{decided}"),
                        "会议决定：约谈甲、丙主要负责人；对乙予以通报批评；"
                        "对丁派出所按规则办理（notice）；对丁予以通报。");
    /* Never where everybody reads it. */
    d.wording[QM_WORDING_TITLE] = "{decided}";
    assert_string_equal(filled(&d, QM_WORDING_TITLE), "{decided}");
    qm_bulletin_doc_free(&d);
}

/* ---- checks ---- */

static size_t faults_of(enum qm_wording w, const char *text, size_t len)
{
    struct qm_faults f;
    qm_faults_init(&f);
    qm_bulletin_wording_check(w, text, len, &f);
    size_t n = f.n;
    for (size_t i = 0; i < f.kept; i++)
        assert_string_equal(f.list[i].where, qm_wording_name(w));
    qm_faults_free(&f);
    return n;
}

static size_t faults(enum qm_wording w, const char *text)
{
    return faults_of(w, text, strlen(text));
}

static void checks_find_each_fault(void **state)
{
    (void)state;
    assert_int_equal(faults(QM_WORDING_OVERALL, ""), 0);
    assert_int_equal(faults(QM_WORDING_OVERALL, "两行\n{visited_percent}{{x}"), 0);
    assert_int_equal(faults(QM_WORDING_OVERALL, "{app_all_late}{notice_delivered_due}"), 0);
    assert_int_equal(faults(QM_WORDING_OVERALL, "{visitors} {} {visited_} {Visited}"), 4);
    assert_int_equal(faults(QM_WORDING_OVERALL, "{visited"), 1);
    assert_int_equal(faults(QM_WORDING_OVERALL, "tab\t"), 1);
    assert_int_equal(faults(QM_WORDING_OVERALL, "\xFF"), 1);
    assert_int_equal(faults_of(QM_WORDING_OVERALL, "a\0b", 3), 1);
    assert_int_equal(faults(QM_WORDING_TITLE, "两行\n"), 1);
    assert_int_equal(faults(QM_WORDING_TITLE, "{period}{scope}"), 0);
    assert_int_equal(faults(QM_WORDING_TITLE, "{visited}{commended}{app_percent}"), 3);
    assert_int_equal(faults(QM_WORDING_CONTACT, "办公室 0356-0000000"), 0);
}

static void typed_results_are_refused(void **state)
{
    (void)state;
    assert_int_equal(faults(QM_WORDING_OVERALL, "累计入户9999户，入户率99.99%，提高3 个百分点"), 3);
    assert_int_equal(faults(QM_WORDING_PROGRESS, "100％"), 1);
    assert_int_equal(faults(QM_WORDING_OPENING, "2026年11月23日12时，附表1"), 0);
    assert_int_equal(faults(QM_WORDING_OVERALL, "累计入户{visited}户 入户率{visited_percent}"), 0);
    assert_int_equal(faults(QM_WORDING_OVERALL, "1"), 0);
    assert_int_equal(faults(QM_WORDING_OVERALL, "户1."), 0);
    assert_int_equal(faults(QM_WORDING_NEXT, "每天入户20户"), 0);
}

static void checks_know_the_length(void **state)
{
    static char text[QM_WORDING_MAX_BYTES + 2];
    (void)state;
    memset(text, 'a', sizeof text - 1);
    assert_int_equal(faults_of(QM_WORDING_NEXT, text, QM_WORDING_MAX_BYTES), 0);
    assert_int_equal(faults_of(QM_WORDING_NEXT, text, QM_WORDING_MAX_BYTES + 1), 1);
    assert_int_equal(faults_of(QM_WORDING_SIGN, text, QM_WORDING_LINE_MAX_BYTES), 0);
    assert_int_equal(faults_of(QM_WORDING_SIGN, text, QM_WORDING_LINE_MAX_BYTES + 1), 1);
}

static void every_sample_passes_its_own_check(void **state)
{
    struct qm_bulletin_doc d;
    (void)state;
    fixture_correction(&d, 6);
    fixture_figures(&d, 2);
    for (int level = QM_LEVEL_GRID; level <= QM_LEVEL_TOWNSHIP; level++) {
        d.rule.level = (enum qm_rule_level)level;
        for (int w = 0; w < QM_WORDING_COUNT_; w++) {
            struct qm_buf b;
            qm_buf_init(&b, QM_WORDING_MAX_BYTES);
            assert_int_equal(qm_bulletin_wording_default(&d, (enum qm_wording)w, &b), QM_OK);
            assert_int_equal(faults_of((enum qm_wording)w, (const char *)b.p, b.len), 0);
            qm_buf_free(&b);
            assert_null(strchr(filled(&d, (enum qm_wording)w), '{'));
        }
    }
    qm_bulletin_doc_free(&d);
}

/* ---- periods ---- */

static void periods_have_their_words(void **state)
{
    static const struct {
        const char *period, *word, *span;
    } cases[] = {{"2026-W47", "2026年第47周", "周"},
                 {"2026-W53", "2026年第53周", "周"}, /* ends in 2027 */
                 {"2026-11", "2026年11月", "月"},
                 {"2026-Q4", "2026年第4季度", "季度"},
                 {"2026-H1", "2026年上半年", "半年"},
                 {"2026-H2", "2026年下半年", "半年"},
                 {"2026", "2026年", "年"}};
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct qm_bulletin_doc d;
        char word[QM_VIEW_WORD_MAX_BYTES];
        qm_bulletin_doc_init(&d);
        snprintf(d.period, sizeof d.period, "%s", cases[i].period);
        assert_int_equal(qm_period_read(d.period, strlen(d.period), &d.span), QM_OK);
        qm_view_period(&d, word);
        assert_string_equal(word, cases[i].word);
        assert_string_equal(qm_view_span_word(&d), cases[i].span);
    }
}

static void hundredths_are_written_with_two_digits(void **state)
{
    char word[QM_VIEW_WORD_MAX_BYTES];
    (void)state;
    qm_view_hundredths(-5, word);
    assert_string_equal(word, "-0.05");
    qm_view_hundredths(INT64_MIN, word);
    assert_string_equal(word, "-92233720368547758.08");
    qm_view_hundredths(0, word);
    assert_string_equal(word, "0.00");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_go_both_ways),
        cmocka_unit_test(sample_wording_has_the_frozen_numbers),
        cmocka_unit_test(figures_that_are_none_are_told_apart),
        cmocka_unit_test(what_offices_may_not_see_is_a_dash),
        cmocka_unit_test(forecast_says_what_is_known),
        cmocka_unit_test(unknown_names_and_braces_stay),
        cmocka_unit_test(equal_ranks_are_proposed_together),
        cmocka_unit_test(nobody_is_praised_for_nothing),
        cmocka_unit_test(names_are_listed_with_what_is_missing),
        cmocka_unit_test(decisions_are_said_step_by_step),
        cmocka_unit_test(checks_find_each_fault),
        cmocka_unit_test(typed_results_are_refused),
        cmocka_unit_test(checks_know_the_length),
        cmocka_unit_test(every_sample_passes_its_own_check),
        cmocka_unit_test(periods_have_their_words),
        cmocka_unit_test(hundredths_are_written_with_two_digits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
