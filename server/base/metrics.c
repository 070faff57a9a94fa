/* metrics.c - floor 1: counters, gauges and histograms; see metrics.h.
 *
 * Happy path: an update is an addition in a static table; the text is made when it is asked for.
 * Failure mode: a buffer too small for the text; its sticky error is returned.
 */
#include "base/metrics.h"

#include <stddef.h>
#include <string.h>

#include "base/log.h"

struct row {
    const char *name;
    const char *type;
    const char *label; /* NULL, or name="value"; rows of one name stand together */
    const char *help;
};

#define ANSWERS(class)                                                                             \
    {                                                                                              \
        "qm_http_answers_total", "counter", "class=\"" class "\"", "Answers by status class."      \
    }
#define COUNTER(name, help)                                                                        \
    {                                                                                              \
        name, "counter", NULL, help                                                                \
    }
#define GAUGE(name, help)                                                                          \
    {                                                                                              \
        name, "gauge", NULL, help                                                                  \
    }

static const struct row rows[QM_M_COUNT_] = {
    [QM_M_HTTP_REQUESTS] = COUNTER("qm_http_requests_total", "Requests that reached a route."),
    [QM_M_HTTP_ANSWERS_1XX] = ANSWERS("1xx"),
    [QM_M_HTTP_ANSWERS_2XX] = ANSWERS("2xx"),
    [QM_M_HTTP_ANSWERS_3XX] = ANSWERS("3xx"),
    [QM_M_HTTP_ANSWERS_4XX] = ANSWERS("4xx"),
    [QM_M_HTTP_ANSWERS_5XX] = ANSWERS("5xx"),
    [QM_M_SYNC_BATCHES] = COUNTER("qm_sync_batches_total", "Batches committed."),
    [QM_M_SYNC_EVENTS_ACCEPTED] =
        COUNTER("qm_sync_events_accepted_total", "Events accepted, with or without flags."),
    [QM_M_SYNC_EVENTS_HELD] =
        COUNTER("qm_sync_events_held_total", "Events kept, not counted until a person decides."),
    [QM_M_SYNC_EVENTS_REJECTED] = COUNTER("qm_sync_events_rejected_total", "Events rejected."),
    [QM_M_SYNC_EVENTS_DUP] = COUNTER("qm_sync_events_dup_total", "Events recorded before."),
    [QM_M_SYNC_GROUPS] = COUNTER("qm_sync_groups_total", "Commit groups."),
    [QM_M_SYNC_OVERLOAD] =
        COUNTER("qm_sync_overload_total", "Batches refused because too many were waiting."),
    [QM_M_PG_UNITS] = COUNTER("qm_pg_units_total", "Units of work sent to the database."),
    [QM_M_PG_ERRORS] = COUNTER("qm_pg_errors_total", "Units of work that failed."),
    [QM_M_PG_UNKNOWN] = COUNTER("qm_pg_unknown_total",
                                "Units whose connection broke before their commit was known."),
    [QM_M_PG_RECONNECTS] = COUNTER("qm_pg_reconnects_total", "New connections after a loss."),
    [QM_M_PG_WAITING] = GAUGE("qm_pg_waiting", "Units of work that wait for a connection."),
    [QM_M_HTTP_CONNECTIONS] = GAUGE("qm_http_connections", "Open HTTP connections."),
    [QM_M_HTTP_BODIES_BYTES] =
        GAUGE("qm_http_bodies_bytes", "Bytes charged to the budget of all request bodies."),
    [QM_M_HTTP_TIMEOUTS] =
        COUNTER("qm_http_timeouts_total", "Requests and answers past their total deadline."),
    [QM_M_HTTP_LEFT_EARLY] =
        COUNTER("qm_http_left_early_total", "Clients that left before their answer was sent."),
    [QM_M_HTTP_REFUSED_FRAMING] =
        COUNTER("qm_http_refused_framing_total", "Requests refused for malformed framing."),
    [QM_M_HTTP_REPLIES_TO_NOBODY] =
        COUNTER("qm_http_replies_to_nobody_total", "Replies to requests that were over by then."),
    [QM_M_HTTP_WAITING] = GAUGE("qm_http_waiting", "Requests whose reply is being worked on."),
    [QM_M_POOL_BUSY] = GAUGE("qm_pool_busy", "Jobs that wait or run in the thread pool."),
    [QM_M_RECOUNT_DIFFERENCES] =
        GAUGE("qm_recount_differences", "Counters that differed in the last recount; must be 0."),
    [QM_M_RECOUNT_LAST_OK_MS] =
        GAUGE("qm_recount_last_ok_ms", "Unix ms of the last recount without a difference."),
    [QM_M_LOG_STOPPED] =
        GAUGE("qm_log_stopped", "Counties whose log is not being signed; must be 0."),
    [QM_M_BLOBS_STORED] = COUNTER("qm_blobs_stored_total", "Blobs stored."),
    [QM_M_BUGS] = COUNTER("qm_bugs_total", "Violated invariants of this program; must be 0."),
    [QM_M_LOG_LINES_LOST] =
        COUNTER("qm_log_lines_lost_total", "Log lines that could not be written."),
};

