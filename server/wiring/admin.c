/* admin.c - see admin.h: the table of commands, the command line, opening and closing.
 *
 * Happy path: find the row, read options and values, open what the row needs, run, print.
 * Failure modes: wrong usage names the option and prints the row's usage; everything else is said
 * by the room that found it.
 */
#include "wiring/admin.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "wire/json.h"
#include "wiring/admin_console.h"
#include "wiring/migrate_files.h"

enum { REPORT_MAX_BYTES = 64 << 20 };
#define O(x) (UINT64_C(1) << QM_O_##x)

enum {
    READS = QM_NEED_DB | QM_NEED_COUNTY,
    WRITES = READS | QM_NEED_BY | QM_NEED_HOST,
    SEALS = WRITES | QM_NEED_SEAL,
};

static const struct qm_office_command commands[] = {
    {"init", "--host H", "makes the master key, fixes the host for ever", O(HOST), 0, 0, 0,
     QM_NEED_DB, qm_admin_init},
    {"master restore", "FILE",
     "puts a lost master key back from its paper copy; - reads it from standard input", 0, 0, 1, 1,
     QM_NEED_DB | QM_NEED_HOST | QM_NEED_INPUT, qm_admin_master_restore},
    {"county add", "C --by A [--name N]", "sets a county up; its log begins", O(BY), O(NAME), 1, 1,
     QM_NEED_DB | QM_NEED_SEAL | QM_NEED_HOST, qm_admin_county_add},
    {"divisions import", "FILE", "code,name,parent_code,level", 0, 0, 1, 1,
     QM_NEED_DB | QM_NEED_INPUT, qm_office_divisions_import},
    {"grids import", "FILE --county C", "grid,name,population,population_source,population_date",
     O(COUNTY), O(BY), 1, 1, WRITES | QM_NEED_INPUT, qm_office_grids_import},
    {"accounts import", "FILE --county C", "account,role,areas[,name,phone,from,until]", O(COUNTY),
     O(BY), 1, 1, SEALS | QM_NEED_INPUT, qm_office_accounts_import},
    {"households import", "FILE --county C [--out FILE]",
     "household,grid,place,status,group,lane,door,head,phone,worker,ref", O(COUNTY), O(BY) | O(OUT),
     1, 1, SEALS | QM_NEED_INPUT, qm_office_households_import},
    {"residents import", "FILE --county C [--out FILE]",
     "resident,household,name,born,phone,status,groups (id_number for born; household_ref with "
     "village or grid for household)",
     O(COUNTY), O(BY) | O(OUT), 1, 1, SEALS | QM_NEED_INPUT, qm_office_residents_import},
    {"claim import", "FILE --county C", "household,account", O(COUNTY), O(BY), 1, 1,
     WRITES | QM_NEED_INPUT, qm_office_claim_import},
    {"claim set", "--county C --household X --account W",
     "names the worker of a household; --account \"\" for nobody",
     O(COUNTY) | O(HOUSEHOLD) | O(ACCOUNT), O(BY), 0, 0, WRITES, qm_office_claim_set},
    {"code new", "--county C --account W", "an enrolment code for one phone, 24 hours",
     O(COUNTY) | O(ACCOUNT), O(BY), 0, 0, SEALS, qm_office_code_new},
    {"login code", "--county C --account A",
     "a one-time code with which somebody sets a password for the browser", O(COUNTY) | O(ACCOUNT),
     O(BY), 0, 0, SEALS, qm_office_login_code},
    {"account close", "--county C --account A --reason WHY",
     "ends its sessions, tokens and codes; names its phones, which stay on until revoked",
     O(COUNTY) | O(ACCOUNT) | O(REASON), O(BY), 0, 0, WRITES, qm_office_account_close},
    {"account open", "--county C --account A --reason WHY",
     "opens a closed account again; it needs a new code to sign in",
     O(COUNTY) | O(ACCOUNT) | O(REASON), O(BY), 0, 0, WRITES, qm_office_account_open},
    {"account role", "--county C --account A --role R --prefix P [--from D] [--until D]",
     "the days on which a role holds; without them it has no end",
     O(COUNTY) | O(ACCOUNT) | O(ROLE) | O(PREFIX), O(BY) | O(FROM) | O(UNTIL), 0, 0, WRITES,
     qm_office_account_role},
    {"token new", "--county C --account A --role R --prefix P [--days N]", "a bearer token",
     O(COUNTY) | O(ACCOUNT) | O(ROLE) | O(PREFIX), O(DAYS) | O(BY), 0, 0, READS | QM_NEED_SEAL,
     qm_office_token_new},
    {"status set", "--county C (--household X | --resident X) --status S",
     "what the register says of a household or resident", O(COUNTY) | O(STATUS),
     O(BY) | O(HOUSEHOLD) | O(RESIDENT), 0, 0, WRITES, qm_office_status_set},
    {"household move", "--county C --household X --grid G", "into another grid",
     O(COUNTY) | O(HOUSEHOLD) | O(GRID), O(BY), 0, 0, WRITES, qm_office_household_move},
    {"household merge", "--county C --household X --into Y", "X was Y all the time",
     O(COUNTY) | O(HOUSEHOLD) | O(INTO), O(BY), 0, 0, WRITES, qm_office_household_merge},
    {"resident move", "--county C --resident X --household Y", "into another household",
     O(COUNTY) | O(RESIDENT) | O(HOUSEHOLD), O(BY), 0, 0, WRITES, qm_office_resident_move},
    {"household edit",
     "--county C --household X [--place P] [--group G] [--lane L] [--door D] [--ref N] [--head "
     "NAME] "
     "[--phone N]",
     "puts the fields that are given, \"\" for nothing", O(COUNTY) | O(HOUSEHOLD),
     O(BY) | O(PLACE) | O(GROUP) | O(LANE) | O(DOOR) | O(REF) | O(HEAD) | O(PHONE), 0, 0, SEALS,
     qm_office_household_edit},
    {"resident edit",
     "--county C --resident X [--name N] [--phone N] [--born yyyy-mm-dd] [--groups \"A B\"]",
     "puts the fields that are given, \"\" for nothing", O(COUNTY) | O(RESIDENT),
     O(BY) | O(NAME) | O(PHONE) | O(BORN) | O(GROUPS), 0, 0, SEALS, qm_office_resident_edit},
    {"household split",
     "--county C --household X [--grid G] [--place P] [--door D] ... RESIDENT [RESIDENT ...]",
     "residents go to a new household; what was recorded stays with X", O(COUNTY) | O(HOUSEHOLD),
     O(BY) | O(GRID) | O(PLACE) | O(GROUP) | O(LANE) | O(DOOR) | O(HEAD) | O(PHONE) | O(INTO), 1,
     64, SEALS, qm_office_household_split},
    {"undo", "--county C --rev N [--household X | --resident X]",
     "takes back a change of the register, of one subject or as a whole", O(COUNTY) | O(REV),
     O(BY) | O(HOUSEHOLD) | O(RESIDENT), 0, 0, WRITES, qm_office_undo},
    {"proposals list", "--county C [--prefix P]", "what workers propose about the register",
     O(COUNTY), O(PREFIX), 0, 0, READS, qm_office_proposals_list},
    {"proposals accept",
     "--county C --as proposed|STATUS|move|merge|split [--grid G | --household X | --into X] EVENT "
     "...",
     "does what they propose, or what --as says; residents of a split behind the event",
     O(COUNTY) | O(AS), O(BY) | O(GRID) | O(HOUSEHOLD) | O(INTO), 1, 600, WRITES,
     qm_office_proposals_accept},
    {"proposals decline", "--county C EVENT [EVENT ...]", "leaves the register as it is", O(COUNTY),
     O(BY), 1, 600, WRITES, qm_office_proposals_decline},
    {"held list", "--county C [--prefix P]", "events that wait for a decision", O(COUNTY),
     O(PREFIX), 0, 0, READS, qm_office_held_list},
    {"decide in", "--county C --code CODE EVENT [EVENT ...]", "lets events count",
     O(COUNTY) | O(CODE), O(BY), 1, 600, SEALS, qm_office_decide_in},
    {"decide out", "--county C --code CODE EVENT [EVENT ...]", "takes events out",
     O(COUNTY) | O(CODE), O(BY), 1, 600, SEALS, qm_office_decide_out},
    {"erase", "--county C ID [ID ...]", "event ids or pseudonyms: private parts go, proofs stay",
     O(COUNTY), O(BY), 1, 1000, WRITES, qm_office_erase},
    {"revoke", "--county C --device NAME|UUID --lost WHEN",
     "a lost phone, since \"yyyy-mm-dd hh:mm\" in UTC+8, or Unix ms",
     O(COUNTY) | O(DEVICE) | O(LOST), O(BY), 0, 0, WRITES, qm_office_revoke},
    {"targets set", "FILE.json --county C", "the targets in force of the area of --by", O(COUNTY),
     O(BY), 1, 1, WRITES | QM_NEED_INPUT, qm_office_setting_set},
    {"rule set", "FILE.json --county C", "the ranking rule in force", O(COUNTY), O(BY), 1, 1,
     WRITES | QM_NEED_INPUT, qm_office_setting_set},
    {"topics set", "FILE.json --county C", "the topics that phones offer", O(COUNTY), O(BY), 1, 1,
     WRITES | QM_NEED_INPUT, qm_office_setting_set},
    {"texts set", "FILE.json --county C", "notices and pledges in their versions", O(COUNTY), O(BY),
     1, 1, WRITES | QM_NEED_INPUT, qm_office_setting_set},
    {"groups set", "FILE.json --county C", "the list of care groups that people may have",
     O(COUNTY), O(BY), 1, 1, WRITES | QM_NEED_INPUT, qm_office_groups_set},
    {"directive publish",
     "FILE --county C --prefix P --title T --by A [--due yyyy-mm-dd] [--directive UUID]",
     "a text for everybody in an area; by a township account whose area holds it; - reads it from "
     "standard input; --directive: one whose outcome was not known, again",
     O(COUNTY) | O(PREFIX) | O(TITLE) | O(BY), O(DUE) | O(DIRECTIVE), 1, 1, WRITES | QM_NEED_INPUT,
     qm_admin_directive_publish},
    {"directive list", "--county C [--prefix P]",
     "directives of an area, with how many have acknowledged of how many", O(COUNTY), O(PREFIX), 0,
     0, READS, qm_admin_directive_list},
    {"directive show", "UUID --county C [--prefix P]",
     "a directive, who has acknowledged it, who has not, and who is late", O(COUNTY), O(PREFIX), 1,
     1, READS, qm_admin_directive_show},
    {"log continue", "--county C [--leave NAME]",
     "after a restore: the log goes on under a new name; a log that holds only if it is named",
     O(COUNTY), O(BY) | O(LEAVE), 0, 0, SEALS, qm_admin_log_continue},
    {"recount", "--county C [--prefix P]",
     "all counters anew from the events; exit 0 only if equal", O(COUNTY), O(PREFIX), 0, 0, READS,
     qm_admin_recount},
    {"coverage", "--county C [--prefix P] [--level grid|village|township|county]",
     "the coverage table", O(COUNTY), O(PREFIX) | O(LEVEL), 0, 0, READS, qm_admin_coverage},
};
enum { COMMANDS = sizeof commands / sizeof commands[0] };

