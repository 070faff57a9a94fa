/* tlog.h - floor 3: signing a county's log, and reading it.
 *
 * A checkpoint row (county, tree, size, root) that a commit has written is signed by a pure
 * function of that row, so any instance signs the same bytes again.
 *
 * The guard (section 11 of the contract): the largest checkpoint that this instance signed must
 * still be a row of the database.  That is checked before the first signature, again after
 * each reconnection (a restore cannot happen without one), and whenever a head is smaller than what
 * was signed.  If it does not hold, nothing is signed for that county (QM_E_LOG_STOPPED) until an
 * administrator lets the log go on under a new name, or the newer database comes back.
 * The loop's thread only; callbacks may run before the function returns.
 */
#ifndef QM_DOMAIN_TLOG_H
#define QM_DOMAIN_TLOG_H

#include "drivers/pg.h"
#include "drivers/pool.h"
#include "drivers/seal.h"
#include "wire/receipt.h"

struct qm_tlog;
struct qm_tlog_config {
    struct qm_pg *pg;
    struct qm_pool *pool;
    const struct qm_seal *seal;
    const char *host; /* lives as long; known before the first call */
    const char *state_dir;
};
struct qm_tlog_head {
    int county, tree;
    int64_t size;
    struct qm_hash root;
};

qm_err qm_tlog_new(const struct qm_tlog_config *cfg, struct qm_tlog **out);
void qm_tlog_free(struct qm_tlog *t);

/* May this county's log be signed?  QM_OK, QM_E_LOG_STOPPED, QM_E_NOT_FOUND, QM_E_OVERLOAD, ... */
typedef void (*qm_tlog_done)(void *ctx, qm_err err);
void qm_tlog_guard(struct qm_tlog *t, int county, qm_tlog_done done, void *ctx);
/* qm_pg_submit for a statement that adds to this county's log, called when the guard has let it
 * pass: it goes to the database that the guard has looked at, or not at all (QM_E_OVERLOAD, at once
 * or in the answer: guard again).  An entry in a database that is behind would give a size that was
 * signed another root. */
qm_err qm_tlog_submit(struct qm_tlog *t, int county, const char *statement,
                      struct qm_pg_params *params, qm_pg_done done, void *ctx);

/* The signed checkpoint of a head that was read from the database. note is valid in the callback
 * only. */
typedef void (*qm_tlog_signed)(void *ctx, qm_err err, const char *note, size_t len);
void qm_tlog_sign(struct qm_tlog *t, const struct qm_tlog_head *head, qm_tlog_signed done,
                  void *ctx);

/* The verifier key of a county's log. */
qm_err qm_tlog_vkey(const struct qm_tlog *t, int county, int tree, struct qm_buf *out);

/* Writes what was signed since the last call to the state folder, in the pool; once a second. */
void qm_tlog_flush(struct qm_tlog *t);
/* The same at once, at stop. */
void qm_tlog_flush_now(struct qm_tlog *t);

/* ---- reading (tlog_read.c, tlog_proof.c) ---- */

/* The head of a county (tree 0), or the last head under the name of an older tree. */
typedef void (*qm_tlog_head_done)(void *ctx, qm_err err, const struct qm_tlog_head *head);
void qm_tlog_head(struct qm_tlog *t, int county, int tree, qm_tlog_head_done done, void *ctx);

/* bytes is empty after an error; the callback may take its content. */
typedef void (*qm_tlog_bytes)(void *ctx, qm_err err, struct qm_buf *bytes);
/* Hashes `width` long (1..256) of tile n at tile level 0..5; entries likewise, each behind its
 * big-endian 16-bit length; the E lines of the batch with that index.  QM_E_NOT_FOUND if the log
 * has not so much.  With `holes` the caller knows that it has: what somebody took out of the tables
 * is then given as zeros, or as an entry without bytes, in its place, so that an auditor sees which
 * one it was. */
void qm_tlog_tile(struct qm_tlog *t, int county, int level, int64_t n, int width, bool holes,
                  qm_tlog_bytes done, void *ctx);
void qm_tlog_entries(struct qm_tlog *t, int county, int64_t n, int width, bool holes,
                     qm_tlog_bytes done, void *ctx);
void qm_tlog_batch(struct qm_tlog *t, int county, int64_t idx, qm_tlog_bytes done, void *ctx);
/* An object; `closed` says whether objects that are not for everybody may be given: if not, such a
 * one is QM_E_FORBIDDEN.  One in parts (a roster) has no bytes here, and parts above 0. */
typedef void (*qm_tlog_object_done)(void *ctx, qm_err err, struct qm_buf *bytes, int parts);
void qm_tlog_object(struct qm_tlog *t, int county, const struct qm_hash *sha256, bool closed,
                    qm_tlog_object_done done, void *ctx);
/* Part n, from 0, of an object in parts, at most 1 MiB (one that is longer is cut a byte behind
 * that); QM_E_NOT_FOUND if it has no such part.  Who may have it was asked before. */
void qm_tlog_object_part(struct qm_tlog *t, int county, const struct qm_hash *sha256, int n,
                         qm_tlog_bytes done, void *ctx);

/* The tlog-proof text of entry idx under this head: entry and proof from stored nodes. */
void qm_tlog_receipt(struct qm_tlog *t, const struct qm_tlog_head *head, int64_t idx,
                     qm_tlog_bytes done, void *ctx);

/* For the files of this family. */
struct qm_pg *qm_tlog_pg(const struct qm_tlog *t);

#endif
