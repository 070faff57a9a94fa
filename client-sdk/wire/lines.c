/* lines.c - floor 0: see lines.h.
 * Happy path: each call moves the cursor behind what it returns. Failure: false at the end, and
 * for a last line without LF.
 */
#include "wire/lines.h"

#include <string.h>

bool qm_text_is(struct qm_text t, const char *word)
{
    return t.len == strlen(word) && memcmp(t.p, word, t.len) == 0;
}

bool qm_text_skip(struct qm_text *t, const char *prefix)
{
    size_t n = strlen(prefix);
    if (t->len < n || memcmp(t->p, prefix, n) != 0)
        return false;
    t->p += n;
    t->len -= n;
    return true;
}

bool qm_line_next(struct qm_lines *c, struct qm_text *line)
{
    const char *lf = c->at < c->end ? memchr(c->at, '\n', (size_t)(c->end - c->at)) : NULL;
    if (lf == NULL)
        return false;
    line->p = c->at;
    line->len = (size_t)(lf - c->at);
    c->at = lf + 1;
    return true;
}

bool qm_word_next(struct qm_lines *c, char separator, struct qm_text *word)
{
    if (c->at > c->end)
        return false;
    const char *stop = c->at;
    while (stop < c->end && *stop != separator)
        stop++;
    word->p = c->at;
    word->len = (size_t)(stop - c->at);
    c->at = stop + 1;
    return true;
}
