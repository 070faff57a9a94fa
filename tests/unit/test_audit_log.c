/* test_audit_log.c - the audit of a whole made-up log: it holds, and each tampering is found and
 * named: done to the stored files by somebody without keys, or by the log's own operator, who signs
 * the altered log anew and is found by what others kept.
 */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "audit/audit.h"
#include "madelog.h"

static const int64_t monday_ms = INT64_C(1794758400000); /* 2026-11-16 in UTC+8 */
enum { HOMES = 40, FINDINGS_MAX = 400 };

/* What somebody who holds the log's key may do differently. */
struct plan {
    bool no_decision, no_erasure, no_second_batch, batch_again, verdict_free, flag_off;
    bool same_account_range, rule_unset, county_wrong, bad_seq, blob_unnamed;
};
struct found {
    char code[32], event[QM_UUID_CHARS + 1], division[16];
    int64_t index;
};
struct world {
    char folder[64];
    struct madelog m;
    struct ml_phone phone, other;
    struct qm_buf note, receipt_batch, receipt_erase, receipt_decide, proof_event;
    char event[QM_UUID_CHARS + 1]; /* that proof_event is of */
    int64_t batch, second, decide, erase, roster, bulletin, last_bulletin;
    size_t found_n, bad, held_bulletins;
    struct found found[FINDINGS_MAX];
    struct qm_audit_report report;
};

/* ---- findings ---- */

static void on_finding(void *ctx, const struct qm_audit_finding *f)
{
    struct world *w = ctx;
    if (getenv("QM_SHOW") != NULL)
        print_message("%s %lld %s %s %s\n", f->code, (long long)f->index, f->event, f->division,
                      f->detail);
    assert_string_not_equal(qm_audit_text(f->code, "zh"), qm_audit_text("no such code", "zh"));
    assert_true(strlen(qm_audit_todo(f->code, "en")) > 10);
    w->bad += f->grade == QM_AUDIT_BAD;
    if (w->found_n == FINDINGS_MAX)
        return;
    struct found *to = &w->found[w->found_n++];
    snprintf(to->code, sizeof to->code, "%s", f->code);
    snprintf(to->event, sizeof to->event, "%s", f->event);
    snprintf(to->division, sizeof to->division, "%s", f->division);
    to->index = f->index;
}

static void on_bulletin(void *ctx, const struct qm_audit_bulletin *b)
{
    struct world *w = ctx;
    w->held_bulletins += b->computed && b->holds;
}

static bool has(const struct world *w, const char *code, int64_t index)
{
    for (size_t i = 0; i < w->found_n; i++) {
        if (strcmp(w->found[i].code, code) == 0 && (index < 0 || w->found[i].index == index))
            return true;
    }
    return false;
}

static void expect(const struct world *w, const char *code, int64_t index)
{
    for (size_t i = 0; !has(w, code, index) && i < w->found_n; i++)
        print_error("found: %s %lld\n", w->found[i].code, (long long)w->found[i].index);
    if (!has(w, code, index))
        fail_msg("not found: %s %lld", code, (long long)index);
}

static qm_err audit(struct world *w, const struct qm_audit_seen *seen, size_t seen_n)
{
    struct qm_audit_options o = {.folder = w->folder,
                                 .spool_folder = "/tmp",
                                 .keys = &w->m.key,
                                 .keys_n = 1,
                                 .seen = seen,
                                 .seen_n = seen_n,
                                 .ctx = w,
                                 .finding = on_finding,
                                 .bulletin = on_bulletin};
    w->found_n = w->bad = w->held_bulletins = 0;
    qm_err e = qm_audit_run(&o, &w->report);
    qm_audit_report_free(&w->report);
    return e;
}

static void audit_alone(struct world *w)
{
    assert_int_equal(audit(w, NULL, 0), QM_OK);
}

/* ---- the world: two weeks of a township ---- */

static void roster_make(char *out, bool second)
{
    char line[2 * HOMES][80], copy[80];
    for (uint64_t i = 0; i < 2 * HOMES; i++) {
        uint8_t id[QM_ID_BYTES];
        char name[QM_PSEUDONYM_CHARS + 1];
        bool home = i < HOMES;
        uint64_t h = i % HOMES;
        ml_id(home ? "household" : "resident", h, id);
        qm_pseudonym_write(id, name);
        snprintf(line[i], sizeof line[i], "%s %s %lld %s\n", home ? "household" : "resident", name,
                 (long long)(INT64_C(140522110200001) + (int64_t)(h % 20) * 1000),
                 second && h == 3 ? "away" : "counted");
    }
    for (int i = 1; i < 2 * HOMES; i++) {
        for (int k = i; k > 0 && strcmp(line[k - 1], line[k]) > 0; k--) {
            memcpy(copy, line[k], sizeof copy);
            memcpy(line[k], line[k - 1], sizeof copy);
            memcpy(line[k - 1], copy, sizeof copy);
        }
    }
    out[0] = 0;
    for (int i = 0; i < 2 * HOMES; i++)
        strcat(out, line[i]);
}

