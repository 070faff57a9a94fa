/* office_decide.c - floor 4: held events, decisions, erasure.
 * Happy path: ids are read, the function is called once for all of them, the log entry is named.
 * Failure: one unknown id refuses the whole call and is named.
 */
#include <stdlib.h>
#include <string.h>

#include "edge/office_sheet.h"
#include "wire/event.h"
#include "wire/json.h"

/* ---- held list ---- */

static const char *hold_word(int64_t hold)
{
    return hold == 1 ? "revoked" : hold == 2 ? "scope" : "moved";
}

static void held_row(struct qm_office *a, const struct qm_pg_result *r, int i, struct qm_buf *json)
{
    char id[QM_UUID_CHARS + 1];
    size_t len = 0;
    qm_uuid_write(qm_pg_get_bytes(r, i, 0, &len), id);
    const char *kind = qm_word("kind", (int)qm_pg_get_int(r, i, 1));
    qm_buf_printf(json,
                  "%s{\"event\":\"%s\",\"kind\":\"%s\",\"hold\":\"%s\",\"grid\":\"%lld\","
                  "\"account\":\"%s\",\"recv\":%lld,\"index\":%lld",
                  i > 0 ? "," : "", id, kind, hold_word(qm_pg_get_int(r, i, 2)),
                  (long long)qm_pg_get_int(r, i, 3), qm_pg_get_text(r, i, 4),
                  (long long)qm_pg_get_int(r, i, 5), (long long)qm_pg_get_int(r, i, 6));
    char household[QM_PSEUDONYM_CHARS + 1] = "";
    if (!qm_pg_is_null(r, i, 7)) {
        qm_pseudonym_write(qm_pg_get_bytes(r, i, 7, &len), household);
        qm_buf_printf(json, ",\"household\":\"%s\"", household);
    }
    qm_buf_puts(json, "}");
    qm_office_say(a, "%s  %-9s %-7s grid %lld  %s  %s", id, kind, hold_word(qm_pg_get_int(r, i, 2)),
                  (long long)qm_pg_get_int(r, i, 3), qm_pg_get_text(r, i, 4), household);
}

int qm_office_held_list(struct qm_office *a)
{
    char own[16];
    const char *prefix = qm_office_prefix(a, own);
    if (prefix == NULL)
        return QM_OFFICE_USAGE;
    struct qm_pg_params *p = qm_office_params(a);
    qm_office_add_text(p, prefix);
    struct qm_pg_result *r = NULL;
    int code = qm_office_query(a, "held_open", p, &r);
    if (code != QM_OFFICE_OK)
        return code;
    struct qm_buf json;
    qm_buf_init(&json, a->members.max_bytes);
    qm_buf_puts(&json, "[");
    for (int i = 0; i < qm_pg_rows(r); i++)
        held_row(a, r, i, &json);
    qm_buf_puts(&json, "]");
    qm_office_int(a, "held", qm_pg_rows(r));
    qm_office_raw(a, "list", &json);
    qm_office_say(a, "%d held events without a decision", qm_pg_rows(r));
    qm_buf_free(&json);
    qm_pgb_result_free(r);
    return QM_OFFICE_OK;
}

/* ---- decide ---- */

static int events_given(struct qm_office *a, struct qm_pg_params *p)
{
    uint8_t id[QM_ID_BYTES];
    qm_pg_array_begin(p, QM_PG_UUID);
    for (int i = 0; i < a->values; i++) {
        if (qm_uuid_read(a->value[i], strlen(a->value[i]), 7, id) != QM_OK)
            return qm_office_fail(a, QM_OFFICE_USAGE, "\"%s\" is no event id (UUIDv7)",
                                  a->value[i]);
        qm_pg_array_bytes(p, id, QM_ID_BYTES);
    }
    qm_pg_array_end(p);
    return QM_OFFICE_OK;
}

/* What an event brings that creates a household or resident, once it counts: opened from P and
 * sealed for the register. */
struct card {
    uint8_t event[QM_ID_BYTES];
    bool has_born, has_mac;
    int32_t born;
    uint8_t mac[32];
    struct qm_sealed name, phone;
    struct qm_buf door;
};

