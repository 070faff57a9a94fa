/* roster.h - tests: the sample township's list of households as the simulated workers know it, and
 * what their week should have changed: an account of its own to hold against the server's figures.
 *
 * Read once; afterwards only the marks change, and these may be set from any thread.
 */
#ifndef QM_LOAD_ROSTER_H
#define QM_LOAD_ROSTER_H

#include <stdatomic.h>
#include <stddef.h>

enum { /* marks */
       QM_MARK_VISITED = 1,
       QM_MARK_REACHED = 2,
       QM_MARK_DELIVERED = 4,
       QM_MARK_SIGNED = 8,
       QM_MARK_PLEDGE = 16
};
enum qm_house_status { QM_HOUSE_COUNTED, QM_HOUSE_AWAY, QM_HOUSE_VACANT };

struct qm_house {
    char id[23];
    char grid[16];
    int worker; /* 7 for W0007 */
    int home;   /* not a shop, school, ... */
    enum qm_house_status status;
    atomic_uint marks;
};
struct qm_roster {
    size_t n;
    struct qm_house *house; /* sorted by id */
};
struct qm_expect {
    unsigned long homes, homes_near, visited, reached, notice_delivered, notice_signed, pledge;
};

/* Reads households.csv.  NULL, or a sentence that says what is wrong. */
const char *qm_roster_read(struct qm_roster *r, const char *file);
void qm_roster_free(struct qm_roster *r);
struct qm_house *qm_roster_find(const struct qm_roster *r, const char *id);
void qm_roster_expect(const struct qm_roster *r, struct qm_expect *out);

#endif
