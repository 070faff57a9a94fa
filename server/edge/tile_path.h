/* tile_path.h - floor 4: names of logs and of tiles in URLs. Pure, any thread.
 * Source: C2SP tlog-tiles v0.1.0, "Merkle Tree"; section 4 of the contract.
 */
#ifndef QM_EDGE_TILE_PATH_H
#define QM_EDGE_TILE_PATH_H

#include <stdint.h>

#include "wire/err.h"

enum { QM_TILE_WIDTH = 256, QM_TILE_LEVEL_MAX = 5 };

/* "140522": tree 0 (the newest); "140522-2": tree 2.  QM_E_NOT_FOUND for other texts. */
qm_err qm_log_path_read(const char *t, int *county, int *tree);
/* "x001/x234/067" (width 256) or "x001/x234/067.p/5" (width 1..255): three digits a group, all but
 * the last with an x, no leading empty groups.  QM_E_NOT_FOUND for other texts. */
qm_err qm_tile_path_read(const char *t, int64_t *n, int *width);
/* The same for writing, with a NUL; width 1..256. */
enum { QM_TILE_PATH_BYTES = 40 };
void qm_tile_path_write(int64_t n, int width, char out[QM_TILE_PATH_BYTES]);
/* "0".."5" */
qm_err qm_tile_level_read(const char *t, int *level);

#endif