static void receipt_keep(struct world *w, struct qm_buf *out)
{
    qm_buf_init(out, QM_RECEIPT_MAX_BYTES);
    ml_receipt(&w->m, out);
}

/* The phone's own proof of one event of a batch. */
static void proof_keep(struct world *w, const struct qm_buf *body, size_t i)
{
    struct qm_batch_head head;
    struct qm_batch_line lines[QM_BATCH_MAX_EVENTS];
    struct qm_event ev;
    qm_buf_init(&w->proof_event, QM_RECEIPT_MAX_BYTES);
    assert_int_equal(qm_batch_head_read((const char *)body->p, body->len, ML_HOST, &head), QM_OK);
    assert_int_equal(qm_batch_lines_read((const char *)body->p, body->len, &head, lines), QM_OK);
    assert_int_equal(qm_batch_event_receipt(&head, lines, i, &w->proof_event), QM_OK);
    assert_int_equal(qm_event_read(lines[i].e, lines[i].e_len, &ev), QM_OK);
    qm_uuid_write(ev.id, w->event);
}

static const char rule[] =
    "{\"level\":\"village\",\"assurance\":\"reported\",\"order\":\"lexicographic\",\"metrics\":[{"
    "\"name\":\"visited\",\"ranked\":true,\"office\":true,\"public\":true},{\"name\":\"pledge\","
    "\"ranked\":false,\"office\":true,\"public\":true}]}";

static void first_week(struct world *w, const struct plan *p)
{
    struct qm_event ev[40];
    struct qm_buf body;
    char hex[QM_HEX_HASH_CHARS + 1], id[QM_UUID_CHARS + 1];
    const enum qm_kind kinds[] = {QM_VISIT, QM_NOTICE, QM_PLEDGE, QM_APP};
    ml_object(&w->m, rule, sizeof rule - 1, hex);
    if (!p->rule_unset)
        ml_entryf(&w->m, "config/v1\nrecv 2\nby A0001\n\nrule sha256:%s\n", hex);
    ml_enrol(&w->m, &w->phone, 3);
    ml_enrol(&w->m, &w->other, 4);
    for (uint64_t i = 0; i < 40; i++)
        ev[i] = ml_event(&w->phone, kinds[i % 4], i, monday_ms + (int64_t)i * 1000, i / 4);
    ev[5].at_ms = monday_ms - INT64_C(3000000000); /* late */
    if (p->county_wrong)
        ev[6].grid += INT64_C(1000000000);
    if (p->bad_seq)
        ev[7].seq = 1;
    qm_buf_init(&body, QM_BATCH_MAX_BYTES);
    ml_batch_make(&w->phone, ev, 40, &body);
    w->batch = ml_batch_put(&w->m, &body, monday_ms + 90000, p->flag_off ? "" : "5 flag late\n");
    receipt_keep(w, &w->receipt_batch);
    proof_keep(w, &body, 9);
    qm_buf_free(&body);
    qm_hex_write(ev[2].evidence[0].b, QM_HASH_BYTES, hex);
    if (p->blob_unnamed)
        memset(hex, 'a', QM_HEX_HASH_CHARS);
    ml_entryf(&w->m, "blob/v1\nrecv %lld\n\n%s\n", (long long)monday_ms + 91000, hex);
    struct qm_event held = ml_event(&w->other, QM_VISIT, 100, monday_ms + 5000, 30);
    ml_batch(&w->m, &w->other, &held, 1, monday_ms + 95000,
             p->verdict_free ? "0 hold revoked\n" : "0 hold scope\n");
    qm_uuid_write(held.id, id);
    if (!p->no_decision) {
        w->decide = ml_entryf(&w->m, "decide/v1\nrecv %lld\nby A0001\n\nin %s checked\n",
                              (long long)monday_ms + 96000, id);
        receipt_keep(w, &w->receipt_decide);
    }
}

