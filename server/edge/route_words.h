/* route_words.h - floor 4: what a refusal says that the one table of errors cannot know: which
 * content a route takes, how much of it, and that its caller is no phone.
 * Pure, any thread.
 */
#ifndef QM_EDGE_ROUTE_WORDS_H
#define QM_EDGE_ROUTE_WORDS_H

#include "edge/routes.h"

enum { QM_ROUTE_WORDS_BYTES = 256 };

/* Does a phone call it, with what it signed?  Else people at a page or programs with a token. */
bool qm_route_is_of_phones(const struct qm_route *route);

/* What to do now, for this route; NULL: what the table of errors says is right here.  route may be
 * NULL.  lang is "zh" or "en". */
const char *qm_route_words(const struct qm_route *route, qm_err err, const char *lang,
                           char out[QM_ROUTE_WORDS_BYTES]);

#endif
