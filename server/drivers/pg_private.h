/* pg_private.h - floor 2: what the files of the PostgreSQL driver share; nobody else includes it.
 *
 *   pg.c            the pool: queue, choice of a connection, deadlines, stop
 *   pg_conn.c       one connection: connect, send, read, break, connect again
 *   pg_hosts.c      where a connection goes
 *   pg_statements.c the named statements of queries_dir
 *   pg_values.c     parameters and results in the binary format
 *   pg_blocking.c   the connection without a loop
 *
 * Everything but pg_values.c, pg_statements.c and pg_blocking.c runs on the loop's thread.
 */
#ifndef QM_DRIVERS_PG_PRIVATE_H
#define QM_DRIVERS_PG_PRIVATE_H

#include <libpq-fe.h>
#include <stdatomic.h>

#include "drivers/pg.h"

enum {
    QM_PG_PARAMS_MAX = 64,
    QM_PG_STATEMENTS_MAX = 512,
    QM_PG_NAME_MAX_BYTES = 64,     /* with the NUL: what PostgreSQL keeps of an identifier */
    QM_PG_MESSAGE_MAX_BYTES = 256, /* with the NUL */
    QM_PG_CONNECTIONS_MAX = 16,
    QM_PG_BACKOFF_FIRST_MS = 50,
    QM_PG_STEPS_PER_UNIT = 4 /* SET, DEALLOCATE, PREPARE, EXECUTE */
};
#define QM_PG_PARAMS_MAX_BYTES ((size_t)64 << 20)
#define QM_PG_DATE_OFFSET_DAYS 10957 /* 2000-01-01, day 0 on the wire, in Unix days */

/* ---- values ---- */

struct qm_pg_params {
    qm_err err; /* the first failure; all later calls do nothing */
    int count;
    Oid types[QM_PG_PARAMS_MAX];
    int lengths[QM_PG_PARAMS_MAX]; /* -1: null */
    size_t at[QM_PG_PARAMS_MAX];   /* offset in data */
    struct qm_buf data;
    bool in_array;
    bool array_has_null;
    enum qm_pg_type array_type;
    int32_t array_count;
};

struct qm_pg_result {
    PGresult *res;
};

/* What PQsendQueryPrepared and its kin want; pointers are valid as long as the parameters. */
struct qm_pg_bound {
    int count;
    const char *values[QM_PG_PARAMS_MAX];
    int formats[QM_PG_PARAMS_MAX];
};
/* p NULL: no parameters. */
void qm_pg_bind(const struct qm_pg_params *p, struct qm_pg_bound *out);

/* The server's primary message and SQLSTATE.  What it may quote of a value is cut off. */
void qm_pg_error_text(const PGresult *res, char sqlstate[6], char message[QM_PG_MESSAGE_MAX_BYTES]);

/* ---- statements ---- */

struct qm_pg_statement {
    char name[QM_PG_NAME_MAX_BYTES];
    char *sql;  /* owned */
    int params; /* the highest $n in it */
    /* The pool's own, on the loop's thread: of the first use; every later one must be the same. */
    bool pinned;
    Oid types[QM_PG_PARAMS_MAX];
};

struct qm_pg_statements {
    atomic_int holders;
    struct qm_pg_statement *list; /* owned, sorted by name */
    int count;
};

int qm_pg_statements_find(const struct qm_pg_statements *s, const char *name); /* -1: none */
/* QM_E_INVALID if these parameters do not belong to the statement. */
qm_err qm_pg_statement_accepts(struct qm_pg_statement *s, const struct qm_pg_params *p);
int qm_pg_count_params(const char *sql);

/* ---- units and connections ---- */

struct qm_pg_unit {
    struct qm_pg_unit *next;
    char statement[QM_PG_NAME_MAX_BYTES];
    struct qm_pg_params *params; /* owned, may be NULL */
    uint64_t deadline_ms;        /* on the clock of qm_pg_now_ms */
    uint32_t timeout_ms;
    bool bound; /* to connections that are not newer than `reconnects` */
    uint64_t reconnects;
    qm_pg_done done;
    void *ctx;
};

/* One message group with its own sync.  Results come back in the same order. */
enum qm_pg_step_kind { QM_PG_STEP_PLAIN, QM_PG_STEP_PREPARE, QM_PG_STEP_EXECUTE };
struct qm_pg_step {
    enum qm_pg_step_kind kind;
    int statement;           /* index in the statements of that generation */
    uint32_t generation;     /* of the statements */
    struct qm_pg_unit *unit; /* QM_PG_STEP_EXECUTE only */
};

enum qm_pg_conn_state {
    QM_PG_AWAY,       /* waits for the timer to connect */
    QM_PG_CONNECTING, /* the timer is its deadline */
    QM_PG_READY,
    QM_PG_CLOSED
};

struct qm_pg_prepared { /* of one statement on one connection */
    bool sent;
    char sqlstate[6]; /* "" or why it could not be prepared */
    char *message;    /* owned */
};

