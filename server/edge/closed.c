/* closed.c - see closed.h.
 * Happy path: a check that finds nothing wrong returns the value.
 * Failure: a fault is added, and a value that is harmless (0, "", the lowest number) goes on.
 */
#include "edge/closed.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "wire/codec.h"

void qm_closed_fault(struct qm_closed *c, const char *member, const char *format, ...)
{
    char text[400];
    char where[160];
    va_list args;
    va_start(args, format);
    (void)vsnprintf(text, sizeof text, format, args);
    va_end(args);
    snprintf(where, sizeof where, "%s%s%s", c->place,
             c->place[0] != '\0' && member[0] != '\0' ? "." : "", member);
    qm_fault_add(c->faults, 0, where, "%s", text);
}

/* ---- typed members of closed objects ---- */

/* names: required ones first, then "|", then optional ones; NULL-terminated. */
bool qm_closed_object(struct qm_closed *c, json_t *o, const char *const *names)
{
    if (!json_is_object(o)) {
        qm_closed_fault(c, "", "must be an object { ... }");
        return false;
    }
    bool optional = false;
    for (size_t i = 0; names[i] != NULL; i++) {
        if (strcmp(names[i], "|") == 0)
            optional = true;
        else if (!optional && json_object_get(o, names[i]) == NULL)
            qm_closed_fault(c, names[i], "is missing");
    }
    const char *key;
    json_t *value;
    json_object_foreach(o, key, value)
    {
        bool known = false;
        for (size_t i = 0; names[i] != NULL; i++)
            known = known || strcmp(names[i], key) == 0;
        if (!known)
            qm_closed_fault(c, key, "is not a member here");
    }
    return true;
}

/* "" if absent or faulty. */
const char *qm_closed_text(struct qm_closed *c, const json_t *o, const char *name, size_t max)
{
    const json_t *v = json_object_get(o, name);
    if (v == NULL)
        return "";
    if (!json_is_string(v) || json_string_length(v) == 0 || json_string_length(v) > max) {
        qm_closed_fault(c, name, "must be a text of 1 to %zu bytes", max);
        return "";
    }
    return json_string_value(v);
}

/* Index in words (NULL-terminated), or -1. */
int qm_closed_word(struct qm_closed *c, const json_t *o, const char *name, const char *const *words)
{
    const char *t = qm_closed_text(c, o, name, 40);
    if (t[0] == '\0')
        return -1;
    char all[200] = "";
    for (int i = 0; words[i] != NULL; i++) {
        if (strcmp(words[i], t) == 0)
            return i;
        strncat(all, i > 0 ? ", " : "", sizeof all - strlen(all) - 1);
        strncat(all, words[i], sizeof all - strlen(all) - 1);
    }
    qm_closed_fault(c, name, "\"%s\" is not one of %s", t, all);
    return -1;
}

int64_t qm_closed_int(struct qm_closed *c, const json_t *o, const char *name, int64_t lo,
                      int64_t hi)
{
    const json_t *v = json_object_get(o, name);
    if (v == NULL)
        return lo;
    if (!json_is_integer(v) || json_integer_value(v) < lo || json_integer_value(v) > hi) {
        qm_closed_fault(c, name, "must be a whole number from %lld to %lld", (long long)lo,
                        (long long)hi);
        return lo;
    }
    return json_integer_value(v);
}

bool qm_closed_bool(struct qm_closed *c, const json_t *o, const char *name)
{
    const json_t *v = json_object_get(o, name);
    if (v != NULL && !json_is_boolean(v))
        qm_closed_fault(c, name, "must be true or false");
    return json_is_true(v);
}

int32_t qm_closed_day(struct qm_closed *c, const json_t *o, const char *name)
{
    const char *t = qm_closed_text(c, o, name, 40);
    int32_t day = 0;
    if (t[0] != '\0' && qm_day_read(t, strlen(t), &day) != QM_OK)
        qm_closed_fault(c, name, "\"%s\" is no existing day; write yyyy-mm-dd", t);
    return day;
}

const char *qm_closed_code(struct qm_closed *c, const json_t *o, const char *name)
{
    const char *t = qm_closed_text(c, o, name, QM_CODE_MAX_BYTES);
    if (t[0] != '\0' && !qm_code_ok(t, strlen(t)))
        qm_closed_fault(c, name, "\"%s\" is no code: lower-case letters, digits, - and _", t);
    return t;
}

json_t *qm_closed_parse(struct qm_closed *c, const char *t, size_t len)
{
    json_error_t e;
    json_t *j = json_loadb(t, len, JSON_REJECT_DUPLICATES, &e);
    if (j == NULL)
        qm_fault_add(c->faults, e.line, "", "no JSON text: %s", e.text);
    return j;
}

bool qm_closed_array(struct qm_closed *c, const json_t *j, const char *what)
{
    if (json_is_array(j) && json_array_size(j) <= QM_CLOSED_ROWS_MAX)
        return true;
    qm_closed_fault(c, "", "must be an array of at most %d %s", QM_CLOSED_ROWS_MAX, what);
    return false;
}

void qm_closed_at(struct qm_closed *c, size_t i)
{
    snprintf(c->place, sizeof c->place, "[%zu]", i);
}
