import { words } from '@shared/lang'

export const accessWords = words(
  {
    title: '查看记录', line: '谁看了谁的完整姓名和电话,为什么看;谁在名单里查找过人。查看之前就记下了,不能删改。',
    none: '还没有人看过完整的姓名和电话。', none_such: '没有符合条件的记录。',
    filter: '只看哪些', show: '查看', account: '账号', account_example: '如 S0001', what: '看了什么', any: '全部', from: '从', until: '到', all: '看全部',
    account_wrong: '账号由大写字母和数字组成,如 S0001。', days_wrong: '开始的日期不能晚于结束的日期。',
    when: '时间', who: '账号', only: '只看 {name} 的', role: '身份', subject: '哪一户、哪个人或哪个范围', reason: '理由',
    reveal: '姓名和电话', find_households: '在住户名单里查找', find_residents: '在居民名单里查找', more: '更早的',
    household: '住户代码 {code}', resident: '居民代码 {code}', open: '打开 {name} 的户卡', list: '打开 {name} 的名单',
    ledger: '总账', size: '记到第{n}号', seal: '封条码', export: '导出整本总账', export_line: '导出的文件用 qiaomen audit 命令核对,不用相信这台服务器。',
  },
  {
    title: 'Access log', line: 'Who looked at whose name and phone number in full, and why; who looked for somebody in a list. It is noted before it is shown and cannot be changed.',
    none: 'Nobody has looked at a name in full yet.', none_such: 'Nothing of this kind was noted.',
    filter: 'Show only', show: 'Show', account: 'Account', account_example: 'such as S0001', what: 'What', any: 'all', from: 'From', until: 'Until', all: 'Show all',
    account_wrong: 'An account has capital letters and digits, such as S0001.', days_wrong: 'The first day may not be after the last one.',
    when: 'When', who: 'Account', only: 'only those of {name}', role: 'Role', subject: 'Of whom, or where', reason: 'Reason',
    reveal: 'name and phone', find_households: 'looked for a household', find_residents: 'looked for a resident', more: 'Earlier',
    household: 'household {code}', resident: 'resident {code}', open: 'Open the card of {name}', list: 'Open the list of {name}',
    ledger: 'Ledger', size: '{n} entries', seal: 'Seal code', export: 'Export the whole ledger', export_line: 'The command “qiaomen audit” checks the export without trusting this server.',
  },
)
