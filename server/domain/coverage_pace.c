/* coverage_pace.c - floor 3: see coverage_pace.h.
 * Happy path: the week, what is needed a day, the forecast. Cannot fail: what cannot be told has
 * a state of its own (no target, too little), and a line of more than a hundred years stands
 * still.
 */
#include "domain/coverage_pace.h"

#include <string.h>

enum { FORECAST_DAYS_MAX = 36500, DAYS_OF_WEEK = 7 };

const char *qm_pace_state_name(enum qm_pace_state s)
{
    static const char *const names[] = {"no_target", "done", "too_little", "stands", "ok"};
    return names[s];
}

int32_t qm_pace_last_sunday(int32_t day)
{
    /* 1970-01-01 was a Thursday: day 3 was a Sunday. */
    int32_t since = (day - 3) % DAYS_OF_WEEK;
    if (since <= 0)
        since += DAYS_OF_WEEK;
    return day - since;
}

static int64_t divide_up(int64_t a, int64_t b)
{
    return (a + b - 1) / b;
}

static void needed_a_day(const struct qm_figure *f, int32_t day, struct qm_pace *out)
{
    int32_t days = f->now->due_day - day;
    out->needed = days > 0 ? divide_up(f->gap, days) : f->gap;
}

/* Along the line through the fortnight's first day and today. */
static void forecast(const struct qm_figure *f, const struct qm_target *target, int32_t day,
                     const struct qm_pace_past *from, struct qm_pace_ahead *out)
{
    int64_t num = target->evidenced ? f->num_evidenced : f->num;
    int64_t days = day - from->day;
    int64_t gained = num - (target->evidenced ? from->num_evidenced : from->num);
    int64_t left = target->due_day - day;
    int64_t then = left > 0 ? num + gained * left / days : num;
    if (then < num)
        then = num; /* a figure that fell is not forecast to fall on */
    out->at_due = qm_percent(then < f->den ? then : f->den, f->den);
    out->state = QM_PACE_STANDS;
    if (gained <= 0)
        return;
    int64_t ahead = divide_up(qm_gap(num, f->den, target->threshold) * days, gained);
    if (ahead > FORECAST_DAYS_MAX)
        return;
    out->state = QM_PACE_OK;
    out->forecast_day = day + (int32_t)ahead;
    out->in_time = out->forecast_day <= target->due_day;
}

static void look_ahead(const struct qm_figure *f, const struct qm_target *target, int32_t day,
                       const struct qm_pace_past *from, struct qm_pace_ahead *out)
{
    int64_t num = target->evidenced ? f->num_evidenced : f->num;
    if (qm_gap(num, f->den, target->threshold) == 0)
        out->state = QM_PACE_DONE;
    else if (!from->there || day - from->day < QM_PACE_DAYS_MIN)
        out->state = QM_PACE_TOO_LITTLE;
    else
        forecast(f, target, day, from, out);
}

void qm_pace_compute(const struct qm_figure *f, int32_t day, const struct qm_pace_past *week,
                     const struct qm_pace_past *fortnight, struct qm_pace *out)
{
    memset(out, 0, sizeof *out);
    if (f->state != QM_FIGURE_OK)
        return;
    if (week->there) {
        out->has_week = true;
        out->week = f->num - week->num;
    }
    if (f->now == NULL)
        return;
    needed_a_day(f, day, out);
    out->has_since = fortnight->there && day - fortnight->day >= QM_PACE_DAYS_MIN;
    out->since_day = fortnight->day;
    look_ahead(f, f->now, day, fortnight, &out->now);
    if (f->met && f->next != NULL)
        look_ahead(f, f->next, day, fortnight, &out->stage);
}
