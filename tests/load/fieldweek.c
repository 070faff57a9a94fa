/* fieldweek.c - tests: 45 simulated phones do a week of field work through the real client over
 * real HTTP, on a bad network, and everything that they were promised is checked at the end.
 *
 *     fieldweek --server URL --host HOST --codes FILE --households FILE --folder DIR
 *               [--days N] [--faults PER_MILLE] [--json] [--quiet]
 *
 * codes: lines "W0001 <enrolment code>".  folder: must exist; gets outboxes and receipts.
 * Each phone is a thread: it enrols, fetches its list, goes from door to door (door.c), syncs where
 * there is signal and in the evening, and at the end until nothing waits.  The same arguments give
 * the same week; only times and ids differ.
 * Exit code 0 only if every phone came through, nothing waits, nothing was rejected and every
 * receipt holds; otherwise 1, and what went wrong on stderr.
 */
#include <inttypes.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "number.h"
#include "phone.h"

enum {
    PHONES_MAX = 64,
    DOORS_MAX = 4096,
    DAY_MS = 86400000,
    PHONE_AHEAD = 13,      /* its clock is two days ahead */
    PHONE_ELSEWHERE_A = 7, /* these two also call in a grid that is not theirs */
    PHONE_ELSEWHERE_B = 21
};

struct options {
    const char *server, *host, *codes, *households, *folder;
    int days;
    int faults;
    bool json, quiet;
};
struct route;
struct week {
    struct options o;
    struct qm_roster roster;
    size_t phones;
    struct qm_phone phone[PHONES_MAX];
    struct route *route[PHONES_MAX];
    pthread_t thread[PHONES_MAX];
    int64_t start_ms;
    int today;
    atomic_ullong doors_done, doors_planned, phones_done;
};
struct route {
    struct week *week;
    struct qm_phone *phone;
    struct qm_check check;
    size_t n;
    struct qm_door door[DOORS_MAX];
};
struct summary {
    struct qm_check check;
    struct qm_tally tally;
    struct qm_expect expect;
    uint64_t phones_failed, exchanges, lost_before, lost_after, cut, repeated;
};

static int64_t now_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_REALTIME, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static int today_shanghai(int64_t ms)
{
    time_t s = (time_t)(ms / 1000 + INT64_C(8) * 3600);
    struct tm tm;
    gmtime_r(&s, &tm);
    return (tm.tm_year + 1900) * 10000 + (tm.tm_mon + 1) * 100 + tm.tm_mday;
}

/* ---- one phone's week ----------------------------------------------------------------------- */

/* Own doors, and now and then one of a colleague in the same grid. */
static int door_add(void *ctx, const struct qm_household_view *v)
{
    struct route *r = ctx;
    struct qm_house *house = qm_roster_find(&r->week->roster, v->household);
    if (!house || r->n == DOORS_MAX)
        return 0;
    bool mine = house->worker == r->phone->number;
    if (!mine && (house->status != QM_HOUSE_COUNTED || !qm_prng_chance(&r->phone->random, 4)))
        return 0;
    struct qm_door *d = &r->door[r->n++];
    memcpy(d->household, v->household, sizeof d->household);
    d->house = house;
    d->home = house->home;
    d->away = house->status == QM_HOUSE_AWAY;
    d->vacant = house->status == QM_HOUSE_VACANT;
    d->mine = mine;
    return 0;
}

/* The first doors of the list, as many as this worker gets done in a week: 40 to 80 of a hundred.
 */
static bool route_plan(struct route *r)
{
    int code = qm_client_households(r->phone->client, NULL, door_add, r);
    if (code != 0) {
        qm_phone_trouble(r->phone, code, "list");
        return false;
    }
    r->n = r->n * (size_t)qm_prng_between(&r->phone->random, 40, 80) / 100;
    atomic_fetch_add(&r->week->doors_planned, r->n);
    return true;
}

static void elsewhere(struct route *r)
{
    const struct qm_roster *all = &r->week->roster;
    char grid[16] = "";
    for (size_t i = 0; i < all->n && !grid[0]; i++)
        if (all->house[i].worker == r->phone->number % 45 + 3)
            memcpy(grid, all->house[i].grid, sizeof grid);
    for (size_t i = 0, done = 0; i < all->n && done < 3; i++) {
        const struct qm_house *h = &all->house[i];
        if (strcmp(h->grid, grid) == 0 && h->home && h->status == QM_HOUSE_COUNTED) {
            qm_door_foreign(r->phone, h);
            done++;
        }
    }
}

