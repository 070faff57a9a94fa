/* P beyond the cases of negative.json: what is read, what is written, and line by line judgement.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "wire/event.h"

static void members_are_unescaped(void **state)
{
    static const char text[] =
        "{\"s\":\"AAECAwQFBgcICQoLDA0ODw\", \"name\":\"\\u5f20\\u4e09 \\\"x\\\"\", "
        "\"born\":\"1960-02-29\",\"note\":\"a\\nb\",\"phone\":\"\"}";
    struct qm_private p;
    char day[11];
    (void)state;
    assert_int_equal(qm_private_read(text, strlen(text), &p), QM_OK);
    assert_string_equal(p.salt_text, "AAECAwQFBgcICQoLDA0ODw");
    for (size_t i = 0; i < QM_ID_BYTES; i++)
        assert_int_equal(p.salt[i], i);
    assert_string_equal(p.name, "张三 \"x\"");
    assert_string_equal(p.note, "a\nb");
    assert_string_equal(p.phone, "");
    assert_true(p.has_born);
    qm_day_write(p.born_day, day);
    assert_string_equal(day, "1960-02-29");
    assert_null(p.door);
    assert_null(p.met);
    assert_null(p.signer);
    assert_null(p.relation);
    qm_private_free(&p);
    assert_null(p.name);
    qm_private_free(&p); /* an empty one may be freed again */
}

static void a_failed_read_leaves_nothing_to_free(void **state)
{
    static const char text[] = "{\"s\":\"AAECAwQFBgcICQoLDA0ODw\",\"born\":\"1960-02-30\"}";
    struct qm_private p;
    (void)state;
    memset(&p, 0xAA, sizeof p);
    assert_int_equal(qm_private_read(text, strlen(text), &p), QM_E_MALFORMED);
    assert_null(p.block_);
    qm_private_free(&p);
}

static void what_is_written_is_read_alike(void **state)
{
    char name[] = "张三", phone[] = "13800138000", door[] = "3\\2 \"左\"", met[] = "李\t四",
         signer[] = "王五", relation[] = "self", note[] = "\x01 und \x7F";
    struct qm_private p = {.name = name,
                           .phone = phone,
                           .door = door,
                           .met = met,
                           .signer = signer,
                           .relation = relation,
                           .note = note,
                           .has_born = true,
                           .born_day = -3594};
    struct qm_private back;
    struct qm_buf out;
    (void)state;
    qm_buf_init(&out, QM_P_MAX_BYTES);
    assert_int_equal(qm_private_write(&p, &out), QM_OK);
    assert_false(sodium_is_zero(p.salt, sizeof p.salt)); /* a fresh salt was taken */
    assert_memory_equal(out.p, "{\"s\":\"", 6);
    assert_int_equal(qm_private_read((const char *)out.p, out.len, &back), QM_OK);
    assert_memory_equal(back.salt, p.salt, sizeof p.salt);
    assert_string_equal(back.salt_text, p.salt_text);
    assert_string_equal(back.name, name);
    assert_string_equal(back.phone, phone);
    assert_string_equal(back.door, door);
    assert_string_equal(back.met, met);
    assert_string_equal(back.signer, signer);
    assert_string_equal(back.relation, relation);
    assert_string_equal(back.note, note);
    assert_int_equal(back.born_day, -3594);
    qm_private_free(&back);
    qm_buf_wipe(&out);
}

static void two_salts_differ_and_a_given_one_is_kept(void **state)
{
    struct qm_private a = {0}, b = {0};
    struct qm_buf out;
    uint8_t salt[QM_ID_BYTES];
    (void)state;
    qm_buf_init(&out, QM_P_MAX_BYTES);
    assert_int_equal(qm_private_write(&a, &out), QM_OK);
    assert_int_equal(qm_private_write(&b, &out), QM_OK);
    assert_int_not_equal(memcmp(a.salt, b.salt, sizeof a.salt), 0);
    memcpy(salt, a.salt, sizeof salt);
    assert_int_equal(qm_private_write(&a, &out), QM_OK);
    assert_memory_equal(salt, a.salt, sizeof salt);
    qm_buf_free(&out);
}

