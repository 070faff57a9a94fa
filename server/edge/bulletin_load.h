/* bulletin_load.h - floor 4: one bulletin from the database, whole: the value that the writers of
 * its outputs take, and what only the office's preview shows.
 *
 * Happy path: qm_bulletin_load reads head, rows, words, figures, sign-offs, and the bulletin that
 * it corrects, what was decided, one statement after another; for a preview also open proposals and
 * silent phones.
 * Failure: QM_E_NOT_FOUND (none, or dropped); QM_E_CORRUPT for stored bytes that do not add up;
 * otherwise as ranking_store.h.
 * Targets are those in force at `to`; the forecast goes along the line through the bulletin before
 * and this one, and there is none without one a week or more before.
 * The loop's thread only; done may run before the function returns.
 */
#ifndef QM_EDGE_BULLETIN_LOAD_H
#define QM_EDGE_BULLETIN_LOAD_H

#include "domain/ranking_store.h"
#include "edge/bulletin_doc.h"
#include "edge/call.h"
#include "wire/buf.h"

/* What a correction replaces, and what a bulletin is compared with, as names in the log. */
struct qm_bulletin_facts {
    uint8_t draft[QM_ID_BYTES];
    uint8_t replaces_draft[QM_ID_BYTES];
    int64_t replaces;                            /* -1: nothing */
    char before_period[QM_PERIOD_MAX_BYTES + 1]; /* "": the first of its kind */
    bool has_imports;
    struct qm_hash roster, rule, imports, result, open;
};
struct qm_bulletin {
    struct qm_bulletin_facts is;
    struct qm_bulletin_doc doc;
    /* JSON arrays of the preview. */
    struct qm_buf signoffs, proposals, seals, silent;
};
void qm_bulletin_free(struct qm_bulletin *b);

struct qm_bulletin_wanted {
    int county;
    const uint8_t *draft;  /* 16 bytes; NULL: idx */
    int64_t idx;           /* of a published bulletin's entry; -1 with draft */
    bool preview, targets; /* what the preview shows; targets, which the outputs show */
    int64_t now_ms;        /* with preview: phones not heard of for three days are silent */
};
/* b is the callee's with QM_OK (qm_bulletin_free), NULL otherwise. */
typedef void (*qm_bulletin_loaded)(void *ctx, qm_err err, struct qm_bulletin *b);
void qm_bulletin_load(struct qm_edge *edge, const struct qm_bulletin_wanted *wanted,
                      qm_bulletin_loaded done, void *ctx);

#endif
