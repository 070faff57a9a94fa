/* migrate_files.h - floor 5: the SQL files of an installation, read and put in order.
 *
 * migrations/NNNN_name.{tables,keys,data}.sql by number and then in that order of stages;
 * functions/NAME.sql by name; roles.sql; queries/NAME.sql.  Failure: error gets one sentence that
 * names the file.
 */
#ifndef QM_WIRING_MIGRATE_FILES_H
#define QM_WIRING_MIGRATE_FILES_H

#include <stdbool.h>
#include <stddef.h>

#include "drivers/pg.h"
#include "wire/merkle.h"

enum { QM_SQL_NAME_MAX = 128 };
enum qm_sql_stage { QM_SQL_TABLES, QM_SQL_KEYS, QM_SQL_DATA, QM_SQL_OTHER };

struct qm_sql_file {
    char name[QM_SQL_NAME_MAX];
    size_t stem; /* length of "NNNN_name" */
    enum qm_sql_stage stage;
    char *text;
    struct qm_hash sha256;
    bool done; /* for the caller */
};
struct qm_sql_files {
    size_t n;
    struct qm_sql_file *file;
};

qm_err qm_sql_migrations(const char *sql_dir, struct qm_sql_files *out, char *error,
                         size_t error_max);
qm_err qm_sql_functions(const char *sql_dir, struct qm_sql_files *out, char *error,
                        size_t error_max);
qm_err qm_sql_roles(const char *sql_dir, struct qm_sql_files *out, char *error, size_t error_max);
/* Release what it gives with qm_pg_statements_release. */
qm_err qm_sql_statements(const char *sql_dir, struct qm_pg_statements **out, char *error,
                         size_t error_max);
void qm_sql_files_free(struct qm_sql_files *f);

/* A whole file with a NUL behind.  Free with free(); error as above. */
qm_err qm_file_read(const char *path, size_t max_bytes, char **out, size_t *len, char *error,
                    size_t error_max);

#endif
