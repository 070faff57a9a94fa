/* office_edit.c - floor 4: what the office corrects at a card: fields, splits, taking a change
 * back.
 *
 * Happy path: only the fields that were given are read, checked and sealed, and one function puts
 * them; a field that was not given stays as it is, and whoever edits need not know it.
 * Failure: a value that cannot be is named with what it should look like; nothing is changed then.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "edge/care.h"
#include "edge/office_sheet.h"
#include "wire/event.h"

enum {
    VALUE_MAX_BYTES = 512,
    LABEL_MAX_BYTES = 200,
    NAME_MAX_BYTES = 200,
    REF_MAX_BYTES = 40,
    FIELDS_MAX = 8
};

/* ---- fields ---- */

enum form { PLACE, LABEL, SEALED_NAME, SEALED_PHONE, DAY, GROUPS };
struct field {
    enum qm_office_option option;
    enum form form;
    size_t max_bytes;
};
static const struct field household_fields[] = {{QM_O_PLACE, PLACE, 20},
                                                {QM_O_GROUP, LABEL, LABEL_MAX_BYTES},
                                                {QM_O_LANE, LABEL, LABEL_MAX_BYTES},
                                                {QM_O_DOOR, LABEL, LABEL_MAX_BYTES},
                                                {QM_O_REF, LABEL, REF_MAX_BYTES},
                                                {QM_O_HEAD, SEALED_NAME, NAME_MAX_BYTES},
                                                {QM_O_PHONE, SEALED_PHONE, 40}};
static const struct field resident_fields[] = {{QM_O_NAME, SEALED_NAME, NAME_MAX_BYTES},
                                               {QM_O_PHONE, SEALED_PHONE, 40},
                                               {QM_O_BORN, DAY, 10},
                                               {QM_O_GROUPS, GROUPS, VALUE_MAX_BYTES - 1}};
_Static_assert(sizeof household_fields / sizeof household_fields[0] <= FIELDS_MAX, "room for all");

struct value {
    const char *name;
    char text[VALUE_MAX_BYTES]; /* as the register keeps it */
    int place;                  /* 0: not a place */
    struct qm_sealed sealed;
    bool is_sealed, has_mac;
    uint8_t mac[32];
};
struct values {
    size_t n;
    struct value v[FIELDS_MAX];
};

static void values_free(struct values *all)
{
    for (size_t i = 0; i < all->n; i++)
        qm_buf_wipe(&all->v[i].sealed.bytes);
    explicit_bzero(all, sizeof *all);
}

static int bad_value(struct qm_office *a, const char *name, const char *should)
{
    return qm_office_fail(a, QM_OFFICE_REFUSED, "%s: %s; nothing was changed", name, should);
}

static int read_day(struct qm_office *a, struct value *v, const char *t)
{
    int32_t day = 0;
    if (t[0] != '\0' && (qm_day_read(t, strlen(t), &day) != QM_OK || day > qm_day_of_ms(a->now_ms)))
        return bad_value(a, v->name,
                         "an existing day that is not in the future, yyyy-mm-dd, or "
                         "empty if it is not known");
    memcpy(v->text, t, strlen(t) + 1);
    return QM_OFFICE_OK;
}

/* 0 if there is no such resident: what comes after says so. */
static int grid_of(struct qm_office *a, const uint8_t *resident, int64_t *grid)
{
    struct qm_pg_params *p = qm_office_params(a);
    struct qm_pg_result *r = NULL;
    qm_pg_uuid(p, resident);
    int code = qm_office_query(a, "resident_grid", p, &r);
    *grid = code == QM_OFFICE_OK && qm_pg_rows(r) == 1 ? qm_pg_get_int(r, 0, 0) : 0;
    qm_pgb_result_free(r);
    return code;
}

