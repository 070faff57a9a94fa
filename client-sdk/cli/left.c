/* left.c - floor 3: what is left to do at one door, as the office's lists and the phone page ask.
 *
 * Happy path: by the state that the office has of the household, and the ages and apps of who lives
 * there: bits for a visit, a notice, a pledge, an app.  Nobody is sent again to a door that
 * refused, and a household that is away is only to be reached. Failure modes: those of the outbox.
 */
#include "cli/cli.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "wire/codec.h"

/* Born after the one and not after the other: from 16 until the day before the 61st birthday. */
struct ages {
    char after[11], until[11];
    bool asked;
};

static void years_before(int32_t day, int years, char out[11])
{
    char today[11], year[5];
    qm_day_write(day, today);
    snprintf(year, sizeof year, "%.4s", today);
    snprintf(out, 11, "%04d%.6s", (int)strtol(year, NULL, 10) - years, today + 4);
}

static int on_resident(void *ctx, const struct qm_resident_view *v)
{
    struct ages *ages = ctx;
    bool age = strcmp(v->status, "counted") == 0 && strcmp(v->born, ages->after) > 0 &&
               strcmp(v->born, ages->until) <= 0;
    ages->asked = ages->asked || (age && args_listed("none later removed", v->app));
    return 0;
}

static int app_left(qm_client *c, const char *household, int32_t day, unsigned *left)
{
    struct ages ages = {0};
    years_before(day, 61, ages.after);
    years_before(day, 16, ages.until);
    int rc = qm_client_residents(c, household, on_resident, &ages);
    if (ages.asked)
        *left |= LEFT_APP;
    return rc;
}

int32_t left_day(const struct qm_client_info *info)
{
    return qm_day_of_ms((int64_t)time(NULL) * 1000 + info->clock_offset_ms);
}

int left_at(qm_client *c, const struct qm_household_view *v, int32_t day, unsigned *left)
{
    bool wanted = strcmp(v->door_state, "refused") != 0;
    *left = 0;
    if (strcmp(v->place, "home") != 0)
        return QM_C_OK;
    if (strcmp(v->status, "away") == 0) {
        *left = !v->reached && wanted ? LEFT_VISIT : 0;
        return QM_C_OK;
    }
    if (strcmp(v->status, "counted") != 0)
        return QM_C_OK;
    if (!v->visited && wanted)
        *left |= LEFT_VISIT;
    if (strcmp(v->notice, "none") == 0)
        *left |= LEFT_NOTICE;
    if (args_listed("none later", v->pledge))
        *left |= LEFT_PLEDGE;
    return app_left(c, v->household, day, left);
}