static void second_week(struct world *w, const struct plan *p)
{
    struct qm_event ev[5];
    struct qm_buf body;
    char id[QM_UUID_CHARS + 1];
    int64_t week = monday_ms + 604800000;
    for (uint64_t i = 0; i < 4; i++)
        ev[i] = ml_event(&w->phone, QM_VISIT, 200 + i, week + (int64_t)i * 1000, 20 + i);
    ev[4] = ml_event(&w->phone, QM_VOID, 204, week + 9000, 0);
    ml_event_id(0, monday_ms, ev[4].target);
    qm_buf_init(&body, QM_BATCH_MAX_BYTES);
    ml_batch_make(&w->phone, ev, 5, &body);
    if (!p->no_second_batch)
        w->second = ml_batch_put(&w->m, &body, week + 20000, "");
    if (p->batch_again)
        ml_batch_put(&w->m, &body, week + 30000, "");
    qm_buf_free(&body);
    ml_event_id(8, monday_ms + 8000, ev[0].id);
    qm_uuid_write(ev[0].id, id);
    if (!p->no_erasure) {
        w->erase =
            ml_entryf(&w->m, "erase/v1\nrecv %lld\nby A0001\n\n%s\n", (long long)week + 40000, id);
        receipt_keep(w, &w->receipt_erase);
    }
    ml_entryf(&w->m, "revoke/v1\nrecv %lld\nby A0001\n\n%s\nlost %lld\n", (long long)week + 50000,
              w->other.key.name, (long long)week);
    ev[0] = ml_event(&w->other, QM_VISIT, 300, week + 60000, 31);
    ml_batch(&w->m, &w->other, ev, 1, week + 70000, "0 hold revoked\n");
}

static void world_make(struct world *w, const struct plan *p)
{
    char *roster = calloc(1, (size_t)1 << 16);
    memset(w, 0, sizeof *w);
    strcpy(w->folder, "/tmp/qm-audit-XXXXXX");
    assert_non_null(mkdtemp(w->folder));
    ml_open(&w->m, w->folder);
    ml_phone_make(&w->phone, "phone", "W0001");
    ml_phone_make(&w->other, "other", "W0002");
    struct ml_bulletin b = {.scope = "140522110",
                            .period = "2026-W47",
                            .day = "2026-11-22",
                            .roster = roster,
                            .rule = rule,
                            .to = -1,
                            .recv = monday_ms + 604000000,
                            .replaces = -1};
    first_week(w, p);
    roster_make(roster, false);
    w->bulletin = ml_publish(&w->m, &b);
    qm_buf_init(&w->note, 4000);
    second_week(w, p);
    b.from = w->bulletin - 1 - (p->same_account_range ? 1 : 0);
    b.period = "2026-W48";
    b.day = "2026-11-29";
    roster_make(roster, true);
    w->last_bulletin = ml_publish(&w->m, &b);
    ml_note(&w->m, &w->note);
    ml_seal(&w->m);
    free(roster);
}

static void world_free(struct world *w)
{
    char command[128];
    snprintf(command, sizeof command, "rm -rf '%s'", w->folder);
    assert_int_equal(system(command), 0);
    ml_close(&w->m);
    qm_buf_free(&w->note);
    qm_buf_free(&w->receipt_batch);
    qm_buf_free(&w->receipt_erase);
    qm_buf_free(&w->receipt_decide);
    qm_buf_free(&w->proof_event);
}

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
    size_t rest = len - (size_t)(at - bytes) - strlen(what);
    memmove(at + strlen(with), at + strlen(what), rest);
    memcpy(at, with, strlen(with));
    ml_file(&w->m, name, bytes, len - strlen(what) + strlen(with));
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

/* ---- done by who holds the log's key ---- */

static void altered(const struct plan *p, const struct qm_audit_seen *seen, size_t n,
                    const char *code)
{
    struct world w;
    world_make(&w, p);
    assert_int_equal(audit(&w, seen, n), QM_OK);
    expect(&w, code, -1);
    world_free(&w);
}

/* The altered log agrees with itself, and what was kept tells it. */
static void only_seen(const struct plan *p, const struct qm_audit_seen *seen, const char *code,
                      int64_t index)
{
    struct world w;
    world_make(&w, p);
    assert_int_equal(audit(&w, NULL, 0), QM_OK);
    assert_int_equal(w.bad, 0);
    assert_int_equal(audit(&w, seen, 1), QM_OK);
    expect(&w, code, index);
    world_free(&w);
}

static void rewritten_logs_are_told_by_what_was_kept(void **state)
{
    struct world w;
    struct plan good = {0}, p = {0};
    (void)state;
    world_make(&w, &good);
    const struct qm_audit_seen note = {"last week", (const char *)w.note.p, w.note.len};
    const struct qm_audit_seen erase = {"erase", (const char *)w.receipt_erase.p,
                                        w.receipt_erase.len};
    const struct qm_audit_seen decide = {"decide", (const char *)w.receipt_decide.p,
                                         w.receipt_decide.len};
    p.no_erasure = true;
    only_seen(&p, &note, "seen-ahead", -1);
    only_seen(&p, &erase, "seen-entry", w.erase);
    p = good;
    p.no_decision = true;
    only_seen(&p, &note, "seen-ahead", -1);
    only_seen(&p, &decide, "seen-entry", w.decide);
    p = good;
    p.no_second_batch = true;
    only_seen(&p, &erase, "seen-entry", w.erase);
    /* A seal over another root at the same size. */
    ml_entryf(&w.m, "config/v1\nrecv 9\nby A0001\n\nrule sha256:%064d\n", 0);
    struct qm_buf fork;
    qm_buf_init(&fork, 4000);
    ml_note(&w.m, &fork);
    ml_seal(&w.m);
    const struct qm_audit_seen forked = {"fork", (const char *)fork.p, fork.len};
    assert_int_equal(audit(&w, &forked, 1), QM_OK);
    assert_false(has(&w, "seen-fork", -1));
    p = good;
    struct world v;
    world_make(&v, &p);
    ml_entryf(&v.m, "config/v1\nrecv 9\nby A0001\n\nrule sha256:%064d\n", 1);
    ml_seal(&v.m);
    assert_int_equal(audit(&v, &forked, 1), QM_OK);
    expect(&v, "seen-fork", -1);
    world_free(&v);
    qm_buf_free(&fork);
    world_free(&w);
}

