/* bulletin_out.h - floor 4: the outputs of a bulletin: official document, public page, workbook,
 * table, picture, text for the chat group.
 *
 * Each writer appends to a buffer that the caller initialised (QM_BULLETIN_OUT_MAX_BYTES holds
 * 1,500 divisions).  All are pure but for the workbook, which uses temporary files; all may run in
 * the thread pool.  Names and words are escaped for their format; right-to-left marks in them do
 * not reach what stands beside.
 * The public page, the picture and the text hold the rule's public metrics only, no wording
 * sections but title and contact, and no account names.
 * Failure: QM_E_NOMEM, QM_E_TOO_LARGE (the buffer), QM_E_IO and QM_E_DISK_FULL (workbook).  On
 * failure what was appended is to be thrown away.
 */
#ifndef QM_EDGE_BULLETIN_OUT_H
#define QM_EDGE_BULLETIN_OUT_H

#include "edge/bulletin_doc.h"
#include "wire/buf.h"

enum { QM_BULLETIN_OUT_MAX_BYTES = 16 * 1024 * 1024 };

/* text/html; charset=utf-8, in the format of GB/T 9704-2012. */
qm_err qm_bulletin_page(const struct qm_bulletin_doc *d, struct qm_buf *out);
/* text/html; charset=utf-8; of published bulletins only: QM_E_INVALID for a draft. */
qm_err qm_bulletin_public_page(const struct qm_bulletin_doc *d, struct qm_buf *out);
/* Value of Content-Security-Policy for both pages; always the same. */
enum { QM_BULLETIN_CSP_MAX_BYTES = 256 };
void qm_bulletin_page_csp(char out[QM_BULLETIN_CSP_MAX_BYTES]);

/* application/vnd.openxmlformats-officedocument.spreadsheetml.sheet; tmpdir NULL: /tmp. */
qm_err qm_bulletin_sheet(const struct qm_bulletin_doc *d, const char *tmpdir, struct qm_buf *out);

/* The tables of a bulletin: annexes 1 to 4, what was not counted, and the correction. */
enum qm_bulletin_annex {
    QM_ANNEX_PROGRESS = 1,
    QM_ANNEX_APP,
    QM_ANNEX_CASES,
    QM_ANNEX_UNITS,
    QM_ANNEX_LEFT_OUT,
    QM_ANNEX_CORRECTION,
    QM_ANNEX_COUNT_,
    QM_ANNEX_LEFT_OUT_SUM /* what was not counted, in sum: on the page only */
};
/* text/csv; charset=utf-8: RFC 4180 with CRLF, one annex, header row first; with a division's code
 * behind its name.  bom: begins with a byte order mark, for spreadsheets that guess.
 * A text cell that begins with = + - @, a tab, a carriage return or the full-width form of one gets
 * an apostrophe in front, so that no spreadsheet takes it for a formula. */
qm_err qm_bulletin_csv(const struct qm_bulletin_doc *d, enum qm_bulletin_annex annex, bool bom,
                       struct qm_buf *out);

/* image/svg+xml, 750 px wide, as long as it needs. */
qm_err qm_bulletin_picture(const struct qm_bulletin_doc *d, struct qm_buf *out);
/* text/plain; charset=utf-8, lines end in LF. */
qm_err qm_bulletin_words(const struct qm_bulletin_doc *d, struct qm_buf *out);

#endif
