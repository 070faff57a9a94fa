/* metrics.h - floor 1: counters, gauges and histograms in Prometheus' text format 0.0.4.
 *
 * Each metric is one row of a table in metrics.c: name, help, kind, labels.  Updates come from the
 * loop's thread only and cost an addition.
 */
#ifndef QM_BASE_METRICS_H
#define QM_BASE_METRICS_H

#include <stdint.h>

#include "wire/buf.h"

enum qm_metric {                        /* rows of the table; see metrics.c for help texts */
                 QM_M_HTTP_REQUESTS,    /* that reached a route */
                 QM_M_HTTP_ANSWERS_1XX, /* one metric with the label class: qm_metric_answer */
                 QM_M_HTTP_ANSWERS_2XX,
                 QM_M_HTTP_ANSWERS_3XX,
                 QM_M_HTTP_ANSWERS_4XX,
                 QM_M_HTTP_ANSWERS_5XX,
                 QM_M_SYNC_BATCHES,
                 QM_M_SYNC_EVENTS_ACCEPTED,
                 QM_M_SYNC_EVENTS_HELD,
                 QM_M_SYNC_EVENTS_REJECTED,
                 QM_M_SYNC_EVENTS_DUP,
                 QM_M_SYNC_GROUPS,
                 QM_M_SYNC_OVERLOAD,
                 QM_M_PG_UNITS,
                 QM_M_PG_ERRORS,
                 QM_M_PG_UNKNOWN,
                 QM_M_PG_RECONNECTS,
                 QM_M_PG_WAITING,
                 QM_M_HTTP_CONNECTIONS,
                 QM_M_HTTP_BODIES_BYTES,
                 QM_M_HTTP_TIMEOUTS,
                 QM_M_HTTP_LEFT_EARLY,
                 QM_M_HTTP_REFUSED_FRAMING,
                 QM_M_HTTP_REPLIES_TO_NOBODY,
                 QM_M_HTTP_WAITING,
                 QM_M_POOL_BUSY,
                 QM_M_RECOUNT_DIFFERENCES,
                 QM_M_RECOUNT_LAST_OK_MS,
                 QM_M_LOG_STOPPED,
                 QM_M_BLOBS_STORED,
                 QM_M_BUGS,           /* read from the log when written out, not set */
                 QM_M_LOG_LINES_LOST, /* likewise */
                 QM_M_COUNT_
};
enum qm_histogram {
    QM_H_HTTP_SECONDS,
    QM_H_SYNC_SECONDS,
    QM_H_SYNC_GROUP_SECONDS,
    QM_H_SYNC_GROUP_EVENTS,
    QM_H_COUNT_
};

void qm_metric_add(enum qm_metric m, int64_t by);
void qm_metric_set(enum qm_metric m, int64_t to);
/* Counts an answer in the class of its HTTP status (100..599). */
void qm_metric_answer(int status);
int64_t qm_metric_get(enum qm_metric m);
void qm_histogram_add(enum qm_histogram h, double value);
qm_err qm_metrics_write(struct qm_buf *out);

#endif
