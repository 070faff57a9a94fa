/* args.c - floor 3: arguments: words, --name value, --name=value, flags. */
#include "cli/cli.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char flags[] = " json help left now real-name call-alert sms-alert single all roster ";
static const char common[] = " json lang home help ";

static bool listed(const char *list, const char *name)
{
    size_t n = strlen(name);
    for (const char *p = strstr(list, name); p && n > 0; p = strstr(p + 1, name))
        if ((p == list || p[-1] == ' ') && (p[n] == ' ' || p[n] == 0))
            return true;
    return false;
}

static int add_option(struct args *a, char *text, char *next, bool *took_next)
{
    char *equals = strchr(text, '=');
    *took_next = false;
    if (a->options == OPTIONS_MAX)
        return EXIT_USAGE;
    if (equals)
        *equals = 0;
    const char *value = "";
    if (!listed(flags, text)) {
        value = equals ? equals + 1 : next;
        *took_next = !equals;
    } else if (equals) {
        value = NULL;
    }
    if (!value)
        return EXIT_USAGE;
    a->option[a->options].name = text;
    a->option[a->options++].value = value;
    return EXIT_OK;
}

int args_read(int argc, char **argv, struct args *a)
{
    memset(a, 0, sizeof *a);
    a->lang = locale_lang();
    bool only_words = false;
    int rc = EXIT_OK;
    const char *bad = "";
    for (int i = 1; i < argc && rc == EXIT_OK; i++) {
        bool took_next = false;
        bad = argv[i];
        if (!only_words && strcmp(argv[i], "--") == 0)
            only_words = true;
        else if (!only_words && strncmp(argv[i], "--", 2) == 0)
            rc = add_option(a, argv[i] + 2, i + 1 < argc ? argv[i + 1] : NULL, &took_next);
        else if (!a->command)
            a->command = argv[i];
        else if (a->words < WORDS_MAX)
            a->word[a->words++] = argv[i];
        else
            rc = EXIT_USAGE;
        i += took_next;
    }
    a->json = args_has(a, "json");
    const char *lang = args_get(a, "lang");
    if (lang)
        a->lang = strcmp(lang, "zh") == 0 ? "zh" : "en";
    return rc == EXIT_OK ? rc
                         : say_usage(a, "这个参数少了内容,或参数太多",
                                     "missing value, or too many arguments", bad);
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
        if (!listed(allowed, a->option[i].name) && !listed(common, a->option[i].name))
            return say_usage(a, "这个命令没有这一项", "this command has no such option",
                             a->option[i].name);
    return EXIT_OK;
}

int args_words(const struct args *a, size_t least, size_t most)
{
    if (a->words < least)
        return say_usage(a, "缺少内容,请看 qiaomen --help",
                         "something is missing, see qiaomen --help", a->command);
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
