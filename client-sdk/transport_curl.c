/* transport_curl.c - floor 2: one HTTP exchange with libcurl.  The only file with curl headers.
 *
 * Happy path: an easy handle is kept for its connection; each exchange sets everything anew.
 * qm_transport_curl_fetch does without the memory: the body goes on as it comes.
 * Failure modes: no name, no connection, no TLS: QM_C_OFFLINE, nothing was sent.  Everything that
 * breaks later: QM_C_UNKNOWN_OUTCOME, because the request may have arrived.  An answer above the
 * cap is cut off while it arrives: QM_C_TOO_LARGE.
 * Redirects are never followed: they would carry a signed request to somebody else.
 */
#include "transport_curl.h"

#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "qiaomen/client.h"

enum { CONNECT_MS = 10000, STALL_S = 20 };

struct curl_transport {
    CURL *easy;
    char *ca_file;
};
struct arrival {
    uint8_t *bytes;
    size_t len, max;
    int code;
};

static size_t on_body(char *p, size_t size, size_t n, void *ctx)
{
    struct arrival *a = ctx;
    size_t len = size * n;
    if (len > a->max - a->len) {
        a->code = QM_C_TOO_LARGE;
        return 0;
    }
    uint8_t *more = realloc(a->bytes, a->len + len + 1);
    if (!more) {
        a->code = QM_C_NOMEM;
        return 0;
    }
    a->bytes = more;
    memcpy(more + a->len, p, len);
    a->len += len;
    more[a->len] = 0;
    return len;
}

static struct curl_slist *header_list(const struct qm_http_request *r)
{
    struct curl_slist *list = NULL;
    /* Without this curl waits for "100 Continue" before each body. */
    struct curl_slist *next = curl_slist_append(NULL, "Expect:");
    for (size_t i = 0; next && i < r->headers; i++) {
        list = next;
        next = curl_slist_append(list, r->header[i]);
    }
    if (!next)
        curl_slist_free_all(list);
    return next;
}

static void set_method(CURL *easy, const struct qm_http_request *r)
{
    if (r->body) {
        curl_easy_setopt(easy, CURLOPT_POST, 1L);
        curl_easy_setopt(easy, CURLOPT_POSTFIELDS, r->body);
        curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)r->body_bytes);
        curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, r->method);
    } else {
        curl_easy_setopt(easy, CURLOPT_HTTPGET, 1L);
    }
}

/* What both kinds of exchange have in common. */
struct exchange {
    const char *url, *ca_file; /* ca_file NULL: the system's */
    struct curl_slist *headers;
    size_t (*on_bytes)(char *bytes, size_t size, size_t n, void *ctx);
    void *ctx;
    char *error; /* CURL_ERROR_SIZE bytes */
};

static void set_exchange(CURL *easy, const struct exchange *x)
{
    x->error[0] = 0;
    curl_easy_setopt(easy, CURLOPT_URL, x->url);
    curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(easy, CURLOPT_HTTPHEADER, x->headers);
    curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, (long)CONNECT_MS);
    curl_easy_setopt(easy, CURLOPT_LOW_SPEED_LIMIT, 1L);
    curl_easy_setopt(easy, CURLOPT_LOW_SPEED_TIME, (long)STALL_S);
    curl_easy_setopt(easy, CURLOPT_USERAGENT, "qiaomen/1");
    curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, x->error);
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, x->on_bytes);
    curl_easy_setopt(easy, CURLOPT_WRITEDATA, x->ctx);
    if (x->ca_file)
        curl_easy_setopt(easy, CURLOPT_CAINFO, x->ca_file);
}

/* Why there is no answer.  A certificate has words of its own: no network helps against it. */
static void explain(CURLcode rc, const char *error, char *out, size_t out_bytes)
{
    const char *why = error[0] ? error : curl_easy_strerror(rc);
    bool certificate = rc == CURLE_PEER_FAILED_VERIFICATION || rc == CURLE_SSL_CACERT_BADFILE;
    snprintf(out, out_bytes, "%s%s", certificate ? QM_CERTIFICATE_DETAIL : "", why);
}

