/* outbox_photo.c - floor 1: photos that wait, are sent, and are dropped after their time.
 *
 * A photo is named by the SHA-256 of its bytes and sealed at rest.  The same bytes twice are one
 * photo.  One that was sent is kept as long as P is, because the server may ask again (`want`).
 * Failure: no picture is QM_E_INVALID, too many bytes QM_E_TOO_LARGE, a row of another shape
 * QM_E_CORRUPT; nothing is stored then.
 */
#include "outbox_db.h"

#include <string.h>

enum { PHOTO_MAX_BYTES = 1048576 };

bool qm_photo_type(const void *bytes, size_t len, const char **content_type)
{
    const uint8_t *b = bytes;
    if (len >= 3 && memcmp(b, "\xff\xd8\xff", 3) == 0)
        *content_type = "image/jpeg";
    else if (len >= 8 && memcmp(b, "\x89PNG\r\n\x1a\n", 8) == 0)
        *content_type = "image/png";
    else if (len >= 12 && memcmp(b, "RIFF", 4) == 0 && memcmp(b + 8, "WEBP", 4) == 0)
        *content_type = "image/webp";
    else
        return false;
    return true;
}

qm_err qm_outbox_attach(struct qm_outbox *o, const void *bytes, size_t len, int64_t now_ms,
                        struct qm_hash *sha)
{
    const char *type;
    if (len > PHOTO_MAX_BYTES)
        return QM_E_TOO_LARGE;
    if (!qm_photo_type(bytes, len, &type))
        return QM_E_INVALID;
    qm_sha256(bytes, len, sha);
    struct qm_buf sealed;
    qm_buf_init(&sealed, PHOTO_MAX_BYTES + QM_SEAL_EXTRA_BYTES);
    qm_err e = qm_keys_seal(o->keys, "photo", sha->b, QM_HASH_BYTES, bytes, len, &sealed);
    if (e == QM_OK)
        e = ob_tx_begin(o);
    if (e == QM_OK) {
        /* A photo that was dropped or refused earlier comes back to life. */
        e = ob_run(o,
                   "INSERT INTO photo(sha, sealed, bytes, state, added_ms) VALUES(?, ?, ?, 0, ?)"
                   " ON CONFLICT(sha) DO UPDATE SET sealed = excluded.sealed, fault = '',"
                   " state = CASE WHEN photo.state = 1 THEN 1 ELSE 0 END",
                   "bbii", sha->b, (size_t)QM_HASH_BYTES, sealed.p, sealed.len, (int64_t)len,
                   now_ms);
        e = ob_tx_end(o, e);
    }
    qm_buf_free(&sealed);
    return e;
}

static qm_err open_photo(struct qm_outbox *o, sqlite3_stmt *s, struct qm_hash *sha,
                         struct qm_buf *bytes)
{
    qm_buf_reset(bytes);
    qm_err e = ob_step(o, s);
    if (e == QM_OK && sqlite3_column_bytes(s, 0) != QM_HASH_BYTES)
        e = QM_E_CORRUPT;
    if (e == QM_OK) {
        memcpy(sha->b, sqlite3_column_blob(s, 0), QM_HASH_BYTES);
        e = ob_opened(o, s, 1, "photo", sha->b, QM_HASH_BYTES, bytes);
    }
    return e;
}

qm_err qm_outbox_next_photo(struct qm_outbox *o, struct qm_hash *sha, struct qm_buf *bytes)
{
    sqlite3_stmt *s = NULL;
    qm_err e = ob_prepare(
        o, &s, "SELECT sha, sealed FROM photo WHERE state = 0 ORDER BY added_ms, sha LIMIT 1", "");
    if (e == QM_OK)
        e = open_photo(o, s, sha, bytes);
    sqlite3_finalize(s);
    return e;
}

qm_err qm_outbox_photo(struct qm_outbox *o, const struct qm_hash *sha, struct qm_buf *bytes)
{
    sqlite3_stmt *s = NULL;
    struct qm_hash found;
    qm_err e = ob_prepare(o, &s, "SELECT sha, sealed FROM photo WHERE sha = ?", "b", sha->b,
                          (size_t)QM_HASH_BYTES);
    if (e == QM_OK)
        e = open_photo(o, s, &found, bytes);
    sqlite3_finalize(s);
    return e;
}

qm_err qm_outbox_photo_done(struct qm_outbox *o, const struct qm_hash *sha, const char *fault,
                            int64_t now_ms)
{
    qm_err e = ob_tx_begin(o);
    if (e != QM_OK)
        return e;
    e = ob_run(o, "UPDATE photo SET state = ?, fault = ?, done_ms = ? WHERE sha = ?", "itib",
               (int64_t)(fault ? OB_PHOTO_BAD : OB_PHOTO_SENT), fault ? fault : "", now_ms, sha->b,
               (size_t)QM_HASH_BYTES);
    if (e == QM_OK && !fault)
        e = ob_run(o, "DELETE FROM want WHERE sha = ?", "b", sha->b, (size_t)QM_HASH_BYTES);
    return ob_tx_end(o, e);
}

qm_err qm_outbox_photo_later(struct qm_outbox *o, const struct qm_hash *sha)
{
    return ob_run(o,
                  "UPDATE photo SET added_ms = (SELECT max(added_ms) + 1 FROM photo)"
                  " WHERE sha = ? AND state = 0",
                  "b", sha->b, (size_t)QM_HASH_BYTES);
}

qm_err qm_outbox_photos(struct qm_outbox *o, int (*fn)(void *, const struct qm_photo_view *),
                        void *ctx)
{
    static const enum qm_state shown[] = {QM_WAITING, QM_CONFIRMED, QM_REJECTED};
    sqlite3_stmt *s = NULL;
    qm_err e =
        ob_prepare(o, &s, "SELECT sha, bytes, state, fault FROM photo ORDER BY added_ms, sha", "");
    while (e == QM_OK && (e = ob_step(o, s)) == QM_OK) {
        struct qm_photo_view v = {.bytes = (uint64_t)sqlite3_column_int64(s, 1)};
        int state = sqlite3_column_int(s, 2);
        if (sqlite3_column_bytes(s, 0) != QM_HASH_BYTES || state < 0 || state > 2) {
            e = QM_E_CORRUPT;
            break;
        }
        qm_hex_write(sqlite3_column_blob(s, 0), QM_HASH_BYTES, v.sha256);
        v.state = shown[state];
        e = ob_text(s, 3, v.code, sizeof v.code);
        if (e == QM_OK)
            e = (qm_err)fn(ctx, &v);
    }
    sqlite3_finalize(s);
    return e == QM_E_NOT_FOUND ? QM_OK : e;
}
