/* roster_parts.c - see roster_parts.h.  Cannot fail. */
#include "domain/roster_parts.h"

#include <stddef.h>
#include <string.h>

#include "wire/event.h"

/* What a household's row says; qm.household's columns place, status and flags. */
enum { COUNTED = 1, AWAY, VACANT, GONE, MERGED, OTHER };
enum {
    VISITED = 1,
    REACHED = 2,
    DELIVERED = 4,
    SIGNED = 8,
    REFUSED = 16,
    DELIVERED_EVIDENCED = 32,
    SIGNED_EVIDENCED = 64
};
#define KIND(place, status) (INT64_C(1) << (8 * (place) + (status)))
#define HOME                KIND(QM_PLACE_HOME, COUNTED)
#define NEAR                (HOME | KIND(QM_PLACE_HOME, AWAY))
#define MERGED_EACH                                                                                \
    (KIND(1, MERGED) | KIND(2, MERGED) | KIND(3, MERGED) | KIND(4, MERGED) | KIND(5, MERGED) |     \
     KIND(6, MERGED))
#define DOOR(outcome) (1 << (outcome))
enum { ANY = -1, NOT_REFUSED = ~DOOR(QM_REFUSED), NONE_YET = 1 };

static const struct qm_household_part household_parts[] = {
    {"all", ~MERGED_EACH, 0, 0, ANY, 0},
    {"homes", HOME, 0, 0, ANY, 0},
    {"homes_near", NEAR, 0, 0, ANY, 0},
    {"left:visited", HOME, 0, VISITED, NOT_REFUSED, 0},
    {"done:visited", HOME, VISITED, 0, ANY, 0},
    {"evidenced:visited", HOME, VISITED, 0, ANY, QM_MORE_PAPER_EVIDENCED},
    {"left:reached", NEAR, 0, REACHED, NOT_REFUSED, 0},
    {"done:reached", NEAR, REACHED, 0, ANY, 0},
    {"evidenced:reached", NEAR, REACHED, 0, ANY, QM_MORE_PAPER_EVIDENCED},
    {"left:notice_delivered", HOME, 0, DELIVERED | REFUSED, ANY, 0},
    {"done:notice_delivered", HOME, DELIVERED, 0, ANY, 0},
    {"evidenced:notice_delivered", HOME, DELIVERED_EVIDENCED, 0, ANY, 0},
    {"left:notice_signed", HOME, 0, SIGNED, ANY, QM_MORE_NOTICE_ASKABLE},
    {"done:notice_signed", HOME, SIGNED, 0, ANY, 0},
    {"evidenced:notice_signed", HOME, SIGNED_EVIDENCED, 0, ANY, 0},
    {"left:pledge", HOME, 0, 0, ANY, QM_MORE_PLEDGE_LEFT},
    {"done:pledge", HOME, 0, 0, ANY, QM_MORE_PLEDGE_DONE},
    {"evidenced:pledge", HOME, 0, 0, ANY, QM_MORE_PLEDGE_EVIDENCED},
    {"later:pledge", HOME, 0, 0, ANY, QM_MORE_PLEDGE_LATER},
    {"door:no_adult", HOME, 0, VISITED, DOOR(QM_NO_ADULT), 0},
    {"door:absent", HOME, 0, VISITED, DOOR(QM_ABSENT), 0},
    {"door:appointed", HOME, 0, VISITED, DOOR(QM_APPOINTED), 0},
    {"door:gone", HOME, 0, VISITED, DOOR(QM_GONE), 0},
    {"door:no_entry", HOME, 0, VISITED, DOOR(QM_NO_ENTRY), 0},
    {"door:moved", HOME, 0, VISITED, DOOR(QM_MOVED), 0},
    {"door:vacant", HOME, 0, VISITED, DOOR(QM_VACANT), 0},
    {"door:none", HOME, 0, VISITED, DOOR(QM_NONE), 0},
    {"door:none_yet", HOME, 0, VISITED, NONE_YET, 0},
    {"away", KIND(QM_PLACE_HOME, AWAY), 0, 0, ANY, 0},
    {"away_reached", KIND(QM_PLACE_HOME, AWAY), REACHED, 0, ANY, 0},
    {"vacant", KIND(QM_PLACE_HOME, VACANT), 0, 0, ANY, 0},
    {"gone", KIND(QM_PLACE_HOME, GONE), 0, 0, ANY, 0},
    {"other", KIND(QM_PLACE_HOME, OTHER), 0, 0, ANY, 0},
    {"unclaimed", NEAR, 0, 0, ANY, QM_MORE_UNCLAIMED},
    {"shops", KIND(QM_PLACE_SHOP, COUNTED), 0, 0, ANY, 0},
    {"shops_visited", KIND(QM_PLACE_SHOP, COUNTED), VISITED, 0, ANY, 0},
    {"enterprises", KIND(QM_PLACE_ENTERPRISE, COUNTED), 0, 0, ANY, 0},
    {"enterprises_visited", KIND(QM_PLACE_ENTERPRISE, COUNTED), VISITED, 0, ANY, 0},
    {"schools", KIND(QM_PLACE_SCHOOL, COUNTED), 0, 0, ANY, 0},
    {"schools_visited", KIND(QM_PLACE_SCHOOL, COUNTED), VISITED, 0, ANY, 0},
    {"offices", KIND(QM_PLACE_OFFICE, COUNTED), 0, 0, ANY, 0},
    {"offices_visited", KIND(QM_PLACE_OFFICE, COUNTED), VISITED, 0, ANY, 0},
    {"venues", KIND(QM_PLACE_VENUE, COUNTED), 0, 0, ANY, 0},
    {"venues_visited", KIND(QM_PLACE_VENUE, COUNTED), VISITED, 0, ANY, 0}};

