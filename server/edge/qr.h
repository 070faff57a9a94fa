/* qr.h - floor 4: QR codes (ISO/IEC 18004) as SVG; the only user of libqrencode.
 *
 * Happy path: a text of up to QM_QR_MAX_BYTES becomes the data of one SVG path in units of a
 * module, with the quiet zone of four modules around it; error correction M, for paper.
 * Failure: QM_E_INVALID for an empty or too long text, QM_E_NOMEM.  Pure, any thread.
 */
#ifndef QM_EDGE_QR_H
#define QM_EDGE_QR_H

#include "wire/buf.h"

enum { QM_QR_MAX_BYTES = 400, QM_QR_QUIET = 4 };

/* Appends the path's data; side: modules in a row, quiet zone included. */
qm_err qm_qr_path(const char *text, struct qm_buf *out, int *side);

#endif