static void day_work(struct route *r, int day)
{
    struct qm_phone *p = r->phone;
    size_t from = r->n * (size_t)day / (size_t)r->week->o.days;
    size_t to = r->n * (size_t)(day + 1) / (size_t)r->week->o.days;
    /* from half past eight, more or less */
    p->clock_ms = r->week->start_ms + (int64_t)day * DAY_MS +
                  qm_prng_between(&p->random, 0, 40) * INT64_C(60000);
    for (size_t i = from; i < to && p->error == 0; i++) {
        qm_door_work(p, &r->door[i]);
        if (i % 20 == 19 && qm_prng_chance(&p->random, 300))
            qm_phone_sync(p, QM_SYNC_RECORDS); /* a place with signal */
    }
    if (day == r->week->o.days / 2) {
        if (r->n > 0 && qm_prng_chance(&p->random, 600))
            qm_door_find(p, r->door[0].house->grid);
        if (p->number == PHONE_ELSEWHERE_A || p->number == PHONE_ELSEWHERE_B)
            elsewhere(r);
    }
    if (qm_prng_chance(&p->random, 850)) /* some villages have no signal in the evening */
        qm_phone_sync(p, 0);
}

static void phone_week(struct route *r)
{
    struct week *w = r->week;
    struct qm_phone *p = r->phone;
    int code = qm_phone_open(p, w->o.folder);
    if (code == 0)
        code = qm_client_enrol(p->client, w->o.server, w->o.host, p->code);
    if (code != 0) {
        qm_phone_trouble(p, code, "enrol");
        return;
    }
    p->flaky.per_mille = (uint32_t)w->o.faults;
    if (!qm_phone_sync(p, QM_SYNC_CHANGES) || !route_plan(r))
        return;
    for (int day = 0; day < w->o.days && p->error == 0; day++)
        day_work(r, day);
    if (qm_phone_sync(p, 0))
        qm_phone_check(p, w->o.folder, &r->check);
}

static void *phone_thread(void *arg)
{
    struct route *r = arg;
    phone_week(r);
    qm_phone_close(r->phone);
    atomic_fetch_add(&r->week->phones_done, 1);
    return NULL;
}

/* ---- the whole township --------------------------------------------------------------------- */

static const char *codes_read(struct week *w)
{
    char line[128];
    FILE *f = fopen(w->o.codes, "r");
    if (!f)
        return "cannot read the enrolment codes";
    while (w->phones < PHONES_MAX && fgets(line, sizeof line, f)) {
        struct qm_phone *p = &w->phone[w->phones];
        if (sscanf(line, "%19s %39s", p->account, p->code) != 2 || p->account[0] != 'W')
            continue;
        if (!qm_number_read(p->account + 1, 9999, &p->number, NULL))
            continue;
        p->random.state = (uint64_t)p->number * 7919;
        p->flaky.random.state = (uint64_t)p->number * 104729;
        p->skew_ms = p->number == PHONE_AHEAD ? 2 * (int64_t)DAY_MS : 0;
        p->roster = &w->roster;
        p->doors_done = &w->doors_done;
        p->today = w->today;
        w->phones++;
    }
    fclose(f);
    return w->phones ? NULL : "no enrolment codes in the file";
}

static bool phones_start(struct week *w)
{
    for (size_t i = 0; i < w->phones; i++) {
        w->route[i] = calloc(1, sizeof *w->route[i]);
        if (!w->route[i])
            return false;
        w->route[i]->week = w;
        w->route[i]->phone = &w->phone[i];
        if (pthread_create(&w->thread[i], NULL, phone_thread, w->route[i]) != 0)
            return false;
    }
    return true;
}

static void progress_draw(const struct week *w, bool last)
{
    enum { WIDTH = 40 };
    char bar[WIDTH + 1];
    unsigned long long planned = atomic_load(&w->doors_planned), done = atomic_load(&w->doors_done);
    int filled = planned ? (int)(done * WIDTH / planned) : 0;
    for (int i = 0; i < WIDTH; i++)
        bar[i] = i < filled ? '#' : '.';
    bar[WIDTH] = 0;
    fprintf(stderr, "\r    [%s] %llu of %llu doors, %llu of %zu phones done%s", bar, done, planned,
            atomic_load(&w->phones_done), w->phones, last ? "\n" : "");
    fflush(stderr);
}

static void phones_wait(struct week *w)
{
    bool show = !w->o.quiet && isatty(STDERR_FILENO);
    while (show && atomic_load(&w->phones_done) < w->phones) {
        progress_draw(w, false);
        nanosleep(&(struct timespec){0, 200000000}, NULL);
    }
    if (show)
        progress_draw(w, true);
    for (size_t i = 0; i < w->phones; i++)
        pthread_join(w->thread[i], NULL);
}

