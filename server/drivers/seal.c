/* seal.c - floor 2: the master key file, the key ring and sealed fields; see seal.h.
 *
 * Happy path: the master key is read once into locked, read-only memory; every other key is derived
 * from it when it is needed (under a microsecond) and wiped. A seal names its epoch, so that
 * seals of every epoch open. Failure modes: a file that others may read, a wrong length, a seal
 * whose bytes, purpose or id were changed, no memory: an error, and nothing of the clear text is
 * given out.
 *
 * The paper copy has four lines of eight bytes in hex, each with a check of its own, so
 * that a slip of the pen is found in its line.
 */
#include "drivers/seal.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/folder.h"

#define CONTEXT_SEAL  "qm-seal_"
#define CONTEXT_LOG   "qm-log__"
#define CONTEXT_PHONE "qm-phone"
#define CONTEXT_TOKEN "qm-token"

enum {
    SEAL_VERSION = 0x01,
    HEAD_BYTES = 1 + 4,
    NONCE_BYTES = crypto_aead_xchacha20poly1305_ietf_NPUBBYTES,
    TAG_BYTES = crypto_aead_xchacha20poly1305_ietf_ABYTES,
    KEY_BYTES = crypto_aead_xchacha20poly1305_ietf_KEYBYTES,
    AD_MAX_BYTES = 256,
    COUNTY_TREES_STEP = 1000000, /* county codes have six digits */
    PAPER_LINES = 4,
    PAPER_LINE_BYTES = QM_MASTER_BYTES / PAPER_LINES,
    PAPER_CHECK_BYTES = 4
};
_Static_assert(HEAD_BYTES + NONCE_BYTES + TAG_BYTES == QM_SEAL_OVERHEAD_BYTES, "seal.h");
_Static_assert(KEY_BYTES == crypto_kdf_KEYBYTES && QM_MASTER_BYTES == crypto_kdf_KEYBYTES, "kdf");

struct qm_seal {
    uint8_t master[QM_MASTER_BYTES];
    uint32_t epoch;
};

/* ---- the master file ---- */

static qm_err write_all(int fd, const uint8_t *p, size_t len)
{
    while (len > 0) {
        ssize_t n = write(fd, p, len);
        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n < 0) {
            return errno == ENOSPC || errno == EDQUOT ? QM_E_DISK_FULL : QM_E_IO;
        }
        p += n;
        len -= (size_t)n;
    }
    return fsync(fd) == 0 ? QM_OK : QM_E_IO;
}

/* Makes the file's name last: without it a crash could take the new master with it. */
static qm_err sync_folder_of(const char *path)
{
    char *copy = strdup(path);
    if (copy == NULL) {
        return QM_E_NOMEM;
    }
    qm_err err = qm_folder_sync(dirname(copy));
    free(copy);
    return err;
}

static qm_err write_master(const char *path, const uint8_t master[QM_MASTER_BYTES])
{
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (fd < 0) {
        return errno == EEXIST ? QM_E_EXISTS : QM_E_IO;
    }
    qm_err err = fchmod(fd, 0600) == 0 ? QM_OK : QM_E_IO;
    if (err == QM_OK) {
        err = write_all(fd, master, QM_MASTER_BYTES);
    }
    if (close(fd) != 0 && err == QM_OK) {
        err = QM_E_IO;
    }
    if (err == QM_OK) {
        err = sync_folder_of(path);
    }
    if (err != QM_OK) { /* ours, just made: a half written one must not be taken for a master */
        (void)unlink(path);
    }
    return err;
}

static void paper_check(int line, const uint8_t *bytes, uint8_t check[PAPER_CHECK_BYTES])
{
    uint8_t input[1 + PAPER_LINE_BYTES], hash[crypto_hash_sha256_BYTES];
    input[0] = (uint8_t)line;
    memcpy(input + 1, bytes, PAPER_LINE_BYTES);
    crypto_hash_sha256(hash, input, sizeof input);
    memcpy(check, hash, PAPER_CHECK_BYTES);
    sodium_memzero(input, sizeof input);
    sodium_memzero(hash, sizeof hash);
}

