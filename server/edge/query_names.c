/* query_names.c - floor 4: which names the query of a request may have; see query_names.h.
 *
 * Happy path: the row of the route is found, and each name of the query stands in it.  Failure
 * mode: none; a route without a row takes no names.
 */
#include "edge/query_names.h"

#include <string.h>

#include "edge/routes.h"

/* Held against the description of the API by a test. */
static const struct {
    const char *method;
    const char *path;
    const char *names;
} rows[] = {
    {"GET", "/v1/changes", "since"},
    {"DELETE", "/v1/session", "all"},
    {"GET", "/v1/coverage", "within level"},
    {"GET", "/v1/trend", "within from until"},
    {"GET", "/v1/pace", "within level"},
    {"GET", "/v1/divisions", "within"},
    {"GET", "/v1/accounts", "within"},
    {"GET", "/v1/names", "within"},
    {"GET", "/v1/phones", "within"},
    {"GET", "/v1/held", "within after limit"},
    {"GET", "/v1/access", "from until account what before limit"},
    {"GET", "/v1/settings/{kind}/versions", "before"},
    {"PUT", "/v1/preferences/{name}", "dry"},
    {"GET", "/v1/duties", "within"},
    {"POST", "/v1/duties", "dry out"},
    {"POST", "/v1/duties/import", "dry out"},
    {"PUT", "/v1/duties/{person}/trained", "dry"},
    {"POST", "/v1/duties/{person}/removed", "dry"},
    {"GET", "/v1/bulletins", "scope limit before"},
    {"GET", "/v1/bulletins/{id}/table", "annex bom"},
    {"GET", "/v1/signoffs", "period scope"},
    {"GET", "/v1/figures", "period"},
    {"POST", "/v1/register/grids", "dry out"},
    {"POST", "/v1/register/accounts", "dry out"},
    {"POST", "/v1/register/households", "dry out"},
    {"POST", "/v1/register/residents", "dry out"},
    {"POST", "/v1/register/claims", "dry out"},
    {"PUT", "/v1/register/households/{id}/status", "dry"},
    {"PUT", "/v1/register/households/{id}/worker", "dry"},
    {"PUT", "/v1/register/households/{id}/grid", "dry"},
    {"PUT", "/v1/register/households/{id}/merged", "dry"},
    {"PUT", "/v1/register/residents/{id}/status", "dry"},
    {"PUT", "/v1/register/residents/{id}/household", "dry"},
    {"POST", "/v1/register/divisions", "dry out"},
    {"PUT", "/v1/register/households/{id}/card", "dry"},
    {"PUT", "/v1/register/residents/{id}/card", "dry"},
    {"POST", "/v1/register/households/{id}/split", "dry"},
    {"POST", "/v1/register/undo", "dry"},
    {"GET", "/v1/proposals", "within after limit"},
    {"POST", "/v1/proposals/accept", "dry"},
    {"POST", "/v1/proposals/decline", "dry"},
    {"POST", "/v1/decisions/in", "dry"},
    {"POST", "/v1/decisions/out", "dry"},
    {"POST", "/v1/accounts/{account}/phone-code", "dry"},
    {"POST", "/v1/accounts/{account}/sign-in-code", "dry"},
    {"POST", "/v1/accounts/{account}/close", "dry"},
    {"POST", "/v1/accounts/{account}/open", "dry"},
    {"PUT", "/v1/accounts/{account}/role", "dry"},
    {"POST", "/v1/phones/{device}/revoke", "dry"},
    {"PUT", "/v1/settings/rule", "dry"},
    {"PUT", "/v1/settings/targets", "dry"},
    {"PUT", "/v1/settings/texts", "dry"},
    {"PUT", "/v1/settings/topics", "dry"},
    {"GET", "/v1/directives", "before"},
    {"GET", "/v1/lists/households", "within after limit bulletin part"},
    {"POST", "/v1/lists/households", "within after limit bulletin part"},
    {"GET", "/v1/lists/residents", "within after limit bulletin part"},
    {"POST", "/v1/lists/residents", "within after limit bulletin part"},
    {"GET", "/v1/lists/visits", "within after limit part"},
};

const char *qm_query_names(const struct qm_route *route)
{
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (strcmp(rows[i].path, route->path) == 0 && strcmp(rows[i].method, route->method) == 0)
            return rows[i].names;
    return "";
}

static bool is_listed(const char *names, const char *name, size_t len)
{
    while (*names != '\0') {
        size_t n = strcspn(names, " ");
        if (n == len && memcmp(names, name, len) == 0)
            return true;
        names += n;
        names += *names == ' ';
    }
    return false;
}

static void copy_shown(char *to, size_t max, const char *name, size_t len)
{
    static const char shown[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-";
    size_t n = len < max ? len : max - 1;
    for (size_t i = 0; i < n; i++)
        to[i] = strchr(shown, name[i]) != NULL ? name[i] : '?';
    to[n] = '\0';
}

bool qm_query_known(const struct qm_route *route, const char *query, char *name, size_t name_max)
{
    const char *names = qm_query_names(route);
    bool strict = strncmp(route->path, "/v1/", 4) == 0;
    for (const char *p = query; strict && *p != '\0'; p += *p == '&') {
        size_t len = strcspn(p, "=&");
        if (strcspn(p, "&") > 0 && !is_listed(names, p, len)) {
            copy_shown(name, name_max, p, len);
            return false;
        }
        p += strcspn(p, "&");
    }
    return true;
}