static qm_err seal_for(const struct qm_seal *seal, const char *purpose,
                       const uint8_t id[QM_ID_BYTES], const char *clear, struct qm_sealed *out)
{
    if (clear == NULL || clear[0] == '\0')
        return QM_OK;
    return qm_seal_close(seal, purpose, id, QM_ID_BYTES, clear, strlen(clear), out);
}

static qm_err card_of_private(const struct qm_seal *seal, const struct qm_private *pv,
                              const uint8_t subject[QM_ID_BYTES], struct card *c)
{
    char digits[24];
    c->has_born = pv->has_born;
    c->born = pv->born_day;
    qm_err err = seal_for(seal, QM_PURPOSE_NAME, subject, pv->name, &c->name);
    if (err == QM_OK)
        err = seal_for(seal, QM_PURPOSE_PHONE, subject, pv->phone, &c->phone);
    qm_sheet_phone_digits(pv->phone != NULL ? pv->phone : "", digits);
    c->has_mac = digits[0] != '\0';
    if (c->has_mac)
        qm_seal_phone_mac(seal, digits, c->mac);
    explicit_bzero(digits, sizeof digits);
    if (err == QM_OK && pv->door != NULL)
        err = qm_buf_puts(&c->door, pv->door);
    return err;
}

/* Columns: id, subject, p.  Erased P gives an empty card. */
static qm_err read_card(struct qm_office *a, const struct qm_pg_result *r, int i, struct card *c)
{
    size_t len = 0;
    size_t sealed_len = 0;
    memset(c, 0, sizeof *c);
    qm_buf_init(&c->name.bytes, 1024);
    qm_buf_init(&c->phone.bytes, 1024);
    qm_buf_init(&c->door, QM_P_STRING_MAX_BYTES);
    memcpy(c->event, qm_pg_get_bytes(r, i, 0, &len), QM_ID_BYTES);
    if (qm_pg_is_null(r, i, 2))
        return QM_OK;
    const uint8_t *subject = qm_pg_get_bytes(r, i, 1, &len);
    const uint8_t *sealed = qm_pg_get_bytes(r, i, 2, &sealed_len);
    struct qm_buf clear;
    struct qm_private pv = {0};
    qm_buf_init(&clear, QM_P_MAX_BYTES);
    qm_err err =
        qm_seal_open(a->seal, QM_PURPOSE_P, c->event, QM_ID_BYTES, sealed, sealed_len, &clear);
    if (err == QM_OK)
        err = qm_private_read((const char *)clear.p, clear.len, &pv);
    if (err == QM_OK)
        err = card_of_private(a->seal, &pv, subject, c);
    qm_private_free(&pv);
    qm_buf_wipe(&clear);
    return err;
}

static void add_card_bytes(struct qm_pg_params *p, const struct card *c, size_t n, int which)
{
    qm_pg_array_begin(p, QM_PG_BYTEA);
    for (size_t i = 0; i < n; i++) {
        const struct qm_buf *b = which == 0 ? &c[i].name.bytes : &c[i].phone.bytes;
        if (which == 2 && c[i].has_mac)
            qm_pg_array_bytes(p, c[i].mac, sizeof c[i].mac);
        else if (which != 2 && b->len > 0)
            qm_pg_array_bytes(p, b->p, b->len);
        else
            qm_pg_array_null(p);
    }
    qm_pg_array_end(p);
}

static void add_cards(struct qm_pg_params *p, const struct card *c, size_t n)
{
    qm_pg_array_begin(p, QM_PG_UUID);
    for (size_t i = 0; i < n; i++)
        qm_pg_array_bytes(p, c[i].event, QM_ID_BYTES);
    qm_pg_array_end(p);
    qm_pg_array_begin(p, QM_PG_DATE);
    for (size_t i = 0; i < n; i++) {
        if (c[i].has_born)
            qm_pg_array_int(p, c[i].born);
        else
            qm_pg_array_null(p);
    }
    qm_pg_array_end(p);
    add_card_bytes(p, c, n, 0);
    add_card_bytes(p, c, n, 1);
    add_card_bytes(p, c, n, 2);
    qm_pg_array_begin(p, QM_PG_TEXT);
    for (size_t i = 0; i < n; i++)
        qm_pg_array_bytes(p, c[i].door.p != NULL ? (const char *)c[i].door.p : "", c[i].door.len);
    qm_pg_array_end(p);
}

