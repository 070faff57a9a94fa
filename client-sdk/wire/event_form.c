/* event_form.c - floor 0: how one member of E is read and written.
 *
 * Happy path: the value's bytes have been seen to be 0x21..0x7E without a backslash, so a form only
 * checks its own shape.  Failure mode: false, which makes the whole E malformed.
 */
#include "wire/event_form.h"

#include <stdio.h>
#include <string.h>

const char *const qm_words_kind[] = {"",          "visit",    "notice", "pledge", "app",
                                     "household", "resident", "void",   NULL};
const char *const qm_words_outcome[] = {"",          "met",    "no_adult", "absent",
                                        "appointed", "gone",   "refused",  "no_entry",
                                        "moved",     "vacant", "none",     NULL};
const char *const qm_words_notice[] = {"", "signed", "left", "refused", NULL};
const char *const qm_words_pledge[] = {"", "signed", "refused", "later", "withdrawn", NULL};
const char *const qm_words_app[] = {
    "",      "installed", "refused", "later", "no_phone", "feature_phone",
    "unfit", "shared",    "removed", NULL};
const char *const qm_words_place[] = {"",       "home",   "shop",  "enterprise",
                                      "school", "office", "venue", NULL};
const char *const qm_words_household_why[] = {"", "found", "moved_in", "split", NULL};
const char *const qm_words_resident_why[] = {"",     "found", "moved_in", "moved_out", "away",
                                             "back", "died",  "wrong",    NULL};
const char *const qm_words_via[] = {"", "door", "phone", "video", "paper", "carried", NULL};
const char *const qm_words_near[] = {"", "yes", "no", "unknown", NULL};
const char *const qm_words_with[] = {"",       "police",    "village", "township",
                                     "helper", "volunteer", NULL};
const char *const qm_words_alerts[] = {"", "call_alert", "sms_alert", NULL};

int qm_words_find(const char *const *words, const char *t, size_t len)
{
    for (int i = 1; words[i] != NULL; i++) {
        if (words[i][0] == t[0] && strlen(words[i]) == len && memcmp(words[i], t, len) == 0)
            return i;
    }
    return 0;
}

const char *qm_words_at(const char *const *words, int number)
{
    if (number < 1)
        return NULL;
    for (int i = 1; words[i] != NULL; i++) {
        if (i == number)
            return words[i];
    }
    return NULL;
}

static void *place(const struct qm_field *f, struct qm_event *ev)
{
    return (char *)ev + f->offset;
}

static const void *place_const(const struct qm_field *f, const struct qm_event *ev)
{
    return (const char *)ev + f->offset;
}

static void put_string(struct qm_buf *out, const char *text, size_t len)
{
    qm_buf_add(out, "\"", 1);
    qm_buf_add(out, text, len);
    qm_buf_add(out, "\"", 1);
}

/* ---- numbers ---- */

static bool version_read(const struct qm_field *f, struct qm_value v, struct qm_event *ev)
{
    (void)f;
    (void)ev;
    return v.len == 1 && v.p[0] == '1';
}

static void version_write(const struct qm_field *f, const struct qm_event *ev, struct qm_buf *out)
{
    (void)f;
    (void)ev;
    qm_buf_add(out, "1", 1);
}

static bool int64_read(const struct qm_field *f, struct qm_value v, struct qm_event *ev)
{
    int64_t n = 0;
    if (qm_dec_read(v.p, v.len, f->hi, &n) != QM_OK || n < f->lo)
        return false;
    memcpy(place(f, ev), &n, sizeof n);
    return true;
}

static void int64_write(const struct qm_field *f, const struct qm_event *ev, struct qm_buf *out)
{
    int64_t n = 0;
    memcpy(&n, place_const(f, ev), sizeof n);
    qm_buf_printf(out, "%lld", (long long)n);
}

static bool int32_read(const struct qm_field *f, struct qm_value v, struct qm_event *ev)
{
    int64_t n = 0;
    if (qm_dec_read(v.p, v.len, f->hi, &n) != QM_OK || n < f->lo)
        return false;
    int32_t narrow = (int32_t)n;
    memcpy(place(f, ev), &narrow, sizeof narrow);
    return true;
}

static void int32_write(const struct qm_field *f, const struct qm_event *ev, struct qm_buf *out)
{
    int32_t n = 0;
    memcpy(&n, place_const(f, ev), sizeof n);
    qm_buf_printf(out, "%d", n);
}

static bool grid_read(const struct qm_field *f, struct qm_value v, struct qm_event *ev)
{
    (void)f;
    return qm_grid_read(v.p, v.len, &ev->grid) == QM_OK;
}

static void grid_write(const struct qm_field *f, const struct qm_event *ev, struct qm_buf *out)
{
    (void)f;
    qm_buf_printf(out, "\"%015lld\"", (long long)ev->grid);
}

static bool bool_read(const struct qm_field *f, struct qm_value v, struct qm_event *ev)
{
    if (v.len == 4) /* "true": the tokenizer knows no other of that length */
        ev->alerts |= 1U << f->shift;
    return true;
}

