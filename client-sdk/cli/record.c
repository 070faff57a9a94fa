/* record.c - floor 3: visit, notice, pledge, app, household, resident, void, attach.
 *
 * Happy path: options become a struct qm_record, the SDK stores it, the number is printed.
 * Failure mode: the SDK names the member at fault; nothing is stored then.
 */
#include "cli/cli.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "wire/codec.h"
#include "wire/event.h"

enum { PHOTO_MAX_BYTES = 1048576 };

static const struct {
    const char *kind, *options;
    size_t least_words, most_words;
} kinds[] = {
    {"visit",
     "outcome topics near secs with via done grid name phone door met signer relation note "
     "born",
     1, 1},
    {"notice", "state text evidence via done grid name phone door met signer relation note born", 1,
     1},
    {"pledge",
     "resident state text evidence via done grid name phone door met signer relation note "
     "born",
     1, 1},
    {"app",
     "resident state real-name call-alert sms-alert na evidence via done grid name phone door "
     "met signer relation note born",
     1, 1},
    {"household", "why from place grid name phone door met signer relation note born", 0, 1},
    {"resident", "resident why grid name phone door met signer relation note born", 1, 1},
    {"void", "reason grid", 1, 1}};

/* What the member at fault may be: the words of the contract, or the form that is asked for. */
static void fitting(const struct args *a, const char *member, struct qm_buf *out)
{
    static const struct {
        const char *member, *zh, *en;
    } forms[] = {{"done", "8位年月日", "yyyymmdd, not after today"},
                 {"born", "年-月-日", "yyyy-mm-dd"},
                 {"grid", "15位网格编码", "15 digits, one of this device's grids"},
                 {"secs", "0到86400", "0 to 86400"},
                 {"topics", "小写字母、数字、-、_,最多16个", "a-z 0-9 - _, at most 16"},
                 {"text", "版本号,小写字母、数字、-、_;不写就用取回的最新一版",
                  "a version, a-z 0-9 - _; else the newest that was fetched"},
                 {"reason", "小写字母、数字、-、_", "a-z 0-9 - _"},
                 {"with", "police village township helper volunteer,不重复",
                  "police village township helper volunteer, none twice"},
                 {"resident", "用 --resident 写明是住户里的谁", "--resident, who of the household"},
                 {"target", "自己一条记录的编号", "the number of a record of this device"}};
    char field[32];
    bool own = strcmp(member, "state") == 0 || strcmp(member, "why") == 0;
    snprintf(field, sizeof field, "%s%s", own ? a->command : member,
             strcmp(member, "why") == 0 ? "_why" : "");
    qm_buf_puts(out, member);
    for (int i = 1; qm_word(field, i) != NULL; i++)
        qm_buf_printf(out, "%s %s", i == 1 ? ":" : "", qm_word(field, i));
    for (size_t i = 0; i < sizeof forms / sizeof forms[0]; i++)
        if (strcmp(forms[i].member, member) == 0)
            qm_buf_printf(out, ": %s", tr(a, forms[i].zh, forms[i].en));
    qm_buf_add(out, "", 1);
}

static int say_refusal(qm_client *c, const struct args *a, int code)
{
    struct qm_buf fits;
    qm_buf_init(&fits, 1024);
    if (code == QM_C_INVALID)
        fitting(a, qm_client_detail(c), &fits);
    int rc = say_error(
        a, code, fits.len > 0 && fits.err == QM_OK ? (const char *)fits.p : qm_client_detail(c));
    qm_buf_free(&fits);
    return rc;
}

static int attach_file(qm_client *c, const struct args *a, const char *path, char sha[65])
{
    struct qm_buf bytes;
    qm_buf_init(&bytes, PHOTO_MAX_BYTES);
    int rc = read_whole(path, PHOTO_MAX_BYTES, &bytes);
    if (rc == QM_C_OK)
        rc = qm_client_attach(c, bytes.p, bytes.len, sha);
    qm_buf_wipe(&bytes);
    if (rc == QM_C_INVALID)
        return say_usage(a, "不是照片(JPEG、PNG、WebP)", "not a JPEG, PNG or WebP picture", path);
    return rc == QM_C_OK ? EXIT_OK : say_unread(a, rc, path);
}

/* A SHA-256, or the path of a photo that is attached now. */
static int evidence_of(qm_client *c, const struct args *a, struct qm_record *r, char sha[4][65],
                       char **copy)
{
    const char *items[4];
    size_t n = 0;
    int rc = args_list(a, "evidence", items, 4, &n, copy);
    for (size_t i = 0; rc == EXIT_OK && i < n; i++) {
        uint8_t bits[QM_HASH_BYTES];
        if (qm_hex_read(items[i], strlen(items[i]), bits, sizeof bits) == QM_OK)
            snprintf(sha[i], 65, "%s", items[i]);
        else
            rc = attach_file(c, a, items[i], sha[i]);
        r->evidence[r->evidences++] = sha[i];
    }
    return rc;
}

static void texts_of(const struct args *a, struct qm_record *r)
{
    r->grid = args_get(a, "grid");
    r->outcome = args_get(a, "outcome");
    r->state = args_get(a, "state");
    r->place = args_get(a, "place");
    r->why = args_get(a, "why");
    r->text = args_get(a, "text");
    r->reason = args_get(a, "reason");
    r->via = args_get(a, "via");
    r->near_ = args_get(a, "near");
    r->done = args_get(a, "done");
    r->name = args_get(a, "name");
    r->phone = args_get(a, "phone");
    r->born = args_get(a, "born");
    r->door = args_get(a, "door");
    r->met = args_get(a, "met");
    r->signer = args_get(a, "signer");
    r->relation = args_get(a, "relation");
    r->note = args_get(a, "note");
    r->real_name = args_has(a, "real-name");
    r->call_alert = args_has(a, "call-alert");
    r->sms_alert = args_has(a, "sms-alert");
}

