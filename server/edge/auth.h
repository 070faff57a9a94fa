/* auth.h - floor 4: who is calling: bearer tokens and signed requests.
 *
 * A token is "<6-digit county>.<43 base64url characters>", an enrolment code the same with 22; both
 * are kept only as qm_seal_token_mac over their whole text, county and dot included.
 * Happy path: qm_auth_run looks at the row of the call's route, fills call->caller and calls then().
 * Failure: it answers the call itself.  401 unknown-key: no token, an unknown or expired one, an
 * unknown device; 401 bad-signature, stale-signature; 403 forbidden: a role that the row does not
 * name, or another county; 403 revoked.
 * The loop's thread only.
 */
#ifndef QM_EDGE_AUTH_H
#define QM_EDGE_AUTH_H

#include "edge/call.h"

enum { QM_TOKEN_CHARS = 6 + 1 + 43, QM_CODE_CHARS = 6 + 1 + 22 };

void qm_auth_run(struct qm_call *c, void (*then)(struct qm_call *c));

/* The county of a token or code text of exactly `chars` characters; QM_E_MALFORMED. */
qm_err qm_auth_county(const char *text, size_t chars, int *county);
/* Bit of a role's word, 0 if there is none. */
unsigned qm_role_read(const char *word);
/* Does the caller's prefix cover this division or grid code? */
bool qm_caller_covers(const struct qm_caller *who, const char *code);

#endif
