/* keys.h - floor 1: the device's secrets: signing key, seal of the outbox, passphrase files.
 *
 * Where secrets are stored is the host app's callback (qiaomen/client.h, struct qm_keystore); this
 * file decides which there are.  "outbox" is 32 random bytes from which the seal key is derived
 * (crypto_kdf, context "qm-outbx"); "device-<n>" is the n-th signing key of this device.
 *
 * Happy path: qm_keys_open, qm_keys_make_device once, qm_keys_device, then sign and seal.
 * Failure: a secret that is missing is QM_E_NOT_FOUND, sealed bytes that do not open are
 * QM_E_CORRUPT.  The only file family of the client that sees sodium.h.
 * One thread at a time.
 */
#ifndef QM_KEYS_H
#define QM_KEYS_H

#include <stdio.h>

#include "qiaomen/client.h"
#include "wire/note.h"

enum { QM_SEAL_EXTRA_BYTES = 40 }; /* nonce 24, tag 16 */

struct qm_keys {
    struct qm_keystore store;
    uint8_t seal[32];
};
/* A signing key in use; ctx of qm_keys_sign. */
struct qm_signer {
    const struct qm_keys *keys;
    char slot[24]; /* "device-<n>" */
    struct qm_vkey vkey;
};

/* may_make: the outbox is new, so a missing "outbox" secret is made. */
qm_err qm_keys_open(struct qm_keys *k, const struct qm_keystore *store, bool may_make);
void qm_keys_close(struct qm_keys *k); /* wipes */

/* Makes device-<n> unless it is there, reads it back and signs a test message. */
qm_err qm_keys_make_device(const struct qm_keys *k, int64_t n, const char *device_name,
                           struct qm_signer *out);
/* QM_E_NOT_FOUND if there is none. */
qm_err qm_keys_device(const struct qm_keys *k, int64_t n, const char *device_name,
                      struct qm_signer *out);
qm_err qm_keys_remove_device(const struct qm_keys *k, int64_t n);
bool qm_keys_hardware(const struct qm_keys *k);
/* A qm_sign_fn; ctx is a struct qm_signer. */
qm_err qm_keys_sign(void *signer, const uint8_t *msg, size_t len, uint8_t sig[QM_SIG_BYTES]);

/* XChaCha20-Poly1305, fresh random nonce in front; bound to purpose and id.  Appends to out. */
qm_err qm_keys_seal(const struct qm_keys *k, const char *purpose, const void *id, size_t id_len,
                    const void *plain, size_t len, struct qm_buf *out);
qm_err qm_keys_open_sealed(const struct qm_keys *k, const char *purpose, const void *id,
                           size_t id_len, const void *sealed, size_t len, struct qm_buf *out);

/* 0 <= result < limit (limit > 0). */
uint32_t qm_keys_random_below(uint32_t limit);

/* A file that only a passphrase opens: Argon2id and secretstream (keys_pass.c).
 *   magic | ops u32 | memory in KiB u32 | salt 16 | header 24 | (length u32 | ciphertext)*
 * numbers big-endian; the last frame carries the final tag, so that a cut file is noticed. */
enum { QM_PASS_MIN_BYTES = 8, QM_PASS_FRAME_MAX_BYTES = 2 * 1048576 };
struct qm_pass_file;
qm_err qm_pass_write_open(FILE *f, const char *passphrase, struct qm_pass_file **out);
qm_err qm_pass_write(struct qm_pass_file *p, const void *frame, size_t len, bool last);
/* QM_E_CORRUPT: no such file, or wrong passphrase (noticed at the first frame). */
qm_err qm_pass_read_open(FILE *f, const char *passphrase, struct qm_pass_file **out);
/* frame is reset first; after *last the file must end. */
qm_err qm_pass_read(struct qm_pass_file *p, struct qm_buf *frame, bool *last);
void qm_pass_close(struct qm_pass_file *p); /* wipes; does not close f */

#endif