enum { BOUNDS_MAX = 12 };

struct histogram_row {
    const char *name;
    const char *help;
    double bounds[BOUNDS_MAX]; /* ascending; 0 ends them early */
};

#define SECONDS                                                                                    \
    {                                                                                              \
        0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10                        \
    }

static const struct histogram_row histogram_rows[QM_H_COUNT_] = {
    [QM_H_HTTP_SECONDS] = {"qm_http_seconds", "From complete request to reply.", SECONDS},
    [QM_H_SYNC_SECONDS] = {"qm_sync_seconds", "From complete batch to receipt.", SECONDS},
    [QM_H_SYNC_GROUP_SECONDS] = {"qm_sync_group_seconds", "Commit of one group.", SECONDS},
    [QM_H_SYNC_GROUP_EVENTS] = {"qm_sync_group_events",
                                "Events in one group.",
                                {1, 5, 10, 25, 50, 100, 250, 500, 1000, 2500}},
};

struct histogram {
    uint64_t buckets[BOUNDS_MAX + 1]; /* not cumulative; the last is above every bound */
    double sum;
};

static int64_t values[QM_M_COUNT_];
static struct histogram histograms[QM_H_COUNT_];

void qm_metric_add(enum qm_metric m, int64_t by)
{
    values[m] += by;
}

void qm_metric_set(enum qm_metric m, int64_t to)
{
    values[m] = to;
}

int64_t qm_metric_get(enum qm_metric m)
{
    if (m == QM_M_BUGS)
        return (int64_t)qm_log_bugs();
    return m == QM_M_LOG_LINES_LOST ? (int64_t)qm_log_lost() : values[m];
}

void qm_metric_answer(int status)
{
    if (status < 100 || status > 599) {
        QM_BUG("an answer without a status class");
        return;
    }
    values[QM_M_HTTP_ANSWERS_1XX + status / 100 - 1]++;
}

static size_t bounds_count(const struct histogram_row *row)
{
    size_t n = 0;
    while (n < BOUNDS_MAX && row->bounds[n] > 0)
        n++;
    return n;
}

void qm_histogram_add(enum qm_histogram h, double value)
{
    const struct histogram_row *row = &histogram_rows[h];
    size_t n = bounds_count(row);
    size_t i = 0;
    while (i < n && value > row->bounds[i])
        i++;
    histograms[h].buckets[i]++;
    histograms[h].sum += value;
}

static void write_head(const char *name, const char *type, const char *help, struct qm_buf *out)
{
    qm_buf_printf(out, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, type);
}

static void write_row(size_t m, struct qm_buf *out)
{
    const struct row *row = &rows[m];
    if (m == 0 || strcmp(row->name, rows[m - 1].name) != 0)
        write_head(row->name, row->type, row->help, out);
    qm_buf_puts(out, row->name);
    if (row->label != NULL)
        qm_buf_printf(out, "{%s}", row->label);
    qm_buf_printf(out, " %lld\n", (long long)qm_metric_get((enum qm_metric)m));
}

static void write_histogram(size_t h, struct qm_buf *out)
{
    const struct histogram_row *row = &histogram_rows[h];
    size_t n = bounds_count(row);
    uint64_t seen = 0;
    write_head(row->name, "histogram", row->help, out);
    for (size_t i = 0; i < n; i++) {
        seen += histograms[h].buckets[i];
        qm_buf_printf(out, "%s_bucket{le=\"%g\"} %llu\n", row->name, row->bounds[i],
                      (unsigned long long)seen);
    }
    seen += histograms[h].buckets[n];
    qm_buf_printf(out, "%s_bucket{le=\"+Inf\"} %llu\n%s_sum %.9g\n%s_count %llu\n", row->name,
                  (unsigned long long)seen, row->name, histograms[h].sum, row->name,
                  (unsigned long long)seen);
}

qm_err qm_metrics_write(struct qm_buf *out)
{
    for (size_t m = 0; m < QM_M_COUNT_; m++)
        write_row(m, out);
    for (size_t h = 0; h < QM_H_COUNT_; h++)
        write_histogram(h, out);
    return out->err;
}
