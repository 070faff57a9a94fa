/* json.h - floor 0: strict, table-driven readers of small closed JSON objects.
 *
 * The only place of wire and of the client that sees Jansson (the server's edge writes JSON with it
 * too).  Duplicate members, unknown members, missing members, wrong types, numbers that are not
 * plain integers and anything behind the object are refused with QM_E_MALFORMED. Pure, any thread.
 */
#ifndef QM_WIRE_JSON_H
#define QM_WIRE_JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "wire/buf.h"

enum qm_json_type {
    QM_J_INT,    /* int64_t, lo..hi */
    QM_J_BOOL,   /* bool */
    QM_J_STRING, /* const char *, lo..hi bytes, valid UTF-8 without U+0000 */
    QM_J_STRINGS /* struct qm_json_strings, lo..hi members */
};
struct qm_json_strings {
    size_t n;
    const char *v[64];
};
struct qm_json_field {
    const char *name; /* "door", or "state.door" for a member of a nested object, one level */
    enum qm_json_type type;
    bool required;
    size_t offset; /* offsetof in the caller's struct */
    int64_t lo, hi;
};
/* An object that was read; strings in the caller's struct point into it until it is freed. */
struct qm_json_doc;

/* *doc is set only on success.  Fields that are absent leave the caller's struct as it was.
 * On error *bad (if not NULL) names the first member at fault, or "" for the text as a whole; it
 * points to static storage or into fields. */
qm_err qm_json_object(const char *t, size_t len, const struct qm_json_field *fields, size_t n,
                      void *into, struct qm_json_doc **doc, const char **bad);
void qm_json_free(struct qm_json_doc *doc);
/* Appends a quoted, escaped JSON string (RFC 8259); text must be valid UTF-8. */
qm_err qm_json_quote(struct qm_buf *out, const char *text, size_t len);

#endif
