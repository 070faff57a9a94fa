/* pg_statements.c - floor 2: the named statements, one file each.
 *
 * Happy path: every NAME.sql of the folder is read, its parameters are counted, and the list is
 * sorted by name. Files of other names are left alone. Failure modes: a folder or file that cannot
 * be read, a name that is no plain identifier, an empty or huge text: nothing is returned, so that
 * a reload keeps the statements that work.
 */
#include "drivers/pg_private.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"

enum { TEXT_MAX_BYTES = 256 * 1024 };

/* Skips a comment, a quoted word or a string that starts at s; s itself if none does. */
static const char *skip_quoted(const char *s)
{
    if (s[0] == '-' && s[1] == '-') {
        return s + strcspn(s, "\n");
    }
    if (s[0] == '/' && s[1] == '*') {
        const char *end = strstr(s + 2, "*/");
        return end != NULL ? end + 2 : s + strlen(s);
    }
    if (s[0] == '\'' || s[0] == '"') {
        const char *end = strchr(s + 1, s[0]);
        return end != NULL ? end + 1 : s + strlen(s);
    }
    return s;
}

int qm_pg_count_params(const char *sql)
{
    long highest = 0;
    while (*sql != '\0') {
        const char *behind = skip_quoted(sql);
        if (behind != sql) {
            sql = behind;
            continue;
        }
        if (*sql == '$') {
            long n = strtol(sql + 1, NULL, 10);
            highest = n > highest && n <= QM_PG_PARAMS_MAX ? n : highest;
        }
        sql++;
    }
    return (int)highest;
}

/* "visits_of.sql" gives "visits_of"; false for files that are not statements. */
static bool is_statement_file(const char *file)
{
    size_t len = strlen(file);
    return len > 4 && file[0] != '.' && strcmp(file + len - 4, ".sql") == 0;
}

static qm_err read_name(const char *file, char name[QM_PG_NAME_MAX_BYTES])
{
    size_t len = strlen(file) - 4;
    if (len >= QM_PG_NAME_MAX_BYTES ||
        strspn(file, "abcdefghijklmnopqrstuvwxyz0123456789_") != len) {
        return QM_E_INVALID;
    }
    memcpy(name, file, len);
    name[len] = '\0';
    return QM_OK;
}

static qm_err read_text(const char *dir, const char *file, char **out)
{
    char path[4096];
    struct qm_buf text;
    uint8_t part[4096];
    if (snprintf(path, sizeof path, "%s/%s", dir, file) >= (int)sizeof path) {
        return QM_E_INVALID;
    }
    FILE *f = fopen(path, "re");
    if (f == NULL) {
        return QM_E_IO;
    }
    qm_err err = QM_OK;
    qm_buf_init(&text, TEXT_MAX_BYTES);
    size_t n;
    while (err == QM_OK && (n = fread(part, 1, sizeof part, f)) > 0) {
        err = qm_buf_add(&text, part, n);
    }
    if (err == QM_OK && ferror(f)) {
        err = QM_E_IO;
    }
    (void)fclose(f);
    if (err == QM_OK && (text.len == 0 || memchr(text.p, 0, text.len) != NULL)) {
        err = QM_E_INVALID;
    }
    if (err != QM_OK) {
        qm_buf_free(&text);
        return err;
    }
    *out = (char *)qm_buf_steal(&text, &n); /* the buffer keeps a NUL behind its content */
    return QM_OK;
}

static qm_err add_file(struct qm_pg_statements *s, const char *dir, const char *file)
{
    struct qm_pg_statement *list =
        realloc(s->list, (size_t)(s->count + 1) * sizeof *list); /* tens of files, at start */
    if (list == NULL) {
        return QM_E_NOMEM;
    }
    s->list = list;
    struct qm_pg_statement *one = &list[s->count];
    memset(one, 0, sizeof *one);
    qm_err err = s->count == QM_PG_STATEMENTS_MAX ? QM_E_TOO_LARGE : read_name(file, one->name);
    if (err == QM_OK) {
        err = read_text(dir, file, &one->sql);
    }
    if (err == QM_OK) {
        one->params = qm_pg_count_params(one->sql);
        s->count++;
    }
    return err;
}

static int by_name(const void *a, const void *b)
{
    return strcmp(((const struct qm_pg_statement *)a)->name,
                  ((const struct qm_pg_statement *)b)->name);
}

static qm_err add_all(struct qm_pg_statements *s, const char *dir, DIR *d)
{
    for (;;) {
        errno = 0;
        const struct dirent *entry = readdir(d);
        if (entry == NULL) {
            return errno != 0 ? QM_E_IO : QM_OK;
        }
        if (!is_statement_file(entry->d_name)) {
            continue;
        }
        qm_err err = add_file(s, dir, entry->d_name);
        if (err != QM_OK) {
            qm_log(QM_LOG_ERROR, "pg_statement_file", "file", QM_LS(entry->d_name), "error",
                   QM_LS(qm_err_name(err)), NULL);
            return err;
        }
    }
}

qm_err qm_pg_statements_read(const char *dir, struct qm_pg_statements **out)
{
    DIR *d = opendir(dir);
    if (d == NULL) {
        return QM_E_IO;
    }
    struct qm_pg_statements *s = calloc(1, sizeof *s);
    qm_err err = QM_E_NOMEM;
    if (s != NULL) {
        atomic_init(&s->holders, 1);
        err = add_all(s, dir, d);
    }
    (void)closedir(d);
    if (err != QM_OK) {
        qm_pg_statements_release(s);
        return err;
    }
    if (s->count > 1) {
        qsort(s->list, (size_t)s->count, sizeof *s->list, by_name);
    }
    *out = s;
    return QM_OK;
}

struct qm_pg_statements *qm_pg_statements_hold(struct qm_pg_statements *s)
{
    (void)atomic_fetch_add(&s->holders, 1);
    return s;
}

void qm_pg_statements_release(struct qm_pg_statements *s)
{
    if (s == NULL || atomic_fetch_sub(&s->holders, 1) > 1) {
        return;
    }
    for (int i = 0; i < s->count; i++) {
        free(s->list[i].sql);
    }
    free(s->list);
    free(s);
}

int qm_pg_statements_find(const struct qm_pg_statements *s, const char *name)
{
    int low = 0, high = s->count;
    while (low < high) {
        int middle = low + (high - low) / 2;
        int order = strcmp(s->list[middle].name, name);
        if (order == 0) {
            return middle;
        }
        if (order < 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return -1;
}

qm_err qm_pg_statement_accepts(struct qm_pg_statement *s, const struct qm_pg_params *p)
{
    int count = p == NULL ? 0 : p->count;
    size_t bytes = (size_t)count * sizeof s->types[0];
    if (count != s->params) {
        return QM_E_INVALID;
    }
    if (count == 0) {
        return QM_OK;
    }
    /* It is prepared once, with the types of its first use: other types later would be read as
     * these, without an error where the lengths agree. */
    if (s->pinned) {
        return memcmp(s->types, p->types, bytes) == 0 ? QM_OK : QM_E_INVALID;
    }
    memcpy(s->types, p->types, bytes);
    s->pinned = true;
    return QM_OK;
}
