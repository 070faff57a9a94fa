/* detail.c - floor 3: the reasons that the SDK gives in English, for a Chinese reader.
 *
 * Happy path: the first row that fits gives the Chinese words; numbers, names and paths stay.
 * Failure mode: what no row fits, such as the words of libcurl or of the system, stays as it is.
 */
#include "cli/cli.h"

#include <stdio.h>
#include <string.h>

/* A detail is `begin`, something, `middle`, something; either of the two may be "". */
static const struct row {
    const char *begin, *middle, *zh_begin, *zh_middle;
} rows[] = {
    {QM_CERTIFICATE_DETAIL, "", "服务器的证书不可信:", ""},
    {"enrolled already as ", "", "已登记为 ", ""},
    {"enrolment: status ", ", ", "登记:状态 ", ","},
    {"sync is stopped: ", "", "上传已停:", ""},
    {"waiting ", " s after: ", "还要等 ", " 秒,原因:"},
    {"event: not a UUID of version 7", "", "记录号写得不对", ""},
    {"the answer is cut, or does not fit code and host ", "",
     "回答不完整,或和登记码、主机名不符:", ""},
    {"the answer is cut, or not from the server", "", "回答不完整,或不是服务器发的", ""},
    {"the answer does not hold; nothing was settled", "", "回答对不上,什么都没改", ""},
    {"the log is smaller than a receipt that this device holds", "",
     "服务器的总账比本机凭证里的还短", ""},
    {"changes: the answer is cut or has another shape; thrown away", "",
     "更新:回答不完整或格式不对,没有采用", ""},
    {"server: not http(s)://host[:port]", "", "地址要写成 http(s)://主机[:端口]", ""},
    {"host: not an authority", "", "主机名写得不对", ""},
    {"code: not <6 digits>.<22 characters>", "", "登记码是 6 位数字、一个点、22 个字符", ""},
    {"passphrase: at least ", " bytes", "口令太短,至少 ", " 字节"},
    {"the members together make no valid ", "", "这几项合在一起不成立:", ""},
    {"not a JPEG, PNG or WebP picture", "", "不是 JPEG、PNG、WebP 照片", ""},
    {"the picture is larger than 1 MiB", "", "照片超过 1 MiB", ""},
    {"a stored photo is no picture", "", "存着的照片坏了", ""},
    {"the new device key could not be made", "", "新密钥没有做成", ""},
    {"device key ", " is not there", "设备密钥 ", " 不在了"},
    {"outbox: device or log key does not parse", "", "本机名称或总账公钥读不出来", ""},
    {"", ": wrong passphrase, cut, damaged, or of another host", "",
     ":口令不对,或文件不完整、损坏、是别的主机的"},
    {"/", ": status ", "/", ":状态 "}};

const char *detail_of(const struct args *a, const char *detail, char out[DETAIL_MAX_BYTES])
{
    if (strcmp(a->lang, "zh") != 0)
        return detail;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const struct row *r = &rows[i];
        size_t begin = strlen(r->begin), middle = strlen(r->middle);
        if (strncmp(detail, r->begin, begin) != 0)
            continue;
        const char *at = strstr(detail + begin, r->middle);
        if (!at)
            continue;
        int first = middle > 0 ? (int)(at - detail - (ptrdiff_t)begin) : 0;
        snprintf(out, DETAIL_MAX_BYTES, "%s%.*s%s%s", r->zh_begin, first, detail + begin,
                 r->zh_middle, at + middle);
        return out;
    }
    return detail;
}
