/* http_linger.h - floor 2: closing a connection whose client is still sending (RFC 9112 section
 * 9.6).  To close a socket with unread bytes resets it, and the reset may overtake the answer that
 * was just sent.  So a second descriptor of it stays open, what comes is read and thrown away until
 * the client closes, or for two seconds.  Loop's thread only.
 */
#ifndef QM_DRIVERS_HTTP_LINGER_H
#define QM_DRIVERS_HTTP_LINGER_H

#include <uv.h>

#include "wire/err.h"

struct qm_linger;
qm_err qm_linger_new(uv_loop_t *loop, struct qm_linger **out);
/* Call before fd is closed; keeps a duplicate.  Too many or no descriptor left: does nothing, the
 * connection is then closed at once. */
void qm_linger_add(struct qm_linger *l, int fd);
/* Closes what lingers; the loop must turn once more. */
void qm_linger_free(struct qm_linger *l);

#endif
