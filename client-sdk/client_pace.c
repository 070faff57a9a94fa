/* client_pace.c - floor 2: when to ask again after a failure, as the outbox remembers it.
 *
 * Happy path: a failure sets the next time, computed by sync.c; what is asked before that time is
 * not sent; the first good answer forgets it.
 * There are two paces, because the server may defer a photo for hours (its bytes of a day are
 * spent) while records, decisions and the list must go on: one of everything, one of photos alone.
 * Failure modes: those of the outbox.
 */
#include "client_handle.h"

#define DAY_MS INT64_C(86400000)

/* Names in the outbox. */
static const struct pace_names {
    const char *failures, *next, *why;
} names[] = {[QM_PACED_ALL] = {"pace-failures", "pace-next", "pace-why"},
             [QM_PACED_PHOTOS] = {"photo-pace-failures", "photo-pace-next", "photo-pace-why"}};

qm_err qmc_pace_read(struct qm_client *c, enum qm_paced which, struct qm_pace *p)
{
    const struct pace_names *n = &names[which];
    qm_err e = qm_outbox_get_int(c->outbox, n->failures, &p->failures);
    if (e == QM_OK)
        e = qm_outbox_get_int(c->outbox, n->next, &p->next_ms);
    return e == QM_OK ? qm_outbox_get_int(c->outbox, n->why, &p->why) : e;
}

static qm_err write_pace(struct qm_client *c, enum qm_paced which, const struct qm_pace *p)
{
    const struct pace_names *n = &names[which];
    qm_err e = qm_outbox_begin(c->outbox);
    if (e != QM_OK)
        return e;
    e = qm_outbox_set_int(c->outbox, n->failures, p->failures);
    if (e == QM_OK)
        e = qm_outbox_set_int(c->outbox, n->next, p->next_ms);
    if (e == QM_OK)
        e = qm_outbox_set_int(c->outbox, n->why, p->why);
    return qm_outbox_end(c->outbox, e);
}

bool qmc_pace_waits(const struct qm_client *c, const struct qm_pace *p)
{
    int64_t now = qmc_now(c);
    /* A clock that was set back must not make it wait for days. */
    return p->why != 0 && p->next_ms > now && p->next_ms - now <= DAY_MS;
}

qm_err qmc_pace_calm(struct qm_client *c, enum qm_paced which)
{
    struct qm_pace p = {0};
    qm_err e = qmc_pace_read(c, which, &p);
    if (e != QM_OK || (p.failures == 0 && p.why == 0))
        return e;
    qm_pace_ok(&p);
    return write_pace(c, which, &p);
}

qm_err qmc_pace_forget(struct qm_client *c)
{
    static const struct qm_pace none = {0};
    qm_err e = write_pace(c, QM_PACED_ALL, &none);
    return e == QM_OK ? write_pace(c, QM_PACED_PHOTOS, &none) : e;
}

qm_err qmc_pace_failed(struct qm_client *c, enum qm_paced which, qm_err why, int64_t retry_after_s,
                       bool gentle, struct qm_pace *p)
{
    int64_t now = qmc_now(c);
    qm_err e = qmc_pace_read(c, which, p);
    if (e != QM_OK)
        return e;
    if (gentle && p->failures == 0) {
        p->failures = 1;
        return write_pace(c, which, p);
    }
    qm_pace_failed(p, why, now, retry_after_s, qm_keys_random_below(qm_pace_window(p)));
    /* The round goes on behind a photo that waits: it must not be the next one asked for again. */
    if (which == QM_PACED_PHOTOS && p->next_ms < now + QM_PACE_MIN_MS)
        p->next_ms = now + QM_PACE_MIN_MS;
    return write_pace(c, which, p);
}