/* ---- command line ---- */

static void print_help(FILE *to)
{
    fprintf(to, "usage: qiaomend admin <what> ... [--by ACCOUNT] [--json]\n");
    for (size_t i = 0; i < COMMANDS; i++)
        fprintf(to, "  %s %s\n      %s\n", commands[i].words, commands[i].usage, commands[i].about);
    fprintf(to, "  exit: 0 done, 1 refused, 2 usage, 3 database, key or file out of reach\n"
                "  --by: the office account that does it; default: the county's only admin\n");
}

/* The words of a command are one or two; *used says how many arguments they took. */
static const struct qm_office_command *find_command(int argc, char **argv, int *used)
{
    for (size_t i = 0; i < COMMANDS; i++) {
        char two[80] = "";
        if (argc > 2)
            snprintf(two, sizeof two, "%s %s", argv[1], argv[2]);
        if (argc > 2 && strcmp(commands[i].words, two) == 0) {
            *used = 2;
            return &commands[i];
        }
        if (argc > 1 && strcmp(commands[i].words, argv[1]) == 0) {
            *used = 1;
            return &commands[i];
        }
    }
    return NULL;
}

static int option_find(const char *name, size_t len)
{
    for (int i = 0; i < QM_O_COUNT_; i++) {
        if (strlen(qm_office_option_name(i)) == len &&
            strncmp(qm_office_option_name(i), name, len) == 0)
            return i;
    }
    return -1;
}

