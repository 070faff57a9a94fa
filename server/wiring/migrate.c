/* migrate.c - see migrate.h.
 *
 * Happy path: read the folders, wait for other migrates, compare what is recorded in qm.migration,
 * run what is new (each file with its record in one transaction; a site's own command between the
 * tables and the keys of a migration), re-apply all functions and the roles in one transaction.
 * Failure modes: a recorded file that has changed or is not there any more stops everything before
 * anything is run; a failing file leaves nothing of itself; what ran before it stays, and the next
 * run goes on there.  Two at once: the second waits for the first and then finds nothing to do.
 *
 * The wait is a table lock of qm.migration that conflicts with itself but not with the records that
 * are written meanwhile; it is held by a connection of its own, because the work commits in steps.
 * Only on an empty database there is no table yet: then one of two fails at CREATE SCHEMA, and
 * takes that for the sign that the other is at work.
 */
#include "wiring/migrate.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "drivers/pg.h"
#include "wire/merkle.h"
#include "wiring/migrate_files.h"

enum { EXIT_REFUSED = 1, EXIT_USAGE = 2, EXIT_AWAY = 3 };

struct migrate {
    const struct qm_config *config;
    const char *between; /* NULL: none */
    struct qm_pgb *guard, *work;
    struct qm_pg_statements *statements;
    struct qm_sql_files migrations, functions, roles;
    size_t ran;
};

static void say_database_error(const struct qm_pgb *c, const char *doing)
{
    fprintf(stderr, "qiaomend migrate: %s: %s (%s)\n", doing, qm_pgb_error(c), qm_pgb_sqlstate(c));
}

/* ---- what is recorded ---- */

static qm_err is_set_up(struct migrate *m, bool *yes)
{
    struct qm_pg_result *r = NULL;
    qm_err err = qm_pgb_query(m->work, "migration_there", qm_pg_params_new(), &r);
    if (err == QM_OK)
        *yes = qm_pg_get_int(r, 0, 0) != 0;
    qm_pgb_result_free(r);
    return err;
}

static struct qm_sql_file *file_named(struct qm_sql_files *files, const char *name)
{
    for (size_t i = 0; i < files->n; i++) {
        if (strcmp(files->file[i].name, name) == 0)
            return &files->file[i];
    }
    return NULL;
}

static bool is_between_record(const char *name)
{
    size_t len = strlen(name);
    return len > 8 && strcmp(name + len - 8, ".between") == 0;
}

static bool record_fits(struct migrate *m, const struct qm_pg_result *r, int row)
{
    const char *name = qm_pg_get_text(r, row, 0);
    struct qm_sql_file *f = file_named(&m->migrations, name);
    if (f == NULL && is_between_record(name))
        return true;
    if (f == NULL) {
        fprintf(stderr,
                "qiaomend migrate: the database knows %s, which is not in %s/migrations: it was "
                "made by a newer version; install that one\n",
                name, m->config->sql_dir);
        return false;
    }
    size_t len = 0;
    const uint8_t *sha256 = qm_pg_get_bytes(r, row, 1, &len);
    if (len != QM_HASH_BYTES || memcmp(sha256, f->sha256.b, QM_HASH_BYTES) != 0) {
        fprintf(stderr,
                "qiaomend migrate: %s has changed since it was run here: put the old text back and "
                "write a new migration instead\n",
                name);
        return false;
    }
    f->done = true;
    return true;
}

static int compare_records(struct migrate *m)
{
    struct qm_pg_result *r = NULL;
    if (qm_pgb_query(m->work, "migrations", qm_pg_params_new(), &r) != QM_OK) {
        say_database_error(m->work, "reading qm.migration");
        return EXIT_REFUSED;
    }
    bool fits = true;
    for (int i = 0; i < qm_pg_rows(r); i++)
        fits = record_fits(m, r, i) && fits;
    qm_pgb_result_free(r);
    return fits ? 0 : EXIT_REFUSED;
}

static qm_err is_recorded(struct migrate *m, const char *name, bool *yes)
{
    struct qm_pg_params *p = qm_pg_params_new();
    if (p != NULL)
        qm_pg_text(p, name, strlen(name));
    struct qm_pg_result *r = NULL;
    qm_err err = qm_pgb_query(m->work, "migration_row", p, &r);
    if (err == QM_OK)
        *yes = qm_pg_rows(r) > 0;
    qm_pgb_result_free(r);
    return err;
}

