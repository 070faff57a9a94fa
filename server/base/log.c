/* log.c - floor 1: structured log lines; see log.h.
 *
 * Happy path: the line is built on the stack and written with one write(2), so that lines of
 * several threads never mix.
 * Failure modes: a line that would pass LINE_MAX_BYTES loses its last members, never its closing
 * brace; a failed or short write is counted and dropped.
 */
#include "base/log.h"

#include <errno.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"

enum {
    LINE_MAX_BYTES = 4096,
    VALUE_MAX_BYTES = 300,
    ESCAPE_MAX_BYTES = 6, /* of one byte: \u00XX */
    TAIL_BYTES = 2        /* closing brace and line feed */
};

struct line {
    char text[LINE_MAX_BYTES];
    size_t len;
};

static atomic_int log_fd = STDERR_FILENO;
static atomic_int log_level = QM_LOG_INFO;
static atomic_uint_fast64_t bugs;
static atomic_uint_fast64_t lost;

static const char *const level_names[] = {"error", "warn", "info", "debug"};

void qm_log_open(int fd, enum qm_log_level level)
{
    atomic_store(&log_fd, fd);
    atomic_store(&log_level, (int)level);
}

uint64_t qm_log_lost(void)
{
    return atomic_load(&lost);
}

static void put(struct line *l, const char *bytes, size_t len)
{
    memcpy(l->text + l->len, bytes, len);
    l->len += len;
}

/* Length of the UTF-8 character at s (at most left bytes); 0 if it is none. */
static size_t utf8_len(const unsigned char *s, size_t left)
{
    size_t n = s[0] < 0x80 ? 1 : s[0] < 0xC2 ? 0 : s[0] < 0xE0 ? 2 : s[0] < 0xF0 ? 3 : 4;
    if (n == 0 || n > left || s[0] > 0xF4)
        return 0;
    for (size_t i = 1; i < n; i++)
        if ((s[i] & 0xC0) != 0x80)
            return 0;
    if (n == 3 && ((s[0] == 0xE0 && s[1] < 0xA0) || (s[0] == 0xED && s[1] > 0x9F)))
        return 0;
    if (n == 4 && ((s[0] == 0xF0 && s[1] < 0x90) || (s[0] == 0xF4 && s[1] > 0x8F)))
        return 0;
    return n;
}

static size_t escape_char(const unsigned char *s, size_t n, char out[ESCAPE_MAX_BYTES + 1])
{
    if (n == 0) {
        out[0] = '?';
        return 1;
    }
    if (n == 1 && (*s < 0x20 || *s == 0x7F))
        return (size_t)snprintf(out, ESCAPE_MAX_BYTES + 1, "\\u%04x", (unsigned)*s);
    if (n == 1 && (*s == '"' || *s == '\\')) {
        out[0] = '\\';
        out[1] = (char)*s;
        return 2;
    }
    memcpy(out, s, n);
    return n;
}

/* A JSON string; cut at VALUE_MAX_BYTES between characters; bytes that are no UTF-8 become '?'. */
static bool put_string(struct line *l, const char *text)
{
    const unsigned char *s = (const unsigned char *)(text != NULL ? text : "");
    size_t left = strnlen((const char *)s, VALUE_MAX_BYTES);
    if (LINE_MAX_BYTES - TAIL_BYTES - l->len < 2)
        return false;
    put(l, "\"", 1);
    while (left > 0) {
        char out[ESCAPE_MAX_BYTES + 1];
        size_t n = utf8_len(s, left);
        size_t len = escape_char(s, n, out);
        if (LINE_MAX_BYTES - TAIL_BYTES - l->len < len + 1)
            return false;
        put(l, out, len);
        s += n > 0 ? n : 1;
        left -= n > 0 ? n : 1;
    }
    put(l, "\"", 1);
    return true;
}

static bool put_int(struct line *l, int64_t i)
{
    char out[24];
    size_t len = (size_t)snprintf(out, sizeof out, "%lld", (long long)i);
    if (LINE_MAX_BYTES - TAIL_BYTES - l->len < len)
        return false;
    put(l, out, len);
    return true;
}

/* `,"name":value`; takes itself back if there is no room. */
static bool put_member(struct line *l, const char *name, const struct qm_log_value *v)
{
    size_t before = l->len;
    bool ok = LINE_MAX_BYTES - TAIL_BYTES - l->len > 1;
    if (ok)
        put(l, ",", 1);
    ok = ok && put_string(l, name) && LINE_MAX_BYTES - TAIL_BYTES - l->len > 1;
    if (ok)
        put(l, ":", 1);
    ok = ok && (v->type == 'i' ? put_int(l, v->i) : put_string(l, v->s));
    if (!ok)
        l->len = before;
    return ok;
}

static void put_head(struct line *l, enum qm_log_level level)
{
    int64_t ms = qm_clock_ms();
    time_t seconds = (time_t)(ms / 1000);
    struct tm day;
    gmtime_r(&seconds, &day);
    l->len = strftime(l->text, sizeof l->text, "{\"t\":\"%Y-%m-%dT%H:%M:%S", &day);
    l->len += (size_t)snprintf(l->text + l->len, sizeof l->text - l->len,
                               ".%03dZ\",\"level\":\"%s\"", (int)(ms % 1000), level_names[level]);
}

static void line_write(struct line *l)
{
    ssize_t n;
    put(l, "}\n", TAIL_BYTES);
    do
        n = write(atomic_load(&log_fd), l->text, l->len);
    while (n < 0 && errno == EINTR);
    if (n != (ssize_t)l->len)
        atomic_fetch_add(&lost, 1);
}

static void put_members(struct line *l, va_list args)
{
    const char *name;
    while ((name = va_arg(args, const char *)) != NULL) {
        const struct qm_log_value *v = va_arg(args, const struct qm_log_value *);
        if (v == NULL || !put_member(l, name, v))
            return;
    }
}

void qm_log(enum qm_log_level level, const char *event, ...)
{
    struct line l;
    int saved = errno;
    va_list args;
    if ((int)level > atomic_load(&log_level))
        return;
    put_head(&l, level);
    put_member(&l, "event", QM_LS(event));
    va_start(args, event);
    put_members(&l, args);
    va_end(args);
    line_write(&l);
    errno = saved;
}

void qm_log_bug(const char *file, int line, const char *what)
{
    atomic_fetch_add(&bugs, 1);
    qm_log(QM_LOG_ERROR, "bug", "file", QM_LS(file), "line", QM_LI(line), "what", QM_LS(what),
           NULL);
}

uint64_t qm_log_bugs(void)
{
    return atomic_load(&bugs);
}
