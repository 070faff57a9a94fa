/* office_sheet.h - floor 4: a whole CSV file in memory, checked column by column, then handed to
 * the database as arrays.
 *
 * Happy path: read, check columns (each adds its faults), look up what must exist, add the columns
 * as array parameters, call one function, free.  Nothing is sent while there are faults.
 * One thread.
 */
#ifndef QM_EDGE_OFFICE_SHEET_H
#define QM_EDGE_OFFICE_SHEET_H

#include "edge/csv.h"
#include "edge/office.h"

struct qm_sheet_row {
    int64_t line;
    uint8_t id[QM_ID_BYTES]; /* of the column given to qm_sheet_ids */
    bool fresh;              /* the id was made here */
    uint32_t at[QM_CSV_COLUMNS_MAX];
};
struct qm_sheet {
    struct qm_office *a;
    const struct qm_csv_column *column;
    size_t columns;
    bool has[QM_CSV_COLUMNS_MAX];
    size_t n, cap;
    struct qm_sheet_row *row;
    struct qm_buf bytes;
    struct qm_faults faults;
};

/* Reads a->input.  Not 0: said; the sheet must be freed in each case. */
int qm_sheet_read(struct qm_office *a, const struct qm_csv_column *columns, size_t n,
                  struct qm_sheet *s);
void qm_sheet_free(struct qm_sheet *s); /* wipes */
const char *qm_sheet_cell(const struct qm_sheet *s, size_t row, size_t column);
/* Another text for a cell; pointers from qm_sheet_cell hold no longer.  Without memory the sheet's
 * bytes.err says so. */
void qm_sheet_put(struct qm_sheet *s, size_t row, size_t column, const char *text);
void qm_sheet_fault(struct qm_sheet *s, size_t row, size_t column, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
/* 0 if there are no faults so far, otherwise they are said. */
int qm_sheet_verdict(struct qm_sheet *s);

/* ---- checks of a whole column ---- */
void qm_sheet_required(struct qm_sheet *s, size_t column);
void qm_sheet_max_bytes(struct qm_sheet *s, size_t column, size_t max);
void qm_sheet_accounts(struct qm_sheet *s, size_t column); /* empty is no fault */
void qm_sheet_grids(struct qm_sheet *s, size_t column);    /* 15 digits of this county */
void qm_sheet_days(struct qm_sheet *s, size_t column);     /* empty is no fault */
void qm_sheet_phones(struct qm_sheet *s, size_t column);   /* empty is no fault */
/* One of the words (NULL-terminated); empty takes the first. */
void qm_sheet_words(struct qm_sheet *s, size_t column, const char *const *words);
int qm_sheet_word(const struct qm_sheet *s, size_t row, size_t column, const char *const *words);
/* Pseudonyms into row.id, fresh ones for empty cells if that is all right; twice in the file is a
 * fault. */
void qm_sheet_ids(struct qm_sheet *s, size_t column, bool fresh_ok);

/* ---- what must exist: one query gives the numbers (from 1) of rows that are wrong ---- */
/* statement: $1 county, $2 the column, $3 the prefix; each row of the result becomes a fault of
 * that row.
 */
enum qm_sheet_form { QM_SHEET_TEXT, QM_SHEET_BIGINT, QM_SHEET_UUID };
int qm_sheet_look_up(struct qm_sheet *s, size_t column, enum qm_sheet_form form,
                     const char *statement, const char *fault);

/* ---- the village's own household numbers (office_refs.c) ---- */
/* Each at most once in a village, in the file and in the register; empty ones are no fault. */
int qm_sheet_refs_check(struct qm_sheet *s, size_t grid_column, size_t ref_column);
/* Puts the pseudonym of the household that ref names into empty cells of `household`; village and
 * grid say where, one of them where a number is in several villages. */
int qm_sheet_refs_find(struct qm_sheet *s, size_t household, size_t ref, size_t village,
                       size_t grid);

/* ---- columns as array parameters ---- */
void qm_sheet_add_text(const struct qm_sheet *s, struct qm_pg_params *p, size_t column,
                       bool empty_is_null);
void qm_sheet_add_ids(const struct qm_sheet *s, struct qm_pg_params *p);
void qm_sheet_add_bigint(const struct qm_sheet *s, struct qm_pg_params *p, size_t column);
void qm_sheet_add_uuid(const struct qm_sheet *s, struct qm_pg_params *p, size_t column);
/* One day of an array that is open; what is no day is null. */
void qm_sheet_add_day(const struct qm_sheet *s, struct qm_pg_params *p, size_t row, size_t column);
void qm_sheet_add_days(const struct qm_sheet *s, struct qm_pg_params *p, size_t column);
/* Sealed for the row's id under the purpose; empty cells are null.  Not 0: said. */
int qm_sheet_add_sealed(struct qm_sheet *s, struct qm_pg_params *p, size_t column,
                        const char *purpose);
/* Digits of a phone number only. */
void qm_sheet_phone_digits(const char *cell, char out[24]);
bool qm_sheet_phone_ok(const char *cell);
/* "elder  alone" -> "elder,alone"; list has room for the cell. */
void qm_sheet_groups(const char *cell, char *list);
int qm_sheet_add_sealed_phone(struct qm_sheet *s, struct qm_pg_params *p, size_t column);
void qm_sheet_add_phone_macs(const struct qm_sheet *s, struct qm_pg_params *p, size_t column);

/* Calls an import function (status, bad, rows, ...) and turns a bad row into a fault. */
int qm_sheet_call(struct qm_sheet *s, const char *statement, struct qm_pg_params *params);
/* Gives the file with the pseudonyms of column in place to whoever wants it (put_out). */
int qm_sheet_put_out(struct qm_sheet *s, size_t column);

#endif
