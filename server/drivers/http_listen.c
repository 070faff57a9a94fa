/* http_listen.c - floor 2: the listening socket and what is known of clients; see http_listen.h.
 *
 * Happy path: parse, bind, listen.
 * Failure modes: an address that is no address, one that is taken; the descriptor is closed again.
 */
#include "drivers/http_listen.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/tcp.h> /* the C library's own has no tcpi_bytes_received */
#include <netinet/in.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

static const char unix_prefix[] = "unix:";

static const char *unix_path(const char *listen)
{
    size_t n = sizeof unix_prefix - 1;
    return strncmp(listen, unix_prefix, n) == 0 ? listen + n : NULL;
}

static qm_err bind_and_listen(int fd, const struct sockaddr *address, socklen_t len)
{
    int on = 1;
    if (address->sa_family != AF_UNIX)
        (void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (bind(fd, address, len) < 0)
        return errno == EADDRINUSE ? QM_E_BUSY : QM_E_IO;
    return listen(fd, SOMAXCONN) < 0 ? QM_E_IO : QM_OK;
}

/* A socket file that refuses connections has no process behind it any more. */
static bool is_stale(const struct sockaddr_un *address)
{
    struct stat st;
    if (lstat(address->sun_path, &st) < 0 || !S_ISSOCK(st.st_mode))
        return false;
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return false;
    bool refused =
        connect(fd, (const struct sockaddr *)address, sizeof *address) < 0 && errno == ECONNREFUSED;
    close(fd);
    return refused;
}

static qm_err open_unix(const char *path, int *out)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    size_t len = strlen(path);
    if (len == 0 || len >= sizeof address.sun_path)
        return QM_E_INVALID;
    memcpy(address.sun_path, path, len + 1);
    if (is_stale(&address))
        (void)unlink(path);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return QM_E_IO;
    qm_err e = bind_and_listen(fd, (const struct sockaddr *)&address, sizeof address);
    if (e != QM_OK) {
        close(fd);
        return e;
    }
    *out = fd;
    return QM_OK;
}

/* Splits "host:port" or "[host]:port" and reads both. */
static qm_err parse_inet(const char *listen, struct sockaddr_storage *address, socklen_t *len)
{
    char host[INET6_ADDRSTRLEN + 1];
    struct sockaddr_in *v4 = (struct sockaddr_in *)(void *)address;
    struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)(void *)address;
    const char *colon = strrchr(listen, ':');
    if (colon == NULL || colon[1] < '0' || colon[1] > '9')
        return QM_E_INVALID;
    char *end = NULL;
    unsigned long port = strtoul(colon + 1, &end, 10);
    if (*end != '\0' || port > 65535)
        return QM_E_INVALID;
    bool brackets = listen[0] == '[' && colon > listen && colon[-1] == ']';
    size_t n = (size_t)(colon - listen) - (brackets ? 2 : 0);
    if (n >= sizeof host)
        return QM_E_INVALID;
    memcpy(host, listen + (brackets ? 1 : 0), n);
    host[n] = '\0';
    memset(address, 0, sizeof *address);
    if (!brackets && inet_pton(AF_INET, host, &v4->sin_addr) == 1) {
        v4->sin_family = AF_INET;
        v4->sin_port = htons((uint16_t)port);
        *len = sizeof *v4;
        return QM_OK;
    }
    if (brackets && inet_pton(AF_INET6, host, &v6->sin6_addr) == 1) {
        v6->sin6_family = AF_INET6;
        v6->sin6_port = htons((uint16_t)port);
        *len = sizeof *v6;
        return QM_OK;
    }
    return QM_E_INVALID;
}

static int bound_port(int fd)
{
    union {
        struct sockaddr any;
        struct sockaddr_in v4;
        struct sockaddr_in6 v6;
    } address = {0};
    socklen_t len = sizeof address;
    if (getsockname(fd, &address.any, &len) < 0)
        return 0;
    return ntohs(address.any.sa_family == AF_INET ? address.v4.sin_port : address.v6.sin6_port);
}

qm_err qm_listen_open(const char *listen, int *out, int *port)
{
    struct sockaddr_storage address;
    socklen_t len = 0;
    *port = 0;
    if (unix_path(listen) != NULL)
        return open_unix(unix_path(listen), out);
    qm_err e = parse_inet(listen, &address, &len);
    if (e != QM_OK)
        return e;
    int fd = socket(address.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return QM_E_IO;
    e = bind_and_listen(fd, (const struct sockaddr *)&address, len);
    if (e != QM_OK) {
        close(fd);
        return e;
    }
    *out = fd;
    *port = bound_port(fd);
    return QM_OK;
}

void qm_listen_unlink(const char *listen)
{
    if (unix_path(listen) != NULL)
        (void)unlink(unix_path(listen));
}

void qm_peer_text(const struct sockaddr *address, char out[QM_PEER_MAX_BYTES])
{
    const void *bytes = NULL;
    if (address != NULL && address->sa_family == AF_INET)
        bytes = &((const struct sockaddr_in *)(const void *)address)->sin_addr;
    if (address != NULL && address->sa_family == AF_INET6)
        bytes = &((const struct sockaddr_in6 *)(const void *)address)->sin6_addr;
    if (bytes == NULL || inet_ntop(address->sa_family, bytes, out, QM_PEER_MAX_BYTES) == NULL)
        (void)snprintf(out, QM_PEER_MAX_BYTES, "unix");
}

void qm_peer_forwarded(const char *value, char out[QM_PEER_MAX_BYTES])
{
    char text[QM_PEER_MAX_BYTES];
    uint8_t bytes[sizeof(struct in6_addr)];
    const char *comma = strrchr(value, ',');
    const char *start = comma != NULL ? comma + 1 : value;
    start += strspn(start, " \t");
    size_t len = strcspn(start, " \t");
    if (len == 0 || len >= sizeof text)
        return;
    memcpy(text, start, len);
    text[len] = '\0';
    if (inet_pton(AF_INET, text, bytes) == 1 || inet_pton(AF_INET6, text, bytes) == 1)
        memcpy(out, text, len + 1);
}

uint64_t qm_peer_bytes(int fd)
{
    struct tcp_info info = {0};
    socklen_t len = sizeof info;
    if (getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &len) != 0)
        return 0;
    return info.tcpi_bytes_received;
}
