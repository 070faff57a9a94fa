/* ahead.c - see ahead.h.
 *
 * Happy path: the note has one signature of the device's key of that index, the lines of the batch
 * file give its root, each shown line is an event.
 * Failure: noted for batch.c, which says it in its turn; nothing here has an effect on the audit.
 */
#include "audit/ahead.h"

#include <stdlib.h>
#include <string.h>

#include "audit/crew.h"

enum { LINES_MAX_BYTES = QM_BATCH_MAX_EVENTS * (QM_E_MAX_BYTES + 1) + 65536 };

struct qm_au_ahead {
    const struct qm_au *a;
    struct qm_au_crew *crew;
    size_t places;
    struct qm_au_checked *checked;
};

/* ---- the entry ---- */

static bool head_read(const struct qm_au *a, const struct qm_entry *e, struct qm_note *note,
                      struct qm_au_checked *b)
{
    struct qm_checkpoint *c = &b->checkpoint;
    uint8_t signer[QM_ID_BYTES];
    if (qm_note_read(e->payload.p, e->payload.len, note) != QM_OK ||
        qm_checkpoint_read(note->text, note->text_len, c) != QM_OK)
        return false;
    const struct qm_note_sig *s = &note->sig[0];
    return c->size >= 1 && c->size <= QM_BATCH_MAX_EVENTS && note->sigs == 1 &&
           qm_batch_origin_read(c->origin, strlen(c->origin), a->host, b->device_id, b->id) ==
               QM_OK &&
           qm_device_name_read(s->name, s->name_len, a->host, signer) == QM_OK &&
           memcmp(signer, b->device_id, QM_ID_BYTES) == 0;
}

static bool verdicts_read(const struct qm_entry *e, struct qm_au_checked *b)
{
    struct qm_verdict v[QM_BATCH_MAX_EVENTS];
    size_t n = (size_t)b->checkpoint.size;
    if (qm_verdicts_read(e->verdicts, n, v) != QM_OK)
        return false;
    for (size_t i = 0; i < n; i++)
        b->line[i].verdict = v[i];
    return true;
}

/* Code of what is wrong with it; NULL: it stands by itself. */
static const char *entry_check(const struct qm_au *a, struct qm_au_checked *b)
{
    struct qm_entry e;
    struct qm_note note;
    if (qm_entry_read(b->entry.p, b->entry.len, &e) != QM_OK)
        return "entry-form";
    if (!head_read(a, &e, &note, b))
        return "batch-note";
    if (!verdicts_read(&e, b))
        return "verdict-form";
    int64_t device = qm_au_device_find(a, b->device_id);
    if (device < 0)
        return "batch-device";
    b->device = (size_t)device;
    b->recv = e.recv_ms;
    b->signature = qm_note_verify(&note, &a->device[device].vkey);
    return NULL;
}

/* ---- its lines ---- */

static bool hidden_leaf(struct qm_text line, struct qm_hash *leaf)
{
    size_t n = 0;
    return line.len == 1 + QM_B64_HASH_CHARS &&
           qm_b64_read(line.p + 1, line.len - 1, leaf->b, QM_HASH_BYTES, &n) == QM_OK &&
           n == QM_HASH_BYTES;
}

static bool line_read(struct qm_au_batch_line *l)
{
    l->well = false;
    l->hidden = l->text.len > 0 && l->text.p[0] == '~';
    if (l->hidden)
        return hidden_leaf(l->text, &l->leaf);
    qm_leaf_hash(l->text.p, l->text.len, &l->leaf);
    l->well = qm_event_read(l->text.p, l->text.len, &l->event) == QM_OK;
    return true;
}

/* Exactly as many lines as the note says. */
static bool lines_read(struct qm_au_checked *b)
{
    struct qm_text bytes = {(const char *)b->storage.p, b->storage.len};
    for (size_t i = 0; i < b->checkpoint.size; i++) {
        if (!qm_au_until(&bytes, '\n', &b->line[i].text) || !line_read(&b->line[i]))
            return false;
    }
    return bytes.len == 0;
}

static void root_make(struct qm_au_checked *b)
{
    struct qm_frontier f = {.size = 0, .n = 0};
    for (size_t i = 0; i < b->checkpoint.size; i++)
        (void)qm_frontier_append(&f, &b->line[i].leaf); /* fails above 2^63 leaves only */
    qm_frontier_root(&f, &b->root);
}

/* A job of the crew: reads of `a` only what stays as it is while batches are ahead. */
static void check(void *ctx, size_t place)
{
    const struct qm_au_ahead *ahead = ctx;
    struct qm_au_checked *b = &ahead->checked[place];
    char name[64];
    b->whole = false;
    b->fault = entry_check(ahead->a, b);
    if (b->fault != NULL)
        return;
    (void)snprintf(name, sizeof name, "batch/%lld", (long long)b->idx);
    qm_buf_reset(&b->storage);
    b->read = qm_au_read(ahead->a, name, &b->storage);
    b->whole = b->read == QM_OK && lines_read(b);
    if (b->whole)
        root_make(b);
}

/* ---- the places ---- */

qm_err qm_au_ahead_open(struct qm_au *a)
{
    unsigned threads = qm_au_crew_size(a->o->threads);
    struct qm_au_ahead *h = calloc(1, sizeof *h);
    if (h == NULL)
        return QM_E_NOMEM;
    a->ahead = h;
    h->a = a;
    h->places = (size_t)threads * QM_AU_AHEAD_EACH;
    h->checked = calloc(h->places, sizeof *h->checked);
    if (h->checked == NULL)
        return QM_E_NOMEM;
    for (size_t i = 0; i < h->places; i++)
        qm_buf_init(&h->checked[i].storage, LINES_MAX_BYTES);
    return qm_au_crew_open(&h->crew, threads, h->places, check, h);
}

void qm_au_ahead_close(struct qm_au *a)
{
    struct qm_au_ahead *h = a->ahead;
    if (h == NULL)
        return;
    qm_au_crew_close(h->crew);
    for (size_t i = 0; h->checked != NULL && i < h->places; i++)
        qm_buf_free(&h->checked[i].storage);
    free(h->checked);
    free(h);
    a->ahead = NULL;
}

bool qm_au_ahead_give(struct qm_au *a, int64_t idx, struct qm_text entry)
{
    struct qm_au_ahead *h = a->ahead;
    if (!qm_au_crew_room(h->crew))
        return false;
    struct qm_au_checked *b = &h->checked[qm_au_crew_place(h->crew)];
    b->entry = entry;
    b->idx = idx;
    qm_au_crew_give(h->crew);
    return true;
}

const struct qm_au_checked *qm_au_ahead_take(struct qm_au *a)
{
    struct qm_au_ahead *h = a->ahead;
    return &h->checked[qm_au_crew_take(h->crew)];
}
