/* folder.h - floor 1: making names in a folder last.
 *
 * A file's fsync keeps its bytes; the name that was made, or put over an older file by rename,
 * stands in the folder, and a power cut may take it back until the folder is synced too.
 * Blocking; any thread.
 */
#ifndef QM_BASE_FOLDER_H
#define QM_BASE_FOLDER_H

#include "wire/err.h"

/* QM_E_IO: what was made in it may be gone after a power cut. */
qm_err qm_folder_sync(const char *folder);

#endif
