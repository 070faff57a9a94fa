/* test_audit_fold.c - the audit's fold, ranks and result bytes against tests/vectors/fold.json.
 *
 * Each case goes the audit's own way: lines, decisions and pictures into the spools, stretches of
 * effect, the roster from a file, both folds, ranks, bytes.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "audit/recompute.h"
#include "tempdir.h"
#include "wire_fixture.h"

struct world {
    char folder[TEMPDIR_MAX_BYTES];
    struct qm_audit_options options;
    struct qm_audit_report report;
    struct qm_au *a;
    json_t *wanted; /* states */
    size_t states;
    const char *name;
};

static void on_finding(void *ctx, const struct qm_audit_finding *f)
{
    struct world *w = ctx;
    print_error("%s: %s %s\n", w->name, f->code, f->detail);
}

static const char *text_at(json_t *o, const char *name)
{
    const char *t = json_string_value(json_object_get(o, name));
    return t != NULL ? t : "";
}

static void open_world(struct world *w)
{
    tempdir_make("/tmp", w->folder);
    w->options = (struct qm_audit_options){.folder = w->folder, .finding = on_finding, .ctx = w};
    w->a = calloc(1, sizeof *w->a);
    assert_int_equal(qm_au_open(w->a, &w->options, &w->report), QM_OK);
    assert_int_equal(qm_au_spools_open(w->a, 1), QM_OK);
    (void)snprintf(w->a->log_folder, sizeof w->a->log_folder, "%s", w->folder);
}

static void close_world(struct world *w)
{
    qm_au_close(w->a);
    free(w->a);
    tempdir_remove(w->folder);
}

/* ---- the log ---- */

static struct qm_text text_of(const json_t *t)
{
    return (struct qm_text){json_string_value(t), json_string_length(t)};
}

static void put_batch(struct world *w, json_t *c, json_t *entry, int64_t idx)
{
    struct qm_au_line_of where = {.idx = idx};
    size_t i;
    json_t *d, *l;
    where.recv = json_integer_value(json_object_get(entry, "recv"));
    json_array_foreach(json_object_get(c, "devices"), i, d)
    {
        const char *account = text_at(d, "account");
        if (strcmp(text_at(d, "device"), text_at(entry, "device")) != 0)
            continue;
        where.device = (uint32_t)i;
        assert_int_equal(
            qm_au_account_number(w->a, (struct qm_text){account, strlen(account)}, &where.account),
            QM_OK);
    }
    json_array_foreach(json_object_get(entry, "lines"), i, l)
    {
        struct qm_event ev;
        struct qm_verdict v[1];
        struct qm_hash leaf;
        char line[80] = "";
        struct qm_text e = text_of(json_object_get(l, "e"));
        if (text_at(l, "verdict")[0] != 0)
            snprintf(line, sizeof line, "0 %s\n", text_at(l, "verdict"));
        assert_int_equal(qm_verdicts_read((struct qm_text){line, strlen(line)}, 1, v), QM_OK);
        assert_int_equal(qm_event_read(e.p, e.len, &ev), QM_OK);
        qm_leaf_hash(e.p, e.len, &leaf);
        where.line = (uint16_t)i;
        assert_int_equal(qm_au_line_keep(w->a, &where, v, &ev, &leaf), QM_OK);
    }
}

static void put_log(struct world *w, json_t *c)
{
    size_t idx, i;
    json_t *entry, *line;
    json_array_foreach(json_object_get(c, "log"), idx, entry)
    {
        const char *type = text_at(entry, "type");
        if (strcmp(type, "batch") == 0) {
            put_batch(w, c, entry, (int64_t)idx);
            continue;
        }
        json_array_foreach(json_object_get(entry, "lines"), i, line)
        {
            bool decide = strcmp(type, "decide") == 0;
            assert_int_equal(
                (decide ? qm_au_decide_line : qm_au_blob_line)(w->a, (int64_t)idx, text_of(line)),
                QM_OK);
        }
    }
    assert_int_equal(qm_au_judge(w->a), QM_OK);
}

/* ---- states ---- */

