/* test_client_memory.c - the n-th allocation of the client fails, for every n: an error comes back,
 * nothing leaks, and a record is either there or was refused.
 *
 * The other end of the wire is not counted.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "client_fixture.h"
#include "memory_fixture.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct qm_transport town;

/* The town's own memory does not fail. */
static int perform(void *ctx, const struct qm_http_request *r, struct qm_http_answer *a)
{
    memory_pause();
    int rc = town.perform(ctx, r, a);
    memory_resume();
    return rc;
}

static int64_t now_ms(void *ctx)
{
    return ((struct town *)ctx)->now_ms;
}

struct world {
    char folder[64], path[128];
    struct secrets secrets;
    struct town town;
};

static int open_phone(struct world *w, qm_client **c)
{
    struct qm_client_options o = {.outbox_path = w->path,
                                  .keys = secrets_store(&w->secrets),
                                  .now_ms = now_ms,
                                  .now_ctx = &w->town,
                                  .transport = {.ctx = &w->town, .perform = perform}};
    return qm_client_open(&o, c);
}

static const char changes[] =
    "{\"t\":\"head\",\"log\":\"" HOST "/log/140522\",\"size\":999999,\"now\":1795240800000,"
    "\"full\":false}\n"
    "{\"t\":\"text\",\"text\":\"notice-2026-1\",\"kind\":\"notice\",\"basis\":\"household\","
    "\"title\":\"x\",\"body\":\"y\"}\n"
    "{\"t\":\"end\",\"cursor\":\"%d\",\"rows\":1}\n";

/* One round with the n-th allocation failing; true when none failed any more. */
static bool try_round(struct world *w, long n, int *recorded)
{
    char body[512];
    qm_client *c = NULL;
    struct qm_record r = QM_RECORD("visit");
    r.household = HOUSE;
    r.outcome = "met";
    r.met = "张三";
    snprintf(body, sizeof body, changes, (int)n);
    w->town.changes = body;
    memory_fail_at(n);
    int e = open_phone(w, &c);
    if (e == 0)
        e = qm_client_enrol(c, SERVER, NULL, CODE);
    if (e == QM_C_EXISTS)
        e = 0;
    if (e == 0) {
        e = qm_client_record(c, &r, NULL);
        *recorded += e == 0;
    }
    if (e == 0)
        e = qm_client_sync(c, 0, NULL);
    bool all = memory_count() < n;
    memory_fail_at(0);
    assert_true(!all || e == 0);
    if (c)
        assert_int_equal(qm_client_try_again(c), 0);
    qm_client_close(c);
    return all;
}

static void every_allocation_may_fail(void **state)
{
    (void)state;
    struct world *w = calloc(1, sizeof *w);
    int recorded = 0;
    long n = 1;
    folder_make(w->folder);
    snprintf(w->path, sizeof w->path, "%s/outbox", w->folder);
    town_open(&w->town);
    town = town_transport(&w->town);
    while (!try_round(w, n, &recorded)) {
        n++;
        assert_true(n < 5000);
    }
    assert_true(n > 50);
    qm_client *c = NULL;
    assert_int_equal(open_phone(w, &c), 0);
    assert_int_equal(qm_client_sync(c, QM_SYNC_RECORDS, NULL), 0);
    struct qm_counts counts = counts_of(c);
    assert_int_equal(counts.confirmed, recorded);
    assert_int_equal(counts.waiting + counts.rejected, 0);
    assert_int_equal(town_recorded(&w->town), recorded);
    qm_client_close(c);
    folder_remove(w->folder);
    free(w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(every_allocation_may_fail)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
