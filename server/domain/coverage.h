/* coverage.h - floor 3: coverage figures out of counters.
 *
 * Happy path: ask the database for counter rows (qm.coverage), decode a row, compute the figure of
 * each metric against the targets that hold for that division on that day.
 * Three things are told apart for each figure: a value (zero included), no figure because there is
 * nobody to cover (den 0) or nothing was counted yet, and failed (counters that cannot be right).
 * Computing is pure, any thread; asking belongs to the loop's thread.
 */
#ifndef QM_DOMAIN_COVERAGE_H
#define QM_DOMAIN_COVERAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "drivers/pg.h"

/* Places of a counter row: the numbers of qm.counter_place, append only. */
enum qm_counter {
    QM_C_HOMES = 1,
    QM_C_HOMES_NEAR,
    QM_C_VISITED,
    QM_C_VISITED_EVIDENCED,
    QM_C_REACHED,
    QM_C_REACHED_EVIDENCED,
    QM_C_NOTICE_DELIVERED,
    QM_C_NOTICE_DELIVERED_EVIDENCED,
    QM_C_NOTICE_SIGNED,
    QM_C_NOTICE_SIGNED_EVIDENCED,
    QM_C_PLEDGE,
    QM_C_PLEDGE_EVIDENCED,
    QM_C_VISITED_REFUSED,
    QM_C_REACHED_REFUSED,
    QM_C_NOTICE_REFUSED,
    QM_C_PLEDGE_REFUSED,
    QM_C_PLEDGE_LATER,
    QM_C_PLEDGE_WITHDRAWN,
    QM_C_DOOR_NO_ADULT,
    QM_C_DOOR_ABSENT,
    QM_C_DOOR_APPOINTED,
    QM_C_DOOR_GONE,
    QM_C_DOOR_NO_ENTRY,
    QM_C_DOOR_MOVED,
    QM_C_DOOR_VACANT,
    QM_C_DOOR_NONE,
    QM_C_DOOR_NONE_YET,
    QM_C_AWAY,
    QM_C_VACANT,
    QM_C_GONE,
    QM_C_OTHER,
    QM_C_UNCLAIMED,
    QM_C_AWAY_REACHED,
    QM_C_VISITS,
    QM_C_VISITS_POLICE,
    QM_C_SHOPS,
    QM_C_SHOPS_VISITED,
    QM_C_ENTERPRISES,
    QM_C_ENTERPRISES_VISITED,
    QM_C_SCHOOLS,
    QM_C_SCHOOLS_VISITED,
    QM_C_OFFICES,
    QM_C_OFFICES_VISITED,
    QM_C_VENUES,
    QM_C_VENUES_VISITED,
    QM_C_POPULATION,
    QM_C_APP,
    QM_C_APP_EVIDENCED,
    QM_C_APP_REAL_NAME,
    QM_C_APP_REAL_NAME_EVIDENCED,
    QM_C_APP_CALL_ALERT,
    QM_C_APP_CALL_ALERT_EVIDENCED,
    QM_C_APP_SMS_ALERT,
    QM_C_APP_SMS_ALERT_EVIDENCED,
    QM_C_APP_ALL,
    QM_C_APP_ALL_EVIDENCED,
    QM_C_APP_REFUSED,
    QM_C_APP_LATER,
    QM_C_APP_NO_PHONE,
    QM_C_APP_FEATURE_PHONE,
    QM_C_APP_UNFIT,
    QM_C_APP_SHARED,
    QM_C_APP_REMOVED,
    QM_C_APP_NONE_YET,
    QM_C_RESIDENTS_AWAY,
    QM_C_RESIDENTS_UNKNOWN_AGE,
    QM_C_RESIDENTS,
    QM_C_ELDERS_APP,
    QM_C_COUNT_
};
/* Name of a place as in qm.counter_place; NULL outside. */
const char *qm_counter_name(int place);
/* Is this place a numerator, denominator or refusal of a metric?  The rest stands beside. */
bool qm_counter_of_metric(int place);

