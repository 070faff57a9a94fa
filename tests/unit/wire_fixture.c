/* wire_fixture.c - what the tests of client-sdk/wire share. */
#include "wire_fixture.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static _Noreturn void give_up(const char *what, const char *which)
{
    fprintf(stderr, "wire_fixture: %s: %s\n", what, which);
    exit(2);
}

json_t *fx_load(const char *name)
{
    char path[1024];
    const char *folder = getenv("QM_VECTORS");
    json_error_t error;
    if (folder == NULL)
        give_up("environment variable not set", "QM_VECTORS");
    (void)snprintf(path, sizeof path, "%s/%s", folder, name);
    json_t *root = json_load_file(path, JSON_ALLOW_NUL, &error);
    if (root == NULL)
        give_up(path, error.text);
    return root;
}

json_t *fx_at(json_t *root, const char *path)
{
    char step[64];
    json_t *at = root;
    for (const char *p = path; *p != 0;) {
        size_t n = strcspn(p, "/");
        (void)snprintf(step, sizeof step, "%.*s", (int)n, p);
        at = json_is_array(at) ? json_array_get(at, strtoul(step, NULL, 10))
                               : json_object_get(at, step);
        if (at == NULL)
            give_up("no such value", path);
        p += n + (p[n] == '/' ? 1 : 0);
    }
    return at;
}

const char *fx_text(json_t *root, const char *path)
{
    const char *text = json_string_value(fx_at(root, path));
    if (text == NULL)
        give_up("no text", path);
    return text;
}

void fx_hex(json_t *root, const char *path, void *out, size_t len)
{
    const char *hex = fx_text(root, path);
    if (qm_hex_read(hex, strlen(hex), out, len) != QM_OK)
        give_up("not so many bytes in hexadecimal", path);
}

void fx_vkey(json_t *root, const char *path, struct qm_vkey *out)
{
    const char *text = fx_text(root, path);
    if (qm_vkey_read(text, strlen(text), out) != QM_OK)
        give_up("no verifier key", path);
}

uint64_t fx_random(uint64_t *state)
{
    uint64_t z = *state += UINT64_C(0x9E3779B97F4A7C15);
    z = (z ^ z >> 30) * UINT64_C(0xBF58476D1CE4E5B9);
    z = (z ^ z >> 27) * UINT64_C(0x94D049BB133111EB);
    return z ^ z >> 31;
}
