/* memory_fixture.h - the n-th allocation fails, for tests of what happens without memory.
 *
 * Link with the options of memory_wrap in meson.build: the linker then turns the calls of malloc
 * and its kin in our own objects into the functions of this fixture; shared libraries keep theirs.
 * All of it counts for each thread by itself.
 */
#ifndef QM_TESTS_MEMORY_FIXTURE_H
#define QM_TESTS_MEMORY_FIXTURE_H

#include <stdbool.h>

/* Counts from here: the n-th next allocation fails, later ones do not; 0: none fails. */
void memory_fail_at(long n);
/* Allocations since memory_fail_at. */
long memory_count(void);
/* Between these two nothing is counted and nothing fails. */
void memory_pause(void);
void memory_resume(void);

/* Runs the work with its first, second, ... allocation failing, until it gets by without: that run
 * must return true (it did all), each before it false; and there must be one before it. */
void memory_each_fails(bool (*work)(void));

#endif
