/* fuzz_receipt.c - receipts, notes, keys and log entries: an accepted text has one spelling, so
 * writing its parts gives the same bytes. */
#include <string.h>

#include "fuzz.h"
#include "wire/receipt.h"

const char *const fuzz_seeds[] = {"receipt", "note", "vkey", NULL};
size_t fuzz_accepted;

static const char LOG[] =
    "qm.example.gov.cn/log/140522+b69283c8+ATMzRcQaosNH0ePqy9ZyKNPCTqbiCol8I5T0jiLdwofU";

static void check_entry(const char *t, size_t len)
{
    struct qm_entry e;
    struct qm_verdict v[256];
    if (qm_entry_read(t, len, &e) != QM_OK)
        return;
    must(e.payload.len > 0 && e.payload.p + e.payload.len == t + len, "the payload is the rest");
    must(e.type == QM_ENTRY_BATCH || e.verdicts.len == 0, "only batches have verdicts");
    if (qm_verdicts_read(e.verdicts, 256, v) == QM_OK && e.verdicts.len == 0)
        must(v[255].kind == QM_V_ACCEPT, "no line is acceptance");
}

static void check_receipt(const char *t, size_t len)
{
    struct qm_receipt r;
    struct qm_vkey key;
    struct qm_buf out;
    must(qm_vkey_read(LOG, sizeof LOG - 1, &key) == QM_OK, "the key of the vectors");
    if (qm_receipt_read(t, len, &r) != QM_OK) {
        must(qm_receipt_verify(t, len, &key) != QM_OK, "what is not read does not verify");
        return;
    }
    fuzz_accepted++;
    qm_buf_init(&out, QM_RECEIPT_MAX_BYTES);
    size_t note_len = (size_t)(t + len - r.note.text);
    must(qm_receipt_write(r.extra.p, r.extra.len, r.index, r.proof, r.proof_len, r.note.text,
                          note_len, &out) == QM_OK,
         "a receipt that was read can be written");
    must(out.len == len && memcmp(out.p, t, len) == 0, "to the same bytes");
    (void)qm_receipt_verify(t, len, &key);
    check_entry((const char *)r.extra.p, r.extra.len);
    qm_buf_free(&out);
    qm_receipt_free(&r);
}

static void check_note(const char *t, size_t len)
{
    struct qm_note n;
    struct qm_checkpoint c;
    struct qm_buf out;
    if (qm_note_read(t, len, &n) != QM_OK)
        return;
    must(n.sigs > 0 && n.sigs <= QM_NOTE_SIGS_MAX, "a note has signature lines");
    must(n.text_len > 0 && n.text[n.text_len - 1] == '\n', "its text ends in LF");
    if (qm_checkpoint_read(n.text, n.text_len, &c) != QM_OK)
        return;
    qm_buf_init(&out, 1000);
    must(qm_checkpoint_write(&c, &out) == QM_OK, "a checkpoint that was read can be written");
    must(out.len == n.text_len && memcmp(out.p, n.text, out.len) == 0, "to the same bytes");
    qm_buf_free(&out);
}

static void check_vkey(const char *t, size_t len)
{
    struct qm_vkey k;
    struct qm_buf out;
    if (qm_vkey_read(t, len, &k) != QM_OK)
        return;
    qm_buf_init(&out, 1000);
    must(qm_vkey_write(&k, &out) == QM_OK, "a key that was read can be written");
    must(out.len == len && memcmp(out.p, t, len) == 0, "to the same bytes");
    qm_buf_free(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    check_receipt((const char *)data, size);
    check_note((const char *)data, size);
    check_vkey((const char *)data, size);
    check_entry((const char *)data, size);
    return 0;
}
