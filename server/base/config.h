/* config.h - floor 1: settings: defaults, then a file of `name = value` lines, then the environment
 * (QM_<NAME>), then command-line --name=value; one table in config.c says name, type, range,
 * whether SIGHUP re-reads it, and what it is for (`qiaomend help settings` prints it). A wrong
 * value is an error that names file, line, setting and what is allowed; nothing starts.
 */
#ifndef QM_BASE_CONFIG_H
#define QM_BASE_CONFIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "wire/buf.h"

struct qm_config {
    char listen[256];       /* 127.0.0.1:8080 */
    char database[1024];    /* libpq conninfo */
    char database_role[64]; /* the role that `serve` takes on; empty: the login's own */
    char office_role[64];   /* the role for what the office does at the browser */
    char master[1024];      /* path of the master key file */
    char state_dir[1024];   /* where each instance keeps the largest checkpoint it signed */
    char sql_dir[1024];     /* sql/ of the source tree or of the installation */
    char web_dir[768];      /* the built pages; empty: none are served */
    int64_t seal_epoch;
    int64_t db_connections, db_queue_max, db_timeout_ms;
    int64_t bodies_max_bytes, request_timeout_ms, connections_max, drain_timeout_ms;
    int64_t group_max_events, group_wait_max; /* ingest: events in a group, batches that may wait */
    int64_t address_per_minute, device_syncs_per_minute, device_blob_bytes_per_day; /* reloaded */
    bool trust_forwarded, metrics_public;
    int64_t log_level;      /* reloaded */
    int64_t nightly_minute; /* minute of the day (UTC+8) of birthdays and recount */
};

void qm_config_defaults(struct qm_config *c);
/* On top of what c holds (qm_config_defaults first).  argv holds nothing but --name=value.  err
 * gets one plain sentence.  file NULL: none. */
qm_err qm_config_load(struct qm_config *c, const char *file, int argc, char *const *argv,
                      struct qm_buf *err);
/* Takes over the settings that may change while running. */
void qm_config_reload(struct qm_config *running, const struct qm_config *fresh);
qm_err qm_config_help(struct qm_buf *out);

#endif
