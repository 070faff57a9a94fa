/* credential.c - floor 3: see credential.h.
 * Happy path: the form holds, the county is read. Failure: any other form is QM_E_MALFORMED.
 */
#include "domain/credential.h"

#include <string.h>

#include "wire/codec.h"

enum { COUNTY_DIGITS = 6 };

qm_err qm_credential_county(const char *text, size_t secret_chars, int *county)
{
    uint8_t secret[64];
    size_t len;
    int64_t n;
    if (strlen(text) != COUNTY_DIGITS + 1 + secret_chars || text[COUNTY_DIGITS] != '.' ||
        qm_dec_read(text, COUNTY_DIGITS, 999999, &n) != QM_OK || n < 100000 ||
        qm_b64url_read(text + COUNTY_DIGITS + 1, secret_chars, secret, sizeof secret, &len) !=
            QM_OK)
        return QM_E_MALFORMED;
    explicit_bzero(secret, sizeof secret);
    *county = (int)n;
    return QM_OK;
}
