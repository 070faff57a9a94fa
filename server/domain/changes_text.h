/* changes_text.h - floor 3: rows of qm.changes as newline-delimited JSON, and the cursor.  Pure but
 * for opening sealed fields; runs in the pool.
 *
 * The cursor is opaque to phones: base64url of 0x01 | tree u16 | revision u64 | log size u64 | for
 * each grid that the phone now holds its nine digits behind the county as u32; all big endian.
 * With more than QM_CURSOR_GRIDS_MAX grids the rest is not in it and is sent whole each time.
 */
#ifndef QM_DOMAIN_CHANGES_TEXT_H
#define QM_DOMAIN_CHANGES_TEXT_H

#include <stdbool.h>

#include "drivers/seal.h"
#include "wire/buf.h"

enum {
    QM_CURSOR_GRIDS_MAX = 43,
    QM_CURSOR_MAX_CHARS = 255, /* what phones take */
    QM_CHANGES_MAX_BYTES = 32 * 1024 * 1024
};

struct qm_cursor {
    int tree;
    int64_t revision, size;
    size_t grids;
    int64_t grid[QM_CURSOR_GRIDS_MAX];
};
/* QM_E_MALFORMED for everything that qm_cursor_write did not make for this county. */
qm_err qm_cursor_read(const char *text, int county, struct qm_cursor *out);
void qm_cursor_write(const struct qm_cursor *c, char out[QM_CURSOR_MAX_CHARS + 1]);

enum qm_change_type {
    QM_CHANGE_HOUSEHOLD,
    QM_CHANGE_RESIDENT,
    QM_CHANGE_GONE,
    QM_CHANGE_GONE_RESIDENT,
    QM_CHANGE_WANT,
    QM_CHANGE_VERDICT,
    QM_CHANGE_DIRECTIVE,
    QM_CHANGE_EVIDENCE
};
/* A piece of the rows' common bytes; len 0: absent. */
struct qm_piece {
    size_t at, len;
};
/* One row; names of members as in sql/functions (qm.changes). */
struct qm_change {
    enum qm_change_type type;
    uint8_t a[QM_ID_BYTES], b[QM_ID_BYTES];
    int64_t grid, at_ms;
    int place, status, flags, door, pledge, app, alerts;
    bool has_born;
    int32_t born_day;
    struct qm_piece s1, s2, x1, x2, x3;
    struct qm_piece groups; /* one after another, each with a NUL */
};
struct qm_changes {
    int county, tree;
    int64_t size, revision, now_ms;
    bool full;
    size_t grids;
    int64_t grid[QM_CURSOR_GRIDS_MAX];
    size_t n;
    struct qm_change *row;
    struct qm_buf bytes;
};
void qm_changes_free(struct qm_changes *c); /* what row and bytes hold */

/* Appends the whole answer; settings are ready lines, `settings_rows` of them. */
qm_err qm_changes_text(const struct qm_changes *c, const struct qm_seal *seal, const char *host,
                       const struct qm_buf *settings, int64_t settings_rows, struct qm_buf *out);

#endif
