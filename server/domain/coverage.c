/* coverage.c - see coverage.h.
 * Happy path and failure modes: as there.  Contract: section 6 (denominators, shown percentage,
 * target met).
 */
#include "domain/coverage.h"

#include <string.h>

static const char *const counter_names[QM_C_COUNT_] = {
    [QM_C_HOMES] = "homes",
    [QM_C_HOMES_NEAR] = "homes_near",
    [QM_C_VISITED] = "visited",
    [QM_C_VISITED_EVIDENCED] = "visited_evidenced",
    [QM_C_REACHED] = "reached",
    [QM_C_REACHED_EVIDENCED] = "reached_evidenced",
    [QM_C_NOTICE_DELIVERED] = "notice_delivered",
    [QM_C_NOTICE_DELIVERED_EVIDENCED] = "notice_delivered_evidenced",
    [QM_C_NOTICE_SIGNED] = "notice_signed",
    [QM_C_NOTICE_SIGNED_EVIDENCED] = "notice_signed_evidenced",
    [QM_C_PLEDGE] = "pledge",
    [QM_C_PLEDGE_EVIDENCED] = "pledge_evidenced",
    [QM_C_VISITED_REFUSED] = "visited_refused",
    [QM_C_REACHED_REFUSED] = "reached_refused",
    [QM_C_NOTICE_REFUSED] = "notice_refused",
    [QM_C_PLEDGE_REFUSED] = "pledge_refused",
    [QM_C_PLEDGE_LATER] = "pledge_later",
    [QM_C_PLEDGE_WITHDRAWN] = "pledge_withdrawn",
    [QM_C_DOOR_NO_ADULT] = "door_no_adult",
    [QM_C_DOOR_ABSENT] = "door_absent",
    [QM_C_DOOR_APPOINTED] = "door_appointed",
    [QM_C_DOOR_GONE] = "door_gone",
    [QM_C_DOOR_NO_ENTRY] = "door_no_entry",
    [QM_C_DOOR_MOVED] = "door_moved",
    [QM_C_DOOR_VACANT] = "door_vacant",
    [QM_C_DOOR_NONE] = "door_none",
    [QM_C_DOOR_NONE_YET] = "door_none_yet",
    [QM_C_AWAY] = "away",
    [QM_C_VACANT] = "vacant",
    [QM_C_GONE] = "gone",
    [QM_C_OTHER] = "other",
    [QM_C_UNCLAIMED] = "unclaimed",
    [QM_C_AWAY_REACHED] = "away_reached",
    [QM_C_VISITS] = "visits",
    [QM_C_VISITS_POLICE] = "visits_police",
    [QM_C_SHOPS] = "shops",
    [QM_C_SHOPS_VISITED] = "shops_visited",
    [QM_C_ENTERPRISES] = "enterprises",
    [QM_C_ENTERPRISES_VISITED] = "enterprises_visited",
    [QM_C_SCHOOLS] = "schools",
    [QM_C_SCHOOLS_VISITED] = "schools_visited",
    [QM_C_OFFICES] = "offices",
    [QM_C_OFFICES_VISITED] = "offices_visited",
    [QM_C_VENUES] = "venues",
    [QM_C_VENUES_VISITED] = "venues_visited",
    [QM_C_POPULATION] = "population",
    [QM_C_APP] = "app",
    [QM_C_APP_EVIDENCED] = "app_evidenced",
    [QM_C_APP_REAL_NAME] = "app_real_name",
    [QM_C_APP_REAL_NAME_EVIDENCED] = "app_real_name_evidenced",
    [QM_C_APP_CALL_ALERT] = "app_call_alert",
    [QM_C_APP_CALL_ALERT_EVIDENCED] = "app_call_alert_evidenced",
    [QM_C_APP_SMS_ALERT] = "app_sms_alert",
    [QM_C_APP_SMS_ALERT_EVIDENCED] = "app_sms_alert_evidenced",
    [QM_C_APP_ALL] = "app_all",
    [QM_C_APP_ALL_EVIDENCED] = "app_all_evidenced",
    [QM_C_APP_REFUSED] = "app_refused",
    [QM_C_APP_LATER] = "app_later",
    [QM_C_APP_NO_PHONE] = "app_no_phone",
    [QM_C_APP_FEATURE_PHONE] = "app_feature_phone",
    [QM_C_APP_UNFIT] = "app_unfit",
    [QM_C_APP_SHARED] = "app_shared",
    [QM_C_APP_REMOVED] = "app_removed",
    [QM_C_APP_NONE_YET] = "app_none_yet",
    [QM_C_RESIDENTS_AWAY] = "residents_away",
    [QM_C_RESIDENTS_UNKNOWN_AGE] = "residents_unknown_age",
    [QM_C_RESIDENTS] = "residents",
    [QM_C_ELDERS_APP] = "elders_app",
};

