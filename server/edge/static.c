/* static.c - floor 4: which file answers a path, and how; see static.h.
 *
 * Happy path: look the path up in the sorted list, choose an encoding, compare the tag, answer.
 * Policy: nothing may be loaded but our own files, no script stands in a page, no page is framed,
 * no address is told to others.  Style attributes are allowed, because the component libraries
 * place their pop-ups with them; style elements are not.
 * Failure: a path that is not on the list is 404.
 */
#include "edge/static.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "edge/coding.h"
#include "edge/static_files.h"

static const char policy[] =
    "default-src 'none'; script-src 'self'; style-src 'self'; style-src-attr 'unsafe-inline'; "
    "img-src 'self' data: blob:; font-src 'self' data:; media-src 'self' blob:; "
    "connect-src 'self'; worker-src 'self'; frame-src 'self'; manifest-src 'self'; "
    "object-src 'none'; "
    "base-uri 'none'; form-action 'self'; frame-ancestors 'none'";
/* The camera scans QR codes and photographs papers; nothing else is asked of the device. */
static const char permissions[] =
    "camera=(self), geolocation=(), microphone=(), payment=(), usb=(), serial=(), hid=(), midi=()";
static const char kept[] = "public, max-age=31536000, immutable";
static const char fresh[] = "no-cache";

static const char *const headers_always[][2] = {
    {"Content-Security-Policy", policy},
    {"X-Content-Type-Options", "nosniff"},
    {"Referrer-Policy", "no-referrer"},
    {"Permissions-Policy", permissions},
    {"Cross-Origin-Opener-Policy", "same-origin"},
    {"Cross-Origin-Resource-Policy", "same-origin"},
};

/* ---- headers of the request ---- */

/* RFC 9110 section 13.1.2: a list of tags, weak or strong, or "*". */
static bool knows_tag(const char *list, const char *tag)
{
    size_t tag_len = strlen(tag);
    for (const char *p = list; p && *p;) {
        p += strspn(p, ", \t");
        if (*p == '*')
            return true;
        if (strncmp(p, "W/", 2) == 0)
            p += 2;
        if (*p != '"')
            return false;
        size_t len = strcspn(p + 1, "\"") + 2;
        if (len == tag_len && strncmp(p, tag, len) == 0)
            return true;
        if (strlen(p) < len)
            return false;
        p += len;
    }
    return false;
}

static enum qm_static_coding coding_choose(const struct qm_static_file *f, const char *accepted)
{
    static const struct {
        enum qm_static_coding coding;
        const char *name;
    } best_first[] = {{QM_STATIC_BR, "br"}, {QM_STATIC_GZ, "gzip"}};
    for (size_t i = 0; i < sizeof best_first / sizeof *best_first; i++)
        if (f->form[best_first[i].coding].bytes && qm_coding_takes(accepted, best_first[i].name))
            return best_first[i].coding;
    return QM_STATIC_PLAIN;
}

/* ---- the answer ---- */

static void header_add(struct qm_static_answer *a, const char *name, const char *value)
{
    size_t n = 0;
    while (a->headers[n])
        n += 2;
    if (n + 2 < QM_STATIC_HEADERS_MAX) {
        a->headers[n] = name;
        a->headers[n + 1] = value;
    }
}

static void answer_redirect(struct qm_static_answer *a, const char *to)
{
    a->status = 302;
    header_add(a, "Location", to);
    header_add(a, "Cache-Control", fresh);
}

static void answer_file(struct qm_static_answer *a, const struct qm_static_file *f,
                        const struct qm_static_ask *ask)
{
    enum qm_static_coding coding = coding_choose(f, ask->accept_encoding);
    const struct qm_static_form *form = &f->form[coding];
    a->status = knows_tag(ask->if_none_match, form->tag) ? 304 : 200;
    header_add(a, "ETag", form->tag);
    header_add(a, "Vary", "Accept-Encoding");
    header_add(a, "Cache-Control", f->kept ? kept : fresh);
    for (size_t i = 0; i < sizeof headers_always / sizeof *headers_always; i++)
        header_add(a, headers_always[i][0], headers_always[i][1]);
    if (a->status == 304)
        return;
    if (coding != QM_STATIC_PLAIN)
        header_add(a, "Content-Encoding", coding == QM_STATIC_BR ? "br" : "gzip");
    a->type = f->type;
    a->bytes = form->bytes;
    a->len = form->len;
}

/* A path below an app's base that is no file is a route of the app, except among its assets: a
 * script that is gone must not turn into a page. */
static const struct qm_static_file *page_of(const struct qm_static *s, const char *path)
{
    for (size_t i = 0; i < s->apps; i++) {
        const struct qm_static_app *app = &s->app[i];
        size_t len = strlen(app->base);
        if (strncmp(path, app->base, len) == 0)
            return strncmp(path + len, "assets/", 7) == 0 ? NULL : app->page;
    }
    return NULL;
}

/* "/office" for "/office/". */
static const char *base_without_slash(const struct qm_static *s, const char *path)
{
    size_t len = strlen(path);
    for (size_t i = 0; i < s->apps; i++)
        if (strlen(s->app[i].base) == len + 1 && strncmp(s->app[i].base, path, len) == 0)
            return s->app[i].base;
    return NULL;
}

void qm_static_find(const struct qm_static *s, const struct qm_static_ask *ask,
                    struct qm_static_answer *out)
{
    *out = (struct qm_static_answer){.status = 404};
    if (!s || s->apps == 0)
        return;
    const char *to =
        strcmp(ask->path, "/") == 0 ? s->app[0].base : base_without_slash(s, ask->path);
    if (to) {
        answer_redirect(out, to);
        return;
    }
    const struct qm_static_file *f = qm_static_file_find(s, ask->path);
    if (!f)
        f = page_of(s, ask->path);
    if (f)
        answer_file(out, f, ask);
}

static void static_get(struct qm_call *c)
{
    struct qm_static_ask ask = {.path = qm_http_path(c->req),
                                .accept_encoding = qm_http_header(c->req, "Accept-Encoding"),
                                .if_none_match = qm_http_header(c->req, "If-None-Match")};
    struct qm_static_answer a;
    qm_static_find(c->edge->pages, &ask, &a);
    if (a.status == 404) {
        qm_call_problem(c, QM_E_NOT_FOUND);
        return;
    }
    struct qm_buf body;
    qm_buf_init(&body, QM_STATIC_FILE_MAX_BYTES);
    if (a.len > 0)
        qm_buf_add(&body, a.bytes, a.len);
    qm_call_reply(c, a.status, a.type, a.headers, &body);
    qm_buf_free(&body);
}

/* ---- rows ---- */

#define ROW(path)                                                                                  \
    {                                                                                              \
        "GET", path, QM_WHO_PAGE, 0, 0, NULL, 0, static_get                                        \
    }

const struct qm_route qm_static_routes[] = {
    ROW("/"),       ROW("/favicon.ico"), ROW("/robots.txt"),
    ROW("/office"), ROW("/office/"),     ROW("/office/{rest...}"),
    ROW("/app"),    ROW("/app/"),        ROW("/app/{rest...}"),
    ROW("/r"),      ROW("/r/"),          ROW("/r/{rest...}"),
};
const size_t qm_static_routes_n = sizeof qm_static_routes / sizeof *qm_static_routes;
