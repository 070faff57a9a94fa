/* migrate.h - floor 5: `qiaomend migrate`: brings a database to the state of this installation.
 *
 * argv[0] is "migrate"; then [--between CMD].  Returns the exit code: 0 done, 1 refused (a file
 * that was run has changed or is missing here, CMD failed, a statement failed), 2 wrong usage,
 * 3 the database or the folder cannot be reached.
 */
#ifndef QM_WIRING_MIGRATE_H
#define QM_WIRING_MIGRATE_H

#include "base/config.h"

int qm_migrate_main(const struct qm_config *config, int argc, char **argv);

#endif