static void bool_write(const struct qm_field *f, const struct qm_event *ev, struct qm_buf *out)
{
    qm_buf_puts(out, (ev->alerts & 1U << f->shift) != 0 ? "true" : "false");
}

/* ---- ids, words, codes, days ---- */

static bool uuid7_read(const struct qm_field *f, struct qm_value v, struct qm_event *ev)
{
    return qm_uuid_read(v.p, v.len, 7, place(f, ev)) == QM_OK;
}

static void uuid7_write(const struct qm_field *f, const struct qm_event *ev, struct qm_buf *out)
{
    char text[QM_UUID_CHARS + 1];
    qm_uuid_write(place_const(f, ev), text);
    put_string(out, text, QM_UUID_CHARS);
}

static bool pseudonym_read(const struct qm_field *f, struct qm_value v, struct qm_event *ev)
{
    return qm_pseudonym_read(v.p, v.len, place(f, ev)) == QM_OK;
}

static void pseudonym_write(const struct qm_field *f, const struct qm_event *ev, struct qm_buf *out)
{
    char text[QM_PSEUDONYM_CHARS + 1];
    qm_pseudonym_write(place_const(f, ev), text);
    put_string(out, text, QM_PSEUDONYM_CHARS);
}

static bool word_read(const struct qm_field *f, struct qm_value v, struct qm_event *ev)
{
    int n = v.len > 0 ? qm_words_find(f->words, v.p, v.len) : 0;
    memcpy(place(f, ev), &n, sizeof n);
    return n != 0;
}

static void word_write(const struct qm_field *f, const struct qm_event *ev, struct qm_buf *out)
{
    int n = 0;
    memcpy(&n, place_const(f, ev), sizeof n);
    const char *word = qm_words_at(f->words, n != 0 ? n : f->fallback);
    put_string(out, word != NULL ? word : "", word != NULL ? strlen(word) : 0);
}

static bool kind_read(const struct qm_field *f, struct qm_value v, struct qm_event *ev)
{
    int n = v.len > 0 ? qm_words_find(f->words, v.p, v.len) : 0;
    ev->kind = (enum qm_kind)n;
    return n != 0;
}

static void kind_write(const struct qm_field *f, const struct qm_event *ev, struct qm_buf *out)
{
    const char *word = qm_words_at(f->words, (int)ev->kind);
    put_string(out, word != NULL ? word : "", word != NULL ? strlen(word) : 0);
}

static bool code_read(const struct qm_field *f, struct qm_value v, struct qm_event *ev)
{
    if (!qm_code_ok(v.p, v.len))
        return false;
    memcpy(place(f, ev), v.p, v.len);
    return true;
}

/* A text that is no code could close the string and add members: it is not written. */
static void put_code(struct qm_buf *out, const char *text)
{
    size_t len = strnlen(text, QM_CODE_MAX_BYTES + 1);
    put_string(out, text, qm_code_ok(text, len) ? len : 0);
}

static void code_write(const struct qm_field *f, const struct qm_event *ev, struct qm_buf *out)
{
    put_code(out, place_const(f, ev));
}

static bool day8_read(const struct qm_field *f, struct qm_value v, struct qm_event *ev)
{
    (void)f;
    ev->has_done = true;
    return qm_day8_read(v.p, v.len, &ev->done_day) == QM_OK;
}

static void day8_write(const struct qm_field *f, const struct qm_event *ev, struct qm_buf *out)
{
    char day[11];
    (void)f;
    qm_day_write(ev->done_day, day);
    qm_buf_printf(out, "\"%.4s%.2s%.2s\"", day, day + 5, day + 8);
}

static bool commitment_read(const struct qm_field *f, struct qm_value v, struct qm_event *ev)
{
    size_t n = 0;
    (void)f;
    ev->has_p = true;
    return v.len == 43 && qm_b64url_read(v.p, v.len, ev->p.b, QM_HASH_BYTES, &n) == QM_OK &&
           n == QM_HASH_BYTES;
}

static void commitment_write(const struct qm_field *f, const struct qm_event *ev,
                             struct qm_buf *out)
{
    char text[QM_B64_HASH_CHARS + 1];
    (void)f;
    put_string(out, text, qm_b64url_write(ev->p.b, QM_HASH_BYTES, text));
}

/* ---- arrays: the tokenizer has seen that they hold strings, separated by single commas ---- */

static bool item_next(struct qm_value *rest, struct qm_value *item)
{
    if (rest->len == 0)
        return false;
    const char *start = rest->p + 1;
    const char *quote = memchr(start, '"', rest->len - 1);
    item->p = start;
    item->len = (size_t)(quote - start);
    size_t used = item->len + 2;
    if (used < rest->len)
        used++; /* the comma */
    rest->p += used;
    rest->len -= used;
    return true;
}

