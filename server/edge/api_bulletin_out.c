/* api_bulletin_out.c - floor 4: a bulletin as document, workbook, table, picture, words, and the
 * page for everybody; see api_bulletin.h.
 *
 * Happy path: the whole bulletin from the database -> its writer, in the pool -> the bytes.
 * Failure: as with the other reads; a draft has no public page.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "edge/api_bulletin.h"
#include "edge/bulletin_load.h"
#include "edge/bulletin_out.h"

enum { FILE_NAME_BYTES = 200 };

static void api_page(struct qm_call *c);
static void api_sheet(struct qm_call *c);
static void api_table(struct qm_call *c);
static void api_picture(struct qm_call *c);
static void api_words(struct qm_call *c);
static void api_public_page(struct qm_call *c);
static void api_public_none(struct qm_call *c);

const struct qm_route qm_bulletin_out_routes[] = {
    {"GET", "/v1/bulletins/{id}/page", QM_WHO_TOKEN, QM_BULLETIN_READERS, 0, NULL, 5, api_page},
    {"GET", "/v1/bulletins/{id}/sheet", QM_WHO_TOKEN, QM_BULLETIN_READERS, 0, NULL, 5, api_sheet},
    {"GET", "/v1/bulletins/{id}/table", QM_WHO_TOKEN, QM_BULLETIN_READERS, 0, NULL, 5, api_table},
    {"GET", "/v1/bulletins/{id}/picture", QM_WHO_TOKEN, QM_BULLETIN_READERS, 0, NULL, 5,
     api_picture},
    {"GET", "/v1/bulletins/{id}/words", QM_WHO_TOKEN, QM_BULLETIN_READERS, 0, NULL, 5, api_words},
    {"GET", "/b/{county}/{index}", QM_WHO_ANYONE, 0, 0, NULL, 5, api_public_page},
    {"GET", "/b", QM_WHO_PAGE, 0, 0, NULL, 0, api_public_none},
    {"GET", "/b/", QM_WHO_PAGE, 0, 0, NULL, 0, api_public_none},
    {"GET", "/b/{rest...}", QM_WHO_PAGE, 0, 0, NULL, 0, api_public_none},
};
const size_t qm_bulletin_out_routes_n =
    sizeof qm_bulletin_out_routes / sizeof qm_bulletin_out_routes[0];

enum form { FORM_PAGE, FORM_SHEET, FORM_TABLE, FORM_PICTURE, FORM_WORDS, FORM_PUBLIC };
static const struct {
    const char *media, *ending; /* ending NULL: shown, not stored */
    bool policy;                /* an HTML page with its Content-Security-Policy */
} forms[] = {
    [FORM_PAGE] = {"text/html; charset=utf-8", NULL, true},
    [FORM_SHEET] = {"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "xlsx",
                    false},
    [FORM_TABLE] = {"text/csv; charset=utf-8", "csv", false},
    [FORM_PICTURE] = {"image/svg+xml", "svg", false},
    [FORM_WORDS] = {"text/plain; charset=utf-8", NULL, false},
    [FORM_PUBLIC] = {"text/html; charset=utf-8", NULL, true},
};

struct work {
    struct qm_call *c;
    enum form form;
    bool bom;
    enum qm_bulletin_annex annex;
    struct qm_bulletin *b;
    struct qm_buf out;
    qm_err err;
};

static void work_free(void *s)
{
    struct work *w = s;
    qm_bulletin_free(w->b);
    qm_buf_free(&w->out);
    free(w);
}

static void write_out(void *ctx)
{
    struct work *w = ctx;
    const struct qm_bulletin_doc *d = &w->b->doc;
    switch (w->form) {
    case FORM_PAGE:
        w->err = qm_bulletin_page(d, &w->out);
        break;
    case FORM_SHEET:
        w->err = qm_bulletin_sheet(d, NULL, &w->out);
        break;
    case FORM_TABLE:
        w->err = qm_bulletin_csv(d, w->annex, w->bom, &w->out);
        break;
    case FORM_PICTURE:
        w->err = qm_bulletin_picture(d, &w->out);
        break;
    case FORM_WORDS:
        w->err = qm_bulletin_words(d, &w->out);
        break;
    case FORM_PUBLIC:
        w->err = qm_bulletin_public_page(d, &w->out);
        break;
    }
}

static void on_written(void *ctx)
{
    struct work *w = ctx;
    const struct qm_bulletin_doc *d = &w->b->doc;
    char file[FILE_NAME_BYTES];
    char policy[QM_BULLETIN_CSP_MAX_BYTES];
    const char *headers[9] = {"Cache-Control",
                              w->form == FORM_PUBLIC ? "public, max-age=60" : "private, no-store"};
    size_t n = 2;
    if (w->err != QM_OK) {
        qm_call_problem(w->c, w->err);
        return;
    }
    if (forms[w->form].ending != NULL) {
        snprintf(file, sizeof file, "attachment; filename=\"qiaomen-%s-%s.%s\"", d->scope,
                 d->period, forms[w->form].ending);
        headers[n++] = "Content-Disposition";
        headers[n++] = file;
    }
    if (forms[w->form].policy) {
        qm_bulletin_page_csp(policy);
        headers[n++] = "Content-Security-Policy";
        headers[n++] = policy;
    }
    headers[n++] = "X-Content-Type-Options";
    headers[n] = "nosniff";
    qm_call_reply(w->c, 200, forms[w->form].media, headers, &w->out);
}

