/* http_listen.h - floor 2: the listening socket of the HTTP server, the addresses of clients and
 * how much came from one. Names no HTTP library.
 */
#ifndef QM_DRIVERS_HTTP_LISTEN_H
#define QM_DRIVERS_HTTP_LISTEN_H

#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

#include "wire/err.h"

enum { QM_PEER_MAX_BYTES = 64 };

/* listen: "127.0.0.1:8080", "[::1]:8080" (port 0: any) or "unix:/path".  A socket file left over by
 * a process that is gone is replaced; QM_E_BUSY if somebody listens there, QM_E_INVALID for a text
 * of another form, QM_E_IO otherwise.  The caller closes *fd; *port is 0 for a unix socket. */
qm_err qm_listen_open(const char *listen, int *fd, int *port);
/* Removes the socket file of "unix:/path"; nothing for other forms. */
void qm_listen_unlink(const char *listen);

/* Address text without port; "unix" for a client of a unix socket. */
void qm_peer_text(const struct sockaddr *address, char out[QM_PEER_MAX_BYTES]);
/* The last element of an X-Forwarded-For value, which the nearest proxy wrote; out stays as it is
 * if that is no address. */
void qm_peer_forwarded(const char *value, char out[QM_PEER_MAX_BYTES]);

/* Bytes that came over a connection so far, read by anybody or not; 0 where the kernel does not
 * say: on a unix socket. */
uint64_t qm_peer_bytes(int fd);

#endif
