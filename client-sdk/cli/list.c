/* list.c - floor 3: my households and what is left to do at each; one household with its people.
 *
 * Happy path: "left" is what the office's state lacks (left.c).  Records that wait on this device
 * are shown beside it, because they are not counted yet.
 * Failure modes: those of the outbox; a device that is not enrolled has no list.
 */
#include "cli/cli.h"

#include <stdio.h>
#include <string.h>

struct listing {
    const struct args *a;
    qm_client *c;
    int32_t day;
    struct qm_buf json;
    const char *find, *only;
    bool left_only, first;
    size_t shown, visited, notices, pledges, counted;
};

static bool is_home(const struct qm_household_view *v)
{
    return strcmp(v->status, "counted") == 0 && strcmp(v->place, "home") == 0;
}

static bool notice_done(const struct qm_household_view *v)
{
    return strcmp(v->notice, "signed") == 0 || strcmp(v->notice, "left") == 0;
}

static bool fits(const struct listing *l, const struct qm_household_view *v, unsigned left)
{
    char place[700];
    snprintf(place, sizeof place, "%s %s %s", v->group, v->lane, v->door);
    if (l->only && strcmp(l->only, v->household) != 0)
        return false;
    if (l->find && !strstr(place, l->find) && !strstr(v->head, l->find))
        return false;
    return !l->left_only || left != 0;
}

static void left_json(struct qm_buf *b, unsigned left)
{
    static const char *const words[] = {"visit", "notice", "pledge", "app"};
    bool first = true;
    json_name(b, "open");
    qm_buf_puts(b, "[");
    for (unsigned i = 0; i < 4; i++)
        if (left & 1u << i) {
            qm_buf_printf(b, "%s\"%s\"", first ? "" : ",", words[i]);
            first = false;
        }
    qm_buf_puts(b, "]");
}

static void household_json(struct listing *l, const struct qm_household_view *v, unsigned left)
{
    struct qm_buf *b = &l->json;
    qm_buf_puts(b, l->first ? "{" : ",{");
    l->first = false;
    json_text(b, "household", v->household);
    json_text(b, "grid", v->grid);
    json_text(b, "place", v->place);
    json_text(b, "status", v->status);
    json_text(b, "group", v->group);
    json_text(b, "lane", v->lane);
    json_text(b, "door", v->door);
    json_text(b, "head", v->head);
    json_text(b, "phone", v->phone);
    json_bool(b, "visited", v->visited);
    json_bool(b, "reached", v->reached);
    json_text(b, "notice", v->notice);
    json_text(b, "pledge", v->pledge);
    json_text(b, "door_state", v->door_state);
    left_json(b, left);
    json_int(b, "residents", v->residents);
    json_int(b, "waiting", v->waiting);
    json_bool(b, "local", v->local);
    qm_buf_puts(b, "}");
}

static const char *visit_words(const struct args *a, const struct qm_household_view *v,
                               unsigned left)
{
    if (left & LEFT_VISIT)
        return tr(a, "还差入户", "to visit");
    return v->visited ? tr(a, "已入户", "visited") : word_of(a, v->door_state);
}

static void household_line(const struct listing *l, const struct qm_household_view *v,
                           unsigned left)
{
    const struct args *a = l->a;
    printf("%s  %s %s %s %s\n    %s  %s %s  %s %s", v->household, v->group, v->lane, v->door,
           v->head, visit_words(a, v, left), tr(a, "告知书", "notice"), word_of(a, v->notice),
           tr(a, "承诺书", "pledge"), word_of(a, v->pledge));
    if (left & LEFT_APP)
        printf("  %s", tr(a, "还差反诈App", "app to install"));
    if (!is_home(v))
        printf("  (%s)", word_of(a, strcmp(v->place, "home") ? v->place : v->status));
    if (v->local)
        printf("  %s", tr(a, "新户待核", "found, not yet in the register"));
    if (v->waiting > 0)
        printf("  %s %u", qm_state_word(QM_WAITING, a->lang), v->waiting);
    putchar('\n');
}

static int on_household(void *ctx, const struct qm_household_view *v)
{
    struct listing *l = ctx;
    unsigned left = 0;
    int rc = left_at(l->c, v, l->day, &left);
    if (rc != QM_C_OK)
        return rc;
    if (is_home(v)) {
        l->counted++;
        l->visited += v->visited;
        l->notices += notice_done(v);
        l->pledges += strcmp(v->pledge, "signed") == 0;
    }
    if (!fits(l, v, left))
        return 0;
    l->shown++;
    if (l->a->json)
        household_json(l, v, left);
    else
        household_line(l, v, left);
    return 0;
}

