/* test_base.c - clock, log lines, metrics and settings. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/config.h"
#include "base/log.h"
#include "base/metrics.h"

/* ---- clock ---- */

static void durations_never_run_backwards(void **state)
{
    uint64_t last = qm_clock_mono_ns();
    (void)state;
    for (int i = 0; i < 10000; i++) {
        uint64_t now = qm_clock_mono_ns();
        assert_true(now >= last);
        last = now;
    }
}

static int64_t second_ms(void)
{
    return qm_clock_second_ms();
}

/* The environment is read once a process: a child of its own for each. */
static int64_t clock_with(const char *name, const char *value, int64_t (*ask)(void))
{
    int64_t ms = 0;
    int pipe_fds[2];
    assert_int_equal(pipe(pipe_fds), 0);
    pid_t child = fork();
    if (child == 0) {
        setenv(name, value, 1);
        ms = ask();
        _exit(write(pipe_fds[1], &ms, sizeof ms) == (ssize_t)sizeof ms ? 0 : 1);
    }
    assert_int_equal(read(pipe_fds[0], &ms, sizeof ms), sizeof ms);
    waitpid(child, NULL, 0);
    close(pipe_fds[0]);
    close(pipe_fds[1]);
    return ms;
}

static int64_t clock_with_offset(const char *offset)
{
    return clock_with("QM_CLOCK_OFFSET_MS", offset, qm_clock_ms);
}

#ifndef QM_TEST_HOOKS
static void nothing_shifts_the_wall_clock_of_what_is_installed(void **state)
{
    const int64_t hour_ms = 3600000;
    int64_t now = clock_with_offset("0");
    (void)state;
    assert_true(now > 1700000000000); /* after 2023 */
    int64_t later = clock_with_offset("864000000");
    assert_true(later >= now - hour_ms && later - now < hour_ms);
    assert_int_equal(clock_with("QM_CLOCK_SECOND_MS", "10", second_ms), 1000);
}
#else
static void the_wall_clock_can_be_shifted_for_tests(void **state)
{
    const int64_t day_ms = 86400000;
    int64_t now = clock_with_offset("0");
    (void)state;
    assert_true(now > 1700000000000); /* after 2023 */
    int64_t later = clock_with_offset("864000000");
    assert_true(later - now >= 10 * day_ms && later - now < 11 * day_ms);
    int64_t earlier = clock_with_offset("-864000000");
    assert_true(now - earlier > 9 * day_ms && now - earlier <= 10 * day_ms);
    assert_true(clock_with_offset("10 days") - now < day_ms);
    assert_true(clock_with_offset("9223372036854775807") - now < day_ms);
}

static void seconds_can_be_made_shorter_for_tests(void **state)
{
    static const char *const none[] = {"", "0", "-1", "1001", "ten", "10 ms"};
    (void)state;
    assert_int_equal(clock_with("QM_CLOCK_SECOND_MS", "10", second_ms), 10);
    for (size_t i = 0; i < sizeof none / sizeof *none; i++)
        assert_int_equal(clock_with("QM_CLOCK_SECOND_MS", none[i], second_ms), 1000);
}
#endif

/* ---- log ---- */

static int log_pipe[2];

static int log_to_pipe(void **state)
{
    (void)state;
    assert_int_equal(pipe(log_pipe), 0);
    qm_log_open(log_pipe[1], QM_LOG_INFO);
    return 0;
}

static int log_to_nowhere(void **state)
{
    (void)state;
    qm_log_open(STDERR_FILENO, QM_LOG_ERROR);
    close(log_pipe[0]);
    close(log_pipe[1]);
    return 0;
}

/* What was logged, without the time. */
static const char *logged(void)
{
    static char line[8192];
    ssize_t n = read(log_pipe[0], line, sizeof line - 1);
    assert_true(n > 32);
    line[n] = '\0';
    assert_memory_equal(line, "{\"t\":\"20", 8);
    assert_memory_equal(line + 6 + 19, ".", 1);
    assert_memory_equal(line + 6 + 23, "Z\",", 3);
    return line + 32;
}

