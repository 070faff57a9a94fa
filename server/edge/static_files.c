/* static_files.c - floor 4: reads `pages.list` and what it names into memory; see static.h.
 *
 * Happy path: a line at a time; a file's bytes in each coding that the line names, a tag from the
 * SHA-256 of the plain bytes; at the end sort, and tie each app to its page.
 * Failure: the first fault ends the reading with its line in one sentence.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "edge/static.h"
#include "edge/static_files.h"
#include "wire/codec.h"
#include "wire/merkle.h"

enum { DIR_MAX_BYTES = 1024, LINE_MAX_BYTES = 1024, WORDS_MAX = 6, TAG_HASH_BYTES = 9 };

static const char *const coding_ends[QM_STATIC_CODINGS] = {"", ".br", ".gz"};

struct reading {
    const char *dir;
    struct qm_static *s;
    struct qm_buf *why;
    unsigned line;
};

static qm_err fault(const struct reading *r, qm_err e, const char *what)
{
    qm_buf_printf(r->why, "%s/pages.list, line %u: %s.", r->dir, r->line, what);
    return e;
}

/* ---- one file ---- */

/* Relative, and of few characters: no name leaves the folder. */
static bool name_ok(const char *name)
{
    static const char allowed[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                                  "._-/";
    return name[0] != '/' && !strstr(name, "..") && name[strspn(name, allowed)] == 0;
}

static qm_err bytes_read(FILE *f, struct qm_buf *all)
{
    char piece[65536];
    size_t n;
    while ((n = fread(piece, 1, sizeof piece, f)) > 0 && all->err == QM_OK)
        qm_buf_add(all, piece, n);
    return ferror(f) ? QM_E_IO : all->err;
}

static qm_err form_read(const struct reading *r, const char *name, const char *end,
                        struct qm_static_form *form)
{
    char path[DIR_MAX_BYTES + LINE_MAX_BYTES + 8];
    snprintf(path, sizeof path, "%s/%s%s", r->dir, name, end);
    FILE *f = fopen(path, "re");
    if (!f) {
        qm_buf_printf(r->why, "%s: cannot be opened: %s.", path, strerror(errno));
        return QM_E_IO;
    }
    struct qm_buf all;
    qm_buf_init(&all, QM_STATIC_FILE_MAX_BYTES + 1);
    qm_err e = bytes_read(f, &all);
    fclose(f);
    if (e == QM_OK)
        e = qm_buf_add(&all, "", 1); /* so that an empty file has memory too */
    if (e == QM_OK) {
        form->len = all.len - 1;
        form->bytes = qm_buf_steal(&all, &(size_t){0});
        r->s->bytes += form->len;
        if (r->s->bytes > QM_STATIC_ALL_MAX_BYTES)
            e = QM_E_TOO_LARGE;
    }
    if (e != QM_OK)
        qm_buf_printf(r->why, "%s: %s.", path, qm_err_text(e, "en"));
    qm_buf_free(&all);
    return e;
}

static void tags_make(struct qm_static_file *f)
{
    static const char *const mark[QM_STATIC_CODINGS] = {"", "-br", "-gz"};
    struct qm_hash hash;
    char text[2 * TAG_HASH_BYTES + 1];
    qm_sha256(f->form[QM_STATIC_PLAIN].bytes, f->form[QM_STATIC_PLAIN].len, &hash);
    qm_hex_write(hash.b, TAG_HASH_BYTES, text);
    for (int i = 0; i < QM_STATIC_CODINGS; i++)
        snprintf(f->form[i].tag, sizeof f->form[i].tag, "\"%s%s\"", text, mark[i]);
}

/* file <cache> <encodings> <path> <name> <type> */
static qm_err file_line(struct reading *r, char *const word[WORDS_MAX])
{
    const char *codings = word[2], *path = word[3], *name = word[4], *type = word[5];
    if (r->s->files == QM_STATIC_FILES_MAX)
        return fault(r, QM_E_TOO_LARGE, "too many files");
    struct qm_static_file *f = &r->s->file[r->s->files];
    *f = (struct qm_static_file){.kept = strcmp(word[1], "kept") == 0};
    if ((!f->kept && strcmp(word[1], "fresh") != 0) || path[0] != '/' || !name_ok(path + 1) ||
        !name_ok(name) || strlen(path) >= sizeof f->path || strlen(type) >= sizeof f->type)
        return fault(r, QM_E_INVALID, "not a file that can be served");
    snprintf(f->path, sizeof f->path, "%s", path);
    snprintf(f->type, sizeof f->type, "%s", type);
    r->s->files++; /* freed with the others from here on */
    bool wanted[QM_STATIC_CODINGS] = {true, strstr(codings, "br") != NULL,
                                      strstr(codings, "gz") != NULL};
    qm_err e = QM_OK;
    for (int i = 0; e == QM_OK && i < QM_STATIC_CODINGS; i++)
        if (wanted[i])
            e = form_read(r, name, coding_ends[i], &f->form[i]);
    if (e == QM_OK)
        tags_make(f);
    return e;
}

/* app <base> <path> */
static qm_err app_line(struct reading *r, char *const word[WORDS_MAX])
{
    if (r->s->apps == QM_STATIC_APPS_MAX)
        return fault(r, QM_E_TOO_LARGE, "too many apps");
    struct qm_static_app *app = &r->s->app[r->s->apps];
    size_t len = strlen(word[1]);
    if (len < 3 || len >= sizeof app->base || word[1][0] != '/' || word[1][len - 1] != '/' ||
        strlen(word[2]) >= sizeof app->path)
        return fault(r, QM_E_INVALID, "not an app");
    snprintf(app->base, sizeof app->base, "%s", word[1]);
    snprintf(app->path, sizeof app->path, "%s", word[2]);
    r->s->apps++;
    return QM_OK;
}

/* ---- the list ---- */

/* Cuts at single spaces; the last word keeps its own. */
static size_t words_cut(char *line, char *word[WORDS_MAX])
{
    size_t n = 0;
    for (char *p = line; p && n < WORDS_MAX;) {
        word[n++] = p;
        p = n < WORDS_MAX ? strchr(p, ' ') : NULL;
        if (p)
            *p++ = 0;
    }
    return n;
}

static qm_err line_read(struct reading *r, char *line)
{
    char *word[WORDS_MAX];
    size_t len = strlen(line);
    if (len == 0 || line[len - 1] != '\n')
        return fault(r, QM_E_INVALID, "too long, or cut off");
    line[len - 1] = 0;
    if (r->line == 1)
        return strcmp(line, "qiaomen-pages 1") == 0 ? QM_OK
                                                    : fault(r, QM_E_INVALID, "another version");
    size_t n = words_cut(line, word);
    if (n == 6 && strcmp(word[0], "file") == 0)
        return file_line(r, word);
    if (n == 3 && strcmp(word[0], "app") == 0)
        return app_line(r, word);
    return fault(r, QM_E_INVALID, "neither an app nor a file");
}

static int by_path(const void *a, const void *b)
{
    return strcmp(((const struct qm_static_file *)a)->path,
                  ((const struct qm_static_file *)b)->path);
}

static int path_against(const void *path, const void *file)
{
    return strcmp(path, ((const struct qm_static_file *)file)->path);
}

const struct qm_static_file *qm_static_file_find(const struct qm_static *s, const char *path)
{
    return bsearch(path, s->file, s->files, sizeof *s->file, path_against);
}

static qm_err finish(const struct reading *r)
{
    struct qm_static *s = r->s;
    qsort(s->file, s->files, sizeof *s->file, by_path);
    for (size_t i = 1; i < s->files; i++)
        if (by_path(&s->file[i - 1], &s->file[i]) == 0)
            return fault(r, QM_E_INVALID, "a path is there twice");
    if (s->apps == 0)
        return fault(r, QM_E_INVALID, "no app");
    for (size_t i = 0; i < s->apps; i++) {
        s->app[i].page = qm_static_file_find(s, s->app[i].path);
        if (!s->app[i].page)
            return fault(r, QM_E_INVALID, "an app's page is not among the files");
    }
    return QM_OK;
}

static qm_err list_read(struct reading *r)
{
    char line[LINE_MAX_BYTES];
    snprintf(line, sizeof line, "%s/pages.list", r->dir);
    FILE *f = fopen(line, "re");
    if (!f) {
        qm_buf_printf(r->why, "%s: cannot be opened: %s.", line, strerror(errno));
        return QM_E_IO;
    }
    qm_err e = QM_OK;
    while (e == QM_OK && fgets(line, sizeof line, f)) {
        r->line++;
        e = line_read(r, line);
    }
    if (e == QM_OK && ferror(f))
        e = fault(r, QM_E_IO, "cannot be read");
    fclose(f);
    return e == QM_OK ? finish(r) : e;
}

qm_err qm_static_load(const char *dir, struct qm_static **out, struct qm_buf *why)
{
    *out = NULL;
    if (dir[0] == 0)
        return QM_OK;
    if (strlen(dir) > DIR_MAX_BYTES - 32) {
        qm_buf_puts(why, "web_dir is too long.");
        return QM_E_INVALID;
    }
    struct qm_static *s = calloc(1, sizeof *s);
    struct reading r = {.dir = dir, .s = s, .why = why};
    qm_err e = s ? QM_OK : QM_E_NOMEM;
    if (s)
        s->file = calloc(QM_STATIC_FILES_MAX, sizeof *s->file);
    if (s && !s->file)
        e = QM_E_NOMEM;
    if (e == QM_OK)
        e = list_read(&r);
    if (e == QM_OK)
        *out = s;
    else
        qm_static_free(s);
    return e;
}

void qm_static_free(struct qm_static *s)
{
    if (!s)
        return;
    for (size_t i = 0; s->file && i < s->files; i++)
        for (int k = 0; k < QM_STATIC_CODINGS; k++)
            free(s->file[i].form[k].bytes);
    free(s->file);
    free(s);
}
