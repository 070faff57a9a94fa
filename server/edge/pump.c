/* pump.c - see pump.h.
 * Happy path: turn() asks for pieces as long as there is room and none is under way; everything
 * that happens sets a flag and turns.  Flags, because the stream may call back from within a write,
 * and a producer may give from within `next`: only the outermost turn ends the call.
 */
#include "edge/pump.h"

static void turn(struct qm_pump *p)
{
    if (p->turning)
        return;
    p->turning = true;
    while (p->wanted && !p->making && !p->gone && !p->failed && !p->last) {
        p->wanted = false;
        p->making = true;
        p->next(p);
    }
    p->turning = false;
    if (p->making)
        return;
    if (p->gone || p->failed)
        qm_call_stream_end(p->c, false);
    else if (p->last)
        qm_call_stream_end(p->c, true);
}

static void on_wanted(struct qm_call *c)
{
    struct qm_pump *p = c->state;
    p->wanted = true;
    turn(p);
}

static void on_gone(struct qm_call *c)
{
    struct qm_pump *p = c->state;
    p->gone = true;
    turn(p);
}

void qm_pump_start(struct qm_pump *p, struct qm_call *c, const char *content_type,
                   const char *const *headers, void (*next)(struct qm_pump *p))
{
    *p = (struct qm_pump){.c = c, .next = next, .turning = true};
    qm_err err = qm_call_stream(c, 200, content_type, headers, on_wanted, on_gone);
    if (err != QM_OK) {
        qm_call_problem(c, err);
        return;
    }
    p->turning = false;
    turn(p);
}

void qm_pump_give(struct qm_pump *p, qm_err err, struct qm_buf *bytes, bool last)
{
    bool outermost = !p->turning;
    p->turning = true;
    p->making = false;
    if (err != QM_OK)
        p->failed = true;
    else if (!p->gone)
        qm_call_stream_write(p->c, bytes);
    p->last = last;
    if (!outermost)
        return;
    p->turning = false;
    turn(p);
}
