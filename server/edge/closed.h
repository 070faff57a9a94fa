/* closed.h - floor 4: members of closed JSON objects, with every fault and its place.
 *
 * Happy path: parse, then for each object qm_closed_object with its names and one call a member.
 * Failure: each check adds its fault and goes on with a harmless value, so that one run shows all;
 * the caller looks at faults->n at the end and keeps nothing if it has grown.
 * Only the edge's own files include this: it shows Jansson.  One thread.
 */
#ifndef QM_EDGE_CLOSED_H
#define QM_EDGE_CLOSED_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "edge/faults.h"

enum { QM_CLOSED_ROWS_MAX = 2000 };

struct qm_closed {
    struct qm_faults *faults;
    char place[80]; /* "[3]", "metrics[0]"; "" at the top */
    int county;     /* whose codes are good */
};

void qm_closed_fault(struct qm_closed *c, const char *member, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* NULL after a fault that names the line; json_decref. */
json_t *qm_closed_parse(struct qm_closed *c, const char *t, size_t len);
/* names: required ones first, then "|", then optional ones; NULL-terminated. */
bool qm_closed_object(struct qm_closed *c, json_t *o, const char *const *names);
/* An array of at most QM_CLOSED_ROWS_MAX; what: the word for its elements. */
bool qm_closed_array(struct qm_closed *c, const json_t *j, const char *what);
/* The place becomes "[i]". */
void qm_closed_at(struct qm_closed *c, size_t i);

/* A member of o by name; absent ones are no fault here. */
const char *qm_closed_text(struct qm_closed *c, const json_t *o, const char *name,
                           size_t max); /* 1..max bytes; "" if absent or faulty */
const char *qm_closed_code(struct qm_closed *c, const json_t *o, const char *name);
/* Index in words (NULL-terminated), or -1. */
int qm_closed_word(struct qm_closed *c, const json_t *o, const char *name,
                   const char *const *words);
int64_t qm_closed_int(struct qm_closed *c, const json_t *o, const char *name, int64_t lo,
                      int64_t hi);
bool qm_closed_bool(struct qm_closed *c, const json_t *o, const char *name);
int32_t qm_closed_day(struct qm_closed *c, const json_t *o, const char *name);

#endif
