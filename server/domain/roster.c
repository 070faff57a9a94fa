/* roster.c - see roster.h.
 * Failure: a field that does not open is logged and comes out empty.
 */
#include "domain/roster.h"

#include <string.h>

#include "base/log.h"
#include "domain/mask.h"
#include "domain/roster_parts.h"
#include "wire/event.h"

enum { FIELD_MAX_BYTES = 4096 };
/* Columns of both lists, the last two of residents only. */
enum {
    ID_COLUMN,
    GRID_COLUMN,
    FACTS_COLUMN,
    WORKER_COLUMN,
    GROUP_COLUMN,
    LANE_COLUMN,
    DOOR_COLUMN,
    NAME_COLUMN,
    PHONE_COLUMN,
    HOUSEHOLD_COLUMN,
    BORN_COLUMN
};
/* Behind them in lists of a bulletin. */
enum { HOUSEHOLDS_PART_COLUMN = PHONE_COLUMN + 1, RESIDENTS_PART_COLUMN = BORN_COLUMN + 1 };

bool qm_list_part_ok(bool residents, const char *part)
{
    return residents ? qm_resident_part(part) != NULL : qm_household_part(part) != NULL;
}

static void household_part_bind(struct qm_pg_params *p, const struct qm_household_part *part)
{
    qm_pg_int4(p, part->set | part->clear);
    qm_pg_int4(p, part->set);
    qm_pg_int8(p, part->kinds);
    qm_pg_int4(p, part->doors);
    qm_pg_int4(p, (int32_t)part->more);
}

static void resident_part_bind(struct qm_pg_params *p, const struct qm_resident_part *part)
{
    qm_pg_int4(p, part->homes);
    qm_pg_int4(p, part->kinds);
    qm_pg_int4(p, part->apps);
    qm_pg_int4(p, part->set);
    qm_pg_int4(p, part->alerts);
    qm_pg_int4(p, part->evidenced);
}

bool qm_list_part_closed(bool residents, const char *part)
{
    return residents ? qm_resident_part_closed(qm_resident_part(part))
                     : qm_household_part_closed(qm_household_part(part));
}

/* Who asks for which area; of a bulletin: of which. NULL: no memory. */
static struct qm_pg_params *params_of(const struct qm_list_ask *ask)
{
    struct qm_pg_params *p = qm_pg_params_new();
    if (p == NULL)
        return NULL;
    qm_pg_int4(p, ask->county);
    qm_pg_text(p, ask->role, strlen(ask->role));
    qm_pg_text(p, ask->prefix, strlen(ask->prefix));
    qm_pg_text(p, ask->within, strlen(ask->within));
    if (ask->when == QM_LIST_CLOSED)
        qm_pg_uuid(p, ask->draft);
    return p;
}

qm_err qm_list_closed_read(struct qm_pg *pg, const struct qm_list_ask *ask, qm_pg_done done,
                           void *ctx)
{
    struct qm_pg_params *p = params_of(ask);
    return p == NULL ? QM_E_NOMEM : qm_pg_submit(pg, "list_closed", p, 0, done, ctx);
}

/* A roster is in the order of pseudonyms: its lists go on behind one of them. */
static void after_bind(struct qm_pg_params *p, const struct qm_list_ask *ask)
{
    bool closed = ask->when == QM_LIST_CLOSED;
    qm_pg_int8(p, ask->after.grid);
    if (!closed || !ask->residents)
        qm_pg_uuid(p, ask->after.household);
    if (ask->residents)
        qm_pg_uuid(p, ask->after.resident);
}

qm_err qm_list_read(struct qm_pg *pg, const struct qm_list_ask *ask, qm_pg_done done, void *ctx)
{
    static const char *const statements[][2] = {
        [QM_LIST_NOW] = {"list_households", "list_residents"},
        [QM_LIST_WEEK] = {"list_households_week", "list_residents_week"},
        [QM_LIST_CLOSED] = {"list_households_closed", "list_residents_closed"}};
    if (!qm_list_part_ok(ask->residents, ask->part))
        return QM_E_MALFORMED;
    struct qm_pg_params *p = params_of(ask);
    if (p == NULL)
        return QM_E_NOMEM;
    after_bind(p, ask);
    qm_pg_int4(p, ask->limit);
    if (ask->residents)
        resident_part_bind(p, qm_resident_part(ask->part));
    else
        household_part_bind(p, qm_household_part(ask->part));
    return qm_pg_submit(pg, statements[ask->when][ask->residents], p, 0, done, ctx);
}