/* The one list of what a metric is made of. */
static const struct {
    const char *name;
    int num, evidenced, den, refused;
} metrics[QM_COVER_COUNT_] = {
    [QM_COVER_VISITED] = {"visited", QM_C_VISITED, QM_C_VISITED_EVIDENCED, QM_C_HOMES,
                          QM_C_VISITED_REFUSED},
    [QM_COVER_REACHED] = {"reached", QM_C_REACHED, QM_C_REACHED_EVIDENCED, QM_C_HOMES_NEAR,
                          QM_C_REACHED_REFUSED},
    [QM_COVER_NOTICE_DELIVERED] = {"notice_delivered", QM_C_NOTICE_DELIVERED,
                                   QM_C_NOTICE_DELIVERED_EVIDENCED, QM_C_HOMES,
                                   QM_C_NOTICE_REFUSED},
    [QM_COVER_NOTICE_SIGNED] = {"notice_signed", QM_C_NOTICE_SIGNED, QM_C_NOTICE_SIGNED_EVIDENCED,
                                QM_C_HOMES, QM_C_NOTICE_REFUSED},
    [QM_COVER_PLEDGE] = {"pledge", QM_C_PLEDGE, QM_C_PLEDGE_EVIDENCED, QM_C_HOMES,
                         QM_C_PLEDGE_REFUSED},
    [QM_COVER_APP] = {"app", QM_C_APP, QM_C_APP_EVIDENCED, QM_C_POPULATION, QM_C_APP_REFUSED},
    [QM_COVER_APP_REAL_NAME] = {"app_real_name", QM_C_APP_REAL_NAME, QM_C_APP_REAL_NAME_EVIDENCED,
                                QM_C_POPULATION, QM_C_APP_REFUSED},
    [QM_COVER_APP_CALL_ALERT] = {"app_call_alert", QM_C_APP_CALL_ALERT,
                                 QM_C_APP_CALL_ALERT_EVIDENCED, QM_C_POPULATION, QM_C_APP_REFUSED},
    [QM_COVER_APP_SMS_ALERT] = {"app_sms_alert", QM_C_APP_SMS_ALERT, QM_C_APP_SMS_ALERT_EVIDENCED,
                                QM_C_POPULATION, QM_C_APP_REFUSED},
    [QM_COVER_APP_ALL] = {"app_all", QM_C_APP_ALL, QM_C_APP_ALL_EVIDENCED, QM_C_POPULATION,
                          QM_C_APP_REFUSED},
};

/* No county has so many people; above it the products below could overflow. */
#define COUNT_MAX INT64_C(100000000000000)

const char *qm_counter_name(int place)
{
    return place > 0 && place < QM_C_COUNT_ ? counter_names[place] : NULL;
}

bool qm_counter_of_metric(int place)
{
    for (int m = 0; m < QM_COVER_COUNT_; m++) {
        if (place == metrics[m].num || place == metrics[m].evidenced || place == metrics[m].den ||
            place == metrics[m].refused)
            return true;
    }
    return false;
}

const char *qm_cover_name(enum qm_cover m)
{
    return metrics[m].name;
}

struct qm_cover_places qm_cover_places(enum qm_cover m)
{
    return (struct qm_cover_places){.num = metrics[m].num,
                                    .evidenced = metrics[m].evidenced,
                                    .den = metrics[m].den,
                                    .refused = metrics[m].refused};
}

qm_err qm_cover_read(const char *name, enum qm_cover *out)
{
    for (int m = 0; m < QM_COVER_COUNT_; m++) {
        if (strcmp(name, metrics[m].name) == 0) {
            *out = (enum qm_cover)m;
            return QM_OK;
        }
    }
    return QM_E_NOT_FOUND;
}