static void logs_that_contradict_the_contract(void **state)
{
    static const struct {
        size_t at;
        const char *code;
    } cases[] = {{offsetof(struct plan, batch_again), "event-twice"},
                 {offsetof(struct plan, batch_again), "batch-twice"},
                 {offsetof(struct plan, verdict_free), "verdict-revoked"},
                 {offsetof(struct plan, flag_off), "verdict-late"},
                 {offsetof(struct plan, county_wrong), "verdict-county"},
                 {offsetof(struct plan, bad_seq), "verdict-seq"},
                 {offsetof(struct plan, blob_unnamed), "blob-unnamed"},
                 {offsetof(struct plan, rule_unset), "bulletin-rule"},
                 {offsetof(struct plan, same_account_range), "bulletin-range"}};
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct plan p = {0};
        *((bool *)&p + cases[i].at) = true;
        altered(&p, NULL, 0, cases[i].code);
    }
}

static void texts_that_prove_nothing(void **state)
{
    struct world w;
    struct plan p = {0};
    (void)state;
    world_make(&w, &p);
    char *bent = strndup((const char *)w.note.p, w.note.len);
    bent[w.note.len - 4] = bent[w.note.len - 4] == 'A' ? 'B' : 'A';
    const struct qm_audit_seen seen[] = {
        {"empty", "", 0}, {"words", "hello\n", 6}, {"bent", bent, w.note.len}};
    assert_int_equal(audit(&w, seen, 3), QM_OK);
    expect(&w, "seen-form", -1);
    free(bent);
    world_free(&w);
}

/* ---- this side's faults ---- */

/* In a process of its own: a limit on file sizes cannot be taken back. */
static void a_full_disk_is_an_error_not_a_finding(void **state)
{
    struct world w;
    struct plan p = {0};
    (void)state;
    world_make(&w, &p);
    struct ml_phone many;
    ml_phone_make(&many, "many", "W0003");
    ml_enrol(&w.m, &many, 5);
    for (uint64_t n = 0; n < 300; n++) {
        struct qm_event ev[100];
        for (uint64_t i = 0; i < 100; i++)
            ev[i] =
                ml_event(&many, QM_VISIT, 10000 + n * 100 + i, monday_ms + 800000000, i % HOMES);
        ml_batch(&w.m, &many, ev, 100, monday_ms + 800000000, "");
    }
    ml_seal(&w.m);
    audit_alone(&w);
    assert_int_equal(w.bad, 0);
    pid_t child = fork();
    if (child == 0) {
        struct rlimit none = {0, 0};
        signal(SIGXFSZ, SIG_IGN);
        setrlimit(RLIMIT_FSIZE, &none);
        _exit(audit(&w, NULL, 0) == QM_E_DISK_FULL ? 0 : 1);
    }
    int status = 1;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    struct qm_audit_report r;
    struct qm_audit_options o = {.folder = w.folder,
                                 .spool_folder = "/nonexistent",
                                 .keys = &w.m.key,
                                 .keys_n = 1,
                                 .ctx = &w,
                                 .finding = on_finding};
    assert_int_equal(qm_audit_run(&o, &r), QM_E_IO);
    qm_audit_report_free(&r);
    o.keys_n = 0;
    assert_int_equal(qm_audit_run(&o, &r), QM_E_INVALID);
    qm_audit_report_free(&r);
    world_free(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(a_good_log_holds),
                                       cmocka_unit_test(events_changed_dropped_added),
                                       cmocka_unit_test(entries_changed),
                                       cmocka_unit_test(bulletins_changed),
                                       cmocka_unit_test(files_missing_cut_hostile),
                                       cmocka_unit_test(no_byte_changes_unseen),
                                       cmocka_unit_test(rewritten_logs_are_told_by_what_was_kept),
                                       cmocka_unit_test(logs_that_contradict_the_contract),
                                       cmocka_unit_test(texts_that_prove_nothing),
                                       cmocka_unit_test(a_full_disk_is_an_error_not_a_finding)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
