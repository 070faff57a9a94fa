/* main.c - floor 3: the command `qiaomen`.
 *
 * Happy path: arguments, data folder, keys, client, one command, its exit code.
 * Failure modes: each is said once, with what to do now, and has the exit code that --help lists.
 */
#include "cli/cli.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

struct command {
    const char *name;
    int (*run)(qm_client *c, const struct args *a);
    bool network;
    bool enrolled; /* of no use before the device is enrolled */
};
static const struct command commands[] = {
    {"enrol", cmd_enrol, true, false},      {"list", cmd_list, false, true},
    {"visit", cmd_record, false, true},     {"notice", cmd_record, false, true},
    {"pledge", cmd_record, false, true},    {"app", cmd_record, false, true},
    {"household", cmd_record, false, true}, {"resident", cmd_record, false, true},
    {"void", cmd_record, false, true},      {"attach", cmd_attach, false, true},
    {"sync", cmd_sync, true, true},         {"status", cmd_status, false, false},
    {"receipt", cmd_receipt, false, true},  {"outbox", cmd_outbox, false, true},
    {"rotate", cmd_rotate, true, true},     {"move", cmd_move, false, true}};

static const struct command *find(const char *name)
{
    for (size_t i = 0; i < sizeof commands / sizeof commands[0]; i++)
        if (strcmp(commands[i].name, name) == 0)
            return &commands[i];
    return NULL;
}

/* --home, $QIAOMEN_HOME, ~/.local/share/qiaomen */
static int home_of(const struct args *a, char **out)
{
    const char *home = args_get(a, "home");
    if (!home)
        home = getenv("QIAOMEN_HOME");
    const char *user = getenv("HOME");
    int n;
    if (home && home[0])
        n = asprintf(out, "%s", home);
    else
        n = asprintf(out, "%s/.local/share/qiaomen", user && user[0] ? user : ".");
    return n < 0 ? QM_C_NOMEM : QM_C_OK;
}

static int open_client(const struct args *a, const struct command *cmd, const char *home,
                       struct qm_keystore *keys, qm_client **c)
{
    char *path = NULL;
    struct qm_client_options o = {.progress = progress_show, .progress_ctx = (void *)a};
    int rc = make_folders(home);
    if (rc == QM_C_OK)
        rc = store_open(home, keys);
    if (rc == QM_C_OK && asprintf(&path, "%s/outbox.db", home) < 0)
        rc = QM_C_NOMEM;
    if (rc == QM_C_OK && cmd->network)
        rc = qm_transport_curl_open(getenv("QIAOMEN_CA_FILE"), &o.transport);
    if (rc == QM_C_OK) {
        o.outbox_path = path;
        o.keys = *keys;
        rc = qm_client_open(&o, c);
        if (rc != QM_C_OK && o.transport.close)
            o.transport.close(o.transport.ctx);
    }
    free(path);
    return rc;
}

static int enrolled_first(const struct args *a, const struct command *cmd, qm_client *c)
{
    struct qm_client_info info;
    if (!cmd->enrolled)
        return EXIT_OK;
    int rc = qm_client_get_info(c, &info);
    if (rc == QM_C_OK)
        return info.enrolled ? EXIT_OK : say_error(a, QM_C_NOT_ENROLLED, "");
    return say_error(a, rc, qm_client_detail(c));
}

static int run(const struct args *a, const struct command *cmd)
{
    char *home = NULL;
    struct qm_keystore keys = {0};
    qm_client *c = NULL;
    int rc = home_of(a, &home);
    if (rc == QM_C_OK)
        rc = open_client(a, cmd, home, &keys, &c);
    int code = rc == QM_C_OK ? enrolled_first(a, cmd, c) : say_error(a, rc, home ? home : "");
    if (rc == QM_C_OK && code == EXIT_OK)
        code = cmd->run(c, a);
    progress_end();
    qm_client_close(c);
    store_close(&keys);
    free(home);
    return code;
}

static int dispatch(const struct args *a)
{
    if (a->command && strcmp(a->command, "help") == 0)
        return print_help(a, a->words > 0 ? a->word[0] : NULL);
    if (args_has(a, "help"))
        return print_help(a, a->command);
    if (args_has(a, "version"))
        return print_version(a);
    if (!a->command)
        return say_usage(a, "要写命令", "a command is needed", "");
    if (strcmp(a->command, "verify") == 0)
        return cmd_verify(a);
    if (strcmp(a->command, "audit") == 0)
        return cmd_audit(a);
    const struct command *cmd = find(a->command);
    return cmd ? run(a, cmd) : say_usage(a, "没有这个命令", "no such command", a->command);
}

int main(int argc, char **argv)
{
    struct args a;
    /* A closed pipe and a file-size limit are errors of a write, not reasons to die half-way. */
    signal(SIGPIPE, SIG_IGN);
    signal(SIGXFSZ, SIG_IGN);
    umask(077);
    int rc = args_read(argc, argv, &a);
    if (rc == EXIT_OK)
        rc = dispatch(&a);
    return output_ends(&a, rc);
}
