/* status.c - floor 3: what is confirmed, waiting, held, rejected, flagged; each with what to do.
 *
 * Happy path: counts of all, then each record that asks for attention, or those of --state.
 * Failure modes: those of the outbox; nothing is changed here.
 */
#include "cli/cli.h"

#include <stdio.h>
#include <string.h>

struct shown {
    const struct args *a;
    struct qm_buf *json;
    bool first;
};

/* As --state takes them; the words for people are others, and may change. */
static const char *const state_names[] = {"all",  "waiting",  "confirmed",
                                          "held", "rejected", "flagged"};

static void record_json(struct shown *s, const struct qm_record_view *v)
{
    struct qm_buf *b = s->json;
    qm_buf_puts(b, s->first ? "{" : ",{");
    s->first = false;
    json_text(b, "event", v->event);
    json_text(b, "kind", v->kind);
    json_text(b, "household", v->household);
    json_text(b, "resident", v->resident);
    json_int(b, "seq", v->seq);
    json_int(b, "at", v->at_ms);
    json_text(b, "state", state_names[v->state]);
    json_text(b, "code", v->code);
    json_bool(b, "decided", v->decided);
    if (v->in_log)
        json_int(b, "index", (int64_t)v->log_index);
    json_text(b, "todo", qm_state_todo(v->state, v->code, s->a->lang));
    qm_buf_puts(b, "}");
}

static int on_record(void *ctx, const struct qm_record_view *v)
{
    struct shown *s = ctx;
    char at[20];
    if (s->a->json) {
        record_json(s, v);
        return 0;
    }
    time_text(v->at_ms, at);
    printf("  %s  %s  %s %s%s%s", v->event, at, word_of(s->a, v->kind), v->household,
           v->code[0] ? "  " : "", v->code);
    if (v->in_log)
        printf("  #%llu", (unsigned long long)v->log_index);
    printf("\n      %s\n", qm_state_todo(v->state, v->code, s->a->lang));
    return 0;
}

static int on_photo(void *ctx, const struct qm_photo_view *v)
{
    struct shown *s = ctx;
    if (v->state != QM_REJECTED)
        return 0;
    if (!s->a->json) {
        printf("  %s  %s  %s\n", tr(s->a, "照片", "photo"), v->sha256, v->code);
        return 0;
    }
    qm_buf_puts(s->json, s->first ? "{" : ",{");
    s->first = false;
    json_text(s->json, "sha256", v->sha256);
    json_text(s->json, "state", state_names[v->state]);
    json_text(s->json, "code", v->code);
    qm_buf_puts(s->json, "}");
    return 0;
}

static int state_of(const struct args *a, int *state)
{
    const char *want = args_get(a, "state");
    *state = -1;
    for (int i = 0; want && i <= QM_FLAGGED; i++)
        if (strcmp(want, state_names[i]) == 0)
            *state = i;
    return !want || *state >= 0 ? EXIT_OK : say_usage(a, "没有这种状态", "no such state", want);
}

static void info_json(struct qm_buf *b, const struct qm_client_info *i, const struct qm_counts *n,
                      const char *key)
{
    json_bool(b, "enrolled", i->enrolled);
    json_text(b, "server", i->server);
    json_text(b, "host", i->host);
    json_text(b, "device", i->device);
    json_text(b, "device_key", key ? key : "");
    json_text(b, "account", i->account);
    json_text(b, "log", i->log);
    json_text(b, "log_key", i->log_key);
    json_int(b, "log_size", (int64_t)i->log_size);
    json_int(b, "last_sync", i->last_sync_ms);
    json_int(b, "next", i->next_ms);
    json_text(b, "why", i->why ? qm_client_code_name(i->why) : "");
    json_int(b, "photos_next", i->photos_next_ms);
    json_text(b, "photos_why", i->photos_why ? qm_client_code_name(i->photos_why) : "");
    json_int(b, "clock_offset", i->clock_offset_ms);
    json_text(b, "stopped", i->stopped ? qm_client_code_name(i->stopped) : "");
    json_text(b, "alarm", i->alarm ? qm_client_code_name(i->alarm) : "");
    json_int(b, "waiting", (int64_t)n->waiting);
    json_int(b, "confirmed", (int64_t)n->confirmed);
    json_int(b, "held", (int64_t)n->held);
    json_int(b, "rejected", (int64_t)n->rejected);
    json_int(b, "flagged", (int64_t)n->flagged);
    json_int(b, "photos_waiting", (int64_t)n->photos_waiting);
    json_int(b, "photos_refused", (int64_t)n->photos_refused);
    json_int(b, "others_waiting", (int64_t)n->others_waiting);
    json_int(b, "others_done", (int64_t)n->others_done);
    json_int(b, "oldest_waiting", n->oldest_waiting_ms);
    json_text(b, "evidence", i->evidence);
    json_name(b, "grids");
    qm_buf_puts(b, "[");
    for (size_t g = 0; g < i->grids; g++)
        qm_buf_printf(b, "%s\"%s\"", g ? "," : "", i->grid[g]);
    qm_buf_puts(b, "]");
}

