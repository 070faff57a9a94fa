/* roster.c - floor 2, inside audit: the bytes of one roster.
 *
 * Happy path: sorted lines of the scope, each subject once; each goes to its partition, its
 * division gets a row; the whole has the hash that the log names. Failure: findings; lines behind
 * one that is no line are not read.
 */
#include <stdlib.h>
#include <string.h>

#include "audit/frozen.h"

enum { VILLAGE_DIGITS = 12, GRID_DIGITS = 15, KEY_MAX = 9 + 1 + QM_PSEUDONYM_CHARS };

qm_err qm_au_frozen_open(struct qm_au *a, struct qm_au_frozen *f)
{
    f->merged = NULL;
    f->village = NULL;
    f->merged_n = f->villages = 0;
    f->lines = 0;
    f->subjects.part = f->moved.part = NULL;
    f->subjects.fd = f->moved.fd = -1;
    qm_err e = qm_au_spool_open(&f->subjects, a->spool_folder, sizeof(struct qm_au_subject),
                                a->facts.parts);
    if (e == QM_OK)
        e = qm_au_spool_open(&f->moved, a->spool_folder, sizeof(struct qm_au_fact), a->facts.parts);
    return e;
}

void qm_au_frozen_close(struct qm_au_frozen *f)
{
    qm_au_spool_close(&f->subjects);
    qm_au_spool_close(&f->moved);
    free(f->merged);
    free(f->village);
}

/* ---- villages that signed off ---- */

static int village_order(const void *x, const void *y)
{
    int64_t p = ((const struct qm_au_village *)x)->code;
    int64_t q = ((const struct qm_au_village *)y)->code;
    return (p > q) - (p < q);
}

static struct qm_au_village *village_find(const struct qm_au_frozen *f, int64_t code)
{
    struct qm_au_village key = {.code = code};
    if (f->villages == 0)
        return NULL;
    return bsearch(&key, f->village, f->villages, sizeof *f->village, village_order);
}

/* The first `to` of the `from` digits of a code. */
static int64_t code_of(int64_t code, int from, int to)
{
    for (int i = from; i > to; i--)
        code /= 10;
    return code;
}

/* A scope is the beginning of the codes in it, at most as long as they are. */
static bool in_scope(const char *scope, int64_t code, int digits)
{
    int n = (int)strlen(scope);
    code = code_of(code, digits, n);
    for (int i = n - 1; i >= 0; i--, code /= 10) {
        if (scope[i] != '0' + code % 10)
            return false;
    }
    return true;
}

/* The last sign-off of each village of the scope for this period, below the bulletin. */
static qm_err villages_load(struct qm_au *a, struct qm_au_frozen *f)
{
    for (uint64_t i = 0; i < a->signoffs.n; i++) {
        struct qm_au_signoff s;
        qm_err e = qm_au_file_read(&a->signoffs, i, 1, &s);
        if (e != QM_OK)
            return e;
        if (s.idx >= f->idx || strcmp(s.period, f->period) != 0 ||
            !in_scope(f->scope, s.village, VILLAGE_DIGITS))
            continue;
        struct qm_au_village *v = NULL;
        for (size_t k = 0; v == NULL && k < f->villages; k++)
            v = f->village[k].code == s.village ? &f->village[k] : NULL;
        if (v == NULL)
            v = qm_au_push(&f->village, &f->villages, sizeof *f->village);
        if (v == NULL)
            return QM_E_NOMEM;
        v->code = s.village;
        v->signed_ = s.sha;
        qm_sha256_begin(&v->own);
    }
    if (f->villages > 0)
        qsort(f->village, f->villages, sizeof *f->village, village_order);
    return QM_OK;
}

void qm_au_frozen_signoffs(struct qm_au *a, struct qm_au_frozen *f)
{
    for (size_t i = 0; i < f->villages; i++) {
        struct qm_hash own;
        char code[16];
        qm_sha256_end(&f->village[i].own, &own);
        (void)snprintf(code, sizeof code, "%012lld", (long long)f->village[i].code);
        if (memcmp(own.b, f->village[i].signed_.b, QM_HASH_BYTES) != 0)
            qm_au_say_division(a, "signoff-differs", f->idx, code, "%s", f->period);
    }
}

/* ---- lines ---- */

struct line {
    struct qm_au_subject subject;
    uint8_t into[QM_ID_BYTES]; /* of a merged one */
};

static bool status_read(struct qm_text t, struct line *out)
{
    static const char *const both[] = {"vacant", "gone", "other"};
    static const char *const of_residents[] = {"dead", "unknown_age", "age"};
    struct qm_au_subject *s = &out->subject;
    const char *const *words = both;
    s->status = QM_AU_OUT;
    if (t.len == 7 && memcmp(t.p, "counted", 7) == 0)
        s->status = QM_AU_COUNTED;
    if (t.len == 4 && memcmp(t.p, "away", 4) == 0)
        s->status = QM_AU_AWAY;
    if (s->status != QM_AU_OUT)
        return true;
    if (!s->resident && qm_au_take(&t, "merged:")) {
        s->status = QM_AU_MERGED;
        return qm_pseudonym_read(t.p, t.len, out->into) == QM_OK;
    }
    for (int i = 0; i < (s->resident ? 6 : 3); i++) {
        const char *word = i < 3 ? words[i] : of_residents[i - 3];
        if (strlen(word) == t.len && memcmp(word, t.p, t.len) == 0)
            return true;
    }
    return false;
}

