/* routes.c - floor 4: from a request to its handler; see routes.h.
 *
 * Happy path: at the headers the row gives the limits and the address is charged; with the whole
 * body the call is made, its caller is found out, and the row's handler runs.
 * Failure: unknown paths, wrong methods and media types, and spent budgets are refused at the
 * headers, so that their bodies are not read.
 */
#include "edge/routes.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/metrics.h"
#include "edge/api_bulletin.h"
#include "edge/api_card.h"
#include "edge/api_device.h"
#include "edge/api_directive.h"
#include "edge/api_lists.h"
#include "edge/api_log.h"
#include "edge/api_office.h"
#include "edge/api_people.h"
#include "edge/api_proposals.h"
#include "edge/api_public.h"
#include "edge/api_register.h"
#include "edge/api_session.h"
#include "edge/api_settings.h"
#include "edge/api_sync.h"
#include "edge/api_trend.h"
#include "edge/api_visits.h"
#include "edge/auth.h"
#include "edge/bulletin_html.h"
#include "edge/limit.h"
#include "edge/problem.h"
#include "edge/problem_page.h"
#include "edge/query_names.h"
#include "edge/route_words.h"
#include "edge/static.h"

/* ---- the table ---- */

#define JSON "application/json"
enum { AUDITORS = QM_ROLE_AUDITOR | QM_ROLE_ADMIN };

static const struct qm_route routes[] = {
    {"GET", "/healthz", QM_WHO_ANYONE, 0, 0, NULL, 0, qm_api_healthz},
    {"GET", "/readyz", QM_WHO_ANYONE, 0, 0, NULL, 0, qm_api_readyz},
    {"GET", "/metrics", QM_WHO_LOCAL, 0, 0, NULL, 0, qm_api_metrics},
    {"GET", "/v1/openapi.json", QM_WHO_ANYONE, 0, 0, NULL, 1, qm_api_openapi},
    {"POST", "/v1/sync", QM_WHO_BODY, 0, 1048576, "application/vnd.qiaomen.batch.v1", 1,
     qm_api_sync},
    {"POST", "/v1/devices", QM_WHO_BODY, 0, 8192, JSON, 10, qm_api_enrol},
    {"POST", "/v1/devices/rotate", QM_WHO_BODY, 0, 8192, JSON, 10, qm_api_rotate},
    {"GET", "/v1/changes", QM_WHO_DEVICE, 0, 0, NULL, 2, qm_api_changes},
    {"PUT", "/v1/blobs/{sha256}", QM_WHO_DEVICE, 0, 1048576, NULL, 1, qm_api_blob},
    {"POST", "/v1/receipt", QM_WHO_BODY, 0, 2048, JSON, 10, qm_api_receipt},
    {"GET", "/v1/log/{log}/checkpoint", QM_WHO_ANYONE, 0, 0, NULL, 1, qm_api_checkpoint},
    {"GET", "/v1/log/{log}/tile/entries/{tile...}", QM_WHO_TOKEN, AUDITORS, 0, NULL, 1,
     qm_api_entries},
    {"GET", "/v1/log/{log}/tile/{level}/{tile...}", QM_WHO_ANYONE, 0, 0, NULL, 1, qm_api_tile},
    {"GET", "/v1/log/{log}/object/{sha256}", QM_WHO_ANYONE, 0, 0, NULL, 1, qm_api_object},
    {"GET", "/v1/log/{log}/batch/{index}", QM_WHO_TOKEN, AUDITORS, 0, NULL, 1, qm_api_batch},
};
/* The rows of this floor's other files, one group a line; static files come last. */
static const struct {
    const struct qm_route *rows;
    const size_t *n;
} groups[] = {
    {qm_session_routes, &qm_session_routes_n},
    {qm_office_routes, &qm_office_routes_n},
    {qm_list_routes, &qm_list_routes_n},
    {qm_visit_routes, &qm_visit_routes_n},
    {qm_people_routes, &qm_people_routes_n},
    {qm_settings_routes, &qm_settings_routes_n},
    {qm_card_routes, &qm_card_routes_n},
    {qm_register_routes, &qm_register_routes_n},
    {qm_proposal_routes, &qm_proposal_routes_n},
    {qm_directive_routes, &qm_directive_routes_n},
    {qm_trend_routes, &qm_trend_routes_n},
    {qm_export_routes, &qm_export_routes_n},
    {qm_bulletin_routes, &qm_bulletin_routes_n},
    {qm_bulletin_out_routes, &qm_bulletin_out_routes_n},
    {qm_week_routes, &qm_week_routes_n},
    {qm_static_routes, &qm_static_routes_n},
};

const struct qm_route *qm_route_at(size_t i)
{
    if (i < sizeof routes / sizeof *routes)
        return &routes[i];
    i -= sizeof routes / sizeof *routes;
    for (size_t g = 0; g < sizeof groups / sizeof *groups; g++) {
        if (i < *groups[g].n)
            return &groups[g].rows[i];
        i -= *groups[g].n;
    }
    return NULL;
}

