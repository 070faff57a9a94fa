/* township.c - tests: makes the sample township: grids, accounts, households and residents as CSV
 * files for `qiaomend admin ... import`.
 *
 *     township --divisions FILE --out DIR [--seed N]
 *
 * The villages are the real ones of the divisions file; everybody in them is made up.  The same
 * seed gives the same bytes: no clock, no system randomness.  Fails, with a sentence, when a file
 * cannot be read or written; files may then be half written.
 *
 * Ages follow the five-year groups of the census of 2020 (China, both sexes); households have 2.6
 * people on average; about 8 % of homes are wholly away, 4 % vacant, 5 % let to tenants.
 *
 * Phone numbers: eleven digits that begin with 1004.  Mobile numbers in China begin with 13 to 19;
 * 10 begins five-digit service numbers, and none of those in use begins with 1004.  So they look
 * like numbers, and dialling one by mistake reaches nobody.
 */
#include <errno.h>
#include <inttypes.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "prng.h"
#include "wire/merkle.h"

static const char TOWNSHIP[] = "140522110";
enum {
    VILLAGES_MAX = 40,
    GRIDS_MAX = 120,
    WORKERS = 45,
    WORKERS_OF_GRID_MAX = 8,
    HOUSEHOLD_MAX = 7,
    PEOPLE_MAX = 4096,
    REFERENCE_YEAR = 2026 /* ages are those of 1 July of this year */
};

struct village {
    char code[13];
    char name[96];
};
struct grid {
    char code[16];
    char name[128];
    size_t village;
    int homes;
    int workers;
    int worker[WORKERS_OF_GRID_MAX];
    int people; /* counted while households are written */
};
struct person {
    uint8_t age;
    char name[32];
    const char *status;
};
struct town {
    struct qm_prng random;
    uint64_t names; /* counter behind the pseudonyms */
    uint64_t phones;
    size_t villages, grids;
    struct village village[VILLAGES_MAX];
    struct grid grid[GRIDS_MAX];
    uint8_t adults[PEOPLE_MAX], others[PEOPLE_MAX]; /* ages still to be housed in this grid */
    size_t adults_left, others_left;
    FILE *households, *residents;
};

/* Shares in hundredths of a percent of the age groups 0-4, 5-9, ... 85-89, 90 and above. */
static const uint16_t CENSUS_2020[] = {552, 640, 605, 516, 532, 651, 881, 702, 659, 810,
                                       859, 719, 520, 525, 352, 222, 145, 77,  33};
/* Households of 1..7 people, per mille; mean 2.6. */
static const uint16_t HOUSEHOLD_SIZES[] = {250, 300, 210, 130, 70, 28, 12};

static const char *const SURNAMES[] = {
    "王", "李", "张", "刘", "陈", "杨", "赵", "黄", "周", "吴", "徐", "孙", "胡", "朱", "高", "林",
    "何", "郭", "马", "罗", "梁", "宋", "郑", "谢", "韩", "唐", "冯", "于", "董", "萧", "程", "曹",
    "袁", "邓", "许", "傅", "沈", "曾", "彭", "吕", "苏", "卢", "蒋", "蔡", "贾", "丁", "魏", "薛",
    "叶", "阎", "余", "潘", "杜", "戴", "夏", "钟", "汪", "田", "任", "姜", "成", "卫", "原", "茹"};
static const char *const GIVEN[] = {
    "伟", "芳", "娜", "敏", "静", "丽", "强", "磊", "军", "洋", "勇", "艳", "杰", "娟", "涛", "明",
    "超", "秀", "霞", "平", "刚", "桂", "英", "华", "玉", "兰", "红", "梅", "建", "国", "文", "辉",
    "力", "鹏", "飞", "婷", "雪", "琴", "云", "莲", "真", "环", "荣", "爱", "妹", "香", "月", "莺",
    "志", "义", "兴", "良", "海", "山", "仁", "波", "宁", "贵", "福", "生", "龙", "元", "全", "胜",
    "学", "祥", "才", "发", "武", "新", "利", "清", "彬", "富", "顺", "信", "子", "昌", "成", "康"};
