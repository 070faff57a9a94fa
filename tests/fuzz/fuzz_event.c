/* fuzz_event.c - E: what is accepted is written, read again and written again alike. */
#include <string.h>

#include "fuzz.h"
#include "wire/event.h"

const char *const fuzz_seeds[] = {"E", NULL};
size_t fuzz_accepted;

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct qm_event ev, again;
    struct qm_buf out, second;
    if (qm_event_read((const char *)data, size, &ev) != QM_OK)
        return 0;
    fuzz_accepted++;
    must(size >= QM_E_MIN_BYTES && size <= QM_E_MAX_BYTES, "E has 2 to 2,048 bytes");
    for (size_t i = 0; i < size; i++)
        must(data[i] >= 0x21 && data[i] <= 0x7E && data[i] != '\\', "E has the bytes of E");
    must(ev.has_p || !qm_event_p_required(&ev), "p is there where it must be");
    qm_buf_init(&out, QM_E_MAX_BYTES);
    must(qm_event_write(&ev, &out) == QM_OK, "an accepted event can be written");
    must(out.len <= size, "it is written no longer than it was");
    must(qm_event_read((const char *)out.p, out.len, &again) == QM_OK, "and read again");
    qm_buf_init(&second, QM_E_MAX_BYTES);
    must(qm_event_write(&again, &second) == QM_OK, "and written again");
    must(out.len == second.len && memcmp(out.p, second.p, out.len) == 0, "to the same bytes");
    must(ev.alerts == again.alerts && ev.na == again.na && ev.with == again.with &&
             ev.code == again.code && ev.via == again.via && ev.secs == again.secs,
         "with the same members");
    qm_buf_free(&second);
    qm_buf_free(&out);
    return 0;
}