/* What a resident's row says; qm.resident's columns home, status, band and alerts. */
enum { HERE = 1, HERE_AWAY = 2 }; /* home: the household is a counted home, an away one */
enum { R_COUNTED = 1, R_AWAY = 2, R_UNKNOWN_AGE = 5 };
enum { BAND_UNKNOWN, BAND_CHILD, BAND_ADULT, BAND_ELDER, BANDS };
#define RKIND(status, band) (1 << (4 * (status) + (band)))
#define RSTATUS(status)     (((1 << BANDS) - 1) << (4 * (status)))
#define AT_HOME             (1 << HERE)
#define PEOPLE              RKIND(R_COUNTED, BAND_ADULT)
#define APP(state)          (1 << (state))
#define INSTALLED           APP(QM_APP_INSTALLED)
#define APP_LEFT            (NONE_YET | APP(QM_APP_LATER) | APP(QM_APP_REMOVED))
#define APP_CANNOT          (APP(QM_APP_NO_PHONE) | APP(QM_APP_FEATURE_PHONE) | APP(QM_APP_UNFIT))
/* Of the eight combinations of alerts: those without one of them, those with all. */
enum { NO_REAL_NAME = 0x55, NO_CALL = 0x33, NO_SMS = 0x0F, NOT_ALL = 0x7F, ALL = 0x80 };

