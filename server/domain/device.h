/* device.h - floor 3: which county a device is of, and its key.
 *
 * Happy path: a device that synced lately is answered from a bounded cache; otherwise two small
 * statements: device_home (every key ever seen and its county), then the county's own device row.
 * A cached key that was rotated elsewhere either has another key id than the request (then the
 * database is asked) or is caught by the sync function, which compares keys under the head's lock;
 * the caller then forgets the device here.
 * The loop's thread only.
 */
#ifndef QM_DOMAIN_DEVICE_H
#define QM_DOMAIN_DEVICE_H

#include "drivers/pg.h"
#include "wire/note.h"

struct qm_devices;
struct qm_device {
    uint8_t device[QM_ID_BYTES];
    int county;
    uint8_t key[QM_KEY_BYTES];
    char account[QM_ACCOUNT_MAX_BYTES + 1]; /* "" from the cache */
    bool revoked;                           /* false from the cache */
};

/* host: points to a string that lives as long. */
qm_err qm_devices_new(struct qm_pg *pg, const char *host, struct qm_devices **out);
void qm_devices_free(struct qm_devices *ds);

/* err: QM_OK and d; QM_E_UNKNOWN_KEY if no device has that name and key now; QM_E_OVERLOAD,
 * QM_E_INTERNAL, QM_E_NOMEM.  May run before qm_device_find returns. */
typedef void (*qm_device_done)(void *ctx, qm_err err, const struct qm_device *d);
/* fresh: ask the database in any case, so that account and revoked are true now. */
void qm_device_find(struct qm_devices *ds, const uint8_t device[QM_ID_BYTES], uint32_t key_id,
                    bool fresh, qm_device_done done, void *ctx);
void qm_device_forget(struct qm_devices *ds, const uint8_t device[QM_ID_BYTES]);

#endif
