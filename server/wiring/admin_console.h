/* admin_console.h - floor 5: what only the console does: the master key and host, counties and
 * their logs, recounts; and what it has that the browser's office has not. */
#ifndef QM_WIRING_ADMIN_CONSOLE_H
#define QM_WIRING_ADMIN_CONSOLE_H

#include "edge/office.h"

int qm_admin_init(struct qm_office *a);
/* The first value's file, or - for standard input, is the text of the paper copy. */
int qm_admin_master_restore(struct qm_office *a);
int qm_admin_county_add(struct qm_office *a);
int qm_admin_log_continue(struct qm_office *a);
int qm_admin_recount(struct qm_office *a);
int qm_admin_coverage(struct qm_office *a);
int qm_admin_directive_publish(struct qm_office *a);
int qm_admin_directive_list(struct qm_office *a);
int qm_admin_directive_show(struct qm_office *a);
/* Refuses when the database is behind the largest checkpoint that was signed on this machine. */
int qm_admin_guard(struct qm_office *a);
/* The verifier key of a tree of the county's log; out is initialised here. */
int qm_admin_log_vkey(struct qm_office *a, int tree, struct qm_buf *out);

/* Reads the file that the first value names into a->input; *text must be wiped and freed. */
int qm_admin_input_read(struct qm_office *a, char **text);
/* --out FILE: put_out and drop_out of a qm_office whose out_ctx is the path. */
int qm_admin_out_write(struct qm_office *a, const struct qm_buf *csv);
void qm_admin_out_drop(struct qm_office *a);

#endif
