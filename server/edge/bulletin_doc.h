/* bulletin_doc.h - floor 4: everything that the writers of a bulletin need, in one value.
 *
 * Happy path: qm_bulletin_doc_init, whoever reads the database fills the members and copies every
 * text in with qm_bulletin_doc_text, the writers of bulletin_out.h turn the value into bytes,
 * qm_bulletin_doc_free.  The value is complete: writers ask nobody, so that the same value gives
 * the same bytes at any time; targets and forecast are therefore those that held at `to`.
 * Ownership: the value owns its texts, rows and figures and the bulletin that it replaces; texts
 * may also be string constants.  A text may be NULL and then counts as "".
 * Failure: a text for which there is no memory is NULL and sets nomem, which every writer reports
 * as QM_E_NOMEM.  Writers only read it, so that any thread may run them, one or several at a time.
 */
#ifndef QM_EDGE_BULLETIN_DOC_H
#define QM_EDGE_BULLETIN_DOC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "domain/ranking.h"
#include "wire/codec.h"
#include "wire/merkle.h"
#include "wire/period.h"

/* What stands beside a division's figures; the order of qm.bulletin_row.beside. */
enum qm_beside {
    QM_BESIDE_HELD_REVOKED,
    QM_BESIDE_HELD_SCOPE,
    QM_BESIDE_HELD_MOVED,
    QM_BESIDE_DECIDED_OUT,
    QM_BESIDE_VOIDED,
    QM_BESIDE_MERGED,
    QM_BESIDE_ROSTER_NEW,
    QM_BESIDE_ROSTER_GONE,
    QM_BESIDE_ROSTER_CHANGED,
    QM_BESIDE_COUNT_
};

enum qm_doc_signoff { QM_SIGNOFF_NONE, QM_SIGNOFF_CONFIRMED, QM_SIGNOFF_LATE, QM_SIGNOFF_MISSING };

struct qm_bulletin_row {
    struct qm_rank_row rank; /* code, cells of the rule's metrics, score, rank, out, counters */
    const char *name;        /* of the division; may be hostile, writers escape it */
    int64_t beside[QM_BESIDE_COUNT_];
    int32_t target; /* of `visited`, hundredths of a percent; 0: none, the gap is to 100 % */
    enum qm_doc_signoff signoff;         /* the village's own confirmation of the period */
    int64_t lecturers_needed, lecturers; /* 宣讲员 of its villages when it was frozen; needed 0:
                                            none are kept (a grid, or an older bulletin) */
};

/* A figure that came from elsewhere (`cases`, `loss_cents`, ...).  Annex 3 knows the names of
 * qm_bulletin_figure_word; others stand below it by their own name. */
struct qm_bulletin_figure {
    char metric[QM_CODE_MAX_BYTES + 1];
    char code[16];
    const char *name;      /* of the division or unit */
    int64_t value;         /* cents, heads, cases: as imported */
    struct qm_hash source; /* SHA-256 of the file it came from */
};

/* What the rule proposed and a person accepted before the bulletin was published. */
struct qm_bulletin_decision {
    const char *name;                 /* of the division; may be hostile, writers escape it */
    bool police;                      /* its police station, not the division itself */
    char step[QM_CODE_MAX_BYTES + 1]; /* "criticise", "talk", ... or another code of the rule */
};

/* The sections that the office may edit while the bulletin is a draft.  Numbers stand in them as
 * {placeholders}, see bulletin_wording.h. */
enum qm_wording {
    QM_WORDING_HEAD,   /* red head: the office that issues */
    QM_WORDING_SERIES, /* red: 反诈工作通报 */
    QM_WORDING_TITLE,
    QM_WORDING_ADDRESSEE, /* 各村(居)、各单位 */
    QM_WORDING_OPENING,
    QM_WORDING_OVERALL,
    QM_WORDING_PROGRESS,
    QM_WORDING_CASES,
    QM_WORDING_PRAISE,
    QM_WORDING_CHECKS, /* empty: left out, the numbers of the others close up */
    QM_WORDING_NEXT,
    QM_WORDING_SIGN,    /* whose seal it bears */
    QM_WORDING_COPIES,  /* 抄送 */
    QM_WORDING_OFFICE,  /* who prints it: 印发 */
    QM_WORDING_CONTACT, /* whom to ask if a check does not agree; the only one that may hold a
                           telephone number */
    QM_WORDING_COUNT_
};

struct qm_bulletin_doc {
    /* ---- what it is ---- */
    int county; /* 6 digits */
    const char *county_name;
    char scope[16];         /* code of the division that ranks */
    const char *scope_name; /* of the scope: 凤城镇 */
    char period[QM_PERIOD_MAX_BYTES + 1];
    struct qm_period span;
    bool published; /* false: a draft; its pages say so and bear no QR code */
    int number;     /* 第n期 of its year; 0: not numbered yet */
    int year;       /* of the number; 0: the year of span.last_day */

    /* ---- what it rests on ---- */
    const char *host, *origin; /* host of the site, origin name of the log */
    int64_t from, to;
    struct qm_hash root;
    int64_t index;        /* of the entry bulletin/v1; 0 while a draft */
    int64_t roster_index; /* of the entry roster/v1 */
    int64_t replaced_by;  /* index of the bulletin that replaces this one; 0: none */
    int64_t frozen_ms;    /* Unix ms, 0: unknown */
    int64_t published_ms;
    const char *prepared_by, *published_by; /* accounts; never on the public outputs */
    int64_t sealed_ms;          /* when the sealed paper's newest scan was noted; 0: not sealed */
    struct qm_hash sealed_scan; /* SHA-256 of that scan */

    /* ---- figures ---- */
    struct qm_rule rule;
    struct qm_bulletin_row *rows; /* in the order of the result: ranked, then left out */
    size_t rows_n;
    struct qm_bulletin_row totals;      /* name: of the scope; rank 0 */
    struct qm_bulletin_figure *figures; /* sorted by code, then metric */
    size_t figures_n;
    struct qm_bulletin_decision *decisions; /* in the order in which they were proposed */
    size_t decisions_n;
    int32_t target_day;               /* when totals.target is due; 0: none */
    int32_t forecast_day;             /* when it will be reached at the present pace; 0: none */
    bool forecast_known;              /* false: too few data for a forecast */
    bool target_met;                  /* totals.target is reached */
    struct qm_bulletin_doc *replaces; /* the corrected predecessor with its own rule; NULL: none */

    /* ---- words ---- */
    const char *wording[QM_WORDING_COUNT_]; /* as edited; NULL: qm_bulletin_wording_default */

    /* ---- its memory ---- */
    struct qm_doc_text *texts;
    bool nomem;
};

void qm_bulletin_doc_init(struct qm_bulletin_doc *d);
void qm_bulletin_doc_free(struct qm_bulletin_doc *d); /* what it owns, not d itself */
/* A copy with a NUL that lives as long as d; NULL without memory (then nomem is set). */
const char *qm_bulletin_doc_text(struct qm_bulletin_doc *d, const char *bytes, size_t len);
/* Room for n rows, figures or decisions, all zero; replaces what was there. QM_E_NOMEM. */
qm_err qm_bulletin_doc_rows(struct qm_bulletin_doc *d, size_t n);
qm_err qm_bulletin_doc_figures(struct qm_bulletin_doc *d, size_t n);
qm_err qm_bulletin_doc_decisions(struct qm_bulletin_doc *d, size_t n);
/* Sums the rows' cells, counters and beside numbers into totals (name and target stay). */
void qm_bulletin_doc_sum(struct qm_bulletin_doc *d);

#endif
