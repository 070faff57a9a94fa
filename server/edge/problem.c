/* problem.c - floor 4: problem details; see problem.h.
 *
 * Happy path: a code of the one error table becomes a small JSON object in the caller's language.
 * Failure: no memory leaves out->err set; whoever sends the answer then sends an empty body.
 */
#include "edge/problem.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "wire/json.h"

/* Weight of a language in thousandths; -1 if the header does not name it. */
static int lang_weight(const char *header, const char *lang)
{
    for (const char *p = header; *p;) {
        p += strspn(p, " \t,");
        size_t len = strcspn(p, ",");
        if (len >= 2 && strncasecmp(p, lang, 2) == 0 && (len == 2 || strchr("-; \t", p[2]))) {
            const char *q = memchr(p, ';', len);
            if (!q || !(q = strstr(q, "q=")) || q >= p + len)
                return 1000;
            double w = strtod(q + 2, NULL);
            return w > 0 ? (w < 1 ? (int)(w * 1000) : 1000) : 0;
        }
        p += len;
    }
    return -1;
}

const char *qm_problem_lang(const char *accept_language)
{
    if (!accept_language)
        return "zh";
    int zh = lang_weight(accept_language, "zh");
    int en = lang_weight(accept_language, "en");
    return en > 0 && en > zh ? "en" : "zh";
}

qm_err qm_problem_public(qm_err err)
{
    if (qm_err_http(err) != 0)
        return err;
    return qm_err_retry(err) ? QM_E_OVERLOAD : QM_E_INTERNAL;
}

void qm_problem_write(qm_err err, const char *lang, const char *detail, int64_t now_ms,
                      struct qm_buf *out)
{
    qm_err code = qm_problem_public(err);
    const char *title = qm_err_text(code, lang);
    if (!detail)
        detail = qm_err_todo(code, lang);
    qm_buf_printf(out, "{\"type\":\"/problems/%s\",\"title\":", qm_err_name(code));
    qm_json_quote(out, title, strlen(title));
    qm_buf_printf(out, ",\"status\":%d,\"detail\":", qm_err_http(code));
    qm_json_quote(out, detail, strlen(detail));
    qm_buf_printf(out, ",\"now\":%lld}\n", (long long)now_ms);
}

uint32_t qm_problem_retry_after_s(qm_err err)
{
    switch (qm_err_http(qm_problem_public(err))) {
    case 429:
        return 10;
    case 503:
        return err == QM_E_LOG_STOPPED ? 60 : 2;
    default:
        return 0;
    }
}
