import { words } from '@shared/lang'
import { codeWords } from '@shared/words/codes'

/** Words for correcting a card and for what workers propose. */
export const changeWords = words(
  {
    edit: '改资料', edit_household: '改这一户的资料', edit_resident: '改这个人的资料', save: '保存',
    field: { place: '类别', group: '组', lane: '街巷', door: '门牌', ref: '户号(村里自己的编号)', head: '户主', phone: '电话', name: '姓名', born: '出生日期', groups: '人群', grid: '网格' },
    keep: '现在是{now},不改就空着', no_phone: '去掉电话', groups_none: '现在没有目标用到人群,所以不登记。要用先在“设定”的目标里选人群。', edit_line: '只改填了的。改了哪一项会记下来,内容不记。改错了可以在记录里撤回。',
    split: '分户', split_go: '把{n}人分出去', who_goes: '谁分出去', nobody_there: '这一户没有登记居民。', split_line: '分出去的人成为新的一户,以前的办理记录留在原来这一户。分错了可以撤回。',
    proposals: '网格员提出的改动', proposals_line: '网格员上门看到的情况。没有处理以前,这些户和人照样算在应访数里。',
    split_accept: '采纳分户,迁{n}人', split_look: '正在取两户的资料…', split_old: '从这一户分出:', split_new: '网格员看到的新户:', split_no_old: '原来那一户不在您的底册上,没有人可迁;采纳后新户照样计数。',
    split_written: '新户里网格员另外记了这些人。姓名、生日对得上的,上面已经选好,请再看一遍:',
    split_open: '定谁分出去', split_by: '分户由乡镇办', split_done: '分户已采纳,迁了{n}人。', split_twice: '网格员在新户里另外记了{n}人:同一个人出现两次的,请打开新户,把多的一个改成“已搬走”。', split_alone: '分户要先定谁分出去:请点那一行的“定谁分出去”,不和别的一起采纳。',
    about: '网格员提出、还没有处理的', accept_one: '照网格员提的办', decline_one: '不采纳', from_here: '从这一户分出', new_one: '新分出的一户',
    proposals_none: '没有要处理的。', proposed: '网格员看到', now: '现在', becomes: '采纳后', subject: '谁', address: '住址', account: '网格员', at: '时间', open: '打开这一户',
    as: '采纳成', as_of: { proposed: '照网格员提的', away: '在外', vacant: '空房', gone: '已搬走(不再计数)', other: '其他(不是住户)', dead: '已去世', counted: '照旧应访(人:常住)', move: '迁走(要选迁到哪)', merge: '并入别的户(要选并入哪一户)' },
    to: { grid: '迁到哪个网格', household: '迁到哪一户', into: '并入哪一户' }, one_only: '迁走、并户一次只能办一条。',
    accept: '采纳{n}条', decline: '不采纳{n}条', accept_none: '采纳选中的', decline_none: '不采纳选中的', accepted: '已采纳{n}条,底册已改。', declined: '{n}条没有采纳,底册不变。',
    code: { gone: '全家在外', moved: '已搬走', vacant: '空房', none: '查无此户', moved_out: '迁出', away: '在外', back: '回来了', died: '去世', wrong: '底册有误', split: '分户' },
    statuses: codeWords.zh.household, resident_statuses: codeWords.zh.resident,
  },
  {
    edit: 'Correct', edit_household: 'Correct this household', edit_resident: 'Correct this person', save: 'Save',
    field: { place: 'Kind of place', group: 'Group', lane: 'Lane', door: 'Door', ref: 'Number (the village’s own)', head: 'Head', phone: 'Phone', name: 'Name', born: 'Birthday', groups: 'Groups', grid: 'Grid' },
    keep: 'now {now}; leave it empty to keep it', no_phone: 'take the phone number away', groups_none: 'No target in force names a group, so none is kept. Name groups in a target first (Settings).', edit_line: 'Only what you fill changes. Which field was changed is noted, not what it was. It can be taken back in the history.',
    split: 'Split', split_go: '{n} people become a household', who_goes: 'Who goes', nobody_there: 'Nobody is registered there.', split_line: 'They become a household of their own; what was recorded stays with this one. It can be taken back.',
    proposals: 'What workers propose', proposals_line: 'What workers saw at the door. Until somebody decides, these households and people are in the denominators.',
    split_accept: 'Accept the split, {n} people go', split_look: 'Fetching both households…', split_old: 'It split from', split_new: 'The new household', split_no_old: 'The old household is not in your register, so nobody can go; once accepted, the new one counts as before.',
    split_written: 'The worker wrote down these people in the new one. Those whose name and birthday fit are chosen above; please look again:',
    split_open: 'Choose who goes', split_by: 'the township settles splits', split_done: 'The split is accepted; {n} people went.', split_twice: 'The worker wrote down {n} people in the new household: whoever now stands there twice, open it and set one of the two to “moved away”.', split_alone: 'A split needs to know who goes: press “Choose who goes” in its row; it is not accepted with others.',
    about: 'What workers propose, not yet decided', accept_one: 'Do as proposed', decline_one: 'Decline', from_here: 'has split from this one', new_one: 'the new household',
    proposals_none: 'Nothing to decide.', proposed: 'Seen', now: 'Now', becomes: 'after', subject: 'Who', address: 'Address', account: 'Worker', at: 'When', open: 'Open the household',
    as: 'Accept as', as_of: { proposed: 'as proposed', away: 'away', vacant: 'vacant', gone: 'moved away (not counted)', other: 'other (not a home)', dead: 'has died', counted: 'counted as before', move: 'moved (say where)', merge: 'merged (say into which)' },
    to: { grid: 'To which grid', household: 'To which household', into: 'Into which household' }, one_only: 'Moves and merges are done one at a time.',
    accept: 'Accept {n}', decline: 'Decline {n}', accept_none: 'Accept those chosen', decline_none: 'Decline those chosen', accepted: '{n} accepted; the register is changed.', declined: '{n} declined; the register stays.',
    code: { gone: 'household away', moved: 'moved away', vacant: 'empty house', none: 'no such household', moved_out: 'moved out', away: 'away', back: 'is back', died: 'died', wrong: 'register is wrong', split: 'split' },
    statuses: codeWords.en.household, resident_statuses: codeWords.en.resident,
  },
)
