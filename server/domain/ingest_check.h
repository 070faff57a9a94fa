/* ingest_check.h - floor 3: everything about one batch that needs no database: signature, lines,
 * root, each event, and P sealed.  Runs on a thread of the pool: touches its own struct only.
 *
 * What may be kept of a line that is no event (faults schema and private) is kept for the office
 * for 30 days: P sealed under its leaf hash; E that breaks the schema, which may hold anything,
 * likewise, purpose "note".  P of an event is sealed under the event's id, purpose "p".
 */
#ifndef QM_DOMAIN_INGEST_CHECK_H
#define QM_DOMAIN_INGEST_CHECK_H

#include "drivers/seal.h"
#include "wire/batch.h"
#include "wire/event.h"

enum qm_line_fault { QM_LINE_GOOD = 0, QM_LINE_SCHEMA = 1, QM_LINE_PRIVATE = 2 };

/* A part of the batch's `bytes`; len 0: absent. */
struct qm_part {
    size_t at, len;
};
/* One line as qm.sync takes it; members that its kind does not have are zero. */
struct qm_checked_line {
    enum qm_line_fault fault;
    struct qm_hash leaf;
    enum qm_kind kind;
    uint8_t id[QM_ID_BYTES];
    int64_t seq, at_ms, grid;
    bool has_household, has_resident;
    uint8_t household[QM_ID_BYTES], resident[QM_ID_BYTES], target[QM_ID_BYTES];
    int code, why, via;
    unsigned party, alerts, na;
    const char *e; /* into the body; NULL: e_sealed instead */
    size_t e_len;
    struct qm_part e_sealed, p_sealed;
};
struct qm_checked_evidence {
    int line; /* 0-based in the batch */
    struct qm_hash sha256;
};
/* What a line brings that creates a household or resident. */
struct qm_checked_card {
    int line;
    bool has_born, has_phone_mac;
    int32_t born_day;
    uint8_t phone_mac[32];
    struct qm_part name, phone; /* sealed under the pseudonym */
    struct qm_part door;        /* clear */
};

struct qm_checked {
    /* given */
    const char *body; /* must live as long */
    size_t len;
    struct qm_batch_head head; /* read from body */
    uint8_t key[QM_KEY_BYTES]; /* of head.device */
    const struct qm_seal *seal;
    /* found */
    bool signature_good;
    qm_err err; /* bad-signature, malformed, root-mismatch, no memory */
    int64_t recv_ms;
    size_t lines, evidences, cards;
    struct qm_checked_line *line;
    struct qm_checked_evidence *evidence;
    struct qm_checked_card *card;
    struct qm_buf bytes; /* sealed fields and doors, one after another */
};

void qm_checked_run(struct qm_checked *c);
void qm_checked_free(struct qm_checked *c); /* what was found, not the body */

#endif
