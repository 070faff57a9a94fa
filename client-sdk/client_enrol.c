/* client_enrol.c - floor 2: becoming a device of an account.
 *
 * Happy path: name and key are made and stored, the code is sent with a note that the key signs,
 * the answer (account, grids, the log's key) is checked against code and host and stored.
 * Failure modes: a lost answer leaves name and key for the next attempt, so that it is the same
 * device; a name that the server has seen already is dropped and a fresh one tried once.
 */
#include "client_handle.h"

#include <stdlib.h>
#include <string.h>

/* "https://host[:port]" -> authority, with the port if it is not 443. */
static qm_err authority_of(const char *server, char out[QM_HOST_MAX_BYTES + 1])
{
    bool https = strncmp(server, "https://", 8) == 0;
    if (!https && strncmp(server, "http://", 7) != 0)
        return QM_E_INVALID;
    const char *p = server + (https ? 8 : 7);
    size_t len = strlen(p);
    if (len > 0 && p[len - 1] == '/')
        len--;
    const char *bracket = memchr(p, ']', len);
    const char *from = bracket ? bracket : p;
    const char *port = memchr(from, ':', len - (size_t)(from - p));
    if (port && len - (size_t)(port - p) == 4 && memcmp(port, ":443", 4) == 0)
        len -= 4;
    if (len == 0 || len + 3 > QM_HOST_MAX_BYTES || memchr(p, '/', len) || memchr(p, '@', len))
        return QM_E_INVALID;
    snprintf(out, QM_HOST_MAX_BYTES + 1, "%.*s%s", (int)len, p, port || https ? "" : ":80");
    return qm_host_ok(out, strlen(out)) ? QM_OK : QM_E_INVALID;
}

static qm_err code_read(const char *code, int64_t *county)
{
    uint8_t bits[QM_ID_BYTES];
    if (strlen(code) != 7 + QM_PSEUDONYM_CHARS || code[6] != '.' ||
        qm_dec_read(code, 6, 999999, county) != QM_OK ||
        qm_pseudonym_read(code + 7, QM_PSEUDONYM_CHARS, bits) != QM_OK)
        return QM_E_INVALID;
    return QM_OK;
}

static void tidy_server(const char *server, char out[192])
{
    snprintf(out, 192, "%s", server);
    size_t n = strlen(out);
    if (n > 0 && out[n - 1] == '/')
        out[n - 1] = 0;
}

qm_err qmc_store_enrolled(struct qm_client *c, const struct qm_enrolled *en)
{
    char grids[64 * 16 + 1] = "";
    for (size_t i = 0; i < en->grids; i++)
        snprintf(grids + strlen(grids), sizeof grids - strlen(grids), "%s%s", i ? "," : "",
                 en->grid[i]);
    qm_err e = qm_outbox_set_text(c->outbox, "account", en->account);
    if (e == QM_OK)
        e = qm_outbox_set_text(c->outbox, "grids", grids);
    if (e == QM_OK)
        e = qm_outbox_set_text(c->outbox, "log-key", en->log_text);
    /* Harmless when the log is the one that we know: nothing stands under another. */
    if (e == QM_OK)
        e = qm_outbox_resend(c->outbox, en->log.name);
    return e;
}

/* Name and key of this attempt, or of an earlier one whose answer was lost. */
static qm_err candidate(struct qm_client *c, struct qm_identity *id)
{
    qm_err e = qm_outbox_begin(c->outbox);
    if (e != QM_OK)
        return qmc_outbox(c, e);
    e = qm_outbox_get_text(c->outbox, "enrol-device", id->device, sizeof id->device);
    if (e == QM_OK)
        e = qm_outbox_get_int(c->outbox, "enrol-slot", &id->slot);
    bool fits = id->device[0] &&
                qm_device_name_read(id->device, strlen(id->device), id->host, id->id) == QM_OK;
    if (e == QM_OK && !fits) {
        int64_t last = 0;
        qm_uuid4(id->id);
        e = qm_outbox_get_int(c->outbox, "last-slot", &last);
        id->slot = last + 1;
        if (e == QM_OK)
            e = qm_device_name(id->host, id->id, id->device);
        if (e == QM_OK)
            e = qm_outbox_set_int(c->outbox, "last-slot", id->slot);
        if (e == QM_OK)
            e = qm_outbox_set_int(c->outbox, "enrol-slot", id->slot);
        if (e == QM_OK)
            e = qm_outbox_set_text(c->outbox, "enrol-device", id->device);
    }
    e = qmc_outbox(c, qm_outbox_end(c->outbox, e));
    return e == QM_OK ? qm_keys_make_device(&c->keys, id->slot, id->device, &id->signer) : e;
}