static int outcome_of(CURLcode rc, const struct arrival *a)
{
    switch (rc) {
    case CURLE_OK:
        return QM_C_OK;
    case CURLE_WRITE_ERROR:
        return a->code != 0 ? a->code : QM_C_UNKNOWN_OUTCOME;
    case CURLE_UNSUPPORTED_PROTOCOL:
    case CURLE_URL_MALFORMAT:
    case CURLE_COULDNT_RESOLVE_PROXY:
    case CURLE_COULDNT_RESOLVE_HOST:
    case CURLE_COULDNT_CONNECT:
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CACERT_BADFILE:
        return QM_C_OFFLINE;
    case CURLE_OUT_OF_MEMORY:
        return QM_C_NOMEM;
    default:
        return QM_C_UNKNOWN_OUTCOME;
    }
}

static void read_answer(CURL *easy, struct qm_http_answer *answer)
{
    long status = 0;
    char *type = NULL;
    curl_off_t retry = 0;
    struct curl_header *h = NULL;
    curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
    curl_easy_getinfo(easy, CURLINFO_CONTENT_TYPE, &type);
    answer->status = (int)status;
    if (type)
        snprintf(answer->content_type, sizeof answer->content_type, "%s", type);
    if (curl_easy_header(easy, "Retry-After", 0, CURLH_HEADER, -1, &h) == CURLHE_OK &&
        curl_easy_getinfo(easy, CURLINFO_RETRY_AFTER, &retry) == CURLE_OK && retry >= 0)
        answer->retry_after_s = (int64_t)retry;
}

/* HTTP/1 without a length ends where the connection ends, which may be anywhere, also within the
 * header; our server always says a length. */
static bool has_an_end(CURL *easy)
{
    long version = 0;
    struct curl_header *h = NULL;
    curl_easy_getinfo(easy, CURLINFO_HTTP_VERSION, &version);
    if (version != CURL_HTTP_VERSION_1_0 && version != CURL_HTTP_VERSION_1_1)
        return true;
    return curl_easy_header(easy, "Content-Length", 0, CURLH_HEADER, -1, &h) == CURLHE_OK ||
           curl_easy_header(easy, "Transfer-Encoding", 0, CURLH_HEADER, -1, &h) == CURLHE_OK;
}

static int perform(void *ctx, const struct qm_http_request *r, struct qm_http_answer *answer)
{
    struct curl_transport *t = ctx;
    struct arrival a = {.max = r->answer_max_bytes};
    struct curl_slist *headers = header_list(r);
    if (!headers)
        return QM_C_NOMEM;
    char error[CURL_ERROR_SIZE];
    curl_easy_reset(t->easy);
    set_method(t->easy, r);
    set_exchange(t->easy, &(struct exchange){r->url, t->ca_file, headers, on_body, &a, error});
    curl_easy_setopt(t->easy, CURLOPT_TIMEOUT_MS, (long)r->timeout_ms);
    curl_easy_setopt(t->easy, CURLOPT_ACCEPT_ENCODING, "");
    CURLcode rc = curl_easy_perform(t->easy);
    int outcome = outcome_of(rc, &a);
    if (rc != CURLE_OK)
        explain(rc, error, answer->detail, sizeof answer->detail);
    /* The handle outlives the buffer. */
    curl_easy_setopt(t->easy, CURLOPT_ERRORBUFFER, NULL);
    if (outcome == QM_C_OK && !has_an_end(t->easy))
        outcome = QM_C_UNKNOWN_OUTCOME;
    curl_slist_free_all(headers);
    if (outcome != QM_C_OK) {
        free(a.bytes);
        return outcome;
    }
    read_answer(t->easy, answer);
    answer->body = a.bytes;
    answer->body_bytes = a.len;
    return QM_C_OK;
}

