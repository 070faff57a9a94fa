/* help.c - floor 3: the text of --help, of all commands or of one; the version.
 *
 * Happy path: the parts that belong to the command are printed; for none, all of them in order.
 * Failure mode: a word that is no command is named, and nothing is printed.
 */
#include "cli/cli.h"

#include <stdio.h>

/* `commands`: whose part it is; "": only of the whole. */
static const struct part {
    const char *commands, *zh, *en;
} parts[] = {
    {"",
     "qiaomen - 没网也能记,有网签名上传,保存入账凭证\n"
     "\n",
     "qiaomen - record visits offline, send them signed, keep receipts\n"
     "\n"},
    {"enrol",
     "  enrol 登记链接 [--host 主机名]      登记本机;链接是办公室给的,里面有地址和登记码\n"
     "  enrol --server 地址 --code 登记码 [--host 主机名]\n",
     "  enrol LINK [--host AUTHORITY]     enrol this device by the office's link\n"
     "  enrol --server URL --code CODE [--host AUTHORITY]\n"},
    {"list", "  list [住户] [--left | --all] [--grid 网格] [--find 文字]       我的住户,还差什么\n",
     "  list [HOUSEHOLD] [--left | --all] [--grid G] [--find TEXT]   my households and what is "
     "left\n"},
    {"visit",
     "  visit 住户 --outcome "
     "met|no_adult|absent|appointed|gone|refused|no_entry|moved|vacant|none\n"
     "        [--topics a,b] [--near yes|no|unknown] [--secs 秒] [--with police,village,...] "
     "[--met 姓名]\n",
     "  visit HOUSEHOLD --outcome "
     "met|no_adult|absent|appointed|gone|refused|no_entry|moved|vacant|none\n"
     "        [--topics a,b] [--near yes|no|unknown] [--secs N] [--with police,village,...] [--met "
     "NAME]\n"},
    {"notice",
     "  notice 住户 [--state signed|left|refused] [--text 版本] [--evidence 照片]      告知书\n",
     "  notice HOUSEHOLD [--state signed|left|refused] [--text V] [--evidence SHA|FILE]\n"},
    {"pledge",
     "  pledge 住户 --resident 人 [--state signed|refused|later|withdrawn] [--text 版本]   承诺书\n"
     "        [--evidence 照片] [--signer 姓名] [--relation self|...]\n",
     "  pledge HOUSEHOLD --resident R [--state signed|refused|later|withdrawn] [--text V]\n"
     "        [--evidence SHA|FILE] [--signer NAME] [--relation self|...]\n"},
    {"app",
     "  app 住户 --resident 人 --state "
     "installed|refused|later|no_phone|feature_phone|unfit|shared|removed\n"
     "        [--real-name] [--call-alert] [--sms-alert] [--na call_alert,sms_alert] [--evidence "
     "照片]\n",
     "  app HOUSEHOLD --resident R --state "
     "installed|refused|later|no_phone|feature_phone|unfit|shared|removed\n"
     "        [--real-name] [--call-alert] [--sms-alert] [--na call_alert,sms_alert] [--evidence "
     "SHA|FILE]\n"},
    {"household",
     "  household [--why found|moved_in|split] [--from 原户] [--place home|shop|...] [--name 户主] "
     "[--door 门牌] [--grid 网格]\n",
     "  household [--why found|moved_in|split] [--from H] [--place home|shop|...] [--name N] "
     "[--door D] [--grid G]\n"},
    {"resident",
     "  resident 住户 --why found|moved_in|moved_out|away|back|died|wrong [--resident 人]\n"
     "        [--name 姓名] [--born 年-月-日] [--phone 号码]\n",
     "  resident HOUSEHOLD --why found|moved_in|moved_out|away|back|died|wrong [--resident R]\n"
     "        [--name N] [--born yyyy-mm-dd] [--phone N]\n"},
    {"void", "  void 记录号 --reason 原因                               作废自己的一条\n",
     "  void EVENT --reason CODE\n"},
    {"visit notice pledge app household resident",
     "        除作废外都可加:[--name --phone --door --met --signer --relation --note 文字] [--born "
     "年-月-日]\n",
     "        all but void: [--name --phone --door --met --signer --relation --note TEXT] [--born "
     "yyyy-mm-dd]\n"},
    {"visit notice pledge app",
     "        入户、告知书、承诺书、App可加:[--via door|phone|video|paper|carried] [--done "
     "年月日8位]\n",
     "        visit, notice, pledge, app: [--via door|phone|video|paper|carried] [--done "
     "yyyymmdd]\n"},
    {"visit notice pledge app household resident void",
     "        以上都可加:[--grid 15位网格],本机有几个网格时要写\n",
     "        all of these: [--grid 15 DIGITS], if this device has several grids\n"},
    {"attach", "  attach 文件...                    存照片(JPEG、PNG、WebP,1 MiB 以内)\n",
     "  attach FILE...                    store photos (JPEG, PNG, WebP, up to 1 MiB)\n"},
    {"sync", "  sync [--now]                      上传并取回新内容;--now 不等待\n",
     "  sync [--now]                      send, and fetch what is new; --now does not wait\n"},
    {"status", "  status [--state waiting|confirmed|held|rejected|flagged|all]\n",
     "  status [--state waiting|confirmed|held|rejected|flagged|all]\n"},
    {"receipt", "  receipt 记录号 [--single]         打印入账凭证\n",
     "  receipt EVENT [--single]          print the receipt (of its batch, or of the event in "
     "it)\n"},
    {"verify", "  verify --key 公钥 文件            验真;文件写 - 从标准输入读\n",
     "  verify --key VKEY FILE            does a receipt hold? FILE - is standard input\n"},
    {"audit",
     "  audit (--server 地址 --token 文件 [--keep 目录] | --folder 目录) --key 公钥 [--key 公钥 "
     "...]\n"
     "        [--seen 文件或目录 ...] [--out 文件] [--roster] [--spool 目录] [--threads 几]\n"
     "        查整本总账、留底凭证和每一期通报对不对得上\n"
     "        --seen:以前的封条、入账凭证、通报凭证、上次 --out 的文件\n"
     "        --threads:同时用几个处理器来查,1 到 8;不写就全用\n",
     "  audit (--server URL --token FILE [--keep DIR] | --folder DIR) --key VKEY [--key VKEY ...]\n"
     "        [--seen FILE|DIR ...] [--out FILE] [--roster] [--spool DIR] [--threads N]\n"
     "        does the whole log hold, with what was seen of it and with every bulletin?\n"
     "        --seen: older checkpoints, receipts, bulletins' proofs, the file of the last --out\n"
     "        --threads: 1 to 8; else one a processor\n"},
    {"outbox",
     "  outbox export|import 文件 [--passphrase-file 文件]\n"
     "        口令会提示输入,也可放在 QIAOMEN_PASSPHRASE\n",
     "  outbox export|import FILE [--passphrase-file F]\n"
     "        the passphrase is asked for, or taken from QIAOMEN_PASSPHRASE\n"},
    {"rotate", "  rotate                            换设备密钥\n",
     "  rotate                            new device key\n"},
    {"move", "  move --server 地址                服务器换了地址\n",
     "  move --server URL                 the server has another address\n"},
    {"", "\n", "\n"},
    {"list visit notice pledge app household resident",
     "住户可写编号、编号开头,或组、巷、门牌、户主的一部分。\n",
     "HOUSEHOLD is a pseudonym, its beginning, or a part of group, lane, door or head.\n"},
    {"",
     "通用:--json  --lang zh|en  --home 目录(否则 $QIAOMEN_HOME,再否则 ~/.local/share/qiaomen)\n"
     "qiaomen 命令 --help:只看这一个命令;qiaomen --version:版本\n"
     "QIAOMEN_CA_FILE:要信任的证书文件,代替系统的\n"
     "\n"
     "退出码:0 完成;1 不成立、没找到或被拒;2 参数;3 未登记;4 稍后再试,什么都没丢;\n"
     "5 本机已停用,什么都没丢;6 服务器的回答对不上,请报告;7 "
     "数据目录或文件:满了、坏了、被占用、不能读写。\n",
     "Everywhere: --json  --lang zh|en  --home DIR (else $QIAOMEN_HOME, else "
     "~/.local/share/qiaomen)\n"
     "qiaomen COMMAND --help: only that command; qiaomen --version\n"
     "QIAOMEN_CA_FILE: certificates to trust instead of the system's\n"
     "\n"
     "Exit codes: 0 done; 1 no: does not hold, not found, refused; 2 arguments; 3 not enrolled;\n"
     "4 later: nothing is lost; 5 this device was stopped: nothing is lost; 6 the server's answer "
     "does\n"
     "not hold: report it; 7 the data folder or a file: full, damaged, busy, cannot be read or "
     "written.\n"}};

