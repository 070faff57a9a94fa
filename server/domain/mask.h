/* mask.h - floor 3: personal data for people who need not see all of it.  Pure, any thread. */
#ifndef QM_DOMAIN_MASK_H
#define QM_DOMAIN_MASK_H

#include "wire/buf.h"

/* "13800138000" -> "138****8000": of more than seven digits the four before the last four become
 * asterisks, of fewer all but the last two.  Appends. */
qm_err qm_mask_phone(const char *phone, size_t len, struct qm_buf *out);
/* The first character, then an asterisk for each further one (at most two asterisks). */
qm_err qm_mask_name(const char *name, size_t len, struct qm_buf *out);

#endif
