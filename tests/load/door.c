/* door.c - tests: what happens at a door, by shares as village offices report them.
 *
 * Beside each record the roster's marks (and the phone's tally) say what it should change on the
 * server: a small account of its own that knows nothing of the server's fold.
 */
#include <stdio.h>
#include <string.h>

#include "number.h"
#include "phone.h"

enum { RESIDENTS_MAX = 16, MINUTE_MS = 60000 };

struct person {
    char id[23];
    bool adult;  /* may sign */
    bool target; /* in the 16-60 population */
};
struct people {
    size_t n;
    struct person who[RESIDENTS_MAX];
    int today; /* yyyymmdd */
};

static const char *const TOPICS[] = {"order-brushing", "fake-service", "fake-investment",
                                     "fake-loan",      "fake-police",  "fake-official",
                                     "phishing",       "card-trade",   "health-product"};
enum { TOPIC_COUNT = sizeof TOPICS / sizeof TOPICS[0] };

static void walk(struct qm_phone *p, int lo_minutes, int hi_minutes)
{
    p->clock_ms += (int64_t)qm_prng_between(&p->random, lo_minutes, hi_minutes) * MINUTE_MS +
                   qm_prng_between(&p->random, 0, MINUTE_MS - 1);
}

static void mark(const struct qm_door *d, unsigned marks)
{
    atomic_fetch_or(&d->house->marks, marks);
}

static void topics_draw(struct qm_phone *p, struct qm_record *r)
{
    size_t first = qm_prng_below(&p->random, TOPIC_COUNT);
    r->topics = (size_t)qm_prng_between(&p->random, 2, 4);
    for (size_t i = 0; i < r->topics; i++)
        r->topic[i] = TOPICS[(first + i * 2) % TOPIC_COUNT];
}

/* ---- who lives there ------------------------------------------------------------------------ */

/* born: yyyy-mm-dd, or "" if it is not known */
static int full_years(const char *born, int today)
{
    int year = 0, month = 0, day = 0;
    const char *at = born;
    if (!qm_number_read(at, 9999, &year, &at) || *at++ != '-' ||
        !qm_number_read(at, 12, &month, &at) || *at++ != '-' || !qm_number_read(at, 31, &day, NULL))
        return -1;
    return (today - (year * 10000 + month * 100 + day)) / 10000;
}

static int person_add(void *ctx, const struct qm_resident_view *v)
{
    struct people *all = ctx;
    if (all->n == RESIDENTS_MAX || strcmp(v->status, "counted") != 0)
        return 0;
    int age = full_years(v->born, all->today);
    struct person *one = &all->who[all->n++];
    memcpy(one->id, v->resident, sizeof one->id);
    one->adult = age >= 18;
    one->target = age >= 16 && age <= 60;
    return 0;
}

static bool people_list(struct qm_phone *p, const char *household, struct people *all)
{
    memset(all, 0, sizeof *all);
    all->today = p->today;
    int code = qm_client_residents(p->client, household, person_add, all);
    if (code != 0)
        qm_phone_trouble(p, code, "residents");
    return code == 0;
}

/* ---- records -------------------------------------------------------------------------------- */

/* Now and then a worker takes a wrong record back and makes it again. */
static bool record_or_correct(struct qm_phone *p, const struct qm_record *r)
{
    struct qm_recorded done;
    if (!qm_phone_record(p, r, &done))
        return false;
    if (!qm_prng_chance(&p->random, 5))
        return true;
    struct qm_record undo = QM_RECORD("void");
    undo.grid = r->grid;
    undo.target = done.event;
    undo.reason = "wrong-tap";
    p->tally.voids++;
    return qm_phone_record(p, &undo, NULL) && qm_phone_record(p, r, NULL);
}