static int on_resident(void *ctx, const struct qm_resident_view *v)
{
    struct listing *l = ctx;
    const struct args *a = l->a;
    struct qm_buf *b = &l->json;
    if (!a->json) {
        printf("    %s  %s %s  %s  %s%s%s%s  %s\n", v->resident, v->name, v->born,
               word_of(a, v->status), strcmp(v->app, "none") ? word_of(a, v->app) : "-",
               v->real_name ? tr(a, " 实名", " real name") : "",
               v->call_alert ? tr(a, " 来电预警", " call alert") : "",
               v->sms_alert ? tr(a, " 短信预警", " sms alert") : "", v->groups);
        return 0;
    }
    qm_buf_puts(b, l->first ? "{" : ",{");
    l->first = false;
    json_text(b, "resident", v->resident);
    json_text(b, "household", v->household);
    json_text(b, "name", v->name);
    json_text(b, "phone", v->phone);
    json_text(b, "born", v->born);
    json_text(b, "status", v->status);
    json_text(b, "groups", v->groups);
    json_text(b, "app", v->app);
    json_bool(b, "real_name", v->real_name);
    json_bool(b, "call_alert", v->call_alert);
    json_bool(b, "sms_alert", v->sms_alert);
    json_int(b, "waiting", v->waiting);
    json_bool(b, "local", v->local);
    qm_buf_puts(b, "}");
    return 0;
}

static int print_rows(qm_client *c, struct listing *l)
{
    l->first = true;
    json_name(&l->json, "households");
    qm_buf_puts(&l->json, "[");
    int rc = qm_client_households(c, args_get(l->a, "grid"), on_household, l);
    qm_buf_puts(&l->json, "]");
    if (rc != QM_C_OK || !(l->only || args_has(l->a, "all")))
        return rc;
    l->first = true;
    json_name(&l->json, "residents");
    qm_buf_puts(&l->json, "[");
    rc = qm_client_residents(c, l->only, on_resident, l);
    qm_buf_puts(&l->json, "]");
    return rc;
}

/* A device that is in nobody's name has no list, and one has only the lists of its own grids. */
static int grid_known(qm_client *c, const struct args *a, int32_t *day)
{
    struct qm_client_info info;
    const char *grid = args_get(a, "grid");
    int rc = qm_client_get_info(c, &info);
    if (rc != QM_C_OK)
        return say_error(a, rc, qm_client_detail(c));
    *day = left_day(&info);
    for (size_t i = 0; grid && i < info.grids; i++)
        if (strcmp(info.grid[i], grid) == 0)
            return EXIT_OK;
    return grid ? say_usage(a, "本机不负责这个网格", "not a grid of this device", grid) : EXIT_OK;
}

int cmd_list(qm_client *c, const struct args *a)
{
    char household[23];
    struct listing l = {
        .a = a, .c = c, .find = args_get(a, "find"), .left_only = args_has(a, "left")};
    int rc = args_only(a, "left grid find all");
    if (rc == EXIT_OK)
        rc = args_words(a, 0, 1);
    if (rc == EXIT_OK)
        rc = grid_known(c, a, &l.day);
    if (rc == EXIT_OK && a->words == 1) {
        rc = find_household(c, a, a->word[0], household);
        l.only = household;
    }
    if (rc != EXIT_OK)
        return rc;
    json_begin(&l.json);
    json_bool(&l.json, "ok", true);
    rc = print_rows(c, &l);
    if (rc != QM_C_OK) {
        qm_buf_free(&l.json);
        return say_error(a, rc, qm_client_detail(c));
    }
    if (a->json) {
        json_int(&l.json, "counted", (int64_t)l.counted);
        json_int(&l.json, "visited", (int64_t)l.visited);
        json_int(&l.json, "notices", (int64_t)l.notices);
        json_int(&l.json, "pledges", (int64_t)l.pledges);
        return json_print(&l.json);
    }
    qm_buf_free(&l.json);
    if (!l.only)
        printf("%s %zu  %s %zu/%zu  %s %zu/%zu  %s %zu/%zu\n", tr(a, "列出", "listed"), l.shown,
               tr(a, "已入户", "visited"), l.visited, l.counted, tr(a, "告知书", "notices"),
               l.notices, l.counted, tr(a, "承诺书", "pledges"), l.pledges, l.counted);
    return EXIT_OK;
}
