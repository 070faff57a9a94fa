// Initials of names in pinyin ("王建国" → "wjg"), without a dictionary: the browser sorts Chinese by
// pinyin, so the first letter of a character is found between the first characters of each letter.
// Surnames that are read otherwise than as words stand in a table.
//
// Failure mode: a browser that does not sort by pinyin finds no initials; names are found as written.
const LETTERS = 'abcdefghjklmnopqrstwxyz'
const FIRSTS = [...'阿八嚓耷妸发旮哈讥咔垃妈拏噢妑七呥仨他穵夕丫帀']
const SURNAMES: Record<string, string> = {
  曾: 'z', 单: 's', 解: 'x', 仇: 'q', 查: 'z', 任: 'r', 区: 'o', 尉: 'y', 乐: 'y', 缪: 'm', 盖: 'g', 召: 's',
  朴: 'p', 翟: 'z', 薄: 'b', 冼: 'x', 逄: 'p', 覃: 'q', 折: 's', 繁: 'p', 种: 'c', 秘: 'b',
}
interface Sorting {
  compare: (a: string, b: string) => number
  /** by pinyin */
  sorts: boolean
}
/** Made when the first name is looked for: it is the dearest object of a start that needs none. */
let made: Sorting | undefined
function sorting(): Sorting {
  if (made === undefined) {
    const { compare } = new Intl.Collator('zh-Hans-u-co-pinyin')
    made = { compare, sorts: compare('八', '阿') > 0 && compare('丫', '夕') > 0 && compare('王', '夕') < 0 }
  }
  return made
}

function letter(char: string): string {
  if (/[a-z0-9]/i.test(char)) return char.toLowerCase()
  const { compare, sorts } = sorting()
  if (!sorts || !/[\u4e00-\u9fff]/.test(char)) return ''
  let found = ''
  for (let i = 0; i < FIRSTS.length; i++) {
    if (compare(char, FIRSTS[i]!) < 0) break
    found = LETTERS[i]!
  }
  return found
}

const known = new Map<string, string>()

export function initials(name: string): string {
  const before = known.get(name)
  if (before !== undefined) return before
  const found = [...name].map((char, i) => (i === 0 ? (SURNAMES[char] ?? letter(char)) : letter(char))).join('')
  known.set(name, found)
  return found
}
