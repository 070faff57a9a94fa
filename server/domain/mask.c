/* mask.c - floor 3: masked phone numbers and names; see mask.h.
 * Happy path: what is hidden becomes stars, the rest is copied. Failure: only that of the buffer,
 * which is sticky.
 */
#include "domain/mask.h"

#include <stdbool.h>
#include <string.h>

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* The four digits before the last four are hidden, whatever else is written between digits; a
 * number of seven digits or fewer keeps only its last two. */
qm_err qm_mask_phone(const char *phone, size_t len, struct qm_buf *out)
{
    size_t digits = 0, seen = 0;
    for (size_t i = 0; i < len; i++)
        digits += is_digit(phone[i]);
    size_t from = digits > 7 ? digits - 8 : 0;
    size_t to = digits > 7 ? digits - 4 : digits > 2 ? digits - 2 : 0;
    for (size_t i = 0; i < len && out->err == QM_OK; i++) {
        bool hide = is_digit(phone[i]) && seen >= from && seen < to;
        seen += is_digit(phone[i]);
        qm_buf_add(out, hide ? "*" : &phone[i], 1);
    }
    return out->err;
}

qm_err qm_mask_name(const char *name, size_t len, struct qm_buf *out)
{
    size_t shown = 0;
    for (size_t i = 0; i < len && shown < 3; shown++) {
        size_t n = 1;
        while (i + n < len && ((unsigned char)name[i + n] & 0xc0) == 0x80)
            n++;
        qm_buf_add(out, shown == 0 ? &name[i] : "*", shown == 0 ? n : 1);
        i += n;
    }
    return out->err;
}