/* --name VALUE or --name=VALUE; *at moves over what was used. */
static int read_option(struct qm_office *a, int argc, char **argv, int *at)
{
    const char *name = argv[*at] + 2;
    size_t len = strcspn(name, "=");
    int o = option_find(name, len);
    if (o < 0 || ((a->command->must | a->command->may) & (UINT64_C(1) << o)) == 0)
        return qm_office_fail(a, QM_OFFICE_USAGE, "%s: this command has no such option", argv[*at]);
    if (a->option[o] != NULL)
        return qm_office_fail(a, QM_OFFICE_USAGE, "--%s is there twice", qm_office_option_name(o));
    if (name[len] == '=') {
        a->option[o] = name + len + 1;
        return QM_OFFICE_OK;
    }
    if (*at + 1 >= argc)
        return qm_office_fail(a, QM_OFFICE_USAGE, "--%s needs a value", qm_office_option_name(o));
    *at += 1;
    a->option[o] = argv[*at];
    return QM_OFFICE_OK;
}

static int read_arguments(struct qm_office *a, int argc, char **argv, int from)
{
    int code = QM_OFFICE_OK;
    bool only_values = false;
    for (int i = from; i < argc && code == QM_OFFICE_OK; i++) {
        if (!only_values && strcmp(argv[i], "--") == 0)
            only_values = true;
        else if (!only_values && strcmp(argv[i], "--json") == 0)
            continue;
        else if (!only_values && strncmp(argv[i], "--", 2) == 0)
            code = read_option(a, argc, argv, &i);
        else
            a->value[a->values++] = argv[i];
    }
    for (int o = 0; o < QM_O_COUNT_ && code == QM_OFFICE_OK; o++) {
        if ((a->command->must & (UINT64_C(1) << o)) != 0 && a->option[o] == NULL)
            code = qm_office_fail(a, QM_OFFICE_USAGE, "--%s is missing", qm_office_option_name(o));
    }
    if (code == QM_OFFICE_OK &&
        (a->values < a->command->values_min || a->values > a->command->values_max))
        code = qm_office_fail(a, QM_OFFICE_USAGE,
                              a->values < a->command->values_min ? "something is missing"
                                                                 : "too many values");
    return code;
}

