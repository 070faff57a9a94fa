/* transport_curl.h - floor 2: an answer that is too large for memory, handed on as it arrives.
 *
 * Happy path: GET; the answer has status 200 and the wanted media type; its bytes go to the sink.
 * Failure: QM_C_OFFLINE, QM_C_UNKNOWN_OUTCOME (it broke off), or what the sink returned.  With
 * another status or media type nothing goes to the sink: QM_C_OK, and *status says which.
 * Blocks; any thread.
 */
#ifndef QM_TRANSPORT_CURL_H
#define QM_TRANSPORT_CURL_H

#include <stddef.h>

struct qm_fetch {
    const char *url;
    const char *ca_file;       /* NULL: the system's */
    const char *authorization; /* "Bearer ..."; NULL: none */
    const char *media_type;    /* wanted */
    void *ctx;
    /* 0 to go on, or a qm_code that ends it. */
    int (*sink)(void *ctx, const void *bytes, size_t len);
    char detail[304]; /* out: why there was no whole answer; "" if nothing is known */
};
int qm_transport_curl_fetch(struct qm_fetch *f, int *status);

#endif
