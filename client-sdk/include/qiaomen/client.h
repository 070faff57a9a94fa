/* qiaomen/client.h - the one public header of the C client: record offline, sync signed, keep
 * receipts.
 *
 * Happy path
 *   qm_client_open        an outbox (one SQLite file) with your key storage, clock and transport
 *   qm_client_enrol       once, with the code that the office gave out
 *   qm_client_record      at the door, no network: the record is on the disk when the call returns
 *   qm_client_sync        whenever there is a network; as often as you like
 *   qm_client_count       what is confirmed, waiting, held, rejected
 *   qm_client_close
 *
 * Failure modes.  Every function that can fail returns an int: 0, or one of enum qm_code.  A record
 * that was accepted by qm_client_record is never lost: not by kill -9, a full disk, an answer that
 * was cut, or a server that refuses; it leaves only by the rules of the contract, after a receipt
 * that was verified against the log's key.  Nothing is ever sent twice with another content, so a
 * repeat can do no harm.
 *
 * Units: times are Unix milliseconds (_ms), sizes are bytes.  Text is UTF-8 and ends in NUL.
 * Households and residents are pseudonyms of 22 characters, events lower-case UUIDs, blobs SHA-256
 * in 64 lower-case hex digits, days "yyyy-mm-dd" unless said otherwise.
 *
 * Ownership: what goes in is copied.  Strings of a view live until the callback returns.  Memory
 * handed out (`char **`) is the caller's: qm_client_free.
 *
 * Threads: a handle is used by one thread at a time; different handles, also of one file and from
 * different processes, may be used at once (a busy outbox is waited for up to 10 s: QM_C_BUSY).
 * A callback must not call back into the handle it was called from, except where it says so.
 */
#ifndef QIAOMEN_CLIENT_H
#define QIAOMEN_CLIENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* ---- errors ------------------------------------------------------------------------------ */

/* Numbers are stable.  Codes not listed are reported by name and text like all others. */
enum qm_code {
    QM_C_OK = 0,
    QM_C_MALFORMED = 1,
    QM_C_TOO_LARGE = 3,
    QM_C_UNKNOWN_KEY = 6, /* the server does not know this device (any more): enrol again */
    QM_C_BAD_SIGNATURE = 7,
    QM_C_STALE_SIGNATURE = 8,
    QM_C_REVOKED = 9,    /* this device was switched off; everything is kept: hand it in */
    QM_C_FORBIDDEN = 10, /* the enrolment code is used, expired or unknown; or no right */
    QM_C_NOT_FOUND = 11,
    QM_C_KEY_TAKEN = 14,
    QM_C_DIGEST_MISMATCH = 15,
    QM_C_QUOTA = 17,    /* later; next_ms of qm_client_info says when */
    QM_C_OVERLOAD = 18, /* later; next_ms of qm_client_info says when */
    QM_C_INTERNAL = 20,
    QM_C_LOG_STOPPED = 21, /* the server does not sign at present; later */
    QM_C_NOMEM = 22,
    QM_C_INVALID = 23, /* an argument is wrong; qm_client_detail names it */
    QM_C_IO = 24,
    QM_C_DISK_FULL = 25, /* nothing was stored by this call, nothing stored before was lost */
    QM_C_BUSY = 26,      /* another process holds the outbox */
    QM_C_CORRUPT = 27,   /* the outbox is damaged, or opened with another device's keys */
    QM_C_OFFLINE = 28,
    QM_C_UNKNOWN_OUTCOME = 29, /* the answer was lost; the same bytes will be sent again */
    QM_C_PROOF = 30,           /* the server's answer does not hold; nothing was settled by it */
    QM_C_LOG_REGRESSED = 31,   /* the server's log is behind a receipt that we hold: report it */
    QM_C_NOT_ENROLLED = 32,
    QM_C_EXISTS = 33 /* would overwrite a file, or is enrolled already */
};

/* "log-regressed"; static, never NULL. */
const char *qm_client_code_name(int code);
/* What happened, and what to do now.  lang "zh" or "en".  Static, never NULL. */
const char *qm_client_code_text(int code, const char *lang);
const char *qm_client_code_todo(int code, const char *lang);

/* ---- what the host app brings -------------------------------------------------------------- */

