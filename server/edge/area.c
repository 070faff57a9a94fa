/* area.c - floor 4: see area.h.
 * Happy path: the parameter, or what stands for it, is copied out. Failure: answered here, with
 * what the parameter may be; 403 for an area that is not the caller's.
 */
#include "edge/area.h"

#include <stdio.h>
#include <string.h>

#include "domain/coverage.h"
#include "edge/auth.h"

qm_err qm_query_or(const struct qm_call *c, const char *name, const char *otherwise, char *out,
                   size_t out_max)
{
    qm_err err = qm_call_query(c, name, out, out_max);
    if (err != QM_E_NOT_FOUND)
        return err;
    snprintf(out, out_max, "%s", otherwise);
    return QM_OK;
}

static bool within_bad(struct qm_call *c)
{
    qm_call_refuse(c, QM_E_MALFORMED, "within:6、9、12或15位的代码。",
                   "within: a code of 6, 9, 12 or 15 digits");
    return false;
}

bool qm_area_within(struct qm_call *c, char within[16])
{
    if (qm_query_or(c, "within", c->caller.prefix, within, 16) != QM_OK)
        return within_bad(c);
    size_t len = strlen(within);
    if ((len != 6 && len != 9 && len != 12 && len != 15) || strspn(within, "0123456789") != len)
        return within_bad(c);
    if (!qm_caller_covers(&c->caller, within)) {
        qm_call_problem(c, QM_E_FORBIDDEN);
        return false;
    }
    return true;
}

bool qm_area_level(struct qm_call *c, const char *within, char *level, size_t level_max)
{
    const char *otherwise = strlen(within) == 15 ? "grid" : "village";
    if (qm_query_or(c, "level", otherwise, level, level_max) != QM_OK ||
        qm_level_digits(level) == 0)
        qm_call_refuse(c, QM_E_MALFORMED, "level:grid、village、township或county。",
                       "level: grid, village, township or county");
    else if (qm_level_digits(level) < strlen(within))
        qm_call_refuse(c, QM_E_MALFORMED, "level:不能比within高。",
                       "level: not above the area within");
    else if (qm_level_digits(level) == 15 && strlen(within) < 9)
        qm_call_refuse(
            c, QM_E_MALFORMED, "level:网格一次只看一个乡镇,within请写乡镇或村。",
            "level: grids of one township at a time; write a township or less as within");
    else
        return true;
    return false;
}

bool qm_query_limit(struct qm_call *c, int32_t most, int32_t *out)
{
    char text[16];
    int64_t n = QM_PAGE_ROWS;
    qm_err e = qm_call_query(c, "limit", text, sizeof text);
    if (e == QM_E_NOT_FOUND)
        e = QM_OK;
    else if (e == QM_OK)
        e = qm_dec_read(text, strlen(text), most, &n);
    if (e != QM_OK || n < 1) {
        qm_call_refuse(c, QM_E_MALFORMED, "limit:1到%d。", "limit: 1 to %d", (int)most);
        return false;
    }
    *out = (int32_t)n;
    return true;
}

bool qm_query_day(struct qm_call *c, const char *name, int32_t otherwise, int32_t *out)
{
    char text[16];
    qm_err err = qm_call_query(c, name, text, sizeof text);
    *out = otherwise;
    if (err == QM_E_NOT_FOUND || (err == QM_OK && qm_day_read(text, strlen(text), out) == QM_OK))
        return true;
    qm_call_refuse(c, QM_E_MALFORMED, "%s:应是存在的日期,如2026-03-05。",
                   "%s: an existing day, yyyy-mm-dd", name);
    return false;
}