static int read_county(struct qm_office *a, const char *t)
{
    int64_t county = 0;
    if (strlen(t) != 6 || qm_dec_read(t, 6, 999999, &county) != QM_OK)
        return qm_office_fail(a, QM_OFFICE_USAGE, "\"%s\" is no county code of six digits", t);
    a->county = (int)county;
    snprintf(a->prefix, sizeof a->prefix, "%06d", a->county);
    return QM_OFFICE_OK;
}

/* ---- opening ---- */

static int open_database(struct qm_office *a)
{
    char error[512];
    struct qm_pg_statements *statements = NULL;
    if (qm_sql_statements(a->config->sql_dir, &statements, error, sizeof error) != QM_OK)
        return qm_office_fail(a, QM_OFFICE_AWAY, "%s", error);
    qm_err err = qm_pgb_open(a->config->database, statements, &a->db, error, sizeof error);
    qm_pg_statements_release(statements); /* the connection holds them */
    if (err == QM_OK)
        return QM_OFFICE_OK;
    return qm_office_fail(a, QM_OFFICE_AWAY, "the database cannot be reached: %s", error);
}

static int open_seal(struct qm_office *a)
{
    struct qm_seal *ring = NULL;
    qm_err err = qm_seal_load(a->config->master, (uint32_t)a->config->seal_epoch, &ring);
    a->seal = ring;
    if (err == QM_OK)
        return QM_OFFICE_OK;
    if (err == QM_E_FORBIDDEN)
        return qm_office_fail(a, QM_OFFICE_AWAY, "others can read the master key %s: chmod 600 it",
                              a->config->master);
    return qm_office_fail(a, QM_OFFICE_AWAY,
                          "the master key %s cannot be read (%s): run qiaomend admin init for a "
                          "new site, qiaomend admin master restore if it was lost, or set the "
                          "setting master",
                          a->config->master, qm_err_text(err, "en"));
}

