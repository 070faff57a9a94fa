/* E: each kind with each member missing, twice, of every wrong type and value; writing; words. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "wire/event.h"
#include "wire_fixture.h"

#define HASH "c1141b27cde2602d810c31a3457ed9f209e7814f2a41dfa1affb38be1616eb61"
#define P43  "LgvXX36ThyeHJzRkMLL0fd7hmHTiUppN-oekpvDzNis"

enum { MEMBERS_MAX = 20 };
struct member {
    const char *name, *value;
    bool optional;
};

static const struct member common[] = {{"v", "1", false},
                                       {"id", "\"01992178-f800-7a3c-8b1d-2f6e5a4c3b2a\"", false},
                                       {"kind", NULL, false},
                                       {"seq", "41", false},
                                       {"at", "1757203200000", false},
                                       {"grid", "\"140522110204001\"", false}};
enum { COMMON = sizeof common / sizeof common[0] };

/* Each kind with all its members, also the optional ones. */
static const struct {
    const char *kind;
    struct member members[MEMBERS_MAX];
} kinds[] = {
    {"\"visit\"",
     {{"household", "\"ewN5FqXIVXT7T-Os6zNFFw\"", false},
      {"outcome", "\"met\"", false},
      {"topics", "[\"order-brushing\",\"fake-service\"]", false},
      {"near", "\"yes\"", false},
      {"secs", "420", false},
      {"via", "\"door\"", true},
      {"with", "[\"police\",\"helper\"]", true},
      {"done", "\"20250907\"", true},
      {"p", "\"" P43 "\"", true}}},
    {"\"notice\"",
     {{"household", "\"ewN5FqXIVXT7T-Os6zNFFw\"", false},
      {"text", "\"notice-2025-1\"", false},
      {"evidence", "[\"" HASH "\"]", false},
      {"state", "\"left\"", true},
      {"via", "\"paper\"", true},
      {"done", "\"20250907\"", true},
      {"p", "\"" P43 "\"", true}}},
    {"\"pledge\"",
     {{"household", "\"ewN5FqXIVXT7T-Os6zNFFw\"", false},
      {"resident", "\"dMni7W2dy9A-P0bDtI_5xw\"", false},
      {"text", "\"pledge-2025-1\"", false},
      {"evidence", "[\"" HASH "\"]", false},
      {"state", "\"signed\"", true},
      {"via", "\"paper\"", true},
      {"done", "\"20250907\"", true},
      {"p", "\"" P43 "\"", false}}},
    {"\"app\"",
     {{"household", "\"ewN5FqXIVXT7T-Os6zNFFw\"", false},
      {"resident", "\"dMni7W2dy9A-P0bDtI_5xw\"", false},
      {"state", "\"installed\"", false},
      {"real_name", "true", false},
      {"call_alert", "true", false},
      {"sms_alert", "false", false},
      {"evidence", "[]", false},
      {"na", "[\"sms_alert\"]", true},
      {"via", "\"phone\"", true},
      {"done", "\"20250907\"", true},
      {"p", "\"" P43 "\"", true}}},
    {"\"household\"",
     {{"household", "\"ewN5FqXIVXT7T-Os6zNFFw\"", false},
      {"place", "\"home\"", false},
      {"why", "\"split\"", false},
      {"from", "\"EBESExQVFhcYGRobHB0eHw\"", false},
      {"p", "\"" P43 "\"", false}}},
    {"\"resident\"",
     {{"household", "\"ewN5FqXIVXT7T-Os6zNFFw\"", false},
      {"resident", "\"dMni7W2dy9A-P0bDtI_5xw\"", false},
      {"why", "\"found\"", false},
      {"p", "\"" P43 "\"", false}}},
    {"\"void\"",
     {{"target", "\"01992178-fa00-7a3c-8b1d-2f6e5a4c3b2b\"", false},
      {"reason", "\"wrong-door\"", false}}},
};
enum { KINDS = sizeof kinds / sizeof kinds[0] };

