/* ranking_freeze.h - floor 3: freezing a ranking: everything that a bulletin rests on, read in one
 * snapshot (section 8 of the contract).
 *
 * Happy path: qm_freeze_run opens two connections of its own, reads head and rule, streams the
 * roster (hash, comparison with the roster of the bulletin before, parts of at most 1 MiB into
 * qm.object_part), reads the sums, the figures from elsewhere and the ranks before, ranks, and
 * writes the result's bytes.  qm.freeze_commit then keeps all but the roster's parts, which are
 * there already; parts that no commit came to are removed at night.
 * While syncs wait it rests between statements (ranking_pace.h).
 * Memory grows with the divisions and a 64th of the residents, never with events.
 * Failure: QM_E_CONFLICT with `why` and `what`: nothing can be frozen as things are. QM_E_OVERLOAD:
 * the database is away or the server stops.  QM_E_NOMEM, QM_E_CORRUPT (stored bytes do not add up),
 * QM_E_IO (no room for a copy of the roster in the folder for temporary files), QM_E_INTERNAL
 * (logged).
 * Blocks, for seconds: for a thread of its own (qm_pool_run_long); touches no loop.
 */
#ifndef QM_DOMAIN_RANKING_FREEZE_H
#define QM_DOMAIN_RANKING_FREEZE_H

#include <stdatomic.h>

#include "domain/ranking_steps.h"
#include "drivers/pg.h"
#include "wire/merkle.h"
#include "wire/period.h"

enum { QM_FREEZE_PART_BYTES = 1048576, QM_FREEZE_WHAT_BYTES = 240, QM_BESIDE_SUMS = 6 };

struct qm_freeze_ask {
    const char *conninfo, *role;         /* role "": the login's own */
    struct qm_pg_statements *statements; /* held by whoever asks until the freeze has ended */
    int county;
    char scope[16];
    char period[QM_PERIOD_MAX_BYTES + 1];
    struct qm_period span;
    int64_t replaces; /* index of the entry that a correction replaces; -1: none */
    /* The rule's bytes as a value; whoever asks reads JSON. */
    qm_err (*rule_read)(const char *t, size_t len, struct qm_rule *out);
    const atomic_bool *cancel;     /* looked at between statements, and while it rests */
    bool (*syncs_wait)(void *ctx); /* from the thread of the freeze */
    void *syncs_ctx;
};

enum qm_freeze_why {
    QM_FREEZE_OK,
    QM_FREEZE_NO_RULE,    /* nobody has set one */
    QM_FREEZE_BAD_RULE,   /* its bytes are none of today's schema */
    QM_FREEZE_LEVEL,      /* the scope does not lie above the rule's divisions */
    QM_FREEZE_REPLACES,   /* not the newest of its chain, or of another scope or kind */
    QM_FREEZE_PERIOD,     /* a correction is of the period that it corrects: what names it */
    QM_FREEZE_NO_ROSTER,  /* the scope has no households */
    QM_FREEZE_NO_FIGURES, /* what: the first metrics and codes that are missing */
    QM_FREEZE_WHY_COUNT_
};

/* A division that has a line on the roster, or had one in the bulletin before. */
struct qm_division {
    char code[16];
    int64_t lines;                   /* on the roster */
    int64_t line_new, gone, changed; /* against the bulletin before; 0 without one.  A line that
                                        moved is gone there and new here */
    int64_t v[QM_C_COUNT_];          /* counters at `to` */
    int64_t a[2 * QM_COVER_COUNT_], b[2 * QM_COVER_COUNT_], l[2 * QM_COVER_COUNT_],
        z[2 * QM_COVER_COUNT_]; /* the folds: reported, evidenced of each metric */
    bool unknown; /* what its lines were in the bulletin before does not say what counted then */
    bool stood_known; /* what the bulletin before counted is below */
    int64_t stood[2 * QM_COVER_COUNT_];
    int64_t w[2 * QM_COVER_COUNT_]; /* of it, by those who are folded again */
    int64_t beside[QM_BESIDE_SUMS]; /* held revoked, scope, moved; decided out; voided; merged */
    int64_t lecturers_needed, lecturers; /* of the villages that are it or lie in it */
};
struct qm_divisions {
    size_t digits; /* of a code */
    size_t n, cap;
    struct qm_division *list; /* by code */
};
/* The division of a grid's 15 digits; made if it is not there and `make`.  NULL: none or no memory.
 */
struct qm_division *qm_division_of(struct qm_divisions *d, const char *grid, bool make);

/* A line of the roster that is not the one of the bulletin before. */
enum qm_line_word { QM_WORD_OTHER, QM_WORD_COUNTED, QM_WORD_AWAY, QM_WORD_MERGED };
struct qm_changed_line {
    uint8_t id[QM_ID_BYTES];
    bool resident;                       /* else a household */
    int64_t grid_before, grid;           /* -1: no line */
    enum qm_line_word word_before, word; /* of no line: QM_WORD_OTHER */
};
struct qm_changed {
    size_t n, cap; /* a limited number */
    bool full, merges;
    struct qm_changed_line *list;
};

struct qm_freeze {
    enum qm_freeze_why why;
    char what[QM_FREEZE_WHAT_BYTES];
    int tree;
    int64_t from, from_rev, to, to_rev;
    struct qm_hash root;
    bool has_before; /* a bulletin before */
    uint8_t before[QM_ID_BYTES];
    struct qm_hash rule_sha, roster_sha, imports_sha, result_sha, public_sha;
    int64_t roster_bytes;
    int roster_parts;
    bool has_imports;
    struct qm_rule rule;
    struct qm_divisions divisions;
    struct qm_changed changed;
    struct qm_rank_row *rows; /* in the order of the result */
    size_t n;
    struct qm_steps steps; /* what the rule proposes; of rule and rows */
    struct qm_buf imports, result, open;
};

qm_err qm_freeze_run(const struct qm_freeze_ask *ask, struct qm_freeze *out);
void qm_freeze_free(struct qm_freeze *f);

#endif
