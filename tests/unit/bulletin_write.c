/* bulletin_write.c - writes the outputs of a made-up bulletin into a folder, for tests that open
 * them with other programs.
 * bulletin_write sample|few|draft|correction|empty|large|hostile|long FOLDER; long: a section of
 * 1,500 characters without a place where a line would rather break.  Exit code 1 if anything fails.
 */
#include <stdio.h>
#include <string.h>

#include "bulletin_fixture.h"
#include "edge/bulletin_out.h"

enum { LONG_CHARACTERS = 1500 };

static void fill_long(struct qm_bulletin_doc *d)
{
    struct qm_buf b;
    qm_buf_init(&b, QM_BULLETIN_OUT_MAX_BYTES);
    for (int i = 0; i < LONG_CHARACTERS; i++)
        qm_buf_puts(&b, "字");
    fixture_bulletin(d, 4);
    d->wording[QM_WORDING_OVERALL] = qm_bulletin_doc_text(d, (const char *)b.p, b.len);
    qm_buf_free(&b);
}

/* Of the first villages: too few, as many as are needed, more. */
static void fill_lecturers(struct qm_bulletin_doc *d)
{
    enum { VILLAGES = 3 };
    for (size_t i = 0; i < VILLAGES; i++) {
        d->rows[i].lecturers_needed = 2;
        d->rows[i].lecturers = 1 + (int64_t)i;
    }
}

static bool make(const char *kind, struct qm_bulletin_doc *d)
{
    if (strcmp(kind, "sample") == 0) {
        fixture_bulletin(d, 24);
        fixture_figures(d, 6);
        fill_lecturers(d);
    } else if (strcmp(kind, "few") == 0) {
        fixture_bulletin(d, 7);
    } else if (strcmp(kind, "draft") == 0) {
        fixture_draft(d, 24);
    } else if (strcmp(kind, "correction") == 0) {
        fixture_correction(d, 24);
    } else if (strcmp(kind, "empty") == 0) {
        fixture_bulletin(d, 0);
    } else if (strcmp(kind, "large") == 0) {
        fixture_bulletin(d, 1500);
    } else if (strcmp(kind, "hostile") == 0) {
        fixture_hostile(d);
    } else if (strcmp(kind, "long") == 0) {
        fill_long(d);
    } else {
        return false;
    }
    return true;
}

static bool save(const char *folder, const char *name, qm_err err, struct qm_buf *b)
{
    char path[4096];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *f = err == QM_OK ? fopen(path, "wb") : NULL;
    bool good = f != NULL && fwrite(b->p, 1, b->len, f) == b->len;
    if (f != NULL && fclose(f) != 0)
        good = false;
    if (!good)
        fprintf(stderr, "%s: %s\n", name, qm_err_name(err));
    qm_buf_reset(b);
    return good;
}

int main(int argc, char **argv)
{
    struct qm_bulletin_doc d;
    struct qm_buf b;
    if (argc != 3 || !make(argv[1], &d)) {
        fprintf(stderr, "usage: bulletin_write KIND FOLDER\n");
        return 1;
    }
    qm_buf_init(&b, QM_BULLETIN_OUT_MAX_BYTES);
    bool good = save(argv[2], "page.html", qm_bulletin_page(&d, &b), &b);
    if (d.published)
        good = save(argv[2], "public.html", qm_bulletin_public_page(&d, &b), &b) && good;
    good = save(argv[2], "sheet.xlsx", qm_bulletin_sheet(&d, NULL, &b), &b) && good;
    good =
        save(argv[2], "table.csv", qm_bulletin_csv(&d, QM_ANNEX_PROGRESS, false, &b), &b) && good;
    good = save(argv[2], "picture.svg", qm_bulletin_picture(&d, &b), &b) && good;
    good = save(argv[2], "words.txt", qm_bulletin_words(&d, &b), &b) && good;
    for (int annex = QM_ANNEX_PROGRESS; annex < QM_ANNEX_COUNT_; annex++) {
        char name[32];
        snprintf(name, sizeof name, "annex%d.csv", annex);
        good =
            save(argv[2], name, qm_bulletin_csv(&d, (enum qm_bulletin_annex)annex, true, &b), &b) &&
            good;
    }
    qm_buf_free(&b);
    qm_bulletin_doc_free(&d);
    return good ? 0 : 1;
}