static void a_line_is_one_object(void **state)
{
    (void)state;
    qm_log(QM_LOG_INFO, "sync", "id", QM_LI(7), "low", QM_LI(INT64_MIN), "who", QM_LS("D-1"), NULL);
    assert_string_equal(logged(), "\"level\":\"info\",\"event\":\"sync\",\"id\":7,"
                                  "\"low\":-9223372036854775808,\"who\":\"D-1\"}\n");
    qm_log(QM_LOG_ERROR, "bare", NULL);
    assert_string_equal(logged(), "\"level\":\"error\",\"event\":\"bare\"}\n");
}

static void hostile_text_cannot_break_a_line(void **state)
{
    (void)state;
    qm_log(QM_LOG_WARN, "e", "s", QM_LS("a\"b\\c\nd\x7f\t\x01"), "none", QM_LS(NULL), NULL);
    assert_string_equal(logged(), "\"level\":\"warn\",\"event\":\"e\",\"s\":"
                                  "\"a\\\"b\\\\c\\u000ad\\u007f\\u0009\\u0001\",\"none\":\"\"}\n");
    /* overlong NUL, surrogate, lone continuation, above U+10FFFF, a cut character; then a good one
     */
    qm_log(QM_LOG_WARN, "e", "s",
           QM_LS("\xc0\x80|\xed\xa0\x80|\x80|\xf4\x90\x80\x80|\xe4\xbd|\xe4\xbd\xa0|\xe4\xbd"),
           NULL);
    assert_string_equal(logged(), "\"level\":\"warn\",\"event\":\"e\",\"s\":"
                                  "\"??|\?\?\?|?|\?\?\?\?|??|\xe4\xbd\xa0|??\"}\n");
}

static void long_values_are_cut_and_long_lines_lose_members(void **state)
{
    char text[5001];
    (void)state;
    memset(text, 'x', sizeof text - 1);
    text[sizeof text - 1] = '\0';
    qm_log(QM_LOG_INFO, "e", "s", QM_LS(text), NULL);
    assert_int_equal(strspn(strchr(strstr(logged(), "\"s\""), 'x'), "x"), 300);
    memset(text, '\x01', sizeof text - 1); /* six bytes each when escaped */
    qm_log(QM_LOG_INFO, "e", "a", QM_LS(text), "b", QM_LS(text), "c", QM_LS(text), "d", QM_LI(1),
           NULL);
    const char *line = logged();
    size_t len = strlen(line);
    assert_true(len < 4096);
    assert_string_equal(line + len - 3, "\"}\n");
    assert_non_null(strstr(line, ",\"b\":"));
    assert_null(strstr(line, ",\"c\":"));
}

static void lines_above_the_level_are_left_out(void **state)
{
    (void)state;
    qm_log(QM_LOG_DEBUG, "hidden", NULL);
    qm_log(QM_LOG_INFO, "seen", NULL);
    assert_non_null(strstr(logged(), "seen"));
}

static void *log_much(void *arg)
{
    for (int i = 0; i < 200; i++)
        qm_log(QM_LOG_INFO, "thread", "n", QM_LI(i), "s", QM_LS(arg), NULL);
    return NULL;
}

static void lines_of_threads_do_not_mix(void **state)
{
    pthread_t threads[4];
    char *texts[] = {"aaaaaaaaaaaaaaaaaaaa", "bbbbbbbbbbbbbbbbbbbb", "cccccccccccccccccccc",
                     "dddddddddddddddddddd"};
    char line[512];
    int lines = 0;
    (void)state;
    assert_true(fcntl(log_pipe[1], F_SETPIPE_SZ, 1 << 20) > 0);
    for (int i = 0; i < 4; i++)
        pthread_create(&threads[i], NULL, log_much, texts[i]);
    for (int i = 0; i < 4; i++)
        pthread_join(threads[i], NULL);
    fcntl(log_pipe[0], F_SETFL, O_NONBLOCK);
    FILE *f = fdopen(dup(log_pipe[0]), "r");
    assert_non_null(f);
    for (; fgets(line, sizeof line, f) != NULL; lines++) {
        const char *s = strstr(line, "\"s\":\"");
        assert_non_null(s);
        assert_int_equal(strspn(s + 5, (char[]){s[5], '\0'}), 20);
        assert_string_equal(s + 25, "\"}\n");
    }
    fclose(f);
    assert_int_equal(lines, 800);
}