static void close_transport(void *ctx)
{
    struct curl_transport *t = ctx;
    curl_easy_cleanup(t->easy);
    free(t->ca_file);
    free(t);
}

int qm_transport_curl_open(const char *ca_file, struct qm_transport *out)
{
    struct curl_transport *t = calloc(1, sizeof *t);
    if (!t)
        return QM_C_NOMEM;
    /* Thread-safe since 7.84, and counted. */
    if (curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK)
        t->easy = curl_easy_init();
    if (t->easy && ca_file)
        t->ca_file = strdup(ca_file);
    if (!t->easy || (ca_file && !t->ca_file)) {
        curl_easy_cleanup(t->easy);
        free(t);
        return QM_C_NOMEM;
    }
    *out = (struct qm_transport){.ctx = t, .perform = perform, .close = close_transport};
    return QM_C_OK;
}

/* ---- an answer that is not kept ---- */

struct passage {
    struct qm_fetch *fetch;
    CURL *easy;
    char error[CURL_ERROR_SIZE];
    int code;
    bool wanted, looked;
};

static bool is_wanted(struct passage *p)
{
    long status = 0;
    char *type = NULL;
    curl_easy_getinfo(p->easy, CURLINFO_RESPONSE_CODE, &status);
    curl_easy_getinfo(p->easy, CURLINFO_CONTENT_TYPE, &type);
    size_t len = strlen(p->fetch->media_type);
    return status == 200 && type && strncasecmp(type, p->fetch->media_type, len) == 0 &&
           (type[len] == 0 || type[len] == ';');
}

static size_t on_part(char *bytes, size_t size, size_t n, void *ctx)
{
    struct passage *p = ctx;
    if (!p->looked) {
        p->looked = true;
        p->wanted = is_wanted(p);
    }
    if (p->wanted)
        p->code = p->fetch->sink(p->fetch->ctx, bytes, size * n);
    return p->code == 0 ? size * n : 0;
}

static struct curl_slist *fetch_headers(const struct qm_fetch *f)
{
    char line[600];
    if (!f->authorization)
        return curl_slist_append(NULL, "Accept: */*");
    int n = snprintf(line, sizeof line, "Authorization: %s", f->authorization);
    return n < (int)sizeof line ? curl_slist_append(NULL, line) : NULL;
}

static int fetch_perform(struct passage *p, int *status)
{
    struct arrival none = {0};
    long code = 0;
    CURLcode rc = curl_easy_perform(p->easy);
    curl_easy_getinfo(p->easy, CURLINFO_RESPONSE_CODE, &code);
    *status = (int)code;
    if (p->code != 0)
        return p->code;
    int outcome = outcome_of(rc, &none);
    if (rc != CURLE_OK)
        explain(rc, p->error, p->fetch->detail, sizeof p->fetch->detail);
    if (outcome == QM_C_OK && !has_an_end(p->easy))
        outcome = QM_C_UNKNOWN_OUTCOME;
    if (outcome == QM_C_OK && *status == 200 && !p->wanted)
        *status = 0; /* an answer, but not of our server */
    return outcome;
}

int qm_transport_curl_fetch(struct qm_fetch *f, int *status)
{
    struct passage p = {.fetch = f};
    *status = 0;
    f->detail[0] = 0;
    struct curl_slist *headers = fetch_headers(f);
    if (headers && curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK)
        p.easy = curl_easy_init();
    int rc = QM_C_NOMEM;
    if (p.easy) {
        curl_easy_setopt(p.easy, CURLOPT_HTTPGET, 1L);
        set_exchange(p.easy, &(struct exchange){f->url, f->ca_file, headers, on_part, &p, p.error});
        rc = fetch_perform(&p, status);
    }
    curl_easy_cleanup(p.easy);
    curl_slist_free_all(headers);
    return rc;
}
