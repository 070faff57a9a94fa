/* ahead.h - floor 2, inside audit: batches checked ahead, each by itself.
 *
 * What a batch says of itself (form, signature, lines, root, events) needs nothing of the entries
 * before it but its phone's key.  So other threads find it out ahead (crew.h), and batch.c puts the
 * results in the order of the log.
 * Memory: QM_AU_AHEAD_EACH places a thread, each with the lines and events of one batch: some
 * 100 KiB for 50 events, never above 1 MiB.
 */
#ifndef QM_AUDIT_AHEAD_H
#define QM_AUDIT_AHEAD_H

#include "audit/inside.h"
#include "wire/batch.h"

enum { QM_AU_AHEAD_EACH = 3 };

struct qm_au_batch_line {
    struct qm_text text;
    struct qm_hash leaf;
    struct qm_verdict verdict;
    bool hidden; /* only its leaf hash is shown */
    bool well;   /* it is an event */
    struct qm_event event;
};

/* One batch entry; what is found out ends at the first thing that is wrong. */
struct qm_au_checked {
    struct qm_text entry; /* bytes that stay the giver's */
    int64_t idx;

    const char *fault; /* code of the finding that ends it all; NULL: none */
    int64_t recv;
    struct qm_checkpoint checkpoint; /* of its note */
    uint8_t device_id[QM_ID_BYTES], id[QM_ID_BYTES];
    size_t device; /* its number */
    qm_err signature;

    qm_err read;           /* of its lines; those of qm_au_read */
    bool whole;            /* exactly the lines that its note counts */
    struct qm_hash root;   /* of these */
    struct qm_buf storage; /* their bytes */
    struct qm_au_batch_line line[QM_BATCH_MAX_EVENTS];
};

qm_err qm_au_ahead_open(struct qm_au *a);
void qm_au_ahead_close(struct qm_au *a);
/* The bytes of an entry of this type; they stay where they are until it is taken.  false: no room.
 * From here to the last take, devices and their keys do not change. */
bool qm_au_ahead_give(struct qm_au *a, int64_t idx, struct qm_text entry);
/* In the order of giving; valid until the next one is given. */
const struct qm_au_checked *qm_au_ahead_take(struct qm_au *a);

#endif
