/* session.h - floor 3: people who sign in at a browser.
 *
 * Happy path: account and password (or a one-time code with a new password) -> Argon2id in the
 * thread pool -> a session whose cookie is "<6-digit county>.<43 base64url characters>" (256 random
 * bits), kept in the database only as qm_seal_token_mac over the whole text.  Each later request
 * finds the account and the roles that hold today by that MAC.
 *
 * Failure: QM_E_UNKNOWN_KEY for an unknown account, a wrong password, a code that is unknown, used
 * or expired: told apart neither by the answer nor by its time.  QM_E_QUOTA with the seconds to
 * wait after five wrong passwords in a row, doubling up to a quarter of an hour, in all instances
 * alike; names that have no password wait alike too, in each instance for itself
 * (session_strangers). QM_E_FORBIDDEN: the account has no role that holds today.  QM_E_OVERLOAD:
 * two hashes are being made already (each takes 32 MiB), or there is no memory for one. The loop's
 * thread only.
 */
#ifndef QM_DOMAIN_SESSION_H
#define QM_DOMAIN_SESSION_H

#include <stdbool.h>

#include "drivers/pg.h"
#include "drivers/pool.h"
#include "drivers/seal.h"
#include "wire/codec.h"

enum {
    QM_SESSION_COOKIE_CHARS = 6 + 1 + 43,
    QM_SESSION_CSRF_CHARS = 22,
    QM_SESSION_ROLES_MAX = 32,
    QM_PASSWORD_MIN_BYTES = 10,
    QM_PASSWORD_MAX_BYTES = 128,
    QM_SESSION_HOURS = 12
};

struct qm_session_deps {
    struct qm_pg *pg;
    struct qm_pool *pool;
    const struct qm_seal *seal;
};

/* cookie "" after an error; it must be wiped by the callback's owner when sent. */
typedef void (*qm_session_begun)(void *ctx, qm_err err, uint32_t retry_after_s, const char *cookie);

/* code NULL: sign in with the password; else set the password by the code first.  Texts are copied
 * and wiped. QM_E_INVALID at once (through done) for a password outside its length. */
void qm_session_begin(const struct qm_session_deps *deps, int county, const char *account,
                      const char *password, const char *code, qm_session_begun done, void *ctx);

/* Another password; the other sessions of the account end. */
typedef void (*qm_session_done)(void *ctx, qm_err err, uint32_t retry_after_s);
void qm_session_password(const struct qm_session_deps *deps, int county, const char *account,
                         const char *cookie, const char *old, const char *fresh,
                         qm_session_done done, void *ctx);

/* Ends this session, or all of the account. */
void qm_session_end(const struct qm_session_deps *deps, int county, const char *account,
                    const char *cookie, bool all, qm_session_done done, void *ctx);

struct qm_session_role {
    char role[16], prefix[16];
};
struct qm_session {
    int county;
    char account[QM_ACCOUNT_MAX_BYTES + 1];
    int64_t ends_ms;
    size_t roles_n; /* the widest area first */
    struct qm_session_role roles[QM_SESSION_ROLES_MAX];
};
/* QM_E_UNKNOWN_KEY: nobody is signed in with this cookie. */
typedef void (*qm_session_found)(void *ctx, qm_err err, const struct qm_session *s);
void qm_session_find(const struct qm_session_deps *deps, const char *cookie, qm_session_found done,
                     void *ctx);

/* What a page must send with every request that changes something: a keyed hash of the cookie,
 * which another site's page can neither read nor make. */
void qm_session_csrf(const struct qm_seal *seal, const char *cookie,
                     char out[QM_SESSION_CSRF_CHARS + 1]);

#endif