bool help_has(const char *command)
{
    bool found = false;
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++)
        found = found || args_listed(parts[i].commands, command);
    return found;
}

static int print_text(const struct args *a, struct qm_buf *text)
{
    struct qm_buf b;
    if (!a->json) {
        /* What could not be written is said at the end, by output_ends. */
        (void)fwrite(text->p, 1, text->len, stdout);
        return EXIT_OK;
    }
    json_begin(&b);
    json_bool(&b, "ok", true);
    json_text(&b, "help", (const char *)text->p);
    return json_print(&b);
}

int print_help(const struct args *a, const char *command)
{
    struct qm_buf text;
    qm_buf_init(&text, 65536);
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++)
        if (!command || args_listed(parts[i].commands, command))
            qm_buf_puts(&text, tr(a, parts[i].zh, parts[i].en));
    int rc = text.err != QM_OK ? say_error(a, QM_C_NOMEM, "")
             : text.len > 0    ? print_text(a, &text)
                               : say_usage(a, "没有这个命令", "no such command", command);
    qm_buf_free(&text);
    return rc;
}

int print_version(const struct args *a)
{
    struct qm_buf b;
    if (!a->json) {
        printf("qiaomen %s\n", QM_VERSION);
        return EXIT_OK;
    }
    json_begin(&b);
    json_bool(&b, "ok", true);
    json_text(&b, "version", QM_VERSION);
    return json_print(&b);
}
