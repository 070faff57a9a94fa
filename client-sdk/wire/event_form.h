/* event_form.h - floor 0, for event.c only: how one member of E is read and written.
 *
 * A form knows bytes and places in struct qm_event; which kind has which member stands in event.c.
 * Pure, any thread.
 */
#ifndef QM_WIRE_EVENT_FORM_H
#define QM_WIRE_EVENT_FORM_H

#include "wire/event.h"

enum qm_value_type { QM_VALUE_STRING, QM_VALUE_INT, QM_VALUE_BOOL, QM_VALUE_ARRAY };

/* A member's value as it stands in E: without the quotes, with the brackets' content only. */
struct qm_value {
    enum qm_value_type type;
    const char *p;
    size_t len;
};

struct qm_field;

struct qm_form {
    enum qm_value_type type;
    /* false: not this form. */
    bool (*read)(const struct qm_field *f, struct qm_value v, struct qm_event *ev);
    /* Writes the value. What cannot be written right is written so that reading refuses it. */
    void (*write)(const struct qm_field *f, const struct qm_event *ev, struct qm_buf *out);
};

struct qm_field {
    const char *name;
    const struct qm_form *form;
    size_t offset;            /* in struct qm_event */
    const char *const *words; /* of words and sets: [0] unused, ended by NULL */
    int64_t lo, hi;           /* of a number, or how many entries of an array */
    unsigned shift;           /* of sets and booleans: bit of the first word */
    int fallback;             /* of words: value when the member is not there */
    /* An optional member: is it to be written?  NULL: it is required. */
    bool (*there)(const struct qm_event *ev);
};

extern const struct qm_form qm_form_version, qm_form_kind, qm_form_int64, qm_form_int32,
    qm_form_grid, qm_form_uuid7, qm_form_pseudonym, qm_form_word, qm_form_set, qm_form_bool,
    qm_form_code, qm_form_topics, qm_form_evidence, qm_form_day8, qm_form_commitment;

extern const char *const qm_words_kind[],
    *const qm_words_outcome[], *const qm_words_notice[],
                                   *const qm_words_pledge[],
                                       *const qm_words_app[],
                                           *const qm_words_place[],
                                               *const qm_words_household_why[],
                                                   *const qm_words_resident_why[],
                                                       *const qm_words_via[],
                                                           *const qm_words_near[],
                                                               *const qm_words_with[],
                                                                   *const qm_words_alerts[];

/* Number of a word; 0 if it is none of them. */
int qm_words_find(const char *const *words, const char *t, size_t len);
/* The word of a number; NULL if it has none. */
const char *qm_words_at(const char *const *words, int number);

#endif
