/* bulletin_json.c - see bulletin_json.h.
 * Happy path: head, rule, rows with why each figure moved, and what stands around them.
 * Failure: as there.
 */
#include "edge/bulletin_json.h"

#include <string.h>

#include "edge/bulletin_wording.h"
#include "wire/json.h"

/* More than this share of a denominator changed: 1 in 20. */
enum { MARKED_SHARE = 20 };

static void text(struct qm_buf *out, const char *before, const char *t)
{
    qm_buf_puts(out, before);
    qm_json_quote(out, t == NULL ? "" : t, t == NULL ? 0 : strlen(t));
}

static void hash(struct qm_buf *out, const char *before, const struct qm_hash *h)
{
    char hex[QM_HEX_HASH_CHARS + 1];
    qm_hex_write(h->b, QM_HASH_BYTES, hex);
    qm_buf_printf(out, "%s\"%.64s\"", before, hex);
}

/* null where there is none: no entry has index 0 but the county's first. */
static void entry(struct qm_buf *out, const char *before, int64_t idx)
{
    if (idx > 0)
        qm_buf_printf(out, "%s%lld", before, (long long)idx);
    else
        qm_buf_printf(out, "%snull", before);
}

static const char *truth(bool b)
{
    return b ? "true" : "false";
}

/* ---- head ---- */

static void write_range(const struct qm_bulletin_doc *d, struct qm_buf *out)
{
    char first[11], last[11], root[QM_B64_HASH_CHARS + 1];
    qm_day_write(d->span.first_day, first);
    qm_day_write(d->span.last_day, last);
    qm_b64_write(d->root.b, QM_HASH_BYTES, root);
    text(out, "\"scope\":", d->scope);
    text(out, ",\"scope_name\":", d->scope_name);
    qm_buf_printf(out,
                  ",\"period\":\"%s\",\"first_day\":\"%s\",\"last_day\":\"%s\",\"from\":%lld,\"to\""
                  ":%lld,\"root\":\"%s\"",
                  d->period, first, last, (long long)d->from, (long long)d->to, root);
    text(out, ",\"log\":", d->origin);
    entry(out, ",\"index\":", d->index);
    entry(out, ",\"replaced_by\":", d->replaced_by);
    qm_buf_printf(out, ",\"number\":%d,\"year\":%d", d->number, d->year);
}

static void write_facts(const struct qm_bulletin *b, struct qm_buf *out)
{
    entry(out, ",\"replaces\":", b->is.replaces);
    entry(out, ",\"roster_index\":", b->doc.roster_index);
    hash(out, ",\"hashes\":{\"roster\":", &b->is.roster);
    hash(out, ",\"rule\":", &b->is.rule);
    if (b->is.has_imports)
        hash(out, ",\"imports\":", &b->is.imports);
    hash(out, ",\"result\":", &b->is.result);
    hash(out, ",\"public\":", &b->is.open);
    text(out, "},\"before_period\":", b->is.before_period);
}

static void write_people(const struct qm_bulletin_doc *d, struct qm_buf *out)
{
    qm_buf_puts(out, ",\"prepared\":{");
    text(out, "\"by\":", d->prepared_by);
    qm_buf_printf(out, ",\"at\":%lld}", (long long)d->frozen_ms);
    if (!d->published) {
        qm_buf_puts(out, ",\"published\":null");
        return;
    }
    text(out, ",\"published\":{\"by\":", d->published_by);
    qm_buf_printf(out, ",\"at\":%lld}", (long long)d->published_ms);
}

static bool metric_shown(const struct qm_rule_metric *m, bool open_only)
{
    return open_only ? m->open : m->office || m->ranked;
}

static void write_metrics(const struct qm_rule *rule, bool open_only, struct qm_buf *out)
{
    const char *comma = "";
    qm_buf_puts(out, ",\"metrics\":[");
    for (size_t i = 0; i < rule->metrics_n; i++) {
        const struct qm_rule_metric *m = &rule->metrics[i];
        if (!metric_shown(m, open_only))
            continue;
        qm_buf_printf(out,
                      "%s{\"name\":\"%s\",\"imported\":%s,\"ranked\":%s,\"public\":%s,\"lower\":%s,"
                      "\"weight\":%d}",
                      comma, m->name, truth(m->imported), truth(m->ranked), truth(m->open),
                      truth(m->lower), m->weight);
        comma = ",";
    }
    qm_buf_puts(out, "]");
}

static void write_rule(const struct qm_rule *rule, bool open_only, struct qm_buf *out)
{
    qm_buf_printf(
        out,
        ",\"rule\":{\"level\":\"%s\",\"assurance\":\"%s\",\"order\":\"%s\",\"minimum\":%lld,"
        "\"commended\":%d,\"criticised\":%d}",
        qm_rule_level_name(rule->level), rule->evidenced ? "evidenced" : "reported",
        rule->weights ? "weights" : "lexicographic", (long long)rule->minimum, rule->commended,
        rule->criticised);
    write_metrics(rule, open_only, out);
}

