/* photo.c - tests: writes a PNG file by hand: signature, IHDR, one IDAT with a stored (not
 * compressed) zlib block, IEND.  Cannot fail.
 */
#include "photo.h"

#include <string.h>

enum { SIDE = 8, RAW_BYTES = SIDE * (SIDE + 1) };

static uint32_t crc32_of(const uint8_t *p, size_t n)
{
    uint32_t crc = 0xFFFFFFFFu;
    for (size_t i = 0; i < n; i++) {
        crc ^= p[i];
        for (int bit = 0; bit < 8; bit++)
            crc = (crc >> 1) ^ (0xEDB88320u & (0u - (crc & 1u)));
    }
    return ~crc;
}

static uint32_t adler32_of(const uint8_t *p, size_t n)
{
    uint32_t a = 1, b = 0;
    for (size_t i = 0; i < n; i++) {
        a = (a + p[i]) % 65521;
        b = (b + a) % 65521;
    }
    return b << 16 | a;
}

static uint8_t *put32(uint8_t *p, uint32_t v)
{
    for (int shift = 24; shift >= 0; shift -= 8)
        *p++ = (uint8_t)(v >> shift);
    return p;
}

static uint8_t *put_chunk(uint8_t *p, const char *type, const uint8_t *data, uint32_t n)
{
    uint8_t *begin = p = put32(p, n);
    memcpy(p, type, 4);
    if (n > 0)
        memcpy(p + 4, data, n);
    return put32(p + 4 + n, crc32_of(begin, 4 + n));
}

size_t qm_photo_make(uint64_t number, uint8_t out[QM_PHOTO_BYTES])
{
    static const uint8_t signature[] = {0x89, 'P', 'N', 'G', '\r', '\n', 0x1A, '\n'};
    static const uint8_t header[] = {0, 0, 0, SIDE, 0, 0, 0, SIDE, 8, 0, 0, 0, 0};
    uint8_t raw[RAW_BYTES] = {0}, data[RAW_BYTES + 11] = {0x78, 0x01, 0x01, RAW_BYTES, 0};
    for (int bit = 0; bit < 64; bit++)
        raw[bit / SIDE * (SIDE + 1) + 1 + bit % SIDE] = number >> bit & 1 ? 0xF0 : 0x20;
    data[5] = (uint8_t)~RAW_BYTES;
    data[6] = 0xFF;
    memcpy(data + 7, raw, RAW_BYTES);
    put32(data + 7 + RAW_BYTES, adler32_of(raw, RAW_BYTES));
    memcpy(out, signature, sizeof signature);
    uint8_t *p = put_chunk(out + sizeof signature, "IHDR", header, sizeof header);
    p = put_chunk(p, "IDAT", data, sizeof data);
    return (size_t)(put_chunk(p, "IEND", NULL, 0) - out);
}
