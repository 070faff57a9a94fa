/* load_sync - many phones that send ready-made batches, as fast as the server takes them or at a
 * rate.
 *
 * Happy path: every phone enrols with a code, makes and signs all its batches, waits for the
 * others, then posts them one after another on a connection of its own; afterwards every answer is
 * read: receipt verified, verdicts counted.  Prints one JSON object with events, seconds,
 * events_per_second and the latencies.  Making and checking are outside the measured time. Failure:
 * any answer that is not 200, any receipt that does not verify: exit 1 with a line on stderr.
 *
 *   load_sync --port P --host AUTHORITY --codes FILE --homes FILE --phones N --batches N --size N
 *             [--rate N]
 *
 * With --rate all phones together offer so many events per second: each batch has a time at which
 * it is due, and its latency counts from there, also when the one before was answered late.
 * FILE of codes: one enrolment code a line.  FILE of homes: "<grid> <household> <resident>" a line.
 */
#include <pthread.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "wire/batch.h"
#include "wire/event.h"
#include "wire/receipt.h"
#include "wirephone.h"

enum { ANSWER_MAX_BYTES = 262144, HOMES_MAX = 200000 };

struct home {
    int64_t grid;
    uint8_t household[QM_ID_BYTES], resident[QM_ID_BYTES];
};

struct options {
    int port, phones, batches, size, rate;
    const char *host, *codes, *homes;
};

struct phone {
    pthread_t thread;
    const struct options *opt;
    int nth;
    pthread_barrier_t *start; /* passed twice: all have made their batches, all have sent them */
    char code[128];
    struct qm_wirephone wp;
    struct home *homes; /* of this phone's grids */
    size_t homes_n;
    int64_t seq, at_ms;
    struct qm_buf *bodies, *answers;
    double *latency_ms;
    double began, ended;
    size_t accepted, other;
    bool failed;
};

