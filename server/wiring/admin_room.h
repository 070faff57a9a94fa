/* admin_room.h - floor 5: what the rooms of the admin command share: the parsed command line, the
 * open database and key ring, and the report that is printed at the end.
 *
 * Happy path: admin.c parses and opens what the command's row asks for, runs its function, prints
 * the report once.  A function returns its exit code; anything but 0 was said with qm_admin_fail.
 * One thread.
 */
#ifndef QM_WIRING_ADMIN_ROOM_H
#define QM_WIRING_ADMIN_ROOM_H

#include <stdbool.h>

#include "base/config.h"
#include "drivers/pg.h"
#include "drivers/seal.h"
#include "edge/faults.h"
#include "wire/codec.h"

enum qm_admin_exit { QM_ADMIN_OK, QM_ADMIN_REFUSED, QM_ADMIN_USAGE, QM_ADMIN_AWAY };

enum qm_admin_option {
    QM_O_HOST,
    QM_O_COUNTY,
    QM_O_NAME,
    QM_O_BY,
    QM_O_ACCOUNT,
    QM_O_ROLE,
    QM_O_PREFIX,
    QM_O_DAYS,
    QM_O_HOUSEHOLD,
    QM_O_RESIDENT,
    QM_O_STATUS,
    QM_O_CODE,
    QM_O_DEVICE,
    QM_O_LOST,
    QM_O_LEVEL,
    QM_O_OUT,
    QM_O_INTO,
    QM_O_GRID,
    QM_O_LEAVE,
    QM_O_COUNT_
};
enum { /* what a command needs, opened before it runs */
       QM_NEED_DB = 1,
       QM_NEED_COUNTY = 2, /* --county, set up */
       QM_NEED_BY = 4,     /* --by, or the county's only admin */
       QM_NEED_SEAL = 8,
       QM_NEED_HOST = 16
};

struct qm_admin;
struct qm_admin_command {
    const char *words; /* "households import" */
    const char *usage; /* what follows, for help */
    const char *about;
    unsigned must, may; /* bits of options (1u << QM_O_...) */
    int values_min, values_max;
    unsigned needs;
    int (*run)(struct qm_admin *a);
};

struct qm_admin {
    const struct qm_config *config;
    const struct qm_admin_command *command;
    bool json;
    const char *option[QM_O_COUNT_]; /* NULL: not given */
    char **value;                    /* FILE, EVENT ... */
    int values;
    int county;
    char by[QM_ACCOUNT_MAX_BYTES + 1];
    int64_t now_ms;
    char host[QM_HOST_MAX_BYTES + 1];
    struct qm_pgb *db;
    struct qm_seal *seal;
    struct qm_buf text;    /* report for people */
    struct qm_buf members; /* report as JSON members, each with a comma before */
    char error[1024];      /* of qm_admin_fail */
};

/* ---- report ---- */
void qm_admin_say(struct qm_admin *a, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
void qm_admin_str(struct qm_admin *a, const char *name, const char *value);
void qm_admin_int(struct qm_admin *a, const char *name, int64_t value);
void qm_admin_raw(struct qm_admin *a, const char *name, const struct qm_buf *json);
/* Says what is wrong and what to do; returns the code. */
int qm_admin_fail(struct qm_admin *a, int code, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* All faults of a file, and that nothing was kept. */
int qm_admin_faults(struct qm_admin *a, struct qm_faults *faults);

/* ---- reading what was given ---- */
int qm_admin_file(struct qm_admin *a, const char *path, size_t max_bytes, char **text, size_t *len);
/* 22 characters of a pseudonym; what: "--household". */
int qm_admin_pseudonym(struct qm_admin *a, const char *what, const char *text,
                       uint8_t id[QM_ID_BYTES]);
/* A division or grid code of this county: 6, 9, 12 or 15 digits. */
bool qm_admin_area_ok(const struct qm_admin *a, const char *code);
/* --prefix, or the whole county; NULL after a fault was said. */
const char *qm_admin_prefix(struct qm_admin *a, char own[16]);

/* ---- the database ---- */
/* Runs one statement; params are taken over.  Not 0: said. */
int qm_admin_query(struct qm_admin *a, const char *sql, struct qm_pg_params *params,
                   struct qm_pg_result **out);
/* Empty parameters; those that begin with the county; with county, by and now.  Never NULL: without
 * memory for so little the command ends here, nothing being kept. */
struct qm_pg_params *qm_admin_params_new(void);
struct qm_pg_params *qm_admin_params(const struct qm_admin *a);
struct qm_pg_params *qm_admin_params_by(const struct qm_admin *a);
void qm_admin_add_text(struct qm_pg_params *p, const char *t);
/* Runs a function whose first column is `status`; the result stays open in *out (may be NULL). */
int qm_admin_call(struct qm_admin *a, const char *sql, struct qm_pg_params *params, int64_t *status,
                  struct qm_pg_result **out);
/* Reports where in the log a function wrote: columns named as in sql/README.md. */
void qm_admin_logged(struct qm_admin *a, const struct qm_pg_result *r, int idx_col, int size_col);

/* ---- the commands, by room ---- */
int qm_admin_init(struct qm_admin *a);
int qm_admin_county_add(struct qm_admin *a);
int qm_admin_log_continue(struct qm_admin *a);
/* The verifier key of the county's log under the name of that tree; the caller frees out. */
int qm_admin_log_vkey(struct qm_admin *a, int tree, struct qm_buf *out);
/* Refuses when the database is behind the largest checkpoint that was signed on this machine. */
int qm_admin_guard(struct qm_admin *a);
int qm_admin_code_new(struct qm_admin *a);
int qm_admin_login_code(struct qm_admin *a);
int qm_admin_token_new(struct qm_admin *a);
int qm_admin_revoke(struct qm_admin *a);
int qm_admin_divisions_import(struct qm_admin *a);
int qm_admin_grids_import(struct qm_admin *a);
int qm_admin_accounts_import(struct qm_admin *a);
int qm_admin_households_import(struct qm_admin *a);
int qm_admin_residents_import(struct qm_admin *a);
int qm_admin_claim_import(struct qm_admin *a);
int qm_admin_claim_set(struct qm_admin *a);
int qm_admin_status_set(struct qm_admin *a);
int qm_admin_household_move(struct qm_admin *a);
int qm_admin_household_merge(struct qm_admin *a);
int qm_admin_resident_move(struct qm_admin *a);
int qm_admin_held_list(struct qm_admin *a);
int qm_admin_decide_in(struct qm_admin *a);
int qm_admin_decide_out(struct qm_admin *a);
int qm_admin_erase(struct qm_admin *a);
int qm_admin_setting_set(struct qm_admin *a);
int qm_admin_recount(struct qm_admin *a);
int qm_admin_coverage(struct qm_admin *a);

#endif