/* Values that fit no member of any kind. */
static const char *const never[] = {"",
                                    "null",
                                    "-1",
                                    "+1",
                                    "01",
                                    "1.0",
                                    "1e3",
                                    "{}",
                                    "{\"a\":1}",
                                    "[1]",
                                    "[null]",
                                    "[[]]",
                                    "[\"\"]",
                                    "[\"a\",]",
                                    "[,]",
                                    "[\"a\"",
                                    "\"",
                                    "\"\"",
                                    "True",
                                    "tru",
                                    "nul",
                                    "\" \"",
                                    "[\"A\"]",
                                    "[\"-x\"]",
                                    "[true]",
                                    "\"a\\u0062\"",
                                    "99999999999999999999",
                                    "9007199254740992",
                                    "\"\xE5\xBC\xA0\"",
                                    "\"a\tb\"",
                                    "1,",
                                    "\"x\"\"y\"",
                                    "[\"x\"\"y\"]",
                                    "[\"x\" ,\"y\"]",
                                    "'x'",
                                    "\"........-....-....-....-............\"",
                                    "NaN",
                                    "0x1"};

static size_t members_of(size_t kind, struct member *out)
{
    size_t n = 0;
    for (; n < COMMON; n++)
        out[n] = common[n];
    out[2].value = kinds[kind].kind;
    for (const struct member *m = kinds[kind].members; m->name != NULL; m++)
        out[n++] = *m;
    return n;
}

static size_t text_of(const struct member *m, size_t n, char *out, size_t room)
{
    size_t len = 0;
    for (size_t i = 0; i < n; i++)
        len += (size_t)snprintf(out + len, room - len, "%c\"%s\":%s", i == 0 ? '{' : ',', m[i].name,
                                m[i].value);
    return len + (size_t)snprintf(out + len, room - len, "}");
}

static qm_err judge(const struct member *m, size_t n)
{
    char text[8192];
    struct qm_event ev;
    return qm_event_read(text, text_of(m, n, text, sizeof text), &ev);
}

static void complete_events_are_read_in_any_order(void **state)
{
    uint64_t random = 7;
    (void)state;
    for (size_t k = 0; k < KINDS; k++) {
        struct member m[MEMBERS_MAX];
        size_t n = members_of(k, m);
        for (int round = 0; round < 50; round++) {
            assert_int_equal(judge(m, n), QM_OK);
            for (size_t i = n - 1; i > 0; i--) {
                size_t j = fx_random(&random) % (i + 1);
                struct member t = m[i];
                m[i] = m[j];
                m[j] = t;
            }
        }
    }
}

static void a_missing_member_is_refused_unless_optional(void **state)
{
    (void)state;
    for (size_t k = 0; k < KINDS; k++) {
        struct member m[MEMBERS_MAX];
        size_t n = members_of(k, m);
        for (size_t i = 0; i < n; i++) {
            struct member without[MEMBERS_MAX];
            memcpy(without, m, sizeof without);
            memmove(&without[i], &without[i + 1], (n - i - 1) * sizeof m[0]);
            assert_int_equal(judge(without, n - 1), m[i].optional ? QM_OK : QM_E_MALFORMED);
        }
    }
}

static void a_member_twice_or_of_another_kind_is_refused(void **state)
{
    (void)state;
    for (size_t k = 0; k < KINDS; k++) {
        struct member m[MEMBERS_MAX];
        size_t n = members_of(k, m);
        for (size_t i = 0; i < n; i++) {
            m[n] = m[i];
            assert_int_equal(judge(m, n + 1), QM_E_MALFORMED);
        }
        for (size_t other = 0; other < KINDS; other++) {
            for (const struct member *o = kinds[other].members; o->name != NULL; o++) {
                bool own = false;
                for (size_t i = 0; i < n; i++)
                    own = own || strcmp(m[i].name, o->name) == 0;
                m[n] = *o;
                if (!own)
                    assert_int_equal(judge(m, n + 1), QM_E_MALFORMED);
            }
        }
        m[n] = (struct member){"note", "\"x\"", false};
        assert_int_equal(judge(m, n + 1), QM_E_MALFORMED);
        m[n] = (struct member){"", "1", false};
        assert_int_equal(judge(m, n + 1), QM_E_MALFORMED);
    }
}

static void values_that_fit_nowhere_are_refused_everywhere(void **state)
{
    (void)state;
    for (size_t k = 0; k < KINDS; k++) {
        struct member m[MEMBERS_MAX];
        size_t n = members_of(k, m);
        for (size_t i = 0; i < n; i++) {
            for (size_t b = 0; b < sizeof never / sizeof never[0]; b++) {
                const char *good = m[i].value;
                m[i].value = never[b];
                if (judge(m, n) != QM_E_MALFORMED)
                    fail_msg("%s: %s taken for %s", kinds[k].kind, never[b], m[i].name);
                m[i].value = good;
            }
        }
    }
}

