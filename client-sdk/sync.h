/* sync.h - floor 1: what is said to the server and what its answers are worth.  No I/O, no clock,
 * no store: the caller brings bytes and the time, and keeps what it is told.
 *
 * Happy path:
 *   qm_ask_…         the bytes of one request (sync.c)
 *   (the caller moves them)
 *   qm_sync_judge    is this an answer, a reason to wait, or a reason to act?  (sync.c)
 *   qm_sync_receipt  does the receipt hold, and is it about exactly what we sent?  (sync_receipt.c)
 *   qm_changes_read  a whole answer of `changes`, row by row  (sync_changes.c)
 *   qm_pace_…        when to ask again (sync.c)
 *
 * Failure modes.  Only a problem document with a type of the contract can make the client change
 * anything; a login page of some network, a proxy's error, a cut or altered answer is a reason to
 * wait and ask again.  An answer that does not hold settles nothing.
 * Pure, any thread.
 */
#ifndef QM_SYNC_H
#define QM_SYNC_H

#include "qiaomen/client.h"
#include "wire/batch.h"
#include "wire/receipt.h"
#include "wire/reqsig.h"

enum qm_ask_kind { QM_ASK_ENROL = 1, QM_ASK_ROTATE, QM_ASK_BATCH, QM_ASK_PHOTO, QM_ASK_CHANGES };
enum { QM_CURSOR_MAX_BYTES = 1023 }; /* of `changes`; opaque */
enum { QM_ASK_HEADERS = 6, QM_ASK_HEADER_MAX = QM_REQSIG_HEADER_MAX + 40 };

struct qm_ask {
    enum qm_ask_kind kind;
    const char *method;
    char path[96];
    char query[3 * QM_CURSOR_MAX_BYTES + 16]; /* without '?' */
    size_t headers;
    char header[QM_ASK_HEADERS][QM_ASK_HEADER_MAX];
    struct qm_buf body; /* owned: qm_ask_free */
    size_t answer_max_bytes;
};
/* Who signs: a device name is vkey.name. */
struct qm_voice {
    const char *host;
    const struct qm_vkey *vkey;
    qm_sign_fn sign;
    void *sign_ctx;
};

/* Each initialises *ask; after an error nothing needs to be freed. */
qm_err qm_ask_enrol(struct qm_ask *ask, const struct qm_voice *device, const char *code,
                    bool hardware);
qm_err qm_ask_rotate(struct qm_ask *ask, const struct qm_voice *old_key,
                     const struct qm_voice *new_key, bool hardware);
qm_err qm_ask_batch(struct qm_ask *ask, const void *body, size_t len);
qm_err qm_ask_photo(struct qm_ask *ask, const struct qm_voice *device, const struct qm_hash *sha,
                    const void *bytes, size_t len, const char *content_type, int64_t now_s);
qm_err qm_ask_changes(struct qm_ask *ask, const struct qm_voice *device, const char *since,
                      int64_t now_s);
void qm_ask_free(struct qm_ask *ask); /* wipes */

/* What came back; outcome is that of the transport. */
struct qm_said {
    int outcome;
    int status;
    const char *content_type;
    const void *body;
    size_t len;
    int64_t retry_after_s; /* -1: none */
};
enum qm_then {
    QM_THEN_READ,    /* a 2xx: read the body */
    QM_THEN_WAIT,    /* same bytes, later */
    QM_THEN_STOP,    /* keep everything, tell the worker */
    QM_THEN_REBUILD, /* the events join a new batch */
    QM_THEN_BYTES,   /* these bytes are not taken, now or later */
    QM_THEN_CLOCK    /* adjust the offset, sign anew */
};
struct qm_judged {
    qm_err err;
    enum qm_then then;
    int64_t now_ms; /* of the server; 0 if not said */
};
void qm_sync_judge(enum qm_ask_kind kind, const struct qm_said *said, struct qm_judged *out);

/* When to ask again: full jitter in a window that doubles from 4 s to 15 min, at least 2 s; a
 * Retry-After wins. */