/* "1 0123 4567 89ab cdef-9f86d081\n" and so on. */
static void write_paper(const uint8_t master[QM_MASTER_BYTES], char paper[QM_PAPER_MAX_BYTES])
{
    size_t at = 0;
    for (int line = 0; line < PAPER_LINES; line++) {
        const uint8_t *b = master + (size_t)line * PAPER_LINE_BYTES;
        uint8_t check[PAPER_CHECK_BYTES];
        paper_check(line + 1, b, check);
        at += (size_t)snprintf(paper + at, QM_PAPER_MAX_BYTES - at,
                               "%d %02x%02x %02x%02x %02x%02x %02x%02x-%02x%02x%02x%02x\n",
                               line + 1, b[0], b[1], b[2], b[3], b[4], b[5], b[6], b[7], check[0],
                               check[1], check[2], check[3]);
    }
}

qm_err qm_master_create(const char *path, char paper[QM_PAPER_MAX_BYTES])
{
    paper[0] = '\0';
    if (sodium_init() < 0) {
        return QM_E_INTERNAL;
    }
    uint8_t *master = sodium_malloc(QM_MASTER_BYTES);
    if (master == NULL) {
        return QM_E_NOMEM;
    }
    randombytes_buf(master, QM_MASTER_BYTES);
    qm_err err = write_master(path, master);
    if (err == QM_OK) {
        write_paper(master, paper);
    }
    sodium_free(master);
    return err;
}

/* Reads one line's digits, whatever blanks are between them; *at is moved behind them. */
static qm_err read_paper_line(const char **at, int line, uint8_t bytes[PAPER_LINE_BYTES])
{
    uint8_t all[PAPER_LINE_BYTES + PAPER_CHECK_BYTES], check[PAPER_CHECK_BYTES];
    const char *rest = *at + strspn(*at, " \t\r\n");
    size_t n = 0;
    if (*rest != '0' + line) {
        return QM_E_MALFORMED;
    }
    rest++;
    if (sodium_hex2bin(all, sizeof all, rest, strcspn(rest, "\n"), " -\t\r", &n, &rest) != 0 ||
        n != sizeof all) {
        return QM_E_MALFORMED;
    }
    *at = rest;
    memcpy(bytes, all, PAPER_LINE_BYTES);
    paper_check(line, bytes, check);
    bool right = sodium_memcmp(check, all + PAPER_LINE_BYTES, PAPER_CHECK_BYTES) == 0;
    sodium_memzero(all, sizeof all);
    return right ? QM_OK : QM_E_CORRUPT;
}

static qm_err read_paper(const char *paper, uint8_t master[QM_MASTER_BYTES], int *wrong_line)
{
    qm_err err = QM_OK;
    *wrong_line = 0;
    for (int line = 1; line <= PAPER_LINES && err == QM_OK; line++) {
        err = read_paper_line(&paper, line, master + (size_t)(line - 1) * PAPER_LINE_BYTES);
        *wrong_line = err != QM_OK ? line : 0;
    }
    if (err == QM_OK && paper[strspn(paper, " \t\r\n")] != '\0') {
        err = QM_E_MALFORMED;
        *wrong_line = PAPER_LINES + 1;
    }
    return err;
}

/* ---- the key ring ---- */

static qm_err read_master(int fd, uint8_t master[QM_MASTER_BYTES])
{
    struct stat st;
    if (fstat(fd, &st) != 0) {
        return QM_E_IO;
    }
    if (!S_ISREG(st.st_mode) || st.st_size != QM_MASTER_BYTES) {
        return QM_E_CORRUPT;
    }
    if ((st.st_mode & (S_IRWXG | S_IRWXO)) != 0) {
        return QM_E_FORBIDDEN;
    }
    return read(fd, master, QM_MASTER_BYTES) == QM_MASTER_BYTES ? QM_OK : QM_E_IO;
}

