/* net.c - floor 3: enrol, sync, rotate, move.
 *
 * Happy path: options, one call of the SDK, its result as a line or as JSON.
 * Failure modes: the SDK's code, with its reason, becomes the exit code (say_error).
 */
#include "cli/cli.h"

#include <stdio.h>
#include <string.h>

static int done(const struct args *a, const char *zh, const char *en)
{
    if (a->json) {
        struct qm_buf b;
        json_begin(&b);
        json_bool(&b, "ok", true);
        return json_print(&b);
    }
    printf("%s\n", tr(a, zh, en));
    return EXIT_OK;
}

/* Where to enrol, and with what. */
struct invitation {
    char server[512];
    const char *code;
};

/* "https://HOST/app/#enrol=CODE", as the office gives it. */
static bool link_read(const char *link, struct invitation *out)
{
    static const char mark[] = "#enrol=";
    const char *host = strstr(link, "://"), *code = strstr(link, mark);
    const char *end = host ? strchr(host + 3, '/') : NULL;
    if (!code || !end || end > code || (size_t)(end - link) >= sizeof out->server)
        return false;
    snprintf(out->server, sizeof out->server, "%.*s", (int)(end - link), link);
    out->code = code + sizeof mark - 1;
    return true;
}

static int invitation_read(const struct args *a, struct invitation *out)
{
    const char *server = args_get(a, "server");
    out->code = args_get(a, "code");
    if (a->words == 1 && !server && !out->code)
        return link_read(a->word[0], out)
                   ? EXIT_OK
                   : say_usage(a, "不是登记链接", "not a link to enrol", a->word[0]);
    if (a->words > 0 || !server || !out->code)
        return say_usage(a, "要写登记链接,或 --server 和 --code",
                         "the link of the office is needed, or --server and --code", "enrol");
    /* What does not fit is longer than any address that the SDK takes; it says so. */
    snprintf(out->server, sizeof out->server, "%s", server);
    return EXIT_OK;
}

int cmd_enrol(qm_client *c, const struct args *a)
{
    struct qm_client_info info;
    struct invitation to;
    int rc = args_only(a, "server code host");
    if (rc == EXIT_OK)
        rc = args_words(a, 0, 1);
    if (rc == EXIT_OK)
        rc = invitation_read(a, &to);
    if (rc != EXIT_OK)
        return rc;
    rc = qm_client_enrol(c, to.server, args_get(a, "host"), to.code);
    if (rc == QM_C_OK)
        rc = qm_client_get_info(c, &info);
    if (rc != QM_C_OK)
        return say_error(a, rc, qm_client_detail(c));
    if (a->json) {
        struct qm_buf b;
        json_begin(&b);
        json_bool(&b, "ok", true);
        json_text(&b, "account", info.account);
        json_text(&b, "device", info.device);
        json_text(&b, "log_key", info.log_key);
        json_int(&b, "grids", (int64_t)info.grids);
        return json_print(&b);
    }
    printf("%s %s\n%s\n", tr(a, "已登记,账号", "enrolled, account"), info.account, info.device);
    return EXIT_OK;
}

static int print_report(const struct args *a, const struct qm_sync_report *r)
{
    char wait[WAIT_MAX_BYTES];
    if (a->json) {
        struct qm_buf b;
        json_begin(&b);
        json_bool(&b, "ok", true);
        json_int(&b, "exchanges", r->exchanges);
        json_int(&b, "sent", (int64_t)r->sent);
        json_int(&b, "confirmed", (int64_t)r->confirmed);
        json_int(&b, "held", (int64_t)r->held);
        json_int(&b, "rejected", (int64_t)r->rejected);
        json_int(&b, "flagged", (int64_t)r->flagged);
        json_int(&b, "photos", (int64_t)r->photos);
        json_int(&b, "rows", (int64_t)r->rows);
        json_int(&b, "rows_unknown", (int64_t)r->rows_unknown);
        json_bool(&b, "full", r->full);
        json_text(&b, "photos_why", r->photos_why ? qm_client_code_name(r->photos_why) : "");
        json_int(&b, "photos_next", r->photos_next_ms);
        return json_print(&b);
    }
    printf("%s %llu  %s %llu  %s %llu  %s %llu  %s %llu  %s %llu\n",
           qm_state_word(QM_CONFIRMED, a->lang), (unsigned long long)r->confirmed,
           qm_state_word(QM_HELD, a->lang), (unsigned long long)r->held,
           qm_state_word(QM_REJECTED, a->lang), (unsigned long long)r->rejected,
           qm_state_word(QM_FLAGGED, a->lang), (unsigned long long)r->flagged,
           tr(a, "照片", "photos"), (unsigned long long)r->photos, tr(a, "更新", "rows fetched"),
           (unsigned long long)r->rows);
    if (r->photos_why) {
        photos_wait_text(a, r->photos_why, r->photos_next_ms, wait);
        printf("%s%s\n", tr(a, "还有照片没传:", "photos still wait: "), wait);
    }
    return EXIT_OK;
}

int cmd_sync(qm_client *c, const struct args *a)
{
    struct qm_sync_report r;
    int rc = args_only(a, "now");
    if (rc == EXIT_OK)
        rc = args_words(a, 0, 0);
    if (rc != EXIT_OK)
        return rc;
    if (args_has(a, "now"))
        rc = qm_client_try_again(c);
    if (rc == QM_C_OK)
        rc = qm_client_sync(c, 0, &r);
    progress_end();
    if (rc == QM_C_OK)
        return print_report(a, &r);
    return say_error(a, rc, qm_client_detail(c));
}

int cmd_rotate(qm_client *c, const struct args *a)
{
    int rc = args_only(a, "");
    if (rc == EXIT_OK)
        rc = args_words(a, 0, 0);
    if (rc != EXIT_OK)
        return rc;
    rc = qm_client_rotate(c);
    return rc == QM_C_OK ? done(a, "已换新密钥", "the device has a new key")
                         : say_error(a, rc, qm_client_detail(c));
}

int cmd_move(qm_client *c, const struct args *a)
{
    int rc = args_only(a, "server");
    if (rc == EXIT_OK)
        rc = args_words(a, 0, 0);
    if (rc == EXIT_OK && !args_has(a, "server"))
        rc = say_usage(a, "要写 --server", "--server is needed", "move");
    if (rc != EXIT_OK)
        return rc;
    rc = qm_client_move(c, args_get(a, "server"));
    return rc == QM_C_OK ? done(a, "已改地址", "the server's address was changed")
                         : say_error(a, rc, qm_client_detail(c));
}
