/* tar.h - floor 3: takes a ustar archive (POSIX.1-1988) apart while it arrives.
 *
 * Happy path: begin, push bytes as they come, end.  Files are made below one folder.
 * Only plain files and folders with short plain names: a link, a device, an absolute name, a `..`,
 * a name that is there already, a wrong sum or a missing end is QM_C_MALFORMED.  QM_C_DISK_FULL,
 * QM_C_IO.
 */
#ifndef QM_CLI_TAR_H
#define QM_CLI_TAR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { TAR_BLOCK_BYTES = 512, TAR_NAME_MAX_BYTES = 200, TAR_DEPTH_MAX = 12 };

struct tar {
    int folder; /* where it goes; the caller's */
    int file;   /* -1: none open */
    uint64_t left, padding;
    uint64_t files, bytes;
    unsigned zeros; /* blocks of the end */
    size_t fill;
    uint8_t block[TAR_BLOCK_BYTES];
};

void tar_begin(struct tar *t, int folder);
int tar_push(struct tar *t, const void *bytes, size_t len);
/* Also after a fault: closes what is open.  0 only if the archive ended as it must. */
int tar_end(struct tar *t);

#endif
