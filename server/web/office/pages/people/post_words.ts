import { words } from '@shared/lang'

export const postWords = words(
  {
    role: '身份', village: '村(社区)', area: '范围', grids: '网格', every: '全村网格', no_grids: '这个村还没有网格:先在“底册 → 导入”里导入网格。',
    new_title: '开一个账号', new_line: '新来的人在这里开账号,不用做表格。账号以后不能改,也不给别人再用。', code: '账号', code_line: '一个字母加数字。',
    taken: '这个账号已经有人用,请换一个;要改这个人的身份,请点这一行的“身份、停用、期限”。', name: '姓名', phone: '电话', add: '开账号', added: '{account}开好了。请给本人发登记码或登录码。',
    posts: '身份和范围', more: '再加一个身份或网格', give: '加上', given: '已改好。本人重新登录后生效。', take: '去掉', last: '只剩这一个,不能去掉;人走了请停用账号。',
    paper: '替群众补录纸质材料的,加“网格长”和要录的网格。',
  },
  {
    role: 'Role', village: 'Village', area: 'Area', grids: 'Grids', every: 'The whole village', no_grids: 'This village has no grids yet: import them under Register.',
    new_title: 'Open an account', new_line: 'Whoever is new gets an account here, without a spreadsheet. The account code stays for good and is never given to somebody else.', code: 'Account', code_line: 'A letter and digits.',
    taken: 'Somebody has this account already: take another code; to change what they do, press “Roles, close, days” in their row.', name: 'Name', phone: 'Phone', add: 'Open it', added: '{account} is there. Now give them a code for their phone or to sign in.',
    posts: 'Roles and areas', more: 'Another role or grid', give: 'Add', given: 'Changed. It holds once they sign in again.', take: 'Take away', last: 'The only one left: if they go, close the account.',
    paper: 'Whoever enters papers for residents needs “grid leader” in the grids they are from.',
  },
)
