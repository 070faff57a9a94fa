/* test_audit_chain.c - bulletins that do not follow from those before them, and rosters that are
 * none: each is named.  A correction that changes nothing holds.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "audit_world.h"

/* A copy of a text in which the first `what` is `with`. */
static char *changed(const char *text, const char *what, const char *with)
{
    const char *at = strstr(text, what);
    assert_non_null(at);
    size_t before = (size_t)(at - text);
    size_t size = strlen(text) - strlen(what) + strlen(with) + 1;
    char *out = malloc(size);
    assert_non_null(out);
    (void)snprintf(out, size, "%.*s%s%s", (int)before, text, with, text + before + strlen(what));
    return out;
}

/* Writes the world's last bulletin again with two changes, and audits. */
static void again(const char *what, const char *with, const char *what_too, const char *with_too,
                  const char *code)
{
    struct world w;
    const struct plan p = {0};
    world_make(&w, &p);
    char *once = changed((const char *)w.m.last.p, what, with);
    char *twice = changed(once, what_too, with_too);
    int64_t index = ml_entry(&w.m, twice, strlen(twice));
    ml_seal(&w.m);
    audit_alone(&w);
    if (code != NULL)
        expect(&w, code, index);
    else
        assert_int_equal(w.found_n, 0);
    assert_int_equal(w.held_bulletins >= 2, 1);
    free(once);
    free(twice);
    world_free(&w);
}

static void bulletins_follow_from_those_before(void **state)
{
    char replaces[80];
    struct world w;
    const struct plan p = {0};
    (void)state;
    world_make(&w, &p);
    snprintf(replaces, sizeof replaces, "scope 140522110\nreplaces %lld\n",
             (long long)w.last_bulletin);
    char from[64];
    snprintf(from, sizeof from, "from %lld\n", (long long)w.bulletin - 1);
    world_free(&w);
    again("scope 140522110\n", replaces, "A0003", "A0004", NULL);
    again("A0003", "A0004", "A0002", "A0005", "bulletin-twice");
    again("W48", "W47", "A0003", "A0004", "bulletin-order");
    again("W48", "W49", "A0003", "A0004", "bulletin-range");
    again("W48", "W54", "A0003", "A0004", "bulletin-form");
    again("scope 140522110\n", "scope 140522110\nreplaces 0\n", "A0003", "A0004",
          "bulletin-replaces");
    again("scope 140522110\n", replaces, from, "from 0\n", "bulletin-range");
    again("scope 140522110\n", replaces, "A0003", "A0002", "bulletin-account");
    again("scope 140522110\n", replaces, "root ", "root AAAA", "bulletin-form");
    again("scope 140522110\n", replaces, "roster sha256:", "roster sha256:0", "bulletin-form");
    again("scope 140522110\n", replaces, "\nto ", "\nto 9", "bulletin-range");
    again("scope 140522110\n", replaces, "public sha256", "imports sha256", "bulletin-form");
}

/* The last hexadecimal digit behind a word is another one. */
static void other_hash(const char *word, const char *code)
{
    struct world w;
    const struct plan p = {0};
    world_make(&w, &p);
    char *text = strdup((const char *)w.m.last.p);
    char *digit = strstr(text, word) + strlen(word) + QM_HEX_HASH_CHARS - 1;
    *digit = *digit == '0' ? '1' : '0';
    char *with = NULL;
    assert_true(asprintf(&with, "scope 140522110\nreplaces %lld\n", (long long)w.last_bulletin) >
                0);
    char *whole = changed(text, "scope 140522110\n", with);
    int64_t index = ml_entry(&w.m, whole, strlen(whole));
    ml_seal(&w.m);
    audit_alone(&w);
    expect(&w, code, index);
    free(text);
    free(with);
    free(whole);
    world_free(&w);
}

static void hashes_name_what_is_there(void **state)
{
    (void)state;
    other_hash("roster sha256:", "bulletin-roster");
    other_hash("roster sha256:", "roster-missing");
    other_hash("rule sha256:", "bulletin-rule");
    other_hash("rule sha256:", "object-missing");
    other_hash("result sha256:", "result-differs");
    other_hash("public sha256:", "result-differs");
}

static void publish_roster(const char *roster, const char *code)
{
    static const char rule[] =
        "{\"level\":\"village\",\"assurance\":\"reported\",\"order\":\"lexicographic\","
        "\"metrics\":[{\"name\":\"visited\",\"ranked\":true,\"office\":true,\"public\":true}]}";
    struct world w;
    const struct plan p = {0};
    char hex[QM_HEX_HASH_CHARS + 1];
    world_make(&w, &p);
    ml_object(&w.m, rule, sizeof rule - 1, hex);
    ml_entryf(&w.m, "config/v1\nrecv 9\nby A0001\n\nrule sha256:%s\n", hex);
    struct ml_bulletin b = {.scope = "140522110",
                            .period = "2026-W49",
                            .day = "2026-12-06",
                            .roster = roster,
                            .rule = rule,
                            .from = w.last_bulletin - 1,
                            .to = -1,
                            .recv = monday_ms + INT64_C(1800000000),
                            .replaces = -1};
    int64_t index = ml_publish(&w.m, &b);
    ml_seal(&w.m);
    audit_alone(&w);
    if (code != NULL)
        expect(&w, code, index);
    else
        assert_int_equal(w.bad, 0);
    world_free(&w);
}

#define A "AAAAAAAAAAAAAAAAAAAAAA"
#define B "BAAAAAAAAAAAAAAAAAAAAA"
#define G " 140522110201001 "
#define H " 140522110202001 "

static void rosters_have_one_form(void **state)
{
    static const char *const rosters[][2] = {
        {"household " A G "counted\nhousehold " B G "away\nresident " A G "age\n", NULL},
        {"household " A H "merged:" B "\nhousehold " B H "counted\n", NULL},
        {"household " B G "counted\nhousehold " A G "counted\n", "roster-lines"},
        {"household " A G "counted\nhousehold " A H "counted\n", "roster-lines"},
        {"household " A G "counted\nhousehold " A G "counted\n", "roster-lines"},
        {"resident " A G "counted\nhousehold " A G "counted\n", "roster-lines"},
        {"household " A " 140522111201001 counted\n", "roster-lines"},
        {"household " A G "dead\n", "roster-lines"},
        {"household " A G "visited\n", "roster-lines"},
        {"resident " A G "merged:" B "\n", "roster-lines"},
        {"person " A G "counted\n", "roster-lines"},
        {"household " A G "counted \n", "roster-lines"},
        {"household " A G "counted", "roster-lines"},
        {"household " A G "merged:" B "\n", "roster-merged"},
        {"household " A G "merged:" B "\nhousehold " B H "counted\n", "roster-merged"},
        {"household " A G "merged:" B "\nhousehold " B G "merged:" A "\n", "roster-merged"},
        {"household " A G "merged:" A "\n", "roster-merged"}};
    (void)state;
    for (size_t i = 0; i < sizeof rosters / sizeof rosters[0]; i++) {
        print_message("%s", rosters[i][0]);
        publish_roster(rosters[i][0], rosters[i][1]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(bulletins_follow_from_those_before),
                                       cmocka_unit_test(hashes_name_what_is_there),
                                       cmocka_unit_test(rosters_have_one_form)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