/* Every member's value in the place of every other member's, where they are not of one form. */
static void values_of_other_members_are_refused(void **state)
{
    static const char *const same_form[][4] = {{"household", "resident", "from"},
                                               {"id", "target"},
                                               {"seq", "at", "v", "secs"},
                                               {"real_name", "call_alert", "sms_alert"},
                                               {"text", "reason"},
                                               {"topics", "with", "na", "evidence"}};
    size_t tried = 0;
    (void)state;
    for (size_t k = 0; k < KINDS; k++) {
        struct member m[MEMBERS_MAX];
        size_t n = members_of(k, m);
        for (size_t i = 0; i < n; i++) {
            for (size_t j = 0; j < n; j++) {
                bool alike = i == j || strcmp(m[i].name, "text") == 0; /* any word is a code */
                for (size_t f = 0; f < sizeof same_form / sizeof same_form[0]; f++) {
                    bool has_i = false, has_j = false;
                    for (size_t w = 0; w < 4 && same_form[f][w] != NULL; w++) {
                        has_i = has_i || strcmp(same_form[f][w], m[i].name) == 0;
                        has_j = has_j || strcmp(same_form[f][w], m[j].name) == 0;
                    }
                    alike = alike || (has_i && has_j);
                }
                if (alike || strcmp(m[i].name, "reason") == 0)
                    continue;
                const char *good = m[i].value;
                m[i].value = m[j].value;
                if (judge(m, n) != QM_E_MALFORMED)
                    fail_msg("%s: value of %s taken for %s", kinds[k].kind, m[j].name, m[i].name);
                m[i].value = good;
                tried++;
            }
        }
    }
    assert_true(tried > 500);
}

/* ---- writing ---- */

static void visit_of(struct qm_event *ev)
{
    memset(ev, 0, sizeof *ev);
    ev->kind = QM_VISIT;
    qm_uuid7(ev->id, 1757203200000);
    ev->seq = 1;
    ev->at_ms = 1757203200000;
    ev->grid = 140522110204001;
    randombytes_buf(ev->household, sizeof ev->household);
    ev->code = QM_MET;
    ev->near = QM_NEAR_NO;
    ev->secs = 5;
}

static qm_err write_only(const struct qm_event *ev)
{
    struct qm_buf out;
    qm_buf_init(&out, QM_E_MAX_BYTES);
    qm_buf_puts(&out, "before");
    qm_err e = qm_event_write(ev, &out);
    if (e == QM_E_INVALID)
        assert_string_equal((const char *)out.p, "before"); /* nothing half written */
    qm_buf_free(&out);
    return e;
}

static void what_was_read_is_written_and_read_alike(void **state)
{
    (void)state;
    for (size_t k = 0; k < KINDS; k++) {
        struct member m[MEMBERS_MAX];
        size_t n = members_of(k, m);
        char text[4096];
        size_t len = text_of(m, n, text, sizeof text);
        struct qm_event ev, back;
        struct qm_buf out;
        assert_int_equal(qm_event_read(text, len, &ev), QM_OK);
        qm_buf_init(&out, QM_E_MAX_BYTES);
        assert_int_equal(qm_event_write(&ev, &out), QM_OK);
        assert_string_equal((const char *)out.p, text);
        assert_int_equal(qm_event_read((const char *)out.p, out.len, &back), QM_OK);
        assert_memory_equal(&ev, &back, sizeof ev);
        qm_buf_free(&out);
    }
}

