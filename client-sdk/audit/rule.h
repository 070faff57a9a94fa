/* rule.h - floor 2, inside audit: the rule (schema in client-sdk/README.md), the table of divisions
 * with their cells, ranks, and the result's bytes (section 8 of the contract).
 * Memory grows with the number of divisions.  Failure: QM_E_MALFORMED for bytes that are no rule,
 * QM_E_NOMEM.
 */
#ifndef QM_AUDIT_RULE_H
#define QM_AUDIT_RULE_H

#include "audit/fold.h"
#include "wire/buf.h"

enum { QM_AU_RULE_METRICS_MAX = 32, QM_AU_RULE_MAX_BYTES = 65536 };

struct qm_au_rule {
    int digits; /* of a division's code: 15 9 12 */
    const char *level;
    bool evidenced, weights;
    int64_t minimum;
    size_t n, ranked;
    struct qm_au_rule_metric {
        char name[QM_CODE_MAX_BYTES + 1];
        int cover; /* enum qm_au_metric; -1: imported */
        bool ranked, open, lower;
        int weight;
    } metric[QM_AU_RULE_METRICS_MAX];
};
qm_err qm_au_rule_read(const char *t, size_t len, struct qm_au_rule *out);

enum { QM_AU_NUM, QM_AU_DEN, QM_AU_NEW, QM_AU_REFUSED, QM_AU_CELL };

struct qm_au_row {
    int64_t code;
    int64_t score;
    int rank, before; /* 0: none */
    bool empty, small;
    uint32_t figures; /* bits of imported metrics that have one */
    int64_t cell[];   /* QM_AU_CELL numbers a metric of the rule */
};
struct qm_au_table {
    const struct qm_au_rule *rule;
    struct qm_au_row **row; /* in order of making until qm_au_table_rank */
    size_t n;
    size_t *slot;
    size_t slots;
};
void qm_au_table_init(struct qm_au_table *t, const struct qm_au_rule *rule);
void qm_au_table_free(struct qm_au_table *t);
/* The row of a code; made if it is not there and make is set.  NULL: not there, or no memory. */
struct qm_au_row *qm_au_table_row(struct qm_au_table *t, int64_t code, bool make);
/* Scores, ranks, who is out; rows are then in the result's order, those left out behind, by code.
 * The slots are no longer valid. */
void qm_au_table_rank(struct qm_au_table *t);

struct qm_au_head {
    const char *scope, *period;
    int64_t from, to;
};
qm_err qm_au_result(const struct qm_au_table *t, const struct qm_au_head *h, bool open_only,
                    struct qm_buf *out);

#endif
