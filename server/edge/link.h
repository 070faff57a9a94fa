/* link.h - floor 4: how a link begins that a person opens or a phone scans.
 *
 * Happy path: https.  A host of the machine itself is the sample or a test, which has no
 * certificate; browsers take it for secure without one (W3C Secure Contexts, section 3.1).  Cannot
 * fail.
 */
#ifndef QM_EDGE_LINK_H
#define QM_EDGE_LINK_H

/* "https://" or, of 127.x.x.x, [::1] and localhost, with or without a port, "http://".  host: the
 * authority that the server was set up with.  Any thread. */
const char *qm_link_scheme(const char *host);

#endif