static int check_groups(struct qm_office *a, const struct value *v, const uint8_t *resident)
{
    struct qm_care care;
    char why[700];
    int64_t grid = 0;
    int code = qm_care_load(a, &care);
    if (code == QM_OFFICE_OK)
        code = grid_of(a, resident, &grid);
    for (const char *p = v->text; code == QM_OFFICE_OK && *p != '\0';) {
        size_t len = strcspn(p, ",");
        if (qm_care_refused(&care, grid, p, len, why, sizeof why))
            code = bad_value(a, v->name, why);
        p += len;
        p += *p == ',';
    }
    qm_care_free(&care);
    return code;
}

static int read_groups(struct qm_office *a, struct value *v, const char *t, const uint8_t *id)
{
    size_t n = 0;
    bool good = true;
    qm_sheet_groups(t, v->text);
    for (const char *p = v->text; *p != '\0'; n++) {
        size_t len = strcspn(p, ",");
        good = good && qm_code_ok(p, len);
        p += len;
        p += *p == ',';
    }
    if (!good || n > QM_CARE_EACH_MAX)
        return bad_value(a, v->name,
                         "at most 16 group codes with spaces between: lower-case letters, digits, "
                         "- and _");
    return n > 0 ? check_groups(a, v, id) : QM_OFFICE_OK;
}

static int seal(struct qm_office *a, struct value *v, const char *purpose, const uint8_t *id)
{
    v->is_sealed = true;
    return v->text[0] == '\0' ? QM_OFFICE_OK : qm_office_seal(a, purpose, id, v->text, &v->sealed);
}

static int read_phone(struct qm_office *a, struct value *v, const char *t, const uint8_t *id)
{
    char digits[24];
    if (t[0] != '\0' && !qm_sheet_phone_ok(t))
        return bad_value(a, v->name,
                         "a phone number has 5 to 15 digits, also with +, - and spaces");
    qm_sheet_phone_digits(t, digits);
    memcpy(v->text, digits, sizeof digits);
    explicit_bzero(digits, sizeof digits);
    v->has_mac = v->text[0] != '\0';
    if (v->has_mac)
        qm_seal_phone_mac(a->seal, v->text, v->mac);
    return seal(a, v, QM_PURPOSE_PHONE, id);
}

static int read_value(struct qm_office *a, const struct field *f, const uint8_t *id,
                      struct value *v)
{
    const char *t = a->option[f->option];
    v->name = qm_office_option_name((int)f->option);
    qm_buf_init(&v->sealed.bytes, VALUE_MAX_BYTES + QM_SEAL_OVERHEAD_BYTES);
    if (strlen(t) > f->max_bytes)
        return bad_value(a, v->name, "it is too long");
    switch (f->form) {
    case PLACE:
        v->place = qm_word_read("place", t);
        return v->place > 0
                   ? QM_OFFICE_OK
                   : bad_value(a, v->name, "home, shop, enterprise, school, office or venue");
    case SEALED_PHONE:
        return read_phone(a, v, t, id);
    case DAY:
        return read_day(a, v, t);
    case GROUPS:
        return read_groups(a, v, t, id);
    default:
        memcpy(v->text, t, strlen(t) + 1);
        return f->form == SEALED_NAME ? seal(a, v, QM_PURPOSE_NAME, id) : QM_OFFICE_OK;
    }
}

static int read_values(struct qm_office *a, const struct field *fields, size_t n, const uint8_t *id,
                       struct values *all)
{
    int code = QM_OFFICE_OK;
    memset(all, 0, sizeof *all);
    for (size_t i = 0; i < n && code == QM_OFFICE_OK; i++) {
        if (a->option[fields[i].option] != NULL)
            code = read_value(a, &fields[i], id, &all->v[all->n++]);
    }
    return code;
}

/* ---- edit ---- */

static void add_value(struct qm_pg_params *p, const struct value *v)
{
    if (v->place != 0)
        qm_pg_array_null(p);
    else if (!v->is_sealed)
        qm_pg_array_bytes(p, v->text, strlen(v->text));
    else if (v->sealed.bytes.len > 0)
        qm_pg_array_bytes(p, v->sealed.bytes.p, v->sealed.bytes.len);
    else
        qm_pg_array_null(p);
}

