/* test_outbox_faults.c - kill -9 at random moments, a full disk, two processes at once: nothing
 * that was acknowledged is lost, nothing is there twice.
 *
 * The child tells through a pipe what was acknowledged; the parent kills it, opens the file, and
 * compares.  QM_LONG=1: 50 kills instead of 5.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "client_fixture.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { EVENTS_MAX = 65536 };
struct world {
    char folder[64];
    struct secrets secrets;
    struct town town;
};

static int setup(void **state)
{
    /* Shared, so that a child's log outlives the child. */
    struct world *w =
        mmap(NULL, sizeof *w, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    assert_ptr_not_equal(w, MAP_FAILED);
    folder_make(w->folder);
    town_open(&w->town);
    qm_client_close(phone(w->folder, &w->secrets, &w->town));
    *state = w;
    return 0;
}

static int teardown(void **state)
{
    struct world *w = *state;
    folder_remove(w->folder);
    munmap(w, sizeof *w);
    return 0;
}

struct found {
    size_t n;
    char event[EVENTS_MAX][37];
    int64_t last_seq;
};

static int note_event(void *ctx, const struct qm_record_view *v)
{
    struct found *f = ctx;
    assert_true(f->n < EVENTS_MAX);
    assert_int_equal(v->seq, f->last_seq + 1);
    assert_non_null(v->p);
    f->last_seq = v->seq;
    memcpy(f->event[f->n++], v->event, 37);
    return 0;
}

static void child_records(struct world *w, int out, bool also_sync)
{
    qm_client *c = phone_open(w->folder, &w->secrets, &w->town);
    for (int i = 0;; i++) {
        char event[37];
        visit(c, "张三", event);
        if (write(out, event, 36) != 36)
            _exit(0);
        if (also_sync && i % 5 == 4)
            qm_client_sync(c, QM_SYNC_RECORDS, NULL);
    }
}

static bool is_there(const struct found *f, const char *event)
{
    for (size_t i = 0; i < f->n; i++)
        if (memcmp(f->event[i], event, 36) == 0)
            return true;
    return false;
}

/* Lets a child work until it has acknowledged `least` events, and for some time then; kills it.
 * Returns how many it had acknowledged. */
static size_t work_and_kill(struct world *w, bool also_sync, size_t least, long wait_us,
                            char acknowledged[][37], size_t max)
{
    int pipes[2];
    size_t n = 0;
    assert_int_equal(pipe(pipes), 0);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        close(pipes[0]);
        child_records(w, pipes[1], also_sync);
        _exit(0);
    }
    close(pipes[1]);
    for (; n < least; n++)
        assert_int_equal(read(pipes[0], acknowledged[n], 36), 36);
    struct timespec t = {.tv_nsec = wait_us * 1000};
    nanosleep(&t, NULL);
    kill(child, SIGKILL);
    assert_int_equal(waitpid(child, NULL, 0), child);
    while (n < max && read(pipes[0], acknowledged[n], 36) == 36)
        n++;
    close(pipes[0]);
    return n;
}

static int rounds(void)
{
    const char *want = getenv("QM_LONG");
    return want && strcmp(want, "1") == 0 ? 50 : 5;
}

static void kills(struct world *w, bool also_sync)
{
    static char acknowledged[EVENTS_MAX][37];
    static struct found f;
    size_t n = 0;
    memset(acknowledged, 0, sizeof acknowledged);
    for (int i = 0; i < rounds(); i++) {
        /* Killed at any moment, but in the first round, which shows that it works: it syncs before
         * its sixth event. */
        size_t least = i > 0 ? 0 : also_sync ? 6 : 1;
        n += work_and_kill(w, also_sync, least, 20000 + rand() % 60000, acknowledged + n,
                           EVENTS_MAX - n);
        memset(&f, 0, sizeof f);
        qm_client *c = phone_open(w->folder, &w->secrets, &w->town);
        assert_int_equal(qm_client_records(c, 0, note_event, &f), 0);
        qm_client_close(c);
        for (size_t k = 0; k < n; k++)
            assert_true(is_there(&f, acknowledged[k]));
        /* At most the one that was being written when the child died. */
        assert_true(f.n <= n + (size_t)i + 1);
    }
}

