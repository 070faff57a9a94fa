/* tile_path.c - floor 4: see tile_path.h. One spelling for each value, everything else is no path.
 * Failure: any other spelling is QM_E_NOT_FOUND.
 */
#include "edge/tile_path.h"

#include <stdio.h>
#include <string.h>

#include "wire/codec.h"

enum { GROUPS_MAX = 5 }; /* 10^15 tiles: more than an index of 2^53 needs */

qm_err qm_log_path_read(const char *t, int *county, int *tree)
{
    enum { DIGITS = 6 };
    int64_t v, n = 0;
    size_t len = strlen(t);
    if (len < DIGITS || qm_dec_read(t, DIGITS, 999999, &v) != QM_OK || v < 100000)
        return QM_E_NOT_FOUND;
    if (len > DIGITS &&
        (t[DIGITS] != '-' || qm_dec_read(t + DIGITS + 1, len - DIGITS - 1, 32767, &n) != QM_OK ||
         n < 1))
        return QM_E_NOT_FOUND;
    *county = (int)v;
    *tree = (int)n;
    return QM_OK;
}

qm_err qm_tile_level_read(const char *t, int *level)
{
    if (t[0] < '0' || t[0] > '0' + QM_TILE_LEVEL_MAX || t[1] != 0)
        return QM_E_NOT_FOUND;
    *level = t[0] - '0';
    return QM_OK;
}

static int three_digits(const char *t)
{
    int v = 0;
    for (int i = 0; i < 3; i++) {
        if (t[i] < '0' || t[i] > '9')
            return -1;
        v = v * 10 + (t[i] - '0');
    }
    return v;
}

qm_err qm_tile_path_read(const char *t, int64_t *n, int *width)
{
    int64_t v = 0;
    int group;
    for (int groups = 1;; groups++) {
        bool more = *t == 'x';
        t += more;
        if (groups > GROUPS_MAX || (group = three_digits(t)) < 0 ||
            (more && groups == 1 && group == 0))
            return QM_E_NOT_FOUND;
        v = v * 1000 + group;
        t += 3;
        if (!more)
            break;
        if (*t++ != '/')
            return QM_E_NOT_FOUND;
    }
    int64_t w = QM_TILE_WIDTH;
    if (*t != 0 && (strncmp(t, ".p/", 3) != 0 ||
                    qm_dec_read(t + 3, strlen(t + 3), QM_TILE_WIDTH - 1, &w) != QM_OK || w < 1))
        return QM_E_NOT_FOUND;
    *n = v;
    *width = (int)w;
    return QM_OK;
}

void qm_tile_path_write(int64_t n, int width, char out[QM_TILE_PATH_BYTES])
{
    int used = 0;
    int64_t power = 1;
    for (int groups = 1; groups < GROUPS_MAX && n / power >= 1000; groups++)
        power *= 1000;
    for (; power > 1; power /= 1000)
        used += snprintf(out + used, QM_TILE_PATH_BYTES - (size_t)used, "x%03d/",
                         (int)(n / power % 1000));
    used += snprintf(out + used, QM_TILE_PATH_BYTES - (size_t)used, "%03d", (int)(n % 1000));
    if (width < QM_TILE_WIDTH)
        snprintf(out + used, QM_TILE_PATH_BYTES - (size_t)used, ".p/%d", width);
}
