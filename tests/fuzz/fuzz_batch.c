/* fuzz_batch.c - bodies of POST /v1/sync: the parts that were found make up the body again, and
 * each line of a batch whose root fits has a receipt that proves it. */
#include <string.h>

#include "fuzz.h"
#include "wire/batch.h"
#include "wire/event.h"
#include "wire/receipt.h"

const char *const fuzz_seeds[] = {"batch", NULL};
size_t fuzz_accepted;

static void check_receipt(const struct qm_batch_head *head, const struct qm_batch_line *lines,
                          size_t i)
{
    struct qm_buf out;
    struct qm_receipt r;
    qm_buf_init(&out, QM_RECEIPT_MAX_BYTES);
    if (lines[i].e_len > 0 && lines[i].e_len <= QM_ENTRY_MAX_BYTES) {
        must(qm_batch_event_receipt(head, lines, i, &out) == QM_OK, "a line has a receipt");
        must(qm_receipt_read((const char *)out.p, out.len, &r) == QM_OK, "that can be read");
        must(qm_inclusion_verify(&lines[i].leaf, i, head->checkpoint.size, r.proof, r.proof_len,
                                 &head->checkpoint.root) == QM_OK,
             "and proves the line");
        qm_receipt_free(&r);
    }
    qm_buf_free(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct qm_batch_line lines[QM_BATCH_MAX_EVENTS];
    struct qm_batch_head head;
    const char *body = (const char *)data;
    if (qm_batch_head_read(body, size, "qm.example.gov.cn", &head) != QM_OK)
        return 0;
    must(head.checkpoint.size >= 1 && head.checkpoint.size <= QM_BATCH_MAX_EVENTS, "1..256 lines");
    must(head.note.sigs == 1 && head.note.sig[0].sig_len == QM_SIG_BYTES, "one signature");
    must(head.note_len <= QM_BATCH_NOTE_MAX_BYTES, "the note lies in the first 600 bytes");
    if (qm_batch_lines_read(body, size, &head, lines) != QM_OK)
        return 0;
    fuzz_accepted++;
    const char *at = body + head.note_len + 1;
    for (size_t i = 0; i < head.checkpoint.size; i++) {
        must(lines[i].e == at, "a line begins where the one before it ends");
        at += lines[i].e_len + (lines[i].p != NULL ? 1 + lines[i].p_len : 0) + 1;
        must(at[-1] == '\n', "a line ends in LF");
        check_receipt(&head, lines, i);
    }
    must(at == body + size, "nothing lies behind the last line");
    return 0;
}
