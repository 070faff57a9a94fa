/* link.c - floor 4: see link.h.
 * Happy path: https, or http for a host of this machine. Cannot fail.
 */
#include "edge/link.h"

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

/* Four numbers in decimal, the first 127: "127.evil.example" is somebody else's. */
static bool loopback_v4(const char *host, size_t len)
{
    size_t dots = 0;
    if (len < 4 || memcmp(host, "127.", 4) != 0)
        return false;
    for (size_t i = 0; i < len; i++) {
        if (host[i] == '.')
            dots++;
        else if (host[i] < '0' || host[i] > '9')
            return false;
    }
    return dots == 3;
}

const char *qm_link_scheme(const char *host)
{
    static const char local[] = "localhost", six[] = "[::1]";
    size_t len = strcspn(host, ":");
    bool own =
        loopback_v4(host, len) ||
        (len == sizeof local - 1 && memcmp(host, local, sizeof local - 1) == 0) ||
        (strncmp(host, six, sizeof six - 1) == 0 && strchr(":", host[sizeof six - 1]) != NULL);
    return own ? "http://" : "https://";
}