static bool line_read(struct qm_text t, struct line *out)
{
    struct qm_text id, grid;
    memset(out, 0, sizeof *out);
    out->subject.resident = qm_au_take(&t, "resident ");
    return (out->subject.resident || qm_au_take(&t, "household ")) && qm_au_until(&t, ' ', &id) &&
           qm_pseudonym_read(id.p, id.len, out->subject.id) == QM_OK &&
           qm_au_until(&t, ' ', &grid) &&
           qm_grid_read(grid.p, grid.len, &out->subject.grid) == QM_OK && status_read(t, out);
}

static qm_err merged_keep(struct qm_au_frozen *f, const struct line *l)
{
    struct qm_au_merged *m = qm_au_push(&f->merged, &f->merged_n, sizeof *f->merged);
    struct qm_au_subject wish = {.grid = l->subject.grid, .target = true};
    if (m == NULL)
        return QM_E_NOMEM;
    memcpy(m->from, l->subject.id, QM_ID_BYTES);
    memcpy(m->to, l->into, QM_ID_BYTES);
    memcpy(wish.id, l->into, QM_ID_BYTES);
    return qm_au_spool_put(&f->subjects, wish.id, &wish);
}

static qm_err line_keep(struct qm_au_frozen *f, const struct line *l, struct qm_text text)
{
    int64_t grid = l->subject.grid;
    struct qm_au_village *v = village_find(f, code_of(grid, GRID_DIGITS, VILLAGE_DIGITS));
    if (v != NULL) {
        qm_sha256_add(&v->own, text.p, text.len);
        qm_sha256_add(&v->own, "\n", 1);
    }
    if (qm_au_table_row(f->table, code_of(grid, GRID_DIGITS, f->table->rule->digits), true) == NULL)
        return QM_E_NOMEM;
    f->lines++;
    qm_err e = qm_au_spool_put(&f->subjects, l->subject.id, &l->subject);
    return e == QM_OK && l->subject.status == QM_AU_MERGED ? merged_keep(f, l) : e;
}

static int merged_order(const void *x, const void *y)
{
    return memcmp(((const struct qm_au_merged *)x)->from, ((const struct qm_au_merged *)y)->from,
                  QM_ID_BYTES);
}

/* Kind and pseudonym rise from line to line. */
static bool key_rises(char last[KEY_MAX + 1], struct qm_text t)
{
    size_t key = t.p[0] == 'h' ? KEY_MAX : KEY_MAX - 1;
    char now[KEY_MAX + 1] = "";
    memcpy(now, t.p, key);
    bool rises = strcmp(last, now) < 0;
    memcpy(last, now, sizeof now);
    return rises;
}

/* *fault: what is wrong with the line; NULL: nothing. */
static qm_err lines_load(struct qm_au_frozen *f, struct qm_au_lines *in, const char **fault,
                         int64_t *at)
{
    char last[KEY_MAX + 1] = "";
    struct line l;
    struct qm_text t;
    int got;
    while ((got = qm_au_lines_next(in, &t.p, &t.len)) > 0) {
        (*at)++;
        if (!line_read(t, &l))
            *fault = "form";
        else if (!in_scope(f->scope, l.subject.grid, GRID_DIGITS))
            *fault = "scope";
        else if (!key_rises(last, t))
            *fault = "order";
        qm_err e = *fault == NULL ? line_keep(f, &l, t) : QM_OK;
        if (e != QM_OK || *fault != NULL)
            return e;
    }
    if (got < 0)
        *fault = "cut";
    return QM_OK;
}

qm_err qm_au_frozen_load(struct qm_au *a, struct qm_au_frozen *f, const struct qm_hash *sha,
                         bool *there)
{
    struct qm_au_lines in;
    struct qm_hash own;
    const char *fault = NULL;
    const char *line = NULL;
    int64_t at = 0;
    size_t len = 0;
    char name[80];
    qm_au_object_name(sha, name);
    qm_err e = qm_au_lines_open(a, name, &in);
    *there = e == QM_OK;
    if (e == QM_E_NOT_FOUND) {
        qm_au_say(a, "roster-missing", f->idx, NULL, "%s", name);
        return QM_OK;
    }
    if (e == QM_OK)
        e = villages_load(a, f);
    if (e == QM_OK)
        e = lines_load(f, &in, &fault, &at);
    while (e == QM_OK && fault != NULL && qm_au_lines_next(&in, &line, &len) > 0) {
        /* The rest is hashed only. */
    }
    qm_au_lines_close(&in);
    if (e != QM_OK)
        return e;
    qm_sha256_end(&in.sha, &own);
    if (memcmp(own.b, sha->b, QM_HASH_BYTES) != 0)
        qm_au_say(a, "roster-changed", f->idx, NULL, "%s", name);
    if (fault != NULL)
        qm_au_say(a, "roster-lines", f->idx, NULL, "line %lld: %s", (long long)at, fault);
    if (f->merged_n > 0)
        qsort(f->merged, f->merged_n, sizeof *f->merged, merged_order);
    return QM_OK;
}
