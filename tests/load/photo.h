/* photo.h - tests: tiny pictures, each different, that are real PNG files (RFC 2083). */
#ifndef QM_LOAD_PHOTO_H
#define QM_LOAD_PHOTO_H

#include <stddef.h>
#include <stdint.h>

enum { QM_PHOTO_BYTES = 144 };

/* An 8 x 8 grey picture that shows the number; returns its length, at most QM_PHOTO_BYTES. */
size_t qm_photo_make(uint64_t number, uint8_t out[QM_PHOTO_BYTES]);

#endif
