/* ranking_lines.c - floor 3: the lines of a roster, sorted; see ranking_lines.h.
 *
 * Happy path: a row waits with those whose pseudonyms begin with the same character: 64 runs, each
 * with a block in memory that goes to the file when it is full.  To be written, a run is read back
 * and sorted by itself: so sorting needs little memory, and far less time than in the database.
 * Failure: what the file does not take or give is QM_E_IO; a status or a grid that no line can have
 * is QM_E_CORRUPT.
 */
#include "domain/ranking_lines.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
    RUNS = 64,
    BLOCK_ENTRIES = 64,
    BLOCKS_FIRST = 64,
    GRID_DIGITS = 15,
    KIND_MAX_BYTES = 16,
    LINE_MAX_BYTES = 112,
    ORDER_CHARS = 10, /* of a pseudonym, six bits each, in one integer */
    CHAR_BITS = 6
};
#define TEXT_MAX_BYTES (1U << 30)

static const char *const words[] = {"counted", "away", "vacant", "gone",
                                    "other",   "age",  "dead",   "unknown_age"};
enum { WORDS = sizeof words / sizeof *words };

struct qm_line_entry {
    uint64_t order; /* the first characters of the pseudonym, as integers in the order of bytes */
    int64_t grid;
    uint8_t id[QM_ID_BYTES], merged[QM_ID_BYTES];
    uint8_t word; /* WORDS: merged */
};

struct qm_line_run {
    size_t n;
    struct qm_line_entry list[BLOCK_ENTRIES];
};

enum { BLOCK_BYTES = sizeof(struct qm_line_entry) * BLOCK_ENTRIES };

qm_err qm_ranking_lines_begin(struct qm_ranking_lines *s)
{
    *s = (struct qm_ranking_lines){0};
    qm_buf_init(&s->text, TEXT_MAX_BYTES);
    s->runs = calloc(RUNS, sizeof *s->runs);
    if (s->runs == NULL)
        return QM_E_NOMEM;
    s->file = tmpfile();
    return s->file == NULL ? QM_E_IO : QM_OK;
}

void qm_ranking_lines_again(struct qm_ranking_lines *s)
{
    for (size_t i = 0; i < RUNS; i++)
        s->runs[i].n = 0;
    s->blocks = 0;
    s->run = 0;
}

void qm_ranking_lines_end(struct qm_ranking_lines *s)
{
    if (s->file != NULL)
        fclose(s->file);
    qm_buf_free(&s->text);
    free(s->runs);
    free(s->run_of);
    free(s->list);
    *s = (struct qm_ranking_lines){0};
}

/* ---- rows into runs ---- */

/* The place of the character of six bits (A-Z a-z 0-9 - _) among the 64, in the order of their
 * bytes (- 0-9 A-Z _ a-z). */
static const uint8_t place_of[RUNS] = {
    11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31, 32,
    33, 34, 35, 36, 38, 39, 40, 41, 42, 43, 44, 45, 46, 47, 48, 49, 50, 51, 52, 53, 54, 55,
    56, 57, 58, 59, 60, 61, 62, 63, 1,  2,  3,  4,  5,  6,  7,  8,  9,  10, 0,  37};

static uint64_t order_of(const uint8_t id[QM_ID_BYTES])
{
    uint64_t first = 0, order = 0;
    for (size_t i = 0; i < sizeof first; i++)
        first = first << 8 | id[i];
    for (int i = 0; i < ORDER_CHARS; i++) {
        order = order << CHAR_BITS | place_of[first >> (64 - CHAR_BITS)];
        first <<= CHAR_BITS;
    }
    return order;
}

static size_t run_of(const struct qm_line_entry *e)
{
    return (size_t)(e->order >> (CHAR_BITS * (ORDER_CHARS - 1)));
}

static qm_err entry_make(const struct qm_line_row *row, struct qm_line_entry *e)
{
    int64_t grid_end = 1000000000000000; /* 15 digits */
    memset(e, 0, sizeof *e);             /* with what lies between the members: it goes to a file */
    if (row->grid < 0 || row->grid >= grid_end || (row->merged == NULL) == (row->status == NULL))
        return QM_E_CORRUPT;
    e->order = order_of(row->id);
    e->grid = row->grid;
    memcpy(e->id, row->id, QM_ID_BYTES);
    if (row->merged != NULL) {
        memcpy(e->merged, row->merged, QM_ID_BYTES);
        e->word = WORDS;
        return QM_OK;
    }
    while (e->word < WORDS && strcmp(words[e->word], row->status) != 0)
        e->word++;
    return e->word < WORDS ? QM_OK : QM_E_CORRUPT;
}

static bool room_for_block(struct qm_ranking_lines *s)
{
    if (s->blocks < s->blocks_max)
        return true;
    size_t max = s->blocks_max == 0 ? BLOCKS_FIRST : 2 * s->blocks_max;
    uint8_t *list = realloc(s->run_of, max);
    if (list == NULL)
        return false;
    s->run_of = list;
    s->blocks_max = max;
    return true;
}

