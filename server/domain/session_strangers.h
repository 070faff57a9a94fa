/* session_strangers.h - floor 3: wrong passwords for names that have none, counted as for those
 * that have one, so that nobody can tell from the waiting which accounts there are.
 *
 * Bounded: the least recently tried of a bucket goes for a new name; to push one out on purpose
 * takes thousands of tries, of which each costs a hash of the password.  Forgotten by a restart.
 * The loop's thread only.
 */
#ifndef QM_DOMAIN_SESSION_STRANGERS_H
#define QM_DOMAIN_SESSION_STRANGERS_H

#include <stdbool.h>
#include <stdint.h>

enum { QM_STRANGER_BUCKETS = 1024, QM_STRANGER_WAYS = 8, QM_STRANGER_KEY_BYTES = 16 };

struct qm_stranger {
    uint64_t name; /* keyed hash of county and name: nobody can choose names that fall together */
    int64_t fails, fail_ms;
};
struct qm_strangers { /* all zero: nobody yet */
    bool keyed;
    uint8_t key[QM_STRANGER_KEY_BYTES];
    struct qm_stranger at[QM_STRANGER_BUCKETS][QM_STRANGER_WAYS];
};

/* Tries so far and when the last one was; zeros for a name that was not tried. */
void qm_strangers_look(struct qm_strangers *all, int county, const char *name, int64_t *fails,
                       int64_t *fail_ms);
/* One more; how many there are with it. */
int64_t qm_strangers_fail(struct qm_strangers *all, int county, const char *name, int64_t now_ms);

#endif
