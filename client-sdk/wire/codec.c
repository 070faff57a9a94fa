/* codec.c - floor 0: strict text forms of bytes, numbers, names and days.
 *
 * Happy path: each reader looks at length and characters once and fills its result.
 * Failure mode: one, QM_E_MALFORMED; what the result holds then is not to be used.
 */
#include "wire/codec.h"

#include <limits.h>
#include <sodium.h>
#include <string.h>

/* sodium_base642bin is strict (trailing bits, padding, nothing ignored) only with `ignore` and
 * `b64_end` NULL, and takes 0xAF for '/' (0xDF for '_'): bytes above ASCII are refused before. */
static qm_err base64_read(const char *t, size_t len, int variant, void *out, size_t out_max,
                          size_t *out_len)
{
    *out_len = 0;
    for (size_t i = 0; i < len; i++) {
        if ((uint8_t)t[i] > 0x7F)
            return QM_E_MALFORMED;
    }
    if (len > 0 && sodium_base642bin(out, out_max, t, len, NULL, out_len, NULL, variant) != 0)
        return QM_E_MALFORMED;
    return QM_OK;
}

size_t qm_b64_write(const void *bytes, size_t len, char *out)
{
    size_t room = sodium_base64_encoded_len(len, sodium_base64_VARIANT_ORIGINAL);
    sodium_bin2base64(out, room, bytes, len, sodium_base64_VARIANT_ORIGINAL);
    return room - 1;
}

qm_err qm_b64_read(const char *t, size_t len, void *out, size_t out_max, size_t *out_len)
{
    return base64_read(t, len, sodium_base64_VARIANT_ORIGINAL, out, out_max, out_len);
}