static const char *const LANES[] = {"东街", "西街", "南巷", "北巷", "前街", "后街", "桥头", "坡上"};
static const char *const GROUPS[] = {"一组", "二组", "三组", "四组", "五组", "六组"};
#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static void fail(const char *what, const char *file)
{
    fprintf(stderr, "township: %s: %s%s%s\n", file, what, errno ? ": " : "",
            errno ? strerror(errno) : "");
    exit(1);
}

/* ---- divisions ----------------------------------------------------------------------------- */

static void village_add(struct town *t, const char *code, const char *name)
{
    if (t->villages == VILLAGES_MAX)
        return;
    struct village *v = &t->village[t->villages++];
    snprintf(v->code, sizeof v->code, "%s", code);
    snprintf(v->name, sizeof v->name, "%s", name);
    /* "演礼村委会" and "栅村社区居民委员会" are committees; the places are "演礼村", "栅村社区". */
    char *tail = strstr(v->name, "居民委员会");
    if (!tail)
        tail = strstr(v->name, "委会");
    if (tail)
        *tail = 0;
}

static void divisions_read(struct town *t, const char *file)
{
    FILE *f = fopen(file, "r");
    if (!f)
        fail("cannot read", file);
    char line[512];
    while (fgets(line, sizeof line, f)) {
        char *save = NULL;
        char *code = strtok_r(line, ",\r\n", &save);
        char *name = strtok_r(NULL, ",\r\n", &save);
        if (code && name && strlen(code) == 12 && strncmp(code, TOWNSHIP, 9) == 0)
            village_add(t, code, name);
    }
    fclose(f);
    errno = 0;
    if (t->villages == 0)
        fail("holds no village of the township", file);
}

/* ---- grids and accounts --------------------------------------------------------------------- */

static void grids_plan(struct town *t)
{
    for (size_t v = 0; v < t->villages; v++) {
        int n = qm_prng_between(&t->random, 1, 3);
        for (int g = 1; g <= n; g++) {
            struct grid *grid = &t->grid[t->grids++];
            snprintf(grid->code, sizeof grid->code, "%s%03d", t->village[v].code, g);
            snprintf(grid->name, sizeof grid->name, "%s第%d网格", t->village[v].name, g);
            grid->village = v;
            grid->homes = qm_prng_between(&t->random, 300, 500);
        }
    }
}

static void worker_add(struct grid *g, int worker)
{
    if (g->workers < WORKERS_OF_GRID_MAX)
        g->worker[g->workers++] = worker;
}

/* The grid with the most homes for each of its workers. */
static struct grid *grid_busiest(struct town *t)
{
    struct grid *best = &t->grid[0];
    for (size_t i = 1; i < t->grids; i++) {
        struct grid *g = &t->grid[i];
        if (g->homes * best->workers > best->homes * g->workers)
            best = g;
    }
    return best;
}

/* One worker for each grid, then the rest where most is to do; the last one also helps out in the
 * first grid, so that somebody has two. */
static void workers_plan(struct town *t)
{
    int next = 1;
    for (size_t i = 0; i < t->grids && next <= WORKERS; i++)
        worker_add(&t->grid[i], next++);
    while (next <= WORKERS)
        worker_add(grid_busiest(t), next++);
    worker_add(&t->grid[0], WORKERS);
}

static const char *pick(struct town *t, const char *const *from, size_t n)
{
    return from[qm_prng_below(&t->random, (uint32_t)n)];
}

static void name_make(struct town *t, const char *surname, char out[32])
{
    const char *first = pick(t, GIVEN, COUNT(GIVEN));
    const char *second = qm_prng_chance(&t->random, 700) ? pick(t, GIVEN, COUNT(GIVEN)) : "";
    snprintf(out, 32, "%s%s%s", surname, first, second);
}