static void a_bug_is_logged_with_its_place_and_counted(void **state)
{
    uint64_t before = qm_log_bugs();
    (void)state;
    QM_BUG("two heads");
    const char *line = logged();
    assert_non_null(strstr(line, "test_base.c"));
    assert_non_null(strstr(line, "\"what\":\"two heads\""));
    assert_int_equal(qm_log_bugs(), before + 1);
    assert_int_equal(qm_metric_get(QM_M_BUGS), before + 1);
}

static void a_line_that_cannot_be_written_is_counted(void **state)
{
    uint64_t before = qm_log_lost();
    (void)state;
    qm_log_open(-1, QM_LOG_INFO);
    qm_log(QM_LOG_INFO, "lost", NULL);
    assert_int_equal(qm_log_lost(), before + 1);
    assert_int_equal(qm_metric_get(QM_M_LOG_LINES_LOST), before + 1);
}

/* ---- metrics ---- */

static const char *written(struct qm_buf *b)
{
    qm_buf_free(b);
    qm_buf_init(b, 1 << 20);
    assert_int_equal(qm_metrics_write(b), QM_OK);
    return (const char *)b->p;
}

static void metrics_are_written_in_full(void **state)
{
    struct qm_buf b = {0};
    (void)state;
    qm_metric_add(QM_M_SYNC_BATCHES, 41);
    qm_metric_add(QM_M_SYNC_BATCHES, 1);
    qm_metric_set(QM_M_PG_WAITING, 5);
    qm_metric_set(QM_M_PG_WAITING, 3);
    const char *text = written(&b);
    assert_non_null(
        strstr(text, "# TYPE qm_sync_batches_total counter\nqm_sync_batches_total 42\n"));
    assert_non_null(strstr(text, "# TYPE qm_pg_waiting gauge\nqm_pg_waiting 3\n"));
    assert_null(strstr(text, "(null)")); /* no row of the table was forgotten */
    qm_buf_free(&b);
}

static void answers_are_counted_by_class(void **state)
{
    struct qm_buf b = {0};
    uint64_t bugs = qm_log_bugs();
    (void)state;
    static const int statuses[] = {100, 199, 200, 204, 299, 304, 400, 499, 503, 599};
    for (size_t i = 0; i < sizeof statuses / sizeof *statuses; i++)
        qm_metric_answer(statuses[i]);
    const char *text = written(&b);
    assert_non_null(strstr(text, "# TYPE qm_http_answers_total counter\n"
                                 "qm_http_answers_total{class=\"1xx\"} 2\n"
                                 "qm_http_answers_total{class=\"2xx\"} 3\n"
                                 "qm_http_answers_total{class=\"3xx\"} 1\n"
                                 "qm_http_answers_total{class=\"4xx\"} 2\n"
                                 "qm_http_answers_total{class=\"5xx\"} 2\n"));
    qm_metric_answer(99);
    qm_metric_answer(600);
    assert_int_equal(qm_log_bugs(), bugs + 2);
    qm_buf_free(&b);
}

static void a_histogram_counts_upwards(void **state)
{
    struct qm_buf b = {0};
    (void)state;
    qm_histogram_add(QM_H_SYNC_GROUP_EVENTS, 1);
    qm_histogram_add(QM_H_SYNC_GROUP_EVENTS, 5);
    qm_histogram_add(QM_H_SYNC_GROUP_EVENTS, 6);
    qm_histogram_add(QM_H_SYNC_GROUP_EVENTS, 9999);
    const char *text = written(&b);
    assert_non_null(strstr(text, "# TYPE qm_sync_group_events histogram\n"
                                 "qm_sync_group_events_bucket{le=\"1\"} 1\n"
                                 "qm_sync_group_events_bucket{le=\"5\"} 2\n"
                                 "qm_sync_group_events_bucket{le=\"10\"} 3\n"));
    assert_non_null(strstr(text, "qm_sync_group_events_bucket{le=\"2500\"} 3\n"
                                 "qm_sync_group_events_bucket{le=\"+Inf\"} 4\n"
                                 "qm_sync_group_events_sum 10011\n"
                                 "qm_sync_group_events_count 4\n"));
    assert_non_null(strstr(text, "qm_http_seconds_bucket{le=\"0.0025\"} 0\n"));
    qm_buf_free(&b);
}

