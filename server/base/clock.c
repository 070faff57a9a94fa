/* clock.c - floor 1: what time it is; see clock.h.
 *
 * Happy path: one system call.  Failure modes: none.  Builds with QM_TEST_HOOKS add an offset from
 * the environment; one that is no number counts as zero.
 */
#include "base/clock.h"

#ifdef QM_TEST_HOOKS
#include <pthread.h>
#include <stdlib.h>
#endif
#include <time.h>

#ifdef QM_TEST_HOOKS
static pthread_once_t offset_once = PTHREAD_ONCE_INIT;
static int64_t offset_ms;

static void offset_read(void)
{
    const char *text = getenv("QM_CLOCK_OFFSET_MS");
    char *end = NULL;
    if (text == NULL)
        return;
    long long n = strtoll(text, &end, 10);
    /* Further than a century would overflow sums that callers make. */
    const long long century_ms = 100LL * 366 * 86400 * 1000;
    if (end != text && *end == '\0' && n >= -century_ms && n <= century_ms)
        offset_ms = n;
}

static int64_t shift_ms(void)
{
    pthread_once(&offset_once, offset_read);
    return offset_ms;
}
#else
/* What is installed has no way to shift the times of a signed log. */
static int64_t shift_ms(void)
{
    return 0;
}
#endif

int64_t qm_clock_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000 + shift_ms();
}

uint64_t qm_clock_mono_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000U + (uint64_t)now.tv_nsec;
}
