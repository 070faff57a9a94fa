/* pg_values.c - floor 2: parameters and results in PostgreSQL's binary format.
 *
 * Happy path: parameters are appended to one buffer and bound by offset when they are sent; results
 * are read in place. Formats: integers big-endian, bool one byte, date days since 2000-01-01, text
 * and bytea as they are, uuid 16 bytes, arrays as array_send and array_recv of PostgreSQL's
 * src/backend/utils/adt/arrayfuncs.c have them. Failure modes: the first failure (no memory, too
 * much, a value that does not fit its type, a call out of order) stays in params->err and comes out
 * when they are used; a read outside the result, or of another type, is our bug and gives null.
 */
#include "drivers/pg_private.h"

#include <stdlib.h>
#include <string.h>

#include "base/log.h"

enum { ARRAY_HEAD_BYTES = 12, ARRAY_DIM_BYTES = 8 };

static void put_be(uint8_t *to, uint64_t v, int bytes)
{
    for (int i = 0; i < bytes; i++) {
        to[i] = (uint8_t)(v >> (8 * (bytes - 1 - i)));
    }
}

static int64_t get_be(const uint8_t *from, int bytes)
{
    uint64_t v = (from[0] & 0x80) != 0 ? UINT64_MAX : 0;
    for (int i = 0; i < bytes; i++) {
        v = v << 8 | from[i];
    }
    return (int64_t)v;
}

static Oid array_oid(enum qm_pg_type element)
{
    switch (element) {
    case QM_PG_BOOL:
        return 1000;
    case QM_PG_BYTEA:
        return 1001;
    case QM_PG_INT2:
        return 1005;
    case QM_PG_INT4:
        return 1007;
    case QM_PG_TEXT:
        return 1009;
    case QM_PG_INT8:
        return 1016;
    case QM_PG_DATE:
        return 1182;
    case QM_PG_UUID:
        return 2951;
    }
    return 0;
}

/* Bytes of an integer type on the wire; 0 for the others. */
static int int_bytes(Oid type)
{
    switch (type) {
    case QM_PG_BOOL:
        return 1;
    case QM_PG_INT2:
        return 2;
    case QM_PG_INT4:
    case QM_PG_DATE:
        return 4;
    case QM_PG_INT8:
        return 8;
    default:
        return 0;
    }
}

/* Writes v as the type has it; QM_E_INVALID if it does not fit. */
static qm_err encode_int(Oid type, int64_t v, uint8_t out[8])
{
    if (type == QM_PG_DATE) {
        if (v < INT32_MIN + QM_PG_DATE_OFFSET_DAYS || v > INT32_MAX) {
            return QM_E_INVALID;
        }
        v -= QM_PG_DATE_OFFSET_DAYS;
    }
    int bytes = int_bytes(type);
    bool fits = bytes == 8 || (bytes == 4 && v >= INT32_MIN && v <= INT32_MAX) ||
                (bytes == 2 && v >= INT16_MIN && v <= INT16_MAX) ||
                (bytes == 1 && (v == 0 || v == 1));
    if (!fits) {
        return QM_E_INVALID;
    }
    put_be(out, (uint64_t)v, bytes);
    return QM_OK;
}

static int64_t decode_int(Oid type, const uint8_t *from)
{
    int64_t v = get_be(from, int_bytes(type));
    return type == QM_PG_DATE ? v + QM_PG_DATE_OFFSET_DAYS : v;
}

/* ---- parameters ---- */

struct qm_pg_params *qm_pg_params_new(void)
{
    struct qm_pg_params *p = calloc(1, sizeof *p);
    if (p != NULL) {
        qm_buf_init(&p->data, QM_PG_PARAMS_MAX_BYTES);
    }
    return p;
}

void qm_pg_params_free(struct qm_pg_params *p)
{
    if (p == NULL) {
        return;
    }
    qm_buf_wipe(&p->data); /* it may hold an opened name or a token */
    free(p);
}

