/* wirephone.c - see wirephone.h. */
#include "wirephone.h"

#include <arpa/inet.h>
#include <jansson.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

int qm_wp_dial(int port)
{
    struct sockaddr_in a = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd >= 0 && connect(fd, (struct sockaddr *)&a, sizeof a) != 0) {
        close(fd);
        fd = -1;
    }
    return fd;
}

static bool send_all(int fd, const void *p, size_t n)
{
    const char *at = p;
    while (n > 0) {
        ssize_t k = send(fd, at, n, MSG_NOSIGNAL);
        if (k <= 0)
            return false;
        at += k;
        n -= (size_t)k;
    }
    return true;
}

/* Reads one answer with a Content-Length; returns its status, 0 if the connection broke. */
static int read_answer(int fd, struct qm_buf *body)
{
    static const char length[] = "Content-Length: ";
    struct qm_buf in;
    char chunk[16384];
    int status = 0;

    qm_buf_init(&in, QM_WP_ANSWER_MAX_BYTES);
    for (;;) {
        const char *end = in.p ? strstr((const char *)in.p, "\r\n\r\n") : NULL;
        const char *l = end ? strcasestr((const char *)in.p, length) : NULL;
        if (l) {
            size_t head = (size_t)(end + 4 - (const char *)in.p);
            size_t n = strtoul(l + sizeof length - 1, NULL, 10);
            if (in.len >= head + n) {
                status = (int)strtol((const char *)in.p + 9, NULL, 10);
                qm_buf_add(body, in.p + head, n);
                break;
            }
        }
        ssize_t k = recv(fd, chunk, sizeof chunk, 0);
        if (k <= 0 || qm_buf_add(&in, chunk, (size_t)k) != QM_OK)
            break;
    }
    qm_buf_free(&in);
    return status;
}

int qm_wp_ask(int fd, const char *method, const char *target, const char *headers,
              const struct qm_buf *body, struct qm_buf *answer)
{
    char head[3072];
    char length[64] = "";
    if (body)
        snprintf(length, sizeof length, "Content-Length: %zu\r\n", body->len);
    int n = snprintf(head, sizeof head, "%s %s HTTP/1.1\r\nHost: load\r\n%s%s\r\n", method, target,
                     headers, length);
    if (n < 0 || (size_t)n >= sizeof head || !send_all(fd, head, (size_t)n) ||
        (body && !send_all(fd, body->p, body->len)))
        return 0;
    return read_answer(fd, answer);
}

/* {"account","grids","log"} of an enrolment. */
static bool take_answer(struct qm_wirephone *p, const char *text)
{
    json_t *a = json_loads(text, 0, NULL);
    const char *log = json_string_value(json_object_get(a, "log"));
    size_t i;
    json_t *g;
    json_array_foreach(json_object_get(a, "grids"), i, g)
    {
        const char *s = json_is_string(g) ? json_string_value(g) : "";
        if (p->grids_n < QM_WP_GRIDS_MAX)
            p->grids[p->grids_n++] = strtoll(s, NULL, 10);
    }
    bool ok = log && qm_vkey_read(log, strlen(log), &p->log) == QM_OK;
    json_decref(a);
    return ok;
}

bool qm_wp_enrol(struct qm_wirephone *p, const char *code)
{
    char name[QM_NAME_MAX_BYTES];
    uint8_t key[QM_KEY_BYTES], secret[crypto_sign_SECRETKEYBYTES];
    struct qm_buf text, note, body, answer;

    qm_uuid4(p->device);
    randombytes_buf(p->seed, sizeof p->seed);
    crypto_sign_seed_keypair(key, secret, p->seed);
    qm_device_name(p->host, p->device, name);
    qm_vkey_make(name, key, &p->vkey);
    qm_buf_init(&text, 4096);
    qm_buf_init(&note, 4096);
    qm_buf_init(&body, 16384);
    qm_buf_init(&answer, QM_WP_ANSWER_MAX_BYTES);
    qm_buf_printf(&text, "%s/device/v1\n%s\n", p->host, name);
    qm_vkey_write(&p->vkey, &text);
    qm_buf_puts(&text, "\n");
    qm_note_sign((const char *)text.p, text.len, &p->vkey, qm_sign_with_seed, p->seed, &note);
    json_t *o =
        json_pack("{s:s, s:s, s:s}", "code", code, "note", (const char *)note.p, "key", "soft");
    char *t = json_dumps(o, JSON_COMPACT);
    qm_buf_puts(&body, t);
    free(t);
    json_decref(o);
    int fd = qm_wp_dial(p->port);
    int status = fd < 0 ? 0
                        : qm_wp_ask(fd, "POST", "/v1/devices", "Content-Type: application/json\r\n",
                                    &body, &answer);
    bool ok = status == 200 && take_answer(p, (const char *)answer.p);
    if (!ok)
        fprintf(stderr, "enrolment failed: %d %s\n", status,
                answer.p ? (const char *)answer.p : "");
    if (fd >= 0)
        close(fd);
    qm_buf_free(&text);
    qm_buf_free(&note);
    qm_buf_free(&body);
    qm_buf_free(&answer);
    return ok;
}