struct qm_pace {
    int64_t failures, next_ms;
    int64_t why; /* qm_err of the last failure */
};
enum { QM_PACE_MIN_MS = 2000, QM_PACE_MAX_MS = 900000 };
/* The window that a failure draws from: delay = QM_PACE_MIN_MS + draw, 0 <= draw < window. */
uint32_t qm_pace_window(const struct qm_pace *p);
void qm_pace_failed(struct qm_pace *p, qm_err why, int64_t now_ms, int64_t retry_after_s,
                    uint32_t draw);
void qm_pace_ok(struct qm_pace *p);

/* Answer of enrolment and rotation. */
struct qm_enrolled {
    char account[QM_ACCOUNT_MAX_BYTES + 1];
    size_t grids;
    char grid[64][16];
    struct qm_vkey log;
    char log_text[384];
};
/* QM_E_UNKNOWN_OUTCOME: not the whole answer; QM_E_PROOF: the log is not one of this host and
 * county. */
qm_err qm_enrolled_read(const void *body, size_t len, const char *host, int county,
                        struct qm_enrolled *out);

/* "<host>/log/<county>[-<n>]" -> county and n (1 without a number). */
qm_err qm_log_name_read(const char *name, const char *host, int *county, int *tree);

/* The largest checkpoint that the device had seen when it asked. */
struct qm_seen {
    char log[QM_NAME_MAX_BYTES];
    uint64_t size;
    struct qm_hash root;
};
struct qm_settling {
    uint64_t index;
    struct qm_checkpoint checkpoint;
    bool other_log; /* with QM_E_PROOF: it claims a later tree of the same log */
    struct qm_verdict verdict[QM_BATCH_MAX_EVENTS];
};
/* note: the first note_len bytes of what was sent.  QM_OK only if all of this holds: the text is a
 * tlog-proof of the log's key and name; its entry is a batch entry that holds our note (the same
 * signed text; the signature may be another one, made before a rotation); the verdicts fit the
 * number of events; the tree is not smaller than the largest seen (QM_E_LOG_REGRESSED) and has the
 * same root when it is as large.  A text that is no tlog-proof at all (cut on its way, a page of
 * some network): QM_E_UNKNOWN_OUTCOME.  All else: QM_E_PROOF. */
qm_err qm_sync_receipt(const void *text, size_t len, const struct qm_vkey *log,
                       const struct qm_seen *seen, const void *note, size_t note_len,
                       struct qm_settling *out);

enum {
    QM_CODES_MAX = 64,
    QM_CODES_MAX_BYTES = QM_CODES_MAX * (QM_CODE_MAX_BYTES + 1) /* a comma or NUL behind each */
};
struct qm_changes_head {
    char log[QM_NAME_MAX_BYTES];
    uint64_t size;
    int64_t now_ms;
    bool full;
};
struct qm_changes_sink {
    void *ctx;
    qm_err (*head)(void *ctx, const struct qm_changes_head *);
    qm_err (*household)(void *ctx, const struct qm_household_view *);
    qm_err (*resident)(void *ctx, const struct qm_resident_view *);
    qm_err (*gone)(void *ctx, const char *household);
    qm_err (*gone_resident)(void *ctx, const char *resident);
    qm_err (*text)(void *ctx, const struct qm_text_view *);
    qm_err (*target)(void *ctx, const struct qm_target_view *);
    qm_err (*want)(void *ctx, const struct qm_want_view *);
    /* metrics: codes with commas; not called: none */
    qm_err (*evidence)(void *ctx, const char *metrics);
    /* of: "text", "target", "topic" or one unknown here: the office has emptied that list */
    qm_err (*none)(void *ctx, const char *of);
    qm_err (*verdict)(void *ctx, const char *event, bool in, const char *code);
    qm_err (*end)(void *ctx, const char *cursor);
};
struct qm_changes_sum {
    uint64_t rows, unknown;
};
/* Nothing is delivered unless the answer is whole: head first, end last, as many rows as it says.
 * QM_E_PROOF: cut; QM_E_MALFORMED: a row of a known type has another shape; else what the sink
 * returned. Rows of unknown types are counted and skipped. */
qm_err qm_changes_read(const void *body, size_t len, const struct qm_changes_sink *sink,
                       struct qm_changes_sum *sum);

#endif