static void phone_make(struct town *t, char out[16])
{
    /* 7 digits, each number once: 3 is prime to 10^7. */
    snprintf(out, 16, "1004%07" PRIu64, ++t->phones * 3 % 10000000);
}

static void account_write(struct town *t, FILE *f, const char *account, const char *role,
                          const char *areas)
{
    char name[32], phone[16];
    name_make(t, pick(t, SURNAMES, COUNT(SURNAMES)), name);
    phone_make(t, phone);
    fprintf(f, "%s,%s,%s,%s,%s\n", account, role, name, phone, areas);
}

static void workers_write(struct town *t, FILE *f)
{
    for (int w = 1; w <= WORKERS; w++) {
        char areas[128] = "", account[24];
        for (size_t i = 0; i < t->grids; i++) {
            const struct grid *g = &t->grid[i];
            for (int k = 0; k < g->workers; k++) {
                size_t used = strlen(areas);
                if (g->worker[k] == w)
                    snprintf(areas + used, sizeof areas - used, "%s%s", used ? " " : "", g->code);
            }
        }
        snprintf(account, sizeof account, "W%04d", w);
        account_write(t, f, account, "worker", areas);
    }
}

static void accounts_write(struct town *t, FILE *f)
{
    char account[24];
    fputs("account,role,name,phone,areas\n", f);
    workers_write(t, f);
    for (size_t i = 0; i < t->grids; i++) {
        snprintf(account, sizeof account, "L%04zu", i + 1);
        account_write(t, f, account, "leader", t->grid[i].code);
    }
    for (size_t v = 0; v < t->villages; v++) {
        snprintf(account, sizeof account, "S%04zu", v + 1);
        account_write(t, f, account, "secretary", t->village[v].code);
        snprintf(account, sizeof account, "D%04zu", v + 1);
        account_write(t, f, account, "deputy", t->village[v].code);
    }
    account_write(t, f, "A0001", "township", TOWNSHIP);
    account_write(t, f, "A0002", "township", TOWNSHIP);
    account_write(t, f, "P0001", "police", TOWNSHIP);
    account_write(t, f, "I0001", "inspector", "140522");
    account_write(t, f, "U0001", "auditor", "140522");
}

/* ---- people --------------------------------------------------------------------------------- */

/* 16 bytes of a hash: looks random, and is the same each time. */
static void pseudonym_make(struct town *t, char out[QM_PSEUDONYM_CHARS + 1])
{
    char text[64];
    struct qm_hash h;
    int n = snprintf(text, sizeof text, "sample township %" PRIu64, ++t->names);
    qm_sha256(text, (size_t)n, &h);
    qm_pseudonym_write(h.b, out);
}

/* Draws the ages of a grid from the census, so that its structure holds whatever the households
 * look like; people of 18 and above apart, because every household needs one. */
static void ages_draw(struct town *t, size_t people)
{
    t->adults_left = t->others_left = 0;
    for (size_t i = 0; i < people && i < PEOPLE_MAX; i++) {
        size_t group = qm_prng_weighted(&t->random, CENSUS_2020, COUNT(CENSUS_2020));
        uint8_t age = (uint8_t)(group * 5 + qm_prng_below(&t->random, 5));
        if (age >= 18 && t->adults_left < people)
            t->adults[t->adults_left++] = age;
        else
            t->others[t->others_left++] = age;
    }
}

static uint8_t age_take(struct town *t, bool adult)
{
    if (!adult && t->others_left > 0 &&
        qm_prng_below(&t->random, (uint32_t)(t->others_left + t->adults_left)) < t->others_left)
        return t->others[--t->others_left];
    if (t->adults_left > 0)
        return t->adults[--t->adults_left];
    return (uint8_t)qm_prng_between(&t->random, 25, 75);
}

static const char *status_draw(struct town *t, uint8_t age, bool household_away)
{
    if (household_away)
        return "away";
    if (age >= 18 && age < 45 && qm_prng_chance(&t->random, 90))
        return "away";
    return qm_prng_chance(&t->random, 4) ? "unknown_age" : "counted";
}

