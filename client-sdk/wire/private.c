/* private.c - floor 0: P, the private part of an event; the declarations are in event.h.
 *
 * Happy path: the rules that a JSON parser does not see (bytes, which member is first) are looked
 * at on the text, the closed schema is json.c's, day and salt are read from its strings. Failure
 * modes: QM_E_MALFORMED is `reject private`; no memory.
 */
#include <sodium.h>
#include <stddef.h>
#include <string.h>

#include "wire/event.h"
#include "wire/json.h"

struct members {
    const char *s, *name, *phone, *born, *door, *met, *signer, *relation, *note;
};

#define TEXT(member, max)                                                                          \
    {                                                                                              \
#member, QM_J_STRING, false, offsetof(struct members, member), 0, max                      \
    }

static const struct qm_json_field fields[] = {
    {"s", QM_J_STRING, true, offsetof(struct members, s), QM_PSEUDONYM_CHARS, QM_PSEUDONYM_CHARS},
    TEXT(name, QM_P_STRING_MAX_BYTES),
    TEXT(phone, QM_P_STRING_MAX_BYTES),
    TEXT(born, QM_P_STRING_MAX_BYTES),
    TEXT(door, QM_P_STRING_MAX_BYTES),
    TEXT(met, QM_P_STRING_MAX_BYTES),
    TEXT(signer, QM_P_STRING_MAX_BYTES),
    TEXT(relation, QM_P_STRING_MAX_BYTES),
    TEXT(note, QM_P_NOTE_MAX_BYTES),
};

static bool bytes_ok(const char *p, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        if ((uint8_t)p[i] < ' ')
            return false;
    }
    return true;
}

/* Jansson does not keep the order of members.  `s` may be spelled with an escape, like every
 * string; spaces are the only white space that may be there. */
static bool salt_is_first(const char *p, size_t len)
{
    static const char *const spellings[] = {"\"s\"", "\"\\u0073\""};
    size_t at = 0;
    while (at < len && (p[at] == ' ' || p[at] == '{'))
        at++;
    for (size_t i = 0; i < 2; i++) {
        size_t n = strlen(spellings[i]);
        if (len - at >= n && memcmp(p + at, spellings[i], n) == 0)
            return true;
    }
    return false;
}

static qm_err members_take(const struct members *m, struct qm_private *out)
{
    if (qm_pseudonym_read(m->s, QM_PSEUDONYM_CHARS, out->salt) != QM_OK)
        return QM_E_MALFORMED;
    memcpy(out->salt_text, m->s, QM_PSEUDONYM_CHARS);
    if (m->born != NULL) {
        if (qm_day_read(m->born, strlen(m->born), &out->born_day) != QM_OK)
            return QM_E_MALFORMED;
        out->has_born = true;
    }
    out->name = (char *)m->name;
    out->phone = (char *)m->phone;
    out->door = (char *)m->door;
    out->met = (char *)m->met;
    out->signer = (char *)m->signer;
    out->relation = (char *)m->relation;
    out->note = (char *)m->note;
    return QM_OK;
}

qm_err qm_private_read(const char *p, size_t len, struct qm_private *out)
{
    struct members m = {0};
    struct qm_json_doc *doc = NULL;
    memset(out, 0, sizeof *out);
    if (len < QM_P_MIN_BYTES || len > QM_P_MAX_BYTES || !bytes_ok(p, len) || !salt_is_first(p, len))
        return QM_E_MALFORMED;
    qm_err e = qm_json_object(p, len, fields, sizeof fields / sizeof fields[0], &m, &doc, NULL);
    if (e != QM_OK)
        return e;
    out->block_ = doc;
    e = members_take(&m, out);
    if (e != QM_OK)
        qm_private_free(out);
    return e;
}

void qm_private_free(struct qm_private *p)
{
    qm_json_free(p->block_);
    sodium_memzero(p, sizeof *p);
}

static void put_member(struct qm_buf *out, const char *name, const char *text)
{
    if (text == NULL)
        return;
    qm_buf_printf(out, ",\"%s\":", name);
    if (qm_json_quote(out, text, strlen(text)) == QM_E_INVALID)
        qm_buf_puts(out, "0"); /* no string: reading it back refuses it */
}

qm_err qm_private_write(struct qm_private *p, struct qm_buf *out)
{
    struct qm_private back;
    char born[11];
    size_t start = out->len;
    if (sodium_is_zero(p->salt, sizeof p->salt))
        randombytes_buf(p->salt, sizeof p->salt);
    qm_pseudonym_write(p->salt, p->salt_text);
    qm_day_write(p->born_day, born);
    qm_buf_printf(out, "{\"s\":\"%s\"", p->salt_text);
    put_member(out, "name", p->name);
    put_member(out, "phone", p->phone);
    put_member(out, "born", p->has_born ? born : NULL);
    put_member(out, "door", p->door);
    put_member(out, "met", p->met);
    put_member(out, "signer", p->signer);
    put_member(out, "relation", p->relation);
    put_member(out, "note", p->note);
    if (qm_buf_puts(out, "}") != QM_OK)
        return out->err;
    qm_err e = qm_private_read((const char *)out->p + start, out->len - start, &back);
    if (e == QM_OK && p->has_born && back.born_day != p->born_day)
        e = QM_E_INVALID; /* a year beyond four digits was cut */
    qm_private_free(&back);
    if (e == QM_OK)
        return QM_OK;
    sodium_memzero(out->p + start, out->len - start);
    out->len = start;
    return e == QM_E_MALFORMED ? QM_E_INVALID : e;
}
