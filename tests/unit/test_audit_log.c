/* test_audit_log.c - the audit of a whole made-up log: it holds, and what is done to its stored
 * files by somebody without keys is found and named.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "audit_world.h"

/* ---- files of the world ---- */

static char *path_of(const struct world *w, const char *name)
{
    static char path[512];
    snprintf(path, sizeof path, "%s/%s", w->m.log, name);
    return path;
}

static char *file_read(const struct world *w, const char *name, size_t *len)
{
    FILE *f = fopen(path_of(w, name), "rb");
    assert_non_null(f);
    char *bytes = calloc(1, (size_t)1 << 20);
    *len = fread(bytes, 1, ((size_t)1 << 20) - 1, f);
    fclose(f);
    return bytes;
}

/* Puts `with` in the place of the first `what` behind `after`; sizes may differ. */
static void file_change(const struct world *w, const char *name, const char *after,
                        const char *what, const char *with)
{
    size_t len = 0;
    char *bytes = file_read(w, name, &len);
    char *from = memmem(bytes, len, after, strlen(after));
    assert_non_null(from);
    char *at = memmem(from, len - (size_t)(from - bytes), what, strlen(what));
    assert_non_null(at);
    struct qm_buf changed;
    qm_buf_init(&changed, (size_t)2 << 20);
    qm_buf_add(&changed, bytes, (size_t)(at - bytes));
    qm_buf_puts(&changed, with);
    qm_buf_add(&changed, at + strlen(what), len - (size_t)(at - bytes) - strlen(what));
    ml_file(&w->m, name, changed.p, changed.len);
    qm_buf_free(&changed);
    free(bytes);
}

static void batch_name(int64_t index, char out[64])
{
    snprintf(out, 64, "batch/%lld", (long long)index);
}

/* "object/<sha>" of the last object that the text of an entry names behind a word. */
static void object_of(const struct world *w, const char *word, char out[80])
{
    char name[64], *at, *bytes;
    size_t len = 0;
    snprintf(name, sizeof name, "tile/entries/000.p/%llu", (unsigned long long)w->m.frontier.size);
    bytes = file_read(w, name, &len);
    at = NULL;
    for (char *p = bytes; (p = memmem(p, len - (size_t)(p - bytes), word, strlen(word))) != NULL;
         p++)
        at = p;
    assert_non_null(at);
    snprintf(out, 80, "object/%.64s", at + strlen(word));
    free(bytes);
}

static void bundle_name(const struct world *w, char out[64])
{
    snprintf(out, 64, "tile/entries/000.p/%llu", (unsigned long long)w->m.frontier.size);
}

/* ---- it holds ---- */

static void a_good_log_holds(void **state)
{
    struct world w;
    struct plan p = {0};
    (void)state;
    world_make(&w, &p);
    const struct qm_audit_seen seen[] = {
        {"note", (const char *)w.note.p, w.note.len},
        {"batch", (const char *)w.receipt_batch.p, w.receipt_batch.len},
        {"erase", (const char *)w.receipt_erase.p, w.receipt_erase.len},
        {"event", (const char *)w.proof_event.p, w.proof_event.len}};
    assert_int_equal(audit(&w, seen, 4), QM_OK);
    assert_int_equal(w.found_n, 0);
    assert_int_equal(w.held_bulletins, 2);
    assert_int_equal(w.report.entries, w.m.frontier.size);
    assert_int_equal(w.report.recorded, 47);
    assert_int_equal(w.report.held, 2);
    /* Records, not parts of the spool: every one that is shown. */
    assert_int_equal(w.records_total, w.report.events - w.report.trust_rejects);
    assert_int_equal(w.records_done, w.records_total);
    assert_int_equal(w.report.seen, 4);
    world_free(&w);
}

/* ---- done to stored bytes ---- */

static void with_changed(const char *after, const char *what, const char *with, bool second,
                         const char *code)
{
    struct world w;
    struct plan p = {0};
    char name[64];
    world_make(&w, &p);
    batch_name(second ? w.second : w.batch, name);
    file_change(&w, name, after, what, with);
    const struct qm_audit_seen seen = {"event", (const char *)w.proof_event.p, w.proof_event.len};
    assert_int_equal(audit(&w, &seen, 1), QM_OK);
    expect(&w, code, second ? w.second : w.batch);
    world_free(&w);
}

