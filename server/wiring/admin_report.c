/* admin_report.c - floor 5: the coverage table and the recount.
 * Happy path: one read; a table for people, the API's own JSON with --json.
 * Failure: a recount that finds differences lists them and exits with 1.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "edge/coverage_json.h"
#include "edge/settings.h"
#include "wire/json.h"
#include "wiring/admin_console.h"

/* ---- coverage ---- */

static int load_targets(struct qm_office *a, struct qm_targets *t, enum qm_targets_state *state)
{
    struct qm_pg_params *p = qm_office_params(a);
    struct qm_pg_result *r = NULL;
    qm_office_add_text(p, "targets");
    int code = qm_office_query(a, "setting", p, &r);
    if (code != QM_OFFICE_OK)
        return code;
    *state = QM_TARGETS_NONE;
    if (qm_pg_rows(r) == 1) {
        size_t len = 0;
        const uint8_t *body = qm_pg_get_bytes(r, 0, 0, &len);
        bool good = qm_targets_read((const char *)body, len, a->county, t, NULL) == QM_OK;
        *state = good ? QM_TARGETS_OK : QM_TARGETS_FAILED;
    }
    qm_pgb_result_free(r);
    return QM_OFFICE_OK;
}

static void say_figure(char *line, size_t max, const struct qm_figure *f)
{
    size_t at = strlen(line);
    switch (f->state) {
    case QM_FIGURE_OK:
        snprintf(line + at, max - at, "  %6lld/%-6lld %3d.%02d%%", (long long)f->num,
                 (long long)f->den, f->percent / 100, f->percent % 100);
        break;
    case QM_FIGURE_EMPTY:
        snprintf(line + at, max - at, "  %6d/%-6d %7s", 0, 0, "-");
        break;
    case QM_FIGURE_NOT_COMPUTED:
        snprintf(line + at, max - at, "  %21s", "not computed");
        break;
    case QM_FIGURE_FAILED:
        snprintf(line + at, max - at, "  %21s", "FAILED");
        break;
    }
}

static void say_target(struct qm_office *a, const struct qm_coverage_row *row, enum qm_cover m,
                       const struct qm_figure *f)
{
    char due[11];
    if (f->now == NULL)
        return;
    qm_day_write(f->now->due_day, due);
    char need[40] = "met";
    if (!f->met)
        snprintf(need, sizeof need, "still needed: %lld", (long long)f->gap);
    qm_office_say(a, "%-15s    target of %s: %d.%02d%% until %s, %s", row->code, qm_cover_name(m),
                  f->now->threshold / 100, f->now->threshold % 100, due, need);
}

static void say_table(struct qm_office *a, const struct qm_pg_result *r, const struct qm_targets *t)
{
    static const enum qm_cover shown[] = {QM_COVER_VISITED, QM_COVER_REACHED,
                                          QM_COVER_NOTICE_DELIVERED, QM_COVER_PLEDGE, QM_COVER_APP};
    qm_office_say(a, "%-15s  %-21s  %-21s  %-21s  %-21s  %-21s  name", "code", "visited", "reached",
                  "notice_delivered", "pledge", "app");
    for (int i = 0; i < qm_pg_rows(r); i++) {
        struct qm_coverage_row row;
        char line[400];
        if (qm_coverage_row(r, i, &row) != QM_OK)
            continue;
        snprintf(line, sizeof line, "%-15s", row.code);
        for (size_t k = 0; k < sizeof shown / sizeof shown[0]; k++) {
            struct qm_figure f;
            qm_figure_compute(&row, shown[k], t, &f);
            say_figure(line, sizeof line, &f);
        }
        qm_office_say(a, "%s  %s", line, row.name);
        for (int m = 0; m < QM_COVER_COUNT_; m++) {
            struct qm_figure f;
            qm_figure_compute(&row, (enum qm_cover)m, t, &f);
            say_target(a, &row, (enum qm_cover)m, &f);
        }
    }
}

