/* wire_fixture.h - what the tests of client-sdk/wire share: values of tests/vectors, found through
 * the environment variable QM_VECTORS.  A missing value ends the test program. */
#ifndef QM_TESTS_WIRE_FIXTURE_H
#define QM_TESTS_WIRE_FIXTURE_H

#include <jansson.h>
#include <stdint.h>

#include "wire/note.h"

/* Parses tests/vectors/<name>; json_decref. */
json_t *fx_load(const char *name);
/* Value at a path such as "batch/note" or "log_entries/3". */
json_t *fx_at(json_t *root, const char *path);
const char *fx_text(json_t *root, const char *path);
/* Bytes of a hexadecimal text; exactly len of them. */
void fx_hex(json_t *root, const char *path, void *out, size_t len);
void fx_vkey(json_t *root, const char *path, struct qm_vkey *out);

/* Deterministic numbers for tests that choose bytes (splitmix64). */
uint64_t fx_random(uint64_t *state);

#endif
