/* bench_reads - what the board and a grid's list cost, beside a select by primary key.
 *
 * Given the server's folder of queries and conninfos of databases that bench_reads.sql filled, it
 * runs, interleaved on one connection a database, prepared and with binary results: a select of one
 * household by its key, the board of all villages, one grid's list of 100.  Prints median and 99th
 * percentile of each and the ratios to the key select of the same database.
 * Failure: an SQL error or a result without rows: exit 1.
 *
 *   bench_reads ROUNDS QUERIES NAME CONNINFO [NAME CONNINFO ...]
 */
#include <libpq-fe.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { ASKED = 3, DATABASES_MAX = 8 };
static const char *const asked_name[ASKED] = {"primary key", "board", "list of a grid"};
static const char key_sql[] = "SELECT * FROM qm.household WHERE county = $1 AND household = $2";
static const struct {
    const char *file; /* NULL: key_sql */
    int n;
    const char *value[12];
} asked[ASKED] = {{NULL, 2, {"999999", "f43b6183-f30d-3df3-92f5-551d68273425"}},
                  {"board.sql", 5, {"999999", "township", "999999001", "village", "999999001"}},
                  {"list_households.sql",
                   12,
                   /* the part left:visited, as domain/roster_parts.c has it */
                   {"999999", "secretary", "999999001", "999999001001001", NULL, NULL, "100", "1",
                    "0", "512", "-65", "0"}}};
static const char *const statement[ASKED] = {"s0", "s1", "s2"};

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

/* The text of query i; in a static buffer. */
static const char *query_text(const char *queries, int i)
{
    static char text[8192];
    char path[1024];
    if (!asked[i].file)
        return key_sql;
    snprintf(path, sizeof path, "%s/%s", queries, asked[i].file);
    FILE *f = fopen(path, "r");
    size_t n = f ? fread(text, 1, sizeof text - 1, f) : 0;
    text[n] = '\0';
    if (f)
        fclose(f);
    return text;
}

static int open_database(struct database *d, const char *queries, const char *name,
                         const char *conninfo, size_t rounds)
{
    d->name = name;
    d->conn = PQconnectdb(conninfo);
    if (PQstatus(d->conn) != CONNECTION_OK) {
        fprintf(stderr, "%s", PQerrorMessage(d->conn));
        return 1;
    }
    for (int i = 0; i < ASKED; i++) {
        static const Oid types[8] = {23}; /* the county is an int4, the rest is as inferred */
        PGresult *r = PQprepare(d->conn, statement[i], query_text(queries, i), 1, types);
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
    double t = now_ms();
    PGresult *r =
        PQexecPrepared(d->conn, statement[what], asked[what].n, asked[what].value, NULL, NULL, 1);
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

static int run(struct database *db, int n, size_t rounds)
{
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

int main(int argc, char **argv)
{
    static struct database db[DATABASES_MAX]; /* freed with the process */
    int n = (argc - 3) / 2;
    size_t rounds = argc > 4 ? strtoul(argv[1], NULL, 10) : 0;

    if (rounds < 100 || n < 1 || n > DATABASES_MAX) {
        fprintf(stderr, "usage: bench_reads ROUNDS(100 and up) QUERIES NAME CONNINFO [...]\n");
        return 2;
    }
    for (int i = 0; i < n; i++)
        if (open_database(&db[i], argv[2], argv[3 + 2 * i], argv[4 + 2 * i], rounds) != 0)
            return 1;
    return run(db, n, rounds);
}