/* ---- matching ---- */

struct args {
    char (*arg)[QM_CALL_ARG_MAX_BYTES + 1];
    size_t n;
};

static bool arg_take(struct args *a, const char *text, size_t len)
{
    if (len == 0 || len > QM_CALL_ARG_MAX_BYTES || a->n == QM_CALL_ARGS_MAX)
        return false;
    if (a->arg) {
        memcpy(a->arg[a->n], text, len);
        a->arg[a->n][len] = 0;
    }
    a->n++;
    return true;
}

static bool path_fits(const char *pattern, const char *path, struct args *a)
{
    a->n = 0;
    while (*pattern && *path) {
        if (*pattern != '{') {
            if (*pattern++ != *path++)
                return false;
            continue;
        }
        const char *close = strchr(pattern, '}');
        bool rest = close - pattern > 3 && strncmp(close - 3, "...", 3) == 0;
        size_t len = rest ? strlen(path) : strcspn(path, "/");
        if (!arg_take(a, path, len))
            return false;
        path += len;
        pattern = close + 1;
    }
    return *pattern == 0 && *path == 0;
}

qm_err qm_route_find(const char *method, const char *path, const struct qm_route **out,
                     char arg[QM_CALL_ARGS_MAX][QM_CALL_ARG_MAX_BYTES + 1], size_t *args)
{
    struct args a = {.arg = arg};
    bool other_method = false;
    const struct qm_route *r;
    for (size_t i = 0; (r = qm_route_at(i)) != NULL; i++) {
        if (!path_fits(r->path, path, &a))
            continue;
        if (strcmp(r->method, method) == 0) {
            *out = r;
            if (args)
                *args = a.n;
            return QM_OK;
        }
        other_method = true;
    }
    return other_method ? QM_E_METHOD : QM_E_NOT_FOUND;
}

/* ---- at the headers ---- */

static bool media_fits(const char *wanted, const char *given)
{
    if (!wanted)
        return true;
    if (!given)
        return false;
    size_t len = strcspn(given, "; \t");
    return len == strlen(wanted) && strncasecmp(given, wanted, len) == 0;
}

static qm_err address_charge(const struct qm_edge *edge, const struct qm_http_req *req, double cost,
                             uint32_t *retry_after_s)
{
    return qm_address_take(edge->limit->addresses, qm_http_peer(req),
                           (double)edge->config->address_per_minute, cost, qm_clock_mono_ns(),
                           retry_after_s);
}

/* A first visit loads dozens of files, and a whole village office may share one address. */
static double cost_of(const struct qm_route *route)
{
    return route->who == QM_WHO_PAGE ? 0.1 : route->cost;
}

static bool has_body(const struct qm_http_req *req)
{
    const char *length = qm_http_header(req, "Content-Length");
    return (length && strcmp(length, "0") != 0) || qm_http_header(req, "Transfer-Encoding");
}

static bool page_wanted(const struct qm_http_req *req)
{
    return qm_problem_page_wanted(qm_http_path(req), qm_http_header(req, "Accept"));
}

/* out: zeros. */
static void allow_write(const char *path, char out[QM_HTTP_ALLOW_BYTES])
{
    struct args a = {0};
    const struct qm_route *r;
    size_t used = 0;
    for (size_t i = 0; (r = qm_route_at(i)) != NULL; i++) {
        const char *head = strcmp(r->method, "GET") == 0 ? ", HEAD" : "";
        bool fresh = path_fits(r->path, path, &a) && strstr(out, r->method) == NULL;
        if (fresh && used < QM_HTTP_ALLOW_BYTES)
            used += (size_t)snprintf(out + used, QM_HTTP_ALLOW_BYTES - used, "%s%s%s",
                                     used > 0 ? ", " : "", r->method, head);
    }
}

static struct qm_http_limits on_headers(void *ctx, struct qm_http_req *req)
{
    const struct qm_edge *edge = ctx;
    const struct qm_route *route = NULL;
    struct qm_http_limits limits = {0};
    qm_err e = qm_route_find(qm_http_method(req), qm_http_path(req), &route, NULL, NULL);
    double cost = route ? cost_of(route) : 1;
    if (cost > 0)
        limits.refuse = address_charge(edge, req, cost, &limits.retry_after_s);
    if (limits.refuse != QM_OK)
        return limits;
    if (e == QM_E_NOT_FOUND && !has_body(req) && page_wanted(req))
        return limits; /* answered with a page, once it is complete */
    if (e == QM_E_METHOD)
        allow_write(qm_http_path(req), limits.allow);
    limits.refuse = e;
    if (e != QM_OK || !route)
        return limits;
    limits.body_max_bytes = route->body_max_bytes;
    limits.needs_length = route->body_max_bytes > 0;
    if (!media_fits(route->media, qm_http_header(req, "Content-Type")))
        limits.refuse = QM_E_MEDIA_TYPE;
    return limits;
}

