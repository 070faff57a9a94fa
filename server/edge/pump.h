/* pump.h - floor 4: a streamed answer out of a producer that makes one piece at a time.
 *
 * Happy path: qm_pump_start; whenever the client has room `next` is called, which makes a piece,
 * now or later, and gives it with qm_pump_give; the piece that is given as the last one ends the
 * answer. Failure: an error that is given, or a client that leaves, cuts the answer; `next` is not
 * called again, and the call ends when the piece under way was given. The pump is the first member
 * of the call's state, which is freed with the call: after qm_pump_give the producer must not touch
 * it unless `next` is called. The loop's thread only.
 */
#ifndef QM_EDGE_PUMP_H
#define QM_EDGE_PUMP_H

#include "edge/call.h"

struct qm_pump {
    struct qm_call *c;
    void (*next)(struct qm_pump *p);
    bool wanted, making, turning; /* the client has room; a piece is under way; not to be entered */
    bool gone, failed, last;
};

/* 200; answers with a problem if it cannot begin. */
void qm_pump_start(struct qm_pump *p, struct qm_call *c, const char *content_type,
                   const char *const *headers, void (*next)(struct qm_pump *p));
/* The content is taken over. */
void qm_pump_give(struct qm_pump *p, qm_err err, struct qm_buf *bytes, bool last);

#endif
