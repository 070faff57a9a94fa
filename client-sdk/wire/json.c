/* json.c - floor 0: strict, table-driven readers of small closed JSON objects.
 *
 * Happy path: Jansson parses, each row of the table takes its member, and the number of members
 * taken must be the number of members there.
 * Failure modes: QM_E_MALFORMED, and QM_E_NOMEM for the document itself.  Texts are wiped when a
 * document is freed, because most of them are personal data.
 */
#include "wire/json.h"

#include <jansson.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "wire/codec.h"

struct qm_json_doc {
    json_t *root;
};

static void wipe(json_t *v)
{
    const char *key = NULL;
    json_t *member = NULL;
    size_t i = 0;
    if (json_is_string(v)) {
        /* The block is Jansson's own and on the heap; only its accessor is const. */
        sodium_memzero((char *)json_string_value(v), json_string_length(v));
    } else if (json_is_object(v)) {
        json_object_foreach(v, key, member)
        {
            wipe(member);
        }
    } else if (json_is_array(v)) {
        json_array_foreach(v, i, member)
        {
            wipe(member);
        }
    }
}

static void release(json_t *root)
{
    wipe(root);
    json_decref(root);
}

static bool in_range(int64_t v, const struct qm_json_field *f)
{
    return v >= f->lo && v <= f->hi;
}

/* Jansson has refused NUL and invalid UTF-8 already. */
static qm_err strings_read(const json_t *v, const struct qm_json_field *f,
                           struct qm_json_strings *out)
{
    size_t n = json_array_size(v);
    if (!json_is_array(v) || !in_range((int64_t)n, f) || n > sizeof out->v / sizeof out->v[0])
        return QM_E_MALFORMED;
    for (size_t i = 0; i < n; i++) {
        const json_t *item = json_array_get(v, i);
        if (!json_is_string(item))
            return QM_E_MALFORMED;
        out->v[i] = json_string_value(item);
    }
    out->n = n;
    return QM_OK;
}

static qm_err field_read(const json_t *v, const struct qm_json_field *f, char *place)
{
    switch (f->type) {
    case QM_J_INT:
        if (!json_is_integer(v) || !in_range(json_integer_value(v), f))
            return QM_E_MALFORMED;
        *(int64_t *)(void *)place = json_integer_value(v);
        return QM_OK;
    case QM_J_BOOL:
        if (!json_is_boolean(v))
            return QM_E_MALFORMED;
        *(bool *)place = json_is_true(v);
        return QM_OK;
    case QM_J_STRING:
        if (!json_is_string(v) || !in_range((int64_t)json_string_length(v), f))
            return QM_E_MALFORMED;
        *(const char **)(void *)place = json_string_value(v);
        return QM_OK;
    case QM_J_STRINGS:
        return strings_read(v, f, (struct qm_json_strings *)(void *)place);
    }
    return QM_E_INVALID;
}

/* "state.door" is member door of the object state; one level. */
static const json_t *member_of(const json_t *root, const char *name)
{
    const char *dot = strchr(name, '.');
    if (dot == NULL)
        return json_object_get(root, name);
    return json_object_get(json_object_getn(root, name, (size_t)(dot - name)), dot + 1);
}

/* Members, those of a nested object in its place; an empty one counts, so that it is never taken.
 */
static size_t members_of(json_t *root)
{
    const char *key = NULL;
    json_t *member = NULL;
    size_t n = 0;
    json_object_foreach(root, key, member)
    {
        size_t inner = json_object_size(member);
        n += inner > 0 ? inner : 1;
    }
    return n;
}

static qm_err fields_read(json_t *root, const struct qm_json_field *fields, size_t n, char *into,
                          const char **bad)
{
    size_t taken = 0;
    for (size_t i = 0; i < n; i++) {
        const json_t *v = member_of(root, fields[i].name);
        *bad = fields[i].name;
        if (v == NULL && fields[i].required)
            return QM_E_MALFORMED;
        if (v == NULL)
            continue;
        qm_err e = field_read(v, &fields[i], into + fields[i].offset);
        if (e != QM_OK)
            return e;
        taken++;
    }
    *bad = "";
    return taken == members_of(root) ? QM_OK : QM_E_MALFORMED;
}

qm_err qm_json_object(const char *t, size_t len, const struct qm_json_field *fields, size_t n,
                      void *into, struct qm_json_doc **doc, const char **bad)
{
    const char *fault = "";
    json_t *root = json_loadb(t, len, JSON_REJECT_DUPLICATES, NULL);
    qm_err e = QM_E_MALFORMED;
    if (json_is_object(root))
        e = fields_read(root, fields, n, into, &fault);
    if (bad != NULL)
        *bad = fault;
    if (e == QM_OK) {
        struct qm_json_doc *d = malloc(sizeof *d);
        if (d != NULL) {
            d->root = root;
            *doc = d;
            return QM_OK;
        }
        e = QM_E_NOMEM;
    }
    if (root != NULL)
        release(root);
    return e;
}

void qm_json_free(struct qm_json_doc *doc)
{
    if (doc == NULL)
        return;
    release(doc->root);
    free(doc);
}

static qm_err quote_byte(struct qm_buf *out, char c)
{
    switch (c) {
    case '"':
        return qm_buf_puts(out, "\\\"");
    case '\\':
        return qm_buf_puts(out, "\\\\");
    case '\n':
        return qm_buf_puts(out, "\\n");
    case '\r':
        return qm_buf_puts(out, "\\r");
    case '\t':
        return qm_buf_puts(out, "\\t");
    default:
        return qm_buf_printf(out, "\\u%04x", (unsigned)(uint8_t)c);
    }
}

static bool is_plain(char c)
{
    return (uint8_t)c >= ' ' && c != '"' && c != '\\';
}

qm_err qm_json_quote(struct qm_buf *out, const char *text, size_t len)
{
    if (!qm_utf8_ok(text, len))
        return QM_E_INVALID;
    qm_buf_puts(out, "\"");
    for (size_t i = 0; i < len;) {
        size_t run = 0;
        while (i + run < len && is_plain(text[i + run]))
            run++;
        qm_buf_add(out, text + i, run);
        i += run;
        if (i < len)
            quote_byte(out, text[i++]);
    }
    return qm_buf_puts(out, "\"");
}
