/* period.h - floor 0: periods of bulletins (section 8 of the contract): `2026-W47` (ISO 8601 week,
 * Monday to Sunday), `2026-11`, `2026-Q4`, `2026-H2`, `2026`.
 * Days are counted from 1970-01-01, as in codec.h; they are days of Asia/Shanghai.
 * Pure, any thread.
 */
#ifndef QM_WIRE_PERIOD_H
#define QM_WIRE_PERIOD_H

#include <stddef.h>
#include <stdint.h>

#include "wire/err.h"

enum qm_period_kind {
    QM_PERIOD_WEEK = 1,
    QM_PERIOD_MONTH,
    QM_PERIOD_QUARTER,
    QM_PERIOD_HALF,
    QM_PERIOD_YEAR
};
enum { QM_PERIOD_MAX_BYTES = 8 };

struct qm_period {
    enum qm_period_kind kind;
    int32_t first_day, last_day; /* both belong to it */
};

/* QM_E_MALFORMED unless it is one of the five forms and exists (years 1970..9999; week 53 only in
 * years that have it). */
qm_err qm_period_read(const char *t, size_t len, struct qm_period *out);

#endif
