/* roster.c - tests: see roster.h.  Fields of the sample hold no quotes, so splitting at commas is
 * enough.
 */
#include "roster.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "number.h"

enum { COLUMNS = 10, LINE_MAX_BYTES = 512 };

static bool house_read(char *line, struct qm_house *h)
{
    char *field[COLUMNS], *rest = line;
    line[strcspn(line, "\r\n")] = 0;
    for (size_t i = 0; i < COLUMNS; i++) {
        field[i] = strsep(&rest, ",");
        if (!field[i])
            return false;
    }
    if (strlen(field[0]) != 22 || strlen(field[1]) != 15 || field[9][0] != 'W')
        return false;
    memcpy(h->id, field[0], 23);
    memcpy(h->grid, field[1], 16);
    h->home = strcmp(field[2], "home") == 0;
    h->status = strcmp(field[3], "away") == 0     ? QM_HOUSE_AWAY
                : strcmp(field[3], "vacant") == 0 ? QM_HOUSE_VACANT
                                                  : QM_HOUSE_COUNTED;
    atomic_init(&h->marks, 0);
    return qm_number_read(field[9] + 1, 9999, &h->worker, NULL);
}

static int by_id(const void *a, const void *b)
{
    return strcmp(((const struct qm_house *)a)->id, ((const struct qm_house *)b)->id);
}

static const char *houses_read(struct qm_roster *r, FILE *f)
{
    char line[LINE_MAX_BYTES];
    size_t room = 0;
    if (!fgets(line, sizeof line, f))
        return "the list of households is empty";
    while (fgets(line, sizeof line, f)) {
        if (r->n == room) {
            room = room ? room * 2 : 1024;
            struct qm_house *more = realloc(r->house, room * sizeof *more);
            if (!more)
                return "no memory for the list of households";
            r->house = more;
        }
        if (!house_read(line, &r->house[r->n]))
            return "a line of the list of households is not of the sample's form";
        r->n++;
    }
    return r->n ? NULL : "the list of households is empty";
}

const char *qm_roster_read(struct qm_roster *r, const char *file)
{
    memset(r, 0, sizeof *r);
    FILE *f = fopen(file, "r");
    if (!f)
        return "cannot read the list of households";
    const char *wrong = houses_read(r, f);
    fclose(f);
    if (!wrong)
        qsort(r->house, r->n, sizeof *r->house, by_id);
    return wrong;
}

void qm_roster_free(struct qm_roster *r)
{
    free(r->house);
    memset(r, 0, sizeof *r);
}

struct qm_house *qm_roster_find(const struct qm_roster *r, const char *id)
{
    struct qm_house key;
    snprintf(key.id, sizeof key.id, "%s", id);
    return bsearch(&key, r->house, r->n, sizeof *r->house, by_id);
}

void qm_roster_expect(const struct qm_roster *r, struct qm_expect *out)
{
    memset(out, 0, sizeof *out);
    for (size_t i = 0; i < r->n; i++) {
        const struct qm_house *h = &r->house[i];
        unsigned marks = atomic_load(&h->marks);
        if (!h->home || h->status == QM_HOUSE_VACANT)
            continue;
        out->homes_near++;
        out->reached += (marks & QM_MARK_REACHED) != 0;
        if (h->status == QM_HOUSE_AWAY)
            continue;
        out->homes++;
        out->visited += (marks & QM_MARK_VISITED) != 0;
        out->notice_delivered += (marks & QM_MARK_DELIVERED) != 0;
        out->notice_signed += (marks & QM_MARK_SIGNED) != 0;
        out->pledge += (marks & QM_MARK_PLEDGE) != 0;
    }
}