static qm_err record(struct migrate *m, const char *name, const struct qm_hash *sha256)
{
    struct qm_pg_params *p = qm_pg_params_new();
    if (p != NULL) {
        qm_pg_text(p, name, strlen(name));
        qm_pg_bytea(p, sha256->b, QM_HASH_BYTES);
    }
    struct qm_pg_result *r = NULL;
    qm_err err = qm_pgb_query(m->work, "migration_note", p, &r);
    qm_pgb_result_free(r);
    return err;
}

/* ---- running ---- */

/* One file and its record, or nothing of both. */
static qm_err run_file(struct migrate *m, struct qm_sql_file *f)
{
    qm_err err = qm_pgb_script(m->work, "BEGIN");
    if (err == QM_OK)
        err = qm_pgb_script(m->work, f->text);
    if (err == QM_OK)
        err = record(m, f->name, &f->sha256);
    if (err == QM_OK)
        err = qm_pgb_script(m->work, "COMMIT");
    if (err != QM_OK)
        return err;
    f->done = true;
    m->ran++;
    printf("%s: run\n", f->name);
    return QM_OK;
}

static bool somebody_was_first(const struct qm_pgb *c)
{
    const char *state = qm_pgb_sqlstate(c);
    return strcmp(state, "23505") == 0 || strcmp(state, "42P06") == 0 ||
           strcmp(state, "42P07") == 0 || strcmp(state, "42710") == 0;
}

/* Empty database: the first file makes qm.migration itself. */
static int run_first(struct migrate *m)
{
    if (run_file(m, &m->migrations.file[0]) == QM_OK)
        return 0;
    bool lost_race = somebody_was_first(m->work);
    if (!lost_race)
        say_database_error(m->work, m->migrations.file[0].name);
    (void)qm_pgb_script(m->work, "ROLLBACK");
    bool there = false;
    if (lost_race && is_set_up(m, &there) == QM_OK && there)
        return 0;
    if (lost_race)
        fprintf(stderr, "qiaomend migrate: the schema qm is there, but not made by migrate: drop "
                        "it or choose another database\n");
    return EXIT_REFUSED;
}

static int wait_for_others(struct migrate *m)
{
    if (qm_pgb_script(m->guard, "BEGIN; SET LOCAL idle_in_transaction_session_timeout = 0;"
                                "LOCK TABLE qm.migration IN SHARE UPDATE EXCLUSIVE MODE") == QM_OK)
        return 0;
    say_database_error(m->guard, "waiting for other migrates");
    return EXIT_REFUSED;
}

