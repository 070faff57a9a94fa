/* call.c - floor 4: answering a call; see call.h.
 *
 * Happy path: the handler's buffer goes to the driver, the call is counted and freed; a stream's
 * call when the stream ends.
 * Failure: an answer that could not be built for want of memory becomes a 500 without a body.
 */
#include "edge/call.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/metrics.h"
#include "domain/answer.h"
#include "edge/bulletin_out.h"
#include "edge/coding.h"
#include "edge/problem.h"
#include "edge/problem_page.h"
#include "edge/route_words.h"
#include "edge/routes.h"
#include "wire/codec.h"

enum {
    PROBLEM_MAX_BYTES = 8192,
    SENTENCE_MAX_BYTES = 2048, /* of a problem, where it may be escaped */
    CODING_LEAST_BYTES = 1400  /* a packet */
};

/* stream: how a streamed answer ended; NULL for others. */
static void call_end(struct qm_call *c, int status, const char *stream)
{
    uint64_t took_ns = qm_clock_mono_ns() - c->began_ns;
    c->edge->open_calls--;
    qm_metric_add(QM_M_HTTP_REQUESTS, 1);
    qm_histogram_add(QM_H_HTTP_SECONDS, (double)took_ns / 1e9);
    enum qm_log_level level = status >= 500        ? QM_LOG_WARN
                              : c->route->cost > 0 ? QM_LOG_INFO
                                                   : QM_LOG_DEBUG; /* probes */
    qm_log(level, "request", "id", QM_LI(qm_http_id(c->req)), "method", QM_LS(c->route->method),
           "route", QM_LS(c->route->path), "status", QM_LI(status), "county",
           QM_LI(c->caller.county), "us", QM_LI(took_ns / 1000), stream != NULL ? "stream" : NULL,
           QM_LS(stream), NULL);
}

static void call_free(struct qm_call *c)
{
    if (c->state_free)
        c->state_free(c->state);
    free(c);
}

static void reply_now(struct qm_call *c, int status, const char *content_type,
                      const char *const *headers, struct qm_buf *body)
{
    call_end(c, status, NULL);
    qm_http_reply(c->req, status, content_type, headers, body);
    qm_buf_free(body);
    call_free(c);
}

static void on_coded(struct qm_coding *a)
{
    reply_now(a->ctx, 200, a->content_type, a->headers, &a->body);
    qm_coding_free(a);
}

/* Text that was asked for with GET goes out compressed to those who take it.  Not what was posted:
 * a one-time code never stands beside anything that changes its length. */
static bool may_be_coded(const struct qm_call *c, int status, const char *content_type,
                         const struct qm_buf *body)
{
    return status == 200 && c->route->who != QM_WHO_PAGE &&
           strcmp(qm_http_method(c->req), "GET") == 0 && body->len >= CODING_LEAST_BYTES &&
           qm_coding_fits(content_type);
}

static bool takes_gzip(const struct qm_call *c)
{
    return qm_coding_takes(qm_http_header(c->req, "Accept-Encoding"), "gzip");
}

/* The headers and, whichever form goes out, what chose it (RFC 9110 section 12.5.5): a cache must
 * not hand one caller's form to another.  False: no room. */
static bool vary_add(const char *const *headers, const char *out[2 * QM_CODING_HEADERS_MAX + 1])
{
    size_t n = 0;
    for (; headers && headers[n]; n++) {
        if (n + 3 > 2 * (size_t)QM_CODING_HEADERS_MAX)
            return false;
        out[n] = headers[n];
    }
    out[n++] = "Vary";
    out[n++] = "Accept-Encoding";
    out[n] = NULL;
    return true;
}

void qm_call_reply(struct qm_call *c, int status, const char *content_type,
                   const char *const *headers, struct qm_buf *body)
{
    if (body->err != QM_OK) {
        qm_log(QM_LOG_ERROR, "answer-not-built", "id", QM_LI(qm_http_id(c->req)), "route",
               QM_LS(c->route->path), "why", QM_LS(qm_err_name(body->err)), NULL);
        qm_buf_free(body);
        qm_buf_init(body, PROBLEM_MAX_BYTES);
        status = 500;
        headers = NULL;
        content_type = QM_MEDIA_PROBLEM;
        qm_problem_write(QM_E_INTERNAL, "en", NULL, qm_clock_ms(), body);
    }
    const char *varies[2 * QM_CODING_HEADERS_MAX + 1];
    bool coded = may_be_coded(c, status, content_type, body);
    if ((coded || status == 304) && vary_add(headers, varies)) /* 304: as its 200 (15.4.5) */
        headers = varies;
    if (!coded || !takes_gzip(c) ||
        qm_coding_run(c->edge->pool, content_type, headers, body, on_coded, c) != QM_OK)
        reply_now(c, status, content_type, headers, body);
}

static void on_wanted(void *ctx)
{
    struct qm_call *c = ctx;
    c->stream_wanted(c);
}

static void on_gone(void *ctx)
{
    struct qm_call *c = ctx;
    c->stream_left = true;
    c->stream_gone(c);
}

qm_err qm_call_stream(struct qm_call *c, int status, const char *content_type,
                      const char *const *headers, void (*wanted)(struct qm_call *c),
                      void (*gone)(struct qm_call *c))
{
    c->stream_status = status;
    c->stream_wanted = wanted;
    c->stream_gone = gone;
    return qm_http_stream_open(c->req, status, content_type, headers, on_wanted, on_gone, c,
                               &c->stream);
}

