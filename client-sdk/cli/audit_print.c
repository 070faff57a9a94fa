/* audit_print.c - floor 3: what `qiaomen audit` says.
 *
 * Text: each finding as it comes, the first ones of a kind in full; then what holds, what was taken
 * on trust.  JSON: one object, written as it comes, so that it may be as long as it must.
 * Failure: what stdout did not take is said at the end (output_ends).
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/audit.h"
#include "wire/json.h"

/* ---- JSON ---- */

static void item_begin(struct audit_print *p, struct qm_buf *b, const char *type)
{
    json_begin(b);
    json_text(b, "type", type);
    fputs(p->comma ? ",\n" : "", stdout);
    p->comma = true;
}

static void item_end(struct qm_buf *b)
{
    qm_buf_puts(b, "}");
    if (b->err == QM_OK)
        fwrite(b->p, 1, b->len, stdout);
    qm_buf_free(b);
}

static void finding_json(struct audit_print *p, const struct qm_audit_finding *f)
{
    struct qm_buf b;
    item_begin(p, &b, "finding");
    json_text(&b, "code", f->code);
    json_bool(&b, "holds", f->grade == QM_AUDIT_NOTE);
    if (f->index >= 0)
        json_int(&b, "index", f->index);
    if (f->event[0])
        json_text(&b, "event", f->event);
    if (f->division[0])
        json_text(&b, "division", f->division);
    json_text(&b, "text", qm_audit_text(f->code, p->a->lang));
    json_text(&b, "todo", qm_audit_todo(f->code, p->a->lang));
    json_text(&b, "detail", f->detail);
    item_end(&b);
}

static void bulletin_json(struct audit_print *p, const struct qm_audit_bulletin *x)
{
    struct qm_buf b;
    item_begin(p, &b, "bulletin");
    json_int(&b, "index", x->index);
    json_text(&b, "scope", x->scope);
    json_text(&b, "period", x->period);
    json_int(&b, "from", x->from);
    json_int(&b, "to", x->to);
    if (x->replaces >= 0)
        json_int(&b, "replaces", x->replaces);
    json_bool(&b, "computed", x->computed);
    json_bool(&b, "holds", x->holds);
    json_int(&b, "rows", (int64_t)x->rows);
    json_int(&b, "out", (int64_t)x->out);
    json_int(&b, "roster_lines", x->lines);
    json_int(&b, "roster_new", x->fresh);
    json_int(&b, "roster_gone", x->gone);
    json_int(&b, "roster_changed", x->changed);
    item_end(&b);
}

/* ---- findings ---- */

/* How many of this code there were, with this one. */
static uint64_t count(struct audit_print *p, const char *code)
{
    for (size_t i = 0; i < p->codes; i++) {
        if (strcmp(p->code[i].code, code) == 0)
            return ++p->code[i].n;
    }
    if (p->codes == AUDIT_CODES_MAX)
        return 1;
    p->code[p->codes].code = code;
    return p->code[p->codes++].n = 1;
}

static void finding_text(const struct audit_print *p, const struct qm_audit_finding *f, bool first)
{
    const struct args *a = p->a;
    printf("%s %s",
           f->grade == QM_AUDIT_BAD ? tr(a, "不一致", "DOES NOT HOLD") : tr(a, "请看", "look"),
           qm_audit_text(f->code, a->lang));
    if (f->index >= 0)
        printf(" · %s %" PRId64, tr(a, "总账第", "entry"), f->index);
    if (f->event[0])
        printf(" · %s %s", tr(a, "记录", "record"), f->event);
    if (f->division[0])
        printf(" · %s %s", tr(a, "村(居)", "division"), f->division);
    if (f->detail[0])
        printf(" · %s", f->detail);
    printf(" [%s]\n", f->code);
    if (first)
        printf("    -> %s\n", qm_audit_todo(f->code, a->lang));
}

void audit_print_finding(void *ctx, const struct qm_audit_finding *f)
{
    struct audit_print *p = ctx;
    uint64_t n = count(p, f->code);
    progress_end();
    if (p->a->json)
        finding_json(p, f);
    else if (n <= AUDIT_SHOWN)
        finding_text(p, f, n == 1);
}

/* ---- bulletins ---- */

