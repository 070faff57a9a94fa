/* bulletin_view.h - floor 4: what all writers of a bulletin read out of it in the same way.
 *
 * Figures of a metric (of the rule's cells, or of the counters where the rule does not have it),
 * words for periods and days, the numbers that prove it.  No figure because there is nobody to
 * cover, one that was not computed and one that cannot be right are told apart.
 * Pure, any thread.  Texts are UTF-8 with a NUL; out sizes are given by the enum.
 */
#ifndef QM_EDGE_BULLETIN_VIEW_H
#define QM_EDGE_BULLETIN_VIEW_H

#include "edge/bulletin_doc.h"
#include "wire/buf.h"

enum { QM_VIEW_WORD_MAX_BYTES = 64, QM_VIEW_URL_MAX_BYTES = QM_HOST_MAX_BYTES + 40 };

struct qm_view_figure {
    enum qm_figure_state state;
    bool of_rule; /* false: of the counters; fresh, late, carried and before are unknown */
    struct qm_rank_cell cell;
    int32_t percent; /* hundredths, cut; with QM_FIGURE_OK only */
};
void qm_view_figure(const struct qm_bulletin_doc *d, const struct qm_bulletin_row *row,
                    enum qm_cover m, struct qm_view_figure *out);
/* Hundredths of a percent between what was shown last time and now.  false: nothing to compare. */
bool qm_view_change(const struct qm_view_figure *f, int32_t *out);
/* May the offices see this metric?  Those of the rule as it says; others unless they are about the
 * app. */
bool qm_view_shown(const struct qm_bulletin_doc *d, enum qm_cover m);
/* Households still missing to the row's target of `visited`, to all of them without one. */
int64_t qm_view_gap(const struct qm_bulletin_doc *d, const struct qm_bulletin_row *row);

/* Proposed by the rule: ranked among the first `commended`, with a score or metric above 0; among
 * the last `criticised`.  Equal ranks are proposed together; nobody is proposed for both; whoever
 * has nobody behind is not commended: where all are equal, or alone, nobody stands out. */
bool qm_view_commended(const struct qm_bulletin_doc *d, const struct qm_bulletin_row *row);
bool qm_view_criticised(const struct qm_bulletin_doc *d, const struct qm_bulletin_row *row);

/* The decisions as one sentence a step, "约谈甲村、乙村；对丙村予以通报批评。"; "—" without any. */
qm_err qm_view_decided(const struct qm_bulletin_doc *d, struct qm_buf *out);

/* "2026年第47周", "2026年11月", "2026年第4季度", "2026年下半年", "2026年" */
void qm_view_period(const struct qm_bulletin_doc *d, char out[QM_VIEW_WORD_MAX_BYTES]);
/* "周", "月", "季度", "半年", "年", for 本周, 较上周, 下周. */
const char *qm_view_span_word(const struct qm_bulletin_doc *d);
/* "2026年11月23日", "11月23日", "11月23日12时"; "" for day 0 or time 0. */
void qm_view_day(int32_t day, bool year, char out[QM_VIEW_WORD_MAX_BYTES]);
/* "2026年11月23日，扫描件校验码 <64 hex digits>" of a sealed paper; false: it is not sealed. */
enum { QM_VIEW_SEALED_MAX_BYTES = 160 };
bool qm_view_sealed(const struct qm_bulletin_doc *d, char out[QM_VIEW_SEALED_MAX_BYTES]);
void qm_view_hour(int64_t unix_ms, char out[QM_VIEW_WORD_MAX_BYTES]);
/* Day of publication with its year; "　　年　月　日", to be written by hand, while a draft. */
void qm_view_issue_day(const struct qm_bulletin_doc *d, char out[QM_VIEW_WORD_MAX_BYTES]);
/* "〔2026〕第47期"; without a number room for one. */
void qm_view_number(const struct qm_bulletin_doc *d, char out[QM_VIEW_WORD_MAX_BYTES]);
/* "入户口径", "到户口径" or "户籍人口口径"; with "，有佐证" where the rule wants evidence. */
void qm_view_basis(const struct qm_bulletin_doc *d, char out[QM_VIEW_WORD_MAX_BYTES]);
/* "名次按…": how the rule ranks, in one sentence. */
qm_err qm_view_rule(const struct qm_bulletin_doc *d, struct qm_buf *out);
/* "village" as 村(居) and so on. */
const char *qm_view_division_word(const struct qm_bulletin_doc *d);
/* "入户" of visited, for columns of public outputs. */
const char *qm_view_metric_word(enum qm_cover m);
/* Word of an imported figure; NULL for one that annex 3 has no column for. */
const char *qm_bulletin_figure_word(const char *metric);

/* "-12.50", "75.20": hundredths. */
void qm_view_hundredths(int64_t hundredths, char out[QM_VIEW_WORD_MAX_BYTES]);
/* Base64 of the root, 44 characters and a NUL; the first 16 are printed beside. */
void qm_view_root(const struct qm_bulletin_doc *d, char out[QM_B64_HASH_CHARS + 1]);
/* https://HOST/b/<county>/<index>; "" for a draft. */
void qm_view_url(const struct qm_bulletin_doc *d, char out[QM_VIEW_URL_MAX_BYTES]);
/* "" for NULL. */
const char *qm_view_text(const char *t);
/* Appends text without line breaks, control characters and marks that turn the direction of
 * writing: for outputs that cannot isolate a name. */
qm_err qm_view_plain(const char *t, struct qm_buf *out);

#endif
