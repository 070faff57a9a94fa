/* seal.h - floor 2: the key ring and sealed fields (section 10 of the contract).
 *
 * seal = 0x01 | epoch (u32 big-endian) | 24-byte nonce | XChaCha20-Poly1305 ciphertext, associated
 * data = purpose | id.  Keys come from the 32-byte master key by crypto_kdf: context "qm-seal_"
 * with the epoch, "qm-log__" with the county (seed of a log key), "qm-phone" 1, "qm-token" 1. The
 * tree number of a restored log is added to the county as county + n * 10^6 for n > 1. All
 * functions but load are safe from any thread after load; opened bytes must be wiped by the caller.
 * Nothing here can be printed: there is no formatter for struct qm_sealed.
 */
#ifndef QM_DRIVERS_SEAL_H
#define QM_DRIVERS_SEAL_H

#include <stddef.h>
#include <stdint.h>

#include "wire/buf.h"
#include "wire/note.h"

struct qm_seal; /* key ring, in locked memory */

struct qm_sealed { /* its own type, so that no formatter takes it */
    struct qm_buf bytes;
};
enum { QM_SEAL_OVERHEAD_BYTES = 1 + 4 + 24 + 16, QM_MASTER_BYTES = 32 };

/* Purposes: part of the associated data, one per column. */
#define QM_PURPOSE_P     "p"
#define QM_PURPOSE_NAME  "name"
#define QM_PURPOSE_PHONE "phone"
#define QM_PURPOSE_BLOB  "blob"
#define QM_PURPOSE_NOTE  "note"

enum { QM_PAPER_MAX_BYTES = 160 }; /* the copy for the safe, with the NUL; the caller wipes it */

/* Makes a new master file, 0600; QM_E_EXISTS if there is one. paper: four lines of hex groups, each
 * with its number and a check, NUL-terminated. */
qm_err qm_master_create(const char *path, char paper[QM_PAPER_MAX_BYTES]);
/* A ring from that text; writes nothing, so that it can be held against the database first.
 * QM_E_MALFORMED or QM_E_CORRUPT: *wrong_line is the first line (1..4; 5: something behind the
 * last) that is no such line or has a slip in it. */
qm_err qm_seal_from_paper(const char *paper, uint32_t epoch, struct qm_seal **out, int *wrong_line);
/* Makes the ring's master file, 0600; QM_E_EXISTS if there is one. */
qm_err qm_master_write(const char *path, const struct qm_seal *s);
/* QM_E_NOT_FOUND; QM_E_CORRUPT if it is not 32 bytes; QM_E_FORBIDDEN if others can read it. */
qm_err qm_seal_load(const char *master_path, uint32_t epoch, struct qm_seal **out);
void qm_seal_free(struct qm_seal *s);

/* out is initialised here; free out->bytes also after an error.  purpose | id: at most 256 bytes.
 */
qm_err qm_seal_close(const struct qm_seal *s, const char *purpose, const void *id, size_t id_len,
                     const void *clear, size_t clear_len, struct qm_sealed *out);
/* Appends to clear, which the caller has initialised with its maximum.  QM_E_CORRUPT: the bytes,
 * the purpose or the id are not what was sealed, or another master sealed it. */
qm_err qm_seal_open(const struct qm_seal *s, const char *purpose, const void *id, size_t id_len,
                    const void *sealed, size_t sealed_len, struct qm_buf *clear);
/* Seed and verifier key of a county's log (tree 1, 2, ...). */
qm_err qm_seal_log_key(const struct qm_seal *s, const char *host, int county, int tree,
                       uint8_t seed[QM_SEED_BYTES], struct qm_vkey *vkey);
/* Keyed BLAKE2b: look-up by phone number (digits only) and of tokens and codes. */
void qm_seal_phone_mac(const struct qm_seal *s, const char *phone, uint8_t mac[32]);
void qm_seal_token_mac(const struct qm_seal *s, const char *token, uint8_t mac[32]);

#endif
