/* bench_audit.c - the audit against bare hashing and signature checking of the same bytes.
 *
 * bench_audit EVENTS [FOLDER]: makes a log of so many events (and one of a quarter) with real
 * signatures in a folder of its own, then measures in one run, in processes of their own:
 *   bare   every line hashed into its batch's root, every signature checked, every entry hashed
 *   audit  the whole audit, with two bulletins recomputed
 * and prints events a second, their ratio and peak memory at both sizes.  Exit 1 if the audit finds
 * a fault in the log that was made for it.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "audit/audit.h"
#include "audit/inside.h"
#include "madelog.h"
#include "tempdir.h"

enum { PHONES = 45, BATCH = 50 };
static const int64_t start_ms = INT64_C(1794758400000); /* 2026-11-16 in UTC+8 */

static double now_s(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* ---- the log ---- */

static int line_order(const void *x, const void *y)
{
    return strcmp(*(char *const *)x, *(char *const *)y);
}

/* A household and a resident each, counted. */
static char *roster_make(uint64_t households)
{
    size_t n = (size_t)households * 2, len = 0;
    char **line = calloc(n, sizeof *line);
    char *all = malloc(n * 64 + 1);
    if (line == NULL || all == NULL)
        exit(2);
    for (uint64_t i = 0; i < n; i++) {
        uint8_t id[QM_ID_BYTES];
        char name[QM_PSEUDONYM_CHARS + 1];
        bool home = i < households;
        uint64_t h = home ? i : i - households;
        ml_id(home ? "household" : "resident", h, id);
        qm_pseudonym_write(id, name);
        if (asprintf(&line[i], "%s %s %lld counted\n", home ? "household" : "resident", name,
                     (long long)(INT64_C(140522110200001) + (int64_t)(h % 20) * 1000)) < 0)
            exit(2);
    }
    qsort(line, n, sizeof *line, line_order);
    for (size_t i = 0; i < n; i++) {
        size_t part = strlen(line[i]);
        memcpy(all + len, line[i], part);
        len += part;
        free(line[i]);
    }
    all[len] = 0;
    free(line);
    return all;
}

static void pictures_list(struct madelog *m, const struct qm_event *ev, size_t n, int64_t recv)
{
    struct qm_buf text;
    char *hex[BATCH];
    size_t found = 0;
    qm_buf_init(&text, QM_ENTRY_MAX_BYTES);
    for (size_t i = 0; i < n; i++) {
        if (ev[i].evidences == 0)
            continue;
        hex[found] = malloc(QM_HEX_HASH_CHARS + 1);
        qm_hex_write(ev[i].evidence[0].b, QM_HASH_BYTES, hex[found++]);
    }
    qsort(hex, found, sizeof *hex, line_order);
    qm_buf_printf(&text, "blob/v1\nrecv %lld\n\n", (long long)recv);
    for (size_t i = 0; i < found; i++) {
        qm_buf_printf(&text, "%s\n", hex[i]);
        free(hex[i]);
    }
    if (found > 0)
        ml_entry(m, text.p, text.len);
    qm_buf_free(&text);
}

static void batches_make(struct madelog *m, struct ml_phone *phones, uint64_t from, uint64_t to,
                         uint64_t households)
{
    static const enum qm_kind kinds[] = {QM_VISIT, QM_NOTICE, QM_PLEDGE, QM_APP};
    struct qm_event *ev = calloc(BATCH, sizeof *ev);
    if (ev == NULL)
        exit(2);
    for (uint64_t n = from; n < to;) {
        struct ml_phone *p = &phones[n / BATCH % PHONES];
        int64_t at = start_ms + (int64_t)n * 3;
        size_t k = 0;
        for (; k < BATCH && n < to; k++, n++)
            ev[k] = ml_event(p, kinds[n % 4], n, at + (int64_t)k, n / 4 % households);
        ml_batch(m, p, ev, k, at + 60000, "");
        if (n / BATCH % 4 == 0)
            pictures_list(m, ev, k, at + 61000);
    }
    free(ev);
}

static void log_make(const char *folder, uint64_t events)
{
    static const char rule[] =
        "{\"level\":\"village\",\"assurance\":\"reported\",\"order\":\"weights\",\"metrics\":[{"
        "\"name\":\"visited\",\"ranked\":true,\"office\":true,\"public\":true,\"weight\":60},{"
        "\"name\":\"pledge\",\"ranked\":true,\"office\":true,\"public\":true,\"weight\":40},{"
        "\"name\":\"app\",\"ranked\":false,\"office\":true,\"public\":false}]}";
    struct madelog m;
    struct ml_phone phones[PHONES];
    char hex[QM_HEX_HASH_CHARS + 1];
    uint64_t households = events / 5 + 1;
    char *roster = roster_make(households);
    ml_open(&m, folder);
    ml_object(&m, rule, sizeof rule - 1, hex);
    ml_entryf(&m, "config/v1\nrecv 2\nby A0001\n\nrule sha256:%s\n", hex);
    for (int i = 0; i < PHONES; i++) {
        char label[32], account[16];
        (void)snprintf(label, sizeof label, "phone %d", i);
        (void)snprintf(account, sizeof account, "W%04d", i);
        ml_phone_make(&phones[i], label, account);
        ml_enrol(&m, &phones[i], 3);
    }
    struct ml_bulletin b = {.scope = "140522110",
                            .period = "2026-W47",
                            .day = "2026-11-22",
                            .roster = roster,
                            .rule = rule,
                            .to = -1,
                            .recv = start_ms + 604800000,
                            .replaces = -1};
    batches_make(&m, phones, 0, events / 2, households);
    b.from = 0;
    int64_t first = ml_publish(&m, &b);
    batches_make(&m, phones, events / 2, events, households);
    b.period = "2026-W48";
    b.day = "2026-11-29";
    b.from = first - 1;
    ml_publish(&m, &b);
    ml_seal(&m);
    ml_close(&m);
    free(roster);
}

/* ---- what is measured ---- */

static size_t file_read(const char *path, uint8_t *into, size_t max)
{
    FILE *f = fopen(path, "rbe");
    if (f == NULL)
        return 0;
    size_t n = fread(into, 1, max, f);
    fclose(f);
    return n;
}

/* Leaf hashes and root of one batch's lines. */
static void lines_hash(const uint8_t *bytes, size_t len, struct qm_hash *root)
{
    struct qm_hash leaf[QM_BATCH_MAX_EVENTS];
    size_t n = 0;
    for (const uint8_t *at = bytes; at < bytes + len && n < QM_BATCH_MAX_EVENTS;) {
        const uint8_t *lf = memchr(at, '\n', (size_t)(bytes + len - at));
        if (lf == NULL)
            break;
        qm_leaf_hash(at, (size_t)(lf - at), &leaf[n++]);
        at = lf + 1;
    }
    qm_merkle_root(leaf, n, root);
}

struct bare {
    const char *log;
    struct qm_vkey keys[PHONES];
    uint8_t *room;
    uint64_t held;
};

static void entry_check(struct bare *b, uint64_t index, const char *bytes, size_t len)
{
    struct qm_entry e;
    struct qm_note note;
    struct qm_hash root;
    char path[400];
    if (qm_entry_read(bytes, len, &e) != QM_OK || e.type != QM_ENTRY_BATCH ||
        qm_note_read(e.payload.p, e.payload.len, &note) != QM_OK)
        return;
    for (int i = 0; i < PHONES; i++) {
        if (b->keys[i].id == note.sig[0].id && qm_note_verify(&note, &b->keys[i]) == QM_OK)
            b->held++;
    }
    (void)snprintf(path, sizeof path, "%s/batch/%llu", b->log, (unsigned long long)index);
    lines_hash(b->room, file_read(path, b->room, 1 << 20), &root);
}

static int bare_run(const char *folder, uint64_t entries)
{
    char log[300], path[400], name[96];
    struct bare b = {.log = log, .room = malloc(1 << 20)};
    size_t max = (size_t)256 * (QM_ENTRY_MAX_BYTES + 2);
    uint8_t *bundle = malloc(max);
    if (bundle == NULL || b.room == NULL)
        return 2;
    (void)snprintf(log, sizeof log, "%s/v1/log/%06d", folder, ML_COUNTY);
    for (int i = 0; i < PHONES; i++) {
        struct ml_phone p;
        char label[32];
        (void)snprintf(label, sizeof label, "phone %d", i);
        ml_phone_make(&p, label, "W0000");
        b.keys[i] = p.key;
    }
    for (uint64_t n = 0; n * 256 < entries; n++) {
        unsigned width = entries - n * 256 < 256 ? (unsigned)(entries - n * 256) : 0;
        qm_au_tile_name("entries", n, width, name);
        (void)snprintf(path, sizeof path, "%s/%s", log, name);
        size_t len = file_read(path, bundle, max);
        for (size_t at = 0, i = 0; at + 2 <= len; i++) {
            size_t size = (size_t)bundle[at] << 8 | bundle[at + 1];
            struct qm_hash leaf;
            qm_leaf_hash(bundle + at + 2, size, &leaf);
            entry_check(&b, n * 256 + i, (const char *)bundle + at + 2, size);
            at += 2 + size;
        }
    }
    free(bundle);
    free(b.room);
    return b.held > 0 ? 0 : 1;
}

static void on_finding(void *ctx, const struct qm_audit_finding *f)
{
    (void)ctx;
    fprintf(stderr, "finding %s %lld %s %s\n", f->code, (long long)f->index, f->event, f->detail);
}

static void on_bulletin(void *ctx, const struct qm_audit_bulletin *b)
{
    if (!b->computed || !b->holds)
        ++*(int *)ctx;
}

static int audit_run(const char *folder, uint64_t *entries)
{
    struct madelog m;
    int differ = 0;
    struct qm_audit_report r;
    ml_open(&m, "/nonexistent"); /* for the key alone: nothing is written before a bundle is full */
    struct qm_audit_options o = {.folder = folder,
                                 .keys = &m.key,
                                 .keys_n = 1,
                                 .ctx = &differ,
                                 .finding = on_finding,
                                 .bulletin = on_bulletin};
    qm_err e = qm_audit_run(&o, &r);
    *entries = r.entries;
    bool good = e == QM_OK && r.bad == 0 && r.notes == 0 && r.bulletins == 2 && differ == 0;
    qm_audit_report_free(&r);
    ml_close(&m);
    return good ? 0 : 1;
}

struct measure {
    double seconds, cpu_s;
    uint64_t entries;
    long rss_kib;
    int status;
};

/* In a process of its own, for its own peak memory. */
static struct measure measure(const char *folder, bool bare, uint64_t entries)
{
    struct measure m = {.entries = entries};
    struct rusage u;
    int ends[2], status = 0;
    if (pipe(ends) != 0)
        exit(2);
    double from = now_s();
    pid_t child = fork();
    if (child == 0) {
        int code = bare ? bare_run(folder, entries) : audit_run(folder, &entries);
        _exit(write(ends[1], &entries, sizeof entries) == sizeof entries ? code : 2);
    }
    if (child < 0 || read(ends[0], &m.entries, sizeof m.entries) != sizeof m.entries ||
        wait4(child, &status, 0, &u) != child)
        exit(2);
    m.seconds = now_s() - from;
    m.cpu_s = (double)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) +
              (double)(u.ru_utime.tv_usec + u.ru_stime.tv_usec) / 1e6;
    m.rss_kib = u.ru_maxrss;
    m.status = WIFEXITED(status) ? WEXITSTATUS(status) : 2;
    close(ends[0]);
    close(ends[1]);
    return m;
}

