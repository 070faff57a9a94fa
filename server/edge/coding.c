/* coding.c - floor 4: see coding.h.
 *
 * Happy path: headers are copied, the body moves into a job, the pool makes the gzip member, done
 * is called with it. Failure: a job that could not make it leaves the body as it was, without a
 * coding.
 */
#include "edge/coding.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "drivers/gzip.h"

struct job {
    struct qm_coding a; /* first: done gets a pointer to it */
    struct qm_buf coded;
    bool smaller;
    char *value[QM_CODING_HEADERS_MAX]; /* owned; a.headers points to them */
    size_t values;
};

/* Does this element of a list ("br;q=0.5") name the coding, with a weight above 0? */
static bool element_takes(const char *e, size_t len, const char *coding)
{
    size_t name = strcspn(e, "; \t,");
    if (name > len || name != strlen(coding) || strncasecmp(e, coding, name) != 0)
        return false;
    for (size_t i = name; i + 1 < len; i++)
        if ((e[i] == 'q' || e[i] == 'Q') && e[i + 1] == '=')
            return strtod(e + i + 2, NULL) > 0;
    return true;
}

bool qm_coding_takes(const char *accepted, const char *coding)
{
    for (const char *p = accepted; p && *p;) {
        p += strspn(p, ", \t");
        size_t len = strcspn(p, ",");
        if (element_takes(p, len, coding))
            return true;
        p += len;
    }
    return false;
}

bool qm_coding_fits(const char *content_type)
{
    static const char *const texts[] = {"application/json", "application/x-ndjson", "text/",
                                        "image/svg+xml"};
    for (size_t i = 0; content_type && i < sizeof texts / sizeof *texts; i++)
        if (strncmp(content_type, texts[i], strlen(texts[i])) == 0)
            return true;
    return false;
}

/* Names are literals everywhere, values may stand on the caller's stack. */
static qm_err headers_copy(struct job *j, const char *const *headers)
{
    for (size_t n = 0; headers && headers[n]; n += 2) {
        if (j->values + 2 > QM_CODING_HEADERS_MAX) /* one more says the coding */
            return QM_E_TOO_LARGE;
        char *value = strdup(headers[n + 1]);
        if (!value)
            return QM_E_NOMEM;
        j->a.headers[n] = headers[n];
        j->a.headers[n + 1] = value;
        j->value[j->values++] = value;
    }
    return QM_OK;
}

void qm_coding_free(struct qm_coding *a)
{
    struct job *j = (struct job *)a;
    for (size_t i = 0; i < j->values; i++)
        free(j->value[i]);
    qm_buf_wipe(&a->body);
    qm_buf_wipe(&j->coded);
    free(j);
}

static void job_work(void *ctx)
{
    struct job *j = ctx;
    j->smaller = qm_gzip(j->a.body.p, j->a.body.len, &j->coded) == QM_OK;
}

static void job_done(void *ctx)
{
    struct job *j = ctx;
    if (j->smaller) {
        static const char *const says[] = {"Content-Encoding", "gzip"};
        memcpy(j->a.headers + 2 * j->values, says, sizeof says);
        struct qm_buf plain = j->a.body;
        j->a.body = j->coded;
        j->coded = plain;
    }
    j->a.done(&j->a);
}

qm_err qm_coding_run(struct qm_pool *pool, const char *content_type, const char *const *headers,
                     struct qm_buf *body, void (*done)(struct qm_coding *a), void *ctx)
{
    struct job *j = calloc(1, sizeof *j);
    if (!j)
        return QM_E_NOMEM;
    j->a.done = done;
    j->a.ctx = ctx;
    j->a.content_type = content_type;
    qm_err err = headers_copy(j, headers);
    j->a.body = *body; /* before the job may run */
    if (err == QM_OK)
        err = qm_pool_run(pool, job_work, job_done, j);
    if (err == QM_OK)
        qm_buf_init(body, body->max_bytes);
    else {
        qm_buf_init(&j->a.body, 0);
        qm_coding_free(&j->a);
    }
    return err;
}