/* ---- with the whole request ---- */

static void write_problem(void *ctx, struct qm_http_req *req, qm_err err, struct qm_buf *body)
{
    (void)ctx;
    const char *lang = qm_problem_lang(req ? qm_http_header(req, "Accept-Language") : NULL);
    const struct qm_route *route = NULL;
    char words[QM_ROUTE_WORDS_BYTES];
    if (req != NULL)
        (void)qm_route_find(qm_http_method(req), qm_http_path(req), &route, NULL, NULL);
    qm_problem_write(err, lang, qm_route_words(route, err, lang, words), qm_clock_ms(), body);
}

/* Where there is no memory for a call. */
static void refuse(struct qm_http_req *req, qm_err err)
{
    struct qm_buf body;
    qm_buf_init(&body, 4096);
    write_problem(NULL, req, err, &body);
    qm_metric_add(QM_M_HTTP_REQUESTS, 1);
    qm_http_reply(req, qm_err_http(qm_problem_public(err)), QM_MEDIA_PROBLEM, NULL, &body);
    qm_buf_free(&body);
}

/* No route, asked for by a browser: a page that says where to go. */
static void refuse_page(struct qm_http_req *req, qm_err err)
{
    const char *lang = qm_problem_lang(qm_http_header(req, "Accept-Language"));
    char policy[QM_BULLETIN_CSP_MAX_BYTES];
    struct qm_buf body;
    qm_bulletin_page_csp(policy);
    const char *headers[] = {
        "Cache-Control", "no-store", "Content-Language", lang, "Content-Security-Policy",
        policy,          NULL};
    qm_buf_init(&body, QM_PROBLEM_PAGE_MAX_BYTES);
    (void)qm_problem_page_write(err, lang, NULL, &body); /* a failure stays in the buffer */
    qm_metric_add(QM_M_HTTP_REQUESTS, 1);
    qm_http_reply(req, qm_err_http(err), "text/html; charset=utf-8", headers, &body);
    qm_buf_free(&body);
}

static bool is_local(const char *peer)
{
    return strncmp(peer, "127.", 4) == 0 || strcmp(peer, "::1") == 0 ||
           strncmp(peer, "unix", 4) == 0;
}

/* What a proxy on this machine hands on comes from loopback too, and is somebody else's. */
static bool comes_from_here(const struct qm_http_req *req)
{
    return is_local(qm_http_peer(req)) && qm_http_header(req, "X-Forwarded-For") == NULL;
}

/* Behind a proxy that is not trusted everybody is one address with one budget. */
static void warn_of_proxy(const struct qm_edge *edge, const struct qm_http_req *req)
{
    static bool warned;
    if (warned || edge->config->trust_forwarded || !is_local(qm_http_peer(req)) ||
        qm_http_header(req, "X-Forwarded-For") == NULL)
        return;
    warned = true;
    qm_log(QM_LOG_WARN, "proxy-not-trusted", "todo",
           QM_LS("set trust_forwarded = yes if a proxy on this machine stands in front: until then "
                 "all clients share one address and its budget"),
           NULL);
}

static void call_handle(struct qm_call *c)
{
    char name[41];
    if (qm_query_known(c->route, qm_http_query(c->req), name, sizeof name))
        c->route->handle(c);
    else
        qm_call_refuse(c, QM_E_MALFORMED, "%s:这个地址没有这个参数,请核对拼写。",
                       "%s: this address has no such parameter; check how it is spelt", name);
}

static void on_request(void *ctx, struct qm_http_req *req)
{
    struct qm_edge *edge = ctx;
    struct qm_call *c = calloc(1, sizeof *c);
    if (!c) {
        refuse(req, QM_E_OVERLOAD);
        return;
    }
    qm_err e = qm_route_find(qm_http_method(req), qm_http_path(req), &c->route, c->arg, &c->args);
    if (e != QM_OK) {
        free(c);
        refuse_page(req, e); /* all else was refused at the headers */
        return;
    }
    warn_of_proxy(edge, req);
    c->edge = edge;
    edge->open_calls++;
    c->req = req;
    c->began_ns = qm_clock_mono_ns();
    if (c->route->who == QM_WHO_LOCAL && !edge->config->metrics_public && !comes_from_here(req))
        qm_call_problem(c, QM_E_FORBIDDEN);
    else if (edge->host[0] == 0 && c->route->cost > 0)
        qm_call_problem(c, QM_E_OVERLOAD); /* names cannot be checked yet */
    else
        qm_auth_run(c, call_handle);
}

struct qm_http_handlers qm_routes_handlers(struct qm_edge *edge)
{
    return (struct qm_http_handlers){
        .ctx = edge, .on_headers = on_headers, .on_request = on_request, .problem = write_problem};
}