static void a_buffer_too_small_is_an_error(void **state)
{
    struct qm_buf b;
    (void)state;
    qm_buf_init(&b, 100);
    assert_int_equal(qm_metrics_write(&b), QM_E_TOO_LARGE);
    qm_buf_free(&b);
}

/* ---- settings ---- */

static char *config_file;

static int file_new(void **state)
{
    (void)state;
    config_file = strdup("/tmp/qm-base-XXXXXX");
    assert_non_null(config_file);
    int fd = mkstemp(config_file);
    assert_true(fd >= 0);
    close(fd);
    return 0;
}

static int file_free(void **state)
{
    (void)state;
    unlink(config_file);
    free(config_file);
    unsetenv("QM_DB_CONNECTIONS");
    unsetenv("QM_LISTEN");
    return 0;
}

static void file_write(const char *text, size_t len)
{
    FILE *f = fopen(config_file, "w");
    assert_non_null(f);
    assert_int_equal(fwrite(text, 1, len, f), len);
    assert_int_equal(fclose(f), 0);
}

static void each_source_overrides_the_one_before(void **state)
{
    static const char text[] = "# a comment\n\n  listen = unix:/run/q.sock  \r\n"
                               "db_connections=7\ngroup_max_events = 300\ntrust_forwarded = yes\n"
                               "database = host=/run user=q # not a comment\nlog_level=3";
    char *args[] = {"--group-max-events=42", "--metrics_public=true"};
    struct qm_config c;
    struct qm_buf err;
    (void)state;
    qm_buf_init(&err, 4096);
    file_write(text, sizeof text - 1);
    setenv("QM_DB_CONNECTIONS", "9", 1);
    qm_config_defaults(&c);
    assert_int_equal(c.bodies_max_bytes, 67108864);
    assert_int_equal(c.request_timeout_ms, 30000);
    assert_int_equal(c.address_per_minute, 600);
    assert_int_equal(c.device_syncs_per_minute, 60);
    assert_int_equal(c.device_blob_bytes_per_day, 200 * 1024 * 1024);
    assert_string_equal(c.listen, "127.0.0.1:8080");
    assert_int_equal(qm_config_load(&c, config_file, 2, args, &err), QM_OK);
    assert_string_equal(c.listen, "unix:/run/q.sock");
    assert_string_equal(c.database, "host=/run user=q # not a comment");
    assert_int_equal(c.db_connections, 9);
    assert_int_equal(c.group_max_events, 42);
    assert_int_equal(c.log_level, 3);
    assert_true(c.trust_forwarded);
    assert_true(c.metrics_public);
    assert_int_equal(err.len, 0);
    qm_buf_free(&err);
}

static void expect_error(const char *text, size_t len, const char *wanted)
{
    struct qm_config c;
    struct qm_buf err;
    char sentence[600];
    qm_buf_init(&err, 4096);
    qm_config_defaults(&c);
    file_write(text, len);
    assert_int_equal(qm_config_load(&c, config_file, 0, NULL, &err), QM_E_INVALID);
    (void)snprintf(sentence, sizeof sentence, "%s, line %s", config_file, wanted);
    assert_string_equal((const char *)err.p, sentence);
    qm_buf_free(&err);
}

