/* setting_lines.c - floor 4: see setting_lines.h. What is kept was checked when it was set, so only
 * its shape is looked at here.
 * Failure: another shape is QM_E_CORRUPT; a kind that phones do not get adds nothing.
 */
#include "edge/setting_lines.h"

#include <jansson.h>
#include <string.h>

#include "wire/json.h"

static qm_err text_of(const json_t *o, const char *name, struct qm_buf *out)
{
    const json_t *v = json_object_get(o, name);
    if (!json_is_string(v))
        return QM_E_CORRUPT;
    qm_buf_printf(out, ",\"%s\":", name);
    return qm_json_quote(out, json_string_value(v), json_string_length(v));
}

static qm_err text_line(const json_t *o, struct qm_buf *out)
{
    static const char *const members[] = {"text", "kind", "basis", "title", "body"};
    qm_err e = qm_buf_puts(out, "{\"t\":\"text\"");
    for (size_t i = 0; e == QM_OK && i < sizeof members / sizeof *members; i++)
        e = text_of(o, members[i], out);
    return e == QM_OK ? qm_buf_puts(out, "}\n") : e;
}

static qm_err target_line(const json_t *o, struct qm_buf *out)
{
    const json_t *threshold = json_object_get(o, "threshold");
    if (!json_is_integer(threshold))
        return QM_E_CORRUPT;
    qm_buf_puts(out, "{\"t\":\"target\"");
    qm_err e = text_of(o, "metric", out);
    if (e == QM_OK)
        e = qm_buf_printf(out, ",\"threshold\":%lld", (long long)json_integer_value(threshold));
    static const char *const members[] = {"due", "from", "prefix"};
    for (size_t i = 0; e == QM_OK && i < sizeof members / sizeof *members; i++)
        e = text_of(o, members[i], out);
    return e == QM_OK ? qm_buf_puts(out, "}\n") : e;
}

static qm_err topic_line(const json_t *o, struct qm_buf *out)
{
    qm_err e = qm_buf_puts(out, "{\"t\":\"topic\"");
    if (e == QM_OK)
        e = text_of(o, "code", out);
    if (e == QM_OK)
        e = text_of(o, "zh", out);
    return e == QM_OK ? qm_buf_puts(out, "}\n") : e;
}

qm_err qm_setting_lines(const char *kind, const char *body, size_t len, struct qm_buf *out,
                        int64_t *rows)
{
    static const struct {
        const char *kind, *row;
        qm_err (*line)(const json_t *o, struct qm_buf *out);
    } kinds[] = {{"texts", "text", text_line},
                 {"targets", "target", target_line},
                 {"topics", "topic", topic_line}};
    size_t k = 0;
    while (k < sizeof kinds / sizeof *kinds && strcmp(kinds[k].kind, kind) != 0)
        k++;
    if (k == sizeof kinds / sizeof *kinds)
        return QM_OK;
    json_t *list = json_loadb(body, len, JSON_REJECT_DUPLICATES, NULL);
    qm_err e = json_is_array(list) ? QM_OK : QM_E_CORRUPT;
    size_t i;
    const json_t *o;
    json_array_foreach(list, i, o)
    {
        if (e == QM_OK)
            e = kinds[k].line(o, out);
        *rows += e == QM_OK;
    }
    if (e == QM_OK && json_array_size(list) == 0) {
        e = qm_buf_printf(out, "{\"t\":\"none\",\"of\":\"%s\"}\n", kinds[k].row);
        *rows += 1;
    }
    json_decref(list);
    return e;
}
