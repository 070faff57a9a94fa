/* bulletin_wording.h - floor 4: the words of a bulletin that the office may edit, and the numbers
 * that it may not.
 *
 * Happy path: a section begins as qm_bulletin_wording_default, the office edits it,
 * qm_bulletin_wording_check looks at it, and writers let qm_bulletin_wording_fill put the frozen
 * numbers in the place of the {placeholders}.  An office can thus say it in other words or leave a
 * number out, but not write another one in its place: in the sections opening, overall and progress
 * a typed count of households or percentage is a fault.
 *
 * Placeholders: {period} {scope} {county} {closed} {basis} {this_period} {first_day} {last_day}
 * everywhere;
 * in the sections opening to next also {due} {away_reached} {population} {visits} {gap} {target}
 * {target_day} {forecast} {commended} {criticised} {decided} {left_out}, and of each of the ten
 * metrics
 * <m>, <m>_due, <m>_percent, <m>_change, <m>_new, <m>_late, <m>_refused: {visited_percent}.
 * What the rule does not show to offices is "—".  "{{" stands for a brace.
 * Failure: see the functions.  Pure, any thread.
 */
#ifndef QM_EDGE_BULLETIN_WORDING_H
#define QM_EDGE_BULLETIN_WORDING_H

#include "edge/bulletin_doc.h"
#include "edge/faults.h"
#include "wire/buf.h"

enum { QM_WORDING_MAX_BYTES = 6000, QM_WORDING_LINE_MAX_BYTES = 300 };

/* "head", "series", "title", ...: names in the API and in qm.bulletin_text; NULL outside. */
const char *qm_wording_name(enum qm_wording w);
/* QM_E_NOT_FOUND if there is no section of this name. */
qm_err qm_wording_read(const char *name, enum qm_wording *out);

/* Appends the sample wording of a section with its placeholders, as it fits this bulletin; nothing
 * for a section that is left out. */
qm_err qm_bulletin_wording_default(const struct qm_bulletin_doc *d, enum qm_wording w,
                                   struct qm_buf *out);
/* Adds a fault (where: the section's name) for text that is not UTF-8, holds control characters, is
 * too long, has an open brace, or a placeholder that is unknown or out of place; title, head and
 * the other lines may not hold line breaks. */
void qm_bulletin_wording_check(enum qm_wording w, const char *text, size_t len,
                               struct qm_faults *faults);
/* Appends the section as it is read: edited or default, placeholders replaced.  Plain text, not
 * escaped.  A placeholder that is unknown (not checked before) stays as it is. */
qm_err qm_bulletin_wording_fill(const struct qm_bulletin_doc *d, enum qm_wording w,
                                struct qm_buf *out);

#endif
