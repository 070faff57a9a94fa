/* words.c - see words.h and audit.h: what each finding means, in Chinese and English, and what to
 * do. A code that is not in the table is a fault of this program and is said as such.
 */
#include "audit/words.h"

#include <string.h>

enum todo {
    DO_NONE,
    DO_AGAIN,
    DO_FORK,
    DO_SERVER,
    DO_OFFICE,
    DO_BULLETIN,
    DO_DEVICE,
    DO_LOOK,
    DO_KEY,
    DO_RESEND
};
static const struct {
    const char *zh, *en;
} todos[] = {
    [DO_NONE] = {"", ""},
    [DO_AGAIN] = {"重新下载一份再查;还是这样,就把这份结果交上级和办公室,原件不要删。",
                  "Fetch the folder again and audit it again; if it stays, hand this report to the "
                  "level above and to the office, and keep all files."},
    [DO_FORK] = {"两份账不一样:不要再下载覆盖,把手里的凭证和这份结果一起交上级。",
                 "There are two different logs: overwrite nothing, and hand what you kept and this "
                 "report to the level above."},
    [DO_SERVER] = {"请办公室在服务器上查这一条是谁动的,用备份核对;这一条以签名的原件为准。",
                   "Ask the office who touched this on the server, and compare with a backup; what "
                   "was signed is what counts."},
    [DO_OFFICE] =
        {"请办公室说明这一项的依据;需要改的,另发更正通报。",
         "Ask the office what this rests on; what is wrong is put right by a correction."},
    [DO_BULLETIN] =
        {"不要引用这一期通报;请办公室说明,另发更正通报。",
         "Do not use this bulletin; ask the office to explain it and to publish a correction."},
    [DO_DEVICE] = {"请办公室核对这部手机的登记,必要时停用重新登记。",
                   "Ask the office to check this phone's enrolment, and if need be to stop it and "
                   "enrol it again."},
    [DO_LOOK] = {"请看一看,不一定有错。", "Have a look; it need not be wrong."},
    [DO_KEY] = {"用 --key 再给一个公钥,公钥向办公室要,并从另一条渠道核对。",
                "Give one more key with --key; ask the office for it and compare it over another "
                "channel."},
    [DO_RESEND] = {"请办公室让手机再同步一次,或补做这一项。",
                   "Ask the office to have the phone sync again, or to do this once more."},
};