/* Where secrets live: a key chain, a key store, a file with mode 0600.  Names are short words of
 * [a-z0-9-]: "outbox" (32 bytes, seals the file), "device-1", "device-2", … (32 bytes, seed of the
 * signing key; a rotation makes the next one).  Each returns 0 or a qm_code.
 * Losing "outbox" makes the file unreadable; losing the device key makes unsent records
 * impossible to sign: the store must be as durable as the file. */
struct qm_keystore {
    void *ctx;
    /* QM_C_NOT_FOUND if there is no such secret. */
    int (*load)(void *ctx, const char *name, uint8_t secret[32]);
    /* Durable when it returns; replaces nothing: QM_C_EXISTS. */
    int (*store)(void *ctx, const char *name, const uint8_t secret[32]);
    int (*remove)(void *ctx, const char *name);
    /* Both or none: Ed25519 keys in hardware.  Then "device-n" never passes load and store.
     * `make` makes the key if it is not there yet and gives its public half. */
    int (*make)(void *ctx, const char *name, uint8_t public_key[32]);
    int (*sign)(void *ctx, const char *name, const uint8_t *message, size_t bytes, uint8_t sig[64]);
};

/* One HTTP exchange.  The SDK never follows redirects and reads nothing but these fields. */
struct qm_http_request {
    const char *method; /* "GET" "POST" "PUT" */
    const char *url;    /* absolute */
    const char *path;   /* the same without scheme, authority and query: for logs and tests */
    size_t headers;
    const char *header[8]; /* "Name: value" */
    const uint8_t *body;   /* NULL: no body */
    size_t body_bytes;
    size_t answer_max_bytes; /* more than this: answer QM_C_TOO_LARGE */
    uint32_t timeout_ms;     /* for the whole exchange */
};
struct qm_http_answer {
    int status;    /* 0 when there was no whole answer */
    uint8_t *body; /* malloc; the SDK calls free() */
    size_t body_bytes;
    char content_type[64]; /* "" if none */
    int64_t retry_after_s; /* -1 if none */
    char detail[304];      /* why there was no answer, in English; "" if nothing is known */
};
/* A detail begins so when the server's certificate, and not the network, is in the way. */
#define QM_CERTIFICATE_DETAIL "the server's certificate is not to be trusted: "
/* perform fills *answer (zeroed before, retry_after_s -1) and returns 0; or QM_C_OFFLINE when
 * nothing was sent, QM_C_UNKNOWN_OUTCOME when the request may have arrived, QM_C_TOO_LARGE,
 * QM_C_NOMEM.  Called without the outbox being locked; may take up to timeout_ms. */
struct qm_transport {
    void *ctx;
    int (*perform)(void *ctx, const struct qm_http_request *request, struct qm_http_answer *answer);
    void (*close)(void *ctx); /* NULL, or called by qm_client_close */
};
/* The transport that the command uses (libcurl).  ca_file NULL: the system's. */
int qm_transport_curl_open(const char *ca_file, struct qm_transport *out);

struct qm_client_options {
    const char *outbox_path; /* made if it does not exist, with mode 0600 */
    struct qm_keystore keys;
    int64_t (*now_ms)(void *ctx); /* NULL: the system clock */
    void *now_ctx;
    struct qm_transport transport; /* perform NULL: only the qm_client_request/answer pair works */
    /* NULL or: `what` is "records" "photos" "changes" "export" "import"; total 0 if unknown.  Must
     * not call the handle. */
    void (*progress)(void *ctx, const char *what, uint64_t done, uint64_t total);
    void *progress_ctx;
    uint32_t batch_events; /* 1..256; 0: 64 */
    uint32_t timeout_ms;   /* of one exchange; 0: 30000 */
};

typedef struct qm_client qm_client;

/* QM_C_CORRUPT: damaged, or other keys.  *out is NULL on error. */
int qm_client_open(const struct qm_client_options *options, qm_client **out);
void qm_client_close(qm_client *c);
void qm_client_free(void *memory);
/* More about the last error of this handle, in English, without personal data; "" if none. */
const char *qm_client_detail(const qm_client *c);

/* ---- device -------------------------------------------------------------------------------- */

/* server: "https://qm.example.gov.cn" or "http://127.0.0.1:8080".  host: the authority that the
 * server was set up with; NULL: that of the address.  code: "<6 digits>.<22 characters>".
 * A lost answer may be followed by the same call; the key of the first attempt is used again.
 * Errors: QM_C_EXISTS (enrolled already); QM_C_FORBIDDEN (the code; also when the first attempt
 * arrived and only its answer was lost: then a fresh code is needed); QM_C_KEY_TAKEN (a fresh name
 * was refused too); QM_C_OFFLINE; QM_C_PROOF (an answer that does not fit the code or the host). */
