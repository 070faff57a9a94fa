/* route_words.c - floor 4: see route_words.h.
 *
 * The table of errors speaks to a phone, whose records and pictures are what is sent most.  Whoever
 * asks with a token or signs in is at a page or writes a program.
 */
#include "edge/route_words.h"

#include <stdio.h>
#include <string.h>

bool qm_route_is_of_phones(const struct qm_route *route)
{
    return route->who == QM_WHO_DEVICE ||
           (route->who == QM_WHO_BODY && strncmp(route->path, "/v1/session", 11) != 0);
}

static void size_words(const struct qm_route *route, bool zh, char out[QM_ROUTE_WORDS_BYTES])
{
    if (route->body_max_bytes == 0)
        snprintf(out, QM_ROUTE_WORDS_BYTES, "%s",
                 zh ? "这个操作不带内容:请去掉内容再发一次"
                    : "Nothing is sent along here: ask again without a body");
    else
        snprintf(out, QM_ROUTE_WORDS_BYTES,
                 zh ? "这里一次最多收%zu KB:请写短一些,或分几次发"
                    : "At most %zu KB are taken here at once: make it shorter, or send it in parts",
                 route->body_max_bytes / 1024);
}

const char *qm_route_words(const struct qm_route *route, qm_err err, const char *lang,
                           char out[QM_ROUTE_WORDS_BYTES])
{
    bool zh = strcmp(lang, "zh") == 0;
    /* A body that names no media is a picture, which is looked at itself. */
    bool picture = route != NULL && route->media == NULL && route->who == QM_WHO_DEVICE;
    if (route == NULL || picture)
        return NULL;
    if (err == QM_E_MEDIA_TYPE && route->media != NULL)
        snprintf(out, QM_ROUTE_WORDS_BYTES,
                 zh ? "这里只收 %s:请在 Content-Type 里写明"
                    : "Only %s is taken here: say so in Content-Type",
                 route->media);
    else if (err == QM_E_TOO_LARGE)
        size_words(route, zh, out);
    else if (err == QM_E_MALFORMED && !qm_route_is_of_phones(route))
        snprintf(out, QM_ROUTE_WORDS_BYTES, "%s",
                 zh ? "请按接口说明(/v1/openapi.json)写好再发;什么也没有改"
                    : "Send what /v1/openapi.json describes; nothing was changed");
    else
        return NULL;
    return out;
}
