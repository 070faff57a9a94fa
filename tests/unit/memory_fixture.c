/* memory_fixture.c - see memory_fixture.h. */
#include "memory_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static _Thread_local long fail_at, count;
static _Thread_local bool paused;

void *__real_malloc(size_t n);
void *__real_calloc(size_t n, size_t size);
void *__real_realloc(void *p, size_t n);
char *__real_strdup(const char *s);
void *__wrap_malloc(size_t n);
void *__wrap_calloc(size_t n, size_t size);
void *__wrap_realloc(void *p, size_t n);
char *__wrap_strdup(const char *s);

static bool fails(void)
{
    if (paused)
        return false;
    count++;
    return count == fail_at;
}

void *__wrap_malloc(size_t n)
{
    return fails() ? NULL : __real_malloc(n);
}

void *__wrap_calloc(size_t n, size_t size)
{
    return fails() ? NULL : __real_calloc(n, size);
}

void *__wrap_realloc(void *p, size_t n)
{
    return fails() ? NULL : __real_realloc(p, n);
}

char *__wrap_strdup(const char *s)
{
    return fails() ? NULL : __real_strdup(s);
}

void memory_fail_at(long n)
{
    fail_at = n;
    count = 0;
}

long memory_count(void)
{
    return count;
}

void memory_pause(void)
{
    paused = true;
}

void memory_resume(void)
{
    paused = false;
}

void memory_each_fails(bool (*work)(void))
{
    for (long at = 1;; at++) {
        assert_true(at < 10000);
        memory_fail_at(at);
        bool whole = work();
        bool failed = memory_count() >= at;
        memory_fail_at(0);
        assert_int_equal(whole, !failed);
        if (!failed) {
            assert_true(at > 1);
            return;
        }
    }
}
