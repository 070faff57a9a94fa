/* audit.c - floor 3: `qiaomen audit`, the contract's check from outside.
 *
 * Happy path: keys, what was kept, the folder (fetched if --server is given), the audit, its
 * report. Failure: exit code 1 if something does not hold; the others as in cli.h.
 */
#include "cli/audit.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { KEYS_MAX = 16, SEEN_FILE_MAX_BYTES = 262144 };

struct job {
    const struct args *a;
    struct qm_vkey key[KEYS_MAX];
    size_t keys;
    struct qm_audit_seen *seen; /* name and text are owned */
    size_t seen_n, seen_room;
    long threads; /* 0: one a processor */
};

static void job_free(struct job *j)
{
    for (size_t i = 0; i < j->seen_n; i++) {
        free((char *)j->seen[i].name);
        free((char *)j->seen[i].text);
    }
    free(j->seen);
}

/* ---- arguments ---- */

static int keys_read(struct job *j)
{
    const char *item[KEYS_MAX];
    char *copy = NULL;
    size_t n = 0;
    int rc = args_list(j->a, "key", item, KEYS_MAX, &n, &copy);
    for (size_t i = 0; rc == EXIT_OK && i < n; i++) {
        struct qm_vkey *k = &j->key[j->keys++];
        const char *log = NULL;
        if (qm_vkey_read(item[i], strlen(item[i]), k) == QM_OK)
            log = strstr(k->name, "/log/");
        if (log == NULL || strspn(log + 5, "0123456789") != 6)
            rc = say_usage(j->a, "这不是总账的公钥", "not a log's verifier key", item[i]);
    }
    if (rc == EXIT_OK && n == 0)
        rc = say_usage(j->a, "要写 --key", "--key is needed", "audit");
    free(copy);
    return rc;
}

static int seen_file(struct job *j, const char *path)
{
    struct qm_buf text;
    size_t len = 0;
    if (j->seen_n == j->seen_room) {
        size_t room = j->seen_room == 0 ? 16 : j->seen_room * 2;
        struct qm_audit_seen *more = realloc(j->seen, room * sizeof *more);
        if (!more)
            return say_error(j->a, QM_C_NOMEM, path);
        j->seen = more;
        j->seen_room = room;
    }
    qm_buf_init(&text, SEEN_FILE_MAX_BYTES);
    int rc = read_whole(path, SEEN_FILE_MAX_BYTES, &text);
    if (rc != QM_C_OK) {
        qm_buf_free(&text);
        return say_error(j->a, rc, path);
    }
    if (text.len == 0 && qm_buf_puts(&text, " ") != QM_OK)
        return say_error(j->a, QM_C_NOMEM, path);
    struct qm_audit_seen *s = &j->seen[j->seen_n];
    s->name = strdup(path);
    s->text = (char *)qm_buf_steal(&text, &len);
    s->len = len;
    j->seen_n++;
    return s->name && s->text ? EXIT_OK : say_error(j->a, QM_C_NOMEM, path);
}

/* A folder stands for its files: a phone's receipts, say. */
static int seen_folder(struct job *j, const char *path)
{
    DIR *d = opendir(path);
    if (!d)
        return say_error(j->a, QM_C_IO, path);
    int rc = EXIT_OK;
    for (struct dirent *e; rc == EXIT_OK && (e = readdir(d)) != NULL;) {
        char *name = NULL;
        struct stat st;
        if (e->d_name[0] == '.')
            continue;
        if (asprintf(&name, "%s/%s", path, e->d_name) < 0)
            rc = say_error(j->a, QM_C_NOMEM, path);
        else if (stat(name, &st) == 0 && S_ISREG(st.st_mode))
            rc = seen_file(j, name);
        free(name);
    }
    closedir(d);
    return rc;
}

static int seen_path(struct job *j, const char *path)
{
    struct stat st;
    bool folder = stat(path, &st) == 0 && S_ISDIR(st.st_mode);
    return folder ? seen_folder(j, path) : seen_file(j, path);
}

/* --seen A B: words behind the options are further ones. */
static int seen_read(struct job *j)
{
    int rc = EXIT_OK;
    for (size_t i = 0; rc == EXIT_OK && i < j->a->options; i++) {
        if (strcmp(j->a->option[i].name, "seen") == 0)
            rc = seen_path(j, j->a->option[i].value);
    }
    for (size_t i = 0; rc == EXIT_OK && i < j->a->words; i++)
        rc = seen_path(j, j->a->word[i]);
    return rc;
}

/* ---- the audit ---- */

static void on_progress(void *ctx, const char *what, uint64_t done, uint64_t total)
{
    struct audit_print *p = ctx;
    progress_show((void *)p->a, what, done, total);
}

static int audit_folder(const struct job *j, const char *folder)
{
    const struct args *a = j->a;
    struct audit_print p = {.a = a, .with_seen = j->seen_n > 0};
    struct qm_audit_report r;
    struct qm_audit_options o = {.folder = folder,
                                 .spool_folder = args_get(a, "spool"),
                                 .threads = (unsigned)j->threads,
                                 .keys = j->key,
                                 .keys_n = j->keys,
                                 .seen = j->seen,
                                 .seen_n = j->seen_n,
                                 .ctx = &p,
                                 .finding = audit_print_finding,
                                 .progress = on_progress,
                                 .bulletin = audit_print_bulletin,
                                 .village = audit_print_village,
                                 .line = args_has(a, "roster") ? audit_print_line : NULL};
    audit_print_begin(&p);
    qm_err e = qm_audit_run(&o, &r);
    int rc = EXIT_OK;
    if (e == QM_OK) {
        rc = audit_print_end(&p, &r, args_get(a, "out"));
    } else {
        /* stdout holds one object already: the error goes to stderr, also with --json. */
        struct args plain = *a;
        plain.json = false;
        audit_print_stop(&p, qm_err_name(e));
        rc = say_error(&plain, (int)e, folder);
    }
    qm_audit_report_free(&r);
    return rc;
}

int cmd_audit(const struct args *a)
{
    char folder[4096];
    bool made = false;
    const char *given = args_get(a, "folder");
    struct job *j = calloc(1, sizeof *j);
    if (!j)
        return say_error(a, QM_C_NOMEM, "");
    j->a = a;
    int rc = args_only(a, "server token folder keep key seen out roster spool threads");
    if (rc == EXIT_OK && !given == !args_get(a, "server"))
        rc = say_usage(a, "--server 和 --folder 要写一个", "one of --server and --folder is needed",
                       "audit");
    if (rc == EXIT_OK)
        rc = args_number(a, "threads", 1, QM_AUDIT_THREADS_MAX, 0, &j->threads);
    if (rc == EXIT_OK)
        rc = keys_read(j);
    if (rc == EXIT_OK)
        rc = seen_read(j);
    if (rc == EXIT_OK && given)
        rc = audit_folder(j, given);
    else if (rc == EXIT_OK && (rc = audit_fetch(a, &j->key[0], folder, &made)) == EXIT_OK)
        rc = audit_folder(j, folder);
    if (made)
        audit_fetch_remove(folder);
    job_free(j);
    free(j);
    return rc;
}
