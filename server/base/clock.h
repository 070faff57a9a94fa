/* clock.h - floor 1: what time it is; the only reader of the system's clocks.
 * Built with -Dtest_hooks=true, QM_CLOCK_OFFSET_MS in the environment shifts the wall clock (tests
 * of wrong clocks), and QM_CLOCK_SECOND_MS makes the seconds by which regular work is counted
 * shorter (tests that cannot wait for it); otherwise nothing does. Any thread.
 */
#ifndef QM_BASE_CLOCK_H
#define QM_BASE_CLOCK_H

#include <stdint.h>

int64_t qm_clock_ms(void);       /* Unix ms */
uint64_t qm_clock_mono_ns(void); /* for durations */
/* How long a second of regular work lasts: 1000. */
uint32_t qm_clock_second_ms(void);

#endif