/* ---- the end -------------------------------------------------------------------------------- */

static void check_sum(struct qm_check *sum, const struct qm_check *one)
{
    const uint64_t *from = (const uint64_t *)one;
    uint64_t *to = (uint64_t *)sum;
    for (size_t i = 0; i < sizeof *sum / sizeof *to; i++)
        to[i] += from[i];
}

static void tally_sum(struct qm_tally *sum, const struct qm_tally *one)
{
    const uint64_t *from = (const uint64_t *)one;
    uint64_t *to = (uint64_t *)sum;
    for (size_t i = 0; i < sizeof *sum / sizeof *to; i++)
        to[i] += from[i];
}

static void week_sum(struct week *w, struct summary *s)
{
    for (size_t i = 0; i < w->phones; i++) {
        const struct qm_phone *p = &w->phone[i];
        check_sum(&s->check, &w->route[i]->check);
        tally_sum(&s->tally, &p->tally);
        s->exchanges += p->flaky.exchanges;
        s->lost_before += p->flaky.lost_before;
        s->lost_after += p->flaky.lost_after;
        s->cut += p->flaky.cut;
        s->repeated += p->flaky.repeated;
        if (p->error != 0) {
            s->phones_failed++;
            fprintf(stderr, "fieldweek: %s\n", p->trouble);
        }
    }
    qm_roster_expect(&w->roster, &s->expect);
    s->expect.homes += s->tally.homes_found;
    s->expect.homes_near += s->tally.homes_found;
    s->expect.visited += s->tally.homes_found_done;
    s->expect.reached += s->tally.homes_found_done;
}

/* Each broken promise is said; true if there is none. */
static bool week_holds(const struct summary *s)
{
    const struct qm_check *c = &s->check;
    const struct {
        bool ok;
        const char *otherwise;
    } promise[] = {
        {s->phones_failed == 0, "a phone did not come through"},
        {s->phones_failed > 0 || c->records == s->tally.recorded,
         "an outbox does not hold what was recorded"},
        {c->waiting == 0 && c->photos_waiting == 0, "something still waits"},
        {c->rejected == 0 && c->photos_refused == 0, "something was rejected"},
        {c->events_verified == c->records, "a record is not in the log"},
        {c->receipts > 0 && c->receipts_bad == 0, "a receipt of a batch does not hold"},
        {c->events_verified > 0 && c->events_bad == 0, "a receipt of an event does not hold"},
    };
    bool all = true;
    for (size_t i = 0; i < sizeof promise / sizeof promise[0]; i++) {
        if (!promise[i].ok)
            fprintf(stderr, "fieldweek: %s\n", promise[i].otherwise);
        all = all && promise[i].ok;
    }
    return all;
}

static void summary_print(const struct week *w, const struct summary *s, int64_t took_ms)
{
    const struct qm_check *c = &s->check;
    const struct qm_tally *t = &s->tally;
    printf("phones %zu, doors %" PRIu64 ", records %" PRIu64 " (visits %" PRIu64
           ", notices %" PRIu64 ", pledges %" PRIu64 ", apps %" PRIu64 ", taken back %" PRIu64
           ", found %" PRIu64 ")\n",
           w->phones, t->doors, c->records, t->visits, t->notices, t->pledges, t->apps, t->voids,
           t->found);
    printf("confirmed %" PRIu64 " (with a flag %" PRIu64 "), held %" PRIu64 ", rejected %" PRIu64
           ", waiting %" PRIu64 ", photos %" PRIu64 "\n",
           c->confirmed, c->flagged, c->held, c->rejected, c->waiting, t->photos);
    printf("network: %" PRIu64 " exchanges, %" PRIu64 " lost before the server, %" PRIu64
           " answers lost, %" PRIu64 " cut, %" PRIu64 " sent twice, %" PRIu64
           " syncs tried again\n",
           s->exchanges, s->lost_before, s->lost_after, s->cut, s->repeated, t->retries);
    printf("receipts verified: %" PRIu64 " of batches (%" PRIu64 " bad), %" PRIu64
           " of events (%" PRIu64 " bad); took %.1f s\n",
           c->receipts, c->receipts_bad, c->events_verified, c->events_bad, (double)took_ms / 1000);
}

