/* wirephone.h - a phone of the load programs: a key, an enrolment and one blocking connection, made
 * with floor 0 alone, so that the client's own store and checks are not part of what is measured.
 * One thread a phone. */
#ifndef QM_LOAD_WIREPHONE_H
#define QM_LOAD_WIREPHONE_H

#include <stdbool.h>

#include "wire/note.h"

enum { QM_WP_ANSWER_MAX_BYTES = 8388608, QM_WP_GRIDS_MAX = 64 };

struct qm_wirephone {
    int port;
    const char *host; /* the authority that names are made of */
    uint8_t device[QM_ID_BYTES], seed[QM_SEED_BYTES];
    struct qm_vkey vkey, log;
    int64_t grids[QM_WP_GRIDS_MAX];
    size_t grids_n;
};

/* -1 if nobody listens on loopback. */
int qm_wp_dial(int port);
/* One request with ready header lines (each with CRLF, "" for none); the status, 0 if the
 * connection broke.  answer gets the body; body may be NULL. */
int qm_wp_ask(int fd, const char *method, const char *target, const char *headers,
              const struct qm_buf *body, struct qm_buf *answer);
/* Makes a key and enrols with the code; says on stderr why not. */
bool qm_wp_enrol(struct qm_wirephone *p, const char *code);

#endif