/* ---- rows ---- */

/* What the office's changes of the register alone made of the figure since the bulletin before. */
static int64_t by_register(const struct qm_rule_metric *m, const struct qm_rank_cell *x)
{
    return m->imported ? 0 : x->num - x->fresh - x->carried - x->num_before;
}

static bool den_marked(const struct qm_rule_metric *m, const struct qm_rank_cell *x)
{
    int64_t moved = x->den > x->den_before ? x->den - x->den_before : x->den_before - x->den;
    return !m->imported && x->den_before > 0 && moved * MARKED_SHARE > x->den_before;
}

static void write_cells(const struct qm_rule *rule, const struct qm_rank_row *row,
                        struct qm_buf *out)
{
    const char *comma = "";
    qm_buf_puts(out, ",\"cells\":[");
    for (size_t i = 0; i < rule->metrics_n; i++) {
        const struct qm_rule_metric *m = &rule->metrics[i];
        const struct qm_rank_cell *x = &row->m[i];
        if (!metric_shown(m, false))
            continue;
        qm_buf_printf(out,
                      "%s{\"num\":%lld,\"den\":%lld,\"new\":%lld,\"refused\":%lld,\"late\":%lld,"
                      "\"carried\":%lld,\"register\":%lld,\"num_before\":%lld,\"den_before\":%lld,"
                      "\"marked\":%s}",
                      comma, (long long)x->num, (long long)x->den, (long long)x->fresh,
                      (long long)x->refused, (long long)x->late, (long long)x->carried,
                      (long long)by_register(m, x), (long long)x->num_before,
                      (long long)x->den_before, truth(den_marked(m, x)));
        comma = ",";
    }
    qm_buf_puts(out, "]");
}

static void write_beside(const struct qm_bulletin_row *row, struct qm_buf *out)
{
    static const char *const names[QM_BESIDE_COUNT_] = {
        "held_revoked", "held_scope", "held_moved",  "decided_out",   "voided",
        "merged",       "roster_new", "roster_gone", "roster_changed"};
    qm_buf_puts(out, ",\"beside\":{");
    for (int i = 0; i < QM_BESIDE_COUNT_; i++)
        qm_buf_printf(out, "%s\"%s\":%lld", i > 0 ? "," : "", names[i], (long long)row->beside[i]);
    qm_buf_puts(out, "}");
}

/* Numbers of the annexes that are no metric's and open a list of the frozen roster. */
static void write_annex(const struct qm_bulletin_row *row, struct qm_buf *out)
{
    static const int places[] = {QM_C_AWAY,         QM_C_AWAY_REACHED, QM_C_VACANT,    QM_C_GONE,
                                 QM_C_PLEDGE_LATER, QM_C_APP_LATER,    QM_C_APP_SHARED};
    const int64_t *v = row->rank.v;
    const int64_t cannot = v[QM_C_APP_NO_PHONE] + v[QM_C_APP_FEATURE_PHONE] + v[QM_C_APP_UNFIT];
    qm_buf_printf(out, ",\"annex\":{\"app_cannot\":%lld", (long long)cannot);
    for (size_t i = 0; i < sizeof places / sizeof places[0]; i++)
        qm_buf_printf(out, ",\"%s\":%lld", qm_counter_name(places[i]), (long long)v[places[i]]);
    qm_buf_puts(out, "}");
}

static void write_row(const struct qm_rule *rule, const struct qm_bulletin_row *row,
                      struct qm_buf *out)
{
    static const char *const signoffs[] = {"none", "confirmed", "late", "missing"};
    qm_buf_printf(out, "{\"code\":\"%s\"", row->rank.code);
    text(out, ",\"name\":", row->name);
    qm_buf_printf(out,
                  ",\"rank\":%d,\"before\":%d,\"score\":%lld,\"out\":\"%s\",\"signoff\":\"%s\"",
                  row->rank.rank, row->rank.before, (long long)row->rank.score,
                  qm_rank_out_name(row->rank.out), signoffs[row->signoff]);
    write_cells(rule, &row->rank, out);
    write_beside(row, out);
    write_annex(row, out);
    qm_buf_puts(out, "}");
}

static void write_rows(const struct qm_bulletin_doc *d, struct qm_buf *out)
{
    qm_buf_puts(out, ",\"rows\":[");
    for (size_t i = 0; i < d->rows_n; i++) {
        qm_buf_puts(out, i > 0 ? "," : "");
        write_row(&d->rule, &d->rows[i], out);
    }
    qm_buf_puts(out, "]");
}

static void write_totals(const struct qm_bulletin_doc *d, struct qm_buf *out)
{
    text(out, ",\"totals\":{\"name\":", d->scope_name);
    write_cells(&d->rule, &d->totals.rank, out);
    write_beside(&d->totals, out);
    write_annex(&d->totals, out);
    qm_buf_puts(out, "}");
}

