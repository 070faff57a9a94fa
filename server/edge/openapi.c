/* openapi.c - see openapi.h: openapi.json of this folder, put into the program by the build.
 * Cannot fail: the bytes are part of the program.
 */
#include "edge/openapi.h"

extern const unsigned char qm_openapi_bytes[];
extern const size_t qm_openapi_bytes_len;

const char *qm_openapi_json(size_t *len)
{
    *len = qm_openapi_bytes_len;
    return (const char *)qm_openapi_bytes;
}
