/* bulletin_fixture.c - see bulletin_fixture.h. Figures follow from a village's number. */
#include "bulletin_fixture.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "domain/ranking.h"

static void must(bool holds, const char *what)
{
    if (!holds) {
        fprintf(stderr, "fixture: %s\n", what);
        abort();
    }
}

static void visits_rule(struct qm_rule *rule)
{
    static const struct {
        enum qm_cover cover;
        bool ranked, open;
        int weight;
    } metrics[] = {
        {QM_COVER_VISITED, true, true, 50},
        {QM_COVER_NOTICE_SIGNED, true, true, 25},
        {QM_COVER_PLEDGE, true, true, 25},
        {QM_COVER_APP, false, false, 0},
    };
    memset(rule, 0, sizeof *rule);
    rule->level = QM_LEVEL_VILLAGE;
    rule->weights = true;
    rule->minimum = 30;
    rule->commended = 3;
    rule->criticised = 2;
    rule->metrics_n = sizeof metrics / sizeof metrics[0];
    for (size_t i = 0; i < rule->metrics_n; i++) {
        struct qm_rule_metric *m = &rule->metrics[i];
        snprintf(m->name, sizeof m->name, "%s", qm_cover_name(metrics[i].cover));
        m->cover = metrics[i].cover;
        m->ranked = metrics[i].ranked;
        m->office = true;
        m->open = metrics[i].open;
        m->weight = metrics[i].weight;
    }
}

static void village_name(size_t i, char *out, size_t max)
{
    static const char *const names[] = {"水村",   "八甲口村", "上孔村",   "下孔村",        "刘善村",
                                        "町店村", "桑林村",   "蟒河村",   "润城村",        "上庄村",
                                        "中庄村", "下庄村",   "王村",     "北留村",        "郭峪村",
                                        "皇城村", "史山村",   "章训村",   "坪头村",        "安阳村",
                                        "荆底村", "南关社区", "东关社区", "凤凰山国有林场"};
    size_t n = sizeof names / sizeof names[0];
    if (i < n)
        snprintf(out, max, "%s", names[i]);
    else
        snprintf(out, max, "第%zu村", i + 1);
}

static void fill_cell(struct qm_rank_cell *c, int64_t num, int64_t den, size_t i)
{
    c->num = num;
    c->den = den;
    c->fresh = num / 9 + (int64_t)(i % 4);
    c->refused = den / 40;
    c->late = (int64_t)(i % 3);
    c->carried = i % 7 == 3 ? 4 : 0;
    c->num_before = num - num / 9;
    c->den_before = den;
}

static void fill_counters(int64_t *v, int64_t homes, size_t i)
{
    v[QM_C_HOMES] = homes;
    v[QM_C_AWAY] = homes / 11;
    v[QM_C_AWAY_REACHED] = homes / 20;
    v[QM_C_VACANT] = homes / 30;
    v[QM_C_GONE] = (int64_t)(i % 3);
    v[QM_C_VISITS] = homes + 7;
    v[QM_C_POPULATION] = homes * 2;
    v[QM_C_APP] = homes;
    v[QM_C_APP_REAL_NAME] = homes * 9 / 10;
    v[QM_C_APP_ALL] = homes * 8 / 10;
    v[QM_C_APP_REFUSED] = homes / 25;
    v[QM_C_APP_NO_PHONE] = homes / 50;
    v[QM_C_APP_FEATURE_PHONE] = homes / 15;
    v[QM_C_APP_LATER] = homes / 18;
    v[QM_C_RESIDENTS_AWAY] = homes / 3;
    v[QM_C_RESIDENTS_UNKNOWN_AGE] = (int64_t)(i % 2);
    v[QM_C_SHOPS] = (int64_t)(3 + i % 5);
    v[QM_C_SHOPS_VISITED] = (int64_t)(2 + i % 4);
    v[QM_C_SCHOOLS] = v[QM_C_SCHOOLS_VISITED] = (int64_t)(i % 2);
}

static int64_t homes_of(size_t i, size_t n)
{
    if (n > 3 && i == n - 1)
        return 0;
    return n > 3 && i == n - 2 ? 12 : (int64_t)(120 + i * 37 % 230);
}

static void fill_rank_rows(struct qm_rank_row *rows, size_t n, int64_t less)
{
    for (size_t i = 0; i < n; i++) {
        int64_t homes = homes_of(i, n);
        int64_t visited = homes * (int64_t)(97 - i * 7 % 60) / 100;
        if (i % 5 == 1 && visited > less)
            visited -= less;
        snprintf(rows[i].code, sizeof rows[i].code, "140522100%03u", (unsigned)(i + 201) % 1000);
        if (n > 700)
            snprintf(rows[i].code, sizeof rows[i].code, "14052%07u", (unsigned)i % 10000000);
        fill_cell(&rows[i].m[0], visited, homes, i);
        fill_cell(&rows[i].m[1], visited * 9 / 10, homes, i);
        fill_cell(&rows[i].m[2], visited * 8 / 10, homes, i);
        fill_cell(&rows[i].m[3], homes, homes * 2, i);
        rows[i].before = i % 9 == 4 || homes < 30 ? 0 : (int)(i * 5 % n) + 1;
        fill_counters(rows[i].v, homes, i);
    }
}

