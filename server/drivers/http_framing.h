/* http_framing.h - floor 2: is a request's framing beyond doubt?  RFC 9112 sections 2.3, 3.2, 5.1
 * and 6.3, read strictly: two readers of the same bytes must never disagree about where a request
 * ends.  Names no library; pure.
 *
 * Happy path: zero the struct, give it target, method and version, then each header, then ask.
 */
#ifndef QM_DRIVERS_HTTP_FRAMING_H
#define QM_DRIVERS_HTTP_FRAMING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct qm_framing {
    unsigned hosts, lengths, codings;
    bool bad;
    bool chunked;
    bool http10;
    uint64_t length_bytes; /* of Content-Length; 0 without one */
};

/* As on the wire, with the query. */
void qm_framing_target(struct qm_framing *f, const char *target);
/* version: "HTTP/1.1". */
void qm_framing_line(struct qm_framing *f, const char *method, const char *version);
void qm_framing_header(struct qm_framing *f, const char *name, size_t name_len, const char *value,
                       size_t value_len);
/* After the last header. */
bool qm_framing_sound(const struct qm_framing *f);

#endif
