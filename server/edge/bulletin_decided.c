/* bulletin_decided.c - what a person decided of what the rule proposed, in words; see
 * bulletin_view.h.
 *
 * Happy path: the decisions of one step stand together, in the order in which steps first come; the
 * words say which area or station it is about, never a person.
 * Failure: that of the buffer.
 */
#include <string.h>

#include "edge/bulletin_view.h"

/* The step's words before and behind the names; one that has none is said by its code. */
static const struct {
    const char *step, *before, *behind;
} words[] = {
    {"criticise", "对", "予以通报批评"},
    {"circulate", "对", "予以通报"},
    {"talk", "约谈", ""},
    {"talk_deputy", "约谈", "分管负责人"},
    {"talk_head", "约谈", "主要负责人"},
};
enum { WORDS = sizeof words / sizeof words[0] };

static bool same_step(const struct qm_bulletin_doc *d, size_t i, size_t k)
{
    return strcmp(d->decisions[i].step, d->decisions[k].step) == 0;
}

static bool is_first(const struct qm_bulletin_doc *d, size_t i)
{
    for (size_t k = 0; k < i; k++) {
        if (same_step(d, i, k))
            return false;
    }
    return true;
}

static void names(const struct qm_bulletin_doc *d, size_t first, struct qm_buf *out)
{
    for (size_t i = first; i < d->decisions_n; i++) {
        const struct qm_bulletin_decision *x = &d->decisions[i];
        if (!same_step(d, first, i))
            continue;
        qm_buf_puts(out, i > first ? "、" : "");
        qm_view_plain(x->name, out);
        qm_buf_puts(out, x->police ? "派出所" : "");
    }
}

static void one_step(const struct qm_bulletin_doc *d, size_t first, struct qm_buf *out)
{
    const char *step = d->decisions[first].step;
    size_t k = 0;
    while (k < WORDS && strcmp(step, words[k].step) != 0)
        k++;
    qm_buf_puts(out, k < WORDS ? words[k].before : "对");
    names(d, first, out);
    if (k < WORDS)
        qm_buf_puts(out, words[k].behind);
    else
        qm_buf_printf(out, "按规则办理（%s）", step);
}

qm_err qm_view_decided(const struct qm_bulletin_doc *d, struct qm_buf *out)
{
    for (size_t i = 0; i < d->decisions_n; i++) {
        if (!is_first(d, i))
            continue;
        qm_buf_puts(out, i > 0 ? "；" : "");
        one_step(d, i, out);
    }
    return qm_buf_puts(out, d->decisions_n > 0 ? "。" : "—");
}