static void expect_list(const json_t *list, unsigned bits, bool resident, const char *what)
{
    unsigned wanted = 0;
    size_t i;
    json_t *item;
    json_array_foreach(list, i, item)
    {
        int m = qm_au_metric_of(json_string_value(item), json_string_length(item));
        assert_true(m >= 0 && (m >= QM_AU_APP) == resident);
        wanted |= 1U << m;
    }
    if (bits != wanted)
        fail_msg("%s: %x, wanted %x", what, bits, wanted);
}

static const char *const metrics[QM_AU_METRICS] = {
    "visited", "reached",       "notice_delivered", "notice_signed", "pledge",
    "app",     "app_real_name", "app_call_alert",   "app_sms_alert", "app_all"};

static void on_state(void *ctx, const struct qm_au_subject *s, const struct qm_au_figures *now)
{
    struct world *w = ctx;
    char name[QM_PSEUDONYM_CHARS + 1], what[200];
    if (s->status == QM_AU_MERGED)
        return;
    qm_pseudonym_write(s->id, name);
    json_t *wanted = json_object_get(w->wanted, name);
    snprintf(what, sizeof what, "%s: %s", w->name, name);
    if (wanted == NULL)
        fail_msg("%s is not wanted", what);
    for (size_t i = 0; i < QM_AU_METRICS; i++) {
        int m = qm_au_metric_of(metrics[i], strlen(metrics[i]));
        if ((m >= QM_AU_APP) != s->resident)
            continue;
        bool has = (now->reported >> m & 1) != 0;
        if (has != json_is_true(json_object_get(wanted, metrics[i])))
            fail_msg("%s: %s", what, metrics[i]);
    }
    expect_list(json_object_get(wanted, "evidenced"), now->evidenced, s->resident, what);
    expect_list(json_object_get(wanted, "refused"), now->refused, s->resident, what);
    const char *last =
        now->last == 0 ? "none yet" : qm_word(s->resident ? "app" : "outcome", now->last);
    assert_string_equal(last, text_at(wanted, s->resident ? "app_state" : "door"));
    w->states++;
}

/* ---- results ---- */

static void write_roster(struct world *w, const char *bytes, struct qm_hash *sha)
{
    char path[TEMPDIR_MAX_BYTES + 100], name[80];
    qm_sha256(bytes, strlen(bytes), sha);
    qm_au_object_name(sha, name);
    snprintf(path, sizeof path, "%s/object", w->folder);
    (void)mkdir(path, 0700);
    snprintf(path, sizeof path, "%s/%s", w->folder, name);
    FILE *f = fopen(path, "w");
    assert_non_null(f);
    assert_int_equal(fwrite(bytes, 1, strlen(bytes), f), strlen(bytes));
    assert_int_equal(fclose(f), 0);
}

static void set_before(struct qm_au_table *t, json_t *before)
{
    for (size_t i = 0; i < t->n; i++) {
        char code[24];
        snprintf(code, sizeof code, "%0*lld", t->rule->digits, (long long)t->row[i]->code);
        t->row[i]->before = (int)json_integer_value(json_object_get(before, code));
    }
}

static void expect_bytes(const struct qm_au_table *t, const struct qm_au_head *h, bool open,
                         const char *wanted)
{
    struct qm_buf out;
    qm_buf_init(&out, 1 << 20);
    assert_int_equal(qm_au_result(t, h, open, &out), QM_OK);
    assert_string_equal((const char *)out.p, wanted);
    qm_buf_free(&out);
}

