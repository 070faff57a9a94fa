/* http_req.c - floor 2: one HTTP request's own copies, and how the edge reads them.
 *
 * Happy path: made when the request line is there, filled by the adapter, read by the edge.
 * Failure modes: no memory: NULL or QM_E_NOMEM, the adapter closes the connection.
 */
#include "drivers/http_private.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* The path of an absolute-form target, http://host/path, which every server takes (RFC
 * 9112, 3.2.2); any other target as it is. */
static const char *origin_form(const char *target)
{
    static const char *const schemes[] = {"http://", "https://"};
    for (size_t i = 0; i < sizeof schemes / sizeof *schemes; i++) {
        size_t len = strlen(schemes[i]);
        size_t host = strncasecmp(target, schemes[i], len) == 0 ? strcspn(target + len, "/?") : 0;
        if (host > 0)
            return target + len + host;
    }
    return target;
}

struct qm_http_req *qm_http_req_new(const char *target)
{
    static uint64_t last_id;
    struct qm_http_req *r = calloc(1, sizeof *r);
    if (r == NULL)
        return NULL;
    const char *origin = origin_form(target);
    const char *root = origin != target && *origin != '/' ? "/" : ""; /* http://host?query */
    if (asprintf(&r->path, "%s%s", root, origin) < 0) {
        free(r);
        return NULL;
    }
    char *mark = strchr(r->path, '?');
    if (mark != NULL)
        *mark = '\0';
    r->query = mark != NULL ? mark + 1 : r->path + strlen(r->path);
    r->id = ++last_id;
    qm_buf_init(&r->headers, SIZE_MAX);
    qm_buf_init(&r->body, 0);
    return r;
}

qm_err qm_http_req_header(struct qm_http_req *r, const char *name, size_t name_len,
                          const char *value, size_t value_len)
{
    while (value_len > 0 && (value[value_len - 1] == ' ' || value[value_len - 1] == '\t'))
        value_len--;
    qm_buf_add(&r->headers, name, name_len);
    qm_buf_add(&r->headers, "", 1);
    qm_buf_add(&r->headers, value, value_len);
    return qm_buf_add(&r->headers, "", 1);
}

void qm_http_req_free(struct qm_http_req *r)
{
    qm_buf_free(&r->headers);
    qm_buf_free(&r->body);
    free(r->path);
    free(r);
}

const char *qm_http_method(const struct qm_http_req *r)
{
    return r->method;
}

const char *qm_http_path(const struct qm_http_req *r)
{
    return r->path;
}

const char *qm_http_query(const struct qm_http_req *r)
{
    return r->query;
}

const char *qm_http_header(const struct qm_http_req *r, const char *name)
{
    const char *s = (const char *)r->headers.p;
    const char *end = s + r->headers.len;
    while (s < end) {
        const char *value = s + strlen(s) + 1;
        if (strcasecmp(s, name) == 0)
            return value;
        s = value + strlen(value) + 1;
    }
    return NULL;
}

const char *qm_http_peer(const struct qm_http_req *r)
{
    return r->peer;
}

uint64_t qm_http_id(const struct qm_http_req *r)
{
    return r->id;
}

const uint8_t *qm_http_body(const struct qm_http_req *r, size_t *len)
{
    *len = r->body.len;
    return r->body.p != NULL ? r->body.p : (const uint8_t *)"";
}
