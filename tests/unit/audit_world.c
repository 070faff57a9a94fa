/* audit_world.c - see audit_world.h. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "audit_world.h"

/* ---- findings ---- */

void on_finding(void *ctx, const struct qm_audit_finding *f)
{
    struct world *w = ctx;
    if (getenv("QM_SHOW") != NULL)
        print_message("%s %lld %s %s %s\n", f->code, (long long)f->index, f->event, f->division,
                      f->detail);
    assert_string_not_equal(qm_audit_text(f->code, "zh"), qm_audit_text("no such code", "zh"));
    assert_true(strlen(qm_audit_todo(f->code, "en")) > 10);
    w->bad += f->grade == QM_AUDIT_BAD;
    qm_sha256_add(&w->said, f->code, strlen(f->code) + 1);
    qm_sha256_add(&w->said, &f->index, sizeof f->index);
    qm_sha256_add(&w->said, f->event, strlen(f->event) + 1);
    qm_sha256_add(&w->said, f->division, strlen(f->division) + 1);
    qm_sha256_add(&w->said, f->detail, strlen(f->detail) + 1);
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

bool has(const struct world *w, const char *code, int64_t index)
{
    for (size_t i = 0; i < w->found_n; i++) {
        if (strcmp(w->found[i].code, code) == 0 && (index < 0 || w->found[i].index == index))
            return true;
    }
    return false;
}

void expect(const struct world *w, const char *code, int64_t index)
{
    for (size_t i = 0; !has(w, code, index) && i < w->found_n; i++)
        print_error("found: %s %lld\n", w->found[i].code, (long long)w->found[i].index);
    if (!has(w, code, index))
        fail_msg("not found: %s %lld", code, (long long)index);
}

static void on_progress(void *ctx, const char *what, uint64_t done, uint64_t total)
{
    struct world *w = ctx;
    if (strcmp(what, "records") != 0)
        return;
    assert_true(w->records_done <= done && done <= total);
    w->records_done = done;
    w->records_total = total;
}

static qm_err audit_by(struct world *w, const struct qm_audit_seen *seen, size_t seen_n,
                       unsigned threads)
{
    struct qm_audit_options o = {.folder = w->folder,
                                 .spool_folder = "/tmp",
                                 .threads = threads,
                                 .keys = &w->m.key,
                                 .keys_n = 1,
                                 .seen = seen,
                                 .seen_n = seen_n,
                                 .ctx = w,
                                 .finding = on_finding,
                                 .progress = on_progress,
                                 .bulletin = on_bulletin};
    w->found_n = w->bad = w->held_bulletins = 0;
    w->records_done = w->records_total = 0;
    qm_sha256_begin(&w->said);
    qm_err e = qm_audit_run(&o, &w->report);
    qm_audit_report_free(&w->report);
    return e;
}

qm_err audit(struct world *w, const struct qm_audit_seen *seen, size_t seen_n)
{
    struct qm_hash by_four, by_one;
    qm_err e = audit_by(w, seen, seen_n, 4);
    uint64_t events = w->report.events, trusted = w->report.trust_rejects;
    qm_sha256_end(&w->said, &by_four);
    assert_int_equal(audit_by(w, seen, seen_n, 1), e);
    qm_sha256_end(&w->said, &by_one);
    assert_memory_equal(by_four.b, by_one.b, QM_HASH_BYTES);
    assert_int_equal(w->report.events, events);
    assert_int_equal(w->report.trust_rejects, trusted);
    return e;
}

void audit_alone(struct world *w)
{
    assert_int_equal(audit(w, NULL, 0), QM_OK);
}

/* ---- the world: two weeks of a township ---- */

enum { LINES = 2 * HOMES, ROSTER_MAX_BYTES = 65536 };

static void roster_make(char out[ROSTER_MAX_BYTES], bool second)
{
    char line[LINES][80], copy[80];
    size_t len = 0;
    for (uint64_t i = 0; i < LINES; i++) {
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
    for (int i = 1; i < LINES; i++) {
        for (int k = i; k > 0 && strcmp(line[k - 1], line[k]) > 0; k--) {
            memcpy(copy, line[k], sizeof copy);
            memcpy(line[k], line[k - 1], sizeof copy);
            memcpy(line[k - 1], copy, sizeof copy);
        }
    }
    for (int i = 0; i < LINES; i++)
        len += (size_t)snprintf(out + len, ROSTER_MAX_BYTES - len, "%s", line[i]);
}

void receipt_keep(struct world *w, struct qm_buf *out)
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
    struct qm_event *ev = calloc(40, sizeof *ev);
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
    free(ev);
}

static void second_week(struct world *w, const struct plan *p)
{
    struct qm_event *ev = calloc(5, sizeof *ev);
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
    free(ev);
}

void world_make(struct world *w, const struct plan *p)
{
    char *roster = calloc(ROSTER_MAX_BYTES, 1);
    memset(w, 0, sizeof *w);
    tempdir_make("/tmp", w->folder);
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

void world_free(struct world *w)
{
    tempdir_remove(w->folder);
    ml_close(&w->m);
    qm_buf_free(&w->note);
    qm_buf_free(&w->receipt_batch);
    qm_buf_free(&w->receipt_erase);
    qm_buf_free(&w->receipt_decide);
    qm_buf_free(&w->proof_event);
}
