/* openapi.h - floor 4: the OpenAPI 3.1 description, static text. */
#ifndef QM_EDGE_OPENAPI_H
#define QM_EDGE_OPENAPI_H

#include <stddef.h>

const char *qm_openapi_json(size_t *len);

#endif
