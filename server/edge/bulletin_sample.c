/* bulletin_sample.c - the sample wording of a bulletin; see bulletin_wording.h.
 * Happy path: most sections are the same for all; some look at what the bulletin has.
 * Failure: that of the buffer.
 */
#include "edge/bulletin_view.h"
#include "edge/bulletin_wording.h"

#define OFFICE "{scope}打击治理电信网络诈骗工作领导小组办公室"

static const char *addressee(const struct qm_bulletin_doc *d)
{
    switch (d->rule.level) {
    case QM_LEVEL_GRID:
        return "各网格、各单位";
    case QM_LEVEL_TOWNSHIP:
        return "各乡镇（街道）、各单位";
    default:
        return "各村（居）、各单位";
    }
}

static bool app_shown(const struct qm_bulletin_doc *d)
{
    for (int m = QM_COVER_APP; m < QM_COVER_COUNT_; m++) {
        if (qm_view_shown(d, (enum qm_cover)m))
            return true;
    }
    return false;
}

static void praise(const struct qm_bulletin_doc *d, struct qm_buf *out)
{
    bool commended = false, criticised = false;
    for (size_t i = 0; i < d->rows_n; i++) {
        commended = commended || qm_view_commended(d, &d->rows[i]);
        criticised = criticised || qm_view_criticised(d, &d->rows[i]);
    }
    if (commended)
        qm_buf_puts(out, "对{commended}予以通报表扬。");
    if (criticised) {
        qm_buf_puts(out, "{criticised}进度较慢，请");
        qm_buf_puts(out, d->target_day != 0 ? "于{target_day}前补齐。" : "尽快补齐。");
    }
    if (d->decisions_n > 0)
        qm_buf_puts(out, "{decided}");
}

static const char *sample(const struct qm_bulletin_doc *d, enum qm_wording w)
{
    switch (w) {
    case QM_WORDING_SERIES:
        return "反诈工作通报";
    case QM_WORDING_TITLE:
        return d->replaces != NULL ? "关于{period}反诈宣传工作情况的更正通报"
                                   : "关于{period}反诈宣传工作情况的通报";
    case QM_WORDING_ADDRESSEE:
        return addressee(d);
    case QM_WORDING_OPENING:
        return "现将{this_period}反诈宣传工作情况通报如下（数据截至{closed}，统计口径：{basis}）。";
    case QM_WORDING_OVERALL:
        return "{scope}应访{due}户，累计入户{visited}户，入户率{visited_percent}，{visited_change}"
               "；"
               "外出户远程宣传{away_reached}户；签收告知书{notice_signed}户，"
               "签订承诺书{pledge}户。{forecast}";
    case QM_WORDING_PROGRESS:
        return app_shown(d) ? "详见附表1、附表2。" : "详见附表1。";
    case QM_WORDING_CASES:
        return d->figures_n > 0 ? "详见附表3（来源：派出所）。" : "派出所数据尚未报送。";
    case QM_WORDING_NEXT:
        return "请对照附表1逐户补齐：先访还没有人去过的户，外出户用电话、视频补上；"
               "居民不愿办理的如实记录，不问原因。";
    case QM_WORDING_COPIES:
        return "{county}打击治理电信网络诈骗工作领导小组办公室";
    case QM_WORDING_HEAD:
    case QM_WORDING_SIGN:
    case QM_WORDING_OFFICE:
    case QM_WORDING_CONTACT:
        return OFFICE;
    default: /* spot checks: nothing to report before there are any */
        return "";
    }
}

qm_err qm_bulletin_wording_default(const struct qm_bulletin_doc *d, enum qm_wording w,
                                   struct qm_buf *out)
{
    if (w == QM_WORDING_PRAISE)
        praise(d, out);
    else
        qm_buf_puts(out, sample(d, w));
    return out->err;
}