static void on_loaded(void *ctx, qm_err err, struct qm_bulletin *b)
{
    struct work *w = ctx;
    struct qm_call *c = w->c;
    w->b = b;
    bool visible =
        err == QM_OK &&
        (w->form == FORM_PUBLIC ? b->doc.published
                                : qm_bulletin_may_see(&c->caller, b->doc.scope, b->doc.published));
    if (err == QM_OK && !visible)
        err = QM_E_NOT_FOUND;
    if (err == QM_OK)
        err = qm_pool_run(c->edge->pool, write_out, on_written, w);
    if (err == QM_E_NOT_FOUND && w->form == FORM_PUBLIC)
        api_public_none(c);
    else if (err != QM_OK)
        qm_call_problem(c, err);
}

/* NULL: answered. */
static struct work *work_new(struct qm_call *c, enum form form)
{
    struct work *w = calloc(1, sizeof *w);
    if (w == NULL) {
        qm_call_problem(c, QM_E_NOMEM);
        return NULL;
    }
    w->c = c;
    w->form = form;
    w->annex = QM_ANNEX_PROGRESS;
    qm_buf_init(&w->out, QM_BULLETIN_OUT_MAX_BYTES);
    c->state = w;
    c->state_free = work_free;
    return w;
}

static void load_draft(struct work *w)
{
    struct qm_call *c = w->c;
    uint8_t draft[QM_ID_BYTES];
    if (qm_uuid_read(c->arg[0], strlen(c->arg[0]), 0, draft) != QM_OK) {
        qm_call_problem(c, QM_E_NOT_FOUND);
        return;
    }
    struct qm_bulletin_wanted wanted = {
        .county = c->caller.county, .draft = draft, .idx = -1, .targets = true};
    qm_bulletin_load(c->edge, &wanted, on_loaded, w);
}

static void answer(struct qm_call *c, enum form form)
{
    struct work *w = work_new(c, form);
    if (w != NULL)
        load_draft(w);
}

static void api_page(struct qm_call *c)
{
    answer(c, FORM_PAGE);
}

static void api_sheet(struct qm_call *c)
{
    answer(c, FORM_SHEET);
}

static void api_picture(struct qm_call *c)
{
    answer(c, FORM_PICTURE);
}

static void api_words(struct qm_call *c)
{
    answer(c, FORM_WORDS);
}

/* ?bom=1: with a byte order mark; ?annex=1..6: which table, the first if it is not given. */
static void api_table(struct qm_call *c)
{
    char t[4];
    int64_t annex = QM_ANNEX_PROGRESS;
    struct work *w = work_new(c, FORM_TABLE);
    if (w == NULL)
        return;
    qm_err err = qm_call_query(c, "annex", t, sizeof t);
    if (err != QM_E_NOT_FOUND &&
        (err != QM_OK || qm_dec_read(t, strlen(t), QM_ANNEX_COUNT_ - 1, &annex) != QM_OK ||
         annex < 1)) {
        qm_call_refuse(c, QM_E_MALFORMED, "附表编号是1到6。", "annex: 1 to 6");
        return;
    }
    err = qm_call_query(c, "bom", t, sizeof t);
    if (err != QM_E_NOT_FOUND && (err != QM_OK || (strcmp(t, "1") != 0 && strcmp(t, "0") != 0))) {
        qm_call_refuse(c, QM_E_MALFORMED, "bom只能是0或1。", "bom: 0 or 1");
        return;
    }
    w->bom = err == QM_OK && t[0] == '1';
    w->annex = (enum qm_bulletin_annex)annex;
    load_draft(w);
}

/* The address was typed, cut off, or scanned badly. */
static void api_public_none(struct qm_call *c)
{
    qm_call_refuse(c, QM_E_NOT_FOUND,
                   "这个地址没有通报:地址可能不全,请重新扫通报上的二维码;还是不行,请问发通报的"
                   "乡镇(街道)办公室。",
                   "There is no bulletin at this address: it may be cut off; scan the code on the "
                   "paper again, or ask the office that published it.");
}

static void api_public_page(struct qm_call *c)
{
    int64_t county = 0, idx = 0;
    struct work *w = work_new(c, FORM_PUBLIC);
    if (w == NULL)
        return;
    if (strlen(c->arg[0]) != 6 || qm_dec_read(c->arg[0], 6, 999999, &county) != QM_OK ||
        qm_dec_read(c->arg[1], strlen(c->arg[1]), QM_INT_MAX, &idx) != QM_OK) {
        api_public_none(c);
        return;
    }
    struct qm_bulletin_wanted wanted = {.county = (int)county, .idx = idx, .targets = true};
    qm_bulletin_load(c->edge, &wanted, on_loaded, w);
}
