/* admin.h - floor 5: `qiaomend admin ...`: what the office does at the server's own console.
 *
 * argv[0] is "admin", then the command's words, values and --options; settings (--database=... )
 * were taken out before.  Exit codes: 0 done; 1 refused, with what to do about it (faults in a
 * file, an unknown subject, differences of a recount); 2 wrong usage; 3 the database, the master
 * key or a file cannot be reached.  With --json stdout gets exactly one JSON object in each case.
 */
#ifndef QM_WIRING_ADMIN_H
#define QM_WIRING_ADMIN_H

#include "base/config.h"

int qm_admin_main(const struct qm_config *config, int argc, char **argv);

#endif
