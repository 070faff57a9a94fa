/* log.c - floor 2, inside audit: checkpoint, entries in order, the tree.
 *
 * Happy path: the checkpoint's signature holds; the bundles give the entries, whose leaf hashes
 * give its root; each entry goes to the file that knows its type, batches after ahead.c. Failure: a
 * missing or cut bundle ends the reading, because nothing behind it has a place. Where the folder
 * has the tiles of level 0, an entry that was changed is named by its index.
 */
#include <string.h>

#include "audit/ahead.h"

enum {
    BUNDLE_ENTRIES = 256,
    BUNDLE_MAX_BYTES = BUNDLE_ENTRIES * (QM_ENTRY_MAX_BYTES + 2),
    NOTE_MAX_BYTES = 16384
};
static const char batch_type[] = "batch/v1\n", device_type[] = "device/v1\n";

/* ---- checkpoint ---- */

static const struct qm_vkey *key_of(const struct qm_au *a, const char *origin)
{
    for (size_t i = 0; i < a->o->keys_n; i++) {
        if (strcmp(a->o->keys[i].name, origin) == 0)
            return &a->o->keys[i];
    }
    return NULL;
}

static qm_err checkpoint_read(struct qm_au *a)
{
    struct qm_buf *text = &a->report->note;
    struct qm_checkpoint *c = &a->report->checkpoint;
    struct qm_note note;
    qm_err e = qm_au_read(a, "checkpoint", text);
    if (e == QM_E_TOO_LARGE)
        qm_au_say(a, "checkpoint-form", -1, NULL, "more than %d bytes", NOTE_MAX_BYTES);
    if (e != QM_OK)
        return e == QM_E_TOO_LARGE ? QM_OK : e;
    if (text->len == 0 || qm_note_read((const char *)text->p, text->len, &note) != QM_OK ||
        qm_checkpoint_read(note.text, note.text_len, c) != QM_OK) {
        qm_au_say(a, "checkpoint-form", -1, NULL, "v1/log/.../checkpoint");
        return QM_OK;
    }
    a->size = c->size;
    const struct qm_vkey *key = key_of(a, c->origin);
    if (key == NULL)
        qm_au_say(a, "checkpoint-origin", -1, NULL, "%s", c->origin);
    else if ((e = qm_note_verify(&note, key)) != QM_OK)
        qm_au_say(a, "checkpoint-signature", -1, NULL, "%s %llu: %s", c->origin,
                  (unsigned long long)c->size, qm_err_name(e));
    return QM_OK;
}

/* ---- tree ---- */

static qm_err leaf_add(struct qm_au *a, const struct qm_hash *leaf)
{
    qm_err e = QM_OK;
    if (a->frontier.size % QM_AU_FRONTIER_EVERY == 0)
        e = qm_au_file_add(&a->frontiers, &a->frontier);
    if (e == QM_OK)
        e = qm_au_file_add(&a->leaves, leaf);
    return e == QM_OK ? qm_frontier_append(&a->frontier, leaf) : e;
}

qm_err qm_au_root_at(struct qm_au *a, uint64_t size, struct qm_hash *out)
{
    struct qm_hash leaf[QM_AU_FRONTIER_EVERY];
    struct qm_frontier f = {0};
    if (size > a->frontier.size)
        return QM_E_INVALID;
    qm_err e = QM_OK;
    uint64_t from = 0;
    if (a->frontiers.n > 0) {
        uint64_t k = size / QM_AU_FRONTIER_EVERY;
        k = k < a->frontiers.n ? k : a->frontiers.n - 1;
        from = k * QM_AU_FRONTIER_EVERY;
        e = qm_au_file_read(&a->frontiers, k, 1, &f);
    }
    if (e == QM_OK && size > from)
        e = qm_au_file_read(&a->leaves, from, (size_t)(size - from), leaf);
    for (uint64_t i = 0; e == QM_OK && i < size - from; i++)
        e = qm_frontier_append(&f, &leaf[i]);
    if (e == QM_OK)
        qm_frontier_root(&f, out);
    return e;
}

/* ---- config/v1 after and key: the log's own names ---- */

static qm_err restart_line(struct qm_au *a, int64_t idx, struct qm_text t)
{
    struct qm_text origin, digits;
    struct qm_hash root, ours;
    int64_t size = 0;
    size_t n = 0;
    if (!qm_au_until(&t, ' ', &origin) || !qm_au_until(&t, ' ', &digits) ||
        origin.len >= QM_NAME_MAX_BYTES ||
        qm_dec_read(digits.p, digits.len, INT64_MAX, &size) != QM_OK ||
        qm_b64_read(t.p, t.len, root.b, QM_HASH_BYTES, &n) != QM_OK || n != QM_HASH_BYTES) {
        qm_au_say(a, "config-form", idx, NULL, "after");
        return QM_OK;
    }
    struct qm_au_restart *r = qm_au_push(&a->restart, &a->restarts, sizeof *a->restart);
    if (r == NULL)
        return QM_E_NOMEM;
    memcpy(r->origin, origin.p, origin.len);
    r->size = (uint64_t)size;
    r->idx = idx;
    /* The trees are numbered one after the other: this one ends the tree that its entry stands in.
     */
    char old[QM_NAME_MAX_BYTES];
    qm_err e = qm_log_origin(a->host, a->county, (int)a->restarts, old);
    if (e == QM_OK && size == idx)
        e = qm_au_root_at(a, (uint64_t)size, &ours);
    if (e == QM_OK &&
        (size != idx || strcmp(r->origin, old) != 0 || memcmp(ours.b, root.b, QM_HASH_BYTES) != 0))
        qm_au_say(a, "restart", idx, NULL, "%s %lld", r->origin, (long long)size);
    return e;
}

