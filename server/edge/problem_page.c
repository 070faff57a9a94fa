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

/* Where whoever mistyped an address may have wanted to go. */
static void doors_write(bool zh, struct qm_buf *out)
{
    static const struct {
        const char *path, *zh, *en;
    } doors[] = {
        {"/office/", "村和乡镇:看进度、名单、通报",
         "Villages and township: coverage, lists, bulletins"},
        {"/app/", "网格员:上门登记", "Grid workers: visits door to door"},
    };
    qm_buf_puts(out, "</p>\n<ul>\n");
    for (size_t i = 0; i < sizeof doors / sizeof doors[0]; i++)
        qm_buf_printf(out, "<li><a href=\"%s\">%s</a></li>\n", doors[i].path,
                      zh ? doors[i].zh : doors[i].en);
    qm_buf_puts(out, "</ul>\n<p>");
    qm_buf_puts(out, zh ? "通报和回执请重新扫一次二维码。"
                        : "For a bulletin or a receipt scan its QR code again.");
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
    if (detail == NULL && code == QM_E_NOT_FOUND)
        doors_write(strcmp(lang, "zh") == 0, out);
    return qm_buf_puts(out, "</p>\n</main>\n</body>\n</html>\n");
}