const char *qm_basis_name(enum qm_basis b)
{
    static const char *const names[] = {"door", "reach", "register"};
    return names[b];
}

const char *qm_figure_state_name(enum qm_figure_state s)
{
    static const char *const names[] = {"ok", "empty", "not_computed", "failed"};
    return names[s];
}

/* ---- targets ---- */

/* Length of the longest prefix that this metric's rows have for the code; 0 if none fits. */
static size_t fitting_prefix(const struct qm_targets *t, enum qm_cover m, const char *code)
{
    size_t longest = 0;
    for (size_t i = 0; i < t->n; i++) {
        size_t len = strlen(t->list[i].prefix);
        if (t->list[i].metric == m && len > longest && strncmp(t->list[i].prefix, code, len) == 0)
            longest = len;
    }
    return longest;
}

static bool stage_of(const struct qm_target *x, enum qm_cover m, const char *code, size_t prefix)
{
    return x->metric == m && strlen(x->prefix) == prefix && strncmp(x->prefix, code, prefix) == 0;
}

const struct qm_target *qm_target_now(const struct qm_targets *t, enum qm_cover m, const char *code,
                                      int32_t day)
{
    size_t prefix = fitting_prefix(t, m, code);
    const struct qm_target *due = NULL;
    const struct qm_target *past = NULL;
    for (size_t i = 0; prefix > 0 && i < t->n; i++) {
        const struct qm_target *x = &t->list[i];
        if (!stage_of(x, m, code, prefix) || x->from_day > day)
            continue;
        if (x->due_day >= day && (due == NULL || x->due_day < due->due_day))
            due = x;
        if (x->due_day < day && (past == NULL || x->due_day > past->due_day))
            past = x;
    }
    return due != NULL ? due : past;
}

const struct qm_target *qm_target_next(const struct qm_targets *t, enum qm_cover m,
                                       const char *code, int32_t day)
{
    const struct qm_target *now = qm_target_now(t, m, code, day);
    size_t prefix = fitting_prefix(t, m, code);
    const struct qm_target *next = NULL;
    for (size_t i = 0; prefix > 0 && i < t->n; i++) {
        const struct qm_target *x = &t->list[i];
        if (!stage_of(x, m, code, prefix) || (now != NULL && x->due_day <= now->due_day))
            continue;
        if (next == NULL || x->due_day < next->due_day)
            next = x;
    }
    return next;
}

/* ---- figures ---- */

int32_t qm_percent(int64_t num, int64_t den)
{
    return (int32_t)(num * 10000 / den);
}

int64_t qm_gap(int64_t num, int64_t den, int32_t threshold)
{
    int64_t needed = (den * threshold + 9999) / 10000;
    return needed > num ? needed - num : 0;
}

static bool plausible(const struct qm_figure *f)
{
    return f->den >= 0 && f->den <= COUNT_MAX && f->num >= 0 && f->num <= f->den &&
           f->num_evidenced >= 0 && f->num_evidenced <= f->num && f->refused >= 0 &&
           f->refused <= f->den;
}

static void hold_against(struct qm_figure *f, const struct qm_targets *t, enum qm_cover m,
                         const struct qm_coverage_row *row)
{
    f->now = qm_target_now(t, m, row->code, row->age_day);
    f->next = qm_target_next(t, m, row->code, row->age_day);
    if (f->now != NULL) {
        f->gap = qm_gap(f->now->evidenced ? f->num_evidenced : f->num, f->den, f->now->threshold);
        f->met = f->gap == 0;
    }
    if (f->next != NULL)
        f->gap_next =
            qm_gap(f->next->evidenced ? f->num_evidenced : f->num, f->den, f->next->threshold);
}

void qm_figure_compute(const struct qm_coverage_row *row, enum qm_cover m,
                       const struct qm_targets *t, struct qm_figure *out)
{
    memset(out, 0, sizeof *out);
    if (!row->counted) {
        out->state = QM_FIGURE_NOT_COMPUTED;
        return;
    }
    out->num = row->v[metrics[m].num];
    out->num_evidenced = row->v[metrics[m].evidenced];
    out->den = row->v[metrics[m].den];
    out->refused = row->v[metrics[m].refused];
    if (row->places < QM_C_COUNT_ - 1 || !plausible(out)) {
        out->state = QM_FIGURE_FAILED;
        return;
    }
    if (out->den == 0) {
        out->state = QM_FIGURE_EMPTY;
        return;
    }
    out->percent = qm_percent(out->num, out->den);
    out->percent_evidenced = qm_percent(out->num_evidenced, out->den);
    if (t != NULL)
        hold_against(out, t, m, row);
}

