/* pg_hosts.c - floor 2: where a connection goes: our own parameters, and whose turn it is among
 * several hosts.
 *
 * Happy path: libpq tries the hosts of a conninfo one after the other, within one attempt. Failure
 * mode: a host that takes the connection and never answers keeps the attempt until its deadline;
 * the next attempt then has to begin with the next host, or it would end in the same place.
 */
#include "drivers/pg_private.h"

#include <stdlib.h>
#include <string.h>

enum { OURS = 8, CONNECT_TIMEOUT_S = 10 };

int qm_pg_keywords(const char *conninfo, const char *keys[QM_PG_KEYWORDS_MAX],
                   const char *values[QM_PG_KEYWORDS_MAX])
{
    /* tcp_user_timeout also ends a connect to a host that is gone, so that the next one gets its
     * turn, and a connection whose peer vanished. */
    static const char *const ours[OURS][2] = {
        {"application_name", "qiaomend"}, {"client_encoding", "UTF8"},
        {"tcp_user_timeout", "4000"},     {"keepalives_idle", "10"},
        {"keepalives_interval", "5"},     {"keepalives_count", "3"},
        {"connect_timeout", "10"},        {"options", QM_PG_OPTIONS},
    };
    for (int n = 0; n < OURS; n++) {
        keys[n] = ours[n][0];
        values[n] = ours[n][1];
    }
    keys[OURS] = "dbname"; /* expanded; what it says overrides what stands before it */
    values[OURS] = conninfo;
    keys[OURS + 1] = values[OURS + 1] = NULL;
    return OURS + 1;
}

/* "a,b,c" with turn 1 is "b,c,a".  NULL: no memory. */
static char *rotate(const char *list, uint32_t turn)
{
    size_t items = 1, len = strlen(list);
    const char *start = list;
    for (const char *c = list; *c != '\0'; c++) {
        items += *c == ',' ? 1 : 0;
    }
    for (size_t i = turn % items; i > 0; i--) {
        start = strchr(start, ',') + 1;
    }
    char *out = calloc(1, len + 2);
    if (out != NULL) {
        size_t rest = len - (size_t)(start - list);
        memcpy(out, start, rest);
        if (start != list) { /* the comma before start moves between the two parts */
            out[rest] = ',';
            memcpy(out + rest + 1, list, (size_t)(start - list) - 1);
        }
    }
    return out;
}

static const char *const LISTS[QM_PG_HOST_LISTS] = {"host", "hostaddr", "port"};

static qm_err read_option(const PQconninfoOption *o, uint32_t turn, struct qm_pg_target *out)
{
    for (int i = 0; i < QM_PG_HOST_LISTS; i++) {
        if (strcmp(o->keyword, LISTS[i]) == 0 && strchr(o->val, ',') != NULL) {
            out->lists[i] = rotate(o->val, turn);
            return out->lists[i] != NULL ? QM_OK : QM_E_NOMEM;
        }
    }
    if (strcmp(o->keyword, "connect_timeout") == 0) {
        long seconds = strtol(o->val, NULL, 10);
        if (seconds > 0 && seconds < 3600) {
            out->timeout_ms = (uint32_t)seconds * 1000;
        }
    }
    return QM_OK;
}

qm_err qm_pg_target_read(const char *conninfo, uint32_t turn, struct qm_pg_target *out)
{
    *out = (struct qm_pg_target){.timeout_ms = CONNECT_TIMEOUT_S * 1000};
    PQconninfoOption *options = PQconninfoParse(conninfo, NULL);
    qm_err err = options == NULL ? QM_E_NOMEM : QM_OK; /* it has been parsed once, at start */
    for (const PQconninfoOption *o = options; err == QM_OK && o->keyword != NULL; o++) {
        err = o->val == NULL ? QM_OK : read_option(o, turn, out);
    }
    PQconninfoFree(options);
    if (err != QM_OK) {
        qm_pg_target_free(out);
    }
    return err;
}

void qm_pg_target_free(struct qm_pg_target *t)
{
    for (int i = 0; i < QM_PG_HOST_LISTS; i++) {
        free(t->lists[i]);
        t->lists[i] = NULL;
    }
}

PGconn *qm_pg_target_connect(const char *conninfo, const char *options,
                             const struct qm_pg_target *t)
{
    const char *keys[QM_PG_KEYWORDS_MAX], *values[QM_PG_KEYWORDS_MAX];
    int n = qm_pg_keywords(conninfo, keys, values);
    for (int i = 0; i < QM_PG_HOST_LISTS; i++) {
        if (t->lists[i] != NULL) {
            keys[n] = LISTS[i];
            values[n++] = t->lists[i];
        }
    }
    if (options[0] != '\0') {
        keys[n] = "options";
        values[n++] = options;
    }
    keys[n] = values[n] = NULL;
    return PQconnectStartParams(keys, values, 1);
}
