/* audit.h - floor 2: holds a copy of a county's log against itself, against what others have seen
 * of it, and against every bulletin that was made from it (section 8 of the contract).
 *
 * Happy path: a folder with the URL paths as files goes in; findings come out one by one, then a
 * report.  States, ranks and result bytes are computed from the contract alone, with nothing of the
 * server's code, so that the two check each other.
 * Memory does not grow with the log: what has to be put in order goes through an unlinked temporary
 * file.  It grows with the number of devices, of divisions, of merged households and of `seen`
 * texts, and by 300 KiB a thread for batches of 50 events, 3 MiB for the largest there may be.
 * Failure: a fault of the log is a finding, never an error.  Errors are this side's:
 * QM_E_NOT_FOUND (the folder holds no such log), QM_E_INVALID (no key), QM_E_NOMEM, QM_E_IO,
 * QM_E_DISK_FULL. Callbacks come from the thread that called; several audits may run in several
 * threads.  Findings and their order do not depend on the number of threads, nor on whether they
 * could be started.
 */
#ifndef QM_AUDIT_AUDIT_H
#define QM_AUDIT_AUDIT_H

#include <stdbool.h>
#include <stdint.h>

#include "wire/note.h"
#include "wire/receipt.h"

enum { QM_AUDIT_THREADS_MAX = 8 };

enum qm_audit_grade {
    QM_AUDIT_BAD, /* does not hold */
    QM_AUDIT_NOTE /* holds, but somebody should know; or could not be proved */
};
struct qm_audit_finding {
    const char *code; /* "batch-root"; static */
    enum qm_audit_grade grade;
    int64_t index;                 /* entry of the log; -1: none */
    char event[QM_UUID_CHARS + 1]; /* "" : none */
    char division[16];             /* code of a village, township, grid; "": none */
    char detail[320];              /* numbers, names, hashes; no sentence */
};

/* A text that somebody kept: a checkpoint, a receipt, a bulletin's proof, the last audit's file. */
struct qm_audit_seen {
    const char *name; /* what to call it in findings */
    const char *text;
    size_t len;
};

/* One published bulletin, after it was looked at. */
struct qm_audit_bulletin {
    int64_t index, from, to, replaces /* -1 */;
    char scope[16], period[16];
    bool computed, holds;                /* recomputed from the log; equal to the byte */
    int64_t lines, fresh, gone, changed; /* of the roster, against the bulletin before */
    size_t rows, out;
};

struct qm_audit_options {
    const char *folder;
    const char *spool_folder;   /* NULL: $TMPDIR, or else /var/tmp */
    unsigned threads;           /* 1..QM_AUDIT_THREADS_MAX, its own too; 0: one a processor */
    const struct qm_vkey *keys; /* of the log's trees; the first one names the log */
    size_t keys_n;
    const struct qm_audit_seen *seen;
    size_t seen_n;
    void *ctx;
    void (*finding)(void *ctx, const struct qm_audit_finding *f);
    /* what: "entries" "records" (events that are shown) "bulletins"; may be NULL, as the next
     * three. */
    void (*progress)(void *ctx, const char *what, uint64_t done, uint64_t total);
    void (*bulletin)(void *ctx, const struct qm_audit_bulletin *b);
    /* Counts of roster lines of one village, against the bulletin before. */
    void (*village)(void *ctx, const char *code, int64_t fresh, int64_t gone, int64_t changed);
    /* One roster line: '+' new, '-' gone, '~' changed (as it is now), without LF. */
    void (*line)(void *ctx, char sign, const char *line, size_t len);
};

struct qm_audit_report {
    struct qm_checkpoint checkpoint; /* as the folder has it */
    struct qm_buf note;              /* its note, verbatim; owned: qm_audit_report_free */
    uint64_t entries, batches, events, recorded, held, devices, bulletins, seen;
    uint64_t bad, notes; /* findings */
    /* What was taken on trust. */
    uint64_t trust_rejects, trust_scope, trust_moved, trust_unknown, trust_private;
};

qm_err qm_audit_run(const struct qm_audit_options *o, struct qm_audit_report *out);
void qm_audit_report_free(struct qm_audit_report *r);

/* What a finding's code means and what to do; lang "zh", anything else "en".  Static. */
const char *qm_audit_text(const char *code, const char *lang);
const char *qm_audit_todo(const char *code, const char *lang);

#endif
