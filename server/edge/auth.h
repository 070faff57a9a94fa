/* auth.h - floor 4: who is calling: bearer tokens, sessions of browsers and signed requests.
 *
 * The form of tokens and codes, and how they are kept: domain/credential.h.
 * Happy path: qm_auth_run looks at the row of the call's route, fills call->caller and calls
 * then(). A route for token holders takes a session's cookie as well: with one of the account's
 * roles that the row names, and for anything but GET only with the header X-QM-CSRF that a page of
 * ours can know. Failure: it answers the call itself.  401 unknown-key: no token, an unknown or
 * expired one, an unknown device; 401 bad-signature, stale-signature; 403 forbidden: a role that
 * the row does not name, or another county; 403 revoked. The loop's thread only.
 */
#ifndef QM_EDGE_AUTH_H
#define QM_EDGE_AUTH_H

#include "domain/session.h"
#include "edge/call.h"

#define QM_COOKIE_NAME "__Host-qm"

void qm_auth_run(struct qm_call *c, void (*then)(struct qm_call *c));
/* The same for a bearer token on a route that anyone may ask, where a token opens more. */
void qm_auth_token(struct qm_call *c, unsigned roles, void (*then)(struct qm_call *c));

/* The session's cookie, if the request has one of the right length. */
bool qm_auth_cookie(const struct qm_call *c, char out[QM_SESSION_COOKIE_CHARS + 1]);
/* What the functions of domain/session.h work with. */
struct qm_session_deps qm_auth_sessions(const struct qm_call *c);

/* Bit of a role's word, 0 if there is none. */
unsigned qm_role_read(const char *word);
/* Does the caller's prefix cover this division or grid code? */
bool qm_caller_covers(const struct qm_caller *who, const char *code);

#endif
