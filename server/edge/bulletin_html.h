/* bulletin_html.h - floor 4, for the writers of pages and of the picture: escaped text, tables, QR
 * codes, the style sheet.  Pure, any thread; failure is that of the buffer. */
#ifndef QM_EDGE_BULLETIN_HTML_H
#define QM_EDGE_BULLETIN_HTML_H

#include "edge/bulletin_table.h"
#include "edge/bulletin_wording.h"

/* Escaped for HTML and XML, as content or as a quoted attribute; control characters, marks that
 * turn the direction of writing and what XML may not hold are left out. */
qm_err qm_html_text(const char *t, struct qm_buf *out);
/* A name from outside, which must not turn what stands beside it. */
qm_err qm_html_name(const char *t, struct qm_buf *out);
/* The section's words, escaped; within <p>...</p> for each paragraph if class_name is not NULL. */
qm_err qm_html_wording(const struct qm_bulletin_doc *d, enum qm_wording w, const char *class_name,
                       struct qm_buf *out);
/* <table>; columns in which nothing was computed are left out and named in a line below. */
qm_err qm_html_table(const struct qm_table *t, struct qm_buf *out);
/* <svg class="qr"> of a text. */
qm_err qm_html_qr(const char *text, const char *label, struct qm_buf *out);
/* From <!doctype> to <body>; the style sheet is the same for all pages. */
qm_err qm_html_begin(const struct qm_bulletin_doc *d, const char *body_class, struct qm_buf *out);
extern const char qm_bulletin_style[];

#endif