void audit_print_bulletin(void *ctx, const struct qm_audit_bulletin *b)
{
    struct audit_print *p = ctx;
    const struct args *a = p->a;
    progress_end();
    if (a->json) {
        bulletin_json(p, b);
        return;
    }
    printf("%s %s %s · %s %" PRId64 " · [%" PRId64 ", %" PRId64 ") · ",
           b->replaces >= 0 ? tr(a, "更正通报", "correction") : tr(a, "通报", "bulletin"), b->scope,
           b->period, tr(a, "总账第", "entry"), b->index, b->from, b->to);
    printf("%s\n", !b->computed ? tr(a, "没能重算", "could not be recomputed")
                   : b->holds   ? tr(a, "重算一致", "recomputed, holds")
                                : tr(a, "重算不一致", "recomputed, DOES NOT HOLD"));
    printf("    %s %zu, %s %zu; %s %" PRId64 ", %s %" PRId64 ", %s %" PRId64 ", %s %" PRId64 "\n",
           tr(a, "排名", "ranked"), b->rows, tr(a, "不排名", "left out"), b->out,
           tr(a, "名册行数", "roster lines"), b->lines, tr(a, "新增", "new"), b->fresh,
           tr(a, "减少", "gone"), b->gone, tr(a, "变动", "changed"), b->changed);
}

void audit_print_village(void *ctx, const char *code, int64_t fresh, int64_t gone, int64_t changed)
{
    struct audit_print *p = ctx;
    const struct args *a = p->a;
    struct qm_buf b;
    if (!a->json) {
        printf("    %s: %s %" PRId64 ", %s %" PRId64 ", %s %" PRId64 "\n", code,
               tr(a, "新增", "new"), fresh, tr(a, "减少", "gone"), gone, tr(a, "变动", "changed"),
               changed);
        return;
    }
    item_begin(p, &b, "roster");
    json_text(&b, "division", code);
    json_int(&b, "new", fresh);
    json_int(&b, "gone", gone);
    json_int(&b, "changed", changed);
    item_end(&b);
}

void audit_print_line(void *ctx, char sign, const char *line, size_t len)
{
    struct audit_print *p = ctx;
    struct qm_buf b;
    char text[512];
    (void)snprintf(text, sizeof text, "%.*s", (int)(len < 500 ? len : 500), line);
    if (!p->a->json) {
        printf("    %c %s\n", sign, text);
        return;
    }
    item_begin(p, &b, "line");
    json_text(&b, "is", sign == '+' ? "new" : sign == '-' ? "gone" : "changed");
    json_text(&b, "line", text);
    item_end(&b);
}

/* ---- begin and end ---- */

void audit_print_begin(struct audit_print *p)
{
    if (p->a->json)
        fputs("{\"found\":[\n", stdout);
}

static void more_text(const struct audit_print *p)
{
    for (size_t i = 0; i < p->codes; i++) {
        if (p->code[i].n > AUDIT_SHOWN)
            printf("%s %" PRIu64 " (%s) [%s]\n", tr(p->a, "还有", "and more:"),
                   p->code[i].n - AUDIT_SHOWN, qm_audit_text(p->code[i].code, p->a->lang),
                   p->code[i].code);
    }
}

static void report_text(const struct audit_print *p, const struct qm_audit_report *r)
{
    const struct args *a = p->a;
    char root[QM_B64_HASH_CHARS + 1];
    qm_b64_write(r->checkpoint.root.b, QM_HASH_BYTES, root);
    printf("%s %s · %" PRIu64 " · %s %s\n", tr(a, "总账", "log"), r->checkpoint.origin,
           r->checkpoint.size, tr(a, "封条码", "seal code"), root);
    printf("%s: %s %" PRIu64 ", %s %" PRIu64 ", %s %" PRIu64 " (%s %" PRIu64 ", %s %" PRIu64
           "), %s %" PRIu64 ", %s %" PRIu64 ", %s %" PRIu64 "\n",
           tr(a, "查过", "looked at"), tr(a, "总账条目", "entries"), r->entries,
           tr(a, "批次", "batches"), r->batches, tr(a, "记录", "records"), r->events,
           tr(a, "已入账", "entered"), r->recorded, tr(a, "待核实", "held"), r->held,
           tr(a, "手机", "phones"), r->devices, tr(a, "通报", "bulletins"), r->bulletins,
           tr(a, "留底凭证", "kept texts"), r->seen);
    printf("%s: %s %" PRIu64 ", %s %" PRIu64 ", %s %" PRIu64 ", %s %" PRIu64 ", %s %" PRIu64
           "; %s\n",
           tr(a, "只能相信、没法查的", "taken on trust"),
           tr(a, "不给看的退回记录", "refused records that are not shown"), r->trust_rejects,
           tr(a, "待核实(不是本人网格)", "held as out of scope"), r->trust_scope,
           tr(a, "待核实(网格变过)", "held as moved"), r->trust_moved,
           tr(a, "说明(名册里还没有)", "flagged as unknown"), r->trust_unknown,
           tr(a, "私密部分", "private parts"), r->trust_private,
           tr(a, "名册上的户、人、状态、年龄",
              "households, residents, statuses and ages of the rosters"));
    if (!p->with_seen)
        printf("%s\n",
               tr(a,
                  "没有给 --seen 留底凭证:这次只能证明总账自己前后一致,不能证明它没有整本重写过。",
                  "Without --seen this proves only that the log agrees with itself, not "
                  "that it was never rewritten as a whole."));
    printf("%s\n", r->bad == 0
                       ? tr(a, "验真:一致", "Everything holds")
                       : tr(a, "验真:不一致,请联系办公室和上级",
                            "Something does not hold: call the office and the level above"));
}

