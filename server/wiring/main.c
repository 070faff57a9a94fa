/* main.c - floor 5: `qiaomend [--config FILE] [--name=value ...] COMMAND ...`.
 *
 * Happy path: settings, then one command, which opens what it needs.
 * Failure modes: an unknown command or a wrong setting is named on stderr before anything starts.
 * Exit codes: 0 done, 1 refused, 2 wrong usage or a wrong setting, 3 something cannot be reached.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/config.h"
#include "base/log.h"
#include "wiring/admin.h"
#include "wiring/app.h"
#include "wiring/migrate.h"

enum { EXIT_USAGE = 2, HELP_MAX_BYTES = 65536 };

static const char usage[] =
    "qiaomend [--config FILE] [--NAME=VALUE ...] COMMAND\n"
    "\n"
    "  serve                      run the server until SIGTERM\n"
    "  migrate [--between CMD]    bring the database up to date\n"
    "  admin ...                  set up and look after a site; `admin` alone lists what\n"
    "  help [settings]            this page, or every setting with its default\n"
    "  --version                  the version of this program\n"
    "\n"
    "Settings come from the file, then from the environment (QM_NAME), then from --NAME=VALUE.\n";

static int help(int argc, char **argv)
{
    if (argc > 1 && strcmp(argv[1], "settings") == 0) {
        struct qm_buf text;
        qm_buf_init(&text, HELP_MAX_BYTES);
        if (qm_config_help(&text) == QM_OK)
            fputs((const char *)text.p, stdout);
        qm_buf_free(&text);
        return EXIT_SUCCESS;
    }
    fputs(usage, stdout);
    return EXIT_SUCCESS;
}

/* Settings stand before the command; returns the command's place, or argc. */
static int settings_end(int argc, char **argv, const char **config_file)
{
    int i = 1;
    if (argc > 2 && strcmp(argv[1], "--config") == 0) {
        *config_file = argv[2];
        i = 3;
    } else if (argc > 1 && strncmp(argv[1], "--config=", 9) == 0) {
        *config_file = argv[1] + 9;
        i = 2;
    }
    return i;
}

int main(int argc, char **argv)
{
    const char *config_file = NULL;
    int first = settings_end(argc, argv, &config_file);
    int command = first;
    while (command < argc && strncmp(argv[command], "--", 2) == 0 && strchr(argv[command], '='))
        command++;
    const char *word = command < argc ? argv[command] : "";
    if (strcmp(word, "--version") == 0) {
        printf("qiaomend %s\n", QM_VERSION);
        return EXIT_SUCCESS;
    }
    if (strcmp(word, "help") == 0 || strcmp(word, "--help") == 0)
        return help(argc - command, argv + command);
    struct qm_config config;
    struct qm_buf why;
    qm_buf_init(&why, 4096);
    qm_config_defaults(&config);
    if (qm_config_load(&config, config_file, command - first, argv + first, &why) != QM_OK) {
        fprintf(stderr, "qiaomend: %s\n", why.p ? (const char *)why.p : "no memory");
        qm_buf_free(&why);
        return EXIT_USAGE;
    }
    qm_buf_free(&why);
    qm_log_open(STDERR_FILENO, (enum qm_log_level)config.log_level);
    if (strcmp(word, "serve") == 0 && command + 1 == argc)
        return qm_serve(&config, config_file, command - first, argv + first);
    if (strcmp(word, "migrate") == 0)
        return qm_migrate_main(&config, argc - command, argv + command);
    if (strcmp(word, "admin") == 0)
        return qm_admin_main(&config, argc - command, argv + command);
    if (word[0] == '\0')
        fputs(usage, stderr);
    else
        fprintf(stderr,
                "qiaomend: \"%s\" is no command, or not with what follows it: qiaomend help lists "
                "them\n",
                word);
    return EXIT_USAGE;
}
