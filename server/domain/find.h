/* find.h - floor 3: finding households and residents by what people say at a door: group, lane,
 * door, a name, or the initials of a name in pinyin ("三组 wjg").
 *
 * Happy path: qm_letters_take keeps the table of letters, once; qm_find_read splits what was typed
 * into words; qm_find_holds says for each row whether every word fits its address or its name.
 * Failure: without the table names are found as they are written only; bytes that are no UTF-8
 * match nothing.  Pure but for the table; any thread once the table is there.
 */
#ifndef QM_DOMAIN_FIND_H
#define QM_DOMAIN_FIND_H

#include <stdbool.h>
#include <stddef.h>

#include "wire/err.h"

enum {
    QM_LETTERS_FIRST = 0x4E00,
    QM_LETTERS = 0xA000 - 0x4E00,
    QM_FIND_MAX_BYTES = 60, /* of what was typed */
    QM_FIND_WORDS_MAX = 8
};

/* One letter, or a space, for each character from QM_LETTERS_FIRST on; see qm.initials. */
struct qm_letters {
    char of[QM_LETTERS];
};
/* QM_E_MALFORMED: not QM_LETTERS bytes. */
qm_err qm_letters_take(const char *text, size_t len, struct qm_letters *out);

struct qm_find {
    char text[QM_FIND_MAX_BYTES + 1]; /* the words, each with a NUL behind it */
    const char *word[QM_FIND_WORDS_MAX];
    size_t n;
};
/* QM_E_MALFORMED: nothing, too long, too many words, or no UTF-8.  out must not be copied. */
qm_err qm_find_read(const char *typed, struct qm_find *out);

struct qm_found {
    const char *group, *lane, *door;
    const char *name; /* in full, not NUL-terminated */
    size_t name_len;
};
bool qm_find_holds(const struct qm_find *f, const struct qm_letters *letters,
                   const struct qm_found *row);

#endif
