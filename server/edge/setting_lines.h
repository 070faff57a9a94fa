/* setting_lines.h - floor 4: texts and targets as lines of GET /v1/changes. Pure, any thread. */
#ifndef QM_EDGE_SETTING_LINES_H
#define QM_EDGE_SETTING_LINES_H

#include <stdint.h>

#include "wire/buf.h"

/* Appends a line for each element of the setting's array, and for an empty one the line that says
 * so: without it a phone would keep what it has. kind "texts", "targets" or "topics", others add
 * nothing. QM_E_CORRUPT if the kept bytes are no such array. */
qm_err qm_setting_lines(const char *kind, const char *body, size_t len, struct qm_buf *out,
                        int64_t *rows);

#endif
