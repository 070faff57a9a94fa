/* ranking.h - floor 3: the ranking of a bulletin, from the sums that were frozen (section 8 of the
 * contract; the schema of the rule is in client-sdk/README.md).
 *
 * Happy path: the edge reads the rule from its JSON into a qm_rule; freezing fills one qm_rank_row
 * a division; qm_ranking_compute gives score, rank, and who is left out and why;
 * qm_ranking_result_write gives the bytes whose hash the log names.
 * Integers and exact fractions only; products are taken in 128 bits.
 * Failure: QM_E_NOMEM; QM_E_INVALID where a division has no figure for a metric that is imported
 * (den 0), or a cell that cannot be (negative, above the denominator).
 * Pure, any thread.
 */
#ifndef QM_DOMAIN_RANKING_H
#define QM_DOMAIN_RANKING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "domain/coverage.h"
#include "wire/buf.h"
#include "wire/codec.h"
#include "wire/err.h"

enum { QM_RULE_METRICS_MAX = 32, QM_RULE_STEPS_MAX = 32 };

enum qm_rule_level { QM_LEVEL_GRID, QM_LEVEL_VILLAGE, QM_LEVEL_TOWNSHIP };
size_t qm_rule_level_digits(enum qm_rule_level level); /* 15, 12, 9 */
const char *qm_rule_level_name(enum qm_rule_level level);

struct qm_rule_metric {
    char name[QM_CODE_MAX_BYTES + 1];
    bool imported;             /* not a metric of coverage: a figure from elsewhere */
    enum qm_cover cover;       /* unless imported */
    bool ranked, office, open; /* open: in the public result */
    bool lower;                /* a lower value ranks first; lexicographic only */
    int weight;                /* 1..100 of ranked ones with order weights; else 0 */
};

enum qm_rule_subject { QM_SUBJECT_VILLAGE, QM_SUBJECT_UNIT, QM_SUBJECT_POLICE };
enum qm_rule_when {
    QM_WHEN_WORST, /* last in every ranked imported metric, `times` periods running */
    QM_WHEN_CASE,  /* the imported figure `cases` is above 0 */
    QM_WHEN_LOW,   /* score under 60 points and among the last three */
    QM_WHEN_FALSE  /* the imported figure `false_records` is above 0 */
};
const char *qm_rule_subject_name(enum qm_rule_subject subject);
const char *qm_rule_when_name(enum qm_rule_when when);
struct qm_rule_step {
    enum qm_rule_subject subject;
    enum qm_rule_when when;
    int times;                        /* 1..52 periods of this kind in a row */
    char step[QM_CODE_MAX_BYTES + 1]; /* what is proposed: circulate, talk_deputy, talk_head, ... */
};

struct qm_rule {
    enum qm_rule_level level;
    bool evidenced;            /* assurance: false reported, true evidenced */
    bool weights;              /* order: true weights, false lexicographic */
    int64_t minimum;           /* smallest denominator of a ranked metric of coverage; 0: none */
    int commended, criticised; /* how many are proposed from the top and from the bottom */
    size_t metrics_n, steps_n;
    struct qm_rule_metric metrics[QM_RULE_METRICS_MAX];
    struct qm_rule_step steps[QM_RULE_STEPS_MAX];
};

/* One metric of one division. An imported figure is num = value, den = 1, the rest 0. */
struct qm_rank_cell {
    int64_t num, den, fresh /* `new` of the contract */, refused;
    /* Why the figure moved, for the preview: of `fresh`, done before the period began (late);
     * brought over from records before the start (carried); figures of the bulletin before. */
    int64_t late, carried, num_before, den_before;
};
enum qm_rank_out { QM_RANK_IN, QM_RANK_EMPTY, QM_RANK_SMALL };
const char *qm_rank_out_name(enum qm_rank_out out); /* "", "empty", "small" */
struct qm_rank_row {
    char code[16];
    struct qm_rank_cell m[QM_RULE_METRICS_MAX];
    int64_t score; /* 0..10^8; 0 with lexicographic order */
    int rank;      /* from 1; 0 if out */
    int before;    /* rank in the bulletin before; 0: none */
    enum qm_rank_out out;
    int64_t v[QM_C_COUNT_]; /* all counters of the division at `to`, for the annexes */
};

/* Sets score, rank and out of each row and sorts rows as the result has them: ranked by rank, then
 * code; behind them those left out, by code. */
qm_err qm_ranking_compute(const struct qm_rule *rule, struct qm_rank_row *rows, size_t n);

struct qm_ranking_head {
    const char *scope, *period;
    int64_t from, to;
};
/* The result's bytes, LF included; public_only: the metrics that are open to the public. */
qm_err qm_ranking_result_write(const struct qm_rule *rule, const struct qm_ranking_head *head,
                               const struct qm_rank_row *rows, size_t n, bool public_only,
                               struct qm_buf *out);

#endif