/* False if the call does nothing: no parameters object, an earlier failure, or out of order. */
static bool usable(struct qm_pg_params *p, bool in_array)
{
    if (p == NULL || p->err != QM_OK) {
        return false;
    }
    if (p->in_array != in_array) {
        p->err = QM_E_INVALID;
        return false;
    }
    return true;
}

static void append(struct qm_pg_params *p, const void *bytes, size_t len)
{
    if (len > 0 && p->err == QM_OK) {
        p->err = qm_buf_add(&p->data, bytes, len);
    }
}

/* Opens the next parameter; its length is known when it is closed. */
static void begin_param(struct qm_pg_params *p, Oid type)
{
    if (p->count == QM_PG_PARAMS_MAX) {
        p->err = QM_E_INVALID;
        return;
    }
    p->types[p->count] = type;
    p->at[p->count] = p->data.len;
}

static void end_param(struct qm_pg_params *p)
{
    if (p->err == QM_OK) {
        p->lengths[p->count] = (int)(p->data.len - p->at[p->count]);
        p->count++;
    }
}

static void add_param(struct qm_pg_params *p, Oid type, const void *bytes, size_t len)
{
    if (!usable(p, false)) {
        return;
    }
    begin_param(p, type);
    append(p, bytes, len);
    end_param(p);
}

static void add_int(struct qm_pg_params *p, Oid type, int64_t v)
{
    uint8_t wire[8];
    if (!usable(p, false)) {
        return;
    }
    p->err = encode_int(type, v, wire);
    if (p->err == QM_OK) {
        add_param(p, type, wire, (size_t)int_bytes(type));
    }
}

void qm_pg_null(struct qm_pg_params *p, enum qm_pg_type type)
{
    if (!usable(p, false)) {
        return;
    }
    begin_param(p, type);
    if (p->err == QM_OK) {
        p->lengths[p->count++] = -1;
    }
}

void qm_pg_bool(struct qm_pg_params *p, bool v)
{
    add_int(p, QM_PG_BOOL, v ? 1 : 0);
}

void qm_pg_int2(struct qm_pg_params *p, int v)
{
    add_int(p, QM_PG_INT2, v);
}

void qm_pg_int4(struct qm_pg_params *p, int32_t v)
{
    add_int(p, QM_PG_INT4, v);
}

void qm_pg_int8(struct qm_pg_params *p, int64_t v)
{
    add_int(p, QM_PG_INT8, v);
}

void qm_pg_date(struct qm_pg_params *p, int32_t unix_day)
{
    add_int(p, QM_PG_DATE, unix_day);
}

void qm_pg_text(struct qm_pg_params *p, const char *s, size_t len)
{
    add_param(p, QM_PG_TEXT, s, len);
}

void qm_pg_bytea(struct qm_pg_params *p, const void *v, size_t len)
{
    add_param(p, QM_PG_BYTEA, v, len);
}

void qm_pg_uuid(struct qm_pg_params *p, const uint8_t v[16])
{
    add_param(p, QM_PG_UUID, v, 16);
}

void qm_pg_array_begin(struct qm_pg_params *p, enum qm_pg_type element)
{
    static const uint8_t room[ARRAY_HEAD_BYTES + ARRAY_DIM_BYTES] = {0};
    if (!usable(p, false)) {
        return;
    }
    begin_param(p, array_oid(element));
    append(p, room, sizeof room); /* filled in at the end, when count and nulls are known */
    p->in_array = true;
    p->array_has_null = false;
    p->array_type = element;
    p->array_count = 0;
}

static void add_element(struct qm_pg_params *p, int32_t wire_len, const void *v)
{
    uint8_t len[4];
    put_be(len, (uint32_t)wire_len, 4);
    append(p, len, sizeof len);
    if (wire_len > 0) {
        append(p, v, (size_t)wire_len);
    }
    p->array_count++; /* cannot overflow: each costs four bytes of a capped buffer */
}

