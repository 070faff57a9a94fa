/* api_directive.h - floor 4: directives: published by the office, read and acknowledged by villages
 * and by workers on their phones. */
#ifndef QM_EDGE_API_DIRECTIVE_H
#define QM_EDGE_API_DIRECTIVE_H

#include "edge/routes.h"

/* What the table takes. */
enum { QM_DIRECTIVE_TITLE_MAX_CHARS = 100, QM_DIRECTIVE_BODY_MAX_CHARS = 4000 };

extern const struct qm_route qm_directive_routes[];
extern const size_t qm_directive_routes_n;

#endif