static const struct row {
    const char *code;
    enum qm_audit_grade grade;
    enum todo todo;
    const char *zh, *en;
} rows[] = {
    {"checkpoint-form", QM_AUDIT_BAD, DO_AGAIN, "封条不成样子,读不出来", "the seal cannot be read"},
    {"checkpoint-origin", QM_AUDIT_BAD, DO_KEY, "封条是另一本账的,没有它的公钥",
     "the seal is of a log whose key was not given"},
    {"checkpoint-signature", QM_AUDIT_BAD, DO_FORK, "封条的签名不对",
     "the seal's signature does not hold"},
    {"root", QM_AUDIT_BAD, DO_SERVER, "记录算出来的封条码和封条上的不一样:有记录被改、被加或被抽走",
     "the entries do not give the code on the seal: something was changed, added or taken out"},
    {"entries-missing", QM_AUDIT_BAD, DO_AGAIN, "从这一号起总账缺页",
     "from this entry on the log is missing"},
    {"entry-form", QM_AUDIT_BAD, DO_SERVER, "这一号不是总账的格式",
     "this entry is not in the log's form"},
    {"entry-changed", QM_AUDIT_BAD, DO_SERVER, "这一号和总账自己留的底不一样:被改过",
     "this entry is not what the log's own tile says: it was changed"},
    {"config-form", QM_AUDIT_BAD, DO_SERVER, "设置记录的格式不对",
     "a setting's entry is not in its form"},
    {"restart", QM_AUDIT_BAD, DO_FORK, "恢复后的接续和前面的总账对不上",
     "what follows a restore does not continue the log before it"},
    {"log-key", QM_AUDIT_BAD, DO_KEY, "总账里写的公钥和您给的不一样",
     "the log names another key than the one you gave"},
    {"batch-note", QM_AUDIT_BAD, DO_SERVER, "这一批的签名单不成样子",
     "the batch's signed note cannot be read"},
    {"batch-device", QM_AUDIT_BAD, DO_DEVICE, "签这一批的手机没有登记过",
     "the phone that signed this batch was never enrolled"},
    {"batch-signature", QM_AUDIT_BAD, DO_DEVICE, "这一批的签名不是这部手机当时的密钥签的",
     "this batch is not signed by the key that the phone had then"},
    {"batch-revoked", QM_AUDIT_BAD, DO_DEVICE, "手机停用满14天以后还收了它的记录",
     "records of a phone were taken more than 14 days after it was stopped"},
    {"batch-missing", QM_AUDIT_BAD, DO_AGAIN, "这一批的记录不在文件夹里",
     "the records of this batch are not in the folder"},
    {"batch-lines", QM_AUDIT_BAD, DO_SERVER, "这一批的条数和手机签的不一样:有记录被加或被抽走",
     "this batch has another number of records than the phone signed: one was added or dropped"},
    {"batch-root", QM_AUDIT_BAD, DO_SERVER, "这一批的记录和手机签的不一样:有记录被改或被换",
     "the records of this batch are not those that the phone signed: one was changed or swapped"},
    {"batch-suspect", QM_AUDIT_NOTE, DO_LOOK, "可能是这一条(同一批里有一条不对)",
     "perhaps this one (one of its batch does not hold)"},
    {"batch-twice", QM_AUDIT_BAD, DO_SERVER, "同一批入账两次", "the same batch was entered twice"},
    {"verdict-form", QM_AUDIT_BAD, DO_SERVER, "这一批的处理结果格式不对",
     "the verdicts of this batch are not in their form"},
    {"verdict-hidden", QM_AUDIT_BAD, DO_SERVER, "没有给出内容,却没有被退",
     "a record is not shown although it was not refused"},
    {"verdict-schema", QM_AUDIT_BAD, DO_SERVER, "格式对错判反了",
     "its form was judged the wrong way"},
    {"verdict-county", QM_AUDIT_BAD, DO_SERVER, "县别对错判反了",
     "its county was judged the wrong way"},
    {"verdict-conflict", QM_AUDIT_BAD, DO_SERVER, "记录号重复判错了",
     "whether its id was taken was judged the wrong way"},
    {"verdict-dup", QM_AUDIT_BAD, DO_SERVER, "是否重复上传判错了",
     "whether it came before was judged the wrong way"},
    {"event-twice", QM_AUDIT_BAD, DO_SERVER, "同一条记录入账两次:被多算了",
     "the same record was entered twice: it counts twice"},
    {"verdict-revoked", QM_AUDIT_BAD, DO_SERVER, "手机停用与否判错了",
     "whether its phone was stopped was judged the wrong way"},
    {"verdict-future", QM_AUDIT_BAD, DO_SERVER, "时间超前与否判错了",
     "whether its time lies ahead was judged the wrong way"},
    {"verdict-late", QM_AUDIT_BAD, DO_SERVER, "迟报与否判错了",
     "whether it was late was judged the wrong way"},
    {"verdict-seq", QM_AUDIT_BAD, DO_SERVER, "手机流水号重复与否判错了",
     "whether its phone's number was used before was judged the wrong way"},
    {"device-form", QM_AUDIT_BAD, DO_DEVICE, "手机登记的格式不对",
     "an enrolment is not in its form"},
    {"device-signature", QM_AUDIT_BAD, DO_DEVICE, "手机登记或换钥的签名不对:密钥可能被调换",
     "an enrolment or new key is not signed as it must be: a key may have been swapped"},
    {"device-twice", QM_AUDIT_BAD, DO_DEVICE, "同一个密钥登记了两次",
     "the same key was enrolled twice"},
    {"device-account", QM_AUDIT_BAD, DO_DEVICE, "换钥时账号对不上",
     "a new key came under another account"},
    {"revoke-form", QM_AUDIT_BAD, DO_SERVER, "停用记录的格式不对",
     "a stop of a phone is not in its form"},
    {"revoke-unknown", QM_AUDIT_BAD, DO_OFFICE, "停用了一部没登记过的手机",
     "a phone that was never enrolled was stopped"},
    {"decide-form", QM_AUDIT_BAD, DO_SERVER, "处理决定的格式不对", "a decision is not in its form"},
    {"decide-unknown", QM_AUDIT_BAD, DO_OFFICE, "决定说的记录在它之前没有入账",
     "a decision is about a record that was not entered before it"},
    {"erase-form", QM_AUDIT_BAD, DO_SERVER, "删除个人信息的记录格式不对",
     "an erasure is not in its form"},
    {"erase-unknown", QM_AUDIT_BAD, DO_OFFICE, "删除说的记录在它之前没有入账",
     "an erasure is about a record that was not entered before it"},
    {"blob-form", QM_AUDIT_BAD, DO_SERVER, "照片清单的格式不对",
     "a list of pictures is not in its form"},
    {"blob-unnamed", QM_AUDIT_BAD, DO_OFFICE, "照片清单里有没人提到的照片",
     "a picture is listed that no record before it names"},
    {"signoff-form", QM_AUDIT_BAD, DO_SERVER, "村里确认的格式不对",
     "a village's sign-off is not in its form"},
    {"signoff-differs", QM_AUDIT_NOTE, DO_LOOK, "这个村确认的名册和锁定的不是同一份",
     "this village signed other roster lines than the frozen ones"},
    {"roster-form", QM_AUDIT_BAD, DO_SERVER, "锁定名册的记录格式不对",
     "a frozen roster's entry is not in its form"},
    {"roster-day", QM_AUDIT_BAD, DO_OFFICE, "名册的日子不是这一期的最后一天",
     "the roster's day is not the last one of its period"},
    {"roster-missing", QM_AUDIT_BAD, DO_AGAIN, "锁定的名册不在文件夹里,无法重算",
     "the frozen roster is not in the folder: nothing can be recomputed"},
    {"roster-changed", QM_AUDIT_BAD, DO_BULLETIN, "名册和锁定时的不一样:锁定后被改过",
     "the roster is not the frozen one: it was changed after freezing"},
    {"roster-lines", QM_AUDIT_BAD, DO_BULLETIN, "名册有一行格式、顺序或范围不对",
     "a line of the roster is wrong in form, order or scope"},
    {"roster-merged", QM_AUDIT_BAD, DO_BULLETIN, "并户并到了不存在的户",
     "a household is merged into one that is not there"},
    {"bulletin-form", QM_AUDIT_BAD, DO_BULLETIN, "通报的格式不对",
     "a bulletin's entry is not in its form"},
    {"bulletin-account", QM_AUDIT_BAD, DO_BULLETIN, "拟稿和签发是同一个账号",
     "one account prepared it and published it"},
    {"bulletin-range", QM_AUDIT_BAD, DO_BULLETIN, "通报的起止号和前一期接不上",
     "the bulletin's range does not follow the one before"},
    {"bulletin-order", QM_AUDIT_BAD, DO_BULLETIN, "通报的期次倒了", "the periods do not rise"},
    {"bulletin-twice", QM_AUDIT_BAD, DO_BULLETIN, "同一期通报发了两次,又没写明更正",
     "a period was published twice without being a correction"},
    {"bulletin-replaces", QM_AUDIT_BAD, DO_BULLETIN, "更正通报指的不是最新的那一份",
     "a correction does not replace the newest of its chain"},
    {"bulletin-root", QM_AUDIT_BAD, DO_BULLETIN, "通报写的封条码不是总账在那一号的封条码",
     "the bulletin's seal code is not the log's own at that entry"},
    {"bulletin-roster", QM_AUDIT_BAD, DO_BULLETIN, "通报用的名册没有锁定记录",
     "there is no entry that froze this bulletin's roster"},
    {"bulletin-rule", QM_AUDIT_BAD, DO_BULLETIN, "通报用的规则没有在它之前入账",
     "the bulletin's rule was not set in the log before it"},
    {"rule-form", QM_AUDIT_BAD, DO_BULLETIN, "规则读不出来,无法重算",
     "the rule cannot be read: nothing can be recomputed"},
    {"imports-form", QM_AUDIT_BAD, DO_BULLETIN, "外来数字的格式不对或不齐",
     "the imported figures are not in their form or not complete"},
    {"result-differs", QM_AUDIT_BAD, DO_BULLETIN, "按记录重算,结果和通报不一样",
     "recomputed from the records, the result is another one"},
    {"result-row", QM_AUDIT_BAD, DO_BULLETIN, "这一行和重算的不一样(先重算的,后通报的)",
     "this row is another one when recomputed (recomputed / published)"},
    {"object-missing", QM_AUDIT_BAD, DO_AGAIN, "总账提到的文件不在文件夹里",
     "a file that the log names is not in the folder"},
    {"object-changed", QM_AUDIT_BAD, DO_SERVER, "文件和总账里登记的不一样:被改过",
     "a file is not the one that the log names: it was changed"},
    {"seen-form", QM_AUDIT_BAD, DO_LOOK, "这份凭证读不出来", "this kept text cannot be read"},
    {"seen-key", QM_AUDIT_NOTE, DO_KEY, "没有公钥,这份凭证没法核对",
     "no key was given for this kept text: it could not be checked"},
    {"seen-signature", QM_AUDIT_BAD, DO_LOOK, "这份凭证自己的签名不对,什么也证明不了",
     "this kept text does not hold itself and proves nothing"},
    {"seen-origin", QM_AUDIT_BAD, DO_FORK, "这份凭证是另一本账的",
     "this kept text is of a log that this one does not know"},
    {"seen-ahead", QM_AUDIT_BAD, DO_FORK, "总账比凭证上的短:后面的被抽走了",
     "the log is shorter than what was seen of it: its end was cut off"},
    {"seen-fork", QM_AUDIT_BAD, DO_FORK, "总账在那一号的封条码和留底的不一样:以前的账被改过",
     "the log's seal code at that size is not the one that was kept: its past was rewritten"},
    {"seen-entry", QM_AUDIT_BAD, DO_FORK, "凭证上的这一号和总账里的不一样:被改、被换位置或被抽走",
     "this entry is not the one of the receipt: changed, moved or dropped"},
    {"seen-event", QM_AUDIT_BAD, DO_FORK, "手机签过的这一条不在总账里",
     "a record that a phone signed is not in the log"},
    {"seen-lost", QM_AUDIT_BAD, DO_RESEND, "恢复备份时丢了这一号,没有再入账",
     "this entry was lost in a restore and did not come again"},
    {"seen-again", QM_AUDIT_NOTE, DO_LOOK, "恢复备份时丢了这一号,它的一批已经再入账",
     "this entry was lost in a restore; its batch came again"},
    {"seen-lost-range", QM_AUDIT_NOTE, DO_RESEND, "恢复备份时丢了这些号",
     "these entries were lost in a restore"},
};

static const struct row *row_of(const char *code)
{
    static const struct row unknown = {"", QM_AUDIT_BAD, DO_AGAIN, "说不清的问题",
                                       "a fault without a name"};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if (strcmp(rows[i].code, code) == 0)
            return &rows[i];
    }
    return &unknown;
}

enum qm_audit_grade qm_au_words_grade(const char *code)
{
    return row_of(code)->grade;
}

const char *qm_audit_text(const char *code, const char *lang)
{
    const struct row *r = row_of(code);
    return strcmp(lang, "zh") == 0 ? r->zh : r->en;
}

const char *qm_audit_todo(const char *code, const char *lang)
{
    const struct row *r = row_of(code);
    return strcmp(lang, "zh") == 0 ? todos[r->todo].zh : todos[r->todo].en;
}
