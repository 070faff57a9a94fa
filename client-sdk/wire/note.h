/* note.h - floor 0: verifier keys, signed notes and checkpoints.
 *
 * C2SP signed-note v1.0.0 and tlog-checkpoint v1.0.0 with Ed25519 (signature type 0x01).
 * A note is text that ends in LF, an empty line, and signature lines
 *     U+2014 SP <key name> SP base64(4-byte key id | 64-byte signature) LF
 * Parsed structs point into the caller's bytes: keep these alive.
 * Reading is strict: no CR, no control characters but LF, valid UTF-8, nothing behind the last
 * signature line.  Pure, any thread.
 */
#ifndef QM_WIRE_NOTE_H
#define QM_WIRE_NOTE_H

#include <stddef.h>
#include <stdint.h>

#include "wire/buf.h"
#include "wire/merkle.h"

enum { QM_KEY_BYTES = 32, QM_SIG_BYTES = 64, QM_SEED_BYTES = 32, QM_NOTE_SIGS_MAX = 8 };

struct qm_vkey {
    char name[QM_NAME_MAX_BYTES];
    uint32_t id; /* first four bytes of SHA-256(name | 0x0A | 0x01 | key), big endian */
    uint8_t key[QM_KEY_BYTES];
};

/* "<name>+<8 hex>+<base64(0x01|key)>": checks form, key id and that the point is valid. */
qm_err qm_vkey_read(const char *t, size_t len, struct qm_vkey *out);
/* QM_E_TOO_LARGE if the name does not fit, QM_E_MALFORMED if it holds SP, '+' or control bytes. */
qm_err qm_vkey_make(const char *name, const uint8_t key[QM_KEY_BYTES], struct qm_vkey *out);
qm_err qm_vkey_write(const struct qm_vkey *k, struct qm_buf *out);

struct qm_note_sig {
    const char *name;
    size_t name_len;
    uint32_t id;
    uint8_t sig[128]; /* decoded behind the key id */
    size_t sig_len;   /* anything but 64 is no Ed25519 signature */
};

struct qm_note {
    const char *text; /* signed bytes, with the last LF */
    size_t text_len;
    size_t sigs;
    struct qm_note_sig sig[QM_NOTE_SIGS_MAX];
};

qm_err qm_note_read(const char *t, size_t len, struct qm_note *out);
/* Finds the length of the note at the start of a longer text: up to and with the LF of the last of
 * consecutive signature lines.  QM_E_MALFORMED if there is none within len. */
qm_err qm_note_span(const char *t, size_t len, size_t *note_len);
/* The note's one signature line of this key holds: QM_OK.  Lines of other keys are ignored; a
 * failing or a second line of the given key is QM_E_BAD_SIGNATURE, none at all QM_E_UNKNOWN_KEY. */
qm_err qm_note_verify(const struct qm_note *n, const struct qm_vkey *key);

/* Signing is a callback, because a device's key may live in hardware.  Returns QM_OK and 64 bytes.
 */
typedef qm_err (*qm_sign_fn)(void *ctx, const uint8_t *msg, size_t len, uint8_t sig[QM_SIG_BYTES]);
qm_err qm_sign_with_seed(void *seed /* 32 bytes */, const uint8_t *msg, size_t len,
                         uint8_t sig[QM_SIG_BYTES]);
/* Appends text, empty line and one signature line. text must end in LF. */
qm_err qm_note_sign(const char *text, size_t len, const struct qm_vkey *key, qm_sign_fn sign,
                    void *ctx, struct qm_buf *out);
/* Appends one more signature line, over the same text, to a note that is already in out. */
qm_err qm_note_cosign(const char *text, size_t len, const struct qm_vkey *key, qm_sign_fn sign,
                      void *ctx, struct qm_buf *out);

struct qm_checkpoint {
    char origin[QM_NAME_MAX_BYTES];
    uint64_t size;
    struct qm_hash root;
};
/* The three lines; extension lines: QM_E_MALFORMED. size below 2^63, no leading zero, no sign. */
qm_err qm_checkpoint_read(const char *text, size_t len, struct qm_checkpoint *out);
qm_err qm_checkpoint_write(const struct qm_checkpoint *c, struct qm_buf *out);

/* Names of section 1 of the contract. */
qm_err qm_device_name(const char *host, const uint8_t device[QM_ID_BYTES],
                      char out[QM_NAME_MAX_BYTES]);
qm_err qm_device_name_read(const char *t, size_t len, const char *host,
                           uint8_t device[QM_ID_BYTES]);
qm_err qm_batch_origin(const char *host, const uint8_t device[QM_ID_BYTES],
                       const uint8_t batch[QM_ID_BYTES], char out[QM_NAME_MAX_BYTES]);
qm_err qm_batch_origin_read(const char *t, size_t len, const char *host,
                            uint8_t device[QM_ID_BYTES], uint8_t batch[QM_ID_BYTES]);
/* county 6 digits; tree 1 gives "<host>/log/<county>", n > 1 "…-<n>". */
qm_err qm_log_origin(const char *host, int county, int tree, char out[QM_NAME_MAX_BYTES]);

#endif
