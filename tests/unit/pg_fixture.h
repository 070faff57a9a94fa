/* pg_fixture.h - a PostgreSQL of one's own for a test program: in a folder below /tmp, reached by a
 * unix socket only, as user `postgres` if the test runs as root. Every function fails the test
 * with a message if it cannot do its work.
 */
#ifndef QM_TESTS_PG_FIXTURE_H
#define QM_TESTS_PG_FIXTURE_H

#include <sys/types.h>

struct pg_fixture {
    char dir[64];
    char conninfo[160];
    char queries[96]; /* an empty folder for NAME.sql */
    pid_t pid;
};

void pg_fixture_start(struct pg_fixture *f);
/* Ends the server and every process of it at once, as a power cut would. */
void pg_fixture_kill(struct pg_fixture *f);
void pg_fixture_restart(struct pg_fixture *f);
void pg_fixture_stop(struct pg_fixture *f); /* also removes the folder */
/* Writes <queries>/<name>.sql. */
void pg_fixture_query(const struct pg_fixture *f, const char *name, const char *sql);
/* Runs SQL text on a connection of its own. */
void pg_fixture_sql(const struct pg_fixture *f, const char *sql);
/* The number that a query gives. */
long pg_fixture_number(const struct pg_fixture *f, const char *sql);

#endif
