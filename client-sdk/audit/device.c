/* device.c - floor 2, inside audit: who may sign from which index on (section 9 of the contract).
 *
 * Happy path: device/v1 enrols a name and key never seen, or gives a known name a new key, signed
 * by the old one first; revoke/v1 ends a device.
 * Failure: findings; the table then has what the log says, so that one fault is said once.
 */
#include <stdlib.h>
#include <string.h>

#include "audit/inside.h"

/* ---- tables ---- */

static size_t slot_of(const struct qm_au *a, const uint8_t id[QM_ID_BYTES])
{
    uint64_t h[2];
    memcpy(h, id, sizeof h);
    size_t at =
        (size_t)((h[0] ^ h[1]) * UINT64_C(0x9E3779B97F4A7C15) >> 20) & (a->device_slots - 1);
    while (a->device_slot[at] != 0 &&
           memcmp(a->device[a->device_slot[at] - 1].id, id, QM_ID_BYTES) != 0)
        at = (at + 1) & (a->device_slots - 1);
    return at;
}

int64_t qm_au_device_find(const struct qm_au *a, const uint8_t id[QM_ID_BYTES])
{
    if (a->device_slots == 0)
        return -1;
    return (int64_t)a->device_slot[slot_of(a, id)] - 1;
}

/* At most half full. */
static bool slots_grow(struct qm_au *a)
{
    if (a->devices * 2 < a->device_slots)
        return true;
    size_t n = a->device_slots == 0 ? 64 : a->device_slots * 2;
    size_t *slot = calloc(n, sizeof *slot);
    if (slot == NULL)
        return false;
    free(a->device_slot);
    a->device_slot = slot;
    a->device_slots = n;
    for (size_t i = 0; i < a->devices; i++)
        a->device_slot[slot_of(a, a->device[i].id)] = i + 1;
    return true;
}

qm_err qm_au_account_number(struct qm_au *a, struct qm_text name, uint32_t *out)
{
    for (size_t i = 0; i < a->accounts; i++) {
        if (strlen(a->account[i].name) == name.len &&
            memcmp(a->account[i].name, name.p, name.len) == 0) {
            *out = (uint32_t)i;
            return QM_OK;
        }
    }
    struct qm_au_account *new = qm_au_push(&a->account, &a->accounts, sizeof *a->account);
    if (new == NULL)
        return QM_E_NOMEM;
    memcpy(new->name, name.p, name.len < sizeof new->name ? name.len : sizeof new->name - 1);
    *out = (uint32_t)(a->accounts - 1);
    return QM_OK;
}

void qm_au_devices_free(struct qm_au *a)
{
    free(a->device);
    free(a->device_slot);
    free(a->account);
    free(a->past_key);
}

/* ---- device/v1 ---- */

struct enrolment {
    struct qm_note note;
    uint8_t device[QM_ID_BYTES];
    struct qm_vkey vkey;
};

/* "<host>/device/v1" LF "<device>" LF "<vkey>" LF, signed. */
static bool enrolment_read(const struct qm_au *a, struct qm_text payload, struct enrolment *out)
{
    struct qm_text t, line;
    char first[QM_NAME_MAX_BYTES + 16];
    if (qm_note_read(payload.p, payload.len, &out->note) != QM_OK)
        return false;
    t = (struct qm_text){out->note.text, out->note.text_len};
    (void)snprintf(first, sizeof first, "%s/device/v1\n", a->host);
    if (!qm_au_take(&t, first) || !qm_au_until(&t, '\n', &line) ||
        qm_device_name_read(line.p, line.len, a->host, out->device) != QM_OK)
        return false;
    struct qm_text name = line;
    if (!qm_au_until(&t, '\n', &line) || t.len != 0 ||
        qm_vkey_read(line.p, line.len, &out->vkey) != QM_OK)
        return false;
    return strlen(out->vkey.name) == name.len && memcmp(out->vkey.name, name.p, name.len) == 0;
}

static bool key_seen(const struct qm_au *a, const uint8_t key[QM_KEY_BYTES])
{
    for (size_t i = 0; i < a->devices; i++) {
        if (memcmp(a->device[i].vkey.key, key, QM_KEY_BYTES) == 0)
            return true;
    }
    for (size_t i = 0; i < a->past_keys; i++) {
        if (memcmp(a->past_key[i].key, key, QM_KEY_BYTES) == 0)
            return true;
    }
    return false;
}

