/* migrate_files.c - see migrate_files.h.
 * Happy path: list a folder, judge each name, read and hash, sort.
 * Failure modes: a name outside the pattern is an error and not passed over: it would be a
 * migration that silently never runs.
 */
#include "wiring/migrate_files.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "wire/buf.h"

enum { SQL_FILE_MAX_BYTES = 8 << 20, PATH_MAX_BYTES = 1400 };

static const struct {
    const char *end;
    enum qm_sql_stage stage;
} stages[] = {
    {".tables.sql", QM_SQL_TABLES}, {".keys.sql", QM_SQL_KEYS}, {".data.sql", QM_SQL_DATA}};

qm_err qm_file_read(const char *path, size_t max_bytes, char **out, size_t *len, char *error,
                    size_t error_max)
{
    FILE *f = fopen(path, "rb");
    if (f == NULL) {
        snprintf(error, error_max, "cannot open %s: %s", path, strerror(errno));
        return QM_E_IO;
    }
    struct qm_buf all;
    qm_buf_init(&all, max_bytes + 1);
    char piece[65536];
    size_t n;
    while ((n = fread(piece, 1, sizeof piece, f)) > 0 && all.err == QM_OK)
        qm_buf_add(&all, piece, n);
    qm_err err = ferror(f) ? QM_E_IO : all.err;
    fclose(f);
    explicit_bzero(piece, sizeof piece);
    if (err == QM_OK)
        err = qm_buf_add(&all, "", 1); /* so that an empty file has memory too */
    if (err != QM_OK) {
        snprintf(error, error_max, "cannot read %s: %s", path, qm_err_text(err, "en"));
        qm_buf_wipe(&all);
        return err;
    }
    *len = all.len - 1;
    *out = (char *)all.p;
    return QM_OK;
}

static bool ends_with(const char *t, const char *end)
{
    size_t a = strlen(t);
    size_t b = strlen(end);
    return a > b && strcmp(t + a - b, end) == 0;
}

/* NNNN_name, name of [a-z0-9_] */
static bool stem_ok(const char *t, size_t len)
{
    if (len < 6 || t[4] != '_')
        return false;
    for (size_t i = 0; i < len; i++) {
        bool digit = t[i] >= '0' && t[i] <= '9';
        bool letter = (t[i] >= 'a' && t[i] <= 'z') || t[i] == '_';
        if (!digit && (i < 4 || !letter))
            return false;
    }
    return true;
}

static bool name_migration(struct qm_sql_file *f)
{
    for (size_t i = 0; i < sizeof stages / sizeof stages[0]; i++) {
        if (!ends_with(f->name, stages[i].end))
            continue;
        f->stage = stages[i].stage;
        f->stem = strlen(f->name) - strlen(stages[i].end);
        return stem_ok(f->name, f->stem);
    }
    return false;
}

static qm_err read_one(const char *folder, const char *name, struct qm_sql_files *out, char *error,
                       size_t error_max)
{
    struct qm_sql_file *all = realloc(out->file, (out->n + 1) * sizeof *all);
    if (all == NULL) {
        snprintf(error, error_max, "not enough memory");
        return QM_E_NOMEM;
    }
    out->file = all;
    struct qm_sql_file *f = &all[out->n];
    memset(f, 0, sizeof *f);
    f->stage = QM_SQL_OTHER;
    if (strlen(name) >= sizeof f->name) {
        snprintf(error, error_max, "%s/%s: the name is too long", folder, name);
        return QM_E_INVALID;
    }
    memcpy(f->name, name, strlen(name) + 1);
    char path[PATH_MAX_BYTES];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    size_t len = 0;
    qm_err err = qm_file_read(path, SQL_FILE_MAX_BYTES, &f->text, &len, error, error_max);
    if (err != QM_OK)
        return err;
    qm_sha256(f->text, len, &f->sha256);
    out->n++;
    return QM_OK;
}