static void add_values(struct qm_pg_params *p, const struct values *all)
{
    qm_pg_array_begin(p, QM_PG_TEXT);
    for (size_t i = 0; i < all->n; i++)
        qm_pg_array_bytes(p, all->v[i].name, strlen(all->v[i].name));
    qm_pg_array_end(p);
    qm_pg_array_begin(p, QM_PG_TEXT);
    for (size_t i = 0; i < all->n; i++) {
        char digit = (char)('0' + all->v[i].place);
        if (all->v[i].place != 0)
            qm_pg_array_bytes(p, &digit, 1);
        else
            qm_pg_array_null(p);
    }
    qm_pg_array_end(p);
    qm_pg_array_begin(p, QM_PG_BYTEA);
    for (size_t i = 0; i < all->n; i++)
        add_value(p, &all->v[i]);
    qm_pg_array_end(p);
    qm_pg_array_begin(p, QM_PG_BYTEA);
    for (size_t i = 0; i < all->n; i++) {
        if (all->v[i].has_mac)
            qm_pg_array_bytes(p, all->v[i].mac, sizeof all->v[i].mac);
        else
            qm_pg_array_null(p);
    }
    qm_pg_array_end(p);
}

static int edit(struct qm_office *a, bool household, const struct field *fields, size_t n)
{
    const char *name = a->option[household ? QM_O_HOUSEHOLD : QM_O_RESIDENT];
    uint8_t id[QM_ID_BYTES];
    struct values all = {0};
    int64_t status = 0;
    struct qm_pg_result *r = NULL;
    int code = qm_office_pseudonym(a, household ? "--household" : "--resident", name, id);
    if (code == QM_OFFICE_OK)
        code = household ? qm_office_household_in(a, id) : qm_office_resident_in(a, id);
    if (code == QM_OFFICE_OK)
        code = read_values(a, fields, n, id, &all);
    if (code == QM_OFFICE_OK && all.n == 0)
        code = qm_office_fail(a, QM_OFFICE_USAGE, "give at least one field and its new value");
    if (code == QM_OFFICE_OK) {
        struct qm_pg_params *p = qm_office_params_by(a);
        qm_office_add_text(p, household ? "household" : "resident");
        qm_pg_uuid(p, id);
        add_values(p, &all);
        code = qm_office_call(a, "register_edit", p, &status, &r);
    }
    values_free(&all);
    if (code == QM_OFFICE_OK && status != 0)
        code = qm_office_fail(a, QM_OFFICE_REFUSED, "%s; nothing was changed",
                              status == 12 ? "another household of this village has this number"
                                           : "it is not in the register, or was merged");
    if (code == QM_OFFICE_OK) {
        qm_office_int(a, "fields", qm_pg_get_int(r, 0, 1));
        qm_office_say(a, "%s: %lld changed", name, (long long)qm_pg_get_int(r, 0, 1));
    }
    qm_pgb_result_free(r);
    return code;
}

int qm_office_household_edit(struct qm_office *a)
{
    return edit(a, true, household_fields, sizeof household_fields / sizeof household_fields[0]);
}

int qm_office_resident_edit(struct qm_office *a)
{
    return edit(a, false, resident_fields, sizeof resident_fields / sizeof resident_fields[0]);
}

/* ---- split ---- */

struct split {
    uint8_t from[QM_ID_BYTES], fresh[QM_ID_BYTES];
    char name[QM_PSEUDONYM_CHARS + 1];
    int64_t grid;
    int place;
    struct values all;
    struct qm_pg_result *old; /* place, grid, group, lane of the old household */
};

static int read_fresh(struct qm_office *a, struct split *s)
{
    const char *given = a->option[QM_O_INTO];
    if (given != NULL)
        return qm_office_pseudonym(a, "--into", given, s->fresh);
    return getrandom(s->fresh, QM_ID_BYTES, 0) == QM_ID_BYTES
               ? QM_OFFICE_OK
               : qm_office_fail(a, QM_OFFICE_AWAY, "no random bytes");
}