static void info_lines(const struct args *a, const struct qm_client_info *i)
{
    char at[20], wait[WAIT_MAX_BYTES];
    if (!i->enrolled) {
        printf("%s\n", qm_client_code_text(QM_C_NOT_ENROLLED, a->lang));
        return;
    }
    printf("%s  %s  %s\n", i->account, i->device, i->server);
    if (i->last_sync_ms) {
        time_text(i->last_sync_ms, at);
        printf("%s %s\n", tr(a, "上次上传", "last sync"), at);
    }
    if (i->why) {
        wait_text(a, i->why, i->next_ms, wait);
        printf("%s%s\n", tr(a, "上次没传成:", "the last sync failed: "), wait);
    }
    if (i->evidence[0])
        printf("%s %s\n", tr(a, "有照片才算有佐证:", "counted only with a photo:"), i->evidence);
    if (i->stopped)
        printf("! %s -> %s\n", qm_client_code_text(i->stopped, a->lang),
               qm_client_code_todo(i->stopped, a->lang));
    if (i->alarm)
        printf("! %s -> %s\n", qm_client_code_text(i->alarm, a->lang),
               qm_client_code_todo(i->alarm, a->lang));
}

static void count_line(const struct args *a, enum qm_state state, uint64_t n)
{
    printf("%s %llu%s%s\n", qm_state_word(state, a->lang), (unsigned long long)n, n > 0 ? "  " : "",
           n > 0 ? qm_state_todo(state, "", a->lang) : "");
}

/* Without --state: counts of all, and the list of those that ask for somebody's attention. */
static int records(qm_client *c, struct shown *s, int state, const struct qm_counts *n)
{
    static const enum qm_state order[] = {QM_CONFIRMED, QM_WAITING, QM_HELD, QM_REJECTED,
                                          QM_FLAGGED};
    const uint64_t counts[] = {n->confirmed, n->waiting, n->held, n->rejected, n->flagged};
    int rc = QM_C_OK;
    for (size_t i = 0; rc == QM_C_OK && i < 5; i++) {
        if (!s->a->json)
            count_line(s->a, order[i], counts[i]);
        bool list = state == 0 || state == (int)order[i] || (state < 0 && order[i] != QM_CONFIRMED);
        if (list)
            rc = qm_client_records(c, order[i], on_record, s);
    }
    return rc;
}

/* Beside one's own records: pictures, and what was taken over from another device. */
static void beside_lines(const struct args *a, const struct qm_client_info *i,
                         const struct qm_counts *n)
{
    char why[WAIT_MAX_BYTES] = "";
    if (i->photos_why)
        photos_wait_text(a, i->photos_why, i->photos_next_ms, why);
    if (n->photos_waiting > 0)
        printf("%s %llu  %s\n", tr(a, "照片,待上传", "photos waiting"),
               (unsigned long long)n->photos_waiting, why);
    if (n->photos_refused > 0)
        printf("%s %llu\n", tr(a, "照片,未收下", "photos not taken"),
               (unsigned long long)n->photos_refused);
    if (n->others_waiting > 0)
        printf("%s %llu  %s\n",
               tr(a, "别的手机导入的,待上传", "taken over from another device, waiting"),
               (unsigned long long)n->others_waiting, qm_state_todo(QM_WAITING, "", a->lang));
}

int cmd_status(qm_client *c, const struct args *a)
{
    struct qm_client_info info;
    struct qm_counts counts;
    struct qm_buf b;
    char *key = NULL;
    int state = -1;
    int rc = args_only(a, "state");
    if (rc == EXIT_OK)
        rc = args_words(a, 0, 0);
    if (rc == EXIT_OK)
        rc = state_of(a, &state);
    if (rc != EXIT_OK)
        return rc;
    rc = qm_client_get_info(c, &info);
    if (rc == QM_C_OK)
        rc = qm_client_count(c, &counts);
    if (rc == QM_C_OK && info.enrolled)
        rc = qm_client_device_key(c, &key);
    if (rc != QM_C_OK)
        return say_error(a, rc, qm_client_detail(c));
    struct shown s = {.a = a, .json = &b, .first = true};
    json_begin(&b);
    json_bool(&b, "ok", true);
    info_json(&b, &info, &counts, key);
    qm_client_free(key);
    json_name(&b, "records");
    qm_buf_puts(&b, "[");
    if (!a->json)
        info_lines(a, &info);
    rc = records(c, &s, state, &counts);
    qm_buf_puts(&b, "]");
    json_name(&b, "photos");
    qm_buf_puts(&b, "[");
    s.first = true;
    if (!a->json)
        beside_lines(a, &info, &counts);
    if (rc == QM_C_OK)
        rc = qm_client_photos(c, on_photo, &s);
    qm_buf_puts(&b, "]");
    if (rc == QM_C_OK && a->json)
        return json_print(&b);
    qm_buf_free(&b);
    return rc == QM_C_OK ? EXIT_OK : say_error(a, rc, qm_client_detail(c));
}
