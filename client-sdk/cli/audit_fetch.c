/* audit_fetch.c - floor 3: the server's copy of a log for auditors, as a folder.
 *
 * Happy path: GET /v1/log/<county>/export with the auditor's token; the archive is taken apart
 * while it arrives, so memory stays the same whatever its size. Failure: said once, with what to
 * do; a folder that was made here is removed again.
 */
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/audit.h"
#include "cli/tar.h"
#include "transport_curl.h"
#include "wire/codec.h"

enum { TOKEN_MAX_BYTES = 512 };

struct arriving {
    struct tar tar;
    const struct args *a;
    uint64_t shown;
};

static int on_bytes(void *ctx, const void *bytes, size_t len)
{
    struct arriving *w = ctx;
    int rc = tar_push(&w->tar, bytes, len);
    if (w->tar.bytes - w->shown > (uint64_t)1 << 20) {
        w->shown = w->tar.bytes;
        progress_show((void *)w->a, "download", w->shown >> 20, 0);
    }
    return rc;
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *where)
{
    (void)st;
    (void)type;
    (void)where;
    return remove(path);
}

void audit_fetch_remove(const char *folder)
{
    nftw(folder, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

static int folder_open(const struct args *a, char folder[4096], bool *made, int *fd)
{
    const char *keep = args_get(a, "keep"), *tmp = getenv("TMPDIR");
    *made = keep == NULL;
    if (keep != NULL)
        (void)snprintf(folder, 4096, "%s", keep);
    else
        (void)snprintf(folder, 4096, "%s/qiaomen-audit-XXXXXX", tmp && tmp[0] ? tmp : "/var/tmp");
    if (keep != NULL ? make_folders(folder) != QM_C_OK : mkdtemp(folder) == NULL)
        return say_error(a, QM_C_IO, folder);
    *fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    return *fd >= 0 ? EXIT_OK : say_error(a, QM_C_IO, folder);
}

static int token_read(const struct args *a, char out[TOKEN_MAX_BYTES + 8])
{
    struct qm_buf text;
    const char *path = args_get(a, "token");
    if (!path)
        return say_usage(a, "要写 --token 文件", "--token FILE is needed", "audit");
    qm_buf_init(&text, TOKEN_MAX_BYTES);
    int rc = read_whole(path, TOKEN_MAX_BYTES, &text);
    size_t len = text.len;
    while (len > 0 && (text.p[len - 1] == '\n' || text.p[len - 1] == '\r'))
        len--;
    bool plain = len > 0;
    for (size_t i = 0; i < len; i++)
        plain = plain && text.p[i] > ' ' && text.p[i] < 0x7F;
    if (plain)
        (void)snprintf(out, TOKEN_MAX_BYTES + 8, "Bearer %.*s", (int)len, (const char *)text.p);
    qm_buf_wipe(&text);
    if (rc != QM_C_OK)
        return say_error(a, rc, path);
    return plain ? EXIT_OK : say_usage(a, "这个文件里没有令牌", "this file holds no token", path);
}

/* A token in clear goes over loopback only. */
static bool server_ok(const char *server)
{
    static const char *const loops[] = {"http://127.0.0.1", "http://localhost", "http://[::1]"};
    if (strncmp(server, "https://", 8) == 0)
        return true;
    for (size_t i = 0; i < sizeof loops / sizeof loops[0]; i++) {
        size_t n = strlen(loops[i]);
        if (strncmp(server, loops[i], n) == 0 &&
            (server[n] == 0 || server[n] == ':' || server[n] == '/'))
            return true;
    }
    return false;
}

static int status_code(int status)
{
    switch (status) {
    case 401:
        return QM_C_UNKNOWN_KEY;
    case 403:
        return QM_C_FORBIDDEN;
    case 404:
        return QM_C_NOT_FOUND;
    case 429:
        return QM_C_QUOTA;
    case 503:
        return QM_C_OVERLOAD;
    default:
        return QM_C_UNKNOWN_OUTCOME;
    }
}

static int fetch_into(const struct args *a, const char *url, const char *authorization, int fd)
{
    struct arriving w = {.a = a};
    struct qm_fetch f = {.url = url,
                         .ca_file = getenv("QIAOMEN_CA_FILE"),
                         .authorization = authorization,
                         .media_type = "application/x-tar",
                         .ctx = &w,
                         .sink = on_bytes};
    int status = 0;
    tar_begin(&w.tar, fd);
    int rc = qm_transport_curl_fetch(&f, &status);
    int ended = tar_end(&w.tar);
    progress_end();
    if (rc == QM_C_OK && status != 200)
        rc = status_code(status);
    else if (rc == QM_C_OK)
        rc = ended;
    if (rc == QM_C_OK)
        return EXIT_OK;
    /* A token is no device: what is wrong with it is a refusal, not a stop. */
    (void)say_error(a, rc, f.detail[0] ? f.detail : url);
    return rc == QM_C_UNKNOWN_KEY || rc == QM_C_FORBIDDEN              ? EXIT_NO
           : rc == QM_C_MALFORMED                                      ? EXIT_ALARM
           : rc == QM_C_IO || rc == QM_C_DISK_FULL || rc == QM_C_NOMEM ? EXIT_STORE
                                                                       : EXIT_LATER;
}

int audit_fetch(const struct args *a, const struct qm_vkey *key, char folder[4096], bool *made)
{
    char authorization[TOKEN_MAX_BYTES + 8], url[1024];
    const char *server = args_get(a, "server"), *log = strstr(key->name, "/log/");
    int fd = -1;
    *made = false;
    if (!server_ok(server))
        return say_usage(a, "地址要用 https", "the address must be https", server);
    size_t len = strlen(server);
    if (len > 0 && server[len - 1] == '/')
        len--;
    if (snprintf(url, sizeof url, "%.*s/v1/log/%.6s/export", (int)len, server, log + 5) >=
        (int)sizeof url)
        return say_usage(a, "地址太长", "the address is too long", server);
    int rc = token_read(a, authorization);
    if (rc == EXIT_OK)
        rc = folder_open(a, folder, made, &fd);
    if (rc == EXIT_OK)
        rc = fetch_into(a, url, authorization, fd);
    if (fd >= 0)
        close(fd);
    if (rc != EXIT_OK && *made) {
        audit_fetch_remove(folder);
        *made = false;
    }
    return rc;
}