static int read_old(struct qm_office *a, struct split *s)
{
    struct qm_pg_params *p = qm_office_params(a);
    qm_pg_uuid(p, s->from);
    int code = qm_office_query(a, "household_place", p, &s->old);
    if (code == QM_OFFICE_OK && qm_pg_rows(s->old) != 1)
        return qm_office_fail(a, QM_OFFICE_REFUSED, "the household is not in the register");
    if (code == QM_OFFICE_OK) {
        s->place = (int)qm_pg_get_int(s->old, 0, 0);
        s->grid = qm_pg_get_int(s->old, 0, 1);
    }
    return code;
}

static int read_split(struct qm_office *a, struct split *s)
{
    const char *grid = a->option[QM_O_GRID];
    int code = qm_office_pseudonym(a, "--household", a->option[QM_O_HOUSEHOLD], s->from);
    if (code == QM_OFFICE_OK)
        code = qm_office_household_in(a, s->from);
    if (code == QM_OFFICE_OK)
        code = read_fresh(a, s);
    if (code == QM_OFFICE_OK)
        code = read_old(a, s);
    if (code == QM_OFFICE_OK)
        code = read_values(a, household_fields,
                           sizeof household_fields / sizeof household_fields[0], s->fresh, &s->all);
    if (code == QM_OFFICE_OK && grid != NULL &&
        (!qm_office_area_ok(a, grid) || qm_grid_read(grid, strlen(grid), &s->grid) != QM_OK))
        code =
            qm_office_fail(a, QM_OFFICE_USAGE, "--grid: \"%s\" is no grid of %s", grid, a->prefix);
    qm_pseudonym_write(s->fresh, s->name);
    return code;
}

static const struct value *value_of(const struct split *s, enum qm_office_option option)
{
    for (size_t i = 0; i < s->all.n; i++) {
        if (strcmp(s->all.v[i].name, qm_office_option_name((int)option)) == 0)
            return &s->all.v[i];
    }
    return NULL;
}

static void add_label(struct qm_pg_params *p, const struct split *s, enum qm_office_option option,
                      int old_column)
{
    const struct value *v = value_of(s, option);
    qm_office_add_text(p, v != NULL         ? v->text
                          : old_column >= 0 ? qm_pg_get_text(s->old, 0, old_column)
                                            : "");
}

static void add_sealed(struct qm_pg_params *p, const struct value *v)
{
    if (v != NULL && v->sealed.bytes.len > 0)
        qm_pg_bytea(p, v->sealed.bytes.p, v->sealed.bytes.len);
    else
        qm_pg_null(p, QM_PG_BYTEA);
}

static int send_split(struct qm_office *a, const struct split *s, int64_t *status)
{
    enum { OLD_GROUP = 2, OLD_LANE };
    struct qm_pg_params *p = qm_office_params_by(a);
    const struct value *place = value_of(s, QM_O_PLACE);
    const struct value *phone = value_of(s, QM_O_PHONE);
    uint8_t id[QM_ID_BYTES];
    qm_pg_uuid(p, s->from);
    qm_pg_uuid(p, s->fresh);
    qm_pg_array_begin(p, QM_PG_UUID);
    for (int i = 0; i < a->values; i++) {
        if (qm_office_pseudonym(a, "a resident", a->value[i], id) != QM_OFFICE_OK) {
            qm_pg_params_free(p);
            return QM_OFFICE_USAGE;
        }
        qm_pg_array_bytes(p, id, QM_ID_BYTES);
    }
    qm_pg_array_end(p);
    qm_pg_int8(p, s->grid);
    qm_pg_int2(p, place != NULL ? place->place : s->place);
    add_label(p, s, QM_O_GROUP, OLD_GROUP);
    add_label(p, s, QM_O_LANE, OLD_LANE);
    add_label(p, s, QM_O_DOOR, -1);
    add_sealed(p, value_of(s, QM_O_HEAD));
    add_sealed(p, phone);
    if (phone != NULL && phone->has_mac)
        qm_pg_bytea(p, phone->mac, sizeof phone->mac);
    else
        qm_pg_null(p, QM_PG_BYTEA);
    return qm_office_call(a, "split_household", p, status, NULL);
}

