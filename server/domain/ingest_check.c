/* ingest_check.c - floor 3: judging one batch without a database; see ingest_check.h.
 *
 * Happy path: signature, clock, lines and root; then line by line: schema, commitment, seal.
 * Failure: a bad signature, shape or root ends it with that code; a bad line is only marked, its
 * neighbours go on.
 */
#include "domain/ingest_check.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"

/* Sealed P adds its overhead; names and phones of cards are in it twice. */
enum { SEALED_MAX_BYTES = 4 * QM_BATCH_MAX_BYTES };

void qm_checked_free(struct qm_checked *c)
{
    free(c->line);
    free(c->evidence);
    free(c->card);
    qm_buf_wipe(&c->bytes);
    c->line = NULL;
    c->evidence = NULL;
    c->card = NULL;
}

static qm_err signature_check(struct qm_checked *c)
{
    struct qm_vkey key;
    qm_err e = qm_vkey_make(c->head.device_name, c->key, &key);
    if (e != QM_OK)
        return QM_E_INTERNAL;
    e = qm_note_verify(&c->head.note, &key);
    if (e == QM_OK) {
        c->signature_good = true;
        c->recv_ms = qm_clock_ms();
    }
    return e;
}

static qm_err seal_part(struct qm_checked *c, const char *purpose, const void *id, size_t id_len,
                        const void *clear, size_t len, struct qm_part *out)
{
    struct qm_sealed sealed;
    qm_buf_init(&sealed.bytes, len + QM_SEAL_OVERHEAD_BYTES);
    qm_err e = qm_seal_close(c->seal, purpose, id, id_len, clear, len, &sealed);
    if (e == QM_OK) {
        out->at = c->bytes.len;
        out->len = sealed.bytes.len;
        e = qm_buf_add(&c->bytes, sealed.bytes.p, sealed.bytes.len);
    }
    qm_buf_free(&sealed.bytes);
    return e;
}

static size_t digits_of(const char *phone, char *out, size_t max)
{
    size_t n = 0;
    for (; *phone && n + 1 < max; phone++)
        if (*phone >= '0' && *phone <= '9')
            out[n++] = *phone;
    out[n] = 0;
    return n;
}

static bool makes_card(const struct qm_event *ev)
{
    return ev->kind == QM_HOUSEHOLD ||
           (ev->kind == QM_RESIDENT && (ev->code == QM_RW_FOUND || ev->code == QM_RW_MOVED_IN));
}

static qm_err card_add(struct qm_checked *c, int line, const struct qm_event *ev,
                       const struct qm_private *pv)
{
    struct qm_checked_card *card = &c->card[c->cards++];
    const uint8_t *id = ev->kind == QM_HOUSEHOLD ? ev->household : ev->resident;
    *card =
        (struct qm_checked_card){.line = line, .has_born = pv->has_born, .born_day = pv->born_day};
    qm_err e = QM_OK;
    if (pv->name && *pv->name)
        e = seal_part(c, QM_PURPOSE_NAME, id, QM_ID_BYTES, pv->name, strlen(pv->name), &card->name);
    if (e == QM_OK && pv->phone && *pv->phone) {
        e = seal_part(c, QM_PURPOSE_PHONE, id, QM_ID_BYTES, pv->phone, strlen(pv->phone),
                      &card->phone);
        char digits[QM_P_STRING_MAX_BYTES + 1];
        card->has_phone_mac = digits_of(pv->phone, digits, sizeof digits) > 0;
        if (card->has_phone_mac)
            qm_seal_phone_mac(c->seal, digits, card->phone_mac);
        explicit_bzero(digits, sizeof digits);
    }
    if (e == QM_OK && ev->kind == QM_HOUSEHOLD && pv->door) {
        card->door = (struct qm_part){.at = c->bytes.len, .len = strlen(pv->door)};
        e = qm_buf_add(&c->bytes, pv->door, strlen(pv->door));
    }
    return e;
}

