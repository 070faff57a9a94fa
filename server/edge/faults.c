/* faults.c - see faults.h.
 * Happy path: add while reading, sort once, write as text or JSON.
 * Failure: what does not fit into memory or above the cap is still counted.
 */
#include "edge/faults.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "wire/codec.h"
#include "wire/json.h"

enum { FAULT_TEXT_MAX_BYTES = 600 };

void qm_faults_init(struct qm_faults *f)
{
    memset(f, 0, sizeof *f);
}

void qm_faults_free(struct qm_faults *f)
{
    for (size_t i = 0; i < f->kept; i++) {
        free(f->list[i].where);
        free(f->list[i].text);
    }
    free(f->list);
    qm_faults_init(f);
}

static bool room(struct qm_faults *f)
{
    if (f->kept >= QM_FAULTS_KEPT_MAX)
        return false;
    if (f->kept < f->cap)
        return true;
    size_t cap = f->cap == 0 ? 64 : f->cap * 2;
    struct qm_fault *list = realloc(f->list, cap * sizeof *list);
    if (list == NULL)
        return false;
    f->list = list;
    f->cap = cap;
    return true;
}

/* Cutting at a byte may leave half a character, which no JSON text may hold; control characters of
 * somebody's file must not reach a terminal. */
static void make_printable(char *t)
{
    size_t len = strlen(t);
    while (len > 0 && !qm_utf8_ok(t, len))
        len--;
    t[len] = '\0';
    for (; *t != '\0'; t++) {
        if ((unsigned char)*t < 0x20 || *t == 0x7F)
            *t = '?';
    }
}

void qm_fault_add(struct qm_faults *f, int64_t line, const char *where, const char *format, ...)
{
    char text[FAULT_TEXT_MAX_BYTES];
    va_list args;
    va_start(args, format);
    (void)vsnprintf(text, sizeof text, format, args);
    va_end(args);
    make_printable(text);

    size_t order = f->n++;
    if (!room(f))
        return;
    struct qm_fault fault = {
        .line = line, .order = order, .where = strdup(where), .text = strdup(text)};
    if (fault.where == NULL || fault.text == NULL) {
        free(fault.where);
        free(fault.text);
        return;
    }
    f->list[f->kept++] = fault;
}

static int by_line(const void *a, const void *b)
{
    const struct qm_fault *x = a;
    const struct qm_fault *y = b;
    if (x->line != y->line)
        return x->line < y->line ? -1 : 1;
    return x->order < y->order ? -1 : x->order > y->order;
}

void qm_faults_sort(struct qm_faults *f)
{
    if (f->kept > 1)
        qsort(f->list, f->kept, sizeof *f->list, by_line);
}

qm_err qm_faults_text(const struct qm_faults *f, struct qm_buf *out)
{
    for (size_t i = 0; i < f->kept; i++) {
        const struct qm_fault *x = &f->list[i];
        if (x->line > 0)
            qm_buf_printf(out, "line %lld: ", (long long)x->line);
        if (x->where[0] != '\0')
            qm_buf_printf(out, "%s: ", x->where);
        qm_buf_printf(out, "%s\n", x->text);
    }
    if (f->n > f->kept)
        qm_buf_printf(out, "and %zu more\n", f->n - f->kept);
    return out->err;
}

qm_err qm_faults_json(const struct qm_faults *f, struct qm_buf *out)
{
    qm_buf_puts(out, "[");
    for (size_t i = 0; i < f->kept; i++) {
        const struct qm_fault *x = &f->list[i];
        qm_buf_printf(out, "%s{\"line\":%lld,\"where\":", i > 0 ? "," : "", (long long)x->line);
        qm_json_quote(out, x->where, strlen(x->where));
        qm_buf_puts(out, ",\"fault\":");
        qm_json_quote(out, x->text, strlen(x->text));
        qm_buf_puts(out, "}");
    }
    return qm_buf_puts(out, "]");
}
