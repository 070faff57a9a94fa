/* client_handle.h - floor 2, private to client*.c: the handle behind qiaomen/client.h. */
#ifndef QM_CLIENT_HANDLE_H
#define QM_CLIENT_HANDLE_H

#include "keys.h"
#include "outbox.h"
#include "qiaomen/client.h"
#include "sync.h"

/* Who this device is; read from the outbox for each use, because another process may enrol or
 * rotate. */
struct qm_identity {
    char server[192], host[QM_HOST_MAX_BYTES + 1], device[QM_NAME_MAX_BYTES];
    uint8_t id[QM_ID_BYTES];
    int64_t slot, county;
    struct qm_signer signer;
    struct qm_vkey log;
};

/* The exchange that is under way between qm_client_request and qm_client_answer. */
struct qm_flight {
    bool open;
    struct qm_ask ask;
    struct qm_http_request request;
    char url[256 + 3 * QM_CURSOR_MAX_BYTES + 128];
    int64_t batch;      /* records */
    struct qm_buf note; /* records: the note that was sent */
    bool foreign;
    struct qm_hash photo;                /* photos */
    char since[QM_CURSOR_MAX_BYTES + 1]; /* changes */
    struct qm_seen seen;                 /* when it was asked */
    struct qm_vkey log;
    int64_t next_slot; /* rotation */
};

struct qm_client {
    struct qm_client_options options;
    struct qm_keys keys;
    struct qm_outbox *outbox;
    struct qm_flight flight;
    bool changes_done;    /* in this round */
    uint64_t done, total; /* of the progress that is shown */
    char detail[240];
};

int64_t qmc_now(const struct qm_client *c);
/* Keeps the reason for qm_client_detail and returns e. */
qm_err qmc_fail(struct qm_client *c, qm_err e, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* The same with the outbox's reason, if e is an error. */
qm_err qmc_outbox(struct qm_client *c, qm_err e);
/* QM_E_NOT_ENROLLED if there is no device yet. */
qm_err qmc_identity(struct qm_client *c, struct qm_identity *id);
struct qm_voice qmc_voice(const struct qm_identity *id, struct qm_signer *signer);
void qmc_progress(const struct qm_client *c, const char *what, uint64_t done, uint64_t total);
/* Makes flight.request of flight.ask. */
void qmc_prepare(struct qm_client *c, const char *server);
void qmc_land(struct qm_client *c); /* forgets the flight */
/* One exchange of flight.request with the transport; free answer->body. */
qm_err qmc_exchange(struct qm_client *c, struct qm_http_answer *answer);
/* Keeps why an exchange (what) ended with e: the transport's words, or the status. */
qm_err qmc_no_answer(struct qm_client *c, qm_err e, const char *what,
                     const struct qm_http_answer *answer);
/* Stores account, grids and log of an answer; called inside a transaction. */
qm_err qmc_store_enrolled(struct qm_client *c, const struct qm_enrolled *e);
qm_err qmc_alarm(struct qm_client *c, qm_err why, int64_t now_ms);
uint32_t qmc_batch_events(const struct qm_client *c);

/* client_pace.c: when to ask again.  What is of no pace of its own goes by that of everything, and
 * nothing is sent while that one waits. */
enum qm_paced { QM_PACED_ALL, QM_PACED_PHOTOS };
qm_err qmc_pace_read(struct qm_client *c, enum qm_paced which, struct qm_pace *p);
/* Not before p->next_ms, because of p->why. */
bool qmc_pace_waits(const struct qm_client *c, const struct qm_pace *p);
/* After a good answer. */
qm_err qmc_pace_calm(struct qm_client *c, enum qm_paced which);
/* Both, by the worker's hand or for a new device. */
qm_err qmc_pace_forget(struct qm_client *c);
/* Remembers a failure; *p: as it is remembered.  gentle: the first one (p->why stays 0) may be
 * followed at once, because something was repaired. */
qm_err qmc_pace_failed(struct qm_client *c, enum qm_paced which, qm_err why, int64_t retry_after_s,
                       bool gentle, struct qm_pace *p);

#endif
