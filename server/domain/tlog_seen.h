/* tlog_seen.h - floor 3: the largest checkpoint of a county that this instance signed, in a file.
 *
 * `<state_dir>/<county>.checkpoint` is the signed note itself, so that a person, or the auditor's
 * --seen, can use it.  It is written to a temporary file, synced, and renamed over the old one,
 * unless that is a larger one of the same log; then the folder is synced.  Blocking; any thread,
 * also several at once.
 */
#ifndef QM_DOMAIN_TLOG_SEEN_H
#define QM_DOMAIN_TLOG_SEEN_H

#include "wire/note.h"

enum { QM_SEEN_NOTE_MAX_BYTES = 1024 };

struct qm_seen {
    int tree; /* 0: nothing was signed yet */
    int64_t size;
    struct qm_hash root;
    char note[QM_SEEN_NOTE_MAX_BYTES];
    size_t note_len;
};

/* QM_OK with tree 0 if there is no file; QM_E_CORRUPT if it is no checkpoint of this host's county;
 * QM_E_IO. */
qm_err qm_seen_load(const char *dir, const char *host, int county, struct qm_seen *out);
/* QM_E_IO also where a power cut may still bring the older one back: save again. */
qm_err qm_seen_save(const char *dir, int county, const char *note, size_t len);

#endif