static void killed_while_recording(void **state)
{
    struct world *w = *state;
    kills(w, false);
    qm_client *c = phone_open(w->folder, &w->secrets, &w->town);
    uint64_t n = counts_of(c).waiting;
    assert_int_equal(qm_client_sync(c, QM_SYNC_RECORDS, NULL), 0);
    assert_int_equal(counts_of(c).confirmed, n);
    assert_int_equal(town_recorded(&w->town), n);
    qm_client_close(c);
}

static void killed_while_settling(void **state)
{
    struct world *w = *state;
    kills(w, true);
    qm_client *c = phone_open(w->folder, &w->secrets, &w->town);
    struct qm_counts before = counts_of(c);
    assert_true(before.confirmed > 0);
    assert_int_equal(qm_client_sync(c, QM_SYNC_RECORDS, NULL), 0);
    assert_int_equal(counts_of(c).confirmed, before.confirmed + before.waiting);
    assert_int_equal(town_recorded(&w->town), before.confirmed + before.waiting);
    qm_client_close(c);
}

/* RLIMIT_FSIZE makes every file of the process full at that size. */
static void a_full_disk_refuses_and_keeps(void **state)
{
    struct world *w = *state;
    struct rlimit old, tight;
    static struct found f;
    struct qm_record r = QM_RECORD("visit");
    int refused = 0;
    size_t taken = 0;
    r.household = HOUSE;
    r.outcome = "met";
    r.met = "张三";
    qm_client *c = phone_open(w->folder, &w->secrets, &w->town);
    signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &old), 0);
    tight = old;
    tight.rlim_cur = 1500000;
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &tight), 0);
    for (int i = 0; i < 2000 && refused < 20; i++) {
        int code = qm_client_record(c, &r, NULL);
        taken += code == 0;
        refused += code != 0;
        if (code != 0)
            assert_int_equal(code, QM_C_DISK_FULL);
    }
    assert_int_equal(refused, 20);
    assert_true(taken > 10);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &old), 0);
    /* Room again: it goes on, and the numbers have no hole. */
    assert_int_equal(qm_client_record(c, &r, NULL), 0);
    memset(&f, 0, sizeof f);
    assert_int_equal(qm_client_records(c, 0, note_event, &f), 0);
    assert_int_equal(f.n, taken + 1);
    assert_int_equal(qm_client_sync(c, QM_SYNC_RECORDS, NULL), 0);
    assert_int_equal(counts_of(c).confirmed, taken + 1);
    qm_client_close(c);
}

static void two_processes_share_the_numbers(void **state)
{
    struct world *w = *state;
    enum { EACH = 60 };
    static struct found f;
    pid_t children[2];
    for (int i = 0; i < 2; i++) {
        children[i] = fork();
        assert_true(children[i] >= 0);
        if (children[i] == 0) {
            qm_client *c = phone_open(w->folder, &w->secrets, &w->town);
            for (int k = 0; k < EACH; k++)
                visit(c, "张三", NULL);
            qm_client_close(c);
            _exit(0);
        }
    }
    for (int i = 0; i < 2; i++) {
        int status = 0;
        assert_int_equal(waitpid(children[i], &status, 0), children[i]);
        assert_int_equal(status, 0);
    }
    qm_client *c = phone_open(w->folder, &w->secrets, &w->town);
    memset(&f, 0, sizeof f);
    assert_int_equal(qm_client_records(c, 0, note_event, &f), 0);
    assert_int_equal(f.n, 2 * EACH);
    qm_client_close(c);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
    const struct CMUnitTest tests[] = {T(killed_while_recording), T(killed_while_settling),
                                       T(a_full_disk_refuses_and_keeps),
                                       T(two_processes_share_the_numbers)};
    srand((unsigned)time(NULL)); // NOLINT(cert-msc32-c,cert-msc51-cpp): when to kill may be guessed
    return cmocka_run_group_tests(tests, NULL, NULL);
}
