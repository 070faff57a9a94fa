/* app.h - floor 5: everything that `qiaomend serve` holds together, from start to stop.
 *
 * Order of start: settings, log, key ring, loop, database, site host, domain modules, HTTP.  The
 * port is open from the start and /readyz says 503 until the host is known.  SIGTERM or SIGINT:
 * stop accepting, answer what is open, finish groups, write the signed checkpoints, close, exit 0.
 */
#ifndef QM_WIRING_APP_H
#define QM_WIRING_APP_H

#include "edge/call.h"

struct qm_jobs;
struct qm_app {
    uv_loop_t loop;
    struct qm_config config;
    char **argv; /* kept so that SIGHUP can read the settings again */
    int argc;
    const char *config_file;
    struct qm_pg *pg;
    struct qm_pool *pool;
    struct qm_seal *seal;
    struct qm_http *http;
    struct qm_jobs *jobs;
    struct qm_edge edge;
    uv_signal_t sigterm, sigint, sighup;
    uv_timer_t host_timer;
    bool stopping;
    int idle_polls; /* since the drain ended */
};

/* Runs until a signal; returns the exit code.  argv are the --name=value settings. */
int qm_serve(const struct qm_config *config, const char *config_file, int argc, char **argv);

#endif
