/* client_world.c - see client_world.h. */
#include "client_world.h"

#include <stdio.h>
#include <stdlib.h>

int world_setup(void **state)
{
    struct world *w = calloc(1, sizeof *w);
    folder_make(w->folder);
    town_open(&w->town);
    w->c = phone(w->folder, &w->secrets, &w->town);
    *state = w;
    return 0;
}

int world_teardown(void **state)
{
    struct world *w = *state;
    qm_client_close(w->c);
    folder_remove(w->folder);
    free(w);
    return 0;
}

void world_reopen(struct world *w)
{
    qm_client_close(w->c);
    w->c = phone_open(w->folder, &w->secrets, &w->town);
}

int world_sync_records(struct world *w)
{
    struct qm_sync_report r;
    return qm_client_sync(w->c, QM_SYNC_RECORDS, &r);
}

void world_refuse(struct world *w, int status, const char *type, int times)
{
    w->town.fault = PROBLEM;
    w->town.fault_times = times;
    w->town.problem_status = status;
    w->town.problem_type = type;
    w->town.retry_after_s = -1;
}

static const char head[] =
    "{\"t\":\"head\",\"log\":\"" HOST "/log/140522\",\"size\":9,\"now\":1795240800000,\"full\":";
void world_changes(struct world *w, char *to, size_t size, const char *full, const char *rows,
                   int n, const char *cursor)
{
    snprintf(to, size, "%s%s}\n%s{\"t\":\"end\",\"cursor\":\"%s\",\"rows\":%d}\n", head, full, rows,
             cursor, n);
    w->town.changes = to;
}

int note_state(void *ctx, const struct qm_record_view *v)
{
    struct seen_states *s = ctx;
    s->n[v->state]++;
    snprintf(s->code[v->state], sizeof s->code[0], "%s", v->code);
    return 0;
}

int count_household(void *ctx, const struct qm_household_view *v)
{
    (void)v;
    (*(int *)ctx)++;
    return 0;
}