static qm_err store_device(struct qm_client *c, const struct qm_identity *id,
                           const struct qm_enrolled *en)
{
    char old[QM_NAME_MAX_BYTES];
    qm_err e = qm_outbox_begin(c->outbox);
    if (e != QM_OK)
        return qmc_outbox(c, e);
    e = qm_outbox_get_text(c->outbox, "device", old, sizeof old);
    struct {
        const char *name, *value;
    } texts[] = {{"device", id->device}, {"server", id->server}, {"host", id->host},
                 {"enrol-device", ""},   {"cursor", ""},         {"seen-log", ""}};
    struct {
        const char *name;
        int64_t value;
    } ints[] = {{"slot", id->slot}, {"county", id->county}, {"enrol-slot", 0}, {"stopped", 0},
                {"rotating", 0},    {"need-log", 0},        {"seen-size", 0}};
    for (size_t i = 0; e == QM_OK && i < sizeof texts / sizeof texts[0]; i++)
        e = qm_outbox_set_text(c->outbox, texts[i].name, texts[i].value);
    for (size_t i = 0; e == QM_OK && i < sizeof ints / sizeof ints[0]; i++)
        e = qm_outbox_set_int(c->outbox, ints[i].name, ints[i].value);
    if (e == QM_OK)
        e = qmc_pace_forget(c);
    if (e == QM_OK)
        e = qmc_store_enrolled(c, en);
    /* Batches that the former device signed would not be known: their events join new ones. */
    if (e == QM_OK && old[0] && strcmp(old, id->device) != 0)
        e = qm_outbox_release_all(c->outbox);
    return qmc_outbox(c, qm_outbox_end(c->outbox, e));
}

static qm_err forget_candidate(struct qm_client *c)
{
    qm_err e = qm_outbox_begin(c->outbox);
    if (e == QM_OK) {
        e = qm_outbox_set_text(c->outbox, "enrol-device", "");
        e = qm_outbox_end(c->outbox, e);
    }
    return qmc_outbox(c, e);
}

static qm_err attempt(struct qm_client *c, struct qm_identity *id, const char *code)
{
    struct qm_http_answer answer = {.retry_after_s = -1};
    struct qm_enrolled en;
    struct qm_judged judged = {0};
    qm_err e = candidate(c, id);
    if (e != QM_OK)
        return e;
    struct qm_voice voice = qmc_voice(id, &id->signer);
    e = qm_ask_enrol(&c->flight.ask, &voice, code, qm_keys_hardware(&c->keys));
    if (e != QM_OK)
        return e;
    qmc_prepare(c, id->server);
    struct qm_said said = {.outcome = (int)qmc_exchange(c, &answer)};
    said.status = answer.status;
    said.content_type = answer.content_type;
    said.body = answer.body;
    said.len = answer.body_bytes;
    qm_sync_judge(QM_ASK_ENROL, &said, &judged);
    e = judged.err;
    if (judged.then == QM_THEN_READ) {
        e = qm_enrolled_read(answer.body, answer.body_bytes, id->host, (int)id->county, &en);
        if (e == QM_OK)
            e = store_device(c, id, &en);
        else
            qmc_fail(c, e, "the answer is cut, or does not fit code and host %s", id->host);
    } else {
        qmc_no_answer(c, e, "enrolment", &answer);
    }
    free(answer.body);
    qmc_land(c);
    return e;
}

int qm_client_enrol(qm_client *c, const char *server, const char *host, const char *code)
{
    struct qm_identity id;
    int64_t stopped = 0;
    qm_err e = qmc_identity(c, &id);
    if (e == QM_OK)
        e = qm_outbox_get_int(c->outbox, "stopped", &stopped);
    if (e == QM_OK && stopped != QM_E_UNKNOWN_KEY)
        return (int)qmc_fail(c, QM_E_EXISTS, "enrolled already as %s", id.device);
    if (e != QM_OK && e != QM_E_NOT_ENROLLED)
        return (int)e;
    if (c->flight.open || !c->options.transport.perform)
        return (int)qmc_fail(c, QM_E_INVALID, "no transport, or an exchange is under way");
    memset(&id, 0, sizeof id);
    if (authority_of(server, id.host) != QM_OK || strlen(server) >= sizeof id.server)
        return (int)qmc_fail(c, QM_E_INVALID, "server: not http(s)://host[:port]");
    if (host && (!qm_host_ok(host, strlen(host)) || strlen(host) > QM_HOST_MAX_BYTES))
        return (int)qmc_fail(c, QM_E_INVALID, "host: not an authority");
    if (host)
        snprintf(id.host, sizeof id.host, "%s", host);
    if (code_read(code, &id.county) != QM_OK)
        return (int)qmc_fail(c, QM_E_INVALID, "code: not <6 digits>.<22 characters>");
    tidy_server(server, id.server);
    e = attempt(c, &id, code);
    if (e != QM_E_KEY_TAKEN)
        return (int)e;
    /* The name is burnt; if the first attempt had arrived, the code is too, and the answer to a
     * fresh name says so. */
    e = forget_candidate(c);
    id.device[0] = 0;
    return (int)(e == QM_OK ? attempt(c, &id, code) : e);
}

int qm_client_move(qm_client *c, const char *server)
{
    char authority[QM_HOST_MAX_BYTES + 1], tidy[192];
    struct qm_identity id;
    qm_err e = qmc_identity(c, &id);
    if (e != QM_OK)
        return (int)e;
    if (authority_of(server, authority) != QM_OK || strlen(server) >= sizeof tidy)
        return (int)qmc_fail(c, QM_E_INVALID, "server: not http(s)://host[:port]");
    tidy_server(server, tidy);
    return (int)qmc_outbox(c, qm_outbox_set_text(c->outbox, "server", tidy));
}
