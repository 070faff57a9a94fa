/* clock.c - floor 1: what time it is; see clock.h.
 *
 * Happy path: one system call.  Failure modes: none.  Builds with QM_TEST_HOOKS add an offset from
 * the environment; one that is no number counts as zero, and a second that is none as a second.
 */
#include "base/clock.h"

#ifdef QM_TEST_HOOKS
#include <pthread.h>
#include <stdlib.h>
#endif
#include <time.h>

enum { SECOND_MS = 1000 };

#ifdef QM_TEST_HOOKS
static pthread_once_t hooks_once = PTHREAD_ONCE_INIT;
static int64_t offset_ms;
static uint32_t second_ms;

/* A number of the environment between these; otherwise the one that holds without it. */
static int64_t hook_read(const char *name, int64_t min, int64_t max, int64_t otherwise)
{
    const char *text = getenv(name);
    char *end = NULL;
    if (text == NULL)
        return otherwise;
    long long n = strtoll(text, &end, 10);
    return end != text && *end == '\0' && n >= min && n <= max ? n : otherwise;
}

static void hooks_read(void)
{
    /* Further than a century would overflow sums that callers make. */
    const int64_t century_ms = INT64_C(100) * 366 * 86400 * 1000;
    offset_ms = hook_read("QM_CLOCK_OFFSET_MS", -century_ms, century_ms, 0);
    second_ms = (uint32_t)hook_read("QM_CLOCK_SECOND_MS", 1, SECOND_MS, SECOND_MS);
}

static int64_t shift_ms(void)
{
    pthread_once(&hooks_once, hooks_read);
    return offset_ms;
}

uint32_t qm_clock_second_ms(void)
{
    pthread_once(&hooks_once, hooks_read);
    return second_ms;
}
#else
/* What is installed has no way to shift the times of a signed log. */
static int64_t shift_ms(void)
{
    return 0;
}

uint32_t qm_clock_second_ms(void)
{
    return SECOND_MS;
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
