/* client_words.c - floor 2: what a worker reads about a state, in Chinese and English.
 *
 * Happy path: a code or state finds its row.
 * Cannot fail: a state that is none has empty words.
 */
#include "client_handle.h"

#include <string.h>

const char *qm_client_code_name(int code)
{
    return qm_err_name((qm_err)code);
}

const char *qm_client_code_text(int code, const char *lang)
{
    return qm_err_text((qm_err)code, lang);
}

const char *qm_client_code_todo(int code, const char *lang)
{
    return qm_err_todo((qm_err)code, lang);
}

struct words {
    const char *zh, *en;
};

static const char *pick(const struct words *w, const char *lang)
{
    return lang && strcmp(lang, "zh") == 0 ? w->zh : w->en;
}

const char *qm_state_word(enum qm_state state, const char *lang)
{
    static const struct words words[] = {[QM_WAITING] = {"待上传", "waiting"},
                                         [QM_CONFIRMED] = {"已入账", "confirmed"},
                                         [QM_HELD] = {"待核实", "held"},
                                         [QM_REJECTED] = {"未收下", "not taken"},
                                         [QM_FLAGGED] = {"请说明", "please explain"}};
    return state >= QM_WAITING && state <= QM_FLAGGED ? pick(&words[state], lang) : "";
}

static const struct {
    enum qm_state state;
    const char *code; /* NULL: any; a flag matches as one of several */
    struct words words;
} todos[] = {
    {QM_WAITING,
     NULL,
     {"还在这部手机里,有网自动发", "Still on this device; sent by the next sync"}},
    {QM_CONFIRMED, NULL, {"办公室已收到,有凭证", "The office has it, and you hold the receipt"}},
    {QM_HELD,
     "revoked",
     {"本机停用后发出的,先不计数,请交办公室核实",
      "Sent after this device was taken out of use; hand the device to the office"}},
    {QM_HELD,
     "scope",
     {"这户不在您负责的网格,先不计数,等办公室处理",
      "The household is not in your grids; the office decides"}},
    {QM_HELD,
     "moved",
     {"这户已转到别的网格,先不计数,等办公室处理",
      "The household has moved to another grid; the office decides"}},
    {QM_HELD,
     NULL,
     {"已收到,先不计数,等办公室处理", "Received, not counted yet; the office decides"}},
    {QM_REJECTED,
     "schema",
     {"内容格式不对,请更新应用后重新填一条",
      "The record is not in the right form; update and record it again"}},
    {QM_REJECTED,
     "private",
     {"个人信息部分有问题,请重新填一条", "The private part does not fit; record it again"}},
    {QM_REJECTED,
     "county",
     {"网格不在本县,请核对网格后重新填", "The grid is in another county; record it again"}},
    {QM_REJECTED,
     "conflict",
     {"编号和别的记录重复,请重新填一条",
      "Its number was taken by another record; record it again"}},
    {QM_REJECTED,
     "double",
     {"办公室决定不计:和另一条重复,不用再填",
      "The office does not count it: it is there twice, nothing is to be done"}},
    {QM_REJECTED,
     "not-true",
     {"办公室决定不计:核对下来和实际不符,有不同看法请找办公室",
      "The office does not count it: it did not agree with what was found; ask the office if "
      "you see it otherwise"}},
    {QM_REJECTED,
     "moved",
     {"办公室决定不计:这户已搬家,请按现在住的地方重新填",
      "The office does not count it: the household has moved, record it where it lives"}},
    {QM_REJECTED,
     "wrong-area",
     {"办公室决定不计:这户不归您的网格,由那边的网格员来办",
      "The office does not count it: the household is of another grid, whose worker will go "
      "there"}},
    {QM_REJECTED,
     "lost-phone",
     {"办公室决定不计:手机丢失期间报的,是您本人办的请告诉办公室",
      "The office does not count it: it came while the phone was lost; if it was you, tell "
      "the office"}},
    {QM_REJECTED,
     NULL,
     {"这一条没有收下或办公室决定不计,点开看原因,可重新填",
      "Not taken, or the office decided not to count it; see the reason, record it again if "
      "needed"}},
    {QM_FLAGGED,
     "future",
     {"手机时间比服务器快,请打开自动设置时间",
      "This device's clock is ahead; switch on automatic time"}},
    {QM_FLAGGED,
     "late",
     {"上传比记录晚了三十天以上,请向办公室说明",
      "Sent more than thirty days after it was recorded; tell the office why"}},
    {QM_FLAGGED,
     "unknown",
     {"名册里还没有这户或这人,办公室登记后自动计数",
      "The household or person is not in the register yet; counts as soon as it is"}},
    {QM_FLAGGED,
     "seq",
     {"序号和这部手机以前的记录重复,请联系办公室",
      "Its running number was used before on this device; call the office"}},
    {QM_FLAGGED,
     NULL,
     {"有一处和平常不同,不是说您错了", "Something is unusual; it does not mean you are wrong"}}};

static bool has_code(const char *codes, const char *code)
{
    size_t n = strlen(code);
    for (const char *p = strstr(codes, code); p; p = strstr(p + 1, code))
        if ((p == codes || p[-1] == ',') && (p[n] == 0 || p[n] == ','))
            return true;
    return false;
}

const char *qm_state_todo(enum qm_state state, const char *code, const char *lang)
{
    for (size_t i = 0; i < sizeof todos / sizeof todos[0]; i++)
        if (todos[i].state == state && (!todos[i].code || (code && has_code(code, todos[i].code))))
            return pick(&todos[i].words, lang);
    return "";
}
