/* client_world.h - an enrolled phone and its town, for tests of the client through its public
 * header.
 */
#ifndef CLIENT_WORLD_H
#define CLIENT_WORLD_H

#include <stddef.h>

#include "client_fixture.h"

struct world {
    char folder[64];
    struct secrets secrets;
    struct town town;
    qm_client *c;
};
/* For cmocka: *state is a new world. */
int world_setup(void **state);
int world_teardown(void **state);
/* As after the end of the process. */
void world_reopen(struct world *w);
int world_sync_records(struct world *w);
/* The town's next answers (times; below 0: all) are this problem. */
void world_refuse(struct world *w, int status, const char *type, int times);
/* The town's changes from now on: these rows, which are said to be n; written to `to`. */
void world_changes(struct world *w, char *to, size_t size, const char *full, const char *rows,
                   int n, const char *cursor);

/* Callbacks of qm_client_records (ctx: seen_states) and qm_client_households (ctx: int). */
struct seen_states {
    int n[6];
    char code[6][40];
};

int note_state(void *ctx, const struct qm_record_view *v);
int count_household(void *ctx, const struct qm_household_view *v);

#endif
