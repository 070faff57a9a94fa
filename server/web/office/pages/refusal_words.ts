// What the server refuses to change, in the office's words.  A sentence that no pattern knows is shown as
// the server wrote it: better a sentence in English than none.
import type { Language } from '@shared/lang'

const patterns: [RegExp, string][] = [
  [/^(household|resident) (\S+) is not in the register of \d+$/, '底册里没有{2},或不归您管'],
  [/^the grid is not known in this county/, '系统里没有这个网格,请先导入网格'],
  [/^--?grid: "(.*)" is no grid of \d+|^grid: "(.*)" is no grid of \d+/, '网格代码不对:应为15位数字,而且归您管'],
  [/^(--\w+|the subject|a resident|into|household): "(.*)" is no pseudonym/, '代码不对:应为底册里22位的代码'],
  [/^the household is not in the register, or was merged/, '底册里没有这一户,或已并入别的户'],
  [/^it is not in the register, or was merged/, '底册里没有,或已并入别的户'],
  [/^the subject is not in the register/, '底册里没有,或已合并过,或两个是同一个'],
  [/^choose who goes/, '请选谁分出去'],
  [/^somebody of them does not live in this household/, '选的人里有人不住这一户'],
  [/^another household of this village has this number/, '村里别的户在用这个户号'],
  [/^place: /, '类别不对'],
  [/^phone: /, '电话应有5至15位数字'],
  [/^born: /, '出生日期不对:应是存在的、不在将来的日期'],
  [/^groups: /, '人群代码不对:小写字母、数字、-和_,用空格隔开,最多16个'],
  [/^(\w+): it is too long/, '有一项太长'],
  [/^there is no such change in this area/, '没有这次改动,或不归您管'],
  [/^the household from then does not stand any more/, '原来那一户已经不在底册上,请用迁户或并户来改'],
  [/^something was changed there since/, '后来又有改动:请先撤回后面的改动'],
  [/^this one cannot be taken back/, '这一次撤不了:它本身是撤回,或原来的内容已不保存'],
  [/^another household of the village has the number from then/, '原来的户号村里别的户在用'],
  [/^moves, merges and splits are (taken back|done) by the township/, '迁户、并户、分户由乡镇办'],
  [/^\S+: what it proposes is about something else/, '选的处理办法对不上(比如把人改成空房):请换一种,或分开处理'],
  [/^\S+: somebody has decided otherwise before/, '有一条别人已经处理过,和您选的不一样:请刷新再看'],
  [/^\S+: this is no open proposal of this area/, '有一条已经不用处理了:请刷新再看'],
  [/^\S+: the household or a resident is not as said/, '那一户或那个人对不上:请先打开看看'],
]

export function refusalWords(text: string, language: Language): string {
  if (language !== 'zh') return text
  for (const [pattern, said] of patterns) {
    const found = pattern.exec(text)
    if (found !== null) return said.replace(/\{(\d)\}/g, (_, n: string) => found[Number(n)] ?? '')
  }
  return text
}
