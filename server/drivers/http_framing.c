/* http_framing.c - floor 2: is a request's framing beyond doubt?  See http_framing.h.
 *
 * Happy path: each part only ever sets facts; the verdict is drawn once, at the end.
 * Failure modes: none but the verdict.
 */
#include "drivers/http_framing.h"

#include <string.h>
#include <strings.h>

/* RFC 9110 section 5.6.2. */
static bool is_token(const char *s, size_t len)
{
    for (size_t i = 0; i < len; i++)
        if ((unsigned char)s[i] <= 0x20 || (unsigned char)s[i] >= 0x7F ||
            strchr("\"(),/:;<=>?@[\\]{}", s[i]) != NULL)
            return false;
    return len > 0;
}

void qm_framing_target(struct qm_framing *f, const char *target)
{
    for (const char *s = target; *s != '\0'; s++)
        if (*s <= 0x20 || *s == 0x7F)
            f->bad = true;
    if (*target == '\0')
        f->bad = true;
}

void qm_framing_line(struct qm_framing *f, const char *method, const char *version)
{
    f->http10 = strcmp(version, "HTTP/1.0") == 0;
    if (!is_token(method, strlen(method)) || (!f->http10 && strcmp(version, "HTTP/1.1") != 0))
        f->bad = true;
}

static void read_length(struct qm_framing *f, const char *value, size_t len)
{
    uint64_t n = 0;
    f->lengths++;
    if (len == 0 || len > 18) {
        f->bad = true;
        return;
    }
    for (size_t i = 0; i < len; i++) {
        if (value[i] < '0' || value[i] > '9')
            f->bad = true;
        n = n * 10 + (uint64_t)(value[i] - '0');
    }
    f->length_bytes = n;
}

static bool is_name(const char *name, size_t len, const char *wanted)
{
    return len == strlen(wanted) && strncasecmp(name, wanted, len) == 0;
}

void qm_framing_header(struct qm_framing *f, const char *name, size_t name_len, const char *value,
                       size_t value_len)
{
    if (!is_token(name, name_len))
        f->bad = true;
    for (size_t i = 0; i < value_len; i++)
        if (((unsigned char)value[i] < 0x20 && value[i] != '\t') || value[i] == 0x7F)
            f->bad = true;
    while (value_len > 0 && (value[value_len - 1] == ' ' || value[value_len - 1] == '\t'))
        value_len--;
    if (is_name(name, name_len, "Host"))
        f->hosts++;
    if (is_name(name, name_len, "Content-Length"))
        read_length(f, value, value_len);
    if (is_name(name, name_len, "Transfer-Encoding")) {
        f->codings++;
        f->chunked = is_name(value, value_len, "chunked");
    }
}

bool qm_framing_sound(const struct qm_framing *f)
{
    if (f->bad || f->hosts > 1 || f->lengths > 1 || f->codings > 1)
        return false;
    if (f->codings > 0 && (f->lengths > 0 || !f->chunked || f->http10))
        return false;
    return f->hosts == 1 || f->http10;
}