static void events_changed_dropped_added(void **state)
{
    struct world w;
    struct plan p = {0};
    char name[64], line[4096] = "", *bytes;
    size_t len = 0;
    (void)state;
    with_changed("\"kind\":\"visit\"", "\"met\"", "\"absent\"", false, "batch-root");
    world_make(&w, &p);
    batch_name(w.batch, name);
    bytes = file_read(&w, name, &len);
    char *at = strstr(bytes, w.event);
    assert_non_null(at);
    while (at[-1] != '\n')
        at--;
    snprintf(line, sizeof line, "%.*s", (int)(strchr(at, '\n') - at) + 1, at);
    free(bytes);
    const struct qm_audit_seen seen = {"event", (const char *)w.proof_event.p, w.proof_event.len};
    /* Dropped: the phone's proof names it. */
    file_change(&w, name, "", line, "");
    assert_int_equal(audit(&w, &seen, 1), QM_OK);
    expect(&w, "batch-lines", w.batch);
    expect(&w, "seen-event", -1);
    for (size_t i = 0; i < w.found_n; i++) {
        if (strcmp(w.found[i].code, "seen-event") == 0)
            assert_string_equal(w.found[i].event, w.event);
    }
    world_free(&w);
    /* Swapped for another one of its own. */
    world_make(&w, &p);
    file_change(&w, name, w.event, "\"seq\":10,", "\"seq\":11,");
    assert_int_equal(audit(&w, &seen, 0), QM_OK);
    expect(&w, "batch-root", w.batch);
    const struct qm_audit_seen again = {"event", (const char *)w.proof_event.p, w.proof_event.len};
    assert_int_equal(audit(&w, &again, 1), QM_OK);
    expect(&w, "seen-event", -1);
    /* Added. */
    char twice[8200];
    char *whole = file_read(&w, name, &len);
    snprintf(line, sizeof line, "%.*s", (int)(strchr(whole, '\n') - whole) + 1, whole);
    snprintf(twice, sizeof twice, "%s%s", line, line);
    free(whole);
    file_change(&w, name, "", line, twice);
    audit_alone(&w);
    expect(&w, "batch-lines", w.batch);
    world_free(&w);
}

static void entries_changed(void **state)
{
    struct world w;
    struct plan p = {0};
    char name[64];
    (void)state;
    /* A decision turned round; a verdict taken away; a device's key swapped. */
    world_make(&w, &p);
    bundle_name(&w, name);
    file_change(&w, name, "decide/v1", "in 0", "ou 0");
    audit_alone(&w);
    expect(&w, "entry-changed", w.decide);
    expect(&w, "decide-form", w.decide);
    expect(&w, "root", -1);
    file_change(&w, name, "decide/v1", "ou 0", "in 0");
    audit_alone(&w);
    assert_int_equal(w.found_n, 0);
    file_change(&w, name, "batch/v1", "5 flag late\n", "6 flag late\n");
    audit_alone(&w);
    expect(&w, "entry-changed", w.batch);
    expect(&w, "verdict-late", w.batch);
    file_change(&w, name, "batch/v1", "6 flag late\n", "5 flag late\n");
    struct ml_phone thief;
    uint8_t stolen[QM_KEY_BYTES];
    struct qm_buf ours, theirs;
    ml_phone_make(&thief, "thief", "W0001");
    memcpy(stolen, thief.key.key, sizeof stolen);
    assert_int_equal(qm_vkey_make(w.phone.key.name, stolen, &thief.key), QM_OK);
    qm_buf_init(&ours, 400);
    qm_buf_init(&theirs, 400);
    qm_vkey_write(&w.phone.key, &ours);
    qm_vkey_write(&thief.key, &theirs);
    file_change(&w, name, "device/v1", (const char *)ours.p, (const char *)theirs.p);
    audit_alone(&w);
    expect(&w, "device-signature", 2);
    expect(&w, "entry-changed", 2);
    expect(&w, "batch-signature", w.batch);
    qm_buf_free(&ours);
    qm_buf_free(&theirs);
    world_free(&w);
}