static void run_case(json_t *c)
{
    json_t *expect = json_object_get(c, "expect");
    struct world w = {.name = text_at(c, "name"), .wanted = json_object_get(expect, "states")};
    struct qm_au_head h = {text_at(c, "scope"), text_at(c, "period"),
                           json_integer_value(json_object_get(c, "from")),
                           json_integer_value(json_object_get(c, "to"))};
    struct qm_au_rule rule;
    struct qm_au_table t;
    struct qm_hash sha;
    const char *fault = NULL;
    bool there = false;
    open_world(&w);
    put_log(&w, c);
    w.report.bad = 0; /* verdicts are given in these cases, not judged */
    assert_int_equal(qm_au_rule_read(text_at(c, "rule"), strlen(text_at(c, "rule")), &rule), QM_OK);
    qm_au_table_init(&t, &rule);
    write_roster(&w, text_at(expect, "roster"), &sha);
    struct qm_au_frozen f = {.idx = 1000, .scope = h.scope, .period = h.period, .table = &t};
    assert_int_equal(qm_au_frozen_open(w.a, &f), QM_OK);
    assert_int_equal(qm_au_frozen_load(w.a, &f, &sha, &there), QM_OK);
    assert_true(there);
    assert_int_equal(qm_au_frozen_each(w.a, &f, h.from, h.to, on_state, &w), QM_OK);
    const char *imports = text_at(c, "imports");
    qm_au_imports(&t, (struct qm_text){imports, strlen(imports)}, &fault);
    assert_null(fault);
    qm_au_table_rank(&t);
    set_before(&t, json_object_get(c, "before"));
    expect_bytes(&t, &h, false, text_at(expect, "result"));
    expect_bytes(&t, &h, true, text_at(expect, "public"));
    assert_int_equal(w.report.bad, 0);
    assert_int_equal(w.states, json_object_size(w.wanted));
    qm_au_frozen_close(&f);
    qm_au_table_free(&t);
    close_world(&w);
}

static void vectors_hold(void **state)
{
    (void)state;
    json_t *root = fx_load("fold.json");
    size_t i;
    json_t *c;
    json_array_foreach(json_object_get(root, "cases"), i, c)
    {
        print_message("%s\n", text_at(c, "name"));
        run_case(c);
    }
    assert_true(i > 100);
    json_decref(root);
}

static void rules_are_closed(void **state)
{
    static const char good[] =
        "{\"order\":\"weights\",\"metrics\":[{\"weight\":100,\"name\":\"pledge\",\"ranked\":true,"
        "\"office\":true,\"public\":false}],\"level\":\"grid\",\"assurance\":\"evidenced\","
        "\"escalation\":[{\"subject\":\"unit\",\"when\":\"case\",\"times\":2,\"step\":\"talk\"}]}";
    static const char *const changes[][2] = {
        {"\"order\":\"weights\"", "\"order\":\"points\""},
        {"\"weight\":100", "\"weight\":99"},
        {"\"weight\":100,", ""},
        {"\"weight\":100", "\"weight\":0100"},
        {"\"weight\":100", "\"lower\":true,\"weight\":100"},
        {"\"name\":\"pledge\"", "\"name\":\"cases\""},
        {"\"ranked\":true", "\"ranked\":1"},
        {"\"ranked\":true,", ""},
        {"\"level\":\"grid\"", "\"level\":\"grid\",\"level\":\"grid\""},
        {"\"level\":\"grid\"", "\"level\":\"grid\",\"colour\":1"},
        {"\"level\":\"grid\"", "\"level\":\"grid\",\"minimum\":1000001"},
        {"\"level\":\"grid\"", "\"level\": \"grid\""},
        {"\"when\":\"case\"", "\"when\":\"bored\""},
        {"\"times\":2", "\"times\":53"},
        {"]}", "]}}"},
        {"{\"order\"", "[{\"order\""}};
    struct qm_au_rule rule;
    (void)state;
    assert_int_equal(qm_au_rule_read(good, strlen(good), &rule), QM_OK);
    assert_true(rule.weights && rule.evidenced && rule.digits == 15 && rule.n == 1);
    for (size_t i = 0; i < strlen(good); i++)
        assert_int_equal(qm_au_rule_read(good, i, &rule), QM_E_MALFORMED);
    for (size_t i = 0; i < sizeof changes / sizeof changes[0]; i++) {
        char bad[600];
        const char *at = strstr(good, changes[i][0]);
        assert_non_null(at);
        snprintf(bad, sizeof bad, "%.*s%s%s", (int)(at - good), good, changes[i][1],
                 at + strlen(changes[i][0]));
        if (qm_au_rule_read(bad, strlen(bad), &rule) != QM_E_MALFORMED)
            fail_msg("taken: %s", bad);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(vectors_hold),
                                       cmocka_unit_test(rules_are_closed)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
