/* words.c - floor 3: what is said, in Chinese and English; JSON output.
 *
 * Happy path: a result or an error is said once, in the language of the arguments.
 * Failure modes: output that could not be written is an error of its own, at the end
 * (output_ends); a word without a translation is shown as it is.
 */
#include "cli/cli.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "wire/json.h"

const char *tr(const struct args *a, const char *zh, const char *en)
{
    return strcmp(a->lang, "zh") == 0 ? zh : en;
}

const char *locale_lang(void)
{
    static const char *const names[] = {"LC_ALL", "LC_MESSAGES", "LANG"};
    for (size_t i = 0; i < 3; i++) {
        const char *value = getenv(names[i]);
        if (value && value[0])
            return strncmp(value, "zh", 2) == 0 ? "zh" : "en";
    }
    return "en";
}

const char *word_of(const struct args *a, const char *code)
{
    static const struct {
        const char *code, *zh;
    } words[] = {{"met", "已见面"},
                 {"no_adult", "无成年人"},
                 {"absent", "不在家"},
                 {"appointed", "已约时间"},
                 {"gone", "在外"},
                 {"refused", "不愿办理"},
                 {"no_entry", "未能进门"},
                 {"moved", "已搬走"},
                 {"vacant", "空房"},
                 {"none", "无"},
                 {"none_yet", "还没去过"},
                 {"signed", "已签"},
                 {"left", "已留置"},
                 {"later", "下次再办"},
                 {"withdrawn", "已撤回"},
                 {"installed", "已安装"},
                 {"no_phone", "没有手机"},
                 {"feature_phone", "老年机"},
                 {"unfit", "手机装不了"},
                 {"shared", "合用手机"},
                 {"removed", "已卸载"},
                 {"counted", "计数"},
                 {"away", "在外"},
                 {"dead", "去世"},
                 {"unknown_age", "年龄不明"},
                 {"other", "非住家"},
                 {"visit", "入户"},
                 {"notice", "告知书"},
                 {"pledge", "承诺书"},
                 {"app", "反诈App"},
                 {"household", "新户"},
                 {"resident", "人员"},
                 {"void", "作废"}};
    if (strcmp(a->lang, "zh") != 0)
        return code;
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        if (strcmp(words[i].code, code) == 0)
            return words[i].zh;
    return code;
}

void time_text(int64_t ms, char out[20])
{
    time_t t = (time_t)(ms / 1000 + INT64_C(8) * 3600);
    struct tm tm;
    gmtime_r(&t, &tm);
    strftime(out, 20, "%Y-%m-%d %H:%M", &tm);
}

static void reason_text(const struct args *a, const char *reason, int64_t next_ms,
                        char out[WAIT_MAX_BYTES])
{
    char at[20];
    time_text(next_ms, at);
    snprintf(out, WAIT_MAX_BYTES, tr(a, "%s,%s 以后再传", "%s; again after %s"), reason, at);
}

void wait_text(const struct args *a, int why, int64_t next_ms, char out[WAIT_MAX_BYTES])
{
    reason_text(a, qm_client_code_text(why, a->lang), next_ms, out);
}

void photos_wait_text(const struct args *a, int why, int64_t next_ms, char out[WAIT_MAX_BYTES])
{
    /* The limit that photos meet is that of a day's bytes, not of how often something is sent. */
    if (why == QM_C_QUOTA)
        reason_text(a, tr(a, "今天能传的照片已传满", "as many photos were sent as a day allows"),
                    next_ms, out);
    else
        wait_text(a, why, next_ms, out);
}

static int exit_of(int code)
{
    switch (code) {
    case QM_C_INVALID:
        return EXIT_USAGE;
    case QM_C_NOT_ENROLLED:
        return EXIT_ENROL;
    case QM_C_OFFLINE:
    case QM_C_UNKNOWN_OUTCOME:
    case QM_C_OVERLOAD:
    case QM_C_QUOTA:
    case QM_C_LOG_STOPPED:
    case QM_C_STALE_SIGNATURE:
        return EXIT_LATER;
    case QM_C_REVOKED:
    case QM_C_UNKNOWN_KEY:
        return EXIT_STOPPED;
    case QM_C_PROOF:
    case QM_C_LOG_REGRESSED:
        return EXIT_ALARM;
    case QM_C_IO:
    case QM_C_DISK_FULL:
    case QM_C_BUSY:
    case QM_C_CORRUPT:
    case QM_C_NOMEM:
        return EXIT_STORE;
    default:
        return EXIT_NO;
    }
}

/* What the code alone cannot know: which command it was, and that no network helps. */
static const struct better {
    int code;
    const char *command, *detail; /* NULL: any; how the detail begins */
    const char *zh, *en;          /* NULL: as the code says */
    const char *zh_todo, *en_todo;
} betters[] = {
    {QM_C_OFFLINE, NULL, QM_CERTIFICATE_DETAIL, "服务器身份核对不上,没有连接",
     "The server could not be identified; nothing was sent",
     "请核对本机时间、服务器地址和 QIAOMEN_CA_FILE;已有的记录都还在本机",
     "Check this device's clock, the server's address and QIAOMEN_CA_FILE; what was recorded stays "
     "on this device"},
    {QM_C_EXISTS, "enrol", "", "本机已经登记过了", "This device is enrolled already",
     "不用再登记;给另一个账号用,请用 --home 另选一个目录",
     "Nothing to do; for another account name another folder with --home"},
    {QM_C_FORBIDDEN, "enrol", "", "登记码不对、用过了,或过了24小时",
     "The enrolment code is not right, was used, or is older than 24 hours",
     "请核对登记码;没有抄错的,请向办公室要一个新的",
     "Check the code; if it is copied well, ask the office for a new one"},
    {QM_C_MALFORMED, "enrol", "", "服务器不认这个登记码的县或这个主机名",
     "The server does not know the county of this code, or goes by another host name",
     "请核对登记码;服务器的主机名和地址里的不一样,请加 --host 主机名(问办公室)",
     "Check the code; where the server's host name is not the one of the address, add --host (ask "
     "the office)"},
    {QM_C_OFFLINE, "enrol", "", NULL, NULL, "本机还没有登记;请检查网络和地址,再用同一个登记码登记",
     "This device is not enrolled yet; check the network and the address, then enrol again with "
     "the same code"},
    {QM_C_UNKNOWN_OUTCOME, "enrol", "", NULL, NULL,
     "请用同一个登记码再登记一次;仍算同一台设备,不会重复",
     "Enrol again with the same code; it stays one and the same device"}};

