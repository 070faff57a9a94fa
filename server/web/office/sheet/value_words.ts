// The register's codes in the office's words, where a file is looked at before it is imported and where it is
// refused.
import { codeWords } from '@shared/words/codes'
import type { Language } from '@shared/lang'
import type { SheetKind } from './columns'
import { faultWords } from './fault_words'

type List = keyof typeof codeWords.zh
const lists: Partial<Record<SheetKind, Record<string, List>>> = {
  divisions: { level: 'level' },
  accounts: { role: 'role' },
  households: { place: 'place', status: 'household' },
  residents: { status: 'resident' },
  duties: { duty: 'duty' },
}

const wordsOf = (kind: SheetKind, column: string, language: Language): Record<string, string> => {
  const list = lists[kind]?.[column]
  return list === undefined ? {} : codeWords[language][list]
}

/** A cell as people say it; `groups`: what the codes of the column of groups are called. */
export function valueWord(kind: SheetKind, column: string, cell: string, language: Language, groups: ReadonlyMap<string, string> = new Map()): string {
  if (column === 'groups') return cell.split(' ').map((code) => groups.get(code) ?? code).join(' ')
  return wordsOf(kind, column, language)[cell] ?? cell
}

const ONE_OF = /^"(.*)" is not one of (.*)$/

/** A fault with the words that the file may have in that column.  In English these are the codes themselves. */
export function faultIn(kind: SheetKind, column: string, fault: string, language: Language): string {
  const known = wordsOf(kind, column, language)
  const [, wrong, all] = ONE_OF.exec(fault) ?? []
  if (language === 'zh' && wrong !== undefined && all !== undefined && Object.keys(known).length > 0)
    return `“${wrong}”不是这里用的词,可以写:${all.split(/, | or /).map((code) => known[code] ?? code).join('、')}`
  return faultWords(fault, language).replace(/“([a-z_]+)”/g, (whole, code: string) => (known[code] === undefined ? whole : `“${known[code]}”`))
}
