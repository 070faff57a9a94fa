/* progress.c - floor 3: a bar on stderr for long work, a line for each part of it; nothing when
 * stderr is no terminal.
 * Cannot fail; a word that has no translation is shown as it is.
 */
#include "cli/cli.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { WIDTH = 30 };
static bool shown; /* the cursor stands in a bar */
static char part[16];

void progress_show(void *args, const char *what, uint64_t done, uint64_t total)
{
    static const struct {
        const char *code, *zh;
    } words[] = {{"records", "记录"},     {"photos", "照片"},   {"changes", "更新"},
                 {"export", "导出"},      {"import", "导入"},   {"download", "已下载 MiB"},
                 {"entries", "总账条目"}, {"bulletins", "通报"}};
    const struct args *a = args;
    const char *word = what;
    if (!isatty(STDERR_FILENO))
        return;
    /* A shorter line would leave the end of a longer one behind it. */
    if (strcmp(part, what) != 0)
        progress_end();
    snprintf(part, sizeof part, "%s", what);
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        if (strcmp(words[i].code, what) == 0)
            word = tr(a, words[i].zh, what);
    uint64_t full = total > 0 ? (done < total ? done : total) * WIDTH / total : 0;
    char bar[WIDTH + 1];
    for (uint64_t i = 0; i < WIDTH; i++)
        bar[i] = i < full ? '#' : '-';
    bar[WIDTH] = 0;
    /* How much there is in all is not always known before the end. */
    if (total > 0)
        fprintf(stderr, "\r[%s] %llu/%llu %s ", bar, (unsigned long long)done,
                (unsigned long long)total, word);
    else
        fprintf(stderr, "\r%llu %s ", (unsigned long long)done, word);
    fflush(stderr);
    shown = true;
}

void progress_end(void)
{
    if (shown)
        fputc('\n', stderr);
    shown = false;
}
