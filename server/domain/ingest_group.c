/* ingest_group.c - floor 3: qm.sync's arrays and answer; see ingest_group.h.
 *
 * Happy path: one walk over all batches, lines, evidences and cards for each array.
 * Failure: no memory is sticky in the parameters and comes out when they are submitted.
 */
#include "domain/ingest_group.h"

#include <string.h>

struct group {
    struct qm_pg_params *p;
    struct qm_checked *const *b;
    size_t n;
};

/* ---- a row a batch ---- */

static void batch_arrays(const struct group *g)
{
    struct qm_pg_params *p = g->p;
    qm_pg_array_begin(p, QM_PG_UUID);
    for (size_t i = 0; i < g->n; i++)
        qm_pg_array_bytes(p, g->b[i]->head.device, QM_ID_BYTES);
    qm_pg_array_end(p);
    qm_pg_array_begin(p, QM_PG_BYTEA);
    for (size_t i = 0; i < g->n; i++)
        qm_pg_array_bytes(p, g->b[i]->key, QM_KEY_BYTES);
    qm_pg_array_end(p);
    qm_pg_array_begin(p, QM_PG_UUID);
    for (size_t i = 0; i < g->n; i++)
        qm_pg_array_bytes(p, g->b[i]->head.batch, QM_ID_BYTES);
    qm_pg_array_end(p);
    qm_pg_array_begin(p, QM_PG_BYTEA);
    for (size_t i = 0; i < g->n; i++)
        qm_pg_array_bytes(p, g->b[i]->head.checkpoint.root.b, QM_HASH_BYTES);
    qm_pg_array_end(p);
    qm_pg_array_begin(p, QM_PG_INT8);
    for (size_t i = 0; i < g->n; i++)
        qm_pg_array_int(p, g->b[i]->recv_ms);
    qm_pg_array_end(p);
    qm_pg_array_begin(p, QM_PG_BYTEA);
    for (size_t i = 0; i < g->n; i++)
        qm_pg_array_bytes(p, g->b[i]->head.note_text, g->b[i]->head.note_len);
    qm_pg_array_end(p);
    qm_pg_array_begin(p, QM_PG_INT4);
    for (size_t i = 0; i < g->n; i++)
        qm_pg_array_int(p, (int64_t)g->b[i]->lines);
    qm_pg_array_end(p);
}

/* ---- a row a line ---- */

typedef void (*line_fn)(struct qm_pg_params *p, const struct qm_checked *c, size_t batch, size_t i);

static void per_line(const struct group *g, enum qm_pg_type type, line_fn add)
{
    qm_pg_array_begin(g->p, type);
    for (size_t b = 0; b < g->n; b++)
        for (size_t i = 0; i < g->b[b]->lines; i++)
            add(g->p, g->b[b], b, i);
    qm_pg_array_end(g->p);
}

static void add_known(struct qm_pg_params *p, const struct qm_checked_line *l, int64_t v)
{
    if (l->fault == QM_LINE_SCHEMA)
        qm_pg_array_null(p);
    else
        qm_pg_array_int(p, v);
}
static void add_id(struct qm_pg_params *p, bool there, const uint8_t id[QM_ID_BYTES])
{
    if (there)
        qm_pg_array_bytes(p, id, QM_ID_BYTES);
    else
        qm_pg_array_null(p);
}
static void add_part(struct qm_pg_params *p, const struct qm_checked *c, struct qm_part part)
{
    if (part.len)
        qm_pg_array_bytes(p, c->bytes.p + part.at, part.len);
    else
        qm_pg_array_null(p);
}

static void l_batch(struct qm_pg_params *p, const struct qm_checked *c, size_t b, size_t i)
{
    (void)c;
    (void)i;
    qm_pg_array_int(p, (int64_t)b + 1);
}
static void l_line(struct qm_pg_params *p, const struct qm_checked *c, size_t b, size_t i)
{
    (void)c;
    (void)b;
    qm_pg_array_int(p, (int64_t)i);
}
static void l_fault(struct qm_pg_params *p, const struct qm_checked *c, size_t b, size_t i)
{
    (void)b;
    qm_pg_array_int(p, c->line[i].fault);
}
static void l_leaf(struct qm_pg_params *p, const struct qm_checked *c, size_t b, size_t i)
{
    (void)b;
    qm_pg_array_bytes(p, c->line[i].leaf.b, QM_HASH_BYTES);
}
static void l_id(struct qm_pg_params *p, const struct qm_checked *c, size_t b, size_t i)
{
    (void)b;
    add_id(p, c->line[i].fault != QM_LINE_SCHEMA, c->line[i].id);
}
static void l_household(struct qm_pg_params *p, const struct qm_checked *c, size_t b, size_t i)
{
    (void)b;
    add_id(p, c->line[i].has_household, c->line[i].household);
}
static void l_resident(struct qm_pg_params *p, const struct qm_checked *c, size_t b, size_t i)
{
    (void)b;
    add_id(p, c->line[i].has_resident, c->line[i].resident);
}
static void l_target(struct qm_pg_params *p, const struct qm_checked *c, size_t b, size_t i)
{
    (void)b;
    add_id(p, c->line[i].kind == QM_VOID, c->line[i].target);
}
static void l_e(struct qm_pg_params *p, const struct qm_checked *c, size_t b, size_t i)
{
    (void)b;
    if (c->line[i].e)
        qm_pg_array_bytes(p, c->line[i].e, c->line[i].e_len);
    else
        add_part(p, c, c->line[i].e_sealed);
}
static void l_p(struct qm_pg_params *p, const struct qm_checked *c, size_t b, size_t i)
{
    (void)b;
    add_part(p, c, c->line[i].p_sealed);
}

