/* roster_parts.h - floor 3: the parts of the lists, each a test on what a row says of itself.
 *
 * Of homes: left:M done:M evidenced:M for M in visited reached notice_delivered notice_signed
 * pledge; later:pledge; door:W, homes not visited, by their last outcome; the denominators homes
 * and homes_near; the rest by place and status.
 *
 * Of residents: left:M done:M evidenced:M for M in app app_real_name app_call_alert app_sms_alert
 * app_all, and the rest by the app's state.
 *
 * A refusal opens into no list: no part selects it.  left:app leaves out who cannot or shares: they
 * have parts of their own.
 *
 * The tests are numbers, computed here once and not beside each row; qm.household_in_part and
 * qm.resident_in_part (sql/functions/82_lists.sql) apply them.  household_parts.csv and
 * resident_parts.csv in tests/vectors hold both sides together.  Constant data: any thread.
 */
#ifndef QM_DOMAIN_ROSTER_PARTS_H
#define QM_DOMAIN_ROSTER_PARTS_H

#include <stdbool.h>
#include <stdint.h>

/* What of a household's row is left when masks have been compared. */
enum qm_list_more {
    QM_MORE_NONE,
    QM_MORE_PLEDGE_LEFT,
    QM_MORE_PLEDGE_DONE,
    QM_MORE_PLEDGE_EVIDENCED,
    QM_MORE_PLEDGE_LATER,
    QM_MORE_PAPER_EVIDENCED, /* of the notice or the pledge */
    QM_MORE_NOTICE_ASKABLE,  /* not refused, or delivered all the same */
    QM_MORE_UNCLAIMED
};
struct qm_household_part {
    const char *name;
    int64_t kinds;      /* bit 8 * place + status */
    int32_t set, clear; /* flags that are there, that are not */
    int32_t doors;      /* bit of the last outcome; 0: none yet */
    enum qm_list_more more;
};
struct qm_resident_part {
    const char *name;
    int32_t homes;  /* bit of what the household counts as */
    int32_t kinds;  /* bit 4 * status + age band */
    int32_t apps;   /* bit of the app's state; 0: none yet */
    int32_t set;    /* alerts that are on */
    int32_t alerts; /* bit of the alerts that are on or that the phone does not offer */
    int32_t evidenced;
};
/* NULL: there is no part of this name. */
const struct qm_household_part *qm_household_part(const char *name);
const struct qm_resident_part *qm_resident_part(const char *name);
/* Does it select from what a roster's lines tell: of homes, by the status, of residents, those whom
 * metrics count?  NULL: no. */
bool qm_household_part_closed(const struct qm_household_part *part);
bool qm_resident_part_closed(const struct qm_resident_part *part);
/* All of them, by index from 0; NULL behind the last. */
const struct qm_household_part *qm_household_part_at(int i);
const struct qm_resident_part *qm_resident_part_at(int i);

#endif
