/* err.h - floor 0: the one table of errors.
 *
 * Every function of the project that can fail returns qm_err. QM_OK is zero.
 * The table (err.c) gives each code its name, its HTTP problem type and
 * status (section 3 of the contract, RFC 9457), whether the same bytes may be sent again,
 * what it means and what to do now, in Chinese and in English.
 * Pure: no state, any thread. All strings returned are static.
 */
#ifndef QM_WIRE_ERR_H
#define QM_WIRE_ERR_H

#include <stdbool.h>

typedef enum qm_err {
    QM_OK = 0,
    /* Faults of a request; each has a problem type of the contract. */
    QM_E_MALFORMED,       /* 400 not parseable, wrong shape */
    QM_E_MEDIA_TYPE,      /* 415 */
    QM_E_TOO_LARGE,       /* 413 a body, a buffer or a text above its cap */
    QM_E_LENGTH_REQUIRED, /* 411 */
    QM_E_HEADERS_LARGE,   /* 431 */
    QM_E_UNKNOWN_KEY,     /* 401 the device or token is not known here */
    QM_E_BAD_SIGNATURE,   /* 401 */
    QM_E_STALE_SIGNATURE, /* 401 `created` more than 300 s away */
    QM_E_REVOKED,         /* 403 */
    QM_E_FORBIDDEN,       /* 403 */
    QM_E_NOT_FOUND,       /* 404 */
    QM_E_METHOD,          /* 405 */
    QM_E_BATCH_CONFLICT,  /* 409 */
    QM_E_KEY_TAKEN,       /* 409 */
    QM_E_DIGEST_MISMATCH, /* 422 */
    QM_E_ROOT_MISMATCH,   /* 422 */
    QM_E_QUOTA,           /* 429 with Retry-After */
    QM_E_OVERLOAD,        /* 503 with Retry-After: a queue is full, draining, database away */
    QM_E_TIMEOUT,         /* 408 the request was not complete before its deadline */
    QM_E_INTERNAL,        /* 500 our bug */
    QM_E_LOG_STOPPED,     /* 503 the county's log head is behind what was signed: not signing */
    /* Faults of this side; never sent over HTTP as such. */
    QM_E_NOMEM,
    QM_E_INVALID,   /* an argument breaks the function's contract or a user's input is wrong */
    QM_E_IO,        /* a file or socket failed */
    QM_E_DISK_FULL, /* nothing was stored, nothing was lost */
    QM_E_BUSY,      /* somebody else holds the outbox or the database row */
    QM_E_CORRUPT,   /* stored bytes do not open, do not parse or do not add up */
    QM_E_OFFLINE,   /* no answer: name, connection or time-out */
    QM_E_UNKNOWN_OUTCOME, /* the connection broke after the request was sent: send again */
    QM_E_PROOF,           /* a proof, root or count does not hold */
    QM_E_LOG_REGRESSED,   /* the server's log is behind a receipt that we hold */
    QM_E_NOT_ENROLLED,
    QM_E_EXISTS, /* refuses to overwrite */
    QM_E_DB,     /* SQL error that is not one of the above */
    /* 409 what was asked does not fit what is there; the detail says how.  At the end, because the
     * client's public numbers are fixed. */
    QM_E_CONFLICT,
    QM_E_COUNT_ /* number of codes, not a code */
} qm_err;

/* Name in lower case with dashes, the last part of the problem type: "root-mismatch". */
const char *qm_err_name(qm_err e);
/* HTTP status; 0 for codes that have none. */
int qm_err_http(qm_err e);
/* May the same bytes be sent again, later? */
bool qm_err_retry(qm_err e);
/* What happened, and what to do now; lang "zh" or "en" (anything else: "en"). Never NULL. */
const char *qm_err_text(qm_err e, const char *lang);
const char *qm_err_todo(qm_err e, const char *lang);
/* The code of a problem type's last part; QM_E_INTERNAL if unknown. */
qm_err qm_err_of_name(const char *name);

#endif
