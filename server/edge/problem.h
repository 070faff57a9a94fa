/* problem.h - floor 4: problem details (RFC 9457) in Chinese and English.
 * Pure, any thread.
 */
#ifndef QM_EDGE_PROBLEM_H
#define QM_EDGE_PROBLEM_H

#include <stdint.h>

#include "wire/buf.h"

#define QM_MEDIA_PROBLEM "application/problem+json"

/* "zh" or "en": the first of the two that an Accept-Language value names with a weight above 0
 * and not below the other's; "zh" without a header. */
const char *qm_problem_lang(const char *accept_language);
/* The code that is told to a client: codes without an HTTP status become overload (may be sent
 * again) or internal. */
qm_err qm_problem_public(qm_err err);
/* {"type","title","status","detail","now"}; detail NULL: what to do now, from the error table. */
void qm_problem_write(qm_err err, const char *lang, const char *detail, int64_t now_ms,
                      struct qm_buf *out);
/* Seconds for Retry-After where the contract wants one (429, 503), otherwise 0. */
uint32_t qm_problem_retry_after_s(qm_err err);

#endif
