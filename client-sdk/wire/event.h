/* event.h - floor 0: events as two byte strings, E (loggable) and P (private).
 *
 * Section 2 of the contract: closed schemas per kind, held as tables in event.c; no other file
 * knows which member belongs to which kind.  A reader accepts exactly the contract's bytes and
 * answers QM_E_MALFORMED for everything else; nothing is canonicalised.
 * The numbers of the enums below are also the smallints of the database (sql/): append only.
 * Pure, any thread.
 */
#ifndef QM_WIRE_EVENT_H
#define QM_WIRE_EVENT_H

#include <stdbool.h>
#include <stdint.h>

#include "wire/buf.h"
#include "wire/merkle.h"

enum {
    QM_E_MIN_BYTES = 2,
    QM_E_MAX_BYTES = 2048,
    QM_P_MIN_BYTES = 2,
    QM_P_MAX_BYTES = 16384,
    QM_TOPICS_MAX = 16,
    QM_EVIDENCE_MAX = 4,
    QM_P_STRING_MAX_BYTES = 500,
    QM_P_NOTE_MAX_BYTES = 2000
};

enum qm_kind {
    QM_VISIT = 1,
    QM_NOTICE,
    QM_PLEDGE,
    QM_APP,
    QM_HOUSEHOLD,
    QM_RESIDENT,
    QM_VOID,
    QM_KIND_COUNT_
};
enum qm_outcome { /* visit */
                  QM_MET = 1,
                  QM_NO_ADULT,
                  QM_ABSENT,
                  QM_APPOINTED,
                  QM_GONE,
                  QM_REFUSED,
                  QM_NO_ENTRY,
                  QM_MOVED,
                  QM_VACANT,
                  QM_NONE
};
enum qm_notice_state { QM_NOTICE_SIGNED = 1, QM_NOTICE_LEFT, QM_NOTICE_REFUSED };
enum qm_pledge_state {
    QM_PLEDGE_SIGNED = 1,
    QM_PLEDGE_REFUSED,
    QM_PLEDGE_LATER,
    QM_PLEDGE_WITHDRAWN
};
enum qm_app_state {
    QM_APP_INSTALLED = 1,
    QM_APP_REFUSED,
    QM_APP_LATER,
    QM_APP_NO_PHONE,
    QM_APP_FEATURE_PHONE,
    QM_APP_UNFIT,
    QM_APP_SHARED,
    QM_APP_REMOVED
};
enum qm_place {
    QM_PLACE_HOME = 1,
    QM_PLACE_SHOP,
    QM_PLACE_ENTERPRISE,
    QM_PLACE_SCHOOL,
    QM_PLACE_OFFICE,
    QM_PLACE_VENUE
};
enum qm_household_why { QM_HW_FOUND = 1, QM_HW_MOVED_IN, QM_HW_SPLIT };
enum qm_resident_why {
    QM_RW_FOUND = 1,
    QM_RW_MOVED_IN,
    QM_RW_MOVED_OUT,
    QM_RW_AWAY,
    QM_RW_BACK,
    QM_RW_DIED,
    QM_RW_WRONG
};
enum qm_via { QM_DOOR = 1, QM_PHONE, QM_VIDEO, QM_PAPER, QM_CARRIED };
enum qm_near { QM_NEAR_YES = 1, QM_NEAR_NO, QM_NEAR_UNKNOWN };
enum { /* bits of with */
       QM_WITH_POLICE = 1,
       QM_WITH_VILLAGE = 2,
       QM_WITH_TOWNSHIP = 4,
       QM_WITH_HELPER = 8,
       QM_WITH_VOLUNTEER = 16
};
enum {                         /* bits of alerts and of na */
       QM_ALERT_REAL_NAME = 1, /* alerts only */
       QM_ALERT_CALL = 2,
       QM_ALERT_SMS = 4
};

/* A parsed (or to be written) E.  Members that a kind does not have are zero. */
struct qm_event {
    enum qm_kind kind;
    uint8_t id[QM_ID_BYTES];
    int64_t seq, at_ms, grid;
    bool has_household, has_resident;
    uint8_t household[QM_ID_BYTES];
    uint8_t resident[QM_ID_BYTES];
    uint8_t target[QM_ID_BYTES]; /* void */
    uint8_t from[QM_ID_BYTES];   /* household, only with split */
    int code;                    /* outcome, state, place, or why of a resident */
    int why;                     /* why of a household */
    int via;                     /* QM_DOOR when not written */
    bool via_written;            /* writers: write `via` even when door; readers: it was there */
    bool state_written;          /* the same for the optional `state` of notice and pledge */
    int near;
    unsigned with;
    int32_t secs;
    int32_t done_day; /* day on the paper; has_done tells whether it is there */
    bool has_done;
    unsigned alerts, na;
    bool
        na_written; /* readers: `na` was there (it may be empty); writers: write it even if empty */
    size_t topics;
    char topic[QM_TOPICS_MAX][QM_CODE_MAX_BYTES + 1];
    char text[QM_CODE_MAX_BYTES + 1];
    char reason[QM_CODE_MAX_BYTES + 1];
    size_t evidences;
    struct qm_hash evidence[QM_EVIDENCE_MAX];
    bool has_p;
    struct qm_hash p;
};

/* QM_E_MALFORMED is the contract's `reject schema`. */
qm_err qm_event_read(const char *e, size_t len, struct qm_event *out);
/* Writes E in the order of the contract's table, p last; checks it by reading it back. */
qm_err qm_event_write(const struct qm_event *ev, struct qm_buf *out);
/* May P go with this kind, must it? Used by writers; the reader checks it already. */
bool qm_event_p_required(const struct qm_event *ev);

/* A parsed P.  Strings are unescaped UTF-8 in one owned block; NULL if absent. */
struct qm_private {
    uint8_t salt[QM_ID_BYTES];
    char salt_text[QM_PSEUDONYM_CHARS + 1];
    char *name, *phone, *door, *met, *signer, *relation, *note;
    bool has_born;
    int32_t born_day;
    void *block_; /* owner of the strings */
};
/* QM_E_MALFORMED is `reject private`. */
qm_err qm_private_read(const char *p, size_t len, struct qm_private *out);
void qm_private_free(struct qm_private *p); /* wipes */
/* A fresh salt is taken if salt is all zero. */
qm_err qm_private_write(struct qm_private *p, struct qm_buf *out);

/* Both together, as the server judges one line: QM_OK, or *private_fault says which reject it is.
 * p NULL when there was no TAB. */
qm_err qm_event_check(const char *e, size_t e_len, const char *p, size_t p_len, struct qm_event *ev,
                      struct qm_private *pv, bool *private_fault);

/* Words of the wire for an enum's number and back; NULL / 0 if unknown.
 * field: "kind" "outcome" "notice" "pledge" "app" "place" "household_why" "resident_why" "via"
 * "near" */
const char *qm_word(const char *field, int number);
int qm_word_read(const char *field, const char *word);

#endif