static void summary_json(const struct week *w, const struct summary *s, int64_t took_ms, bool ok)
{
    const struct qm_check *c = &s->check;
    const struct qm_tally *t = &s->tally;
    const struct qm_expect *e = &s->expect;
    printf("{\"ok\":%s,\"phones\":%zu,\"doors\":%" PRIu64 ",\"records\":%" PRIu64
           ",\"visits\":%" PRIu64 ",\"notices\":%" PRIu64 ",\"pledges\":%" PRIu64
           ",\"apps\":%" PRIu64 ",\"voids\":%" PRIu64 ",\"photos\":%" PRIu64,
           ok ? "true" : "false", w->phones, t->doors, c->records, t->visits, t->notices,
           t->pledges, t->apps, t->voids, t->photos);
    printf(",\"confirmed\":%" PRIu64 ",\"flagged\":%" PRIu64 ",\"held\":%" PRIu64
           ",\"rejected\":%" PRIu64 ",\"waiting\":%" PRIu64 ",\"receipts\":%" PRIu64
           ",\"receipts_bad\":%" PRIu64 ",\"events_verified\":%" PRIu64 ",\"events_bad\":%" PRIu64,
           c->confirmed, c->flagged, c->held, c->rejected, c->waiting, c->receipts, c->receipts_bad,
           c->events_verified, c->events_bad);
    printf(",\"exchanges\":%" PRIu64 ",\"lost_before\":%" PRIu64 ",\"lost_after\":%" PRIu64
           ",\"cut\":%" PRIu64 ",\"repeated\":%" PRIu64 ",\"retries\":%" PRIu64
           ",\"took_ms\":%" PRId64,
           s->exchanges, s->lost_before, s->lost_after, s->cut, s->repeated, t->retries, took_ms);
    printf(
        ",\"expect\":{\"day\":%d,\"homes\":%lu,\"homes_near\":%lu,\"visited\":%lu,\"reached\":%lu,"
        "\"notice_delivered\":%lu,\"notice_signed\":%lu,\"pledge\":%lu,\"app\":%" PRIu64 "}}\n",
        w->today, e->homes, e->homes_near, e->visited, e->reached, e->notice_delivered,
        e->notice_signed, e->pledge, t->apps_installed);
}

/* ---- start ---------------------------------------------------------------------------------- */

static bool option_read(struct options *o, const char *name, const char *value)
{
    if (strcmp(name, "--server") == 0)
        o->server = value;
    else if (strcmp(name, "--host") == 0)
        o->host = value;
    else if (strcmp(name, "--codes") == 0)
        o->codes = value;
    else if (strcmp(name, "--households") == 0)
        o->households = value;
    else if (strcmp(name, "--folder") == 0)
        o->folder = value;
    else if (strcmp(name, "--days") == 0)
        return qm_number_read(value, 28, &o->days, NULL);
    else if (strcmp(name, "--faults") == 0)
        return qm_number_read(value, 200, &o->faults, NULL);
    else
        return false;
    return true;
}

static bool options_read(struct options *o, int argc, char **argv)
{
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--json") == 0)
            o->json = true;
        else if (strcmp(argv[i], "--quiet") == 0)
            o->quiet = true;
        else if (i + 1 >= argc || !option_read(o, argv[i], argv[i + 1]))
            return false;
        else
            i++;
    }
    return o->server && o->host && o->codes && o->households && o->folder && o->days >= 1;
}

static int week_run(struct week *w)
{
    struct summary s = {0};
    int64_t began = now_ms();
    int64_t shanghai = began + 8 * INT64_C(3600000);
    w->today = today_shanghai(began);
    w->start_ms = began - shanghai % DAY_MS - w->o.days * (int64_t)DAY_MS + 8 * INT64_C(3600000);
    const char *wrong = qm_roster_read(&w->roster, w->o.households);
    if (!wrong)
        wrong = codes_read(w);
    if (!wrong && !phones_start(w))
        wrong = "no memory or no threads for the phones";
    if (wrong) {
        fprintf(stderr, "fieldweek: %s\n", wrong);
        return 1;
    }
    phones_wait(w);
    week_sum(w, &s);
    bool ok = week_holds(&s);
    if (w->o.json)
        summary_json(w, &s, now_ms() - began, ok);
    else
        summary_print(w, &s, now_ms() - began);
    return ok ? 0 : 1;
}

int main(int argc, char **argv)
{
    struct week *w = calloc(1, sizeof *w);
    if (!w)
        return 1;
    w->o.days = 7;
    w->o.faults = 40;
    if (!options_read(&w->o, argc, argv)) {
        fputs("usage: fieldweek --server URL --host HOST --codes FILE --households FILE --folder "
              "DIR\n"
              "                 [--days 1..28] [--faults 0..200] [--json] [--quiet]\n",
              stderr);
        free(w);
        return 2;
    }
    int code = week_run(w);
    for (size_t i = 0; i < w->phones; i++)
        free(w->route[i]);
    qm_roster_free(&w->roster);
    free(w);
    return code;
}