static void fill_rows(struct qm_bulletin_doc *d, size_t n, int64_t less)
{
    struct qm_rank_row *rank = calloc(n + 1, sizeof *rank);
    must(rank != NULL && qm_bulletin_doc_rows(d, n) == QM_OK, "no memory");
    fill_rank_rows(rank, n, less);
    struct {
        char code[16], name[64];
    } *names = calloc(n + 1, sizeof *names);
    must(names != NULL, "no memory");
    for (size_t i = 0; i < n; i++) {
        memcpy(names[i].code, rank[i].code, sizeof names[i].code);
        village_name(i, names[i].name, sizeof names[i].name);
    }
    must(qm_ranking_compute(&d->rule, rank, n) == QM_OK, "ranking");
    for (size_t i = 0; i < n; i++) {
        size_t k = 0;
        while (strcmp(names[k].code, rank[i].code) != 0)
            k++;
        struct qm_bulletin_row *r = &d->rows[i];
        r->rank = rank[i];
        r->name = qm_bulletin_doc_text(d, names[k].name, strlen(names[k].name));
        r->target = 9000;
        r->signoff = k % 8 == 5 ? QM_SIGNOFF_MISSING : QM_SIGNOFF_CONFIRMED;
        r->beside[QM_BESIDE_VOIDED] = (int64_t)(k % 3);
        r->beside[QM_BESIDE_HELD_SCOPE] = k % 10 == 2 ? 1 : 0;
        r->beside[QM_BESIDE_ROSTER_NEW] = k % 6 == 0 ? 2 : 0;
    }
    free(names);
    free(rank);
}

static void fill_head(struct qm_bulletin_doc *d)
{
    d->county = 140522;
    d->county_name = "阳城县";
    snprintf(d->scope, sizeof d->scope, "140522100");
    d->scope_name = "凤城镇";
    snprintf(d->period, sizeof d->period, "2026-W47");
    d->span = (struct qm_period){QM_PERIOD_WEEK, FIXTURE_MONDAY, FIXTURE_MONDAY + 6};
    d->published = true;
    d->number = 47;
    d->host = "qiaomen.example.cn";
    d->origin = "qiaomen.example.cn/log/140522";
    d->from = 18234;
    d->to = 21077;
    for (size_t i = 0; i < sizeof d->root.b; i++)
        d->root.b[i] = (uint8_t)(i * 37 + 11);
    d->index = 21079;
    d->roster_index = 21077;
    d->frozen_ms = INT64_C(1795406400000);    /* 2026-11-23 12:00 in Shanghai */
    d->published_ms = INT64_C(1795410000000); /* 13:00 */
    d->prepared_by = "DEPUTY01";
    d->published_by = "CHIEF01";
    d->totals.name = d->scope_name;
    d->totals.target = 9000;
    d->target_day = FIXTURE_MONDAY + 14;
    d->forecast_day = FIXTURE_MONDAY + 22;
    d->forecast_known = true;
}

static void make(struct qm_bulletin_doc *d, size_t n, int64_t less)
{
    qm_bulletin_doc_init(d);
    fill_head(d);
    visits_rule(&d->rule);
    fill_rows(d, n, less);
    qm_bulletin_doc_sum(d);
}

void fixture_bulletin(struct qm_bulletin_doc *d, size_t n)
{
    make(d, n, 0);
}

void fixture_draft(struct qm_bulletin_doc *d, size_t n)
{
    make(d, n, 0);
    d->published = false;
    d->number = 0;
    d->index = d->published_ms = 0;
    d->published_by = NULL;
}

void fixture_correction(struct qm_bulletin_doc *d, size_t n)
{
    make(d, n, 5);
    d->replaces = calloc(1, sizeof *d->replaces);
    must(d->replaces != NULL, "no memory");
    make(d->replaces, n, 0);
    d->replaces->replaced_by = d->index = 21340;
    d->number = 48;
}

void fixture_figures(struct qm_bulletin_doc *d, size_t n)
{
    static const struct {
        const char *metric;
        int64_t value;
    } list[] = {{"cases", 1},
                {"cases_last_year", 12},
                {"cases_month", 3},
                {"cases_year", 9},
                {"dissuade_done", 4},
                {"dissuade_due", 5},
                {"loss_cents", 12345678},
                {"population", 8123}};
    size_t each = sizeof list / sizeof list[0];
    must(qm_bulletin_doc_figures(d, n * each) == QM_OK, "no memory");
    for (size_t i = 0; i < n; i++) {
        for (size_t k = 0; k < each; k++) {
            struct qm_bulletin_figure *f = &d->figures[i * each + k];
            snprintf(f->metric, sizeof f->metric, "%s", list[k].metric);
            snprintf(f->code, sizeof f->code, "140522100%03u", (unsigned)(i + 201) % 1000);
            f->name = d->rows[i].name;
            f->value = list[k].value;
            memset(f->source.b, 0xA5, sizeof f->source.b);
        }
    }
}

const char *const fixture_hostile_names[FIXTURE_HOSTILE] = {
    "<script>alert(1)</script>",
    "\"><img src=x onerror=alert(1)>",
    "=HYPERLINK(\"http://evil.example\",\"x\")",
    "+1+1",
    "-2+3",
    "@SUM(A1)",
    "＝1+1",
    "\t=1",
    "\r=1",
    "&lt;b&gt;&amp;",
    "村\u202Elrow",
    "\xF0\xA0\xAE\xB7\xF0\xA0\xAE\xB7村",
    "a,b\"c\"\nd",
    "{visited}{unknown}",
    "一个名字特别特别特别特别特别特别特别特别特别特别长的村民委员会",
    "\xEF\xBF\xBF村</text></svg>",
};

void fixture_hostile(struct qm_bulletin_doc *d)
{
    make(d, FIXTURE_HOSTILE, 0);
    for (size_t i = 0; i < FIXTURE_HOSTILE; i++)
        d->rows[i].name = fixture_hostile_names[i];
    d->scope_name = "凤城<镇>&\"'";
    d->wording[QM_WORDING_TITLE] = "关于<b>{scope}</b>情况的通报";
    d->wording[QM_WORDING_OVERALL] = "一行<i>\n\n二行 {commended} {{x} {nothing}";
}