int qm_client_enrol(qm_client *c, const char *server, const char *host, const char *code);
/* Replaces the device key; unsent records are signed anew.  Safe to repeat after a lost answer. */
int qm_client_rotate(qm_client *c);
/* After the server was told of another address; the authority (host) stays. */
int qm_client_move(qm_client *c, const char *server);

struct qm_client_info {
    bool enrolled;
    char server[192], host[128];
    char device[256]; /* "<host>/d/<uuid>" */
    char account[20];
    char log[256];     /* "<host>/log/<county>" or …-<n> */
    char log_key[384]; /* verifier key, for qm_verify */
    size_t grids;
    char grid[64][16];
    /* Metrics for which only records with a photo count, by the ranking's rule or a target of the
     * day; codes with commas, "" none. */
    char evidence[2624];
    uint64_t log_size;      /* the largest checkpoint seen */
    int64_t last_sync_ms;   /* 0: never */
    int64_t next_ms;        /* not before this; 0: now */
    int why;                /* next_ms: the failure that it waits after; 0: none */
    int64_t photos_next_ms; /* the same of photos, which wait alone and hold up nothing else */
    int photos_why;
    int64_t clock_offset_ms; /* server minus device, as far as known */
    int stopped;             /* 0, or why sync stopped for good: QM_C_REVOKED, … */
    int alarm;               /* 0, or QM_C_LOG_REGRESSED or QM_C_PROOF: show and report it */
    int64_t alarm_ms;
};
int qm_client_get_info(qm_client *c, struct qm_client_info *out);
/* Forgets `stopped`, `alarm` and the waiting time, to try once more. */
int qm_client_try_again(qm_client *c);

/* ---- recording ----------------------------------------------------------------------------- */

/* One record.  Words are those of the contract (section 2).  Members that a kind does not have must
 * be zero: QM_C_INVALID, and qm_client_detail names the member.  Begin with
 * `struct qm_record r = QM_RECORD("visit");`. */
struct qm_record {
    const char *kind;      /* visit notice pledge app household resident void */
    const char *grid;      /* 15 digits; NULL: the household's in the mirror, or the only grid */
    const char *household; /* NULL with kind household: a fresh one is made */
    const char *resident;  /* NULL with resident found and moved_in: a fresh one is made */
    const char *target;    /* void: event id */
    const char *from;      /* household split */
    const char *outcome;   /* visit */
    const char *state;     /* notice pledge app */
    const char *place;     /* household; NULL: home */
    const char *why;       /* household resident */
    const char *text;      /* notice pledge; NULL: the newest of that kind in the mirror */
    const char *reason;    /* void */
    const char *via;       /* NULL: door */
    const char *near_;     /* visit: yes no unknown; NULL: unknown */
    int32_t secs;          /* visit: 0..86400 */
    size_t topics;
    const char *topic[16];
    size_t withs;
    const char *with[5];
    const char *done; /* "yyyymmdd" or NULL */
    size_t evidences;
    const char *evidence[4];               /* SHA-256 hex of blobs, see qm_client_attach */
    bool real_name, call_alert, sms_alert; /* app */
    bool na_call_alert, na_sms_alert;      /* app: this phone does not offer it */
    /* The private part; sealed on this device, never in the log. NULL: absent. */
    const char *name, *phone, *born, *door, *met, *signer, *relation, *note;
};
#define QM_RECORD(word)                                                                            \
    {                                                                                              \
        .kind = (word)                                                                             \
    }

struct qm_recorded {
    char event[37];
    char household[23]; /* also when it was made by this call; "" for void */
    char resident[23];
    char salt[23]; /* "" without a private part; the copy link is /r/#<event>.<salt> */
    int64_t seq, at_ms;
};
/* On the disk when it returns 0.  Errors: QM_C_NOT_ENROLLED, QM_C_INVALID, QM_C_DISK_FULL,
 * QM_C_BUSY.  out may be NULL. */
int qm_client_record(qm_client *c, const struct qm_record *record, struct qm_recorded *out);

/* Stores a photo (JPEG, PNG, WebP; at most 1 MiB) to be sent by the next sync, and gives the name
 * for `evidence`.  The same bytes twice are one blob. */
