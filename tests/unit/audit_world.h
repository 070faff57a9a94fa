/* audit_world.h - two weeks of a made-up township as an audit's folder, for the tests of the audit.
 */
#ifndef QM_TESTS_AUDIT_WORLD_H
#define QM_TESTS_AUDIT_WORLD_H

#include "audit/audit.h"
#include "madelog.h"
#include "tempdir.h"
#include "wire/sha256.h"

static const int64_t monday_ms = INT64_C(1794758400000); /* 2026-11-16 in UTC+8 */
enum { HOMES = 40, FINDINGS_MAX = 400 };

/* What somebody who holds the log's key may do differently. */
struct plan {
    bool no_decision, no_erasure, no_second_batch, batch_again, verdict_free, flag_off;
    bool same_account_range, rule_unset, county_wrong, bad_seq, blob_unnamed;
};
struct found {
    char code[32], event[QM_UUID_CHARS + 1], division[16];
    int64_t index;
};
struct world {
    char folder[TEMPDIR_MAX_BYTES];
    struct madelog m;
    struct ml_phone phone, other;
    struct qm_buf note, receipt_batch, receipt_erase, receipt_decide, proof_event;
    char event[QM_UUID_CHARS + 1]; /* that proof_event is of */
    int64_t batch, second, decide, erase, roster, bulletin, last_bulletin;
    size_t found_n, bad, held_bulletins;
    struct found found[FINDINGS_MAX];
    struct qm_audit_report report;
    uint64_t records_done, records_total; /* as the progress said last */
    struct qm_sha256 said;                /* over all that was found, in its order */
};

void world_make(struct world *w, const struct plan *p);
void world_free(struct world *w);
/* A receipt of the entry that was written last. */
void receipt_keep(struct world *w, struct qm_buf *out);

/* Findings go into the world.  Each audit is done twice, by four threads and by one: both find the
 * same, word for word. */
void on_finding(void *ctx, const struct qm_audit_finding *f);
qm_err audit(struct world *w, const struct qm_audit_seen *seen, size_t seen_n);
void audit_alone(struct world *w);
/* index -1: any. */
bool has(const struct world *w, const char *code, int64_t index);
void expect(const struct world *w, const char *code, int64_t index);

#endif
