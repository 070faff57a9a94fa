/* phone.h - tests: one simulated phone with its worker: handle, keys in memory, its own clock, its
 * own bad network.  One phone, one thread.
 */
#ifndef QM_LOAD_PHONE_H
#define QM_LOAD_PHONE_H

#include <stdbool.h>

#include "flaky.h"
#include "prng.h"
#include "qiaomen/client.h"
#include "roster.h"

enum { QM_PHONE_SECRETS = 4 };

struct qm_secret {
    char name[16];
    uint8_t bytes[32];
    bool there;
};

/* What the phone did and saw, summed up over the week. */
struct qm_tally {
    uint64_t recorded, visits, notices, pledges, apps, found, voids, doors;
    uint64_t photos, syncs, retries, refused_proofs;
    uint64_t
        apps_installed;   /* residents of 16-60 in the denominator whose last word is installed */
    uint64_t homes_found; /* counted homes that the register did not have */
    uint64_t homes_found_done; /* of these, visited */
};

struct qm_phone {
    int number; /* 7 for W0007 */
    char account[20], code[40];
    qm_client *client;
    struct qm_flaky flaky;
    struct qm_prng random;
    struct qm_secret secret[QM_PHONE_SECRETS];
    struct qm_roster *roster;
    bool in_field;    /* the clock shows clock_ms; otherwise it runs like the system's */
    int64_t clock_ms; /* the simulated time at the door */
    int today;        /* yyyymmdd, for ages: those of the server's day, not of the phone's */
    int64_t skew_ms;  /* how far this phone's clock is wrong */
    uint64_t photo;   /* number of the last photo */
    struct qm_tally tally;
    atomic_ullong *doors_done; /* shown by the progress bar */
    int error;                 /* first error that ends this phone's week */
    char trouble[256];
};

/* Opens the outbox folder/<account>.db.  0 or a code. */
int qm_phone_open(struct qm_phone *p, const char *folder);
void qm_phone_close(struct qm_phone *p);
/* Records; counts; the first failure is kept in p->error, and later calls do nothing. */
bool qm_phone_record(struct qm_phone *p, const struct qm_record *record, struct qm_recorded *out);
/* Makes and stores a photo. */
bool qm_phone_photo(struct qm_phone *p, char sha256[65]);
/* Syncs, again and again on a bad network, until nothing of `what` is left.  False after a failure
 * that trying again does not heal. */
bool qm_phone_sync(struct qm_phone *p, unsigned what);
/* Keeps the first error. */
void qm_phone_trouble(struct qm_phone *p, int code, const char *doing);

/* Everything that happens at one door, by the phone's generator; moves the clock on. */
struct qm_door {
    char household[23];
    struct qm_house *house;
    bool home, away, vacant, mine;
};
void qm_door_work(struct qm_phone *p, const struct qm_door *door);
/* A household that the register does not have, with two people and a visit. */
void qm_door_find(struct qm_phone *p, const char *grid);
/* A visit in a grid that is not this worker's: kept, and on hold for a person to decide. */
void qm_door_foreign(struct qm_phone *p, const struct qm_house *house);

/* Everything that must hold when the week is over: nothing waits, each record is in the log, and
 * each receipt, of batches and of single events, holds offline.  Writes one of each kind with
 * the keys into folder. */
struct qm_check {
    uint64_t records, confirmed, held, rejected, flagged, waiting, photos_waiting, photos_refused;
    uint64_t receipts, receipts_bad, events_verified, events_bad;
};
void qm_phone_check(struct qm_phone *p, const char *folder, struct qm_check *out);

#endif
