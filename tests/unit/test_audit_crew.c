/* test_audit_crew.c - threads that check ahead: jobs come back in the order of giving, also when no
 * thread can be started, and an audit finds the same in the same order however many there are.
 */
#include <errno.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "audit/audit.h"
#include "audit/crew.h"
#include "madelog.h"
#include "tempdir.h"

/* ---- threads that cannot be started ---- */

static unsigned startable = UINT32_MAX;

int __real_pthread_create(pthread_t *t, const pthread_attr_t *a, void *(*f)(void *), void *ctx);
int __wrap_pthread_create(pthread_t *t, const pthread_attr_t *a, void *(*f)(void *), void *ctx);
int __wrap_pthread_create(pthread_t *t, const pthread_attr_t *a, void *(*f)(void *), void *ctx)
{
    if (startable == 0)
        return EAGAIN;
    startable--;
    return __real_pthread_create(t, a, f, ctx);
}

/* ---- the crew by itself ---- */

enum { PLACES = 5, JOBS = 20000 };
struct jobs {
    uint64_t in[PLACES], out[PLACES];
    pthread_t by[PLACES];
    atomic_uint begun, ended;
};

static void multiply(void *ctx, size_t place)
{
    struct jobs *j = ctx;
    atomic_fetch_add(&j->begun, 1);
    j->out[place] = j->in[place] * UINT64_C(0x9E3779B97F4A7C15);
    j->by[place] = pthread_self();
    atomic_fetch_add(&j->ended, 1);
}

static void in_order(unsigned threads)
{
    struct jobs j = {.begun = 0};
    struct qm_au_crew *c = NULL;
    uint64_t given = 0;
    bool alone = threads == 1 || startable == 0;
    assert_int_equal(qm_au_crew_open(&c, threads, PLACES, multiply, &j), QM_OK);
    for (uint64_t taken = 0; taken < JOBS; taken++) {
        while (given < JOBS && qm_au_crew_room(c)) {
            j.in[qm_au_crew_place(c)] = given++;
            qm_au_crew_give(c);
        }
        size_t place = qm_au_crew_take(c);
        assert_int_equal(j.in[place], taken);
        assert_int_equal(j.out[place], taken * UINT64_C(0x9E3779B97F4A7C15));
        if (alone)
            assert_true(pthread_equal(j.by[place], pthread_self()));
    }
    assert_int_equal(atomic_load(&j.ended), JOBS);
    qm_au_crew_close(c);
}

static void places_come_back_in_order(void **state)
{
    (void)state;
    for (unsigned threads = 1; threads <= QM_AUDIT_THREADS_MAX; threads++)
        in_order(threads);
}

static void without_threads_the_owner_does_it_all(void **state)
{
    (void)state;
    startable = 0;
    in_order(4);
    startable = 1;
    in_order(4);
    assert_int_equal(startable, 0);
    startable = UINT32_MAX;
}

static void closing_waits_for_what_was_begun(void **state)
{
    (void)state;
    for (int round = 0; round < 200; round++) {
        struct jobs j = {.begun = 0};
        struct qm_au_crew *c = NULL;
        assert_int_equal(qm_au_crew_open(&c, 3, PLACES, multiply, &j), QM_OK);
        for (int i = 0; i < PLACES; i++)
            qm_au_crew_give(c);
        assert_false(qm_au_crew_room(c));
        qm_au_crew_close(c);
        assert_int_equal(atomic_load(&j.begun), atomic_load(&j.ended));
        assert_true(atomic_load(&j.begun) <= PLACES);
    }
    qm_au_crew_close(NULL);
}

static void its_size_is_bounded(void **state)
{
    (void)state;
    assert_in_range(qm_au_crew_size(0), 1, QM_AUDIT_THREADS_MAX);
    assert_int_equal(qm_au_crew_size(1), 1);
    assert_int_equal(qm_au_crew_size(3), 3);
    assert_int_equal(qm_au_crew_size(99), QM_AUDIT_THREADS_MAX);
}

/* ---- an audit by many ---- */

enum { ROUNDS = 300, SAID_MAX_BYTES = 1 << 20 };
static const int64_t start_ms = INT64_C(1794758400000);

/* The phone takes a new key, signed by the old one first; from then on it signs with that. */
static void rotate(struct madelog *m, struct ml_phone *p, int round)
{
    struct ml_phone next;
    struct qm_buf text, note, vkey;
    uint8_t key[QM_KEY_BYTES];
    char label[32];
    (void)snprintf(label, sizeof label, "key %d", round);
    ml_phone_make(&next, label, p->account);
    memcpy(key, next.key.key, sizeof key);
    assert_int_equal(qm_vkey_make(p->key.name, key, &next.key), QM_OK);
    qm_buf_init(&text, 2000);
    qm_buf_init(&note, 4000);
    qm_buf_init(&vkey, 400);
    qm_vkey_write(&next.key, &vkey);
    qm_buf_printf(&text, "%s/device/v1\n%s\n%s\n", ML_HOST, p->key.name, vkey.p);
    qm_note_sign((const char *)text.p, text.len, &p->key, qm_sign_with_seed, p->seed, &note);
    qm_note_cosign((const char *)text.p, text.len, &next.key, qm_sign_with_seed, next.seed, &note);
    ml_entryf(m, "device/v1\nrecv %lld\nby %s\naccount %s\nkey soft\n\n%s",
              (long long)start_ms + round, p->account, p->account, note.p);
    memcpy(p->seed, next.seed, sizeof p->seed);
    p->key = next.key;
    qm_buf_free(&text);
    qm_buf_free(&note);
    qm_buf_free(&vkey);
}