void qm_pg_array_null(struct qm_pg_params *p)
{
    if (usable(p, true)) {
        p->array_has_null = true;
        add_element(p, -1, NULL);
    }
}

void qm_pg_array_int(struct qm_pg_params *p, int64_t v)
{
    uint8_t wire[8];
    if (!usable(p, true)) {
        return;
    }
    p->err = encode_int(p->array_type, v, wire);
    if (p->err == QM_OK) {
        add_element(p, int_bytes(p->array_type), wire);
    }
}

void qm_pg_array_bytes(struct qm_pg_params *p, const void *v, size_t len)
{
    if (!usable(p, true)) {
        return;
    }
    bool wrong_type = int_bytes(p->array_type) != 0 || (p->array_type == QM_PG_UUID && len != 16);
    if (wrong_type || len > QM_PG_PARAMS_MAX_BYTES) {
        p->err = wrong_type ? QM_E_INVALID : QM_E_TOO_LARGE;
        return;
    }
    add_element(p, (int32_t)len, v);
}

void qm_pg_array_end(struct qm_pg_params *p)
{
    if (!usable(p, true)) {
        return;
    }
    p->in_array = false;
    uint8_t *head = p->data.p + p->at[p->count];
    if (p->array_count == 0) { /* an empty array has no dimension at all */
        p->data.len -= ARRAY_DIM_BYTES;
        p->data.p[p->data.len] = 0;
    } else {
        put_be(head + ARRAY_HEAD_BYTES, (uint32_t)p->array_count, 4);
        put_be(head + ARRAY_HEAD_BYTES + 4, 1, 4); /* lower bound */
    }
    put_be(head, p->array_count == 0 ? 0 : 1, 4);
    put_be(head + 4, p->array_has_null ? 1 : 0, 4);
    put_be(head + 8, p->array_type, 4);
    end_param(p);
}

void qm_pg_bind(const struct qm_pg_params *p, struct qm_pg_bound *out)
{
    out->count = p == NULL ? 0 : p->count;
    for (int i = 0; i < out->count; i++) {
        out->formats[i] = 1;
        if (p->lengths[i] < 0) {
            out->values[i] = NULL;
        } else { /* an empty value must not look like null, even in a buffer that has no memory */
            out->values[i] = p->lengths[i] == 0 ? "" : (const char *)p->data.p + p->at[i];
        }
    }
}

/* ---- results ---- */

/* The bytes of a field; NULL for null and for what is not there. */
static const uint8_t *field(const struct qm_pg_result *r, int row, int col, int *len)
{
    *len = 0;
    if (row < 0 || row >= PQntuples(r->res) || col < 0 || col >= PQnfields(r->res)) {
        QM_BUG("field outside the result");
        return NULL;
    }
    if (PQgetisnull(r->res, row, col)) {
        return NULL;
    }
    *len = PQgetlength(r->res, row, col);
    return (const uint8_t *)PQgetvalue(r->res, row, col);
}

int qm_pg_rows(const struct qm_pg_result *r)
{
    return PQntuples(r->res);
}

bool qm_pg_is_null(const struct qm_pg_result *r, int row, int col)
{
    int len;
    return field(r, row, col, &len) == NULL;
}

int64_t qm_pg_get_int(const struct qm_pg_result *r, int row, int col)
{
    int len;
    const uint8_t *v = field(r, row, col, &len);
    if (v == NULL) {
        return 0;
    }
    Oid type = PQftype(r->res, col);
    if (int_bytes(type) == 0 || int_bytes(type) != len) {
        QM_BUG("field is no integer");
        return 0;
    }
    return decode_int(type, v);
}

const uint8_t *qm_pg_get_bytes(const struct qm_pg_result *r, int row, int col, size_t *len)
{
    int n;
    const uint8_t *v = field(r, row, col, &n);
    *len = (size_t)n;
    return v;
}

const char *qm_pg_get_text(const struct qm_pg_result *r, int row, int col)
{
    int len;
    return (const char *)field(r, row, col, &len); /* libpq puts a NUL behind every value */
}

