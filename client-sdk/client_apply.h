/* client_apply.h - floor 2, private to client*.c: what a good answer does to the outbox.
 *
 * Each of these is one commit, or none: an answer that does not hold changes nothing but the alarm.
 */
#ifndef QM_CLIENT_APPLY_H
#define QM_CLIENT_APPLY_H

#include "client_handle.h"

qm_err qmc_apply_receipt(struct qm_client *c, const void *text, size_t len,
                         struct qm_sync_report *report);
qm_err qmc_apply_changes(struct qm_client *c, const void *body, size_t len,
                         struct qm_sync_report *report);
qm_err qmc_apply_rotation(struct qm_client *c, const void *body, size_t len);
/* The answer to a rotation says that the old key is unknown or the new one taken: the answer to an
 * earlier attempt was lost.  From now on the new key is ours; the next request finds out whether
 * the server knows it, and sync stops if it does not. */
qm_err qmc_rotation_refused(struct qm_client *c);

#endif
