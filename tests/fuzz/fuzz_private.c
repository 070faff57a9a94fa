/* fuzz_private.c - P: what is accepted is written and read again to the same members. */
#include <string.h>

#include "fuzz.h"
#include "wire/event.h"

const char *const fuzz_seeds[] = {"P", NULL};
size_t fuzz_accepted;

static bool same(const char *a, const char *b)
{
    return a == NULL || b == NULL ? a == b : strcmp(a, b) == 0;
}

static void check(struct qm_private *p)
{
    struct qm_private again;
    struct qm_buf out;
    qm_buf_init(&out, QM_P_MAX_BYTES);
    qm_err e = qm_private_write(p, &out);
    /* Control bytes grow sixfold when written, so the longest texts may not fit. */
    must(e == QM_OK || e == QM_E_TOO_LARGE, "accepted members can be written");
    if (e == QM_OK) {
        must(qm_private_read((const char *)out.p, out.len, &again) == QM_OK, "and read again");
        must(strcmp(p->salt_text, again.salt_text) == 0, "same salt");
        must(p->has_born == again.has_born && p->born_day == again.born_day, "same day of birth");
        must(same(p->name, again.name) && same(p->phone, again.phone) &&
                 same(p->door, again.door) && same(p->met, again.met) &&
                 same(p->signer, again.signer) && same(p->relation, again.relation) &&
                 same(p->note, again.note),
             "same texts");
        qm_private_free(&again);
    }
    qm_buf_wipe(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const uint8_t zero[QM_ID_BYTES];
    struct qm_private p;
    if (qm_private_read((const char *)data, size, &p) != QM_OK)
        return 0;
    fuzz_accepted++;
    must(size >= QM_P_MIN_BYTES && size <= QM_P_MAX_BYTES, "P has 2 to 16,384 bytes");
    must(p.name == NULL || strlen(p.name) <= QM_P_STRING_MAX_BYTES, "texts keep their limit");
    must(p.note == NULL || strlen(p.note) <= QM_P_NOTE_MAX_BYTES, "notes keep their limit");
    if (memcmp(p.salt, zero, sizeof zero) != 0) /* a zero salt means a fresh one to the writer */
        check(&p);
    qm_private_free(&p);
    return 0;
}
