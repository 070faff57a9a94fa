/* audit.h - floor 3: what the files of `qiaomen audit` share. */
#ifndef QM_CLI_AUDIT_H
#define QM_CLI_AUDIT_H

#include "audit/audit.h"
#include "cli/cli.h"

enum { AUDIT_CODES_MAX = 128, AUDIT_SHOWN = 40 };

/* audit_print.c: findings and bulletins as they come; a report at the end. */
struct audit_print {
    const struct args *a;
    bool comma; /* JSON: something stands in the list already */
    bool with_seen;
    size_t codes;
    struct {
        const char *code;
        uint64_t n;
    } code[AUDIT_CODES_MAX];
};
void audit_print_begin(struct audit_print *p);
void audit_print_finding(void *ctx, const struct qm_audit_finding *f);
void audit_print_bulletin(void *ctx, const struct qm_audit_bulletin *b);
void audit_print_village(void *ctx, const char *code, int64_t fresh, int64_t gone, int64_t changed);
void audit_print_line(void *ctx, char sign, const char *line, size_t len);
/* Returns the exit code. */
int audit_print_end(struct audit_print *p, const struct qm_audit_report *r, const char *out);
/* The audit ended with an error (its name): closes what was begun. */
void audit_print_stop(struct audit_print *p, const char *error);

/* audit_fetch.c: the server's export into a folder.  folder: --keep, or a new one below the
 * temporary folder, whose name is then in made (for audit_fetch_remove).  0 or an exit code. */
int audit_fetch(const struct args *a, const struct qm_vkey *key, char folder[4096], bool *made);
void audit_fetch_remove(const char *folder);

#endif
