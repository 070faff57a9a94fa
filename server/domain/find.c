/* find.c - floor 3: see find.h.
 * Happy path: everything is compared without spaces and with small letters; a word of letters only
 * is also held against the initials of the name, from its beginning.
 * Failure: bytes that are no UTF-8, and words too many, are QM_E_MALFORMED.
 */
#include "domain/find.h"

#include <stdint.h>
#include <string.h>

#include "wire/codec.h"

enum { PLAIN_MAX_BYTES = 800, INITIALS_MAX = 64 };

/* Surnames that are read otherwise than the character as a word (the phone has the same list). */
static const struct {
    uint32_t surname;
    char letter;
} surnames[] = {
    {0x66FE /* 曾 */, 'z'}, {0x5355 /* 单 */, 's'}, {0x89E3 /* 解 */, 'x'}, {0x4EC7 /* 仇 */, 'q'},
    {0x67E5 /* 查 */, 'z'}, {0x4EFB /* 任 */, 'r'}, {0x533A /* 区 */, 'o'}, {0x5C09 /* 尉 */, 'y'},
    {0x4E50 /* 乐 */, 'y'}, {0x7F2A /* 缪 */, 'm'}, {0x76D6 /* 盖 */, 'g'}, {0x53EC /* 召 */, 's'},
    {0x6734 /* 朴 */, 'p'}, {0x7FDF /* 翟 */, 'z'}, {0x8584 /* 薄 */, 'b'}, {0x51BC /* 冼 */, 'x'},
    {0x9004 /* 逄 */, 'p'}, {0x8983 /* 覃 */, 'q'}, {0x6298 /* 折 */, 's'}, {0x7E41 /* 繁 */, 'p'},
    {0x79CD /* 种 */, 'c'}, {0x79D8 /* 秘 */, 'b'}};

qm_err qm_letters_take(const char *text, size_t len, struct qm_letters *out)
{
    if (len != sizeof out->of)
        return QM_E_MALFORMED;
    memcpy(out->of, text, sizeof out->of);
    return QM_OK;
}

static char small(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static bool is_blank(const char *s, size_t len)
{
    static const char wide[] = "\xE3\x80\x80"; /* U+3000 */
    return *s == ' ' || *s == '\t' || (len >= 3 && memcmp(s, wide, 3) == 0);
}

/* Adds s without blanks and in small letters; what does not fit is left out. */
static size_t add_plain(char *out, size_t at, size_t max, const char *s, size_t len)
{
    for (size_t i = 0; i < len && at < max; i++) {
        if (is_blank(s + i, len - i))
            i += s[i] == '\xE3' ? 2 : 0;
        else
            out[at++] = small(s[i]);
    }
    return at;
}

qm_err qm_find_read(const char *typed, struct qm_find *out)
{
    size_t len = strlen(typed);
    size_t at = 0;
    bool inside = false;
    out->n = 0;
    if (len > QM_FIND_MAX_BYTES || !qm_utf8_ok(typed, len))
        return QM_E_MALFORMED;
    for (size_t i = 0; i < len; i++) {
        if (is_blank(typed + i, len - i)) {
            i += typed[i] == '\xE3' ? 2 : 0;
            inside = false;
            continue;
        }
        if (!inside) {
            if (out->n == QM_FIND_WORDS_MAX)
                return QM_E_MALFORMED;
            at += out->n > 0; /* behind the NUL of the word before */
            out->word[out->n++] = out->text + at;
            inside = true;
        }
        out->text[at++] = small(typed[i]);
        out->text[at] = '\0';
    }
    return out->n > 0 ? QM_OK : QM_E_MALFORMED;
}

/* The next character of UTF-8 that was checked before. */
static uint32_t next_char(const char **s, const char *end)
{
    const unsigned char *b = (const unsigned char *)*s;
    size_t n = b[0] < 0x80 ? 1 : b[0] < 0xE0 ? 2 : b[0] < 0xF0 ? 3 : 4;
    uint32_t c = n == 1 ? b[0] : b[0] & (0x7Fu >> n);
    for (size_t i = 1; i < n && *s + i < end; i++)
        c = c << 6 | (b[i] & 0x3F);
    *s += n;
    return c;
}

static char letter_of(uint32_t c, bool surname, const struct qm_letters *letters)
{
    for (size_t i = 0; surname && i < sizeof surnames / sizeof *surnames; i++) {
        if (surnames[i].surname == c)
            return surnames[i].letter;
    }
    if (c < 0x80)
        return small((char)c);
    return c >= QM_LETTERS_FIRST && c - QM_LETTERS_FIRST < QM_LETTERS
               ? letters->of[c - QM_LETTERS_FIRST]
               : ' ';
}

static void initials(const char *name, size_t len, const struct qm_letters *letters,
                     char out[INITIALS_MAX + 1])
{
    size_t n = 0;
    const char *end = name + len;
    for (const char *s = name; s < end && n < INITIALS_MAX;) {
        bool surname = s == name;
        char letter = letter_of(next_char(&s, end), surname, letters);
        if (letter != ' ')
            out[n++] = letter;
    }
    out[n] = '\0';
}

static bool all_letters(const char *word)
{
    return strspn(word, "abcdefghijklmnopqrstuvwxyz0123456789") == strlen(word);
}

bool qm_find_holds(const struct qm_find *f, const struct qm_letters *letters,
                   const struct qm_found *row)
{
    char address[PLAIN_MAX_BYTES + 1];
    char name[PLAIN_MAX_BYTES + 1];
    char first[INITIALS_MAX + 1] = "";
    bool holds = true;
    if (row->name_len > 0 && !qm_utf8_ok(row->name, row->name_len))
        return false;
    size_t n = add_plain(address, 0, PLAIN_MAX_BYTES, row->group, strlen(row->group));
    n = add_plain(address, n, PLAIN_MAX_BYTES, row->lane, strlen(row->lane));
    address[add_plain(address, n, PLAIN_MAX_BYTES, row->door, strlen(row->door))] = '\0';
    name[add_plain(name, 0, PLAIN_MAX_BYTES, row->name, row->name_len)] = '\0';
    if (row->name_len > 0)
        initials(row->name, row->name_len, letters, first);
    for (size_t i = 0; holds && i < f->n; i++)
        holds = strstr(address, f->word[i]) != NULL || strstr(name, f->word[i]) != NULL ||
                (all_letters(f->word[i]) && strncmp(first, f->word[i], strlen(f->word[i])) == 0);
    explicit_bzero(name, sizeof name);
    explicit_bzero(first, sizeof first);
    return holds;
}