static void bulletins_changed(void **state)
{
    struct world w;
    struct plan p = {0};
    char name[80], bundle[64];
    (void)state;
    world_make(&w, &p);
    object_of(&w, "roster sha256:", name);
    file_change(&w, name, "140522110205001", "counted", "vacant");
    audit_alone(&w);
    expect(&w, "roster-changed", w.last_bulletin);
    expect(&w, "result-differs", w.last_bulletin);
    bool named = false;
    for (size_t i = 0; i < w.found_n; i++)
        named = named || (strcmp(w.found[i].code, "result-row") == 0 &&
                          strcmp(w.found[i].division, "140522110205") == 0);
    assert_true(named);
    world_free(&w);
    world_make(&w, &p);
    object_of(&w, "result sha256:", name);
    file_change(&w, name, "140522110203", "\"m\":[[", "\"m\":[[1");
    audit_alone(&w);
    expect(&w, "object-changed", w.last_bulletin);
    expect(&w, "result-row", w.last_bulletin);
    assert_int_equal(w.held_bulletins, 2); /* the log's own hashes are those of the true result */
    bundle_name(&w, bundle);
    file_change(&w, bundle, "bulletin/v1", "prepared A0002", "prepared A0003");
    audit_alone(&w);
    expect(&w, "bulletin-account", w.bulletin);
    world_free(&w);
}

static void files_missing_cut_hostile(void **state)
{
    struct world w;
    struct plan p = {0};
    char name[80], bundle[64];
    size_t len = 0;
    (void)state;
    world_make(&w, &p);
    bundle_name(&w, bundle);
    char *bytes = file_read(&w, bundle, &len);
    for (size_t cut = 0; cut < len; cut += 97) {
        ml_file(&w.m, bundle, bytes, cut);
        audit_alone(&w);
        expect(&w, "entries-missing", -1);
    }
    ml_file(&w.m, bundle, bytes, len);
    free(bytes);
    batch_name(w.batch, name);
    assert_int_equal(unlink(path_of(&w, name)), 0);
    audit_alone(&w);
    expect(&w, "batch-missing", w.batch);
    assert_int_equal(symlink("/etc/passwd", path_of(&w, name)), 0);
    audit_alone(&w);
    expect(&w, "batch-missing", w.batch);
    assert_int_equal(unlink(path_of(&w, name)), 0);
    assert_int_equal(mkdir(path_of(&w, name), 0700), 0);
    audit_alone(&w);
    expect(&w, "batch-missing", w.batch);
    object_of(&w, "roster sha256:", name);
    assert_int_equal(unlink(path_of(&w, name)), 0);
    audit_alone(&w);
    expect(&w, "roster-missing", w.last_bulletin);
    ml_file(&w.m, "checkpoint", "no seal\n", 8);
    audit_alone(&w);
    expect(&w, "checkpoint-form", -1);
    assert_int_equal(unlink(path_of(&w, "checkpoint")), 0);
    assert_int_equal(audit(&w, NULL, 0), QM_E_NOT_FOUND);
    world_free(&w);
}

/* Every byte of an entry bundle changed, one after the other: never unseen. */
static void no_byte_changes_unseen(void **state)
{
    struct world w;
    struct plan p = {0};
    char bundle[64];
    size_t len = 0;
    (void)state;
    world_make(&w, &p);
    bundle_name(&w, bundle);
    char *bytes = file_read(&w, bundle, &len);
    for (size_t i = 0; i < len; i += 13) {
        bytes[i] ^= 1;
        ml_file(&w.m, bundle, bytes, len);
        assert_int_equal(audit(&w, NULL, 0), QM_OK);
        if (w.bad == 0)
            fail_msg("byte %zu", i);
        bytes[i] ^= 1;
    }
    free(bytes);
    world_free(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_good_log_holds),          cmocka_unit_test(events_changed_dropped_added),
        cmocka_unit_test(entries_changed),           cmocka_unit_test(bulletins_changed),
        cmocka_unit_test(files_missing_cut_hostile), cmocka_unit_test(no_byte_changes_unseen)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