int qm_client_attach(qm_client *c, const void *bytes, size_t len, char sha256[65]);

/* ---- where the records stand --------------------------------------------------------------- */

enum qm_state {
    QM_WAITING = 1, /* on this device only */
    QM_CONFIRMED,   /* in the log, with a verified receipt */
    QM_HELD,        /* in the log, not counted until a person decides */
    QM_REJECTED,    /* not taken, or decided out */
    QM_FLAGGED      /* in the log and counted; something is unusual */
};
struct qm_counts {
    uint64_t waiting, confirmed, held, rejected, flagged; /* records of this device */
    uint64_t photos_waiting, photos_refused;
    uint64_t batches_waiting;             /* formed and not settled, own and of others */
    uint64_t others_waiting, others_done; /* records of other devices, from imported files */
    int64_t oldest_waiting_ms;            /* `at` of the oldest; 0 if none */
};
int qm_client_count(qm_client *c, struct qm_counts *out);

struct qm_record_view {
    char event[37];
    char kind[12];
    char household[23], resident[23]; /* "" if none */
    char target[37];
    char grid[16];
    int64_t seq, at_ms;
    enum qm_state state;
    char code[40]; /* reject, hold: the code; flagged: codes with commas; else "" */
    bool decided;  /* the office decided about it: state tells what */
    bool in_log;
    uint64_t log_index; /* entry that first recorded it, if in_log */
    const char *e;      /* the loggable bytes */
    size_t e_bytes;
    const char *p; /* the private bytes; NULL: none, or dropped 14 days after its receipt */
    size_t p_bytes;
};
typedef int (*qm_record_fn)(void *ctx, const struct qm_record_view *record);
/* state 0: all.  Oldest first.  A return of fn other than 0 ends the walk and is returned
 * (QM_C_NOT_FOUND as 0); the same holds for all walks below. */
int qm_client_records(qm_client *c, enum qm_state state, qm_record_fn fn, void *ctx);
/* The word of a state, and what it means or what to do about this code. Static. */
const char *qm_state_word(enum qm_state state, const char *lang);
const char *qm_state_todo(enum qm_state state, const char *code, const char *lang);

struct qm_photo_view {
    char sha256[65];
    uint64_t bytes;
    enum qm_state state; /* QM_WAITING, QM_CONFIRMED or QM_REJECTED */
    char code[40];
};
int qm_client_photos(qm_client *c, int (*fn)(void *ctx, const struct qm_photo_view *), void *ctx);

/* ---- receipts ------------------------------------------------------------------------------ */

struct qm_receipt_view {
    char origin[256]; /* of the batch */
    char log[256];
    uint64_t index;     /* of its entry */
    uint64_t tree_size; /* of the checkpoint in the receipt */
    uint32_t events;
    bool foreign;     /* of another device, from an imported file */
    const char *text; /* the tlog-proof */
    size_t bytes;
};
int qm_client_receipts(qm_client *c, int (*fn)(void *ctx, const struct qm_receipt_view *),
                       void *ctx);
/* tlog-proof of the batch that holds the event, and of the event in its batch; either may be NULL.
 * QM_C_NOT_FOUND: not confirmed yet, or not ours. */
int qm_client_event_receipt(qm_client *c, const char *event, char **batch, size_t *batch_bytes,
                            char **single, size_t *single_bytes);

/* Does this tlog-proof hold under this verifier key?  0 only if everything does.  Any thread. */
int qm_verify(const char *vkey, const char *text, size_t bytes);
/* The device's own verifier key, for the second of the two texts above.  A batch that was settled
 * before a rotation carries the signature of the former key, which the log names (device/v1). */
int qm_client_device_key(qm_client *c, char **vkey);

/* ---- the mirror of what the office knows ---------------------------------------------------- */

