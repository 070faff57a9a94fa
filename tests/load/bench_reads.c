/* bench_reads - what the board and a grid's list cost, beside a select by primary key.
 *
 * Given conninfos of databases that bench_reads.sql filled, each with the number of residents as
 * its name, it runs, interleaved on one connection a database, prepared and in binary form: a
 * select of one household by its key, the board of all villages, one grid's list of 100.  Prints
 * median and 99th percentile of each and the ratios to the key select of the same database.
 * Failure: an SQL error or a result without rows: exit 1.
 *
 *   bench_reads ROUNDS NAME CONNINFO [NAME CONNINFO ...]
 */
#include <libpq-fe.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { ASKED = 3, DATABASES_MAX = 8 };
static const char *const asked_name[ASKED] = {"primary key", "board", "list of a grid"};
static const char *const asked_sql[ASKED] = {
    "SELECT * FROM qm.household WHERE county = 999999 AND household = md5('h7')::uuid",
    "SELECT * FROM qm.coverage(999999, 'township', '999999001', 'village', '999999001')",
    "SELECT * FROM qm.list_households(999999, 'secretary', '999999001', '999999001001001', "
    "'left:visited', NULL, NULL, 100)"};

struct database {
    const char *name;
    PGconn *conn;
    double *ms[ASKED];
};

static double now_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static int compare_double(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static int open_database(struct database *d, const char *name, const char *conninfo, size_t rounds)
{
    static const char *const statement[ASKED] = {"s0", "s1", "s2"};
    d->name = name;
    d->conn = PQconnectdb(conninfo);
    if (PQstatus(d->conn) != CONNECTION_OK) {
        fprintf(stderr, "%s", PQerrorMessage(d->conn));
        return 1;
    }
    for (int i = 0; i < ASKED; i++) {
        PGresult *r = PQprepare(d->conn, statement[i], asked_sql[i], 0, NULL);
        int bad = PQresultStatus(r) != PGRES_COMMAND_OK;
        PQclear(r);
        d->ms[i] = calloc(rounds, sizeof *d->ms[i]);
        if (bad || !d->ms[i]) {
            fprintf(stderr, "%s", PQerrorMessage(d->conn));
            return 1;
        }
    }
    return 0;
}

static int ask(struct database *d, int what, double *ms)
{
    static const char *const statement[ASKED] = {"s0", "s1", "s2"};
    double t = now_ms();
    PGresult *r = PQexecPrepared(d->conn, statement[what], 0, NULL, NULL, NULL, 1);
    *ms = now_ms() - t;
    int bad = PQresultStatus(r) != PGRES_TUPLES_OK || PQntuples(r) == 0;
    if (bad)
        fprintf(stderr, "%s: %s: %s\n", d->name, asked_name[what], PQerrorMessage(d->conn));
    PQclear(r);
    return bad;
}

static void report(const struct database *d, size_t rounds)
{
    double base50 = 0, base99 = 0;
    for (int i = 0; i < ASKED; i++) {
        qsort(d->ms[i], rounds, sizeof *d->ms[i], compare_double);
        double p50 = d->ms[i][rounds / 2], p99 = d->ms[i][rounds * 99 / 100];
        if (i == 0) {
            base50 = p50;
            base99 = p99;
        }
        printf("%-28s %-16s p50 %7.3f ms (%5.2f x)   p99 %7.3f ms (%5.2f x)\n", d->name,
               asked_name[i], p50, p50 / base50, p99, p99 / base99);
    }
}

int main(int argc, char **argv)
{
    struct database db[DATABASES_MAX];
    int n = (argc - 2) / 2;
    size_t rounds = argc > 3 ? strtoul(argv[1], NULL, 10) : 0;

    if (rounds < 100 || n < 1 || n > DATABASES_MAX) {
        fprintf(stderr,
                "usage: bench_reads ROUNDS(100 and up) NAME CONNINFO [NAME CONNINFO ...]\n");
        return 2;
    }
    for (int i = 0; i < n; i++)
        if (open_database(&db[i], argv[2 + 2 * i], argv[3 + 2 * i], rounds) != 0)
            return 1;
    for (size_t k = 0; k < rounds + 50; k++)
        for (int i = 0; i < n; i++)
            for (int what = 0; what < ASKED; what++) {
                double ms;
                if (ask(&db[i], what, &ms) != 0)
                    return 1;
                if (k >= 50) /* the first ones warm the caches and are not counted */
                    db[i].ms[what][k - 50] = ms;
            }
    for (int i = 0; i < n; i++)
        report(&db[i], rounds);
    return 0;
}
