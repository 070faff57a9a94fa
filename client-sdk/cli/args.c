/* args.c - floor 3: arguments: words, --name value, --name=value, flags.
 *
 * Happy path: args_read once; then each command says which options and how many words it takes.
 * Failure modes: an unknown option, a missing value, too many words: said once, EXIT_USAGE.
 */
#include "cli/cli.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char flags[] =
    " json help left now real-name call-alert sms-alert single all roster version ";
static const char common[] = " json lang home help version ";
/* Every other option that a command may take: a name that is none of these is a slip of the pen,
 * and what stands behind it is not its value. */
static const char others[] =
    " server code host grid find outcome topics near secs with met state text evidence resident "
    "signer relation na why from place name door born phone reason via done note key token keep "
    "folder seen out spool threads passphrase-file ";

bool args_listed(const char *list, const char *name)
{
    size_t n = strlen(name);
    for (const char *p = strstr(list, name); p && n > 0; p = strstr(p + 1, name))
        if ((p == list || p[-1] == ' ') && (p[n] == ' ' || p[n] == 0))
            return true;
    return false;
}

static bool is_option(const char *name)
{
    return args_listed(flags, name) || args_listed(common, name) || args_listed(others, name);
}

static int add_option(struct args *a, char *text, char *next, bool *took_next)
{
    char *equals = strchr(text, '=');
    *took_next = false;
    if (equals)
        *equals = 0;
    /* A value was left out, rather than named like an option. */
    if (next && strncmp(next, "--", 2) == 0 && is_option(next + 2))
        next = NULL;
    if (!is_option(text))
        return say_usage(a, "没有这一项", "no such option", text);
    if (a->options == OPTIONS_MAX)
        return say_usage(a, "参数太多", "too many arguments", text);
    const char *value = "";
    if (!args_listed(flags, text)) {
        value = equals ? equals + 1 : next;
        *took_next = !equals;
    } else if (equals) {
        value = NULL;
    }
    if (!value)
        return equals ? say_usage(a, "这一项后面不写内容", "this option takes no value", text)
                      : say_usage(a, "这一项后面要写内容", "this option needs a value", text);
    a->option[a->options].name = text;
    a->option[a->options++].value = value;
    return EXIT_OK;
}

/* How errors are said is known before the first of them. */
static void languages_first(int argc, char **argv, struct args *a)
{
    for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++) {
        const char *value = strncmp(argv[i], "--lang=", 7) == 0 ? argv[i] + 7 : "";
        if (strcmp(argv[i], "--lang") == 0 && i + 1 < argc)
            value = argv[i + 1];
        if (strcmp(value, "zh") == 0 || strcmp(value, "en") == 0)
            a->lang = value;
        if (strcmp(argv[i], "--json") == 0)
            a->json = true;
    }
}

int args_read(int argc, char **argv, struct args *a)
{
    memset(a, 0, sizeof *a);
    a->lang = locale_lang();
    static char help_option[] = "help";
    bool only_words = false;
    int rc = EXIT_OK;
    languages_first(argc, argv, a);
    for (int i = 1; i < argc && rc == EXIT_OK; i++) {
        bool took_next = false;
        if (!only_words && strcmp(argv[i], "--") == 0)
            only_words = true;
        else if (!only_words && strncmp(argv[i], "--", 2) == 0)
            rc = add_option(a, argv[i] + 2, i + 1 < argc ? argv[i + 1] : NULL, &took_next);
        else if (!only_words && strcmp(argv[i], "-h") == 0)
            rc = add_option(a, help_option, NULL, &took_next);
        else if (!a->command)
            a->command = argv[i];
        else if (a->words < WORDS_MAX)
            a->word[a->words++] = argv[i];
        else
            rc = say_usage(a, "参数太多", "too many arguments", argv[i]);
        i += took_next;
    }
    const char *lang = args_get(a, "lang");
    if (rc == EXIT_OK && lang && strcmp(lang, "zh") != 0 && strcmp(lang, "en") != 0)
        rc = say_usage(a, "--lang 只有 zh 和 en", "--lang is zh or en", lang);
    return rc;
}

const char *args_get(const struct args *a, const char *name)
{
    for (size_t i = a->options; i > 0; i--)
        if (strcmp(a->option[i - 1].name, name) == 0)
            return a->option[i - 1].value;
    return NULL;
}

bool args_has(const struct args *a, const char *name)
{
    return args_get(a, name) != NULL;
}

int args_only(const struct args *a, const char *allowed)
{
    for (size_t i = 0; i < a->options; i++)
        if (!args_listed(allowed, a->option[i].name) && !args_listed(common, a->option[i].name))
            return say_usage(a, "这个命令没有这一项", "this command has no such option",
                             a->option[i].name);
    return EXIT_OK;
}

int args_words(const struct args *a, size_t least, size_t most)
{
    if (a->words < least)
        return say_usage(a, "少写了住户、记录号或文件",
                         "a household, a record or a file is missing", a->command);
    if (a->words > most)
        return say_usage(a, "多了一项", "one word too many", a->word[most]);
    return EXIT_OK;
}

int args_list(const struct args *a, const char *name, const char **items, size_t max, size_t *n,
              char **copy)
{
    size_t bytes = 1;
    *n = 0;
    *copy = NULL;
    for (size_t i = 0; i < a->options; i++)
        bytes += strlen(a->option[i].value) + 1;
    char *at = *copy = malloc(bytes);
    if (!at)
        return say_error(a, QM_C_NOMEM, "");
    for (size_t i = 0; i < a->options; i++) {
        if (strcmp(a->option[i].name, name) != 0)
            continue;
        size_t len = strlen(a->option[i].value) + 1;
        char *rest = memcpy(at, a->option[i].value, len);
        at += len;
        for (char *item = strsep(&rest, ","); item; item = strsep(&rest, ",")) {
            if (*n == max)
                return say_usage(a, "列得太多", "too many values", name);
            items[(*n)++] = item;
        }
    }
    return EXIT_OK;
}

int args_number(const struct args *a, const char *name, long lo, long hi, long absent, long *out)
{
    const char *value = args_get(a, name);
    char *end = NULL;
    *out = absent;
    if (!value)
        return EXIT_OK;
    errno = 0;
    *out = strtol(value, &end, 10);
    if (errno != 0 || end == value || *end || *out < lo || *out > hi)
        return say_usage(a, "这里要填范围内的整数", "a whole number within its range is needed",
                         name);
    return EXIT_OK;
}
