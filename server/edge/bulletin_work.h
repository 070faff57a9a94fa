/* bulletin_work.h - floor 4, between api_bulletin.c and api_week.c only: one call about rankings on
 * its way, with what its parameters point into.
 *
 * Ownership: the call frees it when it has been answered.  The loop's thread only.
 */
#ifndef QM_EDGE_BULLETIN_WORK_H
#define QM_EDGE_BULLETIN_WORK_H

#include <jansson.h>

#include "domain/ranking_store.h"
#include "edge/bulletin_doc.h"
#include "edge/call.h"
#include "wire/json.h"

struct qm_bulletin_work {
    struct qm_call *c;
    struct qm_ranking_ask ask; /* points into what follows */
    enum qm_ranking_act act;
    char scope[16];
    json_t *body;               /* of the request, read as a tree */
    struct qm_json_doc *fields; /* or field by field */
    struct qm_ranking_words words[QM_WORDING_COUNT_];
    struct qm_ranking_figure *figures;
};

/* For the caller's account and area, now; NULL: answered. */
struct qm_bulletin_work *qm_bulletin_work_new(struct qm_call *c);

#endif