static void free_cards(struct card *c, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        qm_buf_wipe(&c[i].name.bytes);
        qm_buf_wipe(&c[i].phone.bytes);
        qm_buf_wipe(&c[i].door);
    }
    free(c);
}

/* Only events that were recorded in the area, or whose household stands there. */
static int events_in(struct qm_office *a)
{
    struct qm_pg_params *p = qm_office_params(a);
    struct qm_pg_result *r = NULL;
    int code = events_given(a, p);
    if (code != QM_OFFICE_OK) {
        qm_pg_params_free(p);
        return code;
    }
    qm_office_add_text(p, a->prefix);
    code = qm_office_query(a, "event_outside", p, &r);
    if (code == QM_OFFICE_OK && qm_pg_rows(r) > 0) {
        char uuid[QM_UUID_CHARS + 1];
        size_t len = 0;
        qm_uuid_write(qm_pg_get_bytes(r, 0, 0, &len), uuid);
        code = qm_office_fail(a, QM_OFFICE_REFUSED, "%s was not recorded in %s; nothing was done",
                              uuid, a->prefix);
    }
    qm_pgb_result_free(r);
    return code;
}

/* Cards of the given events that may create something. */
static int load_cards(struct qm_office *a, struct card **out, size_t *n)
{
    struct qm_pg_params *p = qm_office_params(a);
    int code = events_given(a, p);
    if (code != QM_OFFICE_OK) {
        qm_pg_params_free(p);
        return code;
    }
    struct qm_pg_result *r = NULL;
    code = qm_office_query(a, "event_private", p, &r);
    if (code != QM_OFFICE_OK)
        return code;
    size_t rows = (size_t)qm_pg_rows(r);
    struct card *c = calloc(rows + 1, sizeof *c);
    qm_err err = c == NULL ? QM_E_NOMEM : QM_OK;
    size_t read = 0;
    while (err == QM_OK && read < rows) {
        err = read_card(a, r, (int)read, &c[read]);
        read++;
    }
    qm_pgb_result_free(r);
    if (err != QM_OK) {
        free_cards(c, read);
        return qm_office_fail(a, QM_OFFICE_AWAY,
                              "the private part of an event does not open (%s): is this the right "
                              "master key?",
                              qm_err_text(err, "en"));
    }
    *out = c;
    *n = rows;
    return QM_OFFICE_OK;
}

static void add_repeated(struct qm_office *a, struct qm_pg_params *p, bool in, const char *word)
{
    qm_pg_array_begin(p, QM_PG_BOOL);
    for (int i = 0; i < a->values; i++)
        qm_pg_array_int(p, in);
    qm_pg_array_end(p);
    qm_pg_array_begin(p, QM_PG_TEXT);
    for (int i = 0; i < a->values; i++)
        qm_pg_array_bytes(p, word, strlen(word));
    qm_pg_array_end(p);
}

/* status, idx, bad, size ... of decide and erase */
static int say_entry(struct qm_office *a, int code, int64_t status, const struct qm_pg_result *r,
                     const char *done)
{
    if (code != QM_OFFICE_OK)
        return code;
    if (status == 0) {
        qm_office_say(a, "%d %s", a->values, done);
        qm_office_logged(a, r, 1, 3);
        return QM_OFFICE_OK;
    }
    if (qm_pg_is_null(r, 0, 2))
        return qm_office_fail(a, QM_OFFICE_USAGE, "too many ids in one call");
    char uuid[QM_UUID_CHARS + 1];
    char pseudonym[QM_PSEUDONYM_CHARS + 1];
    size_t len = 0;
    const uint8_t *bad = qm_pg_get_bytes(r, 0, 2, &len);
    qm_uuid_write(bad, uuid);
    qm_pseudonym_write(bad, pseudonym);
    return qm_office_fail(a, QM_OFFICE_REFUSED,
                          "%s (%s) is not recorded in county %06d, or is there twice; nothing was "
                          "done",
                          uuid, pseudonym, a->county);
}

