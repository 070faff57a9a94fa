/* changes.h - floor 3: what a device must know, as a difference (section 9 of the contract).
 *
 * Happy path: qm.changes for the account since the cursor -> (another tree than the cursor's: once
 * more, whole) -> texts and targets that changed -> names are opened and lines written in the pool.
 * A cursor that cannot be read, or comes from a database that is no more, gives everything.
 * The loop's thread only.
 */
#ifndef QM_DOMAIN_CHANGES_H
#define QM_DOMAIN_CHANGES_H

#include "drivers/pg.h"
#include "drivers/pool.h"
#include "drivers/seal.h"

struct qm_changes_deps {
    struct qm_pg *pg;
    struct qm_pool *pool;
    const struct qm_seal *seal;
    const char *host;
    /* Turns the kept bytes of a setting ("texts", "targets") into lines; adds their number. On the
     * loop's thread. */
    qm_err (*setting_lines)(const char *kind, const char *body, size_t len, struct qm_buf *out,
                            int64_t *rows);
};
/* text: the whole answer; its content may be taken. */
typedef void (*qm_changes_done)(void *ctx, qm_err err, struct qm_buf *text);
/* since: the cursor, "" for none. */
void qm_changes_get(const struct qm_changes_deps *deps, int county, const char *account,
                    const char *since, qm_changes_done done, void *ctx);

#endif