/* The plain numbers, null in a line that is no event. */
#define NUMBER(name, member)                                                                       \
    static void name(struct qm_pg_params *p, const struct qm_checked *c, size_t b, size_t i)       \
    {                                                                                              \
        (void)b;                                                                                   \
        add_known(p, &c->line[i], (int64_t)c->line[i].member);                                     \
    }
NUMBER(l_kind, kind)
NUMBER(l_seq, seq)
NUMBER(l_at, at_ms)
NUMBER(l_grid, grid)
NUMBER(l_code, code)
NUMBER(l_why, why)
NUMBER(l_via, via)
NUMBER(l_party, party)
NUMBER(l_alerts, alerts)
NUMBER(l_na, na)
#undef NUMBER

static void line_arrays(const struct group *g)
{
    static const struct {
        enum qm_pg_type type;
        line_fn add;
    } columns[] = {
        {QM_PG_INT4, l_batch},     {QM_PG_INT2, l_line},     {QM_PG_INT2, l_fault},
        {QM_PG_BYTEA, l_leaf},     {QM_PG_UUID, l_id},       {QM_PG_INT2, l_kind},
        {QM_PG_INT8, l_seq},       {QM_PG_INT8, l_at},       {QM_PG_INT8, l_grid},
        {QM_PG_UUID, l_household}, {QM_PG_UUID, l_resident}, {QM_PG_UUID, l_target},
        {QM_PG_INT2, l_code},      {QM_PG_INT2, l_why},      {QM_PG_INT2, l_via},
        {QM_PG_INT2, l_party},     {QM_PG_INT2, l_alerts},   {QM_PG_INT2, l_na},
        {QM_PG_BYTEA, l_e},        {QM_PG_BYTEA, l_p},
    };
    for (size_t i = 0; i < sizeof columns / sizeof *columns; i++)
        per_line(g, columns[i].type, columns[i].add);
}

/* ---- evidences and cards; lines counted over all batches, from 1 ---- */

static void evidence_arrays(const struct group *g)
{
    int64_t first = 1;
    qm_pg_array_begin(g->p, QM_PG_INT4);
    for (size_t b = 0; b < g->n; first += (int64_t)g->b[b++]->lines)
        for (size_t i = 0; i < g->b[b]->evidences; i++)
            qm_pg_array_int(g->p, first + g->b[b]->evidence[i].line);
    qm_pg_array_end(g->p);
    qm_pg_array_begin(g->p, QM_PG_BYTEA);
    for (size_t b = 0; b < g->n; b++)
        for (size_t i = 0; i < g->b[b]->evidences; i++)
            qm_pg_array_bytes(g->p, g->b[b]->evidence[i].sha256.b, QM_HASH_BYTES);
    qm_pg_array_end(g->p);
}

typedef void (*card_fn)(struct qm_pg_params *p, const struct qm_checked *c,
                        const struct qm_checked_card *card, int64_t first_line);

static void per_card(const struct group *g, enum qm_pg_type type, card_fn add)
{
    int64_t first = 1;
    qm_pg_array_begin(g->p, type);
    for (size_t b = 0; b < g->n; first += (int64_t)g->b[b++]->lines)
        for (size_t i = 0; i < g->b[b]->cards; i++)
            add(g->p, g->b[b], &g->b[b]->card[i], first);
    qm_pg_array_end(g->p);
}

