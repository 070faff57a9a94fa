/* receipt.h - floor 0: tlog-proof texts (C2SP tlog-proof, header c2sp.org/tlog-proof@v1).
 *
 *     c2sp.org/tlog-proof@v1 LF
 *     extra <base64> LF
 *     index <decimal> LF
 *     <base64 hash> LF            0..63 lines
 *     LF
 *     <checkpoint note>           nothing behind it
 *
 * Used three times: the server's answer to a batch (extra = log entry), a device's proof of one
 * event (extra = E, checkpoint = its own note), a bulletin's receipt.
 * Parsed structs own `extra` (a capped buffer) and point into the text for the rest.
 * Pure, any thread.
 */
#ifndef QM_WIRE_RECEIPT_H
#define QM_WIRE_RECEIPT_H

#include "wire/lines.h"
#include "wire/note.h"

enum { QM_ENTRY_MAX_BYTES = 65535, QM_RECEIPT_MAX_BYTES = 131072 };

struct qm_receipt {
    struct qm_buf extra; /* decoded, owned: qm_receipt_free */
    uint64_t index;
    size_t proof_len;
    struct qm_hash proof[QM_PROOF_MAX];
    struct qm_note note;
    struct qm_checkpoint checkpoint;
};

qm_err qm_receipt_read(const char *t, size_t len, struct qm_receipt *out);
void qm_receipt_free(struct qm_receipt *r);
/* The whole check of `qiaomen verify`: origin equals the key's name or <key name>/b/<UUIDv7>,
 * signature, inclusion of leaf_hash(extra).  QM_OK only if everything holds. */
qm_err qm_receipt_verify(const char *t, size_t len, const struct qm_vkey *key);
/* note is the signed checkpoint. */
qm_err qm_receipt_write(const void *extra, size_t extra_len, uint64_t index,
                        const struct qm_hash *proof, size_t proof_len, const char *note,
                        size_t note_len, struct qm_buf *out);

/* A log entry (section 4): header lines and payload; points into the given bytes. */
enum qm_entry_type {
    QM_ENTRY_BATCH = 1,
    QM_ENTRY_DEVICE,
    QM_ENTRY_REVOKE,
    QM_ENTRY_BLOB,
    QM_ENTRY_DECIDE,
    QM_ENTRY_ERASE,
    QM_ENTRY_CONFIG,
    QM_ENTRY_SIGNOFF,
    QM_ENTRY_ROSTER,
    QM_ENTRY_BULLETIN
};
struct qm_entry {
    enum qm_entry_type type;
    int64_t recv_ms;
    struct qm_text by, prepared, account, key, scope, replaces; /* p NULL if absent */
    struct qm_text verdicts; /* whole lines; batch only; may be empty */
    struct qm_text payload;
};
qm_err qm_entry_read(const char *t, size_t len, struct qm_entry *out);

/* One verdict line of a batch entry. */
enum qm_verdict_kind { QM_V_ACCEPT, QM_V_REJECT, QM_V_DUP, QM_V_HOLD, QM_V_FLAG };
enum { /* bits of qm_verdict.flags */
       QM_FLAG_FUTURE = 1,
       QM_FLAG_LATE = 2,
       QM_FLAG_UNKNOWN = 4,
       QM_FLAG_SEQ = 8
};
struct qm_verdict {
    enum qm_verdict_kind kind;
    char code[12];     /* reject: schema private county conflict; hold: revoked scope moved */
    int64_t dup_index; /* dup */
    unsigned flags;    /* flag */
};
/* Spreads the verdict lines over n events (accepted ones get QM_V_ACCEPT).  QM_E_MALFORMED for a
 * line out of order, out of range or outside the grammar. */
qm_err qm_verdicts_read(struct qm_text lines, size_t n, struct qm_verdict *out);

#endif
