/* coverage_json.c - see coverage_json.h.
 * Failure: a row that is none of qm.coverage makes the whole answer fail; a buffer without room is
 * sticky and comes out at the end.
 */
#include "edge/coverage_json.h"

#include <string.h>

#include "wire/codec.h"
#include "wire/json.h"

static void write_stage(struct qm_buf *out, const char *name, const struct qm_target *t,
                        int64_t gap)
{
    char from[11];
    char due[11];
    if (t == NULL) {
        qm_buf_printf(out, ",\"%s\":null", name);
        return;
    }
    qm_day_write(t->from_day, from);
    qm_day_write(t->due_day, due);
    qm_buf_printf(out,
                  ",\"%s\":{\"prefix\":\"%s\",\"basis\":\"%s\",\"assurance\":\"%s\","
                  "\"threshold\":%d,\"from\":\"%s\",\"due\":\"%s\",\"gap\":%lld,\"met\":%s}",
                  name, t->prefix, qm_basis_name(t->basis), t->evidenced ? "evidenced" : "reported",
                  t->threshold, from, due, (long long)gap, gap == 0 ? "true" : "false");
}

static void write_figure(struct qm_buf *out, enum qm_cover m, const struct qm_figure *f)
{
    qm_buf_printf(out, "\"%s\":{\"state\":\"%s\"", qm_cover_name(m),
                  qm_figure_state_name(f->state));
    if (f->state == QM_FIGURE_OK || f->state == QM_FIGURE_EMPTY)
        qm_buf_printf(out, ",\"num\":%lld,\"evidenced\":%lld,\"den\":%lld,\"refused\":%lld",
                      (long long)f->num, (long long)f->num_evidenced, (long long)f->den,
                      (long long)f->refused);
    else
        qm_buf_puts(out, ",\"num\":null,\"evidenced\":null,\"den\":null,\"refused\":null");
    if (f->state == QM_FIGURE_OK)
        qm_buf_printf(out, ",\"percent\":%d,\"percent_evidenced\":%d", f->percent,
                      f->percent_evidenced);
    else
        qm_buf_puts(out, ",\"percent\":null,\"percent_evidenced\":null");
    write_stage(out, "target", f->now, f->gap);
    write_stage(out, "next", f->next, f->gap_next);
    qm_buf_puts(out, "}");
}

static void write_beside(struct qm_buf *out, const struct qm_coverage_row *row)
{
    qm_buf_puts(out, ",\"beside\":");
    if (!row->counted || row->places < QM_C_COUNT_ - 1) {
        qm_buf_puts(out, "null");
        return;
    }
    int64_t cannot =
        row->v[QM_C_APP_NO_PHONE] + row->v[QM_C_APP_FEATURE_PHONE] + row->v[QM_C_APP_UNFIT];
    qm_buf_printf(out, "{\"app_cannot\":%lld", (long long)cannot);
    for (int place = 1; place < QM_C_COUNT_; place++) {
        if (!qm_counter_of_metric(place))
            qm_buf_printf(out, ",\"%s\":%lld", qm_counter_name(place), (long long)row->v[place]);
    }
    qm_buf_puts(out, "}");
}

static void write_row(struct qm_buf *out, const struct qm_coverage_row *row,
                      const struct qm_targets *targets)
{
    qm_buf_printf(out, "{\"code\":\"%s\",\"name\":", row->code);
    qm_json_quote(out, row->name, strlen(row->name));
    qm_buf_puts(out, ",\"figures\":{");
    for (int m = 0; m < QM_COVER_COUNT_; m++) {
        struct qm_figure f;
        qm_figure_compute(row, (enum qm_cover)m, targets, &f);
        qm_buf_puts(out, m > 0 ? "," : "");
        write_figure(out, (enum qm_cover)m, &f);
    }
    qm_buf_puts(out, "}");
    write_beside(out, row);
    qm_buf_puts(out, "}");
}

static void write_as_of(struct qm_buf *out, const struct qm_coverage_row *row)
{
    char day[11];
    qm_day_write(row->age_day, day);
    qm_buf_printf(out, "{\"size\":%lld,\"recv\":%lld,\"day\":\"%s\",\"tree\":%d}",
                  (long long)row->size, (long long)row->recv_ms, day, row->tree);
}

qm_err qm_coverage_json(const struct qm_pg_result *r, const char *level, const char *within,
                        const struct qm_targets *targets, enum qm_targets_state state,
                        struct qm_buf *out)
{
    static const char *const states[] = {"ok", "none", "failed"};
    struct qm_coverage_row row;
    qm_buf_printf(out, "{\"level\":\"%s\",\"within\":\"%s\",\"asof\":", level, within);
    int rows = qm_pg_rows(r);
    if (rows > 0 && qm_coverage_row(r, 0, &row) == QM_OK)
        write_as_of(out, &row);
    else
        qm_buf_puts(out, "null");
    qm_buf_printf(out, ",\"targets\":\"%s\",\"rows\":[", states[state]);
    for (int i = 0; i < rows; i++) {
        qm_err err = qm_coverage_row(r, i, &row);
        if (err != QM_OK)
            return err;
        qm_buf_puts(out, i > 0 ? "," : "");
        write_row(out, &row, targets);
    }
    return qm_buf_puts(out, "]}");
}
