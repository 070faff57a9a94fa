/* recompute.c - floor 2, inside audit: one bulletin's result, made again and compared.
 *
 * Happy path: rule and imports by their hashes, roster, both folds, ranks, bytes; their SHA-256 is
 * what the log names.
 * Failure: findings.  Where the bytes differ, the rows that differ from what was published are
 * named by their division, as far as what was published is in the folder.
 */
#include "audit/recompute.h"

#include <stdlib.h>
#include <string.h>

enum { IMPORTS_MAX_BYTES = 16 << 20 };

/* ---- objects ---- */

/* *there: read, and it has its hash. */
static qm_err object_read(struct qm_au *a, int64_t idx, const char *what, const struct qm_hash *sha,
                          struct qm_buf *out, bool *there)
{
    struct qm_hash own;
    char name[80];
    *there = false;
    qm_au_object_name(sha, name);
    qm_err e = qm_au_read(a, name, out);
    if (e == QM_E_NOT_FOUND || e == QM_E_TOO_LARGE) {
        qm_au_say(a, "object-missing", idx, NULL, "%s %s: %s", what, name, qm_err_name(e));
        qm_buf_reset(out);
        return QM_OK;
    }
    if (e != QM_OK)
        return e;
    qm_sha256(out->p != NULL ? (const char *)out->p : "", out->len, &own);
    *there = memcmp(own.b, sha->b, QM_HASH_BYTES) == 0;
    if (!*there)
        qm_au_say(a, "object-changed", idx, NULL, "%s %s", what, name);
    return QM_OK;
}

static qm_err rule_load(struct qm_au *a, const struct qm_au_bulletin *b, struct qm_au_rule *rule,
                        bool *there)
{
    struct qm_buf bytes;
    qm_buf_init(&bytes, QM_AU_RULE_MAX_BYTES);
    qm_err e = object_read(a, b->idx, "rule", &b->rule, &bytes, there);
    if (e == QM_OK && *there) {
        *there = qm_au_rule_read((const char *)bytes.p, bytes.len, rule) == QM_OK;
        if (!*there)
            qm_au_say(a, "rule-form", b->idx, NULL, "%zu bytes", bytes.len);
    }
    qm_buf_free(&bytes);
    return e;
}

/* ---- imports ---- */

static const char *import_take(struct qm_au_table *t, struct qm_text line)
{
    struct qm_text name, code, digits;
    struct qm_hash source;
    int64_t number = 0, value = 0;
    if (!qm_au_until(&line, ' ', &name) || !qm_au_until(&line, ' ', &code) ||
        !qm_au_until(&line, ' ', &digits) || !qm_au_hash_hex(line, &source) ||
        code.len != (size_t)t->rule->digits ||
        qm_dec_read(digits.p, digits.len, QM_INT_MAX, &value) != QM_OK ||
        qm_dec_read(code.p, code.len, QM_INT_MAX, &number) != QM_OK)
        return "form";
    struct qm_au_row *r = qm_au_table_row(t, number, false);
    for (size_t i = 0; r != NULL && i < t->rule->n; i++) {
        const struct qm_au_rule_metric *m = &t->rule->metric[i];
        if (m->cover >= 0 || strlen(m->name) != name.len || memcmp(m->name, name.p, name.len) != 0)
            continue;
        if ((r->figures & UINT32_C(1) << i) != 0)
            return "twice";
        r->figures |= UINT32_C(1) << i;
        r->cell[i * QM_AU_CELL + QM_AU_NUM] = value;
        r->cell[i * QM_AU_CELL + QM_AU_DEN] = 1;
        return NULL;
    }
    return "neither in the rule nor on the roster";
}

void qm_au_imports(struct qm_au_table *t, struct qm_text bytes, const char **fault)
{
    struct qm_text line, last = {NULL, 0};
    uint32_t wanted = 0;
    for (size_t i = 0; i < t->rule->n; i++)
        wanted |= t->rule->metric[i].cover < 0 ? UINT32_C(1) << i : 0;
    while (*fault == NULL && qm_au_until(&bytes, '\n', &line)) {
        size_t shorter = last.len < line.len ? last.len : line.len;
        int c = last.p == NULL ? -1 : memcmp(last.p, line.p, shorter);
        if (c > 0 || (c == 0 && last.len >= line.len))
            *fault = "order";
        else
            *fault = import_take(t, line);
        last = line;
    }
    if (*fault == NULL && bytes.len > 0)
        *fault = "cut";
    for (size_t i = 0; *fault == NULL && i < t->n; i++) {
        if (t->row[i]->figures != wanted)
            *fault = "a division has no figure";
    }
}

