/* words.h - floor 2, inside audit: the table of finding codes (words.c). */
#ifndef QM_AUDIT_WORDS_H
#define QM_AUDIT_WORDS_H

#include "audit/audit.h"

enum qm_audit_grade qm_au_words_grade(const char *code);

#endif