/* The key that was read becomes the caller's, from now on only to be read; after an error it is
 * wiped. */
static qm_err hand_over(struct qm_seal *s, qm_err err, uint32_t epoch, struct qm_seal **out)
{
    if (err != QM_OK) {
        sodium_free(s);
        return err;
    }
    s->epoch = epoch;
    (void)sodium_mprotect_readonly(s);
    *out = s;
    return QM_OK;
}

qm_err qm_seal_load(const char *master_path, uint32_t epoch, struct qm_seal **out)
{
    if (sodium_init() < 0) {
        return QM_E_INTERNAL;
    }
    int fd = open(master_path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0) {
        return errno == ENOENT ? QM_E_NOT_FOUND : QM_E_IO;
    }
    struct qm_seal *s = sodium_malloc(sizeof *s); /* locked, with guard pages */
    qm_err err = s == NULL ? QM_E_NOMEM : read_master(fd, s->master);
    (void)close(fd);
    return hand_over(s, err, epoch, out);
}

qm_err qm_seal_from_paper(const char *paper, uint32_t epoch, struct qm_seal **out, int *wrong_line)
{
    *wrong_line = 0;
    if (sodium_init() < 0) {
        return QM_E_INTERNAL;
    }
    struct qm_seal *s = sodium_malloc(sizeof *s);
    qm_err err = s == NULL ? QM_E_NOMEM : read_paper(paper, s->master, wrong_line);
    return hand_over(s, err, epoch, out);
}

qm_err qm_master_write(const char *path, const struct qm_seal *s)
{
    return write_master(path, s->master);
}

void qm_seal_free(struct qm_seal *s)
{
    sodium_free(s); /* wipes; NULL is fine */
}

static void derive(const struct qm_seal *s, const char context[crypto_kdf_CONTEXTBYTES],
                   uint64_t number, uint8_t key[KEY_BYTES])
{
    (void)crypto_kdf_derive_from_key(key, KEY_BYTES, number, context, s->master);
}

/* ---- sealed fields ---- */

struct associated {
    uint8_t bytes[AD_MAX_BYTES];
    size_t len;
};

static qm_err associate(const char *purpose, const void *id, size_t id_len, struct associated *ad)
{
    size_t purpose_len = strlen(purpose);
    if (purpose_len > sizeof ad->bytes || id_len > sizeof ad->bytes - purpose_len) {
        return QM_E_INVALID;
    }
    memcpy(ad->bytes, purpose, purpose_len);
    if (id_len > 0) {
        memcpy(ad->bytes + purpose_len, id, id_len);
    }
    ad->len = purpose_len + id_len;
    return QM_OK;
}

qm_err qm_seal_close(const struct qm_seal *s, const char *purpose, const void *id, size_t id_len,
                     const void *clear, size_t clear_len, struct qm_sealed *out)
{
    struct associated ad;
    uint8_t key[KEY_BYTES];
    if (clear_len > SIZE_MAX - QM_SEAL_OVERHEAD_BYTES) {
        return QM_E_TOO_LARGE;
    }
    size_t len = clear_len + QM_SEAL_OVERHEAD_BYTES;
    qm_buf_init(&out->bytes, len);
    qm_err err = associate(purpose, id, id_len, &ad);
    if (err != QM_OK) {
        return err;
    }
    uint8_t *sealed = malloc(len);
    if (sealed == NULL) {
        return QM_E_NOMEM;
    }
    sealed[0] = SEAL_VERSION;
    for (int i = 0; i < 4; i++) {
        sealed[1 + i] = (uint8_t)(s->epoch >> (24 - 8 * i));
    }
    randombytes_buf(sealed + HEAD_BYTES, NONCE_BYTES);
    derive(s, CONTEXT_SEAL, s->epoch, key);
    (void)crypto_aead_xchacha20poly1305_ietf_encrypt(sealed + HEAD_BYTES + NONCE_BYTES, NULL, clear,
                                                     clear_len, ad.bytes, ad.len, NULL,
                                                     sealed + HEAD_BYTES, key);
    sodium_memzero(key, sizeof key);
    err = qm_buf_add(&out->bytes, sealed, len);
    free(sealed);
    return err;
}

