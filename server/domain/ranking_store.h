/* ranking_store.h - floor 3: bulletins in the database: freezing, publishing, and all that people
 * do around it.
 *
 * Happy path: qm_ranking_freeze reads in the pool and keeps what it read with one commit;
 * qm_ranking_do changes something; qm_ranking_read reads.  Whatever writes to the log goes through
 * its guard.  Each statement is repeatable: one that was not sent, or whose outcome is not known,
 * is sent again (twice at most). Failure: see the callbacks.  One freeze at a time: another one is
 * QM_E_OVERLOAD, the same one asked for again waits for it (ranking_wait.h). The loop's thread
 * only; callbacks may run before the function returns.
 */
#ifndef QM_DOMAIN_RANKING_STORE_H
#define QM_DOMAIN_RANKING_STORE_H

#include "domain/ranking_freeze.h"
#include "drivers/pg.h"
#include "drivers/pool.h"

struct qm_tlog;
struct qm_ranking;
struct qm_ranking_config {
    struct qm_pg *pg;
    struct qm_pool *pool;
    struct qm_tlog *tlog;
    const char *conninfo, *role; /* of the connections that freeze; live as long */
    /* Do syncs wait for their answers?  A freeze makes room for them; called from its thread. */
    bool (*syncs_wait)(void *ctx);
    void *syncs_ctx;
};
qm_err qm_ranking_new(const struct qm_ranking_config *cfg, struct qm_ranking **out);
/* A freeze that runs ends soon, with QM_E_OVERLOAD. */
void qm_ranking_stop(struct qm_ranking *r);
void qm_ranking_free(struct qm_ranking *r); /* when nothing runs */

/* What the functions of sql/functions/94_bulletin.sql answer in `status`. */
enum qm_ranking_status {
    QM_RANKING_DONE,
    QM_RANKING_THERE,       /* is there already, otherwise */
    QM_RANKING_SAME_PERSON, /* the account that prepared it */
    QM_RANKING_PUBLISHED,   /* this or a later period is published */
    QM_RANKING_NOT_NEWEST,  /* what is replaced or confirmed is not the newest */
    QM_RANKING_UNKNOWN,
    QM_RANKING_STALE,          /* not what it was frozen with any more: freeze again */
    QM_RANKING_DIFFERENCES = 7 /* the last recount found some */
};

struct qm_ranking_figure {
    const char *metric, *code;
    int64_t value;
};
struct qm_ranking_words {
    const char *section, *body;
};
/* One value for all statements; each takes what it needs.  Lives until the callback. */
struct qm_ranking_ask {
    int county;
    const char *by, *role, *prefix; /* who asks */
    int64_t now_ms;
    uint8_t draft[QM_ID_BYTES];
    const char *scope; /* or the village; NULL where it may be left out */
    char period[QM_PERIOD_MAX_BYTES + 1];
    struct qm_period span;
    int64_t idx;   /* of an entry; below this one in lists; -1: not given */
    int64_t to;    /* -1: not given */
    int64_t since; /* Unix ms */
    int limit, n;
    int state; /* of a proposal: 1 accepted, 2 dismissed */
    const char *remark;
    struct qm_hash sha256; /* roster, scan, source, object */
    const struct qm_ranking_figure *figures;
    size_t figures_n;
    const struct qm_ranking_words *words;
    size_t words_n;
};

enum qm_ranking_act {
    QM_RANKING_PUBLISH, /* draft */
    QM_RANKING_DROP,    /* draft */
    QM_RANKING_WORDING, /* draft, words */
    QM_RANKING_SEAL,    /* draft, sha256 */
    QM_RANKING_DECIDE,  /* draft, n, state, remark */
    QM_RANKING_PREPARE, /* scope, period */
    QM_RANKING_CONFIRM, /* scope, period, to, sha256 */
    QM_RANKING_FIGURES  /* period, figures, sha256 */
};
/* r: the one row of the statement, valid in the callback; NULL after an error. */
typedef void (*qm_ranking_done)(void *ctx, qm_err err, enum qm_ranking_status status,
                                const struct qm_pg_result *r);
void qm_ranking_do(struct qm_ranking *k, enum qm_ranking_act act, const struct qm_ranking_ask *ask,
                   qm_ranking_done done, void *ctx);

enum qm_ranking_list {
    QM_RANKING_LIST,        /* role, prefix, scope, idx (below), limit */
    QM_RANKING_ONE,         /* draft, or idx if that is given */
    QM_RANKING_ROWS,        /* draft */
    QM_RANKING_TEXTS,       /* draft */
    QM_RANKING_SEALS,       /* draft */
    QM_RANKING_PROPOSALS,   /* draft */
    QM_RANKING_SIGNOFFS,    /* scope, period, to */
    QM_RANKING_FIGURE_LIST, /* prefix, period */
    QM_RANKING_SILENT,      /* scope, since */
    QM_RANKING_IMPORTS,     /* sha256: an object, closed ones too */
    QM_RANKING_TARGETS      /* to: targets in force at this size; no row: none were */
};
typedef void (*qm_ranking_rows)(void *ctx, qm_err err, const struct qm_pg_result *r);
void qm_ranking_read(struct qm_ranking *k, enum qm_ranking_list list,
                     const struct qm_ranking_ask *ask, qm_ranking_rows done, void *ctx);

/* f: valid in the callback; `why` and `what` say why there is QM_E_CONFLICT, or status does (then
 * why is QM_FREEZE_OK).  draft: the id under which it is kept, with QM_OK.  false: nobody is there
 * any more who would hear it. */
typedef bool (*qm_ranking_frozen)(void *ctx, qm_err err, const struct qm_freeze *f,
                                  enum qm_ranking_status status, const uint8_t draft[QM_ID_BYTES]);
/* Takes from ask: county, by, now_ms, scope, period, span, idx (what a correction replaces). */
void qm_ranking_freeze(struct qm_ranking *k, const struct qm_ranking_ask *ask,
                       qm_err (*rule_read)(const char *t, size_t len, struct qm_rule *out),
                       qm_ranking_frozen done, void *ctx);

#endif