static bool visit(struct qm_phone *p, const struct qm_door *d, const char *outcome, const char *via)
{
    struct qm_record r = QM_RECORD("visit");
    bool met = strcmp(outcome, "met") == 0, at_door = via == NULL;
    r.household = d->household;
    r.grid = d->house->grid;
    r.outcome = outcome;
    r.via = via;
    r.near_ = !at_door ? "unknown" : qm_prng_chance(&p->random, 930) ? "yes" : "no";
    r.secs = qm_prng_between(&p->random, met ? 120 : 10, met ? 1500 : 90);
    if (met)
        topics_draw(p, &r);
    if (met && at_door && qm_prng_chance(&p->random, 120))
        r.with[r.withs++] = "police";
    if (met && at_door && qm_prng_chance(&p->random, 50))
        r.with[r.withs++] = "village";
    if (met && qm_prng_chance(&p->random, 300))
        r.met = "户主家人";
    if (!record_or_correct(p, &r))
        return false;
    p->tally.visits++;
    if (met)
        mark(d, at_door ? QM_MARK_VISITED | QM_MARK_REACHED : QM_MARK_REACHED);
    return true;
}

static bool notice(struct qm_phone *p, const struct qm_door *d)
{
    static const char *const states[] = {"signed", "left", "refused", NULL};
    static const uint16_t shares[] = {880, 80, 25, 15};
    char sha[65];
    struct qm_record r = QM_RECORD("notice");
    const char *state = states[qm_prng_weighted(&p->random, shares, 4)];
    if (!state)
        return true;
    r.household = d->household;
    r.grid = d->house->grid;
    r.state = state;
    r.text = "notice-2026-1";
    if (strcmp(state, "signed") == 0 && qm_prng_chance(&p->random, 60)) {
        if (!qm_phone_photo(p, sha))
            return false;
        r.evidence[r.evidences++] = sha;
    }
    if (!record_or_correct(p, &r))
        return false;
    p->tally.notices++;
    if (strcmp(state, "signed") == 0)
        mark(d, QM_MARK_DELIVERED | QM_MARK_SIGNED);
    else if (strcmp(state, "left") == 0)
        mark(d, QM_MARK_DELIVERED);
    return true;
}

static bool pledge_record(struct qm_phone *p, const struct qm_door *d, const char *signer,
                          const char *state, const char *sha)
{
    struct qm_record r = QM_RECORD("pledge");
    r.household = d->household;
    r.resident = signer;
    r.grid = d->house->grid;
    r.state = state;
    r.text = "pledge-2026-1";
    r.signer = "本户成年人";
    r.relation = "家庭成员";
    if (sha)
        r.evidence[r.evidences++] = sha;
    p->tally.pledges++;
    return record_or_correct(p, &r);
}

static bool pledge(struct qm_phone *p, const struct qm_door *d, const struct people *all)
{
    static const char *const states[] = {"signed", "later", "refused", NULL};
    static const uint16_t shares[] = {840, 80, 50, 30};
    const struct person *signer = NULL;
    char sha[65];
    for (size_t i = 0; i < all->n && !signer; i++)
        signer = all->who[i].adult ? &all->who[i] : NULL;
    const char *state = states[qm_prng_weighted(&p->random, shares, 4)];
    if (!state || !signer)
        return true;
    bool is_signed = strcmp(state, "signed") == 0;
    if (is_signed && !qm_phone_photo(p, sha))
        return false;
    if (!pledge_record(p, d, signer->id, state, is_signed ? sha : NULL))
        return false;
    if (!is_signed)
        return true;
    if (qm_prng_chance(&p->random, 4)) {
        walk(p, 1, 3);
        return pledge_record(p, d, signer->id, "withdrawn", NULL);
    }
    mark(d, QM_MARK_PLEDGE);
    return true;
}

static void app_alerts(struct qm_phone *p, struct qm_record *r)
{
    r->real_name = qm_prng_chance(&p->random, 930);
    if (qm_prng_chance(&p->random, 60)) {
        r->na_call_alert = r->na_sms_alert = true; /* a phone that offers neither */
        return;
    }
    r->call_alert = qm_prng_chance(&p->random, 900);
    r->sms_alert = qm_prng_chance(&p->random, 880);
}

static bool app(struct qm_phone *p, const struct qm_door *d, const struct person *who)
{
    static const char *const states[] = {"installed", "refused",       "later",
                                         "no_phone",  "feature_phone", "unfit",
                                         "shared",    "removed",       NULL};
    static const uint16_t shares[] = {620, 60, 130, 20, 60, 30, 30, 5, 45};
    struct qm_record r = QM_RECORD("app");
    r.state = states[qm_prng_weighted(&p->random, shares, 9)];
    if (!r.state)
        return true;
    r.household = d->household;
    r.resident = who->id;
    r.grid = d->house->grid;
    bool installed = strcmp(r.state, "installed") == 0;
    if (installed)
        app_alerts(p, &r);
    if (!record_or_correct(p, &r))
        return false;
    p->tally.apps++;
    p->tally.apps_installed += installed;
    return true;
}

