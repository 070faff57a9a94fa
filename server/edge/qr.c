/* qr.c - see qr.h.
 * Happy path: let the library make the modules, write each run of dark ones as one rectangle.
 * Failure: without memory nothing is drawn.
 */
#include "edge/qr.h"

#include <errno.h>
#include <qrencode.h>
#include <stddef.h>
#include <string.h>

static void draw_row(const unsigned char *modules, int width, int y, struct qm_buf *out)
{
    int x = 0;
    while (x < width) {
        int from = x;
        while (x < width && (modules[x] & 1) != 0)
            x++;
        if (x > from)
            qm_buf_printf(out, "M%d %dh%dv1h-%dz", from + QM_QR_QUIET, y + QM_QR_QUIET, x - from,
                          x - from);
        else
            x++;
    }
}

qm_err qm_qr_path(const char *text, struct qm_buf *out, int *side)
{
    size_t len = strlen(text);
    if (len == 0 || len > QM_QR_MAX_BYTES)
        return QM_E_INVALID;
    QRcode *qr = QRcode_encodeString8bit(text, 0, QR_ECLEVEL_M);
    if (qr == NULL)
        return errno == ENOMEM ? QM_E_NOMEM : QM_E_INVALID;
    for (int y = 0; y < qr->width; y++)
        draw_row(qr->data + (ptrdiff_t)y * qr->width, qr->width, y, out);
    *side = qr->width + 2 * QM_QR_QUIET;
    QRcode_free(qr);
    return out->err;
}