/* ---- asking ---- */

size_t qm_level_digits(const char *level)
{
    static const struct {
        const char *name;
        size_t digits;
    } levels[] = {{"county", 6}, {"township", 9}, {"village", 12}, {"grid", 15}};
    for (size_t i = 0; i < sizeof levels / sizeof levels[0]; i++) {
        if (strcmp(level, levels[i].name) == 0)
            return levels[i].digits;
    }
    return 0;
}

struct qm_pg_params *qm_coverage_params(const struct qm_coverage_ask *ask)
{
    struct qm_pg_params *p = qm_pg_params_new();
    if (p == NULL)
        return NULL;
    qm_pg_int4(p, ask->county);
    qm_pg_text(p, ask->role, strlen(ask->role));
    qm_pg_text(p, ask->prefix, strlen(ask->prefix));
    qm_pg_text(p, ask->level, strlen(ask->level));
    qm_pg_text(p, ask->within, strlen(ask->within));
    return p;
}

qm_err qm_coverage_read(struct qm_pg *pg, const struct qm_coverage_ask *ask, qm_pg_done done,
                        void *ctx)
{
    struct qm_pg_params *p = qm_coverage_params(ask);
    if (p == NULL)
        return QM_E_NOMEM;
    bool board = strcmp(ask->level, "village") == 0;
    return qm_pg_submit(pg, board ? "board" : "coverage", p, 0, done, ctx);
}

static uint64_t read_be(const uint8_t *p, size_t bytes)
{
    uint64_t x = 0;
    for (size_t i = 0; i < bytes; i++)
        x = x << 8 | p[i];
    return x;
}

void qm_coverage_unpack(const uint8_t *p, size_t len, struct qm_coverage_row *out)
{
    out->counted = true;
    out->places = len / 4;
    for (size_t i = 0; i < len / 4 && i + 1 < QM_C_COUNT_; i++)
        out->v[i + 1] = (int32_t)read_be(p + 4 * i, 4);
}

/* As qm.as_of wrote it. */
static qm_err read_as_of(const struct qm_pg_result *r, int row, struct qm_coverage_row *out)
{
    size_t len = 0;
    const uint8_t *p = qm_pg_is_null(r, row, 3) ? NULL : qm_pg_get_bytes(r, row, 3, &len);
    if (p == NULL || len != 24)
        return QM_E_CORRUPT;
    out->size = (int64_t)read_be(p, 8);
    out->recv_ms = (int64_t)read_be(p + 8, 8);
    out->age_day = (int32_t)read_be(p + 16, 4);
    out->tree = (int)read_be(p + 20, 4);
    return QM_OK;
}

qm_err qm_coverage_row(const struct qm_pg_result *r, int row, struct qm_coverage_row *out)
{
    memset(out, 0, sizeof *out);
    const char *code = qm_pg_get_text(r, row, 0);
    if (code == NULL || strlen(code) >= sizeof out->code)
        return QM_E_CORRUPT;
    memcpy(out->code, code, strlen(code) + 1);
    out->name = qm_pg_is_null(r, row, 1) ? "" : qm_pg_get_text(r, row, 1);
    out->counted = !qm_pg_is_null(r, row, 2);
    if (out->counted) {
        size_t len = 0;
        const uint8_t *packed = qm_pg_get_bytes(r, row, 2, &len);
        qm_coverage_unpack(packed, len, out);
    }
    return read_as_of(r, row, out);
}

qm_err qm_setting_read(struct qm_pg *pg, int county, const char *kind, qm_pg_done done, void *ctx)
{
    struct qm_pg_params *p = qm_pg_params_new();
    if (p == NULL)
        return QM_E_NOMEM;
    qm_pg_int4(p, county);
    qm_pg_text(p, kind, strlen(kind));
    return qm_pg_submit(pg, "setting", p, 0, done, ctx);
}
