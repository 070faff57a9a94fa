/* find.c - floor 3: which household or resident is meant.
 *
 * Happy path: the whole pseudonym, or exactly one that fits.  Failure modes: none or several fit;
 * several are listed, so that the worker can say which.
 */
#include "cli/cli.h"

#include <stdio.h>
#include <string.h>

enum { SHOWN_MAX = 10 };
struct search {
    const struct args *a;
    const char *what;
    char found[23];
    size_t n;
    char shown[SHOWN_MAX][1600];
};

static bool begins(const char *text, const char *with)
{
    return strncmp(text, with, strlen(with)) == 0;
}

static void add(struct search *s, const char *id, bool exact, const char *label, const char *more)
{
    if (exact) {
        s->n = 1;
    } else {
        if (s->n < SHOWN_MAX)
            snprintf(s->shown[s->n], sizeof s->shown[0], "%s  %s %s", id, label, more);
        s->n++;
    }
    snprintf(s->found, sizeof s->found, "%s", id);
}

static int on_household(void *ctx, const struct qm_household_view *v)
{
    struct search *s = ctx;
    char place[700];
    snprintf(place, sizeof place, "%s %s %s", v->group, v->lane, v->door);
    bool exact = strcmp(v->household, s->what) == 0;
    if (exact || begins(v->household, s->what) || strstr(place, s->what) ||
        strstr(v->head, s->what))
        add(s, v->household, exact, place, v->head);
    return exact ? -1 : 0;
}

static int on_resident(void *ctx, const struct qm_resident_view *v)
{
    struct search *s = ctx;
    bool exact = strcmp(v->resident, s->what) == 0;
    if (exact || begins(v->resident, s->what) || strstr(v->name, s->what))
        add(s, v->resident, exact, v->name, v->born);
    return exact ? -1 : 0;
}

static int result(const struct search *s, int rc, qm_client *c, char out[23])
{
    if (rc > 0)
        return say_error(s->a, rc, qm_client_detail(c));
    if (s->n == 1) {
        memcpy(out, s->found, sizeof s->found);
        return EXIT_OK;
    }
    if (s->n == 0 && strlen(s->what) == 22) {
        /* A pseudonym that the mirror does not know yet: the server will say what it thinks. */
        memcpy(out, s->what, 23);
        return EXIT_OK;
    }
    for (size_t i = 0; i < s->n && i < SHOWN_MAX && !s->a->json; i++)
        fprintf(stderr, "  %s\n", s->shown[i]);
    if (s->n > SHOWN_MAX && !s->a->json)
        fprintf(stderr, "  … %s %zu\n", tr(s->a, "一共", "in all"), s->n);
    return say_usage_todo(s->a,
                          s->n == 0
                              ? tr(s->a, "没有找到", "nothing fits")
                              : tr(s->a, "有好几个,请写得更全", "several fit, write more of it"),
                          s->what, tr(s->a, "名单请看 qiaomen list", "See qiaomen list"));
}

int find_household(qm_client *c, const struct args *a, const char *what, char out[23])
{
    struct search s = {.a = a, .what = what};
    return result(&s, qm_client_households(c, NULL, on_household, &s), c, out);
}

int find_resident(qm_client *c, const struct args *a, const char *household, const char *what,
                  char out[23])
{
    struct search s = {.a = a, .what = what};
    return result(&s, qm_client_residents(c, household, on_resident, &s), c, out);
}
