/* rows.h - floor 4: rows of a statement as JSON objects, by a table of columns.
 *
 * Happy path: a handler says for each column of its statement what it is called and what it is; the
 * writer makes an array of closed objects.  Nulls become null.
 * Sealed columns are opened and masked; for callers who see no personal data they and what is
 * marked private are left out. Failure: a field that does not open is logged and comes out empty; a
 * full buffer is sticky.
 */
#ifndef QM_EDGE_ROWS_H
#define QM_EDGE_ROWS_H

#include <stdbool.h>

#include "drivers/pg.h"
#include "drivers/seal.h"

enum qm_rows_type {
    QM_ROWS_SKIP, /* not written: an id for sealed columns, a place to go on */
    QM_ROWS_TEXT,
    QM_ROWS_TEXTS, /* array of texts */
    QM_ROWS_INT,
    QM_ROWS_DIGITS, /* a code: 15 digits as a text */
    QM_ROWS_BOOL,
    QM_ROWS_DAY,
    QM_ROWS_UUID,
    QM_ROWS_PSEUDONYM,
    QM_ROWS_WORD, /* a number of the contract as its word; see `of` */
    QM_ROWS_JSON, /* bytes that are JSON already */
    QM_ROWS_NAME, /* sealed for the id in column `id`; masked */
    QM_ROWS_PHONE
};
struct qm_rows_column {
    const char *name;
    enum qm_rows_type type;
    int id;                   /* NAME, PHONE: column of the id, a uuid or a text */
    const char *of;           /* WORD: field for qm_word, or NULL with words */
    const char *const *words; /* WORD: by number, from 1; NULL-terminated */
    bool personal;            /* left out for those who see no personal data */
};

/* Adds [{...},...]. */
qm_err qm_rows_json(const struct qm_pg_result *r, const struct qm_rows_column *columns, int n,
                    const struct qm_seal *seal, bool personal, struct qm_buf *out);
/* Adds {...} of one row. */
qm_err qm_rows_object(const struct qm_pg_result *r, int row, const struct qm_rows_column *columns,
                      int n, const struct qm_seal *seal, bool personal, struct qm_buf *out);

#endif