static qm_err key_line(struct qm_au *a, int64_t idx, struct qm_text t)
{
    struct qm_vkey key;
    if (qm_vkey_read(t.p, t.len, &key) != QM_OK) {
        qm_au_say(a, "config-form", idx, NULL, "key");
        return QM_OK;
    }
    for (size_t i = 0; i < a->o->keys_n; i++) {
        const struct qm_vkey *given = &a->o->keys[i];
        if (strcmp(given->name, key.name) == 0 && memcmp(given->key, key.key, QM_KEY_BYTES) != 0)
            qm_au_say(a, "log-key", idx, NULL, "%s", key.name);
    }
    struct qm_vkey *kept = qm_au_push(&a->log_key, &a->log_keys, sizeof *a->log_key);
    if (kept == NULL)
        return QM_E_NOMEM;
    *kept = key;
    return QM_OK;
}

static qm_err setting_line(struct qm_au *a, int64_t idx, struct qm_text t)
{
    static const char *const kinds[] = {"rule", "targets", "texts", "topics"};
    struct qm_text kind;
    struct qm_hash sha;
    bool known = false;
    if (qm_au_until(&t, ' ', &kind)) {
        for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
            known =
                known || (kind.len == strlen(kinds[i]) && memcmp(kind.p, kinds[i], kind.len) == 0);
    }
    if (!known || !qm_au_take(&t, "sha256:") || !qm_au_hash_hex(t, &sha)) {
        qm_au_say(a, "config-form", idx, NULL, "setting");
        return QM_OK;
    }
    struct qm_au_setting *s = qm_au_push(&a->setting, &a->settings, sizeof *a->setting);
    if (s == NULL)
        return QM_E_NOMEM;
    memcpy(s->kind, kind.p, kind.len);
    s->idx = idx;
    s->sha = sha;
    return QM_OK;
}

static qm_err config_entry(struct qm_au *a, int64_t idx, const struct qm_entry *e)
{
    struct qm_text t = e->payload;
    struct qm_text line;
    if (!qm_au_until(&t, '\n', &line) || t.len != 0) {
        qm_au_say(a, "config-form", idx, NULL, "one line");
        return QM_OK;
    }
    if (qm_au_take(&line, "after "))
        return restart_line(a, idx, line);
    if (qm_au_take(&line, "key "))
        return key_line(a, idx, line);
    return setting_line(a, idx, line);
}

/* ---- entries ---- */

static bool is_type(struct qm_text t, const char *first_line)
{
    return qm_au_take(&t, first_line);
}

static qm_err entry_look(struct qm_au *a, int64_t idx, struct qm_text t)
{
    struct qm_entry e;
    if (is_type(t, batch_type))
        return qm_au_batch(a, qm_au_ahead_take(a));
    if (qm_entry_read(t.p, t.len, &e) != QM_OK) {
        qm_au_say(a, "entry-form", idx, NULL, "%zu bytes", t.len);
        return QM_OK;
    }
    switch (e.type) {
    case QM_ENTRY_DEVICE:
        return qm_au_device_entry(a, idx, &e);
    case QM_ENTRY_REVOKE:
        return qm_au_revoke_entry(a, idx, &e);
    case QM_ENTRY_CONFIG:
        return config_entry(a, idx, &e);
    case QM_ENTRY_BULLETIN:
        return qm_au_bulletin_entry(a, idx, &e);
    default:
        return qm_au_office_entry(a, idx, &e);
    }
}

struct bundle {
    struct qm_buf bytes, tile;
    uint64_t first;
    unsigned entries; /* that it must have */
    bool has_tile;
    unsigned ahead; /* entries that were given, or need no giving */
    size_t ahead_at;
};

/* The bundle of the end may be there as a part, or whole if the log has grown meanwhile. */
static qm_err tile_read(const struct qm_au *a, const char *level, const struct bundle *b,
                        struct qm_buf *out)
{
    char name[96];
    unsigned width = b->entries == BUNDLE_ENTRIES ? 0 : b->entries;
    qm_buf_reset(out);
    qm_au_tile_name(level, b->first / BUNDLE_ENTRIES, width, name);
    qm_err e = qm_au_read(a, name, out);
    if (e == QM_E_NOT_FOUND && width > 0) {
        qm_buf_reset(out);
        qm_au_tile_name(level, b->first / BUNDLE_ENTRIES, 0, name);
        e = qm_au_read(a, name, out);
    }
    return e;
}