/* ---- what stands around ---- */

/* What nobody has changed stands as it is proposed, so that whoever edits sees all of it. */
static void write_section(const struct qm_bulletin_doc *d, enum qm_wording w, struct qm_buf *out)
{
    struct qm_buf words;
    qm_buf_init(&words, QM_WORDING_MAX_BYTES);
    if (d->wording[w] != NULL)
        qm_buf_puts(&words, d->wording[w]);
    else
        (void)qm_bulletin_wording_default(d, w, &words);
    if (words.err != QM_OK)
        out->err = words.err;
    else
        qm_json_quote(out, words.len > 0 ? (const char *)words.p : "", words.len);
    qm_buf_free(&words);
}

static void write_wording(const struct qm_bulletin_doc *d, struct qm_buf *out)
{
    qm_buf_puts(out, ",\"wording\":{");
    for (int w = 0; w < QM_WORDING_COUNT_; w++) {
        qm_buf_printf(out, "%s\"%s\":", w > 0 ? "," : "", qm_wording_name((enum qm_wording)w));
        write_section(d, (enum qm_wording)w, out);
    }
    qm_buf_puts(out, "}");
}

static void write_array(const char *before, const struct qm_buf *array, struct qm_buf *out)
{
    qm_buf_puts(out, before);
    if (array->err != QM_OK)
        out->err = array->err;
    else
        qm_buf_add(out, array->p, array->len);
}

/* The table that was published before, beside the one that corrects it. */
static void write_replaced(const struct qm_bulletin_doc *d, struct qm_buf *out)
{
    if (d->replaces == NULL) {
        qm_buf_puts(out, ",\"corrected\":null");
        return;
    }
    qm_buf_puts(out, ",\"corrected\":{");
    write_range(d->replaces, out);
    write_rule(&d->replaces->rule, false, out);
    write_rows(d->replaces, out);
    qm_buf_puts(out, "}");
}

qm_err qm_bulletin_json(const struct qm_bulletin *b, struct qm_buf *out)
{
    const struct qm_bulletin_doc *d = &b->doc;
    char id[QM_UUID_CHARS + 1];
    qm_uuid_write(b->is.draft, id);
    qm_buf_printf(out, "{\"id\":\"%s\",\"state\":\"%s\",", id,
                  d->published ? "published" : "frozen");
    write_range(d, out);
    write_facts(b, out);
    write_people(d, out);
    write_rule(&d->rule, false, out);
    write_rows(d, out);
    write_totals(d, out);
    write_wording(d, out);
    write_array(",\"signoffs\":", &b->signoffs, out);
    write_array(",\"silent\":", &b->silent, out);
    write_array(",\"proposals\":", &b->proposals, out);
    write_array(",\"seals\":", &b->seals, out);
    write_replaced(d, out);
    return qm_buf_puts(out, "}\n");
}

/* ---- for everybody ---- */

static void write_public_row(const struct qm_rule *rule, const struct qm_bulletin_row *row,
                             struct qm_buf *out)
{
    const char *comma = "";
    qm_buf_printf(out, "{\"code\":\"%s\"", row->rank.code);
    text(out, ",\"name\":", row->name);
    qm_buf_printf(out, ",\"rank\":%d,\"before\":%d,\"score\":%lld,\"out\":\"%s\",\"m\":[",
                  row->rank.rank, row->rank.before, (long long)row->rank.score,
                  qm_rank_out_name(row->rank.out));
    for (size_t i = 0; i < rule->metrics_n; i++) {
        const struct qm_rank_cell *x = &row->rank.m[i];
        if (!rule->metrics[i].open || row->rank.out != QM_RANK_IN)
            continue;
        qm_buf_printf(out, "%s[%lld,%lld,%lld,%lld]", comma, (long long)x->num, (long long)x->den,
                      (long long)x->fresh, (long long)x->refused);
        comma = ",";
    }
    qm_buf_puts(out, "]}");
}

qm_err qm_bulletin_public_json(const struct qm_bulletin *b, struct qm_buf *out)
{
    const struct qm_bulletin_doc *d = &b->doc;
    qm_buf_puts(out, "{");
    write_range(d, out);
    entry(out, ",\"replaces\":", b->is.replaces);
    qm_buf_printf(out, ",\"published_at\":%lld", (long long)d->published_ms);
    hash(out, ",\"public\":", &b->is.open);
    write_rule(&d->rule, true, out);
    qm_buf_puts(out, ",\"rows\":[");
    for (size_t i = 0; i < d->rows_n; i++) {
        qm_buf_puts(out, i > 0 ? "," : "");
        write_public_row(&d->rule, &d->rows[i], out);
    }
    return qm_buf_puts(out, "]}\n");
}