static int na_of(const struct args *a, struct qm_record *r)
{
    const char *items[2];
    size_t n = 0;
    char *copy = NULL;
    int rc = args_list(a, "na", items, 2, &n, &copy);
    for (size_t i = 0; rc == EXIT_OK && i < n; i++) {
        if (strcmp(items[i], "call_alert") == 0)
            r->na_call_alert = true;
        else if (strcmp(items[i], "sms_alert") == 0)
            r->na_sms_alert = true;
        else
            rc = say_usage(a, "只能写 call_alert 或 sms_alert", "only call_alert, sms_alert",
                           items[i]);
    }
    free(copy);
    return rc;
}

struct subject {
    char household[23], resident[23], from[23];
};

static int subjects_of(qm_client *c, const struct args *a, struct qm_record *r, struct subject *s)
{
    int rc = EXIT_OK;
    if (strcmp(r->kind, "void") == 0) {
        r->target = a->word[0];
        return rc;
    }
    if (a->words > 0) {
        rc = find_household(c, a, a->word[0], s->household);
        r->household = s->household;
    }
    if (rc == EXIT_OK && args_has(a, "resident")) {
        rc = find_resident(c, a, s->household, args_get(a, "resident"), s->resident);
        r->resident = s->resident;
    }
    if (rc == EXIT_OK && args_has(a, "from")) {
        rc = find_household(c, a, args_get(a, "from"), s->from);
        r->from = s->from;
    }
    return rc;
}

static int print_recorded(const struct args *a, const struct qm_record *r,
                          const struct qm_recorded *done)
{
    if (a->json) {
        struct qm_buf b;
        json_begin(&b);
        json_bool(&b, "ok", true);
        json_text(&b, "kind", r->kind);
        json_text(&b, "event", done->event);
        json_text(&b, "household", done->household);
        json_text(&b, "resident", done->resident);
        json_text(&b, "salt", done->salt);
        json_int(&b, "seq", done->seq);
        json_int(&b, "at", done->at_ms);
        return json_print(&b);
    }
    printf("%s %s\n", word_of(a, r->kind), done->event);
    if (!r->household && done->household[0])
        printf("  %s %s\n", tr(a, "新户编号", "new household"), done->household);
    if (!r->resident && done->resident[0])
        printf("  %s %s\n", tr(a, "人员编号", "new resident"), done->resident);
    printf("  %s\n", qm_state_todo(QM_WAITING, "", a->lang));
    return EXIT_OK;
}

static int record_it(qm_client *c, const struct args *a)
{
    struct qm_record record = QM_RECORD(a->command), *r = &record;
    struct qm_recorded done;
    struct subject subject = {0};
    char sha[4][65] = {{0}};
    char *topics = NULL, *with = NULL, *evidence = NULL;
    long secs = 0;
    texts_of(a, r);
    int rc = subjects_of(c, a, r, &subject);
    if (rc == EXIT_OK)
        rc = args_number(a, "secs", 0, 86400, 0, &secs);
    r->secs = (int32_t)secs;
    if (rc == EXIT_OK)
        rc = args_list(a, "topics", r->topic, 16, &r->topics, &topics);
    if (rc == EXIT_OK)
        rc = args_list(a, "with", r->with, 5, &r->withs, &with);
    if (rc == EXIT_OK)
        rc = na_of(a, r);
    if (rc == EXIT_OK)
        rc = evidence_of(c, a, r, sha, &evidence);
    if (rc == EXIT_OK) {
        int code = qm_client_record(c, r, &done);
        rc = code == QM_C_OK ? print_recorded(a, r, &done) : say_refusal(c, a, code);
    }
    free(topics);
    free(with);
    free(evidence);
    return rc;
}

int cmd_record(qm_client *c, const struct args *a)
{
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        if (strcmp(kinds[i].kind, a->command) != 0)
            continue;
        int rc = args_only(a, kinds[i].options);
        if (rc == EXIT_OK)
            rc = args_words(a, kinds[i].least_words, kinds[i].most_words);
        return rc == EXIT_OK ? record_it(c, a) : rc;
    }
    return say_usage(a, "没有这个命令", "no such command", a->command);
}

int cmd_attach(qm_client *c, const struct args *a)
{
    struct qm_buf b;
    int rc = args_only(a, "");
    if (rc == EXIT_OK)
        rc = args_words(a, 1, WORDS_MAX);
    if (rc != EXIT_OK)
        return rc;
    json_begin(&b);
    json_bool(&b, "ok", true);
    json_name(&b, "photos");
    qm_buf_puts(&b, "[");
    for (size_t i = 0; rc == EXIT_OK && i < a->words; i++) {
        char sha[65];
        rc = attach_file(c, a, a->word[i], sha);
        if (rc == EXIT_OK && !a->json)
            printf("%s  %s\n", sha, a->word[i]);
        qm_buf_printf(&b, "%s\"%s\"", i ? "," : "", rc == EXIT_OK ? sha : "");
    }
    qm_buf_puts(&b, "]");
    if (a->json && rc == EXIT_OK)
        return json_print(&b);
    qm_buf_free(&b);
    return rc;
}
