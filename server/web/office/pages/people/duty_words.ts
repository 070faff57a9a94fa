import { words } from '@shared/lang'
import { codeWords } from '@shared/words/codes'

export const dutyWords = words(
  {
    title: '责任人和宣讲员',
    duty: codeWords.zh.duty,
    rule: '宣讲员:每村至少1名,每{n}人1名({round})。', due: '{day}前报齐。',
    round: { down: '不足的零头不算', nearest: '零头四舍五入', up: '有零头就加1名' },
    rule_change: '改这条规定', rule_county: '全县一条,由县级账号设定。', rule_people: '每多少人1名', rule_round: '零头', rule_due: '哪天前报齐(可不填)',
    missing: '还缺人的地方', none_missing: '都报齐了,宣讲员都培训过。', no_places: '还没有网格。在“底册”里导入网格以后,这里列出每个村要有的人。', over: '已过期限',
    lacks: '缺{list}', lacks_lecturers: '还差{n}名宣讲员', lacks_training: '{n}名宣讲员还没培训',
    division: '地方', people: '人口', people_none: '—', lecturers: '宣讲员(实/应)', trained: '已培训', show: '看{name}的人', count: '{n}人',
    persons: '{name}的责任人和宣讲员', nobody: '这里还没有报人。', name: '姓名', phone: '电话', trained_on: '培训日期', not_yet: '还没有',
    add: '加一个人', add_line: '姓名和电话加密保存,列表里遮住一部分。', which: '地方', what: '职责', save: '加上',
    saved: '已加上。', note_trained: '记为已培训', on_day: '哪天培训的', remove: '去掉', remove_title: '去掉{name}?', remove_line: '这个人的姓名和电话从系统里删除。',
    import: '从表格导入', refused: '没有办成:{why}', set: '已设定。',
  },
  {
    title: 'Responsible persons and lecturers',
    duty: codeWords.en.duty,
    rule: 'Lecturers: at least one a village, one for every {n} people ({round}).', due: 'To be named by {day}.',
    round: { down: 'fractions do not count', nearest: 'rounded to the nearest', up: 'one more for a fraction' },
    rule_change: 'Change this rule', rule_county: 'One for the whole county, set by a county account.', rule_people: 'One for how many people', rule_round: 'Fractions', rule_due: 'To be named by (may be empty)',
    missing: 'Where somebody is missing', none_missing: 'Everybody is named, all lecturers are trained.', no_places: 'There are no grids yet. Once they are imported under Register, each village stands here with the people it needs.', over: 'overdue',
    lacks: 'no {list}', lacks_lecturers: 'lecturers to go: {n}', lacks_training: 'lecturers not trained yet: {n}',
    division: 'Place', people: 'People', people_none: '—', lecturers: 'Lecturers (have/need)', trained: 'Trained', show: 'Show the people of {name}', count: '{n}',
    persons: 'Responsible persons and lecturers of {name}', nobody: 'Nobody is named here yet.', name: 'Name', phone: 'Phone', trained_on: 'Trained on', not_yet: 'not yet',
    add: 'Add somebody', add_line: 'Name and phone are kept sealed and shown in part.', which: 'Place', what: 'Duty', save: 'Add',
    saved: 'Added.', note_trained: 'Note as trained', on_day: 'Trained on which day', remove: 'Take off', remove_title: 'Take {name} off?', remove_line: 'Name and phone of this person are deleted.',
    import: 'Import from a spreadsheet', refused: 'Not done: {why}', set: 'Set.',
  },
)
