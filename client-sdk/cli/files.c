/* files.c - floor 3: receipts to read and verify, the queue as a file, passphrases.
 *
 * Happy path: a file is read whole and judged; the queue is written sealed, or read and checked
 * whole. Failure modes: what cannot be read is said to be that, never that it does not hold; a
 * passphrase that is too long is refused, not cut; the terminal echoes again however the prompt
 * ends.
 */
#include "cli/cli.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

enum { RECEIPT_MAX_BYTES = 262144, PASSPHRASE_MAX_BYTES = 1024 };

int read_whole(const char *path, size_t max, struct qm_buf *out)
{
    uint8_t part[16384];
    FILE *f = strcmp(path, "-") == 0 ? stdin : fopen(path, "rbe");
    size_t n = 0;
    int rc = QM_C_OK;
    if (!f)
        return QM_C_NOT_FOUND;
    while (rc == QM_C_OK && (n = fread(part, 1, sizeof part, f)) > 0)
        rc = out->len + n > max ? QM_C_TOO_LARGE : (int)qm_buf_add(out, part, n);
    if (rc == QM_C_OK && ferror(f))
        rc = QM_C_IO;
    if (f != stdin)
        fclose(f);
    return rc;
}

static int say_verdict(const struct args *a, int rc)
{
    const char *words = rc == QM_C_OK
                            ? tr(a, "验真:一致", "holds")
                            : tr(a, "不一致,请联系办公室", "does not hold; call the office");
    struct qm_buf b;
    if (rc == QM_C_NOMEM)
        return say_error(a, rc, "");
    if (a->json) {
        json_begin(&b);
        json_bool(&b, "ok", rc == QM_C_OK);
        json_text(&b, "result", rc == QM_C_OK ? "holds" : qm_client_code_name(rc));
        json_text(&b, "text", words);
        json_print(&b);
    } else if (rc == QM_C_OK) {
        printf("%s\n", words);
    } else {
        fprintf(stderr, "%s (%s)\n", words, qm_client_code_name(rc));
    }
    return rc == QM_C_OK ? EXIT_OK : EXIT_NO;
}

int cmd_verify(const struct args *a)
{
    struct qm_buf text;
    const char *vkey = args_get(a, "key");
    int rc = args_only(a, "key");
    if (rc == EXIT_OK)
        rc = args_words(a, 1, 1);
    if (rc == EXIT_OK && !vkey)
        rc = say_usage(a, "要写 --key", "--key is needed", "verify");
    if (rc != EXIT_OK)
        return rc;
    if (qm_verify(vkey, "", 0) == QM_C_INVALID)
        return say_usage(a, "公钥格式不对", "not a verifier key", vkey);
    qm_buf_init(&text, RECEIPT_MAX_BYTES);
    rc = read_whole(a->word[0], RECEIPT_MAX_BYTES, &text);
    /* Nothing is known of a file that was not read; one that is far too long is no receipt. */
    if (rc == QM_C_OK)
        rc = say_verdict(a, qm_verify(vkey, (const char *)text.p, text.len));
    else
        rc = say_unread(a, rc, a->word[0]);
    qm_buf_free(&text);
    return rc;
}

int cmd_receipt(qm_client *c, const struct args *a)
{
    char *batch = NULL, *single = NULL;
    size_t batch_len = 0, single_len = 0;
    int rc = args_only(a, "single");
    if (rc == EXIT_OK)
        rc = args_words(a, 1, 1);
    if (rc != EXIT_OK)
        return rc;
    rc = qm_client_event_receipt(c, a->word[0], &batch, &batch_len, &single, &single_len);
    if (rc != QM_C_OK)
        return say_error(a, rc, qm_client_detail(c));
    if (a->json) {
        struct qm_buf b;
        json_begin(&b);
        json_bool(&b, "ok", true);
        json_text(&b, "batch", batch);
        json_text(&b, "single", single);
        rc = json_print(&b);
    } else {
        bool one = args_has(a, "single");
        (void)fwrite(one ? single : batch, 1, one ? single_len : batch_len, stdout);
        rc = EXIT_OK;
    }
    qm_client_free(batch);
    qm_client_free(single);
    return rc;
}