static void a_wrong_line_is_named_with_what_is_allowed(void **state)
{
#define ERROR_OF(text, wanted) expect_error(text, sizeof(text) - 1, wanted)
    (void)state;
    ERROR_OF("\n\ndb_connections = 65\n",
             "3: db_connections is \"65\"; allowed is a whole number from 1 to 64.");
    ERROR_OF("db_connections = 0\n",
             "1: db_connections is \"0\"; allowed is a whole number from 1 to 64.");
    ERROR_OF("db_connections = +4\n",
             "1: db_connections is \"+4\"; allowed is a whole number from 1 to 64.");
    ERROR_OF("db_connections = 4x\n",
             "1: db_connections is \"4x\"; allowed is a whole number from 1 to 64.");
    ERROR_OF("db_connections =\n",
             "1: db_connections is \"\"; allowed is a whole number from 1 to 64.");
    ERROR_OF("db_connections = 99999999999999999999\n",
             "1: db_connections is \"99999999999999999999\"; "
             "allowed is a whole number from 1 to 64.");
    ERROR_OF("trust_forwarded = maybe\n", "1: trust_forwarded is \"maybe\"; allowed is yes or no.");
    ERROR_OF("listen =\n", "1: listen is not usable; allowed is text of 1 to 255 bytes.");
    ERROR_OF("lisen = x\n", "1: \"lisen\" is no setting; `qiaomend help settings` lists them.");
    ERROR_OF("listen\n", "1: not of the form `name = value`.");
    ERROR_OF("log_level=1\nlisten=a\0b\n", "2: longer than 2046 bytes, or with a NUL in it.");
}

static void a_long_value_or_line_is_an_error(void **state)
{
    char text[4000];
    (void)state;
    (void)snprintf(text, sizeof text, "listen = %0255d\n", 0);
    file_write(text, strlen(text));
    struct qm_config c;
    struct qm_buf err;
    qm_buf_init(&err, 4096);
    qm_config_defaults(&c);
    assert_int_equal(qm_config_load(&c, config_file, 0, NULL, &err), QM_OK);
    qm_buf_free(&err);
    (void)snprintf(text, sizeof text, "listen = %0256d\n", 0);
    expect_error(text, strlen(text), "1: listen is not usable; allowed is text of 1 to 255 bytes.");
    (void)snprintf(text, sizeof text, "database = %03000d\n", 0);
    expect_error(text, strlen(text), "1: longer than 2046 bytes, or with a NUL in it.");
}

/* A password in a connection string must not reach the screen. */
static void a_wrong_text_is_not_repeated(void **state)
{
    char argument[2000];
    char *args[] = {argument};
    struct qm_config c;
    struct qm_buf err;
    (void)state;
    (void)snprintf(argument, sizeof argument, "--database=password=secret %01100d", 0);
    qm_buf_init(&err, 4096);
    qm_config_defaults(&c);
    assert_int_equal(qm_config_load(&c, NULL, 1, args, &err), QM_E_INVALID);
    assert_string_equal(
        (const char *)err.p,
        "command line: database is not usable; allowed is text of 0 to 1023 bytes.");
    qm_buf_free(&err);
}

static void wrong_arguments_and_environment_are_errors(void **state)
{
    static char *const wrong[] = {
        "--nonsense=1", "--db_connections", "db_connections=1", "--db_connections=x", "--=1", "--"};
    struct qm_config c;
    struct qm_buf err;
    (void)state;
    qm_buf_init(&err, 4096);
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        qm_buf_reset(&err);
        qm_config_defaults(&c);
        assert_int_equal(qm_config_load(&c, NULL, 1, &wrong[i], &err), QM_E_INVALID);
        assert_memory_equal(err.p, "command line: ", 14);
    }
    setenv("QM_LISTEN", "", 1);
    qm_buf_reset(&err);
    assert_int_equal(qm_config_load(&c, NULL, 0, NULL, &err), QM_E_INVALID);
    assert_string_equal((const char *)err.p,
                        "environment: listen is not usable; allowed is text of 1 to 255 bytes.");
    qm_buf_reset(&err);
    assert_int_equal(qm_config_load(&c, "/nonexistent/q.conf", 0, NULL, &err), QM_E_IO);
    assert_memory_equal(err.p, "/nonexistent/q.conf: cannot be opened", 37);
    qm_buf_free(&err);
}

