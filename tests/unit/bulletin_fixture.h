/* bulletin_fixture.h - bulletins for the tests of their outputs, made without a database. */
#ifndef QM_TESTS_BULLETIN_FIXTURE_H
#define QM_TESTS_BULLETIN_FIXTURE_H

#include "edge/bulletin_doc.h"

enum { FIXTURE_MONDAY = 20773 }; /* 2026-11-16 */

/* A published bulletin of n villages: visits, notices and pledges ranked and public, the app shown
 * to offices; the last village has nobody to visit, the one before it too few. */
void fixture_bulletin(struct qm_bulletin_doc *d, size_t n);
/* The same as it is before publication. */
void fixture_draft(struct qm_bulletin_doc *d, size_t n);
/* It replaces another one in which some figures were different. */
void fixture_correction(struct qm_bulletin_doc *d, size_t n);
/* Imported figures for the first villages. */
void fixture_figures(struct qm_bulletin_doc *d, size_t n);
/* Names that a hostile import could bring: markup, formulas, turning marks, 4-byte characters. */
void fixture_hostile(struct qm_bulletin_doc *d);
extern const char *const fixture_hostile_names[];
enum { FIXTURE_HOSTILE = 16 };

#endif