/* Opens into fresh memory, which the caller wipes and frees. */
static qm_err open_seal(const struct qm_seal *s, const struct associated *ad, const uint8_t *sealed,
                        size_t len, uint8_t *clear)
{
    uint8_t key[KEY_BYTES];
    uint32_t epoch = 0;
    for (int i = 0; i < 4; i++) {
        epoch = epoch << 8 | sealed[1 + i];
    }
    derive(s, CONTEXT_SEAL, epoch, key);
    int bad = crypto_aead_xchacha20poly1305_ietf_decrypt(
        clear, NULL, NULL, sealed + HEAD_BYTES + NONCE_BYTES, len - HEAD_BYTES - NONCE_BYTES,
        ad->bytes, ad->len, sealed + HEAD_BYTES, key);
    sodium_memzero(key, sizeof key);
    return bad == 0 ? QM_OK : QM_E_CORRUPT;
}

qm_err qm_seal_open(const struct qm_seal *s, const char *purpose, const void *id, size_t id_len,
                    const void *sealed, size_t sealed_len, struct qm_buf *clear)
{
    struct associated ad;
    const uint8_t *bytes = sealed;
    qm_err err = associate(purpose, id, id_len, &ad);
    if (err != QM_OK) {
        return err;
    }
    if (sealed_len < QM_SEAL_OVERHEAD_BYTES || bytes[0] != SEAL_VERSION) {
        return QM_E_CORRUPT;
    }
    size_t len = sealed_len - QM_SEAL_OVERHEAD_BYTES;
    uint8_t *opened = malloc(len + 1); /* never of size 0 */
    if (opened == NULL) {
        return QM_E_NOMEM;
    }
    err = open_seal(s, &ad, bytes, sealed_len, opened);
    if (err == QM_OK && len > 0) {
        err = qm_buf_add(clear, opened, len);
    }
    sodium_memzero(opened, len + 1);
    free(opened);
    return err;
}

/* ---- keys for others ---- */

qm_err qm_seal_log_key(const struct qm_seal *s, const char *host, int county, int tree,
                       uint8_t seed[QM_SEED_BYTES], struct qm_vkey *vkey)
{
    char name[QM_NAME_MAX_BYTES];
    uint8_t key[crypto_sign_PUBLICKEYBYTES], secret[crypto_sign_SECRETKEYBYTES];
    if (county < 1 || county >= COUNTY_TREES_STEP || tree < 1) {
        return QM_E_INVALID;
    }
    qm_err err = qm_log_origin(host, county, tree, name);
    if (err != QM_OK) {
        return err;
    }
    uint64_t number = (uint64_t)county;
    number += tree > 1 ? (uint64_t)tree * COUNTY_TREES_STEP : 0;
    derive(s, CONTEXT_LOG, number, seed);
    (void)crypto_sign_seed_keypair(key, secret, seed);
    sodium_memzero(secret, sizeof secret);
    return qm_vkey_make(name, key, vkey);
}

static void keyed_mac(const struct qm_seal *s, const char *context, const char *text,
                      uint8_t mac[32])
{
    uint8_t key[KEY_BYTES];
    derive(s, context, 1, key);
    (void)crypto_generichash(mac, 32, (const uint8_t *)text, strlen(text), key, sizeof key);
    sodium_memzero(key, sizeof key);
}

void qm_seal_phone_mac(const struct qm_seal *s, const char *phone, uint8_t mac[32])
{
    keyed_mac(s, CONTEXT_PHONE, phone, mac);
}

void qm_seal_token_mac(const struct qm_seal *s, const char *token, uint8_t mac[32])
{
    keyed_mac(s, CONTEXT_TOKEN, token, mac);
}
