/* lines.h - floor 0: reading a text line by line and word by word, in place.
 *
 * Happy path: set a cursor on the text, take line after line.
 * Failure: false when there is none; the caller knows what that means for its text.
 * Pure, any thread; what is read points into the text.
 */
#ifndef QM_WIRE_LINES_H
#define QM_WIRE_LINES_H

#include <stdbool.h>
#include <stddef.h>

/* A piece of somebody else's text, without a NUL. */
struct qm_text {
    const char *p;
    size_t len;
};
bool qm_text_is(struct qm_text t, const char *word);
/* Takes the prefix off; false, and nothing done, if the text does not begin with it. */
bool qm_text_skip(struct qm_text *t, const char *prefix);

struct qm_lines {
    const char *at, *end;
};
/* The next line without its LF; false if no LF follows. */
bool qm_line_next(struct qm_lines *c, struct qm_text *line);
/* What stands before the next separator or the end.  After the last word `at` is behind `end`, and
 * then there is none; an empty text has one empty word. */
bool qm_word_next(struct qm_lines *c, char separator, struct qm_text *word);

#endif
