/* spool.h - floor 2, inside audit: records that wait on disk, sorted into partitions.
 *
 * Happy path: open, put each record into the partition of its key's hash, load one partition after
 * the other.  One unlinked temporary file holds blocks of all partitions; what a partition has is
 * a chain of blocks, so memory is one block a partition.
 * Failure: QM_E_DISK_FULL, QM_E_IO, QM_E_NOMEM; the first one is kept and returned by every later
 * call.  Not thread-safe.
 */
#ifndef QM_AUDIT_SPOOL_H
#define QM_AUDIT_SPOOL_H

#include <stddef.h>
#include <stdint.h>

#include "wire/err.h"

struct qm_au_spool {
    int fd;
    size_t record, parts, block_records;
    struct qm_au_part *part;
    int64_t end; /* of the file */
    qm_err err;
};

/* parts: a power of two. */
qm_err qm_au_spool_open(struct qm_au_spool *s, const char *folder, size_t record, size_t parts);
void qm_au_spool_close(struct qm_au_spool *s);
/* A record goes to the partition that the 16 bytes of its key name. */
qm_err qm_au_spool_put(struct qm_au_spool *s, const void *key, const void *record);
/* All records of a partition, in no order, in memory of the caller's (free); *records NULL if none.
 * What is put while a partition is loaded is not part of it. */
qm_err qm_au_spool_load(struct qm_au_spool *s, size_t part, void **records, size_t *n);
size_t qm_au_spool_part(const struct qm_au_spool *s, const void *key);

/* A file of equal records that are read at random. */
struct qm_au_file {
    int fd;
    size_t record, fill, room;
    uint64_t n;
    uint8_t *tail; /* records that are not written yet */
    qm_err err;
};
qm_err qm_au_file_open(struct qm_au_file *f, const char *folder, size_t record);
void qm_au_file_close(struct qm_au_file *f);
qm_err qm_au_file_add(struct qm_au_file *f, const void *record);
qm_err qm_au_file_read(struct qm_au_file *f, uint64_t at, size_t n, void *out);

#endif