static void line_of_event(struct qm_checked_line *l, const struct qm_event *ev)
{
    l->kind = ev->kind;
    memcpy(l->id, ev->id, QM_ID_BYTES);
    l->seq = ev->seq;
    l->at_ms = ev->at_ms;
    l->grid = ev->grid;
    l->has_household = ev->has_household;
    l->has_resident = ev->has_resident;
    memcpy(l->household, ev->household, QM_ID_BYTES);
    memcpy(l->resident, ev->resident, QM_ID_BYTES);
    memcpy(l->target, ev->target, QM_ID_BYTES);
    l->code = ev->code;
    l->why = ev->why;
    l->via = ev->via;
    l->party = ev->with;
    l->alerts = ev->alerts;
    l->na = ev->na;
}

/* A line that is no event keeps its bytes for the office. */
static qm_err line_faulty(struct qm_checked *c, struct qm_checked_line *l,
                          const struct qm_batch_line *raw)
{
    qm_err e = QM_OK;
    if (l->fault == QM_LINE_SCHEMA) {
        l->e = NULL;
        e = seal_part(c, QM_PURPOSE_NOTE, l->leaf.b, QM_HASH_BYTES, raw->e, raw->e_len,
                      &l->e_sealed);
    }
    if (e == QM_OK && raw->p)
        e = seal_part(c, QM_PURPOSE_P, l->leaf.b, QM_HASH_BYTES, raw->p, raw->p_len, &l->p_sealed);
    return e;
}

static qm_err line_good(struct qm_checked *c, size_t i, const struct qm_batch_line *raw,
                        const struct qm_event *ev, const struct qm_private *pv)
{
    struct qm_checked_line *l = &c->line[i];
    qm_err e = QM_OK;
    if (raw->p)
        e = seal_part(c, QM_PURPOSE_P, ev->id, QM_ID_BYTES, raw->p, raw->p_len, &l->p_sealed);
    for (size_t k = 0; k < ev->evidences; k++)
        c->evidence[c->evidences++] =
            (struct qm_checked_evidence){.line = (int)i, .sha256 = ev->evidence[k]};
    if (e == QM_OK && makes_card(ev))
        e = card_add(c, (int)i, ev, pv);
    return e;
}

static qm_err line_check(struct qm_checked *c, size_t i, const struct qm_batch_line *raw)
{
    struct qm_checked_line *l = &c->line[i];
    struct qm_event ev = {0};
    struct qm_private pv = {0};
    bool private_fault = false;
    *l = (struct qm_checked_line){.leaf = raw->leaf, .e = raw->e, .e_len = raw->e_len};
    qm_err e = qm_event_check(raw->e, raw->e_len, raw->p, raw->p_len, &ev, &pv, &private_fault);
    if (e == QM_E_NOMEM)
        return e;
    if (e != QM_OK)
        l->fault = private_fault ? QM_LINE_PRIVATE : QM_LINE_SCHEMA;
    if (l->fault != QM_LINE_SCHEMA)
        line_of_event(l, &ev);
    e = l->fault == QM_LINE_GOOD ? line_good(c, i, raw, &ev, &pv) : line_faulty(c, l, raw);
    qm_private_free(&pv);
    return e;
}

static qm_err lines_check(struct qm_checked *c)
{
    size_t n = (size_t)c->head.checkpoint.size;
    struct qm_batch_line *raw = calloc(n, sizeof *raw);
    c->line = calloc(n, sizeof *c->line);
    c->evidence = calloc(n * QM_EVIDENCE_MAX, sizeof *c->evidence);
    c->card = calloc(n, sizeof *c->card);
    qm_err e = QM_E_NOMEM;
    if (raw && c->line && c->evidence && c->card)
        e = qm_batch_lines_read(c->body, c->len, &c->head, raw);
    if (e == QM_OK)
        c->lines = n;
    for (size_t i = 0; e == QM_OK && i < n; i++)
        e = line_check(c, i, &raw[i]);
    free(raw);
    return e;
}

void qm_checked_run(struct qm_checked *c)
{
    qm_buf_init(&c->bytes, SEALED_MAX_BYTES);
    c->err = signature_check(c);
    if (c->err == QM_OK)
        c->err = lines_check(c);
}