static const struct qm_resident_part resident_parts[] = {
    {"all", ANY, ANY, ANY, 0, ANY, 0},
    {"residents", AT_HOME, RSTATUS(R_COUNTED) | RSTATUS(R_UNKNOWN_AGE), ANY, 0, ANY, 0},
    {"population", AT_HOME, PEOPLE, ANY, 0, ANY, 0},
    {"left:app", AT_HOME, PEOPLE, APP_LEFT, 0, ANY, 0},
    {"done:app", AT_HOME, PEOPLE, INSTALLED, 0, ANY, 0},
    {"evidenced:app", AT_HOME, PEOPLE, INSTALLED, 0, ANY, 1},
    {"left:app_real_name", AT_HOME, PEOPLE, INSTALLED, 0, NO_REAL_NAME, 0},
    {"done:app_real_name", AT_HOME, PEOPLE, ANY, QM_ALERT_REAL_NAME, ANY, 0},
    {"evidenced:app_real_name", AT_HOME, PEOPLE, ANY, QM_ALERT_REAL_NAME, ANY, 1},
    {"left:app_call_alert", AT_HOME, PEOPLE, INSTALLED, 0, NO_CALL, 0},
    {"done:app_call_alert", AT_HOME, PEOPLE, ANY, QM_ALERT_CALL, ANY, 0},
    {"evidenced:app_call_alert", AT_HOME, PEOPLE, ANY, QM_ALERT_CALL, ANY, 1},
    {"left:app_sms_alert", AT_HOME, PEOPLE, INSTALLED, 0, NO_SMS, 0},
    {"done:app_sms_alert", AT_HOME, PEOPLE, ANY, QM_ALERT_SMS, ANY, 0},
    {"evidenced:app_sms_alert", AT_HOME, PEOPLE, ANY, QM_ALERT_SMS, ANY, 1},
    {"left:app_all", AT_HOME, PEOPLE, INSTALLED, 0, NOT_ALL, 0},
    {"done:app_all", AT_HOME, PEOPLE, INSTALLED, QM_ALERT_REAL_NAME, ALL, 0},
    {"evidenced:app_all", AT_HOME, PEOPLE, INSTALLED, QM_ALERT_REAL_NAME, ALL, 1},
    {"later:app", AT_HOME, PEOPLE, APP(QM_APP_LATER), 0, ANY, 0},
    {"cannot:app", AT_HOME, PEOPLE, APP_CANNOT, 0, ANY, 0},
    {"shared:app", AT_HOME, PEOPLE, APP(QM_APP_SHARED), 0, ANY, 0},
    {"removed:app", AT_HOME, PEOPLE, APP(QM_APP_REMOVED), 0, ANY, 0},
    {"none_yet:app", AT_HOME, PEOPLE, NONE_YET, 0, ANY, 0},
    {"away", AT_HOME | 1 << HERE_AWAY, RSTATUS(R_AWAY), ANY, 0, ANY, 0},
    {"unknown_age", AT_HOME, RSTATUS(R_UNKNOWN_AGE) | RKIND(R_COUNTED, BAND_UNKNOWN), ANY, 0, ANY,
     0},
    {"elders", AT_HOME, RKIND(R_COUNTED, BAND_ELDER), INSTALLED, 0, ANY, 0}};

enum {
    HOUSEHOLD_PARTS = sizeof household_parts / sizeof household_parts[0],
    RESIDENT_PARTS = sizeof resident_parts / sizeof resident_parts[0]
};

bool qm_household_part_closed(const struct qm_household_part *part)
{
    const int64_t told = NEAR | KIND(QM_PLACE_HOME, VACANT) | KIND(QM_PLACE_HOME, GONE);
    return part != NULL && (part->kinds & ~told) == 0 && part->more != QM_MORE_UNCLAIMED;
}

bool qm_resident_part_closed(const struct qm_resident_part *part)
{
    return part != NULL && part->homes == AT_HOME && part->kinds == PEOPLE;
}

const struct qm_household_part *qm_household_part_at(int i)
{
    return i < HOUSEHOLD_PARTS ? &household_parts[i] : NULL;
}

const struct qm_resident_part *qm_resident_part_at(int i)
{
    return i < RESIDENT_PARTS ? &resident_parts[i] : NULL;
}

const struct qm_household_part *qm_household_part(const char *name)
{
    for (int i = 0; i < HOUSEHOLD_PARTS; i++) {
        if (strcmp(household_parts[i].name, name) == 0)
            return &household_parts[i];
    }
    return NULL;
}

const struct qm_resident_part *qm_resident_part(const char *name)
{
    for (int i = 0; i < RESIDENT_PARTS; i++) {
        if (strcmp(resident_parts[i].name, name) == 0)
            return &resident_parts[i];
    }
    return NULL;
}
