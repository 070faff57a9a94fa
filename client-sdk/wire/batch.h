/* batch.h - floor 0: the body of POST /v1/sync (section 3 of the contract).
 *
 *     <note> LF (E [TAB P] LF)*        exactly n lines
 *
 * Reading does not judge events: it finds note, checkpoint, device and lines, and compares the
 * root. Everything points into the caller's bytes.  Pure, any thread.
 */
#ifndef QM_WIRE_BATCH_H
#define QM_WIRE_BATCH_H

#include "wire/note.h"

enum { QM_BATCH_MAX_BYTES = 1048576, QM_BATCH_MAX_EVENTS = 256, QM_BATCH_NOTE_MAX_BYTES = 600 };

struct qm_batch_head {
    const char *note_text; /* the whole note, verbatim */
    size_t note_len;
    struct qm_note note;
    struct qm_checkpoint checkpoint;
    char device_name[QM_NAME_MAX_BYTES]; /* "<host>/d/<uuid>": name of the one signature line */
    uint8_t device[QM_ID_BYTES];
    uint8_t batch[QM_ID_BYTES];
    uint32_t key_id;
};
struct qm_batch_line {
    const char *e;
    size_t e_len;
    const char *p; /* NULL: no TAB */
    size_t p_len;
    struct qm_hash leaf; /* leaf hash of E */
};

/* Parses the first bytes of a body: QM_E_MALFORMED for each fault of the contract's first row. */
qm_err qm_batch_head_read(const char *body, size_t len, const char *host,
                          struct qm_batch_head *out);
/* Splits and hashes the lines behind the head; lines has room for checkpoint.size.
 * QM_E_MALFORMED: wrong number of lines, last LF missing; QM_E_ROOT_MISMATCH: other root. */
qm_err qm_batch_lines_read(const char *body, size_t len, const struct qm_batch_head *head,
                           struct qm_batch_line *lines);

/* A line to send; p NULL if none. */
struct qm_batch_item {
    const char *e;
    size_t e_len;
    const char *p;
    size_t p_len;
};
qm_err qm_batch_write(const char *host, const uint8_t device[QM_ID_BYTES],
                      const uint8_t batch[QM_ID_BYTES], const struct qm_vkey *key, qm_sign_fn sign,
                      void *sign_ctx, const struct qm_batch_item *items, size_t n,
                      struct qm_buf *out);
/* Proof of one event of a batch: a tlog-proof with extra = E and the batch note. */
qm_err qm_batch_event_receipt(const struct qm_batch_head *head, const struct qm_batch_line *lines,
                              size_t i, struct qm_buf *out);

#endif