static void read_id(const struct qm_pg_result *r, int row, int col, uint8_t id[QM_ID_BYTES])
{
    size_t len = 0;
    const uint8_t *bytes = qm_pg_get_bytes(r, row, col, &len);
    if (bytes != NULL && len == QM_ID_BYTES)
        memcpy(id, bytes, QM_ID_BYTES);
}

static const char *text_or_empty(const struct qm_pg_result *r, int row, int col)
{
    return qm_pg_is_null(r, row, col) ? "" : qm_pg_get_text(r, row, col);
}

void qm_list_place_row(const struct qm_pg_result *r, int row, bool residents,
                       struct qm_list_place *out)
{
    memset(out, 0, sizeof *out);
    read_id(r, row, residents ? HOUSEHOLD_COLUMN : ID_COLUMN, out->household);
    if (residents)
        read_id(r, row, ID_COLUMN, out->resident);
    out->grid = qm_pg_get_int(r, row, GRID_COLUMN);
}

bool qm_list_is_place(const struct qm_pg_result *r, int row)
{
    return qm_pg_is_null(r, row, FACTS_COLUMN);
}

void qm_list_after_row(const struct qm_list_ask *ask, const struct qm_pg_result *r, int row,
                       struct qm_list_place *out)
{
    qm_list_place_row(r, row, ask->residents, out);
    if (ask->when == QM_LIST_CLOSED)
        out->grid =
            qm_pg_get_int(r, row, ask->residents ? RESIDENTS_PART_COLUMN : HOUSEHOLDS_PART_COLUMN);
}

void qm_list_labels_row(const struct qm_pg_result *r, int row, const char **group,
                        const char **lane, const char **door)
{
    *group = text_or_empty(r, row, GROUP_COLUMN);
    *lane = text_or_empty(r, row, LANE_COLUMN);
    *door = text_or_empty(r, row, DOOR_COLUMN);
}

/* Some bits of the facts that a query packed into one number. */
static unsigned fact(int64_t facts, int at, unsigned bits)
{
    return (unsigned)((uint64_t)facts >> at) & ((1U << bits) - 1);
}

static const char *word_at(const char *const *words, size_t n, int64_t number)
{
    return number > 0 && (size_t)number < n ? words[number] : "other";
}

void qm_list_household_row(const struct qm_pg_result *r, int row, struct qm_list_household *out)
{
    enum { VISITED = 1, REACHED = 2, DELIVERED = 4, SIGNED = 8 };
    static const char *const statuses[] = {"",     "counted", "away", "vacant",
                                           "gone", "merged",  "other"};
    memset(out, 0, sizeof *out);
    qm_list_place_row(r, row, false, &out->place);
    int64_t facts = qm_pg_get_int(r, row, FACTS_COLUMN);
    const char *kind = qm_word("place", (int)fact(facts, 0, 4));
    out->kind = kind != NULL ? kind : "home";
    out->status = word_at(statuses, 7, fact(facts, 4, 4));
    unsigned flags = fact(facts, 8, 16);
    out->visited = (flags & VISITED) != 0;
    out->reached = (flags & REACHED) != 0;
    out->notice_signed = (flags & SIGNED) != 0;
    out->notice_left = (flags & DELIVERED) != 0 && !out->notice_signed;
    out->pledge = fact(facts, 24, 1) != 0;
    out->visits = (int)fact(facts, 32, 31);
    out->worker = text_or_empty(r, row, WORKER_COLUMN);
    qm_list_labels_row(r, row, &out->group, &out->lane, &out->door);
}