int qm_office_household_split(struct qm_office *a)
{
    struct split s = {0};
    int64_t status = 0;
    int code = read_split(a, &s);
    if (code == QM_OFFICE_OK)
        code = send_split(a, &s, &status);
    if (code == QM_OFFICE_OK && status != 0)
        code = qm_office_fail(
            a, QM_OFFICE_REFUSED, "%s; nothing was changed",
            status == 1   ? "choose who goes; and the new household's pseudonym must be a new one"
            : status == 6 ? "the grid is not known in this county"
            : status == 8 ? "somebody of them does not live in this household"
                          : "the household is not in the register, or was merged");
    if (code == QM_OFFICE_OK) {
        qm_office_str(a, "household", s.name);
        qm_office_say(a, "%d of %s: into the new household %s", a->values,
                      a->option[QM_O_HOUSEHOLD], s.name);
    }
    values_free(&s.all);
    qm_pgb_result_free(s.old);
    return code;
}

/* ---- taking back ---- */

static const char *undo_refusal(int64_t status)
{
    switch (status) {
    case 5:
        return "there is no such change in this area";
    case 8:
        return "the household from then does not stand any more: move or merge by hand";
    case 9:
        return "something was changed there since: take back the later change first";
    case 10:
        return "this one cannot be taken back: it takes something back itself, or what it replaced "
               "is not kept any more";
    default:
        return "another household of the village has the number from then";
    }
}

/* Whoever may not move or merge may not take such a change back either. */
static int undo_allowed(struct qm_office *a, int64_t rev, const uint8_t *subject)
{
    struct qm_pg_params *p = qm_office_params(a);
    struct qm_pg_result *r = NULL;
    qm_pg_int8(p, rev);
    if (subject != NULL)
        qm_pg_uuid(p, subject);
    else
        qm_pg_null(p, QM_PG_UUID);
    int code = qm_office_query(a, "change_moves", p, &r);
    bool moves = code == QM_OFFICE_OK && qm_pg_rows(r) > 0;
    qm_pgb_result_free(r);
    return code == QM_OFFICE_OK && moves && !a->may_move
               ? qm_office_fail(a, QM_OFFICE_REFUSED,
                                "moves, merges and splits are taken back by the township")
               : code;
}

int qm_office_undo(struct qm_office *a)
{
    const char *household = a->option[QM_O_HOUSEHOLD];
    const char *name = household != NULL ? household : a->option[QM_O_RESIDENT];
    const char *t = a->option[QM_O_REV];
    uint8_t id[QM_ID_BYTES];
    int64_t rev = 0;
    int64_t status = 0;
    int code = QM_OFFICE_OK;
    if (qm_dec_read(t, strlen(t), QM_INT_MAX, &rev) != QM_OK)
        return qm_office_fail(a, QM_OFFICE_USAGE, "rev: \"%s\" is no number of a change", t);
    if (household != NULL && a->option[QM_O_RESIDENT] != NULL)
        return qm_office_fail(a, QM_OFFICE_USAGE, "give either a household or a resident");
    if (name != NULL)
        code = qm_office_pseudonym(a, "the subject", name, id);
    if (code == QM_OFFICE_OK)
        code = undo_allowed(a, rev, name != NULL ? id : NULL);
    if (code != QM_OFFICE_OK)
        return code;
    struct qm_pg_params *p = qm_office_params_by(a);
    qm_office_add_text(p, a->prefix);
    qm_pg_int8(p, rev);
    if (name != NULL)
        qm_pg_uuid(p, id);
    else
        qm_pg_null(p, QM_PG_UUID);
    code = qm_office_call(a, "register_undo", p, &status, NULL);
    if (code == QM_OFFICE_OK && status != 0)
        return qm_office_fail(a, QM_OFFICE_REFUSED, "%s; nothing was changed",
                              undo_refusal(status));
    if (code == QM_OFFICE_OK)
        qm_office_say(a, "change %lld is taken back", (long long)rev);
    return code;
}
