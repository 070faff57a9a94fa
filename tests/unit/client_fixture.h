/* client_fixture.h - for tests of the client: a key store in memory, a clock that stands still, and
 * a town: the other end of the wire, made with the functions of wire/, that can be told to fail.
 *
 * The town keeps a log with real signatures and proofs; what it answers is what a server would
 * answer, or exactly one fault away from it.
 */
#ifndef CLIENT_FIXTURE_H
#define CLIENT_FIXTURE_H

#include "qiaomen/client.h"
#include "wire/batch.h"
#include "wire/receipt.h"

#define HOST   "qm.test:8443"
#define SERVER "https://qm.test:8443"
#define CODE   "140522.AAAAAAAAAAAAAAAAAAAAAA"
#define GRID   "140522110204001"
#define HOUSE  "ewN5FqXIVXT7T-Os6zNFFw"
#define PERSON "AAECAwQFBgcICQoLDA0ODw"

struct secrets {
    size_t n;
    char name[16][24];
    uint8_t secret[16][32];
};
struct qm_keystore secrets_store(struct secrets *s);

enum town_fault {
    FINE,
    CUT,         /* half of the receipt */
    CUT_AT,      /* after spoil_at bytes */
    FLIP_AT,     /* one bit of byte spoil_at */
    ALTERED,     /* one character of `extra` */
    OTHER_NOTE,  /* a good receipt of something else */
    OTHER_COUNT, /* a verdict for an event that is not there */
    REGRESSED,   /* a log that begins anew under the same name and key */
    WRONG_KEY,   /* signed by another key under the right name */
    SAME_SIZE,   /* another root at a size that was seen */
    LOST,        /* taken in, and the answer lost */
    OFFLINE,
    PORTAL,    /* 200 and a login page */
    PROXY_400, /* 400 and a page */
    PROBLEM    /* problem_status and problem_type */
};

struct town {
    uint8_t seed[32];
    char log[QM_NAME_MAX_BYTES];
    struct qm_vkey key;
    size_t leaves;
    struct qm_hash leaf[4096];
    size_t batches;
    char origin[4096][QM_NAME_MAX_BYTES];
    uint32_t events[4096];
    char entry[4096][1024]; /* of leaf i; "" where it was no batch */
    const char *verdicts;   /* lines for the next new batch */
    const char *changes;
    enum town_fault fault;
    size_t spoil_at;        /* CUT_AT, FLIP_AT */
    int fault_times;        /* answers that are still faulty; below 0: all */
    const char *fault_path; /* only to requests below it; NULL: to all */
    int problem_status;
    const char *problem_type;
    int retry_after_s;
    int64_t now_ms;
    size_t exchanges, photos, rotations;
    char last_path[128];
};
/* Zeroed memory, which may be shared with other processes: it holds no pointers of its own. */
void town_open(struct town *t);
/* Events in the log, each batch once. */
size_t town_recorded(const struct town *t);
/* The county's log goes on under the next name, with its first `keep` leaves. */
void town_restore(struct town *t, size_t keep);
struct qm_transport town_transport(struct town *t);

/* A temporary folder; removed with its files by folder_remove. */
void folder_make(char path[64]);
void folder_remove(const char *path);

qm_client *phone_open(const char *folder, struct secrets *s, struct town *t);
/* Opens and enrols. */
qm_client *phone(const char *folder, struct secrets *s, struct town *t);
void visit(qm_client *c, const char *met, char event[37]);
struct qm_counts counts_of(qm_client *c);

#endif
