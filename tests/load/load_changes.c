/* load_changes - what GET /v1/changes costs: a whole snapshot of an account's grids, and a
 * difference.
 *
 * Happy path: enrols with the code, then ROUNDS times in turn asks for everything and for what came
 * since the cursor of the last whole answer; prints rows, bytes and milliseconds (median, 99th
 * percentile) of both.  A command given with --between runs after the first whole answer, so that
 * the difference has rows. Failure: any answer that is not 200 or has no end row: exit 1.
 *
 *   load_changes --port P --host AUTHORITY --code CODE [--rounds N] [--between COMMAND]
 */
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "wire/reqsig.h"
#include "wirephone.h"

struct asked {
    double *ms;
    size_t bytes, rows;
};

static double now_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static int compare_double(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* The cursor and the count of the last line, {"t":"end",...}. */
static bool read_end(const struct qm_buf *answer, char cursor[512], size_t *rows)
{
    const char *end = answer->p ? strstr((const char *)answer->p, "{\"t\":\"end\"") : NULL;
    const char *c = end ? strstr(end, "\"cursor\":\"") : NULL;
    const char *r = end ? strstr(end, "\"rows\":") : NULL;
    if (!c || !r)
        return false;
    *rows = strtoul(r + 7, NULL, 10);
    return sscanf(c, "\"cursor\":\"%511[^\"]", cursor) == 1;
}

/* since "" asks for everything; cursor gets the answer's. */
static bool ask(struct qm_wirephone *p, int fd, const char *since, char cursor[512], double *ms,
                struct asked *out)
{
    char query[600] = "", target[700], headers[1600];
    char input[QM_REQSIG_HEADER_MAX], signature[128], digest[80];
    struct qm_buf answer;
    if (since[0])
        snprintf(query, sizeof query, "since=%s", since);
    struct qm_reqsig r = {.method = "GET",
                          .authority = p->host,
                          .path = "/v1/changes",
                          .query = query,
                          .created_s = (int64_t)time(NULL)};
    qm_buf_init(&answer, QM_WP_ANSWER_MAX_BYTES);
    bool ok =
        qm_reqsig_sign(&r, &p->vkey, qm_sign_with_seed, p->seed, input, signature, digest) == QM_OK;
    snprintf(target, sizeof target, "/v1/changes%s%s", since[0] ? "?" : "", query);
    snprintf(headers, sizeof headers, "Signature-Input: %s\r\nSignature: %s\r\n", input, signature);
    double t = now_ms();
    int status = ok ? qm_wp_ask(fd, "GET", target, headers, NULL, &answer) : 0;
    *ms = now_ms() - t;
    out->bytes = answer.len;
    ok = status == 200 && read_end(&answer, cursor, &out->rows);
    if (!ok)
        fprintf(stderr, "changes answered %d: %.200s\n", status,
                answer.p ? (const char *)answer.p : "");
    qm_buf_free(&answer);
    return ok;
}

static void report(const char *what, struct asked *a, size_t rounds)
{
    qsort(a->ms, rounds, sizeof *a->ms, compare_double);
    printf("%-12s %6zu rows %8zu bytes   p50 %7.2f ms   p99 %7.2f ms\n", what, a->rows, a->bytes,
           a->ms[rounds / 2], a->ms[rounds * 99 / 100]);
}

static int run(struct qm_wirephone *p, size_t rounds, const char *between)
{
    struct asked whole = {.ms = calloc(rounds, sizeof(double))};
    struct asked part = {.ms = calloc(rounds, sizeof(double))};
    char cursor[512], latest[512];
    double ms;
    int fd = qm_wp_dial(p->port);
    bool ok = whole.ms && part.ms && fd >= 0 && ask(p, fd, "", cursor, &ms, &whole);
    if (ok && between)
        ok = system(between) == 0; // NOLINT(cert-env33-c): the caller's own command
    for (size_t i = 0; ok && i < rounds; i++)
        ok = ask(p, fd, "", latest, &whole.ms[i], &whole) &&
             ask(p, fd, cursor, latest, &part.ms[i], &part);
    if (ok) {
        report("whole", &whole, rounds);
        report("difference", &part, rounds);
    }
    if (fd >= 0)
        close(fd);
    free(whole.ms);
    free(part.ms);
    return ok ? 0 : 1;
}

int main(int argc, char **argv)
{
    struct qm_wirephone p = {.host = "127.0.0.1:8080"};
    const char *code = NULL, *between = NULL;
    size_t rounds = 100;
    for (int i = 1; i + 1 < argc; i += 2) {
        if (strcmp(argv[i], "--port") == 0)
            p.port = (int)strtol(argv[i + 1], NULL, 10);
        else if (strcmp(argv[i], "--host") == 0)
            p.host = argv[i + 1];
        else if (strcmp(argv[i], "--code") == 0)
            code = argv[i + 1];
        else if (strcmp(argv[i], "--rounds") == 0)
            rounds = strtoul(argv[i + 1], NULL, 10);
        else if (strcmp(argv[i], "--between") == 0)
            between = argv[i + 1];
    }
    if (sodium_init() < 0 || p.port == 0 || !code || rounds < 1) {
        fprintf(stderr, "usage: load_changes --port P --host AUTHORITY --code CODE [--rounds N] "
                        "[--between COMMAND]\n");
        return 2;
    }
    return qm_wp_enrol(&p, code) ? run(&p, rounds, between) : 1;
}