struct qm_pg_conn {
    struct qm_pg *pg;
    int number;
    PGconn *c;
    enum qm_pg_conn_state state;
    uv_timer_t timer;
    uv_poll_t *poll; /* owned; NULL while there is no socket */
    uint32_t backoff_ms;
    uint32_t turn;                 /* the host to begin with */
    bool was_ready;                /* at least once: the next time is a reconnect */
    bool retire;                   /* gets no more units; replaced when it is idle */
    bool deallocate;               /* its prepared statements are to be dropped first */
    uint32_t statement_timeout_ms; /* as set on the server; 0: not yet */
    struct qm_pg_step *steps;      /* ring of steps_max */
    size_t steps_max, first, count;
    uint32_t running; /* units among the steps */
    uint32_t slow;    /* of them: given more time than the pool's default */
    /* of the step in front */
    PGresult *last;
    bool failed;
    char sqlstate[6];
    char message[QM_PG_MESSAGE_MAX_BYTES];
    struct qm_pg_prepared prepared[QM_PG_STATEMENTS_MAX];
};

/* Functions that are held to index look-ups have a plan cost that would set off compiling each
 * time.  Every statement here is a look-up by keys, which is planned once and not for each set of
 * values; a plan made while a table was empty must not go on reading all of it; and a range of a
 * key is read in its order, not gathered and sorted.  A statement whose server was killed ends
 * within seconds (PostgreSQL 14 and later), not when it is done: the recount of a large county goes
 * on for most of an hour, and the server that is started next begins one of its own. */
#define QM_PG_OPTIONS                                                                              \
    "-c jit=off -c plan_cache_mode=force_generic_plan -c enable_seqscan=off "                      \
    "-c enable_bitmapscan=off -c client_connection_check_interval=10s"
enum { QM_PG_OPTIONS_MAX = 256 };

struct qm_pg_list {
    struct qm_pg_unit *first, *last;
    size_t count;
};

struct qm_pg {
    uv_loop_t *loop;
    char *conninfo;                  /* owned */
    char options[QM_PG_OPTIONS_MAX]; /* "-c role=...", or empty */
    char *queries_dir;               /* owned */
    size_t queue_max;
    uint32_t timeout_ms, pipeline_depth;
    struct qm_pg_statements *statements; /* held */
    uint32_t generation;
    struct qm_pg_conn *conns; /* owned */
    int connections;
    struct qm_pg_list waiting;
    size_t units; /* waiting and running */
    uv_timer_t kick, tick, stop_timer;
    int handles; /* not yet closed */
    bool draining, closing;
    void (*stopped)(void *);
    void *stopped_ctx;
    struct qm_pg_stats stats;
};

uint64_t qm_pg_now_ms(void);
/* Reports the unit and frees it. */
void qm_pg_finish(struct qm_pg *pg, struct qm_pg_unit *u, const struct qm_pg_answer *a);
void qm_pg_fail(struct qm_pg *pg, struct qm_pg_unit *u, qm_err err);
/* Sends what waits, as far as connections have room. */
void qm_pg_dispatch(struct qm_pg *pg);
void qm_pg_handle_closed(struct qm_pg *pg);

enum { QM_PG_KEYWORDS_MAX = 14, QM_PG_HOST_LISTS = 3 };
/* The parameters of a connection to conninfo; ours come first so that conninfo may override.  How
 * many there are. */
int qm_pg_keywords(const char *conninfo, const char *keys[QM_PG_KEYWORDS_MAX],
                   const char *values[QM_PG_KEYWORDS_MAX]);
struct qm_pg_target {
    char *lists[QM_PG_HOST_LISTS]; /* owned; host, hostaddr, port from this turn on; NULL: one */
    uint32_t timeout_ms;           /* connect_timeout, for the whole attempt */
};
qm_err qm_pg_target_read(const char *conninfo, uint32_t turn, struct qm_pg_target *out);
void qm_pg_target_free(struct qm_pg_target *t);
/* Starts to connect, without waiting. */
PGconn *qm_pg_target_connect(const char *conninfo, const char *options,
                             const struct qm_pg_target *t);
void qm_pg_ignore_notice(void *ctx, const char *message);

void qm_pg_conn_open(struct qm_pg_conn *k); /* also again, after AWAY */
/* Sends the unit, which is the connection's from here on, whatever happens. */
void qm_pg_conn_send(struct qm_pg_conn *k, int statement, struct qm_pg_unit *u);
bool qm_pg_conn_expired(const struct qm_pg_conn *k, uint64_t now_ms);
/* Reports the units whose sync has arrived, however dead the connection is. */
void qm_pg_conn_catch_up(struct qm_pg_conn *k);
/* Catches up and closes; every other unit on it is reported with QM_E_UNKNOWN_OUTCOME; connects
 * again after a pause. */
void qm_pg_conn_break(struct qm_pg_conn *k, const char *why);
void qm_pg_conn_forget_statements(struct qm_pg_conn *k);
/* For good; its handles are closed. */
void qm_pg_conn_close(struct qm_pg_conn *k);

#endif
