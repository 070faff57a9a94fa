/* codec.h - floor 0: strict text forms of bytes, numbers, names and days.
 *
 * Every reader takes (text, length), accepts exactly one spelling of a value
 * and returns QM_E_MALFORMED for every other. Writers put a NUL behind.
 * base64: RFC 4648 section 4 with padding, trailing bits zero; base64url:
 * section 5 without padding, trailing bits zero. Days are Asia/Shanghai = UTC+8.
 * Pure, any thread (sodium_init() must have run).
 */
#ifndef QM_WIRE_CODEC_H
#define QM_WIRE_CODEC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "wire/err.h"

enum {
    QM_HASH_BYTES = 32,
    QM_ID_BYTES = 16,
    QM_B64_HASH_CHARS = 44,
    QM_HEX_HASH_CHARS = 64,
    QM_UUID_CHARS = 36,
    QM_PSEUDONYM_CHARS = 22,
    QM_HOST_MAX_BYTES = 120,
    QM_NAME_MAX_BYTES = 256, /* host, /d/, uuid, /b/, uuid and the NUL fit */
    QM_ACCOUNT_MAX_BYTES = 16,
    QM_CODE_MAX_BYTES = 40 /* topics, text versions, reasons */
};
#define QM_INT_MAX INT64_C(9007199254740991) /* 2^53-1 */

/* out must hold len/3*4+4 +1; returns the number of characters. */
size_t qm_b64_write(const void *bytes, size_t len, char *out);
qm_err qm_b64_read(const char *t, size_t len, void *out, size_t out_max, size_t *out_len);
size_t qm_b64url_write(const void *bytes, size_t len, char *out);
qm_err qm_b64url_read(const char *t, size_t len, void *out, size_t out_max, size_t *out_len);
void qm_hex_write(const void *bytes, size_t len, char *out);
qm_err qm_hex_read(const char *t, size_t len, void *out, size_t out_len); /* lower case only */

/* "ewN5FqXIVXT7T-Os6zNFFw" */
void qm_pseudonym_write(const uint8_t id[QM_ID_BYTES], char out[QM_PSEUDONYM_CHARS + 1]);
qm_err qm_pseudonym_read(const char *t, size_t len, uint8_t id[QM_ID_BYTES]);

/* Lower case, 8-4-4-4-12; version 4 or 7 and variant 10 are checked when version is not 0. */
void qm_uuid_write(const uint8_t id[QM_ID_BYTES], char out[QM_UUID_CHARS + 1]);
qm_err qm_uuid_read(const char *t, size_t len, int version, uint8_t id[QM_ID_BYTES]);
/* Fresh ids; v7 takes the time from the caller (RFC 9562 section 5.7). */
void qm_uuid4(uint8_t id[QM_ID_BYTES]);
void qm_uuid7(uint8_t id[QM_ID_BYTES], int64_t now_ms);

/* Digits only, no leading zero, no sign; at most 2^53-1 (or the given max). */
qm_err qm_dec_read(const char *t, size_t len, int64_t max, int64_t *out);

/* [a-z0-9][a-z0-9_-]{0,39} */
bool qm_code_ok(const char *t, size_t len);
/* [A-Z][0-9A-Z]{1,15} */
bool qm_account_ok(const char *t, size_t len);
/* authority: 1..120 bytes of [a-z0-9.:-] (and [] for IPv6), not beginning or ending with a dot */
bool qm_host_ok(const char *t, size_t len);
/* 15 digits: the code as a number.  Whether there is such a county is not a question of form. */
qm_err qm_grid_read(const char *t, size_t len, int64_t *grid);
/* Valid UTF-8 (RFC 3629) without U+0000. */
bool qm_utf8_ok(const char *t, size_t len);
/* How many characters text of that kind has. */
size_t qm_utf8_chars(const char *t, size_t len);

/* Days are counted from 1970-01-01. */
qm_err qm_day_read(const char *t, size_t len,
                   int32_t *day); /* "yyyy-mm-dd", existing day, year 0001..9999 */
qm_err qm_day8_read(const char *t, size_t len, int32_t *day); /* "yyyymmdd" */
void qm_day_write(int32_t day, char out[11]);                 /* "yyyy-mm-dd" */
int32_t qm_day_of_ms(int64_t unix_ms);                        /* the day in Asia/Shanghai */
int64_t qm_day_begin_ms(int32_t day);                         /* its first millisecond there */

#endif
