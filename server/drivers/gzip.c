/* gzip.c - floor 2: see gzip.h.
 *
 * Happy path: one deflate over the whole input, into pieces that the output buffer takes up to one
 * byte less than the input has.
 * Failure: what does not become smaller, or finds no memory, gives its error and an empty buffer.
 */
#include "drivers/gzip.h"

#define ZLIB_CONST /* the input stays as it is, and zlib's header says so */
#include <zlib.h>

enum {
    LEVEL = 4,
    WINDOW_GZIP = 15 + 16,
    MEMORY = 8,
    PIECE_BYTES = 16384,
    INPUT_MAX_BYTES = 1 << 30
};

static qm_err deflate_all(z_stream *z, struct qm_buf *out)
{
    uint8_t piece[PIECE_BYTES];
    int code = Z_OK;
    while (code == Z_OK) {
        z->next_out = piece;
        z->avail_out = sizeof piece;
        code = deflate(z, Z_FINISH);
        if (code == Z_STREAM_ERROR)
            return QM_E_INTERNAL;
        qm_err err = qm_buf_add(out, piece, sizeof piece - z->avail_out);
        if (err != QM_OK)
            return err;
    }
    return code == Z_STREAM_END ? QM_OK : QM_E_INTERNAL;
}

qm_err qm_gzip(const uint8_t *in, size_t len, struct qm_buf *out)
{
    qm_buf_init(out, len - 1);
    if (len > INPUT_MAX_BYTES)
        return QM_E_TOO_LARGE;
    z_stream z = {.next_in = in, .avail_in = (uInt)len};
    if (deflateInit2(&z, LEVEL, Z_DEFLATED, WINDOW_GZIP, MEMORY, Z_DEFAULT_STRATEGY) != Z_OK)
        return QM_E_NOMEM;
    qm_err err = deflate_all(&z, out);
    deflateEnd(&z);
    if (err != QM_OK)
        qm_buf_free(out);
    return err;
}
