/* roster.h - floor 3: the lists behind the figures, a page at a time: as they are now, what the
 * week brought, and as a bulletin froze them.
 *
 * Happy path: ask for a page, decode its rows; names and phone numbers are opened and masked here,
 * so that nothing above sees them in full.
 * Failure: a field that does not open is logged and comes out empty; the rest of the row stands.
 * A refusal opens into no list: no part selects it, and rows do not tell it from "not yet".
 * The loop's thread only.
 */
#ifndef QM_DOMAIN_ROSTER_H
#define QM_DOMAIN_ROSTER_H

#include <stdbool.h>

#include "drivers/pg.h"
#include "drivers/seal.h"

enum { QM_LIST_ROWS_MAX = 500 };

struct qm_list_place { /* a row's place in the order of the list */
    int64_t grid;      /* in lists behind a bulletin: the part of its roster */
    uint8_t household[QM_ID_BYTES];
    uint8_t resident[QM_ID_BYTES]; /* zero in lists of households */
};
enum qm_list_when {
    QM_LIST_NOW,
    QM_LIST_WEEK,  /* who is in the part, and was not when last week was closed */
    QM_LIST_CLOSED /* who was in it on the roster of a bulletin, at its size */
};
struct qm_list_ask {
    bool residents;
    enum qm_list_when when;
    uint8_t draft[QM_ID_BYTES]; /* QM_LIST_CLOSED: the bulletin */
    int county;
    const char *role, *prefix; /* who asks */
    const char *within, *part;
    struct qm_list_place after; /* all zero: from the beginning */
    int limit;
};
/* Is there a part of this name (domain/roster_parts.h)? */
bool qm_list_part_ok(bool residents, const char *part);
/* Can a roster tell who is in it?  It has homes and those whom a metric counts, no more. */
bool qm_list_part_closed(bool residents, const char *part);
/* Is there a bulletin whose lists of `within` this caller may read?  One row, or none. */
qm_err qm_list_closed_read(struct qm_pg *pg, const struct qm_list_ask *ask, qm_pg_done done,
                           void *ctx);
/* QM_E_MALFORMED: there is no such part; QM_E_NOMEM, and what qm_pg_submit returns. */
qm_err qm_list_read(struct qm_pg *pg, const struct qm_list_ask *ask, qm_pg_done done, void *ctx);

struct qm_list_household {
    struct qm_list_place place;
    const char *kind, *status; /* words of the contract */
    bool visited, reached, notice_signed, notice_left, pledge;
    int visits;
    const char *worker, *group, *lane, *door; /* in the result */
};
struct qm_list_resident {
    struct qm_list_place place;
    const char *status;
    bool has_born;
    int32_t born_day;
    const char *app; /* word of the contract; NULL: not asked yet, or refused */
    unsigned alerts, na;
    const char *worker, *group, *lane, *door;
};
/* Lists of another time than now look at a bounded number of rows: where one stopped before it was
 * full, its last row is a place alone. */
bool qm_list_is_place(const struct qm_pg_result *r, int row);
/* Where the page behind this row begins. */
void qm_list_after_row(const struct qm_list_ask *ask, const struct qm_pg_result *r, int row,
                       struct qm_list_place *out);
void qm_list_household_row(const struct qm_pg_result *r, int row, struct qm_list_household *out);
void qm_list_resident_row(const struct qm_pg_result *r, int row, struct qm_list_resident *out);
/* Masked name and phone number of a row (columns 12 and 13 of both lists), "" if there is none. */
struct qm_list_person {
    struct qm_buf name, phone;
};
void qm_list_person_open(const struct qm_pg_result *r, int row, const struct qm_seal *seal,
                         struct qm_list_person *out);
void qm_list_person_free(struct qm_list_person *p);
/* For finding: place and address of a row of either list, and its name in full, which the caller
 * wipes. */
void qm_list_place_row(const struct qm_pg_result *r, int row, bool residents,
                       struct qm_list_place *out);
void qm_list_labels_row(const struct qm_pg_result *r, int row, const char **group,
                        const char **lane, const char **door);
void qm_list_name_open(const struct qm_pg_result *r, int row, const struct qm_seal *seal,
                       struct qm_buf *out);

/* A sealed name or phone number as it lies in a result; bytes NULL: there is none. */
struct qm_sealed_field {
    const char *purpose; /* QM_PURPOSE_NAME or _PHONE */
    const uint8_t *id, *bytes;
    size_t id_len, len;
};
/* Both initialise out, which the caller wipes; "" for none and for what does not open (logged).
 * In full: only for a caller who gave a reason that was noted (edge/api_card.c). */
void qm_field_open_masked(const struct qm_seal *seal, const struct qm_sealed_field *f,
                          struct qm_buf *out);
void qm_field_open_full(const struct qm_seal *seal, const struct qm_sealed_field *f,
                        struct qm_buf *out);

#endif
