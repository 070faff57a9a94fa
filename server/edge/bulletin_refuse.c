/* bulletin_refuse.c - see bulletin_refuse.h.  Happy path and failure modes: as there. */
#include "edge/bulletin_refuse.h"

enum { FAULTS_MAX_BYTES = 1 << 20 };

/* Formats: what it is about, if there is something, comes in the place of %s. */
struct words {
    const char *zh, *en;
};

static const struct words whys[QM_FREEZE_WHY_COUNT_] = {
    [QM_FREEZE_OK] = {"", ""},
    [QM_FREEZE_NO_RULE] = {"还没有设定排名规则。请管理员先设定规则。",
                           "No rule of the ranking is set. Have it set: qiaomend admin rule set."},
    [QM_FREEZE_BAD_RULE] = {"现行排名规则不合格式。请管理员重新设定。",
                            "The rule in force is not of the schema. Have it set again: qiaomend "
                            "admin rule set."},
    [QM_FREEZE_LEVEL] =
        {"现行规则在这一级单位之间排名,通报范围要比它大一级以上:%s",
         "The rule ranks divisions of this level; the scope must lie above them: %s"},
    [QM_FREEZE_REPLACES] =
        {"要更正的不是这一范围、这一类周期里最新的一期。",
         "What shall be corrected is not the newest bulletin of its chain, or is "
         "of another scope or kind of period."},
    [QM_FREEZE_PERIOD] = {"更正要写明原来的周期:%s",
                          "A correction is of the period it corrects: %s"},
    [QM_FREEZE_NO_ROSTER] = {"这个范围里没有住户。", "There are no households in this scope."},
    [QM_FREEZE_NO_FIGURES] = {"规则要求的外来数据还没有填报:%s",
                              "The rule needs figures from elsewhere that are missing: %s"},
};

static const struct words statuses[] = {
    [QM_RANKING_DONE] = {"", ""},
    [QM_RANKING_THERE] = {"已经办过,内容不一样。", "It was done before, in another way."},
    [QM_RANKING_SAME_PERSON] = {"准备和签发(确认)要由两个账号分别办理。",
                                "The account that prepared it cannot also publish or confirm it."},
    [QM_RANKING_PUBLISHED] =
        {"这一期或以后的周期已经发布,不能再改。要改,请打开最新一期通报,点“发更正通报”。",
         "This or a later period is published; it stays as it is. To change "
         "it, open the newest bulletin and issue a correction."},
    [QM_RANKING_NOT_NEWEST] = {"内容已经有更新,请重新打开核对。",
                               "There is a newer one: open it again and look at it."},
    [QM_RANKING_UNKNOWN] = {"没有找到。", "There is no such thing here."},
    [QM_RANKING_STALE] = {"截数之后情况有变,请重新截数。",
                          "Something has changed since it was frozen: freeze again."},
    [QM_RANKING_DIFFERENCES] = {"上次复核有差异,查明之前不能发布。",
                                "The last recount found differences; nothing is published until "
                                "they are explained."},
};

void qm_bulletin_refuse_member(struct qm_call *c, const char *member)
{
    if (member[0] == '\0')
        qm_call_refuse(c, QM_E_MALFORMED, "请求不是接口说明里的样子。",
                       "The body is not what the description of the API asks for.");
    else
        qm_call_refuse(c, QM_E_MALFORMED, "%.40s:没有写,或不是接口说明里的样子。",
                       "%.40s: missing, or not what the description of the API asks for.", member);
}

void qm_bulletin_refuse_faults(struct qm_call *c, const struct qm_faults *faults,
                               const char *member)
{
    struct qm_buf lines;
    qm_buf_init(&lines, FAULTS_MAX_BYTES);
    if (qm_faults_text(faults, &lines) == QM_OK && lines.len > 0)
        qm_call_refuse(c, QM_E_MALFORMED, "%s", "%s", (const char *)lines.p);
    else
        qm_bulletin_refuse_member(c, member);
    qm_buf_free(&lines);
}

void qm_bulletin_refuse_why(struct qm_call *c, enum qm_freeze_why why, const char *what)
{
    qm_call_refuse(c, QM_E_CONFLICT, whys[why].zh, whys[why].en, what);
}

void qm_bulletin_refuse_status(struct qm_call *c, enum qm_ranking_status status)
{
    qm_err err = status == QM_RANKING_SAME_PERSON ? QM_E_FORBIDDEN
                 : status == QM_RANKING_UNKNOWN   ? QM_E_NOT_FOUND
                                                  : QM_E_CONFLICT;
    bool known = (size_t)status < sizeof statuses / sizeof *statuses && statuses[status].zh != NULL;
    if (known)
        qm_call_refuse(c, err, statuses[status].zh, statuses[status].en, "");
    else
        qm_call_problem(c, QM_E_INTERNAL);
}
