/* config.c - floor 1: settings; see config.h.
 *
 * Happy path: defaults, then the file, the environment and the command line, each overriding what
 * came before; every value passes the same row of one table.
 * Failure modes: a file that cannot be read, a line that is no setting, an unknown name, a value
 * out of range: the first one ends the reading with one plain sentence.
 */
#include "base/config.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { NAME_MAX_BYTES = 48, LINE_MAX_BYTES = 2048 };
enum kind { TEXT, NUMBER, SWITCH };

struct setting {
    const char *name;
    enum kind kind;
    bool reloaded;
    size_t offset;
    int64_t min, max;   /* NUMBER: the range; TEXT: the fewest bytes and the room with its NUL */
    const char *preset; /* in the form in which a user would write it */
    const char *help;
};

#define FIELD(f) offsetof(struct qm_config, f)
#define ROOM(f)  sizeof(((struct qm_config *)NULL)->f)
#define TEXT_ROW(f, least, preset, help)                                                           \
    {                                                                                              \
#f, TEXT, false, FIELD(f), least, (int64_t)ROOM(f), preset, help                           \
    }
#define NUMBER_ROW(f, min, max, preset, help)                                                      \
    {                                                                                              \
#f, NUMBER, false, FIELD(f), min, max, preset, help                                        \
    }
#define RELOADED_ROW(f, min, max, preset, help)                                                    \
    {                                                                                              \
#f, NUMBER, true, FIELD(f), min, max, preset, help                                         \
    }
#define SWITCH_ROW(f, preset, help)                                                                \
    {                                                                                              \
#f, SWITCH, false, FIELD(f), 0, 1, preset, help                                            \
    }

static const struct setting settings[] = {
    TEXT_ROW(listen, 1, "127.0.0.1:8080", "address and port, [IPv6]:port, or unix:/path"),
    TEXT_ROW(database, 0, "", "libpq connection string; empty: libpq's own defaults"),
    TEXT_ROW(database_role, 0, "qiaomen_app",
             "role that serve takes on, which cannot change records; empty: the login's own"),
    TEXT_ROW(office_role, 0, "qiaomen_office",
             "role for what the office does at the browser; empty: the login's own"),
    TEXT_ROW(master, 1, "/var/lib/qiaomen/master", "file of the master key"),
    TEXT_ROW(state_dir, 1, "/var/lib/qiaomen/state",
             "folder of the largest checkpoint this instance signed for each county"),
    TEXT_ROW(sql_dir, 1, "/usr/share/qiaomen/sql", "folder of migrations, functions and queries"),
    TEXT_ROW(web_dir, 0, "", "folder of the built pages; empty: none are served"),
    NUMBER_ROW(seal_epoch, 1, INT64_C(4294967295), "1", "epoch of the key that seals new fields"),
    NUMBER_ROW(db_connections, 1, 64, "4", "connections to the database"),
    NUMBER_ROW(db_queue_max, 1, 100000, "1000", "units of work that may wait for a connection"),
    NUMBER_ROW(db_timeout_ms, 100, 600000, "10000", "deadline of a unit of work"),
    NUMBER_ROW(bodies_max_bytes, 1048576, INT64_C(68719476736), "67108864",
               "all request bodies together"),
    NUMBER_ROW(request_timeout_ms, 100, 600000, "30000", "total deadline of a request"),
    NUMBER_ROW(connections_max, 1, 100000, "1000", "open HTTP connections; more wait"),
    NUMBER_ROW(drain_timeout_ms, 0, 600000, "15000", "at stop, how long open requests may take"),
    /* So that a group fits into one statement's parameters, however long its events are. */
    NUMBER_ROW(group_max_events, 1, 3000, "1000", "events in one commit group"),
    NUMBER_ROW(group_wait_max, 1, 100000, "500", "batches that may wait for a commit group"),
    RELOADED_ROW(address_per_minute, 1, 1000000, "600",
                 "requests a minute from one address (of IPv6: from its /64)"),
    RELOADED_ROW(device_syncs_per_minute, 1, 1000000, "60", "syncs a minute of one device"),
    RELOADED_ROW(device_blob_bytes_per_day, 0, INT64_C(1099511627776), "209715200",
                 "bytes of blobs a day of one device"),
    SWITCH_ROW(trust_forwarded, "no",
               "take the client's address from the last X-Forwarded-For (behind a proxy)"),
    SWITCH_ROW(metrics_public, "no", "answer /metrics to everybody, not to this machine only"),
    RELOADED_ROW(log_level, 0, 3, "2", "0 errors, 1 warnings, 2 information, 3 everything"),
    NUMBER_ROW(nightly_minute, 0, 1439, "90", "minute of the day (UTC+8) of birthdays and recount"),
};
enum { SETTINGS_COUNT = sizeof settings / sizeof *settings };