static void what_would_be_refused_is_not_written(void **state)
{
    struct qm_event ev;
    (void)state;
    visit_of(&ev);
    assert_int_equal(write_only(&ev), QM_OK);
    ev.secs = 86401;
    assert_int_equal(write_only(&ev), QM_E_INVALID);
    visit_of(&ev);
    ev.code = QM_NONE + 1;
    assert_int_equal(write_only(&ev), QM_E_INVALID);
    ev.code = 0;
    assert_int_equal(write_only(&ev), QM_E_INVALID);
    visit_of(&ev);
    ev.seq = 0;
    assert_int_equal(write_only(&ev), QM_E_INVALID);
    visit_of(&ev);
    ev.topics = 1;
    strcpy(ev.topic[0], "a\",\"b"); /* would add a topic */
    assert_int_equal(write_only(&ev), QM_E_INVALID);
    memset(ev.topic[0], 'a', sizeof ev.topic[0]); /* no NUL */
    assert_int_equal(write_only(&ev), QM_E_INVALID);
    ev.topics = QM_TOPICS_MAX + 1;
    assert_int_equal(write_only(&ev), QM_E_INVALID);
    visit_of(&ev);
    ev.has_done = true;
    ev.done_day = -800000;
    assert_int_equal(write_only(&ev), QM_E_INVALID);
    ev.done_day = 100000000;
    assert_int_equal(write_only(&ev), QM_E_INVALID);
    visit_of(&ev);
    ev.id[6] = 0x40;
    assert_int_equal(write_only(&ev), QM_E_INVALID);
    visit_of(&ev);
    ev.kind = QM_KIND_COUNT_;
    assert_int_equal(write_only(&ev), QM_E_INVALID);
    visit_of(&ev);
    ev.kind = QM_VOID;
    ev.has_p = true;
    qm_uuid7(ev.target, 1);
    strcpy(ev.reason, "x");
    assert_int_equal(write_only(&ev), QM_E_INVALID);
    ev.has_p = false;
    assert_int_equal(write_only(&ev), QM_OK);
}

static void defaults_need_not_be_written(void **state)
{
    struct qm_event ev, back;
    struct qm_buf out;
    (void)state;
    visit_of(&ev);
    ev.kind = QM_NOTICE;
    ev.code = 0; /* not set: signed */
    strcpy(ev.text, "notice-1");
    qm_buf_init(&out, QM_E_MAX_BYTES);
    assert_int_equal(qm_event_write(&ev, &out), QM_OK);
    assert_null(strstr((const char *)out.p, "\"state\""));
    assert_null(strstr((const char *)out.p, "\"via\""));
    assert_int_equal(qm_event_read((const char *)out.p, out.len, &back), QM_OK);
    assert_int_equal(back.code, QM_NOTICE_SIGNED);
    assert_int_equal(back.via, QM_DOOR);
    qm_buf_reset(&out);
    back.via_written = back.state_written = true;
    assert_int_equal(qm_event_write(&back, &out), QM_OK);
    assert_non_null(strstr((const char *)out.p, "\"state\":\"signed\",\"via\":\"door\""));
    qm_buf_free(&out);
}

static void a_buffer_that_is_too_small_says_so(void **state)
{
    struct qm_event ev;
    struct qm_buf out;
    (void)state;
    visit_of(&ev);
    qm_buf_init(&out, 100);
    assert_int_equal(qm_event_write(&ev, &out), QM_E_TOO_LARGE);
    qm_buf_free(&out);
}

static void words_and_numbers(void **state)
{
    static const struct {
        const char *field;
        int count;
    } fields[] = {{"kind", 7},          {"outcome", 10},    {"notice", 3}, {"pledge", 4},
                  {"app", 8},           {"place", 6},       {"via", 5},    {"near", 3},
                  {"household_why", 3}, {"resident_why", 7}};
    (void)state;
    for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++) {
        assert_null(qm_word(fields[i].field, 0));
        assert_null(qm_word(fields[i].field, fields[i].count + 1));
        for (int n = 1; n <= fields[i].count; n++)
            assert_int_equal(qm_word_read(fields[i].field, qm_word(fields[i].field, n)), n);
        assert_int_equal(qm_word_read(fields[i].field, ""), 0);
        assert_int_equal(qm_word_read(fields[i].field, "nothing"), 0);
    }
    assert_int_equal(qm_word_read("kind", "void"), QM_VOID);
    assert_int_equal(qm_word_read("outcome", "none"), QM_NONE);
    assert_int_equal(qm_word_read("app", "removed"), QM_APP_REMOVED);
    assert_int_equal(qm_word_read("no field", "met"), 0);
    assert_null(qm_word("no field", 1));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(complete_events_are_read_in_any_order),
        cmocka_unit_test(a_missing_member_is_refused_unless_optional),
        cmocka_unit_test(a_member_twice_or_of_another_kind_is_refused),
        cmocka_unit_test(values_that_fit_nowhere_are_refused_everywhere),
        cmocka_unit_test(values_of_other_members_are_refused),
        cmocka_unit_test(what_was_read_is_written_and_read_alike),
        cmocka_unit_test(what_would_be_refused_is_not_written),
        cmocka_unit_test(defaults_need_not_be_written),
        cmocka_unit_test(a_buffer_that_is_too_small_says_so),
        cmocka_unit_test(words_and_numbers),
    };
    if (sodium_init() < 0)
        return 1;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
