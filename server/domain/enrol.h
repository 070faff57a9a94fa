/* enrol.h - floor 3: taking a device in, and giving it a new key (section 9 of the contract).
 *
 * Happy path of enrolment: the note's form, the curve point and the self-signature hold -> the code
 * is there -> key and device name are claimed in device_home -> the log may be signed -> qm.enrol
 * writes device and entry. Rotation: the same without a code; the old key's signature stands first.
 * Failure: malformed (note, point), bad-signature, forbidden (code; it stays unused), key-taken,
 * unknown-key, revoked, log-stopped, overload, internal.  All steps may be repeated: the same
 * request again gets the same answer. The loop's thread only; signatures are checked in the pool.
 */
#ifndef QM_DOMAIN_ENROL_H
#define QM_DOMAIN_ENROL_H

#include <stdbool.h>

#include "domain/tlog.h"
#include "drivers/pg.h"
#include "drivers/pool.h"
#include "drivers/seal.h"
#include "wire/note.h"

struct qm_enrol_deps {
    struct qm_pg *pg;
    struct qm_pool *pool;
    const struct qm_seal *seal;
    struct qm_tlog *tlog;
    const char *host;
};
enum { QM_ENROL_NOTE_MAX_BYTES = 2048 };
struct qm_enrol_answer {
    uint8_t device[QM_ID_BYTES];
    int county, tree;
    char account[QM_ACCOUNT_MAX_BYTES + 1];
    size_t grids;
    const int64_t *grid; /* valid in the callback */
};
typedef void (*qm_enrol_done)(void *ctx, qm_err err, const struct qm_enrol_answer *a);

/* code NULL: rotation.  code and note are copied. */
void qm_enrol_run(const struct qm_enrol_deps *deps, const char *code, const char *note,
                  size_t note_len, bool hard, qm_enrol_done done, void *ctx);

/* The text "<host>/device/v1\n<device>\n<vkey>\n" of a note: device, its name and the key.
 * QM_E_MALFORMED for anything else, a point that is not valid included. Pure. */
qm_err qm_enrol_text_read(const char *text, size_t len, const char *host,
                          uint8_t device[QM_ID_BYTES], struct qm_vkey *key);

#endif
