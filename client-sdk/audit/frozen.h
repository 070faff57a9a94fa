/* frozen.h - floor 2, inside audit: one bulletin's roster, and the figures that come of it. */
#ifndef QM_AUDIT_FROZEN_H
#define QM_AUDIT_FROZEN_H

#include "audit/inside.h"
#include "audit/rule.h"

enum qm_au_status { QM_AU_COUNTED = 1, QM_AU_AWAY, QM_AU_MERGED, QM_AU_OUT };

/* One line of a roster; or, with `target` set, the wish that such a household be there. */
struct qm_au_subject {
    uint8_t id[QM_ID_BYTES];
    int64_t grid;
    uint8_t status;
    bool resident, target;
};
struct qm_au_merged {
    uint8_t from[QM_ID_BYTES], to[QM_ID_BYTES];
};

struct qm_au_frozen {
    int64_t idx; /* of the bulletin, for findings */
    const char *scope, *period;
    struct qm_au_table *table;
    struct qm_au_spool subjects, moved;
    struct qm_au_merged *merged; /* sorted by from, when loaded */
    size_t merged_n;
    struct qm_au_village { /* that signed the lines of this period off; sorted by code */
        int64_t code;
        struct qm_hash signed_;
        struct qm_sha256 own;
    } * village;
    size_t villages;
    int64_t lines;
};

qm_err qm_au_frozen_open(struct qm_au *a, struct qm_au_frozen *f);
void qm_au_frozen_close(struct qm_au_frozen *f);
/* Reads the roster: findings for its hash and form, lines into the spool, rows into the table.
 * *there: the bytes could be read. */
qm_err qm_au_frozen_load(struct qm_au *a, struct qm_au_frozen *f, const struct qm_hash *sha,
                         bool *there);
/* Which villages signed other lines off. */
void qm_au_frozen_signoffs(struct qm_au *a, struct qm_au_frozen *f);
/* Adds all cells of metrics of coverage: both folds on this roster. */
qm_err qm_au_frozen_count(struct qm_au *a, struct qm_au_frozen *f, int64_t from, int64_t to);
/* The same with states handed out, for tests; figures are those at `to`. */
typedef void (*qm_au_state_sink)(void *ctx, const struct qm_au_subject *s,
                                 const struct qm_au_figures *now);
qm_err qm_au_frozen_each(struct qm_au *a, struct qm_au_frozen *f, int64_t from, int64_t to,
                         qm_au_state_sink sink, void *ctx);

/* roster_diff.c: two rosters line by line, for the report. */
qm_err qm_au_roster_diff(struct qm_au *a, const struct qm_hash *old, const struct qm_hash *new,
                         struct qm_audit_bulletin *out);

#endif