static bool set_read(const struct qm_field *f, struct qm_value v, struct qm_event *ev)
{
    struct qm_value item;
    unsigned bits = 0;
    int64_t n = 0;
    for (; item_next(&v, &item); n++) {
        int word = item.len > 0 ? qm_words_find(f->words, item.p, item.len) : 0;
        unsigned bit = word > 0 ? 1U << ((unsigned)word - 1 + f->shift) : 0;
        if (word == 0 || (bits & bit) != 0)
            return false;
        bits |= bit;
    }
    memcpy(place(f, ev), &bits, sizeof bits);
    return n >= f->lo && n <= f->hi;
}

static void set_write(const struct qm_field *f, const struct qm_event *ev, struct qm_buf *out)
{
    unsigned bits = 0;
    const char *before = "";
    memcpy(&bits, place_const(f, ev), sizeof bits);
    bits >>= f->shift;
    qm_buf_puts(out, "[");
    for (int i = 1; f->words[i] != NULL; i++) {
        if ((bits & 1U << (i - 1)) == 0)
            continue;
        qm_buf_printf(out, "%s\"%s\"", before, f->words[i]);
        before = ",";
    }
    qm_buf_puts(out, "]");
}

static bool topics_read(const struct qm_field *f, struct qm_value v, struct qm_event *ev)
{
    struct qm_value item;
    while (item_next(&v, &item)) {
        if ((int64_t)ev->topics == f->hi || !qm_code_ok(item.p, item.len))
            return false;
        char *slot = ev->topic[ev->topics];
        memcpy(slot, item.p, item.len);
        for (size_t i = 0; i < ev->topics; i++) {
            if (strcmp(ev->topic[i], slot) == 0)
                return false;
        }
        ev->topics++;
    }
    return true;
}

static void topics_write(const struct qm_field *f, const struct qm_event *ev, struct qm_buf *out)
{
    qm_buf_puts(out, "[");
    for (size_t i = 0; i < ev->topics && i < (size_t)f->hi; i++) {
        qm_buf_puts(out, i > 0 ? "," : "");
        put_code(out, ev->topic[i]);
    }
    qm_buf_puts(out, ev->topics <= (size_t)f->hi ? "]" : "");
}

static bool evidence_read(const struct qm_field *f, struct qm_value v, struct qm_event *ev)
{
    struct qm_value item;
    while (item_next(&v, &item)) {
        if ((int64_t)ev->evidences == f->hi)
            return false;
        struct qm_hash *slot = &ev->evidence[ev->evidences];
        if (qm_hex_read(item.p, item.len, slot->b, QM_HASH_BYTES) != QM_OK)
            return false;
        for (size_t i = 0; i < ev->evidences; i++) {
            if (memcmp(ev->evidence[i].b, slot->b, QM_HASH_BYTES) == 0)
                return false;
        }
        ev->evidences++;
    }
    return true;
}

static void evidence_write(const struct qm_field *f, const struct qm_event *ev, struct qm_buf *out)
{
    char hex[QM_HEX_HASH_CHARS + 1];
    qm_buf_puts(out, "[");
    for (size_t i = 0; i < ev->evidences && i < (size_t)f->hi; i++) {
        qm_buf_puts(out, i > 0 ? "," : "");
        qm_hex_write(ev->evidence[i].b, QM_HASH_BYTES, hex);
        put_string(out, hex, QM_HEX_HASH_CHARS);
    }
    qm_buf_puts(out, ev->evidences <= (size_t)f->hi ? "]" : "");
}

const struct qm_form qm_form_version = {QM_VALUE_INT, version_read, version_write};
const struct qm_form qm_form_kind = {QM_VALUE_STRING, kind_read, kind_write};
const struct qm_form qm_form_int64 = {QM_VALUE_INT, int64_read, int64_write};
const struct qm_form qm_form_int32 = {QM_VALUE_INT, int32_read, int32_write};
const struct qm_form qm_form_grid = {QM_VALUE_STRING, grid_read, grid_write};
const struct qm_form qm_form_uuid7 = {QM_VALUE_STRING, uuid7_read, uuid7_write};
const struct qm_form qm_form_pseudonym = {QM_VALUE_STRING, pseudonym_read, pseudonym_write};
const struct qm_form qm_form_word = {QM_VALUE_STRING, word_read, word_write};
const struct qm_form qm_form_set = {QM_VALUE_ARRAY, set_read, set_write};
const struct qm_form qm_form_bool = {QM_VALUE_BOOL, bool_read, bool_write};
const struct qm_form qm_form_code = {QM_VALUE_STRING, code_read, code_write};
const struct qm_form qm_form_topics = {QM_VALUE_ARRAY, topics_read, topics_write};
const struct qm_form qm_form_evidence = {QM_VALUE_ARRAY, evidence_read, evidence_write};
const struct qm_form qm_form_day8 = {QM_VALUE_STRING, day8_read, day8_write};
const struct qm_form qm_form_commitment = {QM_VALUE_STRING, commitment_read, commitment_write};
