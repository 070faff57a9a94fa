import { words } from '@shared/lang'

export const formWords = words(
  {
    word: '名称', word_zh: '中文名称', word_en: '英文名称', up: '上移', down: '下移', remove: '去掉', add: '加一条',
    topics_line: '网格员在手机上从这些里选讲过的骗术,顺序和这里一样。改了名称,以前的记录也跟着显示新名称。',
    groups_title: '人群', groups_line: '底册里可以给人标的人群。只有目标用到的才能标,目标到期,夜里自动去掉。这张单子全县一份。',
    groups_used: '现在有目标在用', groups_save: '设定', groups_saved: '已设定。',
    fault: { empty: '没有填', long: '太长', twice: '和另一条重复' },
    kind: '种类', kinds: { notice: '告知书', pledge: '承诺书', letter: '一封信', slogan: '标语', material: '宣传材料' },
    basis: '谁来签', bases: { household: '每户一份', adult: '每个成年人一份' },
    text_title: '标题', text_body: '正文', version: '版本{code}', used_now: '手机上现在用的', kept: '旧版,留着:签过的还按它显示', draft: '新的,还没有设定',
    texts_line: '已经用过的不能改,因为签过的承诺书、领过的回执都写着它的版本。要改,请出一个新版本,手机同步后就用新的。',
    again: '照这份出新版本', new: '新写一份', drop: '不要这份了', shown: '手机上这样显示', room: '还可以写约{n}个字', over: '超出约{n}个字',
    text_fault: { title_empty: '请写标题', title_long: '标题太长', body_empty: '请写正文', body_long: '正文太长' },
  },
  {
    word: 'Word', word_zh: 'Chinese', word_en: 'English', up: 'Up', down: 'Down', remove: 'Remove', add: 'Add a row',
    topics_line: 'Workers choose on their phones, in this order, which kinds of fraud they spoke of. A new word shows on earlier records too.',
    groups_title: 'Groups', groups_line: 'The groups that people in the register may be marked with. Only those that a target names; when it is over, the night takes them away. One list for the county.',
    groups_used: 'a target names it now', groups_save: 'Put in force', groups_saved: 'It is in force.',
    fault: { empty: 'not filled in', long: 'too long', twice: 'is there already' },
    kind: 'Kind', kinds: { notice: 'notice', pledge: 'pledge', letter: 'letter', slogan: 'slogan', material: 'material' },
    basis: 'Signed by', bases: { household: 'one a household', adult: 'one an adult' },
    text_title: 'Title', text_body: 'Text', version: 'version {code}', used_now: 'used on phones now', kept: 'earlier, kept: what was signed shows it', draft: 'new, not in force yet',
    texts_line: 'What was in use is not changed, because signed pledges and receipts name its version. For a change make a new version; phones use it after their next sync.',
    again: 'New version of this', new: 'Write a new one', drop: 'Drop this one', shown: 'As a phone shows it', room: 'room for some {n} Chinese characters', over: 'some {n} Chinese characters too many',
    text_fault: { title_empty: 'write a title', title_long: 'the title is too long', body_empty: 'write the text', body_long: 'the text is too long' },
  },
)