static size_t household_people(struct town *t, bool away, struct person *who)
{
    const char *surname = pick(t, SURNAMES, COUNT(SURNAMES));
    size_t n = 1 + qm_prng_weighted(&t->random, HOUSEHOLD_SIZES, COUNT(HOUSEHOLD_SIZES));
    for (size_t i = 0; i < n; i++) {
        who[i].age = age_take(t, i == 0);
        who[i].status = status_draw(t, who[i].age, away);
        /* The second adult is mostly the spouse, who keeps the own surname. */
        bool own = i == 1 && who[i].age >= 20;
        name_make(t, own ? pick(t, SURNAMES, COUNT(SURNAMES)) : surname, who[i].name);
    }
    return n;
}

static void resident_write(struct town *t, const char *household, const struct person *p,
                           const char *phone)
{
    char id[QM_PSEUDONYM_CHARS + 1], born[16] = "";
    pseudonym_make(t, id);
    int month = qm_prng_between(&t->random, 1, 12), day = qm_prng_between(&t->random, 1, 28);
    /* Who has the birthday after 1 July is still a year younger than the years' difference. */
    int year = REFERENCE_YEAR - p->age - (month >= 7 ? 1 : 0);
    if (strcmp(p->status, "unknown_age") != 0)
        snprintf(born, sizeof born, "%04d-%02d-%02d", year, month, day);
    /* No care group is stored for a person unless a target asks for it, and none of ours does. */
    fprintf(t->residents, "%s,%s,%s,%s,%s,%s,\n", id, household, p->name, born, phone, p->status);
}

struct address {
    const char *group, *lane;
    int door;
    const char *part; /* "" or the part of the house that is let */
};

static void household_write(struct town *t, const struct grid *g, const char *id, const char *place,
                            const char *status, const struct address *a, const char *head,
                            const char *phone, int worker)
{
    fprintf(t->households, "%s,%s,%s,%s,%s,%s,%d号%s,%s,%s,W%04d\n", id, g->code, place, status,
            a->group, a->lane, a->door, a->part, head, phone, worker);
}

static void home_write(struct town *t, struct grid *g, const struct address *a, int worker)
{
    struct person who[HOUSEHOLD_MAX];
    char id[QM_PSEUDONYM_CHARS + 1], phone[16];
    uint32_t draw = qm_prng_below(&t->random, 1000);
    bool tenants = a->part[0] != 0;
    bool vacant = !tenants && draw < 40, away = !tenants && !vacant && draw < 120;
    pseudonym_make(t, id);
    phone_make(t, phone);
    size_t n = household_people(t, away, who);
    household_write(t, g, id, "home",
                    vacant ? "vacant"
                    : away ? "away"
                           : "counted",
                    a, who[0].name, phone, worker);
    for (size_t i = 0; i < n && !vacant; i++) {
        char own[16] = "";
        if (i == 0)
            memcpy(own, phone, sizeof own);
        else if (who[i].age >= 14)
            phone_make(t, own);
        resident_write(t, id, &who[i], own);
        g->people++;
    }
}

static void place_write(struct town *t, struct grid *g, const char *place, const char *name,
                        int door, int worker)
{
    char id[QM_PSEUDONYM_CHARS + 1], phone[16], head[32];
    struct address a = {"", pick(t, LANES, COUNT(LANES)), door, name};
    pseudonym_make(t, id);
    phone_make(t, phone);
    name_make(t, pick(t, SURNAMES, COUNT(SURNAMES)), head);
    household_write(t, g, id, place, "counted", &a, head, phone, worker);
}

/* What is not a home: a few shops everywhere, a venue in each village's first grid, and a school,
 * an office and enterprises where such places are. */
