/* blob.h - floor 3: pictures, sealed, named by the hash of their clear bytes.
 *
 * Happy path: sealed in the pool (purpose "blob", id = hash), then qm.blob_put.
 * Failure: QM_E_QUOTA when the device's bytes of the day are used up, QM_E_REVOKED for a revoked
 * device and a picture that none of its recorded events names, overload, internal.
 * The loop's thread only.
 */
#ifndef QM_DOMAIN_BLOB_H
#define QM_DOMAIN_BLOB_H

#include <stdbool.h>

#include "drivers/pg.h"
#include "drivers/pool.h"
#include "drivers/seal.h"

enum { QM_BLOB_MAX_BYTES = 1048576 };
enum qm_blob_media { QM_BLOB_JPEG = 1, QM_BLOB_PNG, QM_BLOB_WEBP };

/* By magic bytes; 0: none of the three. Pure. */
int qm_blob_media(const uint8_t *bytes, size_t len);

struct qm_blob_deps {
    struct qm_pg *pg;
    struct qm_pool *pool;
    const struct qm_seal *seal;
};
struct qm_blob {
    int county;
    uint8_t device[QM_ID_BYTES];
    struct qm_hash sha256;
    const uint8_t *bytes; /* used until done ran */
    size_t len;
    int media;
    int64_t budget_bytes; /* of the device and day */
};
/* created: it was not there before. */
typedef void (*qm_blob_done)(void *ctx, qm_err err, bool created);
void qm_blob_put(const struct qm_blob_deps *deps, const struct qm_blob *blob, qm_blob_done done,
                 void *ctx);

#endif