void qm_call_stream_write(struct qm_call *c, struct qm_buf *bytes)
{
    qm_http_stream_write(c->stream, bytes);
}

void qm_call_stream_end(struct qm_call *c, bool complete)
{
    call_end(c, c->stream_status, c->stream_left ? "left" : complete ? "complete" : "cut");
    qm_http_stream_end(c->stream, complete);
    call_free(c);
}

void qm_call_json(struct qm_call *c, struct qm_buf *body)
{
    static const char *const headers[] = {"Cache-Control", "no-store", NULL};
    qm_call_reply(c, 200, "application/json", headers, body);
}

static const char *language(const struct qm_call *c)
{
    return qm_problem_lang(qm_http_header(c->req, "Accept-Language"));
}

/* What the address takes (RFC 9110 section 15.5.2): that of the session, to which people sign in
 * with a password, takes a token.  One that is open to anyone asks for one only where a bad one
 * came. */
static const char *challenge(const struct qm_route *route)
{
    return qm_route_is_of_phones(route) ? "Signature" : "Bearer";
}

static void problem(struct qm_call *c, qm_err err, uint32_t retry_after_s, const char *detail)
{
    const char *lang = language(c);
    bool page = qm_problem_page_wanted(qm_http_path(c->req), qm_http_header(c->req, "Accept"));
    char words[QM_ROUTE_WORDS_BYTES];
    char policy[QM_BULLETIN_CSP_MAX_BYTES];
    char seconds[16];
    struct qm_buf body;
    if (detail == NULL)
        detail = qm_route_words(c->route, err, lang, words);
    const char *headers[] = {
        "Cache-Control", "no-store", "Content-Language", lang, NULL, NULL, NULL, NULL, NULL};
    size_t n = 4;
    int status = qm_err_http(qm_problem_public(err));
    if (retry_after_s > 0) {
        snprintf(seconds, sizeof seconds, "%u", retry_after_s);
        headers[n++] = "Retry-After";
        headers[n++] = seconds;
    } else if (status == 401) {
        headers[n++] = "WWW-Authenticate";
        headers[n++] = challenge(c->route);
    }
    if (page) {
        qm_bulletin_page_csp(policy);
        headers[n++] = "Content-Security-Policy";
        headers[n++] = policy;
        qm_buf_init(&body, QM_PROBLEM_PAGE_MAX_BYTES);
        (void)qm_problem_page_write(err, lang, detail, &body); /* a failure stays in the buffer */
    } else {
        qm_buf_init(&body, PROBLEM_MAX_BYTES);
        qm_problem_write(err, lang, detail, qm_clock_ms(), &body);
    }
    qm_call_reply(c, status, page ? "text/html; charset=utf-8" : QM_MEDIA_PROBLEM, headers, &body);
}

void qm_call_problem_after(struct qm_call *c, qm_err err, uint32_t retry_after_s)
{
    problem(c, err, retry_after_s, NULL);
}

void qm_call_problem(struct qm_call *c, qm_err err)
{
    problem(c, err, qm_problem_retry_after_s(err), NULL);
}

/* As much of the sentence as fits, and no half of a character. */
static void sentence_cut(char *text, size_t max, int wanted)
{
    size_t len = wanted < 0 ? 0 : (size_t)wanted < max ? (size_t)wanted : max - 1;
    while (len > 0 && !qm_utf8_ok(text, len))
        len--;
    text[len] = '\0';
}

void qm_call_refuse(struct qm_call *c, qm_err err, const char *zh, const char *en, ...)
{
    char text[SENTENCE_MAX_BYTES];
    va_list args;
    va_start(args, en);
    int n = vsnprintf(text, sizeof text, strcmp(language(c), "zh") == 0 ? zh : en, args);
    va_end(args);
    sentence_cut(text, sizeof text, n);
    problem(c, err, qm_problem_retry_after_s(err), text);
}

void qm_call_problem_pg(struct qm_call *c, const struct qm_pg_answer *a)
{
    qm_call_problem(c, qm_answer_err(a, c->route->path));
}

static int hex_value(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

static qm_err percent_decode(const char *t, size_t len, char *out, size_t out_max)
{
    size_t n = 0;
    for (size_t i = 0; i < len; i++) {
        char c = t[i] == '+' ? ' ' : t[i];
        if (c == '%') {
            if (i + 2 >= len || hex_value(t[i + 1]) < 0 || hex_value(t[i + 2]) < 0)
                return QM_E_MALFORMED;
            c = (char)(hex_value(t[i + 1]) * 16 + hex_value(t[i + 2]));
            i += 2;
        }
        if (c == 0 || n + 1 >= out_max)
            return QM_E_MALFORMED;
        out[n++] = c;
    }
    out[n] = 0;
    return QM_OK;
}

qm_err qm_call_query(const struct qm_call *c, const char *name, char *out, size_t out_max)
{
    const char *p = qm_http_query(c->req);
    size_t name_len = strlen(name);
    bool found = false;
    while (p && *p) {
        size_t len = strcspn(p, "&");
        if (len >= name_len && strncmp(p, name, name_len) == 0 &&
            (len == name_len || p[name_len] == '=')) {
            size_t skip = len == name_len ? name_len : name_len + 1;
            if (found || percent_decode(p + skip, len - skip, out, out_max) != QM_OK)
                return QM_E_MALFORMED;
            found = true;
        }
        p += len;
        p += *p == '&';
    }
    return found ? QM_OK : QM_E_NOT_FOUND;
}
