/* receipt.c - floor 0: tlog-proof texts (C2SP tlog-proof, header c2sp.org/tlog-proof@v1).
 *
 * Happy path: the lines in front of the note are read one by one in their only order, the rest is
 * the note with its checkpoint.
 * Failure modes: any other form (QM_E_MALFORMED), too long (QM_E_TOO_LARGE), no memory; verifying
 * adds the faults of the signature and QM_E_PROOF.
 */
#include "wire/receipt.h"

#include <stdlib.h>
#include <string.h>

static const char HEADER[] = "c2sp.org/tlog-proof@v1\n";

static qm_err extra_read(struct qm_text b64, struct qm_buf *out)
{
    size_t room = b64.len / 4 * 3, n = 0;
    if (b64.len == 0 || b64.len % 4 != 0)
        return QM_E_MALFORMED;
    uint8_t *bytes = malloc(room);
    if (bytes == NULL)
        return QM_E_NOMEM;
    qm_err e = qm_b64_read(b64.p, b64.len, bytes, room, &n);
    if (e == QM_OK && n > QM_ENTRY_MAX_BYTES)
        e = QM_E_MALFORMED;
    if (e == QM_OK)
        e = qm_buf_add(out, bytes, n);
    free(bytes);
    return e;
}

static qm_err hash_read(struct qm_text b64, struct qm_hash *out)
{
    size_t n = 0;
    if (b64.len != QM_B64_HASH_CHARS ||
        qm_b64_read(b64.p, b64.len, out->b, QM_HASH_BYTES, &n) != QM_OK)
        return QM_E_MALFORMED;
    return n == QM_HASH_BYTES ? QM_OK : QM_E_MALFORMED;
}

/* Everything behind `extra`. */
static qm_err proof_read(struct qm_lines *c, struct qm_receipt *out)
{
    struct qm_text line;
    int64_t index = 0;
    if (!qm_line_next(c, &line) || !qm_text_skip(&line, "index ") ||
        qm_dec_read(line.p, line.len, INT64_MAX, &index) != QM_OK)
        return QM_E_MALFORMED;
    out->index = (uint64_t)index;
    for (;;) {
        if (!qm_line_next(c, &line))
            return QM_E_MALFORMED;
        if (line.len == 0)
            break;
        if (out->proof_len == QM_PROOF_MAX || hash_read(line, &out->proof[out->proof_len]) != QM_OK)
            return QM_E_MALFORMED;
        out->proof_len++;
    }
    qm_err e = qm_note_read(c->at, (size_t)(c->end - c->at), &out->note);
    if (e == QM_OK)
        e = qm_checkpoint_read(out->note.text, out->note.text_len, &out->checkpoint);
    return e;
}

qm_err qm_receipt_read(const char *t, size_t len, struct qm_receipt *out)
{
    struct qm_lines c = {t, t + len};
    struct qm_text line;
    out->proof_len = 0;
    qm_buf_init(&out->extra, QM_ENTRY_MAX_BYTES);
    if (len > QM_RECEIPT_MAX_BYTES)
        return QM_E_TOO_LARGE;
    if (len < sizeof HEADER - 1 || memcmp(t, HEADER, sizeof HEADER - 1) != 0)
        return QM_E_MALFORMED;
    c.at += sizeof HEADER - 1;
    if (!qm_line_next(&c, &line) || !qm_text_skip(&line, "extra "))
        return QM_E_MALFORMED;
    qm_err e = extra_read(line, &out->extra);
    if (e == QM_OK)
        e = proof_read(&c, out);
    if (e != QM_OK)
        qm_receipt_free(out);
    return e;
}

void qm_receipt_free(struct qm_receipt *r)
{
    qm_buf_free(&r->extra);
}

/* The origin is the key's name, or a batch of the device whose key it is. */
static bool origin_fits(const char *origin, const char *name)
{
    size_t n = strlen(name);
    uint8_t batch[QM_ID_BYTES];
    if (strncmp(origin, name, n) != 0)
        return false;
    if (origin[n] == 0)
        return true;
    return strncmp(origin + n, "/b/", 3) == 0 &&
           qm_uuid_read(origin + n + 3, strlen(origin + n + 3), 7, batch) == QM_OK;
}

qm_err qm_receipt_verify(const char *t, size_t len, const struct qm_vkey *key)
{
    struct qm_receipt r;
    struct qm_hash leaf;
    qm_err e = qm_receipt_read(t, len, &r);
    if (e != QM_OK)
        return e;
    e = qm_note_verify(&r.note, key);
    if (e == QM_OK && !origin_fits(r.checkpoint.origin, key->name))
        e = QM_E_PROOF;
    if (e == QM_OK) {
        qm_leaf_hash(r.extra.p, r.extra.len, &leaf);
        e = qm_inclusion_verify(&leaf, r.index, r.checkpoint.size, r.proof, r.proof_len,
                                &r.checkpoint.root);
    }
    qm_receipt_free(&r);
    return e;
}

static qm_err add_base64(struct qm_buf *out, const void *bytes, size_t len)
{
    char *text = malloc(len / 3 * 4 + 5);
    if (text == NULL)
        return QM_E_NOMEM;
    size_t n = qm_b64_write(bytes, len, text);
    qm_err e = qm_buf_add(out, text, n);
    free(text);
    return e;
}

qm_err qm_receipt_write(const void *extra, size_t extra_len, uint64_t index,
                        const struct qm_hash *proof, size_t proof_len, const char *note,
                        size_t note_len, struct qm_buf *out)
{
    if (extra_len == 0 || extra_len > QM_ENTRY_MAX_BYTES || proof_len > QM_PROOF_MAX ||
        index > INT64_MAX)
        return QM_E_INVALID;
    qm_buf_puts(out, HEADER);
    qm_buf_puts(out, "extra ");
    qm_err e = add_base64(out, extra, extra_len);
    if (e != QM_OK)
        return e;
    qm_buf_printf(out, "\nindex %llu\n", (unsigned long long)index);
    for (size_t i = 0; i < proof_len; i++) {
        char line[QM_B64_HASH_CHARS + 2];
        qm_b64_write(proof[i].b, QM_HASH_BYTES, line);
        line[QM_B64_HASH_CHARS] = '\n';
        qm_buf_add(out, line, QM_B64_HASH_CHARS + 1);
    }
    qm_buf_puts(out, "\n");
    return qm_buf_add(out, note, note_len);
}