/* Where a value came from, for the sentence about it. */
struct place {
    const char *source; /* file name, or "environment", or "command line" */
    unsigned line;      /* 0: none */
};

static void write_place(const struct place *at, struct qm_buf *err)
{
    qm_buf_puts(err, at->source);
    if (at->line > 0)
        qm_buf_printf(err, ", line %u", at->line);
}

static void write_allowed(const struct setting *s, struct qm_buf *out)
{
    if (s->kind == NUMBER)
        qm_buf_printf(out, "a whole number from %" PRId64 " to %" PRId64, s->min, s->max);
    else if (s->kind == SWITCH)
        qm_buf_puts(out, "yes or no");
    else
        qm_buf_printf(out, "text of %" PRId64 " to %" PRId64 " bytes", s->min, s->max - 1);
}

static bool set_number(const struct setting *s, const char *value, int64_t *field)
{
    char *end = NULL;
    /* strtoll alone would take blanks and signs. */
    if (!isdigit((unsigned char)value[0]))
        return false;
    errno = 0;
    long long n = strtoll(value, &end, 10);
    if (errno != 0 || *end != '\0' || n < s->min || n > s->max)
        return false;
    *field = n;
    return true;
}

static bool set_switch(const char *value, bool *field)
{
    if (strcmp(value, "yes") == 0 || strcmp(value, "true") == 0 || strcmp(value, "1") == 0)
        *field = true;
    else if (strcmp(value, "no") == 0 || strcmp(value, "false") == 0 || strcmp(value, "0") == 0)
        *field = false;
    else
        return false;
    return true;
}

static bool set_text(const struct setting *s, const char *value, char *field)
{
    size_t len = strlen(value);
    if (len < (size_t)s->min || len >= (size_t)s->max)
        return false;
    memcpy(field, value, len + 1);
    return true;
}

static bool set_value(struct qm_config *c, const struct setting *s, const char *value)
{
    char *field = (char *)c + s->offset;
    if (s->kind == NUMBER)
        return set_number(s, value, (int64_t *)(void *)field);
    if (s->kind == SWITCH)
        return set_switch(value, (bool *)(void *)field);
    return set_text(s, value, field);
}

static qm_err set(struct qm_config *c, const struct setting *s, const char *value,
                  const struct place *at, struct qm_buf *err)
{
    if (set_value(c, s, value))
        return QM_OK;
    write_place(at, err);
    qm_buf_printf(err, ": %s is ", s->name);
    /* A connection string may hold a password, which must not reach a screen or a log. */
    if (s->kind == TEXT)
        qm_buf_puts(err, "not usable");
    else
        qm_buf_printf(err, "\"%.60s\"", value);
    qm_buf_puts(err, "; allowed is ");
    write_allowed(s, err);
    qm_buf_puts(err, ".");
    return QM_E_INVALID;
}

static const struct setting *find(const char *name, size_t len)
{
    for (size_t i = 0; i < SETTINGS_COUNT; i++)
        if (strlen(settings[i].name) == len && memcmp(settings[i].name, name, len) == 0)
            return &settings[i];
    return NULL;
}

static qm_err unknown(const char *name, size_t len, const struct place *at, struct qm_buf *err)
{
    write_place(at, err);
    qm_buf_printf(err, ": \"%.*s\" is no setting; `qiaomend help settings` lists them.",
                  (int)(len < NAME_MAX_BYTES ? len : NAME_MAX_BYTES), name);
    return QM_E_INVALID;
}

/* Cuts blanks at both ends, in place. */
static char *trim(char *s)
{
    while (*s == ' ' || *s == '\t')
        s++;
    size_t len = strlen(s);
    while (len > 0 && strchr(" \t\r\n", s[len - 1]) != NULL)
        len--;
    s[len] = '\0';
    return s;
}

static qm_err read_line(struct qm_config *c, char *line, const struct place *at, struct qm_buf *err)
{
    char *text = trim(line);
    if (*text == '\0' || *text == '#')
        return QM_OK;
    char *equals = strchr(text, '=');
    if (equals == NULL) {
        write_place(at, err);
        qm_buf_puts(err, ": not of the form `name = value`.");
        return QM_E_INVALID;
    }
    *equals = '\0';
    const char *name = trim(text);
    const struct setting *s = find(name, strlen(name));
    if (s == NULL)
        return unknown(name, strlen(name), at, err);
    return set(c, s, trim(equals + 1), at, err);
}

