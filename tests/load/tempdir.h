/* tempdir.h - a folder of a program's own below /tmp (or another one), and its removal with all
 * that is in it.  A failure ends the program. */
#ifndef QM_LOAD_TEMPDIR_H
#define QM_LOAD_TEMPDIR_H

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>

enum { TEMPDIR_MAX_BYTES = 256 };

static inline void tempdir_make(const char *below, char out[TEMPDIR_MAX_BYTES])
{
    (void)snprintf(out, TEMPDIR_MAX_BYTES, "%s/qm-test-XXXXXX", below);
    if (mkdtemp(out) == NULL) {
        perror(out);
        exit(2);
    }
}

static inline int tempdir_remove_one(const char *path, const struct stat *st, int type,
                                     struct FTW *where)
{
    (void)st;
    (void)type;
    (void)where;
    return remove(path);
}

static inline void tempdir_remove(const char *folder)
{
    if (nftw(folder, tempdir_remove_one, 16, FTW_DEPTH | FTW_PHYS) != 0) {
        perror(folder);
        exit(2);
    }
}

#endif