static int64_t visits(struct madelog *m, struct ml_phone *p, int round, size_t n)
{
    struct qm_event *ev = calloc(n, sizeof *ev);
    int64_t at = start_ms + (int64_t)round * 1000;
    for (size_t i = 0; i < n; i++)
        ev[i] = ml_event(p, QM_VISIT, (uint64_t)p->seq, at + (int64_t)i, (uint64_t)round);
    int64_t index = ml_batch(m, p, ev, n, at + 60000, "");
    free(ev);
    return index;
}

/* Several bundles; batches beside new keys, signed with one that has ended, of a phone that nobody
 * knows, without their lines, with lines cut or changed; entries that only begin like a batch. */
static size_t log_make(struct madelog *m)
{
    struct ml_phone p, q, stranger;
    char name[64];
    size_t faults = 0;
    ml_phone_make(&p, "phone", "W0001");
    ml_phone_make(&q, "other", "W0002");
    ml_phone_make(&stranger, "stranger", "W0003");
    ml_enrol(m, &p, 3);
    ml_enrol(m, &q, 4);
    for (int round = 0; round < ROUNDS; round++) {
        struct ml_phone old = p;
        int64_t index = visits(m, &p, round, 1 + (size_t)round % 7);
        visits(m, &q, round, 2);
        old.seq = p.seq + 100000;
        old.batches = p.batches + 100000;
        (void)snprintf(name, sizeof name, "batch/%lld", (long long)index);
        if (round % 17 == 3)
            rotate(m, &p, round);
        if (round % 51 == 3)
            faults += visits(m, &old, round, 1) > 0;
        if (round % 29 == 5)
            faults += visits(m, &stranger, round, 1) > 0;
        if (round % 31 == 7)
            faults += ml_entryf(m, "batch/v1\nrecv %d\n\nno note\n", round) > 0;
        if (round % 37 == 9)
            faults += ml_entryf(m, "batch/v1\nno entry\n") > 0;
        if (round % 41 == 11) {
            ml_file(m, name, "{}\n", 3);
            faults++;
        }
    }
    ml_seal(m);
    return faults;
}

struct said {
    struct qm_buf text;
    size_t bad;
};

static void on_finding(void *ctx, const struct qm_audit_finding *f)
{
    struct said *s = ctx;
    s->bad += f->grade == QM_AUDIT_BAD;
    qm_buf_printf(&s->text, "%s %lld %s %s %s\n", f->code, (long long)f->index, f->event,
                  f->division, f->detail);
}

static void audit_by(const struct madelog *m, unsigned threads, struct said *s)
{
    struct qm_audit_report r;
    struct qm_audit_options o = {.folder = m->folder,
                                 .spool_folder = "/tmp",
                                 .threads = threads,
                                 .keys = &m->key,
                                 .keys_n = 1,
                                 .ctx = s,
                                 .finding = on_finding};
    s->bad = 0;
    qm_buf_init(&s->text, SAID_MAX_BYTES);
    assert_int_equal(qm_audit_run(&o, &r), QM_OK);
    assert_int_equal(r.entries, m->frontier.size);
    assert_int_equal(s->text.err, QM_OK);
    qm_audit_report_free(&r);
}

static size_t times(const struct said *s, const char *code)
{
    size_t n = 0;
    for (const char *at = (const char *)s->text.p; (at = strstr(at, code)) != NULL; at++)
        n++;
    return n;
}

static void any_number_finds_the_same(void **state)
{
    static struct madelog m;
    char folder[TEMPDIR_MAX_BYTES];
    struct said alone, many;
    (void)state;
    tempdir_make("/tmp", folder);
    ml_open(&m, folder);
    size_t faults = log_make(&m);
    assert_true(m.frontier.size > 512);
    audit_by(&m, 1, &alone);
    assert_true(alone.bad >= faults);
    assert_int_equal(times(&alone, "batch-signature "), 6);
    assert_int_equal(times(&alone, "batch-device "), 11);
    assert_int_equal(times(&alone, "batch-note "), 10);
    assert_int_equal(times(&alone, "entry-form "), 8);
    assert_int_equal(times(&alone, "device-"), 0);
    for (unsigned threads = 2; threads <= 10; threads++) {
        startable = threads == 9 ? 0 : threads == 10 ? 2 : UINT32_MAX;
        audit_by(&m, threads, &many);
        assert_int_equal(many.text.len, alone.text.len);
        assert_memory_equal(many.text.p, alone.text.p, alone.text.len);
        qm_buf_free(&many.text);
    }
    startable = UINT32_MAX;
    qm_buf_free(&alone.text);
    tempdir_remove(folder);
    ml_close(&m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(places_come_back_in_order),
                                       cmocka_unit_test(without_threads_the_owner_does_it_all),
                                       cmocka_unit_test(closing_waits_for_what_was_begun),
                                       cmocka_unit_test(its_size_is_bounded),
                                       cmocka_unit_test(any_number_finds_the_same)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