static int in_order(const void *a, const void *b)
{
    const struct qm_sql_file *x = a;
    const struct qm_sql_file *y = b;
    if (x->stage == QM_SQL_OTHER)
        return strcmp(x->name, y->name);
    int number = strncmp(x->name, y->name, 4);
    if (number != 0)
        return number;
    return x->stage < y->stage ? -1 : x->stage > y->stage;
}

static qm_err read_folder(const char *folder, struct qm_sql_files *out, char *error,
                          size_t error_max)
{
    DIR *d = opendir(folder);
    if (d == NULL) {
        snprintf(error, error_max, "cannot open %s: %s; set sql_dir", folder, strerror(errno));
        return QM_E_IO;
    }
    qm_err err = QM_OK;
    struct dirent *e;
    while (err == QM_OK && (e = readdir(d)) != NULL) {
        if (e->d_name[0] != '.' && ends_with(e->d_name, ".sql"))
            err = read_one(folder, e->d_name, out, error, error_max);
    }
    closedir(d);
    return err;
}

qm_err qm_sql_migrations(const char *sql_dir, struct qm_sql_files *out, char *error,
                         size_t error_max)
{
    char folder[PATH_MAX_BYTES - QM_SQL_NAME_MAX];
    snprintf(folder, sizeof folder, "%s/migrations", sql_dir);
    qm_err err = read_folder(folder, out, error, error_max);
    if (err != QM_OK)
        return err;
    for (size_t i = 0; i < out->n; i++) {
        if (!name_migration(&out->file[i])) {
            snprintf(error, error_max,
                     "%s/%s: the name must be NNNN_name.tables.sql, .keys.sql or "
                     ".data.sql",
                     folder, out->file[i].name);
            return QM_E_INVALID;
        }
    }
    if (out->n == 0) {
        snprintf(error, error_max, "%s is empty; set sql_dir", folder);
        return QM_E_INVALID;
    }
    qsort(out->file, out->n, sizeof *out->file, in_order);
    for (size_t i = 1; i < out->n; i++) {
        struct qm_sql_file *a = &out->file[i - 1];
        struct qm_sql_file *b = &out->file[i];
        if (strncmp(a->name, b->name, 4) == 0 &&
            (a->stem != b->stem || strncmp(a->name, b->name, a->stem) != 0)) {
            snprintf(error, error_max, "%s and %s have the same number", a->name, b->name);
            return QM_E_INVALID;
        }
    }
    return QM_OK;
}

qm_err qm_sql_functions(const char *sql_dir, struct qm_sql_files *out, char *error,
                        size_t error_max)
{
    char folder[PATH_MAX_BYTES - QM_SQL_NAME_MAX];
    snprintf(folder, sizeof folder, "%s/functions", sql_dir);
    qm_err err = read_folder(folder, out, error, error_max);
    if (err == QM_OK && out->n > 1)
        qsort(out->file, out->n, sizeof *out->file, in_order);
    return err;
}

qm_err qm_sql_roles(const char *sql_dir, struct qm_sql_files *out, char *error, size_t error_max)
{
    return read_one(sql_dir, "roles.sql", out, error, error_max);
}

qm_err qm_sql_statements(const char *sql_dir, struct qm_pg_statements **out, char *error,
                         size_t error_max)
{
    char folder[PATH_MAX_BYTES];
    snprintf(folder, sizeof folder, "%s/queries", sql_dir);
    qm_err err = qm_pg_statements_read(folder, out);
    if (err != QM_OK)
        snprintf(error, error_max, "cannot read %s (%s); set sql_dir", folder,
                 qm_err_text(err, "en"));
    return err;
}

void qm_sql_files_free(struct qm_sql_files *f)
{
    for (size_t i = 0; i < f->n; i++)
        free(f->file[i].text);
    free(f->file);
    f->file = NULL;
    f->n = 0;
}
