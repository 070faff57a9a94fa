/* problem_page.c - floor 4: see problem_page.h.
 * Happy path: title and words of the error table, escaped, in the style of the public pages.
 * Failure: that of the buffer.
 */
#include "edge/problem_page.h"

#include <string.h>

#include "edge/bulletin_html.h"
#include "edge/problem.h"

bool qm_problem_page_wanted(const char *path, const char *accept)
{
    return strncmp(path, "/v1/", 4) != 0 && accept != NULL && strstr(accept, "text/html") != NULL;
}

qm_err qm_problem_page_write(qm_err err, const char *lang, const char *detail, struct qm_buf *out)
{
    qm_err code = qm_problem_public(err);
    const char *title = qm_err_text(code, lang);
    qm_buf_printf(out,
                  "<!doctype html>\n<html lang=\"%s\">\n<head>\n<meta charset=\"utf-8\">\n"
                  "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
                  "<title>",
                  strcmp(lang, "zh") == 0 ? "zh-CN" : "en");
    qm_html_text(title, out);
    qm_buf_puts(out, "</title>\n<style>");
    qm_buf_puts(out, qm_bulletin_style);
    qm_buf_puts(out, "</style>\n</head>\n<body class=\"public\">\n<main class=\"sheet\">\n<h1>");
    qm_html_text(title, out);
    qm_buf_puts(out, "</h1>\n<p>");
    qm_html_text(detail != NULL ? detail : qm_err_todo(code, lang), out);
    return qm_buf_puts(out, "</p>\n</main>\n</body>\n</html>\n");
}
