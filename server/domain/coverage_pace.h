/* coverage_pace.h - floor 3: how fast a figure grows: what the week brought, what is needed a day,
 * when the target will be met.
 *
 * Happy path: a figure of today, the same figure at the end of last week and at the first day of
 * the last fortnight, the target that holds -> a forecast along a straight line; when that target
 * is met, along the same line, of the stage behind it.
 * No forecast is told from too little: under a week of days, or no target.
 * Integers only.  Pure, any thread.
 */
#ifndef QM_DOMAIN_COVERAGE_PACE_H
#define QM_DOMAIN_COVERAGE_PACE_H

#include "domain/coverage.h"

enum { QM_PACE_DAYS_MIN = 7, QM_PACE_DAYS = 14 };

enum qm_pace_state {
    QM_PACE_NO_TARGET,  /* or no figure */
    QM_PACE_DONE,       /* the target is met */
    QM_PACE_TOO_LITTLE, /* under QM_PACE_DAYS_MIN days to go by */
    QM_PACE_STANDS,     /* nothing was gained in these days */
    QM_PACE_OK
};
const char *qm_pace_state_name(enum qm_pace_state s);

struct qm_pace_past { /* the figure on an earlier day */
    bool there;
    int32_t day;
    int64_t num, num_evidenced;
};
struct qm_pace_ahead { /* of one target */
    enum qm_pace_state state;
    int32_t forecast_day; /* QM_PACE_OK: when the target will be met */
    int32_t at_due;       /* QM_PACE_OK, STANDS, and due later: hundredths of a percent, cut */
    bool in_time;         /* QM_PACE_OK: forecast_day is not behind the due day */
};
struct qm_pace {
    bool has_week;
    int64_t week;   /* change of num since the end of last week; may be negative */
    int64_t needed; /* a day until the target is due, cut upwards; the whole gap when overdue */
    bool has_since;
    int32_t since_day;          /* the forecasts go by what was gained since then */
    struct qm_pace_ahead now;   /* of the target that holds */
    struct qm_pace_ahead stage; /* of the stage behind it, once that one is met */
};
/* The figure is of `day`; past days lie before it. */
void qm_pace_compute(const struct qm_figure *f, int32_t day, const struct qm_pace_past *week,
                     const struct qm_pace_past *fortnight, struct qm_pace *out);

/* The Sunday that ended the last week before a day. */
int32_t qm_pace_last_sunday(int32_t day);

#endif