static void places_write(struct town *t, struct grid *g, size_t index)
{
    const char *code = t->village[g->village].code;
    bool first = strcmp(g->code + 12, "001") == 0;
    int worker = g->worker[0], door = 900;
    int shops = qm_prng_between(&t->random, 3, 9);
    for (int i = 0; i < shops; i++)
        place_write(t, g, "shop", "商店", ++door, worker);
    if (first)
        place_write(t, g, "venue", "文化活动室", ++door, worker);
    if (strcmp(code + 9, "204") == 0 && first) {
        place_write(t, g, "school", "中心小学", ++door, worker);
        place_write(t, g, "office", "镇政府", ++door, worker);
    }
    if (strcmp(code + 9, "400") == 0)
        for (int i = 0; i < 3; i++)
            place_write(t, g, "enterprise", "工厂", ++door, worker);
    if (index % 9 == 4)
        place_write(t, g, "enterprise", "合作社", ++door, worker);
}

static void grid_write(struct town *t, size_t index)
{
    struct grid *g = &t->grid[index];
    ages_draw(t, (size_t)(g->homes * 26 / 10));
    for (int i = 0; i < g->homes; i++) {
        size_t part = (size_t)i * COUNT(GROUPS) / (size_t)g->homes;
        struct address a = {GROUPS[part], LANES[(size_t)(i / 20) % COUNT(LANES)], i % 20 + 1, ""};
        if (i > 0 && qm_prng_chance(&t->random, 50)) {
            a.part = "西厢(租)"; /* tenants are a household of their own at the same address */
            a.door = (i - 1) % 20 + 1;
        }
        home_write(t, g, &a, g->worker[i * g->workers / g->homes]);
    }
    places_write(t, g, index);
}

static void grids_write(struct town *t, FILE *f)
{
    fputs("grid,name,population,population_source,population_date\n", f);
    for (size_t i = 0; i < t->grids; i++)
        fprintf(f, "%s,%s,%d,sample,%d-06-30\n", t->grid[i].code, t->grid[i].name,
                t->grid[i].people, REFERENCE_YEAR);
}

/* ---- files ---------------------------------------------------------------------------------- */

static FILE *file_open(const char *folder, const char *name)
{
    char path[4096];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *f = fopen(path, "w");
    if (!f)
        fail("cannot write", path);
    return f;
}

static void file_close(FILE *f, const char *name)
{
    int bad = ferror(f);
    if (fclose(f) != 0 || bad)
        fail("was not written whole", name);
}

static void town_write(struct town *t, const char *folder)
{
    FILE *accounts = file_open(folder, "accounts.csv");
    FILE *grids = file_open(folder, "grids.csv");
    t->households = file_open(folder, "households.csv");
    t->residents = file_open(folder, "residents.csv");
    accounts_write(t, accounts);
    fputs("household,grid,place,status,group,lane,door,head,phone,worker\n", t->households);
    fputs("resident,household,name,born,phone,status,groups\n", t->residents);
    for (size_t i = 0; i < t->grids; i++)
        grid_write(t, i);
    grids_write(t, grids);
    file_close(accounts, "accounts.csv");
    file_close(grids, "grids.csv");
    file_close(t->households, "households.csv");
    file_close(t->residents, "residents.csv");
}

int main(int argc, char **argv)
{
    const char *divisions = NULL, *out = NULL;
    uint64_t seed = 1;
    for (int i = 1; i + 1 < argc; i += 2) {
        if (strcmp(argv[i], "--divisions") == 0)
            divisions = argv[i + 1];
        else if (strcmp(argv[i], "--out") == 0)
            out = argv[i + 1];
        else if (strcmp(argv[i], "--seed") == 0)
            seed = strtoull(argv[i + 1], NULL, 10);
    }
    if (!divisions || !out) {
        fputs("usage: township --divisions FILE --out DIR [--seed N]\n", stderr);
        return 2;
    }
    if (sodium_init() < 0)
        return 1;
    struct town *t = calloc(1, sizeof *t);
    if (!t)
        return 1;
    t->random.state = seed;
    divisions_read(t, divisions);
    grids_plan(t);
    workers_plan(t);
    town_write(t, out);
    printf("%zu villages, %zu grids, %d workers, %" PRIu64 " pseudonyms\n", t->villages, t->grids,
           WORKERS, t->names);
    free(t);
    return 0;
}
