/* fold.c - see fold.h.  Nothing can fail. */
#include "audit/fold.h"

#include <string.h>

#include "wire/event.h"

static const char *const names[QM_AU_METRICS] = {
    "visited", "reached",       "notice_delivered", "notice_signed", "pledge",
    "app",     "app_real_name", "app_call_alert",   "app_sms_alert", "app_all"};

int qm_au_metric_of(const char *name, size_t len)
{
    for (int m = 0; m < QM_AU_METRICS; m++) {
        if (strlen(names[m]) == len && memcmp(names[m], name, len) == 0)
            return m;
    }
    return -1;
}

/* ---- latest: greatest (min(at, recv), at, id) ---- */

static int order(const struct qm_au_latest *x, const struct qm_au_latest *y)
{
    if (x->t != y->t)
        return x->t < y->t ? -1 : 1;
    if (x->at != y->at)
        return x->at < y->at ? -1 : 1;
    return memcmp(x->id, y->id, QM_ID_BYTES);
}

static void keep_latest(struct qm_au_latest *l, const struct qm_au_latest *new)
{
    if (order(l, new) < 0)
        *l = *new;
}

static struct qm_au_latest latest_of(const struct qm_au_event *e)
{
    struct qm_au_latest l = {.t = e->at < e->recv ? e->at : e->recv, .at = e->at};
    memcpy(l.id, e->id, QM_ID_BYTES);
    l.code = e->code;
    l.alerts = e->alerts;
    l.na = e->na;
    l.proved = e->proved;
    return l;
}

void qm_au_state_clear(struct qm_au_state *s, bool resident)
{
    memset(s, 0, sizeof *s);
    s->resident = resident;
    if (resident) {
        s->of.app.t = -1;
        return;
    }
    struct qm_au_home *h = &s->of.home;
    h->visit.t = h->pledge.t = h->pledged.t = h->withdrawn.t = h->pledged_proved.t = -1;
}

/* ---- households ---- */

static void add_visit(struct qm_au_home *h, const struct qm_au_event *e)
{
    struct qm_au_latest l = latest_of(e);
    if (e->code == QM_MET) {
        h->met = true;
        h->met_at_door =
            h->met_at_door || e->via == QM_DOOR || e->via == QM_PAPER || e->via == QM_CARRIED;
    }
    keep_latest(&h->visit, &l);
}

static void add_notice(struct qm_au_home *h, const struct qm_au_event *e)
{
    bool is_signed = e->code == QM_NOTICE_SIGNED;
    bool delivered = is_signed || e->code == QM_NOTICE_LEFT;
    h->delivered = h->delivered || delivered;
    h->delivered_proved = h->delivered_proved || (delivered && e->proved);
    h->signed_ = h->signed_ || is_signed;
    h->signed_proved = h->signed_proved || (is_signed && e->proved);
    h->declined = h->declined || e->code == QM_NOTICE_REFUSED;
}

static void add_pledge(struct qm_au_home *h, const struct qm_au_event *e)
{
    struct qm_au_latest l = latest_of(e);
    keep_latest(&h->pledge, &l);
    if (e->code == QM_PLEDGE_WITHDRAWN)
        keep_latest(&h->withdrawn, &l);
    if (e->code == QM_PLEDGE_SIGNED)
        keep_latest(&h->pledged, &l);
    if (e->code == QM_PLEDGE_SIGNED && e->proved)
        keep_latest(&h->pledged_proved, &l);
}

void qm_au_state_add(struct qm_au_state *s, const struct qm_au_event *e)
{
    if (s->resident && e->kind == QM_APP) {
        struct qm_au_latest l = latest_of(e);
        keep_latest(&s->of.app, &l);
    } else if (!s->resident && e->kind == QM_VISIT) {
        add_visit(&s->of.home, e);
    } else if (!s->resident && e->kind == QM_NOTICE) {
        add_notice(&s->of.home, e);
    } else if (!s->resident && e->kind == QM_PLEDGE) {
        add_pledge(&s->of.home, e);
    }
}

/* ---- figures ---- */

static unsigned bit(enum qm_au_metric m, bool on)
{
    return on ? 1U << m : 0;
}

static void home_figures(const struct qm_au_home *h, struct qm_au_figures *f)
{
    bool pledge = h->pledged.t >= 0 && order(&h->withdrawn, &h->pledged) < 0;
    bool pledge_proved = h->pledged_proved.t >= 0 && order(&h->withdrawn, &h->pledged_proved) < 0;
    bool proved = h->delivered_proved || pledge_proved;
    bool closed = h->visit.t >= 0 && h->visit.code == QM_REFUSED;
    bool declined = h->declined && !h->delivered;
    bool unwilling = h->pledge.t >= 0 && h->pledge.code == QM_PLEDGE_REFUSED;
    f->reported = bit(QM_AU_VISITED, h->met_at_door) | bit(QM_AU_REACHED, h->met) |
                  bit(QM_AU_NOTICE_DELIVERED, h->delivered) | bit(QM_AU_NOTICE_SIGNED, h->signed_) |
                  bit(QM_AU_PLEDGE, pledge);
    f->evidenced = bit(QM_AU_VISITED, h->met_at_door && proved) |
                   bit(QM_AU_REACHED, h->met && proved) |
                   bit(QM_AU_NOTICE_DELIVERED, h->delivered_proved) |
                   bit(QM_AU_NOTICE_SIGNED, h->signed_proved) | bit(QM_AU_PLEDGE, pledge_proved);
    f->refused = bit(QM_AU_VISITED, closed && !h->met_at_door) |
                 bit(QM_AU_REACHED, closed && !h->met) | bit(QM_AU_NOTICE_DELIVERED, declined) |
                 bit(QM_AU_NOTICE_SIGNED, declined) | bit(QM_AU_PLEDGE, unwilling && !pledge);
    f->last = h->visit.t >= 0 ? h->visit.code : 0;
}

static void app_figures(const struct qm_au_latest *app, struct qm_au_figures *f)
{
    bool installed = app->t >= 0 && app->code == QM_APP_INSTALLED;
    bool refused = app->t >= 0 && app->code == QM_APP_REFUSED;
    unsigned has = app->alerts, covered = app->alerts | app->na;
    bool all = (has & QM_ALERT_REAL_NAME) != 0 && (covered & QM_ALERT_CALL) != 0 &&
               (covered & QM_ALERT_SMS) != 0;
    if (installed)
        f->reported = bit(QM_AU_APP, true) |
                      bit(QM_AU_APP_REAL_NAME, (has & QM_ALERT_REAL_NAME) != 0) |
                      bit(QM_AU_APP_CALL_ALERT, (has & QM_ALERT_CALL) != 0) |
                      bit(QM_AU_APP_SMS_ALERT, (has & QM_ALERT_SMS) != 0) | bit(QM_AU_APP_ALL, all);
    if (app->proved)
        f->evidenced = f->reported;
    for (int m = QM_AU_APP; refused && m < QM_AU_METRICS; m++)
        f->refused |= bit((enum qm_au_metric)m, true);
    f->last = app->t >= 0 ? app->code : 0;
}

void qm_au_state_figures(const struct qm_au_state *s, struct qm_au_figures *out)
{
    memset(out, 0, sizeof *out);
    if (s->resident)
        app_figures(&s->of.app, out);
    else
        home_figures(&s->of.home, out);
}
