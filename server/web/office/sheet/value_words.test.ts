import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { codeWords } from '@shared/words/codes'
import { columns, ready, type SheetKind } from './columns'
import { faultIn, valueWord } from './value_words'

const server = (file: string) => readFileSync(new URL(`../../../edge/${file}`, import.meta.url), 'utf8')
const LISTS = [['divisions', 'level', 'level'], ['accounts', 'role', 'role'], ['households', 'place', 'place'], ['households', 'status', 'household'], ['residents', 'status', 'resident'], ['duties', 'duty', 'duty']] as const

test('the Chinese word of every code that a file may have is taken by the import as that code', () => {
  for (const [kind, column, list] of LISTS) {
    const values = columns[kind].find((c) => c.name === column)?.values ?? {}
    for (const [code, word] of Object.entries(codeWords.zh[list])) {
      // Never written in a file: above the county, and what only the office makes of a household.
      if (['province', 'prefecture', 'county', 'merged'].includes(code) || (list === 'resident' && code === 'other')) continue
      expect([kind, word, values[word]]).toEqual([kind, word, code])
      expect(valueWord(kind, column, code, 'zh')).toBe(word)
      expect(valueWord(kind, column, code, 'en')).toBe((codeWords.en[list] as Record<string, string>)[code])
    }
  }
})

test('every code that the server names in a refusal has its word', () => {
  const words = (name: string) => [...new RegExp(`${name}\\[\\] = \\{([^}]*)\\}`).exec(server('office_import.c') + server('office_register.c'))![1]!.matchAll(/"([a-z_]+)"/g)].map((m) => m[1]!)
  for (const [name, kind, column] of [['level_words', 'divisions', 'level'], ['place_words', 'households', 'place']] as [string, SheetKind, string][])
    for (const code of words(name)) expect(valueWord(kind, column, code, 'zh')).not.toBe(code)
})

test('a preview says what a person wrote, and leaves alone what is no code', () => {
  const table = [['网格', '状态', '户主'], ['140522110204001', '应访', 'counted']]
  const out = ready('households', table, { grid: 0, status: 1, head: 2 })
  const at = out.rows[0]!.map((column, i) => valueWord('households', column, out.rows[1]![i]!, 'zh'))
  expect(at).toContain('应访')
  expect(at).toContain('counted')
  expect(valueWord('residents', 'groups', 'elder_alone x', 'zh', new Map([['elder_alone', '独居']]))).toBe('独居 x')
})

test('a fault names the words that may stand there, and a code in its words', () => {
  const said = '"住着" is not one of counted, away, vacant, gone, other'
  expect(faultIn('households', 'status', said, 'zh')).toBe('“住着”不是这里用的词,可以写:应访、在外、空房、已搬走、其他')
  expect(faultIn('households', 'status', said, 'en')).toBe(said)
  expect(faultIn('accounts', 'role', '"police" can only be given by the county\'s admin', 'zh')).toBe('“派出所”这个身份只有县里能给')
  expect(faultIn('households', 'door', 'is empty', 'zh')).toBe('没有填')
  expect(faultIn('claims', 'account', '"x" is not one of a, b', 'zh')).toBe('“x”不是这里用的词,可以写:a, b')
})