static int show_coverage(struct qm_office *a, const char *level, const char *within,
                         const struct qm_targets *t, enum qm_targets_state state)
{
    char own[16];
    snprintf(own, sizeof own, "%06d", a->county);
    struct qm_coverage_ask ask = {
        .county = a->county, .role = "admin", .prefix = own, .level = level, .within = within};
    struct qm_pg_result *r = NULL;
    int code = qm_office_query(a, "coverage", qm_coverage_params(&ask), &r);
    if (code != QM_OFFICE_OK)
        return code;
    struct qm_buf json;
    qm_buf_init(&json, a->members.max_bytes);
    if (qm_coverage_json(r, level, within, t, state, &json) != QM_OK)
        code = qm_office_fail(a, QM_OFFICE_AWAY, "the coverage table could not be made");
    else
        qm_office_raw(a, "coverage", &json);
    say_table(a, r, t);
    if (state == QM_TARGETS_FAILED)
        qm_office_say(a, "the targets in force cannot be read: set them anew");
    qm_buf_free(&json);
    qm_pgb_result_free(r);
    return code;
}

int qm_admin_coverage(struct qm_office *a)
{
    char own[16];
    const char *within = qm_office_prefix(a, own);
    if (within == NULL)
        return QM_OFFICE_USAGE;
    const char *level = a->option[QM_O_LEVEL] != NULL ? a->option[QM_O_LEVEL]
                        : strlen(within) == 15        ? "grid"
                                                      : "village";
    if (qm_level_digits(level) < strlen(within))
        return qm_office_fail(a, QM_OFFICE_USAGE,
                              "--level: grid, village, township or county, and not above %s",
                              within);
    struct qm_targets t = {0};
    enum qm_targets_state state = QM_TARGETS_NONE;
    int code = load_targets(a, &t, &state);
    if (code == QM_OFFICE_OK)
        code = show_coverage(a, level, within, &t, state);
    free(t.list);
    return code;
}

/* ---- recount ---- */

static void say_difference(struct qm_office *a, const struct qm_pg_result *r, int i,
                           struct qm_buf *json)
{
    const char *subject = qm_pg_get_text(r, i, 0);
    int place = (int)qm_pg_get_int(r, i, 1);
    const char *name = qm_counter_name(place);
    qm_buf_printf(json, "%s{\"subject\":", i > 0 ? "," : "");
    qm_json_quote(json, subject, strlen(subject));
    qm_buf_printf(json, ",\"place\":%d,\"name\":\"%s\",\"kept\":%lld,\"counted\":%lld}", place,
                  name != NULL ? name : "state", (long long)qm_pg_get_int(r, i, 2),
                  (long long)qm_pg_get_int(r, i, 3));
    qm_office_say(a, "%s: %s: kept %lld, counted %lld", subject, name != NULL ? name : "state",
                  (long long)qm_pg_get_int(r, i, 2), (long long)qm_pg_get_int(r, i, 3));
}

int qm_admin_recount(struct qm_office *a)
{
    char own[16];
    const char *within = qm_office_prefix(a, own);
    if (within == NULL)
        return QM_OFFICE_USAGE;
    struct qm_pg_params *p = qm_office_params(a);
    qm_office_add_text(p, within);
    struct qm_pg_result *r = NULL;
    int code = qm_office_query(a, "recount", p, &r);
    if (code != QM_OFFICE_OK)
        return code;
    int n = qm_pg_rows(r);
    struct qm_buf json;
    qm_buf_init(&json, a->members.max_bytes);
    qm_buf_puts(&json, "[");
    for (int i = 0; i < n; i++)
        say_difference(a, r, i, &json);
    qm_buf_puts(&json, "]");
    qm_office_int(a, "differences", n);
    qm_office_raw(a, "list", &json);
    qm_buf_free(&json);
    qm_pgb_result_free(r);
    if (n > 0)
        return qm_office_fail(a, QM_OFFICE_REFUSED,
                              "%d differences between the counters and the events: publish nothing "
                              "and report them",
                              n);
    qm_office_say(a, "all counters of %s equal the events, to the last digit", within);
    return QM_OFFICE_OK;
}
