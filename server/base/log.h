/* log.h - floor 1: structured log lines, one JSON object a line on stderr (or a file).
 *
 * qm_log(QM_LOG_INFO, "sync", "id", QM_LI(id), "events", QM_LI(n), NULL) writes
 *   {"t":"2026-11-21T10:00:00.000Z","level":"info","event":"sync","id":7,"events":50}
 * No formatter takes personal data: values are integers, static words and identifiers of the
 * contract such as device names or accounts (QM_LS, cut at 300 bytes).  Any thread; a line is
 * one write.  A failed write is counted and dropped.
 */
#ifndef QM_BASE_LOG_H
#define QM_BASE_LOG_H

#include <stdint.h>

enum qm_log_level { QM_LOG_ERROR, QM_LOG_WARN, QM_LOG_INFO, QM_LOG_DEBUG };

struct qm_log_value {
    char type; /* 'i' or 's' */
    int64_t i;
    const char *s;
};
#define QM_LI(x) (&(struct qm_log_value){.type = 'i', .i = (int64_t)(x)})
#define QM_LS(x) (&(struct qm_log_value){.type = 's', .s = (x)})

void qm_log_open(int fd, enum qm_log_level level);
/* name, value pairs, then NULL. */
void qm_log(enum qm_log_level level, const char *event, ...) __attribute__((sentinel));
/* Our bug, not theirs: logs an error with place, counts it in qm_bugs_total, goes on. */
#define QM_BUG(what) qm_log_bug(__FILE__, __LINE__, what)
void qm_log_bug(const char *file, int line, const char *what);
uint64_t qm_log_bugs(void);
uint64_t qm_log_lost(void); /* lines that could not be written */

#endif