static double mono_s(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static int64_t wall_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_REALTIME, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* Half of the events carry a P: pledges, app attestations and every other visit. */
static bool make_event(struct phone *p, size_t nth, struct qm_buf *e, struct qm_buf *pr)
{
    const struct home *h = &p->homes[(nth / 5) % p->homes_n];
    struct qm_event ev = {.seq = ++p->seq,
                          .at_ms = ++p->at_ms,
                          .grid = h->grid,
                          .has_household = true,
                          .via = QM_DOOR};
    struct qm_private pv = {.phone = (char *)"10000000001", .met = (char *)"load"};

    qm_uuid7(ev.id, ev.at_ms);
    memcpy(ev.household, h->household, QM_ID_BYTES);
    memcpy(ev.resident, h->resident, QM_ID_BYTES);
    switch (nth % 5) {
    case 0:
        ev.kind = QM_VISIT;
        ev.code = QM_MET;
        ev.near = QM_NEAR_YES;
        ev.secs = 300;
        ev.topics = 2;
        strcpy(ev.topic[0], "order-brushing");
        strcpy(ev.topic[1], "fake-service");
        ev.has_p = (nth / 5) % 2 == 0;
        break;
    case 1:
        ev.kind = QM_NOTICE;
        ev.code = QM_NOTICE_SIGNED;
        strcpy(ev.text, "notice-2026-1");
        break;
    case 2:
        ev.kind = QM_PLEDGE;
        ev.code = QM_PLEDGE_LATER;
        ev.has_resident = true;
        strcpy(ev.text, "pledge-2026-1");
        ev.has_p = true;
        break;
    case 3:
        ev.kind = QM_APP;
        ev.code = QM_APP_INSTALLED;
        ev.alerts = QM_ALERT_REAL_NAME | QM_ALERT_CALL | QM_ALERT_SMS;
        ev.has_resident = true;
        ev.has_p = true;
        break;
    default:
        ev.kind = QM_VISIT;
        ev.code = QM_ABSENT;
        ev.near = QM_NEAR_UNKNOWN;
        break;
    }
    if (ev.has_p) {
        if (qm_private_write(&pv, pr) != QM_OK)
            return false;
        qm_sha256(pr->p, pr->len, &ev.p);
    }
    return qm_event_write(&ev, e) == QM_OK;
}

static bool make_batch(struct phone *p, int b, struct qm_buf *body)
{
    int n = p->opt->size;
    struct qm_batch_item *items = calloc((size_t)n, sizeof *items);
    struct qm_buf *e = calloc((size_t)n, sizeof *e), *pr = calloc((size_t)n, sizeof *pr);
    uint8_t batch[QM_ID_BYTES];
    bool ok = items && e && pr;

    for (int i = 0; ok && i < n; i++) {
        qm_buf_init(&e[i], QM_E_MAX_BYTES);
        qm_buf_init(&pr[i], QM_P_MAX_BYTES);
        ok = make_event(p, (size_t)b * (size_t)n + (size_t)i, &e[i], &pr[i]);
        items[i] = (struct qm_batch_item){(const char *)e[i].p, e[i].len, (const char *)pr[i].p,
                                          pr[i].len};
    }
    qm_uuid7(batch, p->at_ms);
    qm_buf_init(body, QM_BATCH_MAX_BYTES);
    ok = ok && qm_batch_write(p->opt->host, p->wp.device, batch, &p->wp.vkey, qm_sign_with_seed,
                              p->wp.seed, items, (size_t)n, body) == QM_OK;
    for (int i = 0; e && pr && i < n; i++) {
        qm_buf_free(&e[i]);
        qm_buf_free(&pr[i]);
    }
    free(items);
    free(e);
    free(pr);
    return ok;
}

/* When batch b of this phone is due, and waits for it; without a rate it is due now. */
static double due_s(const struct phone *p, int b)
{
    if (p->opt->rate == 0)
        return mono_s();
    double nth = (double)b * p->opt->phones + p->nth;
    double due = p->began + nth * p->opt->size / p->opt->rate, left = due - mono_s();
    if (left > 0)
        usleep((useconds_t)(left * 1e6));
    return due;
}

static void send_batches(struct phone *p)
{
    int fd = qm_wp_dial(p->opt->port);
    if (fd < 0)
        p->failed = true;
    p->began = mono_s();
    for (int b = 0; !p->failed && b < p->opt->batches; b++) {
        double t = due_s(p, b);
        int status = 0;
        for (int tries = 0; tries < 50 && status != 200; tries++) {
            qm_buf_reset(&p->answers[b]);
            status = qm_wp_ask(fd, "POST", "/v1/sync",
                               "Content-Type: application/vnd.qiaomen.batch.v1\r\n", &p->bodies[b],
                               &p->answers[b]);
            if (status == 503 || status == 429)
                usleep(20000);
            else
                break;
        }
        p->latency_ms[b] = (mono_s() - t) * 1000;
        if (status != 200) {
            fprintf(stderr, "sync answered %d: %s\n", status,
                    p->answers[b].p ? (const char *)p->answers[b].p : "");
            p->failed = true;
        }
    }
    p->ended = mono_s();
    if (fd >= 0)
        close(fd);
}

static void check_answers(struct phone *p)
{
    struct qm_verdict v[QM_BATCH_MAX_EVENTS];
    for (int b = 0; !p->failed && b < p->opt->batches; b++) {
        const char *t = (const char *)p->answers[b].p;
        struct qm_receipt r;
        struct qm_entry entry;
        if (qm_receipt_verify(t, p->answers[b].len, &p->wp.log) != QM_OK ||
            qm_receipt_read(t, p->answers[b].len, &r) != QM_OK) {
            fprintf(stderr, "a receipt does not verify\n");
            p->failed = true;
            return;
        }
        if (qm_entry_read((const char *)r.extra.p, r.extra.len, &entry) != QM_OK ||
            qm_verdicts_read(entry.verdicts, (size_t)p->opt->size, v) != QM_OK)
            p->failed = true;
        for (int i = 0; !p->failed && i < p->opt->size; i++) {
            if (v[i].kind == QM_V_ACCEPT || v[i].kind == QM_V_FLAG)
                p->accepted++;
            else
                p->other++;
        }
        qm_receipt_free(&r);
    }
}

static void *run_phone(void *arg)
{
    struct phone *p = arg;
    p->at_ms = wall_ms() - 3600000;
    for (int b = 0; !p->failed && b < p->opt->batches; b++) {
        qm_buf_init(&p->answers[b], ANSWER_MAX_BYTES);
        p->failed = p->homes_n == 0 || !make_batch(p, b, &p->bodies[b]);
    }
    pthread_barrier_wait(p->start);
    if (!p->failed)
        send_batches(p);
    /* Others may still be sending: checking is not to take the processor from them. */
    pthread_barrier_wait(p->start);
    check_answers(p);
    return NULL;
}

static size_t read_homes(const char *path, struct home *homes)
{
    FILE *f = fopen(path, "r");
    char grid[32], household[64], resident[64];
    size_t n = 0;
    while (f && n < HOMES_MAX && fscanf(f, "%31s %63s %63s", grid, household, resident) == 3) {
        struct home *h = &homes[n];
        h->grid = strtoll(grid, NULL, 10);
        if (qm_pseudonym_read(household, strlen(household), h->household) == QM_OK &&
            qm_pseudonym_read(resident, strlen(resident), h->resident) == QM_OK)
            n++;
    }
    if (f)
        fclose(f);
    return n;
}

static void pick_homes(struct phone *p, const struct home *all, size_t n)
{
    p->homes = calloc(n ? n : 1, sizeof *p->homes);
    for (size_t i = 0; p->homes && i < n; i++)
        for (size_t g = 0; g < p->wp.grids_n; g++)
            if (all[i].grid == p->wp.grids[g])
                p->homes[p->homes_n++] = all[i];
}

static int compare_double(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static int report(struct phone *phones, const struct options *o)
{
    size_t n = (size_t)o->phones * (size_t)o->batches, k = 0, accepted = 0, other = 0;
    double *all = calloc(n ? n : 1, sizeof *all);
    double began = 1e300, ended = 0;
    bool failed = !all;

    for (int i = 0; all && i < o->phones; i++) {
        struct phone *p = &phones[i];
        for (int b = 0; b < o->batches; b++)
            all[k++] = p->latency_ms[b];
        began = p->began < began ? p->began : began;
        ended = p->ended > ended ? p->ended : ended;
        accepted += p->accepted;
        other += p->other;
        failed = failed || p->failed;
    }
    if (all && k > 0) {
        qsort(all, k, sizeof *all, compare_double);
        printf("{\"events\":%zu,\"accepted\":%zu,\"seconds\":%.3f,\"events_per_second\":%.0f,"
               "\"p50_ms\":%.1f,\"p99_ms\":%.1f}\n",
               accepted + other, accepted, ended - began,
               (double)(accepted + other) / (ended - began), all[k / 2], all[k * 99 / 100]);
    }
    free(all);
    return failed ? 1 : 0;
}

static int run_phones(const struct options *o, struct phone *phones, const struct home *homes,
                      size_t homes_n, FILE *codes)
{
    pthread_barrier_t start;

    pthread_barrier_init(&start, NULL, (unsigned)o->phones);
    for (int i = 0; i < o->phones; i++) {
        struct phone *p = &phones[i];
        p->opt = o;
        p->nth = i;
        p->wp.port = o->port;
        p->wp.host = o->host;
        p->start = &start;
        p->bodies = calloc((size_t)o->batches, sizeof *p->bodies);
        p->answers = calloc((size_t)o->batches, sizeof *p->answers);
        p->latency_ms = calloc((size_t)o->batches, sizeof *p->latency_ms);
        if (fscanf(codes, "%127s", p->code) != 1 || !qm_wp_enrol(&p->wp, p->code))
            p->failed = true;
        pick_homes(p, homes, homes_n);
    }
    for (int i = 0; i < o->phones; i++)
        pthread_create(&phones[i].thread, NULL, run_phone, &phones[i]);
    for (int i = 0; i < o->phones; i++)
        pthread_join(phones[i].thread, NULL);
    pthread_barrier_destroy(&start);
    return report(phones, o);
}

static int run(const struct options *o)
{
    struct phone *phones = calloc((size_t)o->phones, sizeof *phones);
    struct home *homes = calloc(HOMES_MAX, sizeof *homes);
    FILE *codes = fopen(o->codes, "r");
    size_t homes_n = homes ? read_homes(o->homes, homes) : 0;
    int rc = 1;

    if (phones && codes && homes_n > 0)
        rc = run_phones(o, phones, homes, homes_n, codes);
    else
        fprintf(stderr, "load_sync: no memory, no codes in %s or no homes in %s\n", o->codes,
                o->homes);
    if (codes)
        fclose(codes);
    free(homes);
    free(phones);
    return rc;
}

int main(int argc, char **argv)
{
    struct options o = {.host = "127.0.0.1:8080", .phones = 32, .batches = 20, .size = 50};

    for (int i = 1; i + 1 < argc; i += 2) {
        const char *k = argv[i], *v = argv[i + 1];
        if (strcmp(k, "--port") == 0)
            o.port = (int)strtol(v, NULL, 10);
        else if (strcmp(k, "--host") == 0)
            o.host = v;
        else if (strcmp(k, "--codes") == 0)
            o.codes = v;
        else if (strcmp(k, "--homes") == 0)
            o.homes = v;
        else if (strcmp(k, "--phones") == 0)
            o.phones = (int)strtol(v, NULL, 10);
        else if (strcmp(k, "--batches") == 0)
            o.batches = (int)strtol(v, NULL, 10);
        else if (strcmp(k, "--size") == 0)
            o.size = (int)strtol(v, NULL, 10);
        else if (strcmp(k, "--rate") == 0)
            o.rate = (int)strtol(v, NULL, 10);
    }
    if (sodium_init() < 0 || o.port == 0 || !o.codes || !o.homes || o.phones < 1 || o.batches < 1 ||
        o.size < 1 || o.size > QM_BATCH_MAX_EVENTS || o.rate < 0) {
        fprintf(stderr, "usage: load_sync --port P --host AUTHORITY --codes FILE --homes FILE "
                        "[--phones N] [--batches N] [--size N] [--rate N]\n");
        return 2;
    }
    return run(&o);
}