struct qm_household_view {
    char household[23], grid[16];
    char place[16], status[40];
    const char *group, *lane, *door, *head, *phone;
    bool visited, reached;
    char notice[16], pledge[16], door_state[16]; /* words of the contract; "none", "none_yet" */
    uint32_t residents;
    uint32_t waiting; /* records about it on this device that have no receipt yet */
    bool local;       /* made on this device, not yet seen in `changes` */
};
struct qm_resident_view {
    char resident[23], household[23];
    const char *name, *phone;
    char born[11]; /* "" unknown */
    char status[40];
    const char *groups; /* codes with commas */
    char app[16];       /* "none" or the state */
    bool real_name, call_alert, sms_alert;
    uint32_t waiting;
    bool local;
};
typedef int (*qm_household_fn)(void *ctx, const struct qm_household_view *household);
typedef int (*qm_resident_fn)(void *ctx, const struct qm_resident_view *resident);
/* grid, household NULL: all.  In the order group, lane, door. */
int qm_client_households(qm_client *c, const char *grid, qm_household_fn fn, void *ctx);
int qm_client_residents(qm_client *c, const char *household, qm_resident_fn fn, void *ctx);

/* Rows that are only shown: texts, targets, directives, missing photos. */
struct qm_text_view {
    char text[48], kind[8], basis[12];
    const char *title, *body;
};
struct qm_target_view {
    char metric[48], due[11], from[11], prefix[20];
    uint32_t threshold_bp; /* hundredths of a percent */
};
struct qm_want_view {
    char sha256[65], event[37];
    bool here; /* the bytes are in this outbox and will be sent */
};
int qm_client_texts(qm_client *c, int (*fn)(void *ctx, const struct qm_text_view *), void *ctx);
int qm_client_targets(qm_client *c, int (*fn)(void *ctx, const struct qm_target_view *), void *ctx);
int qm_client_wants(qm_client *c, int (*fn)(void *ctx, const struct qm_want_view *), void *ctx);

/* ---- sync ---------------------------------------------------------------------------------- */

enum { /* what qm_client_sync does; 0 = everything */
       QM_SYNC_RECORDS = 1,
       QM_SYNC_PHOTOS = 2,
       QM_SYNC_CHANGES = 4
};
struct qm_sync_report {
    uint32_t exchanges;
    uint64_t sent, confirmed, held, rejected, flagged; /* records, by receipts of this call */
    uint64_t photos;
    uint64_t rows;          /* rows of `changes` applied */
    uint64_t rows_unknown;  /* of a type that this version does not know; skipped */
    bool full;              /* the mirror was replaced as a whole */
    int64_t next_ms;        /* when it stopped early: not before this time */
    int photos_why;         /* 0, or why photos were left waiting: QM_C_QUOTA, … */
    int64_t photos_next_ms; /* with photos_why: not before this time */
};
/* Sends records, then photos, then fetches changes, until nothing is left or something fails.
 * Does not sleep: with QM_C_OFFLINE, _OVERLOAD, _QUOTA, _UNKNOWN_OUTCOME, _PROOF,
 * _LOG_REGRESSED call again at next_ms.  A call before next_ms returns the same code at once and
 * sends nothing (qm_client_try_again lifts that).  A photo that must wait is no failure of the
 * call: records and changes go on, the other photos go before it next time, and photos_why says
 * so.  report may be NULL. */
int qm_client_sync(qm_client *c, unsigned what, struct qm_sync_report *report);
/* One exchange only; *more tells whether another would do something now. */
int qm_client_sync_step(qm_client *c, unsigned what, struct qm_sync_report *report, bool *more);

/* The same without a transport, for host apps with an event loop: ask for a request, move the
 * bytes, hand the answer in.  qm_client_request: *request is NULL when there is nothing to do; it
 * and what it points to live until qm_client_answer, which must follow (outcome 0, or the code
 * that `perform` would have returned; answer->body stays the caller's).  Between the two, recording
 * and listing are allowed. */
int qm_client_request(qm_client *c, unsigned what, const struct qm_http_request **request);
int qm_client_answer(qm_client *c, int outcome, const struct qm_http_answer *answer,
                     struct qm_sync_report *report);

/* ---- moving an unsent queue ---------------------------------------------------------------- */

/* Writes all records without a receipt, as ready signed batches, and unsent photos, to a file that
 * only the passphrase opens (at least 8 bytes).  Refuses to overwrite: QM_C_EXISTS.  The records
 * stay here too: whoever posts them, they are this device's and count once. */
int qm_client_export(qm_client *c, const char *path, const char *passphrase, uint64_t *records);
/* Takes such a file in, whole or not at all; the next sync posts it.  A second import of the same
 * file adds nothing.  QM_C_CORRUPT: wrong passphrase, or the file is damaged or cut. */
int qm_client_import(qm_client *c, const char *path, const char *passphrase, uint64_t *records);

#ifdef __cplusplus
}
#endif

#endif
