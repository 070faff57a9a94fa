/* bulletin_doc.c - see bulletin_doc.h.
 * Happy path: texts are kept in a list of their own, rows and figures in one block each.
 * Failure: without memory nothing is changed but nomem.
 */
#include "edge/bulletin_doc.h"

#include <stdlib.h>
#include <string.h>

struct qm_doc_text {
    struct qm_doc_text *next;
    char bytes[];
};

void qm_bulletin_doc_init(struct qm_bulletin_doc *d)
{
    memset(d, 0, sizeof *d);
}

void qm_bulletin_doc_free(struct qm_bulletin_doc *d)
{
    if (d->replaces != NULL) {
        qm_bulletin_doc_free(d->replaces);
        free(d->replaces);
    }
    while (d->texts != NULL) {
        struct qm_doc_text *next = d->texts->next;
        free(d->texts);
        d->texts = next;
    }
    free(d->rows);
    free(d->figures);
    free(d->decisions);
    qm_bulletin_doc_init(d);
}

const char *qm_bulletin_doc_text(struct qm_bulletin_doc *d, const char *bytes, size_t len)
{
    struct qm_doc_text *t = malloc(sizeof *t + len + 1);
    if (t == NULL) {
        d->nomem = true;
        return NULL;
    }
    if (len > 0)
        memcpy(t->bytes, bytes, len);
    t->bytes[len] = '\0';
    t->next = d->texts;
    d->texts = t;
    return t->bytes;
}

/* NULL sets nomem. */
static void *room(struct qm_bulletin_doc *d, size_t n, size_t size)
{
    void *list = calloc(n > 0 ? n : 1, size);
    d->nomem = d->nomem || list == NULL;
    return list;
}

qm_err qm_bulletin_doc_rows(struct qm_bulletin_doc *d, size_t n)
{
    struct qm_bulletin_row *rows = room(d, n, sizeof *rows);
    if (rows == NULL)
        return QM_E_NOMEM;
    free(d->rows);
    d->rows = rows;
    d->rows_n = n;
    return QM_OK;
}

qm_err qm_bulletin_doc_figures(struct qm_bulletin_doc *d, size_t n)
{
    struct qm_bulletin_figure *figures = room(d, n, sizeof *figures);
    if (figures == NULL)
        return QM_E_NOMEM;
    free(d->figures);
    d->figures = figures;
    d->figures_n = n;
    return QM_OK;
}

qm_err qm_bulletin_doc_decisions(struct qm_bulletin_doc *d, size_t n)
{
    struct qm_bulletin_decision *decisions = room(d, n, sizeof *decisions);
    if (decisions == NULL)
        return QM_E_NOMEM;
    free(d->decisions);
    d->decisions = decisions;
    d->decisions_n = n;
    return QM_OK;
}

static void add_cell(struct qm_rank_cell *to, const struct qm_rank_cell *c)
{
    to->num += c->num;
    to->den += c->den;
    to->fresh += c->fresh;
    to->refused += c->refused;
    to->late += c->late;
    to->carried += c->carried;
    to->num_before += c->num_before;
    to->den_before += c->den_before;
}

void qm_bulletin_doc_sum(struct qm_bulletin_doc *d)
{
    struct qm_bulletin_row *t = &d->totals;
    memset(t->rank.m, 0, sizeof t->rank.m);
    memset(t->rank.v, 0, sizeof t->rank.v);
    memset(t->beside, 0, sizeof t->beside);
    for (size_t i = 0; i < d->rows_n; i++) {
        const struct qm_bulletin_row *r = &d->rows[i];
        for (size_t m = 0; m < d->rule.metrics_n; m++)
            add_cell(&t->rank.m[m], &r->rank.m[m]);
        for (int k = 0; k < QM_C_COUNT_; k++)
            t->rank.v[k] += r->rank.v[k];
        for (int k = 0; k < QM_BESIDE_COUNT_; k++)
            t->beside[k] += r->beside[k];
    }
}
