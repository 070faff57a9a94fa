/* number.h - tests: a whole number from text, or a clear no. */
#ifndef QM_LOAD_NUMBER_H
#define QM_LOAD_NUMBER_H

#include <stdbool.h>
#include <stdlib.h>

/* Reads digits only, 0..max; *end (may be NULL) is set behind them.  False: no digit, or more. */
static inline bool qm_number_read(const char *text, int max, int *out, const char **end)
{
    char *behind = NULL;
    if (text[0] < '0' || text[0] > '9')
        return false;
    long n = strtol(text, &behind, 10);
    if (n > max || (!end && *behind != 0))
        return false;
    *out = (int)n;
    if (end)
        *end = behind;
    return true;
}

#endif