static qm_err block_put(struct qm_ranking_lines *s, size_t run)
{
    if (!room_for_block(s))
        return QM_E_NOMEM;
    off_t at = (off_t)s->blocks * BLOCK_BYTES;
    if (pwrite(fileno(s->file), s->runs[run].list, BLOCK_BYTES, at) != BLOCK_BYTES)
        return QM_E_IO;
    s->run_of[s->blocks++] = (uint8_t)run;
    s->runs[run].n = 0;
    return QM_OK;
}

qm_err qm_ranking_lines_add(struct qm_ranking_lines *s, const struct qm_line_row *row)
{
    struct qm_line_entry e;
    qm_err err = entry_make(row, &e);
    size_t run = err == QM_OK ? run_of(&e) : 0;
    if (err == QM_OK && s->runs[run].n == BLOCK_ENTRIES)
        err = block_put(s, run);
    if (err == QM_OK)
        s->runs[run].list[s->runs[run].n++] = e;
    return err;
}

/* ---- runs into lines ---- */

static bool room_for_list(struct qm_ranking_lines *s, size_t n)
{
    if (n <= s->list_max)
        return true;
    struct qm_line_entry *list = realloc(s->list, n * sizeof *list);
    if (list == NULL)
        return false;
    s->list = list;
    s->list_max = n;
    return true;
}

static qm_err run_read(struct qm_ranking_lines *s, size_t run, size_t *n)
{
    size_t entries = s->runs[run].n;
    for (size_t i = 0; i < s->blocks; i++)
        entries += s->run_of[i] == run ? (size_t)BLOCK_ENTRIES : 0;
    if (!room_for_list(s, entries))
        return QM_E_NOMEM;
    *n = 0;
    for (size_t i = 0; i < s->blocks; i++) {
        if (s->run_of[i] != run)
            continue;
        if (pread(fileno(s->file), s->list + *n, BLOCK_BYTES, (off_t)i * BLOCK_BYTES) !=
            BLOCK_BYTES)
            return QM_E_IO;
        *n += BLOCK_ENTRIES;
    }
    if (s->runs[run].n > 0)
        memcpy(s->list + *n, s->runs[run].list, s->runs[run].n * sizeof *s->list);
    *n = entries;
    return QM_OK;
}

static int name_order(const void *x, const void *y)
{
    const struct qm_line_entry *a = x, *b = y;
    char one[QM_PSEUDONYM_CHARS + 1], other[QM_PSEUDONYM_CHARS + 1];
    if (a->order != b->order)
        return a->order < b->order ? -1 : 1;
    qm_pseudonym_write(a->id, one);
    qm_pseudonym_write(b->id, other);
    return memcmp(one, other, QM_PSEUDONYM_CHARS);
}

static char *put(char *at, const char *text, size_t len)
{
    memcpy(at, text, len);
    return at + len;
}

/* By hand: there are millions of them. */
static qm_err line_write(struct qm_buf *out, const char *kind, const struct qm_line_entry *e)
{
    char line[LINE_MAX_BYTES], name[QM_PSEUDONYM_CHARS + 1];
    char *at = put(line, kind, strlen(kind));
    int64_t left = e->grid;
    *at++ = ' ';
    qm_pseudonym_write(e->id, name);
    at = put(at, name, QM_PSEUDONYM_CHARS);
    *at++ = ' ';
    for (int i = GRID_DIGITS - 1; i >= 0; i--) {
        at[i] = (char)('0' + left % 10);
        left /= 10;
    }
    at += GRID_DIGITS;
    *at++ = ' ';
    if (e->word < WORDS) {
        at = put(at, words[e->word], strlen(words[e->word]));
    } else {
        qm_pseudonym_write(e->merged, name);
        at = put(at, "merged:", sizeof "merged:" - 1);
        at = put(at, name, QM_PSEUDONYM_CHARS);
    }
    *at++ = '\n';
    return qm_buf_add(out, line, (size_t)(at - line));
}

qm_err qm_ranking_lines_next(struct qm_ranking_lines *s, const char *kind, const char **text,
                             size_t *len)
{
    qm_err err = strlen(kind) > KIND_MAX_BYTES ? QM_E_INVALID : QM_OK;
    size_t n = 0;
    qm_buf_reset(&s->text);
    while (err == QM_OK && n == 0 && s->run < RUNS)
        err = run_read(s, s->run++, &n);
    if (err == QM_OK && n > 0)
        qsort(s->list, n, sizeof *s->list, name_order);
    for (size_t i = 0; err == QM_OK && i < n; i++)
        err = line_write(&s->text, kind, &s->list[i]);
    *text = (const char *)s->text.p;
    *len = err == QM_OK ? s->text.len : 0;
    return err;
}
