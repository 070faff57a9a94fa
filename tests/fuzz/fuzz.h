/* fuzz.h - what the fuzz targets share.
 *
 * A target defines LLVMFuzzerTestOneInput and which cases of tests/vectors/negative.json it starts
 * from.  With libFuzzer it runs by itself; as an ordinary test fuzz_replay.c feeds it those cases
 * and changes of them, the same ones every time. */
#ifndef QM_TESTS_FUZZ_H
#define QM_TESTS_FUZZ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Values of `what` in negative.json, ended by NULL. */
extern const char *const fuzz_seeds[];

/* Inputs that the target took as good: the replay fails when there are none, for then the
 * invariants were never looked at. */
extern size_t fuzz_accepted;

static inline void must(bool holds, const char *invariant)
{
    if (holds)
        return;
    fprintf(stderr, "does not hold: %s\n", invariant);
    abort();
}

#endif