static qm_err enrol(struct qm_au *a, int64_t idx, const struct enrolment *n, uint32_t account)
{
    if (n->note.sigs != 1 || qm_note_verify(&n->note, &n->vkey) != QM_OK)
        qm_au_say(a, "device-signature", idx, NULL, "%s", n->vkey.name);
    if (key_seen(a, n->vkey.key))
        qm_au_say(a, "device-twice", idx, NULL, "%s", n->vkey.name);
    struct qm_au_device *d = qm_au_push(&a->device, &a->devices, sizeof *a->device);
    if (d == NULL)
        return QM_E_NOMEM;
    memcpy(d->id, n->device, QM_ID_BYTES);
    d->vkey = n->vkey;
    d->account = account;
    d->revoked_recv = QM_AU_NEVER;
    if (!slots_grow(a))
        return QM_E_NOMEM;
    a->device_slot[slot_of(a, d->id)] = a->devices;
    return QM_OK;
}

static qm_err rotate(struct qm_au *a, int64_t idx, const struct enrolment *n,
                     struct qm_au_device *d, uint32_t account)
{
    const struct qm_note *note = &n->note;
    if (note->sigs != 2 || note->sig[0].id != d->vkey.id || note->sig[1].id != n->vkey.id ||
        qm_note_verify(note, &d->vkey) != QM_OK || qm_note_verify(note, &n->vkey) != QM_OK)
        qm_au_say(a, "device-signature", idx, NULL, "%s", n->vkey.name);
    if (account != d->account)
        qm_au_say(a, "device-account", idx, NULL, "%s", n->vkey.name);
    if (key_seen(a, n->vkey.key))
        qm_au_say(a, "device-twice", idx, NULL, "%s", n->vkey.name);
    struct qm_vkey *past = qm_au_push(&a->past_key, &a->past_keys, sizeof *a->past_key);
    if (past == NULL)
        return QM_E_NOMEM;
    *past = d->vkey;
    d->vkey = n->vkey;
    return QM_OK;
}

qm_err qm_au_device_entry(struct qm_au *a, int64_t idx, const struct qm_entry *e)
{
    struct enrolment n;
    uint32_t account = 0;
    if (!enrolment_read(a, e->payload, &n)) {
        qm_au_say(a, "device-form", idx, NULL, "device/v1");
        return QM_OK;
    }
    qm_err err = qm_au_account_number(a, e->account, &account);
    int64_t known = qm_au_device_find(a, n.device);
    if (err != QM_OK)
        return err;
    if (known < 0)
        return enrol(a, idx, &n, account);
    if (e->by.len != e->account.len || memcmp(e->by.p, e->account.p, e->by.len) != 0)
        qm_au_say(a, "device-account", idx, NULL, "%s", n.vkey.name);
    return rotate(a, idx, &n, &a->device[known], account);
}

/* ---- revoke/v1 ---- */

qm_err qm_au_revoke_entry(struct qm_au *a, int64_t idx, const struct qm_entry *e)
{
    struct qm_text t = e->payload;
    struct qm_text name, line;
    uint8_t device[QM_ID_BYTES];
    int64_t lost = 0;
    if (!qm_au_until(&t, '\n', &name) || !qm_au_until(&t, '\n', &line) || t.len != 0 ||
        !qm_au_take(&line, "lost ") || qm_dec_read(line.p, line.len, QM_INT_MAX, &lost) != QM_OK ||
        qm_device_name_read(name.p, name.len, a->host, device) != QM_OK) {
        qm_au_say(a, "revoke-form", idx, NULL, "revoke/v1");
        return QM_OK;
    }
    int64_t known = qm_au_device_find(a, device);
    if (known < 0)
        qm_au_say(a, "revoke-unknown", idx, NULL, "%.*s", (int)name.len, name.p);
    else if (a->device[known].revoked_recv == QM_AU_NEVER) /* the first one holds */
        a->device[known].revoked_recv = e->recv_ms;
    return QM_OK;
}