static int read_host(struct qm_office *a)
{
    struct qm_pg_result *r = NULL;
    int code = qm_office_query(a, "site_host", qm_office_params_new(), &r);
    if (code != QM_OFFICE_OK)
        return code;
    if (qm_pg_rows(r) == 1)
        snprintf(a->host, sizeof a->host, "%s", qm_pg_get_text(r, 0, 0));
    qm_pgb_result_free(r);
    if (a->host[0] == '\0')
        return qm_office_fail(a, QM_OFFICE_REFUSED,
                              "the host is not fixed yet: run qiaomend admin init --host H first");
    return QM_OFFICE_OK;
}

static int check_county(struct qm_office *a)
{
    struct qm_pg_result *r = NULL;
    int code = qm_office_query(a, "log_head", qm_office_params(a), &r);
    if (code != QM_OFFICE_OK)
        return code;
    int rows = qm_pg_rows(r);
    qm_pgb_result_free(r);
    return rows == 1 ? QM_OFFICE_OK
                     : qm_office_fail(a, QM_OFFICE_REFUSED,
                                      "county %06d is not set up: run qiaomend admin county add "
                                      "%06d --by ACCOUNT first",
                                      a->county, a->county);
}

static int check_by(struct qm_office *a)
{
    struct qm_pg_params *p = qm_office_params(a);
    qm_office_add_text(p, a->by);
    struct qm_pg_result *r = NULL;
    int code = qm_office_query(a, "account_open_now", p, &r);
    if (code != QM_OFFICE_OK)
        return code;
    int rows = qm_pg_rows(r);
    qm_pgb_result_free(r);
    return rows == 1
               ? QM_OFFICE_OK
               : qm_office_fail(a, QM_OFFICE_REFUSED, "--by: there is no account %s in county %06d",
                                a->by, a->county);
}

static int default_by(struct qm_office *a)
{
    struct qm_pg_result *r = NULL;
    int code = qm_office_query(a, "admins", qm_office_params(a), &r);
    if (code != QM_OFFICE_OK)
        return code;
    if (qm_pg_rows(r) == 1)
        snprintf(a->by, sizeof a->by, "%s", qm_pg_get_text(r, 0, 0));
    qm_pgb_result_free(r);
    return a->by[0] != '\0' ? QM_OFFICE_OK
                            : qm_office_fail(a, QM_OFFICE_USAGE,
                                             "say which account does this: --by ACCOUNT (county "
                                             "%06d does not have exactly one admin)",
                                             a->county);
}

static int read_by(struct qm_office *a)
{
    const char *by = a->option[QM_O_BY];
    if (by == NULL)
        return (a->command->needs & QM_NEED_BY) != 0 ? default_by(a) : QM_OFFICE_OK;
    if (!qm_account_ok(by, strlen(by)))
        return qm_office_fail(a, QM_OFFICE_USAGE, "--by: \"%s\" is no account name", by);
    snprintf(a->by, sizeof a->by, "%s", by);
    return (a->command->needs & QM_NEED_BY) != 0 ? check_by(a) : QM_OFFICE_OK;
}

static int open_needs(struct qm_office *a)
{
    unsigned needs = a->command->needs;
    int code = QM_OFFICE_OK;
    if (a->option[QM_O_COUNTY] != NULL)
        code = read_county(a, a->option[QM_O_COUNTY]);
    else if (a->command->run == qm_admin_county_add)
        code = read_county(a, a->value[0]);
    if (code == QM_OFFICE_OK && (needs & QM_NEED_SEAL) != 0)
        code = open_seal(a);
    if (code == QM_OFFICE_OK && (needs & QM_NEED_DB) != 0)
        code = open_database(a);
    if (code == QM_OFFICE_OK && (needs & QM_NEED_HOST) != 0)
        code = read_host(a);
    if (code == QM_OFFICE_OK && (needs & QM_NEED_COUNTY) != 0)
        code = check_county(a);
    if (code == QM_OFFICE_OK && (needs & QM_NEED_BY) != 0 &&
        a->command->run != qm_admin_log_continue)
        code = qm_admin_guard(a);
    return code == QM_OFFICE_OK ? read_by(a) : code;
}

/* ---- printing ---- */

