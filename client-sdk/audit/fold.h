/* fold.h - floor 2, inside audit: from the effective events of one subject to its state (sections 5
 * and 6 of the contract), in any order.  Pure.
 */
#ifndef QM_AUDIT_FOLD_H
#define QM_AUDIT_FOLD_H

#include <stdbool.h>
#include <stdint.h>

#include "wire/codec.h"

enum qm_au_metric {
    QM_AU_VISITED,
    QM_AU_REACHED,
    QM_AU_NOTICE_DELIVERED,
    QM_AU_NOTICE_SIGNED,
    QM_AU_PLEDGE,
    QM_AU_APP, /* from here on of residents */
    QM_AU_APP_REAL_NAME,
    QM_AU_APP_CALL_ALERT,
    QM_AU_APP_SMS_ALERT,
    QM_AU_APP_ALL,
    QM_AU_METRICS
};
/* "visited"; -1: no metric of coverage. */
int qm_au_metric_of(const char *name, size_t len);

struct qm_au_event {
    uint8_t id[QM_ID_BYTES];
    int64_t at, recv;
    uint8_t kind, code, via, alerts, na; /* numbers of wire/event.h */
    bool proved;
};

/* The greatest one so far of some events; t < 0: none. */
struct qm_au_latest {
    int64_t t, at;
    uint8_t id[QM_ID_BYTES];
    uint8_t code, alerts, na;
    bool proved;
};
struct qm_au_home {
    bool met, met_at_door, delivered, delivered_proved, signed_, signed_proved, declined;
    struct qm_au_latest visit, pledge, pledged, withdrawn, pledged_proved;
};
struct qm_au_state { /* all zero but for t: use qm_au_state_clear */
    bool resident;
    union {
        struct qm_au_home home;
        struct qm_au_latest app;
    } of;
};
void qm_au_state_clear(struct qm_au_state *s, bool resident);
/* Events of kinds that say nothing about such a subject change nothing. */
void qm_au_state_add(struct qm_au_state *s, const struct qm_au_event *e);

struct qm_au_figures { /* bits 1 << metric */
    unsigned reported, evidenced, refused;
    uint8_t last; /* outcome of the latest visit, or state of the app; 0: none yet */
};
void qm_au_state_figures(const struct qm_au_state *s, struct qm_au_figures *out);

#endif