static void c_line(struct qm_pg_params *p, const struct qm_checked *c,
                   const struct qm_checked_card *card, int64_t first_line)
{
    (void)c;
    qm_pg_array_int(p, first_line + card->line);
}
static void c_born(struct qm_pg_params *p, const struct qm_checked *c,
                   const struct qm_checked_card *card, int64_t first_line)
{
    (void)c;
    (void)first_line;
    if (card->has_born)
        qm_pg_array_int(p, card->born_day);
    else
        qm_pg_array_null(p);
}
static void c_name(struct qm_pg_params *p, const struct qm_checked *c,
                   const struct qm_checked_card *card, int64_t first_line)
{
    (void)first_line;
    add_part(p, c, card->name);
}
static void c_phone(struct qm_pg_params *p, const struct qm_checked *c,
                    const struct qm_checked_card *card, int64_t first_line)
{
    (void)first_line;
    add_part(p, c, card->phone);
}
static void c_phone_mac(struct qm_pg_params *p, const struct qm_checked *c,
                        const struct qm_checked_card *card, int64_t first_line)
{
    (void)c;
    (void)first_line;
    if (card->has_phone_mac)
        qm_pg_array_bytes(p, card->phone_mac, sizeof card->phone_mac);
    else
        qm_pg_array_null(p);
}
static void c_door(struct qm_pg_params *p, const struct qm_checked *c,
                   const struct qm_checked_card *card, int64_t first_line)
{
    (void)first_line;
    add_part(p, c, card->door);
}

struct qm_pg_params *qm_group_params(int county, struct qm_checked *const *batches, size_t n)
{
    struct group g = {.p = qm_pg_params_new(), .b = batches, .n = n};
    if (!g.p)
        return NULL;
    qm_pg_int4(g.p, county);
    batch_arrays(&g);
    line_arrays(&g);
    evidence_arrays(&g);
    per_card(&g, QM_PG_INT4, c_line);
    per_card(&g, QM_PG_DATE, c_born);
    per_card(&g, QM_PG_BYTEA, c_name);
    per_card(&g, QM_PG_BYTEA, c_phone);
    per_card(&g, QM_PG_BYTEA, c_phone_mac);
    per_card(&g, QM_PG_TEXT, c_door);
    return g.p;
}

/* ---- the answer ---- */

enum {
    COL_STATUS = 1,
    COL_IDX,
    COL_ENTRY,
    COL_ACCEPTED,
    COL_HELD,
    COL_REJECTED,
    COL_DUP,
    COL_SIZE,
    COL_OLD_SIZE,
    COL_OLD_FRONTIER,
    COL_ROOT,
    COL_TREE
};

qm_err qm_group_head_read(const struct qm_pg_result *r, size_t batches, struct qm_group_head *out)
{
    if (qm_pg_rows(r) != (int)batches)
        return QM_E_INTERNAL;
    *out = (struct qm_group_head){.tree = (int)qm_pg_get_int(r, 0, COL_TREE),
                                  .size = qm_pg_get_int(r, 0, COL_SIZE),
                                  .old_size = qm_pg_get_int(r, 0, COL_OLD_SIZE)};
    size_t len, at = 0;
    const uint8_t *h = qm_pg_get_bytes(r, 0, COL_ROOT, &len);
    if (!h || len != QM_HASH_BYTES)
        return QM_E_INTERNAL;
    memcpy(out->root.b, h, len);
    out->old.size = (uint64_t)out->old_size;
    while (qm_pg_get_next(r, 0, COL_OLD_FRONTIER, &at, &h, &len)) {
        if (!h || len != QM_HASH_BYTES || out->old.n >= 64)
            return QM_E_INTERNAL;
        memcpy(out->old.h[out->old.n++].b, h, len);
    }
    return out->old.n == (size_t)__builtin_popcountll(out->old.size) ? QM_OK : QM_E_INTERNAL;
}

qm_err qm_group_row_read(const struct qm_pg_result *r, size_t i, struct qm_group_row *out)
{
    int row = (int)i;
    *out = (struct qm_group_row){.status = (enum qm_batch_status)qm_pg_get_int(r, row, COL_STATUS),
                                 .accepted = (int)qm_pg_get_int(r, row, COL_ACCEPTED),
                                 .held = (int)qm_pg_get_int(r, row, COL_HELD),
                                 .rejected = (int)qm_pg_get_int(r, row, COL_REJECTED),
                                 .dup = (int)qm_pg_get_int(r, row, COL_DUP)};
    if (!qm_pg_is_null(r, row, COL_IDX))
        out->idx = qm_pg_get_int(r, row, COL_IDX);
    if (!qm_pg_is_null(r, row, COL_ENTRY))
        out->entry = qm_pg_get_bytes(r, row, COL_ENTRY, &out->entry_len);
    return (out->status == QM_BATCH_NEW) == (out->entry != NULL) ? QM_OK : QM_E_INTERNAL;
}