static void only_some_settings_change_while_running(void **state)
{
    struct qm_config running, fresh;
    (void)state;
    qm_config_defaults(&running);
    qm_config_defaults(&fresh);
    fresh.address_per_minute = 1;
    fresh.device_syncs_per_minute = 2;
    fresh.device_blob_bytes_per_day = 3;
    fresh.log_level = 0;
    fresh.db_connections = 5;
    fresh.trust_forwarded = true;
    (void)snprintf(fresh.listen, sizeof fresh.listen, "unix:/x");
    qm_config_reload(&running, &fresh);
    assert_int_equal(running.address_per_minute, 1);
    assert_int_equal(running.device_syncs_per_minute, 2);
    assert_int_equal(running.device_blob_bytes_per_day, 3);
    assert_int_equal(running.log_level, 0);
    assert_int_equal(running.db_connections, 4);
    assert_false(running.trust_forwarded);
    assert_string_equal(running.listen, "127.0.0.1:8080");
}

/* Every preset is a value that the table itself allows: what help prints can be pasted into a
 * file and gives the defaults. */
static void help_is_a_file_of_the_defaults(void **state)
{
    struct qm_buf help, lines, err;
    struct qm_config defaults, read_back;
    (void)state;
    qm_buf_init(&help, 100000);
    qm_buf_init(&lines, 100000);
    qm_buf_init(&err, 4096);
    assert_int_equal(qm_config_help(&help), QM_OK);
    assert_non_null(strstr((char *)help.p,
                           "600\n    requests a minute from one address (of IPv6: from its /64)\n"
                           "    a whole number from 1 to 1000000; "
                           "re-read at SIGHUP\n"));
    for (char *line = strtok((char *)help.p, "\n"); line != NULL; line = strtok(NULL, "\n"))
        if (line[0] != ' ') {
            qm_buf_puts(&lines, line);
            qm_buf_puts(&lines, "\n");
        }
    file_write((const char *)lines.p, lines.len);
    qm_config_defaults(&defaults);
    memset(&read_back, 0, sizeof read_back);
    assert_int_equal(qm_config_load(&read_back, config_file, 0, NULL, &err), QM_OK);
    assert_memory_equal(&read_back, &defaults, sizeof defaults);
    qm_buf_free(&help);
    qm_buf_free(&lines);
    qm_buf_free(&err);
}

int main(void)
{
#define LOG(f)   cmocka_unit_test_setup_teardown(f, log_to_pipe, log_to_nowhere)
#define FILED(f) cmocka_unit_test_setup_teardown(f, file_new, file_free)
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(durations_never_run_backwards),
#ifdef QM_TEST_HOOKS
        cmocka_unit_test(the_wall_clock_can_be_shifted_for_tests),
        cmocka_unit_test(seconds_can_be_made_shorter_for_tests),
#else
        cmocka_unit_test(nothing_shifts_the_wall_clock_of_what_is_installed),
#endif
        LOG(a_line_is_one_object),
        LOG(hostile_text_cannot_break_a_line),
        LOG(long_values_are_cut_and_long_lines_lose_members),
        LOG(lines_above_the_level_are_left_out),
        LOG(lines_of_threads_do_not_mix),
        LOG(a_bug_is_logged_with_its_place_and_counted),
        LOG(a_line_that_cannot_be_written_is_counted),
        cmocka_unit_test(metrics_are_written_in_full),
        LOG(answers_are_counted_by_class),
        cmocka_unit_test(a_histogram_counts_upwards),
        cmocka_unit_test(a_buffer_too_small_is_an_error),
        FILED(each_source_overrides_the_one_before),
        FILED(a_wrong_line_is_named_with_what_is_allowed),
        FILED(a_long_value_or_line_is_an_error),
        FILED(a_wrong_text_is_not_repeated),
        FILED(wrong_arguments_and_environment_are_errors),
        cmocka_unit_test(only_some_settings_change_while_running),
        FILED(help_is_a_file_of_the_defaults),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