/* One line of at most PASSPHRASE_MAX_BYTES - 1 bytes, without its end. */
static int read_line(const struct args *a, FILE *f, char out[PASSPHRASE_MAX_BYTES])
{
    if (!fgets(out, PASSPHRASE_MAX_BYTES, f))
        return say_usage(a, "没有口令", "no passphrase", "outbox");
    size_t len = strcspn(out, "\r\n");
    if (out[len] == 0 && len == PASSPHRASE_MAX_BYTES - 1 && fgetc(f) != EOF)
        return say_usage(a, "口令太长,最多 1023 字节", "the passphrase is longer than 1,023 bytes",
                         "outbox");
    out[len] = 0;
    return EXIT_OK;
}

static struct termios echoing;

/* Only what may be called in a handler (POSIX.1, 2.4.3). */
static void echo_again(int sig)
{
    tcsetattr(STDIN_FILENO, TCSAFLUSH, &echoing);
    signal(sig, SIG_DFL);
    raise(sig);
}

static int ask_passphrase(const struct args *a, char out[PASSPHRASE_MAX_BYTES])
{
    if (!isatty(STDIN_FILENO) || tcgetattr(STDIN_FILENO, &echoing) != 0)
        return say_usage(a, "要写 --passphrase-file 或 QIAOMEN_PASSPHRASE",
                         "--passphrase-file or QIAOMEN_PASSPHRASE is needed", "outbox");
    fputs(tr(a, "口令: ", "passphrase: "), stderr);
    struct termios quiet = echoing;
    quiet.c_lflag &= (tcflag_t)~ECHO;
    signal(SIGINT, echo_again);
    signal(SIGTERM, echo_again);
    tcsetattr(STDIN_FILENO, TCSAFLUSH, &quiet);
    int rc = read_line(a, stdin, out);
    tcsetattr(STDIN_FILENO, TCSAFLUSH, &echoing);
    signal(SIGINT, SIG_DFL);
    signal(SIGTERM, SIG_DFL);
    fputc('\n', stderr);
    return rc;
}

static int passphrase(const struct args *a, char out[PASSPHRASE_MAX_BYTES])
{
    const char *path = args_get(a, "passphrase-file"), *env = getenv("QIAOMEN_PASSPHRASE");
    if (!path && !env)
        return ask_passphrase(a, out);
    if (!path) {
        int n = snprintf(out, PASSPHRASE_MAX_BYTES, "%s", env);
        return n < PASSPHRASE_MAX_BYTES
                   ? EXIT_OK
                   : say_usage(a, "口令太长,最多 1023 字节",
                               "the passphrase is longer than 1,023 bytes", "QIAOMEN_PASSPHRASE");
    }
    FILE *f = fopen(path, "re");
    if (!f)
        return say_error(a, QM_C_IO, path);
    int rc = read_line(a, f, out);
    fclose(f);
    return rc;
}

int cmd_outbox(qm_client *c, const struct args *a)
{
    char secret[PASSPHRASE_MAX_BYTES] = "";
    uint64_t n = 0;
    int rc = args_only(a, "passphrase-file");
    if (rc == EXIT_OK)
        rc = args_words(a, 2, 2);
    if (rc != EXIT_OK)
        return rc;
    bool out = strcmp(a->word[0], "export") == 0;
    if (!out && strcmp(a->word[0], "import") != 0)
        return say_usage(a, "只有 export 和 import", "export or import", a->word[0]);
    rc = passphrase(a, secret);
    if (rc != EXIT_OK)
        return rc;
    rc = out ? qm_client_export(c, a->word[1], secret, &n)
             : qm_client_import(c, a->word[1], secret, &n);
    explicit_bzero(secret, sizeof secret);
    progress_end();
    if (rc != QM_C_OK)
        return say_error(a, rc, qm_client_detail(c));
    if (a->json) {
        struct qm_buf b;
        json_begin(&b);
        json_bool(&b, "ok", true);
        json_int(&b, "records", (int64_t)n);
        return json_print(&b);
    }
    printf("%s %llu\n", out ? tr(a, "已导出", "exported") : tr(a, "已导入", "imported"),
           (unsigned long long)n);
    return EXIT_OK;
}
