/* batch.c - floor 0: the body of POST /v1/sync (section 3 of the contract).
 *
 * Happy path: head (note, its one signature line, device, batch, count), then exactly n lines whose
 * leaf hashes make the root.  The signature itself is for qm_note_verify, when the key is known.
 * Failure modes: each row of the contract's fault table, QM_E_MALFORMED but for the root.
 */
#include "wire/batch.h"

#include <string.h>

#include "wire/event.h"
#include "wire/receipt.h"

static qm_err signer_read(const struct qm_note *n, const char *host, struct qm_batch_head *out)
{
    const struct qm_note_sig *s = &n->sig[0];
    if (n->sigs != 1 || s->sig_len != QM_SIG_BYTES || s->name_len >= QM_NAME_MAX_BYTES)
        return QM_E_MALFORMED;
    if (qm_device_name_read(s->name, s->name_len, host, out->device) != QM_OK)
        return QM_E_MALFORMED;
    memset(out->device_name, 0, sizeof out->device_name);
    memcpy(out->device_name, s->name, s->name_len);
    out->key_id = s->id;
    return QM_OK;
}

qm_err qm_batch_head_read(const char *body, size_t len, const char *host, struct qm_batch_head *out)
{
    size_t span = len < QM_BATCH_NOTE_MAX_BYTES ? len : QM_BATCH_NOTE_MAX_BYTES;
    uint8_t device[QM_ID_BYTES];
    if (qm_note_span(body, span, &out->note_len) != QM_OK)
        return QM_E_MALFORMED;
    out->note_text = body;
    if (out->note_len >= len || body[out->note_len] != '\n')
        return QM_E_MALFORMED;
    if (qm_note_read(body, out->note_len, &out->note) != QM_OK ||
        signer_read(&out->note, host, out) != QM_OK)
        return QM_E_MALFORMED;
    const struct qm_checkpoint *c = &out->checkpoint;
    if (qm_checkpoint_read(out->note.text, out->note.text_len, &out->checkpoint) != QM_OK ||
        c->size < 1 || c->size > QM_BATCH_MAX_EVENTS)
        return QM_E_MALFORMED;
    if (qm_batch_origin_read(c->origin, strlen(c->origin), host, device, out->batch) != QM_OK ||
        memcmp(device, out->device, QM_ID_BYTES) != 0)
        return QM_E_MALFORMED;
    return QM_OK;
}

/* text: one line without its LF.  E ends at the first TAB. */
static void line_split(const char *text, size_t len, struct qm_batch_line *out)
{
    const char *tab = len > 0 ? memchr(text, '\t', len) : NULL;
    out->e = text;
    out->e_len = tab != NULL ? (size_t)(tab - text) : len;
    out->p = tab != NULL ? tab + 1 : NULL;
    out->p_len = tab != NULL ? len - out->e_len - 1 : 0;
    qm_leaf_hash(out->e, out->e_len, &out->leaf);
}

static void root_of(const struct qm_batch_line *lines, size_t n, struct qm_hash *root)
{
    struct qm_hash leaves[QM_BATCH_MAX_EVENTS];
    for (size_t i = 0; i < n; i++)
        leaves[i] = lines[i].leaf;
    qm_merkle_root(leaves, n, root);
}

qm_err qm_batch_lines_read(const char *body, size_t len, const struct qm_batch_head *head,
                           struct qm_batch_line *lines)
{
    struct qm_hash root;
    size_t n = (size_t)head->checkpoint.size, found = 0;
    if (len > QM_BATCH_MAX_BYTES)
        return QM_E_TOO_LARGE;
    if (n < 1 || n > QM_BATCH_MAX_EVENTS || head->note_len >= len)
        return QM_E_MALFORMED;
    const char *end = body + len;
    for (const char *at = body + head->note_len + 1; at < end; found++) {
        const char *lf = memchr(at, '\n', (size_t)(end - at));
        if (lf == NULL || found == n)
            return QM_E_MALFORMED;
        line_split(at, (size_t)(lf - at), &lines[found]);
        at = lf + 1;
    }
    if (found != n)
        return QM_E_MALFORMED;
    root_of(lines, n, &root);
    if (memcmp(root.b, head->checkpoint.root.b, QM_HASH_BYTES) != 0)
        return QM_E_ROOT_MISMATCH;
    return QM_OK;
}