enum qm_cover {
    QM_COVER_VISITED,
    QM_COVER_REACHED,
    QM_COVER_NOTICE_DELIVERED,
    QM_COVER_NOTICE_SIGNED,
    QM_COVER_PLEDGE,
    QM_COVER_APP,
    QM_COVER_APP_REAL_NAME,
    QM_COVER_APP_CALL_ALERT,
    QM_COVER_APP_SMS_ALERT,
    QM_COVER_APP_ALL,
    QM_COVER_COUNT_
};
const char *qm_cover_name(enum qm_cover m);
/* Places of what a metric is made of. */
struct qm_cover_places {
    int num, evidenced, den, refused; /* enum qm_counter */
};
struct qm_cover_places qm_cover_places(enum qm_cover m);
/* QM_E_NOT_FOUND if there is no metric of this name. */
qm_err qm_cover_read(const char *name, enum qm_cover *out);

/* ---- targets: rows of the `targets` setting; rising due dates of one metric are its stages ----
 */
enum qm_basis { QM_BASIS_DOOR, QM_BASIS_REACH, QM_BASIS_REGISTER };
const char *qm_basis_name(enum qm_basis b);
struct qm_target {
    enum qm_cover metric;
    char prefix[16]; /* division or grid code */
    enum qm_basis basis;
    bool evidenced;    /* assurance: false reported, true evidenced */
    int32_t threshold; /* 1..10000 hundredths of a percent */
    int32_t from_day, due_day;
};
struct qm_targets {
    size_t n;
    struct qm_target *list; /* owned; free() */
};
/* The stage that holds for a division on a day: of the rows with the longest fitting prefix and
 * from <= day the one that is due next, or else the one that was due last.  NULL: none. */
const struct qm_target *qm_target_now(const struct qm_targets *t, enum qm_cover m, const char *code,
                                      int32_t day);
/* The stage behind it (or the first one to come if none holds yet); NULL: none. */
const struct qm_target *qm_target_next(const struct qm_targets *t, enum qm_cover m,
                                       const char *code, int32_t day);

/* ---- figures ---- */
enum qm_figure_state {
    QM_FIGURE_OK,
    QM_FIGURE_EMPTY,        /* den 0: nobody to cover */
    QM_FIGURE_NOT_COMPUTED, /* no counter row yet */
    QM_FIGURE_FAILED        /* negative, above the denominator, or too few places */
};
const char *qm_figure_state_name(enum qm_figure_state s);
struct qm_figure {
    enum qm_figure_state state;
    int64_t num, num_evidenced, den, refused;
    int32_t percent, percent_evidenced; /* hundredths, cut, with QM_FIGURE_OK only */
    const struct qm_target *now, *next; /* point into the targets */
    int64_t gap, gap_next;              /* still needed; only with now, next */
    bool met;                           /* only with now */
};
struct qm_coverage_row {
    char code[16];
    const char *name; /* in the result */
    bool counted;     /* false: no counter row */
    size_t places;
    int64_t v[QM_C_COUNT_]; /* by place; 0 unused */
    int64_t size, recv_ms;
    int32_t age_day;
    int tree;
};
/* t may be NULL or empty: figures without target. */
void qm_figure_compute(const struct qm_coverage_row *row, enum qm_cover m,
                       const struct qm_targets *t, struct qm_figure *out);
/* floor(10000 * num / den); den > 0. */
int32_t qm_percent(int64_t num, int64_t den);
/* Smallest k >= 0 with (num + k) * 10000 >= den * threshold. */
int64_t qm_gap(int64_t num, int64_t den, int32_t threshold);

/* ---- asking ---- */
struct qm_coverage_ask {
    int county;
    const char *role, *prefix; /* who asks */
    const char *level;         /* grid village township county */
    const char *within;        /* the division asked for */
};
/* Code length of a level: 15, 12, 9, 6; 0 for another word. */
size_t qm_level_digits(const char *level);
/* NULL: no memory. */
struct qm_pg_params *qm_coverage_params(const struct qm_coverage_ask *ask);
qm_err qm_coverage_read(struct qm_pg *pg, const struct qm_coverage_ask *ask, qm_pg_done done,
                        void *ctx);
/* Counters as qm.pack wrote them (int4s in network order): sets counted, places and v. */
void qm_coverage_unpack(const uint8_t *packed, size_t len, struct qm_coverage_row *out);
/* QM_E_CORRUPT if the row is not one of qm.coverage. */
qm_err qm_coverage_row(const struct qm_pg_result *r, int row, struct qm_coverage_row *out);
/* Body (column 0) and log index (column 1) of a setting in force; no row if there is none. */
qm_err qm_setting_read(struct qm_pg *pg, int county, const char *kind, qm_pg_done done, void *ctx);

#endif