/* A walk over the elements of an array field. */
struct elements {
    const uint8_t *v;
    size_t len, at;
    Oid type;
    int64_t count; /* 0 also if this is no array */
};

static struct elements elements_of(const struct qm_pg_result *r, int row, int col)
{
    struct elements e = {0};
    int len;
    e.v = field(r, row, col, &len);
    e.len = (size_t)len;
    if (e.v == NULL || e.len < ARRAY_HEAD_BYTES) {
        return e;
    }
    int64_t dims = get_be(e.v, 4);
    e.type = (Oid)get_be(e.v + 8, 4);
    e.at = ARRAY_HEAD_BYTES + (size_t)(dims > 0 ? dims : 0) * ARRAY_DIM_BYTES;
    if (dims <= 0 || dims > 6 || e.at > e.len ||
        array_oid((enum qm_pg_type)e.type) != PQftype(r->res, col)) {
        return e;
    }
    e.count = 1;
    for (int64_t d = 0; d < dims; d++) {
        int64_t size = get_be(e.v + ARRAY_HEAD_BYTES + d * ARRAY_DIM_BYTES, 4);
        if (size <= 0 || size > (int64_t)e.len || e.count > (int64_t)e.len) {
            e.count = 0; /* each element takes four bytes at least */
            return e;
        }
        e.count *= size;
    }
    return e;
}

/* Steps to the next element: its bytes or NULL for null.  False at the end. */
static bool next_element(struct elements *e, const uint8_t **v, size_t *len)
{
    *v = NULL;
    *len = 0;
    if (e->len < 4 || e->at > e->len - 4) {
        return false;
    }
    int64_t n = get_be(e->v + e->at, 4);
    e->at += 4;
    if (n < 0) {
        return true;
    }
    if ((size_t)n > e->len - e->at) {
        return false;
    }
    *v = e->v + e->at;
    *len = (size_t)n;
    e->at += (size_t)n;
    return true;
}

size_t qm_pg_get_ints(const struct qm_pg_result *r, int row, int col, int64_t *out, size_t max)
{
    struct elements e = elements_of(r, row, col);
    int bytes = int_bytes(e.type);
    const uint8_t *v;
    size_t len, n = 0;
    if (e.count > 0 && bytes == 0) {
        QM_BUG("field is no array of integers");
        return 0;
    }
    while (n < (size_t)e.count && next_element(&e, &v, &len)) {
        if (n < max) {
            out[n] = v != NULL && len == (size_t)bytes ? decode_int(e.type, v) : 0;
        }
        n++;
    }
    return n;
}

bool qm_pg_get_next(const struct qm_pg_result *r, int row, int col, size_t *at, const uint8_t **v,
                    size_t *len)
{
    *v = NULL;
    *len = 0;
    struct elements e = elements_of(r, row, col);
    if (e.count <= 0) {
        return false;
    }
    if (*at != 0) {
        e.at = *at;
    }
    bool more = next_element(&e, v, len);
    *at = e.at;
    return more;
}

void qm_pg_error_text(const PGresult *res, char sqlstate[6], char message[QM_PG_MESSAGE_MAX_BYTES])
{
    const char *state = PQresultErrorField(res, PG_DIAG_SQLSTATE);
    const char *text = PQresultErrorField(res, PG_DIAG_MESSAGE_PRIMARY);
    sqlstate[0] = message[0] = '\0';
    if (state != NULL && strlen(state) == 5) {
        memcpy(sqlstate, state, 6);
    }
    if (text == NULL) {
        return;
    }
    size_t len = strnlen(text, QM_PG_MESSAGE_MAX_BYTES - 1);
    if (strncmp(sqlstate, "22", 2) == 0) { /* data exceptions quote the value */
        size_t plain = strcspn(text, ":\"");
        len = plain < len ? plain : len;
        len -= len > 0 && text[len - 1] == ' ' ? 1 : 0;
    }
    memcpy(message, text, len);
    message[len] = '\0';
}