static bool shell_succeeds(const char *command)
{
    int status = 0;
    pid_t child = fork();
    if (child == 0) {
        execl("/bin/sh", "sh", "-c", command, (char *)NULL);
        _exit(127);
    }
    if (child < 0)
        return false;
    while (waitpid(child, &status, 0) < 0) {
        if (errno != EINTR)
            return false;
    }
    return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

/* The site's command runs once, between the tables and what follows; if it fails, it is run again
 * next time.  Without a command that is recorded too: a later --between is for later migrations. */
static int run_between(struct migrate *m, const struct qm_sql_file *tables)
{
    char name[QM_SQL_NAME_MAX];
    snprintf(name, sizeof name, "%.*s.between", (int)tables->stem, tables->name);
    bool recorded = false;
    if (is_recorded(m, name, &recorded) != QM_OK) {
        say_database_error(m->work, name);
        return EXIT_REFUSED;
    }
    if (recorded)
        return 0;
    if (m->between != NULL) {
        printf("%s: %s\n", name, m->between);
        fflush(stdout);
        if (!shell_succeeds(m->between)) {
            fprintf(stderr, "qiaomend migrate: the command between failed: %s\n", m->between);
            return EXIT_REFUSED;
        }
    }
    struct qm_hash sha256;
    const char *command = m->between == NULL ? "" : m->between;
    qm_sha256(command, strlen(command), &sha256);
    if (record(m, name, &sha256) == QM_OK)
        return 0;
    say_database_error(m->work, name);
    return EXIT_REFUSED;
}

static int run_migrations(struct migrate *m)
{
    for (size_t i = 0; i < m->migrations.n; i++) {
        struct qm_sql_file *f = &m->migrations.file[i];
        if (!f->done && run_file(m, f) != QM_OK) {
            say_database_error(m->work, f->name);
            (void)qm_pgb_script(m->work, "ROLLBACK");
            return EXIT_REFUSED;
        }
        int code = f->stage == QM_SQL_TABLES ? run_between(m, f) : 0;
        if (code != 0)
            return code;
    }
    return 0;
}

static qm_err apply_all(struct migrate *m, const struct qm_sql_files *files, const char **at)
{
    for (size_t i = 0; i < files->n; i++) {
        *at = files->file[i].name;
        qm_err err = qm_pgb_script(m->work, files->file[i].text);
        if (err != QM_OK)
            return err;
    }
    return QM_OK;
}

/* Functions and rights change together: no moment with new functions that nobody may call. */
static int apply_functions(struct migrate *m)
{
    const char *at = "BEGIN";
    qm_err err = qm_pgb_script(m->work, "BEGIN");
    if (err == QM_OK)
        err = apply_all(m, &m->functions, &at);
    if (err == QM_OK)
        err = apply_all(m, &m->roles, &at);
    if (err == QM_OK)
        err = qm_pgb_script(m->work, "COMMIT");
    if (err != QM_OK) {
        say_database_error(m->work, at);
        if (strcmp(qm_pgb_sqlstate(m->work), "42P13") == 0)
            fprintf(stderr, "  a function with another result must first be dropped by a "
                            "migration\n");
        (void)qm_pgb_script(m->work, "ROLLBACK");
        return EXIT_REFUSED;
    }
    printf("functions: %zu files applied, roles.sql applied\n", m->functions.n);
    return 0;
}

/* ---- the command ---- */

static int open_connections(struct migrate *m)
{
    char error[512];
    struct qm_pgb **slot[2] = {&m->guard, &m->work};
    for (int i = 0; i < 2; i++) {
        if (qm_pgb_open(m->config->database, m->statements, slot[i], error, sizeof error) !=
            QM_OK) {
            fprintf(stderr, "qiaomend migrate: the database cannot be reached: %s\n", error);
            return EXIT_AWAY;
        }
    }
    (void)qm_pgb_script(m->work, "SET client_min_messages = warning; SET search_path = pg_catalog");
    return 0;
}

static int read_folders(struct migrate *m)
{
    char error[512];
    if (qm_sql_migrations(m->config->sql_dir, &m->migrations, error, sizeof error) == QM_OK &&
        qm_sql_functions(m->config->sql_dir, &m->functions, error, sizeof error) == QM_OK &&
        qm_sql_roles(m->config->sql_dir, &m->roles, error, sizeof error) == QM_OK &&
        qm_sql_statements(m->config->sql_dir, &m->statements, error, sizeof error) == QM_OK)
        return 0;
    fprintf(stderr, "qiaomend migrate: %s\n", error);
    return EXIT_AWAY;
}

static int run(struct migrate *m)
{
    int code = read_folders(m);
    if (code == 0)
        code = open_connections(m);
    bool set_up = false;
    if (code == 0 && is_set_up(m, &set_up) != QM_OK) {
        say_database_error(m->work, "looking for qm.migration");
        code = EXIT_AWAY;
    }
    if (code == 0 && !set_up)
        code = run_first(m);
    if (code == 0)
        code = wait_for_others(m);
    if (code == 0)
        code = compare_records(m);
    if (code == 0)
        code = run_migrations(m);
    if (code == 0)
        code = apply_functions(m);
    if (code == 0)
        printf("migrate: done, %zu new files\n", m->ran);
    return code;
}

int qm_migrate_main(const struct qm_config *config, int argc, char **argv)
{
    struct migrate m = {.config = config};
    if (argc == 3 && strcmp(argv[1], "--between") == 0 && argv[2][0] != '\0') {
        m.between = argv[2];
    } else if (argc > 1) {
        fprintf(stderr, "usage: qiaomend migrate [--between CMD]\n");
        return EXIT_USAGE;
    }
    int code = run(&m);
    /* Closing the guard's connection ends its transaction and lets the next one in. */
    if (m.work != NULL)
        qm_pgb_close(m.work);
    if (m.guard != NULL)
        qm_pgb_close(m.guard);
    qm_pg_statements_release(m.statements);
    qm_sql_files_free(&m.migrations);
    qm_sql_files_free(&m.functions);
    qm_sql_files_free(&m.roles);
    return code;
}
