/* outbox_db.h - private to the outbox*.c family: statements with bound values, transactions, seals.
 *
 * A statement is prepared, bound by a format and stepped; the first error is kept in the handle and
 * mapped to qm_err by ob_error.  Values of `bind` formats, one argument each but 'b':
 *   i int64_t   t const char * (NULL: SQL NULL)   b const void *, size_t (NULL: SQL NULL)   n SQL
 * NULL
 */
#ifndef QM_OUTBOX_DB_H
#define QM_OUTBOX_DB_H

#include <sqlite3.h>

#include "outbox.h"

enum { OB_READY = 0, OB_SETTLED = 1, OB_REFUSED = 2 };            /* batch.state */
enum { OB_PHOTO_WAITS = 0, OB_PHOTO_SENT = 1, OB_PHOTO_BAD = 2 }; /* photo.state */

struct qm_outbox {
    sqlite3 *db;
    const struct qm_keys *keys;
    int depth; /* of ob_tx_begin */
    char detail[200];
};

qm_err ob_error(struct qm_outbox *o, int rc);
qm_err ob_prepare(struct qm_outbox *o, sqlite3_stmt **s, const char *sql, const char *bind, ...);
/* QM_OK with a row, QM_E_NOT_FOUND at the end. */
qm_err ob_step(struct qm_outbox *o, sqlite3_stmt *s);
/* Prepares, runs to the end, forgets. */
qm_err ob_run(struct qm_outbox *o, const char *sql, const char *bind, ...);

/* Nest; the outermost commits (BEGIN IMMEDIATE: the write lock comes first, so that two processes
 * never fail half-way). */
qm_err ob_tx_begin(struct qm_outbox *o);
qm_err ob_tx_end(struct qm_outbox *o, qm_err so_far);

/* Copies of a column; text is cut to size only if it does not fit: QM_E_CORRUPT. */
qm_err ob_text(sqlite3_stmt *s, int col, char *out, size_t size);
qm_err ob_id(sqlite3_stmt *s, int col, uint8_t id[QM_ID_BYTES]);
/* Appends the opened content of a sealed column. */
qm_err ob_opened(struct qm_outbox *o, sqlite3_stmt *s, int col, const char *purpose, const void *id,
                 size_t id_len, struct qm_buf *out);

/* What append does to the mirror, in its transaction (outbox_mirror.c). */
qm_err ob_mirror_local(struct qm_outbox *o, const struct qm_event *ev, const struct qm_private *pv);

#endif