static void what_would_be_refused_is_not_written(void **state)
{
    char longer[QM_P_NOTE_MAX_BYTES + 2], no_text[] = "\xFF";
    struct qm_private p = {.name = longer};
    struct qm_buf out;
    (void)state;
    qm_buf_init(&out, QM_P_MAX_BYTES);
    memset(longer, 'a', sizeof longer);
    longer[QM_P_STRING_MAX_BYTES] = 0;
    assert_int_equal(qm_private_write(&p, &out), QM_OK);
    qm_buf_reset(&out);
    longer[QM_P_STRING_MAX_BYTES] = 'a';
    longer[QM_P_STRING_MAX_BYTES + 1] = 0;
    assert_int_equal(qm_private_write(&p, &out), QM_E_INVALID);
    assert_int_equal(out.len, 0);
    p.name = NULL;
    p.note = longer;
    assert_int_equal(qm_private_write(&p, &out), QM_OK);
    qm_buf_reset(&out);
    memset(longer, 'a', sizeof longer);
    longer[QM_P_NOTE_MAX_BYTES + 1] = 0;
    assert_int_equal(qm_private_write(&p, &out), QM_E_INVALID);
    p.note = no_text;
    assert_int_equal(qm_private_write(&p, &out), QM_E_INVALID);
    p.note = NULL;
    p.has_born = true;
    p.born_day = 100000000; /* a year of six digits */
    assert_int_equal(qm_private_write(&p, &out), QM_E_INVALID);
    qm_buf_free(&out);
    p.has_born = false;
    qm_buf_init(&out, 10);
    assert_int_equal(qm_private_write(&p, &out), QM_E_TOO_LARGE);
    qm_buf_free(&out);
}

/* An event that was made with its private part is judged good; the pair of two events is not. */
static void a_pair_belongs_together(void **state)
{
    struct qm_private a = {0}, b = {0}, read;
    struct qm_buf pa, pb, e;
    struct qm_event ev = {
        .kind = QM_RESIDENT, .seq = 1, .at_ms = 1, .code = QM_RW_FOUND, .has_p = true};
    bool private_fault = false;
    (void)state;
    qm_uuid7(ev.id, 1);
    qm_buf_init(&pa, QM_P_MAX_BYTES);
    qm_buf_init(&pb, QM_P_MAX_BYTES);
    qm_buf_init(&e, QM_E_MAX_BYTES);
    assert_int_equal(qm_private_write(&a, &pa), QM_OK);
    assert_int_equal(qm_private_write(&b, &pb), QM_OK);
    qm_sha256(pa.p, pa.len, &ev.p);
    assert_true(qm_event_p_required(&ev));
    assert_int_equal(qm_event_write(&ev, &e), QM_OK);
    assert_int_equal(
        qm_event_check((char *)e.p, e.len, (char *)pa.p, pa.len, &ev, &read, &private_fault),
        QM_OK);
    qm_private_free(&read);
    assert_int_equal(
        qm_event_check((char *)e.p, e.len, (char *)pb.p, pb.len, &ev, &read, &private_fault),
        QM_E_MALFORMED);
    assert_true(private_fault);
    assert_int_equal(ev.kind, QM_RESIDENT); /* E itself was good and is told */
    assert_int_equal(
        qm_event_check((char *)e.p, e.len - 1, (char *)pa.p, pa.len, &ev, &read, &private_fault),
        QM_E_MALFORMED);
    assert_false(private_fault);
    qm_buf_free(&pa);
    qm_buf_free(&pb);
    qm_buf_free(&e);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(members_are_unescaped),
        cmocka_unit_test(a_failed_read_leaves_nothing_to_free),
        cmocka_unit_test(what_is_written_is_read_alike),
        cmocka_unit_test(two_salts_differ_and_a_given_one_is_kept),
        cmocka_unit_test(what_would_be_refused_is_not_written),
        cmocka_unit_test(a_pair_belongs_together),
    };
    if (sodium_init() < 0)
        return 1;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
