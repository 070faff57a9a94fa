/* ranking_lines.h - floor 3: the lines of a roster out of rows in any order, sorted as bytes.
 *
 * Happy path: begin; add the rows of a kind; next until *len is 0; again for the next kind; end.
 * Memory: a quarter of a MiB and a 64th of the rows; the rest waits in a file without a name.
 * Failure: QM_E_NOMEM, QM_E_IO (no room in the folder for temporary files), QM_E_CORRUPT (a row
 * that is none).  After a failure only end.  Blocking, one thread.
 * Source: section 8 of the contract, "Roster bytes".
 */
#ifndef QM_DOMAIN_RANKING_LINES_H
#define QM_DOMAIN_RANKING_LINES_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "wire/buf.h"
#include "wire/codec.h"

struct qm_line_row {
    const uint8_t *id; /* QM_ID_BYTES */
    int64_t grid;
    const char *status;    /* of the contract, but for "merged:" */
    const uint8_t *merged; /* id of the one that this one is merged into; else NULL, and a status */
};

struct qm_line_entry;
struct qm_line_run;
struct qm_ranking_lines {
    FILE *file;
    struct qm_line_run *runs;   /* what of each run is not in the file yet */
    uint8_t *run_of;            /* by block of the file */
    size_t blocks, blocks_max;  /* max: room in run_of */
    struct qm_line_entry *list; /* the run in hand */
    size_t list_max;
    size_t run; /* next one to be written */
    struct qm_buf text;
};

qm_err qm_ranking_lines_begin(struct qm_ranking_lines *s);
qm_err qm_ranking_lines_add(struct qm_ranking_lines *s, const struct qm_line_row *row);
/* The next stretch of whole lines, which begin with this kind; valid until the next call. */
qm_err qm_ranking_lines_next(struct qm_ranking_lines *s, const char *kind, const char **text,
                             size_t *len);
/* Forgets the rows. */
void qm_ranking_lines_again(struct qm_ranking_lines *s);
void qm_ranking_lines_end(struct qm_ranking_lines *s); /* also after a begin that failed */

#endif