size_t qm_b64url_write(const void *bytes, size_t len, char *out)
{
    size_t room = sodium_base64_encoded_len(len, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
    sodium_bin2base64(out, room, bytes, len, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
    return room - 1;
}

qm_err qm_b64url_read(const char *t, size_t len, void *out, size_t out_max, size_t *out_len)
{
    return base64_read(t, len, sodium_base64_VARIANT_URLSAFE_NO_PADDING, out, out_max, out_len);
}

void qm_hex_write(const void *bytes, size_t len, char *out)
{
    sodium_bin2hex(out, len * 2 + 1, bytes, len);
}

/* Of a lower-case digit; -1: none.  A table, because half the characters of an event are hex. */
static int hex_digit(char c)
{
    static const int8_t value_and_one[UCHAR_MAX + 1] = {
        ['0'] = 1,  ['1'] = 2,  ['2'] = 3,  ['3'] = 4,  ['4'] = 5,  ['5'] = 6,
        ['6'] = 7,  ['7'] = 8,  ['8'] = 9,  ['9'] = 10, ['a'] = 11, ['b'] = 12,
        ['c'] = 13, ['d'] = 14, ['e'] = 15, ['f'] = 16};
    return value_and_one[(uint8_t)c] - 1;
}

qm_err qm_hex_read(const char *t, size_t len, void *out, size_t out_len)
{
    uint8_t *o = out;
    if (len != out_len * 2)
        return QM_E_MALFORMED;
    for (size_t i = 0; i < out_len; i++) {
        int high = hex_digit(t[2 * i]);
        int low = hex_digit(t[2 * i + 1]);
        if (high < 0 || low < 0)
            return QM_E_MALFORMED;
        o[i] = (uint8_t)(high << 4 | low);
    }
    return QM_OK;
}

void qm_pseudonym_write(const uint8_t id[QM_ID_BYTES], char out[QM_PSEUDONYM_CHARS + 1])
{
    qm_b64url_write(id, QM_ID_BYTES, out);
}

qm_err qm_pseudonym_read(const char *t, size_t len, uint8_t id[QM_ID_BYTES])
{
    size_t n = 0;
    if (len != QM_PSEUDONYM_CHARS)
        return QM_E_MALFORMED;
    return qm_b64url_read(t, len, id, QM_ID_BYTES, &n);
}

static bool is_dash_place(size_t i)
{
    return i == 8 || i == 13 || i == 18 || i == 23;
}

void qm_uuid_write(const uint8_t id[QM_ID_BYTES], char out[QM_UUID_CHARS + 1])
{
    static const char digits[] = "0123456789abcdef";
    size_t nibble = 0;
    for (size_t i = 0; i < QM_UUID_CHARS; i++) {
        if (is_dash_place(i)) {
            out[i] = '-';
            continue;
        }
        uint8_t byte = id[nibble / 2];
        out[i] = digits[nibble % 2 == 0 ? byte >> 4 : byte & 15];
        nibble++;
    }
    out[QM_UUID_CHARS] = 0;
}

qm_err qm_uuid_read(const char *t, size_t len, int version, uint8_t id[QM_ID_BYTES])
{
    size_t nibble = 0;
    if (len != QM_UUID_CHARS)
        return QM_E_MALFORMED;
    for (size_t i = 0; i < QM_UUID_CHARS; i++) {
        if (is_dash_place(i)) {
            if (t[i] != '-')
                return QM_E_MALFORMED;
            continue;
        }
        int d = hex_digit(t[i]);
        if (d < 0)
            return QM_E_MALFORMED;
        if (nibble % 2 == 0)
            id[nibble / 2] = (uint8_t)(d << 4);
        else
            id[nibble / 2] |= (uint8_t)d;
        nibble++;
    }
    if (version != 0 && (id[6] >> 4 != version || id[8] >> 6 != 2))
        return QM_E_MALFORMED;
    return QM_OK;
}

static void uuid_mark(uint8_t id[QM_ID_BYTES], int version)
{
    id[6] = (uint8_t)((id[6] & 0x0F) | version << 4);
    id[8] = (uint8_t)((id[8] & 0x3F) | 0x80);
}

void qm_uuid4(uint8_t id[QM_ID_BYTES])
{
    randombytes_buf(id, QM_ID_BYTES);
    uuid_mark(id, 4);
}

void qm_uuid7(uint8_t id[QM_ID_BYTES], int64_t now_ms)
{
    uint64_t t = (uint64_t)now_ms;
    randombytes_buf(id, QM_ID_BYTES);
    for (size_t i = 0; i < 6; i++)
        id[i] = (uint8_t)(t >> (40 - 8 * i));
    uuid_mark(id, 7);
}

qm_err qm_dec_read(const char *t, size_t len, int64_t max, int64_t *out)
{
    int64_t v = 0;
    if (len == 0 || len > 19 || (t[0] == '0' && len > 1))
        return QM_E_MALFORMED;
    for (size_t i = 0; i < len; i++) {
        if (t[i] < '0' || t[i] > '9')
            return QM_E_MALFORMED;
        int64_t digit = t[i] - '0';
        if (v > (max - digit) / 10 || digit > max)
            return QM_E_MALFORMED;
        v = v * 10 + digit;
    }
    *out = v;
    return QM_OK;
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_lower(char c)
{
    return c >= 'a' && c <= 'z';
}

static bool is_upper(char c)
{
    return c >= 'A' && c <= 'Z';
}

bool qm_code_ok(const char *t, size_t len)
{
    if (len < 1 || len > QM_CODE_MAX_BYTES || t[0] == '_' || t[0] == '-')
        return false;
    for (size_t i = 0; i < len; i++) {
        if (!is_lower(t[i]) && !is_digit(t[i]) && t[i] != '_' && t[i] != '-')
            return false;
    }
    return true;
}

bool qm_account_ok(const char *t, size_t len)
{
    if (len < 2 || len > QM_ACCOUNT_MAX_BYTES || !is_upper(t[0]))
        return false;
    for (size_t i = 1; i < len; i++) {
        if (!is_upper(t[i]) && !is_digit(t[i]))
            return false;
    }
    return true;
}

bool qm_host_ok(const char *t, size_t len)
{
    if (len < 1 || len > QM_HOST_MAX_BYTES || t[0] == '.' || t[len - 1] == '.')
        return false;
    for (size_t i = 0; i < len; i++) {
        if (!is_lower(t[i]) && !is_digit(t[i]) && (t[i] == 0 || strchr(".:-[]", t[i]) == NULL))
            return false;
    }
    return true;
}

static qm_err digits_read(const char *t, size_t len, int64_t *out)
{
    int64_t v = 0;
    for (size_t i = 0; i < len; i++) {
        if (!is_digit(t[i]))
            return QM_E_MALFORMED;
        v = v * 10 + (t[i] - '0');
    }
    *out = v;
    return QM_OK;
}

qm_err qm_grid_read(const char *t, size_t len, int64_t *grid)
{
    return len == 15 ? digits_read(t, len, grid) : QM_E_MALFORMED;
}

/* Length of the UTF-8 sequence at s (RFC 3629 section 4), 0 if there is none within len. */
static size_t utf8_step(const uint8_t *s, size_t len)
{
    uint8_t low = 0x80, high = 0xBF; /* bounds of the second byte */
    size_t n = 0;
    if (s[0] < 0x80)
        return s[0] != 0 ? 1 : 0;
    if (s[0] >= 0xC2 && s[0] <= 0xDF)
        n = 2;
    else if (s[0] >= 0xE0 && s[0] <= 0xEF)
        n = 3;
    else if (s[0] >= 0xF0 && s[0] <= 0xF4)
        n = 4;
    if (n == 0 || n > len)
        return 0;
    if (s[0] == 0xE0)
        low = 0xA0;
    else if (s[0] == 0xED)
        high = 0x9F;
    else if (s[0] == 0xF0)
        low = 0x90;
    else if (s[0] == 0xF4)
        high = 0x8F;
    if (s[1] < low || s[1] > high)
        return 0;
    for (size_t i = 2; i < n; i++) {
        if (s[i] < 0x80 || s[i] > 0xBF)
            return 0;
    }
    return n;
}

bool qm_utf8_ok(const char *t, size_t len)
{
    const uint8_t *s = (const uint8_t *)t;
    while (len > 0) {
        size_t n = utf8_step(s, len);
        if (n == 0)
            return false;
        s += n;
        len -= n;
    }
    return true;
}

size_t qm_utf8_chars(const char *t, size_t len)
{
    size_t chars = 0;
    for (size_t i = 0; i < len; i++)
        chars += ((unsigned char)t[i] & 0xC0) != 0x80;
    return chars;
}

/* Gregorian calendar, years that begin in March, eras of 400 years (146,097 days). */
struct date {
    int year, month, day;
};
enum { ERA_DAYS = 146097, EPOCH_SHIFT = 719468 /* days from 0000-03-01 to 1970-01-01 */ };

static int32_t days_of(struct date d)
{
    int y = d.month <= 2 ? d.year - 1 : d.year;
    int era = (y >= 0 ? y : y - 399) / 400;
    int year_of_era = y - era * 400;
    int month_from_march = (d.month + 9) % 12;
    int day_of_year = (153 * month_from_march + 2) / 5 + d.day - 1;
    int day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    return era * ERA_DAYS + day_of_era - EPOCH_SHIFT;
}

static struct date date_of(int32_t day)
{
    int64_t z = (int64_t)day + EPOCH_SHIFT;
    int64_t era = (z >= 0 ? z : z - (ERA_DAYS - 1)) / ERA_DAYS;
    int doe = (int)(z - era * ERA_DAYS);
    int yoe = (doe - doe / 1460 + doe / 36524 - doe / (ERA_DAYS - 1)) / 365;
    int doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    int month_from_march = (5 * doy + 2) / 153;
    struct date d;
    d.day = doy - (153 * month_from_march + 2) / 5 + 1;
    d.month = month_from_march < 10 ? month_from_march + 3 : month_from_march - 9;
    d.year = (int)(era * 400) + yoe + (d.month <= 2 ? 1 : 0);
    return d;
}

static qm_err date_read(const char *year, const char *month, const char *day, int32_t *out)
{
    int64_t y = 0, m = 0, d = 0;
    if (digits_read(year, 4, &y) != QM_OK || digits_read(month, 2, &m) != QM_OK ||
        digits_read(day, 2, &d) != QM_OK)
        return QM_E_MALFORMED;
    if (y < 1 || m < 1 || m > 12 || d < 1 || d > 31)
        return QM_E_MALFORMED;
    struct date want = {(int)y, (int)m, (int)d};
    int32_t n = days_of(want);
    struct date is = date_of(n);
    if (is.month != want.month || is.day != want.day)
        return QM_E_MALFORMED;
    *out = n;
    return QM_OK;
}

qm_err qm_day_read(const char *t, size_t len, int32_t *day)
{
    if (len != 10 || t[4] != '-' || t[7] != '-')
        return QM_E_MALFORMED;
    return date_read(t, t + 5, t + 8, day);
}

qm_err qm_day8_read(const char *t, size_t len, int32_t *day)
{
    return len == 8 ? date_read(t, t + 4, t + 6, day) : QM_E_MALFORMED;
}

static void put_digits(char *out, int n, int value)
{
    for (int i = n - 1; i >= 0; i--) {
        out[i] = (char)('0' + value % 10);
        value /= 10;
    }
}

void qm_day_write(int32_t day, char out[11])
{
    struct date d = date_of(day);
    put_digits(out, 4, d.year);
    out[4] = '-';
    put_digits(out + 5, 2, d.month);
    out[7] = '-';
    put_digits(out + 8, 2, d.day);
    out[10] = 0;
}

static const int64_t day_ms = 86400000, shanghai_ms = 28800000;

int32_t qm_day_of_ms(int64_t unix_ms)
{
    int64_t t = unix_ms + shanghai_ms;
    return (int32_t)(t / day_ms - (t % day_ms < 0 ? 1 : 0));
}

int64_t qm_day_begin_ms(int32_t day)
{
    return day * day_ms - shanghai_ms;
}