void qm_list_resident_row(const struct qm_pg_result *r, int row, struct qm_list_resident *out)
{
    static const char *const statuses[] = {"", "counted", "away", "gone", "dead", "unknown_age"};
    memset(out, 0, sizeof *out);
    qm_list_place_row(r, row, true, &out->place);
    int64_t facts = qm_pg_get_int(r, row, FACTS_COLUMN);
    out->status = word_at(statuses, 6, fact(facts, 0, 4));
    out->has_born = !qm_pg_is_null(r, row, BORN_COLUMN);
    out->born_day = out->has_born ? (int32_t)qm_pg_get_int(r, row, BORN_COLUMN) : 0;
    int app = (int)fact(facts, 4, 4);
    out->app = app == QM_APP_REFUSED ? NULL : qm_word("app", app);
    out->alerts = fact(facts, 8, 8);
    out->na = fact(facts, 16, 8);
    out->worker = text_or_empty(r, row, WORKER_COLUMN);
    qm_list_labels_row(r, row, &out->group, &out->lane, &out->door);
}

void qm_field_open_full(const struct qm_seal *seal, const struct qm_sealed_field *f,
                        struct qm_buf *out)
{
    qm_buf_init(out, FIELD_MAX_BYTES);
    if (f->bytes == NULL)
        return;
    qm_err err = qm_seal_open(seal, f->purpose, f->id, f->id_len, f->bytes, f->len, out);
    if (err != QM_OK) {
        qm_log(QM_LOG_ERROR, "field-not-opened", "purpose", QM_LS(f->purpose), "why",
               QM_LS(qm_err_name(err)), NULL);
        qm_buf_reset(out);
    }
}

void qm_field_open_masked(const struct qm_seal *seal, const struct qm_sealed_field *f,
                          struct qm_buf *out)
{
    struct qm_buf clear;
    qm_buf_init(out, FIELD_MAX_BYTES);
    qm_field_open_full(seal, f, &clear);
    if (strcmp(f->purpose, QM_PURPOSE_PHONE) == 0)
        (void)qm_mask_phone((const char *)clear.p, clear.len, out);
    else
        (void)qm_mask_name((const char *)clear.p, clear.len, out);
    qm_buf_wipe(&clear);
}

/* Opens one sealed field of a row and keeps only its masked form. */
static void open_masked(const struct qm_pg_result *r, int row, int col, const char *purpose,
                        const uint8_t id[QM_ID_BYTES], const struct qm_seal *seal,
                        struct qm_buf *out)
{
    struct qm_sealed_field f = {.purpose = purpose, .id = id, .id_len = QM_ID_BYTES};
    f.bytes = qm_pg_is_null(r, row, col) ? NULL : qm_pg_get_bytes(r, row, col, &f.len);
    qm_field_open_masked(seal, &f, out);
}

void qm_list_person_open(const struct qm_pg_result *r, int row, const struct qm_seal *seal,
                         struct qm_list_person *out)
{
    uint8_t id[QM_ID_BYTES] = {0};
    read_id(r, row, ID_COLUMN, id); /* which the fields are sealed for */
    open_masked(r, row, NAME_COLUMN, QM_PURPOSE_NAME, id, seal, &out->name);
    open_masked(r, row, PHONE_COLUMN, QM_PURPOSE_PHONE, id, seal, &out->phone);
}

void qm_list_name_open(const struct qm_pg_result *r, int row, const struct qm_seal *seal,
                       struct qm_buf *out)
{
    uint8_t id[QM_ID_BYTES] = {0};
    read_id(r, row, ID_COLUMN, id);
    struct qm_sealed_field f = {.purpose = QM_PURPOSE_NAME, .id = id, .id_len = QM_ID_BYTES};
    f.bytes =
        qm_pg_is_null(r, row, NAME_COLUMN) ? NULL : qm_pg_get_bytes(r, row, NAME_COLUMN, &f.len);
    qm_field_open_full(seal, &f, out);
}

void qm_list_person_free(struct qm_list_person *p)
{
    qm_buf_wipe(&p->name);
    qm_buf_wipe(&p->phone);
}