/* Making the log is work of another process too, so that its memory is not taken along. */
static void make_apart(const char *folder, uint64_t events)
{
    int status = 0;
    pid_t child = fork();
    if (child == 0) {
        log_make(folder, events);
        _exit(0);
    }
    if (child < 0 || waitpid(child, &status, 0) != child || status != 0)
        exit(2);
}

static void report(const char *what, uint64_t events, const struct measure *m)
{
    printf("  %s: %.2f s, %.0f events/s; processor %.2f s, %.0f events/s\n", what, m->seconds,
           (double)events / m->seconds, m->cpu_s, (double)events / m->cpu_s);
}

int main(int argc, char **argv)
{
    uint64_t events = argc > 1 ? strtoull(argv[1], NULL, 10) : 200000;
    char base[TEMPDIR_MAX_BYTES], folder[TEMPDIR_MAX_BYTES + 8];
    long small_rss = 0;
    int bad = 0;
    if (events < 1000)
        return 2;
    tempdir_make(argc > 2 ? argv[2] : "/var/tmp", base);
    for (int round = 0; round < 2; round++) {
        uint64_t n = round == 0 ? events / 4 : events;
        (void)snprintf(folder, sizeof folder, "%s/%d", base, round);
        make_apart(folder, n);
        struct measure a = measure(folder, false, 0);
        struct measure b = measure(folder, true, a.entries);
        bad |= a.status | b.status;
        printf("%llu events, %llu entries\n", (unsigned long long)n, (unsigned long long)a.entries);
        report("audit", n, &a);
        report("bare hashes and signatures", n, &b);
        printf("  audit takes %.2f times the processor time; peak memory %ld KiB\n",
               a.cpu_s / b.cpu_s, a.rss_kib);
        if (round == 0)
            small_rss = a.rss_kib;
        else
            printf("peak memory at %llu events: %.2f times that at %llu\n",
                   (unsigned long long)events, (double)a.rss_kib / (double)small_rss,
                   (unsigned long long)(events / 4));
    }
    tempdir_remove(base);
    return bad != 0 ? 1 : 0;
}