static void print_json(const struct qm_office *a, int code)
{
    struct qm_buf out;
    qm_buf_init(&out, REPORT_MAX_BYTES + 4096);
    qm_buf_printf(&out, "{\"ok\":%s", code == QM_OFFICE_OK ? "true" : "false");
    if (a->members.len > 0)
        qm_buf_add(&out, a->members.p, a->members.len);
    if (code != QM_OFFICE_OK) {
        qm_buf_puts(&out, ",\"error\":");
        qm_json_quote(&out, a->error, strlen(a->error));
    }
    qm_buf_puts(&out, "}\n");
    if (out.err == QM_OK && a->members.err == QM_OK)
        fwrite(out.p, 1, out.len, stdout);
    else
        printf("{\"ok\":false,\"error\":\"the report does not fit into memory\"}\n");
    qm_buf_wipe(&out);
}

static int print_report(const struct qm_office *a, int code)
{
    if (a->json) {
        print_json(a, code);
    } else {
        if (a->text.len > 0)
            fwrite(a->text.p, 1, a->text.len, stdout);
        if (code != QM_OFFICE_OK)
            fprintf(stderr, "qiaomend admin: %s\n", a->error);
        if (code == QM_OFFICE_USAGE)
            fprintf(stderr, "usage: qiaomend admin %s %s [--json]\n", a->command->words,
                    a->command->usage);
    }
    bool lost = fflush(stdout) != 0 || a->text.err != QM_OK || a->members.err != QM_OK;
    return code == QM_OFFICE_OK && lost ? QM_OFFICE_AWAY : code;
}

/* ---- the command ---- */

static int run_command(struct qm_office *a, int argc, char **argv, int used)
{
    char *input = NULL;
    int code = read_arguments(a, argc, argv, used + 1);
    if (code == QM_OFFICE_OK)
        code = open_needs(a);
    if (code == QM_OFFICE_OK && (a->command->needs & QM_NEED_INPUT) != 0)
        code = qm_admin_input_read(a, &input);
    if (a->option[QM_O_OUT] != NULL) {
        a->put_out = qm_admin_out_write;
        a->drop_out = qm_admin_out_drop;
        a->out_ctx = (void *)a->option[QM_O_OUT];
    }
    if (code == QM_OFFICE_OK)
        code = a->command->run(a);
    if (input != NULL)
        explicit_bzero(input, a->input_len);
    free(input);
    if (a->db != NULL)
        qm_pgb_close(a->db);
    if (a->seal != NULL)
        qm_seal_free((struct qm_seal *)a->seal);
    return print_report(a, code);
}

/* Looked for before anything can fail, so that each failure comes as JSON too. */
static bool wants_json(int argc, char **argv)
{
    for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++) {
        if (strcmp(argv[i], "--json") == 0)
            return true;
    }
    return false;
}

static int no_command(bool json, int argc, char **argv)
{
    bool asked = argc > 1 && (strcmp(argv[1], "help") == 0 || strcmp(argv[1], "--help") == 0);
    if (json)
        printf("{\"ok\":false,\"error\":\"no such command: qiaomend admin help lists them\"}\n");
    else if (asked || argc < 2)
        print_help(asked ? stdout : stderr);
    else
        fprintf(stderr, "qiaomend admin: no such command: %s%s%s. qiaomend admin help lists them\n",
                argv[1], argc > 2 ? " " : "", argc > 2 ? argv[2] : "");
    return asked && !json ? QM_OFFICE_OK : QM_OFFICE_USAGE;
}

int qm_admin_main(const struct qm_config *config, int argc, char **argv)
{
    struct qm_office a = {.config = config,
                          .json = wants_json(argc, argv),
                          .roles_given = UINT_MAX,
                          .may_move = true,
                          .input_name = "",
                          .now_ms = qm_clock_ms()};
    int used = 0;
    a.command = find_command(argc, argv, &used);
    if (a.command == NULL)
        return no_command(a.json, argc, argv);
    a.value = calloc((size_t)argc + 1, sizeof *a.value);
    if (a.value == NULL) {
        fputs("qiaomend admin: not enough memory\n", stderr);
        return QM_OFFICE_AWAY;
    }
    qm_buf_init(&a.text, REPORT_MAX_BYTES);
    qm_buf_init(&a.members, REPORT_MAX_BYTES);
    int code = run_command(&a, argc, argv, used);
    qm_buf_wipe(&a.text);
    qm_buf_wipe(&a.members);
    free(a.value);
    return code;
}
