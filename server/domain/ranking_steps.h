/* ranking_steps.h - floor 3: what a rule's escalation steps propose; a person decides.
 *
 * Happy path: qm_steps_begin with this ranking, qm_steps_earlier with each ranking before it as
 * long as periods follow one another without a gap, newest first, qm_steps_end;
 * then ask qm_steps_proposed.
 * A step is proposed for a division in which its condition holds in this ranking and in the
 * `times` - 1 before it:
 *   worst  in every ranked imported metric nobody has a worse figure and somebody a better one
 *   case   the figure `cases` is above 0
 *   low    order weights: the score is under 60,000,000 and fewer than three are ranked behind it
 *   false  the figure `false_records` is above 0
 * Failure: QM_E_NOMEM.  Pure, any thread.
 */
#ifndef QM_DOMAIN_RANKING_STEPS_H
#define QM_DOMAIN_RANKING_STEPS_H

#include "domain/ranking.h"

struct qm_steps {
    const struct qm_rule *rule;     /* of this ranking; both live as long */
    const struct qm_rank_row *rows; /* computed */
    size_t n;
    int bulletins; /* that were looked at */
    bool *holds;   /* a row of n for each step */
};

qm_err qm_steps_begin(struct qm_steps *s, const struct qm_rule *rule,
                      const struct qm_rank_row *rows, size_t n);
/* How many rankings before this one matter: greatest `times` less one. */
int qm_steps_history(const struct qm_rule *rule);
void qm_steps_earlier(struct qm_steps *s, const struct qm_rule *rule,
                      const struct qm_rank_row *rows, size_t n);
/* After the last: steps for which there are not rankings enough are proposed for nobody. */
void qm_steps_end(struct qm_steps *s);
bool qm_steps_proposed(const struct qm_steps *s, size_t step, size_t row);
void qm_steps_free(struct qm_steps *s);

#endif