static qm_err imports_load(struct qm_au *a, const struct qm_au_bulletin *b, struct qm_au_table *t)
{
    struct qm_buf bytes;
    const char *fault = NULL;
    bool there = !b->has_imports;
    qm_err e = QM_OK;
    qm_buf_init(&bytes, IMPORTS_MAX_BYTES);
    if (b->has_imports)
        e = object_read(a, b->idx, "imports", &b->imports, &bytes, &there);
    if (e == QM_OK && there)
        qm_au_imports(t, (struct qm_text){(const char *)bytes.p, bytes.len}, &fault);
    if (fault != NULL)
        qm_au_say(a, "imports-form", b->idx, NULL, "%s", fault);
    qm_buf_free(&bytes);
    return e;
}

/* ---- ranks ---- */

static int rank_order(const void *x, const void *y)
{
    int64_t p = ((const struct qm_au_rank *)x)->code, q = ((const struct qm_au_rank *)y)->code;
    return (p > q) - (p < q);
}

static void before_set(const struct qm_au_bulletin *b, struct qm_au_table *t)
{
    const struct qm_au_bulletin *old = b->earlier;
    for (size_t i = 0; old != NULL && old->ranks_n > 0 && i < t->n; i++) {
        struct qm_au_rank key = {.code = t->row[i]->code};
        const struct qm_au_rank *r =
            bsearch(&key, old->ranks, old->ranks_n, sizeof key, rank_order);
        t->row[i]->before = r == NULL ? 0 : r->rank;
    }
}

static qm_err ranks_keep(struct qm_au_bulletin *b, const struct qm_au_table *t)
{
    b->ranks = calloc(t->n + 1, sizeof *b->ranks);
    if (b->ranks == NULL)
        return QM_E_NOMEM;
    for (size_t i = 0; i < t->n; i++) {
        if (t->row[i]->rank == 0)
            continue;
        b->ranks[b->ranks_n].code = t->row[i]->code;
        b->ranks[b->ranks_n++].rank = t->row[i]->rank;
    }
    qsort(b->ranks, b->ranks_n, sizeof *b->ranks, rank_order);
    return QM_OK;
}

/* ---- comparing ---- */

static const char *find(struct qm_text t, const char *what)
{
    return t.p != NULL && t.len > 0 ? memmem(t.p, t.len, what, strlen(what)) : NULL;
}

/* The row or left-out entry of a code: from its '{' to its '}'. */
static struct qm_text row_of(struct qm_text doc, const char *code)
{
    char mark[40];
    (void)snprintf(mark, sizeof mark, "\"code\":\"%s\"", code);
    const char *at = find(doc, mark);
    if (at == NULL)
        return (struct qm_text){"", 0};
    const char *from = at;
    while (from > doc.p && *from != '{')
        from--;
    const char *to = memchr(at, '}', (size_t)(doc.p + doc.len - at));
    return (struct qm_text){from, to == NULL ? 0 : (size_t)(to - from + 1)};
}

/* The cells of a row; a row that is left out has none. */
static struct qm_text cells_of(struct qm_text row)
{
    const char *from = find(row, "\"m\":");
    const char *to = find(row, ",\"before\":");
    if (from == NULL || to == NULL || to < from)
        return row;
    return (struct qm_text){from, (size_t)(to - from)};
}

static bool same_text(struct qm_text x, struct qm_text y)
{
    return x.len == y.len && memcmp(x.p, y.p, x.len) == 0;
}

/* Names the rows of `ours` that stand otherwise in `theirs`: those with other numbers, or all, if
 * only ranks differ.  Returns how many. */
static size_t rows_say(struct qm_au *a, const struct qm_au_bulletin *b, const struct qm_au_table *t,
                       struct qm_text ours, struct qm_text theirs, bool numbers_only)
{
    size_t said = 0;
    for (size_t i = 0; i < t->n; i++) {
        char code[24];
        (void)snprintf(code, sizeof code, "%0*lld", t->rule->digits, (long long)t->row[i]->code);
        struct qm_text x = row_of(ours, code), y = row_of(theirs, code);
        if (numbers_only ? same_text(cells_of(x), cells_of(y)) : same_text(x, y))
            continue;
        int shown_x = x.len < 140 ? (int)x.len : 140, shown_y = y.len < 140 ? (int)y.len : 140;
        qm_au_say_division(a, "result-row", b->idx, code, "%.*s / %.*s", shown_x, x.p, shown_y,
                           y.p);
        said++;
    }
    return said;
}