static const struct better *better_of(const struct args *a, int code, const char *detail)
{
    for (size_t i = 0; i < sizeof betters / sizeof betters[0]; i++) {
        const struct better *b = &betters[i];
        if (b->code == code && strncmp(detail, b->detail, strlen(b->detail)) == 0 &&
            (!b->command || (a->command && strcmp(b->command, a->command) == 0)))
            return b;
    }
    return NULL;
}

int say_error(const struct args *a, int code, const char *detail)
{
    char own[DETAIL_MAX_BYTES];
    const struct better *better = better_of(a, code, detail);
    const char *text =
        better && better->en ? tr(a, better->zh, better->en) : qm_client_code_text(code, a->lang);
    const char *todo =
        better ? tr(a, better->zh_todo, better->en_todo) : qm_client_code_todo(code, a->lang);
    progress_end();
    if (a->json) {
        struct qm_buf b;
        json_begin(&b);
        json_bool(&b, "ok", false);
        json_text(&b, "error", qm_client_code_name(code));
        json_text(&b, "text", text);
        json_text(&b, "todo", todo);
        json_text(&b, "detail", detail);
        json_print(&b);
    } else {
        detail = detail_of(a, detail, own);
        fprintf(stderr, "qiaomen: %s%s%s%s\n  -> %s\n", text, detail[0] ? " (" : "", detail,
                detail[0] ? ")" : "", todo);
    }
    return exit_of(code);
}

int say_unread(const struct args *a, int code, const char *path)
{
    char detail[DETAIL_MAX_BYTES];
    if (code != QM_C_NOT_FOUND)
        return say_error(a, code, path);
    snprintf(detail, sizeof detail, "%s: %s", path, strerror(errno));
    return say_error(a, QM_C_IO, detail);
}

int say_usage(const struct args *a, const char *zh, const char *en, const char *what)
{
    char todo[80];
    bool known = a->command && help_has(a->command);
    snprintf(todo, sizeof todo, tr(a, "请看 qiaomen %s%s--help", "See qiaomen %s%s--help"),
             known ? a->command : "", known ? " " : "");
    return say_usage_todo(a, tr(a, zh, en), what, todo);
}

int say_usage_todo(const struct args *a, const char *text, const char *what, const char *todo)
{
    if (a->json) {
        struct qm_buf b;
        json_begin(&b);
        json_bool(&b, "ok", false);
        json_text(&b, "error", "usage");
        json_text(&b, "text", text);
        json_text(&b, "todo", todo);
        json_text(&b, "detail", what ? what : "");
        json_print(&b);
    } else {
        fprintf(stderr, "qiaomen: %s%s%s\n  -> %s\n", text, what && what[0] ? ": " : "",
                what ? what : "", todo);
    }
    return EXIT_USAGE;
}

int output_ends(const struct args *a, int code)
{
    errno = 0;
    bool written = fflush(stdout) == 0 && !ferror(stdout);
    if (written || code != EXIT_OK)
        return code;
    fprintf(stderr, "qiaomen: %s%s%s\n", tr(a, "结果没有写出去", "the output could not be written"),
            errno ? ": " : "", errno ? strerror(errno) : "");
    return EXIT_STORE;
}

void json_begin(struct qm_buf *b)
{
    qm_buf_init(b, (size_t)64 << 20);
}

void json_name(struct qm_buf *b, const char *name)
{
    /* The object is open while its last byte is not '{'. */
    bool first = b->len == 0 || b->p[b->len - 1] == '{';
    qm_buf_puts(b, b->len == 0 ? "{" : first ? "" : ",");
    qm_json_quote(b, name, strlen(name));
    qm_buf_puts(b, ":");
}

void json_text(struct qm_buf *b, const char *name, const char *value)
{
    json_name(b, name);
    if (qm_json_quote(b, value, strlen(value)) == QM_E_INVALID)
        qm_buf_puts(b, "\"\"");
}

void json_int(struct qm_buf *b, const char *name, int64_t value)
{
    json_name(b, name);
    qm_buf_printf(b, "%lld", (long long)value);
}

void json_bool(struct qm_buf *b, const char *name, bool value)
{
    json_name(b, name);
    qm_buf_puts(b, value ? "true" : "false");
}

int json_print(struct qm_buf *b)
{
    qm_buf_puts(b, "}\n");
    /* What could not be written is said at the end, by output_ends. */
    int rc = b->err == QM_OK ? EXIT_OK : EXIT_STORE;
    if (rc == EXIT_OK)
        (void)fwrite(b->p, 1, b->len, stdout);
    else
        fputs("qiaomen: out of memory\n", stderr);
    qm_buf_free(b);
    return rc;
}