static void tile_compare(struct qm_au *a, const struct bundle *b, unsigned i,
                         const struct qm_hash *leaf)
{
    size_t at = (size_t)i * QM_HASH_BYTES;
    if (b->has_tile && at + QM_HASH_BYTES <= b->tile.len &&
        memcmp(b->tile.p + at, leaf->b, QM_HASH_BYTES) != 0)
        qm_au_say(a, "entry-changed", (int64_t)(b->first + i), NULL, "tile/0");
}

/* The entry at an offset, which goes behind it; false: cut. */
static bool entry_next(const struct bundle *b, size_t *at, struct qm_text *out)
{
    size_t left = b->bytes.len - *at;
    if (left < 2)
        return false;
    const uint8_t *p = b->bytes.p + *at;
    size_t len = (size_t)(p[0] << 8 | p[1]);
    if (left - 2 < len)
        return false;
    *out = (struct qm_text){(const char *)p + 2, len};
    *at += 2 + len;
    return true;
}

/* Gives batches as far ahead as there is room, but none beyond an entry that changes a phone's key
 * and has not been looked at. */
static void batches_give(struct qm_au *a, struct bundle *b, unsigned looked)
{
    struct qm_text t;
    for (size_t at = b->ahead_at; b->ahead < b->entries && entry_next(b, &at, &t); b->ahead++) {
        if (is_type(t, device_type) && b->ahead >= looked)
            return;
        if (is_type(t, batch_type) && !qm_au_ahead_give(a, (int64_t)(b->first + b->ahead), t))
            return;
        b->ahead_at = at;
    }
}

/* *whole: all entries were there. */
static qm_err bundle_look(struct qm_au *a, struct bundle *b, bool *whole)
{
    size_t at = 0;
    b->ahead = 0;
    b->ahead_at = 0;
    for (unsigned i = 0; i < b->entries; i++) {
        struct qm_hash leaf;
        struct qm_text t;
        batches_give(a, b, i);
        if (!entry_next(b, &at, &t)) {
            qm_au_say(a, "entries-missing", (int64_t)(b->first + i), NULL, "cut");
            *whole = false;
            return QM_OK;
        }
        qm_leaf_hash(t.p, t.len, &leaf);
        tile_compare(a, b, i, &leaf);
        qm_err e = leaf_add(a, &leaf);
        if (e == QM_OK)
            e = entry_look(a, (int64_t)(b->first + i), t);
        if (e != QM_OK)
            return e;
    }
    return QM_OK;
}

static qm_err bundle_read(struct qm_au *a, struct bundle *b, bool *whole)
{
    uint64_t left = a->size - b->first;
    b->entries = left < BUNDLE_ENTRIES ? (unsigned)left : BUNDLE_ENTRIES;
    qm_err e = tile_read(a, "entries", b, &b->bytes);
    if (e == QM_E_NOT_FOUND || e == QM_E_TOO_LARGE) {
        qm_au_say(a, "entries-missing", (int64_t)b->first, NULL, "%s", qm_err_name(e));
        *whole = false;
        return QM_OK;
    }
    if (e == QM_OK)
        e = tile_read(a, "0", b, &b->tile);
    b->has_tile = e == QM_OK;
    if (e == QM_E_NOT_FOUND || e == QM_E_TOO_LARGE)
        e = QM_OK;
    return e == QM_OK ? bundle_look(a, b, whole) : e;
}

static void root_compare(struct qm_au *a)
{
    struct qm_hash root;
    char name[QM_NAME_MAX_BYTES];
    const char *origin = a->report->checkpoint.origin;
    if (qm_log_origin(a->host, a->county, (int)a->restarts + 1, name) != QM_OK ||
        strcmp(name, origin) != 0)
        qm_au_say(a, "restart", -1, NULL, "%s, %s", origin, name);
    qm_frontier_root(&a->frontier, &root);
    if (memcmp(root.b, a->report->checkpoint.root.b, QM_HASH_BYTES) != 0)
        qm_au_say(a, "root", -1, NULL, "%llu", (unsigned long long)a->size);
}

qm_err qm_au_log(struct qm_au *a)
{
    struct bundle b = {.first = 0};
    bool whole = true;
    qm_err e = checkpoint_read(a);
    if (e == QM_OK)
        e = qm_au_spools_open(a, a->size);
    if (e == QM_OK)
        e = qm_au_ahead_open(a);
    qm_buf_init(&b.bytes, BUNDLE_MAX_BYTES);
    qm_buf_init(&b.tile, (size_t)BUNDLE_ENTRIES * QM_HASH_BYTES);
    for (; e == QM_OK && whole && b.first < a->size; b.first += BUNDLE_ENTRIES) {
        e = bundle_read(a, &b, &whole);
        qm_au_progress(a, "entries", b.first + b.entries, a->size);
    }
    if (e == QM_OK && whole && a->report->checkpoint.origin[0] != 0)
        root_compare(a);
    qm_au_ahead_close(a);
    a->report->entries = a->frontier.size;
    a->report->devices = a->devices;
    qm_buf_free(&b.bytes);
    qm_buf_free(&b.tile);
    return e;
}