static qm_err read_lines(struct qm_config *c, FILE *f, struct place *at, struct qm_buf *err)
{
    char line[LINE_MAX_BYTES];
    qm_err e = QM_OK;
    while (e == QM_OK && fgets(line, sizeof line, f) != NULL) {
        at->line++;
        if (strchr(line, '\n') == NULL && !feof(f)) {
            write_place(at, err);
            qm_buf_printf(err, ": longer than %d bytes, or with a NUL in it.", LINE_MAX_BYTES - 2);
            return QM_E_INVALID;
        }
        e = read_line(c, line, at, err);
    }
    if (e == QM_OK && ferror(f)) {
        qm_buf_printf(err, "%s: cannot be read: %s.", at->source, strerror(errno));
        e = QM_E_IO;
    }
    return e;
}

static qm_err read_file(struct qm_config *c, const char *file, struct qm_buf *err)
{
    struct place at = {.source = file};
    FILE *f = fopen(file, "re");
    if (f == NULL) {
        qm_buf_printf(err, "%s: cannot be opened: %s.", file, strerror(errno));
        return QM_E_IO;
    }
    qm_err e = read_lines(c, f, &at, err);
    fclose(f);
    return e;
}

static qm_err read_environment(struct qm_config *c, struct qm_buf *err)
{
    qm_err e = QM_OK;
    for (size_t i = 0; e == QM_OK && i < SETTINGS_COUNT; i++) {
        char name[NAME_MAX_BYTES] = "QM_";
        size_t n = strlen(name);
        for (const char *s = settings[i].name; *s != '\0' && n < sizeof name - 1; s++)
            name[n++] = (char)toupper((unsigned char)*s);
        name[n] = '\0';
        const char *value = getenv(name);
        if (value != NULL)
            e = set(c, &settings[i], value, &(struct place){.source = "environment"}, err);
    }
    return e;
}

static qm_err read_argument(struct qm_config *c, const char *arg, struct qm_buf *err)
{
    const struct place at = {.source = "command line"};
    const char *equals = strchr(arg, '=');
    char name[NAME_MAX_BYTES];
    if (strncmp(arg, "--", 2) != 0 || equals == NULL) {
        qm_buf_printf(err, "command line: \"%.60s\" is not of the form --name=value.", arg);
        return QM_E_INVALID;
    }
    size_t len = (size_t)(equals - arg) - 2;
    if (len >= sizeof name)
        return unknown(arg + 2, len, &at, err);
    for (size_t i = 0; i < len; i++)
        name[i] = arg[2 + i] == '-' ? '_' : arg[2 + i];
    const struct setting *s = find(name, len);
    return s != NULL ? set(c, s, equals + 1, &at, err) : unknown(arg + 2, len, &at, err);
}

void qm_config_defaults(struct qm_config *c)
{
    memset(c, 0, sizeof *c);
    for (size_t i = 0; i < SETTINGS_COUNT; i++)
        (void)set_value(c, &settings[i], settings[i].preset);
}

qm_err qm_config_load(struct qm_config *c, const char *file, int argc, char *const *argv,
                      struct qm_buf *err)
{
    qm_err e = file != NULL ? read_file(c, file, err) : QM_OK;
    if (e == QM_OK)
        e = read_environment(c, err);
    for (int i = 0; e == QM_OK && i < argc; i++)
        e = read_argument(c, argv[i], err);
    return e;
}

void qm_config_reload(struct qm_config *running, const struct qm_config *fresh)
{
    for (size_t i = 0; i < SETTINGS_COUNT; i++)
        if (settings[i].reloaded)
            memcpy((char *)running + settings[i].offset, (const char *)fresh + settings[i].offset,
                   sizeof(int64_t));
}

qm_err qm_config_help(struct qm_buf *out)
{
    for (size_t i = 0; i < SETTINGS_COUNT; i++) {
        const struct setting *s = &settings[i];
        qm_buf_printf(out, "%s = %s\n    %s\n    ", s->name, s->preset, s->help);
        write_allowed(s, out);
        qm_buf_puts(out, s->reloaded ? "; re-read at SIGHUP\n" : "\n");
    }
    return out->err;
}