/* ---- doors ---------------------------------------------------------------------------------- */

static void met_work(struct qm_phone *p, const struct qm_door *d)
{
    struct people all;
    if (!visit(p, d, "met", NULL) || !notice(p, d) || !d->home)
        return;
    if (!people_list(p, d->household, &all) || !pledge(p, d, &all))
        return;
    for (size_t i = 0; i < all.n && p->error == 0; i++)
        if (all.who[i].target)
            app(p, d, &all.who[i]);
    if (all.n > 1 && qm_prng_chance(&p->random, 5)) {
        struct qm_record r = QM_RECORD("resident"); /* a proposal: the office decides */
        r.household = d->household;
        r.resident = all.who[all.n - 1].id;
        r.grid = d->house->grid;
        r.why = "away";
        qm_phone_record(p, &r, NULL);
    }
}

static void away_work(struct qm_phone *p, const struct qm_door *d)
{
    if (!visit(p, d, "gone", NULL) || !qm_prng_chance(&p->random, 600))
        return;
    walk(p, 1, 4);
    visit(p, d, "met", qm_prng_chance(&p->random, 700) ? "phone" : "video");
}

static void counted_work(struct qm_phone *p, const struct qm_door *d)
{
    static const char *const outcomes[] = {"met",     "absent",   "no_adult", "appointed", "gone",
                                           "refused", "no_entry", "moved",    "vacant",    "none"};
    static const uint16_t shares[] = {785, 95, 25, 30, 15, 20, 8, 8, 8, 6};
    const char *outcome = outcomes[qm_prng_weighted(&p->random, shares, 10)];
    if (strcmp(outcome, "met") == 0)
        met_work(p, d);
    else if (strcmp(outcome, "gone") == 0)
        away_work(p, d);
    else
        visit(p, d, outcome, NULL);
}

void qm_door_work(struct qm_phone *p, const struct qm_door *d)
{
    p->in_field = true;
    walk(p, 2, 9);
    if (d->vacant)
        visit(p, d, "vacant", NULL);
    else if (d->away)
        away_work(p, d);
    else if (!d->mine)
        visit(p, d, "met", NULL); /* a colleague's door: both visits are kept, one counts */
    else
        counted_work(p, d);
    p->tally.doors++;
    atomic_fetch_add(p->doors_done, 1);
}

void qm_door_find(struct qm_phone *p, const char *grid)
{
    struct qm_record r = QM_RECORD("household");
    struct qm_recorded made;
    p->in_field = true;
    walk(p, 2, 9);
    r.grid = grid;
    r.why = "found";
    r.name = "新住户";
    r.door = "村口新房";
    if (!qm_phone_record(p, &r, &made))
        return;
    struct qm_record who = QM_RECORD("resident");
    who.grid = grid;
    who.household = made.household;
    who.why = "found";
    who.name = "新住户";
    who.born = "1988-05-04";
    if (!qm_phone_record(p, &who, NULL))
        return;
    who.name = "新住户家人";
    who.born = "1990-11-12";
    if (!qm_phone_record(p, &who, NULL))
        return;
    p->tally.found++;
    p->tally.homes_found++;
    struct qm_record v = QM_RECORD("visit");
    v.grid = grid;
    v.household = made.household;
    v.outcome = "met";
    v.near_ = "yes";
    v.secs = 600;
    topics_draw(p, &v);
    if (qm_phone_record(p, &v, NULL)) {
        p->tally.visits++;
        p->tally.homes_found_done++;
    }
}

void qm_door_foreign(struct qm_phone *p, const struct qm_house *house)
{
    struct qm_record v = QM_RECORD("visit");
    p->in_field = true;
    walk(p, 2, 9);
    v.grid = house->grid;
    v.household = house->id;
    v.outcome = "met";
    v.near_ = "yes";
    v.secs = 300;
    topics_draw(p, &v);
    if (qm_phone_record(p, &v, NULL))
        p->tally.visits++;
}