static void report_json(const struct audit_print *p, const struct qm_audit_report *r)
{
    struct qm_buf b;
    char root[QM_B64_HASH_CHARS + 1];
    qm_b64_write(r->checkpoint.root.b, QM_HASH_BYTES, root);
    fputs("\n],", stdout);
    json_begin(&b);
    json_bool(&b, "ok", r->bad == 0);
    json_text(&b, "origin", r->checkpoint.origin);
    json_int(&b, "size", (int64_t)r->checkpoint.size);
    json_text(&b, "root", root);
    json_int(&b, "entries", (int64_t)r->entries);
    json_int(&b, "batches", (int64_t)r->batches);
    json_int(&b, "events", (int64_t)r->events);
    json_int(&b, "recorded", (int64_t)r->recorded);
    json_int(&b, "held", (int64_t)r->held);
    json_int(&b, "devices", (int64_t)r->devices);
    json_int(&b, "bulletins", (int64_t)r->bulletins);
    json_int(&b, "seen", (int64_t)r->seen);
    json_bool(&b, "only_itself", !p->with_seen);
    json_int(&b, "bad", (int64_t)r->bad);
    json_int(&b, "notes", (int64_t)r->notes);
    json_int(&b, "trust_rejects", (int64_t)r->trust_rejects);
    json_int(&b, "trust_scope", (int64_t)r->trust_scope);
    json_int(&b, "trust_moved", (int64_t)r->trust_moved);
    json_int(&b, "trust_unknown", (int64_t)r->trust_unknown);
    json_int(&b, "trust_private", (int64_t)r->trust_private);
    if (b.err == QM_OK)
        fwrite(b.p + 1, 1, b.len - 1, stdout); /* the object was opened before */
    fputs("}\n", stdout);
    qm_buf_free(&b);
}

/* By rename, so that the file is the old one or the new one. */
static bool note_write(const struct qm_audit_report *r, const char *path)
{
    char *part = NULL;
    if (asprintf(&part, "%s.part", path) < 0)
        return false;
    FILE *f = fopen(part, "wbe");
    bool done = f && fwrite(r->note.p, 1, r->note.len, f) == r->note.len;
    done = f && fclose(f) == 0 && done && rename(part, path) == 0;
    free(part);
    return done;
}

int audit_print_end(struct audit_print *p, const struct qm_audit_report *r, const char *out)
{
    bool kept = true;
    /* What was kept must never be replaced by something that does not hold with it. */
    if (out && r->bad == 0)
        kept = note_write(r, out);
    progress_end();
    if (p->a->json) {
        report_json(p, r);
    } else {
        more_text(p);
        report_text(p, r);
        if (out && r->bad > 0)
            printf("%s: %s\n", tr(p->a, "没有写留底文件", "not written"), out);
    }
    if (!kept) {
        fprintf(stderr, "qiaomen: %s: %s\n", tr(p->a, "留底文件写不了", "cannot be written"), out);
        return EXIT_STORE;
    }
    if (fflush(stdout) != 0)
        return EXIT_STORE;
    return r->bad == 0 ? EXIT_OK : EXIT_NO;
}

void audit_print_stop(struct audit_print *p, const char *error)
{
    progress_end();
    if (p->a->json)
        printf("\n],\"ok\":false,\"error\":\"%s\"}\n", error);
}
