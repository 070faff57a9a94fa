/* credential.h - floor 3: texts that carry a secret behind their county: "<6-digit
 * county>.<secret>". Tokens have 43 base64url characters, enrolment codes 22.  They are kept only
 * as qm_seal_token_mac over the whole text, county and dot included.  Pure, any thread.
 */
#ifndef QM_DOMAIN_CREDENTIAL_H
#define QM_DOMAIN_CREDENTIAL_H

#include <stddef.h>

#include "wire/err.h"

enum { QM_TOKEN_SECRET_CHARS = 43, QM_CODE_SECRET_CHARS = 22 };

/* QM_E_MALFORMED if the text is not exactly of that form. */
qm_err qm_credential_county(const char *text, size_t secret_chars, int *county);

#endif