/* The grid that an event names is not in the register, and what the event creates would stand
 * there.
 */
static int say_astray(struct qm_office *a, const struct qm_pg_result *r)
{
    char uuid[QM_UUID_CHARS + 1];
    size_t len = 0;
    const uint8_t *bad = qm_pg_get_bytes(r, 0, 2, &len);
    struct qm_pg_params *p = qm_office_params(a);
    struct qm_pg_result *event = NULL;
    qm_uuid_write(bad, uuid);
    qm_pg_uuid(p, bad);
    int code = qm_office_query(a, "event_grid", p, &event);
    if (code != QM_OFFICE_OK)
        return code;
    long long grid = qm_pg_rows(event) == 1 ? (long long)qm_pg_get_int(event, 0, 0) : 0;
    qm_pgb_result_free(event);
    return qm_office_fail(
        a, QM_OFFICE_REFUSED,
        "%s would put something new into grid %015lld, which county %06d does not "
        "have; nothing was done. Import the grid first (qiaomend admin grids "
        "import FILE --county %06d) and decide again, or decide out",
        uuid, grid, a->county, a->county);
}

static int decide(struct qm_office *a, bool in)
{
    const char *word = a->option[QM_O_CODE];
    if (!qm_code_ok(word, strlen(word)))
        return qm_office_fail(a, QM_OFFICE_USAGE,
                              "--code: \"%s\" is no code: lower-case letters, digits, - and _",
                              word);
    struct card *cards = NULL;
    size_t n = 0;
    int code = events_in(a);
    if (code == QM_OFFICE_OK)
        code = load_cards(a, &cards, &n);
    if (code != QM_OFFICE_OK)
        return code;
    struct qm_pg_params *p = qm_office_params_by(a);
    (void)events_given(a, p); /* load_cards has read them already */
    add_repeated(a, p, in, word);
    add_cards(p, cards, n);
    free_cards(cards, n);
    int64_t status = 0;
    struct qm_pg_result *r = NULL;
    code = qm_office_call(a, "decide", p, &status, &r);
    if (code == QM_OFFICE_OK && status == 6)
        code = say_astray(a, r);
    else
        code = say_entry(a, code, status, r, in ? "events count now" : "events are out now");
    qm_pgb_result_free(r);
    return code;
}

int qm_office_decide_in(struct qm_office *a)
{
    return decide(a, true);
}

int qm_office_decide_out(struct qm_office *a)
{
    return decide(a, false);
}

/* ---- erase ---- */

static void add_ids_of(struct qm_office *a, struct qm_pg_params *p, bool events)
{
    uint8_t id[QM_ID_BYTES];
    qm_pg_array_begin(p, QM_PG_UUID);
    for (int i = 0; i < a->values; i++) {
        const char *t = a->value[i];
        bool fits = events ? qm_uuid_read(t, strlen(t), 7, id) == QM_OK
                           : qm_pseudonym_read(t, strlen(t), id) == QM_OK;
        if (fits)
            qm_pg_array_bytes(p, id, QM_ID_BYTES);
    }
    qm_pg_array_end(p);
}

int qm_office_erase(struct qm_office *a)
{
    uint8_t id[QM_ID_BYTES];
    for (int i = 0; i < a->values; i++) {
        const char *t = a->value[i];
        if (qm_uuid_read(t, strlen(t), 7, id) != QM_OK &&
            qm_pseudonym_read(t, strlen(t), id) != QM_OK)
            return qm_office_fail(a, QM_OFFICE_USAGE,
                                  "\"%s\" is neither an event id nor a pseudonym", t);
    }
    struct qm_pg_params *p = qm_office_params_by(a);
    add_ids_of(a, p, true);
    add_ids_of(a, p, false);
    int64_t status = 0;
    struct qm_pg_result *r = NULL;
    int code = qm_office_call(a, "erase", p, &status, &r);
    code = say_entry(a, code, status, r,
                     "erased: private parts and pictures are gone, the proofs stay");
    qm_pgb_result_free(r);
    return code;
}
