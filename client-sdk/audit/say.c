/* say.c - floor 2, inside audit: findings leave here.
 * The grade of a code stands with its words (words.c).
 * Cannot fail; a detail that is too long is cut, and bytes that a terminal would act on
 * become "?".
 */
#include <stdarg.h>
#include <string.h>

#include "audit/inside.h"
#include "audit/words.h"

enum { DETAIL_MAX_BYTES = sizeof((struct qm_audit_finding *)0)->detail };

/* A detail may quote what somebody put into the log: nothing in it is to move a terminal's cursor.
 */
static void make_plain(char *text)
{
    bool utf8 = qm_utf8_ok(text, strlen(text));
    for (unsigned char *p = (unsigned char *)text; *p != 0; p++) {
        if (*p < ' ' || *p == 0x7F || (!utf8 && *p >= 0x80))
            *p = '?';
    }
}

static void say(struct qm_au *a, const char *code, int64_t index, const uint8_t *id,
                const char *division, const char *detail)
{
    struct qm_audit_finding f = {.code = code, .index = index};
    f.grade = qm_au_words_grade(code);
    if (id != NULL)
        qm_uuid_write(id, f.event);
    (void)snprintf(f.division, sizeof f.division, "%s", division);
    (void)snprintf(f.detail, sizeof f.detail, "%s", detail);
    make_plain(f.detail);
    if (f.grade == QM_AUDIT_BAD)
        a->report->bad++;
    else
        a->report->notes++;
    a->o->finding(a->o->ctx, &f);
}

void qm_au_say(struct qm_au *a, const char *code, int64_t index, const uint8_t *id,
               const char *format, ...)
{
    char detail[DETAIL_MAX_BYTES];
    va_list args;
    va_start(args, format);
    (void)vsnprintf(detail, sizeof detail, format, args);
    va_end(args);
    say(a, code, index, id, "", detail);
}

void qm_au_say_division(struct qm_au *a, const char *code, int64_t index, const char *division,
                        const char *format, ...)
{
    char detail[DETAIL_MAX_BYTES];
    va_list args;
    va_start(args, format);
    (void)vsnprintf(detail, sizeof detail, format, args);
    va_end(args);
    say(a, code, index, NULL, division, detail);
}

void qm_au_progress(const struct qm_au *a, const char *what, uint64_t done, uint64_t total)
{
    if (a->o->progress != NULL)
        a->o->progress(a->o->ctx, what, done, total);
}