/* ---- writing ---- */

static bool item_ok(const struct qm_batch_item *item)
{
    if (item->e_len < QM_E_MIN_BYTES || item->e_len > QM_E_MAX_BYTES)
        return false;
    for (size_t i = 0; i < item->e_len; i++) {
        if (item->e[i] < '!' || item->e[i] > '~')
            return false;
    }
    if (item->p == NULL)
        return true;
    return item->p_len >= QM_P_MIN_BYTES && item->p_len <= QM_P_MAX_BYTES &&
           memchr(item->p, '\n', item->p_len) == NULL;
}

static qm_err items_root(const struct qm_batch_item *items, size_t n, struct qm_hash *root)
{
    struct qm_hash leaves[QM_BATCH_MAX_EVENTS];
    if (n < 1 || n > QM_BATCH_MAX_EVENTS)
        return QM_E_INVALID;
    for (size_t i = 0; i < n; i++) {
        if (!item_ok(&items[i]))
            return QM_E_INVALID;
        qm_leaf_hash(items[i].e, items[i].e_len, &leaves[i]);
    }
    qm_merkle_root(leaves, n, root);
    return QM_OK;
}

/* The signed note of the batch, a text of its own because it is signed before it is sent. */
static qm_err head_write(const struct qm_checkpoint *c, const struct qm_vkey *key, qm_sign_fn sign,
                         void *sign_ctx, struct qm_buf *out)
{
    struct qm_buf text;
    qm_buf_init(&text, QM_BATCH_NOTE_MAX_BYTES);
    qm_err e = qm_checkpoint_write(c, &text);
    if (e == QM_OK)
        e = qm_note_sign((const char *)text.p, text.len, key, sign, sign_ctx, out);
    qm_buf_free(&text);
    return e;
}

qm_err qm_batch_write(const char *host, const uint8_t device[QM_ID_BYTES],
                      const uint8_t batch[QM_ID_BYTES], const struct qm_vkey *key, qm_sign_fn sign,
                      void *sign_ctx, const struct qm_batch_item *items, size_t n,
                      struct qm_buf *out)
{
    struct qm_checkpoint c = {.size = n};
    size_t start = out->len;
    qm_err e = qm_batch_origin(host, device, batch, c.origin);
    if (e == QM_OK)
        e = items_root(items, n, &c.root);
    if (e == QM_OK)
        e = head_write(&c, key, sign, sign_ctx, out);
    if (e != QM_OK)
        return e;
    qm_buf_add(out, "\n", 1);
    for (size_t i = 0; i < n; i++) {
        qm_buf_add(out, items[i].e, items[i].e_len);
        if (items[i].p != NULL) {
            qm_buf_add(out, "\t", 1);
            qm_buf_add(out, items[i].p, items[i].p_len);
        }
        qm_buf_add(out, "\n", 1);
    }
    if (out->err == QM_OK && out->len - start > QM_BATCH_MAX_BYTES)
        out->err = QM_E_TOO_LARGE;
    return out->err;
}

qm_err qm_batch_event_receipt(const struct qm_batch_head *head, const struct qm_batch_line *lines,
                              size_t i, struct qm_buf *out)
{
    struct qm_hash leaves[QM_BATCH_MAX_EVENTS], proof[QM_PROOF_MAX];
    size_t n = (size_t)head->checkpoint.size;
    if (n < 1 || n > QM_BATCH_MAX_EVENTS || i >= n)
        return QM_E_INVALID;
    for (size_t k = 0; k < n; k++)
        leaves[k] = lines[k].leaf;
    size_t proof_len = qm_merkle_path(leaves, n, i, proof);
    return qm_receipt_write(lines[i].e, lines[i].e_len, i, proof, proof_len, head->note_text,
                            head->note_len, out);
}