/* what: "result" or "public"; *same: its bytes are those that the log names. */
static qm_err result_compare(struct qm_au *a, const struct qm_au_bulletin *b,
                             const struct qm_au_table *t, bool open_only, bool *same)
{
    const char *what = open_only ? "public" : "result";
    const struct qm_hash *wanted = open_only ? &b->open : &b->result;
    const struct qm_au_head head = {b->scope, b->period, b->from, b->to};
    struct qm_buf ours, theirs;
    struct qm_hash own;
    bool there = false;
    qm_buf_init(&ours, QM_AU_RESULT_MAX_BYTES);
    qm_buf_init(&theirs, QM_AU_RESULT_MAX_BYTES);
    qm_err e = qm_au_result(t, &head, open_only, &ours);
    if (e == QM_OK) {
        qm_sha256(ours.p, ours.len, &own);
        *same = memcmp(own.b, wanted->b, QM_HASH_BYTES) == 0;
        e = object_read(a, b->idx, what, wanted, &theirs, &there);
    }
    if (e == QM_OK && !*same)
        qm_au_say(a, "result-differs", b->idx, NULL, "%s %s %s", what, b->scope, b->period);
    struct qm_text x = {(const char *)ours.p, ours.len}, y = {(const char *)theirs.p, theirs.len};
    /* The public rows repeat those of the result. */
    bool look = e == QM_OK && !open_only && y.len > 0 && (!*same || !there);
    if (look && rows_say(a, b, t, x, y, true) == 0)
        (void)rows_say(a, b, t, x, y, false);
    qm_buf_free(&ours);
    qm_buf_free(&theirs);
    return e;
}

static qm_err table_fill(struct qm_au *a, struct qm_au_bulletin *b, struct qm_au_table *t,
                         struct qm_audit_bulletin *said, bool *there)
{
    struct qm_au_frozen f = {.idx = b->idx, .scope = b->scope, .period = b->period, .table = t};
    qm_err e = qm_au_frozen_open(a, &f);
    if (e == QM_OK)
        e = qm_au_frozen_load(a, &f, &b->roster, there);
    if (e == QM_OK && *there) {
        qm_au_frozen_signoffs(a, &f);
        said->lines = f.lines;
        e = qm_au_frozen_count(a, &f, b->from, b->to);
    }
    if (e == QM_OK && *there)
        e = imports_load(a, b, t);
    qm_au_frozen_close(&f);
    return e;
}

static void out_count(const struct qm_au_table *t, struct qm_audit_bulletin *said)
{
    for (size_t i = 0; i < t->n; i++) {
        said->rows += t->row[i]->rank > 0;
        said->out += t->row[i]->rank == 0;
    }
}

/* The list of lines since the bulletin before; for a correction since the one that it replaces. */
static qm_err diff_say(struct qm_au *a, const struct qm_au_bulletin *b,
                       struct qm_audit_bulletin *said)
{
    const struct qm_au_bulletin *old = b->earlier;
    for (size_t i = 0; b->replaces >= 0 && i < a->bulletins; i++) {
        if (a->bulletin[i].idx == b->replaces && a->bulletin[i].well)
            old = &a->bulletin[i];
    }
    if (old == NULL) {
        said->fresh = said->lines;
        return QM_OK;
    }
    return qm_au_roster_diff(a, &old->roster, &b->roster, said);
}

qm_err qm_au_recompute(struct qm_au *a, struct qm_au_bulletin *b, struct qm_audit_bulletin *said)
{
    struct qm_au_rule rule;
    struct qm_au_table t;
    bool there = false, same = false, same_open = false;
    qm_err e = rule_load(a, b, &rule, &there);
    if (e != QM_OK || !there)
        return e;
    qm_au_table_init(&t, &rule);
    e = table_fill(a, b, &t, said, &there);
    if (e == QM_OK && there) {
        qm_au_table_rank(&t);
        before_set(b, &t);
        out_count(&t, said);
        e = result_compare(a, b, &t, false, &same);
    }
    if (e == QM_OK && there)
        e = result_compare(a, b, &t, true, &same_open);
    if (e == QM_OK && there)
        e = ranks_keep(b, &t);
    said->computed = there;
    said->holds = same && same_open;
    qm_au_table_free(&t);
    return e == QM_OK && there ? diff_say(a, b, said) : e;
}
