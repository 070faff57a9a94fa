/* faults.h - floor 4: everything that is wrong with a file that somebody wants to import.
 *
 * Readers add what they find and go on, so that one run shows all faults; the caller keeps nothing
 * if there is any.  Failure: without memory a fault is counted but has no text.  One thread.
 * Texts say what is wrong and what to write instead, and never repeat names, phone or ID numbers.
 */
#ifndef QM_EDGE_FAULTS_H
#define QM_EDGE_FAULTS_H

#include <stddef.h>
#include <stdint.h>

#include "wire/buf.h"

struct qm_fault {
    int64_t line; /* 0: the file as a whole */
    size_t order; /* in which it was found */
    char *where;  /* column or member; "" if none */
    char *text;
};
struct qm_faults {
    size_t n; /* all that were found */
    size_t kept, cap;
    struct qm_fault *list;
};
enum { QM_FAULTS_KEPT_MAX = 100000 };

void qm_faults_init(struct qm_faults *f);
void qm_faults_free(struct qm_faults *f);
void qm_fault_add(struct qm_faults *f, int64_t line, const char *where, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
/* Sorts by line, then by order of finding. */
void qm_faults_sort(struct qm_faults *f);
/* "line 17: born: text" LF each. */
qm_err qm_faults_text(const struct qm_faults *f, struct qm_buf *out);
/* [{"line":17,"where":"born","fault":"text"},...] */
qm_err qm_faults_json(const struct qm_faults *f, struct qm_buf *out);

#endif
