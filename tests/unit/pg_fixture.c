/* pg_fixture.c - starts, kills and removes a private PostgreSQL; see pg_fixture.h. */
#include "pg_fixture.h"

#include <ftw.h>
#include <grp.h>
#include <libpq-fe.h>
#include <pwd.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#define DEBIAN_BIN "/usr/lib/postgresql/15/bin"
enum { TRIES = 3000, PAUSE_US = 10000, CHILDREN_MAX = 256 };

static const struct passwd *other_user(void)
{
    if (geteuid() != 0) {
        return NULL;
    }
    const struct passwd *user = getpwnam("postgres");
    if (user == NULL) {
        fail_msg("%s", "PostgreSQL does not run as root, and there is no user postgres");
    }
    return user;
}

/* Starts a program of PostgreSQL; its output goes to <dir>/log.  argv[0] becomes its whole path
 * where Debian has it: initdb looks for the server beside the name that it was called by, and
 * Debian's PATH holds neither. */
static pid_t spawn(const struct pg_fixture *f, char *argv[])
{
    char path[256], log[128];
    (void)snprintf(log, sizeof log, "%s/log", f->dir);
    (void)snprintf(path, sizeof path, DEBIAN_BIN "/%s", argv[0]);
    const struct passwd *user = other_user();
    pid_t pid = fork();
    if (pid != 0) {
        return pid;
    }
    if (user != NULL && (initgroups(user->pw_name, user->pw_gid) != 0 ||
                         setgid(user->pw_gid) != 0 || setuid(user->pw_uid) != 0)) {
        _exit(126);
    }
    (void)prctl(PR_SET_PDEATHSIG, SIGQUIT); /* a test that crashes leaves no server behind */
    if (chdir(f->dir) != 0 || freopen(log, "a", stdout) == NULL ||
        freopen(log, "a", stderr) == NULL) {
        _exit(126);
    }
    if (access(path, X_OK) == 0) {
        argv[0] = path;
    }
    (void)execvp(argv[0], argv);
    _exit(127);
}

static void show_log(const struct pg_fixture *f)
{
    char log[128], line[512];
    (void)snprintf(log, sizeof log, "%s/log", f->dir);
    FILE *in = fopen(log, "re");
    while (in != NULL && fgets(line, sizeof line, in) != NULL) {
        print_error("%s", line);
    }
    if (in != NULL) {
        (void)fclose(in);
    }
}

static void initdb(const struct pg_fixture *f)
{
    char data[96];
    int status = -1;
    (void)snprintf(data, sizeof data, "%s/data", f->dir);
    char *argv[] = {"initdb", "-D", data,   "-U",         "qiaomen",   "-A",
                    "trust",  "-E", "UTF8", "--locale=C", "--no-sync", NULL};
    pid_t pid = spawn(f, argv);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    if (status != 0) {
        show_log(f);
        fail_msg("initdb ended with %d", status);
    }
}

void pg_fixture_restart(struct pg_fixture *f)
{
    char data[96], socket[96];
    (void)snprintf(data, sizeof data, "%s/data", f->dir);
    (void)snprintf(socket, sizeof socket, "unix_socket_directories=%s", f->dir);
    char *argv[] = {"postgres", "-D", data, "-c", "listen_addresses=", "-c", socket,
                    /* the tests kill processes, not the machine */
                    "-c", "fsync=off", "-c", "max_connections=24", "-c", "shared_buffers=16MB",
                    NULL};
    f->pid = -1;
    for (int i = 0; i < TRIES; i++) {
        int status;
        /* After a kill the old shared memory may still be in use for a moment: try again. */
        if (f->pid <= 0 || waitpid(f->pid, &status, WNOHANG) == f->pid) {
            f->pid = spawn(f, argv);
        }
        if (PQping(f->conninfo) == PQPING_OK) {
            return;
        }
        (void)usleep(PAUSE_US);
    }
    show_log(f);
    fail_msg("%s", "PostgreSQL did not start");
}

void pg_fixture_start(struct pg_fixture *f)
{
    const struct passwd *user = other_user();
    memset(f, 0, sizeof *f);
    (void)snprintf(f->dir, sizeof f->dir, "/tmp/qm-pg-XXXXXX");
    assert_non_null(mkdtemp(f->dir));
    if (user != NULL) {
        assert_int_equal(chown(f->dir, user->pw_uid, user->pw_gid), 0);
    }
    (void)snprintf(f->conninfo, sizeof f->conninfo, "host=%s user=qiaomen dbname=postgres", f->dir);
    initdb(f);
    pg_fixture_restart(f);
    (void)snprintf(f->queries, sizeof f->queries, "%s/queries", f->dir);
    char *argv[] = {"mkdir", f->queries, NULL};
    int status = -1;
    pid_t pid = spawn(f, argv);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_int_equal(status, 0);
}

/* The processes that the server has started; how many. */
static size_t children_of(pid_t pid, pid_t child[CHILDREN_MAX])
{
    char path[64], list[16 * CHILDREN_MAX], *at = list, *end;
    (void)snprintf(path, sizeof path, "/proc/%ld/task/%ld/children", (long)pid, (long)pid);
    FILE *in = fopen(path, "re");
    assert_non_null(in);
    list[fread(list, 1, sizeof list - 1, in)] = '\0';
    (void)fclose(in);
    size_t n = 0;
    for (long one = strtol(at, &end, 10); end != at && n < CHILDREN_MAX;
         one = strtol(at, &end, 10)) {
        child[n++] = (pid_t)one;
        at = end;
    }
    return n;
}

void pg_fixture_kill(struct pg_fixture *f)
{
    pid_t child[CHILDREN_MAX];
    (void)kill(f->pid, SIGSTOP); /* it starts nothing new while its children go */
    size_t n = children_of(f->pid, child);
    assert_true(n > 0);
    for (size_t i = 0; i < n; i++) {
        (void)kill(child[i], SIGKILL);
    }
    (void)kill(f->pid, SIGKILL);
    assert_int_equal(waitpid(f->pid, NULL, 0), f->pid);
    f->pid = -1;
}

static int remove_one(const char *path, const struct stat *st, int kind, struct FTW *ftw)
{
    (void)st;
    (void)kind;
    (void)ftw;
    return remove(path);
}

void pg_fixture_stop(struct pg_fixture *f)
{
    if (f->pid > 0) {
        (void)kill(f->pid, SIGQUIT);
        assert_int_equal(waitpid(f->pid, NULL, 0), f->pid);
    }
    (void)nftw(f->dir, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

void pg_fixture_query(const struct pg_fixture *f, const char *name, const char *sql)
{
    char path[192];
    (void)snprintf(path, sizeof path, "%s/%s.sql", f->queries, name);
    FILE *out = fopen(path, "we");
    assert_non_null(out);
    assert_true(fputs(sql, out) >= 0);
    assert_int_equal(fclose(out), 0);
}

static PGresult *run(const struct pg_fixture *f, const char *sql)
{
    PGconn *c = PQconnectdb(f->conninfo);
    PGresult *res = PQexec(c, sql);
    ExecStatusType status = PQresultStatus(res);
    if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK) {
        fail_msg("%s: %s", sql, PQerrorMessage(c));
    }
    PQfinish(c);
    return res;
}

void pg_fixture_sql(const struct pg_fixture *f, const char *sql)
{
    PQclear(run(f, sql));
}

long pg_fixture_number(const struct pg_fixture *f, const char *sql)
{
    PGresult *res = run(f, sql);
    assert_int_equal(PQntuples(res), 1);
    long n = strtol(PQgetvalue(res, 0, 0), NULL, 10);
    PQclear(res);
    return n;
}
